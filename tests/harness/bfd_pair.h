/* Two BFD sessions, "a" and "b", on a fake clock, with a link between them that
 * has a delay and loses what the test says.
 *
 * Each step advances to the next instant at which something is due, delivers
 * packets before timers, and checks what must hold after every step. */

#ifndef HS_TESTS_HARNESS_BFD_PAIR_H
#define HS_TESTS_HARNESS_BFD_PAIR_H

#include "models/bfd/bfd.h"

typedef struct {
    BfdSession *session[2]; /* owned; [0] is a */
    HsRng *rng[2];          /* owned */
    HsTrace trace[2];
    GString *log; /* owned: both sessions' trace */
    HsTime now;
    HsDuration delay[2]; /* of what a sends, of what b sends */
    uint64_t lose[2];    /* bit n: the n-th packet from now is lost */
    bool cut[2];         /* everything that a, that b sends is lost */
    GQueue flight[2];    /* packets under way, owned */
    HsTime arrived[2];   /* the last packet handed to a, to b */
    GArray *changes[2];  /* BfdOutput of the kind STATE, in order */
    GArray *sent[2];     /* BfdPairSent: all that a, that b sent, lost or not */
} BfdPair;

typedef struct {
    HsTime at;
    BfdPacket packet;
} BfdPairSent;

/* Both sides get DELAY; SEED feeds their jitter. */
void bfd_pair_init(BfdPair *p, const BfdConfig *a, const BfdConfig *b,
                   HsDuration delay, uint64_t seed);
void bfd_pair_clear(BfdPair *p);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(BfdPair, bfd_pair_clear)

/* Everything up to and at UNTIL. */
void bfd_pair_run(BfdPair *p, HsTime until);

/* Runs until both are Up; the test fails after 30 s without that. */
void bfd_pair_up(BfdPair *p);

/* After a call on one of the sessions by the test itself. */
void bfd_pair_take_outputs(BfdPair *p);

/* The last state change of a (0) or b (1). */
const BfdOutput *bfd_pair_last_change(const BfdPair *p, unsigned side);

#endif
