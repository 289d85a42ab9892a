/* Alarms against the tables of the CloudWatch guide, and datapoints made of
 * states whose every change is known. The tables are those of "Configuring how
 * CloudWatch alarms treat missing data"; N is 3 in all, and 5 datapoints are
 * looked at. */

#include "config.h"

#include "sim/monitor/monitor.h"

#include "sim/monitor/ids.h"
#include "sim/observe/series.h"
#include "sim/scenario/metrics.h"
#include "tests/harness/run.h"

#include <string.h>

/* The evaluator */

enum { KEEP = 99 };

static const struct {
    const char *data; /* the oldest first; 0 good, X breaching, - missing */
    unsigned m;
    int missing, ignore, breaching, not_breaching;
} rows[] = {
    /* "Datapoints to Alarm and Evaluation Periods are both 3" */
    {"0-X-X", 3, HS_ALARM_OK, HS_ALARM_OK, HS_ALARM_OK, HS_ALARM_OK},
    {"0----", 3, HS_ALARM_OK, HS_ALARM_OK, HS_ALARM_OK, HS_ALARM_OK},
    {"-----", 3, HS_ALARM_INSUFFICIENT_DATA, KEEP, HS_ALARM_ALARM, HS_ALARM_OK},
    {"0XX-X", 3, HS_ALARM_ALARM, HS_ALARM_ALARM, HS_ALARM_ALARM,
     HS_ALARM_ALARM},
    {"--X--", 3, HS_ALARM_ALARM, KEEP, HS_ALARM_ALARM, HS_ALARM_OK},
    /* "Datapoints to Alarm is only 2 while Evaluation Periods is 3" */
    {"0-X-X", 2, HS_ALARM_ALARM, HS_ALARM_ALARM, HS_ALARM_ALARM,
     HS_ALARM_ALARM},
    {"00X0X", 2, HS_ALARM_ALARM, HS_ALARM_ALARM, HS_ALARM_ALARM,
     HS_ALARM_ALARM},
    {"0-X--", 2, HS_ALARM_OK, HS_ALARM_OK, HS_ALARM_ALARM, HS_ALARM_OK},
    {"----0", 2, HS_ALARM_OK, HS_ALARM_OK, HS_ALARM_ALARM, HS_ALARM_OK},
    {"---X-", 2, HS_ALARM_ALARM, KEEP, HS_ALARM_ALARM, HS_ALARM_OK},
    /* "Avoiding premature transitions to alarm state": neither alarms yet; that
     * it is INSUFFICIENT_DATA then is in the guide's edition of 2018. */
    {"----X", 3, HS_ALARM_INSUFFICIENT_DATA, KEEP, HS_ALARM_ALARM, HS_ALARM_OK},
    {"---X-", 3, HS_ALARM_INSUFFICIENT_DATA, KEEP, HS_ALARM_ALARM, HS_ALARM_OK},
    {"X----", 3, HS_ALARM_ALARM, KEEP, HS_ALARM_ALARM, HS_ALARM_OK},
    {"---X0", 3, HS_ALARM_OK, HS_ALARM_OK, HS_ALARM_OK, HS_ALARM_OK},
    {"--X-0", 3, HS_ALARM_OK, HS_ALARM_OK, HS_ALARM_OK, HS_ALARM_OK},
    /* Nothing is missing: older ones say nothing. */
    {"XX000", 1, HS_ALARM_OK, HS_ALARM_OK, HS_ALARM_OK, HS_ALARM_OK},
    {"00XXX", 3, HS_ALARM_ALARM, HS_ALARM_ALARM, HS_ALARM_ALARM,
     HS_ALARM_ALARM},
};

static HsAlarmState
judge(const char *data, unsigned m, HsMissingData missing, HsAlarmState current)
{
    HsSlot slots[8];
    unsigned range = (unsigned)strlen(data);

    g_assert(range <= G_N_ELEMENTS(slots));
    for (unsigned i = 0; i < range; i++)
        slots[i] = data[i] == '0'   ? HS_SLOT_OK
                   : data[i] == 'X' ? HS_SLOT_BREACHING
                                    : HS_SLOT_MISSING;
    return hs_alarm_judge(slots, range, 3, m, missing, current);
}

