#include "config.h"

#include "models/aws/tgw_routes.h"

/* Transit gateway guide: of routes that come without one. */
#define MED_OF_DX  0
#define MED_OF_VPN 100

const char *
hs_tgw_class_name(HsTgwRouteClass class)
{
    static const char *const names[] = {
        [HS_TGW_STATIC] = "static",   [HS_TGW_VPC] = "VPC",
        [HS_TGW_DXGW] = "DX gateway", [HS_TGW_VPN_PRIVATE] = "VPN over DX",
        [HS_TGW_VPN] = "VPN",         [HS_TGW_PEERING] = "peering",
    };

    return names[class];
}

static int
order(uint64_t a, uint64_t b)
{
    return (a > b) - (a < b);
}

static bool
is_vpn(HsTgwRouteClass class)
{
    return class == HS_TGW_VPN_PRIVATE || class == HS_TGW_VPN;
}

static uint32_t
med(const BgpRoute *route)
{
    if (route->attrs->has_med)
        return route->attrs->med;
    return is_vpn(hs_tgw_tag_class(route->tag)) ? MED_OF_VPN : MED_OF_DX;
}

static bool
same_path(const BgpRoute *a, const BgpRoute *b)
{
    GBytes *x = a->attrs->as_path, *y = b->attrs->as_path;

    if (x == NULL || y == NULL)
        return x == y;
    return g_bytes_equal(x, y);
}

static bool
may_share(const BgpRoute *a, const BgpRoute *b,
          const HsTgwCompareOptions *options)
{
    HsTgwRouteClass class = hs_tgw_tag_class(a->tag);

    return (class == HS_TGW_DXGW || (is_vpn(class) && options->vpn_ecmp)) &&
           same_path(a, b);
}

/* The order of the steps is the whole of it: the first that differs decides. */
int
hs_tgw_compare(const BgpRoute *a, const BgpRoute *b, const void *user_data,
               BgpVerdict *ret_verdict)
{
    const HsTgwCompareOptions *options = user_data;
    int result;

    ret_verdict->equal_cost = false;

    ret_verdict->step = HS_TGW_STEP_CLASS;
    result = order(hs_tgw_tag_class(a->tag), hs_tgw_tag_class(b->tag));
    if (result != 0)
        return result;

    ret_verdict->step = HS_TGW_STEP_PATH;
    result = order(bgp_as_path_length(a->attrs->as_path),
                   bgp_as_path_length(b->attrs->as_path));
    if (result != 0)
        return result;

    /* Departure: AWS does not say whether the MEDs of different neighbours are
     * compared; here they are. */
    ret_verdict->step = HS_TGW_STEP_MED;
    result = order(med(a), med(b));
    if (result != 0)
        return result;

    ret_verdict->step = HS_TGW_STEP_EBGP;
    result = order(a->source == BGP_SOURCE_IBGP, b->source == BGP_SOURCE_IBGP);
    if (result != 0)
        return result;

    /* Departure: beyond this AWS promises nothing. What was attached first
     * decides, so that a run is repeatable. */
    ret_verdict->step = HS_TGW_STEP_CHOICE;
    ret_verdict->equal_cost = may_share(a, b, options);
    result = order((uint64_t)a->tag, (uint64_t)b->tag);
    return result != 0 ? result
                       : hs_addr_compare(&a->peer_address, &b->peer_address);
}
