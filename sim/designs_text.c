/* A comparison as a table, for a screen or as Markdown, and as JSON (SURVEY.md
 * describes it). */

#include "config.h"

#include "sim/designs.h"

#include "sim/output/json_value.h"

#include <jansson.h>
#include <string.h>

typedef struct {
    const HsDesigns *designs;
    bool markdown;
    bool marks; /* the output can take the characters */
} Page;

static char *
span_text(HsDuration span)
{
    char text[HS_TIME_TEXT];

    return g_strdup(hs_duration_format(span, text));
}

char *
hs_requirement_text(const HsRequirements *required, HsCriterion criterion)
{
    g_autofree char *span = NULL;
    HsDuration limit = 0;

    switch (criterion) {
    case HS_CRITERION_P50:
        limit = required->p50;
        break;
    case HS_CRITERION_P99:
        limit = required->p99;
        break;
    case HS_CRITERION_JITTER:
        limit = required->jitter;
        break;
    case HS_CRITERION_OUTAGE:
        limit = required->outage;
        break;
    case HS_CRITERION_THROUGHPUT:
        return required->throughput == 0
                   ? g_strdup("")
                   : g_strdup_printf("at least %g Mbit/s",
                                     (double)required->throughput / 1e6);
    case HS_CRITERION_ENCRYPTED:
    case HS_CRITERION_ENCRYPTED_FAILED:
        return g_strdup("nothing in clear");
    case HS_CRITERION_SURVIVES:
    case HS_CRITERION_ON_PREMISES:
    case HS_CRITERION_MULTI_VPC:
        return g_strdup("all");
    case HS_CRITERION_COUNT:
        g_assert_not_reached();
    }
    if (limit == 0)
        return g_strdup("");
    span = span_text(limit);
    return g_strdup_printf("at most %s", span);
}

static const char *
mark_text(const Page *page, HsMark mark)
{
    switch (mark) {
    case HS_MARK_NONE:
        return "";
    case HS_MARK_MET:
        return page->marks ? "✔ " : "yes: ";
    case HS_MARK_NOT_MET:
        return page->marks ? "✘ " : "NO: ";
    case HS_MARK_UNKNOWN:
        return "? ";
    }
    g_assert_not_reached();
}

/* The table: a row of texts for each line, the first being the titles. A line
 * has the requirement, its limit, and designs; where they do not all fit, the
 * table is printed in several, one below the other. */

#define LABELS     2 /* columns before the designs */
#define LINE_WIDTH 120

static GPtrArray *
row_new(void)
{
    return g_ptr_array_new_with_free_func(g_free);
}

static GPtrArray *
titles(const Page *page)
{
    GPtrArray *row = row_new();

    g_ptr_array_add(row, g_strdup("requirement"));
    g_ptr_array_add(row, g_strdup("limit"));
    for (unsigned i = 0; i < hs_designs_count(page->designs); i++)
        g_ptr_array_add(row,
                        g_strdup(hs_designs_design(page->designs, i)->label));
    return row;
}

static GPtrArray *
criterion_row(const Page *page, HsCriterion criterion)
{
    GPtrArray *row = row_new();

    g_ptr_array_add(row, g_strdup(hs_criterion_name(criterion)));
    g_ptr_array_add(row, hs_requirement_text(hs_designs_required(page->designs),
                                             criterion));
    for (unsigned i = 0; i < hs_designs_count(page->designs); i++) {
        const HsCell *cell =
            &hs_designs_design(page->designs, i)->cells[criterion];

        g_ptr_array_add(
            row, g_strconcat(mark_text(page, cell->mark), cell->text, NULL));
    }
    return row;
}

static size_t
width_of(const GPtrArray *rows, guint column)
{
    size_t width = 0;

    for (guint i = 0; i < rows->len; i++) {
        const GPtrArray *row = rows->pdata[i];

        width = MAX(width, (size_t)g_utf8_strlen(row->pdata[column], -1));
    }
    return width;
}

static void
pad(GString *text, const char *cell, size_t width)
{
    g_string_append(text, cell);
    for (size_t i = (size_t)g_utf8_strlen(cell, -1); i < width; i++)
        g_string_append_c(text, ' ');
}

/* The row's first two cells, and those of the designs from FIRST to LAST. */
static void
print_row(const Page *page, const GPtrArray *rows, guint number, guint first,
          guint last, GString *text)
{
    const GPtrArray *row = rows->pdata[number];

    for (guint column = 0; column <= last; column++) {
        bool ends = column == last;

        if (column >= LABELS && column < first)
            continue;
        if (page->markdown)
            g_string_append(text, "| ");
        pad(text, row->pdata[column],
            ends && !page->markdown ? 0 : width_of(rows, column));
        g_string_append(text, page->markdown ? " " : ends ? "" : "  ");
    }
    g_string_append(text, page->markdown ? "|\n" : "\n");
    if (number > 0 || !page->markdown)
        return;
    for (guint column = 0; column <= last; column++)
        g_string_append(text, "| --- ");
    g_string_append(text, "|\n");
}

/* The last design that still fits a line which begins with FIRST: one at least.
 * Markdown has no lines to fill. */
