#include "config.h"

#include "models/base/rng.h"
#include "sim/observe/facts.h"
#include "sim/observe/samples.h"
#include "sim/observe/timeline.h"
#include "tests/harness/run.h"
#include "tests/harness/story.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

/* Where in order of time the part comes: a tunnel's among withdraw and fib. */
static int
turn(const HsClientFailover *f, int i)
{
    static const int orders[][3] = {
        {HS_PART_TUNNEL, HS_PART_WITHDRAW, HS_PART_FIB},
        {HS_PART_WITHDRAW, HS_PART_TUNNEL, HS_PART_FIB},
        {HS_PART_WITHDRAW, HS_PART_FIB, HS_PART_TUNNEL},
    };
    const HsPart *tunnel = &f->parts[HS_PART_TUNNEL];
    int before = 0;

    if (i < HS_PART_WITHDRAW || i > HS_PART_TUNNEL)
        return i;
    for (int k = HS_PART_WITHDRAW; k <= HS_PART_FIB; k++)
        if (tunnel->status != HS_STATUS_HAPPENED ||
            (f->parts[k].status == HS_STATUS_HAPPENED &&
             f->parts[k].at <= tunnel->at))
            before = k;
    return orders[before][i - HS_PART_WITHDRAW];
}

/* The parts must be disjoint, in order and complete. */
static void
check_sum(const HsFaultTimeline *fault, const HsClientFailover *f)
{
    HsTime at = fault->t0;
    HsDuration sum = 0;
    double share = 0;

    for (int i = HS_PART_DETECT; i <= HS_PART_APPLICATION; i++) {
        const HsPart *part = &f->parts[turn(f, i)];

        ck_assert_int_eq((int)part->kind, turn(f, i));
        if (part->status != HS_STATUS_HAPPENED) {
            ck_assert_ptr_nonnull(part->note);
            ck_assert_int_eq(part->duration, 0);
            continue;
        }
        ck_assert_int_eq(part->start, at);
        ck_assert_int_ge(part->duration, 0);
        ck_assert_int_eq(part->end - part->start, part->duration);
        ck_assert(part->overlaps == (part->end != part->at));
        at = part->end;
        sum += part->duration;
        share += part->share;
    }
    if (f->recovery != HS_RECOVERY_RECOVERED)
        return;
    ck_assert_int_eq(f->parts[HS_PART_APPLICATION].status, HS_STATUS_HAPPENED);
    ck_assert_int_eq(f->parts[HS_PART_APPLICATION].at - fault->t0, f->failover);
    ck_assert_int_eq(sum, f->failover);
    ck_assert_double_eq_tol(share, f->failover > 0 ? 1 : 0, 1e-9);
}

static void
check_part(const HsClientFailover *f, HsPartKind kind, HsDuration since,
           HsDuration duration)
{
    const HsPart *part = &f->parts[kind];

    ck_assert_msg(part->status == HS_STATUS_HAPPENED, "%s: %s (%s)",
                  hs_part_name(kind), hs_status_name(part->status), part->note);
    ck_assert_msg(part->since_t0 == since && part->duration == duration,
                  "%s: after %" G_GINT64_FORMAT ", for %" G_GINT64_FORMAT,
                  hs_part_name(kind), part->since_t0, part->duration);
}

static void
check_missing(const HsClientFailover *f, HsPartKind kind, HsStatus status,
              const char *note)
{
    ck_assert_int_eq(f->parts[kind].status, status);
    ck_assert_str_eq(f->parts[kind].note, note);
}

#define T0      HS_SEC(60)
#define CLEARED HS_SEC(180)

/* DX goes black; BFD on both sides, BGP follows, both tables move. */
static void
tell_bfd_cut(Story *s)
{
    story_init(s);
    tell_fault(s, T0, CLEARED, 4711);
    tell_bfd(s, "cgw", T0 + HS_MSEC(700), "Up", "Down",
             "detection time expired");
    tell_bgp(s, "cgw", T0 + HS_MSEC(700), "Established", "Idle", "BFD down");
    tell_fib(s, "cgw", T0 + HS_MSEC(750), "primary", "backup1");
    tell_bfd(s, "vgw", T0 + HS_MSEC(850), "Up", "Down",
             "detection time expired");
    tell_bgp(s, "vgw", T0 + HS_MSEC(850), "Established", "Idle", "BFD down");
    TELL(s, .at = T0 + HS_MSEC(800), .kind = HS_FACT_ROUTE_RECEIVED,
         .node = "vgw", .subject = "172.16.0.0/24", .peer = "backup1 bgp",
         .to = "announce");
    tell_fib(s, "vgw", T0 + HS_MSEC(900), "primary", "backup1");
    /* too late to have helped */
    tell_fib(s, "vgw", T0 + HS_SEC(5), "backup1", "backup2");
    tell_probes(s, "app->db", T0, T0 + HS_MSEC(901));
    tell_probes(s, "db->app", T0, T0 + HS_MSEC(751));
    tell_requests(s, "persistent", T0, T0 + HS_MSEC(1630), HS_MSEC(5),
                  HS_MSEC(25));
    tell_requests(s, "pool", T0, T0 + HS_MSEC(1100), HS_MSEC(5), HS_MSEC(25));
    for (unsigned i = 1; i <= 3; i++)
        TELL(s, .at = T0 + HS_MSEC(200) * ((1 << i) - 1),
             .kind = HS_FACT_TRANSPORT, .node = "app", .subject = "persistent",
             .peer = "c1", .to = "retransmit", .id = i,
             .value = HS_MSEC(400) << (i - 1));
    TELL(s, .at = T0 + HS_MSEC(1620), .kind = HS_FACT_TRANSPORT, .node = "app",
         .subject = "persistent", .peer = "c1", .to = "ack",
         .evidence = {"vpn", 99});
    TELL(s, .at = T0 + HS_MSEC(1050), .kind = HS_FACT_TRANSPORT, .node = "app",
         .subject = "pool", .peer = "c1", .to = "connected");
    tell_bfd(s, "cgw", CLEARED + HS_SEC(1), "Down", "Init", "received Down");
    tell_bfd(s, "cgw", CLEARED + HS_SEC(2), "Init", "Up", "received Up");
    tell_bgp(s, "cgw", CLEARED + HS_SEC(8), "OpenConfirm", "Established",
             "KeepAliveMsg");
    tell_fib(s, "cgw", CLEARED + HS_SEC(9), "backup1", "primary");
    tell_fib(s, "vgw", CLEARED + HS_SEC(10), "backup1", "primary");
}