START_TEST(alarms_judge_as_the_guide)
{
    const int expected[] = {
        [HS_MISSING_MISSING] = rows[_i].missing,
        [HS_MISSING_NOT_BREACHING] = rows[_i].not_breaching,
        [HS_MISSING_BREACHING] = rows[_i].breaching,
        [HS_MISSING_IGNORE] = rows[_i].ignore,
    };

    for (unsigned missing = 0; missing < G_N_ELEMENTS(expected); missing++)
        for (unsigned current = 0; current <= HS_ALARM_ALARM; current++) {
            HsAlarmState state =
                judge(rows[_i].data, rows[_i].m, (HsMissingData)missing,
                      (HsAlarmState)current);
            HsAlarmState right =
                (HsAlarmState)(expected[missing] == KEEP ? (int)current
                                                         : expected[missing]);

            ck_assert_msg(
                state == right, "%s, %u of 3, %s, from %s: %s, not %s",
                rows[_i].data, rows[_i].m,
                hs_missing_data_name((HsMissingData)missing),
                hs_alarm_state_name((HsAlarmState)current),
                hs_alarm_state_name(state), hs_alarm_state_name(right));
        }
}
END_TEST

/* A whole monitor over a stream of facts */

static const char design[] =
    "[scenario]\nduration = 900s\n"
    "[onprem dc]\nasn = 65001\nprefix = 192.168.0.0/16\n"
    "[vpc app]\ncidr = 10.0.0.0/16\n"
    "[gateway vgw]\nattach = app\n"
    "[dx x]\nbetween = dc, vgw\n"
    "[vpn v]\nbetween = dc, vgw\n"
    "[database db]\nclient = app\nserver = dc\n";

typedef struct {
    HsScenario *scenario;
    HsFacts *facts;
    HsExposure *exposure;
    GPtrArray *lanes;
    HsTimeline *timeline;
    HsSamples *samples;
    HsMonitor *monitor;
    unsigned link;
} Fixture;

static void
say(Fixture *f, HsTime at, HsFactKind kind, const char *node,
    const char *subject, const char *from, const char *to, const char *cause)
{
    hs_facts_append(f->facts, &(HsFact){.at = at,
                                        .kind = kind,
                                        .node = node,
                                        .subject = subject,
                                        .from = from,
                                        .to = to,
                                        .cause = cause});
}

static void
bgp(Fixture *f, HsTime at, bool up)
{
    say(f, at, HS_FACT_BGP, "x.aws", "x bgp", up ? "Idle" : "Established",
        up ? "Established" : "Idle", up ? "KeepAliveMsg" : "HoldTimer");
}

static void
fault(Fixture *f, HsTime at, const char *to, const char *action)
{
    hs_facts_append(f->facts, &(HsFact){.at = at,
                                        .kind = HS_FACT_FAULT,
                                        .node = "cut",
                                        .subject = "cut",
                                        .peer = "x.aws",
                                        .to = to,
                                        .cause = action});
}

static void
begin(Fixture *f, const char *more)
{
    g_autofree char *text = g_strconcat(design, more, NULL);
    g_autoptr(GError) error = NULL;

    memset(f, 0, sizeof *f);
    f->scenario =
        hs_scenario_load_data("t.ini", text, strlen(text), NULL, &error);
    ck_assert_msg(f->scenario != NULL, "%s",
                  error != NULL ? error->message : "");
    f->facts = hs_facts_new();
    f->exposure = hs_exposure_new(HS_SEC(10));
    f->link = hs_exposure_add_link(f->exposure, "x", HS_LINK_DX, false);
}

static void
finish(Fixture *f)
{
    const HsMonitorLink links[] = {{"x", "dc.gateway", "x.aws"}};
    HsMonitorInput input = {.scenario = f->scenario,
                            .facts = f->facts,
                            .exposure = f->exposure,
                            .links = links,
                            .link_count = 1,
                            .end = HS_SEC(900)};

    f->lanes = hs_lanes_new(f->facts, input.end);
    input.lanes = f->lanes;
    f->samples = hs_samples_new(f->facts);
    f->timeline = hs_timeline_new(f->facts, f->samples, HS_SEC(20), input.end);
    f->monitor = hs_monitor_new(&input, f->timeline);
}

static void
clear(Fixture *f)
{
    hs_monitor_free(f->monitor);
    hs_timeline_free(f->timeline);
    hs_samples_free(f->samples);
    g_ptr_array_unref(f->lanes);
    hs_exposure_free(f->exposure);
    hs_facts_free(f->facts);
    hs_scenario_free(f->scenario);
}

