/* Events as EventBridge delivers them, and what SNS sends for an alarm.
 *
 * An alarm's change of state is an event of its own and, by SNS, a
 * notification ("Alarm events and EventBridge" in the CloudWatch guide). Of a
 * VPN on a transit gateway Network Manager tells, if the gateway is registered
 * in a global network, and always in us-west-2. Of Direct Connect's links and
 * BGP, and of a VPN on a virtual private gateway, there is no event of AWS's at
 * all. AWS Health tells of a VPN that had one tunnel only, for more than an
 * hour of a day. */

#include "config.h"

#include "sim/monitor/private.h"

#include "sim/monitor/ids.h"
#include "sim/scenario/metrics.h"

#include <string.h>

#define HEALTH_AFTER HS_SEC(3600)

typedef struct {
    HsMonitor *monitor;
    const HsMonitorInput *in;
} Maker;

/* The envelope of every event. DETAIL's and RESOURCES' references are taken. */
static json_t *
envelope(const Maker *m, HsTime at, const char *source, const char *type,
         const char *region, json_t *resources, json_t *detail)
{
    g_autofree char *time = hs_wall_seconds(m->monitor->epoch, at);
    g_autofree char *text = g_strdup_printf("%s %s %s %u", source, type, time,
                                            m->monitor->events->len);
    g_autofree char *id = hs_aws_uuid(text);

    return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:o, s:o}", "version",
                     "0", "id", id, "detail-type", type, "source", source,
                     "account", m->monitor->settings->account, "time", time,
                     "region", region, "resources", resources, "detail",
                     detail);
}

/* Alarms */

static const char *
crossing(const HsAlarmHistory *alarm, bool is)
{
    static const char *const words[][2] = {
        [HS_COMPARE_LESS] = {"was not less than", "was less than"},
        [HS_COMPARE_LESS_OR_EQUAL] = {"was not less than or equal to",
                                      "was less than or equal to"},
        [HS_COMPARE_GREATER] = {"was not greater than", "was greater than"},
        [HS_COMPARE_GREATER_OR_EQUAL] = {"was not greater than or equal to",
                                         "was greater than or equal to"},
    };

    return words[alarm->comparison][is];
}

static char *
reason(const Maker *m, const HsAlarmHistory *alarm, const HsAlarmChange *change)
{
    GString *text = g_string_new(NULL);
    g_autofree char *when = NULL;

    if (change->newest == HS_TIME_NEVER) {
        g_string_append_printf(text,
                               "No datapoints were received for %u period%s "
                               "and missing datapoints were treated as %s.",
                               alarm->periods, alarm->periods == 1 ? "" : "s",
                               hs_missing_data_name(alarm->missing));
        return g_string_free(text, FALSE);
    }
    when = hs_wall_seconds(m->monitor->epoch, change->newest);
    g_string_append_printf(text,
                           "Threshold Crossed: %u of the last %u datapoints "
                           "breached; the newest, ",
                           change->breaching, alarm->periods);
    hs_append_value(text, change->value);
    g_string_append_printf(text, " (%s), %s the threshold (", when,
                           crossing(alarm, change->breaching > 0));
    hs_append_value(text, alarm->threshold);
    g_string_append_printf(text,
                           ") (minimum %u datapoint%s for %s -> %s "
                           "transition).",
                           alarm->datapoints, alarm->datapoints == 1 ? "" : "s",
                           hs_alarm_state_name(change->from),
                           hs_alarm_state_name(change->to));
    return g_string_free(text, FALSE);
}

static json_t *
dimensions(const HsMetric *metric)
{
    json_t *object = json_object();

    for (unsigned i = 0; i < metric->dimension_count; i++)
        json_object_set_new(object, metric->dimensions[i].name,
                            json_string(metric->dimensions[i].value));
    return object;
}

static char *
alarm_arn(const Maker *m, const HsAlarmHistory *alarm)
{
    return g_strdup_printf("arn:aws:cloudwatch:%s:%s:alarm:%s",
                           alarm->metric->region, m->monitor->settings->account,
                           alarm->name);
}

