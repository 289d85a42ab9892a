/* Every input to the speaker ends in settle(), which takes its outputs and
 * sets the alarm. A connection is a Link: the number the session gave it, and
 * the stream that carries it. */

#include "config.h"

#include "models/net/control.h"

#include "models/bgp/wire.h"

/* FRR's default of "bgp graceful-restart stalepath-time". */
#define STALE_TIME HS_SEC(360)

struct HsControl {
    HsEnv *env; /* borrowed */
    HsControlConfig config;
    HsRng *rng;          /* owned */
    BgpSpeaker *speaker; /* owned */
    HsAlarm *alarm;      /* owned */
    GPtrArray *peers;    /* HsControlPeer *, owned */
};

typedef struct {
    HsControlPeer *peer; /* borrowed */
    unsigned connection;
    HsStream *stream; /* owned */
} Link;

struct HsControlPeer {
    HsControl *control; /* borrowed */
    HsControlPeerConfig config;
    const char *bgp_name; /* interned: "primary bgp" */
    const char *bfd_name;
    BgpPeer *bgp;          /* borrowed from the speaker */
    HsListener *listener;  /* owned; NULL on the side that connects */
    GPtrArray *links;      /* Link *, owned */
    HsBfdWatch *bfd;       /* borrowed from the service; may be NULL */
    HsAlarm *carrier;      /* owned: the carrier delay */
    bool carrier_up;       /* what the alarm will tell */
    HsEvidence last;       /* the packet that brought the last bytes */
    BgpPolicy *export;     /* owned: while it announces */
    uint32_t *communities; /* owned: that go out */
    bool silent;           /* it does not */
    unsigned flood;        /* prefixes more than usual */
};

static void settle(HsControl *control);

/* The prefixes of a flood: 198.19.255.0/24 and downwards (RFC 2544's, for
 * tests), and the tag of their routes. */
#define FLOOD_FIRST UINT32_C(0xc613ff00)
#define FLOOD_STEP  256
#define FLOOD_MAX   512
#define FLOOD_TAG   INT_MIN

/* Streams */

static void
link_free(void *data)
{
    Link *link = data;

    hs_stream_free(link->stream);
    g_free(link);
}

static void
stream_connected(void *user_data)
{
    Link *link = user_data;
    HsControlPeer *peer = link->peer;

    bgp_peer_tcp_up(peer->bgp, hs_env_now(peer->control->env),
                    link->connection);
    settle(peer->control);
}

static void
stream_received(void *user_data, const uint8_t *data, size_t length)
{
    Link *link = user_data;
    HsControlPeer *peer = link->peer;

    peer->last = hs_env_evidence(peer->config.env);
    bgp_peer_receive(peer->bgp, hs_env_now(peer->control->env),
                     link->connection, data, length);
    settle(peer->control);
}

static void
stream_ended(void *user_data, HsStreamEnd why)
{
    Link *link = user_data;
    HsControlPeer *peer = link->peer;
    unsigned connection = link->connection;

    (void)why;
    g_ptr_array_remove_fast(peer->links, link);
    bgp_peer_tcp_down(peer->bgp, hs_env_now(peer->control->env), connection);
    settle(peer->control);
}

static const HsStreamEvents stream_events = {
    .connected = stream_connected,
    .received = stream_received,
    .ended = stream_ended,
};

static Link *
add_link(HsControlPeer *peer, unsigned connection)
{
    Link *link = g_new0(Link, 1);

    link->peer = peer;
    link->connection = connection;
    g_ptr_array_add(peer->links, link);
    return link;
}

static Link *
find_link(HsControlPeer *peer, unsigned connection)
{
    for (guint i = 0; i < peer->links->len; i++) {
        Link *link = peer->links->pdata[i];

        if (link->connection == connection)
            return link;
    }
    return NULL;
}

