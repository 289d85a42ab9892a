/* Links of the engine: when packets arrive, which do not, and how each is
 * counted. Times are worked out by hand; the link is 8 Mbit/s (a byte takes a
 * microsecond) with 10 ms of delay, unless a test says otherwise. */

#include "config.h"

#include "sim/engine/ns3_shim.h"
#include "tests/harness/run.h"

#define DELAY HS_MSEC(10)

static HsSim *sim;
static HsSimLink *link_;
static GString *story; /* what arrived: "length@microseconds " */
static unsigned departed, decided[HS_SIM_LINK_FATE_COUNT];

static void
receive(void *user_data, HsPacket *packet)
{
    (void)user_data;
    g_string_append_printf(story, "%zu@%.3f ", hs_packet_length(packet),
                           (double)hs_sim_now(sim) / 1000);
    hs_packet_unref(packet);
}

static void
build(HsSimLinkConfig config)
{
    HsSimNode *a, *b;

    if (sim != NULL)
        hs_sim_free(sim);
    sim = hs_sim_new(1);
    a = hs_sim_node_new(sim, "a");
    b = hs_sim_node_new(sim, "b");
    config.name = "wire";
    link_ = hs_sim_link_new(sim, &config, a, b);
    hs_sim_link_set_receiver(link_, 0, receive, NULL);
    hs_sim_link_set_receiver(link_, 1, receive, NULL);
}

static void
set_up(void)
{
    story = g_string_new(NULL);
    memset(decided, 0, sizeof decided);
    departed = 0;
    build((HsSimLinkConfig){.rate = 8000000, .delay = DELAY, .mtu = 1500});
}

static void
tear_down(void)
{
    hs_sim_free(sim);
    sim = NULL;
    g_string_free(story, TRUE);
}

static bool
send_from(unsigned end, size_t length)
{
    return hs_sim_link_send(link_, end, hs_packet_new(NULL, length));
}

static void
expect_fates(unsigned end, HsSimLinkFate fate, uint64_t packets, uint64_t bytes)
{
    HsSimLinkCounters c;

    hs_sim_link_counters(link_, end, &c);
    ck_assert_msg(c.packets[fate] == packets && c.bytes[fate] == bytes,
                  "%s: %u packets of %u bytes", hs_sim_link_fate_name(fate),
                  (unsigned)c.packets[fate], (unsigned)c.bytes[fate]);
}

/* Once nothing is under way. */
static void
expect_sums(unsigned end)
{
    HsSimLinkCounters c;
    uint64_t packets = 0, bytes = 0;
    int i;

    hs_sim_link_counters(link_, end, &c);
    for (i = 0; i < HS_SIM_LINK_FATE_COUNT; i++) {
        packets += c.packets[i];
        bytes += c.bytes[i];
    }
    ck_assert_uint_eq(c.sent_packets, packets);
    ck_assert_uint_eq(c.sent_bytes, bytes);
    ck_assert_uint_gt(packets, 0);
}

static void
run_out(void)
{
    hs_sim_run(sim, hs_sim_now(sim) + HS_SEC(100));
    expect_sums(0);
}

START_TEST(a_packet_takes_serialisation_and_delay)
{
    send_from(0, 1000);
    send_from(0, 500);
    send_from(1, 100); /* full duplex */
    run_out();
    ck_assert_str_eq(story->str, "100@10100.000 1000@11000.000 500@11500.000 ");
    expect_fates(0, HS_SIM_LINK_DELIVERED, 2, 1500);
    expect_fates(1, HS_SIM_LINK_DELIVERED, 1, 100);
}
END_TEST

/* 1500 B and 38 B of Ethernet at 1 Gbit/s: 12304 ns; 20 B are the least frame,
 * 84 B on the wire: 672 ns. */
START_TEST(ethernet_is_counted_to_the_nanosecond)
{
    HsSimLinkConfig ethernet = {.rate = 1000000000, .mtu = 1500};

    ethernet.overhead = 38;
    ethernet.min_frame = 84;
    build(ethernet);
    send_from(0, 1500);
    send_from(0, 20);
    send_from(0, 46);
    send_from(0, 47);
    run_out();
    ck_assert_str_eq(story->str, "1500@12.304 20@12.976 46@13.648 47@14.328 ");
}
END_TEST