static const HsMetric *
metric(const Fixture *f, HsMetricName which)
{
    const HsMetric *found = hs_metrics_find(
        f->monitor->metrics, which, hs_scenario_find(f->scenario, "x"), 0);

    ck_assert_ptr_nonnull(found);
    return found;
}

static HsDatapoint
point(const HsMetric *of, guint index)
{
    ck_assert_uint_lt(index, of->points->len);
    return g_array_index(of->points, HsDatapoint, index);
}

static const HsAlarmHistory *
alarm_named(const Fixture *f, const char *name)
{
    for (guint i = 0; i < f->monitor->alarms->len; i++) {
        const HsAlarmHistory *alarm = f->monitor->alarms->pdata[i];

        if (g_str_equal(alarm->name, name))
            return alarm;
    }
    ck_abort_msg("no alarm %s", name);
}

static bool
is_blind(const Fixture *f, const char *name)
{
    for (guint i = 0; i < f->monitor->blind_spots->len; i++)
        if (g_str_equal(
                ((const HsBlindSpot *)f->monitor->blind_spots->pdata[i])->name,
                name))
            return true;
    return false;
}

/* Down from 100 to 190 s: the samples at 120, 150 and 180 s. The first has none
 * at 0 s, where the warm-up is not over: nine samples. */
START_TEST(ninety_seconds_in_five_minutes)
{
    Fixture f;
    HsDatapoint p;

    begin(&f, "[fault cut]\ntarget = x\naction = blackhole\nat = 99s\n");
    bgp(&f, HS_SEC(1), true);
    fault(&f, HS_SEC(99), "applied", "blackhole");
    bgp(&f, HS_SEC(100), false);
    bgp(&f, HS_SEC(190), true);
    finish(&f);
    p = point(metric(&f, HS_METRIC_VIF_BGP_STATUS), 0);
    ck_assert_int_eq(p.start, 0);
    ck_assert_uint_eq(p.count, 9);
    ck_assert_double_eq(p.sum, 6);
    ck_assert_double_eq(p.min, 0);
    ck_assert_double_eq(p.max, 1);
    p = point(metric(&f, HS_METRIC_VIF_BGP_STATUS), 1);
    ck_assert_int_eq(p.start, HS_SEC(300));
    ck_assert_uint_eq(p.count, 10);
    ck_assert_double_eq(p.min, 1);
    ck_assert(is_blind(&f, "average-hides-outage"));
    ck_assert(is_blind(&f, "no-direct-connect-event"));
    ck_assert(is_blind(&f, "port-stays-up"));
    /* AWS's examples: the first datapoint ends at 300 s, can be read at 360 s;
     * the alarm has it 5 s later and the reader 5 s after that. */
    ck_assert_int_eq(hs_monitor_told(f.monitor, 0)->at, HS_SEC(370));
    ck_assert_str_eq(hs_monitor_told(f.monitor, 0)->what, "x-bgp-down");
    clear(&f);
}
END_TEST

/* Between two samples nobody sees it. */
START_TEST(between_the_samples)
{
    Fixture f;

    begin(&f, "[fault cut]\ntarget = x\naction = blackhole\nat = 91s\n");
    bgp(&f, HS_SEC(1), true);
    fault(&f, HS_SEC(91), "applied", "blackhole");
    bgp(&f, HS_SEC(92), false);
    bgp(&f, HS_SEC(119), true);
    finish(&f);
    for (guint i = 0; i < 3; i++)
        ck_assert_double_eq(point(metric(&f, HS_METRIC_VIF_BGP_STATUS), i).min,
                            1);
    ck_assert_ptr_null(hs_monitor_told(f.monitor, 0));
    ck_assert_int_eq(g_array_index(f.monitor->known, HsKnown, 0)
                         .notices[HS_NOTICE_METRIC]
                         .at,
                     HS_TIME_NEVER);
    clear(&f);
}
END_TEST

/* Down from 121 to 301 s, in datapoints of a minute: those from 120, 180 and
 * 240 s have the samples at 150, 180 ... 270 and at 300 s is the next one's. */
