/* The charts over time and the percentile curves, with a table for each. The
 * same charts are drawn here and told to report.js, in the JSON island. */

#include "config.h"

#include "sim/report/private.h"

#include <math.h>
#include <string.h>

#define TABLE_ROWS    50
#define TRAFFIC_LINES 6
#define TRAFFIC_LEAST                                                          \
    0.005 /* of the link that carried most: below, keepalives */

/* Until when FAULT hurt the database: the last client's latency settled. */
static double
hurt_until(const json_t *fault, double duration)
{
    double until = NAN;

    for (size_t c = 0; c < hs_get_length(fault, "clients"); c++) {
        const json_t *client = hs_get_item(fault, "clients", c);
        const json_t *settled = NULL;

        if (hs_get_is(client, "recovery", "did not recover"))
            return hs_get(fault, "cleared_s") != NULL
                       ? hs_get_real(fault, "cleared_s")
                       : duration;
        for (size_t i = 0; i < hs_get_length(client, "parts"); i++)
            if (hs_get_is(hs_get_item(client, "parts", i), "part", "settled"))
                settled = hs_get_item(client, "parts", i);
        until = fmax(until, hs_get_real(settled, "at_s"));
    }
    return until;
}

void
hs_report_fault_bands(HsChart *chart, const json_t *result)
{
    double duration = hs_get_real(result, "scenario.duration_s");
    size_t count = hs_get_length(result, "faults");

    for (size_t i = 0; i < count; i++) {
        const json_t *fault = hs_get_item(result, "faults", i);
        double from = hs_get_real(fault, "applied_s");
        double cleared = hs_get_real(fault, "cleared_s");
        double hurt = hurt_until(fault, duration);

        /* Labels of many faults would lie on each other. */
        hs_chart_band(chart, from, isnan(cleared) ? duration : cleared, "fault",
                      count <= 3 ? hs_get_text(fault, "name") : NULL);
        if (!isnan(hurt))
            hs_chart_band(chart, from, hurt, "hurt", NULL);
    }
}

static HsChart *
time_chart(const json_t *result, const char *id, const char *title,
           const char *unit)
{
    HsChart *chart = hs_chart_new(id, title);

    chart->y_unit = unit;
    chart->x_min = 0;
    chart->x_max = hs_get_real(result, "scenario.duration_s");
    hs_report_fault_bands(chart, result);
    return chart;
}

/* A list of a number for each bucket, as points in the buckets' middles; behind
 * its end it is REST. */
static void
add_points(HsChartLine *line, const json_t *result, const json_t *values,
           double factor, double rest)
{
    double bucket = hs_get_real(result, "series.bucket_s");
    size_t buckets = (size_t)hs_get_integer(result, "series.buckets");

    for (size_t i = 0; i < buckets; i++) {
        const json_t *value = json_array_get(values, i);

        hs_chart_point(line, ((double)i + 0.5) * bucket,
                       json_is_number(value) ? json_number_value(value) * factor
                       : value == NULL       ? rest
                                             : NAN);
    }
}

/* "In spans of 0.5 s." */
static char *
spans_text(const json_t *result)
{
    char number[HS_PLACE_TEXT];

    return g_strdup_printf(
        "In spans of %s\u00a0s.",
        hs_chart_number(hs_get_real(result, "series.bucket_s"), 3, number));
}

/* Latency */

static HsChart *
latency_chart(const json_t *result)
{
    g_autofree char *spans = spans_text(result);
    HsChart *chart = time_chart(result, "latency", "Latency over time", "ms");

    chart->logarithmic = true;
    chart->live = true;
    chart->summary =
        g_strdup_printf("Of requests by the instant at which each was due, so "
                        "waiting behind a stuck one counts. %s Logarithmic.",
                        spans);
    for (size_t c = 0; c < hs_get_length(result, "series.latency"); c++) {
        const json_t *client = hs_get_item(result, "series.latency", c);
        const char *name = hs_get_text(client, "client");

        add_points(hs_chart_line(chart, (unsigned)(2 * c),
                                 "%s, 99th percentile", name),
                   result, hs_get(client, "p99_ms"), 1, NAN);
        add_points(
            hs_chart_line(chart, (unsigned)(2 * c + 1), "%s, median", name),
            result, hs_get(client, "p50_ms"), 1, NAN);
    }
    return chart;
}

