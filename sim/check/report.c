#include "config.h"

#include "sim/check/report.h"

#include "sim/check/timeline.h"

#include <stdlib.h>
#include <string.h>

const char *
hs_ci_state_word(HsCiState state)
{
    switch (state) {
    case HS_CI_PASS:
        return "pass";
    case HS_CI_FAIL:
        return "FAIL";
    case HS_CI_BAD_FILE:
        return "BAD FILE";
    case HS_CI_DIED:
        return "DIED";
    case HS_CI_NOTHING:
        return "NOTHING CHECKED";
    case HS_CI_NOT_RUN:
        return "not run";
    }
    g_assert_not_reached();
}

const char *
hs_ci_outcome_word(HsCiOutcome outcome)
{
    switch (outcome) {
    case HS_CI_OK:
        return "pass";
    case HS_CI_FAILED:
        return "fail";
    case HS_CI_ERROR:
        return "error";
    case HS_CI_SKIPPED:
        return "skipped";
    }
    g_assert_not_reached();
}

/* Life */

static void
item_free(void *data)
{
    HsCiItem *item = data;

    g_free(item->name);
    g_free(item->message);
    g_free(item->details);
    g_free(item->figure);
    g_array_unref(item->seeds);
    g_free(item);
}

static void
run_free(void *data)
{
    HsCiRun *run = data;

    g_free(run->folder);
    g_free(run->errors);
    json_decref(run->result);
    g_free(run);
}

static void
scenario_free(void *data)
{
    HsCiScenario *scenario = data;

    g_free(scenario->file);
    g_free(scenario->name);
    g_ptr_array_unref(scenario->runs);
    g_ptr_array_unref(scenario->items);
    g_ptr_array_unref(scenario->remarks);
    g_free(scenario);
}

HsCiReport *
hs_ci_report_new(const char *version, bool strict, bool repeated)
{
    HsCiReport *report = g_new0(HsCiReport, 1);

    report->version = g_strdup(version);
    report->strict = strict;
    report->repeated = repeated;
    report->scenarios = g_ptr_array_new_with_free_func(scenario_free);
    report->not_checked = g_ptr_array_new_with_free_func(g_free);
    return report;
}

void
hs_ci_report_free(HsCiReport *report)
{
    if (report == NULL)
        return;
    g_free(report->version);
    g_ptr_array_unref(report->scenarios);
    g_ptr_array_unref(report->not_checked);
    g_free(report);
}

HsCiScenario *
hs_ci_scenario_add(HsCiReport *report, const char *file, const char *name)
{
    HsCiScenario *scenario = g_new0(HsCiScenario, 1);

    scenario->file = g_strdup(file);
    scenario->name = g_strdup(name);
    scenario->runs = g_ptr_array_new_with_free_func(run_free);
    scenario->items = g_ptr_array_new_with_free_func(item_free);
    scenario->remarks = g_ptr_array_new_with_free_func(g_free);
    scenario->state = HS_CI_NOT_RUN;
    g_ptr_array_add(report->scenarios, scenario);
    return scenario;
}

HsCiRun *
hs_ci_run_add(HsCiScenario *scenario, const char *folder)
{
    HsCiRun *run = g_new0(HsCiRun, 1);

    run->folder = g_strdup(folder);
    run->state = HS_CI_NOT_RUN;
    g_ptr_array_add(scenario->runs, run);
    return run;
}

HsCiItem *
hs_ci_item_add(HsCiScenario *scenario, const char *type, const char *name,
               HsCiOutcome outcome, const char *message)
{
    HsCiItem *item = g_new0(HsCiItem, 1);

    item->type = type;
    item->name = g_strdup(name);
    item->outcome = outcome;
    item->message = g_strdup(message);
    item->seeds = g_array_new(FALSE, FALSE, sizeof(guint64));
    g_ptr_array_add(scenario->items, item);
    if (outcome == HS_CI_FAILED &&
        (scenario->state == HS_CI_PASS || scenario->state == HS_CI_NOTHING))
        scenario->state = HS_CI_FAIL;
    return item;
}

