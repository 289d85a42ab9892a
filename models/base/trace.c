#include "config.h"

#include "models/base/trace.h"

#include <stdarg.h>

void
hs_trace(const HsTrace *trace, HsTime now, const char *format, ...)
{
    g_autoptr(GString) line = NULL;
    char time[HS_TIME_TEXT];
    va_list arguments;

    if (trace == NULL || trace->line == NULL)
        return;
    line = g_string_new(NULL);
    g_string_append_printf(line, "[%14s] %s %s%s%s: ",
                           hs_time_format(now, time), trace->node,
                           trace->protocol, trace->peer != NULL ? " " : "",
                           trace->peer != NULL ? trace->peer : "");
    va_start(arguments, format);
    g_string_append_vprintf(line, format, arguments);
    va_end(arguments);
    trace->line(trace->user_data, line->str);
}
