#include "config.h"

#include "tests/harness/bgp_pair.h"

#include <check.h>

typedef enum { SYN, SYN_ACK, DATA, END } EventKind;

typedef struct {
    HsTime at;
    EventKind kind;
    unsigned to; /* side */
    unsigned connection;
    GBytes *bytes;
} Event;

/* One TCP connection: its number on either side, 0 if that has none. */
typedef struct {
    unsigned number[2];
} Connection;

BgpPairConfig
bgp_pair_config(void)
{
    BgpPairConfig config = {.delay = HS_MSEC(10)};

    for (unsigned i = 0; i < 2; i++) {
        BgpSessionConfig *session = &config.peer[i].session;

        config.speaker[i].asn = 65001 + i;
        config.speaker[i].router_id = 0x0a000001 + i;
        *session = bgp_session_config(BGP_PRESET_FRR);
        session->peer_as = 65002 - i;
        config.peer[i].name = i == BGP_A ? "b" : "a";
        config.peer[i].local_address = hs_addr_ipv4(0x0a000001 + i);
        config.peer[i].peer_address = hs_addr_ipv4(0x0a000002 - i);
    }
    return config;
}

static void
add_line(void *user_data, const char *line)
{
    BgpPair *pair = user_data;

    g_string_append(pair->log, line);
    g_string_append_c(pair->log, '\n');
}

static void
free_event(gpointer data)
{
    Event *event = data;

    g_clear_pointer(&event->bytes, g_bytes_unref);
    g_free(event);
}

BgpPair *
bgp_pair_new(const BgpPairConfig *config)
{
    BgpPair *pair = g_new0(BgpPair, 1);

    pair->delay = config->delay;
    pair->log_routes = config->log_routes;
    pair->log = g_string_new(NULL);
    pair->connections = g_ptr_array_new_with_free_func(g_free);
    g_queue_init(&pair->events);
    for (unsigned i = 0; i < 2; i++) {
        BgpPairSide *side = &pair->side[i];
        BgpPeerConfig peer = config->peer[i];

        *side = (BgpPairSide){
            .pair = pair,
            .index = i,
            .rng = hs_rng_new(7, i == BGP_A ? "a" : "b", "bgp"),
            .trace = {.line = add_line,
                      .user_data = pair,
                      .node = i == BGP_A ? "a" : "b",
                      .protocol = "bgp"},
            .sent = g_byte_array_new(),
        };
        peer.session.trace = &side->trace;
        side->speaker = bgp_speaker_new(&config->speaker[i], side->rng);
        side->peer = bgp_speaker_add_peer(side->speaker, &peer, 0);
    }
    return pair;
}

void
bgp_pair_free(BgpPair *pair)
{
    for (unsigned i = 0; i < 2; i++) {
        bgp_speaker_free(pair->side[i].speaker);
        hs_rng_free(pair->side[i].rng);
        g_byte_array_unref(pair->side[i].sent);
    }
    g_queue_clear_full(&pair->events, free_event);
    g_ptr_array_unref(pair->connections);
    g_string_free(pair->log, TRUE);
    g_free(pair);
}

/* Everything takes the same time, so the queue stays in order. */
static void
send_event(BgpPair *pair, unsigned from, EventKind kind, unsigned connection,
           GBytes *bytes)
{
    Event *event;

    if (pair->cut[from])
        return;
    event = g_new0(Event, 1);
    *event = (Event){
        .at = pair->now + pair->delay,
        .kind = kind,
        .to = 1 - from,
        .connection = connection,
        .bytes = bytes != NULL ? g_bytes_ref(bytes) : NULL,
    };
    g_queue_push_tail(&pair->events, event);
}

static unsigned
connection_of(const BgpPair *pair, unsigned side, unsigned number)
{
    for (guint i = 0; i < pair->connections->len; i++) {
        const Connection *c = g_ptr_array_index(pair->connections, i);

        if (c->number[side] == number)
            return i;
    }
    ck_abort_msg("side %u names connection %u, which it never had", side,
                 number);
}

static const char *
name_of(const BgpPeer *peer, BgpSource source)
{
    return peer != NULL ? bgp_peer_name(peer) : bgp_source_name(source);
}

static void
log_route(BgpPairSide *side, const BgpSpeakerOutput *o)
{
    BgpPair *pair = side->pair;
    char prefix[HS_PREFIX_TEXT];

    if (!pair->log_routes)
        return;
    hs_prefix_format(&o->prefix, prefix);
    if (o->kind == BGP_SPEAKER_BEST_CHANGED) {
        const char *from =
            o->had_best ? name_of(o->old_peer, o->old_source) : "none";
        const char *to = o->paths > 0 ? name_of(o->peer, o->source) : "none";

        hs_trace(&side->trace, pair->now, "best %s: %s -> %s (%s)", prefix,
                 from, to, o->cause);
        return;
    }
    hs_trace(&side->trace, pair->now, "%s %s %s%s%s%s",
             o->kind == BGP_SPEAKER_ROUTE_SENT ? "sent" : "received",
             o->announce ? "announce" : "withdraw", prefix,
             o->cause != NULL ? " (" : "", o->cause != NULL ? o->cause : "",
             o->cause != NULL ? ")" : "");
}

static void
take_send(BgpPairSide *side, const BgpSpeakerOutput *o)
{
    gsize length;
    const void *data = g_bytes_get_data(o->bytes, &length);

    g_byte_array_append(side->sent, data, (guint)length);
    send_event(side->pair, side->index, DATA,
               connection_of(side->pair, side->index, o->connection), o->bytes);
}

