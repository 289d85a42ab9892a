#include "config.h"

#include "models/base/wire.h"
#include "models/net/udp.h"

/* RFC 768: a checksum that comes out as zero is sent as its other form, all
 * ones, because zero says that there is none. */
static uint16_t
checksum_of(const HsIpv4 *ip, const uint8_t *segment, size_t length)
{
    uint32_t sum = hs_checksum_pseudo(ip, length);
    uint16_t checksum =
        hs_checksum_finish(hs_checksum_add(sum, segment, length));

    return checksum != 0 ? checksum : UINT16_MAX;
}

bool
hs_udp_parse(const HsPacket *packet, const HsIpv4 *ip,
             HsUdpDatagram *ret_datagram)
{
    const uint8_t *segment = hs_packet_data(packet) + ip->header_length;
    size_t left = (size_t)(ip->total_length - ip->header_length);
    HsReader r = hs_reader_of(segment, left);
    HsUdpDatagram datagram = {0};
    size_t length;
    uint16_t checksum;

    if (ip->protocol != HS_IP_UDP || hs_ipv4_is_fragment(ip))
        return false;
    datagram.source_port = hs_reader_u16(&r);
    datagram.destination_port = hs_reader_u16(&r);
    length = hs_reader_u16(&r);
    checksum = hs_reader_u16(&r);
    if (!hs_reader_ok(&r) || length < HS_UDP_HEADER || length > left)
        return false;
    if (checksum != 0 &&
        hs_checksum_finish(hs_checksum_add(hs_checksum_pseudo(ip, length),
                                           segment, length)) != 0)
        return false;
    datagram.payload = segment + HS_UDP_HEADER;
    datagram.length = length - HS_UDP_HEADER;
    *ret_datagram = datagram;
    return true;
}

void
hs_udp_push(HsPacket *packet, const HsIpv4 *ip, uint16_t source_port,
            uint16_t destination_port, bool checksum)
{
    uint8_t *udp = hs_packet_push(packet, HS_UDP_HEADER);
    size_t length = hs_packet_length(packet);
    const uint16_t fields[] = {source_port, destination_port, (uint16_t)length,
                               0};
    HsIpv4 header = *ip;
    uint16_t sum;

    g_assert(length <= UINT16_MAX - HS_IPV4_HEADER);
    header.protocol = HS_IP_UDP;
    for (size_t i = 0; i < G_N_ELEMENTS(fields); i++) {
        udp[2 * i] = (uint8_t)(fields[i] >> 8);
        udp[2 * i + 1] = (uint8_t)fields[i];
    }
    if (checksum) {
        sum = checksum_of(&header, udp, length);
        udp[6] = (uint8_t)(sum >> 8);
        udp[7] = (uint8_t)sum;
    }
    hs_ipv4_push(packet, &header);
}

HsPacket *
hs_udp_packet_new(const HsIpv4 *ip, const HsUdpDatagram *datagram)
{
    HsPacket *packet = hs_packet_new(datagram->payload, datagram->length);

    hs_udp_push(packet, ip, datagram->source_port, datagram->destination_port,
                true);
    return packet;
}
