/* What is typed at a live run, and what it answers: on a world in real time
 * that is all simulated, so it takes no rights. Each command comes by a pipe,
 * as by the socket. */

#include "config.h"

#include "sim/world/live.h"
#include "tests/harness/run.h"
#include "tests/harness/scenario_text.h"

#include <string.h>
#include <unistd.h>

static HsLive *live;
static HsWorld *world;
static GString *answers;
static const char *const *lines; /* to be typed, one at each wake-up */

static void
type_next(void *user_data)
{
    (void)user_data;
    if (*lines == NULL) {
        hs_live_stop(live);
        return;
    }
    hs_live_command(live, *lines++, answers);
}

/* The last line of the answer to what was typed. */
static const char *
last_line(void)
{
    char *newline;

    ck_assert(g_str_has_suffix(answers->str, "\n"));
    g_string_truncate(answers, answers->len - 1);
    newline = strrchr(answers->str, '\n');
    return newline != NULL ? newline + 1 : answers->str;
}

/* Runs the good scenario and types LINES_, as fast as it takes them. */
static void
type(const char *const *lines_)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(HsScenario) scenario = hs_scenario_load_data(
        "f.ini", good_scenario, strlen(good_scenario), NULL, &error);
    HsWorldOptions options = {0};
    int ends[2];

    ck_assert_msg(scenario != NULL, "%s", error != NULL ? error->message : "");
    live = hs_live_new(scenario, &error);
    ck_assert_msg(live != NULL, "%s", error != NULL ? error->message : "");
    ck_assert_int_eq(pipe(ends), 0);
    ck_assert_int_eq(write(ends[1], "x", 1), 1); /* there is always one more */
    hs_live_watch(live, ends[0], type_next, NULL);
    hs_live_hold_faults(live);
    answers = g_string_new(NULL);
    lines = lines_;
    options.live = live;
    world = hs_world_new(scenario, &options);
    hs_world_run(world);
    ck_assert_int_lt(hs_world_end(world),
                     hs_scenario_settings(scenario, 0)->duration);
    close(ends[0]);
    close(ends[1]);
    hs_world_free(world);
    hs_live_free(live);
}

static const struct {
    const char *line, *answer;
} rows[] = {
    {"", "error: expected a command; \"help\" lists them"},
    {" \t ", "error: expected a command; \"help\" lists them"},
    {"statsu", "error: \"statsu\" is no command; did you mean \"status\"?"},
    {"\xff\xfe", "error: \"\xef\xbf\xbd\xef\xbf\xbd\" is no command; expected "
                 "one of status, fault, blackhole, cut, link-down, "
                 "bgp-admin-down, withdraw, prefix-limit, ike-psk-mismatch, "
                 "sa-delete, endpoint-replace, clear, rekey, delete, stop, "
                 "help"},
    {"withdraw primary", "ok: withdraw-primary applied"},
    {"withdraw internet", "error: withdraw acts on a DX, a VPN or one of its "
                          "tunnels"},
    {"sa-delete primary", "error: sa-delete acts on a VPN or one of its "
                          "tunnels"},
    {"cut", "error: expected cut TARGET"},
    {"cut primary to-aws", "error: expected cut TARGET"},
    {"cut primary", "ok: blackhole-primary applied"},
    {"cut primry", "error: \"primry\" is no target; did you mean \"primary\"?"},
    {"cut primary.tunnel1",
     "error: \"primary.tunnel1\" is no target; expected one of primary, "
     "internet, backup, backup.tunnel1, backup.tunnel2"},
    {"cut backup.tunnel3", "error: \"backup.tunnel3\" is no target; did you "
                           "mean \"backup.tunnel1\"?"},
    {"blackhole backup.tunnel2 to-onprem",
     "ok: blackhole-backup.tunnel2-to-onprem applied"},
    {"blackhole internet both", "ok: blackhole-internet applied"},
    {"blackhole internet to-asw",
     "error: \"to-asw\" is no direction; did you mean \"to-aws\"?"},
    {"link-down primary", "ok: link-down-primary applied"},
    {"link-down backup", "error: a tunnel has no carrier to lose; expected "
                         "blackhole"},
    {"fault cut", "ok: cut applied"},
    {"fault ctu", "error: \"ctu\" is no [fault] of the scenario; did you mean "
                  "\"cut\"?"},
    {"clear cut", "error: no fault is active"},
    {"clear all", "error: no fault is active"},
    {"rekey backup.tunnel1", "error: expected rekey TUNNEL ike|esp"},
    {"rekey backup.tunel1 ike", "error: \"backup.tunel1\" is no tunnel; did "
                                "you mean \"backup.tunnel1\"?"},
    {"rekey primary esp", "error: \"primary\" is no tunnel; expected one of "
                          "backup.tunnel1, backup.tunnel2"},
    {"rekey backup.tunnel1 esp", "error: backup.tunnel1 is not up"},
    {"delete backup.tunnel2 ah", "error: expected delete backup.tunnel2 ike, "
                                 "or esp"},
    {"stop", "ok: stopping"},
    {"stop it", "error: expected stop"},
    {"help", "ok"},
};

START_TEST(a_line_is_answered)
{
    const char *const typed[] = {rows[_i].line, NULL};

    type(typed);
    ck_assert_str_eq(last_line(), rows[_i].answer);
    g_string_free(answers, TRUE);
}
END_TEST

