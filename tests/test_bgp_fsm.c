/* RFC 4271 8.2.2 as a table: each state, each of the 28 events of 8.1 in their
 * order, the state that follows and what is done. Written from the RFC; where
 * fsm.c departs from it on purpose, the row says why.
 *
 * What is done: O OPEN, K KEEPALIVE, N<code>/<subcode> NOTIFICATION, C connect,
 * X drop the connection, F close it once all is sent. */

#include "config.h"

#include "models/bgp/private.h"
#include "tests/harness/run.h"

#include <string.h>

static const struct {
    BgpState state;
    const char *expected[28];
} table[] = {
    {BGP_IDLE,
     {"Connect C",
      "Idle",
      "Connect C",
      "Active",
      "Active",
      "Connect C",
      "Active",
      /* 8-12 */ "Idle",
      "Idle",
      "Idle",
      "Idle",
      "Idle",
      /* 13: a start */ "Connect C",
      /* 14-18 */ "Idle",
      "Idle",
      "Idle",
      "Idle",
      "Idle",
      /* 19-28 */ "Idle",
      "Idle",
      "Idle",
      "Idle",
      "Idle",
      "Idle",
      "Idle",
      "Idle",
      "Idle",
      "Idle"}},
    {BGP_CONNECT,
     {"Connect",
      "Idle X",
      "Connect",
      "Connect",
      "Connect",
      "Connect",
      "Connect",
      /* 8 */ "Idle X",
      "Connect X C",
      "Idle X",
      "Idle X",
      "OpenSent O",
      "Idle X",
      /* 14-18 */ "Connect",
      "Connect",
      "OpenSent O",
      "OpenSent O",
      "Idle X",
      /* 19-28 */ "Idle X",
      "OpenConfirm O K",
      "Idle X",
      "Idle X",
      "Idle X",
      "Idle X",
      "Idle X",
      "Idle X",
      "Idle X",
      "Idle X"}},
    {BGP_ACTIVE,
     {"Active",
      "Idle X",
      "Active",
      "Active",
      "Active",
      "Active",
      "Active",
      /* 8 */ "Idle X",
      "Connect C",
      "Idle X",
      "Idle X",
      "OpenSent O",
      "Idle X",
      /* 14-18 */ "Active",
      "Active",
      "OpenSent O",
      "OpenSent O",
      "Idle X",
      /* 19-28 */ "Idle X",
      "OpenConfirm O K",
      "Idle X",
      "Idle X",
      "Idle X",
      "Idle X",
      "Idle X",
      "Idle X",
      "Idle X",
      "Idle X"}},
    {BGP_OPEN_SENT,
     {"OpenSent",
      "Idle N6/2 F",
      "OpenSent",
      "OpenSent",
      "OpenSent",
      "OpenSent",
      "OpenSent",
      /* 8 */ "Idle N6/2 F",
      "Idle N5/1 F",
      "Idle N4/0 F",
      "Idle N5/1 F",
      "Idle N5/1 F",
      "Idle N5/1 F",
      /* 14-18 */ "OpenSent",
      "OpenSent",
      "OpenSent",
      "OpenSent",
      "Active X",
      /* 19 */ "OpenConfirm K",
      "Idle N5/1 F",
      "Idle N1/2 F",
      "Idle N2/2 F",
      "Idle N6/7 F",
      "Idle X",
      /* 25 */ "Idle N5/1 F",
      "Idle N5/1 F",
      "Idle N5/1 F",
      "Idle N5/1 F"}},
    {BGP_OPEN_CONFIRM,
     {"OpenConfirm",
      "Idle N6/2 F",
      "OpenConfirm",
      "OpenConfirm",
      "OpenConfirm",
      "OpenConfirm",
      "OpenConfirm",
      /* 8 */ "Idle N6/2 F",
      "Idle N5/2 F",
      "Idle N4/0 F",
      "OpenConfirm K",
      "Idle N5/2 F",
      "Idle N5/2 F",
      /* 14-18 */ "OpenConfirm",
      "OpenConfirm",
      "OpenConfirm",
      "OpenConfirm",
      "Idle X",
      /* 19: on this same connection */ "Idle N5/2 F",
      "Idle N5/2 F",
      "Idle N1/2 F",
      "Idle N2/2 F",
      "Idle N6/7 F",
      "Idle X",
      "Idle X",
      "Established",
      "Idle N5/2 F",
      "Idle N5/2 F"}},
    {BGP_ESTABLISHED,
     {"Established",
      "Idle N6/2 F",
      "Established",
      "Established",
      "Established",
      "Established",
      "Established",
      /* 8 */ "Idle N6/2 F",
      "Idle N5/3 F",
      "Idle N4/0 F",
      "Established K",
      "Idle N5/3 F",
      "Idle N5/3 F",
      /* 14-18 */ "Established",
      "Established",
      "Established",
      "Established",
      "Idle X",
      /* 19 */ "Idle N5/3 F",
      "Idle N5/3 F",
      /* 21: as 6.1 says, not as 8.2.2 */ "Idle N1/2 F",
      "Idle N5/3 F",
      "Idle N6/7 F",
      "Idle X",
      "Idle X",
      "Established",
      "Established",
      "Idle N3/1 F"}},
};

