#include "config.h"

#include "sim/observe/stats.h"
#include "tests/harness/run.h"
#include "tests/harness/story.h"

START_TEST(percentiles_are_nearest_ranks)
{
    /* The example of the definition: five values, ranks by hand. */
    const HsDuration five[] = {15, 20, 35, 40, 50};
    HsDuration hundred[100], thousand[1000];

    ck_assert_int_eq(hs_percentile(five, 5, 5), 15);
    ck_assert_int_eq(hs_percentile(five, 5, 30), 20);
    ck_assert_int_eq(hs_percentile(five, 5, 40), 20);
    ck_assert_int_eq(hs_percentile(five, 5, 50), 35);
    ck_assert_int_eq(hs_percentile(five, 5, 100), 50);
    ck_assert_int_eq(hs_percentile(five, 5, 0), 15);
    ck_assert_int_eq(hs_percentile(five, 1, 99.9), 15);
    for (int i = 0; i < 100; i++)
        hundred[i] = i + 1;
    for (int i = 0; i < 1000; i++)
        thousand[i] = i + 1;
    ck_assert_int_eq(hs_percentile(hundred, 100, 99), 99);
    ck_assert_int_eq(hs_percentile(hundred, 100, 99.9), 100);
    ck_assert_int_eq(hs_percentile(thousand, 1000, 99.9), 999);
    ck_assert_int_eq(hs_percentile(thousand, 1000, 29), 290);
}
END_TEST

START_TEST(latency_of_unsorted_values)
{
    HsDuration values[] = {9, 1, 8, 2, 7, 3, 6, 4, 5, 10};
    HsDuration large[] = {INT64_MAX, INT64_MAX, INT64_MAX - 3};
    HsLatency l = hs_latency_of(values, 10);

    ck_assert_uint_eq(l.count, 10);
    ck_assert_int_eq(l.min, 1);
    ck_assert_int_eq(l.mean, 5); /* 5.5 */
    ck_assert_int_eq(l.p50, 5);
    ck_assert_int_eq(l.p90, 9);
    ck_assert_int_eq(l.p99, 10);
    ck_assert_int_eq(l.max, 10);
    ck_assert_int_eq(hs_latency_of(large, 3).mean, INT64_MAX - 1);
    ck_assert_uint_eq(hs_latency_of(NULL, 0).count, 0);
}
END_TEST

START_TEST(a_spread_counts_runs_without_a_value)
{
    HsDuration values[] = {30, 10, 20};
    HsSpread spread = hs_spread_of(values, 3, 2);

    ck_assert_uint_eq(spread.runs, 5);
    ck_assert_uint_eq(spread.missing, 2);
    ck_assert_int_eq(spread.min, 10);
    ck_assert_int_eq(spread.p50, 20);
    ck_assert_int_eq(spread.max, 30);
    spread = hs_spread_of(NULL, 0, 4);
    ck_assert_uint_eq(spread.runs, 4);
    ck_assert_uint_eq(spread.missing, 4);
}
END_TEST

/* Cut at 60 s, back at 61 s, cleared at 180 s. */
START_TEST(phases_by_the_instant_a_request_was_due)
{
    g_auto(Story) s;
    const HsClientFailover *f;
    const HsClientStats *client;
    g_autoptr(HsStats) stats = NULL;

    story_init(&s);
    s.start = HS_SEC(10);
    tell_fault(&s, HS_SEC(60), HS_SEC(180), 1);
    tell_requests(&s, "pool", HS_SEC(60), HS_SEC(61), HS_MSEC(5), HS_MSEC(25));
    f = hs_fault_client(story_fault(&s, 0), "pool");
    ck_assert_int_eq(f->parts[HS_PART_SETTLED].at, HS_MSEC(61005));
    stats = hs_stats_new(s.samples, s.timeline);
    ck_assert_uint_eq(stats->clients->len, 1);
    client = &g_array_index(stats->clients, HsClientStats, 0);
    ck_assert_str_eq(client->client, "pool");
    ck_assert_uint_eq(client->phases[HS_PHASE_BEFORE].requests.sent, 5000);
    ck_assert_uint_eq(client->phases[HS_PHASE_DURING].requests.sent, 101);
    ck_assert_uint_eq(client->phases[HS_PHASE_AFTER].requests.sent,
                      12000 - 101);
    ck_assert_uint_eq(client->phases[HS_PHASE_FAILBACK].requests.sent, 12000);
    ck_assert_uint_eq(client->all.requests.sent, 29000);
    ck_assert_int_eq(client->phases[HS_PHASE_BEFORE].latency.p999, HS_MSEC(5));
    ck_assert_int_eq(client->phases[HS_PHASE_DURING].latency.max, HS_SEC(1));
    ck_assert_int_eq(client->phases[HS_PHASE_DURING].latency.p50, HS_MSEC(500));
    ck_assert_int_eq(client->phases[HS_PHASE_AFTER].latency.max, HS_MSEC(25));
    /* Waited for longer than 27.5 ms: those due before 60.980. */
    ck_assert_uint_eq(client->phases[HS_PHASE_DURING].requests.delayed, 98);
    ck_assert_uint_eq(client->phases[HS_PHASE_BEFORE].requests.delayed, 0);
    ck_assert_uint_eq(client->all.requests.delayed, 98);
    /* On their way at the end: due from 299.980 on. */
    ck_assert_uint_eq(client->all.requests.pending, 2);
    ck_assert_uint_eq(client->all.requests.answered, 28998);
    ck_assert_uint_eq(client->all.latency.count, 28998);
    ck_assert_int_eq(hs_phase_at(s.timeline, "pool", HS_SEC(60) - 1),
                     HS_PHASE_BEFORE);
    ck_assert_int_eq(hs_phase_at(s.timeline, "pool", HS_SEC(60)),
                     HS_PHASE_DURING);
    ck_assert_int_eq(hs_phase_at(s.timeline, "pool", HS_SEC(180)),
                     HS_PHASE_FAILBACK);
}
END_TEST

START_TEST(failed_requests_are_counted_and_have_no_latency)
{
    g_auto(Story) s;
    const HsClientStats *client;
    g_autoptr(HsStats) stats = NULL;

    story_init(&s);
    tell_fault(&s, HS_SEC(60), HS_SEC(180), 1);
    for (uint64_t i = 0; i < 200; i++) {
        HsTime at = HS_SEC(59) + (HsTime)i * HS_MSEC(10);
        bool fails = i >= 100 && i < 110;
        HsDuration wait = fails ? HS_SEC(1) : HS_MSEC(5);

        TELL(&s, .at = at + wait,
             .kind = fails ? HS_FACT_REQUEST_FAILED : HS_FACT_REPLY,
             .subject = "pool", .id = i, .value = wait, .cause = "timeout");
    }
    story_fault(&s, 0);
    stats = hs_stats_new(s.samples, s.timeline);
    client = &g_array_index(stats->clients, HsClientStats, 0);
    ck_assert_uint_eq(client->all.requests.sent, 200);
    ck_assert_uint_eq(client->all.requests.failed, 10);
    ck_assert_uint_eq(client->all.requests.answered, 190);
    ck_assert_int_eq(client->all.latency.max, HS_MSEC(5));
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("stats");
    TCase *tc = tcase_create("stats");

    tcase_add_test(tc, percentiles_are_nearest_ranks);
    tcase_add_test(tc, latency_of_unsorted_values);
    tcase_add_test(tc, a_spread_counts_runs_without_a_value);
    tcase_add_test(tc, phases_by_the_instant_a_request_was_due);
    tcase_add_test(tc, failed_requests_are_counted_and_have_no_latency);
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}
