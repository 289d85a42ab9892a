/* Our IKEv2 and ESP against a real strongSwan charon.
 *
 * Skipped, with the reason printed, where charon is not installed or network
 * namespaces are not allowed. No duration is asserted: a loop ends when its
 * condition holds, and gives up after a while. */

#include "config.h"

#include "tests/harness/charon.h"
#include "tests/harness/run.h"

#include <signal.h>
#include <string.h>

static bool
is_up(Charon *m)
{
    return m->sending != 0 &&
           ike_session_state(m->session) == IKE_STATE_ESTABLISHED;
}

static bool
is_idle(Charon *m)
{
    return ike_session_state(m->session) == IKE_STATE_IDLE &&
           m->children->len == 0;
}

/* The so many child SAs and IKE SAs have been made, and one of each is left. */
static unsigned children_made, ike_sas_made;

static bool
is_settled(Charon *m)
{
    return is_up(m) && m->added == children_made &&
           ike_session_counter(m->session, IKE_COUNT_ESTABLISHED) ==
               ike_sas_made &&
           ike_session_ike_sas(m->session) == 1 &&
           ike_session_children(m->session) == 1;
}

static void
expect_up(Charon *m, bool we_start)
{
    if (we_start)
        ike_session_start(m->session, charon_now());
    else
        ck_assert_int_eq(charon_control(m, "--initiate --child net"), 0);
    charon_until(m, is_up, "up");
    charon_ping(m);
}

/* Suites by who begins. The words are those of strongSwan, and ours. */
static const struct {
    const char *ike, *esp, *suite;
    bool we_start;
} suites[] = {
    {"aes128-sha256-modp2048", "aes128-sha256-modp2048", "aes128-cbc-sha2-256",
     true},
    {"aes128-sha256-modp2048", "aes128-sha256-modp2048", "aes128-cbc-sha2-256",
     false},
    {"aes256gcm16-prfsha384-ecp384", "aes256gcm16-ecp384", "aes256-gcm16",
     true},
    {"aes256gcm16-prfsha384-ecp384", "aes256gcm16-ecp384", "aes256-gcm16",
     false},
    {"aes256-sha384-ecp256", "aes256-sha512-ecp256", "aes256-cbc-sha2-512",
     true},
    {"aes256-sha512-ecp521", "aes256-sha384-ecp521", "aes256-cbc-sha2-384",
     false},
    {"aes128-sha1-x25519", "aes128-sha1-x25519", "aes128-cbc-sha1", true},
    {"aes128gcm16-prfsha256-x25519", "aes128gcm16-x25519", "aes128-gcm16",
     false},
    {"aes128-sha256-modp1024", "aes128-sha256", "aes128-cbc-sha2-256", true},
};

/* Up, traffic, rekeys of both kinds by both sides, traffic after each, the
 * end by one side. */
START_TEST(life_of_a_tunnel)
{
    const CharonSwan swan = {.ike = suites[_i].ike, .esp = suites[_i].esp};
    Charon m;
    IkeChild c;

    if (!charon_possible())
        return;
    charon_start(&m, &swan);
    charon_meet(&m);
    expect_up(&m, suites[_i].we_start);
    ck_assert(ike_session_child(m.session, &c));
    ck_assert_str_eq(c.suite, suites[_i].suite);

    children_made = 2;
    ike_sas_made = 1;
    ck_assert(ike_session_rekey_child(m.session, charon_now(), m.sending));
    charon_until(&m, is_settled, "our rekey of the child SA");
    charon_ping(&m);
    children_made = 3;
    ck_assert_int_eq(charon_control(&m, "--rekey --child net"), 0);
    charon_until(&m, is_settled, "their rekey of the child SA");
    charon_ping(&m);
    ike_sas_made = 2;
    ike_session_rekey_ike(m.session, charon_now());
    charon_until(&m, is_settled, "our rekey of the IKE SA");
    charon_ping(&m);
    ike_sas_made = 3;
    ck_assert_int_eq(charon_control(&m, "--rekey --ike us"), 0);
    charon_until(&m, is_settled, "their rekey of the IKE SA");
    charon_ping(&m);

    if (suites[_i].we_start)
        ck_assert_int_eq(charon_control(&m, "--terminate --ike us"), 0);
    else
        ike_session_stop(m.session, charon_now());
    charon_until(&m, is_idle, "the end");
    ck_assert_uint_eq(ike_session_counter(m.session, IKE_COUNT_DROP_INTEGRITY),
                      0);
    ck_assert_uint_eq(ike_session_counter(m.session, IKE_COUNT_DROP_MALFORMED),
                      0);
    charon_stop(&m);
}
END_TEST

