/* Worlds with several virtual interfaces: which of them carries what, what a
 * DX gateway makes reachable, and what happens on a shared or bundled wire.
 * Short runs with little traffic; what a test breaks, it breaks by hand. */

#include "config.h"

#include "models/net/ipv4.h"
#include "sim/world/private.h"
#include "tests/harness/run.h"

#include <string.h>

#define SITE                                                                   \
    "[scenario]\n"                                                             \
    "duration = 40s\n"                                                         \
    "warmup = 5s\n"                                                            \
    "[onprem dc]\n"                                                            \
    "asn = 65001\n"                                                            \
    "prefix = 172.16.0.0/24\n"                                                 \
    "[vpc app]\n"                                                              \
    "cidr = 10.0.0.0/16\n"                                                     \
    "[gateway vgw]\n"                                                          \
    "attach = app\n"                                                           \
    "[database orders]\n"                                                      \
    "client = app\n"                                                           \
    "server = dc\n"                                                            \
    "rate = 20/s\n"                                                            \
    "pool = 8\n"                                                               \
    "[probe]\n"                                                                \
    "interval = 50ms\n"                                                        \
    "[capture]\n"                                                              \
    "file = no\n"

#define TWO                                                                    \
    SITE "[dx a]\n"                                                            \
         "between = dc, vgw\n"                                                 \
         "bfd = 300ms x 3\n"                                                   \
         "[dx b]\n"                                                            \
         "between = dc, vgw\n"                                                 \
         "bfd = 300ms x 3\n"

typedef struct {
    HsScenario *scenario;
    HsWorld *world;
} Run;

static void
run_clear(Run *run)
{
    hs_world_free(run->world);
    hs_scenario_free(run->scenario);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Run, run_clear)

static void
load(Run *run, const char *source, const char *const *sets)
{
    g_autoptr(GError) error = NULL;

    run->scenario =
        hs_scenario_load_data("test.ini", source, strlen(source), sets, &error);
    ck_assert_msg(run->scenario != NULL, "%s",
                  error != NULL ? error->message : "");
    run->world = hs_world_new(run->scenario, &(HsWorldOptions){0});
}

#define SETS(...) ((const char *const[]){__VA_ARGS__, NULL})
#define LOAD(name, source, ...)                                                \
    g_auto(Run) name = {0};                                                    \
    load(&name, source, SETS(__VA_ARGS__))

/* Packets of the database and the probes that END of LINK has sent so far, as
 * the exposure saw them, readable or under MACsec. */
static uint64_t
carried(const Run *run, const char *name, unsigned end)
{
    const WorldLink *link = hs_world_find_link(run->world, name);
    const HsExposureLink *seen;

    ck_assert_ptr_nonnull(link);
    seen = hs_exposure_link(run->world->exposure, link->exposure_id);
    return seen->direction[end].packets[HS_EXPOSURE_CLEAR] +
           seen->direction[end].packets[HS_EXPOSURE_MACSEC];
}

/* What crossed LINK from END between now and UNTIL. */
static uint64_t
carries(Run *run, const char *link, unsigned end, HsTime until)
{
    uint64_t before = carried(run, link, end);

    hs_world_run_to(run->world, until);
    return carried(run, link, end) - before;
}

static BgpState
state_of(const Run *run, const char *link, unsigned end)
{
    return bgp_peer_state(hs_control_peer_bgp(
        hs_world_find_link(run->world, link)->end[end].peer));
}

/* The last best route to PREFIX that NODE told; NULL: none. */
static const char *
best_at(const Run *run, const char *node, const char *prefix)
{
    const char *best = NULL;
    HsFact f;

    for (size_t i = 0; hs_facts_next(run->world->facts, &i,
                                     HS_FACT_BIT(HS_FACT_ROUTE_BEST), &f);)
        if (g_str_equal(f.node, node) && g_str_equal(f.subject, prefix))
            best = f.to;
    return best;
}

/* Towards the site AWS chooses, by community before path; towards AWS the
 * customer, by its own preference. */
START_TEST(communities_choose_the_way_down)
{
    LOAD(run, TWO, "dx a.communities=7224:7100", "dx b.communities=7224:7300",
         "dx b.prepend=5");

    hs_world_run_to(run.world, HS_SEC(5));
    ck_assert_uint_gt(carries(&run, "b", 1, HS_SEC(10)), 100);
    ck_assert_uint_eq(carries(&run, "a", 1, HS_SEC(15)), 0);
    ck_assert_str_eq(best_at(&run, "vgw", "172.16.0.0/24"), "b bgp");
    /* a cut, and the other one carries it */
    hs_sim_link_set_carrier(hs_world_find_link(run.world, "b")->sim, false);
    hs_world_run_to(run.world, HS_SEC(16));
    ck_assert_str_eq(best_at(&run, "vgw", "172.16.0.0/24"), "a bgp");
    ck_assert_uint_gt(carries(&run, "a", 1, HS_SEC(20)), 100);
}
END_TEST

