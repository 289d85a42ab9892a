/* A BGP speaker: its sessions, its three RIBs and what passes between them.
 *
 * This is the face for a node model. Every input takes the time; after any of
 * them take the outputs with bgp_speaker_poll() until it returns false, then
 * be back at bgp_speaker_next_expiry().
 *
 *     for (each peer) peer = bgp_speaker_add_peer(speaker, &config, now);
 *     bgp_speaker_originate(speaker, now, &prefix, NULL, BGP_SOURCE_LOCAL, 0);
 *     bgp_peer_start(peer, now);
 *     while (bgp_speaker_poll(speaker, &output)) { … bgp_speaker_output_clear }
 *
 * Routes of a peer go through its import policy into the Loc-RIB, where the
 * comparison function chooses (decide.h); the best goes through each peer's
 * export policy and is sent if it differs from what that peer was told last
 * (Adj-RIB-Out). Peers and prefixes are walked in the order in which they were
 * added, never in a hash table's. */

#ifndef HS_BGP_SPEAKER_H
#define HS_BGP_SPEAKER_H

#include "models/base/addr.h"
#include "models/base/rng.h"
#include "models/base/simtime.h"
#include "models/base/trace.h"
#include "models/bgp/bgp.h"
#include "models/bgp/decide.h"
#include "models/bgp/policy.h"

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BGP_LOCAL_PREF_DEFAULT 100
#define BGP_MULTIPATH_MAX      16

typedef struct BgpSpeaker BgpSpeaker;

typedef struct {
    uint32_t asn;
    uint32_t router_id;       /* host order, not 0 */
    BgpCompareFunc compare;   /* NULL: bgp_compare_rfc */
    const void *compare_data; /* borrowed: outlives us */
    unsigned multipath;       /* 0 and 1: one best route */
    bool report_decided;      /* for who decides again by its own rules */
    /* RFC 4724 4.1: how long a restarted speaker waits for its peers' tables
     * before it chooses; 0: 360 s, as FRR. */
    HsDuration selection_deferral;
    /* Cost of reaching a next hop, UINT32_MAX if it cannot be reached; NULL:
     * all cost 0. Asked when a route arrives and after
     * bgp_speaker_next_hops_changed(). */
    uint32_t (*next_hop_cost)(void *user_data, const HsAddr *next_hop);
    void *user_data; /* borrowed */
} BgpSpeakerConfig;

typedef struct {
    const char *name; /* interned: "primary bgp" */
    int tag;          /* the node's route class; carried by its routes */
    void *user_data;  /* borrowed, see bgp_peer_user_data() */
    /* local_as and router_id 0 are taken from the speaker. local_as may
     * differ from the speaker's AS, as a gateway with one AS per side does. */
    BgpSessionConfig session;
    HsAddr local_address; /* NEXT_HOP of what we send */
    HsAddr local_address6;
    HsAddr peer_address;
    /* What the two share: an eBGP peer's NEXT_HOP must lie in it
     * (RFC 4271 6.3). Not set: not checked. */
    HsPrefix subnet;
    bool next_hop_self; /* also on iBGP for eBGP routes */
    /* iBGP: where the best route came by iBGP, and may not be told on, the best
     * of the others is told instead, so that an exit which is not used now is
     * known when it is needed (draft-ietf-idr-best-external). */
    bool best_external;
    bool no_enforce_first_as;
    unsigned allow_own_as; /* how often our AS may stand in a path */
    /* Of each family; 0: no limit. More end the session (Cease/1), and it
     * stays Idle for max_prefix_hold, or with 0 until it is started anew. */
    unsigned max_prefixes;
    HsDuration max_prefix_hold;
    HsDuration mrai;   /* RFC 4271 9.2.1.1; default 0, as FRR for eBGP */
    BgpPolicy *import; /* borrowed: a reference is taken; may be NULL */
    BgpPolicy *export;
    /* Of each family: more than so many are not announced, whichever come
     * last. 0: no limit. */
    unsigned max_told;
    /* A last word on what is sent, where rules cannot say it; may be NULL. */
    bool (*export_filter)(void *user_data, const BgpRoute *route);
} BgpPeerConfig;

