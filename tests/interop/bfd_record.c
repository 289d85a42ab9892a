/* bfd_record frr|bird TRIALS GAPS > FILE
 *
 * Records how exactly a real BFD daemon and our session keep their times. Each
 * line is an observation, in microseconds:
 *
 *   gap G              between two of the daemon's packets, both Up
 *   ours N D P         the daemon was stopped: our detection came D after its
 *                      last packet, where N had been negotiated, and P after
 *                      the stop
 *   theirs N D P       we fell silent: the daemon's Down came D after our last
 *                      packet, and P after we stopped sending
 *
 * Arrivals are the kernel's instants. Run it where nothing else runs: it asks
 * for a real-time priority, for itself and the daemon. What it wrote stands in
 * tests/golden/bfd and is looked at by tests/test_bfd_golden.c. */

#include "config.h"

#include "tests/harness/bfd_meeting.h"

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    HsTime last;
    unsigned left; /* gaps to print */
} Gaps;

static double
microseconds(HsDuration span)
{
    return (double)span / 1e3;
}

static void
print_gap(void *user_data, HsTime at, const BfdPacket *packet)
{
    Gaps *gaps = user_data;

    if (packet->final) /* outside the interval */
        return;
    if (packet->state == BFD_UP && !packet->poll && gaps->left > 0 &&
        gaps->last != HS_TIME_NEVER) {
        printf("gap %.1f\n", microseconds(at - gaps->last));
        gaps->left--;
    }
    gaps->last = packet->state == BFD_UP ? at : HS_TIME_NEVER;
}

static bool
is_settled(BfdMeeting *m)
{
    return bfd_meeting_is_up(m) && !m->said.poll &&
           m->said.desired_min_tx == 100000 &&
           bfd_session_tx_interval(m->session) == HS_MSEC(100) &&
           bfd_session_detection_time(m->session) == HS_MSEC(300);
}

static bool
is_down(BfdMeeting *m)
{
    return bfd_session_state(m->session) == BFD_DOWN;
}

static bool
they_are_down(BfdMeeting *m)
{
    return m->said.state == BFD_DOWN;
}

static bool
turn_for(BfdMeeting *m, HsDuration span)
{
    HsTime end = bfd_meeting_now() + span;

    while (bfd_meeting_now() < end)
        bfd_meeting_turn(m);
    return bfd_meeting_is_up(m);
}

static bool
trial(BfdMeeting *m, HsRng *rng, bool ours)
{
    HsTime cut;

    if (!bfd_meeting_until(m, is_settled) ||
        !turn_for(m, HS_SEC(1) + hs_rng_uniform(rng, 0, HS_MSEC(500))))
        return false;
    cut = bfd_meeting_now();
    if (ours) {
        bfd_meeting_freeze(m, true);
        if (!bfd_meeting_until(m, is_down))
            return false;
        printf("ours %.1f %.1f %.1f\n", microseconds(m->change.detection),
               microseconds(m->changed - m->heard),
               microseconds(m->changed - cut));
        bfd_meeting_freeze(m, false);
        return true;
    }
    m->mute = true;
    if (!bfd_meeting_until(m, they_are_down))
        return false;
    printf("theirs %.1f %.1f %.1f\n", microseconds(3 * HS_MSEC(100)),
           microseconds(m->heard - m->sent), microseconds(m->heard - cut));
    m->mute = false;
    return true;
}

static int
record(BfdMeeting *m, unsigned trials, unsigned count)
{
    g_autoptr(HsRng) rng = hs_rng_new(1, "record", "cut");
    Gaps gaps = {.last = HS_TIME_NEVER, .left = count};

    if (!bfd_meeting_until(m, is_settled))
        return 1;
    m->arrived = print_gap;
    m->user_data = &gaps;
    while (gaps.left > 0)
        if (!turn_for(m, HS_MSEC(100)))
            return 1;
    for (unsigned i = 0; i < 2 * trials; i++)
        if (!trial(m, rng, i % 2 == 0))
            return 1;
    return 0;
}

int
main(int argc, char **argv)
{
    struct sched_param priority = {.sched_priority = 1};
    BfdMeeting m;
    int result;

    if (argc != 4) {
        fprintf(stderr, "usage: bfd_record frr|bird TRIALS GAPS\n");
        return 2;
    }
    if (sched_setscheduler(0, SCHED_FIFO, &priority) != 0)
        fprintf(stderr, "no real-time priority: expect outliers\n");
    if (!bfd_meeting_open(&m, strcmp(argv[1], "bird") == 0 ? BFD_DAEMON_BIRD
                                                           : BFD_DAEMON_FRR))
        return 77;
    result = record(&m, (unsigned)atoi(argv[2]), (unsigned)atoi(argv[3]));
    if (result != 0)
        fprintf(stderr, "the session did not do what was expected: %s\n",
                bfd_state_name(bfd_session_state(m.session)));
    bfd_meeting_close(&m);
    return result;
}
