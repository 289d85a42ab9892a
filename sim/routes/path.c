/* The way of a packet: from table to table, as each router's hardware would
 * send it now. Where a flow would be spread over equal routes, each of them is
 * a way of its own. */

#include "config.h"

#include "sim/routes/routes.h"

#define WAYS_MAX 16

static const char *const end_names[] = {
#define X(name, text) [HS_ROUTES_##name] = text,
    HS_ROUTES_ENDS(X)
#undef X
};

const char *
hs_routes_end_name(HsRoutesEnd end)
{
    return end_names[end];
}

/* A router on the way: where the packet is looked up and how it leaves. */
typedef struct {
    unsigned node, vrf;
    bool routed;
    HsPrefix prefix;
    const char *through; /* NULL: it does not leave */
    bool tunnel;
    unsigned port; /* by which it leaves */
} Step;

typedef struct {
    const HsWorld *world;
    const HsAddr *to;
    GArray *steps;   /* Step: so far */
    GPtrArray *ways; /* HsRoutesWay * */
} Search;

static void
hop_free(void *data)
{
    HsRoutesHop *hop = data;

    hs_routes_entry_free(hop->entry);
    g_clear_pointer(&hop->over, g_ptr_array_unref);
    g_free(hop);
}

static void
way_free(void *data)
{
    HsRoutesWay *way = data;

    g_ptr_array_unref(way->hops);
    g_free(way);
}

static void
path_free(void *data)
{
    HsRoutesPath *path = data;

    g_ptr_array_unref(path->ways);
    g_free(path);
}

/* Routes to shorter prefixes that hold the address too: they lost before any
 * of them was compared. */
static void
add_shorter(const HsWorldTable *table, const HsAddr *to, HsRoutesEntry *entry)
{
    for (unsigned length = entry->prefix.length;
         table->speaker != NULL && length-- > 0;) {
        HsPrefix shorter = {.addr = *to, .length = (uint8_t)length};

        shorter = hs_prefix_masked(&shorter);
        hs_routes_add_candidates(table, &shorter, "longer prefix",
                                 entry->candidates);
    }
}

static GPtrArray *over_of(const HsWorld *world, unsigned node, unsigned port);

static HsRoutesHop *
hop_new(const Search *search, const Step *step)
{
    g_autoptr(GArray) tables = hs_world_tables(search->world, step->node);
    HsRoutesHop *hop = g_new0(HsRoutesHop, 1);

    hop->node = hs_world_node(search->world, step->node).name;
    hop->through = step->through;
    hop->tunnel = step->tunnel;
    if (step->tunnel)
        hop->over = over_of(search->world, step->node, step->port);
    for (guint i = 0; i < tables->len; i++) {
        const HsWorldTable *table = &g_array_index(tables, HsWorldTable, i);

        if (table->vrf != step->vrf)
            continue;
        hop->table = table->name;
        if (step->routed)
            hop->entry = hs_routes_entry(search->world, step->node, table,
                                         &step->prefix);
        if (hop->entry != NULL)
            add_shorter(table, search->to, hop->entry);
        break;
    }
    return hop;
}

static void
arrive(Search *search, HsRoutesEnd end, unsigned node)
{
    HsRoutesWay *way;

    if (search->ways->len == WAYS_MAX)
        return;
    way = g_new0(HsRoutesWay, 1);
    way->hops = g_ptr_array_new_with_free_func(hop_free);
    way->end = end;
    way->at = hs_world_node(search->world, node).name;
    for (guint i = 0; i < search->steps->len; i++)
        g_ptr_array_add(
            way->hops, hop_new(search, &g_array_index(search->steps, Step, i)));
    g_ptr_array_add(search->ways, way);
}

static bool
was_here(const Search *search, unsigned node, unsigned vrf)
{
    for (guint i = 0; i < search->steps->len; i++) {
        const Step *step = &g_array_index(search->steps, Step, i);

        if (step->node == node && step->vrf == vrf)
            return true;
    }
    return false;
}

static void enter(Search *search, unsigned node, unsigned port);

/* Out of NODE by PORT. The last step is NODE's. */
static void
leave(Search *search, unsigned node, unsigned port)
{
    const HsRouter *router = hs_world_node(search->world, node).router;
    Step *step = &g_array_index(search->steps, Step, search->steps->len - 1);
    HsWorldFar far;

    if (port == HS_PORT_BLACKHOLE || port == HS_PORT_REJECT) {
        arrive(search, HS_ROUTES_BLACKHOLE, node);
        return;
    }
    step->through = hs_router_port_name(router, port);
    step->port = port;
    if (!hs_router_port_is_up(router, port)) {
        arrive(search, HS_ROUTES_PORT_DOWN, node);
    } else if (!hs_world_far_end(search->world, node, port, &far)) {
        arrive(search, HS_ROUTES_NOTHING, node);
    } else {
        step->through = far.through;
        step->tunnel = far.tunnel;
        if (far.port == HS_PORT_NONE)
            arrive(search, HS_ROUTES_DELIVERED, far.node);
        else
            enter(search, far.node, far.port);
    }
}

static bool
is_up(const HsRouter *router, unsigned port)
{
    return port >= hs_router_n_ports(router) ||
           hs_router_port_is_up(router, port);
}

