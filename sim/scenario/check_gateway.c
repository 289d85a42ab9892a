/* AWS's gateways, and what connects them: associations with a Direct Connect
 * gateway, peerings, NAT gateways. */

#include "config.h"

#include "sim/scenario/check.h"

/* Numbers of AWS's from before 2018-06-30 still run in old virtual private
 * gateways. */
static bool
is_old_asn(uint32_t asn)
{
    return asn == 7224 || asn == 9059 || asn == 10124 || asn == 17493;
}

static void
check_asn(const HsCheckRun *c, const HsElement *element, uint32_t asn,
          bool old_ones, const char *page)
{
    if ((asn < 64512 || asn > 65534) &&
        (asn < UINT32_C(4200000000) || asn > UINT32_C(4294967294)) &&
        !(old_ones && is_old_asn(asn)))
        hs_check_bad(c, element, "asn",
                     "%u is out of range: AWS takes 64512 to 65534 or "
                     "4200000000 to 4294967294 (%s)",
                     asn, page);
}

/* Keys that only a transit gateway has. */
static void
check_vgw(const HsCheckRun *c, const HsGateway *gateway)
{
    static const char *const of_tgw[] = {"vpn-ecmp", "cidr", "default-table",
                                         "appliance-mode", "mtu"};
    const HsVpc *vpc = hs_gateway_vpc(gateway);

    for (unsigned i = 0; i < G_N_ELEMENTS(of_tgw); i++)
        if (hs_element_given(&gateway->element, of_tgw[i]))
            hs_check_bad(c, &gateway->element, of_tgw[i],
                         "a virtual private gateway has no such option; it is "
                         "a transit gateway's (" TGW_GUIDE ")");
    if (gateway->attach.count > 1)
        hs_check_bad(
            c, &gateway->element, "attach",
            "a virtual private gateway is attached to one VPC; several "
            "take a transit gateway, \"type = tgw\" (" VPN_HOW ")");
    for (unsigned i = 0; i < gateway->element.index; i++) {
        const HsGateway *other = hs_scenario_gateway(c->scenario, i);

        if (other->type == HS_GATEWAY_VGW && vpc != NULL &&
            hs_gateway_vpc(other) == vpc)
            hs_check_bad(c, &gateway->element, "attach",
                         "[vpc %s] has [gateway %s] already; AWS attaches one "
                         "virtual private gateway to a VPC (" VPN_QUOTAS ")",
                         vpc->element.name, other->element.name);
    }
}

static void
check_tgw_block(const HsCheckRun *c, const HsGateway *gateway)
{
    const HsPrefix link_local = {.addr = hs_addr_ipv4(0xa9fe0000),
                                 .length = 16};

    if (!hs_addr_is_set(&gateway->cidr.addr))
        return;
    if (gateway->cidr.length > 24)
        hs_check_bad(c, &gateway->element, "cidr",
                     "AWS takes blocks of a length of 24 or less (" TGW_GUIDE
                     ")");
    if (hs_prefix_covers(&link_local, &gateway->cidr))
        hs_check_bad(c, &gateway->element, "cidr",
                     "AWS takes no block of 169.254.0.0/16 (" TGW_GUIDE ")");
}

static void
check_tgw(const HsCheckRun *c, const HsGateway *gateway)
{
    check_tgw_block(c, gateway);
    for (unsigned i = 0; i < gateway->appliance_mode.count; i++) {
        const HsElement *vpc = gateway->appliance_mode.values[i];

        if (!hs_elements_have(&gateway->attach, vpc))
            hs_check_bad(c, &gateway->element, "appliance-mode",
                         "[vpc %s] is not attached; it is an option of the "
                         "attachment (" TGW_ATTACH ")",
                         vpc->name);
    }
}

static void
check_gateway(const HsCheckRun *c, const HsGateway *gateway)
{
    bool vgw = gateway->type == HS_GATEWAY_VGW;

    check_asn(c, &gateway->element, gateway->asn, vgw,
              vgw ? VPN_HOW : TGW_GUIDE);
    if (vgw)
        check_vgw(c, gateway);
    else
        check_tgw(c, gateway);
    for (unsigned i = 0; i < gateway->attach.count; i++) {
        const HsVpc *vpc = (const HsVpc *)gateway->attach.values[i];

        if (!g_str_equal(vpc->region, gateway->region))
            hs_check_bad(
                c, &gateway->element, "attach",
                "[vpc %s] is in Region %s, the gateway in %s; it takes "
                "a gateway of its own there, and a [peering] of two "
                "TGWs or a [dxgw] between (%s)",
                vpc->element.name, vpc->region, gateway->region,
                vgw ? VPN_HOW : TGW_ATTACH);
    }
}

