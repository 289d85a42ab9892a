/* A router: what every node is made of, be it a customer gateway, a Direct
 * Connect endpoint, a VPN endpoint, a VGW or the internet.
 *
 * It has ports, each in a VRF; it takes the bytes of a packet from one port,
 * finds the way in that VRF's forwarding table and gives them to another, or to
 * this node's own host stack and protocols. Routes are handed to it by others;
 * it knows connected ones itself. It answers with ICMP where a router does. */

#ifndef HS_NET_ROUTER_H
#define HS_NET_ROUTER_H

#include "models/base/addr.h"
#include "models/base/env.h"
#include "models/base/packet.h"
#include "models/net/drop.h"
#include "models/net/ipv4.h"

#include <limits.h>

typedef struct HsRouter HsRouter;

typedef struct {
    const char *name;     /* interned */
    uint8_t ttl;          /* of packets made here; 0: 64 */
    HsDuration fib_delay; /* from hs_router_route_set() to the hardware */
    /* Programming is serial: each change takes this long at least after the
     * one before it. 0: a batch is programmed at one instant. */
    HsDuration fib_delay_each;
    uint32_t ecmp_seed;
    uint32_t icmp_source; /* of errors, where ports have no address; 0: none */
    uint32_t icmp_rate; /* errors per second, bursts of a second; 0: no limit */
    bool no_echo;       /* leave ICMP echo requests to the local sink */
} HsRouterConfig;

/* ENV is borrowed and outlives the router. VRF 0 exists and is "default". */
HsRouter *hs_router_new(HsEnv *env, const HsRouterConfig *config);
void hs_router_free(HsRouter *router); /* NULL is fine */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HsRouter, hs_router_free)

const char *hs_router_name(const HsRouter *router);

/* VRFs and ports; neither goes away again */

unsigned hs_router_add_vrf(HsRouter *router, const char *name);
unsigned hs_router_n_vrfs(const HsRouter *router);
const char *hs_router_vrf_name(const HsRouter *router, unsigned vrf);

typedef struct {
    const char *name; /* interned */
    size_t mtu;       /* of the IP packet; 0: 1500 */
    /* This node's address on the port, with the subnet's length: makes the
     * connected route. Copied. */
    const HsPrefix *addresses;
    unsigned n_addresses;
    unsigned vrf;
    uint16_t mss_clamp; /* of SYNs in both directions; 0: none */
    /* What leaves here and is too big: fragment it although DF is set, as
     * gateways before a tunnel do; or drop it without a word. */
    bool ignore_df;
    bool no_frag_needed;
    /* What came in here and is too big where it leaves: likewise. */
    bool no_frag_needed_in;
    bool down; /* to begin with */
    /* PACKET is transferred. NULL: a loopback, which only has addresses. */
    void (*output)(void *user_data, HsPacket *packet);
    void *user_data; /* borrowed */
} HsPortConfig;

/* Ports are numbered from 0. */
unsigned hs_router_add_port(HsRouter *router, const HsPortConfig *config);
unsigned hs_router_n_ports(const HsRouter *router);
const char *hs_router_port_name(const HsRouter *router, unsigned port);

/* This node's address number INDEX on PORT, NULL past the last. */
const HsPrefix *
hs_router_port_address(const HsRouter *router, unsigned port, unsigned index);
unsigned hs_router_port_vrf(const HsRouter *router, unsigned port);
size_t hs_router_port_mtu(const HsRouter *router, unsigned port);
void hs_router_port_set_mtu(HsRouter *router, unsigned port, size_t mtu);

/* A port that is down drops both ways; its addresses and connected routes leave
 * the table at once, routes set by others stay. Equal-cost routes go by their
 * other hops meanwhile. */
void hs_router_port_set_up(HsRouter *router, unsigned port, bool up);
bool hs_router_port_is_up(const HsRouter *router, unsigned port);

/* What stands in front of a port, a firewall or a policer: asked for each
 * packet that comes in there and would be taken, or is LEAVING and would fit.
 * HS_DROP_NONE lets it pass; anything else is why it is dropped. IP is
 * PACKET's header, checked. One filter a port; NULL: none. */
typedef HsDrop (*HsPortFilterFunc)(void *user_data, bool leaving,
                                   const HsIpv4 *ip, const HsPacket *packet);
void hs_router_port_set_filter(HsRouter *router, unsigned port,
                               HsPortFilterFunc filter, void *user_data);

/* Packets. Each takes PACKET (transfer full) */

/* PACKET came in by PORT. Checked, then forwarded, delivered or dropped. */
void hs_router_receive(HsRouter *router, unsigned port, HsPacket *packet);

/* PACKET was made on this node: a checked IPv4 packet with its source set. It
 * is routed in VRF, without TTL decrement; if its destination is this node it
 * is delivered. */
void hs_router_originate(HsRouter *router, unsigned vrf, HsPacket *packet);

