/* What the clients felt and which way their traffic went: the charts over time,
 * the percentile curves, and a table for each. */

#include "config.h"

#include "sim/report/private.h"

#include <math.h>
#include <string.h>

#define TABLE_ROWS 50

/* What a chart over the whole run cannot show: a second in an hour. */
static void
draw_close_up(HsHtml *html, const json_t *result)
{
    HsWorst worst = hs_report_worst(result);
    double bucket = hs_get_real(result, "series.bucket_s");
    double duration = hs_get_real(result, "scenario.duration_s");
    double from = hs_get_real(worst.fault, "applied_s");
    double until = hs_hurt_until(worst.fault, duration);
    g_autoptr(HsChart) chart = NULL;
    double span;

    if (worst.fault == NULL || isnan(until))
        return;
    span = MAX(until - from, 4 * bucket);
    if (span > duration / 3)
        return;
    chart = hs_latency_chart(result);
    chart->id = "latency-close";
    chart->title = "Latency around the failover";
    chart->live = false;
    chart->x_min = MAX(0, from - span);
    chart->x_max = MIN(duration, from + 2 * span);
    hs_html_open(html, "div", "class", "close-up", NULL);
    hs_chart_draw(chart, html);
    hs_html_close(html, "div");
}

/* Counts and the slowest request of some buckets together: what can be joined
 * exactly, as percentiles cannot. */
typedef struct {
    double requests, failed, slowest;
} Span;

static double
number_at(const json_t *list, size_t i)
{
    return json_number_value(json_array_get(list, i));
}

static Span
span_of(const json_t *client, size_t from, size_t until)
{
    Span span = {.slowest = NAN};

    for (size_t i = from; i < until; i++) {
        const json_t *max = json_array_get(hs_get(client, "max_ms"), i);

        span.requests += number_at(hs_get(client, "count"), i);
        span.failed += number_at(hs_get(client, "failed"), i);
        if (json_is_number(max))
            span.slowest = fmax(span.slowest, json_number_value(max));
    }
    return span;
}

static void
series_table(HsHtml *html, const json_t *result)
{
    size_t buckets = hs_series_buckets_of(result);
    size_t each = MAX(1, (buckets + TABLE_ROWS - 1) / TABLE_ROWS);
    double bucket = hs_get_real(result, "series.bucket_s");

    hs_html_fold(html, "The same as a table");
    hs_html_table(html, "Requests over time", "From", "Client", "#Requests",
                  "#Failed", "#Slowest, ms", NULL);
    for (size_t i = 0; i < buckets; i += each)
        for (size_t c = 0; c < hs_get_length(result, "series.latency"); c++) {
            const json_t *client = hs_get_item(result, "series.latency", c);
            Span span = span_of(client, i, MIN(i + each, buckets));
            char text[HS_NUMBER_TEXT];

            hs_html_cell(html, "%s",
                         hs_seconds_text((double)i * bucket * 1e3, text));
            hs_html_cell(html, "%s", hs_get_text(client, "client"));
            hs_html_cell(html, "%.0f", span.requests);
            hs_html_cell(html, "%.0f", span.failed);
            if (isnan(span.slowest))
                hs_html_cell(html, "-");
            else
                hs_html_cell(html, span.slowest < 100 ? "%.1f" : "%.0f",
                             span.slowest);
        }
    hs_html_table_end(html);
    hs_html_fold_end(html);
}

