#include "config.h"
#include "sim/output/result.h"
void
hs_result_text(const HsResult *result, bool colour, GString *text)
{
    (void)result;
    (void)colour;
    g_string_append(text, "TODO\n");
}