/* 1538 B at 10 Gbit/s are 1230.4 ns: rounded to whole nanoseconds, each. */
START_TEST(a_fraction_of_a_nanosecond_is_rounded)
{
    HsSimLinkConfig fast = {.rate = UINT64_C(10000000000), .mtu = 1500};

    fast.overhead = 38;
    build(fast);
    send_from(0, 1500);
    send_from(0, 1500);
    run_out();
    ck_assert_str_eq(story->str, "1500@1.230 1500@2.460 ");
}
END_TEST

START_TEST(the_queue_counts_packets)
{
    HsSimLinkConfig config = {.rate = 8000000, .mtu = 1500};
    HsSimLinkCounters c;

    config.queue_packets = 2;
    build(config);
    ck_assert(send_from(0, 100)); /* on the wire */
    ck_assert(send_from(0, 200));
    ck_assert(send_from(0, 300));
    ck_assert(!send_from(0, 400));
    run_out();
    ck_assert_str_eq(story->str, "100@100.000 200@300.000 300@600.000 ");
    expect_fates(0, HS_SIM_LINK_QUEUE_FULL, 1, 400);
    hs_sim_link_counters(link_, 0, &c);
    ck_assert_uint_eq(c.queued_packets_max, 2);
}
END_TEST

/* IP bytes, not those of the frame; and what goes out at once needs no room. */
START_TEST(the_queue_counts_bytes)
{
    HsSimLinkConfig config = {.rate = 8000000, .mtu = 1500};

    config.queue_bytes = 1000;
    config.overhead = 38;
    build(config);
    ck_assert(send_from(0, 1500));
    ck_assert(send_from(0, 600));
    ck_assert(!send_from(0, 401));
    ck_assert(send_from(0, 400));
    ck_assert(!send_from(0, 1));
    run_out();
    expect_fates(0, HS_SIM_LINK_QUEUE_FULL, 2, 402);
    expect_fates(0, HS_SIM_LINK_DELIVERED, 3, 2500);
}
END_TEST

START_TEST(the_tighter_of_two_limits_holds)
{
    HsSimLinkConfig config = {.rate = 8000000, .mtu = 1500};

    config.queue_bytes = 1000;
    config.queue_packets = 2;
    build(config);
    send_from(0, 10);
    ck_assert(send_from(0, 900));
    ck_assert(!send_from(0, 200)); /* bytes */
    ck_assert(send_from(0, 10));
    ck_assert(!send_from(0, 10)); /* packets */
    run_out();
    expect_fates(0, HS_SIM_LINK_QUEUE_FULL, 2, 210);
}
END_TEST

START_TEST(a_packet_beyond_the_mtu_is_refused)
{
    ck_assert(send_from(0, 1500));
    ck_assert(!send_from(0, 1501));
    run_out();
    expect_fates(0, HS_SIM_LINK_TOO_BIG, 1, 1501);
    expect_fates(0, HS_SIM_LINK_DELIVERED, 1, 1500);
}
END_TEST

/* Things that happen at a given microsecond. */

typedef struct {
    HsTime at;
    void (*act)(void);
} Step;

static void
act(void *user_data)
{
    ((const Step *)user_data)->act();
}

static void
script(const Step *steps, size_t n)
{
    size_t i;

    for (i = 0; i < n; i++)
        hs_sim_schedule(sim, steps[i].at, act, (void *)(uintptr_t)&steps[i],
                        NULL);
}

static void
send_100(void)
{
    send_from(0, 100);
}
static void
send_200(void)
{
    send_from(0, 200);
}
static void
send_back(void)
{
    send_from(1, 300);
}
static void
carrier_off(void)
{
    hs_sim_link_set_carrier(link_, false);
}
static void
carrier_on(void)
{
    hs_sim_link_set_carrier(link_, true);
}
static void
hole_on(void)
{
    hs_sim_link_set_black_hole(link_, 0, true);
}
static void
hole_off(void)
{
    hs_sim_link_set_black_hole(link_, 0, false);
}

