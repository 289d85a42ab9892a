/* Several results side by side: one row each, and bars of the same scale. What
 * is compared is what the verdict of each says first. */

#include "config.h"

#include "sim/report/private.h"
#include "sim/report/report.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

typedef struct {
    const json_t *result;
    char *name; /* owned: no other column has it */
    HsWorst worst;
} Column;

#define RUNS_ABREAST 8

static void
column_clear(void *data)
{
    Column *column = data;

    g_free(column->name);
}

static unsigned
count_named(json_t *const *results, unsigned count, const char *name)
{
    unsigned found = 0;

    for (unsigned i = 0; i < count; i++)
        found += hs_get_is(results[i], "scenario.name", name);
    return found;
}

/* The scenario's name; of several runs of one scenario, which one it is. */
static char *
column_name(json_t *const *results, unsigned count, unsigned index)
{
    const char *name = hs_get_text(results[index], "scenario.name");

    if (count_named(results, count, name) == 1)
        return g_strdup(name);
    return g_strdup_printf(
        "%s (%u, seed %s)", name, count_named(results, index + 1, name),
        hs_get_text_or(results[index], "scenario.seed", "?"));
}

static double
client_outage(const Column *column, const char *client)
{
    for (size_t i = 0; i < hs_get_length(column->worst.fault, "clients"); i++) {
        const json_t *entry = hs_get_item(column->worst.fault, "clients", i);

        if (hs_get_is(entry, "client", client))
            return hs_get_is(entry, "recovery", "recovered")
                       ? hs_get_real(entry, "outage.duration_ms")
                       : NAN;
    }
    return NAN;
}

/* What a client says where it has no number. */
static const char *
client_words(const Column *column, const char *client)
{
    for (size_t i = 0; i < hs_get_length(column->worst.fault, "clients"); i++) {
        const json_t *entry = hs_get_item(column->worst.fault, "clients", i);

        if (hs_get_is(entry, "client", client))
            return hs_get_text(entry, "recovery");
    }
    return "not observed";
}

static double
longest(const GArray *columns)
{
    double most = 0;

    for (guint i = 0; i < columns->len; i++) {
        const Column *column = &g_array_index(columns, Column, i);

        most = fmax(most, client_outage(column, "persistent"));
        most = fmax(most, client_outage(column, "pool"));
    }
    return most;
}

static void
bar(HsHtml *html, double value, double most, const char *class_name)
{
    char wide[HS_PLACE_TEXT];

    hs_html_open(html, "svg", "width", "100%", "height", "14", "aria-hidden",
                 "true", NULL);
    hs_html_void(html, "rect", "class", "track", "width", "100%", "height",
                 "100%", NULL);
    if (!isnan(value) && most > 0)
        hs_html_void(html, "rect", "class", class_name, "width",
                     hs_chart_place(value, 0, most, wide), "height", "100%",
                     NULL);
    hs_html_close(html, "svg");
}

static void
draw_client(HsHtml *html, const Column *column, const char *client, double most,
            const char *class_name)
{
    double outage = client_outage(column, client);
    char text[HS_NUMBER_TEXT];

    hs_html_open(html, "div", "class", "measure", NULL);
    hs_html_open(html, "span", NULL);
    hs_html_text(html, "%s ", hs_client_words(client));
    hs_html_close(html, "span");
    hs_html_leaf(html, "strong", NULL, "%s",
                 isnan(outage) ? client_words(column, client)
                               : hs_seconds_text(outage, text));
    hs_html_close(html, "div");
    bar(html, outage, most, class_name);
}

static void
outages(HsHtml *html, const GArray *columns)
{
    double most = longest(columns);

    hs_section(html, "outages", "How long the database was gone");
    hs_html_leaf(html, "p", NULL,
                 "Longest time without a reply, in the worst failover of each "
                 "run. All bars have one scale.");
    hs_html_open(html, "ol", "class", "lanes", NULL);
    for (guint i = 0; i < columns->len; i++) {
        const Column *column = &g_array_index(columns, Column, i);

        hs_html_open(html, "li", NULL);
        hs_html_leaf(html, "h3", NULL, "%s", column->name);
        draw_client(html, column, "persistent", most, "bar");
        draw_client(html, column, "pool", most, "bar after");
        hs_html_close(html, "li");
    }
    hs_html_close(html, "ol");
    hs_section_end(html);
}

