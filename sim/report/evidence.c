/* What an auditor asks for: who could read the bytes on which link, and what
 * was negotiated to protect them. Of a large network the busy part stands open
 * and the whole is folded. */

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

static json_int_t
protected_bytes(const json_t *link)
{
    return hs_get_integer(link, "wire.clear.bytes") +
           hs_get_integer(link, "wire.esp.bytes") +
           hs_get_integer(link, "wire.macsec.bytes");
}

/* Of a large network, the links that carried one byte in a hundred of what the
 * busiest carried; keepalives in idle tunnels are ESP too. */
static bool
is_busy(const json_t *result, const json_t *link)
{
    json_int_t most = 0;

    for (size_t i = 0; i < hs_get_length(result, "links"); i++)
        most = MAX(most, protected_bytes(hs_get_item(result, "links", i)));
    return protected_bytes(link) > most / 100 ||
           (!hs_get_bool(link, "trusted") &&
            hs_get_integer(link, "wire.clear.bytes") > 0);
}

static void
link_row(HsHtml *html, const json_t *link)
{
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

static void
link_table(HsHtml *html, const json_t *result, const char *caption,
           bool busy_only)
{
    hs_html_table(html, caption, "Link", "Between", "Trusted", "#In clear",
                  "#ESP", "#MACsec", "#Control", "First in clear", NULL);
    for (size_t i = 0; i < hs_get_length(result, "links"); i++) {
        const json_t *link = hs_get_item(result, "links", i);

        if (!busy_only || is_busy(result, link))
            link_row(html, link);
    }
    hs_html_table_end(html);
}

void
hs_report_exposure(HsHtml *html, const json_t *result)
{
    size_t count = hs_get_length(result, "links");

    hs_section(html, "exposure", "Who could read it");
    exposure_sentence(html, result);
    if (count > HS_TABLE_LONG)
        link_table(html, result, "Links that carried traffic of the database",
                   true);
    hs_fold_if_long(html, count, "links");
    link_table(html, result, "What crossed each link, both directions", false);
    hs_fold_if_long_end(html, count);
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

/* Ends that negotiated the same, together. */
static bool
is_alike(const json_t *a, const json_t *b)
{
    return g_strcmp0(hs_get_text(a, "esp_suite"),
                     hs_get_text(b, "esp_suite")) == 0 &&
           g_strcmp0(hs_get_text(a, "ike_suite"),
                     hs_get_text(b, "ike_suite")) == 0;
}

static void
suite_row(HsHtml *html, const json_t *result, size_t index)
{
    const json_t *first = hs_get_item(result, "tunnels", index);
    json_int_t ends = 0, ike = 0, esp = 0, lost = 0;

    for (size_t i = 0; i < hs_get_length(result, "tunnels"); i++) {
        const json_t *tunnel = hs_get_item(result, "tunnels", i);

        if (!is_alike(tunnel, first))
            continue;
        if (i < index)
            return; /* it has its row */
        ends++;
        ike += hs_get_integer(tunnel, "ike_rekeys");
        esp += hs_get_integer(tunnel, "esp_rekeys");
        lost += hs_get_integer(tunnel, "lost");
    }
    hs_html_cell(html, "%s",
                 hs_get_text_or(first, "esp_suite", "never established"));
    hs_html_cell(html, "%s",
                 hs_get_text_or(first, "ike_suite", "never established"));
    hs_html_cell(html, "%" JSON_INTEGER_FORMAT, ends);
    hs_html_cell(html, "%" JSON_INTEGER_FORMAT, ike);
    hs_html_cell(html, "%" JSON_INTEGER_FORMAT, esp);
    hs_html_cell(html, "%" JSON_INTEGER_FORMAT, lost);
}

static void
suites(HsHtml *html, const json_t *result)
{
    hs_html_table(html, "Suites that were negotiated", "ESP", "IKE",
                  "#Ends of tunnels", "#IKE rekeys", "#ESP rekeys", "#Lost",
                  NULL);
    for (size_t i = 0; i < hs_get_length(result, "tunnels"); i++)
        suite_row(html, result, i);
    hs_html_table_end(html);
}

static void
tunnel_row(HsHtml *html, const json_t *result, const json_t *tunnel)
{
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
    hs_html_cell(html, "%" JSON_INTEGER_FORMAT, hs_get_integer(tunnel, "lost"));
    hs_html_cell(html, "%s",
                 hs_seconds_text(hs_get_real(tunnel, "down_ms"), text));
    hs_html_cell(html, "%s", hs_get_bool(tunnel, "up_at_end") ? "up" : "down");
}

void
hs_report_evidence(HsHtml *html, const json_t *result)
{
    size_t count = hs_get_length(result, "tunnels");

    hs_section(html, "evidence", "Evidence: what protected the traffic");
    if (count == 0) {
        hs_nothing(html, "The scenario has no VPN tunnel.");
        hs_section_end(html);
        return;
    }
    hs_html_leaf(html, "p", NULL,
                 "As each end negotiated it on the wire. The bytes that ESP "
                 "protected are in the table above, by link.");
    suites(html, result);
    hs_fold_if_long(html, count, "ends of tunnels");
    hs_html_table(html, "Tunnels, each end", "Tunnel", "End", "ESP", "IKE",
                  "Lifetimes", "#Handshake", "#IKE rekeys", "#ESP rekeys",
                  "#Lost", "#Down", "At the end", NULL);
    for (size_t i = 0; i < count; i++)
        tunnel_row(html, result, hs_get_item(result, "tunnels", i));
    hs_html_table_end(html);
    hs_fold_if_long_end(html, count);
    hs_section_end(html);
}
