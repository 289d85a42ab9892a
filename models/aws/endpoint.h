/* AWS's endpoints: the machines on which the customer's links and tunnels end.
 *
 * A DX endpoint has a virtual interface on one side and AWS's backbone on the
 * other; a VPN endpoint the internet (or the public virtual interface of a DX)
 * and the backbone. Neither chooses a route: towards the customer there is one
 * way, towards AWS the backbone. The VGW's sessions live on them. A public
 * virtual interface is the exception: there the endpoint speaks for AWS's
 * public network, with BGP of its own (AS 7224). */

#ifndef HS_AWS_ENDPOINT_H
#define HS_AWS_ENDPOINT_H

#include "models/base/env.h"
#include "models/net/control.h"
#include "models/net/ike_service.h"
#include "models/net/ipsec.h"
#include "models/net/policer.h"
#include "models/net/router.h"

/* Direct Connect user guide: AWS's AS on public virtual interfaces. */
#define HS_AWS_PUBLIC_AS 7224

/* Direct Connect user guide, quotas: the graceful restart timer. */
#define HS_AWS_DX_GRACEFUL_RESTART HS_SEC(120)

typedef struct {
    const char *name; /* interned */
    HsDuration fib_delay;
    HsDuration carrier_delay;
} HsEndpointConfig;

/* Direct Connect */

typedef struct HsDxEndpoint HsDxEndpoint;

/* ENV is borrowed and outlives it. */
HsDxEndpoint *hs_dx_endpoint_new(HsEnv *env, const HsEndpointConfig *config);
void hs_dx_endpoint_free(HsDxEndpoint *endpoint); /* NULL is fine */
HsRouter *hs_dx_endpoint_router(HsDxEndpoint *endpoint);

/* The customer's side: ADDRESS is AWS's on the virtual interface. What is not
 * AWS's goes there. */
unsigned
hs_dx_endpoint_add_vif(HsDxEndpoint *endpoint, const HsPortConfig *port,
                       const HsPrefix *address);

/* A hosted connection: what is above RATE (bits per second of IP packets), in
 * either direction, is dropped here (user guide, "Hosted connections"). After
 * hs_dx_endpoint_add_vif(). */
void hs_dx_endpoint_police(HsDxEndpoint *endpoint, uint64_t rate);
const HsPolicerCounters *
hs_dx_endpoint_policed(const HsDxEndpoint *endpoint, bool leaving);

/* The backbone's side, by which INSIDE (a VPC's CIDR, or the outside address
 * of a VPN endpoint) is reached. */
unsigned
hs_dx_endpoint_add_backbone(HsDxEndpoint *endpoint, const HsPortConfig *port,
                            const HsPrefix *inside);

/* For a private or transit virtual interface: the backbone to a gateway. What
 * comes from there goes to the customer, and to nobody else, but for the
 * hairpin below. */
unsigned
hs_dx_endpoint_add_gateway(HsDxEndpoint *endpoint, const HsPortConfig *port);

/* What customers send to PREFIX goes to the gateway behind PORT. HAIRPIN: what
 * other gateways send there, too: so VPCs of one DX gateway reach each other
 * where the customer announces a supernet of both (user guide, "Virtual private
 * gateway associations"; since November 2021). */
void hs_dx_endpoint_add_destination(HsDxEndpoint *endpoint, unsigned port,
                                    const HsPrefix *prefix, bool hairpin);

/* SESSION (name, addresses, remote AS, timers, BFD) completed with what is
 * this endpoint's own: for hs_attachment_add_session() and the like. */
void hs_dx_endpoint_session(HsDxEndpoint *endpoint, unsigned vif,
                            HsControlPeerConfig *session);

/* What AWS does on every public virtual interface (user guide, "Public virtual
 * interface routing policies"): its prefixes have a path of three and
 * NO_EXPORT, up to 1,000 are taken, and no customer hears of another's. */
void hs_aws_public_session(HsControlPeerConfig *session);

/* For a public virtual interface: the endpoint's own session, on which every
 * INSIDE of its backbone ports is announced. */
HsControlPeer *
hs_dx_endpoint_add_public_session(HsDxEndpoint *endpoint,
                                  const HsAddr *router_id,
                                  const HsControlPeerConfig *session);
void hs_dx_endpoint_start(HsDxEndpoint *endpoint);

/* VPN */

typedef struct HsVpnEndpoint HsVpnEndpoint;

HsVpnEndpoint *hs_vpn_endpoint_new(HsEnv *env, const HsEndpointConfig *config);
void hs_vpn_endpoint_free(HsVpnEndpoint *endpoint); /* NULL is fine */
HsRouter *hs_vpn_endpoint_router(HsVpnEndpoint *endpoint);
HsIpsec *hs_vpn_endpoint_ipsec(HsVpnEndpoint *endpoint);
HsIkeService *hs_vpn_endpoint_ike(HsVpnEndpoint *endpoint);

/* The outside: ADDRESS is the tunnel's outside address. */
unsigned
hs_vpn_endpoint_add_outside(HsVpnEndpoint *endpoint, const HsPortConfig *port,
                            const HsPrefix *address);

/* The gateway's side: all that comes out of the tunnel goes there. */
unsigned
hs_vpn_endpoint_add_backbone(HsVpnEndpoint *endpoint, const HsPortConfig *port);

/* The tunnel that IKE makes; its VRFs are filled in. */
HsIkeTunnel *hs_vpn_endpoint_add_vpn(HsVpnEndpoint *endpoint,
                                     const HsIkeTunnelConfig *tunnel);

/* The same, with SAs that the caller installs. */
HsTunnel *hs_vpn_endpoint_add_tunnel(HsVpnEndpoint *endpoint,
                                     const HsTunnelConfig *tunnel);

/* What AWS lets through the tunnel each way, before encryption and after
 * decryption (assumed: AWS does not say where it counts); the rest is dropped
 * and counted by the router. */
void hs_vpn_endpoint_police(HsVpnEndpoint *endpoint, const HsTunnel *tunnel,
                            const HsPolicerConfig *config);

/* By direction: into the tunnel (LEAVING), or out of it. */
const HsPolicerCounters *
hs_vpn_endpoint_policed(const HsVpnEndpoint *endpoint, bool leaving);

/* As hs_dx_endpoint_session(). */
void hs_vpn_endpoint_session(HsVpnEndpoint *endpoint, const HsTunnel *tunnel,
                             HsControlPeerConfig *session);

/* Starts IKE, where AWS is the one to begin. */
void hs_vpn_endpoint_start(HsVpnEndpoint *endpoint);

#endif
