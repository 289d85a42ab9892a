/* clang-format off
 *
 * The routes of a router, on their way from those who ask for them to the
 * hardware's table.
 *
 *     route_set(), route_remove() --> Route.pending
 *                                          | FIB delay
 *                                     Route.programmed --> settle() --> fib
 *     port up, port down -----------> Port.entries ----------^
 *
 * clang-format on
 *
 * For each prefix the table holds one entry: that of highest precedence among
 * what the ports imply while they are up and what is programmed. settle() is
 * the only writer of the table, and the only place that reports a change of it.
 *
 * The queue of changes is the control plane's download to the line card: in
 * order, each at least fib_delay after it was asked for and fib_delay_each
 * after the one before. A prefix is in it at most once. A second change of a
 * waiting prefix takes the first one out and goes to the end: no state is
 * programmed that was obsolete before its turn, and none sooner than fib_delay
 * after it was asked for. Whoever flaps a prefix faster than that delays it, as
 * on a real router. */

#include "config.h"

#include "models/net/router_private.h"

/* Entries */

static Entry *
entry_new(const HsPrefix *prefix, EntryKind kind, const char *origin,
          const HsNexthop *hops, unsigned n_hops)
{
    Entry *entry = g_malloc0(sizeof *entry + n_hops * sizeof *hops);

    entry->prefix = hs_prefix_masked(prefix);
    entry->kind = kind;
    entry->origin = g_intern_string(origin);
    entry->n_hops = n_hops;
    for (unsigned i = 0; i < n_hops; i++)
        entry->hops[i] = hops[i];
    return entry;
}

/* The hardware would do the same. Both may be NULL: not there. */
static bool
same_forwarding(const Entry *a, const Entry *b)
{
    if (a == NULL || b == NULL)
        return a == b;
    if (a->kind != b->kind || a->n_hops != b->n_hops)
        return false;
    for (unsigned i = 0; i < a->n_hops; i++) {
        if (a->hops[i].port != b->hops[i].port ||
            !hs_addr_equal(&a->hops[i].gateway, &b->hops[i].gateway))
            return false;
    }
    return true;
}

static const char *
port_text(const HsRouter *router, unsigned port)
{
    switch (port) {
    case HS_PORT_BLACKHOLE:
        return "blackhole";
    case HS_PORT_REJECT:
        return "reject";
    default:
        return hs_router_port(router, port)->name;
    }
}

/* "dx", "tunnel1,tunnel2", "local"; NULL without an entry. Interned. */
static const char *
entry_text(const HsRouter *router, const Entry *entry)
{
    g_autoptr(GString) text = NULL;

    if (entry == NULL)
        return NULL;
    if (entry->kind == ENTRY_LOCAL)
        return "local";
    if (entry->kind == ENTRY_BROADCAST)
        return "broadcast";
    text = g_string_new(NULL);
    for (unsigned i = 0; i < entry->n_hops; i++) {
        if (i > 0)
            g_string_append_c(text, ',');
        g_string_append(text, port_text(router, entry->hops[i].port));
    }
    return g_intern_string(text->str);
}

static bool
forwards(const Entry *entry)
{
    return entry != NULL &&
           (entry->kind == ENTRY_CONNECTED || entry->kind == ENTRY_ROUTE);
}

static void
report(HsRouter *router, const Vrf *vrf, const HsPrefix *prefix,
       const Entry *from, const Entry *to)
{
    char text[HS_PREFIX_TEXT];
    HsFact fact = {
        .kind = HS_FACT_FIB,
        .peer = vrf->name,
        .from = entry_text(router, from),
        .to = entry_text(router, to),
        .cause = to != NULL ? to->origin : from->origin,
    };

    fact.subject = g_intern_string(hs_prefix_format(prefix, text));
    hs_env_fact(router->env, &fact);
    hs_trace(router->trace, hs_env_now(router->env), "%s in %s: %s -> %s (%s)",
             fact.subject, vrf->name, fact.from != NULL ? fact.from : "-",
             fact.to != NULL ? fact.to : "-", fact.cause);
}

/* The table */

static Entry *
implied_entry(const HsRouter *router, unsigned vrf, const HsPrefix *prefix)
{
    Entry *best = NULL;

    for (unsigned i = 0; i < router->ports->len; i++) {
        const Port *port = hs_router_port(router, i);

        if (!port->up || port->vrf != vrf)
            continue;
        for (unsigned j = 0; j < port->entries->len; j++) {
            Entry *entry = port->entries->pdata[j];

            if (hs_prefix_equal(&entry->prefix, prefix) &&
                (best == NULL || entry->kind < best->kind))
                best = entry;
        }
    }
    return best;
}

