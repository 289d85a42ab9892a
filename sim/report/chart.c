/* Two SVG elements inside each other: the outer one is as wide as the page and
 * has its texts in pixels; the inner one is stretched (preserveAspectRatio =
 * none) and has the lines, whose width does not stretch
 * (vector-effect: non-scaling-stroke). */

#include "config.h"

#include "sim/report/chart.h"

#include <math.h>
#include <string.h>

#define HEIGHT    240 /* of the plot, in pixels */
#define AXIS      22  /* below it */
#define TOP       18  /* above it: labels of the bands */
#define VIEW_WIDE 1000
#define VIEW_HIGH 1000

static void
line_free(void *data)
{
    HsChartLine *line = data;

    g_free(line->name);
    g_array_unref(line->x);
    g_array_unref(line->y);
    g_free(line);
}

HsChart *
hs_chart_new(const char *id, const char *title)
{
    HsChart *chart = g_new0(HsChart, 1);

    chart->id = id;
    chart->title = title;
    chart->y_unit = "";
    chart->lines = g_ptr_array_new_with_free_func(line_free);
    chart->bands = g_array_new(FALSE, FALSE, sizeof(HsChartBand));
    return chart;
}

void
hs_chart_free(HsChart *chart)
{
    if (chart == NULL)
        return;
    g_free(chart->summary);
    g_ptr_array_unref(chart->lines);
    g_array_unref(chart->bands);
    g_free(chart);
}

HsChartLine *
hs_chart_line(HsChart *chart, unsigned style, const char *format, ...)
{
    HsChartLine *line = g_new0(HsChartLine, 1);
    va_list arguments;

    va_start(arguments, format);
    line->name = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    line->style = style;
    line->x = g_array_new(FALSE, FALSE, sizeof(double));
    line->y = g_array_new(FALSE, FALSE, sizeof(double));
    g_ptr_array_add(chart->lines, line);
    return line;
}

void
hs_chart_point(HsChartLine *line, double x, double y)
{
    g_array_append_val(line->x, x);
    g_array_append_val(line->y, y);
}

void
hs_chart_band(HsChart *chart, double from, double until, const char *class_name,
              const char *label)
{
    HsChartBand band = {from, until, class_name, label};

    g_array_append_val(chart->bands, band);
}

double
hs_chart_step(double span, unsigned count)
{
    double rough = span / count;
    double power = pow(10, floor(log10(rough)));

    if (rough <= power * 1.0000001)
        return power;
    if (rough <= 2 * power)
        return 2 * power;
    return rough <= 5 * power ? 5 * power : 10 * power;
}

const char *
hs_chart_number(double value, int decimals, char *text)
{
    char format[8] = "%.0f";

    format[2] = (char)('0' + decimals);
    g_ascii_formatd(text, HS_PLACE_TEXT, format, value);
    if (strchr(text, '.') != NULL) {
        size_t length = strlen(text);

        while (text[length - 1] == '0')
            text[--length] = '\0';
        if (text[length - 1] == '.')
            text[--length] = '\0';
    }
    /* Rounded up to it, or next to none of a sum. */
    if (g_str_equal(text, "-0"))
        g_strlcpy(text, "0", HS_PLACE_TEXT);
    return text;
}

const char *
hs_chart_place(double value, double min, double max, char *text)
{
    double share = max > min ? (value - min) / (max - min) : 0;

    hs_chart_number(100 * CLAMP(share, 0, 1), 3, text);
    g_strlcat(text, "%", HS_PLACE_TEXT);
    return text;
}

/* Scales */

typedef struct {
    double min, max;
    bool logarithmic;
} Scale;

static double
scaled(const Scale *scale, double value)
{
    double min = scale->min, max = scale->max;

    if (scale->logarithmic) {
        value = log10(MAX(value, scale->min));
        min = log10(min);
        max = log10(max);
    }
    return (value - min) / (max - min);
}

static Scale
scale_of(const HsChart *chart)
{
    Scale scale = {INFINITY, 0, chart->logarithmic};

    for (guint l = 0; l < chart->lines->len; l++) {
        const HsChartLine *line = chart->lines->pdata[l];

        for (guint i = 0; i < line->y->len; i++) {
            double y = g_array_index(line->y, double, i);

            if (isnan(y) || (chart->logarithmic && y <= 0))
                continue;
            scale.min = MIN(scale.min, y);
            scale.max = MAX(scale.max, y);
        }
    }
    if (scale.max <= 0 || isinf(scale.min)) {
        scale.min = 1;
        scale.max = 10;
    }
    if (!chart->logarithmic) {
        double step = hs_chart_step(scale.max, 4);

        scale.min = 0;
        scale.max = ceil(scale.max / step - 1e-9) * step;
        return scale;
    }
    /* From a nanosecond in ms to a life: beyond, it is no measurement. */
    scale.min = pow(10, floor(log10(CLAMP(scale.min, 1e-6, 1e12))));
    scale.max = pow(10, ceil(log10(CLAMP(scale.max, 1e-6, 1e12)) - 1e-9));
    if (scale.max <= scale.min)
        scale.max = scale.min * 10;
    return scale;
}

