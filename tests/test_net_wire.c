/* IPv4, UDP, ICMP and the MSS option on bytes. The packets were built by scapy,
 * except where a comment says otherwise. */

#include "config.h"

#include "models/net/icmp.h"
#include "models/net/ipv4.h"
#include "models/net/mss.h"
#include "models/net/udp.h"
#include "tests/harness/hex.h"
#include "tests/harness/run.h"

#include <string.h>

/* 192.0.2.1:1000 to 198.51.100.2:2000, "hello" */
#define UDP_HELLO                                                              \
    "45000021 12340000 40117c61 c0000201 c6336402 03e807d0 000dc412 "          \
    "68656c6c 6f"

/* The same with TTL 1, and the error that 192.0.2.2 answers. */
#define UDP_TTL_1                                                              \
    "45000021 12340000 0111bb61 c0000201 c6336402 03e807d0 000dc412 "          \
    "68656c6c 6f"
#define TIME_EXCEEDED                                                          \
    "45c0003d 00004000 4001b5fc c0000202 c0000201 0b00e155 00000000" UDP_TTL_1

#define ECHO                                                                   \
    "45000024 42420000 3d01b793 c0000201 c0000202 08005c58 0a0b0007 "          \
    "61626364 65666768"
#define ECHO_REPLY                                                             \
    "45000024 42420000 4001b493 c0000202 c0000201 00006458 0a0b0007 "          \
    "61626364 65666768"

/* MSS 1460 or 1379, SACK permitted, window scale. */
#define SYN_1460                                                               \
    "45000034 00014000 40064e8c c0000201 c6336402 9c401538 11223344 00000000 " \
    "8002faf0 930b0000 020405b4 04020103 03070000"
#define SYN_1379                                                               \
    "45000034 00014000 40064e8c c0000201 c6336402 9c401538 11223344 00000000 " \
    "8002faf0 935c0000 02040563 04020103 03070000"

/* A NOP before the option puts its value at an odd offset. */
#define SYN_ODD_1460                                                           \
    "45000030 00014000 40064e90 c0000201 c6336402 9c401538 11223344 00000000 " \
    "7002faf0 f8c90000 01020405 b4010101"
#define SYN_ODD_1379                                                           \
    "45000030 00014000 40064e90 c0000201 c6336402 9c401538 11223344 00000000 " \
    "7002faf0 49ca0000 01020405 63010101"
#define ACK_WITH_MSS                                                           \
    "4500002c 00014000 40064e94 c0000201 c6336402 9c401538 11223344 00000000 " \
    "6010faf0 bb110000 020405b4"

static HsPacket *
packet_of(const char *hex)
{
    g_autoptr(GBytes) bytes = hex_bytes(hex);
    gsize length;
    const void *data = g_bytes_get_data(bytes, &length);

    return hs_packet_new(data, length);
}

static HsIpv4
header_of(const HsPacket *packet)
{
    HsIpv4 ip;

    ck_assert_str_eq(hs_drop_name(hs_ipv4_parse(hs_packet_data(packet),
                                                hs_packet_length(packet), &ip)),
                     "not dropped");
    return ip;
}

static void
expect_bytes(const HsPacket *packet, const char *hex)
{
    g_autoptr(HsPacket) expected = packet_of(hex);

    ck_assert_uint_eq(hs_packet_length(packet), hs_packet_length(expected));
    ck_assert_mem_eq(hs_packet_data(packet), hs_packet_data(expected),
                     hs_packet_length(packet));
}

START_TEST(header_is_read)
{
    g_autoptr(HsPacket) packet = packet_of(UDP_HELLO "0000"); /* padded */
    HsIpv4 ip = header_of(packet);

    ck_assert_uint_eq(ip.header_length, 20);
    ck_assert_uint_eq(ip.total_length, 33);
    ck_assert_uint_eq(ip.id, 0x1234);
    ck_assert_uint_eq(ip.fragment, 0);
    ck_assert_uint_eq(ip.ttl, 64);
    ck_assert_uint_eq(ip.protocol, HS_IP_UDP);
    ck_assert_uint_eq(ip.source, 0xc0000201);
    ck_assert_uint_eq(ip.destination, 0xc6336402);
}
END_TEST

