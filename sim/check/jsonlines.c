/* JSON lines: one object a scenario, as they were given, and a summary as the
 * last. */

#include "config.h"

#include "sim/check/outputs.h"
#include "sim/check/spread.h"
#include "sim/check/timeline.h"

#include <stdlib.h>

#define FORMAT         "hybridsim-check"
#define FORMAT_VERSION 1

static json_t *
text_or_null(const char *text)
{
    g_autofree char *valid = NULL;

    if (text == NULL || text[0] == '\0')
        return json_null();
    valid = g_utf8_make_valid(text, -1);
    return json_string(valid);
}

static json_t *
copy_of(const json_t *object, const char *key)
{
    json_t *value = json_object_get(object, key);

    return value != NULL ? json_incref(value) : json_null();
}

static json_t *
item_object(const HsCiItem *item)
{
    json_t *object = json_object(), *seeds = json_array();

    for (guint i = 0; i < item->seeds->len; i++) {
        char seed[32];

        g_snprintf(seed, sizeof seed, "%" G_GUINT64_FORMAT,
                   g_array_index(item->seeds, guint64, i));
        json_array_append_new(seeds, json_string(seed));
    }
    json_object_set_new(object, "name", text_or_null(item->name));
    json_object_set_new(object, "type", json_string(item->type));
    json_object_set_new(object, "outcome",
                        json_string(hs_ci_outcome_word(item->outcome)));
    json_object_set_new(object, "message", text_or_null(item->message));
    json_object_set_new(object, "details", text_or_null(item->details));
    json_object_set_new(object, "line",
                        item->line > 0 ? json_integer(item->line)
                                       : json_null());
    json_object_set_new(object, "failing_seeds", seeds);
    return object;
}

static void
add_failover(json_t *list, const json_t *fault, const json_t *client)
{
    const json_t *governing = hs_ci_governing(fault);
    json_t *object = json_object();

    json_object_set_new(object, "fault", copy_of(fault, "name"));
    json_object_set_new(object, "client", copy_of(client, "client"));
    json_object_set_new(object, "recovery", copy_of(client, "recovery"));
    json_object_set_new(
        object, "outage_ms",
        copy_of(json_object_get(client, "outage"), "duration_ms"));
    json_object_set_new(object, "failover_ms", copy_of(client, "failover_ms"));
    json_object_set_new(object, "detected_by", copy_of(governing, "means"));
    json_object_set_new(object, "detected_after_ms",
                        copy_of(governing, "since_fault_ms"));
    json_array_append_new(list, object);
}

static json_t *
failovers(const json_t *result)
{
    const json_t *fault, *client;
    json_t *list = json_array();
    size_t i, j;

    json_array_foreach(json_object_get(result, "faults"), i, fault)
        json_array_foreach(json_object_get(fault, "clients"), j, client)
            add_failover(list, fault, client);
    return list;
}

static json_t *
spreads(const HsCiReport *report, const HsCiScenario *scenario,
        const json_t *result)
{
    json_t *object = json_object();
    const char *name;
    json_t *value;

    if (!report->repeated)
        return object;
    json_object_foreach(json_object_get(result, "figures"), name, value)
    {
        HsCiSpread spread;

        if (!hs_ci_spread_of(scenario, name, &spread))
            continue;
        json_object_set_new(object, name,
                            json_pack("{s:i, s:i, s:s, s:f, s:f, s:f, s:f}",
                                      "runs", (int)spread.runs, "values",
                                      (int)spread.values, "unit",
                                      spread.is_time ? "ms" : "count", "min",
                                      spread.min, "median", spread.p50, "p90",
                                      spread.p90, "max", spread.max));
    }
    return object;
}