typedef enum {
    BGP_SPEAKER_SEND,    /* peer, connection, bytes */
    BGP_SPEAKER_CONNECT, /* peer, connection */
    BGP_SPEAKER_CLOSE,   /* peer, connection, flush */
    BGP_SPEAKER_STATE,   /* peer, from, to, event, cause */
    /* One prefix of an UPDATE: peer, prefix, announce, attrs (announce), cause
     * (received: what RFC 7606 did to it, or NULL; sent: why). */
    BGP_SPEAKER_ROUTE_RECEIVED,
    BGP_SPEAKER_ROUTE_SENT,
    /* prefix, old_peer, peer, attrs, source, tag, cause = deciding step,
     * paths. source and tag are the new best's; without one: paths is 0. */
    BGP_SPEAKER_BEST_CHANGED,
    /* prefix. The choice was made anew, because of a candidate that came, went
     * or changed, whatever came of it. Only with report_decided. */
    BGP_SPEAKER_DECIDED,
    BGP_SPEAKER_END_OF_RIB, /* peer, family */
    /* Graceful restart: routes of PEER outlive its session (announce), or are
     * given up; paths: how many; cause. */
    BGP_SPEAKER_STALE,
} BgpSpeakerOutputKind;

typedef struct {
    BgpPeer *peer; /* borrowed; NULL: LOCAL or STATIC */
    HsAddr next_hop;
    BgpSource source;
    int tag;
} BgpPath;

typedef struct {
    BgpSpeakerOutputKind kind;
    BgpPeer *peer;     /* borrowed */
    BgpPeer *old_peer; /* borrowed */
    unsigned connection;
    GBytes *bytes; /* owned */
    bool flush;
    BgpState from, to;
    BgpEvent event;
    const char *cause; /* literal or interned */
    HsPrefix prefix;
    bool announce;
    BgpAttrs *attrs; /* owned */
    BgpSource source, old_source;
    int tag, old_tag;
    bool had_best;  /* BEST_CHANGED: there was one before */
    unsigned paths; /* of the new best, itself first */
    BgpPath path[BGP_MULTIPATH_MAX];
    HsFamily family;
} BgpSpeakerOutput;

void bgp_speaker_output_clear(BgpSpeakerOutput *output);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(BgpSpeakerOutput, bgp_speaker_output_clear)

/* RNG is borrowed and outlives the speaker. */
BgpSpeaker *bgp_speaker_new(const BgpSpeakerConfig *config, HsRng *rng);
void bgp_speaker_free(BgpSpeaker *speaker); /* NULL is fine; frees its peers */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(BgpSpeaker, bgp_speaker_free)

/* The peer is the speaker's; it starts in Idle. */
BgpPeer *bgp_speaker_add_peer(BgpSpeaker *speaker, const BgpPeerConfig *config,
                              HsTime now);

/* What bgp_session_…() does, for one peer. */
void bgp_peer_start(BgpPeer *peer, HsTime now);
void bgp_peer_stop(BgpPeer *peer, HsTime now, uint8_t cease_subcode,
                   const char *message);
void bgp_peer_reset(BgpPeer *peer, HsTime now, uint8_t cease_subcode,
                    const char *cause);
void bgp_peer_bfd_down(BgpPeer *peer, HsTime now, bool may_restart);
void bgp_peer_link_down(BgpPeer *peer, HsTime now);
void bgp_peer_link_up(BgpPeer *peer, HsTime now);
void bgp_peer_tcp_up(BgpPeer *peer, HsTime now, unsigned connection);
unsigned bgp_peer_accept(BgpPeer *peer, HsTime now); /* 0: refused */
void bgp_peer_tcp_down(BgpPeer *peer, HsTime now, unsigned connection);
void bgp_peer_receive(BgpPeer *peer, HsTime now, unsigned connection,
                      const void *data, size_t length);

/* PEER, which may be restarting, does not forward: its stale routes go
 * (RFC 4724 4.2, RFC 5882 4.3.1). CAUSE is a literal. */
void bgp_peer_forwarding_lost(BgpPeer *peer, HsTime now, const char *cause);

