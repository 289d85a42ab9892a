/* The types that the report expects of result.json. */

#ifndef HS_REPORT_SHAPE_H
#define HS_REPORT_SHAPE_H

#include <glib.h>
#include <jansson.h>
#include <stdbool.h>

/* False, and in RET_WRONG (transfer full) the JSON path and what is wrong with
 * it, if a field of RESULT is missing or of another type than RESULT.md has. */
bool hs_shape_check(const json_t *result, char **ret_wrong);

#endif
