/* Shared by the files of sim/world: the nodes and links of a world, and how
 * they are joined. world.c owns them, build.c makes them from a scenario,
 * fault.c and workload.c act on them. */

#ifndef HS_WORLD_PRIVATE_H
#define HS_WORLD_PRIVATE_H

#include "models/aws/attachment.h"
#include "models/aws/dxgw.h"
#include "models/aws/endpoint.h"
#include "models/aws/vgw.h"
#include "models/aws/vpc.h"
#include "models/load/bulk.h"
#include "models/load/db.h"
#include "models/load/probe.h"
#include "models/load/replay.h"
#include "models/net/control.h"
#include "models/net/napt.h"
#include "models/onprem/core.h"
#include "models/onprem/customer_gateway.h"
#include "sim/world/env.h"
#include "sim/world/view.h"
#include "sim/world/world.h"

/* A node: an environment, and a router or a host or both. */
typedef struct {
    HsWorld *world;   /* borrowed */
    const char *name; /* interned */
    HsWorldRole role;
    const HsElement *element; /* borrowed from the scenario; NULL: of none */
    HsSimNode *sim;           /* borrowed from the engine, as the host */
    HsSimHost *host;          /* NULL: no stack */
    HsSimEnv *env;            /* owned */
    HsRouter *router; /* borrowed from the model below; NULL: a plain host */
    void *model;      /* owned: a HsCustomerGateway, for example */
    const HsIpsec *ipsec;  /* borrowed from the model; NULL: none */
    HsAwsGateway *gateway; /* likewise: the model is one of AWS's gateways */
    GArray *tables;        /* HsWorldTable: see hs_world_add_table() */
    GArray *napts;         /* WorldNapt: see hs_world_add_napt() */
    GArray *addresses;     /* HsAddr: of a host on a LAN; else NULL */
    GDestroyNotify model_free;
    unsigned vrfs; /* of the router */
    bool real;     /* a real host: the stack is the probe's alone */

    /* What faults need of it; each may be NULL. */
    HsIkeService *ike; /* borrowed from the model */
    /* The model's control plane dies and comes back, as hs_control_crash(). */
    void (*crash)(void *model, bool forwarding_lost);
    void (*boot)(void *model);
    unsigned dead, stalled; /* faults that keep it so */
    unsigned mute;          /* likewise its host's stack: nothing in or out */
    uint64_t unheard;       /* packets that were for it then */
} WorldNode;

/* Address translation on a node, whose drops count as the node's. */
typedef struct {
    const char *name; /* interned; NULL: the node's own */
    HsNapt *napt;     /* borrowed from the model */
} WorldNapt;

typedef struct WorldLink WorldLink;
typedef struct WorldBurst WorldBurst; /* build_internet.c */

typedef struct {
    WorldLink *link;          /* borrowed */
    unsigned number;          /* 0: towards on-premises, 1: towards AWS */
    WorldNode *node;          /* borrowed */
    unsigned port;            /* of its router */
    HsControlPeer *peer;      /* whose session hangs on the carrier, or NULL */
    HsAttachment *attachment; /* of a gateway, whose port it is; or NULL */
} WorldEnd;

struct WorldLink {
    HsWorld *world;
    const char *name; /* interned */
    HsSimLink *sim;   /* borrowed from the engine */
    HsLinkKind kind;
    bool trusted;
    uint32_t mtu;
    uint64_t rate; /* that the scenario gives it */
    bool captured;
    uint32_t capture_id;
    unsigned exposure_id;
    WorldEnd end[2];
    unsigned darkened;            /* faults that hold the carrier down */
    bool dark_members[4];         /* and those of a LAG */
    unsigned black_holes[2];      /* and those that swallow what an end sends */
    HsRng *jitter_rng[2];         /* owned; NULL without jitter */
    const HsDistribution *jitter; /* borrowed from the scenario */
    WorldBurst *burst[2];         /* owned; NULL: losses come singly */
};

