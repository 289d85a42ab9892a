/* The bounds of a failover, term by term.
 *
 * Everything counts from t0, when the path breaks. What was received last had
 * an age then, between nothing and one sending interval; a timer that runs
 * from it ends that much earlier. What was beyond the break still arrives, up
 * to the path's delay later. That gives
 *
 *   BFD      (m-1) * interval           ..  m * interval + delay
 *   hold     hold - keepalive           ..  hold + delay
 *   carrier  the delay before it is believed
 *
 * Where one direction is cut only, recovery waits for the side that still hears
 * the other. BFD tells it (RFC 5880 6.8.6: "received Down"), a path delay
 * later. BGP would, by a NOTIFICATION, but TCP stands in the way, see
 * hs_bound_hold_one_way(), and gives
 *
 *   hold     hold - delayed ACK         ..  keepalive + hold + delay
 *
 * Each side has draws of its own, and recovery needs both; bounds of either are
 * bounds of the later one. The quickest means that the design has decides.
 *
 * The network is back when the last table has changed, and seen to be back by
 * what is sent next and arrives over the new path. The persistent connection
 * comes back with TCP's next retransmission. The pool gives a request up after
 * its timeout, so something fresh is under way at most that long after the
 * network came back. */

#include "config.h"

#include "sim/observe/bounds.h"

#include <glib.h>
#include <math.h>

#define STEPS_MAX 64 /* longer than any run: the doubling saturates first */

const char *
hs_bound_term_name(HsBoundTerm term)
{
    static const char *const names[] = {
#define X(name, text) [HS_BOUND_##name] = text,
        HS_BOUND_TERMS(X)
#undef X
    };

    g_assert((unsigned)term < HS_BOUND_TERM_COUNT);
    return names[term];
}

HsBound
hs_bound_bfd(HsDuration interval, unsigned multiplier, HsDuration path_delay)
{
    g_assert(multiplier > 0);
    return (HsBound){interval * (multiplier - 1),
                     interval * multiplier + path_delay};
}

/* SPAN times FACTOR to the nanosecond; a factor of 0 is one that was not set.
 */
static HsDuration
scaled(HsDuration span, double factor)
{
    if (factor == 0 || factor == 1)
        return span;
    return (HsDuration)llround((double)span * factor);
}

HsBound
hs_bound_hold(HsDuration keepalive, HsDuration hold,
              const double keepalive_jitter[2], const double hold_jitter[2],
              HsDuration path_delay)
{
    HsDuration shortest = scaled(hold, hold_jitter[0]);

    return (HsBound){
        hs_time_max(0, shortest - scaled(keepalive, keepalive_jitter[1])),
        scaled(hold, hold_jitter[1]) + path_delay};
}

HsBound
hs_bound_hold_one_way(HsDuration keepalive, HsDuration hold,
                      const double keepalive_jitter[2],
                      const double hold_jitter[2], HsDuration path_delay)
{
    return (HsBound){
        hs_time_max(0, scaled(hold, hold_jitter[0]) - HS_BOUND_DELAYED_ACK),
        scaled(keepalive, keepalive_jitter[1]) + scaled(hold, hold_jitter[1]) +
            path_delay};
}

HsDuration
hs_tcp_step(HsDuration rto, HsDuration rto_max, unsigned number)
{
    HsDuration at = 0, step = rto;

    if (rto_max == 0)
        rto_max = HS_TIME_NEVER;
    for (unsigned i = 0; i <= number; i++) {
        step = hs_time_min(step, rto_max);
        at = hs_time_add(at, step);
        step = step > HS_TIME_NEVER / 2 ? HS_TIME_NEVER : step * 2;
    }
    return at;
}

/* The segment's own first transmission is number 0. */
static HsDuration
transmission(HsDuration rto, HsDuration rto_max, unsigned number)
{
    return number == 0 ? 0 : hs_tcp_step(rto, rto_max, number - 1);
}

/* The largest RTO in [low, high] whose transmission NUMBER is at most LIMIT
 * after the first; it grows with the RTO, and low does it. */
