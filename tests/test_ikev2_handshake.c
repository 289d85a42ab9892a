/* IKE_SA_INIT and IKE_AUTH between two sessions (RFC 7296 1.2, 2.1, 2.4, 2.6,
 * 2.7, 2.9, 2.15, 2.21, 2.23). */

#include "config.h"

#include "tests/harness/ike_pair.h"
#include "tests/harness/run.h"

#include <string.h>

static void
set_policy(IkeConfig *c, const char *ike, const char *esp)
{
    char *why = NULL;

    ck_assert_msg(ike == NULL || ike_policy_parse(ike, IKE_PROTOCOL_IKE,
                                                  &c->ike_policy, &why),
                  "%s", why);
    ck_assert_msg(esp == NULL || ike_policy_parse(esp, IKE_PROTOCOL_ESP,
                                                  &c->child_policy, &why),
                  "%s", why);
}

static void
start(IkePair *p, unsigned side)
{
    ike_session_start(p->session[side], p->now);
    ike_pair_take_outputs(p);
}

static uint16_t
last_notify(const IkePair *p, unsigned side)
{
    const GArray *n = p->notifies[side];

    return n->len > 0 ? g_array_index(n, uint16_t, n->len - 1) : 0;
}

static const IkePairSent *
sent_at(const IkePair *p, unsigned i)
{
    ck_assert_uint_lt(i, p->sent->len);
    return &g_array_index(p->sent, IkePairSent, i);
}

START_TEST(two_messages_each_and_both_have_a_tunnel)
{
    IkeConfig c[2];
    g_auto(IkePair) p;

    ike_pair_configs(c);
    ike_pair_init(&p, c, 1);
    ike_pair_up(&p);
    ck_assert(ike_pair_agrees(&p));
    ck_assert_uint_eq(ike_pair_count(&p, 0, IKE_EXCHANGE_SA_INIT, false), 1);
    ck_assert_uint_eq(ike_pair_count(&p, 1, IKE_EXCHANGE_SA_INIT, true), 1);
    ck_assert_uint_eq(ike_pair_count(&p, 0, IKE_EXCHANGE_AUTH, false), 1);
    ck_assert_uint_eq(ike_pair_count(&p, 1, IKE_EXCHANGE_AUTH, true), 1);
    ck_assert_uint_eq(p.sent->len, 4);
    ck_assert_int_eq(p.now, HS_MSEC(40)); /* two round trips */
    ck_assert_str_eq(
        p.log->str,
        "[   0.000000000] a ike b: Idle -> Negotiating (started)\n"
        "[   0.010000000] b ike a: Idle -> Negotiating (the peer started)\n"
        "[   0.030000000] b ike a: Negotiating -> Established (authenticated)\n"
        "[   0.030000000] b ike a: child 1 added: aes128-gcm16 in bd746503 out "
        "695ef479\n"
        "[   0.030000000] b ike a: child 1 sends\n"
        "[   0.040000000] a ike b: Negotiating -> Established (authenticated)\n"
        "[   0.040000000] a ike b: child 1 added: aes128-gcm16 in 695ef479 out "
        "bd746503\n"
        "[   0.040000000] a ike b: child 1 sends\n");
}
END_TEST

/* RFC 7296 2.2: IDs 0 and 1; 3.1: flags I and R; the responder's SPI is zero
 * in the first message only. */
START_TEST(headers_of_the_handshake)
{
    IkeConfig c[2];
    g_auto(IkePair) p;

    ike_pair_configs(c);
    ike_pair_init(&p, c, 1);
    ike_pair_up(&p);
    for (unsigned i = 0; i < 4; i++) {
        const IkePairSent *s = sent_at(&p, i);

        ck_assert_uint_eq(s->id, i / 2);
        ck_assert(s->initiator == (i % 2 == 0));
        ck_assert(s->response == (i % 2 == 1));
        ck_assert_uint_ne(s->spi_i, 0);
        ck_assert((s->spi_r == 0) == (i == 0));
        ck_assert_uint_eq(s->local_port, IKE_PORT);
        ck_assert_uint_eq(s->remote_port, IKE_PORT);
    }
}
END_TEST

START_TEST(same_seed_same_bytes)
{
    IkeConfig c[2];
    g_auto(IkePair) p;
    g_auto(IkePair) q;

    ike_pair_configs(c);
    ike_pair_init(&p, c, 7);
    ike_pair_init(&q, c, 7);
    ike_pair_up(&p);
    ike_pair_up(&q);
    ck_assert_uint_eq(p.bytes->len, q.bytes->len);
    for (unsigned i = 0; i < p.bytes->len; i++)
        ck_assert(g_bytes_equal(g_ptr_array_index(p.bytes, i),
                                g_ptr_array_index(q.bytes, i)));
}
END_TEST

