/* Route tables, of VPCs and of transit gateways. */

#include "config.h"

#include "sim/scenario/check.h"

/* As AWS calls it. */
#define VPC_ROUTES_MAX 1000 /* 50, which AWS raises to so many */
#define TGW_ROUTES_MAX 10000
#define TGW_TABLES_MAX 20
#define PROPAGATED_MAX 100

static bool
is_peering_of(const HsElement *via, const HsElement *end)
{
    const HsPeering *peering = (const HsPeering *)via;

    return via->kind == HS_KIND_PEERING &&
           (peering->ends[0] == end || peering->ends[1] == end);
}

/* NULL: a VPC's table may have it; else why not. */
static const char *
refuse_vpc_target(const HsVpc *vpc, const HsTableRoute *route)
{
    const HsElement *via = route->via;

    if (route->kind == HS_ROUTE_BLACKHOLE)
        return "AWS has no blackhole routes in a VPC's table, only what "
               "becomes one when its target is gone";
    if (route->kind == HS_ROUTE_INTERNET)
        return vpc->internet_gateway ? NULL : "the VPC has no internet gateway";
    if (via->kind == HS_KIND_GATEWAY)
        return hs_elements_have(&((const HsGateway *)via)->attach,
                                &vpc->element)
                   ? NULL
                   : "the gateway is not attached to the VPC";
    if (via->kind == HS_KIND_NAT_GATEWAY)
        return ((const HsNatGateway *)via)->vpc == vpc
                   ? NULL
                   : "the NAT gateway is in another VPC, and there is no "
                     "edge-to-edge routing";
    if (via->kind == HS_KIND_PEERING)
        return is_peering_of(via, &vpc->element)
                   ? NULL
                   : "the peering is that of other VPCs, and peering is not "
                     "transitive";
    return "a VPC routes via a [gateway], [nat-gateway] or [peering], or via "
           "internet-gateway";
}

static bool
is_attached(const HsScenario *scenario, const HsGateway *tgw,
            const HsElement *attachment)
{
    g_autoptr(GPtrArray) all = hs_scenario_attachments(scenario, tgw);

    return g_ptr_array_find(all, attachment, NULL);
}

static const char *
refuse_tgw_target(const HsScenario *scenario, const HsGateway *tgw,
                  const HsTableRoute *route)
{
    if (route->kind == HS_ROUTE_BLACKHOLE)
        return NULL;
    if (route->kind == HS_ROUTE_INTERNET)
        return "a transit gateway has no internet gateway";
    if (route->via->kind == HS_KIND_DXGW)
        return "AWS takes static routes via VPC, VPN and peering attachments; "
               "a Direct Connect gateway's are propagated";
    return is_attached(scenario, tgw, route->via)
               ? NULL
               : "it is no attachment of the transit gateway";
}

static void
check_routes(const HsCheckRun *c, const HsTable *table)
{
    bool vpc = table->of->kind == HS_KIND_VPC;
    const HsPrefix *local = vpc ? &((const HsVpc *)table->of)->cidr : NULL;
    char prefix[HS_PREFIX_TEXT];

    for (unsigned i = 0; i < table->routes.count; i++) {
        const HsTableRoute *route = &table->routes.values[i];
        const char *why =
            vpc ? refuse_vpc_target((const HsVpc *)table->of, route)
                : refuse_tgw_target(c->scenario, (const HsGateway *)table->of,
                                    route);

        hs_prefix_format(&route->prefix, prefix);
        if (why != NULL)
            hs_check_bad(c, &table->element, "routes", "%s: %s (%s)", prefix,
                         why, vpc ? VPC_TABLES : TGW_TABLES);
        else if (local != NULL && hs_prefix_covers(local, &route->prefix) &&
                 route->kind == HS_ROUTE_VIA &&
                 route->via->kind != HS_KIND_NAT_GATEWAY)
            hs_check_bad(c, &table->element, "routes",
                         "%s is in the VPC's own network, whose local route "
                         "comes before; AWS takes none within it to such a "
                         "target (" VPC_TABLES ")",
                         prefix);
    }
    if (table->routes.count > (vpc ? VPC_ROUTES_MAX : TGW_ROUTES_MAX))
        hs_check_bad(c, &table->element, "routes",
                     "%u are too many; AWS takes %s (%s)", table->routes.count,
                     vpc ? "50, or 1000 on request" : "10000",
                     vpc ? VPC_QUOTAS : TGW_QUOTAS);
}

