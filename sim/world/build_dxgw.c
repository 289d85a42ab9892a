/* A Direct Connect gateway: a node without a link, where routes are decided
 * and nothing passes; and the gateways associated with it. */

#include "config.h"

#include "sim/world/private.h"

static void
crash(void *model, bool forwarding_lost)
{
    hs_dxgw_crash(model, forwarding_lost);
}

static void
boot(void *model)
{
    hs_dxgw_boot(model);
}

void
hs_world_build_dxgw(HsWorld *world, const HsDxgw *config)
{
    WorldNode *node =
        hs_world_add_node(world, config->element.name, HS_WORLD_DX_GATEWAY,
                          &config->element, false, 0);
    HsDxGateway *dxgw =
        hs_dxgw_new(hs_world_env(node),
                    &(HsDxGatewayConfig){.name = node->name,
                                         .asn = config->asn,
                                         .router_id = config->router_id,
                                         .convergence = config->convergence});

    hs_world_set_router(node, NULL, dxgw, (GDestroyNotify)hs_dxgw_free, 0);
    node->crash = crash;
    node->boot = boot;
    hs_world_add_table(node, "routes", HS_WORLD_NO_VRF, hs_dxgw_speaker(dxgw));
}

/* What a VGW has behind it is announced if the allowed prefixes let it; a
 * TGW's allowed prefixes themselves are. */
static void
add_networks(HsDxAssociation *association, const HsGateway *gateway)
{
    for (unsigned i = 0; i < gateway->attach.count; i++)
        hs_dxgw_association_add_cidr(
            association, &((const HsVpc *)gateway->attach.values[i])->cidr);
}

void
hs_world_build_association(HsWorld *world, const HsAssociation *config)
{
    const HsGateway *gateway = config->gateway;
    WorldNode *dxgw = hs_world_find_node(world, config->dxgw->element.name);
    WorldAssociation *association = g_new0(WorldAssociation, 1);

    association->config = config;
    association->gateway = hs_world_find_node(world, gateway->element.name);
    association->attachment = hs_aws_gateway_attach(
        association->gateway->gateway,
        &(HsAttachmentConfig){.name = config->dxgw->element.name,
                              .kind = HS_ATTACHMENT_DXGW});
    association->model = hs_dxgw_associate(
        dxgw->model,
        &(HsDxAssociationConfig){.attachment = association->attachment,
                                 .region = g_intern_string(gateway->region),
                                 .originates = gateway->type == HS_GATEWAY_TGW,
                                 .allowed = config->allowed.values,
                                 .n_allowed = config->allowed.count});
    if (gateway->type == HS_GATEWAY_VGW)
        add_networks(association->model, gateway);
    g_ptr_array_add(world->associations, association);
}