/* Every suite of ours, and the names that go to ESP. */
static const struct {
    const char *ike, *esp, *suite, *ike_suite;
} suites[] = {
    {"aes128-sha1-modp1024", "aes128-sha1", "aes128-cbc-sha1",
     "aes128-cbc/sha1/prf-sha1/modp1024"},
    {"aes256-sha256-modp2048", "aes256-sha256", "aes256-cbc-sha2-256",
     "aes256-cbc/sha2-256/prf-sha2-256/modp2048"},
    {"aes128-sha384-ecp256", "aes128-sha384", "aes128-cbc-sha2-384",
     "aes128-cbc/sha2-384/prf-sha2-384/ecp256"},
    {"aes256-sha512-ecp384", "aes256-sha512", "aes256-cbc-sha2-512",
     "aes256-cbc/sha2-512/prf-sha2-512/ecp384"},
    {"aes128gcm16-prfsha256-ecp521", "aes128gcm16", "aes128-gcm16",
     "aes128-gcm16/prf-sha2-256/ecp521"},
    {"aes256gcm16-prfsha512-x25519", "aes256gcm16-esn", "aes256-gcm16",
     "aes256-gcm16/prf-sha2-512/x25519"},
};

START_TEST(every_suite)
{
    IkeConfig c[2];
    g_auto(IkePair) p;
    IkeChild child;
    uint64_t i, r;
    const char *suite;

    ike_pair_configs(c);
    set_policy(&c[0], suites[_i].ike, suites[_i].esp);
    set_policy(&c[1], suites[_i].ike, suites[_i].esp);
    ike_pair_init(&p, c, 1);
    ike_pair_up(&p);
    ck_assert(ike_pair_agrees(&p));
    ck_assert(ike_session_child(p.session[0], &child));
    ck_assert_str_eq(child.suite, suites[_i].suite);
    ck_assert(child.esn == (strstr(suites[_i].esp, "esn") != NULL));
    ck_assert(ike_session_ike_sa(p.session[0], &i, &r, &suite));
    ck_assert_str_eq(suite, suites[_i].ike_suite);
    /* what leaves keeps its keys to itself */
    for (size_t k = 0; k < sizeof child.in.encryption; k++)
        ck_assert_uint_eq(child.in.encryption[k], 0);
    ck_assert_uint_eq(p.rows[0]->len, 1);
    ck_assert_mem_eq(g_array_index(p.rows[0], IkeKeys, 0).sk_ei,
                     g_array_index(p.rows[1], IkeKeys, 0).sk_ei, 64);
}
END_TEST

/* Retransmission */

/* Each message of the handshake lost once, in either direction. */
START_TEST(any_message_lost_once)
{
    IkeConfig c[2];
    g_auto(IkePair) p;

    ike_pair_configs(c);
    ike_pair_init(&p, c, 1);
    p.lose[_i / 2] = UINT64_C(1) << _i % 2;
    ike_pair_up(&p);
    ike_pair_run(&p, p.now + HS_SEC(1));
    ck_assert(ike_pair_agrees(&p));
    ck_assert_uint_eq(
        ike_session_counter(p.session[0], IKE_COUNT_RETRANSMITTED), 1);
    /* a lost answer is repeated, and not made anew */
    ck_assert_int_eq((int)ike_session_counter(p.session[1], IKE_COUNT_REPEATED),
                     _i / 2);
    ck_assert_uint_eq(p.added[0], 1);
    ck_assert_uint_eq(p.added[1], 1);
}
END_TEST

/* RFC 7296 2.1: a repeated message has the same bytes. */
START_TEST(what_is_repeated_is_the_same)
{
    IkeConfig c[2];
    g_auto(IkePair) p;

    ike_pair_configs(c);
    ike_pair_init(&p, c, 1);
    p.lose[1] = 5; /* both answers, once */
    ike_pair_up(&p);
    ck_assert_uint_eq(p.sent->len, 8);
    for (unsigned i = 0; i < 8; i += 4)
        for (unsigned k = 0; k < 2; k++)
            ck_assert(g_bytes_equal(g_ptr_array_index(p.bytes, i + k),
                                    g_ptr_array_index(p.bytes, i + k + 2)));
}
END_TEST

START_TEST(messages_that_arrive_twice_do_nothing_twice)
{
    IkeConfig c[2];
    g_auto(IkePair) p;

    ike_pair_configs(c);
    ike_pair_init(&p, c, 1);
    p.repeat[0] = p.repeat[1] = UINT64_MAX;
    ike_pair_up(&p);
    ike_pair_run(&p, p.now + HS_SEC(10));
    ck_assert(ike_pair_agrees(&p));
    ck_assert_uint_eq(p.added[0], 1);
    ck_assert_uint_eq(p.added[1], 1);
    ck_assert_uint_eq(ike_session_counter(p.session[0], IKE_COUNT_ESTABLISHED),
                      1);
}
END_TEST

