/* Our speaker against real ones: BIRD, FRR and OpenBGPD, each with what it can.
 *
 * Skipped, with the reason printed, where a daemon is not installed or
 * namespaces are not allowed. No duration is asserted: a wait ends when its
 * condition holds, and gives up after half a minute. */

#include "config.h"

#include "tests/harness/bgp_meeting.h"
#include "tests/harness/run.h"

#include <stdio.h>
#include <string.h>

#define OURS   BGP_MEETING_OURS
#define THEIRS BGP_MEETING_THEIRS
#define WIDE   4200000002

static const BgpDaemon daemons[] = {
    {.name = "BIRD",
     .program = "/usr/sbin/bird",
     .arguments = {"-f", "-c", "@/daemon.conf", "-s", "@/ctl", "-P", "@/pid"},
     .again = "-R",
     .config =
         "router id 10.0.0.2;\n"
         "GLOBAL"
         "protocol device {}\n"
         "protocol static originated { ipv4; route 10.50.0.0/16 blackhole;\n"
         "  route 10.51.0.0/16 blackhole; }\n"
         "protocol bgp peer {\n"
         "  local " THEIRS " as #; neighbor " OURS " as 65001;\n"
         "  multihop; passive; hold time 9; error wait time 1, 2;\n"
         "  PEER"
         "  ipv4 { import keep filtered; LIMIT import all; export filter {\n"
         "    bgp_community.add((7224,7300)); bgp_med = 42;\n"
         "    bgp_path.prepend(65055); accept; }; };\n"
         "}\n",
     .old = {"", "enable as4 off;\n"},
     .limit = {"", "", "import limit 1 action disable;"},
     .restart = {"graceful restart wait 20;\n",
                 "graceful restart on; graceful restart time 60;\n"},
     .ready = "birdc -s @/ctl show status > @/ready 2>&1",
     .route = "birdc -s @/ctl show route all 172.16.0.0/24",
     .peer = "birdc -s @/ctl show protocols all peer",
     .refresh = "birdc -s @/ctl reload in peer",
     .shutdown = "birdc -s @/ctl 'disable peer \"going down\"'"},
    {.name = "FRR",
     .program = "/usr/lib/frr/bgpd",
     .arguments = {"-n", "-Z", "-S", "-f", "@/daemon.conf", "-i", "@/pid", "-z",
                   "@/zserv", "--vty_socket", "@", "-l", THEIRS, "-P", "0"},
     .config = "log stdout\n"
               "route-map out permit 10\n"
               " set community 7224:7300\n"
               " set metric 42\n"
               " set as-path prepend 65055\n"
               "router bgp #\n"
               " bgp router-id 10.0.0.2\n"
               " bgp log-neighbor-changes\n"
               " no bgp ebgp-requires-policy\n"
               " no bgp network import-check\n"
               "GLOBAL"
               " neighbor " OURS " remote-as 65001\n"
               " neighbor " OURS " ebgp-multihop\n"
               " neighbor " OURS " passive\n"
               " neighbor " OURS " timers 3 9\n"
               "PEER"
               " address-family ipv4 unicast\n"
               "  network 10.50.0.0/16\n"
               "  network 10.51.0.0/16\n"
               "  neighbor " OURS " route-map out out\n"
               "  LIMIT\n"
               " exit-address-family\n",
     .old = {"", " neighbor " OURS " dont-capability-negotiate\n"},
     .limit = {"", "", "neighbor " OURS " maximum-prefix 1"},
     .restart = {" bgp graceful-restart\n"
                 " bgp graceful-restart preserve-fw-state\n"
                 " bgp graceful-restart restart-time 60\n"
                 " bgp graceful-restart select-defer-time 20\n",
                 ""},
     .ready = "vtysh --vty_socket @ -c 'show bgp summary' > @/ready 2>&1",
     .route = "vtysh --vty_socket @ -c 'show bgp ipv4 unicast 172.16.0.0/24'",
     .peer = "vtysh --vty_socket @ -c 'show bgp neighbors " OURS "'",
     .refresh =
         "vtysh --vty_socket @ -c 'clear bgp ipv4 unicast " OURS " soft in'",
     .shutdown = "vtysh --vty_socket @ -c 'configure terminal' -c 'router bgp' "
                 "-c 'neighbor " OURS " shutdown message going down'"},
    {.name = "OpenBGPD",
     .program = "/usr/sbin/bgpd",
     .own_run = true,
     .home = "/run/openbgpd",
     .arguments = {"-d", "-v", "-f", "@/daemon.conf"},
     .config = "socket \"@/ctl\"\n"
               "AS #\n"
               "router-id 10.0.0.2\n"
               "listen on " THEIRS "\n"
               "fib-update no\n"
               "GLOBAL"
               "network 10.50.0.0/16 set { community 7224:7300 metric 42\n"
               "  prepend-self 1 }\n"
               "network 10.51.0.0/16\n"
               "neighbor " OURS " {\n"
               "  remote-as 65001\n"
               "  local-address " THEIRS "\n"
               "  multihop 2\n"
               "  passive\n"
               "  holdtime 9\n"
               "  PEER\n"
               "  LIMIT\n"
               "}\n"
               "allow from any\n"
               "allow to any\n",
     .old = {"", "announce as-4byte no"},
     .limit = {"", "", "max-prefix 1"},
     .ready = "bgpctl -s @/ctl show > @/ready 2>&1",
     .route = "bgpctl -s @/ctl show rib detail 172.16.0.0/24",
     .peer = "bgpctl -s @/ctl show neighbor " OURS,
     .refresh = "bgpctl -s @/ctl neighbor " OURS " refresh",
     .shutdown = "bgpctl -s @/ctl neighbor " OURS " down 'going down'"},
};

