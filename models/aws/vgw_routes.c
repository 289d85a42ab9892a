#include "config.h"

#include "models/aws/vgw_routes.h"

static int
order(uint64_t a, uint64_t b)
{
    return (a > b) - (a < b);
}

static uint32_t
preference(const BgpRoute *route)
{
    return route->attrs->has_local_pref ? route->attrs->local_pref : 100;
}

static uint32_t
med(const BgpRoute *route)
{
    return route->attrs->has_med ? route->attrs->med : 0;
}

/* The order of the steps is the whole of it: the first that differs decides. */
int
hs_vgw_compare(const BgpRoute *a, const BgpRoute *b, const void *user_data,
               BgpVerdict *ret_verdict)
{
    GBytes *path_a = a->attrs->as_path, *path_b = b->attrs->as_path;
    int result;

    (void)user_data;
    ret_verdict->equal_cost = false;

    ret_verdict->step = HS_VGW_STEP_VPC;
    result =
        order(a->source != BGP_SOURCE_LOCAL, b->source != BGP_SOURCE_LOCAL);
    if (result != 0)
        return result;

    ret_verdict->step = HS_VGW_STEP_CLASS;
    result = order((uint64_t)a->tag, (uint64_t)b->tag);
    if (result != 0)
        return result;

    /* Direct Connect user guide, "Local preference BGP communities": evaluated
     * before AS_PATH. VPN sessions never set it. */
    ret_verdict->step = HS_VGW_STEP_COMMUNITY;
    result = order(preference(b), preference(a));
    if (result != 0)
        return result;

    ret_verdict->step = HS_VGW_STEP_PATH;
    result = order(bgp_as_path_length(path_a), bgp_as_path_length(path_b));
    if (result != 0)
        return result;

    /* "If the AS_PATHs are the same length and the first AS is the same". */
    ret_verdict->step = HS_VGW_STEP_MED;
    if (bgp_as_path_first(path_a) == bgp_as_path_first(path_b)) {
        result = order(med(a), med(b));
        if (result != 0)
            return result;
    }

    /* Departure: beyond this AWS promises nothing. The lower address of the
     * peer decides, so that a run is repeatable. */
    ret_verdict->step = HS_VGW_STEP_CHOICE;
    return hs_addr_compare(&a->peer_address, &b->peer_address);
}