START_TEST(bfd_cut_has_all_its_parts)
{
    g_auto(Story) s;
    const HsFaultTimeline *fault;
    const HsClientFailover *f;

    tell_bfd_cut(&s);
    fault = story_fault(&s, 0);
    f = hs_fault_client(fault, "persistent");
    ck_assert_str_eq(fault->name, "cut");
    ck_assert_str_eq(fault->target, "primary");
    ck_assert_str_eq(fault->action, "blackhole");
    ck_assert_int_eq(fault->t0, T0);
    ck_assert_int_eq(fault->cleared, CLEARED);
    ck_assert_uint_eq(fault->touched, 4711);
    ck_assert(fault->had_effect);
    ck_assert_int_eq(f->recovery, HS_RECOVERY_RECOVERED);
    ck_assert_int_eq(f->failover, HS_MSEC(1630));
    check_part(f, HS_PART_DETECT, HS_MSEC(850), HS_MSEC(850));
    check_part(f, HS_PART_WITHDRAW, HS_MSEC(800), 0);
    check_part(f, HS_PART_FIB, HS_MSEC(900), HS_MSEC(50));
    check_missing(f, HS_PART_TUNNEL, HS_STATUS_DID_NOT_HAPPEN,
                  "no tunnel had to be made");
    check_part(f, HS_PART_DATAPLANE, HS_MSEC(903), HS_MSEC(3));
    check_part(f, HS_PART_TRANSPORT, HS_MSEC(1620), HS_MSEC(717));
    check_part(f, HS_PART_APPLICATION, HS_MSEC(1630), HS_MSEC(10));
    check_sum(fault, f);
    ck_assert(f->parts[HS_PART_WITHDRAW].overlaps);
    ck_assert(!f->parts[HS_PART_FIB].overlaps);
    ck_assert_str_eq(f->parts[HS_PART_DETECT].node, "vgw");
    ck_assert_str_eq(f->parts[HS_PART_DETECT].cause, "detection time expired");
    ck_assert_str_eq(f->parts[HS_PART_DETECT].evidence.link, "dx");
    ck_assert_uint_eq(f->parts[HS_PART_DETECT].evidence.packet, 60850);
    ck_assert_str_eq(f->parts[HS_PART_DATAPLANE].subject, "app->db");
    ck_assert_str_eq(f->parts[HS_PART_DATAPLANE].evidence.link, "vpn");
    ck_assert_str_eq(f->parts[HS_PART_TRANSPORT].cause,
                     "retransmission 3, next RTO 1.6s");
    ck_assert_uint_eq(f->parts[HS_PART_TRANSPORT].evidence.packet, 99);
    ck_assert_uint_eq(f->retransmissions, 3);
}
END_TEST

/* One direction comes back 150 ms before the other. What it brings at once is
 * the acknowledgement of a request that had arrived before the cut. */
START_TEST(an_acknowledgement_over_one_direction_is_no_recovery)
{
    g_auto(Story) s;
    const HsFaultTimeline *fault;
    const HsClientFailover *f;

    tell_bfd_cut(&s);
    TELL(&s, .at = T0 + HS_MSEC(770), .kind = HS_FACT_TRANSPORT, .node = "app",
         .subject = "persistent", .peer = "c1", .to = "ack");
    fault = story_fault(&s, 0);
    f = hs_fault_client(fault, "persistent");
    check_part(f, HS_PART_DETECT, HS_MSEC(850), HS_MSEC(850));
    check_part(f, HS_PART_FIB, HS_MSEC(900), HS_MSEC(50));
    check_part(f, HS_PART_TRANSPORT, HS_MSEC(1620), HS_MSEC(717));
    check_part(f, HS_PART_APPLICATION, HS_MSEC(1630), HS_MSEC(10));
    ck_assert_str_eq(
        g_array_index(fault->detections, HsDetection, fault->governing).node,
        "vgw");
    check_sum(fault, f);
}
END_TEST

START_TEST(both_sides_detections_are_kept_and_one_governs)
{
    static const struct {
        const char *node;
        HsDetectMeans means;
        bool consequence, governs;
    } expected[] = {
        {"cgw", HS_DETECT_BFD, false, false},
        {"cgw", HS_DETECT_BFD, true, false},
        {"vgw", HS_DETECT_BFD, false, true},
        {"vgw", HS_DETECT_BFD, true, false},
    };
    g_auto(Story) s;
    const HsFaultTimeline *fault;

    tell_bfd_cut(&s);
    fault = story_fault(&s, 0);
    ck_assert_uint_eq(fault->detections->len, G_N_ELEMENTS(expected));
    ck_assert_int_eq(fault->governing, 2);
    for (guint i = 0; i < G_N_ELEMENTS(expected); i++) {
        const HsDetection *d =
            &g_array_index(fault->detections, HsDetection, i);

        ck_assert_str_eq(d->node, expected[i].node);
        ck_assert_int_eq(d->means, expected[i].means);
        ck_assert(d->consequence == expected[i].consequence);
        ck_assert(d->governs == expected[i].governs);
    }
}
END_TEST

