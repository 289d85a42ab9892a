/* A policer: what is above the rate is dropped, not queued.
 *
 * A token bucket in bytes and one in packets; a packet passes if both have
 * room for it, and only then takes from either. That is how AWS holds a hosted
 * connection to what was bought (Direct Connect user guide, "Hosted
 * connections") and a VPN tunnel to 1.25 Gbit/s and 140 000 packets/s
 * (Site-to-Site VPN quotas). Buckets are full to begin with, so a burst passes
 * that a steady rate would not.
 *
 * The bucket is a value that others may keep inside their own structs; the
 * stage puts it between a router's port and what follows. */

#ifndef HS_NET_POLICER_H
#define HS_NET_POLICER_H

#include "models/base/env.h"
#include "models/base/packet.h"

/* AWS publishes no bucket sizes: 10 ms of the rate, and never less than the
 * largest packets need (assumed). */
#define HS_POLICER_BURST         HS_MSEC(10)
#define HS_POLICER_BURST_BYTES   18000
#define HS_POLICER_BURST_PACKETS 32

typedef struct {
    uint64_t rate;          /* bits per second; 0: bytes are not policed */
    uint64_t packets;       /* per second; 0: packets are not policed */
    uint64_t burst_bytes;   /* 0: as above */
    uint64_t burst_packets; /* 0: as above */
    uint32_t overhead;      /* counted with each packet's bytes */
} HsPolicerConfig;

typedef struct {
    uint64_t passed_packets, passed_bytes; /* without the overhead */
    uint64_t dropped_packets, dropped_bytes;
    uint64_t over_rate;    /* dropped_packets for want of bytes … */
    uint64_t over_packets; /* … or only of packets */
} HsPolicerCounters;

typedef struct {
    HsPolicerConfig config;
    HsTime last;
    uint64_t bits, pieces; /* what is in the buckets, in 1e-9 of each */
    HsPolicerCounters counters;
} HsPolicer;

void
hs_policer_init(HsPolicer *policer, const HsPolicerConfig *config, HsTime now);

/* New rates from now on; the buckets keep what they have and what fits. */
void
hs_policer_set(HsPolicer *policer, const HsPolicerConfig *config, HsTime now);

/* True: a packet of LENGTH bytes passes at NOW, which never runs back. */
bool hs_policer_pass(HsPolicer *policer, HsTime now, size_t length);

/* The stage */

typedef struct HsPolicerStage HsPolicerStage;

/* OUTPUT takes what passes (transfer full). ENV is borrowed and outlives the
 * stage. */
HsPolicerStage *
hs_policer_stage_new(HsEnv *env, const HsPolicerConfig *config,
                     void (*output)(void *user_data, HsPacket *packet),
                     void *user_data);
void hs_policer_stage_free(HsPolicerStage *stage); /* NULL is fine */

/* PACKET (transfer full). STAGE is an HsPolicerStage, so that this function can
 * be a port's output. */
void hs_policer_stage_input(void *stage, HsPacket *packet);

void hs_policer_stage_set(HsPolicerStage *stage, const HsPolicerConfig *config);
const HsPolicerCounters *hs_policer_stage_counters(const HsPolicerStage *stage);

#endif
