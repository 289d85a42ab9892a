/* The failover report: result.json as a page that a browser shows and a
 * printer prints.
 *
 * A report is a function of result.json alone: what it shows is what is there,
 * and the same result gives the same bytes (the drawing of the topology is
 * that of the Graphviz which is installed). Fields that an older result does
 * not have leave their section out, with a sentence. */

#ifndef HS_REPORT_REPORT_H
#define HS_REPORT_REPORT_H

#include <glib.h>
#include <jansson.h>
#include <stdbool.h>

typedef enum {
    HS_REPORT_ERROR_READ,  /* no such file */
    HS_REPORT_ERROR_INPUT, /* not a result.json that we understand */
    HS_REPORT_ERROR_WRITE,
} HsReportError;

#define HS_REPORT_ERROR (hs_report_error_quark())
GQuark hs_report_error_quark(void);

/* Reads a result from TEXT; NAME is what errors call it. Returns NULL if it is
 * malformed, of another format or version, or of wrong types (transfer full:
 * json_decref()). */
json_t *hs_report_parse(const char *text, gsize length, const char *name,
                        GError **error);
/* The same from the file PATH; of a folder, its result.json. */
json_t *hs_report_load(const char *path, GError **error);

/* The report of RESULT, or the comparison of COUNT of them (transfer full). */
GString *hs_report_page(const json_t *result);
GString *hs_report_comparison(json_t *const *results, unsigned count);

/* Writes PAGE to PATH, which has its name only when it is complete. */
bool hs_report_write(const char *path, const GString *page, GError **error);

#endif
