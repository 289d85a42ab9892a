#include "config.h"

#include "sim/output/result.h"

static void
realtime_free(HsResultRealtime *realtime)
{
    g_free(realtime->started);
    g_array_unref(realtime->ports);
    g_free(realtime);
}

void
hs_result_clear(HsResult *result)
{
    g_clear_pointer(&result->timeline, hs_timeline_free);
    g_clear_pointer(&result->stats, hs_stats_free);
    g_clear_pointer(&result->readings, hs_readings_free);
    g_clear_pointer(&result->verdict, hs_verdict_free);
    g_clear_pointer(&result->bounds, g_array_unref);
    g_clear_pointer(&result->links, g_array_unref);
    g_clear_pointer(&result->drops, g_array_unref);
    g_clear_pointer(&result->routers, g_array_unref);
    g_clear_pointer(&result->tunnels, g_array_unref);
    g_clear_pointer(&result->probes, g_array_unref);
    g_clear_pointer(&result->request_series, g_ptr_array_unref);
    g_clear_pointer(&result->probe_series, g_ptr_array_unref);
    g_clear_pointer(&result->lanes, g_ptr_array_unref);
    g_clear_pointer(&result->assumptions, g_ptr_array_unref);
    g_clear_pointer(&result->findings, g_ptr_array_unref);
    g_clear_pointer(&result->values, g_ptr_array_unref);
    g_clear_pointer(&result->realtime, realtime_free);
}
