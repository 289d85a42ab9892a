/* Everything a handle may still be named by, an event under way say, lives as
 * long as the world: freeing a handle only marks it. That keeps the fake free
 * of the lifetime questions that the models are to be tested on; what a model
 * does with a handle that it has freed is caught by an assertion. */

#include "config.h"

#include "tests/harness/fake_env.h"

#include <string.h>

#define MIN_RTO       HS_MSEC(200)
#define MAX_RTO       HS_SEC(120)
#define DATA_RETRIES  15
#define SYN_RTO       HS_SEC(1)
#define SYN_RETRIES   6
#define DEFAULT_DELAY HS_MSEC(1)

typedef struct {
    HsEnv env;
    FakeWorld *world;  /* borrowed */
    GArray *addresses; /* HsAddr, owned */
    guint index;
} Node;

typedef struct {
    HsTime at;
    uint64_t order;
    void (*run)(void *data);
    void *data;
    GDestroyNotify destroy; /* of data, may be NULL */
} Event;

struct HsAlarm {
    HsEnvHandle handle;
    FakeWorld *world;
    void (*fire)(void *user_data);
    void *user_data;
    GSequenceIter *event; /* NULL: not armed */
    bool freed;
};

struct HsListener {
    HsEnvHandle handle;
    Node *node;
    HsAddr local;
    uint16_t port;
    HsAcceptFunc accept;
    void *user_data;
    bool freed;
};

struct HsUdp {
    HsEnvHandle handle;
    Node *node;
    HsAddr local;
    uint16_t port;
    HsDatagramFunc received;
    void *user_data;
    bool freed;
};

typedef enum {
    STREAM_CONNECTING,
    STREAM_OPEN,
    STREAM_OVER,
} StreamState;

/* One end of a connection. Sequence numbers count from 0 and a FIN takes one
 * behind the last byte. */
struct HsStream {
    HsEnvHandle handle;
    Node *node;
    Node *remote;   /* the node that has the other address, or NULL */
    HsStream *peer; /* the other end, once it exists */
    HsAddr local, remote_addr;
    uint16_t local_port, remote_port;
    StreamState state;
    const HsStreamEvents *events;
    void *user_data;
    bool freed;
    GByteArray *out; /* owned: all bytes ever sent */
    bool closing;    /* a FIN follows them */
    uint64_t una, nxt;
    uint64_t in; /* next byte expected */
    unsigned retries;
    HsDuration rto;
    HsAlarm *timer; /* owned by the world */
    HsStreamLimits limits;
    HsTime retry_since; /* the first of these retries */
    HsTime heard_at;
    unsigned keepalives; /* unanswered */
    HsAlarm *keepalive;  /* owned by the world */
};

struct FakeWorld {
    uint64_t seed;
    HsTime now;
    uint64_t order;
    uint16_t next_port;
    GSequence *events; /* Event, owned */
    GPtrArray *nodes;  /* Node, owned */
    GPtrArray *paths;  /* FakePath, owned; see path_of() */
    GPtrArray *alarms; /* owned, as all below */
    GPtrArray *streams;
    GPtrArray *listeners;
    GPtrArray *udps;
    GPtrArray *traces; /* HsTrace */
    GArray *facts;     /* HsFact */
    GString *log;
};

static const struct HsEnvOps fake_ops;

static Node *
node_of(HsEnv *env)
{
    Node *node = (Node *)env;

    g_assert(env->ops == &fake_ops);
    return node;
}

/* Events */

static int
compare_events(const void *a, const void *b, void *unused)
{
    const Event *x = a, *y = b;

    (void)unused;
    if (x->at != y->at)
        return x->at < y->at ? -1 : 1;
    return x->order < y->order ? -1 : x->order > y->order;
}

static void
event_free(void *data)
{
    Event *event = data;

    if (event->destroy != NULL)
        event->destroy(event->data);
    g_free(event);
}

