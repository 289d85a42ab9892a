/* A session: what stands around its state machines. Inputs become events,
 * streams become messages, connections get numbers, and of two connections one
 * is chosen (RFC 4271 6.8). */

#include "config.h"

#include "models/bgp/private.h"

#include <string.h>

static const char *const preset_names[] = {"rfc", "frr", "bird", "aws"};

const char *
bgp_preset_name(BgpPreset preset)
{
    return (unsigned)preset < G_N_ELEMENTS(preset_names) ? preset_names[preset]
                                                         : "unknown";
}

bool
bgp_preset_parse(const char *text, BgpPreset *ret_preset)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(preset_names); i++) {
        if (strcmp(text, preset_names[i]) == 0) {
            *ret_preset = (BgpPreset)i;
            return true;
        }
    }
    return false;
}

BgpTimers
bgp_timers_preset(BgpPreset preset)
{
    /* RFC 4271 10, but for the time in Idle, which it leaves open. */
    BgpTimers timers = {
        .connect_retry = HS_SEC(120),
        .open_hold = HS_SEC(240),
        .idle_hold_min = HS_SEC(1),
        .idle_hold_max = HS_SEC(120),
        .keepalive_jitter = 750,
        .hold_jitter = 1000,
        .connect_jitter = 750,
        .idle_jitter = 1000,
    };

    switch (preset) {
    case BGP_PRESET_RFC:
        break;
    case BGP_PRESET_FRR:
        timers.keepalive_jitter = 1000;
        timers.connect_jitter = 1000;
        timers.retry_in_active = true;
        break;
    case BGP_PRESET_BIRD:
        timers.connect_delay = HS_SEC(5);
        timers.idle_hold_min = HS_SEC(60);
        timers.idle_hold_max = HS_SEC(300);
        timers.idle_hold_forget = HS_SEC(300);
        timers.hold_jitter = 750;
        timers.idle_jitter = 750;
        timers.no_idle_after_tcp_loss = true;
        break;
    case BGP_PRESET_AWS:
        timers.connect_retry = HS_SEC(30);
        break;
    }
    return timers;
}

BgpSessionConfig
bgp_session_config(BgpPreset preset)
{
    return (BgpSessionConfig){
        .hold = HS_SEC(90),
        .allow_hold_zero = preset != BGP_PRESET_AWS,
        .ipv4 = true,
        .timers = bgp_timers_preset(preset),
    };
}

static const char *const counter_names[] = {
#define X(name, text) text,
    BGP_COUNTERS(X)
#undef X
};

const char *
bgp_counter_name(BgpCounter counter)
{
    return (unsigned)counter < BGP_COUNTER_COUNT ? counter_names[counter]
                                                 : "unknown";
}

/* Outputs */

void
bgp_output_clear(BgpOutput *output)
{
    g_clear_pointer(&output->bytes, g_bytes_unref);
    g_clear_pointer(&output->update, bgp_update_free);
}

BgpOutput *
bgp_session_queue(BgpSession *s, BgpOutputKind kind, unsigned connection)
{
    BgpOutput *output = g_new0(BgpOutput, 1);

    output->kind = kind;
    output->connection = connection;
    g_queue_push_tail(&s->outputs, output);
    return output;
}

bool
bgp_session_poll(BgpSession *s, BgpOutput *ret_output)
{
    g_autofree BgpOutput *output = g_queue_pop_head(&s->outputs);

    if (output == NULL)
        return false;
    *ret_output = *output;
    return true;
}

void
bgp_session_send(BgpSession *s, const BgpFsm *f, BgpCounter counter,
                 GBytes *message)
{
    if (f->connection == 0 || !f->connected) {
        g_bytes_unref(message);
        return;
    }
    s->counters[counter]++;
    bgp_session_queue(s, BGP_OUTPUT_SEND, f->connection)->bytes = message;
}

void
bgp_session_connect(BgpSession *s, BgpFsm *f)
{
    f->connection = ++s->last_connection;
    f->incoming = false;
    f->connected = false;
    bgp_session_queue(s, BGP_OUTPUT_CONNECT, f->connection);
}

void
bgp_session_close(BgpSession *s, BgpFsm *f, bool flush)
{
    if (f->connection == 0)
        return;
    bgp_session_queue(s, BGP_OUTPUT_CLOSE, f->connection)->flush = flush;
    f->connection = 0;
    f->connected = false;
    g_byte_array_set_size(f->input, 0);
}

