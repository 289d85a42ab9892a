/* A NAPT, with packets that scapy made: 10.1.0.2 inside speaks to 198.51.100.2
 * and is 203.0.113.9 outside; the first port is 1024. Golden packets show that
 * addresses, ports and all checksums are right, those of what an ICMP error
 * quotes too. */

#include "config.h"

#include "models/net/ipv4.h"
#include "models/net/napt.h"
#include "tests/harness/fake_env.h"
#include "tests/harness/hex.h"
#include "tests/harness/run.h"

#include <string.h>

#define UDP_INSIDE                                                             \
    "4500002112340000401134600a010002c633640211941194000d64a168656c6c"         \
    "6f"
#define UDP_OUTSIDE                                                            \
    "450000211234000040110259cb007109c633640204001194000d402e68656c6c"         \
    "6f"
#define UDP_OUTSIDE_2                                                          \
    "450000211234000040110259cb007109c633640204011194000d402d68656c6c"         \
    "6f"
#define REPLY_OUTSIDE                                                          \
    "450000220007000040111485c6336402cb00710911940400000e3601776f726c"         \
    "6421"
#define REPLY_INSIDE                                                           \
    "45000022000700004011468cc63364020a01000211941194000e5a74776f726c"         \
    "6421"
#define OTHER_PEER                                                             \
    "450000220007000040111484c6336403cb00710911940400000e3600776f726c"         \
    "6421"
#define SYN_INSIDE                                                             \
    "4500002800010000400646970a010002c63364029c4001bb0000000100000000"         \
    "50022000bdad0000"
#define SYN_OUTSIDE                                                            \
    "450000280001000040061490cb007109c6336402040001bb0000000100000000"         \
    "5002200023e70000"
#define ACK_INSIDE                                                             \
    "4500002800010000400646970a010002c63364029c4001bb0000000200000002"         \
    "50102000bd9c0000"
#define SYN_ACK_OUTSIDE                                                        \
    "450000280001000040061490c6336402cb00710901bb04000000000100000002"         \
    "5012200023d50000"
#define SYN_ACK_INSIDE                                                         \
    "450000280001000040064697c63364020a01000201bb9c400000000100000002"         \
    "50122000bd9b0000"
#define RST_OUTSIDE                                                            \
    "450000280001000040061490c6336402cb00710901bb04000000000100000000"         \
    "5004200023e50000"
#define ECHO_INSIDE                                                            \
    "4500002000010000400146a40a010002c6336402080029270a0b000761626364"
#define ECHO_OUTSIDE                                                           \
    "45000020000100004001149dcb007109c633640208002f320400000761626364"
#define ECHO_REPLY_OUTSIDE                                                     \
    "45000020000100004001149dc6336402cb007109000037320400000761626364"
#define ECHO_REPLY_INSIDE                                                      \
    "4500002000010000400146a4c63364020a010002000031270a0b000761626364"
#define ERROR_OUTSIDE                                                          \
    "450000380001000040017cb9c0000201cb0071090304a1b40000057845000021"         \
    "1234000040110259cb007109c633640204001194000d402e"
#define ERROR_INSIDE                                                           \
    "45000038000100004001aec0c00002010a01000203046fad0000057845000021"         \
    "12340000401134600a010002c633640211941194000d64a1"
#define REFUSAL_INSIDE                                                         \
    "45000038000100004001468c0a010002c633640203037f520000000045000022"         \
    "000700004011468cc63364020a01000211941194000e5a74"
#define REFUSAL_OUTSIDE                                                        \
    "450000380001000040011485cb007109c63364020303b1590000000045000022"         \
    "0007000040111485c6336402cb00710911940400000e3601"
#define ESP                                                                    \
    "45000024000100004032466f0a010002c6336402000000000000000000000000"         \
    "00000000"
#define FRAGMENT                                                               \
    "4500002100012000401126930a010002c633640211941194000d64a168656c6c"         \
    "6f"
#define NO_SUM_INSIDE                                                          \
    "4500002100010000401146930a010002c633640211941194000d000068656c6c"         \
    "6f"
#define NO_SUM_OUTSIDE                                                         \
    "45000021000100004011148ccb007109c633640204001194000d000068656c6c"         \
    "6f"

typedef struct {
    FakeWorld *world;
    HsNapt *napt;
} Bench;

