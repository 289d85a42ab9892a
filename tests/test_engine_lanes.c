/* Lanes of a shared line and members of a bundle. The line is 8 Mbit/s (a byte
 * takes a microsecond) with 10 ms of delay, and the times are worked out by
 * hand. */

#include "config.h"

#include "sim/engine/ns3_shim.h"
#include "tests/harness/run.h"

#define DELAY HS_MSEC(10)

static HsSim *sim;
static HsSimNode *a, *b;
static HsSimLink *trunk, *lanes[2];
static GString *story; /* "lane:length@microseconds " */
static unsigned taps[3];

static void
receive(void *user_data, HsPacket *packet)
{
    g_string_append_printf(
        story, "%s:%zu@%.0f ", hs_sim_link_name(*(HsSimLink **)user_data),
        hs_packet_length(packet), (double)hs_sim_now(sim) / 1000);
    hs_packet_unref(packet);
}

static void
carrier(void *user_data, bool up)
{
    g_string_append_printf(story, "%s %s ", (const char *)user_data,
                           up ? "up" : "down");
}

static uint64_t
departed(void *user_data, unsigned end, HsPacket *packet)
{
    (void)end;
    (void)packet;
    (*(unsigned *)user_data)++;
    return 1;
}

/* A flow is what the first byte says. */
static uint32_t
flow(const HsPacket *packet)
{
    return hs_packet_data(packet)[0];
}

static HsSimLink *
add_lane(const char *name, unsigned number)
{
    static const HsSimLinkTap tap = {.departed = departed};

    lanes[number] = hs_sim_link_new_lane(trunk, name, 1500 - 100 * number, a,
                                         hs_sim_node_new(sim, name));
    for (unsigned end = 0; end < 2; end++)
        hs_sim_link_set_receiver(lanes[number], end, receive, &lanes[number]);
    hs_sim_link_set_carrier_watch(lanes[number], 1, carrier,
                                  (gpointer)(uintptr_t)name);
    hs_sim_link_set_tap(lanes[number], &tap, &taps[number]);
    return lanes[number];
}

static void
build(unsigned members, unsigned least)
{
    static const HsSimLinkTap tap = {.departed = departed};

    if (sim != NULL)
        hs_sim_free(sim);
    sim = hs_sim_new(1);
    a = hs_sim_node_new(sim, "a");
    b = hs_sim_node_new(sim, "b");
    trunk = hs_sim_link_new(sim,
                            &(HsSimLinkConfig){.name = "line",
                                               .rate = 8000000,
                                               .delay = DELAY,
                                               .mtu = 9001,
                                               .queue_packets = 3,
                                               .members = members,
                                               .least = least,
                                               .flow = flow},
                            a, b);
    hs_sim_link_set_tap(trunk, &tap, &taps[2]);
    add_lane("x", 0);
    add_lane("y", 1);
}

static void
set_up(void)
{
    story = g_string_new(NULL);
    memset(taps, 0, sizeof taps);
    build(1, 0);
}

static void
tear_down(void)
{
    hs_sim_free(sim);
    sim = NULL;
    g_string_free(story, TRUE);
}

static bool
send_on(unsigned lane, unsigned end, size_t length, uint8_t flow_)
{
    HsPacket *packet = hs_packet_new(NULL, length);

    hs_packet_bytes(packet)[0] = flow_;
    return hs_sim_link_send(lanes[lane], end, packet);
}

static void
run_for(HsDuration time)
{
    hs_sim_run(sim, hs_sim_now(sim) + time);
}

static uint64_t
fate(HsSimLink *link, unsigned end, HsSimLinkFate which)
{
    HsSimLinkCounters c;

    hs_sim_link_counters(link, end, &c);
    return c.packets[which];
}

/* sent = fates, on each lane; and the line's are its lanes'. */
static void
expect_sums(void)
{
    for (unsigned end = 0; end < 2; end++) {
        HsSimLinkCounters all, sum = {0};

        hs_sim_link_counters(trunk, end, &all);
        for (unsigned lane = 0; lane < 2; lane++) {
            HsSimLinkCounters c;
            uint64_t packets = 0;

            hs_sim_link_counters(lanes[lane], end, &c);
            for (unsigned i = 0; i < HS_SIM_LINK_FATE_COUNT; i++) {
                packets += c.packets[i];
                sum.packets[i] += c.packets[i];
                sum.bytes[i] += c.bytes[i];
            }
            ck_assert_uint_eq(c.sent_packets, packets);
            sum.sent_packets += c.sent_packets;
            sum.sent_bytes += c.sent_bytes;
        }
        ck_assert_uint_eq(all.sent_packets, sum.sent_packets);
        ck_assert_uint_eq(all.sent_bytes, sum.sent_bytes);
        for (unsigned i = 0; i < HS_SIM_LINK_FATE_COUNT; i++) {
            ck_assert_uint_eq(all.packets[i], sum.packets[i]);
            ck_assert_uint_eq(all.bytes[i], sum.bytes[i]);
        }
    }
}