static json_t *
alarm_detail(const Maker *m, const HsAlarmHistory *alarm,
             const HsAlarmChange *change, const char *why)
{
    g_autofree char *at = hs_wall_milliseconds(m->monitor->epoch, change->at);
    g_autofree char *id = hs_aws_uuid(alarm->name);
    json_t *stat = json_pack("{s:{s:o, s:s, s:s}, s:I, s:s}", "metric",
                             "dimensions", dimensions(alarm->metric), "name",
                             hs_metric_name(alarm->metric->which), "namespace",
                             hs_metric_info(alarm->metric->which)->space,
                             "period", (json_int_t)(alarm->period / HS_SEC(1)),
                             "stat", hs_statistic_name(alarm->statistic));

    return json_pack(
        "{s:s, s:{s:[{s:s, s:o, s:b}]}, s:{s:s}, s:{s:s, s:s, s:s}}",
        "alarmName", alarm->name, "configuration", "metrics", "id", id,
        "metricStat", stat, "returnData", 1, "previousState", "value",
        hs_alarm_state_name(change->from), "state", "reason", why, "timestamp",
        at, "value", hs_alarm_state_name(change->to));
}

/* What an e-mail of SNS has as its message: JSON in a text. */
static char *
alarm_message(const Maker *m, const HsAlarmHistory *alarm,
              const HsAlarmChange *change, const char *why)
{
    g_autofree char *at = hs_wall_milliseconds(m->monitor->epoch, change->at);
    g_autofree char *arn = alarm_arn(m, alarm);
    json_t *names = json_array(), *message;
    char *text, *copy;

    for (unsigned i = 0; i < alarm->metric->dimension_count; i++)
        json_array_append_new(
            names,
            json_pack("{s:s, s:s}", "value", alarm->metric->dimensions[i].value,
                      "name", alarm->metric->dimensions[i].name));
    message = json_pack(
        "{s:s, s:n, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:{s:s, s:s, s:s, s:s, "
        "s:n, s:o, s:I, s:I, s:I, s:s, s:f, s:s}}",
        "AlarmName", alarm->name, "AlarmDescription", "AWSAccountId",
        m->monitor->settings->account, "NewStateValue",
        hs_alarm_state_name(change->to), "NewStateReason", why,
        "StateChangeTime", at, "Region", alarm->metric->region, "AlarmArn", arn,
        "OldStateValue", hs_alarm_state_name(change->from), "Trigger",
        "MetricName", hs_metric_name(alarm->metric->which), "Namespace",
        hs_metric_info(alarm->metric->which)->space, "StatisticType",
        "Statistic", "Statistic", hs_statistic_name(alarm->statistic), "Unit",
        "Dimensions", names, "Period", (json_int_t)(alarm->period / HS_SEC(1)),
        "EvaluationPeriods", (json_int_t)alarm->periods, "DatapointsToAlarm",
        (json_int_t)alarm->datapoints, "ComparisonOperator",
        hs_alarm_comparison_name(alarm->comparison), "Threshold",
        alarm->threshold, "TreatMissingData",
        hs_missing_data_name(alarm->missing));
    g_assert(message != NULL);
    text = json_dumps(message, JSON_COMPACT | JSON_REAL_PRECISION(15));
    json_decref(message);
    copy = g_strdup(text);
    free(text);
    return copy;
}

static json_t *
notification(const Maker *m, const HsAlarmHistory *alarm,
             const HsAlarmChange *change, HsTime delivered, const char *why)
{
    g_autofree char *message = alarm_message(m, alarm, change, why);
    g_autofree char *time = hs_wall_milliseconds(m->monitor->epoch, delivered);
    g_autofree char *id = hs_aws_uuid(message);
    g_autofree char *topic =
        g_strdup_printf("arn:aws:sns:%s:%s:hybridsim", alarm->metric->region,
                        m->monitor->settings->account);
    g_autofree char *subject =
        g_strdup_printf("%s: \"%s\" in %s", hs_alarm_state_name(change->to),
                        alarm->name, alarm->metric->region);

    return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s}", "Type", "Notification",
                     "MessageId", id, "TopicArn", topic, "Subject", subject,
                     "Message", message, "Timestamp", time);
}

