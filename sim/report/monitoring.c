/* When somebody would have known: what routing knew at once, and what
 * CloudWatch, an alarm and its notification told minutes later. */

#include "config.h"

#include "sim/report/private.h"

#include <math.h>

static const struct {
    const char *key, *words;
} notices[] = {
    {"routing", "A router declared it"},
    {"log", "A line in a tunnel's log"},
    {"event", "An event was delivered"},
    {"metric", "A metric showed it"},
    {"alarm", "An alarm fired"},
    {"notification", "Its notification arrived"},
};

static const json_t *
known_of(const json_t *result, const char *fault)
{
    for (size_t i = 0; i < hs_get_length(result, "monitoring.known"); i++) {
        const json_t *known = hs_get_item(result, "monitoring.known", i);

        if (hs_get_is(known, "fault", fault))
            return known;
    }
    return NULL;
}

double
hs_told_after(const json_t *result, const char *fault)
{
    return hs_get_real(known_of(result, fault), "notification.since_fault_ms");
}

static double
axis_end(const json_t *known, double outage)
{
    double end = isnan(outage) ? 0 : outage;

    for (size_t i = 0; i < G_N_ELEMENTS(notices); i++) {
        double at =
            hs_get_real(hs_get(known, notices[i].key), "since_fault_ms");

        end = fmax(end, at);
    }
    return end;
}

static void
draw_row(HsHtml *html, const char *name, double ms, const char *what,
         double axis, const char *class_name)
{
    char text[HS_NUMBER_TEXT], wide[HS_PLACE_TEXT];

    hs_html_open(html, "li", "class", isnan(ms) ? "idle" : NULL, NULL);
    hs_html_leaf(html, "div", "name", "%s", name);
    hs_html_leaf(html, "div", "took", "%s",
                 isnan(ms) ? "never" : hs_seconds_text(ms, text));
    if (!isnan(ms)) {
        hs_html_open(html, "svg", "width", "100%", "height", "14",
                     "aria-hidden", "true", NULL);
        hs_html_void(html, "rect", "class", "track", "width", "100%", "height",
                     "100%", NULL);
        hs_chart_place(ms, 0, axis, wide);
        hs_html_void(html, "rect", "class", class_name, "width", wide, "height",
                     "100%", NULL);
        hs_html_void(html, "line", "class", "instant", "x1", wide, "x2", wide,
                     "y1", "0", "y2", "100%", NULL);
        hs_html_close(html, "svg");
    }
    if (what != NULL)
        hs_html_leaf(html, "div", "cause", "%s", what);
    hs_html_close(html, "li");
}

/* The longest outage that FAULT made for any client; NAN: none ended. */
static double
outage_of(const json_t *fault)
{
    double longest = NAN;

    for (size_t c = 0; c < hs_get_length(fault, "clients"); c++) {
        const json_t *client = hs_get_item(fault, "clients", c);

        if (hs_get_is(client, "recovery", "recovered"))
            longest = fmax(longest, hs_get_real(client, "outage.duration_ms"));
    }
    return longest;
}

static void
sentence(HsHtml *html, const json_t *known)
{
    double routing = hs_get_real(known, "routing.since_fault_ms");
    double told = hs_get_real(known, "notification.since_fault_ms");
    char quick[HS_NUMBER_TEXT], slow[HS_NUMBER_TEXT];

    hs_html_open(html, "p", "class", "lead", NULL);
    if (isnan(routing))
        hs_html_text(html, "No router declared the failure");
    else
        hs_html_text(html, "Routing knew after %s",
                     hs_seconds_text(routing, quick));
    if (isnan(told))
        hs_html_text(html, "; no notification told anybody.");
    else
        hs_html_text(html, "; a notification told somebody after %s.",
                     hs_seconds_text(told, slow));
    hs_html_close(html, "p");
}

