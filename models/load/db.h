/* The database: a client and its server, over HsEnv streams.
 *
 * In an open loop a client draws the instants at which requests are due from a
 * stream of its own and never waits for an answer before the next one: latency
 * is measured from the instant a request was due (no coordinated omission). In
 * a closed loop so many users each wait for their answer, think, and ask again:
 * latency is measured from the instant a user asked, and what nobody asked
 * because everybody was waiting is not counted: an outage that stops all users
 * costs each of them one slow request. That is what pgbench measures, and why
 * it makes outages look small.
 *
 * A request is a transaction: one or more round trips (statements) on one
 * connection, of a kind drawn from the mix. It is counted once, from due to the
 * last reply.
 *
 * Two kinds of client exist, because their answers to one outage differ and
 * both are true:
 *
 *   persistent  one connection carries every request, pipelined; while the path
 *               is dead they queue behind TCP's back-off; it connects again
 *               only when the connection ends.
 *   pool        N connections with one request each; a query time-out fails the
 *               request, resets its connection and opens another.
 *
 * Each request is one REQUEST fact and ends in exactly one REPLY or
 * REQUEST_FAILED; hs_db_client_finish() ends those still open. */

#ifndef HS_LOAD_DB_H
#define HS_LOAD_DB_H

#include "models/base/distribution.h"
#include "models/base/env.h"

#include <glib.h>

#define HS_DB_PORT        5432
#define HS_DB_QUERIES_MAX 16

/* One kind of transaction of the mix. */
typedef struct {
    unsigned weight;       /* its share is weight / sum of weights */
    unsigned round_trips;  /* 0: 1 */
    uint32_t request_size; /* of each round trip, header included */
    uint32_t reply_size;   /* likewise */
    HsDistribution think;  /* of the server, in each round trip */
    HsDistribution pause;  /* of the client, between two of them */
    bool prepared;         /* each once more, the first time on each connection */
} HsDbQuery;

/* What is wrong with bytes from the other side. */
#define HS_DB_BADS(X)                                                          \
    X(NONE, "good")                                                            \
    X(MAGIC, "not this protocol")                                              \
    X(LENGTH, "length not as asked, or above the limit")                       \
    X(ORDER, "reply to another request")                                       \
    X(PAYLOAD, "payload differs from what was sent")

typedef enum {
#define X(name, text) HS_DB_BAD_##name,
    HS_DB_BADS(X)
#undef X
        HS_DB_BAD_COUNT
} HsDbBad;

const char *hs_db_bad_name(HsDbBad bad);

/* Server */

typedef struct HsDbServer HsDbServer;

typedef struct {
    const char *name;     /* borrowed for the call; names its random stream */
    HsAddr local;         /* not set: every address of the host */
    uint16_t port;        /* 0: HS_DB_PORT */
    HsDistribution think; /* how long a request takes */
    /* The mix: borrowed for the call. 0: THINK counts. */
    const HsDbQuery *queries;
    unsigned query_count;
    unsigned login_round_trips;
    HsDuration login_gap;         /* logins end no closer than this; 0: any */
    unsigned max_connections;     /* more are refused; 0: no limit */
    HsDuration statement_timeout; /* statements are cancelled; 0: never */
    HsStreamLimits limits;        /* of its sockets */
} HsDbServerConfig;

typedef struct {
    uint64_t accepted;
    uint64_t closed;
    uint64_t requests;
    uint64_t replies;
    uint64_t logins;
    uint64_t refused;   /* too many clients */
    uint64_t cancelled; /* statements */
    uint64_t peak;      /* connections at one time, without those refused */
    uint64_t bad[HS_DB_BAD_COUNT];
} HsDbServerCounters;

HsDbServer *hs_db_server_new(HsEnv *env, const HsDbServerConfig *config);
void hs_db_server_free(HsDbServer *server); /* NULL is fine */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HsDbServer, hs_db_server_free)

const HsDbServerCounters *hs_db_server_counters(const HsDbServer *server);

/* Client */

typedef enum {
    HS_DB_PERSISTENT,
    HS_DB_POOL,
} HsDbClientKind;

typedef enum {
    HS_ARRIVALS_POISSON,
    HS_ARRIVALS_CONSTANT,
} HsArrivals;