static bool
is_established(BgpMeeting *m)
{
    return bgp_peer_state(m->peer) == BGP_ESTABLISHED;
}

static bool
is_idle(BgpMeeting *m)
{
    return bgp_peer_state(m->peer) == BGP_IDLE;
}

static const BgpRoute *
best_of(const BgpMeeting *m, const char *text)
{
    HsPrefix theirs;

    ck_assert(hs_prefix_parse(text, &theirs));
    return bgp_speaker_best(m->speaker, &theirs, NULL);
}

static const BgpRoute *
their_route(const BgpMeeting *m)
{
    return best_of(m, "10.50.0.0/16");
}

/* Both of theirs. FRR sends ours back as well. */
static bool
we_know(const BgpMeeting *m)
{
    return their_route(m) != NULL && best_of(m, "10.51.0.0/16") != NULL;
}

static bool
both_know(BgpMeeting *m)
{
    return we_know(m) && bgp_meeting_hears(m, m->daemon->route, "7224");
}

static uint64_t
count(const BgpMeeting *m, BgpCounter counter)
{
    return bgp_session_counter(bgp_peer_session(m->peer), counter);
}

static void
expect_until(BgpMeeting *m, bool (*reached)(BgpMeeting *m), const char *what)
{
    g_autofree char *answer = NULL;

    if (bgp_meeting_until(m, reached))
        return;
    answer = bgp_meeting_ask(m, m->daemon->peer);
    ck_abort_msg("%s: not %s, %u routes:\n%s\n%s", m->daemon->name, what,
                 bgp_peer_prefixes(m->peer), m->log->str, answer);
}

static void
expect_heard(BgpMeeting *m, const char *command, const char *text)
{
    g_autofree char *answer = bgp_meeting_ask(m, command);

    ck_assert_msg(strstr(answer, text) != NULL, "%s: no \"%s\" in\n%s",
                  m->daemon->name, text, answer);
}

static void
expect_logged(const BgpMeeting *m, const char *text)
{
    ck_assert_msg(strstr(m->log->str, text) != NULL, "%s: no \"%s\" in\n%s",
                  m->daemon->name, text, m->log->str);
}

/* Attributes, as each side shows what the other sent. */

START_TEST(attributes_are_seen_right)
{
    /* Which line of the daemon has the AS_PATH, MED and community of ours. */
    static const char *const seen[][3] = {
        {"BGP.as_path: 65001 65001 65001", "BGP.med: 77", "(7224,7100)"},
        {"65001 65001 65001", "metric 77", "7224:7100"},
        {"65001 65001 65001", "metric 77", "7224:7100"}};
    static const char *const paths[] = {"4200000002 65055", "4200000002 65055",
                                        "4200000002 4200000002"};
    g_autofree char *text = NULL, *want = NULL;
    BgpMeeting m;

    if (!bgp_meeting_begin(&m, &daemons[_i]))
        return;
    bgp_meeting_start_daemon(&m, WIDE, NULL);
    bgp_meeting_start_speaker(&m, WIDE, NULL);
    expect_until(&m, both_know, "in agreement");
    text = bgp_attrs_format(their_route(&m)->received);
    want = g_strdup_printf("origin IGP path [%s] next-hop " THEIRS
                           " med 42 communities 7224:7300",
                           paths[_i]);
    ck_assert_str_eq(text, want);
    for (unsigned i = 0; i < 3; i++)
        expect_heard(&m, daemons[_i].route, seen[_i][i]);
    ck_assert_int_eq(bgp_session_negotiated(bgp_peer_session(m.peer))->hold,
                     HS_SEC(9));
    bgp_meeting_end(&m);
}
END_TEST

