/* The suites: rows of one table, with the words that scenarios use and the
 * lengths that RFC 4106, 3602, 2404 and 4868 give. */

#include "config.h"

#include "models/esp/esp.h"
#include "models/esp/wire.h"

#include <string.h>

#define GCM(key_length)                                                        \
    .encryption = "aes-gcm16", .key = (key_length), .salt = ESP_SALT,          \
    .iv = ESP_GCM_IV, .icv = ESP_GCM_ICV, .block = ESP_GCM_BLOCK

/* HMAC: the key is as long as the hash (RFC 2404 3, RFC 4868 2.1.1); the code
 * is cut to 96 bits for SHA-1, to half for SHA-2. */
#define CBC(key_length, word, hash, code)                                      \
    .encryption = "aes-cbc", .integrity = (word), .key = (key_length),         \
    .integrity_key = (hash), .iv = ESP_CBC_BLOCK, .icv = (code),               \
    .block = ESP_CBC_BLOCK

static const EspSuiteInfo suites[ESP_SUITE_COUNT] = {
    [ESP_SUITE_AES128_GCM16] = {GCM(16)},
    [ESP_SUITE_AES256_GCM16] = {GCM(32)},
    [ESP_SUITE_AES128_CBC_SHA1] = {CBC(16, "sha1", 20, 12)},
    [ESP_SUITE_AES256_CBC_SHA1] = {CBC(32, "sha1", 20, 12)},
    [ESP_SUITE_AES128_CBC_SHA2_256] = {CBC(16, "sha2-256", 32, 16)},
    [ESP_SUITE_AES256_CBC_SHA2_256] = {CBC(32, "sha2-256", 32, 16)},
    [ESP_SUITE_AES128_CBC_SHA2_384] = {CBC(16, "sha2-384", 48, 24)},
    [ESP_SUITE_AES256_CBC_SHA2_384] = {CBC(32, "sha2-384", 48, 24)},
    [ESP_SUITE_AES128_CBC_SHA2_512] = {CBC(16, "sha2-512", 64, 32)},
    [ESP_SUITE_AES256_CBC_SHA2_512] = {CBC(32, "sha2-512", 64, 32)},
};

static const char *const names[ESP_SUITE_COUNT + 1] = {
#define X(name, text) text,
    ESP_SUITES(X)
#undef X
};

const EspSuiteInfo *
esp_suite_info(EspSuite suite)
{
    g_assert((unsigned)suite < ESP_SUITE_COUNT);
    return &suites[suite];
}

const char *
esp_suite_name(EspSuite suite)
{
    g_assert((unsigned)suite < ESP_SUITE_COUNT);
    return names[suite];
}

bool
esp_suite_from_name(const char *name, EspSuite *ret_suite)
{
    for (unsigned i = 0; i < ESP_SUITE_COUNT; i++)
        if (strcmp(name, names[i]) == 0) {
            *ret_suite = (EspSuite)i;
            return true;
        }
    return false;
}

const char *const *
esp_suite_names(void)
{
    return names;
}

void
esp_keys_draw(EspKeys *ret_keys, EspSuite suite, HsRng *rng)
{
    const EspSuiteInfo *info = esp_suite_info(suite);

    memset(ret_keys, 0, sizeof *ret_keys);
    hs_rng_bytes(rng, ret_keys->key, info->key);
    hs_rng_bytes(rng, ret_keys->salt, info->salt);
    hs_rng_bytes(rng, ret_keys->integrity, info->integrity_key);
}

void
esp_keys_clear(EspKeys *keys)
{
    explicit_bzero(keys, sizeof *keys);
}

bool
esp_df_from_name(const char *name, EspDf *ret_df)
{
    static const char *const words[] = {
        [ESP_DF_COPY] = "copy", [ESP_DF_SET] = "set", [ESP_DF_CLEAR] = "clear"};

    for (unsigned i = 0; i < G_N_ELEMENTS(words); i++)
        if (strcmp(name, words[i]) == 0) {
            *ret_df = (EspDf)i;
            return true;
        }
    return false;
}

static size_t
fixed_overhead(const EspSaConfig *config)
{
    const EspSuiteInfo *info = esp_suite_info(config->suite);

    return ESP_IPV4_HEADER + (config->nat_t ? ESP_UDP_HEADER : 0u) +
           ESP_HEADER + info->iv + info->icv;
}

size_t
esp_inner_mtu(const EspSaConfig *config, size_t outer_mtu)
{
    size_t block = esp_suite_info(config->suite)->block;
    size_t fixed = fixed_overhead(config);
    size_t encrypted;

    if (outer_mtu < fixed)
        return 0;
    encrypted = (outer_mtu - fixed) / block * block;
    return encrypted > ESP_TRAILER ? encrypted - ESP_TRAILER : 0;
}

size_t
esp_outer_length(const EspSaConfig *config, size_t inner_length)
{
    size_t block = esp_suite_info(config->suite)->block;
    size_t encrypted =
        MAX(inner_length, config->fill) + ESP_TRAILER + block - 1;

    return fixed_overhead(config) + encrypted / block * block;
}
