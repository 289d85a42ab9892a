/* result.json. RESULT.md describes it, and a test holds it to that; the order
 * of the fields is that of this file. Instants are seconds since the start of
 * the run (…_s), spans milliseconds (…_ms); what did not happen or was not
 * observed is null, with its status beside it. */

#include "config.h"

#include "sim/output/result.h"

#include "sim/output/json_database.h"
#include "sim/output/json_monitoring.h"
#include "sim/output/json_part.h"
#include "sim/output/json_series.h"
#include "sim/output/json_value.h"

#include <jansson.h>

static json_t *
evidence(const HsEvidence *where)
{
    json_t *object;

    if (where->link == NULL)
        return json_null();
    object = json_object();
    hs_json_set(object, "link", json_string(where->link));
    hs_json_set(object, "packet",
                where->packet != 0 ? hs_json_number(where->packet)
                                   : json_null());
    return object;
}

/* Program and scenario */

static json_t *
program(const HsResult *result)
{
    json_t *object = json_object();

    hs_json_set(object, "name", json_string(PACKAGE_NAME));
    hs_json_set(object, "version", json_string(PACKAGE_VERSION));
    hs_json_set(object, "engine", json_string("ns-3"));
    hs_json_set(object, "engine_version", json_string(result->engine));
    return object;
}

static json_t *
scenario(const HsResult *result)
{
    const HsSettings *settings = hs_scenario_settings(result->scenario, 0);
    json_t *object = json_object();
    g_autofree char *seed =
        g_strdup_printf("%" G_GUINT64_FORMAT, settings->seed);

    hs_json_set(object, "name",
                json_string(hs_scenario_name(result->scenario)));
    hs_json_set(object, "title", hs_json_text_or_null(settings->title));
    hs_json_set(object, "sha256",
                json_string(hs_scenario_sha256(result->scenario)));
    /* 64 bits, which most readers of JSON numbers would round. */
    hs_json_set(object, "seed", json_string(seed));
    hs_json_set(object, "duration_s", hs_json_seconds(settings->duration));
    hs_json_set(object, "warmup_s", hs_json_seconds(settings->warmup));
    return object;
}

json_t *
hs_values_json(const GPtrArray *list)
{
    json_t *array = json_array();

    for (guint i = 0; i < list->len; i++) {
        const HsValue *value = list->pdata[i];
        json_t *object = json_object();

        hs_json_set(object, "kind", json_string(hs_kind_name(value->kind)));
        hs_json_set(object, "element", hs_json_text_or_null(value->element));
        hs_json_set(object, "key", json_string(value->key));
        hs_json_set(object, "value", json_string(value->value));
        hs_json_set(object, "origin",
                    json_string(hs_origin_name(value->origin)));
        hs_json_set(object, "source", hs_json_text_or_null(value->source));
        json_array_append_new(array, object);
    }
    return array;
}

/* Failover */

static json_t *
detections(const HsFaultTimeline *fault)
{
    json_t *array = json_array();

    for (guint i = 0; i < fault->detections->len; i++) {
        const HsDetection *d =
            &g_array_index(fault->detections, HsDetection, i);
        json_t *object = json_object();

        hs_json_set(object, "node", json_string(d->node));
        hs_json_set(object, "means",
                    json_string(hs_detect_means_name(d->means)));
        hs_json_set(object, "subject", hs_json_text_or_null(d->subject));
        hs_json_set(object, "cause", hs_json_text_or_null(d->cause));
        hs_json_set(object, "at_s", hs_json_seconds(d->at));
        hs_json_set(object, "since_fault_ms",
                    hs_json_milliseconds(d->at - fault->t0));
        hs_json_set(object, "consequence", json_boolean(d->consequence));
        hs_json_set(object, "governs", json_boolean(d->governs));
        hs_json_set(object, "evidence", evidence(&d->evidence));
        json_array_append_new(array, object);
    }
    return array;
}

