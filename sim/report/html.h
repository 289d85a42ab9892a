/* A writer of HTML (and of the SVG inside it) that escapes everything.
 *
 * Whatever is written through it is escaped: text and attribute values come
 * from scenarios, and a title may be "<script>". Only hs_html_raw() takes
 * markup as it is, for our own resources and for what dot drew. Elements are
 * closed by name, so a wrong nesting is found by the first test that renders
 * it. */

#ifndef HS_REPORT_HTML_H
#define HS_REPORT_HTML_H

#include <glib.h>
#include <stdbool.h>

typedef struct HsHtml HsHtml;

HsHtml *hs_html_new(void);
void hs_html_free(HsHtml *html); /* NULL is fine */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HsHtml, hs_html_free)

/* Ends HTML, in which nothing is open, and returns its text (transfer full). */
GString *hs_html_finish(HsHtml *html);

/* <NAME ATTRIBUTE="VALUE"…>: pairs, ended by NULL. An attribute whose value is
 * NULL is left out; one whose value is "" stands alone. */
void hs_html_open(HsHtml *html, const char *name, ...) G_GNUC_NULL_TERMINATED;
void hs_html_close(HsHtml *html, const char *name);
/* The same of an element that has no content: <meta>, <rect/>. */
void hs_html_void(HsHtml *html, const char *name, ...) G_GNUC_NULL_TERMINATED;
void hs_html_text(HsHtml *html, const char *format, ...) G_GNUC_PRINTF(2, 3);
/* <NAME class="CLASS">text</NAME>; CLASS may be NULL. */
void hs_html_leaf(HsHtml *html, const char *name, const char *class_name,
                  const char *format, ...) G_GNUC_PRINTF(4, 5);
void hs_html_raw(HsHtml *html, const char *markup);

/* Tables. Headings are ended by NULL; one that begins with "#" is of numbers.
 * Each cell goes behind the last one, and begins a row where the last is full.
 * The first one of a row is its heading. */
void
hs_html_table(HsHtml *html, const char *caption, ...) G_GNUC_NULL_TERMINATED;
/* The same of a list of headings (const char *). */
void
hs_html_table_of(HsHtml *html, const char *caption, const GPtrArray *headings);
void hs_html_cell(HsHtml *html, const char *format, ...) G_GNUC_PRINTF(2, 3);
void hs_html_table_end(HsHtml *html);

/* A table that stands behind a chart: folded, one key opens it. */
void hs_html_fold(HsHtml *html, const char *summary);
void hs_html_fold_end(HsHtml *html);

/* TEXT, as it may stand in an HTML attribute or text (transfer full). */
char *hs_html_escaped(const char *text);

#endif
