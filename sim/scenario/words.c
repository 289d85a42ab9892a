/* Their names. An enumerator that is not in its list is a programming error. */

#include "config.h"

#include "sim/scenario/schema.h"

#include <stddef.h>

#define X(name, text) text,
const char *const hs_preset_words[] = {HS_PRESETS(X) NULL};
const char *const hs_gateway_type_words[] = {HS_GATEWAY_TYPES(X) NULL};
const char *const hs_vif_words[] = {HS_VIFS(X) NULL};
const char *const hs_connection_type_words[] = {HS_CONNECTION_TYPES(X) NULL};
const char *const hs_macsec_words[] = {HS_MACSECS(X) NULL};
const char *const hs_zone_words[] = {HS_ZONES(X) NULL};
const char *const hs_nat_gateway_type_words[] = {HS_NAT_GATEWAY_TYPES(X) NULL};
const char *const hs_encryption_words[] = {HS_ENCRYPTIONS(X) NULL};
const char *const hs_integrity_words[] = {HS_INTEGRITIES(X) NULL};
const char *const hs_dh_group_words[] = {HS_DH_GROUPS(X) NULL};
const char *const hs_ike_preset_words[] = {HS_IKE_PRESETS(X) NULL};
const char *const hs_startup_words[] = {HS_STARTUPS(X) NULL};
const char *const hs_dpd_mode_words[] = {HS_DPD_MODES(X) NULL};
const char *const hs_dpd_action_words[] = {HS_DPD_ACTIONS(X) NULL};
const char *const hs_routing_words[] = {HS_ROUTINGS(X) NULL};
const char *const hs_bandwidth_words[] = {HS_BANDWIDTHS(X) NULL};
const char *const hs_profile_words[] = {HS_PROFILES(X) NULL};
const char *const hs_loop_words[] = {HS_LOOPS(X) NULL};
const char *const hs_arrival_kind_words[] = {HS_ARRIVAL_KINDS(X) NULL};
const char *const hs_metric_words[] = {HS_METRICS(X) NULL};
const char *const hs_statistic_words[] = {HS_STATISTICS(X) NULL};
const char *const hs_alarm_comparison_words[] = {HS_ALARM_COMPARISONS(X) NULL};
const char *const hs_missing_data_words[] = {HS_MISSING_DATA(X) NULL};
const char *const hs_bulk_kind_words[] = {HS_BULK_KINDS(X) NULL};
const char *const hs_reach_words[] = {HS_REACHES(X) NULL};
const char *const hs_fault_action_words[] = {HS_FAULT_ACTIONS(X) NULL};
const char *const hs_flap_way_words[] = {HS_FLAP_WAYS(X) NULL};
const char *const hs_direction_words[] = {HS_DIRECTIONS(X) NULL};
static const char *const origin_words[] = {HS_ORIGINS(X) NULL};
#undef X

#define X(name, type, field, text) text,
static const char *const kind_words[] = {HS_SCENARIO_KINDS(X) NULL};
#undef X

#define NAME_FUNCTION(function, type, words)                                   \
    const char *function(type value)                                           \
    {                                                                          \
        g_assert((unsigned)value < G_N_ELEMENTS(words) - 1);                   \
        return words[value];                                                   \
    }

NAME_FUNCTION(hs_preset_name, HsPreset, hs_preset_words)
NAME_FUNCTION(hs_gateway_type_name, HsGatewayType, hs_gateway_type_words)
NAME_FUNCTION(hs_vif_name, HsVif, hs_vif_words)
NAME_FUNCTION(hs_connection_type_name, HsConnectionType,
              hs_connection_type_words)
NAME_FUNCTION(hs_macsec_name, HsMacsec, hs_macsec_words)
NAME_FUNCTION(hs_zone_name, HsZone, hs_zone_words)
NAME_FUNCTION(hs_nat_gateway_type_name, HsNatGatewayType,
              hs_nat_gateway_type_words)
NAME_FUNCTION(hs_encryption_name, HsEncryption, hs_encryption_words)
NAME_FUNCTION(hs_integrity_name, HsIntegrity, hs_integrity_words)
NAME_FUNCTION(hs_dh_group_name, HsDhGroup, hs_dh_group_words)
NAME_FUNCTION(hs_ike_preset_name, HsIkePreset, hs_ike_preset_words)
NAME_FUNCTION(hs_startup_name, HsStartup, hs_startup_words)
NAME_FUNCTION(hs_dpd_mode_name, HsDpdMode, hs_dpd_mode_words)
NAME_FUNCTION(hs_dpd_action_name, HsDpdAction, hs_dpd_action_words)
NAME_FUNCTION(hs_routing_name, HsRouting, hs_routing_words)
NAME_FUNCTION(hs_bandwidth_name, HsBandwidth, hs_bandwidth_words)
NAME_FUNCTION(hs_profile_name, HsProfile, hs_profile_words)
NAME_FUNCTION(hs_arrival_kind_name, HsArrivalKind, hs_arrival_kind_words)
NAME_FUNCTION(hs_metric_name, HsMetricName, hs_metric_words)
NAME_FUNCTION(hs_statistic_name, HsStatistic, hs_statistic_words)
NAME_FUNCTION(hs_alarm_comparison_name, HsAlarmComparison,
              hs_alarm_comparison_words)
NAME_FUNCTION(hs_missing_data_name, HsMissingData, hs_missing_data_words)
NAME_FUNCTION(hs_bulk_kind_name, HsBulkKind, hs_bulk_kind_words)
NAME_FUNCTION(hs_reach_name, HsReach, hs_reach_words)
NAME_FUNCTION(hs_fault_action_name, HsFaultAction, hs_fault_action_words)
NAME_FUNCTION(hs_flap_way_name, HsFlapWay, hs_flap_way_words)
NAME_FUNCTION(hs_direction_name, HsDirection, hs_direction_words)
NAME_FUNCTION(hs_origin_name, HsOrigin, origin_words)
NAME_FUNCTION(hs_kind_name, HsKind, kind_words)
