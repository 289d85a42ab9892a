/* Charts as SVG that needs no script and no fixed width.
 *
 * Positions across are per cent of the width and texts are outside of what is
 * stretched, so a chart is as legible on a phone as on a wall. Lines differ by
 * their dashes as well as by their colour. */

#ifndef HS_REPORT_CHART_H
#define HS_REPORT_CHART_H

#include "sim/report/html.h"

#include <stddef.h>

/* A line's points, by X; a Y that is NAN is a gap. */
typedef struct {
    char *name;     /* owned */
    unsigned style; /* which dashes and colour: .s0, .s1, … of report.css */
    GArray *x, *y;  /* of double, owned */
} HsChartLine;

/* A span of the x axis that is shaded: a fault, or its consequences. */
typedef struct {
    double from, until;
    const char *class_name; /* "fault" or "hurt" */
    const char *label;      /* borrowed; NULL: none */
} HsChartBand;

typedef struct {
    const char *id;     /* of the figure */
    const char *title;  /* what is seen: the heading */
    char *summary;      /* owned: a sentence: what a screen reader says */
    const char *y_unit; /* "ms" */
    double x_min, x_max;
    bool logarithmic; /* y */
    bool percentiles; /* x is nines: 0 is 0 %, 1 is 90 %, 2 is 99 % */
    bool live;        /* report.js may replace it, from the island */
    GPtrArray *lines; /* HsChartLine, owned */
    GArray *bands;    /* HsChartBand, owned */
} HsChart;

HsChart *hs_chart_new(const char *id, const char *title);
void hs_chart_free(HsChart *chart); /* NULL is fine */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HsChart, hs_chart_free)

/* A new line of CHART (borrowed), to which points are added. */
HsChartLine *hs_chart_line(HsChart *chart, unsigned style, const char *format,
                           ...) G_GNUC_PRINTF(3, 4);
void hs_chart_point(HsChartLine *line, double x, double y);
void hs_chart_band(HsChart *chart, double from, double until,
                   const char *class_name, const char *label);

/* The figure: heading, legend, drawing. */
void hs_chart_draw(const HsChart *chart, HsHtml *html);

/* 1, 2 or 5 times a power of ten, so that SPAN has at most COUNT of them. */
double hs_chart_step(double span, unsigned count);

/* "12.5%": VALUE's place between MIN and MAX. TEXT has HS_PLACE_TEXT bytes. */
#define HS_PLACE_TEXT 32
const char *hs_chart_place(double value, double min, double max, char *text);
/* VALUE without trailing zeros, at most DECIMALS. */
const char *hs_chart_number(double value, int decimals, char *text);

/* The x axis in seconds below a drawing of HEIGHT pixels, as a group that
 * report.js may rewrite. */
void hs_chart_time_axis(HsHtml *html, double from, double until, double height);

#endif
