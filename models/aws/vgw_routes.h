/* Which route a virtual private gateway takes (VPN user guide, "Route tables
 * and VPN route priority"): Direct Connect before static VPN before BGP VPN,
 * whatever the AS_PATH says; then the shorter AS_PATH, then the lower MED. */

#ifndef HS_AWS_VGW_ROUTES_H
#define HS_AWS_VGW_ROUTES_H

#include "models/bgp/decide.h"

/* The tag of a route, in AWS's order. */
typedef enum {
    HS_VGW_DX,
    HS_VGW_VPN_STATIC,
    HS_VGW_VPN_BGP,
} HsVgwRouteClass;

#define HS_VGW_STEP_VPC       "the VPC's own"
#define HS_VGW_STEP_CLASS     "Direct Connect before static VPN before BGP VPN"
#define HS_VGW_STEP_COMMUNITY "higher local-preference community"
#define HS_VGW_STEP_PATH      "shorter AS_PATH"
#define HS_VGW_STEP_MED       "lower MED"
#define HS_VGW_STEP_CHOICE    "AWS's own choice"

/* A BgpCompareFunc. */
int hs_vgw_compare(const BgpRoute *a, const BgpRoute *b, const void *user_data,
                   BgpVerdict *ret_verdict);

#endif
