/* The Wireshark profile: its files, and tshark's verdict on our ESP packets,
 * which it decrypts and authenticates with nothing but the profile. */

#include "config.h"

#include "models/esp/esp.h"
#include "pcap/capture.h"
#include "pcap/wireshark.h"
#include "tests/harness/run.h"

#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static char *folder;

static void
make_folder(void)
{
    folder = g_dir_make_tmp("hybridsim-wireshark-XXXXXX", NULL);
    ck_assert_ptr_nonnull(folder);
}

static void
remove_folder(void)
{
    const char *argv[] = {"rm", "-r", folder, NULL};

    g_spawn_sync(NULL, (char **)(gintptr)argv, NULL, G_SPAWN_SEARCH_PATH, NULL,
                 NULL, NULL, NULL, NULL, NULL);
    g_clear_pointer(&folder, g_free);
}

static CaptureEspSa
sa_of(const EspSaConfig *config, const char *name)
{
    const EspSuiteInfo *info = esp_suite_info(config->suite);

    return (CaptureEspSa){
        .name = name,
        .source = config->source,
        .destination = config->destination,
        .spi = config->spi,
        .encryption = info->encryption,
        .key = config->keys.key,
        .key_length = info->key,
        .salt = config->keys.salt,
        .salt_length = info->salt,
        .integrity = info->integrity,
        .integrity_key = config->keys.integrity,
        .integrity_key_length = info->integrity_key,
    };
}

START_TEST(esp_sa_is_as_wireshark_wants_it)
{
    EspSaConfig gcm = {
        .spi = 0x1234abcd,
        .suite = ESP_SUITE_AES128_GCM16,
        .keys = {.key = {1, 2}, .salt = {0xaa, 0xbb, 0xcc, 0xdd}},
        .source = hs_addr_ipv4(0xc6336401),
        .destination = hs_addr_ipv4(0xcb007109)};
    EspSaConfig cbc = {.spi = 0x100,
                       .suite = ESP_SUITE_AES128_CBC_SHA1,
                       .keys = {.key = {3}, .integrity = {4}},
                       .source = hs_addr_ipv4(0xcb007109),
                       .destination = hs_addr_ipv4(0xc6336401)};
    CaptureEspSa sas[] = {sa_of(&gcm, "one\nline"), sa_of(&cbc, NULL)};
    CaptureProfile profile = {.sas = sas, .sa_count = 2};
    g_autofree char *path = g_build_filename(folder, "w", "esp_sa", NULL);
    g_autofree char *in = g_build_filename(folder, "w", NULL);
    g_autofree char *text = NULL;

    ck_assert(capture_profile_write(in, &profile, NULL));
    ck_assert(g_file_get_contents(path, &text, NULL, NULL));
    ck_assert_ptr_nonnull(strstr(text, "never secret"));
    ck_assert_ptr_nonnull(
        strstr(text, "\n# one line\n"
                     "\"IPv4\",\"198.51.100.1\",\"203.0.113.9\","
                     "\"0x1234abcd\",\"AES-GCM with 16 octet ICV [RFC4106]\","
                     "\"0x01020000000000000000000000000000aabbccdd\","
                     "\"NULL\",\"0x\"\n"
                     "\"IPv4\",\"203.0.113.9\",\"198.51.100.1\","
                     "\"0x00000100\",\"AES-CBC [RFC3602]\","
                     "\"0x03000000000000000000000000000000\","
                     "\"HMAC-SHA-1-96 [RFC2404]\","
                     "\"0x0400000000000000000000000000000000000000\"\n"));
}
END_TEST

/* SPIs without 0x, keys, cipher, keys of the HMAC and its name; an AEAD has
 * none of the latter, and its salt behind the key. */
START_TEST(ikev2_decryption_table_is_as_wireshark_wants_it)
{
    static const uint8_t ei[] = {1, 2}, er[] = {3, 4}, ai[] = {5}, ar[] = {6};
    CaptureIkeSa sas[] = {
        {.name = "one\nline",
         .spi_initiator = 0x0123456789abcdef,
         .spi_responder = 0xff,
         .encryption = "AES-CBC-256 [RFC3602]",
         .sk_ei = ei,
         .sk_er = er,
         .sk_e_length = 2,
         .integrity = "HMAC_SHA2_256_128 [RFC4868]",
         .sk_ai = ai,
         .sk_ar = ar,
         .sk_a_length = 1},
        {.spi_initiator = 1,
         .spi_responder = 2,
         .encryption = "AES-GCM-128 with 16 octet ICV [RFC5282]",
         .sk_ei = ei,
         .sk_er = er,
         .sk_e_length = 2,
         .integrity = "NONE [RFC4306]"},
    };
    CaptureProfile profile = {.ike_sas = sas, .ike_sa_count = 2};
    g_autofree char *in = g_build_filename(folder, "i", NULL);
    g_autofree char *path =
        g_build_filename(in, "ikev2_decryption_table", NULL);
    g_autofree char *text = NULL;

    ck_assert(capture_profile_write(in, &profile, NULL));
    ck_assert(g_file_get_contents(path, &text, NULL, NULL));
    ck_assert_ptr_nonnull(
        strstr(text, "\n# one line\n"
                     "0123456789abcdef,00000000000000ff,0102,0304,"
                     "\"AES-CBC-256 [RFC3602]\",05,06,"
                     "\"HMAC_SHA2_256_128 [RFC4868]\"\n"
                     "0000000000000001,0000000000000002,0102,0304,"
                     "\"AES-GCM-128 with 16 octet ICV [RFC5282]\",,,"
                     "\"NONE [RFC4306]\"\n"));
}
END_TEST

