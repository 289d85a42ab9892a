/* A speaker: inputs go to a peer's session; what the session says becomes
 * outputs of the speaker and changes of the RIB; then the decision process
 * runs once for every prefix that was touched, and the peers are told. So one
 * received segment with a thousand withdrawals gives one decision for each
 * prefix and packed messages, whatever its cutting.
 *
 *     input -> session -> drain -> Adj-RIB-In -> import -> dirty nets
 *           -> decide -> BEST_CHANGED -> advertise.c -> session -> drain
 */

#include "config.h"

#include "models/bgp/speaker_private.h"

/* Outputs */

void
bgp_speaker_output_clear(BgpSpeakerOutput *output)
{
    g_clear_pointer(&output->bytes, g_bytes_unref);
    g_clear_pointer(&output->attrs, bgp_attrs_unref);
}

BgpSpeakerOutput *
bgp_speaker_queue(BgpSpeaker *speaker, BgpSpeakerOutputKind kind, BgpPeer *peer)
{
    BgpSpeakerOutput *output = g_new0(BgpSpeakerOutput, 1);

    output->kind = kind;
    output->peer = peer;
    g_queue_push_tail(&speaker->outputs, output);
    return output;
}

bool
bgp_speaker_poll(BgpSpeaker *speaker, BgpSpeakerOutput *ret_output)
{
    g_autofree BgpSpeakerOutput *output = g_queue_pop_head(&speaker->outputs);

    if (output == NULL)
        return false;
    *ret_output = *output;
    return true;
}

/* Life */

static void
free_peer(gpointer data)
{
    BgpPeer *peer = data;

    bgp_session_free(peer->session);
    bgp_policy_unref(peer->config.import);
    bgp_policy_unref(peer->config.export);
    g_ptr_array_unref(peer->pending);
    g_free(peer);
}

static void
free_output(gpointer data)
{
    bgp_speaker_output_clear(data);
    g_free(data);
}

BgpSpeaker *
bgp_speaker_new(const BgpSpeakerConfig *config, HsRng *rng)
{
    BgpSpeaker *speaker = g_new0(BgpSpeaker, 1);

    speaker->config = *config;
    if (speaker->config.compare == NULL)
        speaker->config.compare = bgp_compare_rfc;
    if (config->selection_deferral == 0)
        speaker->config.selection_deferral = HS_SEC(360);
    speaker->config.multipath = CLAMP(config->multipath, 1, BGP_MULTIPATH_MAX);
    speaker->rng = rng;
    speaker->peers = g_ptr_array_new_with_free_func(free_peer);
    speaker->attrs = bgp_attr_table_new();
    bgp_rib_init(&speaker->rib);
    g_queue_init(&speaker->outputs);
    return speaker;
}

void
bgp_speaker_free(BgpSpeaker *speaker)
{
    if (speaker == NULL)
        return;
    g_queue_clear_full(&speaker->outputs, free_output);
    bgp_rib_clear(&speaker->rib);
    g_ptr_array_unref(speaker->peers);
    bgp_attr_table_free(speaker->attrs);
    g_free(speaker);
}

BgpPeer *
bgp_speaker_add_peer(BgpSpeaker *speaker, const BgpPeerConfig *config,
                     HsTime now)
{
    BgpPeer *peer = g_new0(BgpPeer, 1);
    BgpSessionConfig *session = &peer->config.session;

    peer->config = *config;
    if (session->local_as == 0)
        session->local_as = speaker->config.asn;
    if (session->router_id == 0)
        session->router_id = speaker->config.router_id;
    if (config->import != NULL)
        bgp_policy_ref(config->import);
    if (config->export != NULL)
        bgp_policy_ref(config->export);
    peer->speaker = speaker;
    peer->index = speaker->peers->len;
    peer->stale_until = HS_TIME_NEVER;
    peer->pending = g_ptr_array_new();
    g_queue_init(&peer->routes);
    peer->session = bgp_session_new(session, speaker->rng, now);
    g_ptr_array_add(speaker->peers, peer);
    return peer;
}

/* The decision */

static BgpPath
path_of(const BgpRoute *route)
{
    return (BgpPath){.peer = route->peer,
                     .next_hop = route->attrs->next_hop,
                     .source = route->source,
                     .tag = route->tag};
}

