/* Sessions over time: DPD and its actions, lifetimes over a day, NAT
 * keep-alives, peers that move, restarts; presets and their texts. */

#include "config.h"

#include "tests/harness/ike_pair.h"
#include "tests/harness/run.h"

#include <string.h>

static void
up(IkePair *p, const IkeConfig c[2])
{
    ike_pair_init(p, c, 5);
    ike_pair_up(p);
}

/* The instants at which SIDE sent INFORMATIONAL requests since FROM. */
static GArray *
probes(const IkePair *p, unsigned side, HsTime from)
{
    GArray *at = g_array_new(FALSE, FALSE, sizeof(HsTime));

    for (unsigned i = 0; i < p->sent->len; i++) {
        const IkePairSent *s = &g_array_index(p->sent, IkePairSent, i);

        if (s->side == side && s->at >= from && !s->keepalive &&
            s->exchange == IKE_EXCHANGE_INFORMATIONAL && !s->response)
            g_array_append_val(at, s->at);
    }
    return at;
}

static void
aws_timing(IkeConfig *c)
{
    IkeConfig aws;

    ike_config_init(&aws, IKE_PRESET_AWS);
    c->dpd = IKE_DPD_PERIODIC;
    c->dpd_delay = aws.dpd_delay;
    c->dpd_retransmit = aws.dpd_retransmit;
}

/* aws-behaviour 2.4: after 10 s of silence three probes 10 s apart, dead after
 * 40 s; the action is clear, restart or none. */
START_TEST(dead_peer)
{
    IkeConfig c[2];
    g_auto(IkePair) p;
    HsTime from;
    g_autoptr(GArray) at = NULL;

    ike_pair_configs(c);
    aws_timing(&c[0]);
    c[0].dpd_action = (IkeAction)_i;
    up(&p, c);
    from = ike_session_last_received(p.session[0]);
    p.cut[1] = true;
    ike_pair_run(&p, from + HS_SEC(41));
    at = probes(&p, 0, from);
    ck_assert_uint_eq(at->len, 3);
    for (unsigned i = 0; i < 3; i++)
        ck_assert_int_eq(g_array_index(at, HsTime, i),
                         from + HS_SEC(10) * (i + 1));
    if (_i == IKE_ACTION_NONE) {
        ck_assert_int_eq(ike_session_state(p.session[0]),
                         IKE_STATE_ESTABLISHED);
        ck_assert_uint_eq(p.children[0]->len, 1);
        p.cut[1] = false; /* and later all is well again */
        ike_pair_run(&p, p.now + HS_SEC(30));
        ck_assert(ike_pair_agrees(&p));
        return;
    }
    ck_assert_uint_eq(p.children[0]->len, 0);
    ck_assert_int_eq(g_array_index(p.removed[0], IkeOutput, 0).cause,
                     IKE_CAUSE_DEAD_PEER);
    ck_assert_int_eq(ike_session_state(p.session[0]),
                     _i == IKE_ACTION_RESTART ? IKE_STATE_NEGOTIATING
                                              : IKE_STATE_IDLE);
    p.cut[1] = false;
    ike_pair_run(&p, p.now + HS_SEC(60));
    ck_assert(ike_pair_agrees(&p) == (_i == IKE_ACTION_RESTART));
}
END_TEST

/* A session that should have a tunnel makes another one when it lost it. */
START_TEST(who_should_start_begins_again)
{
    IkeConfig c[2];
    g_auto(IkePair) p;

    ike_pair_configs(c);
    aws_timing(&c[0]);
    c[0].start = true;
    up(&p, c);
    p.cut[1] = true;
    ike_pair_run(&p, HS_SEC(45));
    p.cut[1] = false;
    ike_pair_run(&p, HS_SEC(90));
    ck_assert(ike_pair_agrees(&p));
}
END_TEST

/* What speaks of life: ESP that comes in; what asks for it on demand: ESP that
 * goes out. */
static const struct {
    const char *name;
    IkeDpdMode mode;
    bool nat, in, out;
    unsigned probes; /* in the 35 s after */
} demands[] = {
    {"periodic, idle", IKE_DPD_PERIODIC, false, false, false, 3},
    {"periodic, traffic in", IKE_DPD_PERIODIC, false, true, false, 0},
    {"periodic, traffic out", IKE_DPD_PERIODIC, false, false, true, 3},
    {"on demand, idle", IKE_DPD_ON_DEMAND, false, false, false, 0},
    {"on demand, traffic out", IKE_DPD_ON_DEMAND, false, false, true, 3},
    {"on demand, both ways", IKE_DPD_ON_DEMAND, false, true, true, 0},
    {"as AWS, no NAT, idle", IKE_DPD_NAT_PERIODIC, false, false, false, 0},
    {"as AWS, NAT, idle", IKE_DPD_NAT_PERIODIC, true, false, false, 3},
    {"off", IKE_DPD_OFF, false, false, true, 0},
};