/* An SA, as the Wireshark profile wants it. */
typedef struct {
    char *name; /* owned */
    EspSaConfig config;
} WorldSa;

typedef struct {
    char *name; /* owned */
    IkeKeys keys;
} WorldIkeSa;

/* A gateway associated with a DX gateway. */
typedef struct {
    const HsAssociation *config; /* borrowed from the scenario */
    HsDxAssociation *model;      /* borrowed from the DX gateway */
    HsAttachment *attachment;    /* borrowed from the gateway */
    WorldNode *gateway;          /* borrowed */
} WorldAssociation;

struct HsWorld {
    const HsScenario *scenario; /* borrowed */
    HsWorldOptions options;
    uint64_t seed;
    HsSim *sim;            /* owned, as all that follow */
    HsSimEnvShared shared; /* of the environments */
    HsFacts *facts;
    HsExposure *exposure;
    GPtrArray *nodes;        /* WorldNode *, in the order they were made */
    GPtrArray *links;        /* WorldLink *, in the exposure's order */
    GPtrArray *faults;       /* WorldFault *, see fault.h */
    GHashTable *holders;     /* of what several faults can do: see fault.c */
    GPtrArray *clients;      /* HsDbClient * */
    GPtrArray *servers;      /* HsDbServer * */
    GPtrArray *probes;       /* HsProbe * */
    HsReplay *replay;        /* owned; NULL: none */
    GPtrArray *bulks;        /* HsBulk *, or NULL for one not simulated */
    GPtrArray *sas;          /* WorldSa *, in the order they were made */
    GPtrArray *ike_sas;      /* WorldIkeSa *, likewise */
    GPtrArray *associations; /* WorldAssociation *, owned */
    GPtrArray *starts;       /* WorldNode * whose sessions are to be started */
    HsTime end;              /* of the run: when it was over */
    bool ran, over;
};

/* Nodes and links: world.c */

/* WITH_HOST: it has a stack of its own, with an MTU. */
WorldNode *
hs_world_add_node(HsWorld *world, const char *name, HsWorldRole role,
                  const HsElement *element, bool with_host, uint32_t mtu);

/* The node is MODEL (transfer full) around ROUTER from now on: what arrives for
 * the node itself goes to its stack, what the stack sends is routed. */
void hs_world_set_router(WorldNode *node, HsRouter *router, void *model,
                         GDestroyNotify model_free, unsigned vrfs);
HsEnv *hs_world_env(WorldNode *node);

/* NODE's model translates addresses, as NAME, or NULL if it is nothing else.
 * NAPT (borrowed) lives as long as it. */
void hs_world_add_napt(WorldNode *node, const char *name, HsNapt *napt);

/* NODE has a table worth showing (`explain --routes`): the router's VRF, and
 * who decides what is in it, if anybody does (borrowed, lives as long as the
 * node). HS_WORLD_NO_VRF: routes that are decided here and used elsewhere.
 * VRFs that nobody names are shown under their own name. */
void hs_world_add_table(WorldNode *node, const char *name, unsigned vrf,
                        const BgpSpeaker *speaker);

/* The table named last gets names for routes without a peer. */
void hs_world_name_routes(WorldNode *node,
                          const char *(*name_route)(const void *user_data,
                                                    const BgpRoute *route),
                          const void *user_data);

/* The same with kinds of routes. */
void hs_world_class_routes(WorldNode *node,
                           const char *(*class_route)(const BgpRoute *route));
WorldNode *hs_world_find_node(const HsWorld *world, const char *name);

typedef struct {
    const char *name;
    HsLinkSettings settings;
    HsLinkKind kind;
    bool trusted;
    bool encrypted;   /* by the medium itself: MACsec */
    WorldLink *trunk; /* a VLAN of it: of SETTINGS only the MTU counts */
    unsigned members; /* of a bundle, SETTINGS each; 0: one wire */
    unsigned least;   /* of them must have carrier */
} WorldLinkConfig;