static void
latency_table(HsHtml *html, const json_t *result)
{
    static const struct {
        const char *key, *name;
    } phases[] = {{"before", "before"},
                  {"during", "during"},
                  {"after", "after, fault still on"},
                  {"failback", "after fail-back"}};

    if (hs_get_length(result, "database") == 0)
        return;
    hs_html_table(html, "Latency by phase", "Client", "Phase", "#Requests",
                  "#p50, ms", "#p90, ms", "#p99, ms", "#p99.9, ms", "#Max, ms",
                  "#Delayed", "#Failed", NULL);
    for (size_t c = 0; c < hs_get_length(result, "database"); c++) {
        const json_t *client = hs_get_item(result, "database", c);

        for (size_t p = 0; p < G_N_ELEMENTS(phases); p++) {
            static const char *const figures[] = {"p50_ms", "p90_ms", "p99_ms",
                                                  "p99.9_ms", "max_ms"};
            const json_t *phase = hs_get(client, phases[p].key);
            const json_t *latency = hs_get(phase, "latency");
            char text[HS_NUMBER_TEXT];

            if (hs_get_integer(phase, "requests.sent") == 0)
                continue;
            hs_html_cell(html, "%s", hs_get_text(client, "client"));
            hs_html_cell(html, "%s", phases[p].name);
            hs_html_cell(
                html, "%s",
                hs_count_text(hs_get_integer(phase, "requests.sent"), text));
            for (size_t f = 0; f < G_N_ELEMENTS(figures); f++) {
                double value = hs_get_real(latency, figures[f]);

                if (isnan(value))
                    hs_html_cell(html, "-");
                else
                    hs_html_cell(html, value < 100 ? "%.1f" : "%.0f", value);
            }
            hs_html_cell(
                html, "%s",
                hs_count_text(hs_get_integer(phase, "requests.delayed"), text));
            hs_html_cell(
                html, "%s",
                hs_count_text(hs_get_integer(phase, "requests.failed"), text));
        }
    }
    hs_html_table_end(html);
}

/* What the clients counted: where a failover went on after the network was
 * back. */

static const struct {
    const char *key, *words;
} counters[] = {
    {"transactions", "Transactions due"},
    {"retries", "Begun again"},
    {"connects", "Connections tried"},
    {"connected", "Connections that came up"},
    {"refused", "Refused: too many clients"},
    {"lost", "Connections lost"},
    {"waited", "Transactions that waited for a connection"},
    {"timeouts.connect", "Time-outs of connecting"},
    {"timeouts.acquire", "Time-outs of waiting for a connection"},
    {"timeouts.reply", "Time-outs of a reply"},
    {"timeouts.statement", "Statements that the server cancelled"},
    {"timeouts.tcp_user_timeout", "Ended by TCP_USER_TIMEOUT"},
    {"timeouts.keepalive", "Found dead by keepalive"},
};

static void
counter_rows(HsHtml *html, const json_t *client)
{
    for (size_t i = 0; i < G_N_ELEMENTS(counters); i++) {
        const json_t *value =
            hs_get(hs_get(client, "counters"), counters[i].key);
        char text[HS_NUMBER_TEXT];

        /* What did not happen says nothing. */
        if (json_integer_value(value) == 0)
            continue;
        hs_html_cell(html, "%s", counters[i].words);
        hs_html_cell(html, "%s", hs_get_text(client, "client"));
        hs_html_cell(html, "%s",
                     hs_count_text(json_integer_value(value), text));
    }
}

static void
counter_table(HsHtml *html, const json_t *result)
{
    char refused[HS_NUMBER_TEXT], peak[HS_NUMBER_TEXT];

    if (hs_get(hs_get_item(result, "database", 0), "counters") == NULL)
        return;
    hs_html_fold(html, "What the clients and the server counted");
    hs_html_table(html, "Clients' counters", "What", "Client", "#Times", NULL);
    for (size_t c = 0; c < hs_get_length(result, "database"); c++)
        counter_rows(html, hs_get_item(result, "database", c));
    hs_html_table_end(html);
    if (hs_get(result, "database_server") != NULL)
        hs_html_leaf(
            html, "p", NULL,
            "The server had %s connections at most at one time and refused %s.",
            hs_count_text(
                hs_get_integer(result, "database_server.connections_peak"),
                peak),
            hs_count_text(hs_get_integer(result, "database_server.refused"),
                          refused));
    hs_html_fold_end(html);
}

/* Percentile curves */

