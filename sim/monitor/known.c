/* When would someone have known of a fault?
 *
 * Routers knew when one of them declared it; what follows is what people see.
 * A metric tells of a fault from the first datapoint on that it changed: a
 * state that was 1 fell below, or traffic became less than half or more than
 * twice of what any datapoint before the fault had. It tells when it can be
 * read: after its period, and the delay of metrics. An alarm tells if it fires
 * on datapoints that reach beyond the fault's beginning, and its metric shows
 * it: that of a VPN which never came up does not. Events and logs count if they
 * say that something went down. */

#include "config.h"

#include "sim/monitor/private.h"

#include "sim/scenario/metrics.h"

typedef struct {
    const HsMonitor *monitor;
    const HsFaultTimeline *fault;
    bool last; /* of the faults */
} Search;

static void
keep(HsNotice *notice, HsTime at, const char *what)
{
    if (at < notice->at)
        *notice = (HsNotice){at, g_intern_string(what)};
}

/* Something that lasted from FROM to UNTIL says something of the fault. */
static bool
concerns(const Search *s, HsTime from, HsTime until)
{
    return until > s->fault->t0 && (s->last || from < s->fault->until);
}

static void
find_routing(const Search *s, HsNotice *notice)
{
    const GArray *detections = s->fault->detections;
    const HsDetection *d;
    g_autofree char *what = NULL;

    if (detections->len == 0) {
        notice->what = "no router declared anything";
        return;
    }
    d = &g_array_index(detections, HsDetection,
                       s->fault->governing >= 0 ? (guint)s->fault->governing
                                                : 0);
    what = g_strdup_printf("%s, %s", d->node, hs_detect_means_name(d->means));
    keep(notice, d->at, what);
}

/* Metrics */

/* What was usual before the fault: the lowest and the highest of its complete
 * datapoints. False: there is none. */
static bool
usual(const Search *s, const HsMetric *metric, double *ret_low,
      double *ret_high)
{
    bool any = false;

    for (guint i = 0; i < metric->points->len; i++) {
        const HsDatapoint *p = &g_array_index(metric->points, HsDatapoint, i);
        double average = hs_datapoint_value(p, HS_STATISTIC_AVERAGE);

        if (p->start + metric->period > s->fault->t0)
            break;
        *ret_low = any ? MIN(*ret_low, average) : average;
        *ret_high = any ? MAX(*ret_high, average) : average;
        any = true;
    }
    return any;
}

static bool
shows(const Search *s, const HsMetric *metric, const HsDatapoint *p)
{
    double average = hs_datapoint_value(p, HS_STATISTIC_AVERAGE);
    double low = 0, high = 0;
    bool any = usual(s, metric, &low, &high);

    if (hs_metric_info(metric->which)->state)
        return p->min < (any ? low : p->max);
    return any && (average < low / 2 || average > high * 2);
}

/* One of its datapoints does. What was down before the fault does not. */
static bool
any_shows(const Search *s, const HsMetric *metric)
{
    for (guint i = 0; i < metric->points->len; i++) {
        const HsDatapoint *p = &g_array_index(metric->points, HsDatapoint, i);

        if (concerns(s, p->start, p->start + metric->period) &&
            shows(s, metric, p))
            return true;
    }
    return false;
}

static void
find_metric(const Search *s, HsNotice *notice)
{
    bool complete = false;

    for (guint i = 0; i < s->monitor->metrics->len; i++) {
        const HsMetric *metric = s->monitor->metrics->pdata[i];

        for (guint j = 0; j < metric->points->len; j++) {
            const HsDatapoint *p =
                &g_array_index(metric->points, HsDatapoint, j);
            HsTime until = p->start + metric->period;
            g_autofree char *what = NULL;

            if (until > s->monitor->end || !concerns(s, p->start, until))
                continue;
            complete = true;
            if (!shows(s, metric, p))
                continue;
            what = hs_metric_title(metric);
            keep(notice, until + s->monitor->settings->metric_delay, what);
            break;
        }
    }
    if (notice->at == HS_TIME_NEVER)
        notice->what = s->monitor->metrics->len == 0
                           ? "nothing in this design has a metric"
                       : complete ? "no datapoint changed"
                                  : "the run ended before the first datapoint "
                                    "was complete";
}

