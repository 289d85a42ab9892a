/* The logs of VPN tunnels, in the fields of "Contents of Site-to-Site VPN logs"
 * in AWS's guide: a line for each change that AWS's end of a tunnel sees, of
 * IKE and IPsec, and of the BGP session in it.
 *
 * Departure: AWS's ends also log each message of a negotiation; here there is a
 * line for each change of state. Its texts are AWS's where the guide has one.
 */

#include "config.h"

#include "sim/monitor/private.h"

#include "sim/monitor/ids.h"

#include <string.h>

typedef struct {
    const HsVpn *vpn;
    unsigned tunnel;
    const char *node, *ike, *esp, *bgp; /* interned */
    const char *phase1, *phase2;        /* states, as AWS names them */
} Tunnel;

static const char *
phase(const char *state)
{
    if (g_strcmp0(state, "established") == 0)
        return "Established";
    if (g_strcmp0(state, "rekeying") == 0)
        return "Rekeying";
    if (g_strcmp0(state, "negotiating") == 0)
        return "Negotiating";
    return "Down";
}

static char *
detail_of(const HsFact *fact, bool ike)
{
    if (g_strcmp0(fact->cause, "dead peer") == 0)
        return g_strdup("AWS tunnel DPD timed out after 3 retransmits");
    return g_strdup_printf("%s: %s -> %s (%s)",
                           ike ? "Phase 1 IKE_SA" : "Phase 2 CHILD_SA",
                           phase(fact->from), phase(fact->to),
                           fact->cause != NULL ? fact->cause : "no cause");
}

static void
add_line(HsMonitor *monitor, const Tunnel *t, const HsFact *fact,
         const char *type, const char *what, bool bad, json_t *line)
{
    g_autofree char *label =
        g_strdup_printf("%s.tunnel%u", t->vpn->element.name, t->tunnel);

    hs_message_add(monitor->logs, fact->at,
                   fact->at + monitor->settings->log_delay, "aws.vpn", type,
                   label, what, bad, line);
}

static void
log_ike(HsMonitor *monitor, Tunnel *t, const HsFact *fact)
{
    bool ike = fact->subject == t->ike;
    g_autofree char *detail = detail_of(fact, ike);
    g_autofree char *at = hs_wall_milliseconds(monitor->epoch, fact->at);
    char address[HS_ADDR_TEXT];
    json_t *line;

    *(ike ? &t->phase1 : &t->phase2) = phase(fact->to);
    line = json_pack(
        "{s:s, s:s, s:s, s:b, s:b, s:s, s:s, s:s}", "VpnLogCreationTimestamp",
        at, "VpnConnectionId", hs_aws_id("vpn", t->vpn->element.name),
        "TunnelOutsideIPAddress",
        hs_addr_format(&t->vpn->tunnel[t->tunnel - 1].aws_outside, address),
        "TunnelDPDEnabled", t->vpn->aws_dpd_action != HS_DPD_ACTION_NONE,
        "TunnelCGWNATTDetectionStatus", t->vpn->site->nat,
        "TunnelIKEPhase1State", t->phase1, "TunnelIKEPhase2State", t->phase2,
        "VpnLogDetail", detail);
    add_line(monitor, t, fact, "IKE", detail,
             g_str_equal(phase(fact->to), "Down"), line);
}

static void
log_bgp(HsMonitor *monitor, const Tunnel *t, const HsFact *fact)
{
    bool was = g_strcmp0(fact->from, "Established") == 0;
    bool is = g_strcmp0(fact->to, "Established") == 0;
    g_autofree char *at = hs_wall_milliseconds(monitor->epoch, fact->at);
    g_autofree char *detail = NULL;
    char address[HS_ADDR_TEXT];

    if (was == is)
        return;
    detail = g_strdup_printf("BGP session %s: %s", is ? "is up" : "is down",
                             fact->cause != NULL ? fact->cause : "no cause");
    add_line(
        monitor, t, fact, "BGP", detail, was,
        json_pack(
            "{s:s, s:s, s:s, s:s, s:s, s:s}", "VpnLogCreationTimestamp", at,
            "VpnConnectionId", hs_aws_id("vpn", t->vpn->element.name),
            "TunnelOutsideIPAddress",
            hs_addr_format(&t->vpn->tunnel[t->tunnel - 1].aws_outside, address),
            "Type", "BGPStatus", "BGPStatus", is ? "UP" : "DOWN",
            "VpnLogDetail", detail));
}

static void
add_tunnel(GArray *tunnels, const HsVpn *vpn, unsigned tunnel)
{
    g_autofree char *name =
        g_strdup_printf("%s.tunnel%u", vpn->element.name, tunnel);
    g_autofree char *node = g_strconcat(name, ".aws", NULL);
    g_autofree char *ike = g_strconcat(name, " ike", NULL);
    g_autofree char *esp = g_strconcat(name, " esp", NULL);
    g_autofree char *bgp = g_strconcat(name, " bgp", NULL);
    Tunnel t = {.vpn = vpn,
                .tunnel = tunnel,
                .node = g_intern_string(node),
                .ike = g_intern_string(ike),
                .esp = g_intern_string(esp),
                .bgp = g_intern_string(bgp),
                .phase1 = "Down",
                .phase2 = "Down"};

    g_array_append_val(tunnels, t);
}

void
hs_monitor_logs(HsMonitor *monitor, const HsMonitorInput *input)
{
    g_autoptr(GArray) tunnels = g_array_new(FALSE, FALSE, sizeof(Tunnel));
    const HsVpn *vpn;
    HsFact fact;

    if (!monitor->settings->tunnel_logs)
        return;
    for (unsigned i = 0; (vpn = hs_scenario_vpn(input->scenario, i)); i++)
        for (unsigned t = 1; t <= vpn->tunnels; t++)
            add_tunnel(tunnels, vpn, t);
    for (size_t i = 0; hs_facts_next(
             input->facts, &i,
             HS_FACT_BIT(HS_FACT_TUNNEL) | HS_FACT_BIT(HS_FACT_BGP), &fact);) {
        for (guint j = 0; j < tunnels->len; j++) {
            Tunnel *t = &g_array_index(tunnels, Tunnel, j);

            if (fact.node != t->node)
                continue;
            if (fact.subject == t->ike || fact.subject == t->esp)
                log_ike(monitor, t, &fact);
            else if (fact.subject == t->bgp)
                log_bgp(monitor, t, &fact);
        }
    }
}
