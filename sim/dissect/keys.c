/* Tables of keys.
 *
 * The names of algorithms are Wireshark's, exact strings. Of AES-GCM in ESP it
 * has one name for each length of the ICV and an older one without a length,
 * which some writers of such tables still use, with the length in the name of
 * an authentication that is not checked; here that one counts as 16 octets, the
 * only length that we have, if nothing says otherwise.
 *
 * An SA without an integrity check is not decrypted: nothing would tell a key
 * that fits from one that does not. */

#include "config.h"

#include "sim/dissect/keys.h"

#include "models/esp/wire.h"

#include <string.h>

#define ESP_TABLE   "esp_sa"
#define IKE_TABLE   "ikev2_decryption_table"
#define FIELDS_MOST 16
#define ESP_FIELDS  8
#define IKE_FIELDS  8

static void
esp_key_free(gpointer data)
{
    DissectEspKey *key = data;

    esp_keys_clear(&key->keys);
    g_free(key->source);
    g_free(key->destination);
    g_free(key->spi);
    g_free(key->unsupported);
    g_free(key);
}

static void
ike_key_free(gpointer data)
{
    DissectIkeKey *key = data;

    g_free(key->unsupported);
    explicit_bzero(key, sizeof *key);
    g_free(key);
}

DissectKeys *
dissect_keys_new(void)
{
    DissectKeys *keys = g_new0(DissectKeys, 1);

    keys->esp = g_ptr_array_new_with_free_func(esp_key_free);
    keys->ike = g_ptr_array_new_with_free_func(ike_key_free);
    keys->complaints = g_ptr_array_new_with_free_func(g_free);
    return keys;
}

void
dissect_keys_free(DissectKeys *keys)
{
    if (keys == NULL)
        return;
    g_ptr_array_unref(keys->esp);
    g_ptr_array_unref(keys->ike);
    g_ptr_array_unref(keys->complaints);
    g_free(keys);
}

/* Lines and fields */

/* \xHH, \" and \\ of a quoted text; *AT stands behind the backslash. */
static void
unescape(const char **at, GString *field)
{
    const char *p = *at;

    if (p[0] == 'x' && g_ascii_isxdigit(p[1]) && g_ascii_isxdigit(p[2])) {
        g_string_append_c(field, (char)(g_ascii_xdigit_value(p[1]) << 4 |
                                        g_ascii_xdigit_value(p[2])));
        *at += 3;
    } else if (p[0] != '\0') {
        g_string_append_c(field, p[0]);
        *at += 1;
    }
}

/* The fields of one line; NULL if a quote is not closed or something stands
 * behind it. */
static GPtrArray *
split_line(const char *line)
{
    g_autoptr(GPtrArray) fields = g_ptr_array_new_with_free_func(g_free);
    const char *at = line;

    for (;;) {
        g_autoptr(GString) field = g_string_new(NULL);

        while (*at == ' ' || *at == '\t')
            at++;
        if (*at == '"') {
            for (at++; *at != '"' && *at != '\0';) {
                if (*at == '\\') {
                    at++;
                    unescape(&at, field);
                } else {
                    g_string_append_c(field, *at++);
                }
            }
            if (*at++ != '"')
                return NULL;
        } else {
            while (*at != ',' && *at != '\0')
                g_string_append_c(field, *at++);
            g_strchomp(field->str);
        }
        while (*at == ' ' || *at == '\t' || *at == '\r')
            at++;
        g_ptr_array_add(fields, g_strdup(field->str));
        if (*at == '\0')
            return g_steal_pointer(&fields);
        if (*at++ != ',' || fields->len >= FIELDS_MOST)
            return NULL;
    }
}

static void complain(DissectKeys *keys, const char *name, unsigned line,
                     const char *format, ...) G_GNUC_PRINTF(4, 5);

static void
complain(DissectKeys *keys, const char *name, unsigned line, const char *format,
         ...)
{
    g_autofree char *text = NULL;
    va_list arguments;

    va_start(arguments, format);
    text = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    g_ptr_array_add(keys->complaints,
                    g_strdup_printf("%s:%u: %s", name, line, text));
}

typedef void (*TakeLine)(DissectKeys *keys, const char *name, unsigned line,
                         char **fields, unsigned count);

static void
read_table(DissectKeys *keys, const char *name, const char *text,
           unsigned least, TakeLine take)
{
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);

    for (unsigned i = 0; lines[i] != NULL; i++) {
        g_autoptr(GPtrArray) fields = NULL;
        const char *line = g_strstrip(lines[i]);

        if (line[0] == '\0' || line[0] == '#')
            continue;
        fields = split_line(line);
        if (fields == NULL)
            complain(keys, name, i + 1, "cannot be split into fields");
        else if (fields->len < least)
            complain(keys, name, i + 1, "%u fields, expected %u", fields->len,
                     least);
        else
            take(keys, name, i + 1, (char **)fields->pdata, fields->len);
    }
}

