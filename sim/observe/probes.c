/* The rate is counted over whole numbers of arrivals: from the first to the
 * last one in the window, so many gaps in so much time. The window is the
 * second half of the sending, moved by the least delay; queues are full by
 * then, and a policer's burst is used up. */

#include "config.h"

#include "sim/observe/probes.h"

typedef struct {
    HsTime first, last;
    uint64_t count;
} Window;

static double
rate_in(const GArray *probes, guint from, HsDuration least)
{
    const HsProbeSample *first = &g_array_index(probes, HsProbeSample, from);
    const HsProbeSample *last =
        &g_array_index(probes, HsProbeSample, probes->len - 1);
    HsTime low = first->sent + (last->sent - first->sent) / 2 + least;
    Window seen = {.first = HS_TIME_NEVER};

    for (guint i = from; i < probes->len; i++) {
        const HsProbeSample *probe = &g_array_index(probes, HsProbeSample, i);

        if (probe->arrived == HS_TIME_NEVER || probe->arrived < low)
            continue;
        seen.first = MIN(seen.first, probe->arrived);
        seen.last = MAX(seen.last, probe->arrived);
        seen.count++;
    }
    if (seen.count < 2 || seen.last == seen.first)
        return 0;
    return (double)(seen.count - 1) * 1e9 / (double)(seen.last - seen.first);
}

static HsProbeStats
stats_of(const HsDirectionSamples *direction, HsTime start)
{
    HsProbeStats stats = {.direction = direction->direction};
    g_autoptr(GArray) delays = g_array_new(FALSE, FALSE, sizeof(HsDuration));
    guint from = 0;

    for (guint i = 0; i < direction->probes->len; i++) {
        const HsProbeSample *probe =
            &g_array_index(direction->probes, HsProbeSample, i);
        HsDuration delay = probe->arrived - probe->sent;

        if (probe->sent < start) {
            from = i + 1;
            continue;
        }
        stats.sent++;
        if (probe->arrived != HS_TIME_NEVER)
            g_array_append_val(delays, delay);
    }
    stats.received = delays->len;
    if (delays->len == 0)
        return stats;
    stats.delay =
        hs_latency_of((HsDuration *)(void *)delays->data, delays->len);
    stats.variation = stats.delay.p99 - stats.delay.min;
    stats.rate = rate_in(direction->probes, from, stats.delay.min);
    return stats;
}

static void
add_stats(GArray *list, const GPtrArray *directions, HsTime start)
{
    for (guint i = 0; i < directions->len; i++) {
        HsProbeStats stats = stats_of(directions->pdata[i], start);

        g_array_append_val(list, stats);
    }
}

GArray *
hs_probe_stats_new(const HsSamples *samples, HsTime start)
{
    GArray *list = g_array_new(FALSE, FALSE, sizeof(HsProbeStats));

    add_stats(list, samples->directions, start);
    add_stats(list, samples->apart, start);
    return list;
}
