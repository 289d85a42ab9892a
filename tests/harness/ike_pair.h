/* Two IKEv2 sessions, "a" and "b", on a fake clock, with a network between
 * them that has a delay, loses, repeats or holds back what the test says, and
 * may have a NAT in front of a.
 *
 * Each side has the ESP side too, as far as IKE sees it: the child SAs that it
 * was told to add, the one that it sends on. With `esp` set, each side sends a
 * packet every so often; one that arrives for an SA that is not there (any
 * more), or with another key than it was sent with, is counted as lost.
 *
 * After every step it is checked what must hold in every state. */

#ifndef HS_TESTS_HARNESS_IKE_PAIR_H
#define HS_TESTS_HARNESS_IKE_PAIR_H

#include "models/ikev2/ikev2.h"
#include "models/ikev2/keys.h"
#include "models/ikev2/message.h"
#include "models/ikev2/protect.h"

/* A datagram that a side sent, lost or not. */
typedef struct {
    HsTime at;
    unsigned side;
    uint8_t exchange;
    bool response;
    bool initiator;
    uint32_t id;
    uint64_t spi_i, spi_r;
    size_t length; /* of UDP's payload */
    uint16_t local_port, remote_port;
    bool keepalive;
    bool lost;
} IkePairSent;

typedef struct {
    unsigned long sent, accepted, lost;
} IkePairEsp;

typedef struct IkePair {
    IkeConfig config[2];
    IkeSession *session[2]; /* owned; [0] is a */
    HsRng *rng[2];          /* owned */
    HsTrace trace[2];
    GString *log; /* owned: both sessions' trace */
    HsTime now;
    HsDuration delay;
    uint64_t lose[2];   /* bit n: the n-th datagram of IKE from now is lost */
    uint64_t repeat[2]; /* … arrives twice */
    uint64_t hold[2];   /* … arrives `held` later than it should */
    HsDuration held;
    bool cut[2];         /* everything that a, that b sends is lost */
    GQueue flight;       /* under way, owned */
    GArray *sent;        /* IkePairSent */
    GPtrArray *bytes;    /* GBytes *, of each of them */
    GArray *states[2];   /* IkeOutput of STATE, in order */
    GArray *notifies[2]; /* uint16_t: errors that the peer told */
    GArray *removed[2];  /* IkeOutput of CHILD_REMOVE */
    GArray *children[2]; /* IkeChild: those that are added */
    GArray *rows[2];     /* IkeKeys */
    unsigned sending[2]; /* number, or 0 */
    unsigned added[2];   /* how many in all */
    HsDuration esp;      /* 0: none */
    HsTime esp_due;
    IkePairEsp count[2]; /* of what a, what b sent */
    bool nat;            /* in front of a */
    uint16_t nat_shift;  /* another one is another mapping */
    /* Looks at what SIDE sends, and may put something else in its place. */
    void (*tamper)(struct IkePair *p, unsigned side, GBytes **datagram);
    void *tamper_data;
} IkePair;

/* a 192.0.2.1 and b 198.51.100.1 (a's address outside its NAT 203.0.113.1),
 * PSK "a shared secret", strongSwan's timing and one fast suite. */
void ike_pair_configs(IkeConfig ret_configs[2]);

/* SEED feeds both. */
void ike_pair_init(IkePair *p, const IkeConfig configs[2], uint64_t seed);
void ike_pair_clear(IkePair *p);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(IkePair, ike_pair_clear)

/* Everything up to and at UNTIL. */
void ike_pair_run(IkePair *p, HsTime until);

/* a starts; runs until both have a child SA to send on, 60 s at most. */
void ike_pair_up(IkePair *p);

/* After a call on one of the sessions by the test itself. */
void ike_pair_take_outputs(IkePair *p);

/* What is under way is lost. */
void ike_pair_drop_flight(IkePair *p);

/* SIDE's session dies and a new one stands in its place. */
void ike_pair_restart(IkePair *p, unsigned side);

/* Whether both sides agree: one IKE SA, one child SA, the same one, and each
 * can receive what the other one sends. */
bool ike_pair_agrees(const IkePair *p);

/* The last state change of SIDE. */
const IkeOutput *ike_pair_last_state(const IkePair *p, unsigned side);

/* How many datagrams of this exchange SIDE has sent. */
unsigned ike_pair_count(const IkePair *p, unsigned side, IkeExchange exchange,
                        bool response);

/* A message of SIDE's making that its session knows nothing of, sealed with
 * the keys of the newest IKE SA; ID and flags are the caller's. B is emptied.
 * It is handed to the other side at once. */
void ike_pair_forge(IkePair *p, unsigned side, const IkeHeader *header,
                    IkeBuilder *b);

/* Hands BYTES to SIDE as coming from the other one's port 500. */
void ike_pair_deliver(IkePair *p, unsigned side, GBytes *bytes);

/* What is in a datagram that was sealed with keys that p has seen: the
 * plaintext (transfer full), or NULL. */
GBytes *ike_pair_open(const IkePair *p, GBytes *datagram, uint8_t *ret_first);

#endif