START_TEST(every_truncation_is_refused)
{
    g_autoptr(HsPacket) packet = packet_of(UDP_HELLO);
    HsIpv4 ip = {.ttl = 99};

    for (size_t length = 0; length < hs_packet_length(packet); length++) {
        g_autofree uint8_t *copy = g_memdup2(hs_packet_data(packet), length);

        ck_assert_int_eq(hs_ipv4_parse(copy, length, &ip), HS_DROP_TRUNCATED);
    }
    ck_assert_uint_eq(ip.ttl, 99);
}
END_TEST

/* RFC 1812 5.2.2, one rule at a time; checksums of these are right except
 * where that is the rule. */
static const struct {
    const char *name;
    const char *hex;
    HsDrop drop;
} bad_headers[] = {
    {"version 6",
     "65000021 12340000 40115c61 c0000201 c6336402 03e807d0 000dc412 6865",
     HS_DROP_BAD_VERSION},
    {"header of 16 bytes",
     "44000021 12340000 40117d61 c0000201 c6336402 03e807d0 000dc412 6865",
     HS_DROP_BAD_HEADER_LENGTH},
    {"total length below the header's",
     "45000013 12340000 40117c6f c0000201 c6336402 03e807d0 000dc412 6865",
     HS_DROP_BAD_TOTAL_LENGTH},
    {"total length beyond the packet",
     "45000022 12340000 40117c60 c0000201 c6336402 03e807d0 000dc412 6865",
     HS_DROP_TRUNCATED},
    {"options beyond the total length",
     "4f000021 12340000 40117261 c0000201 c6336402 03e807d0 000dc412 68656c6c"
     "6f000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000",
     HS_DROP_BAD_TOTAL_LENGTH},
    {"checksum off by one",
     "4500001c 12340000 40117c67 c0000201 c6336402 03e807d0 00080000",
     HS_DROP_BAD_CHECKSUM},
};

START_TEST(broken_header_is_refused_by_name)
{
    g_autoptr(HsPacket) packet = packet_of(bad_headers[_i].hex);
    HsIpv4 ip;

    ck_assert_msg(hs_ipv4_parse(hs_packet_data(packet),
                                hs_packet_length(packet),
                                &ip) == bad_headers[_i].drop,
                  "%s", bad_headers[_i].name);
}
END_TEST

/* The example of RFC 1071, section 3. */
START_TEST(checksum_of_rfc_1071)
{
    static const uint8_t data[] = {0x00, 0x01, 0xf2, 0x03,
                                   0xf4, 0xf5, 0xf6, 0xf7};

    ck_assert_uint_eq(hs_checksum_finish(hs_checksum_add(0, data, 8)),
                      (uint16_t)~0xddf2);
    ck_assert_uint_eq(hs_checksum_finish(hs_checksum_add(0, data, 7)),
                      (uint16_t) ~(0xddf2 - 0xf7));
    for (size_t cut = 0; cut <= 8; cut += 2)
        ck_assert_uint_eq(
            hs_checksum_finish(hs_checksum_add(hs_checksum_add(0, data, cut),
                                               data + cut, 8 - cut)),
            (uint16_t)~0xddf2);
}
END_TEST

/* The example of RFC 1624, section 4, which RFC 1141's equation gets wrong. */
START_TEST(checksum_update_of_rfc_1624)
{
    ck_assert_uint_eq(hs_checksum_update(0xdd2f, 0x5555, 0x3285), 0x0000);
}
END_TEST

START_TEST(ttl_goes_down_with_the_checksum)
{
    g_autoptr(HsPacket) packet = packet_of(UDP_HELLO);

    for (unsigned ttl = 63; ttl >= 1; ttl--) {
        hs_ipv4_decrement_ttl(hs_packet_bytes(packet));
        ck_assert_uint_eq(header_of(packet).ttl, ttl);
    }
    expect_bytes(packet, UDP_TTL_1);
}
END_TEST