static json_t *
part(const HsPart *p)
{
    json_t *object = json_object();
    bool happened = p->status == HS_STATUS_HAPPENED;

    hs_json_set(object, "part", json_string(hs_part_name(p->kind)));
    hs_json_set(object, "status", json_string(hs_status_name(p->status)));
    hs_json_set(object, "at_s",
                happened ? hs_json_seconds(p->at) : json_null());
    hs_json_set(object, "since_fault_ms",
                happened ? hs_json_milliseconds(p->since_t0) : json_null());
    hs_json_set(object, "duration_ms",
                happened ? hs_json_milliseconds(p->duration) : json_null());
    hs_json_set(object, "share", happened ? json_real(p->share) : json_null());
    hs_json_set(object, "overlaps", json_boolean(happened && p->overlaps));
    hs_json_set(object, "node", hs_json_text_or_null(p->node));
    hs_json_set(object, "subject", hs_json_text_or_null(p->subject));
    hs_json_set(object, "cause", hs_json_text_or_null(p->cause));
    hs_json_set(object, "note", hs_json_text_or_null(p->note));
    hs_json_set(object, "evidence", evidence(&p->evidence));
    return object;
}

static json_t *
outage(const HsOutage *o)
{
    json_t *object = json_object();
    bool happened = o->status == HS_STATUS_HAPPENED;

    hs_json_set(object, "status", json_string(hs_status_name(o->status)));
    hs_json_set(object, "duration_ms",
                happened ? hs_json_milliseconds(o->span) : json_null());
    hs_json_set(object, "from_s",
                happened ? hs_json_seconds(o->from) : json_null());
    hs_json_set(object, "until_s",
                happened && !o->open ? hs_json_seconds(o->until) : json_null());
    hs_json_set(object, "connection", hs_json_text_or_null(o->connection));
    return object;
}

static json_t *
requests(const HsRequestCounts *counts)
{
    json_t *object = json_object();

    hs_json_set(object, "sent", hs_json_number(counts->sent));
    hs_json_set(object, "answered", hs_json_number(counts->answered));
    hs_json_set(object, "delayed", hs_json_number(counts->delayed));
    hs_json_set(object, "failed", hs_json_number(counts->failed));
    hs_json_set(object, "pending", hs_json_number(counts->pending));
    return object;
}

static json_t *
client_failover(const HsClientFailover *client)
{
    json_t *object = json_object(), *parts = json_array();

    hs_json_set(object, "client", json_string(client->client));
    hs_json_set(object, "recovery",
                json_string(hs_recovery_name(client->recovery)));
    hs_json_set(object, "failover_ms",
                client->recovery == HS_RECOVERY_RECOVERED
                    ? hs_json_milliseconds(client->failover)
                    : json_null());
    for (unsigned i = 0; i < HS_PART_COUNT; i++)
        json_array_append_new(parts, part(&client->parts[i]));
    hs_json_set(object, "parts", parts);
    hs_json_set(object, "outage", outage(&client->outage));
    hs_json_set(object, "outage_worst_connection",
                outage(&client->outage_worst));
    hs_json_set(object, "requests", requests(&client->requests));
    hs_json_set(object, "late_over_ms",
                hs_json_milliseconds(client->late_over));
    hs_json_set(object, "retransmissions",
                hs_json_number(client->retransmissions));
    return object;
}

static json_t *
loss(const HsLoss *l)
{
    json_t *object = json_object();
    bool lost = l->status == HS_STATUS_HAPPENED;
    bool again = lost && l->again_status == HS_STATUS_HAPPENED;

    hs_json_set(object, "direction", json_string(l->direction));
    hs_json_set(object, "status", json_string(hs_status_name(l->status)));
    hs_json_set(object, "sent", hs_json_number(l->sent));
    hs_json_set(object, "lost", hs_json_number(l->lost));
    hs_json_set(object, "first_lost_s",
                lost ? hs_json_seconds(l->first_lost) : json_null());
    hs_json_set(object, "again_s",
                again ? hs_json_seconds(l->again) : json_null());
    hs_json_set(object, "duration_ms",
                again ? hs_json_milliseconds(l->span) : json_null());
    hs_json_set(object, "evidence",
                again ? evidence(&l->again_evidence) : json_null());
    return object;
}