/* The outage lasts 1 ms, less than the flight: what flew is lost all the same,
 * though the link is up when it would arrive. */
START_TEST(carrier_loss_takes_what_is_in_flight_and_queued)
{
    static const Step steps[] = {
        {HS_MSEC(1), send_100},       {HS_MSEC(1), send_200}, /* queued */
        {HS_USEC(1050), carrier_off}, {HS_USEC(1500), send_100},
        {HS_USEC(2050), carrier_on},  {HS_MSEC(3), send_200},
    };

    script(steps, G_N_ELEMENTS(steps));
    run_out();
    ck_assert_str_eq(story->str, "200@13200.000 ");
    expect_fates(0, HS_SIM_LINK_NO_CARRIER, 3, 400);
    expect_fates(0, HS_SIM_LINK_DELIVERED, 1, 200);
}
END_TEST

static void
watch(void *user_data, bool up)
{
    g_string_append_printf(story, "%s %s@%.0f ", (const char *)user_data,
                           up ? "up" : "down", (double)hs_sim_now(sim) / 1000);
}

START_TEST(both_ends_hear_of_carrier_once)
{
    static char a[] = "a", b[] = "b";
    static const Step steps[] = {
        {HS_MSEC(1), carrier_off},
        {HS_MSEC(2), carrier_off},
        {HS_MSEC(3), carrier_on},
        {HS_MSEC(4), hole_on},
    };

    hs_sim_link_set_carrier_watch(link_, 0, watch, a);
    hs_sim_link_set_carrier_watch(link_, 1, watch, b);
    script(steps, G_N_ELEMENTS(steps));
    hs_sim_run(sim, HS_SEC(1));
    ck_assert_str_eq(story->str,
                     "a down@1000 b down@1000 a up@3000 b up@3000 ");
}
END_TEST

/* 0 -> 1 only; the one on the wire when the hole opened is lost, one sent into
 * it too although the hole has closed when it would arrive. */
START_TEST(a_black_hole_has_a_direction_and_takes_what_is_in_flight)
{
    static const Step steps[] = {
        {HS_USEC(500), send_200}, /* arrives at 10.7 ms, before the hole */
        {HS_MSEC(5), send_100},   {HS_MSEC(11), hole_on},
        {HS_MSEC(12), send_100},  {HS_MSEC(12), send_back},
        {HS_MSEC(13), hole_off},  {HS_MSEC(14), send_200},
    };

    script(steps, G_N_ELEMENTS(steps));
    run_out();
    ck_assert_str_eq(story->str, "200@10700.000 300@22300.000 200@24200.000 ");
    expect_fates(0, HS_SIM_LINK_BLACK_HOLE, 2, 200);
    expect_fates(1, HS_SIM_LINK_BLACK_HOLE, 0, 0);
}
END_TEST

START_TEST(a_black_hole_does_not_hold_up_the_sender)
{
    hs_sim_link_set_black_hole(link_, 0, true);
    ck_assert(send_from(0, 100));
    ck_assert(send_from(0, 100));
    run_out();
    expect_fates(0, HS_SIM_LINK_BLACK_HOLE, 2, 200);
    ck_assert_str_eq(story->str, "");
}
END_TEST

static unsigned
lost_of(uint64_t seed, double probability, unsigned packets)
{
    HsSimLinkCounters c;
    HsSimLinkConfig config = {.name = "wire", .rate = 8000000, .mtu = 1500};
    unsigned i;

    hs_sim_free(sim);
    sim = hs_sim_new(seed);
    link_ = hs_sim_link_new(sim, &config, hs_sim_node_new(sim, "a"),
                            hs_sim_node_new(sim, "b"));
    hs_sim_link_set_loss(link_, 0, probability);
    for (i = 0; i < packets; i++)
        send_from(0, 100);
    run_out();
    hs_sim_link_counters(link_, 0, &c);
    return (unsigned)c.packets[HS_SIM_LINK_LOSS];
}

