/* The state machine of RFC 4271 8.2.2, one function per state, in the order of
 * its events.
 *
 * set_state() is the only writer of the state. It does what belongs to leaving
 * and entering, writes one trace line and queues one output. A second machine
 * (private.h) takes the main one's place when that one fails, or when it gets
 * to Established first; so what the session reports stays one sequence.
 *
 * The RFC's optional attributes are all there: DelayOpen, DampPeerOscillations
 * (the idle hold timer), PassiveTcpEstablishment, and tracking of a second
 * connection. CollisionDetectEstablishedState is off, and
 * SendNOTIFICATIONwithoutOPEN too: before OPEN a connection is just closed.
 *
 * Departure: a passive session does not connect when its connect retry timer
 * runs out, as the RFC would have it, but waits for ever, as routers do. */

#include "config.h"

#include "models/bgp/private.h"

static const char *const state_names[] = {
#define X(name, text) text,
    BGP_STATES(X)
#undef X
};

static const char *const event_names[] = {"none",
#define X(name, text) text,
                                          BGP_EVENTS(X)
#undef X
};

const char *
bgp_state_name(BgpState state)
{
    return (unsigned)state < BGP_STATE_COUNT ? state_names[state] : "unknown";
}

const char *
bgp_event_name(BgpEvent event)
{
    return (unsigned)event < BGP_EVENT_COUNT ? event_names[event] : "unknown";
}

BgpFsm *
bgp_fsm_new(BgpSession *s)
{
    BgpFsm *f = g_new0(BgpFsm, 1);

    f->session = s;
    f->state = BGP_IDLE;
    f->input = g_byte_array_new();
    for (unsigned i = 0; i < TIMER_COUNT; i++)
        f->due[i] = HS_TIME_NEVER;
    return f;
}

void
bgp_fsm_free(BgpFsm *f)
{
    if (f == NULL)
        return;
    g_byte_array_unref(f->input);
    bgp_fault_clear(&f->fault);
    g_free(f);
}

/* Timers */

static void
arm(BgpFsm *f, BgpTimer timer, HsDuration span, uint16_t jitter)
{
    BgpSession *s = f->session;

    f->due[timer] = hs_time_add(s->now, bgp_session_jitter(s, span, jitter));
}

static void
disarm(BgpFsm *f, BgpTimer timer)
{
    f->due[timer] = HS_TIME_NEVER;
}

static bool
is_armed(const BgpFsm *f, BgpTimer timer)
{
    return f->due[timer] != HS_TIME_NEVER;
}

static void
arm_connect_retry(BgpFsm *f)
{
    const BgpSessionConfig *config = &f->session->config;

    if (!config->passive)
        arm(f, TIMER_CONNECT_RETRY, config->timers.connect_retry,
            config->timers.connect_jitter);
}

/* RFC 4271 10: a hold time of 0 means neither timer runs. */
static void
arm_hold(BgpFsm *f)
{
    if (f->negotiated.hold > 0)
        arm(f, TIMER_HOLD, f->negotiated.hold,
            f->session->config.timers.hold_jitter);
    else
        disarm(f, TIMER_HOLD);
}

static void
arm_keepalive(BgpFsm *f)
{
    if (f->negotiated.keepalive > 0)
        arm(f, TIMER_KEEPALIVE, f->negotiated.keepalive,
            f->session->config.timers.keepalive_jitter);
    else
        disarm(f, TIMER_KEEPALIVE);
}

/* Messages */

static void
send_open(BgpFsm *f)
{
    BgpSession *s = f->session;

    bgp_session_send(s, f, BGP_COUNT_OPEN_SENT, bgp_open_encode(&s->config));
}

static void
send_keepalive(BgpFsm *f)
{
    bgp_session_send(f->session, f, BGP_COUNT_KEEPALIVE_SENT,
                     bgp_keepalive_encode());
}

