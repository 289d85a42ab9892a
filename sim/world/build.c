/* From the scenario's elements to nodes and links.
 *
 *     client ── vgw ── primary.aws ══ DX ══ dc.gateway ── server
 *                 ├── backup.tunnel1.aws ── internet.aws ── internet ──┘
 *                 └── backup.tunnel2.aws ──┘
 *
 * A site is its customer gateway and its hosts; a gateway is its router and an
 * endpoint for each virtual interface and tunnel; the internet is the two
 * edges of it, with the link between them. A tunnel over DX leaves the customer
 * gateway by the public virtual interface and ends on an endpoint behind it. */

#include "config.h"

#include "sim/world/private.h"

#include "models/aws/vgw_routes.h"

/* Between AWS's own nodes. Departure: AWS publishes nothing about its
 * backbone; it is assumed fast, short and never full. */
#define BACKBONE_RATE  UINT64_C(100000000000)
#define BACKBONE_DELAY HS_USEC(50)
#define BACKBONE_MTU   9001
#define BACKBONE_QUEUE 10000

#define HOST_MTU       1500

static char *
name_of(const HsElement *element, const char *suffix)
{
    return g_strdup_printf("%s.%s", element->name, suffix);
}

WorldNode *
hs_world_node_of(const HsWorld *world, const HsElement *element,
                 const char *suffix)
{
    g_autofree char *name = name_of(element, suffix);
    WorldNode *node = hs_world_find_node(world, name);

    g_assert(node != NULL);
    return node;
}

/* ADDRESS with the length of SUBNET. */
static HsPrefix
on(const HsAddr *address, const HsPrefix *subnet)
{
    return (HsPrefix){.addr = *address, .length = subnet->length};
}

static BgpPreset
preset_of(HsPreset preset)
{
    switch (preset) {
    case HS_PRESET_RFC:
        return BGP_PRESET_RFC;
    case HS_PRESET_FRR:
        return BGP_PRESET_FRR;
    case HS_PRESET_BIRD:
        return BGP_PRESET_BIRD;
    case HS_PRESET_AWS:
        return BGP_PRESET_AWS;
    }
    g_assert_not_reached();
}

/* Elements */

static void
build_site(HsWorld *world, const HsOnprem *site)
{
    g_autofree char *name = name_of(&site->element, "gateway");
    bool real = hs_world_is_real(world, &site->port);
    WorldNode *node = hs_world_add_node(world, name, !real, HOST_MTU);
    HsCustomerGateway *gateway;

    if (real)
        return;
    gateway = hs_customer_gateway_new(hs_world_env(node),
                                      &(HsCustomerGatewayConfig){
                                          .name = node->name,
                                          .asn = site->asn,
                                          .router_id = site->router_id,
                                          .preset = preset_of(site->preset),
                                          .prefix = site->prefix,
                                          .fib_delay = site->fib_delay,
                                          .carrier_delay = site->carrier_delay,
                                      });
    hs_world_set_router(node, hs_customer_gateway_router(gateway), gateway,
                        (GDestroyNotify)hs_customer_gateway_free, 2);
    node->ipsec = hs_customer_gateway_ipsec(gateway);
}

static void
build_gateway(HsWorld *world, const HsGateway *gateway)
{
    WorldNode *node = hs_world_add_node(world, gateway->element.name, false, 0);
    HsVgw *vgw =
        hs_vgw_new(hs_world_env(node), &(HsVgwConfig){
                                           .name = node->name,
                                           .asn = gateway->asn,
                                           .router_id = gateway->router_id,
                                           .cidr = gateway->vpc->cidr,
                                           .convergence = gateway->convergence,
                                           .fib_delay = gateway->fib_delay,
                                       });

    hs_world_set_router(node, hs_vgw_router(vgw), vgw,
                        (GDestroyNotify)hs_vgw_free, 1);
}

void
hs_world_add_route(HsRouter *router, unsigned vrf, const HsAddr *address,
                   unsigned port)
{
    HsPrefix prefix = hs_prefix_of(address);
    HsNexthop hop = {.port = port};

    hs_router_route_set(router, vrf, &prefix, &hop, 1, "static");
}

/* The internet's two edges are routers with a host route for each outside
 * address; sites hang on the near one, AWS's endpoints on the far one. */
static void
build_internet(HsWorld *world, const HsInternet *internet)
{
    g_autofree char *far_name = name_of(&internet->element, "aws");
    const char *names[] = {internet->element.name, far_name};
    WorldNode *nodes[2];
    WorldLink *link;

    for (unsigned i = 0; i < 2; i++) {
        HsRouter *router;

        nodes[i] = hs_world_add_node(world, names[i], false, 0);
        router = hs_router_new(hs_world_env(nodes[i]),
                               &(HsRouterConfig){.name = nodes[i]->name});
        hs_world_set_router(nodes[i], router, router,
                            (GDestroyNotify)hs_router_free, 1);
    }
    link = hs_world_add_link(world,
                             &(WorldLinkConfig){.name = internet->element.name,
                                                .settings = internet->link,
                                                .kind = HS_LINK_INTERNET},
                             nodes[0], nodes[1]);
    for (unsigned i = 0; i < 2; i++) {
        HsPortConfig port = hs_world_port(link, i);

        link->end[i].port = hs_router_add_port(nodes[i]->router, &port);
    }
}

static HsDuration
draw_jitter(void *user_data)
{
    WorldEnd *end = user_data;

    return hs_distribution_draw(end->link->jitter,
                                end->link->jitter_rng[end->number]);
}

