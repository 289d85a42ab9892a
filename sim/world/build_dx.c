/* Direct Connect: a virtual interface, AWS's endpoint behind it, and the
 * sessions of both sides. */

#include "config.h"

#include "sim/world/private.h"

#include "models/aws/vgw_routes.h"

/* ADDRESS with the length of SUBNET. */
static HsPrefix
on(const HsAddr *address, const HsPrefix *subnet)
{
    return (HsPrefix){.addr = *address, .length = subnet->length};
}

static HsPrefix
public_prefix(const HsDx *dx)
{
    return hs_prefix_masked(&dx->peer);
}

/* The customer's end of a virtual interface, and its session. */
static void
join_customer(const HsDx *dx, WorldLink *link, WorldNode *gateway)
{
    HsPrefix customer = on(&dx->customer_address, &dx->peer);
    HsPrefix advertised = public_prefix(dx);
    HsPortConfig port = hs_world_port(link, 0);
    HsControlPeerConfig session = hs_world_customer_session(
        dx->element.name, &dx->customer, &dx->policy, dx->cgw_remote_asn);

    hs_sim_host_add_address(gateway->host, &customer);
    session.local = dx->customer_address;
    session.remote = dx->aws_address;
    session.bfd_interval = dx->bfd.interval;
    session.bfd_multiplier = dx->bfd.multiplier;
    link->end[0].peer = hs_customer_gateway_add_dx(
        gateway->model, &port, &customer, dx->vif == HS_VIF_PUBLIC, &advertised,
        &session, &link->end[0].port);
    if (dx->vif == HS_VIF_PUBLIC)
        hs_customer_gateway_announce(gateway->model, link->end[0].peer,
                                     dx->announce.values, dx->announce.count,
                                     dx->announce_extra);
    else
        hs_customer_gateway_set_announced(
            gateway->model, link->end[0].peer, dx->announce.values,
            dx->announce.count, dx->announce_extra);
}

static WorldLink *
build_vif(HsWorld *world, const HsDx *dx, WorldNode *gateway,
          WorldNode *endpoint)
{
    WorldLink *link = hs_world_add_link(
        world,
        &(WorldLinkConfig){
            .name = dx->element.name, .settings = dx->link, .kind = HS_LINK_DX},
        gateway, endpoint);
    HsPrefix aws = on(&dx->aws_address, &dx->peer);
    HsPortConfig port;

    if (!hs_world_is_real(world, &dx->site->port))
        join_customer(dx, link, gateway);
    hs_sim_host_add_address(endpoint->host, &aws);
    port = hs_world_port(link, 1);
    link->end[1].port = hs_dx_endpoint_add_vif(endpoint->model, &port, &aws);
    return link;
}

void
hs_world_build_dx(HsWorld *world, const HsDx *dx)
{
    g_autofree char *name = hs_world_name_of(&dx->element, "aws");
    WorldNode *site =
        hs_world_customer_gateway(world, dx->site, dx->physical.router);
    WorldNode *vgw = hs_world_find_node(world, dx->gateway->element.name);
    WorldNode *node = hs_world_add_node(world, name, true, HS_WORLD_HOST_MTU);
    HsDxEndpoint *endpoint = hs_dx_endpoint_new(
        hs_world_env(node),
        &(HsEndpointConfig){.name = node->name,
                            .fib_delay = dx->gateway->fib_delay,
                            .carrier_delay = dx->gateway->carrier_delay});
    HsControlPeerConfig session = {
        .name = dx->element.name,
        .tag = HS_VGW_DX,
        .local = dx->aws_address,
        .remote = dx->customer_address,
        .remote_as = dx->aws_remote_asn,
        .keepalive = dx->aws.keepalive,
        .hold = dx->aws.hold,
        .has_med = true,
        .med = dx->aws.med,
        .bfd_interval = dx->aws_bfd.interval,
        .bfd_multiplier = dx->aws_bfd.multiplier,
    };
    WorldLink *vif, *backbone;
    HsPortConfig port;

    hs_world_set_router(node, hs_dx_endpoint_router(endpoint), endpoint,
                        (GDestroyNotify)hs_dx_endpoint_free, 1);
    vif = build_vif(world, dx, site, node);
    hs_dx_endpoint_session(endpoint, vif->end[1].port, &session);
    if (dx->vif == HS_VIF_PUBLIC) {
        vif->end[1].peer = hs_dx_endpoint_add_public_session(
            endpoint, &dx->aws_address, &session);
        return;
    }
    backbone =
        hs_world_add_backbone(world, &dx->element, "backbone", node, vgw);
    port = hs_world_port(backbone, 0);
    backbone->end[0].port =
        hs_dx_endpoint_add_backbone(endpoint, &port, &dx->gateway->vpc->cidr);
    port = hs_world_port(backbone, 1);
    port.name = dx->element.name;
    backbone->end[1].port = hs_vgw_add_endpoint(vgw->model, &port);
    session.egress = backbone->end[1].port;
    vif->end[1].peer = hs_vgw_add_session(vgw->model, &session);
}
