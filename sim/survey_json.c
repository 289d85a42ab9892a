/* A survey as JSON; RESULT.md describes it. */

#include "config.h"

#include "sim/survey.h"

#include "sim/output/json_value.h"

#include <jansson.h>

static const char *
verdict_word(HsElementVerdict verdict)
{
    switch (verdict) {
    case HS_ELEMENT_UNKNOWN:
        return "not known";
    case HS_ELEMENT_REDUNDANT:
        return "redundant";
    case HS_ELEMENT_SINGLE:
        return "not redundant";
    }
    g_assert_not_reached();
}

static json_t *
elements(const HsSurvey *survey)
{
    const GPtrArray *list = hs_survey_elements(survey);
    json_t *array = json_array();

    for (guint i = 0; i < list->len; i++) {
        const HsSurveyElement *element = list->pdata[i];
        json_t *object = json_object();

        hs_json_set(object, "name", json_string(element->name));
        hs_json_set(object, "what", json_string(element->what));
        hs_json_set(object, "verdict",
                    json_string(verdict_word(
                        hs_survey_element_verdict(survey, element))));
        json_array_append_new(array, object);
    }
    return array;
}

static json_t *
left_out(const HsSurvey *survey)
{
    const GPtrArray *list = hs_survey_left_out(survey);
    json_t *array = json_array();

    for (guint i = 0; i < list->len; i++) {
        const HsSurveyLeftOut *entry = list->pdata[i];
        json_t *object = json_object();

        hs_json_set(object, "name", json_string(entry->name));
        hs_json_set(object, "why", json_string(entry->why));
        json_array_append_new(array, object);
    }
    return array;
}

static json_t *
client(const HsSurveyClient *c)
{
    json_t *object = json_object();

    hs_json_set(object, "observed", json_boolean(c->observed));
    hs_json_set(object, "recovered", json_boolean(c->recovered));
    hs_json_set(object, "outage_ms", hs_json_milliseconds(c->outage));
    return object;
}

static json_t *
failures(const HsSurveyCase *c)
{
    json_t *array = json_array();

    for (unsigned i = 0; i < 2 && c->element[i] != NULL; i++) {
        json_t *object = json_object();

        hs_json_set(object, "element", json_string(c->element[i]->name));
        hs_json_set(object, "failure",
                    json_string(hs_failure_name(c->failure[i])));
        json_array_append_new(array, object);
    }
    return array;
}

static json_t *
case_object(const HsSurveyCase *c)
{
    json_t *object = json_object();

    hs_json_set(object, "failures", failures(c));
    hs_json_set(object, "state", json_string(hs_survey_state_name(c->state)));
    hs_json_set(object, "why", hs_json_text_or_null(c->why));
    hs_json_set(object, "file", json_string(c->path));
    hs_json_set(object, "persistent", client(&c->persistent));
    hs_json_set(object, "pool", client(&c->pool));
    hs_json_set(object, "probes_sent", hs_json_number(c->probes));
    hs_json_set(object, "probes_lost", hs_json_number(c->lost));
    hs_json_set(object, "data_plane_lost_ms", hs_json_milliseconds(c->loss));
    hs_json_set(object, "clear_bytes_before", hs_json_number(c->clear_before));
    hs_json_set(object, "clear_bytes", hs_json_number(c->clear));
    hs_json_set(object, "detected", hs_json_text_or_null(c->detected));
    return object;
}

char *
hs_survey_json(const HsSurvey *survey, const HsScenario *scenario)
{
    const HsSettings *settings = hs_scenario_settings(scenario, 0);
    const GPtrArray *list = hs_survey_cases(survey);
    json_t *root = json_object(), *cases = json_array();
    g_autofree char *seed =
        g_strdup_printf("%" G_GUINT64_FORMAT, settings->seed);
    char *text, *ended;

    for (guint i = 0; i < list->len; i++)
        json_array_append_new(cases, case_object(list->pdata[i]));
    hs_json_set(root, "format", json_string("hybridsim-survey"));
    hs_json_set(root, "version", json_integer(1));
    hs_json_set(root, "scenario", json_string(hs_scenario_name(scenario)));
    hs_json_set(root, "seed", json_string(seed));
    hs_json_set(root, "duration_s",
                json_real((double)hs_survey_length(survey) / 1e9));
    hs_json_set(root, "single_points_of_failure",
                hs_json_number(hs_survey_singles(survey)));
    hs_json_set(root, "elements", elements(survey));
    hs_json_set(root, "not_failed", left_out(survey));
    hs_json_set(root, "cases", cases);
    text = json_dumps(root, JSON_INDENT(2) | JSON_REAL_PRECISION(15));
    g_assert(text != NULL);
    ended = g_strconcat(text, "\n", NULL);
    free(text);
    json_decref(root);
    return ended;
}