/* What charon must refuse, and what we must; who begins is in the row. */
static const struct {
    const char *name;
    CharonSwan swan;
    const char *our_ike, *our_esp; /* NULL: charon's */
    bool we_start;
    IkeCause cause;   /* of our session's fall */
    uint16_t told;    /* the notify that we got, or 0 */
    const char *said; /* by charon */
} failures[] = {
    {"wrong PSK, we begin",
     {.ike = "aes128-sha256-x25519", .esp = "aes128-sha256", .psk = "another"},
     NULL,
     NULL,
     true,
     IKE_CAUSE_AUTHENTICATION,
     IKE_NOTIFY_AUTHENTICATION_FAILED,
     "tried 1 shared key"},
    {"wrong PSK, charon begins",
     {.ike = "aes128-sha256-x25519", .esp = "aes128-sha256", .psk = "another"},
     NULL,
     NULL,
     false,
     IKE_CAUSE_AUTHENTICATION,
     0,
     "received AUTHENTICATION_FAILED notify error"},
    {"no common IKE proposal, we begin",
     {.ike = "aes256-sha384-ecp384", .esp = "aes128-sha256"},
     "aes128-sha256-x25519",
     NULL,
     true,
     IKE_CAUSE_NO_PROPOSAL,
     IKE_NOTIFY_NO_PROPOSAL_CHOSEN,
     "NO_PROP"},
    {"another identity than charon's, we begin",
     {.ike = "aes128-sha256-x25519",
      .esp = "aes128-sha256",
      .local_id = "not.expected.example"},
     NULL,
     NULL,
     true,
     IKE_CAUSE_AUTHENTICATION,
     IKE_NOTIFY_AUTHENTICATION_FAILED,
     "no matching peer config found"},
};

static bool
is_refused(Charon *m)
{
    return is_idle(m) && m->last_cause != IKE_CAUSE_NONE;
}

START_TEST(what_must_fail_fails_by_its_name)
{
    Charon m;
    char *why = NULL;

    if (!charon_possible())
        return;
    charon_start(&m, &failures[_i].swan);
    m.config.remote_id =
        failures[_i].swan.local_id != NULL ? CHARON_THEIRS : NULL;
    if (failures[_i].our_ike != NULL)
        ck_assert(ike_policy_parse(failures[_i].our_ike, IKE_PROTOCOL_IKE,
                                   &m.config.ike_policy, &why));
    charon_meet(&m);
    if (failures[_i].we_start)
        ike_session_start(m.session, charon_now());
    else
        ck_assert_int_ne(charon_control(&m, "--initiate --child net"), 0);
    charon_until(&m, is_refused, failures[_i].name);
    ck_assert_msg(m.last_cause == failures[_i].cause, "%s: %s",
                  failures[_i].name, ike_cause_name(m.last_cause));
    ck_assert_msg(m.last_notify == failures[_i].told, "%s: %s",
                  failures[_i].name, ike_notify_name(m.last_notify));
    ck_assert_uint_eq(m.added, 0);
    for (unsigned i = 0; i < 50 && !charon_said(&m, failures[_i].said); i++)
        charon_turn(&m);
    ck_assert_msg(charon_said(&m, failures[_i].said), "%s", failures[_i].name);
    charon_stop(&m);
}
END_TEST

/* Nothing in common when charon begins: our answer ends its attempt, and no SA
 * of ours ever was. */
START_TEST(charon_is_told_that_there_is_no_proposal)
{
    const CharonSwan swan = {.ike = "aes256-sha384-ecp384",
                             .esp = "aes128-sha256"};
    Charon m;
    char *why = NULL;

    if (!charon_possible())
        return;
    charon_start(&m, &swan);
    ck_assert(ike_policy_parse("aes128-sha256-x25519", IKE_PROTOCOL_IKE,
                               &m.config.ike_policy, &why));
    charon_meet(&m);
    ck_assert_int_ne(charon_control(&m, "--initiate --child net"), 0);
    ck_assert(charon_said(&m, "received NO_PROPOSAL_CHOSEN notify error"));
    ck_assert_uint_eq(ike_session_ike_sas(m.session), 0);
    charon_stop(&m);
}
END_TEST