/* What may be named in propagate and associate. */
static void
check_names(const HsCheckRun *c, const HsTable *table, const char *key,
            const HsElements *names)
{
    bool vpc = table->of->kind == HS_KIND_VPC;

    for (unsigned i = 0; i < names->count; i++) {
        const HsElement *name = names->values[i];
        const HsGateway *vgw = (const HsGateway *)name;

        if (!vpc &&
            !is_attached(c->scenario, (const HsGateway *)table->of, name))
            hs_check_bad(c, &table->element, key,
                         "[%s %s] is no attachment of [gateway %s] "
                         "(" TGW_TABLES ")",
                         hs_kind_name(name->kind), name->name, table->of->name);
        if (vpc &&
            (name->kind != HS_KIND_GATEWAY || vgw->type != HS_GATEWAY_VGW ||
             !hs_elements_have(&vgw->attach, table->of)))
            hs_check_bad(c, &table->element, key,
                         "[%s %s] is not the virtual private gateway of [vpc "
                         "%s], from which alone a VPC's table has propagated "
                         "routes (" VPC_TABLES ")",
                         hs_kind_name(name->kind), name->name, table->of->name);
    }
}

/* An attachment, or a subnet, is associated with exactly one table. */
static void
check_association(const HsCheckRun *c, const HsTable *table)
{
    bool vpc = table->of->kind == HS_KIND_VPC;

    if (vpc && table->associate.count > 0)
        hs_check_bad(c, &table->element, "associate",
                     "a VPC's table is associated with its subnets; expected "
                     "subnets or none");
    for (unsigned i = 0; i < table->element.index; i++) {
        const HsTable *other = hs_scenario_table(c->scenario, i);

        if (other->of != table->of)
            continue;
        if (other->associate.all && table->associate.all)
            hs_check_bad(c, &table->element, "associate",
                         "[table %s] has all already; each %s is associated "
                         "with one route table (%s)",
                         other->element.name, vpc ? "subnet" : "attachment",
                         vpc ? VPC_TABLES : TGW_TABLES);
        for (unsigned n = 0; n < table->associate.count; n++) {
            const HsElement *name = table->associate.values[n];

            if (!other->associate.all &&
                hs_elements_have(&other->associate, name))
                hs_check_bad(c, &table->element, "associate",
                             "[%s %s] is associated with [table %s] already; "
                             "each attachment has one route table "
                             "(" TGW_TABLES ")",
                             hs_kind_name(name->kind), name->name,
                             other->element.name);
        }
    }
}

static void
check_table(const HsCheckRun *c, const HsTable *table)
{
    unsigned before = 0;

    if (table->of->kind == HS_KIND_GATEWAY &&
        ((const HsGateway *)table->of)->type != HS_GATEWAY_TGW) {
        hs_check_bad(c, &table->element, "of",
                     "[gateway %s] is a virtual private gateway, which has no "
                     "route tables; its VPC has (" VPC_TABLES ")",
                     table->of->name);
        return;
    }
    check_routes(c, table);
    check_names(c, table, "propagate", &table->propagate);
    if (table->of->kind == HS_KIND_GATEWAY)
        check_names(c, table, "associate", &table->associate);
    check_association(c, table);
    for (unsigned i = 0; i < table->element.index; i++)
        before += hs_scenario_table(c->scenario, i)->of == table->of;
    if (table->of->kind == HS_KIND_GATEWAY && before == TGW_TABLES_MAX)
        hs_check_bad(c, &table->element, "of",
                     "[gateway %s] has %u route tables already; AWS takes no "
                     "more (" TGW_QUOTAS ")",
                     table->of->name, before);
}

/* AWS's limit of propagated routes is that of what it takes by VPN and Direct
 * Connect; static ones of VPNs count as well. */
static void
check_propagated(const HsCheckRun *c, const HsGateway *vgw)
{
    const HsVpn *vpn;
    unsigned routes = 0;

    for (unsigned i = 0; (vpn = hs_scenario_vpn(c->scenario, i)); i++)
        if (vpn->gateway == vgw)
            routes += vpn->static_routes.count;
    if (routes > PROPAGATED_MAX && vgw->type == HS_GATEWAY_VGW)
        hs_check_bad(c, &vgw->element, NULL,
                     "has %u static routes of its VPNs; AWS propagates 100 "
                     "into a VPC's table (" VPC_QUOTAS ")",
                     routes);
}

void
hs_check_tables(const HsCheckRun *c)
{
    const HsTable *table;
    const HsGateway *gateway;

    for (unsigned i = 0; (table = hs_scenario_table(c->scenario, i)); i++)
        check_table(c, table);
    for (unsigned i = 0; (gateway = hs_scenario_gateway(c->scenario, i)); i++)
        check_propagated(c, gateway);
}
