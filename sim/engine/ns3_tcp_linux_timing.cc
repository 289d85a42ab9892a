#include "config.h"

#include "sim/engine/ns3_tcp_linux_timing.hh"

#include <algorithm>

/* The wheel's slots: 64 a level, each level eight times as coarse as the one
 * before. A level takes what is less than 63 of the next level's units away. */
static constexpr int64_t LEVEL_SLOTS = 64;
static constexpr unsigned LEVEL_SHIFT = 3;
static constexpr unsigned LEVELS = 9;

int64_t
hs_tcp_ticks(const HsTcpTicks *ticks, HsDuration span)
{
    return (span + ticks->tick - 1) / ticks->tick;
}

HsDuration
hs_tcp_ticks_delay(const HsTcpTicks *ticks, HsTime now, int64_t span_ticks)
{
    int64_t expires = (now + ticks->phase) / ticks->tick + span_ticks;
    int64_t limit = LEVEL_SLOTS - 1;
    unsigned shift = 0;

    for (unsigned level = 1; level < LEVELS && span_ticks >= limit; level++) {
        shift += LEVEL_SHIFT;
        limit <<= LEVEL_SHIFT;
    }
    /* The end of the slot, so that it is never early. */
    expires = ((expires >> shift) + 1) << shift;
    return expires * ticks->tick - ticks->phase - now;
}

void
hs_tcp_rtt_sample(HsTcpRtt *rtt, HsDuration sample, HsDuration rto_min,
                  uint32_t una, uint32_t nxt)
{
    /* deviation and variation are four times the mean deviation, so that they
     * add to the RTO as they are. */
    if (rtt->srtt == 0) {
        rtt->srtt = std::max<HsDuration>(sample, 1);
        rtt->deviation = 2 * sample;
        rtt->variation = std::max(rtt->deviation, rto_min);
        rtt->deviation_max = rtt->variation;
        rtt->window_end = nxt;
        return;
    }
    HsDuration error = sample - rtt->srtt;

    rtt->srtt = std::max<HsDuration>(rtt->srtt + error / 8, 1);
    if (error < 0) {
        error = -error - rtt->deviation / 4;
        /* A falling RTT is no reason for a long RTO: 1/32 instead of 1/4. */
        if (error > 0)
            error /= 8;
    } else {
        error -= rtt->deviation / 4;
    }
    rtt->deviation += error;
    rtt->deviation_max = std::max(rtt->deviation_max, rtt->deviation);
    rtt->variation = std::max(rtt->variation, rtt->deviation_max);
    if (static_cast<int32_t>(una - rtt->window_end) > 0) {
        if (rtt->deviation_max < rtt->variation)
            rtt->variation -= (rtt->variation - rtt->deviation_max) / 4;
        rtt->window_end = nxt;
        rtt->deviation_max = rto_min;
    }
}
