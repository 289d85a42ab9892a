/* CREATE_CHILD_SA, deletes, and everything that can cross: RFC 7296 1.3, 1.4,
 * 2.8, 2.8.1, 2.8.2, 2.25.
 *
 * Nearly all run with ESP on both sides, one packet each way every few
 * milliseconds: a rekey must not lose one. */

#include "config.h"

#include "tests/harness/ike_pair.h"
#include "tests/harness/run.h"

#include <string.h>

#define TICK HS_MSEC(2)

static void
up(IkePair *p, uint64_t seed)
{
    IkeConfig c[2];

    ike_pair_configs(c);
    c[0].linger = c[1].linger = HS_MSEC(500);
    ike_pair_init(p, c, seed);
    ike_pair_up(p);
    p->esp = TICK;
    ike_pair_run(p, p->now + HS_MSEC(100));
}

/* Runs on, stops ESP, waits for what lingers, and looks. */
static void
settle(IkePair *p, HsDuration span)
{
    ike_pair_run(p, p->now + HS_MSEC(300));
    p->esp = HS_MSEC(200);
    ike_pair_run(p, p->now + span);
    p->esp = 0;
    ike_pair_run(p, p->now + HS_SEC(2));
}

static void
expect_whole(const IkePair *p, unsigned long lost)
{
    ck_assert_msg(ike_pair_agrees(p), "%s", p->log->str);
    ck_assert_uint_gt(p->count[0].accepted, 0);
    ck_assert_msg(p->count[0].lost + p->count[1].lost == lost,
                  "lost %lu and %lu:\n%s", p->count[0].lost, p->count[1].lost,
                  p->log->str);
}

/* What went was followed by another one, and was known to be: so it could
 * linger for what was under way. */
static void
expect_followed(const IkePair *p)
{
    for (unsigned side = 0; side < 2; side++)
        for (unsigned i = 0; i < p->removed[side]->len; i++) {
            const IkeOutput *o = &g_array_index(p->removed[side], IkeOutput, i);

            ck_assert_msg(o->cause == IKE_CAUSE_REKEYED ||
                              o->cause == IKE_CAUSE_REDUNDANT,
                          "%s:\n%s", ike_cause_name(o->cause), p->log->str);
        }
}

/* Nothing if it is being replaced already. */
static void
rekey_child(IkePair *p, unsigned side)
{
    ike_session_rekey_child(p->session[side], p->now, p->sending[side]);
    ike_pair_take_outputs(p);
}

static void
rekey_ike(IkePair *p, unsigned side)
{
    ike_session_rekey_ike(p->session[side], p->now);
    ike_pair_take_outputs(p);
}

static unsigned
creates(const IkePair *p, unsigned side)
{
    return ike_pair_count(p, side, IKE_EXCHANGE_CREATE_CHILD_SA, false);
}

/* One at a time */

/* Either side, each of the four messages lost once or none. RFC 7296 2.8: no
 * packet is lost. */
START_TEST(child_is_rekeyed_without_loss)
{
    unsigned side = (unsigned)_i % 2, lost = (unsigned)_i / 2;
    g_auto(IkePair) p;
    IkeChild c;

    up(&p, 3);
    if (lost > 0)
        p.lose[(lost - 1) % 2] = UINT64_C(1) << (lost - 1) / 2;
    rekey_child(&p, side);
    settle(&p, HS_SEC(12));
    expect_whole(&p, 0);
    ck_assert_uint_eq(p.added[0], 2);
    ck_assert_uint_eq(p.added[1], 2);
    ck_assert_uint_eq(creates(&p, side), lost == 0 || lost > 2 ? 1 : 2);
    ck_assert(ike_session_child(p.session[side], &c));
    ck_assert_uint_eq(c.replaces, 1);
    ck_assert(c.initiator);
    for (unsigned i = 0; i < 2; i++)
        ck_assert_int_eq(g_array_index(p.removed[i], IkeOutput, 0).cause,
                         IKE_CAUSE_REKEYED);
}
END_TEST

