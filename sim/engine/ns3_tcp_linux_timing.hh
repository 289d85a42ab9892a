/* Linux's idea of time in TCP: ticks, the timer wheel, and the RTO.
 *
 * Linux counts in jiffies and rounds twice. A span becomes ticks, rounded up.
 * The timer wheel then files the timer in a slot that is the coarser the
 * farther away it is: eight times for each level, from 63 ticks on; and a timer
 * fires at its slot's end, never early. So at HZ 250 a retransmission due in
 * 3.3 s comes up to 256 ms later, and where in that range hangs on the age of
 * the jiffies, which is the host's own. The steps of the back-off are made of
 * these delays, which add up over an outage.
 *
 * The RTO is RFC 6298's with Linux's changes: gains of 1/8 and 1/4, a slower
 * rise of the deviation when the RTT falls, the largest deviation of a window
 * instead of the current one, and the minimum of 200 ms under the variation
 * only, so that RTO = SRTT + max(200 ms, variation). */

#ifndef HS_ENGINE_NS3_TCP_LINUX_TIMING_HH
#define HS_ENGINE_NS3_TCP_LINUX_TIMING_HH

#include "models/base/simtime.h"

#include <stdbool.h>
#include <stdint.h>

/* The jiffies of a host. */
struct HsTcpTicks {
    int64_t tick;  /* ns */
    int64_t phase; /* their age at time 0, in ns */
};

/* SPAN in ticks, rounded up. */
int64_t hs_tcp_ticks(const HsTcpTicks *ticks, HsDuration span);

/* How long after NOW a timer fires that is set NOW for TICKS from it. */
HsDuration
hs_tcp_ticks_delay(const HsTcpTicks *ticks, HsTime now, int64_t span_ticks);

/* RTT estimator. Times in ns; zero-filled is empty. */
struct HsTcpRtt {
    HsDuration srtt; /* 0: no sample yet */
    HsDuration deviation;
    HsDuration deviation_max; /* of this window */
    HsDuration variation;     /* what the RTO is made of: >= rto_min */
    uint32_t window_end;      /* sequence number that ends the window */
};

/* A measured RTT; UNA and NXT are the send window's two ends. */
void hs_tcp_rtt_sample(HsTcpRtt *rtt, HsDuration sample, HsDuration rto_min,
                       uint32_t una, uint32_t nxt);

#endif
