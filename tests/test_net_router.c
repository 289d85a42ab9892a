/* A router between two networks, with packets that scapy made:
 *
 *     192.0.2.1 ── a (192.0.2.2/30) router b (203.0.113.1/31) ──
 * 198.51.100.0/24 c (203.0.113.5/30)
 */

#include "config.h"

#include "models/base/rng.h"
#include "models/net/fragment.h"
#include "models/net/icmp.h"
#include "models/net/router.h"
#include "models/net/udp.h"
#include "tests/harness/fake_env.h"
#include "tests/harness/hex.h"
#include "tests/harness/run.h"

#include <string.h>

enum { A, B, C, N_PORTS };

/* 192.0.2.1:1000 to 198.51.100.2:2000, "hello", TTL 64 and as it goes on. */
#define HELLO                                                                  \
    "45000021 12340000 40117c61 c0000201 c6336402 03e807d0 000dc412 "          \
    "68656c6c 6f"
#define HELLO_TTL_63                                                           \
    "45000021 12340000 3f117d61 c0000201 c6336402 03e807d0 000dc412 "          \
    "68656c6c 6f"
#define HELLO_TTL_1                                                            \
    "45000021 12340000 0111bb61 c0000201 c6336402 03e807d0 000dc412 "          \
    "68656c6c 6f"
#define TIME_EXCEEDED                                                          \
    "45c0003d 00004000 4001b5fc c0000202 c0000201 0b00e155 "                   \
    "00000000" HELLO_TTL_1

/* 100 bytes with DF, and the answer of a router whose next link takes 90. */
#define DF_100                                                                 \
    "45000064 00074000 40114e4b c0000201 c6336402 03e807d0 0050166e "          \
    "78787878 78787878 78787878 78787878 78787878 78787878 78787878 78787878"  \
    "78787878 78787878 78787878 78787878 78787878 78787878 78787878 78787878"  \
    "78787878 78787878"
#define FRAGMENTATION_NEEDED                                                   \
    "45c00080 00004000 4001b5b9 c0000202 c0000201 0304e93a 0000005a" DF_100

#define ECHO                                                                   \
    "45000024 42420000 3d01b793 c0000201 c0000202 08005c58 0a0b0007 "          \
    "61626364 65666768"
#define ECHO_REPLY                                                             \
    "45000024 42420000 4001b493 c0000202 c0000201 00006458 0a0b0007 "          \
    "61626364 65666768"

#define SYN_1460                                                               \
    "45000034 00014000 40064e8c c0000201 c6336402 9c401538 11223344 00000000 " \
    "8002faf0 930b0000 020405b4 04020103 03070000"

typedef struct {
    FakeWorld *world;
    guint facts_told;
    HsRouter *router;
    GPtrArray *out[N_PORTS];
    GPtrArray *local;
    unsigned local_port;
} Net;

static Net net;

static void
collect(void *user_data, HsPacket *packet)
{
    g_ptr_array_add(user_data, packet);
}

static void
deliver(void *user_data, unsigned port, HsPacket *packet)
{
    net.local_port = port;
    g_ptr_array_add(user_data, packet);
}

static HsPrefix
prefix_of(const char *text)
{
    HsPrefix prefix;

    ck_assert(hs_prefix_parse(text, &prefix));
    return prefix;
}

static HsAddr
addr_of(const char *text)
{
    HsAddr addr;

    ck_assert(hs_addr_parse(text, &addr));
    return addr;
}

static unsigned
add_port(const char *name, const char *address, HsPortConfig config)
{
    HsPrefix prefix = prefix_of(address);
    unsigned index = hs_router_n_ports(net.router);

    config.name = name;
    config.addresses = &prefix;
    config.n_addresses = 1;
    config.output = collect;
    config.user_data = net.out[index];
    return hs_router_add_port(net.router, &config);
}

static void
route_via(const char *prefix, unsigned port, const char *origin)
{
    const HsNexthop hop = {.port = port};
    HsPrefix p = prefix_of(prefix);

    hs_router_route_set(net.router, 0, &p, &hop, 1, origin);
}

static void
net_new(HsRouterConfig config)
{
    net = (Net){0};
    net.world = fake_world_new(1);
    for (unsigned i = 0; i < N_PORTS; i++)
        net.out[i] =
            g_ptr_array_new_with_free_func((GDestroyNotify)hs_packet_unref);
    net.local = g_ptr_array_new_with_free_func((GDestroyNotify)hs_packet_unref);
    config.name = "r";
    net.router =
        hs_router_new(fake_world_node(net.world, "r", "192.0.2.2"), &config);
}

/* The changes of the table since the last look at them. */
static void
expect_facts(const char *expected)
{
    const GArray *facts = fake_world_facts(net.world);
    g_autoptr(GString) text = g_string_new(NULL);
    char at[HS_TIME_TEXT];

    for (; net.facts_told < facts->len; net.facts_told++) {
        const HsFact *f = &g_array_index(facts, HsFact, net.facts_told);

        ck_assert_int_eq(f->kind, HS_FACT_FIB);
        ck_assert_str_eq(f->peer, "default");
        g_string_append_printf(text, "[%s] %s: %s -> %s (%s)\n",
                               hs_time_format(f->at, at), f->subject,
                               f->from != NULL ? f->from : "-",
                               f->to != NULL ? f->to : "-", f->cause);
    }
    ck_assert_str_eq(text->str, expected);
}

static void
usual_ports(HsPortConfig b)
{
    add_port("a", "192.0.2.2/30", (HsPortConfig){0});
    add_port("b", "203.0.113.1/31", b);
    add_port("c", "203.0.113.5/30", (HsPortConfig){0});
    route_via("198.51.100.0/24", B, "bgp");
    net.facts_told = fake_world_facts(net.world)->len;
}

static void
usual_net(HsPortConfig b)
{
    net_new((HsRouterConfig){0});
    usual_ports(b);
}

