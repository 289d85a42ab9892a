#include "config.h"

#include "models/base/rng.h"
#include "sim/observe/bounds.h"
#include "tests/harness/run.h"

#include <glib.h>

static void
check_bound(HsBound bound, HsDuration min, HsDuration max)
{
    ck_assert_int_eq(bound.min, min);
    ck_assert_int_eq(bound.max, max);
}

/* "BFD 300 ms x 3 detects a silent cut in 0.6-0.9 s plus the path's delay." */
START_TEST(bfd_as_the_measurements_say)
{
    check_bound(hs_bound_bfd(HS_MSEC(300), 3, 0), HS_MSEC(600), HS_MSEC(900));
    check_bound(hs_bound_bfd(HS_MSEC(300), 3, HS_MSEC(2)), HS_MSEC(600),
                HS_MSEC(902));
    check_bound(hs_bound_bfd(HS_SEC(1), 1, 0), 0, HS_SEC(1));
}
END_TEST

/* "Default 90/30 timers give 60-90 s"; "3/9 s gives 6-9 s". */
START_TEST(hold_timer_as_the_measurements_say)
{
    const double exact[2] = {1, 1}, rfc[2] = {0.75, 1}, unset[2] = {0, 0};
    const double random_hold[2] = {0.9, 1.1};

    check_bound(hs_bound_hold(HS_SEC(30), HS_SEC(90), exact, exact, 0),
                HS_SEC(60), HS_SEC(90));
    check_bound(hs_bound_hold(HS_SEC(3), HS_SEC(9), unset, unset, 0), HS_SEC(6),
                HS_SEC(9));
    /* Jitter shortens keepalives only: the longest age is that of a full one.
     */
    check_bound(hs_bound_hold(HS_SEC(3), HS_SEC(9), rfc, exact, HS_MSEC(5)),
                HS_SEC(6), HS_MSEC(9005));
    check_bound(hs_bound_hold(HS_SEC(3), HS_SEC(9), exact, random_hold, 0),
                HS_MSEC(5100), HS_MSEC(9900));
}
END_TEST

/* One direction is cut: the side that still hears gets one keepalive more, at
 * most 3 s after the cut, and then waits for 9 s. Or it had one within the 40
 * ms before, which it had not acknowledged. */
START_TEST(one_way_the_other_side_hears_one_keepalive_more)
{
    const double exact[2] = {1, 1};
    HsBoundsInput in = {
        .bgp_keepalive = HS_SEC(3),
        .bgp_hold = HS_SEC(9),
        .path_delay = HS_MSEC(2),
        .one_way = true,
    };
    HsBounds bounds;

    check_bound(
        hs_bound_hold_one_way(HS_SEC(3), HS_SEC(9), exact, exact, HS_MSEC(2)),
        HS_MSEC(8952), HS_MSEC(12002));
    hs_bounds_compute(&in, &bounds);
    check_bound(bounds.terms[HS_BOUND_DETECT].bound, HS_MSEC(8952),
                HS_MSEC(12002));
    /* With BFD it is told, a path delay after the other side knows. */
    in.bfd_interval = HS_MSEC(300);
    in.bfd_multiplier = 3;
    hs_bounds_compute(&in, &bounds);
    check_bound(bounds.terms[HS_BOUND_DETECT].bound, HS_MSEC(600),
                HS_MSEC(904));
}
END_TEST

START_TEST(tcp_steps_double_up_to_the_cap)
{
    ck_assert_int_eq(hs_tcp_step(HS_MSEC(200), 0, 0), HS_MSEC(200));
    ck_assert_int_eq(hs_tcp_step(HS_MSEC(200), 0, 1), HS_MSEC(600));
    ck_assert_int_eq(hs_tcp_step(HS_MSEC(200), 0, 2), HS_MSEC(1400));
    ck_assert_int_eq(hs_tcp_step(HS_MSEC(200), 0, 8), HS_MSEC(102200));
    ck_assert_int_eq(hs_tcp_step(HS_SEC(60), HS_SEC(120), 2), HS_SEC(300));
    ck_assert_int_eq(hs_tcp_step(HS_SEC(1), 0, 63), HS_TIME_NEVER);
}
END_TEST

