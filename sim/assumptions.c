/* Which assumptions moved the result. A scenario assumes much that does not
 * touch a given failover: the carrier delay, when BFD detected. Named are those
 * that the observed timeline went through. */

#include "config.h"

#include "sim/run.h"

typedef struct {
    bool carrier, hold, tables, retry, pool;
} Seen;

static Seen
look(const HsTimeline *timeline)
{
    Seen seen = {0};

    for (guint f = 0; f < timeline->faults->len; f++) {
        const HsFaultTimeline *fault = timeline->faults->pdata[f];

        seen.tables |= fault->network[HS_PART_FIB].status == HS_STATUS_HAPPENED;
        seen.retry |= fault->failback.sessions_up != NULL &&
                      fault->failback.sessions_up->len > 0;
        for (guint i = 0; i < fault->detections->len; i++) {
            const HsDetection *d =
                &g_array_index(fault->detections, HsDetection, i);

            seen.carrier |= d->means == HS_DETECT_CARRIER;
            seen.hold |= d->means == HS_DETECT_HOLD_TIMER;
        }
        for (guint c = 0; c < fault->clients->len; c++) {
            const HsClientFailover *client =
                &g_array_index(fault->clients, HsClientFailover, c);

            seen.pool |= g_str_equal(client->client, "pool") &&
                         client->requests.failed > 0;
        }
    }
    return seen;
}

static bool
moved(const HsValue *value, const Seen *seen)
{
    const struct {
        HsKind kind;
        const char *key;
        bool by;
    } rules[] = {
        {HS_KIND_ONPREM, "carrier-delay", seen->carrier},
        {HS_KIND_GATEWAY, "carrier-delay", seen->carrier},
        {HS_KIND_ONPREM, "fib-delay", seen->tables},
        {HS_KIND_GATEWAY, "fib-delay", seen->tables},
        {HS_KIND_GATEWAY, "convergence", seen->tables},
        {HS_KIND_ONPREM, "preset", seen->hold || seen->retry},
        {HS_KIND_GATEWAY, "preset", seen->hold || seen->retry},
        {HS_KIND_DATABASE, "timeout", seen->pool},
        {HS_KIND_DATABASE, "reconnect", seen->pool},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rules); i++)
        if (rules[i].kind == value->kind &&
            g_str_equal(rules[i].key, value->key))
            return rules[i].by;
    return false;
}

GPtrArray *
hs_moving_assumptions(const GPtrArray *values, const HsTimeline *timeline)
{
    GPtrArray *found = g_ptr_array_new();
    Seen seen = look(timeline);

    for (guint i = 0; i < values->len; i++) {
        HsValue *value = values->pdata[i];

        if (value->origin == HS_ORIGIN_ASSUMED && moved(value, &seen))
            g_ptr_array_add(found, value);
    }
    return found;
}