/* RFC 6793: one side speaks two octets; a wide number crosses it all the same,
 * in AS4_PATH, and is put back by whoever speaks four. */

START_TEST(wide_numbers_cross_old_sessions)
{
    BgpPeerConfig config = bgp_meeting_peer_config(_i % 2 == 0 ? WIDE : 65002);
    const BgpDaemon *daemon = &daemons[_i / 2];
    g_autoptr(BgpPolicy) wide = bgp_policy_new();
    g_autofree char *text = NULL;
    BgpMeeting m;

    if (!bgp_meeting_begin(&m, daemon))
        return;
    /* Even: we are the old one. Odd: the daemon. */
    config.session.no_four_octet_as = _i % 2 == 0;
    bgp_meeting_start_daemon(&m, config.session.peer_as,
                             _i % 2 == 0 ? NULL : daemon->old);
    bgp_meeting_start_speaker(&m, config.session.peer_as, &config);
    bgp_policy_add(wide,
                   &(BgpPolicyRule){.prepend = 1, .prepend_as = 4200000099});
    bgp_peer_set_export(m.peer, bgp_meeting_now(), wide);
    expect_until(&m, both_know, "in agreement");
    ck_assert(!bgp_session_negotiated(bgp_peer_session(m.peer))->four_octet_as);
    /* FRR that is told not to negotiate is an old speaker to the letter. */
    expect_heard(&m, daemon->route,
                 _i == 3 ? "65001 23456" : "65001 4200000099");
    text = bgp_as_path_format(their_route(&m)->received->as_path);
    ck_assert_msg(g_str_has_prefix(text, _i % 2 == 0 ? "4200000002" : "65002"),
                  "%s: %s", daemon->name, text);
    bgp_meeting_end(&m);
}
END_TEST

/* Route refresh (RFC 2918), asked for by either side. */

static uint64_t updates_before;

static bool
told_again(BgpMeeting *m)
{
    /* OpenBGPD counts the request, and sends only what has changed. */
    return count(m, BGP_COUNT_UPDATE_RECEIVED) > updates_before ||
           bgp_meeting_hears(m, m->daemon->peer,
                             "  Request                  0          1");
}

static bool
asked_again(BgpMeeting *m)
{
    return count(m, BGP_COUNT_REFRESH_RECEIVED) > 0;
}

START_TEST(routes_are_refreshed)
{
    g_autofree char *answer = NULL;
    uint64_t before;
    BgpMeeting m;

    if (!bgp_meeting_begin(&m, &daemons[_i]))
        return;
    bgp_meeting_start_daemon(&m, WIDE, NULL);
    bgp_meeting_start_speaker(&m, WIDE, NULL);
    expect_until(&m, both_know, "in agreement");
    updates_before = count(&m, BGP_COUNT_UPDATE_RECEIVED);
    bgp_peer_request_refresh(m.peer, bgp_meeting_now(), HS_FAMILY_IPV4);
    bgp_meeting_drain(&m);
    expect_until(&m, told_again, "told again");
    before = count(&m, BGP_COUNT_UPDATE_SENT);
    answer = bgp_meeting_ask(&m, daemons[_i].refresh);
    expect_until(&m, asked_again, "asked again");
    ck_assert_uint_gt(count(&m, BGP_COUNT_UPDATE_SENT), before);
    ck_assert(both_know(&m));
    bgp_meeting_end(&m);
}
END_TEST

/* The limit of prefixes, on either side (RFC 4486). */

static bool
limit_is_shown(BgpMeeting *m)
{
    g_autofree char *answer = bgp_meeting_ask(m, m->daemon->peer);
    g_autofree char *small = g_ascii_strdown(answer, -1);

    return strstr(small, "prefixes") != NULL && strstr(small, "max") != NULL;
}

