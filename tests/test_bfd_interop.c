/* Our BFD session and those of FRR and BIRD, over UDP.
 *
 * What both sides say of the session must agree: state, intervals, reasons.
 * Skipped, with the reason printed, where a daemon is not installed or
 * namespaces are not allowed. No duration is asserted; how exactly each side
 * keeps its times is recorded by tests/interop/bfd_record.c and looked at in
 * test_bfd_golden.c. */

#include "config.h"

#include "tests/harness/bfd_meeting.h"
#include "tests/harness/run.h"

#include <string.h>

static void
expect_shown(BfdMeeting *m, const char *frr, const char *bird)
{
    g_autofree char *text = bfd_meeting_shown(m);
    const char *word = m->which == BFD_DAEMON_FRR ? frr : bird;

    ck_assert_msg(strstr(text, word) != NULL, "%s: no \"%s\" in\n%s",
                  bfd_daemon_name(m->which), word, text);
}

/* No poll sequence, ours or theirs, is under way any more. */
static bool
is_settled(BfdMeeting *m)
{
    return bfd_meeting_is_up(m) && !m->said.poll && m->finals > 0 &&
           m->said.desired_min_tx == 100000 &&
           bfd_session_tx_interval(m->session) == HS_MSEC(100) &&
           bfd_session_detection_time(m->session) == HS_MSEC(300);
}

static bool
bring_up(BfdMeeting *m, int which)
{
    if (!bfd_meeting_open(m, (BfdDaemon)which))
        return false;
    ck_assert_msg(bfd_meeting_until(m, is_settled), "%s: %s, detection %d ms",
                  bfd_daemon_name(m->which),
                  bfd_state_name(bfd_session_state(m->session)),
                  (int)(bfd_session_detection_time(m->session) / HS_MSEC(1)));
    return true;
}

START_TEST(comes_up_with_the_agreed_intervals)
{
    BfdMeeting m;

    if (!bring_up(&m, _i))
        return;
    expect_shown(&m, "Status: up", "Up ");
    expect_shown(&m, "Remote ID: 1611526157", "0.100    0.300");
    expect_shown(&m,
                 "Remote timers:\n"
                 "\t\t\tDetect-multiplier: 3\n"
                 "\t\t\tReceive interval: 100ms\n"
                 "\t\t\tTransmission interval: 100ms\n",
                 "192.0.2.1                 theirs     Up");
    ck_assert_uint_ge(m.polls, 1); /* they poll on the way up, as we do */
    bfd_meeting_close(&m);
}
END_TEST

static bool
is_announced(BfdMeeting *m)
{
    return bfd_session_tx_interval(m->session) == HS_MSEC(250);
}

/* Ours slower to send, slower to hear: in force after the Final only. */
START_TEST(our_change_of_intervals_is_followed)
{
    BfdMeeting m;
    unsigned finals;
    HsTime end;

    if (!bring_up(&m, _i))
        return;
    finals = m.finals;
    bfd_session_set_intervals(m.session, bfd_meeting_now(), HS_MSEC(250),
                              HS_MSEC(200));
    bfd_meeting_settle(&m);
    ck_assert_int_eq(bfd_session_tx_interval(m.session), HS_MSEC(100));
    ck_assert(bfd_meeting_until(&m, is_announced));
    ck_assert_uint_gt(m.finals, finals);
    ck_assert_int_eq(bfd_session_detection_time(m.session), HS_MSEC(600));
    for (end = bfd_meeting_now() + HS_SEC(3); bfd_meeting_now() < end;)
        bfd_meeting_turn(&m);
    ck_assert_int_eq(m.change.to, BFD_UP); /* nothing went down meanwhile */
    expect_shown(&m,
                 "Remote timers:\n"
                 "\t\t\tDetect-multiplier: 3\n"
                 "\t\t\tReceive interval: 200ms\n"
                 "\t\t\tTransmission interval: 250ms\n",
                 "0.200    0.750");
    bfd_meeting_close(&m);
}
END_TEST

static bool
is_slower(BfdMeeting *m)
{
    return m->said.desired_min_tx == 400000 && !m->said.poll &&
           bfd_session_tx_interval(m->session) == HS_MSEC(300);
}

START_TEST(their_change_of_intervals_is_followed)
{
    BfdMeeting m;
    unsigned polls;
    HsTime end;

    if (!bring_up(&m, _i))
        return;
    polls = m.polls;
    bfd_meeting_order(&m, BFD_ORDER_SLOWER);
    ck_assert_msg(bfd_meeting_until(&m, is_slower), "%s: %u, we %d ms",
                  bfd_daemon_name(m.which), m.said.desired_min_tx,
                  (int)(bfd_session_tx_interval(m.session) / HS_MSEC(1)));
    ck_assert_uint_gt(m.polls, polls);
    ck_assert_int_eq(bfd_session_detection_time(m.session), HS_MSEC(1200));
    for (end = bfd_meeting_now() + HS_SEC(3); bfd_meeting_now() < end;)
        bfd_meeting_turn(&m);
    ck_assert_int_eq(m.change.to, BFD_UP);
    expect_shown(&m, "Status: up", "Up ");
    bfd_meeting_close(&m);
}
END_TEST

static bool
is_down(BfdMeeting *m)
{
    return bfd_session_state(m->session) == BFD_DOWN;
}

