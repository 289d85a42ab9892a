/* IPv4 and IPv6 headers, and the joining of fragments of either.
 *
 * Fragments are put together as they were sent, and not as some host's rules
 * would have it: bytes that came first stay, whatever overlaps them. A datagram
 * of which not all came within 30 s of the capture's time, or that has to make
 * room, is counted as lost. What the snap length cut off counts as not there.
 *
 * Departure: neither the checksum of IPv4's header nor those of TCP and UDP
 * are looked at, as a capture on a host with offloading has no right ones. */

#include "config.h"

#include "sim/dissect/private.h"

#include <string.h>

#define IPV4_HEADER         20
#define IPV6_HEADER         40
#define DATAGRAM_MOST       65535
#define TIMEOUT             HS_SEC(30)
#define DATAGRAMS_MOST      256
#define EXTENSIONS_MOST     16

#define PROTOCOL_HOP_BY_HOP 0
#define PROTOCOL_IPV4       4
#define PROTOCOL_IPV6       41
#define PROTOCOL_ROUTING    43
#define PROTOCOL_FRAGMENT   44
#define PROTOCOL_GRE        47
#define PROTOCOL_AH         51
#define PROTOCOL_OPTIONS    60
#define PROTOCOL_MOBILITY   135

/* Fragments */

typedef struct {
    HsAddr source, destination;
    uint32_t place, id;
    uint8_t protocol;
} Key;

typedef struct {
    Key key;
    HsTime first;
    GByteArray *bytes; /* owned; what is not there yet is zero */
    GByteArray *there; /* owned; a byte each: 1 where it came */
    size_t have;       /* bytes that came */
    size_t end;        /* of the datagram; 0: not known */
} Datagram;

struct DissectFragments {
    GQueue datagrams; /* Datagram, oldest first */
    uint64_t lost;
};

typedef struct {
    uint32_t id;
    size_t offset;
    bool more;
} Fragment;

static void
datagram_free(gpointer data)
{
    Datagram *datagram = data;

    g_byte_array_unref(datagram->bytes);
    g_byte_array_unref(datagram->there);
    g_free(datagram);
}

DissectFragments *
dissect_fragments_new(void)
{
    DissectFragments *fragments = g_new0(DissectFragments, 1);

    g_queue_init(&fragments->datagrams);
    return fragments;
}

void
dissect_fragments_free(DissectFragments *fragments)
{
    if (fragments == NULL)
        return;
    g_queue_clear_full(&fragments->datagrams, datagram_free);
    g_free(fragments);
}

uint64_t
dissect_fragments_lost(const DissectFragments *fragments)
{
    return fragments->lost + fragments->datagrams.length;
}

static bool
key_equal(const Key *a, const Key *b)
{
    return a->place == b->place && a->id == b->id &&
           a->protocol == b->protocol &&
           hs_addr_equal(&a->source, &b->source) &&
           hs_addr_equal(&a->destination, &b->destination);
}

static void
give_up(DissectFragments *fragments)
{
    datagram_free(g_queue_pop_head(&fragments->datagrams));
    fragments->lost++;
}

static Datagram *
find_datagram(DissectFragments *fragments, const Key *key, HsTime now)
{
    Datagram *datagram;

    while ((datagram = g_queue_peek_head(&fragments->datagrams)) != NULL &&
           now - datagram->first > TIMEOUT)
        give_up(fragments);
    for (GList *l = fragments->datagrams.head; l != NULL; l = l->next) {
        datagram = l->data;
        if (key_equal(&datagram->key, key))
            return datagram;
    }
    if (fragments->datagrams.length >= DATAGRAMS_MOST)
        give_up(fragments);
    datagram = g_new0(Datagram, 1);
    datagram->key = *key;
    datagram->first = now;
    datagram->bytes = g_byte_array_new();
    datagram->there = g_byte_array_new();
    g_queue_push_tail(&fragments->datagrams, datagram);
    return datagram;
}

