/* What a sceptic asks for: what is wrong with the design, what was expected and
 * assumed, which values were in effect, and how to run it again. */

#include "config.h"

#include "sim/report/private.h"

#include <math.h>
#include <string.h>

/* Findings */

/* Findings of one id and title are one: what differs is where. */
static bool
is_same_finding(const json_t *a, const json_t *b)
{
    return hs_get_is(a, "id", hs_get_text(b, "id")) &&
           hs_get_is(a, "title", hs_get_text(b, "title"));
}

static size_t
count_same(const json_t *result, const json_t *finding, size_t until)
{
    size_t count = 0;

    for (size_t i = 0; i < until; i++)
        count += is_same_finding(hs_get_item(result, "findings", i), finding);
    return count;
}

static void
finding_text(HsHtml *html, const json_t *finding)
{
    hs_html_leaf(html, "p", NULL, "%s",
                 hs_get_text_or(finding, "evidence", ""));
    hs_html_open(html, "p", "class", "source", NULL);
    hs_html_leaf(html, "code", NULL, "%s", hs_get_text(finding, "id"));
    hs_html_text(html, " at %s", hs_get_text_or(finding, "where", "?"));
    if (hs_get(finding, "line") != NULL)
        hs_html_text(html, ", line %" JSON_INTEGER_FORMAT,
                     hs_get_integer(finding, "line"));
    if (hs_get_text(finding, "rule") != NULL)
        hs_html_text(html, ". Rule: %s", hs_get_text(finding, "rule"));
    hs_html_close(html, "p");
}

static void
draw_finding(HsHtml *html, const json_t *result, size_t index, size_t others)
{
    const json_t *finding = hs_get_item(result, "findings", index);
    const char *severity = hs_get_text(finding, "severity");
    g_autofree char *more = g_strdup_printf("The same at %zu more", others);

    hs_html_open(html, "article", "class", "finding", NULL);
    hs_html_open(html, "h3", NULL);
    hs_html_open(html, "span", "class",
                 g_str_equal(severity, "serious") ? "tag serious" : "tag",
                 NULL);
    hs_html_text(html, "%s", severity);
    hs_html_close(html, "span");
    hs_html_text(html, " %s", hs_get_text(finding, "title"));
    hs_html_close(html, "h3");
    finding_text(html, finding);
    if (others > 0) {
        hs_html_fold(html, more);
        for (size_t i = index + 1; i < hs_get_length(result, "findings"); i++) {
            const json_t *other = hs_get_item(result, "findings", i);

            if (is_same_finding(other, finding))
                finding_text(html, other);
        }
        hs_html_fold_end(html);
    }
    hs_html_close(html, "article");
}

void
hs_report_findings(HsHtml *html, const json_t *result)
{
    size_t count = hs_get_length(result, "findings");

    hs_section(html, "findings", "What is wrong with the design");
    if (count == 0)
        hs_nothing(html, "Nothing was found.");
    for (size_t i = 0; i < count; i++) {
        const json_t *finding = hs_get_item(result, "findings", i);

        if (count_same(result, finding, i) == 0)
            draw_finding(html, result, i,
                         count_same(result, finding, count) - 1);
    }
    hs_section_end(html);
}

void
hs_report_expectations(HsHtml *html, const json_t *result)
{
    hs_section(html, "expectations", "What was expected");
    if (hs_get_length(result, "verdict.checks") == 0) {
        hs_nothing(html, "The scenario expects nothing, so nothing was "
                         "checked.");
        hs_section_end(html);
        return;
    }
    hs_html_table(html, "Expectations", "Outcome", "Seen and expected", "Why",
                  "Written at", NULL);
    for (size_t i = 0; i < hs_get_length(result, "verdict.checks"); i++) {
        const json_t *check = hs_get_item(result, "verdict.checks", i);

        hs_html_cell(html, "%s%s", hs_get_text(check, "outcome"),
                     hs_get_bool(check, "must_fail") ? ", as it must" : "");
        hs_html_cell(
            html, "%s",
            hs_get_text_or(check, "text", hs_get_text(check, "figure")));
        hs_html_cell(html, "%s", hs_get_text_or(check, "why", "-"));
        hs_html_cell(html, "%s", hs_get_text_or(check, "source", "-"));
    }
    hs_html_table_end(html);
    for (size_t i = 0; i < hs_get_length(result, "verdict.idle_faults"); i++)
        hs_html_leaf(
            html, "p", NULL, "%s",
            json_string_value(hs_get_item(result, "verdict.idle_faults", i)));
    hs_section_end(html);
}

/* Values */

static char *
element_name(const json_t *value)
{
    const char *element = hs_get_text(value, "element");

    return element != NULL
               ? g_strdup_printf("[%s %s]", hs_get_text(value, "kind"), element)
               : g_strdup_printf("[%s]", hs_get_text(value, "kind"));
}

static void
value_row(HsHtml *html, const json_t *value)
{
    g_autofree char *element = element_name(value);

    hs_html_cell(html, "%s", element);
    hs_html_cell(html, "%s", hs_get_text(value, "key"));
    hs_html_cell(html, "%s", hs_get_text(value, "value"));
    hs_html_cell(html, "%s", hs_get_text_or(value, "origin", "-"));
    hs_html_cell(html, "%s", hs_get_text_or(value, "source", "-"));
}

/* What somebody wrote, above; what is by default, folded below. */
static bool
is_chosen(const json_t *value)
{
    return hs_get_is(value, "origin", "file") ||
           hs_get_is(value, "origin", "--set");
}

