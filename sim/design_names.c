/* Names of links, nodes and their reasons to drop, from a world that was built
 * to be asked for them. */

#include "config.h"

#include "sim/judge.h"

#include "sim/findings/finding.h"
#include "sim/scenario/path.h"
#include "sim/scenario/schema.h"
#include "sim/world/view.h"

#include <string.h>

struct HsDesignNames {
    const HsScenario *scenario; /* borrowed */
    GPtrArray *links;           /* char *, owned, as the others */
    GPtrArray *nodes;
    GPtrArray *routers;
    GPtrArray *reasons;
};

static void
add(GPtrArray *names, const char *name)
{
    if (!g_ptr_array_find_with_equal_func(names, name, g_str_equal, NULL))
        g_ptr_array_add(names, g_strdup(name));
}

HsDesignNames *
hs_design_names_new(const HsScenario *scenario)
{
    g_autoptr(HsWorld) world = hs_world_new(scenario, &(HsWorldOptions){0});
    g_autoptr(GArray) drops = hs_world_drop_counters(world);
    HsDesignNames *names = g_new0(HsDesignNames, 1);

    names->scenario = scenario;
    names->links = g_ptr_array_new_with_free_func(g_free);
    names->nodes = g_ptr_array_new_with_free_func(g_free);
    names->routers = g_ptr_array_new_with_free_func(g_free);
    names->reasons = g_ptr_array_new_with_free_func(g_free);
    for (unsigned i = 0; i < hs_world_links(world); i++)
        add(names->links, hs_world_link_report(world, i).name);
    for (unsigned i = 0; i < hs_world_nodes(world); i++) {
        HsWorldNode node = hs_world_node(world, i);

        add(names->nodes, node.name);
        if (node.router != NULL)
            add(names->routers, node.name);
    }
    for (guint i = 0; i < drops->len; i++)
        add(names->reasons, g_array_index(drops, HsWorldDrop, i).reason);
    return names;
}

void
hs_design_names_free(HsDesignNames *names)
{
    if (names == NULL)
        return;
    g_ptr_array_unref(names->links);
    g_ptr_array_unref(names->nodes);
    g_ptr_array_unref(names->routers);
    g_ptr_array_unref(names->reasons);
    g_free(names);
}

static GPtrArray *
finding_ids(void)
{
    GPtrArray *ids = g_ptr_array_new_with_free_func(g_free);

    for (unsigned i = 0; i < HS_FINDING_COUNT; i++)
        g_ptr_array_add(ids, g_strdup(hs_finding_id((HsFindingKind)i)));
    return ids;
}

static GPtrArray *
directions(const HsScenario *scenario)
{
    GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
    const HsProbing *probe;

    for (unsigned i = 0; (probe = hs_scenario_probe(scenario, i)); i++)
        for (unsigned back = 0; back < 2; back++) {
            g_autofree char *name = hs_world_probe_direction(probe, back > 0);

            add(names, name);
        }
    return names;
}

GPtrArray *
hs_design_names(const void *user_data, const char *kind, const char *key)
{
    const HsDesignNames *names = user_data;

    if (g_str_equal(kind, "link") && g_str_equal(key, "name"))
        return g_ptr_array_ref(names->links);
    if (g_str_equal(kind, "router"))
        return g_ptr_array_ref(names->routers);
    if (g_str_equal(key, "node") ||
        (g_str_equal(kind, "node") && g_str_equal(key, "name")))
        return g_ptr_array_ref(names->nodes);
    if (g_str_equal(kind, "drop") && g_str_equal(key, "reason"))
        return g_ptr_array_ref(names->reasons);
    if ((g_str_equal(kind, "probe") || g_str_equal(kind, "loss")) &&
        g_str_equal(key, "direction"))
        return directions(names->scenario);
    if (g_str_equal(kind, "finding") && g_str_equal(key, "id"))
        return finding_ids();
    return hs_scenario_entry_names(names->scenario, kind, key);
}

bool
hs_design_check(const HsScenario *scenario, GError **error)
{
    const GPtrArray *all = hs_scenario_expect(scenario, 0)->expectations;
    g_autoptr(HsDesignNames) names = NULL;
    bool any = false;

    for (guint i = 0; i < all->len; i++)
        any |= ((const HsExpectation *)all->pdata[i])->path != NULL;
    if (!any)
        return true;
    names = hs_design_names_new(scenario);
    return hs_scenario_check_paths(scenario, hs_design_names, names, error);
}