/* Parts of the persistent connection's failover, one column each. */
static void
parts_table(HsHtml *html, const GArray *columns)
{
    hs_section(html, "parts", "Where the time went");
    hs_html_table(html, "Seconds of each part, persistent connection", "Run",
                  "#detect", "#withdraw", "#fib", "#tunnel", "#dataplane",
                  "#transport", "#application", "#Failover", "Governed by",
                  NULL);
    for (guint i = 0; i < columns->len; i++) {
        static const char *const names[] = {
            "detect",    "withdraw",  "fib",        "tunnel",
            "dataplane", "transport", "application"};
        const Column *column = &g_array_index(columns, Column, i);
        const json_t *client = hs_get_item(column->worst.fault, "clients", 0);
        const char *governs = "-";
        char text[HS_NUMBER_TEXT];

        hs_html_cell(html, "%s", column->name);
        for (size_t p = 0; p < G_N_ELEMENTS(names); p++) {
            double took = NAN;

            for (size_t k = 0; k < hs_get_length(client, "parts"); k++) {
                const json_t *part = hs_get_item(client, "parts", k);

                if (hs_get_is(part, "part", names[p]))
                    took = hs_get_real(part, "duration_ms");
            }
            hs_html_cell(html, "%s", hs_seconds_text(took, text));
        }
        hs_html_cell(html, "%s",
                     hs_seconds_text(hs_get_real(client, "failover_ms"), text));
        for (size_t d = 0; d < hs_get_length(column->worst.fault, "detections");
             d++) {
            const json_t *detection =
                hs_get_item(column->worst.fault, "detections", d);

            if (hs_get_bool(detection, "governs"))
                governs = hs_get_text(detection, "means");
        }
        hs_html_cell(html, "%s", governs);
    }
    hs_html_table_end(html);
    hs_section_end(html);
}

static json_int_t
clear_bytes(const json_t *result)
{
    json_int_t bytes = 0;

    for (size_t i = 0; i < hs_get_length(result, "links"); i++) {
        const json_t *link = hs_get_item(result, "links", i);

        if (!hs_get_bool(link, "trusted"))
            bytes += hs_get_integer(link, "wire.clear.bytes");
    }
    return bytes;
}

static void
verdict_table(HsHtml *html, const GArray *columns)
{
    hs_section(html, "verdicts", "Requests, exposure, expectations");
    hs_html_table(html, "Verdicts", "Run", "Fault", "#Delayed", "#Failed",
                  "#Median before, ms", "#Median during, ms", "#In clear",
                  "#Findings", "Expectations", "Seed", NULL);
    for (guint i = 0; i < columns->len; i++) {
        const Column *column = &g_array_index(columns, Column, i);
        const json_t *client = hs_get_item(column->worst.fault, "clients", 0);
        const json_t *database = hs_get_item(column->result, "database", 0);
        char text[HS_NUMBER_TEXT];

        hs_html_cell(html, "%s", column->name);
        if (column->worst.fault == NULL)
            hs_html_cell(html, "none");
        else
            hs_html_cell(html, "%s of %s",
                         hs_get_text_or(column->worst.fault, "action", "?"),
                         hs_get_text_or(column->worst.fault, "target", "?"));
        hs_html_cell(
            html, "%s",
            hs_count_text(hs_get_integer(client, "requests.delayed"), text));
        hs_html_cell(
            html, "%s",
            hs_count_text(hs_get_integer(client, "requests.failed"), text));
        hs_html_cell(
            html, "%s",
            hs_ms_text(hs_get_real(database, "before.latency.p50_ms"), text));
        hs_html_cell(
            html, "%s",
            hs_ms_text(hs_get_real(database, "during.latency.p50_ms"), text));
        hs_html_cell(html, "%s",
                     hs_bytes_text((double)clear_bytes(column->result), text));
        hs_html_cell(html, "%zu", hs_get_length(column->result, "findings"));
        hs_html_cell(html, "%s",
                     hs_get_length(column->result, "verdict.checks") == 0
                         ? "none"
                     : hs_get_bool(column->result, "verdict.passed") ? "hold"
                                                                     : "fail");
        hs_html_cell(html, "%s",
                     hs_get_text_or(column->result, "scenario.seed", "?"));
    }
    hs_html_table_end(html);
    hs_section_end(html);
}

/* The values that are not the same everywhere: what the designs differ in. */
static const char *
value_in(const json_t *result, const json_t *like)
{
    for (size_t i = 0; i < hs_get_length(result, "values"); i++) {
        const json_t *value = hs_get_item(result, "values", i);

        if (hs_get_is(value, "kind", hs_get_text(like, "kind")) &&
            hs_get_is(value, "key", hs_get_text(like, "key")) &&
            g_strcmp0(hs_get_text(value, "element"),
                      hs_get_text(like, "element")) == 0)
            return hs_get_text(value, "value");
    }
    return "-";
}

