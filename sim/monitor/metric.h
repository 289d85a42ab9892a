/* CloudWatch's datapoints of a run.
 *
 * A metric is one series: a name of AWS's, the dimensions that tell one
 * resource from another, and a datapoint for each period. What something does
 * is sampled every 30 s, as Direct Connect is; a datapoint keeps of its samples
 * the four numbers that every statistic of CloudWatch comes from, and so never
 * tells what was between them. */

#ifndef HS_MONITOR_METRIC_H
#define HS_MONITOR_METRIC_H

#include "sim/observe/exposure.h"
#include "sim/observe/facts.h"
#include "sim/scenario/scenario.h"

#include <glib.h>

/* A sample's instant is the beginning of its 30 s. */
#define HS_MONITOR_SAMPLE HS_SEC(30)

/* A link of the world, in the order of the exposure's. */
typedef struct {
    const char *name, *from, *to;
} HsMonitorLink;

/* What everything here is made from; all of it is borrowed. */
typedef struct {
    const HsScenario *scenario;
    const HsFacts *facts;
    const HsExposure *exposure;
    const GPtrArray *lanes; /* HsLane */
    const HsMonitorLink *links;
    unsigned link_count;
    HsTime end;
} HsMonitorInput;

typedef struct {
    HsTime start; /* of its period */
    double min, max, sum;
    uint64_t count; /* of samples */
} HsDatapoint;

double hs_datapoint_value(const HsDatapoint *point, HsStatistic statistic);

typedef struct {
    const char *name, *value; /* interned */
} HsDimension;

#define HS_DIMENSIONS 2

typedef struct {
    HsMetricName which;
    const HsElement *of;    /* what an alarm would name */
    unsigned tunnel;        /* of a VPN: 1 or 2; 0: of the connection */
    const char *attachment; /* of a TGW: one of its attachments, or NULL */
    const char *label;      /* interned: "backup.tunnel1", "hub/app" */
    const char *node;       /* of AWS's that says so, interned, or NULL */
    const char *region;     /* interned */
    HsDimension dimensions[HS_DIMENSIONS];
    unsigned dimension_count;
    HsDuration period;
    GArray *points; /* HsDatapoint by start, those with a sample; owned */
} HsMetric;

/* REGION as AWS would name it; interned. */
const char *hs_aws_region(const HsScenario *scenario, const char *region);

/* HsMetric in the order of the scenario's elements (transfer full; it frees
 * what is in it). */
GPtrArray *hs_metrics_new(const HsMonitorInput *input);

/* Of ELEMENT's tunnel TUNNEL (0: of itself); NULL if there is none. */
const HsMetric *hs_metrics_find(const GPtrArray *metrics, HsMetricName which,
                                const HsElement *element, unsigned tunnel);

#endif
