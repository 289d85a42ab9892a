/* One value: from the text of a scenario to its field and back.
 *
 * Arithmetic is exact: a value that its unit cannot hold as a whole number
 * ("0.5ns") is refused and never rounded. What hs_value_format() writes reads
 * back as the same value. */

#ifndef HS_SCENARIO_VALUE_H
#define HS_SCENARIO_VALUE_H

#include "sim/scenario/schema.h"

/* Stores TEXT in the field of ROW in ELEMENT. False if it cannot be; PROBLEM
 * then has what is wrong and what was expected. References are looked up in
 * SCENARIO. */
bool hs_value_parse(const HsScenario *scenario, const HsRow *row,
                    HsElement *element, const char *text, GString *problem);

/* Appends the field as a scenario would write it. */
void hs_value_format(const HsRow *row, const HsElement *element, GString *text);

/* Frees what the field owns. */
void hs_value_clear(const HsRow *row, HsElement *element);

/* An expectation's limit, in its figure's unit. */
bool hs_limit_parse(HsUnit unit, const char *text, int64_t *ret_limit,
                    GString *problem);

#endif