/* The equation of router.h. */
static void
expect_balance(void)
{
    HsRouterCounters c = hs_router_counters(net.router);
    uint64_t drops = 0, tx = 0, rx = 0;

    for (unsigned i = 0; i < HS_DROP_COUNT; i++)
        drops += c.drops[i];
    ck_assert_uint_eq(c.drops[HS_DROP_NONE], 0);
    ck_assert_uint_eq(c.received + c.originated + c.fragments_made +
                          c.reassembled,
                      c.delivered + c.sent + drops + c.fragmented +
                          c.fragments_joined + c.fragments_held);
    for (unsigned i = 0; i < hs_router_n_ports(net.router); i++) {
        tx += hs_router_port_counters(net.router, i).tx_packets;
        rx += hs_router_port_counters(net.router, i).rx_packets;
    }
    ck_assert_uint_eq(c.sent, tx);
    ck_assert_uint_eq(c.received, rx);
}

static void
net_end(void)
{
    expect_balance();
    hs_router_free(net.router);
    for (unsigned i = 0; i < N_PORTS; i++)
        g_ptr_array_unref(net.out[i]);
    g_ptr_array_unref(net.local);
    fake_world_free(net.world);
}

static HsPacket *
packet_of(const char *hex)
{
    g_autoptr(GBytes) bytes = hex_bytes(hex);
    gsize length;
    const void *data = g_bytes_get_data(bytes, &length);

    return hs_packet_new(data, length);
}

/* A UDP packet of TOTAL bytes with right checksums. */
static HsPacket *
udp_packet(uint32_t from, uint32_t to, uint16_t port, size_t total, bool df)
{
    static const uint8_t zeros[65507];
    const HsIpv4 ip = {.id = 1,
                       .ttl = 64,
                       .fragment = df ? HS_IPV4_DF : 0,
                       .source = from,
                       .destination = to};
    const HsUdpDatagram udp = {port, 2000, zeros, total - 28};

    return hs_udp_packet_new(&ip, &udp);
}

static void
receive(unsigned port, const char *hex)
{
    hs_router_receive(net.router, port, packet_of(hex));
}

/* What left by PORT is this one packet; nothing else left or was delivered. */
static void
expect_only(const GPtrArray *where, const char *hex)
{
    g_autoptr(HsPacket) expected = packet_of(hex);
    unsigned all = net.local->len;
    const HsPacket *packet;

    for (unsigned i = 0; i < N_PORTS; i++)
        all += net.out[i]->len;
    ck_assert_uint_eq(all, 1);
    ck_assert_uint_eq(where->len, 1);
    packet = where->pdata[0];
    ck_assert_uint_eq(hs_packet_length(packet), hs_packet_length(expected));
    ck_assert_mem_eq(hs_packet_data(packet), hs_packet_data(expected),
                     hs_packet_length(packet));
}

static void
expect_silence(void)
{
    for (unsigned i = 0; i < N_PORTS; i++)
        ck_assert_uint_eq(net.out[i]->len, 0);
    ck_assert_uint_eq(net.local->len, 0);
}

static void
expect_dropped(HsDrop why)
{
    HsRouterCounters c = hs_router_counters(net.router);

    for (unsigned i = 1; i < HS_DROP_COUNT; i++)
        ck_assert_msg(c.drops[i] == (i == (unsigned)why ? 1 : 0), "%s: %u",
                      hs_drop_name((HsDrop)i), (unsigned)c.drops[i]);
}

static HsIpv4
header_of(const HsPacket *packet)
{
    HsIpv4 ip;

    ck_assert_int_eq(
        hs_ipv4_parse(hs_packet_data(packet), hs_packet_length(packet), &ip),
        HS_DROP_NONE);
    return ip;
}

static void
expect_icmp(const HsPacket *packet, uint8_t type, uint8_t code, uint32_t from)
{
    HsIpv4 ip = header_of(packet);
    HsIcmp icmp;

    ck_assert(hs_icmp_parse(packet, &ip, &icmp));
    ck_assert_uint_eq(icmp.type, type);
    ck_assert_uint_eq(icmp.code, code);
    ck_assert_uint_eq(ip.source, from);
}

/* Forwarding */

START_TEST(packet_is_forwarded)
{
    HsRouterCounters c;

    usual_net((HsPortConfig){0});
    receive(A, HELLO);
    expect_only(net.out[B], HELLO_TTL_63);
    c = hs_router_counters(net.router);
    ck_assert_uint_eq(c.forwarded, 1);
    ck_assert_uint_eq(hs_router_port_counters(net.router, A).rx_bytes, 33);
    ck_assert_uint_eq(hs_router_port_counters(net.router, B).tx_bytes, 33);
    net_end();
}
END_TEST

/* The capture holds the packet while the next hop changes it. */
START_TEST(shared_packet_is_not_changed)
{
    g_autoptr(HsPacket) packet = NULL, same = packet_of(HELLO);

    usual_net((HsPortConfig){0});
    packet = packet_of(HELLO);
    hs_router_receive(net.router, A, hs_packet_ref(packet));
    expect_only(net.out[B], HELLO_TTL_63);
    ck_assert_mem_eq(hs_packet_data(packet), hs_packet_data(same), 33);
    net_end();
}
END_TEST

START_TEST(padding_of_the_link_is_cut_off)
{
    usual_net((HsPortConfig){0});
    receive(A, HELLO "0000000000000000000000000000");
    expect_only(net.out[B], HELLO_TTL_63);
    net_end();
}
END_TEST