START_TEST(outage_loss_and_band_of_the_bfd_cut)
{
    g_auto(Story) s;
    const HsFaultTimeline *fault;
    const HsClientFailover *f;
    const HsLoss *loss;

    tell_bfd_cut(&s);
    fault = story_fault(&s, 0);
    f = hs_fault_client(fault, "persistent");
    /* The last good reply is to the request due at 59.990. */
    ck_assert_int_eq(f->outage.from, T0 - HS_MSEC(5));
    ck_assert_int_eq(f->outage.until, T0 + HS_MSEC(1630));
    ck_assert_int_eq(f->outage.span, HS_MSEC(1635));
    ck_assert(!f->outage.open);
    ck_assert_int_eq(f->outage_worst.span, HS_MSEC(1635));
    ck_assert_int_eq(f->gap_before, HS_MSEC(10));
    ck_assert_int_eq(f->before.p50, HS_MSEC(5));
    ck_assert_int_eq(f->before.high, HS_MSEC(6));
    ck_assert_int_eq(f->after.p50, HS_MSEC(25));
    ck_assert_int_eq(f->after.from,
                     T0 + HS_MSEC(1630) + (HS_SEC(120) - HS_MSEC(1630)) / 2);
    /* 27.5 ms: the request due 25 ms before the first reply is in the band,
     * and so are all behind it. */
    ck_assert_int_eq(f->after.high, HS_USEC(27500));
    check_part(f, HS_PART_SETTLED, HS_MSEC(1635), HS_MSEC(5));
    ck_assert_uint_eq(f->requests.sent, 164);
    ck_assert_uint_eq(f->requests.delayed, 161);
    loss = &g_array_index(fault->losses, HsLoss, 0);
    ck_assert_str_eq(loss->direction, "app->db");
    ck_assert_uint_eq(loss->lost, 90);
    ck_assert_uint_eq(loss->run, 90);
    ck_assert_int_eq(loss->first_lost, T0 + HS_MSEC(1));
    ck_assert_int_eq(loss->last_lost, T0 + HS_MSEC(891));
    ck_assert_int_eq(loss->again, T0 + HS_MSEC(903));
    ck_assert_int_eq(loss->span, HS_MSEC(900));
}
END_TEST

START_TEST(failback_of_the_bfd_cut)
{
    g_auto(Story) s;
    const HsFailback *back;
    const HsSessionUp *up;
    const HsClientFailback *client;

    tell_bfd_cut(&s);
    back = &story_fault(&s, 0)->failback;
    ck_assert_int_eq(back->status, HS_STATUS_HAPPENED);
    ck_assert_int_eq(back->cleared, CLEARED);
    ck_assert_int_eq(back->until, STORY_END);
    ck_assert_uint_eq(back->sessions_up->len, 2);
    up = &g_array_index(back->sessions_up, HsSessionUp, 1);
    ck_assert_int_eq(up->at, CLEARED + HS_SEC(8));
    ck_assert_int_eq(up->kind, HS_FACT_BGP);
    ck_assert_str_eq(up->subject, "primary bgp");
    ck_assert_int_eq(back->routes_status, HS_STATUS_HAPPENED);
    ck_assert_uint_eq(back->routes_count, 2);
    ck_assert_int_eq(back->routes_first, CLEARED + HS_SEC(9));
    ck_assert_int_eq(back->routes_last, CLEARED + HS_SEC(10));
    ck_assert_str_eq(back->routes_node, "vgw");
    ck_assert_int_eq(back->complete, HS_SEC(10));
    ck_assert_uint_eq(back->losses->len, 2);
    ck_assert_int_eq(g_array_index(back->losses, HsLoss, 0).status,
                     HS_STATUS_DID_NOT_HAPPEN);
    client = &g_array_index(back->clients, HsClientFailback, 0);
    ck_assert_str_eq(client->client, "persistent");
    ck_assert_uint_eq(client->requests.sent, 12000);
    ck_assert_uint_eq(client->requests.failed, 0);
    ck_assert_int_eq(client->gap.span, HS_MSEC(10));
}
END_TEST

/* Without BFD each side waits for its own hold timer. */
START_TEST(hold_timer_cut)
{
    g_auto(Story) s;
    const HsFaultTimeline *fault;
    const HsClientFailover *f;

    story_init(&s);
    tell_fault(&s, T0, HS_SEC(280), 1);
    tell_bgp(&s, "vgw", T0 + HS_SEC(71), "Established", "Idle", "HoldTimer");
    tell_fib(&s, "vgw", T0 + HS_SEC(71) + HS_MSEC(50), "primary", "backup1");
    tell_bgp(&s, "cgw", T0 + HS_SEC(88), "Established", "Idle", "HoldTimer");
    tell_fib(&s, "cgw", T0 + HS_SEC(88) + HS_MSEC(50), "primary", "backup1");
    tell_probes(&s, "db->app", T0, T0 + HS_MSEC(88051));
    tell_requests(&s, "persistent", T0, T0 + HS_SEC(102), HS_MSEC(5),
                  HS_MSEC(25));
    fault = story_fault(&s, 0);
    f = hs_fault_client(fault, "persistent");
    check_sum(fault, f);
    check_part(f, HS_PART_DETECT, HS_SEC(88), HS_SEC(88));
    check_part(f, HS_PART_FIB, HS_MSEC(88050), HS_MSEC(50));
    check_missing(f, HS_PART_WITHDRAW, HS_STATUS_NOT_OBSERVED,
                  "no routing message was observed");
    check_missing(f, HS_PART_TRANSPORT, HS_STATUS_NOT_OBSERVED,
                  "the transport was not observed");
    ck_assert_int_eq(f->failover, HS_SEC(102));
    ck_assert_uint_eq(fault->detections->len, 2);
    ck_assert_int_eq(fault->governing, 1);
    ck_assert_int_eq(g_array_index(fault->detections, HsDetection, 1).means,
                     HS_DETECT_HOLD_TIMER);
    /* The requests that waited are not taken for the new steady state. */
    ck_assert_int_eq(f->after.p50, HS_MSEC(25));
    check_part(f, HS_PART_SETTLED, HS_MSEC(102005), HS_MSEC(5));
}
END_TEST

