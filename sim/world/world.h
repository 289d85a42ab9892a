/* The world of a run: a scenario as nodes, links, host stacks, faults and a
 * workload on the engine.
 *
 * Making it builds everything and schedules the faults; running it fills the
 * stream of facts, the exposure of every link and the capture. The world knows
 * what happened, not what it means: that is derived from what it observed. */

#ifndef HS_WORLD_WORLD_H
#define HS_WORLD_WORLD_H

#include "models/load/bulk.h"
#include "models/load/db.h"
#include "models/net/router.h"
#include "pcap/capture.h"
#include "pcap/wireshark.h"
#include "sim/engine/ns3_shim.h"
#include "sim/observe/exposure.h"
#include "sim/observe/facts.h"
#include "sim/replay/replay.h"
#include "sim/scenario/scenario.h"

#include <glib.h>

typedef struct HsWorld HsWorld;
typedef struct HsLive HsLive; /* sim/world/live.h */

typedef struct {
    /* Takes every packet on every link that the scenario's [capture] names;
     * NULL: no capture. Borrowed. */
    CaptureWriter *capture;
    /* Takes each line of the trace; NULL: no trace. */
    void (*trace)(void *user_data, const char *line);
    /* Told how far the simulation is, some hundred times a run; may be NULL. */
    void (*progress)(void *user_data, HsTime now, HsTime end);
    /* Asked now and then: true ends a simulated run where it is. */
    bool (*stop)(void *user_data);
    /* Told each fact as it is observed; may be NULL. */
    void (*fact)(void *user_data, const HsFact *fact);
    void *user_data; /* borrowed */
    /* Told that a fault begins ("applied"), ends ("cleared") or outlasts the
     * run ("lasting"), while the world stands as it was before; may be NULL. */
    void (*phase)(void *phase_data, const HsWorld *world, const HsFact *fault);
    void *phase_data; /* borrowed */
    /* Played beside the clients of the database that names it; NULL: nothing
     * is, whatever the scenario says. Borrowed, outlives the world. */
    const HsReplayCapture *replay;
    /* Runs in real time, with real ends; NULL: simulated. Borrowed, outlives
     * the world. */
    HsLive *live;
} HsWorldOptions;

/* The capture that SCENARIO's database replays; NULL without an error: none.
 * The error has the scenario's line. */
HsReplayCapture *
hs_world_read_replay(const HsScenario *scenario, GError **error);

/* SCENARIO is borrowed and outlives the world. One world at a time: the engine
 * has one simulation in a process. */
HsWorld *
hs_world_new(const HsScenario *scenario, const HsWorldOptions *options);
void hs_world_free(HsWorld *world); /* NULL is fine */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HsWorld, hs_world_free)

/* From 0 to the scenario's duration, or until a live run is stopped. Once. */
void hs_world_run(HsWorld *world);

/* From where it is to UNTIL only, to look at it there (view.h). A world that is
 * looked at is not run to its end any more. Not live. */
void hs_world_run_to(HsWorld *world, HsTime until);

/* When it was over. */
HsTime hs_world_end(const HsWorld *world);

/* What a database's client or server counted; NULL: there is none. */
const HsDbClientCounters *
hs_world_database_client(const HsWorld *world, unsigned index);
const HsDbServerCounters *hs_world_database_server(const HsWorld *world);

/* How the scenario's [stream] number INDEX went; NULL: its hosts are real. */
const HsBulk *hs_world_bulk(const HsWorld *world, unsigned index);

/* How the replay went; NULL: there was none. */
const HsReplayCounters *hs_world_replay(const HsWorld *world);

/* What was observed. Borrowed; they live as long as the world. */
const HsFacts *hs_world_facts(const HsWorld *world);
const HsExposure *hs_world_exposure(const HsWorld *world);

/* One link of the world, in the order of the exposure's links. Direction 0 is
 * towards AWS. */
typedef struct {
    const char *name;      /* interned, as are the nodes */
    const char *from, *to; /* the nodes at its ends 0 and 1 */
    HsLinkKind kind;
    bool trusted;
    HsSimLinkCounters direction[2];
} HsWorldLinkReport;

unsigned hs_world_links(const HsWorld *world);
HsWorldLinkReport hs_world_link_report(const HsWorld *world, unsigned link);

/* What the facts call one way of PROBE: "to AWS" (transfer full). */
char *hs_world_probe_direction(const HsProbing *probe, bool back);

/* Packets dropped by a node, for a reason with a name. False past the last. */
typedef struct {
    const char *node;   /* interned */
    const char *reason; /* interned, or literal */
    uint64_t packets;
} HsWorldDrop;

/* HsWorldDrop, those above 0, by node (transfer full). */
GArray *hs_world_drops(const HsWorld *world);

/* The same with those that are 0: every reason that each node has. */
GArray *hs_world_drop_counters(const HsWorld *world);

/* The packets of each node that forwards, in the order they were made
 * (HsWorldRouter, transfer full). */
typedef struct {
    const char *node; /* interned */
    HsRouterCounters packets;
} HsWorldRouter;

GArray *hs_world_routers(const HsWorld *world);

/* The keys of every SA, for the Wireshark profile. The names are interned, the
 * keys borrowed: they live as long as the world. */
unsigned hs_world_sas(const HsWorld *world);
CaptureEspSa hs_world_sa(const HsWorld *world, unsigned index);
unsigned hs_world_ike_sas(const HsWorld *world);
CaptureIkeSa hs_world_ike_sa(const HsWorld *world, unsigned index);

/* Events that the engine executed. */
uint64_t hs_world_events(const HsWorld *world);

#endif
