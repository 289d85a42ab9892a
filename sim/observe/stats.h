/* Statistics of the database's latency, exact: every value is kept and sorted,
 * nothing is binned or estimated.
 *
 * A percentile is the nearest rank: of N values sorted upwards, the one at
 * rank ceil(p/100 * N), counted from 1. It is always a value that occurred. */

#ifndef HS_OBSERVE_STATS_H
#define HS_OBSERVE_STATS_H

#include "sim/observe/samples.h"
#include "sim/observe/timeline.h"

#include <glib.h>
#include <stddef.h>
#include <stdint.h>

/* COUNT 0: there was no value, and the rest means nothing. */
typedef struct {
    uint64_t count;
    HsDuration min, mean, p50, p90, p99, p999, max;
} HsLatency;

/* The value at PERCENT (0..100, down to 0.01) of COUNT > 0 sorted VALUES. */
HsDuration
hs_percentile(const HsDuration *sorted, size_t count, double percent);

/* Sorts VALUES in place. */
HsLatency hs_latency_of(HsDuration *values, size_t count);

/* When a request was due, with regard to the faults. A client has its own
 * phases, because it has its own instant of being settled. */
#define HS_PHASES(X)                                                           \
    X(BEFORE, "before")     /* [start, first t0), and over by then */          \
    X(DURING, "during")     /* under way at t0, or [t0, settled) */            \
    X(AFTER, "after")       /* [settled, cleared): in the failed-over state */ \
    X(FAILBACK, "failback") /* [cleared, next t0 or end) */

typedef enum {
#define X(name, text) HS_PHASE_##name,
    HS_PHASES(X)
#undef X
        HS_PHASE_COUNT
} HsPhase;

const char *hs_phase_name(HsPhase phase);

typedef struct {
    HsRequestCounts requests;
    HsLatency latency; /* of those answered */
} HsPhaseStats;

typedef struct {
    const char *client;
    HsPhaseStats phases[HS_PHASE_COUNT];
    HsPhaseStats all;
    /* HsDuration: every latency behind phases[] and, last, behind all; sorted
     * upwards, owned. */
    GArray *sorted[HS_PHASE_COUNT + 1];
} HsClientStats;

typedef struct {
    GArray *clients; /* HsClientStats in the order of the samples; owned */
} HsStats;

HsStats *hs_stats_new(const HsSamples *samples, const HsTimeline *timeline);
void hs_stats_free(HsStats *stats); /* NULL is fine */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HsStats, hs_stats_free)

/* The phase of a request of CLIENT due at AT. */
HsPhase hs_phase_at(const HsTimeline *timeline, const char *client, HsTime at);

/* How one figure spreads over the runs of --repeat. */
typedef struct {
    uint64_t runs;                      /* all of them */
    uint64_t missing;                   /* of these, without a value */
    HsDuration min, p50, p90, p99, max; /* if runs > missing */
} HsSpread;

/* VALUES are those of COUNT runs that have one (sorted in place). */
HsSpread hs_spread_of(HsDuration *values, size_t count, uint64_t missing);

#endif
