/* A stream has two ends, whoever of them sends. The client's end knows which it
 * is; the server's is told by the first octets of a connection (the cookie,
 * with the stream's number in front), or by those of a datagram:
 *
 *     datagram   magic  stream  number  stamp   filler...
 *     octets       4      4       4       8
 *
 * With REVERSE over UDP the client says hello, as iperf3 does, until the first
 * datagram comes; the server sends to where that came from. */

#include "config.h"

#include "models/load/bulk.h"

#include "models/base/wire.h"

#define MAGIC      0x48534250u /* "HSBP" */
#define HELLO      0x48534248u /* "HSBH" */
#define HELLO_WAIT HS_SEC(1)
#define BLOCK_MOST (1u << 20)

typedef struct {
    HsBulk *bulk; /* borrowed: owns us */
    unsigned number;
    HsBulkReport report;

    /* The client's end. */
    HsStream *stream; /* owned */
    HsUdp *udp;       /* owned */
    HsAlarm *hello;   /* owned; UDP with REVERSE */

    /* The sender's. */
    HsStream *out;  /* borrowed: the one that sends; NULL: not yet */
    HsAlarm *pace;  /* owned, on the sender's node */
    uint64_t acked; /* of what the sender's connection carried */
    uint64_t extra; /* of these, the cookie */
    HsTime began;   /* sending */
    HsAddr to;      /* UDP */
    uint16_t to_port;
    bool over;

    /* The receiver's, of UDP. */
    bool heard;
    HsDuration transit;
} Stream;

/* A connection at the server. */
typedef struct {
    HsBulk *bulk;     /* borrowed: owns us */
    HsStream *stream; /* owned */
    Stream *of;       /* borrowed; NULL: the cookie is not complete */
    uint8_t cookie[HS_BULK_COOKIE];
    size_t have;
} Accepted;

struct HsBulk {
    HsEnv *client, *server; /* borrowed: outlive us */
    HsBulkConfig config;
    GPtrArray *streams;   /* Stream; owned */
    GPtrArray *accepted;  /* Accepted; owned */
    HsListener *listener; /* owned; NULL: UDP */
    HsUdp *in;            /* owned: the server's; NULL: TCP */
    HsAlarm *begin, *interval;
    uint8_t *block; /* owned: filler */
    bool over;
};

static HsEnv *
sender_of(const HsBulk *bulk)
{
    return bulk->config.reverse ? bulk->server : bulk->client;
}

static HsTime
end_of(const HsBulk *bulk)
{
    return hs_time_add(bulk->config.start, bulk->config.duration);
}

static void
fail(Stream *s, const char *why)
{
    if (!s->bulk->over && s->report.error == NULL)
        s->report.error = g_intern_string(why);
    s->over = true;
    s->out = NULL;
    hs_alarm_set(s->pace, HS_TIME_NEVER);
}

/* Sending */

/* When the stream, at its rate, has BYTES behind it. */
static HsTime
due_at(const Stream *s, uint64_t bytes)
{
    double seconds = (double)bytes * 8 / (double)s->bulk->config.rate;

    return hs_time_add(s->began, (HsDuration)(seconds * 1e9));
}

static void
send_blocks(Stream *s)
{
    const HsBulkConfig *c = &s->bulk->config;
    HsBulkCounts *total = &s->report.total;
    HsTime now = hs_env_now(sender_of(s->bulk)), due;

    while ((due = due_at(s, total->sent_bytes)) <= now) {
        uint64_t acked = s->acked > s->extra ? s->acked - s->extra : 0;

        /* A full buffer: acked() comes back to this. */
        if (total->sent_bytes + c->length > acked + MAX(c->window, c->length))
            return;
        hs_stream_send(s->out, s->bulk->block, c->length);
        total->sent_bytes += c->length;
    }
    hs_alarm_set(s->pace, due);
}

static void
send_datagram(Stream *s)
{
    const HsBulkConfig *c = &s->bulk->config;
    HsBulkCounts *total = &s->report.total;
    g_auto(HsWriter) w = {0};

    hs_writer_init(&w);
    hs_writer_u32(&w, MAGIC);
    hs_writer_u32(&w, s->number);
    hs_writer_u32(&w, (uint32_t)++total->sent_packets);
    hs_writer_u64(&w, (uint64_t)hs_env_now(sender_of(s->bulk)));
    hs_writer_bytes(&w, s->bulk->block, c->length - HS_BULK_MIN_UDP);
    hs_udp_send(c->reverse ? s->bulk->in : s->udp, &s->to, s->to_port,
                w.bytes->data, w.bytes->len);
    total->sent_bytes += c->length;
    hs_alarm_set(s->pace, due_at(s, total->sent_bytes));
}

