#include "config.h"

#include "sim/replay/felt.h"

#define CLIENT "persistent" /* whose phases count */

/* What was gathered of one phase. */
typedef struct {
    uint64_t answered, failed;
    GArray *here, *captured, *path; /* HsDuration */
} Bag;

/* A transaction under way on a connection. */
typedef struct {
    bool open, failed, timed;
    uint64_t next; /* the id that goes on with it */
    HsTime begun;
    HsDuration captured;
    HsDuration until; /* of its last request, in the capture */
} Open;

typedef struct {
    const HsReplayCapture *capture;
    const HsTimeline *timeline;
    double speed;
    Bag bags[2][HS_PHASE_COUNT + 1]; /* the last one: all */
    GArray *connection; /* unsigned: of each request of the script */
    Open *open;         /* by connection */
} Gather;

static void
bag_init(Bag *bag)
{
    bag->here = g_array_new(FALSE, FALSE, sizeof(HsDuration));
    bag->captured = g_array_new(FALSE, FALSE, sizeof(HsDuration));
    bag->path = g_array_new(FALSE, FALSE, sizeof(HsDuration));
}

static HsLatency
latency_of(GArray *values)
{
    return hs_latency_of((HsDuration *)(void *)values->data, values->len);
}

static HsReplayPhase
bag_empty(Bag *bag)
{
    HsReplayPhase phase = {
        .answered = bag->answered,
        .failed = bag->failed,
        .here = latency_of(bag->here),
        .captured = latency_of(bag->captured),
        .path = latency_of(bag->path),
    };

    g_array_unref(bag->here);
    g_array_unref(bag->captured);
    g_array_unref(bag->path);
    return phase;
}

/* CAPTURED -1: not known. */
static void
put(Bag *bag, bool failed, HsDuration here, HsDuration captured)
{
    HsDuration path = here - captured;

    if (failed) {
        bag->failed++;
        return;
    }
    bag->answered++;
    g_array_append_val(bag->here, here);
    if (captured < 0)
        return;
    g_array_append_val(bag->captured, captured);
    g_array_append_val(bag->path, path);
}

static void
put_in_phase(Gather *g, unsigned kind, HsTime due, HsTime done, bool failed,
             HsDuration captured)
{
    HsPhase phase = hs_phase_at(g->timeline, CLIENT, due);

    if (due < g->timeline->start || due >= g->timeline->end)
        return;
    /* As for the clients: under way at the first fault is the fault's. */
    if (phase == HS_PHASE_BEFORE &&
        hs_phase_at(g->timeline, CLIENT, done) != HS_PHASE_BEFORE)
        phase = HS_PHASE_DURING;
    put(&g->bags[kind][phase], failed, done - due, captured);
    put(&g->bags[kind][HS_PHASE_COUNT], failed, done - due, captured);
}

/* A transaction is the sum of its requests and, in the capture, of the client's
 * waits between them, which were played at SPEED. */
static void
take_transaction(Gather *g, const HsFact *fact, const HsReplayRequest *request,
                 unsigned connection)
{
    Open *o = &g->open[connection];
    bool failed = g_str_equal(fact->to, "failed");

    if (o->open && o->next != fact->id)
        o->open = false; /* the rest of it went with a connection */
    if (!o->open)
        *o = (Open){.open = true,
                    .timed = true,
                    .begun = fact->at - fact->value,
                    .until = request->begin};
    o->next = fact->id + 1;
    o->failed |= failed;
    o->timed &= request->latency >= 0;
    o->captured +=
        (HsDuration)((double)MAX(request->begin - o->until, 0) / g->speed) +
        MAX(request->latency, 0);
    o->until = request->begin + MAX(request->latency, 0);
    if (!failed && !request->last)
        return;
    o->open = false;
    put_in_phase(g, HS_REPLAY_TRANSACTIONS, o->begun, fact->at, o->failed,
                 o->timed ? o->captured : -1);
}

static void
take(Gather *g, const HsFact *fact)
{
    const HsReplayScript *script = g->capture->script;
    unsigned index = (unsigned)((fact->id - 1) % script->requests);
    unsigned number = g_array_index(g->connection, unsigned, index);
    const HsReplayConnection *c = script->connections->pdata[number];
    const HsReplayRequest *request =
        &g_array_index(c->requests, HsReplayRequest, index - c->first);

    put_in_phase(g, HS_REPLAY_REQUESTS, fact->at - fact->value, fact->at,
                 g_str_equal(fact->to, "failed"), request->latency);
    if (g->capture->transactions)
        take_transaction(g, fact, request, number);
}

/* What the file has */

static void
take_captured(const HsReplayScript *script, bool transactions,
              HsLatency captured[2])
{
    g_autoptr(GArray) requests = g_array_new(FALSE, FALSE, sizeof(HsDuration));
    g_autoptr(GArray) whole = g_array_new(FALSE, FALSE, sizeof(HsDuration));

    for (guint i = 0; i < script->connections->len; i++) {
        const HsReplayConnection *c = script->connections->pdata[i];
        HsDuration begin = -1;
        bool timed = true;

        for (guint k = 0; k < c->requests->len; k++) {
            const HsReplayRequest *r =
                &g_array_index(c->requests, HsReplayRequest, k);
            HsDuration span;

            if (r->latency >= 0)
                g_array_append_val(requests, r->latency);
            begin = begin < 0 ? r->begin : begin;
            timed &= r->latency >= 0;
            if (!r->last)
                continue;
            span = r->begin + r->latency - begin;
            if (timed && transactions)
                g_array_append_val(whole, span);
            begin = -1;
            timed = true;
        }
    }
    captured[HS_REPLAY_REQUESTS] = latency_of(requests);
    captured[HS_REPLAY_TRANSACTIONS] = latency_of(whole);
}

static void
gather_init(Gather *g)
{
    const GPtrArray *connections = g->capture->script->connections;

    g->connection = g_array_new(FALSE, FALSE, sizeof(unsigned));
    g->open = g_new0(Open, connections->len);
    for (unsigned i = 0; i < connections->len; i++) {
        const HsReplayConnection *c = connections->pdata[i];

        for (guint k = 0; k < c->requests->len; k++)
            g_array_append_val(g->connection, i);
    }
    for (unsigned kind = 0; kind < 2; kind++)
        for (unsigned p = 0; p <= HS_PHASE_COUNT; p++)
            bag_init(&g->bags[kind][p]);
}

HsReplayFelt *
hs_replay_felt_new(const HsReplayCapture *capture, const HsFacts *facts,
                   const HsTimeline *timeline, double speed,
                   const HsReplayCounters *played)
{
    HsReplayFelt *felt = g_new0(HsReplayFelt, 1);
    Gather g = {.capture = capture, .timeline = timeline, .speed = speed};
    HsFact fact;

    felt->capture = capture;
    felt->played = *played;
    take_captured(capture->script, capture->transactions, felt->captured);
    gather_init(&g);
    for (size_t i = 0;
         hs_facts_next(facts, &i, HS_FACT_BIT(HS_FACT_REPLAYED), &fact);)
        take(&g, &fact);
    for (unsigned kind = 0; kind < 2; kind++) {
        for (unsigned p = 0; p < HS_PHASE_COUNT; p++)
            felt->kinds[kind].phases[p] = bag_empty(&g.bags[kind][p]);
        felt->kinds[kind].all = bag_empty(&g.bags[kind][HS_PHASE_COUNT]);
    }
    g_array_unref(g.connection);
    g_free(g.open);
    return felt;
}

void
hs_replay_felt_free(HsReplayFelt *felt)
{
    g_free(felt);
}
