/* From results to cells: each requirement, what was measured, and whether that
 * is enough. A figure that was not measured meets nothing. */

#include "config.h"

#include "sim/designs.h"

#include <jansson.h>
#include <math.h>
#include <string.h>

G_GNUC_PRINTF(4, 5)
static void
fill(HsDesign *design, HsCriterion criterion, HsMark mark, const char *format,
     ...)
{
    HsCell *cell = &design->cells[criterion];
    va_list arguments;

    va_start(arguments, format);
    g_free(cell->text);
    cell->text = g_strdup_vprintf(format, arguments);
    cell->mark = mark;
    va_end(arguments);
}

static void
set_value(HsDesign *design, HsCriterion criterion, double value)
{
    design->cells[criterion].value = value;
    design->cells[criterion].has_value = true;
}

static HsMark
at_most(double value, double limit)
{
    if (limit <= 0)
        return HS_MARK_NONE;
    return value <= limit ? HS_MARK_MET : HS_MARK_NOT_MET;
}

static const char *
text_at(const json_t *object, const char *key)
{
    return json_string_value(json_object_get(object, key));
}

static uint64_t
number_at(const json_t *object, const char *key)
{
    return (uint64_t)json_integer_value(json_object_get(object, key));
}

/* Decimal, as links are. */
static char *
rate_text(double rate)
{
    if (rate >= 1e9)
        return g_strdup_printf("%.2f Gbit/s", rate / 1e9);
    return g_strdup_printf("%.1f Mbit/s", rate / 1e6);
}

static char *
bytes_text(uint64_t bytes)
{
    if (bytes >= 1000000)
        return g_strdup_printf("%.1f MB", (double)bytes / 1e6);
    if (bytes >= 1000)
        return g_strdup_printf("%.1f kB", (double)bytes / 1e3);
    return g_strdup_printf("%" G_GUINT64_FORMAT " B", bytes);
}

/* Latency */

/* The worse client's figure in ms; NAN: it got no answer. */
static double
worst_latency(const json_t *result, const char *key)
{
    double worst = NAN;
    json_t *client;
    size_t i;

    json_array_foreach(json_object_get(result, "database"), i, client)
    {
        const json_t *latency =
            json_object_get(json_object_get(client, "all"), "latency");
        const json_t *value = json_object_get(latency, key);

        if (json_is_number(value) &&
            (isnan(worst) || json_number_value(value) > worst))
            worst = json_number_value(value);
    }
    return worst;
}

static void
read_latency(HsDesign *design, HsCriterion criterion, const json_t *result,
             const char *key, HsDuration limit)
{
    double value = worst_latency(result, key);

    if (isnan(value)) {
        fill(design, criterion, HS_MARK_NOT_MET, "no answer");
        return;
    }
    fill(design, criterion, at_most(value, (double)limit / 1e6), "%.1f ms",
         value);
    set_value(design, criterion, value);
}

/* Directions of probes with a name of their own end with it: "app to dc
 * (reach-site-1)". */
static bool
is_reach(const json_t *probe)
{
    return strstr(text_at(probe, "direction"), "(reach-") != NULL;
}

static void
read_jitter(HsDesign *design, const json_t *result, HsDuration limit)
{
    double worst = NAN;
    json_t *probe;
    size_t i;

    json_array_foreach(json_object_get(result, "probes"), i, probe)
    {
        const json_t *variation = json_object_get(probe, "variation_ms");

        if (!is_reach(probe) && json_is_number(variation) &&
            (isnan(worst) || json_number_value(variation) > worst))
            worst = json_number_value(variation);
    }
    if (isnan(worst)) {
        fill(design, HS_CRITERION_JITTER, HS_MARK_NOT_MET, "no path");
        return;
    }
    fill(design, HS_CRITERION_JITTER, at_most(worst, (double)limit / 1e6),
         "%.2f ms", worst);
    set_value(design, HS_CRITERION_JITTER, worst);
}

/* The slower direction. What was offered and arrived in full is no ceiling. */
static void
read_throughput(HsDesign *design, const json_t *burst, uint64_t limit)
{
    double least = NAN, rate;
    g_autofree char *text = NULL;
    json_t *probe;
    HsMark mark;
    size_t i;

    json_array_foreach(json_object_get(burst, "probes"), i, probe)
    {
        rate = json_number_value(json_object_get(probe, "arrived_per_s")) *
               HS_BURST_PACKET * 8;
        if (isnan(least) || rate < least)
            least = rate;
    }
    if (isnan(least) || least <= 0) {
        fill(design, HS_CRITERION_THROUGHPUT, HS_MARK_NOT_MET, "no path");
        return;
    }
    mark = limit == 0               ? HS_MARK_NONE
           : least >= (double)limit ? HS_MARK_MET
                                    : HS_MARK_NOT_MET;
    text = rate_text(least);
    fill(design, HS_CRITERION_THROUGHPUT, mark, "%s%s", text,
         least > 0.99 * (double)design->offered ? " or more" : "");
    set_value(design, HS_CRITERION_THROUGHPUT, least);
}