/* 1.3.1: with PFS and without; 1.3: INVALID_KE_PAYLOAD there too. */
static const struct {
    const char *a, *b;
    unsigned asked;
} groups[] = {
    {"aes128gcm16-x25519", "aes128gcm16-x25519", 1},
    {"aes128gcm16-ecp256-x25519", "aes128gcm16-x25519", 2},
    {"aes128gcm16", "aes128gcm16", 1},
    {"aes128gcm16-x25519-nopfs", "aes128gcm16", 1},
};

START_TEST(groups_of_a_childs_rekey)
{
    IkeConfig c[2];
    g_auto(IkePair) p;
    char *why = NULL;

    ike_pair_configs(c);
    ck_assert(ike_policy_parse(groups[_i].a, IKE_PROTOCOL_ESP,
                               &c[0].child_policy, &why));
    ck_assert(ike_policy_parse(groups[_i].b, IKE_PROTOCOL_ESP,
                               &c[1].child_policy, &why));
    ike_pair_init(&p, c, 1);
    ike_pair_up(&p);
    rekey_child(&p, 0);
    settle(&p, HS_SEC(10));
    ck_assert_msg(ike_pair_agrees(&p), "%s", p.log->str);
    ck_assert_uint_eq(creates(&p, 0), groups[_i].asked);
}
END_TEST

START_TEST(refused_rekey_is_tried_again)
{
    IkeConfig c[2];
    g_auto(IkePair) p;
    char *why = NULL;

    /* b allows the child without a group and no rekey without that group */
    ike_pair_configs(c);
    ck_assert(ike_policy_parse("aes128gcm16-x25519", IKE_PROTOCOL_ESP,
                               &c[0].child_policy, &why));
    ck_assert(ike_policy_parse("aes128gcm16-modp2048", IKE_PROTOCOL_ESP,
                               &c[1].child_policy, &why));
    ike_pair_init(&p, c, 1);
    ike_pair_up(&p);
    rekey_child(&p, 0);
    ike_pair_run(&p, HS_SEC(100));
    ck_assert(ike_pair_agrees(&p)); /* the old one stays */
    ck_assert_uint_eq(creates(&p, 0), 4);
    ck_assert_uint_eq(g_array_index(p.notifies[0], uint16_t, 0),
                      IKE_NOTIFY_NO_PROPOSAL_CHOSEN);
}
END_TEST

START_TEST(ike_sa_is_rekeyed_and_children_inherited)
{
    unsigned side = (unsigned)_i % 2, lost = (unsigned)_i / 2;
    g_auto(IkePair) p;
    uint64_t before[2], after[2];
    const char *suite;

    up(&p, 3);
    ck_assert(ike_session_ike_sa(p.session[0], &before[0], &before[1], &suite));
    if (lost > 0)
        p.lose[(lost - 1) % 2] = UINT64_C(1) << (lost - 1) / 2;
    rekey_ike(&p, side);
    ck_assert_int_eq(ike_session_state(p.session[side]), IKE_STATE_REKEYING);
    settle(&p, HS_SEC(40));
    expect_whole(&p, 0);
    ck_assert(ike_session_ike_sa(p.session[0], &after[0], &after[1], &suite));
    ck_assert_uint_ne(before[0], after[0]);
    ck_assert_uint_ne(before[1], after[1]);
    ck_assert_uint_eq(p.added[0], 1); /* the child is the same one */
    ck_assert_int_eq(ike_pair_last_state(&p, side)->cause, IKE_CAUSE_REKEYED);
    /* and it can be rekeyed on the new one, from both sides */
    p.esp = TICK;
    rekey_child(&p, side);
    ike_pair_run(&p, p.now + HS_SEC(1));
    rekey_child(&p, !side);
    settle(&p, HS_SEC(1));
    expect_whole(&p, 0);
    ck_assert_uint_eq(p.added[0], 3);
}
END_TEST

/* 2.2: message IDs begin again at 0 on the new SA. 1.3.2, 2.18: who asks is its
 * initiator. */