/* Drawing */

static const char *
pixels(double value, char *text)
{
    return hs_chart_number(value, 1, text);
}

static void
draw_text(HsHtml *html, const char *x, double y, const char *anchor,
          const char *class_name, const char *text)
{
    char place[HS_PLACE_TEXT];

    hs_html_open(html, "text", "x", x, "y", pixels(y, place), "text-anchor",
                 anchor, "class", class_name, NULL);
    hs_html_text(html, "%s", text);
    hs_html_close(html, "text");
}

static void
draw_grid_line(HsHtml *html, const Scale *scale, double value)
{
    double y = TOP + HEIGHT * (1 - scaled(scale, value));
    char place[HS_PLACE_TEXT];

    hs_html_void(html, "line", "x1", "0", "x2", "100%", "y1", pixels(y, place),
                 "y2", place, "class", "grid", NULL);
}

static void
draw_grid_label(HsHtml *html, const Scale *scale, double value,
                const char *unit)
{
    double y = TOP + HEIGHT * (1 - scaled(scale, value));
    char number[HS_PLACE_TEXT];
    g_autofree char *label =
        g_strdup_printf("%s%s%s", hs_chart_number(value, 3, number),
                        *unit != '\0' ? " " : "", unit);

    draw_text(html, "0", y - 4, NULL, "tick", label);
}

/* The lines lie under the curves, and their labels over them. */
static void
draw_grid(const HsChart *chart, HsHtml *html, const Scale *scale, bool labels)
{
    double step = hs_chart_step(scale->max, 4);

    for (double value = scale->min; value <= scale->max * 1.001;
         value = chart->logarithmic ? value * 10 : value + step) {
        if (labels)
            draw_grid_label(html, scale, value, chart->y_unit);
        else
            draw_grid_line(html, scale, value);
    }
}

void
hs_chart_time_axis(HsHtml *html, double from, double until, double height)
{
    double step = hs_chart_step(until - from, 6);
    int decimals = step >= 1 ? 0 : (int)ceil(-log10(step) - 1e-9);

    hs_html_open(html, "g", "class", "axis", NULL);
    for (double at = ceil(from / step - 1e-9) * step; at <= until + step * 1e-6;
         at += step) {
        char place[HS_PLACE_TEXT], number[HS_PLACE_TEXT];
        double share = (at - from) / (until - from);
        g_autofree char *label =
            g_strdup_printf("%s\u00a0s", hs_chart_number(at, decimals, number));

        draw_text(html, hs_chart_place(at, from, until, place), height + 16,
                  share < 0.04   ? "start"
                  : share > 0.96 ? "end"
                                 : "middle",
                  "tick", label);
    }
    hs_html_close(html, "g");
}

static void
draw_percentile_axis(const HsChart *chart, HsHtml *html)
{
    static const struct {
        double nines;
        const char *name;
    } ticks[] = {{0, "0"},      {0.30103, "50"}, {1, "90 %"},  {2, "99 %"},
                 {3, "99.9 %"}, {4, "99.99 %"},  {5, "99.999"}};

    hs_html_open(html, "g", "class", "axis", NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(ticks); i++) {
        char place[HS_PLACE_TEXT];

        if (ticks[i].nines > chart->x_max * 1.0001)
            break;
        hs_chart_place(ticks[i].nines, chart->x_min, chart->x_max, place);
        draw_text(html, place, TOP + HEIGHT + 16,
                  i == 0                                 ? "start"
                  : ticks[i].nines > 0.94 * chart->x_max ? "end"
                                                         : "middle",
                  "tick", ticks[i].name);
    }
    hs_html_close(html, "g");
}

static void
draw_band(const HsChart *chart, HsHtml *html, const HsChartBand *band)
{
    double from = MAX(band->from, chart->x_min);
    double until = MIN(band->until, chart->x_max);
    char x[HS_PLACE_TEXT], wide[HS_PLACE_TEXT], top[HS_PLACE_TEXT],
        high[HS_PLACE_TEXT];

    if (until < from)
        return;
    hs_chart_place(from, chart->x_min, chart->x_max, x);
    hs_chart_place(until - from, 0, chart->x_max - chart->x_min, wide);
    hs_html_void(html, "rect", "x", x, "width", wide, "y", pixels(TOP, top),
                 "height", pixels(HEIGHT, high), "class", band->class_name,
                 NULL);
    /* What is too short to be seen as a band is seen as a line. */
    hs_html_void(html, "line", "x1", x, "x2", x, "y1", top, "y2",
                 pixels(TOP + HEIGHT, high), "class", band->class_name, NULL);
    if (band->label != NULL) {
        bool right = from > chart->x_min + 0.6 * (chart->x_max - chart->x_min);

        draw_text(html, x, TOP - 6, right ? "end" : "start", "mark",
                  band->label);
    }
}

