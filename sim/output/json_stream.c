/* Bulk streams: `streams` of result.json, and each in iperf3's JSON form (that
 * of `iperf3 -c -J`, version 3.12), so that what reads iperf3 reads this.
 *
 * Instants in that form are seconds since the stream's start. What only a
 * kernel could say (TCP_INFO, processor time) is left out, as iperf3 does where
 * the system does not tell. The time of day is that of the simulation: 0 is
 * 1970. */

#include "config.h"

#include "sim/output/json_part.h"
#include "sim/output/json_value.h"

#include <math.h>

#define SOCKET 5 /* iperf3's first */

/* What passed between two marks, of one stream or of all. */
typedef struct {
    HsTime from, until; /* since the start */
    HsBulkCounts counts;
} Span;

static double
seconds(HsDuration span)
{
    return (double)span / 1e9;
}

static double
rate_of(uint64_t bytes, HsDuration span)
{
    return span > 0 ? (double)bytes * 8 / seconds(span) : 0;
}

static double
percent(uint64_t lost, uint64_t packets)
{
    return packets > 0 ? 100.0 * (double)lost / (double)packets : 0;
}

/* B less A; a packet that came late takes a loss back. */
static HsBulkCounts
between(const HsBulkCounts *a, const HsBulkCounts *b)
{
    return (HsBulkCounts){
        .sent_bytes = b->sent_bytes - a->sent_bytes,
        .sent_packets = b->sent_packets - a->sent_packets,
        .retransmits = b->retransmits - a->retransmits,
        .bytes = b->bytes - a->bytes,
        .packets = b->packets - a->packets,
        .lost = b->lost > a->lost ? b->lost - a->lost : 0,
        .out_of_order = b->out_of_order - a->out_of_order,
        .jitter = b->jitter,
    };
}

static void
add(HsBulkCounts *sum, const HsBulkCounts *more)
{
    sum->sent_bytes += more->sent_bytes;
    sum->sent_packets += more->sent_packets;
    sum->retransmits += more->retransmits;
    sum->bytes += more->bytes;
    sum->packets += more->packets;
    sum->lost += more->lost;
    sum->out_of_order += more->out_of_order;
    sum->jitter += more->jitter;
}

/* Of all streams; jitter is their mean, as iperf3 has it. */
static HsBulkCounts
total_of(const HsBulk *bulk)
{
    const HsBulkConfig *c = hs_bulk_config(bulk);
    HsBulkCounts sum = {0};

    for (unsigned i = 0; i < c->parallel; i++)
        add(&sum, &hs_bulk_report(bulk, i)->total);
    sum.jitter /= c->parallel;
    return sum;
}

/* What is in queues when the sender stops arrives later: the receiver's time
 * goes on until then. */
static HsDuration
received_in(const HsBulk *bulk, unsigned from, unsigned until)
{
    const HsBulkConfig *c = hs_bulk_config(bulk);
    HsDuration span = c->duration;

    for (unsigned i = from; i < until; i++)
        span = MAX(span, hs_bulk_report(bulk, i)->last - c->start);
    return span;
}

static const char *
error_of(const HsBulk *bulk)
{
    for (unsigned i = 0; i < hs_bulk_config(bulk)->parallel; i++)
        if (hs_bulk_report(bulk, i)->error != NULL)
            return hs_bulk_report(bulk, i)->error;
    return NULL;
}

/* In iperf3's form */

static json_t *
address(const HsAddr *addr)
{
    char text[HS_ADDR_TEXT];

    return json_string(hs_addr_format(addr, text));
}

