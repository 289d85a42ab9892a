/* One session and a peer made of bytes: messages at the wrong moment, two
 * connections at once, timers that answer to messages. What RFC 4271 6 and 8
 * say beyond the table of test_bgp_fsm. */

#include "config.h"

#include "models/bgp/message.h"
#include "models/bgp/private.h"
#include "tests/harness/hex.h"
#include "tests/harness/run.h"

#include <string.h>

#define MARKER "ffffffff ffffffff ffffffff ffffffff "

typedef struct {
    HsRng *rng;
    BgpSession *session;
    HsTime now;
    GString *log;
    unsigned asked; /* the last connection that it asked for */
    HsTrace trace;
} Canned;

static void
keep_line(void *user_data, const char *line)
{
    Canned *c = user_data;
    const char *said = strstr(line, "UPDATE ");

    if (said != NULL && strstr(line, " -> ") == NULL)
        g_string_append_printf(c->log, "%s\n", said);
}

static BgpSessionConfig
our_config(void)
{
    BgpSessionConfig config = bgp_session_config(BGP_PRESET_RFC);

    config.local_as = 65001;
    config.peer_as = 65002;
    config.router_id = 0x0a000005;
    return config;
}

static Canned *
canned_new(const BgpSessionConfig *config)
{
    Canned *c = g_new0(Canned, 1);
    BgpSessionConfig with_trace = *config;

    c->trace.line = keep_line;
    c->trace.user_data = c;
    c->trace.node = c->trace.protocol = c->trace.peer = "x";
    with_trace.trace = &c->trace;
    c->rng = hs_rng_new(1, "a", "bgp");
    c->session = bgp_session_new(&with_trace, c->rng, 0);
    c->log = g_string_new(NULL);
    return c;
}

static void
canned_free(Canned *c)
{
    bgp_session_free(c->session);
    hs_rng_free(c->rng);
    g_string_free(c->log, TRUE);
    g_free(c);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Canned, canned_free)

static void
log_message(Canned *c, const BgpOutput *o)
{
    const uint8_t *data = g_bytes_get_data(o->bytes, NULL);

    switch (data[18]) {
    case BGP_MSG_OPEN:
        g_string_append_printf(c->log, "%u open%s\n", o->connection,
                               data[28] == 0 ? " without capabilities" : "");
        return;
    case BGP_MSG_NOTIFICATION:
        g_string_append_printf(c->log, "%u notification %u/%u\n", o->connection,
                               data[19], data[20]);
        return;
    case BGP_MSG_KEEPALIVE:
        g_string_append_printf(c->log, "%u keepalive\n", o->connection);
        return;
    default:
        g_string_append_printf(c->log, "%u message %u\n", o->connection,
                               data[18]);
        return;
    }
}

static void
drain(Canned *c)
{
    BgpOutput o;

    while (bgp_session_poll(c->session, &o)) {
        if (o.kind == BGP_OUTPUT_SEND)
            log_message(c, &o);
        if (o.kind == BGP_OUTPUT_CONNECT)
            c->asked = o.connection;
        if (o.kind == BGP_OUTPUT_CLOSE)
            g_string_append_printf(c->log, "%u %s\n", o.connection,
                                   o.flush ? "close" : "drop");
        if (o.kind == BGP_OUTPUT_STATE)
            g_string_append_printf(c->log, "%s\n", bgp_state_name(o.to));
        bgp_output_clear(&o);
    }
}

static void
expect(Canned *c, const char *log)
{
    drain(c);
    ck_assert_str_eq(c->log->str, log);
    g_string_truncate(c->log, 0);
}

static void
forget(Canned *c)
{
    drain(c);
    g_string_truncate(c->log, 0);
}

/* MESSAGE: transfer full. */
static void
receive(Canned *c, unsigned connection, GBytes *message)
{
    bgp_session_receive(c->session, c->now, connection,
                        g_bytes_get_data(message, NULL),
                        g_bytes_get_size(message));
    g_bytes_unref(message);
}

static GBytes *
their_open(uint32_t id)
{
    BgpSessionConfig theirs = bgp_session_config(BGP_PRESET_RFC);

    theirs.local_as = 65002;
    theirs.router_id = id;
    return bgp_open_encode(&theirs);
}

