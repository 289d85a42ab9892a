/* What faults do to single packets of a link: each harm alone, several at once,
 * and the sums of what became of the packets. The link is 8 Mbit/s (a byte
 * takes a microsecond) with 10 ms of delay. */

#include "config.h"

#include "sim/engine/ns3_shim.h"
#include "tests/harness/run.h"

#include <string.h>

#define DELAY HS_MSEC(10)
#define COUNT 1000

static HsSim *sim;
static HsSimLink *wire;
static GArray *numbers; /* uint32_t, of what arrived */
static GArray *times;   /* HsTime */
static unsigned damaged, bits;

static void
receive(void *user_data, HsPacket *packet)
{
    const uint8_t *data = hs_packet_data(packet);
    HsTime now = hs_sim_now(sim);
    unsigned ones = 0;
    uint32_t number;

    (void)user_data;
    memcpy(&number, data, sizeof number);
    /* The rest of it is zero. */
    for (size_t i = sizeof number; i < hs_packet_length(packet); i++)
        ones += (unsigned)__builtin_popcount(data[i]);
    damaged += ones > 0;
    bits += ones;
    g_array_append_val(numbers, number);
    g_array_append_val(times, now);
    hs_packet_unref(packet);
}

static void
set_up(void)
{
    HsSimNode *a, *b;

    sim = hs_sim_new(7);
    a = hs_sim_node_new(sim, "a");
    b = hs_sim_node_new(sim, "b");
    wire = hs_sim_link_new(
        sim,
        &(HsSimLinkConfig){
            .name = "wire", .rate = 8000000, .delay = DELAY, .mtu = 1500},
        a, b);
    hs_sim_link_set_receiver(wire, 1, receive, NULL);
    numbers = g_array_new(FALSE, FALSE, sizeof(uint32_t));
    times = g_array_new(FALSE, FALSE, sizeof(HsTime));
    damaged = bits = 0;
}

static void
tear_down(void)
{
    hs_sim_free(sim);
    g_array_unref(numbers);
    g_array_unref(times);
}

static void
send_number(uint32_t number, size_t length)
{
    g_autofree uint8_t *bytes = g_malloc0(length);

    memcpy(bytes, &number, sizeof number);
    hs_sim_link_send(wire, 0, hs_packet_new(bytes, length));
}

/* COUNT packets of 100 B, a millisecond apart. */
static void
send_all(void)
{
    for (uint32_t i = 0; i < COUNT; i++) {
        send_number(i, 100);
        hs_sim_run(sim, hs_sim_now(sim) + HS_MSEC(1));
    }
    hs_sim_run(sim, hs_sim_now(sim) + HS_SEC(10));
}

static HsSimLinkCounters
sums(void)
{
    HsSimLinkCounters c;
    uint64_t packets = 0, bytes = 0;

    hs_sim_link_counters(wire, 0, &c);
    for (unsigned i = 0; i < HS_SIM_LINK_FATE_COUNT; i++) {
        packets += c.packets[i];
        bytes += c.bytes[i];
    }
    ck_assert_uint_eq(c.sent_packets, packets);
    ck_assert_uint_eq(c.sent_bytes, bytes);
    ck_assert_uint_eq(c.packets[HS_SIM_LINK_DELIVERED], numbers->len);
    return c;
}

static HsSimHarm *
harm(const HsSimHarmConfig *config)
{
    return hs_sim_harm_new(wire, 0, "fault", config);
}

/* 10 % of 1000: 95 and 5 times out of 100 it is within 16 of 100. */
static void
expect_tenth(uint64_t count)
{
    ck_assert_uint_ge(count, 70);
    ck_assert_uint_le(count, 130);
}

START_TEST(what_is_too_large_vanishes)
{
    HsSimHarm *h = harm(&(HsSimHarmConfig){.largest = 500});

    send_number(1, 500);
    send_number(2, 501);
    hs_sim_run(sim, HS_SEC(1));
    ck_assert_uint_eq(numbers->len, 1);
    ck_assert_uint_eq(hs_sim_harm_counters(h).lost, 1);
    ck_assert_uint_eq(sums().packets[HS_SIM_LINK_BLACK_HOLE], 1);
    hs_sim_harm_set(h, &(HsSimHarmConfig){0});
    send_number(3, 501);
    hs_sim_run(sim, HS_SEC(2));
    ck_assert_uint_eq(numbers->len, 2);
}
END_TEST

START_TEST(loss_is_counted_as_loss)
{
    HsSimHarm *h = harm(&(HsSimHarmConfig){.loss = 0.1});
    HsSimHarmCounters c;

    send_all();
    c = hs_sim_harm_counters(h);
    expect_tenth(c.lost);
    ck_assert_uint_eq(sums().packets[HS_SIM_LINK_LOSS], c.lost);
    ck_assert_uint_eq(numbers->len, COUNT - c.lost);
}
END_TEST