static void
accepted(void *user_data, HsStream *stream, const HsAddr *address,
         uint16_t port)
{
    HsControlPeer *peer = user_data;
    unsigned connection = 0;
    Link *link;

    (void)port;
    if (hs_addr_equal(address, &peer->config.remote))
        connection = bgp_peer_accept(peer->bgp, hs_env_now(peer->control->env));
    if (connection == 0) {
        hs_stream_free(stream);
        return;
    }
    link = add_link(peer, connection);
    link->stream = stream;
    hs_stream_set_events(stream, &stream_events, link);
    settle(peer->control);
}

/* Outputs of the speaker */

static void
report_state(HsControlPeer *peer, const BgpSpeakerOutput *output)
{
    HsTime last = bgp_session_last_received(bgp_peer_session(peer->bgp));
    HsFact fact = {
        .kind = HS_FACT_BGP,
        .subject = peer->bgp_name,
        .from = bgp_state_name(output->from),
        .to = bgp_state_name(output->to),
        .cause = output->cause,
        .evidence = peer->last,
    };

    if (last != HS_TIME_NEVER)
        fact.value = hs_env_now(peer->control->env) - last;
    hs_env_fact(peer->config.env, &fact);
}

/* RFC 4724: routes that outlive their session, and when they go. */
static void
report_stale(HsControlPeer *peer, const BgpSpeakerOutput *output)
{
    hs_env_fact(peer->config.env,
                &(HsFact){.kind = HS_FACT_BGP,
                          .subject = peer->bgp_name,
                          .from = output->announce ? "fresh" : "stale",
                          .to = output->announce ? "stale" : "removed",
                          .cause = output->cause,
                          .id = output->paths});
}

static void
report_route(HsControlPeer *peer, const BgpSpeakerOutput *output)
{
    char prefix[HS_PREFIX_TEXT];

    hs_env_fact(peer->config.env,
                &(HsFact){.kind = output->kind == BGP_SPEAKER_ROUTE_SENT
                                      ? HS_FACT_ROUTE_SENT
                                      : HS_FACT_ROUTE_RECEIVED,
                          .subject = g_intern_string(
                              hs_prefix_format(&output->prefix, prefix)),
                          .peer = peer->bgp_name,
                          .to = output->announce ? "announce" : "withdraw",
                          .cause = output->cause});
}

static const char *
name_of(const HsControl *control, BgpPeer *bgp, BgpSource source, int tag)
{
    HsControlPeer *peer = bgp != NULL ? bgp_peer_user_data(bgp) : NULL;

    if (peer != NULL)
        return peer->bgp_name;
    if (source == BGP_SOURCE_STATIC && control->config.name_of != NULL)
        return control->config.name_of(control->config.user_data, tag);
    return "local";
}

HsControlPeer *
hs_control_path_peer(const BgpPath *path)
{
    return path->peer != NULL ? bgp_peer_user_data(path->peer) : NULL;
}

static void
tell_paths(const HsControl *control, const BgpSpeakerOutput *output)
{
    const HsControlConfig *config = &control->config;
    HsControlPeer *peers[BGP_MULTIPATH_MAX];
    unsigned n = 0;

    for (unsigned i = 0; i < output->paths; i++)
        if (output->path[i].peer != NULL)
            peers[n++] = hs_control_path_peer(&output->path[i]);
    if (config->best_changed != NULL)
        config->best_changed(config->user_data, &output->prefix, peers, n);
    if (config->paths_changed != NULL)
        config->paths_changed(config->user_data, &output->prefix, output->path,
                              output->paths);
}

/* A flood's own, which leads nowhere and is nobody's candidate. */
static bool
is_flood(const BgpSpeakerOutput *output)
{
    if (output->peer != NULL || output->old_peer != NULL)
        return false;
    return output->paths > 0 ? output->tag == FLOOD_TAG
                             : output->old_tag == FLOOD_TAG;
}

