/* SARIF 2.1.0 (OASIS), which code hosts show beside the lines of a file: design
 * errors by their id, expectations that do not hold, and files that cannot be
 * loaded. What a died run has to say is about the tool and not about a line, so
 * it is a notification. */

#include "config.h"

#include "sim/check/outputs.h"

#include <stdlib.h>
#include <string.h>

#define SCHEMA                                                                 \
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/"      \
    "sarif-schema-2.1.0.json"

typedef struct {
    json_t *rules, *results, *notifications; /* owned */
} Log;

static const char *
text_of(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));

    return text != NULL ? text : "";
}

static json_t *
text_object(const char *text)
{
    g_autofree char *valid = g_utf8_make_valid(text, -1);

    return json_pack("{s:s}", "text", valid);
}

/* Where the guide is that a rule names. */
static const char *
guide_of(const char *rule)
{
    static const struct {
        const char *begins, *uri;
    } guides[] = {
        {"AWS Direct Connect", "https://docs.aws.amazon.com/directconnect/"
                               "latest/UserGuide/"},
        {"AWS Site-to-Site VPN", "https://docs.aws.amazon.com/vpn/latest/"
                                 "s2svpn/"},
        {"AWS Transit Gateway", "https://docs.aws.amazon.com/vpc/latest/tgw/"},
        {"AWS VPC Peering", "https://docs.aws.amazon.com/vpc/latest/peering/"},
        {"AWS VPC", "https://docs.aws.amazon.com/vpc/latest/userguide/"},
        {"AWS Knowledge Center", "https://repost.aws/knowledge-center"},
        {"AWS Networking blog",
         "https://aws.amazon.com/blogs/networking-and-content-delivery/"},
        {"AWS", "https://docs.aws.amazon.com/"},
        {"RFC", "https://www.rfc-editor.org/"},
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(guides); i++)
        if (g_str_has_prefix(rule, guides[i].begins))
            return guides[i].uri;
    return NULL;
}

/* RFC 4271 has a page of its own. */
static char *
help_uri(const char *rule)
{
    const char *guide = guide_of(rule);

    if (g_str_has_prefix(rule, "RFC ") && g_ascii_isdigit(rule[4]))
        return g_strdup_printf("%srfc/rfc%lu", guide,
                               strtoul(rule + 4, NULL, 10));
    return g_strdup(guide);
}

/* The index of rule ID, which is made if it is new. */
static size_t
rule_of(Log *log, const char *id, const char *title, const char *help)
{
    g_autofree char *uri = help_uri(help);
    json_t *rule;
    size_t i;

    json_array_foreach(log->rules, i, rule)
    {
        if (g_str_equal(text_of(rule, "id"), id))
            return i;
    }
    rule = json_pack("{s:s, s:o, s:o}", "id", id, "shortDescription",
                     text_object(title), "help", text_object(help));
    if (uri != NULL)
        json_object_set_new(rule, "helpUri", json_string(uri));
    json_array_append_new(log->rules, rule);
    return json_array_size(log->rules) - 1;
}

/* RFC 3986: what is no unreserved character is escaped, the slash is not. */
static char *
uri_of(const char *path)
{
    g_autofree char *escaped = NULL;

    while (g_str_has_prefix(path, "./"))
        path += 2;
    escaped = g_uri_escape_string(path, "/", FALSE);
    return path[0] == '/' ? g_strdup_printf("file://%s", escaped)
                          : g_steal_pointer(&escaped);
}

static json_t *
location(const char *file, json_int_t line)
{
    g_autofree char *uri = uri_of(file);
    json_t *physical = json_pack("{s:{s:s}}", "artifactLocation", "uri", uri);

    if (line > 0)
        json_object_set_new(physical, "region",
                            json_pack("{s:I}", "startLine", line));
    return json_pack("[{s:o}]", "physicalLocation", physical);
}

/* The same trouble has the same fingerprint though lines move. */
static char *
fingerprint(const char *file, const char *id, const char *what)
{
    g_autofree char *all = g_strjoin("\n", file, id, what, NULL);

    return g_compute_checksum_for_string(G_CHECKSUM_SHA256, all, -1);
}