static GSequenceIter *
add_event(FakeWorld *w, HsTime at, void (*run)(void *data), void *data,
          GDestroyNotify destroy)
{
    Event *event = g_new0(Event, 1);

    event->at = hs_time_max(at, w->now);
    event->order = w->order++;
    event->run = run;
    event->data = data;
    event->destroy = destroy;
    return g_sequence_insert_sorted(w->events, event, compare_events, NULL);
}

void
fake_world_at(FakeWorld *w, HsTime at, void (*function)(void *user_data),
              void *user_data)
{
    add_event(w, at, function, user_data, NULL);
}

void
fake_world_run(FakeWorld *w, HsTime until)
{
    for (;;) {
        GSequenceIter *first = g_sequence_get_begin_iter(w->events);
        Event *event, now;

        if (g_sequence_iter_is_end(first))
            break;
        event = g_sequence_get(first);
        if (event->at > until)
            break;
        w->now = event->at;
        now = *event;
        event->destroy = NULL; /* ours now */
        g_sequence_remove(first);
        now.run(now.data);
        if (now.destroy != NULL)
            now.destroy(now.data);
    }
    w->now = until;
}

/* Time, chance, observation */

static HsTime
fake_now(HsEnv *env)
{
    return node_of(env)->world->now;
}

static HsRng *
fake_rng_new(HsEnv *env, const char *purpose)
{
    return hs_rng_new(node_of(env)->world->seed, env->node, purpose);
}

static void
fake_fact(HsEnv *env, const HsFact *fact)
{
    FakeWorld *w = node_of(env)->world;
    HsFact copy = *fact;

    copy.at = w->now;
    copy.node = env->node;
    copy.subject = g_intern_string(fact->subject);
    copy.peer = g_intern_string(fact->peer);
    copy.from = g_intern_string(fact->from);
    copy.to = g_intern_string(fact->to);
    copy.cause = g_intern_string(fact->cause);
    g_array_append_val(w->facts, copy);
}

static HsEvidence
fake_evidence(HsEnv *env)
{
    (void)env;
    return (HsEvidence){0};
}

static void
keep_line(void *user_data, const char *line)
{
    FakeWorld *w = user_data;

    g_string_append_printf(w->log, "%s\n", line);
}

static const HsTrace *
fake_trace_new(HsEnv *env, const char *protocol, const char *peer)
{
    FakeWorld *w = node_of(env)->world;
    HsTrace *trace = g_new0(HsTrace, 1);

    trace->line = keep_line;
    trace->user_data = w;
    trace->node = env->node;
    trace->protocol = g_intern_string(protocol);
    trace->peer = g_intern_string(peer);
    g_ptr_array_add(w->traces, trace);
    return trace;
}

/* Alarms */

static void
alarm_fires(void *data)
{
    HsAlarm *alarm = data;

    alarm->event = NULL;
    alarm->fire(alarm->user_data);
}

static HsAlarm *
fake_alarm_new(HsEnv *env, void (*fire)(void *user_data), void *user_data)
{
    FakeWorld *w = node_of(env)->world;
    HsAlarm *alarm = g_new0(HsAlarm, 1);

    alarm->handle.ops = &fake_ops;
    alarm->world = w;
    alarm->fire = fire;
    alarm->user_data = user_data;
    g_ptr_array_add(w->alarms, alarm);
    return alarm;
}

static void
fake_alarm_set(HsAlarm *alarm, HsTime due)
{
    g_assert(!alarm->freed);
    g_clear_pointer(&alarm->event, g_sequence_remove);
    if (due != HS_TIME_NEVER)
        alarm->event = add_event(alarm->world, due, alarm_fires, alarm, NULL);
}

static void
fake_alarm_free(HsAlarm *alarm)
{
    fake_alarm_set(alarm, HS_TIME_NEVER);
    alarm->freed = true;
}

/* Nodes and paths */