static void
draw_curves(HsHtml *html, const json_t *result)
{
    static const char *const phases[] = {"before", "during", "after",
                                         "failback"};

    for (size_t c = 0; c < hs_get_length(result, "database"); c++) {
        const char *client =
            hs_get_text(hs_get_item(result, "database", c), "client");
        g_autofree char *id = g_strdup_printf("curve-%zu", c);
        g_autofree char *title =
            g_strdup_printf("Percentiles, %s", hs_client_words(client));
        g_autoptr(HsChart) chart = hs_chart_new(id, title);

        chart->y_unit = "ms";
        chart->logarithmic = true;
        chart->percentiles = true;
        chart->summary = g_strdup("So many of the requests were answered "
                                  "within the time. Both axes logarithmic.");
        for (size_t i = 0; i < hs_get_length(result, "latency_curve"); i++) {
            const json_t *curve = hs_get_item(result, "latency_curve", i);
            const json_t *points = hs_get(curve, "points"), *point;
            HsChartLine *line = NULL;
            size_t p;

            if (!hs_get_is(curve, "client", client))
                continue;
            for (unsigned k = 0; k < G_N_ELEMENTS(phases); k++)
                if (hs_get_is(curve, "phase", phases[k]))
                    line = hs_chart_line(chart, k, "%s", phases[k]);
            if (line == NULL)
                continue;
            json_array_foreach(points, p, point)
            {
                double percent = json_number_value(json_array_get(point, 0));
                double nines =
                    percent >= 100 ? NAN : -log10(1 - MAX(percent, 0) / 100);

                if (isnan(nines))
                    continue;
                chart->x_max = MAX(chart->x_max, nines);
                hs_chart_point(line, nines,
                               json_number_value(json_array_get(point, 1)));
            }
        }
        if (chart->x_max > 0)
            hs_chart_draw(chart, html);
    }
}

static void
draw_charts(HsHtml *html, const json_t *result, const char *prefix)
{
    g_autoptr(GPtrArray) charts = hs_time_charts(result);

    for (guint i = 0; i < charts->len; i++) {
        const HsChart *chart = charts->pdata[i];

        if (g_str_has_prefix(chart->id, "goodput") ==
            g_str_equal(prefix, "goodput"))
            hs_chart_draw(chart, html);
    }
}

void
hs_report_latency(HsHtml *html, const json_t *result)
{
    hs_section(html, "response", "What the database's clients felt");
    if (hs_get_length(result, "series.latency") == 0) {
        hs_nothing(html, "This result has no series over time.");
    } else {
        draw_charts(html, result, "latency");
        draw_close_up(html, result);
        series_table(html, result);
    }
    if (hs_get_length(result, "latency_curve") > 0) {
        hs_html_open(html, "div", "class", "clients", NULL);
        draw_curves(html, result);
        hs_html_close(html, "div");
    }
    if (hs_get_length(result, "database") == 0)
        hs_nothing(html, "The scenario has no database.");
    else {
        latency_table(html, result);
        counter_table(html, result);
    }
    hs_section_end(html);
}

static void
goodput_table(HsHtml *html, const json_t *result)
{
    double bucket = hs_get_real(result, "series.bucket_s");

    hs_html_fold(html, "The same as a table, every link");
    hs_html_table(html, "Traffic by link", "Link", "Direction", "What",
                  "#In all", "#Mean", "#Most", NULL);
    for (size_t i = 0; i < hs_get_length(result, "series.traffic"); i++) {
        const json_t *row = hs_get_item(result, "series.traffic", i);
        const json_t *bytes = hs_get(row, "bytes"), *value;
        double sum = 0, most = 0;
        char text[HS_NUMBER_TEXT];
        size_t b;

        json_array_foreach(bytes, b, value)
        {
            sum += json_number_value(value);
            most = MAX(most, json_number_value(value));
        }
        hs_html_cell(html, "%s", hs_get_text(row, "link"));
        hs_html_cell(html, "%s", hs_get_text(row, "direction"));
        hs_html_cell(html, "%s", hs_get_text(row, "class"));
        hs_html_cell(html, "%s", hs_bytes_text(sum, text));
        hs_html_cell(html, "%.2f Mbit/s",
                     sum * 8e-6 / hs_get_real(result, "scenario.duration_s"));
        hs_html_cell(html, "%.2f Mbit/s", most * 8e-6 / bucket);
    }
    hs_html_table_end(html);
    hs_html_fold_end(html);
}

void
hs_report_goodput(HsHtml *html, const json_t *result)
{
    hs_section(html, "traffic", "Which way the traffic went");
    if (hs_get_length(result, "series.traffic") == 0) {
        hs_nothing(html, "This result has no traffic over time.");
    } else {
        draw_charts(html, result, "goodput");
        goodput_table(html, result);
    }
    hs_section_end(html);
}