/* Started and connected, by ourselves. */
static Canned *
in_open_sent(void)
{
    BgpSessionConfig config = our_config();
    Canned *c = canned_new(&config);

    bgp_session_start(c->session, 0);
    drain(c);
    bgp_session_tcp_up(c->session, 0, c->asked);
    forget(c);
    ck_assert_int_eq(bgp_session_state(c->session), BGP_OPEN_SENT);
    return c;
}

static Canned *
established(void)
{
    Canned *c = in_open_sent();

    receive(c, 1, their_open(9));
    receive(c, 1, bgp_keepalive_encode());
    forget(c);
    ck_assert_int_eq(bgp_session_state(c->session), BGP_ESTABLISHED);
    return c;
}

/* Messages at the wrong moment (RFC 4271 6.6, RFC 6608) */

static const struct {
    BgpState state;
    const char *name, *message, *answer;
} untimely[] = {
    {BGP_OPEN_SENT, "KEEPALIVE", MARKER "0013 04", "5/1"},
    {BGP_OPEN_SENT, "UPDATE", MARKER "0017 02 0000 0000", "5/1"},
    {BGP_OPEN_SENT, "ROUTE-REFRESH", MARKER "0017 05 0001 00 01", "5/1"},
    {BGP_OPEN_SENT, "NOTIFICATION", MARKER "0015 03 06 04", "5/1"},
    {BGP_OPEN_CONFIRM, "UPDATE", MARKER "0017 02 0000 0000", "5/2"},
    {BGP_OPEN_CONFIRM, "ROUTE-REFRESH", MARKER "0017 05 0001 00 01", "5/2"},
    {BGP_OPEN_CONFIRM, "OPEN", MARKER "001d 01 04 fdea 005a 0a000009 00",
     "5/2"},
    {BGP_ESTABLISHED, "OPEN", MARKER "001d 01 04 fdea 005a 0a000009 00", "5/3"},
    /* RFC 4271 6.1 in any state */
    {BGP_OPEN_SENT, "bad type", MARKER "0013 09", "1/3"},
    {BGP_OPEN_CONFIRM, "bad length", MARKER "0014 04", "1/2"},
    {BGP_ESTABLISHED, "bad marker",
     "ffffffff ffffffff ffffffff ffffff00 0013 04", "1/1"},
    {BGP_ESTABLISHED, "malformed UPDATE", MARKER "0017 02 0001 0000", "3/1"},
    {BGP_OPEN_SENT, "bad OPEN", MARKER "001d 01 03 fdea 005a 0a000009 00",
     "2/1"},
};

START_TEST(untimely_and_bad_messages)
{
    g_autoptr(Canned) c =
        untimely[_i].state == BGP_ESTABLISHED ? established() : in_open_sent();
    g_autofree char *log = g_strdup_printf("1 notification %s\n1 close\nIdle\n",
                                           untimely[_i].answer);

    if (untimely[_i].state == BGP_OPEN_CONFIRM)
        receive(c, 1, their_open(9));
    forget(c);
    receive(c, 1, hex_bytes(untimely[_i].message));
    drain(c);
    ck_assert_msg(strcmp(c->log->str, log) == 0, "%s: %s", untimely[_i].name,
                  c->log->str);
}
END_TEST

/* What comes after the bad one is not read. */
START_TEST(nothing_is_read_after_an_error)
{
    g_autoptr(Canned) c = established();

    receive(c, 1,
            hex_bytes(MARKER "0013 04" MARKER "0013 09" MARKER "0013 04"));
    expect(c, "1 notification 1/3\n1 close\nIdle\n");
    ck_assert_uint_eq(
        bgp_session_counter(c->session, BGP_COUNT_KEEPALIVE_RECEIVED), 2);
    receive(c, 1, bgp_keepalive_encode());
    expect(c, "");
}
END_TEST

/* RFC 4271 6.4: an error in a NOTIFICATION is not reported back. */
START_TEST(strange_notifications_end_the_session_quietly)
{
    static const char *const hex[] = {
        MARKER "0015 03 63 63",           /* no such code */
        MARKER "0015 03 06 63",           /* no such subcode */
        MARKER "0019 03 06 02 ff 616263", /* a message that lies */
    };
    g_autoptr(Canned) c = established();

    receive(c, 1, hex_bytes(hex[_i]));
    expect(c, "1 drop\nIdle\n");
    ck_assert_ptr_null(bgp_session_peer_message(c->session));
}
END_TEST