START_TEST(ids_begin_again_after_a_rekey)
{
    g_auto(IkePair) p;
    uint64_t i, r;
    const char *suite;
    unsigned at;

    up(&p, 3);
    rekey_ike(&p, 1);
    settle(&p, HS_SEC(1));
    at = p.sent->len;
    rekey_child(&p, 0);
    ike_pair_run(&p, p.now + HS_SEC(1));
    ck_assert(ike_session_ike_sa(p.session[0], &i, &r, &suite));
    for (unsigned k = 0; k < 2; k++) {
        const IkePairSent *s = &g_array_index(p.sent, IkePairSent, at + k);

        ck_assert_uint_eq(s->id, 0);
        ck_assert_uint_eq(s->spi_i, i);
        ck_assert_uint_eq(s->spi_r, r);
        ck_assert(s->initiator == (s->side == 1));
    }
}
END_TEST

START_TEST(another_group_for_the_ike_sa)
{
    IkeConfig c[2];
    g_auto(IkePair) p;
    char *why = NULL;

    ike_pair_configs(c);
    ck_assert(ike_policy_parse("aes128-sha256-x25519-ecp256", IKE_PROTOCOL_IKE,
                               &c[0].ike_policy, &why));
    ck_assert(ike_policy_parse("aes128-sha256-ecp256-x25519", IKE_PROTOCOL_IKE,
                               &c[1].ike_policy, &why));
    c[1].ike_policy.choice = IKE_CHOOSE_OWN;
    ike_pair_init(&p, c, 1);
    ike_pair_up(&p);
    rekey_ike(&p, _i == 0 ? 0 : 1);
    settle(&p, HS_SEC(1));
    ck_assert(ike_pair_agrees(&p));
}
END_TEST

START_TEST(child_is_deleted_alone)
{
    g_auto(IkePair) p;
    IkeConfig c[2];

    ike_pair_configs(c);
    c[0].start = _i == 2;
    c[0].retry = HS_SEC(3);
    ike_pair_init(&p, c, 1);
    ike_pair_up(&p);
    ck_assert(ike_session_delete_child(p.session[_i % 2 ? 1 : 0], p.now, 1));
    ck_assert(!ike_session_delete_child(p.session[_i % 2 ? 1 : 0], p.now, 1));
    ck_assert(!ike_session_rekey_child(p.session[_i % 2 ? 1 : 0], p.now, 1));
    ike_pair_take_outputs(&p);
    ike_pair_run(&p, p.now + HS_SEC(1));
    ck_assert_uint_eq(p.children[0]->len + p.children[1]->len, 0);
    ck_assert_int_eq(ike_session_state(p.session[0]), IKE_STATE_ESTABLISHED);
    ck_assert_int_eq(ike_session_state(p.session[1]), IKE_STATE_ESTABLISHED);
    ike_pair_run(&p, p.now + HS_SEC(5));
    ck_assert(ike_pair_agrees(&p) == (_i == 2)); /* who should have one … */
    if (_i != 2)
        ike_pair_up(&p); /* … or asks for one on the same IKE SA */
    ck_assert(ike_pair_agrees(&p));
    ck_assert_uint_eq(ike_session_counter(p.session[0], IKE_COUNT_ESTABLISHED),
                      1);
}
END_TEST

START_TEST(ike_sa_is_deleted)
{
    g_auto(IkePair) p;

    up(&p, 1);
    p.lose[(unsigned)_i / 2 % 2] = (uint64_t)_i / 2;
    ike_session_stop(p.session[_i % 2], p.now);
    ike_pair_take_outputs(&p);
    ck_assert_int_eq(ike_pair_last_state(&p, (unsigned)_i % 2)->cause,
                     IKE_CAUSE_STOPPED);
    ike_pair_run(&p, p.now + HS_SEC(30));
    for (unsigned side = 0; side < 2; side++) {
        ck_assert_int_eq(ike_session_state(p.session[side]), IKE_STATE_IDLE);
        ck_assert_uint_eq(p.children[side]->len, 0);
        ck_assert_uint_eq(ike_session_ike_sas(p.session[side]), 0);
    }
    ck_assert_int_eq(ike_pair_last_state(&p, !(_i % 2))->cause,
                     IKE_CAUSE_PEER_DELETED);
    ike_pair_run(&p, p.now + HS_SEC(60));
    ck_assert_int_eq(ike_session_next_expiry(p.session[0]), HS_TIME_NEVER);
    ck_assert_int_eq(ike_session_next_expiry(p.session[1]), HS_TIME_NEVER);
}
END_TEST