static const struct {
    const char *name;
    const char *hex;
    HsDrop drop;
} refused[] = {
    {"truncated", "45000021 12340000 40117c61 c0000201 c633",
     HS_DROP_TRUNCATED},
    {"bad checksum",
     "45000021 12340000 40117c62 c0000201 c6336402 03e807d0"
     "000dc412 68656c6c 6f",
     HS_DROP_BAD_CHECKSUM},
    {"loose source route",
     "47000025 00010000 4011047f c0000201 c6336402 8307040a 00000100 00010002 "
     "0009bbd6 78",
     HS_DROP_SOURCE_ROUTE},
    {"option of length 0",
     "4700001c 00010000 40110999 c0000201 c6336402 83000000 00000000",
     HS_DROP_BAD_OPTIONS},
    {"from 0.0.0.1", "45000014 00010000 401150a2 00000001 c6336402",
     HS_DROP_BAD_SOURCE},
    {"from 127.0.0.1", "45000014 00010000 4011d1a1 7f000001 c6336402",
     HS_DROP_BAD_SOURCE},
    {"from 224.0.0.1", "45000014 00010000 401170a1 e0000001 c6336402",
     HS_DROP_BAD_SOURCE},
    {"to 224.0.0.5", "45000014 00010000 4011d8d1 c0000201 e0000005",
     HS_DROP_MULTICAST},
    {"to 255.255.255.255", "45000014 00010000 4011b8d7 c0000201 ffffffff",
     HS_DROP_BROADCAST},
    {"to 127.0.0.1", "45000014 00010000 401139d6 c0000201 7f000001",
     HS_DROP_BAD_DESTINATION},
    {"to 240.0.0.1", "45000014 00010000 4011c8d5 c0000201 f0000001",
     HS_DROP_BAD_DESTINATION},
    {"to the subnet's broadcast address, 203.0.113.7",
     "45000014 00010000 40117ccf c0000201 cb007107", HS_DROP_BROADCAST},
    {"to the subnet itself, 203.0.113.4",
     "45000014 00010000 40117cd2 c0000201 cb007104", HS_DROP_BROADCAST},
};

START_TEST(packet_is_refused_in_silence)
{
    usual_net((HsPortConfig){0});
    receive(A, refused[_i].hex);
    expect_silence();
    expect_dropped(refused[_i].drop);
    net_end();
}
END_TEST

START_TEST(other_options_pass)
{
    usual_net((HsPortConfig){0});
    receive(A, "47000025 00010000 40118189 c0000201 c6336402 07070400 00000000 "
               "00010002 00099ba1 78");
    ck_assert_uint_eq(net.out[B]->len, 1);
    net_end();
}
END_TEST

START_TEST(ttl_expires)
{
    usual_net((HsPortConfig){0});
    receive(A, HELLO_TTL_1);
    expect_only(net.out[A], TIME_EXCEEDED);
    expect_dropped(HS_DROP_TTL_EXPIRED);
    net_end();
}
END_TEST

START_TEST(ttl_of_zero_expires_too)
{
    usual_net((HsPortConfig){0});
    receive(A, "45000014 00010000 0011cea1 c0000201 c6336402");
    ck_assert_uint_eq(net.out[A]->len, 1);
    expect_dropped(HS_DROP_TTL_EXPIRED);
    net_end();
}
END_TEST

START_TEST(no_route)
{
    usual_net((HsPortConfig){0});
    hs_router_receive(net.router, A,
                      udp_packet(0xc0000201, 0x08080808, 1, 40, false));
    ck_assert_uint_eq(net.out[A]->len, 1);
    expect_icmp(net.out[A]->pdata[0], 3, 0, 0xc0000202);
    expect_dropped(HS_DROP_NO_ROUTE);
    net_end();
}
END_TEST

/* Nobody can be told when there is no way back. */
START_TEST(no_error_without_a_route_back)
{
    usual_net((HsPortConfig){0});
    hs_router_receive(net.router, A,
                      udp_packet(0x09090909, 0x08080808, 1, 40, false));
    ck_assert_uint_eq(net.out[A]->len, 0);
    net_end();
}
END_TEST

START_TEST(special_routes)
{
    usual_net((HsPortConfig){0});
    route_via("198.51.100.2/32", HS_PORT_BLACKHOLE, "static");
    receive(A, HELLO);
    expect_silence();
    expect_dropped(HS_DROP_BLACKHOLE_ROUTE);
    route_via("198.51.100.2/32", HS_PORT_REJECT, "static");
    receive(A, HELLO);
    ck_assert_uint_eq(net.out[A]->len, 1);
    expect_icmp(net.out[A]->pdata[0], 3, 1, 0xc0000202);
    net_end();
}
END_TEST

/* MTU */

START_TEST(df_and_too_big)
{
    usual_net((HsPortConfig){.mtu = 90});
    receive(A, DF_100);
    expect_only(net.out[A], FRAGMENTATION_NEEDED);
    expect_dropped(HS_DROP_TOO_BIG);
    net_end();
}
END_TEST

START_TEST(exactly_the_mtu_passes)
{
    usual_net((HsPortConfig){.mtu = 100});
    receive(A, DF_100);
    ck_assert_uint_eq(net.out[B]->len, 1);
    net_end();
}
END_TEST

START_TEST(too_big_in_silence)
{
    usual_net((HsPortConfig){.mtu = 90, .no_frag_needed = true});
    receive(A, DF_100);
    expect_silence();
    expect_dropped(HS_DROP_TOO_BIG);
    net_end();
}
END_TEST

/* Another router puts the fragments together: the datagram is the one sent,
 * with its TTL one lower. */
START_TEST(fragments_reach_the_far_end)
{
    HsRouterCounters c;
    HsPacket *sent = udp_packet(0xc0000201, 0xc6336402, 9, 3000, false);
    g_autoptr(HsPacket) kept = hs_packet_ref(sent);
    HsReassembly *far = hs_reassembly_new(&(HsReassemblyConfig){0});
    HsReassemblyResult result = {0};

    usual_net((HsPortConfig){.mtu = 1400});
    hs_router_receive(net.router, A, sent);
    ck_assert_uint_eq(net.out[B]->len, 3);
    for (unsigned i = 0; i < 3; i++) {
        HsIpv4 ip = header_of(net.out[B]->pdata[i]);

        ck_assert_uint_eq(ip.ttl, 63);
        ck_assert_uint_le(ip.total_length, 1400);
        result =
            hs_reassembly_add(far, 0, hs_packet_ref(net.out[B]->pdata[i]), &ip);
    }
    ck_assert_ptr_nonnull(result.complete);
    ck_assert_uint_eq(hs_packet_length(result.complete), 3000);
    ck_assert_mem_eq(hs_packet_data(result.complete) + 20,
                     hs_packet_data(kept) + 20, 2980);
    hs_packet_unref(result.complete);
    hs_reassembly_free(far);
    c = hs_router_counters(net.router);
    ck_assert_uint_eq(c.fragmented, 1);
    ck_assert_uint_eq(c.fragments_made, 3);
    ck_assert_uint_eq(c.forwarded, 0);
    net_end();
}
END_TEST

