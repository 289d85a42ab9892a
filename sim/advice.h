/* Advice: the change that shortens a failover, and by how much.
 *
 * What could help follows from what governed the recovery: a hold timer from
 * BFD or from shorter timers, TCP's back-off from a limit on it. Each is tried:
 * the scenario runs again with it and the same seed, in a process of its own,
 * and what came of it is read from that run. What the scenario's rules refuse
 * and what shortens nothing is no advice. */

#ifndef HS_ADVICE_H
#define HS_ADVICE_H

#include "sim/cli.h"
#include "sim/output/result.h"

#include <glib.h>

/* HsAdvice, the best first (transfer full). OPTIONS: how SCENARIO was loaded.
 * RET_TRIED: how many runs it took. NULL: interrupted, or nothing could be
 * run. */
GPtrArray *
hs_advice_find(const HsScenario *scenario, const HsScenarioOptions *options,
               const HsResult *result, unsigned jobs, unsigned *ret_tried);

#endif