/* The limit may be passed in the same turn. */
static bool
was_established(BgpMeeting *m)
{
    return strstr(m->log->str, bgp_state_name(BGP_ESTABLISHED)) != NULL;
}

START_TEST(our_limit_is_understood)
{
    BgpPeerConfig config = bgp_meeting_peer_config(WIDE);
    BgpMeeting m;

    config.max_prefixes = 1;
    if (!bgp_meeting_begin(&m, &daemons[_i]))
        return;
    bgp_meeting_start_daemon(&m, WIDE, NULL);
    bgp_meeting_start_speaker(&m, WIDE, &config);
    expect_until(&m, was_established, "established");
    expect_until(&m, is_idle, "idle");
    expect_logged(&m, "Idle (maximum prefixes)");
    expect_until(&m, limit_is_shown, "shown");
    bgp_meeting_end(&m);
}
END_TEST

static bool
is_over(BgpMeeting *m)
{
    return strstr(m->log->str, "Idle (received Cease") != NULL ||
           strstr(m->log->str, "Idle (received Hard Reset") != NULL;
}

START_TEST(their_limit_is_understood)
{
    BgpMeeting m;
    HsPrefix more;

    if (!bgp_meeting_begin(&m, &daemons[_i]))
        return;
    ck_assert(hs_prefix_parse("172.17.0.0/16", &more));
    bgp_meeting_start_daemon(&m, WIDE, daemons[_i].limit);
    bgp_meeting_start_speaker(&m, WIDE, NULL);
    expect_until(&m, both_know, "in agreement");
    /* FRR looks before it counts the new one: so one more. */
    for (unsigned i = 0; i < 2; i++) {
        more.addr.bytes[1]++;
        bgp_speaker_originate(m.speaker, bgp_meeting_now(), &more, NULL,
                              BGP_SOURCE_LOCAL, 0);
        bgp_meeting_drain(&m);
    }
    expect_until(&m, is_over, "over");
    expect_logged(&m, "Cease/Maximum Number of Prefixes Reached");
    bgp_meeting_end(&m);
}
END_TEST

/* Shutdown with a message, by either side (RFC 9003). */

static bool
shutdown_is_shown(BgpMeeting *m)
{
    return bgp_meeting_hears(m, m->daemon->peer, "maintenance at nine") ||
           bgp_meeting_hears(m, "cat @/log", "maintenance at nine");
}

START_TEST(our_shutdown_is_read)
{
    BgpMeeting m;

    if (!bgp_meeting_begin(&m, &daemons[_i]))
        return;
    bgp_meeting_start_daemon(&m, WIDE, NULL);
    bgp_meeting_start_speaker(&m, WIDE, NULL);
    expect_until(&m, both_know, "in agreement");
    bgp_peer_stop(m.peer, bgp_meeting_now(), BGP_CEASE_ADMIN_SHUTDOWN,
                  "maintenance at nine");
    bgp_meeting_drain(&m);
    expect_until(&m, shutdown_is_shown, "shown");
    bgp_meeting_end(&m);
}
END_TEST

START_TEST(their_shutdown_is_read)
{
    g_autofree char *answer = NULL;
    BgpMeeting m;

    if (!bgp_meeting_begin(&m, &daemons[_i]))
        return;
    bgp_meeting_start_daemon(&m, WIDE, NULL);
    bgp_meeting_start_speaker(&m, WIDE, NULL);
    expect_until(&m, both_know, "in agreement");
    answer = bgp_meeting_ask(&m, daemons[_i].shutdown);
    expect_until(&m, is_over, "over");
    expect_logged(&m, "Cease/Administrative Shutdown");
    ck_assert_msg(g_strcmp0(bgp_session_peer_message(bgp_peer_session(m.peer)),
                            "going down") == 0,
                  "%s: %s", m.daemon->name, answer);
    bgp_meeting_end(&m);
}
END_TEST

/* Graceful restart (RFC 4724): the daemon dies and comes back. */

static bool
holds_stale(BgpMeeting *m)
{
    return bgp_peer_stale(m->peer) >= 2 && we_know(m) &&
           bgp_peer_state(m->peer) != BGP_ESTABLISHED;
}

static bool
is_fresh_again(BgpMeeting *m)
{
    return is_established(m) && bgp_peer_stale(m->peer) == 0 &&
           strstr(m->log->str, "End-of-RIB") != NULL;
}

