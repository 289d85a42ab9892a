/* IKEv2 with one peer (RFC 7296, fragmentation of RFC 7383), without I/O.
 *
 * An IkeSession is one configured connection: all IKE SAs with that peer, the
 * ones half made and the ones being replaced included, and their child SAs.
 * Datagrams, orders, hints about ESP traffic and the time go in. After any call
 * take the outputs with ike_session_poll() until it returns false, then arrange
 * to be back at ike_session_next_expiry(). expire() called early does nothing;
 * called late, it catches up.
 *
 * The caller owns UDP ports 500 and 4500. Payloads pass as they are in UDP: on
 * port 4500 with the four zero bytes before IKE (RFC 3948 2.2), in both
 * directions; the one byte of a NAT keep-alive too. A datagram belongs to the
 * session that ike_session_claims() it by its SPIs, or else to the one that is
 * configured for its addresses.
 *
 * Child SAs come out as orders to the ESP side: ADD (both directions; receive
 * on it from now on), SEND (use it for outgoing packets from now on, instead of
 * any other), REMOVE. So a rekey loses nothing: RFC 7296 2.8 has the initiator
 * of the rekey send on the new SA at once, the responder when it hears ESP on
 * it or the old one is deleted, and the old SA can receive until REMOVE. */

#ifndef HS_IKEV2_IKEV2_H
#define HS_IKEV2_IKEV2_H

#include "models/base/addr.h"
#include "models/base/rng.h"
#include "models/base/simtime.h"
#include "models/base/trace.h"
#include "models/ikev2/proposal.h"
#include "models/ikev2/wire.h"

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a session is, seen from outside. */
#define IKE_STATES(X)                                                          \
    X(IDLE, "Idle")               /* nothing, or waiting for the peer */       \
    X(NEGOTIATING, "Negotiating") /* an IKE SA is half made, none is made */   \
    X(ESTABLISHED, "Established") /* an IKE SA stands */                       \
    X(REKEYING, "Rekeying")       /* likewise, and it is being replaced */

typedef enum {
#define X(name, text) IKE_STATE_##name,
    IKE_STATES(X)
#undef X
        IKE_STATE_COUNT
} IkeState;

const char *ike_state_name(IkeState state);

/* Why a session changed its state, or a child SA went. */
#define IKE_CAUSES(X)                                                          \
    X(NONE, "none")                                                            \
    X(STARTED, "started")                                                      \
    X(PEER_STARTED, "the peer started")                                        \
    X(AUTHENTICATED, "authenticated")                                          \
    X(REKEY, "lifetime")                                                       \
    X(PEER_REKEY, "the peer rekeys")                                           \
    X(REKEYED, "rekeyed")                                                      \
    X(REDUNDANT, "another one was kept")                                       \
    X(STOPPED, "stopped")                                                      \
    X(RESET, "reset")                                                          \
    X(PEER_DELETED, "deleted by the peer")                                     \
    X(DEAD_PEER, "dead peer")                                                  \
    X(NO_RESPONSE, "no response")                                              \
    X(EXPIRED, "lifetime over")                                                \
    X(INITIAL_CONTACT, "the peer lost its state")                              \
    X(REPLACED, "the peer began anew")                                         \
    X(NO_PROPOSAL, "no common proposal")                                       \
    X(AUTHENTICATION, "authentication failed")                                 \
    X(SELECTORS, "traffic selectors do not meet")                              \
    X(REFUSED, "refused by the peer")                                          \
    X(PROTOCOL, "the peer broke the protocol")                                 \
    X(HALF_OPEN, "the peer did not go on")

typedef enum {
#define X(name, text) IKE_CAUSE_##name,
    IKE_CAUSES(X)
#undef X
        IKE_CAUSE_COUNT
} IkeCause;

const char *ike_cause_name(IkeCause cause);

/* Whose timing and habits a session has. */
typedef enum {
    IKE_PRESET_AWS,
    IKE_PRESET_STRONGSWAN,
    IKE_PRESET_CISCO,
} IkePreset;

const char *ike_preset_name(IkePreset preset);

/* False, and RET_PRESET untouched, if TEXT names none. */
bool ike_preset_parse(const char *text, IkePreset *ret_preset);

/* A request goes out again after `first`, then after that times `factor`
 * (thousandths) and so on, up to `limit` a wait (0: none), `tries` times; after
 * the last one, one more wait, and the peer is given up. */
