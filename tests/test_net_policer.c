/* The policer: what passes in a second, in a burst and after a pause, in bytes
 * and in packets, by arithmetic and not by trying. */

#include "config.h"

#include "models/net/policer.h"
#include "tests/harness/fake_env.h"
#include "tests/harness/run.h"

/* Packets of LENGTH, one each EVERY, for DURATION; how many passed. */
static uint64_t
offer(HsPolicer *policer, HsTime from, HsDuration every, HsDuration duration,
      size_t length)
{
    uint64_t before = policer->counters.passed_packets;

    for (HsTime now = from; now < from + duration; now += every)
        hs_policer_pass(policer, now, length);
    return policer->counters.passed_packets - before;
}

/* The bucket of 10 ms passes at once, then what the rate allows. */
static const struct {
    const char *name;
    HsPolicerConfig config;
    HsDuration every;
    size_t length;
    uint64_t passed; /* of what is offered in the first second */
} rates[] = {
    {"below the rate: everything",
     {.rate = 50000000},
     HS_USEC(250), /* 48 Mbit/s */
     1500,
     4000},
    /* 50e6 / 12000 = 4166.67, and a bucket of 500 kbit = 41.67 */
    {"twice the rate: the rate and one bucket",
     {.rate = 50000000},
     HS_USEC(120),
     1500,
     4208},
    /* (50e6 + 500e3) / (1538 * 8) */
    {"the overhead is paid for",
     {.rate = 50000000, .overhead = 38},
     HS_USEC(120),
     1500,
     4104},
    /* AWS's tunnel: small packets meet the packet limit, 140000 + 1400 */
    {"packets, not bytes",
     {.rate = 1250000000, .packets = 140000},
     HS_USEC(5),
     100,
     141400},
    /* 1.25e9 / 12000 = 104166.67, and 1041.67 of the bucket */
    {"bytes, not packets",
     {.rate = 1250000000, .packets = 140000},
     HS_USEC(5),
     1500,
     105208},
    {"a bucket of one packet",
     {.rate = 12000000, .burst_bytes = 1500},
     HS_USEC(100),
     1500,
     1000},
    {"nothing is policed", {.rate = 0}, HS_USEC(100), 9001, 10000},
};

START_TEST(a_second_passes_the_rate_and_a_burst)
{
    HsPolicer policer;
    uint64_t passed;

    hs_policer_init(&policer, &rates[_i].config, HS_SEC(5));
    passed = offer(&policer, HS_SEC(5), rates[_i].every, HS_SEC(1),
                   rates[_i].length);
    ck_assert_msg(passed == rates[_i].passed || passed + 1 == rates[_i].passed,
                  "%s: %" G_GUINT64_FORMAT, rates[_i].name, passed);
}
END_TEST

/* A packet of 512 bits each ns at 400 bits a ns: what a bucket of 1024 bits and
 * a million ns give, to the bit. */
START_TEST(no_drift_at_the_highest_rate)
{
    HsPolicerConfig config = {.rate = 400000000000, .burst_bytes = 128};
    HsPolicer policer;

    hs_policer_init(&policer, &config, 0);
    for (HsTime now = 1; now <= 1000000; now++)
        hs_policer_pass(&policer, now, 64);
    ck_assert_uint_eq(policer.counters.passed_packets, 400000624 / 512);
}
END_TEST

START_TEST(a_pause_fills_the_bucket_and_no_more)
{
    HsPolicerConfig config = {.rate = 12000000, .burst_bytes = 15000};
    HsPolicer policer;

    hs_policer_init(&policer, &config, 0);
    ck_assert_uint_eq(offer(&policer, 0, 1, 100, 1500), 10);
    /* 5 ms at 12 Mbit/s are 7500 bytes */
    ck_assert_uint_eq(offer(&policer, HS_MSEC(5) + 100, 1, 100, 1500), 5);
    ck_assert_uint_eq(offer(&policer, HS_SEC(3600), 1, 100, 1500), 10);
    /* and after longer than any product of rate and time could hold */
    ck_assert_uint_eq(offer(&policer, HS_TIME_NEVER - HS_SEC(1), 1, 100, 1500),
                      10);
}
END_TEST