START_TEST(when_the_peer_is_asked)
{
    IkeConfig c[2];
    g_auto(IkePair) p;
    HsTime from;

    ike_pair_configs(c);
    aws_timing(&c[0]);
    c[0].dpd = demands[_i].mode;
    c[0].force_encap = demands[_i].nat;
    up(&p, c);
    from = p.now;
    for (unsigned i = 0; i < 35; i++) {
        if (demands[_i].out)
            ike_session_traffic_sent(p.session[0], p.now);
        if (demands[_i].in)
            ike_session_traffic_received(p.session[0], p.now, p.sending[0]);
        ike_pair_run(&p, from + HS_SEC(i + 1));
    }
    ck_assert_msg(
        ike_session_counter(p.session[0], IKE_COUNT_PROBES) ==
            demands[_i].probes,
        "%s: %u", demands[_i].name,
        (unsigned)ike_session_counter(p.session[0], IKE_COUNT_PROBES));
    ck_assert(ike_pair_agrees(&p));
}
END_TEST

/* RFC 7296 2.21.4: an unprotected notify is a hint and no more. */
START_TEST(a_hint_makes_us_ask)
{
    IkeConfig c[2];
    g_auto(IkePair) p;
    uint64_t i, r;
    const char *suite;

    ike_pair_configs(c);
    up(&p, c);
    ck_assert(ike_session_ike_sa(p.session[0], &i, &r, &suite));
    for (unsigned k = 0; k < 3; k++) {
        g_auto(IkeBuilder) b = {0};
        g_autoptr(GBytes) bytes = NULL;
        const IkeHeader h = {.spi_i = i,
                             .spi_r = r,
                             .exchange = IKE_EXCHANGE_INFORMATIONAL,
                             .response = k != 1};

        ike_builder_init(&b);
        ike_notify_encode(&b,
                          _i == 0 ? IKE_NOTIFY_INVALID_IKE_SPI
                                  : IKE_NOTIFY_NO_PROPOSAL_CHOSEN,
                          NULL, 0);
        bytes = ike_builder_message(&b, &h);
        ike_pair_deliver(&p, 0, bytes);
        ike_pair_run(&p, p.now + HS_SEC(1));
    }
    ck_assert_uint_eq(ike_session_counter(p.session[0], IKE_COUNT_PROBES),
                      _i == 0 ? 1 : 0);
    ck_assert(ike_pair_agrees(&p));
}
END_TEST

/* Lifetimes */

/* A day with both sides rekeying by their own clocks: AWS's 8 h and 1 h against
 * charon's. ESP all the time, nothing lost, and only what should be there. */
START_TEST(a_day_of_rekeys)
{
    IkeConfig c[2], aws;
    g_auto(IkePair) p;
    uint64_t children, ike_sas;

    ike_pair_configs(c);
    ike_config_init(&aws, IKE_PRESET_AWS);
    if (_i > 0) {
        c[1].ike_lifetime = aws.ike_lifetime;
        c[1].child_lifetime = aws.child_lifetime;
        c[1].ike_margin = aws.ike_margin;
        c[1].child_margin = aws.child_margin;
        c[1].rekey_rule = aws.rekey_rule;
    }
    if (_i > 1) { /* both by the same rule, at the same time */
        aws.local = c[0].local;
        c[0].ike_lifetime = c[0].child_lifetime = HS_SEC(900);
        c[1].ike_lifetime = c[1].child_lifetime = HS_SEC(900);
        c[0].ike_margin = c[0].child_margin = HS_SEC(60);
        c[1].ike_margin = c[1].child_margin = HS_SEC(60);
        c[0].rekey_fuzz = c[1].rekey_fuzz = 0;
        c[0].rekey_rule = c[1].rekey_rule = IKE_REKEY_MARGIN;
    }
    up(&p, c);
    p.esp = HS_MSEC(4900);
    ike_pair_run(&p, HS_SEC(86400));
    p.esp = 0;
    ike_pair_run(&p, HS_SEC(86400 + 300));
    ck_assert_msg(ike_session_state(p.session[0]) == IKE_STATE_ESTABLISHED,
                  "%s", ike_state_name(ike_session_state(p.session[0])));
    ck_assert_uint_eq(p.count[0].lost + p.count[1].lost, 0);
    ck_assert_uint_gt(p.count[0].accepted, 17000);
    children = ike_session_counter(p.session[0], IKE_COUNT_CHILDREN);
    ike_sas = ike_session_counter(p.session[0], IKE_COUNT_ESTABLISHED);
    if (_i < 2) {
        ck_assert_uint_ge(children, 24);
        ck_assert_uint_le(children, 30);
        ck_assert_uint_ge(ike_sas, 4);
        ck_assert_uint_le(ike_sas, 9);
    } else
        ck_assert_uint_ge(children, 86400 / 900);
    for (unsigned side = 0; side < 2; side++)
        for (unsigned i = 0; i < p.removed[side]->len; i++) {
            IkeCause cause = g_array_index(p.removed[side], IkeOutput, i).cause;

            ck_assert_msg(cause == IKE_CAUSE_REKEYED ||
                              cause == IKE_CAUSE_REDUNDANT,
                          "%s", ike_cause_name(cause));
        }
}
END_TEST

