/* The clock and the events of the engine, and several simulations in a row. */

#include "config.h"

#include "sim/engine/ns3_shim.h"
#include "tests/harness/run.h"

static HsSim *sim;
static GString *story;

static void
set_up(void)
{
    sim = hs_sim_new(1);
    story = g_string_new(NULL);
}

static void
tear_down(void)
{
    hs_sim_free(sim);
    g_string_free(story, TRUE);
}

static void
note(void *user_data)
{
    g_string_append_printf(story, "%s@%" G_GINT64_FORMAT " ",
                           (const char *)user_data, hs_sim_now(sim));
}

static void
note_destroy(void *user_data)
{
    g_string_append_printf(story, "~%s ", (const char *)user_data);
}

static HsSimEvent *
at(HsTime when, const char *name)
{
    return hs_sim_schedule(sim, when, note, (void *)(uintptr_t)name,
                           note_destroy);
}

START_TEST(events_run_by_time_then_in_order)
{
    at(20, "c");
    at(10, "a");
    at(20, "d");
    at(10, "b");
    hs_sim_run(sim, 100);
    ck_assert_str_eq(story->str, "a@10 ~a b@10 ~b c@20 ~c d@20 ~d ");
    ck_assert_int_eq(hs_sim_now(sim), 100);
    ck_assert_uint_eq(hs_sim_events(sim), 4);
}
END_TEST

START_TEST(a_cancelled_event_is_destroyed_and_does_not_fire)
{
    HsSimEvent *gone = at(10, "gone");

    at(10, "stays");
    hs_sim_cancel(gone);
    ck_assert_str_eq(story->str, "~gone ");
    hs_sim_run(sim, 10);
    ck_assert_str_eq(story->str, "~gone stays@10 ~stays ");
}
END_TEST

static HsSimEvent *self;

static void
cancel_self(void *user_data)
{
    note(user_data);
    hs_sim_cancel(self);
}

START_TEST(an_event_that_cancels_itself_has_fired)
{
    static char name[] = "x";

    self = hs_sim_schedule(sim, 5, cancel_self, name, note_destroy);
    hs_sim_run(sim, 10);
    ck_assert_str_eq(story->str, "x@5 ~x ");
}
END_TEST

static void
add_now(void *user_data)
{
    note(user_data);
    at(hs_sim_now(sim), "late");
}

START_TEST(a_run_includes_its_last_instant)
{
    static char name[] = "first";

    hs_sim_schedule(sim, 50, add_now, name, NULL);
    at(51, "next");
    hs_sim_run(sim, 50);
    ck_assert_str_eq(story->str, "first@50 late@50 ~late ");
    ck_assert_int_eq(hs_sim_now(sim), 50);
    hs_sim_run(sim, 60);
    ck_assert_str_eq(story->str, "first@50 late@50 ~late next@51 ~next ");
    ck_assert_int_eq(hs_sim_now(sim), 60);
    ck_assert_uint_eq(hs_sim_events(sim), 3);
}
END_TEST

static void
stop(void *user_data)
{
    note(user_data);
    hs_sim_stop(sim);
}

START_TEST(stop_ends_the_run_and_another_goes_on)
{
    static char name[] = "stop";

    hs_sim_schedule(sim, 5, stop, name, NULL);
    at(5, "after");
    hs_sim_run(sim, 10);
    ck_assert_str_eq(story->str, "stop@5 ");
    ck_assert_int_eq(hs_sim_now(sim), 5);
    hs_sim_run(sim, 10);
    ck_assert_str_eq(story->str, "stop@5 after@5 ~after ");
    ck_assert_int_eq(hs_sim_now(sim), 10);
}
END_TEST

START_TEST(pending_events_are_destroyed_with_the_simulation)
{
    at(10, "a");
    at(20, "b");
    hs_sim_run(sim, 10);
    hs_sim_free(sim);
    ck_assert_str_eq(story->str, "a@10 ~a ~b ");
    sim = hs_sim_new(2);
    ck_assert_int_eq(hs_sim_now(sim), 0);
}
END_TEST

/* What one simulation does must not depend on the ones before it. */
START_TEST(simulations_in_a_row_are_alike)
{
    g_autofree char *first = NULL;
    int i;

    for (i = 0; i < 20; i++) {
        HsSimNode *node = hs_sim_node_new(sim, "n");

        ck_assert_str_eq(hs_sim_node_name(node), "n");
        hs_sim_run(sim, 3);
        at(7, "x");
        at(9, "y");
        hs_sim_run(sim, 8);
        hs_sim_free(sim);
        if (first == NULL)
            first = g_strdup(story->str);
        ck_assert_str_eq(first, story->str);
        g_string_truncate(story, 0);
        sim = hs_sim_new(1);
    }
}
END_TEST

START_TEST(time_goes_further_than_any_scenario)
{
    HsTime ten_years = HS_SEC(10 * 365 * 86400);

    at(ten_years, "end");
    hs_sim_run(sim, ten_years);
    ck_assert_int_eq(hs_sim_now(sim), ten_years);
    ck_assert_str_eq(hs_sim_engine_version(), "3.37");
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("engine: clock and events");
    TCase *tc = tcase_create("events");

    tcase_add_checked_fixture(tc, set_up, tear_down);
    tcase_add_test(tc, events_run_by_time_then_in_order);
    tcase_add_test(tc, a_cancelled_event_is_destroyed_and_does_not_fire);
    tcase_add_test(tc, an_event_that_cancels_itself_has_fired);
    tcase_add_test(tc, a_run_includes_its_last_instant);
    tcase_add_test(tc, stop_ends_the_run_and_another_goes_on);
    tcase_add_test(tc, pending_events_are_destroyed_with_the_simulation);
    tcase_add_test(tc, simulations_in_a_row_are_alike);
    tcase_add_test(tc, time_goes_further_than_any_scenario);
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}
