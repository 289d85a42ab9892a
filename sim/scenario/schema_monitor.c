/* Rows of AWS's monitoring. */

#include "config.h"

#include "sim/scenario/rows.h"

#define POINTS RANGE(HS_SEC(60), HS_SEC(300), DX_METRICS), .step = HS_SEC(60)
#define DELAY  RANGE(0, HS_SEC(3600), NULL)

static const HsRow rows[] = {
    ROW(MONITORING, HsMonitoring, start, "start", TEXT, "2026-01-01T00:00:00Z",
        DEFAULT, NULL,
        "the wall clock when the run begins, at a whole five minutes: what the "
        "timestamps of metrics and events count from"),
    ROW(MONITORING, HsMonitoring, account, "account", NAME, "123456789012",
        DEFAULT, NULL, "AWS's number of the account"),
    ROW(MONITORING, HsMonitoring, region, "region", NAME, "us-east-1", DEFAULT,
        NULL, "AWS's name of the region that is \"home\" in other elements"),
    ROW(MONITORING, HsMonitoring, dx_period, "dx.period", DURATION, "300s", AWS,
        DX_METRICS,
        "from one datapoint of a connection or interface to the next: 300s, or "
        "60s",
        POINTS),
    ROW(MONITORING, HsMonitoring, dx_bgp_period, "dx.bgp-period", DURATION,
        "300s", AWS, DX_METRICS, "the same of what BGP says", POINTS),
    ROW(MONITORING, HsMonitoring, vpn_period, "vpn.period", DURATION, "300s",
        AWS, VPN_METRICS, "the same of a tunnel", POINTS),
    ROW(MONITORING, HsMonitoring, metric_delay, "metric-delay", DURATION, "60s",
        ASSUMED,
        "AWS says that a new metric can be read within two minutes, and "
        "nothing of the others",
        "from the end of a datapoint's period until alarms see it", DELAY),
    ROW(MONITORING, HsMonitoring, stream_delay, "stream-delay", DURATION,
        "180s", AWS, CW_STREAMS ": within three minutes",
        "from the same until a metric stream has delivered it", DELAY),
    ROW(MONITORING, HsMonitoring, alarm_delay, "alarm-delay", DURATION, "5s",
        ASSUMED, "alarms are evaluated once a minute, at an unknown second",
        "from there to the alarm's new state", DELAY),
    ROW(MONITORING, HsMonitoring, sns_delay, "sns-delay", DURATION, "5s",
        ASSUMED, "an e-mail's or a pager's way",
        "from the alarm's new state to the reader of the notification", DELAY),
    ROW(MONITORING, HsMonitoring, event_delay, "event-delay", DURATION, "1s",
        ASSUMED, "AWS promises no time",
        "from an event to the target of an EventBridge rule", DELAY),
    ROW(MONITORING, HsMonitoring, network_manager_delay,
        "network-manager-delay", DURATION, "60s", ASSUMED,
        "best effort, without a time",
        "from a change of a VPN on a transit gateway to Network Manager's "
        "event",
        DELAY),
    ROW(MONITORING, HsMonitoring, global_network, "global-network", BOOL, "no",
        AWS, NM_EVENTS ": only of registered ones",
        "the transit gateways are registered in a global network, so that "
        "Network Manager tells of their VPNs"),
    ROW(MONITORING, HsMonitoring, tunnel_logs, "tunnel-logs", BOOL, "yes",
        DEFAULT, NULL,
        "AWS's VPN endpoints write logs (AWS: only if they are told to)"),
    ROW(MONITORING, HsMonitoring, log_delay, "log-delay", DURATION, "60s",
        ASSUMED, "AWS publishes none",
        "from what a tunnel's end sees to the line in CloudWatch Logs", DELAY),

    REQUIRED(ALARM, HsMetricAlarm, metric, "metric", WORD, "what it watches",
             .words = hs_metric_words),
    REQUIRED(ALARM, HsMetricAlarm, target, "target", ENDPOINT,
             "of which element; a `[dx]` with a connection of its own stands "
             "for that, too",
             .targets =
                 KINDS(CONNECTION) | KINDS(DX) | KINDS(VPN) | KINDS(GATEWAY)),
    ROW(ALARM, HsMetricAlarm, tunnel, "tunnel", COUNT32, "0", DEFAULT, NULL,
        "of a VPN: tunnel 1 or 2 alone; 0: the connection",
        RANGE(0, HS_VPN_TUNNELS, NULL)),
    ROW(ALARM, HsMetricAlarm, statistic, "statistic", WORD, "Minimum", DEFAULT,
        NULL, "what is made of the samples of a period",
        .words = hs_statistic_words),
    ROW(ALARM, HsMetricAlarm, period, "period", DURATION, NULL, DERIVED,
        "that of the metric's datapoints", "of each datapoint that is compared",
        RANGE(HS_SEC(60), HS_SEC(86400), CW_ALARMS), .step = HS_SEC(60)),
    ROW(ALARM, HsMetricAlarm, threshold, "threshold", DECIMAL, "1", DEFAULT,
        NULL, "what it is compared with"),
    ROW(ALARM, HsMetricAlarm, comparison, "comparison", WORD,
        "LessThanThreshold", DEFAULT, NULL,
        "a datapoint breaches if it is this",
        .words = hs_alarm_comparison_words),
    ROW(ALARM, HsMetricAlarm, periods, "evaluation-periods", COUNT32, "1",
        DEFAULT, NULL, "N: how many of the newest datapoints count",
        RANGE(1, 1440, CW_ALARMS)),
    ROW(ALARM, HsMetricAlarm, datapoints, "datapoints", COUNT32, NULL, DERIVED,
        "evaluation-periods", "M: how many of these must breach for an alarm",
        RANGE(1, 1440, CW_ALARMS)),
    ROW(ALARM, HsMetricAlarm, missing, "missing", WORD, "missing", AWS,
        CW_ALARMS, "what a datapoint that is not there counts as",
        .words = hs_missing_data_words),
};

const HsRows hs_monitor_rows = {rows, G_N_ELEMENTS(rows)};
