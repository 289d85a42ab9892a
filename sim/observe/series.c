#include "config.h"

#include "sim/observe/series.h"

#include "sim/observe/private.h"
#include "sim/observe/stats.h"

#define BUCKETS_MAX 600
#define CELLS_MAX   300000 /* of all links; some 100 bytes each */

HsDuration
hs_series_bucket(HsDuration duration, unsigned links)
{
    static const HsDuration widths[] = {
        HS_MSEC(100), HS_MSEC(200), HS_MSEC(500), HS_SEC(1),  HS_SEC(2),
        HS_SEC(5),    HS_SEC(10),   HS_SEC(20),   HS_SEC(30), HS_SEC(60)};
    HsDuration most = MAX(1, MIN(BUCKETS_MAX, CELLS_MAX / MAX(1, links)));

    for (size_t i = 0; i < G_N_ELEMENTS(widths); i++)
        if (duration / widths[i] <= most)
            return widths[i];
    return HS_SEC(60);
}

unsigned
hs_series_buckets(HsDuration bucket, HsTime end)
{
    g_assert(bucket > 0 && end >= 0);
    return (unsigned)((end + bucket - 1) / bucket);
}

/* Requests and probes */

static void
sum_up(HsSeriesRequests *cell, GArray *latencies)
{
    HsLatency latency =
        hs_latency_of((HsDuration *)(void *)latencies->data, latencies->len);

    cell->p50 = latency.p50;
    cell->p99 = latency.p99;
    cell->max = latency.max;
    g_array_set_size(latencies, 0);
}

GArray *
hs_series_requests_new(const HsClientSamples *client, HsDuration bucket,
                       HsTime end)
{
    GArray *cells = g_array_new(FALSE, TRUE, sizeof(HsSeriesRequests));
    g_autoptr(GArray) latencies = g_array_new(FALSE, FALSE, sizeof(HsDuration));
    unsigned at = 0;

    g_array_set_size(cells, hs_series_buckets(bucket, end));
    /* They come by the instant at which they were due. */
    for (guint i = 0; i < client->requests->len; i++) {
        const HsRequestSample *request = hs_client_request(client, i);
        HsDuration latency = request->done - request->sent;
        HsSeriesRequests *cell;

        if (request->sent >= end)
            break;
        if (request->sent / bucket != at)
            sum_up(&g_array_index(cells, HsSeriesRequests, at), latencies);
        at = (unsigned)(request->sent / bucket);
        cell = &g_array_index(cells, HsSeriesRequests, at);
        cell->due++;
        cell->failed += request->state == HS_REQUEST_FAILED;
        if (request->state != HS_REQUEST_ANSWERED)
            continue;
        cell->answered++;
        g_array_append_val(latencies, latency);
    }
    if (cells->len > 0)
        sum_up(&g_array_index(cells, HsSeriesRequests, at), latencies);
    return cells;
}

GArray *
hs_series_probes_new(const HsDirectionSamples *direction, HsDuration bucket,
                     HsTime end)
{
    GArray *cells = g_array_new(FALSE, TRUE, sizeof(HsSeriesProbes));

    g_array_set_size(cells, hs_series_buckets(bucket, end));
    for (guint i = 0; i < direction->probes->len; i++) {
        const HsProbeSample *probe =
            &g_array_index(direction->probes, HsProbeSample, i);
        HsSeriesProbes *cell;

        if (probe->sent >= end)
            break;
        cell = &g_array_index(cells, HsSeriesProbes, probe->sent / bucket);
        cell->sent++;
        cell->lost += probe->arrived == HS_TIME_NEVER;
    }
    return cells;
}

/* Lanes */

static void
lane_free(gpointer data)
{
    HsLane *lane = data;

    g_array_unref(lane->spans);
    g_free(lane);
}

static HsLane *
lane_of(GPtrArray *lanes, GHashTable *known, const HsFact *fact)
{
    g_autofree char *key =
        g_strdup_printf("%d\t%s\t%s", (int)fact->kind, fact->node,
                        fact->subject != NULL ? fact->subject : "");
    HsLane *lane = g_hash_table_lookup(known, key);

    if (lane != NULL)
        return lane;
    lane = g_new0(HsLane, 1);
    lane->kind = fact->kind;
    lane->node = fact->node;
    lane->subject = fact->subject;
    lane->spans = g_array_new(FALSE, FALSE, sizeof(HsLaneSpan));
    g_hash_table_insert(known, g_steal_pointer(&key), lane);
    g_ptr_array_add(lanes, lane);
    return lane;
}

/* A carrier is "up" before the first word of it says that it went down. */
static const char *
before_first(const HsFact *fact)
{
    if (fact->from != NULL)
        return fact->from;
    if (fact->kind == HS_FACT_CARRIER)
        return g_strcmp0(fact->to, "up") == 0 ? "down" : "up";
    return NULL;
}

/* What is being replaced serves until it is. */
static bool
works(HsFactKind kind, const char *state)
{
    return g_strcmp0(state, "rekeying") == 0 ||
           hs_fact_came_up(&(HsFact){.kind = kind, .to = state});
}

static void
begin_span(HsLane *lane, HsTime from, const char *state, const char *cause)
{
    HsLaneSpan span = {.from = from,
                       .until = HS_TIME_NEVER,
                       .state = g_intern_string(state),
                       .works = works(lane->kind, state),
                       .cause = cause};
    HsLaneSpan *last;

    if (lane->spans->len > 0) {
        last = &g_array_index(lane->spans, HsLaneSpan, lane->spans->len - 1);
        if (last->from == from) {
            /* Nothing lasts no time: it was passed through. */
            g_array_set_size(lane->spans, lane->spans->len - 1);
        } else if (last->state == span.state) {
            return;
        } else {
            last->until = from;
        }
    }
    g_array_append_val(lane->spans, span);
}

GPtrArray *
hs_lanes_new(const HsFacts *facts, HsTime end)
{
    GPtrArray *lanes = g_ptr_array_new_with_free_func(lane_free);
    g_autoptr(GHashTable) known =
        g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    const uint32_t kinds = HS_FACT_BIT(HS_FACT_CARRIER) |
                           HS_FACT_BIT(HS_FACT_BFD) | HS_FACT_BIT(HS_FACT_BGP) |
                           HS_FACT_BIT(HS_FACT_TUNNEL);
    HsFact fact;

    for (size_t i = 0; hs_facts_next(facts, &i, kinds, &fact);) {
        HsLane *lane;

        if (fact.at >= end || fact.to == NULL || fact.node == NULL)
            continue;
        lane = lane_of(lanes, known, &fact);
        if (lane->spans->len == 0 && fact.at > 0 && before_first(&fact) != NULL)
            begin_span(lane, 0, before_first(&fact), NULL);
        begin_span(lane, fact.at, fact.to, fact.cause);
    }
    for (guint i = 0; i < lanes->len; i++) {
        const HsLane *lane = lanes->pdata[i];

        g_array_index(lane->spans, HsLaneSpan, lane->spans->len - 1).until =
            end;
    }
    return lanes;
}
