/* Worlds with transit gateways: two VPCs and a VPN whose tunnels share the
 * load, tables that keep VPCs apart, and two regions with a peering between
 * them. */

#include "config.h"

#include "sim/observe/samples.h"
#include "sim/routes/routes.h"
#include "sim/world/private.h"
#include "tests/harness/run.h"

#include <string.h>

static const char hub[] = "[scenario]\n"
                          "duration = 90s\n"
                          "warmup = 10s\n"
                          "[onprem dc]\n"
                          "asn = 65001\n"
                          "prefix = 172.16.0.0/24\n"
                          "[vpc app]\n"
                          "cidr = 10.0.0.0/16\n"
                          "[vpc web]\n"
                          "cidr = 10.1.0.0/16\n"
                          "[gateway hub]\n"
                          "type = tgw\n"
                          "attach = app, web\n"
                          "[vpn backup]\n"
                          "between = dc, hub\n"
                          "underlay = internet\n"
                          "[internet]\n"
                          "[database orders]\n"
                          "client = app\n"
                          "server = dc\n"
                          "rate = 20/s\n"
                          "pool = 16\n"
                          "[probe]\n"
                          "interval = 100ms\n";

static const char apart[] = "[table spokes]\n"
                            "of = hub\n"
                            "associate = app, web\n"
                            "propagate = backup\n"
                            "routes = 10.0.0.0/8 blackhole\n"
                            "[table edge]\n"
                            "of = hub\n"
                            "associate = backup\n"
                            "propagate = app, web\n";

static const char cut[] = "[fault cut]\n"
                          "target = backup.tunnel1\n"
                          "action = blackhole\n"
                          "at = 30s\n"
                          "for = forever\n";

static const char regions[] = "[scenario]\n"
                              "duration = 30s\n"
                              "warmup = 10s\n"
                              "[onprem dc]\n"
                              "asn = 65001\n"
                              "prefix = 172.16.0.0/24\n"
                              "[vpc app]\n"
                              "cidr = 10.0.0.0/16\n"
                              "[vpc far]\n"
                              "cidr = 10.128.0.0/16\n"
                              "region = tokyo\n"
                              "[gateway hub]\n"
                              "type = tgw\n"
                              "attach = app\n"
                              "[gateway hub2]\n"
                              "type = tgw\n"
                              "asn = 64513\n"
                              "attach = far\n"
                              "region = tokyo\n"
                              "[peering ocean]\n"
                              "between = hub, hub2\n"
                              "delay = 70ms\n"
                              "[table near]\n"
                              "of = hub\n"
                              "associate = all\n"
                              "propagate = all\n"
                              "routes = 10.128.0.0/16 via ocean\n"
                              "[table distant]\n"
                              "of = hub2\n"
                              "associate = all\n"
                              "propagate = all\n"
                              "routes = 172.16.0.0/24 via ocean\n"
                              "[vpn backup]\n"
                              "between = dc, hub\n"
                              "underlay = internet\n"
                              "[internet]\n"
                              "delay = 8ms\n"
                              "[database orders]\n"
                              "client = far\n"
                              "server = dc\n"
                              "rate = 5/s\n"
                              "[probe]\n"
                              "interval = 200ms\n";

/* Direct Connect carries the tunnels' outer packets, and nothing else. */
static const char private[] = "[scenario]\n"
                              "duration = 40s\n"
                              "warmup = 10s\n"
                              "[onprem dc]\n"
                              "asn = 65001\n"
                              "prefix = 172.16.0.0/24\n"
                              "[vpc app]\n"
                              "cidr = 10.0.0.0/16\n"
                              "[gateway hub]\n"
                              "type = tgw\n"
                              "attach = app\n"
                              "cidr = 10.99.0.0/24\n"
                              "[dxgw dxg]\n"
                              "asn = 64600\n"
                              "[association a]\n"
                              "between = dxg, hub\n"
                              "allowed-prefixes = 10.99.0.0/24\n"
                              "[dx primary]\n"
                              "between = dc, dxg\n"
                              "vif = transit\n"
                              "announce = 192.168.255.0/24\n"
                              "[vpn main]\n"
                              "between = dc, hub\n"
                              "underlay = primary\n"
                              "[database orders]\n"
                              "client = app\n"
                              "server = dc\n"
                              "rate = 10/s\n"
                              "[probe]\n"
                              "interval = 100ms\n";

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
make(Run *run, const char *text, const char *more, const char *set)
{
    g_autofree char *source = g_strconcat(text, more, NULL);
    const char *const sets[] = {set, NULL};
    g_autoptr(GError) error = NULL;

    run->scenario =
        hs_scenario_load_data("test.ini", source, strlen(source), sets, &error);
    ck_assert_msg(run->scenario != NULL, "%s",
                  error != NULL ? error->message : "");
    run->world = hs_world_new(run->scenario, &(HsWorldOptions){0});
}

