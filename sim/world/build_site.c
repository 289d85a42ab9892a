/* A site: its customer gateway, and the way from it into the internet. */

#include "config.h"

#include "sim/world/private.h"

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

void
hs_world_build_site(HsWorld *world, const HsOnprem *site)
{
    g_autofree char *name = hs_world_name_of(&site->element, "gateway");
    bool real = hs_world_is_real(world, &site->port);
    WorldNode *node = hs_world_add_node(world, name, !real, HS_WORLD_HOST_MTU);
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
    hs_world_add_table(node, "inside", 0, hs_customer_gateway_speaker(gateway));
}

void
hs_world_build_uplink(HsWorld *world, const HsOnprem *site,
                      const HsInternet *internet)
{
    g_autofree char *name = hs_world_name_of(&site->element, "uplink");
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
