/* Which route a virtual private gateway takes (VPN user guide, "Route tables
 * and VPN route priority"): Direct Connect before static VPN before BGP VPN,
 * whatever the AS_PATH says. Among those of Direct Connect its own order
 * (dx_routes.h), and equal ones share the load; among those of VPNs the shorter
 * AS_PATH, then the lower MED, and one tunnel alone.
 *
 * The health of a VPN's endpoint comes before all that, and needs no step: a
 * route by a tunnel that is down is not among the candidates. */

#ifndef HS_AWS_VGW_ROUTES_H
#define HS_AWS_VGW_ROUTES_H

#include "models/aws/dx_routes.h"
#include "models/bgp/decide.h"

/* The class of a route, in AWS's order. */
typedef enum {
    HS_VGW_DX,
    HS_VGW_VPN_STATIC,
    HS_VGW_VPN_BGP,
} HsVgwRouteClass;

const char *hs_vgw_class_name(HsVgwRouteClass class); /* "static VPN" */

/* A route's tag: its class, and the number of the attachment that it is by (0:
 * none, a session of hs_vgw_add_session()). */
#define HS_VGW_TAG(class, attachment)                                          \
    ((int)(class) | (int)((unsigned)(attachment) << 2))
#define HS_VGW_TAG_CLASS(tag)      ((HsVgwRouteClass)((unsigned)(tag)&3))
#define HS_VGW_TAG_ATTACHMENT(tag) ((unsigned)(tag) >> 2)

#define HS_VGW_STEP_VPC            "the VPC's own"
#define HS_VGW_STEP_CLASS          "Direct Connect before static VPN before BGP VPN"
#define HS_VGW_STEP_COMMUNITY      HS_DX_STEP_COMMUNITY
#define HS_VGW_STEP_PATH           HS_DX_STEP_PATH
#define HS_VGW_STEP_MED            HS_DX_STEP_MED
#define HS_VGW_STEP_CHOICE         HS_DX_STEP_CHOICE

/* A BgpCompareFunc. */
int hs_vgw_compare(const BgpRoute *a, const BgpRoute *b, const void *user_data,
                   BgpVerdict *ret_verdict);

#endif
