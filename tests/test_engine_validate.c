/* The guard before a host's stack: one good packet of each type (made with
 * Scapy), all truncations of it, and then each rule broken once, by name. */

#include "config.h"

#include "sim/engine/validate.h"
#include "tests/harness/hex.h"
#include "tests/harness/run.h"

#include <stdbool.h>
#include <string.h>

#define SYN                                                                    \
    "4500003c 12344000 3e06746e 0a000001 ac100009"                             \
    "c0011538 11223344 00000000 a002faf0 9b130000"                             \
    "020405b4 0402 080a0001e24000000000 01 030307"
#define SACK                                                                   \
    "45000040 12344000 3e06746a 0a000001 ac100009"                             \
    "c0011538 11223345 55667788 b01001f5 02b30000"                             \
    "0101 080a0001e244000f1206 0101 050a55667d3c556682f0"
#define DATA                                                                   \
    "45000031 12344000 3e067479 0a000001 ac100009"                             \
    "c0011538 11223345 55667788 501801f5 d3140000 53454c454354 20313b"
#define UDP                                                                    \
    "45000034 12344000 3e11746b 0a000001 ac100009 c0000ec8 0020d253"           \
    "20c00318 00000001 00000000 000f4240 000f4240 00000000"
#define UDP_WITHOUT_SUM                                                        \
    "4500001f 12344000 3e117480 0a000001 ac100009 c0000ec8 000b0000 616263"
#define ECHO                                                                   \
    "45000020 12344000 3e01748f 0a000001 ac100009 08001927 00070001 70696e67"
#define UNREACHABLE                                                            \
    "45000038 00010000 4001c3ad 0a0000fe ac100009 03044205 00000578"           \
    "450005dc 00774000 4006757a ac100009 0a090909 15389c40 01020304"

static const struct {
    const char *name, *hex;
} good[] = {
    {"TCP SYN", SYN},
    {"TCP SACK", SACK},
    {"TCP data", DATA},
    {"UDP", UDP},
    {"UDP without a checksum", UDP_WITHOUT_SUM},
    {"ICMP echo", ECHO},
    {"ICMP fragmentation needed", UNREACHABLE},
    {"ICMP time exceeded",
     "45000038 00020000 4001c3ac 0a0000fe ac100009 0b003f81 00000000"
     "450005dc 00774000 4006757a ac100009 0a090909 15389c40 01020304"},
};

static HsRefusal
judge(GBytes *packet)
{
    size_t length, own = 0;
    const uint8_t *data = g_bytes_get_data(packet, &length);

    return hs_validate(data, length, &own);
}

START_TEST(a_good_packet_passes)
{
    g_autoptr(GBytes) packet = hex_bytes(good[_i].hex);
    size_t length, own = 0;
    const uint8_t *data = g_bytes_get_data(packet, &length);
    HsRefusal refusal = hs_validate(data, length, &own);

    ck_assert_msg(refusal == HS_REFUSE_NONE, "%s: %s", good[_i].name,
                  hs_refusal_name(refusal));
    ck_assert_uint_eq(own, length);
}
END_TEST

/* In a buffer of exactly that size, so that a sanitizer sees a read beyond. */
START_TEST(no_truncation_passes)
{
    g_autoptr(GBytes) packet = hex_bytes(good[_i].hex);
    size_t length, n, own;
    const uint8_t *data = g_bytes_get_data(packet, &length);

    for (n = 0; n < length; n++) {
        g_autofree uint8_t *cut = g_memdup2(data, n);
        HsRefusal refusal = hs_validate(cut, n, &own);

        ck_assert_msg(refusal == (n < 20 ? HS_REFUSE_IP_TRUNCATED
                                         : HS_REFUSE_IP_TOTAL_LENGTH),
                      "%s, %u bytes: %s", good[_i].name, (unsigned)n,
                      hs_refusal_name(refusal));
    }
}
END_TEST