static void
draw_line(const HsChart *chart, HsHtml *html, const Scale *scale,
          const HsChartLine *line)
{
    g_autoptr(GString) path = g_string_new(NULL);
    g_autofree char *class_name = g_strdup_printf("line s%u", line->style);
    bool down = false;

    for (guint i = 0; i < line->x->len; i++) {
        double x = g_array_index(line->x, double, i);
        double y = g_array_index(line->y, double, i);
        char across[HS_PLACE_TEXT], along[HS_PLACE_TEXT];

        if (isnan(y) || x < chart->x_min || x > chart->x_max) {
            down = false;
            continue;
        }
        x = (x - chart->x_min) / (chart->x_max - chart->x_min);
        y = 1 - CLAMP(scaled(scale, y), 0, 1);
        g_string_append_printf(path, "%s%s %s", down ? "L" : "M",
                               pixels(x * VIEW_WIDE, across),
                               pixels(y * VIEW_HIGH, along));
        /* A point between two gaps is drawn too. */
        if (!down)
            g_string_append(path, "h.1");
        down = true;
    }
    if (path->len > 0)
        hs_html_void(html, "path", "class", class_name, "d", path->str,
                     "vector-effect", "non-scaling-stroke", NULL);
}

static void
draw_legend(const HsChart *chart, HsHtml *html)
{
    hs_html_open(html, "ul", "class", "legend", NULL);
    for (guint i = 0; i < chart->lines->len; i++) {
        const HsChartLine *line = chart->lines->pdata[i];
        g_autofree char *class_name = g_strdup_printf("line s%u", line->style);

        hs_html_open(html, "li", NULL);
        hs_html_open(html, "svg", "width", "34", "height", "10", "aria-hidden",
                     "true", NULL);
        hs_html_void(html, "path", "class", class_name, "d", "M1 5H33", NULL);
        hs_html_close(html, "svg");
        hs_html_text(html, "%s", line->name);
        hs_html_close(html, "li");
    }
    hs_html_close(html, "ul");
}

void
hs_chart_draw(const HsChart *chart, HsHtml *html)
{
    Scale scale = scale_of(chart);
    g_autofree char *heading = g_strdup_printf("%s-title", chart->id);
    g_autofree char *label =
        g_strdup_printf("%s. %s", chart->title, chart->summary);
    char high[HS_PLACE_TEXT], top[HS_PLACE_TEXT], total[HS_PLACE_TEXT];
    g_autofree char *view = g_strdup_printf("0 0 %d %d", VIEW_WIDE, VIEW_HIGH);

    hs_html_open(html, "figure", "id", chart->id, "class",
                 chart->live ? "chart live" : "chart", "aria-labelledby",
                 heading, NULL);
    hs_html_open(html, "h3", "id", heading, NULL);
    hs_html_text(html, "%s", chart->title);
    if (*chart->y_unit != '\0')
        hs_html_leaf(html, "span", "unit", " %s", chart->y_unit);
    hs_html_close(html, "h3");
    hs_html_leaf(html, "p", "summary", "%s", chart->summary);
    draw_legend(chart, html);
    hs_html_open(html, "div", "class", "drawing", NULL);
    hs_html_open(html, "svg", "class", "static", "role", "img", "aria-label",
                 label, "width", "100%", "height",
                 pixels(TOP + HEIGHT + AXIS, total), NULL);
    for (guint i = 0; i < chart->bands->len; i++)
        draw_band(chart, html, &g_array_index(chart->bands, HsChartBand, i));
    draw_grid(chart, html, &scale, false);
    hs_html_open(html, "svg", "x", "0", "width", "100%", "y", pixels(TOP, top),
                 "height", pixels(HEIGHT, high), "viewBox", view,
                 "preserveAspectRatio", "none", "overflow", "visible", NULL);
    for (guint i = 0; i < chart->lines->len; i++)
        draw_line(chart, html, &scale, chart->lines->pdata[i]);
    hs_html_close(html, "svg");
    draw_grid(chart, html, &scale, true);
    if (chart->percentiles)
        draw_percentile_axis(chart, html);
    else
        hs_chart_time_axis(html, chart->x_min, chart->x_max, TOP + HEIGHT);
    hs_html_close(html, "svg");
    hs_html_close(html, "div");
    hs_html_close(html, "figure");
}