static bool
is_chosen(const json_t *value)
{
    return (hs_get_is(value, "origin", "file") ||
            hs_get_is(value, "origin", "--set")) &&
           !hs_get_is(value, "kind", "expect") &&
           !hs_get_is(value, "key", "title");
}

/* "[dx primary] bfd" */
static char *
value_name(const json_t *value)
{
    const char *element = hs_get_text_or(value, "element", "");

    return g_strdup_printf("[%s%s%s] %s", hs_get_text(value, "kind"),
                           *element != '\0' ? " " : "", element,
                           hs_get_text(value, "key"));
}

/* A row for VALUE, with a column for each run, if the runs differ in it. */
static void
difference_row(HsHtml *html, const GArray *columns, const json_t *value,
               GHashTable *seen)
{
    char *name = value_name(value);
    bool differs = false;

    for (guint i = 0; i < columns->len; i++)
        differs |=
            strcmp(value_in(g_array_index(columns, Column, i).result, value),
                   hs_get_text(value, "value")) != 0;
    if (!differs || !g_hash_table_add(seen, name)) {
        if (!differs)
            g_free(name);
        return;
    }
    hs_html_cell(html, "%s", name);
    for (guint i = 0; i < columns->len; i++)
        hs_html_cell(html, "%s",
                     value_in(g_array_index(columns, Column, i).result, value));
}

static void
differences(HsHtml *html, const GArray *columns)
{
    g_autoptr(GHashTable) seen =
        g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_autoptr(GPtrArray) headings = g_ptr_array_new();

    hs_section(html, "differences", "What they differ in");
    if (columns->len > RUNS_ABREAST) {
        hs_nothing(html, "So many runs do not fit beside each other; compare "
                         "fewer of them.");
        hs_section_end(html);
        return;
    }
    g_ptr_array_add(headings, (void *)(uintptr_t) "Value");
    for (guint i = 0; i < columns->len; i++)
        g_ptr_array_add(headings, g_array_index(columns, Column, i).name);
    hs_html_table_of(html, "Values that somebody wrote and that differ",
                     headings);
    for (guint i = 0; i < columns->len; i++) {
        const json_t *result = g_array_index(columns, Column, i).result;

        for (size_t v = 0; v < hs_get_length(result, "values"); v++) {
            const json_t *value = hs_get_item(result, "values", v);

            if (is_chosen(value))
                difference_row(html, columns, value, seen);
        }
    }
    hs_html_table_end(html);
    hs_section_end(html);
}

/* "from 0.895 s (a) to 31.2 s (b)": the first sentence. */
static void
summary(HsHtml *html, const GArray *columns)
{
    const Column *best = NULL, *worst = NULL;
    char low[HS_NUMBER_TEXT], high[HS_NUMBER_TEXT];

    for (guint i = 0; i < columns->len; i++) {
        const Column *column = &g_array_index(columns, Column, i);
        double outage = client_outage(column, "persistent");

        if (isnan(outage))
            continue;
        if (best == NULL || outage < client_outage(best, "persistent"))
            best = column;
        if (worst == NULL || outage > client_outage(worst, "persistent"))
            worst = column;
    }
    if (best == NULL)
        hs_html_leaf(html, "p", "lead",
                     "No persistent connection recovered from an interruption "
                     "in any of the %u runs.",
                     columns->len);
    else
        hs_html_leaf(
            html, "p", "lead",
            "The persistent connection was without a reply from %s (%s) to "
            "%s (%s).",
            hs_seconds_text(client_outage(best, "persistent"), low), best->name,
            hs_seconds_text(client_outage(worst, "persistent"), high),
            worst->name);
}

GString *
hs_report_comparison(json_t *const *results, unsigned count)
{
    g_autoptr(HsHtml) html = hs_html_new();
    g_autoptr(GArray) columns = g_array_new(FALSE, FALSE, sizeof(Column));
    g_autofree char *program = g_strdup_printf(
        "hybridsim %s", hs_get_text(results[0], "program.version"));

    g_array_set_clear_func(columns, column_clear);
    for (unsigned i = 0; i < count; i++) {
        Column column = {results[i], column_name(results, count, i),
                         hs_report_worst(results[i])};

        g_array_append_val(columns, column);
    }
    hs_page_begin(html, "Comparison of failovers");
    hs_html_open(html, "header", NULL);
    hs_html_leaf(html, "p", "eyebrow", "hybridsim comparison report");
    hs_html_leaf(html, "h1", NULL, "%u runs compared", count);
    hs_html_close(html, "header");
    hs_html_open(html, "main", NULL);
    summary(html, columns);
    outages(html, columns);
    parts_table(html, columns);
    verdict_table(html, columns);
    differences(html, columns);
    hs_html_close(html, "main");
    return hs_page_end(g_steal_pointer(&html), program);
}
