/* What happened in a run, in words, from its result.json: the worst failover
 * and the parts that it is made of. Times have the digits of the verdict that
 * `hybridsim FILE` prints. */

#ifndef HS_CHECK_TIMELINE_H
#define HS_CHECK_TIMELINE_H

#include <glib.h>
#include <jansson.h>
#include <stdbool.h>

/* The failover of one client in one fault. */
typedef struct {
    const json_t *fault, *client; /* borrowed; NULL: there was no fault */
} HsCiFailover;

/* The one with the longest outage; one that did not end is longer than any. */
HsCiFailover hs_ci_worst(const json_t *result);

/* "1.553 s", "never ended" or "none" (transfer full). */
char *hs_ci_outage_text(const json_t *client);
/* "1.550 s", "no recovery" or "none" (transfer full). */
char *hs_ci_failover_text(const json_t *client);
/* The detection that the recovery waited for, or NULL (borrowed). */
const json_t *hs_ci_governing(const json_t *fault);
/* "BFD 0.828 s", or "none" (transfer full). */
char *hs_ci_detection_text(const json_t *fault);

/* "1.553 s" of milliseconds (transfer full). */
char *hs_ci_seconds(double ms);
/* The same, or "6.325 ms" below a second: of latencies. */
char *hs_ci_time(double ms);

/* Appends of each fault the worst failover, and a line for each part of it. */
void hs_ci_timeline(const json_t *result, GString *text);

#endif