/* Runs */

/* Those that ran to an end have left a result; of others, what is there is
 * older. A result that cannot be read is as bad as none. */
void
hs_ci_run_ended(HsCiRun *run, int status, const char *errors)
{
    g_autofree char *path = g_build_filename(run->folder, "result.json", NULL);
    json_error_t error;

    run->state = status >= HS_CI_PASS && status <= HS_CI_NOTHING
                     ? (HsCiState)status
                     : HS_CI_DIED;
    run->errors = g_strdup(errors);
    if (run->state != HS_CI_PASS && run->state != HS_CI_FAIL &&
        run->state != HS_CI_NOTHING)
        return;
    run->result = json_load_file(path, 0, &error);
    if (json_is_object(run->result)) {
        const char *seed = json_string_value(
            json_object_get(json_object_get(run->result, "scenario"), "seed"));

        run->seed = seed != NULL ? g_ascii_strtoull(seed, NULL, 10) : 0;
        return;
    }
    g_clear_pointer(&run->result, json_decref);
    g_free(run->errors);
    run->errors = g_strdup_printf("%s: %s\n", path, error.text);
    run->state = HS_CI_DIED;
}

static int
rank(HsCiState state)
{
    static const int ranks[] = {
        [HS_CI_NOT_RUN] = -1, [HS_CI_PASS] = 0,     [HS_CI_NOTHING] = 1,
        [HS_CI_FAIL] = 2,     [HS_CI_BAD_FILE] = 3, [HS_CI_DIED] = 4,
    };

    return ranks[state];
}

static HsCiState
worse(HsCiState a, HsCiState b)
{
    return rank(a) >= rank(b) ? a : b;
}

const HsCiRun *
hs_ci_scenario_shown(const HsCiScenario *scenario)
{
    for (guint i = 0; i < scenario->runs->len; i++) {
        const HsCiRun *run = scenario->runs->pdata[i];

        if (run->result != NULL)
            return run;
    }
    return NULL;
}

/* Items */

static const char *
text_of(const json_t *object, const char *key)
{
    return json_string_value(json_object_get(object, key));
}

static HsCiItem *
find_item(const HsCiScenario *scenario, const char *type, const char *name)
{
    for (guint i = 0; i < scenario->items->len; i++) {
        HsCiItem *item = scenario->items->pdata[i];

        if (g_str_equal(item->type, type) && g_str_equal(item->name, name))
            return item;
    }
    return NULL;
}

/* One item has the outcome of all runs: the first that fails speaks. */
static HsCiItem *
note(HsCiScenario *scenario, const HsCiRun *run, const char *type,
     const char *name, HsCiOutcome outcome, const char *message)
{
    HsCiItem *item = find_item(scenario, type, name);
    bool first = item == NULL;

    if (first)
        item = hs_ci_item_add(scenario, type, name, outcome, message);
    if (outcome == HS_CI_OK) {
        item->held++;
        return item;
    }
    g_array_append_val(item->seeds, run->seed);
    if (!first && item->outcome == HS_CI_OK) {
        item->outcome = outcome;
        g_free(item->message);
        item->message = g_strdup(message);
    }
    return item;
}

/* "dx-cut.ini:54" */
static unsigned
line_of(const char *source)
{
    const char *colon = source != NULL ? strrchr(source, ':') : NULL;

    return colon != NULL ? (unsigned)strtoul(colon + 1, NULL, 10) : 0;
}

static char *
name_of_check(const json_t *check)
{
    const char *figure = text_of(check, "figure");
    const char *comparison = text_of(check, "comparison");

    return g_strcmp0(comparison, "words") == 0
               ? g_strdup(figure)
               : g_strdup_printf("%s.%s", figure, comparison);
}

static char *
message_of_check(const json_t *check)
{
    bool met = json_is_true(json_object_get(check, "met"));
    bool must_fail = json_is_true(json_object_get(check, "must_fail"));
    const char *before = "";

    if (must_fail)
        before = met ? "fails as expected: " : "should fail, and does not: ";
    return g_strdup_printf("%s%s", before, text_of(check, "text"));
}

