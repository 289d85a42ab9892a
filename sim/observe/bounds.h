/* The bounds that theory gives: between which times a failover of this design
 * must lie, whatever the seed draws.
 *
 * A struct of timers goes in, a list of terms comes out, each with a minimum,
 * a maximum and a sentence that says where they come from. A run outside its
 * bounds is an error of the model or of the theory, and either is worth
 * knowing. */

#ifndef HS_OBSERVE_BOUNDS_H
#define HS_OBSERVE_BOUNDS_H

#include "models/base/simtime.h"

#include <stdbool.h>
#include <stdint.h>

/* Linux, TCP_DELACK_MIN: 40 ms, up to a tick of 4 ms late, and the path. What
 * came so shortly before a cut was not yet acknowledged. */
#define HS_BOUND_DELAYED_ACK HS_MSEC(48)

/* Both ends included. MAX may be HS_TIME_NEVER. */
typedef struct {
    HsDuration min, max;
} HsBound;

#define HS_BOUND_TERMS(X)                                                      \
    X(DETECT_CARRIER, "detect by carrier")                                     \
    X(DETECT_BFD, "detect by BFD")                                             \
    X(DETECT_HOLD, "detect by hold timer")                                     \
    X(DETECT, "detect") /* by the quickest means there is, on the slower side  \
                         */                                                    \
    X(NETWORK, "network back")                                                 \
    X(PERSISTENT, "failover of the persistent connection")                     \
    X(POOL, "failover of the pool")

typedef enum {
#define X(name, text) HS_BOUND_##name,
    HS_BOUND_TERMS(X)
#undef X
        HS_BOUND_TERM_COUNT
} HsBoundTerm;

const char *hs_bound_term_name(HsBoundTerm term);

/* What the design says. Spans of 0 mean none. */
typedef struct {
    /* Does the fault take the carrier away (at both ends)? And how long does
     * an element wait before it believes it. */
    bool carrier;
    HsDuration carrier_delay;
    /* BFD: the larger interval negotiated of both directions; multiplier 0: no
     * BFD. */
    HsDuration bfd_interval;
    unsigned bfd_multiplier;
    /* BGP as negotiated; hold 0: it never expires. The jitter says between
     * which parts of the configured keepalive the sender draws, and the
     * receiver its hold time: {0.75, 1} and {1, 1} by the RFC; {1, 1}, {1, 1}
     * without any. {0, 0} is taken for {1, 1}. */
    HsDuration bgp_keepalive, bgp_hold;
    double keepalive_jitter[2], hold_jitter[2];
    HsDuration path_delay; /* one way, of the path that is cut */
    /* Only one direction is cut, and recovery hangs on the side that still
     * hears the other. */
    bool one_way;
    /* From the detection to the last element's new FIB. */
    HsBound convergence;
    /* One way on the new path. */
    HsBound backup_delay;
    /* The gap between probes or requests that notice it: 0 for the very
     * first bit. */
    HsDuration sampling;
    /* The persistent connection's transport; see hs_bound_tcp(). */
    HsBound first_send; /* from t0 to the first segment that is lost */
    HsBound rto;        /* the first time-out */
    HsDuration rto_max; /* Linux: 120 s; 0: no cap */
    HsDuration think;   /* of the server, at most */
    /* The pool: how long a request or a connect is waited for. */
    HsDuration pool_timeout;
} HsBoundsInput;

typedef struct {
    bool applies;   /* false: the design has no such thing */
    HsBound bound;  /* from t0 */
    char text[240]; /* how it is made up */
} HsBoundResult;

typedef struct {
    HsBoundResult terms[HS_BOUND_TERM_COUNT];
} HsBounds;

void hs_bounds_compute(const HsBoundsInput *input, HsBounds *ret_bounds);

/* The single terms. All count from t0. */

/* RFC 5880 6.8.4: the detection time runs from the last packet received, which
 * is at most one interval old when the path breaks. */
HsBound
hs_bound_bfd(HsDuration interval, unsigned multiplier, HsDuration path_delay);

/* RFC 4271 4.4, 6.5: the hold timer runs from the last keepalive. */
HsBound hs_bound_hold(HsDuration keepalive, HsDuration hold,
                      const double keepalive_jitter[2],
                      const double hold_jitter[2], HsDuration path_delay);

/* The side that still hears, where only one direction is cut. The first
 * keepalive behind the cut reaches it, but not its acknowledgement back: TCP
 * sends that segment again and nothing new, so neither the next keepalive nor a
 * NOTIFICATION gets through. */
HsBound
hs_bound_hold_one_way(HsDuration keepalive, HsDuration hold,
                      const double keepalive_jitter[2],
                      const double hold_jitter[2], HsDuration path_delay);

/* The retransmission that finds the network back. A segment is lost at
 * FIRST_SEND; it is sent again after RTO, and then after twice the time each,
 * RTO_MAX at most (0: no cap). The network is back at BACK. Returned is the
 * first transmission at or after that instant: for every value in each of the
 * three ranges it lies within. */
HsBound
hs_bound_tcp(HsBound first_send, HsBound rto, HsDuration rto_max, HsBound back);

/* The instant of retransmission NUMBER (from 0: the first) after the segment
 * was first sent. */
HsDuration hs_tcp_step(HsDuration rto, HsDuration rto_max, unsigned number);

#endif