/* charon's schedule: 4 s, times 1.8, five tries; then it is over. */
START_TEST(silence_is_waited_out_by_the_schedule)
{
    static const HsTime at[] = {HS_SEC(0),      HS_SEC(4),
                                HS_MSEC(11200), HS_MSEC(24160),
                                HS_MSEC(47488), HS_USEC(89478400)};
    IkeConfig c[2];
    g_auto(IkePair) p;

    ike_pair_configs(c);
    ike_pair_init(&p, c, 1);
    p.cut[0] = true;
    start(&p, 0);
    ike_pair_run(&p, HS_SEC(300));
    ck_assert_uint_eq(p.sent->len, G_N_ELEMENTS(at));
    for (unsigned i = 0; i < G_N_ELEMENTS(at); i++)
        ck_assert_int_eq(sent_at(&p, i)->at, at[i]);
    ck_assert_int_eq(ike_pair_last_state(&p, 0)->to, IKE_STATE_IDLE);
    ck_assert_int_eq(ike_pair_last_state(&p, 0)->cause, IKE_CAUSE_NO_RESPONSE);
    ck_assert_int_eq(ike_session_next_expiry(p.session[0]), HS_TIME_NEVER);
}
END_TEST

START_TEST(waits_have_a_limit)
{
    IkeConfig c[2];
    g_auto(IkePair) p;

    ike_pair_configs(c);
    c[0].retransmit = (IkeRetransmit){HS_SEC(2), 2000, HS_SEC(5), 4};
    ike_pair_init(&p, c, 1);
    p.cut[0] = true;
    start(&p, 0);
    ike_pair_run(&p, HS_SEC(60));
    ck_assert_uint_eq(p.sent->len, 5);
    ck_assert_int_eq(sent_at(&p, 2)->at, HS_SEC(6));
    ck_assert_int_eq(sent_at(&p, 4)->at, HS_SEC(16));
}
END_TEST

/* With `start`, a failed attempt is followed by another. */
START_TEST(a_session_that_should_start_tries_again)
{
    IkeConfig c[2];
    g_auto(IkePair) p;

    ike_pair_configs(c);
    c[0].start = true;
    c[0].retry = HS_SEC(5);
    c[0].retransmit = (IkeRetransmit){HS_SEC(1), 1000, 0, 1};
    ike_pair_init(&p, c, 1);
    p.cut[0] = true;
    start(&p, 0);
    ike_pair_run(&p, HS_SEC(20));
    ck_assert_int_eq(sent_at(&p, 2)->at, HS_SEC(7)); /* after 1 + 1 + 5 */
    ck_assert_uint_ne(sent_at(&p, 2)->spi_i, sent_at(&p, 0)->spi_i);
    p.cut[0] = false;
    ike_pair_run(&p, HS_SEC(30));
    ck_assert(ike_pair_agrees(&p));
}
END_TEST

START_TEST(half_open_sa_does_not_stay)
{
    IkeConfig c[2];
    g_auto(IkePair) p;

    ike_pair_configs(c);
    ike_pair_init(&p, c, 1);
    p.cut[1] = true;
    start(&p, 0);
    ike_pair_run(&p, HS_SEC(1));
    ck_assert_int_eq(ike_session_state(p.session[1]), IKE_STATE_NEGOTIATING);
    p.cut[0] = true;
    ike_pair_run(&p, HS_SEC(31));
    ck_assert_int_eq(ike_pair_last_state(&p, 1)->to, IKE_STATE_IDLE);
    ck_assert_int_eq(ike_pair_last_state(&p, 1)->cause, IKE_CAUSE_HALF_OPEN);
    ck_assert_uint_eq(ike_session_ike_sas(p.session[1]), 0);
}
END_TEST

/* Cookies, groups, proposals */

/* RFC 7296 2.6: the same request with the cookie in front. */
START_TEST(cookie_is_asked_for_and_shown)
{
    IkeConfig c[2];
    g_auto(IkePair) p;

    ike_pair_configs(c);
    c[1].cookie_always = true;
    ike_pair_init(&p, c, 1);
    ike_pair_up(&p);
    ck_assert(ike_pair_agrees(&p));
    ck_assert_uint_eq(ike_session_counter(p.session[1], IKE_COUNT_COOKIES), 1);
    ck_assert_uint_eq(ike_pair_count(&p, 0, IKE_EXCHANGE_SA_INIT, false), 2);
    ck_assert_uint_eq(sent_at(&p, 1)->spi_r, 0); /* nothing is kept */
    ck_assert_uint_eq(sent_at(&p, 2)->spi_i, sent_at(&p, 0)->spi_i);
    ck_assert_uint_eq(sent_at(&p, 2)->id, 0);
    ck_assert_uint_eq(sent_at(&p, 2)->length,
                      sent_at(&p, 0)->length + 8 + IKE_COOKIE_LENGTH);
}
END_TEST

