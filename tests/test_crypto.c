/* The ciphers against published vectors, and what a kept context promises. */

#include "config.h"

#include "models/crypto/aead.h"
#include "models/crypto/cbc.h"
#include "models/crypto/mac.h"
#include "tests/harness/run.h"
#include "tests/harness/vectors.h"

#include <string.h>

typedef void (*VectorTest)(GKeyFile *file, const char *group);

static void
for_each_vector(const char *name, unsigned expected, VectorTest test)
{
    GKeyFile *file = vectors_open(name);
    gsize count;
    char **groups = g_key_file_get_groups(file, &count);

    ck_assert_uint_eq(count, expected);
    for (gsize i = 0; i < count; i++)
        test(file, groups[i]);
    g_strfreev(groups);
    g_key_file_free(file);
}

static void
same_bytes(const char *name, const GByteArray *got, const GByteArray *expected)
{
    ck_assert_msg(
        got->len == expected->len &&
            (got->len == 0 || memcmp(got->data, expected->data, got->len) == 0),
        "%s: other bytes than published", name);
}

static void
gcm_vector(GKeyFile *file, const char *group)
{
    g_autoptr(GByteArray) key = vectors_bytes(file, group, "key");
    g_autoptr(GByteArray) nonce = vectors_bytes(file, group, "nonce");
    g_autoptr(GByteArray) aad = vectors_bytes(file, group, "aad");
    g_autoptr(GByteArray) plain = vectors_bytes(file, group, "plain");
    g_autoptr(GByteArray) cipher = vectors_bytes(file, group, "cipher");
    g_autoptr(GByteArray) tag = vectors_bytes(file, group, "tag");
    g_autoptr(GByteArray) data = vectors_bytes(file, group, "plain");
    g_autoptr(CryptoAead) aead = crypto_aead_new(key->data, key->len);
    uint8_t got[CRYPTO_AEAD_TAG];

    ck_assert_uint_eq(nonce->len, CRYPTO_AEAD_NONCE);
    ck_assert_uint_eq(tag->len, CRYPTO_AEAD_TAG);
    crypto_aead_seal(aead, nonce->data, aad->data, aad->len, data->data,
                     data->len, got);
    same_bytes(group, data, cipher);
    ck_assert_msg(memcmp(got, tag->data, sizeof got) == 0, "%s: tag", group);
    ck_assert_msg(crypto_aead_open(aead, nonce->data, aad->data, aad->len,
                                   data->data, data->len, tag->data),
                  "%s: open", group);
    same_bytes(group, data, plain);

    /* Each bit of the tag counts, and so does the context's state after a
     * failure: the next packet is judged on its own. */
    for (unsigned bit = 0; bit < 8 * sizeof got; bit++) {
        g_byte_array_set_size(data, 0);
        g_byte_array_append(data, cipher->data, cipher->len);
        memcpy(got, tag->data, sizeof got);
        got[bit / 8] ^= (uint8_t)(1u << (bit % 8));
        ck_assert_msg(!crypto_aead_open(aead, nonce->data, aad->data, aad->len,
                                        data->data, data->len, got),
                      "%s: bit %u of the tag does not count", group, bit);
    }
    g_byte_array_set_size(data, 0);
    g_byte_array_append(data, cipher->data, cipher->len);
    ck_assert(crypto_aead_open(aead, nonce->data, aad->data, aad->len,
                               data->data, data->len, tag->data));
    same_bytes(group, data, plain);
}

START_TEST(gcm_gives_the_published_packets)
{
    for_each_vector("aes-gcm.ini", 14, gcm_vector);
}
END_TEST

static void
cbc_vector(GKeyFile *file, const char *group)
{
    g_autoptr(GByteArray) key = vectors_bytes(file, group, "key");
    g_autoptr(GByteArray) iv = vectors_bytes(file, group, "iv");
    g_autoptr(GByteArray) plain = vectors_bytes(file, group, "plain");
    g_autoptr(GByteArray) cipher = vectors_bytes(file, group, "cipher");
    g_autoptr(GByteArray) data = vectors_bytes(file, group, "plain");
    g_autoptr(CryptoCbc) cbc = crypto_cbc_new(key->data, key->len);

    /* Twice: the context does not chain from one packet to the next. */
    for (unsigned i = 0; i < 2; i++) {
        crypto_cbc_encrypt(cbc, iv->data, data->data, data->len);
        same_bytes(group, data, cipher);
        crypto_cbc_decrypt(cbc, iv->data, data->data, data->len);
        same_bytes(group, data, plain);
    }
}

START_TEST(cbc_gives_the_published_bytes)
{
    for_each_vector("aes-cbc.ini", 6, cbc_vector);
}
END_TEST

static CryptoMacAlgorithm
algorithm_of(const char *name)
{
    if (strcmp(name, "sha1") == 0)
        return CRYPTO_MAC_HMAC_SHA1;
    if (strcmp(name, "sha256") == 0)
        return CRYPTO_MAC_HMAC_SHA2_256;
    if (strcmp(name, "sha384") == 0)
        return CRYPTO_MAC_HMAC_SHA2_384;
    ck_assert_str_eq(name, "sha512");
    return CRYPTO_MAC_HMAC_SHA2_512;
}

static void
mac_vector(GKeyFile *file, const char *group)
{
    g_autofree char *hash = g_key_file_get_string(file, group, "hash", NULL);
    g_autoptr(GByteArray) key = vectors_bytes(file, group, "key");
    g_autoptr(GByteArray) data = vectors_bytes(file, group, "data");
    g_autoptr(GByteArray) code = vectors_bytes(file, group, "code");
    g_autoptr(CryptoMac) mac =
        crypto_mac_new(algorithm_of(hash), key->data, key->len);
    uint8_t got[CRYPTO_MAC_MAX];

    ck_assert_uint_le(code->len, crypto_mac_length(mac));
    for (guint split = 0; split <= data->len; split++) {
        crypto_mac_start(mac);
        crypto_mac_add(mac, data->data, split);
        crypto_mac_add(mac, data->data + split, data->len - split);
        crypto_mac_end(mac, got, code->len);
        ck_assert_msg(memcmp(got, code->data, code->len) == 0,
                      "%s: split at %u", group, split);
    }
    crypto_mac_start(mac);
    crypto_mac_add(mac, data->data, data->len);
    ck_assert(crypto_mac_check(mac, code->data, code->len));
    for (guint i = 0; i < code->len; i++) {
        memcpy(got, code->data, code->len);
        got[i] ^= 0x01;
        crypto_mac_start(mac);
        crypto_mac_add(mac, data->data, data->len);
        ck_assert_msg(!crypto_mac_check(mac, got, code->len),
                      "%s: byte %u does not count", group, i);
    }
}

START_TEST(hmac_gives_the_published_codes)
{
    for_each_vector("hmac.ini", 12, mac_vector);
}
END_TEST

START_TEST(null_may_be_freed)
{
    crypto_aead_free(NULL);
    crypto_cbc_free(NULL);
    crypto_mac_free(NULL);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("crypto");
    TCase *tcase = tcase_create("vectors");

    tcase_add_test(tcase, gcm_gives_the_published_packets);
    tcase_add_test(tcase, cbc_gives_the_published_bytes);
    tcase_add_test(tcase, hmac_gives_the_published_codes);
    tcase_add_test(tcase, null_may_be_freed);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
