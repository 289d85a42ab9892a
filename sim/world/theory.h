/* What theory says about a fault of a scenario: its timers, put into the
 * bounds of sim/observe/bounds.h. */

#ifndef HS_WORLD_THEORY_H
#define HS_WORLD_THEORY_H

#include "sim/observe/bounds.h"
#include "sim/scenario/scenario.h"

/* False: theory has no bounds for it. The database's traffic is not on the
 * fault's target, so that no interruption is expected; or the fault is another
 * than a cut of one link, by carrier or in silence; or another one overlaps. */
bool hs_theory_bounds(const HsScenario *scenario, const HsFault *fault,
                      HsBounds *ret_bounds);

#endif
