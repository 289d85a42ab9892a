/* The database client from the inside: what db_client.c (requests: when they
 * are due, where they wait, how they end) and db_connection.c (connections, and
 * the round trips of a request on one) share.
 *
 *     due --> waiting --> on a connection --> answered
 *              |   ^       |
 *              |   +-------+-- delayed: it is lost, and may be retried
 *              v           v
 *              failed      failed */

#ifndef HS_LOAD_DB_PRIVATE_H
#define HS_LOAD_DB_PRIVATE_H

#include "models/load/db.h"
#include "models/load/db_wire.h"

typedef struct {
    uint64_t id;
    HsTime due;
    HsTime wait_until; /* pool: gives up waiting for a connection */
    HsTime again_at;   /* delayed: when it waits again */
    unsigned tries;
    unsigned query;       /* of the mix */
    unsigned round_trips; /* done on this connection */
    bool preparing;       /* the round trip under way is not one of them */
    bool parsed;          /* the next statement needs no preparing any more */
} DbRequest;

typedef enum {
    DB_CONNECTION_DOWN, /* its alarm: when it connects, or never */
    DB_CONNECTION_TRYING,
    DB_CONNECTION_LOGIN,
    DB_CONNECTION_UP,
} DbConnectionState;

/* What a connection that is up waits for. */
typedef enum {
    DB_WAITS_NONE, /* idle */
    DB_WAITS_REPLY,
    DB_WAITS_PAUSE, /* the client's, between two round trips */
    DB_WAITS_CHECK,
} DbWaits;

typedef struct {
    HsDbClient *client; /* borrowed: owns us */
    const char *name;   /* interned */
    unsigned index;
    DbConnectionState state;
    DbWaits waits;
    HsStream *stream; /* owned; NULL while down */
    HsAlarm *alarm;   /* owned: reconnect, connect time-out, reply's time-out,
                       * pause, end of an idle one */
    GQueue sent;      /* DbRequest, owned, in the order of the replies */
    DbParser parser;
    HsDuration delay;        /* before the next connect */
    HsDuration delay_before; /* what it was before this one came up */
    uint64_t attempt;        /* connects so far */
    unsigned logged_in;      /* round trips of the login done */
    uint32_t prepared;       /* a bit for each query */
    HsTime born, idle_since;
    bool dormant; /* down, and nobody needs it */
    bool retransmitting;
} DbConnection;

typedef struct {
    HsTime due;
    unsigned index;
} DbUser;

struct HsDbClient {
    HsEnv *env; /* borrowed: outlives us */
    HsDbClientConfig config;
    HsDbQuery queries[HS_DB_QUERIES_MAX]; /* one at least */
    unsigned query_count, weights;
    bool exclusive;       /* one request on a connection at a time */
    const HsTrace *trace; /* borrowed from the environment */
    HsRng *arrivals;      /* owned */
    HsRng *payload;       /* owned */
    HsRng *choices;       /* owned: queries, pauses, jitter */
    HsAlarm *arrival;     /* owned: the next request is due */
    HsAlarm *patience;    /* owned: a waiting request gives up */
    HsAlarm *again;       /* owned: a delayed request waits again */
    HsTime next_due;
    GQueue users;           /* closed loop: DbUser, owned, by due */
    GQueue waiting;         /* DbRequest, owned */
    GQueue delayed;         /* likewise */
    GQueue idle;            /* DbConnection, borrowed: the longest idle first */
    GPtrArray *connections; /* DbConnection, owned */
    HsDbClientCounters counters;
    bool finished;
};

/* db_client.c. REQUEST is theirs from then on. */
void db_client_answered(HsDbClient *client, DbRequest *request,
                        const DbConnection *c);
void db_client_failed(HsDbClient *client, DbRequest *request,
                      const DbConnection *c, const char *cause);

/* REQUESTS were on a connection that is no more: in their order they fail, or
 * wait again. NULL CAUSE: they had not begun. */
void db_client_lost(HsDbClient *client, GQueue *requests, const DbConnection *c,
                    const char *cause);
void db_client_dispatch(HsDbClient *client);

/* db_connection.c */
DbConnection *db_connection_new(HsDbClient *client, unsigned index);
void db_connection_free(void *connection);

/* Takes REQUEST; the connection is up, and idle if the client is exclusive. */
void db_connection_take(DbConnection *c, DbRequest *request);

/* An idle one may be too old to be used. False: it is down now. */
bool db_connection_good(DbConnection *c);

/* Opens one that is closed for want of use, if there is any. */
void db_connection_wake(HsDbClient *client);

/* The end of the run: what it had under way goes to OPEN (DbRequest). */
void db_connection_finish(DbConnection *c, GPtrArray *open);

#endif