/* Hexadecimal digits; false if TEXT is something else. */
static bool
parse_hex(const char *text, GByteArray *bytes)
{
    size_t length = strlen(text);

    if (length % 2 != 0)
        return false;
    for (size_t i = 0; i < length; i += 2) {
        int high = g_ascii_xdigit_value(text[i]);
        int low = g_ascii_xdigit_value(text[i + 1]);
        uint8_t byte;

        if (high < 0 || low < 0)
            return false;
        byte = (uint8_t)(high << 4 | low);
        g_byte_array_append(bytes, &byte, 1);
    }
    return true;
}

/* esp_sa */

/* 0x and digits, or the text's own bytes. */
static bool
parse_esp_key(const char *text, GByteArray *bytes)
{
    if (g_ascii_strncasecmp(text, "0x", 2) == 0)
        return parse_hex(text + 2, bytes);
    g_byte_array_append(bytes, (const guint8 *)text, (guint)strlen(text));
    return true;
}

static const struct {
    const char *name, *word;
} esp_integrities[] = {
    {"HMAC-SHA-1-96 [RFC2404]", "sha1"},
    {"HMAC-SHA-256-128 [RFC4868]", "sha2-256"},
    {"HMAC-SHA-384-192 [RFC4868]", "sha2-384"},
    {"HMAC-SHA-512-256 [RFC4868]", "sha2-512"},
};

/* What the SA is called in our words, such as "aes-cbc" and "sha1"; *RET_WORD
 * is NULL for GCM. False: *RET_WHY (transfer full). */
static bool
esp_algorithms(const char *encryption, const char *integrity,
               const char **ret_encryption, const char **ret_integrity,
               char **ret_why)
{
    bool any = g_str_has_prefix(integrity, "ANY ");

    *ret_integrity = NULL;
    if (g_str_equal(encryption, "AES-GCM with 16 octet ICV [RFC4106]") ||
        (g_str_equal(encryption, "AES-GCM [RFC4106]") &&
         (!any || g_str_has_prefix(integrity, "ANY 128 ")))) {
        *ret_encryption = "aes-gcm16";
        return true;
    }
    if (!g_str_equal(encryption, "AES-CBC [RFC3602]")) {
        *ret_why =
            g_strdup_printf("encryption \"%s\" is not supported", encryption);
        return false;
    }
    *ret_encryption = "aes-cbc";
    for (unsigned i = 0; i < G_N_ELEMENTS(esp_integrities); i++)
        if (g_str_equal(integrity, esp_integrities[i].name))
            *ret_integrity = esp_integrities[i].word;
    if (*ret_integrity != NULL)
        return true;
    *ret_why = any || g_str_equal(integrity, "NULL")
                   ? g_strdup("without an integrity check nothing tells "
                              "whether a key fits")
                   : g_strdup_printf("authentication \"%s\" is not supported",
                                     integrity);
    return false;
}

/* The suite with these algorithms and lengths of keys. */
static bool
find_suite(const char *encryption, const char *integrity, size_t key,
           size_t integrity_key, EspSuite *ret_suite)
{
    for (unsigned i = 0; i < ESP_SUITE_COUNT; i++) {
        const EspSuiteInfo *info = esp_suite_info((EspSuite)i);

        if (g_str_equal(info->encryption, encryption) &&
            g_strcmp0(info->integrity, integrity) == 0 &&
            key == info->key + info->salt &&
            (integrity == NULL || integrity_key == info->integrity_key)) {
            *ret_suite = (EspSuite)i;
            return true;
        }
    }
    return false;
}

static void
take_algorithms(DissectEspKey *key, char **fields)
{
    g_autoptr(GByteArray) cipher = g_byte_array_new();
    g_autoptr(GByteArray) mac = g_byte_array_new();
    const char *encryption, *integrity;

    if (!parse_esp_key(fields[5], cipher) || !parse_esp_key(fields[7], mac)) {
        key->unsupported = g_strdup("a key that is not hexadecimal");
    } else if (esp_algorithms(fields[4], fields[6], &encryption, &integrity,
                              &key->unsupported)) {
        if (find_suite(encryption, integrity, cipher->len, mac->len,
                       &key->suite)) {
            const EspSuiteInfo *info = esp_suite_info(key->suite);

            memcpy(key->keys.key, cipher->data, info->key);
            memcpy(key->keys.salt, cipher->data + info->key, info->salt);
            if (integrity != NULL)
                memcpy(key->keys.integrity, mac->data, info->integrity_key);
        } else {
            key->unsupported = g_strdup_printf(
                "a key of %u bytes for %s, or one of %u for %s: wrong length",
                cipher->len, fields[4], mac->len, fields[6]);
        }
    }
    if (cipher->data != NULL)
        explicit_bzero(cipher->data, cipher->len);
    if (mac->data != NULL)
        explicit_bzero(mac->data, mac->len);
}