/* The two readings of AWS's margin and fuzz: [life - margin, life], and
 * [life - 2 margin, life - margin]. */
START_TEST(when_a_rekey_begins)
{
    HsTime lowest = HS_TIME_NEVER, highest = 0;

    for (unsigned seed = 0; seed < 60; seed++) {
        IkeConfig c[2];
        g_auto(IkePair) p;
        HsTime at, from;

        ike_pair_configs(c);
        c[0].child_lifetime = HS_SEC(3600);
        c[0].child_margin = HS_SEC(270);
        c[0].ike_lifetime = c[1].ike_lifetime = 0;
        c[1].child_lifetime = 0;
        c[0].rekey_rule = (IkeRekeyRule)_i;
        ike_pair_init(&p, c, seed);
        ike_pair_up(&p);
        from = p.now;
        at = ike_session_next_expiry(p.session[0]) - from;
        lowest = MIN(lowest, at);
        highest = MAX(highest, at);
    }
    if (_i == IKE_REKEY_WINDOW) {
        ck_assert_int_ge(lowest, HS_SEC(3330));
        ck_assert_int_lt(lowest, HS_SEC(3370));
        ck_assert_int_le(highest, HS_SEC(3600));
        ck_assert_int_gt(highest, HS_SEC(3560));
    } else {
        ck_assert_int_ge(lowest, HS_SEC(3060));
        ck_assert_int_lt(lowest, HS_SEC(3100));
        ck_assert_int_le(highest, HS_SEC(3330));
        ck_assert_int_gt(highest, HS_SEC(3290));
    }
}
END_TEST

/* Nobody rekeys: at the hard end the SA goes, and is not used beyond it. */
START_TEST(the_end_of_a_life)
{
    IkeConfig c[2];
    g_auto(IkePair) p;

    ike_pair_configs(c);
    for (unsigned i = 0; i < 2; i++) {
        c[i].no_rekey = true;
        c[i].ike_lifetime = _i == 0 ? HS_SEC(1000) : HS_SEC(100000);
        c[i].child_lifetime = _i == 0 ? HS_SEC(100000) : HS_SEC(1000);
    }
    up(&p, c);
    ike_pair_run(&p, HS_SEC(999));
    ck_assert(ike_pair_agrees(&p));
    ike_pair_run(&p, HS_SEC(1002));
    ck_assert_uint_eq(p.children[0]->len + p.children[1]->len, 0);
    ck_assert_int_eq(ike_session_state(p.session[0]),
                     _i == 0 ? IKE_STATE_IDLE : IKE_STATE_ESTABLISHED);
    ck_assert_int_eq(g_array_index(p.removed[0], IkeOutput, 0).cause ==
                             IKE_CAUSE_EXPIRED ||
                         g_array_index(p.removed[1], IkeOutput, 0).cause ==
                             IKE_CAUSE_EXPIRED,
                     1);
}
END_TEST

/* NAT */

static void
nat_configs(IkeConfig c[2])
{
    ike_pair_configs(c);
    ck_assert(hs_addr_parse("203.0.113.1", &c[1].remote));
}

