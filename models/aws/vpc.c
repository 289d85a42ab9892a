#include "config.h"

#include "models/aws/vpc.h"

struct HsVpcRouter {
    HsEnv *env; /* borrowed */
    HsVpcConfig config;
    HsRouter *router;          /* owned */
    unsigned edge, attachment; /* VRFs; that of the main table is 0 */
    unsigned subnet;           /* the hosts' port */
    HsVpcTable *table;         /* owned: the main table */
    GPtrArray *edges;          /* HsVpcEdge *, owned */
};

struct HsVpcEdge {
    HsVpcTarget target;
    GPtrArray *tables; /* HsVpcTable *, borrowed: where it propagates to */
};

static void
set_route(HsVpcRouter *vpc, unsigned vrf, const HsPrefix *prefix, unsigned port,
          const char *origin)
{
    HsNexthop hop = {.port = port};

    hs_router_route_set(vpc->router, vrf, prefix, &hop, 1, origin);
}

static const char *
origin_of(HsVpcRouteClass class)
{
    switch (class) {
    case HS_VPC_LOCAL:
        return "local";
    case HS_VPC_STATIC:
        return "static";
    case HS_VPC_PROPAGATED:
        return "propagated";
    }
    g_assert_not_reached();
}

static void
table_changed(void *user_data, const HsPrefix *prefix, HsVpcRouteClass class,
              const HsVpcTarget *target)
{
    HsVpcRouter *vpc = user_data;

    if (target == NULL)
        hs_router_route_remove(vpc->router, 0, prefix);
    else
        set_route(vpc, 0, prefix,
                  target->kind == HS_VPC_TARGET_BLACKHOLE ? HS_PORT_BLACKHOLE
                                                          : target->port,
                  origin_of(class));
}

static void
edge_free(void *data)
{
    HsVpcEdge *edge = data;

    g_ptr_array_unref(edge->tables);
    g_free(edge);
}

HsVpcRouter *
hs_vpc_new(HsEnv *env, const HsVpcConfig *config)
{
    HsVpcRouter *vpc = g_new0(HsVpcRouter, 1);

    vpc->env = env;
    vpc->config = *config;
    vpc->config.cidr = hs_prefix_masked(&config->cidr);
    vpc->router =
        hs_router_new(env, &(HsRouterConfig){.name = config->name,
                                             .fib_delay = config->fib_delay});
    vpc->edge = hs_router_add_vrf(vpc->router, "edge");
    vpc->attachment = hs_router_add_vrf(vpc->router, "attachment");
    vpc->subnet = HS_PORT_NONE;
    vpc->table = hs_vpc_table_new(
        env, &(HsVpcTableConfig){.name = "main",
                                 .cidr = vpc->config.cidr,
                                 .static_max = config->static_max,
                                 .changed = table_changed,
                                 .user_data = vpc});
    vpc->edges = g_ptr_array_new_with_free_func(edge_free);
    return vpc;
}

void
hs_vpc_free(HsVpcRouter *vpc)
{
    if (vpc == NULL)
        return;
    g_ptr_array_unref(vpc->edges);
    hs_vpc_table_free(vpc->table);
    hs_router_free(vpc->router);
    g_free(vpc);
}

HsRouter *
hs_vpc_router(HsVpcRouter *vpc)
{
    return vpc->router;
}

/* The hosts, but not the router, which answers its own hosts alone. */
static void
open_to_outside(HsVpcRouter *vpc, unsigned vrf)
{
    HsAddr router = hs_prefix_host(&vpc->config.cidr, 1);
    HsPrefix own = hs_prefix_of(&router);

    set_route(vpc, vrf, &vpc->config.cidr, vpc->subnet, "vpc");
    set_route(vpc, vrf, &own, HS_PORT_BLACKHOLE, "vpc");
}

unsigned
hs_vpc_add_subnet(HsVpcRouter *vpc, const HsPortConfig *given)
{
    HsPortConfig port = *given;
    HsPrefix address = {.addr = hs_prefix_host(&vpc->config.cidr, 1),
                        .length = vpc->config.cidr.length};

    g_assert(vpc->subnet == HS_PORT_NONE);
    port.addresses = &address;
    port.n_addresses = 1;
    vpc->subnet = hs_router_add_port(vpc->router, &port);
    open_to_outside(vpc, vpc->edge);
    open_to_outside(vpc, vpc->attachment);
    return vpc->subnet;
}

HsVpcEdge *
hs_vpc_add_edge(HsVpcRouter *vpc, HsVpcTargetKind kind,
                const HsPortConfig *given)
{
    HsVpcEdge *edge = g_new0(HsVpcEdge, 1);
    HsPortConfig port = *given;

    port.vrf = kind == HS_VPC_TARGET_TRANSIT ? vpc->attachment : vpc->edge;
    edge->target = (HsVpcTarget){
        .kind = kind,
        .name = g_intern_string(port.name),
        .port = hs_router_add_port(vpc->router, &port),
    };
    edge->tables = g_ptr_array_new();
    g_ptr_array_add(vpc->edges, edge);
    return edge;
}

const HsVpcTarget *
hs_vpc_edge_target(const HsVpcEdge *edge)
{
    return &edge->target;
}

HsVpcEdge *
hs_vpc_find_edge(HsVpcRouter *vpc, const char *name)
{
    for (guint i = 0; i < vpc->edges->len; i++) {
        HsVpcEdge *edge = vpc->edges->pdata[i];

        if (edge->target.name == name)
            return edge;
    }
    return NULL;
}

void
hs_vpc_edge_propagate_into(HsVpcEdge *edge, HsVpcTable *table)
{
    g_ptr_array_add(edge->tables, table);
}

void
hs_vpc_edge_propagate(void *user_data, const HsPrefix *prefix, bool present)
{
    HsVpcEdge *edge = user_data;

    for (guint i = 0; i < edge->tables->len; i++)
        hs_vpc_table_propagate(edge->tables->pdata[i], prefix, &edge->target,
                               present);
}

HsVpcTable *
hs_vpc_main_table(HsVpcRouter *vpc)
{
    return vpc->table;
}