/* Draws: 5 ms for every other packet. */
static HsDuration
every_other(void *user_data)
{
    unsigned *calls = user_data;

    return (*calls)++ % 2 == 0 ? HS_MSEC(5) : 0;
}

START_TEST(delay_and_jitter_are_more_of_it_and_keep_the_order)
{
    unsigned calls = 0;
    HsSimHarm *h = harm(&(HsSimHarmConfig){
        .delay = HS_MSEC(2), .jitter = every_other, .jitter_data = &calls});

    send_number(1, 1000);
    send_number(2, 1000);
    hs_sim_run(sim, HS_SEC(1));
    /* 1 ms on the wire, 10 of the link, 2 and 5 of the harm; the second one,
     * due at 14 ms, may not pass it. */
    ck_assert_int_eq(g_array_index(times, HsTime, 0), HS_MSEC(18));
    ck_assert_int_eq(g_array_index(times, HsTime, 1), HS_MSEC(18));
    ck_assert_uint_eq(g_array_index(numbers, uint32_t, 0), 1);
    ck_assert_uint_eq(hs_sim_harm_counters(h).late, 2);
    sums();
}
END_TEST

START_TEST(corruption_turns_one_bit)
{
    HsSimHarm *h = harm(&(HsSimHarmConfig){.corrupt = 0.1});
    HsSimHarmCounters c;

    send_all();
    c = hs_sim_harm_counters(h);
    expect_tenth(c.corrupted);
    ck_assert_uint_eq(numbers->len, COUNT); /* they arrive all the same */
    ck_assert_uint_eq(bits, damaged);
    /* Four of the hundred bytes are the number's. */
    ck_assert_uint_ge(damaged, c.corrupted * 8 / 10);
    ck_assert_uint_le(damaged, c.corrupted);
    sums();
}
END_TEST

/* Who else holds the packet keeps it as it is. */
START_TEST(corruption_spares_other_holders)
{
    HsPacket *packet = hs_packet_new(NULL, 100);

    harm(&(HsSimHarmConfig){.corrupt = 1});
    hs_sim_link_send(wire, 0, hs_packet_ref(packet));
    hs_sim_run(sim, HS_SEC(1));
    ck_assert_uint_eq(numbers->len, 1);
    for (size_t i = 0; i < 100; i++)
        ck_assert_uint_eq(hs_packet_data(packet)[i], 0);
    hs_packet_unref(packet);
}
END_TEST

START_TEST(duplicates_arrive_behind_their_original)
{
    HsSimHarm *h = harm(&(HsSimHarmConfig){.duplicate = 0.1});
    HsSimHarmCounters c;
    HsSimLinkCounters counters;
    unsigned twice = 0;

    send_all();
    c = hs_sim_harm_counters(h);
    expect_tenth(c.duplicated);
    for (guint i = 1; i < numbers->len; i++)
        twice += g_array_index(numbers, uint32_t, i) ==
                 g_array_index(numbers, uint32_t, i - 1);
    ck_assert_uint_eq(twice, c.duplicated);
    counters = sums();
    ck_assert_uint_eq(counters.copies, c.duplicated);
    ck_assert_uint_eq(counters.sent_packets, COUNT + c.duplicated);
}
END_TEST

START_TEST(three_others_pass_a_reordered_packet)
{
    HsSimHarm *h = harm(&(HsSimHarmConfig){.reorder = 1});

    send_number(0, 100);
    hs_sim_run(sim, HS_MSEC(1));
    hs_sim_harm_set(h, &(HsSimHarmConfig){.reorder = 1e-9});
    for (uint32_t i = 1; i < 6; i++)
        send_number(i, 100);
    hs_sim_run(sim, HS_SEC(1));
    ck_assert_uint_eq(g_array_index(numbers, uint32_t, 0), 1);
    ck_assert_uint_eq(g_array_index(numbers, uint32_t, 2), 3);
    ck_assert_uint_eq(g_array_index(numbers, uint32_t, 3), 0);
    ck_assert_uint_eq(g_array_index(numbers, uint32_t, 4), 4);
    ck_assert_uint_eq(hs_sim_harm_counters(h).reordered, 1);
    sums();
}
END_TEST

START_TEST(alone_it_is_only_late)
{
    HsSimHarm *h = harm(&(HsSimHarmConfig){.reorder = 1});

    send_number(0, 1000);
    hs_sim_run(sim, HS_SEC(1));
    ck_assert_uint_eq(numbers->len, 1);
    ck_assert_int_eq(g_array_index(times, HsTime, 0), HS_MSEC(111));
    ck_assert_uint_eq(hs_sim_harm_counters(h).reordered, 0);
    sums();
}
END_TEST

START_TEST(the_end_of_it_lets_go_what_was_kept_back)
{
    HsSimHarm *h = harm(&(HsSimHarmConfig){.reorder = 1});

    send_number(0, 1000);
    hs_sim_run(sim, HS_MSEC(2));
    hs_sim_harm_set(h, &(HsSimHarmConfig){0});
    hs_sim_run(sim, HS_SEC(1));
    ck_assert_int_eq(g_array_index(times, HsTime, 0), HS_MSEC(11));
    sums();
}
END_TEST

