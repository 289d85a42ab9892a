/* What the paths of [expect] mean in one result. They are looked up in the very
 * document that is written as result.json, so an expectation and a reader of
 * that file cannot see two different values. */

#ifndef HS_OUTPUT_LOOKUP_H
#define HS_OUTPUT_LOOKUP_H

#include "sim/observe/verdict.h"
#include "sim/scenario/scenario.h"

#include <jansson.h>

/* Adds to VERDICT the check of E, which has a path. DOCUMENT is the result's
 * (hs_result_document()); DEMAND is E's.
 *
 * Of several values each has to meet the demand, and the check shows the one
 * that is nearest to failing, or fails. One that is null was not observed, and
 * so was the path that means nothing of this run, except for the entries of
 * which RESULT.md says that one that is not there is 0. */
void hs_lookup_judge(HsVerdict *verdict, const json_t *document,
                     const HsExpectation *e, const HsDemand *demand);

#endif
