/* pcapng, block by block, in either byte order.
 *
 * libpcap reads pcapng as well, but up to 1.10.4 it compares the LINKTYPE of
 * the second interface with the DLT of the first; for raw IP the two numbers
 * differ (101, 12), so it refuses the very files that this project writes. Nor
 * does it tell which interface a packet was seen on.
 *
 * Blocks that carry no packet and are not needed are passed over, as the
 * format wants. Simple packet blocks have no time: theirs is that of the packet
 * in front. Interfaces are numbered through the whole file, although each
 * section begins anew. */

#include "config.h"

#include "pcap/pcapng_reader.h"

#include "models/base/wire.h"
#include "pcap/pcapng.h"

#define OBSOLETE_PACKET 2
#define SIMPLE_PACKET   3
#define IF_TSOFFSET     14
#define MICROSECONDS    6 /* if_tsresol's default */

typedef struct {
    uint8_t resolution; /* 10^-n; with the highest bit 2^-n */
    int64_t offset;     /* seconds */
    int link_type;
    uint32_t snaplen; /* 0: none */
    char *name;       /* owned, or NULL */
} Interface;

struct PcapngReader {
    char *path;         /* owned */
    HsReader r;         /* over borrowed bytes */
    bool swapped;       /* the section is in little-endian order */
    GArray *interfaces; /* owned, Interface: of all sections up to now */
    guint section;      /* the first one of this section */
    HsTime last;        /* time of the last packet */
    bool one_type;
};

static void
interface_clear(gpointer data)
{
    Interface *interface = data;

    g_free(interface->name);
}

static uint16_t
read_u16(const PcapngReader *reader, HsReader *r)
{
    uint16_t value = hs_reader_u16(r);

    if (reader->swapped)
        value = GUINT16_SWAP_LE_BE(value);
    return value;
}

static uint32_t
read_u32(const PcapngReader *reader, HsReader *r)
{
    uint32_t value = hs_reader_u32(r);

    return reader->swapped ? GUINT32_SWAP_LE_BE(value) : value;
}

static bool
broken(const PcapngReader *reader, GError **error, const char *what)
{
    g_set_error(error, CAPTURE_ERROR, CAPTURE_ERROR_FORMAT, "%s: %s",
                reader->path, what);
    return false;
}

/* The next block's type and body. */
static bool
next_block(PcapngReader *reader, uint32_t *ret_type, HsReader *ret_body,
           GError **error)
{
    HsReader at = reader->r;
    uint32_t type = read_u32(reader, &at), length, magic;

    if (type == PCAPNG_SECTION) { /* reads the same in either order */
        HsReader ahead = at;

        hs_reader_skip(&ahead, 4);
        magic = hs_reader_u32(&ahead);
        if (magic != PCAPNG_MAGIC &&
            magic != GUINT32_SWAP_LE_BE((guint32)PCAPNG_MAGIC))
            return broken(reader, error, "not a pcapng section");
        reader->swapped = magic != PCAPNG_MAGIC;
    }
    length = read_u32(reader, &at);
    if (length < 12 || length % 4 != 0)
        return broken(reader, error, "a block of an impossible length");
    *ret_type = type;
    *ret_body = hs_reader_sub(&at, length - 12);
    if (read_u32(reader, &at) != length || !hs_reader_ok(&at))
        return broken(reader, error, "cut short within a block");
    reader->r = at;
    return true;
}

static bool
read_interface(PcapngReader *reader, HsReader body, GError **error)
{
    Interface interface = {.resolution = MICROSECONDS};
    const Interface *first =
        reader->interfaces->len > 0
            ? &g_array_index(reader->interfaces, Interface, 0)
            : NULL;

    interface.link_type = read_u16(reader, &body);
    hs_reader_skip(&body, 2);
    interface.snaplen = read_u32(reader, &body);
    if (reader->one_type && first != NULL &&
        first->link_type != interface.link_type)
        return broken(reader, error,
                      "interfaces of different link types, and a filter");
    while (hs_reader_left(&body) >= PCAPNG_OPTION_HEADER) {
        unsigned code = read_u16(reader, &body);
        unsigned length = read_u16(reader, &body);
        HsReader value = hs_reader_sub(&body, length);
        uint64_t high;

        hs_reader_skip(&body, (4 - length % 4) % 4);
        if (code == PCAPNG_OPT_END)
            break;
        if (code == PCAPNG_IF_TSRESOL)
            interface.resolution = hs_reader_u8(&value);
        if (code == IF_TSOFFSET) {
            high = hs_reader_u64(&value);
            interface.offset =
                (int64_t)(reader->swapped ? GUINT64_SWAP_LE_BE(high) : high);
        }
        if (code == PCAPNG_IF_NAME && interface.name == NULL &&
            hs_reader_ok(&body)) {
            g_autofree char *name =
                g_strndup((const char *)value.data, value.length);

            interface.name = g_utf8_make_valid(name, -1);
        }
        if (!hs_reader_ok(&value) || !hs_reader_ok(&body)) {
            g_free(interface.name);
            return broken(reader, error, "a broken interface option");
        }
    }
    if (!hs_reader_ok(&body)) {
        g_free(interface.name);
        return broken(reader, error, "a broken interface description");
    }
    g_array_append_val(reader->interfaces, interface);
    return true;
}

/* TICKS of the interface as nanoseconds since 1970. */
static bool
to_time(const Interface *interface, uint64_t ticks, HsTime *ret_time)
{
    unsigned __int128 value = ticks;
    unsigned power = interface->resolution & 0x7f;
    HsTime offset;

    if (interface->resolution & 0x80) {
        value = power < 64 ? value * 1000000000u >> power : 0;
    } else {
        for (; power < 9; power++)
            value *= 10;
        for (; power > 9; power--)
            value /= 10;
    }
    return value < INT64_MAX &&
           !__builtin_mul_overflow(interface->offset, HS_SEC(1), &offset) &&
           !__builtin_add_overflow((HsTime)value, offset, ret_time);
}

