#include "config.h"

#include "sim/check/timeline.h"

static const char *
text_of(const json_t *object, const char *key)
{
    return json_string_value(json_object_get(object, key));
}

char *
hs_ci_seconds(double ms)
{
    return g_strdup_printf("%.3f s", ms / 1e3);
}

char *
hs_ci_time(double ms)
{
    return ms < 1000 ? g_strdup_printf("%.3f ms", ms) : hs_ci_seconds(ms);
}

/* An outage without an end has a beginning, and no duration. */
static bool
is_open(const json_t *client)
{
    const json_t *outage = json_object_get(client, "outage");

    return json_is_null(json_object_get(outage, "until_s")) &&
           g_strcmp0(text_of(outage, "status"), "happened") == 0;
}

static double
length_of(const json_t *client)
{
    return json_number_value(
        json_object_get(json_object_get(client, "outage"), "duration_ms"));
}

static bool
is_worse(const json_t *a, const json_t *b)
{
    if (b == NULL || is_open(a) != is_open(b))
        return b == NULL || is_open(a);
    return length_of(a) > length_of(b);
}

HsCiFailover
hs_ci_worst(const json_t *result)
{
    HsCiFailover worst = {NULL, NULL};
    const json_t *fault, *client;
    size_t i, j;

    json_array_foreach(json_object_get(result, "faults"), i, fault)
    {
        if (worst.fault == NULL)
            worst.fault = fault;
        json_array_foreach(json_object_get(fault, "clients"), j, client)
        {
            if (is_worse(client, worst.client))
                worst = (HsCiFailover){fault, client};
        }
    }
    return worst;
}

char *
hs_ci_outage_text(const json_t *client)
{
    const json_t *outage = json_object_get(client, "outage");
    const json_t *ms = json_object_get(outage, "duration_ms");

    if (is_open(client))
        return g_strdup("never ended");
    return json_is_number(ms) ? hs_ci_seconds(json_number_value(ms))
                              : g_strdup("none");
}

char *
hs_ci_failover_text(const json_t *client)
{
    const json_t *ms = json_object_get(client, "failover_ms");

    if (json_is_number(ms))
        return hs_ci_seconds(json_number_value(ms));
    return g_strdup(g_strcmp0(text_of(client, "recovery"), "did not recover") ==
                            0
                        ? "no recovery"
                        : "none");
}

const json_t *
hs_ci_governing(const json_t *fault)
{
    const json_t *detection;
    size_t i;

    json_array_foreach(json_object_get(fault, "detections"), i, detection)
    {
        if (json_is_true(json_object_get(detection, "governs")))
            return detection;
    }
    return NULL;
}

char *
hs_ci_detection_text(const json_t *fault)
{
    const json_t *detection = hs_ci_governing(fault);
    g_autofree char *since = NULL;

    if (detection == NULL)
        return g_strdup("none");
    since = hs_ci_seconds(
        json_number_value(json_object_get(detection, "since_fault_ms")));
    return g_strdup_printf("%s %s", text_of(detection, "means"), since);
}

static void
append_evidence(GString *text, const json_t *part)
{
    const json_t *evidence = json_object_get(part, "evidence");
    const json_t *packet = json_object_get(evidence, "packet");

    if (json_is_integer(packet))
        g_string_append_printf(text, ", packet %" JSON_INTEGER_FORMAT " on %s",
                               json_integer_value(packet),
                               text_of(evidence, "link"));
}

/* "  detect 30.126 s, 97 %: hold timer expired at dc.gateway, packet 12 on x"
 */
static void
append_part(GString *text, const json_t *part)
{
    const char *node = text_of(part, "node"), *cause = text_of(part, "cause");
    double ms = json_number_value(json_object_get(part, "duration_ms"));
    double share = json_number_value(json_object_get(part, "share"));
    g_autofree char *took = hs_ci_seconds(ms);

    g_string_append_printf(text, "  %s %s, %.0f %%", text_of(part, "part"),
                           took, share * 100);
    if (cause != NULL)
        g_string_append_printf(text, ": %s", cause);
    if (node != NULL)
        g_string_append_printf(text, " at %s", node);
    append_evidence(text, part);
    g_string_append_c(text, '\n');
}

static void
append_failover(GString *text, const json_t *fault, const json_t *client)
{
    g_autofree char *outage = hs_ci_outage_text(client);
    g_autofree char *failover = hs_ci_failover_text(client);
    const json_t *part;
    size_t i;

    g_string_append_printf(text, "fault %s, %s: outage %s, failover %s\n",
                           text_of(fault, "name"), text_of(client, "client"),
                           outage, failover);
    json_array_foreach(json_object_get(client, "parts"), i, part)
    {
        const json_t *ms = json_object_get(part, "duration_ms");

        /* Settling is behind the failover, and what is 0 took no part. */
        if (g_strcmp0(text_of(part, "part"), "settled") != 0 &&
            json_number_value(ms) > 0)
            append_part(text, part);
    }
}

void
hs_ci_timeline(const json_t *result, GString *text)
{
    const json_t *fault, *client;
    size_t i, j;

    json_array_foreach(json_object_get(result, "faults"), i, fault)
    {
        const json_t *worst = NULL;

        json_array_foreach(json_object_get(fault, "clients"), j, client)
        {
            if (is_worse(client, worst))
                worst = client;
        }
        if (worst != NULL)
            append_failover(text, fault, worst);
    }
}
