/* Where the samples come from:
 *
 *   states   what AWS's end says of its port, BGP session or tunnel, from the
 *            lanes: 1 if it works at the sample's instant, else 0. Before the
 *            warm-up is over there are none: the sessions come up then.
 *   traffic  the exposure's counts of a link, by direction. Towards AWS is
 *            what AWS calls ingress. A tunnel's data is what crosses the link
 *            between its end and the gateway: before encryption and after
 *            decryption, as AWS has it.
 *   routes   how many prefixes a session's announcements have left.
 *
 * A device of AWS's that is dead has no samples of its states; nobody says what
 * AWS shows then.
 *
 * Departure: AWS does not say at which instants it samples; here it is at 0 and
 * 30 s of each minute. Bits are those of IP packets, without what the medium
 * adds. Light levels, errors of a port, drops by reason and NAT gateways have
 * no metrics here. */

#include "config.h"

#include "sim/monitor/metric.h"

#include "sim/monitor/ids.h"
#include "sim/observe/series.h"
#include "sim/scenario/metrics.h"

#include <string.h>

typedef struct {
    const HsMonitorInput *in;
    GPtrArray *metrics;
    GArray *crashes; /* HsFact: of nodes, their beginnings and ends */
} Maker;

double
hs_datapoint_value(const HsDatapoint *point, HsStatistic statistic)
{
    switch (statistic) {
    case HS_STATISTIC_MINIMUM:
        return point->min;
    case HS_STATISTIC_MAXIMUM:
        return point->max;
    case HS_STATISTIC_AVERAGE:
        return point->sum / (double)point->count;
    case HS_STATISTIC_SUM:
        return point->sum;
    case HS_STATISTIC_SAMPLE_COUNT:
        return (double)point->count;
    }
    g_assert_not_reached();
}

const char *
hs_aws_region(const HsScenario *scenario, const char *region)
{
    return g_intern_string(g_str_equal(region, "home")
                               ? hs_scenario_monitoring(scenario, 0)->region
                               : region);
}

static void
metric_free(void *data)
{
    HsMetric *metric = data;

    g_array_unref(metric->points);
    g_free(metric);
}

static void
add_dimension(HsMetric *metric, const char *name, const char *value)
{
    g_assert(metric->dimension_count < HS_DIMENSIONS);
    metric->dimensions[metric->dimension_count++] =
        (HsDimension){name, g_intern_string(value)};
}

/* Into the datapoint of its period; samples come by time. */
static void
add_sample(HsMetric *metric, HsTime at, double value)
{
    HsTime start = at - at % metric->period;
    HsDatapoint *last = metric->points->len > 0
                            ? &g_array_index(metric->points, HsDatapoint,
                                             metric->points->len - 1)
                            : NULL;

    if (last == NULL || last->start != start) {
        HsDatapoint point = {start, value, value, value, 1};

        g_array_append_val(metric->points, point);
        return;
    }
    last->min = MIN(last->min, value);
    last->max = MAX(last->max, value);
    last->sum += value;
    last->count++;
}

static HsMetric *
add_metric(Maker *m, HsMetricName which, const HsElement *of, const char *label,
           const char *region)
{
    HsMetric *metric = g_new0(HsMetric, 1);

    metric->which = which;
    metric->of = of;
    metric->label = g_intern_string(label);
    metric->region = hs_aws_region(m->in->scenario, region);
    metric->period = hs_metric_period(m->in->scenario, which);
    metric->points = g_array_new(FALSE, TRUE, sizeof(HsDatapoint));
    g_ptr_array_add(m->metrics, metric);
    return metric;
}

/* States */

static const HsLane *
find_lane(const HsMonitorInput *in, HsFactKind kind, const char *node,
          const char *subject)
{
    for (guint i = 0; i < in->lanes->len; i++) {
        const HsLane *lane = in->lanes->pdata[i];

        if (lane->kind == kind && g_str_equal(lane->node, node) &&
            g_str_equal(lane->subject, subject))
            return lane;
    }
    return NULL;
}

/* USUAL: of what nothing was ever heard. */
static bool
works_at(const HsLane *lane, HsTime at, bool usual)
{
    if (lane == NULL)
        return usual;
    for (guint i = 0; i < lane->spans->len; i++) {
        const HsLaneSpan *span = &g_array_index(lane->spans, HsLaneSpan, i);

        if (span->from <= at && at < span->until)
            return span->works;
    }
    return usual;
}