/* The IKE SA stands though its child SA does not, and no error is fatal. */
START_TEST(child_without_a_proposal_leaves_the_ike_sa)
{
    const CharonSwan swan = {.ike = "aes128-sha256-x25519",
                             .esp = "aes256-sha512"};
    Charon m;
    char *why = NULL;

    if (!charon_possible())
        return;
    charon_start(&m, &swan);
    ck_assert(ike_policy_parse("aes128-sha1", IKE_PROTOCOL_ESP,
                               &m.config.child_policy, &why));
    charon_meet(&m);
    if (_i == 0)
        ike_session_start(m.session, charon_now());
    else
        ck_assert_int_ne(charon_control(&m, "--initiate --child net"), 0);
    for (HsTime end = charon_now() + HS_SEC(1); charon_now() < end;)
        charon_turn(&m);
    ck_assert_int_eq(ike_session_state(m.session), IKE_STATE_ESTABLISHED);
    ck_assert_uint_eq(m.added, 0);
    ck_assert_uint_eq(m.last_notify,
                      _i == 0 ? IKE_NOTIFY_NO_PROPOSAL_CHOSEN : 0);
    ck_assert(charon_said(
        &m, _i == 0 ? "no acceptable proposal found"
                    : "received NO_PROPOSAL_CHOSEN notify, no CHILD_SA built"));
    charon_stop(&m);
}
END_TEST

/* The first group is not the other one's: INVALID_KE_PAYLOAD, in IKE_SA_INIT
 * and in the rekey with PFS. */
START_TEST(another_group_is_asked_for)
{
    const CharonSwan swan = {.ike = _i == 0 ? "aes128-sha256-x25519"
                                            : "aes128-sha256-modp2048-x25519",
                             .esp = _i == 0 ? "aes128-sha256-ecp256"
                                            : "aes128-sha256-modp2048-ecp256"};
    Charon m;
    char *why = NULL;

    if (!charon_possible())
        return;
    charon_start(&m, &swan);
    ck_assert(ike_policy_parse(_i == 0 ? "aes128-sha256-modp2048-x25519"
                                       : "aes128-sha256-x25519",
                               IKE_PROTOCOL_IKE, &m.config.ike_policy, &why));
    ck_assert(ike_policy_parse(_i == 0 ? "aes128-sha256-modp2048-ecp256"
                                       : "aes128-sha256-ecp256",
                               IKE_PROTOCOL_ESP, &m.config.child_policy, &why));
    charon_meet(&m);
    expect_up(&m, _i == 0);
    children_made = 2;
    ike_sas_made = 1;
    if (_i == 0)
        ck_assert(ike_session_rekey_child(m.session, charon_now(), m.sending));
    else
        ck_assert_int_eq(charon_control(&m, "--rekey --child net"), 0);
    charon_until(&m, is_settled, "a rekey with another group");
    charon_ping(&m);
    if (_i == 1)
        ck_assert(charon_said(&m, "peer didn't accept DH group"));
    charon_stop(&m);
}
END_TEST

/* Both sides can be the one that asks for a cookie. */
START_TEST(cookies_are_asked_for_and_shown)
{
    const CharonSwan swan = {.ike = "aes128-sha256-x25519",
                             .esp = "aes128-sha256"};
    Charon m;

    if (!charon_possible())
        return;
    charon_start(&m, &swan);
    m.config.cookie_always = true;
    charon_meet(&m);
    expect_up(&m, false);
    ck_assert_uint_eq(ike_session_counter(m.session, IKE_COUNT_COOKIES), 1);
    charon_stop(&m);
}
END_TEST

/* Identities so long that IKE_AUTH comes in fragments, both ways. */
START_TEST(long_messages_come_in_fragments)
{
    g_autofree char *part = g_strnfill(450, 'x');
    g_autofree char *ours = g_strdup_printf("a%s.example", part);
    g_autofree char *theirs = g_strdup_printf("b%s.example", part);
    const CharonSwan swan = {.ike = "aes128gcm16-prfsha256-x25519",
                             .esp = "aes128-sha256",
                             .daemon = "fragment_size = 500",
                             .local_id = theirs,
                             .remote_id = ours};
    Charon m;

    if (!charon_possible())
        return;
    charon_start(&m, &swan);
    m.config.local_id = ours;
    m.config.remote_id = theirs;
    m.config.fragment_size = 576;
    charon_meet(&m);
    expect_up(&m, _i == 0);
    ck_assert_uint_ge(ike_session_counter(m.session, IKE_COUNT_FRAGMENTS_SENT),
                      2);
    ck_assert_uint_ge(
        ike_session_counter(m.session, IKE_COUNT_FRAGMENTS_RECEIVED), 2);
    charon_stop(&m);
}
END_TEST

static bool
has_probed_thrice(Charon *m)
{
    return ike_session_counter(m->session, IKE_COUNT_PROBES) >= 3;
}

