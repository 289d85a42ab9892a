/* Faults of nodes, sessions and tunnels, each in a world: who notices, by what
 * and when, what comes back, and what does not fit. The fault is 30 s of a run
 * of 90 s; BFD is 300 ms x 3 on the DX, the hold time 30 s everywhere. */

#include "config.h"

#include "tests/harness/run.h"
#include "tests/harness/world_run.h"

#define T0      HS_SEC(25)
#define CLEARED HS_SEC(55)
#define END     HS_SEC(90)

static const char text[] = "[scenario]\n"
                           "duration = 90s\n"
                           "warmup = 15s\n"
                           "[onprem dc]\n"
                           "asn = 65001\n"
                           "prefix = 172.16.0.0/24\n"
                           "[vpc app]\n"
                           "cidr = 10.0.0.0/16\n"
                           "[gateway vgw]\n"
                           "attach = app\n"
                           "[dx primary]\n"
                           "between = dc, vgw\n"
                           "keepalive = 10s\n"
                           "hold = 30s\n"
                           "bfd = 300ms x 3\n"
                           "[vpn backup]\n"
                           "between = dc, vgw\n"
                           "[database orders]\n"
                           "client = app\n"
                           "server = dc\n"
                           "rate = 10/s\n"
                           "[probe]\n"
                           "interval = 100ms\n"
                           "[fault cut]\n"
                           "target = primary\n"
                           "action = blackhole\n"
                           "at = 25s\n"
                           "for = 30s\n";

static const HsDetection *
first_detection(const HsFaultTimeline *fault, const char *node)
{
    for (guint i = 0; i < fault->detections->len; i++) {
        const HsDetection *d =
            &g_array_index(fault->detections, HsDetection, i);

        if (g_strcmp0(d->node, node) == 0)
            return d;
    }
    return NULL;
}

static uint64_t
lost_probes(const HsFaultTimeline *fault)
{
    uint64_t lost = 0;

    for (guint i = 0; i < fault->losses->len; i++)
        lost += g_array_index(fault->losses, HsLoss, i).lost;
    return lost;
}

/* When the last session of a gateway has gone, so have its routes. */
static void
check_none_lost_before(const HsFaultTimeline *fault, const HsDetection *d)
{
    for (guint i = 0; i < fault->losses->len; i++) {
        const HsLoss *loss = &g_array_index(fault->losses, HsLoss, i);

        if (loss->status == HS_STATUS_HAPPENED)
            ck_assert_int_ge(loss->first_lost, d->at);
    }
}

static void
check_came_through(const HsFaultTimeline *fault)
{
    ck_assert_uint_eq(lost_probes(fault), 0);
    for (guint i = 0; i < fault->clients->len; i++)
        ck_assert_int_eq(
            g_array_index(fault->clients, HsClientFailover, i).recovery,
            HS_RECOVERY_UNINTERRUPTED);
}

/* Nodes */

START_TEST(a_crashed_endpoint_is_seen_by_its_light)
{
    WORLD_RUN(run, text, "fault cut.action=node-crash",
              "fault cut.target=primary.aws");
    const HsFaultTimeline *fault = world_fault(&run, "cut");
    const HsDetection *d = first_detection(fault, "dc.gateway");

    ck_assert_ptr_nonnull(d);
    ck_assert_int_eq(d->means, HS_DETECT_CARRIER);
    ck_assert_int_le(d->at, T0 + HS_MSEC(50));
    ck_assert_ptr_nonnull(strstr(fault->effect, "2 carriers"));
    ck_assert_uint_eq(world_told(&run, HS_FACT_BFD, "dc.gateway", "primary bfd",
                                 "Up", NULL, CLEARED, END),
                      1);
    world_check_books(&run);
}
END_TEST

/* The only customer gateway: nothing passes until it is back. Its own loss of
 * everything is no detection. */
