#include "config.h"

#include "sim/output/result.h"

static void
realtime_free(HsResultRealtime *realtime)
{
    g_free(realtime->started);
    g_array_unref(realtime->ports);
    g_free(realtime);
}

HsResultPath *
hs_result_path_new(const HsResultPath *model)
{
    HsResultPath *path = g_new(HsResultPath, 1);

    *path = *model;
    path->nodes = g_ptr_array_new();
    path->links = g_ptr_array_new();
    path->tunnels = g_ptr_array_new();
    return path;
}

void
hs_result_path_free(void *data)
{
    HsResultPath *path = data;

    g_ptr_array_unref(path->nodes);
    g_ptr_array_unref(path->links);
    g_ptr_array_unref(path->tunnels);
    g_free(path);
}

void
hs_advice_free(void *data)
{
    HsAdvice *advice = data;

    g_free(advice->change);
    g_free(advice->set);
    g_free(advice->text);
    g_free(advice);
}

void
hs_result_clear(HsResult *result)
{
    g_clear_pointer(&result->timeline, hs_timeline_free);
    g_clear_pointer(&result->stats, hs_stats_free);
    g_clear_pointer(&result->readings, hs_readings_free);
    g_clear_pointer(&result->verdict, hs_verdict_free);
    g_clear_pointer(&result->bounds, g_array_unref);
    g_clear_pointer(&result->nodes, g_array_unref);
    g_clear_pointer(&result->paths, g_ptr_array_unref);
    g_clear_pointer(&result->links, g_array_unref);
    g_clear_pointer(&result->drops, g_array_unref);
    g_clear_pointer(&result->routers, g_array_unref);
    g_clear_pointer(&result->tunnels, g_array_unref);
    g_clear_pointer(&result->probes, g_array_unref);
    g_clear_pointer(&result->clients, g_array_unref);
    g_clear_pointer(&result->request_series, g_ptr_array_unref);
    g_clear_pointer(&result->probe_series, g_ptr_array_unref);
    g_clear_pointer(&result->monitor, hs_monitor_free);
    g_clear_pointer(&result->lanes, g_ptr_array_unref);
    g_clear_pointer(&result->assumptions, g_ptr_array_unref);
    g_clear_pointer(&result->findings, g_ptr_array_unref);
    g_clear_pointer(&result->values, g_ptr_array_unref);
    g_clear_pointer(&result->replay, hs_replay_felt_free);
    g_clear_pointer(&result->streams, g_array_unref);
    g_clear_pointer(&result->realtime, realtime_free);
    g_clear_pointer(&result->advice, g_ptr_array_unref);
}
