/* BFD sessions: one session against packets written by hand, and two sessions
 * against each other over a link that delays and loses. */

#include "config.h"

#include "models/bfd/bfd.h"

#include "tests/harness/bfd_pair.h"
#include "tests/harness/hex.h"
#include "tests/harness/run.h"

#include <string.h>

/* 300 ms x 3, the pace of a Direct Connect virtual interface. */
#define DX_A                                                                   \
    (&(const BfdConfig){.discriminator = 0xa,                                  \
                        .desired_min_tx = HS_MSEC(300),                        \
                        .required_min_rx = HS_MSEC(300),                       \
                        .detect_mult = 3})
#define DX_B                                                                   \
    (&(const BfdConfig){.discriminator = 0xb,                                  \
                        .desired_min_tx = HS_MSEC(300),                        \
                        .required_min_rx = HS_MSEC(300),                       \
                        .detect_mult = 3})

/* One session (discriminator 2) fed by hand */

typedef struct {
    HsRng *rng;
    BfdSession *s;
} One;

static One
one_new(bool passive, bool disabled)
{
    One one = {.rng = hs_rng_new(1, "one", "bfd")};
    const BfdConfig config = {
        .discriminator = 2,
        .desired_min_tx = HS_MSEC(300),
        .required_min_rx = HS_MSEC(300),
        .detect_mult = 3,
        .passive = passive,
        .disabled = disabled,
    };

    one.s = bfd_session_new(&config, one.rng, 0);
    return one;
}

