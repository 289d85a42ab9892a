/* sim/check on results that are written here: what an output makes of texts
 * that it could choke on, what a baseline calls worse, and which files are
 * meant. The real program's outputs are read by tests/system/check-ci.py. */

#include "config.h"

#include "sim/check/differences.h"
#include "sim/check/files.h"
#include "sim/check/outputs.h"
#include "sim/check/spread.h"
#include "sim/check/timeline.h"
#include "sim/check/write.h"
#include "tests/harness/run.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A result of one fault; DETECT and OUTAGE in milliseconds. */
static json_t *
make_result(const char *seed, double detect, double outage)
{
    g_autofree char *text = g_strdup_printf(
        "{\"format\":\"hybridsim-result\",\"version\":1,"
        "\"program\":{\"version\":\"1\"},"
        "\"scenario\":{\"title\":\"t\",\"sha256\":\"00\",\"seed\":\"%s\","
        "\"duration_s\":300},"
        "\"verdict\":{\"checks\":[{\"figure\":\"outage\","
        "\"comparison\":\"max\",\"source\":\"s.ini:7\",\"text\":\"outage\","
        "\"why\":null,\"must_fail\":false,\"met\":%s}],"
        "\"missing\":[],\"idle_faults\":[]},"
        "\"faults\":[{\"name\":\"cut\",\"had_effect\":true,\"effect\":\"x\","
        "\"detections\":[{\"means\":\"BFD\",\"since_fault_ms\":%f,"
        "\"governs\":true}],\"clients\":[{\"client\":\"pool\","
        "\"recovery\":\"recovered\",\"failover_ms\":%f,\"outage\":{"
        "\"status\":\"happened\",\"duration_ms\":%f,\"until_s\":9},"
        "\"parts\":[{\"part\":\"detect\",\"duration_ms\":%f,\"share\":0.5,"
        "\"node\":\"gw\",\"cause\":\"BFD\",\"evidence\":{\"packet\":12,"
        "\"link\":\"dx\"}},"
        "{\"part\":\"transport\",\"duration_ms\":%f,\"share\":0.5}]}]}],"
        "\"figures\":{\"outage\":{\"state\":\"value\",\"value_ms\":%f},"
        "\"outage.pool\":{\"state\":\"value\",\"value_ms\":%f},"
        "\"requests.failed\":{\"state\":\"value\",\"value\":4},"
        "\"tunnels.rekeys\":{\"state\":\"value\",\"value\":4}},"
        "\"values\":[1],\"findings\":[]}",
        seed, outage < 5000 ? "true" : "false", detect, outage, outage, detect,
        outage - detect, outage, outage);
    json_t *result = json_loads(text, 0, NULL);

    ck_assert_ptr_nonnull(result);
    return result;
}

/* A run of SCENARIO with RESULT (transfer full), or one that ended with STATUS
 * and said ERRORS. */
static void
add_run(HsCiScenario *scenario, json_t *result, int status, const char *errors)
{
    HsCiRun *run = hs_ci_run_add(scenario, "nowhere");

    run->state = (HsCiState)status;
    run->errors = g_strdup(errors);
    run->result = result;
    run->seed = g_ascii_strtoull(
        result != NULL ? json_string_value(json_object_get(
                             json_object_get(result, "scenario"), "seed"))
                       : "0",
        NULL, 10);
}

static const HsCiItem *
item_of(const HsCiScenario *scenario, const char *name)
{
    for (guint i = 0; i < scenario->items->len; i++) {
        const HsCiItem *item = scenario->items->pdata[i];

        if (g_str_equal(item->name, name))
            return item;
    }
    ck_abort_msg("no item %s", name);
}

/* A report of one scenario that could not be loaded, which said ERRORS. */
static HsCiReport *
bad_report(const char *file, const char *errors)
{
    HsCiReport *report = hs_ci_report_new("1", false, false);
    HsCiScenario *scenario = hs_ci_scenario_add(report, file, "s");

    add_run(scenario, NULL, HS_CI_BAD_FILE, errors);
    hs_ci_scenario_judge(scenario, false);
    return report;
}