/* FRR says AdminDown, which is no failure of the path (RFC 5882 3.2). BIRD says
 * nothing when its protocol is disabled, so that it can only be missed. */
START_TEST(their_admin_down_is_told_from_a_failure)
{
    BfdMeeting m;

    if (!bring_up(&m, _i))
        return;
    bfd_meeting_order(&m, BFD_ORDER_SHUT);
    ck_assert(bfd_meeting_until(&m, is_down));
    ck_assert_msg(m.change.cause == (m.which == BFD_DAEMON_FRR
                                         ? BFD_CAUSE_RECEIVED_ADMIN_DOWN
                                         : BFD_CAUSE_DETECTION_EXPIRED),
                  "%s: %s", bfd_daemon_name(m.which),
                  bfd_cause_name(m.change.cause));
    bfd_meeting_order(&m, BFD_ORDER_OPEN);
    ck_assert(bfd_meeting_until(&m, is_settled));
    bfd_meeting_close(&m);
}
END_TEST

static bool
they_are_down(BfdMeeting *m)
{
    return m->said.state == BFD_DOWN;
}

START_TEST(our_admin_down_is_understood)
{
    BfdMeeting m;

    if (!bring_up(&m, _i))
        return;
    bfd_session_set_enabled(m.session, bfd_meeting_now(), false);
    bfd_meeting_settle(&m);
    ck_assert(bfd_meeting_until(&m, they_are_down));
    ck_assert_uint_eq(m.said.diag, BFD_DIAG_NEIGHBOR_DOWN);
    expect_shown(&m, "Remote diagnostics: administratively down", "Down");
    bfd_session_set_enabled(m.session, bfd_meeting_now(), true);
    bfd_meeting_settle(&m);
    ck_assert(bfd_meeting_until(&m, is_settled));
    bfd_meeting_close(&m);
}
END_TEST

/* The daemon stops: ours notices, never before its time. */
START_TEST(their_silence_is_detected)
{
    BfdMeeting m;

    if (!bring_up(&m, _i))
        return;
    bfd_meeting_freeze(&m, true);
    ck_assert(bfd_meeting_until(&m, is_down));
    ck_assert_int_eq(m.change.cause, BFD_CAUSE_DETECTION_EXPIRED);
    ck_assert_int_eq(m.change.detection, HS_MSEC(300));
    ck_assert_int_eq(m.change.last_packet, m.heard);
    ck_assert(m.changed - m.heard >= HS_MSEC(300));
    bfd_meeting_freeze(&m, false);
    ck_assert(bfd_meeting_until(&m, is_settled));
    bfd_meeting_close(&m);
}
END_TEST

/* We stop: the daemon notices, and says why. */
START_TEST(our_silence_is_detected)
{
    BfdMeeting m;

    if (!bring_up(&m, _i))
        return;
    m.mute = true;
    ck_assert(bfd_meeting_until(&m, they_are_down));
    ck_assert_uint_eq(m.said.diag, BFD_DIAG_DETECTION_EXPIRED);
    ck_assert_int_eq(m.change.cause, BFD_CAUSE_RECEIVED_DOWN);
    m.mute = false;
    ck_assert(bfd_meeting_until(&m, is_settled));
    bfd_meeting_close(&m);
}
END_TEST

/* A session of ours that begins anew, with another discriminator. */
START_TEST(our_restart_is_followed)
{
    const BfdConfig config = {
        .discriminator = 0x0ddba11,
        .desired_min_tx = HS_MSEC(100),
        .required_min_rx = HS_MSEC(100),
        .detect_mult = 3,
    };
    BfdMeeting m;

    if (!bring_up(&m, _i))
        return;
    bfd_session_free(m.session);
    m.session = bfd_session_new(&config, m.rng, bfd_meeting_now());
    m.finals = 0;
    ck_assert(bfd_meeting_until(&m, is_settled));
    ck_assert_uint_eq(m.said.your_discriminator, 0x0ddba11);
    bfd_meeting_close(&m);
}
END_TEST

static Suite *
make_suite(void)
{
    Suite *suite = suite_create("bfd interop");
    TCase *t = tcase_create("daemons");

    tcase_set_timeout(t, 120);
    tcase_add_loop_test(t, comes_up_with_the_agreed_intervals, 0,
                        BFD_DAEMON_COUNT);
    tcase_add_loop_test(t, our_change_of_intervals_is_followed, 0,
                        BFD_DAEMON_COUNT);
    tcase_add_loop_test(t, their_change_of_intervals_is_followed, 0,
                        BFD_DAEMON_COUNT);
    tcase_add_loop_test(t, their_admin_down_is_told_from_a_failure, 0,
                        BFD_DAEMON_COUNT);
    tcase_add_loop_test(t, our_admin_down_is_understood, 0, BFD_DAEMON_COUNT);
    tcase_add_loop_test(t, their_silence_is_detected, 0, BFD_DAEMON_COUNT);
    tcase_add_loop_test(t, our_silence_is_detected, 0, BFD_DAEMON_COUNT);
    tcase_add_loop_test(t, our_restart_is_followed, 0, BFD_DAEMON_COUNT);
    suite_add_tcase(suite, t);
    return suite;
}

int
main(void)
{
    return run_suite_by_the_wall_clock(make_suite);
}