/* Equal in all that AWS looks at: flows are spread, and each stays. */
START_TEST(equal_interfaces_share_the_flows)
{
    LOAD(run, TWO, "dx a.local-preference=200");
    uint64_t a, b;

    hs_world_run_to(run.world, HS_SEC(5));
    a = carried(&run, "a", 1);
    b = carried(&run, "b", 1);
    hs_world_run_to(run.world, HS_SEC(20));
    ck_assert_uint_gt(carried(&run, "a", 1) - a, 20);
    ck_assert_uint_gt(carried(&run, "b", 1) - b, 20);
}
END_TEST

/* AWS's failover test: the session is down from AWS's side, the way changes,
 * and comes back after it. */
START_TEST(failover_test_moves_the_traffic)
{
    LOAD(run, TWO, "dx b.prepend=1", "dx b.local-preference=150",
         "scenario.duration=200s");
    HsControlPeer *aws;

    hs_world_run_to(run.world, HS_SEC(10));
    ck_assert_str_eq(best_at(&run, "vgw", "172.16.0.0/24"), "a bgp");
    aws = hs_world_find_link(run.world, "a")->end[1].peer;
    hs_control_shut(aws, "failover test");
    hs_world_run_to(run.world, HS_SEC(11));
    ck_assert_str_eq(best_at(&run, "vgw", "172.16.0.0/24"), "b bgp");
    ck_assert_str_eq(best_at(&run, "dc.gateway", "10.0.0.0/16"), "b bgp");
    ck_assert_uint_gt(carries(&run, "b", 1, HS_SEC(15)), 100);
    hs_control_open(aws);
    /* the customer's ConnectRetryTimer: 120 s (RFC 4271 10) */
    hs_world_run_to(run.world, HS_SEC(190));
    ck_assert_int_eq(state_of(&run, "a", 0), BGP_ESTABLISHED);
    ck_assert_str_eq(best_at(&run, "vgw", "172.16.0.0/24"), "a bgp");
}
END_TEST

/* DX gateways */

#define GLOBAL                                                                 \
    SITE "[vpc other]\n"                                                       \
         "cidr = 10.1.0.0/16\n"                                                \
         "region = ireland\n"                                                  \
         "[gateway vgw2]\n"                                                    \
         "attach = other\n"                                                    \
         "asn = 64514\n"                                                       \
         "[dxgw global]\n"                                                     \
         "asn = 64513\n"                                                       \
         "[association one]\n"                                                 \
         "between = global, vgw\n"                                             \
         "[association two]\n"                                                 \
         "between = global, vgw2\n"                                            \
         "[dx a]\n"                                                            \
         "between = dc, global\n"                                              \
         "bfd = 300ms x 3\n"                                                   \
         "[dx b]\n"                                                            \
         "between = dc, global\n"                                              \
         "bfd = 300ms x 3\n"                                                   \
         "region = ireland\n"

/* Each gateway prefers the location of its own region; the site hears of both
 * VPCs by both interfaces. */
START_TEST(dxgw_joins_two_gateways)
{
    LOAD(run, GLOBAL, "scenario.seed=1");
    WorldNode *near, *far;
    HsRoute route;
    HsAddr site = hs_addr_ipv4(0xac10000a);

    hs_world_run_to(run.world, HS_SEC(10));
    near = hs_world_find_node(run.world, "vgw");
    far = hs_world_find_node(run.world, "vgw2");
    ck_assert(hs_router_lookup(near->router, 0, &site, &route));
    ck_assert_str_eq(hs_router_port_name(near->router, route.hops[0].port),
                     "a");
    ck_assert(hs_router_lookup(far->router, 0, &site, &route));
    ck_assert_str_eq(hs_router_port_name(far->router, route.hops[0].port), "b");
    ck_assert_str_eq(best_at(&run, "vgw", "172.16.0.0/24"), "global");
    ck_assert_ptr_nonnull(best_at(&run, "dc.gateway", "10.1.0.0/16"));
    ck_assert_uint_gt(carries(&run, "a", 1, HS_SEC(15)), 100);
    /* Detected by BFD at the endpoint, told by the DX gateway. */
    hs_sim_link_set_black_hole(hs_world_find_link(run.world, "a")->sim, 0,
                               true);
    hs_world_run_to(run.world, HS_SEC(17));
    ck_assert(hs_router_lookup(near->router, 0, &site, &route));
    ck_assert_str_eq(hs_router_port_name(near->router, route.hops[0].port),
                     "b");
    ck_assert_uint_gt(carries(&run, "b", 1, HS_SEC(20)), 100);
}
END_TEST