static void
best_changed(HsControl *control, const BgpSpeakerOutput *output)
{
    char prefix[HS_PREFIX_TEXT];
    const char *from = NULL, *to = NULL;

    if (is_flood(output))
        return;
    if (control->config.quiet) {
        tell_paths(control, output);
        return;
    }
    if (output->had_best)
        from = name_of(control, output->old_peer, output->old_source,
                       output->old_tag);
    if (output->paths > 0)
        to = name_of(control, output->peer, output->source, output->tag);
    hs_env_fact(control->env,
                &(HsFact){.kind = HS_FACT_ROUTE_BEST,
                          .subject = g_intern_string(
                              hs_prefix_format(&output->prefix, prefix)),
                          .from = from,
                          .to = to,
                          .cause = output->cause});
    tell_paths(control, output);
}

static void
connect_peer(HsControlPeer *peer, unsigned connection)
{
    const HsControlPeerConfig *config = &peer->config;
    Link *link = add_link(peer, connection);

    link->stream =
        hs_stream_connect(config->env, &config->local, &config->remote,
                          HS_BGP_PORT, &stream_events, link);
}

static void
close_link(HsControlPeer *peer, unsigned connection, bool flush)
{
    Link *link = find_link(peer, connection);

    if (link == NULL)
        return;
    if (flush)
        hs_stream_close(link->stream);
    g_ptr_array_remove_fast(peer->links, link);
}

static void
send_bytes(HsControlPeer *peer, unsigned connection, GBytes *bytes)
{
    Link *link = find_link(peer, connection);
    size_t length;
    const void *data = g_bytes_get_data(bytes, &length);

    if (link != NULL)
        hs_stream_send(link->stream, data, length);
}

static void
handle(HsControl *control, const BgpSpeakerOutput *output)
{
    HsControlPeer *peer =
        output->peer != NULL ? bgp_peer_user_data(output->peer) : NULL;

    switch (output->kind) {
    case BGP_SPEAKER_SEND:
        send_bytes(peer, output->connection, output->bytes);
        return;
    case BGP_SPEAKER_CONNECT:
        connect_peer(peer, output->connection);
        return;
    case BGP_SPEAKER_CLOSE:
        close_link(peer, output->connection, output->flush);
        return;
    case BGP_SPEAKER_STATE:
        report_state(peer, output);
        return;
    case BGP_SPEAKER_ROUTE_RECEIVED:
    case BGP_SPEAKER_ROUTE_SENT:
        report_route(peer, output);
        return;
    case BGP_SPEAKER_BEST_CHANGED:
        best_changed(control, output);
        return;
    case BGP_SPEAKER_DECIDED:
        if (control->config.decided != NULL)
            control->config.decided(control->config.user_data, &output->prefix);
        return;
    case BGP_SPEAKER_STALE:
        report_stale(peer, output);
        return;
    case BGP_SPEAKER_END_OF_RIB:
        return;
    }
}

static void
settle(HsControl *control)
{
    BgpSpeakerOutput output;

    while (bgp_speaker_poll(control->speaker, &output)) {
        handle(control, &output);
        bgp_speaker_output_clear(&output);
    }
    hs_alarm_set(control->alarm, bgp_speaker_next_expiry(control->speaker));
}

static void
alarm_fired(void *user_data)
{
    HsControl *control = user_data;

    bgp_speaker_expire(control->speaker, hs_env_now(control->env));
    settle(control);
}

/* What BFD and the carrier mean to BGP */

/* RFC 5882 4.3: BFD that does not share its fate with the control plane, at
 * either end, tells that the path is gone, and graceful restart must not hide
 * it. Without the C bit the peer's control plane may have taken BFD along: the
 * routes stay, as for any restart. If it was the path, packets go into a hole
 * until the restart time is over, which is why AWS advises against the pair.
 * 4.3.2.2 would have BGP give up all the same when BFD comes first, as routers
 * can be told to do: bfd_aborts_restart. */
static bool
may_be_restart(const HsControlPeer *peer)
{
    const HsControlPeerConfig *config = &peer->config;

    return !config->bfd_aborts_restart &&
           !(config->bfd_independent &&
             bfd_session_remote_independent(hs_bfd_watch_session(peer->bfd)));
}

