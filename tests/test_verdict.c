#include "config.h"

#include "sim/observe/verdict.h"
#include "tests/harness/run.h"
#include "tests/harness/story.h"

#include <string.h>

#define T0      HS_SEC(60)
#define CLEARED HS_SEC(180)

typedef struct {
    Story story;
    HsStats *stats;
    HsExposure *exposure;
    GArray *tunnels; /* NULL: none were observed */
    HsReadings *readings;
} Result;

static void
result_derive(Result *r)
{
    r->stats = hs_stats_new(r->story.samples, r->story.timeline);
    r->readings =
        hs_readings_new(r->story.timeline, r->stats, r->exposure, r->tunnels);
}

static void
result_read(Result *r)
{
    story_fault(&r->story, 0);
    result_derive(r);
}

static void
result_clear(Result *r)
{
    story_clear(&r->story);
    hs_stats_free(r->stats);
    hs_exposure_free(r->exposure);
    g_clear_pointer(&r->tunnels, g_array_unref);
    hs_readings_free(r->readings);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Result, result_clear)

/* A cut: 40 bytes in clear on DX; the persistent connection is back after
 * 1.6 s, the pool after 1.1 s. */
static void
tell_cut(Result *r)
{
    static const uint8_t clear[40] = {0x45, 0, 0,  40, 0, 0,  0x40, 0,  64, 6,
                                      0,    0, 10, 0,  1, 10, 172,  16, 0,  10};
    HsPrefix vpc, site;
    unsigned dx;

    *r = (Result){.exposure = hs_exposure_new(HS_SEC(1))};
    ck_assert(hs_prefix_parse("10.0.0.0/16", &vpc) &&
              hs_prefix_parse("172.16.0.0/24", &site));
    hs_exposure_add_protected(r->exposure, &vpc, &site);
    dx = hs_exposure_add_link(r->exposure, "dx", HS_LINK_DX, false);
    hs_exposure_add_link(r->exposure, "isp", HS_LINK_INTERNET, false);
    hs_exposure_packet(r->exposure, dx, 0, 0, 1, clear, sizeof clear);
    story_init(&r->story);
    tell_fault(&r->story, T0, CLEARED, 1);
    tell_bfd(&r->story, "cgw", T0 + HS_MSEC(850), "Up", "Down", "expired");
    tell_fib(&r->story, "cgw", T0 + HS_MSEC(900), "primary", "backup1");
    tell_probes(&r->story, "app->db", T0, T0 + HS_MSEC(901));
    tell_requests(&r->story, "persistent", T0, T0 + HS_MSEC(1600), HS_MSEC(5),
                  HS_MSEC(25));
    tell_requests(&r->story, "pool", T0, T0 + HS_MSEC(1100), HS_MSEC(5),
                  HS_MSEC(25));
    tell_bfd(&r->story, "cgw", CLEARED + HS_SEC(2), "Init", "Up", NULL);
    tell_fib(&r->story, "cgw", CLEARED + HS_SEC(3), "backup1", "primary");
}

static const struct {
    const char *figure;
    HsReadingState state;
    int64_t value;
} of_the_cut[] = {
    {"failover", HS_READING_VALUE, HS_MSEC(1600)},
    {"failover.persistent", HS_READING_VALUE, HS_MSEC(1600)},
    {"failover.pool", HS_READING_VALUE, HS_MSEC(1100)},
    {"outage", HS_READING_VALUE, HS_MSEC(1605)},
    {"outage.pool", HS_READING_VALUE, HS_MSEC(1105)},
    {"outage.pool.worst", HS_READING_VALUE, HS_MSEC(1105)},
    {"detect", HS_READING_VALUE, HS_MSEC(850)},
    {"withdraw", HS_READING_NOT_OBSERVED, 0},
    {"fib", HS_READING_VALUE, HS_MSEC(900)},
    {"tunnel", HS_READING_NONE, 0},
    {"dataplane", HS_READING_VALUE, HS_MSEC(903)},
    {"transport", HS_READING_NOT_OBSERVED, 0},
    {"settled.pool", HS_READING_VALUE, HS_MSEC(1105)},
    {"failback", HS_READING_VALUE, HS_SEC(3)},
    {"failback.gap", HS_READING_VALUE, HS_MSEC(10)},
    {"probes.lost", HS_READING_VALUE, 90},
    {"requests.failed", HS_READING_VALUE, 0},
    {"requests.pending", HS_READING_VALUE, 4},
    {"requests.delayed.pool", HS_READING_VALUE, 108},
    {"db.before.p99", HS_READING_VALUE, HS_MSEC(5)},
    {"db.during.max", HS_READING_VALUE, HS_MSEC(1600)},
    {"db.during.max.pool", HS_READING_VALUE, HS_MSEC(1100)},
    {"db.after.p99.9", HS_READING_VALUE, HS_MSEC(25)},
    {"db.p50", HS_READING_VALUE, HS_MSEC(25)},
    {"plaintext.bytes", HS_READING_VALUE, 40},
    {"plaintext.dx.bytes", HS_READING_VALUE, 40},
    {"plaintext.internet.bytes", HS_READING_VALUE, 0},
};

