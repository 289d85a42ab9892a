/* Shared by the files of faults: fault.c applies and clears them and reports
 * it, fault_target.c finds what they act on, and each family of actions has a
 * file of its own. */

#ifndef HS_WORLD_FAULT_H
#define HS_WORLD_FAULT_H

#include "sim/world/private.h"

/* What a fault touched. Packets are counted by the action; the rest is what the
 * models say of themselves while it is applied, and what the action adds. */
typedef struct {
    uint64_t packets;  /* lost, changed, late */
    uint64_t carriers; /* of links */
    uint64_t sessions; /* that were up: BGP's and BFD's */
    uint64_t routes;   /* announced or withdrawn */
    uint64_t sas;      /* of IKE and ESP */
    uint64_t nodes;    /* whose control plane died */
    uint64_t mappings; /* of address translation */
} WorldTouched;

/* A tunnel, or a virtual interface, with the session in it. */
typedef struct {
    const char *name;               /* interned */
    HsIkeTunnel *aws, *customer;    /* borrowed; NULL: of an interface, or real
                                     */
    WorldLink *link;                /* borrowed: its own, or its last mile */
    HsControlPeer *peer[2];         /* borrowed: customer's, AWS's; or NULL */
    WorldNode *endpoint, *gateway;  /* borrowed: AWS's nodes; or NULL */
    char *psk;                      /* owned: AWS's; NULL: no tunnel */
    const HsTunnelSettings *tunnel; /* borrowed; NULL: no tunnel */
} WorldSession;

typedef struct {
    HsWorld *world;      /* borrowed */
    const char *name;    /* interned */
    HsFault config;      /* its element: of the one in the file, or none */
    const char *target;  /* interned: "primary", "backup.tunnel1" */
    GPtrArray *links;    /* WorldLink *, borrowed */
    GPtrArray *nodes;    /* WorldNode *, borrowed */
    GPtrArray *sessions; /* WorldSession *, owned */
    GPtrArray *siblings; /* likewise: the other tunnels of the same VPN */
    HsSimEvent *next;    /* that applies or clears it; NULL: none is due */
    HsSimEvent *step;    /* the action's own; likewise */
    bool active, applied;
    WorldTouched touched;    /* so far; packets: before this time */
    uint64_t packets_before; /* what the action counted when it was applied */
    void *state;             /* the action's own; owned */
    GDestroyNotify state_free;
} WorldFault;

/* CLEAR undoes what APPLY did, and ends what is still under way of it. PACKETS
 * counts up from anywhere; NULL: it touches none. */
typedef struct {
    void (*apply)(WorldFault *fault);
    void (*clear)(WorldFault *fault);
    uint64_t (*packets)(const WorldFault *fault);
} WorldAction;

/* Fills in FAULT's target, links, nodes and sessions: what its action acts on.
 */
void hs_fault_find_targets(WorldFault *fault);

/* STEP comes at AT, unless the fault is cleared before. */
void
hs_fault_step(WorldFault *fault, HsTime at, void (*step)(WorldFault *fault));

/* It has run its course. */
void hs_fault_over(WorldFault *fault);

/* One that comes and goes says so each time but the first and the last. */
void hs_fault_report_phase(WorldFault *fault, bool applied);

/* What several faults may do to one thing at a time: true if this is the first
 * to take it, or the last to leave it. */
bool hs_fault_hold(unsigned *holders, bool on);

/* The holders of THING, for a purpose. */
unsigned *
hs_fault_holders(WorldFault *fault, const void *thing, const char *purpose);

/* fault_link.c; also used by others */

void hs_fault_set_carrier(WorldFault *fault, WorldLink *link, bool on);
void hs_fault_set_black_hole(WorldLink *link, unsigned end, bool on);

/* Packets that these links have lost to faults so far. */
uint64_t hs_fault_lost(const GPtrArray *links);

extern const WorldAction hs_fault_link_down;
extern const WorldAction hs_fault_blackhole;
extern const WorldAction hs_fault_flap;
extern const WorldAction hs_fault_lag_member_down;
extern const WorldAction hs_fault_harm; /* fault_harm.c: what is done to single
                                         * packets */

/* fault_node.c */

extern const WorldAction hs_fault_node_crash;
extern const WorldAction hs_fault_node_freeze;
extern const WorldAction hs_fault_node_stall;
extern const WorldAction hs_fault_nat_reset;

/* NODE's power goes off (CRASH) or on. */
void hs_fault_crash(WorldFault *fault, WorldNode *node, bool crash);

/* fault_session.c */

extern const WorldAction hs_fault_bgp_admin_down;
extern const WorldAction hs_fault_withdraw;
extern const WorldAction hs_fault_prefix_limit;
extern const WorldAction hs_fault_mtu_change;

/* fault_tunnel.c */

extern const WorldAction hs_fault_ike_psk_mismatch;
extern const WorldAction hs_fault_sa_delete;
extern const WorldAction hs_fault_endpoint_replace;

#endif
