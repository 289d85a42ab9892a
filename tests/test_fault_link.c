/* Faults of links and of packets, each in a world: what it does to sessions and
 * packets, what it says that it touched, and that the books balance. The fault
 * is 20 s of a run of 60 s; BFD is 300 ms x 3. */

#include "config.h"

#include "tests/harness/run.h"
#include "tests/harness/world_run.h"

#define T0      HS_SEC(25)
#define CLEARED HS_SEC(45)
#define END     HS_SEC(60)

static const char text[] = "[scenario]\n"
                           "duration = 60s\n"
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
                           "delay = 2ms\n"
                           "bfd = 300ms x 3\n"
                           "[vpn backup]\n"
                           "between = dc, vgw\n"
                           "[database orders]\n"
                           "client = app\n"
                           "server = dc\n"
                           "rate = 20/s\n"
                           "[probe]\n"
                           "interval = 50ms\n"
                           "[fault cut]\n"
                           "target = primary\n"
                           "action = link-down\n"
                           "at = 25s\n"
                           "for = 20s\n";

/* Packets that FATE had on the DX, both ways. */
static uint64_t
fate(const WorldRun *run, HsSimLinkFate which)
{
    uint64_t sum = 0;

    for (unsigned i = 0; i < hs_world_links(run->world); i++) {
        HsWorldLinkReport report = hs_world_link_report(run->world, i);

        if (g_str_equal(report.name, "primary"))
            sum += report.direction[0].packets[which] +
                   report.direction[1].packets[which];
    }
    return sum;
}

static unsigned
downs(const WorldRun *run, HsFactKind kind, const char *subject)
{
    return world_told(run, kind, "dc.gateway", subject,
                      kind == HS_FACT_BGP ? "Idle" : "Down", NULL, T0, END);
}

static uint64_t
lost_probes(const HsFaultTimeline *fault)
{
    uint64_t lost = 0;

    for (guint i = 0; i < fault->losses->len; i++)
        lost += g_array_index(fault->losses, HsLoss, i).lost;
    return lost;
}

START_TEST(link_down_is_seen_at_both_ends)
{
    WORLD_RUN(run, text, "fault cut.action=link-down");
    const HsFaultTimeline *fault = world_fault(&run, "cut");

    ck_assert_uint_eq(world_told(&run, HS_FACT_CARRIER, "dc.gateway", "primary",
                                 "down", NULL, T0, CLEARED),
                      1);
    ck_assert_uint_eq(world_told(&run, HS_FACT_CARRIER, "primary.aws",
                                 "primary", "down", NULL, T0, CLEARED),
                      1);
    ck_assert(fault->had_effect);
    ck_assert_ptr_nonnull(strstr(fault->effect, "1 carrier"));
    ck_assert_uint_eq(fault->packets, fate(&run, HS_SIM_LINK_NO_CARRIER));
    world_check_books(&run);
}
END_TEST

START_TEST(a_black_hole_one_way_takes_only_that_way)
{
    WORLD_RUN(run, text, "fault cut.action=blackhole",
              "fault cut.direction=to-aws");
    HsWorldLinkReport report;

    for (unsigned i = 0; i < hs_world_links(run.world); i++) {
        report = hs_world_link_report(run.world, i);
        if (g_str_equal(report.name, "primary"))
            break;
    }
    ck_assert_uint_gt(report.direction[0].packets[HS_SIM_LINK_BLACK_HOLE], 0);
    ck_assert_uint_eq(report.direction[1].packets[HS_SIM_LINK_BLACK_HOLE], 0);
    ck_assert_uint_eq(world_fault(&run, "cut")->packets,
                      report.direction[0].packets[HS_SIM_LINK_BLACK_HOLE]);
}
END_TEST

/* 2 % of the packets and 20 ms more: three BFD packets in a row are hardly ever
 * lost, and hold timers are far. */
START_TEST(a_brownout_is_not_detected)
{
    WORLD_RUN(run, text, "fault cut.action=brownout", "fault cut.loss=2%",
              "fault cut.delay=20ms", "fault cut.jitter=exponential 1ms");
    const HsFaultTimeline *fault = world_fault(&run, "cut");

    ck_assert_uint_eq(fault->detections->len, 0);
    ck_assert_int_eq(fault->network[HS_PART_DETECT].status,
                     HS_STATUS_DID_NOT_HAPPEN);
    ck_assert_uint_gt(fate(&run, HS_SIM_LINK_LOSS), 0);
    /* Everything there was lost or late. */
    ck_assert_uint_gt(fault->packets, fate(&run, HS_SIM_LINK_LOSS));
    world_check_books(&run);
}
END_TEST