START_TEST(figures_of_a_cut)
{
    g_auto(Result) r;
    const HsReading *found;

    tell_cut(&r);
    result_read(&r);
    found = hs_readings_find(r.readings, of_the_cut[_i].figure);
    ck_assert_ptr_nonnull(found);
    ck_assert_msg(found->state == of_the_cut[_i].state &&
                      found->value == of_the_cut[_i].value,
                  "%s: %s, %" G_GINT64_FORMAT, found->name,
                  hs_reading_state_name(found->state), found->value);
}
END_TEST

/* Read when they are asked for: a fault's own, any percentile. */
static const struct {
    const char *figure;
    HsReadingState state;
    int64_t value;
} asked_of_the_cut[] = {
    {"fault.cut.failover", HS_READING_VALUE, HS_MSEC(1600)},
    {"fault.cut.detect", HS_READING_VALUE, HS_MSEC(850)},
    {"fault.cut.settled.pool", HS_READING_VALUE, HS_MSEC(1105)},
    {"fault.cut.failback", HS_READING_VALUE, HS_SEC(3)},
    {"fault.cut.failback.gap", HS_READING_VALUE, HS_MSEC(10)},
    {"fault.other.failover", HS_READING_NOT_OBSERVED, 0},
    {"db.before.p95", HS_READING_VALUE, HS_MSEC(5)},
    {"db.p0", HS_READING_VALUE, HS_MSEC(5)},
    {"db.p100", HS_READING_VALUE, HS_MSEC(1600)},
    /* The second highest of more than ten thousand. */
    {"db.p99.99.pool", HS_READING_VALUE, HS_MSEC(1080)},
    {"db.min", HS_READING_VALUE, HS_MSEC(5)},
};

START_TEST(figures_that_are_asked_for)
{
    g_auto(Result) r;
    const HsReading *found;
    unsigned before;

    tell_cut(&r);
    result_read(&r);
    before = hs_readings_count(r.readings);
    found = hs_readings_ask(r.readings, asked_of_the_cut[_i].figure);
    ck_assert_ptr_nonnull(found);
    ck_assert_str_eq(found->name, asked_of_the_cut[_i].figure);
    ck_assert_msg(found->state == asked_of_the_cut[_i].state &&
                      found->value == asked_of_the_cut[_i].value,
                  "%s: %s, %" G_GINT64_FORMAT, found->name,
                  hs_reading_state_name(found->state), found->value);
    ck_assert_uint_eq(hs_readings_count(r.readings), before + 1);
    ck_assert_ptr_eq(hs_readings_find(r.readings, asked_of_the_cut[_i].figure),
                     found);
    hs_readings_ask(r.readings, asked_of_the_cut[_i].figure);
    ck_assert_uint_eq(hs_readings_count(r.readings), before + 1);
}
END_TEST

/* A fixed one is not added, and there is no other. The values of a phase are as
 * many as its requests that were answered. */
