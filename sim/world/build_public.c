/* AWS's public network, where several public virtual interfaces carry one VPN:
 *
 *     X.aws ── X.backbone ──┐
 *                           dx.public ── backup.tunnel1.edge ──
 * backup.tunnel1.aws Y.aws ── Y.backbone ──┘
 *
 * An interface that carries VPNs alone has their endpoints behind its own.
 *
 * Departure: AWS announces all its public prefixes on every public virtual
 * interface. Here an interface announces the endpoints of those VPNs that name
 * it, so that a VPN over the internet stays there. */

#include "config.h"

#include "sim/world/private.h"

#include "models/aws/public_network.h"

#define NODE "dx.public"

static bool
shares(const HsVpn *vpn)
{
    return vpn->underlays.count > 1 &&
           vpn->underlays.values[0]->kind == HS_KIND_DX &&
           ((const HsDx *)vpn->underlays.values[0])->vif == HS_VIF_PUBLIC;
}

bool
hs_world_is_meshed(const HsWorld *world, const HsDx *dx)
{
    const HsVpn *vpn;

    for (unsigned i = 0; (vpn = hs_scenario_vpn(world->scenario, i)); i++)
        if (shares(vpn) && hs_elements_have(&vpn->underlays, &dx->element))
            return true;
    return false;
}

/* It converges as the gateway of the first such VPN does. */
void
hs_world_build_public(HsWorld *world)
{
    HsPublicNetwork *network;
    const HsVpn *vpn;
    WorldNode *node;
    unsigned i = 0;

    while ((vpn = hs_scenario_vpn(world->scenario, i)) != NULL && !shares(vpn))
        i++;
    if (vpn == NULL)
        return;
    node =
        hs_world_add_node(world, NODE, HS_WORLD_PUBLIC_NETWORK, NULL, false, 0);
    network = hs_public_network_new(
        hs_world_env(node),
        &(HsPublicNetworkConfig){.name = node->name,
                                 .router_id = vpn->underlay_dx->aws_address,
                                 .convergence = vpn->gateway->convergence,
                                 .fib_delay = vpn->gateway->fib_delay});
    hs_world_set_router(node, hs_public_network_router(network), network,
                        (GDestroyNotify)hs_public_network_free, 1);
    hs_world_add_table(node, "routes", 0, hs_public_network_speaker(network));
}

void
hs_world_join_public(HsWorld *world, const HsDx *dx, WorldNode *node,
                     const HsControlPeerConfig *given, WorldLink *vif)
{
    static const HsPrefix everything = {.addr = {.family = HS_FAMILY_IPV4}};
    WorldNode *network = hs_world_find_node(world, NODE);
    WorldLink *backbone =
        hs_world_add_backbone(world, &dx->element, "backbone", node, network);
    HsControlPeerConfig session = *given;
    HsPortConfig port = hs_world_port(backbone, 0);

    backbone->end[0].port = hs_dx_endpoint_add_gateway(node->model, &port);
    hs_dx_endpoint_add_destination(node->model, backbone->end[0].port,
                                   &everything, false);
    port = hs_world_port(backbone, 1);
    port.name = dx->element.name;
    session.egress = backbone->end[1].port =
        hs_public_network_add_vif(network->model, &port);
    vif->end[1].peer = hs_public_network_add_session(network->model, &session);
}

WorldNode *
hs_world_public_node(const HsWorld *world, const HsVpn *vpn)
{
    if (hs_world_is_meshed(world, vpn->underlay_dx))
        return hs_world_find_node(world, NODE);
    return hs_world_node_of(world, &vpn->underlay_dx->element, "aws");
}

void
hs_world_add_public_outside(HsWorld *world, const HsVpn *vpn, WorldLink *link,
                            const HsAddr *outside)
{
    HsPrefix address = hs_prefix_of(outside);
    HsPortConfig port = hs_world_port(link, 0);
    void *model = link->end[0].node->model;

    if (hs_world_is_meshed(world, vpn->underlay_dx))
        link->end[0].port =
            hs_public_network_add_inside(model, &port, &address);
    else
        link->end[0].port = hs_dx_endpoint_add_backbone(model, &port, &address);
}

void
hs_world_start_public(HsWorld *world)
{
    WorldNode *node = hs_world_find_node(world, NODE);

    if (node != NULL)
        hs_public_network_start(node->model);
}
