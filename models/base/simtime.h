/* Time in the simulation: signed nanoseconds.
 *
 * HsTime is an instant since the start of the run, HsDuration a span. Both are
 * signed, so that a difference is just a subtraction. HS_TIME_NEVER is later
 * than every instant and absorbs additions. No floating point comes near them
 * before a report is printed. */

#ifndef HS_BASE_SIMTIME_H
#define HS_BASE_SIMTIME_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

G_BEGIN_DECLS

typedef int64_t HsTime;
typedef int64_t HsDuration;

#define HS_NSEC(n) ((int64_t)(n))
#define HS_USEC(n) ((int64_t)(n)*INT64_C(1000))
#define HS_MSEC(n) ((int64_t)(n)*INT64_C(1000000))
#define HS_SEC(n)  ((int64_t)(n)*INT64_C(1000000000))

#define HS_TIME_NEVER INT64_MAX

/* time + span; stays HS_TIME_NEVER, and saturates there. */
static inline HsTime
hs_time_add(HsTime time, HsDuration span)
{
    HsTime sum;

    if (time == HS_TIME_NEVER || span == HS_TIME_NEVER ||
        __builtin_add_overflow(time, span, &sum))
        return HS_TIME_NEVER;
    return sum;
}

static inline HsTime
hs_time_min(HsTime a, HsTime b)
{
    return a < b ? a : b;
}

static inline HsTime
hs_time_max(HsTime a, HsTime b)
{
    return a > b ? a : b;
}

/* Room for any text that hs_time_format() or hs_duration_format() writes. */
#define HS_TIME_TEXT 32

/* Seconds with nine decimals, "12.300000000"; "never". Returns BUFFER. */
const char *hs_time_format(HsTime time, char buffer[HS_TIME_TEXT]);

/* The way a person writes it: "300ms", "1.5s", "250us", "never". Exact: the
 * text read back as a scenario value gives the same span. Returns BUFFER. */
const char *hs_duration_format(HsDuration span, char buffer[HS_TIME_TEXT]);

G_END_DECLS

#endif
