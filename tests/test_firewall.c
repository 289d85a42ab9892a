/* A stateful firewall, packet by packet. Headers are written out here: what the
 * firewall reads of TCP are the ports and the flags, of ICMP the type and the
 * identifier, and of an ICMP error the head of the packet that it is about. */

#include "config.h"

#include "models/onprem/firewall.h"
#include "tests/harness/fake_env.h"
#include "tests/harness/hex.h"
#include "tests/harness/run.h"

#include <string.h>

#define APP UINT32_C(0x0a00000a) /* 10.0.0.10 */
#define DB  UINT32_C(0xac10000a) /* 172.16.0.10 */

/* Source and destination port, sequence numbers, offset and flags. */
#define TO_DB   "9c401538 00000001 00000000 50"
#define FROM_DB "15389c40 00000001 00000001 50"
#define REST    "ffff0000 0000"
#define SYN     "02"
#define SYN_ACK "12"
#define ACK     "10"
#define FIN_ACK "11"
#define RST     "04"

typedef struct {
    FakeWorld *world;
    HsFlowFirewall *firewall;
} Bench;

static Bench bench;

static void
set_up(void)
{
    bench.world = fake_world_new(1);
    bench.firewall = hs_flow_firewall_new(
        fake_world_node(bench.world, "fw", "192.0.2.1"),
        &(HsFlowFirewallConfig){.name = "fw", .idle_timeout = HS_SEC(3600)});
}

static void
tear_down(void)
{
    hs_flow_firewall_free(bench.firewall);
    fake_world_free(bench.world);
}

/* True: PAYLOAD behind a header from FROM to TO passes. */
static bool
passes_at(HsFlowFirewall *firewall, uint8_t protocol, uint16_t fragment,
          uint32_t from, uint32_t to, const char *payload)
{
    g_autoptr(GBytes) bytes = hex_bytes(payload);
    gsize length;
    const void *data = g_bytes_get_data(bytes, &length);
    g_autoptr(HsPacket) packet = hs_packet_new(NULL, HS_IPV4_HEADER + length);
    HsIpv4 ip = {.header_length = HS_IPV4_HEADER,
                 .total_length = (uint16_t)(HS_IPV4_HEADER + length),
                 .ttl = 64,
                 .protocol = protocol,
                 .fragment = fragment,
                 .source = from,
                 .destination = to};
    HsDrop drop;

    if (length > 0)
        memcpy(hs_packet_bytes(packet) + HS_IPV4_HEADER, data, length);
    drop = hs_flow_firewall_filter(firewall, false, &ip, packet);
    ck_assert(drop == HS_DROP_NONE || drop == HS_DROP_NO_STATE);
    return drop == HS_DROP_NONE;
}

static bool
tcp_to_db(const char *flags)
{
    g_autofree char *hex = g_strconcat(TO_DB, flags, REST, NULL);

    return passes_at(bench.firewall, HS_IP_TCP, 0, APP, DB, hex);
}

static bool
tcp_from_db(const char *flags)
{
    g_autofree char *hex = g_strconcat(FROM_DB, flags, REST, NULL);

    return passes_at(bench.firewall, HS_IP_TCP, 0, DB, APP, hex);
}

static void
wait_for(HsDuration duration)
{
    fake_world_run(bench.world, fake_world_now(bench.world) + duration);
}

static void
shake_hands(void)
{
    ck_assert(tcp_to_db(SYN));
    ck_assert(tcp_from_db(SYN_ACK));
    ck_assert(tcp_to_db(ACK));
}

START_TEST(a_whole_connection_passes)
{
    shake_hands();
    ck_assert(tcp_from_db(ACK));
    ck_assert_uint_eq(hs_flow_firewall_flows(bench.firewall), 1);
    ck_assert(tcp_to_db(FIN_ACK));
    ck_assert(tcp_from_db(ACK)); /* half closed: data still come */
    ck_assert(tcp_from_db(FIN_ACK));
    ck_assert(tcp_to_db(ACK));
    wait_for(HS_SEC(11));
    ck_assert_uint_eq(hs_flow_firewall_flows(bench.firewall), 0);
    ck_assert(!tcp_to_db(ACK));
    ck_assert_uint_eq(hs_flow_firewall_counters(bench.firewall).opened, 1);
    ck_assert_uint_eq(hs_flow_firewall_counters(bench.firewall).passed, 8);
    ck_assert_uint_eq(hs_flow_firewall_counters(bench.firewall).dropped, 1);
}
END_TEST

