#include "config.h"

#include "sim/output/json_series.h"

#include "sim/output/json_value.h"

/* Series */

static json_t *
requests(const HsClientSamples *client, const GArray *cells)
{
    json_t *object = json_object(), *count = json_array();
    json_t *failed = json_array(), *p50 = json_array();
    json_t *p99 = json_array(), *max = json_array();

    for (guint i = 0; i < cells->len; i++) {
        const HsSeriesRequests *cell =
            &g_array_index(cells, HsSeriesRequests, i);
        bool any = cell->answered > 0;

        json_array_append_new(count, hs_json_number(cell->due));
        json_array_append_new(failed, hs_json_number(cell->failed));
        json_array_append_new(p50, any ? hs_json_milliseconds(cell->p50)
                                       : json_null());
        json_array_append_new(p99, any ? hs_json_milliseconds(cell->p99)
                                       : json_null());
        json_array_append_new(max, any ? hs_json_milliseconds(cell->max)
                                       : json_null());
    }
    hs_json_set(object, "client", json_string(client->client));
    hs_json_set(object, "count", count);
    hs_json_set(object, "failed", failed);
    hs_json_set(object, "p50_ms", p50);
    hs_json_set(object, "p99_ms", p99);
    hs_json_set(object, "max_ms", max);
    return object;
}

static json_t *
probes(const HsDirectionSamples *direction, const GArray *cells)
{
    json_t *object = json_object();
    json_t *sent = json_array(), *lost = json_array();

    for (guint i = 0; i < cells->len; i++) {
        const HsSeriesProbes *cell = &g_array_index(cells, HsSeriesProbes, i);

        json_array_append_new(sent, hs_json_number(cell->sent));
        json_array_append_new(lost, hs_json_number(cell->lost));
    }
    hs_json_set(object, "direction", json_string(direction->direction));
    hs_json_set(object, "sent", sent);
    hs_json_set(object, "lost", lost);
    return object;
}

/* Of the classes that were seen on the link; up to the last bucket in which
 * anything was. */
static void
add_traffic(json_t *array, const HsExposureLink *link, unsigned direction)
{
    const GArray *bins = link->bins[direction];

    for (unsigned c = 0; c < HS_EXPOSURE_CLASS_COUNT; c++) {
        json_t *object, *bytes;

        if (link->direction[direction].packets[c] == 0)
            continue;
        bytes = json_array();
        for (guint i = 0; i < bins->len; i++)
            json_array_append_new(
                bytes, hs_json_number(
                           g_array_index(bins, HsExposureCounts, i).bytes[c]));
        object = json_object();
        hs_json_set(object, "link", json_string(link->name));
        hs_json_set(object, "direction",
                    json_string(direction == 0 ? "to AWS" : "to on-premises"));
        hs_json_set(object, "class",
                    json_string(hs_exposure_class_name((HsExposureClass)c)));
        hs_json_set(object, "bytes", bytes);
        json_array_append_new(array, object);
    }
}

json_t *
hs_json_series(const HsResult *result)
{
    json_t *object = json_object(), *clients = json_array();
    json_t *directions = json_array(), *traffic = json_array();

    for (guint i = 0; i < result->request_series->len; i++)
        json_array_append_new(clients,
                              requests(result->samples->clients->pdata[i],
                                       result->request_series->pdata[i]));
    for (guint i = 0; i < result->probe_series->len; i++)
        json_array_append_new(directions,
                              probes(result->samples->directions->pdata[i],
                                     result->probe_series->pdata[i]));
    for (unsigned i = 0; i < hs_exposure_links(result->exposure); i++)
        for (unsigned d = 0; d < 2; d++)
            add_traffic(traffic, hs_exposure_link(result->exposure, i), d);
    hs_json_set(object, "bucket_s", hs_json_seconds(result->bucket));
    hs_json_set(object, "buckets",
                json_integer(hs_series_buckets(result->bucket, result->end)));
    hs_json_set(object, "latency", clients);
    hs_json_set(object, "probes", directions);
    hs_json_set(object, "traffic", traffic);
    return object;
}

/* Lanes */

