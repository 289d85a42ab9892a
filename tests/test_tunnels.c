/* The lives of tunnels: facts written by hand, and what is made of them. */

#include "config.h"

#include "sim/observe/tunnels.h"
#include "tests/harness/run.h"

#define END HS_SEC(100)

typedef struct {
    HsTime at;
    const char *node, *subject, *from, *to, *cause, *suite;
    HsDuration took;
} Line;

static GArray *
lives_of(const Line *lines, size_t n)
{
    g_autoptr(HsFacts) facts = hs_facts_new();

    for (size_t i = 0; i < n; i++)
        hs_facts_append(facts, &(HsFact){.kind = HS_FACT_TUNNEL,
                                         .at = lines[i].at,
                                         .node = lines[i].node,
                                         .subject = lines[i].subject,
                                         .from = lines[i].from,
                                         .to = lines[i].to,
                                         .cause = lines[i].cause,
                                         .peer = lines[i].suite,
                                         .value = lines[i].took});
    return hs_tunnels_new(facts, END);
}

#define LIVES(lines) lives_of(lines, G_N_ELEMENTS(lines))

static const HsTunnelLife *
life(const GArray *lives, guint index)
{
    ck_assert_uint_lt(index, lives->len);
    return &g_array_index(lives, HsTunnelLife, index);
}

/* Both ends, one rekey of each kind, lost by DPD, made again. */
static const Line ordinary[] = {
    {HS_MSEC(100), "dc", "b.t1 ike", "down", "negotiating", "started", NULL, 0},
    {HS_MSEC(120), "aws", "b.t1 ike", "down", "negotiating", "the peer started",
     NULL, 0},
    {HS_MSEC(140), "aws", "b.t1 ike", "negotiating", "established",
     "authenticated", "ike suite", HS_MSEC(20)},
    {HS_MSEC(140), "aws", "b.t1 esp", "down", "established", "authenticated",
     "esp suite", HS_MSEC(20)},
    {HS_MSEC(160), "dc", "b.t1 ike", "negotiating", "established",
     "authenticated", "ike suite", HS_MSEC(60)},
    {HS_MSEC(160), "dc", "b.t1 esp", "down", "established", "authenticated",
     "esp suite", HS_MSEC(60)},
    {HS_SEC(20), "dc", "b.t1 esp", "established", "rekeying", "lifetime", NULL,
     0},
    {HS_SEC(20), "dc", "b.t1 esp", "rekeying", "established", "rekeyed",
     "esp suite 2", 0},
    {HS_SEC(30), "dc", "b.t1 ike", "established", "rekeying", "lifetime", NULL,
     0},
    {HS_SEC(31), "dc", "b.t1 ike", "rekeying", "established", "rekeyed",
     "ike suite 2", HS_SEC(1)},
    {HS_SEC(40), "dc", "b.t1 ike", "established", "down", "dead peer", NULL, 0},
    {HS_SEC(40), "dc", "b.t1 esp", "established", "down", "dead peer", NULL, 0},
    {HS_SEC(45), "dc", "b.t1 ike", "down", "negotiating", "started", NULL, 0},
    {HS_SEC(46), "dc", "b.t1 ike", "negotiating", "established",
     "authenticated", "ike suite 2", HS_SEC(1)},
    {HS_SEC(46), "dc", "b.t1 esp", "down", "established", "authenticated",
     "esp suite 2", HS_SEC(1)},
};

START_TEST(each_end_has_its_life)
{
    g_autoptr(GArray) lives = LIVES(ordinary);
    const HsTunnelLife *dc = life(lives, 0), *aws = life(lives, 1);

    ck_assert_uint_eq(lives->len, 2);
    ck_assert_str_eq(dc->name, "b.t1");
    ck_assert_str_eq(dc->node, "dc");
    ck_assert(dc->began);
    ck_assert(dc->speaks);
    ck_assert(!aws->speaks);
    ck_assert_str_eq(dc->ike_suite, "ike suite 2");
    ck_assert_str_eq(dc->esp_suite, "esp suite 2");
    ck_assert_uint_eq(dc->made, 2);
    ck_assert_int_eq(dc->first_up, HS_MSEC(160));
    ck_assert_int_eq(dc->handshake, HS_MSEC(60));
    ck_assert_uint_eq(dc->ike_rekeys, 1);
    ck_assert_uint_eq(dc->esp_rekeys, 1);
    ck_assert_uint_eq(dc->lost, 1);
    ck_assert_str_eq(dc->lost_cause, "dead peer");
    ck_assert_int_eq(dc->last_lost, HS_SEC(40));
    ck_assert_int_eq(dc->down, HS_SEC(6));
    ck_assert(dc->up);
    ck_assert_str_eq(aws->node, "aws");
    ck_assert(!aws->began);
    ck_assert_uint_eq(aws->made, 1);
    ck_assert_uint_eq(aws->ike_rekeys, 1);
    ck_assert_uint_eq(aws->lost, 0);
    ck_assert_int_eq(aws->down, 0);
}
END_TEST

/* Lost while it was being replaced, and to the end. */
static const Line lost[] = {
    {HS_SEC(1), "dc", "b.t1 esp", "down", "established", "authenticated", "s",
     0},
    {HS_SEC(20), "dc", "b.t1 esp", "established", "rekeying", "lifetime", NULL,
     0},
    {HS_SEC(30), "dc", "b.t1 esp", "rekeying", "down", "lifetime over", NULL,
     0},
};

START_TEST(what_is_lost_is_down_to_the_end)
{
    g_autoptr(GArray) lives = LIVES(lost);
    const HsTunnelLife *dc = life(lives, 0);

    ck_assert(!dc->up);
    ck_assert_uint_eq(dc->esp_rekeys, 0);
    ck_assert_uint_eq(dc->lost, 1);
    ck_assert_int_eq(dc->down, END - HS_SEC(30));
    ck_assert_str_eq(dc->lost_cause, "lifetime over");
}
END_TEST

static const Line refused[] = {
    {HS_SEC(1), "dc", "b.t1 ike", "down", "negotiating", "started", NULL, 0},
    {HS_SEC(2), "dc", "b.t1 ike", "negotiating", "down",
     "authentication failed: AUTHENTICATION_FAILED", NULL, 0},
    {HS_SEC(3), "dc", "b.t1 ike", "down", "negotiating", "started", NULL, 0},
    {HS_SEC(4), "dc", "b.t1 ike", "negotiating", "down", "no response", NULL,
     0},
};

START_TEST(what_never_came_up_says_why)
{
    g_autoptr(GArray) lives = LIVES(refused);
    const HsTunnelLife *dc = life(lives, 0);

    ck_assert_uint_eq(dc->made, 0);
    ck_assert_int_eq(dc->first_up, HS_TIME_NEVER);
    ck_assert_ptr_null(dc->ike_suite);
    ck_assert_uint_eq(dc->refused, 2);
    ck_assert_str_eq(dc->refused_cause, "no response");
    ck_assert_int_eq(dc->down, 0);
}
END_TEST

static Suite *
suite(void)
{
    Suite *s = suite_create("tunnels");
    TCase *tc = tcase_create("lives");

    tcase_add_test(tc, each_end_has_its_life);
    tcase_add_test(tc, what_is_lost_is_down_to_the_end);
    tcase_add_test(tc, what_never_came_up_says_why);
    suite_add_tcase(s, tc);
    return s;
}

int
main(void)
{
    return run_suite(suite());
}