/* Crossing: both sides give their order `offset` apart, for every seed, so that
 * each of the four nonces is the lowest one at some time. With the low bits,
 * messages of either side are lost. */

typedef void (*Order)(IkePair *p, unsigned side);

static void
delete_child(IkePair *p, unsigned side)
{
    ike_session_delete_child(p->session[side], p->now, p->sending[side]);
    ike_pair_take_outputs(p);
}

static void
stop(IkePair *p, unsigned side)
{
    ike_session_stop(p->session[side], p->now);
    ike_session_listen(p->session[side], p->now);
    ike_pair_take_outputs(p);
}

static void
cross(IkePair *p, int number, Order first, Order second)
{
    static const HsDuration offsets[] = {0, HS_MSEC(5), HS_MSEC(15)};

    up(p, (uint64_t)number / 3);
    first(p, 0);
    ike_pair_run(p, p->now + offsets[number % 3]);
    if (p->sending[1] != 0)
        second(p, 1);
}

START_TEST(two_rekeys_of_a_child)
{
    g_auto(IkePair) p;

    cross(&p, _i, rekey_child, rekey_child);
    settle(&p, HS_SEC(15));
    expect_whole(&p, 0);
    expect_followed(&p);
    ck_assert_uint_le(p.added[0], 3);
}
END_TEST

/* As above, some of the first messages of each side are lost, or late. */
START_TEST(two_rekeys_of_a_child_and_loss)
{
    g_auto(IkePair) p;

    up(&p, (uint64_t)_i / 64);
    p.lose[0] = (uint64_t)_i % 8;
    p.lose[1] = (uint64_t)_i / 8 % 8;
    rekey_child(&p, 0);
    rekey_child(&p, 1);
    settle(&p, HS_SEC(100));
    expect_whole(&p, 0);
    expect_followed(&p);
}
END_TEST

START_TEST(two_rekeys_of_a_child_out_of_order)
{
    g_auto(IkePair) p;

    up(&p, (uint64_t)_i / 64);
    p.held = HS_MSEC(35);
    p.hold[0] = (uint64_t)_i % 8;
    p.hold[1] = (uint64_t)_i / 8 % 8;
    rekey_child(&p, 0);
    rekey_child(&p, 1);
    settle(&p, HS_SEC(100));
    expect_whole(&p, 0);
    expect_followed(&p);
}
END_TEST

START_TEST(two_rekeys_of_the_ike_sa)
{
    g_auto(IkePair) p;

    cross(&p, _i, rekey_ike, rekey_ike);
    settle(&p, HS_SEC(60));
    expect_whole(&p, 0);
    ck_assert_uint_eq(p.added[0], 1);
}
END_TEST

START_TEST(two_rekeys_of_the_ike_sa_and_loss)
{
    g_auto(IkePair) p;

    up(&p, (uint64_t)_i / 64);
    p.lose[0] = (uint64_t)_i % 8;
    p.lose[1] = (uint64_t)_i / 8 % 8;
    rekey_ike(&p, 0);
    rekey_ike(&p, 1);
    settle(&p, HS_SEC(200));
    expect_whole(&p, 0);
}
END_TEST

START_TEST(two_rekeys_of_the_ike_sa_out_of_order)
{
    g_auto(IkePair) p;

    up(&p, (uint64_t)_i / 64);
    p.held = HS_MSEC(35);
    p.hold[0] = (uint64_t)_i % 8;
    p.hold[1] = (uint64_t)_i / 8 % 8;
    rekey_ike(&p, 0);
    rekey_ike(&p, 1);
    settle(&p, HS_SEC(100));
    expect_whole(&p, 0);
}
END_TEST

