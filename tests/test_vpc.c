/* A VPC's route table and router, each rule of AWS's by its name (VPC user
 * guide, "Route priority", "Route table concepts" and quotas; VPC peering
 * guide, "Edge to edge routing").
 *
 *     host ── subnet ── app (10.0.0.0/16) ── vgw, tgw, peering, peering2
 */

#include "config.h"

#include "models/aws/vpc.h"
#include "models/net/ipv4.h"
#include "models/net/udp.h"
#include "tests/harness/fake_env.h"
#include "tests/harness/run.h"

#include <string.h>

enum { HOST, VGW, TGW, PEER, PEER2, N_PORTS };

static const char *const port_names[N_PORTS] = {"app.lan", "vgw.app", "tgw.app",
                                                "peer", "peer2"};

typedef struct {
    FakeWorld *world;
    HsEnv *env;
    HsVpcRouter *vpc;
    HsVpcTable *table;
    HsVpcEdge *edge[N_PORTS];
    unsigned sent[N_PORTS]; /* packets that left by a port */
} Vpc;

typedef struct {
    Vpc *v;
    unsigned port;
} Out;

static Out outs[N_PORTS];

static void
leaves(void *user_data, HsPacket *packet)
{
    const Out *out = user_data;

    out->v->sent[out->port]++;
    hs_packet_unref(packet);
}

static HsPrefix
prefix_of(const char *text)
{
    HsPrefix prefix;

    ck_assert_msg(hs_prefix_parse(text, &prefix), "%s", text);
    return prefix;
}

static uint32_t
number_of(const char *text)
{
    HsAddr addr;

    ck_assert_msg(hs_addr_parse(text, &addr), "%s", text);
    return hs_addr_to_ipv4(&addr);
}

static void
setup(Vpc *v)
{
    static const HsVpcTargetKind kinds[N_PORTS] = {
        HS_VPC_TARGET_LOCAL, HS_VPC_TARGET_GATEWAY, HS_VPC_TARGET_TRANSIT,
        HS_VPC_TARGET_PEERING, HS_VPC_TARGET_PEERING};

    *v = (Vpc){.world = fake_world_new(1)};
    v->env = fake_world_node(v->world, "app", "10.0.0.1");
    v->vpc = hs_vpc_new(v->env, &(HsVpcConfig){.name = "app",
                                               .cidr = prefix_of("10.0.0.0/16"),
                                               .fib_delay = HS_MSEC(10)});
    v->table = hs_vpc_main_table(v->vpc);
    for (unsigned i = 0; i < N_PORTS; i++) {
        HsPortConfig port = {
            .name = port_names[i], .output = leaves, .user_data = &outs[i]};

        outs[i] = (Out){v, i};
        if (i == HOST)
            ck_assert_uint_eq(hs_vpc_add_subnet(v->vpc, &port), HOST);
        else
            v->edge[i] = hs_vpc_add_edge(v->vpc, kinds[i], &port);
    }
    hs_vpc_edge_propagate_into(v->edge[VGW], v->table);
}

static void
teardown(Vpc *v)
{
    hs_vpc_free(v->vpc);
    fake_world_free(v->world);
}

static void
settle(Vpc *v)
{
    fake_world_run(v->world, fake_world_now(v->world) + HS_SEC(1));
}

static HsVpcRefusal
add(Vpc *v, const char *prefix, unsigned port)
{
    HsPrefix p = prefix_of(prefix);

    return hs_vpc_table_add_static(v->table, &p,
                                   hs_vpc_edge_target(v->edge[port]));
}

static void
propagate(Vpc *v, const char *prefix, bool present)
{
    HsPrefix p = prefix_of(prefix);

    hs_vpc_edge_propagate(v->edge[VGW], &p, present);
}

/* Where a packet to DESTINATION goes that came in by PORT; N_PORTS: nowhere,
 * with no word to its sender beyond a router's own. */