static bool
same_paths(const BgpNet *net, const BgpPath *paths, unsigned count)
{
    if (net->paths == NULL || net->paths->len != count)
        return net->paths == NULL && count <= 1;
    for (unsigned i = 0; i < count; i++) {
        const BgpPath *old = &g_array_index(net->paths, BgpPath, i);

        if (old->peer != paths[i].peer || old->tag != paths[i].tag ||
            old->source != paths[i].source ||
            !hs_addr_equal(&old->next_hop, &paths[i].next_hop))
            return false;
    }
    return true;
}

static void
keep_paths(BgpNet *net, const BgpPath *paths, unsigned count)
{
    g_clear_pointer(&net->paths, g_array_unref);
    if (count <= 1)
        return;
    net->paths = g_array_new(FALSE, FALSE, sizeof(BgpPath));
    g_array_append_vals(net->paths, paths, count);
}

static bool
same_best(const BgpBest *old, const BgpRoute *best)
{
    if (!old->present || best == NULL)
        return !old->present && best == NULL;
    return old->peer == best->peer && old->attrs == best->attrs &&
           old->source == best->source && old->tag == best->tag;
}

static void
report_best(BgpSpeaker *speaker, BgpNet *net, const BgpDecision *decision,
            const BgpPath *paths, unsigned count)
{
    BgpSpeakerOutput *output =
        bgp_speaker_queue(speaker, BGP_SPEAKER_BEST_CHANGED, NULL);
    const BgpRoute *best = decision->best;
    BgpBest *reported = &net->reported;

    output->prefix = net->prefix;
    output->had_best = reported->present;
    output->old_peer = reported->peer;
    output->old_source = reported->source;
    output->old_tag = reported->tag;
    output->cause = decision->step;
    output->paths = count;
    for (unsigned i = 0; i < count; i++)
        output->path[i] = paths[i];
    bgp_attrs_unref(reported->attrs);
    *reported = (BgpBest){.present = best != NULL};
    if (best == NULL)
        return;
    output->peer = best->peer;
    output->attrs = bgp_attrs_ref(best->attrs);
    output->source = best->source;
    output->tag = best->tag;
    *reported = (BgpBest){
        .present = true,
        .peer = best->peer,
        .attrs = bgp_attrs_ref(best->attrs),
        .source = best->source,
        .tag = best->tag,
        .step = decision->step,
    };
}

/* A candidate that is not chosen may still be what these are told. */
static void
mark_external(BgpSpeaker *speaker, BgpNet *net)
{
    for (guint i = 0; i < speaker->peers->len; i++) {
        BgpPeer *peer = g_ptr_array_index(speaker->peers, i);

        if (peer->config.best_external)
            bgp_advertise_mark(peer, net);
    }
}

static void
decide_net(BgpSpeaker *speaker, BgpNet *net)
{
    const BgpSpeakerConfig *config = &speaker->config;
    BgpRoute *const *routes = (BgpRoute *const *)net->routes->pdata;
    BgpDecision decision = bgp_decide(routes, net->routes->len, config->compare,
                                      config->compare_data);
    const BgpRoute *set[BGP_MULTIPATH_MAX];
    BgpPath paths[BGP_MULTIPATH_MAX];
    unsigned count = bgp_decide_multipath(
        routes, net->routes->len, decision.best, config->compare,
        config->compare_data, set, config->multipath);

    for (unsigned i = 0; i < count; i++)
        paths[i] = path_of(set[i]);
    if (decision.best == NULL)
        decision.step = "no route";
    net->best = decision.best;
    if (config->report_decided)
        bgp_speaker_queue(speaker, BGP_SPEAKER_DECIDED, NULL)->prefix =
            net->prefix;
    if (same_best(&net->reported, decision.best) &&
        same_paths(net, paths, count)) {
        net->reported.step = decision.best != NULL ? decision.step : NULL;
        mark_external(speaker, net);
        bgp_rib_release(&speaker->rib, net);
        return;
    }
    report_best(speaker, net, &decision, paths, count);
    keep_paths(net, paths, count);
    for (guint i = 0; i < speaker->peers->len; i++)
        bgp_advertise_mark(g_ptr_array_index(speaker->peers, i), net);
    bgp_rib_release(&speaker->rib, net);
}

