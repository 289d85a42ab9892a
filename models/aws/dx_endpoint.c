#include "config.h"

#include "models/aws/endpoint.h"

#include "models/aws/vgw.h"
#include "models/bgp/wire.h"

/* Direct Connect quotas: prefixes on a public virtual interface. */
#define PUBLIC_ROUTES_ACCEPTED 1000

/* AS_PATH of AWS's public prefixes: three at least. */
#define PUBLIC_PATH 3

struct HsDxEndpoint {
    HsEnv *env; /* borrowed */
    HsEndpointConfig config;
    HsRouter *router;      /* owned */
    HsBfdService *bfd;     /* owned */
    HsControl *public;     /* owned; NULL on a private virtual interface */
    GArray *inside;        /* HsPrefix: what lies behind the backbone */
    unsigned vif;          /* port */
    unsigned vrf_aws;      /* of the gateways' ports; 0: there is none */
    HsPolicer policers[2]; /* from the customer, to it */
};

static void
route_in(HsDxEndpoint *endpoint, unsigned vrf, const HsPrefix *prefix,
         unsigned port)
{
    HsNexthop hop = {.port = port};

    hs_router_route_set(endpoint->router, vrf, prefix, &hop, 1, "static");
}

static void
route_to(HsDxEndpoint *endpoint, const HsPrefix *prefix, unsigned port)
{
    route_in(endpoint, 0, prefix, port);
}

HsDxEndpoint *
hs_dx_endpoint_new(HsEnv *env, const HsEndpointConfig *config)
{
    HsDxEndpoint *endpoint = g_new0(HsDxEndpoint, 1);

    endpoint->env = env;
    endpoint->config = *config;
    endpoint->router =
        hs_router_new(env, &(HsRouterConfig){.name = config->name,
                                             .fib_delay = config->fib_delay});
    endpoint->bfd = hs_bfd_service_new(env, endpoint->router);
    endpoint->inside = g_array_new(FALSE, FALSE, sizeof(HsPrefix));
    return endpoint;
}

void
hs_dx_endpoint_free(HsDxEndpoint *endpoint)
{
    if (endpoint == NULL)
        return;
    hs_control_free(endpoint->public);
    hs_bfd_service_free(endpoint->bfd);
    hs_router_free(endpoint->router);
    g_array_unref(endpoint->inside);
    g_free(endpoint);
}

HsRouter *
hs_dx_endpoint_router(HsDxEndpoint *endpoint)
{
    return endpoint->router;
}

unsigned
hs_dx_endpoint_add_vif(HsDxEndpoint *endpoint, const HsPortConfig *given,
                       const HsPrefix *address)
{
    HsPortConfig port = *given;

    port.addresses = address;
    port.n_addresses = 1;
    endpoint->vif = hs_router_add_port(endpoint->router, &port);
    return endpoint->vif;
}

static HsDrop
police(void *user_data, bool leaving, const HsIpv4 *ip, const HsPacket *packet)
{
    HsDxEndpoint *endpoint = user_data;

    (void)packet;
    return hs_policer_pass(&endpoint->policers[leaving],
                           hs_env_now(endpoint->env), ip->total_length)
               ? HS_DROP_NONE
               : HS_DROP_POLICED_RATE;
}

void
hs_dx_endpoint_police(HsDxEndpoint *endpoint, uint64_t rate)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(endpoint->policers); i++)
        hs_policer_init(&endpoint->policers[i],
                        &(HsPolicerConfig){.rate = rate},
                        hs_env_now(endpoint->env));
    hs_router_port_set_filter(endpoint->router, endpoint->vif, police,
                              endpoint);
}

const HsPolicerCounters *
hs_dx_endpoint_policed(const HsDxEndpoint *endpoint, bool leaving)
{
    return &endpoint->policers[leaving].counters;
}

static const HsPrefix everything = {.addr = {.family = HS_FAMILY_IPV4}};

unsigned
hs_dx_endpoint_add_backbone(HsDxEndpoint *endpoint, const HsPortConfig *port,
                            const HsPrefix *inside)
{
    unsigned number = hs_router_add_port(endpoint->router, port);

    if (endpoint->inside->len == 0)
        route_to(endpoint, &everything, endpoint->vif);
    route_to(endpoint, inside, number);
    g_array_append_val(endpoint->inside, *inside);
    if (endpoint->public != NULL)
        hs_control_originate(endpoint->public, inside);
    return number;
}

