#include "config.h"

#include "models/onprem/core.h"

struct HsCore {
    HsEnv *env; /* borrowed */
    HsCoreConfig config;
    HsRouter *router; /* owned, as all that follow */
    HsBfdService *bfd;
    HsControl *control;
};

static void
best_changed(void *user_data, const HsPrefix *prefix,
             HsControlPeer *const *peers, unsigned n)
{
    HsCore *core = user_data;
    HsNexthop hops[BGP_MULTIPATH_MAX];

    if (n == 0) {
        hs_router_route_remove(core->router, 0, prefix);
        return;
    }
    for (unsigned i = 0; i < n; i++) {
        const HsControlPeerConfig *peer = hs_control_peer_config(peers[i]);

        hops[i] = (HsNexthop){.port = peer->egress, .gateway = peer->remote};
    }
    hs_router_route_set(core->router, 0, prefix, hops, n, "bgp");
}

HsCore *
hs_core_new(HsEnv *env, const HsCoreConfig *config)
{
    HsCore *core = g_new0(HsCore, 1);

    core->env = env;
    core->config = *config;
    core->router =
        hs_router_new(env, &(HsRouterConfig){.name = config->name,
                                             .fib_delay = config->fib_delay});
    core->bfd = hs_bfd_service_new(env, core->router);
    core->control = hs_control_new(
        env, &(HsControlConfig){
                 .speaker = {.asn = config->asn,
                             .router_id = hs_addr_to_ipv4(&config->router_id)},
                 .best_changed = best_changed,
                 .user_data = core,
             });
    hs_control_originate(core->control, &config->prefix);
    return core;
}

void
hs_core_free(HsCore *core)
{
    if (core == NULL)
        return;
    hs_control_free(core->control);
    hs_bfd_service_free(core->bfd);
    hs_router_free(core->router);
    g_free(core);
}

HsRouter *
hs_core_router(HsCore *core)
{
    return core->router;
}

unsigned
hs_core_add_lan(HsCore *core, const HsPortConfig *given,
                const HsPrefix *address, uint16_t mss_clamp)
{
    HsPortConfig port = *given;

    port.addresses = address;
    port.n_addresses = 1;
    port.mss_clamp = mss_clamp;
    return hs_router_add_port(core->router, &port);
}

HsControlPeer *
hs_core_add_gateway(HsCore *core, const HsPortConfig *given_port,
                    const HsPrefix *address, const HsControlPeerConfig *given,
                    unsigned *ret_port)
{
    HsPortConfig port = *given_port;
    HsControlPeerConfig session = *given;

    port.addresses = address;
    port.n_addresses = 1;
    *ret_port = hs_router_add_port(core->router, &port);
    session.env = core->env;
    session.router = core->router;
    session.subnet = *address;
    session.port = session.egress = *ret_port;
    session.remote_as = core->config.asn;
    session.preset = core->config.preset;
    session.passive = true; /* the gateways connect */
    session.own_routes_only = true;
    session.bfd = core->bfd;
    session.carrier_delay = core->config.carrier_delay;
    return hs_control_add_peer(core->control, &session);
}

void
hs_core_start(HsCore *core)
{
    hs_control_start(core->control);
}

void
hs_core_crash(HsCore *core, bool forwarding_lost)
{
    hs_control_crash(core->control, forwarding_lost);
}

void
hs_core_boot(HsCore *core)
{
    hs_control_boot(core->control);
}

const BgpSpeaker *
hs_core_speaker(const HsCore *core)
{
    return hs_control_speaker(core->control);
}