START_TEST(carrier_lost_on_both_sides)
{
    g_auto(Story) s;
    const HsFaultTimeline *fault;
    const HsClientFailover *f;

    story_init(&s);
    tell_fault(&s, T0, CLEARED, 1);
    for (int i = 0; i < 2; i++) {
        const char *node = i == 0 ? "cgw" : "vgw";

        TELL(&s, .at = T0, .kind = HS_FACT_CARRIER, .node = node,
             .subject = "dx", .from = "up", .to = "down");
        tell_bfd(&s, node, T0, "Up", "Down", "path down");
        tell_bgp(&s, node, T0, "Established", "Idle", "carrier lost");
        tell_fib(&s, node, T0 + HS_MSEC(50), "primary", "backup1");
    }
    tell_probes(&s, "app->db", T0, T0 + HS_MSEC(50));
    tell_requests(&s, "pool", T0, T0 + HS_MSEC(205), HS_MSEC(5), HS_MSEC(25));
    fault = story_fault(&s, 0);
    f = hs_fault_client(fault, "pool");
    check_sum(fault, f);
    check_part(f, HS_PART_DETECT, 0, 0); /* at once is a time, too */
    check_part(f, HS_PART_FIB, HS_MSEC(50), HS_MSEC(50));
    ck_assert_uint_eq(fault->detections->len, 6);
    ck_assert_int_eq(fault->governing, 3);
    ck_assert_int_eq(g_array_index(fault->detections, HsDetection, 3).means,
                     HS_DETECT_CARRIER);
    ck_assert(g_array_index(fault->detections, HsDetection, 4).consequence);
    ck_assert(g_array_index(fault->detections, HsDetection, 5).consequence);
}
END_TEST

/* Only what goes to the database is lost. Its side detects, tells the other
 * one, and that is by which the other one knows. */
START_TEST(one_way_cut)
{
    g_auto(Story) s;
    const HsFaultTimeline *fault;
    const HsClientFailover *f;

    story_init(&s);
    tell_fault(&s, T0, CLEARED, 1);
    tell_bfd(&s, "cgw", T0 + HS_MSEC(800), "Up", "Down",
             "detection time expired");
    tell_bfd(&s, "vgw", T0 + HS_MSEC(802), "Up", "Down", "received Down");
    tell_fib(&s, "cgw", T0 + HS_MSEC(810), "primary", "backup1");
    tell_fib(&s, "vgw", T0 + HS_MSEC(812), "primary", "backup1");
    tell_probes(&s, "app->db", T0, T0 + HS_MSEC(812));
    tell_probes(&s, "db->app", HS_TIME_NEVER, HS_TIME_NEVER);
    tell_requests(&s, "pool", T0, T0 + HS_MSEC(1100), HS_MSEC(5), HS_MSEC(25));
    fault = story_fault(&s, 0);
    f = hs_fault_client(fault, "pool");
    check_sum(fault, f);
    check_part(f, HS_PART_DETECT, HS_MSEC(802), HS_MSEC(802));
    ck_assert_str_eq(f->parts[HS_PART_DETECT].cause, "received Down");
    check_part(f, HS_PART_DATAPLANE, HS_MSEC(823), HS_MSEC(11));
    ck_assert_int_eq(g_array_index(fault->losses, HsLoss, 1).status,
                     HS_STATUS_DID_NOT_HAPPEN);
    ck_assert_uint_eq(g_array_index(fault->losses, HsLoss, 1).lost, 0);
}
END_TEST

/* Nothing comes back: no failover time, an open outage, no zero anywhere. */
START_TEST(no_recovery)
{
    g_auto(Story) s;
    const HsFaultTimeline *fault;
    const HsClientFailover *f;

    story_init(&s);
    TELL(&s, .at = T0, .kind = HS_FACT_FAULT, .subject = "cut",
         .to = "applied");
    tell_bfd(&s, "cgw", T0 + HS_MSEC(700), "Up", "Down", NULL);
    tell_probes(&s, "app->db", T0, HS_TIME_NEVER);
    tell_requests(&s, "persistent", T0, HS_TIME_NEVER, HS_MSEC(5), 0);
    TELL(&s, .at = s.end, .kind = HS_FACT_FAULT, .subject = "cut",
         .to = "lasting", .id = 17, .value = 17, .from = "17 packets");
    fault = story_fault(&s, 0);
    f = hs_fault_client(fault, "persistent");
    check_sum(fault, f);
    ck_assert_int_eq(f->recovery, HS_RECOVERY_NOT_RECOVERED);
    ck_assert_int_eq(fault->cleared, HS_TIME_NEVER);
    ck_assert(fault->had_effect);
    check_part(f, HS_PART_DETECT, HS_MSEC(700), HS_MSEC(700));
    check_missing(f, HS_PART_FIB, HS_STATUS_NOT_OBSERVED,
                  "no forwarding table was observed");
    check_missing(f, HS_PART_DATAPLANE, HS_STATUS_DID_NOT_HAPPEN,
                  "no probe arrived again");
    check_missing(f, HS_PART_APPLICATION, HS_STATUS_DID_NOT_HAPPEN,
                  "no good reply to a request sent after the fault");
    check_missing(f, HS_PART_SETTLED, HS_STATUS_DID_NOT_HAPPEN,
                  "latency did not come back into its steady band");
    ck_assert(f->outage.open);
    ck_assert_int_eq(f->outage.span, STORY_END - (T0 - HS_MSEC(5)));
    ck_assert_uint_eq(f->requests.pending, f->requests.sent);
    ck_assert_int_eq(fault->failback.status, HS_STATUS_DID_NOT_HAPPEN);
}
END_TEST

