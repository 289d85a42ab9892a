/* The session: state variables of RFC 5880 6.8.1 and what moves them.
 *
 * A packet goes through receive(): decode (packet.c), the checks of 6.8.6 that
 * need the session, the state variables, the state machine, and the answer to a
 * Poll. Time goes through expire(): the transmit timer and the detection timer.
 * After either, announce() sends at once if a packet would now say something
 * else than the last one did (6.8.7), which is how a change of state travels
 * without waiting for the interval.
 *
 * Intervals exist twice, because 6.8.3 lets a change take effect only when the
 * other side has confirmed it: desired_min_tx and required_min_rx are what our
 * packets say, tx_in_use and rx_in_use what our timers go by.
 *
 *     Up, slower sending:     packets say the new interval, tx_in_use keeps
 *                             the old one until the Final
 *     Up, faster receiving:   packets say the new interval, rx_in_use keeps
 *                             the old one until the Final
 *     everything else:        at once
 *
 * Departure: outside Up, where intervals change by falling back to one second,
 * no poll sequence is started (6.8.3 asks for one at every change). Both timers
 * follow at once there, and each packet carries the values anyway.
 *
 * Departure: demand mode is not offered and the echo function not used (our
 * packets have no D bit and a Required Min Echo RX of 0); a remote system in
 * demand mode is obeyed (6.8.7). */

#include "config.h"

#include "models/bfd/bfd.h"

/* 6.8.3: not faster than this until the session is Up. */
#define SLOW_INTERVAL HS_SEC(1)

typedef enum {
    TIMER_TRANSMIT,
    TIMER_DETECT,
    TIMER_COUNT,
} Timer;

struct BfdSession {
    BfdConfig config; /* the intervals are those wanted when Up */
    HsRng *rng;       /* borrowed: outlives us */
    HsTime due[TIMER_COUNT];
    GQueue outputs; /* BfdOutput, owned */

    /* 6.8.1 */
    BfdState state;
    BfdState remote_state;
    BfdDiag diag;
    uint8_t remote_diag;
    uint32_t remote_discriminator;
    HsDuration desired_min_tx;
    HsDuration required_min_rx;
    HsDuration remote_min_rx;
    HsDuration remote_desired_tx;
    uint8_t remote_detect_mult;
    bool remote_demand;
    bool remote_independent;

    HsDuration tx_in_use;
    HsDuration rx_in_use;
    HsDuration interval; /* what the transmit timer was last set by */
    bool polling;        /* our poll sequence is under way */
    bool poll_again;     /* the intervals changed once more during it */

    HsTime last_sent; /* the last packet that restarted the interval */
    HsTime last_received;
    BfdPacket said; /* the last packet sent; without P and F */
    uint64_t sent;
    uint64_t received;
    uint64_t dropped[BFD_DROP_COUNT];
};

const char *
bfd_cause_name(BfdCause cause)
{
    static const char *const names[] = {
#define X(name, text) [BFD_CAUSE_##name] = text,
        BFD_CAUSES(X)
#undef X
    };

    g_assert((unsigned)cause < G_N_ELEMENTS(names));
    return names[cause];
}

void
bfd_output_clear(BfdOutput *output)
{
    g_clear_pointer(&output->packet, g_bytes_unref);
}

static void
output_free(void *data)
{
    BfdOutput *output = data;

    bfd_output_clear(output);
    g_free(output);
}

static BfdOutput *
add_output(BfdSession *s, BfdOutputKind kind)
{
    BfdOutput *output = g_new0(BfdOutput, 1);

    output->kind = kind;
    g_queue_push_tail(&s->outputs, output);
    return output;
}

/* Intervals */

static uint32_t
microseconds(HsDuration span)
{
    return (uint32_t)(span / HS_USEC(1));
}

HsDuration
bfd_session_tx_interval(const BfdSession *s)
{
    /* 6.8.7: the three reasons for silence */
    if (s->remote_discriminator == 0 && s->config.passive)
        return HS_TIME_NEVER;
    if (s->remote_min_rx == 0)
        return HS_TIME_NEVER;
    if (s->remote_demand && s->state == BFD_UP && s->remote_state == BFD_UP &&
        !s->polling)
        return HS_TIME_NEVER;
    return MAX(s->tx_in_use, s->remote_min_rx); /* 6.8.2 */
}

