/* What speaker.c (inputs, Adj-RIB-In, choice), advertise.c (Adj-RIB-Out) and
 * restart.c (graceful restart) share. */

#ifndef HS_BGP_SPEAKER_PRIVATE_H
#define HS_BGP_SPEAKER_PRIVATE_H

#include "models/bgp/message.h"
#include "models/bgp/rib.h"
#include "models/bgp/speaker.h"

struct BgpPeer {
    BgpSpeaker *speaker; /* borrowed */
    unsigned index;      /* in speaker->peers */
    BgpPeerConfig config;
    BgpSession *session; /* owned */
    bool wanted;         /* started, and not stopped by hand */
    bool established;
    BgpNegotiated negotiated; /* of the last session */
    GQueue routes;            /* BgpRoute * by their in_peer */
    unsigned count[2];        /* of them: IPv4, IPv6 */
    /* Graceful restart. */
    unsigned stale;            /* of the routes */
    HsTime stale_until;        /* NEVER: no limit, or none is stale */
    bool told_all[2];          /* End-of-RIB came: IPv4, IPv6 */
    bool owes_end;             /* ours is to follow the initial table */
    GPtrArray *pending;        /* BgpNet *: to be looked at for this peer */
    const char *reason;        /* literal: why pending, if not the decision */
    unsigned told[2];          /* what it was told and has: IPv4, IPv6 */
    bool held_back;            /* there was more than max_told */
    HsTime next_advertisement; /* RFC 4271 9.2.1.1 */
};

struct BgpSpeaker {
    BgpSpeakerConfig config;
    HsRng *rng;       /* borrowed */
    GPtrArray *peers; /* owned, BgpPeer * */
    BgpRib rib;
    BgpAttrTable *attrs; /* owned */
    GQueue outputs;      /* BgpSpeakerOutput *, owned */
    HsTime now;
    /* Graceful restart of this speaker. */
    bool down;            /* crashed, and not back yet */
    bool deferring;       /* no route is chosen */
    bool forwarding_lost; /* in that crash */
    HsTime deferral_until;
};

BgpSpeakerOutput *bgp_speaker_queue(BgpSpeaker *speaker,
                                    BgpSpeakerOutputKind kind, BgpPeer *peer);

/* Moves what the peer's session has to say into the speaker. */
void bgp_speaker_drain(BgpPeer *peer);

/* After an input: decide, tell, and take what the sessions made of it. */
void bgp_speaker_settle(BgpSpeaker *speaker);

/* Frees ROUTE, which PEER announced. */
void bgp_speaker_forget(BgpPeer *peer, BgpRoute *route);

/* No prefix has a best route any more. */
void bgp_speaker_forget_choice(BgpSpeaker *speaker, const char *why);

static inline bool
bgp_peer_is_ibgp(const BgpPeer *peer)
{
    return peer->config.session.local_as == peer->config.session.peer_as;
}

/* advertise.c */

/* NET's choice may matter to PEER: look at it when it is flushed. */
void bgp_advertise_mark(BgpPeer *peer, BgpNet *net);

/* Everything again: a new session, a refresh or a new policy. */
void bgp_advertise_all(BgpPeer *peer, const char *reason, bool forget);

/* The session is gone: nothing has been told. */
void bgp_advertise_reset(BgpPeer *peer);

/* Sends what has changed, if the advertisement interval allows. */
void bgp_advertise_flush(BgpPeer *peer);

/* When the next flush is due, or HS_TIME_NEVER. */
HsTime bgp_advertise_due(const BgpPeer *peer);

/* restart.c */

/* PEER's session is gone: its routes go, or turn stale. */
void bgp_restart_lost(BgpPeer *peer, bool graceful);
void bgp_restart_back(BgpPeer *peer);
void bgp_restart_told_all(BgpPeer *peer, HsFamily family);

/* PEER does not forward any more: stale routes go, unless it is back. */
void bgp_restart_not_viable(BgpPeer *peer, const char *why);
void bgp_restart_expire(BgpPeer *peer);

/* End-of-RIB, once, when the initial table has been sent. */
void bgp_restart_send_end(BgpPeer *peer);

/* No choice may be made yet. When that ends, every prefix is marked. */
bool bgp_restart_defers(BgpSpeaker *speaker);
HsTime bgp_restart_due(const BgpSpeaker *speaker);

#endif
