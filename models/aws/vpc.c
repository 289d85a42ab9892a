#include "config.h"

#include "models/aws/vpc.h"

#define NAT_MTU 9001 /* as of any interface of a VPC */

struct HsVpcRouter {
    HsEnv *env; /* borrowed */
    HsVpcConfig config;
    HsRouter *router;          /* owned */
    unsigned edge, attachment; /* VRFs; that of the main table is 0 */
    unsigned subnet;           /* the hosts' port */
    HsVpcTable *table;         /* owned: the main table */
    GPtrArray *edges;          /* HsVpcEdge *, owned */
    GPtrArray *nats;           /* Nat *, owned */
};

typedef struct {
    HsVpcRouter *vpc;         /* borrowed */
    HsAwsNat *device;         /* owned */
    unsigned vrf;             /* of its subnet */
    unsigned inside, outside; /* ports */
    HsVpcTable *table;        /* owned */
} Nat;

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
program(HsVpcRouter *vpc, unsigned vrf, const HsPrefix *prefix,
        HsVpcRouteClass class, const HsVpcTarget *target)
{
    if (target == NULL)
        hs_router_route_remove(vpc->router, vrf, prefix);
    else
        set_route(vpc, vrf, prefix,
                  target->kind == HS_VPC_TARGET_BLACKHOLE ? HS_PORT_BLACKHOLE
                                                          : target->port,
                  origin_of(class));
}

static void
table_changed(void *user_data, const HsPrefix *prefix, HsVpcRouteClass class,
              const HsVpcTarget *target)
{
    HsVpcRouter *vpc = user_data;
    bool nat = target != NULL && target->kind == HS_VPC_TARGET_NAT;

    program(vpc, 0, prefix, class, target);
    program(vpc, vpc->attachment, prefix, class, nat ? target : NULL);
}

/* Of a NAT gateway's subnet. */
static void
nat_table_changed(void *user_data, const HsPrefix *prefix,
                  HsVpcRouteClass class, const HsVpcTarget *target)
{
    const Nat *nat = user_data;

    program(nat->vpc, nat->vrf, prefix, class, target);
}

static void
nat_free(void *data)
{
    Nat *nat = data;

    hs_vpc_table_free(nat->table);
    hs_aws_nat_free(nat->device);
    g_free(nat);
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
    vpc->nats = g_ptr_array_new_with_free_func(nat_free);
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
    g_ptr_array_unref(vpc->nats);
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
    for (guint i = 0; i < vpc->nats->len; i++)
        open_to_outside(vpc, ((const Nat *)vpc->nats->pdata[i])->vrf);
    return vpc->subnet;
}

/* RFC 1918, and RFC 6598, which nobody routes either. */
static bool
is_private(uint32_t address)
{
    return address >> 24 == 10 || address >> 20 == 0xac1 ||
           address >> 16 == 0xc0a8 || address >> 22 == 0x64400000 >> 22;
}

/* An HsPortFilterFunc. */
static HsDrop
internet_gateway(void *user_data, bool leaving, const HsIpv4 *ip,
                 const HsPacket *packet)
{
    (void)user_data;
    (void)packet;
    if (!leaving)
        return HS_DROP_NONE;
    if (is_private(ip->destination))
        return HS_DROP_PRIVATE_DESTINATION;
    return is_private(ip->source) ? HS_DROP_PRIVATE_SOURCE : HS_DROP_NONE;
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
    if (kind == HS_VPC_TARGET_INTERNET)
        hs_router_port_set_filter(vpc->router, edge->target.port,
                                  internet_gateway, NULL);
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

/* NAT gateways. Each is two ports without a wire behind them: what leaves by
 * the one comes in by the other, translated, and is routed by the gateway's own
 * subnet. */

static void
nat_output(void *user_data, HsPacket *packet)
{
    const Nat *nat = user_data;
    bool back = false;
    HsPacket *result = hs_aws_nat_out(nat->device, packet, &back);

    if (result != NULL)
        hs_router_receive(nat->vpc->router, back ? nat->inside : nat->outside,
                          result);
}

static void
nat_input(void *user_data, HsPacket *packet)
{
    const Nat *nat = user_data;
    HsPacket *result = hs_aws_nat_in(nat->device, packet);

    if (result != NULL)
        hs_router_receive(nat->vpc->router, nat->inside, result);
}

static HsVpcEdge *
add_nat_edge(HsVpcRouter *vpc, const Nat *nat, const char *name)
{
    HsVpcEdge *edge = g_new0(HsVpcEdge, 1);

    edge->target = (HsVpcTarget){HS_VPC_TARGET_NAT, name, nat->inside};
    edge->tables = g_ptr_array_new();
    g_ptr_array_add(vpc->edges, edge);
    return edge;
}

HsAwsNat *
hs_vpc_add_nat(HsVpcRouter *vpc, const HsAwsNatConfig *device,
               const HsVpcTarget *internet)
{
    Nat *nat = g_new0(Nat, 1);
    g_autofree char *outside = g_strdup_printf("%s.outside", device->name);
    HsPrefix address = hs_prefix_of(&device->address);
    HsPrefix all = {.addr = hs_addr_ipv4(0)};

    nat->vpc = vpc;
    nat->device = hs_aws_nat_new(vpc->env, device);
    nat->vrf = hs_router_add_vrf(vpc->router, device->name);
    nat->inside =
        hs_router_add_port(vpc->router, &(HsPortConfig){.name = device->name,
                                                        .mtu = NAT_MTU,
                                                        .vrf = nat->vrf,
                                                        .output = nat_output,
                                                        .user_data = nat});
    nat->outside = hs_router_add_port(
        vpc->router, &(HsPortConfig){.name = g_intern_string(outside),
                                     .mtu = NAT_MTU,
                                     .vrf = nat->vrf,
                                     .output = nat_input,
                                     .user_data = nat});
    nat->table = hs_vpc_table_new(
        vpc->env, &(HsVpcTableConfig){.name = device->name,
                                      .cidr = vpc->config.cidr,
                                      .static_max = vpc->config.static_max,
                                      .changed = nat_table_changed,
                                      .user_data = nat});
    for (guint i = 0; i < vpc->edges->len; i++) {
        HsVpcEdge *edge = vpc->edges->pdata[i];

        if (edge->target.kind == HS_VPC_TARGET_GATEWAY)
            hs_vpc_edge_propagate_into(edge, nat->table);
    }
    if (internet != NULL)
        hs_vpc_table_add_static(nat->table, &all, internet);
    g_ptr_array_add(vpc->nats, nat);
    add_nat_edge(vpc, nat, g_intern_string(device->name));
    set_route(vpc, vpc->edge, &address, nat->outside, "vpc");
    set_route(vpc, vpc->attachment, &address, nat->outside, "vpc");
    if (vpc->subnet != HS_PORT_NONE)
        open_to_outside(vpc, nat->vrf);
    return nat->device;
}

HsVpcTable *
hs_vpc_nat_table(HsVpcRouter *vpc, unsigned index, unsigned *ret_vrf)
{
    const Nat *nat;

    if (index >= vpc->nats->len)
        return NULL;
    nat = vpc->nats->pdata[index];
    *ret_vrf = nat->vrf;
    return nat->table;
}

HsVpcTable *
hs_vpc_main_table(HsVpcRouter *vpc)
{
    return vpc->table;
}