/* The facts are many: those are looked for once. */
static GArray *
find_crashes(const HsFacts *facts)
{
    GArray *crashes = g_array_new(FALSE, FALSE, sizeof(HsFact));
    HsFact fact;

    for (size_t i = 0;
         hs_facts_next(facts, &i, HS_FACT_BIT(HS_FACT_FAULT), &fact);)
        if (g_strcmp0(fact.cause, "node-crash") == 0)
            g_array_append_val(crashes, fact);
    return crashes;
}

/* A node that is dead takes no samples. */
static bool
is_dead(const Maker *m, const char *node, HsTime at)
{
    bool dead = false;

    for (guint i = 0; i < m->crashes->len; i++) {
        const HsFact *fact = &g_array_index(m->crashes, HsFact, i);

        if (fact->at <= at && g_strcmp0(fact->peer, node) == 0)
            dead = g_strcmp0(fact->to, "applied") == 0;
    }
    return dead;
}

static void
sample_state(const Maker *m, HsMetric *metric, const HsLane *lane, bool usual)
{
    HsTime warmup = hs_scenario_settings(m->in->scenario, 0)->warmup;

    for (HsTime at = 0; at < m->in->end; at += HS_MONITOR_SAMPLE)
        if (at >= warmup && !is_dead(m, metric->node, at))
            add_sample(metric, at, works_at(lane, at, usual) ? 1 : 0);
}

/* Traffic */

/* Bins may be as wide as a minute: a sample then is, too. */
static HsDuration
sample_width(const HsExposure *exposure)
{
    return HS_MONITOR_SAMPLE % hs_exposure_bin(exposure) == 0
               ? HS_MONITOR_SAMPLE
               : HS_SEC(60);
}

static uint64_t
count_all(const HsExposureCounts *counts, bool packets)
{
    const uint64_t *of = packets ? counts->packets : counts->bytes;
    uint64_t sum = 0;

    for (unsigned i = 0; i < HS_EXPOSURE_CLASS_COUNT; i++)
        sum += of[i];
    return sum;
}

/* What crossed LINK in the sample number INDEX. */
static uint64_t
crossed(const HsExposure *exposure, unsigned link, unsigned direction,
        bool packets, guint index)
{
    const GArray *bins = hs_exposure_link(exposure, link)->bins[direction];
    guint each = (guint)(sample_width(exposure) / hs_exposure_bin(exposure));
    uint64_t sum = 0;

    for (guint i = index * each; i < (index + 1) * each && i < bins->len; i++)
        sum += count_all(&g_array_index(bins, HsExposureCounts, i), packets);
    return sum;
}

/* One direction of some links, and which of them. */
typedef struct {
    unsigned link, direction;
} Way;

static void
sample_traffic(const Maker *m, HsMetric *metric, const GArray *ways,
               bool packets, double factor)
{
    HsDuration width = sample_width(m->in->exposure);

    for (guint i = 0; (HsTime)i * width < m->in->end; i++) {
        uint64_t sum = 0;

        for (guint w = 0; w < ways->len; w++) {
            const Way *way = &g_array_index(ways, Way, w);

            sum +=
                crossed(m->in->exposure, way->link, way->direction, packets, i);
        }
        add_sample(metric, (HsTime)i * width, (double)sum * factor);
    }
}

/* Appends the link NAME, if there is one. */
static void
add_way(const HsMonitorInput *in, GArray *ways, const char *name,
        unsigned direction)
{
    for (unsigned i = 0; i < in->link_count; i++)
        if (g_str_equal(in->links[i].name, name)) {
            Way way = {i, direction};

            g_array_append_val(ways, way);
        }
}

/* Direct Connect */

static void
add_dx(const Maker *m, GPtrArray *list, const HsDx *dx)
{
    g_ptr_array_add(list, hs_scenario_element(m->in->scenario, HS_KIND_DX,
                                              dx->element.index));
}

static char *
aws_end(const HsDx *dx)
{
    return g_strconcat(dx->element.name, ".aws", NULL);
}

static const HsLane *
dx_lane(const Maker *m, const HsDx *dx, HsFactKind kind)
{
    g_autofree char *node = aws_end(dx);
    g_autofree char *bgp = g_strconcat(dx->element.name, " bgp", NULL);

    return find_lane(m->in, kind, node,
                     kind == HS_FACT_BGP ? bgp : dx->element.name);
}

/* Bits and packets per second, in both directions, of what carries DX (a VIF),
 * or all VIFs of a connection. FIRST is the metric of bits out of AWS; the next
 * three follow it in the list. */