START_TEST(alarms_change_when_they_must)
{
    static const struct {
        const char *name;
        HsTime on, off; /* NEVER: not */
    } expected[] = {
        /* 120..180 has the sample at 150 */
        {"one", HS_SEC(180 + 65), HS_SEC(420 + 65)},
        /* 120, 180, 240 and 300 breach: by 3 of 3 from 300 on */
        {"three", HS_SEC(300 + 65), HS_SEC(420 + 65)},
        /* two of three: from 240 on, until one of three breaches */
        {"two", HS_SEC(240 + 65), HS_SEC(480 + 65)},
        {"five", HS_TIME_NEVER, HS_TIME_NEVER},
        /* above 0 is usual */
        {"wrong-way", HS_SEC(60 + 65), HS_SEC(240 + 65)},
    };
    Fixture f;

    begin(&f,
          "[monitoring]\ndx.bgp-period = 60s\n"
          "[alarm one]\nmetric = VirtualInterfaceBgpStatus\ntarget = x\n"
          "[alarm three]\nmetric = VirtualInterfaceBgpStatus\ntarget = x\n"
          "evaluation-periods = 3\n"
          "[alarm two]\nmetric = VirtualInterfaceBgpStatus\ntarget = x\n"
          "evaluation-periods = 3\ndatapoints = 2\n"
          "[alarm five]\nmetric = VirtualInterfaceBgpStatus\ntarget = x\n"
          "evaluation-periods = 5\n"
          "[alarm wrong-way]\nmetric = VirtualInterfaceBgpStatus\ntarget = x\n"
          "threshold = 0\ncomparison = GreaterThanThreshold\n"
          "statistic = Maximum\nmissing = notBreaching\n");
    bgp(&f, HS_SEC(1), true);
    bgp(&f, HS_SEC(121), false);
    bgp(&f, HS_SEC(301), true);
    finish(&f);
    for (size_t i = 0; i < G_N_ELEMENTS(expected); i++) {
        const GArray *changes = alarm_named(&f, expected[i].name)->changes;

        if (expected[i].on == HS_TIME_NEVER) {
            ck_assert_uint_eq(changes->len, 0);
            continue;
        }
        ck_assert_uint_ge(changes->len, 2);
        ck_assert_msg(g_array_index(changes, HsAlarmChange, 0).at ==
                          expected[i].on,
                      "%s on", expected[i].name);
        ck_assert_msg(g_array_index(changes, HsAlarmChange, 1).at ==
                          expected[i].off,
                      "%s off: %" G_GINT64_FORMAT, expected[i].name,
                      g_array_index(changes, HsAlarmChange, 1).at);
    }
    clear(&f);
}
END_TEST

/* What the datapoints sum up to is what crossed the link. */
START_TEST(traffic_is_all_there)
{
    static const uint8_t packet[100] = {0x45};
    double seconds = 30, egress = 0, ingress = 0, packets = 0;
    const HsMetric *of;
    Fixture f;

    begin(&f, "");
    bgp(&f, HS_SEC(1), true);
    for (int i = 0; i < 890; i++) {
        hs_exposure_packet(f.exposure, f.link, 1, HS_SEC(i), 0, packet, 100);
        if (i % 3 == 0)
            hs_exposure_packet(f.exposure, f.link, 0, HS_SEC(i), 0, packet, 60);
    }
    finish(&f);
    of = metric(&f, HS_METRIC_VIF_BPS_EGRESS);
    for (guint i = 0; i < of->points->len; i++)
        egress += point(of, i).sum * seconds / 8;
    of = metric(&f, HS_METRIC_CONNECTION_BPS_INGRESS);
    for (guint i = 0; i < of->points->len; i++)
        ingress += point(of, i).sum * seconds / 8;
    of = metric(&f, HS_METRIC_VIF_PPS_EGRESS);
    for (guint i = 0; i < of->points->len; i++) {
        ck_assert_int_eq(point(of, i).start % of->period, 0);
        packets += point(of, i).sum * seconds;
    }
    ck_assert_double_eq_tol(egress, 890 * 100, 1e-6);
    ck_assert_double_eq_tol(ingress, 297 * 60, 1e-6);
    ck_assert_double_eq_tol(packets, 890, 1e-6);
    clear(&f);
}
END_TEST