/* What is not allowed is not announced; the rest is. */
START_TEST(dxgw_filters_what_is_not_allowed)
{
    LOAD(run, GLOBAL, "association two.allowed-prefixes=10.0.0.0/8",
         "association one.allowed-prefixes=10.0.0.0/16");

    hs_world_run_to(run.world, HS_SEC(5));
    ck_assert_ptr_nonnull(best_at(&run, "dc.gateway", "10.1.0.0/16"));
    ck_assert_ptr_nonnull(best_at(&run, "dc.gateway", "10.0.0.0/16"));
    ck_assert_ptr_null(best_at(&run, "dc.gateway", "10.0.0.0/8"));
}
END_TEST

/* Wires */

#define SHARED                                                                 \
    SITE "[connection wire]\n"                                                 \
         "rate = 10Gbps\n"                                                     \
         "[dx a]\n"                                                            \
         "between = dc, vgw\n"                                                 \
         "connection = wire\n"                                                 \
         "vlan = 101\n"                                                        \
         "[dx b]\n"                                                            \
         "between = dc, vgw\n"                                                 \
         "connection = wire\n"                                                 \
         "prepend = 1\n"                                                       \
         "local-preference = 150\n"                                            \
         "vlan = 102\n"

/* The light is the connection's, what it carries is each interface's own. */
START_TEST(a_connection_is_shared)
{
    LOAD(run, SHARED, "scenario.seed=1");
    const WorldLink *wire, *a;
    HsSimLinkCounters all, one, other;

    hs_world_run_to(run.world, HS_SEC(10));
    wire = hs_world_find_link(run.world, "wire");
    a = hs_world_find_link(run.world, "a");
    hs_sim_link_counters(wire->sim, 0, &all);
    hs_sim_link_counters(a->sim, 0, &one);
    hs_sim_link_counters(hs_world_find_link(run.world, "b")->sim, 0, &other);
    ck_assert_uint_gt(other.sent_packets, 0);
    ck_assert_uint_eq(all.sent_packets, one.sent_packets + other.sent_packets);
    /* A hole in one VLAN leaves the other. */
    hs_sim_link_set_black_hole(a->sim, 0, true);
    hs_world_run_to(run.world, HS_SEC(11));
    ck_assert_int_eq(state_of(&run, "b", 0), BGP_ESTABLISHED);
    hs_sim_link_set_carrier(wire->sim, false);
    hs_world_run_to(run.world, HS_SEC(12));
    for (unsigned end = 0; end < 2; end++) {
        ck_assert_int_ne(state_of(&run, "a", end), BGP_ESTABLISHED);
        ck_assert_int_ne(state_of(&run, "b", end), BGP_ESTABLISHED);
    }
}
END_TEST

/* Two interfaces want more than the wire has: together they get what it has. */
START_TEST(the_rate_is_shared)
{
    LOAD(run, SHARED, "connection wire.rate=1Gbps", "connection wire.queue=50");
    const WorldLink *a, *b;
    HsSimLinkCounters one, other;
    uint64_t bits = 0;

    hs_world_run_to(run.world, HS_SEC(10));
    a = hs_world_find_link(run.world, "a");
    b = hs_world_find_link(run.world, "b");
    hs_sim_link_counters(a->sim, 1, &one);
    hs_sim_link_counters(b->sim, 1, &other);
    bits -= (one.bytes[HS_SIM_LINK_DELIVERED] +
             other.bytes[HS_SIM_LINK_DELIVERED]) *
            8;
    for (unsigned i = 0; i < 2000; i++) {
        hs_sim_link_send(i % 2 == 0 ? a->sim : b->sim, 1,
                         hs_packet_new(NULL, 1462));
        if (i % 20 == 19) /* 20 frames of 1504 B and more in 0.2 ms */
            hs_world_run_to(run.world,
                            hs_sim_now(run.world->sim) + HS_USEC(200));
    }
    hs_world_run_to(run.world, HS_SEC(10) + HS_MSEC(25));
    hs_sim_link_counters(a->sim, 1, &one);
    hs_sim_link_counters(b->sim, 1, &other);
    bits += (one.bytes[HS_SIM_LINK_DELIVERED] +
             other.bytes[HS_SIM_LINK_DELIVERED]) *
            8;
    /* 20 ms at 1 Gbit/s, and what waited in the queue. */
    ck_assert_uint_gt(bits, 18000000);
    ck_assert_uint_lt(bits, 21500000);
    ck_assert_uint_gt(one.packets[HS_SIM_LINK_QUEUE_FULL] +
                          other.packets[HS_SIM_LINK_QUEUE_FULL],
                      100);
}
END_TEST

