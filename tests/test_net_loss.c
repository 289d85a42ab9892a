/* Loss by itself and in bursts. The bounds on sample means are five standard
 * errors wide; the streams are seeded, so a test that passes once passes
 * always. */

#include "config.h"

#include "models/net/loss.h"
#include "tests/harness/run.h"

#include <math.h>
#include <stdlib.h>

enum { DRAWS = 200000 };

START_TEST(independent_loss)
{
    HsLoss loss = {.config = {.loss_good = 0.02}};
    g_autoptr(HsRng) rng = hs_rng_new(1, "loss", "independent");
    unsigned lost = 0, pairs = 0;
    bool before = false;

    for (unsigned i = 0; i < DRAWS; i++) {
        bool now = hs_loss_draw(&loss, rng);

        lost += now;
        pairs += now && before;
        before = now;
    }
    ck_assert(abs((int)lost - DRAWS / 50) < 5 * 63); /* sqrt(n p q) = 63 */
    ck_assert_uint_lt(pairs, 80 + 5 * 9);            /* n p^2 = 80 */
}
END_TEST

/* Bad 1/(1 + 0.25/0.01) = 1/26 of the time, in bursts of 4 packets. */
START_TEST(bursty_loss)
{
    HsLoss loss = {.config = {.loss_bad = 1, .enter = 0.01, .leave = 0.25}};
    g_autoptr(HsRng) rng = hs_rng_new(1, "loss", "bursty");
    unsigned lost = 0, bursts = 0;
    bool before = false;

    for (unsigned i = 0; i < DRAWS; i++) {
        bool now = hs_loss_draw(&loss, rng);

        lost += now;
        bursts += now && !before;
        before = now;
    }
    ck_assert_msg(fabs(lost / (double)DRAWS * 26 - 1) < 0.15, "%u", lost);
    ck_assert_msg(fabs(lost / (double)bursts / 4 - 1) < 0.1, "%u in %u", lost,
                  bursts);
}
END_TEST

START_TEST(certain_and_impossible_loss)
{
    HsLoss all = {.config = {.loss_good = 1}}, none = {.config = {0}};
    g_autoptr(HsRng) rng = hs_rng_new(1, "loss", "certain");

    for (unsigned i = 0; i < 1000; i++) {
        ck_assert(hs_loss_draw(&all, rng));
        ck_assert(!hs_loss_draw(&none, rng));
    }
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("net loss");
    TCase *t = tcase_create("draws");

    tcase_add_test(t, independent_loss);
    tcase_add_test(t, bursty_loss);
    tcase_add_test(t, certain_and_impossible_loss);
    suite_add_tcase(suite, t);
    return run_suite(suite);
}