static json_t *
run_objects(const HsCiScenario *scenario)
{
    json_t *list = json_array();

    for (guint i = 0; i < scenario->runs->len; i++) {
        const HsCiRun *run = scenario->runs->pdata[i];
        const json_t *about = json_object_get(run->result, "scenario");

        json_array_append_new(
            list, json_pack("{s:s, s:o, s:o, s:o}", "state",
                            hs_ci_state_word(run->state), "seed",
                            copy_of(about, "seed"), "results",
                            run->result != NULL ? text_or_null(run->folder)
                                                : json_null(),
                            "errors", text_or_null(run->errors)));
    }
    return list;
}

static json_t *
scenario_object(const HsCiReport *report, const HsCiScenario *scenario)
{
    const HsCiRun *shown = hs_ci_scenario_shown(scenario);
    const json_t *result = shown != NULL ? shown->result : NULL;
    const json_t *about = json_object_get(result, "scenario");
    json_t *object = json_object(), *items = json_array();
    json_t *remarks = json_array();

    for (guint i = 0; i < scenario->items->len; i++)
        json_array_append_new(items, item_object(scenario->items->pdata[i]));
    for (guint i = 0; i < scenario->remarks->len; i++)
        json_array_append_new(remarks,
                              text_or_null(scenario->remarks->pdata[i]));
    json_object_set_new(object, "format", json_string(FORMAT));
    json_object_set_new(object, "version", json_integer(FORMAT_VERSION));
    json_object_set_new(object, "file", text_or_null(scenario->file));
    json_object_set_new(object, "state",
                        json_string(hs_ci_state_word(scenario->state)));
    json_object_set_new(object, "title", copy_of(about, "title"));
    json_object_set_new(object, "sha256", copy_of(about, "sha256"));
    json_object_set_new(object, "simulated_s", copy_of(about, "duration_s"));
    json_object_set_new(object, "failovers", failovers(result));
    json_object_set_new(object, "items", items);
    json_object_set_new(object, "findings",
                        result != NULL ? copy_of(result, "findings")
                                       : json_array());
    json_object_set_new(object, "spreads", spreads(report, scenario, result));
    json_object_set_new(object, "remarks", remarks);
    json_object_set_new(object, "runs", run_objects(scenario));
    return object;
}

static json_t *
summary_object(const HsCiReport *report)
{
    json_t *object = json_object(), *gone = json_array();
    HsCiState state = hs_ci_report_state(report);

    for (guint i = 0; i < report->not_checked->len; i++)
        json_array_append_new(gone,
                              text_or_null(report->not_checked->pdata[i]));
    json_object_set_new(object, "format", json_string(FORMAT "-summary"));
    json_object_set_new(object, "version", json_integer(FORMAT_VERSION));
    json_object_set_new(object, "program", json_string(report->version));
    json_object_set_new(object, "scenarios",
                        json_integer(report->scenarios->len));
    json_object_set_new(object, "passed",
                        json_integer(hs_ci_report_count(report, HS_CI_PASS)));
    json_object_set_new(object, "failed",
                        json_integer(hs_ci_report_count(report, HS_CI_FAIL)));
    json_object_set_new(
        object, "bad_files",
        json_integer(hs_ci_report_count(report, HS_CI_BAD_FILE)));
    json_object_set_new(object, "died",
                        json_integer(hs_ci_report_count(report, HS_CI_DIED)));
    json_object_set_new(
        object, "nothing_checked",
        json_integer(hs_ci_report_count(report, HS_CI_NOTHING)));
    json_object_set_new(
        object, "not_run",
        json_integer(hs_ci_report_count(report, HS_CI_NOT_RUN)));
    json_object_set_new(object, "exit_code", json_integer(state));
    json_object_set_new(object, "only_in_baseline", gone);
    return object;
}

static void
append_line(GString *text, json_t *object)
{
    char *words = json_dumps(object, JSON_COMPACT | JSON_REAL_PRECISION(15));

    g_string_append_printf(text, "%s\n", words);
    free(words);
    json_decref(object);
}

void
hs_ci_json(const HsCiReport *report, GString *text)
{
    for (guint i = 0; i < report->scenarios->len; i++)
        append_line(text, scenario_object(report, report->scenarios->pdata[i]));
    append_line(text, summary_object(report));
}