static void
send_fault(BgpFsm *f, const BgpFault *fault)
{
    BgpSession *s = f->session;
    g_autofree char *text =
        g_strdup_printf("sent %s/%s", bgp_error_name(fault->code),
                        bgp_subcode_name(fault->code, fault->subcode));

    bgp_session_send(s, f, BGP_COUNT_NOTIFICATION_SENT,
                     bgp_notification_encode(fault));
    if (s->cause == NULL)
        s->cause = g_intern_string(text);
}

/* RFC 8538 3: after these the peer's routes shall not outlive the session,
 * which a peer that keeps them over a NOTIFICATION must be told. */
static bool
is_hard(uint8_t subcode)
{
    return subcode == BGP_CEASE_MAX_PREFIXES ||
           subcode == BGP_CEASE_ADMIN_SHUTDOWN ||
           subcode == BGP_CEASE_DECONFIGURED || subcode == BGP_CEASE_BFD_DOWN;
}

/* The Cease of the stop being handled. */
static void
send_cease(BgpFsm *f)
{
    BgpSession *s = f->session;
    g_auto(BgpFault) wrapped = s->stop;

    if (wrapped.data != NULL)
        g_bytes_ref(wrapped.data);
    if (f->negotiated.restart_notification && is_hard(s->stop.subcode)) {
        s->hard_reset = true;
        bgp_hard_reset_wrap(&wrapped);
    }
    send_fault(f, &wrapped);
}

static void
send_notification(BgpFsm *f, BgpErrorCode code, uint8_t subcode)
{
    BgpFault fault = {.code = (uint8_t)code, .subcode = subcode};

    send_fault(f, &fault);
}

/* The setter and its helpers */

static bool
is_main(const BgpFsm *f)
{
    return f->session->main == f;
}

static void
report(BgpSession *s, BgpState from, BgpState to, BgpEvent event)
{
    const char *name = bgp_event_name(event);
    const char *cause = s->cause != NULL ? s->cause : name;
    BgpOutput *output;

    if (from == to)
        return;
    hs_trace(s->config.trace, s->now, "%s -> %s (%s%s%s)", bgp_state_name(from),
             bgp_state_name(to), name, cause != name ? ", " : "",
             cause != name ? cause : "");
    output = bgp_session_queue(s, BGP_OUTPUT_STATE, 0);
    output->from = from;
    output->to = to;
    output->event = event;
    output->cause = cause;
    output->graceful = from == BGP_ESTABLISHED && s->graceful;
    if (from == BGP_ESTABLISHED)
        s->counters[BGP_COUNT_DROPPED]++;
    if (to != BGP_ESTABLISHED)
        return;
    s->counters[BGP_COUNT_ESTABLISHED]++;
    s->established_at = s->now;
    output = bgp_session_queue(s, BGP_OUTPUT_ESTABLISHED, 0);
    output->negotiated = s->main->negotiated;
}

/* How long a failed session stays in Idle: longer after each failure in a row,
 * as RFC 4271 8.1.1 (DampPeerOscillations) leaves to us. */
static void
arm_idle_hold(BgpFsm *f, BgpEvent event)
{
    BgpSession *s = f->session;
    const BgpTimers *timers = &s->config.timers;
    HsDuration span = timers->idle_hold_min;

    if (!s->wanted || s->config.no_restart)
        return;
    if (s->halted) {
        if (s->halt_hold > 0)
            arm(f, TIMER_IDLE_HOLD, s->halt_hold, 1000);
        return;
    }
    if (event == BGP_EVENT_TCP_FAILS && timers->no_idle_after_tcp_loss) {
        arm(f, TIMER_IDLE_HOLD, 0, 1000);
        return;
    }
    for (unsigned i = 0; i < s->failures && span < timers->idle_hold_max; i++)
        span = hs_time_add(span, span);
    s->failures++;
    arm(f, TIMER_IDLE_HOLD, MIN(span, timers->idle_hold_max),
        timers->idle_jitter);
}

