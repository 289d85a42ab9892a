#include "config.h"

#include "sim/judge.h"

#include "sim/crypto.h"
#include "sim/output/lookup.h"
#include "sim/reach.h"

static const char *
source_of(const HsScenario *scenario, unsigned line)
{
    g_autofree char *file = g_path_get_basename(hs_scenario_path(scenario));
    g_autofree char *source = g_strdup_printf("%s:%u", file, line);

    return line > 0 ? g_intern_string(source) : "--set";
}

static HsDemandSense
sense_of(HsComparison comparison)
{
    switch (comparison) {
    case HS_COMPARISON_MAX:
        return HS_DEMAND_MAX;
    case HS_COMPARISON_MIN:
        return HS_DEMAND_MIN;
    case HS_COMPARISON_EQUALS:
        return HS_DEMAND_EQUALS;
    case HS_COMPARISON_WITHIN:
        return HS_DEMAND_WITHIN;
    case HS_COMPARISON_WORDS:
        return HS_DEMAND_WORDS;
    case HS_COMPARISON_COUNT:
        break;
    }
    g_assert_not_reached();
}

/* The document is made when the first path needs it. */
static void
judge_expectation(HsResult *result, const HsExpectation *e, json_t **document)
{
    const HsDemand demand = {
        .figure = e->name,
        .sense = sense_of(e->comparison),
        .limit = e->limit,
        .upper = e->upper,
        .source = source_of(result->scenario, e->line),
    };

    if (e->path == NULL) {
        hs_verdict_check(result->verdict, &demand,
                         hs_readings_ask(result->readings, e->name), NULL);
        return;
    }
    if (*document == NULL)
        *document = hs_result_document(result);
    hs_lookup_judge(result->verdict, *document, e, &demand);
}

void
hs_judge(HsResult *result, const HsFacts *facts)
{
    const HsScenario *scenario = result->scenario;
    const GPtrArray *all = hs_scenario_expect(scenario, 0)->expectations;
    g_autoptr(GArray) negotiated = hs_negotiated(facts);
    json_t *document = NULL;

    result->verdict = hs_verdict_new(result->readings, NULL, 0);
    for (guint i = 0; i < all->len; i++)
        judge_expectation(result, all->pdata[i], &document);
    json_decref(document);
    hs_crypto_judge(result->verdict, scenario, negotiated, result->end);
    hs_reach_judge(result->verdict, scenario, result->samples,
                   result->timeline);
    hs_verdict_must_fail(result->verdict,
                         hs_scenario_settings(scenario, 0)->expected_failures);
    hs_verdict_faults(result->verdict, result->timeline);
    hs_verdict_explain(result->verdict, result->timeline, result->exposure);
}