/* RFC 5492 3: a peer from before capabilities is asked again without. */
START_TEST(old_speaker_is_met_without_capabilities)
{
    g_autoptr(Canned) c = in_open_sent();

    receive(c, 1, hex_bytes(MARKER "0015 03 02 04"));
    forget(c);
    c->now = HS_SEC(2);
    bgp_session_expire(c->session, c->now);
    drain(c);
    bgp_session_tcp_up(c->session, c->now, c->asked);
    drain(c);
    ck_assert(strstr(c->log->str, "open without capabilities") != NULL);
}
END_TEST

/* RFC 7606 6: what was wrong is said. */
START_TEST(faults_are_traced)
{
    g_autoptr(Canned) c = established();

    /* ORIGIN 3, AS_PATH 65002, NEXT_HOP; 10.0.0.0/8 */
    receive(c, 1,
            hex_bytes(MARKER "002d 02 0000 0014 40010103"
                             "4002060201 0000fdea 400304 0a000002"
                             "080a"));
    expect(c, "UPDATE treated as withdraw: malformed ORIGIN\n");
    receive(c, 1,
            hex_bytes(MARKER "0031 02 0000 0018 40010100"
                             "4002060201 0000fdea 400304 0a000002"
                             "40060100 080a"));
    expect(c, "UPDATE attribute discarded: malformed ATOMIC_AGGREGATE\n");
    ck_assert_int_eq(bgp_session_state(c->session), BGP_ESTABLISHED);
    ck_assert_uint_eq(
        bgp_session_counter(c->session, BGP_COUNT_TREAT_AS_WITHDRAW), 1);
    ck_assert_uint_eq(
        bgp_session_counter(c->session, BGP_COUNT_ATTRIBUTE_DISCARD), 1);
}
END_TEST

/* Timers */

/* RFC 4271 8.2.2: a KEEPALIVE or UPDATE sent restarts the KeepaliveTimer, one
 * received the HoldTimer. */
START_TEST(messages_restart_timers)
{
    g_autoptr(Canned) c = established();
    const BgpFsm *f = c->session->main;
    HsTime keepalive = f->due[TIMER_KEEPALIVE];

    ck_assert_int_eq(f->due[TIMER_HOLD], HS_SEC(90));
    bgp_session_send_update(c->session, HS_SEC(7),
                            bgp_end_of_rib_encode(HS_FAMILY_IPV4));
    ck_assert_int_ne(f->due[TIMER_KEEPALIVE], keepalive);
    ck_assert_int_ge(f->due[TIMER_KEEPALIVE], HS_SEC(7) + HS_MSEC(22500));
    ck_assert_int_le(f->due[TIMER_KEEPALIVE], HS_SEC(37));
    ck_assert_int_eq(f->due[TIMER_HOLD], HS_SEC(90));
    c->now = HS_SEC(8);
    receive(c, 1, bgp_end_of_rib_encode(HS_FAMILY_IPV4));
    ck_assert_int_eq(f->due[TIMER_HOLD], HS_SEC(98));
    c->now = HS_SEC(9);
    receive(c, 1, bgp_keepalive_encode());
    ck_assert_int_eq(f->due[TIMER_HOLD], HS_SEC(99));
    ck_assert_int_eq(bgp_session_last_received(c->session), HS_SEC(9));
}
END_TEST

/* RFC 4271 4.2: hold time 0 on one side is 0 for both, and no timer runs. */
START_TEST(hold_time_zero_of_one_side)
{
    g_autoptr(Canned) c = in_open_sent();

    receive(c, 1, hex_bytes(MARKER "001d 01 04 fdea 0000 0a000009 00"));
    receive(c, 1, bgp_keepalive_encode());
    ck_assert_int_eq(bgp_session_state(c->session), BGP_ESTABLISHED);
    ck_assert_int_eq(bgp_session_next_expiry(c->session), HS_TIME_NEVER);
    bgp_session_send_update(c->session, 1,
                            bgp_end_of_rib_encode(HS_FAMILY_IPV4));
    ck_assert_int_eq(bgp_session_next_expiry(c->session), HS_TIME_NEVER);
}
END_TEST