static void
one_clear(One *one)
{
    bfd_session_free(one->s);
    hs_rng_free(one->rng);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(One, one_clear)

static void
feed(One *one, HsTime now, const char *text)
{
    g_autoptr(GBytes) bytes = hex_bytes(text);

    bfd_session_receive(one->s, now, bytes);
}

/* Takes all outputs; the last state change and the last packet come back, and
 * how many packets there were. */
static unsigned
take(One *one, BfdOutput *ret_change, BfdPacket *ret_packet)
{
    BfdOutput output;
    unsigned packets = 0;

    while (bfd_session_poll(one->s, &output)) {
        if (output.kind == BFD_OUTPUT_STATE) {
            if (ret_change != NULL)
                *ret_change = output;
        } else {
            size_t length;
            const uint8_t *data = g_bytes_get_data(output.packet, &length);
            BfdPacket packet;

            ck_assert_int_eq(bfd_packet_decode(data, length, &packet),
                             BFD_DROP_NONE);
            if (ret_packet != NULL)
                *ret_packet = packet;
            packets++;
        }
        bfd_output_clear(&output);
    }
    return packets;
}

/* From discriminator 1 to ours, 2; multiplier 3; 300 ms both ways. */
#define TAIL       "00000001 00000002 000493e0 000493e0 00000000"
#define ADMIN_DOWN "27 00 03 18" TAIL
#define DOWN       "20 40 03 18" TAIL
#define INIT       "20 80 03 18" TAIL
#define UP         "20 c0 03 18" TAIL

static const char *const received[] = {ADMIN_DOWN, DOWN, INIT, UP};

static void
bring_to(One *one, BfdState state)
{
    if (state == BFD_INIT || state == BFD_UP)
        feed(one, HS_MSEC(10), DOWN);
    if (state == BFD_UP)
        feed(one, HS_MSEC(20), INIT);
    ck_assert_int_eq(bfd_session_state(one->s), state);
    take(one, NULL, NULL);
}

/* RFC 5880 6.8.6, from "If bfd.SessionState is AdminDown" on. */
static const struct {
    BfdState state, received, next;
    int diag; /* -1: no change of state */
} transitions[] = {
    {BFD_ADMIN_DOWN, BFD_ADMIN_DOWN, BFD_ADMIN_DOWN, -1},
    {BFD_ADMIN_DOWN, BFD_DOWN, BFD_ADMIN_DOWN, -1},
    {BFD_ADMIN_DOWN, BFD_INIT, BFD_ADMIN_DOWN, -1},
    {BFD_ADMIN_DOWN, BFD_UP, BFD_ADMIN_DOWN, -1},
    {BFD_DOWN, BFD_ADMIN_DOWN, BFD_DOWN, -1},
    {BFD_DOWN, BFD_DOWN, BFD_INIT, BFD_DIAG_NONE},
    {BFD_DOWN, BFD_INIT, BFD_UP, BFD_DIAG_NONE},
    {BFD_DOWN, BFD_UP, BFD_DOWN, -1},
    {BFD_INIT, BFD_ADMIN_DOWN, BFD_DOWN, BFD_DIAG_NEIGHBOR_DOWN},
    {BFD_INIT, BFD_DOWN, BFD_INIT, -1},
    {BFD_INIT, BFD_INIT, BFD_UP, BFD_DIAG_NONE},
    {BFD_INIT, BFD_UP, BFD_UP, BFD_DIAG_NONE},
    {BFD_UP, BFD_ADMIN_DOWN, BFD_DOWN, BFD_DIAG_NEIGHBOR_DOWN},
    {BFD_UP, BFD_DOWN, BFD_DOWN, BFD_DIAG_NEIGHBOR_DOWN},
    {BFD_UP, BFD_INIT, BFD_UP, -1},
    {BFD_UP, BFD_UP, BFD_UP, -1},
};

START_TEST(state_machine_is_the_rfcs)
{
    BfdState from = transitions[_i].state;
    BfdState heard = transitions[_i].received;
    g_auto(One) one = one_new(false, from == BFD_ADMIN_DOWN);
    BfdOutput change = {.diag = BFD_DIAG_REVERSE_DOWN};

    bring_to(&one, from);
    feed(&one, HS_MSEC(30), received[heard]);
    take(&one, &change, NULL);
    ck_assert_msg(bfd_session_state(one.s) == transitions[_i].next,
                  "%s, received %s: %s", bfd_state_name(from),
                  bfd_state_name(heard),
                  bfd_state_name(bfd_session_state(one.s)));
    ck_assert_int_eq(bfd_session_remote_state(one.s), heard);
    if (transitions[_i].diag < 0) {
        ck_assert_int_eq(change.diag, BFD_DIAG_REVERSE_DOWN);
    } else {
        ck_assert_int_eq(change.from, from);
        ck_assert_int_eq(change.to, transitions[_i].next);
        ck_assert_int_eq((int)change.diag, transitions[_i].diag);
        ck_assert_int_eq(change.cause, BFD_CAUSE_RECEIVED_ADMIN_DOWN + heard);
        ck_assert_int_eq(change.last_packet, HS_MSEC(30));
    }
}
END_TEST

/* What the session refuses, on top of the decoder's rules (test_bfd_packet). */
static const struct {
    BfdState state;
    const char *packet;
    BfdDrop drop;
} refusals[] = {
    {BFD_UP, "20 c0 03 18 00000001 00000003 000493e0 000493e0 00000000",
     BFD_DROP_YOUR_DISCRIMINATOR},
    {BFD_DOWN, "20 40 03 18 00000001 00000003 000493e0 000493e0 00000000",
     BFD_DROP_YOUR_DISCRIMINATOR},
    {BFD_DOWN, "20 80 03 18 00000001 00000000 000493e0 000493e0 00000000",
     BFD_DROP_NO_DISCRIMINATOR},
    {BFD_UP, "20 c0 03 18 00000001 00000000 000493e0 000493e0 00000000",
     BFD_DROP_NO_DISCRIMINATOR},
    {BFD_UP, "20 c4 03 1a 00000001 00000002 000493e0 000493e0 00000000 0102",
     BFD_DROP_AUTHENTICATED},
    {BFD_DOWN, "20 44 03 1a 00000001 00000000 000493e0 000493e0 00000000 0102",
     BFD_DROP_AUTHENTICATED},
    {BFD_ADMIN_DOWN, UP, BFD_DROP_DISABLED},
    {BFD_UP, "40 40 03 18" TAIL, BFD_DROP_VERSION},
    {BFD_UP, "20 40 00 18" TAIL, BFD_DROP_DETECT_MULT},
    /* two faults: the first in the order of 6.8.6 */
    {BFD_UP, "20 c4 03 1a 00000001 00000003 000493e0 000493e0 00000000 0102",
     BFD_DROP_YOUR_DISCRIMINATOR},
    {BFD_UP, "20 c4 03 1a 00000001 00000000 000493e0 000493e0 00000000 0102",
     BFD_DROP_NO_DISCRIMINATOR},
};

START_TEST(refused_packets_are_counted_and_change_nothing)
{
    g_auto(One) one = one_new(false, refusals[_i].state == BFD_ADMIN_DOWN);
    HsTime due;

    bring_to(&one, refusals[_i].state);
    due = bfd_session_next_expiry(one.s);
    feed(&one, HS_MSEC(200), refusals[_i].packet);
    for (BfdDrop drop = BFD_DROP_NONE; drop < BFD_DROP_COUNT; drop++)
        ck_assert_msg(bfd_session_dropped(one.s, drop) ==
                          (drop == refusals[_i].drop ? 1 : 0),
                      "row %d: %s", _i, bfd_drop_name(drop));
    ck_assert_int_eq(bfd_session_state(one.s), refusals[_i].state);
    if (refusals[_i].state == BFD_UP)
        ck_assert_int_eq(bfd_session_last_received(one.s), HS_MSEC(20));
    if (refusals[_i].state != BFD_ADMIN_DOWN) {
        ck_assert_int_eq(bfd_session_next_expiry(one.s), due);
        ck_assert_uint_eq(take(&one, NULL, NULL), 0);
    }
}
END_TEST

START_TEST(truncated_packets_do_not_keep_it_up)
{
    g_auto(One) one = one_new(false, false);
    g_autoptr(GBytes) whole = hex_bytes(UP);

    bring_to(&one, BFD_UP);
    for (size_t length = 0; length < 24; length++) {
        g_autoptr(GBytes) part = g_bytes_new_from_bytes(whole, 0, length);

        bfd_session_receive(one.s, HS_MSEC(800), part);
    }
    ck_assert_uint_eq(bfd_session_dropped(one.s, BFD_DROP_TRUNCATED), 24);
    bfd_session_expire(one.s, HS_MSEC(920) - 1);
    ck_assert_int_eq(bfd_session_state(one.s), BFD_UP);
    bfd_session_expire(one.s, HS_MSEC(920));
    ck_assert_int_eq(bfd_session_state(one.s), BFD_DOWN);
}
END_TEST

START_TEST(expiry_called_late_catches_up)
{
    g_auto(One) one = one_new(false, false);
    BfdOutput change = {0};
    BfdPacket last;

    bring_to(&one, BFD_UP);
    bfd_session_expire(one.s, HS_SEC(100));
    ck_assert_uint_ge(take(&one, &change, &last), 1);
    ck_assert_int_eq(change.cause, BFD_CAUSE_DETECTION_EXPIRED);
    ck_assert_int_eq(change.detection, HS_MSEC(900));
    ck_assert_int_eq(last.state, BFD_DOWN);
    ck_assert(bfd_session_next_expiry(one.s) > HS_SEC(100));
    /* and called early it does nothing */
    bfd_session_expire(one.s, bfd_session_next_expiry(one.s) - 1);
    ck_assert_uint_eq(take(&one, NULL, NULL), 0);
}
END_TEST

/* 6.5: a Final at once, never together with a Poll of our own. */
START_TEST(poll_is_answered_at_once)
{
    g_auto(One) one = one_new(false, false);
    BfdPacket answer;
    HsTime due;

    bring_to(&one, BFD_UP);
    due = bfd_session_next_expiry(one.s);
    feed(&one, HS_MSEC(25), "20 e0 03 18" TAIL);
    ck_assert_uint_eq(take(&one, NULL, &answer), 1);
    ck_assert(answer.final && !answer.poll);
    ck_assert_int_eq(answer.state, BFD_UP);
    /* 6.8.7: without respect to the transmission timer */
    ck_assert_int_eq(bfd_session_next_expiry(one.s), due);
}
END_TEST

/* 6.8.7: Required Min RX 0 asks for no periodic packets. */
START_TEST(zero_min_rx_silences_the_timer)
{
    g_auto(One) one = one_new(false, false);

    bring_to(&one, BFD_UP);
    feed(&one, HS_MSEC(30),
         "20 c0 03 18 00000001 00000002 000493e0 00000000 00000000");
    ck_assert_int_eq(bfd_session_tx_interval(one.s), HS_TIME_NEVER);
    ck_assert_int_eq(bfd_session_next_expiry(one.s), HS_MSEC(930));
    /* but a Poll is answered */
    feed(&one, HS_MSEC(40),
         "20 e0 03 18 00000001 00000002 000493e0 00000000 00000000");
    ck_assert_uint_eq(take(&one, NULL, NULL), 1);
    feed(&one, HS_MSEC(50), UP);
    ck_assert_int_eq(bfd_session_tx_interval(one.s), HS_MSEC(300));
    ck_assert(bfd_session_next_expiry(one.s) < HS_MSEC(350));
}
END_TEST

/* 6.8.7: demand mode of the other side, once both are Up and nothing polls. */
START_TEST(remote_demand_mode_is_obeyed)
{
    g_auto(One) one = one_new(false, false);

    bring_to(&one, BFD_UP);
    feed(&one, HS_MSEC(30), "20 c2 03 18" TAIL);
    /* our entry into Up is still being polled */
    ck_assert_int_eq(bfd_session_tx_interval(one.s), HS_MSEC(300));
    feed(&one, HS_MSEC(40), "20 d2 03 18" TAIL);
    ck_assert_int_eq(bfd_session_tx_interval(one.s), HS_TIME_NEVER);
    feed(&one, HS_MSEC(50), UP);
    ck_assert_int_eq(bfd_session_tx_interval(one.s), HS_MSEC(300));
}
END_TEST

/* 6.8.3: "the local system cannot wait longer than the new interval between
 * the previous packet and the next one". */
START_TEST(shorter_interval_asked_for_is_honoured_at_once)
{
    g_auto(One) one = one_new(false, false);
    HsTime sent = HS_MSEC(20); /* the packet that said Up */

    bring_to(&one, BFD_UP);
    feed(&one, HS_MSEC(30), /* 5 s, please */
         "20 c0 03 18 00000001 00000002 000493e0 004c4b40 00000000");
    ck_assert_int_eq(bfd_session_tx_interval(one.s), HS_SEC(5));
    feed(&one, HS_MSEC(40), UP);
    ck_assert(bfd_session_next_expiry(one.s) >= sent + HS_MSEC(225));
    ck_assert(bfd_session_next_expiry(one.s) <= sent + HS_MSEC(300));
}
END_TEST

START_TEST(another_discriminator_is_learnt)
{
    g_auto(One) one = one_new(false, false);
    BfdPacket said;

    bring_to(&one, BFD_UP);
    feed(&one, HS_MSEC(30),
         "20 c0 03 18 00000009 00000002 000493e0 000493e0 00000000");
    ck_assert_uint_eq(bfd_session_remote_discriminator(one.s), 9);
    ck_assert_uint_eq(take(&one, NULL, &said), 1); /* 6.8.7: said at once */
    ck_assert_uint_eq(said.your_discriminator, 9);
}
END_TEST

/* 6.8.7 and 6.5: demand mode does not keep our poll sequence from being sent:
 * it is, at the interval, until the Final; then there is silence again. */
START_TEST(demand_mode_is_interrupted_by_a_poll)
{
    g_auto(One) one = one_new(false, false);
    BfdPacket said;
    HsTime now;

    bring_to(&one, BFD_UP);
    feed(&one, HS_MSEC(40), "20 d2 03 18" TAIL); /* demand, Final */
    ck_assert_int_eq(bfd_session_tx_interval(one.s), HS_TIME_NEVER);
    bfd_session_set_intervals(one.s, HS_MSEC(50), HS_MSEC(400), HS_MSEC(300));
    ck_assert_uint_eq(take(&one, NULL, &said), 1);
    ck_assert(said.poll);
    ck_assert_uint_eq(said.desired_min_tx, 400000);
    for (unsigned i = 0; i < 2; i++) { /* unanswered: once more each time */
        now = bfd_session_next_expiry(one.s);
        ck_assert(now <= HS_MSEC(50) + (i + 1) * HS_MSEC(300));
        bfd_session_expire(one.s, now);
        ck_assert_uint_eq(take(&one, NULL, &said), 1);
        ck_assert(said.poll);
    }
    feed(&one, now + HS_MSEC(10), "20 d2 03 18" TAIL);
    ck_assert_int_eq(bfd_session_tx_interval(one.s), HS_TIME_NEVER);
    /* what is left is the detection of the other side's silence */
    ck_assert_int_eq(bfd_session_next_expiry(one.s), now + HS_MSEC(910));
    ck_assert_uint_eq(take(&one, NULL, NULL), 0);
    /* and a Poll of its is answered all the same */
    feed(&one, now + HS_MSEC(20), "20 e2 03 18" TAIL);
    ck_assert_uint_eq(take(&one, NULL, &said), 1);
    ck_assert(said.final && !said.poll && !said.demand);
}
END_TEST

/* 6.8.7: demand mode needs both sides Up; a state that changes is told, and
 * forgetting the other side ends what it asked for. */
START_TEST(demand_mode_ends_with_up)
{
    g_auto(One) one = one_new(false, false);
    BfdPacket said = {0};
    unsigned packets;

    feed(&one, HS_MSEC(10), "20 42 03 18" TAIL); /* Down, demand */
    ck_assert_int_eq(bfd_session_state(one.s), BFD_INIT);
    ck_assert_int_eq(bfd_session_tx_interval(one.s), HS_SEC(1));
    feed(&one, HS_MSEC(20), "20 82 03 18" TAIL); /* Init, demand */
    ck_assert_int_eq(bfd_session_tx_interval(one.s), HS_MSEC(300));
    feed(&one, HS_MSEC(30), "20 d2 03 18" TAIL); /* Up, demand, Final */
    ck_assert_int_eq(bfd_session_tx_interval(one.s), HS_TIME_NEVER);
    take(&one, NULL, NULL);
    feed(&one, HS_MSEC(40), "20 42 03 18" TAIL); /* Down again */
    packets = take(&one, NULL, &said);
    ck_assert_uint_eq(packets, 1);
    ck_assert_int_eq(said.state, BFD_DOWN);
    ck_assert_int_eq(bfd_session_tx_interval(one.s), HS_SEC(1));
}
END_TEST

/* 6.8.4 counts from packets that pass every check: authentication that we do
 * not use keeps nothing up, whatever the section says (6.7). */
START_TEST(authenticated_packets_keep_nothing_up)
{
    static const char *const sections[] = {
        "01 09 01 736563726574",                                 /* password */
        "02 18 01 00 00000001 000102030405060708090a0b0c0d0e0f", /* MD5 */
        "04 1c 01 00 00000001 000102030405060708090a0b0c0d0e0f10111213",
        "ff 03 00", /* no such type */
    };
    static const char *const lengths[] = {"21", "30", "34", "1b"};
    g_auto(One) one = one_new(false, false);
    g_autofree char *text =
        g_strdup_printf("20 c4 03 %s" TAIL "%s", lengths[_i], sections[_i]);
    BfdOutput change = {0};

    bring_to(&one, BFD_UP);
    for (unsigned ms = 100; ms < 900; ms += 100)
        feed(&one, HS_MSEC(ms), text);
    ck_assert_uint_eq(bfd_session_dropped(one.s, BFD_DROP_AUTHENTICATED), 8);
    bfd_session_expire(one.s, HS_MSEC(920));
    take(&one, &change, NULL);
    ck_assert_int_eq(change.cause, BFD_CAUSE_DETECTION_EXPIRED);
    ck_assert_int_eq(change.last_packet, HS_MSEC(20));
}
END_TEST

/* 6.8.4: the detection time follows what the last packet said, each factor
 * alone: the other side's multiplier, its interval, and ours if that is
 * larger. Ours (300 ms x 3) has no part in it. */
static const struct {
    const char *packet; /* Up, with another multiplier or Desired Min TX */
    HsDuration detection;
} detections[] = {
    {"20 c0 05 18 00000001 00000002 000493e0 000493e0 00000000",
     5 * HS_MSEC(300)},
    {"20 c0 01 18 00000001 00000002 000493e0 000493e0 00000000", HS_MSEC(300)},
    {"20 c0 03 18 00000001 00000002 000f4240 000493e0 00000000", 3 * HS_SEC(1)},
    {"20 c0 03 18 00000001 00000002 00000001 000493e0 00000000",
     3 * HS_MSEC(300)},
    /* its Required Min RX has no part in it either */
    {"20 c0 03 18 00000001 00000002 000493e0 004c4b40 00000000",
     3 * HS_MSEC(300)},
    {"20 c0 ff 18 00000001 00000002 ffffffff 000493e0 00000000",
     255 * HS_USEC(0xffffffff)},
};

START_TEST(detection_time_is_the_other_sides)
{
    g_auto(One) one = one_new(false, false);
    HsTime end = HS_MSEC(30) + detections[_i].detection;

    bring_to(&one, BFD_UP);
    feed(&one, HS_MSEC(30), detections[_i].packet);
    ck_assert_int_eq(bfd_session_detection_time(one.s),
                     detections[_i].detection);
    if (end > HS_SEC(60))
        return;
    bfd_session_expire(one.s, end - 1);
    ck_assert_int_eq(bfd_session_state(one.s), BFD_UP);
    bfd_session_expire(one.s, end);
    ck_assert_int_eq(bfd_session_state(one.s), BFD_DOWN);
}
END_TEST

/* 6.8.12: another multiplier of ours is said in the next packet. */
START_TEST(another_multiplier_is_told)
{
    g_auto(One) one = one_new(false, false);
    BfdPacket said;

    bring_to(&one, BFD_UP);
    bfd_session_set_detect_mult(one.s, HS_MSEC(30), 7);
    ck_assert_uint_eq(take(&one, NULL, &said), 1);
    ck_assert_uint_eq(said.detect_mult, 7);
    bfd_session_set_detect_mult(one.s, HS_MSEC(40), 7);
    ck_assert_uint_eq(take(&one, NULL, NULL), 0);
    ck_assert_int_eq(bfd_session_detection_time(one.s), HS_MSEC(900));
}
END_TEST

/* What 6.8.1 makes a system say of what it has not: no echo, no demand, no
 * authentication, no multipoint, control plane not independent. */
START_TEST(nothing_is_offered_that_is_not_there)
{
    static const BfdState states[] = {BFD_ADMIN_DOWN, BFD_DOWN, BFD_INIT,
                                      BFD_UP};
    BfdState state = states[_i];
    g_auto(One) one = one_new(false, state == BFD_ADMIN_DOWN);
    BfdOutput output;
    unsigned packets = 0;

    if (state >= BFD_INIT)
        feed(&one, HS_MSEC(10), DOWN);
    if (state == BFD_UP)
        feed(&one, HS_MSEC(20), INIT);
    bfd_session_expire(one.s, HS_MSEC(500) * 2);
    while (bfd_session_poll(one.s, &output)) {
        if (output.kind == BFD_OUTPUT_SEND) {
            size_t length;
            const uint8_t *data = g_bytes_get_data(output.packet, &length);

            ck_assert_uint_eq(length, 24);
            ck_assert_uint_eq(data[0] >> 5, 1);
            ck_assert_uint_eq(data[1] & 0x0f, 0); /* C, A, D, M */
            ck_assert_mem_eq(data + 4, "\0\0\0\2", 4);
            ck_assert_mem_eq(data + 20, "\0\0\0\0", 4);
            packets++;
        }
        bfd_output_clear(&output);
    }
    ck_assert_uint_ge(packets, 1);
}
END_TEST

/* The steps of FRR's jitter: whole percent, each of them. */
START_TEST(jitter_of_frr)
{
    g_autoptr(HsRng) rng = hs_rng_new(1, "one", "bfd");
    unsigned highest = _i == 1 ? 90 : 100;
    const BfdConfig config = {
        .discriminator = 2,
        .desired_min_tx = HS_SEC(2),
        .required_min_rx = HS_SEC(2),
        .detect_mult = _i == 1 ? 1 : 3,
        .jitter = BFD_JITTER_FRR,
    };
    g_autoptr(BfdSession) s = bfd_session_new(&config, rng, 0);
    unsigned seen[101] = {0};

    for (unsigned i = 0; i < 2000; i++) {
        HsTime at = bfd_session_next_expiry(s);
        HsDuration gap;
        BfdOutput output;

        bfd_session_expire(s, at);
        while (bfd_session_poll(s, &output))
            bfd_output_clear(&output);
        gap = bfd_session_next_expiry(s) - at;
        ck_assert_int_eq(gap % HS_MSEC(20), 0);
        ck_assert(gap >= HS_MSEC(1500) && gap <= HS_MSEC(20) * highest);
        seen[gap / HS_MSEC(20)]++;
    }
    for (unsigned percent = 75; percent <= highest; percent++)
        ck_assert_uint_ge(seen[percent], 2000 / (highest - 74) / 2);
}
END_TEST

/* Outside Up nothing needs a poll: new intervals are those of the next Up, and
 * the one to send by is never below a second before (6.8.3). */
START_TEST(intervals_changed_while_down)
{
    g_auto(One) one = one_new(false, _i == 1);
    BfdPacket said = {0};

    bfd_session_set_intervals(one.s, HS_MSEC(1), HS_MSEC(300), HS_MSEC(300));
    ck_assert_uint_eq(take(&one, NULL, NULL), 0); /* they were that before */
    bfd_session_set_intervals(one.s, HS_MSEC(2), HS_MSEC(50), HS_MSEC(70));
    take(&one, NULL, &said);
    ck_assert_uint_eq(said.desired_min_tx, 1000000);
    ck_assert_uint_eq(said.required_min_rx, 70000);
    ck_assert(!said.poll);
    if (_i == 1)
        bfd_session_set_enabled(one.s, HS_MSEC(3), true);
    bring_to(&one, BFD_UP);
    feed(&one, HS_MSEC(30), "20 d0 03 18" TAIL);                    /* Final */
    ck_assert_int_eq(bfd_session_tx_interval(one.s), HS_MSEC(300)); /* theirs */
    feed(&one, HS_MSEC(40),
         "20 c0 03 18 00000001 00000002 0000c350 0000c350 00000000");
    ck_assert_int_eq(bfd_session_tx_interval(one.s), HS_MSEC(50));
    ck_assert_int_eq(bfd_session_detection_time(one.s), 3 * HS_MSEC(70));
}
END_TEST

START_TEST(what_the_other_said_is_kept)
{
    g_auto(One) one = one_new(false, false);

    ck_assert_uint_eq(bfd_session_discriminator(one.s), 2);
    ck_assert_int_eq(bfd_session_last_received(one.s), HS_TIME_NEVER);
    ck_assert_int_eq(bfd_session_detection_time(one.s), HS_TIME_NEVER);
    bring_to(&one, BFD_UP);
    ck_assert_uint_eq(bfd_session_sent(one.s), 2); /* Init, Up: at once */
    ck_assert_uint_eq(bfd_session_received(one.s), 2);
    ck_assert(!bfd_session_remote_independent(one.s));
    feed(&one, HS_MSEC(30), "28 d8 03 18" TAIL); /* C; a reserved diagnostic */
    ck_assert(bfd_session_remote_independent(one.s));
    ck_assert_uint_eq(bfd_session_remote_diag(one.s), 8);
    ck_assert_uint_eq(bfd_session_received(one.s), 3);
    feed(&one, HS_MSEC(40), "20 c0 00 18" TAIL); /* refused */
    ck_assert_uint_eq(bfd_session_received(one.s), 3);
    ck_assert_int_eq(bfd_session_last_received(one.s), HS_MSEC(30));
    bfd_session_free(NULL);
}
END_TEST

START_TEST(causes_have_their_names)
{
    ck_assert_str_eq(bfd_cause_name(BFD_CAUSE_RECEIVED_ADMIN_DOWN),
                     "received AdminDown");
    ck_assert_str_eq(bfd_cause_name(BFD_CAUSE_FORWARDING_RESET),
                     "forwarding plane reset");
    ck_assert_str_eq(bfd_cause_name(BFD_CAUSE_ENABLED), "enabled");
}
END_TEST

/* 6.8.6: zero is right in Down and AdminDown, whatever our own state. */
START_TEST(zero_discriminator_with_down_or_admin_down)
{
    static const char *const packets[] = {
        "20 40 03 18 00000001 00000000 000493e0 000493e0 00000000",
        "27 00 03 18 00000001 00000000 000493e0 000493e0 00000000"};
    g_auto(One) one = one_new(false, false);
    BfdOutput change = {0};

    bring_to(&one, BFD_UP);
    feed(&one, HS_MSEC(30), packets[_i]);
    take(&one, &change, NULL);
    ck_assert_int_eq(change.to, BFD_DOWN);
    ck_assert_uint_eq(bfd_session_dropped(one.s, BFD_DROP_NO_DISCRIMINATOR), 0);
}
END_TEST

/* 6.8.1: after a detection time of silence nothing is left of the other side,
 * in any of our states. */
START_TEST(silence_makes_us_forget)
{
    static const BfdState states[] = {BFD_ADMIN_DOWN, BFD_DOWN, BFD_INIT,
                                      BFD_UP};
    g_auto(One) one = one_new(false, states[_i] == BFD_ADMIN_DOWN);
    BfdPacket said = {.your_discriminator = 7};

    feed(&one, HS_MSEC(5), "27 00 03 18" TAIL); /* known, and no more */
    bring_to(&one, states[_i]);
    ck_assert_uint_eq(bfd_session_remote_discriminator(one.s), 1);
    bfd_session_expire(one.s, HS_SEC(3));
    take(&one, NULL, &said);
    ck_assert_uint_eq(bfd_session_remote_discriminator(one.s), 0);
    ck_assert_int_eq(bfd_session_remote_state(one.s), BFD_DOWN);
    ck_assert_uint_eq(said.your_discriminator, 0);
    ck_assert_int_eq(bfd_session_state(one.s),
                     states[_i] == BFD_ADMIN_DOWN ? BFD_ADMIN_DOWN : BFD_DOWN);
}
END_TEST

/* Two sessions */

START_TEST(comes_up_in_three_messages)
{
    g_auto(BfdPair) p;
    BfdConfig b = *DX_B;
    g_autofree char *expected = NULL;
    char at[3][HS_TIME_TEXT];
    HsTime first;

    b.passive = true; /* so that a speaks first */
    bfd_pair_init(&p, DX_A, &b, HS_MSEC(10), 1);
    bfd_pair_up(&p);
    first = g_array_index(p.sent[0], BfdPairSent, 0).at;
    for (unsigned i = 0; i < 3; i++)
        hs_time_format(first + HS_MSEC(10) * (i + 1), at[i]);
    expected = g_strdup_printf("[%14s] b bfd: Down -> Init (received Down)\n"
                               "[%14s] a bfd: Down -> Up (received Init)\n"
                               "[%14s] b bfd: Init -> Up (received Up)\n",
                               at[0], at[1], at[2]);
    ck_assert_str_eq(p.log->str, expected);
    ck_assert_uint_eq(bfd_session_remote_discriminator(p.session[0]), 0xb);
    ck_assert_uint_eq(bfd_session_remote_discriminator(p.session[1]), 0xa);
}
END_TEST

START_TEST(comes_up_through_heavy_loss)
{
    g_auto(BfdPair) p;
    g_autoptr(HsRng) rng = hs_rng_new((uint64_t)_i, "test", "loss");

    bfd_pair_init(&p, DX_A, DX_B, HS_MSEC(10), (uint64_t)_i);
    /* every second packet, in a random pattern, of the first dozen */
    p.lose[0] = hs_rng_u64(rng) & 0xfff;
    p.lose[1] = hs_rng_u64(rng) & 0xfff;
    bfd_pair_up(&p);
    bfd_pair_run(&p, p.now + HS_SEC(20));
    bfd_pair_up(&p);
    bfd_pair_run(&p, p.now + HS_SEC(5));
    ck_assert_int_eq(bfd_session_state(p.session[0]), BFD_UP);
    ck_assert_int_eq(bfd_session_state(p.session[1]), BFD_UP);
}
END_TEST

static void
up_and_steady(BfdPair *p)
{
    bfd_pair_up(p);
    bfd_pair_run(p, p->now + HS_SEC(5));
    ck_assert_int_eq(bfd_session_state(p->session[0]), BFD_UP);
    ck_assert_int_eq(bfd_session_state(p->session[1]), BFD_UP);
}

/* The gaps between the packets of one side since FROM, F answers left out. */
static void
gaps(const BfdPair *p, unsigned side, HsTime from, HsDuration *ret_min,
     HsDuration *ret_max)
{
    HsTime last = HS_TIME_NEVER;
    unsigned count = 0;

    *ret_min = HS_TIME_NEVER;
    *ret_max = 0;
    for (guint i = 0; i < p->sent[side]->len; i++) {
        const BfdPairSent *sent = &g_array_index(p->sent[side], BfdPairSent, i);

        if (sent->at < from || sent->packet.final)
            continue;
        if (last != HS_TIME_NEVER) {
            *ret_min = MIN(*ret_min, sent->at - last);
            *ret_max = MAX(*ret_max, sent->at - last);
            count++;
        }
        last = sent->at;
    }
    ck_assert_uint_ge(count, 10);
}

/* 6.8.3 and 6.8.7: one second until Up, less up to a quarter. */
START_TEST(slow_until_up)
{
    g_auto(BfdPair) p;
    HsDuration min, max;

    bfd_pair_init(&p, DX_A, DX_B, HS_MSEC(10), 3);
    p.cut[0] = p.cut[1] = true;
    bfd_pair_run(&p, HS_SEC(300));
    gaps(&p, 0, 0, &min, &max);
    ck_assert(min >= HS_MSEC(750) && min < HS_MSEC(770));
    ck_assert(max <= HS_MSEC(1000) && max > HS_MSEC(980));
    for (guint i = 0; i < p.sent[0]->len; i++) {
        const BfdPacket *sent =
            &g_array_index(p.sent[0], BfdPairSent, i).packet;

        ck_assert_int_eq(sent->state, BFD_DOWN);
        ck_assert_uint_eq(sent->desired_min_tx, 1000000);
        ck_assert_uint_eq(sent->your_discriminator, 0);
        ck_assert(!sent->poll);
    }
}
END_TEST

/* 6.8.7: up to 25 % less; at least 10 % less with a multiplier of 1. */
START_TEST(jitter_is_in_its_range)
{
    g_auto(BfdPair) p;
    BfdConfig a = *DX_A;
    HsDuration min, max;

    a.detect_mult = 1;
    bfd_pair_init(&p, &a, DX_B, HS_MSEC(10), 4);
    up_and_steady(&p);
    bfd_pair_run(&p, p.now + HS_SEC(120));
    gaps(&p, 0, p.now - HS_SEC(120), &min, &max);
    ck_assert(min >= HS_MSEC(225) && min < HS_MSEC(228));
    ck_assert(max <= HS_MSEC(270) && max > HS_MSEC(267));
    gaps(&p, 1, p.now - HS_SEC(120), &min, &max);
    ck_assert(min >= HS_MSEC(225) && min < HS_MSEC(230));
    ck_assert(max <= HS_MSEC(300) && max > HS_MSEC(295));
}
END_TEST

/* BIRD's: evenly from 75 to 90 %, also with a multiplier above 1. */
START_TEST(jitter_of_bird)
{
    g_auto(BfdPair) p;
    BfdConfig a = *DX_A;
    HsDuration min, max;

    a.jitter = BFD_JITTER_BIRD;
    a.detect_mult = _i == 1 ? 1 : 3;
    bfd_pair_init(&p, &a, DX_B, HS_MSEC(10), 4);
    up_and_steady(&p);
    bfd_pair_run(&p, p.now + HS_SEC(120));
    gaps(&p, 0, p.now - HS_SEC(120), &min, &max);
    ck_assert(min >= HS_MSEC(225) && min < HS_MSEC(228));
    ck_assert(max <= HS_MSEC(270) && max > HS_MSEC(267));
}
END_TEST

/* Poll until the Final, once Up: 6.8.3's change from one second to 300 ms. */
START_TEST(entry_into_up_is_polled)
{
    g_auto(BfdPair) p;

    bfd_pair_init(&p, DX_A, DX_B, HS_MSEC(10), 5);
    up_and_steady(&p);
    for (unsigned side = 0; side < 2; side++) {
        unsigned polls = 0, finals = 0, polls_late = 0;

        for (guint i = 0; i < p.sent[side]->len; i++) {
            const BfdPairSent *sent =
                &g_array_index(p.sent[side], BfdPairSent, i);

            polls += sent->packet.poll;
            finals += sent->packet.final;
            polls_late += sent->packet.poll && sent->at > p.now - HS_SEC(4);
            ck_assert_uint_eq(sent->packet.desired_min_tx,
                              sent->packet.state == BFD_UP ? 300000 : 1000000);
        }
        ck_assert_uint_ge(polls, 1);
        ck_assert_uint_ge(finals, 1);
        ck_assert_uint_eq(polls_late, 0);
        ck_assert_int_eq(bfd_session_tx_interval(p.session[side]),
                         HS_MSEC(300));
        ck_assert_int_eq(bfd_session_detection_time(p.session[side]),
                         HS_MSEC(900));
    }
}
END_TEST

/* 6.8.3: with a second or more nothing changes at the entry into Up, so there
 * is nothing to poll for. */
START_TEST(slow_sessions_do_not_poll)
{
    g_auto(BfdPair) p;
    BfdConfig a = *DX_A, b = *DX_B;

    a.desired_min_tx = HS_SEC(1);
    b.desired_min_tx = HS_SEC(2);
    bfd_pair_init(&p, &a, &b, HS_MSEC(10), 32);
    up_and_steady(&p);
    for (unsigned side = 0; side < 2; side++)
        for (guint i = 0; i < p.sent[side]->len; i++)
            ck_assert(!g_array_index(p.sent[side], BfdPairSent, i).packet.poll);
    ck_assert_int_eq(bfd_session_tx_interval(p.session[1]), HS_SEC(2));
}
END_TEST

static void
expect_detection(const BfdPair *p, unsigned side, HsDuration detection)
{
    const BfdOutput *change = bfd_pair_last_change(p, side);
    char at[HS_TIME_TEXT];
    g_autofree char *line = NULL;

    ck_assert_int_eq(change->from, BFD_UP);
    ck_assert_int_eq(change->to, BFD_DOWN);
    ck_assert_int_eq(change->diag, BFD_DIAG_DETECTION_EXPIRED);
    ck_assert_int_eq(change->cause, BFD_CAUSE_DETECTION_EXPIRED);
    ck_assert_int_eq(change->last_packet, p->arrived[side]);
    ck_assert_int_eq(change->detection, detection);
    hs_time_format(p->arrived[side] + detection, at);
    line =
        g_strdup_printf("[%14s] %c bfd: Up -> Down (detection time expired)\n",
                        at, 'a' + (char)side);
    ck_assert_msg(strstr(p->log->str, line) != NULL, "no %s in:\n%s", line,
                  p->log->str);
}

/* 6.8.4: to the nanosecond, on both sides, whatever the phase. */
START_TEST(silence_is_detected_after_the_detection_time)
{
    g_auto(BfdPair) p;

    bfd_pair_init(&p, DX_A, DX_B, HS_MSEC(7), (uint64_t)_i);
    up_and_steady(&p);
    bfd_pair_run(&p, p.now + HS_MSEC(37) * _i);
    p.cut[0] = p.cut[1] = true;
    bfd_pair_run(&p, p.now + HS_SEC(2));
    expect_detection(&p, 0, HS_MSEC(900));
    expect_detection(&p, 1, HS_MSEC(900));
    p.cut[0] = p.cut[1] = false;
    bfd_pair_up(&p);
}
END_TEST

/* One direction gone: the side that hears nothing detects, and tells the
 * other, which hears it one delay later. Also when the former is passive: its
 * last packet goes out before it falls silent. */
START_TEST(one_way_cut_is_detected_once_and_told)
{
    g_auto(BfdPair) p;
    BfdConfig b = *DX_B;
    const BfdOutput *change;
    guint sent;

    b.passive = _i == 1;
    bfd_pair_init(&p, DX_A, &b, HS_MSEC(20), 8);
    up_and_steady(&p);
    p.cut[0] = true;
    bfd_pair_run(&p, p.arrived[1] + HS_MSEC(900) + HS_MSEC(20));
    expect_detection(&p, 1, HS_MSEC(900));
    change = bfd_pair_last_change(&p, 0);
    ck_assert_int_eq(change->cause, BFD_CAUSE_RECEIVED_DOWN);
    ck_assert_int_eq(change->diag, BFD_DIAG_NEIGHBOR_DOWN);
    ck_assert_int_eq(change->last_packet, p.now);
    ck_assert_uint_eq(bfd_session_remote_diag(p.session[0]),
                      BFD_DIAG_DETECTION_EXPIRED);
    /* a passive side that has forgotten the other says nothing more */
    sent = p.sent[1]->len;
    bfd_pair_run(&p, p.now + HS_SEC(60));
    if (b.passive)
        ck_assert_uint_eq(p.sent[1]->len, sent);
    else
        ck_assert_uint_gt(p.sent[1]->len, sent + 30);
    p.cut[0] = false;
    bfd_pair_up(&p);
}
END_TEST

START_TEST(passive_sides_are_silent)
{
    g_auto(BfdPair) p;
    BfdConfig a = *DX_A, b = *DX_B;

    a.passive = b.passive = true;
    bfd_pair_init(&p, &a, &b, HS_MSEC(10), 9);
    bfd_pair_run(&p, HS_SEC(60));
    ck_assert_uint_eq(p.sent[0]->len + p.sent[1]->len, 0);
    ck_assert_int_eq(bfd_session_next_expiry(p.session[0]), HS_TIME_NEVER);
}
END_TEST

/* 6.8.2 and 6.8.4: each direction has its own pace. */
START_TEST(asymmetric_intervals)
{
    g_auto(BfdPair) p;
    BfdConfig a = *DX_A, b = *DX_B;
    HsDuration min, max;

    a.desired_min_tx = HS_MSEC(100);
    a.required_min_rx = HS_MSEC(500);
    a.detect_mult = 5;
    b.desired_min_tx = HS_MSEC(300);
    b.required_min_rx = HS_MSEC(200);
    bfd_pair_init(&p, &a, &b, HS_MSEC(10), 10);
    up_and_steady(&p);
    bfd_pair_run(&p, p.now + HS_SEC(120));
    ck_assert_int_eq(bfd_session_tx_interval(p.session[0]), HS_MSEC(200));
    ck_assert_int_eq(bfd_session_tx_interval(p.session[1]), HS_MSEC(500));
    gaps(&p, 0, p.now - HS_SEC(120), &min, &max);
    ck_assert(min >= HS_MSEC(150) && max <= HS_MSEC(200));
    gaps(&p, 1, p.now - HS_SEC(120), &min, &max);
    ck_assert(min >= HS_MSEC(375) && max <= HS_MSEC(500));
    p.cut[0] = p.cut[1] = true;
    bfd_pair_run(&p, p.now + HS_SEC(2));
    expect_detection(&p, 0, 3 * HS_MSEC(500));
    expect_detection(&p, 1, 5 * HS_MSEC(200));
}
END_TEST

/* 6.8.16 */
START_TEST(admin_down_is_told_and_kept)
{
    g_auto(BfdPair) p;
    const BfdOutput *change;
    const BfdPairSent *last;

    bfd_pair_init(&p, DX_A, DX_B, HS_MSEC(10), 11);
    up_and_steady(&p);
    bfd_session_set_enabled(p.session[0], p.now, false);
    bfd_pair_take_outputs(&p);
    last = &g_array_index(p.sent[0], BfdPairSent, p.sent[0]->len - 1);
    ck_assert_int_eq(last->at, p.now);
    ck_assert_int_eq(last->packet.state, BFD_ADMIN_DOWN);
    ck_assert_uint_eq(last->packet.diag, BFD_DIAG_ADMIN_DOWN);
    bfd_pair_run(&p, p.now + HS_MSEC(10));
    change = bfd_pair_last_change(&p, 1);
    ck_assert_int_eq(change->cause, BFD_CAUSE_RECEIVED_ADMIN_DOWN);
    ck_assert_int_eq(change->to, BFD_DOWN);
    ck_assert_int_eq(change->diag, BFD_DIAG_NEIGHBOR_DOWN);
    bfd_pair_run(&p, p.now + HS_SEC(60));
    ck_assert_int_eq(bfd_session_state(p.session[0]), BFD_ADMIN_DOWN);
    ck_assert_int_eq(bfd_session_state(p.session[1]), BFD_DOWN);
    ck_assert_int_eq(bfd_session_remote_state(p.session[1]), BFD_ADMIN_DOWN);
    bfd_session_set_enabled(p.session[0], p.now, false); /* already so */
    bfd_session_set_enabled(p.session[0], p.now, true);
    bfd_pair_take_outputs(&p);
    ck_assert_int_eq(bfd_pair_last_change(&p, 0)->cause, BFD_CAUSE_ENABLED);
    bfd_pair_up(&p);
}
END_TEST

START_TEST(path_down_is_told)
{
    g_auto(BfdPair) p;

    bfd_pair_init(&p, DX_A, DX_B, HS_MSEC(10), 12);
    up_and_steady(&p);
    bfd_session_path_down(p.session[1], p.now);
    bfd_pair_take_outputs(&p);
    bfd_pair_run(&p, p.now + HS_MSEC(10));
    ck_assert_int_eq(bfd_pair_last_change(&p, 1)->diag, BFD_DIAG_PATH_DOWN);
    ck_assert_int_eq(bfd_pair_last_change(&p, 0)->diag, BFD_DIAG_NEIGHBOR_DOWN);
    ck_assert_uint_eq(bfd_session_remote_diag(p.session[0]),
                      BFD_DIAG_PATH_DOWN);
    bfd_pair_up(&p);
}
END_TEST

/* 6.8.3: slower sending waits for the Final; the other side's detection time
 * grows as soon as it hears. */
START_TEST(slowing_down_waits_for_the_final)
{
    g_auto(BfdPair) p;
    const BfdPairSent *last;
    HsTime changed;

    bfd_pair_init(&p, DX_A, DX_B, HS_MSEC(200), 13);
    up_and_steady(&p);
    changed = p.now;
    bfd_session_set_intervals(p.session[0], p.now, HS_MSEC(900), HS_MSEC(300));
    bfd_pair_take_outputs(&p);
    last = &g_array_index(p.sent[0], BfdPairSent, p.sent[0]->len - 1);
    ck_assert_int_eq(last->at, changed); /* 6.8.7: the content changed */
    ck_assert(last->packet.poll);
    ck_assert_uint_eq(last->packet.desired_min_tx, 900000);
    bfd_pair_run(&p, changed + HS_MSEC(200));
    ck_assert_int_eq(bfd_session_detection_time(p.session[1]), HS_MSEC(2700));
    bfd_pair_run(&p, changed + HS_MSEC(400) - 1);
    ck_assert_int_eq(bfd_session_tx_interval(p.session[0]), HS_MSEC(300));
    bfd_pair_run(&p, changed + HS_MSEC(400));
    ck_assert_int_eq(bfd_session_tx_interval(p.session[0]), HS_MSEC(900));
    bfd_pair_run(&p, p.now + HS_SEC(30));
    ck_assert_int_eq(bfd_session_state(p.session[1]), BFD_UP);
    last = &g_array_index(p.sent[0], BfdPairSent, p.sent[0]->len - 1);
    ck_assert(!last->packet.poll);
}
END_TEST

/* ... and goes on at the old pace while the Final is lost. */
START_TEST(lost_finals_are_polled_for_again)
{
    g_auto(BfdPair) p;
    HsTime changed;
    unsigned polls = 0;

    bfd_pair_init(&p, DX_A, DX_B, HS_MSEC(5), 14);
    up_and_steady(&p);
    changed = p.now;
    p.lose[1] = 0x3; /* the Final among b's next two */
    bfd_session_set_intervals(p.session[0], p.now, HS_MSEC(900), HS_MSEC(300));
    bfd_pair_take_outputs(&p);
    bfd_pair_run(&p, changed + HS_MSEC(20));
    ck_assert_int_eq(bfd_session_tx_interval(p.session[0]), HS_MSEC(300));
    bfd_pair_run(&p, changed + HS_SEC(2));
    ck_assert_int_eq(bfd_session_tx_interval(p.session[0]), HS_MSEC(900));
    for (guint i = 0; i < p.sent[0]->len; i++) {
        const BfdPairSent *sent = &g_array_index(p.sent[0], BfdPairSent, i);

        polls += sent->at >= changed && sent->packet.poll;
    }
    ck_assert_uint_ge(polls, 2);
    ck_assert_uint_le(polls, 3);
    ck_assert_int_eq(bfd_session_state(p.session[0]), BFD_UP);
}
END_TEST

/* 6.8.3: a shorter Required Min RX counts for detection only after the Final;
 * faster sending needs no permission. */
START_TEST(speeding_up)
{
    g_auto(BfdPair) p;
    BfdConfig b = *DX_B;
    HsTime changed;

    b.desired_min_tx = b.required_min_rx = HS_MSEC(100);
    bfd_pair_init(&p, DX_A, &b, HS_MSEC(60), 15);
    up_and_steady(&p);
    ck_assert_int_eq(bfd_session_tx_interval(p.session[1]), HS_MSEC(300));
    changed = p.now;
    bfd_session_set_intervals(p.session[0], p.now, HS_MSEC(100), HS_MSEC(100));
    bfd_pair_take_outputs(&p);
    ck_assert_int_eq(bfd_session_tx_interval(p.session[0]), HS_MSEC(100));
    bfd_pair_run(&p, changed + HS_MSEC(60));
    ck_assert_int_eq(bfd_session_tx_interval(p.session[1]), HS_MSEC(100));
    bfd_pair_run(&p, changed + HS_MSEC(120) - 1);
    ck_assert_int_eq(bfd_session_detection_time(p.session[0]), HS_MSEC(900));
    bfd_pair_run(&p, changed + HS_MSEC(120));
    ck_assert_int_eq(bfd_session_detection_time(p.session[0]), HS_MSEC(300));
    bfd_pair_run(&p, p.now + HS_SEC(30));
    p.cut[0] = p.cut[1] = true;
    bfd_pair_run(&p, p.now + HS_SEC(1));
    expect_detection(&p, 0, HS_MSEC(300));
    expect_detection(&p, 1, HS_MSEC(300));
}
END_TEST

/* A second change while the first is polled gets a poll sequence of its own:
 * the first Final may answer the first change only. */
START_TEST(change_during_a_poll_is_polled_again)
{
    g_auto(BfdPair) p;
    HsTime changed;

    bfd_pair_init(&p, DX_A, DX_B, HS_MSEC(50), 16);
    up_and_steady(&p);
    changed = p.now;
    bfd_session_set_intervals(p.session[0], p.now, HS_MSEC(600), HS_MSEC(300));
    bfd_pair_take_outputs(&p);
    bfd_pair_run(&p, changed + HS_MSEC(60));
    bfd_session_set_intervals(p.session[0], p.now, HS_MSEC(900), HS_MSEC(300));
    bfd_pair_take_outputs(&p);
    bfd_pair_run(&p, changed + HS_MSEC(100)); /* the first Final */
    ck_assert_int_eq(bfd_session_tx_interval(p.session[0]), HS_MSEC(300));
    bfd_pair_run(&p, changed + HS_MSEC(160)); /* the second */
    ck_assert_int_eq(bfd_session_tx_interval(p.session[0]), HS_MSEC(900));
}
END_TEST

/* The other system restarts: its new session knows nothing of us. */
START_TEST(restart_of_the_other_side)
{
    g_auto(BfdPair) p;
    BfdConfig b = *DX_B;

    bfd_pair_init(&p, DX_A, DX_B, HS_MSEC(10), 17);
    up_and_steady(&p);
    bfd_session_free(p.session[1]);
    b.discriminator = 0xbb;
    b.trace = &p.trace[1];
    p.session[1] = bfd_session_new(&b, p.rng[1], p.now);
    bfd_pair_run(&p, p.now + HS_SEC(5));
    bfd_pair_up(&p);
    ck_assert_uint_eq(bfd_session_remote_discriminator(p.session[0]), 0xbb);
    /* a's packets to the old session were refused, not obeyed */
    ck_assert_uint_ge(
        bfd_session_dropped(p.session[1], BFD_DROP_YOUR_DISCRIMINATOR), 1);
}
END_TEST

/* 300 ms x 3 detects a silent cut 0.6-0.9 s later plus the path's delay: the
 * detection time less the age of the last packet. With intervals uniform in
 * 225-300 ms, the age has the mean E[X^2] / 2 E[X] = 132 ms. */
START_TEST(phases_of_detection)
{
    enum { SEEDS = 1000 };
    const HsDuration delay = HS_MSEC(2);
    HsDuration min = HS_TIME_NEVER, max = 0, sum = 0;

    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        g_auto(BfdPair) p;
        g_autoptr(HsRng) rng = hs_rng_new(seed, "test", "cut");
        HsTime cut = HS_SEC(8) + hs_rng_uniform(rng, 0, HS_SEC(1));
        HsDuration after;

        bfd_pair_init(&p, DX_A, DX_B, delay, seed);
        bfd_pair_run(&p, cut);
        p.cut[0] = p.cut[1] = true;
        bfd_pair_run(&p, cut + HS_SEC(2));
        expect_detection(&p, 1, HS_MSEC(900));
        after = p.arrived[1] + HS_MSEC(900) - delay - cut;
        ck_assert_msg(after >= HS_MSEC(600) && after <= HS_MSEC(900),
                      "seed %u: %f s", (unsigned)seed, (double)after / 1e9);
        min = MIN(min, after);
        max = MAX(max, after);
        sum += after;
    }
    ck_assert(min < HS_MSEC(625) && max > HS_MSEC(895));
    ck_assert(sum / SEEDS > HS_MSEC(760) && sum / SEEDS < HS_MSEC(776));
}
END_TEST

