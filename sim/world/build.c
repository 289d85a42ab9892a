/* From the scenario's elements to nodes and links.
 *
 *     client ── app ── vgw ── primary.aws ══ DX ══ dc.gateway ── server
 *                        ├── backup.tunnel1.aws ── internet.aws ── internet ──┘
 *                        └── backup.tunnel2.aws ──┘
 *
 * A site is its customer gateway and its hosts; a VPC its router and its hosts;
 * a gateway is its router and an endpoint for each virtual interface and
 * tunnel; the internet is the two edges of it, with the link between them. A
 * tunnel over DX leaves the customer gateway by the public virtual interface
 * and ends on an endpoint behind it. */

#include "config.h"

#include "sim/world/private.h"

/* Between AWS's own nodes. Departure: AWS publishes nothing about its
 * backbone; it is assumed fast, short and never full. */
#define BACKBONE_RATE  UINT64_C(100000000000)
#define BACKBONE_DELAY HS_USEC(50)
#define BACKBONE_MTU   9001
#define BACKBONE_QUEUE 10000

char *
hs_world_name_of(const HsElement *element, const char *suffix)
{
    return g_strdup_printf("%s.%s", element->name, suffix);
}

WorldNode *
hs_world_node_of(const HsWorld *world, const HsElement *element,
                 const char *suffix)
{
    g_autofree char *name = hs_world_name_of(element, suffix);
    WorldNode *node = hs_world_find_node(world, name);

    g_assert(node != NULL);
    return node;
}

void
hs_world_add_route(HsRouter *router, unsigned vrf, const HsAddr *address,
                   unsigned port)
{
    HsPrefix prefix = hs_prefix_of(address);
    HsNexthop hop = {.port = port};

    hs_router_route_set(router, vrf, &prefix, &hop, 1, "static");
}

WorldLink *
hs_world_add_long_backbone(HsWorld *world, const HsElement *element,
                           const char *suffix, HsDuration delay, WorldNode *a,
                           WorldNode *b)
{
    g_autofree char *name = hs_world_name_of(element, suffix);

    return hs_world_add_link(
        world,
        &(WorldLinkConfig){.name = name,
                           .settings = {.rate = BACKBONE_RATE,
                                        .delay = delay,
                                        .mtu = BACKBONE_MTU,
                                        .queue = BACKBONE_QUEUE},
                           .kind = HS_LINK_OTHER,
                           .trusted = true},
        a, b);
}

WorldLink *
hs_world_add_backbone(HsWorld *world, const HsElement *element,
                      const char *suffix, WorldNode *a, WorldNode *b)
{
    return hs_world_add_long_backbone(world, element, suffix, BACKBONE_DELAY, a,
                                      b);
}

/* Departure: AWS publishes nothing about it but the quota of an attachment,
 * which no link here reaches. */
WorldLink *
hs_world_add_peering(HsWorld *world, const HsPeering *peering)
{
    return hs_world_add_link(
        world,
        &(WorldLinkConfig){.name = peering->element.name,
                           .settings = {.rate = BACKBONE_RATE,
                                        .delay = peering->delay,
                                        .mtu = peering->mtu,
                                        .queue = BACKBONE_QUEUE},
                           .kind = HS_LINK_OTHER,
                           .trusted = true}, /* AWS encrypts it */
        hs_world_find_node(world, peering->ends[0]->name),
        hs_world_find_node(world, peering->ends[1]->name));
}

/* Everything, in the scenario's order of kinds */

