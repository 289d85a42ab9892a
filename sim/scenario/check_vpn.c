/* VPN connections: what carries them, what is inside, what the two sides may
 * negotiate. */

#include "config.h"

#include "sim/scenario/check.h"

/* AWS Site-to-Site VPN guide, "Tunnel options". */
static bool
is_reserved_inside(const HsPrefix *inside)
{
    uint32_t first = hs_addr_to_ipv4(&inside->addr);

    for (uint32_t third = 0; third <= 5; third++) {
        if (first == (UINT32_C(0xa9fe0000) | third << 8))
            return true;
    }
    return first == UINT32_C(0xa9fea9fc); /* 169.254.169.252 */
}

static void
check_inside(const HsCheckRun *c, const HsVpn *vpn,
             const HsTunnelSettings *tunnel, const char *key)
{
    const HsPrefix link_local = {.addr = hs_addr_ipv4(0xa9fe0000),
                                 .length = 16};

    if (tunnel->inside.length != 30 ||
        !hs_prefix_covers(&link_local, &tunnel->inside))
        hs_check_bad(
            c, &vpn->element, key,
            "AWS takes a /30 of 169.254.0.0/16 inside a tunnel (" VPN_TUNNEL
            ")");
    else if (is_reserved_inside(&tunnel->inside))
        hs_check_bad(
            c, &vpn->element, key,
            "AWS keeps this one; reserved are the first /30 of 169.254.0.0 "
            "to 169.254.5.0, and 169.254.169.252/30 (" VPN_TUNNEL ")");
}

static bool
is_gcm(unsigned encryption)
{
    return encryption == HS_ENCRYPTION_AES128_GCM16 ||
           encryption == HS_ENCRYPTION_AES256_GCM16;
}

/* RFC 4106: with nothing but GCM there is nothing else to choose. */
static void
check_integrity(const HsCheckRun *c, const HsVpn *vpn, const HsVpnPhase *esp,
                const char *key)
{
    for (unsigned i = 0; i < esp->encryption.count; i++)
        if (!is_gcm(esp->encryption.values[i]))
            return;
    if (hs_element_given(&vpn->element, key))
        hs_check_bad(
            c, &vpn->element, key,
            "%s authenticates by itself (RFC 4106) and takes none",
            hs_encryption_name((HsEncryption)esp->encryption.values[0]));
}

/* AWS Site-to-Site VPN guide, "Tunnel options". */
static void
check_lifetimes(const HsCheckRun *c, const HsVpn *vpn)
{
    char ike[HS_TIME_TEXT], esp[HS_TIME_TEXT];

    if (vpn->esp.lifetime >= vpn->ike.lifetime)
        hs_check_bad(c, &vpn->element, "esp.lifetime",
                     "%s is not below %s of ike.lifetime",
                     hs_duration_format(vpn->esp.lifetime, esp),
                     hs_duration_format(vpn->ike.lifetime, ike));
    if (vpn->aws_esp.lifetime >= vpn->aws_ike.lifetime)
        hs_check_bad(
            c, &vpn->element, "aws.esp.lifetime",
            "AWS takes a phase 2 lifetime below that of phase 1; %s is not "
            "below %s of aws.ike.lifetime (" VPN_TUNNEL ")",
            hs_duration_format(vpn->aws_esp.lifetime, esp),
            hs_duration_format(vpn->aws_ike.lifetime, ike));
    if (vpn->aws_rekey_margin > vpn->aws_esp.lifetime / 2)
        hs_check_bad(c, &vpn->element, "aws.rekey-margin",
                     "%s is out of range: AWS takes 60s to half of the phase 2 "
                     "lifetime, %s (" VPN_TUNNEL ")",
                     hs_duration_format(vpn->aws_rekey_margin, ike),
                     hs_duration_format(vpn->aws_esp.lifetime / 2, esp));
}

static void
check_ike(const HsCheckRun *c, const HsVpn *vpn)
{
    check_integrity(c, vpn, &vpn->esp, "esp.integrity");
    check_integrity(c, vpn, &vpn->aws_esp, "aws.esp.integrity");
    check_lifetimes(c, vpn);
    if (vpn->startup == HS_STARTUP_ADD && vpn->aws_startup == HS_STARTUP_ADD)
        hs_check_bad(
            c, &vpn->element, "startup",
            "both sides wait for the other one; expected start here or in "
            "aws.startup");
    if (vpn->dpd == HS_DPD_MODE_OFF &&
        (hs_element_given(&vpn->element, "dpd.delay") ||
         hs_element_given(&vpn->element, "dpd.action")))
        hs_check_bad(c, &vpn->element, "dpd.mode",
                     "is off, so dpd.delay and dpd.action say nothing");
}