/* RFC 6864: packets with DF may all have the same identification; without DF
 * their fragments must not. */
START_TEST(df_ignored_before_a_tunnel)
{
    uint16_t ids[2];

    usual_net((HsPortConfig){.mtu = 1400, .ignore_df = true});
    for (unsigned i = 0; i < 2; i++) {
        HsPacket *packet = udp_packet(0xc0000201, 0xc6336402, 9, 1500, true);

        hs_ipv4_set_u16(hs_packet_bytes(packet), 4, 0);
        hs_router_receive(net.router, A, packet);
        ck_assert_uint_eq(net.out[B]->len, 2 * i + 2);
        ids[i] = header_of(net.out[B]->pdata[2 * i]).id;
        ck_assert_uint_eq(header_of(net.out[B]->pdata[2 * i + 1]).id, ids[i]);
        ck_assert_uint_eq(header_of(net.out[B]->pdata[2 * i]).fragment,
                          HS_IPV4_MF);
    }
    ck_assert_uint_ne(ids[0], 0);
    ck_assert_uint_ne(ids[0], ids[1]);
    net_end();
}
END_TEST

START_TEST(mss_is_clamped_both_ways)
{
    usual_net((HsPortConfig){.mss_clamp = 1379});
    receive(A, SYN_1460);
    ck_assert_uint_eq(net.out[B]->len, 1);
    ck_assert_mem_eq(hs_packet_data(net.out[B]->pdata[0]) + 42, "\x05\x63", 2);
    ck_assert_uint_eq(hs_router_counters(net.router).mss_clamped, 1);

    /* In by b, out by c. */
    route_via("198.51.100.2/32", C, "static");
    receive(B, SYN_1460);
    ck_assert_mem_eq(hs_packet_data(net.out[C]->pdata[0]) + 42, "\x05\x63", 2);

    /* In by a, out by c: no clamp on the way. */
    receive(A, SYN_1460);
    ck_assert_mem_eq(hs_packet_data(net.out[C]->pdata[1]) + 42, "\x05\xb4", 2);
    net_end();
}
END_TEST

/* This node */

START_TEST(local_packets_reach_the_sink)
{
    usual_net((HsPortConfig){0});
    hs_router_set_local(net.router, deliver, net.local);
    hs_router_receive(net.router, A,
                      udp_packet(0xc0000201, 0xcb007101, 1, 40, false));
    ck_assert_uint_eq(net.local->len, 1);
    ck_assert_uint_eq(net.local_port, A);
    ck_assert_uint_eq(header_of(net.local->pdata[0]).ttl, 64);
    ck_assert_uint_eq(hs_router_counters(net.router).delivered, 1);
    net_end();
}
END_TEST

START_TEST(protocols_have_their_handlers)
{
    g_autoptr(GPtrArray) udp =
        g_ptr_array_new_with_free_func((GDestroyNotify)hs_packet_unref);

    usual_net((HsPortConfig){0});
    hs_router_set_local(net.router, deliver, net.local);
    hs_router_set_protocol(net.router, HS_IP_UDP, 2000, deliver, udp);
    hs_router_set_protocol(net.router, HS_IP_UDP, 2001, deliver, net.local);
    hs_router_receive(net.router, A,
                      udp_packet(0xc0000201, 0xc0000202, 1, 40, false));
    ck_assert_uint_eq(udp->len, 1);
    ck_assert_uint_eq(net.local->len, 0);
    hs_router_set_protocol(net.router, HS_IP_UDP, 2000, NULL, NULL);
    hs_router_receive(net.router, A,
                      udp_packet(0xc0000201, 0xc0000202, 1, 40, false));
    ck_assert_uint_eq(udp->len, 1);
    ck_assert_uint_eq(net.local->len, 1);
    net_end();
}
END_TEST

START_TEST(nobody_listens)
{
    usual_net((HsPortConfig){0});
    hs_router_receive(net.router, A,
                      udp_packet(0xc0000201, 0xc0000202, 1, 40, false));
    ck_assert_uint_eq(net.out[A]->len, 1);
    expect_icmp(net.out[A]->pdata[0], 3, 3, 0xc0000202);
    expect_dropped(HS_DROP_NO_LISTENER);
    net_end();
}
END_TEST

START_TEST(echo_is_answered)
{
    usual_net((HsPortConfig){0});
    receive(A, ECHO);
    expect_only(net.out[A], ECHO_REPLY);
    net_end();
}
END_TEST

START_TEST(echo_is_left_to_the_host)
{
    net_new((HsRouterConfig){.no_echo = true});
    usual_ports((HsPortConfig){0});
    hs_router_set_local(net.router, deliver, net.local);
    receive(A, ECHO);
    expect_only(net.local, ECHO);
    net_end();
}
END_TEST

/* Fragments of one datagram by two ports, to a handler as one. */
START_TEST(fragments_are_put_together_for_this_node)
{
    HsPacket *sent = udp_packet(0xc0000201, 0xc0000202, 1, 2000, false);
    g_autoptr(HsPacket) kept = hs_packet_ref(sent);
    g_autoptr(GPtrArray) pieces =
        g_ptr_array_new_with_free_func((GDestroyNotify)hs_packet_unref);
    HsIpv4 ip = header_of(sent);

    usual_net((HsPortConfig){0});
    hs_router_set_protocol(net.router, HS_IP_UDP, 2000, deliver, net.local);
    hs_fragment_split(sent, &ip, 1000, collect, pieces);
    ck_assert_uint_eq(pieces->len, 3);
    hs_router_receive(net.router, B, hs_packet_ref(pieces->pdata[2]));
    hs_router_receive(net.router, A, hs_packet_ref(pieces->pdata[0]));
    ck_assert_uint_eq(hs_router_counters(net.router).fragments_held, 2);
    expect_balance();
    hs_router_receive(net.router, A, hs_packet_ref(pieces->pdata[1]));
    ck_assert_uint_eq(net.local->len, 1);
    ck_assert_mem_eq(hs_packet_data(net.local->pdata[0]), hs_packet_data(kept),
                     2000);
    net_end();
}
END_TEST