static void
bfd_changed(void *user_data, BfdState from, BfdState to, BfdCause cause)
{
    HsControlPeer *peer = user_data;
    HsTime now = hs_env_now(peer->control->env);

    if (to == BFD_UP)
        bgp_peer_link_up(peer->bgp, now);
    /* RFC 5882 3.2: a neighbour that shuts its BFD down by configuration says
     * nothing about the path; RFC 5882 4.1: a path that is gone ends BGP. */
    else if (from == BFD_UP && cause != BFD_CAUSE_RECEIVED_ADMIN_DOWN &&
             cause != BFD_CAUSE_DISABLED)
        bgp_peer_bfd_down(peer->bgp, now, may_be_restart(peer));
    settle(peer->control);
}

static void
carrier_acted_on(void *user_data)
{
    HsControlPeer *peer = user_data;
    HsTime now = hs_env_now(peer->control->env);
    bool up = peer->carrier_up;

    if (up == hs_router_port_is_up(peer->config.router, peer->config.port))
        return;
    hs_env_fact(peer->config.env, &(HsFact){.kind = HS_FACT_CARRIER,
                                            .subject = peer->config.name,
                                            .from = up ? "down" : "up",
                                            .to = up ? "up" : "down",
                                            .cause = "carrier"});
    hs_router_port_set_up(peer->config.router, peer->config.port, up);
    if (up) {
        bgp_peer_link_up(peer->bgp, now);
    } else {
        /* BGP first: its cause is the carrier, not the BFD that follows. */
        bgp_peer_link_down(peer->bgp, now);
        if (peer->bfd != NULL)
            hs_bfd_watch_path_down(peer->bfd);
    }
    settle(peer->control);
}

void
hs_control_enable_bfd(HsControlPeer *peer, bool enabled)
{
    if (peer->bfd != NULL)
        hs_bfd_watch_set_enabled(peer->bfd, enabled);
}

static BgpPolicy *
export_policy(const HsControlPeer *peer)
{
    const HsControlPeerConfig *config = &peer->config;
    BgpPolicy *policy = bgp_policy_new();

    for (unsigned i = 0; i < config->n_communities; i++)
        bgp_policy_add(policy,
                       &(BgpPolicyRule){.action = BGP_POLICY_NEXT,
                                        .add_community = true,
                                        .added = config->communities[i]});
    bgp_policy_add(policy, &(BgpPolicyRule){.match_source = true,
                                            .source = BGP_SOURCE_STATIC,
                                            .match_tag = true,
                                            .tag = FLOOD_TAG,
                                            .action = peer->flood > 0
                                                          ? BGP_POLICY_PERMIT
                                                          : BGP_POLICY_DENY});
    bgp_policy_add(policy,
                   &(BgpPolicyRule){.match_source = config->own_routes_only,
                                    .source = BGP_SOURCE_LOCAL,
                                    .action = BGP_POLICY_PERMIT,
                                    .set_med = config->has_med,
                                    .med = config->med,
                                    .prepend = config->prepend});
    bgp_policy_set_default(policy, BGP_POLICY_DENY);
    return policy;
}

/* Operators */

void
hs_control_shut(HsControlPeer *peer, const char *reason)
{
    bgp_peer_stop(peer->bgp, hs_env_now(peer->control->env),
                  BGP_CEASE_ADMIN_SHUTDOWN, reason);
    settle(peer->control);
}

void
hs_control_open(HsControlPeer *peer)
{
    bgp_peer_start(peer->bgp, hs_env_now(peer->control->env));
    settle(peer->control);
}

void
hs_control_bounce(HsControlPeer *peer, const char *cause)
{
    bgp_peer_reset(peer->bgp, hs_env_now(peer->control->env),
                   BGP_CEASE_ADMIN_RESET, cause);
    settle(peer->control);
}