static void
add_alarm_changes(const Maker *m, const HsAlarmHistory *alarm)
{
    const HsMonitoring *settings = m->monitor->settings;

    for (guint i = 0; i < alarm->changes->len; i++) {
        const HsAlarmChange *change =
            &g_array_index(alarm->changes, HsAlarmChange, i);
        HsTime event = change->at + settings->event_delay;
        HsTime mail = change->at + settings->sns_delay;
        g_autofree char *arn = alarm_arn(m, alarm);
        g_autofree char *why = reason(m, alarm, change);
        g_autofree char *what =
            g_strdup_printf("%s -> %s", hs_alarm_state_name(change->from),
                            hs_alarm_state_name(change->to));
        static const char type[] = "CloudWatch Alarm State Change";
        bool bad = change->to == HS_ALARM_ALARM;

        hs_message_add(m->monitor->events, change->at, event, "aws.cloudwatch",
                       type, alarm->name, what, bad,
                       envelope(m, change->at, "aws.cloudwatch", type,
                                alarm->metric->region, json_pack("[s]", arn),
                                alarm_detail(m, alarm, change, why)));
        hs_message_add(m->monitor->notifications, change->at, mail, "aws.sns",
                       "Notification", alarm->name, what, bad,
                       notification(m, alarm, change, mail, why));
    }
}

/* Network Manager */

static void
add_status(const Maker *m, const HsVpn *vpn, unsigned tunnel, HsTime at,
           bool bgp, bool up)
{
    const HsMonitoring *settings = m->monitor->settings;
    static const char type[] = "Network Manager Status Update";
    const char *what =
        bgp  ? up ? "VPN-CONNECTION-BGP-ESTABLISH" : "VPN-CONNECTION-BGP-DOWN"
        : up ? "VPN-CONNECTION-IPSEC-UP"
             : "VPN-CONNECTION-IPSEC-DOWN";
    const HsGateway *tgw = vpn->gateway;
    const char *region = hs_aws_region(m->in->scenario, tgw->region);
    g_autofree char *label =
        g_strdup_printf("%s.tunnel%u", vpn->element.name, tunnel);
    g_autofree char *network = g_strdup_printf(
        "arn:aws:networkmanager::%s:global-network/%s", settings->account,
        hs_aws_id("global-network", tgw->element.name));
    g_autofree char *gateway =
        g_strdup_printf("arn:aws:ec2:%s:%s:transit-gateway/%s", region,
                        settings->account, hs_aws_id("tgw", tgw->element.name));
    g_autofree char *connection =
        g_strdup_printf("arn:aws:ec2:%s:%s:vpn-connection/%s", region,
                        settings->account, hs_aws_id("vpn", vpn->element.name));
    char address[HS_ADDR_TEXT];
    json_t *detail = json_pack(
        "{s:s, s:s, s:s, s:s, s:s}", "change-type", what, "region", region,
        "transit-gateway-arn", gateway, "vpn-connection-arn", connection,
        "outside-ip-address",
        hs_addr_format(&vpn->tunnel[tunnel - 1].aws_outside, address));

    hs_message_add(m->monitor->events, at,
                   at + settings->network_manager_delay + settings->event_delay,
                   "aws.networkmanager", type, label, what, !up,
                   envelope(m, at, "aws.networkmanager", type, "us-west-2",
                            json_pack("[s, s]", network, gateway), detail));
}

/* The lane that AWS's end of the tunnel keeps, or NULL. */
static const HsLane *
lane_of(const HsMonitorInput *in, const HsVpn *vpn, unsigned tunnel, bool bgp)
{
    g_autofree char *subject = g_strdup_printf(
        "%s.tunnel%u %s", vpn->element.name, tunnel, bgp ? "bgp" : "esp");
    g_autofree char *node =
        g_strdup_printf("%s.tunnel%u.aws", vpn->element.name, tunnel);

    for (guint i = 0; i < in->lanes->len; i++) {
        const HsLane *lane = in->lanes->pdata[i];

        if (lane->kind == (bgp ? HS_FACT_BGP : HS_FACT_TUNNEL) &&
            g_str_equal(lane->node, node) &&
            g_str_equal(lane->subject, subject))
            return lane;
    }
    return NULL;
}

