#include "config.h"

#include "sim/monitor/private.h"

#include "sim/scenario/metrics.h"

const char *
hs_notice_name(HsNoticeKind kind)
{
    static const char *const names[] = {
#define X(name, text) [HS_NOTICE_##name] = text,
        HS_NOTICES(X)
#undef X
    };

    g_assert((unsigned)kind < HS_NOTICE_COUNT);
    return names[kind];
}

char *
hs_metric_title(const HsMetric *metric)
{
    return g_strdup_printf("%s of %s", hs_metric_name(metric->which),
                           metric->label);
}

void
hs_append_value(GString *text, double value)
{
    char buffer[G_ASCII_DTOSTR_BUF_SIZE];

    g_string_append(text,
                    g_ascii_formatd(buffer, sizeof buffer, "%.15g", value));
}

static void
message_free(void *data)
{
    HsMessage *message = data;

    json_decref(message->json);
    g_free(message);
}

HsMessage *
hs_message_add(GPtrArray *list, HsTime at, HsTime delivered, const char *source,
               const char *type, const char *subject, const char *what,
               bool bad, json_t *json)
{
    HsMessage *message = g_new0(HsMessage, 1);

    message->at = at;
    message->delivered = delivered;
    message->source = g_intern_string(source);
    message->type = g_intern_string(type);
    message->subject = g_intern_string(subject);
    message->what = g_intern_string(what);
    message->bad = bad;
    message->json = json;
    g_ptr_array_add(list, message);
    return message;
}

static void
blind_spot_free(void *data)
{
    HsBlindSpot *spot = data;

    g_free(spot->text);
    g_free(spot);
}

HsMonitor *
hs_monitor_new(const HsMonitorInput *input, const HsTimeline *timeline)
{
    HsMonitor *monitor = g_new0(HsMonitor, 1);
    bool is_instant;

    monitor->scenario = input->scenario;
    monitor->settings = hs_scenario_monitoring(input->scenario, 0);
    is_instant = hs_monitoring_epoch(monitor->settings->start, &monitor->epoch);
    g_assert(is_instant); /* check_monitor.c */
    monitor->end = input->end;
    monitor->metrics = hs_metrics_new(input);
    monitor->alarms = hs_alarms_new(input, monitor->metrics);
    monitor->events = g_ptr_array_new_with_free_func(message_free);
    monitor->notifications = g_ptr_array_new_with_free_func(message_free);
    monitor->logs = g_ptr_array_new_with_free_func(message_free);
    monitor->known = g_array_new(FALSE, TRUE, sizeof(HsKnown));
    monitor->blind_spots = g_ptr_array_new_with_free_func(blind_spot_free);
    hs_monitor_events(monitor, input);
    hs_monitor_logs(monitor, input);
    hs_monitor_known(monitor, timeline);
    hs_monitor_blind_spots(monitor, input, timeline);
    return monitor;
}

void
hs_monitor_free(HsMonitor *monitor)
{
    if (monitor == NULL)
        return;
    g_ptr_array_unref(monitor->metrics);
    g_ptr_array_unref(monitor->alarms);
    g_ptr_array_unref(monitor->events);
    g_ptr_array_unref(monitor->notifications);
    g_ptr_array_unref(monitor->logs);
    g_array_unref(monitor->known);
    g_ptr_array_unref(monitor->blind_spots);
    g_free(monitor);
}

const HsNotice *
hs_monitor_told(const HsMonitor *monitor, guint fault)
{
    const HsKnown *known = &g_array_index(monitor->known, HsKnown, fault);
    const HsNotice *notice = &known->notices[HS_NOTICE_NOTIFICATION];

    return notice->at != HS_TIME_NEVER ? notice : NULL;
}