/* Encryption */

static void
read_encrypted(HsDesign *design, const json_t *result)
{
    uint64_t clear = 0, most = 0;
    const char *worst = NULL;
    g_autofree char *text = NULL;
    json_t *link;
    size_t i;

    json_array_foreach(json_object_get(result, "links"), i, link)
    {
        const json_t *wire = json_object_get(link, "wire");
        uint64_t bytes = number_at(json_object_get(wire, "clear"), "bytes");

        if (json_is_true(json_object_get(link, "trusted")))
            continue;
        clear += bytes;
        if (bytes > most) {
            most = bytes;
            worst = text_at(link, "name");
        }
    }
    text = bytes_text(clear);
    if (clear > 0)
        fill(design, HS_CRITERION_ENCRYPTED, HS_MARK_NOT_MET,
             "%s in clear on %s", text, worst);
    else
        fill(design, HS_CRITERION_ENCRYPTED, HS_MARK_MET, "0 B in clear");
    set_value(design, HS_CRITERION_ENCRYPTED, (double)clear);
}

/* Reach */

static void
count_reach(const json_t *result, const char *word, unsigned *ret_all,
            unsigned *ret_reached)
{
    json_t *probe;
    size_t i;

    *ret_all = *ret_reached = 0;
    json_array_foreach(json_object_get(result, "probes"), i, probe)
    {
        if (strstr(text_at(probe, "direction"), word) == NULL)
            continue;
        (*ret_all)++;
        *ret_reached += number_at(probe, "received") > 0;
    }
}

static void
read_reach(HsDesign *design, HsCriterion criterion, const json_t *result,
           const char *word)
{
    unsigned all, reached;

    count_reach(result, word, &all, &reached);
    if (all == 0) {
        fill(design, criterion, HS_MARK_UNKNOWN, "-");
        return;
    }
    fill(design, criterion, reached == all ? HS_MARK_MET : HS_MARK_NOT_MET,
         "%u of %u ways", reached, all);
    set_value(design, criterion, reached);
}

/* Without probes of their own, what the database's two hosts say of each other.
 */
static void
read_reaches(HsDesign *design, const json_t *result)
{
    const HsDatabase *database = hs_scenario_database(design->scenario, 0);
    unsigned all, reached;

    read_reach(design, HS_CRITERION_MULTI_VPC, result, "(reach-vpc");
    if (hs_scenario_vpc(design->scenario, 1) == NULL)
        fill(design, HS_CRITERION_MULTI_VPC, HS_MARK_NONE, "one VPC");
    read_reach(design, HS_CRITERION_ON_PREMISES, result, "(reach-site");
    if (hs_scenario_onprem(design->scenario, 0) == NULL) {
        fill(design, HS_CRITERION_ON_PREMISES, HS_MARK_NOT_MET, "no site");
        return;
    }
    if (design->cells[HS_CRITERION_ON_PREMISES].mark != HS_MARK_UNKNOWN ||
        database->client->kind == database->server->kind)
        return;
    count_reach(result, "to ", &all, &reached);
    if (all > 0)
        fill(design, HS_CRITERION_ON_PREMISES,
             reached == all ? HS_MARK_MET : HS_MARK_NOT_MET, "%u of %u ways",
             reached, all);
}

HsNormalState
hs_designs_read(HsDesign *design, const HsRequirements *required,
                const char *steady, const char *burst)
{
    json_t *result = json_load_file(steady, 0, NULL);
    json_t *more = json_load_file(burst, 0, NULL);
    HsNormalState state = {.answered = !isnan(worst_latency(result, "p50_ms"))};

    if (result == NULL) {
        for (unsigned i = 0; i < HS_CRITERION_COUNT; i++)
            fill(design, (HsCriterion)i, HS_MARK_UNKNOWN, "the run died");
    } else {
        read_latency(design, HS_CRITERION_P50, result, "p50_ms", required->p50);
        read_latency(design, HS_CRITERION_P99, result, "p99_ms", required->p99);
        read_jitter(design, result, required->jitter);
        read_encrypted(design, result);
        read_reaches(design, result);
    }
    if (more == NULL)
        fill(design, HS_CRITERION_THROUGHPUT, HS_MARK_UNKNOWN, "the run died");
    else
        read_throughput(design, more, required->throughput);
    if (result != NULL && !state.answered)
        fill(design, HS_CRITERION_ENCRYPTED, HS_MARK_UNKNOWN,
             "nothing crossed");
    json_decref(result);
    json_decref(more);
    return state;
}