/* RFC 4724 4.2, RFC 8538 4: whether EVENT may mean that the peer restarts. What
 * is told with a NOTIFICATION is final, unless both sides agreed otherwise. */
static bool
may_be_restart(const BgpFsm *f, BgpEvent event)
{
    const BgpNegotiated *n = &f->negotiated;
    const BgpSession *s = f->session;

    if (!bgp_fsm_keeps_routes(f) || s->stop_silently)
        return false;
    return event == BGP_EVENT_TCP_FAILS ||
           (n->restart_notification && !s->hard_reset);
}

bool
bgp_fsm_keeps_routes(const BgpFsm *f)
{
    return f->negotiated.restart_ipv4 || f->negotiated.restart_ipv6;
}

static void
leave_state(BgpFsm *f, BgpState to, BgpEvent event)
{
    BgpSession *s = f->session;

    if (f->state != BGP_ESTABLISHED || to == BGP_ESTABLISHED)
        return;
    s->graceful = may_be_restart(f, event);
    if (s->now - s->established_at >= s->config.timers.idle_hold_forget)
        s->failures = 0;
}

static void
enter_idle(BgpFsm *f, BgpEvent event)
{
    for (unsigned i = 0; i < TIMER_COUNT; i++)
        disarm(f, (BgpTimer)i);
    f->negotiated = (BgpNegotiated){0};
    if (is_main(f))
        arm_idle_hold(f, event);
}

static void
swap_machines(BgpSession *s)
{
    BgpFsm *rival = s->rival;

    s->rival = s->main;
    s->main = rival;
}

/* The main machine failed while a second connection is on its way: that one is
 * the session from now on. */
static bool
rival_takes_over(BgpFsm *f, BgpState from, BgpEvent event)
{
    BgpSession *s = f->session;

    if (!is_main(f) || s->rival == NULL)
        return false;
    s->main = g_steal_pointer(&s->rival);
    report(s, from, s->main->state, event);
    bgp_fsm_free(f);
    return true;
}

static void
set_state(BgpFsm *f, BgpState to, BgpEvent event)
{
    BgpSession *s = f->session;
    BgpState from = f->state;

    leave_state(f, to, event);
    f->state = to;
    if ((to == BGP_IDLE || to == BGP_ACTIVE) && from != BGP_IDLE &&
        rival_takes_over(f, from, event))
        return;
    if (to == BGP_IDLE)
        enter_idle(f, event);
    if (is_main(f)) {
        report(s, from, to, event);
    } else if (to == BGP_IDLE || to == BGP_ACTIVE) {
        s->rival = NULL;
        bgp_fsm_free(f);
        return;
    } else if (to == BGP_ESTABLISHED) {
        from = s->main->state;
        swap_machines(s);
        report(s, from, to, event);
    }
    if (to == BGP_ESTABLISHED && s->rival != NULL && !s->rival->connected) {
        /* A connection that is still being opened is not needed any more. */
        bgp_session_close(s, s->rival, false);
        bgp_fsm_free(g_steal_pointer(&s->rival));
    }
}

/* Ways out that several states share */

/* Drops the connection, in silence. */
static void
give_up(BgpFsm *f, BgpEvent event)
{
    bgp_session_close(f->session, f, false);
    set_state(f, BGP_IDLE, event);
}

/* Says why, then closes once that is sent. */
static void
give_up_with(BgpFsm *f, BgpEvent event, BgpErrorCode code, uint8_t subcode)
{
    send_notification(f, code, subcode);
    bgp_session_close(f->session, f, true);
    set_state(f, BGP_IDLE, event);
}

/* RFC 4271 6.5. The event says it all; the message's name would repeat it. */
static void
hold_expired(BgpFsm *f, BgpEvent event)
{
    f->session->cause = bgp_event_name(event);
    give_up_with(f, event, BGP_ERR_HOLD_TIMER, 0);
}

static void
give_up_with_fault(BgpFsm *f, BgpEvent event)
{
    send_fault(f, &f->fault);
    bgp_session_close(f->session, f, true);
    set_state(f, BGP_IDLE, event);
}