/* Both ends change at the same instant: two poll sequences cross, each is
 * ended by its own Final, and no packet has both bits (the pair checks that).
 * a slows down and wants fewer packets, b the reverse. */
START_TEST(both_ends_change_at_once)
{
    g_auto(BfdPair) p;
    HsTime changed;

    bfd_pair_init(&p, DX_A, DX_B, HS_MSEC(80), (uint64_t)_i);
    if (_i % 2 == 1)
        p.delay[1] = HS_MSEC(20);
    up_and_steady(&p);
    changed = p.now;
    bfd_session_set_intervals(p.session[0], p.now, HS_MSEC(600), HS_MSEC(500));
    bfd_session_set_intervals(p.session[1], p.now, HS_MSEC(100), HS_MSEC(100));
    bfd_pair_take_outputs(&p);
    /* Heard of by neither: a keeps its old interval for sending, b's detection
     * time keeps the old Required Min RX (6.8.3). */
    ck_assert_int_eq(bfd_session_tx_interval(p.session[0]), HS_MSEC(300));
    ck_assert_int_eq(bfd_session_detection_time(p.session[0]),
                     3 * HS_MSEC(500));
    ck_assert_int_eq(bfd_session_detection_time(p.session[1]),
                     3 * HS_MSEC(300));
    bfd_pair_run(&p, changed + p.delay[0] + p.delay[1] - 1);
    ck_assert_int_eq(bfd_session_tx_interval(p.session[0]), HS_MSEC(300));
    bfd_pair_run(&p, changed + p.delay[0] + p.delay[1]);
    ck_assert_int_eq(bfd_session_tx_interval(p.session[0]), HS_MSEC(600));
    ck_assert_int_eq(bfd_session_tx_interval(p.session[1]), HS_MSEC(500));
    ck_assert_int_eq(bfd_session_detection_time(p.session[0]),
                     3 * HS_MSEC(500));
    ck_assert_int_eq(bfd_session_detection_time(p.session[1]),
                     3 * HS_MSEC(600));
    for (unsigned side = 0; side < 2; side++) {
        unsigned polls = 0;

        bfd_pair_run(&p, p.now + HS_SEC(20));
        for (guint i = 0; i < p.sent[side]->len; i++) {
            const BfdPairSent *sent =
                &g_array_index(p.sent[side], BfdPairSent, i);

            polls += sent->at > changed + HS_SEC(1) && sent->packet.poll;
        }
        ck_assert_uint_eq(polls, 0);
    }
    ck_assert_ptr_null(strstr(p.log->str, "expired"));
    p.cut[0] = p.cut[1] = true;
    bfd_pair_run(&p, p.now + HS_SEC(3));
    expect_detection(&p, 0, 3 * HS_MSEC(500));
    expect_detection(&p, 1, 3 * HS_MSEC(600));
}
END_TEST