HsDuration
bfd_session_detection_time(const BfdSession *s)
{
    if (s->last_received == HS_TIME_NEVER)
        return HS_TIME_NEVER;
    /* 6.8.4 */
    return s->remote_detect_mult * MAX(s->rx_in_use, s->remote_desired_tx);
}

/* 6.8.7: up to 25 % less; with a multiplier of 1, at least 10 % less, so that
 * one interval and the path's delay fit in the detection time. */
static HsDuration
jittered(BfdSession *s, HsDuration interval)
{
    unsigned most = s->config.detect_mult == 1 ? 90 : 100; /* percent */

    switch (s->config.jitter) {
    case BFD_JITTER_RFC:
        break;
    case BFD_JITTER_FRR:
        return interval / 100 * hs_rng_uniform(s->rng, 75, most);
    case BFD_JITTER_BIRD:
        most = 90;
        break;
    }
    return hs_rng_uniform(s->rng, interval - interval / 4,
                          most == 100 ? interval : interval / 10 * 9);
}

/* Moves the timers to what the state variables say now. Called after every
 * change; draws a new jitter only when the interval is another one, measured
 * from the last packet: a shorter interval is honoured at once (6.8.3). */
static void
update_timers(BfdSession *s, HsTime now)
{
    HsDuration interval = bfd_session_tx_interval(s);
    HsTime from = s->last_sent != HS_TIME_NEVER ? s->last_sent : now;

    if (interval != s->interval) {
        s->interval = interval;
        s->due[TIMER_TRANSMIT] = interval == HS_TIME_NEVER
                                     ? HS_TIME_NEVER
                                     : from + jittered(s, interval);
    }
    s->due[TIMER_DETECT] =
        s->remote_discriminator == 0
            ? HS_TIME_NEVER
            : hs_time_add(s->last_received, bfd_session_detection_time(s));
}

/* Sending */

static BfdPacket
packet_now(const BfdSession *s)
{
    return (BfdPacket){
        .diag = (uint8_t)s->diag,
        .state = s->state,
        .independent = s->config.independent,
        .detect_mult = s->config.detect_mult,
        .my_discriminator = s->config.discriminator,
        .your_discriminator = s->remote_discriminator,
        .desired_min_tx = microseconds(s->desired_min_tx),
        .required_min_rx = microseconds(s->required_min_rx),
    };
}

static bool
same_content(const BfdPacket *a, const BfdPacket *b)
{
    return a->diag == b->diag && a->state == b->state &&
           a->detect_mult == b->detect_mult &&
           a->your_discriminator == b->your_discriminator &&
           a->desired_min_tx == b->desired_min_tx &&
           a->required_min_rx == b->required_min_rx;
}

static void
send_packet(BfdSession *s, bool final)
{
    BfdPacket packet = packet_now(s);

    s->said = packet;
    packet.final = final;
    packet.poll = s->polling && !final; /* 6.5: never both */
    add_output(s, BFD_OUTPUT_SEND)->packet = bfd_packet_encode(&packet);
    s->sent++;
}

static void
transmit(BfdSession *s, HsTime now)
{
    s->last_sent = now;
    s->interval = bfd_session_tx_interval(s);
    s->due[TIMER_TRANSMIT] = s->interval == HS_TIME_NEVER
                                 ? HS_TIME_NEVER
                                 : now + jittered(s, s->interval);
    send_packet(s, false);
}

/* 6.8.7: between the periodic packets, one that says something new goes out at
 * once. */
static void
announce(BfdSession *s, HsTime now)
{
    BfdPacket packet = packet_now(s);

    if (bfd_session_tx_interval(s) != HS_TIME_NEVER &&
        !same_content(&packet, &s->said))
        transmit(s, now);
}

/* State */

static void
start_poll(BfdSession *s)
{
    s->poll_again = s->polling;
    s->polling = true;
}

/* The intervals that belong to the state. Outside Up they hold at once; the
 * entry into Up is a change of what we announced, so it is polled (6.8.3). */
static void
enter_intervals(BfdSession *s)
{
    s->polling = s->poll_again = false;
    s->desired_min_tx = s->config.desired_min_tx;
    s->required_min_rx = s->config.required_min_rx;
    if (s->state != BFD_UP)
        s->desired_min_tx = MAX(s->desired_min_tx, SLOW_INTERVAL);
    else if (s->desired_min_tx < SLOW_INTERVAL)
        start_poll(s);
    s->tx_in_use = s->desired_min_tx;
    s->rx_in_use = s->required_min_rx;
}

