/* UDP (RFC 768) in IPv4 packets, for what a router itself sends and receives:
 * BFD, NAT-T, probes. */

#ifndef HS_NET_UDP_H
#define HS_NET_UDP_H

#include "models/net/ipv4.h"

#define HS_UDP_HEADER 8

typedef struct {
    uint16_t source_port;
    uint16_t destination_port;
    const uint8_t *payload; /* borrowed from the packet */
    size_t length;
} HsUdpDatagram;

/* PACKET is a checked IPv4 packet, whose header was read into IP. False for
 * another protocol, a fragment, a bad length or a bad checksum. */
bool hs_udp_parse(const HsPacket *packet, const HsIpv4 *ip,
                  HsUdpDatagram *ret_datagram);

/* A whole packet. IP gives tos, id, fragment, ttl and addresses; DATAGRAM
 * ports and payload (copied). */
HsPacket *hs_udp_packet_new(const HsIpv4 *ip, const HsUdpDatagram *datagram);

/* Puts a UDP and an IPv4 header in front of PACKET, which has one holder and
 * becomes the payload. CHECKSUM false leaves the field zero, as RFC 3948 2.1
 * wants it for ESP in UDP. */
void hs_udp_push(HsPacket *packet, const HsIpv4 *ip, uint16_t source_port,
                 uint16_t destination_port, bool checksum);

#endif
