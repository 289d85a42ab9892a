#include "config.h"

#include "models/onprem/customer_gateway.h"

#define VRF_INSIDE     0
#define TCP_IP_HEADERS 40
#define EXTRA_BASE     UINT32_C(0xc6120000) /* RFC 2544: 198.18.0.0/15 */

/* Of a session to AWS: what may be told there. */
typedef struct {
    HsCustomerGateway *gateway;   /* borrowed */
    const HsControlPeer *session; /* borrowed */
    HsControl *control;           /* borrowed: who originates it */
    GArray *prefixes;             /* HsPrefix */
} Announced;

/* Routes into a tunnel without a session. Its tag is its number. */
typedef struct {
    HsCustomerGateway *gateway; /* borrowed */
    const char *name;           /* interned: "backup.tunnel1 static" */
    unsigned port;
    GArray *prefixes; /* HsPrefix */
    BgpAttrs *attrs;  /* owned */
} StaticRoutes;

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
    uint16_t mss_clamp;       /* of the LAN; 0: none */
    GPtrArray *announced;     /* Announced *, owned */
    GPtrArray *static_routes; /* StaticRoutes *, owned */
    bool has_lan;             /* the LAN's prefix can be reached */
};

/* The choice among the ways to AWS */

/* As bgp_compare_rfc(), but a static route into a tunnel is a floating one: it
 * stands among those of BGP by its local preference, and not before them all.
 */
static int
compare(const BgpRoute *a, const BgpRoute *b, const void *user_data,
        BgpVerdict *ret_verdict)
{
    uint32_t of_a = a->attrs->has_local_pref ? a->attrs->local_pref
                                             : BGP_LOCAL_PREF_DEFAULT;
    uint32_t of_b = b->attrs->has_local_pref ? b->attrs->local_pref
                                             : BGP_LOCAL_PREF_DEFAULT;

    if (a->source != BGP_SOURCE_LOCAL && b->source != BGP_SOURCE_LOCAL &&
        (a->source == BGP_SOURCE_STATIC) != (b->source == BGP_SOURCE_STATIC) &&
        of_a != of_b) {
        *ret_verdict = (BgpVerdict){.step = BGP_STEP_LOCAL_PREF};
        return of_a > of_b ? -1 : 1;
    }
    return bgp_compare_rfc(a, b, user_data, ret_verdict);
}

/* The best route goes by the ports of the peers that gave it, or into the
 * tunnel that it is a static route of. */
static HsNexthop
hop_of(const HsCustomerGateway *gateway, const BgpPath *path)
{
    const HsControlPeer *peer = hs_control_path_peer(path);

    if (peer == NULL) {
        const StaticRoutes *routes = gateway->static_routes->pdata[path->tag];

        return (HsNexthop){.port = routes->port};
    }
    return (HsNexthop){.port = hs_control_peer_config(peer)->egress,
                       .gateway = hs_control_peer_config(peer)->remote};
}

static void
install(HsCustomerGateway *gateway, unsigned vrf, const HsPrefix *prefix,
        const BgpPath *paths, unsigned n)
{
    HsNexthop hops[BGP_MULTIPATH_MAX];

    if (n == 0 || paths[0].source == BGP_SOURCE_LOCAL) {
        hs_router_route_remove(gateway->router, vrf, prefix);
        return;
    }
    for (unsigned i = 0; i < n; i++)
        hops[i] = hop_of(gateway, &paths[i]);
    hs_router_route_set(gateway->router, vrf, prefix, hops, n,
                        paths[0].peer != NULL ? "bgp" : "static");
}

/* What a gateway announces is true only while the LAN is behind it. The LAN's
 * own prefix comes and goes by itself. */
