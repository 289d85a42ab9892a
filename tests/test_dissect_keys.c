/* Wireshark's tables of keys: what is read, what is refused and how, and whom
 * a line is for. */

#include "config.h"

#include "sim/dissect/keys.h"
#include "tests/harness/run.h"

#include <check.h>
#include <string.h>

#define KEY16 "000102030405060708090a0b0c0d0e0f"
#define KEY20 KEY16 "10111213"
#define KEY32 KEY16 KEY16
#define KEY36 KEY32 "10111213"

static const DissectEspKey *
only_esp(const DissectKeys *keys)
{
    ck_assert_uint_eq(keys->esp->len, 1);
    return keys->esp->pdata[0];
}

START_TEST(a_line_of_esp_sa)
{
    g_autoptr(DissectKeys) keys = dissect_keys_new();
    const DissectEspKey *key;

    dissect_keys_add_esp(keys, "esp_sa",
                         "# a comment\r\n\n"
                         "\"IPv4\",\"192.0.2.1\",\"192.0.2.2\",\"0x00001000\","
                         "\"AES-CBC [RFC3602]\",\"0x" KEY16 "\","
                         "\"HMAC-SHA-1-96 [RFC2404]\",\"0x" KEY20 "\"\r\n");
    key = only_esp(keys);
    ck_assert_uint_eq(keys->complaints->len, 0);
    ck_assert_uint_eq(key->line, 3);
    ck_assert_int_eq(key->family, HS_FAMILY_IPV4);
    ck_assert_int_eq(key->suite, ESP_SUITE_AES128_CBC_SHA1);
    ck_assert_uint_eq(key->keys.key[15], 0x0f);
    ck_assert_uint_eq(key->keys.integrity[19], 0x13);
    ck_assert(!key->esn_known);
}
END_TEST

static const struct {
    const char *encryption, *key, *integrity, *integrity_key;
    const char *suite; /* or NULL */
    const char *why;   /* part of it */
} lines[] = {
    {"AES-GCM with 16 octet ICV [RFC4106]", "0x" KEY20, "NULL", "0x",
     "aes128-gcm16", NULL},
    {"AES-GCM with 16 octet ICV [RFC4106]", "0x" KEY36, "NULL", "",
     "aes256-gcm16", NULL},
    {"AES-GCM [RFC4106]", "0x" KEY36,
     "ANY 128 bit authentication [no checking]", "0x", "aes256-gcm16", NULL},
    {"AES-GCM [RFC4106]", "0x" KEY36, "ANY 96 bit authentication [no checking]",
     "0x", NULL, "not supported"},
    {"AES-CBC [RFC3602]", "0X" KEY32, "HMAC-SHA-256-128 [RFC4868]", "0x" KEY32,
     "aes256-cbc-sha2-256", NULL},
    {"AES-CBC [RFC3602]", "0x" KEY16, "HMAC-SHA-384-192 [RFC4868]",
     "0x" KEY32 KEY16, "aes128-cbc-sha2-384", NULL},
    {"AES-CBC [RFC3602]", "0x" KEY16, "HMAC-SHA-512-256 [RFC4868]",
     "0x" KEY32 KEY32, "aes128-cbc-sha2-512", NULL},
    /* A key that is not in hexadecimal is its own bytes. */
    {"AES-CBC [RFC3602]", "sixteen letters!", "HMAC-SHA-1-96 [RFC2404]",
     "twenty letters or so", "aes128-cbc-sha1", NULL},
    {"AES-CBC [RFC3602]", "0x" KEY20, "HMAC-SHA-1-96 [RFC2404]", "0x" KEY20,
     NULL, "wrong length"},
    {"AES-CBC [RFC3602]", "0x" KEY16, "HMAC-SHA-1-96 [RFC2404]", "0x" KEY16,
     NULL, "wrong length"},
    {"AES-CBC [RFC3602]", "0x" KEY16, "NULL", "0x", NULL,
     "without an integrity check"},
    {"AES-CBC [RFC3602]", "0x" KEY16, "ANY 96 bit authentication [no checking]",
     "0x", NULL, "without an integrity check"},
    {"AES-CBC [RFC3602]", "0x" KEY16, "HMAC-MD5-96 [RFC2403]", "0x" KEY16, NULL,
     "not supported"},
    {"TripleDES-CBC [RFC2451]", "0x" KEY16, "NULL", "0x", NULL,
     "not supported"},
    {"AES-CBC [RFC3602]", "0x0", "NULL", "0x", NULL, "not hexadecimal"},
    {"AES-CBC [RFC3602]", "0x0g", "NULL", "0x", NULL, "not hexadecimal"},
};

