/* What an auditor and a sceptic ask for: who could read the bytes, what was
 * negotiated, what is wrong with the design, what was assumed, which values
 * were in effect, and how to run it again. */

#include "config.h"

#include "sim/report/private.h"

#include <math.h>
#include <string.h>

static void
bytes_cell(HsHtml *html, const json_t *object, const char *path)
{
    char text[HS_NUMBER_TEXT];
    json_int_t bytes = hs_get_integer(object, path);

    if (bytes == 0)
        hs_html_cell(html, "0");
    else
        hs_html_cell(html, "%s", hs_bytes_text((double)bytes, text));
}

/* Exposure */

static void
exposure_sentence(HsHtml *html, const json_t *result)
{
    size_t exposed = 0, untrusted = 0;
    json_int_t bytes = 0;
    char text[HS_NUMBER_TEXT];

    for (size_t i = 0; i < hs_get_length(result, "links"); i++) {
        const json_t *link = hs_get_item(result, "links", i);

        if (hs_get_bool(link, "trusted"))
            continue;
        untrusted++;
        exposed += hs_get_integer(link, "wire.clear.bytes") > 0;
        bytes += hs_get_integer(link, "wire.clear.bytes");
    }
    if (exposed == 0)
        hs_html_leaf(html, "p", "lead",
                     "No byte of a protected flow could be read on any of the "
                     "%zu untrusted links.",
                     untrusted);
    else
        hs_html_leaf(html, "p", "lead",
                     "On %zu of %zu untrusted links protected flows could be "
                     "read: %s in all.",
                     exposed, untrusted, hs_bytes_text((double)bytes, text));
}

void
hs_report_exposure(HsHtml *html, const json_t *result)
{
    hs_section(html, "exposure", "Who could read it");
    exposure_sentence(html, result);
    hs_html_table(html, "What crossed each link, both directions", "Link",
                  "Between", "Trusted", "#In clear", "#ESP", "#MACsec",
                  "#Control", "First in clear", NULL);
    for (size_t i = 0; i < hs_get_length(result, "links"); i++) {
        const json_t *link = hs_get_item(result, "links", i);
        double first = hs_get_real(link, "wire.first_clear.at_s");
        char text[HS_NUMBER_TEXT];

        hs_html_cell(html, "%s", hs_get_text(link, "name"));
        hs_html_cell(html, "%s \u2013 %s", hs_get_text(link, "from"),
                     hs_get_text(link, "to"));
        hs_html_cell(html, "%s", hs_get_bool(link, "trusted") ? "yes" : "no");
        bytes_cell(html, link, "wire.clear.bytes");
        bytes_cell(html, link, "wire.esp.bytes");
        bytes_cell(html, link, "wire.macsec.bytes");
        bytes_cell(html, link, "wire.control.bytes");
        if (isnan(first))
            hs_html_cell(html, "-");
        else if (hs_get(link, "wire.first_clear.packet") != NULL)
            hs_html_cell(html, "%s, packet #%" JSON_INTEGER_FORMAT,
                         hs_seconds_text(first * 1e3, text),
                         hs_get_integer(link, "wire.first_clear.packet"));
        else
            hs_html_cell(html, "%s", hs_seconds_text(first * 1e3, text));
    }
    hs_html_table_end(html);
    hs_section_end(html);
}

/* Findings */

void
hs_report_findings(HsHtml *html, const json_t *result)
{
    size_t count = hs_get_length(result, "findings");

    hs_section(html, "findings", "What is wrong with the design");
    if (count == 0)
        hs_nothing(html, "Nothing was found.");
    for (size_t i = 0; i < count; i++) {
        const json_t *finding = hs_get_item(result, "findings", i);
        const char *severity = hs_get_text(finding, "severity");

        hs_html_open(html, "article", "class", "finding", NULL);
        hs_html_open(html, "h3", NULL);
        hs_html_open(html, "span", "class",
                     g_str_equal(severity, "serious") ? "tag serious" : "tag",
                     NULL);
        hs_html_text(html, "%s", severity);
        hs_html_close(html, "span");
        hs_html_text(html, " %s", hs_get_text(finding, "title"));
        hs_html_close(html, "h3");
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
        hs_html_close(html, "article");
    }
    hs_section_end(html);
}

