/* Results that were stored, and what is other than they were.
 *
 * Of each run a baseline keeps what people compare (figures, faults with their
 * timelines, verdict, scenario, program) and of every other part of the result
 * its SHA-256: a result of 500 kB becomes some 20. A scenario is found again by
 * its path, as it was given, below DIR: scenarios/dx-cut.ini is
 * DIR/scenarios/dx-cut.ini.json.
 *
 * Runs of the same program, file, values and seed must give the same result:
 * whatever differs is a failure, and the first paths that do are named. Of
 * others figures are compared: what got worse by more than the tolerance is a
 * failure. Of several seeds the median counts. */

#ifndef HS_CHECK_BASELINE_H
#define HS_CHECK_BASELINE_H

#include "sim/check/report.h"

/* Worse is what exceeds both. */
typedef struct {
    double share; /* of what it was: 0.05 */
    double floor; /* of times, in milliseconds */
} HsCiTolerance;

#define HS_CI_TOLERANCE ((HsCiTolerance){0.05, 1})

/* "5%", "20ms" or "5%,20ms"; what is not named stays. */
bool hs_ci_tolerance_parse(const char *text, HsCiTolerance *ret_tolerance);

typedef struct HsCiBaseline HsCiBaseline;

/* Reads all of DIR, so that one that is corrupt is told before the runs. */
HsCiBaseline *hs_ci_baseline_load(const char *dir, GError **error);
void hs_ci_baseline_free(HsCiBaseline *baseline); /* NULL is fine */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HsCiBaseline, hs_ci_baseline_free)

/* Adds an item "baseline" to each scenario with a result, and remarks; and to
 * REPORT what is in BASELINE alone. */
void hs_ci_baseline_compare(const HsCiBaseline *baseline, HsCiReport *report,
                            HsCiTolerance tolerance);

/* Stores every scenario that has results; counts them in RET_COUNT. */
bool hs_ci_baseline_save(const char *dir, const HsCiReport *report,
                         unsigned *ret_count, GError **error);

#endif
