/* A survey as JSON; RESULT.md describes it. */

#include "config.h"

#include "sim/survey.h"

#include <jansson.h>

static void
set(json_t *object, const char *key, json_t *value)
{
    int failed = json_object_set_new(object, key, value);

    g_assert(failed == 0);
}

static json_t *
number(uint64_t value)
{
    return json_integer((json_int_t)value);
}

static json_t *
milliseconds(HsDuration span)
{
    return span == HS_TIME_NEVER ? json_null() : json_real((double)span / 1e6);
}

static json_t *
text_or_null(const char *text)
{
    return text != NULL ? json_string(text) : json_null();
}

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

        set(object, "name", json_string(element->name));
        set(object, "what", json_string(element->what));
        set(object, "verdict",
            json_string(
                verdict_word(hs_survey_element_verdict(survey, element))));
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

        set(object, "name", json_string(entry->name));
        set(object, "why", json_string(entry->why));
        json_array_append_new(array, object);
    }
    return array;
}

static json_t *
client(const HsSurveyClient *c)
{
    json_t *object = json_object();

    set(object, "observed", json_boolean(c->observed));
    set(object, "recovered", json_boolean(c->recovered));
    set(object, "outage_ms", milliseconds(c->outage));
    return object;
}

static json_t *
failures(const HsSurveyCase *c)
{
    json_t *array = json_array();

    for (unsigned i = 0; i < 2 && c->element[i] != NULL; i++) {
        json_t *object = json_object();

        set(object, "element", json_string(c->element[i]->name));
        set(object, "failure", json_string(hs_failure_name(c->failure[i])));
        json_array_append_new(array, object);
    }
    return array;
}

static json_t *
case_object(const HsSurveyCase *c)
{
    json_t *object = json_object();

    set(object, "failures", failures(c));
    set(object, "state", json_string(hs_survey_state_name(c->state)));
    set(object, "why", text_or_null(c->why));
    set(object, "file", json_string(c->path));
    set(object, "persistent", client(&c->persistent));
    set(object, "pool", client(&c->pool));
    set(object, "probes_sent", number(c->probes));
    set(object, "probes_lost", number(c->lost));
    set(object, "data_plane_lost_ms", milliseconds(c->loss));
    set(object, "clear_bytes_before", number(c->clear_before));
    set(object, "clear_bytes", number(c->clear));
    set(object, "detected", text_or_null(c->detected));
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
    set(root, "format", json_string("hybridsim-survey"));
    set(root, "version", json_integer(1));
    set(root, "scenario", json_string(hs_scenario_name(scenario)));
    set(root, "seed", json_string(seed));
    set(root, "duration_s", json_real((double)hs_survey_length(survey) / 1e9));
    set(root, "single_points_of_failure", number(hs_survey_singles(survey)));
    set(root, "elements", elements(survey));
    set(root, "not_failed", left_out(survey));
    set(root, "cases", cases);
    text = json_dumps(root, JSON_INDENT(2) | JSON_REAL_PRECISION(15));
    g_assert(text != NULL);
    ended = g_strconcat(text, "\n", NULL);
    free(text);
    json_decref(root);
    return ended;
}