START_TEST(algorithms_of_esp)
{
    g_autoptr(DissectKeys) keys = dissect_keys_new();
    g_autofree char *text = g_strdup_printf(
        "\"IPv4\",\"*\",\"*\",\"*\",\"%s\",\"%s\",\"%s\",\"%s\"",
        lines[_i].encryption, lines[_i].key, lines[_i].integrity,
        lines[_i].integrity_key);
    const DissectEspKey *key;

    dissect_keys_add_esp(keys, "esp_sa", text);
    key = only_esp(keys);
    if (lines[_i].suite != NULL) {
        ck_assert_pstr_eq(key->unsupported, NULL);
        ck_assert_str_eq(esp_suite_name(key->suite), lines[_i].suite);
        ck_assert_uint_eq(keys->complaints->len, 0);
    } else {
        ck_assert_ptr_nonnull(key->unsupported);
        ck_assert_msg(strstr(key->unsupported, lines[_i].why) != NULL, "%s",
                      key->unsupported);
        ck_assert_uint_eq(keys->complaints->len, 1);
        ck_assert(g_str_has_prefix(keys->complaints->pdata[0], "esp_sa:1: "));
    }
}
END_TEST

START_TEST(later_columns_of_esp_sa)
{
    g_autoptr(DissectKeys) keys = dissect_keys_new();
    const DissectEspKey *key;

    dissect_keys_add_esp(keys, "esp_sa",
                         "\"IPv6\", \"*\", \"*\", \"0x1000\", "
                         "\"AES-GCM with 16 octet ICV [RFC4106]\", \"0x" KEY20
                         "\", \"NULL\", \"\", \"64-bit\", \"0x2\"");
    key = only_esp(keys);
    ck_assert_int_eq(key->family, HS_FAMILY_IPV6);
    ck_assert(key->esn_known);
    ck_assert(key->esn);
    ck_assert_uint_eq(key->sequence_high, 2);
}
END_TEST

static const struct {
    const char *source, *destination, *spi;
    bool matches;
} patterns[] = {
    {"192.0.2.1", "192.0.2.2", "0x00001000", true},
    {"192.0.2.1", "192.0.2.2", "0x1000", true},
    {"192.0.2.1", "192.0.2.2", "4096", true},
    {"192.0.2.1", "192.0.2.2", "0X00001000", true},
    {"*", "*", "*", true},
    {"192.0.2.*", "*.0.2.2", "0x0000*", true},
    {"192.0.2.0/24", "192.0.2.2/32", "0x*1000", true},
    {"192.0.2.2", "192.0.2.1", "0x00001000", false},
    {"192.0.3.*", "*", "*", false},
    {"192.0.3.0/24", "*", "*", false},
    {"*", "*", "0x00001001", false},
    {"*", "*", "0x0001*", false},
    {"*", "*", "", false},
    {"*", "*", "spi", false},
    {"", "*", "*", false},
    {"2001:db8::/32", "*", "*", false},
};

START_TEST(whom_a_line_is_for)
{
    g_autoptr(DissectKeys) keys = dissect_keys_new();
    g_autofree char *text = g_strdup_printf(
        "\"IPv4\",\"%s\",\"%s\",\"%s\",\"AES-CBC "
        "[RFC3602]\",\"\",\"NULL\",\"\"",
        patterns[_i].source, patterns[_i].destination, patterns[_i].spi);
    HsAddr source = hs_addr_ipv4(0xc0000201);
    HsAddr destination = hs_addr_ipv4(0xc0000202), other = {0};

    dissect_keys_add_esp(keys, "esp_sa", text);
    ck_assert_int_eq(
        dissect_esp_key_matches(only_esp(keys), &source, &destination, 0x1000),
        patterns[_i].matches);
    ck_assert(hs_addr_parse("2001:db8::1", &other));
    ck_assert(!dissect_esp_key_matches(only_esp(keys), &other, &other, 0x1000));
}
END_TEST

/* Lines that are none; the good one behind them counts. */
START_TEST(broken_lines_are_left_out)
{
    g_autoptr(DissectKeys) keys = dissect_keys_new();

    dissect_keys_add_esp(
        keys, "esp_sa",
        "\"IPv4\",\"*\n"
        "\"IPv4\"x,\"*\",\"*\",\"*\",\"\",\"\",\"\",\"\"\n"
        "\"IPv4\",\"*\",\"*\",\"*\",\"AES-CBC [RFC3602]\",\"\",\"NULL\"\n"
        "1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18\n"
        "\"IPv4\",\"\\x2a\",\"\\\"\",\"\\\\\","
        "\"AES-GCM with 16 octet ICV [RFC4106]\",\"0x" KEY20 "\",NULL,\n");
    ck_assert_uint_eq(keys->complaints->len, 4);
    ck_assert_str_eq(keys->complaints->pdata[2],
                     "esp_sa:3: 7 fields, expected 8");
    ck_assert_uint_eq(only_esp(keys)->line, 5);
    ck_assert_str_eq(only_esp(keys)->source, "*");
    ck_assert_str_eq(only_esp(keys)->destination, "\"");
    ck_assert_str_eq(only_esp(keys)->spi, "\\");
}
END_TEST

