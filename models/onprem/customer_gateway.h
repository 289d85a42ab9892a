/* The customer gateway: the router of a site, between its LAN, the internet,
 * Direct Connect and the VPN tunnels.
 *
 * It has two VRFs. The inside one holds the LAN, the private virtual interfaces
 * and the tunnels; the outside one the internet and the public virtual
 * interfaces, which carry the tunnels' outer packets. Each runs BGP of its own,
 * with the site's AS. Between the ways to AWS it chooses by local preference:
 * that is the customer's to decide and no one else's. */

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
    HsPrefix prefix; /* of the LAN: what it advertises */
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
 * them, and its BGP session. TUNNEL's VRFs are filled in. CLAMP_MTU, if not 0:
 * what the tunnel carries with the worst of the suites that it may come up
 * with, for the clamp on the LAN. */
HsIkeTunnel *
hs_customer_gateway_add_vpn(HsCustomerGateway *gateway,
                            const HsIkeTunnelConfig *tunnel, size_t clamp_mtu,
                            const HsControlPeerConfig *session);

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

/* The choice of routes inside, for explanations. */
const BgpSpeaker *hs_customer_gateway_speaker(const HsCustomerGateway *gateway);

#endif
