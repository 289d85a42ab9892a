/* The failover as a Gantt strip: a row for each part, in the order in which
 * they are counted, with its span, its cause and the packet that shows it. Both
 * clients have the same axis. */

#include "config.h"

#include "sim/report/private.h"

#include <math.h>

#define ROW_HEIGHT 14

/* The axis ends behind the last part; settling may take so much longer than
 * the failover that nothing else would be seen, and is then cut. */
static double
axis_end(const json_t *fault)
{
    double end = 0, settled = 0;

    for (size_t c = 0; c < hs_get_length(fault, "clients"); c++) {
        const json_t *client = hs_get_item(fault, "clients", c);

        for (size_t i = 0; i < hs_get_length(client, "parts"); i++) {
            const json_t *part = hs_get_item(client, "parts", i);
            double at = hs_get_real(part, "since_fault_ms");

            if (isnan(at))
                continue;
            if (hs_get_is(part, "part", "settled"))
                settled = MAX(settled, at);
            else
                end = MAX(end, at);
        }
    }
    return settled > 3 * end && end > 0 ? end * 1.2 : MAX(end, settled);
}

static void
draw_bar(HsHtml *html, const json_t *part, double from, double axis)
{
    double took = hs_get_real(part, "duration_ms");
    double at = hs_get_real(part, "since_fault_ms");
    char x[HS_PLACE_TEXT], wide[HS_PLACE_TEXT];

    hs_html_open(html, "svg", "width", "100%", "height",
                 G_STRINGIFY(ROW_HEIGHT), "aria-hidden", "true", NULL);
    hs_html_void(html, "rect", "class", "track", "width", "100%", "height",
                 "100%", NULL);
    if (!isnan(took) && took > 0)
        hs_html_void(html, "rect", "class",
                     hs_get_is(part, "part", "settled") ? "bar after" : "bar",
                     "x", hs_chart_place(from, 0, axis, x), "width",
                     hs_chart_place(MIN(took, axis - from), 0, axis, wide),
                     "height", "100%", NULL);
    /* An instant: a part that took no time of its own, or next to none. */
    if (!isnan(at) && at <= axis &&
        (isnan(took) || took < axis / 300 || hs_get_bool(part, "overlaps"))) {
        hs_chart_place(at, 0, axis, x);
        hs_html_void(html, "line", "class", "instant", "x1", x, "x2", x, "y1",
                     "0", "y2", "100%", NULL);
    }
    hs_html_close(html, "svg");
}

static void
draw_part(HsHtml *html, const json_t *fault, const json_t *part, double from,
          double axis)
{
    const char *name = hs_get_text(part, "part");
    bool happened = hs_get_is(part, "status", "happened");
    double took = hs_get_real(part, "duration_ms");
    double share = hs_get_real(part, "share");
    g_autofree char *cause = hs_part_cause(fault, part);
    g_autofree char *packet = hs_evidence_text(hs_get(part, "evidence"));
    char text[HS_NUMBER_TEXT];

    hs_html_open(html, "li", "class", happened ? NULL : "idle", NULL);
    hs_html_open(html, "div", "class", "name", NULL);
    hs_html_text(html, "%s", hs_part_words(name));
    hs_html_text(html, " ");
    hs_html_leaf(html, "code", NULL, "%s", name);
    hs_html_close(html, "div");
    hs_html_open(html, "div", "class", "took", NULL);
    if (happened)
        hs_html_text(html, "%s", hs_seconds_text(took, text));
    if (happened && share > 0.005)
        hs_html_leaf(html, "span", "share", " %.0f\u00a0%%", 100 * share);
    hs_html_close(html, "div");
    if (happened)
        draw_bar(html, part, from, axis);
    hs_html_open(html, "div", "class", "cause", NULL);
    if (happened)
        hs_html_text(
            html, "+%s: ",
            hs_seconds_text(hs_get_real(part, "since_fault_ms"), text));
    hs_html_text(html, "%s", cause);
    if (packet != NULL)
        hs_html_text(html, " (%s)", packet);
    hs_html_close(html, "div");
    hs_html_close(html, "li");
}