static Bench bench;

static void
start(const HsNaptConfig *given)
{
    HsNaptConfig config = *given;

    bench.world = fake_world_new(1);
    ck_assert(hs_addr_parse("203.0.113.9", &config.outside));
    config.udp_idle = HS_SEC(120);
    config.tcp_idle = HS_SEC(350);
    config.icmp_idle = HS_SEC(30);
    bench.napt = hs_napt_new(fake_world_node(bench.world, "nat", "203.0.113.9"),
                             &config);
}

static void
set_up(void)
{
    start(&(HsNaptConfig){0});
}

static void
tear_down(void)
{
    hs_napt_free(bench.napt);
    fake_world_free(bench.world);
}

static HsPacket *
packet_of(const char *hex)
{
    g_autoptr(GBytes) bytes = hex_bytes(hex);
    gsize length;
    const void *data = g_bytes_get_data(bytes, &length);

    return hs_packet_new(data, length);
}

typedef HsNaptDrop (*Way)(HsNapt *napt, HsPacket **packet);

/* FROM, another's too, becomes TO; FROM itself does not change. */
static void
becomes(Way way, const char *from, const char *to)
{
    HsPacket *packet = packet_of(from);
    g_autoptr(HsPacket) original = hs_packet_ref(packet);
    g_autoptr(HsPacket) expected = packet_of(to);
    g_autoptr(HsPacket) before = packet_of(from);

    ck_assert_int_eq(way(bench.napt, &packet), HS_NAPT_NONE);
    ck_assert_uint_eq(hs_packet_length(packet), hs_packet_length(expected));
    ck_assert_mem_eq(hs_packet_data(packet), hs_packet_data(expected),
                     hs_packet_length(packet));
    ck_assert_mem_eq(hs_packet_data(original), hs_packet_data(before),
                     hs_packet_length(before));
    hs_packet_unref(packet);
}

/* It is dropped for that reason, unchanged. */
static void
dropped(Way way, const char *hex, HsNaptDrop why)
{
    HsPacket *packet = packet_of(hex);
    g_autoptr(HsPacket) before = packet_of(hex);
    uint64_t drops = hs_napt_counters(bench.napt).drops[why];

    ck_assert_int_eq(way(bench.napt, &packet), why);
    ck_assert_uint_eq(hs_napt_counters(bench.napt).drops[why], drops + 1);
    ck_assert_mem_eq(hs_packet_data(packet), hs_packet_data(before),
                     hs_packet_length(before));
    hs_packet_unref(packet);
}

static void
wait_for(HsDuration duration)
{
    fake_world_run(bench.world, fake_world_now(bench.world) + duration);
}

START_TEST(both_ways)
{
    static const struct {
        const char *out[2], *in[2];
    } rows[] = {
        {{UDP_INSIDE, UDP_OUTSIDE}, {REPLY_OUTSIDE, REPLY_INSIDE}},
        {{SYN_INSIDE, SYN_OUTSIDE}, {SYN_ACK_OUTSIDE, SYN_ACK_INSIDE}},
        {{ECHO_INSIDE, ECHO_OUTSIDE}, {ECHO_REPLY_OUTSIDE, ECHO_REPLY_INSIDE}},
        {{NO_SUM_INSIDE, NO_SUM_OUTSIDE}, {REPLY_OUTSIDE, REPLY_INSIDE}},
    };

    becomes(hs_napt_out, rows[_i].out[0], rows[_i].out[1]);
    becomes(hs_napt_in, rows[_i].in[0], rows[_i].in[1]);
    becomes(hs_napt_out, rows[_i].out[0], rows[_i].out[1]); /* again */
    ck_assert_uint_eq(hs_napt_mappings(bench.napt), 1);
    ck_assert_uint_eq(hs_napt_counters(bench.napt).out, 2);
    ck_assert_uint_eq(hs_napt_counters(bench.napt).in, 1);
}
END_TEST

START_TEST(nobody_gets_in_unasked)
{
    dropped(hs_napt_in, REPLY_OUTSIDE, HS_NAPT_NO_MAPPING);
    becomes(hs_napt_out, UDP_INSIDE, UDP_OUTSIDE);
    dropped(hs_napt_in, OTHER_PEER, HS_NAPT_NO_MAPPING);
    dropped(hs_napt_in, SYN_ACK_OUTSIDE, HS_NAPT_NO_MAPPING);
    dropped(hs_napt_in, ECHO_REPLY_OUTSIDE, HS_NAPT_NO_MAPPING);
}
END_TEST