static const struct {
    const char *fields; /* behind the SPIs */
    uint16_t encr, key_bits, integ;
    const char *why;
} ike_lines[] = {
    {KEY36 "," KEY36 ",\"AES-GCM-256 with 16 octet ICV [RFC5282]\",,,"
           "\"NONE [RFC4306]\"",
     IKE_ENCR_AES_GCM_16, 256, 0, NULL},
    {KEY16 "," KEY16 ",\"AES-CBC-128 [RFC3602]\"," KEY20 "," KEY20
           ",\"HMAC_SHA1_96 [RFC2404]\"",
     IKE_ENCR_AES_CBC, 128, IKE_INTEG_HMAC_SHA1_96, NULL},
    {KEY32 "," KEY32 ",\"AES-CBC-256 [RFC3602]\"," KEY32 "," KEY32
           ",\"HMAC_SHA2_256_128 [RFC4868]\"",
     IKE_ENCR_AES_CBC, 256, IKE_INTEG_HMAC_SHA2_256_128, NULL},
    {KEY16 "," KEY16 ",\"AES-CBC-256 [RFC3602]\"," KEY32 "," KEY32
           ",\"HMAC_SHA2_256_128 [RFC4868]\"",
     0, 0, 0, "SK_ei and SK_er must be 32 bytes each"},
    {KEY32 "," KEY32 ",\"AES-CBC-256 [RFC3602]\"," KEY32 "," KEY16
           ",\"HMAC_SHA2_256_128 [RFC4868]\"",
     0, 0, 0, "SK_ai and SK_ar must be 32 bytes each"},
    {KEY32 "," KEY32 ",\"AES-CBC-256 [RFC3602]\",,,\"NONE [RFC4306]\"", 0, 0, 0,
     "integrity \"NONE [RFC4306]\" is not supported"},
    {KEY32 "," KEY32 ",\"3DES [RFC2451]\"," KEY32 "," KEY32
           ",\"HMAC_SHA2_256_128 [RFC4868]\"",
     0, 0, 0, "encryption \"3DES [RFC2451]\" is not supported"},
};

START_TEST(lines_of_ike)
{
    g_autoptr(DissectKeys) keys = dissect_keys_new();
    g_autofree char *text = g_strdup_printf(
        "0102030405060708,a1a2a3a4a5a6a7a8,%s\n", ike_lines[_i].fields);
    const DissectIkeKey *key;

    dissect_keys_add_ike(keys, "ikev2_decryption_table", text);
    ck_assert_uint_eq(keys->ike->len, 1);
    key = keys->ike->pdata[0];
    ck_assert_uint_eq(key->spi_i, 0x0102030405060708);
    ck_assert_uint_eq(key->spi_r, 0xa1a2a3a4a5a6a7a8);
    ck_assert_pstr_eq(key->unsupported, ike_lines[_i].why);
    if (ike_lines[_i].why != NULL)
        return;
    ck_assert_uint_eq(key->suite.encr, ike_lines[_i].encr);
    ck_assert_uint_eq(key->suite.key_bits, ike_lines[_i].key_bits);
    ck_assert_uint_eq(key->suite.integ, ike_lines[_i].integ);
    ck_assert_uint_eq(key->ei[15], 15);
    ck_assert_uint_eq(key->er[1], 1);
}
END_TEST

START_TEST(an_ike_line_with_bad_spis)
{
    g_autoptr(DissectKeys) keys = dissect_keys_new();

    dissect_keys_add_ike(keys, "ikev2_decryption_table",
                         "xyz,01," KEY16 "," KEY16 ",a,,,b\n"
                         ",01," KEY16 "," KEY16 ",a,,,b\n");
    ck_assert_uint_eq(keys->ike->len, 0);
    ck_assert_uint_eq(keys->complaints->len, 2);
}
END_TEST

START_TEST(a_folder_without_tables)
{
    g_autoptr(GError) error = NULL;

    ck_assert_ptr_null(dissect_keys_load("/nonexistent", &error));
    ck_assert(g_error_matches(error, G_FILE_ERROR, G_FILE_ERROR_NOENT));
    ck_assert_msg(strstr(error->message, "esp_sa") != NULL, "%s",
                  error->message);
}
END_TEST

int
main(void)
{
    Suite *s = suite_create("dissect keys");
    TCase *t = tcase_create("all");

    tcase_add_test(t, a_line_of_esp_sa);
    tcase_add_loop_test(t, algorithms_of_esp, 0, G_N_ELEMENTS(lines));
    tcase_add_test(t, later_columns_of_esp_sa);
    tcase_add_loop_test(t, whom_a_line_is_for, 0, G_N_ELEMENTS(patterns));
    tcase_add_test(t, broken_lines_are_left_out);
    tcase_add_loop_test(t, lines_of_ike, 0, G_N_ELEMENTS(ike_lines));
    tcase_add_test(t, an_ike_line_with_bad_spis);
    tcase_add_test(t, a_folder_without_tables);
    suite_add_tcase(s, t);
    return run_suite(s);
}