static void
take_esp(DissectKeys *keys, const char *name, unsigned line, char **fields,
         unsigned count)
{
    DissectEspKey *key = g_new0(DissectEspKey, 1);

    key->line = line;
    key->family = g_ascii_strcasecmp(fields[0], "IPv4") == 0   ? HS_FAMILY_IPV4
                  : g_ascii_strcasecmp(fields[0], "IPv6") == 0 ? HS_FAMILY_IPV6
                                                               : HS_FAMILY_NONE;
    key->source = g_strdup(fields[1]);
    key->destination = g_strdup(fields[2]);
    key->spi = g_strdup(fields[3]);
    take_algorithms(key, fields);
    /* Newer tables: "32-bit" or "64-bit", and the upper half. */
    if (count > ESP_FIELDS && fields[8][0] != '\0') {
        key->esn_known = true;
        key->esn = g_str_has_prefix(fields[8], "64");
    }
    if (count > ESP_FIELDS + 1)
        key->sequence_high = (uint32_t)g_ascii_strtoull(fields[9], NULL, 0);
    if (key->unsupported != NULL)
        complain(keys, name, line, "%s", key->unsupported);
    g_ptr_array_add(keys->esp, key);
}

void
dissect_keys_add_esp(DissectKeys *keys, const char *name, const char *text)
{
    read_table(keys, name, text, ESP_FIELDS, take_esp);
}

/* ikev2_decryption_table */

static const struct {
    const char *name;
    uint16_t encr, key_bits;
} ike_encryptions[] = {
    {"AES-CBC-128 [RFC3602]", IKE_ENCR_AES_CBC, 128},
    {"AES-CBC-192 [RFC3602]", IKE_ENCR_AES_CBC, 192},
    {"AES-CBC-256 [RFC3602]", IKE_ENCR_AES_CBC, 256},
    {"AES-GCM-128 with 16 octet ICV [RFC5282]", IKE_ENCR_AES_GCM_16, 128},
    {"AES-GCM-192 with 16 octet ICV [RFC5282]", IKE_ENCR_AES_GCM_16, 192},
    {"AES-GCM-256 with 16 octet ICV [RFC5282]", IKE_ENCR_AES_GCM_16, 256},
};

static const struct {
    const char *name;
    uint16_t integ;
} ike_integrities[] = {
    {"HMAC_SHA1_96 [RFC2404]", IKE_INTEG_HMAC_SHA1_96},
    {"HMAC_SHA2_256_128 [RFC4868]", IKE_INTEG_HMAC_SHA2_256_128},
    {"HMAC_SHA2_384_192 [RFC4868]", IKE_INTEG_HMAC_SHA2_384_192},
    {"HMAC_SHA2_512_256 [RFC4868]", IKE_INTEG_HMAC_SHA2_512_256},
};

static char *
find_ike_suite(const char *encryption, const char *integrity, IkeSuite *suite)
{
    suite->protocol = IKE_PROTOCOL_IKE;
    for (unsigned i = 0; i < G_N_ELEMENTS(ike_encryptions); i++)
        if (g_str_equal(encryption, ike_encryptions[i].name) &&
            ike_cipher_supported(ike_encryptions[i].encr,
                                 ike_encryptions[i].key_bits)) {
            suite->encr = ike_encryptions[i].encr;
            suite->key_bits = ike_encryptions[i].key_bits;
        }
    if (suite->encr == 0)
        return g_strdup_printf("encryption \"%s\" is not supported",
                               encryption);
    if (ike_suite_is_aead(suite))
        return NULL;
    for (unsigned i = 0; i < G_N_ELEMENTS(ike_integrities); i++)
        if (g_str_equal(integrity, ike_integrities[i].name))
            suite->integ = ike_integrities[i].integ;
    return suite->integ != 0
               ? NULL
               : g_strdup_printf("integrity \"%s\" is not supported",
                                 integrity);
}

static bool
parse_spi(const char *text, uint64_t *ret_spi)
{
    if (g_ascii_strncasecmp(text, "0x", 2) == 0)
        text += 2;
    return text[0] != '\0' &&
           g_ascii_string_to_unsigned(text, 16, 0, G_MAXUINT64, ret_spi, NULL);
}

/* LENGTH bytes of hexadecimal digits. */
static bool
take_key(const char *text, uint8_t *to, size_t length)
{
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    bool good;

    if (g_ascii_strncasecmp(text, "0x", 2) == 0)
        text += 2;
    good = parse_hex(text, bytes) && bytes->len == length;
    if (good && length > 0)
        memcpy(to, bytes->data, length);
    if (bytes->data != NULL)
        explicit_bzero(bytes->data, bytes->len);
    return good;
}

