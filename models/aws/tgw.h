/* A transit gateway: a router of AWS's with several route tables, on which
 * VPCs, Direct Connect gateways, VPN connections and other transit gateways
 * hang as attachments (attachment.h).
 *
 * Each attachment is associated with one table, in which what comes from it is
 * looked up, and propagates what it knows into any number of tables. A table is
 * a VRF of the gateway's router; its candidates are chosen among by AWS's order
 * (tgw_routes.h), and what an attached VPN is told is what its table holds.
 *
 *     tgw = hs_tgw_new(env, &config);
 *     table = hs_tgw_add_table(tgw, &table_config);      all of them first
 *     hs_tgw_add_static(tgw, table, &prefix, "peer");
 *     attachment = hs_aws_gateway_attach(hs_tgw_gateway(tgw), …);
 *
 * Departure: one router stands for all Availability Zones of a transit gateway.
 * Appliance mode, which keeps the two directions of a flow in one zone for the
 * sake of a stateful appliance there, therefore has nothing to change: both
 * directions of a flow always pass the same VPC attachment. */

#ifndef HS_AWS_TGW_H
#define HS_AWS_TGW_H

#include "models/aws/attachment.h"

#define HS_TGW_MTU 8500 /* Transit gateway guide, quotas */

/* Site-to-Site VPN quotas for a transit gateway. */
#define HS_TGW_VPN_ROUTES_ACCEPTED 1000
#define HS_TGW_VPN_ROUTES_TOLD     5000

/* The MED of what VPNs are told: the same on both tunnels. */
#define HS_TGW_VPN_MED 100

typedef struct HsTgw HsTgw;

typedef struct {
    const char *name; /* interned */
    uint32_t asn;
    HsAddr router_id;
    bool vpn_ecmp;
    size_t mtu; /* between attachments other than VPN; 0: HS_TGW_MTU */
    /* From the change of a session on an endpoint to traffic taking the new
     * way: AWS publishes neither part. */
    HsDuration convergence;
    HsDuration fib_delay;
} HsTgwConfig;

/* ENV is borrowed and outlives it. */
HsTgw *hs_tgw_new(HsEnv *env, const HsTgwConfig *config);
void hs_tgw_free(HsTgw *tgw); /* NULL is fine */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HsTgw, hs_tgw_free)

HsAwsGateway *hs_tgw_gateway(HsTgw *tgw);
HsRouter *hs_tgw_router(HsTgw *tgw);

typedef struct {
    const char *name; /* interned */
    /* Names of attachments, NULL-terminated and copied; NULL: none. ALL: every
     * one that no other table names. */
    const char *const *associate;
    bool associate_all;
    const char *const *propagate;
    bool propagate_all;
} HsTgwTableConfig;

/* Tables are numbered from 0. An attachment that no table is associated with
 * has none: what comes from it is dropped. */
unsigned hs_tgw_add_table(HsTgw *tgw, const HsTgwTableConfig *config);
unsigned hs_tgw_n_tables(const HsTgw *tgw);
const char *hs_tgw_table_name(const HsTgw *tgw, unsigned table);
unsigned hs_tgw_table_vrf(const HsTgw *tgw, unsigned table);
const BgpSpeaker *hs_tgw_table_speaker(const HsTgw *tgw, unsigned table);

/* A static route by ATTACHMENT (its name, interned; it may come later), or, if
 * that is NULL, into a black hole. A VPN's is there while one of its tunnels
 * works, by the first that does: static routes share no load. */
void hs_tgw_add_static(HsTgw *tgw, unsigned table, const HsPrefix *prefix,
                       const char *attachment);

/* Its control plane dies and comes back: see hs_control_crash(). */
void hs_tgw_crash(HsTgw *tgw, bool forwarding_lost);
void hs_tgw_boot(HsTgw *tgw);

/* The outside of a private-IP VPN's endpoint: ADDRESS is reached by PORT from
 * what the DX gateway attachment DXGW brings, whatever its table says, and
 * sends to where that DX gateway's routes go. Returns the port's number. */
unsigned hs_tgw_add_transport(HsTgw *tgw, HsAttachment *dxgw,
                              const HsPortConfig *port, const HsAddr *address);

/* What told ROUTE of one of the tables (interned): an attachment or a session.
 * USER_DATA: the HsTgw. */
const char *hs_tgw_route_name(const void *user_data, const BgpRoute *route);

#endif
