/* The ways between the database's ends at the instants that matter: before the
 * first fault, at the end of each, and when all is over.
 *
 * They are what the forwarding tables hold at that instant (sim/routes), looked
 * up in a world that stands still for it; looking changes nothing. */

#ifndef HS_PATHS_H
#define HS_PATHS_H

#include "sim/output/result.h"
#include "sim/world/world.h"

#include <glib.h>

typedef struct HsPathWatch HsPathWatch;

HsPathWatch *hs_path_watch_new(const HsScenario *scenario);
void hs_path_watch_free(HsPathWatch *watch); /* NULL is fine */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HsPathWatch, hs_path_watch_free)

/* The world's `phase`, with the watch as its data. */
void
hs_path_watch_phase(void *watch, const HsWorld *world, const HsFact *fault);

/* The run is over. HsResultPath, by instant (transfer full); none without a
 * [database]. */
GPtrArray *hs_path_watch_finish(HsPathWatch *watch, const HsWorld *world);

#endif
