#include "config.h"

#include "models/base/simtime.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

const char *
hs_time_format(HsTime time, char buffer[HS_TIME_TEXT])
{
    uint64_t size = time < 0 ? 0 - (uint64_t)time : (uint64_t)time;

    if (time == HS_TIME_NEVER)
        return strcpy(buffer, "never");
    snprintf(buffer, HS_TIME_TEXT, "%s%" PRIu64 ".%09" PRIu64,
             time < 0 ? "-" : "", size / 1000000000, size % 1000000000);
    return buffer;
}

const char *
hs_duration_format(HsDuration span, char buffer[HS_TIME_TEXT])
{
    static const struct {
        uint64_t size;
        int digits;
        const char *name;
    } units[] = {{1000000000, 9, "s"}, {1000000, 6, "ms"}, {1000, 3, "us"}};
    uint64_t size = span < 0 ? 0 - (uint64_t)span : (uint64_t)span;
    const char *sign = span < 0 ? "-" : "";

    if (span == HS_TIME_NEVER)
        return strcpy(buffer, "never");
    if (size == 0)
        return strcpy(buffer, "0s");
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        uint64_t whole = size / units[i].size, rest = size % units[i].size;
        int digits = units[i].digits;

        if (whole == 0)
            continue;
        if (rest == 0) {
            snprintf(buffer, HS_TIME_TEXT, "%s%" PRIu64 "%s", sign, whole,
                     units[i].name);
            return buffer;
        }
        for (; rest % 10 == 0; rest /= 10)
            digits--;
        snprintf(buffer, HS_TIME_TEXT, "%s%" PRIu64 ".%0*" PRIu64 "%s", sign,
                 whole, digits, rest, units[i].name);
        return buffer;
    }
    snprintf(buffer, HS_TIME_TEXT, "%s%" PRIu64 "ns", sign, size);
    return buffer;
}
