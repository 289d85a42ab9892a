/* The verdict of a run: everything that [expect] and the probes ask of it. */

#ifndef HS_JUDGE_H
#define HS_JUDGE_H

#include "sim/observe/facts.h"
#include "sim/output/result.h"

/* Sets RESULT's verdict, from all the rest of it. */
void hs_judge(HsResult *result, const HsFacts *facts);

/* The names of what SCENARIO's world is made of, for the paths of [expect]. It
 * is built for that, and not run. */
typedef struct HsDesignNames HsDesignNames;

HsDesignNames *hs_design_names_new(const HsScenario *scenario);
void hs_design_names_free(HsDesignNames *names); /* NULL is fine */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HsDesignNames, hs_design_names_free)

/* An HsEntryNames. */
GPtrArray *
hs_design_names(const void *names, const char *kind, const char *key);

/* Holds the names in SCENARIO's [expect] against them. */
bool hs_design_check(const HsScenario *scenario, GError **error);

#endif
