/* `replay` of result.json: what was in the capture, what of it was played, and
 * how it was felt. */

#include "config.h"

#include "sim/output/json_part.h"
#include "sim/output/json_value.h"

json_t *
hs_json_latency(const HsLatency *l)
{
    json_t *object;

    if (l->count == 0)
        return json_null();
    object = json_object();

    hs_json_set(object, "count", hs_json_number(l->count));
    hs_json_set(object, "min_ms", hs_json_milliseconds(l->min));
    hs_json_set(object, "mean_ms", hs_json_milliseconds(l->mean));
    hs_json_set(object, "p50_ms", hs_json_milliseconds(l->p50));
    hs_json_set(object, "p90_ms", hs_json_milliseconds(l->p90));
    hs_json_set(object, "p99_ms", hs_json_milliseconds(l->p99));
    hs_json_set(object, "p99.9_ms", hs_json_milliseconds(l->p999));
    hs_json_set(object, "max_ms", hs_json_milliseconds(l->max));
    return object;
}

static json_t *
network(const HsReplayCapture *c, unsigned side)
{
    return c->rtt[side] < 0 || c->point == REPLAY_POINT_LOOPBACK
               ? json_null()
               : hs_json_milliseconds(c->rtt[side]);
}

static json_t *
unused(const HsReplayCapture *c)
{
    json_t *array = json_array();

    for (unsigned i = 0; i < REPLAY_UNUSED_COUNT; i++) {
        json_t *entry;

        if (c->unused[i] == 0)
            continue;
        entry = json_object();
        hs_json_set(entry, "reason",
                    json_string(replay_unused_name((ReplayUnused)i)));
        hs_json_set(entry, "connections", hs_json_number(c->unused[i]));
        json_array_append_new(array, entry);
    }
    return array;
}

static json_t *
protocols(const HsReplayCapture *c)
{
    json_t *array = json_array();

    for (unsigned i = 0; i < POSTGRES_STATE_COUNT; i++) {
        json_t *entry;

        if (c->protocols[i] == 0)
            continue;
        entry = json_object();
        hs_json_set(entry, "protocol",
                    json_string(postgres_state_name((PostgresState)i)));
        hs_json_set(entry, "connections", hs_json_number(c->protocols[i]));
        json_array_append_new(array, entry);
    }
    return array;
}

static json_t *
source(const HsReplayFelt *felt)
{
    const HsReplayCapture *c = felt->capture;
    json_t *object = json_object();
    char addr[HS_ADDR_TEXT];
    g_autofree char *file = g_path_get_basename(c->path);
    g_autofree char *server = g_strdup_printf(
        c->server.family == HS_FAMILY_IPV4 ? "%s:%u" : "[%s]:%u",
        hs_addr_format(&c->server, addr), c->port);

    hs_json_set(object, "file", json_string(file));
    hs_json_set(object, "sha256", json_string(c->sha256));
    hs_json_set(object, "problem", hs_json_text_or_null(c->warning));
    hs_json_set(object, "server", json_string(server));
    hs_json_set(object, "captured", json_string(replay_point_name(c->point)));
    hs_json_set(object, "client_rtt_ms", network(c, REPLAY_CLIENT));
    hs_json_set(object, "server_rtt_ms", network(c, REPLAY_SERVER));
    hs_json_set(object, "length_ms", hs_json_milliseconds(c->script->length));
    hs_json_set(object, "packets", hs_json_number(c->packets));
    hs_json_set(object, "packets_other",
                hs_json_number(c->packets - MIN(c->segments, c->packets)));
    hs_json_set(object, "connections", hs_json_number(c->connections));
    hs_json_set(object, "connections_joined", hs_json_number(c->joined));
    hs_json_set(object, "unused", unused(c));
    hs_json_set(object, "protocols", protocols(c));
    hs_json_set(object, "requests", hs_json_number(c->script->requests));
    hs_json_set(object, "round_trips", hs_json_number(c->round_trips));
    hs_json_set(object, "requests_unfinished", hs_json_number(c->unfinished));
    hs_json_set(object, "requests_untimed", hs_json_number(c->untimed));
    hs_json_set(object, "retransmissions", hs_json_number(c->retransmitted));
    hs_json_set(object, "bytes_missing", hs_json_number(c->missing));
    hs_json_set(object, "waits_below_0", hs_json_number(c->clamped));
    return object;
}

static json_t *
played(const HsReplayCounters *p)
{
    json_t *object = json_object();

    hs_json_set(object, "rounds", hs_json_number(p->rounds));
    hs_json_set(object, "connects", hs_json_number(p->connects));
    hs_json_set(object, "connected", hs_json_number(p->connected));
    hs_json_set(object, "lost", hs_json_number(p->lost));
    hs_json_set(object, "requests", hs_json_number(p->requests));
    hs_json_set(object, "answered", hs_json_number(p->answered));
    hs_json_set(object, "failed", hs_json_number(p->failed));
    hs_json_set(object, "timeouts", hs_json_number(p->timeouts));
    hs_json_set(object, "unanswered", hs_json_number(p->unanswered));
    hs_json_set(object, "bad", hs_json_number(p->bad));
    return object;
}

static json_t *
phase(const HsReplayPhase *p)
{
    json_t *object = json_object();

    hs_json_set(object, "answered", hs_json_number(p->answered));
    hs_json_set(object, "failed", hs_json_number(p->failed));
    hs_json_set(object, "latency", hs_json_latency(&p->here));
    hs_json_set(object, "captured", hs_json_latency(&p->captured));
    hs_json_set(object, "path", hs_json_latency(&p->path));
    return object;
}

static json_t *
felt_as(const HsReplayFelt *felt, unsigned kind)
{
    const HsReplayKind *k = &felt->kinds[kind];
    json_t *object = json_object();

    hs_json_set(object, "captured", hs_json_latency(&felt->captured[kind]));
    hs_json_set(object, "all", phase(&k->all));
    for (unsigned p = 0; p < HS_PHASE_COUNT; p++)
        hs_json_set(object, hs_phase_name((HsPhase)p), phase(&k->phases[p]));
    return object;
}

json_t *
hs_json_replay(const HsResult *result)
{
    const HsReplayFelt *felt = result->replay;
    json_t *object;

    if (felt == NULL)
        return json_null();
    object = json_object();
    hs_json_set(object, "source", source(felt));
    hs_json_set(object, "played", played(&felt->played));
    hs_json_set(object, "requests", felt_as(felt, HS_REPLAY_REQUESTS));
    hs_json_set(object, "transactions",
                felt->capture->transactions
                    ? felt_as(felt, HS_REPLAY_TRANSACTIONS)
                    : json_null());
    return object;
}