START_TEST(tcp_begins_with_a_syn)
{
    dropped(hs_napt_out, ACK_INSIDE, HS_NAPT_NO_MAPPING);
    becomes(hs_napt_out, SYN_INSIDE, SYN_OUTSIDE);
    dropped(hs_napt_out, ECHO_REPLY_INSIDE, HS_NAPT_NO_MAPPING);
}
END_TEST

/* What is idle is forgotten, and comes back by another port. */
START_TEST(idle_mappings_are_forgotten)
{
    becomes(hs_napt_out, UDP_INSIDE, UDP_OUTSIDE);
    wait_for(HS_SEC(119));
    becomes(hs_napt_in, REPLY_OUTSIDE, REPLY_INSIDE); /* keeps it */
    wait_for(HS_SEC(119));
    ck_assert_uint_eq(hs_napt_mappings(bench.napt), 1);
    wait_for(HS_SEC(1));
    dropped(hs_napt_in, REPLY_OUTSIDE, HS_NAPT_NO_MAPPING);
    becomes(hs_napt_out, UDP_INSIDE, UDP_OUTSIDE_2);
    ck_assert_uint_eq(hs_napt_counters(bench.napt).expired, 1);
}
END_TEST

START_TEST(each_protocol_has_its_time)
{
    becomes(hs_napt_out, SYN_INSIDE, SYN_OUTSIDE);
    wait_for(HS_SEC(349));
    ck_assert_uint_eq(hs_napt_mappings(bench.napt), 1);
    wait_for(HS_SEC(1));
    ck_assert_uint_eq(hs_napt_mappings(bench.napt), 0);
    hs_napt_reset(bench.napt);
    tear_down();
    set_up();
    becomes(hs_napt_out, ECHO_INSIDE, ECHO_OUTSIDE);
    wait_for(HS_SEC(30));
    dropped(hs_napt_in, ECHO_REPLY_OUTSIDE, HS_NAPT_NO_MAPPING);
}
END_TEST

START_TEST(closed_connections_go_sooner)
{
    becomes(hs_napt_out, SYN_INSIDE, SYN_OUTSIDE);
    wait_for(HS_SEC(100));
    {
        HsPacket *packet = packet_of(RST_OUTSIDE);

        ck_assert_int_eq(hs_napt_in(bench.napt, &packet), HS_NAPT_NONE);
        hs_packet_unref(packet);
    }
    wait_for(HS_SEC(60));
    ck_assert_uint_eq(hs_napt_mappings(bench.napt), 0);
}
END_TEST

START_TEST(reset_forgets_everything)
{
    becomes(hs_napt_out, UDP_INSIDE, UDP_OUTSIDE);
    ck_assert_uint_eq(hs_napt_reset(bench.napt), 1);
    dropped(hs_napt_in, REPLY_OUTSIDE, HS_NAPT_NO_MAPPING);
    becomes(hs_napt_out, UDP_INSIDE, UDP_OUTSIDE_2);
}
END_TEST

/* HOST inside to the LAST octet of a peer, by UDP; HS_NAPT_NONE: it went. */
static HsNaptDrop
send_udp(uint16_t port, uint8_t last)
{
    HsPacket *packet = packet_of(NO_SUM_INSIDE);
    uint8_t *bytes = hs_packet_bytes(packet);
    HsNaptDrop why;

    hs_ipv4_set_u16(bytes, 18, (uint16_t)(100 << 8 | last));
    bytes[20] = (uint8_t)(port >> 8);
    bytes[21] = (uint8_t)port;
    why = hs_napt_out(bench.napt, &packet);
    hs_packet_unref(packet);
    return why;
}