HsDuration
bgp_session_jitter(BgpSession *s, HsDuration span, uint16_t low)
{
    if (low >= 1000)
        return span;
    return hs_rng_uniform(s->rng, span / 1000 * low, span);
}

/* Life */

static void
free_output(gpointer data)
{
    bgp_output_clear(data);
    g_free(data);
}

BgpSession *
bgp_session_new(const BgpSessionConfig *config, HsRng *rng, HsTime now)
{
    BgpSession *s = g_new0(BgpSession, 1);

    g_assert(config->router_id != 0 && config->local_as != 0);
    g_assert(config->hold == 0 || config->hold >= HS_SEC(3));
    g_assert(config->hold <= HS_SEC(UINT16_MAX));
    s->config = *config;
    s->rng = rng;
    s->now = now;
    s->last_received = HS_TIME_NEVER;
    g_queue_init(&s->outputs);
    s->main = bgp_fsm_new(s);
    return s;
}

void
bgp_session_free(BgpSession *s)
{
    if (s == NULL)
        return;
    bgp_fsm_free(s->main);
    bgp_fsm_free(s->rival);
    bgp_fault_clear(&s->stop);
    g_free(s->peer_message);
    g_queue_clear_full(&s->outputs, free_output);
    g_free(s);
}

static void
begin_input(BgpSession *s, HsTime now)
{
    s->now = now;
    s->cause = NULL;
    s->hard_reset = false;
}

/* The session's rival never outlives what ends the session. */
static void
stop_both(BgpSession *s, BgpEvent event)
{
    const char *cause = s->cause;

    if (s->rival != NULL)
        bgp_fsm(s->rival, event);
    s->cause = cause;
    bgp_fsm(s->main, event);
    s->stop_silently = false;
}

static void
set_cease(BgpSession *s, uint8_t subcode, GBytes *data)
{
    bgp_fault_clear(&s->stop);
    s->stop = (BgpFault){BGP_ERR_CEASE, subcode, data};
}

void
bgp_session_start(BgpSession *s, HsTime now)
{
    begin_input(s, now);
    s->wanted = true;
    s->halted = false;
    s->failures = 0;
    if (s->no_link)
        return;
    bgp_fsm(s->main, s->config.passive ? BGP_EVENT_MANUAL_START_PASSIVE
                                       : BGP_EVENT_MANUAL_START);
}

void
bgp_session_stop(BgpSession *s, HsTime now, uint8_t subcode,
                 const char *message)
{
    bool may_say =
        subcode == BGP_CEASE_ADMIN_SHUTDOWN || subcode == BGP_CEASE_ADMIN_RESET;

    begin_input(s, now);
    s->wanted = false;
    set_cease(s, subcode,
              message != NULL && may_say ? bgp_shutdown_encode(message) : NULL);
    stop_both(s, BGP_EVENT_MANUAL_STOP);
    s->failures = 0;
}

void
bgp_session_reset(BgpSession *s, HsTime now, uint8_t subcode, const char *cause)
{
    begin_input(s, now);
    s->cause = g_intern_string(cause);
    set_cease(s, subcode, NULL);
    stop_both(s, BGP_EVENT_AUTOMATIC_STOP);
}

void
bgp_session_too_many_prefixes(BgpSession *s, HsTime now, HsFamily family,
                              uint32_t limit, HsDuration hold)
{
    g_auto(HsWriter) w = {0};

    begin_input(s, now);
    if (s->main->state != BGP_ESTABLISHED)
        return;
    hs_writer_init(&w);
    hs_writer_u16(&w, family == HS_FAMILY_IPV6 ? BGP_AFI_IPV6 : BGP_AFI_IPV4);
    hs_writer_u8(&w, BGP_SAFI_UNICAST);
    hs_writer_u32(&w, limit);
    set_cease(s, BGP_CEASE_MAX_PREFIXES, hs_writer_steal(&w));
    s->cause = "maximum prefixes";
    s->halted = true;
    s->halt_hold = hold;
    stop_both(s, BGP_EVENT_AUTOMATIC_STOP);
}

/* Drops what there is, in silence. */
static void
break_off(BgpSession *s, HsTime now, const char *cause, BgpEvent event)
{
    begin_input(s, now);
    s->cause = cause;
    s->stop_silently = true;
    stop_both(s, event);
}

