/* A survey on a screen: a line for each failure, then what is redundant and
 * what is not. */

#include "config.h"

#include "sim/survey.h"

#include <stdio.h>
#include <string.h>

#define BOLD  "\033[1m"
#define RED   "\033[31m"
#define PLAIN "\033[0m"

static void
append_span(GString *text, HsDuration span)
{
    if (span == HS_TIME_NEVER)
        g_string_append_printf(text, "%10s", "for ever");
    else if (span == 0)
        g_string_append_printf(text, "%10s", "-");
    else
        g_string_append_printf(text, "%10.3f", (double)span / 1e9);
}

static void
append_client(GString *text, const HsSurveyClient *client)
{
    if (client->observed)
        append_span(text, client->outage);
    else
        g_string_append_printf(text, "%10s", "?");
}

static char *
case_title(const HsSurveyCase *c)
{
    if (c->element[1] == NULL)
        return g_strdup(hs_failure_name(c->failure[0]));
    return g_strdup_printf("%s %s + %s %s", c->element[0]->name,
                           hs_failure_name(c->failure[0]), c->element[1]->name,
                           hs_failure_name(c->failure[1]));
}

static void
case_line(const HsSurveyCase *c, bool colour, GString *text)
{
    g_autofree char *name = case_title(c);
    bool lost = c->state == HS_SURVEY_LOST || c->state == HS_SURVEY_DIED;
    int width = c->element[1] == NULL ? 24 : 58;

    g_string_append_printf(text, "  %-*s", width, name);
    if (c->state == HS_SURVEY_DIED || c->state == HS_SURVEY_NOT_RUN ||
        c->state == HS_SURVEY_NOTHING) {
        g_string_append_printf(
            text, "  %s%s%s%s%s\n", lost && colour ? RED : "",
            hs_survey_state_name(c->state), lost && colour ? PLAIN : "",
            c->why != NULL ? ": " : "", c->why != NULL ? c->why : "");
        return;
    }
    append_client(text, &c->persistent);
    append_client(text, &c->pool);
    append_span(text, c->loss);
    g_string_append_printf(text, "%8" G_GUINT64_FORMAT, c->lost);
    g_string_append_printf(text, "%12" G_GUINT64_FORMAT, c->clear);
    g_string_append_printf(text, "  %s%s%s", lost && colour ? RED : "",
                           lost ? "DOWN; " : "", lost && colour ? PLAIN : "");
    g_string_append_printf(text, "%s\n",
                           c->detected != NULL ? c->detected : "by nobody");
}

static void
header(GString *text, const char *title, int width, bool colour)
{
    g_string_append_printf(text, "%s%-*s%10s%10s%10s%8s%12s  %s%s\n",
                           colour ? BOLD : "", width + 2, title, "persistent",
                           "pool", "data", "probes", "clear", "detected",
                           colour ? PLAIN : "");
    g_string_append_printf(text, "%-*s%10s%10s%10s%8s%12s\n", width + 2, "",
                           "out, s", "out, s", "gone, s", "lost", "bytes");
}

static void
single_cases(const HsSurvey *survey, bool colour, GString *text)
{
    const GPtrArray *cases = hs_survey_cases(survey);
    const HsSurveyElement *element = NULL;

    header(text, "ONE FAILS", 24, colour);
    for (guint i = 0; i < cases->len; i++) {
        const HsSurveyCase *c = cases->pdata[i];

        if (c->element[1] != NULL)
            continue;
        if (c->element[0] != element)
            g_string_append_printf(text, "%s (%s)\n", c->element[0]->name,
                                   c->element[0]->what);
        element = c->element[0];
        case_line(c, colour, text);
    }
}

static bool
has_pairs(const HsSurvey *survey)
{
    const GPtrArray *cases = hs_survey_cases(survey);

    return cases->len > 0 &&
           ((const HsSurveyCase *)cases->pdata[cases->len - 1])->element[1] !=
               NULL;
}

static void
pair_cases(const HsSurvey *survey, bool colour, GString *text)
{
    const GPtrArray *cases = hs_survey_cases(survey);

    if (!has_pairs(survey))
        return;
    header(text, "TWO FAIL AT ONCE", 58, colour);
    for (guint i = 0; i < cases->len; i++) {
        const HsSurveyCase *c = cases->pdata[i];

        if (c->element[1] != NULL)
            case_line(c, colour, text);
    }
}

static void
list(const HsSurvey *survey, const char *title, HsElementVerdict wanted,
     bool colour, bool loud, GString *text)
{
    const GPtrArray *elements = hs_survey_elements(survey);
    unsigned count = 0;

    g_string_append_printf(text, "%s%-14s%s", colour ? BOLD : "", title,
                           colour ? PLAIN : "");
    for (guint i = 0; i < elements->len; i++) {
        const HsSurveyElement *element = elements->pdata[i];

        if (hs_survey_element_verdict(survey, element) == wanted)
            g_string_append_printf(text, "%s%s%s%s", count++ > 0 ? ", " : "",
                                   loud && colour ? RED : "", element->name,
                                   loud && colour ? PLAIN : "");
    }
    g_string_append_printf(text, "%s\n", count == 0 ? "-" : "");
}

static void
left_out(const HsSurvey *survey, bool colour, GString *text)
{
    const GPtrArray *entries = hs_survey_left_out(survey);

    for (guint i = 0; i < entries->len; i++) {
        const HsSurveyLeftOut *entry = entries->pdata[i];

        g_string_append_printf(text, "%s%-14s%s%s: %s\n", colour ? BOLD : "",
                               i == 0 ? "NOT FAILED" : "", colour ? PLAIN : "",
                               entry->name, entry->why);
    }
}

static unsigned
count_redundant(const HsSurvey *survey)
{
    const GPtrArray *elements = hs_survey_elements(survey);
    unsigned count = 0;

    for (guint i = 0; i < elements->len; i++)
        count += hs_survey_element_verdict(survey, elements->pdata[i]) ==
                 HS_ELEMENT_REDUNDANT;
    return count;
}

void
hs_survey_text(const HsSurvey *survey, const HsScenario *scenario, bool colour,
               GString *text)
{
    const HsSettings *settings = hs_scenario_settings(scenario, 0);
    const GPtrArray *cases = hs_survey_cases(survey);
    unsigned singles = hs_survey_singles(survey);

    g_string_append_printf(
        text,
        "%s%s%s: %u failures, each in a run of %.0f s (the scenario has %.0f "
        "s), without\nits own faults and expectations, at 20 requests and 50 "
        "probes a second, seed %" G_GUINT64_FORMAT "\n",
        colour ? BOLD : "", hs_scenario_name(scenario), colour ? PLAIN : "",
        cases->len, (double)hs_survey_length(survey) / 1e9,
        (double)settings->duration / 1e9, settings->seed);
    single_cases(survey, colour, text);
    pair_cases(survey, colour, text);
    list(survey, "REDUNDANT", HS_ELEMENT_REDUNDANT, colour, false, text);
    list(survey, "NOT REDUNDANT", HS_ELEMENT_SINGLE, colour, true, text);
    list(survey, "NOT KNOWN", HS_ELEMENT_UNKNOWN, colour, false, text);
    left_out(survey, colour, text);
    if (singles > 0)
        g_string_append_printf(text, "%u single point%s of failure\n", singles,
                               singles == 1 ? "" : "s");
    else
        g_string_append_printf(text,
                               "no single point of failure among %u elements\n",
                               count_redundant(survey));
}
