/* What the files of a session share. Not for others.
 *
 *     session.c        orders, which SA a datagram is for, what is due when
 *     sa.c             one IKE SA: made, up, closed; its protection
 *     exchange.c       one request at a time each way: IDs, repetition,
 *                      fragments, what is opened and by whom it is handled
 *     init.c           IKE_SA_INIT       auth.c           IKE_AUTH
 *     create_child.c   CREATE_CHILD_SA   rekey_ike.c      … of the IKE SA
 *     informational.c  INFORMATIONAL: deletes, probes, errors
 *     negotiate.c      what IKE_AUTH and CREATE_CHILD_SA share: a child SA's
 *                      proposal, selectors, keys
 *     child.c          one child SA: added, sent on, removed
 *     task.c           what an SA wants to do when it has no request out
 *     nat.c            NAT detection, ports, keep-alives, moving peers
 *     identity.c       identities as text and as payloads
 *     preset.c policy.c output.c
 *
 * Handlers never free an SA or a child: they mark it (IKE_SA_CLOSED, gone),
 * and session.c sweeps when the call that came from outside is over. */

#ifndef HS_IKEV2_PRIVATE_H
#define HS_IKEV2_PRIVATE_H

#include "models/crypto/dh.h"
#include "models/ikev2/ikev2.h"
#include "models/ikev2/keys.h"
#include "models/ikev2/payload.h"
#include "models/ikev2/protect.h"

#define IKE_NONCE 32 /* ours; RFC 7296 2.10: at least half the PRF's key */

/* RFC 7296 2.25: after TEMPORARY_FAILURE wait, and at last give up. */
#define IKE_TEMPORARY_WAIT HS_SEC(10)
#define IKE_TEMPORARY_LAST HS_SEC(300)

/* A closed SA stays for so long, to repeat its last response. */
#define IKE_CLOSED_STAY HS_SEC(30)

typedef struct IkeSa IkeSa;
typedef struct IkeChildSa IkeChildSa;

/* The life of an IKE SA. */
#define IKE_STAGES(X)                                                          \
    X(INIT_SENT, "IKE_SA_INIT sent")                                           \
    X(HALF_OPEN, "IKE_SA_INIT answered")                                       \
    X(AUTH_SENT, "IKE_AUTH sent")                                              \
    X(UP, "up")                                                                \
    X(REPLACED, "replaced") /* its children are another's; to be deleted */    \
    X(CLOSING, "closing")   /* our delete, or last error, is out */            \
    X(CLOSED, "closed")     /* only repeats its last response */

typedef enum {
#define X(name, text) IKE_SA_##name,
    IKE_STAGES(X)
#undef X
} IkeStage;

/* What a request of ours is for, and what can wait its turn. */
typedef enum {
    IKE_TASK_INIT,
    IKE_TASK_AUTH,
    IKE_TASK_CLOSE,  /* delete the IKE SA */
    IKE_TASK_FAILED, /* tell the responder that its AUTH is wrong */
    IKE_TASK_DELETE_CHILD,
    IKE_TASK_REKEY_IKE,
    IKE_TASK_REKEY_CHILD,
    IKE_TASK_NEW_CHILD,
    IKE_TASK_PROBE,
} IkeTaskKind;

typedef struct {
    IkeTaskKind kind;
    unsigned child; /* number */
    IkeCause cause;
    HsTime not_before;
    uint16_t group; /* that the peer asked for; 0: ours */
} IkeTask;

/* Our half of an exchange that makes keys. */
typedef struct {
    CryptoDh *dh; /* owned; NULL: without */
    uint8_t nonce[IKE_NONCE];
    uint32_t esp_spi;
    uint64_t ike_spi;
} IkeOffered;