/* 6.8.3's point: intervals changed at random, at both ends and through loss,
 * never cost the session. */
START_TEST(changes_under_loss_keep_it_up)
{
    static const unsigned steps[] = {50, 100, 300, 900, 2000};
    g_auto(BfdPair) p;
    g_autoptr(HsRng) rng = hs_rng_new((uint64_t)_i, "test", "changes");

    bfd_pair_init(&p, DX_A, DX_B, HS_MSEC(15), (uint64_t)_i);
    up_and_steady(&p);
    for (unsigned i = 0; i < 60; i++) {
        unsigned side = (unsigned)hs_rng_below(rng, 2);

        /* one lost of each direction, so that two of three arrive */
        p.lose[0] = UINT64_C(1) << hs_rng_below(rng, 8);
        p.lose[1] = UINT64_C(1) << hs_rng_below(rng, 8);
        bfd_session_set_intervals(
            p.session[side], p.now,
            HS_MSEC(steps[hs_rng_below(rng, G_N_ELEMENTS(steps))]),
            HS_MSEC(steps[hs_rng_below(rng, G_N_ELEMENTS(steps))]));
        bfd_pair_take_outputs(&p);
        bfd_pair_run(&p,
                     p.now + HS_MSEC(10) + hs_rng_uniform(rng, 0, HS_SEC(9)));
        ck_assert_msg(strstr(p.log->str, "Up -> ") == NULL, "change %u:\n%s", i,
                      p.log->str);
    }
}
END_TEST