static json_t *
begin(const HsBulk *bulk, const char *engine)
{
    const HsBulkConfig *c = hs_bulk_config(bulk);
    json_t *object = json_object(), *connected = json_array();
    json_t *timestamp = json_object(), *to = json_object();
    g_autofree char *system = g_strdup_printf("simulated, ns-%s", engine);

    for (unsigned i = 0; i < c->parallel; i++) {
        json_t *entry = json_object();

        if (hs_bulk_report(bulk, i)->connected == HS_TIME_NEVER) {
            json_decref(entry);
            continue;
        }
        hs_json_set(entry, "socket", json_integer(SOCKET + (json_int_t)i));
        hs_json_set(entry, "local_host", address(&c->client));
        hs_json_set(entry, "local_port",
                    json_integer(c->port + 1 + (json_int_t)i));
        hs_json_set(entry, "remote_host", address(&c->server));
        hs_json_set(entry, "remote_port", json_integer(c->port));
        json_array_append_new(connected, entry);
    }
    hs_json_set(object, "connected", connected);
    hs_json_set(object, "version", json_string(PACKAGE_STRING));
    hs_json_set(object, "system_info", json_string(system));
    hs_json_set(timestamp, "time",
                json_string("Thu, 01 Jan 1970 00:00:00 GMT"));
    hs_json_set(timestamp, "timesecs",
                json_integer((json_int_t)(c->start / HS_SEC(1))));
    hs_json_set(object, "timestamp", timestamp);
    hs_json_set(to, "host", address(&c->server));
    hs_json_set(to, "port", json_integer(c->port));
    hs_json_set(object, "connecting_to", to);
    hs_json_set(object, "cookie", json_string("hybridsim"));
    hs_json_set(object, "target_bitrate", hs_json_number(c->rate));
    hs_json_set(object, "sock_bufsize",
                json_integer(c->protocol == HS_BULK_TCP ? c->window : 0));
    return object;
}

static json_t *
test_start(const HsBulkConfig *c)
{
    json_t *object = json_object();

    hs_json_set(object, "protocol",
                json_string(c->protocol == HS_BULK_TCP ? "TCP" : "UDP"));
    hs_json_set(object, "num_streams", json_integer(c->parallel));
    hs_json_set(object, "blksize", json_integer(c->length));
    hs_json_set(object, "omit", json_integer(0));
    hs_json_set(object, "duration",
                json_integer((json_int_t)ceil(seconds(c->duration))));
    hs_json_set(object, "bytes", json_integer(0));
    hs_json_set(object, "blocks", json_integer(0));
    hs_json_set(object, "reverse", json_integer(c->reverse));
    hs_json_set(object, "tos", json_integer(0));
    hs_json_set(object, "target_bitrate", hs_json_number(c->rate));
    return object;
}

static json_t *
span_object(const Span *span, uint64_t bytes)
{
    json_t *object = json_object();
    HsDuration length = span->until - span->from;

    hs_json_set(object, "start", json_real(seconds(span->from)));
    hs_json_set(object, "end", json_real(seconds(span->until)));
    hs_json_set(object, "seconds", json_real(seconds(length)));
    hs_json_set(object, "bytes", hs_json_number(bytes));
    hs_json_set(object, "bits_per_second", json_real(rate_of(bytes, length)));
    return object;
}

static void
set_loss(json_t *object, const HsBulkCounts *n, uint64_t packets)
{
    hs_json_set(object, "jitter_ms", json_real(seconds(n->jitter) * 1e3));
    hs_json_set(object, "lost_packets", hs_json_number(n->lost));
    hs_json_set(object, "packets", hs_json_number(packets));
    hs_json_set(object, "lost_percent", json_real(percent(n->lost, packets)));
}

/* What the client sees: it sends, or with REVERSE receives. */
static json_t *
interval(const HsBulkConfig *c, const Span *span)
{
    const HsBulkCounts *n = &span->counts;
    json_t *object = span_object(span, c->reverse ? n->bytes : n->sent_bytes);

    if (c->protocol == HS_BULK_TCP && !c->reverse)
        hs_json_set(object, "retransmits", hs_json_number(n->retransmits));
    else if (c->protocol == HS_BULK_UDP && !c->reverse)
        hs_json_set(object, "packets", hs_json_number(n->sent_packets));
    else if (c->protocol == HS_BULK_UDP)
        set_loss(object, n, n->packets);
    hs_json_set(object, "omitted", json_boolean(false));
    hs_json_set(object, "sender", json_boolean(!c->reverse));
    return object;
}