unsigned
hs_dx_endpoint_add_gateway(HsDxEndpoint *endpoint, const HsPortConfig *given)
{
    HsPortConfig port = *given;

    if (endpoint->vrf_aws == 0) {
        endpoint->vrf_aws = hs_router_add_vrf(endpoint->router, "aws");
        route_in(endpoint, endpoint->vrf_aws, &everything, endpoint->vif);
    }
    port.vrf = endpoint->vrf_aws;
    return hs_router_add_port(endpoint->router, &port);
}

void
hs_dx_endpoint_add_destination(HsDxEndpoint *endpoint, unsigned port,
                               const HsPrefix *prefix, bool hairpin)
{
    route_to(endpoint, prefix, port);
    if (hairpin)
        route_in(endpoint, endpoint->vrf_aws, prefix, port);
}

/* AWS waits for the customer: its BGP for the connection (assumed), its BFD
 * for the first packet (user guide: inert until the customer enables it). */
void
hs_dx_endpoint_session(HsDxEndpoint *endpoint, unsigned vif,
                       HsControlPeerConfig *session)
{
    session->env = endpoint->env;
    session->router = endpoint->router;
    session->port = vif;
    session->preset = BGP_PRESET_AWS;
    session->passive = true;
    session->bfd = endpoint->bfd;
    session->bfd_passive = true;
    session->carrier_delay = endpoint->config.carrier_delay;
}

static bool
is_inside(const HsDxEndpoint *endpoint, const HsPrefix *prefix)
{
    for (guint i = 0; i < endpoint->inside->len; i++)
        if (hs_prefix_equal(&g_array_index(endpoint->inside, HsPrefix, i),
                            prefix))
            return true;
    return false;
}

/* The customer's public prefixes all lie behind the one interface; AWS's own
 * behind the backbone. */
static void
public_changed(void *user_data, const HsPrefix *prefix,
               HsControlPeer *const *peers, unsigned n)
{
    HsDxEndpoint *endpoint = user_data;

    if (n > 0)
        route_to(endpoint, prefix, hs_control_peer_config(peers[0])->port);
    else if (!is_inside(endpoint, prefix))
        hs_router_route_remove(endpoint->router, 0, prefix);
}

void
hs_aws_public_session(HsControlPeerConfig *session)
{
    static const uint32_t communities[] = {BGP_NO_EXPORT};

    session->hold_min = HS_SEC(3);
    session->no_hold_zero = true;
    if (session->max_prefixes == 0)
        session->max_prefixes = PUBLIC_ROUTES_ACCEPTED;
    session->max_prefix_hold = HS_AWS_PREFIX_LIMIT_REST;
    session->graceful_restart = HS_AWS_DX_GRACEFUL_RESTART;
    session->own_routes_only = true;
    session->prepend = PUBLIC_PATH - 1;
    session->communities = communities;
    session->n_communities = G_N_ELEMENTS(communities);
}

HsControlPeer *
hs_dx_endpoint_add_public_session(HsDxEndpoint *endpoint,
                                  const HsAddr *router_id,
                                  const HsControlPeerConfig *given)
{
    HsControlPeerConfig session = *given;

    g_assert(endpoint->public == NULL);
    endpoint->public = hs_control_new(
        endpoint->env, &(HsControlConfig){
                           .speaker = {.asn = HS_AWS_PUBLIC_AS,
                                       .router_id = hs_addr_to_ipv4(router_id)},
                           .best_changed = public_changed,
                           .user_data = endpoint,
                       });
    for (guint i = 0; i < endpoint->inside->len; i++)
        hs_control_originate(endpoint->public,
                             &g_array_index(endpoint->inside, HsPrefix, i));
    hs_aws_public_session(&session);
    return hs_control_add_peer(endpoint->public, &session);
}

void
hs_dx_endpoint_start(HsDxEndpoint *endpoint)
{
    if (endpoint->public != NULL)
        hs_control_start(endpoint->public);
}
