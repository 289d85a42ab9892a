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

#include <jansson.h>
#include <string.h>

static void
set(json_t *object, const char *key, json_t *value)
{
    int failed = json_object_set_new(object, key, value);

    g_assert(failed == 0);
}

static json_t *
text_or_null(const char *text)
{
    return text != NULL ? json_string(text) : json_null();
}

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

    set(object, "by", json_string(candidate->name));
    set(object, "source", json_string(candidate->source));
    set(object, "prefix", prefix_json(&candidate->prefix));
    set(object, "as_path", text_or_null(candidate->as_path));
    set(object, "local_preference",
        candidate->has_local_preference
            ? json_integer(candidate->local_preference)
            : json_null());
    set(object, "med",
        candidate->has_med ? json_integer(candidate->med) : json_null());
    set(object, "communities", text_or_null(candidate->communities));
    set(object, "stale", json_boolean(candidate->stale));
    set(object, "used", json_boolean(candidate->used));
    set(object, "lost_by", text_or_null(candidate->lost_by));
    return object;
}

static json_t *
entry_json(const HsRoutesEntry *entry)
{
    json_t *object = json_object(), *candidates = json_array();

    set(object, "prefix", prefix_json(&entry->prefix));
    set(object, "origin", text_or_null(entry->origin));
    set(object, "via", names_json(entry->via));
    set(object, "step", text_or_null(entry->step));
    for (guint i = 0; i < entry->candidates->len; i++)
        json_array_append_new(candidates,
                              candidate_json(entry->candidates->pdata[i]));
    set(object, "candidates", candidates);
    return object;
}

static json_t *
table_json(const HsRoutesTable *table)
{
    json_t *object = json_object(), *entries = json_array();

    set(object, "node", json_string(table->node));
    set(object, "table", json_string(table->name));
    set(object, "forwards", json_boolean(table->forwards));
    for (guint i = 0; i < table->entries->len; i++)
        json_array_append_new(entries, entry_json(table->entries->pdata[i]));
    set(object, "routes", entries);
    return object;
}

static json_t *
hop_json(const HsRoutesHop *hop)
{
    json_t *object = json_object();

    set(object, "node", json_string(hop->node));
    set(object, "table", text_or_null(hop->table));
    set(object, "through", text_or_null(hop->through));
    set(object, "tunnel", json_boolean(hop->tunnel));
    set(object, "over",
        hop->over != NULL ? names_json(hop->over) : json_null());
    set(object, "route",
        hop->entry != NULL ? entry_json(hop->entry) : json_null());
    return object;
}

static json_t *
way_json(const HsRoutesWay *way)
{
    json_t *object = json_object(), *hops = json_array();

    for (guint i = 0; i < way->hops->len; i++)
        json_array_append_new(hops, hop_json(way->hops->pdata[i]));
    set(object, "hops", hops);
    set(object, "end", json_string(hs_routes_end_name(way->end)));
    set(object, "at", json_string(way->at));
    return object;
}

static json_t *
path_json(const HsRoutesPath *path)
{
    json_t *object = json_object(), *ways = json_array();

    set(object, "from", address_json(&path->from));
    set(object, "to", address_json(&path->to));
    for (guint i = 0; i < path->ways->len; i++)
        json_array_append_new(ways, way_json(path->ways->pdata[i]));
    set(object, "ways", ways);
    return object;
}

static json_t *
pair_json(const HsRoutes *routes, guint pair)
{
    g_autoptr(GPtrArray) forth = g_ptr_array_new();
    g_autoptr(GPtrArray) back = g_ptr_array_new();
    json_t *object = json_object();

    hs_routes_asymmetry(routes, pair, forth, back);
    set(object, "forth", path_json(routes->paths->pdata[pair]));
    set(object, "back", path_json(routes->paths->pdata[pair + 1]));
    set(object, "symmetric", json_boolean(forth->len + back->len == 0));
    set(object, "only_forth", names_json(forth));
    set(object, "only_back", names_json(back));
    return object;
}

void
hs_routes_json(const HsRoutes *routes, const char *scenario, GString *text)
{
    json_t *root = json_object(), *tables = json_array();
    json_t *paths = json_array();
    char *dump;

    set(root, "format", json_string("hybridsim-routes"));
    set(root, "version", json_integer(1));
    set(root, "scenario", json_string(scenario));
    set(root, "at_s", json_real((double)routes->at / 1e9));
    for (guint i = 0; routes->paths != NULL && i < routes->paths->len; i += 2)
        json_array_append_new(paths, pair_json(routes, i));
    set(root, "paths", paths);
    for (guint i = 0; i < routes->tables->len; i++)
        json_array_append_new(tables, table_json(routes->tables->pdata[i]));
    set(root, "tables", tables);
    dump = json_dumps(root, JSON_INDENT(2) | JSON_PRESERVE_ORDER);
    g_string_append_printf(text, "%s\n", dump);
    free(dump);
    json_decref(root);
}
