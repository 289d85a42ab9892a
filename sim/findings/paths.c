/* The paths of a site that can be compared. */

#include "config.h"

#include "sim/findings/private.h"

static void
add_dx_path(GArray *paths, const HsDx *dx, const HsGateway *gateway,
            const HsAssociation *association)
{
    HsFindPath path = {.element = &dx->element,
                       .dx = dx,
                       .site = dx->site,
                       .gateway = gateway,
                       .announced = &dx->announce,
                       .told = association != NULL &&
                                       gateway->type == HS_GATEWAY_TGW
                                   ? &association->allowed
                                   : NULL,
                       .policy = &dx->policy,
                       .router = dx->physical.router};

    g_array_append_val(paths, path);
}

/* BGP does, as far as the AS numbers go: else it is no path. */
static bool
comes_up(const HsDx *dx)
{
    return dx->cgw_remote_asn == dx->aws_asn &&
           dx->aws_remote_asn == dx->site->asn;
}

static void
add_dx_paths(const HsScenario *scenario, GArray *paths)
{
    const HsAssociation *a;
    const HsDx *dx;

    for (unsigned i = 0; (dx = hs_scenario_dx(scenario, i)); i++) {
        if (dx->vif == HS_VIF_PUBLIC || !comes_up(dx))
            continue;
        if (dx->gateway != NULL)
            add_dx_path(paths, dx, dx->gateway, NULL);
        for (unsigned n = 0;
             dx->dxgw != NULL && (a = hs_scenario_association(scenario, n));
             n++)
            if (a->dxgw == dx->dxgw)
                add_dx_path(paths, dx, a->gateway, a);
    }
}

GArray *
hs_find_paths(const HsScenario *scenario)
{
    GArray *paths = g_array_new(FALSE, FALSE, sizeof(HsFindPath));
    const HsVpn *vpn;

    add_dx_paths(scenario, paths);
    for (unsigned i = 0; (vpn = hs_scenario_vpn(scenario, i)); i++) {
        HsFindPath path = {.element = &vpn->element,
                           .vpn = vpn,
                           .site = vpn->site,
                           .gateway = vpn->gateway,
                           .announced = vpn->routing == HS_ROUTING_STATIC
                                            ? &vpn->static_routes
                                            : &vpn->announce,
                           .policy = &vpn->policy,
                           .router = vpn->router};

        g_array_append_val(paths, path);
    }
    return paths;
}

bool
hs_find_same_ends(const HsFindPath *a, const HsFindPath *b)
{
    return a->site == b->site && a->gateway == b->gateway;
}

/* An end of a tunnel that DX carries, and nothing of the site's network. */
static bool
is_tunnel_end(const HsFind *f, const HsDx *dx, const HsPrefix *prefix)
{
    const HsVpn *vpn;

    if (hs_prefix_covers(&dx->site->prefix, prefix) ||
        hs_prefix_covers(prefix, &dx->site->prefix))
        return false;
    for (unsigned i = 0; (vpn = hs_scenario_vpn(f->scenario, i)); i++)
        if (hs_elements_have(&vpn->underlays, &dx->element) &&
            hs_prefix_contains(prefix, &vpn->outside))
            return true;
    return false;
}

/* Nothing is announced on it but the tunnels' own addresses: what carries a
 * private IP VPN is no path of the site's by itself. */
bool
hs_find_is_transport(const HsFind *f, const HsDx *dx)
{
    if (dx == NULL || dx->vif != HS_VIF_TRANSIT || dx->announce_extra > 0)
        return false;
    for (unsigned i = 0; i < dx->announce.count; i++)
        if (!is_tunnel_end(f, dx, &dx->announce.values[i]))
            return false;
    return true;
}

/* The hs_find_longest of PREFIXES that has ADDRESS, or -1. */
int
hs_find_longest(const HsPrefixes *prefixes, const HsAddr *address)
{
    int best = -1;

    for (unsigned i = 0; i < prefixes->count; i++)
        if (hs_prefix_contains(&prefixes->values[i], address))
            best = MAX(best, prefixes->values[i].length);
    return best;
}