/* Asks PEER for its routes again (RFC 2918). */
void bgp_peer_request_refresh(BgpPeer *peer, HsTime now, HsFamily family);

const char *bgp_peer_name(const BgpPeer *peer);
int bgp_peer_tag(const BgpPeer *peer);
void *bgp_peer_user_data(const BgpPeer *peer);
const BgpPeerConfig *bgp_peer_config(const BgpPeer *peer);
const BgpSession *bgp_peer_session(const BgpPeer *peer);
BgpState bgp_peer_state(const BgpPeer *peer);
unsigned bgp_peer_prefixes(const BgpPeer *peer); /* in its Adj-RIB-In */
unsigned bgp_peer_stale(const BgpPeer *peer);    /* of them */

/* New policies for a peer, applied to what is there already (soft
 * reconfiguration). NULL permits everything. */
void bgp_peer_set_import(BgpPeer *peer, HsTime now, BgpPolicy *policy);
void bgp_peer_set_export(BgpPeer *peer, HsTime now, BgpPolicy *policy);

/* Puts a route of the node's own into the Loc-RIB's choice: LOCAL, a prefix
 * originated here, or STATIC, a candidate like a peer's. One for each prefix,
 * source and tag; again with other attributes replaces it. ATTRS (borrowed)
 * may be NULL: origin IGP, next hop ourselves. */
void
bgp_speaker_originate(BgpSpeaker *speaker, HsTime now, const HsPrefix *prefix,
                      BgpAttrs *attrs, BgpSource source, int tag);
void bgp_speaker_withdraw(BgpSpeaker *speaker, HsTime now,
                          const HsPrefix *prefix, BgpSource source, int tag);

/* Asks next_hop_cost() again for every route and decides anew. */
void bgp_speaker_next_hops_changed(BgpSpeaker *speaker, HsTime now);

/* The control plane dies: every session breaks without a word, and what was
 * learned is forgotten. Unless FORWARDING_LOST, nothing is said of the best
 * routes: the node goes on forwarding by them. */
void bgp_speaker_crash(BgpSpeaker *speaker, HsTime now, bool forwarding_lost);

/* It is back, and starts the sessions that were wanted. With graceful restart
 * (BgpRestart of the sessions) no route is chosen or told before the peers have
 * told theirs (RFC 4724 4.1). */
void bgp_speaker_boot(BgpSpeaker *speaker, HsTime now);

void bgp_speaker_expire(BgpSpeaker *speaker, HsTime now);
HsTime bgp_speaker_next_expiry(const BgpSpeaker *speaker);
bool bgp_speaker_poll(BgpSpeaker *speaker, BgpSpeakerOutput *ret_output);

/* Look-ups, for `explain` and tests. Borrowed until the next input. */
const BgpRoute *bgp_speaker_best(const BgpSpeaker *speaker,
                                 const HsPrefix *prefix, const char **ret_step);
unsigned
bgp_speaker_candidates(const BgpSpeaker *speaker, const HsPrefix *prefix,
                       const BgpRoute *const **ret_routes);

/* Why ROUTE, a candidate, does not take part (literal): a rule of RFC 4271 that
 * it breaks, the import policy, or its next hop; NULL: it does. */
const char *bgp_route_refusal(const BgpRoute *route);

/* How the speaker's comparison orders two candidates, and the step that tells
 * them apart (literal). EQUAL: both may carry traffic, as far as the speaker
 * has several paths. */
int bgp_speaker_compare(const BgpSpeaker *speaker, const BgpRoute *a,
                        const BgpRoute *b);
const char *bgp_speaker_step(const BgpSpeaker *speaker, const BgpRoute *a,
                             const BgpRoute *b, bool *ret_equal);
const BgpAttrs *bgp_peer_sent(const BgpPeer *peer, const HsPrefix *prefix);
unsigned bgp_speaker_prefixes(const BgpSpeaker *speaker);

/* Every prefix of the Loc-RIB that has a best route, in the order of
 * hs_prefix_compare(). */
void bgp_speaker_foreach(const BgpSpeaker *speaker,
                         void (*each)(void *user_data, const BgpRoute *best,
                                      const char *step),
                         void *user_data);

#endif
