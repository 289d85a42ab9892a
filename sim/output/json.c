/* result.json. RESULT.md describes it, and a test holds it to that; the order
 * of the fields is that of this file. Instants are seconds since the start of
 * the run (…_s), spans milliseconds (…_ms); what did not happen or was not
 * observed is null, with its status beside it. */

#include "config.h"

#include "sim/output/result.h"

#include <jansson.h>

static json_t *
seconds(HsTime at)
{
    return at == HS_TIME_NEVER ? json_null() : json_real((double)at / 1e9);
}

static json_t *
milliseconds(HsDuration span)
{
    return span == HS_TIME_NEVER ? json_null() : json_real((double)span / 1e6);
}

static json_t *
number(uint64_t value)
{
    return json_integer((json_int_t)value);
}

static json_t *
text_or_null(const char *text)
{
    return text != NULL ? json_string(text) : json_null();
}

static void
set(json_t *object, const char *key, json_t *value)
{
    int failed = json_object_set_new(object, key, value);

    g_assert(failed == 0);
}

static json_t *
evidence(const HsEvidence *where)
{
    json_t *object;

    if (where->link == NULL)
        return json_null();
    object = json_object();
    set(object, "link", json_string(where->link));
    set(object, "packet",
        where->packet != 0 ? number(where->packet) : json_null());
    return object;
}

/* Program and scenario */

static json_t *
program(const HsResult *result)
{
    json_t *object = json_object();

    set(object, "name", json_string(PACKAGE_NAME));
    set(object, "version", json_string(PACKAGE_VERSION));
    set(object, "engine", json_string("ns-3"));
    set(object, "engine_version", json_string(result->engine));
    return object;
}

static json_t *
scenario(const HsResult *result)
{
    const HsSettings *settings = hs_scenario_settings(result->scenario, 0);
    json_t *object = json_object();
    g_autofree char *seed =
        g_strdup_printf("%" G_GUINT64_FORMAT, settings->seed);

    set(object, "name", json_string(hs_scenario_name(result->scenario)));
    set(object, "title", text_or_null(settings->title));
    set(object, "sha256", json_string(hs_scenario_sha256(result->scenario)));
    /* 64 bits, which most readers of JSON numbers would round. */
    set(object, "seed", json_string(seed));
    set(object, "duration_s", seconds(settings->duration));
    set(object, "warmup_s", seconds(settings->warmup));
    return object;
}

static json_t *
values(const GPtrArray *list)
{
    json_t *array = json_array();

    for (guint i = 0; i < list->len; i++) {
        const HsValue *value = list->pdata[i];
        json_t *object = json_object();

        set(object, "kind", json_string(hs_kind_name(value->kind)));
        set(object, "element", text_or_null(value->element));
        set(object, "key", json_string(value->key));
        set(object, "value", json_string(value->value));
        set(object, "origin", json_string(hs_origin_name(value->origin)));
        set(object, "source", text_or_null(value->source));
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

        set(object, "node", json_string(d->node));
        set(object, "means", json_string(hs_detect_means_name(d->means)));
        set(object, "subject", text_or_null(d->subject));
        set(object, "cause", text_or_null(d->cause));
        set(object, "at_s", seconds(d->at));
        set(object, "since_fault_ms", milliseconds(d->at - fault->t0));
        set(object, "consequence", json_boolean(d->consequence));
        set(object, "governs", json_boolean(d->governs));
        set(object, "evidence", evidence(&d->evidence));
        json_array_append_new(array, object);
    }
    return array;
}