START_TEST(what_is_no_figure_is_not_asked_for)
{
    static const char *const none[] = {
        "failure",       "fault.cut",         "fault.failover",
        "fault.cut.p99", "db.p101",           "db.p",
        "db.during.95",  "db.during.p95.all", "db.p9x",
    };
    g_auto(Result) r;
    unsigned before, all = 0;

    tell_cut(&r);
    result_read(&r);
    before = hs_readings_count(r.readings);
    hs_readings_ask(r.readings, "failover");
    for (size_t i = 0; i < G_N_ELEMENTS(none); i++)
        ck_assert_msg(hs_readings_ask(r.readings, none[i]) == NULL, "%s",
                      none[i]);
    ck_assert_uint_eq(hs_readings_count(r.readings), before);
    for (guint i = 0; i < r.stats->clients->len; i++)
        all += (unsigned)g_array_index(r.stats->clients, HsClientStats, i)
                   .all.requests.answered;
    ck_assert_int_eq(hs_readings_ask(r.readings, "db.count")->value, all);
}
END_TEST

START_TEST(every_name_is_unique_and_explained)
{
    g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
    unsigned count = 0;

    for (const HsFigureName *row = hs_figure_names(); row->name != NULL;
         row++, count++) {
        ck_assert_msg(g_hash_table_add(seen, (gpointer)(uintptr_t)row->name),
                      "%s twice", row->name);
        ck_assert_str_ne(row->help, "");
        ck_assert_ptr_eq(hs_figure_name_find(row->name), row);
    }
    ck_assert_uint_gt(count, 100);
    ck_assert_ptr_null(hs_figure_name_find("failover.max"));
}
END_TEST

/* What scenarios may write by the documents must be here. */
START_TEST(documented_names_exist)
{
    static const char *const names[] = {"failover",
                                        "outage",
                                        "db.p99",
                                        "plaintext.bytes",
                                        "plaintext.internet.bytes",
                                        "requests.failed",
                                        "db.p50",
                                        "db.p99.9",
                                        "db.before.p99",
                                        "db.during.p99",
                                        "db.after.p99",
                                        "db.failback.p99",
                                        "failback",
                                        "requests.failed.pool",
                                        "plaintext.dx.bytes"};

    for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
        ck_assert_msg(hs_figure_name_find(names[i]) != NULL, "%s", names[i]);
}
END_TEST

static const struct {
    HsDemand demand;
    HsOutcome outcome;
    const char *text;
} demands[] = {
    {{"failover", HS_DEMAND_MAX, HS_MSEC(1600), NULL, 0},
     HS_OUTCOME_PASS,
     "failover 1.6s, at most 1.6s"},
    {{"failover", HS_DEMAND_MAX, HS_MSEC(1600) - 1, NULL, 0},
     HS_OUTCOME_FAIL,
     "failover 1.6s, at most 1.599999999s"},
    {{"detect", HS_DEMAND_MIN, HS_MSEC(850), NULL, 0},
     HS_OUTCOME_PASS,
     "detect 850ms, at least 850ms"},
    {{"detect", HS_DEMAND_MIN, HS_MSEC(851), NULL, 0},
     HS_OUTCOME_FAIL,
     "detect 850ms, at least 851ms"},
    {{"probes.lost", HS_DEMAND_EQUALS, 90, NULL, 0},
     HS_OUTCOME_PASS,
     "probes.lost 90, exactly 90"},
    {{"probes.lost", HS_DEMAND_EQUALS, 91, NULL, 0},
     HS_OUTCOME_FAIL,
     "probes.lost 90, exactly 91"},
    {{"plaintext.bytes", HS_DEMAND_MAX, 0, "dx-cut.ini:42", 0},
     HS_OUTCOME_FAIL,
     "plaintext.bytes 40 B, at most 0 B"},
    {{"tunnel", HS_DEMAND_MAX, HS_SEC(1), NULL, 0},
     HS_OUTCOME_PASS,
     "tunnel none, at most 1s"},
    {{"tunnel", HS_DEMAND_MIN, 0, NULL, 0},
     HS_OUTCOME_FAIL,
     "tunnel none, at least 0s"},
    {{"transport", HS_DEMAND_MAX, HS_SEC(1), NULL, 0},
     HS_OUTCOME_NOT_OBSERVED,
     "transport not observed, at most 1s"},
    {{"failover", HS_DEMAND_WITHIN, HS_MSEC(1600), NULL, HS_MSEC(1700)},
     HS_OUTCOME_PASS,
     "failover 1.6s, from 1.6s to 1.7s"},
    {{"failover", HS_DEMAND_WITHIN, HS_MSEC(1500), NULL, HS_MSEC(1600)},
     HS_OUTCOME_PASS,
     "failover 1.6s, from 1.5s to 1.6s"},
    {{"failover", HS_DEMAND_WITHIN, HS_MSEC(1600) + 1, NULL, HS_MSEC(1700)},
     HS_OUTCOME_FAIL,
     "failover 1.6s, from 1.600000001s to 1.7s"},
    {{"failover", HS_DEMAND_WITHIN, 0, NULL, HS_MSEC(1600) - 1},
     HS_OUTCOME_FAIL,
     "failover 1.6s, from 0s to 1.599999999s"},
    {{"tunnel", HS_DEMAND_WITHIN, 0, NULL, HS_SEC(1)},
     HS_OUTCOME_FAIL,
     "tunnel none, from 0s to 1s"},
    {{"tunnel", HS_DEMAND_EQUALS, 0, NULL, 0},
     HS_OUTCOME_FAIL,
     "tunnel none, exactly 0s"},
    {{"transport", HS_DEMAND_WITHIN, 0, NULL, HS_SEC(1)},
     HS_OUTCOME_NOT_OBSERVED,
     "transport not observed, from 0s to 1s"},
    {{"failure", HS_DEMAND_MAX, HS_SEC(1), NULL, 0},
     HS_OUTCOME_UNKNOWN,
     "failure: there is no such figure"},
};