static void
add_rates(Maker *m, HsMetricName first, const HsElement *of,
          const GPtrArray *dxs, const HsMetric *like)
{
    for (unsigned i = 0; i < 4; i++) {
        g_autoptr(GArray) ways = g_array_new(FALSE, FALSE, sizeof(Way));
        double seconds = (double)sample_width(m->in->exposure) / 1e9;
        HsMetric *metric = add_metric(m, (HsMetricName)(first + i), of,
                                      like->label, like->region);
        bool packets = i >= 2;

        memcpy(metric->dimensions, like->dimensions, sizeof like->dimensions);
        metric->dimension_count = like->dimension_count;
        metric->node = like->node;
        for (guint d = 0; d < dxs->len; d++) {
            const HsDx *dx = dxs->pdata[d];

            add_way(m->in, ways, dx->element.name, i % 2 == 0 ? 1 : 0);
        }
        sample_traffic(m, metric, ways, packets, (packets ? 1 : 8) / seconds);
    }
}

static void
add_connection(Maker *m, const HsElement *of, const HsPhysical *physical,
               const GPtrArray *dxs)
{
    HsMetric *state = add_metric(m, HS_METRIC_CONNECTION_STATE, of, of->name,
                                 physical->region);
    const HsDx *first = dxs->len > 0 ? dxs->pdata[0] : NULL;
    g_autofree char *node = first != NULL ? aws_end(first) : NULL;

    state->node = g_intern_string(node);
    add_dimension(state, "ConnectionId", hs_aws_id("dxcon", of->name));
    sample_state(m, state,
                 first != NULL ? dx_lane(m, first, HS_FACT_CARRIER) : NULL,
                 true);
    add_rates(m, HS_METRIC_CONNECTION_BPS_EGRESS, of, dxs, state);
}

/* How many prefixes of SESSION there are at NODE after each change: what KIND
 * of fact announces, less what it withdraws, and none while it is down. */
static void
sample_prefixes(const Maker *m, HsMetric *metric, const HsLane *session,
                HsFactKind kind)
{
    g_autoptr(GHashTable) now = g_hash_table_new(NULL, NULL);
    HsTime warmup = hs_scenario_settings(m->in->scenario, 0)->warmup;
    HsTime sample = 0;
    HsFact fact;

    if (session == NULL)
        return;
    for (size_t i = 0;
         hs_facts_next(m->in->facts, &i,
                       HS_FACT_BIT(kind) | HS_FACT_BIT(HS_FACT_BGP), &fact);) {
        for (; sample <= fact.at; sample += HS_MONITOR_SAMPLE)
            if (sample >= warmup && sample < m->in->end &&
                !is_dead(m, metric->node, sample))
                add_sample(metric, sample, g_hash_table_size(now));
        if (!g_str_equal(fact.node, session->node))
            continue;
        if (fact.kind == HS_FACT_BGP) {
            if (g_str_equal(fact.subject, session->subject) &&
                g_strcmp0(fact.to, "Established") != 0)
                g_hash_table_remove_all(now);
        } else if (g_strcmp0(fact.peer, session->subject) == 0) {
            if (g_strcmp0(fact.to, "announce") == 0)
                g_hash_table_add(now, (gpointer)(uintptr_t)fact.subject);
            else
                g_hash_table_remove(now, fact.subject);
        }
    }
    for (; sample < m->in->end; sample += HS_MONITOR_SAMPLE)
        if (sample >= warmup && !is_dead(m, metric->node, sample))
            add_sample(metric, sample, g_hash_table_size(now));
}

static void
add_vif(Maker *m, const HsDx *dx)
{
    const HsElement *connection =
        dx->connection != NULL ? &dx->connection->element : &dx->element;
    const HsLane *session = dx_lane(m, dx, HS_FACT_BGP);
    g_autoptr(GPtrArray) alone = g_ptr_array_new();
    g_autofree char *node = aws_end(dx);
    HsMetric *status = NULL;

    for (unsigned i = 0; i < 3; i++) {
        HsMetric *metric =
            add_metric(m, (HsMetricName)(HS_METRIC_VIF_BGP_STATUS + i),
                       &dx->element, dx->element.name, dx->physical.region);

        metric->node = g_intern_string(node);
        add_dimension(metric, "ConnectionId",
                      hs_aws_id("dxcon", connection->name));
        add_dimension(metric, "VirtualInterfaceId",
                      hs_aws_id("dxvif", dx->element.name));
        if (i == 0) {
            status = metric;
            sample_state(m, metric, session, false);
        } else {
            sample_prefixes(m, metric, session,
                            i == 1 ? HS_FACT_ROUTE_RECEIVED
                                   : HS_FACT_ROUTE_SENT);
        }
    }
    add_dx(m, alone, dx);
    add_rates(m, HS_METRIC_VIF_BPS_EGRESS, &dx->element, alone, status);
}

