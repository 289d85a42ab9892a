/* The three RIBs, as one table of prefixes (RFC 4271 3.2).
 *
 * A BgpNet holds all there is to one prefix: the candidates (each peer's
 * Adj-RIB-In entry before and after import policy, and the node's own routes),
 * the choice among them (Loc-RIB), and what each peer was told last
 * (Adj-RIB-Out). Nets are found by hash and walked in the order in which they
 * were first seen. A net whose choice may have changed is marked dirty and
 * waits in a queue. */

#ifndef HS_BGP_RIB_H
#define HS_BGP_RIB_H

#include "models/bgp/decide.h"

#include <glib.h>
#include <stdbool.h>

/* What was reported as best: enough to tell a change, whatever became of the
 * route since. */
typedef struct {
    bool present;
    BgpPeer *peer;   /* borrowed */
    BgpAttrs *attrs; /* owned */
    BgpSource source;
    int tag;
    const char *step; /* literal */
} BgpBest;

typedef struct {
    BgpAttrs *attrs; /* owned: told last; NULL: nothing, or withdrawn */
    bool pending;    /* stands in the peer's queue */
} BgpOut;

typedef struct {
    HsPrefix prefix;
    GPtrArray *routes; /* owned, BgpRoute * */
    BgpRoute *best;    /* borrowed from routes; NULL: none */
    BgpBest reported;
    GArray *paths; /* owned, BgpPath of speaker.h; NULL without multipath */
    GArray *out;   /* owned, BgpOut, by the peer's number */
    bool dirty;
    GList in_order;
} BgpNet;

typedef struct {
    GHashTable *by_prefix; /* HsPrefix * in BgpNet -> BgpNet *, owned */
    GQueue order;          /* BgpNet * */
    GQueue dirty;          /* BgpNet * */
} BgpRib;

void bgp_rib_init(BgpRib *rib);
void bgp_rib_clear(BgpRib *rib);

BgpNet *bgp_rib_find(const BgpRib *rib, const HsPrefix *prefix);
BgpNet *bgp_rib_get(BgpRib *rib, const HsPrefix *prefix);
void bgp_rib_mark(BgpRib *rib, BgpNet *net);

/* The next dirty net, no longer marked; NULL if there is none. */
BgpNet *bgp_rib_next_dirty(BgpRib *rib);

/* Frees NET if nothing is known of its prefix any more. */
void bgp_rib_release(BgpRib *rib, BgpNet *net);

/* Of a peer; or with PEER NULL, of the node itself. */
BgpRoute *bgp_net_find_route(const BgpNet *net, const BgpPeer *peer,
                             BgpSource source, int tag);
BgpRoute *bgp_net_add_route(BgpNet *net);

/* Frees ROUTE. */
void bgp_net_remove_route(BgpNet *net, BgpRoute *route);

/* The entry of peer number INDEX, made if need be. */
BgpOut *bgp_net_out(BgpNet *net, unsigned index);

#endif