typedef enum {
    HS_DB_LOOP_OPEN,
    HS_DB_LOOP_CLOSED,
} HsDbLoop;

typedef struct HsDbClient HsDbClient;

/* A field that is 0 takes the default in brackets. */
typedef struct {
    const char *name;   /* the subject of its facts; borrowed for the call */
    const char *stream; /* of its arrivals, borrowed as well: clients of one
                         * node with the same stream have the same arrivals */
    HsDbClientKind kind;
    HsAddr local; /* not set: the stack chooses */
    HsAddr server;
    uint16_t port; /* [HS_DB_PORT] */

    HsArrivals arrivals;
    HsDuration gap;        /* mean time between requests, above 0 */
    HsTime start;          /* connections open here; requests follow */
    HsTime stop;           /* no request is due at or after this */
    uint32_t request_size; /* bytes on the stream, header included [200] */
    uint32_t reply_size;   /* the same [1000] */

    unsigned connections;           /* pool [10] */
    HsDuration query_timeout;       /* pool [1 s] */
    HsDuration connect_timeout;     /* pool [1 s]; persistent: TCP's own */
    HsDuration reconnect_delay;     /* first wait after a connection [100 ms] */
    HsDuration reconnect_delay_max; /* it doubles up to this [5 s] */
    unsigned retries;               /* a lost request is sent again [0] */

    HsDbLoop loop;
    unsigned users;            /* closed loop [1] */
    HsDistribution user_think; /* closed loop: between two requests */
    /* The mix: borrowed for the call. [one of the sizes above] */
    const HsDbQuery *queries;
    unsigned query_count;

    unsigned login_round_trips; /* before a connection can be used [0] */
    HsDuration socket_timeout;  /* persistent: the reply's [none] */
    HsDuration retry_delay;     /* before it is sent again; doubles [0] */
    HsDuration retry_delay_max; /* [5 s] */
    double reconnect_jitter;    /* up to this part of the wait is left out */

    HsDuration acquire_timeout; /* pool: for a connection [query_timeout] */
    unsigned min_idle;          /* pool: kept open; others on demand [all] */
    HsDuration idle_timeout;    /* pool: the others close then [never] */
    HsDuration max_lifetime;    /* pool: of a connection [for ever] */
    HsDuration check_after;     /* pool: idle so long, it is asked first */
    HsStreamLimits limits;      /* of its sockets */
} HsDbClientConfig;

typedef struct {
    uint64_t requests; /* were due */
    uint64_t replies;
    uint64_t failed;        /* by time-out, loss of the connection, bad bytes */
    uint64_t unanswered;    /* failed by hs_db_client_finish() */
    uint64_t retried;       /* sent again */
    uint64_t connects;      /* connections tried */
    uint64_t connected;     /* connections that came up */
    uint64_t timeouts;      /* requests that met the query time-out */
    uint64_t no_connection; /* requests that found none free in time */
    uint64_t connect_failed;   /* connections that did not come up */
    uint64_t connect_timeouts; /* of these, by the connect time-out or TCP's */
    uint64_t refused;          /* too many clients */
    uint64_t cancelled;        /* statements that the server cancelled */
    uint64_t lost;             /* connections that were up and ended */
    uint64_t user_timeouts;    /* of these, by TCP_USER_TIMEOUT */
    uint64_t keepalive;        /* of these, by keepalive */
    uint64_t retired;          /* closed by age or for want of use */
    uint64_t checks;           /* connections asked before use */
    uint64_t waited;           /* requests that waited for a connection */
    HsDuration wait_max;       /* the longest such wait that found one */
    uint64_t bad[HS_DB_BAD_COUNT];
} HsDbClientCounters;

HsDbClient *hs_db_client_new(HsEnv *env, const HsDbClientConfig *config);

/* The end of the run: each request that is still open becomes a REQUEST_FAILED
 * with the cause "unanswered at the end", and the connections are closed. */
void hs_db_client_finish(HsDbClient *client);
void hs_db_client_free(HsDbClient *client); /* NULL is fine */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HsDbClient, hs_db_client_free)

const HsDbClientCounters *hs_db_client_counters(const HsDbClient *client);

/* Requests that were due and have not ended. */
uint64_t hs_db_client_pending(const HsDbClient *client);

#endif
