/* Characters that HTML forbids (controls) become U+FFFD, which shows that
 * something was there. */

#include "config.h"

#include "sim/report/html.h"

#include <stdint.h>
#include <string.h>

#define COLUMNS_MAX 24

struct HsHtml {
    GString *out;
    GPtrArray *open; /* const char *: names are literals of the caller */
    unsigned columns, column;
    guint32 numeric; /* a bit for each column of numbers */
};

HsHtml *
hs_html_new(void)
{
    HsHtml *html = g_new0(HsHtml, 1);

    html->out = g_string_new(NULL);
    html->open = g_ptr_array_new();
    return html;
}

void
hs_html_free(HsHtml *html)
{
    if (html == NULL)
        return;
    if (html->out != NULL)
        g_string_free(html->out, TRUE);
    g_ptr_array_unref(html->open);
    g_free(html);
}

GString *
hs_html_finish(HsHtml *html)
{
    GString *out = g_steal_pointer(&html->out);

    g_assert(html->open->len == 0);
    hs_html_free(html);
    return out;
}

static void
append_escaped(GString *out, const char *text)
{
    for (const char *p = text; *p != '\0'; p++) {
        switch (*p) {
        case '<':
            g_string_append(out, "&lt;");
            break;
        case '>':
            g_string_append(out, "&gt;");
            break;
        case '&':
            g_string_append(out, "&amp;");
            break;
        case '"':
            g_string_append(out, "&quot;");
            break;
        case '\'':
            g_string_append(out, "&#39;");
            break;
        default:
            if (((unsigned char)*p < 0x20 && *p != '\n' && *p != '\t') ||
                *p == 0x7f)
                g_string_append(out, "\xef\xbf\xbd");
            else
                g_string_append_c(out, *p);
        }
    }
}

char *
hs_html_escaped(const char *text)
{
    GString *out = g_string_new(NULL);

    append_escaped(out, text);
    return g_string_free(out, FALSE);
}

static void
open_tag(HsHtml *html, const char *name, va_list attributes)
{
    const char *attribute;

    g_string_append_printf(html->out, "<%s", name);
    while ((attribute = va_arg(attributes, const char *)) != NULL) {
        const char *value = va_arg(attributes, const char *);

        if (value == NULL)
            continue;
        g_string_append_printf(html->out, " %s", attribute);
        if (*value == '\0')
            continue;
        g_string_append(html->out, "=\"");
        append_escaped(html->out, value);
        g_string_append_c(html->out, '"');
    }
}

/* Elements that begin a line of their own: the source is readable, and no
 * space comes in between words. */
static bool
is_block(const char *name)
{
    static const char *const inline_names[] = {"span", "a",    "strong", "code",
                                               "em",   "text", "title",  "b"};

    for (size_t i = 0; i < G_N_ELEMENTS(inline_names); i++)
        if (g_str_equal(name, inline_names[i]))
            return false;
    return true;
}

static void
begin_line(HsHtml *html, const char *name)
{
    if (is_block(name) && html->out->len > 0 &&
        html->out->str[html->out->len - 1] == '>')
        g_string_append_c(html->out, '\n');
}

void
hs_html_open(HsHtml *html, const char *name, ...)
{
    va_list attributes;

    begin_line(html, name);
    va_start(attributes, name);
    open_tag(html, name, attributes);
    va_end(attributes);
    g_string_append_c(html->out, '>');
    g_ptr_array_add(html->open, (void *)(uintptr_t)name);
}

void
hs_html_close(HsHtml *html, const char *name)
{
    g_assert(html->open->len > 0);
    g_assert_cmpstr(html->open->pdata[html->open->len - 1], ==, name);
    g_ptr_array_set_size(html->open, (int)html->open->len - 1);
    g_string_append_printf(html->out, "</%s>", name);
}

void
hs_html_void(HsHtml *html, const char *name, ...)
{
    va_list attributes;

    begin_line(html, name);
    va_start(attributes, name);
    open_tag(html, name, attributes);
    va_end(attributes);
    g_string_append(html->out, "/>");
}

static void append_text(HsHtml *html, const char *format, va_list arguments)
    G_GNUC_PRINTF(2, 0);

static void
append_text(HsHtml *html, const char *format, va_list arguments)
{
    g_autofree char *text = g_strdup_vprintf(format, arguments);

    append_escaped(html->out, text);
}

void
hs_html_text(HsHtml *html, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    append_text(html, format, arguments);
    va_end(arguments);
}

void
hs_html_leaf(HsHtml *html, const char *name, const char *class_name,
             const char *format, ...)
{
    va_list arguments;

    hs_html_open(html, name, "class", class_name, NULL);
    va_start(arguments, format);
    append_text(html, format, arguments);
    va_end(arguments);
    hs_html_close(html, name);
}

void
hs_html_raw(HsHtml *html, const char *markup)
{
    g_string_append(html->out, markup);
}

/* Tables */

void
hs_html_table_of(HsHtml *html, const char *caption, const GPtrArray *headings)
{
    g_assert(headings->len > 0 && headings->len <= COLUMNS_MAX);
    html->columns = headings->len;
    html->column = 0;
    html->numeric = 0;
    hs_html_open(html, "div", "class", "scroll", "role", "region", "tabindex",
                 "0", "aria-label", caption, NULL);
    hs_html_open(html, "table", NULL);
    hs_html_leaf(html, "caption", NULL, "%s", caption);
    hs_html_open(html, "thead", NULL);
    hs_html_open(html, "tr", NULL);
    for (guint i = 0; i < headings->len; i++) {
        const char *heading = headings->pdata[i];
        bool number = heading[0] == '#';

        if (number)
            html->numeric |= 1u << i;
        hs_html_open(html, "th", "scope", "col", "class", number ? "n" : NULL,
                     NULL);
        hs_html_text(html, "%s", heading + number);
        hs_html_close(html, "th");
    }
    hs_html_close(html, "tr");
    hs_html_close(html, "thead");
    hs_html_open(html, "tbody", NULL);
}

void
hs_html_table(HsHtml *html, const char *caption, ...)
{
    g_autoptr(GPtrArray) headings = g_ptr_array_new();
    va_list names;
    const char *heading;

    va_start(names, caption);
    while ((heading = va_arg(names, const char *)) != NULL)
        g_ptr_array_add(headings, (void *)(uintptr_t)heading);
    va_end(names);
    hs_html_table_of(html, caption, headings);
}

void
hs_html_cell(HsHtml *html, const char *format, ...)
{
    bool number = html->numeric & (1u << html->column);
    const char *name = html->column == 0 ? "th" : "td";
    va_list arguments;

    if (html->column == 0)
        hs_html_open(html, "tr", NULL);
    hs_html_open(html, name, "scope", html->column == 0 ? "row" : NULL, "class",
                 number ? "n" : NULL, NULL);
    va_start(arguments, format);
    append_text(html, format, arguments);
    va_end(arguments);
    hs_html_close(html, name);
    if (++html->column == html->columns) {
        html->column = 0;
        hs_html_close(html, "tr");
    }
}

void
hs_html_table_end(HsHtml *html)
{
    g_assert(html->column == 0);
    hs_html_close(html, "tbody");
    hs_html_close(html, "table");
    hs_html_close(html, "div");
}

void
hs_html_fold(HsHtml *html, const char *summary)
{
    hs_html_open(html, "details", NULL);
    hs_html_leaf(html, "summary", NULL, "%s", summary);
}

void
hs_html_fold_end(HsHtml *html)
{
    hs_html_close(html, "details");
}
