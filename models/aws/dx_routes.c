#include "config.h"

#include "models/aws/dx_routes.h"

static int
order(uint64_t a, uint64_t b)
{
    return (a > b) - (a < b);
}

static bool
is_far(const BgpRoute *route, const HsDxView *view)
{
    unsigned vif = (unsigned)route->tag;

    return view != NULL && view->region != NULL && vif < view->n &&
           !g_str_equal(view->regions[vif], view->region);
}

uint32_t
hs_dx_preference(const BgpRoute *route, const HsDxView *view)
{
    if (route->attrs->has_local_pref)
        return route->attrs->local_pref;
    return is_far(route, view) ? HS_DX_PREFERENCE_FAR : HS_DX_PREFERENCE_MEDIUM;
}

/* "Supported, but not recommended"; between routes of one neighbour AS, as
 * RFC 4271 9.1.2.2 c has it. */
static int
compare_med(const BgpRoute *a, const BgpRoute *b)
{
    if (bgp_as_path_first(a->attrs->as_path) !=
        bgp_as_path_first(b->attrs->as_path))
        return 0;
    return order(a->attrs->has_med ? a->attrs->med : 0,
                 b->attrs->has_med ? b->attrs->med : 0);
}

/* The order of the steps is the whole of it: the first that differs decides. */
int
hs_dx_compare(const BgpRoute *a, const BgpRoute *b, const void *user_data,
              BgpVerdict *ret_verdict)
{
    const HsDxView *view = user_data;
    int result;

    ret_verdict->equal_cost = false;

    ret_verdict->step = HS_DX_STEP_LOCAL;
    result =
        order(a->source != BGP_SOURCE_LOCAL, b->source != BGP_SOURCE_LOCAL);
    if (result != 0)
        return result;

    ret_verdict->step = HS_DX_STEP_COMMUNITY;
    result = order(hs_dx_preference(b, view), hs_dx_preference(a, view));
    if (result != 0) {
        /* Neither has one: where they come in tells them apart. */
        if (!a->attrs->has_local_pref && !b->attrs->has_local_pref)
            ret_verdict->step = HS_DX_STEP_REGION;
        return result;
    }

    ret_verdict->step = HS_DX_STEP_PATH;
    result = order(bgp_as_path_length(a->attrs->as_path),
                   bgp_as_path_length(b->attrs->as_path));
    if (result != 0)
        return result;

    ret_verdict->step = HS_DX_STEP_MED;
    result = compare_med(a, b);
    if (result != 0)
        return result;

    /* Equal: both carry traffic. Which is named first is nobody's rule. */
    ret_verdict->step = HS_DX_STEP_CHOICE;
    ret_verdict->equal_cost = true;
    result = hs_addr_compare(&a->peer_address, &b->peer_address);
    return result != 0 ? result : (a->tag > b->tag) - (a->tag < b->tag);
}