/* RFC 4271 4.4: not more than one KEEPALIVE a second. */
START_TEST(keepalives_are_a_second_apart)
{
    BgpSessionConfig config = our_config();
    g_autoptr(Canned) c = NULL;

    config.keepalive = HS_MSEC(100);
    c = canned_new(&config);
    bgp_session_start(c->session, 0);
    drain(c);
    bgp_session_tcp_up(c->session, 0, 1);
    receive(c, 1, their_open(9));
    ck_assert_int_eq(bgp_session_negotiated(c->session)->keepalive, HS_SEC(1));
}
END_TEST

/* RFC 4271 8.2.2, event 20 */
START_TEST(peers_open_ends_the_delay)
{
    BgpSessionConfig config = our_config();
    g_autoptr(Canned) c = NULL;

    config.delay_open = HS_SEC(30);
    c = canned_new(&config);
    bgp_session_start(c->session, 0);
    drain(c);
    bgp_session_tcp_up(c->session, 0, 1);
    forget(c);
    receive(c, 1, their_open(9));
    expect(c, "1 open\n1 keepalive\nOpenConfirm\n");
}
END_TEST

/* BIRD: a connection that was lost is no error. */
START_TEST(lost_connection_is_no_error_to_bird)
{
    BgpSessionConfig config = our_config();
    g_autoptr(Canned) c = NULL;

    config.timers = bgp_timers_preset(BGP_PRESET_BIRD);
    config.passive = true;
    c = canned_new(&config);
    bgp_session_start(c->session, 0);
    ck_assert_uint_eq(bgp_session_accept(c->session, 0), 1);
    receive(c, 1, their_open(9));
    receive(c, 1, bgp_keepalive_encode());
    bgp_session_tcp_down(c->session, HS_SEC(1), 1);
    ck_assert_int_eq(bgp_session_next_expiry(c->session), HS_SEC(1));
    bgp_session_expire(c->session, HS_SEC(1));
    ck_assert_int_eq(bgp_session_state(c->session), BGP_ACTIVE);
}
END_TEST

/* Two connections (RFC 4271 6.8). Number 1 is ours, 2 the peer's. */

static const struct {
    const char *name;
    uint32_t their_id;  /* ours is 0x0a000005 */
    unsigned confirmed; /* the one whose OPEN came first */
    const char *log;
} collisions[] = {
    {"theirs is higher, its connection second", 0x0a000009, 1,
     "1 notification 6/7\n1 close\n2 keepalive\n"},
    {"ours is higher, their connection second", 0x0a000001, 1,
     "2 notification 6/7\n2 close\n"},
    {"theirs is higher, its connection first", 0x0a000009, 2,
     "1 notification 6/7\n1 close\n"},
    {"ours is higher, their connection first", 0x0a000001, 2,
     "2 notification 6/7\n2 close\n1 keepalive\n"},
    /* Compared as numbers without sign. */
    {"a high bit", 0xff000001, 1, "1 notification 6/7\n1 close\n2 keepalive\n"},
    /* RFC 6286 2.3: the higher AS, 65002, is theirs. */
    {"equal identifiers", 0x0a000005, 1,
     "1 notification 6/7\n1 close\n2 keepalive\n"},
};

START_TEST(collisions_are_resolved)
{
    g_autoptr(Canned) c = in_open_sent();
    unsigned first = collisions[_i].confirmed, second = 3 - first;

    ck_assert_uint_eq(bgp_session_accept(c->session, 0), 2);
    receive(c, first, their_open(collisions[_i].their_id));
    forget(c);
    receive(c, second, their_open(collisions[_i].their_id));
    drain(c);
    /* Which machine reports a state on the way is not the point here. */
    ck_assert_msg(strstr(c->log->str, "notification") != NULL, "%s",
                  collisions[_i].name);
    for (const char *line = collisions[_i].log; *line != '\0';
         line = strchr(line, '\n') + 1) {
        g_autofree char *one =
            g_strndup(line, (gsize)(strchr(line, '\n') + 1 - line));

        ck_assert_msg(strstr(c->log->str, one) != NULL, "%s: %s",
                      collisions[_i].name, c->log->str);
    }
    forget(c);
    /* What is left becomes the session. */
    receive(c, 1, bgp_keepalive_encode());
    receive(c, 2, bgp_keepalive_encode());
    ck_assert_int_eq(bgp_session_state(c->session), BGP_ESTABLISHED);
    ck_assert_uint_eq(bgp_session_counter(c->session, BGP_COUNT_COLLISION), 1);
}
END_TEST

