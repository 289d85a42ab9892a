#include "config.h"

#include "models/aws/endpoint.h"

/* What comes out of the tunnel goes to the gateway, whatever its destination,
 * and what comes from the gateway into the tunnel: the gateway routes. */
#define VRF_INSIDE 0

struct HsVpnEndpoint {
    HsEnv *env; /* borrowed */
    HsEndpointConfig config;
    HsRouter *router;  /* owned */
    HsIpsec *ipsec;    /* owned */
    HsIkeService *ike; /* owned */
    unsigned vrf_outside, vrf_gateway;
    HsPolicer policers[2]; /* out of the tunnel, into it */
};

static void
route_all(HsVpnEndpoint *endpoint, unsigned vrf, unsigned port)
{
    HsPrefix all = {.addr = hs_addr_ipv4(0)};
    HsNexthop hop = {.port = port};

    hs_router_route_set(endpoint->router, vrf, &all, &hop, 1, "static");
}

HsVpnEndpoint *
hs_vpn_endpoint_new(HsEnv *env, const HsEndpointConfig *config)
{
    HsVpnEndpoint *endpoint = g_new0(HsVpnEndpoint, 1);

    endpoint->env = env;
    endpoint->config = *config;
    endpoint->router =
        hs_router_new(env, &(HsRouterConfig){.name = config->name,
                                             .fib_delay = config->fib_delay});
    endpoint->vrf_outside = hs_router_add_vrf(endpoint->router, "outside");
    endpoint->vrf_gateway = hs_router_add_vrf(endpoint->router, "gateway");
    endpoint->ipsec = hs_ipsec_new(env, endpoint->router);
    endpoint->ike = hs_ike_service_new(env, endpoint->ipsec);
    return endpoint;
}

void
hs_vpn_endpoint_free(HsVpnEndpoint *endpoint)
{
    if (endpoint == NULL)
        return;
    hs_ike_service_free(endpoint->ike);
    hs_ipsec_free(endpoint->ipsec);
    hs_router_free(endpoint->router);
    g_free(endpoint);
}

HsRouter *
hs_vpn_endpoint_router(HsVpnEndpoint *endpoint)
{
    return endpoint->router;
}

HsIpsec *
hs_vpn_endpoint_ipsec(HsVpnEndpoint *endpoint)
{
    return endpoint->ipsec;
}

HsIkeService *
hs_vpn_endpoint_ike(HsVpnEndpoint *endpoint)
{
    return endpoint->ike;
}

unsigned
hs_vpn_endpoint_add_outside(HsVpnEndpoint *endpoint, const HsPortConfig *given,
                            const HsPrefix *address)
{
    HsPortConfig port = *given;
    unsigned number;

    port.vrf = endpoint->vrf_outside;
    port.addresses = address;
    port.n_addresses = 1;
    number = hs_router_add_port(endpoint->router, &port);
    route_all(endpoint, endpoint->vrf_outside, number);
    return number;
}

unsigned
hs_vpn_endpoint_add_backbone(HsVpnEndpoint *endpoint, const HsPortConfig *given)
{
    HsPortConfig port = *given;
    unsigned number;

    port.vrf = endpoint->vrf_gateway;
    number = hs_router_add_port(endpoint->router, &port);
    route_all(endpoint, VRF_INSIDE, number);
    return number;
}

static void
route_into(HsVpnEndpoint *endpoint, const HsTunnel *tunnel)
{
    route_all(endpoint, endpoint->vrf_gateway, hs_tunnel_port(tunnel));
}

HsIkeTunnel *
hs_vpn_endpoint_add_vpn(HsVpnEndpoint *endpoint, const HsIkeTunnelConfig *given)
{
    HsIkeTunnelConfig config = *given;
    HsIkeTunnel *tunnel;

    config.tunnel.inside_vrf = VRF_INSIDE;
    config.tunnel.outside_vrf = endpoint->vrf_outside;
    tunnel = hs_ike_service_add(endpoint->ike, &config);
    route_into(endpoint, hs_ike_tunnel_ipsec(tunnel));
    return tunnel;
}

HsTunnel *
hs_vpn_endpoint_add_tunnel(HsVpnEndpoint *endpoint, const HsTunnelConfig *given)
{
    HsTunnelConfig config = *given;
    HsTunnel *tunnel;

    config.inside_vrf = VRF_INSIDE;
    config.outside_vrf = endpoint->vrf_outside;
    tunnel = hs_ipsec_add_tunnel(endpoint->ipsec, &config);
    route_into(endpoint, tunnel);
    return tunnel;
}

static HsDrop
police(void *user_data, bool leaving, const HsIpv4 *ip, const HsPacket *packet)
{
    HsVpnEndpoint *endpoint = user_data;
    HsPolicer *policer = &endpoint->policers[leaving];
    uint64_t over_rate = policer->counters.over_rate;

    (void)packet;
    if (hs_policer_pass(policer, hs_env_now(endpoint->env), ip->total_length))
        return HS_DROP_NONE;
    return policer->counters.over_rate > over_rate ? HS_DROP_POLICED_RATE
                                                   : HS_DROP_POLICED_PACKETS;
}

void
hs_vpn_endpoint_police(HsVpnEndpoint *endpoint, const HsTunnel *tunnel,
                       const HsPolicerConfig *config)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(endpoint->policers); i++)
        hs_policer_init(&endpoint->policers[i], config,
                        hs_env_now(endpoint->env));
    hs_router_port_set_filter(endpoint->router, hs_tunnel_port(tunnel), police,
                              endpoint);
}

const HsPolicerCounters *
hs_vpn_endpoint_policed(const HsVpnEndpoint *endpoint, bool leaving)
{
    return &endpoint->policers[leaving].counters;
}

/* No BFD: AWS has none in the tunnels. The customer connects (assumed). */
void
hs_vpn_endpoint_session(HsVpnEndpoint *endpoint, const HsTunnel *tunnel,
                        HsControlPeerConfig *session)
{
    session->env = endpoint->env;
    session->router = endpoint->router;
    session->port = hs_tunnel_port(tunnel);
    session->preset = BGP_PRESET_AWS;
    session->passive = true;
    session->carrier_delay = endpoint->config.carrier_delay;
}

void
hs_vpn_endpoint_start(HsVpnEndpoint *endpoint)
{
    hs_ike_service_start(endpoint->ike);
}