START_TEST(udp_is_read)
{
    g_autoptr(HsPacket) packet = packet_of(UDP_HELLO);
    HsIpv4 ip = header_of(packet);
    HsUdpDatagram udp;

    ck_assert(hs_udp_parse(packet, &ip, &udp));
    ck_assert_uint_eq(udp.source_port, 1000);
    ck_assert_uint_eq(udp.destination_port, 2000);
    ck_assert_uint_eq(udp.length, 5);
    ck_assert_mem_eq(udp.payload, "hello", 5);
}
END_TEST

START_TEST(udp_is_built)
{
    const HsIpv4 ip = {.id = 0x1234,
                       .ttl = 64,
                       .source = 0xc0000201,
                       .destination = 0xc6336402};
    const HsUdpDatagram udp = {1000, 2000, (const uint8_t *)"hello", 5};
    g_autoptr(HsPacket) packet = hs_udp_packet_new(&ip, &udp);

    expect_bytes(packet, UDP_HELLO);
}
END_TEST

/* RFC 768: a sum of zero goes as ffff. This payload makes it so. */
START_TEST(udp_checksum_is_never_zero)
{
    const char *hex = "4500001e 00010000 401166cc 0a000001 0a000002 00010002 "
                      "000affff ebd4";
    const HsIpv4 ip = {
        .id = 1, .ttl = 64, .source = 0x0a000001, .destination = 0x0a000002};
    const HsUdpDatagram udp = {1, 2, (const uint8_t *)"\xeb\xd4", 2};
    g_autoptr(HsPacket) packet = hs_udp_packet_new(&ip, &udp);
    HsUdpDatagram back;

    expect_bytes(packet, hex);
    ck_assert(hs_udp_parse(packet, &ip, &back) == false); /* ip is not whole */
    HsIpv4 read = header_of(packet);
    ck_assert(hs_udp_parse(packet, &read, &back));
}
END_TEST

START_TEST(udp_without_checksum)
{
    HsPacket *packet = hs_packet_new("hello", 5);
    const HsIpv4 ip = {.ttl = 64, .source = 1 << 24, .destination = 2 << 24};
    HsUdpDatagram udp;
    HsIpv4 read;

    hs_udp_push(packet, &ip, 4500, 4500, false);
    read = header_of(packet);
    ck_assert_uint_eq(hs_packet_data(packet)[26], 0);
    ck_assert_uint_eq(hs_packet_data(packet)[27], 0);
    ck_assert(hs_udp_parse(packet, &read, &udp));
    hs_packet_unref(packet);
}
END_TEST

/* Bytes of UDP_HELLO changed one at a time. The IPv4 checksum plays no part:
 * the header is handed over. */
static const struct {
    const char *name;
    size_t offset;
    uint8_t value;
} bad_udp[] = {
    {"length 7, below the header's", 25, 7},
    {"length 14, beyond the packet", 25, 14},
    {"checksum", 27, 0x13},
    {"payload", 28, 0x69},
    {"port", 21, 0xe9},
};

START_TEST(broken_udp_is_refused)
{
    g_autoptr(HsPacket) packet = packet_of(UDP_HELLO);
    HsIpv4 ip = header_of(packet);
    HsUdpDatagram udp;

    hs_packet_bytes(packet)[bad_udp[_i].offset] = bad_udp[_i].value;
    ck_assert_msg(!hs_udp_parse(packet, &ip, &udp), "%s", bad_udp[_i].name);
}
END_TEST

START_TEST(truncated_udp_is_refused)
{
    g_autoptr(HsPacket) packet = packet_of(UDP_HELLO);
    HsIpv4 ip = header_of(packet);
    HsUdpDatagram udp;

    for (unsigned length = 20; length < 33; length++) {
        ip.total_length = (uint16_t)length;
        ck_assert(!hs_udp_parse(packet, &ip, &udp));
    }
}
END_TEST