static json_t *
losses(const GArray *array)
{
    json_t *list = json_array();

    for (guint i = 0; i < array->len; i++)
        json_array_append_new(list, loss(&g_array_index(array, HsLoss, i)));
    return list;
}

static json_t *
failback(const HsFailback *back)
{
    json_t *object, *ups = json_array(), *clients = json_array();

    if (back->status != HS_STATUS_HAPPENED) {
        json_decref(ups);
        json_decref(clients);
        return json_null();
    }
    object = json_object();
    hs_json_set(object, "cleared_s", hs_json_seconds(back->cleared));
    for (guint i = 0; i < back->sessions_up->len; i++) {
        const HsSessionUp *up =
            &g_array_index(back->sessions_up, HsSessionUp, i);
        json_t *entry = json_object();

        hs_json_set(entry, "node", json_string(up->node));
        hs_json_set(entry, "protocol",
                    json_string(hs_fact_kind_name(up->kind)));
        hs_json_set(entry, "subject", hs_json_text_or_null(up->subject));
        hs_json_set(entry, "since_cleared_ms",
                    hs_json_milliseconds(up->at - back->cleared));
        hs_json_set(entry, "evidence", evidence(&up->evidence));
        json_array_append_new(ups, entry);
    }
    hs_json_set(object, "sessions_up", ups);
    hs_json_set(object, "complete_ms",
                back->complete_status == HS_STATUS_HAPPENED
                    ? hs_json_milliseconds(back->complete)
                    : json_null());
    hs_json_set(object, "data_plane", losses(back->losses));
    for (guint i = 0; i < back->clients->len; i++) {
        const HsClientFailback *client =
            &g_array_index(back->clients, HsClientFailback, i);
        json_t *entry = json_object();

        hs_json_set(entry, "client", json_string(client->client));
        hs_json_set(entry, "requests", requests(&client->requests));
        hs_json_set(entry, "longest_gap", outage(&client->gap));
        json_array_append_new(clients, entry);
    }
    hs_json_set(object, "clients", clients);
    return object;
}

static json_t *
bounds(const HsResult *result, const char *fault)
{
    json_t *array = json_array();

    for (guint i = 0; i < result->bounds->len; i++) {
        const HsResultBounds *entry =
            &g_array_index(result->bounds, HsResultBounds, i);

        if (!entry->applies || !g_str_equal(entry->fault, fault))
            continue;
        for (unsigned t = 0; t < HS_BOUND_TERM_COUNT; t++) {
            const HsBoundResult *term = &entry->bounds.terms[t];
            json_t *object;

            if (!term->applies)
                continue;
            object = json_object();
            hs_json_set(object, "term",
                        json_string(hs_bound_term_name((HsBoundTerm)t)));
            hs_json_set(object, "min_ms",
                        hs_json_milliseconds(term->bound.min));
            hs_json_set(object, "max_ms",
                        hs_json_milliseconds(term->bound.max));
            hs_json_set(object, "because", json_string(term->text));
            json_array_append_new(array, object);
        }
    }
    return array;
}

