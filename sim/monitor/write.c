/* The files of monitoring/.
 *
 *   metric-stream.json  CloudWatch Metric Streams' JSON, as Firehose delivers
 *                       it: an object a line, for each datapoint
 *   metrics.openmetrics OpenMetrics text: the four statistics of each metric,
 *                       and the run's own figures beside them
 *   metrics.csv         a line for each datapoint
 *   events.json, notifications.json, vpn-logs.json  an object a line
 *
 * The order is that of the metrics, then of time, which OpenMetrics asks for:
 * one label set's samples stand together. */

#include "config.h"

#include "sim/monitor/private.h"

#include "sim/scenario/metrics.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>

static void
append_quoted(GString *text, const char *value)
{
    json_t *string = json_string(value);
    char *quoted = json_dumps(string, JSON_ENCODE_ANY);

    g_string_append(text, quoted);
    free(quoted);
    json_decref(string);
}

/* Metric Streams */

static void
append_stream_point(const HsMonitor *m, const HsMetric *metric,
                    const HsDatapoint *p, GString *text)
{
    const HsMetricInfo *info = hs_metric_info(metric->which);

    g_string_append(text, "{\"metric_stream_name\":\"hybridsim\","
                          "\"account_id\":");
    append_quoted(text, m->settings->account);
    g_string_append(text, ",\"region\":");
    append_quoted(text, metric->region);
    g_string_append_printf(text,
                           ",\"namespace\":\"%s\",\"metric_name\":\"%s\","
                           "\"dimensions\":{",
                           info->space, hs_metric_name(metric->which));
    for (unsigned i = 0; i < metric->dimension_count; i++) {
        g_string_append_printf(text, "%s\"%s\":", i > 0 ? "," : "",
                               metric->dimensions[i].name);
        append_quoted(text, metric->dimensions[i].value);
    }
    g_string_append_printf(
        text, "},\"timestamp\":%" G_GINT64_FORMAT ",\"value\":{\"max\":",
        (m->epoch + p->start / HS_SEC(1)) * 1000);
    hs_append_value(text, p->max);
    g_string_append(text, ",\"min\":");
    hs_append_value(text, p->min);
    g_string_append(text, ",\"sum\":");
    hs_append_value(text, p->sum);
    g_string_append_printf(
        text, ",\"count\":%" G_GUINT64_FORMAT "},\"unit\":\"%s\"}\n", p->count,
        info->unit);
}

static void
append_csv_point(const HsMonitor *m, const HsMetric *metric,
                 const HsDatapoint *p, GString *text)
{
    const HsMetricInfo *info = hs_metric_info(metric->which);

    g_string_append_printf(text, "%" G_GINT64_FORMAT ",%d,%s,%s,%s,",
                           m->epoch + p->start / HS_SEC(1),
                           (int)(metric->period / HS_SEC(1)), info->space,
                           hs_metric_name(metric->which), metric->label);
    for (unsigned i = 0; i < metric->dimension_count; i++)
        g_string_append_printf(text, "%s%s=%s", i > 0 ? ";" : "",
                               metric->dimensions[i].name,
                               metric->dimensions[i].value);
    g_string_append_printf(text, ",%s,", info->unit);
    hs_append_value(text, p->min);
    g_string_append_c(text, ',');
    hs_append_value(text, p->max);
    g_string_append_c(text, ',');
    hs_append_value(text, p->sum);
    g_string_append_printf(text, ",%" G_GUINT64_FORMAT "\n", p->count);
}

/* OpenMetrics */

static const char *
openmetrics_unit(const HsMetricInfo *info)
{
    if (g_str_equal(info->unit, "Bytes"))
        return "bytes";
    if (g_str_equal(info->unit, "Bits/Second"))
        return "bits_per_second";
    if (g_str_equal(info->unit, "Count/Second"))
        return "packets_per_second";
    return NULL; /* counts and states have none */
}

/* "AWS/DX" and "ConnectionState": "aws_dx_connection_state". Transfer full. */
static char *
openmetrics_name(HsMetricName which)
{
    const HsMetricInfo *info = hs_metric_info(which);
    const char *name = hs_metric_name(which);
    const char *unit = openmetrics_unit(info);
    g_autofree char *space = g_ascii_strdown(info->space, -1);
    GString *text = g_string_new(g_strdelimit(space, "/", '_'));

    for (const char *c = name; *c != '\0'; c++) {
        if (g_ascii_isupper(*c))
            g_string_append_c(text, '_');
        g_string_append_c(text, g_ascii_tolower(*c));
    }
    if (unit != NULL && !g_str_has_suffix(text->str, unit))
        g_string_append_printf(text, "_%s", unit);
    return g_string_free(text, FALSE);
}