/* The second one is first to the end while the first says nothing. */
START_TEST(second_connection_may_win_the_race)
{
    g_autoptr(Canned) c = in_open_sent();

    ck_assert_uint_eq(bgp_session_accept(c->session, 0), 2);
    receive(c, 2, their_open(0x0a000001));
    forget(c);
    receive(c, 2, bgp_keepalive_encode());
    expect(c, "Established\n");
    /* RFC 4271 6.8: an established one stays, whoever opened the other. */
    receive(c, 1, their_open(0x0a000001));
    expect(c, "1 notification 6/7\n1 close\n");
    ck_assert_uint_eq(bgp_session_counter(c->session, BGP_COUNT_DROPPED), 0);
}
END_TEST

/* Ours was still being opened when the peer's came, and is not needed. */
START_TEST(connection_under_way_is_dropped_in_the_end)
{
    BgpSessionConfig config = our_config();
    g_autoptr(Canned) c = canned_new(&config);

    bgp_session_start(c->session, 0);
    forget(c);
    ck_assert_uint_eq(bgp_session_accept(c->session, 0), 2);
    receive(c, 2, their_open(9));
    forget(c);
    receive(c, 2, bgp_keepalive_encode());
    expect(c, "Established\n1 drop\n");
}
END_TEST

START_TEST(third_connection_is_refused)
{
    g_autoptr(Canned) c = in_open_sent();

    ck_assert_uint_eq(bgp_session_accept(c->session, 0), 2);
    ck_assert_uint_eq(bgp_session_accept(c->session, 0), 0);
}
END_TEST

/* The first connection fails: the second is the session. */
START_TEST(second_connection_takes_over)
{
    g_autoptr(Canned) c = in_open_sent();

    ck_assert_uint_eq(bgp_session_accept(c->session, 0), 2);
    receive(c, 2, their_open(9));
    forget(c);
    bgp_session_tcp_down(c->session, 0, 1);
    expect(c, "OpenConfirm\n");
    receive(c, 2, bgp_keepalive_encode());
    expect(c, "Established\n");
}
END_TEST

/* Its own hold timer ends a second connection that stays silent. */
START_TEST(second_connection_has_its_own_timers)
{
    g_autoptr(Canned) c = in_open_sent();

    bgp_session_accept(c->session, HS_SEC(10));
    forget(c);
    receive(c, 1, their_open(9));
    receive(c, 1, bgp_keepalive_encode());
    forget(c);
    for (HsTime t = HS_SEC(20); t < HS_SEC(250); t += HS_SEC(20)) {
        c->now = t;
        bgp_session_expire(c->session, t);
        receive(c, 1, bgp_keepalive_encode());
    }
    forget(c);
    bgp_session_expire(c->session, HS_SEC(250));
    drain(c);
    ck_assert(strstr(c->log->str, "2 notification 4/0\n2 close\n") != NULL);
    ck_assert_int_eq(bgp_session_state(c->session), BGP_ESTABLISHED);
}
END_TEST

START_TEST(link_down_takes_both)
{
    g_autoptr(Canned) c = in_open_sent();

    bgp_session_accept(c->session, 0);
    forget(c);
    bgp_session_link_down(c->session, 0);
    expect(c, "2 drop\n1 drop\nIdle\n");
    /* No start while the link is down, neither by hand nor by a timer. */
    bgp_session_start(c->session, HS_SEC(1));
    bgp_session_expire(c->session, HS_SEC(1000));
    expect(c, "");
    bgp_session_link_up(c->session, HS_SEC(1001));
    expect(c, "Connect\n");
}
END_TEST