START_TEST(udp_fragment_and_other_protocols_are_not_udp)
{
    g_autoptr(HsPacket) packet = packet_of(UDP_HELLO);
    HsIpv4 ip = header_of(packet);
    HsUdpDatagram udp;

    ip.fragment = HS_IPV4_MF;
    ck_assert(!hs_udp_parse(packet, &ip, &udp));
    ip.fragment = 0;
    ip.protocol = HS_IP_TCP;
    ck_assert(!hs_udp_parse(packet, &ip, &udp));
}
END_TEST

START_TEST(icmp_error_quotes_the_packet)
{
    g_autoptr(HsPacket) packet = packet_of(UDP_TTL_1);
    HsIpv4 ip = header_of(packet);
    g_autoptr(HsPacket) error =
        hs_icmp_error_new(packet, &ip, 0xc0000202, 64, HS_ICMP_TIME_EXCEEDED,
                          HS_ICMP_TTL_EXCEEDED, 0);
    HsIpv4 error_ip = header_of(error);
    HsIcmp icmp;

    expect_bytes(error, TIME_EXCEEDED);
    ck_assert(hs_icmp_parse(error, &error_ip, &icmp));
    ck_assert_uint_eq(icmp.type, 11);
    ck_assert_uint_eq(icmp.length, 33);
    ck_assert_mem_eq(icmp.payload, hs_packet_data(packet), 33);
}
END_TEST

/* RFC 1812 4.3.2.3: as much as fits in 576 bytes. */
START_TEST(icmp_error_is_at_most_576_bytes)
{
    HsPacket *big = hs_packet_new(NULL, 1480);
    g_autoptr(HsPacket) error = NULL;
    HsIpv4 ip;

    hs_ipv4_push(big, &(HsIpv4){.ttl = 64,
                                .protocol = HS_IP_UDP,
                                .source = 0xc0000201,
                                .destination = 0xc6336402});
    ip = header_of(big);
    error = hs_icmp_error_new(big, &ip, 0xc0000202, 64, HS_ICMP_UNREACHABLE,
                              HS_ICMP_FRAGMENTATION_NEEDED, 1400);
    ck_assert_uint_eq(hs_packet_length(error), 576);
    ck_assert_mem_eq(hs_packet_data(error) + 28, hs_packet_data(big), 548);
    hs_packet_unref(big);
}
END_TEST

START_TEST(icmp_is_checked)
{
    g_autoptr(HsPacket) packet = packet_of(ECHO);
    HsIpv4 ip = header_of(packet);
    HsIcmp icmp;

    ck_assert(hs_icmp_parse(packet, &ip, &icmp));
    ck_assert_uint_eq(icmp.type, HS_ICMP_ECHO);
    ck_assert_uint_eq(icmp.rest, 0x0a0b0007);
    ck_assert_uint_eq(icmp.length, 8);
    for (unsigned length = 20; length < 36; length++) {
        HsIpv4 cut = ip;

        cut.total_length = (uint16_t)length;
        ck_assert(!hs_icmp_parse(packet, &cut, &icmp));
    }
    hs_packet_bytes(packet)[35] ^= 1;
    ck_assert(!hs_icmp_parse(packet, &ip, &icmp));
}
END_TEST

START_TEST(echo_is_answered)
{
    g_autoptr(HsPacket) reply = hs_icmp_echo_reply(packet_of(ECHO), 64);

    expect_bytes(reply, ECHO_REPLY);
}
END_TEST