static void
judge_check(HsCiScenario *scenario, const HsCiRun *run, const json_t *check)
{
    g_autofree char *name = name_of_check(check);
    g_autofree char *message = message_of_check(check);
    bool met = json_is_true(json_object_get(check, "met"));
    HsCiItem *item = note(scenario, run, "expectation", name,
                          met ? HS_CI_OK : HS_CI_FAILED, message);
    const char *why = text_of(check, "why");
    g_autoptr(GString) details = g_string_new(NULL);

    item->line = line_of(text_of(check, "source"));
    item->from_set = g_strcmp0(text_of(check, "source"), "--set") == 0;
    if (item->figure == NULL)
        item->figure = g_strdup(text_of(check, "figure"));
    if (met ? item->outcome != HS_CI_OK || item->held > 1
            : item->seeds->len > 1)
        return; /* another run has spoken */
    if (why != NULL)
        g_string_append_printf(details, "because %s\n", why);
    if (!met)
        hs_ci_timeline(run->result, details);
    g_free(item->details);
    item->details = details->len > 0
                        ? g_string_free(g_steal_pointer(&details), FALSE)
                        : NULL;
}

/* A fault that touched nothing tested nothing; its line says which and why. */
static const char *
idle_line(const json_t *verdict, const char *fault)
{
    const json_t *line;
    size_t i;

    json_array_foreach(json_object_get(verdict, "idle_faults"), i, line)
    {
        const char *text = json_string_value(line);

        if (text != NULL && strstr(text, fault) != NULL)
            return text;
    }
    return "it touched nothing";
}

static void
judge_faults(HsCiScenario *scenario, const HsCiRun *run, const json_t *verdict)
{
    const json_t *fault;
    size_t i;

    json_array_foreach(json_object_get(run->result, "faults"), i, fault)
    {
        const char *name = text_of(fault, "name");
        const char *effect = text_of(fault, "effect");
        g_autofree char *item = g_strdup_printf("fault %s has an effect", name);

        if (json_is_true(json_object_get(fault, "had_effect")))
            note(scenario, run, "fault", item, HS_CI_OK,
                 effect != NULL ? effect : "it has");
        else
            note(scenario, run, "fault", item, HS_CI_FAILED,
                 idle_line(verdict, name));
    }
}

static void
judge_result(HsCiScenario *scenario, const HsCiRun *run, bool strict)
{
    const json_t *verdict = json_object_get(run->result, "verdict");
    const json_t *each;
    size_t i;

    json_array_foreach(json_object_get(verdict, "checks"), i, each)
        judge_check(scenario, run, each);
    judge_faults(scenario, run, verdict);
    json_array_foreach(json_object_get(verdict, "missing"), i, each)
    {
        g_autofree char *name =
            g_strdup_printf("%s must fail", json_string_value(each));
        g_autofree char *message =
            g_strdup_printf("%s should fail, and [expect] does not have it",
                            json_string_value(each));

        note(scenario, run, "lesson", name, HS_CI_FAILED, message);
    }
    if (!strict)
        return;
    json_array_foreach(json_object_get(run->result, "findings"), i, each)
    {
        g_autofree char *name = g_strdup_printf(
            "no finding %s %s", text_of(each, "id"), text_of(each, "where"));
        g_autofree char *message =
            g_strdup_printf("%s %s: %s", text_of(each, "id"),
                            text_of(each, "where"), text_of(each, "title"));
        HsCiItem *item =
            note(scenario, run, "finding", name, HS_CI_FAILED, message);

        item->line =
            (unsigned)json_integer_value(json_object_get(each, "line"));
    }
}

/* Of a file that cannot be loaded: "bad.ini:31: …". The first line that names
 * one counts. */
