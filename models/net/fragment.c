/* Reassembly keeps, for each datagram (source, destination, protocol and
 * identification, RFC 791 3.2), its fragments in the order of their offsets.
 * They never overlap: an exact copy of a fragment is dropped as the network's
 * duplicate, any other overlap gives up the whole datagram, as RFC 5722 does
 * for IPv6 and as Linux does, because what the ends would make of it differs.
 * So a datagram is complete when its last fragment is there and the lengths add
 * up.
 *
 * The clock starts with the first fragment to arrive and is not set again
 * (RFC 1122 3.3.2). */

#include "config.h"

#include "models/net/fragment.h"

#include <string.h>

#define DEFAULT_TIMEOUT   HS_SEC(30)
#define DEFAULT_BYTES_MAX ((size_t)4 << 20)

#define OPTION_END        0
#define OPTION_NOP        1
#define OPTION_COPY       0x80 /* RFC 791 3.1: goes into every fragment */

/* Splitting */

/* Writes the options of HEADER that all fragments carry, padded to a multiple
 * of 4; returns their length. */
static size_t
copied_options(const uint8_t *header, size_t header_length, uint8_t *to)
{
    size_t at = HS_IPV4_HEADER, length = 0;

    while (at < header_length && header[at] != OPTION_END) {
        size_t size = 1;

        if (header[at] != OPTION_NOP) {
            if (header_length - at < 2)
                break;
            size = header[at + 1];
            if (size < 2 || size > header_length - at)
                break;
        }
        if (header[at] & OPTION_COPY) {
            memcpy(to + length, header + at, size);
            length += size;
        }
        at += size;
    }
    while (length % 4 != 0)
        to[length++] = OPTION_END;
    return length;
}

/* A fragment with the header and options at HEADER. */
static HsPacket *
fragment_new(const uint8_t *header, size_t header_length,
             const uint8_t *payload, size_t length, uint16_t flags_offset)
{
    HsPacket *fragment = hs_packet_new(payload, length);
    uint8_t *to = hs_packet_push(fragment, header_length);
    size_t total = header_length + length;

    memcpy(to, header, header_length);
    to[0] = (uint8_t)(4 << 4 | header_length / 4);
    to[2] = (uint8_t)(total >> 8);
    to[3] = (uint8_t)total;
    to[6] = (uint8_t)(flags_offset >> 8);
    to[7] = (uint8_t)flags_offset;
    hs_ipv4_set_checksum(to);
    return fragment;
}

unsigned
hs_fragment_split(HsPacket *packet, const HsIpv4 *ip, size_t mtu,
                  void (*emit)(void *user_data, HsPacket *fragment),
                  void *user_data)
{
    const uint8_t *data = hs_packet_data(packet);
    uint8_t header[HS_IPV4_HEADER_MAX];
    size_t header_length = ip->header_length, at = header_length;
    unsigned made = 0;

    g_assert(mtu >= HS_IPV4_MTU_MIN);
    memcpy(header, data, header_length);
    while (at < ip->total_length) {
        size_t left = ip->total_length - at;
        size_t room = (mtu - header_length) & ~(size_t)7;
        size_t length = left <= mtu - header_length ? left : room;
        unsigned offset = (unsigned)((at - ip->header_length) / 8) +
                          (ip->fragment & HS_IPV4_OFFSET_MASK);
        unsigned flags = ip->fragment & ~HS_IPV4_OFFSET_MASK & UINT16_MAX;

        if (length < left)
            flags |= HS_IPV4_MF;
        emit(user_data, fragment_new(header, header_length, data + at, length,
                                     (uint16_t)(flags | offset)));
        made++;
        at += length;
        if (made == 1)
            header_length =
                HS_IPV4_HEADER + copied_options(data, ip->header_length,
                                                header + HS_IPV4_HEADER);
    }
    hs_packet_unref(packet);
    return made;
}

/* Reassembly */

typedef struct {
    uint32_t source;
    uint32_t destination;
    uint16_t id;
    uint8_t protocol;
} Key;

typedef struct {
    size_t offset;
    size_t length;
    size_t header_length;
    HsPacket *packet; /* owned */
} Piece;

typedef struct {
    Key key;
    HsTime due;
    GArray *pieces; /* of Piece, by offset */
    size_t payload; /* sum of their lengths */
    size_t bytes;   /* sum of the packets' */
    size_t end;     /* of the datagram's payload; 0: not known yet */
    GList *link;    /* in by_age */
} Datagram;

struct HsReassembly {
    HsReassemblyConfig config;
    GHashTable *datagrams; /* Key to Datagram (owned) */
    GQueue by_age;         /* the same, borrowed */
    size_t bytes;
    unsigned held;
};