/* A cookie of the secret before the last is good, an older one is not. */
START_TEST(cookies_age)
{
    IkeConfig c[2];
    g_auto(IkePair) p;

    ike_pair_configs(c);
    c[1].cookie_always = true;
    c[0].retransmit = (IkeRetransmit){HS_SEC(1000), 1000, 0, 1};
    ike_pair_init(&p, c, 1);
    start(&p, 0);
    ike_pair_run(&p, HS_MSEC(20)); /* the cookie is shown, and is under way */
    ck_assert_uint_eq(p.sent->len, 3);
    ike_pair_drop_flight(&p);
    p.now = HS_SEC(130);
    ike_pair_deliver(&p, 1, g_ptr_array_index(p.bytes, 0)); /* a new secret */
    ck_assert_uint_eq(ike_session_counter(p.session[1], IKE_COUNT_COOKIES), 2);
    ike_pair_deliver(&p, 1, g_ptr_array_index(p.bytes, 2));
    ck_assert_uint_eq(ike_session_ike_sas(p.session[1]), 1);
    ike_session_reset(p.session[1], p.now);
    p.now = HS_SEC(260);
    ike_pair_deliver(&p, 1, g_ptr_array_index(p.bytes, 2));
    ck_assert_uint_eq(ike_session_counter(p.session[1], IKE_COUNT_DROP_COOKIE),
                      1);
    ck_assert_uint_eq(ike_session_ike_sas(p.session[1]), 0);
}
END_TEST

/* Until the secret was changed for the first time there is none before it. One
 * of zeros, which anybody can compute a cookie with, is not taken for it. */
START_TEST(cookies_without_a_secret_are_refused)
{
    static const uint8_t secret[IKE_COOKIE_SECRET];
    IkeConfig c[2];
    g_auto(IkePair) p;
    g_autofree uint8_t *copy = NULL;
    g_autoptr(GBytes) forged = NULL;
    uint8_t cookie[IKE_COOKIE_LENGTH];
    const uint8_t *data;
    size_t length;
    IkeMessage m;
    IkeBytes nonce;
    IkeNotify n;

    ike_pair_configs(c);
    c[1].cookie_always = true;
    ike_pair_init(&p, c, 1);
    start(&p, 0);
    ike_pair_run(&p, HS_MSEC(20)); /* the cookie is shown, and is under way */
    ck_assert_uint_eq(p.sent->len, 3);
    ike_pair_drop_flight(&p);
    data = g_bytes_get_data(g_ptr_array_index(p.bytes, 2), &length);
    copy = g_memdup2(data, length);
    ck_assert_int_eq(ike_message_parse(copy, length, &m), IKE_FAULT_NONE);
    ck_assert(ike_notify_find(&m.chain, IKE_NOTIFY_COOKIE, &n));
    ck_assert_uint_eq(n.data.length, sizeof cookie);
    ck_assert_int_eq(
        ike_nonce_decode(ike_chain_find(&m.chain, IKE_PAYLOAD_NONCE, NULL),
                         &nonce),
        IKE_FAULT_NONE);
    ike_cookie(cookie, 255, secret, nonce, &p.config[0].local, m.header.spi_i);
    memcpy(copy + (n.data.data - copy), cookie, sizeof cookie);
    forged = g_bytes_new(copy, length);
    ike_pair_deliver(&p, 1, forged);
    ck_assert_uint_eq(ike_session_counter(p.session[1], IKE_COUNT_DROP_COOKIE),
                      1);
    ck_assert_uint_eq(ike_session_ike_sas(p.session[1]), 0);
}
END_TEST

/* From so many half-open SAs on, cookies are asked for. */
START_TEST(cookies_from_a_threshold_on)
{
    IkeConfig c[2];
    g_auto(IkePair) p;

    ike_pair_configs(c);
    c[1].cookie_threshold = 2;
    ike_pair_init(&p, c, 1);
    p.cut[1] = true;
    for (unsigned i = 0; i < 3; i++) {
        start(&p, 0);
        ike_pair_run(&p, p.now + HS_MSEC(20));
        ike_session_reset(p.session[0], p.now);
        ike_pair_take_outputs(&p);
    }
    ck_assert_uint_eq(ike_session_ike_sas(p.session[1]), 2);
    ck_assert_uint_eq(ike_session_counter(p.session[1], IKE_COUNT_COOKIES), 1);
}
END_TEST

/* RFC 7296 1.2: the group is asked for, the nonce stays, nothing is kept. */
START_TEST(another_group_is_asked_for)
{
    IkeConfig c[2];
    g_auto(IkePair) p;

    ike_pair_configs(c);
    set_policy(&c[0], "aes128-sha256-ecp256-x25519", NULL);
    set_policy(&c[1], "aes128-sha256-x25519", NULL);
    c[1].cookie_always = _i == 1;
    ike_pair_init(&p, c, 1);
    ike_pair_up(&p);
    ck_assert(ike_pair_agrees(&p));
    ck_assert_uint_eq(ike_pair_count(&p, 0, IKE_EXCHANGE_SA_INIT, false),
                      _i == 1 ? 3 : 2);
    ck_assert_uint_eq(last_notify(&p, 0), 0);
}
END_TEST

