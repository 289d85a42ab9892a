/* Our ESP against scapy's, both ways, every suite, raw and NAT-T, with and
 * without extended sequence numbers: it opens our packets and we open its. */

#include "config.h"

#include "models/esp/esp.h"
#include "tests/harness/run.h"
#include "tests/harness/vectors.h"

#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define CASES (4 * ESP_SUITE_COUNT)

typedef struct {
    EspSaConfig config; /* of a receiver that waits for scapy's packet */
    GByteArray *inner;  /* owned */
} Case;

static void
append_hex(GString *line, const uint8_t *data, size_t length)
{
    for (size_t i = 0; i < length; i++)
        g_string_append_printf(line, "%02x", data[i]);
    g_string_append(line, length == 0 ? "- " : " ");
}

/* The whole header and a payload of each length's own. */
static GByteArray *
make_inner(unsigned number)
{
    GByteArray *inner = bytes_from_hex("4500 0000 1234 4000 3f01 0000 "
                                       "0a00010a ac100014");
    unsigned length = 20 + 8 + number * 31;
    uint32_t sum = 0;

    for (unsigned i = 20; i < length; i++) {
        guint8 byte = (guint8)(i * 13 & 0xff);
        g_byte_array_append(inner, &byte, 1);
    }
    inner->data[2] = (guint8)(length >> 8);
    inner->data[3] = (guint8)(length & 0xff);
    for (unsigned i = 0; i < 20; i += 2)
        sum += (uint32_t)inner->data[i] << 8 | inner->data[i + 1];
    sum = (sum & 0xffff) + (sum >> 16);
    inner->data[10] = (guint8)(~sum >> 8 & 0xff);
    inner->data[11] = (guint8)(~sum & 0xff);
    return inner;
}

/* Every second suite has padding for traffic flow confidentiality (RFC 4303
 * 2.7), which scapy shows as bytes behind the inner packet. */
static bool
is_filled(unsigned number)
{
    return number / 4 % 2 == 1;
}

/* One line for scapy, with a packet of ours. */
static void
make_case(unsigned number, HsRng *rng, GString *lines, Case *ret_case)
{
    EspSuite suite = (EspSuite)(number / 4);
    const EspSuiteInfo *info = esp_suite_info(suite);
    EspSaConfig config = {
        .spi = 0x1000 + number,
        .suite = suite,
        .source = hs_addr_ipv4(0xc6336401),
        .destination = hs_addr_ipv4(0xcb007109),
        .nat_t = number & 1,
        .esn = number & 2,
        /* Ours carries 2^32 - 1 of a span, scapy's answer is in the next. */
        .sequence = number & 2 ? UINT64_C(0x4fffffffe) : number,
        .fill = is_filled(number) ? 1300 : 0,
    };
    g_autoptr(EspSa) sa = NULL;
    g_autoptr(HsPacket) packet = NULL;

    esp_keys_draw(&config.keys, suite, rng);
    ret_case->inner = make_inner(number);
    packet = hs_packet_new(ret_case->inner->data, ret_case->inner->len);
    sa = esp_sa_new(&config, rng);
    ck_assert(esp_encapsulate(sa, &packet, NULL));
    config.sequence++;
    ret_case->config = config;

    g_string_append_printf(lines, "%u %s ", config.spi, info->encryption);
    append_hex(lines, config.keys.key, info->key);
    append_hex(lines, config.keys.salt, info->salt);
    g_string_append_printf(lines, "%s ",
                           info->integrity != NULL ? info->integrity : "-");
    append_hex(lines, config.keys.integrity, info->integrity_key);
    g_string_append_printf(lines, "%d %" G_GUINT64_FORMAT " %d ", config.esn,
                           config.sequence, config.nat_t);
    append_hex(lines, hs_packet_data(packet), hs_packet_length(packet));
    append_hex(lines, ret_case->inner->data, ret_case->inner->len);
    lines->str[lines->len - 1] = '\n';
}

