/* Why a router did not pass a packet on. Each reason is a counter with a name;
 * what a capture does not show, these do. */

#ifndef HS_NET_DROP_H
#define HS_NET_DROP_H

#define HS_DROPS(X)                                                            \
    X(NONE, "not dropped")                                                     \
    /* The header, RFC 1812 5.2.2 */                                           \
    X(TRUNCATED, "truncated IPv4 packet")                                      \
    X(BAD_VERSION, "not IPv4")                                                 \
    X(BAD_HEADER_LENGTH, "bad IPv4 header length")                             \
    X(BAD_TOTAL_LENGTH, "bad IPv4 total length")                               \
    X(BAD_CHECKSUM, "bad IPv4 checksum")                                       \
    X(BAD_OPTIONS, "bad IPv4 options")                                         \
    X(SOURCE_ROUTE, "source-routed")                                           \
    X(BAD_SOURCE, "martian source")                                            \
    X(BAD_DESTINATION, "martian destination")                                  \
    X(MULTICAST, "multicast")                                                  \
    X(BROADCAST, "broadcast")                                                  \
    /* Forwarding */                                                           \
    X(NO_ROUTE, "no route")                                                    \
    X(BLACKHOLE_ROUTE, "blackhole route")                                      \
    X(REJECT_ROUTE, "reject route")                                            \
    X(TTL_EXPIRED, "TTL expired")                                              \
    X(TOO_BIG, "larger than MTU, DF set")                                      \
    X(PORT_DOWN, "port down")                                                  \
    X(NO_OUTPUT, "port has no output")                                         \
    X(FORWARDING_OFF, "forwarding off")                                        \
    /* The filter of a port */                                                 \
    X(NO_STATE, "no state")                                                    \
    X(POLICED_RATE, "policed: above the rate")                                 \
    X(POLICED_PACKETS, "policed: too many packets")                            \
    X(PRIVATE_SOURCE, "internet gateway: private source")                      \
    X(PRIVATE_DESTINATION, "internet gateway: private destination")            \
    /* Fragments on their way to this node */                                  \
    X(BAD_FRAGMENT, "bad fragment")                                            \
    X(FRAGMENT_DUPLICATE, "duplicate fragment")                                \
    X(FRAGMENT_OVERLAP, "overlapping fragment")                                \
    X(REASSEMBLY_FULL, "reassembly buffer full")                               \
    X(REASSEMBLY_TIMEOUT, "reassembly timeout")                                \
    /* This node's own */                                                      \
    X(CONTROL_OFF, "control plane off")                                        \
    X(NO_LISTENER, "nobody listens on this node")

typedef enum {
#define X(name, text) HS_DROP_##name,
    HS_DROPS(X)
#undef X
        HS_DROP_COUNT
} HsDrop;

const char *hs_drop_name(HsDrop drop);

#endif
