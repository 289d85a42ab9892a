/* What speaker.c (inputs, Adj-RIB-In, choice) and advertise.c (Adj-RIB-Out)
 * share. */

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
    bool established;
    BgpNegotiated negotiated;
    GQueue routes;             /* BgpRoute * by their in_peer */
    GPtrArray *pending;        /* BgpNet *: to be looked at for this peer */
    const char *reason;        /* literal: why pending, if not the decision */
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
};

BgpSpeakerOutput *bgp_speaker_queue(BgpSpeaker *speaker,
                                    BgpSpeakerOutputKind kind, BgpPeer *peer);

/* Moves what the peer's session has to say into the speaker. */
void bgp_speaker_drain(BgpPeer *peer);

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

#endif
