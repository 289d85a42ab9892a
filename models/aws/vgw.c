#include "config.h"

#include "models/aws/vgw.h"

#include "models/aws/endpoint.h"
#include "models/aws/vgw_routes.h"

/* Direct Connect quotas; Site-to-Site VPN quotas for a VGW. */
#define ROUTES_ACCEPTED 100

struct HsVgw {
    HsEnv *env; /* borrowed */
    HsVgwConfig config;
    HsRouter *router;   /* owned */
    HsControl *control; /* owned */
};

static void
best_changed(void *user_data, const HsPrefix *prefix,
             HsControlPeer *const *peers, unsigned n)
{
    HsVgw *vgw = user_data;
    HsNexthop hop;

    if (hs_prefix_equal(prefix, &vgw->config.cidr))
        return; /* the VPC's own: connected */
    if (n == 0) {
        hs_router_route_remove(vgw->router, 0, prefix);
        return;
    }
    hop = (HsNexthop){
        .port = hs_control_peer_config(peers[0])->egress,
        .gateway = hs_control_peer_config(peers[0])->remote,
    };
    hs_router_route_set(vgw->router, 0, prefix, &hop, 1, "bgp");
}

HsVgw *
hs_vgw_new(HsEnv *env, const HsVgwConfig *config)
{
    HsVgw *vgw = g_new0(HsVgw, 1);

    vgw->env = env;
    vgw->config = *config;
    vgw->router = hs_router_new(
        env, &(HsRouterConfig){
                 .name = config->name,
                 .fib_delay = config->convergence + config->fib_delay,
             });
    vgw->control = hs_control_new(
        env, &(HsControlConfig){
                 .speaker = {.asn = config->asn,
                             .router_id = hs_addr_to_ipv4(&config->router_id),
                             .compare = hs_vgw_compare},
                 .best_changed = best_changed,
                 .user_data = vgw,
             });
    hs_control_originate(vgw->control, &config->cidr);
    return vgw;
}

void
hs_vgw_free(HsVgw *vgw)
{
    if (vgw == NULL)
        return;
    hs_control_free(vgw->control);
    hs_router_free(vgw->router);
    g_free(vgw);
}

HsRouter *
hs_vgw_router(HsVgw *vgw)
{
    return vgw->router;
}

unsigned
hs_vgw_add_vpc(HsVgw *vgw, const HsPortConfig *given, const HsPrefix *address)
{
    HsPortConfig port = *given;

    port.addresses = address;
    port.n_addresses = 1;
    return hs_router_add_port(vgw->router, &port);
}

unsigned
hs_vgw_add_endpoint(HsVgw *vgw, const HsPortConfig *port)
{
    return hs_router_add_port(vgw->router, port);
}

HsControlPeer *
hs_vgw_add_session(HsVgw *vgw, const HsControlPeerConfig *given)
{
    HsControlPeerConfig session = *given;

    /* Direct Connect user guide, quotas: hold time 3 s at least, never 0. */
    session.hold_min = HS_SEC(3);
    session.no_hold_zero = true;
    session.max_prefixes = ROUTES_ACCEPTED;
    session.communities_preference = session.tag == HS_VGW_DX;
    if (session.tag == HS_VGW_DX)
        session.graceful_restart = HS_AWS_DX_GRACEFUL_RESTART;
    return hs_control_add_peer(vgw->control, &session);
}

void
hs_vgw_start(HsVgw *vgw)
{
    hs_control_start(vgw->control);
}

const BgpSpeaker *
hs_vgw_speaker(const HsVgw *vgw)
{
    return hs_control_speaker(vgw->control);
}
