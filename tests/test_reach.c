/* Which probes count for a [probe]'s expectation, and which are against it.
 *
 *     0        10 s        20 s      25 s              85 s        100 s
 *     | warm-up | steady    | fault   | rest, a minute   | steady    | end
 */

#include "config.h"

#include "sim/reach.h"
#include "tests/harness/run.h"

#define START HS_SEC(10)
#define T0    HS_SEC(20)
#define END   HS_SEC(100)

typedef struct {
    HsDirectionSamples direction;
    HsFaultTimeline fault;
    HsTimeline timeline;
} Run;

static void
setup(Run *run)
{
    *run = (Run){
        .direction = {.direction = "app to dc (far)", .probe = "far"},
        .fault = {.t0 = T0, .cleared = HS_SEC(25)},
        .timeline = {.start = START, .end = END},
    };
    run->direction.probes = g_array_new(FALSE, FALSE, sizeof(HsProbeSample));
    run->timeline.faults = g_ptr_array_new();
    g_ptr_array_add(run->timeline.faults, &run->fault);
}

static void
teardown(Run *run)
{
    g_array_unref(run->direction.probes);
    g_ptr_array_unref(run->timeline.faults);
}

static void
probe(Run *run, HsTime sent, bool arrived)
{
    HsProbeSample sample = {.sent = sent,
                            .arrived =
                                arrived ? sent + HS_MSEC(3) : HS_TIME_NEVER,
                            .id = run->direction.probes->len + 1};

    g_array_append_val(run->direction.probes, sample);
}

static const struct {
    const char *name;
    HsTime sent;
    bool counts;
} instants[] = {
    {"in the warm-up", START - 1, false},
    {"as soon as it is over", START, true},
    {"a second before the fault", T0 - HS_SEC(1), true},
    {"under way when it begins", T0 - HS_SEC(1) + 1, false},
    {"with the fault", T0, false},
    {"in it", HS_SEC(24), false},
    {"when it is cleared", HS_SEC(25), false},
    {"a minute later, but a moment", HS_SEC(85) - 1, false},
    {"a minute later", HS_SEC(85), true},
    {"a second before the end", END - HS_SEC(1), true},
    {"under way at the end", END - HS_SEC(1) + 1, false},
};

START_TEST(instants_that_count)
{
    Run run;

    setup(&run);
    probe(&run, instants[_i].sent, false);
    ck_assert_msg(hs_reach_count(&run.direction, &run.timeline, true).sent ==
                      instants[_i].counts,
                  "%s", instants[_i].name);
    teardown(&run);
}
END_TEST

START_TEST(fault_that_stays)
{
    Run run;

    setup(&run);
    run.fault.cleared = HS_TIME_NEVER;
    probe(&run, HS_SEC(90), true);
    ck_assert_uint_eq(hs_reach_count(&run.direction, &run.timeline, true).sent,
                      0);
    teardown(&run);
}
END_TEST

START_TEST(first_against_it)
{
    Run run;
    HsReachCount count;

    setup(&run);
    probe(&run, HS_SEC(11), true);
    probe(&run, HS_SEC(12), false);
    probe(&run, HS_SEC(13), true);
    probe(&run, HS_SEC(14), false);
    count = hs_reach_count(&run.direction, &run.timeline, true);
    ck_assert_uint_eq(count.sent, 4);
    ck_assert_uint_eq(count.arrived, 2);
    ck_assert_int_eq(count.first, HS_SEC(12));
    count = hs_reach_count(&run.direction, &run.timeline, false);
    ck_assert_int_eq(count.first, HS_SEC(11));
    teardown(&run);
}
END_TEST

static Suite *
suite(void)
{
    Suite *s = suite_create("reach");
    TCase *tc = tcase_create("probes");

    tcase_add_loop_test(tc, instants_that_count, 0, G_N_ELEMENTS(instants));
    tcase_add_test(tc, fault_that_stays);
    tcase_add_test(tc, first_against_it);
    suite_add_tcase(s, tc);
    return s;
}

int
main(void)
{
    return run_suite(suite());
}
