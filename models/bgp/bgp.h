/* One BGP session with one peer (RFC 4271 section 8), without I/O.
 *
 * Bytes, events and the time go in. After any call take the outputs with
 * bgp_session_poll() until it returns false, then arrange to be back at
 * bgp_session_next_expiry(). expire() called early does nothing; called late,
 * it catches up. Most users want models/bgp/speaker.h, which runs sessions and
 * routes together behind one such face.
 *
 * Connections have numbers given by the session. It asks for one with the
 * output CONNECT, and the transport answers with bgp_session_tcp_up() or
 * bgp_session_tcp_down(). One that the peer opened is offered with
 * bgp_session_accept(). Two can exist for a while: RFC 4271 6.8 says which one
 * stays, and the session closes the other. After CLOSE the number is gone:
 * whatever the transport still says about it is ignored.
 *
 * Departure: TCP MD5 (RFC 2385) is not modelled; the transport below is the
 * simulator's TCP, which has no such option. AWS always uses it, but it
 * changes neither timing nor routes, only 20 bytes a segment. */

#ifndef HS_BGP_BGP_H
#define HS_BGP_BGP_H

#include "models/base/addr.h"
#include "models/base/rng.h"
#include "models/base/simtime.h"
#include "models/base/trace.h"
#include "models/bgp/attrs.h"
#include "models/bgp/wire.h"

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* RFC 4271 8.2.2 */
#define BGP_STATES(X)                                                          \
    X(IDLE, "Idle")                                                            \
    X(CONNECT, "Connect")                                                      \
    X(ACTIVE, "Active")                                                        \
    X(OPEN_SENT, "OpenSent")                                                   \
    X(OPEN_CONFIRM, "OpenConfirm")                                             \
    X(ESTABLISHED, "Established")

typedef enum {
#define X(name, text) BGP_##name,
    BGP_STATES(X)
#undef X
        BGP_STATE_COUNT
} BgpState;

/* RFC 4271 8.1, in its order: the first is event 1. */
#define BGP_EVENTS(X)                                                          \
    X(MANUAL_START, "ManualStart")                                             \
    X(MANUAL_STOP, "ManualStop")                                               \
    X(AUTOMATIC_START, "AutomaticStart")                                       \
    X(MANUAL_START_PASSIVE, "ManualStartPassive")                              \
    X(AUTOMATIC_START_PASSIVE, "AutomaticStartPassive")                        \
    X(AUTOMATIC_START_DAMPED, "AutomaticStartDamped")                          \
    X(AUTOMATIC_START_DAMPED_PASSIVE, "AutomaticStartDampedPassive")           \
    X(AUTOMATIC_STOP, "AutomaticStop")                                         \
    X(CONNECT_RETRY_TIMER, "ConnectRetryTimer")                                \
    X(HOLD_TIMER, "HoldTimer")                                                 \
    X(KEEPALIVE_TIMER, "KeepaliveTimer")                                       \
    X(DELAY_OPEN_TIMER, "DelayOpenTimer")                                      \
    X(IDLE_HOLD_TIMER, "IdleHoldTimer")                                        \
    X(TCP_VALID, "TcpConnectionValid")                                         \
    X(TCP_INVALID, "TcpCrInvalid")                                             \
    X(TCP_ACKED, "TcpCrAcked")                                                 \
    X(TCP_CONFIRMED, "TcpConnectionConfirmed")                                 \
    X(TCP_FAILS, "TcpConnectionFails")                                         \
    X(OPEN, "BgpOpen")                                                         \
    X(OPEN_DELAYED, "BgpOpenWithDelayOpenTimer")                               \
    X(HEADER_ERROR, "BgpHeaderErr")                                            \
    X(OPEN_ERROR, "BgpOpenMsgErr")                                             \
    X(COLLISION_DUMP, "OpenCollisionDump")                                     \
    X(NOTIFICATION_VERSION, "NotifMsgVerErr")                                  \
    X(NOTIFICATION, "NotifMsg")                                                \
    X(KEEPALIVE, "KeepAliveMsg")                                               \
    X(UPDATE, "UpdateMsg")                                                     \
    X(UPDATE_ERROR, "UpdateMsgErr")

typedef enum {
    BGP_EVENT_NONE = 0,
#define X(name, text) BGP_EVENT_##name,
    BGP_EVENTS(X)
#undef X
        BGP_EVENT_COUNT
} BgpEvent;