void
bgp_speaker_forget_choice(BgpSpeaker *speaker, const char *why)
{
    const BgpDecision none = {.step = why};

    for (GList *link = speaker->rib.order.head; link != NULL;
         link = link->next) {
        BgpNet *net = link->data;

        if (!net->reported.present)
            continue;
        report_best(speaker, net, &none, NULL, 0);
        keep_paths(net, NULL, 0);
        bgp_rib_mark(&speaker->rib, net);
    }
}

void
bgp_speaker_settle(BgpSpeaker *speaker)
{
    bool deferred = bgp_restart_defers(speaker);
    BgpNet *net;

    while ((net = bgp_rib_next_dirty(&speaker->rib)) != NULL) {
        if (deferred) /* it is looked at when that ends */
            bgp_rib_release(&speaker->rib, net);
        else
            decide_net(speaker, net);
    }
    for (guint i = 0; i < speaker->peers->len; i++) {
        BgpPeer *peer = g_ptr_array_index(speaker->peers, i);

        bgp_advertise_flush(peer);
        bgp_speaker_drain(peer);
    }
}

/* Adj-RIB-In */

static uint32_t
cost_of(const BgpSpeaker *speaker, const BgpAttrs *attrs)
{
    if (speaker->config.next_hop_cost == NULL || attrs == NULL ||
        !hs_addr_is_set(&attrs->next_hop))
        return 0;
    return speaker->config.next_hop_cost(speaker->config.user_data,
                                         &attrs->next_hop);
}

/* RFC 4271 9.1.2 and 6.3: why a received route cannot be used at all; NULL if
 * it can. */
static const char *
objection(const BgpPeer *peer, const BgpAttrs *attrs)
{
    const BgpSessionConfig *session = &peer->config.session;
    bool ibgp = bgp_peer_is_ibgp(peer);

    if (bgp_as_path_count(attrs->as_path, session->local_as) >
        peer->config.allow_own_as)
        return "own AS in AS_PATH";
    if (!ibgp && !peer->config.no_enforce_first_as &&
        bgp_as_path_first(attrs->as_path) != session->peer_as)
        return "AS_PATH does not begin with the peer's AS";
    if (hs_addr_equal(&attrs->next_hop, &peer->config.local_address) ||
        hs_addr_equal(&attrs->next_hop, &peer->config.local_address6))
        return "NEXT_HOP is our own address";
    if (!ibgp && hs_addr_is_set(&peer->config.subnet.addr) &&
        attrs->next_hop.family == peer->config.subnet.addr.family &&
        !hs_prefix_contains(&peer->config.subnet, &attrs->next_hop))
        return "NEXT_HOP is not on the shared subnet";
    return NULL;
}

/* Runs the import policy over what the peer sent. */
static const char *
import_route(BgpPeer *peer, BgpRoute *route)
{
    BgpSpeaker *speaker = peer->speaker;
    const char *why = objection(peer, route->received);
    BgpAttrs *attrs = NULL;

    if (why == NULL) {
        attrs = bgp_policy_apply(peer->config.import, route, route->received,
                                 peer->config.session.local_as);
        if (attrs == NULL)
            why = "import policy";
        else
            attrs = bgp_attrs_intern(speaker->attrs, attrs);
    }
    bgp_attrs_unref(route->attrs);
    route->attrs = attrs;
    route->igp_cost = cost_of(speaker, attrs);
    return why;
}

static void
say_received(BgpPeer *peer, const HsPrefix *prefix, BgpAttrs *attrs,
             const char *why)
{
    BgpSpeakerOutput *output =
        bgp_speaker_queue(peer->speaker, BGP_SPEAKER_ROUTE_RECEIVED, peer);

    output->prefix = *prefix;
    output->announce = attrs != NULL;
    output->attrs = attrs != NULL ? bgp_attrs_ref(attrs) : NULL;
    output->cause = why;
}

static unsigned *
count_of(BgpPeer *peer, const HsPrefix *prefix)
{
    return &peer->count[prefix->addr.family == HS_FAMILY_IPV6];
}