typedef struct {
    HsDuration first;
    uint16_t factor;
    HsDuration limit;
    unsigned tries;
} IkeRetransmit;

/* When to ask whether the peer lives. */
typedef enum {
    IKE_DPD_OFF,
    IKE_DPD_PERIODIC,     /* after `delay` without anything from the peer */
    IKE_DPD_ON_DEMAND,    /* likewise, but only if we have sent since */
    IKE_DPD_NAT_PERIODIC, /* periodic behind a NAT, on demand else */
} IkeDpdMode;

/* What to do when it does not. */
typedef enum {
    IKE_ACTION_CLEAR,   /* the IKE SA and its children go */
    IKE_ACTION_NONE,    /* nothing: it is asked again later */
    IKE_ACTION_RESTART, /* they go, and a new one is begun */
} IkeAction;

/* Where in its life an SA is rekeyed; F is drawn from [0, fuzz]. */
typedef enum {
    IKE_REKEY_WINDOW, /* life - margin * F: AWS's documents say so */
    IKE_REKEY_MARGIN, /* life - margin * (1 + F): as strongSwan does */
} IkeRekeyRule;

typedef struct {
    /* Addresses. A remote one that is not set is any: we only respond. */
    HsAddr local, remote;
    uint16_t local_port, remote_port; /* 0: 500; the NAT port is 4500 */

    /* Identities as text: "192.0.2.1", "gw.example.net", "me@example.net",
     * "keyid:anything". NULL: our address; for the peer: any. Copied. */
    const char *local_id, *remote_id;
    const char *psk; /* copied */

    /* What is offered and accepted (proposal.h); ike_policy_parse() reads text.
     * A child's groups are for the PFS of its rekeys. */
    IkePolicy ike_policy, child_policy;
    HsPrefix local_ts, remote_ts; /* not set: 0.0.0.0/0 */

    bool start;        /* begin without being asked, and again after a loss */
    bool lazy_restart; /* with start: a child that the peer deletes is not made
                        * again until ike_session_start() */
    HsDuration retry;  /* with start: this long after a failed attempt */
    IkeAction dpd_action;
    IkeDpdMode dpd;
    HsDuration dpd_delay;
    IkeRetransmit dpd_retransmit; /* of the probes */
    IkeRetransmit retransmit;     /* of every other request */

    HsDuration ike_lifetime, child_lifetime; /* 0: for ever */
    HsDuration ike_margin, child_margin;
    uint16_t rekey_fuzz; /* percent */
    IkeRekeyRule rekey_rule;
    bool no_rekey;     /* leaves it to the peer; at the lifetime the SA goes */
    HsDuration linger; /* a replaced child SA still receives for so long */

    HsDuration half_open;      /* how long a peer may take to go on */
    unsigned cookie_threshold; /* half-open SAs from which on cookies are
                                * asked for; 0 with cookie_always: always */
    bool cookie_always;
    HsDuration nat_keepalive; /* 0: none */
    bool force_encap;         /* tell the peer that there is a NAT */
    bool float_always;        /* to port 4500 without NAT too, as with MOBIKE */
    bool no_fragmentation;
    size_t fragment_size;  /* of the UDP payload; 0: 1280 less headers */
    bool answer_stray;     /* INVALID_IKE_SPI to messages without an SA */
    unsigned max_children; /* of the peer's making, rekeys aside */
    const char *vendor_id; /* sent if set; copied */
    const HsTrace *trace;  /* borrowed: outlives us; may be NULL */
} IkeConfig;

/* Fills in everything but addresses, identities and the PSK.
 *
 * aws: one proposal of all that AWS allows by default, lowest first; 8 h and
 *   1 h, margin 270 s, fuzz 100 %; DPD after 10 s, three probes 10 s apart,
 *   clear; waits for the peer. Assumed, as AWS publishes none: retransmission
 *   as strongSwan's, linger 5 s, half-open 30 s.
 * strongswan: charon 5.9's defaults: retransmission 4 s x 1.8, 5 tries (165 s
 *   in all); rekey at 4 h and 1 h, +10 % hard; DPD off (30 s periodic where the
 *   caller turns it on) and answered by normal retransmission; linger 5 s.
 * cisco: `crypto ikev2 dpd 10 3 on-demand`-like: probes 3 s apart, 5 of them;
 *   24 h and 1 h; retransmission from 2 s, doubling (assumed). */