/* Paths lie in rows: between the node with the higher index and each lower
 * one, itself included, both ways; so adding a node only appends. */
static FakePath *
path_of(FakeWorld *w, const Node *from, const Node *to)
{
    guint high = MAX(from->index, to->index);
    guint low = MIN(from->index, to->index);
    guint up = from->index < to->index ? 1 : 0;

    return g_ptr_array_index(w->paths, high * (high + 1) + 2 * low + up);
}

static Node *
node_with(FakeWorld *w, const HsAddr *addr)
{
    for (guint i = 0; i < w->nodes->len; i++) {
        Node *node = g_ptr_array_index(w->nodes, i);

        for (guint j = 0; j < node->addresses->len; j++)
            if (hs_addr_equal(&g_array_index(node->addresses, HsAddr, j), addr))
                return node;
    }
    return NULL;
}

static bool
reaches(FakeWorld *w, const Node *from, const Node *to)
{
    return to != NULL && !path_of(w, from, to)->cut;
}

static void
node_free(void *data)
{
    Node *node = data;

    g_array_unref(node->addresses);
    g_free(node);
}

HsEnv *
fake_world_node(FakeWorld *w, const char *name, const char *address)
{
    Node *node = g_new0(Node, 1);

    node->env.ops = &fake_ops;
    node->env.node = g_intern_string(name);
    node->world = w;
    node->addresses = g_array_new(FALSE, FALSE, sizeof(HsAddr));
    node->index = w->nodes->len;
    g_ptr_array_add(w->nodes, node);
    for (guint i = 0; i < 2 * w->nodes->len; i++) {
        FakePath *path = g_new0(FakePath, 1);

        path->delay = DEFAULT_DELAY;
        g_ptr_array_add(w->paths, path);
    }
    fake_world_add_address(w, &node->env, address);
    return &node->env;
}

void
fake_world_add_address(FakeWorld *w, HsEnv *env, const char *address)
{
    HsAddr addr;

    g_assert(hs_addr_parse(address, &addr));
    g_assert(node_with(w, &addr) == NULL);
    g_array_append_val(node_of(env)->addresses, addr);
}

HsAddr
fake_world_address(FakeWorld *w, HsEnv *env)
{
    (void)w;
    return g_array_index(node_of(env)->addresses, HsAddr, 0);
}

FakePath *
fake_world_path(FakeWorld *w, HsEnv *from, HsEnv *to)
{
    return path_of(w, node_of(from), node_of(to));
}

void
fake_world_set_delay(FakeWorld *w, HsEnv *a, HsEnv *b, HsDuration delay)
{
    fake_world_path(w, a, b)->delay = delay;
    fake_world_path(w, b, a)->delay = delay;
}

void
fake_world_cut(FakeWorld *w, HsEnv *a, HsEnv *b, bool cut)
{
    fake_world_path(w, a, b)->cut = cut;
    fake_world_path(w, b, a)->cut = cut;
}

/* Streams */

typedef enum {
    SEGMENT_SYN,
    SEGMENT_SYN_ACK,
    SEGMENT_DATA, /* with or without bytes, with or without a FIN */
    SEGMENT_ACK,
    SEGMENT_RST,
} SegmentKind;

typedef struct {
    SegmentKind kind;
    HsStream *from; /* of a SYN only */
    HsStream *to;   /* NULL: a SYN */
    uint64_t at;    /* the first byte's number; of an ACK: the next expected */
    GBytes *data;   /* owned, or NULL */
    bool fin;
} Segment;

static void segment_arrives(void *data);

static void
segment_free(void *data)
{
    Segment *segment = data;

    g_clear_pointer(&segment->data, g_bytes_unref);
    g_free(segment);
}