/* Ports are for one destination: another has as many again. */
START_TEST(ports_are_used_up_by_destination)
{
    tear_down();
    start(&(HsNaptConfig){.ports = 3});
    for (uint16_t port = 1; port <= 3; port++)
        ck_assert_int_eq(send_udp(port, 2), HS_NAPT_NONE);
    ck_assert_int_eq(send_udp(4, 2), HS_NAPT_NO_PORT);
    ck_assert_int_eq(send_udp(1, 2), HS_NAPT_NONE); /* has one */
    for (uint16_t port = 1; port <= 3; port++)
        ck_assert_int_eq(send_udp(port, 3), HS_NAPT_NONE);
    ck_assert_int_eq(send_udp(4, 3), HS_NAPT_NO_PORT);
    ck_assert_uint_eq(hs_napt_mappings(bench.napt), 6);
    wait_for(HS_SEC(120));
    ck_assert_int_eq(send_udp(4, 2), HS_NAPT_NONE);
}
END_TEST

START_TEST(errors_are_translated_with_what_they_quote)
{
    dropped(hs_napt_in, ERROR_OUTSIDE, HS_NAPT_NO_MAPPING);
    dropped(hs_napt_out, REFUSAL_INSIDE, HS_NAPT_NO_MAPPING);
    becomes(hs_napt_out, UDP_INSIDE, UDP_OUTSIDE);
    becomes(hs_napt_in, ERROR_OUTSIDE, ERROR_INSIDE);
    becomes(hs_napt_out, REFUSAL_INSIDE, REFUSAL_OUTSIDE);
}
END_TEST

START_TEST(what_has_no_ports_stays)
{
    dropped(hs_napt_out, ESP, HS_NAPT_PROTOCOL);
    dropped(hs_napt_out, FRAGMENT, HS_NAPT_FRAGMENT);
}
END_TEST

/* Every truncation of a datagram and of an error is no packet of ours. */
START_TEST(truncated_packets_stay)
{
    static const char *const wholes[] = {UDP_INSIDE, SYN_INSIDE, ECHO_INSIDE,
                                         REFUSAL_INSIDE};

    becomes(hs_napt_out, UDP_INSIDE, UDP_OUTSIDE);
    for (unsigned w = 0; w < G_N_ELEMENTS(wholes); w++)
        for (size_t cut = 2; cut < strlen(wholes[w]); cut += 2) {
            g_autofree char *hex = g_strndup(wholes[w], cut);
            HsPacket *packet = packet_of(hex);

            ck_assert_int_eq(hs_napt_out(bench.napt, &packet),
                             HS_NAPT_MALFORMED);
            hs_packet_unref(packet);
        }
}
END_TEST

/* The same with a total length that says so: the header is right, and what
 * follows too short. */
START_TEST(short_transports_stay)
{
    static const char *const wholes[] = {UDP_INSIDE, ECHO_INSIDE,
                                         REFUSAL_INSIDE};

    becomes(hs_napt_out, UDP_INSIDE, UDP_OUTSIDE);
    for (unsigned w = 0; w < G_N_ELEMENTS(wholes); w++) {
        /* 8 bytes of transport; of the error 8 + 28. */
        size_t least = w < 2 ? 28 : 56;

        for (size_t length = 20; length < least; length++) {
            g_autofree char *hex = g_strndup(wholes[w], length * 2);
            HsPacket *packet = packet_of(hex);

            hs_ipv4_set_u16(hs_packet_bytes(packet), 2, (uint16_t)length);
            ck_assert_int_eq(hs_napt_out(bench.napt, &packet),
                             HS_NAPT_MALFORMED);
            hs_packet_unref(packet);
        }
    }
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("napt");
    TCase *t = tcase_create("napt");

    tcase_add_checked_fixture(t, set_up, tear_down);
    tcase_add_loop_test(t, both_ways, 0, 4);
    tcase_add_test(t, nobody_gets_in_unasked);
    tcase_add_test(t, tcp_begins_with_a_syn);
    tcase_add_test(t, idle_mappings_are_forgotten);
    tcase_add_test(t, each_protocol_has_its_time);
    tcase_add_test(t, closed_connections_go_sooner);
    tcase_add_test(t, reset_forgets_everything);
    tcase_add_test(t, ports_are_used_up_by_destination);
    tcase_add_test(t, errors_are_translated_with_what_they_quote);
    tcase_add_test(t, what_has_no_ports_stays);
    tcase_add_test(t, truncated_packets_stay);
    tcase_add_test(t, short_transports_stay);
    suite_add_tcase(suite, t);
    return run_suite(suite);
}