/* RFC 792: code 1, if the first fragment is there to be quoted. */
START_TEST(reassembly_times_out)
{
    HsPacket *sent = udp_packet(0xc0000201, 0xc0000202, 1, 2000, false);
    g_autoptr(GPtrArray) pieces =
        g_ptr_array_new_with_free_func((GDestroyNotify)hs_packet_unref);
    HsIpv4 ip = header_of(sent);

    usual_net((HsPortConfig){0});
    hs_fragment_split(sent, &ip, 1000, collect, pieces);
    hs_router_receive(net.router, A, hs_packet_ref(pieces->pdata[0]));
    hs_router_receive(net.router, A, hs_packet_ref(pieces->pdata[2]));
    fake_world_run(net.world, HS_SEC(30) - 1);
    expect_silence();
    fake_world_run(net.world, HS_SEC(30));
    ck_assert_uint_eq(net.out[A]->len, 1);
    expect_icmp(net.out[A]->pdata[0], 11, 1, 0xc0000202);
    ck_assert_uint_eq(
        hs_router_counters(net.router).drops[HS_DROP_REASSEMBLY_TIMEOUT], 2);
    expect_balance();
    hs_router_receive(net.router, A, hs_packet_ref(pieces->pdata[1]));
    fake_world_run(net.world, HS_SEC(90));
    ck_assert_uint_eq(net.out[A]->len, 1);
    net_end();
}
END_TEST

START_TEST(own_packets_keep_their_ttl)
{
    usual_net((HsPortConfig){0});
    hs_router_originate(net.router, 0, packet_of(HELLO));
    expect_only(net.out[B], HELLO);
    ck_assert_uint_eq(hs_router_counters(net.router).forwarded, 0);
    net_end();
}
END_TEST

START_TEST(own_packet_by_a_named_port)
{
    usual_net((HsPortConfig){0});
    hs_router_output_on(net.router, C, packet_of(HELLO));
    expect_only(net.out[C], HELLO);
    net_end();
}
END_TEST

START_TEST(own_broken_packet_goes_nowhere)
{
    usual_net((HsPortConfig){0});
    hs_router_originate(net.router, 0,
                        packet_of("45000021 12340000 40117c61 c0000201"));
    expect_silence();
    expect_dropped(HS_DROP_TRUNCATED);
    net_end();
}
END_TEST

/* Path-MTU discovery of the host stack on this node. */
START_TEST(own_packet_too_big_tells_the_host)
{
    usual_net((HsPortConfig){.mtu = 1000});
    hs_router_set_local(net.router, deliver, net.local);
    hs_router_originate(net.router, 0,
                        udp_packet(0xcb007101, 0xc6336402, 1, 1200, true));
    ck_assert_uint_eq(net.local->len, 1);
    expect_icmp(net.local->pdata[0], 3, 4, 0xcb007101);
    ck_assert_uint_eq(net.local_port, HS_PORT_NONE);
    net_end();
}
END_TEST

START_TEST(source_of_own_packets)
{
    HsAddr to = addr_of("198.51.100.9"), from = addr_of("9.9.9.9");

    usual_net((HsPortConfig){0});
    ck_assert(hs_router_source_for(net.router, 0, &to, &from));
    ck_assert_uint_eq(hs_addr_to_ipv4(&from), 0xcb007101);
    to = addr_of("203.0.113.6");
    ck_assert(hs_router_source_for(net.router, 0, &to, &from));
    ck_assert_uint_eq(hs_addr_to_ipv4(&from), 0xcb007105);
    to = addr_of("192.0.2.2");
    ck_assert(hs_router_source_for(net.router, 0, &to, &from));
    ck_assert_uint_eq(hs_addr_to_ipv4(&from), 0xc0000202);
    to = addr_of("8.8.8.8");
    ck_assert(!hs_router_source_for(net.router, 0, &to, &from));
    ck_assert_uint_eq(hs_addr_to_ipv4(&from), 0xc0000202);
    net_end();
}
END_TEST

/* A burst of a second's worth, then one each tenth of a second. */
START_TEST(icmp_errors_are_limited)
{
    net_new((HsRouterConfig){.icmp_rate = 10});
    usual_ports((HsPortConfig){0});
    for (unsigned i = 0; i < 25; i++)
        receive(A, HELLO_TTL_1);
    ck_assert_uint_eq(net.out[A]->len, 10);
    ck_assert_uint_eq(hs_router_counters(net.router).icmp_limited, 15);
    fake_world_run(net.world, HS_MSEC(300));
    for (unsigned i = 0; i < 25; i++)
        receive(A, HELLO_TTL_1);
    ck_assert_uint_eq(net.out[A]->len, 13);
    net_end();
}
END_TEST

/* Equal-cost paths */

static void
two_hops(void)
{
    const HsNexthop hops[] = {{.port = B}, {.port = C}};
    HsPrefix prefix = prefix_of("198.51.100.0/24");

    hs_router_route_set(net.router, 0, &prefix, hops, 2, "bgp");
}

START_TEST(flows_are_spread_and_stick)
{
    g_autofree uint8_t *by_b = g_new0(uint8_t, 4000);
    unsigned sum = 0;

    usual_net((HsPortConfig){0});
    two_hops();
    for (uint16_t flow = 0; flow < 4000; flow++) {
        hs_router_receive(net.router, A,
                          udp_packet(0xc0000201, 0xc6336402, flow, 40, false));
        by_b[flow] = net.out[B]->len == 1;
        ck_assert_uint_eq(net.out[B]->len + net.out[C]->len, 1);
        g_ptr_array_set_size(net.out[B], 0);
        g_ptr_array_set_size(net.out[C], 0);
    }
    for (uint16_t flow = 0; flow < 4000; flow++) {
        hs_router_receive(net.router, A,
                          udp_packet(0xc0000201, 0xc6336402, flow, 60, false));
        ck_assert_uint_eq(net.out[B]->len, by_b[flow]);
        g_ptr_array_set_size(net.out[B], 0);
        g_ptr_array_set_size(net.out[C], 0);
    }
    for (unsigned flow = 0; flow < 4000; flow++)
        sum += by_b[flow];
    ck_assert_uint_ge(sum, 2000 - 158); /* five standard deviations */
    ck_assert_uint_le(sum, 2000 + 158);
    net_end();
}
END_TEST

