#include "config.h"

#include "models/base/packet.h"

#include <string.h>

struct HsPacket {
    unsigned refs;
    size_t capacity;
    size_t offset; /* of the first byte in room */
    size_t length;
    uint8_t *room; /* owned; within the same allocation until it grows */
    uint8_t inline_room[];
};

HsPacket *
hs_packet_new(const void *data, size_t length)
{
    size_t capacity = HS_PACKET_HEADROOM + length + HS_PACKET_TAILROOM;
    HsPacket *packet = g_malloc(sizeof *packet + capacity);

    packet->refs = 1;
    packet->capacity = capacity;
    packet->offset = HS_PACKET_HEADROOM;
    packet->length = length;
    packet->room = packet->inline_room;
    if (length > 0 && data != NULL)
        memcpy(packet->room + packet->offset, data, length);
    else
        memset(packet->room + packet->offset, 0, length);
    return packet;
}

HsPacket *
hs_packet_ref(HsPacket *packet)
{
    packet->refs++;
    return packet;
}

void
hs_packet_unref(HsPacket *packet)
{
    if (packet == NULL || --packet->refs > 0)
        return;
    if (packet->room != packet->inline_room)
        g_free(packet->room);
    g_free(packet);
}

const uint8_t *
hs_packet_data(const HsPacket *packet)
{
    return packet->room + packet->offset;
}

size_t
hs_packet_length(const HsPacket *packet)
{
    return packet->length;
}

HsPacket *
hs_packet_writable(HsPacket *packet)
{
    HsPacket *copy;

    if (packet->refs == 1)
        return packet;
    copy = hs_packet_new(hs_packet_data(packet), packet->length);
    hs_packet_unref(packet);
    return copy;
}

uint8_t *
hs_packet_bytes(HsPacket *packet)
{
    g_assert(packet->refs == 1);
    return packet->room + packet->offset;
}

static void
grow(HsPacket *packet, size_t front, size_t behind)
{
    size_t capacity = front + packet->length + behind;
    uint8_t *room = g_malloc(capacity);

    memcpy(room + front, hs_packet_data(packet), packet->length);
    if (packet->room != packet->inline_room)
        g_free(packet->room);
    packet->room = room;
    packet->capacity = capacity;
    packet->offset = front;
}

uint8_t *
hs_packet_push(HsPacket *packet, size_t length)
{
    g_assert(packet->refs == 1);
    if (length > packet->offset)
        grow(packet, length + HS_PACKET_HEADROOM, HS_PACKET_TAILROOM);
    packet->offset -= length;
    packet->length += length;
    return packet->room + packet->offset;
}

uint8_t *
hs_packet_put(HsPacket *packet, size_t length)
{
    uint8_t *at;

    g_assert(packet->refs == 1);
    if (length > packet->capacity - packet->offset - packet->length)
        grow(packet, HS_PACKET_HEADROOM, length + HS_PACKET_TAILROOM);
    at = packet->room + packet->offset + packet->length;
    packet->length += length;
    return at;
}

void
hs_packet_pull(HsPacket *packet, size_t length)
{
    g_assert(packet->refs == 1 && length <= packet->length);
    packet->offset += length;
    packet->length -= length;
}

void
hs_packet_trim(HsPacket *packet, size_t length)
{
    g_assert(packet->refs == 1 && length <= packet->length);
    packet->length = length;
}
