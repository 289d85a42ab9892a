#include "config.h"

#include "sim/reach.h"

/* A probe sent this long before the end, or before a fault, may still be on its
 * way. */
#define UNDER_WAY HS_SEC(1)

static bool
counts(const HsTimeline *timeline, HsTime sent)
{
    if (sent < timeline->start || hs_time_add(sent, UNDER_WAY) > timeline->end)
        return false;
    for (guint i = 0; i < timeline->faults->len; i++) {
        const HsFaultTimeline *fault = timeline->faults->pdata[i];

        if (hs_time_add(sent, UNDER_WAY) > fault->t0 &&
            sent < hs_time_add(fault->cleared, HS_REACH_REST))
            return false;
    }
    return true;
}

HsReachCount
hs_reach_count(const HsDirectionSamples *direction, const HsTimeline *timeline,
               bool wanted)
{
    HsReachCount count = {.first = HS_TIME_NEVER};

    for (guint i = 0; i < direction->probes->len; i++) {
        const HsProbeSample *probe =
            &g_array_index(direction->probes, HsProbeSample, i);
        bool arrived = probe->arrived != HS_TIME_NEVER;

        if (!counts(timeline, probe->sent))
            continue;
        count.sent++;
        count.arrived += arrived;
        if (arrived != wanted)
            count.first = hs_time_min(count.first, probe->sent);
    }
    return count;
}

static void
judge_probe(HsVerdict *verdict, const HsScenario *scenario,
            const HsProbing *probe, const HsSamples *samples,
            const HsTimeline *timeline)
{
    bool wanted = probe->expect == HS_REACH_REACHABLE;
    const GPtrArray *directions =
        probe->database != NULL ? samples->directions : samples->apart;
    g_autofree char *figure = g_strdup_printf("%s.%s", probe->element.name,
                                              hs_reach_name(probe->expect));
    g_autofree char *file = g_path_get_basename(hs_scenario_path(scenario));
    g_autofree char *source =
        g_strdup_printf("%s:%u", file, probe->element.line);
    HsDemand demand = {
        .figure = g_intern_string(figure),
        .sense = HS_DEMAND_WORDS,
        .source = probe->element.line > 0 ? g_intern_string(source) : "--set",
    };
    GString *text = g_string_new(figure);
    HsOutcome outcome = HS_OUTCOME_PASS;
    HsTime first = HS_TIME_NEVER;
    unsigned ways = 0;

    for (guint i = 0; i < directions->len; i++) {
        const HsDirectionSamples *direction = directions->pdata[i];
        HsReachCount count;

        if (probe->database == NULL && direction->probe != probe->element.name)
            continue;
        count = hs_reach_count(direction, timeline, wanted);
        ways += count.sent > 0;
        first = hs_time_min(first, count.first);
        g_string_append_printf(text,
                               "%s %s, %" G_GUINT64_FORMAT
                               " of %" G_GUINT64_FORMAT " arrived",
                               ways > 1 ? ";" : ":", direction->direction,
                               count.arrived, count.sent);
    }
    if (first != HS_TIME_NEVER)
        outcome = HS_OUTCOME_FAIL;
    else if (ways < 2)
        outcome = HS_OUTCOME_NOT_OBSERVED;
    hs_verdict_add(verdict, &demand, outcome, g_string_free(text, FALSE),
                   first == HS_TIME_NEVER
                       ? NULL
                       : g_strdup_printf("the first that %s was sent at %.3f s",
                                         wanted ? "did not arrive" : "arrived",
                                         (double)first / 1e9));
}

void
hs_reach_judge(HsVerdict *verdict, const HsScenario *scenario,
               const HsSamples *samples, const HsTimeline *timeline)
{
    const HsProbing *probe;

    for (unsigned i = 0; (probe = hs_scenario_probe(scenario, i)); i++)
        if (probe->expect != HS_REACH_ANY)
            judge_probe(verdict, scenario, probe, samples, timeline);
}