/* XML 1.0 2.2: of the control characters only tab, newline and return. */
START_TEST(junit_escapes)
{
    g_autoptr(HsCiReport) report =
        bad_report("a<b>&\"c\".ini", "x\x01\x1b[0m\x7f\tz\xff\xef\xbf\xbf ]]>");
    g_autoptr(GString) text = g_string_new(NULL);

    hs_ci_junit(report, text);
    ck_assert(g_utf8_validate(text->str, -1, NULL));
    ck_assert_ptr_nonnull(
        strstr(text->str, "name=\"a&lt;b&gt;&amp;&quot;c&quot;.ini\""));
    ck_assert_ptr_nonnull(strstr(text->str,
                                 "x\xef\xbf\xbd\xef\xbf\xbd[0m\x7f\tz"
                                 "\xef\xbf\xbd\xef\xbf\xbd ]]&gt;"));
    for (const char *at = text->str; *at != '\0'; at++)
        ck_assert((guchar)*at >= 0x20 || *at == '\n' || *at == '\t');
}
END_TEST

/* A "#" would begin a directive, and a newline another test. */
START_TEST(tap_escapes)
{
    g_autoptr(HsCiReport) report =
        bad_report("a # SKIP\nok 7.ini", "say \"no\"\n...\nok 9\n");
    g_autoptr(GString) text = g_string_new(NULL);

    hs_ci_tap(report, text);
    ck_assert_ptr_nonnull(strstr(
        text->str, "not ok 1 - a \\# SKIP ok 7.ini: it can be loaded\n"));
    ck_assert_ptr_nonnull(
        strstr(text->str, "  details: \"say \\\"no\\\"\\n...\\nok 9\\n\"\n"));
    ck_assert_ptr_null(strstr(text->str, "\nok"));
}
END_TEST

START_TEST(sarif_names_file_and_line)
{
    g_autoptr(HsCiReport) report =
        bad_report("./a b#.ini", "./a b#.ini:31: [x] y: wrong\n");
    g_autoptr(GString) text = g_string_new(NULL);
    json_t *log, *result, *place;

    hs_ci_sarif(report, text);
    log = json_loads(text->str, 0, NULL);
    result = json_array_get(
        json_object_get(json_array_get(json_object_get(log, "runs"), 0),
                        "results"),
        0);
    ck_assert_str_eq(json_string_value(json_object_get(result, "ruleId")),
                     "BAD-SCENARIO");
    place =
        json_object_get(json_array_get(json_object_get(result, "locations"), 0),
                        "physicalLocation");
    ck_assert_str_eq(json_string_value(json_object_get(
                         json_object_get(place, "artifactLocation"), "uri")),
                     "a%20b%23.ini");
    ck_assert_int_eq(json_integer_value(json_object_get(
                         json_object_get(place, "region"), "startLine")),
                     31);
    json_decref(log);
}
END_TEST

/* What died is about the tool: no result, and the invocation failed. */
START_TEST(sarif_of_a_run_that_died)
{
    g_autoptr(HsCiReport) report = hs_ci_report_new("1", false, false);
    HsCiScenario *scenario = hs_ci_scenario_add(report, "s.ini", "s");
    g_autoptr(GString) text = g_string_new(NULL);

    add_run(scenario, NULL, HS_CI_DIED, "the run died: Killed\n");
    hs_ci_scenario_judge(scenario, false);
    hs_ci_sarif(report, text);
    ck_assert_ptr_nonnull(strstr(text->str, "\"executionSuccessful\": false"));
    ck_assert_ptr_nonnull(strstr(text->str, "the run died: Killed"));
    ck_assert_ptr_nonnull(strstr(text->str, "\"results\": []"));
}
END_TEST

/* Every state, and what several make together: 3 2 1 4 0. */
START_TEST(worst_state_counts)
{
    static const int order[] = {HS_CI_NOT_RUN, HS_CI_PASS,     HS_CI_NOTHING,
                                HS_CI_FAIL,    HS_CI_BAD_FILE, HS_CI_DIED};

    for (unsigned i = 0; i < G_N_ELEMENTS(order); i++)
        for (unsigned j = 0; j < G_N_ELEMENTS(order); j++) {
            g_autoptr(HsCiReport) report = hs_ci_report_new("1", false, false);
            int worst = order[MAX(i, j)];

            for (unsigned k = 0; k < 2; k++) {
                HsCiScenario *scenario =
                    hs_ci_scenario_add(report, "s.ini", "s");

                add_run(scenario, NULL, order[k == 0 ? i : j], NULL);
                hs_ci_scenario_judge(scenario, false);
            }
            ck_assert_int_eq((int)hs_ci_report_state(report),
                             worst == HS_CI_NOT_RUN ? HS_CI_NOTHING : worst);
        }
}
END_TEST