static unsigned
way(Vpc *v, unsigned port, const char *source, const char *destination)
{
    HsIpv4 ip = {.ttl = 64,
                 .protocol = 17,
                 .source = number_of(source),
                 .destination = number_of(destination)};
    HsUdpDatagram datagram = {
        .source_port = 1,
        .destination_port = 2,
        .payload = (const uint8_t *)"ping",
        .length = 4,
    };
    uint64_t dropped =
        hs_router_counters(hs_vpc_router(v->vpc)).drops[HS_DROP_NO_ROUTE];
    unsigned before[N_PORTS];

    settle(v);
    memcpy(before, v->sent, sizeof before);
    hs_router_receive(hs_vpc_router(v->vpc), port,
                      hs_udp_packet_new(&ip, &datagram));
    if (hs_router_counters(hs_vpc_router(v->vpc)).drops[HS_DROP_NO_ROUTE] >
        dropped)
        return N_PORTS;
    for (unsigned i = 0; i < N_PORTS; i++)
        if (v->sent[i] > before[i])
            return i;
    return N_PORTS + 1;
}

#define FROM_HOST(v, to) way(v, HOST, "10.0.0.10", to)

static const char *
best_step(Vpc *v, const char *prefix)
{
    HsPrefix p = prefix_of(prefix);
    const char *step = NULL;

    ck_assert_ptr_nonnull(
        bgp_speaker_best(hs_vpc_table_speaker(v->table), &p, &step));
    return step;
}

/* The table */

START_TEST(local_reaches_the_hosts)
{
    Vpc v;

    setup(&v);
    for (unsigned port = 0; port < N_PORTS; port++)
        ck_assert_uint_eq(way(&v, port, "192.0.2.1", "10.0.200.9"), HOST);
    teardown(&v);
}
END_TEST

START_TEST(router_answers_its_hosts_alone)
{
    Vpc v;

    setup(&v);
    for (unsigned port = 1; port < N_PORTS; port++)
        ck_assert_uint_eq(way(&v, port, "192.0.2.1", "10.0.0.1"), N_PORTS + 1);
    ck_assert_uint_eq(hs_router_counters(hs_vpc_router(v.vpc)).delivered, 0);
    ck_assert_uint_eq(FROM_HOST(&v, "10.0.0.1"), HOST); /* nobody listens */
    teardown(&v);
}
END_TEST

START_TEST(nothing_but_local_to_begin_with)
{
    Vpc v;

    setup(&v);
    ck_assert_uint_eq(FROM_HOST(&v, "172.16.0.10"), N_PORTS);
    ck_assert_str_eq(best_step(&v, "10.0.0.0/16"), BGP_STEP_ONLY);
    teardown(&v);
}
END_TEST

START_TEST(propagated_while_the_gateway_has_it)
{
    Vpc v;

    setup(&v);
    propagate(&v, "172.16.0.0/24", true);
    ck_assert_uint_eq(FROM_HOST(&v, "172.16.0.10"), VGW);
    propagate(&v, "172.16.0.0/24", false);
    ck_assert_uint_eq(FROM_HOST(&v, "172.16.0.10"), N_PORTS);
    ck_assert_uint_eq(
        fake_world_count(v.world, HS_FACT_FIB, "172.16.0.0/24", "vgw.app"), 1);
    ck_assert_uint_eq(
        fake_world_count(v.world, HS_FACT_ROUTE_BEST, "172.16.0.0/24", NULL),
        2);
    teardown(&v);
}
END_TEST

START_TEST(propagation_off_takes_nothing)
{
    Vpc v;
    HsPrefix prefix = prefix_of("172.16.0.0/24");

    setup(&v);
    hs_vpc_edge_propagate(v.edge[TGW], &prefix, true);
    ck_assert_uint_eq(FROM_HOST(&v, "172.16.0.10"), N_PORTS);
    teardown(&v);
}
END_TEST

