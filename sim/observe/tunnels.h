/* The lives of the tunnels, derived from the stream of facts: what each end
 * negotiated, how long it took, how often it was replaced and lost. */

#ifndef HS_OBSERVE_TUNNELS_H
#define HS_OBSERVE_TUNNELS_H

#include "sim/observe/facts.h"

#include <glib.h>
#include <stdbool.h>

/* One end of one tunnel. Texts are interned, or NULL: it never came up. */
typedef struct {
    const char *name;      /* "backup.tunnel1" */
    const char *node;      /* the end that says so */
    const char *ike_suite; /* the last that were negotiated */
    const char *esp_suite;
    bool began;      /* this end began the negotiation */
    bool speaks;     /* for both ends, whose lives are alike: heard of first */
    bool up;         /* at the end of the run */
    unsigned made;   /* times that it came up */
    HsTime first_up; /* HS_TIME_NEVER: never, like the next */
    HsDuration handshake; /* from the first message to that */
    unsigned ike_rekeys;  /* of either end's asking */
    unsigned esp_rekeys;
    unsigned lost;             /* times that it went down */
    HsTime last_lost;          /* HS_TIME_NEVER: never */
    const char *lost_cause;    /* the last time */
    unsigned refused;          /* negotiations that failed */
    const char *refused_cause; /* the last one */
    HsDuration down; /* without an SA to send on, from first_up to the end */
} HsTunnelLife;

/* HsTunnelLife, in the order in which they are first heard of (transfer
 * full). END: of the run. */
GArray *hs_tunnels_new(const HsFacts *facts, HsTime end);

#endif
