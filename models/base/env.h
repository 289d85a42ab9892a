/* What a model may ask of the world around it.
 *
 * An HsEnv belongs to one node. It is implemented twice: by sim/world over
 * ns-3 and by tests/harness over a fake clock. Nothing here calls back before
 * the function that was called has returned: a connect, a send or a close
 * reports from an event of its own.
 *
 * Ownership: what an _open, _connect or _new returns belongs to the caller,
 * who frees it with the matching function before the environment goes; after
 * that call no callback of it runs any more. A handle may be freed from one of
 * its own callbacks. user_data is always borrowed. */

#ifndef HS_BASE_ENV_H
#define HS_BASE_ENV_H

#include "models/base/addr.h"
#include "models/base/fact.h"
#include "models/base/rng.h"
#include "models/base/simtime.h"
#include "models/base/trace.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct HsEnv HsEnv;
typedef struct HsAlarm HsAlarm;
typedef struct HsStream HsStream;
typedef struct HsListener HsListener;
typedef struct HsUdp HsUdp;

/* Why a stream ended. */
#define HS_STREAM_ENDS(X)                                                      \
    X(CLOSED, "closed by peer")           /* FIN */                            \
    X(RESET, "reset by peer")             /* RST on a connection */            \
    X(REFUSED, "connection refused")      /* RST to our SYN */                 \
    X(CONNECT_TIMEOUT, "connect timeout") /* SYN retries used up */            \
    X(TIMEOUT, "retransmission timeout")  /* data retries used up */           \
    X(UNREACHABLE, "unreachable")         /* ICMP, while connecting */         \
    X(USER_TIMEOUT, "user timeout")       /* HsStreamLimits */                 \
    X(KEEPALIVE, "keepalive timeout")     /* likewise */

typedef enum {
#define X(name, text) HS_STREAM_##name,
    HS_STREAM_ENDS(X)
#undef X
} HsStreamEnd;

const char *hs_stream_end_name(HsStreamEnd end);

/* A TCP connection's news. Each may be NULL. */
typedef struct {
    void (*connected)(void *user_data);
    void (*received)(void *user_data, const uint8_t *data, size_t length);
    /* A retransmission of data or SYN; ATTEMPT counts from 1 since the last
     * acknowledgement of new data; RTO is the one armed next. */
    void (*retransmitted)(void *user_data, unsigned attempt, HsDuration rto);
    /* New data acknowledged; TOTAL bytes so far. */
    void (*acked)(void *user_data, uint64_t total);
    /* The last callback. The stream is still to be freed. */
    void (*ended)(void *user_data, HsStreamEnd why);
} HsStreamEvents;

/* When a stream is given up that nothing comes back on. Zero-filled: by the
 * stack's own patience. */
typedef struct {
    HsDuration user_timeout;   /* TCP_USER_TIMEOUT: unacknowledged so long */
    HsDuration keepalive_idle; /* TCP_KEEPIDLE; 0: no keepalive */
    HsDuration keepalive_interval; /* TCP_KEEPINTVL */
    unsigned keepalive_count;      /* TCP_KEEPCNT */
} HsStreamLimits;

/* A new connection; STREAM is the acceptor's (transfer full). To be answered
 * at once with hs_stream_set_events(). */
typedef void (*HsAcceptFunc)(void *user_data, HsStream *stream,
                             const HsAddr *peer, uint16_t peer_port);

typedef void (*HsDatagramFunc)(void *user_data, const HsAddr *from,
                               uint16_t from_port, const uint8_t *data,
                               size_t length);

struct HsEnv {
    const struct HsEnvOps *ops; /* borrowed */
    const char *node;           /* interned */
};

struct HsEnvOps {
    HsTime (*now)(HsEnv *env);
    HsRng *(*rng_new)(HsEnv *env, const char *purpose);
    void (*fact)(HsEnv *env, const HsFact *fact);
    HsEvidence (*evidence)(HsEnv *env);
    const HsTrace *(*trace_new)(HsEnv *env, const char *protocol,
                                const char *peer);

    HsAlarm *(*alarm_new)(HsEnv *env, void (*fire)(void *user_data),
                          void *user_data);
    void (*alarm_set)(HsAlarm *alarm, HsTime due);
    void (*alarm_free)(HsAlarm *alarm);