static void
stop(BgpFsm *f, BgpEvent event)
{
    if (f->session->stop_silently) {
        give_up(f, event);
        return;
    }
    send_cease(f);
    bgp_session_close(f->session, f, true);
    set_state(f, BGP_IDLE, event);
}

/* RFC 6608: which message was not expected here. */
static void
protest(BgpFsm *f, BgpEvent event, uint8_t subcode)
{
    give_up_with(f, event, BGP_ERR_FSM, subcode);
}

/* A connection stands: OPEN goes out, now or after the delay. */
static void
begin_open(BgpFsm *f, BgpEvent event)
{
    const BgpSessionConfig *config = &f->session->config;

    disarm(f, TIMER_CONNECT_RETRY);
    if (config->delay_open > 0 && !is_armed(f, TIMER_DELAY_OPEN)) {
        arm(f, TIMER_DELAY_OPEN, config->delay_open, 1000);
        return;
    }
    disarm(f, TIMER_DELAY_OPEN);
    send_open(f);
    if (config->timers.open_hold > 0)
        arm(f, TIMER_HOLD, config->timers.open_hold,
            config->timers.hold_jitter);
    set_state(f, BGP_OPEN_SENT, event);
}

/* The peer's OPEN is good: RFC 4271 8.2.2, event 19. */
static void
confirm_open(BgpFsm *f, BgpEvent event)
{
    disarm(f, TIMER_CONNECT_RETRY);
    disarm(f, TIMER_DELAY_OPEN);
    send_keepalive(f);
    arm_keepalive(f);
    arm_hold(f);
    set_state(f, BGP_OPEN_CONFIRM, event);
}

/* States */

static void
begin(BgpFsm *f, BgpEvent event, bool passive)
{
    const BgpTimers *timers = &f->session->config.timers;

    disarm(f, TIMER_IDLE_HOLD);
    if (passive) {
        set_state(f, BGP_ACTIVE, event);
        return;
    }
    if (timers->connect_delay > 0) {
        arm(f, TIMER_CONNECT_RETRY, timers->connect_delay,
            timers->connect_jitter);
        set_state(f, BGP_ACTIVE, event);
        return;
    }
    arm_connect_retry(f);
    set_state(f, BGP_CONNECT, event);
    bgp_session_connect(f->session, f);
}

static void
in_idle(BgpFsm *f, BgpEvent event)
{
    switch (event) {
    case BGP_EVENT_MANUAL_START:
    case BGP_EVENT_AUTOMATIC_START:
    case BGP_EVENT_AUTOMATIC_START_DAMPED:
    case BGP_EVENT_IDLE_HOLD_TIMER: /* a start, once it is allowed again */
        begin(f, event, f->session->config.passive);
        return;
    case BGP_EVENT_MANUAL_START_PASSIVE:
    case BGP_EVENT_AUTOMATIC_START_PASSIVE:
    case BGP_EVENT_AUTOMATIC_START_DAMPED_PASSIVE:
        begin(f, event, true);
        return;
    case BGP_EVENT_MANUAL_STOP:
        disarm(f, TIMER_IDLE_HOLD);
        return;
    case BGP_EVENT_NONE:
    case BGP_EVENT_AUTOMATIC_STOP:
    case BGP_EVENT_CONNECT_RETRY_TIMER:
    case BGP_EVENT_HOLD_TIMER:
    case BGP_EVENT_KEEPALIVE_TIMER:
    case BGP_EVENT_DELAY_OPEN_TIMER:
    case BGP_EVENT_TCP_VALID:
    case BGP_EVENT_TCP_INVALID:
    case BGP_EVENT_TCP_ACKED:
    case BGP_EVENT_TCP_CONFIRMED:
    case BGP_EVENT_TCP_FAILS:
    case BGP_EVENT_OPEN:
    case BGP_EVENT_OPEN_DELAYED:
    case BGP_EVENT_HEADER_ERROR:
    case BGP_EVENT_OPEN_ERROR:
    case BGP_EVENT_COLLISION_DUMP:
    case BGP_EVENT_NOTIFICATION_VERSION:
    case BGP_EVENT_NOTIFICATION:
    case BGP_EVENT_KEEPALIVE:
    case BGP_EVENT_UPDATE:
    case BGP_EVENT_UPDATE_ERROR:
    case BGP_EVENT_COUNT:
        return; /* ignored in Idle */
    }
}

