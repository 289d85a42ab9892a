/* `explain --routes`: the tables of a scenario at an instant, and the ways
 * between two places by them. */

#ifndef HS_EXPLAIN_ROUTES_H
#define HS_EXPLAIN_ROUTES_H

#include "sim/cli.h"

typedef struct {
    const char *at; /* "60s"; NULL: the end of the warm-up */
    const char
        *from;      /* an address or a prefix; NULL: the database's end that */
    const char *to; /* the other is not; both NULL: its two ends */
    bool json;
} HsExplainRoutes;

/* Runs SCENARIO up to the instant and prints. Mistakes are printed too. */
HsExit
hs_explain_routes(const HsScenario *scenario, const HsExplainRoutes *options);

#endif
