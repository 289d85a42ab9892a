/* IPsec tunnels as ports of a router: route-based VPN.
 *
 * A tunnel is a port in the inside VRF. What the router sends there comes out
 * as ESP, and is routed in the outside VRF like any packet made on this node;
 * ESP that arrives for this node comes in by the tunnel's port. Keys are
 * installed by whoever makes the tunnel. */

#ifndef HS_NET_IPSEC_H
#define HS_NET_IPSEC_H

#include "models/base/env.h"
#include "models/esp/esp.h"
#include "models/net/router.h"

typedef struct HsIpsec HsIpsec;
typedef struct HsTunnel HsTunnel;

/* Takes IP protocol 50 and UDP port 4500 of ROUTER. All are borrowed and
 * outlive it. */
HsIpsec *hs_ipsec_new(HsEnv *env, HsRouter *router);
void hs_ipsec_free(HsIpsec *ipsec); /* with its tunnels; NULL is fine */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HsIpsec, hs_ipsec_free)

typedef struct {
    const char *name; /* interned; of the port too */
    HsPrefix address; /* of this end, inside */
    unsigned inside_vrf;
    unsigned outside_vrf;
    size_t outside_mtu; /* of the path: the port's MTU follows from it */
    /* Drop what is too large and may not be fragmented without telling its
     * sender, as AWS does. */
    bool no_frag_needed;
    EspSaConfig out, in;
} HsTunnelConfig;

/* CONFIG is copied; its keys go into the SAs only. The tunnel is up at once
 * and says so in the run's facts. */
HsTunnel *hs_ipsec_add_tunnel(HsIpsec *ipsec, const HsTunnelConfig *config);

const char *hs_tunnel_name(const HsTunnel *tunnel);
unsigned hs_tunnel_port(const HsTunnel *tunnel);
size_t hs_tunnel_mtu(const HsTunnel *tunnel); /* of the port */
const EspSa *hs_tunnel_out(const HsTunnel *tunnel);
const EspSa *hs_tunnel_in(const HsTunnel *tunnel);

/* ESP that no tunnel took, by reason. */
const EspCounters *hs_ipsec_counters(const HsIpsec *ipsec);

#endif