/* The request that is out (window of 1). */
typedef struct {
    IkeTask task;
    IkeExchange exchange;
    uint32_t id;
    GPtrArray *datagrams; /* owned: GBytes * */
    const IkeRetransmit *rule;
    unsigned tries;
    HsDuration wait;
    HsTime due;
    IkeOffered offered;
    /* RFC 7296 2.8.1, 2.8.2: the peer's request for the same crossed ours, and
     * was answered. Its SA, and the lower one of its nonces. */
    unsigned rival_child;
    IkeSa *rival;        /* borrowed; NULL when it went */
    GBytes *rival_nonce; /* owned */
} IkeRequest;

struct IkeChildSa {
    IkeChild face; /* what outputs say; its keys are wiped after ADD */
    IkeSa *sa;     /* borrowed: the IKE SA that it belongs to */
    IkeSuite suite;
    bool sending;   /* CHILD_SEND was said */
    bool replaced;  /* by its rekey; to be deleted */
    bool deleting;  /* our delete is queued or out */
    bool lingering; /* deleted; still receives */
    bool gone;
    bool redundant; /* lost a simultaneous rekey; the peer deletes it */
    HsTime rekey_at, expire_at, remove_at;
    IkeCause why;           /* of lingering */
    HsTime temporary_since; /* first TEMPORARY_FAILURE in a row, or NEVER */
};

struct IkeSa {
    IkeSession *session;
    IkeStage stage;
    bool initiator; /* of this SA: flag I of what we send */
    uint64_t spi_i, spi_r;
    HsAddr local, remote;
    uint16_t local_port, remote_port;
    HsAddr answer_to; /* where the request under way came from */
    uint16_t answer_from_port, answer_port;
    bool nat_here, nat_there;
    bool fragments; /* both can */

    IkeSuite suite;
    IkeSaKeys keys;
    IkeProtector *out, *in; /* owned; NULL before there are keys */

    /* IKE_SA_INIT: the messages that AUTH covers, and what a retry needs */
    GBytes *init_request, *init_response; /* owned */
    GBytes *cookie;                       /* owned: to show, or NULL */
    GBytes *ni, *nr;                      /* owned */
    uint16_t group;
    unsigned retries;
    HsTime born;

    IkeRequest *request; /* owned; NULL: none out */
    uint32_t next_id;
    uint32_t expected_id;
    GPtrArray *response; /* owned: GBytes *, the last one that we sent */
    IkeReassembly reassembly;
    GQueue tasks; /* IkeTask *, owned */

    HsTime half_open_until, rekey_at, expire_at, close_at, established_at;
    HsTime temporary_since;
    IkeCause why; /* of closing */
};

struct IkeSession {
    IkeConfig config; /* its texts are ours */
    HsRng *rng;       /* borrowed */
    GQueue outputs;   /* IkeOutput *, owned */
    uint64_t counters[IKE_COUNTER_COUNT];
    IkeState state;
    bool listening;
    bool wanted; /* start() was said, stop() was not */
    HsTime retry_at;
    GPtrArray *sas;      /* IkeSa *, owned; in order of birth */
    GPtrArray *children; /* IkeChildSa *, owned; in order of birth */
    unsigned child_numbers;
    HsTime last_received, last_sent, traffic_sent;
    HsTime stray_at; /* the last answer to a message without an SA */
    HsTime hinted_at;
    uint8_t cookie_secret[IKE_COOKIE_SECRET];
    uint8_t cookie_version;
    HsTime cookie_since;
    uint8_t cookie_old[IKE_COOKIE_SECRET];
    bool cookie_renewed; /* there is an old one */
};

/* output.c */

IkeOutput *ike_output_add(IkeSession *s, IkeOutputKind kind);
void ike_output_free(void *data);
void ike_count(IkeSession *s, IkeCounter counter);

/* session.c */

/* Says what changed, if anything did: the only writer of the state. */
void
ike_session_note(IkeSession *s, HsTime now, IkeCause cause, uint16_t notify);
IkeSa *ike_session_up(const IkeSession *s); /* the SA to work with, or NULL */
unsigned ike_session_half_open(const IkeSession *s);

/* Another attempt after a loss, if the configuration wants one. */
void ike_session_again(IkeSession *s, HsTime now, HsDuration wait);

