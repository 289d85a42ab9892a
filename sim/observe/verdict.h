/* The verdict: what was expected of a run against what it showed.
 *
 * A figure is a result under a name ("failover.pool", "db.during.p99"), which
 * scenarios bound in [expect] with a suffix: failover.pool.max = 2s. The
 * readings of all figures of a run are collected from the timeline, the
 * statistics and the exposure; then each demand is held against its figure. A
 * figure that was not observed never meets a demand: nothing passes by
 * silence. Names are texts here, because the scenario's layer and this one do
 * not know each other.
 *
 * A scenario whose lesson is a failure names the expectations that must fail
 * (expected-verdict). It is met when exactly these do, each by a value that was
 * observed: what was not observed teaches nothing. */

#ifndef HS_OBSERVE_VERDICT_H
#define HS_OBSERVE_VERDICT_H

#include "sim/observe/exposure.h"
#include "sim/observe/stats.h"
#include "sim/observe/timeline.h"
#include "sim/observe/tunnels.h"

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#define HS_READING_UNITS(X)                                                    \
    X(TIME, "time") /* nanoseconds */                                          \
    X(BYTES, "bytes")                                                          \
    X(COUNT, "count")                                                          \
    X(NUMBER, "number") /* millionths */

typedef enum {
#define X(name, text) HS_READING_IN_##name,
    HS_READING_UNITS(X)
#undef X
} HsReadingUnit;

#define HS_READING_STATES(X)                                                   \
    X(NOT_OBSERVED, "not observed")                                            \
    X(NEVER, "did not happen") /* it did not recover: worse than any value */  \
    X(NONE, "none")            /* no interruption: better than any value */    \
    X(VALUE, "value")

typedef enum {
#define X(name, text) HS_READING_##name,
    HS_READING_STATES(X)
#undef X
} HsReadingState;

typedef struct {
    const char *name; /* interned */
    HsReadingUnit unit;
    HsReadingState state;
    int64_t value;     /* VALUE only */
    const char *fault; /* the one that it comes from, or NULL */
} HsReading;

typedef struct HsReadings HsReadings;

const char *hs_reading_unit_name(HsReadingUnit unit);
const char *hs_reading_state_name(HsReadingState state);

/* Where several faults, or several clients, give a figure, the worst counts.
 * EXPOSURE and TUNNELS (HsTunnelLife) may be NULL: their figures are then not
 * observed. What it reads is borrowed, and has to outlive the readings. */
HsReadings *hs_readings_new(const HsTimeline *timeline, const HsStats *stats,
                            const HsExposure *exposure, const GArray *tunnels);
void hs_readings_free(HsReadings *readings); /* NULL is fine */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HsReadings, hs_readings_free)

/* In the order of hs_figure_names(). */
unsigned hs_readings_count(const HsReadings *readings);
const HsReading *hs_readings_at(const HsReadings *readings, unsigned index);

/* NULL: there is no figure of that name. */
const HsReading *hs_readings_find(const HsReadings *readings, const char *name);

/* The same of the figures that are too many to be read unasked: each one of a
 * failover of one fault ("fault.cut.outage.pool"), each percentile, the minimum
 * and the number of values of the latencies ("db.during.p95.pool", "db.count").
 * From then on it is one of READINGS; the pointers that they gave are not valid
 * any more. */
const HsReading *hs_readings_ask(HsReadings *readings, const char *name);

/* What figures there are, whatever the run. */
typedef struct {
    const char *name;
    HsReadingUnit unit;
    const char *help;
} HsFigureName;

/* All of them, ended by a NULL name. */
const HsFigureName *hs_figure_names(void);
const HsFigureName *hs_figure_name_find(const char *name); /* or NULL */

#define HS_DEMAND_SENSES(X)                                                    \
    X(MAX, "max")                                                              \
    X(MIN, "min")                                                              \
    X(EQUALS, "equals")                                                        \
    X(WITHIN, "within")                                                        \
    X(WORDS, "words") /* what is allowed; the name has no suffix */

typedef enum {
#define X(name, text) HS_DEMAND_##name,
    HS_DEMAND_SENSES(X)
#undef X
} HsDemandSense;

const char *hs_demand_sense_name(HsDemandSense sense);

typedef struct {
    const char *figure; /* interned, without the sense */
    HsDemandSense sense;
    int64_t limit;      /* in the figure's unit; WITHIN: the lower one */
    const char *source; /* "dx-cut.ini:42", interned, or NULL */
    int64_t upper;      /* WITHIN only */
} HsDemand;

#define HS_OUTCOMES(X)                                                         \
    X(PASS, "pass")                                                            \
    X(FAIL, "fail")                                                            \
    X(NOT_OBSERVED, "not observed") /* fails too */                            \
    X(UNKNOWN, "unknown figure")    /* fails too */

typedef enum {
#define X(name, text) HS_OUTCOME_##name,
    HS_OUTCOMES(X)
#undef X
} HsOutcome;

const char *hs_outcome_name(HsOutcome outcome);

typedef struct {
    HsDemand demand;
    HsOutcome outcome;
    HsReading reading; /* all zero for UNKNOWN */
    char *text;        /* "failover 0.871s, at most 2s"; owned */
    char *why;         /* one line of the result behind a failure, or NULL: it
                        * has nothing to add; owned */
    bool must_fail;    /* it is among those that expected-verdict names */
} HsCheck;

/* The check did what the scenario says of it: held, or failed as it must. */
bool hs_check_is_met(const HsCheck *check);

typedef struct {
    GArray *checks; /* HsCheck in the order given; owned */
    unsigned passed, failed;
    bool lesson;        /* some must fail */
    unsigned unmet;     /* checks not met, names in vain, idle faults */
    GPtrArray *missing; /* char *: must fail, and nothing demands it; owned */
    GPtrArray *idle;    /* char *: faults that touched nothing; owned */
} HsVerdict;

HsVerdict *hs_verdict_new(const HsReadings *readings, const HsDemand *demands,
                          unsigned count);
void hs_verdict_free(HsVerdict *verdict); /* NULL is fine */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HsVerdict, hs_verdict_free)

/* A demand on what was read elsewhere. FOUND NULL: there is no such figure.
 * WHERE is what of several it was, "primary", or NULL. */
void hs_verdict_check(HsVerdict *verdict, const HsDemand *demand,
                      const HsReading *found, const char *where);

/* Does FOUND meet DEMAND? */
bool hs_demand_is_met(const HsDemand *demand, const HsReading *found);

/* A demand that is not on a figure, and what came of it. TEXT and WHY (transfer
 * full) are as in HsCheck; WHY may be NULL. */
void hs_verdict_add(HsVerdict *verdict, const HsDemand *demand,
                    HsOutcome outcome, char *text, char *why);

/* NAMES, ended by NULL: the demands that must fail, as [expect] names them
 * ("plaintext.bytes.max"). NULL or none: all must hold. */
void hs_verdict_must_fail(HsVerdict *verdict, char *const *names);

/* A fault that touched nothing tested nothing: none of TIMELINE's may. */
void hs_verdict_faults(HsVerdict *verdict, const HsTimeline *timeline);

/* Says why each failed check failed, from the same run's results. */
void hs_verdict_explain(HsVerdict *verdict, const HsTimeline *timeline,
                        const HsExposure *exposure);

/* 0: all do as the scenario says; 1: one does not; 4: nothing was checked. */
int hs_verdict_exit_code(const HsVerdict *verdict);

#endif