static guint
key_hash(gconstpointer data)
{
    const Key *key = data;
    guint hash = key->source * 2654435761u;

    hash = (hash ^ key->destination) * 2654435761u;
    return (hash ^ ((guint)key->id << 8 | key->protocol)) * 2654435761u;
}

static gboolean
key_equal(gconstpointer a, gconstpointer b)
{
    const Key *x = a, *y = b;

    return x->source == y->source && x->destination == y->destination &&
           x->id == y->id && x->protocol == y->protocol;
}

static void
piece_clear(void *data)
{
    Piece *piece = data;

    hs_packet_unref(piece->packet);
}

static void
datagram_free(void *data)
{
    Datagram *datagram = data;

    g_array_unref(datagram->pieces);
    g_free(datagram);
}

HsReassembly *
hs_reassembly_new(const HsReassemblyConfig *config)
{
    HsReassembly *reassembly = g_new0(HsReassembly, 1);

    reassembly->config = *config;
    if (reassembly->config.timeout == 0)
        reassembly->config.timeout = DEFAULT_TIMEOUT;
    if (reassembly->config.bytes_max == 0)
        reassembly->config.bytes_max = DEFAULT_BYTES_MAX;
    reassembly->datagrams =
        g_hash_table_new_full(key_hash, key_equal, NULL, datagram_free);
    g_queue_init(&reassembly->by_age);
    return reassembly;
}

void
hs_reassembly_free(HsReassembly *reassembly)
{
    if (reassembly == NULL)
        return;
    g_queue_clear(&reassembly->by_age);
    g_hash_table_unref(reassembly->datagrams);
    g_free(reassembly);
}

static Datagram *
datagram_made(HsReassembly *reassembly, HsTime now, const HsIpv4 *ip)
{
    Key key = {ip->source, ip->destination, ip->id, ip->protocol};
    Datagram *datagram = g_hash_table_lookup(reassembly->datagrams, &key);

    if (datagram != NULL)
        return datagram;
    datagram = g_new0(Datagram, 1);
    datagram->key = key;
    datagram->due = hs_time_add(now, reassembly->config.timeout);
    datagram->pieces = g_array_new(FALSE, FALSE, sizeof(Piece));
    g_array_set_clear_func(datagram->pieces, piece_clear);
    g_queue_push_tail(&reassembly->by_age, datagram);
    datagram->link = g_queue_peek_tail_link(&reassembly->by_age);
    g_hash_table_insert(reassembly->datagrams, &datagram->key, datagram);
    return datagram;
}

static void
datagram_remove(HsReassembly *reassembly, Datagram *datagram)
{
    reassembly->held -= datagram->pieces->len;
    reassembly->bytes -= datagram->bytes;
    g_queue_delete_link(&reassembly->by_age, datagram->link);
    g_hash_table_remove(reassembly->datagrams, &datagram->key);
}

static Piece *
piece_at(const Datagram *datagram, unsigned index)
{
    return &g_array_index(datagram->pieces, Piece, index);
}

/* Whether FRAGMENT fits between what is there. NONE, and its place; or
 * DUPLICATE, which concerns it alone; or OVERLAP or BAD, which end the
 * datagram.
 */
static HsDrop
fits(const Datagram *datagram, const Piece *fragment, bool last,
     unsigned *ret_index)
{
    size_t end = fragment->offset + fragment->length;
    unsigned n = datagram->pieces->len, index = n;
    const Piece *before, *after;

    while (index > 0 &&
           piece_at(datagram, index - 1)->offset >= fragment->offset)
        index--;
    before = index > 0 ? piece_at(datagram, index - 1) : NULL;
    after = index < n ? piece_at(datagram, index) : NULL;

    if (after != NULL && after->offset == fragment->offset &&
        after->length == fragment->length &&
        memcmp(hs_packet_data(after->packet) + after->header_length,
               hs_packet_data(fragment->packet) + fragment->header_length,
               fragment->length) == 0)
        return HS_DROP_FRAGMENT_DUPLICATE;
    if ((before != NULL &&
         before->offset + before->length > fragment->offset) ||
        (after != NULL && end > after->offset))
        return HS_DROP_FRAGMENT_OVERLAP;
    if (datagram->end != 0 && (last || end > datagram->end))
        return HS_DROP_BAD_FRAGMENT; /* two ends, or past the end */
    if (last && after != NULL)
        return HS_DROP_BAD_FRAGMENT; /* there is more behind the end */
    *ret_index = index;
    return HS_DROP_NONE;
}

/* The whole packet: the first fragment's header, and the payload of all. NULL
 * if it would be longer than a packet can be. */
