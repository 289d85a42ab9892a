/* hybridsim explain: every effective value of a scenario and where it came
 * from. */

#include "config.h"

#include "sim/cli.h"
#include "sim/world/live.h"

#include <stdio.h>

/* What is real has to be set up by hand: how. */
static void
append_live(const HsScenario *scenario, GString *text)
{
    g_autoptr(GString) live = g_string_new(NULL);

    hs_live_describe(scenario, live);
    if (live->len > 0)
        g_string_append_printf(text, "\n%s", live->str);
}

int
hs_cmd_explain(int argc, char **argv)
{
    g_auto(HsScenarioOptions) options = {0};

    if (!hs_cli_parse(argc, argv, NULL, "FILE...",
                      "Prints every effective value of each scenario and where "
                      "it came from. Nothing is run.",
                      &options))
        return HS_EXIT_USAGE;
    if (options.files[0] == NULL) {
        hs_cli_error("explain: which scenario? hybridsim explain FILE...");
        return HS_EXIT_USAGE;
    }
    for (char **file = options.files; *file != NULL; file++) {
        g_autoptr(HsScenario) scenario = hs_cli_load(*file, &options);
        g_autoptr(GString) text = g_string_new(NULL);

        if (scenario == NULL)
            return HS_EXIT_USAGE;
        hs_scenario_explain(scenario, text);
        append_live(scenario, text);
        fputs(text->str, stdout);
    }
    return HS_EXIT_OK;
}