static void
use_export(HsControlPeer *peer)
{
    g_autoptr(BgpPolicy) none = bgp_policy_new();

    bgp_policy_set_default(none, BGP_POLICY_DENY);
    bgp_peer_set_export(peer->bgp, hs_env_now(peer->control->env),
                        peer->silent ? none : peer->export);
}

void
hs_control_announce(HsControlPeer *peer, bool on)
{
    peer->silent = !on;
    use_export(peer);
    settle(peer->control);
}

static void
renew_export(HsControlPeer *peer)
{
    bgp_policy_unref(peer->export);
    peer->export = export_policy(peer);
    use_export(peer);
}

void
hs_control_set_med(HsControlPeer *peer, uint32_t med)
{
    peer->config.has_med = true;
    peer->config.med = med;
    renew_export(peer);
    settle(peer->control);
}

/* What several peers are flooded with at a time are the same prefixes. */
static unsigned
flood_of(const HsControl *control)
{
    unsigned most = 0;

    for (guint i = 0; i < control->peers->len; i++)
        most = MAX(most, ((HsControlPeer *)control->peers->pdata[i])->flood);
    return most;
}

static HsPrefix
flood_prefix(unsigned number)
{
    return (HsPrefix){hs_addr_ipv4(FLOOD_FIRST - number * FLOOD_STEP), 24};
}

void
hs_control_flood(HsControlPeer *peer, unsigned count)
{
    HsControl *control = peer->control;
    HsTime now = hs_env_now(control->env);
    unsigned before = flood_of(control), after;

    peer->flood = MIN(count, FLOOD_MAX);
    after = flood_of(control);
    renew_export(peer);
    for (unsigned i = before; i < after; i++) {
        HsPrefix prefix = flood_prefix(i);

        bgp_speaker_originate(control->speaker, now, &prefix, NULL,
                              BGP_SOURCE_STATIC, FLOOD_TAG);
    }
    for (unsigned i = after; i < before; i++) {
        HsPrefix prefix = flood_prefix(i);

        bgp_speaker_withdraw(control->speaker, now, &prefix, BGP_SOURCE_STATIC,
                             FLOOD_TAG);
    }
    settle(control);
}

void
hs_control_carrier(HsControlPeer *peer, bool up)
{
    peer->carrier_up = up;
    hs_alarm_set(peer->carrier, hs_time_add(hs_env_now(peer->control->env),
                                            peer->config.carrier_delay));
}

void
hs_control_tunnel(HsControlPeer *peer, bool up)
{
    HsTime now = hs_env_now(peer->control->env);

    if (up)
        bgp_peer_link_up(peer->bgp, now);
    else
        bgp_peer_link_down(peer->bgp, now);
    settle(peer->control);
}

/* Making one */

static void
peer_free(void *data)
{
    HsControlPeer *peer = data;

    hs_listener_free(peer->listener);
    g_ptr_array_unref(peer->links);
    hs_alarm_free(peer->carrier);
    bgp_policy_unref(peer->export);
    g_free(peer->communities);
    g_free(peer);
}

HsControl *
hs_control_new(HsEnv *env, const HsControlConfig *config)
{
    HsControl *control = g_new0(HsControl, 1);

    control->env = env;
    control->config = *config;
    control->rng =
        hs_env_rng_new(env, config->stream != NULL ? config->stream : "bgp");
    control->speaker = bgp_speaker_new(&config->speaker, control->rng);
    control->alarm = hs_alarm_new(env, alarm_fired, control);
    control->peers = g_ptr_array_new_with_free_func(peer_free);
    return control;
}

void
hs_control_free(HsControl *control)
{
    if (control == NULL)
        return;
    g_ptr_array_unref(control->peers);
    hs_alarm_free(control->alarm);
    bgp_speaker_free(control->speaker);
    hs_rng_free(control->rng);
    g_free(control);
}

static const char *
session_name(const char *name, const char *protocol)
{
    g_autofree char *text = g_strdup_printf("%s %s", name, protocol);

    return g_intern_string(text);
}