static json_t *
faults(const HsResult *result)
{
    json_t *array = json_array();

    for (guint i = 0; i < result->timeline->faults->len; i++) {
        const HsFaultTimeline *fault = result->timeline->faults->pdata[i];
        json_t *object = json_object(), *clients = json_array();
        json_t *network = json_array();

        hs_json_set(object, "name", json_string(fault->name));
        hs_json_set(object, "target", hs_json_text_or_null(fault->target));
        hs_json_set(object, "action", hs_json_text_or_null(fault->action));
        hs_json_set(object, "applied_s", hs_json_seconds(fault->t0));
        hs_json_set(object, "cleared_s", hs_json_seconds(fault->cleared));
        hs_json_set(object, "packets_taken", hs_json_number(fault->packets));
        hs_json_set(object, "touched", hs_json_number(fault->touched));
        hs_json_set(object, "effect", hs_json_text_or_null(fault->effect));
        hs_json_set(object, "had_effect", json_boolean(fault->had_effect));
        hs_json_set(object, "detections", detections(fault));
        for (unsigned p = 0; p <= HS_PART_DATAPLANE; p++)
            json_array_append_new(network, part(&fault->network[p]));
        hs_json_set(object, "network", network);
        hs_json_set(object, "data_plane", losses(fault->losses));
        for (guint c = 0; c < fault->clients->len; c++)
            json_array_append_new(
                clients, client_failover(&g_array_index(fault->clients,
                                                        HsClientFailover, c)));
        hs_json_set(object, "clients", clients);
        hs_json_set(object, "failback", failback(&fault->failback));
        hs_json_set(object, "bounds", bounds(result, fault->name));
        json_array_append_new(array, object);
    }
    return array;
}

/* Database */

static json_t *
phase(const HsPhaseStats *stats)
{
    json_t *object = json_object();

    hs_json_set(object, "requests", requests(&stats->requests));
    hs_json_set(object, "latency",
                stats->latency.count > 0 ? hs_json_latency(&stats->latency)
                                         : json_null());
    return object;
}

static json_t *
database(const HsResult *result)
{
    json_t *array = json_array();

    for (guint i = 0; i < result->stats->clients->len; i++) {
        const HsClientStats *stats =
            &g_array_index(result->stats->clients, HsClientStats, i);
        json_t *object = json_object();

        hs_json_set(object, "client", json_string(stats->client));
        hs_json_set(object, "all", phase(&stats->all));
        for (unsigned p = 0; p < HS_PHASE_COUNT; p++)
            hs_json_set(object, hs_phase_name((HsPhase)p),
                        phase(&stats->phases[p]));
        hs_json_set(object, "counters",
                    hs_json_client_counters(result, stats->client));
        json_array_append_new(array, object);
    }
    return array;
}

static json_t *
probes(const HsResult *result)
{
    json_t *array = json_array();

    for (guint i = 0; i < result->probes->len; i++) {
        const HsProbeStats *stats =
            &g_array_index(result->probes, HsProbeStats, i);
        json_t *object = json_object();
        bool any = stats->delay.count > 0;

        hs_json_set(object, "direction", json_string(stats->direction));
        hs_json_set(object, "sent", hs_json_number(stats->sent));
        hs_json_set(object, "received", hs_json_number(stats->received));
        hs_json_set(object, "delay",
                    any ? hs_json_latency(&stats->delay) : json_null());
        hs_json_set(object, "variation_ms",
                    any ? hs_json_milliseconds(stats->variation) : json_null());
        hs_json_set(object, "arrived_per_s",
                    stats->rate > 0 ? json_real(stats->rate) : json_null());
        json_array_append_new(array, object);
    }
    return array;
}

/* Findings */

json_t *
hs_findings_json(const GPtrArray *findings)
{
    json_t *array = json_array();

    for (guint i = 0; i < findings->len; i++) {
        const HsFinding *finding = findings->pdata[i];
        json_t *object = json_object();

        hs_json_set(object, "id", json_string(hs_finding_id(finding->kind)));
        hs_json_set(
            object, "severity",
            json_string(hs_severity_name(hs_finding_severity(finding->kind))));
        hs_json_set(object, "title",
                    json_string(hs_finding_title(finding->kind)));
        hs_json_set(object, "rule",
                    json_string(hs_finding_rule(finding->kind)));
        hs_json_set(object, "where", json_string(finding->where));
        hs_json_set(object, "line",
                    finding->line > 0 ? hs_json_number(finding->line)
                                      : json_null());
        hs_json_set(object, "evidence", json_string(finding->evidence));
        json_array_append_new(array, object);
    }
    return array;
}

