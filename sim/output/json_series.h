/* The parts of result.json that pictures are made of. Each returns a new
 * reference. */

#ifndef HS_OUTPUT_JSON_SERIES_H
#define HS_OUTPUT_JSON_SERIES_H

#include "sim/output/result.h"

#include <jansson.h>

json_t *hs_json_nodes(const HsResult *result);
json_t *hs_json_paths(const HsResult *result);
json_t *hs_json_series(const HsResult *result);
json_t *hs_json_lanes(const HsResult *result);
json_t *hs_json_latency_curve(const HsResult *result);

#endif
