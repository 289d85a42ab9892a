/* Which side is the client: the one that sent the SYN; where there is none, the
 * one with the higher port, as servers' ports are the lower ones.
 *
 * A packet is seen again on each interface that it crosses, so a flow is taken
 * from the interface that showed it first, and its segments from others are
 * counted as repeated.
 *
 * The network's share is estimated from what answers at once, the kernel at the
 * far end: SYN to SYN/ACK, SYN/ACK to ACK, and each segment to the first
 * acknowledgement that covers it. The least of these is taken, since an
 * acknowledgement may be delayed and is never early. Segments that were sent
 * again measure nothing (Karn). */

#include "config.h"

#include "sim/replay/flow.h"

#include "sim/dissect/stream.h"

/* Pieces that a segment sent again is looked for in. */
#define LOOK_BACK 4096

/* Of one direction. */
typedef struct {
    DissectStream *stream; /* owned */
    bool begun;
    uint32_t next;         /* number behind what was seen */
    uint32_t acknowledged; /* by the other side */
    bool sampling;         /* a segment is timed: */
    uint32_t sample;       /* the number behind it */
    HsTime sampled;        /* when it passed */
} Way;

typedef struct {
    Flow flow; /* first: what is read, in the end */
    Way way[2];
    bool syn_seen;
    uint32_t syn;     /* its number */
    HsTime syn_at;    /* the last one */
    HsTime synack_at; /* likewise; HS_TIME_NEVER: none */
    bool syn_again, synack_again, ack_seen;
} Track;

struct FlowReader {
    Dissector *dissector; /* owned */
    Flows *flows;
    GHashTable *tracks; /* Track by addresses and ports, borrowed */
    GPtrArray *all;     /* Track; owned until finish */
    uint64_t segments;  /* of the packet in hand */
};

static guint
track_hash(gconstpointer key)
{
    const Flow *f = key;

    return hs_addr_hash(&f->addr[0]) ^ hs_addr_hash(&f->addr[1]) * 31 ^
           (guint)f->port[0] * 65599 ^ (guint)f->port[1];
}

static gboolean
track_equal(gconstpointer a, gconstpointer b)
{
    const Flow *one = a, *other = b;

    return one->port[0] == other->port[0] && one->port[1] == other->port[1] &&
           hs_addr_equal(&one->addr[0], &other->addr[0]) &&
           hs_addr_equal(&one->addr[1], &other->addr[1]);
}

static void
track_free(void *data)
{
    Track *t = data;

    for (unsigned side = 0; side < 2; side++)
        dissect_stream_free(t->way[side].stream);
    g_array_unref(t->flow.pieces);
    postgres_free(t->flow.postgres);
    g_free(t);
}

/* Pieces */

static void
add_piece(Track *t, unsigned side, HsTime at, size_t length, bool missing)
{
    Flow *f = &t->flow;
    FlowPiece piece = {
        .at = at, .again = at, .side = (uint8_t)side, .missing = missing};

    f->bytes[side] += length;
    piece.end = f->bytes[side];
    if (missing)
        f->missing += length;
    g_array_append_val(f->pieces, piece);
}

static void
drain(Track *t, unsigned side, HsTime at)
{
    Flow *f = &t->flow;
    DissectStream *stream = t->way[side].stream;

    for (;;) {
        const uint8_t *data;
        size_t length;
        DissectPiece got = dissect_stream_next(stream, &data, &length);

        if (got == DISSECT_STREAM_NOTHING)
            return;
        if (got == DISSECT_STREAM_HOLE && length == 0) {
            /* The first of a flow without SYN; any other is a jump. */
            f->jumped |= f->bytes[side] > 0;
            continue;
        }
        add_piece(t, side, at, length, got == DISSECT_STREAM_HOLE);
        postgres_take(f->postgres, side,
                      got == DISSECT_STREAM_DATA ? data : NULL, length);
    }
}

/* LENGTH bytes, of which the stream has BACK behind them, were sent again. */
static void
sent_again(Flow *f, unsigned side, uint64_t from, HsTime at)
{
    guint least = f->pieces->len > LOOK_BACK ? f->pieces->len - LOOK_BACK : 0;

    for (guint i = f->pieces->len; i > least; i--) {
        FlowPiece *piece = &g_array_index(f->pieces, FlowPiece, i - 1);

        if (piece->side != side)
            continue;
        if (piece->end <= from)
            return;
        piece->again = at;
    }
}

/* The network */

