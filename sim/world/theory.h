/* What theory says about a fault of a scenario: its timers, put into the
 * bounds of sim/observe/bounds.h. */

#ifndef HS_WORLD_THEORY_H
#define HS_WORLD_THEORY_H

#include "sim/observe/bounds.h"
#include "sim/scenario/scenario.h"

/* False: the database's traffic is not on the fault's target, so that theory
 * expects no interruption. */
bool hs_theory_bounds(const HsScenario *scenario, const HsFault *fault,
                      HsBounds *ret_bounds);

#endif
