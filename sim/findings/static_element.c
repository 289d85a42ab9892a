/* Elements by themselves. */

#include "config.h"

#include "sim/findings/private.h"

void
hs_find_in_dx(const HsFind *f, const HsDx *dx)
{
    unsigned prefixes = dx->announce.count + dx->announce_extra;
    char hold[HS_TIME_TEXT];

    hs_find_macsec(f, dx);
    if (dx->bfd.interval == 0)
        hs_findings_add(
            f->findings, HS_FINDING_BFD_OFF, &dx->element, "bfd",
            "a failure that takes no carrier is noticed after up "
            "to %s; with 300ms x 3 it would be 0.9s",
            hs_duration_format(MIN(dx->customer.hold, dx->aws.hold), hold));
    else if (dx->customer.graceful_restart > 0)
        hs_findings_add(
            f->findings, HS_FINDING_BFD_WITH_GR, &dx->element,
            "graceful-restart",
            "a cut that BFD sees within a second is then waited "
            "out for %s, with the old routes in place",
            hs_duration_format(dx->customer.graceful_restart, hold));
    if (prefixes * 10 >= dx->prefix_limit * 9)
        hs_findings_add(f->findings, HS_FINDING_PREFIX_LIMIT_NEAR, &dx->element,
                        "announce", "%u of %u prefixes are announced%s",
                        prefixes, dx->prefix_limit,
                        prefixes > dx->prefix_limit
                            ? "; the session is closed until fewer are"
                            : "");
}

static bool
is_given(const HsVpn *vpn, const char *key)
{
    return hs_scenario_is_given(&vpn->element, key);
}

static void
find_crypto(const HsFind *f, const HsVpn *vpn)
{
    static const char *const options[] = {
        "aws.ike.encryption", "aws.ike.integrity", "aws.ike.dh-group",
        "aws.esp.encryption", "aws.esp.integrity", "aws.esp.dh-group"};
    g_autoptr(GString) open = g_string_new(NULL);
    bool gcm = true;

    for (unsigned i = 0; i < vpn->aws_esp.encryption.count; i++)
        gcm &= vpn->aws_esp.encryption.values[i] >= HS_ENCRYPTION_AES128_GCM16;
    for (unsigned i = 0; i < G_N_ELEMENTS(options); i++)
        if (!is_given(vpn, options[i]) &&
            !(gcm && g_str_equal(options[i], "aws.esp.integrity")))
            g_string_append_printf(open, "%s%s", open->len > 0 ? ", " : "",
                                   options[i]);
    if (open->len > 0)
        hs_findings_add(f->findings, HS_FINDING_CRYPTO_PERMISSIVE,
                        &vpn->element, NULL,
                        "at AWS's default, which takes SHA-1, AES-128 and "
                        "Diffie-Hellman group 2 as well: %s",
                        open->str);
}

static void
find_tunnels(const HsFind *f, const HsVpn *vpn)
{
    const HsTunnelSettings *t = vpn->tunnel;

    if (vpn->tunnels < 2) {
        hs_findings_add(f->findings, HS_FINDING_SINGLE_TUNNEL, &vpn->element,
                        "tunnels",
                        "AWS replaces endpoints one at a time; with one tunnel "
                        "each replacement is an outage");
        return;
    }
    if (vpn->routing != HS_ROUTING_BGP)
        return;
    if (t[0].local_preference != t[1].local_preference)
        hs_findings_add(f->findings, HS_FINDING_UNEQUAL_TUNNELS, &vpn->element,
                        t[0].local_preference > t[1].local_preference
                            ? "tunnel1.local-preference"
                            : "tunnel2.local-preference",
                        "before it takes an endpoint away AWS lowers the MED "
                        "of the other tunnel; local preference %u against %u "
                        "comes first",
                        t[0].local_preference, t[1].local_preference);
    if (vpn->gateway->type == HS_GATEWAY_VGW && t[0].med == t[1].med)
        hs_findings_add(f->findings, HS_FINDING_EQUAL_TUNNELS, &vpn->element,
                        "tunnel2.med",
                        "both tunnels have MED %u, so the customer gateway "
                        "may send in both, and [gateway %s] in one",
                        t[0].med, vpn->gateway->element.name);
}