/* Connect and Active differ in three events only, handled before this. */
static void
before_open(BgpFsm *f, BgpEvent event)
{
    switch (event) {
    case BGP_EVENT_MANUAL_START:
    case BGP_EVENT_AUTOMATIC_START:
    case BGP_EVENT_MANUAL_START_PASSIVE:
    case BGP_EVENT_AUTOMATIC_START_PASSIVE:
    case BGP_EVENT_AUTOMATIC_START_DAMPED:
    case BGP_EVENT_AUTOMATIC_START_DAMPED_PASSIVE:
    case BGP_EVENT_TCP_VALID:
    case BGP_EVENT_TCP_INVALID:
        return;
    case BGP_EVENT_DELAY_OPEN_TIMER:
    case BGP_EVENT_TCP_ACKED:
    case BGP_EVENT_TCP_CONFIRMED:
        begin_open(f, event);
        return;
    case BGP_EVENT_OPEN_DELAYED:
        send_open(f);
        confirm_open(f, event);
        return;
    case BGP_EVENT_NONE:
    case BGP_EVENT_MANUAL_STOP:
    case BGP_EVENT_AUTOMATIC_STOP:
    case BGP_EVENT_CONNECT_RETRY_TIMER:
    case BGP_EVENT_HOLD_TIMER:
    case BGP_EVENT_KEEPALIVE_TIMER:
    case BGP_EVENT_IDLE_HOLD_TIMER:
    case BGP_EVENT_TCP_FAILS:
    case BGP_EVENT_OPEN:
    case BGP_EVENT_HEADER_ERROR:
    case BGP_EVENT_OPEN_ERROR:
    case BGP_EVENT_COLLISION_DUMP:
    case BGP_EVENT_NOTIFICATION_VERSION:
    case BGP_EVENT_NOTIFICATION:
    case BGP_EVENT_KEEPALIVE:
    case BGP_EVENT_UPDATE:
    case BGP_EVENT_UPDATE_ERROR:
    case BGP_EVENT_COUNT:
        give_up(f, event);
        return;
    }
}

static void
in_connect(BgpFsm *f, BgpEvent event)
{
    if (event == BGP_EVENT_CONNECT_RETRY_TIMER) {
        bgp_session_close(f->session, f, false);
        disarm(f, TIMER_DELAY_OPEN);
        arm_connect_retry(f);
        bgp_session_connect(f->session, f);
    } else if (event == BGP_EVENT_TCP_FAILS &&
               (is_armed(f, TIMER_DELAY_OPEN) ||
                f->session->config.timers.retry_in_active)) {
        bgp_session_close(f->session, f, false);
        disarm(f, TIMER_DELAY_OPEN);
        arm_connect_retry(f);
        set_state(f, BGP_ACTIVE, event);
    } else {
        before_open(f, event);
    }
}

static void
in_active(BgpFsm *f, BgpEvent event)
{
    if (event == BGP_EVENT_CONNECT_RETRY_TIMER) {
        arm_connect_retry(f);
        set_state(f, BGP_CONNECT, event);
        bgp_session_connect(f->session, f);
    } else {
        before_open(f, event);
    }
}