/* A LAG of two: without one it carries on, below its minimum it goes. */
START_TEST(a_lag_lives_as_long_as_its_minimum)
{
    LOAD(run, TWO, "dx a.lag=2",
         _i == 0 ? "dx a.lag.min-links=0" : "dx a.lag.min-links=2",
         "dx b.prepend=1", "dx b.local-preference=150");
    HsSimLink *lag;

    hs_world_run_to(run.world, HS_SEC(10));
    lag = hs_world_find_link(run.world, "a")->sim;
    ck_assert_uint_eq(hs_sim_link_members(lag), 2);
    hs_sim_link_set_member(lag, 0, false);
    hs_world_run_to(run.world, HS_SEC(11));
    ck_assert(hs_sim_link_carrier(lag) == (_i == 0));
    ck_assert_str_eq(best_at(&run, "vgw", "172.16.0.0/24"),
                     _i == 0 ? "a bgp" : "b bgp");
    ck_assert_uint_gt(carries(&run, _i == 0 ? "a" : "b", 1, HS_SEC(15)), 100);
    hs_sim_link_set_member(lag, 1, false);
    hs_world_run_to(run.world, HS_SEC(16));
    ck_assert_str_eq(best_at(&run, "vgw", "172.16.0.0/24"), "b bgp");
}
END_TEST

/* A hosted connection drops above its rate, wherever the excess came from: in
 * 20 ms at 50 Mbit/s, 1 Mbit pass, and the bucket of 10 ms. */
START_TEST(a_hosted_connection_is_policed)
{
    LOAD(run, TWO, "dx a.type=hosted", "dx a.rate=50Mbps", "dx b.prepend=1",
         "dx b.local-preference=150");
    const WorldLink *a;
    const HsPolicerCounters *policed;
    HsSimLinkCounters on_the_wire;

    hs_world_run_to(run.world, HS_SEC(10));
    a = hs_world_find_link(run.world, "a");
    policed = hs_dx_endpoint_policed(a->end[1].node->model, false);
    ck_assert_uint_gt(policed->passed_packets, 100);
    ck_assert_uint_eq(policed->dropped_packets, 0);
    for (unsigned i = 0; i < 200; i++) { /* 120 Mbit/s */
        uint8_t bytes[1500] = {0x45, 0,  1500 >> 8, 1500 & 0xff, 0, 0,   0,
                               0,    64, 253,       0,           0, 172, 16,
                               0,    10, 10,        0,           0, 10};

        hs_ipv4_set_checksum(bytes);
        hs_sim_link_send(a->sim, 0, hs_packet_new(bytes, sizeof bytes));
        hs_world_run_to(run.world, hs_sim_now(run.world->sim) + HS_USEC(100));
    }
    hs_world_run_to(run.world, HS_SEC(11));
    hs_sim_link_counters(a->sim, 0, &on_the_wire);
    ck_assert_uint_eq(on_the_wire.packets[HS_SIM_LINK_QUEUE_FULL], 0);
    /* (1 Mbit + 500 kbit) / 12 kbit = 125 of the 200 */
    ck_assert_uint_ge(policed->dropped_packets, 75);
    ck_assert_uint_le(policed->dropped_packets, 80);
    ck_assert_uint_eq(
        hs_router_counters(a->end[1].node->router).drops[HS_DROP_POLICED_RATE],
        policed->dropped_packets);
}
END_TEST