START_TEST(static_before_propagated)
{
    Vpc v;

    setup(&v);
    propagate(&v, "172.16.0.0/24", true);
    ck_assert_int_eq(add(&v, "172.16.0.0/24", TGW), HS_VPC_REFUSAL_NONE);
    ck_assert_uint_eq(FROM_HOST(&v, "172.16.0.10"), TGW);
    ck_assert_str_eq(best_step(&v, "172.16.0.0/24"), HS_VPC_STEP_STATIC);
    /* Whatever came first. */
    propagate(&v, "172.16.0.0/24", false);
    propagate(&v, "172.16.0.0/24", true);
    ck_assert_uint_eq(FROM_HOST(&v, "172.16.0.10"), TGW);
    hs_vpc_table_remove_static(
        v.table, &(HsPrefix){prefix_of("172.16.0.0/24").addr, 24});
    ck_assert_uint_eq(FROM_HOST(&v, "172.16.0.10"), VGW);
    ck_assert_uint_eq(hs_vpc_table_static(v.table), 0);
    teardown(&v);
}
END_TEST

START_TEST(longest_prefix_before_the_class)
{
    Vpc v;

    setup(&v);
    propagate(&v, "172.16.0.0/24", true);
    ck_assert_int_eq(add(&v, "172.16.0.0/16", TGW), HS_VPC_REFUSAL_NONE);
    ck_assert_uint_eq(FROM_HOST(&v, "172.16.0.10"), VGW);
    ck_assert_uint_eq(FROM_HOST(&v, "172.16.1.10"), TGW);
    teardown(&v);
}
END_TEST

START_TEST(local_wins_over_a_more_specific_propagated)
{
    Vpc v;
    HsPrefix prefix = prefix_of("10.0.200.0/24");
    const BgpRoute *best;

    setup(&v);
    propagate(&v, "10.0.200.0/24", true);
    propagate(&v, "10.0.0.0/16", true);
    ck_assert_uint_eq(FROM_HOST(&v, "10.0.200.9"), HOST);
    ck_assert_uint_eq(FROM_HOST(&v, "10.0.1.1"), HOST);
    /* It is in the table all the same. */
    best = bgp_speaker_best(hs_vpc_table_speaker(v.table), &prefix, NULL);
    ck_assert_ptr_nonnull(best);
    ck_assert(hs_vpc_table_shadowed(v.table, best));
    ck_assert_uint_eq(fake_world_count(v.world, HS_FACT_ROUTE_BEST,
                                       "10.0.200.0/24", HS_VPC_STEP_LOCAL_WINS),
                      1);
    ck_assert_str_eq(best_step(&v, "10.0.0.0/16"), HS_VPC_STEP_LOCAL);
    ck_assert_uint_eq(
        fake_world_count(v.world, HS_FACT_FIB, "10.0.200.0/24", NULL), 0);
    teardown(&v);
}
END_TEST

START_TEST(wider_propagated_leads_past_the_vpc)
{
    Vpc v;

    setup(&v);
    propagate(&v, "10.0.0.0/8", true);
    ck_assert_uint_eq(FROM_HOST(&v, "10.0.200.9"), HOST);
    ck_assert_uint_eq(FROM_HOST(&v, "10.1.0.1"), VGW);
    teardown(&v);
}
END_TEST