/* AWS Direct Connect user guide, "Routing policies and BGP communities". */
static const struct {
    uint32_t community, local_preference;
} dx_preferences[] = {
    {UINT32_C(7224) << 16 | 7100, 50},
    {UINT32_C(7224) << 16 | 7200, 100},
    {UINT32_C(7224) << 16 | 7300, 150},
};

static BgpPolicy *
import_policy(const HsControlPeerConfig *config)
{
    BgpPolicy *policy = bgp_policy_new();

    if (hs_addr_is_set(&config->refused.addr))
        bgp_policy_add(policy, &(BgpPolicyRule){.action = BGP_POLICY_DENY,
                                                .match_prefix = true,
                                                .prefix = config->refused,
                                                .ge = config->refused.length,
                                                .le = 32});
    if (config->local_preference != 0)
        bgp_policy_add(
            policy, &(BgpPolicyRule){.action = BGP_POLICY_NEXT,
                                     .set_local_pref = true,
                                     .local_pref = config->local_preference});
    for (size_t i = 0;
         config->communities_preference && i < G_N_ELEMENTS(dx_preferences);
         i++)
        bgp_policy_add(
            policy,
            &(BgpPolicyRule){.action = BGP_POLICY_NEXT,
                             .match_community = true,
                             .community = dx_preferences[i].community,
                             .set_local_pref = true,
                             .local_pref = dx_preferences[i].local_preference});
    return policy;
}

static bool
may_tell(void *user_data, const BgpRoute *route)
{
    const HsControlPeerConfig *config = &((HsControlPeer *)user_data)->config;

    /* What a fault announces was not asked for. */
    if (route->source == BGP_SOURCE_STATIC && route->tag == FLOOD_TAG)
        return true;
    return config->may_tell(config->may_tell_data, route);
}

HsControlPeer *
hs_control_add_peer(HsControl *control, const HsControlPeerConfig *config)
{
    HsControlPeer *peer = g_new0(HsControlPeer, 1);
    g_autoptr(BgpPolicy) import = import_policy(config);
    char remote[HS_ADDR_TEXT];
    BgpPeerConfig bgp = {
        .tag = config->tag,
        .user_data = peer,
        .session = bgp_session_config(config->preset),
        .local_address = config->local,
        .peer_address = config->remote,
        .subnet = config->subnet,
        .next_hop_self = config->next_hop_self,
        .best_external = config->best_external,
        .max_prefixes = config->max_prefixes,
        .max_prefix_hold = config->max_prefix_hold,
        .max_told = config->max_told,
        .import = import,
        .export_filter = config->may_tell != NULL ? may_tell : NULL,
    };

    peer->control = control;
    peer->config = *config;
    peer->config.communities = peer->communities =
        g_memdup2(config->communities,
                  config->n_communities * sizeof *config->communities);
    bgp.export = peer->export = export_policy(peer);
    peer->bgp_name = session_name(config->name, "bgp");
    peer->bfd_name = session_name(config->name, "bfd");
    peer->links = g_ptr_array_new_with_free_func(link_free);
    peer->carrier = hs_alarm_new(config->env, carrier_acted_on, peer);
    bgp.name = peer->bgp_name;
    bgp.session.peer_as = config->remote_as;
    bgp.session.hold = config->hold;
    bgp.session.keepalive = config->keepalive;
    bgp.session.hold_min = config->hold_min;
    bgp.session.allow_hold_zero = !config->no_hold_zero;
    bgp.session.passive = config->passive;
    if (config->graceful_restart > 0)
        bgp.session.restart = (BgpRestart){
            .enabled = true,
            .time = config->graceful_restart,
            .stale_time = STALE_TIME,
        };
    bgp.session.trace = hs_env_trace_new(
        config->env, "bgp", hs_addr_format(&config->remote, remote));
    peer->bgp =
        bgp_speaker_add_peer(control->speaker, &bgp, hs_env_now(control->env));
    g_ptr_array_add(control->peers, peer);
    return peer;
}