static void
in_open_sent(BgpFsm *f, BgpEvent event)
{
    switch (event) {
    case BGP_EVENT_MANUAL_START:
    case BGP_EVENT_AUTOMATIC_START:
    case BGP_EVENT_MANUAL_START_PASSIVE:
    case BGP_EVENT_AUTOMATIC_START_PASSIVE:
    case BGP_EVENT_AUTOMATIC_START_DAMPED:
    case BGP_EVENT_AUTOMATIC_START_DAMPED_PASSIVE:
        return;
    case BGP_EVENT_MANUAL_STOP:
    case BGP_EVENT_AUTOMATIC_STOP:
        stop(f, event);
        return;
    case BGP_EVENT_HOLD_TIMER:
        hold_expired(f, event);
        return;
    case BGP_EVENT_TCP_VALID:
    case BGP_EVENT_TCP_INVALID:
    case BGP_EVENT_TCP_ACKED:
    case BGP_EVENT_TCP_CONFIRMED:
        return; /* a second connection: the rival's, not ours */
    case BGP_EVENT_TCP_FAILS:
        bgp_session_close(f->session, f, false);
        disarm(f, TIMER_HOLD);
        arm_connect_retry(f);
        set_state(f, BGP_ACTIVE, event);
        return;
    case BGP_EVENT_OPEN:
        confirm_open(f, event);
        return;
    case BGP_EVENT_HEADER_ERROR:
    case BGP_EVENT_OPEN_ERROR:
        give_up_with_fault(f, event);
        return;
    case BGP_EVENT_COLLISION_DUMP:
        give_up_with(f, event, BGP_ERR_CEASE, BGP_CEASE_COLLISION);
        return;
    case BGP_EVENT_NOTIFICATION_VERSION:
        give_up(f, event);
        return;
    case BGP_EVENT_NOTIFICATION: /* 8.2.2: among the events 25-28 */
    case BGP_EVENT_NONE:
    case BGP_EVENT_CONNECT_RETRY_TIMER:
    case BGP_EVENT_KEEPALIVE_TIMER:
    case BGP_EVENT_DELAY_OPEN_TIMER:
    case BGP_EVENT_IDLE_HOLD_TIMER:
    case BGP_EVENT_OPEN_DELAYED:
    case BGP_EVENT_KEEPALIVE:
    case BGP_EVENT_UPDATE:
    case BGP_EVENT_UPDATE_ERROR:
    case BGP_EVENT_COUNT:
        protest(f, event, BGP_FSM_IN_OPEN_SENT);
        return;
    }
}

static void
in_open_confirm(BgpFsm *f, BgpEvent event)
{
    switch (event) {
    case BGP_EVENT_MANUAL_START:
    case BGP_EVENT_AUTOMATIC_START:
    case BGP_EVENT_MANUAL_START_PASSIVE:
    case BGP_EVENT_AUTOMATIC_START_PASSIVE:
    case BGP_EVENT_AUTOMATIC_START_DAMPED:
    case BGP_EVENT_AUTOMATIC_START_DAMPED_PASSIVE:
        return;
    case BGP_EVENT_MANUAL_STOP:
    case BGP_EVENT_AUTOMATIC_STOP:
        stop(f, event);
        return;
    case BGP_EVENT_HOLD_TIMER:
        hold_expired(f, event);
        return;
    case BGP_EVENT_KEEPALIVE_TIMER:
        send_keepalive(f);
        arm_keepalive(f);
        return;
    case BGP_EVENT_TCP_VALID:
    case BGP_EVENT_TCP_INVALID:
    case BGP_EVENT_TCP_ACKED:
    case BGP_EVENT_TCP_CONFIRMED:
        return;
    case BGP_EVENT_TCP_FAILS:
    case BGP_EVENT_NOTIFICATION_VERSION:
    case BGP_EVENT_NOTIFICATION:
        give_up(f, event);
        return;
    case BGP_EVENT_HEADER_ERROR:
    case BGP_EVENT_OPEN_ERROR:
        give_up_with_fault(f, event);
        return;
    case BGP_EVENT_COLLISION_DUMP:
        give_up_with(f, event, BGP_ERR_CEASE, BGP_CEASE_COLLISION);
        return;
    case BGP_EVENT_KEEPALIVE:
        arm_hold(f);
        set_state(f, BGP_ESTABLISHED, event);
        return;
    case BGP_EVENT_NONE:
    case BGP_EVENT_CONNECT_RETRY_TIMER:
    case BGP_EVENT_DELAY_OPEN_TIMER:
    case BGP_EVENT_IDLE_HOLD_TIMER:
    case BGP_EVENT_OPEN: /* a second one on this connection */
    case BGP_EVENT_OPEN_DELAYED:
    case BGP_EVENT_UPDATE:
    case BGP_EVENT_UPDATE_ERROR:
    case BGP_EVENT_COUNT:
        protest(f, event, BGP_FSM_IN_OPEN_CONFIRM);
        return;
    }
}