static void
originate_all(HsCustomerGateway *gateway)
{
    for (guint i = 0; i < gateway->announced->len; i++) {
        const Announced *announced = gateway->announced->pdata[i];

        for (guint n = 0; n < announced->prefixes->len; n++) {
            const HsPrefix *prefix =
                &g_array_index(announced->prefixes, HsPrefix, n);

            if (announced->control != gateway->inside ||
                hs_prefix_equal(prefix, &gateway->config.prefix))
                continue;
            if (gateway->has_lan)
                hs_control_originate(announced->control, prefix);
            else
                hs_control_withdraw(announced->control, prefix);
        }
    }
}

static void
inside_changed(void *user_data, const HsPrefix *prefix, const BgpPath *paths,
               unsigned n)
{
    HsCustomerGateway *gateway = user_data;

    install(gateway, VRF_INSIDE, prefix, paths, n);
    if (!gateway->config.behind_core ||
        !hs_prefix_equal(prefix, &gateway->config.prefix) ||
        gateway->has_lan == (n > 0))
        return;
    gateway->has_lan = n > 0;
    originate_all(gateway);
}

static void
outside_changed(void *user_data, const HsPrefix *prefix, const BgpPath *paths,
                unsigned n)
{
    HsCustomerGateway *gateway = user_data;

    install(gateway, gateway->vrf_outside, prefix, paths, n);
}

static const char *
name_of_static(void *user_data, int tag)
{
    const HsCustomerGateway *gateway = user_data;
    const StaticRoutes *routes = gateway->static_routes->pdata[tag];

    return routes->name;
}

static HsControl *
new_control(HsCustomerGateway *gateway,
            void (*changed)(void *user_data, const HsPrefix *prefix,
                            const BgpPath *paths, unsigned n))
{
    return hs_control_new(gateway->env,
                          &(HsControlConfig){
                              .speaker = {.asn = gateway->config.asn,
                                          .router_id = hs_addr_to_ipv4(
                                              &gateway->config.router_id),
                                          .compare = compare},
                              .paths_changed = changed,
                              .name_of = name_of_static,
                              .user_data = gateway,
                          });
}

static void
announced_free(void *data)
{
    Announced *announced = data;

    g_array_unref(announced->prefixes);
    g_free(announced);
}

static void
static_routes_free(void *data)
{
    StaticRoutes *routes = data;

    g_array_unref(routes->prefixes);
    bgp_attrs_unref(routes->attrs);
    g_free(routes);
}