static json_t *
part(const HsPart *p)
{
    json_t *object = json_object();
    bool happened = p->status == HS_STATUS_HAPPENED;

    set(object, "part", json_string(hs_part_name(p->kind)));
    set(object, "status", json_string(hs_status_name(p->status)));
    set(object, "at_s", happened ? seconds(p->at) : json_null());
    set(object, "since_fault_ms",
        happened ? milliseconds(p->since_t0) : json_null());
    set(object, "duration_ms",
        happened ? milliseconds(p->duration) : json_null());
    set(object, "share", happened ? json_real(p->share) : json_null());
    set(object, "overlaps", json_boolean(happened && p->overlaps));
    set(object, "node", text_or_null(p->node));
    set(object, "subject", text_or_null(p->subject));
    set(object, "cause", text_or_null(p->cause));
    set(object, "note", text_or_null(p->note));
    set(object, "evidence", evidence(&p->evidence));
    return object;
}

static json_t *
outage(const HsOutage *o)
{
    json_t *object = json_object();
    bool happened = o->status == HS_STATUS_HAPPENED;

    set(object, "status", json_string(hs_status_name(o->status)));
    set(object, "duration_ms", happened ? milliseconds(o->span) : json_null());
    set(object, "from_s", happened ? seconds(o->from) : json_null());
    set(object, "until_s",
        happened && !o->open ? seconds(o->until) : json_null());
    set(object, "connection", text_or_null(o->connection));
    return object;
}

static json_t *
requests(const HsRequestCounts *counts)
{
    json_t *object = json_object();

    set(object, "sent", number(counts->sent));
    set(object, "answered", number(counts->answered));
    set(object, "delayed", number(counts->delayed));
    set(object, "failed", number(counts->failed));
    set(object, "pending", number(counts->pending));
    return object;
}

static json_t *
client_failover(const HsClientFailover *client)
{
    json_t *object = json_object(), *parts = json_array();

    set(object, "client", json_string(client->client));
    set(object, "recovery", json_string(hs_recovery_name(client->recovery)));
    set(object, "failover_ms",
        client->recovery == HS_RECOVERY_RECOVERED
            ? milliseconds(client->failover)
            : json_null());
    for (unsigned i = 0; i < HS_PART_COUNT; i++)
        json_array_append_new(parts, part(&client->parts[i]));
    set(object, "parts", parts);
    set(object, "outage", outage(&client->outage));
    set(object, "outage_worst_connection", outage(&client->outage_worst));
    set(object, "requests", requests(&client->requests));
    set(object, "late_over_ms", milliseconds(client->late_over));
    set(object, "retransmissions", number(client->retransmissions));
    return object;
}

static json_t *
loss(const HsLoss *l)
{
    json_t *object = json_object();
    bool lost = l->status == HS_STATUS_HAPPENED;
    bool again = lost && l->again_status == HS_STATUS_HAPPENED;

    set(object, "direction", json_string(l->direction));
    set(object, "status", json_string(hs_status_name(l->status)));
    set(object, "sent", number(l->sent));
    set(object, "lost", number(l->lost));
    set(object, "first_lost_s", lost ? seconds(l->first_lost) : json_null());
    set(object, "again_s", again ? seconds(l->again) : json_null());
    set(object, "duration_ms", again ? milliseconds(l->span) : json_null());
    set(object, "evidence", again ? evidence(&l->again_evidence) : json_null());
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
    set(object, "cleared_s", seconds(back->cleared));
    for (guint i = 0; i < back->sessions_up->len; i++) {
        const HsSessionUp *up =
            &g_array_index(back->sessions_up, HsSessionUp, i);
        json_t *entry = json_object();

        set(entry, "node", json_string(up->node));
        set(entry, "protocol", json_string(hs_fact_kind_name(up->kind)));
        set(entry, "subject", text_or_null(up->subject));
        set(entry, "since_cleared_ms", milliseconds(up->at - back->cleared));
        set(entry, "evidence", evidence(&up->evidence));
        json_array_append_new(ups, entry);
    }
    set(object, "sessions_up", ups);
    set(object, "complete_ms",
        back->complete_status == HS_STATUS_HAPPENED
            ? milliseconds(back->complete)
            : json_null());
    set(object, "data_plane", losses(back->losses));
    for (guint i = 0; i < back->clients->len; i++) {
        const HsClientFailback *client =
            &g_array_index(back->clients, HsClientFailback, i);
        json_t *entry = json_object();

        set(entry, "client", json_string(client->client));
        set(entry, "requests", requests(&client->requests));
        set(entry, "longest_gap", outage(&client->gap));
        json_array_append_new(clients, entry);
    }
    set(object, "clients", clients);
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
            set(object, "term",
                json_string(hs_bound_term_name((HsBoundTerm)t)));
            set(object, "min_ms", milliseconds(term->bound.min));
            set(object, "max_ms", milliseconds(term->bound.max));
            set(object, "because", json_string(term->text));
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

        set(object, "name", json_string(fault->name));
        set(object, "target", text_or_null(fault->target));
        set(object, "action", text_or_null(fault->action));
        set(object, "applied_s", seconds(fault->t0));
        set(object, "cleared_s", seconds(fault->cleared));
        set(object, "packets_taken", number(fault->packets));
        set(object, "touched", number(fault->touched));
        set(object, "effect", text_or_null(fault->effect));
        set(object, "had_effect", json_boolean(fault->had_effect));
        set(object, "detections", detections(fault));
        for (unsigned p = 0; p <= HS_PART_DATAPLANE; p++)
            json_array_append_new(network, part(&fault->network[p]));
        set(object, "network", network);
        set(object, "data_plane", losses(fault->losses));
        for (guint c = 0; c < fault->clients->len; c++)
            json_array_append_new(
                clients, client_failover(&g_array_index(fault->clients,
                                                        HsClientFailover, c)));
        set(object, "clients", clients);
        set(object, "failback", failback(&fault->failback));
        set(object, "bounds", bounds(result, fault->name));
        json_array_append_new(array, object);
    }
    return array;
}

