/* A capture of an application's own database traffic, turned into a script
 * (models/load/replay.h) that plays it across a design.
 *
 * What the script keeps is what belongs to the application and to the database:
 * the sizes, how long the server took to answer, how long the client took to
 * ask again. What belongs to the network where the capture was made is taken
 * out: a wait is measured from when the bytes before it were where they had to
 * be. How far that is from the capture point is estimated from the answers of
 * the kernels there (flow.c); on loopback it is nothing. */

#ifndef HS_REPLAY_REPLAY_H
#define HS_REPLAY_REPLAY_H

#include "models/load/replay.h"
#include "sim/replay/flow.h"

#define REPLAY_ERROR (replay_error_quark())
GQuark replay_error_quark(void);

typedef enum {
    REPLAY_ERROR_FILE,   /* cannot be read, or is no capture */
    REPLAY_ERROR_SERVER, /* not in it, or more than one */
    REPLAY_ERROR_EMPTY,  /* no connection can be used */
} ReplayError;

/* Why a connection to the server is not played. */
#define REPLAY_UNUSED(X)                                                       \
    X(REFUSED, "refused by the server")                                        \
    X(SILENT, "nothing was said on it")                                        \
    X(MISSING, "too much of it is missing in the capture")                     \
    X(JUMPED, "its sequence numbers lead nowhere")

typedef enum {
#define X(name, text) REPLAY_UNUSED_##name,
    REPLAY_UNUSED(X)
#undef X
        REPLAY_UNUSED_COUNT
} ReplayUnused;

const char *replay_unused_name(ReplayUnused unused);

/* Where the capture was made, with regard to the two. */
#define REPLAY_POINTS(X)                                                       \
    X(LOOPBACK, "loopback")                                                    \
    X(CLIENT, "at the client")                                                 \
    X(SERVER, "at the server")                                                 \
    X(BETWEEN, "between client and server")                                    \
    X(UNKNOWN, "not known")

typedef enum {
#define X(name, text) REPLAY_POINT_##name,
    REPLAY_POINTS(X)
#undef X
        REPLAY_POINT_COUNT
} ReplayPoint;

const char *replay_point_name(ReplayPoint point);

typedef struct {
    char *path;    /* owned, as the texts below */
    char *sha256;  /* of the file */
    char *warning; /* where the file is broken; NULL: nowhere */
    HsAddr server;
    uint16_t port;
    HsReplayScript *script; /* owned */

    uint64_t packets;     /* of the file */
    uint64_t segments;    /* of them, of the server's connections */
    uint64_t connections; /* to the server, used or not */
    uint64_t joined;      /* began before the capture */
    uint64_t unused[REPLAY_UNUSED_COUNT];
    uint64_t
        protocols[POSTGRES_STATE_COUNT]; /* connections used, by protocol */
    uint64_t unfinished;    /* requests without an answer in the capture */
    uint64_t untimed;       /* requests with bytes missing: played, not timed */
    uint64_t round_trips;   /* of all requests */
    uint64_t retransmitted; /* segments */
    uint64_t missing;       /* bytes */
    uint64_t clamped;       /* waits that the network's share would have made
                             * negative */
    ReplayPoint point;
    HsDuration rtt[2]; /* least, from the capture point to the client and to
                        * the server and back; -1: not known */
    bool transactions; /* every connection used tells them */
} HsReplayCapture;

/* SERVER: "ADDRESS" or "ADDRESS:PORT"; "" or NULL: the only one, or the only
 * one at PORT. The message of an error begins with PATH. */
HsReplayCapture *hs_replay_capture_read(const char *path, const char *server,
                                        uint16_t port, GError **error);

/* The same of FLOWS, for the rest of what is read. */
HsReplayCapture *
hs_replay_capture_of(const Flows *flows, const char *path, const char *server,
                     uint16_t port, GError **error);
void hs_replay_capture_free(HsReplayCapture *capture); /* NULL is fine */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HsReplayCapture, hs_replay_capture_free)

/* FLOW's part of the script, and what it adds to the counters. BEGIN is the
 * script's (script.c). */
HsReplayConnection *
replay_connection_of(const Flow *flow, HsTime begin, HsReplayCapture *capture);

#endif