/* Evidence for an auditor */

/* "ike.lifetime 28800s, esp.lifetime 3600s, ...": what both ends of TUNNEL were
 * told. Tunnels are named VPN.TUNNEL. */
static char *
lifetimes_of(const json_t *result, const char *tunnel)
{
    const char *dot = strrchr(tunnel, '.');
    g_autofree char *vpn =
        dot != NULL ? g_strndup(tunnel, (gsize)(dot - tunnel)) : NULL;
    GString *text = g_string_new(NULL);

    if (vpn == NULL)
        return g_string_free(text, FALSE);
    for (size_t i = 0; i < hs_get_length(result, "values"); i++) {
        const json_t *value = hs_get_item(result, "values", i);
        const char *key = hs_get_text(value, "key");

        if (!hs_get_is(value, "kind", "vpn") ||
            !hs_get_is(value, "element", vpn) ||
            !g_str_has_suffix(key, "lifetime"))
            continue;
        g_string_append_printf(text, "%s%s %s", text->len > 0 ? ", " : "", key,
                               hs_get_text(value, "value"));
    }
    return g_string_free(text, FALSE);
}

void
hs_report_evidence(HsHtml *html, const json_t *result)
{
    hs_section(html, "evidence", "Evidence: what protected the traffic");
    if (hs_get_length(result, "tunnels") == 0) {
        hs_nothing(html, "The scenario has no VPN tunnel.");
        hs_section_end(html);
        return;
    }
    hs_html_leaf(html, "p", NULL,
                 "As each end negotiated it on the wire. The bytes that ESP "
                 "protected are in the table above, by link.");
    hs_html_table(html, "Tunnels, each end", "Tunnel", "End", "ESP", "IKE",
                  "Lifetimes", "#Handshake", "#IKE rekeys", "#ESP rekeys",
                  "#Lost", "#Down", "At the end", NULL);
    for (size_t i = 0; i < hs_get_length(result, "tunnels"); i++) {
        const json_t *tunnel = hs_get_item(result, "tunnels", i);
        g_autofree char *lifetimes =
            lifetimes_of(result, hs_get_text(tunnel, "name"));
        char text[HS_NUMBER_TEXT];

        hs_html_cell(html, "%s", hs_get_text(tunnel, "name"));
        hs_html_cell(html, "%s", hs_get_text(tunnel, "node"));
        hs_html_cell(html, "%s",
                     hs_get_text_or(tunnel, "esp_suite", "never established"));
        hs_html_cell(html, "%s",
                     hs_get_text_or(tunnel, "ike_suite", "never established"));
        hs_html_cell(html, "%s", *lifetimes != '\0' ? lifetimes : "-");
        hs_html_cell(html, "%s",
                     hs_ms_text(hs_get_real(tunnel, "handshake_ms"), text));
        hs_html_cell(html, "%" JSON_INTEGER_FORMAT,
                     hs_get_integer(tunnel, "ike_rekeys"));
        hs_html_cell(html, "%" JSON_INTEGER_FORMAT,
                     hs_get_integer(tunnel, "esp_rekeys"));
        hs_html_cell(html, "%" JSON_INTEGER_FORMAT,
                     hs_get_integer(tunnel, "lost"));
        hs_html_cell(html, "%s",
                     hs_seconds_text(hs_get_real(tunnel, "down_ms"), text));
        hs_html_cell(html, "%s",
                     hs_get_bool(tunnel, "up_at_end") ? "up" : "down");
    }
    hs_html_table_end(html);
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
    hs_section(html, "assumptions", "What was assumed");
    if (hs_get_length(result, "assumptions") == 0) {
        hs_nothing(html, "These failovers went through no value that nobody "
                         "publishes.");
        hs_section_end(html);
        return;
    }
    hs_html_leaf(html, "p", NULL,
                 "Values that nobody publishes and that these failovers went "
                 "through. Others give other numbers.");
    hs_html_table(html, "Assumptions", "Element", "Key", "Value", "Origin",
                  "Reason", NULL);
    for (size_t i = 0; i < hs_get_length(result, "assumptions"); i++)
        value_row(html, hs_get_item(result, "assumptions", i));
    hs_html_table_end(html);
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
