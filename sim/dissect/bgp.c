/* BGP over TCP: connections, their streams, and the messages in them.
 *
 * Each direction of a connection is a stream (stream.c) whose bytes are cut
 * into messages by bgp_frame_next(). Where bytes are missing, the message that
 * they tore is told with what is left of it; if its length is known and the
 * hole ends within it, the next message begins where it ends, otherwise where
 * the next marker is followed by what can be a header.
 *
 * How an UPDATE is to be read hangs on both OPENs: four-octet AS numbers, more
 * paths of a prefix, longer messages. A capture that begins later has none;
 * then the message itself shows it (bgp_update.c). */

#include "config.h"

#include "models/bgp/message.h"
#include "sim/dissect/bgp.h"
#include "sim/dissect/stream.h"

#include <string.h>

#define EXTENDED_MAX 65535

/* The numbers of the types beyond ours, for their names. */
#define MSG_CAPABILITY 6 /* a draft that some speak */

typedef struct {
    DissectStream *stream; /* owned */
    GByteArray *buffer;    /* owned: bytes of a message that is not complete */
    bool synchronised;     /* the buffer begins with a header */
    size_t skip;           /* bytes of a torn message that are still to come */
    size_t passed;         /* bytes without a marker, passed over to find one */
    DissectPath path;      /* of the last segment */
    DissectBgpSide side;
    DissectAnswer four_octet_guess;
    DissectAnswer ibgp_guess;
    DissectAnswer add_path_guess[DISSECT_OTHER_FAMILY];
} Direction;

typedef struct {
    uint32_t place;
    HsAddr addr[2];
    uint16_t port[2];
    Direction direction[2]; /* by the sender */
} Session;

struct DissectBgp {
    GHashTable *sessions; /* Session by itself */
    GPtrArray *order;     /* owned, Session: in the order of appearance */
};

static guint
session_hash(gconstpointer data)
{
    const Session *s = data;

    return hs_addr_hash(&s->addr[0]) * 31 + hs_addr_hash(&s->addr[1]) * 17 +
           s->port[0] * 65599u + s->port[1] + s->place * 7u;
}

static gboolean
session_equal(gconstpointer a, gconstpointer b)
{
    const Session *one = a, *other = b;

    return one->place == other->place && one->port[0] == other->port[0] &&
           one->port[1] == other->port[1] &&
           hs_addr_equal(&one->addr[0], &other->addr[0]) &&
           hs_addr_equal(&one->addr[1], &other->addr[1]);
}

static void
session_free(gpointer data)
{
    Session *s = data;

    for (unsigned i = 0; i < 2; i++) {
        dissect_stream_free(s->direction[i].stream);
        g_byte_array_unref(s->direction[i].buffer);
    }
    g_free(s);
}

DissectBgp *
dissect_bgp_new(void)
{
    DissectBgp *bgp = g_new0(DissectBgp, 1);

    bgp->sessions = g_hash_table_new(session_hash, session_equal);
    bgp->order = g_ptr_array_new_with_free_func(session_free);
    return bgp;
}

void
dissect_bgp_free(DissectBgp *bgp)
{
    if (bgp == NULL)
        return;
    g_hash_table_unref(bgp->sessions);
    g_ptr_array_unref(bgp->order);
    g_free(bgp);
}

/* *RET_SENDER: which of the two ends PATH's source is. */
static Session *
find_session(DissectBgp *bgp, const DissectPath *path, unsigned *ret_sender)
{
    int order = hs_addr_compare(&path->source, &path->destination);
    unsigned sender =
        order > 0 || (order == 0 && path->source_port > path->destination_port);
    Session key = {.place = path->place}, *s;

    key.addr[sender] = path->source;
    key.addr[!sender] = path->destination;
    key.port[sender] = path->source_port;
    key.port[!sender] = path->destination_port;
    *ret_sender = sender;
    s = g_hash_table_lookup(bgp->sessions, &key);
    if (s != NULL)
        return s;
    s = g_new(Session, 1);
    *s = key;
    for (unsigned i = 0; i < 2; i++) {
        s->direction[i].stream = dissect_stream_new();
        s->direction[i].buffer = g_byte_array_new();
        s->direction[i].synchronised = true;
    }
    s->direction[sender].path = s->direction[!sender].path = *path;
    g_hash_table_add(bgp->sessions, s);
    g_ptr_array_add(bgp->order, s);
    return s;
}

