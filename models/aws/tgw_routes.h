/* Which of the routes to one prefix a transit gateway's route table takes
 * (Transit gateway guide, "Route evaluation order"; the most specific prefix
 * comes before all of it, by the look-up):
 *
 *     static
 *     VPC-propagated
 *     Direct Connect gateway
 *     Site-to-Site VPN over private Direct Connect
 *     Site-to-Site VPN
 *     peering
 *
 * and within one of these the shorter AS_PATH, the lower MED, eBGP before iBGP.
 * A route without MED counts as 0 from Direct Connect and as 100 from a VPN.
 *
 * Equal routes share the load only among VPNs with BGP, if the gateway has
 * that switched on, and among those of Direct Connect gateways; and only with
 * the same AS_PATH. */

#ifndef HS_AWS_TGW_ROUTES_H
#define HS_AWS_TGW_ROUTES_H

#include "models/bgp/decide.h"

/* In AWS's order. */
typedef enum {
    HS_TGW_STATIC,
    HS_TGW_VPC,
    HS_TGW_DXGW,
    HS_TGW_VPN_PRIVATE,
    HS_TGW_VPN,
    HS_TGW_PEERING,
} HsTgwRouteClass;

const char *hs_tgw_class_name(HsTgwRouteClass class); /* "DX gateway" */

#define HS_TGW_STEP_CLASS                                                      \
    "static before VPC before DX gateway before VPN over DX before VPN "       \
    "before peering"
#define HS_TGW_STEP_PATH   "shorter AS_PATH"
#define HS_TGW_STEP_MED    "lower MED"
#define HS_TGW_STEP_EBGP   "eBGP over iBGP"
#define HS_TGW_STEP_CHOICE "AWS's own choice"

/* The tag of a route: its class, and which of the gateway's sources told it. */
static inline int
hs_tgw_tag(HsTgwRouteClass class, unsigned source)
{
    return (int)((unsigned)class << 16 | source);
}

static inline HsTgwRouteClass
hs_tgw_tag_class(int tag)
{
    return (HsTgwRouteClass)((unsigned)tag >> 16);
}

static inline unsigned
hs_tgw_tag_source(int tag)
{
    return (unsigned)tag & 0xffff;
}

typedef struct {
    bool vpn_ecmp;
} HsTgwCompareOptions;

/* A BgpCompareFunc. USER_DATA: HsTgwCompareOptions. */
int hs_tgw_compare(const BgpRoute *a, const BgpRoute *b, const void *user_data,
                   BgpVerdict *ret_verdict);

#endif
