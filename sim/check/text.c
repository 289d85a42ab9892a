/* What people read: a table of all, then each that is not as it should be, with
 * what was expected, what was seen, and the timeline behind it. */

#include "config.h"

#include "sim/check/outputs.h"
#include "sim/check/spread.h"
#include "sim/check/timeline.h"

#define ROW "%-15s %7s  %11s  %11s  %-20s %9s  %s\n"

char *
hs_ci_place(const HsCiScenario *scenario, const HsCiItem *item)
{
    if (item->from_set)
        return g_strdup("--set");
    return item->line > 0 ? g_strdup_printf("%s:%u", scenario->file, item->line)
                          : g_strdup(scenario->file);
}

static const char *
colour_of(HsCiState state)
{
    switch (state) {
    case HS_CI_PASS:
        return "\033[32m";
    case HS_CI_FAIL:
    case HS_CI_BAD_FILE:
    case HS_CI_DIED:
        return "\033[31m";
    case HS_CI_NOTHING:
    case HS_CI_NOT_RUN:
        return "\033[33m";
    }
    return "";
}

static void
append_row(GString *text, const HsCiScenario *scenario, bool colour)
{
    const HsCiRun *shown = hs_ci_scenario_shown(scenario);
    HsCiFailover worst = {NULL, NULL};
    g_autofree char *checks = g_strdup("-"), *outage = g_strdup("-");
    g_autofree char *failover = g_strdup("-"), *detected = g_strdup("-");
    g_autofree char *simulated = g_strdup("-");

    if (shown != NULL) {
        worst = hs_ci_worst(shown->result);
        g_free(checks);
        checks =
            g_strdup_printf("%u/%u", hs_ci_scenario_count(scenario, HS_CI_OK),
                            scenario->items->len);
        g_free(simulated);
        simulated = g_strdup_printf(
            "%.0f s",
            json_number_value(json_object_get(
                json_object_get(shown->result, "scenario"), "duration_s")));
    }
    if (worst.fault != NULL) {
        g_free(detected);
        detected = hs_ci_detection_text(worst.fault);
    }
    if (worst.client != NULL) {
        g_free(outage);
        g_free(failover);
        outage = hs_ci_outage_text(worst.client);
        failover = hs_ci_failover_text(worst.client);
    }
    g_string_append(text, colour ? colour_of(scenario->state) : "");
    g_string_append_printf(text, ROW, hs_ci_state_word(scenario->state), checks,
                           outage, failover, detected, simulated,
                           scenario->file);
    if (colour)
        g_string_append(text, "\033[0m");
}

static void
append_lines(GString *text, const char *lines)
{
    g_auto(GStrv) list = g_strsplit(lines, "\n", -1);

    for (char **line = list; *line != NULL; line++)
        if (**line != '\0')
            g_string_append_printf(text, "         %s\n", *line);
}

static void
append_item(GString *text, const HsCiScenario *scenario, const HsCiItem *item)
{
    g_autofree char *place = hs_ci_place(scenario, item);

    g_string_append_printf(text, "       %s  (%s)\n", item->message, place);
    if (item->details != NULL)
        append_lines(text, item->details);
}

/* Of a scenario that holds, only its lesson is worth a line. */
static bool
is_shown(const HsCiScenario *scenario, const HsCiItem *item)
{
    return item->outcome == HS_CI_FAILED || item->outcome == HS_CI_ERROR ||
           (scenario->state == HS_CI_PASS &&
            g_str_has_prefix(item->message, "fails as expected"));
}

/* The timeline is the same for all that fails: it is told once. */
static void
append_scenario(GString *text, const HsCiReport *report,
                const HsCiScenario *scenario, bool colour)
{
    bool begun = false;
    const char *told = NULL;

    for (guint i = 0; i < scenario->items->len; i++) {
        HsCiItem *item = scenario->items->pdata[i];
        HsCiItem again = *item;

        if (!is_shown(scenario, item))
            continue;
        if (!begun)
            g_string_append_printf(text, "\n%s%s%s %s\n",
                                   colour ? colour_of(scenario->state) : "",
                                   hs_ci_state_word(scenario->state),
                                   colour ? "\033[0m" : "", scenario->file);
        begun = true;
        if (g_strcmp0(told, item->details) == 0)
            again.details = NULL;
        else
            told = item->details;
        append_item(text, scenario, &again);
    }
    for (guint i = 0; i < scenario->runs->len; i++) {
        const HsCiRun *run = scenario->runs->pdata[i];

        /* A run that came to its end and had something to say besides. */
        if (run->result != NULL && run->errors != NULL)
            append_lines(text, run->errors);
    }
    if ((report->repeated || scenario->remarks->len > 0) && !begun)
        g_string_append_printf(text, "\n%s %s\n",
                               hs_ci_state_word(scenario->state),
                               scenario->file);
    if (report->repeated)
        hs_ci_spreads_text(scenario, "       ", text);
    for (guint i = 0; i < scenario->remarks->len; i++)
        g_string_append_printf(text, "       %s\n",
                               (char *)scenario->remarks->pdata[i]);
}

void
hs_ci_text(const HsCiReport *report, bool colour, GString *text)
{
    unsigned left = hs_ci_report_count(report, HS_CI_NOT_RUN);

    g_string_append_printf(text, ROW, "", "checks", "outage", "failover",
                           "detected by", "simulated", "scenario");
    for (guint i = 0; i < report->scenarios->len; i++)
        append_row(text, report->scenarios->pdata[i], colour);
    for (guint i = 0; i < report->scenarios->len; i++)
        append_scenario(text, report, report->scenarios->pdata[i], colour);
    for (guint i = 0; i < report->not_checked->len; i++)
        g_string_append_printf(text, "%sonly in the baseline: %s\n",
                               i == 0 ? "\n" : "",
                               (const char *)report->not_checked->pdata[i]);
    g_string_append_printf(text, "\n%u of %u scenarios hold",
                           hs_ci_report_count(report, HS_CI_PASS),
                           report->scenarios->len);
    if (left > 0)
        g_string_append_printf(text, ", %u not run", left);
    g_string_append_c(text, '\n');
}