START_TEST(demands_on_a_cut)
{
    g_auto(Result) r;
    g_autoptr(HsVerdict) verdict = NULL;
    const HsCheck *check;

    tell_cut(&r);
    result_read(&r);
    verdict = hs_verdict_new(r.readings, &demands[_i].demand, 1);
    check = &g_array_index(verdict->checks, HsCheck, 0);
    ck_assert_str_eq(check->text, demands[_i].text);
    ck_assert_str_eq(hs_outcome_name(check->outcome),
                     hs_outcome_name(demands[_i].outcome));
    ck_assert_int_eq(hs_verdict_exit_code(verdict),
                     demands[_i].outcome == HS_OUTCOME_PASS ? 0 : 1);
}
END_TEST

START_TEST(the_exit_code_is_of_all)
{
    g_auto(Result) r;
    g_autoptr(HsVerdict) none = NULL, good = NULL, mixed = NULL;
    const HsDemand two[] = {{"failover", HS_DEMAND_MAX, HS_SEC(2), NULL, 0},
                            {"plaintext.bytes", HS_DEMAND_MAX, 0, NULL, 0}};

    tell_cut(&r);
    result_read(&r);
    none = hs_verdict_new(r.readings, NULL, 0);
    good = hs_verdict_new(r.readings, two, 1);
    mixed = hs_verdict_new(r.readings, two, 2);
    ck_assert_int_eq(hs_verdict_exit_code(none), 4);
    ck_assert_int_eq(hs_verdict_exit_code(good), 0);
    ck_assert_int_eq(hs_verdict_exit_code(mixed), 1);
    ck_assert_uint_eq(mixed->passed, 1);
    ck_assert_uint_eq(mixed->failed, 1);
}
END_TEST

/* expected-verdict: met when exactly the named expectations fail, each by a
 * value. The cut has 40 bytes in clear and fails over in 1.6 s. */
static const struct {
    const char *what;
    HsDemand demands[2];
    const char *names[3];
    unsigned unmet;
    int code;
} lessons[] = {
    {"the named one fails",
     {{"failover", HS_DEMAND_MAX, HS_SEC(2), NULL, 0},
      {"plaintext.bytes", HS_DEMAND_MAX, 0, NULL, 0}},
     {"plaintext.bytes.max"},
     0,
     0},
    {"the named one holds",
     {{"failover", HS_DEMAND_MAX, HS_SEC(2), NULL, 0},
      {"plaintext.bytes", HS_DEMAND_MAX, 40, NULL, 0}},
     {"plaintext.bytes.max"},
     1,
     1},
    {"another one fails too",
     {{"failover", HS_DEMAND_MAX, HS_SEC(1), NULL, 0},
      {"plaintext.bytes", HS_DEMAND_MAX, 0, NULL, 0}},
     {"plaintext.bytes.max"},
     1,
     1},
    {"another one fails instead",
     {{"failover", HS_DEMAND_MAX, HS_SEC(1), NULL, 0},
      {"plaintext.bytes", HS_DEMAND_MAX, 40, NULL, 0}},
     {"plaintext.bytes.max"},
     2,
     1},
    {"both must fail, and do",
     {{"failover", HS_DEMAND_MAX, HS_SEC(1), NULL, 0},
      {"plaintext.bytes", HS_DEMAND_MAX, 0, NULL, 0}},
     {"failover.max", "plaintext.bytes.max"},
     0,
     0},
    {"what was not observed teaches nothing",
     {{"failover", HS_DEMAND_MAX, HS_SEC(2), NULL, 0},
      {"transport", HS_DEMAND_MAX, HS_SEC(1), NULL, 0}},
     {"transport.max"},
     1,
     1},
    {"the sense is part of the name",
     {{"failover", HS_DEMAND_MAX, HS_SEC(2), NULL, 0},
      {"plaintext.bytes", HS_DEMAND_MAX, 0, NULL, 0}},
     {"plaintext.bytes.min"},
     2,
     1},
    {"nobody demands it",
     {{"failover", HS_DEMAND_MAX, HS_SEC(2), NULL, 0},
      {"detect", HS_DEMAND_MAX, HS_SEC(1), NULL, 0}},
     {"plaintext.bytes.max"},
     1,
     1},
};

