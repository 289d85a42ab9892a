/* A world seen from outside, at the instant where it stands: its nodes, their
 * tables, and what lies behind each port.
 *
 * Nothing here changes the world. Numbers count from 0 in the order in which
 * the world was built; they are valid while it lives. */

#ifndef HS_WORLD_VIEW_H
#define HS_WORLD_VIEW_H

#include "models/bgp/speaker.h"
#include "models/net/router.h"
#include "sim/world/world.h"

#define HS_WORLD_NO_VRF UINT_MAX

typedef struct {
    const char *name;          /* interned: "inside", "default" */
    unsigned vrf;              /* of the node's router, or HS_WORLD_NO_VRF */
    const BgpSpeaker *speaker; /* who chooses its routes; NULL: they are set */
    /* What told a route that no peer did (interned or literal); may be NULL. */
    const char *(*name_route)(const void *user_data, const BgpRoute *route);
    const void *user_data; /* borrowed */
    /* Of what kind ROUTE is to who chooses (literal); may be NULL, and may
     * return NULL. */
    const char *(*class_route)(const BgpRoute *route);
} HsWorldTable;

/* What a node is, and where. */
#define HS_WORLD_ROLES(X)                                                      \
    X(HOST, "host", NULL) /* where its element is */                           \
    X(VPC, "vpc", "aws")                                                       \
    X(VGW, "virtual private gateway", "aws")                                   \
    X(TGW, "transit gateway", "aws")                                           \
    X(DX_GATEWAY, "direct connect gateway", "aws")                             \
    X(DX_ENDPOINT, "dx endpoint", "aws")                                       \
    X(DX_CONNECTION, "dx connection", "aws")                                   \
    X(PUBLIC_NETWORK, "public network", "aws")                                 \
    X(VPN_ENDPOINT, "vpn endpoint", "aws")                                     \
    X(INTERNET, "internet", "internet")                                        \
    X(CUSTOMER_GATEWAY, "customer gateway", "onprem")                          \
    X(CORE, "core", "onprem")                                                  \
    X(FIREWALL, "firewall", "onprem")                                          \
    X(NAT, "nat", "onprem")

typedef enum {
#define X(name, text, place) HS_WORLD_##name,
    HS_WORLD_ROLES(X)
#undef X
        HS_WORLD_ROLE_COUNT
} HsWorldRole;

const char *hs_world_role_name(HsWorldRole role);

typedef struct {
    const char *name; /* interned */
    HsWorldRole role;
    const char *place;        /* literal: "aws", "onprem" or "internet" */
    const HsElement *element; /* of the scenario; NULL: of none */
    const HsRouter *router;   /* NULL: a host, or one that only decides */
} HsWorldNode;

unsigned hs_world_nodes(const HsWorld *world);
HsWorldNode hs_world_node(const HsWorld *world, unsigned node);

/* False: there is no node NAME. */
bool
hs_world_node_named(const HsWorld *world, const char *name, unsigned *ret_node);

/* The tables of NODE: those that were named and then the VRFs that were not
 * (transfer full, HsWorldTable). */
GArray *hs_world_tables(const HsWorld *world, unsigned node);

/* What a router's port leads to. */
typedef struct {
    const char *through; /* interned: the link, or the tunnel */
    bool tunnel;
    HsLinkKind kind; /* of a link */
    bool trusted;
    unsigned node; /* at its far end */
    unsigned port; /* of that node's router; HS_PORT_NONE: a host */
} HsWorldFar;

/* False: nothing is there, as behind a loopback. */
bool hs_world_far_end(const HsWorld *world, unsigned node, unsigned port,
                      HsWorldFar *ret_far);

/* Where the outer packets of the tunnel that is PORT of NODE go: their
 * destination, and the VRF in which they are looked up. False: PORT is no
 * tunnel, or it is down. */
bool hs_world_tunnel(const HsWorld *world, unsigned node, unsigned port,
                     HsAddr *ret_outer, unsigned *ret_vrf);

/* The host whose own address is ADDRESS, and the router's port that it hangs
 * on. False: there is none. */
bool hs_world_host_at(const HsWorld *world, const HsAddr *address,
                      unsigned *ret_host, HsWorldFar *ret_router);

#endif
