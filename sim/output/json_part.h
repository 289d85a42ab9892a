/* Parts of result.json that have a file of their own, and what they share. Each
 * returns a new reference. */

#ifndef HS_OUTPUT_JSON_PART_H
#define HS_OUTPUT_JSON_PART_H

#include "sim/output/result.h"

#include <jansson.h>

json_t *hs_json_latency(const HsLatency *latency); /* of no value: null */
json_t *hs_json_replay(const HsResult *result);
json_t *hs_json_streams(const HsResult *result);

#endif
