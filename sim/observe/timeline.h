/* The timeline of a failover, derived from the stream of facts, and of the
 * fail-back when the fault is cleared.
 *
 * For each fault: which element declared the failure and by which means, and
 * for each database client the parts of its failover time, disjoint, in order
 * of time, adding up exactly to it. What did not happen, or was not observed,
 * is said by a status and never by a zero. timeline.c has the definitions, and
 * the rules for parts that come in another order than the usual one.
 *
 * All of it is plain data for the outputs to print; nothing is left to compute.
 * Texts are interned or literals. Spans are in nanoseconds. */

#ifndef HS_OBSERVE_TIMELINE_H
#define HS_OBSERVE_TIMELINE_H

#include "sim/observe/facts.h"
#include "sim/observe/samples.h"

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#define HS_STATUSES(X)                                                         \
    X(NOT_OBSERVED, "not observed")                                            \
    X(DID_NOT_HAPPEN, "did not happen")                                        \
    X(HAPPENED, "happened")

typedef enum {
#define X(name, text) HS_STATUS_##name,
    HS_STATUSES(X)
#undef X
} HsStatus;

/* The parts of a failover, in their usual order. The failover time ends with
 * APPLICATION; SETTLED comes behind it and is not in the sum. */
#define HS_PARTS(X)                                                            \
    X(DETECT, "detect")                                                        \
    X(WITHDRAW, "withdraw")                                                    \
    X(FIB, "fib")                                                              \
    X(TUNNEL, "tunnel")                                                        \
    X(DATAPLANE, "dataplane")                                                  \
    X(TRANSPORT, "transport")                                                  \
    X(APPLICATION, "application")                                              \
    X(SETTLED, "settled")

typedef enum {
#define X(name, text) HS_PART_##name,
    HS_PARTS(X)
#undef X
        HS_PART_COUNT
} HsPartKind;

/* Why an element thinks that the path is gone. */
#define HS_DETECT_MEANS(X)                                                     \
    X(CARRIER, "carrier")                                                      \
    X(BFD, "BFD")                                                              \
    X(HOLD_TIMER, "hold timer")                                                \
    X(DPD, "DPD")                                                              \
    X(NOTIFICATION, "notification")                                            \
    X(TRANSPORT, "transport") /* the session's TCP connection ended */         \
    X(ADMIN, "administrative")                                                 \
    X(OTHER, "other")

typedef enum {
#define X(name, text) HS_DETECT_##name,
    HS_DETECT_MEANS(X)
#undef X
} HsDetectMeans;

/* How a client came through. */
#define HS_RECOVERIES(X)                                                       \
    X(NOT_OBSERVED, "not observed") /* it sent nothing after the fault */      \
    X(UNINTERRUPTED, "no interruption")                                        \
    X(RECOVERED, "recovered")                                                  \
    X(NOT_RECOVERED, "did not recover")

typedef enum {
#define X(name, text) HS_RECOVERY_##name,
    HS_RECOVERIES(X)
#undef X
} HsRecovery;

const char *hs_status_name(HsStatus status);
const char *hs_part_name(HsPartKind part);
const char *hs_detect_means_name(HsDetectMeans means);
const char *hs_recovery_name(HsRecovery recovery);

/* One element's declaring that something is gone. */
typedef struct {
    HsTime at;
    const char *node;
    HsDetectMeans means;
    const char *subject; /* the link or session: "primary bfd" */
    const char *cause;   /* as the element gave it, or NULL */
    HsEvidence evidence;
    bool consequence; /* of another one of this node: it dropped BGP because
                       * BFD or the carrier had gone */
    bool governs;     /* the one that the recovery waited for; at most one */
} HsDetection;

/* One part. AT is when it was observed; START and END bound the time that is
 * counted for it, which differ from AT where parts overlap. */
typedef struct {
    HsPartKind kind;
    HsStatus status;
    HsTime at;           /* HAPPENED only, like all of these */
    HsDuration since_t0; /* at - t0 */
    HsTime start, end;
    HsDuration duration; /* end - start */
    double share;        /* of the failover time, 0..1; 0 for SETTLED */
    bool overlaps;       /* at is not end: see timeline.c on clamping */
    const char *node;    /* NULL where it has no place */
    const char *subject; /* session, prefix, direction, connection, or NULL */
    const char *cause;   /* one short sentence, or NULL */
    const char *note;    /* why it has no instant: not HAPPENED only */
    HsEvidence evidence;
} HsPart;

/* What latency is usual: at most HIGH. From COUNT answers sent in
 * [FROM, UNTIL); COUNT 0: there is no such band. */
typedef struct {
    HsTime from, until;
    uint64_t count;
    HsDuration p50, p99;
    HsDuration high;
} HsBand;

/* A span without a good reply. */
typedef struct {
    HsStatus status;        /* HAPPENED: the fields below are set */
    HsTime from, until;     /* the replies around it */
    HsDuration span;        /* until - from */
    bool open;              /* no reply followed: it lasts until the end */
    const char *connection; /* for the worst connection, else NULL */
} HsOutage;

