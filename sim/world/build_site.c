/* A site: its customer gateways, the core behind two of them, and the ways into
 * the internet.
 *
 *     server ── dc.core ── core1 ── dc.gateway ── uplink ── internet
 *                  │                    │ interlink
 *                  └────── core2 ── dc.gateway2 ── uplink2 ──┘
 *
 * One gateway alone has the LAN itself. */

#include "config.h"

#include "sim/world/private.h"

#include "models/onprem/firewall.h"
#include "models/onprem/nat.h"

/* RFC 5382 5 and RFC 5508 3.2; what the scenario sets is that of UDP. */
#define NAT_TCP_IDLE  HS_SEC(7440)
#define NAT_ICMP_IDLE HS_SEC(60)

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

static void
crash(void *model, bool forwarding_lost)
{
    hs_customer_gateway_crash(model, forwarding_lost);
}

static void
boot(void *model)
{
    hs_customer_gateway_boot(model);
}

/* Of the second router's nodes and links. */
static char *
numbered(const HsOnprem *site, const char *suffix, unsigned router)
{
    return g_strdup_printf("%s.%s%s", site->element.name, suffix,
                           router == 2 ? "2" : "");
}

WorldNode *
hs_world_customer_gateway(const HsWorld *world, const HsOnprem *site,
                          unsigned router)
{
    g_autofree char *name = numbered(site, "gateway", router);
    WorldNode *node = hs_world_find_node(world, name);

    g_assert(node != NULL);
    return node;
}

static void
build_router(HsWorld *world, const HsOnprem *site, unsigned router)
{
    g_autofree char *name = numbered(site, "gateway", router);
    bool real = hs_world_is_real(world, &site->port);
    WorldNode *node =
        hs_world_add_node(world, name, HS_WORLD_CUSTOMER_GATEWAY,
                          &site->element, !real, HS_WORLD_HOST_MTU);
    HsCustomerGateway *gateway;

    if (real)
        return;
    gateway = hs_customer_gateway_new(
        hs_world_env(node),
        &(HsCustomerGatewayConfig){
            .name = node->name,
            .asn = site->asn,
            .router_id = router == 2 ? site->router2_id : site->router_id,
            .preset = preset_of(site->preset),
            .prefix = site->prefix,
            .behind_core = site->routers == 2,
            .fib_delay = site->fib_delay,
            .carrier_delay = site->carrier_delay,
        });
    hs_world_set_router(node, hs_customer_gateway_router(gateway), gateway,
                        (GDestroyNotify)hs_customer_gateway_free, 2);
    node->ipsec = hs_customer_gateway_ipsec(gateway);
    node->ike = hs_customer_gateway_ike(gateway);
    node->crash = crash;
    node->boot = boot;
    hs_world_add_table(node, "inside", 0, hs_customer_gateway_speaker(gateway));
    hs_world_name_routes(node, hs_customer_gateway_route_name, gateway);
}

void
hs_world_build_site(HsWorld *world, const HsOnprem *site)
{
    for (unsigned router = 1; router <= site->routers; router++)
        build_router(world, site, router);
}

/* The core, once the gateways have all their tunnels */

static HsControlPeerConfig
ibgp_session(const HsOnprem *site, const char *name, const HsAddr *local,
             const HsAddr *remote)
{
    return (HsControlPeerConfig){
        .name = name,
        .local = *local,
        .remote = *remote,
        .keepalive = site->ibgp.keepalive,
        .hold = site->ibgp.hold,
        .graceful_restart = site->ibgp.graceful_restart,
        .bfd_interval = site->ibgp_bfd.interval,
        .bfd_multiplier = site->ibgp_bfd.multiplier,
    };
}

static void
crash_core(void *model, bool forwarding_lost)
{
    hs_core_crash(model, forwarding_lost);
}

static void
boot_core(void *model)
{
    hs_core_boot(model);
}

/* A link of the site, with the NUMBER-th /30 of its core network: the first
 * host is at END 0. */
static WorldLink *
add_core_link(HsWorld *world, const HsOnprem *site, const char *suffix,
              unsigned number, WorldNode *nodes[2], HsPrefix addresses[2])
{
    g_autofree char *name = hs_world_name_of(&site->element, suffix);
    WorldLink *link =
        hs_world_add_link(world,
                          &(WorldLinkConfig){.name = name,
                                             .settings = site->core,
                                             .kind = HS_LINK_LAN,
                                             .trusted = true},
                          nodes[0], nodes[1]);

    for (unsigned i = 0; i < 2; i++) {
        addresses[i] = (HsPrefix){
            .addr = hs_prefix_host(&site->core_cidr, number * 4 + 1 + i),
            .length = 30};
        hs_sim_host_add_address(nodes[i]->host, &addresses[i]);
    }
    return link;
}