static void
start_sessions(HsWorld *world)
{
    const HsOnprem *site;
    const HsGateway *gateway;
    const HsDxgw *dxgw;
    const HsDx *dx;
    const HsVpn *vpn;

    for (unsigned i = 0; (gateway = hs_scenario_gateway(world->scenario, i));
         i++)
        hs_aws_gateway_start(
            hs_world_find_node(world, gateway->element.name)->gateway);
    for (unsigned i = 0; (dxgw = hs_scenario_dxgw(world->scenario, i)); i++)
        hs_dxgw_start(hs_world_find_node(world, dxgw->element.name)->model);
    hs_world_start_public(world);
    for (unsigned i = 0; (dx = hs_scenario_dx(world->scenario, i)); i++)
        hs_dx_endpoint_start(
            hs_world_node_of(world, &dx->element, "aws")->model);
    for (unsigned i = 0; (vpn = hs_scenario_vpn(world->scenario, i)); i++)
        for (unsigned tunnel = 0; tunnel < vpn->tunnels; tunnel++) {
            g_autofree char *suffix =
                g_strdup_printf("tunnel%u.aws", tunnel + 1);

            hs_vpn_endpoint_start(
                hs_world_node_of(world, &vpn->element, suffix)->model);
        }
    for (unsigned i = 0; (site = hs_scenario_onprem(world->scenario, i)); i++)
        hs_world_start_site(world, site);
}

void
hs_world_build(HsWorld *world)
{
    const HsScenario *scenario = world->scenario;
    const HsAssociation *association;
    const HsConnection *connection;
    const HsFirewall *firewall;
    const HsInternet *internet;
    const HsDxgw *dxgw;
    const HsGateway *gateway;
    const HsPeering *peering;
    const HsOnprem *site;
    const HsVpc *vpc;
    const HsVpn *vpn;
    const HsDx *dx;

    /* DX gateways first: they are taken down before what is associated. */
    for (unsigned i = 0; (dxgw = hs_scenario_dxgw(scenario, i)); i++)
        hs_world_build_dxgw(world, dxgw);
    for (unsigned i = 0; (gateway = hs_scenario_gateway(scenario, i)); i++)
        hs_world_build_gateway(world, gateway);
    for (unsigned i = 0; (peering = hs_scenario_peering(scenario, i)); i++)
        hs_world_build_tgw_peering(world, peering);
    for (unsigned i = 0; (vpc = hs_scenario_vpc(scenario, i)); i++)
        hs_world_build_vpc(world, vpc);
    for (unsigned i = 0; (peering = hs_scenario_peering(scenario, i)); i++)
        hs_world_build_vpc_peering(world, peering);
    for (unsigned i = 0; (site = hs_scenario_onprem(scenario, i)); i++)
        hs_world_build_site(world, site);
    for (unsigned i = 0; (association = hs_scenario_association(scenario, i));
         i++)
        hs_world_build_association(world, association);
    for (unsigned i = 0; (connection = hs_scenario_connection(scenario, i));
         i++)
        hs_world_build_connection(world, connection);
    hs_world_build_public(world);
    for (unsigned i = 0; (dx = hs_scenario_dx(scenario, i)); i++)
        hs_world_build_dx(world, dx);
    for (unsigned i = 0; (internet = hs_scenario_internet(scenario, i)); i++)
        hs_world_build_internet(world, internet);
    for (unsigned i = 0; (vpn = hs_scenario_vpn(scenario, i)); i++) {
        if (vpn->underlay_internet != NULL)
            hs_world_build_uplink(world, vpn->site, vpn->router,
                                  vpn->underlay_internet);
        for (unsigned tunnel = 0; tunnel < vpn->tunnels; tunnel++)
            hs_world_build_tunnel(world, vpn, tunnel);
    }
    for (unsigned i = 0; (site = hs_scenario_onprem(scenario, i)); i++)
        hs_world_build_core(world, site);
    for (unsigned i = 0; (firewall = hs_scenario_firewall(scenario, i)); i++)
        hs_world_build_firewall(world, firewall);
    for (unsigned i = 0; (vpc = hs_scenario_vpc(scenario, i)); i++) {
        hs_world_build_nat(world, vpc);
        hs_world_route_vpc(world, vpc);
    }
    start_sessions(world);
}