START_TEST(a_fault_that_touched_nothing_says_so)
{
    g_auto(Story) s;
    const HsFaultTimeline *fault;
    const HsClientFailover *f;

    story_init(&s);
    tell_fault(&s, T0, CLEARED, 0);
    tell_probes(&s, "app->db", HS_TIME_NEVER, HS_TIME_NEVER);
    tell_requests(&s, "pool", HS_TIME_NEVER, 0, HS_MSEC(5), 0);
    fault = story_fault(&s, 0);
    f = hs_fault_client(fault, "pool");
    ck_assert(!fault->had_effect);
    check_sum(fault, f);
    ck_assert_int_eq(f->recovery, HS_RECOVERY_UNINTERRUPTED);
    ck_assert_int_eq(f->outage.status, HS_STATUS_DID_NOT_HAPPEN);
    check_missing(f, HS_PART_DATAPLANE, HS_STATUS_DID_NOT_HAPPEN,
                  "no probe was lost");
    check_missing(f, HS_PART_APPLICATION, HS_STATUS_DID_NOT_HAPPEN,
                  "the client was not interrupted");
}
END_TEST

/* The path moves, which shows in the latency, but nothing was lost. */
START_TEST(a_failover_without_loss_has_no_outage)
{
    g_auto(Story) s;
    const HsFaultTimeline *fault;
    const HsClientFailover *f;

    story_init(&s);
    tell_fault(&s, T0, CLEARED, 2);
    tell_bgp(&s, "cgw", T0, "Established", "Idle", "received Cease");
    tell_fib(&s, "cgw", T0 + HS_MSEC(1), "primary", "backup1");
    tell_probes(&s, "app->db", HS_TIME_NEVER, HS_TIME_NEVER);
    tell_requests(&s, "pool", T0, T0, HS_MSEC(5), HS_MSEC(25));
    fault = story_fault(&s, 0);
    f = hs_fault_client(fault, "pool");
    ck_assert(fault->had_effect);
    check_sum(fault, f);
    ck_assert_int_eq(f->recovery, HS_RECOVERY_UNINTERRUPTED);
    ck_assert_int_eq(f->outage.status, HS_STATUS_DID_NOT_HAPPEN);
    ck_assert_int_eq(f->outage_worst.status, HS_STATUS_DID_NOT_HAPPEN);
    check_part(f, HS_PART_DETECT, 0, 0);
    check_part(f, HS_PART_FIB, HS_MSEC(1), HS_MSEC(1));
    ck_assert_int_eq(g_array_index(fault->detections, HsDetection, 0).means,
                     HS_DETECT_NOTIFICATION);
}
END_TEST

/* A coarse probe arrives long after the first good reply, and the segment was
 * acknowledged before either: the later part bounds the earlier one. */
START_TEST(later_parts_bound_the_earlier_ones)
{
    g_auto(Story) s;
    const HsFaultTimeline *fault;
    const HsClientFailover *f;

    story_init(&s);
    tell_fault(&s, T0, CLEARED, 1);
    tell_fib(&s, "cgw", T0 + HS_MSEC(900), "primary", "backup1");
    tell_fib(&s, "vgw", T0 + HS_MSEC(990), "primary", "backup1");
    tell_probes(&s, "app->db", T0, T0 + HS_MSEC(1500));
    TELL(&s, .at = T0 + HS_MSEC(980), .kind = HS_FACT_TRANSPORT,
         .subject = "pool", .peer = "c2", .to = "connected");
    tell_requests(&s, "pool", T0, T0 + HS_MSEC(1000), HS_MSEC(5), HS_MSEC(25));
    fault = story_fault(&s, 0);
    f = hs_fault_client(fault, "pool");
    check_sum(fault, f);
    check_part(f, HS_PART_FIB, HS_MSEC(900), HS_MSEC(900));
    check_part(f, HS_PART_DATAPLANE, HS_MSEC(1503), HS_MSEC(80));
    check_part(f, HS_PART_TRANSPORT, HS_MSEC(980), 0);
    check_part(f, HS_PART_APPLICATION, HS_MSEC(1000), HS_MSEC(20));
    ck_assert(f->parts[HS_PART_DATAPLANE].overlaps);
    ck_assert_int_eq(f->parts[HS_PART_DATAPLANE].end, T0 + HS_MSEC(980));
}
END_TEST

/* A router freezes; its neighbours' hold timers run for 75 s while traffic
 * flows. Replies from before the interruption are no recovery. */
START_TEST(an_interruption_may_begin_late)
{
    g_auto(Story) s;
    const HsFaultTimeline *fault;
    const HsClientFailover *f;

    story_init(&s);
    tell_fault(&s, T0, CLEARED, 1);
    tell_bgp(&s, "vgw", T0 + HS_SEC(75), "Established", "Idle", "HoldTimer");
    tell_requests(&s, "pool", T0 + HS_SEC(75), T0 + HS_SEC(77), HS_MSEC(5),
                  HS_MSEC(25));
    fault = story_fault(&s, 0);
    f = hs_fault_client(fault, "pool");
    check_sum(fault, f);
    ck_assert_int_eq(f->recovery, HS_RECOVERY_RECOVERED);
    ck_assert_int_eq(f->interrupted, T0 + HS_SEC(75));
    ck_assert_int_eq(f->failover, HS_SEC(77));
    ck_assert_int_eq(f->outage.span, HS_MSEC(2005));
}
END_TEST

