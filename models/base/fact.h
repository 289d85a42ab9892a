/* A fact: one thing observed at one instant.
 *
 * A run is one ordered stream of facts. Models emit them through their HsEnv;
 * the timeline, the verdicts and every output are functions of the stream. No
 * model prints, and no output reaches into a model.
 *
 * The texts are interned (g_intern_string or literals): they outlive the run
 * and compare by pointer only after interning. What a field means depends on
 * the kind; a field that a kind does not name is NULL or 0. */

#ifndef HS_BASE_FACT_H
#define HS_BASE_FACT_H

#include "models/base/simtime.h"

#include <stdint.h>

#define HS_FACT_KINDS(X)                                                       \
    /* A fault begins or ends. subject: fault's name; peer: its target;        \
     * to: "applied", "cleared" or, at the end, "lasting"; cause: the action;  \
     * id: what it touched so far; from: that in words, or NULL; value: how    \
     * many packets are in it. */                                              \
    X(FAULT, "fault")                                                          \
    /* Carrier seen by a node. subject: link; to: "up" or "down". */           \
    X(CARRIER, "carrier")                                                      \
    /* A session's state. subject: session's name ("primary bgp");             \
     * from, to: states; cause: event; value: see the kind. */                 \
    X(BFD, "bfd")                                                              \
    X(BGP, "bgp")                                                              \
    /* The same of a tunnel, "backup.tunnel1 ike" and "backup.tunnel1 esp":    \
     * down, negotiating, established, rekeying. On becoming established,      \
     * peer: the suite; value: how long it took. */                            \
    X(TUNNEL, "tunnel")                                                        \
    /* Routing messages: subject: prefix; peer: session; to: "announce" or     \
     * "withdraw"; cause: why it went out. */                                  \
    X(ROUTE_SENT, "route-sent")                                                \
    X(ROUTE_RECEIVED, "route-received")                                        \
    /* The best route changed. subject: prefix; from, to: the session it goes  \
     * through (NULL: none); cause: the deciding step. */                      \
    X(ROUTE_BEST, "route-best")                                                \
    /* The forwarding table changed. subject: prefix; peer: VRF; from, to:     \
     * ports, "blackhole" or "reject"; cause: the route's origin. */           \
    X(FIB, "fib")                                                              \
    /* The data-plane probe. subject: direction ("app->db"); peer: the probe's \
     * name, if it is not between the database's hosts; id: number; value on   \
     * arrival: its one-way delay. */                                          \
    X(PROBE_SENT, "probe-sent")                                                \
    X(PROBE_RECEIVED, "probe-received")                                        \
    /* The database's clients. subject: client ("persistent", "pool");         \
     * peer: connection; id: request. REPLY and FAILED: value is the time      \
     * since the intended send; FAILED: cause is why. */                       \
    X(REQUEST, "request")                                                      \
    X(REPLY, "reply")                                                          \
    X(REQUEST_FAILED, "request-failed")                                        \
    /* A request of a replayed capture ended. subject: the database; peer:     \
     * connection; id: the request's place in the script, from 1, which goes   \
     * on over its rounds; value: the time since it was due; to: "answered"    \
     * or "failed"; cause: why it failed. */                                   \
    X(REPLAYED, "replayed")                                                    \
    /* A client's transport. subject: client; peer: connection;                \
     * to: "connecting", "connected", "retransmit", "ack", "closed";           \
     * cause: reason; id: attempt; value: RTO in force. "ack" is emitted for   \
     * the first acknowledgement of new data after a retransmission. */        \
    X(TRANSPORT, "transport")                                                  \
    /* A live run and the wall clock. to: "fell behind"; value: by how much.   \
     */                                                                        \
    X(REALTIME, "realtime")

typedef enum {
#define X(name, text) HS_FACT_##name,
    HS_FACT_KINDS(X)
#undef X
        HS_FACT_KIND_COUNT
} HsFactKind;

/* Where a fact can be looked up: the packet that caused it, in the capture.
 * Numbers count from 1 in the capture's order; 0: no packet. */
typedef struct {
    const char *link; /* interned, or NULL */
    uint64_t packet;
} HsEvidence;

typedef struct {
    HsTime at;
    HsFactKind kind;
    const char *node;    /* the element that saw it */
    const char *subject; /* what it is about */
    const char *peer;
    const char *from;
    const char *to;
    const char *cause;
    uint64_t id;
    int64_t value;
    HsEvidence evidence;
} HsFact;

/* "bgp", "probe-sent": the name that outputs print. */
const char *hs_fact_kind_name(HsFactKind kind);

#endif