static void
learn(BgpPeer *peer, const HsPrefix *prefix, BgpAttrs *attrs, const char *fault)
{
    BgpSpeaker *speaker = peer->speaker;
    BgpNet *net = bgp_rib_get(&speaker->rib, prefix);
    BgpRoute *route = bgp_net_find_route(net, peer, BGP_SOURCE_EBGP, 0);
    const char *why;

    if (route == NULL) {
        route = bgp_net_add_route(net);
        route->peer = peer;
        g_queue_push_tail_link(&peer->routes, &route->in_peer);
        (*count_of(peer, prefix))++;
    }
    peer->stale -= route->stale;
    route->stale = false;
    route->source = bgp_peer_is_ibgp(peer) ? BGP_SOURCE_IBGP : BGP_SOURCE_EBGP;
    route->tag = peer->config.tag;
    route->peer_id = peer->negotiated.peer_id;
    route->peer_address = peer->config.peer_address;
    route->since = speaker->now;
    bgp_attrs_unref(route->received);
    route->received = bgp_attrs_ref(attrs);
    why = import_route(peer, route);
    say_received(peer, prefix, attrs, why != NULL ? why : fault);
    bgp_rib_mark(&speaker->rib, net);
}

void
bgp_speaker_forget(BgpPeer *peer, BgpRoute *route)
{
    BgpRib *rib = &peer->speaker->rib;
    BgpNet *net = bgp_rib_find(rib, &route->prefix);

    g_queue_unlink(&peer->routes, &route->in_peer);
    (*count_of(peer, &route->prefix))--;
    peer->stale -= route->stale;
    bgp_net_remove_route(net, route);
    bgp_rib_mark(rib, net);
}

static void
unlearn(BgpPeer *peer, const HsPrefix *prefix, const char *fault)
{
    BgpNet *net = bgp_rib_find(&peer->speaker->rib, prefix);
    BgpRoute *route =
        net != NULL ? bgp_net_find_route(net, peer, BGP_SOURCE_EBGP, 0) : NULL;

    say_received(peer, prefix, NULL, fault);
    if (route != NULL)
        bgp_speaker_forget(peer, route);
}

static void
take_group(BgpPeer *peer, const GArray *prefixes, BgpAttrs **attrs,
           const char *fault)
{
    if (prefixes->len == 0)
        return;
    *attrs = bgp_attrs_intern(peer->speaker->attrs, *attrs);
    for (guint i = 0; i < prefixes->len; i++)
        learn(peer, &g_array_index(prefixes, HsPrefix, i), *attrs, fault);
}

static void
check_limit(BgpPeer *peer, HsFamily family)
{
    const BgpPeerConfig *config = &peer->config;

    if (config->max_prefixes > 0 &&
        peer->count[family == HS_FAMILY_IPV6] > config->max_prefixes)
        bgp_session_too_many_prefixes(peer->session, peer->speaker->now, family,
                                      config->max_prefixes,
                                      config->max_prefix_hold);
}

static void
take_update(BgpPeer *peer, BgpUpdate *update)
{
    const char *fault = update->fault;

    for (guint i = 0; i < update->withdrawn->len; i++)
        unlearn(peer, &g_array_index(update->withdrawn, HsPrefix, i), fault);
    take_group(peer, update->announced, &update->attrs, fault);
    take_group(peer, update->mp_announced, &update->mp_attrs, fault);
    if (update->end_of_rib != HS_FAMILY_NONE) {
        bgp_restart_told_all(peer, update->end_of_rib);
        bgp_speaker_queue(peer->speaker, BGP_SPEAKER_END_OF_RIB, peer)->family =
            update->end_of_rib;
    }
    check_limit(peer, HS_FAMILY_IPV4);
    check_limit(peer, HS_FAMILY_IPV6);
}

static void
take_state(BgpPeer *peer, const BgpOutput *from_session)
{
    BgpSpeakerOutput *output =
        bgp_speaker_queue(peer->speaker, BGP_SPEAKER_STATE, peer);

    output->from = from_session->from;
    output->to = from_session->to;
    output->event = from_session->event;
    output->cause = from_session->cause;
    if (!peer->established || from_session->to == BGP_ESTABLISHED)
        return;
    /* RFC 4271 8.2.2: its routes go, unless RFC 4724 keeps them. */
    peer->established = false;
    bgp_restart_lost(peer, from_session->graceful);
    bgp_advertise_reset(peer);
}

