/* "monitoring" of result.json: a summary; the datapoints, events and logs
 * themselves are the files of monitoring/. */

#include "config.h"

#include "sim/output/json_monitoring.h"

#include "sim/output/json_value.h"
#include "sim/scenario/metrics.h"

static json_t *
metric(const HsMetric *m)
{
    json_t *object = json_object(), *dimensions = json_object();
    double min = 0, max = 0, sum = 0;
    uint64_t samples = 0;

    for (unsigned i = 0; i < m->dimension_count; i++)
        hs_json_set(dimensions, m->dimensions[i].name,
                    json_string(m->dimensions[i].value));
    for (guint i = 0; i < m->points->len; i++) {
        const HsDatapoint *p = &g_array_index(m->points, HsDatapoint, i);

        min = i > 0 ? MIN(min, p->min) : p->min;
        max = i > 0 ? MAX(max, p->max) : p->max;
        sum += p->sum;
        samples += p->count;
    }
    hs_json_set(object, "namespace",
                json_string(hs_metric_info(m->which)->space));
    hs_json_set(object, "name", json_string(hs_metric_name(m->which)));
    hs_json_set(object, "element", json_string(m->label));
    hs_json_set(object, "dimensions", dimensions);
    hs_json_set(object, "unit", json_string(hs_metric_info(m->which)->unit));
    hs_json_set(object, "period_s", hs_json_seconds(m->period));
    hs_json_set(object, "datapoints", hs_json_number(m->points->len));
    hs_json_set(object, "min", samples > 0 ? json_real(min) : json_null());
    hs_json_set(object, "max", samples > 0 ? json_real(max) : json_null());
    hs_json_set(object, "average",
                samples > 0 ? json_real(sum / (double)samples) : json_null());
    return object;
}

static json_t *
change(const HsAlarmChange *c)
{
    json_t *object = json_object();
    bool there = c->newest != HS_TIME_NEVER;

    hs_json_set(object, "from", json_string(hs_alarm_state_name(c->from)));
    hs_json_set(object, "to", json_string(hs_alarm_state_name(c->to)));
    hs_json_set(object, "at_s", hs_json_seconds(c->at));
    hs_json_set(object, "data_until_s", hs_json_seconds(c->data_until));
    hs_json_set(object, "newest_s", hs_json_seconds(c->newest));
    hs_json_set(object, "value", there ? json_real(c->value) : json_null());
    hs_json_set(object, "breaching", hs_json_number(c->breaching));
    return object;
}

static json_t *
alarm_(const HsAlarmHistory *a)
{
    json_t *object = json_object(), *changes = json_array();

    for (guint i = 0; i < a->changes->len; i++)
        json_array_append_new(
            changes, change(&g_array_index(a->changes, HsAlarmChange, i)));
    hs_json_set(object, "name", json_string(a->name));
    hs_json_set(object, "advised", json_boolean(a->advice));
    hs_json_set(object, "metric",
                json_string(hs_metric_name(a->metric->which)));
    hs_json_set(object, "element", json_string(a->metric->label));
    hs_json_set(object, "statistic",
                json_string(hs_statistic_name(a->statistic)));
    hs_json_set(object, "period_s", hs_json_seconds(a->period));
    hs_json_set(object, "comparison",
                json_string(hs_alarm_comparison_name(a->comparison)));
    hs_json_set(object, "threshold", json_real(a->threshold));
    hs_json_set(object, "evaluation_periods", hs_json_number(a->periods));
    hs_json_set(object, "datapoints_to_alarm", hs_json_number(a->datapoints));
    hs_json_set(object, "missing",
                json_string(hs_missing_data_name(a->missing)));
    hs_json_set(object, "state", json_string(hs_alarm_state_name(a->state)));
    hs_json_set(object, "changes", changes);
    return object;
}

static json_t *
messages(const GPtrArray *list)
{
    json_t *array = json_array();

    for (guint i = 0; i < list->len; i++) {
        const HsMessage *m = list->pdata[i];
        json_t *object = json_object();

        hs_json_set(object, "subject", json_string(m->subject));
        hs_json_set(object, "what", json_string(m->what));
        hs_json_set(object, "source", json_string(m->source));
        hs_json_set(object, "type", json_string(m->type));
        hs_json_set(object, "at_s", hs_json_seconds(m->at));
        hs_json_set(object, "delivered_s", hs_json_seconds(m->delivered));
        json_array_append_new(array, object);
    }
    return array;
}

static json_t *
notice(const HsNotice *n, HsTime t0)
{
    json_t *object = json_object();
    bool never = n->at == HS_TIME_NEVER;

    hs_json_set(object, "at_s", hs_json_seconds(n->at));
    hs_json_set(object, "since_fault_ms",
                never ? json_null() : hs_json_milliseconds(n->at - t0));
    hs_json_set(object, "what", json_string(n->what));
    return object;
}

static json_t *
known(const HsMonitor *monitor)
{
    json_t *array = json_array();

    for (guint i = 0; i < monitor->known->len; i++) {
        const HsKnown *k = &g_array_index(monitor->known, HsKnown, i);
        json_t *object = json_object();

        hs_json_set(object, "fault", json_string(k->fault));
        for (unsigned n = 0; n < HS_NOTICE_COUNT; n++)
            hs_json_set(object, hs_notice_name((HsNoticeKind)n),
                        notice(&k->notices[n], k->t0));
        json_array_append_new(array, object);
    }
    return array;
}

static json_t *
blind_spots(const HsMonitor *monitor)
{
    json_t *array = json_array();

    for (guint i = 0; i < monitor->blind_spots->len; i++) {
        const HsBlindSpot *spot = monitor->blind_spots->pdata[i];
        json_t *object = json_object();

        hs_json_set(object, "name", json_string(spot->name));
        hs_json_set(object, "fault", json_string(spot->fault));
        hs_json_set(object, "text", json_string(spot->text));
        json_array_append_new(array, object);
    }
    return array;
}

json_t *
hs_json_monitoring(const HsResult *result)
{
    const HsMonitor *monitor = result->monitor;
    json_t *object = json_object(), *metrics = json_array();
    json_t *alarms = json_array();

    for (guint i = 0; i < monitor->metrics->len; i++)
        json_array_append_new(metrics, metric(monitor->metrics->pdata[i]));
    for (guint i = 0; i < monitor->alarms->len; i++)
        json_array_append_new(alarms, alarm_(monitor->alarms->pdata[i]));
    hs_json_set(object, "start", json_string(monitor->settings->start));
    hs_json_set(object, "known", known(monitor));
    hs_json_set(object, "blind_spots", blind_spots(monitor));
    hs_json_set(object, "alarms", alarms);
    hs_json_set(object, "events", messages(monitor->events));
    hs_json_set(object, "notifications", messages(monitor->notifications));
    hs_json_set(object, "log_lines", hs_json_number(monitor->logs->len));
    hs_json_set(object, "metrics", metrics);
    return object;
}
