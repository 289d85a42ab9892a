/* Direct Connect: the physical connection, the virtual interfaces on it, AWS's
 * endpoint behind each, and the sessions of both sides.
 *
 *     dc.gateway ══ C ══ C.aws          a connection that several share: its
 *                ══ X ══ X.aws          link is the wire, those of the virtual
 *                ══ Y ══ Y.aws          interfaces are VLANs on it
 *
 * A virtual interface without a connection in the scenario is a link of its
 * own. Its endpoint is a node of its own in either case, as if AWS's device
 * were cut in slices: what they share is the wire, and faults that hit a device
 * or a location hit all of its slices.
 *
 * Behind a private virtual interface lies a VGW, or a DX gateway's associated
 * gateways, one backbone link to each; behind a transit one TGWs, likewise. */

#include "config.h"

#include "sim/world/private.h"

/* IEEE 802.1AE: security tag with SCI 16 bytes, integrity check value 16. */
#define MACSEC_OVERHEAD 32

/* The partner's own link to AWS, of which a hosted connection is a share
 * (assumed; more if the share is more). */
#define PARTNER_RATE UINT64_C(10000000000)

static const HsPrefix everything = {.addr = {.family = HS_FAMILY_IPV4}};

/* ADDRESS with the length of SUBNET. */
static HsPrefix
on(const HsAddr *address, const HsPrefix *subnet)
{
    return (HsPrefix){.addr = *address, .length = subnet->length};
}

static HsPrefix
public_prefix(const HsDx *dx)
{
    return hs_prefix_masked(&dx->peer);
}

/* The wire */

static WorldLinkConfig
wire_of(const char *name, const HsLinkSettings *settings,
        const HsPhysical *physical)
{
    WorldLinkConfig wire = {
        .name = name,
        .settings = *settings,
        .kind = HS_LINK_DX,
        .encrypted = physical->macsec != HS_MACSEC_OFF,
        .members = physical->lag,
        .least = physical->lag_min_links,
    };

    if (physical->type == HS_CONNECTION_HOSTED)
        wire.settings.rate = MAX(wire.settings.rate, PARTNER_RATE);

    if (wire.encrypted)
        wire.settings.overhead += MACSEC_OVERHEAD;
    return wire;
}

static WorldNode *
customer_of(const HsWorld *world, const HsOnprem *site,
            const HsPhysical *physical)
{
    return hs_world_customer_gateway(world, site, physical->router);
}

/* Nothing is sent on the wire as such: what passes is seen on the virtual
 * interfaces. */
void
hs_world_build_connection(HsWorld *world, const HsConnection *connection)
{
    g_autofree char *name = hs_world_name_of(&connection->element, "aws");
    WorldLinkConfig wire = wire_of(connection->element.name, &connection->link,
                                   &connection->physical);
    WorldLink *link;

    if (connection->site == NULL)
        return; /* nothing uses it */
    wire.trusted = true;
    link = hs_world_add_link(
        world, &wire,
        customer_of(world, connection->site, &connection->physical),
        hs_world_add_node(world, name, HS_WORLD_DX_CONNECTION,
                          &connection->element, false, 0));
    link->end[0].port = link->end[1].port = HS_PORT_NONE;
}

/* Virtual interfaces */

/* The customer's end of a virtual interface, and its session. */
static void
join_customer(const HsDx *dx, WorldLink *link, WorldNode *gateway)
{
    HsPrefix customer = on(&dx->customer_address, &dx->peer);
    HsPrefix advertised = public_prefix(dx);
    HsPortConfig port = hs_world_port(link, 0);
    HsControlPeerConfig session = hs_world_customer_session(
        dx->element.name, &dx->customer, &dx->policy, dx->cgw_remote_asn);

    hs_sim_host_add_address(gateway->host, &customer);
    session.local = dx->customer_address;
    session.remote = dx->aws_address;
    session.bfd_interval = dx->bfd.interval;
    session.bfd_multiplier = dx->bfd.multiplier;
    link->end[0].peer = hs_customer_gateway_add_dx(
        gateway->model, &port, &customer, dx->vif == HS_VIF_PUBLIC, &advertised,
        &session, &link->end[0].port);
    if (dx->vif == HS_VIF_PUBLIC)
        hs_customer_gateway_announce(gateway->model, link->end[0].peer,
                                     dx->announce.values, dx->announce.count,
                                     dx->announce_extra);
    else
        hs_customer_gateway_set_announced(
            gateway->model, link->end[0].peer, dx->announce.values,
            dx->announce.count, dx->announce_extra);
}

static WorldLink *
build_vif(HsWorld *world, const HsDx *dx, WorldNode *endpoint)
{
    WorldNode *gateway = customer_of(world, dx->site, &dx->physical);
    WorldLinkConfig wire = wire_of(dx->element.name, &dx->link, &dx->physical);
    HsPrefix aws = on(&dx->aws_address, &dx->peer);
    WorldLink *link;
    HsPortConfig port;

    if (dx->connection != NULL)
        wire.trunk = hs_world_find_link(world, dx->connection->element.name);
    link = hs_world_add_link(world, &wire, gateway, endpoint);
    if (!hs_world_is_real(world, &dx->site->port))
        join_customer(dx, link, gateway);
    hs_sim_host_add_address(endpoint->host, &aws);
    port = hs_world_port(link, 1);
    link->end[1].port = hs_dx_endpoint_add_vif(endpoint->model, &port, &aws);
    if (dx->physical.type == HS_CONNECTION_HOSTED)
        hs_dx_endpoint_police(endpoint->model, dx->link.rate);
    return link;
}

/* What is behind them */

/* A private virtual interface of a VGW: the gateway knows what is reached by
 * it, CloudHub's sites among them. */