static HsPacket *
join(const Datagram *datagram)
{
    const Piece *first = piece_at(datagram, 0);
    const uint8_t *header = hs_packet_data(first->packet);
    HsPacket *packet;
    uint8_t *to;

    if (first->header_length + datagram->end > UINT16_MAX)
        return NULL;
    packet = hs_packet_new(NULL, datagram->end);
    to = hs_packet_bytes(packet);
    for (unsigned i = 0; i < datagram->pieces->len; i++) {
        const Piece *piece = piece_at(datagram, i);

        memcpy(to + piece->offset,
               hs_packet_data(piece->packet) + piece->header_length,
               piece->length);
    }
    to = hs_packet_push(packet, first->header_length);
    memcpy(to, header, first->header_length);
    hs_ipv4_set_u16(to, 2, (uint16_t)hs_packet_length(packet));
    hs_ipv4_set_u16(to, 6, 0);
    return packet;
}

/* The datagram, and the fragment that is not in it yet, come to nothing. */
static HsReassemblyResult
give_up(HsReassembly *reassembly, Datagram *datagram, HsDrop why,
        size_t new_bytes)
{
    HsReassemblyResult result = {
        .drop = why,
        .dropped = datagram->pieces->len + (new_bytes > 0),
        .drop_bytes = datagram->bytes + new_bytes,
    };

    datagram_remove(reassembly, datagram);
    return result;
}

static HsReassemblyResult
refuse(HsPacket *fragment, HsDrop why, size_t bytes)
{
    hs_packet_unref(fragment);
    return (HsReassemblyResult){.drop = why, .dropped = 1, .drop_bytes = bytes};
}

HsReassemblyResult
hs_reassembly_add(HsReassembly *reassembly, HsTime now, HsPacket *fragment,
                  const HsIpv4 *ip)
{
    Piece piece = {.offset = hs_ipv4_fragment_offset(ip),
                   .length = (size_t)(ip->total_length - ip->header_length),
                   .header_length = ip->header_length,
                   .packet = fragment};
    bool last = (ip->fragment & HS_IPV4_MF) == 0;
    size_t bytes = ip->total_length;
    HsReassemblyResult result = {0};
    Datagram *datagram;
    unsigned index = 0;
    HsDrop drop;

    if (piece.length == 0 || (!last && piece.length % 8 != 0) ||
        piece.offset + piece.length > UINT16_MAX - HS_IPV4_HEADER)
        return refuse(fragment, HS_DROP_BAD_FRAGMENT, bytes);
    if (bytes > reassembly->config.bytes_max - reassembly->bytes)
        return refuse(fragment, HS_DROP_REASSEMBLY_FULL, bytes);

    datagram = datagram_made(reassembly, now, ip);
    drop = fits(datagram, &piece, last, &index);
    if (drop == HS_DROP_FRAGMENT_DUPLICATE)
        return refuse(fragment, drop, bytes);
    if (drop != HS_DROP_NONE) {
        hs_packet_unref(fragment);
        return give_up(reassembly, datagram, drop, bytes);
    }

    g_array_insert_val(datagram->pieces, index, piece);
    datagram->payload += piece.length;
    datagram->bytes += bytes;
    reassembly->bytes += bytes;
    reassembly->held++;
    if (last)
        datagram->end = piece.offset + piece.length;
    if (datagram->end == 0 || datagram->payload < datagram->end)
        return result;

    result.complete = join(datagram);
    if (result.complete == NULL)
        return give_up(reassembly, datagram, HS_DROP_BAD_FRAGMENT, 0);
    result.joined = datagram->pieces->len;
    datagram_remove(reassembly, datagram);
    return result;
}

HsTime
hs_reassembly_next_expiry(const HsReassembly *reassembly)
{
    const Datagram *oldest =
        reassembly->by_age.head != NULL ? reassembly->by_age.head->data : NULL;

    return oldest != NULL ? oldest->due : HS_TIME_NEVER;
}

bool
hs_reassembly_poll_expired(HsReassembly *reassembly, HsTime now,
                           HsPacket **ret_first, unsigned *ret_fragments,
                           size_t *ret_bytes)
{
    Datagram *oldest = g_queue_peek_head(&reassembly->by_age);
    const Piece *first;

    if (oldest == NULL || oldest->due > now)
        return false;
    first = piece_at(oldest, 0);
    *ret_first = first->offset == 0 ? hs_packet_ref(first->packet) : NULL;
    *ret_fragments = oldest->pieces->len;
    *ret_bytes = oldest->bytes;
    datagram_remove(reassembly, oldest);
    return true;
}

unsigned
hs_reassembly_held(const HsReassembly *reassembly)
{
    return reassembly->held;
}
