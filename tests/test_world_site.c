/* Sites in whole worlds: two customer gateways and their core, firewalls and
 * NAT in front, and the kinds of VPN. Each test lets a world run, does
 * something to it, and asks which way packets go and whether probes arrive. */

#include "config.h"

#include "sim/observe/samples.h"
#include "sim/world/private.h"
#include "sim/world/world.h"
#include "tests/harness/run.h"

#include <string.h>

#define COMMON                                                                 \
    "[scenario]\n"                                                             \
    "duration = 120s\n"                                                        \
    "warmup = 5s\n"                                                            \
    "[vpc app]\n"                                                              \
    "cidr = 10.0.0.0/16\n"                                                     \
    "[gateway vgw]\n"                                                          \
    "attach = app\n"                                                           \
    "[database orders]\n"                                                      \
    "client = app\n"                                                           \
    "server = dc\n"                                                            \
    "rate = 10/s\n"                                                            \
    "[probe]\n"                                                                \
    "interval = 50ms\n"

#define SITE                                                                   \
    "[onprem dc]\n"                                                            \
    "asn = 65001\n"                                                            \
    "prefix = 172.16.0.0/24\n"

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
load(Run *run, const char *source)
{
    g_autoptr(GError) error = NULL;

    run->scenario =
        hs_scenario_load_data("test.ini", source, strlen(source), NULL, &error);
    ck_assert_msg(run->scenario != NULL, "%s",
                  error != NULL ? error->message : "");
    run->world = hs_world_new(run->scenario, &(HsWorldOptions){0});
}

#define LOAD(name, source)                                                     \
    g_auto(Run) name = {0};                                                    \
    load(&name, source)

static WorldNode *
node_of(const Run *run, const char *name)
{
    WorldNode *node = hs_world_find_node(run->world, name);

    ck_assert_msg(node != NULL, "no node %s", name);
    return node;
}

/* The port by which NODE sends to ADDRESS; "": nowhere. */
static const char *
way(const Run *run, const char *name, const char *address)
{
    const WorldNode *node = node_of(run, name);
    HsAddr to;
    HsRoute route;

    ck_assert(hs_addr_parse(address, &to));
    if (!hs_router_lookup(node->router, 0, &to, &route) || route.n_hops == 0)
        return "";
    return hs_router_port_name(node->router, route.hops[0].port);
}

/* Every link of the node goes dark, or light again. */
static void
darken(const Run *run, const char *name, bool dark)
{
    const WorldNode *node = node_of(run, name);
    unsigned n = 0;

    for (guint i = 0; i < run->world->links->len; i++) {
        const WorldLink *link = run->world->links->pdata[i];

        if (link->end[0].node != node && link->end[1].node != node)
            continue;
        hs_sim_link_set_carrier(link->sim, !dark);
        n++;
    }
    ck_assert_uint_gt(n, 0);
}

/* Of the probes sent in [FROM, TO) of both directions, those lost. */
static unsigned
lost(const Run *run, HsTime from, HsTime to)
{
    g_autoptr(HsSamples) samples = hs_samples_new(hs_world_facts(run->world));
    unsigned n = 0, sent = 0;

    for (guint d = 0; d < samples->directions->len; d++) {
        const HsDirectionSamples *direction = samples->directions->pdata[d];

        for (guint i = 0; i < direction->probes->len; i++) {
            const HsProbeSample *probe =
                &g_array_index(direction->probes, HsProbeSample, i);

            if (probe->sent < from || probe->sent >= to)
                continue;
            sent++;
            n += probe->arrived == HS_TIME_NEVER;
        }
    }
    ck_assert_uint_gt(sent, 0);
    return n;
}

static uint64_t
drops_at(const Run *run, const char *node, const char *reason)
{
    g_autoptr(GArray) drops = hs_world_drops(run->world);
    uint64_t n = 0;

    for (guint i = 0; i < drops->len; i++) {
        const HsWorldDrop *drop = &g_array_index(drops, HsWorldDrop, i);

        if (g_str_equal(drop->node, node) && g_str_equal(drop->reason, reason))
            n += drop->packets;
    }
    return n;
}

/* Two gateways */

static const char two_gateways[] = COMMON SITE "routers = 2\n"
                                               "[dx primary]\n"
                                               "between = dc, vgw\n"
                                               "[dx second]\n"
                                               "between = dc, vgw\n"
                                               "router = 2\n"
                                               "local-preference = 150\n"
                                               "prepend = 2\n";