START_TEST(lanes_wait_for_each_other_and_stay_apart)
{
    send_on(0, 0, 1000, 0);
    send_on(1, 0, 500, 0);
    send_on(1, 1, 200, 0); /* the other direction is free */
    run_for(HS_SEC(1));
    ck_assert_str_eq(story->str, "y:200@10200 x:1000@11000 y:500@11500 ");
    expect_sums();
}
END_TEST

START_TEST(the_queue_is_the_lines)
{
    ck_assert(send_on(0, 0, 1000, 0)); /* on the wire */
    ck_assert(send_on(0, 0, 1000, 0));
    ck_assert(send_on(0, 0, 1000, 0));
    ck_assert(send_on(1, 0, 1000, 0));
    ck_assert(!send_on(1, 0, 1000, 0));
    ck_assert_uint_eq(fate(lanes[1], 0, HS_SIM_LINK_QUEUE_FULL), 1);
    run_for(HS_SEC(1));
    expect_sums();
}
END_TEST

START_TEST(the_mtu_is_the_lanes)
{
    ck_assert(send_on(0, 0, 1500, 0));
    ck_assert(!send_on(1, 0, 1500, 0));
    ck_assert(send_on(1, 0, 1400, 0));
    run_for(HS_SEC(1));
    ck_assert_uint_eq(fate(lanes[1], 0, HS_SIM_LINK_TOO_BIG), 1);
    expect_sums();
}
END_TEST

START_TEST(each_packet_is_seen_once_on_its_lane)
{
    send_on(0, 0, 1000, 0);
    send_on(1, 0, 1000, 0);
    send_on(1, 1, 1000, 0);
    run_for(HS_SEC(1));
    ck_assert_uint_eq(taps[0], 1);
    ck_assert_uint_eq(taps[1], 2);
    ck_assert_uint_eq(taps[2], 0);
}
END_TEST

/* Asked of a lane or of the line: the carrier is one. */
START_TEST(carrier_is_the_lines)
{
    send_on(0, 0, 1000, 0);
    send_on(1, 0, 1000, 0);
    hs_sim_link_set_carrier(_i == 0 ? trunk : lanes[_i - 1], false);
    run_for(HS_SEC(1));
    ck_assert_str_eq(story->str, "x down y down ");
    ck_assert(!hs_sim_link_carrier(lanes[0]) && !hs_sim_link_carrier(trunk));
    ck_assert(!send_on(1, 1, 100, 0));
    hs_sim_link_set_carrier(trunk, true);
    run_for(HS_SEC(1));
    ck_assert_str_eq(story->str, "x down y down x up y up ");
    ck_assert_uint_eq(fate(lanes[0], 0, HS_SIM_LINK_NO_CARRIER), 1);
    ck_assert_uint_eq(fate(lanes[1], 0, HS_SIM_LINK_NO_CARRIER), 1);
    expect_sums();
}
END_TEST

START_TEST(a_hole_in_a_lane_is_not_one_in_the_other)
{
    hs_sim_link_set_black_hole(lanes[0], 0, true);
    send_on(0, 0, 1000, 0);
    send_on(1, 0, 1000, 0);
    run_for(HS_SEC(1));
    ck_assert_str_eq(story->str, "y:1000@12000 ");
    expect_sums();
}
END_TEST

/* It opens and closes while packets of both lanes are on the wire. */
START_TEST(a_hole_in_the_line_takes_both_lanes)
{
    send_on(0, 0, 1000, 0);
    send_on(1, 0, 1000, 0);
    run_for(HS_MSEC(5));
    hs_sim_link_set_black_hole(trunk, 0, true);
    run_for(HS_MSEC(1));
    hs_sim_link_set_black_hole(trunk, 0, false);
    run_for(HS_SEC(1));
    ck_assert_str_eq(story->str, "");
    ck_assert_uint_eq(fate(trunk, 0, HS_SIM_LINK_BLACK_HOLE), 2);
    expect_sums();
}
END_TEST

START_TEST(loss_on_the_line_hits_every_lane)
{
    hs_sim_link_set_loss(trunk, 0, 1);
    hs_sim_link_set_loss(lanes[1], 1, 1);
    send_on(0, 0, 100, 0);
    send_on(1, 0, 100, 0);
    send_on(0, 1, 100, 0);
    send_on(1, 1, 100, 0);
    run_for(HS_SEC(1));
    ck_assert_str_eq(story->str, "x:100@10100 ");
    expect_sums();
}
END_TEST