/* A new connection on used ports. */
static void
forget(Direction *way)
{
    g_byte_array_set_size(way->buffer, 0);
    way->synchronised = true;
    way->skip = way->passed = 0;
    way->side = (DissectBgpSide){0};
    way->four_octet_guess = way->ibgp_guess = DISSECT_NOT_KNOWN;
    memset(way->add_path_guess, 0, sizeof way->add_path_guess);
}

/* Messages */

static const char *
type_name(uint8_t type)
{
    switch (type) {
    case BGP_MSG_OPEN:
        return "OPEN";
    case BGP_MSG_UPDATE:
        return "UPDATE";
    case BGP_MSG_NOTIFICATION:
        return "NOTIFICATION";
    case BGP_MSG_KEEPALIVE:
        return "KEEPALIVE";
    case BGP_MSG_ROUTE_REFRESH:
        return "ROUTE-REFRESH";
    case MSG_CAPABILITY:
        return "CAPABILITY";
    }
    return "message of an unknown type";
}

static DissectBgpTerms
terms_of(const Session *s, unsigned sender)
{
    const Direction *way = &s->direction[sender];
    const DissectBgpSide *own = &way->side,
                         *other = &s->direction[!sender].side;
    bool both = own->seen && other->seen;
    DissectBgpTerms terms = {
        .four_octet_as = way->four_octet_guess,
        .ibgp = way->ibgp_guess,
        .ipv4 = true,
        .ipv6 = true,
    };

    if (both) {
        terms.four_octet_as = own->four_octet_as && other->four_octet_as
                                  ? DISSECT_YES
                                  : DISSECT_NO;
        terms.ibgp = own->as == other->as ? DISSECT_YES : DISSECT_NO;
        terms.ipv4 = own->ipv4 && other->ipv4;
        terms.ipv6 = own->ipv6 && other->ipv6;
    } else if ((own->seen && !own->four_octet_as) ||
               (other->seen && !other->four_octet_as)) {
        terms.four_octet_as = DISSECT_NO; /* RFC 6793 4.1: only if both can */
    }
    for (unsigned i = 0; i < DISSECT_OTHER_FAMILY; i++) {
        terms.add_path[i] = way->add_path_guess[i];
        if (both)
            terms.add_path[i] =
                (own->add_path[i] & DISSECT_ADD_PATH_SEND) != 0 &&
                        (other->add_path[i] & DISSECT_ADD_PATH_RECEIVE) != 0
                    ? DISSECT_YES
                    : DISSECT_NO;
    }
    return terms;
}

static void
dissect_body(DissectDraft *draft, Session *s, unsigned sender, uint8_t type,
             HsReader body)
{
    Direction *way = &s->direction[sender];
    DissectBgpTerms terms;

    switch (type) {
    case BGP_MSG_OPEN:
        dissect_bgp_open(draft, body, &way->side);
        break;
    case BGP_MSG_UPDATE:
        terms = terms_of(s, sender);
        dissect_bgp_update(draft, body, &terms);
        way->four_octet_guess = terms.four_octet_as;
        way->ibgp_guess = terms.ibgp;
        memcpy(way->add_path_guess, terms.add_path, sizeof terms.add_path);
        break;
    case BGP_MSG_NOTIFICATION:
        dissect_bgp_notification(draft, body);
        break;
    case BGP_MSG_ROUTE_REFRESH:
        dissect_bgp_refresh(draft, body);
        break;
    default:
        break;
    }
}

static void
begin_message(Dissector *d, DissectDraft *draft, Direction *way, uint8_t type,
              size_t length)
{
    dissect_begin(d, draft, &way->path, DISSECT_BGP);
    g_string_append(draft->info, type_name(type));
    dissect_number(draft->fields, "bgp.length", length, NULL);
    dissect_number(draft->fields, "bgp.type", type, type_name(type));
    if (way->passed > 0) {
        dissect_wrong(draft,
                      "%" G_GSIZE_FORMAT " bytes in front of it belong to no "
                      "message that can be read",
                      way->passed);
        way->passed = 0;
    }
}

