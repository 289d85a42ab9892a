/* The virtual private gateway: where a VPC meets Direct Connect and the
 * Site-to-Site VPN.
 *
 * AWS shows it as one thing with one AS. Here its routes are decided in one
 * place, by AWS's own order (vgw_routes.h), while the sessions end on the
 * endpoints, which are nodes of their own: a DX endpoint for each virtual
 * interface, a VPN endpoint for each tunnel. Whatever hangs on it is an
 * attachment (attachment.h):
 *
 *     VPC     its CIDR is the gateway's own route, and it is told the others
 *     DX      a private virtual interface: a session
 *     DXGW    what a Direct Connect gateway hands over: of Direct Connect's
 * class VPN     sessions, one a tunnel; or static routes
 *
 * One tunnel carries what goes to a prefix by VPN, however many there are
 * (VPN user guide, "Route priority"); equal Direct Connect routes share it.
 *
 * What a gateway learns at one attachment it tells at the others, so that sites
 * with an AS of their own each reach one another through it (VPN CloudHub). A
 * virtual interface of its own may be one of them, but there is no way from one
 * virtual interface to another, and none between a VPN and a Direct Connect
 * gateway (Direct Connect user guide, "Direct Connect gateways"). */

#ifndef HS_AWS_VGW_H
#define HS_AWS_VGW_H

#include "models/aws/attachment.h"
#include "models/base/env.h"
#include "models/net/control.h"
#include "models/net/router.h"

/* Site-to-Site VPN and Direct Connect quotas for a VGW. */
#define HS_VGW_ROUTES_ACCEPTED  100
#define HS_VGW_ROUTES_ANNOUNCED 1000

/* How long a session rests that had too many prefixes before it may come back,
 * to be closed again if there are still too many. AWS says only that it is down
 * until the customer withdraws (assumed). */
#define HS_AWS_PREFIX_LIMIT_REST HS_SEC(30)

typedef struct HsVgw HsVgw;

typedef struct {
    const char *name; /* interned */
    uint32_t asn;
    HsAddr router_id;
    HsPrefix cidr; /* of the VPC of hs_vgw_add_vpc(); not set: there is none */
    /* From the change of a session on an endpoint to the VPC's traffic taking
     * the new way: AWS publishes neither part. */
    HsDuration convergence;
    HsDuration fib_delay;
} HsVgwConfig;

/* ENV is borrowed and outlives it. */
HsVgw *hs_vgw_new(HsEnv *env, const HsVgwConfig *config);
void hs_vgw_free(HsVgw *vgw); /* NULL is fine */

HsRouter *hs_vgw_router(HsVgw *vgw);
HsAwsGateway *hs_vgw_gateway(HsVgw *vgw);
const BgpSpeaker *hs_vgw_speaker(const HsVgw *vgw);

/* The attachment that told ROUTE (interned), which no session brought.
 * USER_DATA: the HsVgw. */
const char *hs_vgw_route_name(const void *user_data, const BgpRoute *route);

/* Without attachments: ports, PORT giving name, MTU and output, to the VPC,
 * with ADDRESS the VPC's router's, and to an endpoint; and sessions on an
 * endpoint, whose egress is the port of hs_vgw_add_endpoint() and whose tag is
 * an HsVgwRouteClass. What AWS does the same everywhere is filled in. */
unsigned
hs_vgw_add_vpc(HsVgw *vgw, const HsPortConfig *port, const HsPrefix *address);
unsigned hs_vgw_add_endpoint(HsVgw *vgw, const HsPortConfig *port);
HsControlPeer *
hs_vgw_add_session(HsVgw *vgw, const HsControlPeerConfig *session);

/* Starts every session. */
void hs_vgw_start(HsVgw *vgw);

#endif