/* RFC 1812 4.3.2.7, and the two that must be reported. Built from UDP_HELLO. */
static const struct {
    const char *name;
    HsIpv4 ip;
    uint8_t icmp_type;
    bool may;
} reports[] = {
    {"UDP",
     {.protocol = 17, .source = 0xc0000201, .destination = 0xc6336402},
     0,
     true},
    {"first fragment",
     {.protocol = 17,
      .source = 0xc0000201,
      .destination = 0xc6336402,
      .fragment = HS_IPV4_MF},
     0,
     true},
    {"second fragment",
     {.protocol = 17,
      .source = 0xc0000201,
      .destination = 0xc6336402,
      .fragment = 1},
     0,
     false},
    {"echo request",
     {.protocol = 1, .source = 0xc0000201, .destination = 0xc6336402},
     8,
     true},
    {"timestamp",
     {.protocol = 1, .source = 0xc0000201, .destination = 0xc6336402},
     13,
     true},
    {"unreachable",
     {.protocol = 1, .source = 0xc0000201, .destination = 0xc6336402},
     3,
     false},
    {"source quench",
     {.protocol = 1, .source = 0xc0000201, .destination = 0xc6336402},
     4,
     false},
    {"redirect",
     {.protocol = 1, .source = 0xc0000201, .destination = 0xc6336402},
     5,
     false},
    {"time exceeded",
     {.protocol = 1, .source = 0xc0000201, .destination = 0xc6336402},
     11,
     false},
    {"parameter problem",
     {.protocol = 1, .source = 0xc0000201, .destination = 0xc6336402},
     12,
     false},
    {"unknown type",
     {.protocol = 1, .source = 0xc0000201, .destination = 0xc6336402},
     200,
     false},
    {"to multicast",
     {.protocol = 17, .source = 0xc0000201, .destination = 0xe0000005},
     0,
     false},
    {"to broadcast",
     {.protocol = 17, .source = 0xc0000201, .destination = 0xffffffff},
     0,
     false},
    {"from nowhere", {.protocol = 17, .destination = 0xc6336402}, 0, false},
    {"from loopback",
     {.protocol = 17, .source = 0x7f000001, .destination = 0xc6336402},
     0,
     false},
    {"from multicast",
     {.protocol = 17, .source = 0xe0000001, .destination = 0xc6336402},
     0,
     false},
    {"from class E",
     {.protocol = 17, .source = 0xf0000001, .destination = 0xc6336402},
     0,
     false},
};

START_TEST(errors_are_reported_where_allowed)
{
    uint8_t payload[8] = {reports[_i].icmp_type};
    HsPacket *packet = hs_packet_new(payload, sizeof payload);
    HsIpv4 ip;

    hs_ipv4_push(packet, &reports[_i].ip);
    ip = header_of(packet);
    ck_assert_msg(hs_icmp_may_report(packet, &ip) == reports[_i].may, "%s",
                  reports[_i].name);
    hs_packet_unref(packet);
}
END_TEST

START_TEST(icmp_without_a_type_is_not_reported)
{
    HsPacket *packet = hs_packet_new(NULL, 0);
    HsIpv4 ip = {.protocol = 1, .source = 0xc0000201, .destination = 1 << 24};

    hs_ipv4_push(packet, &ip);
    ip = header_of(packet);
    ck_assert(!hs_icmp_may_report(packet, &ip));
    hs_packet_unref(packet);
}
END_TEST

static const struct {
    const char *name;
    const char *before;
    const char *after;
} clamps[] = {
    {"SYN", SYN_1460, SYN_1379},
    {"SYN with the value at an odd offset", SYN_ODD_1460, SYN_ODD_1379},
    {"SYN that is small enough", SYN_1379, SYN_1379},
    {"no SYN", ACK_WITH_MSS, ACK_WITH_MSS},
    {"no TCP", UDP_HELLO, UDP_HELLO},
};

START_TEST(mss_is_clamped_in_syns)
{
    g_autoptr(HsPacket) packet = packet_of(clamps[_i].before);
    HsIpv4 ip = header_of(packet);
    bool changes = strcmp(clamps[_i].before, clamps[_i].after) != 0;

    ck_assert_msg(hs_mss_exceeds(hs_packet_data(packet), &ip, 1379) == changes,
                  "%s", clamps[_i].name);
    hs_mss_clamp(hs_packet_bytes(packet), &ip, 1379);
    expect_bytes(packet, clamps[_i].after);
}
END_TEST

/* Offsets into SYN_1460; hand-broken. */
static const struct {
    const char *name;
    size_t offset;
    uint8_t value;
} bad_options[] = {
    {"option of length 0", 41, 0},
    {"option of length 1", 41, 1},
    {"MSS option of length 3", 41, 3},
    {"MSS option past the header", 41, 60},
    {"data offset beyond the packet", 32, 0xf0},
    {"data offset without options", 32, 0x50},
    {"end of options first", 40, 0},
};

