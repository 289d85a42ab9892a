/* The sections of a report. Each writes itself into the page, or a sentence
 * in its place if the result has nothing for it. */

#ifndef HS_REPORT_PRIVATE_H
#define HS_REPORT_PRIVATE_H

#include "sim/report/chart.h"
#include "sim/report/get.h"
#include "sim/report/html.h"

/* A client's failover in one fault: what the page's first screen is about. */
typedef struct {
    const json_t *fault, *client; /* NULL: there was no fault */
    double outage_ms;             /* NAN: none */
    bool recovered;
} HsWorst;

/* The failover that was worst for the database, over all faults. */
HsWorst hs_report_worst(const json_t *result);

/* "persistent connection" for "persistent" */
const char *hs_client_words(const char *client);
/* What a part of the failover is, in words: "Detecting the failure". */
const char *hs_part_words(const char *part);
/* The timer behind a means of detection, or NULL. */
const char *hs_timer_words(const char *means);
/* What stands behind PART of FAULT: "BFD: detection time expired at
 * dc.gateway" (transfer full). */
char *hs_part_cause(const json_t *fault, const json_t *part);
/* The part of CLIENT that took longest; NULL: none happened. */
const json_t *hs_longest_part(const json_t *client);
/* "packet 1234 on dc.uplink", or NULL (transfer full). */
char *hs_evidence_text(const json_t *evidence);

/* <section id=ID> with a heading; and a sentence where there is nothing. */
void hs_section(HsHtml *html, const char *id, const char *title);
void hs_section_end(HsHtml *html);
void hs_nothing(HsHtml *html, const char *format, ...) G_GNUC_PRINTF(2, 3);

/* A table of COUNT rows that is long is folded away, under the name of what
 * it has. */
#define HS_TABLE_LONG 30
void hs_fold_if_long(HsHtml *html, size_t count, const char *what);
void hs_fold_if_long_end(HsHtml *html, size_t count);

void hs_report_verdict(HsHtml *html, const json_t *result);
void hs_report_gantt(HsHtml *html, const json_t *result);
void hs_report_topology(HsHtml *html, const json_t *result);
void hs_report_latency(HsHtml *html, const json_t *result);
void hs_report_goodput(HsHtml *html, const json_t *result);
void hs_report_lanes(HsHtml *html, const json_t *result);
void hs_report_exposure(HsHtml *html, const json_t *result);
void hs_report_monitoring(HsHtml *html, const json_t *result);
void hs_report_streams(HsHtml *html, const json_t *result);
void hs_report_replay(HsHtml *html, const json_t *result);
void hs_report_findings(HsHtml *html, const json_t *result);
void hs_report_evidence(HsHtml *html, const json_t *result);
void hs_report_expectations(HsHtml *html, const json_t *result);
void hs_report_configuration(HsHtml *html, const json_t *result);
void hs_report_assumptions(HsHtml *html, const json_t *result);
void hs_report_reproduce(HsHtml *html, const json_t *result);

/* When a notification told somebody of FAULT, in ms since it began; NAN:
 * nobody was told. */
double hs_told_after(const json_t *result, const char *fault);

/* Every chart that has time as its axis, in the order of the page (HsChart,
 * transfer full), and the one of latency alone. */
GPtrArray *hs_time_charts(const json_t *result);
HsChart *hs_latency_chart(const json_t *result);

/* How many buckets the series of RESULT have. */
size_t hs_series_buckets_of(const json_t *result);

/* Until when, in seconds of the run, FAULT hurt the database; NAN: it did not.
 */
double hs_hurt_until(const json_t *fault, double duration);

/* The numbers of the charts, for report.js: the JSON island. */
void hs_report_island(HsHtml *html, const json_t *result);

/* CHART gets the faults as bands, and what they did to the database. */
void hs_report_fault_bands(HsChart *chart, const json_t *result);

/* What `dot` makes of GRAPH, as SVG without its prologue; NULL and the reason:
 * it is not there, or it failed (transfer full). */
char *hs_dot_draw(const char *graph, char **ret_why);

/* The head and foot of every page. */
void hs_page_begin(HsHtml *html, const char *title);
GString *hs_page_end(HsHtml *html, const char *program);

#endif