/* 300 kbit/s carry the probes and the sessions, but slowly. */
START_TEST(a_brownout_of_the_rate_is_slow_and_ends)
{
    WORLD_RUN(run, text, "fault cut.action=brownout", "fault cut.rate=300kbps");
    const HsFacts *facts = hs_world_facts(run.world);
    HsDuration slow = 0, after = 0;
    HsFact f;

    for (size_t i = 0;
         hs_facts_next(facts, &i, HS_FACT_BIT(HS_FACT_PROBE_RECEIVED), &f);) {
        if (f.at > T0 && f.at < CLEARED)
            slow = hs_time_max(slow, f.value);
        if (f.at > CLEARED + HS_SEC(1))
            after = hs_time_max(after, f.value);
    }
    ck_assert_int_gt(slow, HS_MSEC(5));
    ck_assert_int_lt(after, HS_MSEC(4));
    ck_assert_uint_gt(world_fault(&run, "cut")->packets, 500);
}
END_TEST

/* The ramp's delay at its middle is half of it. */
START_TEST(a_ramp_rises)
{
    WORLD_RUN(run, text, "fault cut.action=brownout", "fault cut.delay=40ms",
              "fault cut.ramp=20s");
    const HsFacts *facts = hs_world_facts(run.world);
    HsFact f;
    unsigned seen = 0;

    for (size_t i = 0;
         hs_facts_next(facts, &i, HS_FACT_BIT(HS_FACT_PROBE_RECEIVED), &f);) {
        if (f.at < T0 + HS_SEC(10) || f.at > T0 + HS_MSEC(10500))
            continue;
        seen++;
        ck_assert_int_ge(f.value, HS_MSEC(20));
        ck_assert_int_le(f.value, HS_MSEC(26));
    }
    ck_assert_uint_gt(seen, 10);
}
END_TEST

/* Three failures of 2 s, 6 s apart: three losses of carrier, over with the
 * third, and the recovery is the one from the last. */
START_TEST(a_flap_comes_and_goes)
{
    WORLD_RUN(run, text, "fault cut.action=flap", "fault cut.period=6s",
              "fault cut.duty=33.34%", "fault cut.count=3");
    const HsFaultTimeline *fault = world_fault(&run, "cut");

    ck_assert_uint_eq(world_told(&run, HS_FACT_CARRIER, "dc.gateway", "primary",
                                 "down", NULL, T0, END),
                      3);
    ck_assert_uint_eq(fault->times->len, 3);
    ck_assert_int_eq(g_array_index(fault->times, HsTime, 2), T0 + HS_SEC(12));
    ck_assert_int_gt(fault->cleared, T0 + HS_SEC(14) - HS_MSEC(1));
    ck_assert_int_lt(fault->cleared, T0 + HS_SEC(14) + HS_MSEC(2));
    ck_assert_ptr_nonnull(strstr(fault->effect, "3 carriers"));
}
END_TEST

START_TEST(a_flap_in_silence_moves_no_carrier)
{
    WORLD_RUN(run, text, "fault cut.action=flap", "fault cut.how=blackhole",
              "fault cut.period=8s");
    const HsFaultTimeline *fault = world_fault(&run, "cut");

    ck_assert_uint_eq(
        world_told(&run, HS_FACT_CARRIER, NULL, NULL, NULL, NULL, T0, END), 0);
    ck_assert_uint_eq(fault->times->len, 3); /* at 25, 33 and 41 s */
    ck_assert_int_eq(fault->cleared, CLEARED);
    ck_assert_uint_ge(downs(&run, HS_FACT_BFD, "primary bfd"), 1);
}
END_TEST

/* Small packets pass: sessions and probes live, the large replies do not. */
START_TEST(an_mtu_hole_takes_only_large_packets)
{
    WORLD_RUN(run, text, "fault cut.action=mtu", "fault cut.mtu=600B");
    const HsFaultTimeline *fault = world_fault(&run, "cut");

    ck_assert_uint_eq(fault->detections->len, 0);
    ck_assert_uint_eq(lost_probes(fault), 0);
    ck_assert_uint_gt(fate(&run, HS_SIM_LINK_BLACK_HOLE), 20);
    ck_assert_uint_eq(fault->packets, fate(&run, HS_SIM_LINK_BLACK_HOLE));
    world_check_books(&run);
}
END_TEST

/* Each damaged packet is dropped by name somewhere: IPv4's checksum, UDP's and
 * TCP's. None gets through as good. */