/* Binomial, n = 10000, p = 0.1: mean 1000, five deviations are 150. */
START_TEST(random_loss_is_seeded_and_as_asked)
{
    unsigned lost = lost_of(7, 0.1, 10000);

    ck_assert_uint_gt(lost, 850);
    ck_assert_uint_lt(lost, 1150);
    ck_assert_uint_eq(lost_of(7, 0.1, 10000), lost);
    ck_assert_uint_ne(lost_of(8, 0.1, 10000), lost);
    ck_assert_uint_eq(lost_of(7, 0.0, 1000), 0);
    ck_assert_uint_eq(lost_of(7, 1.0, 1000), 1000);
}
END_TEST

static HsDuration
extra(void *user_data)
{
    HsDuration **next = user_data;

    return *(*next)++;
}

START_TEST(jitter_keeps_order_unless_told)
{
    static HsDuration draws[] = {HS_MSEC(5), 0, HS_MSEC(1), -HS_MSEC(9)};
    HsDuration *next = draws;
    int i;

    hs_sim_link_set_jitter(link_, 0, extra, &next, false);
    for (i = 1; i <= 4; i++)
        send_from(0, (size_t)i * 100);
    run_out();
    ck_assert_str_eq(story->str, "100@15100.000 200@15100.000 300@15100.000 "
                                 "400@15100.000 ");
    tear_down();
    set_up();
    next = draws;
    hs_sim_link_set_jitter(link_, 0, extra, &next, true);
    for (i = 1; i <= 4; i++)
        send_from(0, (size_t)i * 100);
    run_out();
    ck_assert_str_eq(story->str, "200@10300.000 400@11000.000 300@11600.000 "
                                 "100@15100.000 ");
}
END_TEST

static void
shorten(void)
{
    hs_sim_link_set_delay(link_, HS_MSEC(1));
}
static void
faster(void)
{
    hs_sim_link_set_rate(link_, 80000000);
}

START_TEST(a_shorter_delay_does_not_reorder)
{
    static const Step steps[] = {
        {0, send_100},
        {HS_MSEC(1), shorten},
        {HS_MSEC(2), send_200},
        {HS_MSEC(15), send_100},
    };

    script(steps, G_N_ELEMENTS(steps));
    run_out();
    ck_assert_str_eq(story->str, "100@10100.000 200@10100.000 100@16100.000 ");
}
END_TEST

/* The packet on the wire keeps its old time. */
START_TEST(a_rate_holds_from_the_next_packet)
{
    static const Step steps[] = {
        {0, send_200},
        {0, send_200},
        {HS_USEC(50), faster},
    };

    script(steps, G_N_ELEMENTS(steps));
    run_out();
    ck_assert_str_eq(story->str, "200@10200.000 200@10220.000 ");
}
END_TEST

static uint64_t
on_departed(void *user_data, unsigned end, HsPacket *packet)
{
    (void)user_data;
    g_string_append_printf(story, "%u>%zu@%.0f ", end, hs_packet_length(packet),
                           (double)hs_sim_now(sim) / 1000);
    return ++departed;
}

static void
on_decided(void *user_data, unsigned end, uint64_t number, HsPacket *packet,
           HsSimLinkFate fate)
{
    (void)user_data;
    (void)packet;
    decided[fate]++;
    g_string_append_printf(story, "%u:%u %s@%.0f ", end, (unsigned)number,
                           hs_sim_link_fate_name(fate),
                           (double)hs_sim_now(sim) / 1000);
}

static void
receive_numbered(void *user_data, HsPacket *packet)
{
    (void)user_data;
    g_string_append_printf(story, "got %u ",
                           (unsigned)hs_sim_link_arriving(link_));
    hs_packet_unref(packet);
}

