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
#define INTERNET_MTU     1500 /* EC2 guide, "Network MTU" */

/* What AWS grants on request; a scenario has no more (check_table.c). */
#define STATIC_ROUTES_MAX 1000

static const char *
name_route(const void *table, const BgpRoute *route)
{
    return hs_vpc_table_target(table, route)->name;
}

static void
attach(HsWorld *world, const HsVpc *vpc, HsVpcRouter *router,
       const HsGateway *gateway)
{
    const HsTable *table =
        hs_scenario_table_for(world->scenario, NULL, &vpc->element);
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
    if (vgw && (table == NULL || hs_table_propagates(table, &gateway->element)))
        hs_vpc_edge_propagate_into(edge, hs_vpc_main_table(router));
    hs_attachment_set_propagation(attachment, hs_vpc_edge_propagate, edge);
}

/* After the gateways. */
void
hs_world_build_vpc(HsWorld *world, const HsVpc *vpc)
{
    WorldNode *node = hs_world_add_node(world, vpc->element.name, HS_WORLD_VPC,
                                        &vpc->element, false, 0);
    HsVpcConfig config = {
        .name = node->name, .cidr = vpc->cidr, .static_max = STATIC_ROUTES_MAX};
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

/* Between two VPCs; nothing if it is one of TGWs. */
void
hs_world_build_vpc_peering(HsWorld *world, const HsPeering *peering)
{
    WorldLink *link;

    if (peering->ends[0]->kind != HS_KIND_VPC)
        return;
    link = hs_world_add_peering(world, peering);
    for (unsigned i = 0; i < 2; i++) {
        HsPortConfig port = hs_world_port(link, i);
        const HsVpcEdge *edge = hs_vpc_add_edge(link->end[i].node->model,
                                                HS_VPC_TARGET_PEERING, &port);

        link->end[i].port = hs_vpc_edge_target(edge)->port;
    }
}

/* The way to the internet, and what leaves the VPC under an address of its own.
 */

/* To the far edge of the first [internet]; without one it leads nowhere. */
static HsVpcEdge *
add_internet_gateway(HsWorld *world, const HsVpc *vpc, WorldNode *node)
{
    g_autofree char *name = hs_world_name_of(&vpc->element, "internet");
    const HsInternet *internet = hs_scenario_internet(world->scenario, 0);
    HsPortConfig port = {.name = g_intern_string(name)};
    HsVpcEdge *edge;
    WorldNode *far;
    WorldLink *link;

    if (internet == NULL)
        return hs_vpc_add_edge(node->model, HS_VPC_TARGET_INTERNET, &port);
    far = hs_world_node_of(world, &internet->element, "aws");
    link = hs_world_add_link(
        world,
        &(WorldLinkConfig){.name = name,
                           .settings = {.rate = ATTACHMENT_RATE,
                                        .delay = ATTACHMENT_DELAY,
                                        .mtu = INTERNET_MTU,
                                        .queue = ATTACHMENT_QUEUE},
                           .kind = HS_LINK_INTERNET},
        far, node);
    port = hs_world_port(link, 0);
    link->end[0].port = hs_router_add_port(far->router, &port);
    port = hs_world_port(link, 1);
    edge = hs_vpc_add_edge(node->model, HS_VPC_TARGET_INTERNET, &port);
    link->end[1].port = hs_vpc_edge_target(edge)->port;
    return edge;
}

/* The internet knows the way to a public NAT gateway's address. */
static void
route_to_nat(HsWorld *world, const HsVpc *vpc, const HsNatGateway *nat)
{
    g_autofree char *name = hs_world_name_of(&vpc->element, "internet");
    const WorldLink *link = hs_world_find_link(world, name);
    const HsInternet *internet = hs_scenario_internet(world->scenario, 0);

    if (link == NULL)
        return;
    hs_world_add_route(link->end[0].node->router, 0, &nat->address,
                       link->end[0].port);
    hs_world_add_route(
        hs_world_find_node(world, internet->element.name)->router, 0,
        &nat->address, 0);
}

void
hs_world_build_nat(HsWorld *world, const HsVpc *vpc)
{
    WorldNode *node = hs_world_find_node(world, vpc->element.name);
    const HsVpcEdge *internet = NULL;
    const HsNatGateway *nat;
    unsigned added = 0, vrf;
    HsAwsNat *device;
    HsVpcTable *table;

    if (vpc->internet_gateway)
        internet = add_internet_gateway(world, vpc, node);
    for (unsigned i = 0; (nat = hs_scenario_nat_gateway(world->scenario, i));
         i++) {
        bool public = nat->type == HS_NAT_GATEWAY_PUBLIC;

        if (nat->vpc != vpc)
            continue;
        g_assert(!public || internet != NULL); /* see check_gateway.c */
        device =
            hs_vpc_add_nat(node->model,
                           &(HsAwsNatConfig){.name = nat->element.name,
                                             .address = nat->address,
                                             .ports = nat->ports,
                                             .idle_timeout = nat->idle_timeout},
                           public ? hs_vpc_edge_target(internet) : NULL);
        hs_world_add_napt(node, nat->element.name, hs_aws_nat_napt(device));
        table = hs_vpc_nat_table(node->model, added++, &vrf);
        hs_world_add_table(node, nat->element.name, vrf,
                           hs_vpc_table_speaker(table));
        hs_world_name_routes(node, name_route, table);
        if (public)
            route_to_nat(world, vpc, nat);
    }
}

/* Routes */

/* The target that ROUTE names. */
static const HsVpcTarget *
target_of(HsVpcRouter *router, const HsVpc *vpc, const HsTableRoute *route)
{
    g_autofree char *name = NULL;
    const HsVpcEdge *edge;

    if (route->kind == HS_ROUTE_INTERNET)
        name = hs_world_name_of(&vpc->element, "internet");
    else if (route->via->kind == HS_KIND_GATEWAY)
        name = hs_world_name_of(route->via, vpc->element.name);
    else
        name = g_strdup(route->via->name);
    edge = hs_vpc_find_edge(router, g_intern_string(name));
    g_assert(edge != NULL);
    return hs_vpc_edge_target(edge);
}

/* A route of the hosts' subnet. The NAT gateways' subnets have it too, if it
 * does not lead to one of them and they have nothing else there. */
static HsVpcRefusal
add_route(HsVpcRouter *router, const HsPrefix *prefix,
          const HsVpcTarget *target)
{
    HsVpcTable *table;
    unsigned vrf;

    for (unsigned i = 0; (table = hs_vpc_nat_table(router, i, &vrf)); i++)
        if (target->kind != HS_VPC_TARGET_NAT)
            hs_vpc_table_add_static(table, prefix, target);
    return hs_vpc_table_add_static(hs_vpc_main_table(router), prefix, target);
}

/* A VPC without a [table]: what is private and not its own is behind the first
 * transit gateway it is attached to. */
static void
add_implied_routes(HsWorld *world, const HsVpc *vpc, HsVpcRouter *router)
{
    static const HsPrefix private[] = {
        {.addr = {HS_FAMILY_IPV4, {10}}, .length = 8},
        {.addr = {HS_FAMILY_IPV4, {172, 16}}, .length = 12},
        {.addr = {HS_FAMILY_IPV4, {192, 168}}, .length = 16},
    };
    const HsGateway *gateway;
    HsTableRoute route = {.kind = HS_ROUTE_VIA};

    for (unsigned i = 0; (gateway = hs_scenario_gateway(world->scenario, i)) &&
                         route.via == NULL;
         i++)
        if (gateway->type == HS_GATEWAY_TGW &&
            hs_elements_have(&gateway->attach, &vpc->element))
            route.via =
                hs_scenario_element(world->scenario, HS_KIND_GATEWAY, i);
    for (unsigned i = 0; i < G_N_ELEMENTS(private) && route.via != NULL; i++)
        if (!hs_prefix_covers(&vpc->cidr, &private[i]))
            add_route(router, &private[i], target_of(router, vpc, &route));
}

void
hs_world_route_vpc(HsWorld *world, const HsVpc *vpc)
{
    HsVpcRouter *router = hs_world_find_node(world, vpc->element.name)->model;
    const HsTable *table =
        hs_scenario_table_for(world->scenario, NULL, &vpc->element);

    if (table == NULL)
        add_implied_routes(world, vpc, router);
    for (unsigned i = 0; table != NULL && i < table->routes.count; i++) {
        const HsTableRoute *route = &table->routes.values[i];
        HsVpcRefusal refusal =
            add_route(router, &route->prefix, target_of(router, vpc, route));

        g_assert(refusal == HS_VPC_REFUSAL_NONE); /* see check_table.c */
    }
}