static void
pace(void *user_data)
{
    Stream *s = user_data;

    if (s->over)
        return;
    if (s->bulk->config.protocol == HS_BULK_UDP)
        send_datagram(s);
    else if (s->out != NULL)
        send_blocks(s);
}

static void
begin_sending(Stream *s)
{
    if (s->over || s->began != HS_TIME_NEVER)
        return;
    s->began = hs_env_now(sender_of(s->bulk));
    pace(s);
}

static void
sender_acked(Stream *s, uint64_t total)
{
    s->acked = total;
    if (s->out != NULL && !s->over && s->began != HS_TIME_NEVER)
        send_blocks(s);
}

/* TCP */

static void
client_connected(void *user_data)
{
    Stream *s = user_data;
    uint8_t cookie[HS_BULK_COOKIE] = {
        (uint8_t)(s->number >> 24), (uint8_t)(s->number >> 16),
        (uint8_t)(s->number >> 8), (uint8_t)s->number};

    s->report.connected = hs_env_now(s->bulk->client);
    hs_stream_send(s->stream, cookie, sizeof cookie);
    if (s->bulk->config.reverse)
        return;
    s->out = s->stream;
    s->extra = sizeof cookie;
    begin_sending(s);
}

static void
client_received(void *user_data, const uint8_t *data, size_t length)
{
    Stream *s = user_data;

    (void)data;
    s->report.total.bytes += length;
    s->report.last = hs_env_now(s->bulk->client);
}

static void
client_retransmitted(void *user_data, unsigned attempt, HsDuration rto)
{
    Stream *s = user_data;

    (void)attempt;
    (void)rto;
    if (!s->bulk->config.reverse)
        s->report.total.retransmits++;
}

static void
client_acked(void *user_data, uint64_t total)
{
    Stream *s = user_data;

    if (!s->bulk->config.reverse)
        sender_acked(s, total);
}

static void
client_ended(void *user_data, HsStreamEnd why)
{
    fail(user_data, hs_stream_end_name(why));
}

static void
server_received(void *user_data, const uint8_t *data, size_t length)
{
    Accepted *a = user_data;
    size_t cookie = MIN(length, sizeof a->cookie - a->have);

    for (size_t i = 0; i < cookie; i++)
        a->cookie[a->have++] = data[i];
    if (a->of == NULL && a->have == sizeof a->cookie) {
        unsigned number = (unsigned)a->cookie[0] << 24 |
                          (unsigned)a->cookie[1] << 16 |
                          (unsigned)a->cookie[2] << 8 | a->cookie[3];

        if (number >= a->bulk->streams->len)
            return;
        a->of = a->bulk->streams->pdata[number];
        if (a->bulk->config.reverse) {
            a->of->out = a->stream;
            begin_sending(a->of);
        }
    }
    if (a->of == NULL || length == cookie)
        return;
    a->of->report.total.bytes += length - cookie;
    a->of->report.last = hs_env_now(a->bulk->server);
}

static void
server_retransmitted(void *user_data, unsigned attempt, HsDuration rto)
{
    Accepted *a = user_data;

    (void)attempt;
    (void)rto;
    if (a->of != NULL && a->bulk->config.reverse)
        a->of->report.total.retransmits++;
}

static void
server_acked(void *user_data, uint64_t total)
{
    Accepted *a = user_data;

    if (a->of != NULL && a->bulk->config.reverse)
        sender_acked(a->of, total);
}

static void
server_ended(void *user_data, HsStreamEnd why)
{
    Accepted *a = user_data;

    if (a->of != NULL && a->bulk->config.reverse)
        fail(a->of, hs_stream_end_name(why));
    g_ptr_array_remove(a->bulk->accepted, a);
}

static void
accepted_free(void *data)
{
    Accepted *a = data;

    hs_stream_free(a->stream);
    g_free(a);
}

static void
accepted(void *user_data, HsStream *stream, const HsAddr *peer,
         uint16_t peer_port)
{
    static const HsStreamEvents events = {
        .received = server_received,
        .retransmitted = server_retransmitted,
        .acked = server_acked,
        .ended = server_ended,
    };
    HsBulk *bulk = user_data;
    Accepted *a = g_new0(Accepted, 1);

    (void)peer;
    (void)peer_port;
    a->bulk = bulk;
    a->stream = stream;
    g_ptr_array_add(bulk->accepted, a);
    hs_stream_set_events(stream, &events, a);
}

