#include "config.h"

#include "models/onprem/customer_gateway.h"

#define VRF_INSIDE     0
#define TCP_IP_HEADERS 40

struct HsCustomerGateway {
    HsEnv *env; /* borrowed */
    HsCustomerGatewayConfig config;
    HsRouter *router; /* owned, as all that follow */
    HsBfdService *bfd;
    HsIpsec *ipsec;
    HsIkeService *ike;
    HsControl *inside;
    HsControl *outside; /* NULL without a public virtual interface */
    unsigned vrf_outside;
    uint16_t mss_clamp; /* of the LAN; 0: none */
};

/* Both VRFs: the best route goes by the ports of the peers that gave it. */
static void
install(HsCustomerGateway *gateway, unsigned vrf, const HsPrefix *prefix,
        HsControlPeer *const *peers, unsigned n)
{
    HsNexthop hops[BGP_MULTIPATH_MAX];

    if (n == 0) {
        hs_router_route_remove(gateway->router, vrf, prefix);
        return;
    }
    for (unsigned i = 0; i < n; i++) {
        const HsControlPeerConfig *peer = hs_control_peer_config(peers[i]);

        hops[i] = (HsNexthop){.port = peer->egress, .gateway = peer->remote};
    }
    hs_router_route_set(gateway->router, vrf, prefix, hops, n, "bgp");
}

static void
inside_changed(void *user_data, const HsPrefix *prefix,
               HsControlPeer *const *peers, unsigned n)
{
    install(user_data, VRF_INSIDE, prefix, peers, n);
}

static void
outside_changed(void *user_data, const HsPrefix *prefix,
                HsControlPeer *const *peers, unsigned n)
{
    HsCustomerGateway *gateway = user_data;

    install(gateway, gateway->vrf_outside, prefix, peers, n);
}

static HsControl *
new_control(HsCustomerGateway *gateway,
            void (*changed)(void *user_data, const HsPrefix *prefix,
                            HsControlPeer *const *peers, unsigned n))
{
    return hs_control_new(gateway->env,
                          &(HsControlConfig){
                              .speaker = {.asn = gateway->config.asn,
                                          .router_id = hs_addr_to_ipv4(
                                              &gateway->config.router_id)},
                              .best_changed = changed,
                              .user_data = gateway,
                          });
}

HsCustomerGateway *
hs_customer_gateway_new(HsEnv *env, const HsCustomerGatewayConfig *config)
{
    HsCustomerGateway *gateway = g_new0(HsCustomerGateway, 1);

    gateway->env = env;
    gateway->config = *config;
    gateway->router =
        hs_router_new(env, &(HsRouterConfig){.name = config->name,
                                             .fib_delay = config->fib_delay});
    gateway->vrf_outside = hs_router_add_vrf(gateway->router, "outside");
    gateway->bfd = hs_bfd_service_new(env, gateway->router);
    gateway->ipsec = hs_ipsec_new(env, gateway->router);
    gateway->ike = hs_ike_service_new(env, gateway->ipsec);
    gateway->inside = new_control(gateway, inside_changed);
    hs_control_originate(gateway->inside, &config->prefix);
    return gateway;
}

void
hs_customer_gateway_free(HsCustomerGateway *gateway)
{
    if (gateway == NULL)
        return;
    hs_control_free(gateway->outside);
    hs_control_free(gateway->inside);
    /* Sessions that end send their last through the tunnels. */
    hs_ike_service_free(gateway->ike);
    hs_ipsec_free(gateway->ipsec);
    hs_bfd_service_free(gateway->bfd);
    hs_router_free(gateway->router);
    g_free(gateway);
}

HsRouter *
hs_customer_gateway_router(HsCustomerGateway *gateway)
{
    return gateway->router;
}

HsIpsec *
hs_customer_gateway_ipsec(HsCustomerGateway *gateway)
{
    return gateway->ipsec;
}

HsIkeService *
hs_customer_gateway_ike(HsCustomerGateway *gateway)
{
    return gateway->ike;
}

static unsigned
add_port(HsCustomerGateway *gateway, const HsPortConfig *given, unsigned vrf,
         const HsPrefix *address)
{
    HsPortConfig port = *given;

    port.vrf = vrf;
    port.addresses = address;
    port.n_addresses = 1;
    return hs_router_add_port(gateway->router, &port);
}

unsigned
hs_customer_gateway_add_lan(HsCustomerGateway *gateway,
                            const HsPortConfig *given, const HsPrefix *address)
{
    HsPortConfig port = *given;

    port.mss_clamp = gateway->mss_clamp;
    return add_port(gateway, &port, VRF_INSIDE, address);
}