static void
draw_known(HsHtml *html, const json_t *fault, const json_t *known)
{
    double outage = outage_of(fault);
    double axis = axis_end(known, outage);

    sentence(html, known);
    hs_html_leaf(html, "p", "summary",
                 "Seconds since the fault \u201c%s\u201d.",
                 hs_get_text(known, "fault"));
    hs_html_open(html, "ol", "class", "gantt", NULL);
    if (!isnan(outage))
        draw_row(html, "The database was gone", outage, NULL, axis,
                 "bar after");
    for (size_t i = 0; i < G_N_ELEMENTS(notices); i++) {
        const json_t *notice = hs_get(known, notices[i].key);

        draw_row(html, notices[i].words, hs_get_real(notice, "since_fault_ms"),
                 hs_get_text(notice, "what"), axis, "bar");
    }
    hs_html_close(html, "ol");
}

static void
blind_spots(HsHtml *html, const json_t *result)
{
    size_t count = hs_get_length(result, "monitoring.blind_spots");

    hs_html_leaf(html, "h3", NULL, "What the monitoring could not show");
    if (count == 0)
        hs_nothing(html, "Nothing of this run was hidden from it.");
    if (count > 0)
        hs_html_open(html, "ul", "class", "plain", NULL);
    for (size_t i = 0; i < count; i++) {
        const json_t *spot = hs_get_item(result, "monitoring.blind_spots", i);

        hs_html_open(html, "li", NULL);
        hs_html_text(html, "%s ", hs_get_text_or(spot, "text", ""));
        hs_html_leaf(html, "code", NULL, "%s", hs_get_text(spot, "name"));
        hs_html_close(html, "li");
    }
    if (count > 0)
        hs_html_close(html, "ul");
}

static char *
changes_of(const json_t *alarm)
{
    GString *text = g_string_new(NULL);

    for (size_t i = 0; i < hs_get_length(alarm, "changes"); i++) {
        const json_t *change = hs_get_item(alarm, "changes", i);
        char at[HS_NUMBER_TEXT];

        g_string_append_printf(
            text, "%s%s at %s", i > 0 ? ", " : "", hs_get_text(change, "to"),
            hs_seconds_text(hs_get_real(change, "at_s") * 1e3, at));
    }
    return g_string_free(text, FALSE);
}

static void
alarms(HsHtml *html, const json_t *result)
{
    if (hs_get_length(result, "monitoring.alarms") == 0)
        return;
    hs_html_table(html, "Alarms", "Alarm", "Metric", "Of", "Condition",
                  "M of N", "Missing data", "Changes", NULL);
    for (size_t i = 0; i < hs_get_length(result, "monitoring.alarms"); i++) {
        const json_t *alarm = hs_get_item(result, "monitoring.alarms", i);
        g_autofree char *changes = changes_of(alarm);
        char value[HS_PLACE_TEXT], period[HS_PLACE_TEXT];

        hs_html_cell(html, "%s%s", hs_get_text(alarm, "name"),
                     hs_get_bool(alarm, "advised") ? " (AWS's example)" : "");
        hs_html_cell(html, "%s", hs_get_text_or(alarm, "metric", "-"));
        hs_html_cell(html, "%s", hs_get_text_or(alarm, "element", "-"));
        hs_html_cell(
            html, "%s of %s\u00a0s %s %s",
            hs_get_text_or(alarm, "statistic", "?"),
            hs_chart_number(hs_get_real(alarm, "period_s"), 0, period),
            hs_get_text_or(alarm, "comparison", "?"),
            hs_chart_number(hs_get_real(alarm, "threshold"), 3, value));
        hs_html_cell(html, "%" JSON_INTEGER_FORMAT " of %" JSON_INTEGER_FORMAT,
                     hs_get_integer(alarm, "datapoints_to_alarm"),
                     hs_get_integer(alarm, "evaluation_periods"));
        hs_html_cell(html, "%s", hs_get_text_or(alarm, "missing", "-"));
        hs_html_cell(html, "%s", *changes != '\0' ? changes : "none");
    }
    hs_html_table_end(html);
}

