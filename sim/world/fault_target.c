/* What a fault acts on: the links, nodes and sessions behind the name that the
 * scenario gives. An element can stand for several things, and each action
 * takes what it needs: a virtual interface is a link, an endpoint of AWS's and
 * a session. Which action fits which name was decided when the scenario was
 * read (sim/scenario/actions.c).
 *
 * Departure: an availability zone is the VPN endpoints in it; what a VPC has
 * there goes on. */

#include "config.h"

#include "sim/world/fault.h"

static void
session_free(void *data)
{
    WorldSession *session = data;

    g_free(session->psk);
    g_free(session);
}

static void
add_link(WorldFault *fault, const char *name)
{
    WorldLink *link = hs_world_find_link(fault->world, name);

    if (link != NULL && !g_ptr_array_find(fault->links, link, NULL))
        g_ptr_array_add(fault->links, link);
}

static void
add_node(WorldFault *fault, const char *name)
{
    WorldNode *node = hs_world_find_node(fault->world, name);

    if (node != NULL && !g_ptr_array_find(fault->nodes, node, NULL))
        g_ptr_array_add(fault->nodes, node);
}

static void
add_node_of(WorldFault *fault, const HsElement *element, const char *suffix)
{
    g_autofree char *name = hs_world_name_of(element, suffix);

    add_node(fault, name);
}

/* Virtual interfaces */

/* The light of an interface on a shared connection is the connection's. */
static bool
is_light(const HsFault *config)
{
    return config->action == HS_FAULT_LINK_DOWN ||
           config->action == HS_FAULT_LAG_MEMBER_DOWN ||
           (config->action == HS_FAULT_FLAP &&
            config->how == HS_FLAP_BY_LINK_DOWN);
}

static void
add_dx(WorldFault *fault, const HsDx *dx)
{
    WorldSession *session = g_new0(WorldSession, 1);
    WorldLink *link = hs_world_find_link(fault->world, dx->element.name);

    if (dx->connection != NULL && is_light(&fault->config))
        add_link(fault, dx->connection->element.name);
    else
        add_link(fault, dx->element.name);
    add_node_of(fault, &dx->element, "aws");
    session->name = dx->element.name;
    session->link = link;
    if (link != NULL) {
        session->peer[0] = link->end[0].peer;
        session->peer[1] = link->end[1].peer;
        session->gateway = link->end[0].node;
        session->endpoint = link->end[1].node;
    }
    g_ptr_array_add(fault->sessions, session);
}

static void
add_connection(WorldFault *fault, const HsConnection *connection)
{
    const HsDx *dx;

    add_link(fault, connection->element.name);
    for (unsigned i = 0;
         (dx = hs_scenario_dx(fault->world->scenario, i)) != NULL; i++)
        if (dx->connection == connection)
            add_dx(fault, dx);
    /* It is one link, not one for each interface. */
    if (hs_world_find_link(fault->world, connection->element.name) != NULL)
        g_ptr_array_set_size(fault->links, 1);
}

/* A change of its MTU is one of all interfaces of its connection; the first
 * session is the target's. */
static void
add_neighbours(WorldFault *fault, const HsDx *target)
{
    const HsDx *dx;

    for (unsigned i = 0;
         (dx = hs_scenario_dx(fault->world->scenario, i)) != NULL; i++)
        if (dx != target && dx->connection == target->connection)
            add_dx(fault, dx);
}

static void
add_place(WorldFault *fault, bool device)
{
    const HsScenario *scenario = fault->world->scenario;
    const char *wanted = fault->config.target_name;
    const HsDx *dx;

    for (unsigned i = 0; (dx = hs_scenario_dx(scenario, i)) != NULL; i++) {
        const HsPhysical *p = &dx->physical;

        if (!g_str_equal(device ? p->device : p->location, wanted))
            continue;
        add_dx(fault, dx);
        if (dx->connection == NULL || is_light(&fault->config))
            continue;
        /* All of what its interfaces share. */
        add_link(fault, dx->connection->element.name);
        g_ptr_array_remove(fault->links,
                           hs_world_find_link(fault->world, dx->element.name));
    }
}

/* Tunnels */

static HsIkeTunnel *
find_tunnel(const WorldNode *node, const char *name)
{
    if (node == NULL || node->ike == NULL)
        return NULL;
    for (unsigned i = 0; i < hs_ike_service_n_tunnels(node->ike); i++) {
        HsIkeTunnel *tunnel = hs_ike_service_tunnel(node->ike, i);

        if (g_str_equal(hs_ike_tunnel_name(tunnel), name))
            return tunnel;
    }
    return NULL;
}