/* A refused packet takes nothing, so a smaller one may pass after it. */
START_TEST(what_is_dropped_costs_nothing)
{
    HsPolicerConfig config = {.rate = 8000, .burst_bytes = 1000, .packets = 5};
    HsPolicer policer;

    hs_policer_init(&policer, &config, 0);
    ck_assert(!hs_policer_pass(&policer, 0, 1001));
    ck_assert(hs_policer_pass(&policer, 0, 600));
    ck_assert(!hs_policer_pass(&policer, 0, 600));
    ck_assert(hs_policer_pass(&policer, 0, 400));
    ck_assert_uint_eq(policer.counters.over_rate, 2);
    ck_assert_uint_eq(policer.counters.over_packets, 0);
    ck_assert_uint_eq(policer.counters.dropped_bytes, 1601);
    ck_assert_uint_eq(policer.counters.passed_bytes, 1000);
}
END_TEST

START_TEST(each_drop_has_its_reason)
{
    HsPolicerConfig config = {.rate = 8000000,
                              .burst_bytes = 3000,
                              .packets = 10,
                              .burst_packets = 2};
    HsPolicer policer;

    hs_policer_init(&policer, &config, 0);
    ck_assert_uint_eq(offer(&policer, 0, 1, 5, 100), 2);
    ck_assert_uint_eq(policer.counters.over_packets, 3);
    ck_assert_uint_eq(policer.counters.over_rate, 0);
}
END_TEST

START_TEST(new_rates_keep_what_fits)
{
    HsPolicer policer;

    hs_policer_init(&policer,
                    &(HsPolicerConfig){.burst_bytes = 100000, .rate = 8000000},
                    0);
    hs_policer_set(&policer,
                   &(HsPolicerConfig){.burst_bytes = 3000, .rate = 8000}, 10);
    ck_assert_uint_eq(offer(&policer, 10, 1, 10, 1000), 3);
}
END_TEST

static void
count(void *user_data, HsPacket *packet)
{
    unsigned *n = user_data;

    (*n)++;
    hs_packet_unref(packet);
}

START_TEST(the_stage_passes_on_or_drops)
{
    g_autoptr(FakeWorld) w = fake_world_new(1);
    HsEnv *env = fake_world_node(w, "a", "10.0.0.1");
    HsPolicerConfig config = {.rate = 8000, .burst_bytes = 1000};
    unsigned n = 0;
    HsPolicerStage *stage = hs_policer_stage_new(env, &config, count, &n);

    for (unsigned i = 0; i < 4; i++)
        hs_policer_stage_input(stage, hs_packet_new(NULL, 400));
    ck_assert_uint_eq(n, 2);
    fake_world_run(w, HS_MSEC(600)); /* 200 + 600 bytes: two more */
    for (unsigned i = 0; i < 4; i++)
        hs_policer_stage_input(stage, hs_packet_new(NULL, 400));
    ck_assert_uint_eq(n, 4);
    hs_policer_stage_set(stage, &(HsPolicerConfig){0});
    hs_policer_stage_input(stage, hs_packet_new(NULL, 9001));
    ck_assert_uint_eq(n, 5);
    ck_assert_uint_eq(hs_policer_stage_counters(stage)->dropped_packets, 4);
    hs_policer_stage_free(stage);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("net policer");
    TCase *tcase = tcase_create("policer");

    tcase_add_loop_test(tcase, a_second_passes_the_rate_and_a_burst, 0,
                        (int)G_N_ELEMENTS(rates));
    tcase_add_test(tcase, no_drift_at_the_highest_rate);
    tcase_add_test(tcase, a_pause_fills_the_bucket_and_no_more);
    tcase_add_test(tcase, what_is_dropped_costs_nothing);
    tcase_add_test(tcase, each_drop_has_its_reason);
    tcase_add_test(tcase, new_rates_keep_what_fits);
    tcase_add_test(tcase, the_stage_passes_on_or_drops);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