static void
least(HsDuration *rtt, HsDuration sample)
{
    if (sample >= 0 && (*rtt < 0 || sample < *rtt))
        *rtt = sample;
}

static void
time_data(Track *t, unsigned side, const DissectSegment *s)
{
    Way *way = &t->way[side];
    uint32_t end = s->sequence + (uint32_t)s->wire;

    if (s->wire == 0)
        return;
    if (way->begun && (int32_t)(end - way->next) <= 0) {
        /* RFC 1122 4.2.3.6: a keepalive is an octet from before. */
        if (s->wire == 1 && s->sequence + 1 == way->next)
            return;
        t->flow.retransmitted++;
        way->sampling = false;
        if ((int32_t)(end - way->acknowledged) > 0) {
            uint64_t back = (uint32_t)(way->next - s->sequence);

            sent_again(&t->flow, side,
                       t->flow.bytes[side] > back ? t->flow.bytes[side] - back
                                                  : 0,
                       s->at);
        }
        return;
    }
    way->begun = true;
    way->next = end;
    if (!way->sampling) {
        way->sampling = true;
        way->sample = end;
        way->sampled = s->at;
    }
}

static void
time_acknowledgement(Track *t, unsigned side, const DissectSegment *s)
{
    Way *other = &t->way[!side];

    if (!s->ack)
        return;
    other->acknowledged = s->acknowledgment;
    if (other->sampling && (int32_t)(s->acknowledgment - other->sample) >= 0) {
        other->sampling = false;
        least(&t->flow.rtt[side], s->at - other->sampled);
    }
}

static void
time_handshake(Track *t, unsigned side, const DissectSegment *s)
{
    Flow *f = &t->flow;

    if (s->syn && !s->ack) {
        t->syn_again |= t->syn_seen;
        t->syn_seen = true;
        t->syn = s->sequence;
        t->syn_at = s->at;
    } else if (s->syn && side == REPLAY_SERVER) {
        if (t->synack_at == HS_TIME_NEVER)
            f->established = s->at;
        else
            t->synack_again = true;
        t->synack_at = s->at;
        if (t->syn_seen && !t->syn_again && !t->synack_again)
            least(&f->rtt[REPLAY_SERVER], s->at - t->syn_at);
    } else if (!t->ack_seen && side == REPLAY_CLIENT && s->ack && !s->rst &&
               t->synack_at != HS_TIME_NEVER) {
        t->ack_seen = true;
        if (!t->synack_again)
            least(&f->rtt[REPLAY_CLIENT], s->at - t->synack_at);
    }
}

/* Segments */

static Track *
new_track(FlowReader *reader, const DissectSegment *s, bool from_client)
{
    Track *t = g_new0(Track, 1);
    Flow *f = &t->flow;

    f->addr[!from_client] = s->source;
    f->port[!from_client] = s->source_port;
    f->addr[from_client] = s->destination;
    f->port[from_client] = s->destination_port;
    f->place = s->place;
    f->joined = !s->syn;
    f->first = f->last = f->opened = f->established = s->at;
    f->closed = HS_TIME_NEVER;
    f->rtt[0] = f->rtt[1] = -1;
    f->pieces = g_array_new(FALSE, FALSE, sizeof(FlowPiece));
    f->postgres = postgres_new(f->joined);
    t->synack_at = HS_TIME_NEVER;
    for (unsigned side = 0; side < 2; side++)
        t->way[side].stream = dissect_stream_new();
    g_hash_table_replace(reader->tracks, t, t);
    g_ptr_array_add(reader->all, t);
    return t;
}

/* The flow of S, and which side of it sent S. */
static Track *
find_track(FlowReader *reader, const DissectSegment *s, unsigned *ret_side)
{
    Flow key = {.addr = {s->source, s->destination},
                .port = {s->source_port, s->destination_port}};
    Track *t = g_hash_table_lookup(reader->tracks, &key);
    bool from_client;

    *ret_side = REPLAY_CLIENT;
    if (t == NULL) {
        Flow back = {.addr = {s->destination, s->source},
                     .port = {s->destination_port, s->source_port}};

        t = g_hash_table_lookup(reader->tracks, &back);
        *ret_side = REPLAY_SERVER;
    }
    /* A new connection on used ports. */
    if (t != NULL && s->syn && !s->ack && s->place == t->flow.place &&
        (t->flow.joined || t->flow.closed != HS_TIME_NEVER ||
         *ret_side == REPLAY_SERVER || s->sequence != t->syn)) {
        g_hash_table_remove(reader->tracks, t);
        t = NULL;
    }
    if (t != NULL)
        return t;
    from_client = s->syn ? !s->ack : s->source_port >= s->destination_port;
    *ret_side = from_client ? REPLAY_CLIENT : REPLAY_SERVER;
    return new_track(reader, s, from_client);
}