/* Runs the script; NULL if no python here has scapy. */
static char *
ask_scapy(const char *lines)
{
    static const char *const pythons[] = {"python3", "/usr/bin/python3"};
    const char *top = g_getenv("TOP_SRCDIR");
    g_autofree char *script = g_build_filename(top != NULL ? top : ".", "tests",
                                               "interop", "esp_scapy.py", NULL);
    g_autofree char *input = NULL;
    int fd = g_file_open_tmp("esp-interop-XXXXXX", &input, NULL);
    char *answer = NULL;

    ck_assert_int_ge(fd, 0);
    close(fd);
    ck_assert(g_file_set_contents(input, lines, -1, NULL));
    for (unsigned i = 0; i < G_N_ELEMENTS(pythons) && answer == NULL; i++) {
        g_autofree char *quoted = g_shell_quote(script);
        g_autofree char *command =
            g_strdup_printf("%s %s < %s", pythons[i], quoted, input);
        const char *argv[] = {"sh", "-c", command, NULL};
        char *output = NULL;
        int status;

        ck_assert(g_spawn_sync(NULL, (char **)(gintptr)argv, NULL,
                               G_SPAWN_SEARCH_PATH, NULL, NULL, &output, NULL,
                               &status, NULL));
        if (WIFEXITED(status) && WEXITSTATUS(status) == 0) {
            answer = output;
            continue;
        }
        g_free(output);
        /* 77: no scapy; 127: no python. Anything else is a failure. */
        ck_assert_msg(WIFEXITED(status) && (WEXITSTATUS(status) == 77 ||
                                            WEXITSTATUS(status) == 127),
                      "the script failed (status %#x)", (unsigned)status);
    }
    remove(input);
    return answer;
}

static void
check_answer(unsigned number, const Case *c, HsRng *rng, const char *found,
             const char *made)
{
    g_autoptr(GByteArray) inner = bytes_from_hex(found);
    g_autoptr(GByteArray) outer = bytes_from_hex(made);
    g_autoptr(HsPacket) packet = hs_packet_new(outer->data, outer->len);
    g_autoptr(EspSa) sa = esp_sa_new(&c->config, rng);
    EspDrop why = ESP_DROP_NONE;

    ck_assert_msg(inner->len == MAX(c->inner->len, c->config.fill) &&
                      memcmp(inner->data, c->inner->data, c->inner->len) == 0,
                  "case %u: scapy found another inner packet", number);
    ck_assert_msg(esp_decapsulate(sa, &packet, &why), "case %u: %s", number,
                  esp_drop_name(why));
    ck_assert_uint_eq(hs_packet_length(packet), c->inner->len);
    ck_assert_mem_eq(hs_packet_data(packet), c->inner->data, c->inner->len);
    ck_assert_uint_eq(esp_sa_sequence(sa), c->config.sequence + 2);
}

START_TEST(scapy_opens_ours_and_we_open_its)
{
    g_autoptr(HsRng) rng = hs_rng_new(7, "test", "interop");
    g_autoptr(GString) lines = g_string_new(NULL);
    g_autofree char *answer = NULL;
    g_auto(GStrv) answers = NULL;
    Case cases[CASES];

    for (unsigned i = 0; i < CASES; i++)
        make_case(i, rng, lines, &cases[i]);
    answer = ask_scapy(lines->str);
    if (answer == NULL) {
        printf("skipped: no python3 with scapy and cryptography here "
               "(on Debian: apt-get install python3-scapy "
               "python3-cryptography)\n");
    } else {
        answers = g_strsplit(g_strstrip(answer), "\n", -1);
        ck_assert_uint_eq(g_strv_length(answers), 2 * CASES);
        for (unsigned i = 0; i < CASES; i++)
            check_answer(i, &cases[i], rng, answers[2 * i], answers[2 * i + 1]);
    }
    for (unsigned i = 0; i < CASES; i++)
        g_byte_array_unref(cases[i].inner);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("esp interop");
    TCase *tcase = tcase_create("scapy");

    tcase_set_timeout(tcase, 120);
    tcase_add_test(tcase, scapy_opens_ours_and_we_open_its);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
