/* JUnit XML.
 *
 * There is no standard, but two schemas that consumers are written against:
 * that of Ant's task and the wider one of Jenkins' xUnit plugin. What is
 * written here is valid by both: each suite has timestamp, hostname,
 * properties, system-out and system-err in Ant's order, and a case has one
 * result. Hence a time that is no time: the same results must give the same
 * bytes, and the wall clock is not one of them. */

#include "config.h"

#include "sim/check/outputs.h"
#include "sim/check/spread.h"
#include "sim/check/timeline.h"

#include <string.h>

#define TIMESTAMP "1970-01-01T00:00:00"

/* XML 1.0 has no other control characters, not even as references. */
static bool
is_xml_char(gunichar c)
{
    return c == '\t' || c == '\n' || c == '\r' || (c >= 0x20 && c <= 0xd7ff) ||
           (c >= 0xe000 && c <= 0xfffd) || (c >= 0x10000 && c <= 0x10ffff);
}

static void
append_escaped(GString *text, const char *words, bool attribute)
{
    g_autofree char *valid = g_utf8_make_valid(words, -1);

    for (char *at = valid; *at != '\0'; at = g_utf8_next_char(at)) {
        gunichar c = g_utf8_get_char(at);

        if (!is_xml_char(c))
            g_string_append(text, "\xef\xbf\xbd"); /* U+FFFD */
        else if (c == '&')
            g_string_append(text, "&amp;");
        else if (c == '<')
            g_string_append(text, "&lt;");
        else if (c == '>')
            g_string_append(text, "&gt;");
        else if (c == '"' && attribute)
            g_string_append(text, "&quot;");
        else if (c == '\r' || (attribute && (c == '\n' || c == '\t')))
            g_string_append_printf(text, "&#%u;", (unsigned)c);
        else
            g_string_append_unichar(text, c);
    }
}

static void
append_attribute(GString *text, const char *name, const char *value)
{
    g_string_append_printf(text, " %s=\"", name);
    append_escaped(text, value, true);
    g_string_append_c(text, '"');
}

static void
append_property(GString *text, const char *name, const char *value)
{
    if (value == NULL)
        return;
    g_string_append(text, "      <property");
    append_attribute(text, "name", name);
    append_attribute(text, "value", value);
    g_string_append(text, "/>\n");
}

static void
append_failover(GString *text, const json_t *fault, const json_t *client)
{
    const char *words[] = {"outage", "failover"};

    for (unsigned i = 0; i < G_N_ELEMENTS(words); i++) {
        g_autofree char *name = g_strdup_printf(
            "%s.%s.%s", words[i],
            json_string_value(json_object_get(fault, "name")),
            json_string_value(json_object_get(client, "client")));
        g_autofree char *value =
            i == 0 ? hs_ci_outage_text(client) : hs_ci_failover_text(client);

        append_property(text, name, value);
    }
}

static void
append_properties(GString *text, const HsCiScenario *scenario)
{
    const HsCiRun *shown = hs_ci_scenario_shown(scenario);
    const json_t *result = shown != NULL ? shown->result : NULL;
    const json_t *about = json_object_get(result, "scenario");
    const json_t *program = json_object_get(result, "program");
    const json_t *fault, *client;
    size_t i, j;

    g_string_append(text, "    <properties>\n");
    append_property(text, "file", scenario->file);
    append_property(text, "title",
                    json_string_value(json_object_get(about, "title")));
    append_property(text, "seed",
                    json_string_value(json_object_get(about, "seed")));
    append_property(text, "sha256",
                    json_string_value(json_object_get(about, "sha256")));
    append_property(text, "hybridsim",
                    json_string_value(json_object_get(program, "version")));
    append_property(
        text, "ns-3",
        json_string_value(json_object_get(program, "engine_version")));
    json_array_foreach(json_object_get(result, "faults"), i, fault)
    {
        g_autofree char *name = g_strdup_printf(
            "detected.%s", json_string_value(json_object_get(fault, "name")));
        g_autofree char *value = hs_ci_detection_text(fault);

        append_property(text, name, value);
        json_array_foreach(json_object_get(fault, "clients"), j, client)
            append_failover(text, fault, client);
    }
    g_string_append(text, "    </properties>\n");
}

