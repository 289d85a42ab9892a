/* What the database's clients and its server counted, for result.json. */

#ifndef HS_OUTPUT_JSON_DATABASE_H
#define HS_OUTPUT_JSON_DATABASE_H

#include "sim/output/result.h"

#include <jansson.h>

/* Of the client NAME, or null. Transfer full. */
json_t *hs_json_client_counters(const HsResult *result, const char *name);
json_t *hs_json_database_server(const HsResult *result);

#endif