static void
value_table(HsHtml *html, const json_t *result, const char *caption,
            bool chosen)
{
    hs_html_table(html, caption, "Element", "Key", "Value", "Origin", "Source",
                  NULL);
    for (size_t i = 0; i < hs_get_length(result, "values"); i++) {
        const json_t *value = hs_get_item(result, "values", i);

        if (is_chosen(value) == chosen)
            value_row(html, value);
    }
    hs_html_table_end(html);
}

void
hs_report_configuration(HsHtml *html, const json_t *result)
{
    size_t count = hs_get_length(result, "values"), chosen = 0;
    g_autofree char *rest = NULL, *title = NULL;

    for (size_t i = 0; i < count; i++)
        chosen += is_chosen(hs_get_item(result, "values", i));
    hs_section(html, "configuration", "Effective configuration");
    if (count == 0) {
        hs_nothing(html, "This result has no values.");
        hs_section_end(html);
        return;
    }
    title = g_strdup_printf("%zu values of the scenario", chosen);
    hs_html_fold(html, title);
    value_table(html, result, "Values of the scenario", true);
    hs_html_fold_end(html);
    rest = g_strdup_printf("%zu values by default, and where each is from",
                           count - chosen);
    hs_html_fold(html, rest);
    value_table(html, result, "Values by default", false);
    hs_html_fold_end(html);
    hs_section_end(html);
}

void
hs_report_assumptions(HsHtml *html, const json_t *result)
{
    size_t count = hs_get_length(result, "assumptions");

    hs_section(html, "assumptions", "What was assumed");
    if (count == 0) {
        hs_nothing(html, "These failovers went through no value that nobody "
                         "publishes.");
        hs_section_end(html);
        return;
    }
    hs_html_leaf(html, "p", NULL,
                 "Values that nobody publishes and that these failovers went "
                 "through. Others give other numbers.");
    hs_fold_if_long(html, count, "assumptions");
    hs_html_table(html, "Assumptions", "Element", "Key", "Value", "Origin",
                  "Reason", NULL);
    for (size_t i = 0; i < count; i++)
        value_row(html, hs_get_item(result, "assumptions", i));
    hs_html_table_end(html);
    hs_fold_if_long_end(html, count);
    hs_section_end(html);
}

/* The command */

/* WORD as a shell takes it: quoted where it must be. */
static void
append_word(GString *command, const char *word)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyz"
                                "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                "-_./=:,%+@";
    g_autofree char *quoted = NULL;

    if (*word != '\0' && strspn(word, plain) == strlen(word)) {
        g_string_append_printf(command, " %s", word);
        return;
    }
    quoted = g_shell_quote(word);
    g_string_append_printf(command, " %s", quoted);
}

static char *
command_of(const json_t *result)
{
    GString *command = g_string_new("hybridsim run");
    g_autofree char *file =
        g_strdup_printf("%s.ini", hs_get_text(result, "scenario.name"));
    const char *seed = hs_get_text(result, "scenario.seed");

    for (size_t i = 0; i < hs_get_length(result, "values"); i++) {
        const json_t *value = hs_get_item(result, "values", i);
        g_autofree char *word = NULL;

        if (!hs_get_is(value, "origin", "--set") ||
            (hs_get_is(value, "kind", "scenario") &&
             hs_get_is(value, "key", "seed")))
            continue;
        word = g_strdup_printf("%s%s%s.%s=%s", hs_get_text(value, "kind"),
                               hs_get(value, "element") != NULL ? " " : "",
                               hs_get_text_or(value, "element", ""),
                               hs_get_text(value, "key"),
                               hs_get_text(value, "value"));
        append_word(command, "--set");
        append_word(command, word);
    }
    if (seed != NULL) {
        append_word(command, "--seed");
        append_word(command, seed);
    }
    append_word(command, file);
    return g_string_free(command, FALSE);
}

static void
fact(HsHtml *html, const char *name, const char *value)
{
    hs_html_leaf(html, "dt", NULL, "%s", name);
    hs_html_open(html, "dd", NULL);
    hs_html_leaf(html, "code", NULL, "%s", value);
    hs_html_close(html, "dd");
}

void
hs_report_reproduce(HsHtml *html, const json_t *result)
{
    g_autofree char *command = command_of(result);
    g_autofree char *version = g_strdup_printf(
        "%s %s on %s %s", hs_get_text_or(result, "program.name", "hybridsim"),
        hs_get_text(result, "program.version"),
        hs_get_text_or(result, "program.engine", "?"),
        hs_get_text_or(result, "program.engine_version", ""));

    hs_section(html, "reproduce", "How to run it again");
    if (hs_get(result, "realtime") != NULL)
        hs_html_leaf(html, "p", NULL,
                     "This was a live run, begun %s: the machine, and what was "
                     "real in it, have a part in every number, so it cannot be "
                     "repeated exactly.",
                     hs_get_text_or(result, "realtime.started", "?"));
    else
        hs_html_leaf(html, "p", NULL,
                     "The same program, file and seed give the same result, "
                     "byte for byte.");
    hs_html_open(html, "pre", "tabindex", "0", NULL);
    hs_html_leaf(html, "code", NULL, "%s", command);
    hs_html_close(html, "pre");
    hs_html_open(html, "dl", "class", "facts", NULL);
    fact(html, "Program", version);
    fact(html, "Seed", hs_get_text_or(result, "scenario.seed", "?"));
    fact(html, "SHA-256 of the file",
         hs_get_text_or(result, "scenario.sha256", "?"));
    if (hs_get_text(result, "capture.file") != NULL)
        fact(html, "Capture", hs_get_text(result, "capture.file"));
    hs_html_close(html, "dl");
    hs_section_end(html);
}