static void
take_output(BgpPeer *peer, BgpOutput *from_session)
{
    BgpSpeaker *speaker = peer->speaker;
    BgpSpeakerOutput *output;

    switch (from_session->kind) {
    case BGP_OUTPUT_SEND:
        output = bgp_speaker_queue(speaker, BGP_SPEAKER_SEND, peer);
        output->connection = from_session->connection;
        output->bytes = g_steal_pointer(&from_session->bytes);
        return;
    case BGP_OUTPUT_CONNECT:
        output = bgp_speaker_queue(speaker, BGP_SPEAKER_CONNECT, peer);
        output->connection = from_session->connection;
        return;
    case BGP_OUTPUT_CLOSE:
        output = bgp_speaker_queue(speaker, BGP_SPEAKER_CLOSE, peer);
        output->connection = from_session->connection;
        output->flush = from_session->flush;
        return;
    case BGP_OUTPUT_STATE:
        take_state(peer, from_session);
        return;
    case BGP_OUTPUT_ESTABLISHED:
        peer->established = true;
        peer->negotiated = from_session->negotiated;
        bgp_restart_back(peer);
        bgp_advertise_all(peer, "initial table", true);
        return;
    case BGP_OUTPUT_UPDATE:
        if (peer->established)
            take_update(peer, from_session->update);
        return;
    case BGP_OUTPUT_REFRESH:
        bgp_advertise_all(peer, "route refresh", true);
        return;
    }
}

void
bgp_speaker_drain(BgpPeer *peer)
{
    BgpOutput output;

    while (bgp_session_poll(peer->session, &output)) {
        take_output(peer, &output);
        bgp_output_clear(&output);
    }
}

/* Inputs */

static void
after_input(BgpPeer *peer)
{
    bgp_speaker_drain(peer);
    bgp_speaker_settle(peer->speaker);
}

void
bgp_peer_start(BgpPeer *peer, HsTime now)
{
    peer->speaker->now = now;
    peer->wanted = true;
    if (peer->speaker->down)
        return; /* not before it is back */
    bgp_session_start(peer->session, now);
    after_input(peer);
}

void
bgp_peer_stop(BgpPeer *peer, HsTime now, uint8_t cease_subcode,
              const char *message)
{
    peer->speaker->now = now;
    peer->wanted = false;
    bgp_session_stop(peer->session, now, cease_subcode, message);
    bgp_speaker_drain(peer);
    bgp_restart_not_viable(peer, "session stopped");
    after_input(peer);
}

void
bgp_peer_reset(BgpPeer *peer, HsTime now, uint8_t cease_subcode,
               const char *cause)
{
    peer->speaker->now = now;
    bgp_session_reset(peer->session, now, cease_subcode, cause);
    after_input(peer);
}

void
bgp_peer_bfd_down(BgpPeer *peer, HsTime now, bool may_restart)
{
    peer->speaker->now = now;
    bgp_session_bfd_down(peer->session, now, may_restart);
    bgp_speaker_drain(peer);
    if (!may_restart)
        bgp_restart_not_viable(peer, "BFD down");
    after_input(peer);
}

void
bgp_peer_forwarding_lost(BgpPeer *peer, HsTime now, const char *cause)
{
    peer->speaker->now = now;
    bgp_restart_not_viable(peer, cause);
    bgp_speaker_settle(peer->speaker);
}

void
bgp_peer_request_refresh(BgpPeer *peer, HsTime now, HsFamily family)
{
    peer->speaker->now = now;
    bgp_session_request_refresh(peer->session, now, family);
    after_input(peer);
}

void
bgp_peer_link_down(BgpPeer *peer, HsTime now)
{
    peer->speaker->now = now;
    bgp_session_link_down(peer->session, now);
    bgp_speaker_drain(peer);
    bgp_restart_not_viable(peer, "link down");
    after_input(peer);
}

void
bgp_peer_link_up(BgpPeer *peer, HsTime now)
{
    peer->speaker->now = now;
    bgp_session_link_up(peer->session, now);
    after_input(peer);
}

void
bgp_peer_tcp_up(BgpPeer *peer, HsTime now, unsigned connection)
{
    peer->speaker->now = now;
    bgp_session_tcp_up(peer->session, now, connection);
    after_input(peer);
}

unsigned
bgp_peer_accept(BgpPeer *peer, HsTime now)
{
    unsigned connection;

    peer->speaker->now = now;
    connection = bgp_session_accept(peer->session, now);
    after_input(peer);
    return connection;
}

void
bgp_peer_tcp_down(BgpPeer *peer, HsTime now, unsigned connection)
{
    peer->speaker->now = now;
    bgp_session_tcp_down(peer->session, now, connection);
    after_input(peer);
}

