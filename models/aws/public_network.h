/* AWS's public network, as far as several public virtual interfaces share it:
 * the endpoints of Site-to-Site VPNs are reached by any of them, and AWS
 * chooses by which it answers (Direct Connect user guide, "Public virtual
 * interface routing policies": longest prefix, then AS_PATH; what is equal
 * shares the load). So a tunnel whose outside address the customer announces on
 * all of them outlives the loss of one.
 *
 * A router of AS 7224, with the sessions living on the Direct Connect
 * endpoints. */

#ifndef HS_AWS_PUBLIC_NETWORK_H
#define HS_AWS_PUBLIC_NETWORK_H

#include "models/net/control.h"
#include "models/net/router.h"

typedef struct HsPublicNetwork HsPublicNetwork;

typedef struct {
    const char *name; /* interned */
    HsAddr router_id;
    HsDuration convergence; /* as a gateway's */
    HsDuration fib_delay;
} HsPublicNetworkConfig;

/* ENV is borrowed and outlives it. */
HsPublicNetwork *
hs_public_network_new(HsEnv *env, const HsPublicNetworkConfig *config);
void hs_public_network_free(HsPublicNetwork *network); /* NULL is fine */
HsRouter *hs_public_network_router(HsPublicNetwork *network);
const BgpSpeaker *hs_public_network_speaker(const HsPublicNetwork *network);

/* To an endpoint of a virtual interface; and the session there, completed as
 * hs_dx_endpoint_session() does, whose egress it is. */
unsigned
hs_public_network_add_vif(HsPublicNetwork *network, const HsPortConfig *port);
HsControlPeer *
hs_public_network_add_session(HsPublicNetwork *network,
                              const HsControlPeerConfig *session);

/* INSIDE, behind PORT, is AWS's: announced to every customer. */
unsigned
hs_public_network_add_inside(HsPublicNetwork *network, const HsPortConfig *port,
                             const HsPrefix *inside);
void hs_public_network_start(HsPublicNetwork *network);

#endif