static HsChart *
failed_chart(const json_t *result)
{
    g_autofree char *spans = spans_text(result);
    g_autoptr(HsChart) chart =
        time_chart(result, "failed", "Requests that failed", "");

    chart->live = true;
    chart->summary = g_strdup_printf("Given up. %s", spans);
    for (size_t c = 0; c < hs_get_length(result, "series.latency"); c++) {
        const json_t *client = hs_get_item(result, "series.latency", c);
        HsChartLine *line;
        const json_t *value, *failed = hs_get(client, "failed");
        double sum = 0;
        size_t i;

        json_array_foreach(failed, i, value) sum += json_number_value(value);
        if (sum == 0)
            continue;
        line = hs_chart_line(chart, (unsigned)(2 * c), "%s",
                             hs_get_text(client, "client"));

        add_points(line, result, hs_get(client, "failed"), 1, 0);
    }
    return chart->lines->len > 0 ? g_steal_pointer(&chart) : NULL;
}

/* Goodput */

typedef struct {
    const json_t *row;
    double bytes;
} Flow;

static int
most_bytes_first(gconstpointer a, gconstpointer b)
{
    const Flow *first = a, *second = b;

    if (first->bytes != second->bytes)
        return first->bytes > second->bytes ? -1 : 1;
    return strcmp(hs_get_text(first->row, "link"),
                  hs_get_text(second->row, "link"));
}

static const json_t *
find_link(const json_t *result, const char *name)
{
    for (size_t i = 0; i < hs_get_length(result, "links"); i++) {
        const json_t *link = hs_get_item(result, "links", i);

        if (hs_get_is(link, "name", name))
            return link;
    }
    return NULL;
}

/* What protected flows sent over untrusted links. A link that carries what one
 * already taken carries, because it lies behind it, says nothing new. */
static GArray *
flows_of(const json_t *result, const char *direction)
{
    g_autoptr(GArray) all = g_array_new(FALSE, FALSE, sizeof(Flow));
    GArray *flows = g_array_new(FALSE, FALSE, sizeof(Flow));

    for (size_t i = 0; i < hs_get_length(result, "series.traffic"); i++) {
        const json_t *row = hs_get_item(result, "series.traffic", i);
        const char *class_name = hs_get_text(row, "class");
        const json_t *value, *bytes = hs_get(row, "bytes");
        Flow flow = {.row = row};
        size_t b;

        if (!hs_get_is(row, "direction", direction) ||
            (!g_str_equal(class_name, "clear") &&
             !g_str_equal(class_name, "esp") &&
             !g_str_equal(class_name, "macsec")) ||
            hs_get_bool(find_link(result, hs_get_text(row, "link")), "trusted"))
            continue;
        json_array_foreach(bytes, b, value) flow.bytes +=
            json_number_value(value);
        g_array_append_val(all, flow);
    }
    g_array_sort(all, most_bytes_first);
    for (guint i = 0; i < all->len && flows->len < TRAFFIC_LINES; i++) {
        const Flow *flow = &g_array_index(all, Flow, i);
        bool known =
            flow->bytes < TRAFFIC_LEAST * g_array_index(all, Flow, 0).bytes;

        for (guint j = 0; j < flows->len; j++) {
            const Flow *other = &g_array_index(flows, Flow, j);

            known |= hs_get_is(other->row, "class",
                               hs_get_text(flow->row, "class")) &&
                     fabs(other->bytes - flow->bytes) <= other->bytes / 500;
        }
        if (!known)
            g_array_append_vals(flows, flow, 1);
    }
    return flows;
}

static const char *
class_words(const char *class_name)
{
    if (g_str_equal(class_name, "clear"))
        return "in clear";
    return g_str_equal(class_name, "esp") ? "ESP" : "MACsec";
}

static HsChart *
goodput_chart(const json_t *result, const char *direction)
{
    bool to_aws = g_str_equal(direction, "to AWS");
    g_autofree char *spans = spans_text(result);
    g_autoptr(HsChart) chart = time_chart(
        result, to_aws ? "goodput-aws" : "goodput-onprem",
        to_aws ? "Traffic to AWS" : "Traffic to on-premises", "Mbit/s");
    g_autoptr(GArray) flows = flows_of(result, direction);
    double bucket = hs_get_real(result, "series.bucket_s");

    chart->live = true;
    chart->summary = g_strdup_printf(
        "Of the protected flows, by untrusted link and by what could be read; "
        "links that carry the same are drawn once. %s",
        spans);
    for (guint i = 0; i < flows->len; i++) {
        const json_t *row = g_array_index(flows, Flow, i).row;

        add_points(hs_chart_line(chart, i, "%s, %s", hs_get_text(row, "link"),
                                 class_words(hs_get_text(row, "class"))),
                   result, hs_get(row, "bytes"), 8e-6 / bucket, 0);
    }
    return flows->len > 0 ? g_steal_pointer(&chart) : NULL;
}