static void
take_output(BgpPairSide *side, const BgpSpeakerOutput *o)
{
    BgpPair *pair = side->pair;
    Connection *c;

    switch (o->kind) {
    case BGP_SPEAKER_CONNECT:
        c = g_new0(Connection, 1);
        c->number[side->index] = o->connection;
        g_ptr_array_add(pair->connections, c);
        send_event(pair, side->index, SYN, pair->connections->len - 1, NULL);
        return;
    case BGP_SPEAKER_SEND:
        take_send(side, o);
        return;
    case BGP_SPEAKER_CLOSE:
        send_event(pair, side->index, END,
                   connection_of(pair, side->index, o->connection), NULL);
        return;
    case BGP_SPEAKER_ROUTE_SENT:
    case BGP_SPEAKER_ROUTE_RECEIVED:
    case BGP_SPEAKER_BEST_CHANGED:
        log_route(side, o);
        return;
    case BGP_SPEAKER_STATE:
    case BGP_SPEAKER_END_OF_RIB:
    case BGP_SPEAKER_DECIDED:
    case BGP_SPEAKER_STALE: /* traced */
        return;
    }
}

static void
poll_side(BgpPairSide *side)
{
    BgpSpeakerOutput output;

    while (bgp_speaker_poll(side->speaker, &output)) {
        take_output(side, &output);
        bgp_speaker_output_clear(&output);
    }
}

void
bgp_pair_poll(BgpPair *pair)
{
    poll_side(&pair->side[BGP_A]);
    poll_side(&pair->side[BGP_B]);
}

static void
take_syn(BgpPair *pair, BgpPairSide *side, unsigned connection)
{
    Connection *c = g_ptr_array_index(pair->connections, connection);
    unsigned number = bgp_peer_accept(side->peer, pair->now);

    c->number[side->index] = number;
    send_event(pair, side->index, number != 0 ? SYN_ACK : END, connection,
               NULL);
}

static void
take_event(BgpPair *pair, const Event *event)
{
    BgpPairSide *side = &pair->side[event->to];
    const Connection *c =
        g_ptr_array_index(pair->connections, event->connection);
    unsigned number = c->number[event->to];
    gsize length;
    const void *data;

    switch (event->kind) {
    case SYN:
        take_syn(pair, side, event->connection);
        break;
    case SYN_ACK:
        bgp_peer_tcp_up(side->peer, pair->now, number);
        break;
    case DATA:
        data = g_bytes_get_data(event->bytes, &length);
        bgp_peer_receive(side->peer, pair->now, number, data, length);
        break;
    case END:
        bgp_peer_tcp_down(side->peer, pair->now, number);
        break;
    }
    bgp_pair_poll(pair);
}

/* RFC 4271 8.2.2: who is Established has had the other's OPEN, so the other
 * has been in OpenSent at least, and both have the same hold time if both are
 * there. */
static void
check_invariants(const BgpPair *pair)
{
    const BgpSession *a = bgp_peer_session(pair->side[BGP_A].peer);
    const BgpSession *b = bgp_peer_session(pair->side[BGP_B].peer);

    if (bgp_session_state(a) != BGP_ESTABLISHED ||
        bgp_session_state(b) != BGP_ESTABLISHED)
        return;
    ck_assert_int_eq(bgp_session_negotiated(a)->hold,
                     bgp_session_negotiated(b)->hold);
    ck_assert(bgp_session_negotiated(a)->four_octet_as ==
              bgp_session_negotiated(b)->four_octet_as);
}

void
bgp_pair_start(BgpPair *pair)
{
    bgp_peer_start(pair->side[BGP_A].peer, pair->now);
    bgp_peer_start(pair->side[BGP_B].peer, pair->now);
    bgp_pair_poll(pair);
}

static HsTime
next_time(const BgpPair *pair)
{
    const Event *event = g_queue_peek_head((GQueue *)(uintptr_t)&pair->events);
    HsTime next = event != NULL ? event->at : HS_TIME_NEVER;

    for (unsigned i = 0; i < 2; i++)
        next =
            hs_time_min(next, bgp_speaker_next_expiry(pair->side[i].speaker));
    return next;
}

void
bgp_pair_run(BgpPair *pair, HsTime until)
{
    HsTime next;

    for (unsigned steps = 0; (next = next_time(pair)) <= until; steps++) {
        const Event *head = g_queue_peek_head(&pair->events);

        ck_assert_msg(steps < 100000, "the pair does not come to rest");
        pair->now = next;
        if (head != NULL && head->at == next) {
            Event *event = g_queue_pop_head(&pair->events);

            take_event(pair, event);
            free_event(event);
        } else {
            bgp_speaker_expire(pair->side[BGP_A].speaker, next);
            bgp_speaker_expire(pair->side[BGP_B].speaker, next);
            bgp_pair_poll(pair);
        }
        check_invariants(pair);
    }
    pair->now = until;
}

void
bgp_pair_cut(BgpPair *pair, bool cut)
{
    pair->cut[BGP_A] = pair->cut[BGP_B] = cut;
    if (cut)
        g_queue_clear_full(&pair->events, free_event);
}

void
bgp_pair_expect(BgpPair *pair, const char *log)
{
    ck_assert_str_eq(pair->log->str, log);
    g_string_truncate(pair->log, 0);
}