START_TEST(a_tap_sees_departures_in_order_and_fates)
{
    static const HsSimLinkTap tap = {on_departed, on_decided};
    static const Step steps[] = {
        {0, send_100},
        {0, send_200},
        {HS_USEC(150), hole_on},
        {HS_USEC(400), send_100},
    };

    hs_sim_link_set_tap(link_, &tap, NULL);
    hs_sim_link_set_receiver(link_, 1, receive_numbered, NULL);
    script(steps, 2);
    run_out();
    ck_assert_str_eq(story->str, "0>100@0 0>200@100 0:1 delivered@10100 got 1 "
                                 "0:2 delivered@10300 got 2 ");
    ck_assert_uint_eq(hs_sim_link_arriving(link_), 0);

    tear_down();
    set_up();
    hs_sim_link_set_tap(link_, &tap, NULL);
    script(steps, 4);
    run_out();
    ck_assert_str_eq(story->str, "0>100@0 0>200@100 0>100@400 "
                                 "0:3 black hole@400 0:1 black hole@10100 "
                                 "0:2 black hole@10300 ");
}
END_TEST

/* Everything at once, from both ends, with answers from the receiver. */

static void
echo(void *user_data, HsPacket *packet)
{
    unsigned end = GPOINTER_TO_UINT(user_data);

    if (hs_packet_length(packet) > 200) {
        packet = hs_packet_writable(packet);
        hs_packet_trim(packet, hs_packet_length(packet) - 100);
        hs_sim_link_send(link_, end, packet);
    } else {
        hs_packet_unref(packet);
    }
}

START_TEST(counters_add_up_in_chaos)
{
    HsSimLinkConfig config = {.rate = 8000000, .delay = DELAY, .mtu = 1400};
    HsTime now = 0;
    int i;

    config.queue_packets = 5;
    config.queue_bytes = 4000;
    build(config);
    hs_sim_link_set_receiver(link_, 0, echo, GUINT_TO_POINTER(0));
    hs_sim_link_set_receiver(link_, 1, echo, GUINT_TO_POINTER(1));
    hs_sim_link_set_loss(link_, 0, 0.1);
    hs_sim_link_set_loss(link_, 1, 0.1);
    for (i = 0; i < 2000; i++) {
        send_from((unsigned)i % 2, 100 + (size_t)(i * 37) % 1400);
        if (i % 97 == 0)
            hs_sim_link_set_carrier(link_, i % 2 == 0);
        if (i % 71 == 0)
            hs_sim_link_set_black_hole(link_, (unsigned)(i / 71) % 2,
                                       i % 3 == 0);
        now += HS_USEC(300);
        hs_sim_run(sim, now);
    }
    run_out();
    expect_sums(1);
    for (i = 0; i < HS_SIM_LINK_FATE_COUNT; i++) {
        HsSimLinkCounters c;

        hs_sim_link_counters(link_, 0, &c);
        ck_assert_msg(c.packets[i] > 0, "none met: %s",
                      hs_sim_link_fate_name((HsSimLinkFate)i));
    }
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("engine: links");
    TCase *tc = tcase_create("links");

    tcase_add_checked_fixture(tc, set_up, tear_down);
    tcase_add_test(tc, a_packet_takes_serialisation_and_delay);
    tcase_add_test(tc, ethernet_is_counted_to_the_nanosecond);
    tcase_add_test(tc, a_fraction_of_a_nanosecond_is_rounded);
    tcase_add_test(tc, the_queue_counts_packets);
    tcase_add_test(tc, the_queue_counts_bytes);
    tcase_add_test(tc, the_tighter_of_two_limits_holds);
    tcase_add_test(tc, a_packet_beyond_the_mtu_is_refused);
    tcase_add_test(tc, carrier_loss_takes_what_is_in_flight_and_queued);
    tcase_add_test(tc, both_ends_hear_of_carrier_once);
    tcase_add_test(tc,
                   a_black_hole_has_a_direction_and_takes_what_is_in_flight);
    tcase_add_test(tc, a_black_hole_does_not_hold_up_the_sender);
    tcase_add_test(tc, random_loss_is_seeded_and_as_asked);
    tcase_add_test(tc, jitter_keeps_order_unless_told);
    tcase_add_test(tc, a_shorter_delay_does_not_reorder);
    tcase_add_test(tc, a_rate_holds_from_the_next_packet);
    tcase_add_test(tc, a_tap_sees_departures_in_order_and_fates);
    tcase_add_test(tc, counters_add_up_in_chaos);
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}