START_TEST(what_wireshark_does_not_know_is_refused)
{
    EspSaConfig config = {.spi = 0x100, .suite = ESP_SUITE_AES128_CBC_SHA1};
    CaptureEspSa sa = sa_of(&config, "t");
    CaptureProfile profile = {.sas = &sa, .sa_count = 1};
    g_autoptr(GError) error = NULL;

    if (_i == 0)
        sa.encryption = "rot13";
    else if (_i == 1)
        sa.integrity = "md5";
    else
        profile.protected_filter = "tcp@";
    ck_assert(!capture_profile_write(folder, &profile, &error));
    ck_assert(
        g_error_matches(error, CAPTURE_ERROR,
                        _i < 2 ? CAPTURE_ERROR_SUITE : CAPTURE_ERROR_FILTER));
}
END_TEST

START_TEST(a_folder_that_cannot_be_made)
{
    g_autofree char *file = g_build_filename(folder, "file", NULL);
    g_autofree char *in = g_build_filename(file, "w", NULL);
    CaptureProfile profile = {0};
    g_autoptr(GError) error = NULL;

    ck_assert(g_file_set_contents(file, "", 0, NULL));
    ck_assert(!capture_profile_write(in, &profile, &error));
    ck_assert(g_error_matches(error, CAPTURE_ERROR, CAPTURE_ERROR_FILE));
    ck_assert_ptr_nonnull(strstr(error->message, in));
}
END_TEST

START_TEST(the_command_is_quoted)
{
    g_autofree char *command =
        capture_profile_command("/tmp/it's here", "wireshark", "a b.pcapng");

    ck_assert_str_eq(command, "WIRESHARK_CONFIG_DIR='/tmp/it'\\''s here' "
                              "wireshark -r 'a b.pcapng'");
}
END_TEST

/* Every suite, raw and in UDP, two packets each in one capture. */

#define CASES (2 * ESP_SUITE_COUNT)

/* UDP with right checksums all over, so that tshark has nothing to say. */
static HsPacket *
inner_packet(unsigned number)
{
    size_t length = 29 + number;
    HsPacket *packet = hs_packet_new(NULL, length);
    uint8_t *data = hs_packet_bytes(packet);
    uint32_t sum = 0;

    memcpy(data, "\x45\x00\x00\x00\x12\x34\x40\x00\x3f\x11\x00\x00", 12);
    memcpy(data + 12, "\x0a\x00\x01\x0a\xac\x10\x00\x14\x9c\x40\x15\x38", 12);
    data[3] = (uint8_t)length;
    data[25] = (uint8_t)(length - 20);
    for (unsigned i = 0; i < 20; i += 2)
        sum += (uint32_t)data[i] << 8 | data[i + 1];
    sum = (sum & 0xffff) + (sum >> 16);
    data[10] = (uint8_t)(~sum >> 8 & 0xff);
    data[11] = (uint8_t)(~sum & 0xff);
    return packet;
}

static EspSaConfig
case_config(unsigned number, HsRng *rng)
{
    EspSaConfig config = {
        .spi = 0x1000 + number,
        .suite = (EspSuite)(number / 2),
        .source = hs_addr_ipv4(0xc6336401),
        .destination = hs_addr_ipv4(0xcb007109),
        .nat_t = number & 1,
    };

    esp_keys_draw(&config.keys, config.suite, rng);
    return config;
}

/* The second packet of the last case has a bit of its ICV flipped. */
static void
write_capture(const char *path, const EspSaConfig *configs)
{
    CaptureConfig config = {0};
    CaptureWriter *writer = capture_writer_new(path, &config, NULL);

    ck_assert_ptr_nonnull(writer);
    capture_writer_add_link(writer, "internet", NULL, 0);
    for (unsigned i = 0; i < 2 * CASES; i++) {
        g_autoptr(HsRng) own = hs_rng_new(i, "test", "esp");
        g_autoptr(EspSa) sa = esp_sa_new(&configs[i / 2], own);
        g_autoptr(HsPacket) packet = inner_packet(i);

        ck_assert(esp_encapsulate(sa, &packet, NULL));
        if (i == 2 * CASES - 1)
            hs_packet_bytes(packet)[hs_packet_length(packet) - 1] ^= 0x80;
        capture_writer_packet(writer, 0, i, CAPTURE_OUT, hs_packet_data(packet),
                              hs_packet_length(packet));
    }
    ck_assert(capture_writer_finish(writer, NULL));
}