json_t *
hs_json_lanes(const HsResult *result)
{
    json_t *array = json_array();

    for (guint i = 0; i < result->lanes->len; i++) {
        const HsLane *lane = result->lanes->pdata[i];
        json_t *object = json_object(), *spans = json_array();

        for (guint n = 0; n < lane->spans->len; n++) {
            const HsLaneSpan *span = &g_array_index(lane->spans, HsLaneSpan, n);
            json_t *entry = json_object();

            hs_json_set(entry, "from_s", hs_json_seconds(span->from));
            hs_json_set(entry, "until_s", hs_json_seconds(span->until));
            hs_json_set(entry, "state", json_string(span->state));
            hs_json_set(entry, "works", json_boolean(span->works));
            hs_json_set(entry, "cause", hs_json_text_or_null(span->cause));
            json_array_append_new(spans, entry);
        }
        hs_json_set(object, "kind", json_string(hs_fact_kind_name(lane->kind)));
        hs_json_set(object, "node", json_string(lane->node));
        hs_json_set(object, "subject", hs_json_text_or_null(lane->subject));
        hs_json_set(object, "spans", spans);
        json_array_append_new(array, object);
    }
    return array;
}

/* Latency by percentile */

static json_t *
curve(const char *client, const char *phase, const GArray *sorted)
{
    static const double percents[] = {0,  1,  5,  10,   25,   50,    75,
                                      90, 95, 99, 99.5, 99.9, 99.99, 100};
    json_t *object = json_object(), *points = json_array();

    for (size_t i = 0; i < G_N_ELEMENTS(percents); i++) {
        HsDuration at =
            hs_percentile((const HsDuration *)(const void *)sorted->data,
                          sorted->len, percents[i]);
        json_t *point = json_array();

        json_array_append_new(point, json_real(percents[i]));
        json_array_append_new(point, hs_json_milliseconds(at));
        json_array_append_new(points, point);
    }
    hs_json_set(object, "client", json_string(client));
    hs_json_set(object, "phase", json_string(phase));
    hs_json_set(object, "points", points);
    return object;
}

json_t *
hs_json_latency_curve(const HsResult *result)
{
    json_t *array = json_array();

    for (guint i = 0; i < result->stats->clients->len; i++) {
        const HsClientStats *stats =
            &g_array_index(result->stats->clients, HsClientStats, i);

        for (unsigned p = 0; p < HS_PHASE_COUNT; p++)
            if (stats->sorted[p]->len > 0)
                json_array_append_new(array, curve(stats->client,
                                                   hs_phase_name((HsPhase)p),
                                                   stats->sorted[p]));
    }
    return array;
}

/* The design, and the ways through it */

static json_t *
element(const HsElement *e)
{
    return e != NULL ? json_string(e->name) : json_null();
}

json_t *
hs_json_nodes(const HsResult *result)
{
    json_t *array = json_array();

    for (guint i = 0; i < result->nodes->len; i++) {
        const HsResultNode *node =
            &g_array_index(result->nodes, HsResultNode, i);
        json_t *object = json_object();

        hs_json_set(object, "name", json_string(node->name));
        hs_json_set(object, "kind", json_string(node->kind));
        hs_json_set(object, "place", json_string(node->place));
        hs_json_set(object, "element", element(node->element));
        json_array_append_new(array, object);
    }
    return array;
}

static json_t *
names(const GPtrArray *list)
{
    json_t *array = json_array();

    for (guint i = 0; i < list->len; i++)
        json_array_append_new(array, json_string(list->pdata[i]));
    return array;
}

json_t *
hs_json_paths(const HsResult *result)
{
    json_t *array = json_array();

    for (guint i = 0; i < result->paths->len; i++) {
        const HsResultPath *path = result->paths->pdata[i];
        json_t *object = json_object();

        hs_json_set(object, "when", json_string(path->when));
        hs_json_set(object, "fault", hs_json_text_or_null(path->fault));
        hs_json_set(object, "at_s", hs_json_seconds(path->at));
        hs_json_set(object, "direction",
                    json_string(path->to->kind == HS_KIND_ONPREM
                                    ? "to on-premises"
                                    : "to AWS"));
        hs_json_set(object, "from", element(path->from));
        hs_json_set(object, "to", element(path->to));
        hs_json_set(object, "equals", json_integer(path->equals));
        hs_json_set(object, "complete", json_boolean(path->complete));
        hs_json_set(object, "ends", json_string(path->ends));
        hs_json_set(object, "encrypted", json_boolean(path->encrypted));
        hs_json_set(object, "nodes", names(path->nodes));
        hs_json_set(object, "links", names(path->links));
        hs_json_set(object, "tunnels", names(path->tunnels));
        json_array_append_new(array, object);
    }
    return array;
}
