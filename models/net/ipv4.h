/* The IPv4 header (RFC 791): read, checked, built, and changed in place with
 * its checksum kept right (RFC 1071, RFC 1624). Addresses are numbers in host
 * order here, as in hs_addr_ipv4(). */

#ifndef HS_NET_IPV4_H
#define HS_NET_IPV4_H

#include "models/base/packet.h"
#include "models/net/drop.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HS_IPV4_HEADER     20
#define HS_IPV4_HEADER_MAX 60
#define HS_IPV4_MTU_MIN    68 /* RFC 791 3.2: passes without fragmentation */

/* The field of flags and fragment offset. */
#define HS_IPV4_DF          0x4000
#define HS_IPV4_MF          0x2000
#define HS_IPV4_OFFSET_MASK 0x1fff /* in units of 8 bytes */

#define HS_IP_ICMP          1
#define HS_IP_TCP           6
#define HS_IP_UDP           17
#define HS_IP_ESP           50

typedef struct {
    uint8_t header_length; /* bytes, options included */
    uint8_t tos;
    uint16_t total_length;
    uint16_t id;
    uint16_t fragment; /* flags and offset as on the wire */
    uint8_t ttl;
    uint8_t protocol;
    uint32_t source;
    uint32_t destination;
} HsIpv4;

/* Checks what RFC 1812 5.2.2 says about the header, its checksum included.
 * HS_DROP_NONE, or why not; RET_IP is then untouched. LENGTH may exceed the
 * total length (padding of a link). */
HsDrop hs_ipv4_parse(const uint8_t *data, size_t length, HsIpv4 *ret_ip);

/* Writes a header of 20 bytes with its checksum; header_length is ignored. */
void hs_ipv4_write(uint8_t to[HS_IPV4_HEADER], const HsIpv4 *ip);

/* Puts a header in front of PACKET, which has one holder; total_length is
 * what it then is. */
void hs_ipv4_push(HsPacket *packet, const HsIpv4 *ip);

/* HEADER is a whole, checked header; each keeps its checksum right. */
void hs_ipv4_set_checksum(uint8_t *header);
void hs_ipv4_decrement_ttl(uint8_t *header);
void hs_ipv4_set_u16(uint8_t *header, size_t offset, uint16_t value);

static inline bool
hs_ipv4_is_fragment(const HsIpv4 *ip)
{
    return (ip->fragment & (HS_IPV4_MF | HS_IPV4_OFFSET_MASK)) != 0;
}

static inline size_t
hs_ipv4_fragment_offset(const HsIpv4 *ip)
{
    return (size_t)(ip->fragment & HS_IPV4_OFFSET_MASK) * 8;
}

/* 224.0.0.0/4 */
static inline bool
hs_ipv4_is_multicast(uint32_t address)
{
    return address >> 28 == 0xe;
}

/* The Internet checksum (RFC 1071). SUM is what an earlier part gave, or 0; all
 * parts but the last have an even length. */
uint32_t hs_checksum_add(uint32_t sum, const void *data, size_t length);

/* The value for the field: 0 over a packet whose field is right. */
uint16_t hs_checksum_finish(uint32_t sum);

/* The sum of the pseudo-header of TCP and UDP. */
uint32_t hs_checksum_pseudo(const HsIpv4 *ip, size_t transport_length);

/* CHECKSUM after a 16-bit word at an even offset changed: RFC 1624, eqn. 3. */
uint16_t hs_checksum_update(uint16_t checksum, uint16_t from, uint16_t to);

/* The same number for every packet of a flow: addresses, protocol and, for TCP
 * and UDP, ports. Every fragment of a datagram goes the same way, so a
 * fragment's ports do not count, not even the first's. PAYLOAD is what follows
 * the header, LENGTH bytes. */
uint32_t hs_ipv4_flow_hash(const HsIpv4 *ip, const uint8_t *payload,
                           size_t length, uint32_t seed);

#endif
