/* The virtual private gateway: where a VPC meets Direct Connect and the
 * Site-to-Site VPN.
 *
 * AWS shows it as one thing with one AS. Here its routes are decided in one
 * place, by AWS's own order (vgw_routes.h), while the sessions end on the
 * endpoints, which are nodes of their own: a DX endpoint for each virtual
 * interface, a VPN endpoint for each tunnel. One best route is used: a VGW
 * knows no equal-cost paths (VPN user guide, "Route priority"). */

#ifndef HS_AWS_VGW_H
#define HS_AWS_VGW_H

#include "models/base/env.h"
#include "models/net/control.h"
#include "models/net/router.h"

typedef struct HsVgw HsVgw;

typedef struct {
    const char *name; /* interned */
    uint32_t asn;
    HsAddr router_id;
    HsPrefix cidr; /* of the VPC */
    /* From the change of a session on an endpoint to the VPC's traffic taking
     * the new way: AWS publishes neither part. */
    HsDuration convergence;
    HsDuration fib_delay;
} HsVgwConfig;

/* ENV is borrowed and outlives it. */
HsVgw *hs_vgw_new(HsEnv *env, const HsVgwConfig *config);
void hs_vgw_free(HsVgw *vgw); /* NULL is fine */

HsRouter *hs_vgw_router(HsVgw *vgw);

/* The ports: PORT gives name, MTU and output. To the VPC, with ADDRESS the
 * VPC's router's; and to an endpoint, inside AWS. */
unsigned
hs_vgw_add_vpc(HsVgw *vgw, const HsPortConfig *port, const HsPrefix *address);
unsigned hs_vgw_add_endpoint(HsVgw *vgw, const HsPortConfig *port);

/* A session on an endpoint; SESSION names the endpoint's environment and
 * router, its egress is the port of hs_vgw_add_endpoint(), its tag an
 * HsVgwRouteClass. What AWS does the same everywhere is filled in. */
HsControlPeer *
hs_vgw_add_session(HsVgw *vgw, const HsControlPeerConfig *session);

/* Starts every session. */
void hs_vgw_start(HsVgw *vgw);

const BgpSpeaker *hs_vgw_speaker(const HsVgw *vgw);

#endif