static void
message_rows(HsHtml *html, const json_t *result, const char *path)
{
    for (size_t i = 0; i < hs_get_length(result, path); i++) {
        const json_t *message = hs_get_item(result, path, i);
        char text[HS_NUMBER_TEXT];

        hs_html_cell(
            html, "%s",
            hs_seconds_text(hs_get_real(message, "delivered_s") * 1e3, text));
        hs_html_cell(html, "%s",
                     hs_seconds_text(hs_get_real(message, "at_s") * 1e3, text));
        hs_html_cell(html, "%s", hs_get_text_or(message, "source", "-"));
        hs_html_cell(html, "%s", hs_get_text_or(message, "subject", "-"));
        hs_html_cell(html, "%s", hs_get_text_or(message, "what", "-"));
    }
}

static void
messages(HsHtml *html, const json_t *result)
{
    size_t count = hs_get_length(result, "monitoring.events") +
                   hs_get_length(result, "monitoring.notifications");
    g_autofree char *title =
        g_strdup_printf("%zu events and notifications", count);

    if (count == 0)
        return;
    hs_html_fold(html, title);
    hs_html_table(html, "Events and notifications, as they are delivered",
                  "#Delivered", "#Of", "By", "Subject", "What", NULL);
    message_rows(html, result, "monitoring.events");
    message_rows(html, result, "monitoring.notifications");
    hs_html_table_end(html);
    hs_html_fold_end(html);
}

static void
metrics(HsHtml *html, const json_t *result)
{
    size_t count = hs_get_length(result, "monitoring.metrics");
    g_autofree char *title = g_strdup_printf("%zu CloudWatch metrics", count);
    static const char *const figures[] = {"min", "average", "max"};

    if (count == 0)
        return;
    hs_html_fold(html, title);
    hs_html_table(html, "CloudWatch metrics", "Metric", "Of", "Unit",
                  "#Period, s", "#Datapoints", "#Min", "#Average", "#Max",
                  NULL);
    for (size_t i = 0; i < count; i++) {
        const json_t *metric = hs_get_item(result, "monitoring.metrics", i);
        char text[HS_PLACE_TEXT];

        hs_html_cell(html, "%s %s", hs_get_text_or(metric, "namespace", ""),
                     hs_get_text(metric, "name"));
        hs_html_cell(html, "%s", hs_get_text_or(metric, "element", "-"));
        hs_html_cell(html, "%s", hs_get_text_or(metric, "unit", "-"));
        hs_html_cell(html, "%.0f", hs_get_real(metric, "period_s"));
        hs_html_cell(html, "%" JSON_INTEGER_FORMAT,
                     hs_get_integer(metric, "datapoints"));
        for (size_t f = 0; f < G_N_ELEMENTS(figures); f++) {
            double value = hs_get_real(metric, figures[f]);

            hs_html_cell(html, "%s",
                         isnan(value) ? "-" : hs_chart_number(value, 3, text));
        }
    }
    hs_html_table_end(html);
    hs_html_fold_end(html);
}

void
hs_report_monitoring(HsHtml *html, const json_t *result)
{
    const json_t *worst = hs_report_worst(result).fault;

    hs_section(html, "monitoring", "When somebody would have known");
    if (hs_get(result, "monitoring") == NULL) {
        hs_nothing(html, "This result does not say what monitoring showed.");
        hs_section_end(html);
        return;
    }
    if (worst == NULL)
        hs_nothing(html, "There was nothing to know.");
    else if (known_of(result, hs_get_text(worst, "name")) != NULL)
        draw_known(html, worst, known_of(result, hs_get_text(worst, "name")));
    for (size_t i = 0; i < hs_get_length(result, "faults"); i++) {
        const json_t *fault = hs_get_item(result, "faults", i);
        const char *name = hs_get_text(fault, "name");
        g_autofree char *title = g_strdup_printf("Fault \u201c%s\u201d", name);

        if (fault == worst || known_of(result, name) == NULL)
            continue;
        hs_html_fold(html, title);
        draw_known(html, fault, known_of(result, name));
        hs_html_fold_end(html);
    }
    blind_spots(html, result);
    alarms(html, result);
    messages(html, result);
    metrics(html, result);
    hs_section_end(html);
}
