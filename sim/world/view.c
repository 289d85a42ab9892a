#include "config.h"

#include "sim/world/view.h"

#include "sim/world/private.h"

unsigned
hs_world_nodes(const HsWorld *world)
{
    return world->nodes->len;
}

const char *
hs_world_role_name(HsWorldRole role)
{
    static const char *const names[] = {
#define X(name, text, place) [HS_WORLD_##name] = text,
        HS_WORLD_ROLES(X)
#undef X
    };

    g_assert(role < HS_WORLD_ROLE_COUNT);
    return names[role];
}

static const char *
place_of(const WorldNode *node)
{
    static const char *const places[] = {
#define X(name, text, place) [HS_WORLD_##name] = place,
        HS_WORLD_ROLES(X)
#undef X
    };

    if (places[node->role] != NULL)
        return places[node->role];
    return node->element->kind == HS_KIND_VPC ? "aws" : "onprem";
}

HsWorldNode
hs_world_node(const HsWorld *world, unsigned number)
{
    const WorldNode *node = world->nodes->pdata[number];

    return (HsWorldNode){.name = node->name,
                         .role = node->role,
                         .place = place_of(node),
                         .element = node->element,
                         .router = node->router};
}

static unsigned
number_of(const HsWorld *world, const WorldNode *node)
{
    guint number;
    bool found = g_ptr_array_find(world->nodes, node, &number);

    g_assert(found);
    return number;
}

bool
hs_world_node_named(const HsWorld *world, const char *name, unsigned *ret_node)
{
    const WorldNode *node = hs_world_find_node(world, name);

    if (node == NULL)
        return false;
    *ret_node = number_of(world, node);
    return true;
}

static bool
is_named(const WorldNode *node, unsigned vrf)
{
    for (guint i = 0; i < node->tables->len; i++)
        if (g_array_index(node->tables, HsWorldTable, i).vrf == vrf)
            return true;
    return false;
}

GArray *
hs_world_tables(const HsWorld *world, unsigned number)
{
    const WorldNode *node = world->nodes->pdata[number];
    GArray *tables = g_array_new(FALSE, FALSE, sizeof(HsWorldTable));

    g_array_append_vals(tables, node->tables->data, node->tables->len);
    for (unsigned vrf = 0;
         node->router != NULL && vrf < hs_router_n_vrfs(node->router); vrf++) {
        HsWorldTable table = {.name = hs_router_vrf_name(node->router, vrf),
                              .vrf = vrf};

        if (!is_named(node, vrf))
            g_array_append_val(tables, table);
    }
    return tables;
}

/* Ports */

static bool
by_link(const HsWorld *world, const WorldNode *node, unsigned port,
        HsWorldFar *ret_far)
{
    for (guint i = 0; i < world->links->len; i++) {
        const WorldLink *link = world->links->pdata[i];

        for (unsigned near = 0; near < 2; near++) {
            const WorldEnd *far = &link->end[1 - near];

            if (link->end[near].node != node || link->end[near].port != port)
                continue;
            *ret_far = (HsWorldFar){
                .through = link->name,
                .kind = link->kind,
                .trusted = link->trusted,
                .node = number_of(world, far->node),
                .port = far->node->router != NULL ? far->port : HS_PORT_NONE,
            };
            return true;
        }
    }
    return false;
}

/* A tunnel's port has its name at both ends. */
static bool
by_tunnel(const HsWorld *world, const WorldNode *node, unsigned port,
          HsWorldFar *ret_far)
{
    const char *name = hs_router_port_name(node->router, port);

    for (guint i = 0; node->ipsec != NULL && i < world->nodes->len; i++) {
        const WorldNode *far = world->nodes->pdata[i];

        if (far == node || far->ipsec == NULL)
            continue;
        for (unsigned p = 0; p < hs_router_n_ports(far->router); p++) {
            if (!g_str_equal(hs_router_port_name(far->router, p), name))
                continue;
            *ret_far = (HsWorldFar){
                .through = name, .tunnel = true, .node = i, .port = p};
            return true;
        }
    }
    return false;
}

bool
hs_world_far_end(const HsWorld *world, unsigned number, unsigned port,
                 HsWorldFar *ret_far)
{
    const WorldNode *node = world->nodes->pdata[number];

    g_assert(node->router != NULL);
    return by_link(world, node, port, ret_far) ||
           by_tunnel(world, node, port, ret_far);
}

bool
hs_world_tunnel(const HsWorld *world, unsigned number, unsigned port,
                HsAddr *ret_outer, unsigned *ret_vrf)
{
    const WorldNode *node = world->nodes->pdata[number];
    const HsTunnel *tunnel =
        node->ipsec != NULL ? hs_ipsec_tunnel_at(node->ipsec, port) : NULL;
    const EspSa *out = tunnel != NULL ? hs_tunnel_out(tunnel) : NULL;

    if (out == NULL)
        return false;
    *ret_outer = esp_sa_config(out)->destination;
    *ret_vrf = hs_tunnel_outside_vrf(tunnel);
    return true;
}

/* ADDRESS is in the subnet of PORT, and not the router's own. */
static bool
is_on(const HsRouter *router, unsigned port, const HsAddr *address)
{
    const HsPrefix *own;

    for (unsigned i = 0; (own = hs_router_port_address(router, port, i)); i++)
        if (hs_prefix_contains(own, address) &&
            !hs_addr_equal(&own->addr, address))
            return true;
    return false;
}

/* By the subnets, and not by the tables, which may have learned another way to
 * a part of one. */
bool
hs_world_host_at(const HsWorld *world, const HsAddr *address,
                 unsigned *ret_host, HsWorldFar *ret_router)
{
    for (guint i = 0; i < world->nodes->len; i++) {
        const HsRouter *router =
            ((const WorldNode *)world->nodes->pdata[i])->router;
        HsWorldFar far;

        for (unsigned port = 0;
             router != NULL && port < hs_router_n_ports(router); port++) {
            if (!is_on(router, port, address) ||
                !hs_world_far_end(world, i, port, &far) ||
                far.port != HS_PORT_NONE)
                continue;
            *ret_host = far.node;
            far.node = i;
            far.port = port;
            *ret_router = far;
            return true;
        }
    }
    return false;
}