static char *
run_tshark(const char *profile, const char *capture, const char *arguments)
{
    const char *program = g_getenv("TSHARK");
    g_autofree char *command = NULL;
    g_autofree char *line = NULL;
    char *output = NULL;
    const char *argv[] = {"sh", "-c", NULL, NULL};

    if (program == NULL || g_str_equal(program, "no")) {
        printf("skipped: tshark is missing (on Debian: apt-get install "
               "tshark)\n");
        return NULL;
    }
    command = capture_profile_command(profile, program, capture);
    line = g_strdup_printf("%s %s 2>&1 | grep -v '^Running as'", command,
                           arguments);
    argv[2] = line;
    ck_assert(g_spawn_sync(NULL, (char **)(gintptr)argv, NULL,
                           G_SPAWN_SEARCH_PATH, NULL, NULL, &output, NULL, NULL,
                           NULL));
    return output;
}

START_TEST(tshark_decrypts_and_authenticates)
{
    g_autoptr(HsRng) rng = hs_rng_new(5, "test", "wireshark");
    g_autofree char *path = g_build_filename(folder, "c.pcapng", NULL);
    g_autofree char *in = g_build_filename(folder, "wireshark", NULL);
    g_autofree char *moved = g_build_filename(folder, "moved", NULL);
    g_autofree char *output = NULL;
    g_autoptr(GString) expected = g_string_new(NULL);
    EspSaConfig configs[CASES];
    CaptureEspSa sas[CASES];
    CaptureProfile profile = {.sas = sas, .sa_count = CASES};

    for (unsigned i = 0; i < CASES; i++) {
        configs[i] = case_config(i, rng);
        sas[i] = sa_of(&configs[i], "case");
    }
    write_capture(path, configs);
    ck_assert(capture_profile_write(in, &profile, NULL));
    ck_assert_int_eq(rename(in, moved), 0); /* it can be moved anywhere */
    output = run_tshark(
        moved, path,
        "-o ip.check_checksum:TRUE -T fields -E separator=/s -E occurrence=l "
        "-e frame.number -e esp.spi -e esp.icv_good -e esp.icv_bad "
        "-e ip.checksum.status -e ip.len -e udp.dstport -e _ws.malformed");
    if (output == NULL)
        return;
    for (unsigned i = 0; i < 2 * CASES; i++)
        g_string_append_printf(expected, "%u 0x%08x %s 1 %u 5432 \n", i + 1,
                               0x1000 + i / 2,
                               i == 2 * CASES - 1 ? "0 1" : "1 0", 29 + i);
    ck_assert_str_eq(output, expected->str);
}
END_TEST

/* Wireshark drops a rule that it cannot read, with a message. */
START_TEST(the_colours_are_valid_filters)
{
    g_autofree char *path = g_build_filename(folder, "c.pcapng", NULL);
    g_autofree char *colours = g_build_filename(folder, "colorfilters", NULL);
    g_autofree char *text = NULL;
    g_auto(GStrv) lines = NULL;
    g_autoptr(HsRng) rng = hs_rng_new(5, "test", "wireshark");
    EspSaConfig configs[CASES];
    CaptureProfile profile = {.protected_filter = "tcp.port == 5432"};
    unsigned rules = 0;

    for (unsigned i = 0; i < CASES; i++)
        configs[i] = case_config(i, rng);
    write_capture(path, configs);
    ck_assert(capture_profile_write(folder, &profile, NULL));
    ck_assert(g_file_get_contents(colours, &text, NULL, NULL));
    ck_assert_ptr_nonnull(strstr(text, "@(tcp.port == 5432) && !esp@"));
    lines = g_strsplit(text, "\n", -1);
    for (unsigned i = 0; lines[i] != NULL && *lines[i] != '\0'; i++) {
        g_auto(GStrv) parts = g_strsplit(lines[i], "@", -1);
        g_autofree char *quoted = NULL, *arguments = NULL, *answer = NULL;

        ck_assert_uint_eq(g_strv_length(parts), 4);
        quoted = g_shell_quote(parts[2]);
        arguments = g_strdup_printf(
            "-T fields -e frame.number -Y %s 2>/dev/null | wc -l", quoted);
        answer = run_tshark(folder, path, arguments);
        if (answer == NULL)
            return;
        /* All packets are ESP, and none is anything else. */
        ck_assert_int_eq(atoi(answer),
                         g_str_equal(parts[1], "Encrypted") ? 2 * CASES : 0);
        rules++;
    }
    ck_assert_uint_eq(rules, 5);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("wireshark");
    TCase *tcase = tcase_create("profile");

    tcase_set_timeout(tcase, 120);
    tcase_add_checked_fixture(tcase, make_folder, remove_folder);
    tcase_add_test(tcase, esp_sa_is_as_wireshark_wants_it);
    tcase_add_test(tcase, ikev2_decryption_table_is_as_wireshark_wants_it);
    tcase_add_loop_test(tcase, what_wireshark_does_not_know_is_refused, 0, 3);
    tcase_add_test(tcase, a_folder_that_cannot_be_made);
    tcase_add_test(tcase, the_command_is_quoted);
    tcase_add_test(tcase, tshark_decrypts_and_authenticates);
    tcase_add_test(tcase, the_colours_are_valid_filters);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