/* Database */

static json_t *
latency(const HsLatency *l)
{
    json_t *object = json_object();

    set(object, "count", number(l->count));
    set(object, "min_ms", milliseconds(l->min));
    set(object, "mean_ms", milliseconds(l->mean));
    set(object, "p50_ms", milliseconds(l->p50));
    set(object, "p90_ms", milliseconds(l->p90));
    set(object, "p99_ms", milliseconds(l->p99));
    set(object, "p99.9_ms", milliseconds(l->p999));
    set(object, "max_ms", milliseconds(l->max));
    return object;
}

static json_t *
phase(const HsPhaseStats *stats)
{
    json_t *object = json_object();

    set(object, "requests", requests(&stats->requests));
    set(object, "latency",
        stats->latency.count > 0 ? latency(&stats->latency) : json_null());
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

        set(object, "client", json_string(stats->client));
        set(object, "all", phase(&stats->all));
        for (unsigned p = 0; p < HS_PHASE_COUNT; p++)
            set(object, hs_phase_name((HsPhase)p), phase(&stats->phases[p]));
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

        set(object, "direction", json_string(stats->direction));
        set(object, "sent", number(stats->sent));
        set(object, "received", number(stats->received));
        set(object, "delay", any ? latency(&stats->delay) : json_null());
        set(object, "variation_ms",
            any ? milliseconds(stats->variation) : json_null());
        set(object, "arrived_per_s",
            stats->rate > 0 ? json_real(stats->rate) : json_null());
        json_array_append_new(array, object);
    }
    return array;
}

/* Findings */

