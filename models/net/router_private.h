/* What router.c (packets that pass), router_local.c (packets of this node) and
 * router_table.c (routes) share. */

#ifndef HS_NET_ROUTER_PRIVATE_H
#define HS_NET_ROUTER_PRIVATE_H

#include "models/net/fib.h"
#include "models/net/fragment.h"
#include "models/net/ipv4.h"
#include "models/net/router.h"

#include <glib.h>

/* In order of precedence, where several want the same prefix. */
typedef enum {
    ENTRY_LOCAL,     /* an address of this node */
    ENTRY_CONNECTED, /* the subnet of a port */
    ENTRY_ROUTE,     /* what others set */
    ENTRY_BROADCAST, /* a connected subnet's all-zeros and all-ones host */
} EntryKind;

/* What the hardware holds for a prefix. */
typedef struct {
    HsPrefix prefix;
    EntryKind kind;
    const char *origin; /* interned */
    unsigned n_hops;
    HsNexthop hops[];
} Entry;

typedef struct Change Change;

/* What was asked for, for a prefix. */
typedef struct {
    HsPrefix prefix;
    unsigned vrf;
    Entry *programmed; /* owned; NULL: not in the hardware */
    Change *pending;   /* owned; NULL: none */
} Route;

struct Change {
    Route *route;  /* borrowed */
    Entry *wanted; /* owned; NULL: to be removed */
    HsTime due;
    GList link; /* in the router's queue */
};

typedef struct {
    const char *name;
    HsFib *fib;         /* of Entry, borrowed from routes and ports */
    GHashTable *routes; /* HsPrefix to Route (owned) */
    HsReassembly *reassembly;
} Vrf;

typedef struct {
    const char *name;
    size_t mtu;
    unsigned vrf;
    uint16_t mss_clamp;
    bool ignore_df;
    bool no_frag_needed, no_frag_needed_in;
    bool up;
    void (*output)(void *user_data, HsPacket *packet);
    void *user_data;         /* borrowed */
    HsPortFilterFunc filter; /* may be NULL */
    void *filter_data;       /* borrowed */
    HsPrefix *addresses;     /* owned */
    unsigned n_addresses;
    GPtrArray *entries; /* of Entry, owned: what the addresses imply */
    HsPortCounters counters;
} Port;

typedef struct {
    uint8_t protocol;
    uint16_t udp_port;
    HsDeliverFunc deliver;
    void *user_data; /* borrowed */
} Handler;

struct HsRouter {
    HsEnv *env; /* borrowed: outlives us */
    HsRouterConfig config;
    const HsTrace *trace; /* borrowed */
    GPtrArray *vrfs;      /* of Vrf, owned */
    GPtrArray *ports;     /* of Port, owned */

    /* Changes of routes on their way to the hardware, by due. */
    GQueue changes;
    HsTime last_due;
    HsAlarm *change_alarm; /* owned */

    GArray *handlers; /* of Handler */
    HsDeliverFunc local;
    void *local_data;          /* borrowed */
    HsAlarm *reassembly_alarm; /* owned */

    bool forwarding;
    bool control;
    uint16_t next_id;
    HsTime icmp_full_at; /* when the bucket of ICMP errors is full again */
    HsRouterCounters counters;
};

static inline Port *
hs_router_port(const HsRouter *router, unsigned port)
{
    g_assert(port < router->ports->len);
    return router->ports->pdata[port];
}

static inline Vrf *
hs_router_vrf(const HsRouter *router, unsigned vrf)
{
    g_assert(vrf < router->vrfs->len);
    return router->vrfs->pdata[vrf];
}

/* A packet on its way through. */
typedef struct {
    HsPacket *packet; /* owned by whoever handles it now */
    HsIpv4 ip;
    unsigned in;  /* port, or HS_PORT_NONE: made here */
    unsigned vrf; /* in which it is looked up */
} Work;

/* router.c */

/* The end of WORK's packet. */
void hs_router_drop(HsRouter *router, const Work *work, HsDrop why);

/* router_local.c */

/* WORK's packet is addressed to this node. */
void hs_router_deliver(HsRouter *router, Work *work);

/* An ICMP error about WORK's packet, which stays the caller's, if one may be
 * sent. */
void hs_router_send_error(HsRouter *router, const Work *work, uint8_t type,
                          uint8_t code, uint32_t rest);

/* The alarm of reassembly. */
void hs_router_reassembly_due(void *router);

/* router_table.c */

Vrf *hs_router_vrf_new(const char *name);
void hs_router_vrf_free(void *vrf);

/* The entries that ADDRESS on PORT implies. */
void hs_router_imply(Port *port, unsigned index, const HsPrefix *address);

/* Puts PORT's entries into its VRF's table, or takes them out, by port->up. */
void hs_router_settle_port(HsRouter *router, Port *port);

/* The alarm of the queue of changes. */
void hs_router_changes_due(void *router);
void hs_router_changes_clear(HsRouter *router);

#endif