static void
take_ike(DissectKeys *keys, const char *name, unsigned line, char **fields,
         unsigned count)
{
    DissectIkeKey *key = g_new0(DissectIkeKey, 1);
    size_t e, a;

    (void)count;
    key->line = line;
    if (!parse_spi(fields[0], &key->spi_i) ||
        !parse_spi(fields[1], &key->spi_r)) {
        complain(keys, name, line, "an SPI that is not hexadecimal");
        ike_key_free(key);
        return;
    }
    key->unsupported = find_ike_suite(fields[4], fields[7], &key->suite);
    if (key->unsupported == NULL) {
        e = ike_cipher_key_length(key->suite.encr, key->suite.key_bits);
        a = key->suite.integ != 0 ? ike_integ_key_length(key->suite.integ) : 0;
        if (!take_key(fields[2], key->ei, e) ||
            !take_key(fields[3], key->er, e))
            key->unsupported = g_strdup_printf(
                "SK_ei and SK_er must be %" G_GSIZE_FORMAT " bytes each", e);
        else if (a > 0 && (!take_key(fields[5], key->ai, a) ||
                           !take_key(fields[6], key->ar, a)))
            key->unsupported = g_strdup_printf(
                "SK_ai and SK_ar must be %" G_GSIZE_FORMAT " bytes each", a);
    }
    if (key->unsupported != NULL)
        complain(keys, name, line, "%s", key->unsupported);
    g_ptr_array_add(keys->ike, key);
}

void
dissect_keys_add_ike(DissectKeys *keys, const char *name, const char *text)
{
    read_table(keys, name, text, IKE_FIELDS, take_ike);
}

/* Folders */

static char *
read_file(const char *folder, const char *name, bool *missing, GError **error)
{
    g_autofree char *path = g_build_filename(folder, name, NULL);
    g_autoptr(GError) reason = NULL;
    char *text = NULL;

    if (g_file_get_contents(path, &text, NULL, &reason))
        return text;
    *missing = g_error_matches(reason, G_FILE_ERROR, G_FILE_ERROR_NOENT);
    if (!*missing)
        g_propagate_error(error, g_steal_pointer(&reason));
    return NULL;
}

DissectKeys *
dissect_keys_load(const char *folder, GError **error)
{
    g_autoptr(DissectKeys) keys = dissect_keys_new();
    bool no_esp = false, no_ike = false;
    g_autofree char *esp = read_file(folder, ESP_TABLE, &no_esp, error);
    g_autofree char *ike = NULL;

    if (esp == NULL && !no_esp)
        return NULL;
    ike = read_file(folder, IKE_TABLE, &no_ike, error);
    if (ike == NULL && !no_ike)
        return NULL;
    if (no_esp && no_ike) {
        g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_NOENT,
                    "%s: neither " ESP_TABLE " nor " IKE_TABLE
                    " (Wireshark's tables of keys) is in it",
                    folder);
        return NULL;
    }
    if (esp != NULL)
        dissect_keys_add_esp(keys, ESP_TABLE, esp);
    if (ike != NULL)
        dissect_keys_add_ike(keys, IKE_TABLE, ike);
    return g_steal_pointer(&keys);
}

/* Patterns */

/* "*" for any text, in any letter case; an address may have a "/" with a
 * prefix length behind it. */
static bool
addr_matches(const char *pattern, const HsAddr *addr)
{
    char text[HS_ADDR_TEXT];
    HsPrefix prefix;
    HsAddr exact;

    if (hs_addr_parse(pattern, &exact))
        return hs_addr_equal(&exact, addr);
    if (hs_prefix_parse(pattern, &prefix))
        return prefix.addr.family == addr->family &&
               hs_prefix_contains(&prefix, addr);
    return g_pattern_match_simple(pattern, hs_addr_format(addr, text));
}

static bool
spi_matches(const char *pattern, uint32_t spi)
{
    g_autofree char *lower = g_ascii_strdown(pattern, -1);
    guint64 number;
    char text[16];

    if (strchr(lower, '*') == NULL) {
        bool hex = g_str_has_prefix(lower, "0x");

        return g_ascii_string_to_unsigned(hex ? lower + 2 : lower,
                                          hex ? 16 : 10, 0, G_MAXUINT32,
                                          &number, NULL) &&
               number == spi;
    }
    g_snprintf(text, sizeof text, "0x%08x", spi);
    return g_pattern_match_simple(lower, text);
}

bool
dissect_esp_key_matches(const DissectEspKey *key, const HsAddr *source,
                        const HsAddr *destination, uint32_t spi)
{
    return (key->family == HS_FAMILY_NONE || key->family == source->family) &&
           spi_matches(key->spi, spi) && addr_matches(key->source, source) &&
           addr_matches(key->destination, destination);
}
