/* Shared by the files of live mode: the ends that are real, the ports made for
 * them, and the run. */

#ifndef HS_WORLD_LIVE_PRIVATE_H
#define HS_WORLD_LIVE_PRIVATE_H

#include "sim/engine/tun.h"
#include "sim/world/live.h"
#include "sim/world/private.h"

/* An end of a link that is real, as the scenario has it. */
typedef struct {
    const char *device, *netns; /* interned, as node and link */
    const char *node;           /* "dc.gateway", "orders.server" */
    const char *link;           /* of the world */
    unsigned number;            /* of the link's end */
    HsPrefix address;           /* with the length of its network */
    uint32_t mtu;
    GArray *routes; /* owned: HsPrefix, what is reached by it */
    bool forward;   /* the real one is a router */
} LiveEnd;

/* Every real end of SCENARIO (LiveEnd *, transfer full). */
GPtrArray *hs_live_ends(const HsScenario *scenario);

typedef struct {
    HsLive *live;       /* borrowed */
    const LiveEnd *end; /* borrowed */
    HsTun *tun;         /* owned */
    WorldEnd *to;       /* borrowed: the link's end that it stands for */
    uint64_t from_real, to_real, malformed, late, overruns, refused;
} LivePort;

struct HsLive {
    const HsScenario *scenario; /* borrowed */
    GPtrArray *ends;            /* LiveEnd *, owned, as all that follow */
    GPtrArray *namespaces;      /* HsNetns * */
    GPtrArray *ports;           /* LivePort * */
    GArray *watches;            /* Watch: those given before the run */
    HsWorld *world;             /* borrowed; NULL: not running */
    HsRealtime *realtime;       /* owned; NULL: not running */
    bool hold_faults;
    char started[40];
    HsLag lag;
    GPtrArray *states; /* LiveState *: what `status` has read so far */
    size_t read;       /* of the stream of facts */
};

#endif