START_TEST(tcp_comes_back_with_the_next_step)
{
    const HsBound at_once = {0, 0}, rto = {HS_MSEC(200), HS_MSEC(200)};

    /* steps at 0, 0.2, 0.6, 1.4, 3.0 s … */
    check_bound(hs_bound_tcp(at_once, rto, HS_SEC(120),
                             (HsBound){HS_MSEC(700), HS_MSEC(900)}),
                HS_MSEC(1400), HS_MSEC(1400));
    check_bound(hs_bound_tcp(at_once, rto, HS_SEC(120),
                             (HsBound){HS_MSEC(600), HS_MSEC(900)}),
                HS_MSEC(600), HS_MSEC(1400));
    check_bound(hs_bound_tcp(at_once, rto, HS_SEC(120), (HsBound){0, 0}), 0,
                HS_MSEC(200));
    /* The RTO may be anything up to 250 ms: 0.75 s is a step, then 1.75. */
    check_bound(hs_bound_tcp(at_once, (HsBound){HS_MSEC(200), HS_MSEC(250)},
                             HS_SEC(120), (HsBound){HS_MSEC(700), HS_SEC(1)}),
                HS_MSEC(700), HS_MSEC(1750));
    check_bound(hs_bound_tcp(at_once, rto, HS_SEC(120),
                             (HsBound){HS_SEC(60), HS_TIME_NEVER}),
                HS_MSEC(102200), HS_TIME_NEVER);
}
END_TEST

/* Draws of everything, walked step by step: none falls outside, and the ends
 * are nearly reached, so the bounds are no wider than they must be. */
START_TEST(tcp_bounds_hold_every_draw)
{
    static const struct {
        HsBound first, rto, back;
        HsDuration cap;
    } rows[] = {
        {{0, HS_MSEC(10)},
         {HS_MSEC(201), HS_MSEC(240)},
         {HS_MSEC(600), HS_MSEC(902)},
         HS_SEC(120)},
        {{0, HS_MSEC(10)},
         {HS_MSEC(200), HS_MSEC(201)},
         {HS_SEC(60), HS_SEC(90)},
         HS_SEC(120)},
        {{0, HS_SEC(1)},
         {HS_MSEC(200), HS_MSEC(400)},
         {HS_SEC(6), HS_SEC(9)},
         HS_SEC(2)},
        {{HS_MSEC(5), HS_MSEC(5)}, {HS_SEC(1), HS_SEC(3)}, {0, HS_SEC(1)}, 0},
    };
    HsBound bound =
        hs_bound_tcp(rows[_i].first, rows[_i].rto, rows[_i].cap, rows[_i].back);
    HsTime least = HS_TIME_NEVER, most = 0;
    g_autoptr(HsRng) rng = hs_rng_new(1, "bounds", "tcp");

    for (int i = 0; i < 200000; i++) {
        HsTime at = hs_rng_uniform(rng, rows[_i].first.min, rows[_i].first.max);
        HsTime back = hs_rng_uniform(rng, rows[_i].back.min, rows[_i].back.max);
        HsDuration step =
            hs_rng_uniform(rng, rows[_i].rto.min, rows[_i].rto.max);

        while (at < back) {
            at += step;
            step = step * 2;
            if (rows[_i].cap > 0 && step > rows[_i].cap)
                step = rows[_i].cap;
        }
        least = hs_time_min(least, at);
        most = hs_time_max(most, at);
    }
    ck_assert_int_ge(least, bound.min);
    ck_assert_int_le(most, bound.max);
    ck_assert_int_lt(least - bound.min, bound.min / 50 + HS_MSEC(1));
    ck_assert_int_lt(bound.max - most, bound.max / 10);
}
END_TEST