const HsControlPeerConfig *
hs_control_peer_config(const HsControlPeer *peer)
{
    return &peer->config;
}

const BgpPeer *
hs_control_peer_bgp(const HsControlPeer *peer)
{
    return peer->bgp;
}

void
hs_control_originate(HsControl *control, const HsPrefix *prefix)
{
    bgp_speaker_originate(control->speaker, hs_env_now(control->env), prefix,
                          NULL, BGP_SOURCE_LOCAL, 0);
    settle(control);
}

void
hs_control_withdraw(HsControl *control, const HsPrefix *prefix)
{
    bgp_speaker_withdraw(control->speaker, hs_env_now(control->env), prefix,
                         BGP_SOURCE_LOCAL, 0);
    settle(control);
}

void
hs_control_inject(HsControl *control, const HsPrefix *prefix, BgpAttrs *attrs,
                  int tag)
{
    bgp_speaker_originate(control->speaker, hs_env_now(control->env), prefix,
                          attrs, BGP_SOURCE_STATIC, tag);
    settle(control);
}

void
hs_control_eject(HsControl *control, const HsPrefix *prefix, int tag)
{
    bgp_speaker_withdraw(control->speaker, hs_env_now(control->env), prefix,
                         BGP_SOURCE_STATIC, tag);
    settle(control);
}

static BfdJitter
bfd_jitter_of(BgpPreset preset)
{
    switch (preset) {
    case BGP_PRESET_FRR:
        return BFD_JITTER_FRR;
    case BGP_PRESET_BIRD:
        return BFD_JITTER_BIRD;
    case BGP_PRESET_RFC:
    case BGP_PRESET_AWS: /* assumed, AWS publishes none */
        return BFD_JITTER_RFC;
    }
    g_assert_not_reached();
}

static void
start_peer(HsControlPeer *peer)
{
    const HsControlPeerConfig *config = &peer->config;
    HsTime now = hs_env_now(peer->control->env);

    if (config->passive)
        peer->listener = hs_env_listen(config->env, &config->local, HS_BGP_PORT,
                                       accepted, peer);
    if (config->bfd != NULL && config->bfd_multiplier > 0)
        peer->bfd = hs_bfd_service_watch(
            config->bfd, &(HsBfdWatchConfig){
                             .name = peer->bfd_name,
                             .port = config->port,
                             .local = config->local,
                             .remote = config->remote,
                             .interval = config->bfd_interval,
                             .multiplier = config->bfd_multiplier,
                             .jitter = bfd_jitter_of(config->preset),
                             .passive = config->bfd_passive,
                             .independent = config->bfd_independent,
                             .changed = bfd_changed,
                             .user_data = peer,
                         });
    if (!hs_router_port_is_up(config->router, config->port))
        bgp_peer_link_down(peer->bgp, now);
    bgp_peer_start(peer->bgp, now);
}

void
hs_control_start(HsControl *control)
{
    for (guint i = 0; i < control->peers->len; i++)
        start_peer(control->peers->pdata[i]);
    settle(control);
}

void
hs_control_crash(HsControl *control, bool forwarding_lost)
{
    for (guint i = 0; i < control->peers->len; i++) {
        HsControlPeer *peer = control->peers->pdata[i];

        if (peer->bfd != NULL)
            hs_bfd_watch_crash(peer->bfd);
    }
    bgp_speaker_crash(control->speaker, hs_env_now(control->env),
                      forwarding_lost);
    settle(control);
}

void
hs_control_boot(HsControl *control)
{
    for (guint i = 0; i < control->peers->len; i++) {
        HsControlPeer *peer = control->peers->pdata[i];

        if (peer->bfd != NULL)
            hs_bfd_watch_boot(peer->bfd);
    }
    bgp_speaker_boot(control->speaker, hs_env_now(control->env));
    settle(control);
}

const BgpSpeaker *
hs_control_speaker(const HsControl *control)
{
    return control->speaker;
}