/* A dead device of AWS's takes no samples. */
START_TEST(the_dead_say_nothing)
{
    Fixture f;
    const HsMetric *of;

    begin(&f, "[monitoring]\ndx.bgp-period = 60s\n"
              "[fault cut]\ntarget = x.aws\naction = node-crash\nat = 100s\n");
    bgp(&f, HS_SEC(1), true);
    fault(&f, HS_SEC(100), "applied", "node-crash");
    fault(&f, HS_SEC(340), "cleared", "node-crash");
    finish(&f);
    of = metric(&f, HS_METRIC_VIF_BGP_STATUS);
    ck_assert_int_eq(point(of, 1).start, HS_SEC(60));
    ck_assert_int_eq(point(of, 2).start, HS_SEC(360));
    clear(&f);
}
END_TEST

/* Nor does a tunnel's end; the connection has the other one's samples. */
START_TEST(one_of_two_ends_is_dead)
{
    Fixture f;
    const HsMetric *whole, *first;

    begin(&f, "[monitoring]\nvpn.period = 60s\n"
              "[fault cut]\ntarget = v.tunnel1.aws\naction = node-crash\n"
              "at = 100s\n");
    for (unsigned t = 1; t <= 2; t++) {
        g_autofree char *node = g_strdup_printf("v.tunnel%u.aws", t);
        g_autofree char *session = g_strdup_printf("v.tunnel%u bgp", t);

        say(&f, HS_SEC(1), HS_FACT_BGP, node, session, "Idle", "Established",
            "KeepAliveMsg");
    }
    hs_facts_append(f.facts, &(HsFact){.at = HS_SEC(100),
                                       .kind = HS_FACT_FAULT,
                                       .node = "cut",
                                       .subject = "cut",
                                       .peer = "v.tunnel1.aws",
                                       .to = "applied",
                                       .cause = "node-crash"});
    finish(&f);
    first = hs_metrics_find(f.monitor->metrics, HS_METRIC_TUNNEL_STATE,
                            hs_scenario_find(f.scenario, "v"), 1);
    whole = hs_metrics_find(f.monitor->metrics, HS_METRIC_TUNNEL_STATE,
                            hs_scenario_find(f.scenario, "v"), 0);
    ck_assert_uint_eq(first->points->len, 2);
    ck_assert_uint_eq(whole->points->len, 15);
    ck_assert_uint_eq(point(whole, 1).count, 4);
    ck_assert_uint_eq(point(whole, 2).count, 2);
    ck_assert_int_eq(point(whole, 14).start, HS_SEC(840));
    clear(&f);
}
END_TEST

START_TEST(identifiers_look_like_those_of_aws)
{
    g_autofree char *uuid = hs_aws_uuid("a");
    g_autofree char *wall = hs_wall_milliseconds(1767225600, HS_MSEC(61500));
    int64_t epoch;

    ck_assert(g_regex_match_simple("^dxcon-[0-9a-f]{8}$",
                                   hs_aws_id("dxcon", "x"), 0, 0));
    ck_assert(g_regex_match_simple("^vpn-[0-9a-f]{17}$", hs_aws_id("vpn", "v"),
                                   0, 0));
    ck_assert_str_ne(hs_aws_id("vpn", "v"), hs_aws_id("vpn", "w"));
    ck_assert(g_regex_match_simple(
        "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$", uuid, 0, 0));
    ck_assert_str_eq(wall, "2026-01-01T00:01:01.500+0000");
    ck_assert(hs_monitoring_epoch("2026-01-01T00:00:00Z", &epoch));
    ck_assert_int_eq(epoch, 1767225600);
    ck_assert(!hs_monitoring_epoch("yesterday", &epoch));
    ck_assert(!hs_monitoring_epoch("2026-01-01T00:00:00+01:00", &epoch));
}
END_TEST

static Suite *
monitor_suite(void)
{
    Suite *suite = suite_create("monitor");
    TCase *tc = tcase_create("alarms");

    tcase_add_loop_test(tc, alarms_judge_as_the_guide, 0, G_N_ELEMENTS(rows));
    tcase_add_test(tc, alarms_change_when_they_must);
    suite_add_tcase(suite, tc);

    tc = tcase_create("datapoints");
    tcase_add_test(tc, ninety_seconds_in_five_minutes);
    tcase_add_test(tc, between_the_samples);
    tcase_add_test(tc, traffic_is_all_there);
    tcase_add_test(tc, the_dead_say_nothing);
    tcase_add_test(tc, one_of_two_ends_is_dead);
    tcase_add_test(tc, identifiers_look_like_those_of_aws);
    suite_add_tcase(suite, tc);
    return suite;
}

int
main(void)
{
    return run_suite(monitor_suite());
}
