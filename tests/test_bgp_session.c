/* Two speakers on a fake clock: the life of a session as its trace tells it. */

#include "config.h"

#include "tests/harness/bgp_pair.h"
#include "tests/harness/run.h"

#include <string.h>

/* b waits for a, so that there is one connection. The log begins after it. */
static BgpPair *
established_pair(BgpPairConfig config)
{
    BgpPair *p;

    config.peer[BGP_B].session.passive = true;
    p = bgp_pair_new(&config);
    bgp_pair_start(p);
    bgp_pair_run(p, HS_SEC(1));
    ck_assert(bgp_peer_state(p->side[BGP_A].peer) == BGP_ESTABLISHED);
    ck_assert(bgp_peer_state(p->side[BGP_B].peer) == BGP_ESTABLISHED);
    g_string_truncate(p->log, 0);
    return p;
}

static BgpPairConfig
with_hold(HsDuration hold)
{
    BgpPairConfig config = bgp_pair_config();

    config.peer[BGP_A].session.hold = hold;
    config.peer[BGP_B].session.hold = hold;
    return config;
}

static uint64_t
count(const BgpPair *p, unsigned side, BgpCounter counter)
{
    return bgp_session_counter(bgp_peer_session(p->side[side].peer), counter);
}

START_TEST(session_comes_up)
{
    BgpPairConfig config = bgp_pair_config();
    g_autoptr(BgpPair) p = NULL;

    config.peer[BGP_B].session.passive = true;
    p = bgp_pair_new(&config);
    bgp_pair_start(p);
    bgp_pair_run(p, HS_SEC(1));
    bgp_pair_expect(
        p,
        "[   0.000000000] a bgp: Idle -> Connect (ManualStart)\n"
        "[   0.000000000] b bgp: Idle -> Active (ManualStartPassive)\n"
        "[   0.010000000] b bgp: Active -> OpenSent (TcpConnectionConfirmed)\n"
        "[   0.020000000] a bgp: Connect -> OpenSent (TcpCrAcked)\n"
        "[   0.020000000] a bgp: OpenSent -> OpenConfirm (BgpOpen)\n"
        "[   0.030000000] b bgp: OpenSent -> OpenConfirm (BgpOpen)\n"
        "[   0.030000000] b bgp: OpenConfirm -> Established (KeepAliveMsg)\n"
        "[   0.040000000] a bgp: OpenConfirm -> Established (KeepAliveMsg)\n");
}
END_TEST

/* RFC 4271 6.5: silence for the negotiated hold time ends the session. b's
 * last keepalive before the cut arrives at 20.04 (a's at 20.03), each being
 * sent every 10 s from OpenConfirm on. */
START_TEST(silence_ends_session)
{
    g_autoptr(BgpPair) p = established_pair(with_hold(HS_SEC(30)));

    bgp_pair_run(p, HS_SEC(25));
    bgp_pair_expect(p, "");
    bgp_pair_cut(p, true);
    bgp_pair_run(p, HS_SEC(51));
    bgp_pair_expect(
        p, "[  50.030000000] b bgp: Established -> Idle (HoldTimer)\n"
           "[  50.040000000] a bgp: Established -> Idle (HoldTimer)\n");
}
END_TEST

/* FRR's start timer is 1 s; its connect retry timer 120 s. */
START_TEST(session_returns_after_cut)
{
    g_autoptr(BgpPair) p = established_pair(with_hold(HS_SEC(30)));

    bgp_pair_run(p, HS_SEC(25));
    bgp_pair_cut(p, true);
    bgp_pair_run(p, HS_SEC(100));
    g_string_truncate(p->log, 0);
    bgp_pair_cut(p, false);
    bgp_pair_run(p, HS_SEC(172));
    /* The SYN of 51.04 was lost, and this pipe does not repeat it. */
    bgp_pair_expect(
        p,
        "[ 171.050000000] b bgp: Active -> OpenSent (TcpConnectionConfirmed)\n"
        "[ 171.060000000] a bgp: Connect -> OpenSent (TcpCrAcked)\n"
        "[ 171.060000000] a bgp: OpenSent -> OpenConfirm (BgpOpen)\n"
        "[ 171.070000000] b bgp: OpenSent -> OpenConfirm (BgpOpen)\n"
        "[ 171.070000000] b bgp: OpenConfirm -> Established (KeepAliveMsg)\n"
        "[ 171.080000000] a bgp: OpenConfirm -> Established "
        "(KeepAliveMsg)\n");
}
END_TEST