START_TEST(seeds_are_named)
{
    g_autoptr(HsCiReport) report = hs_ci_report_new("1", false, true);
    HsCiScenario *scenario = hs_ci_scenario_add(report, "s.ini", "s");
    HsCiSpread spread;

    add_run(scenario, make_result("1", 800, 1000), HS_CI_PASS, NULL);
    add_run(scenario, make_result("2", 800, 6000), HS_CI_FAIL, NULL);
    add_run(scenario, make_result("3", 800, 2000), HS_CI_PASS, NULL);
    add_run(scenario, make_result("4", 800, 7000), HS_CI_FAIL, NULL);
    hs_ci_scenario_judge(scenario, false);
    ck_assert_int_eq(scenario->state, HS_CI_FAIL);
    ck_assert_str_eq(item_of(scenario, "outage.max")->message,
                     "2 of 4 seeds, not 2 4; with 2: outage");
    ck_assert_uint_eq(item_of(scenario, "outage.max")->held, 2);
    ck_assert_uint_eq(item_of(scenario, "outage.max")->line, 7);
    /* The timeline of the seed that speaks. */
    ck_assert_ptr_nonnull(strstr(item_of(scenario, "outage.max")->details,
                                 "outage 6.000 s, failover 6.000 s\n"
                                 "  detect 0.800 s, 50 %: BFD at gw, packet "
                                 "12 on dx\n"));
    ck_assert(hs_ci_spread_of(scenario, "outage", &spread));
    ck_assert_uint_eq(spread.values, 4);
    ck_assert_double_eq(spread.min, 1000);
    ck_assert_double_eq(spread.p50, 2000);
    ck_assert_double_eq(spread.p90, 7000);
    ck_assert_double_eq(spread.max, 7000);
    ck_assert(!hs_ci_spread_of(scenario, "no such figure", &spread));
}
END_TEST

/* An outage without an end is worse than the longest one that has an end. */
START_TEST(never_is_the_longest_outage)
{
    json_t *result = make_result("1", 800, 90000);
    json_t *fault = json_array_get(json_object_get(result, "faults"), 0);
    json_t *clients = json_object_get(fault, "clients");
    json_t *open = json_pack(
        "{s:s, s:s, s:n, s:{s:s, s:n, s:n}, s:[]}", "client", "persistent",
        "recovery", "did not recover", "failover_ms", "outage", "status",
        "happened", "duration_ms", "until_s", "parts");
    g_autofree char *long_text = hs_ci_outage_text(json_array_get(clients, 0));
    g_autofree char *open_text = hs_ci_outage_text(open);
    g_autofree char *failover = hs_ci_failover_text(open);

    ck_assert_str_eq(long_text, "90.000 s");
    ck_assert_str_eq(open_text, "never ended");
    ck_assert_str_eq(failover, "no recovery");
    ck_assert_ptr_eq(hs_ci_worst(result).client, json_array_get(clients, 0));
    json_array_append_new(clients, open);
    ck_assert_ptr_eq(hs_ci_worst(result).client, open);
    json_decref(result);
}
END_TEST

/* Baselines */

static HsCiDifferences *
compare(json_t *was, json_t *now)
{
    json_t *before = json_pack("[o]", was), *after = json_pack("[o]", now);
    HsCiDifferences *differences =
        hs_ci_differences_new(before, after, HS_CI_TOLERANCE);

    json_decref(before);
    json_decref(after);
    return differences;
}

/* RESULT, but made by another version: nothing need be the same. */
static json_t *
of_version(const char *version, json_t *result)
{
    json_object_set_new(json_object_get(result, "program"), "version",
                        json_string(version));
    return result;
}

START_TEST(the_same_is_the_same)
{
    g_autoptr(HsCiDifferences) d =
        compare(make_result("1", 800, 1000), make_result("1", 800, 1000));

    ck_assert_uint_eq(d->worse, 0);
    ck_assert_str_eq(d->text->str, "");
}
END_TEST

/* Within the tolerance, but it should have been the same to the last digit. */
START_TEST(another_result_of_the_same_fails)
{
    g_autoptr(HsCiDifferences) d =
        compare(make_result("1", 800, 1000), make_result("1", 800, 1000.001));

    ck_assert_uint_eq(d->worse, 1);
    ck_assert_ptr_nonnull(strstr(d->summary, "gave another result"));
    ck_assert_ptr_nonnull(strstr(d->text->str,
                                 "faults[0].clients[0].failover_ms: "
                                 "1000.001"));
}
END_TEST