/* What carries a VPN. */

/* A customer gateway has one uplink, and so one internet: two providers are two
 * gateways. */
static void
check_uplink(const HsCheckRun *c, const HsVpn *vpn)
{
    const HsVpn *other;

    if (vpn->underlay_internet == NULL)
        return;
    for (unsigned i = 0; (other = hs_scenario_vpn(c->scenario, i)) != vpn; i++)
        if (other->underlay_internet != NULL && other->site == vpn->site &&
            other->router == vpn->router &&
            other->underlay_internet != vpn->underlay_internet) {
            hs_check_bad(c, &vpn->element, "underlay",
                         "customer gateway %u of [onprem %s] has its uplink "
                         "in [internet %s], for [vpn %s]; another provider is "
                         "another gateway's (routers = 2)",
                         vpn->router, vpn->site->element.name,
                         other->underlay_internet->element.name,
                         other->element.name);
            return;
        }
}

/* All its interfaces are of one kind, and one site's. */
static void
check_underlays(const HsCheckRun *c, const HsVpn *vpn)
{
    const HsElements *all = &vpn->underlays;

    if (all->count == 0)
        hs_check_bad(c, &vpn->element, "underlay",
                     "expected an [internet] or one or more [dx]");
    for (unsigned i = 0; i < all->count; i++) {
        const HsDx *dx = (const HsDx *)all->values[i];

        if (all->values[i]->kind != all->values[0]->kind ||
            (all->count > 1 && all->values[i]->kind == HS_KIND_INTERNET)) {
            hs_check_bad(c, &vpn->element, "underlay",
                         "several are virtual interfaces; the internet stands "
                         "alone");
            return;
        }
        if (dx->element.kind == HS_KIND_INTERNET)
            continue;
        if (dx->vif == HS_VIF_PRIVATE)
            hs_check_bad(c, &vpn->element, "underlay",
                         "[dx %s] has a private virtual interface, from which "
                         "AWS's VPN endpoints cannot be reached; it takes "
                         "\"vif = public\", or \"vif = transit\" for "
                         "private addresses (" DX_VIF ")",
                         dx->element.name);
        else if (dx->vif != vpn->underlay_dx->vif)
            hs_check_bad(c, &vpn->element, "underlay",
                         "[dx %s] is %s and [dx %s] %s; a VPN has public or "
                         "private outside addresses",
                         dx->element.name, hs_vif_name(dx->vif),
                         vpn->underlay_dx->element.name,
                         hs_vif_name(vpn->underlay_dx->vif));
        if (dx->site != vpn->site)
            hs_check_bad(c, &vpn->element, "underlay",
                         "[dx %s] is that of [onprem %s]", dx->element.name,
                         dx->site->element.name);
        if (vpn->router != dx->physical.router && all->count == 1)
            hs_check_bad(c, &vpn->element, "router",
                         "[dx %s], which carries it, ends on customer gateway "
                         "%u",
                         dx->element.name, dx->physical.router);
    }
}

static const HsAssociation *
association_of(const HsCheckRun *c, const HsDxgw *dxgw,
               const HsGateway *gateway)
{
    const HsAssociation *a;

    for (unsigned i = 0; (a = hs_scenario_association(c->scenario, i)); i++)
        if (a->dxgw == dxgw && a->gateway == gateway)
            return a;
    return NULL;
}

static void
check_private_path(const HsCheckRun *c, const HsVpn *vpn)
{
    const HsDx *dx = vpn->underlay_dx;
    const HsGateway *tgw = vpn->gateway;
    const HsAssociation *a =
        dx->dxgw != NULL ? association_of(c, dx->dxgw, tgw) : NULL;
    char block[HS_PREFIX_TEXT];

    if (a == NULL)
        hs_check_bad(c, &vpn->element, "underlay",
                     "[dx %s] does not lead to [gateway %s]: no [association] "
                     "connects its [dxgw] and the transit gateway "
                     "(" VPN_PRIVATE ")",
                     dx->element.name, tgw->element.name);
    if (!hs_addr_is_set(&tgw->cidr.addr))
        hs_check_bad(c, &tgw->element, "cidr",
                     "[vpn %s] is a private IP VPN, whose outside addresses "
                     "come from a block of the transit gateway; expected one, "
                     "such as 10.99.0.0/24 (" VPN_PRIVATE ")",
                     vpn->element.name);
    else if (a != NULL && !hs_prefixes_cover(&a->allowed, &tgw->cidr))
        hs_check_bad(c, &a->element, "allowed-prefixes",
                     "%s, the block of [gateway %s], is not among them; the "
                     "endpoints of [vpn %s] could not be reached (" VPN_PRIVATE
                     ")",
                     hs_prefix_format(&tgw->cidr, block), tgw->element.name,
                     vpn->element.name);
}