START_TEST(no_common_proposal)
{
    IkeConfig c[2];
    g_auto(IkePair) p;

    ike_pair_configs(c);
    set_policy(&c[1], "aes256-sha512-ecp384", NULL);
    ike_pair_init(&p, c, 1);
    start(&p, 0);
    ike_pair_run(&p, HS_SEC(1));
    ck_assert_int_eq(ike_pair_last_state(&p, 0)->to, IKE_STATE_IDLE);
    ck_assert_int_eq(ike_pair_last_state(&p, 0)->cause, IKE_CAUSE_NO_PROPOSAL);
    ck_assert_uint_eq(ike_pair_last_state(&p, 0)->notify,
                      IKE_NOTIFY_NO_PROPOSAL_CHOSEN);
    ck_assert_uint_eq(p.states[1]->len, 0); /* it has not even begun */
    ck_assert_uint_eq(ike_session_ike_sas(p.session[1]), 0);
}
END_TEST

/* aws-behaviour: the responder begins at its own lowest value. */
START_TEST(aws_takes_the_weakest_that_is_offered)
{
    IkeConfig c[2];
    g_auto(IkePair) p;
    const char *suite;
    uint64_t i, r;
    IkeConfig aws;

    ike_pair_configs(c);
    ike_config_init(&aws, IKE_PRESET_AWS);
    c[1].ike_policy = aws.ike_policy;
    c[1].child_policy = aws.child_policy;
    set_policy(&c[0], "aes256gcm16-aes256-aes128-sha512-sha1-modp2048-modp1024",
               "aes256gcm16-aes256-aes128-sha512-sha1-modp2048-modp1024");
    ike_pair_init(&p, c, 1);
    ike_pair_up(&p);
    ck_assert(ike_session_ike_sa(p.session[1], &i, &r, &suite));
    ck_assert_str_eq(suite, "aes128-cbc/sha1/prf-sha1/modp1024");
}
END_TEST

/* Authentication */

START_TEST(wrong_psk)
{
    IkeConfig c[2];
    g_auto(IkePair) p;

    ike_pair_configs(c);
    c[0].psk = "something else";
    ike_pair_init(&p, c, 1);
    p.lose[1] = _i == 1 ? 2 : 0; /* the refusal is lost and repeated */
    start(&p, 0);
    ike_pair_run(&p, HS_SEC(10));
    for (unsigned side = 0; side < 2; side++) {
        ck_assert_int_eq(ike_pair_last_state(&p, side)->to, IKE_STATE_IDLE);
        ck_assert_int_eq(ike_pair_last_state(&p, side)->cause,
                         IKE_CAUSE_AUTHENTICATION);
        ck_assert_uint_eq(ike_pair_last_state(&p, side)->notify,
                          IKE_NOTIFY_AUTHENTICATION_FAILED);
        ck_assert_uint_eq(p.added[side], 0);
        ck_assert_uint_eq(ike_session_ike_sas(p.session[side]), 0);
    }
    ck_assert_int_eq((int)ike_pair_count(&p, 1, IKE_EXCHANGE_AUTH, true),
                     _i + 1);
    /* what was kept to be repeated goes */
    ike_pair_run(&p, HS_SEC(120));
    ck_assert_int_eq(ike_session_next_expiry(p.session[1]), HS_TIME_NEVER);
}
END_TEST

START_TEST(psk_can_be_mended)
{
    IkeConfig c[2];
    g_auto(IkePair) p;

    ike_pair_configs(c);
    ike_pair_init(&p, c, 1);
    ike_session_set_psk(p.session[1], "something else");
    start(&p, 0);
    ike_pair_run(&p, HS_SEC(1));
    ck_assert_int_eq(ike_session_state(p.session[0]), IKE_STATE_IDLE);
    ike_session_set_psk(p.session[1], "a shared secret");
    ike_pair_up(&p);
    ck_assert(ike_pair_agrees(&p));
}
END_TEST

static const struct {
    const char *name, *local, *expected;
    bool good;
} identities[] = {
    {"address by default", NULL, "198.51.100.1", true},
    {"FQDN", "gw.example.net", "gw.example.net", true},
    {"mail address", "me@example.net", "me@example.net", true},
    {"key id", "keyid:tunnel 7", "keyid:tunnel 7", true},
    {"IPv6 address", "2001:db8::1", "2001:db8::1", true},
    {"any is expected", "gw.example.net", NULL, true},
    {"another name", "gw.example.net", "other.example.net", false},
    {"same text, another type", "keyid:gw.example.net", "gw.example.net",
     false},
};

/* As the responder's, and as the initiator's. RFC 7296 2.21.2: an initiator
 * that does not believe the responder says so in an exchange of its own. */
