/* What is other in the runs of a scenario than it was: exactly, where nothing
 * may differ, and by its figures where something may. */

#ifndef HS_CHECK_DIFFERENCES_H
#define HS_CHECK_DIFFERENCES_H

#include "sim/check/baseline.h"

typedef struct {
    unsigned worse, better;
    char *summary; /* owned: one line */
    GString *text; /* owned: a line for each difference, and for each part of a
                    * failover that changed */
} HsCiDifferences;

/* BEFORE and NOW are runs, as a baseline has them. */
HsCiDifferences *hs_ci_differences_new(const json_t *before, const json_t *now,
                                       HsCiTolerance tolerance);
void hs_ci_differences_free(HsCiDifferences *differences); /* NULL is fine */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HsCiDifferences, hs_ci_differences_free)

#endif
