/* ICMP (RFC 792) as a router speaks it: errors about packets that it could not
 * pass on, and answers to echo. Building only; when an error must not be sent
 * (RFC 1812 4.3.2.7) is hs_icmp_may_report(). */

#ifndef HS_NET_ICMP_H
#define HS_NET_ICMP_H

#include "models/net/ipv4.h"

#define HS_ICMP_HEADER               8

#define HS_ICMP_ECHO_REPLY           0
#define HS_ICMP_UNREACHABLE          3
#define HS_ICMP_ECHO                 8
#define HS_ICMP_TIME_EXCEEDED        11

#define HS_ICMP_NET_UNREACHABLE      0
#define HS_ICMP_HOST_UNREACHABLE     1
#define HS_ICMP_PROTOCOL_UNREACHABLE 2
#define HS_ICMP_PORT_UNREACHABLE     3
#define HS_ICMP_FRAGMENTATION_NEEDED 4
#define HS_ICMP_PROHIBITED           13

#define HS_ICMP_TTL_EXCEEDED         0
#define HS_ICMP_REASSEMBLY_EXCEEDED  1

/* RFC 1812 4.3.2.3: no ICMP error exceeds 576 bytes. */
#define HS_ICMP_ERROR_MAX 576

typedef struct {
    uint8_t type;
    uint8_t code;
    uint16_t checksum;
    uint32_t rest;          /* MTU; identifier and sequence */
    const uint8_t *payload; /* borrowed: the quoted packet, or echo's data */
    size_t length;
} HsIcmp;

/* PACKET is a checked IPv4 packet read into IP. False for another protocol, a
 * fragment, a truncated message or a bad checksum. */
bool hs_icmp_parse(const HsPacket *packet, const HsIpv4 *ip, HsIcmp *ret_icmp);

/* Whether RFC 1812 4.3.2.7 allows an error about this packet: not about an ICMP
 * error, not to or about multicast and broadcast, not about any but the first
 * fragment, and not to a source that is no single host. */
bool hs_icmp_may_report(const HsPacket *packet, const HsIpv4 *ip);

/* An error about PACKET (borrowed), from SOURCE to its sender, with as much of
 * it as fits. REST is the MTU for FRAGMENTATION_NEEDED (RFC 1191), else 0. */
HsPacket *
hs_icmp_error_new(const HsPacket *packet, const HsIpv4 *ip, uint32_t source,
                  uint8_t ttl, uint8_t type, uint8_t code, uint32_t rest);

/* The answer to the echo request PACKET (transfer full), which is turned round:
 * addresses swapped, TTL fresh, data the same. */
HsPacket *hs_icmp_echo_reply(HsPacket *packet, uint8_t ttl);

#endif