static void
settle(HsRouter *router, unsigned index, const HsPrefix *prefix)
{
    Vrf *vrf = hs_router_vrf(router, index);
    const Route *route = g_hash_table_lookup(vrf->routes, prefix);
    Entry *programmed = route != NULL ? route->programmed : NULL;
    Entry *best = implied_entry(router, index, prefix), *old;

    if (programmed != NULL && (best == NULL || programmed->kind < best->kind))
        best = programmed;
    old = best != NULL ? hs_fib_set(vrf->fib, prefix, best)
                       : hs_fib_remove(vrf->fib, prefix);
    if (old != best && !same_forwarding(old, best) &&
        (forwards(old) || forwards(best)))
        report(router, vrf, prefix, old, best);
}

static void
imply(Port *port, const HsPrefix *prefix, EntryKind kind, unsigned index)
{
    const HsNexthop hop = {.port = index};
    const char *origin = kind == ENTRY_LOCAL       ? "local"
                         : kind == ENTRY_CONNECTED ? "connected"
                                                   : "broadcast";

    g_ptr_array_add(port->entries, entry_new(prefix, kind, origin, &hop,
                                             kind == ENTRY_CONNECTED));
}

void
hs_router_imply(Port *port, unsigned index, const HsPrefix *address)
{
    HsPrefix host = hs_prefix_of(&address->addr);
    unsigned bits = hs_addr_bits(&address->addr);
    HsAddr edge;

    imply(port, &host, ENTRY_LOCAL, index);
    if (address->length == bits)
        return;
    imply(port, address, ENTRY_CONNECTED, index);

    /* RFC 3021 2.1: a /31 has no broadcast address. RFC 2644: what is sent to
     * one from elsewhere is dropped. */
    if (address->addr.family != HS_FAMILY_IPV4 || address->length + 1u >= bits)
        return;
    edge = hs_prefix_host(address, 0);
    host = hs_prefix_of(&edge);
    imply(port, &host, ENTRY_BROADCAST, index);
    edge = hs_prefix_host(address, (uint32_t)(UINT32_MAX >> address->length));
    host = hs_prefix_of(&edge);
    imply(port, &host, ENTRY_BROADCAST, index);
}

void
hs_router_settle_port(HsRouter *router, Port *port)
{
    for (unsigned i = 0; i < port->entries->len; i++) {
        const Entry *entry = port->entries->pdata[i];

        settle(router, port->vrf, &entry->prefix);
    }
}

/* Changes */

static void
change_free(HsRouter *router, Change *change)
{
    g_queue_unlink(&router->changes, &change->link);
    change->route->pending = NULL;
    g_free(change->wanted);
    g_free(change);
}

static void
route_free(void *data)
{
    Route *route = data;

    g_assert(route->pending == NULL);
    g_free(route->programmed);
    g_free(route);
}

static void
forget_if_empty(HsRouter *router, Route *route)
{
    if (route->programmed == NULL && route->pending == NULL)
        g_hash_table_remove(hs_router_vrf(router, route->vrf)->routes,
                            &route->prefix);
}

/* WANTED (transfer full) is now the hardware's state. */
static void
program(HsRouter *router, Route *route, Entry *wanted)
{
    Entry *old = route->programmed;

    route->programmed = wanted;
    settle(router, route->vrf, &route->prefix);
    g_free(old); /* settle() still reports it */
    forget_if_empty(router, route);
}

static void
arm(HsRouter *router)
{
    const Change *first = g_queue_peek_head(&router->changes);

    hs_alarm_set(router->change_alarm,
                 first != NULL ? first->due : HS_TIME_NEVER);
}

void
hs_router_changes_due(void *user_data)
{
    HsRouter *router = user_data;
    HsTime now = hs_env_now(router->env);
    Change *first;

    while ((first = g_queue_peek_head(&router->changes)) != NULL &&
           first->due <= now) {
        Route *route = first->route;
        Entry *wanted = g_steal_pointer(&first->wanted);

        change_free(router, first);
        program(router, route, wanted);
    }
    arm(router);
}

void
hs_router_changes_clear(HsRouter *router)
{
    Change *first;

    while ((first = g_queue_peek_head(&router->changes)) != NULL)
        change_free(router, first);
}

static void
enqueue(HsRouter *router, Route *route, Entry *wanted)
{
    HsTime now = hs_env_now(router->env);
    Change *change = g_new0(Change, 1);

    change->route = route;
    change->wanted = wanted;
    change->due = hs_time_max(
        hs_time_add(now, router->config.fib_delay),
        hs_time_add(router->last_due, router->config.fib_delay_each));
    change->link.data = change;
    router->last_due = change->due;
    route->pending = change;
    g_queue_push_tail_link(&router->changes, &change->link);
    arm(router);
}