/* sa.c */

IkeSa *ike_sa_new(IkeSession *s, HsTime now, bool initiator);
void ike_sa_free(void *sa);
uint64_t ike_sa_draw_spi(IkeSession *s);
uint64_t ike_sa_own_spi(const IkeSa *sa);

/* KEYS of SA are there: protection both ways, and the row for Wireshark. */
void ike_sa_protect(IkeSa *sa);

/* IKE_AUTH is done, or the rekey of an SA: lifetimes begin. */
void ike_sa_establish(IkeSa *sa, HsTime now);

/* What a new SA means for older ones with the same peer (2.4). */
void ike_sa_succeed(IkeSa *sa, HsTime now, bool initial_contact);

/* Every child of it moves to TO (2.8). */
void ike_sa_inherit(IkeSa *from, IkeSa *to, HsTime now, IkeCause cause);

/* Its children are not those to send on: another SA has better ones. */
void ike_sa_yield(IkeSa *sa, HsTime now);

/* Ends it without another word; its children go. */
void ike_sa_close(IkeSa *sa, HsTime now, IkeCause cause, uint16_t notify);

/* Ends it by a delete. */
void ike_sa_delete(IkeSa *sa, HsTime now, IkeCause cause);
void ike_sa_expire(IkeSa *sa, HsTime now);
HsTime ike_sa_next_expiry(const IkeSa *sa);

/* The instant to rekey at, LIFE and MARGIN beginning NOW; and the hard end. */
HsTime
ike_rekey_at(IkeSession *s, HsTime now, HsDuration life, HsDuration margin);
HsTime ike_expire_at(const IkeSession *s, HsTime now, HsDuration life,
                     HsDuration margin);

/* exchange.c */

/* B is emptied. Takes REQUEST (transfer full), seals, sends, repeats. */
void
ike_request_send(IkeSa *sa, HsTime now, IkeRequest *request, IkeBuilder *b);

/* The same for a message that is whole already: IKE_SA_INIT. */
void ike_request_send_plain(IkeSa *sa, HsTime now, IkeRequest *request,
                            GBytes *message);
IkeRequest *ike_request_new(const IkeTask *task, IkeExchange exchange);
void ike_request_free(IkeRequest *request); /* NULL is fine */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(IkeRequest, ike_request_free)
void ike_request_expire(IkeSa *sa, HsTime now);

/* The answer to the request under way; B is emptied. */
void ike_respond(IkeSa *sa, HsTime now, IkeExchange exchange, uint32_t id,
                 IkeBuilder *b);

/* … that is one notify and nothing else. */
void
ike_respond_notify(IkeSa *sa, HsTime now, IkeExchange exchange, uint32_t id,
                   uint16_t notify, const void *data, size_t length);

/* … that is whole already: of IKE_SA_INIT (transfer full). */
void ike_answer_plain(IkeSa *sa, HsTime now, GBytes *message);

/* A message with a header of SA's SPIs. */
void ike_exchange_receive(IkeSa *sa, HsTime now, const IkeMessage *message,
                          const HsAddr *local, uint16_t local_port,
                          const HsAddr *remote, uint16_t remote_port);

/* MESSAGE as it is in UDP: behind a marker on port 4500 (transfer full). */
GBytes *ike_marked(GBytes *message, uint16_t local_port);

/* A request that no SA can live with (2.21.3): INVALID_SYNTAX, and the end. */
void ike_fatal(IkeSa *sa, HsTime now, const IkeHeader *header);

/* Header of what SA sends next. */
IkeHeader ike_sa_header(const IkeSa *sa, IkeExchange exchange, uint32_t id,
                        bool response);

/* The first error notify of CHAIN, or 0; *RET_NOTIFY may be NULL. */
uint16_t ike_chain_error(const IkeChain *chain, IkeNotify *ret_notify);

/* IKE_SA_INIT */

void ike_init_start(IkeSession *s, HsTime now);
void ike_init_request(IkeSession *s, HsTime now, const HsAddr *local,
                      uint16_t local_port, const HsAddr *remote,
                      uint16_t remote_port, const IkeMessage *message);