/* Another version, file, seed or value is another experiment. */
START_TEST(others_are_compared_with_a_tolerance)
{
    static const double near[] = {1000.001, 1049, 951};

    for (unsigned i = 0; i < G_N_ELEMENTS(near); i++) {
        g_autoptr(HsCiDifferences) d =
            compare(make_result("1", 800, 1000),
                    of_version("2", make_result("1", 800, near[i])));
        g_autoptr(HsCiDifferences) seed = compare(
            make_result("1", 800, 1000), make_result("2", 800, near[i]));

        ck_assert_uint_eq(d->worse, 0);
        ck_assert_uint_eq(d->better, 0);
        ck_assert_uint_eq(seed->worse, 0);
    }
}
END_TEST

START_TEST(slower_fails_and_names_the_part)
{
    g_autoptr(HsCiDifferences) d =
        compare(make_result("1", 800, 1000),
                of_version("2", make_result("1", 6700, 6900)));

    ck_assert_uint_eq(d->worse, 1); /* outage; outage.pool says the same */
    ck_assert_str_eq(d->text->str,
                     "by part, fault cut, pool: detect +5.900 s\n"
                     "worse: outage 6.900 s, was 1.000 s (+5.900 s)\n");
}
END_TEST

START_TEST(faster_is_no_failure)
{
    g_autoptr(HsCiDifferences) d =
        compare(make_result("1", 6700, 6900),
                of_version("2", make_result("1", 800, 1000)));

    ck_assert_uint_eq(d->worse, 0);
    ck_assert_uint_eq(d->better, 1);
}
END_TEST

static void
set_figure(json_t *result, const char *name, json_t *reading)
{
    json_object_set_new(json_object_get(result, "figures"), name, reading);
}

/* Each kind of figure, and each state. */
START_TEST(directions)
{
    static const struct {
        const char *figure, *was, *now;
        unsigned worse, better;
    } rows[] = {
        {"requests.failed", "{\"state\":\"value\",\"value\":4}",
         "{\"state\":\"value\",\"value\":5}", 1, 0},
        {"requests.failed", "{\"state\":\"value\",\"value\":5}",
         "{\"state\":\"value\",\"value\":4}", 0, 1},
        {"tunnels.rekeys", "{\"state\":\"value\",\"value\":4}",
         "{\"state\":\"value\",\"value\":9}", 0, 0},
        {"goodput", "{\"state\":\"value\",\"value\":100}",
         "{\"state\":\"value\",\"value\":50}", 1, 0},
        {"goodput", "{\"state\":\"value\",\"value\":50}",
         "{\"state\":\"value\",\"value\":100}", 0, 1},
        {"detect", "{\"state\":\"value\",\"value_ms\":5}",
         "{\"state\":\"did not happen\",\"value_ms\":null}", 1, 0},
        {"detect", "{\"state\":\"did not happen\",\"value_ms\":null}",
         "{\"state\":\"value\",\"value_ms\":5}", 0, 1},
        {"detect", "{\"state\":\"none\",\"value_ms\":null}",
         "{\"state\":\"value\",\"value_ms\":5}", 1, 0},
        {"detect", "{\"state\":\"none\",\"value_ms\":null}",
         "{\"state\":\"none\",\"value_ms\":null}", 0, 0},
        {"detect", "{\"state\":\"not observed\",\"value_ms\":null}",
         "{\"state\":\"value\",\"value_ms\":5}", 0, 0},
        /* More than 5 %, and less than a millisecond. */
        {"db.p50", "{\"state\":\"value\",\"value_ms\":5}",
         "{\"state\":\"value\",\"value_ms\":5.9}", 0, 0},
        {"db.p50", "{\"state\":\"value\",\"value_ms\":5}",
         "{\"state\":\"value\",\"value_ms\":6.1}", 1, 0},
    };
    json_t *was = make_result("1", 800, 1000);
    json_t *now = of_version("2", make_result("1", 800, 1000));
    g_autoptr(HsCiDifferences) d = NULL;

    set_figure(was, rows[_i].figure, json_loads(rows[_i].was, 0, NULL));
    set_figure(now, rows[_i].figure, json_loads(rows[_i].now, 0, NULL));
    d = compare(was, now);
    ck_assert_msg(d->worse == rows[_i].worse && d->better == rows[_i].better,
                  "row %d, %s: %u worse, %u better: %s", _i, rows[_i].figure,
                  d->worse, d->better, d->text->str);
}
END_TEST
#define DIRECTIONS 12