static uint16_t
sum_of(const uint8_t *data, size_t length, uint32_t start)
{
    uint32_t sum = start;
    size_t i;

    for (i = 0; i < length; i++)
        sum += i % 2 == 0 ? (uint32_t)data[i] << 8 : data[i];
    sum = (sum & 0xffff) + (sum >> 16);
    sum = (sum & 0xffff) + (sum >> 16);
    return (uint16_t)~sum;
}

static void
put_sum(uint8_t *at, uint16_t sum)
{
    at[0] = (uint8_t)(sum >> 8);
    at[1] = (uint8_t)sum;
}

/* Makes the total length and the checksums right again, so that the rule which
 * was broken is the only one. */
static void
mend(uint8_t *ip, size_t length)
{
    uint32_t pseudo = 0;
    size_t left = length - 20;
    int i;

    put_sum(ip + 2, (uint16_t)length);
    put_sum(ip + 10, 0);
    put_sum(ip + 10, sum_of(ip, 20, 0));
    for (i = 12; i < 20; i += 2)
        pseudo += (uint32_t)(ip[i] << 8 | ip[i + 1]);
    pseudo += ip[9] + (uint32_t)left;
    if (ip[9] == 6 && left >= 18) {
        put_sum(ip + 36, 0);
        put_sum(ip + 36, sum_of(ip + 20, left, pseudo));
    } else if (ip[9] == 17 && left >= 8) {
        put_sum(ip + 26, 0);
        put_sum(ip + 26, sum_of(ip + 20, left, pseudo));
    } else if (ip[9] == 1 && left >= 4) {
        put_sum(ip + 22, 0);
        put_sum(ip + 22, sum_of(ip + 20, left, 0));
    }
}

/* In the good packet HEX, bytes from AT on become those of BYTES; then LENGTH
 * bytes are kept (0: all). MENDED: lengths and checksums are made right. */