START_TEST(a_crashed_gateway_takes_everything)
{
    WORLD_RUN(run, text, "fault cut.action=node-crash",
              "fault cut.target=dc.gateway");
    const HsFaultTimeline *fault = world_fault(&run, "cut");
    const HsDetection *d;

    ck_assert_uint_ge(lost_probes(fault), 2 * 295);
    ck_assert_ptr_nonnull(strstr(fault->effect, "1 control plane"));
    ck_assert_ptr_nonnull(strstr(fault->effect, "4 SAs"));
    for (guint i = 0; i < fault->detections->len; i++) {
        d = &g_array_index(fault->detections, HsDetection, i);
        ck_assert_msg(d->at > T0 || g_strcmp0(d->node, "dc.gateway") != 0 ||
                          d->means == HS_DETECT_CARRIER,
                      "%s %s", d->node, d->subject);
    }
    /* It starts with nothing: every session and both tunnels anew. */
    ck_assert_uint_eq(world_told(&run, HS_FACT_TUNNEL, "dc.gateway", NULL,
                                 "established", "authenticated", CLEARED, END),
                      4);
    ck_assert_uint_eq(world_told(&run, HS_FACT_BGP, "dc.gateway", NULL,
                                 "Established", NULL, CLEARED, END),
                      3);
    world_check_books(&run);
}
END_TEST

/* The sessions of the core are its own: the gateways' with one another live. */
START_TEST(a_crashed_core_leaves_the_gateways_alone)
{
    WORLD_RUN(run, text, "onprem dc.routers=2", "fault cut.action=node-crash",
              "fault cut.target=dc.core");

    ck_assert_uint_eq(world_told(&run, HS_FACT_BGP, NULL, "dc.core1 bgp",
                                 "Idle", NULL, T0, CLEARED),
                      2);
    ck_assert_uint_eq(world_told(&run, HS_FACT_BGP, NULL, "dc.interlink bgp",
                                 "Idle", NULL, T0, END),
                      0);
    ck_assert_uint_eq(world_told(&run, HS_FACT_BGP, NULL, "primary bgp", "Idle",
                                 NULL, T0, END),
                      0);
}
END_TEST

/* It forwards by what it knew; the neighbours have to find out: BFD where there
 * is BFD, the hold timer elsewhere, and nobody is told. */
START_TEST(a_frozen_gateway_forwards)
{
    WORLD_RUN(run, text, "fault cut.action=node-freeze",
              "fault cut.target=dc.gateway");
    const HsFaultTimeline *fault = world_fault(&run, "cut");
    const HsDetection *bfd = first_detection(fault, "primary.aws");
    const HsDetection *hold = first_detection(fault, "backup.tunnel1.aws");

    check_none_lost_before(fault, hold);
    ck_assert_ptr_nonnull(bfd);
    ck_assert_int_eq(bfd->means, HS_DETECT_BFD);
    ck_assert_int_le(bfd->at, T0 + HS_MSEC(910));
    ck_assert_ptr_nonnull(hold);
    ck_assert_int_eq(hold->means, HS_DETECT_HOLD_TIMER);
    ck_assert_int_ge(hold->at, T0 + HS_SEC(20));
    ck_assert_int_le(hold->at, T0 + HS_SEC(30));
    /* The tunnels stand: AWS's DPD takes 40 s, of which the last probe is sent
     * at 30 s and not heard. */
    ck_assert_uint_eq(
        world_told(&run, HS_FACT_TUNNEL, NULL, NULL, "down", NULL, T0, CLEARED),
        0);
    ck_assert_uint_eq(world_told(&run, HS_FACT_TUNNEL, "backup.tunnel1.aws",
                                 NULL, "down", "dead peer", CLEARED,
                                 T0 + HS_SEC(40)),
                      2);
}
END_TEST

START_TEST(a_frozen_gateway_of_aws_forwards)
{
    WORLD_RUN(run, text, "fault cut.action=node-freeze",
              "fault cut.target=vgw");
    const HsFaultTimeline *fault = world_fault(&run, "cut");
    const HsDetection *d = first_detection(fault, "dc.gateway");

    check_none_lost_before(
        fault, &(HsDetection){.at = T0 + HS_SEC(20)}); /* the hold timers */
    ck_assert_ptr_nonnull(d);
    ck_assert_int_eq(d->means, HS_DETECT_BFD);
    ck_assert_ptr_nonnull(strstr(fault->effect, "1 control plane"));
}
END_TEST

/* Without BFD on a DX the frozen endpoint is found by the hold timers. */
START_TEST(a_frozen_endpoint_is_found_by_the_hold_timer)
{
    WORLD_RUN(run, text, "fault cut.action=node-freeze",
              "fault cut.target=primary.aws", "dx primary.bfd=off");
    const HsFaultTimeline *fault = world_fault(&run, "cut");
    const HsDetection *d = first_detection(fault, "dc.gateway");

    ck_assert_ptr_nonnull(d);
    ck_assert_int_eq(d->means, HS_DETECT_HOLD_TIMER);
    ck_assert_int_ge(d->at, T0 + HS_SEC(20));
    ck_assert_int_le(d->at, T0 + HS_SEC(30));
    check_came_through(fault);
}
END_TEST