/* One slow reply among good ones, 50 s into a fault without loss. */
START_TEST(a_stray_slow_reply_is_no_interruption)
{
    g_auto(Story) s;
    const HsClientFailover *f;

    story_init(&s);
    tell_fault(&s, T0, CLEARED, 1);
    tell_requests(&s, "pool", HS_TIME_NEVER, 0, HS_MSEC(5), 0);
    for (guint i = 0; i < s.written->len; i++) {
        HsFact *fact = &g_array_index(s.written, HsFact, i);

        if (fact->kind == HS_FACT_REPLY && fact->id == 11001) {
            fact->at += HS_MSEC(400);
            fact->value += HS_MSEC(400);
        }
    }
    f = hs_fault_client(story_fault(&s, 0), "pool");
    ck_assert_int_eq(f->recovery, HS_RECOVERY_UNINTERRUPTED);
    ck_assert_uint_eq(f->requests.delayed, 1);
    ck_assert_int_eq(f->outage.status, HS_STATUS_DID_NOT_HAPPEN);
}
END_TEST

START_TEST(a_flap_is_one_fault_and_two_faults_are_two)
{
    g_auto(Story) s;
    const HsFaultTimeline *first;

    story_init(&s);
    tell_fault(&s, T0, T0 + HS_SEC(1), 1);
    tell_fault(&s, T0 + HS_SEC(2), T0 + HS_SEC(3), 9);
    TELL(&s, .at = HS_SEC(200), .kind = HS_FACT_FAULT, .subject = "second",
         .to = "applied");
    first = story_fault(&s, 0);
    ck_assert_uint_eq(s.timeline->faults->len, 2);
    ck_assert_int_eq(first->t0, T0);
    ck_assert_int_eq(first->cleared, T0 + HS_SEC(3));
    ck_assert_int_eq(first->until, HS_SEC(200));
    ck_assert_int_eq(first->failback.until, HS_SEC(200));
    ck_assert_uint_eq(first->touched, 9);
    ck_assert_int_eq(story_fault(&s, 1)->until, STORY_END);
}
END_TEST

START_TEST(a_client_that_sent_nothing_is_not_observed)
{
    g_auto(Story) s;
    const HsClientFailover *f;

    story_init(&s);
    tell_fault(&s, T0, CLEARED, 1);
    TELL(&s, .at = HS_SEC(1), .kind = HS_FACT_REQUEST, .subject = "pool",
         .id = 1);
    TELL(&s, .at = HS_SEC(1) + 5, .kind = HS_FACT_REPLY, .subject = "pool",
         .id = 1, .value = 5);
    f = hs_fault_client(story_fault(&s, 0), "pool");
    ck_assert_int_eq(f->recovery, HS_RECOVERY_NOT_OBSERVED);
    ck_assert_int_eq(f->outage.status, HS_STATUS_NOT_OBSERVED);
    check_missing(f, HS_PART_APPLICATION, HS_STATUS_NOT_OBSERVED,
                  "the client sent no request");
    check_missing(f, HS_PART_DATAPLANE, HS_STATUS_NOT_OBSERVED,
                  "there are no probes");
    check_missing(f, HS_PART_DETECT, HS_STATUS_NOT_OBSERVED,
                  "no session or carrier was observed");
    ck_assert_ptr_null(hs_fault_client(story_fault(&s, 0), "nobody"));
}
END_TEST

/* Two connections take turns; one dies, its request fails by a time-out. */
START_TEST(the_worst_connection_is_named)
{
    g_auto(Story) s;
    const HsClientFailover *f;
    uint64_t id = 0;

    story_init(&s);
    tell_fault(&s, T0, CLEARED, 1);
    for (HsTime at = HS_SEC(50); at < HS_SEC(70); at += HS_MSEC(10)) {
        bool odd = ++id % 2 != 0, dies = odd && at >= T0;
        HsDuration wait = dies ? HS_SEC(1) : HS_MSEC(5);

        TELL(&s, .at = at, .kind = HS_FACT_REQUEST, .subject = "pool",
             .peer = odd ? "c1" : "c2", .id = id);
        TELL(&s, .at = at + wait,
             .kind = dies ? HS_FACT_REQUEST_FAILED : HS_FACT_REPLY,
             .subject = "pool", .peer = odd ? "c1" : "c2", .id = id,
             .value = wait);
    }
    f = hs_fault_client(story_fault(&s, 0), "pool");
    ck_assert_str_eq(f->outage_worst.connection, "c1");
    ck_assert_int_eq(f->outage_worst.from, T0 - HS_MSEC(15));
    ck_assert_int_eq(f->outage_worst.until, HS_SEC(71) - HS_MSEC(20));
    ck_assert(!f->outage_worst.open);
}
END_TEST

static void
tell_tunnel(Story *s, HsTime at, const char *subject, const char *from,
            const char *to, const char *cause)
{
    TELL(s, .at = at, .kind = HS_FACT_TUNNEL, .node = "cgw", .subject = subject,
         .from = from, .to = to, .cause = cause);
}

/* Dead peer detection takes SAs and BGP with it: one detection, two that follow
 * from it. A new tunnel is one with an SA to send on; IKE alone is none. */