static unsigned
line_in(const char *errors, const char *file)
{
    g_autofree char *start = g_strdup_printf("%s:", file);
    const char *at = errors != NULL ? strstr(errors, start) : NULL;

    return at != NULL ? (unsigned)strtoul(at + strlen(start), NULL, 10) : 0;
}

/* A run without a result, or with nothing to hold it to. */
static void
judge_run(HsCiScenario *scenario, const HsCiRun *run)
{
    g_autofree char *errors =
        run->errors != NULL ? g_strchomp(g_strdup(run->errors)) : NULL;
    HsCiItem *item = NULL;

    switch (run->state) {
    case HS_CI_PASS:
    case HS_CI_FAIL:
        return;
    case HS_CI_NOTHING:
        note(scenario, run, "run", "something is checked", HS_CI_FAILED,
             "nothing was checked: [expect] is empty");
        return;
    case HS_CI_NOT_RUN:
        note(scenario, run, "run", "it runs", HS_CI_SKIPPED, "not run");
        return;
    case HS_CI_BAD_FILE:
        item = note(scenario, run, "run", "it can be loaded", HS_CI_ERROR,
                    "the file cannot be loaded");
        item->line = line_in(errors, scenario->file);
        break;
    case HS_CI_DIED:
        item =
            note(scenario, run, "run", "it runs", HS_CI_ERROR, "the run died");
        break;
    }
    if (item != NULL && item->details == NULL && errors != NULL &&
        errors[0] != '\0')
        item->details = g_strdup_printf("%s\n", errors);
}

/* Of several seeds: with how many it holds, and with which it does not, so that
 * `hybridsim run --seed` shows it again. */
static void
name_seeds(const HsCiScenario *scenario, HsCiItem *item)
{
    g_autoptr(GString) text = g_string_new(NULL);

    if (scenario->runs->len < 2 || item->seeds->len == 0)
        return;
    g_string_append_printf(text, "%u of %u seeds, not",
                           scenario->runs->len - item->seeds->len,
                           scenario->runs->len);
    for (guint i = 0; i < item->seeds->len; i++)
        g_string_append_printf(text, " %" G_GUINT64_FORMAT,
                               g_array_index(item->seeds, guint64, i));
    g_string_append_printf(text, "; with %" G_GUINT64_FORMAT ": %s",
                           g_array_index(item->seeds, guint64, 0),
                           item->message);
    g_free(item->message);
    item->message = g_string_free(g_steal_pointer(&text), FALSE);
}

void
hs_ci_scenario_judge(HsCiScenario *scenario, bool strict)
{
    scenario->state = HS_CI_NOT_RUN;
    for (guint i = 0; i < scenario->runs->len; i++) {
        const HsCiRun *run = scenario->runs->pdata[i];
        HsCiState state = worse(scenario->state, run->state);

        if (run->result != NULL)
            judge_result(scenario, run, strict);
        judge_run(scenario, run);
        scenario->state = state; /* adding items does not make it worse */
    }
    for (guint i = 0; i < scenario->items->len; i++)
        name_seeds(scenario, scenario->items->pdata[i]);
}

/* Counting */

unsigned
hs_ci_scenario_count(const HsCiScenario *scenario, HsCiOutcome outcome)
{
    unsigned count = 0;

    for (guint i = 0; i < scenario->items->len; i++)
        count += ((HsCiItem *)scenario->items->pdata[i])->outcome == outcome;
    return count;
}

unsigned
hs_ci_report_count(const HsCiReport *report, HsCiState state)
{
    unsigned count = 0;

    for (guint i = 0; i < report->scenarios->len; i++)
        count += ((HsCiScenario *)report->scenarios->pdata[i])->state == state;
    return count;
}

HsCiState
hs_ci_report_state(const HsCiReport *report)
{
    HsCiState worst = HS_CI_NOT_RUN;

    for (guint i = 0; i < report->scenarios->len; i++)
        worst =
            worse(worst, ((HsCiScenario *)report->scenarios->pdata[i])->state);
    return worst == HS_CI_NOT_RUN ? HS_CI_NOTHING : worst;
}