/* 6.8.16: long enough for the other side to hear of it even if it hears little,
 * which is a detection time; and it does not take silence for a failure. */
START_TEST(admin_down_is_told_for_a_detection_time)
{
    g_auto(BfdPair) p;
    HsTime ordered;
    unsigned said = 0;

    bfd_pair_init(&p, DX_A, DX_B, HS_MSEC(10), 30);
    up_and_steady(&p);
    ordered = p.now;
    bfd_session_set_enabled(p.session[0], p.now, false);
    bfd_pair_take_outputs(&p);
    bfd_pair_run(&p, p.now + HS_SEC(3) + HS_MSEC(10)); /* 3 x 1 s by now */
    for (guint i = 0; i < p.sent[0]->len; i++) {
        const BfdPairSent *sent = &g_array_index(p.sent[0], BfdPairSent, i);

        said += sent->at >= ordered && sent->packet.state == BFD_ADMIN_DOWN;
    }
    ck_assert_uint_ge(said, 4);
    ck_assert_int_eq(bfd_pair_last_change(&p, 1)->cause,
                     BFD_CAUSE_RECEIVED_ADMIN_DOWN);
    ck_assert_ptr_null(strstr(p.log->str, "expired"));
    /* AdminDown takes nothing in (6.8.6). */
    ck_assert_uint_ge(bfd_session_dropped(p.session[0], BFD_DROP_DISABLED), 1);
    ck_assert_int_eq(bfd_session_state(p.session[0]), BFD_ADMIN_DOWN);
}
END_TEST