void
bgp_session_crash(BgpSession *s, HsTime now)
{
    s->wanted = false;
    break_off(s, now, "restart", BGP_EVENT_MANUAL_STOP);
    s->failures = 0;
}

void
bgp_session_set_restarting(BgpSession *s, bool restarting, bool forwarding_lost)
{
    s->config.restart.restarting = restarting;
    s->config.restart.forwarding_lost = forwarding_lost;
}

void
bgp_session_bfd_down(BgpSession *s, HsTime now, bool may_restart)
{
    switch (s->main->state) {
    case BGP_ESTABLISHED:
        if (may_restart && bgp_fsm_keeps_routes(s->main)) {
            begin_input(s, now);
            s->cause = "BFD down";
            stop_both(s, BGP_EVENT_TCP_FAILS);
            return;
        }
        bgp_session_reset(s, now, BGP_CEASE_BFD_DOWN, "BFD down");
        return;
    case BGP_OPEN_SENT:
    case BGP_OPEN_CONFIRM:
        bgp_session_reset(s, now, BGP_CEASE_BFD_DOWN, "BFD down");
        return;
    case BGP_IDLE:
    case BGP_CONNECT:
    case BGP_ACTIVE:
    case BGP_STATE_COUNT:
        return; /* nothing stands that BFD could end */
    }
}

void
bgp_session_link_down(BgpSession *s, HsTime now)
{
    s->no_link = true;
    break_off(s, now, "link down", BGP_EVENT_AUTOMATIC_STOP);
}

void
bgp_session_link_up(BgpSession *s, HsTime now)
{
    begin_input(s, now);
    s->no_link = false;
    if (s->wanted && s->main->state == BGP_IDLE && !s->config.no_restart &&
        !s->halted)
        bgp_fsm(s->main, s->config.passive ? BGP_EVENT_AUTOMATIC_START_PASSIVE
                                           : BGP_EVENT_AUTOMATIC_START);
}

/* Connections */

static BgpFsm *
find_machine(BgpSession *s, unsigned connection)
{
    if (connection == 0)
        return NULL;
    if (s->main->connection == connection)
        return s->main;
    if (s->rival != NULL && s->rival->connection == connection)
        return s->rival;
    return NULL;
}

void
bgp_session_tcp_up(BgpSession *s, HsTime now, unsigned connection)
{
    BgpFsm *f = find_machine(s, connection);

    begin_input(s, now);
    if (f == NULL || f->connected)
        return;
    f->connected = true;
    bgp_fsm(f, BGP_EVENT_TCP_ACKED);
}

void
bgp_session_tcp_down(BgpSession *s, HsTime now, unsigned connection)
{
    BgpFsm *f = find_machine(s, connection);

    begin_input(s, now);
    if (f == NULL)
        return;
    /* It is gone already: there is nothing to close. */
    f->connection = 0;
    f->connected = false;
    g_byte_array_set_size(f->input, 0);
    bgp_fsm(f, BGP_EVENT_TCP_FAILS);
}

/* A second state machine, for a connection in STATE. */
static BgpFsm *
add_rival(BgpSession *s, BgpState state)
{
    BgpFsm *f = bgp_fsm_new(s);

    f->state = state;
    s->rival = f;
    return f;
}

/* RFC 4724 4.2 and 5: a peer that connects anew has restarted, and we did not
 * notice. The old connection goes without a NOTIFICATION. */
static unsigned
replace_connection(BgpSession *s)
{
    BgpFsm *old = s->main, *f = add_rival(s, BGP_ACTIVE);
    unsigned connection = ++s->last_connection;

    f->connection = connection;
    f->incoming = true;
    f->connected = true;
    bgp_fsm(f, BGP_EVENT_TCP_CONFIRMED);
    s->cause = "peer connected anew";
    bgp_fsm(old, BGP_EVENT_TCP_FAILS);
    return connection;
}

