/* The verdict: what was expected of a run against what it showed.
 *
 * A figure is a result under a name ("failover.pool", "db.p99.during"), which
 * scenarios bound in [expect] with a suffix: failover.pool.max = 2s. All
 * figures of a run are collected from the timeline, the statistics and the
 * exposure; then each expectation is held against its figure. A figure that
 * was not observed never meets an expectation: nothing passes by silence. */

#ifndef HS_OBSERVE_VERDICT_H
#define HS_OBSERVE_VERDICT_H

#include "sim/observe/exposure.h"
#include "sim/observe/stats.h"
#include "sim/observe/timeline.h"

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#define HS_UNITS(X)                                                            \
    X(TIME, "time") /* nanoseconds */                                          \
    X(BYTES, "bytes")                                                          \
    X(COUNT, "count")

typedef enum {
#define X(name, text) HS_UNIT_##name,
    HS_UNITS(X)
#undef X
} HsUnit;

#define HS_FIGURE_STATES(X)                                                    \
    X(NOT_OBSERVED, "not observed")                                            \
    X(NEVER, "did not happen") /* it did not recover: worse than any value */  \
    X(NONE, "no interruption") /* better than any value */                     \
    X(VALUE, "value")

typedef enum {
#define X(name, text) HS_FIGURE_##name,
    HS_FIGURE_STATES(X)
#undef X
} HsFigureState;

typedef struct {
    const char *name; /* interned */
    HsUnit unit;
    HsFigureState state;
    int64_t value;     /* VALUE only */
    const char *fault; /* the one that it comes from, or NULL */
} HsFigure;

typedef struct HsFigures HsFigures;

const char *hs_unit_name(HsUnit unit);
const char *hs_figure_state_name(HsFigureState state);

/* Where several faults, or several clients, give a figure, the worst counts.
 * EXPOSURE may be NULL: its figures are then not observed. */
HsFigures *hs_figures_new(const HsTimeline *timeline, const HsStats *stats,
                          const HsExposure *exposure);
void hs_figures_free(HsFigures *figures); /* NULL is fine */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HsFigures, hs_figures_free)

/* In the order of hs_figure_names(). */
unsigned hs_figures_count(const HsFigures *figures);
const HsFigure *hs_figures_at(const HsFigures *figures, unsigned index);

/* NULL: there is no figure of that name. */
const HsFigure *hs_figures_find(const HsFigures *figures, const char *name);

/* What figures there are, whatever the run. */
typedef struct {
    const char *name;
    HsUnit unit;
    const char *help;
} HsFigureName;

/* All of them, ended by a NULL name. */
const HsFigureName *hs_figure_names(void);
const HsFigureName *hs_figure_name_find(const char *name); /* or NULL */

#define HS_COMPARISONS(X)                                                      \
    X(MAX, "max")                                                              \
    X(MIN, "min")                                                              \
    X(EQUALS, "equals")

typedef enum {
#define X(name, text) HS_COMPARISON_##name,
    HS_COMPARISONS(X)
#undef X
} HsComparison;

const char *hs_comparison_name(HsComparison comparison);

typedef struct {
    const char *figure; /* interned, without the comparison */
    HsComparison comparison;
    int64_t limit;      /* in the figure's unit */
    const char *source; /* "dx-cut.ini:42", interned, or NULL */
} HsExpectation;

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
    HsExpectation expectation;
    HsOutcome outcome;
    HsFigure figure; /* all zero for UNKNOWN */
    char *text;      /* "failover 0.871s, at most 2s"; owned */
} HsCheck;

typedef struct {
    GArray *checks; /* HsCheck in the order given; owned */
    unsigned passed, failed;
} HsVerdict;

HsVerdict *hs_verdict_new(const HsFigures *figures,
                          const HsExpectation *expectations, unsigned count);
void hs_verdict_free(HsVerdict *verdict); /* NULL is fine */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HsVerdict, hs_verdict_free)

/* 0: all hold; 1: one does not; 4: nothing was checked. */
int hs_verdict_exit_code(const HsVerdict *verdict);

#endif