START_TEST(core_follows_local_preference)
{
    LOAD(run, two_gateways);

    hs_world_run_to(run.world, HS_SEC(15));
    ck_assert_str_eq(way(&run, "dc.core", "10.0.0.10"), "dc.core1");
    ck_assert_str_eq(way(&run, "dc.gateway", "10.0.0.10"), "primary");
    /* 200 by iBGP beats its own 150. */
    ck_assert_str_eq(way(&run, "dc.gateway2", "10.0.0.10"), "dc.interlink");
    ck_assert_str_eq(way(&run, "dc.gateway", "172.16.0.10"), "dc.core1");
    ck_assert_str_eq(way(&run, "dc.gateway2", "172.16.0.10"), "dc.core2");
    ck_assert_str_eq(way(&run, "vgw", "172.16.0.10"), "primary");
    ck_assert_uint_eq(lost(&run, HS_SEC(10), HS_SEC(14)), 0);
}
END_TEST

/* Its links go dark with it, and everybody sees that at once: the hold time of
 * 90 s has no part in it. */
START_TEST(other_gateway_takes_over)
{
    LOAD(run, two_gateways);

    hs_world_run_to(run.world, HS_SEC(20));
    darken(&run, "dc.gateway", true);
    hs_world_run_to(run.world, HS_SEC(30));
    ck_assert_str_eq(way(&run, "dc.core", "10.0.0.10"), "dc.core2");
    ck_assert_str_eq(way(&run, "dc.gateway2", "10.0.0.10"), "second");
    ck_assert_str_eq(way(&run, "vgw", "172.16.0.10"), "second");
    ck_assert_uint_gt(lost(&run, HS_SEC(20), HS_SEC(21)), 0);
    ck_assert_uint_eq(lost(&run, HS_SEC(21), HS_SEC(29)), 0);

    darken(&run, "dc.gateway", false);
    hs_world_run_to(run.world, HS_SEC(60));
    ck_assert_str_eq(way(&run, "dc.core", "10.0.0.10"), "dc.core1");
    ck_assert_str_eq(way(&run, "vgw", "172.16.0.10"), "primary");
    ck_assert_uint_eq(lost(&run, HS_SEC(50), HS_SEC(59)), 0);
}
END_TEST

/* A gateway that cannot reach the LAN says so to AWS. */
START_TEST(gateway_without_the_core_withdraws)
{
    LOAD(run, two_gateways);

    hs_world_run_to(run.world, HS_SEC(20));
    hs_sim_link_set_carrier(hs_world_find_link(run.world, "dc.core1")->sim,
                            false);
    hs_world_run_to(run.world, HS_SEC(30));
    ck_assert_str_eq(way(&run, "dc.core", "10.0.0.10"), "dc.core2");
    ck_assert_str_eq(way(&run, "vgw", "172.16.0.10"), "second");
    ck_assert_uint_eq(lost(&run, HS_SEC(21), HS_SEC(29)), 0);
}
END_TEST

/* Lists of their own: the longer prefixes of the second interface win at AWS
 * although its path is longer, and go when the LAN does. */
START_TEST(each_session_announces_its_own)
{
    LOAD(run, COMMON SITE "routers = 2\n"
                          "[dx primary]\n"
                          "between = dc, vgw\n"
                          "announce.extra = 3\n"
                          "[dx second]\n"
                          "between = dc, vgw\n"
                          "router = 2\n"
                          "prepend = 2\n"
                          "announce = 172.16.0.0/25, 172.16.0.128/25\n");

    hs_world_run_to(run.world, HS_SEC(20));
    ck_assert_str_eq(way(&run, "vgw", "172.16.0.10"), "second");
    ck_assert_str_eq(way(&run, "vgw", "198.18.2.1"), "primary");
    ck_assert_str_eq(way(&run, "vgw", "198.18.3.1"), "");
    hs_sim_link_set_carrier(hs_world_find_link(run.world, "dc.core2")->sim,
                            false);
    hs_world_run_to(run.world, HS_SEC(30));
    ck_assert_str_eq(way(&run, "vgw", "172.16.0.10"), "primary");
    ck_assert_str_eq(way(&run, "vgw", "172.16.0.200"), "primary");
}
END_TEST

/* Firewalls */