static void
append_label(GString *text, const char *name, const char *value)
{
    bool first = text->str[text->len - 1] == '{';

    g_string_append_printf(text, "%s%s=", first ? "" : ",", name);
    append_quoted(text, value);
}

static void
append_series(const HsMonitor *m, const HsMetric *metric, const char *name,
              HsStatistic statistic, GString *text)
{
    for (guint i = 0; i < metric->points->len; i++) {
        const HsDatapoint *p = &g_array_index(metric->points, HsDatapoint, i);

        g_string_append_printf(text, "%s{", name);
        append_label(text, "element", metric->label);
        for (unsigned d = 0; d < metric->dimension_count; d++)
            append_label(text, metric->dimensions[d].name,
                         metric->dimensions[d].value);
        append_label(text, "statistic", hs_statistic_name(statistic));
        g_string_append(text, "} ");
        hs_append_value(text, hs_datapoint_value(p, statistic));
        g_string_append_printf(text, " %" G_GINT64_FORMAT "\n",
                               m->epoch + p->start / HS_SEC(1));
    }
}

static void
append_family(GString *text, const char *name, const char *unit,
              const char *help)
{
    g_string_append_printf(text, "# TYPE %s gauge\n", name);
    if (unit != NULL)
        g_string_append_printf(text, "# UNIT %s %s\n", name, unit);
    g_string_append_printf(text, "# HELP %s %s\n", name, help);
}

static void
append_aws(const HsMonitor *m, GString *text)
{
    for (unsigned which = 0; which < HS_METRIC_COUNT; which++) {
        const HsMetricInfo *info = hs_metric_info(which);
        g_autofree char *name = openmetrics_name(which);
        g_autofree char *help =
            g_strdup_printf("%s of %s, each at the start of its period",
                            hs_metric_name(which), info->space);
        bool any = false;

        for (guint i = 0; i < m->metrics->len; i++) {
            const HsMetric *metric = m->metrics->pdata[i];

            if (metric->which != which || metric->points->len == 0)
                continue;
            if (!any)
                append_family(text, name, openmetrics_unit(info), help);
            any = true;
            for (unsigned s = 0; s <= HS_STATISTIC_SAMPLE_COUNT; s++)
                append_series(m, metric, name, s, text);
        }
    }
}

/* Nanoseconds as seconds, every digit of them. */
static void
append_seconds(GString *text, HsDuration span)
{
    g_string_append_printf(text, "%" G_GINT64_FORMAT ".%09" G_GINT64_FORMAT,
                           (gint64)(span / HS_SEC(1)),
                           (gint64)(span % HS_SEC(1)));
}

typedef void (*Figure)(GString *text, const char *name,
                       const HsFaultTimeline *fault,
                       const HsClientFailover *client);

static void
begin_sample(GString *text, const char *name, const HsFaultTimeline *fault,
             const HsClientFailover *client)
{
    g_string_append_printf(text, "%s{", name);
    append_label(text, "fault", fault->name);
    append_label(text, "client", client->client);
}

static void
append_outage(GString *text, const char *name, const HsFaultTimeline *fault,
              const HsClientFailover *client)
{
    if (client->outage.status != HS_STATUS_HAPPENED)
        return;
    begin_sample(text, name, fault, client);
    g_string_append(text, "} ");
    append_seconds(text, client->outage.span);
    g_string_append_c(text, '\n');
}

static void
append_failover(GString *text, const char *name, const HsFaultTimeline *fault,
                const HsClientFailover *client)
{
    if (client->recovery != HS_RECOVERY_RECOVERED)
        return;
    begin_sample(text, name, fault, client);
    g_string_append(text, "} ");
    append_seconds(text, client->failover);
    g_string_append_c(text, '\n');
}