static void
take_bytes(Track *t, unsigned side, const DissectSegment *s)
{
    Way *way = &t->way[side];

    if (s->syn) {
        dissect_stream_open(way->stream, s->sequence);
        way->begun = true;
        way->next = s->sequence + 1;
    }
    if (s->ack)
        dissect_stream_acknowledged(t->way[!side].stream, s->acknowledgment);
    time_data(t, side, s);
    if (s->wire > 0)
        dissect_stream_add(way->stream, s->syn ? s->sequence + 1 : s->sequence,
                           s->data, s->length, s->wire);
    if (s->fin || s->rst) {
        dissect_stream_end(way->stream);
        if (s->rst)
            dissect_stream_end(t->way[!side].stream);
    }
    /* What an acknowledgement gave up goes first: it passed before. */
    drain(t, !side, s->at);
    drain(t, side, s->at);
}

static void
take_segment(void *user_data, const DissectSegment *s)
{
    FlowReader *reader = user_data;
    unsigned side;
    Track *t = find_track(reader, s, &side);
    Flow *f = &t->flow;

    if (s->place != f->place) {
        reader->flows->repeated++;
        return;
    }
    reader->flows->segments++;
    f->segments++;
    f->last = MAX(f->last, s->at);
    time_handshake(t, side, s);
    time_acknowledgement(t, side, s);
    if (s->rst && side == REPLAY_SERVER && f->bytes[0] + f->bytes[1] == 0 &&
        t->synack_at == HS_TIME_NEVER && t->syn_seen)
        f->refused = true;
    take_bytes(t, side, s);
    if ((s->fin || s->rst) && f->closed == HS_TIME_NEVER) {
        f->closed = s->at;
        f->closer = side;
    }
}

/* All of it */

static void
no_message(void *user_data, const DissectMessage *message)
{
    (void)user_data;
    (void)message;
}

FlowReader *
replay_flow_reader_new(void)
{
    FlowReader *reader = g_new0(FlowReader, 1);
    const DissectConfig config = {
        .sink = no_message,
        .segment = take_segment,
        .user_data = reader,
    };

    reader->flows = g_new0(Flows, 1);
    reader->flows->flows = g_ptr_array_new_with_free_func(track_free);
    reader->tracks = g_hash_table_new(track_hash, track_equal);
    reader->all = reader->flows->flows;
    reader->dissector = dissector_new(&config);
    return reader;
}

void
replay_flow_reader_packet(FlowReader *reader, const CapturePacket *packet)
{
    dissector_packet(reader->dissector, packet, packet->link_type);
}

Flows *
replay_flow_reader_finish(FlowReader *reader)
{
    Flows *flows = reader->flows;
    const DissectCounters *c;

    dissector_finish(reader->dissector);
    c = dissector_counters(reader->dissector);
    flows->packets = c->frames;
    flows->cut = c->cut;
    flows->broken = c->broken;
    for (guint i = 0; i < flows->flows->len; i++) {
        Track *t = flows->flows->pdata[i];

        for (unsigned side = 0; side < 2; side++) {
            dissect_stream_end(t->way[side].stream);
            drain(t, side, t->flow.last);
        }
    }
    g_hash_table_unref(reader->tracks);
    dissector_free(reader->dissector);
    g_free(reader);
    return flows;
}

Flows *
replay_flows_read(CaptureReader *reader, char **ret_warning, GError **error)
{
    FlowReader *flows = replay_flow_reader_new();
    g_autoptr(GError) problem = NULL;
    g_autoptr(Flows) read = NULL;
    CapturePacket packet;
    CaptureRead got;

    while ((got = capture_reader_next(reader, &packet, &problem)) ==
           CAPTURE_READ_PACKET)
        replay_flow_reader_packet(flows, &packet);
    read = replay_flow_reader_finish(flows);
    *ret_warning = NULL;
    if (got == CAPTURE_READ_ERROR && read->packets == 0) {
        g_propagate_error(error, g_steal_pointer(&problem));
        return NULL;
    }
    if (got == CAPTURE_READ_ERROR)
        *ret_warning = g_strdup(problem->message);
    return g_steal_pointer(&read);
}

void
replay_flows_free(Flows *flows)
{
    if (flows == NULL)
        return;
    g_ptr_array_unref(flows->flows);
    g_free(flows);
}