/* Failures */

static void
read_clear_after(HsDesign *design)
{
    const GPtrArray *cases = hs_survey_cases(design->survey);
    const HsSurveyCase *worst = NULL;
    g_autofree char *text = NULL;
    unsigned run = 0;

    for (guint i = 0; i < cases->len; i++) {
        const HsSurveyCase *c = cases->pdata[i];

        if (c->state == HS_SURVEY_NOT_RUN || c->state == HS_SURVEY_DIED)
            continue;
        run++;
        if (worst == NULL || c->clear > worst->clear)
            worst = c;
    }
    if (worst == NULL) {
        fill(design, HS_CRITERION_ENCRYPTED_FAILED, HS_MARK_UNKNOWN,
             "nothing was failed");
        return;
    }
    text = bytes_text(worst->clear);
    if (worst->clear > 0)
        fill(design, HS_CRITERION_ENCRYPTED_FAILED, HS_MARK_NOT_MET,
             "%s in clear (%s %s)", text, worst->element[0]->name,
             hs_failure_name(worst->failure[0]));
    else
        fill(design, HS_CRITERION_ENCRYPTED_FAILED, HS_MARK_MET,
             "0 B in %u failures", run);
    set_value(design, HS_CRITERION_ENCRYPTED_FAILED, (double)worst->clear);
}

static void
read_survives(HsDesign *design)
{
    const GPtrArray *elements = hs_survey_elements(design->survey);
    unsigned singles = hs_survey_singles(design->survey), known = 0;
    g_autoptr(GString) names = g_string_new(NULL);

    for (guint i = 0; i < elements->len; i++) {
        const HsSurveyElement *element = elements->pdata[i];
        HsElementVerdict verdict =
            hs_survey_element_verdict(design->survey, element);

        known += verdict != HS_ELEMENT_UNKNOWN;
        if (verdict == HS_ELEMENT_SINGLE && names->len < 40)
            g_string_append_printf(names, "%s%s", names->len > 0 ? ", " : "",
                                   element->name);
    }
    if (known == 0)
        fill(design, HS_CRITERION_SURVIVES, HS_MARK_UNKNOWN, "not tried");
    else if (singles == 0)
        fill(design, HS_CRITERION_SURVIVES, HS_MARK_MET, "%u elements", known);
    else
        fill(design, HS_CRITERION_SURVIVES, HS_MARK_NOT_MET, "not %u of %u: %s",
             singles, known, names->str);
    set_value(design, HS_CRITERION_SURVIVES, singles);
}

static void
read_outage(HsDesign *design, HsDuration limit)
{
    const HsSurveyCase *worst = hs_survey_worst(design->survey);

    if (worst == NULL) {
        fill(design, HS_CRITERION_OUTAGE, HS_MARK_UNKNOWN, "not tried");
        return;
    }
    if (worst->pool.outage == HS_TIME_NEVER) {
        fill(design, HS_CRITERION_OUTAGE, HS_MARK_NOT_MET, "for ever (%s)",
             worst->element[0]->name);
        return;
    }
    fill(design, HS_CRITERION_OUTAGE,
         at_most((double)worst->pool.outage, (double)limit), "%.2f s (%s %s)",
         (double)worst->pool.outage / 1e9, worst->element[0]->name,
         hs_failure_name(worst->failure[0]));
    set_value(design, HS_CRITERION_OUTAGE, (double)worst->pool.outage / 1e6);
}

void
hs_designs_read_survey(HsDesign *design, const HsRequirements *required)
{
    static const HsCriterion all[] = {HS_CRITERION_ENCRYPTED_FAILED,
                                      HS_CRITERION_SURVIVES,
                                      HS_CRITERION_OUTAGE};

    if (design->survey == NULL) {
        for (size_t i = 0; i < G_N_ELEMENTS(all); i++)
            fill(design, all[i], HS_MARK_UNKNOWN, "not tried");
        return;
    }
    read_clear_after(design);
    read_survives(design);
    read_outage(design, required->outage);
}