static json_t *
with_socket(json_t *object, unsigned stream)
{
    json_t *ordered = json_object();

    hs_json_set(ordered, "socket", json_integer(SOCKET + (json_int_t)stream));
    json_object_update(ordered, object);
    json_decref(object);
    return ordered;
}

static json_t *
intervals(const HsBulk *bulk)
{
    const HsBulkConfig *c = hs_bulk_config(bulk);
    guint n = hs_bulk_report(bulk, 0)->marks->len;
    json_t *array = json_array();

    for (guint i = 0; i < n; i++) {
        json_t *entry = json_object(), *streams = json_array();
        Span sum = {.from = i > 0 ? hs_bulk_mark_at(bulk, i - 1) - c->start : 0,
                    .until = hs_bulk_mark_at(bulk, i) - c->start};

        for (unsigned k = 0; k < c->parallel; k++) {
            const GArray *marks = hs_bulk_report(bulk, k)->marks;
            const HsBulkCounts none = {0};
            Span span = sum;

            span.counts = between(
                i > 0 ? &g_array_index(marks, HsBulkCounts, i - 1) : &none,
                &g_array_index(marks, HsBulkCounts, i));
            json_array_append_new(streams, with_socket(interval(c, &span), k));
            add(&sum.counts, &span.counts);
        }
        sum.counts.jitter /= c->parallel;
        hs_json_set(entry, "streams", streams);
        hs_json_set(entry, "sum", interval(c, &sum));
        json_array_append_new(array, entry);
    }
    return array;
}

static json_t *
sent_of(const HsBulkConfig *c, const HsBulkCounts *n)
{
    const Span span = {.until = c->duration};
    json_t *object = span_object(&span, n->sent_bytes);

    if (c->protocol == HS_BULK_TCP) {
        hs_json_set(object, "retransmits", hs_json_number(n->retransmits));
    } else {
        const HsBulkCounts nothing = {0};

        set_loss(object, &nothing, n->sent_packets);
    }
    hs_json_set(object, "sender", json_boolean(!c->reverse));
    return object;
}

static json_t *
received_of(const HsBulkConfig *c, const HsBulkCounts *n, HsDuration until)
{
    const Span span = {.until = until};
    json_t *object = span_object(&span, n->bytes);

    if (c->protocol == HS_BULK_UDP)
        set_loss(object, n, n->packets);
    hs_json_set(object, "sender",
                json_boolean(c->protocol == HS_BULK_TCP && !c->reverse));
    return object;
}

/* Of UDP one object has both ends: bytes sent, and what was lost of them. */
static json_t *
udp_of(const HsBulkConfig *c, const HsBulkCounts *n)
{
    const Span span = {.until = c->duration};
    json_t *object = span_object(&span, c->reverse ? n->bytes : n->sent_bytes);

    set_loss(object, n, n->packets);
    return object;
}

static json_t *
finish(const HsBulk *bulk)
{
    const HsBulkConfig *c = hs_bulk_config(bulk);
    HsBulkCounts total = total_of(bulk);
    json_t *object = json_object(), *streams = json_array();

    for (unsigned k = 0; k < c->parallel; k++) {
        const HsBulkCounts *n = &hs_bulk_report(bulk, k)->total;
        json_t *entry = json_object();

        if (c->protocol == HS_BULK_TCP) {
            hs_json_set(entry, "sender", with_socket(sent_of(c, n), k));
            hs_json_set(
                entry, "receiver",
                with_socket(received_of(c, n, received_in(bulk, k, k + 1)), k));
        } else {
            json_t *udp = with_socket(udp_of(c, n), k);

            hs_json_set(udp, "out_of_order", hs_json_number(n->out_of_order));
            hs_json_set(udp, "sender", json_boolean(!c->reverse));
            hs_json_set(entry, "udp", udp);
        }
        json_array_append_new(streams, entry);
    }
    hs_json_set(object, "streams", streams);
    if (c->protocol == HS_BULK_UDP) {
        json_t *sum = udp_of(c, &total);

        hs_json_set(sum, "sender", json_boolean(!c->reverse));
        hs_json_set(object, "sum", sum);
    }
    hs_json_set(object, "sum_sent", sent_of(c, &total));
    hs_json_set(object, "sum_received",
                received_of(c, &total, received_in(bulk, 0, c->parallel)));
    return object;
}