/* A restart of the other side with the state kept here: its first packet has
 * another discriminator and says Down, without ours. 6.8.6 takes it. */
START_TEST(reset_of_the_other_side_is_followed)
{
    g_auto(One) one = one_new(false, false);
    BfdOutput change = {0};
    BfdPacket said;

    bring_to(&one, BFD_UP);
    feed(&one, HS_MSEC(100),
         "20 40 03 18 00000063 00000000 000f4240 000493e0 00000000");
    ck_assert_uint_ge(take(&one, &change, &said), 1);
    ck_assert_int_eq(change.to, BFD_DOWN);
    ck_assert_int_eq(change.diag, BFD_DIAG_NEIGHBOR_DOWN);
    ck_assert_uint_eq(said.your_discriminator, 0x63);
    feed(&one, HS_MSEC(200),
         "20 40 03 18 00000063 00000002 000f4240 000493e0 00000000");
    ck_assert_int_eq(bfd_session_state(one.s), BFD_INIT);
    feed(&one, HS_MSEC(300),
         "20 c0 03 18 00000063 00000002 000493e0 000493e0 00000000");
    ck_assert_int_eq(bfd_session_state(one.s), BFD_UP);
    ck_assert_uint_eq(bfd_session_remote_discriminator(one.s), 0x63);
    ck_assert_int_eq(bfd_session_diag(one.s), BFD_DIAG_NONE);
}
END_TEST