static void
put_segment(Node *from, Node *to, const Segment *segment)
{
    FakeWorld *w = from->world;
    Segment *copy;

    if (!reaches(w, from, to))
        return;
    copy = g_memdup2(segment, sizeof *segment);
    if (copy->data != NULL)
        g_bytes_ref(copy->data);
    add_event(w, w->now + path_of(w, from, to)->delay, segment_arrives, copy,
              segment_free);
}

static void
send_syn(HsStream *s)
{
    put_segment(s->node, s->remote, &(Segment){.kind = SEGMENT_SYN, .from = s});
}

static void
send_to_peer(HsStream *s, SegmentKind kind, uint64_t at)
{
    if (s->peer != NULL)
        put_segment(s->node, s->remote,
                    &(Segment){.kind = kind, .to = s->peer, .at = at});
}

static HsDuration
base_rto(const HsStream *s)
{
    FakeWorld *w = s->node->world;

    return MIN_RTO + path_of(w, s->node, s->remote)->delay +
           path_of(w, s->remote, s->node)->delay;
}

/* TCP_USER_TIMEOUT counts from the first retransmission. */
static HsDuration
user_timeout_left(const HsStream *s)
{
    if (s->limits.user_timeout == 0 || s->retries == 0)
        return HS_TIME_NEVER;
    return s->retry_since + s->limits.user_timeout - s->node->world->now;
}

static void
arm(HsStream *s)
{
    bool waiting = s->state == STREAM_CONNECTING ||
                   (s->state == STREAM_OPEN && s->una < s->nxt);

    fake_alarm_set(s->timer, waiting ? s->node->world->now +
                                           MIN(s->rto, user_timeout_left(s))
                                     : HS_TIME_NEVER);
}

/* Sends what has not been sent, as one segment. */
static void
pump(HsStream *s)
{
    uint64_t end = s->out->len + (s->closing ? 1u : 0u);
    g_autoptr(GBytes) data = NULL;
    bool idle = s->una == s->nxt;

    if (s->state != STREAM_OPEN || s->nxt >= end)
        return;
    if (s->nxt < s->out->len)
        data = g_bytes_new(s->out->data + s->nxt, s->out->len - s->nxt);
    put_segment(s->node, s->remote,
                &(Segment){.kind = SEGMENT_DATA,
                           .to = s->peer,
                           .at = s->nxt,
                           .data = data,
                           .fin = s->closing});
    s->nxt = end;
    if (idle)
        arm(s);
}

static void
heard(HsStream *s)
{
    s->heard_at = s->node->world->now;
    s->keepalives = 0;
}

static void
end_stream(HsStream *s, HsStreamEnd why)
{
    if (s->state == STREAM_OVER)
        return;
    s->state = STREAM_OVER;
    fake_alarm_set(s->timer, HS_TIME_NEVER);
    fake_alarm_set(s->keepalive, HS_TIME_NEVER);
    if (!s->freed && s->events != NULL && s->events->ended != NULL)
        s->events->ended(s->user_data, why);
}

static void
retry(void *user_data)
{
    HsStream *s = user_data;
    bool connecting = s->state == STREAM_CONNECTING;

    if (s->retries == (connecting ? SYN_RETRIES : DATA_RETRIES)) {
        end_stream(s,
                   connecting ? HS_STREAM_CONNECT_TIMEOUT : HS_STREAM_TIMEOUT);
        return;
    }
    if (s->retries == 0)
        s->retry_since = s->node->world->now;
    else if (user_timeout_left(s) <= 0) {
        end_stream(s, HS_STREAM_USER_TIMEOUT);
        return;
    }
    s->retries++;
    s->rto = MIN(2 * s->rto, MAX_RTO);
    if (connecting) {
        send_syn(s);
    } else {
        s->nxt = s->una;
        pump(s);
    }
    arm(s);
    if (!s->freed && s->events != NULL && s->events->retransmitted != NULL)
        s->events->retransmitted(s->user_data, s->retries, s->rto);
}