static BgpSession *
session_in(BgpState state, HsRng *rng)
{
    BgpSessionConfig config = bgp_session_config(BGP_PRESET_RFC);
    BgpSession *s;

    config.local_as = 65001;
    config.peer_as = 65002;
    config.router_id = 1;
    s = bgp_session_new(&config, rng, 0);
    s->wanted = true;
    s->stop = (BgpFault){BGP_ERR_CEASE, BGP_CEASE_ADMIN_SHUTDOWN, NULL};
    s->main->state = state;
    if (state == BGP_IDLE)
        return s;
    s->main->connection = s->last_connection = 1;
    s->main->connected = true;
    s->main->negotiated.hold = HS_SEC(90);
    s->main->negotiated.keepalive = HS_SEC(30);
    return s;
}

static void
describe_message(GString *text, GBytes *bytes)
{
    const uint8_t *data = g_bytes_get_data(bytes, NULL);

    switch (data[18]) {
    case BGP_MSG_OPEN:
        g_string_append(text, " O");
        return;
    case BGP_MSG_KEEPALIVE:
        g_string_append(text, " K");
        return;
    case BGP_MSG_NOTIFICATION:
        g_string_append_printf(text, " N%u/%u", data[19], data[20]);
        return;
    default:
        g_string_append(text, " ?");
        return;
    }
}

static char *
describe(BgpSession *s)
{
    GString *text = g_string_new(bgp_state_name(bgp_session_state(s)));
    BgpOutput output;

    while (bgp_session_poll(s, &output)) {
        if (output.kind == BGP_OUTPUT_SEND)
            describe_message(text, output.bytes);
        if (output.kind == BGP_OUTPUT_CONNECT)
            g_string_append(text, " C");
        if (output.kind == BGP_OUTPUT_CLOSE)
            g_string_append(text, output.flush ? " F" : " X");
        bgp_output_clear(&output);
    }
    return g_string_free(text, FALSE);
}

START_TEST(state_and_event)
{
    unsigned row = (unsigned)_i / 28, event = (unsigned)_i % 28;
    g_autoptr(HsRng) rng = hs_rng_new(1, "a", "bgp");
    g_autoptr(BgpSession) s = session_in(table[row].state, rng);
    g_autofree char *text = NULL;
    BgpFault *fault = &s->main->fault;
    BgpEvent which = (BgpEvent)(event + 1);

    if (which == BGP_EVENT_HEADER_ERROR)
        bgp_fault_set(fault, BGP_ERR_HEADER, BGP_HEADER_BAD_LENGTH, NULL, 0);
    if (which == BGP_EVENT_OPEN_ERROR)
        bgp_fault_set(fault, BGP_ERR_OPEN, BGP_OPEN_BAD_PEER_AS, NULL, 0);
    if (which == BGP_EVENT_UPDATE_ERROR)
        bgp_fault_set(fault, BGP_ERR_UPDATE, BGP_UPDATE_MALFORMED_LIST, NULL,
                      0);
    bgp_fsm(s->main, which);
    text = describe(s);
    ck_assert_msg(strcmp(text, table[row].expected[event]) == 0,
                  "%s, event %u %s: %s, expected %s",
                  bgp_state_name(table[row].state), event + 1,
                  bgp_event_name(which), text, table[row].expected[event]);
}
END_TEST

/* Which timers run in a state after the event that leads there. */
static const struct {
    BgpState from;
    BgpEvent event;
    HsTime due[TIMER_COUNT]; /* longest; 0: not armed */
} timers[] = {
    {BGP_IDLE, BGP_EVENT_MANUAL_START, {HS_SEC(120), 0, 0, 0, 0}},
    {BGP_IDLE, BGP_EVENT_MANUAL_START_PASSIVE, {0, 0, 0, 0, 0}},
    {BGP_CONNECT, BGP_EVENT_TCP_ACKED, {0, HS_SEC(240), 0, 0, 0}},
    {BGP_OPEN_SENT, BGP_EVENT_OPEN, {0, HS_SEC(90), HS_SEC(30), 0, 0}},
    {BGP_OPEN_SENT, BGP_EVENT_TCP_FAILS, {HS_SEC(120), 0, 0, 0, 0}},
    {BGP_OPEN_CONFIRM, BGP_EVENT_KEEPALIVE, {0, HS_SEC(90), 0, 0, 0}},
    {BGP_ESTABLISHED, BGP_EVENT_UPDATE, {0, HS_SEC(90), 0, 0, 0}},
    {BGP_ESTABLISHED, BGP_EVENT_HOLD_TIMER, {0, 0, 0, 0, HS_SEC(1)}},
};