/* UDP */

/* iperf3's count: a number that was skipped is lost until it comes. */
static void
count_datagram(Stream *s, uint32_t number, HsTime sent, HsTime now,
               size_t length)
{
    HsBulkCounts *total = &s->report.total;
    HsDuration transit = now - sent, difference;

    total->bytes += length;
    s->report.last = now;
    if (number > total->packets) {
        total->lost += number - 1 - total->packets;
        total->packets = number;
    } else {
        total->out_of_order++;
        total->lost -= total->lost > 0;
    }
    difference = s->heard ? ABS(transit - s->transit) : 0;
    s->transit = transit;
    s->heard = true;
    /* RFC 3550 6.4.1: J += (|D| - J) / 16. */
    total->jitter += (difference - total->jitter) / 16;
}

static void
take_datagram(HsBulk *bulk, HsEnv *env, const uint8_t *data, size_t length)
{
    HsReader r = hs_reader_of(data, length);
    uint32_t magic = hs_reader_u32(&r), stream = hs_reader_u32(&r);
    uint32_t number = hs_reader_u32(&r);
    HsTime sent = (HsTime)hs_reader_u64(&r);

    if (!hs_reader_ok(&r) || magic != MAGIC || stream >= bulk->streams->len ||
        length != bulk->config.length || number == 0)
        return;
    count_datagram(bulk->streams->pdata[stream], number, sent, hs_env_now(env),
                   length);
}

static void
server_heard(void *user_data, const HsAddr *from, uint16_t from_port,
             const uint8_t *data, size_t length)
{
    HsBulk *bulk = user_data;
    HsReader r = hs_reader_of(data, length);
    uint32_t magic = hs_reader_u32(&r), stream = hs_reader_u32(&r);
    Stream *s;

    if (!bulk->config.reverse) {
        take_datagram(bulk, bulk->server, data, length);
        return;
    }
    if (!hs_reader_ok(&r) || magic != HELLO || stream >= bulk->streams->len)
        return;
    s = bulk->streams->pdata[stream];
    s->to = *from;
    s->to_port = from_port;
    begin_sending(s);
}

static void
client_heard(void *user_data, const HsAddr *from, uint16_t from_port,
             const uint8_t *data, size_t length)
{
    Stream *s = user_data;

    (void)from;
    (void)from_port;
    hs_alarm_set(s->hello, HS_TIME_NEVER);
    if (s->bulk->config.reverse)
        take_datagram(s->bulk, s->bulk->client, data, length);
}

static void
say_hello(void *user_data)
{
    Stream *s = user_data;
    g_auto(HsWriter) w = {0};

    hs_writer_init(&w);
    hs_writer_u32(&w, HELLO);
    hs_writer_u32(&w, s->number);
    hs_udp_send(s->udp, &s->bulk->config.server, s->bulk->config.port,
                w.bytes->data, w.bytes->len);
    hs_alarm_set(s->hello,
                 hs_time_add(hs_env_now(s->bulk->client), HELLO_WAIT));
}

/* Life */

static void
begin_stream(Stream *s)
{
    static const HsStreamEvents events = {
        .connected = client_connected,
        .received = client_received,
        .retransmitted = client_retransmitted,
        .acked = client_acked,
        .ended = client_ended,
    };
    const HsBulkConfig *c = &s->bulk->config;

    if (c->protocol == HS_BULK_TCP) {
        s->stream = hs_stream_connect(s->bulk->client, &c->client, &c->server,
                                      c->port, &events, s);
        return;
    }
    s->report.connected = c->start;
    s->udp = hs_udp_open(s->bulk->client, &c->client,
                         (uint16_t)(c->port + 1 + s->number), client_heard, s);
    if (c->reverse) {
        say_hello(s);
        return;
    }
    s->to = c->server;
    s->to_port = c->port;
    begin_sending(s);
}

static void
begin(void *user_data)
{
    HsBulk *bulk = user_data;

    for (guint i = 0; i < bulk->streams->len; i++)
        begin_stream(bulk->streams->pdata[i]);
    hs_alarm_set(bulk->interval, hs_bulk_mark_at(bulk, 0));
}