START_TEST(identities_are_checked)
{
    unsigned row = (unsigned)_i / 2, who = (unsigned)_i % 2;
    IkeConfig c[2];
    g_auto(IkePair) p;

    ike_pair_configs(c);
    c[!who].local_id = identities[row].local;
    c[who].remote_id = identities[row].expected;
    if (who == 1 && identities[row].local == NULL)
        c[1].remote_id = "192.0.2.1";
    ike_pair_init(&p, c, 1);
    start(&p, 0);
    ike_pair_run(&p, HS_SEC(1));
    if (identities[row].good) {
        ck_assert_msg(ike_pair_agrees(&p), "%s:\n%s", identities[row].name,
                      p.log->str);
        return;
    }
    for (unsigned side = 0; side < 2; side++) {
        ck_assert_msg(ike_session_state(p.session[side]) == IKE_STATE_IDLE,
                      "%s", identities[row].name);
        ck_assert_int_eq(ike_pair_last_state(&p, side)->cause,
                         IKE_CAUSE_AUTHENTICATION);
        ck_assert_uint_eq(p.children[side]->len, 0);
    }
    ck_assert_uint_eq(ike_pair_count(&p, 0, IKE_EXCHANGE_INFORMATIONAL, false),
                      who == 0);
}
END_TEST

/* The first child SA */

static const struct {
    const char *name, *ours, *peers_of_us; /* a's own TS, b's idea of it */
    const char *result;                    /* NULL: unacceptable */
} selectors[] = {
    {"the same", "10.1.0.0/16", "10.1.0.0/16", "10.1.0.0/16"},
    {"all, narrowed", "0.0.0.0/0", "10.1.0.0/16", "10.1.0.0/16"},
    {"a part", "10.1.2.0/24", "10.1.0.0/16", "10.1.2.0/24"},
    {"nothing in common", "10.1.0.0/16", "10.9.0.0/16", NULL},
};

/* RFC 7296 2.9: narrowed, or TS_UNACCEPTABLE; and then 1.2: the IKE SA stands
 * without a child. */
START_TEST(selectors_are_narrowed)
{
    IkeConfig c[2];
    g_auto(IkePair) p;
    IkeChild child;

    ike_pair_configs(c);
    ck_assert(hs_prefix_parse(selectors[_i].ours, &c[0].local_ts));
    ck_assert(hs_prefix_parse(selectors[_i].peers_of_us, &c[1].remote_ts));
    ike_pair_init(&p, c, 1);
    start(&p, 0);
    ike_pair_run(&p, HS_SEC(1));
    ck_assert_int_eq(ike_session_state(p.session[0]), IKE_STATE_ESTABLISHED);
    ck_assert_int_eq(ike_session_state(p.session[1]), IKE_STATE_ESTABLISHED);
    if (selectors[_i].result == NULL) {
        ck_assert_uint_eq(last_notify(&p, 0), IKE_NOTIFY_TS_UNACCEPTABLE);
        ck_assert_uint_eq(p.added[0] + p.added[1], 0);
        return;
    }
    ck_assert(ike_session_child(p.session[0], &child));
    ck_assert_str_eq(child.local_ts, selectors[_i].result);
    ck_assert_str_eq(child.remote_ts, "0.0.0.0/0");
    ck_assert(ike_session_child(p.session[1], &child));
    ck_assert_str_eq(child.remote_ts, selectors[_i].result);
}
END_TEST

/* … and is tried again, if the session should have one. */
START_TEST(child_that_failed_is_tried_again)
{
    IkeConfig c[2];
    g_auto(IkePair) p;

    ike_pair_configs(c);
    set_policy(&c[0], NULL, "aes128-sha1");
    c[0].start = _i == 0;
    ike_pair_init(&p, c, 1);
    start(&p, 0);
    ike_pair_run(&p, HS_SEC(60));
    ck_assert_int_eq(ike_session_state(p.session[0]), IKE_STATE_ESTABLISHED);
    ck_assert_uint_eq(last_notify(&p, 0), IKE_NOTIFY_NO_PROPOSAL_CHOSEN);
    if (_i == 0)
        ck_assert_uint_ge(
            ike_pair_count(&p, 0, IKE_EXCHANGE_CREATE_CHILD_SA, false), 3);
    else
        ck_assert_uint_eq(
            ike_pair_count(&p, 0, IKE_EXCHANGE_CREATE_CHILD_SA, false), 0);
}
END_TEST

/* Two at once, and after a crash */

/* Both begin at the same time: in the end there is one IKE SA and one child SA,
 * whoever drew the lowest nonce. */
START_TEST(both_begin_at_once)
{
    IkeConfig c[2];
    g_auto(IkePair) p;

    ike_pair_configs(c);
    ike_pair_init(&p, c, (uint64_t)_i);
    p.esp = HS_MSEC(2);
    start(&p, 0);
    ike_pair_run(&p, HS_MSEC(3) * (_i % 8));
    start(&p, 1);
    ike_pair_run(&p, HS_SEC(1));
    p.esp = 0;
    ike_pair_run(&p, HS_SEC(40)); /* half-open ones are given up */
    ck_assert_msg(ike_pair_agrees(&p), "%s", p.log->str);
    ck_assert_uint_eq(p.count[0].lost + p.count[1].lost, 0);
}
END_TEST

