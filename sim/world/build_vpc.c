/* A VPC: a router of its own, and the links from it to what it is attached to.
 *
 *     orders.client ─ app.lan ─ app ─ vgw.app ─ vgw
 *
 * The link of an attachment is named after both, gateway first, as a transit
 * gateway has several VPCs and a VPC may have several gateways. */

#include "config.h"

#include "sim/world/private.h"

#include "models/aws/vpc.h"

/* Departure: a gateway of AWS's is no box somewhere in the region, but in every
 * host of the VPC's; what its link adds to the way is next to nothing. */
#define ATTACHMENT_RATE  UINT64_C(100000000000)
#define ATTACHMENT_DELAY HS_USEC(1)
#define ATTACHMENT_MTU   9001
#define ATTACHMENT_QUEUE 10000

static const char *
name_route(const void *table, const BgpRoute *route)
{
    return hs_vpc_table_target(table, route)->name;
}

static void
attach(HsWorld *world, const HsVpc *vpc, HsVpcRouter *router,
       const HsGateway *gateway)
{
    bool vgw = gateway->type == HS_GATEWAY_VGW;
    g_autofree char *name =
        hs_world_name_of(&gateway->element, vpc->element.name);
    WorldNode *far = hs_world_find_node(world, gateway->element.name);
    HsAttachment *attachment = hs_aws_gateway_attach(
        far->gateway, &(HsAttachmentConfig){.name = vpc->element.name,
                                            .kind = HS_ATTACHMENT_VPC});
    WorldLink *link = hs_world_add_link(
        world,
        &(WorldLinkConfig){.name = name,
                           .settings = {.rate = ATTACHMENT_RATE,
                                        .delay = ATTACHMENT_DELAY,
                                        .mtu = ATTACHMENT_MTU,
                                        .queue = ATTACHMENT_QUEUE},
                           .kind = HS_LINK_OTHER,
                           .trusted = true},
        far, hs_world_find_node(world, vpc->element.name));
    HsAddr first = hs_prefix_host(&vpc->cidr, 1);
    HsPrefix address = hs_prefix_of(&first);
    HsPortConfig port = hs_world_port(link, 1);
    HsVpcEdge *edge = hs_vpc_add_edge(
        router, vgw ? HS_VPC_TARGET_GATEWAY : HS_VPC_TARGET_TRANSIT, &port);

    link->end[1].port = hs_vpc_edge_target(edge)->port;
    port = hs_world_port(link, 0);
    /* What a VGW says about packets is said as by the VPC's router. */
    port.addresses = &address;
    port.n_addresses = vgw;
    link->end[0].port = hs_attachment_add_port(attachment, &port);
    hs_attachment_set_route(attachment, &vpc->cidr, NULL, &link->end[0].port,
                            1);
    if (vgw)
        hs_vpc_edge_propagate_into(edge, hs_vpc_main_table(router));
    hs_attachment_set_propagation(attachment, hs_vpc_edge_propagate, edge);
}

/* After the gateways. */
void
hs_world_build_vpc(HsWorld *world, const HsVpc *vpc)
{
    WorldNode *node = hs_world_add_node(world, vpc->element.name, false, 0);
    HsVpcConfig config = {.name = node->name, .cidr = vpc->cidr};
    const HsGateway *gateway;
    HsVpcRouter *router;

    for (unsigned i = 0; (gateway = hs_scenario_gateway(world->scenario, i));
         i++)
        if (hs_elements_have(&gateway->attach, &vpc->element) &&
            gateway->type == HS_GATEWAY_VGW)
            config.fib_delay = gateway->convergence + gateway->fib_delay;
    router = hs_vpc_new(hs_world_env(node), &config);
    hs_world_set_router(node, hs_vpc_router(router), router,
                        (GDestroyNotify)hs_vpc_free, 0);
    hs_world_add_table(node, "main", 0,
                       hs_vpc_table_speaker(hs_vpc_main_table(router)));
    hs_world_name_routes(node, name_route, hs_vpc_main_table(router));
    for (unsigned i = 0; (gateway = hs_scenario_gateway(world->scenario, i));
         i++)
        if (hs_elements_have(&gateway->attach, &vpc->element))
            attach(world, vpc, router, gateway);
}
