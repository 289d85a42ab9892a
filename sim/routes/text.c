/* The report as text: what was asked for first, the ways, and then every
 * table. */

#include "config.h"

#include "sim/routes/routes.h"

static void
append_list(GString *text, const GPtrArray *names, const char *none)
{
    for (guint i = 0; i < names->len; i++)
        g_string_append_printf(text, "%s%s", i > 0 ? ", " : "",
                               (const char *)names->pdata[i]);
    if (names->len == 0)
        g_string_append(text, none);
}

/* "10.0.0.0/8 by primary bgp: path 65001, med 0" */
static void
append_candidate(GString *text, const HsRoutesEntry *entry,
                 const HsRoutesCandidate *candidate)
{
    char prefix[HS_PREFIX_TEXT];

    g_string_append_printf(text, "%s", candidate->name);
    if (!hs_prefix_equal(&entry->prefix, &candidate->prefix))
        g_string_append_printf(text, " to %s",
                               hs_prefix_format(&candidate->prefix, prefix));
    g_string_append_printf(text, " (%s%s", candidate->stale ? "stale, " : "",
                           candidate->source);
    if (candidate->has_attrs) {
        if (*candidate->as_path != '\0')
            g_string_append_printf(text, ", path %s", candidate->as_path);
        if (candidate->has_local_preference)
            g_string_append_printf(text,
                                   ", local preference %" G_GUINT32_FORMAT,
                                   candidate->local_preference);
        if (candidate->has_med)
            g_string_append_printf(text, ", MED %" G_GUINT32_FORMAT,
                                   candidate->med);
        if (*candidate->communities != '\0')
            g_string_append_printf(text, ", %s", candidate->communities);
    }
    g_string_append(text, ")");
    if (candidate->lost_by != NULL)
        g_string_append_printf(text, " lost: %s", candidate->lost_by);
}

static void
append_candidates(GString *text, const HsRoutesEntry *entry, int indent)
{
    if (entry->candidates->len < 2)
        return;
    for (guint i = 0; i < entry->candidates->len; i++) {
        const HsRoutesCandidate *candidate = entry->candidates->pdata[i];

        g_string_append_printf(text, "%*s%c ", indent, "",
                               candidate->used ? '>' : ' ');
        append_candidate(text, entry, candidate);
        g_string_append_c(text, '\n');
    }
}

/* Ways */

static void
append_hop(GString *text, guint number, const HsRoutesHop *hop)
{
    char prefix[HS_PREFIX_TEXT];

    g_string_append_printf(text, "  %u. %s, table %s: ", number, hop->node,
                           hop->table != NULL ? hop->table : "-");
    if (hop->entry == NULL) {
        g_string_append(text, "no route\n");
        return;
    }
    g_string_append_printf(text, "%s (%s)",
                           hs_prefix_format(&hop->entry->prefix, prefix),
                           hop->entry->origin);
    if (hop->through != NULL)
        g_string_append_printf(text, " by %s%s", hop->tunnel ? "tunnel " : "",
                               hop->through);
    if (hop->over != NULL && hop->over->len > 0) {
        g_string_append(text, " over ");
        append_list(text, hop->over, "");
    }
    if (hop->entry->via->len > 1) {
        g_string_append(text, ", one of ");
        append_list(text, hop->entry->via, "");
    }
    if (hop->entry->step != NULL && hop->entry->candidates->len > 1)
        g_string_append_printf(text, ": %s", hop->entry->step);
    g_string_append_c(text, '\n');
    append_candidates(text, hop->entry, 7);
}

static void
append_way(GString *text, const HsRoutesWay *way)
{
    for (guint i = 0; i < way->hops->len; i++)
        append_hop(text, i + 1, way->hops->pdata[i]);
    g_string_append_printf(text, "  => %s: %s\n", hs_routes_end_name(way->end),
                           way->at);
}

static void
append_path(GString *text, const HsRoutesPath *path)
{
    char from[HS_ADDR_TEXT], to[HS_ADDR_TEXT];

    for (guint i = 0; i < path->ways->len; i++) {
        g_string_append_printf(text, "%s -> %s",
                               hs_addr_format(&path->from, from),
                               hs_addr_format(&path->to, to));
        if (path->ways->len > 1)
            g_string_append_printf(text, ", way %u of %u", i + 1,
                                   path->ways->len);
        g_string_append(text, "\n");
        append_way(text, path->ways->pdata[i]);
    }
}

static bool
arrives(const HsRoutesPath *path)
{
    for (guint i = 0; i < path->ways->len; i++)
        if (((const HsRoutesWay *)path->ways->pdata[i])->end !=
            HS_ROUTES_DELIVERED)
            return false;
    return true;
}

static void
append_pair(GString *text, const HsRoutes *routes, guint pair)
{
    g_autoptr(GPtrArray) forth = g_ptr_array_new();
    g_autoptr(GPtrArray) back = g_ptr_array_new();

    append_path(text, routes->paths->pdata[pair]);
    append_path(text, routes->paths->pdata[pair + 1]);
    if (!arrives(routes->paths->pdata[pair]) ||
        !arrives(routes->paths->pdata[pair + 1])) {
        g_string_append(text, "NOT REACHABLE in both directions.\n");
        return;
    }
    hs_routes_asymmetry(routes, pair, forth, back);
    if (forth->len + back->len == 0) {
        g_string_append(text, "Both directions go the same way.\n");
        return;
    }
    g_string_append(text, "ASYMMETRIC: only forth by ");
    append_list(text, forth, "nothing");
    g_string_append(text, "; only back by ");
    append_list(text, back, "nothing");
    g_string_append(text, ".\n");
}

/* Tables */

/* The router's own addresses say nothing about ways. */
static bool
is_shown(const HsRoutesEntry *entry)
{
    return entry->origin == NULL || !g_str_equal(entry->origin, "local");
}

static void
append_entry(GString *text, const HsRoutesTable *table,
             const HsRoutesEntry *entry)
{
    char prefix[HS_PREFIX_TEXT];

    g_string_append_printf(
        text, "  %-18s  %-9s  ", hs_prefix_format(&entry->prefix, prefix),
        entry->origin != NULL ? entry->origin
                              : (table->forwards ? "waiting" : "decided"));
    append_list(text, entry->via, "");
    if (entry->candidates->len > 1 && entry->step != NULL)
        g_string_append_printf(text, "%s%s", entry->via->len > 0 ? ": " : "",
                               entry->step);
    else if (entry->candidates->len == 1 && entry->via->len == 0)
        append_candidate(text, entry, entry->candidates->pdata[0]);
    g_string_append_c(text, '\n');
    append_candidates(text, entry, 4);
}

static void
append_table(GString *text, const HsRoutesTable *table)
{
    g_string_append_printf(text, "\n%s, table %s\n", table->node, table->name);
    for (guint i = 0; i < table->entries->len; i++)
        if (is_shown(table->entries->pdata[i]))
            append_entry(text, table, table->entries->pdata[i]);
}

void
hs_routes_text(const HsRoutes *routes, GString *text)
{
    g_string_append_printf(text, "Routes at %.3f s\n\n",
                           (double)routes->at / 1e9);
    for (guint i = 0; routes->paths != NULL && i < routes->paths->len; i += 2)
        append_pair(text, routes, i);
    for (guint i = 0; i < routes->tables->len; i++)
        append_table(text, routes->tables->pdata[i]);
}