/* 2.25.1, 2.25.2: TEMPORARY_FAILURE, and later it works. */
START_TEST(rekeys_of_child_and_ike_sa)
{
    g_auto(IkePair) p;

    cross(&p, _i, _i % 2 ? rekey_child : rekey_ike,
          _i % 2 ? rekey_ike : rekey_child);
    settle(&p, HS_SEC(60));
    expect_whole(&p, 0);
    ck_assert_uint_eq(ike_session_counter(p.session[0], IKE_COUNT_ESTABLISHED),
                      2);
    ck_assert_uint_eq(p.added[0], 2);
}
END_TEST

/* 2.25.1: both deletes are answered, neither names the SA again. */
START_TEST(two_deletes_of_a_child)
{
    g_auto(IkePair) p;

    cross(&p, _i, delete_child, delete_child);
    p.esp = 0;
    ike_pair_run(&p, p.now + HS_SEC(10));
    for (unsigned side = 0; side < 2; side++) {
        ck_assert_uint_eq(p.children[side]->len, 0);
        ck_assert_int_eq(ike_session_state(p.session[side]),
                         IKE_STATE_ESTABLISHED);
        ck_assert_uint_eq(ike_session_ike_sas(p.session[side]), 1);
    }
}
END_TEST

START_TEST(two_deletes_of_the_ike_sa)
{
    g_auto(IkePair) p;

    cross(&p, _i, stop, stop);
    p.esp = 0;
    ike_pair_run(&p, p.now + HS_SEC(60));
    for (unsigned side = 0; side < 2; side++) {
        ck_assert_uint_eq(p.children[side]->len, 0);
        ck_assert_uint_eq(ike_session_ike_sas(p.session[side]), 0);
        ck_assert_int_eq(ike_session_state(p.session[side]), IKE_STATE_IDLE);
    }
    ike_pair_up(&p);
    ck_assert(ike_pair_agrees(&p));
}
END_TEST

/* A rekey meets a delete of the same child: it is gone in the end, or, where
 * the rekey was faster, the new one stands. */
START_TEST(rekey_and_delete_of_a_child)
{
    g_auto(IkePair) p;

    cross(&p, _i, _i % 2 ? rekey_child : delete_child,
          _i % 2 ? delete_child : rekey_child);
    p.esp = 0;
    ike_pair_run(&p, p.now + HS_SEC(60));
    ck_assert_uint_eq(p.children[0]->len, p.children[1]->len);
    ck_assert_uint_le(p.children[0]->len, 1);
    if (p.children[0]->len == 1)
        ck_assert(ike_pair_agrees(&p));
    ck_assert_int_eq(ike_session_state(p.session[0]), IKE_STATE_ESTABLISHED);
}
END_TEST

/* 2.25.2: "close an IKE SA that it is rekeying: as usual, and forget the
 * rekey". */
START_TEST(rekey_and_delete_of_the_ike_sa)
{
    g_auto(IkePair) p;

    cross(&p, _i, _i % 2 ? rekey_ike : stop, _i % 2 ? stop : rekey_ike);
    p.esp = 0;
    ike_pair_run(&p, p.now + HS_SEC(60));
    ck_assert_uint_eq(p.children[0]->len, p.children[1]->len);
    ck_assert_uint_eq(ike_session_ike_sas(p.session[0]),
                      ike_session_ike_sas(p.session[1]));
    if (p.children[0]->len == 1)
        ck_assert(ike_pair_agrees(&p));
    else
        ck_assert_uint_eq(ike_session_ike_sas(p.session[0]), 0);
}
END_TEST

START_TEST(rekey_of_a_child_and_delete_of_the_ike_sa)
{
    g_auto(IkePair) p;

    cross(&p, _i, _i % 2 ? rekey_child : stop, _i % 2 ? stop : rekey_child);
    p.esp = 0;
    ike_pair_run(&p, p.now + HS_SEC(60));
    for (unsigned side = 0; side < 2; side++) {
        ck_assert_uint_eq(p.children[side]->len, 0);
        ck_assert_uint_eq(ike_session_ike_sas(p.session[side]), 0);
    }
}
END_TEST

