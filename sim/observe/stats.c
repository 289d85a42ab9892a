/* Exact percentiles, by phase and client.
 *
 * Latency runs from the intended instant of a request to its reply. Requests
 * that failed or were never answered have no latency: they are counted beside
 * it, and a percentile without them is a percentile of the answers. */

#include "config.h"

#include "sim/observe/stats.h"

#include <math.h>
#include <stdlib.h>

const char *
hs_phase_name(HsPhase phase)
{
    static const char *const names[] = {
#define X(name, text) [HS_PHASE_##name] = text,
        HS_PHASES(X)
#undef X
    };

    g_assert((unsigned)phase < HS_PHASE_COUNT);
    return names[phase];
}

static int
by_value(const void *a, const void *b)
{
    HsDuration x = *(const HsDuration *)a, y = *(const HsDuration *)b;

    return (x > y) - (x < y);
}

HsDuration
hs_percentile(const HsDuration *sorted, size_t count, double percent)
{
    /* Hundredths of a percent as an integer: ceil() of a product of floating
     * point numbers would be one rank off now and then. */
    uint64_t parts = (uint64_t)llround(percent * 100);
    uint64_t rank = ((uint64_t)count * parts + 9999) / 10000;

    g_assert(count > 0 && parts <= 10000);
    return sorted[rank > 0 ? rank - 1 : 0];
}

/* A sum of nanoseconds overflows 64 bits after three million waits of an hour
 * each; the mean is taken without one. */
static HsDuration
mean_of(const HsDuration *values, size_t count)
{
    int64_t n = (int64_t)count, quotient = 0, rest = 0;

    for (size_t i = 0; i < count; i++) {
        quotient += values[i] / n;
        rest += values[i] % n;
        quotient += rest / n;
        rest %= n;
    }
    return quotient;
}

HsLatency
hs_latency_of(HsDuration *values, size_t count)
{
    HsLatency latency = {.count = count};

    if (count == 0)
        return latency;
    qsort(values, count, sizeof *values, by_value);
    latency.min = values[0];
    latency.mean = mean_of(values, count);
    latency.p50 = hs_percentile(values, count, 50);
    latency.p90 = hs_percentile(values, count, 90);
    latency.p99 = hs_percentile(values, count, 99);
    latency.p999 = hs_percentile(values, count, 99.9);
    latency.max = values[count - 1];
    return latency;
}

HsSpread
hs_spread_of(HsDuration *values, size_t count, uint64_t missing)
{
    HsSpread spread = {.runs = count + missing, .missing = missing};
    HsLatency latency = hs_latency_of(values, count);

    spread.min = latency.min;
    spread.p50 = latency.p50;
    spread.p90 = latency.p90;
    spread.p99 = latency.p99;
    spread.max = latency.max;
    return spread;
}

/* When the client was settled after FAULT: never, if it did not; at once, if it
 * was not even interrupted. */
static HsTime
settled_at(const HsFaultTimeline *fault, const char *client)
{
    const HsClientFailover *f = hs_fault_client(fault, client);

    if (f == NULL || f->recovery == HS_RECOVERY_UNINTERRUPTED)
        return fault->t0;
    if (f->parts[HS_PART_SETTLED].status == HS_STATUS_HAPPENED)
        return f->parts[HS_PART_SETTLED].at;
    return HS_TIME_NEVER;
}

HsPhase
hs_phase_at(const HsTimeline *timeline, const char *client, HsTime at)
{
    const HsFaultTimeline *fault = NULL;

    for (guint i = 0; i < timeline->faults->len; i++) {
        const HsFaultTimeline *next = g_ptr_array_index(timeline->faults, i);

        if (next->t0 > at)
            break;
        fault = next;
    }
    if (fault == NULL)
        return HS_PHASE_BEFORE;
    if (at < settled_at(fault, client))
        return HS_PHASE_DURING;
    return at < fault->cleared ? HS_PHASE_AFTER : HS_PHASE_FAILBACK;
}

/* What a request is held against to count as delayed: the latest fault's
 * bands, or the first one's before any. */
static HsDuration
late_over(const HsTimeline *timeline, const char *client, HsTime at)
{
    HsDuration late = HS_TIME_NEVER;

    for (guint i = 0; i < timeline->faults->len; i++) {
        const HsFaultTimeline *fault = g_ptr_array_index(timeline->faults, i);
        const HsClientFailover *f = hs_fault_client(fault, client);

        if (i > 0 && fault->t0 > at)
            break;
        if (f != NULL)
            late = f->late_over;
    }
    return late;
}

static void
count_request(const HsRequestSample *request, HsDuration late,
              HsRequestCounts *counts)
{
    counts->sent++;
    switch (request->state) {
    case HS_REQUEST_PENDING:
        counts->pending++;
        return;
    case HS_REQUEST_FAILED:
        counts->failed++;
        return;
    case HS_REQUEST_ANSWERED:
        counts->answered++;
        counts->delayed += request->done - request->sent > late;
        return;
    case HS_REQUEST_STATE_COUNT:
        break;
    }
    g_assert_not_reached();
}

static HsClientStats
client_stats(const HsClientSamples *client, const HsTimeline *timeline)
{
    HsClientStats stats = {.client = client->client};

    for (int p = 0; p <= HS_PHASE_COUNT; p++)
        stats.sorted[p] = g_array_new(FALSE, FALSE, sizeof(HsDuration));
    for (guint i = 0; i < client->requests->len; i++) {
        const HsRequestSample *request = hs_client_request(client, i);
        HsDuration latency = request->done - request->sent, late;
        HsPhase phase;

        if (request->sent < timeline->start || request->sent >= timeline->end)
            continue;
        phase = hs_phase_at(timeline, client->client, request->sent);
        /* Under way at the first fault: its latency is the fault's doing. */
        if (phase == HS_PHASE_BEFORE &&
            hs_phase_at(timeline, client->client, request->done) !=
                HS_PHASE_BEFORE)
            phase = HS_PHASE_DURING;
        late = late_over(timeline, client->client, request->sent);
        count_request(request, late, &stats.phases[phase].requests);
        count_request(request, late, &stats.all.requests);
        if (request->state != HS_REQUEST_ANSWERED)
            continue;
        g_array_append_val(stats.sorted[phase], latency);
        g_array_append_val(stats.sorted[HS_PHASE_COUNT], latency);
    }
    for (int p = 0; p <= HS_PHASE_COUNT; p++) {
        HsPhaseStats *phase =
            p < HS_PHASE_COUNT ? &stats.phases[p] : &stats.all;

        phase->latency = hs_latency_of(
            (HsDuration *)(void *)stats.sorted[p]->data, stats.sorted[p]->len);
    }
    return stats;
}

static void
client_stats_clear(gpointer data)
{
    HsClientStats *stats = data;

    for (int p = 0; p <= HS_PHASE_COUNT; p++)
        g_array_unref(stats->sorted[p]);
}

HsStats *
hs_stats_new(const HsSamples *samples, const HsTimeline *timeline)
{
    HsStats *stats = g_new0(HsStats, 1);

    stats->clients = g_array_new(FALSE, FALSE, sizeof(HsClientStats));
    g_array_set_clear_func(stats->clients, client_stats_clear);
    for (guint i = 0; i < samples->clients->len; i++) {
        HsClientStats client =
            client_stats(g_ptr_array_index(samples->clients, i), timeline);

        g_array_append_val(stats->clients, client);
    }
    return stats;
}

void
hs_stats_free(HsStats *stats)
{
    if (stats == NULL)
        return;
    g_array_unref(stats->clients);
    g_free(stats);
}