static HsBoundsInput
dx_cut(void)
{
    return (HsBoundsInput){
        .bfd_interval = HS_MSEC(300),
        .bfd_multiplier = 3,
        .bgp_keepalive = HS_SEC(30),
        .bgp_hold = HS_SEC(90),
        .path_delay = HS_MSEC(2),
        .convergence = {HS_MSEC(10), HS_MSEC(50)},
        .backup_delay = {HS_MSEC(8), HS_MSEC(20)},
        .sampling = HS_MSEC(10),
        .first_send = {0, 0},
        .rto = {HS_MSEC(200), HS_MSEC(200)},
        .rto_max = HS_SEC(120),
        .pool_timeout = HS_SEC(1),
    };
}

START_TEST(a_design_with_everything)
{
    HsBoundsInput in = dx_cut();
    HsBounds bounds;

    hs_bounds_compute(&in, &bounds);
    ck_assert(!bounds.terms[HS_BOUND_DETECT_CARRIER].applies);
    check_bound(bounds.terms[HS_BOUND_DETECT_BFD].bound, HS_MSEC(600),
                HS_MSEC(902));
    check_bound(bounds.terms[HS_BOUND_DETECT_HOLD].bound, HS_SEC(60),
                HS_MSEC(90002));
    check_bound(bounds.terms[HS_BOUND_DETECT].bound, HS_MSEC(600),
                HS_MSEC(902));
    ck_assert_str_eq(bounds.terms[HS_BOUND_DETECT].text,
                     "the quickest means: detect by BFD");
    check_bound(bounds.terms[HS_BOUND_NETWORK].bound, HS_MSEC(618),
                HS_MSEC(982));
    /* Retransmissions at 0.6 and 1.4 s; the network is back after 0.61 s. */
    check_bound(bounds.terms[HS_BOUND_PERSISTENT].bound, HS_MSEC(1416),
                HS_MSEC(1440));
    check_bound(bounds.terms[HS_BOUND_POOL].bound, HS_MSEC(626), HS_MSEC(2032));
    for (int i = HS_BOUND_DETECT_BFD; i < HS_BOUND_TERM_COUNT; i++)
        ck_assert_str_ne(bounds.terms[i].text, "");
}
END_TEST

START_TEST(the_quickest_means_decides)
{
    HsBoundsInput in = dx_cut();
    HsBounds bounds;

    in.carrier = true;
    in.carrier_delay = HS_MSEC(50);
    hs_bounds_compute(&in, &bounds);
    check_bound(bounds.terms[HS_BOUND_DETECT].bound, HS_MSEC(50), HS_MSEC(50));
    in.carrier = false;
    in.bfd_multiplier = 0;
    hs_bounds_compute(&in, &bounds);
    check_bound(bounds.terms[HS_BOUND_DETECT].bound, HS_SEC(60),
                HS_MSEC(90002));
    in.bgp_hold = 0; /* nothing ever notices */
    hs_bounds_compute(&in, &bounds);
    for (int i = 0; i < HS_BOUND_TERM_COUNT; i++)
        ck_assert(!bounds.terms[i].applies);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("bounds");
    TCase *tc = tcase_create("bounds");

    tcase_add_test(tc, bfd_as_the_measurements_say);
    tcase_add_test(tc, hold_timer_as_the_measurements_say);
    tcase_add_test(tc, one_way_the_other_side_hears_one_keepalive_more);
    tcase_add_test(tc, tcp_steps_double_up_to_the_cap);
    tcase_add_test(tc, tcp_comes_back_with_the_next_step);
    tcase_add_loop_test(tc, tcp_bounds_hold_every_draw, 0, 4);
    tcase_add_test(tc, a_design_with_everything);
    tcase_add_test(tc, the_quickest_means_decides);
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}