/* Likewise, but leaves by PORT whatever the table says: BFD on one hop. */
void hs_router_output_on(HsRouter *router, unsigned port, HsPacket *packet);

/* Local delivery: to the handler of the protocol, else to the default sink.
 * Fragments are put together first. PORT is where the packet came in, or
 * HS_PORT_NONE for one made here. PACKET is transferred. */
typedef void (*HsDeliverFunc)(void *user_data, unsigned port, HsPacket *packet);

void
hs_router_set_local(HsRouter *router, HsDeliverFunc deliver, void *user_data);

/* UDP_PORT: the destination port for protocol 17, 0 otherwise. A NULL handler
 * ends it. */
void
hs_router_set_protocol(HsRouter *router, uint8_t ip_protocol, uint16_t udp_port,
                       HsDeliverFunc deliver, void *user_data);

/* The source address of a packet from here to DESTINATION: that of the port it
 * leaves by. False if there is none. */
bool hs_router_source_for(HsRouter *router, unsigned vrf,
                          const HsAddr *destination, HsAddr *ret_source);

/* Routes */

#define HS_PORT_NONE      UINT_MAX
#define HS_PORT_BLACKHOLE (UINT_MAX - 1) /* dropped in silence */
#define HS_PORT_REJECT    (UINT_MAX - 2) /* dropped with ICMP unreachable */

typedef struct {
    unsigned port;  /* of any VRF, or BLACKHOLE or REJECT */
    HsAddr gateway; /* shown only: links have two ends. Need not be set */
} HsNexthop;

/* What is in the table under a prefix. */
typedef struct {
    HsPrefix prefix;
    const HsNexthop *hops; /* borrowed until the table changes */
    unsigned n_hops;       /* 0: this node's own address */
    const char *origin;    /* interned: "connected", "local", or the caller's */
} HsRoute;

/* Asks for the route in the hardware table: in force after the FIB's delay,
 * changes in the order they were asked for. A later change of the same prefix
 * replaces one still waiting, and waits its own time; one that asks for what
 * the hardware has just cancels it. A connected route of the same prefix wins
 * while it is there. HOPS are copied; ORIGIN is interned. */
void
hs_router_route_set(HsRouter *router, unsigned vrf, const HsPrefix *prefix,
                    const HsNexthop *hops, unsigned n_hops, const char *origin);
void
hs_router_route_remove(HsRouter *router, unsigned vrf, const HsPrefix *prefix);

/* Changes that wait for the hardware. */
unsigned hs_router_routes_pending(const HsRouter *router);

/* What the hardware does with ADDRESS now. False: no route. */
bool hs_router_lookup(const HsRouter *router, unsigned vrf,
                      const HsAddr *address, HsRoute *ret_route);

/* The hardware table, by prefix. */
void
hs_router_foreach_route(const HsRouter *router, unsigned vrf,
                        void (*visit)(void *user_data, const HsRoute *route),
                        void *user_data);
size_t hs_router_n_routes(const HsRouter *router, unsigned vrf);

/* Faults */

/* Off: everything that would pass through is dropped; what this node sends and
 * receives itself goes on. */
void hs_router_set_forwarding(HsRouter *router, bool on);

/* Off: nothing more is delivered to or taken from this node's own stack and
 * protocols, and no ICMP made; forwarding goes on by the table as it is. */
void hs_router_set_control(HsRouter *router, bool on);

/* Counters */

typedef struct {
    uint64_t rx_packets, rx_bytes; /* all that came, dropped ones too */
    uint64_t tx_packets, tx_bytes; /* handed to the output */
} HsPortCounters;

/* At every moment between two calls
 *
 *     received + originated + fragments_made + reassembled
 *         = delivered + sent + all drops
 *           + fragmented + fragments_joined + fragments_held
 */
typedef struct {
    uint64_t received;         /* by all ports */
    uint64_t originated;       /* made here, ICMP among them */
    uint64_t delivered;        /* to this node */
    uint64_t sent;             /* by all ports */
    uint64_t forwarded;        /* of sent: neither made here nor a fragment
                                * made here */
    uint64_t fragmented;       /* cut into fragments */
    uint64_t fragments_made;   /* out of those */
    uint64_t fragments_joined; /* that arrived and were put together */
    uint64_t fragments_held;   /* that wait for the others now */
    uint64_t reassembled;      /* out of the joined */
    uint64_t icmp_sent;        /* errors and echo replies: in originated */
    uint64_t icmp_limited;     /* errors that icmp_rate kept back */
    uint64_t mss_clamped;      /* SYNs changed */
    uint64_t drops[HS_DROP_COUNT];
    uint64_t drop_bytes[HS_DROP_COUNT];
} HsRouterCounters;

HsRouterCounters hs_router_counters(const HsRouter *router);
HsPortCounters hs_router_port_counters(const HsRouter *router, unsigned port);

#endif
