/* Monitoring: alarms that AWS would refuse, or that could never be evaluated.
 */

#include "config.h"

#include "sim/scenario/check.h"
#include "sim/scenario/metrics.h"

#define DAY HS_SEC(86400)

static void
check_settings(const HsCheckRun *c, const HsMonitoring *m)
{
    static const char *const keys[] = {"dx.period", "dx.bgp-period",
                                       "vpn.period"};
    const HsDuration periods[] = {m->dx_period, m->dx_bgp_period,
                                  m->vpn_period};
    int64_t epoch;

    if (!hs_monitoring_epoch(m->start, &epoch) || epoch % 300 != 0)
        hs_check_bad(c, &m->element, "start",
                     "\"%s\" is not an instant at a whole five minutes; "
                     "expected 2026-01-01T00:00:00Z",
                     m->start);
    for (unsigned i = 0; i < G_N_ELEMENTS(keys); i++)
        if (periods[i] != HS_SEC(60) && periods[i] != HS_SEC(300))
            hs_check_bad(c, &m->element, keys[i],
                         "AWS has a datapoint every minute or every five; "
                         "expected 60s or 300s");
}

static bool
has_metric(const HsMetricAlarm *alarm)
{
    const HsElement *target = alarm->target;

    if ((hs_metric_info(alarm->metric)->targets & HS_KIND_BIT(target->kind)) ==
        0)
        return false;
    if (target->kind == HS_KIND_GATEWAY)
        return ((const HsGateway *)target)->type == HS_GATEWAY_TGW;
    /* A virtual interface on a shared connection is not that connection. */
    if (target->kind == HS_KIND_DX && alarm->metric < HS_METRIC_VIF_BPS_EGRESS)
        return ((const HsDx *)target)->connection == NULL;
    return true;
}

static void
check_alarm(const HsCheckRun *c, const HsMetricAlarm *alarm)
{
    const HsElement *element = &alarm->element, *target = alarm->target;
    HsDuration own = hs_metric_period(c->scenario, alarm->metric);
    char text[HS_TIME_TEXT];

    if (!has_metric(alarm))
        hs_check_bad(c, element, "target",
                     "[%s %s] has no metric %s in CloudWatch",
                     hs_kind_name(target->kind), target->name,
                     hs_metric_name(alarm->metric));
    if (alarm->tunnel > 0 && target->kind != HS_KIND_VPN)
        hs_check_bad(c, element, "tunnel", "[%s %s] has no tunnels",
                     hs_kind_name(target->kind), target->name);
    else if (alarm->tunnel > 0 &&
             alarm->tunnel > ((const HsVpn *)target)->tunnels)
        hs_check_bad(c, element, "tunnel", "[vpn %s] has one tunnel",
                     target->name);
    if (alarm->period % own != 0)
        hs_check_bad(c, element, "period",
                     "%s has a datapoint every %s: a period is a multiple of "
                     "that, or finds none",
                     hs_metric_name(alarm->metric),
                     hs_duration_format(own, text));
    if (alarm->datapoints > alarm->periods)
        hs_check_bad(c, element, "datapoints",
                     "%u of %u cannot breach (" CW_ALARMS ")",
                     alarm->datapoints, alarm->periods);
    if (alarm->period > DAY / alarm->periods)
        hs_check_bad(c, element, "evaluation-periods",
                     "together the periods are longer than a day (" CW_ALARMS
                     ")");
}

void
hs_check_monitoring(const HsCheckRun *c)
{
    const HsMetricAlarm *alarm;

    check_settings(c, hs_scenario_monitoring(c->scenario, 0));
    for (unsigned i = 0; (alarm = hs_scenario_alarm(c->scenario, i)); i++)
        check_alarm(c, alarm);
}