/* A probe, and its answer at once if the path is there both ways. */
static void
keepalive_fires(void *user_data)
{
    HsStream *s = user_data;
    FakeWorld *w = s->node->world;
    bool answered = reaches(w, s->node, s->remote) &&
                    reaches(w, s->remote, s->node) && s->peer != NULL &&
                    s->peer->state == STREAM_OPEN;
    HsDuration silence = w->now - s->heard_at;

    if (s->una < s->nxt)
        silence = 0; /* retry() judges */
    if (silence < s->limits.keepalive_idle) {
        fake_alarm_set(s->keepalive,
                       w->now + s->limits.keepalive_idle - silence);
        return;
    }
    if (answered) {
        heard(s);
        fake_alarm_set(s->keepalive, w->now + s->limits.keepalive_idle);
        return;
    }
    if (s->keepalives++ >= s->limits.keepalive_count)
        end_stream(s, HS_STREAM_KEEPALIVE);
    else
        fake_alarm_set(s->keepalive, w->now + s->limits.keepalive_interval);
}

static void
fake_stream_set_limits(HsStream *s, const HsStreamLimits *limits)
{
    s->limits = *limits;
    heard(s);
    if (limits->keepalive_idle > 0)
        fake_alarm_set(s->keepalive,
                       s->node->world->now + limits->keepalive_idle);
}

static HsStream *
stream_new(Node *node, Node *remote)
{
    HsStream *s = g_new0(HsStream, 1);

    s->handle.ops = &fake_ops;
    s->node = node;
    s->remote = remote;
    s->out = g_byte_array_new();
    s->timer = fake_alarm_new(&node->env, retry, s);
    s->keepalive = fake_alarm_new(&node->env, keepalive_fires, s);
    g_ptr_array_add(node->world->streams, s);
    return s;
}

static void
stream_destroy(void *data)
{
    HsStream *s = data;

    g_byte_array_unref(s->out);
    g_free(s);
}

static HsStream *
fake_stream_connect(HsEnv *env, const HsAddr *local, const HsAddr *remote,
                    uint16_t remote_port, const HsStreamEvents *events,
                    void *user_data)
{
    Node *node = node_of(env);
    HsStream *s = stream_new(node, node_with(node->world, remote));

    s->local = local != NULL && hs_addr_is_set(local)
                   ? *local
                   : g_array_index(node->addresses, HsAddr, 0);
    s->local_port = node->world->next_port++;
    s->remote_addr = *remote;
    s->remote_port = remote_port;
    s->events = events;
    s->user_data = user_data;
    s->rto = SYN_RTO;
    send_syn(s);
    arm(s);
    return s;
}

static HsListener *
listener_for(const HsStream *s)
{
    FakeWorld *w = s->node->world;

    for (guint i = 0; i < w->listeners->len; i++) {
        HsListener *l = g_ptr_array_index(w->listeners, i);

        if (!l->freed && l->node == s->remote && l->port == s->remote_port &&
            (!hs_addr_is_set(&l->local) ||
             hs_addr_equal(&l->local, &s->remote_addr)))
            return l;
    }
    return NULL;
}

static void
syn_arrives(HsStream *from)
{
    HsListener *listener = listener_for(from);
    HsStream *s;

    if (from->peer != NULL) { /* our answer was lost */
        send_to_peer(from->peer, SEGMENT_SYN_ACK, 0);
        return;
    }
    if (listener == NULL) {
        put_segment(from->remote, from->node,
                    &(Segment){.kind = SEGMENT_RST, .to = from});
        return;
    }
    s = stream_new(from->remote, from->node);
    s->peer = from;
    from->peer = s;
    s->state = STREAM_OPEN;
    s->rto = base_rto(s);
    send_to_peer(s, SEGMENT_SYN_ACK, 0);
    listener->accept(listener->user_data, s, &from->local, from->local_port);
}