/* The same with a message of either side lost. */
START_TEST(both_begin_at_once_and_lose)
{
    IkeConfig c[2];
    g_auto(IkePair) p;

    ike_pair_configs(c);
    ike_pair_init(&p, c, (uint64_t)_i / 16);
    p.lose[0] = (uint64_t)_i % 4;
    p.lose[1] = (uint64_t)_i / 4 % 4;
    start(&p, 0);
    start(&p, 1);
    ike_pair_run(&p, HS_SEC(400));
    ck_assert_msg(ike_pair_agrees(&p), "%d:\n%s", _i, p.log->str);
}
END_TEST

/* RFC 7296 2.4: a peer that lost its state says INITIAL_CONTACT, and what was
 * with it goes without a word. */
START_TEST(initial_contact_clears_the_old)
{
    IkeConfig c[2];
    g_auto(IkePair) p;

    ike_pair_configs(c);
    ike_pair_init(&p, c, 1);
    ike_pair_up(&p);
    ike_pair_restart(&p, 0);
    ike_pair_up(&p);
    ike_pair_run(&p, p.now + HS_SEC(1));
    ck_assert(ike_pair_agrees(&p));
    ck_assert_uint_eq(p.removed[1]->len, 1);
    ck_assert_int_eq(g_array_index(p.removed[1], IkeOutput, 0).cause,
                     IKE_CAUSE_INITIAL_CONTACT);
    ck_assert_uint_eq(ike_pair_count(&p, 1, IKE_EXCHANGE_INFORMATIONAL, false),
                      0);
    /* the state never left Established there */
    ck_assert_int_eq(ike_pair_last_state(&p, 1)->to, IKE_STATE_ESTABLISHED);
}
END_TEST

START_TEST(a_stopped_session_does_not_answer)
{
    IkeConfig c[2];
    g_auto(IkePair) p;

    ike_pair_configs(c);
    ike_pair_init(&p, c, 1);
    ike_session_stop(p.session[1], 0);
    start(&p, 0);
    ike_pair_run(&p, HS_SEC(1));
    ck_assert_uint_eq(p.sent->len, 1);
    ike_session_listen(p.session[1], p.now);
    ike_pair_run(&p, HS_SEC(5));
    ck_assert(ike_pair_agrees(&p));
}
END_TEST

/* NAT */

/* RFC 7296 2.23: seen by both, on to port 4500 with IKE_AUTH. */
START_TEST(nat_is_seen_and_ports_float)
{
    IkeConfig c[2];
    g_auto(IkePair) p;
    IkeChild child;

    ike_pair_configs(c);
    ck_assert(hs_addr_parse("203.0.113.1", &c[1].remote));
    ike_pair_init(&p, c, 1);
    p.nat = true;
    ike_pair_up(&p);
    ck_assert(ike_pair_agrees(&p));
    ck_assert_uint_eq(sent_at(&p, 0)->local_port, IKE_PORT);
    ck_assert_uint_eq(sent_at(&p, 2)->local_port, IKE_NATT_PORT);
    ck_assert_uint_eq(sent_at(&p, 2)->remote_port, IKE_NATT_PORT);
    ck_assert_uint_eq(sent_at(&p, 3)->remote_port, 44500); /* its mapping */
    ck_assert(ike_session_child(p.session[0], &child));
    ck_assert(child.nat_t);
    ck_assert_uint_eq(child.remote_port, IKE_NATT_PORT);
    ck_assert(ike_session_child(p.session[1], &child));
    ck_assert(child.nat_t);
    ck_assert_uint_eq(child.remote_port, 44500);
    ck_assert_uint_eq(child.local_port, IKE_NATT_PORT);
}
END_TEST

START_TEST(without_a_nat_nothing_floats)
{
    IkeConfig c[2];
    g_auto(IkePair) p;
    IkeChild child;

    ike_pair_configs(c);
    c[0].force_encap = _i == 1;
    c[0].float_always = _i == 2;
    ike_pair_init(&p, c, 1);
    ike_pair_up(&p);
    ck_assert(ike_pair_agrees(&p));
    for (unsigned side = 0; side < 2; side++) {
        ck_assert(ike_session_child(p.session[side], &child));
        ck_assert(child.nat_t == (_i == 1));
        ck_assert_uint_eq(child.local_port, _i == 0 ? 500 : 4500);
    }
}
END_TEST

/* Fragments */

static void
long_identities(IkeConfig c[2], char *ids[2])
{
    for (unsigned i = 0; i < 2; i++) {
        ids[i] = g_strnfill(1200, (char)('a' + i));
        c[i].local_id = ids[i];
        c[i].fragment_size = 576;
    }
}

/* RFC 7383: both sides willing, in pieces; each of them lost once. */
START_TEST(long_messages_come_in_fragments)
{
    char *ids[2];
    IkeConfig c[2];
    g_auto(IkePair) p;

    ike_pair_configs(c);
    long_identities(c, ids);
    ike_pair_init(&p, c, 1);
    if (_i > 0)
        p.lose[(_i - 1) % 2] = UINT64_C(2) << (_i - 1) / 2;
    ike_pair_up(&p);
    ike_pair_run(&p, p.now + HS_SEC(10));
    ck_assert(ike_pair_agrees(&p));
    for (unsigned i = 0; i < p.sent->len; i++)
        ck_assert_uint_le(sent_at(&p, i)->length, 576);
    ck_assert_uint_ge(
        ike_session_counter(p.session[1], IKE_COUNT_FRAGMENTS_RECEIVED), 3);
    ck_assert_uint_eq(p.added[1], 1);
    g_free(ids[0]);
    g_free(ids[1]);
}
END_TEST