/* Its sessions live, so nothing moves, and nothing passes. */
START_TEST(a_stalled_node_is_a_hole_that_nobody_sees)
{
    WORLD_RUN(run, text, "fault cut.action=node-stall",
              "fault cut.target=primary.aws");
    const HsFaultTimeline *fault = world_fault(&run, "cut");

    ck_assert_uint_eq(fault->detections->len, 0);
    ck_assert_uint_ge(lost_probes(fault), 2 * 295);
    ck_assert_uint_ge(fault->packets, 2 * 295);
    ck_assert_uint_eq(
        world_told(&run, HS_FACT_FIB, NULL, NULL, NULL, NULL, T0, END), 0);
}
END_TEST

/* The zone of the first tunnel: the second stays, and DX carries the traffic.
 */
START_TEST(a_zone_takes_one_tunnel_of_each_connection)
{
    WORLD_RUN(run, text, "fault cut.action=node-crash",
              "fault cut.target=az.a");

    ck_assert_uint_gt(world_told(&run, HS_FACT_TUNNEL, "backup.tunnel1.aws",
                                 NULL, "down", NULL, T0, CLEARED),
                      0);
    ck_assert_uint_eq(world_told(&run, HS_FACT_TUNNEL, "backup.tunnel2.aws",
                                 NULL, "down", NULL, T0, END),
                      0);
    check_came_through(world_fault(&run, "cut"));
}
END_TEST

/* A crash while it is frozen: it is back when both are over. */
static const char crash[] = "[fault crash]\n"
                            "target = dc.gateway\n"
                            "action = node-crash\n"
                            "at = 30s\n"
                            "for = 10s\n";

START_TEST(a_frozen_node_can_crash)
{
    g_autofree char *both = g_strconcat(text, crash, NULL);
    WORLD_RUN(run, both, "fault cut.action=node-freeze",
              "fault cut.target=dc.gateway");

    ck_assert_uint_eq(world_told(&run, HS_FACT_BGP, "dc.gateway", NULL,
                                 "Established", NULL, T0, CLEARED),
                      0);
    ck_assert_uint_eq(world_told(&run, HS_FACT_BGP, "dc.gateway", NULL,
                                 "Established", NULL, CLEARED, END),
                      3);
    ck_assert_uint_eq(world_told(&run, HS_FACT_TUNNEL, "dc.gateway", NULL,
                                 "established", NULL, T0, CLEARED),
                      0);
    ck_assert(world_fault(&run, "crash")->had_effect);
    world_check_books(&run);
}
END_TEST

/* Sessions */

/* Direct Connect user guide, failover test: AWS closes the session and tells
 * the customer, and it stays closed. */
START_TEST(the_failover_test_closes_the_session)
{
    WORLD_RUN(run, text, "fault cut.action=bgp-admin-down");
    const HsFaultTimeline *fault = world_fault(&run, "cut");
    const HsDetection *d = first_detection(fault, "dc.gateway");

    ck_assert_ptr_nonnull(d);
    ck_assert_int_eq(d->means, HS_DETECT_NOTIFICATION);
    ck_assert_ptr_nonnull(strstr(d->cause, "Administrative Shutdown"));
    ck_assert_uint_eq(world_told(&run, HS_FACT_BGP, NULL, "primary bgp",
                                 "Established", NULL, T0, CLEARED),
                      0);
    check_came_through(fault);
}
END_TEST

START_TEST(a_withdrawal_leaves_the_session)
{
    WORLD_RUN(run, text, "fault cut.action=withdraw");
    const HsFaultTimeline *fault = world_fault(&run, "cut");

    ck_assert_uint_eq(fault->detections->len, 0);
    ck_assert_str_eq(fault->effect, "1 route");
    ck_assert_uint_eq(world_told(&run, HS_FACT_ROUTE_RECEIVED, "primary.aws",
                                 "172.16.0.0/24", "withdraw", NULL, T0,
                                 T0 + HS_SEC(1)),
                      1);
    ck_assert_uint_eq(world_told(&run, HS_FACT_ROUTE_RECEIVED, "primary.aws",
                                 "172.16.0.0/24", "announce", NULL, CLEARED,
                                 CLEARED + HS_SEC(1)),
                      1);
    check_came_through(fault);
}
END_TEST

/* Direct Connect user guide, quotas: 100 routes; with more the session is down.
 * 99 more than the site's own are 100. */