/* A cut in one direction: only the side that hears nothing can tell, and its
 * NOTIFICATION tells the other. */
START_TEST(one_way_cut_is_told_by_notification)
{
    g_autoptr(BgpPair) p = established_pair(with_hold(HS_SEC(30)));

    bgp_pair_run(p, HS_SEC(25));
    p->cut[BGP_A] = true;
    bgp_pair_run(p, HS_MSEC(50500));
    bgp_pair_expect(p,
                    "[  50.030000000] b bgp: Established -> Idle (HoldTimer)\n"
                    "[  50.040000000] a bgp: Established -> Idle (NotifMsg, "
                    "received Hold Timer Expired/unspecific)\n");
}
END_TEST

START_TEST(keepalives_keep_the_session)
{
    g_autoptr(BgpPair) p = established_pair(with_hold(HS_SEC(9)));

    bgp_pair_run(p, HS_SEC(3600));
    bgp_pair_expect(p, "");
    /* One with the OPEN, then one every 3 s from 0.020 on. */
    ck_assert_uint_eq(count(p, BGP_A, BGP_COUNT_KEEPALIVE_SENT), 1200);
}
END_TEST

START_TEST(hold_time_zero_needs_no_keepalives)
{
    g_autoptr(BgpPair) p = established_pair(with_hold(0));

    bgp_pair_cut(p, true);
    bgp_pair_run(p, HS_SEC(36000));
    bgp_pair_expect(p, "");
    ck_assert_uint_eq(count(p, BGP_A, BGP_COUNT_KEEPALIVE_SENT), 1);
}
END_TEST

START_TEST(lower_hold_time_wins)
{
    BgpPairConfig config = with_hold(HS_SEC(90));
    g_autoptr(BgpPair) p = NULL;
    const BgpNegotiated *n;

    config.peer[BGP_B].session.hold = HS_SEC(30);
    config.peer[BGP_A].session.keepalive = HS_SEC(30);
    config.peer[BGP_B].session.keepalive = HS_SEC(4);
    p = established_pair(config);
    n = bgp_session_negotiated(bgp_peer_session(p->side[BGP_A].peer));
    ck_assert_int_eq(n->hold, HS_SEC(30));
    ck_assert_int_eq(n->keepalive, HS_SEC(10));
    n = bgp_session_negotiated(bgp_peer_session(p->side[BGP_B].peer));
    ck_assert_int_eq(n->keepalive, HS_SEC(4));
}
END_TEST

/* RFC 4271 6.8: both connect at once; b has the higher identifier, so the
 * connection that b opened stays. */
START_TEST(collision_keeps_the_higher_ones_connection)
{
    BgpPairConfig config = bgp_pair_config();
    g_autoptr(BgpPair) p = bgp_pair_new(&config);

    bgp_pair_start(p);
    bgp_pair_run(p, HS_SEC(1));
    ck_assert(bgp_peer_state(p->side[BGP_A].peer) == BGP_ESTABLISHED);
    ck_assert(bgp_peer_state(p->side[BGP_B].peer) == BGP_ESTABLISHED);
    ck_assert_uint_eq(count(p, BGP_A, BGP_COUNT_COLLISION), 1);
    ck_assert_uint_eq(count(p, BGP_B, BGP_COUNT_COLLISION), 1);
    ck_assert_uint_eq(count(p, BGP_A, BGP_COUNT_DROPPED), 0);
    ck_assert_uint_eq(count(p, BGP_B, BGP_COUNT_DROPPED), 0);
    bgp_pair_run(p, HS_SEC(300));
    ck_assert_uint_eq(count(p, BGP_A, BGP_COUNT_ESTABLISHED), 1);
}
END_TEST