static void
draw_client(HsHtml *html, const json_t *fault, const json_t *client,
            double axis)
{
    const char *recovery = hs_get_text(client, "recovery");
    char failover[HS_NUMBER_TEXT], outage[HS_NUMBER_TEXT];
    g_autofree char *figure =
        g_strdup_printf("failover.%s", hs_get_text(client, "client"));
    double from = 0;

    hs_html_open(html, "div", "class", "client", NULL);
    hs_html_open(html, "h3", NULL);
    hs_html_text(html, "%s: ", hs_client_words(hs_get_text(client, "client")));
    if (g_str_equal(recovery, "recovered")) {
        hs_html_open(html, "span", "data-figure", figure, "data-fault",
                     hs_get_text(fault, "name"), NULL);
        hs_html_text(
            html, "%s",
            hs_seconds_text(hs_get_real(client, "failover_ms"), failover));
        hs_html_close(html, "span");
    } else
        hs_html_text(html, "%s", recovery);
    hs_html_close(html, "h3");
    if (hs_get(client, "outage.duration_ms") != NULL)
        hs_html_leaf(
            html, "p", "summary",
            "From the fault to the first good reply to a request sent after "
            "it. Without any reply for %s.",
            hs_seconds_text(hs_get_real(client, "outage.duration_ms"), outage));
    hs_html_open(html, "ol", "class", "gantt", NULL);
    for (size_t i = 0; i < hs_get_length(client, "parts"); i++) {
        const json_t *part = hs_get_item(client, "parts", i);
        double took = hs_get_real(part, "duration_ms");

        draw_part(html, fault, part, from, axis);
        if (!isnan(took))
            from += took;
    }
    hs_html_close(html, "ol");
    hs_html_open(html, "svg", "class", "ruler", "width", "100%", "height", "22",
                 "aria-hidden", "true", NULL);
    hs_chart_time_axis(html, 0, axis / 1e3, 0);
    hs_html_close(html, "svg");
    hs_html_close(html, "div");
}

static void
table(HsHtml *html, const json_t *fault)
{
    hs_html_fold(html, "The same as a table");
    hs_html_table(html, "Parts of the failover", "Part", "Client", "#At +",
                  "#Took", "#Share", "Why", "Packet", NULL);
    for (size_t c = 0; c < hs_get_length(fault, "clients"); c++) {
        const json_t *client = hs_get_item(fault, "clients", c);

        for (size_t i = 0; i < hs_get_length(client, "parts"); i++) {
            const json_t *part = hs_get_item(client, "parts", i);
            g_autofree char *cause = hs_part_cause(fault, part);
            g_autofree char *packet =
                hs_evidence_text(hs_get(part, "evidence"));
            double share = hs_get_real(part, "share");
            char text[HS_NUMBER_TEXT];

            hs_html_cell(html, "%s", hs_get_text(part, "part"));
            hs_html_cell(html, "%s", hs_get_text(client, "client"));
            hs_html_cell(
                html, "%s",
                hs_seconds_text(hs_get_real(part, "since_fault_ms"), text));
            hs_html_cell(
                html, "%s",
                hs_seconds_text(hs_get_real(part, "duration_ms"), text));
            if (isnan(share))
                hs_html_cell(html, "-");
            else
                hs_html_cell(html, "%.0f\u00a0%%", 100 * share);
            hs_html_cell(html, "%s", cause);
            hs_html_cell(html, "%s", packet != NULL ? packet : "-");
        }
    }
    hs_html_table_end(html);
    hs_html_fold_end(html);
}

