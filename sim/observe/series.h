/* What happened over time, for pictures and metrics: counts in buckets of one
 * width, which divides a minute, and the states of sessions as spans.
 *
 * Traffic is not here: the exposure counts it in bins of the same width
 * (exposure.h). */

#ifndef HS_OBSERVE_SERIES_H
#define HS_OBSERVE_SERIES_H

#include "sim/observe/samples.h"

#include <glib.h>
#include <stdint.h>

/* The finest of 0.1 s to 60 s of which a run of DURATION has 600 at most, and
 * LINKS links some hundred thousand in all. */
HsDuration hs_series_bucket(HsDuration duration, unsigned links);

/* How many buckets there are up to END. */
unsigned hs_series_buckets(HsDuration bucket, HsTime end);

/* The requests of one client that were due in one bucket. */
typedef struct {
    uint64_t due, answered, failed; /* the rest was pending at the end */
    HsDuration p50, p99, max;       /* of those answered, if any was */
} HsSeriesRequests;

/* One for each bucket (transfer full). */
GArray *hs_series_requests_new(const HsClientSamples *client, HsDuration bucket,
                               HsTime end);

/* The probes of one direction that were sent in one bucket. */
typedef struct {
    uint64_t sent, lost;
} HsSeriesProbes;

/* The same. A probe that is under way at END counts as lost. */
GArray *hs_series_probes_new(const HsDirectionSamples *direction,
                             HsDuration bucket, HsTime end);

/* Lanes: what state a session, a tunnel or a carrier was in, and when. */
typedef struct {
    HsTime from, until;
    const char *state; /* as the fact has it: "Established", "up" */
    bool works;        /* it does what it is for in that state */
    const char *cause; /* of its beginning, or NULL */
} HsLaneSpan;

typedef struct {
    HsFactKind kind; /* CARRIER, BFD, BGP or TUNNEL */
    const char *node, *subject;
    GArray *spans; /* HsLaneSpan, without gaps up to the end; owned */
} HsLane;

/* HsLane in the order in which they are first heard of (transfer full; it
 * frees what is in it). A lane begins at 0 if its first fact says what was
 * before, and with that fact if not. */
GPtrArray *hs_lanes_new(const HsFacts *facts, HsTime end);

#endif
