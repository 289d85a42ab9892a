/* A gateway of AWS: its router, on which endpoints and VPCs are hung. */

#include "config.h"

#include "sim/world/private.h"

#include "models/aws/vgw_routes.h"

static const char *
class_route(const BgpRoute *route)
{
    return route->source == BGP_SOURCE_LOCAL
               ? NULL
               : hs_vgw_class_name(HS_VGW_TAG_CLASS(route->tag));
}

void
hs_world_build_gateway(HsWorld *world, const HsGateway *gateway)
{
    WorldNode *node;
    HsVgw *vgw;

    if (gateway->type == HS_GATEWAY_TGW) {
        hs_world_build_tgw(world, gateway);
        return;
    }
    node = hs_world_add_node(world, gateway->element.name, HS_WORLD_VGW,
                             &gateway->element, false, 0);
    vgw =
        hs_vgw_new(hs_world_env(node), &(HsVgwConfig){
                                           .name = node->name,
                                           .asn = gateway->asn,
                                           .router_id = gateway->router_id,
                                           .convergence = gateway->convergence,
                                           .fib_delay = gateway->fib_delay,
                                       });

    hs_world_set_router(node, hs_vgw_router(vgw), vgw,
                        (GDestroyNotify)hs_vgw_free, 1);
    node->gateway = hs_vgw_gateway(vgw);
    hs_world_add_table(node, "routes", 0, hs_vgw_speaker(vgw));
    hs_world_name_routes(node, hs_vgw_route_name, vgw);
    hs_world_class_routes(node, class_route);
}
