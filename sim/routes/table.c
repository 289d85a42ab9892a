/* A table: the hardware's entries and the speaker's choices, joined by prefix.
 * The two can differ for a while: what was chosen a moment ago waits for the
 * hardware, and is shown without origin. */

#include "config.h"

#include "sim/routes/routes.h"

/* Candidates */

static void
candidate_free(void *data)
{
    HsRoutesCandidate *candidate = data;

    g_free(candidate->as_path);
    g_free(candidate->communities);
    g_free(candidate);
}

static const char *
name_of(const HsWorldTable *table, const BgpRoute *route)
{
    if (route->peer != NULL)
        return bgp_peer_name(route->peer);
    if (table->name_route != NULL && route->source == BGP_SOURCE_STATIC)
        return table->name_route(table->user_data, route);
    return route->source == BGP_SOURCE_LOCAL ? "own" : "set";
}

static HsRoutesCandidate *
candidate_new(const HsWorldTable *table, const BgpRoute *route)
{
    HsRoutesCandidate *candidate = g_new0(HsRoutesCandidate, 1);
    const BgpAttrs *attrs =
        route->attrs != NULL ? route->attrs : route->received;

    candidate->name = name_of(table, route);
    if (table->class_route != NULL)
        candidate->source = table->class_route(route);
    if (candidate->source == NULL)
        candidate->source = bgp_source_name(route->source);
    candidate->prefix = route->prefix;
    candidate->stale = route->stale;
    if (attrs == NULL)
        return candidate;
    candidate->has_attrs = true;
    candidate->as_path = bgp_as_path_format(attrs->as_path);
    candidate->communities = bgp_communities_format(attrs->communities);
    candidate->has_local_preference = attrs->has_local_pref;
    candidate->local_preference = attrs->local_pref;
    candidate->has_med = attrs->has_med;
    candidate->med = attrs->med;
    return candidate;
}

/* Why ROUTE is not BEST; *RET_EQUAL: it shares the load. */
static const char *
beaten_by(const BgpSpeaker *speaker, const BgpRoute *best,
          const BgpRoute *route, bool *ret_equal)
{
    const char *refusal = bgp_route_refusal(route);

    *ret_equal = false;
    if (refusal != NULL)
        return refusal;
    if (best == NULL)
        return "no choice is made";
    return bgp_speaker_step(speaker, best, route, ret_equal);
}

static gint
by_choice(gconstpointer a, gconstpointer b, gpointer user_data)
{
    const BgpSpeaker *speaker = user_data;
    const BgpRoute *x = *(const BgpRoute *const *)a;
    const BgpRoute *y = *(const BgpRoute *const *)b;

    if (x->attrs == NULL || y->attrs == NULL)
        return (x->attrs == NULL) - (y->attrs == NULL);
    return bgp_speaker_compare(speaker, x, y);
}

void
hs_routes_add_candidates(const HsWorldTable *table, const HsPrefix *prefix,
                         const char *beaten, GPtrArray *candidates)
{
    const BgpSpeaker *speaker = table->speaker;
    const BgpRoute *const *routes = NULL;
    unsigned n =
        speaker != NULL ? bgp_speaker_candidates(speaker, prefix, &routes) : 0;
    const BgpRoute *best =
        n > 0 ? bgp_speaker_best(speaker, prefix, NULL) : NULL;
    g_autoptr(GPtrArray) sorted = g_ptr_array_new();

    for (unsigned i = 0; i < n; i++)
        if (routes[i] != best)
            g_ptr_array_add(sorted, (void *)(uintptr_t)routes[i]);
    g_ptr_array_sort_with_data(sorted, by_choice, (void *)(uintptr_t)speaker);
    if (best != NULL)
        g_ptr_array_insert(sorted, 0, (void *)(uintptr_t)best);
    for (guint i = 0; i < sorted->len; i++) {
        const BgpRoute *route = sorted->pdata[i];
        HsRoutesCandidate *candidate = candidate_new(table, route);
        bool equal = false;

        candidate->best = route == best;
        if (!candidate->best)
            candidate->lost_by = beaten_by(speaker, best, route, &equal);
        candidate->used = candidate->best || equal;
        if (candidate->used)
            candidate->lost_by = NULL;
        if (beaten != NULL) {
            candidate->used = false;
            candidate->lost_by = beaten;
        }
        g_ptr_array_add(candidates, candidate);
    }
}

/* Entries */

static HsRoutesEntry *
entry_new(const HsPrefix *prefix)
{
    HsRoutesEntry *entry = g_new0(HsRoutesEntry, 1);

    entry->prefix = *prefix;
    entry->via = g_ptr_array_new();
    entry->candidates = g_ptr_array_new_with_free_func(candidate_free);
    return entry;
}

void
hs_routes_entry_free(HsRoutesEntry *entry)
{
    if (entry == NULL)
        return;
    g_ptr_array_unref(entry->via);
    g_ptr_array_unref(entry->candidates);
    g_free(entry);
}

static void
free_entry(void *entry)
{
    hs_routes_entry_free(entry);
}

static const char *
port_name(const HsRouter *router, unsigned port)
{
    if (port == HS_PORT_BLACKHOLE)
        return "blackhole";
    return port == HS_PORT_REJECT ? "reject"
                                  : hs_router_port_name(router, port);
}

