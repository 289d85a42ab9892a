/* hybridsim-scenario(5), made from the tables of scenarios/README.md, which are
 * made from the schema: whoever adds a key has documented it. Of Markdown it
 * knows what hs_scenario_manual() writes: headings, paragraphs, tables and
 * words in backquotes. Of a row of a table the first cell is what it is about,
 * the last what it means, and those between are told with the names of their
 * columns. */

#include "config.h"

#include "sim/scenario/scenario.h"

#include <string.h>

static const char head[] =
    ".TH HYBRIDSIM\\-SCENARIO 5 \"\" \"" PACKAGE_STRING "\" \"File Formats\"\n"
    ".SH NAME\n"
    "hybridsim\\-scenario \\- what hybridsim simulates: the file format\n"
    ".SH DESCRIPTION\n"
    "A scenario is a text file in UTF\\-8 with groups of keys: the elements of "
    "a network, what\nfails and when, and what is expected.\n"
    "A line is empty, a comment that begins with #, a group as\n"
    ".B [kind name]\n"
    "or a\n"
    ".BR \"key = value\" .\n"
    "A comment behind a value, a group or a key that comes twice, and an "
    "unknown key are\nmistakes; each is named with its line and the nearest "
    "word.\n"
    "The order of groups and of keys means nothing.\n"
    "A file has 4 MiB at most.\n"
    ".PP\n"
    "Every number has its unit: 300ms, 90s, 1Gbps, 1500B, 100/s, 0.1%.\n"
    "An instant may be a range, as 60s..90s, from which the seed draws.\n"
    ".B \"hybridsim explain\"\n"
    "prints the value of every key and where it comes from;\n"
    ".B \"hybridsim init\"\n"
    "writes a scenario to begin with.\n"
    ".SH EXAMPLE\n"
    ".EX\n"
    "[onprem dc]\n"
    "asn = 65001\n"
    "prefix = 172.16.0.0/24\n"
    "\n"
    "[vpc app]\n"
    "cidr = 10.0.0.0/16\n"
    "\n"
    "[gateway vgw]\n"
    "attach = app\n"
    "\n"
    "[dx primary]\n"
    "between = dc, vgw\n"
    "bfd = 300ms x 3\n"
    "\n"
    "[vpn backup]\n"
    "between = dc, vgw\n"
    "\n"
    "[database orders]\n"
    "client = app\n"
    "server = dc\n"
    "\n"
    "[fault cut]\n"
    "target = primary\n"
    "action = blackhole\n"
    "at = 60s..90s\n"
    "for = 90s\n"
    "\n"
    "[expect]\n"
    "detect.max = 910ms\n"
    ".EE\n"
    ".SH GROUPS AND KEYS\n";

static const char tail[] = ".SH SEE ALSO\n"
                           ".BR hybridsim (1)\n";

/* A word in backquotes is bold; what roff takes for its own is escaped. */
static void
append_text(GString *text, const char *words)
{
    bool bold = false;

    if (*words == '.' || *words == '\'')
        g_string_append(text, "\\&");
    for (; *words != '\0'; words++) {
        if (*words == '`') {
            bold = !bold;
            g_string_append(text, bold ? "\\fB" : "\\fR");
        } else if (*words == '\\' && words[1] == '|') {
            continue;
        } else if (*words == '\\') {
            g_string_append(text, "\\e");
        } else if (*words == '-') {
            g_string_append(text, "\\-");
        } else {
            g_string_append_c(text, *words);
        }
    }
}

/* The cells of "| a | b |"; a bar behind a backslash is text. */
static GPtrArray *
cells_of(const char *line)
{
    GPtrArray *cells = g_ptr_array_new_with_free_func(g_free);
    const char *start = line + 1;

    for (const char *c = start; *c != '\0'; c++)
        if (*c == '|' && c[-1] != '\\') {
            g_ptr_array_add(cells,
                            g_strstrip(g_strndup(start, (size_t)(c - start))));
            start = c + 1;
        }
    return cells;
}

static void
append_sentence(GString *text, const char *words)
{
    if (*words == '\0')
        return;
    append_text(text, words);
    g_string_append(text, g_str_has_suffix(words, ".") ? "\n" : ".\n");
}

static void
append_row(GString *text, const GPtrArray *names, const GPtrArray *cells)
{
    const char *comma = "";
    guint last = cells->len - 1;

    g_string_append(text, ".TP\n");
    append_text(text, cells->pdata[0]);
    g_string_append_c(text, '\n');
    if (last > 0)
        append_sentence(text, cells->pdata[last]);
    for (guint i = 1; i < last && i < names->len; i++) {
        const char *cell = cells->pdata[i];

        if (*cell == '\0')
            continue;
        g_string_append(text, comma);
        /* Where a default comes from is told behind it. */
        if (!g_str_has_prefix(names->pdata[i], "where")) {
            append_text(text, names->pdata[i]);
            g_string_append(text, ": ");
        }
        append_text(text, cell);
        comma = ";\n";
    }
    if (*comma != '\0')
        g_string_append(text, ".\n");
}

static void
append_table_line(GString *text, GPtrArray **names, const char *line)
{
    g_autoptr(GPtrArray) cells = cells_of(line);

    if (cells->len == 0 || g_str_has_prefix(line, "| ---"))
        return;
    if (*names == NULL)
        *names = g_steal_pointer(&cells);
    else
        append_row(text, *names, cells);
}

void
hs_scenario_page(GString *text)
{
    g_autoptr(GString) manual = g_string_new(NULL);
    g_autoptr(GPtrArray) names = NULL; /* of the columns of this table */
    g_auto(GStrv) lines = NULL;

    hs_scenario_manual(manual);
    lines = g_strsplit(manual->str, "\n", -1);
    g_string_append(text, head);
    for (char **line = lines; *line != NULL; line++) {
        if (**line == '|') {
            append_table_line(text, &names, *line);
            continue;
        }
        g_clear_pointer(&names, g_ptr_array_unref);
        if (g_str_has_prefix(*line, "#")) {
            g_string_append(text, ".SS ");
            append_text(text, *line + strspn(*line, "# "));
            g_string_append_c(text, '\n');
        } else if (**line != '\0') {
            if (line > lines && line[-1][0] == '\0' &&
                !(line > lines + 1 && g_str_has_prefix(line[-2], "#")))
                g_string_append(text, ".PP\n");
            append_text(text, *line);
            g_string_append_c(text, '\n');
        }
    }
    g_string_append(text, tail);
}