/* What each of these would open, were it a SYN. */
START_TEST(no_connection_begins_in_the_middle)
{
    ck_assert(!tcp_to_db(ACK));
    ck_assert(!tcp_to_db(FIN_ACK));
    ck_assert(!tcp_to_db(RST));
    ck_assert(!tcp_to_db(SYN_ACK));
    ck_assert(!tcp_to_db("06")); /* SYN and RST */
    ck_assert_uint_eq(hs_flow_firewall_flows(bench.firewall), 0);
}
END_TEST

/* One direction goes by another firewall: neither sees a whole handshake. */
START_TEST(half_of_a_handshake_is_none)
{
    g_autoptr(HsFlowFirewall) other = hs_flow_firewall_new(
        fake_world_node(bench.world, "fw2", "192.0.2.2"),
        &(HsFlowFirewallConfig){.name = "fw2", .idle_timeout = HS_SEC(3600)});

    ck_assert(tcp_to_db(SYN));
    ck_assert(!passes_at(other, HS_IP_TCP, 0, DB, APP, FROM_DB SYN_ACK REST));
    ck_assert(tcp_to_db(SYN)); /* sent again */
    ck_assert(!tcp_to_db(ACK));
    ck_assert(!tcp_from_db(ACK));
}
END_TEST

/* The same connection after a failover to the other firewall. */
START_TEST(an_open_connection_does_not_move)
{
    g_autoptr(HsFlowFirewall) other = hs_flow_firewall_new(
        fake_world_node(bench.world, "fw2", "192.0.2.2"),
        &(HsFlowFirewallConfig){.name = "fw2", .idle_timeout = HS_SEC(3600)});

    shake_hands();
    ck_assert(!passes_at(other, HS_IP_TCP, 0, APP, DB, TO_DB ACK REST));
    ck_assert(!passes_at(other, HS_IP_TCP, 0, DB, APP, FROM_DB ACK REST));
    ck_assert(tcp_from_db(ACK));
}
END_TEST

START_TEST(idle_flows_are_forgotten)
{
    shake_hands();
    wait_for(HS_SEC(3599));
    ck_assert(tcp_from_db(ACK));
    wait_for(HS_SEC(3600));
    ck_assert(!tcp_from_db(ACK));
    ck_assert_uint_eq(hs_flow_firewall_counters(bench.firewall).expired, 1);
}
END_TEST

START_TEST(handshakes_have_a_minute)
{
    ck_assert(tcp_to_db(SYN));
    wait_for(HS_SEC(60));
    ck_assert(!tcp_from_db(SYN_ACK));
}
END_TEST

START_TEST(reset_ends_a_connection)
{
    shake_hands();
    ck_assert(tcp_from_db(RST));
    ck_assert(tcp_to_db(SYN)); /* the same ports again, at once */
    ck_assert(!tcp_to_db(ACK));
    ck_assert(tcp_from_db(SYN_ACK));
    ck_assert(tcp_to_db(ACK));
}
END_TEST

START_TEST(forgetting_everything)
{
    shake_hands();
    ck_assert_uint_eq(hs_flow_firewall_reset(bench.firewall), 1);
    ck_assert(!tcp_to_db(ACK));
}
END_TEST

/* UDP and other protocols have no opening: either side may begin. */
START_TEST(udp_begins_anywhere)
{
    ck_assert(
        passes_at(bench.firewall, HS_IP_UDP, 0, APP, DB, "03e807d0 00080000"));
    ck_assert(
        passes_at(bench.firewall, HS_IP_UDP, 0, DB, APP, "07d003e8 00080000"));
    ck_assert_uint_eq(hs_flow_firewall_flows(bench.firewall), 1);
    ck_assert(
        passes_at(bench.firewall, HS_IP_ESP, 0, APP, DB, "00001000 00000001"));
    ck_assert_uint_eq(hs_flow_firewall_flows(bench.firewall), 2);
    wait_for(HS_SEC(600));
    ck_assert_uint_eq(hs_flow_firewall_flows(bench.firewall), 0);
}
END_TEST

START_TEST(echo_is_answered_once_asked)
{
    ck_assert(!passes_at(bench.firewall, HS_IP_ICMP, 0, DB, APP,
                         "00000000 0a0b0007"));
    ck_assert(
        passes_at(bench.firewall, HS_IP_ICMP, 0, APP, DB, "08000000 0a0b0007"));
    ck_assert(
        passes_at(bench.firewall, HS_IP_ICMP, 0, DB, APP, "00000000 0a0b0007"));
    ck_assert(!passes_at(bench.firewall, HS_IP_ICMP, 0, DB, APP,
                         "00000000 0a0c0007")); /* another identifier */
    ck_assert(!passes_at(bench.firewall, HS_IP_ICMP, 0, APP, DB,
                         "0d000000 0a0b0007")); /* a timestamp */
}
END_TEST