/* RFC 3948 4: 20 s after the last packet, by who is behind the NAT only. */
START_TEST(nat_keepalives)
{
    IkeConfig c[2];
    g_auto(IkePair) p;
    unsigned count = 0;

    nat_configs(c);
    ike_pair_init(&p, c, 5);
    p.nat = true;
    ike_pair_up(&p);
    ike_pair_run(&p, HS_SEC(61));
    for (unsigned i = 0; i < p.sent->len; i++) {
        const IkePairSent *s = &g_array_index(p.sent, IkePairSent, i);

        if (!s->keepalive)
            continue;
        count++;
        ck_assert_uint_eq(s->side, 0);
        ck_assert_uint_eq(s->local_port, IKE_NATT_PORT);
        ck_assert_uint_eq(s->remote_port, IKE_NATT_PORT);
        ck_assert_int_eq(s->at, HS_SEC(20) * count + HS_MSEC(20));
    }
    ck_assert_uint_eq(count, 3);
    ck_assert_uint_eq(ike_session_counter(p.session[0], IKE_COUNT_KEEPALIVES),
                      3);
    ck_assert_uint_eq(
        ike_session_counter(p.session[1], IKE_COUNT_DROP_MALFORMED), 0);
    /* traffic keeps the mapping too */
    p.esp = HS_SEC(10);
    ike_pair_run(&p, HS_SEC(200));
    ck_assert_uint_eq(ike_session_counter(p.session[0], IKE_COUNT_KEEPALIVES),
                      3);
}
END_TEST

/* RFC 7296 2.23: another mapping is followed when something new and authentic
 * comes by it; a repeated message and one without proof move nothing. */
START_TEST(the_mapping_changes)
{
    IkeConfig c[2];
    g_auto(IkePair) p;
    IkeChild child;

    nat_configs(c);
    c[0].dpd = IKE_DPD_PERIODIC;
    c[0].dpd_delay = HS_SEC(10);
    ike_pair_init(&p, c, 5);
    p.nat = true;
    ike_pair_up(&p);
    p.nat_shift = 7;
    ike_pair_run(&p, HS_SEC(11));
    ck_assert(ike_session_child(p.session[1], &child));
    ck_assert_uint_eq(child.remote_port, 44507);
    ck_assert_uint_eq(p.children[1]->len, 1);
    ck_assert_uint_eq(g_array_index(p.children[1], IkeChild, 0).remote_port,
                      44507);
    ck_assert_int_eq(ike_session_state(p.session[0]), IKE_STATE_ESTABLISHED);
    ck_assert_uint_eq(
        ike_session_counter(p.session[0], IKE_COUNT_RETRANSMITTED), 0);
    /* the ESP side may see it first */
    ike_session_peer_moved(p.session[1], p.now, p.sending[1], &child.remote,
                           50000);
    ike_pair_take_outputs(&p);
    ck_assert(ike_session_child(p.session[1], &child));
    ck_assert_uint_eq(child.remote_port, 50000);
}
END_TEST

START_TEST(replays_from_elsewhere_move_nothing)
{
    IkeConfig c[2];
    g_auto(IkePair) p;
    IkeChild child;
    HsAddr elsewhere;

    nat_configs(c);
    ike_pair_init(&p, c, 5);
    p.nat = true;
    ike_pair_up(&p);
    ck_assert(hs_addr_parse("203.0.113.66", &elsewhere));
    for (unsigned i = 0; i < p.bytes->len; i++)
        ike_session_receive(p.session[1], p.now, &c[1].local,
                            i < 2 ? IKE_PORT : IKE_NATT_PORT, &elsewhere, 4500,
                            g_ptr_array_index(p.bytes, i));
    ike_pair_take_outputs(&p);
    ck_assert(ike_session_child(p.session[1], &child));
    ck_assert_uint_eq(child.remote_port, 44500);
    ck_assert(hs_addr_equal(&child.remote, &c[1].remote));
}
END_TEST

/* 2.23: a peer that is not behind a NAT is not followed. */
START_TEST(no_nat_no_following)
{
    IkeConfig c[2];
    g_auto(IkePair) p;
    HsAddr elsewhere;
    IkeChild child;

    ike_pair_configs(c);
    up(&p, c);
    ck_assert(hs_addr_parse("203.0.113.66", &elsewhere));
    ike_session_peer_moved(p.session[1], p.now, p.sending[1], &elsewhere, 1);
    ike_session_peer_moved(p.session[1], p.now, 99, &elsewhere, 1);
    ike_session_traffic_received(p.session[1], p.now, 99);
    ike_pair_take_outputs(&p);
    ck_assert(ike_session_child(p.session[1], &child));
    ck_assert(hs_addr_equal(&child.remote, &c[1].remote));
}
END_TEST