/* A message of which the end is not there. */
static void
torn_message(Dissector *d, Direction *way, const char *why)
{
    const uint8_t *data = way->buffer->data;
    size_t have = way->buffer->len, length;
    DissectDraft draft;

    if (have == 0 || !way->synchronised)
        return;
    if (have < BGP_HEADER_LENGTH) {
        dissect_begin(d, &draft, &way->path, DISSECT_BGP);
        g_string_append(draft.info, "message without its header");
        dissect_wrong(&draft, "%" G_GSIZE_FORMAT " bytes of a header: %s", have,
                      why);
    } else {
        length =
            (size_t)data[BGP_MARKER_LENGTH] << 8 | data[BGP_MARKER_LENGTH + 1];
        begin_message(d, &draft, way, data[BGP_HEADER_LENGTH - 1], length);
        dissect_wrong(&draft,
                      "%" G_GSIZE_FORMAT " of %" G_GSIZE_FORMAT " bytes: %s",
                      have, length, why);
    }
    dissect_end(d, &draft);
}

/* Framing */

static bool
has_marker(const uint8_t *data, size_t length)
{
    for (size_t i = 0; i < MIN(length, BGP_MARKER_LENGTH); i++)
        if (data[i] != 0xff)
            return false;
    return true;
}

/* Marker, then a length and a type that can be. */
static bool
looks_like_header(const uint8_t *data, size_t length)
{
    size_t size;

    if (!has_marker(data, length))
        return false;
    if (length < BGP_HEADER_LENGTH)
        return true; /* as far as it goes */
    size = (size_t)data[BGP_MARKER_LENGTH] << 8 | data[BGP_MARKER_LENGTH + 1];
    return size >= BGP_HEADER_LENGTH && data[BGP_HEADER_LENGTH - 1] >= 1 &&
           data[BGP_HEADER_LENGTH - 1] <= MSG_CAPABILITY;
}

/* Drops what stands in front of the next header. */
static void
synchronise(Direction *way)
{
    const GByteArray *buffer = way->buffer;
    guint at = 0;

    while (at < buffer->len &&
           !looks_like_header(buffer->data + at, buffer->len - at))
        at++;
    way->passed += at;
    g_byte_array_remove_range(way->buffer, 0, at);
    way->synchronised = way->buffer->len >= BGP_HEADER_LENGTH;
}

/* bgp_frame_next(), and the longer messages of RFC 8654. */
static BgpFrameResult
next_frame(const Session *s, const GByteArray *buffer, BgpFrame *ret_frame,
           BgpFault *ret_fault)
{
    BgpFrameResult result =
        bgp_frame_next(buffer->data, buffer->len, ret_frame, ret_fault);
    const DissectBgpSide *a = &s->direction[0].side, *b = &s->direction[1].side;
    HsReader r = hs_reader_of(buffer->data, buffer->len);
    size_t length;
    uint8_t type;

    if (result != BGP_FRAME_BAD || ret_fault->subcode != BGP_HEADER_BAD_LENGTH)
        return result;
    hs_reader_skip(&r, BGP_MARKER_LENGTH);
    length = hs_reader_u16(&r);
    type = hs_reader_u8(&r);
    /* RFC 8654 4: not OPEN and KEEPALIVE; and not if an OPEN says that it was
     * not agreed on. */
    if (length <= BGP_MESSAGE_MAX ||
        (type != BGP_MSG_UPDATE && type != BGP_MSG_NOTIFICATION &&
         type != BGP_MSG_ROUTE_REFRESH) ||
        (a->seen && !a->extended_message) || (b->seen && !b->extended_message))
        return result;
    ret_frame->type = (BgpMessageType)type;
    ret_frame->length = length;
    ret_frame->body = hs_reader_sub(&r, length - BGP_HEADER_LENGTH);
    return hs_reader_ok(&r) ? BGP_FRAME_GOOD : BGP_FRAME_MORE;
}

/* What bgp_frame_next() refuses: told, and passed over by its length if that
 * leads to something. */
static void
bad_frame(Dissector *d, Direction *way, const BgpFault *fault)
{
    const uint8_t *data = way->buffer->data;
    size_t length =
        (size_t)data[BGP_MARKER_LENGTH] << 8 | data[BGP_MARKER_LENGTH + 1];
    DissectDraft draft;

    if (fault->subcode == BGP_HEADER_NOT_SYNCHRONIZED) {
        way->synchronised = false;
        return;
    }
    begin_message(d, &draft, way, data[BGP_HEADER_LENGTH - 1], length);
    dissect_wrong(&draft, "%s: %s", bgp_error_name(fault->code),
                  bgp_subcode_name(fault->code, fault->subcode));
    dissect_end(d, &draft);
    if (length >= BGP_HEADER_LENGTH && length <= BGP_MESSAGE_MAX) {
        way->skip = length > way->buffer->len ? length - way->buffer->len : 0;
        g_byte_array_remove_range(way->buffer, 0,
                                  (guint)MIN(length, way->buffer->len));
    } else {
        g_byte_array_remove_range(way->buffer, 0, BGP_HEADER_LENGTH);
        way->synchronised = false;
    }
}