/* Whenever b starts, within the time that a takes or after it, there is one
 * session in the end, and it is never lost. */
START_TEST(collision_at_any_moment)
{
    BgpPairConfig config = bgp_pair_config();
    g_autoptr(BgpPair) p = NULL;

    if (_i % 2 == 1) { /* the higher identifier on the other side */
        config.speaker[BGP_A].router_id = 0x0a000009;
    }
    p = bgp_pair_new(&config);
    bgp_peer_start(p->side[BGP_A].peer, 0);
    bgp_pair_poll(p);
    bgp_pair_run(p, HS_MSEC(_i));
    bgp_peer_start(p->side[BGP_B].peer, p->now);
    bgp_pair_poll(p);
    bgp_pair_run(p, HS_SEC(400));
    for (unsigned i = 0; i < 2; i++) {
        ck_assert(bgp_peer_state(p->side[i].peer) == BGP_ESTABLISHED);
        ck_assert_uint_eq(count(p, i, BGP_COUNT_DROPPED), 0);
        ck_assert_uint_eq(count(p, i, BGP_COUNT_ESTABLISHED), 1);
    }
}
END_TEST

START_TEST(bfd_down_ceases)
{
    g_autoptr(BgpPair) p = established_pair(bgp_pair_config());

    bgp_pair_run(p, HS_SEC(2));
    bgp_peer_bfd_down(p->side[BGP_A].peer, p->now, false);
    bgp_pair_poll(p);
    bgp_pair_run(p, HS_MSEC(2500));
    bgp_pair_expect(
        p, "[   2.000000000] a bgp: Established -> Idle (AutomaticStop, BFD "
           "down)\n"
           "[   2.010000000] b bgp: Established -> Idle (NotifMsg, received "
           "Cease/BFD Down)\n");
}
END_TEST

START_TEST(link_down_is_silent_and_waits_for_the_link)
{
    g_autoptr(BgpPair) p = established_pair(with_hold(HS_SEC(9)));

    bgp_pair_run(p, HS_SEC(2));
    bgp_pair_cut(p, true);
    bgp_peer_link_down(p->side[BGP_A].peer, p->now);
    bgp_peer_link_down(p->side[BGP_B].peer, p->now);
    bgp_pair_poll(p);
    bgp_pair_run(p, HS_SEC(60));
    bgp_pair_expect(p, "[   2.000000000] a bgp: Established -> Idle "
                       "(AutomaticStop, link down)\n"
                       "[   2.000000000] b bgp: Established -> Idle "
                       "(AutomaticStop, link down)\n");
    ck_assert_uint_eq(count(p, BGP_A, BGP_COUNT_NOTIFICATION_SENT), 0);
    bgp_pair_cut(p, false);
    bgp_peer_link_up(p->side[BGP_A].peer, p->now);
    bgp_peer_link_up(p->side[BGP_B].peer, p->now);
    bgp_pair_poll(p);
    g_string_truncate(p->log, 0);
    bgp_pair_run(p, HS_MSEC(60050));
    ck_assert(bgp_peer_state(p->side[BGP_A].peer) == BGP_ESTABLISHED);
    ck_assert(bgp_peer_state(p->side[BGP_B].peer) == BGP_ESTABLISHED);
}
END_TEST