static void
add_tunnel_statuses(const Maker *m, const HsVpn *vpn, unsigned tunnel)
{
    for (unsigned bgp = 0; bgp < 2; bgp++) {
        const HsLane *lane = lane_of(m->in, vpn, tunnel, bgp == 1);
        bool up = false;

        for (guint i = 0; lane != NULL && i < lane->spans->len; i++) {
            const HsLaneSpan *span = &g_array_index(lane->spans, HsLaneSpan, i);

            if (span->works != up)
                add_status(m, vpn, tunnel, span->from, bgp == 1, span->works);
            up = span->works;
        }
    }
}

/* AWS Health */

/* When TUNNEL has been down for more than an hour in all, with the other one
 * up; HS_TIME_NEVER: it has not. */
static HsTime
single_since(const HsLane *down, const HsLane *other)
{
    HsDuration sum = 0;

    if (down == NULL || other == NULL)
        return HS_TIME_NEVER;
    for (guint i = 0; i < down->spans->len; i++) {
        const HsLaneSpan *a = &g_array_index(down->spans, HsLaneSpan, i);

        for (guint j = 0; !a->works && j < other->spans->len; j++) {
            const HsLaneSpan *b = &g_array_index(other->spans, HsLaneSpan, j);
            HsTime from = MAX(a->from, b->from);
            HsTime until = MIN(a->until, b->until);

            if (!b->works || until <= from)
                continue;
            if (sum + (until - from) > HEALTH_AFTER)
                return from + (HEALTH_AFTER - sum);
            sum += until - from;
        }
    }
    return HS_TIME_NEVER;
}

static void
add_health(const Maker *m, const HsVpn *vpn)
{
    static const char type[] = "AWS Health Event";
    HsTime at = HS_TIME_NEVER;
    const char *id = hs_aws_id("vpn", vpn->element.name);
    json_t *detail;

    if (vpn->tunnels == 2)
        at = MIN(single_since(lane_of(m->in, vpn, 1, false),
                              lane_of(m->in, vpn, 2, false)),
                 single_since(lane_of(m->in, vpn, 2, false),
                              lane_of(m->in, vpn, 1, false)));
    if (at == HS_TIME_NEVER)
        return;
    detail = json_pack("{s:s, s:s, s:s, s:[{s:s}]}", "service", "VPN",
                       "eventTypeCode", "AWS_VPN_SINGLE_TUNNEL_NOTIFICATION",
                       "eventTypeCategory", "accountNotification",
                       "affectedEntities", "entityValue", id);
    hs_message_add(
        m->monitor->events, at, at + m->monitor->settings->event_delay,
        "aws.health", type, vpn->element.name,
        "AWS_VPN_SINGLE_TUNNEL_NOTIFICATION", true,
        envelope(m, at, "aws.health", type,
                 hs_aws_region(m->in->scenario, vpn->gateway->region),
                 json_pack("[s]", id), detail));
}

static int
by_delivery(gconstpointer a, gconstpointer b)
{
    const HsMessage *const *first = a, *const *second = b;

    if ((*first)->delivered != (*second)->delivered)
        return (*first)->delivered < (*second)->delivered ? -1 : 1;
    return g_strcmp0((*first)->subject, (*second)->subject);
}

void
hs_monitor_events(HsMonitor *monitor, const HsMonitorInput *input)
{
    const Maker m = {monitor, input};
    const HsVpn *vpn;

    for (guint i = 0; i < monitor->alarms->len; i++)
        add_alarm_changes(&m, monitor->alarms->pdata[i]);
    for (unsigned i = 0; (vpn = hs_scenario_vpn(input->scenario, i)); i++) {
        for (unsigned t = 1; t <= vpn->tunnels; t++)
            if (vpn->gateway->type == HS_GATEWAY_TGW &&
                monitor->settings->global_network)
                add_tunnel_statuses(&m, vpn, t);
        add_health(&m, vpn);
    }
    g_ptr_array_sort(monitor->events, by_delivery);
    g_ptr_array_sort(monitor->notifications, by_delivery);
}
