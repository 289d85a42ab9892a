#include "config.h"

#include "models/aws/public_network.h"

#include "models/aws/dx_routes.h"
#include "models/aws/endpoint.h"

struct HsPublicNetwork {
    HsRouter *router;   /* owned */
    HsControl *control; /* owned */
};

/* A customer cannot take what is AWS's: LOCAL comes first, and has its route
 * already. */
static void
best_changed(void *user_data, const HsPrefix *prefix,
             HsControlPeer *const *peers, unsigned n)
{
    const HsPublicNetwork *network = user_data;
    const BgpSpeaker *speaker = hs_control_speaker(network->control);
    const BgpRoute *best = bgp_speaker_best(speaker, prefix, NULL);
    HsNexthop hops[BGP_MULTIPATH_MAX];

    if (best != NULL && best->source == BGP_SOURCE_LOCAL)
        return;
    for (unsigned i = 0; i < n; i++)
        hops[i] = (HsNexthop){
            .port = hs_control_peer_config(peers[i])->egress,
            .gateway = hs_control_peer_config(peers[i])->remote,
        };
    if (n > 0)
        hs_router_route_set(network->router, 0, prefix, hops, n, "bgp");
    else
        hs_router_route_remove(network->router, 0, prefix);
}

HsPublicNetwork *
hs_public_network_new(HsEnv *env, const HsPublicNetworkConfig *config)
{
    HsPublicNetwork *network = g_new0(HsPublicNetwork, 1);

    network->router = hs_router_new(
        env, &(HsRouterConfig){
                 .name = config->name,
                 .fib_delay = config->convergence + config->fib_delay,
             });
    network->control = hs_control_new(
        env, &(HsControlConfig){
                 .speaker = {.asn = HS_AWS_PUBLIC_AS,
                             .router_id = hs_addr_to_ipv4(&config->router_id),
                             .compare = hs_dx_compare,
                             .multipath = BGP_MULTIPATH_MAX},
                 .best_changed = best_changed,
                 .user_data = network,
             });
    return network;
}

void
hs_public_network_free(HsPublicNetwork *network)
{
    if (network == NULL)
        return;
    hs_control_free(network->control);
    hs_router_free(network->router);
    g_free(network);
}

HsRouter *
hs_public_network_router(HsPublicNetwork *network)
{
    return network->router;
}

const BgpSpeaker *
hs_public_network_speaker(const HsPublicNetwork *network)
{
    return hs_control_speaker(network->control);
}

unsigned
hs_public_network_add_vif(HsPublicNetwork *network, const HsPortConfig *port)
{
    return hs_router_add_port(network->router, port);
}

HsControlPeer *
hs_public_network_add_session(HsPublicNetwork *network,
                              const HsControlPeerConfig *given)
{
    HsControlPeerConfig session = *given;

    hs_aws_public_session(&session);
    return hs_control_add_peer(network->control, &session);
}

unsigned
hs_public_network_add_inside(HsPublicNetwork *network, const HsPortConfig *port,
                             const HsPrefix *inside)
{
    unsigned number = hs_router_add_port(network->router, port);
    HsNexthop hop = {.port = number};

    hs_router_route_set(network->router, 0, inside, &hop, 1, "static");
    hs_control_originate(network->control, inside);
    return number;
}

void
hs_public_network_start(HsPublicNetwork *network)
{
    hs_control_start(network->control);
}
