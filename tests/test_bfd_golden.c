/* What real daemons did (tests/golden/bfd, recorded by
 * tests/interop/bfd_record.c), against what the core does with their jitter:
 * detections as exact as they must be, and the same distributions of intervals
 * and of the phase in which a cut finds them. */

#include "config.h"

#include "tests/harness/bfd_pair.h"
#include "tests/harness/ks.h"
#include "tests/harness/run.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define INTERVAL HS_MSEC(100)
#define P_LEAST  0.01

static const struct {
    const char *name, *file;
    BfdJitter jitter;
    double grain; /* in which gaps are compared, us; 0: as they are */
} daemons[] = {
    /* One percent of the interval: what the clocks add to it is less. */
    {"FRR", "frr.txt", BFD_JITTER_FRR, 1000},
    {"BIRD", "bird.txt", BFD_JITTER_BIRD, 0},
};

/* Arrays of double, in microseconds. */
typedef struct {
    GArray *gaps;
    GArray *negotiated[2], *detected[2], *phase[2]; /* ours, theirs */
} Figures;

static Figures
figures_new(void)
{
    Figures f = {.gaps = g_array_new(FALSE, FALSE, sizeof(double))};

    for (unsigned i = 0; i < 2; i++) {
        f.negotiated[i] = g_array_new(FALSE, FALSE, sizeof(double));
        f.detected[i] = g_array_new(FALSE, FALSE, sizeof(double));
        f.phase[i] = g_array_new(FALSE, FALSE, sizeof(double));
    }
    return f;
}

static void
figures_clear(Figures *f)
{
    g_array_unref(f->gaps);
    for (unsigned i = 0; i < 2; i++) {
        g_array_unref(f->negotiated[i]);
        g_array_unref(f->detected[i]);
        g_array_unref(f->phase[i]);
    }
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Figures, figures_clear)

static void
add(GArray *array, double value)
{
    g_array_append_val(array, value);
}

static void
add_line(Figures *f, const char *line)
{
    g_auto(GStrv) words = g_strsplit(line, " ", -1);
    unsigned side = words[0] != NULL && strcmp(words[0], "theirs") == 0;

    if (words[0] == NULL || words[0][0] == '#' || words[0][0] == '\0')
        return;
    if (strcmp(words[0], "gap") == 0) {
        ck_assert_uint_eq(g_strv_length(words), 2);
        add(f->gaps, g_ascii_strtod(words[1], NULL));
        return;
    }
    ck_assert(side == 1 || strcmp(words[0], "ours") == 0);
    ck_assert_uint_eq(g_strv_length(words), 4);
    add(f->negotiated[side], g_ascii_strtod(words[1], NULL));
    add(f->detected[side], g_ascii_strtod(words[2], NULL));
    add(f->phase[side], g_ascii_strtod(words[3], NULL));
}

static Figures
recorded(int which)
{
    const char *top = g_getenv("TOP_SRCDIR");
    g_autofree char *path =
        g_build_filename(top != NULL ? top : ".", "tests", "golden", "bfd",
                         daemons[which].file, NULL);
    g_autofree char *text = NULL;
    g_auto(GStrv) lines = NULL;
    Figures f = figures_new();

    ck_assert_msg(g_file_get_contents(path, &text, NULL, NULL), "no %s", path);
    lines = g_strsplit(text, "\n", -1);
    for (char **line = lines; *line != NULL; line++)
        add_line(&f, *line);
    return f;
}

/* Not off by more than 5 ms, and never early: 20 of each. */
START_TEST(detections_were_exact)
{
    g_auto(Figures) f = recorded(_i);

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

static void
to_grains(GArray *gaps, double grain)
{
    for (guint i = 0; grain > 0 && i < gaps->len; i++) {
        double *gap = &g_array_index(gaps, double, i);

        *gap = floor(*gap / grain);
    }
}

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
    GArray *gaps = g_array_new(FALSE, FALSE, sizeof(double));
    g_auto(BfdPair) p;
    guint from;
    HsTime last;

    pair_with(&p, which, 1);
    from = p.sent[1]->len;
    bfd_pair_run(&p, p.now + HS_SEC(1000));
    last = g_array_index(p.sent[1], BfdPairSent, from - 1).at;
    for (guint i = from; i < p.sent[1]->len; i++) {
        HsTime at = g_array_index(p.sent[1], BfdPairSent, i).at;

        add(gaps, (double)(at - last) / 1e3);
        last = at;
    }
    return gaps;
}

START_TEST(intervals_have_the_daemons_distribution)
{
    g_auto(Figures) f = recorded(_i);
    g_autoptr(GArray) simulated = simulated_gaps(_i);
    double p;

    ck_assert_uint_eq(f.gaps->len, 600);
    to_grains(f.gaps, daemons[_i].grain);
    to_grains(simulated, daemons[_i].grain);
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
    GArray *phases = g_array_new(FALSE, FALSE, sizeof(double));

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
        add(phases, (double)(p.arrived[side] + 3 * INTERVAL - cut) / 1e3);
    }
    return phases;
}

START_TEST(phases_have_the_daemons_distribution)
{
    int which = _i / 2;
    unsigned side = (unsigned)_i % 2;
    g_auto(Figures) f = recorded(which);
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
    g_auto(Figures) f = recorded(_i);
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