/* Fragmentation needed, from a router in between, about a segment to the
 * database: only if there is such a connection. */
#define TOO_BIG "03040000 000005aa"
#define SEGMENT                                                                \
    "450005dc 00014000 40060000 0a00000a ac10000a" /* and eight bytes */       \
    "9c401538 00000001"

START_TEST(errors_belong_to_a_flow)
{
    const uint32_t router = UINT32_C(0xc0000201);

    ck_assert(!passes_at(bench.firewall, HS_IP_ICMP, 0, router, APP,
                         TOO_BIG SEGMENT));
    shake_hands();
    ck_assert(
        passes_at(bench.firewall, HS_IP_ICMP, 0, router, APP, TOO_BIG SEGMENT));
}
END_TEST

static const struct {
    const char *name, *payload;
} bad_errors[] = {
    {"nothing in it", "03040000 000005aa"},
    {"half a header", "03040000 000005aa 450005dc 00014000 40060000"},
    {"no ports",
     "03040000 000005aa 450005dc 00014000 40060000 0a00000a ac10000a 9c401538"},
    {"another version",
     "03040000 000005aa 650005dc 00014000 40060000 0a00000a ac10000a "
     "9c401538 00000001"},
    {"a header of 16 bytes",
     "03040000 000005aa 440005dc 00014000 40060000 0a00000a ac10000a "
     "9c401538 00000001"},
    {"a header longer than what is there",
     "03040000 000005aa 4f0005dc 00014000 40060000 0a00000a ac10000a "
     "9c401538 00000001"},
    {"an error about an error",
     "03040000 000005aa 450005dc 00014000 40010000 0a00000a ac10000a "
     "03040000 00000000"},
    {"an error about another connection",
     "03040000 000005aa 450005dc 00014000 40060000 0a00000a ac10000a "
     "9c411538 00000001"},
    {"four bytes of ICMP", "03040000"},
};

START_TEST(broken_errors_do_not_pass)
{
    shake_hands();
    ck_assert_msg(!passes_at(bench.firewall, HS_IP_ICMP, 0,
                             UINT32_C(0xc0000201), APP, bad_errors[_i].payload),
                  "%s", bad_errors[_i].name);
}
END_TEST

/* Every truncation of a SYN: the ports alone do not open a connection. */
START_TEST(short_segments_do_not_pass)
{
    g_autofree char *whole = g_strdup("9c4015380000000100000000"
                                      "5002ffff00000000");

    for (size_t length = 0; length < 14; length++) {
        g_autofree char *cut = g_strndup(whole, length * 2);

        ck_assert_msg(!passes_at(bench.firewall, HS_IP_TCP, 0, APP, DB, cut),
                      "%zu bytes", length);
    }
    ck_assert(passes_at(bench.firewall, HS_IP_TCP, 0, APP, DB, whole));
}
END_TEST

START_TEST(later_fragments_pass)
{
    ck_assert(!passes_at(bench.firewall, HS_IP_TCP, HS_IPV4_MF, APP, DB,
                         TO_DB ACK REST));
    ck_assert(passes_at(bench.firewall, HS_IP_TCP, 100, APP, DB, "0102"));
    ck_assert_uint_eq(hs_flow_firewall_flows(bench.firewall), 0);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("firewall");
    TCase *t = tcase_create("flows");

    tcase_add_checked_fixture(t, set_up, tear_down);
    tcase_add_test(t, a_whole_connection_passes);
    tcase_add_test(t, no_connection_begins_in_the_middle);
    tcase_add_test(t, half_of_a_handshake_is_none);
    tcase_add_test(t, an_open_connection_does_not_move);
    tcase_add_test(t, idle_flows_are_forgotten);
    tcase_add_test(t, handshakes_have_a_minute);
    tcase_add_test(t, reset_ends_a_connection);
    tcase_add_test(t, forgetting_everything);
    tcase_add_test(t, udp_begins_anywhere);
    tcase_add_test(t, echo_is_answered_once_asked);
    tcase_add_test(t, errors_belong_to_a_flow);
    tcase_add_loop_test(t, broken_errors_do_not_pass, 0,
                        G_N_ELEMENTS(bad_errors));
    tcase_add_test(t, short_segments_do_not_pass);
    tcase_add_test(t, later_fragments_pass);
    suite_add_tcase(suite, t);
    return run_suite(suite);
}
