#include "config.h"

#include "sim/scenario/metrics.h"

#include "sim/scenario/schema.h"

#define BIT(kind) HS_KIND_BIT(HS_KIND_##kind)
/* A [dx] with a connection of its own stands for that, too. */
#define PORTS (BIT(CONNECTION) | BIT(DX))

#define DX_STATE(targets_)                                                     \
    {                                                                          \
        "AWS/DX", "None", targets_, true                                       \
    }
#define DX_BITS(targets_)                                                      \
    {                                                                          \
        "AWS/DX", "Bits/Second", targets_, false                               \
    }
#define DX_PACKETS(targets_)                                                   \
    {                                                                          \
        "AWS/DX", "Count/Second", targets_, false                              \
    }
#define DX_COUNT                                                               \
    {                                                                          \
        "AWS/DX", "Count", BIT(DX), false                                      \
    }
#define TGW(unit_)                                                             \
    {                                                                          \
        "AWS/TransitGateway", unit_, BIT(GATEWAY), false                       \
    }

const HsMetricInfo *
hs_metric_info(HsMetricName metric)
{
    static const HsMetricInfo infos[] = {
        [HS_METRIC_CONNECTION_STATE] = DX_STATE(PORTS),
        [HS_METRIC_CONNECTION_BPS_EGRESS] = DX_BITS(PORTS),
        [HS_METRIC_CONNECTION_BPS_INGRESS] = DX_BITS(PORTS),
        [HS_METRIC_CONNECTION_PPS_EGRESS] = DX_PACKETS(PORTS),
        [HS_METRIC_CONNECTION_PPS_INGRESS] = DX_PACKETS(PORTS),
        [HS_METRIC_VIF_BPS_EGRESS] = DX_BITS(BIT(DX)),
        [HS_METRIC_VIF_BPS_INGRESS] = DX_BITS(BIT(DX)),
        [HS_METRIC_VIF_PPS_EGRESS] = DX_PACKETS(BIT(DX)),
        [HS_METRIC_VIF_PPS_INGRESS] = DX_PACKETS(BIT(DX)),
        [HS_METRIC_VIF_BGP_STATUS] = DX_STATE(BIT(DX)),
        [HS_METRIC_VIF_PREFIXES_ACCEPTED] = DX_COUNT,
        [HS_METRIC_VIF_PREFIXES_ADVERTISED] = DX_COUNT,
        [HS_METRIC_TUNNEL_STATE] = {"AWS/VPN", "None", BIT(VPN), true},
        [HS_METRIC_TUNNEL_DATA_IN] = {"AWS/VPN", "Bytes", BIT(VPN), false},
        [HS_METRIC_TUNNEL_DATA_OUT] = {"AWS/VPN", "Bytes", BIT(VPN), false},
        [HS_METRIC_TGW_BYTES_IN] = TGW("Bytes"),
        [HS_METRIC_TGW_BYTES_OUT] = TGW("Bytes"),
        [HS_METRIC_TGW_PACKETS_IN] = TGW("Count"),
        [HS_METRIC_TGW_PACKETS_OUT] = TGW("Count"),
    };

    G_STATIC_ASSERT(G_N_ELEMENTS(infos) == HS_METRIC_COUNT);
    g_assert((unsigned)metric < G_N_ELEMENTS(infos));
    return &infos[metric];
}

HsDuration
hs_metric_period(const HsScenario *scenario, HsMetricName metric)
{
    const HsMonitoring *m = hs_scenario_monitoring(scenario, 0);

    if (metric >= HS_METRIC_TGW_BYTES_IN)
        return HS_SEC(60); /* "CloudWatch metrics" of either guide */
    if (metric >= HS_METRIC_TUNNEL_STATE)
        return m->vpn_period;
    if (metric >= HS_METRIC_VIF_BGP_STATUS)
        return m->dx_bgp_period;
    return m->dx_period;
}

bool
hs_monitoring_epoch(const char *start, int64_t *ret_seconds)
{
    g_autoptr(GDateTime) at = g_date_time_new_from_iso8601(start, NULL);

    if (at == NULL || !g_str_has_suffix(start, "Z"))
        return false;
    *ret_seconds = g_date_time_to_unix(at);
    return g_date_time_get_microsecond(at) == 0;
}