START_TEST(a_lost_tunnel_is_detected_and_made)
{
    g_auto(Story) s;
    const HsFaultTimeline *fault;
    const HsDetection *d;
    const HsPart *part;

    story_init(&s);
    tell_fault(&s, T0, HS_TIME_NEVER, 9);
    tell_probes(&s, "app->db", T0, T0 + HS_SEC(43));
    tell_tunnel(&s, T0 + HS_SEC(40), "t1 ike", "established", "down",
                "dead peer");
    tell_tunnel(&s, T0 + HS_SEC(40), "t1 esp", "established", "down",
                "dead peer");
    TELL(&s, .at = T0 + HS_SEC(40), .kind = HS_FACT_BGP, .node = "cgw",
         .subject = "t1 bgp", .from = "Established", .to = "Idle",
         .cause = "link down");
    tell_tunnel(&s, T0 + HS_SEC(41), "t1 ike", "down", "negotiating",
                "started");
    tell_tunnel(&s, T0 + HS_SEC(42), "t1 ike", "negotiating", "established",
                "authenticated");
    tell_tunnel(&s, T0 + HS_SEC(42) + 1, "t1 esp", "down", "established",
                "authenticated");
    fault = story_fault(&s, 0);
    ck_assert_uint_eq(fault->detections->len, 3);
    for (guint i = 0; i < 3; i++) {
        d = &g_array_index(fault->detections, HsDetection, i);
        ck_assert_int_eq(d->consequence, i > 0);
        ck_assert_int_eq(d->means, i < 2 ? HS_DETECT_DPD : HS_DETECT_CARRIER);
    }
    part = &fault->network[HS_PART_TUNNEL];
    ck_assert_int_eq(part->status, HS_STATUS_HAPPENED);
    ck_assert_int_eq(part->at, T0 + HS_SEC(42) + 1);
    ck_assert_str_eq(part->subject, "t1 esp");
}
END_TEST

/* The only tunnel is made again, and BGP runs in it: the handshake's time is
 * the tunnel's, and routes and tables have what comes behind it. */
START_TEST(a_tunnel_comes_before_the_routes_in_it)
{
    g_auto(Story) s;
    const HsFaultTimeline *fault;
    const HsClientFailover *f;

    story_init(&s);
    tell_fault(&s, T0, CLEARED, 9);
    tell_tunnel(&s, T0 + HS_MSEC(700), "t1 esp", "established", "down",
                "dead peer");
    tell_tunnel(&s, T0 + HS_MSEC(750), "t1 esp", "down", "established",
                "authenticated");
    TELL(&s, .at = T0 + HS_MSEC(800), .kind = HS_FACT_ROUTE_RECEIVED,
         .node = "vgw", .subject = "172.16.0.0/24", .peer = "t1 bgp",
         .to = "announce");
    tell_fib(&s, "vgw", T0 + HS_MSEC(900), "reject", "t1");
    tell_probes(&s, "app->db", T0, T0 + HS_MSEC(901));
    tell_requests(&s, "persistent", T0, T0 + HS_MSEC(1630), HS_MSEC(5),
                  HS_MSEC(25));
    fault = story_fault(&s, 0);
    f = hs_fault_client(fault, "persistent");
    check_part(f, HS_PART_DETECT, HS_MSEC(700), HS_MSEC(700));
    check_part(f, HS_PART_TUNNEL, HS_MSEC(750), HS_MSEC(50));
    check_part(f, HS_PART_WITHDRAW, HS_MSEC(800), HS_MSEC(50));
    check_part(f, HS_PART_FIB, HS_MSEC(900), HS_MSEC(100));
    check_part(f, HS_PART_DATAPLANE, HS_MSEC(903), HS_MSEC(3));
    check_sum(fault, f);
}
END_TEST

/* What was rekeyed had not been away; what is lost meanwhile was. */
START_TEST(a_rekey_is_no_recovery)
{
    g_auto(Story) s;
    const HsFaultTimeline *fault;

    story_init(&s);
    tell_fault(&s, T0, T0 + HS_SEC(60), 9);
    tell_probes(&s, "app->db", T0, T0 + HS_SEC(5));
    tell_tunnel(&s, T0 + HS_SEC(1), "t1 esp", "established", "rekeying",
                "lifetime");
    tell_tunnel(&s, T0 + HS_SEC(2), "t1 esp", "rekeying", "established",
                "rekeyed");
    tell_tunnel(&s, T0 + HS_SEC(3), "t2 esp", "rekeying", "down",
                "deleted by the peer");
    tell_tunnel(&s, T0 + HS_SEC(61), "t1 ike", "rekeying", "established",
                "rekeyed");
    fault = story_fault(&s, 0);
    ck_assert_int_eq(fault->network[HS_PART_TUNNEL].status,
                     HS_STATUS_DID_NOT_HAPPEN);
    ck_assert_uint_eq(fault->detections->len, 1);
    ck_assert_int_eq(g_array_index(fault->detections, HsDetection, 0).means,
                     HS_DETECT_NOTIFICATION);
    ck_assert_uint_eq(fault->failback.sessions_up->len, 0);
}
END_TEST

/* Whatever the stream says, the parts are disjoint, in order, and complete. */
START_TEST(parts_of_any_stream_add_up)
{
    static const char *const words[] = {
        "Up",        "Down",       "Established", "Idle", "ack",
        "connected", "retransmit", "up",          "down", NULL};
    static const HsFactKind kinds[] = {HS_FACT_CARRIER,  HS_FACT_BFD,
                                       HS_FACT_BGP,      HS_FACT_TUNNEL,
                                       HS_FACT_FIB,      HS_FACT_ROUTE_RECEIVED,
                                       HS_FACT_TRANSPORT};
    static const char *const nodes[] = {"cgw", "vgw", NULL};
    static const char *const clients[] = {"persistent", "pool"};
    g_autoptr(HsRng) rng =
        hs_rng_new((uint64_t)_i, "timeline", "random streams");
    g_auto(Story) s;
    HsTime back = HS_SEC(5) + (HsTime)hs_rng_below(rng, HS_SEC(4));

    story_init(&s);
    s.end = HS_SEC(12);
    tell_fault(&s, HS_SEC(5), HS_SEC(5) + (HsTime)hs_rng_below(rng, HS_SEC(9)),
               hs_rng_below(rng, 2));
    for (int i = 0; i < 40; i++) {
        HsFact fact = {
            .at = HS_SEC(5) + (HsTime)hs_rng_below(rng, HS_SEC(6)),
            .kind = kinds[hs_rng_below(rng, G_N_ELEMENTS(kinds))],
            .node = nodes[hs_rng_below(rng, G_N_ELEMENTS(nodes))],
            .from = words[hs_rng_below(rng, G_N_ELEMENTS(words))],
            .to = words[hs_rng_below(rng, G_N_ELEMENTS(words))],
            .subject = clients[hs_rng_below(rng, 2)],
            .peer = "c1",
        };

        tell(&s, fact);
    }
    if (hs_rng_below(rng, 4) > 0)
        tell_probes(&s, "app->db", HS_SEC(5),
                    HS_SEC(5) + (HsTime)hs_rng_below(rng, HS_SEC(4)));
    for (int i = 0; i < 2; i++)
        tell_requests(&s, clients[i], HS_SEC(5), back, HS_MSEC(5),
                      (HsDuration)hs_rng_below(rng, HS_MSEC(500)));
    for (guint i = 0; i < 2; i++)
        check_sum(story_fault(&s, 0),
                  hs_fault_client(story_fault(&s, 0), clients[i]));
}
END_TEST