static void
add_result(Log *log, size_t rule, const char *level, const char *message,
           const HsCiScenario *scenario, json_int_t line, const char *what)
{
    const char *id = text_of(json_array_get(log->rules, rule), "id");
    g_autofree char *print = fingerprint(scenario->file, id, what);

    json_array_append_new(
        log->results, json_pack("{s:s, s:I, s:s, s:o, s:o, s:{s:s}}", "ruleId",
                                id, "ruleIndex", (json_int_t)rule, "level",
                                level, "message", text_object(message),
                                "locations", location(scenario->file, line),
                                "partialFingerprints", "hybridsim/v1", print));
}

static const char *
level_of(const char *severity)
{
    if (g_str_equal(severity, "serious"))
        return "error";
    return g_str_equal(severity, "warning") ? "warning" : "note";
}

static void
add_findings(Log *log, const HsCiScenario *scenario)
{
    const HsCiRun *shown = hs_ci_scenario_shown(scenario);
    const json_t *finding;
    size_t i;

    if (shown == NULL)
        return;
    json_array_foreach(json_object_get(shown->result, "findings"), i, finding)
    {
        g_autofree char *message = g_strdup_printf(
            "%s: %s. %s", text_of(finding, "where"), text_of(finding, "title"),
            text_of(finding, "evidence"));
        size_t rule =
            rule_of(log, text_of(finding, "id"), text_of(finding, "title"),
                    text_of(finding, "rule"));

        add_result(log, rule, level_of(text_of(finding, "severity")), message,
                   scenario,
                   json_integer_value(json_object_get(finding, "line")),
                   text_of(finding, "where"));
    }
}

static void
add_notification(Log *log, const HsCiScenario *scenario, const char *message)
{
    json_array_append_new(log->notifications,
                          json_pack("{s:s, s:o, s:o}", "level", "error",
                                    "message", text_object(message),
                                    "locations", location(scenario->file, 0)));
}

static void
add_item(Log *log, const HsCiScenario *scenario, const HsCiItem *item)
{
    bool bad_file = scenario->state == HS_CI_BAD_FILE;
    const char *details = item->details != NULL ? item->details : "";
    g_autofree char *message =
        g_strdup_printf("%s\n%s", item->message, details);
    size_t rule;

    g_strchomp(message);
    if (item->outcome == HS_CI_ERROR && !bad_file) {
        add_notification(log, scenario, message);
        return;
    }
    if (bad_file)
        rule = rule_of(log, "BAD-SCENARIO", "the scenario cannot be loaded",
                       "hybridsim-scenario: every key and its unit");
    else if (g_str_equal(item->type, "baseline"))
        rule =
            rule_of(log, "REGRESSION", "the result is not that of the baseline",
                    "hybridsim check --baseline");
    else
        rule = rule_of(log, "EXPECTATION", "an expectation does not hold",
                       "[expect] of the scenario");
    add_result(log, rule, "error", message, scenario, item->line, item->name);
}

static void
add_scenario(Log *log, const HsCiScenario *scenario)
{
    add_findings(log, scenario);
    for (guint i = 0; i < scenario->items->len; i++) {
        const HsCiItem *item = scenario->items->pdata[i];

        /* Findings are there already, with their own level. */
        if (!g_str_equal(item->type, "finding") &&
            (item->outcome == HS_CI_FAILED || item->outcome == HS_CI_ERROR))
            add_item(log, scenario, item);
    }
}

void
hs_ci_sarif(const HsCiReport *report, GString *text)
{
    Log log = {json_array(), json_array(), json_array()};
    json_t *driver, *invocation, *document;
    char *words;

    for (guint i = 0; i < report->scenarios->len; i++)
        add_scenario(&log, report->scenarios->pdata[i]);
    driver = json_pack("{s:s, s:s, s:o}", "name", "hybridsim", "version",
                       report->version, "rules", log.rules);
    invocation = json_pack("{s:b, s:o}", "executionSuccessful",
                           json_array_size(log.notifications) == 0 &&
                               hs_ci_report_count(report, HS_CI_NOT_RUN) == 0,
                           "toolExecutionNotifications", log.notifications);
    document = json_pack(
        "{s:s, s:s, s:[{s:{s:o}, s:[o], s:s, s:o}]}", "$schema", SCHEMA,
        "version", "2.1.0", "runs", "tool", "driver", driver, "invocations",
        invocation, "columnKind", "unicodeCodePoints", "results", log.results);
    words = json_dumps(document, JSON_INDENT(2));
    g_string_append_printf(text, "%s\n", words);
    free(words);
    json_decref(document);
}
