#include "config.h"

#include "models/base/wire.h"
#include "models/net/icmp.h"

/* RFC 1812 4.3.2.5: errors go with precedence 6, INTERNETWORK CONTROL. */
#define ERROR_TOS 0xc0

bool
hs_icmp_parse(const HsPacket *packet, const HsIpv4 *ip, HsIcmp *ret_icmp)
{
    const uint8_t *message = hs_packet_data(packet) + ip->header_length;
    size_t length = (size_t)(ip->total_length - ip->header_length);
    HsReader r = hs_reader_of(message, length);
    HsIcmp icmp = {0};

    if (ip->protocol != HS_IP_ICMP || hs_ipv4_is_fragment(ip))
        return false;
    icmp.type = hs_reader_u8(&r);
    icmp.code = hs_reader_u8(&r);
    icmp.checksum = hs_reader_u16(&r);
    icmp.rest = hs_reader_u32(&r);
    icmp.length = hs_reader_left(&r);
    icmp.payload = hs_reader_bytes(&r, icmp.length);
    if (!hs_reader_ok(&r) ||
        hs_checksum_finish(hs_checksum_add(0, message, length)) != 0)
        return false;
    *ret_icmp = icmp;
    return true;
}

/* RFC 1122 3.2.2 divides ICMP into errors and queries. A type that neither that
 * list nor RFC 1812 knows may be an error, so it counts as one. */
static bool
is_query(uint8_t type)
{
    switch (type) {
    case HS_ICMP_ECHO:
    case HS_ICMP_ECHO_REPLY:
    case 9:  /* router advertisement */
    case 10: /* router solicitation */
    case 13: /* timestamp */
    case 14: /* timestamp reply */
    case 15: /* information request */
    case 16: /* information reply */
    case 17: /* address mask request */
    case 18: /* address mask reply */
        return true;
    default:
        return false;
    }
}

/* RFC 1812 4.3.2.7: zero, loopback, multicast, broadcast and class E are not
 * the address of a single host. */
static bool
is_single_host(uint32_t address)
{
    return address >> 24 != 0 && address >> 24 != 127 && address >> 28 < 0xe;
}

bool
hs_icmp_may_report(const HsPacket *packet, const HsIpv4 *ip)
{
    if (hs_ipv4_fragment_offset(ip) != 0 || !is_single_host(ip->source) ||
        hs_ipv4_is_multicast(ip->destination) || ip->destination == UINT32_MAX)
        return false;
    if (ip->protocol != HS_IP_ICMP)
        return true;
    return ip->total_length > ip->header_length &&
           is_query(hs_packet_data(packet)[ip->header_length]);
}

HsPacket *
hs_icmp_error_new(const HsPacket *packet, const HsIpv4 *ip, uint32_t source,
                  uint8_t ttl, uint8_t type, uint8_t code, uint32_t rest)
{
    size_t room = HS_ICMP_ERROR_MAX - HS_IPV4_HEADER - HS_ICMP_HEADER;
    HsPacket *error =
        hs_packet_new(hs_packet_data(packet), MIN(ip->total_length, room));
    uint8_t *icmp = hs_packet_push(error, HS_ICMP_HEADER);
    uint16_t checksum;

    icmp[0] = type;
    icmp[1] = code;
    icmp[2] = icmp[3] = 0;
    for (unsigned i = 0; i < 4; i++)
        icmp[4 + i] = (uint8_t)(rest >> (24 - 8 * i));
    checksum =
        hs_checksum_finish(hs_checksum_add(0, icmp, hs_packet_length(error)));
    icmp[2] = (uint8_t)(checksum >> 8);
    icmp[3] = (uint8_t)checksum;

    /* Atomic, RFC 6864 4.1: DF, and then the identification means nothing. */
    hs_ipv4_push(error, &(HsIpv4){.tos = ERROR_TOS,
                                  .fragment = HS_IPV4_DF,
                                  .ttl = ttl,
                                  .protocol = HS_IP_ICMP,
                                  .source = source,
                                  .destination = ip->source});
    return error;
}

HsPacket *
hs_icmp_echo_reply(HsPacket *packet, uint8_t ttl)
{
    HsPacket *reply = hs_packet_writable(packet);
    uint8_t *header = hs_packet_bytes(reply);
    uint8_t *icmp = header + (size_t)(header[0] & 0xf) * 4;
    uint16_t checksum = (uint16_t)(icmp[2] << 8 | icmp[3]);

    for (unsigned i = 0; i < 4; i++) {
        uint8_t source = header[12 + i];

        header[12 + i] = header[16 + i];
        header[16 + i] = source;
    }
    header[8] = ttl;
    hs_ipv4_set_checksum(header);

    checksum = hs_checksum_update(checksum, (uint16_t)(icmp[0] << 8 | icmp[1]),
                                  icmp[1]);
    icmp[0] = HS_ICMP_ECHO_REPLY;
    icmp[2] = (uint8_t)(checksum >> 8);
    icmp[3] = (uint8_t)checksum;
    return reply;
}