START_TEST(stop_by_hand_stays_down)
{
    g_autoptr(BgpPair) p = established_pair(bgp_pair_config());

    bgp_peer_stop(p->side[BGP_A].peer, p->now, BGP_CEASE_ADMIN_SHUTDOWN, NULL);
    bgp_pair_poll(p);
    bgp_pair_run(p, HS_SEC(500));
    ck_assert(bgp_peer_state(p->side[BGP_A].peer) == BGP_IDLE);
    ck_assert(strstr(p->log->str, "received Cease/Administrative Shutdown") !=
              NULL);
    g_string_truncate(p->log, 0);
    bgp_peer_start(p->side[BGP_A].peer, p->now);
    bgp_pair_poll(p);
    bgp_pair_run(p, HS_SEC(501));
    ck_assert(bgp_peer_state(p->side[BGP_A].peer) == BGP_ESTABLISHED);
}
END_TEST

/* Refused terms: what the other side reads of it. */
static const struct {
    const char *name;
    const char *received;
} refusals[] = {
    {"hold 0 at AWS", "received OPEN Message Error/Unacceptable Hold Time"},
    {"hold below minimum",
     "received OPEN Message Error/Unacceptable Hold Time"},
    {"wrong AS", "received OPEN Message Error/Bad Peer AS"},
    {"wrong wide AS", "received OPEN Message Error/Bad Peer AS"},
    {"same identifier in one AS",
     "received OPEN Message Error/Bad BGP Identifier"},
    {"no common family", "received OPEN Message Error/Unsupported Capability"},
};

static void
spoil(BgpPairConfig *config, int row)
{
    BgpSessionConfig *a = &config->peer[BGP_A].session;
    BgpSessionConfig *b = &config->peer[BGP_B].session;

    switch (row) {
    case 0:
        a->hold = 0;
        b->allow_hold_zero = false;
        return;
    case 1:
        a->hold = HS_SEC(3);
        b->hold_min = HS_SEC(4);
        return;
    case 2:
        b->peer_as = 65009;
        return;
    case 3:
        config->speaker[BGP_A].asn = 4200000000;
        b->peer_as = 4200000001;
        return;
    case 4:
        config->speaker[BGP_A].asn = 65002;
        config->speaker[BGP_A].router_id = config->speaker[BGP_B].router_id;
        b->peer_as = 65002;
        return;
    default:
        a->ipv4 = false;
        a->ipv6 = true;
        return;
    }
}

START_TEST(terms_are_refused)
{
    BgpPairConfig config = bgp_pair_config();
    g_autoptr(BgpPair) p = NULL;

    spoil(&config, _i);
    config.peer[BGP_B].session.passive = true;
    config.peer[BGP_A].session.no_restart = true;
    p = bgp_pair_new(&config);
    bgp_pair_start(p);
    bgp_pair_run(p, HS_SEC(1));
    /* Whichever OPEN comes first is refused: a's or b's. */
    ck_assert_msg(strstr(p->log->str, refusals[_i].received) != NULL ||
                      strstr(p->log->str, refusals[_i].received +
                                              strlen("received ")) != NULL,
                  "%s: %s", refusals[_i].name, p->log->str);
    ck_assert(bgp_peer_state(p->side[BGP_A].peer) != BGP_ESTABLISHED);
}
END_TEST

/* Jitter: where the preset has it, and its range. */
static const struct {
    BgpPreset preset;
    HsDuration low, high; /* from the cut to the end, at hold 9 s */
} presets[] = {
    {BGP_PRESET_FRR, HS_SEC(6), HS_SEC(9)},
    {BGP_PRESET_RFC, HS_SEC(6), HS_SEC(9)},
    {BGP_PRESET_AWS, HS_SEC(6), HS_SEC(9)},
    /* The hold time itself is drawn from 6.75 to 9 s. */
    {BGP_PRESET_BIRD, HS_MSEC(3750), HS_SEC(9)},
};

