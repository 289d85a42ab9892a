/* Adj-RIB-Out: which routes a peer is told, and with which attributes
 * (RFC 4271 5, 9.1.3 and 9.2).
 *
 * A net that changed is queued for every peer that is Established. When a
 * peer's queue is flushed, the best route of each net goes through the rules
 * and the export policy; what comes out is compared with what that peer was
 * told last. Equal: nothing is sent. Otherwise withdrawals go out first, then
 * the announcements, gathered by attributes so that one message carries as
 * many prefixes as it can hold. */

#include "config.h"

#include "models/bgp/speaker_private.h"

#include <string.h>

void
bgp_advertise_mark(BgpPeer *peer, BgpNet *net)
{
    BgpOut *out;

    if (!peer->established)
        return;
    out = bgp_net_out(net, peer->index);
    if (out->pending)
        return;
    out->pending = true;
    g_ptr_array_add(peer->pending, net);
}

void
bgp_advertise_all(BgpPeer *peer, const char *reason, bool forget)
{
    for (GList *link = peer->speaker->rib.order.head; link != NULL;
         link = link->next) {
        BgpNet *net = link->data;

        if (forget)
            g_clear_pointer(&bgp_net_out(net, peer->index)->attrs,
                            bgp_attrs_unref);
        bgp_advertise_mark(peer, net);
    }
    if (forget)
        memset(peer->told, 0, sizeof peer->told);
    if (peer->pending->len > 0)
        peer->reason = reason;
}

void
bgp_advertise_reset(BgpPeer *peer)
{
    BgpRib *rib = &peer->speaker->rib;

    g_ptr_array_set_size(peer->pending, 0);
    peer->reason = NULL;
    peer->next_advertisement = 0;
    peer->owes_end = false;
    peer->held_back = false;
    memset(peer->told, 0, sizeof peer->told);
    for (GList *link = rib->order.head, *next; link != NULL; link = next) {
        BgpNet *net = link->data;
        BgpOut *out = bgp_net_out(net, peer->index);

        next = link->next;
        out->pending = false;
        g_clear_pointer(&out->attrs, bgp_attrs_unref);
        bgp_rib_release(rib, net);
    }
}

/* RFC 4271 9.2.1 and RFC 1997: whether this peer may hear of it at all. */
static bool
may_tell(const BgpPeer *peer, const BgpRoute *route)
{
    GBytes *communities = route->attrs->communities;

    if (route->peer == peer)
        return false;
    if (route->prefix.addr.family == HS_FAMILY_IPV6 ? !peer->negotiated.ipv6
                                                    : !peer->negotiated.ipv4)
        return false;
    if (bgp_communities_contain(communities, BGP_NO_ADVERTISE))
        return false;
    if (bgp_peer_is_ibgp(peer)) {
        if (route->source == BGP_SOURCE_IBGP)
            return false; /* 9.2.1: no reflection */
    } else if (bgp_communities_contain(communities, BGP_NO_EXPORT) ||
               bgp_communities_contain(communities, BGP_NO_EXPORT_SUBCONFED)) {
        return false;
    }
    return peer->config.export_filter == NULL ||
           peer->config.export_filter(peer->config.user_data, route);
}

static HsAddr
own_address(const BgpPeer *peer, const HsPrefix *prefix)
{
    return prefix->addr.family == HS_FAMILY_IPV6 ? peer->config.local_address6
                                                 : peer->config.local_address;
}

/* What the attributes are before the peer's policy sees them. A next hop that
 * is not set here becomes our own address. */
static BgpAttrs *
outgoing(const BgpPeer *peer, const BgpRoute *route)
{
    BgpAttrs *attrs = bgp_attrs_copy(route->attrs);

    if (bgp_peer_is_ibgp(peer)) {
        /* RFC 4271 5.1.5 */
        if (!attrs->has_local_pref)
            attrs->local_pref = BGP_LOCAL_PREF_DEFAULT;
        attrs->has_local_pref = true;
        if (route->peer == NULL || peer->config.next_hop_self)
            attrs->next_hop = (HsAddr){0};
        return attrs;
    }
    attrs->has_local_pref = false;
    /* RFC 4271 5.1.4: the MED of one neighbour AS is not for another. */
    if (route->peer != NULL)
        attrs->has_med = false;
    /* RFC 4271 5.1.3 allows a third party's address on a shared medium; the
     * links here are point to point. */
    attrs->next_hop = (HsAddr){0};
    return attrs;
}