HsCustomerGateway *
hs_customer_gateway_new(HsEnv *env, const HsCustomerGatewayConfig *config)
{
    HsCustomerGateway *gateway = g_new0(HsCustomerGateway, 1);

    gateway->env = env;
    gateway->config = *config;
    gateway->announced = g_ptr_array_new_with_free_func(announced_free);
    gateway->static_routes = g_ptr_array_new_with_free_func(static_routes_free);
    gateway->router =
        hs_router_new(env, &(HsRouterConfig){.name = config->name,
                                             .fib_delay = config->fib_delay});
    gateway->vrf_outside = hs_router_add_vrf(gateway->router, "outside");
    gateway->bfd = hs_bfd_service_new(env, gateway->router);
    gateway->ipsec = hs_ipsec_new(env, gateway->router);
    gateway->ike = hs_ike_service_new(env, gateway->ipsec);
    gateway->inside = new_control(gateway, inside_changed);
    gateway->has_lan = !config->behind_core;
    if (gateway->has_lan)
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
    g_ptr_array_unref(gateway->announced);
    g_ptr_array_unref(gateway->static_routes);
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

void
hs_customer_gateway_add_loopback(HsCustomerGateway *gateway, const char *name,
                                 bool outside, const HsAddr *address)
{
    HsPrefix own = hs_prefix_of(address);

    add_port(gateway, &(HsPortConfig){.name = name},
             outside ? gateway->vrf_outside : VRF_INSIDE, &own);
}

/* Sessions */

/* No transit: what AWS told us is not for AWS. */
static bool
may_tell_aws(void *data, const BgpRoute *route)
{
    const Announced *announced = data;

    if (route->source != BGP_SOURCE_LOCAL &&
        (route->source != BGP_SOURCE_IBGP || route->attrs->as_path != NULL))
        return false;
    for (guint i = 0; i < announced->prefixes->len; i++)
        if (hs_prefix_equal(&g_array_index(announced->prefixes, HsPrefix, i),
                            &route->prefix))
            return true;
    return false;
}

/* The rest of the site is told what is outside it; the LAN is the core's. */
static bool
may_tell_neighbour(void *data, const BgpRoute *route)
{
    (void)data;
    return route->source != BGP_SOURCE_LOCAL;
}

static HsControlPeer *
add_peer(HsCustomerGateway *gateway, HsControl *control, unsigned port,
         const HsPrefix *subnet, const HsControlPeerConfig *given)
{
    HsControlPeerConfig session = *given;

    session.env = gateway->env;
    session.router = gateway->router;
    session.subnet = *subnet;
    session.port = port;
    session.egress = port;
    session.preset = gateway->config.preset;
    session.bfd = gateway->bfd;
    session.carrier_delay = gateway->config.carrier_delay;
    return hs_control_add_peer(control, &session);
}

/* What every session to AWS has in common. */
static HsControlPeer *
add_session(HsCustomerGateway *gateway, HsControl *control, unsigned port,
            const HsPrefix *subnet, const HsPrefix *prefix,
            const HsControlPeerConfig *given)
{
    HsControlPeerConfig session = *given;
    Announced *announced = g_new0(Announced, 1);
    HsControlPeer *peer;

    announced->gateway = gateway;
    announced->control = control;
    announced->prefixes = g_array_new(FALSE, FALSE, sizeof(HsPrefix));
    g_array_append_val(announced->prefixes, *prefix);
    g_ptr_array_add(gateway->announced, announced);
    /* What AWS knows of our own network it has from us: a static route of a
     * VPN, for example, which a VGW tells all its sessions. */
    session.refused = gateway->config.prefix;
    session.may_tell = may_tell_aws;
    session.may_tell_data = announced;
    peer = add_peer(gateway, control, port, subnet, &session);
    announced->session = peer;
    return peer;
}

HsControlPeer *
hs_customer_gateway_add_neighbour(HsCustomerGateway *gateway,
                                  const HsPortConfig *port,
                                  const HsPrefix *address,
                                  const HsControlPeerConfig *given,
                                  unsigned *ret_port)
{
    HsControlPeerConfig session = *given;

    *ret_port = add_port(gateway, port, VRF_INSIDE, address);
    session.remote_as = gateway->config.asn;
    session.next_hop_self = true;
    session.best_external = true;
    session.may_tell = may_tell_neighbour;
    return add_peer(gateway, gateway->inside, *ret_port, address, &session);
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
                           &gateway->config.prefix, session);
    if (gateway->outside == NULL)
        gateway->outside = new_control(gateway, outside_changed);
    hs_control_originate(gateway->outside, advertised);
    return add_session(gateway, gateway->outside, *ret_port, address,
                       advertised, session);
}

static Announced *
announced_of(HsCustomerGateway *gateway, const HsControlPeer *session)
{
    for (guint i = 0; i < gateway->announced->len; i++) {
        Announced *announced = gateway->announced->pdata[i];

        if (announced->session == session)
            return announced;
    }
    g_assert_not_reached();
}

static void
announce(Announced *announced, const HsPrefix *prefix)
{
    const HsCustomerGateway *gateway = announced->gateway;

    g_array_append_val(announced->prefixes, *prefix);
    if (announced->control != gateway->inside ||
        (gateway->has_lan && !hs_prefix_equal(prefix, &gateway->config.prefix)))
        hs_control_originate(announced->control, prefix);
}

void
hs_customer_gateway_announce(HsCustomerGateway *gateway, HsControlPeer *session,
                             const HsPrefix *prefixes, unsigned n,
                             unsigned extra)
{
    Announced *announced = announced_of(gateway, session);

    for (unsigned i = 0; i < n; i++)
        announce(announced, &prefixes[i]);
    for (unsigned i = 0; i < extra; i++) {
        HsPrefix prefix = {.addr = hs_addr_ipv4(EXTRA_BASE + i * 256),
                           .length = 24};

        announce(announced, &prefix);
    }
}