START_TEST(the_101st_prefix_ends_the_session)
{
    WORLD_RUN(run, text, "fault cut.action=prefix-limit",
              _i == 0 ? "fault cut.count=101" : "fault cut.count=100");
    const HsFaultTimeline *fault = world_fault(&run, "cut");

    ck_assert_uint_eq(world_told(&run, HS_FACT_BGP, "primary.aws",
                                 "primary bgp", "Idle", "maximum prefixes", T0,
                                 CLEARED),
                      _i == 0 ? 1 : 0);
    ck_assert_uint_eq(world_told(&run, HS_FACT_BGP, "primary.aws",
                                 "primary bgp", "Established", NULL, T0,
                                 CLEARED),
                      0);
    ck_assert_str_eq(fault->effect, _i == 0 ? "100 routes" : "99 routes");
    /* On that session alone. */
    ck_assert_uint_eq(world_told(&run, HS_FACT_ROUTE_RECEIVED,
                                 "backup.tunnel1.aws", NULL, "announce", NULL,
                                 T0, T0 + HS_SEC(1)),
                      0);
    check_came_through(fault);
}
END_TEST

/* The bounce is over within 30 s, and the interface has its MTU. */
START_TEST(a_change_of_mtu_bounces_the_interface)
{
    WORLD_RUN(run, text, "fault cut.action=mtu-change", "fault cut.mtu=9001B");
    WorldLink *link = hs_world_find_link(run.world, "primary");
    const HsFaultTimeline *fault = world_fault(&run, "cut");

    ck_assert_uint_ge(world_told(&run, HS_FACT_BGP, "primary.aws",
                                 "primary bgp", "Idle", NULL, T0, T0 + 1),
                      1);
    ck_assert_ptr_nonnull(strstr(fault->effect, "1 session"));
    ck_assert_uint_gt(fault->packets, 0);
    /* It is 1500 again by now. */
    ck_assert_uint_eq(
        hs_router_port_mtu(link->end[1].node->router, link->end[1].port), 1500);
    world_check_books(&run);
}
END_TEST

/* Tunnels */

START_TEST(another_key_keeps_the_tunnels_down)
{
    WORLD_RUN(run, text, "fault cut.action=ike-psk-mismatch",
              "fault cut.target=backup.tunnel1");

    ck_assert_uint_eq(world_told(&run, HS_FACT_TUNNEL, "dc.gateway",
                                 "backup.tunnel1 esp", "established", NULL, T0,
                                 CLEARED),
                      0);
    ck_assert_uint_ge(world_told(&run, HS_FACT_TUNNEL, "dc.gateway",
                                 "backup.tunnel1 ike", "down", "authentication",
                                 T0, CLEARED),
                      1);
    ck_assert_uint_eq(world_told(&run, HS_FACT_TUNNEL, "dc.gateway",
                                 "backup.tunnel1 esp", "established", NULL,
                                 CLEARED, END),
                      1);
    ck_assert_uint_eq(world_told(&run, HS_FACT_TUNNEL, NULL,
                                 "backup.tunnel2 esp", "down", NULL, T0, END),
                      0);
}
END_TEST

START_TEST(deleted_sas_are_made_again)
{
    WORLD_RUN(run, text, "fault cut.action=sa-delete",
              "fault cut.target=backup");
    const HsFaultTimeline *fault = world_fault(&run, "cut");

    ck_assert(fault->had_effect);
    ck_assert_uint_eq(world_told(&run, HS_FACT_TUNNEL, "dc.gateway", NULL,
                                 "down", "deleted by the peer", T0,
                                 T0 + HS_SEC(1)),
                      4);
    ck_assert_uint_eq(world_told(&run, HS_FACT_TUNNEL, "dc.gateway", NULL,
                                 "established", "authenticated", T0,
                                 T0 + HS_SEC(10)),
                      4);
}
END_TEST