/* Every chart that has time as its axis, in the order of the page. */
static GPtrArray *
time_charts(const json_t *result)
{
    GPtrArray *charts =
        g_ptr_array_new_with_free_func((GDestroyNotify)hs_chart_free);
    HsChart *made[4] = {NULL};

    if (hs_get_length(result, "series.latency") > 0) {
        made[0] = latency_chart(result);
        made[1] = failed_chart(result);
    }
    if (hs_get_length(result, "series.traffic") > 0) {
        made[2] = goodput_chart(result, "to AWS");
        made[3] = goodput_chart(result, "to on-premises");
    }
    for (size_t i = 0; i < G_N_ELEMENTS(made); i++)
        if (made[i] != NULL)
            g_ptr_array_add(charts, made[i]);
    return charts;
}

/* What a chart over the whole run cannot show: a second in an hour. */
static void
draw_close_up(HsHtml *html, const json_t *result)
{
    HsWorst worst = hs_report_worst(result);
    double bucket = hs_get_real(result, "series.bucket_s");
    double duration = hs_get_real(result, "scenario.duration_s");
    double from = hs_get_real(worst.fault, "applied_s");
    double until = hurt_until(worst.fault, duration);
    g_autoptr(HsChart) chart = NULL;
    double span;

    if (worst.fault == NULL || isnan(until))
        return;
    span = MAX(until - from, 4 * bucket);
    if (span > duration / 3)
        return;
    chart = latency_chart(result);
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
    size_t buckets = (size_t)hs_get_integer(result, "series.buckets");
    size_t each = (buckets + TABLE_ROWS - 1) / TABLE_ROWS;
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
    g_autoptr(GPtrArray) charts = time_charts(result);

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
    else
        latency_table(html, result);
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

/* The island */

static json_t *
rounded(double value)
{
    char text[HS_PLACE_TEXT];

    if (isnan(value))
        return json_null();
    return json_real(g_ascii_strtod(hs_chart_number(value, 3, text), NULL));
}

static json_t *
chart_json(const HsChart *chart)
{
    json_t *object = json_object(), *lines = json_array();
    const HsChartLine *first = chart->lines->pdata[0];
    double x0 = g_array_index(first->x, double, 0);

    json_object_set_new(object, "id", json_string(chart->id));
    json_object_set_new(object, "unit", json_string(chart->y_unit));
    json_object_set_new(object, "log", json_boolean(chart->logarithmic));
    json_object_set_new(object, "until", json_real(chart->x_max));
    json_object_set_new(object, "x0", rounded(x0));
    json_object_set_new(object, "step", rounded(2 * x0));
    for (guint l = 0; l < chart->lines->len; l++) {
        const HsChartLine *line = chart->lines->pdata[l];
        json_t *row = json_object(), *values = json_array();

        for (guint i = 0; i < line->y->len; i++)
            json_array_append_new(values,
                                  rounded(g_array_index(line->y, double, i)));
        json_object_set_new(row, "name", json_string(line->name));
        json_object_set_new(row, "style", json_integer(line->style));
        json_object_set_new(row, "y", values);
        json_array_append_new(lines, row);
    }
    json_object_set_new(object, "lines", lines);
    return object;
}

static json_t *
bands_json(const json_t *result)
{
    g_autoptr(HsChart) chart = time_chart(result, "", "", "");
    json_t *bands = json_array();

    for (guint i = 0; i < chart->bands->len; i++) {
        const HsChartBand *band = &g_array_index(chart->bands, HsChartBand, i);

        json_array_append_new(bands, json_pack("{sf sf ss ss?}", "from",
                                               band->from, "until", band->until,
                                               "class", band->class_name,
                                               "label", band->label));
    }
    return bands;
}

/* The one place in which text stands in a page without HTML's escapes: "<" is
 * written as JSON's own, so neither "</script>" nor "<!--" can come up. */
void
hs_report_island(HsHtml *html, const json_t *result)
{
    g_autoptr(GPtrArray) charts = time_charts(result);
    json_t *island = json_object(), *list = json_array();
    char *text;

    for (guint i = 0; i < charts->len; i++)
        json_array_append_new(list, chart_json(charts->pdata[i]));
    json_object_set_new(island, "charts", list);
    json_object_set_new(island, "bands", bands_json(result));
    text = json_dumps(island, JSON_COMPACT | JSON_REAL_PRECISION(9));
    hs_html_open(html, "script", "type", "application/json", "id", "data",
                 NULL);
    {
        g_auto(GStrv) pieces = g_strsplit(text, "<", -1);
        g_autofree char *safe = g_strjoinv("\\u003c", pieces);

        hs_html_raw(html, safe);
    }
    hs_html_close(html, "script");
    free(text);
    json_decref(island);
}