/* Alarms, and what they send */

static void
find_alarm(const Search *s, HsNotice *alarm_, HsNotice *notification)
{
    bool already = false;

    for (guint i = 0; i < s->monitor->alarms->len; i++) {
        const HsAlarmHistory *alarm = s->monitor->alarms->pdata[i];
        bool other = hs_metric_info(alarm->metric->which)->state &&
                     !any_shows(s, alarm->metric);
        bool on = false;

        for (guint j = 0; j < alarm->changes->len; j++) {
            const HsAlarmChange *c =
                &g_array_index(alarm->changes, HsAlarmChange, j);

            if (c->data_until <= s->fault->t0)
                on = c->to == HS_ALARM_ALARM;
            /* Silence is of the fault, too. */
            if (c->to != HS_ALARM_ALARM ||
                (other && c->newest != HS_TIME_NEVER) ||
                !concerns(s, c->data_until - alarm->metric->period,
                          c->data_until))
                continue;
            keep(alarm_, c->at, alarm->name);
            keep(notification, c->at + s->monitor->settings->sns_delay,
                 alarm->name);
            break;
        }
        already = already || on;
    }
    if (alarm_->at != HS_TIME_NEVER)
        return;
    alarm_->what = s->monitor->alarms->len == 0 ? "there is no alarm"
                   : already                    ? "the alarm was on already"
                             : "no alarm's condition was met within the run";
    notification->what = "no alarm, no notification";
}

/* The first that tells of something going down. */
static void
find_message(const Search *s, const GPtrArray *messages, HsNotice *notice)
{
    for (guint i = 0; i < messages->len; i++) {
        const HsMessage *message = messages->pdata[i];
        g_autofree char *what = NULL;

        if (!message->bad || message->at < s->fault->t0 ||
            (!s->last && message->at >= s->fault->until))
            continue;
        what = g_strdup_printf("%s: %s", message->subject, message->what);
        keep(notice, message->delivered, what);
    }
}

static void
find_log(const Search *s, HsNotice *notice)
{
    find_message(s, s->monitor->logs, notice);
    if (notice->at != HS_TIME_NEVER)
        return;
    if (hs_scenario_vpn(s->monitor->scenario, 0) == NULL)
        notice->what = "there is no VPN, and Direct Connect has no log";
    else if (!s->monitor->settings->tunnel_logs)
        notice->what = "the tunnels' logs are off";
    else
        notice->what = "no tunnel went down";
}

void
hs_monitor_known(HsMonitor *monitor, const HsTimeline *timeline)
{
    for (guint i = 0; i < timeline->faults->len; i++) {
        Search s = {monitor, timeline->faults->pdata[i],
                    i + 1 == timeline->faults->len};
        HsKnown known = {.fault = s.fault->name, .t0 = s.fault->t0};
        HsNotice *n = known.notices;

        for (unsigned k = 0; k < HS_NOTICE_COUNT; k++)
            n[k].at = HS_TIME_NEVER;
        find_routing(&s, &n[HS_NOTICE_ROUTING]);
        find_metric(&s, &n[HS_NOTICE_METRIC]);
        find_alarm(&s, &n[HS_NOTICE_ALARM], &n[HS_NOTICE_NOTIFICATION]);
        find_message(&s, monitor->events, &n[HS_NOTICE_EVENT]);
        if (n[HS_NOTICE_EVENT].at == HS_TIME_NEVER)
            n[HS_NOTICE_EVENT].what = "no event told of it";
        find_log(&s, &n[HS_NOTICE_LOG]);
        g_array_append_val(monitor->known, known);
    }
}