static void
set_jitter(HsWorld *world, const HsInternet *internet)
{
    WorldLink *link = hs_world_find_link(world, internet->element.name);

    link->jitter = &internet->jitter;
    for (unsigned i = 0; i < 2; i++) {
        hs_sim_link_set_loss(link->sim, i, internet->loss);
        if (internet->jitter.shape == HS_DISTRIBUTION_NONE)
            continue;
        link->jitter_rng[i] =
            hs_rng_new(world->seed, link->name,
                       i == 0 ? "jitter to AWS" : "jitter to on-premises");
        hs_sim_link_set_jitter(link->sim, i, draw_jitter, &link->end[i],
                               internet->reorder);
    }
}

/* The site's way into the internet, with its outside address. */
static void
build_uplink(HsWorld *world, const HsOnprem *site, const HsInternet *internet)
{
    g_autofree char *name = name_of(&site->element, "uplink");
    WorldNode *gateway = hs_world_node_of(world, &site->element, "gateway");
    WorldNode *edge = hs_world_find_node(world, internet->element.name);
    WorldLink *link;
    HsPortConfig port;
    HsPrefix address = hs_prefix_of(&site->outside);

    if (hs_world_find_link(world, name) != NULL)
        return;
    link = hs_world_add_link(world,
                             &(WorldLinkConfig){.name = name,
                                                .settings = site->uplink,
                                                .kind = HS_LINK_INTERNET},
                             gateway, edge);
    if (!hs_world_is_real(world, &site->port)) {
        port = hs_world_port(link, 0);
        link->end[0].port =
            hs_customer_gateway_add_uplink(gateway->model, &port, &address);
    }
    port = hs_world_port(link, 1);
    link->end[1].port = hs_router_add_port(edge->router, &port);
    hs_world_add_route(edge->router, 0, &site->outside, link->end[1].port);
    hs_world_add_route(
        hs_world_node_of(world, &internet->element, "aws")->router, 0,
        &site->outside, 0);
}

WorldLink *
hs_world_add_backbone(HsWorld *world, const HsElement *element,
                      const char *suffix, WorldNode *a, WorldNode *b)
{
    g_autofree char *name = name_of(element, suffix);

    return hs_world_add_link(
        world,
        &(WorldLinkConfig){.name = name,
                           .settings = {.rate = BACKBONE_RATE,
                                        .delay = BACKBONE_DELAY,
                                        .mtu = BACKBONE_MTU,
                                        .queue = BACKBONE_QUEUE},
                           .kind = HS_LINK_OTHER,
                           .trusted = true},
        a, b);
}

HsControlPeerConfig
hs_world_customer_session(const char *name, const HsBgpTimers *timers,
                          const HsBgpPolicy *policy, uint32_t remote_as)
{
    return (HsControlPeerConfig){
        .name = name,
        .remote_as = remote_as,
        .keepalive = timers->keepalive,
        .hold = timers->hold,
        .has_med = timers->med != 0,
        .med = timers->med,
        .local_preference = policy->local_preference,
        .prepend = policy->prepend,
        .graceful_restart = timers->graceful_restart,
        .communities = policy->communities.values,
        .n_communities = policy->communities.count,
    };
}

/* Direct Connect */

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
        dx->element.name, &dx->customer, &dx->policy, dx->aws_asn);

    hs_sim_host_add_address(gateway->host, &customer);
    session.local = dx->customer_address;
    session.remote = dx->aws_address;
    session.bfd_interval = dx->bfd.interval;
    session.bfd_multiplier = dx->bfd.multiplier;
    link->end[0].peer = hs_customer_gateway_add_dx(
        gateway->model, &port, &customer, dx->vif == HS_VIF_PUBLIC, &advertised,
        &session, &link->end[0].port);
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

static void
build_dx(HsWorld *world, const HsDx *dx)
{
    g_autofree char *name = name_of(&dx->element, "aws");
    WorldNode *site = hs_world_node_of(world, &dx->site->element, "gateway");
    WorldNode *vgw = hs_world_find_node(world, dx->gateway->element.name);
    WorldNode *node = hs_world_add_node(world, name, true, HOST_MTU);
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
        .remote_as = dx->site->asn,
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

/* Everything, in the scenario's order of kinds */

static void
start_sessions(HsWorld *world)
{
    const HsOnprem *site;
    const HsGateway *gateway;
    const HsDx *dx;
    const HsVpn *vpn;

    for (unsigned i = 0; (gateway = hs_scenario_gateway(world->scenario, i));
         i++)
        hs_vgw_start(hs_world_find_node(world, gateway->element.name)->model);
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
        if (!hs_world_is_real(world, &site->port))
            hs_customer_gateway_start(
                hs_world_node_of(world, &site->element, "gateway")->model);
}

void
hs_world_build(HsWorld *world)
{
    const HsScenario *scenario = world->scenario;
    const HsInternet *internet;
    const HsGateway *gateway;
    const HsOnprem *site;
    const HsVpn *vpn;
    const HsDx *dx;

    for (unsigned i = 0; (gateway = hs_scenario_gateway(scenario, i)); i++)
        build_gateway(world, gateway);
    for (unsigned i = 0; (site = hs_scenario_onprem(scenario, i)); i++)
        build_site(world, site);
    for (unsigned i = 0; (dx = hs_scenario_dx(scenario, i)); i++)
        build_dx(world, dx);
    for (unsigned i = 0; (internet = hs_scenario_internet(scenario, i)); i++) {
        build_internet(world, internet);
        set_jitter(world, internet);
    }
    for (unsigned i = 0; (vpn = hs_scenario_vpn(scenario, i)); i++) {
        if (vpn->underlay_internet != NULL)
            build_uplink(world, vpn->site, vpn->underlay_internet);
        for (unsigned tunnel = 0; tunnel < vpn->tunnels; tunnel++)
            hs_world_build_tunnel(world, vpn, tunnel);
    }
    start_sessions(world);
}