START_TEST(corruption_is_caught)
{
    WORLD_RUN(run, text, "fault cut.action=corrupt", "fault cut.probability=5%",
              "fault cut.target=primary");
    const HsFaultTimeline *fault = world_fault(&run, "cut");
    g_autoptr(GArray) drops = hs_world_drops(run.world);
    uint64_t caught = 0;

    ck_assert_uint_gt(fault->packets, 40);
    ck_assert_uint_gt(lost_probes(fault), 0);
    ck_assert_uint_eq(fate(&run, HS_SIM_LINK_LOSS), 0);
    world_check_books(&run);
    /* By a router's look at the header, or by the host: each has a name. The
     * few that were BFD's are refused there. */
    for (guint i = 0; i < drops->len; i++)
        caught += g_array_index(drops, HsWorldDrop, i).packets;
    ck_assert_uint_le(caught, fault->packets);
    ck_assert_uint_gt(caught, fault->packets * 9 / 10);
}
END_TEST

/* In a tunnel, ESP's integrity check catches it. */
START_TEST(corruption_in_a_tunnel_breaks_its_integrity)
{
    WORLD_RUN(run, text, "fault cut.action=corrupt", "fault cut.target=backup",
              "fault cut.probability=40%");
    g_autoptr(GArray) drops = hs_world_drops(run.world);
    uint64_t integrity = 0;

    for (guint i = 0; i < drops->len; i++) {
        const HsWorldDrop *drop = &g_array_index(drops, HsWorldDrop, i);

        if (g_str_has_prefix(drop->reason, "ESP:"))
            integrity += drop->packets;
    }
    ck_assert_uint_gt(integrity, 0);
    ck_assert_uint_le(integrity, world_fault(&run, "cut")->packets);
}
END_TEST

START_TEST(duplicates_reordering_and_replays_do_no_harm)
{
    static const char *const actions[] = {"fault cut.action=duplicate",
                                          "fault cut.action=reorder",
                                          "fault cut.action=replay"};
    WORLD_RUN(run, text, actions[_i], "fault cut.probability=10%");
    const HsFaultTimeline *fault = world_fault(&run, "cut");

    ck_assert_uint_gt(fault->packets, 40);
    ck_assert_uint_eq(fault->detections->len, 0);
    ck_assert_uint_eq(lost_probes(fault), 0);
    world_check_books(&run);
}
END_TEST

/* ESP refuses what it has seen (RFC 4303 3.4.3). */
START_TEST(replays_in_a_tunnel_are_refused)
{
    WORLD_RUN(run, text, "fault cut.action=replay", "fault cut.target=backup",
              "fault cut.probability=50%");
    g_autoptr(GArray) drops = hs_world_drops(run.world);
    uint64_t replayed = 0;

    for (guint i = 0; i < drops->len; i++) {
        const HsWorldDrop *drop = &g_array_index(drops, HsWorldDrop, i);

        if (g_str_has_prefix(drop->reason, "ESP:"))
            replayed += drop->packets;
    }
    ck_assert_uint_gt(replayed, 0);
    ck_assert_uint_le(replayed, world_fault(&run, "cut")->packets);
    world_check_books(&run);
}
END_TEST

/* Two members of a LAG of three go; the third carries on. */
START_TEST(a_lag_carries_on_with_what_is_left)
{
    WORLD_RUN(run, text, "dx primary.lag=3", "fault cut.action=lag-member-down",
              "fault cut.count=2");
    const HsFaultTimeline *fault = world_fault(&run, "cut");

    ck_assert_uint_eq(downs(&run, HS_FACT_BGP, "primary bgp"), 0);
    ck_assert_ptr_nonnull(strstr(fault->effect, "2 carriers"));
}
END_TEST

START_TEST(a_lag_below_its_minimum_goes)
{
    WORLD_RUN(run, text, "dx primary.lag=3", "dx primary.lag.min-links=2",
              "fault cut.action=lag-member-down", "fault cut.count=2");

    ck_assert_uint_eq(downs(&run, HS_FACT_BGP, "primary bgp"), 1);
}
END_TEST

/* What several faults do to one link */

static const char second[] = "[fault more]\n"
                             "target = primary\n"
                             "action = blackhole\n"
                             "at = 35s\n"
                             "for = 20s\n";

START_TEST(a_link_is_well_when_the_last_fault_has_left_it)
{
    g_autofree char *both = g_strconcat(text, second, NULL);
    WORLD_RUN(run, both, "fault cut.action=blackhole");
    const HsFaultTimeline *first = world_fault(&run, "cut");
    const HsFaultTimeline *other = world_fault(&run, "more");

    ck_assert_uint_eq(world_told(&run, HS_FACT_BFD, "dc.gateway", "primary bfd",
                                 "Up", NULL, T0, HS_SEC(55)),
                      0);
    ck_assert_uint_eq(world_told(&run, HS_FACT_BFD, "dc.gateway", "primary bfd",
                                 "Up", NULL, HS_SEC(55), END),
                      1);
    ck_assert(first->had_effect && other->had_effect);
    world_check_books(&run);
}
END_TEST

