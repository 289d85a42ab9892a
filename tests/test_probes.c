/* What probes say of a direction: facts written by hand, figures by hand. */

#include "config.h"

#include "sim/observe/probes.h"
#include "tests/harness/run.h"

/* One a millisecond; every second one arrives, alternately after 5 and 6 ms: a
 * path that carries half of it. */
static GArray *
stats_of(unsigned sent, HsTime start)
{
    g_autoptr(HsFacts) facts = hs_facts_new();
    g_autoptr(HsSamples) samples = NULL;

    for (unsigned ms = 0; ms < sent + 10; ms++) {
        if (ms < sent)
            hs_facts_append(facts, &(HsFact){.at = HS_MSEC(ms),
                                             .kind = HS_FACT_PROBE_SENT,
                                             .subject = "to AWS",
                                             .id = ms + 1});
        for (unsigned id = 1; id <= sent; id += 2) {
            unsigned delay = id % 4 == 1 ? 5 : 6;

            if (id - 1 + delay == ms)
                hs_facts_append(facts, &(HsFact){.at = HS_MSEC(ms),
                                                 .kind = HS_FACT_PROBE_RECEIVED,
                                                 .subject = "to AWS",
                                                 .id = id,
                                                 .value = HS_MSEC(delay)});
        }
    }
    samples = hs_samples_new(facts);
    return hs_probe_stats_new(samples, start);
}

START_TEST(loss_delay_and_rate)
{
    g_autoptr(GArray) list = stats_of(1000, 0);
    const HsProbeStats *stats = &g_array_index(list, HsProbeStats, 0);

    ck_assert_uint_eq(list->len, 1);
    ck_assert_str_eq(stats->direction, "to AWS");
    ck_assert_uint_eq(stats->sent, 1000);
    ck_assert_uint_eq(stats->received, 500);
    ck_assert_int_eq(stats->delay.min, HS_MSEC(5));
    ck_assert_int_eq(stats->delay.p99, HS_MSEC(6));
    ck_assert_int_eq(stats->variation, HS_MSEC(1));
    /* Two arrivals every 4 ms, apart by 3 and 1: 500 a second, and in a window
     * that ends within a pair by half a gap more or less. */
    ck_assert_double_ge(stats->rate, 498);
    ck_assert_double_le(stats->rate, 502);
}
END_TEST

START_TEST(the_warm_up_does_not_count)
{
    g_autoptr(GArray) list = stats_of(1000, HS_MSEC(900));
    const HsProbeStats *stats = &g_array_index(list, HsProbeStats, 0);

    ck_assert_uint_eq(stats->sent, 100);
    ck_assert_uint_eq(stats->received, 50);
}
END_TEST

START_TEST(silence_has_no_figures)
{
    g_autoptr(GArray) none = stats_of(1000, HS_SEC(2));
    const HsProbeStats *stats = &g_array_index(none, HsProbeStats, 0);
    g_autoptr(GArray) one = stats_of(1, 0);

    ck_assert_uint_eq(stats->sent, 0);
    ck_assert_uint_eq(stats->delay.count, 0);
    ck_assert_double_eq(stats->rate, 0);
    stats = &g_array_index(one, HsProbeStats, 0);
    ck_assert_uint_eq(stats->received, 1);
    ck_assert_double_eq(stats->rate, 0);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("probes");
    TCase *tc = tcase_create("probes");

    tcase_add_test(tc, loss_delay_and_rate);
    tcase_add_test(tc, the_warm_up_does_not_count);
    tcase_add_test(tc, silence_has_no_figures);
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}
