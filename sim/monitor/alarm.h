/* CloudWatch alarms over the datapoints of a run: when each changed its state,
 * and what it had seen. */

#ifndef HS_MONITOR_ALARM_H
#define HS_MONITOR_ALARM_H

#include "sim/monitor/metric.h"

#define HS_ALARM_STATES(X)                                                     \
    X(INSUFFICIENT_DATA, "INSUFFICIENT_DATA")                                  \
    X(OK, "OK")                                                                \
    X(ALARM, "ALARM")

typedef enum {
#define X(name, text) HS_ALARM_##name,
    HS_ALARM_STATES(X)
#undef X
} HsAlarmState;

const char *hs_alarm_state_name(HsAlarmState state);

/* One datapoint, as an alarm takes it. */
typedef enum {
    HS_SLOT_MISSING,
    HS_SLOT_OK,
    HS_SLOT_BREACHING,
} HsSlot;

/* Evaluates RANGE datapoints, the oldest first, of which N count and M must
 * breach. CURRENT is the state that it may keep. */
HsAlarmState
hs_alarm_judge(const HsSlot *slots, unsigned range, unsigned n, unsigned m,
               HsMissingData missing, HsAlarmState current);

/* A change of state. DATA_UNTIL: the end of the newest datapoint's period. */
typedef struct {
    HsTime data_until;
    HsTime at; /* with the delays; may be after the end of the run */
    HsAlarmState from, to;
    HsTime newest;      /* start of the newest datapoint that was there, or
                         * HS_TIME_NEVER: there was none */
    double value;       /* of that */
    unsigned breaching; /* of the N that counted */
    unsigned counted;   /* of them, those that were there */
} HsAlarmChange;

typedef struct {
    const char *name;       /* interned */
    const HsMetric *metric; /* borrowed from the metrics */
    bool advice;            /* nobody wrote it: after AWS's examples */
    HsStatistic statistic;
    HsDuration period;
    double threshold;
    HsAlarmComparison comparison;
    unsigned periods, datapoints;
    HsMissingData missing;
    GArray *changes;    /* HsAlarmChange by time; owned */
    HsAlarmState state; /* at the end */
} HsAlarmHistory;

/* The scenario's alarms, or those of AWS's examples if it has none, evaluated
 * over METRICS up to the end of the run (transfer full: HsAlarmHistory, freed
 * with the array). */
GPtrArray *hs_alarms_new(const HsMonitorInput *input, const GPtrArray *metrics);

#endif