void ike_init_response(IkeSa *sa, HsTime now, const IkeMessage *message);

/* IKE_AUTH */

void ike_auth_start(IkeSa *sa, HsTime now);
void ike_auth_request(IkeSa *sa, HsTime now, const IkeHeader *header,
                      const IkeChain *chain);
void ike_auth_response(IkeSa *sa, HsTime now, IkeRequest *request,
                       const IkeChain *chain);

/* CREATE_CHILD_SA */

void ike_create_start(IkeSa *sa, HsTime now, const IkeTask *task);
void ike_create_request(IkeSa *sa, HsTime now, const IkeHeader *header,
                        const IkeChain *chain);
void ike_create_response(IkeSa *sa, HsTime now, IkeRequest *request,
                         const IkeChain *chain);

/* The peer deletes C. If a rekey of its own crossed ours, which is still out,
 * that says which of the two stands: C was replaced, or is the redundant one.
 */
void ike_create_decide(const IkeSa *sa, IkeChildSa *c);

/* After INVALID_KE_PAYLOAD: R's task once more with the wanted group, if POLICY
 * allows it and it is the first time. */
bool ike_retry_group(IkeSa *sa, const IkePolicy *policy, const IkeRequest *r,
                     const IkeNotify *n);

/* After TEMPORARY_FAILURE: R's task once more in a while; false if it has
 * gone on for too long, and then the SA is deleted. *SINCE: the first one. */
bool ike_retry_later(IkeSa *sa, HsTime now, const IkeRequest *r, HsTime *since);

/* … of the IKE SA */

void ike_rekey_start(IkeSa *sa, HsTime now, const IkeTask *task);
void ike_rekey_request(IkeSa *sa, HsTime now, const IkeHeader *header,
                       const IkeChain *chain, const IkeOffer *offer);
void ike_rekey_response(IkeSa *sa, HsTime now, IkeRequest *request,
                        const IkeChain *chain);

/* The peer deleted SA, or it is given up, while our rekey of it is out: what
 * the peer made instead takes over. False if there is nothing. */
bool ike_rekey_forget(IkeSa *sa, HsTime now);

/* The peer asks for something about children on SA, which it made while our
 * rekey of the old one is out: it has decided for SA, so the children are
 * there. */
void ike_rekey_adopt(IkeSa *sa, HsTime now);

/* INFORMATIONAL */

void ike_inform_start(IkeSa *sa, HsTime now, const IkeTask *task);
void ike_inform_request(IkeSa *sa, HsTime now, const IkeHeader *header,
                        const IkeChain *chain);
void ike_inform_response(IkeSa *sa, HsTime now, IkeRequest *request,
                         const IkeChain *chain);

HsTime ike_probe_due(const IkeSa *sa);

/* negotiate.c */

void ike_offered_draw(IkeSession *s, IkeOffered *ret_offered, uint16_t group);
void ike_offered_clear(IkeOffered *offered);
IkeBytes ike_bytes_of(GBytes *bytes);

/* SA, Ni, KE, TSi and TSr of a child that we ask for; in IKE_AUTH (FIRST)
 * without nonce and key exchange. */
void
ike_child_ask(IkeSa *sa, IkeBuilder *b, const IkeOffered *offered, bool first);

/* What came of it. */
typedef struct {
    IkeSuite suite;
    uint8_t number; /* of the proposal */
    uint32_t spi;   /* the peer's */
    IkeTsList tsi, tsr;
} IkeDeal;

/* As the responder: 0, or the error notify to answer with. For
 * INVALID_KE_PAYLOAD the group that we want is RET_DEAL's. KE: NULL, none.
 * FIRST: in IKE_AUTH. */
uint16_t ike_child_judge(IkeSa *sa, const IkeChain *chain, const IkeKe *ke,
                         bool first, IkeDeal *ret_deal);

