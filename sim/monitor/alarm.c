/* How CloudWatch evaluates, after "Configuring how CloudWatch alarms treat
 * missing data" and "Avoiding premature transitions to alarm state" in the
 * CloudWatch guide:
 *
 *   - it asks for more datapoints than the N that count (the evaluation range),
 *     so that a missing one can be replaced by an older one that is there;
 *   - with N or more there, the newest N decide, and missing ones say nothing;
 *   - with fewer, so many are filled in as are missing from N, by the rule of
 *     the alarm, but what is there always counts;
 *   - where missing data is "missing" or "ignore", a lone breaching datapoint
 *     does not alarm before it is M datapoints old: the next may be good.
 *
 * An alarm of a one-minute metric is evaluated each minute, its periods ending
 * there; one of a five-minute metric when a datapoint may have come.
 *
 * Departure: AWS does not say how long the evaluation range is; in its examples
 * it is N + 2, and so it is here. What was before the run is taken as good: the
 * design was at work then. All alarms wait for the same delay, though AWS's
 * evaluations are spread over the minute. */

#include "config.h"

#include "sim/monitor/alarm.h"

#include "sim/scenario/metrics.h"

const char *
hs_alarm_state_name(HsAlarmState state)
{
    static const char *const names[] = {
#define X(name, text) [HS_ALARM_##name] = text,
        HS_ALARM_STATES(X)
#undef X
    };

    g_assert((unsigned)state < G_N_ELEMENTS(names));
    return names[state];
}

/* What is there: how many of the newest that count, how many of these breach,
 * whether all that is there breaches, and how old its oldest is (1: newest). */
typedef struct {
    unsigned real, breaching, oldest;
    bool all_breach;
} Seen;

static Seen
look(const HsSlot *slots, unsigned range, unsigned n)
{
    Seen seen = {.all_breach = true};

    for (unsigned age = 1; age <= range && seen.real < n; age++) {
        HsSlot slot = slots[range - age];

        if (slot == HS_SLOT_MISSING)
            continue;
        seen.real++;
        seen.oldest = age;
        if (slot == HS_SLOT_BREACHING)
            seen.breaching++;
        else
            seen.all_breach = false;
    }
    return seen;
}

HsAlarmState
hs_alarm_judge(const HsSlot *slots, unsigned range, unsigned n, unsigned m,
               HsMissingData missing, HsAlarmState current)
{
    Seen seen = look(slots, range, n);
    unsigned filled = n - seen.real;

    if (seen.breaching >= m)
        return HS_ALARM_ALARM;
    if (filled == 0)
        return HS_ALARM_OK;
    switch (missing) {
    case HS_MISSING_BREACHING:
        return seen.breaching + filled >= m ? HS_ALARM_ALARM : HS_ALARM_OK;
    case HS_MISSING_NOT_BREACHING:
        return HS_ALARM_OK;
    case HS_MISSING_IGNORE:
        return seen.all_breach ? current : HS_ALARM_OK;
    case HS_MISSING_MISSING:
        if (!seen.all_breach)
            return HS_ALARM_OK;
        return seen.real > 0 && seen.oldest >= m ? HS_ALARM_ALARM
                                                 : HS_ALARM_INSUFFICIENT_DATA;
    }
    g_assert_not_reached();
}

/* One alarm over its metric */

static bool
breaches(const HsAlarmHistory *alarm, double value)
{
    switch (alarm->comparison) {
    case HS_COMPARE_LESS:
        return value < alarm->threshold;
    case HS_COMPARE_LESS_OR_EQUAL:
        return value <= alarm->threshold;
    case HS_COMPARE_GREATER:
        return value > alarm->threshold;
    case HS_COMPARE_GREATER_OR_EQUAL:
        return value >= alarm->threshold;
    }
    g_assert_not_reached();
}

/* The datapoint of the alarm's own period that begins at FROM, made of the
 * metric's. False: there is none. */
static bool
datapoint(const HsAlarmHistory *alarm, HsTime from, HsDatapoint *ret_point)
{
    HsDatapoint sum = {.start = from};

    for (guint i = 0; i < alarm->metric->points->len; i++) {
        const HsDatapoint *p =
            &g_array_index(alarm->metric->points, HsDatapoint, i);

        if (p->start < from || p->start >= from + alarm->period)
            continue;
        sum.min = sum.count > 0 ? MIN(sum.min, p->min) : p->min;
        sum.max = sum.count > 0 ? MAX(sum.max, p->max) : p->max;
        sum.sum += p->sum;
        sum.count += p->count;
    }
    *ret_point = sum;
    return sum.count > 0;
}