static void
join_gateway(const HsOnprem *site, WorldLink *link, unsigned end,
             const HsPrefix addresses[2], bool passive)
{
    HsPortConfig port = hs_world_port(link, end);
    HsControlPeerConfig session = ibgp_session(
        site, link->name, &addresses[end].addr, &addresses[!end].addr);

    session.passive = passive;
    link->end[end].peer = hs_customer_gateway_add_neighbour(
        link->end[end].node->model, &port, &addresses[end], &session,
        &link->end[end].port);
}

static void
join_core(HsWorld *world, const HsOnprem *site, HsCore *core, WorldNode *node,
          unsigned router)
{
    WorldNode *nodes[2] = {node,
                           hs_world_customer_gateway(world, site, router)};
    HsPrefix addresses[2];
    WorldLink *link =
        add_core_link(world, site, router == 1 ? "core1" : "core2", router - 1,
                      nodes, addresses);
    HsPortConfig port = hs_world_port(link, 0);
    HsControlPeerConfig session =
        ibgp_session(site, link->name, &addresses[0].addr, &addresses[1].addr);

    link->end[0].peer = hs_core_add_gateway(core, &port, &addresses[0],
                                            &session, &link->end[0].port);
    join_gateway(site, link, 1, addresses, false);
}

void
hs_world_build_core(HsWorld *world, const HsOnprem *site)
{
    g_autofree char *name = hs_world_name_of(&site->element, "core");
    WorldNode *node, *gateways[2];
    WorldLink *interlink;
    HsPrefix addresses[2];
    HsCore *core;

    if (site->routers < 2)
        return;
    node = hs_world_add_node(world, name, HS_WORLD_CORE, &site->element, true,
                             HS_WORLD_HOST_MTU);
    core = hs_core_new(hs_world_env(node),
                       &(HsCoreConfig){
                           .name = node->name,
                           .asn = site->asn,
                           .router_id = site->core_router_id,
                           .preset = preset_of(site->preset),
                           .prefix = site->prefix,
                           .fib_delay = site->fib_delay,
                           .carrier_delay = site->carrier_delay,
                       });
    hs_world_set_router(node, hs_core_router(core), core,
                        (GDestroyNotify)hs_core_free, 1);
    node->crash = crash_core;
    node->boot = boot_core;
    hs_world_add_table(node, "routes", 0, hs_core_speaker(core));
    for (unsigned router = 1; router <= 2; router++) {
        join_core(world, site, core, node, router);
        gateways[router - 1] = hs_world_customer_gateway(world, site, router);
    }
    interlink = add_core_link(world, site, "interlink", 2, gateways, addresses);
    join_gateway(site, interlink, 0, addresses, false);
    join_gateway(site, interlink, 1, addresses, true);
}

/* Whether BGP runs there is known when all virtual interfaces are built. */
static void
name_outside(WorldNode *node)
{
    unsigned vrf;
    const BgpSpeaker *speaker =
        hs_customer_gateway_outside_speaker(node->model, &vrf);

    hs_world_add_table(node, "outside", vrf, speaker);
}

void
hs_world_start_site(HsWorld *world, const HsOnprem *site)
{
    if (hs_world_is_real(world, &site->port))
        return;
    for (unsigned router = 1; router <= site->routers; router++) {
        WorldNode *node = hs_world_customer_gateway(world, site, router);

        name_outside(node);
        hs_customer_gateway_start(node->model);
    }
    if (site->routers == 2)
        hs_core_start(hs_world_node_of(world, &site->element, "core")->model);
}

/* The LAN */

WorldNode *
hs_world_site_router(const HsWorld *world, const HsOnprem *site)
{
    return site->routers == 2 ? hs_world_node_of(world, &site->element, "core")
                              : hs_world_customer_gateway(world, site, 1);
}

void
hs_world_join_lan(HsWorld *world, const HsOnprem *site, WorldLink *link,
                  unsigned end, const HsPrefix *address)
{
    WorldNode *node = hs_world_site_router(world, site);
    HsPortConfig port = hs_world_port(link, end);
    uint16_t clamp = 0;

    if (hs_world_is_real(world, &site->port))
        return;
    if (site->routers < 2) {
        link->end[end].port =
            hs_customer_gateway_add_lan(node->model, &port, address);
        return;
    }
    for (unsigned router = 1; router <= 2; router++) {
        uint16_t own = hs_customer_gateway_mss_clamp(
            hs_world_customer_gateway(world, site, router)->model);

        if (own != 0 && (clamp == 0 || own < clamp))
            clamp = own;
    }
    link->end[end].port = hs_core_add_lan(node->model, &port, address, clamp);
}

/* Firewalls */

/* The port that NODE's router has under NAME is guarded from now on. */
static void
guard(HsFlowFirewall *firewall, const WorldNode *node, const char *name)
{
    for (unsigned i = 0; i < hs_router_n_ports(node->router); i++)
        if (g_str_equal(hs_router_port_name(node->router, i), name)) {
            hs_router_port_set_filter(node->router, i, hs_flow_firewall_filter,
                                      firewall);
            return;
        }
    g_assert_not_reached();
}