unsigned
hs_customer_gateway_add_uplink(HsCustomerGateway *gateway,
                               const HsPortConfig *port,
                               const HsPrefix *address)
{
    HsPrefix all = {.addr = hs_addr_ipv4(0)};
    HsNexthop hop = {
        .port = add_port(gateway, port, gateway->vrf_outside, address)};

    hs_router_route_set(gateway->router, gateway->vrf_outside, &all, &hop, 1,
                        "static");
    return hop.port;
}

/* What every session of this gateway has in common. */
static HsControlPeer *
add_session(HsCustomerGateway *gateway, HsControl *control, unsigned port,
            const HsPrefix *subnet, const HsControlPeerConfig *given)
{
    HsControlPeerConfig session = *given;

    session.env = gateway->env;
    session.router = gateway->router;
    session.subnet = *subnet;
    session.port = port;
    session.egress = port;
    session.preset = gateway->config.preset;
    session.own_routes_only = true;
    session.bfd = gateway->bfd;
    session.carrier_delay = gateway->config.carrier_delay;
    return hs_control_add_peer(control, &session);
}

HsControlPeer *
hs_customer_gateway_add_dx(HsCustomerGateway *gateway, const HsPortConfig *port,
                           const HsPrefix *address, bool public_vif,
                           const HsPrefix *advertised,
                           const HsControlPeerConfig *session,
                           unsigned *ret_port)
{
    unsigned vrf = public_vif ? gateway->vrf_outside : VRF_INSIDE;

    *ret_port = add_port(gateway, port, vrf, address);
    if (!public_vif)
        return add_session(gateway, gateway->inside, *ret_port, address,
                           session);
    if (gateway->outside == NULL)
        gateway->outside = new_control(gateway, outside_changed);
    hs_control_originate(gateway->outside, advertised);
    return add_session(gateway, gateway->outside, *ret_port, address, session);
}

static void
clamp_to(HsCustomerGateway *gateway, size_t mtu)
{
    uint16_t mss;

    if (mtu <= TCP_IP_HEADERS)
        return;
    mss = (uint16_t)(mtu - TCP_IP_HEADERS);
    if (gateway->mss_clamp == 0 || mss < gateway->mss_clamp)
        gateway->mss_clamp = mss;
}

HsIkeTunnel *
hs_customer_gateway_add_vpn(HsCustomerGateway *gateway,
                            const HsIkeTunnelConfig *given, size_t clamp_mtu,
                            const HsControlPeerConfig *session)
{
    HsIkeTunnelConfig config = *given;
    HsIkeTunnel *tunnel;
    unsigned port;

    config.tunnel.inside_vrf = VRF_INSIDE;
    config.tunnel.outside_vrf = gateway->vrf_outside;
    tunnel = hs_ike_service_add(gateway->ike, &config);
    port = hs_tunnel_port(hs_ike_tunnel_ipsec(tunnel));
    clamp_to(gateway, clamp_mtu);
    hs_ike_tunnel_set_session(tunnel,
                              add_session(gateway, gateway->inside, port,
                                          &config.tunnel.address, session));
    return tunnel;
}

HsControlPeer *
hs_customer_gateway_add_tunnel(HsCustomerGateway *gateway,
                               const HsTunnelConfig *given, size_t clamp_mtu,
                               const HsControlPeerConfig *session,
                               HsTunnel **ret_tunnel)
{
    HsTunnelConfig config = *given;

    config.inside_vrf = VRF_INSIDE;
    config.outside_vrf = gateway->vrf_outside;
    *ret_tunnel = hs_ipsec_add_tunnel(gateway->ipsec, &config);
    clamp_to(gateway, clamp_mtu);
    return add_session(gateway, gateway->inside, hs_tunnel_port(*ret_tunnel),
                       &config.address, session);
}

void
hs_customer_gateway_start(HsCustomerGateway *gateway)
{
    if (gateway->outside != NULL)
        hs_control_start(gateway->outside);
    hs_control_start(gateway->inside);
    hs_ike_service_start(gateway->ike);
}

void
hs_customer_gateway_crash(HsCustomerGateway *gateway, bool forwarding_lost)
{
    if (gateway->outside != NULL)
        hs_control_crash(gateway->outside, forwarding_lost);
    hs_control_crash(gateway->inside, forwarding_lost);
}

void
hs_customer_gateway_boot(HsCustomerGateway *gateway)
{
    if (gateway->outside != NULL)
        hs_control_boot(gateway->outside);
    hs_control_boot(gateway->inside);
}

const BgpSpeaker *
hs_customer_gateway_speaker(const HsCustomerGateway *gateway)
{
    return hs_control_speaker(gateway->inside);
}