/* Towards AWS by the first interface, back by the second: AWS takes the shorter
 * path, the site its higher preference. */
#define ASYMMETRIC                                                             \
    COMMON SITE "[dx primary]\n"                                               \
                "between = dc, vgw\n"                                          \
                "prepend = 2\n"                                                \
                "[dx second]\n"                                                \
                "between = dc, vgw\n"                                          \
                "local-preference = 150\n"

/* Answered requests of the persistent client. */
static unsigned
answered(const Run *run)
{
    g_autoptr(HsSamples) samples = hs_samples_new(hs_world_facts(run->world));
    const HsClientSamples *client = hs_samples_client(samples, "persistent");

    return client != NULL ? client->answers->len : 0;
}

START_TEST(two_firewalls_drop_what_one_passes)
{
    static const struct {
        const char *firewalls;
        bool works;
    } rows[] = {
        {"[firewall f]\nsite = dc\non = primary, second\n", true},
        {"[firewall f]\nsite = dc\non = primary\n"
         "[firewall g]\nsite = dc\non = second\n",
         false},
    };
    g_autofree char *text = g_strconcat(ASYMMETRIC, rows[_i].firewalls, NULL);
    LOAD(run, text);

    hs_world_run_to(run.world, HS_SEC(20));
    ck_assert_str_eq(way(&run, "dc.gateway", "10.0.0.10"), "primary");
    ck_assert_str_eq(way(&run, "vgw", "172.16.0.10"), "second");
    if (rows[_i].works) {
        ck_assert_uint_gt(answered(&run), 100);
        ck_assert_uint_eq(drops_at(&run, "dc.gateway", "no state"), 0);
    } else { /* probes are UDP, and need no answer */
        ck_assert_uint_eq(answered(&run), 0);
        ck_assert_uint_gt(drops_at(&run, "dc.gateway", "no state"), 0);
    }
    ck_assert_uint_eq(lost(&run, HS_SEC(10), HS_SEC(19)), 0);
}
END_TEST

/* VPN */

/* Static VPN behind Direct Connect: AWS prefers DX, and the site has given the
 * static routes a lower preference. */
static const char static_backup[] = COMMON SITE "[dx primary]\n"
                                                "between = dc, vgw\n"
                                                "bfd = 300ms x 3\n"
                                                "[internet]\n"
                                                "[vpn backup]\n"
                                                "between = dc, vgw\n"
                                                "routing = static\n";

START_TEST(static_vpn_backs_up_dx)
{
    LOAD(run, static_backup);
    HsSimLink *dx;

    hs_world_run_to(run.world, HS_SEC(20));
    dx = hs_world_find_link(run.world, "primary")->sim;
    ck_assert_str_eq(way(&run, "dc.gateway", "10.0.0.10"), "primary");
    ck_assert_str_eq(way(&run, "vgw", "172.16.0.10"), "primary");
    hs_sim_link_set_black_hole(dx, 0, true);
    hs_sim_link_set_black_hole(dx, 1, true);
    hs_world_run_to(run.world, HS_SEC(30));
    ck_assert_str_eq(way(&run, "dc.gateway", "10.0.0.10"), "backup.tunnel1");
    ck_assert_str_eq(way(&run, "vgw", "172.16.0.10"), "backup.tunnel1");
    ck_assert_uint_eq(lost(&run, HS_SEC(22), HS_SEC(29)), 0);

    hs_sim_link_set_black_hole(dx, 0, false);
    hs_sim_link_set_black_hole(dx, 1, false);
    hs_world_run_to(run.world, HS_SEC(60));
    ck_assert_str_eq(way(&run, "dc.gateway", "10.0.0.10"), "primary");
    ck_assert_str_eq(way(&run, "vgw", "172.16.0.10"), "primary");
    ck_assert_uint_eq(lost(&run, HS_SEC(22), HS_SEC(59)), 0);
}
END_TEST

/* A tunnel that is down takes its static routes along, at both ends: there is
 * nothing else that would notice. */
