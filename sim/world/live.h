/* A world in real time, with real hosts and routers at some of its ends.
 *
 * Which ends are real, the scenario says (`port = tun NAME`). Each is a TUN
 * device in a network namespace: what the real side sends there departs into
 * the link, what arrives from the link goes to the device. The simulated
 * counterpart is not built. Everything that is made here is removed here. */

#ifndef HS_WORLD_LIVE_H
#define HS_WORLD_LIVE_H

#include "sim/engine/realtime.h"
#include "sim/world/world.h"

/* Opens every device; the first thing that fails undoes the rest. SCENARIO is
 * borrowed and outlives it. A scenario without real ends needs no rights. */
HsLive *hs_live_new(const HsScenario *scenario, GError **error);
void hs_live_free(HsLive *live); /* NULL is fine; after its world */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HsLive, hs_live_free)

/* Before the run: READY is called from within it while FD can be read. */
void hs_live_watch(HsLive *live, int fd, void (*ready)(void *user_data),
                   void *user_data);

/* While it runs: adds and removes watches. */
void hs_live_unwatch(HsLive *live, int fd);

/* Before the run: the scenario's faults come by command only. */
void hs_live_hold_faults(HsLive *live);

/* The run ends here and now, with results. */
void hs_live_stop(HsLive *live);

/* Does what LINE says ("blackhole primary to-aws") and appends the answer to
 * REPLY: lines, of which the last begins with "ok" or "error". From a watch. */
void hs_live_command(HsLive *live, const char *line, GString *reply);

/* What the real side of SCENARIO has to be set up with: addresses, neighbours,
 * AS numbers, timers. Nothing if it has none. */
void hs_live_describe(const HsScenario *scenario, GString *text);

/* What came of it */

typedef struct {
    const char *device, *netns; /* interned, as the rest */
    const char *node;           /* whose end it is: "dc.gateway" */
    const char *link;
    uint64_t from_real, to_real; /* packets that passed */
    uint64_t malformed;          /* from the real side: not IPv4, or broken */
    uint64_t late;               /* dropped while the run had fallen behind */
    uint64_t overruns;           /* dropped before they were read */
    uint64_t refused;            /* to the real side: not taken */
} HsLivePortReport;

typedef struct {
    char started[40]; /* wall clock at simulated time 0, ISO 8601, UTC */
    HsLag lag;
} HsLiveReport;

HsLiveReport hs_live_report(const HsLive *live);
unsigned hs_live_ports(const HsLive *live);
HsLivePortReport hs_live_port(const HsLive *live, unsigned index);

#endif
