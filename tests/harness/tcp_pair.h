/* Two hosts of the engine and a relay between them, which delays, drops and
 * counts like the one that measured Linux (tests/golden/linux-tcp/measure.py).
 *
 * A packet is dropped or let through when it reaches the relay; what was let
 * through arrives, whatever happens meanwhile. */

#ifndef HS_TESTS_HARNESS_TCP_PAIR_H
#define HS_TESTS_HARNESS_TCP_PAIR_H

#include "models/base/rng.h"
#include "sim/engine/ns3_shim.h"

#define TCP_PAIR_FIN 0x01
#define TCP_PAIR_SYN 0x02
#define TCP_PAIR_RST 0x04
#define TCP_PAIR_ACK 0x10

/* A segment as the relay sees it. */
typedef struct {
    unsigned from; /* host 0 or 1 */
    HsTime at;
    uint32_t seq, ack;
    uint8_t flags;
    uint32_t length; /* of its data */
    uint32_t mss;    /* the option; 0: none */
    bool timestamp, sack_permitted, dont_fragment;
    bool dropped;
} TcpSegment;

typedef struct TcpPair TcpPair;
struct TcpPair {
    HsSim *sim; /* borrowed */
    HsSimHost *host[2];
    HsAddr address[2];
    HsDuration delay;
    bool cut[2];      /* what host n sends is lost */
    double loss[2];   /* and this share of it at random */
    HsRng *rng;       /* owned */
    uint32_t mtu;     /* of the relay; larger packets are answered by ICMP */
    bool mute;        /* but not if this is set */
    uint32_t clamp;   /* of the MSS in each SYN; 0: none */
    bool unreachable; /* SYNs are answered by ICMP, host unreachable */
    uint64_t packets[2];
    uint64_t too_big;
    void (*seen)(void *user_data, const TcpSegment *segment);
    void *user_data;
};

/* Hosts NAME-0, 10.0.N.1, and NAME-1, 10.1.N.1, with MTU 1500. */
void tcp_pair_init(TcpPair *pair, HsSim *sim, const char *name, unsigned n,
                   HsDuration delay);
void tcp_pair_clear(TcpPair *pair);

#endif
