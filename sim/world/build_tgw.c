/* A transit gateway: its router with the tables of the scenario, and peerings
 * between two of them. VPCs, VPNs and DX gateways attach themselves. */

#include "config.h"

#include "sim/world/private.h"

#include "models/aws/tgw.h"
#include "models/aws/tgw_routes.h"

/* As the scenario's rules have it, for each attachment by its name. */
static void
sort_attachments(const HsWorld *world, const HsGateway *gateway,
                 const HsTable *table, GPtrArray *associate,
                 GPtrArray *propagate)
{
    g_autoptr(GPtrArray) all =
        hs_scenario_attachments(world->scenario, gateway);

    for (guint i = 0; i < all->len; i++) {
        const HsElement *element = all->pdata[i];

        if (hs_scenario_table_for(world->scenario, gateway, element) == table)
            g_ptr_array_add(associate, (void *)(uintptr_t)element->name);
        if (element->kind != HS_KIND_PEERING &&
            (table == NULL || hs_table_propagates(table, element)))
            g_ptr_array_add(propagate, (void *)(uintptr_t)element->name);
    }
    g_ptr_array_add(associate, NULL);
    g_ptr_array_add(propagate, NULL);
}

static void
add_routes(HsTgw *tgw, unsigned number, const HsTable *table)
{
    for (unsigned i = 0; i < table->routes.count; i++) {
        const HsTableRoute *route = &table->routes.values[i];

        hs_tgw_add_static(tgw, number, &route->prefix,
                          route->kind == HS_ROUTE_VIA ? route->via->name
                                                      : NULL);
    }
}

static const char *
class_route(const BgpRoute *route)
{
    return hs_tgw_class_name(hs_tgw_tag_class(route->tag));
}

/* TABLE NULL: the default one, which is there without being written. */
static void
add_table(HsWorld *world, const HsGateway *gateway, WorldNode *node,
          const HsTable *table)
{
    g_autoptr(GPtrArray) associate = g_ptr_array_new();
    g_autoptr(GPtrArray) propagate = g_ptr_array_new();
    HsTgw *tgw = node->model;
    const char *name = table != NULL ? table->element.name : "default";
    unsigned number;

    sort_attachments(world, gateway, table, associate, propagate);
    number = hs_tgw_add_table(
        tgw, &(HsTgwTableConfig){
                 .name = name,
                 .associate = (const char *const *)associate->pdata,
                 .propagate = (const char *const *)propagate->pdata,
             });
    hs_world_add_table(node, name, hs_tgw_table_vrf(tgw, number),
                       hs_tgw_table_speaker(tgw, number));
    hs_world_name_routes(node, hs_tgw_route_name, tgw);
    hs_world_class_routes(node, class_route);
    if (table != NULL)
        add_routes(tgw, number, table);
}

void
hs_world_build_tgw(HsWorld *world, const HsGateway *gateway)
{
    WorldNode *node =
        hs_world_add_node(world, gateway->element.name, HS_WORLD_TGW,
                          &gateway->element, false, 0);
    const HsTable *table;
    HsTgw *tgw =
        hs_tgw_new(hs_world_env(node), &(HsTgwConfig){
                                           .name = node->name,
                                           .asn = gateway->asn,
                                           .router_id = gateway->router_id,
                                           .vpn_ecmp = gateway->vpn_ecmp,
                                           .mtu = gateway->mtu,
                                           .convergence = gateway->convergence,
                                           .fib_delay = gateway->fib_delay,
                                       });

    hs_world_set_router(node, hs_tgw_router(tgw), tgw,
                        (GDestroyNotify)hs_tgw_free, 0);
    node->gateway = hs_tgw_gateway(tgw);
    hs_world_add_table(node, "of no table", 0, NULL);
    if (gateway->default_table)
        add_table(world, gateway, node, NULL);
    for (unsigned i = 0; (table = hs_scenario_table(world->scenario, i)); i++)
        if (table->of == &gateway->element)
            add_table(world, gateway, node, table);
}

void
hs_world_build_tgw_peering(HsWorld *world, const HsPeering *peering)
{
    WorldLink *link;

    if (peering->ends[0]->kind != HS_KIND_GATEWAY)
        return;
    link = hs_world_add_peering(world, peering);
    for (unsigned i = 0; i < 2; i++) {
        HsAttachment *attachment = hs_aws_gateway_attach(
            link->end[i].node->gateway,
            &(HsAttachmentConfig){.name = peering->element.name,
                                  .kind = HS_ATTACHMENT_PEERING});
        HsPortConfig port = hs_world_port(link, i);

        link->end[i].port = hs_attachment_add_port(attachment, &port);
    }
}