static WorldSession *
tunnel_session(const HsWorld *world, const HsVpn *vpn, unsigned index)
{
    g_autofree char *name =
        g_strdup_printf("%s.tunnel%u", vpn->element.name, index + 1);
    g_autofree char *link = g_strdup_printf("%s.edge", name);
    g_autofree char *node = g_strdup_printf("%s.aws", name);
    WorldSession *session = g_new0(WorldSession, 1);

    session->name = g_intern_string(name);
    session->link = hs_world_find_link(world, link);
    session->endpoint = hs_world_find_node(world, node);
    session->aws = find_tunnel(session->endpoint, name);
    /* It is the site's, on whichever of its gateways. */
    for (guint i = 0; i < world->nodes->len; i++) {
        WorldNode *other = world->nodes->pdata[i];

        if (session->customer == NULL && other != session->endpoint) {
            session->customer = find_tunnel(other, name);
            session->gateway = session->customer != NULL ? other : NULL;
        }
    }
    if (session->aws != NULL)
        session->peer[1] = hs_ike_tunnel_session_peer(session->aws);
    if (session->customer != NULL)
        session->peer[0] = hs_ike_tunnel_session_peer(session->customer);
    session->psk = hs_world_psk(world->scenario, vpn, index);
    session->tunnel = &vpn->tunnel[index];
    return session;
}

static void
add_tunnel(WorldFault *fault, const HsVpn *vpn, unsigned index)
{
    WorldSession *session = tunnel_session(fault->world, vpn, index);

    add_link(fault, session->link->name);
    add_node(fault, session->endpoint->name);
    g_ptr_array_add(fault->sessions, session);
}

static void
add_vpn(WorldFault *fault, const HsVpn *vpn)
{
    for (unsigned i = 0; i < vpn->tunnels; i++)
        if (fault->config.tunnel == 0 || fault->config.tunnel == i + 1)
            add_tunnel(fault, vpn, i);
        else
            g_ptr_array_add(fault->siblings,
                            tunnel_session(fault->world, vpn, i));
}

/* VPN user guide: the tunnels of a connection end in two zones. */
static void
add_zone(WorldFault *fault)
{
    unsigned index = g_str_equal(fault->config.target_name, "a") ? 0 : 1;
    const HsVpn *vpn;

    for (unsigned i = 0;
         (vpn = hs_scenario_vpn(fault->world->scenario, i)) != NULL; i++)
        if (index < vpn->tunnels)
            add_tunnel(fault, vpn, index);
}

/* All of it */

static void
add_element(WorldFault *fault, const HsElement *element)
{
    if (element->kind == HS_KIND_DX) {
        const HsDx *dx = (const HsDx *)element;

        add_dx(fault, dx);
        if (fault->config.action == HS_FAULT_MTU_CHANGE &&
            dx->connection != NULL)
            add_neighbours(fault, dx);
    } else if (element->kind == HS_KIND_VPN) {
        add_vpn(fault, (const HsVpn *)element);
    } else if (element->kind == HS_KIND_CONNECTION) {
        add_connection(fault, (const HsConnection *)element);
    } else if (element->kind == HS_KIND_NAT_GATEWAY) {
        add_node(fault, ((const HsNatGateway *)element)->vpc->element.name);
    } else if (element->kind == HS_KIND_ONPREM) {
        add_node_of(fault, element, "gateway");
        add_node_of(fault, element, "gateway2");
    } else {
        add_link(fault, element->name);
        add_node(fault, element->name);
        if (element->kind == HS_KIND_INTERNET)
            add_node_of(fault, element, "aws");
    }
}

static char *
name_of_target(const HsFault *config)
{
    if (config->target_kind == HS_TARGET_LOCATION)
        return g_strdup_printf("location.%s", config->target_name);
    if (config->target_kind == HS_TARGET_DEVICE)
        return g_strdup_printf("device.%s", config->target_name);
    if (config->target_kind == HS_TARGET_ZONE)
        return g_strdup_printf("az.%s", config->target_name);
    if (config->target_kind == HS_TARGET_PART)
        return g_strdup(config->target_name);
    if (config->tunnel > 0)
        return g_strdup_printf("%s.tunnel%u", config->target->name,
                               config->tunnel);
    return g_strdup(config->target->name);
}

/* What a crashed node loses, it loses on its links. */
static void
take_links_of_nodes(WorldFault *fault)
{
    const GPtrArray *links = fault->world->links;

    g_ptr_array_set_size(fault->links, 0);
    for (guint i = 0; i < links->len; i++) {
        WorldLink *link = links->pdata[i];

        if (g_ptr_array_find(fault->nodes, link->end[0].node, NULL) ||
            g_ptr_array_find(fault->nodes, link->end[1].node, NULL))
            g_ptr_array_add(fault->links, link);
    }
}

static void
find(WorldFault *fault, const char *name)
{
    const HsFault *config = &fault->config;

    switch (config->target_kind) {
    case HS_TARGET_ELEMENT:
        add_element(fault, config->target);
        return;
    case HS_TARGET_PART:
        add_link(fault, name);
        add_node(fault, name);
        return;
    case HS_TARGET_LOCATION:
    case HS_TARGET_DEVICE:
        add_place(fault, config->target_kind == HS_TARGET_DEVICE);
        return;
    case HS_TARGET_ZONE:
        add_zone(fault);
        return;
    }
}

void
hs_fault_find_targets(WorldFault *fault)
{
    g_autofree char *name = name_of_target(&fault->config);

    fault->target = g_intern_string(name);
    fault->links = g_ptr_array_new();
    fault->nodes = g_ptr_array_new();
    fault->sessions = g_ptr_array_new_with_free_func(session_free);
    fault->siblings = g_ptr_array_new_with_free_func(session_free);
    find(fault, name);
    if (fault->config.action == HS_FAULT_NODE_CRASH)
        take_links_of_nodes(fault);
}
