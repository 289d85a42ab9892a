/* The data-plane probe: small datagrams at a fixed interval in one direction,
 * from the sender's node to the receiver's.
 *
 * A probe carries its number and the instant it was sent, so that the receiver
 * knows its one-way delay, and a payload that both can compute, so that a
 * changed bit is seen. Loss is what was sent and never received; it is measured
 * apart from the database, whose transport hides it. */

#ifndef HS_LOAD_PROBE_H
#define HS_LOAD_PROBE_H

#include "models/base/env.h"

#include <glib.h>

#define HS_PROBE_PORT     6363
#define HS_PROBE_MIN_SIZE 24

typedef struct HsProbe HsProbe;

/* A field that is 0 takes the default in brackets. */
typedef struct {
    const char *name;  /* the direction, "app->db"; borrowed for the call */
    const char *apart; /* interned: not the database's data plane, but a probe
                        * of this name; the facts have it as their peer */
    HsAddr from;       /* not set: the stack chooses */
    HsAddr to;
    uint16_t port;       /* of the receiver [HS_PROBE_PORT]; the sender's is
                          * the next one */
    HsDuration interval; /* [10 ms] */
    uint32_t size;       /* of the UDP payload [64] */
    HsTime start;        /* the first is within one interval: a seeded phase */
    HsTime stop;         /* none is sent at or after this */
} HsProbeConfig;

typedef struct {
    uint64_t sent;
    uint64_t received; /* each number once */
    uint64_t duplicates;
    uint64_t reordered; /* behind a later number */
    uint64_t corrupt;   /* arrived with other bytes than were sent */
} HsProbeCounters;

/* The receiver may live on another node than the sender; both environments
 * outlive the probe. */
HsProbe *
hs_probe_new(HsEnv *sender, HsEnv *receiver, const HsProbeConfig *config);
void hs_probe_free(HsProbe *probe); /* NULL is fine */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HsProbe, hs_probe_free)

const HsProbeCounters *hs_probe_counters(const HsProbe *probe);

#endif