    HsStream *(*stream_connect)(HsEnv *env, const HsAddr *local,
                                const HsAddr *remote, uint16_t remote_port,
                                const HsStreamEvents *events, void *user_data);
    void (*stream_set_events)(HsStream *stream, const HsStreamEvents *events,
                              void *user_data);
    void (*stream_set_limits)(HsStream *stream, const HsStreamLimits *limits);
    void (*stream_send)(HsStream *stream, const void *data, size_t length);
    void (*stream_close)(HsStream *stream);
    void (*stream_free)(HsStream *stream);
    HsListener *(*listen)(HsEnv *env, const HsAddr *local, uint16_t port,
                          HsAcceptFunc accept, void *user_data);
    void (*listener_free)(HsListener *listener);

    HsUdp *(*udp_open)(HsEnv *env, const HsAddr *local, uint16_t port,
                       HsDatagramFunc received, void *user_data);
    void (*udp_send)(HsUdp *udp, const HsAddr *to, uint16_t to_port,
                     const void *data, size_t length);
    void (*udp_free)(HsUdp *udp);
};

/* Time and chance */

static inline HsTime
hs_env_now(HsEnv *env)
{
    return env->ops->now(env);
}

/* This node's stream of random numbers for PURPOSE (transfer full). */
static inline HsRng *
hs_env_rng_new(HsEnv *env, const char *purpose)
{
    return env->ops->rng_new(env, purpose);
}

/* One alarm: FIRE is called once at the time set last. Setting it again moves
 * it; HS_TIME_NEVER disarms it; a time that is past fires at once, from an
 * event of its own. */
static inline HsAlarm *
hs_alarm_new(HsEnv *env, void (*fire)(void *user_data), void *user_data)
{
    return env->ops->alarm_new(env, fire, user_data);
}

void hs_alarm_set(HsAlarm *alarm, HsTime due);
void hs_alarm_free(HsAlarm *alarm); /* NULL is fine */

/* Observation */

/* Adds FACT to the run's stream. The environment fills in at and node, and
 * the evidence if it is not set and a packet is being handled. */
static inline void
hs_env_fact(HsEnv *env, const HsFact *fact)
{
    env->ops->fact(env, fact);
}

/* The packet that this node is handling now, for a fact that a timer will
 * report later. */
static inline HsEvidence
hs_env_evidence(HsEnv *env)
{
    return env->ops->evidence(env);
}

/* Borrowed: lives as long as the environment. NULL when nobody reads it. */
static inline const HsTrace *
hs_env_trace_new(HsEnv *env, const char *protocol, const char *peer)
{
    return env->ops->trace_new(env, protocol, peer);
}

/* Transport, on this node's host stack */

/* LOCAL may be NULL or not set: the stack chooses. */
static inline HsStream *
hs_stream_connect(HsEnv *env, const HsAddr *local, const HsAddr *remote,
                  uint16_t remote_port, const HsStreamEvents *events,
                  void *user_data)
{
    return env->ops->stream_connect(env, local, remote, remote_port, events,
                                    user_data);
}

void hs_stream_set_events(HsStream *stream, const HsStreamEvents *events,
                          void *user_data);

/* As socket options are set: right after connecting or accepting. */
void hs_stream_set_limits(HsStream *stream, const HsStreamLimits *limits);

/* Queues all of DATA (copied), however much. Ignored after the end. */
void hs_stream_send(HsStream *stream, const void *data, size_t length);

/* Sends what is queued, then FIN. */
void hs_stream_close(HsStream *stream);

/* Resets the connection if it is still there, silently for this side. NULL is
 * fine. After hs_stream_close() it lets the close go on by itself. */
void hs_stream_free(HsStream *stream);

static inline HsListener *
hs_env_listen(HsEnv *env, const HsAddr *local, uint16_t port,
              HsAcceptFunc accept, void *user_data)
{
    return env->ops->listen(env, local, port, accept, user_data);
}

void hs_listener_free(HsListener *listener); /* NULL is fine */

static inline HsUdp *
hs_udp_open(HsEnv *env, const HsAddr *local, uint16_t port,
            HsDatagramFunc received, void *user_data)
{
    return env->ops->udp_open(env, local, port, received, user_data);
}

void hs_udp_send(HsUdp *udp, const HsAddr *to, uint16_t to_port,
                 const void *data, size_t length);
void hs_udp_free(HsUdp *udp); /* NULL is fine */

/* For the two implementations: the first member of each handle. */
typedef struct {
    const struct HsEnvOps *ops;
} HsEnvHandle;

#endif