static HsDuration
largest_rto(HsDuration low, HsDuration high, HsDuration rto_max,
            unsigned number, HsDuration limit)
{
    while (low < high) {
        HsDuration middle = low + (high - low + 1) / 2;

        if (transmission(middle, rto_max, number) <= limit)
            low = middle;
        else
            high = middle - 1;
    }
    return low;
}

/* The latest transmission that can be the first at or after BACK: its
 * predecessor was still before, so the start and the RTO are as large as that
 * allows; of the two, the RTO moves it further. */
static HsTime
latest_step(HsBound first_send, HsBound rto, HsDuration rto_max, HsTime back)
{
    HsTime latest = hs_time_max(back, first_send.max);

    for (unsigned n = 1; n < STEPS_MAX; n++) {
        HsDuration largest, start;
        HsTime before =
            hs_time_add(first_send.min, transmission(rto.min, rto_max, n - 1));

        if (before > back)
            break;
        largest = largest_rto(rto.min, rto.max, rto_max, n - 1,
                              back - first_send.min);
        start = hs_time_min(first_send.max,
                            back - transmission(largest, rto_max, n - 1));
        latest = hs_time_max(
            latest, hs_time_add(start, transmission(largest, rto_max, n)));
    }
    return latest;
}

HsBound
hs_bound_tcp(HsBound first_send, HsBound rto, HsDuration rto_max, HsBound back)
{
    HsBound bound = {back.min, HS_TIME_NEVER};

    g_assert(rto.min > 0 && rto.min <= rto.max);
    g_assert(first_send.min <= first_send.max && back.min <= back.max);
    for (unsigned n = 0; n < STEPS_MAX; n++) {
        HsTime last =
            hs_time_add(first_send.max, transmission(rto.max, rto_max, n));

        if (last < back.min)
            continue;
        bound.min = hs_time_max(
            back.min,
            hs_time_add(first_send.min, transmission(rto.min, rto_max, n)));
        break;
    }
    if (back.max != HS_TIME_NEVER)
        bound.max = latest_step(first_send, rto, rto_max, back.max);
    return bound;
}

/* The terms with their sentences */

G_GNUC_PRINTF(3, 4)
static void
set_term(HsBoundResult *result, HsBound bound, const char *format, ...)
{
    va_list args;

    result->applies = true;
    result->bound = bound;
    va_start(args, format);
    g_vsnprintf(result->text, sizeof result->text, format, args);
    va_end(args);
}

static void
bfd_term(const HsBoundsInput *in, HsBoundResult *term)
{
    char a[HS_TIME_TEXT], b[HS_TIME_TEXT], c[HS_TIME_TEXT];
    HsBound bound =
        hs_bound_bfd(in->bfd_interval, in->bfd_multiplier, in->path_delay);

    if (in->one_way)
        bound.max = hs_time_add(bound.max, in->path_delay);
    set_term(term, bound,
             "%u x %s after the last packet, which is up to %s old at the cut "
             "or still %s on its way%s",
             in->bfd_multiplier, hs_duration_format(in->bfd_interval, a),
             hs_duration_format(in->bfd_interval, b),
             hs_duration_format(in->path_delay, c),
             in->one_way ? "; the side that still hears is told" : "");
}

static void
hold_term(const HsBoundsInput *in, HsBoundResult *term)
{
    char a[HS_TIME_TEXT], b[HS_TIME_TEXT], c[HS_TIME_TEXT];

    hs_duration_format(in->bgp_hold, a);
    hs_duration_format(in->bgp_keepalive, b);
    hs_duration_format(in->path_delay, c);
    if (in->one_way)
        set_term(term,
                 hs_bound_hold_one_way(in->bgp_keepalive, in->bgp_hold,
                                       in->keepalive_jitter, in->hold_jitter,
                                       in->path_delay),
                 "hold time %s after one more keepalive, up to %s and %s on "
                 "its way after the cut: its acknowledgement is lost, and TCP "
                 "sends nothing behind it",
                 a, b, c);
    else
        set_term(term,
                 hs_bound_hold(in->bgp_keepalive, in->bgp_hold,
                               in->keepalive_jitter, in->hold_jitter,
                               in->path_delay),
                 "hold time %s after the last keepalive, which is up to %s "
                 "old at the cut or still %s on its way",
                 a, b, c);
}