START_TEST(flows_of_a_dead_port_move)
{
    usual_net((HsPortConfig){0});
    two_hops();
    hs_router_port_set_up(net.router, B, false);
    for (uint16_t flow = 0; flow < 100; flow++)
        hs_router_receive(net.router, A,
                          udp_packet(0xc0000201, 0xc6336402, flow, 40, false));
    ck_assert_uint_eq(net.out[C]->len, 100);
    hs_router_port_set_up(net.router, C, false);
    receive(A, HELLO);
    expect_dropped(HS_DROP_PORT_DOWN);
    net_end();
}
END_TEST

/* Routes in time */

START_TEST(fib_changes_after_its_delay)
{
    net_new((HsRouterConfig){.fib_delay = HS_MSEC(100),
                             .fib_delay_each = HS_MSEC(10)});
    usual_ports((HsPortConfig){0});
    fake_world_run(net.world, HS_SEC(1));
    expect_facts("[0.100000000] 198.51.100.0/24: - -> b (bgp)\n");
    route_via("10.1.0.0/16", B, "bgp");
    route_via("10.2.0.0/16", C, "bgp");
    route_via("198.51.100.0/24", C, "bgp");
    ck_assert_uint_eq(hs_router_routes_pending(net.router), 3);
    receive(A, HELLO);
    ck_assert_uint_eq(net.out[B]->len, 1);
    fake_world_run(net.world, HS_SEC(2));
    receive(A, HELLO);
    ck_assert_uint_eq(net.out[C]->len, 1);
    expect_facts("[1.100000000] 10.1.0.0/16: - -> b (bgp)\n"
                 "[1.110000000] 10.2.0.0/16: - -> c (bgp)\n"
                 "[1.120000000] 198.51.100.0/24: b -> c (bgp)\n");
    net_end();
}
END_TEST

static void
delayed_net(void)
{
    net_new((HsRouterConfig){.fib_delay = HS_MSEC(100)});
    usual_ports((HsPortConfig){0});
    fake_world_run(net.world, HS_SEC(1));
    net.facts_told = fake_world_facts(net.world)->len;
}

/* The later change waits its own time, and the earlier one never happens. */
START_TEST(later_change_supersedes)
{
    delayed_net();
    route_via("198.51.100.0/24", C, "one");
    fake_world_run(net.world, HS_MSEC(1050));
    route_via("198.51.100.0/24", HS_PORT_BLACKHOLE, "two");
    ck_assert_uint_eq(hs_router_routes_pending(net.router), 1);
    fake_world_run(net.world, HS_SEC(2));
    expect_facts("[1.150000000] 198.51.100.0/24: b -> blackhole (two)\n");
    net_end();
}
END_TEST

START_TEST(change_back_cancels)
{
    HsPrefix prefix = prefix_of("198.51.100.0/24");

    delayed_net();
    hs_router_route_remove(net.router, 0, &prefix);
    fake_world_run(net.world, HS_MSEC(1050));
    route_via("198.51.100.0/24", B, "again");
    ck_assert_uint_eq(hs_router_routes_pending(net.router), 0);
    fake_world_run(net.world, HS_SEC(2));
    expect_facts("");
    receive(A, HELLO);
    ck_assert_uint_eq(net.out[B]->len, 1);
    net_end();
}
END_TEST

START_TEST(same_change_again_does_not_wait_longer)
{
    delayed_net();
    route_via("198.51.100.0/24", C, "one");
    fake_world_run(net.world, HS_MSEC(1090));
    route_via("198.51.100.0/24", C, "two");
    fake_world_run(net.world, HS_SEC(2));
    expect_facts("[1.100000000] 198.51.100.0/24: b -> c (two)\n");
    net_end();
}
END_TEST

START_TEST(new_route_removed_before_its_turn)
{
    HsPrefix prefix = prefix_of("10.0.0.0/8");

    delayed_net();
    route_via("10.0.0.0/8", C, "one");
    hs_router_route_remove(net.router, 0, &prefix);
    hs_router_route_remove(net.router, 0, &prefix);
    ck_assert_uint_eq(hs_router_routes_pending(net.router), 0);
    fake_world_run(net.world, HS_SEC(2));
    expect_facts("");
    net_end();
}
END_TEST

START_TEST(changes_waiting_at_the_end_are_dropped)
{
    delayed_net();
    route_via("10.0.0.0/8", C, "one");
    route_via("198.51.100.0/24", C, "one");
    net_end(); /* the sanitizers and valgrind look here */
}
END_TEST

/* Ports and connected routes */

START_TEST(port_goes_down_and_up)
{
    usual_net((HsPortConfig){0});
    hs_router_port_set_up(net.router, C, false);
    hs_router_port_set_up(net.router, C, false);
    expect_facts("[0.000000000] 203.0.113.4/30: c -> - (connected)\n");
    receive(C, HELLO);
    expect_silence();
    expect_dropped(HS_DROP_PORT_DOWN);
    hs_router_port_set_up(net.router, C, true);
    expect_facts("[0.000000000] 203.0.113.4/30: - -> c (connected)\n");
    receive(C, HELLO);
    ck_assert_uint_eq(net.out[B]->len, 1);
    net_end();
}
END_TEST

/* A connected route covers one that was set, and gives it free again. */
START_TEST(connected_route_wins_while_it_is_there)
{
    HsPrefix prefix = prefix_of("203.0.113.4/30");

    usual_net((HsPortConfig){0});
    route_via("203.0.113.4/30", B, "bgp");
    expect_facts("");
    hs_router_port_set_up(net.router, C, false);
    hs_router_port_set_up(net.router, C, true);
    hs_router_route_remove(net.router, 0, &prefix);
    expect_facts("[0.000000000] 203.0.113.4/30: c -> b (bgp)\n"
                 "[0.000000000] 203.0.113.4/30: b -> c (connected)\n");
    net_end();
}
END_TEST