static void
syn_ack_arrives(HsStream *s)
{
    if (s->state != STREAM_CONNECTING)
        return;
    s->state = STREAM_OPEN;
    s->retries = 0;
    s->rto = base_rto(s);
    arm(s);
    if (!s->freed && s->events != NULL && s->events->connected != NULL)
        s->events->connected(s->user_data);
    pump(s);
}

static void
data_arrives(HsStream *s, const Segment *segment)
{
    size_t length = 0;
    const uint8_t *data =
        segment->data != NULL ? g_bytes_get_data(segment->data, &length) : NULL;
    uint64_t end = segment->at + length + (segment->fin ? 1 : 0);
    uint64_t known = s->in - MIN(segment->at, s->in);

    if (s->state == STREAM_OVER) {
        send_to_peer(s, SEGMENT_RST, 0);
        return;
    }
    if (segment->at > s->in || end <= s->in) { /* a gap, or nothing new */
        send_to_peer(s, SEGMENT_ACK, s->in);
        return;
    }
    s->in = end;
    send_to_peer(s, SEGMENT_ACK, s->in);
    if (known < length && !s->freed && s->events != NULL &&
        s->events->received != NULL)
        s->events->received(s->user_data, data + known, length - known);
    if (segment->fin && s->state == STREAM_OPEN) {
        s->closing = true; /* no half-open streams here */
        pump(s);
        end_stream(s, HS_STREAM_CLOSED);
    }
}

static void
ack_arrives(HsStream *s, uint64_t next)
{
    bool news = s->una < s->out->len; /* more than our FIN */

    if (s->state != STREAM_OPEN || next <= s->una)
        return;
    s->una = next;
    s->nxt = MAX(s->nxt, next);
    s->retries = 0;
    s->rto = base_rto(s);
    arm(s);
    if (news && !s->freed && s->events != NULL && s->events->acked != NULL)
        s->events->acked(s->user_data, MIN(next, s->out->len));
    pump(s);
}

static void
segment_arrives(void *data)
{
    Segment *segment = data;

    if (segment->to != NULL)
        heard(segment->to);
    switch (segment->kind) {
    case SEGMENT_SYN:
        syn_arrives(segment->from);
        return;
    case SEGMENT_SYN_ACK:
        syn_ack_arrives(segment->to);
        return;
    case SEGMENT_DATA:
        data_arrives(segment->to, segment);
        return;
    case SEGMENT_ACK:
        ack_arrives(segment->to, segment->at);
        return;
    case SEGMENT_RST:
        end_stream(segment->to, segment->to->state == STREAM_CONNECTING
                                    ? HS_STREAM_REFUSED
                                    : HS_STREAM_RESET);
        return;
    }
}

static void
fake_stream_set_events(HsStream *s, const HsStreamEvents *events,
                       void *user_data)
{
    g_assert(!s->freed);
    s->events = events;
    s->user_data = user_data;
}

static void
fake_stream_send(HsStream *s, const void *data, size_t length)
{
    g_assert(!s->freed && !s->closing);
    if (s->state == STREAM_OVER)
        return;
    g_byte_array_append(s->out, data, (guint)length);
    if (s->retries == 0)
        pump(s);
}

static void
fake_stream_close(HsStream *s)
{
    g_assert(!s->freed);
    s->closing = true;
    if (s->retries == 0)
        pump(s);
}

static void
fake_stream_free(HsStream *s)
{
    g_assert(!s->freed);
    s->freed = true;
    if (s->closing || s->state == STREAM_OVER)
        return;
    send_to_peer(s, SEGMENT_RST, 0);
    end_stream(s, HS_STREAM_RESET);
}

static HsListener *
fake_listen(HsEnv *env, const HsAddr *local, uint16_t port, HsAcceptFunc accept,
            void *user_data)
{
    HsListener *l = g_new0(HsListener, 1);

    l->handle.ops = &fake_ops;
    l->node = node_of(env);
    if (local != NULL)
        l->local = *local;
    l->port = port;
    l->accept = accept;
    l->user_data = user_data;
    g_ptr_array_add(l->node->world->listeners, l);
    return l;
}

