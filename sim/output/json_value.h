/* Values of the JSON documents, as all of them write them: instants in seconds
 * since the start of the run, spans in milliseconds, and null for what did not
 * happen. Each returns a new reference. */

#ifndef HS_OUTPUT_JSON_VALUE_H
#define HS_OUTPUT_JSON_VALUE_H

#include "models/base/simtime.h"

#include <jansson.h>
#include <stdint.h>

/* VALUE's reference is taken. */
void hs_json_set(json_t *object, const char *key, json_t *value);

json_t *hs_json_number(uint64_t value);
json_t *hs_json_seconds(HsTime at);             /* HS_TIME_NEVER: null */
json_t *hs_json_milliseconds(HsDuration span);  /* likewise */
json_t *hs_json_text_or_null(const char *text); /* NULL: null */

#endif
