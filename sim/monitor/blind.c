/* What the monitoring could not show, each by name, with this run's evidence.
 * A blind spot is only named where the run has something that was not seen. */

#include "config.h"

#include "sim/monitor/private.h"

#include "sim/monitor/ids.h"
#include "sim/scenario/metrics.h"

#include <string.h>

typedef struct {
    HsMonitor *monitor;
    const HsMonitorInput *in;
    const HsFaultTimeline *fault;
    const HsKnown *known;
    bool last;
} Look;

static void add(const Look *l, const char *name, const char *format, ...)
    G_GNUC_PRINTF(3, 4);

static void
add(const Look *l, const char *name, const char *format, ...)
{
    HsBlindSpot *spot = g_new0(HsBlindSpot, 1);
    va_list arguments;

    va_start(arguments, format);
    spot->text = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    spot->name = name;
    spot->fault = l->fault->name;
    g_ptr_array_add(l->monitor->blind_spots, spot);
}

/* A datapoint is complete, and says something of the fault. */
static bool
concerns(const Look *l, HsTime from, HsTime until)
{
    return until <= l->monitor->end && until > l->fault->t0 &&
           (l->last || from < l->fault->until);
}

/* When NODE's SUBJECT stopped to work in the fault's window, or NEVER. */
static HsTime
stopped(const Look *l, HsFactKind kind, const char *node, const char *subject)
{
    for (guint i = 0; i < l->in->lanes->len; i++) {
        const HsLane *lane = l->in->lanes->pdata[i];

        if (lane->kind != kind || !g_str_equal(lane->node, node) ||
            !g_str_equal(lane->subject, subject))
            continue;
        for (guint j = 1; j < lane->spans->len; j++) {
            const HsLaneSpan *span = &g_array_index(lane->spans, HsLaneSpan, j);
            bool worked = g_array_index(lane->spans, HsLaneSpan, j - 1).works;

            if (worked && !span->works && span->from >= l->fault->t0 &&
                (l->last || span->from < l->fault->until))
                return span->from;
        }
    }
    return HS_TIME_NEVER;
}

static HsTime
stopped_at_aws(const Look *l, HsFactKind kind, const char *label,
               const char *session)
{
    g_autofree char *node = g_strconcat(label, ".aws", NULL);
    g_autofree char *subject = g_strconcat(label, session, NULL);

    return stopped(l, kind, node, subject);
}

/* Events that there are none of */

static void
look_for_events(const Look *l)
{
    char span[HS_TIME_TEXT];
    const HsDx *dx;
    const HsVpn *vpn;

    for (unsigned i = 0; (dx = hs_scenario_dx(l->in->scenario, i)); i++) {
        HsTime at = stopped_at_aws(l, HS_FACT_BGP, dx->element.name, " bgp");

        if (at != HS_TIME_NEVER)
            add(l, "no-direct-connect-event",
                "AWS's end of %s lost BGP %s after the fault; Direct Connect "
                "sends no event for that: none of the %u events of this run "
                "is of it",
                dx->element.name, hs_duration_format(at - l->fault->t0, span),
                l->monitor->events->len);
    }
    for (unsigned i = 0; (vpn = hs_scenario_vpn(l->in->scenario, i)); i++) {
        bool told = vpn->gateway->type == HS_GATEWAY_TGW &&
                    l->monitor->settings->global_network;

        for (unsigned t = 1; t <= vpn->tunnels && !told; t++) {
            g_autofree char *label =
                g_strdup_printf("%s.tunnel%u", vpn->element.name, t);
            HsTime at = MIN(stopped_at_aws(l, HS_FACT_TUNNEL, label, " esp"),
                            stopped_at_aws(l, HS_FACT_BGP, label, " bgp"));

            if (at != HS_TIME_NEVER)
                add(l, "no-vpn-event",
                    "%s went down %s after the fault, without an event: "
                    "Network Manager tells of VPNs on transit gateways in a "
                    "global network only",
                    label, hs_duration_format(at - l->fault->t0, span));
        }
    }
}

/* Averages */

static void
look_for_averages(const Look *l)
{
    for (guint i = 0; i < l->monitor->metrics->len; i++) {
        const HsMetric *metric = l->monitor->metrics->pdata[i];

        if (!hs_metric_info(metric->which)->state)
            continue;
        for (guint j = 0; j < metric->points->len; j++) {
            const HsDatapoint *p =
                &g_array_index(metric->points, HsDatapoint, j);
            g_autofree char *title = NULL, *from = NULL;

            if (!concerns(l, p->start, p->start + metric->period) ||
                p->min >= 1 || p->sum < (double)p->count / 2)
                continue;
            title = hs_metric_title(metric);
            from = hs_wall_seconds(l->monitor->epoch, p->start);
            add(l, "average-hides-outage",
                "%s: the %d s from %s have an average of %.3f, though the "
                "minimum is %g: %g of %u samples found it down",
                title, (int)(metric->period / HS_SEC(1)), from,
                hs_datapoint_value(p, HS_STATISTIC_AVERAGE), p->min,
                (double)p->count - p->sum, (unsigned)p->count);
            break;
        }
    }
}

/* Outages and brownouts */

/* The worst client: the longest span without an answer. */
static const HsClientFailover *
worst_client(const Look *l)
{
    const HsClientFailover *worst = NULL;

    for (guint i = 0; i < l->fault->clients->len; i++) {
        const HsClientFailover *client =
            &g_array_index(l->fault->clients, HsClientFailover, i);

        if (client->outage.status == HS_STATUS_HAPPENED &&
            (worst == NULL || client->outage.span > worst->outage.span))
            worst = client;
    }
    return worst;
}