START_TEST(a_lesson_is_met_by_exactly_its_failures)
{
    g_auto(Result) r;
    g_autoptr(HsVerdict) verdict = NULL;

    tell_cut(&r);
    result_read(&r);
    verdict = hs_verdict_new(r.readings, lessons[_i].demands, 2);
    hs_verdict_must_fail(verdict, (char *const *)(uintptr_t)lessons[_i].names);
    ck_assert_msg(verdict->lesson && verdict->unmet == lessons[_i].unmet,
                  "%s: %u unmet", lessons[_i].what, verdict->unmet);
    ck_assert_msg(hs_verdict_exit_code(verdict) == lessons[_i].code, "%s",
                  lessons[_i].what);
}
END_TEST

START_TEST(a_failure_says_why)
{
    g_auto(Result) r;
    g_autoptr(HsVerdict) verdict = NULL;
    const HsDemand three[] = {{"plaintext.bytes", HS_DEMAND_MAX, 0, NULL, 0},
                              {"failover", HS_DEMAND_MAX, HS_SEC(1), NULL, 0},
                              {"failover", HS_DEMAND_MAX, HS_SEC(2), NULL, 0}};
    const HsCheck *checks;

    tell_cut(&r);
    result_read(&r);
    verdict = hs_verdict_new(r.readings, three, 3);
    hs_verdict_explain(verdict, r.story.timeline, r.exposure);
    checks = (const HsCheck *)(void *)verdict->checks->data;
    ck_assert_str_eq(checks[0].why, "protected traffic crosses dx (dx) in "
                                    "clear: 40 B, first at 0.000 s");
    ck_assert_str_eq(checks[1].why, "by blackhole of primary");
    ck_assert_ptr_null(checks[2].why);
}
END_TEST

static HsReadingState
state_of(const Result *r, const char *figure)
{
    return hs_readings_find(r->readings, figure)->state;
}

START_TEST(a_fault_that_touched_nothing_proves_nothing)
{
    g_auto(Result) r = {0};

    story_init(&r.story);
    tell_fault(&r.story, T0, CLEARED, 0);
    tell_requests(&r.story, "pool", HS_TIME_NEVER, 0, HS_MSEC(5), 0);
    result_read(&r);
    ck_assert_int_eq(state_of(&r, "failover"), HS_READING_NOT_OBSERVED);
    ck_assert_int_eq(state_of(&r, "outage.pool"), HS_READING_NOT_OBSERVED);
    ck_assert_int_eq(state_of(&r, "plaintext.bytes"), HS_READING_NOT_OBSERVED);
    ck_assert_int_eq(state_of(&r, "tunnels.lost"), HS_READING_NOT_OBSERVED);
    ck_assert_int_eq(state_of(&r, "db.p99"), HS_READING_VALUE);
}
END_TEST

/* Of each tunnel one end speaks; without a fault the probes of the whole run
 * count. */