START_TEST(hold_expiry_is_within_theory)
{
    BgpPairConfig config = with_hold(HS_SEC(9));
    g_autoptr(BgpPair) p = NULL;
    HsTime cut_at = HS_SEC(40) + HS_MSEC(137), end = 0;
    BgpPreset preset = presets[_i].preset;

    for (unsigned i = 0; i < 2; i++) {
        config.peer[i].session.timers = bgp_timers_preset(preset);
        config.peer[i].session.no_restart = true;
    }
    config.peer[BGP_B].session.passive = true;
    p = bgp_pair_new(&config);
    bgp_pair_start(p);
    bgp_pair_run(p, cut_at);
    ck_assert(bgp_peer_state(p->side[BGP_A].peer) == BGP_ESTABLISHED);
    bgp_pair_cut(p, true);
    for (HsTime t = cut_at; end == 0 && t < HS_SEC(60); t += HS_MSEC(1)) {
        bgp_pair_run(p, t);
        if (bgp_peer_state(p->side[BGP_A].peer) == BGP_IDLE)
            end = t;
    }
    ck_assert_msg(end - cut_at >= presets[_i].low - HS_MSEC(11) &&
                      end - cut_at <= presets[_i].high,
                  "%s: %f s", bgp_preset_name(preset),
                  (double)(end - cut_at) / 1e9);
}
END_TEST

/* A failing session stays in Idle longer each time: FRR 1, 2, 4 … 120 s. */
START_TEST(idle_hold_doubles)
{
    BgpPairConfig config = bgp_pair_config();
    g_autoptr(BgpPair) p = NULL;
    HsTime last = 0;
    unsigned failures = 0;
    static const int expected[] = {1, 2, 4, 8, 16, 32, 64, 120, 120};

    config.peer[BGP_B].session.passive = true;
    config.peer[BGP_B].session.peer_as = 65009;
    p = bgp_pair_new(&config);
    bgp_peer_start(p->side[BGP_A].peer, 0);
    while (failures < G_N_ELEMENTS(expected)) {
        /* b refuses; it is started by hand each time, and so never damped. */
        bgp_peer_stop(p->side[BGP_B].peer, p->now, BGP_CEASE_ADMIN_RESET, NULL);
        bgp_peer_start(p->side[BGP_B].peer, p->now);
        bgp_pair_poll(p);
        g_string_truncate(p->log, 0);
        bgp_pair_run(p, p->now + HS_MSEC(30));
        if (strstr(p->log->str, "a bgp: OpenConfirm -> Idle") == NULL &&
            strstr(p->log->str, "a bgp: OpenSent -> Idle") == NULL)
            continue;
        if (failures > 0)
            ck_assert_int_eq((p->now - last) / HS_SEC(1),
                             expected[failures - 1]);
        last = p->now;
        failures++;
    }
}
END_TEST

static Suite *
suite(void)
{
    Suite *s = suite_create("bgp session");
    TCase *t = tcase_create("life");

    tcase_add_test(t, session_comes_up);
    tcase_add_test(t, silence_ends_session);
    tcase_add_test(t, session_returns_after_cut);
    tcase_add_test(t, one_way_cut_is_told_by_notification);
    tcase_add_test(t, keepalives_keep_the_session);
    tcase_add_test(t, hold_time_zero_needs_no_keepalives);
    tcase_add_test(t, lower_hold_time_wins);
    tcase_add_test(t, bfd_down_ceases);
    tcase_add_test(t, link_down_is_silent_and_waits_for_the_link);
    tcase_add_test(t, stop_by_hand_stays_down);
    tcase_add_loop_test(t, terms_are_refused, 0, G_N_ELEMENTS(refusals));
    tcase_add_loop_test(t, hold_expiry_is_within_theory, 0,
                        G_N_ELEMENTS(presets));
    tcase_add_test(t, idle_hold_doubles);
    suite_add_tcase(s, t);
    t = tcase_create("collision");
    tcase_add_test(t, collision_keeps_the_higher_ones_connection);
    tcase_add_loop_test(t, collision_at_any_moment, 0, 80);
    suite_add_tcase(s, t);
    return s;
}

int
main(void)
{
    return run_suite(suite());
}