/* The stream itself */

START_TEST(facts_come_back_as_they_went_in)
{
    g_autoptr(HsFacts) facts = hs_facts_new();
    char name[] = "pool";
    HsFact fact = {.at = 1,
                   .kind = HS_FACT_REPLY,
                   .node = "app",
                   .subject = name,
                   .peer = "c1",
                   .id = UINT64_MAX,
                   .value = -7,
                   .evidence = {"lan", 3}};
    HsFact back;

    hs_facts_append(facts, &fact);
    memcpy(name, "gone", 4); /* the stream has a text of its own */
    fact.at = 2;
    fact.kind = HS_FACT_REQUEST;
    fact.subject = "other";
    hs_facts_append(facts, &fact);
    ck_assert_uint_eq(hs_facts_count(facts), 2);
    ck_assert_uint_eq(hs_facts_count_of(facts, HS_FACT_REPLY), 1);
    back = hs_facts_get(facts, 0);
    ck_assert_int_eq(back.at, 1);
    ck_assert_int_eq(back.kind, HS_FACT_REPLY);
    ck_assert_ptr_eq(back.subject, g_intern_string("pool"));
    ck_assert_str_eq(back.peer, "c1");
    ck_assert_ptr_null(back.from);
    ck_assert_ptr_null(back.to);
    ck_assert_ptr_null(back.cause);
    ck_assert_uint_eq(back.id, UINT64_MAX);
    ck_assert_int_eq(back.value, -7);
    ck_assert_str_eq(back.evidence.link, "lan");
    ck_assert_uint_eq(back.evidence.packet, 3);
}
END_TEST

START_TEST(facts_are_found_by_time_and_kind)
{
    g_autoptr(HsFacts) facts = hs_facts_new();
    HsFact fact;
    size_t at = 0, seen = 0;

    for (int i = 0; i < 30000; i++) /* several blocks */
        hs_facts_append(
            facts, &(HsFact){.at = i / 2,
                             .id = (uint64_t)i,
                             .kind = i % 3 == 0 ? HS_FACT_FIB : HS_FACT_BGP});
    ck_assert_uint_eq(hs_facts_from(facts, -1), 0);
    ck_assert_uint_eq(hs_facts_from(facts, 5000), 10000);
    ck_assert_uint_eq(hs_facts_from(facts, 99999), 30000);
    while (hs_facts_next(facts, &at, HS_FACT_BIT(HS_FACT_FIB), &fact)) {
        ck_assert_uint_eq(fact.id, 3 * seen);
        seen++;
    }
    ck_assert_uint_eq(seen, 10000);
    ck_assert_uint_eq(at, 30000);
}
END_TEST

START_TEST(time_never_runs_backwards)
{
    g_autoptr(HsFacts) facts = hs_facts_new();

    hs_facts_append(facts, &(HsFact){.at = 5});
    ck_assert_ptr_nonnull(freopen("/dev/null", "w", stderr));
    hs_facts_append(facts, &(HsFact){.at = 4}); /* aborts */
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("timeline");
    TCase *tc = tcase_create("failover");

    tcase_add_test(tc, bfd_cut_has_all_its_parts);
    tcase_add_test(tc, both_sides_detections_are_kept_and_one_governs);
    tcase_add_test(tc, an_acknowledgement_over_one_direction_is_no_recovery);
    tcase_add_test(tc, outage_loss_and_band_of_the_bfd_cut);
    tcase_add_test(tc, failback_of_the_bfd_cut);
    tcase_add_test(tc, hold_timer_cut);
    tcase_add_test(tc, carrier_lost_on_both_sides);
    tcase_add_test(tc, one_way_cut);
    tcase_add_test(tc, no_recovery);
    tcase_add_test(tc, a_fault_that_touched_nothing_says_so);
    tcase_add_test(tc, a_failover_without_loss_has_no_outage);
    tcase_add_test(tc, later_parts_bound_the_earlier_ones);
    tcase_add_test(tc, an_interruption_may_begin_late);
    tcase_add_test(tc, a_stray_slow_reply_is_no_interruption);
    tcase_add_test(tc, a_flap_is_one_fault_and_two_faults_are_two);
    tcase_add_test(tc, a_client_that_sent_nothing_is_not_observed);
    tcase_add_test(tc, the_worst_connection_is_named);
    tcase_add_test(tc, a_lost_tunnel_is_detected_and_made);
    tcase_add_test(tc, a_tunnel_comes_before_the_routes_in_it);
    tcase_add_test(tc, a_rekey_is_no_recovery);
    tcase_add_loop_test(tc, parts_of_any_stream_add_up, 0, 100);
    suite_add_tcase(suite, tc);
    tc = tcase_create("facts");
    tcase_add_test(tc, facts_come_back_as_they_went_in);
    tcase_add_test(tc, facts_are_found_by_time_and_kind);
    tcase_add_test_raise_signal(tc, time_never_runs_backwards, SIGABRT);
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}
