/* Faults of nodes: a crash takes everything, until the node starts again with
 * nothing; a freeze leaves it forwarding by its last choice while BGP, BFD and
 * IKE stand still and nobody is told; a stall is the reverse. And translators
 * that forget.
 *
 * A crashed node's links have no light, at either end. Its control plane is
 * told by a hook of the node, if it has one; sessions that end on a node while
 * somebody else decides (AWS's endpoints) go with the light.
 *
 * A node's own stack is mute meanwhile: connections are broken off, and the
 * resets that a stack would send for them never leave. */

#include "config.h"

#include "sim/world/fault.h"

static uint64_t
lost(const WorldFault *fault)
{
    return hs_fault_lost(fault->links);
}

static bool
is_at(const WorldLink *link, const WorldNode *node)
{
    return link->end[0].node == node || link->end[1].node == node;
}

static void
set_links(WorldFault *fault, const WorldNode *node, bool dark)
{
    const GPtrArray *links = fault->world->links;

    for (guint i = 0; i < links->len; i++)
        if (is_at(links->pdata[i], node))
            hs_fault_set_carrier(fault, links->pdata[i], dark);
}

static bool
has_control(const WorldNode *node)
{
    return node->gateway != NULL || node->crash != NULL;
}

/* It dies: FORWARDING_LOST or not. Several faults may do it to one node. */
static void
kill_control(WorldFault *fault, WorldNode *node, bool forwarding_lost)
{
    node->dead++;
    if (node->gateway != NULL)
        hs_aws_gateway_crash(node->gateway, forwarding_lost);
    else if (node->crash != NULL)
        node->crash(node->model, forwarding_lost);
    fault->touched.nodes += has_control(node);
}

/* The last fault has left it. */
static void
boot_control(WorldNode *node)
{
    if (!hs_fault_hold(&node->dead, false))
        return;
    if (node->gateway != NULL)
        hs_aws_gateway_boot(node->gateway);
    else if (node->boot != NULL)
        node->boot(node->model);
    if (node->router != NULL)
        hs_router_set_control(node->router, true);
    if (node->ike == NULL)
        return;
    hs_ike_service_set_frozen(node->ike, false);
    hs_ike_service_start(node->ike);
}

/* The sessions of a gateway of AWS's end on its endpoints, which are at the
 * other ends of its links, or, of a Direct Connect gateway, which has no router
 * of its own, of its interfaces. */
static void
mute_endpoints(const WorldFault *fault, const WorldNode *gateway, bool on)
{
    const HsWorld *world = fault->world;
    const HsDx *dx;

    if (!has_control(gateway) ||
        (gateway->gateway == NULL && gateway->router != NULL))
        return;
    for (guint i = 0; i < world->links->len; i++) {
        WorldLink *link = world->links->pdata[i];
        WorldNode *other = link->end[link->end[0].node == gateway].node;

        if (is_at(link, gateway) && other->router != NULL)
            other->mute = on ? other->mute + 1 : other->mute - 1;
    }
    for (unsigned i = 0; (dx = hs_scenario_dx(world->scenario, i)) != NULL; i++)
        if (dx->dxgw != NULL && dx->dxgw->element.name == gateway->name) {
            WorldNode *node = hs_world_node_of(world, &dx->element, "aws");

            node->mute = on ? node->mute + 1 : node->mute - 1;
        }
}

void
hs_fault_crash(WorldFault *fault, WorldNode *node, bool crash)
{
    if (crash) {
        node->mute++;
        mute_endpoints(fault, node, true);
        if (node->ike != NULL)
            hs_ike_service_crash(node->ike);
        kill_control(fault, node, true);
        set_links(fault, node, true);
        return;
    }
    set_links(fault, node, false);
    node->mute--;
    mute_endpoints(fault, node, false);
    boot_control(node);
}

static void
crash(WorldFault *fault)
{
    for (guint i = 0; i < fault->nodes->len; i++)
        hs_fault_crash(fault, fault->nodes->pdata[i], true);
}

static void
boot(WorldFault *fault)
{
    for (guint i = 0; i < fault->nodes->len; i++)
        hs_fault_crash(fault, fault->nodes->pdata[i], false);
}

const WorldAction hs_fault_node_crash = {crash, boot, lost};

/* Freeze */

static void
set_frozen(WorldFault *fault, WorldNode *node, bool on)
{
    node->mute = on ? node->mute + 1 : node->mute - 1;
    mute_endpoints(fault, node, on);
    if (!on) {
        boot_control(node);
        return;
    }
    if (node->ike != NULL)
        hs_ike_service_set_frozen(node->ike, true);
    kill_control(fault, node, false);
    /* Without a control plane of its own, and with nothing to decrypt, it can
     * simply be deaf: to BFD too. */
    if (!has_control(node) && node->ipsec == NULL && node->router != NULL)
        hs_router_set_control(node->router, false);
}

static void
freeze(WorldFault *fault)
{
    for (guint i = 0; i < fault->nodes->len; i++)
        set_frozen(fault, fault->nodes->pdata[i], true);
}

static void
thaw(WorldFault *fault)
{
    for (guint i = 0; i < fault->nodes->len; i++)
        set_frozen(fault, fault->nodes->pdata[i], false);
}

/* What a deaf or mute node is not told. */
static uint64_t
unheard(const WorldFault *fault)
{
    uint64_t sum = 0;

    for (guint i = 0; i < fault->nodes->len; i++) {
        const WorldNode *node = fault->nodes->pdata[i];

        sum += node->unheard;
        if (node->router != NULL)
            sum += hs_router_counters(node->router).drops[HS_DROP_CONTROL_OFF];
    }
    return sum;
}

const WorldAction hs_fault_node_freeze = {freeze, thaw, unheard};

/* Stall */

static void
set_stalled(const WorldFault *fault, bool on)
{
    for (guint i = 0; i < fault->nodes->len; i++) {
        WorldNode *node = fault->nodes->pdata[i];

        if (node->router != NULL && hs_fault_hold(&node->stalled, on))
            hs_router_set_forwarding(node->router, !on);
    }
}

static void
stall(WorldFault *fault)
{
    set_stalled(fault, true);
}

static void
go_on(WorldFault *fault)
{
    set_stalled(fault, false);
}

static uint64_t
not_forwarded(const WorldFault *fault)
{
    uint64_t sum = 0;

    for (guint i = 0; i < fault->nodes->len; i++) {
        const WorldNode *node = fault->nodes->pdata[i];

        if (node->router != NULL)
            sum +=
                hs_router_counters(node->router).drops[HS_DROP_FORWARDING_OFF];
    }
    return sum;
}

const WorldAction hs_fault_node_stall = {stall, go_on, not_forwarded};

/* Translators */

/* A site's device is a node and has one table; a NAT gateway is one of those of
 * its VPC's node. */
static void
forget(WorldFault *fault)
{
    const HsElement *target = fault->config.target;
    const char *name = target != NULL && target->kind == HS_KIND_NAT_GATEWAY
                           ? target->name
                           : NULL;

    for (guint i = 0; i < fault->nodes->len; i++) {
        const WorldNode *node = fault->nodes->pdata[i];

        for (guint n = 0; node->napts != NULL && n < node->napts->len; n++) {
            const WorldNapt *entry = &g_array_index(node->napts, WorldNapt, n);

            if (name == NULL || g_strcmp0(entry->name, name) == 0)
                fault->touched.mappings += hs_napt_reset(entry->napt);
        }
    }
}

static void
nothing(WorldFault *fault)
{
    (void)fault;
}

const WorldAction hs_fault_nat_reset = {forget, nothing, NULL};