/* The only writer of the state. */
static void
set_state(BfdSession *s, HsTime now, BfdState to, BfdDiag diag, BfdCause cause)
{
    BfdState from = s->state;
    BfdOutput *output = add_output(s, BFD_OUTPUT_STATE);

    hs_trace(s->config.trace, now, "%s -> %s (%s)", bfd_state_name(from),
             bfd_state_name(to), bfd_cause_name(cause));
    output->from = from;
    output->to = to;
    output->diag = diag;
    output->cause = cause;
    output->last_packet = s->last_received;
    output->detection = bfd_session_detection_time(s);
    s->state = to;
    s->diag = diag;
    if (from == BFD_UP || to == BFD_UP)
        enter_intervals(s);
}

static BfdCause
cause_of(BfdState received)
{
    switch (received) {
    case BFD_ADMIN_DOWN:
        return BFD_CAUSE_RECEIVED_ADMIN_DOWN;
    case BFD_DOWN:
        return BFD_CAUSE_RECEIVED_DOWN;
    case BFD_INIT:
        return BFD_CAUSE_RECEIVED_INIT;
    case BFD_UP:
        return BFD_CAUSE_RECEIVED_UP;
    }
    g_assert_not_reached();
}

/* 6.8.6, the state machine. The diagnostic of the last failure stays until the
 * session is Up again, so that the other side can read it meanwhile. */
static void
in_down(BfdSession *s, HsTime now, BfdState received)
{
    switch (received) {
    case BFD_DOWN:
        set_state(s, now, BFD_INIT, s->diag, BFD_CAUSE_RECEIVED_DOWN);
        return;
    case BFD_INIT:
        set_state(s, now, BFD_UP, BFD_DIAG_NONE, BFD_CAUSE_RECEIVED_INIT);
        return;
    case BFD_ADMIN_DOWN:
    case BFD_UP: /* the other side has yet to notice that we went down */
        return;
    }
}

static void
in_init(BfdSession *s, HsTime now, BfdState received)
{
    switch (received) {
    case BFD_ADMIN_DOWN:
        set_state(s, now, BFD_DOWN, BFD_DIAG_NEIGHBOR_DOWN, cause_of(received));
        return;
    case BFD_INIT:
    case BFD_UP:
        set_state(s, now, BFD_UP, BFD_DIAG_NONE, cause_of(received));
        return;
    case BFD_DOWN:
        return;
    }
}

static void
in_up(BfdSession *s, HsTime now, BfdState received)
{
    switch (received) {
    case BFD_ADMIN_DOWN:
    case BFD_DOWN:
        set_state(s, now, BFD_DOWN, BFD_DIAG_NEIGHBOR_DOWN, cause_of(received));
        return;
    case BFD_INIT:
    case BFD_UP:
        return;
    }
}

static void
advance(BfdSession *s, HsTime now, BfdState received)
{
    switch (s->state) {
    case BFD_ADMIN_DOWN: /* its packets were discarded before */
        return;
    case BFD_DOWN:
        in_down(s, now, received);
        return;
    case BFD_INIT:
        in_init(s, now, received);
        return;
    case BFD_UP:
        in_up(s, now, received);
        return;
    }
}

/* Receiving */

/* The checks of 6.8.6 that need the session. */
static BfdDrop
check(const BfdSession *s, const BfdPacket *packet)
{
    if (packet->your_discriminator != 0 &&
        packet->your_discriminator != s->config.discriminator)
        return BFD_DROP_YOUR_DISCRIMINATOR;
    if (packet->your_discriminator == 0 && packet->state != BFD_DOWN &&
        packet->state != BFD_ADMIN_DOWN)
        return BFD_DROP_NO_DISCRIMINATOR;
    if (packet->auth)
        return BFD_DROP_AUTHENTICATED;
    return BFD_DROP_NONE;
}

static void
learn(BfdSession *s, const BfdPacket *packet)
{
    s->remote_discriminator = packet->my_discriminator;
    s->remote_state = packet->state;
    s->remote_diag = packet->diag;
    s->remote_demand = packet->demand;
    s->remote_independent = packet->independent;
    s->remote_min_rx = HS_USEC(packet->required_min_rx);
    s->remote_desired_tx = HS_USEC(packet->desired_min_tx);
    s->remote_detect_mult = packet->detect_mult;
}