static void
fake_listener_free(HsListener *listener)
{
    g_assert(!listener->freed);
    listener->freed = true;
}

/* Datagrams */

typedef struct {
    Node *to;
    HsAddr from_addr, to_addr;
    uint16_t from_port, to_port;
    GBytes *data; /* owned */
} Datagram;

static void
datagram_free(void *data)
{
    Datagram *datagram = data;

    g_bytes_unref(datagram->data);
    g_free(datagram);
}

static void
datagram_arrives(void *data)
{
    const Datagram *d = data;
    FakeWorld *w = d->to->world;
    size_t length;
    const uint8_t *bytes = g_bytes_get_data(d->data, &length);

    for (guint i = 0; i < w->udps->len; i++) {
        HsUdp *udp = g_ptr_array_index(w->udps, i);

        if (!udp->freed && udp->node == d->to && udp->port == d->to_port &&
            (!hs_addr_is_set(&udp->local) ||
             hs_addr_equal(&udp->local, &d->to_addr))) {
            if (udp->received != NULL)
                udp->received(udp->user_data, &d->from_addr, d->from_port,
                              bytes, length);
            return;
        }
    }
}

static HsUdp *
fake_udp_open(HsEnv *env, const HsAddr *local, uint16_t port,
              HsDatagramFunc received, void *user_data)
{
    HsUdp *udp = g_new0(HsUdp, 1);

    udp->handle.ops = &fake_ops;
    udp->node = node_of(env);
    if (local != NULL)
        udp->local = *local;
    udp->port = port;
    udp->received = received;
    udp->user_data = user_data;
    g_ptr_array_add(udp->node->world->udps, udp);
    return udp;
}

static bool
next_bit(uint64_t *mask)
{
    bool bit = (*mask & 1) != 0;

    *mask >>= 1;
    return bit;
}

static void
fake_udp_send(HsUdp *udp, const HsAddr *to, uint16_t to_port, const void *data,
              size_t length)
{
    FakeWorld *w = udp->node->world;
    Node *node = node_with(w, to);
    FakePath *path;
    bool lost, twice, damaged;

    g_assert(!udp->freed);
    if (node == NULL)
        return;
    path = path_of(w, udp->node, node);
    lost = next_bit(&path->lose);
    twice = next_bit(&path->duplicate);
    damaged = next_bit(&path->corrupt);
    if (lost || path->cut)
        return;
    for (unsigned i = 0; i < (twice ? 2u : 1u); i++) {
        Datagram *d = g_new0(Datagram, 1);
        g_autofree uint8_t *copy = g_memdup2(data, length);

        if (damaged && length > 0)
            copy[length - 1] ^= 0x40;
        d->to = node;
        d->from_addr = hs_addr_is_set(&udp->local)
                           ? udp->local
                           : g_array_index(udp->node->addresses, HsAddr, 0);
        d->to_addr = *to;
        d->from_port = udp->port;
        d->to_port = to_port;
        d->data = g_bytes_new_take(g_steal_pointer(&copy), length);
        add_event(w, w->now + path->delay, datagram_arrives, d, datagram_free);
    }
}

static void
fake_udp_free(HsUdp *udp)
{
    g_assert(!udp->freed);
    udp->freed = true;
}

static const struct HsEnvOps fake_ops = {
    .now = fake_now,
    .rng_new = fake_rng_new,
    .fact = fake_fact,
    .evidence = fake_evidence,
    .trace_new = fake_trace_new,
    .alarm_new = fake_alarm_new,
    .alarm_set = fake_alarm_set,
    .alarm_free = fake_alarm_free,
    .stream_connect = fake_stream_connect,
    .stream_set_events = fake_stream_set_events,
    .stream_set_limits = fake_stream_set_limits,
    .stream_send = fake_stream_send,
    .stream_close = fake_stream_close,
    .stream_free = fake_stream_free,
    .listen = fake_listen,
    .listener_free = fake_listener_free,
    .udp_open = fake_udp_open,
    .udp_send = fake_udp_send,
    .udp_free = fake_udp_free,
};