/* The interface that a packet says it is of, and its number in the file. */
static const Interface *
find_interface(const PcapngReader *reader, uint32_t number, uint32_t *ret_link,
               GError **error)
{
    if (number >= reader->interfaces->len - reader->section) {
        broken(reader, error, "a packet of an unknown interface");
        return NULL;
    }
    *ret_link = reader->section + number;
    return &g_array_index(reader->interfaces, Interface, *ret_link);
}

/* Enhanced packets, and those of the older kind: a number of 16 bits for the
 * interface, and one for what was dropped. */
static bool
read_packet(PcapngReader *reader, HsReader body, bool old,
            CapturePacket *ret_packet, GError **error)
{
    uint32_t number = old ? read_u16(reader, &body) : read_u32(reader, &body);
    CapturePacket packet = {0};
    const Interface *interface;
    uint64_t ticks;

    if (old)
        hs_reader_skip(&body, 2);
    ticks = (uint64_t)read_u32(reader, &body) << 32;
    ticks |= read_u32(reader, &body);
    packet.length = read_u32(reader, &body);
    packet.original = read_u32(reader, &body);
    packet.data = hs_reader_bytes(&body, packet.length);
    if (!hs_reader_ok(&body))
        return broken(reader, error, "a packet longer than its block");
    interface = find_interface(reader, number, &packet.link, error);
    if (interface == NULL)
        return false;
    packet.link_type = interface->link_type;
    if (!to_time(interface, ticks, &packet.at))
        return broken(reader, error, "a time beyond the year 2262");
    reader->last = packet.at;
    *ret_packet = packet;
    return true;
}

/* Of the section's first interface, cut at its snap length. */
static bool
read_simple(PcapngReader *reader, HsReader body, CapturePacket *ret_packet,
            GError **error)
{
    CapturePacket packet = {.at = reader->last};
    const Interface *interface;
    size_t most;

    packet.original = read_u32(reader, &body);
    interface = find_interface(reader, 0, &packet.link, error);
    if (interface == NULL)
        return false;
    most = interface->snaplen > 0 ? MIN(packet.original, interface->snaplen)
                                  : packet.original;
    packet.length = most;
    packet.data = hs_reader_bytes(&body, most);
    packet.link_type = interface->link_type;
    if (!hs_reader_ok(&body))
        return broken(reader, error, "a packet longer than its block");
    *ret_packet = packet;
    return true;
}

/* Goes on to the next packet or, if RET_PACKET is NULL, interface. */
static CaptureRead
advance(PcapngReader *reader, CapturePacket *ret_packet, GError **error)
{
    while (hs_reader_left(&reader->r) > 0) {
        HsReader body;
        uint32_t type;

        if (!next_block(reader, &type, &body, error))
            return CAPTURE_READ_ERROR;
        switch (type) {
        case PCAPNG_SECTION:
            reader->section = reader->interfaces->len;
            break;
        case PCAPNG_INTERFACE:
            if (!read_interface(reader, body, error))
                return CAPTURE_READ_ERROR;
            if (ret_packet == NULL)
                return CAPTURE_READ_PACKET;
            break;
        case PCAPNG_PACKET:
        case OBSOLETE_PACKET:
        case SIMPLE_PACKET:
            if (ret_packet == NULL) {
                broken(reader, error, "a packet before any interface");
                return CAPTURE_READ_ERROR;
            }
            return (type == SIMPLE_PACKET
                        ? read_simple(reader, body, ret_packet, error)
                        : read_packet(reader, body, type == OBSOLETE_PACKET,
                                      ret_packet, error))
                       ? CAPTURE_READ_PACKET
                       : CAPTURE_READ_ERROR;
        }
    }
    return CAPTURE_READ_END;
}

PcapngReader *
pcapng_reader_new(const char *path, const void *bytes, size_t length,
                  GError **error)
{
    PcapngReader *reader = g_new0(PcapngReader, 1);

    reader->path = g_strdup(path);
    reader->r = hs_reader_of(bytes, length);
    reader->interfaces = g_array_new(FALSE, FALSE, sizeof(Interface));
    g_array_set_clear_func(reader->interfaces, interface_clear);
    switch (advance(reader, NULL, error)) {
    case CAPTURE_READ_PACKET:
        return reader;
    case CAPTURE_READ_END:
        broken(reader, error, "no interface in it");
        break;
    case CAPTURE_READ_ERROR:
        break;
    }
    pcapng_reader_free(reader);
    return NULL;
}

void
pcapng_reader_free(PcapngReader *reader)
{
    if (reader == NULL)
        return;
    g_array_unref(reader->interfaces);
    g_free(reader->path);
    g_free(reader);
}

int
pcapng_reader_link_type(const PcapngReader *reader)
{
    return g_array_index(reader->interfaces, Interface, 0).link_type;
}

const char *
pcapng_reader_link_name(const PcapngReader *reader, uint32_t link)
{
    return link < reader->interfaces->len
               ? g_array_index(reader->interfaces, Interface, link).name
               : NULL;
}

uint32_t
pcapng_reader_link_count(const PcapngReader *reader)
{
    return reader->interfaces->len;
}

void
pcapng_reader_want_one_type(PcapngReader *reader)
{
    reader->one_type = true;
}

CaptureRead
pcapng_reader_next(PcapngReader *reader, CapturePacket *ret_packet,
                   GError **error)
{
    return advance(reader, ret_packet, error);
}