void
hs_customer_gateway_set_announced(HsCustomerGateway *gateway,
                                  HsControlPeer *session,
                                  const HsPrefix *prefixes, unsigned n,
                                  unsigned extra)
{
    g_array_set_size(announced_of(gateway, session)->prefixes, 0);
    hs_customer_gateway_announce(gateway, session, prefixes, n, extra);
}

/* Tunnels */

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

uint16_t
hs_customer_gateway_mss_clamp(const HsCustomerGateway *gateway)
{
    return gateway->mss_clamp;
}

HsIkeTunnel *
hs_customer_gateway_add_vpn(HsCustomerGateway *gateway,
                            const HsIkeTunnelConfig *given,
                            bool inside_underlay, size_t clamp_mtu,
                            const HsControlPeerConfig *session)
{
    HsIkeTunnelConfig config = *given;
    HsIkeTunnel *tunnel;
    unsigned port;

    config.tunnel.inside_vrf = VRF_INSIDE;
    config.tunnel.outside_vrf =
        inside_underlay ? VRF_INSIDE : gateway->vrf_outside;
    tunnel = hs_ike_service_add(gateway->ike, &config);
    port = hs_tunnel_port(hs_ike_tunnel_ipsec(tunnel));
    clamp_to(gateway, clamp_mtu);
    if (session != NULL)
        hs_ike_tunnel_set_session(
            tunnel,
            add_session(gateway, gateway->inside, port, &config.tunnel.address,
                        &gateway->config.prefix, session));
    return tunnel;
}

static void
static_tunnel_changed(void *user_data, bool up)
{
    const StaticRoutes *routes = user_data;
    HsCustomerGateway *gateway = routes->gateway;
    guint tag;
    bool found = g_ptr_array_find(gateway->static_routes, routes, &tag);

    g_assert(found);
    for (guint i = 0; i < routes->prefixes->len; i++) {
        const HsPrefix *prefix = &g_array_index(routes->prefixes, HsPrefix, i);

        if (up)
            hs_control_inject(gateway->inside, prefix, routes->attrs, (int)tag);
        else
            hs_control_eject(gateway->inside, prefix, (int)tag);
    }
}

void
hs_customer_gateway_add_static(HsCustomerGateway *gateway, HsIkeTunnel *tunnel,
                               const HsPrefix *prefixes, unsigned n,
                               uint32_t local_preference, uint32_t metric)
{
    StaticRoutes *routes = g_new0(StaticRoutes, 1);
    g_autofree char *name =
        g_strdup_printf("%s static", hs_ike_tunnel_name(tunnel));

    routes->gateway = gateway;
    routes->name = g_intern_string(name);
    routes->port = hs_tunnel_port(hs_ike_tunnel_ipsec(tunnel));
    routes->prefixes = g_array_new(FALSE, FALSE, sizeof(HsPrefix));
    g_array_append_vals(routes->prefixes, prefixes, n);
    routes->attrs = bgp_attrs_new();
    routes->attrs->has_local_pref = true;
    routes->attrs->local_pref = local_preference;
    routes->attrs->has_med = true;
    routes->attrs->med = metric;
    g_ptr_array_add(gateway->static_routes, routes);
    hs_ike_tunnel_set_listener(tunnel, static_tunnel_changed, routes);
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
                       &config.address, &gateway->config.prefix, session);
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

const BgpSpeaker *
hs_customer_gateway_outside_speaker(const HsCustomerGateway *gateway,
                                    unsigned *ret_vrf)
{
    *ret_vrf = gateway->vrf_outside;
    return gateway->outside != NULL ? hs_control_speaker(gateway->outside)
                                    : NULL;
}

const char *
hs_customer_gateway_route_name(const void *user_data, const BgpRoute *route)
{
    return name_of_static((void *)(uintptr_t)user_data, route->tag);
}