static void
take_route(HsRoutesEntry *entry, const HsRouter *router, const HsRoute *route)
{
    entry->origin = route->origin;
    for (unsigned i = 0; i < route->n_hops; i++)
        g_ptr_array_add(entry->via, (void *)(uintptr_t)port_name(
                                        router, route->hops[i].port));
}

/* What beat the best's nearest rival says nothing if that is used, too: the
 * others say themselves what they lost by. */
static bool
are_spread(const GPtrArray *candidates)
{
    unsigned used = 0;

    for (guint i = 0; i < candidates->len; i++)
        used += ((const HsRoutesCandidate *)candidates->pdata[i])->used;
    return used > 1;
}

/* Several of the node's own VRFs hold what nobody chose: that has candidates
 * only where its speaker is the one that set it. */
static void
add_choice(HsRoutesEntry *entry, const HsWorldTable *table)
{
    if (table->speaker == NULL)
        return;
    hs_routes_add_candidates(table, &entry->prefix, NULL, entry->candidates);
    if (entry->candidates->len > 0)
        bgp_speaker_best(table->speaker, &entry->prefix, &entry->step);
    if (are_spread(entry->candidates))
        entry->step = "equal: flows are spread";
}

typedef struct {
    const HsRouter *router;
    const HsPrefix *wanted; /* NULL: all */
    GPtrArray *entries;
} Walk;

static void
visit(void *user_data, const HsRoute *route)
{
    Walk *walk = user_data;
    HsRoutesEntry *entry;

    if (walk->wanted != NULL && !hs_prefix_equal(walk->wanted, &route->prefix))
        return;
    if (g_str_equal(route->origin, "broadcast"))
        return;
    entry = entry_new(&route->prefix);
    take_route(entry, walk->router, route);
    g_ptr_array_add(walk->entries, entry);
}

static HsRoutesEntry *
find_entry(const GPtrArray *entries, const HsPrefix *prefix)
{
    for (guint i = 0; i < entries->len; i++) {
        HsRoutesEntry *entry = entries->pdata[i];

        if (hs_prefix_equal(&entry->prefix, prefix))
            return entry;
    }
    return NULL;
}

static void
visit_choice(void *user_data, const BgpRoute *best, const char *step)
{
    GPtrArray *entries = user_data;

    (void)step;
    if (find_entry(entries, &best->prefix) == NULL)
        g_ptr_array_add(entries, entry_new(&best->prefix));
}

static gint
by_prefix(gconstpointer a, gconstpointer b)
{
    const HsRoutesEntry *x = *(const HsRoutesEntry *const *)a;
    const HsRoutesEntry *y = *(const HsRoutesEntry *const *)b;

    return hs_prefix_compare(&x->prefix, &y->prefix);
}

HsRoutesEntry *
hs_routes_entry(const HsWorld *world, unsigned node, const HsWorldTable *table,
                const HsPrefix *prefix)
{
    const HsRouter *router = hs_world_node(world, node).router;
    g_autoptr(GPtrArray) entries = g_ptr_array_new();
    Walk walk = {router, prefix, entries};
    HsRoutesEntry *entry;

    hs_router_foreach_route(router, table->vrf, visit, &walk);
    if (entries->len == 0)
        return NULL;
    entry = entries->pdata[0];
    add_choice(entry, table);
    return entry;
}

/* Tables */

static HsRoutesTable *
table_new(const HsWorld *world, unsigned node, const HsWorldTable *from)
{
    HsRoutesTable *table = g_new0(HsRoutesTable, 1);
    HsWorldNode its = hs_world_node(world, node);

    table->node = its.name;
    table->name = from->name;
    table->forwards = from->vrf != HS_WORLD_NO_VRF;
    table->entries = g_ptr_array_new_with_free_func(free_entry);
    if (table->forwards) {
        Walk walk = {its.router, NULL, table->entries};

        hs_router_foreach_route(its.router, from->vrf, visit, &walk);
    }
    if (from->speaker != NULL)
        bgp_speaker_foreach(from->speaker, visit_choice, table->entries);
    for (guint i = 0; i < table->entries->len; i++)
        add_choice(table->entries->pdata[i], from);
    g_ptr_array_sort(table->entries, by_prefix);
    return table;
}

static void
table_free(void *data)
{
    HsRoutesTable *table = data;

    g_ptr_array_unref(table->entries);
    g_free(table);
}

HsRoutes *
hs_routes_bare_new(HsTime at)
{
    HsRoutes *routes = g_new0(HsRoutes, 1);

    routes->at = at;
    routes->tables = g_ptr_array_new_with_free_func(table_free);
    return routes;
}

HsRoutes *
hs_routes_new(const HsWorld *world, HsTime at)
{
    HsRoutes *routes = hs_routes_bare_new(at);

    for (unsigned node = 0; node < hs_world_nodes(world); node++) {
        g_autoptr(GArray) tables = hs_world_tables(world, node);

        for (guint i = 0; i < tables->len; i++)
            g_ptr_array_add(routes->tables,
                            table_new(world, node,
                                      &g_array_index(tables, HsWorldTable, i)));
    }
    return routes;
}

void
hs_routes_free(HsRoutes *routes)
{
    if (routes == NULL)
        return;
    g_ptr_array_unref(routes->tables);
    g_clear_pointer(&routes->paths, g_ptr_array_unref);
    g_free(routes);
}