START_TEST(tunnels_are_counted_once)
{
    static const HsTunnelLife lives[] = {
        {.name = "t1", .speaks = true, .esp_rekeys = 3, .ike_rekeys = 1},
        {.name = "t1", .esp_rekeys = 3, .ike_rekeys = 1, .lost = 5},
        {.name = "t2", .speaks = true, .esp_rekeys = 2, .lost = 1},
    };
    g_auto(Result) r = {0};

    story_init(&r.story);
    tell_probes(&r.story, "app->db", HS_SEC(40), HS_SEC(41));
    r.tunnels = g_array_new(FALSE, FALSE, sizeof lives[0]);
    g_array_append_vals(r.tunnels, lives, G_N_ELEMENTS(lives));
    story_close(&r.story);
    result_derive(&r);
    ck_assert_int_eq(hs_readings_find(r.readings, "tunnels.rekeys")->value, 6);
    ck_assert_int_eq(hs_readings_find(r.readings, "tunnels.lost")->value, 1);
    ck_assert_int_eq(hs_readings_find(r.readings, "probes.lost")->value, 100);
}
END_TEST

START_TEST(a_failover_without_loss_meets_any_maximum)
{
    g_auto(Result) r = {0};

    story_init(&r.story);
    tell_fault(&r.story, T0, CLEARED, 3);
    tell_requests(&r.story, "pool", HS_TIME_NEVER, 0, HS_MSEC(5), 0);
    result_read(&r);
    ck_assert_int_eq(state_of(&r, "failover"), HS_READING_NONE);
    ck_assert_int_eq(state_of(&r, "failover.persistent"),
                     HS_READING_NOT_OBSERVED);
    ck_assert_int_eq(state_of(&r, "outage"), HS_READING_NONE);
    ck_assert_int_eq(state_of(&r, "settled"), HS_READING_NONE);
    ck_assert_int_eq(state_of(&r, "db.during.p99"), HS_READING_NONE);
}
END_TEST

START_TEST(no_recovery_is_worse_than_any_value)
{
    g_auto(Result) r = {0};
    const HsDemand demand = {"failover", HS_DEMAND_MAX, INT64_MAX, NULL, 0};
    g_autoptr(HsVerdict) verdict = NULL;

    story_init(&r.story);
    tell_fault(&r.story, T0, CLEARED, 3);
    tell_requests(&r.story, "persistent", T0, HS_TIME_NEVER, HS_MSEC(5), 0);
    tell_requests(&r.story, "pool", T0, T0 + HS_SEC(1), HS_MSEC(5), HS_MSEC(5));
    result_read(&r);
    ck_assert_int_eq(state_of(&r, "failover"), HS_READING_NEVER);
    ck_assert_int_eq(state_of(&r, "failover.pool"), HS_READING_VALUE);
    ck_assert_int_eq(state_of(&r, "outage"), HS_READING_NEVER);
    ck_assert_int_eq(state_of(&r, "db.during.p99.persistent"),
                     HS_READING_NEVER);
    ck_assert_int_eq(state_of(&r, "failback.gap"), HS_READING_NEVER);
    ck_assert_int_eq(state_of(&r, "failback.gap.pool"), HS_READING_VALUE);
    verdict = hs_verdict_new(r.readings, &demand, 1);
    ck_assert_int_eq(hs_verdict_exit_code(verdict), 1);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("verdict");
    TCase *tc = tcase_create("verdict");

    tcase_add_loop_test(tc, figures_of_a_cut, 0, G_N_ELEMENTS(of_the_cut));
    tcase_add_loop_test(tc, figures_that_are_asked_for, 0,
                        G_N_ELEMENTS(asked_of_the_cut));
    tcase_add_test(tc, what_is_no_figure_is_not_asked_for);
    tcase_add_test(tc, every_name_is_unique_and_explained);
    tcase_add_test(tc, documented_names_exist);
    tcase_add_loop_test(tc, demands_on_a_cut, 0, G_N_ELEMENTS(demands));
    tcase_add_test(tc, the_exit_code_is_of_all);
    tcase_add_loop_test(tc, a_lesson_is_met_by_exactly_its_failures, 0,
                        G_N_ELEMENTS(lessons));
    tcase_add_test(tc, a_failure_says_why);
    tcase_add_test(tc, a_fault_that_touched_nothing_proves_nothing);
    tcase_add_test(tc, tunnels_are_counted_once);
    tcase_add_test(tc, a_failover_without_loss_meets_any_maximum);
    tcase_add_test(tc, no_recovery_is_worse_than_any_value);
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}