static guint
last_that_fits(const Page *page, const GPtrArray *rows, guint first)
{
    guint columns = ((const GPtrArray *)rows->pdata[0])->len, last = first;
    size_t width = 0;

    if (page->markdown)
        return columns - 1;
    for (guint column = 0; column < LABELS; column++)
        width += width_of(rows, column) + 2;
    width += width_of(rows, first);
    while (last + 1 < columns &&
           (width += 2 + width_of(rows, last + 1)) <= LINE_WIDTH)
        last++;
    return last;
}

/* "1.2", "1.2 to 12". */
static char *
offered_text(const HsDesigns *designs)
{
    double least = 0, most = 0;

    for (unsigned i = 0; i < hs_designs_count(designs); i++) {
        double offered = (double)hs_designs_design(designs, i)->offered / 1e9;

        least = i == 0 ? offered : MIN(least, offered);
        most = MAX(most, offered);
    }
    return least == most ? g_strdup_printf("%.3g", most)
                         : g_strdup_printf("%.3g to %.3g", least, most);
}

static void
notes(const Page *page, GString *text)
{
    g_autofree char *offered = offered_text(page->designs);

    g_string_append_printf(
        text,
        "\nRound trips are the database's, its own time among them. Jitter is "
        "the 99th\npercentile of the one-way delay above the least one. The "
        "ceiling is what arrived,\nas IP packets of %u bytes and one flow each "
        "way, of %s Gbit/s that were sent for\na fraction of a "
        "second. Failures: each element is cut, and silent, in turn\n"
        "(hybridsim survive); the outage is the pool's.\n",
        HS_BURST_PACKET, offered);
}

void
hs_designs_text(const HsDesigns *designs, bool markdown, bool marks,
                GString *text)
{
    Page page = {designs, markdown, marks || markdown};
    g_autoptr(GPtrArray) rows =
        g_ptr_array_new_with_free_func((GDestroyNotify)g_ptr_array_unref);

    g_ptr_array_add(rows, titles(&page));
    for (unsigned i = 0; i < HS_CRITERION_COUNT; i++)
        g_ptr_array_add(rows, criterion_row(&page, (HsCriterion)i));
    for (guint first = LABELS, last; first < LABELS + hs_designs_count(designs);
         first = last + 1) {
        last = last_that_fits(&page, rows, first);
        if (first > LABELS)
            g_string_append_c(text, '\n');
        for (guint i = 0; i < rows->len; i++)
            print_row(&page, rows, i, first, last, text);
    }
    notes(&page, text);
}

/* JSON */

static json_t *
cells(const HsDesigns *designs, HsCriterion criterion)
{
    json_t *array = json_array();

    for (unsigned i = 0; i < hs_designs_count(designs); i++) {
        const HsCell *cell = &hs_designs_design(designs, i)->cells[criterion];
        json_t *object = json_object();

        hs_json_set(object, "mark", json_string(hs_mark_name(cell->mark)));
        hs_json_set(object, "text", json_string(cell->text));
        hs_json_set(object, "value",
                    cell->has_value ? json_real(cell->value) : json_null());
        json_array_append_new(array, object);
    }
    return array;
}

static json_t *
rows(const HsDesigns *designs)
{
    json_t *array = json_array();

    for (unsigned i = 0; i < HS_CRITERION_COUNT; i++) {
        HsCriterion criterion = (HsCriterion)i;
        g_autofree char *limit =
            hs_requirement_text(hs_designs_required(designs), criterion);
        json_t *object = json_object();

        hs_json_set(object, "requirement",
                    json_string(hs_criterion_key(criterion)));
        hs_json_set(object, "name", json_string(hs_criterion_name(criterion)));
        hs_json_set(object, "limit", json_string(limit));
        hs_json_set(object, "cells", cells(designs, criterion));
        json_array_append_new(array, object);
    }
    return array;
}

static json_t *
designs_list(const HsDesigns *designs)
{
    json_t *array = json_array();

    for (unsigned i = 0; i < hs_designs_count(designs); i++) {
        const HsDesign *design = hs_designs_design(designs, i);
        json_t *object = json_object(), *sets = json_array();

        for (char **s = design->sets; s != NULL && *s != NULL; s++)
            json_array_append_new(sets, json_string(*s));
        hs_json_set(object, "label", json_string(design->label));
        hs_json_set(object, "file", json_string(design->file));
        hs_json_set(object, "sets", sets);
        hs_json_set(object, "folder", json_string(design->folder));
        hs_json_set(object, "offered_bps",
                    json_integer((json_int_t)design->offered));
        hs_json_set(object, "window_ms",
                    json_real((double)design->window / 1e6));
        json_array_append_new(array, object);
    }
    return array;
}

char *
hs_designs_json(const HsDesigns *designs)
{
    json_t *root = json_object();
    char *text, *ended;

    hs_json_set(root, "format", json_string("hybridsim-comparison"));
    hs_json_set(root, "version", json_integer(1));
    hs_json_set(root, "designs", designs_list(designs));
    hs_json_set(root, "requirements", rows(designs));
    text = json_dumps(root, JSON_INDENT(2) | JSON_REAL_PRECISION(15));
    g_assert(text != NULL);
    ended = g_strconcat(text, "\n", NULL);
    free(text);
    json_decref(root);
    return ended;
}