/* The world */

FakeWorld *
fake_world_new(uint64_t seed)
{
    FakeWorld *w = g_new0(FakeWorld, 1);

    w->seed = seed;
    w->next_port = 49152;
    w->events = g_sequence_new(event_free);
    w->nodes = g_ptr_array_new_with_free_func(node_free);
    w->paths = g_ptr_array_new_with_free_func(g_free);
    w->alarms = g_ptr_array_new_with_free_func(g_free);
    w->streams = g_ptr_array_new_with_free_func(stream_destroy);
    w->listeners = g_ptr_array_new_with_free_func(g_free);
    w->udps = g_ptr_array_new_with_free_func(g_free);
    w->traces = g_ptr_array_new_with_free_func(g_free);
    w->facts = g_array_new(FALSE, FALSE, sizeof(HsFact));
    w->log = g_string_new(NULL);
    return w;
}

void
fake_world_free(FakeWorld *w)
{
    if (w == NULL)
        return;
    g_sequence_free(w->events);
    g_ptr_array_unref(w->streams);
    g_ptr_array_unref(w->alarms);
    g_ptr_array_unref(w->listeners);
    g_ptr_array_unref(w->udps);
    g_ptr_array_unref(w->traces);
    g_ptr_array_unref(w->paths);
    g_ptr_array_unref(w->nodes);
    g_array_unref(w->facts);
    g_string_free(w->log, TRUE);
    g_free(w);
}

HsTime
fake_world_now(const FakeWorld *w)
{
    return w->now;
}

const GArray *
fake_world_facts(const FakeWorld *w)
{
    return w->facts;
}

guint
fake_world_count(const FakeWorld *w, HsFactKind kind, const char *subject,
                 const char *to_or_cause)
{
    guint count = 0;

    for (guint i = 0; i < w->facts->len; i++) {
        const HsFact *f = &g_array_index(w->facts, HsFact, i);

        if (f->kind == kind &&
            (subject == NULL || g_strcmp0(f->subject, subject) == 0) &&
            (to_or_cause == NULL || g_strcmp0(f->to, to_or_cause) == 0 ||
             g_strcmp0(f->cause, to_or_cause) == 0))
            count++;
    }
    return count;
}

char *
fake_world_facts_text(const FakeWorld *w)
{
    GString *text = g_string_new(NULL);
    char time[HS_TIME_TEXT], value[HS_TIME_TEXT];

    for (guint i = 0; i < w->facts->len; i++) {
        const HsFact *f = &g_array_index(w->facts, HsFact, i);

        g_string_append_printf(text, "[%14s] %s %s",
                               hs_time_format(f->at, time), f->node,
                               hs_fact_kind_name(f->kind));
        if (f->subject != NULL)
            g_string_append_printf(text, " %s", f->subject);
        if (f->peer != NULL)
            g_string_append_printf(text, " %s", f->peer);
        if (f->from != NULL)
            g_string_append_printf(text, " %s ->", f->from);
        if (f->to != NULL)
            g_string_append_printf(text, " %s", f->to);
        if (f->cause != NULL)
            g_string_append_printf(text, " (%s)", f->cause);
        if (f->id != 0)
            g_string_append_printf(text, " #%" G_GUINT64_FORMAT, f->id);
        if (f->value != 0)
            g_string_append_printf(text, " %s",
                                   hs_duration_format(f->value, value));
        g_string_append_c(text, '\n');
    }
    return g_string_free(text, FALSE);
}

const char *
fake_world_trace(const FakeWorld *w)
{
    return w->log->str;
}