unsigned
bgp_session_accept(BgpSession *s, HsTime now)
{
    BgpFsm *f = s->main;

    begin_input(s, now);
    if (f->state == BGP_IDLE || s->rival != NULL) {
        s->counters[BGP_COUNT_REFUSED]++;
        return 0;
    }
    if (f->state == BGP_ESTABLISHED && bgp_fsm_keeps_routes(f))
        return replace_connection(s);
    if (f->connection != 0 && f->state == BGP_CONNECT && !f->connected) {
        /* Ours is still being opened. It goes on, as the second one. */
        add_rival(s, BGP_CONNECT)->connection = f->connection;
    } else if (f->connection != 0) {
        f = add_rival(s, BGP_ACTIVE);
    }
    f->connection = ++s->last_connection;
    f->incoming = true;
    f->connected = true;
    bgp_fsm(f, BGP_EVENT_TCP_CONFIRMED);
    return s->last_connection;
}

/* RFC 4271 6.8, with RFC 6286 2.3 for equal identifiers: the connection that
 * the higher one opened stays. */
static bool
we_are_higher(const BgpSession *s, const BgpNegotiated *n)
{
    if (n->peer_id != s->config.router_id)
        return s->config.router_id > n->peer_id;
    return s->config.local_as > n->peer_as;
}

/* F has a good OPEN while OTHER is past its own. True: F stays. */
static bool
survives_collision(const BgpSession *s, const BgpFsm *f, const BgpFsm *other,
                   const BgpNegotiated *n)
{
    if (other->state == BGP_ESTABLISHED)
        return false;
    if (f->incoming == other->incoming)
        return !we_are_higher(s, n); /* the new one replaces the old one */
    return f->incoming != we_are_higher(s, n);
}

/* True: F was given up. */
static bool
resolve_collision(BgpSession *s, BgpFsm *f, const BgpNegotiated *n)
{
    BgpFsm *other = f == s->main ? s->rival : s->main;

    if (other == NULL ||
        (other->state != BGP_OPEN_CONFIRM && other->state != BGP_ESTABLISHED))
        return false;
    s->counters[BGP_COUNT_COLLISION]++;
    if (!survives_collision(s, f, other, n)) {
        bgp_fsm(f, BGP_EVENT_COLLISION_DUMP);
        return true;
    }
    bgp_fsm(other, BGP_EVENT_COLLISION_DUMP);
    s->cause = NULL;
    return false;
}

/* Messages */

static void
take_open(BgpSession *s, BgpFsm *f, HsReader *body)
{
    BgpNegotiated negotiated;
    BgpOpen open;

    s->counters[BGP_COUNT_OPEN_RECEIVED]++;
    if (!bgp_open_decode(body, !s->config.no_four_octet_as, &open, &f->fault) ||
        !bgp_open_accept(&s->config, &open, &negotiated, &f->fault)) {
        bgp_fsm(f, BGP_EVENT_OPEN_ERROR);
        return;
    }
    if (f->state == BGP_OPEN_SENT) {
        if (resolve_collision(s, f, &negotiated))
            return;
        f->negotiated = negotiated;
    } else if (f->due[TIMER_DELAY_OPEN] != HS_TIME_NEVER) {
        f->negotiated = negotiated;
        bgp_fsm(f, BGP_EVENT_OPEN_DELAYED);
        return;
    }
    bgp_fsm(f, BGP_EVENT_OPEN);
}

static void
take_update(BgpSession *s, BgpFsm *f, HsReader *body)
{
    const BgpNegotiated *n = &f->negotiated;
    BgpUpdateContext context = {
        .four_octet_as = n->four_octet_as,
        .ibgp = n->ibgp,
        .ipv4 = n->ipv4,
        .ipv6 = n->ipv6,
    };
    BgpUpdate *update;

    s->counters[BGP_COUNT_UPDATE_RECEIVED]++;
    if (f->state != BGP_ESTABLISHED) {
        bgp_fsm(f, BGP_EVENT_UPDATE);
        return;
    }
    if (!bgp_update_decode(body, &context, &update, &f->fault)) {
        bgp_fsm(f, BGP_EVENT_UPDATE_ERROR);
        return;
    }
    s->counters[BGP_COUNT_TREAT_AS_WITHDRAW] += update->treated_as_withdraw;
    s->counters[BGP_COUNT_ATTRIBUTE_DISCARD] += update->discarded;
    if (update->fault != NULL)
        hs_trace(s->config.trace, s->now, "UPDATE %s: %s",
                 update->treated_as_withdraw ? "treated as withdraw"
                                             : "attribute discarded",
                 update->fault);
    bgp_session_queue(s, BGP_OUTPUT_UPDATE, f->connection)->update = update;
    bgp_fsm(f, BGP_EVENT_UPDATE);
}