/* Tunnels */

static json_t *
tunnels(const HsResult *result)
{
    json_t *array = json_array();

    for (guint i = 0; i < result->tunnels->len; i++) {
        const HsTunnelLife *life =
            &g_array_index(result->tunnels, HsTunnelLife, i);
        bool made = life->first_up != HS_TIME_NEVER;
        bool lost = life->last_lost != HS_TIME_NEVER;
        json_t *object = json_object();

        hs_json_set(object, "name", json_string(life->name));
        hs_json_set(object, "node", json_string(life->node));
        hs_json_set(object, "began", json_boolean(life->began));
        hs_json_set(object, "ike_suite", hs_json_text_or_null(life->ike_suite));
        hs_json_set(object, "esp_suite", hs_json_text_or_null(life->esp_suite));
        hs_json_set(object, "made", hs_json_number(life->made));
        hs_json_set(object, "first_up_s",
                    made ? hs_json_seconds(life->first_up) : json_null());
        hs_json_set(object, "handshake_ms",
                    made ? hs_json_milliseconds(life->handshake) : json_null());
        hs_json_set(object, "ike_rekeys", hs_json_number(life->ike_rekeys));
        hs_json_set(object, "esp_rekeys", hs_json_number(life->esp_rekeys));
        hs_json_set(object, "lost", hs_json_number(life->lost));
        hs_json_set(object, "last_lost_s",
                    lost ? hs_json_seconds(life->last_lost) : json_null());
        hs_json_set(object, "lost_cause",
                    hs_json_text_or_null(life->lost_cause));
        hs_json_set(object, "refused", hs_json_number(life->refused));
        hs_json_set(object, "refused_cause",
                    hs_json_text_or_null(life->refused_cause));
        hs_json_set(object, "down_ms", hs_json_milliseconds(life->down));
        hs_json_set(object, "up_at_end", json_boolean(life->up));
        json_array_append_new(array, object);
    }
    return array;
}

/* Links */

static json_t *
packets(const HsResultPackets *p)
{
    json_t *object = json_object();

    hs_json_set(object, "sent", hs_json_number(p->sent));
    hs_json_set(object, "delivered", hs_json_number(p->delivered));
    hs_json_set(object, "queue_full", hs_json_number(p->queue_full));
    hs_json_set(object, "too_big", hs_json_number(p->too_big));
    hs_json_set(object, "no_carrier", hs_json_number(p->no_carrier));
    hs_json_set(object, "black_hole", hs_json_number(p->black_hole));
    hs_json_set(object, "random_loss", hs_json_number(p->loss));
    return object;
}

static json_t *
sight(const HsExposureSight *s)
{
    json_t *object = json_object();

    hs_json_set(object, "at_s", hs_json_seconds(s->at));
    hs_json_set(object, "packet",
                s->number != 0 ? hs_json_number(s->number) : json_null());
    return object;
}

static json_t *
on_the_wire(const HsResult *result, const HsResultLink *link)
{
    const HsExposureLink *seen =
        hs_exposure_link(result->exposure, link->exposure);
    json_t *object = json_object(), *phases = json_array();

    for (unsigned c = 0; c < HS_EXPOSURE_CLASS_COUNT; c++) {
        json_t *class_ = json_object();

        hs_json_set(class_, "packets", hs_json_number(seen->total.packets[c]));
        hs_json_set(class_, "bytes", hs_json_number(seen->total.bytes[c]));
        hs_json_set(object, hs_exposure_class_name((HsExposureClass)c), class_);
    }
    for (unsigned p = 0; p <= hs_exposure_marks(result->exposure); p++) {
        HsExposureCounts counts =
            hs_exposure_phase(result->exposure, link->exposure, p);

        json_array_append_new(phases,
                              hs_json_number(counts.bytes[HS_EXPOSURE_CLEAR]));
    }
    hs_json_set(object, "clear_by_phase", phases);
    hs_json_set(object, "first_clear",
                seen->seen_clear ? sight(&seen->first) : json_null());
    hs_json_set(object, "last_clear",
                seen->seen_clear ? sight(&seen->last) : json_null());
    return object;
}