/* The attributes that PEER shall see (transfer full, interned), or NULL. */
static BgpAttrs *
export_route(BgpPeer *peer, const BgpRoute *route)
{
    uint32_t own_as = peer->config.session.local_as;
    g_autoptr(BgpAttrs) before = NULL;
    BgpAttrs *after;

    if (route == NULL || !may_tell(peer, route))
        return NULL;
    before = outgoing(peer, route);
    after = bgp_policy_apply(peer->config.export, route, before, own_as);
    if (after == NULL)
        return NULL;
    /* Nobody else has what is left: it is ours to write. */
    g_clear_pointer(&before, bgp_attrs_unref);
    if (!hs_addr_is_set(&after->next_hop))
        after->next_hop = own_address(peer, &route->prefix);
    if (after->next_hop.family != route->prefix.addr.family) {
        bgp_attrs_unref(after);
        return NULL;
    }
    if (!bgp_peer_is_ibgp(peer)) {
        /* Last, so that our AS stands in front of what a policy added. */
        GBytes *path = bgp_as_path_prepend(after->as_path, own_as, 1);

        g_clear_pointer(&after->as_path, g_bytes_unref);
        after->as_path = path;
    }
    return bgp_attrs_intern(peer->speaker->attrs, after);
}

/* Announcements with the same attributes, in the order of their first one. */
typedef struct {
    BgpAttrs *attrs;    /* borrowed from the nets' out */
    GArray *prefixes;   /* owned, HsPrefix */
    GPtrArray *reasons; /* literals, one for each prefix */
} Group;

static void
free_group(gpointer data)
{
    Group *group = data;

    g_array_unref(group->prefixes);
    g_ptr_array_unref(group->reasons);
    g_free(group);
}

typedef struct {
    GArray *withdrawn[2]; /* HsPrefix: IPv4, IPv6 */
    GPtrArray *groups;    /* Group * */
    GHashTable *by_attrs; /* BgpAttrs * -> Group *, for look-up only */
} Batch;

static void
batch_init(Batch *batch)
{
    for (unsigned i = 0; i < 2; i++)
        batch->withdrawn[i] = g_array_new(FALSE, FALSE, sizeof(HsPrefix));
    batch->groups = g_ptr_array_new_with_free_func(free_group);
    batch->by_attrs = g_hash_table_new(NULL, NULL);
}

static void
batch_clear(Batch *batch)
{
    for (unsigned i = 0; i < 2; i++)
        g_array_unref(batch->withdrawn[i]);
    g_ptr_array_unref(batch->groups);
    g_hash_table_unref(batch->by_attrs);
}

static void
add_withdrawal(Batch *batch, const HsPrefix *prefix)
{
    g_array_append_val(batch->withdrawn[prefix->addr.family == HS_FAMILY_IPV6],
                       *prefix);
}

static void
add_announcement(Batch *batch, BgpAttrs *attrs, const HsPrefix *prefix,
                 const char *reason)
{
    Group *group = g_hash_table_lookup(batch->by_attrs, attrs);

    if (group == NULL) {
        group = g_new0(Group, 1);
        group->attrs = attrs;
        group->prefixes = g_array_new(FALSE, FALSE, sizeof(HsPrefix));
        group->reasons = g_ptr_array_new();
        g_hash_table_insert(batch->by_attrs, attrs, group);
        g_ptr_array_add(batch->groups, group);
    }
    g_array_append_val(group->prefixes, *prefix);
    g_ptr_array_add(group->reasons, (gpointer)(uintptr_t)reason);
}

static unsigned *
told(BgpPeer *peer, const HsPrefix *prefix)
{
    return &peer->told[prefix->addr.family == HS_FAMILY_IPV6];
}

static bool
has_room(BgpPeer *peer, const HsPrefix *prefix)
{
    return peer->config.max_told == 0 ||
           *told(peer, prefix) < peer->config.max_told;
}

/* What PEER may be told of NET. */
static const BgpRoute *
choice_for(const BgpPeer *peer, const BgpNet *net)
{
    g_autoptr(GPtrArray) others = NULL;

    if (!peer->config.best_external || !bgp_peer_is_ibgp(peer) ||
        net->best == NULL || net->best->source != BGP_SOURCE_IBGP)
        return net->best;
    others = g_ptr_array_new();
    for (guint i = 0; i < net->routes->len; i++) {
        BgpRoute *route = net->routes->pdata[i];

        if (route->source != BGP_SOURCE_IBGP)
            g_ptr_array_add(others, route);
    }
    return bgp_decide((BgpRoute *const *)others->pdata, others->len,
                      peer->speaker->config.compare,
                      peer->speaker->config.compare_data)
        .best;
}

/* Compares NET's choice with what PEER knows, and notes the difference. */
static void
collect(Batch *batch, BgpPeer *peer, BgpNet *net)
{
    BgpOut *out = bgp_net_out(net, peer->index);
    g_autoptr(BgpAttrs) attrs = export_route(peer, choice_for(peer, net));

    out->pending = false;
    if (attrs != NULL && out->attrs == NULL && !has_room(peer, &net->prefix)) {
        peer->held_back = true;
        g_clear_pointer(&attrs, bgp_attrs_unref);
    }
    if (attrs == out->attrs)
        return;
    if (attrs == NULL)
        add_withdrawal(batch, &net->prefix);
    else
        add_announcement(batch, attrs, &net->prefix,
                         peer->reason != NULL ? peer->reason
                                              : net->reported.step);
    *told(peer, &net->prefix) += attrs != NULL;
    *told(peer, &net->prefix) -= out->attrs != NULL;
    bgp_attrs_unref(out->attrs);
    out->attrs = g_steal_pointer(&attrs);
}