static json_t *
findings(const HsResult *result)
{
    json_t *array = json_array();

    for (guint i = 0; i < result->findings->len; i++) {
        const HsFinding *finding = result->findings->pdata[i];
        json_t *object = json_object();

        set(object, "id", json_string(hs_finding_id(finding->kind)));
        set(object, "severity",
            json_string(hs_severity_name(hs_finding_severity(finding->kind))));
        set(object, "title", json_string(hs_finding_title(finding->kind)));
        set(object, "rule", json_string(hs_finding_rule(finding->kind)));
        set(object, "where", json_string(finding->where));
        set(object, "line",
            finding->line > 0 ? number(finding->line) : json_null());
        set(object, "evidence", json_string(finding->evidence));
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

        set(object, "name", json_string(life->name));
        set(object, "node", json_string(life->node));
        set(object, "began", json_boolean(life->began));
        set(object, "ike_suite", text_or_null(life->ike_suite));
        set(object, "esp_suite", text_or_null(life->esp_suite));
        set(object, "made", number(life->made));
        set(object, "first_up_s", made ? seconds(life->first_up) : json_null());
        set(object, "handshake_ms",
            made ? milliseconds(life->handshake) : json_null());
        set(object, "ike_rekeys", number(life->ike_rekeys));
        set(object, "esp_rekeys", number(life->esp_rekeys));
        set(object, "lost", number(life->lost));
        set(object, "last_lost_s",
            lost ? seconds(life->last_lost) : json_null());
        set(object, "lost_cause", text_or_null(life->lost_cause));
        set(object, "refused", number(life->refused));
        set(object, "refused_cause", text_or_null(life->refused_cause));
        set(object, "down_ms", milliseconds(life->down));
        set(object, "up_at_end", json_boolean(life->up));
        json_array_append_new(array, object);
    }
    return array;
}

/* Links */

static json_t *
packets(const HsResultPackets *p)
{
    json_t *object = json_object();

    set(object, "sent", number(p->sent));
    set(object, "delivered", number(p->delivered));
    set(object, "queue_full", number(p->queue_full));
    set(object, "too_big", number(p->too_big));
    set(object, "no_carrier", number(p->no_carrier));
    set(object, "black_hole", number(p->black_hole));
    set(object, "random_loss", number(p->loss));
    return object;
}

static json_t *
sight(const HsExposureSight *s)
{
    json_t *object = json_object();

    set(object, "at_s", seconds(s->at));
    set(object, "packet", s->number != 0 ? number(s->number) : json_null());
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

        set(class_, "packets", number(seen->total.packets[c]));
        set(class_, "bytes", number(seen->total.bytes[c]));
        set(object, hs_exposure_class_name((HsExposureClass)c), class_);
    }
    for (unsigned p = 0; p <= hs_exposure_marks(result->exposure); p++) {
        HsExposureCounts counts =
            hs_exposure_phase(result->exposure, link->exposure, p);

        json_array_append_new(phases, number(counts.bytes[HS_EXPOSURE_CLEAR]));
    }
    set(object, "clear_by_phase", phases);
    set(object, "first_clear",
        seen->seen_clear ? sight(&seen->first) : json_null());
    set(object, "last_clear",
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

        set(object, "name", json_string(link->name));
        set(object, "from", json_string(link->from));
        set(object, "to", json_string(link->to));
        set(object, "kind", json_string(hs_link_kind_name(link->kind)));
        set(object, "trusted", json_boolean(link->trusted));
        set(object, "to_aws", packets(&link->direction[0]));
        set(object, "to_onprem", packets(&link->direction[1]));
        set(object, "wire", on_the_wire(result, link));
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

        set(object, "node", json_string(drop->node));
        set(object, "reason", json_string(drop->reason));
        set(object, "packets", number(drop->packets));
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

        set(object, "node", json_string(r->node));
        set(object, "received", number(r->received));
        set(object, "originated", number(r->originated));
        set(object, "fragments_made", number(r->fragments_made));
        set(object, "reassembled", number(r->reassembled));
        set(object, "delivered", number(r->delivered));
        set(object, "sent", number(r->sent));
        set(object, "dropped", number(r->dropped));
        set(object, "fragmented", number(r->fragmented));
        set(object, "fragments_joined", number(r->fragments_joined));
        set(object, "fragments_held", number(r->fragments_held));
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
        return milliseconds(r->value);
    case HS_READING_IN_BYTES:
    case HS_READING_IN_COUNT:
        return json_integer(r->value);
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

        set(entry, "state", json_string(hs_reading_state_name(r->state)));
        set(entry, r->unit == HS_READING_IN_TIME ? "value_ms" : "value",
            reading(r));
        set(object, r->name, entry);
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

        set(entry, "figure", json_string(check->demand.figure));
        set(entry, "comparison",
            json_string(hs_demand_sense_name(check->demand.sense)));
        set(entry, "source", text_or_null(check->demand.source));
        set(entry, "outcome", json_string(hs_outcome_name(check->outcome)));
        set(entry, "text", json_string(check->text));
        set(entry, "why", text_or_null(check->why));
        set(entry, "must_fail", json_boolean(check->must_fail));
        set(entry, "met", json_boolean(hs_check_is_met(check)));
        json_array_append_new(checks, entry);
    }
    for (guint i = 0; i < result->verdict->missing->len; i++)
        json_array_append_new(missing,
                              json_string(result->verdict->missing->pdata[i]));
    set(object, "passed",
        json_boolean(hs_verdict_exit_code(result->verdict) == 0));
    set(object, "exit_code",
        json_integer(hs_verdict_exit_code(result->verdict)));
    set(object, "lesson", json_boolean(result->verdict->lesson));
    set(object, "checks", checks);
    set(object, "missing", missing);
    for (guint i = 0; i < result->verdict->idle->len; i++)
        json_array_append_new(idle,
                              json_string(result->verdict->idle->pdata[i]));
    set(object, "idle_faults", idle);
    return object;
}

