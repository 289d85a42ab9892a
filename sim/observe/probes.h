/* What the data-plane probes say of each direction over a run: loss, one-way
 * delay and its variation, and how fast they arrived. */

#ifndef HS_OBSERVE_PROBES_H
#define HS_OBSERVE_PROBES_H

#include "sim/observe/samples.h"
#include "sim/observe/stats.h"

#include <glib.h>
#include <stdint.h>

typedef struct {
    const char *direction; /* interned */
    uint64_t sent, received;
    HsLatency delay; /* one way, of those received; count 0: none */
    /* 99th percentile of the delay above the least one: packet delay variation
     * (RFC 5481 4.2). */
    HsDuration variation;
    /* Arrivals a second, from the middle of the time in which probes were sent
     * on: what a path carries when more is sent. 0: none. */
    double rate;
} HsProbeStats;

/* HsProbeStats by direction (transfer full), of the probes sent from START on:
 * the end of the warm-up. */
GArray *hs_probe_stats_new(const HsSamples *samples, HsTime start);

#endif