static void
in_established(BgpFsm *f, BgpEvent event)
{
    switch (event) {
    case BGP_EVENT_MANUAL_START:
    case BGP_EVENT_AUTOMATIC_START:
    case BGP_EVENT_MANUAL_START_PASSIVE:
    case BGP_EVENT_AUTOMATIC_START_PASSIVE:
    case BGP_EVENT_AUTOMATIC_START_DAMPED:
    case BGP_EVENT_AUTOMATIC_START_DAMPED_PASSIVE:
        return;
    case BGP_EVENT_MANUAL_STOP:
    case BGP_EVENT_AUTOMATIC_STOP:
        stop(f, event);
        return;
    case BGP_EVENT_HOLD_TIMER:
        hold_expired(f, event);
        return;
    case BGP_EVENT_KEEPALIVE_TIMER:
        send_keepalive(f);
        arm_keepalive(f);
        return;
    case BGP_EVENT_TCP_VALID:
    case BGP_EVENT_TCP_INVALID:
    case BGP_EVENT_TCP_ACKED:
    case BGP_EVENT_TCP_CONFIRMED:
        return;
    case BGP_EVENT_TCP_FAILS:
    case BGP_EVENT_NOTIFICATION_VERSION:
    case BGP_EVENT_NOTIFICATION:
        give_up(f, event);
        return;
    /* RFC 4271 8.2.2 counts event 21 among those that send an FSM error; but
     * 6.1 says that a bad header MUST be answered as such. */
    case BGP_EVENT_HEADER_ERROR:
    case BGP_EVENT_UPDATE_ERROR:
        give_up_with_fault(f, event);
        return;
    case BGP_EVENT_COLLISION_DUMP:
        give_up_with(f, event, BGP_ERR_CEASE, BGP_CEASE_COLLISION);
        return;
    case BGP_EVENT_KEEPALIVE:
    case BGP_EVENT_UPDATE:
        arm_hold(f);
        return;
    case BGP_EVENT_NONE:
    case BGP_EVENT_CONNECT_RETRY_TIMER:
    case BGP_EVENT_DELAY_OPEN_TIMER:
    case BGP_EVENT_IDLE_HOLD_TIMER:
    case BGP_EVENT_OPEN:
    case BGP_EVENT_OPEN_DELAYED:
    case BGP_EVENT_OPEN_ERROR:
    case BGP_EVENT_COUNT:
        protest(f, event, BGP_FSM_IN_ESTABLISHED);
        return;
    }
}

void
bgp_fsm(BgpFsm *f, BgpEvent event)
{
    switch (f->state) {
    case BGP_IDLE:
        in_idle(f, event);
        return;
    case BGP_CONNECT:
        in_connect(f, event);
        return;
    case BGP_ACTIVE:
        in_active(f, event);
        return;
    case BGP_OPEN_SENT:
        in_open_sent(f, event);
        return;
    case BGP_OPEN_CONFIRM:
        in_open_confirm(f, event);
        return;
    case BGP_ESTABLISHED:
        in_established(f, event);
        return;
    case BGP_STATE_COUNT:
        g_assert_not_reached();
    }
}