/* Orders */

START_TEST(reset_forgets_without_a_word)
{
    IkeConfig c[2];
    g_auto(IkePair) p;
    unsigned sent;

    ike_pair_configs(c);
    up(&p, c);
    sent = p.sent->len;
    ike_session_reset(p.session[1], p.now);
    ike_pair_take_outputs(&p);
    ck_assert_uint_eq(p.sent->len, sent);
    ck_assert_int_eq(ike_pair_last_state(&p, 1)->cause, IKE_CAUSE_RESET);
    ck_assert_uint_eq(p.children[1]->len, 0);
    /* what comes for the SA that was is not answered … */
    ike_session_rekey_ike(p.session[0], p.now);
    ike_pair_take_outputs(&p);
    ike_pair_run(&p, p.now + HS_SEC(1));
    ck_assert_uint_eq(
        ike_session_counter(p.session[1], IKE_COUNT_DROP_UNKNOWN_SPI), 1);
    ck_assert_uint_eq(p.sent->len, sent + 1);
}
END_TEST

/* … unless it is to be: INVALID_IKE_SPI, at most once a second, to requests. */
START_TEST(strays_are_answered_if_configured)
{
    IkeConfig c[2];
    g_auto(IkePair) p;
    uint64_t i, r;
    const char *suite;

    ike_pair_configs(c);
    c[1].answer_stray = true;
    c[0].retransmit = (IkeRetransmit){HS_MSEC(100), 1000, 0, 5};
    up(&p, c);
    ck_assert(ike_session_ike_sa(p.session[0], &i, &r, &suite));
    ike_session_reset(p.session[1], p.now);
    ike_pair_take_outputs(&p);
    ike_session_rekey_ike(p.session[0], p.now);
    ike_pair_take_outputs(&p);
    ike_pair_run(&p, p.now + HS_MSEC(900));
    ck_assert_uint_eq(ike_pair_count(&p, 1, IKE_EXCHANGE_CREATE_CHILD_SA, true),
                      1);
}
END_TEST

START_TEST(claims_go_by_spi)
{
    IkeConfig c[2];
    g_auto(IkePair) p;

    ike_pair_configs(c);
    up(&p, c);
    for (unsigned i = 0; i < p.bytes->len; i++) {
        size_t length;
        const uint8_t *data =
            g_bytes_get_data(g_ptr_array_index(p.bytes, i), &length);
        bool to_b = i % 2 == 0;

        /* the first message of all belongs to nobody yet */
        ck_assert(ike_session_claims(p.session[to_b], data, length, false) ==
                  (i != 0));
        ck_assert(!ike_session_claims(p.session[!to_b], data, length, false));
        ck_assert(!ike_session_claims(p.session[to_b], data, length, true));
        ck_assert(!ike_session_claims(p.session[to_b], data, 27, false));
    }
}
END_TEST

/* Text */

START_TEST(presets_are_whole)
{
    for (unsigned i = 0; i < 3; i++) {
        IkeConfig c;
        IkePreset preset;

        ck_assert(ike_preset_parse(ike_preset_name((IkePreset)i), &preset));
        ck_assert_uint_eq(preset, i);
        ike_config_init(&c, preset);
        ck_assert_str_eq(ike_config_fault(&c), "no local address");
        c.local = hs_addr_ipv4(0xc0000201);
        ck_assert_str_eq(ike_config_fault(&c), "no pre-shared key");
        c.psk = "x";
        ck_assert_ptr_null(ike_config_fault(&c));
        c.fragment_size = 100;
        ck_assert_ptr_nonnull(ike_config_fault(&c));
        c.fragment_size = 0;
        c.half_open = 0;
        ck_assert_ptr_nonnull(ike_config_fault(&c));
        c.half_open = 1;
        c.dpd = IKE_DPD_PERIODIC;
        c.dpd_delay = 0;
        ck_assert_ptr_nonnull(ike_config_fault(&c));
        c.dpd_delay = 1;
        c.retransmit.first = 0;
        ck_assert_ptr_nonnull(ike_config_fault(&c));
        c.child_policy.cipher_count = 0;
        ck_assert_ptr_nonnull(ike_config_fault(&c));
        c.ike_policy.cipher_count = 0;
        ck_assert_ptr_nonnull(ike_config_fault(&c));
    }
    ck_assert(!ike_preset_parse("juniper", &(IkePreset){0}));
}
END_TEST

