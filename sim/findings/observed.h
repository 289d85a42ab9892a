/* What a run shows of its design: findings from the wire, from what was dropped
 * and from what was negotiated. Where the scenario alone showed the same, the
 * observation is added to that finding's evidence. */

#ifndef HS_FINDINGS_OBSERVED_H
#define HS_FINDINGS_OBSERVED_H

#include "sim/findings/finding.h"
#include "sim/observe/exposure.h"
#include "sim/observe/facts.h"
#include "sim/observe/timeline.h"

/* Packets that a node dropped, or a link whose queue was full. */
typedef struct {
    const char *where;  /* "dc.gateway", "internet" */
    const char *reason; /* as the drop is named, or "queue full" */
    uint64_t packets;
} HsSeenDrop;

typedef struct {
    const HsScenario *scenario;
    const HsFacts *facts;
    const HsExposure *exposure;
    const HsTimeline *timeline;
    const GArray *tunnels; /* HsTunnelLife */
    const GArray *drops;   /* HsSeenDrop */
} HsSeen;

void hs_findings_observed(const HsSeen *seen, GPtrArray *findings);

#endif
