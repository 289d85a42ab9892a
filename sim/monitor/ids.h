/* Names that AWS would give: identifiers of resources, made from the names of
 * the scenario's elements, and instants of the wall clock. The same element
 * always has the same identifier. */

#ifndef HS_MONITOR_IDS_H
#define HS_MONITOR_IDS_H

#include "models/base/simtime.h"

#include <stdint.h>

/* "vpn" and "backup" give "vpn-0" and 16 hex digits; Direct Connect's ("dxcon",
 * "dxvif") are "ff" and six. Interned. */
const char *hs_aws_id(const char *prefix, const char *name);

/* A UUID of what TEXT says. Transfer full. */
char *hs_aws_uuid(const char *text);

/* "2026-01-01T00:05:00Z", and with milliseconds and the offset of UTC, as
 * alarms write it. EPOCH: seconds since 1970 at 0. Transfer full. */
char *hs_wall_seconds(int64_t epoch, HsTime at);
char *hs_wall_milliseconds(int64_t epoch, HsTime at);

#endif