/* As the router does: flows of a port that is down go by the others. */
static void
spread(Search *search, unsigned node, const HsRouter *router,
       const HsNexthop *hops, unsigned n)
{
    unsigned up = 0;
    guint depth = search->steps->len;

    for (unsigned i = 0; i < n; i++)
        up += is_up(router, hops[i].port);
    for (unsigned i = 0; i < n; i++) {
        if (up > 0 && !is_up(router, hops[i].port))
            continue;
        leave(search, node, hops[i].port);
        g_array_set_size(search->steps, depth);
        if (up == 0)
            return; /* all are down: once is enough */
    }
}

static void
look_up(Search *search, unsigned node, unsigned vrf)
{
    const HsRouter *router = hs_world_node(search->world, node).router;
    Step step = {.node = node, .vrf = vrf};
    g_autofree HsNexthop *hops = NULL;
    HsRoute route;

    if (was_here(search, node, step.vrf)) {
        arrive(search, HS_ROUTES_LOOP, node);
        return;
    }
    step.routed = hs_router_lookup(router, step.vrf, search->to, &route);
    if (step.routed)
        step.prefix = route.prefix;
    g_array_append_val(search->steps, step);
    if (!step.routed) {
        arrive(search, HS_ROUTES_NO_ROUTE, node);
    } else if (route.n_hops == 0) {
        arrive(search, HS_ROUTES_DELIVERED, node);
    } else {
        hops = g_memdup2(route.hops, route.n_hops * sizeof *hops);
        spread(search, node, router, hops, route.n_hops);
    }
}

static void
enter(Search *search, unsigned node, unsigned port)
{
    look_up(
        search, node,
        hs_router_port_vrf(hs_world_node(search->world, node).router, port));
}

static void
add_once(GPtrArray *names, const char *name)
{
    if (!g_ptr_array_find_with_equal_func(names, name, g_str_equal, NULL))
        g_ptr_array_add(names, (void *)(uintptr_t)name);
}

/* The links under the tunnel that is PORT of NODE. */
static GPtrArray *
over_of(const HsWorld *world, unsigned node, unsigned port)
{
    GPtrArray *links = g_ptr_array_new();
    g_autoptr(GPtrArray) ways = g_ptr_array_new_with_free_func(way_free);
    g_autoptr(GArray) steps = g_array_new(FALSE, FALSE, sizeof(Step));
    HsAddr outer;
    Search search = {world, &outer, steps, ways};
    unsigned vrf;

    if (!hs_world_tunnel(world, node, port, &outer, &vrf))
        return links;
    look_up(&search, node, vrf);
    for (guint w = 0; w < ways->len; w++) {
        const HsRoutesWay *way = ways->pdata[w];

        for (guint i = 0; i < way->hops->len; i++) {
            const HsRoutesHop *hop = way->hops->pdata[i];

            if (hop->through != NULL)
                add_once(links, hop->through);
        }
    }
    return links;
}

static void
add_path(HsRoutes *routes, const HsWorld *world, const HsAddr *from,
         const HsWorldFar *start, const HsAddr *to)
{
    g_autoptr(GArray) steps = g_array_new(FALSE, FALSE, sizeof(Step));
    HsRoutesPath *path = g_new0(HsRoutesPath, 1);
    Search search = {world, to, steps, NULL};

    path->from = *from;
    path->to = *to;
    path->ways = search.ways = g_ptr_array_new_with_free_func(way_free);
    enter(&search, start->node, start->port);
    if (routes->paths == NULL)
        routes->paths = g_ptr_array_new_with_free_func(path_free);
    g_ptr_array_add(routes->paths, path);
}

bool
hs_routes_add_pair(HsRoutes *routes, const HsWorld *world, const HsAddr *from,
                   const HsAddr *to, const HsAddr **ret_lost)
{
    HsWorldFar near, far;
    unsigned host;

    if (!hs_world_host_at(world, from, &host, &near)) {
        *ret_lost = from;
        return false;
    }
    if (!hs_world_host_at(world, to, &host, &far)) {
        *ret_lost = to;
        return false;
    }
    add_path(routes, world, from, &near, to);
    add_path(routes, world, to, &far, from);
    return true;
}

/* Asymmetry */

/* What the ways of PATH go through, in their order; without the last link,
 * which is the host's own: the way there has it first, the way back last. A
 * tunnel is one link, whatever carries its packets: those of an unpinned one
 * may well go by another interface than they come. */
static GPtrArray *
links_of(const HsRoutesPath *path)
{
    GPtrArray *links = g_ptr_array_new();

    for (guint w = 0; w < path->ways->len; w++) {
        const HsRoutesWay *way = path->ways->pdata[w];

        for (guint i = 0; i < way->hops->len; i++) {
            const HsRoutesHop *hop = way->hops->pdata[i];

            if (hop->through != NULL &&
                (way->end != HS_ROUTES_DELIVERED || i != way->hops->len - 1))
                add_once(links, hop->through);
        }
    }
    return links;
}

static void
add_missing(const GPtrArray *links, GPtrArray *others, GPtrArray *missing)
{
    for (guint i = 0; i < links->len; i++)
        if (!g_ptr_array_find_with_equal_func(others, links->pdata[i],
                                              g_str_equal, NULL))
            g_ptr_array_add(missing, links->pdata[i]);
}

void
hs_routes_asymmetry(const HsRoutes *routes, guint path, GPtrArray *forth,
                    GPtrArray *back)
{
    g_autoptr(GPtrArray) there = links_of(routes->paths->pdata[path]);
    g_autoptr(GPtrArray) here = links_of(routes->paths->pdata[path + 1]);

    add_missing(there, here, forth);
    add_missing(here, there, back);
}
