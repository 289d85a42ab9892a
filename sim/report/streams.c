/* Bulk and UDP streams beside the database: what each asked for, and got. */

#include "config.h"

#include "sim/report/private.h"

#include <math.h>

/* "12.5 Mbit/s" */
static const char *
rate_text(double rate, char *text)
{
    if (isnan(rate))
        return g_strlcpy(text, "-", HS_NUMBER_TEXT), text;
    g_ascii_formatd(text, HS_NUMBER_TEXT, "%.2f", rate / 1e6);
    g_strlcat(text, "\u00a0Mbit/s", HS_NUMBER_TEXT);
    return text;
}

static void
integer_cell(HsHtml *html, const json_t *object, const char *key)
{
    char text[HS_NUMBER_TEXT];

    if (hs_get(object, key) == NULL)
        hs_html_cell(html, "-");
    else
        hs_html_cell(html, "%s",
                     hs_count_text(hs_get_integer(object, key), text));
}

static void
stream_row(HsHtml *html, const json_t *stream)
{
    json_int_t asked = hs_get_integer(stream, "target_bit_rate");
    double lost = hs_get_real(stream, "lost_percent");
    char text[HS_NUMBER_TEXT];

    hs_html_cell(html, "%s", hs_get_text(stream, "name"));
    hs_html_cell(html, "%s, %s to %s", hs_get_text_or(stream, "protocol", "?"),
                 hs_get_text_or(stream, "from", "?"),
                 hs_get_text_or(stream, "to", "?"));
    hs_html_cell(html, "%s",
                 hs_seconds_text(hs_get_real(stream, "start_s") * 1e3, text));
    hs_html_cell(html, "%s",
                 hs_seconds_text(hs_get_real(stream, "duration_ms"), text));
    hs_html_cell(html, "%s",
                 asked > 0 ? rate_text((double)asked, text) : "all it can");
    hs_html_cell(html, "%s", rate_text(hs_get_real(stream, "bit_rate"), text));
    hs_html_cell(html, "%s",
                 hs_bytes_text(hs_get_real(stream, "received_bytes"), text));
    integer_cell(html, stream, "retransmits");
    if (isnan(lost))
        hs_html_cell(html, "-");
    else
        hs_html_cell(html, "%.2f\u00a0%%", lost);
    hs_html_cell(html, "%s",
                 hs_ms_text(hs_get_real(stream, "jitter_ms"), text));
    hs_html_cell(html, "%s", hs_get_text_or(stream, "error", "no"));
}

void
hs_report_streams(HsHtml *html, const json_t *result)
{
    size_t count = hs_get_length(result, "streams");

    if (count == 0)
        return;
    hs_section(html, "streams", "What bulk traffic got beside it");
    hs_html_table(html, "Streams", "Stream", "What", "#Began", "#Sent for",
                  "#Asked", "#Got", "#Received", "#Retransmitted", "#Lost",
                  "#Jitter", "Ended early", NULL);
    for (size_t i = 0; i < count; i++)
        stream_row(html, hs_get_item(result, "streams", i));
    hs_html_table_end(html);
    hs_html_leaf(html, "p", NULL,
                 "Each in whole, in iperf3's form, is a file in streams/.");
    hs_section_end(html);
}