static void
write_route(void *user_data, const HsRoute *route)
{
    char prefix[HS_PREFIX_TEXT];

    g_string_append_printf(user_data, "%s %s %u\n",
                           hs_prefix_format(&route->prefix, prefix),
                           route->origin, route->n_hops);
}

/* RFC 3021: both addresses of a /31 are hosts. */
START_TEST(table_is_listed_in_order)
{
    g_autoptr(GString) text = g_string_new(NULL);
    HsAddr addr = addr_of("203.0.113.6");
    HsRoute route;

    usual_net((HsPortConfig){0});
    two_hops();
    hs_router_foreach_route(net.router, 0, write_route, text);
    ck_assert_str_eq(text->str, "192.0.2.0/30 connected 1\n"
                                "192.0.2.0/32 broadcast 0\n"
                                "192.0.2.2/32 local 0\n"
                                "192.0.2.3/32 broadcast 0\n"
                                "198.51.100.0/24 bgp 2\n"
                                "203.0.113.0/31 connected 1\n"
                                "203.0.113.1/32 local 0\n"
                                "203.0.113.4/30 connected 1\n"
                                "203.0.113.4/32 broadcast 0\n"
                                "203.0.113.5/32 local 0\n"
                                "203.0.113.7/32 broadcast 0\n");
    ck_assert_uint_eq(hs_router_n_routes(net.router, 0), 11);
    ck_assert(hs_router_lookup(net.router, 0, &addr, &route));
    ck_assert_uint_eq(route.n_hops, 1);
    ck_assert_uint_eq(route.hops[0].port, C);
    addr = addr_of("8.8.8.8");
    ck_assert(!hs_router_lookup(net.router, 0, &addr, &route));
    net_end();
}
END_TEST

/* VRFs */

START_TEST(vrfs_are_isolated)
{
    HsPrefix prefix = prefix_of("198.51.100.0/24");
    HsNexthop hop = {.port = C};
    unsigned red;

    net_new((HsRouterConfig){0});
    red = hs_router_add_vrf(net.router, "red");
    add_port("a", "192.0.2.2/30", (HsPortConfig){0});
    add_port("b", "203.0.113.1/30", (HsPortConfig){.vrf = red});
    add_port("c", "192.0.2.2/30", (HsPortConfig){.vrf = red});
    hs_router_route_set(net.router, red, &prefix, &hop, 1, "bgp");

    receive(A, HELLO); /* the default VRF has no such route */
    ck_assert_uint_eq(net.out[C]->len, 0);
    ck_assert_uint_eq(net.out[A]->len, 1);
    expect_icmp(net.out[A]->pdata[0], 3, 0, 0xc0000202);
    receive(B, HELLO);
    ck_assert_uint_eq(net.out[C]->len, 1);

    /* The same address in both: each answers in its own. */
    receive(C, ECHO);
    ck_assert_uint_eq(net.out[C]->len, 2);
    ck_assert_uint_eq(net.out[A]->len, 1);

    /* A route whose hop is in another VRF leaks. */
    hs_router_route_set(net.router, 0, &prefix, &hop, 1, "leak");
    receive(A, HELLO);
    ck_assert_uint_eq(net.out[C]->len, 3);
    net_end();
}
END_TEST

/* Faults */

START_TEST(forwarding_off)
{
    usual_net((HsPortConfig){0});
    hs_router_set_forwarding(net.router, false);
    receive(A, HELLO);
    expect_silence();
    expect_dropped(HS_DROP_FORWARDING_OFF);
    receive(A, ECHO);
    ck_assert_uint_eq(net.out[A]->len, 1);
    hs_router_set_forwarding(net.router, true);
    receive(A, HELLO);
    ck_assert_uint_eq(net.out[B]->len, 1);
    net_end();
}
END_TEST

START_TEST(control_off)
{
    usual_net((HsPortConfig){0});
    hs_router_set_local(net.router, deliver, net.local);
    hs_router_set_control(net.router, false);
    receive(A, ECHO);
    expect_silence();
    expect_dropped(HS_DROP_CONTROL_OFF);
    hs_router_originate(net.router, 0, packet_of(HELLO));
    receive(A, HELLO_TTL_1);
    expect_silence();
    receive(A, HELLO);
    ck_assert_uint_eq(net.out[B]->len, 1);
    net_end();
}
END_TEST

/* Anything at all: nothing crashes, and the counters add up. Half are garbage,
 * half a good packet with one bit changed and its checksum set right. */
START_TEST(garbage_is_survived)
{
    static const char *const good[] = {HELLO, ECHO, SYN_1460, DF_100,
                                       TIME_EXCEEDED};
    g_autoptr(HsRng) rng = hs_rng_new((uint64_t)_i, "router", "garbage");

    usual_net((HsPortConfig){.mtu = 68, .mss_clamp = 500, .ignore_df = true});
    for (unsigned step = 0; step < 20000; step++) {
        HsPacket *packet;

        if (hs_rng_below(rng, 2) == 0) {
            uint8_t bytes[80];

            hs_rng_bytes(rng, bytes, sizeof bytes);
            bytes[0] = (uint8_t)(0x40 | (bytes[0] & 0x7));
            packet = hs_packet_new(bytes, hs_rng_below(rng, sizeof bytes));
        } else {
            packet = packet_of(good[hs_rng_below(rng, G_N_ELEMENTS(good))]);
            hs_packet_bytes(
                packet)[hs_rng_below(rng, hs_packet_length(packet))] ^=
                (uint8_t)(1u << hs_rng_below(rng, 8));
        }
        if (hs_packet_length(packet) >= 20 &&
            (size_t)(hs_packet_data(packet)[0] & 0xf) * 4 <=
                hs_packet_length(packet))
            hs_ipv4_set_checksum(hs_packet_bytes(packet));
        hs_router_receive(net.router, (unsigned)hs_rng_below(rng, N_PORTS),
                          packet);
        for (unsigned i = 0; i < N_PORTS; i++) {
            for (unsigned j = 0; j < net.out[i]->len; j++)
                header_of(net.out[i]->pdata[j]);
            g_ptr_array_set_size(net.out[i], 0);
        }
        fake_world_run(net.world, HS_MSEC(10) * step);
        expect_balance();
    }
    ck_assert_uint_gt(hs_router_counters(net.router).forwarded, 100);
    ck_assert_uint_gt(hs_router_counters(net.router).fragmented, 100);
    net_end();
}
END_TEST