/* RFC 9003 2: what the people over there want ours to read. */
static void
hear_out(BgpSession *s, const BgpFault *fault)
{
    g_clear_pointer(&s->peer_message, g_free);
    if (fault->code != BGP_ERR_CEASE ||
        (fault->subcode != BGP_CEASE_ADMIN_SHUTDOWN &&
         fault->subcode != BGP_CEASE_ADMIN_RESET))
        return;
    s->peer_message = bgp_shutdown_decode(fault->data);
    if (s->peer_message != NULL)
        hs_trace(s->config.trace, s->now, "peer says \"%s\"", s->peer_message);
}

static void
take_notification(BgpSession *s, BgpFsm *f, HsReader *body)
{
    g_auto(BgpFault) fault = {0};
    g_autofree char *text = NULL;
    bool wrapped;

    s->counters[BGP_COUNT_NOTIFICATION_RECEIVED]++;
    bgp_notification_decode(body, &fault);
    s->hard_reset =
        fault.code == BGP_ERR_CEASE && fault.subcode == BGP_CEASE_HARD_RESET;
    wrapped = bgp_hard_reset_unwrap(&fault);
    text = g_strdup_printf("received %s%s/%s", wrapped ? "Hard Reset, " : "",
                           bgp_error_name(fault.code),
                           bgp_subcode_name(fault.code, fault.subcode));
    s->cause = g_intern_string(text);
    hear_out(s, &fault);
    if (fault.code == BGP_ERR_OPEN &&
        fault.subcode == BGP_OPEN_UNSUPPORTED_PARAMETER) {
        /* RFC 5492 3: an old speaker; try again as it wants it. */
        s->config.no_capabilities = true;
    }
    bgp_fsm(f, fault.code == BGP_ERR_OPEN &&
                       fault.subcode == BGP_OPEN_UNSUPPORTED_VERSION
                   ? BGP_EVENT_NOTIFICATION_VERSION
                   : BGP_EVENT_NOTIFICATION);
}

/* RFC 2918 4: not for a family, or from a peer, that did not agree on it. */
static void
take_refresh(BgpSession *s, BgpFsm *f, HsReader *body)
{
    HsFamily family = bgp_refresh_decode(body);
    const BgpNegotiated *n = &f->negotiated;

    s->counters[BGP_COUNT_REFRESH_RECEIVED]++;
    if (f->state != BGP_ESTABLISHED) {
        bgp_fsm(f, BGP_EVENT_UPDATE); /* as untimely as one */
        return;
    }
    if (n->route_refresh && ((family == HS_FAMILY_IPV4 && n->ipv4) ||
                             (family == HS_FAMILY_IPV6 && n->ipv6)))
        bgp_session_queue(s, BGP_OUTPUT_REFRESH, f->connection)->family =
            family;
}

static void
take_message(BgpSession *s, BgpFsm *f, BgpFrame *frame)
{
    switch (frame->type) {
    case BGP_MSG_OPEN:
        take_open(s, f, &frame->body);
        return;
    case BGP_MSG_UPDATE:
        take_update(s, f, &frame->body);
        return;
    case BGP_MSG_NOTIFICATION:
        take_notification(s, f, &frame->body);
        return;
    case BGP_MSG_KEEPALIVE:
        s->counters[BGP_COUNT_KEEPALIVE_RECEIVED]++;
        bgp_fsm(f, BGP_EVENT_KEEPALIVE);
        return;
    case BGP_MSG_ROUTE_REFRESH:
        take_refresh(s, f, &frame->body);
        return;
    }
}

void
bgp_session_receive(BgpSession *s, HsTime now, unsigned connection,
                    const void *data, size_t length)
{
    BgpFsm *f = find_machine(s, connection);
    g_autoptr(GByteArray) input = NULL;
    size_t at = 0;

    begin_input(s, now);
    if (f == NULL || !f->connected || length == 0)
        return;
    g_byte_array_append(f->input, data, (guint)length);
    /* The machine may go while its bytes are being read. */
    input = g_byte_array_ref(f->input);
    while (f != NULL) {
        BgpFrameResult result;
        BgpFrame frame;

        result = bgp_frame_next(input->data + at, input->len - at, &frame,
                                &f->fault);
        if (result == BGP_FRAME_MORE)
            break;
        s->cause = NULL;
        if (result == BGP_FRAME_BAD) {
            bgp_fsm(f, BGP_EVENT_HEADER_ERROR);
            return;
        }
        at += frame.length;
        s->last_received = now;
        take_message(s, f, &frame);
        f = find_machine(s, connection);
    }
    if (f != NULL && at > 0)
        g_byte_array_remove_range(input, 0, (guint)at);
}