START_TEST(static_routes_follow_their_tunnel)
{
    LOAD(run, COMMON SITE "[internet]\n"
                          "[vpn backup]\n"
                          "between = dc, vgw\n"
                          "routing = static\n"
                          "cgw = cisco\n");

    hs_world_run_to(run.world, HS_SEC(20));
    ck_assert_str_eq(way(&run, "dc.gateway", "10.0.0.10"), "backup.tunnel1");
    ck_assert_str_eq(way(&run, "vgw", "172.16.0.10"), "backup.tunnel1");
    hs_sim_link_set_carrier(
        hs_world_find_link(run.world, "backup.tunnel1.edge")->sim, false);
    hs_world_run_to(run.world, HS_SEC(100));
    ck_assert_str_eq(way(&run, "dc.gateway", "10.0.0.10"), "backup.tunnel2");
    ck_assert_str_eq(way(&run, "vgw", "172.16.0.10"), "backup.tunnel2");
    ck_assert_uint_gt(lost(&run, HS_SEC(20), HS_SEC(60)), 0);
    ck_assert_uint_eq(lost(&run, HS_SEC(90), HS_SEC(99)), 0);
}
END_TEST

/* A VGW tells its BGP sessions of the other VPN's static routes, with its own
 * AS alone in the path. One inside the site's own network must not lead the
 * site's traffic out. */
START_TEST(own_network_is_not_believed_to_be_elsewhere)
{
    LOAD(run, COMMON SITE "[dx primary]\n"
                          "between = dc, vgw\n"
                          "[internet]\n"
                          "[vpn backup]\n"
                          "between = dc, vgw\n"
                          "routing = static\n"
                          "static-routes = 172.16.0.0/25\n");

    hs_world_run_to(run.world, HS_SEC(20));
    ck_assert_str_eq(way(&run, "vgw", "172.16.0.10"), "backup.tunnel1");
    ck_assert_str_eq(way(&run, "dc.gateway", "172.16.0.10"), "dc.lan");
    ck_assert_uint_eq(lost(&run, HS_SEC(10), HS_SEC(19)), 0);
}
END_TEST

/* One address of the gateway's on two public interfaces, and the tunnels end on
 * that: BFD moves the outer packets, and the tunnels do not notice. Pinned ones
 * die with their interface, and wait for the hold time inside. */
#define TWO_PUBLIC                                                             \
    COMMON SITE "[dx primary]\n"                                               \
                "between = dc, vgw\n"                                          \
                "vif = public\n"                                               \
                "bfd = 300ms x 3\n"                                            \
                "[dx second]\n"                                                \
                "between = dc, vgw\n"                                          \
                "vif = public\n"                                               \
                "local-preference = 150\n"                                     \
                "prepend = 2\n"                                                \
                "bfd = 300ms x 3\n"

START_TEST(unpinned_tunnels_survive_their_interface)
{
    static const struct {
        const char *vpn;
        bool survives;
    } rows[] = {
        {"[vpn main]\nbetween = dc, vgw\nunderlay = primary, second\n", true},
        {"[vpn main]\nbetween = dc, vgw\nunderlay = primary\n"
         "local-preference = 200\n"
         "[vpn backup]\nbetween = dc, vgw\nunderlay = second\n"
         "prepend = 1\n",
         false},
    };
    g_autofree char *text = g_strconcat(TWO_PUBLIC, rows[_i].vpn, NULL);
    LOAD(run, text);
    HsSimLink *dx;

    hs_world_run_to(run.world, HS_SEC(30));
    ck_assert_uint_eq(lost(&run, HS_SEC(20), HS_SEC(29)), 0);
    ck_assert_str_eq(way(&run, "dc.gateway", "10.0.0.10"), "main.tunnel1");
    dx = hs_world_find_link(run.world, "primary")->sim;
    hs_sim_link_set_black_hole(dx, 0, true);
    hs_sim_link_set_black_hole(dx, 1, true);
    hs_world_run_to(run.world, HS_SEC(80));
    ck_assert_uint_gt(lost(&run, HS_SEC(30), HS_SEC(31)), 0);
    if (rows[_i].survives)
        ck_assert_uint_eq(lost(&run, HS_SEC(33), HS_SEC(79)), 0);
    else
        ck_assert_uint_gt(lost(&run, HS_SEC(33), HS_SEC(45)), 0);
    ck_assert_uint_eq(lost(&run, HS_SEC(65), HS_SEC(79)), 0);
    ck_assert_str_eq(way(&run, "dc.gateway", "10.0.0.10"),
                     rows[_i].survives ? "main.tunnel1" : "backup.tunnel1");
}
END_TEST