/* What is on its way still arrives and counts; nothing more is sent. */
static void
end(HsBulk *bulk)
{
    bulk->over = true;
    for (guint i = 0; i < bulk->streams->len; i++) {
        Stream *s = bulk->streams->pdata[i];

        s->over = true;
        s->out = NULL;
        hs_alarm_set(s->pace, HS_TIME_NEVER);
        hs_alarm_set(s->hello, HS_TIME_NEVER);
        if (s->report.connected == HS_TIME_NEVER && s->report.error == NULL)
            s->report.error = g_intern_string("not connected in time");
        g_clear_pointer(&s->stream, hs_stream_free);
    }
    if (bulk->config.reverse)
        g_ptr_array_set_size(bulk->accepted, 0);
}

static void
interval_ends(void *user_data)
{
    HsBulk *bulk = user_data;
    Stream *first = bulk->streams->pdata[0];

    for (guint i = 0; i < bulk->streams->len; i++) {
        Stream *s = bulk->streams->pdata[i];

        g_array_append_val(s->report.marks, s->report.total);
    }
    if (hs_env_now(bulk->client) >= end_of(bulk))
        end(bulk);
    else
        hs_alarm_set(bulk->interval,
                     hs_bulk_mark_at(bulk, first->report.marks->len));
}

static void
stream_free(void *data)
{
    Stream *s = data;

    hs_stream_free(s->stream);
    hs_udp_free(s->udp);
    hs_alarm_free(s->hello);
    hs_alarm_free(s->pace);
    g_array_unref(s->report.marks);
    g_free(s);
}

static void
add_stream(HsBulk *bulk, unsigned number)
{
    Stream *s = g_new0(Stream, 1);

    s->bulk = bulk;
    s->number = number;
    s->report.marks = g_array_new(FALSE, FALSE, sizeof(HsBulkCounts));
    s->report.connected = HS_TIME_NEVER;
    s->began = HS_TIME_NEVER;
    s->pace = hs_alarm_new(sender_of(bulk), pace, s);
    s->hello = hs_alarm_new(bulk->client, say_hello, s);
    g_ptr_array_add(bulk->streams, s);
}

HsBulk *
hs_bulk_new(HsEnv *client, HsEnv *server, const HsBulkConfig *config)
{
    HsBulk *bulk = g_new0(HsBulk, 1);

    g_assert(config->parallel > 0 && config->rate > 0 && config->length > 0 &&
             config->length <= BLOCK_MOST && config->duration > 0);
    g_assert(config->protocol == HS_BULK_TCP ||
             config->length >= HS_BULK_MIN_UDP);
    bulk->client = client;
    bulk->server = server;
    bulk->config = *config;
    bulk->block = g_malloc0(config->length);
    bulk->streams = g_ptr_array_new_with_free_func(stream_free);
    bulk->accepted = g_ptr_array_new_with_free_func(accepted_free);
    for (unsigned i = 0; i < config->parallel; i++)
        add_stream(bulk, i);
    if (config->protocol == HS_BULK_TCP)
        bulk->listener = hs_env_listen(server, &bulk->config.server,
                                       config->port, accepted, bulk);
    else
        bulk->in = hs_udp_open(server, &bulk->config.server, config->port,
                               server_heard, bulk);
    bulk->begin = hs_alarm_new(client, begin, bulk);
    bulk->interval = hs_alarm_new(client, interval_ends, bulk);
    hs_alarm_set(bulk->begin, config->start);
    return bulk;
}

void
hs_bulk_free(HsBulk *bulk)
{
    if (bulk == NULL)
        return;
    g_ptr_array_unref(bulk->streams);
    g_ptr_array_unref(bulk->accepted);
    hs_listener_free(bulk->listener);
    hs_udp_free(bulk->in);
    hs_alarm_free(bulk->begin);
    hs_alarm_free(bulk->interval);
    g_free(bulk->block);
    g_free(bulk);
}

const HsBulkConfig *
hs_bulk_config(const HsBulk *bulk)
{
    return &bulk->config;
}

const HsBulkReport *
hs_bulk_report(const HsBulk *bulk, unsigned stream)
{
    g_assert(stream < bulk->streams->len);
    return &((const Stream *)bulk->streams->pdata[stream])->report;
}

HsTime
hs_bulk_mark_at(const HsBulk *bulk, unsigned index)
{
    HsTime at = hs_time_add(bulk->config.start,
                            ((HsDuration)index + 1) * HS_BULK_INTERVAL);

    return MIN(at, end_of(bulk));
}