/* Direct Connect gateways */

static void
check_dxgw_mix(const HsCheckRun *c, const HsDxgw *dxgw)
{
    const HsAssociation *a, *first = NULL;
    unsigned vgws = 0, tgws = 0;

    for (unsigned i = 0; (a = hs_scenario_association(c->scenario, i)); i++) {
        if (a->dxgw != dxgw)
            continue;
        if (first == NULL)
            first = a;
        if (a->gateway->type != first->gateway->type)
            hs_check_bad(c, &a->element, "between",
                         "[dxgw %s] is associated with a %s already; AWS "
                         "associates virtual private gateways or transit "
                         "gateways, never both (" DX_GATEWAY_TGW ")",
                         dxgw->element.name,
                         hs_gateway_type_name(first->gateway->type));
        vgws += a->gateway->type == HS_GATEWAY_VGW;
        tgws += a->gateway->type == HS_GATEWAY_TGW;
    }
    if (vgws > 20 || tgws > 6)
        hs_check_bad(c, &dxgw->element, NULL,
                     "is associated with %u gateways; AWS takes 20 virtual "
                     "private gateways or 6 transit gateways (" DX_QUOTAS ")",
                     vgws + tgws);
}

static void
check_dxgw(const HsCheckRun *c, const HsDxgw *dxgw)
{
    const HsDx *dx;
    unsigned vifs = 0;

    check_asn(c, &dxgw->element, dxgw->asn, false, DX_GATEWAY);
    check_dxgw_mix(c, dxgw);
    for (unsigned i = 0; (dx = hs_scenario_dx(c->scenario, i)); i++)
        vifs += dx->dxgw == dxgw;
    if (vifs > 30)
        hs_check_bad(c, &dxgw->element, NULL,
                     "has %u virtual interfaces; AWS takes 30 (" DX_QUOTAS ")",
                     vifs);
}

/* A filter passes a VPC's network if an entry is it or covers it. */
static void
check_filter(const HsCheckRun *c, const HsAssociation *a)
{
    const HsVpc *vpc = hs_gateway_vpc(a->gateway);
    char cidr[HS_PREFIX_TEXT];

    if (vpc == NULL)
        hs_check_bad(c, &a->element, "between",
                     "[gateway %s] is attached to no VPC; AWS associates one "
                     "that is (" DX_GATEWAY_VGW ")",
                     a->gateway->element.name);
    else if (a->allowed.count > 0 &&
             !hs_prefixes_cover(&a->allowed, &vpc->cidr))
        hs_check_bad(c, &a->element, "allowed-prefixes",
                     "nothing gets through: none is %s of [vpc %s], or covers "
                     "it. With a virtual private gateway this is a filter, and "
                     "a longer prefix lets no shorter one pass (" DX_ALLOWED
                     ")",
                     hs_prefix_format(&vpc->cidr, cidr), vpc->element.name);
}

static bool
overlap(const HsPrefix *a, const HsPrefix *b)
{
    return hs_prefix_covers(a, b) || hs_prefix_covers(b, a);
}

static void
check_apart(const HsCheckRun *c, const HsAssociation *a,
            const HsAssociation *other)
{
    char x[HS_PREFIX_TEXT], y[HS_PREFIX_TEXT];

    for (unsigned i = 0; i < a->allowed.count; i++) {
        for (unsigned j = 0; j < other->allowed.count; j++) {
            if (!overlap(&a->allowed.values[i], &other->allowed.values[j]))
                continue;
            hs_check_bad(c, &a->element, "allowed-prefixes",
                         "%s overlaps %s of [association %s]; the lists of "
                         "several transit gateways may not (" DX_ALLOWED ")",
                         hs_prefix_format(&a->allowed.values[i], x),
                         hs_prefix_format(&other->allowed.values[j], y),
                         other->element.name);
            return;
        }
    }
}

static void
check_origination(const HsCheckRun *c, const HsAssociation *a)
{
    if (a->gateway->asn == a->dxgw->asn)
        hs_check_bad(c, &a->element, "between",
                     "[dxgw %s] and [gateway %s] have the same AS number, %u; "
                     "the association of a transit gateway fails unless they "
                     "differ (" DX_GATEWAY_TGW ")",
                     a->dxgw->element.name, a->gateway->element.name,
                     a->dxgw->asn);
    if (a->allowed.count == 0)
        hs_check_bad(c, &a->element, "allowed-prefixes",
                     "is empty; with a transit gateway exactly these are "
                     "announced, so nothing would be, and AWS reports no error "
                     "(" DX_ALLOWED ")");
    if (a->allowed.count > 200)
        hs_check_bad(c, &a->element, "allowed-prefixes",
                     "%u are too many; AWS takes 200 for a transit gateway "
                     "(" DX_QUOTAS ")",
                     a->allowed.count);
}

