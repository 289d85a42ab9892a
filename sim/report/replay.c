/* An application's own traffic, replayed across the design: what it felt in the
 * capture, what it feels here, and what the design adds. */

#include "config.h"

#include "sim/report/private.h"

#include <math.h>

static const struct {
    const char *key, *name;
} phases[] = {
    {"all", "since the warm-up"},
    {"before", "before the fault"},
    {"during", "during"},
    {"after", "after, fault still on"},
    {"failback", "after fail-back"},
};

static void
latency_cells(HsHtml *html, const json_t *latency)
{
    static const char *const figures[] = {"p50_ms", "p99_ms"};

    for (size_t i = 0; i < G_N_ELEMENTS(figures); i++) {
        double value = hs_get_real(latency, figures[i]);

        if (isnan(value))
            hs_html_cell(html, "-");
        else
            hs_html_cell(html, value < 100 ? "%.1f" : "%.0f", value);
    }
}

static void
felt_rows(HsHtml *html, const char *what, const json_t *felt)
{
    for (size_t i = 0; i < G_N_ELEMENTS(phases); i++) {
        const json_t *phase = hs_get(felt, phases[i].key);
        char text[HS_NUMBER_TEXT];

        if (phase == NULL || hs_get_integer(phase, "answered") +
                                     hs_get_integer(phase, "failed") ==
                                 0)
            continue;
        hs_html_cell(html, "%s", what);
        hs_html_cell(html, "%s", phases[i].name);
        hs_html_cell(html, "%s",
                     hs_count_text(hs_get_integer(phase, "answered"), text));
        hs_html_cell(html, "%s",
                     hs_count_text(hs_get_integer(phase, "failed"), text));
        latency_cells(html, hs_get(phase, "captured"));
        latency_cells(html, hs_get(phase, "latency"));
        latency_cells(html, hs_get(phase, "path"));
    }
}

static void
sentence(HsHtml *html, const json_t *replay)
{
    double here = hs_get_real(replay, "requests.all.latency.p50_ms");
    double there = hs_get_real(replay, "requests.all.captured.p50_ms");
    char now[HS_NUMBER_TEXT], then[HS_NUMBER_TEXT], failed[HS_NUMBER_TEXT];

    if (isnan(here) || isnan(there)) {
        hs_html_leaf(html, "p", "lead", "No request of it was answered.");
        return;
    }
    hs_html_leaf(
        html, "p", "lead",
        "The median request takes %s here, and took %s in the capture; %s "
        "failed.",
        hs_ms_text(here, now), hs_ms_text(there, then),
        hs_count_text(hs_get_integer(replay, "played.failed"), failed));
}

void
hs_report_replay(HsHtml *html, const json_t *result)
{
    const json_t *replay = hs_get(result, "replay");

    if (replay == NULL)
        return;
    hs_section(html, "replay", "How your own application felt it");
    sentence(html, replay);
    hs_html_leaf(html, "p", NULL,
                 "Played from %s, captured %s, beside the two clients above.",
                 hs_get_text_or(replay, "source.file", "a capture"),
                 hs_get_text_or(replay, "source.captured", "somewhere"));
    hs_html_table(html, "Latency of the replayed traffic, ms", "What", "Phase",
                  "#Answered", "#Failed", "#Captured p50", "#Captured p99",
                  "#Here p50", "#Here p99", "#Added p50", "#Added p99", NULL);
    felt_rows(html, "request", hs_get(replay, "requests"));
    felt_rows(html, "transaction", hs_get(replay, "transactions"));
    hs_html_table_end(html);
    hs_section_end(html);
}
