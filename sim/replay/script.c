/* From pieces of bytes with their times to steps with their waits.
 *
 *     client      capture point             server
 *        |             |  u: the request        |
 *        |             |----------------------->|  u + half of the way
 *        |             |                        |  thinks
 *        |             |<-----------------------|
 *        |             |  t: the reply          |
 *
 * The server's wait is t - u - rtt, with the rtt from the capture point to the
 * server and back; the client's likewise with its own. A piece depends on all
 * bytes of the other side that can have arrived when it was sent: those that
 * passed before t - rtt. Where the protocol is known, a reply does not depend
 * on requests behind its own, which are pipelined.
 *
 * Pieces of one side that follow each other closely are one step, and so are
 * those whose gap the network explains: a sender that waits for
 * acknowledgements has gaps of a round trip, so only what is longer than that
 * is the application's. On loopback nothing is taken off.
 *
 * A request that was lost and sent again arrived when it was sent again: the
 * captured network's loss is not the server's think time. */

#include "config.h"

#include "sim/replay/replay.h"

/* Pieces that follow this closely are one step: the time between them is added
 * to its wait, so that the last byte is as late as it was. */
#define CLOSELY HS_USEC(50)

typedef struct {
    const Flow *flow;
    HsReplayCapture *capture;
    HsReplayConnection *out;
    HsTime begin; /* the script's */
    HsDuration rtt[2];
    HsTime ready[2];     /* when the side had its connection, as seen here */
    HsTime last[2];      /* its last piece */
    guint heard[2];      /* pieces of the flow that the side has looked at */
    uint64_t got[2];     /* the other's bytes that it can have had by then */
    HsTime got_at[2];    /* when they passed */
    const GArray *asked; /* PostgresRequest; NULL: by turns */
    guint reply;         /* the request that the server answers */
} Maker;

static const FlowPiece *
piece_at(const Flow *flow, guint index)
{
    return &g_array_index(flow->pieces, FlowPiece, index);
}

/* What the other side had said, and SIDE heard, before AT. */
static void
hear(Maker *m, unsigned side, guint until, HsTime at)
{
    for (; m->heard[side] < until; m->heard[side]++) {
        const FlowPiece *piece = piece_at(m->flow, m->heard[side]);

        if (piece->side == side)
            continue;
        /* One that passed too late for this one is too late for all behind. */
        if (piece->at + m->rtt[side] > at)
            return;
        m->got[side] = piece->end;
        m->got_at[side] = MIN(MAX(piece->at, piece->again), at);
    }
}

/* Where the client's bytes of the request that the server answers end. */
static uint64_t
end_of_request(Maker *m, uint64_t said)
{
    const GArray *asked = m->asked;

    /* Those without an answer are passed over with those that have one. */
    for (guint i = m->reply; i < asked->len; i++) {
        uint64_t ready = g_array_index(asked, PostgresRequest, i).ready;

        if (ready > said)
            break;
        if (ready != 0)
            m->reply = i + 1;
    }
    while (m->reply + 1 < asked->len &&
           g_array_index(asked, PostgresRequest, m->reply).ready == 0)
        m->reply++;
    return m->reply + 1 < asked->len
               ? g_array_index(asked, PostgresRequest, m->reply + 1).start
               : UINT64_MAX;
}

/* When CLIENT's bytes up to PLACE passed; looked for backwards from UNTIL. */
static HsTime
passed(const Flow *flow, unsigned side, uint64_t place, guint until)
{
    HsTime at = flow->opened;

    for (guint i = until; i > 0; i--) {
        const FlowPiece *piece = piece_at(flow, i - 1);

        if (piece->side != side)
            continue;
        if (piece->end < place)
            break;
        at = MAX(piece->at, piece->again);
    }
    return at;
}

static HsDuration
not_negative(Maker *m, HsDuration wait)
{
    m->capture->clamped += wait < 0;
    return MAX(wait, 0);
}

