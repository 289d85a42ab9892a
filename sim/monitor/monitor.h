/* A run as AWS's monitoring would have shown it, and when somebody would have
 * known.
 *
 * All of it is made from what the run observed: the metrics from states and
 * counts, the alarms from the metrics, events and notifications from the
 * alarms, logs from the tunnels' ends. What is AWS's own time-keeping (delays,
 * periods) is [monitoring]'s. Nothing here looks beyond the end of the run,
 * though what happened in it may become known after it. */

#ifndef HS_MONITOR_MONITOR_H
#define HS_MONITOR_MONITOR_H

#include "sim/monitor/alarm.h"
#include "sim/observe/timeline.h"

#include <jansson.h>

/* Something that AWS sends: an event, a notification, a line of a log. */
typedef struct {
    HsTime at;           /* what it tells of */
    HsTime delivered;    /* to whoever listens */
    const char *source;  /* interned: "aws.cloudwatch" */
    const char *type;    /* interned: its detail-type */
    const char *subject; /* interned: of the alarm, VPN or tunnel */
    const char *what; /* interned: "OK -> ALARM", "VPN-CONNECTION-BGP-DOWN" */
    bool bad;         /* tells that something went down */
    json_t *json;     /* as it is delivered; owned */
} HsMessage;

/* Ways in which somebody comes to know of a fault. */
#define HS_NOTICES(X)                                                          \
    X(ROUTING, "routing") /* the routers themselves: for comparison */         \
    X(METRIC, "metric")                                                        \
    X(ALARM, "alarm")                                                          \
    X(NOTIFICATION, "notification")                                            \
    X(EVENT, "event")                                                          \
    X(LOG, "log")

typedef enum {
#define X(name, text) HS_NOTICE_##name,
    HS_NOTICES(X)
#undef X
        HS_NOTICE_COUNT
} HsNoticeKind;

const char *hs_notice_name(HsNoticeKind kind);

typedef struct {
    HsTime at;        /* HS_TIME_NEVER: never */
    const char *what; /* interned: which metric, alarm, ...; or why not */
} HsNotice;

typedef struct {
    const char *fault; /* interned */
    HsTime t0;
    HsNotice notices[HS_NOTICE_COUNT];
} HsKnown;

/* What the monitoring could not show, with what this run has to say of it. */
typedef struct {
    const char *name;  /* "average-hides-outage" */
    const char *fault; /* interned, or NULL: of the whole run */
    char *text;        /* owned */
} HsBlindSpot;

typedef struct {
    const HsScenario *scenario; /* borrowed */
    const HsMonitoring *settings;
    int64_t epoch; /* seconds since 1970 at 0 */
    HsTime end;
    GPtrArray *metrics;       /* HsMetric; owned, as are the others */
    GPtrArray *alarms;        /* HsAlarmHistory */
    GPtrArray *events;        /* HsMessage, EventBridge's, as delivered */
    GPtrArray *notifications; /* HsMessage, by SNS */
    GPtrArray *logs;          /* HsMessage, of VPN tunnels */
    GArray *known;            /* HsKnown, one a fault */
    GPtrArray *blind_spots;   /* HsBlindSpot */
} HsMonitor;

/* INPUT and what it names outlive the monitor. */
HsMonitor *
hs_monitor_new(const HsMonitorInput *input, const HsTimeline *timeline);
void hs_monitor_free(HsMonitor *monitor); /* NULL is fine */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HsMonitor, hs_monitor_free)

/* The earliest that somebody who watches nothing would have been told of FAULT
 * (an index): by a notification. NULL: never. */
const HsNotice *hs_monitor_told(const HsMonitor *monitor, guint fault);

/* The files of FOLDER/monitoring/: metric-stream.json, metrics.openmetrics,
 * metrics.csv, events.json, notifications.json, vpn-logs.json. TIMELINE gives
 * the run's own figures beside AWS's. */
bool hs_monitor_write(const HsMonitor *monitor, const HsTimeline *timeline,
                      const char *folder, GError **error);

#endif
