/* An application played again: the connections of a script, each with what its
 * client and its server said, over HsEnv streams.
 *
 * A script knows sizes and waits, not contents. Each side of a connection has
 * its steps, and a step says when it is due: WAIT after the other side's bytes
 * up to AFTER have arrived, or after the step before, whichever is later. That
 * is a closed loop, as applications are: when the network takes longer,
 * everything behind it comes later.
 *
 * The bytes are a function of the connection and their place, so that each side
 * checks every one it gets. The first octets of a connection say which of the
 * script it is and where in it the client begins.
 *
 * A request that ends is one REPLAYED fact. When a connection is lost, what was
 * asked on it has failed, and the client connects again and goes on with the
 * next request; that one's latency counts from when it would have been due.
 * Departure: the captured opening (start-up, authentication) is not repeated
 * then. */

#ifndef HS_LOAD_REPLAY_H
#define HS_LOAD_REPLAY_H

#include "models/base/env.h"

#include <glib.h>

typedef struct {
    uint64_t after;  /* bytes of the other side that come first */
    uint64_t end;    /* bytes of this side, this step's included */
    HsDuration wait; /* not below 0 */
} HsReplayStep;

/* Something that the client asked and waits for, as bytes of both sides. */
typedef struct {
    uint64_t start;       /* of the client's, where it begins */
    uint64_t answered;    /* of the server's, when it is answered */
    HsDuration begin;     /* as captured, since the script's beginning */
    HsDuration latency;   /* likewise; -1: not known */
    unsigned round_trips; /* each a wait of the client for the server */
    bool last;            /* of its transaction */
} HsReplayRequest;

typedef enum {
    HS_REPLAY_OPEN, /* to the end */
    HS_REPLAY_CLOSED_BY_CLIENT,
    HS_REPLAY_CLOSED_BY_SERVER,
} HsReplayClose;

/* In a script; all arrays are owned. */
typedef struct {
    HsDuration open;   /* since the script's beginning */
    GArray *step[2];   /* HsReplayStep: of the client, of the server */
    GArray *requests;  /* HsReplayRequest, by both of their places */
    unsigned first;    /* of the script's requests, all connections' in turn */
    HsReplayClose end; /* WAIT after the last byte of both sides */
    HsDuration end_wait;
} HsReplayConnection;

typedef struct {
    GPtrArray *connections; /* HsReplayConnection, by open; owned */
    unsigned requests;      /* of all connections */
    HsDuration length;      /* from its beginning to the last packet */
} HsReplayScript;

HsReplayConnection *hs_replay_connection_new(void);
HsReplayScript *hs_replay_script_new(void);

/* CONNECTION (transfer full) is the last one. */
void
hs_replay_script_add(HsReplayScript *script, HsReplayConnection *connection);
void hs_replay_script_free(HsReplayScript *script); /* NULL is fine */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HsReplayScript, hs_replay_script_free)

typedef struct HsReplay HsReplay;

/* A field that is 0 takes the default in brackets. */
typedef struct {
    const char *name; /* the subject of its facts; borrowed for the call */
    const HsReplayScript *script; /* borrowed: outlives the replay */
    HsAddr client, server;
    uint16_t port;
    double speed;       /* of the client: its waits are divided by it [1] */
    bool loop;          /* from the beginning when all is done */
    HsTime start, stop; /* nothing is due at or after STOP */
    HsDuration timeout; /* of a request; HS_TIME_NEVER: none */
    HsDuration reconnect_delay;     /* doubles, as that of HsDbClient */
    HsDuration reconnect_delay_max; /* [5 s] */
} HsReplayConfig;

typedef struct {
    uint64_t requests; /* were due */
    uint64_t answered;
    uint64_t failed;     /* with the connection, or by time-out */
    uint64_t unanswered; /* at the end of the run */
    uint64_t connects;   /* tried */
    uint64_t connected;
    uint64_t lost;     /* connections that ended before they should have */
    uint64_t timeouts; /* requests that met the time-out */
    uint64_t bad;      /* connections with bytes that nobody sent */
    uint64_t rounds;   /* of the whole script that were begun */
} HsReplayCounters;

/* Both environments outlive the replay. */
HsReplay *
hs_replay_new(HsEnv *client, HsEnv *server, const HsReplayConfig *config);

/* The end of the run: what is still asked is told as failed. */
void hs_replay_finish(HsReplay *replay);
void hs_replay_free(HsReplay *replay); /* NULL is fine */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HsReplay, hs_replay_free)

const HsReplayCounters *hs_replay_counters(const HsReplay *replay);

#endif