/* WANTED (transfer full) shall be in the hardware; NULL: nothing shall. */
static void
ask(HsRouter *router, Route *route, Entry *wanted)
{
    if (route->pending != NULL) {
        if (same_forwarding(route->pending->wanted, wanted)) {
            g_free(route->pending->wanted);
            route->pending->wanted = wanted;
            return;
        }
        change_free(router, route->pending);
        arm(router);
    }
    if (same_forwarding(route->programmed, wanted)) {
        if (wanted != NULL)
            route->programmed->origin = wanted->origin;
        g_free(wanted);
        forget_if_empty(router, route);
    } else if (router->config.fib_delay == 0 &&
               router->config.fib_delay_each == 0) {
        program(router, route, wanted);
    } else {
        enqueue(router, route, wanted);
    }
}

void
hs_router_route_set(HsRouter *router, unsigned vrf, const HsPrefix *prefix,
                    const HsNexthop *hops, unsigned n_hops, const char *origin)
{
    GHashTable *routes = hs_router_vrf(router, vrf)->routes;
    Entry *wanted = entry_new(prefix, ENTRY_ROUTE, origin, hops, n_hops);
    Route *route = g_hash_table_lookup(routes, &wanted->prefix);

    g_assert(n_hops > 0);
    for (unsigned i = 0; i < n_hops; i++)
        g_assert(hops[i].port < router->ports->len ||
                 hops[i].port == HS_PORT_BLACKHOLE ||
                 hops[i].port == HS_PORT_REJECT);
    if (route == NULL) {
        route = g_new0(Route, 1);
        route->prefix = wanted->prefix;
        route->vrf = vrf;
        g_hash_table_insert(routes, &route->prefix, route);
    }
    ask(router, route, wanted);
}

void
hs_router_route_remove(HsRouter *router, unsigned vrf, const HsPrefix *prefix)
{
    Route *route =
        g_hash_table_lookup(hs_router_vrf(router, vrf)->routes, prefix);

    if (route != NULL)
        ask(router, route, NULL);
}

unsigned
hs_router_routes_pending(const HsRouter *router)
{
    return router->changes.length;
}

/* Questions */

static HsRoute
route_of(const Entry *entry)
{
    return (HsRoute){.prefix = entry->prefix,
                     .hops = entry->hops,
                     .n_hops = entry->n_hops,
                     .origin = entry->origin};
}

bool
hs_router_lookup(const HsRouter *router, unsigned vrf, const HsAddr *address,
                 HsRoute *ret_route)
{
    const Entry *entry =
        hs_fib_lookup(hs_router_vrf(router, vrf)->fib, address);

    if (entry == NULL)
        return false;
    *ret_route = route_of(entry);
    return true;
}

typedef struct {
    void (*visit)(void *user_data, const HsRoute *route);
    void *user_data;
} RouteWalk;

static void
visit_entry(void *user_data, const HsPrefix *prefix, void *value)
{
    const RouteWalk *walk = user_data;
    HsRoute route = route_of(value);

    (void)prefix;
    walk->visit(walk->user_data, &route);
}

void
hs_router_foreach_route(const HsRouter *router, unsigned vrf,
                        void (*visit)(void *user_data, const HsRoute *route),
                        void *user_data)
{
    RouteWalk walk = {visit, user_data};

    hs_fib_foreach(hs_router_vrf(router, vrf)->fib, visit_entry, &walk);
}

size_t
hs_router_n_routes(const HsRouter *router, unsigned vrf)
{
    return hs_fib_size(hs_router_vrf(router, vrf)->fib);
}

/* VRFs */

static guint
prefix_hash(gconstpointer prefix)
{
    return hs_prefix_hash(prefix);
}

static gboolean
prefix_equal(gconstpointer a, gconstpointer b)
{
    return hs_prefix_equal(a, b);
}

Vrf *
hs_router_vrf_new(const char *name)
{
    Vrf *vrf = g_new0(Vrf, 1);

    vrf->name = g_intern_string(name);
    vrf->fib = hs_fib_new();
    vrf->routes =
        g_hash_table_new_full(prefix_hash, prefix_equal, NULL, route_free);
    vrf->reassembly = hs_reassembly_new(&(HsReassemblyConfig){0});
    return vrf;
}

void
hs_router_vrf_free(void *data)
{
    Vrf *vrf = data;

    hs_fib_free(vrf->fib);
    g_hash_table_unref(vrf->routes);
    hs_reassembly_free(vrf->reassembly);
    g_free(vrf);
}