static TCase *
tcase_of(Suite *suite, const char *name)
{
    TCase *t = tcase_create(name);

    suite_add_tcase(suite, t);
    return t;
}

/* The filter of a port */

typedef struct {
    unsigned came, left;
    HsDrop answer;
} Guard;

static HsDrop
guard(void *user_data, bool leaving, const HsIpv4 *ip, const HsPacket *packet)
{
    Guard *g = user_data;

    ck_assert_uint_eq(ip->total_length, hs_packet_length(packet));
    if (leaving)
        g->left++;
    else
        g->came++;
    return g->answer;
}

START_TEST(filter_is_asked_at_both_ports)
{
    Guard in = {0}, out = {0};

    usual_net((HsPortConfig){0});
    hs_router_port_set_filter(net.router, A, guard, &in);
    hs_router_port_set_filter(net.router, B, guard, &out);
    receive(A, HELLO);
    expect_only(net.out[B], HELLO_TTL_63);
    ck_assert_uint_eq(in.came, 1);
    ck_assert_uint_eq(in.left, 0);
    ck_assert_uint_eq(out.came, 0);
    ck_assert_uint_eq(out.left, 1);
    net_end();
}
END_TEST

START_TEST(filter_drops_by_name)
{
    Guard in = {.answer = HS_DROP_NO_STATE}, out = {0};

    usual_net((HsPortConfig){0});
    hs_router_port_set_filter(net.router, A, guard, &in);
    hs_router_port_set_filter(net.router, B, guard, &out);
    receive(A, HELLO);
    in.answer = HS_DROP_NONE;
    out.answer = HS_DROP_POLICED_RATE;
    receive(A, HELLO);
    expect_silence();
    ck_assert_uint_eq(out.left, 1);
    ck_assert_uint_eq(hs_router_counters(net.router).drops[HS_DROP_NO_STATE],
                      1);
    ck_assert_uint_eq(
        hs_router_counters(net.router).drops[HS_DROP_POLICED_RATE], 1);
    hs_router_port_set_filter(net.router, B, NULL, NULL);
    receive(A, HELLO);
    expect_only(net.out[B], HELLO_TTL_63);
    net_end();
}
END_TEST

/* What would not have left anyway does not use up a policer's tokens. */
START_TEST(filter_is_not_asked_about_the_lost)
{
    Guard out = {0};

    usual_net((HsPortConfig){.mtu = 90});
    hs_router_port_set_filter(net.router, B, guard, &out);
    receive(A, DF_100);
    hs_router_port_set_up(net.router, B, false);
    receive(A, HELLO);
    ck_assert_uint_eq(out.left, 0);
    net_end();
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("net router");
    TCase *t = tcase_of(suite, "forward");

    tcase_add_test(t, packet_is_forwarded);
    tcase_add_test(t, shared_packet_is_not_changed);
    tcase_add_test(t, padding_of_the_link_is_cut_off);
    tcase_add_loop_test(t, packet_is_refused_in_silence, 0,
                        G_N_ELEMENTS(refused));
    tcase_add_test(t, other_options_pass);
    tcase_add_test(t, ttl_expires);
    tcase_add_test(t, ttl_of_zero_expires_too);
    tcase_add_test(t, no_route);
    tcase_add_test(t, no_error_without_a_route_back);
    tcase_add_test(t, special_routes);

    t = tcase_of(suite, "mtu");
    tcase_add_test(t, df_and_too_big);
    tcase_add_test(t, exactly_the_mtu_passes);
    tcase_add_test(t, too_big_in_silence);
    tcase_add_test(t, fragments_reach_the_far_end);
    tcase_add_test(t, df_ignored_before_a_tunnel);
    tcase_add_test(t, mss_is_clamped_both_ways);

    t = tcase_of(suite, "this node");
    tcase_add_test(t, local_packets_reach_the_sink);
    tcase_add_test(t, protocols_have_their_handlers);
    tcase_add_test(t, nobody_listens);
    tcase_add_test(t, echo_is_answered);
    tcase_add_test(t, echo_is_left_to_the_host);
    tcase_add_test(t, fragments_are_put_together_for_this_node);
    tcase_add_test(t, reassembly_times_out);
    tcase_add_test(t, own_packets_keep_their_ttl);
    tcase_add_test(t, own_packet_by_a_named_port);
    tcase_add_test(t, own_broken_packet_goes_nowhere);
    tcase_add_test(t, own_packet_too_big_tells_the_host);
    tcase_add_test(t, source_of_own_packets);
    tcase_add_test(t, icmp_errors_are_limited);

    t = tcase_of(suite, "routes");
    tcase_add_test(t, flows_are_spread_and_stick);
    tcase_add_test(t, flows_of_a_dead_port_move);
    tcase_add_test(t, fib_changes_after_its_delay);
    tcase_add_test(t, later_change_supersedes);
    tcase_add_test(t, change_back_cancels);
    tcase_add_test(t, same_change_again_does_not_wait_longer);
    tcase_add_test(t, new_route_removed_before_its_turn);
    tcase_add_test(t, changes_waiting_at_the_end_are_dropped);
    tcase_add_test(t, port_goes_down_and_up);
    tcase_add_test(t, connected_route_wins_while_it_is_there);
    tcase_add_test(t, table_is_listed_in_order);
    tcase_add_test(t, vrfs_are_isolated);

    t = tcase_of(suite, "filter");
    tcase_add_test(t, filter_is_asked_at_both_ports);
    tcase_add_test(t, filter_drops_by_name);
    tcase_add_test(t, filter_is_not_asked_about_the_lost);

    t = tcase_of(suite, "faults");
    tcase_add_test(t, forwarding_off);
    tcase_add_test(t, control_off);
    tcase_add_loop_test(t, garbage_is_survived, 0, 3);
    return run_suite(suite);
}
