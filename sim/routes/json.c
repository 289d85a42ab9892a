/* The report as a document.
 *
 *     {"format": "hybridsim-routes", "version": 1, "scenario", "at_s",
 *      "paths":  [{"forth": PATH, "back": PATH, "symmetric",
 *                  "only_forth": [link], "only_back": [link]}],
 *      "tables": [{"node", "table", "forwards", "routes": [ROUTE]}]}
 *
 * PATH is {"from", "to", "ways": [{"hops": [HOP], "end", "at"}]}, with "end"
 * one of "delivered", "no route", "black hole route", "port down", "loop" and
 * "nothing is behind the port", at the node "at". HOP is {"node", "table",
 * "through": link or tunnel or null, "tunnel", "over": links under the tunnel
 * or null, "route": ROUTE or null}.
 *
 * ROUTE is {"prefix", "origin", "via": [port], "step", "candidates":
 * [{"by", "source", "prefix", "as_path", "local_preference", "med",
 * "communities", "stale", "used", "lost_by"}]}: the best candidate first;
 * "origin" is null while the hardware does not have it; "lost_by" is null for
 * those that are used. "forwards" is false for a table by which nothing is
 * sent, as that of a Direct Connect gateway. */

#include "config.h"

#include "sim/routes/routes.h"

#include "sim/output/json_value.h"

#include <jansson.h>
#include <string.h>

static json_t *
prefix_json(const HsPrefix *prefix)
{
    char text[HS_PREFIX_TEXT];

    return json_string(hs_prefix_format(prefix, text));
}

static json_t *
address_json(const HsAddr *address)
{
    char text[HS_ADDR_TEXT];

    return json_string(hs_addr_format(address, text));
}

static json_t *
names_json(const GPtrArray *names)
{
    json_t *array = json_array();

    for (guint i = 0; i < names->len; i++)
        json_array_append_new(array, json_string(names->pdata[i]));
    return array;
}

static json_t *
candidate_json(const HsRoutesCandidate *candidate)
{
    json_t *object = json_object();

    hs_json_set(object, "by", json_string(candidate->name));
    hs_json_set(object, "source", json_string(candidate->source));
    hs_json_set(object, "prefix", prefix_json(&candidate->prefix));
    hs_json_set(object, "as_path", hs_json_text_or_null(candidate->as_path));
    hs_json_set(object, "local_preference",
                candidate->has_local_preference
                    ? json_integer(candidate->local_preference)
                    : json_null());
    hs_json_set(object, "med",
                candidate->has_med ? json_integer(candidate->med)
                                   : json_null());
    hs_json_set(object, "communities",
                hs_json_text_or_null(candidate->communities));
    hs_json_set(object, "stale", json_boolean(candidate->stale));
    hs_json_set(object, "used", json_boolean(candidate->used));
    hs_json_set(object, "lost_by", hs_json_text_or_null(candidate->lost_by));
    return object;
}

static json_t *
entry_json(const HsRoutesEntry *entry)
{
    json_t *object = json_object(), *candidates = json_array();

    hs_json_set(object, "prefix", prefix_json(&entry->prefix));
    hs_json_set(object, "origin", hs_json_text_or_null(entry->origin));
    hs_json_set(object, "via", names_json(entry->via));
    hs_json_set(object, "step", hs_json_text_or_null(entry->step));
    for (guint i = 0; i < entry->candidates->len; i++)
        json_array_append_new(candidates,
                              candidate_json(entry->candidates->pdata[i]));
    hs_json_set(object, "candidates", candidates);
    return object;
}

static json_t *
table_json(const HsRoutesTable *table)
{
    json_t *object = json_object(), *entries = json_array();

    hs_json_set(object, "node", json_string(table->node));
    hs_json_set(object, "table", json_string(table->name));
    hs_json_set(object, "forwards", json_boolean(table->forwards));
    for (guint i = 0; i < table->entries->len; i++)
        json_array_append_new(entries, entry_json(table->entries->pdata[i]));
    hs_json_set(object, "routes", entries);
    return object;
}

static json_t *
hop_json(const HsRoutesHop *hop)
{
    json_t *object = json_object();

    hs_json_set(object, "node", json_string(hop->node));
    hs_json_set(object, "table", hs_json_text_or_null(hop->table));
    hs_json_set(object, "through", hs_json_text_or_null(hop->through));
    hs_json_set(object, "tunnel", json_boolean(hop->tunnel));
    hs_json_set(object, "over",
                hop->over != NULL ? names_json(hop->over) : json_null());
    hs_json_set(object, "route",
                hop->entry != NULL ? entry_json(hop->entry) : json_null());
    return object;
}

static json_t *
way_json(const HsRoutesWay *way)
{
    json_t *object = json_object(), *hops = json_array();

    for (guint i = 0; i < way->hops->len; i++)
        json_array_append_new(hops, hop_json(way->hops->pdata[i]));
    hs_json_set(object, "hops", hops);
    hs_json_set(object, "end", json_string(hs_routes_end_name(way->end)));
    hs_json_set(object, "at", json_string(way->at));
    return object;
}

static json_t *
path_json(const HsRoutesPath *path)
{
    json_t *object = json_object(), *ways = json_array();

    hs_json_set(object, "from", address_json(&path->from));
    hs_json_set(object, "to", address_json(&path->to));
    for (guint i = 0; i < path->ways->len; i++)
        json_array_append_new(ways, way_json(path->ways->pdata[i]));
    hs_json_set(object, "ways", ways);
    return object;
}

static json_t *
pair_json(const HsRoutes *routes, guint pair)
{
    g_autoptr(GPtrArray) forth = g_ptr_array_new();
    g_autoptr(GPtrArray) back = g_ptr_array_new();
    json_t *object = json_object();

    hs_routes_asymmetry(routes, pair, forth, back);
    hs_json_set(object, "forth", path_json(routes->paths->pdata[pair]));
    hs_json_set(object, "back", path_json(routes->paths->pdata[pair + 1]));
    hs_json_set(object, "symmetric", json_boolean(forth->len + back->len == 0));
    hs_json_set(object, "only_forth", names_json(forth));
    hs_json_set(object, "only_back", names_json(back));
    return object;
}

void
hs_routes_json(const HsRoutes *routes, const char *scenario, GString *text)
{
    json_t *root = json_object(), *tables = json_array();
    json_t *paths = json_array();
    char *dump;

    hs_json_set(root, "format", json_string("hybridsim-routes"));
    hs_json_set(root, "version", json_integer(1));
    hs_json_set(root, "scenario", json_string(scenario));
    hs_json_set(root, "at_s", json_real((double)routes->at / 1e9));
    for (guint i = 0; routes->paths != NULL && i < routes->paths->len; i += 2)
        json_array_append_new(paths, pair_json(routes, i));
    hs_json_set(root, "paths", paths);
    for (guint i = 0; i < routes->tables->len; i++)
        json_array_append_new(tables, table_json(routes->tables->pdata[i]));
    hs_json_set(root, "tables", tables);
    dump = json_dumps(root, JSON_INDENT(2) | JSON_PRESERVE_ORDER);
    g_string_append_printf(text, "%s\n", dump);
    free(dump);
    json_decref(root);
}