static json_t *
links(const HsResult *result)
{
    json_t *array = json_array();

    for (guint i = 0; i < result->links->len; i++) {
        const HsResultLink *link =
            &g_array_index(result->links, HsResultLink, i);
        json_t *object = json_object();

        hs_json_set(object, "name", json_string(link->name));
        hs_json_set(object, "from", json_string(link->from));
        hs_json_set(object, "to", json_string(link->to));
        hs_json_set(object, "kind", json_string(hs_link_kind_name(link->kind)));
        hs_json_set(object, "trusted", json_boolean(link->trusted));
        hs_json_set(object, "to_aws", packets(&link->direction[0]));
        hs_json_set(object, "to_onprem", packets(&link->direction[1]));
        hs_json_set(object, "wire", on_the_wire(result, link));
        json_array_append_new(array, object);
    }
    return array;
}

static json_t *
drops(const HsResult *result)
{
    json_t *array = json_array();

    for (guint i = 0; i < result->drops->len; i++) {
        const HsResultDrop *drop =
            &g_array_index(result->drops, HsResultDrop, i);
        json_t *object = json_object();

        hs_json_set(object, "node", json_string(drop->node));
        hs_json_set(object, "reason", json_string(drop->reason));
        hs_json_set(object, "packets", hs_json_number(drop->packets));
        json_array_append_new(array, object);
    }
    return array;
}

static json_t *
routers(const HsResult *result)
{
    json_t *array = json_array();

    for (guint i = 0; i < result->routers->len; i++) {
        const HsResultRouter *r =
            &g_array_index(result->routers, HsResultRouter, i);
        json_t *object = json_object();

        hs_json_set(object, "node", json_string(r->node));
        hs_json_set(object, "received", hs_json_number(r->received));
        hs_json_set(object, "originated", hs_json_number(r->originated));
        hs_json_set(object, "fragments_made",
                    hs_json_number(r->fragments_made));
        hs_json_set(object, "reassembled", hs_json_number(r->reassembled));
        hs_json_set(object, "delivered", hs_json_number(r->delivered));
        hs_json_set(object, "sent", hs_json_number(r->sent));
        hs_json_set(object, "dropped", hs_json_number(r->dropped));
        hs_json_set(object, "fragmented", hs_json_number(r->fragmented));
        hs_json_set(object, "fragments_joined",
                    hs_json_number(r->fragments_joined));
        hs_json_set(object, "fragments_held",
                    hs_json_number(r->fragments_held));
        json_array_append_new(array, object);
    }
    return array;
}

/* Figures and verdict */

static json_t *
reading(const HsReading *r)
{
    if (r->state != HS_READING_VALUE)
        return json_null();
    switch (r->unit) {
    case HS_READING_IN_TIME:
        return hs_json_milliseconds(r->value);
    case HS_READING_IN_BYTES:
    case HS_READING_IN_COUNT:
        return json_integer(r->value);
    case HS_READING_IN_NUMBER:
        return json_real((double)r->value / 1e6);
    }
    g_assert_not_reached();
}

static json_t *
figures(const HsResult *result)
{
    json_t *object = json_object();

    for (unsigned i = 0; i < hs_readings_count(result->readings); i++) {
        const HsReading *r = hs_readings_at(result->readings, i);
        json_t *entry = json_object();

        hs_json_set(entry, "state",
                    json_string(hs_reading_state_name(r->state)));
        hs_json_set(entry, r->unit == HS_READING_IN_TIME ? "value_ms" : "value",
                    reading(r));
        hs_json_set(object, r->name, entry);
    }
    return object;
}