static const struct {
    const char *text;
    IkeProtocol protocol;
    const char *why; /* NULL: good */
} policies[] = {
    {"aes128-sha256-modp2048", IKE_PROTOCOL_IKE, NULL},
    {"aes256gcm16, prfsha384, curve25519", IKE_PROTOCOL_IKE, NULL},
    {"aes256-sha1", IKE_PROTOCOL_ESP, NULL},
    {"aes128gcm16-esn-noesn-x25519-nopfs", IKE_PROTOCOL_ESP, NULL},
    {"aes128-sha256-group99", IKE_PROTOCOL_IKE, "group99: no such algorithm"},
    {"aes128-sha256-esn-modp2048", IKE_PROTOCOL_IKE, "esn: no such algorithm"},
    {"", IKE_PROTOCOL_IKE, ""},
    {"aes128-modp2048", IKE_PROTOCOL_IKE, ""},
    {"aes128", IKE_PROTOCOL_ESP, ""},
    {"aes128-aes128-aes128-aes128-aes128-aes128-aes128-aes128-aes128-aes128-"
     "aes128-aes128-aes128-aes128-aes128-aes128-aes128-sha1",
     IKE_PROTOCOL_ESP, "aes128: no such algorithm"},
};

START_TEST(policies_from_text)
{
    IkePolicy p = {.cipher_count = 77};
    g_autofree char *why = NULL;
    bool good =
        ike_policy_parse(policies[_i].text, policies[_i].protocol, &p, &why);

    ck_assert_msg(good == (policies[_i].why == NULL), "%s: %s",
                  policies[_i].text, why);
    if (good) {
        ck_assert_ptr_null(why);
        return;
    }
    ck_assert_uint_eq(p.cipher_count, 77);
    ck_assert_ptr_nonnull(why);
    if (*policies[_i].why != '\0')
        ck_assert_str_eq(why, policies[_i].why);
}
END_TEST

START_TEST(everything_has_a_name)
{
    for (unsigned i = 0; i < IKE_STATE_COUNT; i++)
        ck_assert_uint_gt(strlen(ike_state_name((IkeState)i)), 0);
    for (unsigned i = 0; i < IKE_CAUSE_COUNT; i++)
        ck_assert_uint_gt(strlen(ike_cause_name((IkeCause)i)), 0);
    for (unsigned i = 0; i < IKE_COUNTER_COUNT; i++)
        ck_assert_uint_gt(strlen(ike_counter_name((IkeCounter)i)), 0);
}
END_TEST

int
main(void)
{
    Suite *s = suite_create("ikev2 life");
    TCase *dpd = tcase_create("dpd");
    TCase *life = tcase_create("lifetimes");
    TCase *nat = tcase_create("nat");
    TCase *orders = tcase_create("orders");
    TCase *text = tcase_create("text");

    tcase_add_loop_test(dpd, dead_peer, 0, 3);
    tcase_add_test(dpd, who_should_start_begins_again);
    tcase_add_loop_test(dpd, when_the_peer_is_asked, 0, G_N_ELEMENTS(demands));
    tcase_add_loop_test(dpd, a_hint_makes_us_ask, 0, 2);
    suite_add_tcase(s, dpd);
    tcase_add_loop_test(life, a_day_of_rekeys, 0, 3);
    tcase_add_loop_test(life, when_a_rekey_begins, 0, 2);
    tcase_add_loop_test(life, the_end_of_a_life, 0, 2);
    tcase_set_timeout(life, 60);
    suite_add_tcase(s, life);
    tcase_add_test(nat, nat_keepalives);
    tcase_add_test(nat, the_mapping_changes);
    tcase_add_test(nat, replays_from_elsewhere_move_nothing);
    tcase_add_test(nat, no_nat_no_following);
    suite_add_tcase(s, nat);
    tcase_add_test(orders, reset_forgets_without_a_word);
    tcase_add_test(orders, strays_are_answered_if_configured);
    tcase_add_test(orders, claims_go_by_spi);
    suite_add_tcase(s, orders);
    tcase_add_test(text, presets_are_whole);
    tcase_add_loop_test(text, policies_from_text, 0, G_N_ELEMENTS(policies));
    tcase_add_test(text, everything_has_a_name);
    suite_add_tcase(s, text);
    return run_suite(s);
}
