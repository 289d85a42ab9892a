/* Any bytes as a scenario: they are read or refused, and what was read can be
 * explained. The first line is an override, the rest the file. */

#include "config.h"

#include "sim/scenario/scenario.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = (const char *)data;
    const char *newline = size > 0 ? memchr(data, '\n', size) : NULL;
    size_t first = newline != NULL ? (size_t)(newline - text) : 0;
    g_autofree char *set = g_strndup(text, first);
    const char *sets[] = {first > 0 && *set != '[' && *set != '#' ? set : NULL,
                          NULL};
    g_autoptr(HsScenario) scenario =
        hs_scenario_load_data("fuzz.ini", text, size, sets, NULL);

    if (scenario != NULL) {
        g_autoptr(GString) explained = g_string_new(NULL);

        hs_scenario_explain(scenario, explained);
    }
    return 0;
}
