/* The metrics of CloudWatch that a run can be shown in: to whom each belongs,
 * its unit, and how often AWS has a datapoint of it. */

#ifndef HS_SCENARIO_METRICS_H
#define HS_SCENARIO_METRICS_H

#include "sim/scenario/scenario.h"

typedef struct {
    const char *space; /* the namespace: "AWS/DX" */
    const char *unit;  /* as CloudWatch names it: "Bits/Second" */
    uint32_t targets;  /* kinds of element, a bit for each */
    bool state;        /* 1 or 0: whether something works */
} HsMetricInfo;

const HsMetricInfo *hs_metric_info(HsMetricName metric);

/* From one datapoint to the next. */
HsDuration hs_metric_period(const HsScenario *scenario, HsMetricName metric);

/* Seconds since 1970 at the run's beginning; false if START is no such instant:
 * ISO 8601, in UTC. */
bool hs_monitoring_epoch(const char *start, int64_t *ret_seconds);

#endif
