/* Jitter, loss and the stage between a port and its link. The bounds on sample
 * means are five standard errors wide; the streams are seeded, so a test that
 * passes once passes always. */

#include "config.h"

#include "models/net/impair.h"
#include "tests/harness/fake_env.h"
#include "tests/harness/run.h"

#include <math.h>
#include <string.h>

enum { DRAWS = 200000 };

/* What a table says of itself, from the textbook's formulas. */
static const struct {
    const char *name;
    HsJitterConfig config;
    double mean, deviation; /* of the draws; deviation 0: not checked */
    HsDuration least, most;
} jitters[] = {
    {"none", {.kind = HS_JITTER_NONE, .mean = HS_MSEC(5)}, 0, 0, 0, 0},
    {"constant",
     {.kind = HS_JITTER_CONSTANT, .mean = HS_MSEC(5)},
     5e6,
     0,
     HS_MSEC(5),
     HS_MSEC(5)},
    {"uniform",
     {.kind = HS_JITTER_UNIFORM, .mean = HS_MSEC(5), .spread = HS_MSEC(3)},
     5e6,
     3e6 / 1.7320508,
     HS_MSEC(2),
     HS_MSEC(8)},
    {"normal, far from zero",
     {.kind = HS_JITTER_NORMAL, .mean = HS_MSEC(10), .spread = HS_MSEC(1)},
     10e6,
     1e6,
     0,
     HS_MSEC(20)},
    {"lognormal",
     {.kind = HS_JITTER_LOGNORMAL, .mean = HS_MSEC(4), .spread = HS_MSEC(2)},
     4e6,
     2e6,
     0,
     HS_SEC(1)},
    /* A tail so heavy that the sample's deviation says little. Its least value
     * is mean (a - 1) / a with a = 1 + sqrt(5). */
    {"pareto",
     {.kind = HS_JITTER_PARETO, .mean = HS_MSEC(4), .spread = HS_MSEC(2)},
     4e6,
     0,
     2763932,
     HS_SEC(3600)},
    {"bounded",
     {.kind = HS_JITTER_CONSTANT, .mean = HS_MSEC(9), .max = HS_MSEC(7)},
     7e6,
     0,
     HS_MSEC(7),
     HS_MSEC(7)},
    {"never negative",
     {.kind = HS_JITTER_UNIFORM, .mean = -HS_MSEC(9), .spread = HS_MSEC(1)},
     0,
     0,
     0,
     0},
    {"pareto without spread",
     {.kind = HS_JITTER_PARETO, .mean = HS_MSEC(4)},
     4e6,
     0,
     HS_MSEC(4),
     HS_MSEC(4)},
    {"lognormal of nothing", {.kind = HS_JITTER_LOGNORMAL}, 0, 0, 0, 0},
};

START_TEST(jitter_has_the_shape_it_names)
{
    g_autoptr(HsRng) rng = hs_rng_new(1, "jitter", jitters[_i].name);
    double sum = 0, squares = 0, mean, deviation, spread;

    for (unsigned i = 0; i < DRAWS; i++) {
        HsDuration draw = hs_jitter_draw(&jitters[_i].config, rng);

        ck_assert_msg(draw >= jitters[_i].least && draw <= jitters[_i].most,
                      "%s", jitters[_i].name);
        sum += (double)draw;
        squares += (double)draw * (double)draw;
    }
    mean = sum / DRAWS;
    deviation = sqrt(fmax(squares / DRAWS - mean * mean, 0));
    spread = (double)jitters[_i].config.spread;
    ck_assert_msg(fabs(mean - jitters[_i].mean) <= 5 * spread / sqrt(DRAWS) + 1,
                  "%s: mean %g", jitters[_i].name, mean);
    if (jitters[_i].deviation > 0)
        ck_assert_msg(fabs(deviation / jitters[_i].deviation - 1) < 0.03,
                      "%s: deviation %g", jitters[_i].name, deviation);
}
END_TEST

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

/* The stage */

typedef struct {
    FakeWorld *world;
    GString *text; /* number@milliseconds of what came out */
    unsigned n, last, disorder;
} Sink;

static void
take(void *user_data, HsPacket *packet)
{
    Sink *sink = user_data;
    unsigned number = hs_packet_data(packet)[0];

    g_string_append_printf(sink->text, "%u@%d ", number,
                           (int)(fake_world_now(sink->world) / HS_MSEC(1)));
    sink->disorder += sink->n > 0 && number < sink->last;
    sink->last = number;
    sink->n++;
    hs_packet_unref(packet);
}

static void
give(HsImpair *impair, unsigned number)
{
    uint8_t byte = (uint8_t)number;

    hs_impair_input(impair, hs_packet_new(&byte, 1));
}

static void
expect_sum(const HsImpair *impair)
{
    HsImpairCounters c = hs_impair_counters(impair);

    ck_assert_uint_eq(c.received + c.duplicated, c.sent + c.lost + c.held);
}

static Sink sink;

static HsImpair *
stage(HsImpairConfig config)
{
    sink = (Sink){.world = fake_world_new(1), .text = g_string_new(NULL)};
    config.name = "path";
    return hs_impair_new(fake_world_node(sink.world, "internet", "192.0.2.1"),
                         &config, take, &sink);
}

