/* A page: its head with the style and the policy, its sections in the order in
 * which they are asked for, its foot with the numbers and the script.
 *
 * The policy (Content-Security-Policy) forbids everything but what is in the
 * page: scripts and styles are allowed by the hash of their bytes, so that
 * nothing else can run, and nothing can be fetched. */

#include "config.h"

#include "sim/report/private.h"
#include "sim/report/report.h"
#include "sim/report/resources.h"

#include <string.h>

static const char *
resource(const char *name)
{
    g_autofree char *path = g_strdup_printf("/hybridsim/report/%s", name);
    g_autoptr(GError) error = NULL;
    g_autoptr(GBytes) bytes = g_resource_lookup_data(
        hs_report_get_resource(), path, G_RESOURCE_LOOKUP_FLAGS_NONE, &error);

    /* They are in the program, each with a zero behind its end. */
    g_assert_no_error(error);
    return g_bytes_get_data(bytes, NULL);
}

/* Without the last comment, which asks a browser for a map of the source. */
static char *
asset(const char *name)
{
    const char *text = resource(name);
    const char *map = strstr(text, "sourceMappingURL=");

    if (map == NULL)
        return g_strdup(text);
    while (map > text && *map != '\n')
        map--;
    return g_strndup(text, (gsize)(map - text));
}

/* "'sha256-…'" of what stands between the tags, as CSP wants it. */
static char *
policy_hash(const char *text)
{
    g_autoptr(GChecksum) checksum = g_checksum_new(G_CHECKSUM_SHA256);
    guint8 digest[32];
    gsize length = sizeof(digest);
    g_autofree char *encoded = NULL;

    g_checksum_update(checksum, (const guchar *)text, -1);
    g_checksum_get_digest(checksum, digest, &length);
    encoded = g_base64_encode(digest, length);
    return g_strdup_printf("'sha256-%s'", encoded);
}

static const char *const styles[] = {"dygraph.min.css", "report.css"};
static const char *const scripts[] = {"dygraph.min.js", "report.js"};

static char *
policy(void)
{
    GString *text = g_string_new("default-src 'none'; base-uri 'none'; "
                                 "form-action 'none'; script-src");

    for (size_t i = 0; i < G_N_ELEMENTS(scripts); i++) {
        g_autofree char *code = asset(scripts[i]);
        g_autofree char *hash = policy_hash(code);

        g_string_append_printf(text, " %s", hash);
    }
    g_string_append(text, "; style-src");
    for (size_t i = 0; i < G_N_ELEMENTS(styles); i++) {
        g_autofree char *code = asset(styles[i]);
        g_autofree char *hash = policy_hash(code);

        g_string_append_printf(text, " %s", hash);
    }
    return g_string_free(text, FALSE);
}

void
hs_page_begin(HsHtml *html, const char *title)
{
    g_autofree char *csp = policy();

    hs_html_raw(html, "<!DOCTYPE html>\n");
    hs_html_open(html, "html", "lang", "en", NULL);
    hs_html_open(html, "head", NULL);
    hs_html_void(html, "meta", "charset", "utf-8", NULL);
    hs_html_void(html, "meta", "http-equiv", "Content-Security-Policy",
                 "content", csp, NULL);
    hs_html_void(html, "meta", "name", "viewport", "content",
                 "width=device-width, initial-scale=1", NULL);
    hs_html_void(html, "meta", "name", "color-scheme", "content", "light dark",
                 NULL);
    hs_html_leaf(html, "title", NULL, "%s", title);
    for (size_t i = 0; i < G_N_ELEMENTS(styles); i++) {
        g_autofree char *style = asset(styles[i]);

        hs_html_open(html, "style", NULL);
        hs_html_raw(html, style);
        hs_html_close(html, "style");
    }
    hs_html_close(html, "head");
    hs_html_open(html, "body", NULL);
}

GString *
hs_page_end(HsHtml *html, const char *program)
{
    hs_html_open(html, "footer", NULL);
    hs_html_open(html, "p", NULL);
    hs_html_text(html,
                 "Made by %s from result.json alone. The charts use "
                 "dygraphs, whose licence follows.",
                 program);
    hs_html_close(html, "p");
    hs_html_fold(html, "Licence of dygraphs");
    hs_html_leaf(html, "pre", "licence", "%s", resource("dygraphs-licence"));
    hs_html_fold_end(html);
    hs_html_close(html, "footer");
    for (size_t i = 0; i < G_N_ELEMENTS(scripts); i++) {
        g_autofree char *script = asset(scripts[i]);

        hs_html_open(html, "script", NULL);
        hs_html_raw(html, script);
        hs_html_close(html, "script");
    }
    hs_html_close(html, "body");
    hs_html_close(html, "html");
    hs_html_raw(html, "\n");
    return hs_html_finish(html);
}