static void
guard_vpn(const HsWorld *world, HsFlowFirewall *firewall, const HsVpn *vpn)
{
    for (unsigned i = 0; i < vpn->tunnels; i++) {
        g_autofree char *tunnel =
            g_strdup_printf("%s.tunnel%u", vpn->element.name, i + 1);

        guard(firewall,
              hs_world_customer_gateway(world, vpn->site, vpn->router), tunnel);
    }
}

/* A node without a router: the firewall is the filter of others' ports. */
void
hs_world_build_firewall(HsWorld *world, const HsFirewall *settings)
{
    WorldNode *node =
        hs_world_add_node(world, settings->element.name, HS_WORLD_FIREWALL,
                          &settings->element, false, 0);
    HsFlowFirewall *firewall = hs_flow_firewall_new(
        hs_world_env(node),
        &(HsFlowFirewallConfig){.name = node->name,
                                .idle_timeout = settings->idle_timeout});

    node->model = firewall;
    node->model_free = (GDestroyNotify)hs_flow_firewall_free;
    if (hs_world_is_real(world, &settings->site->port))
        return;
    for (unsigned i = 0; i < settings->on.count; i++) {
        const HsElement *on = settings->on.values[i];
        const HsDx *dx = (const HsDx *)on;

        if (on->kind == HS_KIND_VPN)
            guard_vpn(world, firewall, (const HsVpn *)on);
        else
            guard(
                firewall,
                hs_world_customer_gateway(world, dx->site, dx->physical.router),
                on->name);
    }
}

/* The internet access */

/* ADDRESS is reached by END of LINK, from everywhere on the internet. */
static void
publish(HsWorld *world, const HsInternet *internet, WorldLink *link,
        unsigned end, const HsAddr *address)
{
    WorldNode *edge = link->end[end].node;

    hs_world_add_route(edge->router, 0, address, link->end[end].port);
    hs_world_add_route(
        hs_world_node_of(world, &internet->element, "aws")->router, 0, address,
        0);
}

/* The device that translates OUTSIDE for the router, and the link to it. */
static WorldNode *
build_nat(HsWorld *world, const HsOnprem *site, unsigned router,
          WorldNode *gateway, const HsAddr *outside)
{
    g_autofree char *name = numbered(site, "nat", router);
    g_autofree char *link_name = numbered(site, "nat-inside", router);
    WorldNode *node =
        hs_world_add_node(world, name, HS_WORLD_NAT, &site->element, false, 0);
    HsNatDevice *device = hs_nat_device_new(
        hs_world_env(node),
        &(HsNatDeviceConfig){.name = node->name,
                             .napt = {.outside = *outside,
                                      .udp_idle = site->nat_timeout,
                                      .tcp_idle = NAT_TCP_IDLE,
                                      .icmp_idle = NAT_ICMP_IDLE}});
    HsAddr inside = hs_world_nat_inside(site);
    HsPrefix address = hs_prefix_of(&inside);
    WorldLink *link;
    HsPortConfig port;

    hs_world_set_router(node, hs_nat_device_router(device), device,
                        (GDestroyNotify)hs_nat_device_free, 2);
    hs_world_add_napt(node, NULL, hs_nat_device_napt(device));
    link = hs_world_add_link(world,
                             &(WorldLinkConfig){.name = link_name,
                                                .settings = site->lan,
                                                .kind = HS_LINK_LAN,
                                                .trusted = true},
                             gateway, node);
    port = hs_world_port(link, 0);
    link->end[0].port =
        hs_customer_gateway_add_uplink(gateway->model, &port, &address);
    port = hs_world_port(link, 1);
    link->end[1].port = hs_nat_device_add_inside(device, &port, &inside);
    return node;
}

HsAddr
hs_world_nat_inside(const HsOnprem *site)
{
    return hs_prefix_host(&site->nat_cidr, 2);
}

void
hs_world_build_uplink(HsWorld *world, const HsOnprem *site, unsigned router,
                      const HsInternet *internet)
{
    g_autofree char *name = numbered(site, "uplink", router);
    WorldNode *near = hs_world_customer_gateway(world, site, router);
    WorldNode *edge = hs_world_find_node(world, internet->element.name);
    const HsAddr *outside =
        router == 2 ? &site->router2_outside : &site->outside;
    bool real = hs_world_is_real(world, &site->port);
    WorldLink *link;
    HsPortConfig port;
    HsPrefix address = hs_prefix_of(outside);

    if (hs_world_find_link(world, name) != NULL)
        return;
    if (site->nat && !real)
        near = build_nat(world, site, router, near, outside);
    link = hs_world_add_link(world,
                             &(WorldLinkConfig){.name = name,
                                                .settings = site->uplink,
                                                .kind = HS_LINK_INTERNET},
                             near, edge);
    port = hs_world_port(link, 0);
    if (site->nat && !real)
        link->end[0].port = hs_nat_device_add_outside(near->model, &port);
    else if (!real)
        link->end[0].port =
            hs_customer_gateway_add_uplink(near->model, &port, &address);
    port = hs_world_port(link, 1);
    link->end[1].port = hs_router_add_port(edge->router, &port);
    publish(world, internet, link, 1, outside);
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