const char *bgp_state_name(BgpState state);
const char *bgp_event_name(BgpEvent event);

/* Whose timing the session has. */
typedef enum {
    BGP_PRESET_RFC,
    BGP_PRESET_FRR,
    BGP_PRESET_BIRD,
    BGP_PRESET_AWS,
} BgpPreset;

/* A timer runs for its value times a factor drawn from [low, 1]. The low end
 * is in thousandths; 1000 is no jitter. */
typedef struct {
    HsDuration connect_retry; /* RFC 4271 10: 120 s */
    HsDuration connect_delay; /* from a start to the first attempt, in Active */
    HsDuration open_hold;     /* the "large" hold time before OPEN: 4 min */
    HsDuration idle_hold_min; /* in Idle after a failure; doubles each time */
    HsDuration idle_hold_max;
    /* Established for so long forgets earlier failures. */
    HsDuration idle_hold_forget;
    uint16_t keepalive_jitter, hold_jitter, connect_jitter, idle_jitter;
    /* A connect that fails ends in Active, waiting for connect_retry, and not
     * in Idle as in RFC 4271 8.2.2 (Connect, event 18). */
    bool retry_in_active;
    /* A connection that the peer closed or lost is no error: idle_hold_min
     * applies to the others only. */
    bool no_idle_after_tcp_loss;
} BgpTimers;

/* rfc: jitter 0.75-1 on keepalive and connect retry (RFC 4271 10).
 * frr: no jitter; start timer 1 s, doubling to 120 s; a failed connect waits
 *      for connect retry in Active.
 * bird: 0.75-1 on every timer, hold time included; 5 s before it connects;
 *      60-300 s after an error.
 * aws: assumed, AWS publishes none: RFC jitter on keepalive, none on hold,
 *      start timer as FRR, connect retry 30 s. */
BgpTimers bgp_timers_preset(BgpPreset preset);
const char *bgp_preset_name(BgpPreset preset);

/* False, and RET_PRESET untouched, if TEXT names none. */
bool bgp_preset_parse(const char *text, BgpPreset *ret_preset);

/* Graceful restart (RFC 4724). */
typedef struct {
    bool enabled; /* send the capability */
    /* Help the peer through its restart, but promise nothing about ours: the
     * capability names no family. */
    bool helper_only;
    /* RFC 8538: the hold timer and most NOTIFICATIONs leave the routes too. */
    bool notification;
    HsDuration time; /* until we are back: whole seconds, at most 4095 s */
    /* How long stale routes may stay after the session is back, should the
     * peer never say End-of-RIB; 0: for ever. */
    HsDuration stale_time;
    /* What we have done ourselves: the R and F bits of our next OPEN. */
    bool restarting, forwarding_lost;
} BgpRestart;

typedef struct {
    uint32_t local_as;
    uint32_t peer_as;
    uint32_t router_id; /* host order, not 0 */
    HsDuration hold;    /* offered; 0, or 3 s and more; whole seconds */
    /* 0: a third of the negotiated hold time. Never slower than that third. */
    HsDuration keepalive;
    /* A peer's offer below this is refused (Unacceptable Hold Time); 0 stands
     * for RFC 4271's rule. allow_hold_zero = false refuses 0 (as AWS does). */
    HsDuration hold_min;
    bool allow_hold_zero;
    bool passive;          /* wait for the peer to connect */
    bool no_restart;       /* stay in Idle after a failure */
    bool ipv4, ipv6;       /* address families to offer; neither: IPv4 */
    bool no_four_octet_as; /* behave as an old speaker (RFC 6793) */
    bool no_route_refresh;
    bool no_capabilities;  /* send an OPEN as RFC 4271 knew it */
    HsDuration delay_open; /* RFC 4271 8.1.1: 0 is off */
    BgpRestart restart;
    BgpTimers timers;
    const HsTrace *trace; /* borrowed: outlives us; may be NULL */
} BgpSessionConfig;

/* Fills in: hold 90 s, IPv4, the preset's timers, zero hold time allowed. */
BgpSessionConfig bgp_session_config(BgpPreset preset);

