/* The words of a scenario: each list is what a file writes, in the order it is
 * offered. Enumerators, printed names and the schema come from the same list.
 */

#ifndef HS_SCENARIO_WORDS_H
#define HS_SCENARIO_WORDS_H

#define HS_PRESETS(X)                                                          \
    X(RFC, "rfc")                                                              \
    X(FRR, "frr")                                                              \
    X(BIRD, "bird")                                                            \
    X(AWS, "aws")

#define HS_GATEWAY_TYPES(X)                                                    \
    X(VGW, "vgw")                                                              \
    X(TGW, "tgw")

#define HS_VIFS(X)                                                             \
    X(PRIVATE, "private")                                                      \
    X(TRANSIT, "transit")                                                      \
    X(PUBLIC, "public")

#define HS_CONNECTION_TYPES(X)                                                 \
    X(DEDICATED, "dedicated") /* a port of its own */                          \
    X(HOSTED, "hosted")       /* a share of a partner's, policed */

#define HS_MACSECS(X)                                                          \
    X(OFF, "off")                                                              \
    X(SHOULD, "should_encrypt") /* in clear if it must be */                   \
    X(MUST, "must_encrypt")

/* Availability zones of a region. */
#define HS_ZONES(X)                                                            \
    X(A, "a") /* where tunnel 1 of a VPN ends */                               \
    X(B, "b") /* and tunnel 2 */

#define HS_NAT_GATEWAY_TYPES(X)                                                \
    X(PUBLIC, "public")                                                        \
    X(PRIVATE, "private")

#define HS_ENCRYPTIONS(X)                                                      \
    X(AES128, "aes128") /* CBC */                                              \
    X(AES256, "aes256")                                                        \
    X(AES128_GCM16, "aes128-gcm16")                                            \
    X(AES256_GCM16, "aes256-gcm16")

/* HMACs; with GCM, which authenticates by itself, the PRF of IKE. */
#define HS_INTEGRITIES(X)                                                      \
    X(SHA1, "sha1")                                                            \
    X(SHA2_256, "sha2-256")                                                    \
    X(SHA2_384, "sha2-384")                                                    \
    X(SHA2_512, "sha2-512")

/* Diffie-Hellman groups, by IANA's numbers. */
#define HS_DH_GROUPS(X)                                                        \
    X(2, "2")                                                                  \
    X(5, "5")                                                                  \
    X(14, "14")                                                                \
    X(15, "15")                                                                \
    X(16, "16")                                                                \
    X(17, "17")                                                                \
    X(18, "18")                                                                \
    X(19, "19")                                                                \
    X(20, "20")                                                                \
    X(21, "21")                                                                \
    X(22, "22")                                                                \
    X(23, "23")                                                                \
    X(24, "24")                                                                \
    X(31, "31")

#define HS_IKE_PRESETS(X)                                                      \
    X(STRONGSWAN, "strongswan")                                                \
    X(CISCO, "cisco")

#define HS_STARTUPS(X)                                                         \
    X(ADD, "add") /* waits for the other side */                               \
    X(START, "start")

#define HS_DPD_MODES(X)                                                        \
    X(OFF, "off")                                                              \
    X(ON_DEMAND, "on-demand") /* only when something was sent */               \
    X(PERIODIC, "periodic")

#define HS_DPD_ACTIONS(X)                                                      \
    X(CLEAR, "clear")                                                          \
    X(NONE, "none")                                                            \
    X(RESTART, "restart")

/* How a VPN connection learns its routes. */
#define HS_ROUTINGS(X)                                                         \
    X(BGP, "bgp")                                                              \
    X(STATIC, "static")

#define HS_BANDWIDTHS(X)                                                       \
    X(STANDARD, "standard") /* 1.25 Gbit/s a tunnel */                         \
    X(LARGE, "large")       /* 5 Gbit/s */