void ike_config_init(IkeConfig *config, IkePreset preset);

/* Words with '-' or ',' between them, in order of preference, as strongSwan has
 * them: "aes256-aes128gcm16-sha256-prfsha384-ecp256-modp2048", for ESP "esn",
 * "noesn" and "nopfs" too. PRFs are those of the integrity algorithms if none
 * is named. False: *RET_WHY (transfer full) names the word, or what is
 * missing; RET_POLICY is untouched. */
bool ike_policy_parse(const char *text, IkeProtocol protocol,
                      IkePolicy *ret_policy, char **ret_why);

/* What is wrong with CONFIG: a literal, or NULL. */
const char *ike_config_fault(const IkeConfig *config);

typedef enum {
    IKE_OUTPUT_SEND,         /* a datagram: local, remote and ports, bytes */
    IKE_OUTPUT_STATE,        /* from, to, cause, notify */
    IKE_OUTPUT_KEYS,         /* keys: a new IKE SA's, before it is used */
    IKE_OUTPUT_CHILD_ADD,    /* child: install both directions, receive */
    IKE_OUTPUT_CHILD_SEND,   /* child: send on this one from now on */
    IKE_OUTPUT_CHILD_REMOVE, /* child, cause: forget both directions */
    IKE_OUTPUT_PEER,   /* child: the outer addresses and ports have changed */
    IKE_OUTPUT_NOTIFY, /* notify: an error that the peer told us */
} IkeOutputKind;

/* For ikev2_decryption_table of Wireshark. The names are its own, as
 * "AES-CBC-256 [RFC3602]". */
typedef struct {
    uint64_t spi_i, spi_r;
    const char *encryption, *integrity; /* interned */
    uint8_t sk_ei[64], sk_er[64], sk_ai[64], sk_ar[64];
    size_t sk_e_length, sk_a_length; /* sk_a: 0 with an AEAD */
} IkeKeys;

typedef struct {
    /* ESP's key with, behind it, the salt of an AEAD; then the integrity's. */
    uint8_t encryption[36];
    uint8_t integrity[64];
    size_t encryption_length, integrity_length;
} IkeChildKeys;

typedef struct {
    unsigned number;          /* counts the session's child SAs from 1 */
    unsigned replaces;        /* number of the one it rekeys, or 0 */
    bool initiator;           /* we asked for it */
    uint32_t spi_in, spi_out; /* of what we receive, of what we send */
    const char *suite;        /* as esp_suite_name() says, interned */
    bool esn;
    const char *group; /* of its own key exchange (PFS), interned, or NULL */
    IkeChildKeys in, out;
    const char *local_ts, *remote_ts; /* "10.0.0.0/8 172.16.0.0/12", interned */
    /* Outer addresses and, with a NAT between us, ports. */
    HsAddr local, remote;
    bool nat_t;
    uint16_t local_port, remote_port;
} IkeChild;

typedef struct {
    IkeOutputKind kind;
    HsAddr local, remote;
    uint16_t local_port, remote_port;
    GBytes *bytes; /* SEND: owned */
    IkeState from, to;
    IkeCause cause;
    uint16_t notify; /* type (RFC 7296 3.10.1), or 0 */
    IkeKeys *keys;   /* owned */
    IkeChild *child; /* owned; keys are set in CHILD_ADD only */
} IkeOutput;

void ike_output_clear(IkeOutput *output);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(IkeOutput, ike_output_clear)

/* Counted, and named by ike_counter_name(). */
#define IKE_COUNTERS(X)                                                        \
    X(SENT, "datagrams-sent")                                                  \
    X(RECEIVED, "datagrams-received")                                          \
    X(RETRANSMITTED, "requests-retransmitted")                                 \
    X(REPEATED, "responses-repeated")                                          \
    X(COOKIES, "cookies-demanded")                                             \
    X(ESTABLISHED, "ike-sas-established")                                      \
    X(CHILDREN, "child-sas-made")                                              \
    X(PROBES, "dpd-probes")                                                    \
    X(FRAGMENTS_SENT, "fragments-sent")                                        \
    X(FRAGMENTS_RECEIVED, "fragments-received")                                \
    X(KEEPALIVES, "nat-keepalives-sent")                                       \
    X(DROP_MALFORMED, "drop-malformed")                                        \
    X(DROP_UNKNOWN_SPI, "drop-unknown-spi")                                    \
    X(DROP_INTEGRITY, "drop-integrity")                                        \
    X(DROP_MESSAGE_ID, "drop-message-id")                                      \
    X(DROP_UNEXPECTED, "drop-unexpected")                                      \
    X(DROP_VERSION, "drop-version")                                            \
    X(DROP_COOKIE, "drop-cookie")                                              \
    X(DROP_FRAGMENT, "drop-fragment")

