/* The control plane of a node: a BGP speaker whose sessions run over the
 * node's host stack, with BFD beside those that have it.
 *
 * The protocol cores do not know each other; what one's news means to the
 * other is decided here: BFD or the carrier goes down, the BGP session is
 * dropped. Sessions may end on several nodes while the routes are decided in
 * one place, as in AWS, where the endpoints of one gateway are machines of
 * their own: each peer names the environment and router on which it lives. */

#ifndef HS_NET_CONTROL_H
#define HS_NET_CONTROL_H

#include "models/base/env.h"
#include "models/bgp/speaker.h"
#include "models/net/bfd_service.h"
#include "models/net/router.h"

#define HS_BGP_PORT 179

typedef struct HsControl HsControl;
typedef struct HsControlPeer HsControlPeer;

typedef struct {
    BgpSpeakerConfig speaker;
    /* The best route to PREFIX changed: traffic goes to PEERS (N of them,
     * borrowed); none: unreachable, or the prefix is this node's own. */
    void (*best_changed)(void *user_data, const HsPrefix *prefix,
                         HsControlPeer *const *peers, unsigned n);
    /* The same with paths that are not of a session among them: STATIC ones,
     * told apart by their tag. Either of the two may be NULL. */
    void (*paths_changed)(void *user_data, const HsPrefix *prefix,
                          const BgpPath *paths, unsigned n);
    /* PREFIX was decided anew (speaker.report_decided); may be NULL. */
    void (*decided)(void *user_data, const HsPrefix *prefix);
    /* What the facts call the STATIC routes of TAG (interned); NULL: "local".
     */
    const char *(*name_of)(void *user_data, int tag);
    /* Its choice is only what its peers are told, and no traffic follows it:
     * no facts of the best route. */
    bool quiet;
    const char *stream; /* of random numbers; NULL: "bgp" */
    void *user_data;    /* borrowed */
} HsControlConfig;

/* ENV is where the routes are decided; borrowed, outlives it. */
HsControl *hs_control_new(HsEnv *env, const HsControlConfig *config);
void hs_control_free(HsControl *control); /* NULL is fine */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HsControl, hs_control_free)

/* One session, as this side has it. */
typedef struct {
    const char *name; /* interned: link or tunnel; the facts say "NAME bgp" */
    HsEnv *env;       /* where the session ends; borrowed */
    HsRouter *router; /* likewise */
    unsigned port;    /* of that router, towards the peer */
    unsigned egress;  /* the caller's own: where its traffic to the peer goes */
    int tag;          /* of its routes, for the speaker's comparison */

    HsAddr local, remote;
    HsPrefix subnet; /* of both; not set: next hops are not checked */
    uint32_t remote_as;
    BgpPreset preset;
    bool passive; /* waits for the peer to connect */
    HsDuration keepalive, hold;
    HsDuration hold_min;         /* a peer that offers less is refused */
    bool no_hold_zero;           /* and one that offers 0 */
    unsigned max_prefixes;       /* more end the session; 0: no limit */
    unsigned max_told;           /* more are not announced; 0: no limit */
    HsDuration max_prefix_hold;  /* until it may come back; 0: by hand */
    HsDuration graceful_restart; /* RFC 4724: restart time; 0: none */

    /* What comes in. COMMUNITIES_PREFERENCE: the DX local-preference
     * communities count (7224:7100, 7200, 7300). */
    uint32_t local_preference; /* 0: the default */
    HsPrefix refused;          /* and all within; not set: nothing */
    bool communities_preference;

    /* What goes out. */
    bool own_routes_only; /* no transit: what this node originates */
    bool next_hop_self;   /* iBGP: for what other ASes told us, too */
    bool best_external;   /* iBGP: of the others, if the best came by iBGP */
    uint32_t med;
    bool has_med;
    unsigned prepend;            /* own AS, extra times */
    const uint32_t *communities; /* borrowed for the call */
    unsigned n_communities;
    /* Whether ROUTE may be told to this peer at all; NULL: it may. */
    bool (*may_tell)(void *may_tell_data, const BgpRoute *route);
    void *may_tell_data; /* borrowed */

    HsBfdService *bfd; /* of that router; NULL: none */
    HsDuration bfd_interval;
    uint8_t bfd_multiplier; /* 0: none */
    bool bfd_passive;
    bool bfd_independent; /* of the control plane: the C bit */
    /* With graceful restart: BFD down ends it, whatever the C bits say. */
    bool bfd_aborts_restart;
    HsDuration carrier_delay; /* from loss of light to acting on it */
} HsControlPeerConfig;

/* The session starts with hs_control_start(). */
HsControlPeer *
hs_control_add_peer(HsControl *control, const HsControlPeerConfig *config);
const HsControlPeerConfig *hs_control_peer_config(const HsControlPeer *peer);
const BgpPeer *hs_control_peer_bgp(const HsControlPeer *peer);

/* The peer of a path, NULL if it is the node's own. */
HsControlPeer *hs_control_path_peer(const BgpPath *path);

/* A prefix of this node's own. */
void hs_control_originate(HsControl *control, const HsPrefix *prefix);
void hs_control_withdraw(HsControl *control, const HsPrefix *prefix);

/* A candidate that no session brought (BGP_SOURCE_STATIC): one for each prefix
 * and tag. ATTRS (borrowed) may be NULL. Again: replaces it. */
void hs_control_inject(HsControl *control, const HsPrefix *prefix,
                       BgpAttrs *attrs, int tag);
void hs_control_eject(HsControl *control, const HsPrefix *prefix, int tag);

/* Starts every session. */
void hs_control_start(HsControl *control);

/* The control plane of this node dies: sessions break off, and BFD with them
 * where it shares its fate; what was learned is forgotten. The node forwards by
 * its last choice, unless FORWARDING_LOST. boot: it is back. */
void hs_control_crash(HsControl *control, bool forwarding_lost);
void hs_control_boot(HsControl *control);

/* An operator shuts PEER's session down (Cease/Administrative Shutdown), until
 * it is opened again. REASON is told to the other side (RFC 9003); may be NULL.
 * AWS's failover test is this, from AWS's side. */
void hs_control_shut(HsControlPeer *peer, const char *reason);
void hs_control_open(HsControlPeer *peer);

/* The same, and it comes back by itself (Cease/Administrative Reset). */
void hs_control_bounce(HsControlPeer *peer, const char *cause);

/* Off: everything that PEER was told is withdrawn, and nothing announced,
 * while the session stays. */
void hs_control_announce(HsControlPeer *peer, bool on);

/* COUNT prefixes more than usual are announced to PEER, and to nobody else: as
 * by an operator who redistributes too much. 0: they are withdrawn. */
void hs_control_flood(HsControlPeer *peer, unsigned count);

/* From now on MED goes out with what is announced to PEER. */
void hs_control_set_med(HsControlPeer *peer, uint32_t med);

/* An operator shuts PEER's BFD down, or opens it again: AdminDown, which says
 * nothing about the path and leaves BGP alone at both ends (RFC 5882 3.2).
 * Nothing happens without BFD. */
void hs_control_enable_bfd(HsControlPeer *peer, bool enabled);

/* The carrier of the port under PEER's session went or came back. */
void hs_control_carrier(HsControlPeer *peer, bool up);

/* The tunnel that is the port under PEER's session went or came up: the port is
 * in that state already, and whoever keeps the tunnel has said why. Acted on at
 * once. A session starts when its tunnel does. */
void hs_control_tunnel(HsControlPeer *peer, bool up);

const BgpSpeaker *hs_control_speaker(const HsControl *control);

#endif