static BgpPeerConfig
graceful_config(void)
{
    BgpPeerConfig config = bgp_meeting_peer_config(WIDE);

    config.session.restart = (BgpRestart){
        .enabled = true, .time = HS_SEC(60), .stale_time = HS_SEC(360)};
    return config;
}

START_TEST(their_restart_is_helped)
{
    BgpPeerConfig config = graceful_config();
    BgpMeeting m;

    if (daemons[_i].restart[0] == NULL) {
        printf("skipped: %s restarts without grace\n", daemons[_i].name);
        return;
    }
    if (!bgp_meeting_begin(&m, &daemons[_i]))
        return;
    bgp_meeting_start_daemon(&m, WIDE, daemons[_i].restart);
    bgp_meeting_start_speaker(&m, WIDE, &config);
    expect_until(&m, both_know, "in agreement");
    g_string_truncate(m.log, 0);
    bgp_meeting_kill_daemon(&m);
    expect_until(&m, holds_stale, "holding stale routes");
    ck_assert_ptr_nonnull(their_route(&m));
    bgp_meeting_restart_daemon(&m);
    expect_until(&m, is_fresh_again, "fresh again");
    expect_logged(&m, "stale (the peer may be restarting)");
    ck_assert_msg(
        bgp_session_negotiated(bgp_peer_session(m.peer))->peer_restarted, "%s",
        m.daemon->name);
    ck_assert(we_know(&m));
    ck_assert_ptr_null(strstr(m.log->str, "not preserved"));
    ck_assert_ptr_null(strstr(m.log->str, "restart time over"));
    bgp_meeting_end(&m);
}
END_TEST

/* We die and come back: the daemon keeps our route until we have told it. */

static bool
they_noticed(BgpMeeting *m)
{
    static const char *const states[] = {"BGP state:          Passive",
                                         "BGP state = Active",
                                         "BGP state = Active"};

    for (unsigned i = 0; i < G_N_ELEMENTS(daemons); i++)
        if (m->daemon == &daemons[i])
            return bgp_meeting_hears(m, m->daemon->peer, states[i]);
    return false;
}

/* A daemon that is busy may answer with nothing. */
static bool
our_route_is_kept(BgpMeeting *m)
{
    return bgp_meeting_hears(m, m->daemon->route, "7224");
}

START_TEST(our_restart_is_helped)
{
    BgpPeerConfig config = graceful_config();
    BgpMeeting m;

    if (!bgp_meeting_begin(&m, &daemons[_i]))
        return;
    bgp_meeting_start_daemon(&m, WIDE, NULL);
    bgp_meeting_start_speaker(&m, WIDE, &config);
    expect_until(&m, both_know, "in agreement");
    bgp_speaker_crash(m.speaker, bgp_meeting_now(), false);
    bgp_meeting_drain(&m);
    bgp_meeting_cut(&m);
    g_string_truncate(m.log, 0);
    expect_until(&m, they_noticed, "noticed");
    expect_until(&m, our_route_is_kept, "keeping our route");
    bgp_speaker_boot(m.speaker, bgp_meeting_now());
    bgp_meeting_drain(&m);
    expect_until(&m, both_know, "in agreement again");
    expect_logged(&m, "End-of-RIB");
    bgp_meeting_end(&m);
}
END_TEST

static Suite *
make_suite(void)
{
    const int n = G_N_ELEMENTS(daemons);
    Suite *s = suite_create("bgp interop");
    TCase *t = tcase_create("daemons");

    tcase_set_timeout(t, 90);
    tcase_add_loop_test(t, attributes_are_seen_right, 0, n);
    tcase_add_loop_test(t, wide_numbers_cross_old_sessions, 0, 2 * n);
    tcase_add_loop_test(t, routes_are_refreshed, 0, n);
    tcase_add_loop_test(t, our_limit_is_understood, 0, n);
    tcase_add_loop_test(t, their_limit_is_understood, 0, n);
    tcase_add_loop_test(t, our_shutdown_is_read, 0, n);
    tcase_add_loop_test(t, their_shutdown_is_read, 0, n);
    tcase_add_loop_test(t, their_restart_is_helped, 0, n);
    tcase_add_loop_test(t, our_restart_is_helped, 0, n);
    suite_add_tcase(s, t);
    return s;
}

int
main(void)
{
    return run_suite_by_the_wall_clock(make_suite);
}
