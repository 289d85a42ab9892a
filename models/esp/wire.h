/* The numbers of ESP and of the headers around it. */

#ifndef HS_ESP_WIRE_H
#define HS_ESP_WIRE_H

/* IPv4, RFC 791 */
#define ESP_IPV4_HEADER   20
#define ESP_IPV4_MAX      65535
#define ESP_IPV4_TOS      1
#define ESP_IPV4_LENGTH   2
#define ESP_IPV4_ID       4
#define ESP_IPV4_FLAGS    6
#define ESP_IPV4_TTL      8
#define ESP_IPV4_PROTOCOL 9
#define ESP_IPV4_CHECKSUM 10
#define ESP_IPV4_SOURCE   12
#define ESP_IPV4_DEST     16
#define ESP_IPV4_DF       0x4000
#define ESP_IPV4_MORE     0x2000
#define ESP_IPV4_OFFSET   0x1fff
#define ESP_PROTOCOL_UDP  17
#define ESP_PROTOCOL_ESP  50 /* RFC 4303 2 */
#define ESP_NEXT_IPV4     4  /* RFC 4303 2.6: tunnel mode, IPv4 inside */
#define ESP_NEXT_IPV6     41 /* RFC 4303 2.6: IPv6 inside */
#define ESP_NEXT_NONE     59 /* RFC 4303 2.6: a dummy packet */

/* ECN, RFC 3168 5 */
#define ESP_ECN_MASK    0x03
#define ESP_ECN_NOT_ECT 0x00
#define ESP_ECN_ECT1    0x01
#define ESP_ECN_ECT0    0x02
#define ESP_ECN_CE      0x03

/* UDP, RFC 768; in front of ESP, RFC 3948 2.1 */
#define ESP_UDP_HEADER 8
/* RFC 3948 2.2: four zeros where an SPI would stand mean IKE. */
#define ESP_NON_ESP_MARKER 4
/* RFC 3948 2.3 */
#define ESP_KEEPALIVE 0xff

/* RFC 4303 2: SPI and sequence number; pad length and next header */
#define ESP_HEADER    8
#define ESP_TRAILER   2
#define ESP_PAD_MAX   255

#define ESP_GCM_IV    8  /* RFC 4106 3.1 */
#define ESP_GCM_ICV   16 /* RFC 4106 6 */
#define ESP_GCM_BLOCK 4  /* RFC 4303 2.4: right-aligned to 4 bytes */
#define ESP_CBC_BLOCK 16 /* RFC 3602 2.4; its IV likewise */

/* What authentication covers besides the packet: RFC 4303 2.2.1. */
#define ESP_AAD     8  /* SPI, sequence number */
#define ESP_AAD_ESN 12 /* SPI, both halves of it; RFC 4106 5 */

#endif
