/* The parts of a monitor: for the files of this folder. */

#ifndef HS_MONITOR_PRIVATE_H
#define HS_MONITOR_PRIVATE_H

#include "sim/monitor/monitor.h"
#include "sim/observe/series.h"

/* A new message in LIST (owned by it). JSON's reference is taken. */
HsMessage *
hs_message_add(GPtrArray *list, HsTime at, HsTime delivered, const char *source,
               const char *type, const char *subject, const char *what,
               bool bad, json_t *json);

/* Of alarms, and of Network Manager if it tells; and what SNS sends. */
void hs_monitor_events(HsMonitor *monitor, const HsMonitorInput *input);

/* Of VPN tunnels, as AWS's ends see them. */
void hs_monitor_logs(HsMonitor *monitor, const HsMonitorInput *input);

void hs_monitor_known(HsMonitor *monitor, const HsTimeline *timeline);

void hs_monitor_blind_spots(HsMonitor *monitor, const HsMonitorInput *input,
                            const HsTimeline *timeline);

/* "VirtualInterfaceBgpStatus of primary". Transfer full. */
char *hs_metric_title(const HsMetric *metric);

/* Appends VALUE as JSON and CSV have it: whole numbers without a fraction. */
void hs_append_value(GString *text, double value);

#endif