/* 6.5: the Final ends the poll sequence; what it announced now holds. */
static void
end_poll(BfdSession *s)
{
    if (s->poll_again) {
        s->poll_again = false;
        return;
    }
    s->polling = false;
    s->tx_in_use = s->desired_min_tx;
    s->rx_in_use = s->required_min_rx;
}

static void
drop(BfdSession *s, HsTime now, BfdDrop why)
{
    s->dropped[why]++;
    hs_trace(s->config.trace, now, "packet dropped (%s)", bfd_drop_name(why));
}

void
bfd_session_receive(BfdSession *s, HsTime now, GBytes *bytes)
{
    BfdPacket packet;
    size_t length;
    const uint8_t *data = g_bytes_get_data(bytes, &length);
    BfdDrop why = bfd_packet_decode(data, length, &packet);

    if (why == BFD_DROP_NONE)
        why = check(s, &packet);
    if (why != BFD_DROP_NONE) {
        drop(s, now, why);
        return;
    }
    learn(s, &packet);
    if (s->polling && packet.final)
        end_poll(s);
    s->last_received = now;
    /* In AdminDown 6.8.6 updates the variables and then discards the packet:
     * no state change, no Final. That the other side lives is known all the
     * same, or its discriminator would be forgotten at every packet. */
    if (s->state == BFD_ADMIN_DOWN) {
        drop(s, now, BFD_DROP_DISABLED);
    } else {
        s->received++;
        advance(s, now, packet.state);
        if (packet.poll)
            send_packet(s, true); /* 6.5: at once, outside the interval */
    }
    update_timers(s, now);
    announce(s, now);
}

/* Time */

/* 6.8.4, and 6.8.1 for the discriminator: a system that has been silent for a
 * detection time is one that we know nothing about. A passive system says so
 * once, with the discriminator, before the lack of it silences it. */
static void
detection_expired(BfdSession *s, HsTime now)
{
    s->due[TIMER_DETECT] = HS_TIME_NEVER;
    if (s->state == BFD_INIT || s->state == BFD_UP)
        set_state(s, now, BFD_DOWN, BFD_DIAG_DETECTION_EXPIRED,
                  BFD_CAUSE_DETECTION_EXPIRED);
    if (s->config.passive)
        announce(s, now);
    s->remote_discriminator = 0;
    s->remote_state = BFD_DOWN;
    s->remote_demand = false;
    update_timers(s, now);
    announce(s, now);
}

static Timer
earliest(const BfdSession *s)
{
    Timer first = TIMER_TRANSMIT;

    for (Timer t = first; t < TIMER_COUNT; t++)
        if (s->due[t] < s->due[first])
            first = t;
    return first;
}

void
bfd_session_expire(BfdSession *s, HsTime now)
{
    for (;;) {
        Timer timer = earliest(s);

        if (s->due[timer] == HS_TIME_NEVER || s->due[timer] > now)
            return;
        switch (timer) {
        case TIMER_TRANSMIT:
            transmit(s, now);
            break;
        case TIMER_DETECT:
            detection_expired(s, now);
            break;
        case TIMER_COUNT:
            g_assert_not_reached();
        }
    }
}

HsTime
bfd_session_next_expiry(const BfdSession *s)
{
    return s->due[earliest(s)];
}

bool
bfd_session_poll(BfdSession *s, BfdOutput *ret_output)
{
    g_autofree BfdOutput *output = g_queue_pop_head(&s->outputs);

    if (output == NULL)
        return false;
    *ret_output = *output;
    return true;
}

/* Life and orders from the caller */

static bool
fits_the_wire(HsDuration interval)
{
    return interval >= HS_USEC(1) && interval % HS_USEC(1) == 0 &&
           interval <= HS_USEC(UINT32_MAX);
}

