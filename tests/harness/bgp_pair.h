/* Two BGP speakers, a and b, with one session between them, on a fake clock.
 *
 * A pipe with a delay stands for TCP: connections are opened and refused,
 * bytes arrive whole and in order, a close is seen by the other side. Cut, it
 * swallows everything in silence, in one direction or both; restored, what was
 * sent meanwhile stays lost, and nothing is sent again: a test that heals a
 * cut within a connection's life breaks TCP's promise.
 *
 * What both sides say goes to one log, a line each: state changes as they are
 * traced, and with log_routes what happens to routes. Tests compare it. */

#ifndef HS_TESTS_HARNESS_BGP_PAIR_H
#define HS_TESTS_HARNESS_BGP_PAIR_H

#include "models/bgp/speaker.h"

enum { BGP_A, BGP_B };

typedef struct BgpPair BgpPair;

typedef struct {
    BgpPair *pair;
    unsigned index;
    BgpSpeaker *speaker;
    BgpPeer *peer;
    HsRng *rng;
    HsTrace trace;
    GByteArray *sent; /* every octet it sent, over all connections */
} BgpPairSide;

struct BgpPair {
    HsTime now;
    HsDuration delay;
    bool cut[2]; /* what this side sends is lost */
    bool log_routes;
    BgpPairSide side[2];
    GString *log;
    GQueue events; /* in order of time, then of sending */
    GPtrArray *connections;
};

typedef struct {
    HsDuration delay;
    bool log_routes;
    BgpSpeakerConfig speaker[2];
    BgpPeerConfig peer[2];
} BgpPairConfig;

/* AS 65001 (a, 10.0.0.1) and 65002 (b, 10.0.0.2), preset frr, delay 10 ms. */
BgpPairConfig bgp_pair_config(void);

BgpPair *bgp_pair_new(const BgpPairConfig *config);
void bgp_pair_free(BgpPair *pair);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(BgpPair, bgp_pair_free)

void bgp_pair_start(BgpPair *pair);

/* Runs what is due up to and including UNTIL. */
void bgp_pair_run(BgpPair *pair, HsTime until);
void bgp_pair_cut(BgpPair *pair, bool cut);

/* After an input that a test makes by hand. */
void bgp_pair_poll(BgpPair *pair);

/* Compares the log since the last call, and empties it. */
void bgp_pair_expect(BgpPair *pair, const char *log);

#endif