static void
add_step(Maker *m, guint index)
{
    const FlowPiece *piece = piece_at(m->flow, index);
    unsigned side = piece->side;
    GArray *steps = m->out->step[side];
    HsReplayStep step = {.end = piece->end};
    HsReplayStep *before =
        steps->len > 0 ? &g_array_index(steps, HsReplayStep, steps->len - 1)
                       : NULL;
    HsTime heard_at;
    HsDuration gap;

    hear(m, side, index, piece->at);
    step.after = m->got[side];
    heard_at = m->got_at[side];
    if (side == REPLAY_SERVER && m->asked != NULL) {
        uint64_t most = end_of_request(m, before != NULL ? before->end : 0);

        if (step.after > most) {
            step.after = most;
            heard_at = passed(m->flow, REPLAY_CLIENT, most, index);
        }
    }
    if (before != NULL && step.after <= before->after) {
        step.after = before->after;
        /* It goes on with what it was saying. */
        gap = MAX(piece->at - m->last[side] - m->rtt[side], 0);
        m->last[side] = piece->at;
        if (gap <= CLOSELY) {
            before->end = piece->end;
            before->wait += gap;
            return;
        }
        step.wait = gap;
    } else {
        HsTime from = MAX(heard_at, m->ready[side]) + m->rtt[side];

        step.wait = not_negative(
            m, piece->at - MAX(from, before != NULL ? m->last[side] : from));
        m->last[side] = piece->at;
    }
    g_array_append_val(steps, step);
}

/* Requests */

/* When the first of SIDE's bytes behind PLACE passed, and when all up to PLACE
 * had; *MISSING if they touch a hole. */
typedef struct {
    const Flow *flow;
    guint index[2]; /* pieces looked at */
} Cursor;

static const FlowPiece *
piece_with(Cursor *c, unsigned side, uint64_t place)
{
    for (; c->index[side] < c->flow->pieces->len; c->index[side]++) {
        const FlowPiece *piece = piece_at(c->flow, c->index[side]);

        if (piece->side == side && piece->end >= place)
            return piece;
    }
    return NULL;
}

/* The waits of the client inside of REQUEST, whose bytes end at END: what it
 * says behind the whole answer (a goodbye) is none of it. */
static unsigned
round_trips(const HsReplayConnection *out, guint *at,
            const HsReplayRequest *request, uint64_t end)
{
    const GArray *steps = out->step[REPLAY_CLIENT];
    uint64_t heard = 0;
    unsigned n = 1;
    bool first = true;

    for (; *at < steps->len; ++*at) {
        const HsReplayStep *step = &g_array_index(steps, HsReplayStep, *at);

        if (step->end <= request->start)
            continue;
        if (!first && step->after > heard && step->after < request->answered)
            n++;
        first = false;
        heard = step->after;
        if (step->end >= end)
            break;
    }
    return n;
}

static void
add_request(Maker *m, Cursor *c, guint *step, const HsReplayRequest *asked,
            uint64_t client_end)
{
    HsReplayRequest request = *asked;
    const FlowPiece *first = piece_with(c, REPLAY_CLIENT, request.start + 1);
    guint from = c->index[REPLAY_CLIENT];
    const FlowPiece *last = piece_with(c, REPLAY_SERVER, request.answered);
    guint until = c->index[REPLAY_SERVER];

    if (first == NULL || last == NULL)
        return;
    request.latency = MAX(last->at - first->at, 0) + m->rtt[REPLAY_CLIENT];
    for (guint i = from; i <= until && i < m->flow->pieces->len; i++)
        if (piece_at(m->flow, i)->missing)
            request.latency = -1;
    m->capture->untimed += request.latency < 0;
    request.begin = MAX(first->at - m->begin, 0); /* a clock set back */
    request.round_trips = round_trips(m->out, step, &request, client_end);
    m->capture->round_trips += request.round_trips;
    g_array_append_val(m->out->requests, request);
}

