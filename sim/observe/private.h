/* What the files of the timeline share: timeline.c puts it together from the
 * clients (recovery.c), the probes (loss.c) and the fail-back (failback.c). */

#ifndef HS_OBSERVE_PRIVATE_H
#define HS_OBSERVE_PRIVATE_H

#include "sim/observe/timeline.h"

typedef struct {
    const HsFacts *facts; /* borrowed, like the next */
    const HsSamples *samples;
    HsTime start, end;
    HsTime first_fault; /* the steady state before ends here */
} HsAnalysis;

/* When the fault's effect ends: cleared, or the end of its window. */
static inline HsTime
hs_fault_horizon(const HsFaultTimeline *fault)
{
    return hs_time_min(fault->cleared, fault->until);
}

/* recovery.c */

/* Fills F but for the parts, and tells the parts that are the client's own:
 * application, transport and settled have kind, status, at and evidence. */
void hs_recovery_fill(const HsAnalysis *a, const HsFaultTimeline *fault,
                      const HsClientSamples *client, HsClientFailover *f);

/* Requests due in [FROM, UNTIL). */
HsRequestCounts hs_recovery_count(const HsClientSamples *client, HsTime from,
                                  HsTime until, HsDuration late_over);

/* The longest span between good replies that overlaps [FROM, UNTIL]. */
HsOutage hs_recovery_gap(const HsAnalysis *a, const HsClientSamples *client,
                         HsTime from, HsTime until);

/* loss.c: HsLoss for each direction. Lost probes count from those that may
 * have been on their way at FROM (IN_FLIGHT) or were sent from then on, to
 * UNTIL; a run of losses that began before UNTIL counts to its end. */
GArray *
hs_losses_new(const HsAnalysis *a, HsTime from, HsTime until, bool in_flight);

/* A session's, tunnel's or carrier's new state is one in which it works. */
bool hs_fact_came_up(const HsFact *fact);

/* failback.c: FAULT's clients are filled already. NEXT: the first fault after
 * its clearing, or the end. */
void hs_failback_fill(const HsAnalysis *a, HsFaultTimeline *fault, HsTime next);
void hs_failback_clear(HsFailback *failback);

#endif