/* A, at end 0, is the side towards on-premises. */
WorldLink *hs_world_add_link(HsWorld *world, const WorldLinkConfig *config,
                             WorldNode *a, WorldNode *b);
WorldLink *hs_world_find_link(const HsWorld *world, const char *name);

/* For a router's port at END of LINK: name, MTU and output. */
HsPortConfig hs_world_port(WorldLink *link, unsigned end);

/* A host at END: its stack's packets leave by the link. */
void hs_world_attach_host(WorldLink *link, unsigned end);

/* FACT (borrowed), complete, was observed. */
void hs_world_fact(HsWorld *world, const HsFact *fact);

/* PACKET (transfer full) arrived at END, whose node is simulated. */
void hs_world_arrive(WorldEnd *end, HsPacket *packet);

/* PACKET (transfer full) leaves END. */
void hs_world_send(WorldEnd *end, HsPacket *packet);

/* What has this port is real in this run, so there is nothing to build. */
bool hs_world_is_real(const HsWorld *world, const HsPort *port);

/* Live mode: live.c */

/* True if END is a real one: it is joined to its TUN device. */
bool hs_live_attach(HsLive *live, WorldEnd *end);
void hs_live_run(HsLive *live, HsWorld *world, HsTime until);

/* Small things that the builders share: build.c */

/* The MTU of a node's own stack. */
#define HS_WORLD_HOST_MTU 1500

/* "NAME.SUFFIX" (transfer full). */
char *hs_world_name_of(const HsElement *element, const char *suffix);

/* ELEMENT's node "NAME.SUFFIX", which is there. */
WorldNode *hs_world_node_of(const HsWorld *world, const HsElement *element,
                            const char *suffix);
void hs_world_add_route(HsRouter *router, unsigned vrf, const HsAddr *address,
                        unsigned port);

/* AWS's backbone: a link "NAME.SUFFIX" from A to B. */
WorldLink *
hs_world_add_backbone(HsWorld *world, const HsElement *element,
                      const char *suffix, WorldNode *a, WorldNode *b);

/* The same, DELAY long. */
WorldLink *hs_world_add_long_backbone(HsWorld *world, const HsElement *element,
                                      const char *suffix, HsDuration delay,
                                      WorldNode *a, WorldNode *b);

/* A site: build_site.c */

/* ROUTER: 1 or 2. */
WorldNode *hs_world_customer_gateway(const HsWorld *world, const HsOnprem *site,
                                     unsigned router);

/* The router on which the site's LAN hangs, and a link of the LAN that comes to
 * it: END is the router's. The tunnels are there before. */
WorldNode *hs_world_site_router(const HsWorld *world, const HsOnprem *site);
void hs_world_join_lan(HsWorld *world, const HsOnprem *site, WorldLink *link,
                       unsigned end, const HsPrefix *address);

/* The customer gateway's own address behind the site's NAT device. */
HsAddr hs_world_nat_inside(const HsOnprem *site);

/* The link of a peering, of VPCs or of transit gateways: the backbone with the
 * peering's own delay and MTU. */
WorldLink *hs_world_add_peering(HsWorld *world, const HsPeering *peering);

/* The customer's side of a session. */
HsControlPeerConfig
hs_world_customer_session(const char *name, const HsBgpTimers *timers,
                          const HsBgpPolicy *policy, uint32_t remote_as);

/* The rest */

void hs_world_build(HsWorld *world);
void hs_world_build_gateway(HsWorld *world, const HsGateway *gateway);
void hs_world_build_tgw(HsWorld *world, const HsGateway *gateway);

/* Between two TGWs, after them; nothing if it is one of VPCs. */
void hs_world_build_tgw_peering(HsWorld *world, const HsPeering *peering);
void hs_world_build_vpc(HsWorld *world, const HsVpc *vpc);

/* Between two VPCs, after them; nothing if it is one of TGWs. */
void hs_world_build_vpc_peering(HsWorld *world, const HsPeering *peering);

