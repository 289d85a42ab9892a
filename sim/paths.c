#include "config.h"

#include "sim/paths.h"

#include "sim/routes/routes.h"

struct HsPathWatch {
    const HsDatabase *database; /* borrowed; NULL: nothing to look at */
    GPtrArray *paths;           /* HsResultPath *, owned */
    GHashTable *seen;           /* names of faults whose end was looked at */
    bool began, ended;          /* a fault did */
};

HsPathWatch *
hs_path_watch_new(const HsScenario *scenario)
{
    HsPathWatch *watch = g_new0(HsPathWatch, 1);

    watch->database = hs_scenario_database(scenario, 0);
    watch->paths = g_ptr_array_new_with_free_func(hs_result_path_free);
    watch->seen = g_hash_table_new(g_str_hash, g_str_equal);
    return watch;
}

void
hs_path_watch_free(HsPathWatch *watch)
{
    if (watch == NULL)
        return;
    g_clear_pointer(&watch->paths, g_ptr_array_unref);
    g_hash_table_unref(watch->seen);
    g_free(watch);
}

/* A way as links */

typedef struct {
    const HsWorld *world;
    HsResultPath *path;
} Walk;

static bool
is_safe(const HsWorld *world, const char *name)
{
    for (unsigned i = 0; i < hs_world_links(world); i++) {
        HsWorldLinkReport link = hs_world_link_report(world, i);

        if (link.name == name)
            return link.trusted ||
                   hs_exposure_link(hs_world_exposure(world), i)->encrypted;
    }
    return true; /* inside a node */
}

static void
add_link(const Walk *walk, const char *name, bool tunnelled)
{
    g_ptr_array_add(walk->path->links, (void *)(uintptr_t)name);
    if (!tunnelled && !is_safe(walk->world, name))
        walk->path->encrypted = false;
}

static void
add_hop(const Walk *walk, const HsRoutesHop *hop)
{
    HsResultPath *path = walk->path;

    g_ptr_array_add(path->nodes, (void *)(uintptr_t)hop->node);
    if (hop->through == NULL)
        return;
    if (!hop->tunnel) {
        add_link(walk, hop->through, false);
        return;
    }
    g_ptr_array_add(path->tunnels, (void *)(uintptr_t)hop->through);
    for (guint i = 0; i < hop->over->len; i++)
        add_link(walk, hop->over->pdata[i], true);
}

static const char *
host_of(const HsWorld *world, const HsAddr *address, const char **ret_link)
{
    HsWorldFar router;
    unsigned host;

    if (!hs_world_host_at(world, address, &host, &router))
        return NULL;
    *ret_link = router.through;
    return hs_world_node(world, host).name;
}

static void
add_way(HsPathWatch *watch, const HsWorld *world, const HsResultPath *model,
        const HsRoutesPath *from, const HsRoutesWay *way)
{
    HsResultPath *path = hs_result_path_new(model);
    Walk walk = {world, path};
    const char *link = NULL;
    const char *host = host_of(world, &from->from, &link);

    path->complete = way->end == HS_ROUTES_DELIVERED;
    path->ends = hs_routes_end_name(way->end);
    path->encrypted = true;
    if (host != NULL) {
        g_ptr_array_add(path->nodes, (void *)(uintptr_t)host);
        add_link(&walk, link, false);
    }
    for (guint i = 0; i < way->hops->len; i++)
        add_hop(&walk, way->hops->pdata[i]);
    if (path->complete)
        g_ptr_array_add(path->nodes, (void *)(uintptr_t)way->at);
    g_ptr_array_add(watch->paths, path);
}

/* Both directions, as the world stands. */
static void
look(HsPathWatch *watch, const HsWorld *world, const char *when,
     const char *fault, HsTime at)
{
    g_autoptr(HsRoutes) routes = NULL;
    const HsDatabase *database = watch->database;
    const HsAddr *lost;

    if (database == NULL)
        return;
    routes = hs_routes_bare_new(at);
    if (!hs_routes_add_pair(routes, world, &database->client_address,
                            &database->server_address, &lost))
        return;
    for (guint i = 0; i < routes->paths->len; i++) {
        const HsRoutesPath *from = routes->paths->pdata[i];
        const HsResultPath model = {
            .when = when,
            .fault = fault,
            .at = at,
            .from = i % 2 == 0 ? database->client : database->server,
            .to = i % 2 == 0 ? database->server : database->client,
            .equals = from->ways->len,
        };

        for (guint w = 0; w < from->ways->len; w++)
            add_way(watch, world, &model, from, from->ways->pdata[w]);
    }
}

void
hs_path_watch_phase(void *data, const HsWorld *world, const HsFact *fault)
{
    HsPathWatch *watch = data;
    bool begins = g_strcmp0(fault->to, "applied") == 0;

    if (begins && !watch->began)
        look(watch, world, "before", NULL, fault->at);
    watch->began = true;
    if (begins)
        return;
    watch->ended |= g_strcmp0(fault->to, "cleared") == 0;
    /* One that flaps has many ends; the first is as good as any. */
    if (g_hash_table_add(watch->seen, (void *)(uintptr_t)fault->subject))
        look(watch, world, "during", fault->subject, fault->at);
}

GPtrArray *
hs_path_watch_finish(HsPathWatch *watch, const HsWorld *world)
{
    if (!watch->began)
        look(watch, world, "before", NULL, hs_world_end(world));
    else if (watch->ended)
        look(watch, world, "after", NULL, hs_world_end(world));
    return g_steal_pointer(&watch->paths);
}