START_TEST(no_fragments_unless_both_can)
{
    char *ids[2];
    IkeConfig c[2];
    g_auto(IkePair) p;

    ike_pair_configs(c);
    long_identities(c, ids);
    c[_i].no_fragmentation = true;
    ike_pair_init(&p, c, 1);
    ike_pair_up(&p);
    ck_assert(ike_pair_agrees(&p));
    ck_assert_uint_eq(p.sent->len, 4);
    ck_assert_uint_gt(sent_at(&p, 2)->length, 1200);
    g_free(ids[0]);
    g_free(ids[1]);
}
END_TEST

/* RFC 7383 2.6.1: of a repeated request in pieces, the first one is answered.
 */
START_TEST(fragmented_answer_is_repeated_once)
{
    char *ids[2];
    IkeConfig c[2];
    g_auto(IkePair) p;

    ike_pair_configs(c);
    long_identities(c, ids);
    c[1].local_id = NULL;
    ike_pair_init(&p, c, 1);
    p.lose[1] = 2;
    ike_pair_up(&p);
    ike_pair_run(&p, p.now + HS_SEC(10));
    ck_assert(ike_pair_agrees(&p));
    ck_assert_uint_eq(ike_session_counter(p.session[1], IKE_COUNT_REPEATED), 1);
    ck_assert_uint_eq(ike_pair_count(&p, 1, IKE_EXCHANGE_AUTH, true), 2);
    g_free(ids[0]);
    g_free(ids[1]);
}
END_TEST

static void
add_refusals(TCase *t)
{
    tcase_add_test(t, cookie_is_asked_for_and_shown);
    tcase_add_test(t, cookies_age);
    tcase_add_test(t, cookies_without_a_secret_are_refused);
    tcase_add_test(t, cookies_from_a_threshold_on);
    tcase_add_loop_test(t, another_group_is_asked_for, 0, 2);
    tcase_add_test(t, no_common_proposal);
    tcase_add_test(t, aws_takes_the_weakest_that_is_offered);
    tcase_add_loop_test(t, wrong_psk, 0, 2);
    tcase_add_test(t, psk_can_be_mended);
    tcase_add_loop_test(t, identities_are_checked, 0,
                        2 * G_N_ELEMENTS(identities));
    tcase_add_loop_test(t, selectors_are_narrowed, 0, G_N_ELEMENTS(selectors));
    tcase_add_loop_test(t, child_that_failed_is_tried_again, 0, 2);
}

int
main(void)
{
    Suite *s = suite_create("ikev2 handshake");
    TCase *good = tcase_create("good");
    TCase *lost = tcase_create("lost");
    TCase *refused = tcase_create("refused");
    TCase *two = tcase_create("two");
    TCase *nat = tcase_create("nat");
    TCase *fragments = tcase_create("fragments");

    tcase_add_test(good, two_messages_each_and_both_have_a_tunnel);
    tcase_add_test(good, headers_of_the_handshake);
    tcase_add_test(good, same_seed_same_bytes);
    tcase_add_loop_test(good, every_suite, 0, G_N_ELEMENTS(suites));
    suite_add_tcase(s, good);
    tcase_add_loop_test(lost, any_message_lost_once, 0, 4);
    tcase_add_test(lost, what_is_repeated_is_the_same);
    tcase_add_test(lost, messages_that_arrive_twice_do_nothing_twice);
    tcase_add_test(lost, silence_is_waited_out_by_the_schedule);
    tcase_add_test(lost, waits_have_a_limit);
    tcase_add_test(lost, a_session_that_should_start_tries_again);
    tcase_add_test(lost, half_open_sa_does_not_stay);
    suite_add_tcase(s, lost);
    add_refusals(refused);
    suite_add_tcase(s, refused);
    tcase_add_loop_test(two, both_begin_at_once, 0, 64);
    tcase_add_loop_test(two, both_begin_at_once_and_lose, 0, 64);
    tcase_add_test(two, initial_contact_clears_the_old);
    tcase_add_test(two, a_stopped_session_does_not_answer);
    suite_add_tcase(s, two);
    tcase_add_test(nat, nat_is_seen_and_ports_float);
    tcase_add_loop_test(nat, without_a_nat_nothing_floats, 0, 3);
    suite_add_tcase(s, nat);
    tcase_add_loop_test(fragments, long_messages_come_in_fragments, 0, 9);
    tcase_add_loop_test(fragments, no_fragments_unless_both_can, 0, 2);
    tcase_add_test(fragments, fragmented_answer_is_repeated_once);
    suite_add_tcase(s, fragments);
    return run_suite(s);
}