char *
hs_stream_json(const HsBulk *bulk, const char *engine)
{
    json_t *root = json_object(), *start = begin(bulk, engine);
    const char *error = error_of(bulk);
    char *text, *ended;

    hs_json_set(start, "test_start", test_start(hs_bulk_config(bulk)));
    hs_json_set(root, "start", start);
    hs_json_set(root, "intervals", intervals(bulk));
    hs_json_set(root, "end", finish(bulk));
    if (error != NULL)
        hs_json_set(root, "error", json_string(error));
    text = json_dumps(root, JSON_INDENT(2) | JSON_REAL_PRECISION(15));
    g_assert(text != NULL);
    ended = g_strconcat(text, "\n", NULL);
    free(text);
    json_decref(root);
    return ended;
}

/* In result.json */

static json_t *
stream(const HsResultStream *s)
{
    const HsBulkConfig *c = hs_bulk_config(s->bulk);
    HsBulkCounts n = total_of(s->bulk);
    bool udp = c->protocol == HS_BULK_UDP;
    json_t *object = json_object();
    g_autofree char *file = g_strdup_printf("streams/%s.json", s->name);

    hs_json_set(object, "name", json_string(s->name));
    hs_json_set(object, "protocol", json_string(udp ? "udp" : "tcp"));
    hs_json_set(object, "from", json_string(c->reverse ? s->to : s->from));
    hs_json_set(object, "to", json_string(c->reverse ? s->from : s->to));
    hs_json_set(object, "streams", json_integer(c->parallel));
    hs_json_set(object, "start_s", hs_json_seconds(c->start));
    hs_json_set(object, "duration_ms", hs_json_milliseconds(c->duration));
    hs_json_set(object, "target_bit_rate",
                hs_json_number(c->rate * c->parallel));
    hs_json_set(object, "sent_bytes", hs_json_number(n.sent_bytes));
    hs_json_set(object, "received_bytes", hs_json_number(n.bytes));
    hs_json_set(
        object, "bit_rate",
        json_real(rate_of(n.bytes, received_in(s->bulk, 0, c->parallel))));
    hs_json_set(object, "retransmits",
                udp ? json_null() : hs_json_number(n.retransmits));
    hs_json_set(object, "packets",
                udp ? hs_json_number(n.sent_packets) : json_null());
    hs_json_set(object, "lost_packets",
                udp ? hs_json_number(n.lost) : json_null());
    hs_json_set(object, "lost_percent",
                udp ? json_real(percent(n.lost, n.packets)) : json_null());
    hs_json_set(object, "out_of_order",
                udp ? hs_json_number(n.out_of_order) : json_null());
    hs_json_set(object, "jitter_ms",
                udp ? hs_json_milliseconds(n.jitter) : json_null());
    hs_json_set(object, "error", hs_json_text_or_null(error_of(s->bulk)));
    hs_json_set(object, "file", json_string(file));
    return object;
}

json_t *
hs_json_streams(const HsResult *result)
{
    json_t *array = json_array();

    for (guint i = 0; i < result->streams->len; i++)
        json_array_append_new(
            array, stream(&g_array_index(result->streams, HsResultStream, i)));
    return array;
}
