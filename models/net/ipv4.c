/* Every packet passes here at every hop, so this file reads its bytes directly,
 * after one comparison with the length, where other decoders use HsReader. */

#include "config.h"

#include "models/net/ipv4.h"

#include <string.h>

static uint16_t
get_u16(const uint8_t *at)
{
    return (uint16_t)(at[0] << 8 | at[1]);
}

static uint32_t
get_u32(const uint8_t *at)
{
    return (uint32_t)get_u16(at) << 16 | get_u16(at + 2);
}

static void
put_u16(uint8_t *at, uint16_t value)
{
    at[0] = (uint8_t)(value >> 8);
    at[1] = (uint8_t)value;
}

static void
put_u32(uint8_t *at, uint32_t value)
{
    put_u16(at, (uint16_t)(value >> 16));
    put_u16(at + 2, (uint16_t)value);
}

HsDrop
hs_ipv4_parse(const uint8_t *data, size_t length, HsIpv4 *ret_ip)
{
    size_t header, total;

    if (length < HS_IPV4_HEADER)
        return HS_DROP_TRUNCATED;
    if (data[0] >> 4 != 4)
        return HS_DROP_BAD_VERSION;
    header = (size_t)(data[0] & 0xf) * 4;
    if (header < HS_IPV4_HEADER)
        return HS_DROP_BAD_HEADER_LENGTH;
    total = get_u16(data + 2);
    if (total < header)
        return HS_DROP_BAD_TOTAL_LENGTH;
    if (total > length)
        return HS_DROP_TRUNCATED;
    if (hs_checksum_finish(hs_checksum_add(0, data, header)) != 0)
        return HS_DROP_BAD_CHECKSUM;

    *ret_ip = (HsIpv4){
        .header_length = (uint8_t)header,
        .tos = data[1],
        .total_length = (uint16_t)total,
        .id = get_u16(data + 4),
        .fragment = get_u16(data + 6),
        .ttl = data[8],
        .protocol = data[9],
        .source = get_u32(data + 12),
        .destination = get_u32(data + 16),
    };
    return HS_DROP_NONE;
}

void
hs_ipv4_write(uint8_t to[HS_IPV4_HEADER], const HsIpv4 *ip)
{
    to[0] = 4 << 4 | HS_IPV4_HEADER / 4;
    to[1] = ip->tos;
    put_u16(to + 2, ip->total_length);
    put_u16(to + 4, ip->id);
    put_u16(to + 6, ip->fragment);
    to[8] = ip->ttl;
    to[9] = ip->protocol;
    put_u32(to + 12, ip->source);
    put_u32(to + 16, ip->destination);
    hs_ipv4_set_checksum(to);
}

void
hs_ipv4_push(HsPacket *packet, const HsIpv4 *ip)
{
    uint8_t *header = hs_packet_push(packet, HS_IPV4_HEADER);
    HsIpv4 filled = *ip;

    g_assert(hs_packet_length(packet) <= UINT16_MAX);
    filled.total_length = (uint16_t)hs_packet_length(packet);
    hs_ipv4_write(header, &filled);
}

void
hs_ipv4_set_checksum(uint8_t *header)
{
    size_t length = (size_t)(header[0] & 0xf) * 4;

    put_u16(header + 10, 0);
    put_u16(header + 10,
            hs_checksum_finish(hs_checksum_add(0, header, length)));
}

void
hs_ipv4_set_u16(uint8_t *header, size_t offset, uint16_t value)
{
    put_u16(header + 10, hs_checksum_update(get_u16(header + 10),
                                            get_u16(header + offset), value));
    put_u16(header + offset, value);
}

void
hs_ipv4_decrement_ttl(uint8_t *header)
{
    hs_ipv4_set_u16(header, 8, (uint16_t)(get_u16(header + 8) - 0x100));
}

/* RFC 1071 1(B) and 2(B): the sum is the same in either byte order up to a swap
 * of the result, and may be taken over wider words; so words of this machine
 * are added, and the swap comes once at the end. */
uint32_t
hs_checksum_add(uint32_t sum, const void *data, size_t length)
{
    const uint8_t *at = data;
    uint64_t wide = 0;
    uint32_t word;
    uint16_t half;

    for (; length >= sizeof word; length -= sizeof word, at += sizeof word) {
        memcpy(&word, at, sizeof word);
        wide += word;
    }
    if (length >= sizeof half) {
        memcpy(&half, at, sizeof half);
        wide += half;
        length -= sizeof half;
        at += sizeof half;
    }
    if (length > 0) { /* an odd byte is the high half of a word */
        half = 0;
        memcpy(&half, at, 1);
        wide += half;
    }
    wide = (wide & UINT32_MAX) + (wide >> 32);
    wide = (wide & UINT16_MAX) + (wide >> 16);
    wide = (wide & UINT16_MAX) + (wide >> 16);
    wide = (wide & UINT16_MAX) + (wide >> 16);
    return sum + GUINT16_FROM_BE((uint16_t)wide);
}

uint16_t
hs_checksum_finish(uint32_t sum)
{
    sum = (sum & 0xffff) + (sum >> 16);
    sum = (sum & 0xffff) + (sum >> 16);
    return (uint16_t)~sum;
}

uint32_t
hs_checksum_pseudo(const HsIpv4 *ip, size_t transport_length)
{
    return (ip->source >> 16) + (ip->source & 0xffff) +
           (ip->destination >> 16) + (ip->destination & 0xffff) + ip->protocol +
           (uint32_t)transport_length;
}

uint16_t
hs_checksum_update(uint16_t checksum, uint16_t from, uint16_t to)
{
    uint32_t sum = (uint16_t)~checksum;

    sum += (uint16_t)~from;
    sum += to;
    return hs_checksum_finish(sum);
}

/* The finaliser of SplitMix64: every bit of the input moves every bit of the
 * output, so that neighbouring ports spread evenly. */
static uint64_t
mix(uint64_t x)
{
    x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
    return x ^ x >> 31;
}

uint32_t
hs_ipv4_flow_hash(const HsIpv4 *ip, const uint8_t *payload, size_t length,
                  uint32_t seed)
{
    uint64_t addresses = (uint64_t)ip->source << 32 | ip->destination;
    uint64_t rest = (uint64_t)seed << 8 | ip->protocol;
    uint32_t ports = 0;

    if ((ip->protocol == HS_IP_TCP || ip->protocol == HS_IP_UDP) &&
        !hs_ipv4_is_fragment(ip) && length >= 4)
        ports = get_u32(payload);
    return (uint32_t)(mix(mix(mix(addresses) ^ rest) ^ ports) >> 32);
}