static void
evaluate_at(HsAlarmHistory *alarm, HsTime until, HsDuration delay)
{
    unsigned range = alarm->periods + 2;
    g_autofree HsSlot *slots = g_new0(HsSlot, range);
    HsAlarmChange change = {.data_until = until,
                            .at = until + delay,
                            .from = alarm->state,
                            .newest = HS_TIME_NEVER};

    for (unsigned age = 1; age <= range; age++) {
        HsTime from = until - (HsDuration)age * alarm->period;
        HsDatapoint point;
        double value;

        if (from < 0) {
            slots[range - age] = HS_SLOT_OK;
            continue;
        }
        if (!datapoint(alarm, from, &point))
            continue;
        value = hs_datapoint_value(&point, alarm->statistic);
        slots[range - age] =
            breaches(alarm, value) ? HS_SLOT_BREACHING : HS_SLOT_OK;
        if (change.counted < alarm->periods) {
            change.counted++;
            change.breaching += slots[range - age] == HS_SLOT_BREACHING;
        }
        if (change.newest == HS_TIME_NEVER) {
            change.newest = from;
            change.value = value;
        }
    }
    change.to = hs_alarm_judge(slots, range, alarm->periods, alarm->datapoints,
                               alarm->missing, alarm->state);
    if (change.to != alarm->state)
        g_array_append_val(alarm->changes, change);
    alarm->state = change.to;
}

static void
evaluate(HsAlarmHistory *alarm, const HsMonitorInput *in)
{
    const HsMonitoring *m = hs_scenario_monitoring(in->scenario, 0);
    HsDuration step = alarm->metric->period;
    HsDuration delay = m->metric_delay + m->alarm_delay;

    alarm->state = HS_ALARM_OK;
    for (HsTime until = step; until <= in->end; until += step)
        evaluate_at(alarm, until, delay);
}

/* Which alarms there are */

static HsAlarmHistory *
add_alarm(GPtrArray *alarms, const char *name, const HsMetric *metric)
{
    HsAlarmHistory *alarm = g_new0(HsAlarmHistory, 1);

    alarm->name = g_intern_string(name);
    alarm->metric = metric;
    alarm->changes = g_array_new(FALSE, FALSE, sizeof(HsAlarmChange));
    g_ptr_array_add(alarms, alarm);
    return alarm;
}

static void
add_written(GPtrArray *alarms, const GPtrArray *metrics,
            const HsMetricAlarm *written)
{
    const HsMetric *metric = hs_metrics_find(metrics, written->metric,
                                             written->target, written->tunnel);
    HsAlarmHistory *alarm = add_alarm(alarms, written->element.name, metric);

    g_assert(metric != NULL); /* check_monitor.c */
    alarm->statistic = written->statistic;
    alarm->period = written->period;
    alarm->threshold = written->threshold;
    alarm->comparison = written->comparison;
    alarm->periods = written->periods;
    alarm->datapoints = written->datapoints;
    alarm->missing = written->missing;
}

/* After AWS's examples: a port for five minutes ("Monitoring with CloudWatch"
 * of Direct Connect), a tunnel three datapoints of 15 minutes, a VPN one of
 * five ("Monitoring with CloudWatch" of Site-to-Site VPN); a BGP session as a
 * VPN. Silence is taken for the worst. */
static unsigned
usual_periods(const HsMetric *metric)
{
    if (metric->which == HS_METRIC_TUNNEL_STATE && metric->tunnel > 0)
        return (unsigned)(HS_SEC(900) / metric->period);
    return (unsigned)(HS_SEC(300) / metric->period);
}

static void
add_usual(GPtrArray *alarms, const HsMetric *metric)
{
    static const struct {
        HsMetricName which;
        const char *what;
    } watched[] = {
        {HS_METRIC_CONNECTION_STATE, "port"},
        {HS_METRIC_VIF_BGP_STATUS, "bgp"},
        {HS_METRIC_TUNNEL_STATE, "state"},
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(watched); i++) {
        g_autofree char *name = NULL;
        HsAlarmHistory *alarm;

        if (watched[i].which != metric->which)
            continue;
        name = g_strdup_printf("%s-%s-down", metric->label, watched[i].what);
        alarm = add_alarm(alarms, name, metric);
        alarm->advice = true;
        alarm->statistic = HS_STATISTIC_MINIMUM;
        alarm->period = metric->period;
        alarm->threshold = 1;
        alarm->comparison = HS_COMPARE_LESS;
        alarm->periods = alarm->datapoints = usual_periods(metric);
        alarm->missing = HS_MISSING_BREACHING;
    }
}

static void
alarm_free(void *data)
{
    HsAlarmHistory *alarm = data;

    g_array_unref(alarm->changes);
    g_free(alarm);
}

GPtrArray *
hs_alarms_new(const HsMonitorInput *input, const GPtrArray *metrics)
{
    GPtrArray *alarms = g_ptr_array_new_with_free_func(alarm_free);
    const HsMetricAlarm *written;

    for (unsigned i = 0; (written = hs_scenario_alarm(input->scenario, i)); i++)
        add_written(alarms, metrics, written);
    for (guint i = 0; i < metrics->len; i++)
        if (hs_scenario_alarm(input->scenario, 0) == NULL)
            add_usual(alarms, metrics->pdata[i]);
    for (guint i = 0; i < alarms->len; i++)
        evaluate(alarms->pdata[i], input);
    return alarms;
}