/* Whose defaults a database's client and server have. */
#define HS_PROFILES(X)                                                         \
    X(GENERIC, "generic")                                                      \
    X(LIBPQ, "postgresql-libpq")                                               \
    X(PGJDBC, "postgresql-pgjdbc-hikaricp")                                    \
    X(PGBOUNCER, "postgresql-pgbouncer")                                       \
    X(CONNECTOR_J, "mysql-connector-j-hikaricp")

#define HS_LOOPS(X)                                                            \
    X(OPEN, "open")                                                            \
    X(CLOSED, "closed")

#define HS_ARRIVAL_KINDS(X)                                                    \
    X(POISSON, "poisson")                                                      \
    X(CONSTANT, "constant")

/* What CloudWatch measures: the names that AWS gives its metrics. */
#define HS_METRICS(X)                                                          \
    X(CONNECTION_STATE, "ConnectionState")                                     \
    X(CONNECTION_BPS_EGRESS, "ConnectionBpsEgress")                            \
    X(CONNECTION_BPS_INGRESS, "ConnectionBpsIngress")                          \
    X(CONNECTION_PPS_EGRESS, "ConnectionPpsEgress")                            \
    X(CONNECTION_PPS_INGRESS, "ConnectionPpsIngress")                          \
    X(VIF_BPS_EGRESS, "VirtualInterfaceBpsEgress")                             \
    X(VIF_BPS_INGRESS, "VirtualInterfaceBpsIngress")                           \
    X(VIF_PPS_EGRESS, "VirtualInterfacePpsEgress")                             \
    X(VIF_PPS_INGRESS, "VirtualInterfacePpsIngress")                           \
    X(VIF_BGP_STATUS, "VirtualInterfaceBgpStatus")                             \
    X(VIF_PREFIXES_ACCEPTED, "VirtualInterfaceBgpPrefixesAccepted")            \
    X(VIF_PREFIXES_ADVERTISED, "VirtualInterfaceBgpPrefixesAdvertised")        \
    X(TUNNEL_STATE, "TunnelState")                                             \
    X(TUNNEL_DATA_IN, "TunnelDataIn")                                          \
    X(TUNNEL_DATA_OUT, "TunnelDataOut")                                        \
    X(TGW_BYTES_IN, "BytesIn")                                                 \
    X(TGW_BYTES_OUT, "BytesOut")                                               \
    X(TGW_PACKETS_IN, "PacketsIn")                                             \
    X(TGW_PACKETS_OUT, "PacketsOut")

/* Of an alarm, as AWS writes them. */
#define HS_STATISTICS(X)                                                       \
    X(MINIMUM, "Minimum")                                                      \
    X(MAXIMUM, "Maximum")                                                      \
    X(AVERAGE, "Average")                                                      \
    X(SUM, "Sum")                                                              \
    X(SAMPLE_COUNT, "SampleCount")

#define HS_ALARM_COMPARISONS(X)                                                \
    X(LESS, "LessThanThreshold")                                               \
    X(LESS_OR_EQUAL, "LessThanOrEqualToThreshold")                             \
    X(GREATER, "GreaterThanThreshold")                                         \
    X(GREATER_OR_EQUAL, "GreaterThanOrEqualToThreshold")

/* How an alarm takes a datapoint that is not there. */
#define HS_MISSING_DATA(X)                                                     \
    X(MISSING, "missing")                                                      \
    X(NOT_BREACHING, "notBreaching")                                           \
    X(BREACHING, "breaching")                                                  \
    X(IGNORE, "ignore")

#define HS_BULK_KINDS(X)                                                       \
    X(TCP, "tcp")                                                              \
    X(UDP, "udp")

/* What a probe is expected to find, after warm-up and outside faults. */
#define HS_REACHES(X)                                                          \
    X(REACHABLE, "reachable")     /* every probe arrives */                    \
    X(UNREACHABLE, "unreachable") /* none does */                              \
    X(ANY, "any")                 /* nobody asks */