/* What is kept back was on the wire when the light went. */
START_TEST(a_cut_takes_what_is_kept_back)
{
    harm(&(HsSimHarmConfig){.reorder = 1});
    send_number(0, 1000);
    hs_sim_run(sim, HS_MSEC(2));
    hs_sim_link_set_carrier(wire, false);
    hs_sim_run(sim, HS_SEC(1));
    ck_assert_uint_eq(numbers->len, 0);
    ck_assert_uint_eq(sums().packets[HS_SIM_LINK_NO_CARRIER], 1);
}
END_TEST

START_TEST(old_packets_come_again)
{
    HsSimHarm *h = harm(&(HsSimHarmConfig){.replay = 0.1});
    HsSimHarmCounters c;
    HsSimLinkCounters counters;
    g_autofree unsigned *seen = g_new0(unsigned, COUNT);
    unsigned again = 0;

    send_all();
    c = hs_sim_harm_counters(h);
    expect_tenth(c.replayed);
    for (guint i = 0; i < numbers->len; i++)
        again += seen[g_array_index(numbers, uint32_t, i)]++ > 0;
    ck_assert_uint_eq(again, c.replayed);
    counters = sums();
    ck_assert_uint_eq(counters.copies, c.replayed);
}
END_TEST

/* Chance of its own: the second does not shift what the first one draws. */
START_TEST(harms_add_up_and_do_not_disturb_each_other)
{
    uint64_t alone;

    {
        HsSimHarm *h = harm(&(HsSimHarmConfig){.duplicate = 0.1});

        send_all();
        alone = hs_sim_harm_counters(h).duplicated;
    }
    tear_down();
    set_up();
    {
        HsSimHarm *h = harm(&(HsSimHarmConfig){.duplicate = 0.1});
        HsSimHarm *other = hs_sim_harm_new(wire, 0, "other",
                                           &(HsSimHarmConfig){.corrupt = 0.5});

        send_all();
        ck_assert_uint_eq(hs_sim_harm_counters(h).duplicated, alone);
        ck_assert_uint_ge(hs_sim_harm_counters(other).corrupted, 400);
        ck_assert_uint_eq(hs_sim_harm_counters(other).duplicated, 0);
        sums();
    }
}
END_TEST

START_TEST(it_is_one_way)
{
    harm(&(HsSimHarmConfig){.loss = 1});
    hs_sim_link_set_receiver(wire, 0, receive, NULL);
    hs_sim_link_send(wire, 1, hs_packet_new(NULL, 100));
    hs_sim_run(sim, HS_SEC(1));
    ck_assert_uint_eq(numbers->len, 1);
}
END_TEST

START_TEST(a_trunk_harms_its_lanes)
{
    HsSimNode *c = hs_sim_node_new(sim, "c"), *d = hs_sim_node_new(sim, "d");
    HsSimLink *lane = hs_sim_link_new_lane(wire, "lane", 1500, c, d);
    HsSimHarm *h = harm(&(HsSimHarmConfig){.duplicate = 1});
    HsSimLinkCounters counters;

    hs_sim_link_set_receiver(lane, 1, receive, NULL);
    hs_sim_link_send(lane, 0, hs_packet_new(NULL, 100));
    hs_sim_run(sim, HS_SEC(1));
    ck_assert_uint_eq(numbers->len, 2);
    ck_assert_uint_eq(hs_sim_harm_counters(h).duplicated, 1);
    hs_sim_link_counters(lane, 0, &counters);
    ck_assert_uint_eq(counters.sent_packets, 2);
    ck_assert_uint_eq(counters.copies, 1);
    ck_assert_uint_eq(sums().sent_packets, 2);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("engine harm");
    TCase *tc = tcase_create("harm");

    tcase_add_checked_fixture(tc, set_up, tear_down);
    tcase_add_test(tc, what_is_too_large_vanishes);
    tcase_add_test(tc, loss_is_counted_as_loss);
    tcase_add_test(tc, delay_and_jitter_are_more_of_it_and_keep_the_order);
    tcase_add_test(tc, corruption_turns_one_bit);
    tcase_add_test(tc, corruption_spares_other_holders);
    tcase_add_test(tc, duplicates_arrive_behind_their_original);
    tcase_add_test(tc, three_others_pass_a_reordered_packet);
    tcase_add_test(tc, alone_it_is_only_late);
    tcase_add_test(tc, the_end_of_it_lets_go_what_was_kept_back);
    tcase_add_test(tc, a_cut_takes_what_is_kept_back);
    tcase_add_test(tc, old_packets_come_again);
    tcase_add_test(tc, harms_add_up_and_do_not_disturb_each_other);
    tcase_add_test(tc, it_is_one_way);
    tcase_add_test(tc, a_trunk_harms_its_lanes);
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}