static json_t *
capture(const HsResult *result)
{
    json_t *object;

    if (!result->captured)
        return json_null();
    object = json_object();
    set(object, "file", json_string("capture.pcapng"));
    set(object, "packets", number(result->capture.packets));
    set(object, "bytes", number(result->capture.bytes));
    set(object, "filtered", number(result->capture.filtered));
    set(object, "over_limit", number(result->capture.over_limit));
    set(object, "limited", json_boolean(result->capture_limited));
    return object;
}

/* A live run against the wall clock */

static json_t *
port(const HsResultPort *p)
{
    json_t *object = json_object();

    set(object, "device", json_string(p->device));
    set(object, "netns", json_string(p->netns));
    set(object, "node", json_string(p->node));
    set(object, "link", json_string(p->link));
    set(object, "from_real", number(p->from_real));
    set(object, "to_real", number(p->to_real));
    set(object, "malformed", number(p->malformed));
    set(object, "late", number(p->late));
    set(object, "overruns", number(p->overruns));
    set(object, "refused", number(p->refused));
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
    set(object, "started", json_string(r->started));
    set(object, "ended_s", seconds(result->end));
    set(object, "wakeups", number(r->wakeups));
    set(object, "behind", number(r->behind));
    set(object, "limit_ms", milliseconds(r->limit));
    set(object, "lag_median_ms", milliseconds(r->median));
    set(object, "lag_p99_ms", milliseconds(r->p99));
    set(object, "lag_max_ms", milliseconds(r->max));
    set(object, "ports", ports);
    return object;
}

char *
hs_result_json(const HsResult *result)
{
    json_t *root = json_object();
    char *text, *ended;

    set(root, "format", json_string(HS_RESULT_FORMAT));
    set(root, "version", json_integer(HS_RESULT_VERSION));
    set(root, "program", program(result));
    set(root, "scenario", scenario(result));
    set(root, "verdict", verdict(result));
    set(root, "faults", faults(result));
    set(root, "figures", figures(result));
    set(root, "database", database(result));
    set(root, "probes", probes(result));
    set(root, "links", links(result));
    set(root, "drops", drops(result));
    set(root, "routers", routers(result));
    set(root, "tunnels", tunnels(result));
    set(root, "findings", findings(result));
    set(root, "capture", capture(result));
    set(root, "realtime", realtime(result));
    set(root, "assumptions", values(result->assumptions));
    set(root, "values", values(result->values));
    text = json_dumps(root, JSON_INDENT(2) | JSON_REAL_PRECISION(15));
    g_assert(text != NULL);
    ended = g_strconcat(text, "\n", NULL);
    free(text);
    json_decref(root);
    return ended;
}
