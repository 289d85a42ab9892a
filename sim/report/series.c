/* The charts that have time as their axis: latency, failures, traffic. They are
 * made here from the series of a result; latency.c draws them, and the island
 * tells report.js the same numbers. */

#include "config.h"

#include "sim/report/private.h"

#include <math.h>
#include <string.h>

#define TRAFFIC_LINES 6
#define TRAFFIC_LEAST                                                          \
    0.005 /* of the link that carried most: below, keepalives */

/* When the last client's latency settled. */
double
hs_hurt_until(const json_t *fault, double duration)
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
        double hurt = hs_hurt_until(fault, duration);

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

/* No more than there are numbers for, whatever the result says. */
size_t
hs_series_buckets_of(const json_t *result)
{
    size_t most = 0;

    for (size_t i = 0; i < hs_get_length(result, "series.latency"); i++)
        most = MAX(most, hs_get_length(hs_get_item(result, "series.latency", i),
                                       "count"));
    for (size_t i = 0; i < hs_get_length(result, "series.traffic"); i++)
        most = MAX(most, hs_get_length(hs_get_item(result, "series.traffic", i),
                                       "bytes"));
    for (size_t i = 0; i < hs_get_length(result, "series.latency"); i++)
        most = MAX(most, hs_get_length(hs_get_item(result, "series.latency", i),
                                       "p99_ms"));
    return MIN(most, (size_t)hs_get_integer(result, "series.buckets"));
}

/* A list of a number for each bucket, as points in the buckets' middles; behind
 * its end it is REST. */
static void
add_points(HsChartLine *line, const json_t *result, const json_t *values,
           double factor, double rest)
{
    double bucket = hs_get_real(result, "series.bucket_s");
    size_t buckets = hs_series_buckets_of(result);

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

HsChart *
hs_latency_chart(const json_t *result)
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
GPtrArray *
hs_time_charts(const json_t *result)
{
    GPtrArray *charts =
        g_ptr_array_new_with_free_func((GDestroyNotify)hs_chart_free);
    HsChart *made[4] = {NULL};

    if (hs_series_buckets_of(result) == 0)
        return charts;
    if (hs_get_length(result, "series.latency") > 0) {
        made[0] = hs_latency_chart(result);
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
    g_autoptr(GPtrArray) charts = hs_time_charts(result);
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