static void
check_association(const HsCheckRun *c, const HsAssociation *a)
{
    bool tgw = a->gateway->type == HS_GATEWAY_TGW;

    if (tgw)
        check_origination(c, a);
    else
        check_filter(c, a);
    for (unsigned i = 0; i < a->element.index; i++) {
        const HsAssociation *other = hs_scenario_association(c->scenario, i);

        if (other->dxgw == a->dxgw && other->gateway == a->gateway)
            hs_check_bad(c, &a->element, "between",
                         "[association %s] connects the same two already",
                         other->element.name);
        else if (other->dxgw == a->dxgw && tgw)
            check_apart(c, a, other);
    }
}

/* Peerings */

static void
check_tgw_peering(const HsCheckRun *c, const HsPeering *peering)
{
    for (unsigned i = 0; i < 2; i++)
        if (((const HsGateway *)peering->ends[i])->type != HS_GATEWAY_TGW)
            hs_check_bad(c, &peering->element, "between",
                         "[gateway %s] is a virtual private gateway; AWS peers "
                         "transit gateways (" TGW_PEERING ")",
                         peering->ends[i]->name);
    if (hs_element_given(&peering->element, "mtu") && peering->mtu > 8500)
        hs_check_bad(c, &peering->element, "mtu",
                     "AWS takes 8500B between transit gateways (" TGW_QUOTAS
                     ")");
}

static void
check_peering(const HsCheckRun *c, const HsPeering *peering)
{
    if (peering->ends[0] == peering->ends[1])
        hs_check_bad(c, &peering->element, "between",
                     "is one and the same twice");
    for (unsigned i = 0; i < peering->element.index; i++) {
        const HsPeering *other = hs_scenario_peering(c->scenario, i);

        if ((other->ends[0] == peering->ends[0] &&
             other->ends[1] == peering->ends[1]) ||
            (other->ends[0] == peering->ends[1] &&
             other->ends[1] == peering->ends[0]))
            hs_check_bad(c, &peering->element, "between",
                         "[peering %s] connects the same two already; AWS "
                         "takes one (" VPC_PEERING ")",
                         other->element.name);
    }
    if (peering->ends[0]->kind == HS_KIND_GATEWAY)
        check_tgw_peering(c, peering);
}

static void
check_nat_gateway(const HsCheckRun *c, const HsNatGateway *nat)
{
    bool inside = hs_prefix_contains(&nat->vpc->cidr, &nat->address);

    if (nat->type == HS_NAT_GATEWAY_PUBLIC && !nat->vpc->internet_gateway)
        hs_check_bad(c, &nat->element, "type",
                     "[vpc %s] has no internet gateway, which a public NAT "
                     "gateway takes (" VPC_NAT ")",
                     nat->vpc->element.name);
    if (nat->type == HS_NAT_GATEWAY_PRIVATE && !inside)
        hs_check_bad(c, &nat->element, "address",
                     "is not in [vpc %s]; a private NAT gateway has an address "
                     "of its subnet (" VPC_NAT ")",
                     nat->vpc->element.name);
    if (nat->type == HS_NAT_GATEWAY_PUBLIC && inside)
        hs_check_bad(c, &nat->element, "address",
                     "is in [vpc %s]; a public NAT gateway has an Elastic IP "
                     "address (" VPC_NAT ")",
                     nat->vpc->element.name);
}

void
hs_check_gateways(const HsCheckRun *c)
{
    const HsGateway *gateway;
    const HsDxgw *dxgw;
    const HsAssociation *association;
    const HsPeering *peering;
    const HsNatGateway *nat;

    for (unsigned i = 0; (gateway = hs_scenario_gateway(c->scenario, i)); i++)
        check_gateway(c, gateway);
    for (unsigned i = 0; (dxgw = hs_scenario_dxgw(c->scenario, i)); i++)
        check_dxgw(c, dxgw);
    for (unsigned i = 0;
         (association = hs_scenario_association(c->scenario, i)); i++)
        check_association(c, association);
    for (unsigned i = 0; (peering = hs_scenario_peering(c->scenario, i)); i++)
        check_peering(c, peering);
    for (unsigned i = 0; (nat = hs_scenario_nat_gateway(c->scenario, i)); i++)
        check_nat_gateway(c, nat);
}
