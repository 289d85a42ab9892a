/* Prints hybridsim-scenario(5): run by the build. */

#include "config.h"

#include "sim/scenario/scenario.h"

#include <stdio.h>

int
main(void)
{
    g_autoptr(GString) text = g_string_new(NULL);

    hs_scenario_page(text);
    return fputs(text->str, stdout) < 0 || fflush(stdout) != 0;
}