static void
detect_terms(const HsBoundsInput *in, HsBoundResult *terms)
{
    char a[HS_TIME_TEXT];

    if (in->carrier)
        set_term(&terms[HS_BOUND_DETECT_CARRIER],
                 (HsBound){in->carrier_delay, in->carrier_delay},
                 "both ends see the carrier go, and wait %s",
                 hs_duration_format(in->carrier_delay, a));
    if (in->bfd_multiplier > 0)
        bfd_term(in, &terms[HS_BOUND_DETECT_BFD]);
    if (in->bgp_hold > 0)
        hold_term(in, &terms[HS_BOUND_DETECT_HOLD]);
}

/* The first to strike decides: the least of each end. */
static void
quickest_term(HsBoundResult *terms)
{
    HsBoundResult *detect = &terms[HS_BOUND_DETECT];
    HsBoundTerm quickest = HS_BOUND_DETECT;

    for (int i = HS_BOUND_DETECT_CARRIER; i < HS_BOUND_DETECT; i++) {
        if (!terms[i].applies)
            continue;
        if (!detect->applies || terms[i].bound.max < detect->bound.max)
            quickest = (HsBoundTerm)i;
        if (!detect->applies)
            detect->bound = terms[i].bound;
        detect->applies = true;
        detect->bound.min = hs_time_min(detect->bound.min, terms[i].bound.min);
        detect->bound.max = hs_time_min(detect->bound.max, terms[i].bound.max);
    }
    if (detect->applies)
        set_term(detect, detect->bound, "the quickest means: %s",
                 hs_bound_term_name(quickest));
}

static void
recovery_terms(const HsBoundsInput *in, HsBoundResult *terms)
{
    char a[HS_TIME_TEXT], b[HS_TIME_TEXT], c[HS_TIME_TEXT];
    HsBound detect = terms[HS_BOUND_DETECT].bound, changed, step;
    HsDuration round_trip = 2 * in->backup_delay.max + in->think;

    if (!terms[HS_BOUND_DETECT].applies)
        return;
    changed = (HsBound){hs_time_add(detect.min, in->convergence.min),
                        hs_time_add(detect.max, in->convergence.max)};
    set_term(&terms[HS_BOUND_NETWORK],
             (HsBound){
                 hs_time_add(changed.min, in->backup_delay.min),
                 hs_time_add(changed.max, in->sampling + in->backup_delay.max)},
             "detection, then up to %s to the last forwarding table, %s to "
             "the next probe and %s over the new path",
             hs_duration_format(in->convergence.max, a),
             hs_duration_format(in->sampling, b),
             hs_duration_format(in->backup_delay.max, c));
    if (in->rto.min > 0) {
        step = hs_bound_tcp(in->first_send, in->rto, in->rto_max, changed);
        set_term(&terms[HS_BOUND_PERSISTENT],
                 (HsBound){hs_time_add(step.min, 2 * in->backup_delay.min),
                           hs_time_add(step.max, round_trip)},
                 "TCP's next retransmission once the tables have changed (RTO "
                 "%s to %s, doubled each time), and a round trip",
                 hs_duration_format(in->rto.min, a),
                 hs_duration_format(in->rto.max, b));
    }
    if (in->pool_timeout > 0)
        set_term(&terms[HS_BOUND_POOL],
                 (HsBound){hs_time_add(changed.min, 2 * in->backup_delay.min),
                           hs_time_add(changed.max,
                                       in->pool_timeout + 2 * round_trip)},
                 "something fresh is sent at most %s after the tables have "
                 "changed; connecting and asking take a round trip each",
                 hs_duration_format(in->pool_timeout, a));
}

void
hs_bounds_compute(const HsBoundsInput *input, HsBounds *ret_bounds)
{
    *ret_bounds = (HsBounds){0};
    detect_terms(input, ret_bounds->terms);
    quickest_term(ret_bounds->terms);
    recovery_terms(input, ret_bounds->terms);
}
