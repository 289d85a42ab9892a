/* The guard before a host's stack.
 *
 * ns-3 trusts what arrives: a TCP header of ten bytes or an option that claims
 * more than there is makes it abort or loop. So each packet from the network is
 * looked at here first, and only one that is well-formed to the last option
 * goes on. What is refused is refused for one reason, which has a name.
 *
 * No state, no allocation, no ns-3. Well-formed is not the same as sensible: a
 * SYN with FIN set passes, because stacks must and do survive it. */

#ifndef HS_ENGINE_VALIDATE_H
#define HS_ENGINE_VALIDATE_H

#include <glib.h>
#include <stddef.h>
#include <stdint.h>

G_BEGIN_DECLS

#define HS_REFUSALS(X)                                                         \
    X(NONE, "accepted")                                                        \
    X(IP_TRUNCATED, "shorter than an IPv4 header")                             \
    X(IP_VERSION, "not IPv4")                                                  \
    X(IP_HEADER_LENGTH, "IPv4 header length below 20 bytes")                   \
    X(IP_OPTIONS, "IPv4 options")                                              \
    X(IP_TOTAL_LENGTH, "IPv4 total length beyond the packet")                  \
    X(IP_CHECKSUM, "IPv4 header checksum")                                     \
    X(IP_RESERVED_FLAG, "IPv4 reserved flag")                                  \
    X(IP_FRAGMENT, "fragment")                                                 \
    X(IP_SOURCE, "source address that no host has")                            \
    X(IP_DESTINATION, "destination address that is not one host's")            \
    X(IP_PROTOCOL, "protocol other than ICMP, TCP and UDP")                    \
    X(TCP_TRUNCATED, "shorter than a TCP header")                              \
    X(TCP_HEADER_LENGTH, "TCP header length below 20 or beyond the packet")    \
    X(TCP_CHECKSUM, "TCP checksum")                                            \
    X(TCP_PORT, "TCP port 0")                                                  \
    X(TCP_OPTION_TRUNCATED, "TCP option beyond the header")                    \
    X(TCP_OPTION_LENGTH, "TCP option length below 2")                          \
    X(TCP_OPTION_MSS, "TCP MSS option not 4 bytes long")                       \
    X(TCP_OPTION_WINDOW_SCALE, "TCP window scale option not 3 bytes long")     \
    X(TCP_OPTION_SACK_PERMITTED, "TCP SACK-permitted option not 2 bytes long") \
    X(TCP_OPTION_SACK, "TCP SACK option without whole blocks")                 \
    X(TCP_OPTION_TIMESTAMP, "TCP timestamp option not 10 bytes long")          \
    X(TCP_OPTION_TWICE, "TCP option given twice")                              \
    X(UDP_TRUNCATED, "shorter than a UDP header")                              \
    X(UDP_LENGTH, "UDP length not that of the packet")                         \
    X(UDP_CHECKSUM, "UDP checksum")                                            \
    X(ICMP_TRUNCATED, "shorter than an ICMP header")                           \
    X(ICMP_CHECKSUM, "ICMP checksum")                                          \
    X(ICMP_TYPE, "ICMP type that no host needs")                               \
    X(ICMP_QUOTE, "ICMP error without the header and ports it is about")

typedef enum {
#define X(name, text) HS_REFUSE_##name,
    HS_REFUSALS(X)
#undef X
        HS_REFUSE_COUNT
} HsRefusal;

/* Why a host must not see this packet; HS_REFUSE_NONE: it may. Then RET_LENGTH
 * is the packet's own length, without what a link padded it with. */
HsRefusal hs_validate(const uint8_t *data, size_t length, size_t *ret_length);

const char *hs_refusal_name(HsRefusal refusal);

typedef struct {
    uint64_t count[HS_REFUSE_COUNT];
} HsValidateCounters;

G_END_DECLS

#endif