static void
add_direct_connect(Maker *m)
{
    const HsConnection *connection;
    const HsDx *dx;

    for (unsigned c = 0;
         (connection = hs_scenario_connection(m->in->scenario, c)); c++) {
        g_autoptr(GPtrArray) on = g_ptr_array_new();

        for (unsigned i = 0; (dx = hs_scenario_dx(m->in->scenario, i)); i++)
            if (dx->connection == connection)
                add_dx(m, on, dx);
        add_connection(m, &connection->element, &connection->physical, on);
    }
    for (unsigned i = 0; (dx = hs_scenario_dx(m->in->scenario, i)); i++) {
        g_autoptr(GPtrArray) alone = g_ptr_array_new();

        add_dx(m, alone, dx);
        if (dx->connection == NULL)
            add_connection(m, &dx->element, &dx->physical, alone);
        add_vif(m, dx);
    }
}

/* VPN */

static HsMetric *
add_vpn_metric(Maker *m, HsMetricName which, const HsVpn *vpn, unsigned tunnel)
{
    const HsTunnelSettings *settings =
        &vpn->tunnel[tunnel > 0 ? tunnel - 1 : 0];
    g_autofree char *label =
        tunnel > 0 ? g_strdup_printf("%s.tunnel%u", vpn->element.name, tunnel)
                   : g_strdup(vpn->element.name);
    g_autofree char *node = g_strconcat(label, ".aws", NULL);
    HsMetric *metric =
        add_metric(m, which, &vpn->element, label, vpn->gateway->region);
    char address[HS_ADDR_TEXT];

    metric->tunnel = tunnel;
    metric->node = tunnel > 0 ? g_intern_string(node) : NULL;
    add_dimension(metric, "VpnId", hs_aws_id("vpn", vpn->element.name));
    if (tunnel > 0)
        add_dimension(metric, "TunnelIpAddress",
                      hs_addr_format(&settings->aws_outside, address));
    return metric;
}

/* A connection's samples are those of all its tunnels, of which one may have
 * datapoints that another has not. */
static void
merge(HsMetric *whole, const HsMetric *part)
{
    guint at = 0;

    for (guint i = 0; i < part->points->len; i++) {
        const HsDatapoint *from = &g_array_index(part->points, HsDatapoint, i);
        HsDatapoint *to;

        while (at < whole->points->len &&
               g_array_index(whole->points, HsDatapoint, at).start <
                   from->start)
            at++;
        if (at == whole->points->len ||
            g_array_index(whole->points, HsDatapoint, at).start !=
                from->start) {
            g_array_insert_val(whole->points, at, *from);
            continue;
        }
        to = &g_array_index(whole->points, HsDatapoint, at);
        to->min = MIN(to->min, from->min);
        to->max = MAX(to->max, from->max);
        to->sum += from->sum;
        to->count += from->count;
    }
}

/* AWS: with BGP a tunnel's state is that of the session, with static routes
 * that of IPsec. */
static void
sample_tunnel(const Maker *m, HsMetric *metric, const HsVpn *vpn)
{
    bool bgp = vpn->routing == HS_ROUTING_BGP;
    g_autofree char *subject =
        g_strconcat(metric->label, bgp ? " bgp" : " esp", NULL);

    sample_state(m, metric,
                 find_lane(m->in, bgp ? HS_FACT_BGP : HS_FACT_TUNNEL,
                           metric->node, subject),
                 false);
}

static void
sample_tunnel_data(const Maker *m, HsMetric *metric)
{
    g_autofree char *link = g_strconcat(metric->label, ".backbone", NULL);
    g_autoptr(GArray) ways = g_array_new(FALSE, FALSE, sizeof(Way));

    add_way(m->in, ways, link,
            metric->which == HS_METRIC_TUNNEL_DATA_IN ? 0 : 1);
    sample_traffic(m, metric, ways, false, 1);
}