static void
join_gateway(HsWorld *world, const HsDx *dx, WorldNode *node, WorldLink *vif,
             const HsControlPeerConfig *given)
{
    WorldNode *vgw = hs_world_find_node(world, dx->gateway->element.name);
    HsAttachment *attachment = hs_aws_gateway_attach(
        vgw->gateway, &(HsAttachmentConfig){.name = dx->element.name,
                                            .kind = HS_ATTACHMENT_DX});
    WorldLink *backbone =
        hs_world_add_backbone(world, &dx->element, "backbone", node, vgw);
    HsControlPeerConfig session = *given;
    HsPortConfig port = hs_world_port(backbone, 0);

    backbone->end[0].port = hs_dx_endpoint_add_gateway(node->model, &port);
    hs_dx_endpoint_add_destination(node->model, backbone->end[0].port,
                                   &everything, false);
    port = hs_world_port(backbone, 1);
    port.name = dx->element.name;
    session.egress = backbone->end[1].port =
        hs_attachment_add_port(attachment, &port);
    vif->end[1].peer = hs_attachment_add_session(attachment, &session);
}

static unsigned
associations_of(const HsWorld *world, const HsDxgw *dxgw)
{
    unsigned n = 0;

    for (guint i = 0; i < world->associations->len; i++) {
        const WorldAssociation *association = world->associations->pdata[i];

        n += association->config->dxgw == dxgw;
    }
    return n;
}

/* The backbone from the endpoint to one associated gateway: "X.backbone", or
 * "X.backbone.GATEWAY" if there are several. */
static void
join_associated(HsWorld *world, const HsDx *dx, WorldNode *node,
                const WorldAssociation *association, unsigned vif)
{
    const HsElement *gateway = &association->config->gateway->element;
    g_autofree char *suffix =
        associations_of(world, dx->dxgw) == 1
            ? g_strdup("backbone")
            : g_strdup_printf("backbone.%s", gateway->name);
    WorldLink *backbone = hs_world_add_long_backbone(
        world, &dx->element, suffix, association->config->backbone_delay, node,
        association->gateway);
    HsPortConfig port = hs_world_port(backbone, 0);
    const HsPrefix *prefix;

    backbone->end[0].port = hs_dx_endpoint_add_gateway(node->model, &port);
    for (unsigned i = 0;
         (prefix = hs_dxgw_association_announces(association->model, i)); i++)
        hs_dx_endpoint_add_destination(node->model, backbone->end[0].port,
                                       prefix, dx->vif == HS_VIF_PRIVATE);
    port = hs_world_port(backbone, 1);
    port.name = dx->element.name;
    backbone->end[1].port =
        hs_attachment_add_port(association->attachment, &port);
    hs_dxgw_join(association->model, vif, backbone->end[1].port);
}

static void
join_dxgw(HsWorld *world, const HsDx *dx, WorldNode *node, WorldLink *link,
          const HsControlPeerConfig *session)
{
    HsDxGateway *dxgw =
        hs_world_find_node(world, dx->dxgw->element.name)->model;
    unsigned vif = hs_dxgw_add_vif(dxgw, g_intern_string(dx->physical.region));

    for (guint i = 0; i < world->associations->len; i++) {
        const WorldAssociation *association = world->associations->pdata[i];

        if (association->config->dxgw == dx->dxgw)
            join_associated(world, dx, node, association, vif);
    }
    link->end[1].peer = hs_dxgw_add_session(dxgw, vif, session);
}

static HsDxEndpoint *
build_endpoint(WorldNode *node, const HsDx *dx)
{
    bool on_dxgw = dx->dxgw != NULL;
    HsDxEndpoint *endpoint = hs_dx_endpoint_new(
        hs_world_env(node),
        &(HsEndpointConfig){
            .name = node->name,
            .fib_delay = on_dxgw ? dx->dxgw->fib_delay : dx->gateway->fib_delay,
            .carrier_delay =
                on_dxgw ? dx->dxgw->carrier_delay : dx->gateway->carrier_delay,
        });

    hs_world_set_router(node, hs_dx_endpoint_router(endpoint), endpoint,
                        (GDestroyNotify)hs_dx_endpoint_free, 1);
    return endpoint;
}

void
hs_world_build_dx(HsWorld *world, const HsDx *dx)
{
    g_autofree char *name = hs_world_name_of(&dx->element, "aws");
    WorldNode *node = hs_world_add_node(world, name, HS_WORLD_DX_ENDPOINT,
                                        &dx->element, true, HS_WORLD_HOST_MTU);
    HsDxEndpoint *endpoint = build_endpoint(node, dx);
    WorldLink *vif = build_vif(world, dx, node);
    HsControlPeerConfig session = {
        .name = dx->element.name,
        .local = dx->aws_address,
        .remote = dx->customer_address,
        .remote_as = dx->aws_remote_asn,
        .keepalive = dx->aws.keepalive,
        .hold = dx->aws.hold,
        .max_prefixes = dx->prefix_limit,
        .has_med = true,
        .med = dx->aws.med,
        .bfd_interval = dx->aws_bfd.interval,
        .bfd_multiplier = dx->aws_bfd.multiplier,
    };

    hs_dx_endpoint_session(endpoint, vif->end[1].port, &session);
    if (dx->vif == HS_VIF_PUBLIC && hs_world_is_meshed(world, dx))
        hs_world_join_public(world, dx, node, &session, vif);
    else if (dx->vif == HS_VIF_PUBLIC)
        vif->end[1].peer = hs_dx_endpoint_add_public_session(
            endpoint, &dx->aws_address, &session);
    else if (dx->dxgw != NULL)
        join_dxgw(world, dx, node, vif, &session);
    else
        join_gateway(world, dx, node, vif, &session);
}