void
bgp_peer_receive(BgpPeer *peer, HsTime now, unsigned connection,
                 const void *data, size_t length)
{
    peer->speaker->now = now;
    bgp_session_receive(peer->session, now, connection, data, length);
    after_input(peer);
}

/* A new import policy runs over the Adj-RIB-In, which is kept unfiltered. */
void
bgp_peer_set_import(BgpPeer *peer, HsTime now, BgpPolicy *policy)
{
    BgpRib *rib = &peer->speaker->rib;

    peer->speaker->now = now;
    if (policy != NULL)
        bgp_policy_ref(policy);
    bgp_policy_unref(peer->config.import);
    peer->config.import = policy;
    for (GList *link = peer->routes.head; link != NULL; link = link->next) {
        BgpRoute *route = link->data;

        import_route(peer, route);
        bgp_rib_mark(rib, bgp_rib_find(rib, &route->prefix));
    }
    bgp_speaker_settle(peer->speaker);
}

void
bgp_peer_set_export(BgpPeer *peer, HsTime now, BgpPolicy *policy)
{
    peer->speaker->now = now;
    if (policy != NULL)
        bgp_policy_ref(policy);
    bgp_policy_unref(peer->config.export);
    peer->config.export = policy;
    if (peer->established)
        bgp_advertise_all(peer, "export policy", false);
    bgp_speaker_settle(peer->speaker);
}

void
bgp_speaker_originate(BgpSpeaker *speaker, HsTime now, const HsPrefix *prefix,
                      BgpAttrs *attrs, BgpSource source, int tag)
{
    BgpNet *net = bgp_rib_get(&speaker->rib, prefix);
    BgpRoute *route = bgp_net_find_route(net, NULL, source, tag);

    g_assert(source == BGP_SOURCE_LOCAL || source == BGP_SOURCE_STATIC);
    speaker->now = now;
    if (route == NULL)
        route = bgp_net_add_route(net);
    route->source = source;
    route->tag = tag;
    route->since = now;
    bgp_attrs_unref(route->attrs);
    /* A copy: what the caller has may stand in another speaker's table. */
    route->attrs =
        bgp_attrs_intern(speaker->attrs, attrs != NULL ? bgp_attrs_copy(attrs)
                                                       : bgp_attrs_new());
    route->igp_cost = cost_of(speaker, route->attrs);
    bgp_rib_mark(&speaker->rib, net);
    bgp_speaker_settle(speaker);
}

void
bgp_speaker_withdraw(BgpSpeaker *speaker, HsTime now, const HsPrefix *prefix,
                     BgpSource source, int tag)
{
    BgpNet *net = bgp_rib_find(&speaker->rib, prefix);
    BgpRoute *route =
        net != NULL ? bgp_net_find_route(net, NULL, source, tag) : NULL;

    speaker->now = now;
    if (route == NULL)
        return;
    bgp_net_remove_route(net, route);
    bgp_rib_mark(&speaker->rib, net);
    bgp_speaker_settle(speaker);
}

void
bgp_speaker_next_hops_changed(BgpSpeaker *speaker, HsTime now)
{
    speaker->now = now;
    for (GList *link = speaker->rib.order.head; link != NULL;
         link = link->next) {
        BgpNet *net = link->data;

        for (guint i = 0; i < net->routes->len; i++) {
            BgpRoute *route = g_ptr_array_index(net->routes, i);

            route->igp_cost = cost_of(speaker, route->attrs);
        }
        bgp_rib_mark(&speaker->rib, net);
    }
    bgp_speaker_settle(speaker);
}

void
bgp_speaker_expire(BgpSpeaker *speaker, HsTime now)
{
    speaker->now = now;
    for (guint i = 0; i < speaker->peers->len; i++) {
        BgpPeer *peer = g_ptr_array_index(speaker->peers, i);

        bgp_session_expire(peer->session, now);
        bgp_speaker_drain(peer);
        bgp_restart_expire(peer);
    }
    bgp_speaker_settle(speaker);
}

HsTime
bgp_speaker_next_expiry(const BgpSpeaker *speaker)
{
    HsTime next = bgp_restart_due(speaker);

    for (guint i = 0; i < speaker->peers->len; i++) {
        const BgpPeer *peer = g_ptr_array_index(speaker->peers, i);

        next = hs_time_min(next, bgp_session_next_expiry(peer->session));
        next = hs_time_min(next, bgp_advertise_due(peer));
        next = hs_time_min(next, peer->stale_until);
    }
    return next;
}