START_TEST(timers_are_armed)
{
    g_autoptr(HsRng) rng = hs_rng_new(1, "a", "bgp");
    g_autoptr(BgpSession) s = session_in(timers[_i].from, rng);

    bgp_fsm(s->main, timers[_i].event);
    for (unsigned i = 0; i < TIMER_COUNT; i++) {
        HsTime due = s->main->due[i], want = timers[_i].due[i];

        if (want == 0) {
            ck_assert_msg(due == HS_TIME_NEVER, "row %d, timer %u", _i, i);
            continue;
        }
        /* RFC 4271 10: 0.75 to 1 of it, or exactly. */
        ck_assert_msg(due >= want / 4 * 3 && due <= want, "row %d, timer %u",
                      _i, i);
    }
}
END_TEST

/* RFC 4271 8.1.1 DelayOpen: OPEN waits for the peer's or for the timer. */
START_TEST(open_is_delayed)
{
    g_autoptr(HsRng) rng = hs_rng_new(1, "a", "bgp");
    g_autoptr(BgpSession) s = session_in(BGP_IDLE, rng);
    g_autofree char *first = NULL, *second = NULL, *third = NULL;

    s->config.delay_open = HS_SEC(5);
    bgp_session_start(s, 0);
    bgp_session_tcp_up(s, 0, 1);
    first = describe(s);
    ck_assert_str_eq(first, "Connect C");
    ck_assert_int_eq(bgp_session_next_expiry(s), HS_SEC(5));
    bgp_session_expire(s, HS_SEC(5) - 1);
    second = describe(s);
    ck_assert_str_eq(second, "Connect");
    bgp_session_expire(s, HS_SEC(5));
    third = describe(s);
    ck_assert_str_eq(third, "OpenSent O");
}
END_TEST

START_TEST(idle_refuses_connections)
{
    g_autoptr(HsRng) rng = hs_rng_new(1, "a", "bgp");
    g_autoptr(BgpSession) s = session_in(BGP_IDLE, rng);

    ck_assert_uint_eq(bgp_session_accept(s, 0), 0);
    ck_assert_uint_eq(bgp_session_counter(s, BGP_COUNT_REFUSED), 1);
    /* What was never ours is ignored. */
    bgp_session_tcp_up(s, 0, 17);
    bgp_session_tcp_down(s, 0, 17);
    bgp_session_receive(s, 0, 17, "x", 1);
    ck_assert_int_eq(bgp_session_state(s), BGP_IDLE);
}
END_TEST

/* Any octet of a message may come alone. */
START_TEST(stream_is_cut_anywhere)
{
    BgpSessionConfig peer = bgp_session_config(BGP_PRESET_RFC);
    g_autoptr(HsRng) rng = hs_rng_new(1, "a", "bgp");
    g_autoptr(BgpSession) s = session_in(BGP_OPEN_SENT, rng);
    g_autoptr(GBytes) open = NULL, keepalive = bgp_keepalive_encode();
    GByteArray *stream = g_byte_array_new();

    peer.local_as = 65002;
    peer.router_id = 2;
    open = bgp_open_encode(&peer);
    g_byte_array_append(stream, g_bytes_get_data(open, NULL),
                        (guint)g_bytes_get_size(open));
    g_byte_array_append(stream, g_bytes_get_data(keepalive, NULL),
                        (guint)g_bytes_get_size(keepalive));
    for (guint i = 0; i < stream->len; i++) {
        ck_assert_int_eq(bgp_session_state(s), i < g_bytes_get_size(open)
                                                   ? BGP_OPEN_SENT
                                                   : BGP_OPEN_CONFIRM);
        bgp_session_receive(s, 0, 1, stream->data + i, 1);
    }
    ck_assert_int_eq(bgp_session_state(s), BGP_ESTABLISHED);
    g_byte_array_unref(stream);
}
END_TEST

int
main(void)
{
    Suite *s = suite_create("bgp state machine");
    TCase *t = tcase_create("table");

    tcase_add_loop_test(t, state_and_event, 0, G_N_ELEMENTS(table) * 28);
    tcase_add_loop_test(t, timers_are_armed, 0, G_N_ELEMENTS(timers));
    tcase_add_test(t, open_is_delayed);
    tcase_add_test(t, idle_refuses_connections);
    tcase_add_test(t, stream_is_cut_anywhere);
    suite_add_tcase(s, t);
    return run_suite(s);
}