START_TEST(refusals)
{
    static const struct {
        const char *prefix;
        HsVpcTargetKind kind;
        HsVpcRefusal refusal;
    } rows[] = {
        {"172.16.0.0/12", HS_VPC_TARGET_TRANSIT, HS_VPC_REFUSAL_NONE},
        {"172.16.1.2/12", HS_VPC_TARGET_PEERING, HS_VPC_REFUSAL_TWICE},
        {"10.0.0.0/16", HS_VPC_TARGET_NAT, HS_VPC_REFUSAL_LOCAL},
        {"10.0.7.0/24", HS_VPC_TARGET_TRANSIT, HS_VPC_REFUSAL_MORE_SPECIFIC},
        {"10.0.7.0/24", HS_VPC_TARGET_PEERING, HS_VPC_REFUSAL_MORE_SPECIFIC},
        {"10.0.7.0/24", HS_VPC_TARGET_GATEWAY, HS_VPC_REFUSAL_MORE_SPECIFIC},
        {"10.0.7.0/24", HS_VPC_TARGET_BLACKHOLE, HS_VPC_REFUSAL_MORE_SPECIFIC},
        {"10.0.7.0/24", HS_VPC_TARGET_NAT, HS_VPC_REFUSAL_NONE},
        {"10.0.0.0/15", HS_VPC_TARGET_PEERING, HS_VPC_REFUSAL_NONE},
    };
    Vpc v;

    setup(&v);
    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        HsPrefix prefix = prefix_of(rows[i].prefix);
        HsVpcTarget target = {rows[i].kind, "x", PEER};
        HsVpcRefusal refusal =
            hs_vpc_table_add_static(v.table, &prefix, &target);

        ck_assert_msg(refusal == rows[i].refusal, "%s to a %s: %s",
                      rows[i].prefix, hs_vpc_target_name(rows[i].kind),
                      hs_vpc_refusal_text(refusal));
    }
    ck_assert_uint_eq(hs_vpc_table_static(v.table), 3);
    teardown(&v);
}
END_TEST

START_TEST(fifty_static_routes)
{
    Vpc v;

    setup(&v);
    for (unsigned i = 0; i < 50; i++) {
        g_autofree char *prefix = g_strdup_printf("172.16.%u.0/24", i);

        ck_assert_int_eq(add(&v, prefix, TGW), HS_VPC_REFUSAL_NONE);
    }
    ck_assert_int_eq(add(&v, "172.16.50.0/24", TGW), HS_VPC_REFUSAL_FULL);
    ck_assert_uint_eq(FROM_HOST(&v, "172.16.49.1"), TGW);
    ck_assert_uint_eq(FROM_HOST(&v, "172.16.50.1"), N_PORTS);
    /* Propagated ones do not count among them. */
    propagate(&v, "172.16.50.0/24", true);
    ck_assert_uint_eq(FROM_HOST(&v, "172.16.50.1"), VGW);
    teardown(&v);
}
END_TEST

START_TEST(hundred_propagated_routes)
{
    Vpc v;

    setup(&v);
    for (unsigned i = 0; i < 102; i++) {
        g_autofree char *prefix = g_strdup_printf("172.16.%u.0/24", i);

        propagate(&v, prefix, true);
    }
    ck_assert_uint_eq(hs_vpc_table_propagated(v.table), 100);
    ck_assert_uint_eq(hs_vpc_table_waiting(v.table), 2);
    ck_assert_uint_eq(FROM_HOST(&v, "172.16.99.1"), VGW);
    ck_assert_uint_eq(FROM_HOST(&v, "172.16.100.1"), N_PORTS);
    /* One that waits goes without a trace; one in the table makes room. */
    propagate(&v, "172.16.100.0/24", false);
    ck_assert_uint_eq(FROM_HOST(&v, "172.16.101.1"), N_PORTS);
    propagate(&v, "172.16.5.0/24", false);
    ck_assert_uint_eq(FROM_HOST(&v, "172.16.5.1"), N_PORTS);
    ck_assert_uint_eq(FROM_HOST(&v, "172.16.101.1"), VGW);
    ck_assert_uint_eq(hs_vpc_table_propagated(v.table), 100);
    ck_assert_uint_eq(hs_vpc_table_waiting(v.table), 0);
    teardown(&v);
}
END_TEST