static void
take_messages(Dissector *d, Session *s, unsigned sender)
{
    Direction *way = &s->direction[sender];

    while (way->buffer->len > 0) {
        g_auto(BgpFault) fault = {0};
        DissectDraft draft;
        BgpFrame frame;
        uint8_t type;

        if (!way->synchronised)
            synchronise(way);
        if (!way->synchronised)
            return;
        switch (next_frame(s, way->buffer, &frame, &fault)) {
        case BGP_FRAME_MORE:
            return;
        case BGP_FRAME_BAD:
            bad_frame(d, way, &fault);
            break;
        case BGP_FRAME_GOOD:
            type = way->buffer->data[BGP_HEADER_LENGTH - 1];
            begin_message(d, &draft, way, type, frame.length);
            dissect_body(&draft, s, sender, type, frame.body);
            dissect_end(d, &draft);
            g_byte_array_remove_range(way->buffer, 0, (guint)frame.length);
            break;
        }
    }
}

static void
take_hole(Dissector *d, Direction *way, size_t length)
{
    const uint8_t *data = way->buffer->data;
    size_t have = way->buffer->len, rest = way->skip;

    if (have >= BGP_HEADER_LENGTH && way->synchronised)
        rest = ((size_t)data[BGP_MARKER_LENGTH] << 8 |
                data[BGP_MARKER_LENGTH + 1]) -
               have;
    torn_message(d, way, "the rest was not captured");
    g_byte_array_set_size(way->buffer, 0);
    /* A hole that ends within a message whose length is known does not
     * matter to the next one. */
    way->synchronised = length > 0 && length <= rest && way->synchronised;
    way->skip = way->synchronised ? rest - length : 0;
}

static void
drain(Dissector *d, Session *s, unsigned sender)
{
    Direction *way = &s->direction[sender];
    const uint8_t *data;
    size_t length, skipped;

    for (;;) {
        switch (dissect_stream_next(way->stream, &data, &length)) {
        case DISSECT_STREAM_NOTHING:
            return;
        case DISSECT_STREAM_HOLE:
            take_hole(d, way, length);
            break;
        case DISSECT_STREAM_DATA:
            skipped = MIN(way->skip, length);
            way->skip -= skipped;
            g_byte_array_append(way->buffer, data + skipped,
                                (guint)(length - skipped));
            take_messages(d, s, sender);
            break;
        }
    }
}

void
dissect_bgp(Dissector *d, const DissectPath *path,
            const DissectSegment *segment)
{
    unsigned sender;
    Session *s = find_session(d->bgp, path, &sender);
    Direction *way = &s->direction[sender], *back = &s->direction[!sender];

    way->path = *path;
    if (segment->syn && dissect_stream_open(way->stream, segment->sequence)) {
        torn_message(d, way, "the connection ended");
        forget(way);
    }
    dissect_stream_add(way->stream, segment->sequence, segment->data,
                       segment->length, segment->wire);
    drain(d, s, sender);
    /* What this packet acknowledges can only make the other side's known. */
    back->path.frame = path->frame;
    back->path.at = path->at;
    if (segment->ack) {
        dissect_stream_acknowledged(back->stream, segment->acknowledgment);
        drain(d, s, !sender);
    }
    if (segment->rst) {
        dissect_stream_end(way->stream);
        drain(d, s, sender);
    }
}

void
dissect_bgp_finish(Dissector *d)
{
    for (guint i = 0; i < d->bgp->order->len; i++) {
        Session *s = d->bgp->order->pdata[i];

        for (unsigned sender = 0; sender < 2; sender++) {
            dissect_stream_end(s->direction[sender].stream);
            drain(d, s, sender);
            torn_message(d, &s->direction[sender],
                         "the capture or the connection ends within it");
            g_byte_array_set_size(s->direction[sender].buffer, 0);
        }
    }
}