/* MACsec hides what is on its hop, and on no other; and costs 32 bytes. */
START_TEST(macsec_hides_its_hop)
{
    LOAD(run, TWO, "dx a.macsec=must_encrypt", "dx a.rate=10Gbps",
         "dx b.prepend=1", "dx b.local-preference=150");
    const HsExposureLink *hidden, *seen;

    hs_world_run_to(run.world, HS_SEC(10));
    hidden = hs_exposure_link(run.world->exposure,
                              hs_world_find_link(run.world, "a")->exposure_id);
    seen = hs_exposure_link(
        run.world->exposure,
        hs_world_find_link(run.world, "a.backbone")->exposure_id);
    ck_assert(!hidden->trusted && !hidden->seen_clear);
    ck_assert_uint_gt(hidden->total.packets[HS_EXPOSURE_MACSEC], 100);
    ck_assert_uint_eq(hidden->total.packets[HS_EXPOSURE_CLEAR], 0);
    ck_assert_uint_eq(hs_exposure_kind_clear(run.world->exposure, HS_LINK_DX),
                      0);
    ck_assert_uint_gt(seen->total.packets[HS_EXPOSURE_CLEAR], 100);
    hs_sim_link_set_carrier(hs_world_find_link(run.world, "a")->sim, false);
    hs_world_run_to(run.world, HS_SEC(15));
    ck_assert_uint_gt(hs_exposure_kind_clear(run.world->exposure, HS_LINK_DX),
                      0);
}
END_TEST

/* A tunnel that is not pinned to an interface outlives the loss of one: BFD of
 * the interface is all that it takes, IKE and the tunnel's BGP hear nothing. */
START_TEST(an_unpinned_tunnel_outlives_an_interface)
{
    LOAD(run,
         SITE "[dx a]\n"
              "between = dc, vgw\n"
              "vif = public\n"
              "bfd = 300ms x 3\n"
              "[dx b]\n"
              "between = dc, vgw\n"
              "vif = public\n"
              "bfd = 300ms x 3\n"
              "[vpn tunnels]\n"
              "between = dc, vgw\n"
              "underlay = a, b\n",
         "scenario.seed=1");
    WorldNode *network;
    HsRoute route;
    const HsVpn *vpn;

    hs_world_run_to(run.world, HS_SEC(15));
    vpn = hs_scenario_vpn(run.scenario, 0);
    network = hs_world_find_node(run.world, "dx.public");
    ck_assert_ptr_nonnull(network);
    ck_assert(hs_router_lookup(network->router, 0, &vpn->outside, &route));
    ck_assert_uint_eq(route.n_hops, 2);
    ck_assert_str_eq(best_at(&run, "vgw", "172.16.0.0/24"),
                     "tunnels.tunnel1 bgp");
    hs_sim_link_set_black_hole(hs_world_find_link(run.world, "a")->sim, 0,
                               true);
    hs_world_run_to(run.world, HS_SEC(17));
    ck_assert(hs_router_lookup(network->router, 0, &vpn->outside, &route));
    ck_assert_uint_eq(route.n_hops, 1);
    ck_assert_str_eq(hs_router_port_name(network->router, route.hops[0].port),
                     "b");
    hs_world_run_to(run.world, HS_SEC(39));
    /* the tunnel's session never noticed */
    ck_assert_str_eq(best_at(&run, "vgw", "172.16.0.0/24"),
                     "tunnels.tunnel1 bgp");
    ck_assert_str_eq(best_at(&run, "dc.gateway", "10.0.0.0/16"),
                     "tunnels.tunnel1 bgp");
}
END_TEST

/* The hundred-and-first prefix: not here, but the limit that was asked for. */
START_TEST(the_prefix_limit_is_the_scenarios)
{
    LOAD(run, TWO, "dx a.aws.prefix-limit=7");

    ck_assert_uint_eq(
        hs_control_peer_config(hs_world_find_link(run.world, "a")->end[1].peer)
            ->max_prefixes,
        7);
    ck_assert_uint_eq(
        hs_control_peer_config(hs_world_find_link(run.world, "b")->end[1].peer)
            ->max_prefixes,
        100);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("world: Direct Connect");
    TCase *tc = tcase_create("dx");

    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, communities_choose_the_way_down);
    tcase_add_test(tc, equal_interfaces_share_the_flows);
    tcase_add_test(tc, failover_test_moves_the_traffic);
    tcase_add_test(tc, dxgw_joins_two_gateways);
    tcase_add_test(tc, dxgw_filters_what_is_not_allowed);
    tcase_add_test(tc, a_connection_is_shared);
    tcase_add_test(tc, the_rate_is_shared);
    tcase_add_loop_test(tc, a_lag_lives_as_long_as_its_minimum, 0, 2);
    tcase_add_test(tc, a_hosted_connection_is_policed);
    tcase_add_test(tc, macsec_hides_its_hop);
    tcase_add_test(tc, an_unpinned_tunnel_outlives_an_interface);
    tcase_add_test(tc, the_prefix_limit_is_the_scenarios);
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}