void
bgp_session_send_update(BgpSession *s, HsTime now, GBytes *message)
{
    BgpFsm *f = s->main;

    begin_input(s, now);
    if (f->state != BGP_ESTABLISHED) {
        g_bytes_unref(message);
        return;
    }
    bgp_session_send(s, f, BGP_COUNT_UPDATE_SENT, message);
    /* RFC 4271 8.2.2: an UPDATE says as well that we are alive. */
    if (f->negotiated.keepalive > 0)
        f->due[TIMER_KEEPALIVE] = hs_time_add(
            now, bgp_session_jitter(s, f->negotiated.keepalive,
                                    s->config.timers.keepalive_jitter));
}

void
bgp_session_request_refresh(BgpSession *s, HsTime now, HsFamily family)
{
    begin_input(s, now);
    if (s->main->state == BGP_ESTABLISHED && s->main->negotiated.route_refresh)
        bgp_session_send(s, s->main, BGP_COUNT_REFRESH_SENT,
                         bgp_refresh_encode(family));
}

/* Time */

static const BgpEvent timer_events[TIMER_COUNT] = {
    [TIMER_CONNECT_RETRY] = BGP_EVENT_CONNECT_RETRY_TIMER,
    [TIMER_HOLD] = BGP_EVENT_HOLD_TIMER,
    [TIMER_KEEPALIVE] = BGP_EVENT_KEEPALIVE_TIMER,
    [TIMER_DELAY_OPEN] = BGP_EVENT_DELAY_OPEN_TIMER,
    [TIMER_IDLE_HOLD] = BGP_EVENT_IDLE_HOLD_TIMER,
};

/* The timer of F that is due first; of equal ones the first in the enum. */
static BgpTimer
first_timer(const BgpFsm *f)
{
    BgpTimer first = TIMER_CONNECT_RETRY;

    for (unsigned i = 1; i < TIMER_COUNT; i++)
        if (f->due[i] < f->due[first])
            first = (BgpTimer)i;
    return first;
}

HsTime
bgp_session_next_expiry(const BgpSession *s)
{
    HsTime next = s->main->due[first_timer(s->main)];

    if (s->rival != NULL)
        next = hs_time_min(next, s->rival->due[first_timer(s->rival)]);
    return next;
}

static void
fire(BgpSession *s, BgpFsm *f, BgpTimer timer)
{
    BgpEvent event = timer_events[timer];

    s->now = f->due[timer];
    s->cause = NULL;
    /* begin_open() tells a delay that is over by its timer, still armed. */
    if (timer != TIMER_DELAY_OPEN)
        f->due[timer] = HS_TIME_NEVER;
    s->hard_reset = false;
    if (timer == TIMER_IDLE_HOLD) {
        s->halted = false;
        if (s->no_link)
            return;
    }
    bgp_fsm(f, event);
}

void
bgp_session_expire(BgpSession *s, HsTime now)
{
    HsTime due;

    while ((due = bgp_session_next_expiry(s)) <= now && due != HS_TIME_NEVER) {
        BgpTimer timer = first_timer(s->main);
        BgpFsm *f = s->main;

        if (f->due[timer] != due) {
            f = s->rival;
            timer = first_timer(f);
        }
        fire(s, f, timer);
    }
    s->now = now;
}

/* Queries */

BgpState
bgp_session_state(const BgpSession *s)
{
    return s->main->state;
}

const BgpNegotiated *
bgp_session_negotiated(const BgpSession *s)
{
    return &s->main->negotiated;
}

uint64_t
bgp_session_counter(const BgpSession *s, BgpCounter counter)
{
    return s->counters[counter];
}

const char *
bgp_session_peer_message(const BgpSession *s)
{
    return s->peer_message;
}

HsTime
bgp_session_last_received(const BgpSession *s)
{
    return s->last_received;
}