typedef enum {
#define X(name, text) IKE_COUNT_##name,
    IKE_COUNTERS(X)
#undef X
        IKE_COUNTER_COUNT
} IkeCounter;

const char *ike_counter_name(IkeCounter counter);

typedef struct IkeSession IkeSession;

/* CONFIG is copied and must have no fault; RNG (borrowed: outlives us) draws
 * SPIs, nonces, DH secrets, IVs and the fuzz of lifetimes. */
IkeSession *ike_session_new(const IkeConfig *config, HsRng *rng, HsTime now);
void ike_session_free(IkeSession *s); /* NULL is fine */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(IkeSession, ike_session_free)

/* Orders */

/* Begins an IKE SA with its child SA, or a child SA if only that is missing;
 * nothing if both stand or are under way. A session configured with `start`
 * needs this once. */
void ike_session_start(IkeSession *s, HsTime now);

/* Deletes the IKE SA in good order and stays Idle: it answers no more until
 * started or ike_session_listen() is called. */
void ike_session_stop(IkeSession *s, HsTime now);

/* Answers the peer again after a stop. A new session listens. */
void ike_session_listen(IkeSession *s, HsTime now);

/* Forgets everything without a word, as a crash does. */
void ike_session_reset(IkeSession *s, HsTime now);

void ike_session_rekey_ike(IkeSession *s, HsTime now);

/* By the child's number; false if there is no such one that can be. Also for
 * lifetimes in packets or bytes, which the ESP side counts. */
bool ike_session_rekey_child(IkeSession *s, HsTime now, unsigned number);
bool ike_session_delete_child(IkeSession *s, HsTime now, unsigned number);

/* From the next IKE_AUTH on. */
void ike_session_set_psk(IkeSession *s, const char *psk);

/* Datagrams */

/* Whether the SPIs in the IKE header are of an SA of this session. False for
 * the first message of a new one, which goes by addresses. */
bool ike_session_claims(const IkeSession *s, const uint8_t *payload,
                        size_t length, bool marked);

/* PAYLOAD of UDP; LOCAL and REMOTE as its packet says. Port 4500 as the local
 * one means that there is a marker before IKE. */
void ike_session_receive(IkeSession *s, HsTime now, const HsAddr *local,
                         uint16_t local_port, const HsAddr *remote,
                         uint16_t remote_port, GBytes *payload);

/* Hints of the ESP side */

/* Good ESP came in on child SA NUMBER: the peer lives, and uses it. */
void ike_session_traffic_received(IkeSession *s, HsTime now, unsigned number);

/* ESP went out: with DPD on demand the peer is asked if it is silent; NAT
 * keep-alives wait. */
void ike_session_traffic_sent(IkeSession *s, HsTime now);

/* Good ESP on child SA NUMBER came from elsewhere (RFC 7296 2.23). */
void ike_session_peer_moved(IkeSession *s, HsTime now, unsigned number,
                            const HsAddr *remote, uint16_t remote_port);

void ike_session_expire(IkeSession *s, HsTime now);
HsTime ike_session_next_expiry(const IkeSession *s); /* or HS_TIME_NEVER */
bool ike_session_poll(IkeSession *s, IkeOutput *ret_output);

/* Queries */

IkeState ike_session_state(const IkeSession *s);

/* The child SA that is sent on, keys left out; false if there is none. */
bool ike_session_child(const IkeSession *s, IkeChild *ret_child);
unsigned ike_session_children(const IkeSession *s);
unsigned ike_session_ike_sas(const IkeSession *s); /* half-open ones too */

/* SPIs of the established IKE SA and its suite as the proposal's text; false
 * if there is none. */
bool ike_session_ike_sa(const IkeSession *s, uint64_t *ret_spi_i,
                        uint64_t *ret_spi_r, const char **ret_suite);

/* The last authenticated message or ESP hint, or HS_TIME_NEVER. */
HsTime ike_session_last_received(const IkeSession *s);
uint64_t ike_session_counter(const IkeSession *s, IkeCounter counter);

#endif