void
hs_section(HsHtml *html, const char *id, const char *title)
{
    g_autofree char *heading = g_strdup_printf("%s-heading", id);

    hs_html_open(html, "section", "id", id, "aria-labelledby", heading, NULL);
    hs_html_open(html, "h2", "id", heading, NULL);
    hs_html_text(html, "%s", title);
    hs_html_close(html, "h2");
}

void
hs_section_end(HsHtml *html)
{
    hs_html_close(html, "section");
}

void
hs_nothing(HsHtml *html, const char *format, ...)
{
    va_list arguments;
    g_autofree char *text = NULL;

    va_start(arguments, format);
    text = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    hs_html_leaf(html, "p", "nothing", "%s", text);
}

void
hs_fold_if_long(HsHtml *html, size_t count, const char *what)
{
    g_autofree char *title = g_strdup_printf("All %zu %s", count, what);

    if (count > HS_TABLE_LONG)
        hs_html_fold(html, title);
}

void
hs_fold_if_long_end(HsHtml *html, size_t count)
{
    if (count > HS_TABLE_LONG)
        hs_html_fold_end(html);
}

static void
contents(HsHtml *html)
{
    static const struct {
        const char *id, *name;
    } entries[] = {
        {"timeline", "Timeline"},
        {"topology", "Paths"},
        {"response", "Latency"},
        {"traffic", "Traffic"},
        {"states", "States"},
        {"monitoring", "Monitoring"},
        {"exposure", "Exposure"},
        {"findings", "Findings"},
        {"evidence", "Evidence"},
        {"expectations", "Expected"},
        {"configuration", "Configuration"},
        {"assumptions", "Assumptions"},
        {"reproduce", "Reproduce"},
    };

    hs_html_open(html, "nav", "aria-label", "Sections", NULL);
    hs_html_open(html, "ul", NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(entries); i++) {
        g_autofree char *link = g_strdup_printf("#%s", entries[i].id);

        hs_html_open(html, "li", NULL);
        hs_html_open(html, "a", "href", link, NULL);
        hs_html_text(html, "%s", entries[i].name);
        hs_html_close(html, "a");
        hs_html_close(html, "li");
    }
    hs_html_close(html, "ul");
    hs_html_close(html, "nav");
}

static void
masthead(HsHtml *html, const json_t *result)
{
    const char *name = hs_get_text(result, "scenario.name");

    hs_html_open(html, "header", NULL);
    hs_html_leaf(html, "p", "eyebrow", "hybridsim failover report \u00b7 %s",
                 name);
    hs_html_leaf(html, "h1", NULL, "%s",
                 hs_get_text_or(result, "scenario.title", name));
    hs_html_close(html, "header");
}

static char *
program_of(const json_t *result)
{
    return g_strdup_printf("hybridsim %s",
                           hs_get_text(result, "program.version"));
}

GString *
hs_report_page(const json_t *result)
{
    g_autoptr(HsHtml) html = hs_html_new();
    const char *name = hs_get_text(result, "scenario.name");
    g_autofree char *title =
        g_strdup_printf("%s \u2013 failover report",
                        hs_get_text_or(result, "scenario.title", name));
    g_autofree char *program = program_of(result);

    hs_page_begin(html, title);
    masthead(html, result);
    hs_html_open(html, "main", NULL);
    hs_report_verdict(html, result);
    contents(html);
    hs_report_gantt(html, result);
    hs_report_topology(html, result);
    hs_report_latency(html, result);
    hs_report_replay(html, result);
    hs_report_streams(html, result);
    hs_report_goodput(html, result);
    hs_report_lanes(html, result);
    hs_report_monitoring(html, result);
    hs_report_exposure(html, result);
    hs_report_findings(html, result);
    hs_report_evidence(html, result);
    hs_report_expectations(html, result);
    hs_report_configuration(html, result);
    hs_report_assumptions(html, result);
    hs_report_reproduce(html, result);
    hs_html_close(html, "main");
    hs_report_island(html, result);
    return hs_page_end(g_steal_pointer(&html), program);
}