static const struct {
    const char *name, *hex;
    size_t at;
    const char *bytes;
    size_t length;
    bool mended;
    HsRefusal refusal;
} broken[] = {
    {"IPv6", DATA, 0, "65", 0, true, HS_REFUSE_IP_VERSION},
    {"a header of 16 bytes", DATA, 0, "44", 0, true,
     HS_REFUSE_IP_HEADER_LENGTH},
    {"a header of 24 bytes", DATA, 0, "46", 0, true, HS_REFUSE_IP_OPTIONS},
    {"a total length of 19", DATA, 2, "0013", 0, false,
     HS_REFUSE_IP_TOTAL_LENGTH},
    {"a total length beyond the packet", DATA, 2, "0032", 0, false,
     HS_REFUSE_IP_TOTAL_LENGTH},
    {"another TTL", DATA, 8, "3d", 0, false, HS_REFUSE_IP_CHECKSUM},
    {"the reserved flag", DATA, 6, "c0", 0, true, HS_REFUSE_IP_RESERVED_FLAG},
    {"more fragments", DATA, 6, "2000", 0, true, HS_REFUSE_IP_FRAGMENT},
    {"the last fragment", DATA, 6, "0003", 0, true, HS_REFUSE_IP_FRAGMENT},
    {"from 0.0.0.0", DATA, 12, "00000000", 0, true, HS_REFUSE_IP_SOURCE},
    {"from 127.0.0.1", DATA, 12, "7f000001", 0, true, HS_REFUSE_IP_SOURCE},
    {"from 224.0.0.5", DATA, 12, "e0000005", 0, true, HS_REFUSE_IP_SOURCE},
    {"from everybody", DATA, 12, "ffffffff", 0, true, HS_REFUSE_IP_SOURCE},
    {"to 224.0.0.5", DATA, 16, "e0000005", 0, true, HS_REFUSE_IP_DESTINATION},
    {"to everybody", DATA, 16, "ffffffff", 0, true, HS_REFUSE_IP_DESTINATION},
    {"to 127.0.0.1", DATA, 16, "7f000001", 0, true, HS_REFUSE_IP_DESTINATION},
    {"OSPF", DATA, 9, "59", 0, true, HS_REFUSE_IP_PROTOCOL},
    {"ESP", DATA, 9, "32", 0, true, HS_REFUSE_IP_PROTOCOL},

    {"19 bytes of TCP", DATA, 0, "45", 39, true, HS_REFUSE_TCP_TRUNCATED},
    {"a TCP header of 10 bytes, which ns-3 aborts on", DATA, 32, "20", 0, true,
     HS_REFUSE_TCP_HEADER_LENGTH},
    {"a TCP header beyond the packet", DATA, 32, "80", 0, true,
     HS_REFUSE_TCP_HEADER_LENGTH},
    {"another byte of data", DATA, 48, "3c", 0, false, HS_REFUSE_TCP_CHECKSUM},
    {"another address, the IP checksum right", DATA, 10, "747a0a000000", 0,
     false, HS_REFUSE_TCP_CHECKSUM},
    {"from port 0", DATA, 20, "0000", 0, true, HS_REFUSE_TCP_PORT},
    {"to port 0", DATA, 22, "0000", 0, true, HS_REFUSE_TCP_PORT},
    {"an option without a length", SYN, 57, "010105", 0, true,
     HS_REFUSE_TCP_OPTION_TRUNCATED},
    {"an option beyond the header", SYN, 57, "0fff00", 0, true,
     HS_REFUSE_TCP_OPTION_TRUNCATED},
    {"an option of length 0", SYN, 57, "0f0000", 0, true,
     HS_REFUSE_TCP_OPTION_LENGTH},
    {"an option of length 1", SYN, 57, "0f0101", 0, true,
     HS_REFUSE_TCP_OPTION_LENGTH},
    {"MSS of length 10, which ns-3 loops on", SYN, 41, "0a", 0, true,
     HS_REFUSE_TCP_OPTION_MSS},
    {"MSS of length 3", SYN, 41, "03", 0, true, HS_REFUSE_TCP_OPTION_MSS},
    {"window scale of length 2", SYN, 58, "02", 0, true,
     HS_REFUSE_TCP_OPTION_WINDOW_SCALE},
    {"window scale of length 4", SYN, 56, "030407 00", 0, true,
     HS_REFUSE_TCP_OPTION_WINDOW_SCALE},
    {"SACK permitted of length 3", SYN, 45, "03", 0, true,
     HS_REFUSE_TCP_OPTION_SACK_PERMITTED},
    {"SACK of length 9", SACK, 55, "09", 0, true, HS_REFUSE_TCP_OPTION_SACK},
    {"SACK of length 2", SACK, 55, "02", 0, true, HS_REFUSE_TCP_OPTION_SACK},
    {"timestamps of length 8", SYN, 47, "08", 0, true,
     HS_REFUSE_TCP_OPTION_TIMESTAMP},
    {"timestamps of length 12", SACK, 43, "0c", 0, true,
     HS_REFUSE_TCP_OPTION_TIMESTAMP},
    {"SACK permitted twice", SYN, 56, "01010402", 0, true,
     HS_REFUSE_TCP_OPTION_TWICE},

    {"7 bytes of UDP", UDP, 0, "45", 27, true, HS_REFUSE_UDP_TRUNCATED},
    {"a UDP length of 7", UDP, 24, "0007", 0, true, HS_REFUSE_UDP_LENGTH},
    {"a UDP length below the packet's", UDP, 24, "001f", 0, true,
     HS_REFUSE_UDP_LENGTH},
    {"a UDP length beyond the packet", UDP, 24, "0021", 0, true,
     HS_REFUSE_UDP_LENGTH},
    {"another byte in the datagram", UDP, 51, "01", 0, false,
     HS_REFUSE_UDP_CHECKSUM},

    {"7 bytes of ICMP", ECHO, 0, "45", 27, true, HS_REFUSE_ICMP_TRUNCATED},
    {"another byte in the echo", ECHO, 31, "68", 0, false,
     HS_REFUSE_ICMP_CHECKSUM},
    {"a redirect", ECHO, 20, "05", 0, true, HS_REFUSE_ICMP_TYPE},
    {"a timestamp request", ECHO, 20, "0d", 0, true, HS_REFUSE_ICMP_TYPE},
    {"an error that quotes 27 bytes", UNREACHABLE, 28,
     "450005dc007740004006757aac1000090a09090915389c40010203", 55, true,
     HS_REFUSE_ICMP_QUOTE},
    {"an error about a packet with options", UNREACHABLE, 28, "46", 0, true,
     HS_REFUSE_ICMP_QUOTE},
    {"an error about IPv6", UNREACHABLE, 28, "65", 0, true,
     HS_REFUSE_ICMP_QUOTE},
};