static void
stage_end(HsImpair *impair)
{
    expect_sum(impair);
    hs_impair_free(impair);
    g_string_free(sink.text, TRUE);
    fake_world_free(sink.world);
}

START_TEST(nothing_configured_nothing_done)
{
    HsImpair *impair = stage((HsImpairConfig){0});

    give(impair, 1);
    give(impair, 2);
    ck_assert_str_eq(sink.text->str, "1@0 2@0 ");
    stage_end(impair);
}
END_TEST

START_TEST(jitter_delays)
{
    HsImpair *impair = stage((HsImpairConfig){
        .jitter = {.kind = HS_JITTER_CONSTANT, .mean = HS_MSEC(5)}});

    give(impair, 1);
    fake_world_run(sink.world, HS_MSEC(2));
    give(impair, 2);
    ck_assert_uint_eq(hs_impair_counters(impair).held, 2);
    expect_sum(impair);
    fake_world_run(sink.world, HS_MSEC(100));
    ck_assert_str_eq(sink.text->str, "1@5 2@7 ");
    stage_end(impair);
}
END_TEST

/* With less jitter than the one ahead, a packet waits for it. */
START_TEST(jitter_alone_keeps_the_order)
{
    HsImpair *impair = stage((HsImpairConfig){
        .jitter = {.kind = HS_JITTER_CONSTANT, .mean = HS_MSEC(5)}});

    give(impair, 1);
    hs_impair_set(impair, &(HsImpairConfig){.name = "path"});
    give(impair, 2);
    fake_world_run(sink.world, HS_MSEC(100));
    ck_assert_str_eq(sink.text->str, "1@5 2@5 ");
    give(impair, 3);
    ck_assert_str_eq(sink.text->str, "1@5 2@5 3@100 ");
    stage_end(impair);

    impair = stage((HsImpairConfig){.jitter = {.kind = HS_JITTER_PARETO,
                                               .mean = HS_MSEC(5),
                                               .spread = HS_MSEC(5)}});
    for (unsigned i = 0; i < 200; i++) {
        fake_world_run(sink.world, HS_MSEC(1) * i);
        give(impair, i);
    }
    fake_world_run(sink.world, HS_SEC(7200));
    ck_assert_uint_eq(sink.n, 200);
    ck_assert_uint_eq(sink.disorder, 0);
    stage_end(impair);
}
END_TEST

START_TEST(reordered_packet_overtakes)
{
    HsImpairConfig config = {
        .name = "path",
        .jitter = {.kind = HS_JITTER_CONSTANT, .mean = HS_MSEC(5)}};
    HsImpair *impair = stage(config);

    give(impair, 1);
    config.reorder = 1;
    hs_impair_set(impair, &config);
    give(impair, 2);
    fake_world_run(sink.world, HS_MSEC(100));
    give(impair, 3); /* nobody to overtake */
    fake_world_run(sink.world, HS_MSEC(200));
    ck_assert_str_eq(sink.text->str, "2@0 1@5 3@105 ");
    ck_assert_uint_eq(hs_impair_counters(impair).reordered, 1);
    stage_end(impair);
}
END_TEST

START_TEST(duplicates_and_losses_are_counted)
{
    HsImpair *impair =
        stage((HsImpairConfig){.loss = {.loss_good = 0.25}, .duplicate = 0.5});
    HsImpairCounters c;

    for (unsigned i = 0; i < 1000; i++)
        give(impair, i);
    c = hs_impair_counters(impair);
    ck_assert_uint_eq(c.received, 1000);
    ck_assert_uint_eq(c.sent, sink.n);
    ck_assert_int_lt(abs((int)c.lost - 250), 70);
    ck_assert_int_lt(abs((int)c.duplicated - 375), 77);
    stage_end(impair);
}
END_TEST

/* One figure does not shift the chance of another. */
START_TEST(losses_do_not_depend_on_duplicates)
{
    uint64_t lost[2];

    for (unsigned i = 0; i < 2; i++) {
        HsImpair *impair = stage(
            (HsImpairConfig){.loss = {.loss_good = 0.25}, .duplicate = i});

        for (unsigned j = 0; j < 1000; j++)
            give(impair, j);
        lost[i] = hs_impair_counters(impair).lost;
        stage_end(impair);
    }
    ck_assert_uint_eq(lost[0], lost[1]);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("net impair");
    TCase *t = tcase_create("draws");

    tcase_add_loop_test(t, jitter_has_the_shape_it_names, 0,
                        G_N_ELEMENTS(jitters));
    tcase_add_test(t, independent_loss);
    tcase_add_test(t, bursty_loss);
    tcase_add_test(t, certain_and_impossible_loss);
    suite_add_tcase(suite, t);

    t = tcase_create("stage");
    tcase_add_test(t, nothing_configured_nothing_done);
    tcase_add_test(t, jitter_delays);
    tcase_add_test(t, jitter_alone_keeps_the_order);
    tcase_add_test(t, reordered_packet_overtakes);
    tcase_add_test(t, duplicates_and_losses_are_counted);
    tcase_add_test(t, losses_do_not_depend_on_duplicates);
    suite_add_tcase(suite, t);
    return run_suite(suite);
}
