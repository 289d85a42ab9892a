/* What a case's result.json says of it.
 *
 * A design has survived when, with the fault still there, probes arrive again
 * in both directions and the pool of connections gets answers again: new
 * connections work. The persistent connection is told beside it; after a long
 * outage it may wait for its next retransmission longer than the run, or its
 * host may have given up, and neither is the network's. */

#include "config.h"

#include "sim/survey.h"

#include <jansson.h>
#include <math.h>

static HsDuration
span_of(const json_t *number)
{
    return (HsDuration)llround(json_number_value(number) * 1e6);
}

static const char *
text_of(const json_t *object, const char *key)
{
    return json_string_value(json_object_get(object, key));
}

static HsSurveyClient
read_client(const json_t *fault, const char *name)
{
    HsSurveyClient seen = {0};
    json_t *client;
    size_t i;

    json_array_foreach(json_object_get(fault, "clients"), i, client)
    {
        const char *recovery = text_of(client, "recovery");
        const json_t *outage = json_object_get(client, "outage");
        const json_t *span = json_object_get(outage, "duration_ms");

        if (g_strcmp0(text_of(client, "client"), name) != 0)
            continue;
        seen.observed = g_strcmp0(recovery, "not observed") != 0;
        seen.recovered = g_strcmp0(recovery, "recovered") == 0 ||
                         g_strcmp0(recovery, "no interruption") == 0;
        if (!seen.recovered)
            seen.outage = HS_TIME_NEVER;
        else if (json_is_number(span))
            seen.outage = span_of(span);
    }
    return seen;
}

/* False: in one direction they never came again. */
static bool
read_loss(HsSurveyCase *c, const json_t *fault)
{
    bool again = true;
    json_t *loss;
    size_t i;

    json_array_foreach(json_object_get(fault, "data_plane"), i, loss)
    {
        const json_t *span = json_object_get(loss, "duration_ms");

        c->probes +=
            (uint64_t)json_integer_value(json_object_get(loss, "sent"));
        c->lost += (uint64_t)json_integer_value(json_object_get(loss, "lost"));
        if (g_strcmp0(text_of(loss, "status"), "happened") != 0)
            continue;
        if (json_is_number(span) && c->loss != HS_TIME_NEVER) {
            c->loss = MAX(c->loss, span_of(span));
        } else {
            c->loss = HS_TIME_NEVER;
            again = false;
        }
    }
    return again;
}

/* The detection that the recovery waited for; without one, the first. */
static void
read_detection(HsSurveyCase *c, const json_t *fault)
{
    const json_t *chosen = NULL;
    json_t *detection;
    size_t i;

    json_array_foreach(json_object_get(fault, "detections"), i, detection)
    {
        if (json_is_true(json_object_get(detection, "consequence")))
            continue;
        if (chosen == NULL || (c->lost > 0 && json_is_true(json_object_get(
                                                  detection, "governs"))))
            chosen = detection;
    }
    if (chosen != NULL)
        c->detected = g_strdup_printf(
            "%s by %s at +%.3f s", text_of(chosen, "node"),
            text_of(chosen, "means"),
            json_number_value(json_object_get(chosen, "since_fault_ms")) / 1e3);
}

static void
read_clear(HsSurveyCase *c, const json_t *result)
{
    json_t *link, *phase;
    size_t i, j;

    json_array_foreach(json_object_get(result, "links"), i, link)
    {
        const json_t *wire = json_object_get(link, "wire");

        if (json_is_true(json_object_get(link, "trusted")))
            continue;
        json_array_foreach(json_object_get(wire, "clear_by_phase"), j, phase)
        {
            uint64_t bytes = (uint64_t)json_integer_value(phase);

            if (j == 0)
                c->clear_before += bytes;
            else
                c->clear += bytes;
        }
    }
}

/* Of two faults at once the second has the window, but the first may be the one
 * that was detected. */
static void
read_faults(HsSurveyCase *c, const json_t *faults)
{
    const json_t *first = json_array_get(faults, 0);
    const json_t *last = json_array_get(faults, json_array_size(faults) - 1);
    bool had_effect = false, again;
    json_t *fault;
    size_t i;

    json_array_foreach(faults, i, fault) had_effect |=
        json_is_true(json_object_get(fault, "had_effect"));
    c->persistent = read_client(last, "persistent");
    c->pool = read_client(last, "pool");
    again = read_loss(c, last);
    read_detection(c, last);
    if (c->detected == NULL)
        read_detection(c, first);
    if (!had_effect)
        c->state = HS_SURVEY_NOTHING;
    else if (!again || !c->pool.recovered)
        c->state = HS_SURVEY_LOST;
    else if (c->lost == 0 && c->pool.outage == 0 && c->persistent.outage == 0)
        c->state = HS_SURVEY_UNINTERRUPTED;
    else
        c->state = HS_SURVEY_RECOVERED;
}

void
hs_survey_read(HsSurveyCase *c, const char *folder)
{
    g_autofree char *path =
        g_build_filename(folder, c->name, "result.json", NULL);
    json_t *result = json_load_file(path, 0, NULL);
    const json_t *faults = json_object_get(result, "faults");

    if (json_array_size(faults) == 0) {
        c->state = HS_SURVEY_DIED;
        c->why = g_strdup_printf("%s: no fault in it", path);
    } else {
        read_faults(c, faults);
        read_clear(c, result);
    }
    json_decref(result);
}
