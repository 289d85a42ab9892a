/* A result: everything that one run has to say, for the outputs to render.
 *
 * It is gathered once, by sim/run.c. An output prints it and computes nothing:
 * what text, JSON and a report say about a figure is the same because it is
 * the same field. */

#ifndef HS_OUTPUT_RESULT_H
#define HS_OUTPUT_RESULT_H

#include "models/load/bulk.h"
#include "models/load/db.h"
#include "pcap/capture.h"
#include "sim/findings/finding.h"
#include "sim/monitor/monitor.h"
#include "sim/observe/bounds.h"
#include "sim/observe/exposure.h"
#include "sim/observe/probes.h"
#include "sim/observe/series.h"
#include "sim/observe/stats.h"
#include "sim/observe/timeline.h"
#include "sim/observe/tunnels.h"
#include "sim/observe/verdict.h"
#include "sim/replay/felt.h"
#include "sim/scenario/scenario.h"

#include <jansson.h>

/* Of result.json: raised when a field changes its meaning or goes away. */
#define HS_RESULT_FORMAT  "hybridsim-result"
#define HS_RESULT_VERSION 1

/* One direction of a link; sent = delivered + the rest + under way. */
typedef struct {
    uint64_t sent, delivered;
    uint64_t queue_full, too_big, no_carrier, black_hole, loss;
} HsResultPackets;

typedef struct {
    const char *name, *from, *to;
    HsLinkKind kind;
    bool trusted;
    HsResultPackets direction[2]; /* 0: towards AWS */
    unsigned exposure;            /* its link in the exposure */
} HsResultLink;

typedef struct {
    const char *name;
    const char *kind, *place;
    const HsElement *element; /* NULL: of none */
} HsResultNode;

/* One way of a packet between the database's ends, at an instant at which the
 * forwarding tables were looked at. */
typedef struct {
    const char *when;  /* literal: "before", "during", "after" */
    const char *fault; /* that is on, or NULL */
    HsTime at;
    const HsElement *from, *to;
    unsigned equals;  /* so many ways there are */
    bool complete;    /* it arrives */
    const char *ends; /* literal: how it ends */
    bool encrypted;   /* nothing of it is in clear on an untrusted link */
    /* const char *, in the order of the way; owned. LINKS has those that the
     * tunnels' packets take, for each tunnel. */
    GPtrArray *nodes, *links, *tunnels;
} HsResultPath;

/* A change that shortens the failover, and what a run with it showed. */
typedef struct {
    char *change; /* owned: "BFD on primary" */
    char *set;    /* owned: words for the command line; NULL: it is none of
                   * the scenario's */
    const char *figure; /* literal: what it shortens */
    HsDuration before;  /* HS_TIME_NEVER: it did not come back */
    HsDuration after;   /* 0: nothing is interrupted */
    bool observed;      /* in this run, not in another one */
    char *text;         /* owned: a sentence */
} HsAdvice;

void hs_advice_free(void *advice);

/* Like MODEL, without nodes, links and tunnels. */
HsResultPath *hs_result_path_new(const HsResultPath *model);
void hs_result_path_free(void *path);

typedef struct {
    const char *node, *reason;
    uint64_t packets;
} HsResultDrop;

/* The packets of a node that forwards; see models/net/router.h for how they add
 * up. */
typedef struct {
    const char *node;
    uint64_t received, originated, fragments_made, reassembled;
    uint64_t delivered, sent, dropped;
    uint64_t fragmented, fragments_joined, fragments_held;
} HsResultRouter;

/* Bulk traffic. All borrowed from the scenario and the world. */
typedef struct {
    const char *name, *from, *to; /* FROM connects */
    const HsBulk *bulk;
} HsResultStream;

/* What theory says about a fault: see sim/world/theory.h. */
typedef struct {
    const char *fault;
    bool applies; /* false: theory expects no interruption, or knows none */
    HsBounds bounds;
} HsResultBounds;

/* A TUN device behind which something real was. */
typedef struct {
    const char *device, *netns, *node, *link;
    uint64_t from_real, to_real;
    uint64_t malformed, late, overruns, refused;
} HsResultPort;

/* How a live run kept up with the wall clock. */
typedef struct {
    char *started; /* owned: wall clock at 0 */
    uint64_t wakeups, behind;
    HsDuration limit, median, p99, max;
    GArray *ports; /* HsResultPort, owned */
} HsResultRealtime;

typedef struct {
    const HsScenario *scenario; /* borrowed */
    const char *engine;         /* "3.37" */
    const char *folder;         /* where the files are, or NULL: none */
    HsTime end;
    HsTimeline *timeline; /* owned, as all that follow unless it is said */
    HsStats *stats;
    HsReadings *readings;
    HsVerdict *verdict;
    const HsExposure *exposure; /* borrowed from the world */
    GArray *bounds;             /* HsResultBounds, by fault */
    GArray *nodes;              /* HsResultNode */
    GPtrArray *paths;           /* HsResultPath */
    GArray *links;              /* HsResultLink */
    GArray *drops;              /* HsResultDrop */
    GArray *routers;            /* HsResultRouter */
    GArray *tunnels;            /* HsTunnelLife */
    GArray *probes;             /* HsProbeStats */
    /* What the database's two ends counted; no clients: there was none. */
    GArray *clients; /* HsDbClientCounters, by the order of stats->clients */
    HsDbServerCounters server;
    const HsSamples *samples;  /* borrowed from the run */
    HsDuration bucket;         /* of the series, and of the exposure's bins */
    GPtrArray *request_series; /* GArray of HsSeriesRequests, by client */
    GPtrArray *probe_series;   /* GArray of HsSeriesProbes, by direction */
    GPtrArray *lanes;          /* HsLane */
    HsMonitor *monitor;        /* as AWS's monitoring would show it */
    GPtrArray *findings;       /* HsFinding: design errors */
    GPtrArray *values;         /* HsValue: every effective value */
    GPtrArray *assumptions;    /* of them, those that moved the result */
    HsReplayFelt *replay;      /* NULL: nothing was replayed */
    bool reported;             /* report.html is there */
    GArray *streams;           /* HsResultStream */
    bool captured;
    bool capture_limited;
    CaptureCounters capture;
    HsResultRealtime *realtime; /* NULL: simulated */
    GPtrArray *advice;     /* HsAdvice, the best first; NULL: not looked for */
    unsigned advice_tried; /* runs with a change */
} HsResult;

void hs_result_clear(HsResult *result);

/* Renderings */

/* What `hybridsim FILE` prints. COLOUR: with terminal escapes. */
void hs_result_text(const HsResult *result, bool colour, GString *text);

/* The same as a document (transfer full), before its text. Without the verdict,
 * while there is none yet. */
json_t *hs_result_document(const HsResult *result);

/* Of it, `values` (HsValue *) and `findings` (HsFinding *). New references. */
json_t *hs_values_json(const GPtrArray *values);
json_t *hs_findings_json(const GPtrArray *findings);

/* result.json (transfer full: the text, ended by a newline). The same run gives
 * the same bytes. */
char *hs_result_json(const HsResult *result);

/* One of its streams as iperf3 would write it (likewise). */
char *hs_stream_json(const HsBulk *bulk, const char *engine);

#endif