/* Several connections to a VGW add no capacity towards the site. */
static void
find_equal_vpns(const HsFind *f, const HsVpn *vpn)
{
    for (unsigned i = 0; i < vpn->element.index; i++) {
        const HsVpn *other = hs_scenario_vpn(f->scenario, i);

        if (vpn->gateway->type != HS_GATEWAY_VGW ||
            other->gateway != vpn->gateway || other->site != vpn->site ||
            other->policy.prepend != vpn->policy.prepend ||
            other->policy.local_preference != vpn->policy.local_preference)
            continue;
        hs_findings_add(f->findings, HS_FINDING_EQUAL_TUNNELS, &vpn->element,
                        NULL,
                        "[vpn %s] is its equal; [gateway %s] sends to a "
                        "destination in one tunnel of all, there is no ECMP",
                        other->element.name, vpn->gateway->element.name);
        return;
    }
}

void
hs_find_in_vpn(const HsFind *f, const HsVpn *vpn)
{
    unsigned prefixes = vpn->announce.count + vpn->announce_extra;

    find_crypto(f, vpn);
    find_tunnels(f, vpn);
    find_equal_vpns(f, vpn);
    if (vpn->routing == HS_ROUTING_BGP &&
        prefixes * 10 >= vpn->prefix_limit * 9)
        hs_findings_add(f->findings, HS_FINDING_PREFIX_LIMIT_NEAR,
                        &vpn->element, "announce",
                        "%u of %u prefixes are announced%s", prefixes,
                        vpn->prefix_limit,
                        prefixes > vpn->prefix_limit
                            ? "; the session is closed until fewer are"
                            : "");
    if (vpn->pinned)
        hs_findings_add(f->findings, HS_FINDING_PINNED_TUNNELS, &vpn->element,
                        "underlay",
                        "their outside address is that of [dx %s]; an address "
                        "announced on several interfaces would outlive one",
                        vpn->underlay_dx->element.name);
}

/* AS numbers: what each side is told of the other, and what it is. */

static void
find_asn(const HsFind *f, const HsElement *element, uint32_t told, uint32_t is,
         const char *key, const char *who)
{
    if (told != is)
        hs_findings_add(f->findings, HS_FINDING_ASN_CONTRADICTION, element, key,
                        "%s expects AS %u, the other side is AS %u: BGP never "
                        "comes up",
                        who, told, is);
}

void
hs_find_asns(const HsFind *f)
{
    const HsOnprem *site, *other;
    const HsDx *dx;
    const HsVpn *vpn;

    for (unsigned i = 0; (dx = hs_scenario_dx(f->scenario, i)); i++) {
        find_asn(f, &dx->element, dx->cgw_remote_asn, dx->aws_asn,
                 "cgw.remote-asn", "the customer gateway");
        find_asn(f, &dx->element, dx->aws_remote_asn, dx->site->asn,
                 "aws.remote-asn", "AWS");
    }
    for (unsigned i = 0; (vpn = hs_scenario_vpn(f->scenario, i)); i++) {
        find_asn(f, &vpn->element, vpn->cgw_remote_asn, vpn->gateway->asn,
                 "cgw.remote-asn", "the customer gateway");
        find_asn(f, &vpn->element, vpn->aws_remote_asn, vpn->site->asn,
                 "aws.remote-asn", "AWS");
    }
    for (unsigned i = 0; (site = hs_scenario_onprem(f->scenario, i)); i++)
        for (unsigned j = 0; j < i; j++) {
            other = hs_scenario_onprem(f->scenario, j);
            if (other->asn == site->asn)
                hs_findings_add(
                    f->findings, HS_FINDING_ASN_CONTRADICTION, &site->element,
                    "asn",
                    "[onprem %s] has the same, %u; what AWS passes on from one "
                    "to the other (CloudHub) is dropped there as a loop",
                    other->element.name, site->asn);
        }
}

/* Peerings need a route on either side. */
void
hs_find_in_peering(const HsFind *f, const HsPeering *peering)
{
    for (unsigned end = 0; end < 2; end++) {
        bool routed = false;
        const HsTable *table;

        for (unsigned i = 0; (table = hs_scenario_table(f->scenario, i)); i++)
            for (unsigned r = 0; r < table->routes.count; r++)
                routed |= table->of == peering->ends[end] &&
                          table->routes.values[r].via == &peering->element;
        if (!routed)
            hs_findings_add(f->findings, HS_FINDING_PEERING_WITHOUT_ROUTE,
                            &peering->element, NULL,
                            "no [table] of [%s %s] has a route via %s",
                            hs_kind_name(peering->ends[end]->kind),
                            peering->ends[end]->name, peering->element.name);
    }
}