START_TEST(blackhole_says_nothing)
{
    Vpc v;
    HsVpcTarget target = {HS_VPC_TARGET_BLACKHOLE, "blackhole", 0};
    HsPrefix prefix = prefix_of("172.16.0.0/24");
    HsRouterCounters counters;

    setup(&v);
    propagate(&v, "172.16.0.0/24", true);
    hs_vpc_table_add_static(v.table, &prefix, &target);
    ck_assert_uint_eq(FROM_HOST(&v, "172.16.0.10"), N_PORTS + 1);
    counters = hs_router_counters(hs_vpc_router(v.vpc));
    ck_assert_uint_eq(counters.drops[HS_DROP_BLACKHOLE_ROUTE], 1);
    ck_assert_uint_eq(counters.icmp_sent, 0);
    teardown(&v);
}
END_TEST

/* Edge to edge: routes of the subnet's table do not exist for what came in
 * from outside. */

static const struct {
    const char *name;
    unsigned from;
    const char *to;
} passages[] = {
    {"VPN or DX to a peered VPC", VGW, "10.9.0.1"},
    {"VPN or DX to a transit gateway", VGW, "10.8.0.1"},
    {"VPN or DX back to the same gateway", VGW, "172.16.0.1"},
    {"peered VPC to VPN or DX", PEER, "172.16.0.1"},
    {"peered VPC to a transit gateway", PEER, "10.8.0.1"},
    {"peered VPC to another peered VPC", PEER, "10.7.0.1"},
    {"transit gateway to VPN or DX", TGW, "172.16.0.1"},
    {"transit gateway to a peered VPC", TGW, "10.9.0.1"},
};

START_TEST(no_edge_to_edge_routing)
{
    Vpc v;

    setup(&v);
    propagate(&v, "172.16.0.0/24", true);
    ck_assert_int_eq(add(&v, "10.9.0.0/16", PEER), HS_VPC_REFUSAL_NONE);
    ck_assert_int_eq(add(&v, "10.7.0.0/16", PEER2), HS_VPC_REFUSAL_NONE);
    ck_assert_int_eq(add(&v, "10.8.0.0/16", TGW), HS_VPC_REFUSAL_NONE);
    ck_assert_msg(way(&v, passages[_i].from, "192.0.2.1", passages[_i].to) ==
                      N_PORTS,
                  "%s", passages[_i].name);
    /* The VPC's own hosts have them all. */
    ck_assert_uint_eq(FROM_HOST(&v, "10.9.0.1"), PEER);
    ck_assert_uint_eq(FROM_HOST(&v, "10.7.0.1"), PEER2);
    ck_assert_uint_eq(FROM_HOST(&v, "10.8.0.1"), TGW);
    ck_assert_uint_eq(FROM_HOST(&v, "172.16.0.1"), VGW);
    teardown(&v);
}
END_TEST

static Suite *
suite(void)
{
    Suite *s = suite_create("vpc");
    TCase *table = tcase_create("route table");
    TCase *edge = tcase_create("edge to edge");

    tcase_add_test(table, local_reaches_the_hosts);
    tcase_add_test(table, router_answers_its_hosts_alone);
    tcase_add_test(table, nothing_but_local_to_begin_with);
    tcase_add_test(table, propagated_while_the_gateway_has_it);
    tcase_add_test(table, propagation_off_takes_nothing);
    tcase_add_test(table, static_before_propagated);
    tcase_add_test(table, longest_prefix_before_the_class);
    tcase_add_test(table, local_wins_over_a_more_specific_propagated);
    tcase_add_test(table, wider_propagated_leads_past_the_vpc);
    tcase_add_test(table, refusals);
    tcase_add_test(table, fifty_static_routes);
    tcase_add_test(table, hundred_propagated_routes);
    tcase_add_test(table, blackhole_says_nothing);
    suite_add_tcase(s, table);
    tcase_add_loop_test(edge, no_edge_to_edge_routing, 0,
                        G_N_ELEMENTS(passages));
    suite_add_tcase(s, edge);
    return s;
}

int
main(void)
{
    return run_suite(suite());
}