/* Packets towards on-premises that LINK carried. */
static uint64_t
carried(const HsWorld *world, const char *link)
{
    for (unsigned i = 0; i < hs_world_links(world); i++) {
        HsWorldLinkReport report = hs_world_link_report(world, i);

        if (g_str_equal(report.name, link))
            return report.direction[1].sent_packets;
    }
    ck_abort_msg("no link %s", link);
    return 0;
}

/* Probes of one direction sent in [from, to), and how many arrived. */
static void
count_probes(const HsWorld *world, const char *direction, HsTime from,
             HsTime to, unsigned *ret_sent, unsigned *ret_arrived)
{
    g_autoptr(GHashTable) sent = g_hash_table_new(NULL, NULL);
    HsFact fact;

    *ret_arrived = 0;
    for (size_t i = 0; hs_facts_next(hs_world_facts(world), &i,
                                     HS_FACT_BIT(HS_FACT_PROBE_SENT), &fact);)
        if (g_str_equal(fact.subject, direction) && fact.at >= from &&
            fact.at < to)
            g_hash_table_add(sent, GUINT_TO_POINTER((guint)fact.id));
    for (size_t i = 0;
         hs_facts_next(hs_world_facts(world), &i,
                       HS_FACT_BIT(HS_FACT_PROBE_RECEIVED), &fact);)
        *ret_arrived +=
            g_str_equal(fact.subject, direction) &&
            g_hash_table_contains(sent, GUINT_TO_POINTER((guint)fact.id));
    *ret_sent = g_hash_table_size(sent);
}

static void
expect_all_arrive(const HsWorld *world, HsTime from, HsTime to)
{
    static const char *const directions[] = {"to AWS", "to on-premises"};

    for (unsigned i = 0; i < 2; i++) {
        unsigned sent, arrived;

        count_probes(world, directions[i], from, to, &sent, &arrived);
        ck_assert_uint_gt(sent, 50);
        ck_assert_msg(arrived == sent, "%s: %u of %u", directions[i], arrived,
                      sent);
    }
}

/* The links and tunnels of the ways from FROM to TO, and how each ends. */
static char *
ways_of(const HsWorld *world, HsTime at, const char *from_text,
        const char *to_text)
{
    g_autoptr(HsRoutes) routes = hs_routes_new(world, at);
    GString *text = g_string_new(NULL);
    const HsAddr *lost;
    HsAddr from, to;
    const HsRoutesPath *path;

    ck_assert(hs_addr_parse(from_text, &from));
    ck_assert(hs_addr_parse(to_text, &to));
    ck_assert(hs_routes_add_pair(routes, world, &from, &to, &lost));
    path = routes->paths->pdata[0];
    for (guint w = 0; w < path->ways->len; w++) {
        const HsRoutesWay *way = path->ways->pdata[w];

        for (guint i = 0; i < way->hops->len; i++) {
            const HsRoutesHop *hop = way->hops->pdata[i];

            if (hop->through != NULL)
                g_string_append_printf(text, "%s ", hop->through);
        }
        g_string_append_printf(text, "%s\n", hs_routes_end_name(way->end));
    }
    return g_string_free(text, FALSE);
}

START_TEST(tunnels_share_what_goes_to_the_site)
{
    g_auto(Run) run = {0};
    g_autofree char *ways = NULL;
    uint64_t first, second;

    make(&run, hub, "", NULL);
    hs_world_run(run.world);
    expect_all_arrive(run.world, HS_SEC(10), HS_SEC(80));
    ways = ways_of(run.world, HS_SEC(90), "10.0.0.10", "172.16.0.10");
    ck_assert_str_eq(ways,
                     "hub.app backup.tunnel1.backbone backup.tunnel1 dc.lan "
                     "delivered\n"
                     "hub.app backup.tunnel2.backbone backup.tunnel2 dc.lan "
                     "delivered\n");
    first = carried(run.world, "backup.tunnel1.backbone");
    second = carried(run.world, "backup.tunnel2.backbone");
    /* Eighteen flows, by a hash: not all on one. */
    ck_assert_uint_gt(first, 100);
    ck_assert_uint_gt(second, 100);
}
END_TEST

START_TEST(without_ecmp_one_carries_all)
{
    g_auto(Run) run = {0};

    make(&run, hub, "", "gateway hub.vpn-ecmp=no");
    hs_world_run(run.world);
    expect_all_arrive(run.world, HS_SEC(10), HS_SEC(80));
    ck_assert_uint_gt(carried(run.world, "backup.tunnel1.backbone"), 100);
    ck_assert_uint_eq(carried(run.world, "backup.tunnel2.backbone"), 0);
}
END_TEST

/* BGP notices after 30 s at the latest; what its flows were goes by the other
 * tunnel from then on. */
