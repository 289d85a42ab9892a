/* What session.c and fsm.c share: a session and its one or two state machines.
 *
 * RFC 4271 8.2.1 gives each TCP connection a state machine of its own until a
 * collision is resolved. So a session has a main one, whose state is the
 * session's, and for as long as there is a second connection a rival. */

#ifndef HS_BGP_PRIVATE_H
#define HS_BGP_PRIVATE_H

#include "models/bgp/bgp.h"
#include "models/bgp/message.h"

typedef enum {
    TIMER_CONNECT_RETRY,
    TIMER_HOLD,
    TIMER_KEEPALIVE,
    TIMER_DELAY_OPEN,
    TIMER_IDLE_HOLD,
    TIMER_COUNT
} BgpTimer;

typedef struct {
    BgpSession *session; /* borrowed */
    BgpState state;
    unsigned connection; /* 0: none */
    bool incoming;       /* the peer opened it */
    bool connected;
    GByteArray *input; /* owned: bytes that make no message yet */
    HsTime due[TIMER_COUNT];
    BgpNegotiated negotiated; /* from the peer's OPEN */
    BgpFault fault;           /* of the event being handled */
} BgpFsm;

struct BgpSession {
    BgpSessionConfig config;
    HsRng *rng; /* borrowed */
    HsTime now;
    BgpFsm *main;   /* owned */
    BgpFsm *rival;  /* owned; NULL: there is one connection at most */
    GQueue outputs; /* BgpOutput *, owned */
    unsigned last_connection;
    bool wanted;       /* started, and not stopped by hand */
    bool no_link;      /* the carrier is lost */
    unsigned failures; /* in a row: the idle hold time grows with them */
    HsTime established_at;
    HsTime last_received;
    BgpFault stop; /* of the stop being handled: a Cease */
    bool stop_silently;
    /* Too many prefixes: Idle until HALT_HOLD is over, or for good if that is
     * 0, whatever the carrier or BFD do. */
    bool halted;
    HsDuration halt_hold;
    bool hard_reset;    /* a NOTIFICATION said so, or we did (RFC 8538 3) */
    bool graceful;      /* of the loss being handled */
    char *peer_message; /* owned; RFC 9003 */
    const char *cause;  /* of the event being handled; interned */
    uint64_t counters[BGP_COUNTER_COUNT];
};

/* fsm.c */

BgpFsm *bgp_fsm_new(BgpSession *s);
void bgp_fsm_free(BgpFsm *f);

/* The event happens to F. F may be gone afterwards. */
void bgp_fsm(BgpFsm *f, BgpEvent event);

/* The peer announced families whose routes stay while it restarts. */
bool bgp_fsm_keeps_routes(const BgpFsm *f);

/* session.c */

BgpOutput *
bgp_session_queue(BgpSession *s, BgpOutputKind kind, unsigned connection);

/* MESSAGE: transfer full. */
void bgp_session_send(BgpSession *s, const BgpFsm *f, BgpCounter counter,
                      GBytes *message);

/* Asks for a TCP connection. */
void bgp_session_connect(BgpSession *s, BgpFsm *f);

/* Gives up F's connection, if it has one. */
void bgp_session_close(BgpSession *s, BgpFsm *f, bool flush);

/* A duration times a factor in [low, 1000] thousandths. */
HsDuration bgp_session_jitter(BgpSession *s, HsDuration span, uint16_t low);

#endif