static void
add_vpn(Maker *m, const HsVpn *vpn)
{
    for (unsigned i = 0; i < 3; i++) {
        HsMetricName which = (HsMetricName)(HS_METRIC_TUNNEL_STATE + i);
        HsMetric *whole = add_vpn_metric(m, which, vpn, 0);

        for (unsigned t = 1; t <= vpn->tunnels; t++) {
            HsMetric *part = add_vpn_metric(m, which, vpn, t);

            if (which == HS_METRIC_TUNNEL_STATE)
                sample_tunnel(m, part, vpn);
            else
                sample_tunnel_data(m, part);
            merge(whole, part);
        }
    }
}

/* Transit gateways */

/* Whose attachment LINK is: "hub.app" that of the VPC app, "backup.tunnel1
 * .backbone" that of the VPN backup, "primary.backbone" that of the Direct
 * Connect gateway of primary. NULL: of none; an edge is the way of a tunnel's
 * own packets. */
static const HsElement *
attachment_of(const HsMonitorInput *in, const HsGateway *tgw,
              const HsMonitorLink *link)
{
    g_auto(GStrv) parts = g_strsplit(link->name, ".", 3);
    const HsElement *first = hs_scenario_find(in->scenario, parts[0]);

    if (g_str_has_suffix(link->name, ".edge") || first == NULL)
        return NULL;
    if (first == &tgw->element && parts[1] != NULL)
        return hs_scenario_find(in->scenario, parts[1]);
    if (first->kind == HS_KIND_DX && ((const HsDx *)first)->dxgw != NULL)
        return &((const HsDx *)first)->dxgw->element;
    return first;
}

static void
add_tgw_metrics(Maker *m, const HsGateway *tgw, const HsElement *attachment)
{
    const HsMonitorInput *in = m->in;

    for (unsigned i = 0; i < 4; i++) {
        bool inwards = i % 2 == 0;
        g_autoptr(GArray) ways = g_array_new(FALSE, FALSE, sizeof(Way));
        g_autofree char *label =
            attachment != NULL
                ? g_strdup_printf("%s/%s", tgw->element.name, attachment->name)
                : g_strdup(tgw->element.name);
        HsMetric *metric =
            add_metric(m, (HsMetricName)(HS_METRIC_TGW_BYTES_IN + i),
                       &tgw->element, label, tgw->region);

        add_dimension(metric, "TransitGateway",
                      hs_aws_id("tgw", tgw->element.name));
        if (attachment != NULL) {
            metric->attachment = attachment->name;
            add_dimension(metric, "TransitGatewayAttachment",
                          hs_aws_id("tgw-attach", label));
        }
        for (unsigned l = 0; l < in->link_count; l++) {
            const HsMonitorLink *link = &in->links[l];
            const HsElement *of = attachment_of(in, tgw, link);
            bool from = g_str_equal(link->from, tgw->element.name);
            bool to = g_str_equal(link->to, tgw->element.name);
            Way way = {l, from == inwards ? 1 : 0};

            if ((from || to) && of != NULL &&
                (attachment == NULL || of == attachment))
                g_array_append_val(ways, way);
        }
        sample_traffic(m, metric, ways, i >= 2, 1);
    }
}

static void
add_tgw(Maker *m, const HsGateway *tgw)
{
    g_autoptr(GPtrArray) attachments =
        hs_scenario_attachments(m->in->scenario, tgw);

    add_tgw_metrics(m, tgw, NULL);
    for (guint i = 0; i < attachments->len; i++)
        add_tgw_metrics(m, tgw, attachments->pdata[i]);
}

GPtrArray *
hs_metrics_new(const HsMonitorInput *input)
{
    g_autoptr(GArray) crashes = find_crashes(input->facts);
    Maker m = {input, g_ptr_array_new_with_free_func(metric_free), crashes};
    const HsGateway *gateway;
    const HsVpn *vpn;

    add_direct_connect(&m);
    for (unsigned i = 0; (vpn = hs_scenario_vpn(input->scenario, i)); i++)
        add_vpn(&m, vpn);
    for (unsigned i = 0; (gateway = hs_scenario_gateway(input->scenario, i));
         i++)
        if (gateway->type == HS_GATEWAY_TGW)
            add_tgw(&m, gateway);
    return m.metrics;
}

const HsMetric *
hs_metrics_find(const GPtrArray *metrics, HsMetricName which,
                const HsElement *element, unsigned tunnel)
{
    for (guint i = 0; i < metrics->len; i++) {
        const HsMetric *metric = metrics->pdata[i];

        if (metric->which == which && metric->of == element &&
            metric->tunnel == tunnel && metric->attachment == NULL)
            return metric;
    }
    return NULL;
}
