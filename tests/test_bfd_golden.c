/* What real daemons did (tests/golden/bfd, recorded by
 * tests/interop/bfd_record.c), against what the core does with their jitter:
 * detections as exact as they must be, and the same distributions of intervals
 * and of the phase in which a cut finds them. */

#include "config.h"

#include "tests/harness/bfd_pair.h"
#include "tests/harness/golden.h"
#include "tests/harness/ks.h"
#include "tests/harness/run.h"

#include <stdio.h>

#define INTERVAL HS_MSEC(100)
#define P_LEAST  0.01

static const struct {
    const char *name, *file;
    BfdJitter jitter;
    double grain; /* in which gaps are compared, us */
} daemons[] = {
    /* One percent of the interval: what the clocks add to it is less. */
    {"FRR", "frr.txt", BFD_JITTER_FRR, 1000},
    {"BIRD", "bird.txt", BFD_JITTER_BIRD, 1},
};

/* Not off by more than 5 ms, and never early: 20 of each. */
START_TEST(detections_were_exact)
{
    g_auto(GoldenFigures) f = golden_figures_read("bfd", daemons[_i].file);

    for (unsigned side = 0; side < 2; side++) {
        ck_assert_uint_eq(f.detected[side]->len, 20);
        for (guint i = 0; i < f.detected[side]->len; i++) {
            double off = g_array_index(f.detected[side], double, i) -
                         g_array_index(f.negotiated[side], double, i);

            ck_assert_msg(off >= 0 && off <= 5000, "%s, %s: off by %f us",
                          daemons[_i].name, side == 0 ? "ours" : "theirs", off);
        }
    }
}
END_TEST

/* A pair of which b has the daemon's jitter. */
static void
pair_with(BfdPair *p, int which, uint64_t seed)
{
    BfdConfig a = {.discriminator = 0xa,
                   .desired_min_tx = INTERVAL,
                   .required_min_rx = INTERVAL,
                   .detect_mult = 3};
    BfdConfig b = a;

    b.discriminator = 0xb;
    b.jitter = daemons[which].jitter;
    bfd_pair_init(p, &a, &b, HS_USEC(50), seed);
    bfd_pair_up(p);
    bfd_pair_run(p, p->now + HS_SEC(2));
}

static GArray *
simulated_gaps(int which)
{
    GArray *gaps = golden_array();
    g_auto(BfdPair) p;
    guint from;
    HsTime last;

    pair_with(&p, which, 1);
    from = p.sent[1]->len;
    bfd_pair_run(&p, p.now + HS_SEC(1000));
    last = g_array_index(p.sent[1], BfdPairSent, from - 1).at;
    for (guint i = from; i < p.sent[1]->len; i++) {
        HsTime at = g_array_index(p.sent[1], BfdPairSent, i).at;

        golden_add(gaps, (double)(at - last) / 1e3);
        last = at;
    }
    return gaps;
}

START_TEST(intervals_have_the_daemons_distribution)
{
    g_auto(GoldenFigures) f = golden_figures_read("bfd", daemons[_i].file);
    g_autoptr(GArray) simulated = simulated_gaps(_i);
    double p;

    ck_assert_uint_eq(f.gaps->len, 600);
    golden_to_grains(f.gaps, daemons[_i].grain);
    golden_to_grains(simulated, daemons[_i].grain);
    p = ks_probability(f.gaps, simulated);
    printf("%s: intervals: n = %u and %u, D = %.4f, p = %.3f\n",
           daemons[_i].name, f.gaps->len, simulated->len,
           ks_distance(f.gaps, simulated), p);
    ck_assert_msg(p > P_LEAST, "%s: p = %f", daemons[_i].name, p);
}
END_TEST

/* How long after the cut the detection comes. Side 0 detects the silence of b,
 * which has the daemon's jitter; side 1 that of a. */
static GArray *
simulated_phases(int which, unsigned side)
{
    GArray *phases = golden_array();

    for (uint64_t seed = 0; seed < 1000; seed++) {
        g_autoptr(HsRng) rng = hs_rng_new(seed, "test", "cut");
        g_auto(BfdPair) p;
        HsTime cut;

        pair_with(&p, which, seed);
        cut = p.now + hs_rng_uniform(rng, 0, HS_SEC(1));
        bfd_pair_run(&p, cut);
        p.cut[0] = p.cut[1] = true;
        bfd_pair_run(&p, cut + HS_SEC(1));
        ck_assert_int_eq(bfd_pair_last_change(&p, side)->cause,
                         BFD_CAUSE_DETECTION_EXPIRED);
        golden_add(phases,
                   (double)(p.arrived[side] + 3 * INTERVAL - cut) / 1e3);
    }
    return phases;
}

START_TEST(phases_have_the_daemons_distribution)
{
    int which = _i / 2;
    unsigned side = (unsigned)_i % 2;
    g_auto(GoldenFigures) f = golden_figures_read("bfd", daemons[which].file);
    g_autoptr(GArray) simulated = simulated_phases(which, side);
    double p = ks_probability(f.phase[side], simulated);

    printf("%s: phases, %s: n = %u and %u, D = %.4f, p = %.3f\n",
           daemons[which].name, side == 0 ? "ours" : "theirs",
           f.phase[side]->len, simulated->len,
           ks_distance(f.phase[side], simulated), p);
    ck_assert_msg(p > P_LEAST, "%s: p = %f", daemons[which].name, p);
}
END_TEST

/* The yardstick itself: FRR's intervals are not BIRD's. */
START_TEST(other_distributions_are_told_apart)
{
    g_auto(GoldenFigures) f = golden_figures_read("bfd", daemons[_i].file);
    g_autoptr(GArray) same = simulated_gaps(_i);
    g_autoptr(GArray) other = simulated_gaps(1 - _i);

    ck_assert(ks_probability(f.gaps, other) < 1e-6);
    ck_assert(ks_probability(same, other) < 1e-6);
    ck_assert(ks_probability(same, same) > 0.999);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("bfd golden");
    TCase *t = tcase_create("daemons");

    tcase_set_timeout(t, 60);
    tcase_add_loop_test(t, detections_were_exact, 0, G_N_ELEMENTS(daemons));
    tcase_add_loop_test(t, intervals_have_the_daemons_distribution, 0,
                        G_N_ELEMENTS(daemons));
    tcase_add_loop_test(t, phases_have_the_daemons_distribution, 0,
                        2 * G_N_ELEMENTS(daemons));
    tcase_add_loop_test(t, other_distributions_are_told_apart, 0, 2);
    suite_add_tcase(suite, t);
    return run_suite(suite);
}