/* Any two orders of each side, at any time, with loss: what stands in the end
 * is the same on both sides. */
START_TEST(orders_at_random)
{
    static const Order orders[] = {rekey_child, rekey_ike, rekey_child,
                                   rekey_ike};
    g_autoptr(HsRng) rng = hs_rng_new((uint64_t)_i, "test", "orders");
    g_auto(IkePair) p;

    up(&p, (uint64_t)_i);
    for (unsigned i = 0; i < 12; i++) {
        unsigned side = (unsigned)hs_rng_below(rng, 2);

        p.lose[0] = hs_rng_u64(rng) & hs_rng_u64(rng) & 0xf;
        p.lose[1] = hs_rng_u64(rng) & hs_rng_u64(rng) & 0xf;
        p.held = hs_rng_uniform(rng, 0, HS_MSEC(60));
        p.hold[0] = hs_rng_u64(rng) & 0xf;
        p.hold[1] = hs_rng_u64(rng) & 0xf;
        p.repeat[0] = hs_rng_u64(rng) & 0xf;
        p.repeat[1] = hs_rng_u64(rng) & 0xf;
        if (p.sending[side] != 0)
            orders[hs_rng_below(rng, G_N_ELEMENTS(orders))](&p, side);
        ike_pair_run(&p, p.now + hs_rng_uniform(rng, 0, HS_MSEC(80)));
    }
    p.lose[0] = p.lose[1] = 0;
    settle(&p, HS_SEC(150));
    expect_whole(&p, 0);
}
END_TEST

static void
add_crossings(TCase *t)
{
    tcase_add_loop_test(t, two_rekeys_of_a_child, 0, 24);
    tcase_add_loop_test(t, two_rekeys_of_a_child_and_loss, 0, 64);
    tcase_add_loop_test(t, two_rekeys_of_a_child_out_of_order, 0, 64);
    tcase_add_loop_test(t, two_rekeys_of_the_ike_sa, 0, 24);
    tcase_add_loop_test(t, two_rekeys_of_the_ike_sa_and_loss, 0, 64);
    tcase_add_loop_test(t, two_rekeys_of_the_ike_sa_out_of_order, 0, 64);
    tcase_add_loop_test(t, rekeys_of_child_and_ike_sa, 0, 24);
    tcase_add_loop_test(t, two_deletes_of_a_child, 0, 3);
    tcase_add_loop_test(t, two_deletes_of_the_ike_sa, 0, 3);
    tcase_add_loop_test(t, rekey_and_delete_of_a_child, 0, 12);
    tcase_add_loop_test(t, rekey_and_delete_of_the_ike_sa, 0, 12);
    tcase_add_loop_test(t, rekey_of_a_child_and_delete_of_the_ike_sa, 0, 12);
    tcase_add_loop_test(t, orders_at_random, 0, 40);
}

int
main(void)
{
    Suite *s = suite_create("ikev2 rekey");
    TCase *one = tcase_create("one");
    TCase *two = tcase_create("crossing");

    tcase_add_loop_test(one, child_is_rekeyed_without_loss, 0, 10);
    tcase_add_loop_test(one, groups_of_a_childs_rekey, 0, G_N_ELEMENTS(groups));
    tcase_add_test(one, refused_rekey_is_tried_again);
    tcase_add_loop_test(one, ike_sa_is_rekeyed_and_children_inherited, 0, 10);
    tcase_add_test(one, ids_begin_again_after_a_rekey);
    tcase_add_loop_test(one, another_group_for_the_ike_sa, 0, 2);
    tcase_add_loop_test(one, child_is_deleted_alone, 0, 3);
    tcase_add_loop_test(one, ike_sa_is_deleted, 0, 4);
    suite_add_tcase(s, one);
    add_crossings(two);
    tcase_set_timeout(two, 60);
    suite_add_tcase(s, two);
    return run_suite(s);
}