/* Probes are answered, ours and charon's; a charon that is gone is noticed. */
START_TEST(dead_peer_detection)
{
    const CharonSwan swan = {.ike = "aes128-sha256-x25519",
                             .esp = "aes128-sha256",
                             .options = "dpd_delay = 1s"};
    Charon m;

    if (!charon_possible())
        return;
    charon_start(&m, &swan);
    m.config.dpd = IKE_DPD_PERIODIC;
    m.config.dpd_delay = HS_MSEC(500);
    m.config.dpd_retransmit = (IkeRetransmit){HS_MSEC(500), 1000, 0, 2};
    charon_meet(&m);
    expect_up(&m, true);
    charon_until(&m, has_probed_thrice, "three probes");
    ck_assert(is_up(&m));
    kill(m.charon, SIGSTOP);
    charon_until(&m, is_idle, "death is noticed");
    ck_assert_int_eq(m.last_cause, IKE_CAUSE_DEAD_PEER);
    kill(m.charon, SIGCONT);
    charon_stop(&m);
}
END_TEST

START_TEST(charon_probes_us)
{
    const CharonSwan swan = {.ike = "aes128-sha256-x25519",
                             .esp = "aes128-sha256",
                             .options = "dpd_delay = 1s"};
    Charon m;

    if (!charon_possible())
        return;
    charon_start(&m, &swan);
    charon_meet(&m);
    expect_up(&m, false);
    for (HsTime end = charon_now() + HS_SEC(3); charon_now() < end;)
        charon_turn(&m);
    ck_assert(charon_said(&m, "sending DPD request"));
    ck_assert(charon_said(&m, "parsed INFORMATIONAL response"));
    ck_assert(!charon_said(&m, "giving up"));
    ck_assert(is_up(&m));
    charon_stop(&m);
}
END_TEST

/* A child SA deleted alone, by either side: the IKE SA stays. */
START_TEST(child_deleted_alone)
{
    const CharonSwan swan = {.ike = "aes128-sha256-x25519",
                             .esp = "aes128-sha256"};
    Charon m;

    if (!charon_possible())
        return;
    charon_start(&m, &swan);
    charon_meet(&m);
    expect_up(&m, true);
    if (_i == 0)
        ck_assert(ike_session_delete_child(m.session, charon_now(), m.sending));
    else
        ck_assert_int_eq(charon_control(&m, "--terminate --child net"), 0);
    while (m.children->len > 0)
        charon_turn(&m);
    ck_assert_int_eq(ike_session_state(m.session), IKE_STATE_ESTABLISHED);
    /* and another one on the same IKE SA, by either side */
    expect_up(&m, _i == 0);
    ck_assert_uint_eq(ike_session_counter(m.session, IKE_COUNT_ESTABLISHED), 1);
    charon_stop(&m);
}
END_TEST

/* charon starts anew without its state: INITIAL_CONTACT clears ours. */
START_TEST(both_begin_at_once)
{
    const CharonSwan swan = {.ike = "aes128-sha256-x25519",
                             .esp = "aes128-sha256"};
    Charon m;

    if (!charon_possible())
        return;
    charon_start(&m, &swan);
    charon_meet(&m);
    ike_session_start(m.session, charon_now());
    (void)charon_control(&m, "--initiate --child net");
    for (HsTime end = charon_now() + HS_SEC(2); charon_now() < end;)
        charon_turn(&m);
    ck_assert(is_up(&m));
    charon_ping(&m);
    charon_stop(&m);
}
END_TEST

static Suite *
make_suite(void)
{
    Suite *s = suite_create("ikev2 interop");
    TCase *t = tcase_create("charon");

    tcase_set_timeout(t, 180);
    tcase_add_loop_test(t, life_of_a_tunnel, 0, G_N_ELEMENTS(suites));
    tcase_add_loop_test(t, what_must_fail_fails_by_its_name, 0,
                        G_N_ELEMENTS(failures));
    tcase_add_test(t, charon_is_told_that_there_is_no_proposal);
    tcase_add_loop_test(t, child_without_a_proposal_leaves_the_ike_sa, 0, 2);
    tcase_add_loop_test(t, another_group_is_asked_for, 0, 2);
    tcase_add_test(t, cookies_are_asked_for_and_shown);
    tcase_add_loop_test(t, long_messages_come_in_fragments, 0, 2);
    tcase_add_test(t, dead_peer_detection);
    tcase_add_test(t, charon_probes_us);
    tcase_add_loop_test(t, child_deleted_alone, 0, 2);
    tcase_add_test(t, both_begin_at_once);
    suite_add_tcase(s, t);
    return s;
}

int
main(void)
{
    return run_suite_by_the_wall_clock(make_suite);
}
