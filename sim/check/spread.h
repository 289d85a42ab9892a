/* A figure over several seeds. */

#ifndef HS_CHECK_SPREAD_H
#define HS_CHECK_SPREAD_H

#include "sim/check/report.h"

/* Percentiles are nearest ranks, as those of a run. */
typedef struct {
    unsigned runs;   /* with a result */
    unsigned values; /* of them, those that have a value */
    bool is_time;    /* in milliseconds; else a count or bytes */
    double min, p50, p90, max;
} HsCiSpread;

/* False: no run has it. */
bool hs_ci_spread_of(const HsCiScenario *scenario, const char *figure,
                     HsCiSpread *ret_spread);

/* The figures of its expectations, a line each behind INDENT. */
void hs_ci_spreads_text(const HsCiScenario *scenario, const char *indent,
                        GString *text);

#endif
