/* Tokens are counted in billionths, so that a rate per second times nanoseconds
 * is exact in whole numbers: no rounding makes a long run drift, and a packet
 * every 1.68 ns at 400 Gbit/s costs what it should. */

#include "config.h"

#include "models/net/policer.h"

#include <glib.h>

#define UNIT UINT64_C(1000000000)

/* What a bucket holds when it is full, without overflow of a sum of two. */
static uint64_t
capacity(uint64_t rate, uint64_t burst, uint64_t least)
{
    uint64_t full = burst;

    if (full == 0)
        full = MAX(rate / (uint64_t)(HS_SEC(1) / HS_POLICER_BURST), least);
    return MIN(full, UINT64_MAX / 2 / UNIT) * UNIT;
}

static uint64_t
bits_capacity(const HsPolicerConfig *config)
{
    return capacity(config->rate, config->burst_bytes * 8,
                    HS_POLICER_BURST_BYTES * 8);
}

static uint64_t
pieces_capacity(const HsPolicerConfig *config)
{
    return capacity(config->packets, config->burst_packets,
                    HS_POLICER_BURST_PACKETS);
}

/* RATE for ELAPSED into what is there already, up to FULL. */
static uint64_t
filled(uint64_t level, uint64_t rate, HsDuration elapsed, uint64_t full)
{
    if (rate == 0 || (uint64_t)elapsed >= full / rate + 1)
        return full;
    return MIN(level + rate * (uint64_t)elapsed, full);
}

static void
refill(HsPolicer *policer, HsTime now)
{
    const HsPolicerConfig *config = &policer->config;
    HsDuration elapsed = now - policer->last;

    g_assert(elapsed >= 0);
    policer->bits =
        filled(policer->bits, config->rate, elapsed, bits_capacity(config));
    policer->pieces = filled(policer->pieces, config->packets, elapsed,
                             pieces_capacity(config));
    policer->last = now;
}

void
hs_policer_init(HsPolicer *policer, const HsPolicerConfig *config, HsTime now)
{
    *policer = (HsPolicer){
        .config = *config,
        .last = now,
        .bits = bits_capacity(config),
        .pieces = pieces_capacity(config),
    };
}

void
hs_policer_set(HsPolicer *policer, const HsPolicerConfig *config, HsTime now)
{
    refill(policer, now);
    policer->config = *config;
    policer->bits = MIN(policer->bits, bits_capacity(config));
    policer->pieces = MIN(policer->pieces, pieces_capacity(config));
}

bool
hs_policer_pass(HsPolicer *policer, HsTime now, size_t length)
{
    const HsPolicerConfig *config = &policer->config;
    HsPolicerCounters *counters = &policer->counters;
    uint64_t bits = (length + config->overhead) * 8 * UNIT;
    bool over_rate, over_packets;

    refill(policer, now);
    over_rate = config->rate > 0 && policer->bits < bits;
    over_packets = config->packets > 0 && policer->pieces < UNIT;
    if (over_rate || over_packets) {
        counters->dropped_packets++;
        counters->dropped_bytes += length;
        counters->over_rate += over_rate;
        counters->over_packets += !over_rate;
        return false;
    }
    if (config->rate > 0)
        policer->bits -= bits;
    if (config->packets > 0)
        policer->pieces -= UNIT;
    counters->passed_packets++;
    counters->passed_bytes += length;
    return true;
}

/* The stage */

struct HsPolicerStage {
    HsEnv *env; /* borrowed: outlives us */
    HsPolicer policer;
    void (*output)(void *user_data, HsPacket *packet);
    void *user_data; /* borrowed */
};

HsPolicerStage *
hs_policer_stage_new(HsEnv *env, const HsPolicerConfig *config,
                     void (*output)(void *user_data, HsPacket *packet),
                     void *user_data)
{
    HsPolicerStage *stage = g_new0(HsPolicerStage, 1);

    stage->env = env;
    stage->output = output;
    stage->user_data = user_data;
    hs_policer_init(&stage->policer, config, hs_env_now(env));
    return stage;
}

void
hs_policer_stage_free(HsPolicerStage *stage)
{
    g_free(stage);
}

void
hs_policer_stage_input(void *user_data, HsPacket *packet)
{
    HsPolicerStage *stage = user_data;

    if (hs_policer_pass(&stage->policer, hs_env_now(stage->env),
                        hs_packet_length(packet)))
        stage->output(stage->user_data, packet);
    else
        hs_packet_unref(packet);
}

void
hs_policer_stage_set(HsPolicerStage *stage, const HsPolicerConfig *config)
{
    hs_policer_set(&stage->policer, config, hs_env_now(stage->env));
}

const HsPolicerCounters *
hs_policer_stage_counters(const HsPolicerStage *stage)
{
    return &stage->policer.counters;
}