/* What the two OPENs agreed on. */
typedef struct {
    HsDuration hold;      /* 0: none */
    HsDuration keepalive; /* 0: none */
    uint32_t peer_id;
    uint32_t peer_as;
    bool ibgp;
    bool four_octet_as;
    bool ipv4, ipv6;
    bool route_refresh;
    /* Graceful restart: both announced it. The rest is what the peer said: how
     * long it may be away, for which families its routes outlive its session,
     * whether it has just restarted, and if so what it kept forwarding. */
    bool graceful_restart;
    bool restart_notification; /* both sides (RFC 8538) */
    HsDuration restart_time;
    bool restart_ipv4, restart_ipv6;
    bool peer_restarted;
    bool forwards_ipv4, forwards_ipv6;
} BgpNegotiated;

/* Counted, and named by bgp_counter_name(). */
#define BGP_COUNTERS(X)                                                        \
    X(OPEN_SENT, "open-sent")                                                  \
    X(OPEN_RECEIVED, "open-received")                                          \
    X(UPDATE_SENT, "update-sent")                                              \
    X(UPDATE_RECEIVED, "update-received")                                      \
    X(KEEPALIVE_SENT, "keepalive-sent")                                        \
    X(KEEPALIVE_RECEIVED, "keepalive-received")                                \
    X(NOTIFICATION_SENT, "notification-sent")                                  \
    X(NOTIFICATION_RECEIVED, "notification-received")                          \
    X(REFRESH_SENT, "refresh-sent")                                            \
    X(REFRESH_RECEIVED, "refresh-received")                                    \
    X(TREAT_AS_WITHDRAW, "treat-as-withdraw")                                  \
    X(ATTRIBUTE_DISCARD, "attribute-discard")                                  \
    X(COLLISION, "collision")                                                  \
    X(REFUSED, "connection-refused")                                           \
    X(ESTABLISHED, "established")                                              \
    X(DROPPED, "dropped")

typedef enum {
#define X(name, text) BGP_COUNT_##name,
    BGP_COUNTERS(X)
#undef X
        BGP_COUNTER_COUNT
} BgpCounter;

const char *bgp_counter_name(BgpCounter counter);

/* An UPDATE as it was received. IPv4 NLRI and MP_REACH_NLRI can stand in one
 * message with different next hops, hence two groups. */
typedef struct {
    GArray *withdrawn;    /* owned, HsPrefix */
    GArray *announced;    /* owned, HsPrefix: the NLRI field */
    BgpAttrs *attrs;      /* owned; NULL if announced is empty */
    GArray *mp_announced; /* owned, HsPrefix: MP_REACH_NLRI */
    BgpAttrs *mp_attrs;   /* owned; NULL if mp_announced is empty */
    /* RFC 7606: the announcements of a faulty message stand in withdrawn. */
    bool treated_as_withdraw;
    const char *fault;   /* literal: what was treated or discarded, or NULL */
    unsigned discarded;  /* attributes */
    HsFamily end_of_rib; /* RFC 4724 2, or HS_FAMILY_NONE */
} BgpUpdate;

BgpUpdate *bgp_update_new(void);
void bgp_update_free(BgpUpdate *update); /* NULL is fine */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(BgpUpdate, bgp_update_free)

typedef enum {
    BGP_OUTPUT_SEND,        /* connection, bytes: to the stream */
    BGP_OUTPUT_CONNECT,     /* connection: open TCP to the peer, port 179 */
    BGP_OUTPUT_CLOSE,       /* connection, flush */
    BGP_OUTPUT_STATE,       /* from, to, event, cause, graceful */
    BGP_OUTPUT_ESTABLISHED, /* negotiated; comes after its STATE */
    BGP_OUTPUT_UPDATE,      /* update */
    BGP_OUTPUT_REFRESH,     /* family: the peer asks for our routes again */
} BgpOutputKind;

typedef struct {
    BgpOutputKind kind;
    unsigned connection;
    GBytes *bytes; /* owned */
    /* CLOSE: send what is queued, then FIN; otherwise drop the connection. */
    bool flush;
    BgpState from, to;
    BgpEvent event;
    /* Why, in words for people: "HoldTimer", "BFD down",
     * "received Cease/Administrative Shutdown". Interned. */
    const char *cause;
    /* The session was lost in a way that may be the peer's restart: its routes
     * stay for now (RFC 4724 4.2). */
    bool graceful;
    BgpNegotiated negotiated;
    BgpUpdate *update; /* owned */
    HsFamily family;
} BgpOutput;