/* VPC's internet gateway and NAT gateways, after the internet. */
void hs_world_build_nat(HsWorld *world, const HsVpc *vpc);

/* VPC's static routes, when all that they lead to is there. */
void hs_world_route_vpc(HsWorld *world, const HsVpc *vpc);
void hs_world_build_site(HsWorld *world, const HsOnprem *site);
void hs_world_build_core(HsWorld *world, const HsOnprem *site);
void hs_world_start_site(HsWorld *world, const HsOnprem *site);
void hs_world_build_firewall(HsWorld *world, const HsFirewall *firewall);
void hs_world_build_dx(HsWorld *world, const HsDx *dx);
void hs_world_build_connection(HsWorld *world, const HsConnection *connection);

/* A DX gateway before the gateways, an association after them: build_dxgw.c */
void hs_world_build_dxgw(HsWorld *world, const HsDxgw *dxgw);
void
hs_world_build_association(HsWorld *world, const HsAssociation *association);

/* AWS's public network where several public virtual interfaces carry one VPN:
 * build_public.c. Built if there is such a VPN. */
void hs_world_build_public(HsWorld *world);
void hs_world_start_public(HsWorld *world);

/* True if DX hangs on it, and not on an endpoint of its own alone. */
bool hs_world_is_meshed(const HsWorld *world, const HsDx *dx);

/* NODE is the endpoint of DX, which is meshed: its way to the network, and the
 * session. */
void hs_world_join_public(HsWorld *world, const HsDx *dx, WorldNode *node,
                          const HsControlPeerConfig *session, WorldLink *vif);

/* The node at AWS's end of VPN's public virtual interfaces, where the way to
 * its endpoints begins; and LINK, at its end 0 there, leads to the one whose
 * outside address is OUTSIDE. */
WorldNode *hs_world_public_node(const HsWorld *world, const HsVpn *vpn);

void hs_world_add_public_outside(HsWorld *world, const HsVpn *vpn,
                                 WorldLink *link, const HsAddr *outside);
void hs_world_build_internet(HsWorld *world, const HsInternet *internet);
void hs_world_burst_free(WorldBurst *burst); /* NULL is fine */

/* A router's way into the internet, with its outside address; once. */
void hs_world_build_uplink(HsWorld *world, const HsOnprem *site,
                           unsigned router, const HsInternet *internet);
void hs_world_build_tunnel(HsWorld *world, const HsVpn *vpn, unsigned index);

/* AWS's pre-shared key of a tunnel (transfer full): the scenario's, or the one
 * that its seed draws. */
char *
hs_world_psk(const HsScenario *scenario, const HsVpn *vpn, unsigned index);
void hs_world_schedule_faults(HsWorld *world);
void hs_world_finish_faults(HsWorld *world);
void hs_world_fault_free(void *fault);

/* By hand: applies the fault NAME, or, if it came already, another one like
 * CONFIG (borrowed); its name is returned. */
const char *
hs_world_cause_fault(HsWorld *world, const char *name, const HsFault *config);

/* False if NAME is not active. */
bool hs_world_clear_fault(HsWorld *world, const char *name);

/* None comes by itself any more. */
void hs_world_postpone_faults(HsWorld *world);

/* Their names (char *, transfer full). */
GPtrArray *hs_world_active_faults(const HsWorld *world);

void hs_world_add_workload(HsWorld *world);

/* DATABASE's capture, between its two hosts, which are simulated: replay.c */
void hs_world_add_replay(HsWorld *world, const HsDatabase *database,
                         WorldNode *client, WorldNode *server);

/* The host at PLACE, with ADDRESS; made as "OWNER.SUFFIX" if it is not there
 * yet. PORT: whether it is real. */
WorldNode *
hs_world_host(HsWorld *world, const HsElement *place, const HsAddr *address,
              const HsElement *owner, const char *suffix, const HsPort *port);

#endif