/* Each counts its own: the brownout what it lost, the duplicates their copies.
 */
START_TEST(overlapping_harms_count_apart)
{
    g_autofree char *both = g_strconcat(text, second, NULL);
    WORLD_RUN(run, both, "fault cut.action=brownout", "fault cut.loss=2%",
              "fault more.action=duplicate", "fault more.probability=5%");
    uint64_t copies = 0;

    for (unsigned i = 0; i < hs_world_links(run.world); i++) {
        HsWorldLinkReport report = hs_world_link_report(run.world, i);

        copies += report.direction[0].copies + report.direction[1].copies;
    }
    ck_assert_uint_eq(world_fault(&run, "more")->packets, copies);
    ck_assert_uint_eq(world_fault(&run, "cut")->packets,
                      fate(&run, HS_SIM_LINK_LOSS));
    world_check_books(&run);
}
END_TEST

/* A tunnel that nobody uses for data still has its sessions; a link that is
 * dark already has nothing to lose. */
START_TEST(what_touches_nothing_fails_the_verdict)
{
    g_autofree char *both = g_strconcat(text, second, NULL);
    WORLD_RUN(run, both, "fault more.action=duplicate",
              "fault more.probability=1%", "fault more.at=30s",
              "fault more.for=5s");
    g_autoptr(HsStats) stats = hs_stats_new(run.samples, run.timeline);
    g_autoptr(HsReadings) readings =
        hs_readings_new(run.timeline, stats, NULL, NULL);
    g_autoptr(HsVerdict) verdict = hs_verdict_new(readings, NULL, 0);

    ck_assert(!world_fault(&run, "more")->had_effect);
    hs_verdict_faults(verdict, run.timeline);
    ck_assert_uint_eq(verdict->idle->len, 1);
    ck_assert_str_eq(verdict->idle->pdata[0],
                     "the fault more touched nothing: duplicate of primary");
    ck_assert_int_eq(hs_verdict_exit_code(verdict), 1);
}
END_TEST

/* The same seed, the same run. */
START_TEST(chance_is_the_seed_s)
{
    g_autofree char *one = NULL, *two = NULL, *other = NULL;

    {
        WORLD_RUN(run, text, "fault cut.action=brownout", "fault cut.loss=10%");
        one = world_story(&run);
    }
    {
        WORLD_RUN(run, text, "fault cut.action=brownout", "fault cut.loss=10%");
        two = world_story(&run);
    }
    {
        WORLD_RUN(run, text, "fault cut.action=brownout", "fault cut.loss=10%",
                  "scenario.seed=2");
        other = world_story(&run);
    }
    ck_assert(strcmp(one, two) == 0);
    ck_assert(strcmp(one, other) != 0);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("faults of links");
    TCase *tc = tcase_create("links");

    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, link_down_is_seen_at_both_ends);
    tcase_add_test(tc, a_black_hole_one_way_takes_only_that_way);
    tcase_add_test(tc, a_flap_comes_and_goes);
    tcase_add_test(tc, a_flap_in_silence_moves_no_carrier);
    tcase_add_test(tc, a_lag_carries_on_with_what_is_left);
    tcase_add_test(tc, a_lag_below_its_minimum_goes);
    suite_add_tcase(suite, tc);

    tc = tcase_create("packets");
    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, a_brownout_is_not_detected);
    tcase_add_test(tc, a_brownout_of_the_rate_is_slow_and_ends);
    tcase_add_test(tc, a_ramp_rises);
    tcase_add_test(tc, an_mtu_hole_takes_only_large_packets);
    tcase_add_test(tc, corruption_is_caught);
    tcase_add_test(tc, corruption_in_a_tunnel_breaks_its_integrity);
    tcase_add_loop_test(tc, duplicates_reordering_and_replays_do_no_harm, 0, 3);
    tcase_add_test(tc, replays_in_a_tunnel_are_refused);
    suite_add_tcase(suite, tc);

    tc = tcase_create("several");
    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, a_link_is_well_when_the_last_fault_has_left_it);
    tcase_add_test(tc, overlapping_harms_count_apart);
    tcase_add_test(tc, what_touches_nothing_fails_the_verdict);
    tcase_add_test(tc, chance_is_the_seed_s);
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}