void bgp_output_clear(BgpOutput *output);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(BgpOutput, bgp_output_clear)

typedef struct BgpSession BgpSession;

/* RNG is borrowed and outlives the session. */
BgpSession *
bgp_session_new(const BgpSessionConfig *config, HsRng *rng, HsTime now);
void bgp_session_free(BgpSession *s); /* NULL is fine */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(BgpSession, bgp_session_free)

/* ManualStart (or its passive form). Nothing if not Idle, or waiting there. */
void bgp_session_start(BgpSession *s, HsTime now);

/* ManualStop: NOTIFICATION Cease with SUBCODE (BGP_CEASE_…), and Idle until
 * started again. MESSAGE tells the people on the other side why (RFC 9003):
 * UTF-8, at most 255 octets, and only with the subcodes administrative shutdown
 * and reset; may be NULL. */
void bgp_session_stop(BgpSession *s, HsTime now, uint8_t subcode,
                      const char *message);

/* AutomaticStop: the same, but the session comes back after its idle hold
 * time. CAUSE is a literal. */
void bgp_session_reset(BgpSession *s, HsTime now, uint8_t subcode,
                       const char *cause);

/* AutomaticStop for good: the peer announced more than LIMIT prefixes of
 * FAMILY. Cease/Maximum Number of Prefixes Reached with the data of RFC 4486 4;
 * then Idle for HOLD, or with HOLD 0 until started by hand. */
void bgp_session_too_many_prefixes(BgpSession *s, HsTime now, HsFamily family,
                                   uint32_t limit, HsDuration hold);

/* BFD lost the peer: Cease/BFD Down (RFC 9384), then as reset. MAY_RESTART: it
 * may be the peer's control plane that is gone and not the path (RFC 5882
 * 4.3.2); an established session with graceful restart is then treated as one
 * whose connection was lost. */
void bgp_session_bfd_down(BgpSession *s, HsTime now, bool may_restart);

/* This router's own control plane died: connections break, nothing is said,
 * and the session is Idle until started again. */
void bgp_session_crash(BgpSession *s, HsTime now);

/* What our OPENs say of our own restart from now on. */
void bgp_session_set_restarting(BgpSession *s, bool restarting,
                                bool forwarding_lost);

/* The interface lost its carrier (fast external fail-over): no NOTIFICATION
 * could leave, so none is sent; connections are dropped. */
void bgp_session_link_down(BgpSession *s, HsTime now);

/* The carrier is back: a session that waits in Idle starts now. */
void bgp_session_link_up(BgpSession *s, HsTime now);

/* The connection of a CONNECT stands. */
void bgp_session_tcp_up(BgpSession *s, HsTime now, unsigned connection);

/* The peer opened a connection. Its number, or 0: refused, close it. */
unsigned bgp_session_accept(BgpSession *s, HsTime now);

/* CONNECTION failed, was reset or was closed by the peer. */
void bgp_session_tcp_down(BgpSession *s, HsTime now, unsigned connection);

/* Bytes of the stream, cut anywhere. */
void bgp_session_receive(BgpSession *s, HsTime now, unsigned connection,
                         const void *data, size_t length);

/* Sends an UPDATE (made by bgp_update_encode) while Established; ignored
 * otherwise. MESSAGE: transfer full. */
void bgp_session_send_update(BgpSession *s, HsTime now, GBytes *message);

/* Asks the peer for its routes again (RFC 2918), if it can. */
void bgp_session_request_refresh(BgpSession *s, HsTime now, HsFamily family);

void bgp_session_expire(BgpSession *s, HsTime now);
HsTime bgp_session_next_expiry(const BgpSession *s); /* or HS_TIME_NEVER */
bool bgp_session_poll(BgpSession *s, BgpOutput *ret_output);

BgpState bgp_session_state(const BgpSession *s);

/* Valid while Established. */
const BgpNegotiated *bgp_session_negotiated(const BgpSession *s);
uint64_t bgp_session_counter(const BgpSession *s, BgpCounter counter);

/* What the peer's people said when they last shut the session down (RFC 9003),
 * made fit to print; NULL if nothing. Borrowed until the next input. */
const char *bgp_session_peer_message(const BgpSession *s);

/* When the last message was received on the session's connection;
 * HS_TIME_NEVER if none was. */
HsTime bgp_session_last_received(const BgpSession *s);

#endif