/* 20 packets a second each way and BGP, against a policer of 10. */
START_TEST(tunnel_is_policed)
{
    LOAD(run, COMMON SITE "[internet]\n"
                          "[vpn backup]\n"
                          "between = dc, vgw\n"
                          "tunnels = 1\n"
                          "aws.pps = 10\n");
    uint64_t passed;

    hs_world_run_to(run.world, HS_SEC(60));
    passed = hs_vpn_endpoint_policed(node_of(&run, "backup.tunnel1.aws")->model,
                                     true)
                 ->passed_packets;
    ck_assert_uint_gt(
        drops_at(&run, "backup.tunnel1.aws", "policed: too many packets"), 0);
    ck_assert_uint_eq(
        drops_at(&run, "backup.tunnel1.aws", "policed: above the rate"), 0);
    /* The bucket's 32, and 10 a second. */
    ck_assert_uint_le(passed, 32 + 600);
    ck_assert_uint_ge(passed, 400);
}
END_TEST

/* NAT in front */

static const char behind_nat[] = COMMON SITE "nat = yes\n"
                                             "[internet]\n"
                                             "[vpn backup]\n"
                                             "between = dc, vgw\n";

/* Both ends notice the NAT and put ESP into UDP: none is left that the device
 * would have to drop. */
START_TEST(nat_is_noticed)
{
    LOAD(run, behind_nat);
    const HsNapt *napt;

    hs_world_run_to(run.world, HS_SEC(40));
    napt = g_array_index(node_of(&run, "dc.nat")->napts, WorldNapt, 0).napt;
    ck_assert_uint_eq(lost(&run, HS_SEC(10), HS_SEC(39)), 0);
    ck_assert_uint_eq(hs_napt_counters(napt).drops[HS_NAPT_PROTOCOL], 0);
    ck_assert_uint_gt(hs_napt_counters(napt).in, 500);
    ck_assert_uint_eq(drops_at(&run, "dc.nat", "no NAT mapping"), 0);
}
END_TEST

/* The device forgets: what AWS sends to the old port is lost until the gateway
 * sends again and AWS, which hears it from a new port, follows. */
START_TEST(forgotten_mapping_comes_back)
{
    LOAD(run, behind_nat);
    const WorldNode *nat;

    hs_world_run_to(run.world, HS_SEC(30));
    nat = node_of(&run, "dc.nat");
    ck_assert_uint_eq(nat->napts->len, 1);
    ck_assert_uint_ge(
        hs_napt_reset(g_array_index(nat->napts, WorldNapt, 0).napt), 2);
    hs_world_run_to(run.world, HS_SEC(60));
    ck_assert_uint_gt(drops_at(&run, "dc.nat", "no NAT mapping"), 0);
    ck_assert_uint_eq(lost(&run, HS_SEC(40), HS_SEC(59)), 0);
}
END_TEST

/* The internet */

#define OVER_INTERNET                                                          \
    COMMON SITE "[vpn backup]\n"                                               \
                "between = dc, vgw\n"                                          \
                "tunnels = 1\n"                                                \
                "[internet]\n"

/* Of one direction: packets sent, lost at random, made by the link itself. */
static HsSimLinkCounters
internet_counters(const Run *run)
{
    HsSimLinkCounters counters;

    hs_sim_link_counters(hs_world_find_link(run->world, "internet")->sim, 0,
                         &counters);
    return counters;
}

/* In the bad state, where it is for leave / (enter + leave) = 9 % of the time,
 * everything is lost: of some 5000 packets about 450. */
START_TEST(losses_come_in_bursts)
{
    LOAD(run, OVER_INTERNET "burst.loss = 100%\n"
                            "burst.enter = 1%\n"
                            "burst.leave = 10%\n");
    HsSimLinkCounters c;
    double share;

    hs_world_run_to(run.world, HS_SEC(110));
    c = internet_counters(&run);
    share = (double)c.packets[HS_SIM_LINK_LOSS] / (double)c.sent_packets;
    ck_assert_uint_gt(c.sent_packets, 3000);
    ck_assert_double_gt(share, 0.05);
    ck_assert_double_lt(share, 0.14);
}
END_TEST