static void
check_private_ip(const HsCheckRun *c, const HsVpn *vpn)
{
    HsPrefix outside = hs_prefix_of(&vpn->outside);

    if (vpn->gateway->type != HS_GATEWAY_TGW) {
        hs_check_bad(c, &vpn->element, "underlay",
                     "[gateway %s] is a virtual private gateway; a VPN over a "
                     "transit virtual interface has private addresses, which "
                     "only a transit gateway has (" VPN_PRIVATE ")",
                     vpn->gateway->element.name);
        return;
    }
    check_private_path(c, vpn);
    if (!hs_check_is_private(&outside))
        hs_check_bad(c, &vpn->element, "outside",
                     "is public; a private IP VPN has addresses of RFC 1918 "
                     "outside (" VPN_PRIVATE ")");
    for (unsigned t = 0; t < vpn->tunnels; t++) {
        g_autofree char *key = g_strdup_printf("tunnel%u.aws-outside", t + 1);

        if (hs_addr_is_set(&vpn->gateway->cidr.addr) &&
            !hs_prefix_contains(&vpn->gateway->cidr,
                                &vpn->tunnel[t].aws_outside))
            hs_check_bad(c, &vpn->element, key,
                         "is not in the block of [gateway %s] (" VPN_PRIVATE
                         ")",
                         vpn->gateway->element.name);
    }
}

static void
check_accelerated(const HsCheckRun *c, const HsVpn *vpn)
{
    const HsElement *element = &vpn->element;

    if (vpn->gateway->type != HS_GATEWAY_TGW)
        hs_check_bad(c, element, "accelerated",
                     "[gateway %s] is a virtual private gateway; AWS "
                     "accelerates VPNs of transit gateways (" VPN_ACCELERATED
                     ")",
                     vpn->gateway->element.name);
    if (vpn->underlay_dx != NULL)
        hs_check_bad(c, element, "accelerated",
                     "an accelerated VPN runs over the internet, not over a "
                     "virtual interface (" VPN_ACCELERATED ")");
    if (!vpn->nat_t)
        hs_check_bad(c, element, "nat-t",
                     "an accelerated VPN takes NAT traversal (" VPN_ACCELERATED
                     ")");
    if (vpn->aws_startup == HS_STARTUP_START)
        hs_check_bad(c, element, "aws.startup",
                     "the customer gateway begins an accelerated VPN "
                     "(" VPN_ACCELERATED ")");
}

static void
check_bandwidth(const HsCheckRun *c, const HsVpn *vpn)
{
    if (vpn->bandwidth != HS_BANDWIDTH_LARGE)
        return;
    if (vpn->gateway->type != HS_GATEWAY_TGW)
        hs_check_bad(c, &vpn->element, "bandwidth",
                     "[gateway %s] is a virtual private gateway; AWS has large "
                     "tunnels on transit gateways (" VPN_TUNNEL ")",
                     vpn->gateway->element.name);
    if (vpn->accelerated)
        hs_check_bad(c, &vpn->element, "bandwidth",
                     "an accelerated VPN has no large tunnels (" VPN_TUNNEL
                     ")");
}

static void
check_routing(const HsCheckRun *c, const HsVpn *vpn)
{
    static const char *const of_bgp[] = {"announce",         "announce.extra",
                                         "aws.prefix-limit", "prepend",
                                         "communities",      "med",
                                         "tunnel1.med",      "tunnel2.med"};
    static const char *const of_static[] = {"static-routes",
                                            "cgw.static-routes"};

    if (vpn->routing == HS_ROUTING_STATIC) {
        for (unsigned i = 0; i < G_N_ELEMENTS(of_bgp); i++)
            if (hs_element_given(&vpn->element, of_bgp[i]))
                hs_check_bad(c, &vpn->element, of_bgp[i],
                             "says nothing with \"routing = static\"");
        if (vpn->static_routes.count > 100)
            hs_check_bad(c, &vpn->element, "static-routes",
                         "%u are too many; AWS takes 100 for a VPN connection "
                         "(" VPN_QUOTAS ")",
                         vpn->static_routes.count);
        return;
    }
    for (unsigned i = 0; i < G_N_ELEMENTS(of_static); i++)
        if (hs_element_given(&vpn->element, of_static[i]))
            hs_check_bad(c, &vpn->element, of_static[i],
                         "says nothing without \"routing = static\"");
}