static void
fill(Datagram *datagram, size_t offset, const uint8_t *data, size_t length)
{
    guint old = datagram->bytes->len;

    if (offset + length > old) {
        g_byte_array_set_size(datagram->bytes, (guint)(offset + length));
        g_byte_array_set_size(datagram->there, (guint)(offset + length));
        memset(datagram->bytes->data + old, 0, offset + length - old);
        memset(datagram->there->data + old, 0, offset + length - old);
    }
    for (size_t i = 0; i < length; i++) {
        if (datagram->there->data[offset + i] != 0)
            continue;
        datagram->there->data[offset + i] = 1;
        datagram->bytes->data[offset + i] = data[i];
        datagram->have++;
    }
}

/* The whole payload once it is there; owned by the caller. */
static GByteArray *
join(DissectFragments *fragments, const DissectPath *path, uint8_t protocol,
     const Fragment *fragment, const uint8_t *data, size_t length)
{
    Key key = {path->source, path->destination, path->place, fragment->id,
               protocol};
    GByteArray *whole = NULL;
    Datagram *datagram;

    if (fragment->offset + length > DATAGRAM_MOST)
        return NULL;
    datagram = find_datagram(fragments, &key, path->at);
    fill(datagram, fragment->offset, data, length);
    if (!fragment->more)
        datagram->end = fragment->offset + length;
    if (datagram->end > 0 && datagram->have >= datagram->end &&
        datagram->bytes->len == datagram->end) {
        whole = g_byte_array_ref(datagram->bytes);
        g_queue_remove(&fragments->datagrams, datagram);
        datagram_free(datagram);
    }
    return whole;
}

static void dissect_payload(Dissector *d, DissectPath *path, uint8_t protocol,
                            const uint8_t *data, size_t length);

static void
dissect_fragment(Dissector *d, DissectPath *path, uint8_t protocol,
                 const Fragment *fragment, const uint8_t *data, size_t length)
{
    g_autoptr(GByteArray) whole = NULL;

    /* An atomic fragment (RFC 6946) is whole. */
    if (fragment->offset == 0 && !fragment->more) {
        dissect_payload(d, path, protocol, data, length);
        return;
    }
    if (path->cut > 0)
        return;
    whole = join(d->fragments, path, protocol, fragment, data, length);
    if (whole != NULL)
        dissect_payload(d, path, protocol, whole->data, whole->len);
}

/* Headers */

/* Packets in packets, by other means than ESP. */
static void
dissect_within(Dissector *d, const DissectPath *path, const uint8_t *data,
               size_t length)
{
    DissectPath inner = *path;

    if (path->depth >= DISSECT_DEPTH_MOST)
        return;
    inner.depth++;
    inner.place = path->place * 31 + 7;
    dissect_ip(d, &inner, data, length);
}

/* RFC 2784 and 2890: flags, EtherType, and what the flags announce. */
static void
dissect_gre(Dissector *d, const DissectPath *path, const uint8_t *data,
            size_t length)
{
    HsReader r = hs_reader_of(data, length);
    uint16_t flags = hs_reader_u16(&r), type = hs_reader_u16(&r);

    for (unsigned bit = 0x8000; bit >= 0x1000; bit >>= 1)
        if ((flags & bit) != 0 && bit != 0x4000)
            hs_reader_skip(&r, 4);
    if (hs_reader_ok(&r) && (flags & 7) == 0 &&
        (type == 0x0800 || type == 0x86dd))
        dissect_within(d, path, data + r.offset, hs_reader_left(&r));
}

static void
dissect_payload(Dissector *d, DissectPath *path, uint8_t protocol,
                const uint8_t *data, size_t length)
{
    if (protocol == PROTOCOL_IPV4 || protocol == PROTOCOL_IPV6)
        dissect_within(d, path, data, length);
    else if (protocol == PROTOCOL_GRE)
        dissect_gre(d, path, data, length);
    else
        dissect_transport(d, path, protocol, data, length);
}

/* What of WIRE bytes is there; notes in PATH what is not. */
static size_t
captured(DissectPath *path, size_t wire, size_t length)
{
    path->cut = wire > length ? wire - length : 0;
    return MIN(wire, length);
}