static void
add_asked(Maker *m)
{
    Cursor c = {.flow = m->flow};
    guint step = 0;

    for (guint i = 0; i < m->asked->len; i++) {
        const PostgresRequest *p = &g_array_index(m->asked, PostgresRequest, i);
        uint64_t end =
            i + 1 < m->asked->len
                ? g_array_index(m->asked, PostgresRequest, i + 1).start
                : m->flow->bytes[REPLAY_CLIENT];

        if (p->ready == 0)
            m->capture->unfinished++;
        else
            add_request(m, &c, &step,
                        &(HsReplayRequest){.start = p->start,
                                           .answered = p->ready,
                                           .last = p->idle},
                        end);
    }
}

/* A turn of the client and the turn of the server that follows. */
static void
add_turns(Maker *m)
{
    Cursor c = {.flow = m->flow};
    uint64_t said[2] = {0, 0}, start = 0;
    bool asking = false, answered = false;
    guint step = 0;

    for (guint i = 0; i <= m->flow->pieces->len; i++) {
        const FlowPiece *piece =
            i < m->flow->pieces->len ? piece_at(m->flow, i) : NULL;

        if (asking && answered &&
            (piece == NULL || piece->side == REPLAY_CLIENT)) {
            add_request(m, &c, &step,
                        &(HsReplayRequest){.start = start,
                                           .answered = said[REPLAY_SERVER],
                                           .last = true},
                        said[REPLAY_CLIENT]);
            asking = answered = false;
        }
        if (piece == NULL)
            break;
        if (piece->side == REPLAY_CLIENT && !asking) {
            asking = true;
            start = said[REPLAY_CLIENT];
        }
        answered |= asking && piece->side == REPLAY_SERVER;
        said[piece->side] = piece->end;
    }
    m->capture->unfinished += asking;
}

/* The end */

static void
set_end(Maker *m)
{
    const Flow *flow = m->flow;
    unsigned side = flow->closer;
    HsTime from = MAX(m->last[!side] + m->rtt[side], m->last[side]);

    if (flow->closed == HS_TIME_NEVER)
        return;
    m->out->end = side == REPLAY_CLIENT ? HS_REPLAY_CLOSED_BY_CLIENT
                                        : HS_REPLAY_CLOSED_BY_SERVER;
    m->out->end_wait = MAX(flow->closed - MAX(from, flow->established), 0);
}

static HsDuration
known(HsDuration rtt)
{
    return MAX(rtt, 0);
}

HsReplayConnection *
replay_connection_of(const Flow *flow, HsTime begin, HsReplayCapture *capture)
{
    bool loopback = capture->point == REPLAY_POINT_LOOPBACK;
    HsTime from = flow->joined ? begin : flow->opened;
    Maker m = {
        .flow = flow,
        .capture = capture,
        .out = hs_replay_connection_new(),
        .begin = begin,
        .asked = postgres_state(flow->postgres) == POSTGRES_READABLE
                     ? postgres_requests(flow->postgres)
                     : NULL,
    };

    for (unsigned side = 0; side < 2; side++) {
        HsDuration rtt =
            flow->rtt[side] >= 0 ? flow->rtt[side] : capture->rtt[side];

        m.rtt[side] = loopback ? 0 : known(rtt);
        /* Of one that began before, nothing had to come here first. */
        m.ready[side] = m.got_at[side] = m.last[side] =
            flow->joined ? begin - m.rtt[side] : flow->established;
    }
    /* The server has its connection with the client's ACK. */
    if (!flow->joined)
        m.ready[REPLAY_SERVER] += m.rtt[REPLAY_CLIENT];
    m.out->open = MAX(from - begin, 0);
    for (guint i = 0; i < flow->pieces->len; i++)
        add_step(&m, i);
    if (m.asked != NULL)
        add_asked(&m);
    else
        add_turns(&m);
    set_end(&m);
    return m.out;
}