/* VPN user guide: one tunnel at a time, the other's MED lowered before. */
START_TEST(endpoints_are_replaced_one_at_a_time)
{
    WORLD_RUN(run, text, "fault cut.action=endpoint-replace",
              "fault cut.target=backup", "fault cut.for=40s");
    const HsFaultTimeline *fault = world_fault(&run, "cut");

    /* Slots of 20 s: 5 s of hint, away for 10 s. */
    ck_assert_uint_eq(fault->times->len, 3);
    ck_assert_int_eq(g_array_index(fault->times, HsTime, 1), T0 + HS_SEC(5));
    ck_assert_int_eq(g_array_index(fault->times, HsTime, 2), T0 + HS_SEC(25));
    ck_assert_uint_gt(world_told(&run, HS_FACT_ROUTE_SENT, "backup.tunnel2.aws",
                                 "10.0.0.0/16", "announce", NULL, T0,
                                 T0 + HS_SEC(1)),
                      0);
    ck_assert_uint_eq(world_told(&run, HS_FACT_TUNNEL, "backup.tunnel2.aws",
                                 NULL, "down", NULL, T0, T0 + HS_SEC(24)),
                      0);
    ck_assert_uint_gt(world_told(&run, HS_FACT_TUNNEL, "backup.tunnel2.aws",
                                 NULL, "down", NULL, T0 + HS_SEC(25),
                                 T0 + HS_SEC(26)),
                      0);
    check_came_through(fault);
    world_check_books(&run);
}
END_TEST

/* What does not fit */

START_TEST(what_does_not_fit_is_refused_with_what_would)
{
    static const struct {
        const char *target, *action, *says;
    } rows[] = {
        {"fault cut.target=backup", "fault cut.action=link-down",
         "a tunnel has no carrier to lose; expected blackhole"},
        {"fault cut.target=primary", "fault cut.action=node-crash", "a node"},
        {"fault cut.target=primary", "fault cut.action=sa-delete",
         "a VPN or one of its tunnels"},
        {"fault cut.target=dc.lan", "fault cut.action=bgp-admin-down",
         "a DX, a VPN or one of its tunnels"},
        {"fault cut.target=vgw", "fault cut.action=blackhole", "a link"},
        {"fault cut.target=dc.gateway", "fault cut.action=duplicate", "a link"},
        {"fault cut.target=backup", "fault cut.action=mtu-change",
         "a DX or a connection"},
        {"fault cut.target=dc.gateway", "fault cut.action=nat-reset",
         "SITE.nat or a NAT gateway"},
    };
    const char *const sets[] = {rows[_i].target, rows[_i].action, NULL};
    g_autofree char *said = world_refusal(text, sets);

    ck_assert_msg(strstr(said, rows[_i].says) != NULL, "%s", said);
}
END_TEST

/* The same seed, the same run. */
START_TEST(a_crash_is_the_same_twice)
{
    g_autofree char *one = NULL, *two = NULL;

    {
        WORLD_RUN(run, text, "fault cut.action=node-crash",
                  "fault cut.target=vgw", "fault cut.at=25s..30s");
        one = world_story(&run);
    }
    {
        WORLD_RUN(run, text, "fault cut.action=node-crash",
                  "fault cut.target=vgw", "fault cut.at=25s..30s");
        two = world_story(&run);
    }
    ck_assert(strcmp(one, two) == 0);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("faults of nodes, sessions and tunnels");
    TCase *tc = tcase_create("nodes");

    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, a_crashed_endpoint_is_seen_by_its_light);
    tcase_add_test(tc, a_crashed_gateway_takes_everything);
    tcase_add_test(tc, a_crashed_core_leaves_the_gateways_alone);
    tcase_add_test(tc, a_frozen_gateway_forwards);
    tcase_add_test(tc, a_frozen_gateway_of_aws_forwards);
    tcase_add_test(tc, a_frozen_endpoint_is_found_by_the_hold_timer);
    tcase_add_test(tc, a_stalled_node_is_a_hole_that_nobody_sees);
    tcase_add_test(tc, a_zone_takes_one_tunnel_of_each_connection);
    tcase_add_test(tc, a_frozen_node_can_crash);
    tcase_add_test(tc, a_crash_is_the_same_twice);
    suite_add_tcase(suite, tc);

    tc = tcase_create("sessions");
    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, the_failover_test_closes_the_session);
    tcase_add_test(tc, a_withdrawal_leaves_the_session);
    tcase_add_loop_test(tc, the_101st_prefix_ends_the_session, 0, 2);
    tcase_add_test(tc, a_change_of_mtu_bounces_the_interface);
    suite_add_tcase(suite, tc);

    tc = tcase_create("tunnels");
    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, another_key_keeps_the_tunnels_down);
    tcase_add_test(tc, deleted_sas_are_made_again);
    tcase_add_test(tc, endpoints_are_replaced_one_at_a_time);
    suite_add_tcase(suite, tc);

    tc = tcase_create("fitting");
    tcase_add_loop_test(tc, what_does_not_fit_is_refused_with_what_would, 0, 8);
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}