/* 6.8.15 */
START_TEST(forwarding_reset_is_told)
{
    g_auto(BfdPair) p;

    bfd_pair_init(&p, DX_A, DX_B, HS_MSEC(10), 31);
    bfd_session_forwarding_reset(p.session[0], 0); /* Down: nothing to end */
    ck_assert_int_eq(bfd_session_diag(p.session[0]), BFD_DIAG_NONE);
    up_and_steady(&p);
    bfd_session_forwarding_reset(p.session[0], p.now);
    bfd_pair_take_outputs(&p);
    ck_assert_int_eq(bfd_pair_last_change(&p, 0)->cause,
                     BFD_CAUSE_FORWARDING_RESET);
    bfd_pair_run(&p, p.now + HS_MSEC(10));
    ck_assert_uint_eq(bfd_session_remote_diag(p.session[1]),
                      BFD_DIAG_FORWARDING_RESET);
    bfd_pair_up(&p);
}
END_TEST

START_TEST(same_seed_same_trace)
{
    g_auto(BfdPair) p, q, r;

    bfd_pair_init(&p, DX_A, DX_B, HS_MSEC(10), 20);
    bfd_pair_init(&q, DX_A, DX_B, HS_MSEC(10), 20);
    bfd_pair_init(&r, DX_A, DX_B, HS_MSEC(10), 21);
    bfd_pair_run(&p, HS_SEC(20));
    bfd_pair_run(&q, HS_SEC(20));
    bfd_pair_run(&r, HS_SEC(20));
    ck_assert_str_eq(p.log->str, q.log->str);
    ck_assert_uint_eq(p.sent[0]->len, q.sent[0]->len);
    ck_assert_str_ne(p.log->str, r.log->str);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("bfd");
    TCase *one = tcase_create("one session");
    TCase *two = tcase_create("two sessions");

    tcase_add_loop_test(one, state_machine_is_the_rfcs, 0,
                        (int)G_N_ELEMENTS(transitions));
    tcase_add_loop_test(one, refused_packets_are_counted_and_change_nothing, 0,
                        (int)G_N_ELEMENTS(refusals));
    tcase_add_test(one, truncated_packets_do_not_keep_it_up);
    tcase_add_test(one, expiry_called_late_catches_up);
    tcase_add_test(one, poll_is_answered_at_once);
    tcase_add_test(one, zero_min_rx_silences_the_timer);
    tcase_add_test(one, remote_demand_mode_is_obeyed);
    tcase_add_test(one, shorter_interval_asked_for_is_honoured_at_once);
    tcase_add_test(one, another_discriminator_is_learnt);
    tcase_add_test(one, demand_mode_is_interrupted_by_a_poll);
    tcase_add_test(one, demand_mode_ends_with_up);
    tcase_add_loop_test(one, authenticated_packets_keep_nothing_up, 0, 4);
    tcase_add_loop_test(one, detection_time_is_the_other_sides, 0,
                        (int)G_N_ELEMENTS(detections));
    tcase_add_test(one, another_multiplier_is_told);
    tcase_add_loop_test(one, nothing_is_offered_that_is_not_there, 0, 4);
    tcase_add_loop_test(one, jitter_of_frr, 0, 2);
    tcase_add_test(one, reset_of_the_other_side_is_followed);
    tcase_add_loop_test(one, zero_discriminator_with_down_or_admin_down, 0, 2);
    tcase_add_loop_test(one, silence_makes_us_forget, 0, 4);
    tcase_add_loop_test(one, intervals_changed_while_down, 0, 2);
    tcase_add_test(one, what_the_other_said_is_kept);
    tcase_add_test(one, causes_have_their_names);
    suite_add_tcase(suite, one);

    tcase_set_timeout(two, 60); /* 1000 seeds under a sanitizer */
    tcase_add_test(two, comes_up_in_three_messages);
    tcase_add_loop_test(two, comes_up_through_heavy_loss, 0, 20);
    tcase_add_test(two, slow_until_up);
    tcase_add_test(two, jitter_is_in_its_range);
    tcase_add_loop_test(two, jitter_of_bird, 0, 2);
    tcase_add_test(two, entry_into_up_is_polled);
    tcase_add_test(two, slow_sessions_do_not_poll);
    tcase_add_loop_test(two, silence_is_detected_after_the_detection_time, 0,
                        16);
    tcase_add_loop_test(two, one_way_cut_is_detected_once_and_told, 0, 2);
    tcase_add_test(two, passive_sides_are_silent);
    tcase_add_test(two, asymmetric_intervals);
    tcase_add_test(two, admin_down_is_told_and_kept);
    tcase_add_test(two, path_down_is_told);
    tcase_add_test(two, slowing_down_waits_for_the_final);
    tcase_add_test(two, lost_finals_are_polled_for_again);
    tcase_add_test(two, speeding_up);
    tcase_add_test(two, change_during_a_poll_is_polled_again);
    tcase_add_loop_test(two, both_ends_change_at_once, 0, 8);
    tcase_add_loop_test(two, changes_under_loss_keep_it_up, 0, 50);
    tcase_add_test(two, admin_down_is_told_for_a_detection_time);
    tcase_add_test(two, forwarding_reset_is_told);
    tcase_add_test(two, restart_of_the_other_side);
    tcase_add_test(two, phases_of_detection);
    tcase_add_test(two, same_seed_same_trace);
    suite_add_tcase(suite, two);
    return run_suite(suite);
}