static json_t *
verdict(const HsResult *result)
{
    json_t *object = json_object(), *checks = json_array();
    json_t *missing = json_array(), *idle = json_array();

    for (guint i = 0; i < result->verdict->checks->len; i++) {
        const HsCheck *check =
            &g_array_index(result->verdict->checks, HsCheck, i);
        json_t *entry = json_object();

        hs_json_set(entry, "figure", json_string(check->demand.figure));
        hs_json_set(entry, "comparison",
                    json_string(hs_demand_sense_name(check->demand.sense)));
        hs_json_set(entry, "source",
                    hs_json_text_or_null(check->demand.source));
        hs_json_set(entry, "outcome",
                    json_string(hs_outcome_name(check->outcome)));
        hs_json_set(entry, "text", json_string(check->text));
        hs_json_set(entry, "why", hs_json_text_or_null(check->why));
        hs_json_set(entry, "must_fail", json_boolean(check->must_fail));
        hs_json_set(entry, "met", json_boolean(hs_check_is_met(check)));
        json_array_append_new(checks, entry);
    }
    for (guint i = 0; i < result->verdict->missing->len; i++)
        json_array_append_new(missing,
                              json_string(result->verdict->missing->pdata[i]));
    hs_json_set(object, "passed",
                json_boolean(hs_verdict_exit_code(result->verdict) == 0));
    hs_json_set(object, "exit_code",
                json_integer(hs_verdict_exit_code(result->verdict)));
    hs_json_set(object, "lesson", json_boolean(result->verdict->lesson));
    hs_json_set(object, "checks", checks);
    hs_json_set(object, "missing", missing);
    for (guint i = 0; i < result->verdict->idle->len; i++)
        json_array_append_new(idle,
                              json_string(result->verdict->idle->pdata[i]));
    hs_json_set(object, "idle_faults", idle);
    return object;
}

static json_t *
capture(const HsResult *result)
{
    json_t *object;

    if (!result->captured)
        return json_null();
    object = json_object();
    hs_json_set(object, "file", json_string("capture.pcapng"));
    hs_json_set(object, "packets", hs_json_number(result->capture.packets));
    hs_json_set(object, "bytes", hs_json_number(result->capture.bytes));
    hs_json_set(object, "filtered", hs_json_number(result->capture.filtered));
    hs_json_set(object, "over_limit",
                hs_json_number(result->capture.over_limit));
    hs_json_set(object, "limited", json_boolean(result->capture_limited));
    return object;
}

/* A live run against the wall clock */

static json_t *
port(const HsResultPort *p)
{
    json_t *object = json_object();

    hs_json_set(object, "device", json_string(p->device));
    hs_json_set(object, "netns", json_string(p->netns));
    hs_json_set(object, "node", json_string(p->node));
    hs_json_set(object, "link", json_string(p->link));
    hs_json_set(object, "from_real", hs_json_number(p->from_real));
    hs_json_set(object, "to_real", hs_json_number(p->to_real));
    hs_json_set(object, "malformed", hs_json_number(p->malformed));
    hs_json_set(object, "late", hs_json_number(p->late));
    hs_json_set(object, "overruns", hs_json_number(p->overruns));
    hs_json_set(object, "refused", hs_json_number(p->refused));
    return object;
}

static json_t *
realtime(const HsResult *result)
{
    const HsResultRealtime *r = result->realtime;
    json_t *object, *ports;

    if (r == NULL)
        return json_null();
    object = json_object();
    ports = json_array();
    for (guint i = 0; i < r->ports->len; i++)
        json_array_append_new(ports,
                              port(&g_array_index(r->ports, HsResultPort, i)));
    hs_json_set(object, "started", json_string(r->started));
    hs_json_set(object, "ended_s", hs_json_seconds(result->end));
    hs_json_set(object, "wakeups", hs_json_number(r->wakeups));
    hs_json_set(object, "behind", hs_json_number(r->behind));
    hs_json_set(object, "limit_ms", hs_json_milliseconds(r->limit));
    hs_json_set(object, "lag_median_ms", hs_json_milliseconds(r->median));
    hs_json_set(object, "lag_p99_ms", hs_json_milliseconds(r->p99));
    hs_json_set(object, "lag_max_ms", hs_json_milliseconds(r->max));
    hs_json_set(object, "ports", ports);
    return object;
}