static HsRefusal
break_it(int i)
{
    g_autoptr(GBytes) packet = hex_bytes(broken[i].hex);
    g_autoptr(GBytes) change = hex_bytes(broken[i].bytes);
    g_autoptr(GBytes) result = NULL;
    size_t length, n;
    g_autofree uint8_t *bytes = NULL;

    bytes = g_bytes_unref_to_data(g_steal_pointer(&packet), &length);
    n = g_bytes_get_size(change);
    ck_assert_uint_le(broken[i].at + n, length);
    memcpy(bytes + broken[i].at, g_bytes_get_data(change, NULL), n);
    if (broken[i].length > 0)
        length = broken[i].length;
    if (broken[i].mended)
        mend(bytes, length);
    result = g_bytes_new(bytes, length);
    return judge(result);
}

START_TEST(a_broken_rule_is_named)
{
    HsRefusal refusal = break_it(_i);

    ck_assert_msg(refusal == broken[_i].refusal, "%s: %s", broken[_i].name,
                  hs_refusal_name(refusal));
}
END_TEST

START_TEST(every_refusal_is_met)
{
    bool met[HS_REFUSE_COUNT] = {false};
    size_t i;

    met[HS_REFUSE_NONE] = true;         /* a_good_packet_passes */
    met[HS_REFUSE_IP_TRUNCATED] = true; /* no_truncation_passes */
    for (i = 0; i < G_N_ELEMENTS(broken); i++)
        met[broken[i].refusal] = true;
    for (i = 0; i < HS_REFUSE_COUNT; i++)
        ck_assert_msg(met[i], "no test for: %s", hs_refusal_name((HsRefusal)i));
}
END_TEST

START_TEST(what_a_link_padded_is_cut_off)
{
    g_autoptr(GBytes) packet = hex_bytes(ECHO "000000000000");
    size_t length, own = 0;
    const uint8_t *data = g_bytes_get_data(packet, &length);

    ck_assert_int_eq(hs_validate(data, length, &own), HS_REFUSE_NONE);
    ck_assert_uint_eq(own, 32);
}
END_TEST

START_TEST(options_may_end_early_and_be_unknown)
{
    static const char *const options[] = {
        "00ffffff", /* end of options: what follows is padding */
        "0f04abcd", /* unknown, of four bytes */
        "0f020f02", /* unknown ones may not repeat */
    };
    size_t i;

    for (i = 0; i < G_N_ELEMENTS(options); i++) {
        g_autoptr(GBytes) packet = hex_bytes(SYN);
        g_autoptr(GBytes) change = hex_bytes(options[i]);
        g_autofree uint8_t *bytes = NULL;
        size_t length, own;

        bytes = g_bytes_unref_to_data(g_steal_pointer(&packet), &length);
        memcpy(bytes + 56, g_bytes_get_data(change, NULL), 4);
        mend(bytes, length);
        ck_assert_int_eq(hs_validate(bytes, length, &own),
                         i < 2 ? HS_REFUSE_NONE : HS_REFUSE_TCP_OPTION_TWICE);
    }
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("engine: validator");
    TCase *tc = tcase_create("packets");

    tcase_add_loop_test(tc, a_good_packet_passes, 0, G_N_ELEMENTS(good));
    tcase_add_loop_test(tc, no_truncation_passes, 0, G_N_ELEMENTS(good));
    tcase_add_loop_test(tc, a_broken_rule_is_named, 0, G_N_ELEMENTS(broken));
    tcase_add_test(tc, every_refusal_is_met);
    tcase_add_test(tc, what_a_link_padded_is_cut_off);
    tcase_add_test(tc, options_may_end_early_and_be_unknown);
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}