static void
dissect_ipv4(Dissector *d, DissectPath *path, const uint8_t *data,
             size_t length)
{
    HsReader r = hs_reader_of(data, length);
    size_t header = (size_t)(hs_reader_u8(&r) & 15u) * 4, total;
    Fragment fragment = {0};
    uint16_t place;
    uint8_t protocol;

    hs_reader_skip(&r, 1);
    total = hs_reader_u16(&r);
    fragment.id = hs_reader_u16(&r);
    place = hs_reader_u16(&r);
    path->ttl = hs_reader_u8(&r);
    protocol = hs_reader_u8(&r);
    hs_reader_skip(&r, 2);
    path->source = hs_addr_ipv4(hs_reader_u32(&r));
    path->destination = hs_addr_ipv4(hs_reader_u32(&r));
    /* Segmentation offload leaves the length to the hardware. */
    if (total == 0)
        total = length + path->cut;
    if (!hs_reader_ok(&r) || header < IPV4_HEADER || total < header ||
        length < header) {
        d->counters.broken++;
        return;
    }
    fragment.more = (place & 0x2000) != 0;
    fragment.offset = (size_t)(place & 0x1fff) * 8;
    length = captured(path, total, length);
    dissect_fragment(d, path, protocol, &fragment, data + header,
                     length - header);
}

/* Behind R is the header NEXT; its 8-octet units after the first 8 octets, or
 * for AH 4-octet units after the first two. */
static void
skip_extension(HsReader *r, uint8_t *next)
{
    uint8_t was = *next;
    size_t units;

    *next = hs_reader_u8(r);
    units = hs_reader_u8(r);
    hs_reader_skip(r, was == PROTOCOL_AH ? (units + 2) * 4 - 2 : units * 8 + 6);
}

static void
dissect_ipv6(Dissector *d, DissectPath *path, const uint8_t *data,
             size_t length)
{
    HsReader r = hs_reader_of(data, length);
    Fragment fragment = {0};
    unsigned extensions = 0;
    size_t payload;
    uint16_t place;
    uint8_t next;

    hs_reader_skip(&r, 4);
    payload = hs_reader_u16(&r);
    next = hs_reader_u8(&r);
    path->ttl = hs_reader_u8(&r);
    path->source = path->destination = (HsAddr){.family = HS_FAMILY_IPV6};
    hs_reader_copy(&r, path->source.bytes, 16);
    hs_reader_copy(&r, path->destination.bytes, 16);
    if (!hs_reader_ok(&r)) {
        d->counters.broken++;
        return;
    }
    if (payload == 0 && next != PROTOCOL_HOP_BY_HOP)
        payload = length - IPV6_HEADER + path->cut;
    r.length = captured(path, IPV6_HEADER + payload, length);
    while (extensions++ < EXTENSIONS_MOST) {
        if (next == PROTOCOL_FRAGMENT) {
            next = hs_reader_u8(&r);
            hs_reader_skip(&r, 1);
            place = hs_reader_u16(&r);
            fragment.more = (place & 1) != 0;
            fragment.offset = place & 0xfff8;
            fragment.id = hs_reader_u32(&r);
            if (fragment.offset > 0)
                break;
        } else if (next == PROTOCOL_HOP_BY_HOP || next == PROTOCOL_ROUTING ||
                   next == PROTOCOL_OPTIONS || next == PROTOCOL_MOBILITY ||
                   next == PROTOCOL_AH) {
            skip_extension(&r, &next);
        } else {
            break;
        }
    }
    if (hs_reader_ok(&r))
        dissect_fragment(d, path, next, &fragment, data + r.offset,
                         hs_reader_left(&r));
    else
        d->counters.broken++;
}

void
dissect_ip(Dissector *d, DissectPath *path, const uint8_t *data, size_t length)
{
    unsigned version = length > 0 ? data[0] >> 4 : 0;

    if (version == 4)
        dissect_ipv4(d, path, data, length);
    else if (version == 6)
        dissect_ipv6(d, path, data, length);
    else
        d->counters.broken++;
}