#define HS_FAULT_ACTIONS(X)                                                    \
    X(LINK_DOWN, "link-down")           /* both ends lose carrier */           \
    X(BLACKHOLE, "blackhole")           /* packets vanish, nobody is told */   \
    X(BROWNOUT, "brownout")             /* loss, delay, jitter, less rate */   \
    X(FLAP, "flap")                     /* down and up again, over and over */ \
    X(MTU, "mtu")                       /* packets above a size vanish */      \
    X(BGP_ADMIN_DOWN, "bgp-admin-down") /* AWS's failover test */              \
    X(WITHDRAW, "withdraw")         /* the customer announces nothing here */  \
    X(PREFIX_LIMIT, "prefix-limit") /* the customer announces too much */      \
    X(NODE_CRASH, "node-crash")     /* all of it; it restarts afterwards */    \
    X(NODE_FREEZE, "node-freeze")   /* forwards, its control plane is dead */  \
    X(NODE_STALL, "node-stall")     /* the reverse */                          \
    X(IKE_PSK_MISMATCH, "ike-psk-mismatch") /* one side has a new key */       \
    X(SA_DELETE, "sa-delete") /* AWS deletes the SAs of a tunnel */            \
    X(ENDPOINT_REPLACE,                                                        \
      "endpoint-replace")       /* AWS's maintenance of a tunnel */            \
    X(MTU_CHANGE, "mtu-change") /* of a virtual interface: bounces all */      \
    X(NAT_RESET, "nat-reset")   /* a NAT forgets its mappings */               \
    X(CORRUPT, "corrupt")                                                      \
    X(DUPLICATE, "duplicate")                                                  \
    X(REORDER, "reorder")                                                      \
    X(REPLAY, "replay")                                                        \
    X(LAG_MEMBER_DOWN, "lag-member-down")

#define HS_FLAP_WAYS(X)                                                        \
    X(LINK_DOWN, "link-down")                                                  \
    X(BLACKHOLE, "blackhole")

#define HS_DIRECTIONS(X)                                                       \
    X(BOTH, "both")                                                            \
    X(TO_AWS, "to-aws")                                                        \
    X(TO_ONPREM, "to-onprem")

