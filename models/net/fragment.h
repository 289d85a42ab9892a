/* Fragmentation (RFC 791 3.2) where a packet leaves by a smaller MTU, and
 * reassembly where it ends: at the node it is addressed to, be that a host
 * stack or a tunnel endpoint. A router never reassembles what it forwards. */

#ifndef HS_NET_FRAGMENT_H
#define HS_NET_FRAGMENT_H

#include "models/base/simtime.h"
#include "models/net/ipv4.h"

/* Cuts PACKET (transfer full), read into IP, into fragments of at most MTU
 * bytes (at least HS_IPV4_MTU_MIN) and calls EMIT (transfer full) on each, in
 * order. Returns their number. PACKET may be a fragment itself. */
unsigned hs_fragment_split(HsPacket *packet, const HsIpv4 *ip, size_t mtu,
                           void (*emit)(void *user_data, HsPacket *fragment),
                           void *user_data);

typedef struct HsReassembly HsReassembly;

typedef struct {
    HsDuration timeout; /* 0: 30 s, as Linux */
    size_t bytes_max;   /* held at one time; 0: 4 MiB, as Linux */
} HsReassemblyConfig;

HsReassembly *hs_reassembly_new(const HsReassemblyConfig *config);
void hs_reassembly_free(HsReassembly *reassembly); /* NULL is fine */

typedef struct {
    HsDrop drop;        /* NONE: kept, or complete */
    unsigned dropped;   /* packets, this one included */
    size_t drop_bytes;  /* of them */
    HsPacket *complete; /* owned by the caller, or NULL */
    unsigned joined;    /* fragments in it, this one included */
} HsReassemblyResult;

/* FRAGMENT (transfer full), a checked IPv4 packet read into IP. */
HsReassemblyResult hs_reassembly_add(HsReassembly *reassembly, HsTime now,
                                     HsPacket *fragment, const HsIpv4 *ip);

/* When the oldest datagram is given up, or HS_TIME_NEVER. */
HsTime hs_reassembly_next_expiry(const HsReassembly *reassembly);

/* One datagram whose time is over at NOW. False if there is none. RET_FIRST is
 * its first fragment (owned by the caller), or NULL if that never came. */
bool hs_reassembly_poll_expired(HsReassembly *reassembly, HsTime now,
                                HsPacket **ret_first, unsigned *ret_fragments,
                                size_t *ret_bytes);

/* Fragments held now. */
unsigned hs_reassembly_held(const HsReassembly *reassembly);

#endif