/* Keys of tunnel 2 say nothing where only tunnel 1 is configured. */
static void
check_unused_tunnel(const HsCheckRun *c, const HsVpn *vpn)
{
    const HsRow *row;

    for (unsigned i = 0; (row = hs_schema_next(HS_KIND_VPN, &i)) != NULL;)
        if (vpn->tunnels < 2 && g_str_has_prefix(row->key, "tunnel2.") &&
            hs_element_given(&vpn->element, row->key))
            hs_check_bad(c, &vpn->element, row->key,
                         "there is one tunnel: tunnels = 1");
}

/* A VGW steers the customer gateway into one tunnel, a TGW uses both. */
static void
check_tunnel_med(const HsCheckRun *c, const HsVpn *vpn)
{
    static const char *const keys[] = {"tunnel1.med", "tunnel2.med"};

    if (vpn->gateway->type != HS_GATEWAY_TGW ||
        vpn->routing == HS_ROUTING_STATIC)
        return;
    for (unsigned i = 0; i < MIN(vpn->tunnels, G_N_ELEMENTS(keys)); i++)
        if (hs_element_given(&vpn->element, keys[i]))
            hs_check_bad(c, &vpn->element, keys[i],
                         "[gateway %s] is a transit gateway, which sends the "
                         "same MED in all tunnels of a VPN (" VPN_ROUTES ")",
                         vpn->gateway->element.name);
}

static void
check_vpn(const HsCheckRun *c, const HsVpn *vpn)
{
    hs_check_session(c, &vpn->element, vpn->site, vpn->gateway->asn,
                     &vpn->customer, &vpn->aws);
    hs_check_router(c, &vpn->element, vpn->site, vpn->router);
    check_underlays(c, vpn);
    if (vpn->private_ip)
        check_private_ip(c, vpn);
    if (vpn->accelerated)
        check_accelerated(c, vpn);
    check_bandwidth(c, vpn);
    check_routing(c, vpn);
    check_tunnel_med(c, vpn);
    check_unused_tunnel(c, vpn);
    check_ike(c, vpn);
    for (unsigned i = 0; i < vpn->tunnels; i++) {
        g_autofree char *inside =
            g_strdup_printf("tunnel%u.inside-cidr", i + 1);

        check_inside(c, vpn, &vpn->tunnel[i], inside);
    }
}

/* Firewalls stand where a site's interfaces and tunnels end. */
static void
check_firewall(const HsCheckRun *c, const HsFirewall *firewall)
{
    for (unsigned i = 0; i < firewall->on.count; i++) {
        const HsElement *on = firewall->on.values[i];
        const HsOnprem *site = on->kind == HS_KIND_DX
                                   ? ((const HsDx *)on)->site
                                   : ((const HsVpn *)on)->site;

        if (site != firewall->site)
            hs_check_bad(c, &firewall->element, "on",
                         "[%s %s] is that of [onprem %s]",
                         hs_kind_name(on->kind), on->name, site->element.name);
    }
    if (firewall->on.count == 0)
        hs_check_bad(c, &firewall->element, "on", "it guards nothing");
}

static void
check_internet(const HsCheckRun *c, const HsInternet *internet)
{
    if (internet->burst_enter > 0 && internet->burst_leave <= 0)
        hs_check_bad(c, &internet->element, "burst.leave",
                     "is 0%%: the first burst of loss would never end");
    if (internet->load >= 1)
        hs_check_bad(c, &internet->element, "load",
                     "nothing would be left of the rate");
}

void
hs_check_vpns(const HsCheckRun *c)
{
    const HsVpn *vpn;
    const HsFirewall *firewall;
    const HsInternet *internet;

    for (unsigned i = 0; (vpn = hs_scenario_vpn(c->scenario, i)); i++) {
        check_vpn(c, vpn);
        check_uplink(c, vpn);
    }
    for (unsigned i = 0; (firewall = hs_scenario_firewall(c->scenario, i)); i++)
        check_firewall(c, firewall);
    for (unsigned i = 0; (internet = hs_scenario_internet(c->scenario, i)); i++)
        check_internet(c, internet);
}