/* What became of the requests in a window, by their intended instants. Sent is
 * the sum of all others; delayed ones are counted under answered as well. */
typedef struct {
    uint64_t sent, answered, delayed, failed, pending;
} HsRequestCounts;

typedef struct {
    const char *client;
    HsRecovery recovery;
    /* RECOVERED: application - t0, the sum of all parts before SETTLED. */
    HsDuration failover;
    HsPart parts[HS_PART_COUNT];
    /* When the first disturbed request was due, if there is one. */
    HsTime interrupted;
    HsBand before;            /* the usual latency before the fault */
    HsBand after;             /* and in the state into which it settled */
    HsDuration late_over;     /* a later answer counts as delayed */
    HsOutage outage;          /* over all its connections */
    HsOutage outage_worst;    /* of its worst connection */
    HsDuration gap_before;    /* the longest between replies before the fault */
    HsRequestCounts requests; /* due in [t0, settled or the window's end) */
    uint32_t retransmissions; /* of its transport, in the same window */
} HsClientFailover;

/* Loss of the data plane in one direction, from the probes. */
typedef struct {
    const char *direction;
    HsStatus status; /* HAPPENED: probes were lost; else none, or no probes */
    uint64_t sent, lost; /* due in the window */
    uint64_t run;        /* length of the longest run of lost ones */
    HsTime first_lost;   /* sending of the run's first */
    HsTime last_lost;    /* and last */
    HsStatus again_status;
    HsTime again;    /* arrival of the first behind the run */
    HsDuration span; /* from first_lost to the sending of that one */
    HsEvidence lost_evidence, again_evidence;
} HsLoss;

/* A session or carrier that came back after the fault was cleared. */
typedef struct {
    HsTime at;
    const char *node;
    HsFactKind kind; /* CARRIER, BFD, BGP or TUNNEL */
    const char *subject;
    HsEvidence evidence;
} HsSessionUp;

typedef struct {
    const char *client;
    HsRequestCounts requests; /* due in [cleared, window's end) */
    HsOutage gap; /* longest span without a good reply that overlaps it */
} HsClientFailback;

typedef struct {
    HsStatus status; /* DID_NOT_HAPPEN: the fault was not cleared */
    HsTime cleared;
    HsTime until;        /* the window: to the next fault or the run's end */
    GArray *sessions_up; /* HsSessionUp in order; owned */
    /* Routes: of the changes in the window, the first and the last. */
    HsStatus routes_status;
    HsTime routes_first, routes_last;
    uint64_t routes_count;
    const char *routes_node; /* of the last */
    HsEvidence routes_evidence;
    /* From cleared to the later of the last session up and the last route. */
    HsStatus complete_status;
    HsDuration complete;
    GArray *losses;  /* HsLoss, one a direction; owned */
    GArray *clients; /* HsClientFailback; owned */
} HsFailback;

typedef struct {
    const char *name; /* of the fault */
    const char *target;
    const char *action;
    HsTime t0;
    HsTime cleared;     /* HS_TIME_NEVER: not within the run */
    HsTime until;       /* the window: to the next fault or the run's end */
    GArray *times;      /* HsTime: when it was applied, each time; owned */
    uint64_t touched;   /* packets and changes of state, as it counted them */
    uint64_t packets;   /* of these */
    const char *effect; /* "17 packets, 1 session", or NULL: nothing */
    bool had_effect;    /* false: it touched nothing, and tested nothing */
    GArray *detections; /* HsDetection in order of time; owned */
    int governing;      /* index into detections, or -1 */
    GArray *losses;     /* HsLoss, one a direction; owned */
    /* The network's own parts, DETECT to DATAPLANE; shares of the time to the
     * data plane's recovery. The clients' parts begin with the same ones. */
    HsPart network[HS_PART_DATAPLANE + 1];
    GArray *clients; /* HsClientFailover; owned */
    HsFailback failback;
} HsFaultTimeline;

typedef struct {
    HsTime start, end; /* of what is measured */
    GPtrArray *faults; /* HsFaultTimeline by t0; owned */
    GArray *losses; /* HsLoss of the whole run, if there is no fault; owned */
} HsTimeline;

/* START: the end of the warm-up; END: of the run. SAMPLES are of FACTS; both
 * are borrowed for the call. */
HsTimeline *hs_timeline_new(const HsFacts *facts, const HsSamples *samples,
                            HsTime start, HsTime end);
void hs_timeline_free(HsTimeline *timeline); /* NULL is fine */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HsTimeline, hs_timeline_free)

/* The order in which PARTS (those of a client, or a fault's network) take their
 * time. It is the usual one but for TUNNEL, which comes before the routes that
 * are learnt in it. */
void hs_parts_order(const HsPart *parts, HsPartKind ret_order[HS_PART_COUNT]);

/* NULL if the fault's timeline has no such client. */
const HsClientFailover *
hs_fault_client(const HsFaultTimeline *fault, const char *client);

#endif
