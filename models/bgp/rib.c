/* The table of prefixes: see rib.h. Plain storage; what it means is
 * speaker.c's and advertise.c's. */

#include "config.h"

#include "models/bgp/rib.h"

static guint
hash_prefix(gconstpointer key)
{
    return hs_prefix_hash(key);
}

static gboolean
equal_prefix(gconstpointer a, gconstpointer b)
{
    return hs_prefix_equal(a, b);
}

static void
free_route(gpointer data)
{
    BgpRoute *route = data;

    bgp_attrs_unref(route->attrs);
    bgp_attrs_unref(route->received);
    g_free(route);
}

static void
clear_out(gpointer data)
{
    BgpOut *out = data;

    g_clear_pointer(&out->attrs, bgp_attrs_unref);
}

static void
free_net(gpointer data)
{
    BgpNet *net = data;

    g_ptr_array_unref(net->routes);
    g_array_unref(net->out);
    g_clear_pointer(&net->paths, g_array_unref);
    bgp_attrs_unref(net->reported.attrs);
    g_free(net);
}

void
bgp_rib_init(BgpRib *rib)
{
    rib->by_prefix =
        g_hash_table_new_full(hash_prefix, equal_prefix, NULL, free_net);
    g_queue_init(&rib->order);
    g_queue_init(&rib->dirty);
}

void
bgp_rib_clear(BgpRib *rib)
{
    g_queue_clear(&rib->dirty);
    g_queue_init(&rib->order); /* its links stand in the nets */
    g_clear_pointer(&rib->by_prefix, g_hash_table_unref);
}

BgpNet *
bgp_rib_find(const BgpRib *rib, const HsPrefix *prefix)
{
    return g_hash_table_lookup(rib->by_prefix, prefix);
}

BgpNet *
bgp_rib_get(BgpRib *rib, const HsPrefix *prefix)
{
    BgpNet *net = bgp_rib_find(rib, prefix);

    if (net != NULL)
        return net;
    net = g_new0(BgpNet, 1);
    net->prefix = hs_prefix_masked(prefix);
    net->routes = g_ptr_array_new_with_free_func(free_route);
    net->out = g_array_new(FALSE, TRUE, sizeof(BgpOut));
    g_array_set_clear_func(net->out, clear_out);
    net->in_order.data = net;
    g_queue_push_tail_link(&rib->order, &net->in_order);
    g_hash_table_insert(rib->by_prefix, &net->prefix, net);
    return net;
}

void
bgp_rib_mark(BgpRib *rib, BgpNet *net)
{
    if (net->dirty)
        return;
    net->dirty = true;
    g_queue_push_tail(&rib->dirty, net);
}

BgpNet *
bgp_rib_next_dirty(BgpRib *rib)
{
    BgpNet *net = g_queue_pop_head(&rib->dirty);

    if (net != NULL)
        net->dirty = false;
    return net;
}

void
bgp_rib_release(BgpRib *rib, BgpNet *net)
{
    if (net->dirty || net->routes->len > 0 || net->reported.present)
        return;
    for (guint i = 0; i < net->out->len; i++) {
        const BgpOut *out = &g_array_index(net->out, BgpOut, i);

        if (out->attrs != NULL || out->pending)
            return;
    }
    g_queue_unlink(&rib->order, &net->in_order);
    g_hash_table_remove(rib->by_prefix, &net->prefix);
}

BgpRoute *
bgp_net_find_route(const BgpNet *net, const BgpPeer *peer, BgpSource source,
                   int tag)
{
    for (guint i = 0; i < net->routes->len; i++) {
        BgpRoute *route = g_ptr_array_index(net->routes, i);

        if (peer != NULL ? route->peer == peer
                         : route->peer == NULL && route->source == source &&
                               route->tag == tag)
            return route;
    }
    return NULL;
}

BgpRoute *
bgp_net_add_route(BgpNet *net)
{
    BgpRoute *route = g_new0(BgpRoute, 1);

    route->prefix = net->prefix;
    route->in_peer.data = route;
    g_ptr_array_add(net->routes, route);
    return route;
}

void
bgp_net_remove_route(BgpNet *net, BgpRoute *route)
{
    if (net->best == route)
        net->best = NULL;
    g_ptr_array_remove(net->routes, route);
}

BgpOut *
bgp_net_out(BgpNet *net, unsigned index)
{
    if (index >= net->out->len)
        g_array_set_size(net->out, index + 1);
    return &g_array_index(net->out, BgpOut, index);
}