/* There is something to look at. */
static bool
any_complete(const Look *l)
{
    for (guint i = 0; i < l->monitor->metrics->len; i++) {
        const HsMetric *metric = l->monitor->metrics->pdata[i];

        for (guint j = 0; j < metric->points->len; j++) {
            HsTime start = g_array_index(metric->points, HsDatapoint, j).start;

            if (concerns(l, start, start + metric->period))
                return true;
        }
    }
    return false;
}

static bool
a_state_shows(const Look *l)
{
    for (guint i = 0; i < l->monitor->metrics->len; i++) {
        const HsMetric *metric = l->monitor->metrics->pdata[i];
        bool was_up = false;

        for (guint j = 0; j < metric->points->len; j++) {
            const HsDatapoint *p =
                &g_array_index(metric->points, HsDatapoint, j);

            was_up = was_up || p->max >= 1;
            if (hs_metric_info(metric->which)->state && was_up && p->min < 1 &&
                concerns(l, p->start, p->start + metric->period))
                return true;
        }
    }
    return false;
}

static void
look_for_outages(const Look *l)
{
    const HsClientFailover *worst = worst_client(l);
    char span[HS_TIME_TEXT];
    uint64_t hurt;

    if (worst == NULL || l->monitor->metrics->len == 0)
        return;
    hurt = worst->requests.delayed + worst->requests.failed;
    if (g_strcmp0(l->fault->action, "brownout") == 0 && hurt > 0 &&
        !a_state_shows(l))
        add(l, "brownout-unmeasured",
            "%" G_GUINT64_FORMAT " of %" G_GUINT64_FORMAT
            " requests of the %s client were late or failed; no metric of "
            "Direct Connect or VPN measures latency or loss, and no state "
            "changed",
            hurt, worst->requests.sent, worst->client);
    else if (worst->recovery == HS_RECOVERY_RECOVERED && any_complete(l))
        add(l, "outage-unmeasured",
            "the database's %s client had no answer for %s; %s", worst->client,
            hs_duration_format(worst->outage.span, span),
            a_state_shows(l)
                ? "the metrics show how long a session was down, not that"
                : "it fell between the samples: no datapoint shows anything");
}

static void
look_for_ports(const Look *l)
{
    const HsDx *dx;

    for (unsigned i = 0; (dx = hs_scenario_dx(l->in->scenario, i)); i++) {
        const HsElement *port =
            dx->connection != NULL ? &dx->connection->element : &dx->element;
        const HsMetric *metric = hs_metrics_find(
            l->monitor->metrics, HS_METRIC_CONNECTION_STATE, port, 0);
        unsigned points = 0;
        bool up = true;

        if (stopped_at_aws(l, HS_FACT_BGP, dx->element.name, " bgp") ==
                HS_TIME_NEVER ||
            metric == NULL)
            continue;
        for (guint j = 0; j < metric->points->len; j++) {
            const HsDatapoint *p =
                &g_array_index(metric->points, HsDatapoint, j);

            if (!concerns(l, p->start, p->start + metric->period))
                continue;
            points++;
            up = up && p->min >= 1;
        }
        if (points > 0 && up)
            add(l, "port-stays-up",
                "ConnectionState of %s stays 1 in all %u datapoints, while "
                "AWS's end of %s has no BGP session",
                port->name, points, dx->element.name);
    }
}

static void
look_for_dead_data(const Look *l)
{
    for (guint i = 0; i < l->monitor->metrics->len; i++) {
        const HsMetric *data = l->monitor->metrics->pdata[i];
        const HsMetric *state;

        if (data->tunnel == 0 || (data->which != HS_METRIC_TUNNEL_DATA_IN &&
                                  data->which != HS_METRIC_TUNNEL_DATA_OUT))
            continue;
        state = hs_metrics_find(l->monitor->metrics, HS_METRIC_TUNNEL_STATE,
                                data->of, data->tunnel);
        for (guint j = 0; j < state->points->len; j++) {
            const HsDatapoint *s =
                &g_array_index(state->points, HsDatapoint, j);
            const HsDatapoint *d = &g_array_index(
                data->points, HsDatapoint, (guint)(s->start / data->period));
            g_autofree char *title = NULL, *from = NULL;

            if (s->max > 0 || d->sum <= 0 ||
                !concerns(l, s->start, s->start + state->period))
                continue;
            title = hs_metric_title(data);
            from = hs_wall_seconds(l->monitor->epoch, s->start);
            add(l, "data-on-dead-tunnel",
                "%s is %.0f bytes in the %d s from %s, while TunnelState is 0 "
                "in all of them",
                title, d->sum, (int)(data->period / HS_SEC(1)), from);
            break;
        }
    }
}

void
hs_monitor_blind_spots(HsMonitor *monitor, const HsMonitorInput *input,
                       const HsTimeline *timeline)
{
    for (guint i = 0; i < timeline->faults->len; i++) {
        Look l = {monitor, input, timeline->faults->pdata[i],
                  &g_array_index(monitor->known, HsKnown, i),
                  i + 1 == timeline->faults->len};

        look_for_events(&l);
        look_for_averages(&l);
        look_for_outages(&l);
        look_for_ports(&l);
        look_for_dead_data(&l);
    }
}