static void
detections(HsHtml *html, const json_t *fault)
{
    hs_html_fold(html, "Who noticed, and when");
    hs_html_table(html, "Detections of the fault", "Node", "Means", "Subject",
                  "Cause", "#At +", "Governs", NULL);
    for (size_t i = 0; i < hs_get_length(fault, "detections"); i++) {
        const json_t *detection = hs_get_item(fault, "detections", i);
        char text[HS_NUMBER_TEXT];

        hs_html_cell(html, "%s", hs_get_text(detection, "node"));
        hs_html_cell(html, "%s", hs_get_text(detection, "means"));
        hs_html_cell(html, "%s", hs_get_text_or(detection, "subject", "-"));
        hs_html_cell(html, "%s", hs_get_text_or(detection, "cause", "-"));
        hs_html_cell(
            html, "%s",
            hs_seconds_text(hs_get_real(detection, "since_fault_ms"), text));
        hs_html_cell(html, "%s",
                     hs_get_bool(detection, "governs")       ? "yes"
                     : hs_get_bool(detection, "consequence") ? "a consequence"
                                                             : "no");
    }
    hs_html_table_end(html);
    hs_html_fold_end(html);
}

static void
bounds(HsHtml *html, const json_t *fault)
{
    if (hs_get_length(fault, "bounds") == 0)
        return;
    hs_html_fold(html, "What theory allows");
    hs_html_table(html, "Bounds, counted from the fault", "Term", "#At least",
                  "#At most", "Because", NULL);
    for (size_t i = 0; i < hs_get_length(fault, "bounds"); i++) {
        const json_t *bound = hs_get_item(fault, "bounds", i);
        char text[HS_NUMBER_TEXT];

        hs_html_cell(html, "%s", hs_get_text(bound, "term"));
        hs_html_cell(html, "%s",
                     hs_seconds_text(hs_get_real(bound, "min_ms"), text));
        hs_html_cell(html, "%s",
                     hs_get(bound, "max_ms") != NULL
                         ? hs_seconds_text(hs_get_real(bound, "max_ms"), text)
                         : "no limit");
        hs_html_cell(html, "%s", hs_get_text_or(bound, "because", ""));
    }
    hs_html_table_end(html);
    hs_html_fold_end(html);
}

static void
draw_fault(HsHtml *html, const json_t *fault)
{
    double axis = axis_end(fault);

    if (axis <= 0) {
        hs_nothing(
            html,
            "Fault \u201c%s\u201d interrupted no client, so there are no "
            "parts.",
            hs_get_text(fault, "name"));
    } else {
        hs_html_leaf(html, "p", NULL,
                     "Seconds since the fault \u201c%s\u201d. Each part is "
                     "counted from the end of the one above it; a thin line is "
                     "an instant.",
                     hs_get_text(fault, "name"));
        hs_html_open(html, "div", "class", "clients", NULL);
        for (size_t c = 0; c < hs_get_length(fault, "clients"); c++)
            draw_client(html, fault, hs_get_item(fault, "clients", c), axis);
        hs_html_close(html, "div");
        table(html, fault);
    }
    if (hs_get_length(fault, "detections") > 0)
        detections(html, fault);
    bounds(html, fault);
}

void
hs_report_gantt(HsHtml *html, const json_t *result)
{
    size_t count = hs_get_length(result, "faults");
    HsWorst worst = hs_report_worst(result);

    hs_section(html, "timeline", "Failover, part by part");
    if (count == 0)
        hs_nothing(html, "No fault began in this run, so nothing failed over.");
    else
        draw_fault(html, worst.fault);
    if (count > 1)
        hs_html_leaf(html, "h3", NULL, "The other faults");
    for (size_t i = 0; i < count; i++) {
        const json_t *fault = hs_get_item(result, "faults", i);
        g_autofree char *title = NULL;
        char at[HS_NUMBER_TEXT];

        if (fault == worst.fault)
            continue;
        title = g_strdup_printf(
            "%s at %s", hs_get_text(fault, "name"),
            hs_seconds_text(hs_get_real(fault, "applied_s") * 1e3, at));
        hs_html_fold(html, title);
        draw_fault(html, fault);
        hs_html_fold_end(html);
    }
    hs_section_end(html);
}
