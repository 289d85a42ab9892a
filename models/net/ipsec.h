/* IPsec tunnels as ports of a router: route-based VPN.
 *
 * A tunnel is a port in the inside VRF. What the router sends there comes out
 * as ESP, and is routed in the outside VRF like any packet made on this node;
 * ESP that arrives for this node comes in by the tunnel's port.
 *
 * The SAs come and go in pairs, one for each direction, as IKE makes and
 * deletes them. The port is up while there is one to send on, and its MTU is
 * what fits the path with that one's suite. While a pair is replaced both are
 * there and whatever comes in on either is accepted, so that nothing is lost;
 * when to send on the new one is for IKE to say. */

#ifndef HS_NET_IPSEC_H
#define HS_NET_IPSEC_H

#include "models/base/env.h"
#include "models/esp/esp.h"
#include "models/net/router.h"

typedef struct HsIpsec HsIpsec;
typedef struct HsTunnel HsTunnel;

/* Takes IP protocol 50 and UDP port 4500 of ROUTER. All are borrowed and
 * outlive it. */
HsIpsec *hs_ipsec_new(HsEnv *env, HsRouter *router);
void hs_ipsec_free(HsIpsec *ipsec); /* with its tunnels; NULL is fine */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HsIpsec, hs_ipsec_free)

HsRouter *hs_ipsec_router(HsIpsec *ipsec);

/* Whom IKE's messages on port 4500 go to (RFC 3948 2.2: four zeros in front of
 * them): whole packets, which are transferred. NULL: they are dropped. */
void hs_ipsec_set_ike(HsIpsec *ipsec, HsDeliverFunc deliver, void *user_data);

/* Whether an inbound SA of this node has SPI already: none must be offered
 * twice. */
bool
hs_ipsec_has_spi(const HsIpsec *ipsec, uint32_t spi, const HsAddr *destination);

/* ESP that no tunnel took, by reason. */
const EspCounters *hs_ipsec_counters(const HsIpsec *ipsec);

/* What was dropped for REASON, by tunnels and before one was known. */
uint64_t hs_ipsec_dropped(const HsIpsec *ipsec, EspDrop reason);

/* A tunnel's news, told while a packet is being handled: whoever is told may
 * call functions of the tunnel, but none of the router, and must not remove the
 * pair. Each may be NULL. */
typedef struct {
    /* An authenticated packet came in on pair ID, or one left. */
    void (*received)(void *user_data, unsigned id);
    void (*sent)(void *user_data);
    /* A direction of pair ID has carried what its soft limit says, or its
     * sequence numbers run low: time to replace it. Told once. */
    void (*worn)(void *user_data, unsigned id);
    /* Authenticated packets on pair ID come from another address or port than
     * before: a NAT changed its mapping (RFC 7296 2.23). Whether to follow is
     * the listener's to decide. */
    void (*moved)(void *user_data, unsigned id, const HsAddr *peer,
                  uint16_t port);
} HsTunnelEvents;

typedef struct {
    const char *name; /* interned; of the port too */
    HsPrefix address; /* of this end, inside */
    unsigned inside_vrf;
    unsigned outside_vrf;
    size_t outside_mtu; /* of the path: the port's MTU follows from it */
    /* Drop what is too large and may not be fragmented without telling its
     * sender, as AWS does. */
    bool no_frag_needed;
    const HsTunnelEvents *events; /* borrowed; may be NULL */
    void *user_data;              /* borrowed */
} HsTunnelConfig;

/* CONFIG is copied. The port is down until there are SAs: what is routed into
 * it is dropped, and counted by the router, as AWS and routers do. */
HsTunnel *hs_ipsec_add_tunnel(HsIpsec *ipsec, const HsTunnelConfig *config);

/* Pair ID, of the caller's choice; the keys go into the SAs only. What comes in
 * is accepted from now on. False, and nothing has changed: an inbound SA with
 * this SPI is there. */
bool hs_tunnel_add_sas(HsTunnel *tunnel, unsigned id, const EspSaConfig *in,
                       const EspSaConfig *out);

/* What goes out takes pair ID from now on: the port is up. False: there is no
 * such pair. */
bool hs_tunnel_send_on(HsTunnel *tunnel, unsigned id);
bool hs_tunnel_sends_on(const HsTunnel *tunnel, unsigned id);

/* Neither direction of the pair is there any more; if it was sent on, the port
 * is down. False: there is no such pair. */
bool hs_tunnel_remove_sas(HsTunnel *tunnel, unsigned id);

/* Where the peer of pair ID is now: the outer destination of what is sent on
 * it. False: there is no such pair. */
bool hs_tunnel_set_peer(HsTunnel *tunnel, unsigned id, const HsAddr *peer,
                        uint16_t port);

/* The tunnel that is PORT of the router, or NULL. */
const HsTunnel *hs_ipsec_tunnel_at(const HsIpsec *ipsec, unsigned port);

const char *hs_tunnel_name(const HsTunnel *tunnel);
unsigned hs_tunnel_outside_vrf(const HsTunnel *tunnel);
unsigned hs_tunnel_port(const HsTunnel *tunnel);
bool hs_tunnel_is_up(const HsTunnel *tunnel);
size_t hs_tunnel_mtu(const HsTunnel *tunnel); /* of the port */

/* The SAs of the pair that is sent on; NULL while the tunnel is down. */
const EspSa *hs_tunnel_out(const HsTunnel *tunnel);
const EspSa *hs_tunnel_in(const HsTunnel *tunnel);

/* Pairs. */
unsigned hs_tunnel_n_sas(const HsTunnel *tunnel);

/* Of all pairs there ever were. */
typedef struct {
    EspCounters in, out;
} HsTunnelCounters;

HsTunnelCounters hs_tunnel_counters(const HsTunnel *tunnel);

#endif