static void
append_parts(GString *text, const char *name, const HsFaultTimeline *fault,
             const HsClientFailover *client)
{
    for (unsigned p = 0; p < HS_PART_COUNT; p++) {
        const HsPart *part = &client->parts[p];

        if (part->status != HS_STATUS_HAPPENED)
            continue;
        begin_sample(text, name, fault, client);
        append_label(text, "part", hs_part_name(part->kind));
        g_string_append(text, "} ");
        append_seconds(text, part->duration);
        g_string_append_c(text, '\n');
    }
}

static void
append_requests(GString *text, const char *name, const HsFaultTimeline *fault,
                const HsClientFailover *client)
{
    const HsRequestCounts *r = &client->requests;
    const struct {
        const char *outcome;
        uint64_t count;
    } outcomes[] = {
        {"sent", r->sent},       {"answered", r->answered},
        {"delayed", r->delayed}, {"failed", r->failed},
        {"pending", r->pending},
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(outcomes); i++) {
        begin_sample(text, name, fault, client);
        append_label(text, "outcome", outcomes[i].outcome);
        g_string_append_printf(text, "} %" G_GUINT64_FORMAT "\n",
                               outcomes[i].count);
    }
}

static void
append_figures(const HsTimeline *timeline, GString *text)
{
    static const struct {
        const char *name, *unit, *help;
        Figure append;
    } figures[] = {
        {"hybridsim_outage_seconds", "seconds",
         "The longest span without a good reply over all connections",
         append_outage},
        {"hybridsim_failover_seconds", "seconds",
         "From the fault to the first good reply to a request sent after it",
         append_failover},
        {"hybridsim_part_seconds", "seconds", "The parts of the failover",
         append_parts},
        {"hybridsim_requests", NULL, "Requests due from the fault on",
         append_requests},
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(figures); i++) {
        append_family(text, figures[i].name, figures[i].unit, figures[i].help);
        for (guint f = 0; f < timeline->faults->len; f++) {
            const HsFaultTimeline *fault = timeline->faults->pdata[f];

            for (guint c = 0; c < fault->clients->len; c++)
                figures[i].append(
                    text, figures[i].name, fault,
                    &g_array_index(fault->clients, HsClientFailover, c));
        }
    }
}

/* Files */

static bool
save(const char *folder, const char *name, const GString *text, GError **error)
{
    g_autofree char *path = g_build_filename(folder, name, NULL);

    return g_file_set_contents(path, text->str, (gssize)text->len, error);
}

static bool
save_messages(const char *folder, const char *name, const GPtrArray *messages,
              GError **error)
{
    g_autoptr(GString) text = g_string_new(NULL);

    for (guint i = 0; i < messages->len; i++) {
        const HsMessage *message = messages->pdata[i];
        char *line = json_dumps(message->json, JSON_COMPACT);

        g_string_append_printf(text, "%s\n", line);
        free(line);
    }
    return save(folder, name, text, error);
}

bool
hs_monitor_write(const HsMonitor *monitor, const HsTimeline *timeline,
                 const char *folder, GError **error)
{
    g_autofree char *place = g_build_filename(folder, "monitoring", NULL);
    g_autoptr(GString) stream = g_string_new(NULL);
    g_autoptr(GString) metrics = g_string_new(NULL);
    g_autoptr(GString) csv = g_string_new(
        "timestamp,period,namespace,metric,element,dimensions,unit,minimum,"
        "maximum,sum,samples\n");

    if (g_mkdir_with_parents(place, 0777) != 0) {
        g_set_error(error, G_FILE_ERROR, (int)g_file_error_from_errno(errno),
                    "%s: %s", place, g_strerror(errno));
        return false;
    }
    for (guint i = 0; i < monitor->metrics->len; i++) {
        const HsMetric *metric = monitor->metrics->pdata[i];

        for (guint j = 0; j < metric->points->len; j++) {
            const HsDatapoint *p =
                &g_array_index(metric->points, HsDatapoint, j);

            append_stream_point(monitor, metric, p, stream);
            append_csv_point(monitor, metric, p, csv);
        }
    }
    append_aws(monitor, metrics);
    append_figures(timeline, metrics);
    g_string_append(metrics, "# EOF\n");
    return save(place, "metric-stream.json", stream, error) &&
           save(place, "metrics.openmetrics", metrics, error) &&
           save(place, "metrics.csv", csv, error) &&
           save_messages(place, "events.json", monitor->events, error) &&
           save_messages(place, "notifications.json", monitor->notifications,
                         error) &&
           save_messages(place, "vpn-logs.json", monitor->logs, error);
}