BfdSession *
bfd_session_new(const BfdConfig *config, HsRng *rng, HsTime now)
{
    BfdSession *s = g_new0(BfdSession, 1);

    g_assert(config->discriminator != 0 && config->detect_mult != 0);
    g_assert(fits_the_wire(config->desired_min_tx));
    g_assert(fits_the_wire(config->required_min_rx));
    s->config = *config;
    s->rng = rng;
    g_queue_init(&s->outputs);
    for (Timer t = 0; t < TIMER_COUNT; t++)
        s->due[t] = HS_TIME_NEVER;
    s->last_sent = s->last_received = HS_TIME_NEVER;
    s->state = config->disabled ? BFD_ADMIN_DOWN : BFD_DOWN;
    s->diag = config->disabled ? BFD_DIAG_ADMIN_DOWN : BFD_DIAG_NONE;
    s->remote_state = BFD_DOWN;
    s->remote_min_rx = HS_USEC(1); /* 6.8.1 */
    enter_intervals(s);
    s->interval = bfd_session_tx_interval(s);
    /* Two systems that start together shall not be in step. */
    if (s->interval != HS_TIME_NEVER)
        s->due[TIMER_TRANSMIT] = now + hs_rng_uniform(rng, 0, s->interval);
    return s;
}

void
bfd_session_free(BfdSession *s)
{
    if (s == NULL)
        return;
    g_queue_clear_full(&s->outputs, output_free);
    g_free(s);
}

void
bfd_session_set_intervals(BfdSession *s, HsTime now, HsDuration desired_min_tx,
                          HsDuration required_min_rx)
{
    g_assert(fits_the_wire(desired_min_tx));
    g_assert(fits_the_wire(required_min_rx));
    if (desired_min_tx == s->config.desired_min_tx &&
        required_min_rx == s->config.required_min_rx)
        return;
    s->config.desired_min_tx = desired_min_tx;
    s->config.required_min_rx = required_min_rx;
    if (s->state == BFD_UP) {
        s->desired_min_tx = desired_min_tx;
        s->required_min_rx = required_min_rx;
        s->tx_in_use = MIN(s->tx_in_use, desired_min_tx);
        s->rx_in_use = MAX(s->rx_in_use, required_min_rx);
        start_poll(s);
    } else {
        enter_intervals(s);
    }
    update_timers(s, now);
    announce(s, now);
}

void
bfd_session_set_enabled(BfdSession *s, HsTime now, bool enabled)
{
    if (enabled == (s->state != BFD_ADMIN_DOWN))
        return;
    if (enabled)
        set_state(s, now, BFD_DOWN, BFD_DIAG_NONE, BFD_CAUSE_ENABLED);
    else
        set_state(s, now, BFD_ADMIN_DOWN, BFD_DIAG_ADMIN_DOWN,
                  BFD_CAUSE_DISABLED);
    update_timers(s, now);
    announce(s, now);
}

void
bfd_session_set_detect_mult(BfdSession *s, HsTime now, uint8_t detect_mult)
{
    g_assert(detect_mult != 0);
    s->config.detect_mult = detect_mult;
    announce(s, now);
}

/* Something outside BFD knows better. */
static void
fail(BfdSession *s, HsTime now, BfdDiag diag, BfdCause cause)
{
    if (s->state != BFD_INIT && s->state != BFD_UP)
        return;
    set_state(s, now, BFD_DOWN, diag, cause);
    update_timers(s, now);
    announce(s, now);
}

void
bfd_session_path_down(BfdSession *s, HsTime now)
{
    fail(s, now, BFD_DIAG_PATH_DOWN, BFD_CAUSE_PATH_DOWN);
}

void
bfd_session_forwarding_reset(BfdSession *s, HsTime now)
{
    fail(s, now, BFD_DIAG_FORWARDING_RESET, BFD_CAUSE_FORWARDING_RESET);
}

/* Queries */

BfdState
bfd_session_state(const BfdSession *s)
{
    return s->state;
}

BfdState
bfd_session_remote_state(const BfdSession *s)
{
    return s->remote_state;
}

BfdDiag
bfd_session_diag(const BfdSession *s)
{
    return s->diag;
}

unsigned
bfd_session_remote_diag(const BfdSession *s)
{
    return s->remote_diag;
}

uint32_t
bfd_session_discriminator(const BfdSession *s)
{
    return s->config.discriminator;
}

uint32_t
bfd_session_remote_discriminator(const BfdSession *s)
{
    return s->remote_discriminator;
}

bool
bfd_session_remote_independent(const BfdSession *s)
{
    return s->remote_independent;
}

HsTime
bfd_session_last_received(const BfdSession *s)
{
    return s->last_received;
}

uint64_t
bfd_session_sent(const BfdSession *s)
{
    return s->sent;
}

uint64_t
bfd_session_received(const BfdSession *s)
{
    return s->received;
}

uint64_t
bfd_session_dropped(const BfdSession *s, BfdDrop why)
{
    return s->dropped[why];
}
