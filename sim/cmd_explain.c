/* hybridsim explain: every effective value of a scenario and where it came
 * from; or, with --routes, which routes it comes to. */

#include "config.h"

#include "sim/explain_routes.h"
#include "sim/findings/finding.h"
#include "sim/judge.h"
#include "sim/output/result.h"
#include "sim/world/live.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

/* What is real has to be set up by hand: how. */
static void
append_live(const HsScenario *scenario, GString *text)
{
    g_autoptr(GString) live = g_string_new(NULL);

    hs_live_describe(scenario, live);
    if (live->len > 0)
        g_string_append_printf(text, "\n%s", live->str);
}

/* The design errors that are to be seen without a run. */
static bool
append_findings(const HsScenario *scenario, GString *text)
{
    g_autoptr(GPtrArray) findings = hs_findings_new();

    hs_findings_static(scenario, findings);
    hs_findings_sort(findings);
    if (findings->len > 0)
        g_string_append(text, "\nFindings\n\n");
    hs_findings_text(findings, hs_scenario_path(scenario), text);
    return findings->len > 0;
}

/* A figure a line: its name, its unit and its meaning, with tabs between. */
static void
print_figures(const HsScenario *scenario)
{
    g_autoptr(HsDesignNames) names = hs_design_names_new(scenario);
    g_autoptr(GString) text = g_string_new(NULL);

    hs_scenario_figures(scenario, hs_design_names, names, text);
    fputs(text->str, stdout);
}

/* The same as a document, a line each. */
static bool
print_json(const HsScenario *scenario)
{
    g_autoptr(GPtrArray) values = hs_scenario_values(scenario);
    g_autoptr(GPtrArray) findings = hs_findings_new();
    json_t *object;
    char *text;

    hs_findings_static(scenario, findings);
    hs_findings_sort(findings);
    object = json_pack(
        "{s:s, s:i, s:s, s:s, s:o, s:o}", "format", "hybridsim-explained",
        "version", 1, "scenario", hs_scenario_name(scenario), "sha256",
        hs_scenario_sha256(scenario), "values", hs_values_json(values),
        "findings", hs_findings_json(findings));
    text = json_dumps(object, JSON_COMPACT);
    if (!hs_cli_quiet())
        printf("%s\n", text);
    free(text);
    json_decref(object);
    return findings->len > 0;
}

int
hs_cmd_explain(int argc, char **argv)
{
    g_auto(HsScenarioOptions) options = {0};
    g_autofree char *at = NULL, *from = NULL, *to = NULL;
    gboolean with_routes = FALSE, json = FALSE, strict = FALSE;
    gboolean figures = FALSE;
    const GOptionEntry entries[] = {
        {"routes", 0, 0, G_OPTION_ARG_NONE, &with_routes,
         "run to an instant; print every table and why", NULL},
        {"at", 0, 0, G_OPTION_ARG_STRING, &at,
         "the instant (default: the end of the warm-up)", "TIME"},
        {"from", 0, 0, G_OPTION_ARG_STRING, &from,
         "follow the way from here (default: the database's client)", "PLACE"},
        {"to", 0, 0, G_OPTION_ARG_STRING, &to,
         "and to here: an address or prefix (default: its server)", "PLACE"},
        {"json", 0, 0, G_OPTION_ARG_NONE, &json,
         "as JSON: values and findings, or the routes", NULL},
        {"figures", 0, 0, G_OPTION_ARG_NONE, &figures,
         "print every figure and path that [expect] can name, its unit and "
         "what it is",
         NULL},
        {"strict", 0, 0, G_OPTION_ARG_NONE, &strict, "a finding is a failure",
         NULL},
        G_OPTION_ENTRY_NULL,
    };
    HsExplainRoutes routes;
    HsExit worst = HS_EXIT_OK;

    if (!hs_cli_parse(argc, argv, entries, "FILE...",
                      "Prints every effective value of each scenario and where "
                      "it came from, and findings: design errors that show "
                      "without a run; nothing is run. With --routes: which "
                      "routes it comes to, and which step of each decision "
                      "beat the others.",
                      &options))
        return HS_EXIT_USAGE;
    options.design = true;
    routes = (HsExplainRoutes){at, from, to, json};
    if (!with_routes && (at != NULL || from != NULL || to != NULL)) {
        hs_cli_error("explain: --at, --from and --to go with --routes");
        return HS_EXIT_USAGE;
    }
    if (options.files[0] == NULL) {
        hs_cli_error("explain: which scenario? hybridsim explain FILE...");
        return HS_EXIT_USAGE;
    }
    for (char **file = options.files; *file != NULL; file++) {
        g_autoptr(HsScenario) scenario = hs_cli_load(*file, &options);
        g_autoptr(GString) text = g_string_new(NULL);

        if (scenario == NULL)
            return HS_EXIT_USAGE;
        if (figures) {
            print_figures(scenario);
            continue;
        }
        if (with_routes) {
            worst = hs_exit_worse(worst, hs_explain_routes(scenario, &routes));
            continue;
        }
        if (json) {
            if (print_json(scenario) && strict)
                worst = hs_exit_worse(worst, HS_EXIT_FAILED);
            continue;
        }
        hs_scenario_explain(scenario, text);
        append_live(scenario, text);
        if (append_findings(scenario, text) && strict)
            worst = hs_exit_worse(worst, HS_EXIT_FAILED);
        if (!hs_cli_quiet())
            fputs(text->str, stdout);
    }
    return (int)worst;
}