START_TEST(broken_tcp_options_are_left_alone)
{
    g_autoptr(HsPacket) packet = packet_of(SYN_1460);
    HsIpv4 ip = header_of(packet);
    g_autofree uint8_t *before = NULL;

    hs_packet_bytes(packet)[bad_options[_i].offset] = bad_options[_i].value;
    before = g_memdup2(hs_packet_data(packet), hs_packet_length(packet));
    ck_assert_msg(!hs_mss_exceeds(hs_packet_data(packet), &ip, 500), "%s",
                  bad_options[_i].name);
    hs_mss_clamp(hs_packet_bytes(packet), &ip, 500);
    ck_assert_mem_eq(hs_packet_data(packet), before, hs_packet_length(packet));
}
END_TEST

/* A flow is what its five words say, and a datagram's fragments stay together.
 */
START_TEST(flow_hash_follows_the_flow)
{
    g_autoptr(HsPacket) packet = packet_of(UDP_HELLO);
    HsIpv4 ip = header_of(packet), other = ip;
    uint8_t ports[4] = {0x03, 0xe8, 0x07, 0xd0};
    uint32_t hash = hs_ipv4_flow_hash(&ip, ports, 4, 1);

    other.id++;
    other.ttl--;
    other.total_length++;
    ck_assert_uint_eq(hs_ipv4_flow_hash(&other, ports, 4, 1), hash);
    ck_assert_uint_ne(hs_ipv4_flow_hash(&ip, ports, 4, 2), hash);
    ports[1]++;
    ck_assert_uint_ne(hs_ipv4_flow_hash(&ip, ports, 4, 1), hash);

    other = ip;
    other.fragment = HS_IPV4_MF;
    hash = hs_ipv4_flow_hash(&other, ports, 4, 1);
    ports[1]++;
    other.fragment = 100;
    ck_assert_uint_eq(hs_ipv4_flow_hash(&other, ports, 4, 1), hash);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("net wire");
    TCase *t = tcase_create("ipv4");

    tcase_add_test(t, header_is_read);
    tcase_add_test(t, every_truncation_is_refused);
    tcase_add_loop_test(t, broken_header_is_refused_by_name, 0,
                        G_N_ELEMENTS(bad_headers));
    tcase_add_test(t, checksum_of_rfc_1071);
    tcase_add_test(t, checksum_update_of_rfc_1624);
    tcase_add_test(t, ttl_goes_down_with_the_checksum);
    tcase_add_test(t, flow_hash_follows_the_flow);
    suite_add_tcase(suite, t);

    t = tcase_create("udp");
    tcase_add_test(t, udp_is_read);
    tcase_add_test(t, udp_is_built);
    tcase_add_test(t, udp_checksum_is_never_zero);
    tcase_add_test(t, udp_without_checksum);
    tcase_add_loop_test(t, broken_udp_is_refused, 0, G_N_ELEMENTS(bad_udp));
    tcase_add_test(t, truncated_udp_is_refused);
    tcase_add_test(t, udp_fragment_and_other_protocols_are_not_udp);
    suite_add_tcase(suite, t);

    t = tcase_create("icmp");
    tcase_add_test(t, icmp_error_quotes_the_packet);
    tcase_add_test(t, icmp_error_is_at_most_576_bytes);
    tcase_add_test(t, icmp_is_checked);
    tcase_add_test(t, echo_is_answered);
    tcase_add_loop_test(t, errors_are_reported_where_allowed, 0,
                        G_N_ELEMENTS(reports));
    tcase_add_test(t, icmp_without_a_type_is_not_reported);
    suite_add_tcase(suite, t);

    t = tcase_create("mss");
    tcase_add_loop_test(t, mss_is_clamped_in_syns, 0, G_N_ELEMENTS(clamps));
    tcase_add_loop_test(t, broken_tcp_options_are_left_alone, 0,
                        G_N_ELEMENTS(bad_options));
    suite_add_tcase(suite, t);
    return run_suite(suite);
}
