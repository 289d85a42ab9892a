/* The decision process (RFC 4271 9.1.2): which of the routes to one prefix is
 * the best.
 *
 * A comparison function orders two routes and names the step that decided.
 * bgp_compare_rfc() is RFC 4271's; a node may bring its own, as the AWS
 * gateways do. MED is compared only between routes from one neighbour AS, so
 * the order is not transitive; bgp_decide() therefore finds the winner of each
 * neighbour AS first and compares the winners after, which gives the same
 * result as the RFC's elimination and does not depend on the order in which
 * routes arrived. */

#ifndef HS_BGP_DECIDE_H
#define HS_BGP_DECIDE_H

#include "models/base/addr.h"
#include "models/base/simtime.h"
#include "models/bgp/attrs.h"

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct BgpPeer BgpPeer;

typedef enum {
    BGP_SOURCE_LOCAL,  /* originated here */
    BGP_SOURCE_STATIC, /* injected by the node: a candidate like others */
    BGP_SOURCE_EBGP,
    BGP_SOURCE_IBGP,
} BgpSource;

const char *bgp_source_name(BgpSource source);

/* One candidate. Read-only for everybody but rib.c and speaker.c. */
typedef struct BgpRoute {
    HsPrefix prefix;
    BgpSource source;
    int tag;            /* the peer's route class, or the one injected with */
    BgpPeer *peer;      /* borrowed; NULL for LOCAL and STATIC */
    BgpAttrs *attrs;    /* owned: after import policy; NULL: not eligible */
    BgpAttrs *received; /* owned: as it came (Adj-RIB-In); NULL if no peer */
    uint32_t peer_id;   /* BGP identifier */
    HsAddr peer_address;
    uint32_t igp_cost; /* to the next hop; UINT32_MAX: unreachable */
    HsTime since;      /* last announced */
    bool stale;        /* its session is gone (RFC 4724 4.2) */

    /* Kept by rib.c. */
    GList in_peer;
} BgpRoute;

/* How a comparison came out. */
typedef struct {
    const char *step; /* literal */
    /* The routes differ in tie-breakers only: both may carry traffic. */
    bool equal_cost;
} BgpVerdict;

/* Negative if A is better, positive if B is; 0 only for A == B. */
typedef int (*BgpCompareFunc)(const BgpRoute *a, const BgpRoute *b,
                              const void *user_data, BgpVerdict *ret_verdict);

/* The steps of bgp_compare_rfc(), with RFC 4271's letters. */
#define BGP_STEP_ONLY       "only route"
#define BGP_STEP_LOCAL      "local route"
#define BGP_STEP_LOCAL_PREF "local preference"   /* 9.1.1 */
#define BGP_STEP_AS_PATH    "a) shorter AS_PATH" /* 9.1.2.2 */
#define BGP_STEP_ORIGIN     "b) lower ORIGIN"
#define BGP_STEP_MED        "c) lower MED"
#define BGP_STEP_EBGP       "d) eBGP over iBGP"
#define BGP_STEP_IGP        "e) lower cost to NEXT_HOP"
#define BGP_STEP_ID         "f) lower BGP identifier"
#define BGP_STEP_ADDRESS    "g) lower peer address"

typedef struct {
    bool always_compare_med;
    /* A missing MED counts as the worst; RFC 4271 9.1.2.2 c: as 0. */
    bool med_missing_is_worst;
    /* Equal length is enough for multipath; otherwise the same AS_PATH. */
    bool multipath_relax;
} BgpCompareOptions;

/* RFC 4271. USER_DATA: BgpCompareOptions, or NULL. */
int bgp_compare_rfc(const BgpRoute *a, const BgpRoute *b, const void *user_data,
                    BgpVerdict *ret_verdict);

typedef struct {
    BgpRoute *best; /* NULL: no eligible route */
    const char
        *step; /* against the runner-up; BGP_STEP_ONLY if there is none */
    BgpRoute *runner_up;
} BgpDecision;

/* ROUTES: BgpRoute *. Those with attrs == NULL or an unreachable next hop do
 * not take part. */
BgpDecision bgp_decide(BgpRoute *const *routes, unsigned count,
                       BgpCompareFunc compare, const void *user_data);

/* Those that may share the load with BEST, it first, at most MAX, in order of
 * the comparison. Returns how many. */
unsigned bgp_decide_multipath(BgpRoute *const *routes, unsigned count,
                              const BgpRoute *best, BgpCompareFunc compare,
                              const void *user_data, const BgpRoute **ret_set,
                              unsigned max);

#endif