static void
append_result(GString *text, const HsCiScenario *scenario, const HsCiItem *item)
{
    const char *element = item->outcome == HS_CI_FAILED ? "failure" : "error";
    g_autofree char *place = hs_ci_place(scenario, item);

    if (item->outcome == HS_CI_SKIPPED) {
        g_string_append(text, "      <skipped/>\n");
        return;
    }
    g_string_append_printf(text, "      <%s", element);
    append_attribute(text, "message", item->message);
    append_attribute(text, "type", item->type);
    g_string_append_c(text, '>');
    append_escaped(text, item->message, false);
    g_string_append(text, "\n");
    append_escaped(text, place, false);
    g_string_append(text, "\n");
    if (item->details != NULL)
        append_escaped(text, item->details, false);
    g_string_append_printf(text, "</%s>\n", element);
}

/* Of all runs of the scenario; the suite has it, its cases have none of it. */
static double
simulated_seconds(const HsCiScenario *scenario)
{
    double sum = 0;

    for (guint i = 0; i < scenario->runs->len; i++) {
        const HsCiRun *run = scenario->runs->pdata[i];

        sum += json_number_value(json_object_get(
            json_object_get(run->result, "scenario"), "duration_s"));
    }
    return sum;
}

/* Consumers cut this at its dots, as a Java class in its package. */
static char *
class_name(const HsCiScenario *scenario)
{
    const char *file = scenario->file;
    size_t length;
    g_autofree char *name = NULL;

    while (g_str_has_prefix(file, "./"))
        file += 2;
    length = strlen(file);
    if (g_str_has_suffix(file, ".ini"))
        length -= 4;
    name = g_strdelimit(g_strndup(file, length), ".", '_');
    return g_strdup_printf("hybridsim.%s", name);
}

static void
append_case(GString *text, const HsCiScenario *scenario, const HsCiItem *item)
{
    g_autofree char *class = class_name(scenario);

    g_string_append(text, "    <testcase");
    append_attribute(text, "name", item->name);
    append_attribute(text, "classname", class);
    append_attribute(text, "time", "0");
    if (item->outcome == HS_CI_OK) {
        g_string_append(text, "/>\n");
        return;
    }
    g_string_append(text, ">\n");
    append_result(text, scenario, item);
    g_string_append(text, "    </testcase>\n");
}

static void
append_streams(GString *text, const HsCiReport *report,
               const HsCiScenario *scenario)
{
    const HsCiRun *shown = hs_ci_scenario_shown(scenario);
    g_autoptr(GString) out = g_string_new(NULL);

    if (shown != NULL)
        hs_ci_timeline(shown->result, out);
    if (report->repeated)
        hs_ci_spreads_text(scenario, "", out);
    for (guint i = 0; i < scenario->remarks->len; i++)
        g_string_append_printf(out, "%s\n",
                               (const char *)scenario->remarks->pdata[i]);
    g_string_append(text, "    <system-out>");
    append_escaped(text, out->str, false);
    g_string_append(text, "</system-out>\n    <system-err>");
    for (guint i = 0; i < scenario->runs->len; i++) {
        const HsCiRun *run = scenario->runs->pdata[i];

        if (run->errors != NULL)
            append_escaped(text, run->errors, false);
    }
    g_string_append(text, "</system-err>\n");
}

static void
append_suite(GString *text, const HsCiReport *report, guint id)
{
    const HsCiScenario *scenario = report->scenarios->pdata[id];

    g_string_append(text, "  <testsuite");
    append_attribute(text, "name", scenario->file);
    append_attribute(text, "package", "hybridsim");
    g_string_append_printf(
        text,
        " id=\"%u\" timestamp=\"" TIMESTAMP "\" hostname=\"localhost\""
        " tests=\"%u\" failures=\"%u\" errors=\"%u\" skipped=\"%u\""
        " time=\"%.3f\">\n",
        id, scenario->items->len, hs_ci_scenario_count(scenario, HS_CI_FAILED),
        hs_ci_scenario_count(scenario, HS_CI_ERROR),
        hs_ci_scenario_count(scenario, HS_CI_SKIPPED),
        simulated_seconds(scenario));
    append_properties(text, scenario);
    for (guint i = 0; i < scenario->items->len; i++)
        append_case(text, scenario, scenario->items->pdata[i]);
    append_streams(text, report, scenario);
    g_string_append(text, "  </testsuite>\n");
}

void
hs_ci_junit(const HsCiReport *report, GString *text)
{
    g_string_append(text, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                          "<testsuites>\n");
    for (guint i = 0; i < report->scenarios->len; i++)
        append_suite(text, report, i);
    g_string_append(text, "</testsuites>\n");
}
