/* How a replayed application felt the design: its requests and transactions, as
 * they were in the capture and as they were here.
 *
 * What the path did is the difference, request by request: only those that have
 * both are compared, so that a slow query is held against itself. */

#ifndef HS_REPLAY_FELT_H
#define HS_REPLAY_FELT_H

#include "sim/observe/stats.h"
#include "sim/replay/replay.h"

typedef struct {
    uint64_t answered, failed;
    HsLatency here;     /* of those answered */
    HsLatency captured; /* of those that also have one in the capture */
    HsLatency path;     /* of these, here less captured */
} HsReplayPhase;

typedef struct {
    HsReplayPhase phases[HS_PHASE_COUNT], all;
} HsReplayKind;

typedef struct {
    const HsReplayCapture *capture; /* borrowed */
    HsReplayCounters played;
    HsLatency captured[2]; /* of all in the file: requests, transactions */
    HsReplayKind kinds[2]; /* likewise, played */
} HsReplayFelt;

enum { HS_REPLAY_REQUESTS, HS_REPLAY_TRANSACTIONS };

/* From the REPLAYED facts. Phases are those of the persistent client: what is
 * replayed keeps its connections, too. SPEED as played. */
HsReplayFelt *
hs_replay_felt_new(const HsReplayCapture *capture, const HsFacts *facts,
                   const HsTimeline *timeline, double speed,
                   const HsReplayCounters *played);
void hs_replay_felt_free(HsReplayFelt *felt); /* NULL is fine */

#endif
