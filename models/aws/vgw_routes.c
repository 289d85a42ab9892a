#include "config.h"

#include "models/aws/vgw_routes.h"

const char *
hs_vgw_class_name(HsVgwRouteClass class)
{
    static const char *const names[] = {
        [HS_VGW_DX] = "Direct Connect",
        [HS_VGW_VPN_STATIC] = "static VPN",
        [HS_VGW_VPN_BGP] = "BGP VPN",
    };

    return names[class];
}

static int
order(uint64_t a, uint64_t b)
{
    return (a > b) - (a < b);
}

/* From the VPC's own down to the class; then the steps of Direct Connect, whose
 * first, the communities, finds nothing to compare on a VPN: nobody sets a
 * preference there. */
int
hs_vgw_compare(const BgpRoute *a, const BgpRoute *b, const void *user_data,
               BgpVerdict *ret_verdict)
{
    int result;

    (void)user_data;
    ret_verdict->equal_cost = false;

    ret_verdict->step = HS_VGW_STEP_VPC;
    result =
        order(a->source != BGP_SOURCE_LOCAL, b->source != BGP_SOURCE_LOCAL);
    if (result != 0)
        return result;

    ret_verdict->step = HS_VGW_STEP_CLASS;
    result = order(HS_VGW_TAG_CLASS(a->tag), HS_VGW_TAG_CLASS(b->tag));
    if (result != 0)
        return result;

    /* Departure: where AWS promises no order between VPNs, the lower address of
     * the peer decides, or the attachment made first, so that a run is
     * repeatable. */
    result = hs_dx_compare(a, b, NULL, ret_verdict);
    if (HS_VGW_TAG_CLASS(a->tag) != HS_VGW_DX)
        ret_verdict->equal_cost = false;
    return result;
}
