/* IKEv2 on a router: its sessions on UDP ports 500 and 4500, each with the
 * tunnel that it keys.
 *
 * The service moves datagrams between the sessions and the router, in the
 * outside VRF, installs the SAs that a session makes in its tunnel, and tells
 * the session of the traffic there. It reports each change in the run's facts,
 * as "NAME ike" and "NAME esp", and takes the BGP session inside along: it goes
 * down and comes up with the tunnel. */

#ifndef HS_NET_IKE_SERVICE_H
#define HS_NET_IKE_SERVICE_H

#include "models/base/env.h"
#include "models/ikev2/ikev2.h"
#include "models/net/control.h"
#include "models/net/ipsec.h"

#define HS_IKE_PORT 500

typedef struct HsIkeService HsIkeService;
typedef struct HsIkeTunnel HsIkeTunnel;

/* Takes UDP port 500 of IPSEC's router, and IKE's share of its port 4500. Both
 * are borrowed and outlive it. */
HsIkeService *hs_ike_service_new(HsEnv *env, HsIpsec *ipsec);
void hs_ike_service_free(HsIkeService *service); /* NULL is fine */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HsIkeService, hs_ike_service_free)

/* Who wants the keys of all SAs, to decrypt a capture. What is passed is
 * borrowed for the call. Each may be NULL. */
typedef struct {
    void (*ike)(void *user_data, const char *tunnel, const IkeKeys *keys);
    /* One direction, as the sender has it. */
    void (*esp)(void *user_data, const char *tunnel, const EspSaConfig *sa);
} HsIkeWatcher;

/* WATCHER and USER_DATA are borrowed and outlive it. */
void hs_ike_service_set_watcher(HsIkeService *service,
                                const HsIkeWatcher *watcher, void *user_data);

typedef struct {
    HsTunnelConfig tunnel; /* its events are the service's own */
    IkeConfig ike;         /* its trace likewise */
    unsigned window;       /* replay window of what is received */
    EspDf df;
    EspLimit soft; /* of each child SA, either direction: then it is rekeyed */
} HsIkeTunnelConfig;

/* The tunnel is a port that is down until IKE has made SAs. A session answers
 * from now on, and begins with hs_ike_service_start() if it is to. CONFIG's
 * texts are copied. */
HsIkeTunnel *
hs_ike_service_add(HsIkeService *service, const HsIkeTunnelConfig *config);

/* The BGP session inside, which goes down and comes up with the tunnel.
 * Borrowed; it must be there until the service is freed or told NULL. */
void hs_ike_tunnel_set_session(HsIkeTunnel *tunnel, HsControlPeer *session);

HsControlPeer *hs_ike_tunnel_session_peer(const HsIkeTunnel *tunnel);

/* Who else wants to know that the tunnel came up or went down, such as static
 * routes into it: told when its port has. CHANGED may be NULL: nobody. */
void hs_ike_tunnel_set_listener(HsIkeTunnel *tunnel,
                                void (*changed)(void *user_data, bool up),
                                void *user_data);

/* Begins every session that is configured to: a moment from now, when the
 * router's first routes are programmed. */
void hs_ike_service_start(HsIkeService *service);

/* The daemon loses all of its SAs without a word; hs_ike_service_start() begins
 * anew. */
void hs_ike_service_crash(HsIkeService *service);

/* Frozen: it hears and says nothing, while its tunnels go on as they are. What
 * was due meanwhile is due when it thaws. */
void hs_ike_service_set_frozen(HsIkeService *service, bool frozen);

unsigned hs_ike_service_n_tunnels(const HsIkeService *service);
HsIkeTunnel *hs_ike_service_tunnel(HsIkeService *service, unsigned index);
const char *hs_ike_tunnel_name(const HsIkeTunnel *tunnel);
HsTunnel *hs_ike_tunnel_ipsec(HsIkeTunnel *tunnel);
const IkeSession *hs_ike_tunnel_session(const HsIkeTunnel *tunnel);

/* An order to the session, and what follows from it. */
void hs_ike_tunnel_order(HsIkeTunnel *tunnel,
                         void (*order)(IkeSession *s, HsTime now));

/* Replaces child SA NUMBER; false if it is not there or is being replaced. */
bool hs_ike_tunnel_rekey(HsIkeTunnel *tunnel, unsigned number);

/* From the next authentication on. */
void hs_ike_tunnel_set_psk(HsIkeTunnel *tunnel, const char *psk);

/* Datagrams on the two ports that were nobody's. */
uint64_t hs_ike_service_dropped(const HsIkeService *service);

#endif