static void
say_sent(BgpPeer *peer, const HsPrefix *prefix, BgpAttrs *attrs,
         const char *reason)
{
    BgpSpeakerOutput *output =
        bgp_speaker_queue(peer->speaker, BGP_SPEAKER_ROUTE_SENT, peer);

    output->prefix = *prefix;
    output->announce = attrs != NULL;
    output->attrs = attrs != NULL ? bgp_attrs_ref(attrs) : NULL;
    output->cause = reason;
}

static void
send_messages(BgpPeer *peer, GPtrArray *messages)
{
    for (guint i = 0; i < messages->len; i++)
        bgp_session_send_update(peer->session, peer->speaker->now,
                                g_bytes_ref(g_ptr_array_index(messages, i)));
}

static void
send_withdrawals(BgpPeer *peer, const GArray *prefixes)
{
    g_autoptr(GPtrArray) messages = bgp_withdraw_encode(
        (const HsPrefix *)(const void *)prefixes->data, prefixes->len);

    for (guint i = 0; i < prefixes->len; i++)
        say_sent(peer, &g_array_index(prefixes, HsPrefix, i), NULL,
                 peer->reason != NULL ? peer->reason : "withdrawn");
    send_messages(peer, messages);
}

static void
send_group(BgpPeer *peer, const Group *group)
{
    g_autoptr(GPtrArray) messages = bgp_update_encode(
        group->attrs, (const HsPrefix *)(const void *)group->prefixes->data,
        group->prefixes->len, peer->negotiated.four_octet_as);

    if (messages->len == 0) {
        /* RFC 4271 9.2: attributes that fill a message leave no room. */
        g_autoptr(GArray) gone = g_array_ref(group->prefixes);

        hs_trace(peer->config.session.trace, peer->speaker->now,
                 "attributes too large to announce %u prefixes",
                 group->prefixes->len);
        send_withdrawals(peer, gone);
        return;
    }
    for (guint i = 0; i < group->prefixes->len; i++)
        say_sent(peer, &g_array_index(group->prefixes, HsPrefix, i),
                 group->attrs, g_ptr_array_index(group->reasons, i));
    send_messages(peer, messages);
}

static void
release_pending(BgpPeer *peer)
{
    for (guint i = 0; i < peer->pending->len; i++)
        bgp_rib_release(&peer->speaker->rib,
                        g_ptr_array_index(peer->pending, i));
    g_ptr_array_set_size(peer->pending, 0);
    peer->reason = NULL;
}

static void
start_interval(BgpPeer *peer)
{
    BgpSpeaker *speaker = peer->speaker;
    HsDuration mrai = peer->config.mrai;

    /* RFC 4271 10: jitter applies to this timer too. */
    if (mrai > 0)
        peer->next_advertisement = hs_time_add(
            speaker->now, hs_rng_uniform(speaker->rng, mrai / 4 * 3, mrai));
}

static void
send_pending(BgpPeer *peer)
{
    Batch batch;

    batch_init(&batch);
    for (guint i = 0; i < peer->pending->len; i++)
        collect(&batch, peer, g_ptr_array_index(peer->pending, i));
    for (unsigned i = 0; i < 2; i++)
        if (batch.withdrawn[i]->len > 0)
            send_withdrawals(peer, batch.withdrawn[i]);
    for (guint i = 0; i < batch.groups->len; i++)
        send_group(peer, g_ptr_array_index(batch.groups, i));
    if (batch.groups->len > 0 || batch.withdrawn[0]->len > 0 ||
        batch.withdrawn[1]->len > 0)
        start_interval(peer);
    batch_clear(&batch);
    release_pending(peer);
}

void
bgp_advertise_flush(BgpPeer *peer)
{
    if (!peer->established || peer->speaker->deferring ||
        peer->speaker->now < peer->next_advertisement)
        return;
    if (peer->pending->len > 0)
        send_pending(peer);
    if (peer->held_back) { /* a withdrawal may have made room */
        peer->held_back = false;
        bgp_advertise_all(peer, "room again", false);
        send_pending(peer);
    }
    bgp_restart_send_end(peer);
}

HsTime
bgp_advertise_due(const BgpPeer *peer)
{
    return peer->established && peer->pending->len > 0 &&
                   !peer->speaker->deferring
               ? peer->next_advertisement
               : HS_TIME_NEVER;
}
