/* The customer gateway: the router of a site, between its LAN, the internet,
 * Direct Connect and the VPN tunnels.
 *
 * It has two VRFs. The inside one holds the LAN, the private and transit
 * virtual interfaces and the tunnels; the outside one the internet and the
 * public virtual interfaces, which carry the tunnels' outer packets. Each runs
 * BGP of its own, with the site's AS. Between the ways to AWS it chooses by
 * local preference: that is the customer's to decide and no one else's.
 *
 * A site may have two of them and a core behind (core.h): they tell each other
 * by iBGP what they learned from AWS, with its local preference, and learn from
 * the core that the LAN is there. What a gateway announces to AWS is the
 * session's own list, and only while it can reach the LAN. */

#ifndef HS_ONPREM_CUSTOMER_GATEWAY_H
#define HS_ONPREM_CUSTOMER_GATEWAY_H

#include "models/base/env.h"
#include "models/net/control.h"
#include "models/net/ike_service.h"
#include "models/net/ipsec.h"
#include "models/net/router.h"

typedef struct HsCustomerGateway HsCustomerGateway;

typedef struct {
    const char *name; /* interned */
    uint32_t asn;
    HsAddr router_id;
    BgpPreset preset;
    HsPrefix prefix;  /* of the LAN: what it advertises */
    bool behind_core; /* the LAN is the core's: the prefix comes by iBGP */
    HsDuration fib_delay;
    HsDuration carrier_delay;
} HsCustomerGatewayConfig;

/* ENV is borrowed and outlives it. */
HsCustomerGateway *
hs_customer_gateway_new(HsEnv *env, const HsCustomerGatewayConfig *config);
void hs_customer_gateway_free(HsCustomerGateway *gateway); /* NULL is fine */

HsRouter *hs_customer_gateway_router(HsCustomerGateway *gateway);
HsIpsec *hs_customer_gateway_ipsec(HsCustomerGateway *gateway);
HsIkeService *hs_customer_gateway_ike(HsCustomerGateway *gateway);

/* The ports. PORT gives name, MTU and output; the gateway fills in the rest.
 * Each returns the port's number. ADDRESS is the gateway's own.
 *
 * The LAN comes last: SYNs that pass it are clamped to what fits the smallest
 * tunnel that asked for it. Clamping there and not on the tunnels is what lets
 * a connection that was opened over Direct Connect live on in a tunnel. */
unsigned
hs_customer_gateway_add_lan(HsCustomerGateway *gateway,
                            const HsPortConfig *port, const HsPrefix *address);

/* To another router of the site, the core or the second gateway, with its iBGP
 * session. That gets what was learned from AWS; *RET_PORT is the port. */
HsControlPeer *
hs_customer_gateway_add_neighbour(HsCustomerGateway *gateway,
                                  const HsPortConfig *port,
                                  const HsPrefix *address,
                                  const HsControlPeerConfig *session,
                                  unsigned *ret_port);

/* An address of the gateway itself, on no link: what unpinned tunnels and those
 * between private addresses end on. OUTSIDE: in the outside VRF. */
void
hs_customer_gateway_add_loopback(HsCustomerGateway *gateway, const char *name,
                                 bool outside, const HsAddr *address);

/* To the internet: the outside VRF's default route. */
unsigned hs_customer_gateway_add_uplink(HsCustomerGateway *gateway,
                                        const HsPortConfig *port,
                                        const HsPrefix *address);

/* A virtual interface with its BGP session: of SESSION name, addresses, remote
 * AS, timers, policy and BFD count. PUBLIC_VIF: in the outside VRF, where
 * ADVERTISED is announced. *RET_PORT is the port. */
HsControlPeer *
hs_customer_gateway_add_dx(HsCustomerGateway *gateway, const HsPortConfig *port,
                           const HsPrefix *address, bool public_vif,
                           const HsPrefix *advertised,
                           const HsControlPeerConfig *session,
                           unsigned *ret_port);

/* A tunnel that IKE makes, whose outer packets go as the outside VRF routes
 * them, or, INSIDE_UNDERLAY, the inside one; and its BGP session, or none
 * (NULL). TUNNEL's VRFs are filled in. CLAMP_MTU, if not 0: what the tunnel
 * carries with the worst of the suites that it may come up with, for the clamp
 * on the LAN. */
HsIkeTunnel *hs_customer_gateway_add_vpn(HsCustomerGateway *gateway,
                                         const HsIkeTunnelConfig *tunnel,
                                         bool inside_underlay, size_t clamp_mtu,
                                         const HsControlPeerConfig *session);

/* Static routes of a tunnel that has no session: candidates while it is up,
 * with LOCAL_PREFERENCE beside those of BGP, where the higher wins and static
 * stands before BGP if it is the same; among tunnels the lower METRIC. */
void
hs_customer_gateway_add_static(HsCustomerGateway *gateway, HsIkeTunnel *tunnel,
                               const HsPrefix *prefixes, unsigned n,
                               uint32_t local_preference, uint32_t metric);

/* What is announced on SESSION instead of the LAN's prefix (or what a public
 * virtual interface was given): PREFIXES, N of them, and EXTRA /24 networks out
 * of 198.18.0.0/15. The other adds to what is announced. */
void hs_customer_gateway_set_announced(HsCustomerGateway *gateway,
                                       HsControlPeer *session,
                                       const HsPrefix *prefixes, unsigned n,
                                       unsigned extra);
void
hs_customer_gateway_announce(HsCustomerGateway *gateway, HsControlPeer *session,
                             const HsPrefix *prefixes, unsigned n,
                             unsigned extra);

/* The MSS to which SYNs must be clamped for its tunnels; 0: none. For a core,
 * which then does it. */
uint16_t hs_customer_gateway_mss_clamp(const HsCustomerGateway *gateway);

/* The same, with SAs that the caller installs. */
HsControlPeer *
hs_customer_gateway_add_tunnel(HsCustomerGateway *gateway,
                               const HsTunnelConfig *tunnel, size_t clamp_mtu,
                               const HsControlPeerConfig *session,
                               HsTunnel **ret_tunnel);

/* Starts every session, of BGP and of IKE. */
void hs_customer_gateway_start(HsCustomerGateway *gateway);

/* Its control plane dies and comes back: see hs_control_crash(). */
void
hs_customer_gateway_crash(HsCustomerGateway *gateway, bool forwarding_lost);
void hs_customer_gateway_boot(HsCustomerGateway *gateway);

/* For explanations: the choice of routes inside; outside (NULL: none is made,
 * without a public virtual interface), in VRF "outside"; and the name of a
 * static route inside (interned). USER_DATA: the gateway. */
const BgpSpeaker *hs_customer_gateway_speaker(const HsCustomerGateway *gateway);
const BgpSpeaker *
hs_customer_gateway_outside_speaker(const HsCustomerGateway *gateway,
                                    unsigned *ret_vrf);
const char *
hs_customer_gateway_route_name(const void *user_data, const BgpRoute *route);

#endif
