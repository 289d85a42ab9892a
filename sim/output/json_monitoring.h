#ifndef HS_OUTPUT_JSON_MONITORING_H
#define HS_OUTPUT_JSON_MONITORING_H

#include "sim/output/result.h"

#include <jansson.h>

/* A new reference. */
json_t *hs_json_monitoring(const HsResult *result);

#endif