START_TEST(a_lost_tunnel_leaves_its_flows_to_the_other)
{
    g_auto(Run) run = {0};
    g_autofree char *ways = NULL;

    make(&run, hub, cut, NULL);
    hs_world_run(run.world);
    expect_all_arrive(run.world, HS_SEC(10), HS_SEC(29));
    expect_all_arrive(run.world, HS_SEC(65), HS_SEC(80));
    ways = ways_of(run.world, HS_SEC(90), "10.0.0.10", "172.16.0.10");
    ck_assert_str_eq(ways,
                     "hub.app backup.tunnel2.backbone backup.tunnel2 dc.lan "
                     "delivered\n");
}
END_TEST

START_TEST(tables_keep_vpcs_apart)
{
    g_auto(Run) run = {0};
    WorldNode *node;
    HsAddr web, site;
    HsRoute route;
    unsigned vrf = 0;

    make(&run, hub, apart, NULL);
    hs_world_run(run.world);
    expect_all_arrive(run.world, HS_SEC(10), HS_SEC(80));
    node = hs_world_find_node(run.world, "hub");
    for (unsigned i = 0; i < hs_router_n_vrfs(node->router); i++)
        if (g_str_equal(hs_router_vrf_name(node->router, i), "spokes"))
            vrf = i;
    ck_assert_uint_ne(vrf, 0);
    ck_assert(hs_addr_parse("10.1.0.10", &web));
    ck_assert(hs_addr_parse("172.16.0.10", &site));
    ck_assert(hs_router_lookup(node->router, vrf, &web, &route));
    ck_assert_uint_eq(route.hops[0].port, HS_PORT_BLACKHOLE);
    ck_assert(hs_router_lookup(node->router, vrf, &site, &route));
    ck_assert_uint_eq(route.n_hops, 2);
}
END_TEST

START_TEST(a_peering_costs_its_delay)
{
    g_auto(Run) run = {0};
    g_autofree char *ways = NULL;
    HsFact fact;
    unsigned arrived = 0;

    make(&run, regions, "", NULL);
    hs_world_run(run.world);
    expect_all_arrive(run.world, HS_SEC(10), HS_SEC(26));
    for (size_t i = 0;
         hs_facts_next(hs_world_facts(run.world), &i,
                       HS_FACT_BIT(HS_FACT_PROBE_RECEIVED), &fact);) {
        ck_assert_int_ge(fact.value, HS_MSEC(78));
        ck_assert_int_le(fact.value, HS_MSEC(100));
        arrived++;
    }
    ck_assert_uint_gt(arrived, 100);
    ways = ways_of(run.world, HS_SEC(30), "172.16.0.10", "10.128.0.10");
    ck_assert_str_eq(ways, "backup.tunnel1 backup.tunnel1.backbone ocean "
                           "hub2.far far.lan delivered\n");
}
END_TEST

START_TEST(private_vpn_rides_direct_connect)
{
    g_auto(Run) run = {0};
    g_autofree char *ways = NULL;
    g_autoptr(HsRoutes) routes = NULL;
    HsAddr from = hs_addr_ipv4(0xac10000a), to = hs_addr_ipv4(0x0a00000a);
    const HsRoutesHop *hop;
    const HsAddr *lost;

    make(&run, private, "", NULL);
    hs_world_run(run.world);
    expect_all_arrive(run.world, HS_SEC(10), HS_SEC(35));
    ways = ways_of(run.world, HS_SEC(40), "172.16.0.10", "10.0.0.10");
    ck_assert_str_eq(ways, "main.tunnel1 main.tunnel1.backbone hub.app app.lan "
                           "delivered\n");
    routes = hs_routes_new(run.world, HS_SEC(40));
    ck_assert(hs_routes_add_pair(routes, run.world, &from, &to, &lost));
    hop = ((const HsRoutesWay *)((const HsRoutesPath *)routes->paths->pdata[0])
               ->ways->pdata[0])
              ->hops->pdata[0];
    ck_assert(hop->tunnel);
    ck_assert_uint_eq(hop->over->len, 3);
    ck_assert_str_eq(hop->over->pdata[0], "primary");
    ck_assert_str_eq(hop->over->pdata[1], "primary.backbone");
    ck_assert_str_eq(hop->over->pdata[2], "main.tunnel1.edge");
    /* Only the tunnels' packets pass by the DX gateway's attachment. */
    ck_assert_uint_eq(
        hs_exposure_kind_clear(hs_world_exposure(run.world), HS_LINK_DX), 0);
}
END_TEST

static Suite *
suite(void)
{
    Suite *s = suite_create("world_tgw");
    TCase *tc = tcase_create("world_tgw");

    tcase_set_timeout(tc, 120);
    tcase_add_test(tc, tunnels_share_what_goes_to_the_site);
    tcase_add_test(tc, without_ecmp_one_carries_all);
    tcase_add_test(tc, a_lost_tunnel_leaves_its_flows_to_the_other);
    tcase_add_test(tc, tables_keep_vpcs_apart);
    tcase_add_test(tc, a_peering_costs_its_delay);
    tcase_add_test(tc, private_vpn_rides_direct_connect);
    suite_add_tcase(s, tc);
    return s;
}

int
main(void)
{
    return run_suite(suite());
}