START_TEST(tolerances)
{
    static const struct {
        const char *text;
        double share, floor;
    } good[] = {{"5%", 0.05, 1},
                {"20ms", 0.05, 20},
                {"2s", 0.05, 2000},
                {"0%,0ms", 0, 0},
                {"0.5%, 3ms", 0.005, 3}};
    static const char *const bad[] = {"",   "5",    "%",    "-1%", "5%,",
                                      "5m", "nan%", "inf%", "5% 3"};
    HsCiTolerance tolerance;

    for (unsigned i = 0; i < G_N_ELEMENTS(good); i++) {
        ck_assert_msg(hs_ci_tolerance_parse(good[i].text, &tolerance), "%s",
                      good[i].text);
        ck_assert(fabs(tolerance.share - good[i].share) < 1e-12);
        ck_assert(fabs(tolerance.floor - good[i].floor) < 1e-12);
    }
    for (unsigned i = 0; i < G_N_ELEMENTS(bad); i++)
        ck_assert_msg(!hs_ci_tolerance_parse(bad[i], &tolerance), "%s", bad[i]);
}
END_TEST

/* Files */

/* Which names, of words: "a/x.ini=x" … */
START_TEST(names_of_results)
{
    static const struct {
        const char *words, *names;
    } rows[] = {
        {"x.ini a/y.ini", "x y"},
        {"x.ini a/x.ini", "x a/x"},
        {"a/x.ini b/x.ini c/z.ini", "a/x b/x z"},
        {"x.ini ./x.ini a/../x.ini", "x"},
        {"a/x b/x.ini", "a/x b/x"},
        {"/r/x.ini x.ini", "r/x x"},
    };
    g_auto(GStrv) words = g_strsplit(rows[_i].words, " ", -1);
    g_autoptr(GPtrArray) files = hs_ci_files(words, NULL);
    g_autoptr(GString) names = g_string_new(NULL);

    for (guint i = 0; i < files->len; i++)
        g_string_append_printf(names, "%s%s", i > 0 ? " " : "",
                               ((HsCiFileName *)files->pdata[i])->name);
    ck_assert_str_eq(names->str, rows[_i].names);
}
END_TEST
#define NAMES 6

START_TEST(files_come_whole_or_not_at_all)
{
    g_autofree char *dir = g_dir_make_tmp("hybridsim-XXXXXX", NULL);
    g_autofree char *path = g_build_filename(dir, "f", NULL);
    g_autoptr(GString) text = g_string_new("whole");
    g_autoptr(GError) error = NULL;
    g_autofree char *found = NULL;
    HsCiFile *file = hs_ci_file_open(path, &error);
    struct stat status;

    ck_assert(!g_file_test(path, G_FILE_TEST_EXISTS));
    hs_ci_file_free(file);
    ck_assert_int_eq(g_rmdir(dir), 0); /* nothing is left in it */
    ck_assert_int_eq(g_mkdir(dir, 0777), 0);
    file = hs_ci_file_open(path, &error);
    ck_assert(hs_ci_file_finish(file, text, &error));
    hs_ci_file_free(file);
    ck_assert(g_file_get_contents(path, &found, NULL, NULL));
    ck_assert_str_eq(found, "whole");
    ck_assert_int_eq(stat(path, &status), 0);
    ck_assert_uint_eq(status.st_mode & 0600, 0600);
    file = hs_ci_file_open("/dev/full", &error);
    ck_assert(!hs_ci_file_finish(file, text, &error));
    ck_assert_str_eq(error->message, "/dev/full: No space left on device");
    hs_ci_file_free(file);
    g_unlink(path);
    g_rmdir(dir);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("check");
    TCase *outputs = tcase_create("outputs");
    TCase *baseline = tcase_create("baseline");
    TCase *files = tcase_create("files");

    tcase_add_test(outputs, junit_escapes);
    tcase_add_test(outputs, tap_escapes);
    tcase_add_test(outputs, sarif_names_file_and_line);
    tcase_add_test(outputs, sarif_of_a_run_that_died);
    tcase_add_test(outputs, worst_state_counts);
    tcase_add_test(outputs, seeds_are_named);
    tcase_add_test(outputs, never_is_the_longest_outage);
    suite_add_tcase(suite, outputs);
    tcase_add_test(baseline, the_same_is_the_same);
    tcase_add_test(baseline, another_result_of_the_same_fails);
    tcase_add_test(baseline, others_are_compared_with_a_tolerance);
    tcase_add_test(baseline, slower_fails_and_names_the_part);
    tcase_add_test(baseline, faster_is_no_failure);
    tcase_add_loop_test(baseline, directions, 0, DIRECTIONS);
    tcase_add_test(baseline, tolerances);
    suite_add_tcase(suite, baseline);
    tcase_add_loop_test(files, names_of_results, 0, NAMES);
    tcase_add_test(files, files_come_whole_or_not_at_all);
    suite_add_tcase(suite, files);
    return run_suite(suite);
}
