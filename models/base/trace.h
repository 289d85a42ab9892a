/* The trace: what a core or a node says about itself, for people and tests.
 *
 * A line is time, node, protocol, peer, then what changed and why:
 *
 *     [  12.300000000] cgw bgp 169.254.10.1: OpenConfirm -> Established (KeepAliveMsg)
 *
 * It holds no pointer and no host time. A core is given a HsTrace and writes
 * to it; NULL is a trace that nobody reads, and costs one comparison. */

#ifndef HS_BASE_TRACE_H
#define HS_BASE_TRACE_H

#include "models/base/simtime.h"

#include <glib.h>

typedef struct HsTrace {
    /* LINE is borrowed and has no newline. */
    void (*line)(void *user_data, const char *line);
    void *user_data; /* borrowed */
    const char *node;
    const char *protocol;
    const char *peer;
} HsTrace;

void hs_trace(const HsTrace *trace, HsTime now, const char *format, ...)
    G_GNUC_PRINTF(3, 4);

#endif