/* The copies of ESP are replays to the far end, which drops them. */
START_TEST(duplicates_are_replays)
{
    LOAD(run, OVER_INTERNET "duplicate = 10%\n");
    HsSimLinkCounters c;
    uint64_t replays;

    hs_world_run_to(run.world, HS_SEC(60));
    c = internet_counters(&run);
    ck_assert_uint_gt(c.copies, c.sent_packets / 15);
    ck_assert_uint_lt(c.copies, c.sent_packets / 8);
    replays = drops_at(&run, "backup.tunnel1.aws", "ESP: replayed");
    ck_assert_uint_gt(replays, c.copies * 9 / 10);
    ck_assert_uint_eq(lost(&run, HS_SEC(10), HS_SEC(59)), 0);
}
END_TEST

/* What is held back waits for three others, at 50 ms each of the probe's. */
START_TEST(packets_overtake)
{
    LOAD(run, OVER_INTERNET "reorder.probability = 5%\n");
    g_autoptr(HsSamples) samples = NULL;
    unsigned late = 0;

    hs_world_run_to(run.world, HS_SEC(60));
    ck_assert_uint_eq(lost(&run, HS_SEC(10), HS_SEC(59)), 0);
    samples = hs_samples_new(hs_world_facts(run.world));
    for (guint d = 0; d < samples->directions->len; d++)
        late +=
            ((HsDirectionSamples *)samples->directions->pdata[d])->delay_max >
            HS_MSEC(40);
    ck_assert_uint_eq(late, 2);
}
END_TEST

/* A probe's packet on a tenth of 1 Mbit/s takes ten times as long. */
START_TEST(load_takes_its_share)
{
    static const struct {
        const char *load;
        HsDuration least, most;
    } rows[] = {
        {"rate = 1Mbps\njitter = none\n", HS_MSEC(10), HS_MSEC(14)},
        {"rate = 1Mbps\njitter = none\nload = 90%\n", HS_MSEC(18),
         HS_MSEC(100)},
    };
    g_autofree char *text = g_strconcat(OVER_INTERNET, rows[_i].load, NULL);
    g_autoptr(HsSamples) samples = NULL;
    LOAD(run, text);
    HsDuration least = HS_TIME_NEVER;

    hs_world_run_to(run.world, HS_SEC(30));
    samples = hs_samples_new(hs_world_facts(run.world));
    for (guint d = 0; d < samples->directions->len; d++) {
        const HsDirectionSamples *direction = samples->directions->pdata[d];

        for (guint i = 0; i < direction->probes->len; i++) {
            const HsProbeSample *probe =
                &g_array_index(direction->probes, HsProbeSample, i);

            if (probe->arrived != HS_TIME_NEVER)
                least = MIN(least, probe->arrived - probe->sent);
        }
    }
    ck_assert_int_ge(least, rows[_i].least);
    ck_assert_int_le(least, rows[_i].most);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("world_site");
    TCase *t = tcase_create("two gateways");

    tcase_set_timeout(t, 60);
    tcase_add_test(t, core_follows_local_preference);
    tcase_add_test(t, other_gateway_takes_over);
    tcase_add_test(t, gateway_without_the_core_withdraws);
    tcase_add_test(t, each_session_announces_its_own);
    suite_add_tcase(suite, t);

    t = tcase_create("firewalls");
    tcase_set_timeout(t, 60);
    tcase_add_loop_test(t, two_firewalls_drop_what_one_passes, 0, 2);
    suite_add_tcase(suite, t);

    t = tcase_create("VPN");
    tcase_set_timeout(t, 60);
    tcase_add_test(t, static_vpn_backs_up_dx);
    tcase_add_test(t, static_routes_follow_their_tunnel);
    tcase_add_test(t, own_network_is_not_believed_to_be_elsewhere);
    tcase_add_test(t, tunnel_is_policed);
    tcase_add_loop_test(t, unpinned_tunnels_survive_their_interface, 0, 2);
    suite_add_tcase(suite, t);

    t = tcase_create("NAT");
    tcase_set_timeout(t, 60);
    tcase_add_test(t, nat_is_noticed);
    tcase_add_test(t, forgotten_mapping_comes_back);
    suite_add_tcase(suite, t);

    t = tcase_create("internet");
    tcase_set_timeout(t, 60);
    tcase_add_test(t, losses_come_in_bursts);
    tcase_add_test(t, duplicates_are_replays);
    tcase_add_test(t, packets_overtake);
    tcase_add_loop_test(t, load_takes_its_share, 0, 2);
    suite_add_tcase(suite, t);
    return run_suite(suite);
}