#define X(name, text) HS_PRESET_##name,
typedef enum { HS_PRESETS(X) } HsPreset;
#undef X
#define X(name, text) HS_GATEWAY_##name,
typedef enum { HS_GATEWAY_TYPES(X) } HsGatewayType;
#undef X
#define X(name, text) HS_VIF_##name,
typedef enum { HS_VIFS(X) } HsVif;
#undef X
#define X(name, text) HS_CONNECTION_##name,
typedef enum { HS_CONNECTION_TYPES(X) } HsConnectionType;
#undef X
#define X(name, text) HS_MACSEC_##name,
typedef enum { HS_MACSECS(X) } HsMacsec;
#undef X
#define X(name, text) HS_ZONE_##name,
typedef enum { HS_ZONES(X) } HsZone;
#undef X
#define X(name, text) HS_NAT_GATEWAY_##name,
typedef enum { HS_NAT_GATEWAY_TYPES(X) } HsNatGatewayType;
#undef X
#define X(name, text) HS_ENCRYPTION_##name,
typedef enum { HS_ENCRYPTIONS(X) } HsEncryption;
#undef X
#define X(name, text) HS_INTEGRITY_##name,
typedef enum { HS_INTEGRITIES(X) } HsIntegrity;
#undef X
#define X(name, text) HS_DH_GROUP_##name,
typedef enum { HS_DH_GROUPS(X) } HsDhGroup;
#undef X
#define X(name, text) HS_IKE_PRESET_##name,
typedef enum { HS_IKE_PRESETS(X) } HsIkePreset;
#undef X
#define X(name, text) HS_STARTUP_##name,
typedef enum { HS_STARTUPS(X) } HsStartup;
#undef X
#define X(name, text) HS_DPD_MODE_##name,
typedef enum { HS_DPD_MODES(X) } HsDpdMode;
#undef X
#define X(name, text) HS_DPD_ACTION_##name,
typedef enum { HS_DPD_ACTIONS(X) } HsDpdAction;
#undef X
#define X(name, text) HS_ROUTING_##name,
typedef enum { HS_ROUTINGS(X) } HsRouting;
#undef X
#define X(name, text) HS_BANDWIDTH_##name,
typedef enum { HS_BANDWIDTHS(X) } HsBandwidth;
#undef X
#define X(name, text) HS_PROFILE_##name,
typedef enum { HS_PROFILES(X) } HsProfile;
#undef X
#define X(name, text) HS_LOOP_##name,
typedef enum { HS_LOOPS(X) } HsLoop;
#undef X
#define X(name, text) HS_ARRIVE_##name,
typedef enum { HS_ARRIVAL_KINDS(X) } HsArrivalKind;
#undef X
#define X(name, text) HS_METRIC_##name,
typedef enum { HS_METRICS(X) HS_METRIC_COUNT } HsMetricName;
#undef X
#define X(name, text) HS_STATISTIC_##name,
typedef enum { HS_STATISTICS(X) } HsStatistic;
#undef X
#define X(name, text) HS_COMPARE_##name,
typedef enum { HS_ALARM_COMPARISONS(X) } HsAlarmComparison;
#undef X
#define X(name, text) HS_MISSING_##name,
typedef enum { HS_MISSING_DATA(X) } HsMissingData;
#undef X
#define X(name, text) HS_BULK_KIND_##name,
typedef enum { HS_BULK_KINDS(X) } HsBulkKind;
#undef X
#define X(name, text) HS_REACH_##name,
typedef enum { HS_REACHES(X) } HsReach;
#undef X
#define X(name, text) HS_FAULT_##name,
typedef enum { HS_FAULT_ACTIONS(X) } HsFaultAction;
#undef X
#define X(name, text) HS_FLAP_BY_##name,
typedef enum { HS_FLAP_WAYS(X) } HsFlapWay;
#undef X
#define X(name, text) HS_DIRECTION_##name,
typedef enum { HS_DIRECTIONS(X) } HsDirection;
#undef X

const char *hs_preset_name(HsPreset preset);
const char *hs_gateway_type_name(HsGatewayType gateway_type);
const char *hs_vif_name(HsVif vif);
const char *hs_connection_type_name(HsConnectionType connection_type);
const char *hs_macsec_name(HsMacsec macsec);
const char *hs_zone_name(HsZone zone);
const char *hs_nat_gateway_type_name(HsNatGatewayType nat_gateway_type);
const char *hs_encryption_name(HsEncryption encryption);
const char *hs_integrity_name(HsIntegrity integrity);
const char *hs_dh_group_name(HsDhGroup dh_group);
const char *hs_ike_preset_name(HsIkePreset ike_preset);
const char *hs_startup_name(HsStartup startup);
const char *hs_dpd_mode_name(HsDpdMode dpd_mode);
const char *hs_dpd_action_name(HsDpdAction dpd_action);
const char *hs_routing_name(HsRouting routing);
const char *hs_bandwidth_name(HsBandwidth bandwidth);
const char *hs_profile_name(HsProfile profile);
const char *hs_arrival_kind_name(HsArrivalKind arrival_kind);
const char *hs_metric_name(HsMetricName metric);
const char *hs_statistic_name(HsStatistic statistic);
const char *hs_alarm_comparison_name(HsAlarmComparison comparison);
const char *hs_missing_data_name(HsMissingData missing_data);
const char *hs_bulk_kind_name(HsBulkKind bulk_kind);
const char *hs_reach_name(HsReach reach);
const char *hs_fault_action_name(HsFaultAction fault_action);
const char *hs_flap_way_name(HsFlapWay flap_way);
const char *hs_direction_name(HsDirection direction);

#endif
