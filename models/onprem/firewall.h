/* A stateful firewall: what belongs to no flow whose opening it saw is dropped.
 *
 * It stands in front of ports of a router, as their filter. Several ports may
 * share one, and with it one table of flows; two firewalls know nothing of each
 * other, so that a flow which goes out by one and comes back by the other dies,
 * and one that fails over from one to the other too. Either side may open a
 * flow: rules about who may speak to whom are not its business. */

#ifndef HS_ONPREM_FIREWALL_H
#define HS_ONPREM_FIREWALL_H

#include "models/base/env.h"
#include "models/net/router.h"

typedef struct HsFlowFirewall HsFlowFirewall;

typedef struct {
    const char *name;        /* interned */
    HsDuration idle_timeout; /* of an open TCP connection, and at most of
                              * anything else */
} HsFlowFirewallConfig;

/* ENV is borrowed and outlives it. */
HsFlowFirewall *
hs_flow_firewall_new(HsEnv *env, const HsFlowFirewallConfig *config);
void hs_flow_firewall_free(HsFlowFirewall *firewall); /* NULL is fine */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HsFlowFirewall, hs_flow_firewall_free)

/* A HsPortFilterFunc; FIREWALL is a HsFlowFirewall. */
HsDrop hs_flow_firewall_filter(void *firewall, bool leaving, const HsIpv4 *ip,
                               const HsPacket *packet);

/* As after a restart: every flow is forgotten. Returns how many. */
uint64_t hs_flow_firewall_reset(HsFlowFirewall *firewall);

typedef struct {
    uint64_t passed, dropped; /* packets */
    uint64_t opened;          /* flows */
    uint64_t expired;         /* flows, idle for too long */
} HsFlowFirewallCounters;

HsFlowFirewallCounters
hs_flow_firewall_counters(const HsFlowFirewall *firewall);

/* Flows that it knows now, expired ones not counted. */
unsigned hs_flow_firewall_flows(HsFlowFirewall *firewall);

#endif
