/* What a [probe] expects of its two places, held against the probes of a run:
 * reachable, every probe arrived both ways; unreachable, none did either way.
 * Probes count that were sent after the warm-up, and neither in a fault nor in
 * the minute after one, in which routes may still be coming back. */

#ifndef HS_REACH_H
#define HS_REACH_H

#include "sim/observe/samples.h"
#include "sim/observe/timeline.h"
#include "sim/observe/verdict.h"
#include "sim/scenario/scenario.h"

#define HS_REACH_REST HS_SEC(60)

typedef struct {
    uint64_t sent, arrived;
    HsTime first; /* sent, of those that are against it; HS_TIME_NEVER: none */
} HsReachCount;

/* Those of DIRECTION that count. WANTED: whether they should have arrived. */
HsReachCount hs_reach_count(const HsDirectionSamples *direction,
                            const HsTimeline *timeline, bool wanted);

/* A check for each [probe] of SCENARIO that expects something:
 * "NAME.reachable", "NAME.unreachable". */
void hs_reach_judge(HsVerdict *verdict, const HsScenario *scenario,
                    const HsSamples *samples, const HsTimeline *timeline);

#endif