/* A fault comes and goes once; the next one like it has a name of its own. */
START_TEST(faults_come_and_go)
{
    static const char *const typed[] = {
        "fault cut",       "fault cut",   "cut primary", "clear cu",
        "clear cut",       "cut primary", "clear all",   "fault cut",
        "blackhole cut-2", NULL};

    type(typed);
    ck_assert_str_eq(
        answers->str,
        "ok: cut applied\n"
        "ok: cut-2 applied\n"
        "ok: blackhole-primary applied\n"
        "error: \"cu\" is no active fault; did you mean \"cut\"?\n"
        "ok: cut cleared\n"
        "ok: blackhole-primary-2 applied\n"
        "ok: all cleared\n"
        "ok: cut-3 applied\n"
        "error: \"cut-2\" is no target; expected one of primary, internet, "
        "backup, backup.tunnel1, backup.tunnel2\n");
    g_string_free(answers, TRUE);
}
END_TEST

START_TEST(status_tells_how_things_stand)
{
    static const char *const typed[] = {"link-down primary", "status", NULL};

    type(typed);
    ck_assert_ptr_nonnull(strstr(
        answers->str, "dc.gateway: primary bgp Connect since 0.000 s\n"));
    ck_assert_ptr_nonnull(
        strstr(answers->str, "fault link-down-primary: active\n"));
    ck_assert_ptr_nonnull(strstr(answers->str, "real time: late by "));
    ck_assert(g_str_has_prefix(last_line(), "ok: at "));
    g_string_free(answers, TRUE);
}
END_TEST

/* The faults of the file come by themselves, unless they are held. */
START_TEST(faults_of_the_file_can_be_held)
{
    static const char *const sets[] = {
        "scenario.duration=1s", "scenario.warmup=0s", "fault cut.at=200ms",
        "fault cut.for=100ms", NULL};
    g_autoptr(HsScenario) scenario = hs_scenario_load_data(
        "f.ini", good_scenario, strlen(good_scenario), sets, NULL);

    for (unsigned held = 0; held < 2; held++) {
        HsWorldOptions options = {0};
        g_autoptr(HsLive) run = hs_live_new(scenario, NULL);
        g_autoptr(HsWorld) of = NULL;
        uint64_t faults;

        ck_assert_ptr_nonnull(run);
        if (held)
            hs_live_hold_faults(run);
        options.live = run;
        of = hs_world_new(scenario, &options);
        hs_world_run(of);
        faults = hs_facts_count_of(hs_world_facts(of), HS_FACT_FAULT);
        ck_assert_uint_eq(faults, held ? 0 : 2);
        ck_assert_int_eq(hs_world_end(of), HS_SEC(1));
        g_clear_pointer(&of, hs_world_free);
    }
}
END_TEST

/* Whoever sets up the real side finds what it takes. */
START_TEST(what_is_real_is_described)
{
    static const char *const sets[] = {
        "onprem dc.port=tun cgw", "database orders.client.port=tun app",
        "database orders.client.netns=/proc/self/ns/net",
        "vpn backup.tunnel1.psk=correct_horse_battery", NULL};
    static const char *const told[] = {
        "  cgw-primary      169.254.96.2/30     mtu 1500, netns cgw: primary "
        "of "
        "dc.gateway\n",
        "  cgw-uplink       198.51.100.1/32     mtu 1500, netns cgw: dc.uplink "
        "of "
        "dc.gateway, with the route to 203.0.113.1/32, 203.0.113.2/32\n",
        "  cgw-lan          172.16.0.1/24       mtu 1500, netns cgw: dc.lan of "
        "dc.gateway\n",
        "  app              10.0.0.10/16        mtu 9001, netns "
        "/proc/self/ns/net: app.lan of orders.client, with the route to "
        "172.16.0.0/24\n",
        "announce 172.16.0.0/24 to each neighbour",
        "BGP: neighbour 169.254.96.1, remote AS 64512; local address "
        "169.254.96.2, local AS 65001; AWS offers keepalive 30s, hold 90s\n",
        "BFD: AWS offers 300ms x 3",
        "tunnel 2: outside 198.51.100.1 to AWS's 203.0.113.2; inside "
        "169.254.10.6/30, AWS's end 169.254.10.5\n",
        "pre-shared key correct_horse_battery",
        "IKE SA: AWS takes aes128, aes256",
    };
    g_autoptr(HsScenario) plain = hs_scenario_load_data(
        "f.ini", good_scenario, strlen(good_scenario), NULL, NULL);
    g_autoptr(HsScenario) scenario = hs_scenario_load_data(
        "f.ini", good_scenario, strlen(good_scenario), sets, NULL);
    g_autoptr(GString) text = g_string_new(NULL);

    hs_live_describe(plain, text);
    ck_assert_str_eq(text->str, "");
    ck_assert_ptr_nonnull(scenario);
    hs_live_describe(scenario, text);
    for (size_t i = 0; i < G_N_ELEMENTS(told); i++)
        ck_assert_msg(strstr(text->str, told[i]) != NULL, "no \"%s\" in\n%s",
                      told[i], text->str);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("live command");
    TCase *tc = tcase_create("lines");

    tcase_add_loop_test(tc, a_line_is_answered, 0, G_N_ELEMENTS(rows));
    tcase_add_test(tc, faults_come_and_go);
    tcase_add_test(tc, status_tells_how_things_stand);
    tcase_add_test(tc, faults_of_the_file_can_be_held);
    tcase_add_test(tc, what_is_real_is_described);
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}