/* As the initiator, of the answer: false if it is not acceptable. */
bool ike_child_accept(IkeSa *sa, const IkeChain *chain, bool first,
                      IkeDeal *ret_deal);

/* The same of the answer. */
void ike_child_answer(IkeBuilder *b, const IkeDeal *deal,
                      const IkeOffered *offered, bool first);

/* The secret of our DH and the peer's KE; false if its value is bad. Without
 * DH an empty one. */
typedef struct {
    uint8_t data[CRYPTO_DH_SECRET_MAX];
    size_t length;
} IkeSecret;

bool ike_agree(const CryptoDh *dh, const IkeKe *ke, IkeSecret *ret_secret);

/* The same for the initiator: SUITE is what was answered, and must have the
 * group that we offered a value of, or none. KE may be NULL. */
bool ike_agree_suite(const IkeOffered *offered, const IkeSuite *suite,
                     const IkeKe *ke, IkeSecret *ret_secret);

/* The lower of two nonces (2.8.1; transfer full). */
GBytes *ike_lower(IkeBytes a, IkeBytes b);

/* child.c */

IkeChildSa *ike_child_add(IkeSa *sa, HsTime now, const IkeDeal *deal,
                          uint32_t spi_in, bool initiator, unsigned replaces,
                          IkeBytes shared, IkeBytes ni, IkeBytes nr);
IkeChildSa *ike_child_find(const IkeSession *s, unsigned number);
IkeChildSa *ike_child_by_spi_out(const IkeSa *sa, uint32_t spi);
void ike_child_send_on(IkeChildSa *c, HsTime now);

/* The newest that can be sent on takes over from C, if that was sent on. */
void ike_child_yield(IkeChildSa *c, HsTime now);

/* C is deleted on both sides; it may linger. */
void ike_child_remove(IkeChildSa *c, HsTime now, IkeCause cause);

/* At once. */
void ike_child_drop(IkeChildSa *c, HsTime now, IkeCause cause);
void ike_child_expire(IkeChildSa *c, HsTime now);
HsTime ike_child_next_expiry(const IkeChildSa *c);
unsigned ike_child_count(const IkeSession *s); /* that serve */
uint32_t ike_child_draw_spi(IkeSession *s);
void ike_child_moved(IkeSa *sa, HsTime now);

/* task.c */

void ike_task_add(IkeSa *sa, HsTime now, IkeTaskKind kind, unsigned child,
                  IkeCause cause, HsDuration wait);
bool ike_task_has(const IkeSa *sa, IkeTaskKind kind, unsigned child);
void ike_task_again(IkeSa *sa, const IkeTask *task); /* copied */
void ike_task_drop(IkeSa *sa, IkeTaskKind kind);

/* Starts the first one that may be, if no request is out. */
void ike_task_run(IkeSa *sa, HsTime now);
HsTime ike_task_next(const IkeSa *sa);

/* nat.c */

void ike_nat_notifies(IkeSession *s, IkeBuilder *b, uint64_t spi_i,
                      uint64_t spi_r, const IkeSa *sa);
void ike_nat_detect(IkeSa *sa, const IkeChain *chain, uint64_t spi_r);

/* To port 4500, after IKE_SA_INIT. */
void ike_nat_float(IkeSa *sa);

/* An authentic, new message came by this way (2.23). */
void
ike_nat_follow(IkeSa *sa, HsTime now, const HsAddr *local, uint16_t local_port,
               const HsAddr *remote, uint16_t remote_port);
HsTime ike_keepalive_due(const IkeSa *sa);
void ike_keepalive_send(IkeSa *sa, HsTime now);

/* identity.c */

typedef struct {
    uint8_t type;
    GBytes *data; /* owned */
} IkeIdentity;

void ike_identity_clear(IkeIdentity *id);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(IkeIdentity, ike_identity_clear)

/* TEXT, or the address if it is NULL. */
void
ike_identity_of(IkeIdentity *ret_id, const char *text, const HsAddr *address);
bool ike_identity_is(const IkeIdentity *id, const IkeId *payload);

#endif