/* BFD ends what stands, in any state that has a connection. */
START_TEST(bfd_down_before_established)
{
    g_autoptr(Canned) c = in_open_sent();
    BgpSessionConfig config = our_config();
    g_autoptr(Canned) early = canned_new(&config);

    if (_i == 1)
        receive(c, 1, their_open(9));
    forget(c);
    bgp_session_bfd_down(c->session, 0, _i == 1);
    expect(c, "1 notification 6/10\n1 close\nIdle\n");
    bgp_session_start(early->session, 0);
    forget(early);
    bgp_session_bfd_down(early->session, 0, false);
    expect(early, "");
}
END_TEST

/* What is asked of a session that does not stand is no harm. */
START_TEST(dead_session_sends_nothing)
{
    BgpSessionConfig config = our_config();
    g_autoptr(Canned) c = canned_new(&config);

    bgp_session_send_update(c->session, 0,
                            bgp_end_of_rib_encode(HS_FAMILY_IPV4));
    bgp_session_request_refresh(c->session, 0, HS_FAMILY_IPV4);
    bgp_session_stop(c->session, 0, BGP_CEASE_ADMIN_SHUTDOWN, NULL);
    bgp_session_crash(c->session, 0);
    bgp_session_reset(c->session, 0, BGP_CEASE_ADMIN_RESET, "by hand");
    expect(c, "");
    ck_assert_int_eq(bgp_session_last_received(c->session), HS_TIME_NEVER);
    bgp_session_free(NULL);
}
END_TEST

START_TEST(names_are_known)
{
    static const char *const presets[] = {"rfc", "frr", "bird", "aws"};
    BgpPreset preset = BGP_PRESET_RFC;

    for (unsigned i = 0; i < G_N_ELEMENTS(presets); i++) {
        ck_assert(bgp_preset_parse(presets[i], &preset));
        ck_assert_int_eq(preset, i);
        ck_assert_str_eq(bgp_preset_name(preset), presets[i]);
    }
    ck_assert(!bgp_preset_parse("cisco", &preset));
    ck_assert_int_eq(preset, BGP_PRESET_AWS);
    ck_assert_str_eq(bgp_preset_name((BgpPreset)9), "unknown");
    ck_assert_str_eq(bgp_counter_name(BGP_COUNT_DROPPED), "dropped");
    ck_assert_str_eq(bgp_counter_name(BGP_COUNTER_COUNT), "unknown");
    ck_assert_str_eq(bgp_state_name(BGP_STATE_COUNT), "unknown");
    ck_assert_str_eq(bgp_event_name(BGP_EVENT_COUNT), "unknown");
    ck_assert_str_eq(bgp_event_name(BGP_EVENT_NONE), "none");
}
END_TEST

int
main(void)
{
    Suite *s = suite_create("bgp rules");
    TCase *t = tcase_create("messages");

    tcase_add_loop_test(t, untimely_and_bad_messages, 0,
                        G_N_ELEMENTS(untimely));
    tcase_add_test(t, nothing_is_read_after_an_error);
    tcase_add_loop_test(t, strange_notifications_end_the_session_quietly, 0, 3);
    tcase_add_test(t, old_speaker_is_met_without_capabilities);
    tcase_add_test(t, faults_are_traced);
    suite_add_tcase(s, t);
    t = tcase_create("timers");
    tcase_add_test(t, messages_restart_timers);
    tcase_add_test(t, hold_time_zero_of_one_side);
    tcase_add_test(t, keepalives_are_a_second_apart);
    tcase_add_test(t, peers_open_ends_the_delay);
    tcase_add_test(t, lost_connection_is_no_error_to_bird);
    suite_add_tcase(s, t);
    t = tcase_create("two connections");
    tcase_add_loop_test(t, collisions_are_resolved, 0,
                        G_N_ELEMENTS(collisions));
    tcase_add_test(t, second_connection_may_win_the_race);
    tcase_add_test(t, connection_under_way_is_dropped_in_the_end);
    tcase_add_test(t, third_connection_is_refused);
    tcase_add_test(t, second_connection_takes_over);
    tcase_add_test(t, second_connection_has_its_own_timers);
    tcase_add_test(t, link_down_takes_both);
    tcase_add_loop_test(t, bfd_down_before_established, 0, 2);
    tcase_add_test(t, dead_session_sends_nothing);
    tcase_add_test(t, names_are_known);
    suite_add_tcase(s, t);
    return run_suite(s);
}