/* Bundles */

/* Two flows on two wires pass at once, one flow has one wire's rate. */
START_TEST(a_flow_has_one_member)
{
    build(2, 0);
    send_on(0, 0, 1000, 0);
    send_on(0, 0, 1000, 0);
    send_on(0, 0, 1000, 1);
    run_for(HS_SEC(1));
    ck_assert_str_eq(story->str, "x:1000@11000 x:1000@11000 x:1000@12000 ");
    expect_sums();
}
END_TEST

/* What is on the wire that goes is lost; the flow moves on. */
START_TEST(a_member_takes_what_is_on_it)
{
    build(2, 0);
    send_on(0, 0, 1000, 0);
    send_on(0, 0, 1000, 0); /* waits */
    send_on(1, 0, 1000, 1);
    run_for(HS_USEC(500));
    hs_sim_link_set_member(trunk, 0, false);
    ck_assert_uint_eq(hs_sim_link_members_up(lanes[0]), 1);
    send_on(0, 0, 500, 0);
    run_for(HS_SEC(1));
    ck_assert_str_eq(story->str, "y:1000@11000 x:500@11500 ");
    ck_assert_uint_eq(fate(lanes[0], 0, HS_SIM_LINK_NO_CARRIER), 2);
    expect_sums();
}
END_TEST

START_TEST(below_the_least_all_goes)
{
    build(3, 2);
    hs_sim_link_set_member(trunk, 2, false);
    ck_assert(hs_sim_link_carrier(trunk));
    send_on(0, 0, 1000, 0);
    hs_sim_link_set_member(trunk, 1, false);
    ck_assert(!hs_sim_link_carrier(trunk));
    run_for(HS_SEC(1));
    ck_assert_str_eq(story->str, "x down y down ");
    ck_assert_uint_eq(fate(lanes[0], 0, HS_SIM_LINK_NO_CARRIER), 1);
    hs_sim_link_set_member(trunk, 2, true);
    run_for(HS_SEC(1));
    ck_assert_str_eq(story->str, "x down y down x up y up ");
    expect_sums();
}
END_TEST

/* AWS's default, 0: as long as there is one; with none there is no line. */
START_TEST(without_a_least_the_last_member_carries)
{
    build(2, 0);
    hs_sim_link_set_member(trunk, 0, false);
    ck_assert(hs_sim_link_carrier(trunk));
    send_on(0, 0, 100, 0);
    send_on(0, 0, 100, 1);
    run_for(HS_SEC(1));
    ck_assert_str_eq(story->str, "x:100@10100 x:100@10200 ");
    hs_sim_link_set_member(trunk, 1, false);
    ck_assert(!hs_sim_link_carrier(trunk));
}
END_TEST

/* A cut of the whole does not end because a member comes back. */
START_TEST(a_cut_outlives_a_members_return)
{
    build(2, 2);
    hs_sim_link_set_member(trunk, 0, false);
    hs_sim_link_set_carrier(trunk, false);
    hs_sim_link_set_member(trunk, 0, true);
    ck_assert(!hs_sim_link_carrier(trunk));
    hs_sim_link_set_carrier(trunk, true);
    ck_assert(hs_sim_link_carrier(trunk));
    run_for(HS_SEC(1));
    ck_assert_str_eq(story->str, "x down y down x up y up ");
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("engine: lanes and members");
    TCase *tc = tcase_create("lanes");

    tcase_add_checked_fixture(tc, set_up, tear_down);
    tcase_add_test(tc, lanes_wait_for_each_other_and_stay_apart);
    tcase_add_test(tc, the_queue_is_the_lines);
    tcase_add_test(tc, the_mtu_is_the_lanes);
    tcase_add_test(tc, each_packet_is_seen_once_on_its_lane);
    tcase_add_loop_test(tc, carrier_is_the_lines, 0, 3);
    tcase_add_test(tc, a_hole_in_a_lane_is_not_one_in_the_other);
    tcase_add_test(tc, a_hole_in_the_line_takes_both_lanes);
    tcase_add_test(tc, loss_on_the_line_hits_every_lane);
    tcase_add_test(tc, a_flow_has_one_member);
    tcase_add_test(tc, a_member_takes_what_is_on_it);
    tcase_add_test(tc, below_the_least_all_goes);
    tcase_add_test(tc, without_a_least_the_last_member_carries);
    tcase_add_test(tc, a_cut_outlives_a_members_return);
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}
