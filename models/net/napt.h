/* A NAPT: many inside addresses behind one outside address (RFC 3022), as the
 * device in front of a customer gateway and as AWS's NAT gateway.
 *
 * It translates whole packets and routes none: who owns it decides which ones
 * go out and come in. Each connection has a mapping of its own, and an outside
 * port that is its own for that destination; so the number of ports limits the
 * connections to one destination, not all of them. Who was not spoken to does
 * not get in. A mapping that nothing uses is forgotten, and the next packet
 * from inside gets another port. */

#ifndef HS_NET_NAPT_H
#define HS_NET_NAPT_H

#include "models/base/addr.h"
#include "models/base/env.h"
#include "models/base/packet.h"

/* Why a packet is not translated. */
#define HS_NAPT_DROPS(X)                                                       \
    X(NONE, "translated")                                                      \
    X(NO_MAPPING, "no NAT mapping")                                            \
    X(NO_PORT, "NAT ports used up")                                            \
    X(PROTOCOL, "protocol without ports at a NAT")                             \
    X(FRAGMENT, "fragment at a NAT")                                           \
    X(MALFORMED, "malformed at a NAT")

typedef enum {
#define X(name, text) HS_NAPT_##name,
    HS_NAPT_DROPS(X)
#undef X
        HS_NAPT_DROP_COUNT
} HsNaptDrop;

const char *hs_napt_drop_name(HsNaptDrop drop);

typedef struct {
    HsAddr outside;      /* IPv4 */
    uint16_t first_port; /* 0: 1024 */
    unsigned ports;      /* to one destination; 0: as many as there are */
    HsDuration udp_idle, tcp_idle, icmp_idle;
} HsNaptConfig;

typedef struct HsNapt HsNapt;

/* ENV is borrowed and outlives it. */
HsNapt *hs_napt_new(HsEnv *env, const HsNaptConfig *config);
void hs_napt_free(HsNapt *napt); /* NULL is fine */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HsNapt, hs_napt_free)

/* *PACKET, a checked IPv4 packet from inside or for the outside address,
 * becomes what is sent on; its holder stays the caller. If it is dropped it is
 * as it was. TCP gets a mapping by a SYN alone, UDP and ICMP echo by any packet
 * from inside; errors of ICMP are translated with the packet that they quote.
 * Departure: fragments are not put together, and not translated. */
HsNaptDrop hs_napt_out(HsNapt *napt, HsPacket **packet);
HsNaptDrop hs_napt_in(HsNapt *napt, HsPacket **packet);

/* Every mapping is forgotten, as by a restart. Returns how many. */
uint64_t hs_napt_reset(HsNapt *napt);

/* Mappings that are in use. */
unsigned hs_napt_mappings(HsNapt *napt);

typedef struct {
    uint64_t out, in; /* packets translated */
    uint64_t made;    /* mappings */
    uint64_t expired; /* mappings */
    uint64_t drops[HS_NAPT_DROP_COUNT];
} HsNaptCounters;

HsNaptCounters hs_napt_counters(const HsNapt *napt);

#endif