static json_t *
advice(const HsResult *result)
{
    json_t *array;

    if (result->advice == NULL)
        return json_null();
    array = json_array();
    for (guint i = 0; i < result->advice->len; i++) {
        const HsAdvice *a = result->advice->pdata[i];
        json_t *object = json_object();
        HsDuration saves =
            a->before == HS_TIME_NEVER ? HS_TIME_NEVER : a->before - a->after;

        hs_json_set(object, "change", json_string(a->change));
        hs_json_set(object, "set", hs_json_text_or_null(a->set));
        hs_json_set(object, "figure", json_string(a->figure));
        hs_json_set(object, "before_ms", hs_json_milliseconds(a->before));
        hs_json_set(object, "after_ms", hs_json_milliseconds(a->after));
        hs_json_set(object, "saves_ms", hs_json_milliseconds(saves));
        hs_json_set(object, "measured",
                    json_string(a->observed ? "this run" : "another run"));
        hs_json_set(object, "text", json_string(a->text));
        json_array_append_new(array, object);
    }
    return array;
}

json_t *
hs_result_document(const HsResult *result)
{
    json_t *root = json_object();

    hs_json_set(root, "format", json_string(HS_RESULT_FORMAT));
    hs_json_set(root, "version", json_integer(HS_RESULT_VERSION));
    hs_json_set(root, "program", program(result));
    hs_json_set(root, "scenario", scenario(result));
    if (result->verdict != NULL)
        hs_json_set(root, "verdict", verdict(result));
    hs_json_set(root, "faults", faults(result));
    hs_json_set(root, "figures", figures(result));
    hs_json_set(root, "database", database(result));
    hs_json_set(root, "database_server", hs_json_database_server(result));
    hs_json_set(root, "probes", probes(result));
    hs_json_set(root, "nodes", hs_json_nodes(result));
    hs_json_set(root, "paths", hs_json_paths(result));
    hs_json_set(root, "links", links(result));
    hs_json_set(root, "drops", drops(result));
    hs_json_set(root, "routers", routers(result));
    hs_json_set(root, "tunnels", tunnels(result));
    hs_json_set(root, "findings", hs_findings_json(result->findings));
    hs_json_set(root, "advice", advice(result));
    hs_json_set(root, "advice_tried",
                result->advice != NULL ? json_integer(result->advice_tried)
                                       : json_null());
    hs_json_set(root, "lanes", hs_json_lanes(result));
    hs_json_set(root, "latency_curve", hs_json_latency_curve(result));
    hs_json_set(root, "series", hs_json_series(result));
    hs_json_set(root, "replay", hs_json_replay(result));
    hs_json_set(root, "monitoring", hs_json_monitoring(result));
    hs_json_set(root, "streams", hs_json_streams(result));
    hs_json_set(root, "capture", capture(result));
    hs_json_set(root, "realtime", realtime(result));
    hs_json_set(root, "assumptions", hs_values_json(result->assumptions));
    hs_json_set(root, "values", hs_values_json(result->values));
    return root;
}

char *
hs_result_json(const HsResult *result)
{
    json_t *root = hs_result_document(result);
    char *text, *ended;

    text = json_dumps(root, JSON_INDENT(2) | JSON_REAL_PRECISION(15));
    g_assert(text != NULL);
    ended = g_strconcat(text, "\n", NULL);
    free(text);
    json_decref(root);
    return ended;
}