/* Queries */

const char *
bgp_peer_name(const BgpPeer *peer)
{
    return peer->config.name;
}

int
bgp_peer_tag(const BgpPeer *peer)
{
    return peer->config.tag;
}

void *
bgp_peer_user_data(const BgpPeer *peer)
{
    return peer->config.user_data;
}

const BgpPeerConfig *
bgp_peer_config(const BgpPeer *peer)
{
    return &peer->config;
}

const BgpSession *
bgp_peer_session(const BgpPeer *peer)
{
    return peer->session;
}

BgpState
bgp_peer_state(const BgpPeer *peer)
{
    return bgp_session_state(peer->session);
}

unsigned
bgp_peer_prefixes(const BgpPeer *peer)
{
    return peer->routes.length;
}

unsigned
bgp_peer_stale(const BgpPeer *peer)
{
    return peer->stale;
}

const BgpAttrs *
bgp_peer_sent(const BgpPeer *peer, const HsPrefix *prefix)
{
    BgpNet *net = bgp_rib_find(&peer->speaker->rib, prefix);

    return net != NULL && peer->index < net->out->len
               ? bgp_net_out(net, peer->index)->attrs
               : NULL;
}

const BgpRoute *
bgp_speaker_best(const BgpSpeaker *speaker, const HsPrefix *prefix,
                 const char **ret_step)
{
    const BgpNet *net = bgp_rib_find(&speaker->rib, prefix);

    if (net == NULL || net->best == NULL)
        return NULL;
    if (ret_step != NULL)
        *ret_step = net->reported.step;
    return net->best;
}

unsigned
bgp_speaker_candidates(const BgpSpeaker *speaker, const HsPrefix *prefix,
                       const BgpRoute *const **ret_routes)
{
    const BgpNet *net = bgp_rib_find(&speaker->rib, prefix);

    if (net == NULL)
        return 0;
    *ret_routes = (const BgpRoute *const *)net->routes->pdata;
    return net->routes->len;
}

const char *
bgp_route_refusal(const BgpRoute *route)
{
    const char *why;

    if (route->attrs != NULL)
        return route->igp_cost == UINT32_MAX ? "NEXT_HOP unreachable" : NULL;
    why = objection(route->peer, route->received);
    return why != NULL ? why : "import policy";
}

int
bgp_speaker_compare(const BgpSpeaker *speaker, const BgpRoute *a,
                    const BgpRoute *b)
{
    BgpVerdict verdict;

    return speaker->config.compare(a, b, speaker->config.compare_data,
                                   &verdict);
}

const char *
bgp_speaker_step(const BgpSpeaker *speaker, const BgpRoute *a,
                 const BgpRoute *b, bool *ret_equal)
{
    BgpVerdict verdict;

    speaker->config.compare(a, b, speaker->config.compare_data, &verdict);
    *ret_equal = verdict.equal_cost && speaker->config.multipath > 1;
    return verdict.step;
}

unsigned
bgp_speaker_prefixes(const BgpSpeaker *speaker)
{
    unsigned count = 0;

    for (GList *link = speaker->rib.order.head; link != NULL; link = link->next)
        count += ((const BgpNet *)link->data)->best != NULL;
    return count;
}

static int
compare_nets(gconstpointer a, gconstpointer b)
{
    const BgpNet *x = *(const BgpNet *const *)a;
    const BgpNet *y = *(const BgpNet *const *)b;

    return hs_prefix_compare(&x->prefix, &y->prefix);
}

void
bgp_speaker_foreach(const BgpSpeaker *speaker,
                    void (*each)(void *user_data, const BgpRoute *best,
                                 const char *step),
                    void *user_data)
{
    g_autoptr(GPtrArray) nets = g_ptr_array_new();

    for (GList *link = speaker->rib.order.head; link != NULL; link = link->next)
        if (((const BgpNet *)link->data)->best != NULL)
            g_ptr_array_add(nets, link->data);
    g_ptr_array_sort(nets, compare_nets);
    for (guint i = 0; i < nets->len; i++) {
        const BgpNet *net = g_ptr_array_index(nets, i);

        each(user_data, net->best, net->reported.step);
    }
}
