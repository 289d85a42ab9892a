/* A datagram comes from the router, by port 500 or, with four zeros in front,
 * from the tunnels' port 4500; it belongs to the session that knows its SPIs,
 * or else to the one that is configured for its addresses. Everything that goes
 * into a session ends in settle(), which takes its outputs and sets the alarm.
 *
 * Hints from the tunnel arrive while the router is handling a packet. What a
 * session answers to them waits for the alarm, which then fires at once, from
 * an event of its own: neither the router nor the tunnel is changed under the
 * packet. */

#include "config.h"

#include "models/net/ike_service.h"

#include "models/ikev2/wire.h"
#include "models/net/ipv4.h"
#include "models/net/udp.h"

#include <string.h>

#define TTL 64

/* Beyond the delay with which a router programs its first routes: a message
 * sent before would find none, and wait for its retransmission. */
#define START_DELAY HS_MSEC(100)

/* What the facts say of both; ESP has no NEGOTIATING. */
#define STATES(X)                                                              \
    X(DOWN, "down")                                                            \
    X(NEGOTIATING, "negotiating")                                              \
    X(ESTABLISHED, "established")                                              \
    X(REKEYING, "rekeying")

typedef enum {
#define X(name, text) name,
    STATES(X)
#undef X
} State;

static const char *const state_names[] = {
#define X(name, text) [name] = text,
    STATES(X)
#undef X
};

struct HsIkeService {
    HsEnv *env;         /* borrowed */
    HsIpsec *ipsec;     /* borrowed */
    GPtrArray *tunnels; /* HsIkeTunnel *, owned */
    HsAlarm *start;     /* owned */
    const HsIkeWatcher *watcher;
    void *watcher_data; /* borrowed, both */
    uint64_t dropped;
    bool frozen;
};

struct HsIkeTunnel {
    HsIkeService *service; /* borrowed */
    HsIkeTunnelConfig config;
    const char *ike_name; /* interned: "backup.tunnel1 ike" */
    const char *esp_name;
    HsRng *rng;           /* owned */
    IkeSession *ike;      /* owned */
    HsAlarm *alarm;       /* owned */
    HsTunnel *tunnel;     /* borrowed */
    HsControlPeer *inner; /* borrowed; may be NULL */
    void (*changed)(void *user_data, bool up);
    void *changed_data; /* borrowed */
    HsEvidence last;    /* the last message from the peer */
    HsTime began;       /* the last negotiation of an IKE SA */
    HsTime established; /* and its end */
    HsTime replacing;   /* likewise: the last rekeying of a child SA */
    State esp;
    uint16_t ip_id;
};

/* Facts */

static State
state_of(IkeState state)
{
    switch (state) {
    case IKE_STATE_IDLE:
        return DOWN;
    case IKE_STATE_NEGOTIATING:
        return NEGOTIATING;
    case IKE_STATE_ESTABLISHED:
        return ESTABLISHED;
    case IKE_STATE_REKEYING:
        return REKEYING;
    case IKE_STATE_COUNT:
        break;
    }
    g_assert_not_reached();
}

static const char *
cause_of(const IkeOutput *output)
{
    const char *cause = ike_cause_name(output->cause), *notify;
    g_autofree char *text = NULL;

    notify = output->notify != 0 ? ike_notify_name(output->notify) : NULL;
    if (notify == NULL)
        return cause;
    text = g_strdup_printf("%s: %s", cause, notify);
    return g_intern_string(text);
}

/* A silence began with the message that was heard last. */
static void
report(HsIkeTunnel *tunnel, const char *subject, State from, State to,
       const char *cause, const char *suite, HsDuration took)
{
    hs_env_fact(tunnel->service->env, &(HsFact){.kind = HS_FACT_TUNNEL,
                                                .subject = subject,
                                                .peer = suite,
                                                .from = state_names[from],
                                                .to = state_names[to],
                                                .cause = cause,
                                                .value = took,
                                                .evidence = tunnel->last});
}

static void
change_state(HsIkeTunnel *tunnel, const IkeOutput *output)
{
    HsTime now = hs_env_now(tunnel->service->env);
    State from = state_of(output->from), to = state_of(output->to);
    const char *suite = NULL;
    HsDuration took = 0;
    uint64_t spi_i, spi_r;

    if (to == NEGOTIATING || to == REKEYING)
        tunnel->began = now;
    if (to == ESTABLISHED) {
        if (ike_session_ike_sa(tunnel->ike, &spi_i, &spi_r, &suite))
            suite = g_intern_string(suite);
        took = now - tunnel->began;
        tunnel->established = now;
    }
    report(tunnel, tunnel->ike_name, from, to, cause_of(output), suite, took);
}

/* "aes256-gcm16", and behind it the group if its keys have an exchange of their
 * own, as those of a rekey with PFS. */
static const char *
suite_of(const IkeChild *child)
{
    g_autofree char *text = NULL;

    if (child->group == NULL)
        return child->suite;
    text = g_strdup_printf("%s/%s", child->suite, child->group);
    return g_intern_string(text);
}

/* SUITE: once it is established. SINCE: what made it began then. */
static void
change_esp(HsIkeTunnel *tunnel, State to, const char *cause, const char *suite,
           HsTime since)
{
    State from = tunnel->esp;

    if (from == to)
        return;
    tunnel->esp = to;
    report(tunnel, tunnel->esp_name, from, to, cause, suite,
           hs_env_now(tunnel->service->env) - since);
    if ((from == DOWN) == (to == DOWN))
        return;
    if (tunnel->inner != NULL)
        hs_control_tunnel(tunnel->inner, to != DOWN);
    if (tunnel->changed != NULL)
        tunnel->changed(tunnel->changed_data, to != DOWN);
}

/* Child SAs */

static void
set_keys(EspSaConfig *sa, const IkeChildKeys *keys)
{
    const EspSuiteInfo *info = esp_suite_info(sa->suite);

    g_assert(keys->encryption_length == info->key + info->salt);
    g_assert(keys->integrity_length == info->integrity_key);
    memcpy(sa->keys.key, keys->encryption, info->key);
    memcpy(sa->keys.salt, keys->encryption + info->key, info->salt);
    memcpy(sa->keys.integrity, keys->integrity, info->integrity_key);
}

static EspSaConfig
sa_of(const HsIkeTunnel *tunnel, const IkeChild *child, bool in)
{
    EspSaConfig sa = {
        .spi = in ? child->spi_in : child->spi_out,
        .esn = child->esn,
        .window = tunnel->config.window,
        .source = in ? child->remote : child->local,
        .destination = in ? child->local : child->remote,
        .nat_t = child->nat_t,
        .df = tunnel->config.df,
        .soft = tunnel->config.soft,
    };
    bool known = esp_suite_from_name(child->suite, &sa.suite);

    g_assert(known);
    if (child->nat_t) {
        sa.source_port = in ? child->remote_port : child->local_port;
        sa.destination_port = in ? child->local_port : child->remote_port;
    }
    set_keys(&sa, in ? &child->in : &child->out);
    return sa;
}

static void
show_keys(const HsIkeTunnel *tunnel, const EspSaConfig *sa)
{
    const HsIkeService *service = tunnel->service;

    if (service->watcher != NULL && service->watcher->esp != NULL)
        service->watcher->esp(service->watcher_data, tunnel->config.tunnel.name,
                              sa);
}

/* Of another tunnel an SA may have the same SPI, which each session draws for
 * itself: then this one cannot be. */
static void
add_child(HsIkeTunnel *tunnel, const IkeOutput *output)
{
    const IkeChild *child = output->child;
    EspSaConfig in = sa_of(tunnel, child, true);
    EspSaConfig out = sa_of(tunnel, child, false);
    HsTime now = hs_env_now(tunnel->service->env);

    show_keys(tunnel, &in);
    show_keys(tunnel, &out);
    if (!hs_tunnel_add_sas(tunnel->tunnel, child->number, &in, &out))
        ike_session_delete_child(tunnel->ike, now, child->number);
    else if (child->replaces != 0) {
        tunnel->replacing = now;
        change_esp(tunnel, REKEYING,
                   ike_cause_name(child->initiator ? IKE_CAUSE_REKEY
                                                   : IKE_CAUSE_PEER_REKEY),
                   NULL, now);
    }
    esp_keys_clear(&in.keys);
    esp_keys_clear(&out.keys);
}

/* The first child SA is made by the negotiation of the IKE SA; one that is made
 * again in an IKE SA that stands took no time that is known here. */
static void
send_on_child(HsIkeTunnel *tunnel, const IkeOutput *output)
{
    HsTime now = hs_env_now(tunnel->service->env), since = now;
    bool rekeyed = tunnel->esp == REKEYING;

    if (!hs_tunnel_send_on(tunnel->tunnel, output->child->number))
        return;
    if (rekeyed)
        since = tunnel->replacing;
    else if (tunnel->established < tunnel->began || tunnel->established == now)
        since = tunnel->began;
    change_esp(
        tunnel, ESTABLISHED,
        ike_cause_name(rekeyed ? IKE_CAUSE_REKEYED : IKE_CAUSE_AUTHENTICATED),
        suite_of(output->child), since);
}

static void
remove_child(HsIkeTunnel *tunnel, const IkeOutput *output)
{
    bool was_up = hs_tunnel_is_up(tunnel->tunnel);

    hs_tunnel_remove_sas(tunnel->tunnel, output->child->number);
    if (was_up && !hs_tunnel_is_up(tunnel->tunnel))
        change_esp(tunnel, DOWN, cause_of(output), NULL,
                   hs_env_now(tunnel->service->env));
}

/* Outputs */

static void
send_datagram(HsIkeTunnel *tunnel, const IkeOutput *output)
{
    HsUdpDatagram datagram = {
        .source_port = output->local_port,
        .destination_port = output->remote_port,
        .payload = g_bytes_get_data(output->bytes, NULL),
        .length = g_bytes_get_size(output->bytes),
    };
    HsIpv4 ip = {
        .id = tunnel->ip_id++,
        .ttl = TTL,
        .protocol = HS_IP_UDP,
        .source = hs_addr_to_ipv4(&output->local),
        .destination = hs_addr_to_ipv4(&output->remote),
    };

    hs_router_originate(hs_ipsec_router(tunnel->service->ipsec),
                        tunnel->config.tunnel.outside_vrf,
                        hs_udp_packet_new(&ip, &datagram));
}

static void
handle(HsIkeTunnel *tunnel, const IkeOutput *output)
{
    const HsIkeService *service = tunnel->service;

    switch (output->kind) {
    case IKE_OUTPUT_SEND:
        send_datagram(tunnel, output);
        return;
    case IKE_OUTPUT_STATE:
        change_state(tunnel, output);
        return;
    case IKE_OUTPUT_KEYS:
        if (service->watcher != NULL && service->watcher->ike != NULL)
            service->watcher->ike(service->watcher_data,
                                  tunnel->config.tunnel.name, output->keys);
        return;
    case IKE_OUTPUT_CHILD_ADD:
        add_child(tunnel, output);
        return;
    case IKE_OUTPUT_CHILD_SEND:
        send_on_child(tunnel, output);
        return;
    case IKE_OUTPUT_CHILD_REMOVE:
        remove_child(tunnel, output);
        return;
    case IKE_OUTPUT_PEER:
        hs_tunnel_set_peer(tunnel->tunnel, output->child->number,
                           &output->child->remote, output->child->remote_port);
        return;
    case IKE_OUTPUT_NOTIFY:
        return; /* what follows from it is a change of state */
    }
}

static void
set_alarm(HsIkeTunnel *tunnel, HsTime at)
{
    hs_alarm_set(tunnel->alarm, tunnel->service->frozen ? HS_TIME_NEVER : at);
}

static void
settle(HsIkeTunnel *tunnel)
{
    IkeOutput output;

    while (ike_session_poll(tunnel->ike, &output)) {
        handle(tunnel, &output);
        ike_output_clear(&output);
    }
    set_alarm(tunnel, ike_session_next_expiry(tunnel->ike));
}

static void
alarm_fired(void *user_data)
{
    HsIkeTunnel *tunnel = user_data;

    ike_session_expire(tunnel->ike, hs_env_now(tunnel->service->env));
    settle(tunnel);
}

/* Hints of the tunnel */

static void
settle_later(HsIkeTunnel *tunnel)
{
    set_alarm(tunnel, hs_env_now(tunnel->service->env));
}

static void
traffic_received(void *user_data, unsigned id)
{
    HsIkeTunnel *tunnel = user_data;

    if (tunnel->service->frozen)
        return;
    ike_session_traffic_received(tunnel->ike, hs_env_now(tunnel->service->env),
                                 id);
    /* The peer uses another pair than we do: the session may follow. */
    if (!hs_tunnel_sends_on(tunnel->tunnel, id))
        settle_later(tunnel);
}

/* The peer may have to be asked now. */
static void
traffic_sent(void *user_data)
{
    HsIkeTunnel *tunnel = user_data;

    if (tunnel->service->frozen)
        return;
    ike_session_traffic_sent(tunnel->ike, hs_env_now(tunnel->service->env));
    set_alarm(tunnel, ike_session_next_expiry(tunnel->ike));
}

static void
pair_worn(void *user_data, unsigned id)
{
    HsIkeTunnel *tunnel = user_data;

    if (tunnel->service->frozen)
        return;
    ike_session_rekey_child(tunnel->ike, hs_env_now(tunnel->service->env), id);
    settle_later(tunnel);
}

static void
peer_moved(void *user_data, unsigned id, const HsAddr *peer, uint16_t port)
{
    HsIkeTunnel *tunnel = user_data;

    if (tunnel->service->frozen)
        return;
    ike_session_peer_moved(tunnel->ike, hs_env_now(tunnel->service->env), id,
                           peer, port);
    settle_later(tunnel);
}

static const HsTunnelEvents tunnel_events = {
    .received = traffic_received,
    .sent = traffic_sent,
    .worn = pair_worn,
    .moved = peer_moved,
};

/* Datagrams from the router */

static HsIkeTunnel *
find_tunnel(HsIkeService *service, const HsAddr *local, const HsAddr *remote,
            const HsUdpDatagram *datagram)
{
    bool marked = datagram->destination_port == ESP_NATT_PORT;
    HsIkeTunnel *any = NULL;

    for (guint i = 0; i < service->tunnels->len; i++) {
        HsIkeTunnel *tunnel = service->tunnels->pdata[i];

        if (ike_session_claims(tunnel->ike, datagram->payload, datagram->length,
                               marked))
            return tunnel;
    }
    for (guint i = 0; i < service->tunnels->len; i++) {
        HsIkeTunnel *tunnel = service->tunnels->pdata[i];
        const IkeConfig *ike = &tunnel->config.ike;

        if (!hs_addr_equal(&ike->local, local))
            continue;
        if (hs_addr_equal(&ike->remote, remote))
            return tunnel;
        if (!hs_addr_is_set(&ike->remote) && any == NULL)
            any = tunnel;
    }
    return any;
}

static void
input(void *user_data, unsigned port, HsPacket *packet)
{
    HsIkeService *service = user_data;
    g_autoptr(GBytes) payload = NULL;
    HsIkeTunnel *tunnel = NULL;
    HsUdpDatagram datagram;
    HsAddr local, remote;
    HsIpv4 ip;

    (void)port;
    if (hs_ipv4_parse(hs_packet_data(packet), hs_packet_length(packet), &ip) ==
            HS_DROP_NONE &&
        hs_udp_parse(packet, &ip, &datagram)) {
        local = hs_addr_ipv4(ip.destination);
        remote = hs_addr_ipv4(ip.source);
        tunnel = find_tunnel(service, &local, &remote, &datagram);
    }
    if (tunnel == NULL || service->frozen) {
        service->dropped++;
        hs_packet_unref(packet);
        return;
    }
    tunnel->last = hs_env_evidence(service->env);
    payload = g_bytes_new(datagram.payload, datagram.length);
    hs_packet_unref(packet);
    ike_session_receive(tunnel->ike, hs_env_now(service->env), &local,
                        datagram.destination_port, &remote,
                        datagram.source_port, payload);
    settle(tunnel);
}

/* Making one */

static void
tunnel_free(void *data)
{
    HsIkeTunnel *tunnel = data;

    hs_alarm_free(tunnel->alarm);
    ike_session_free(tunnel->ike);
    hs_rng_free(tunnel->rng);
    g_free(tunnel);
}

static void
start_due(void *user_data)
{
    HsIkeService *service = user_data;

    for (guint i = 0; i < service->tunnels->len; i++) {
        HsIkeTunnel *tunnel = service->tunnels->pdata[i];

        if (tunnel->config.ike.start)
            hs_ike_tunnel_order(tunnel, ike_session_start);
    }
}

HsIkeService *
hs_ike_service_new(HsEnv *env, HsIpsec *ipsec)
{
    HsIkeService *service = g_new0(HsIkeService, 1);

    service->env = env;
    service->ipsec = ipsec;
    service->tunnels = g_ptr_array_new_with_free_func(tunnel_free);
    service->start = hs_alarm_new(env, start_due, service);
    hs_router_set_protocol(hs_ipsec_router(ipsec), HS_IP_UDP, HS_IKE_PORT,
                           input, service);
    hs_ipsec_set_ike(ipsec, input, service);
    return service;
}

void
hs_ike_service_free(HsIkeService *service)
{
    if (service == NULL)
        return;
    hs_ipsec_set_ike(service->ipsec, NULL, NULL);
    hs_router_set_protocol(hs_ipsec_router(service->ipsec), HS_IP_UDP,
                           HS_IKE_PORT, NULL, NULL);
    g_ptr_array_unref(service->tunnels);
    hs_alarm_free(service->start);
    g_free(service);
}

void
hs_ike_service_set_watcher(HsIkeService *service, const HsIkeWatcher *watcher,
                           void *user_data)
{
    service->watcher = watcher;
    service->watcher_data = user_data;
}

static const char *
subject(const char *name, const char *protocol)
{
    g_autofree char *text = g_strdup_printf("%s %s", name, protocol);

    return g_intern_string(text);
}

HsIkeTunnel *
hs_ike_service_add(HsIkeService *service, const HsIkeTunnelConfig *config)
{
    HsIkeTunnel *tunnel = g_new0(HsIkeTunnel, 1);
    HsTunnelConfig port = config->tunnel;
    IkeConfig ike = config->ike;
    g_autofree char *purpose = g_strdup_printf("ike %s", port.name);
    char remote[HS_ADDR_TEXT];

    port.events = &tunnel_events;
    port.user_data = tunnel;
    ike.trace = hs_env_trace_new(service->env, "ike",
                                 hs_addr_format(&ike.remote, remote));
    tunnel->service = service;
    tunnel->config = *config;
    tunnel->config.tunnel.name = g_intern_string(port.name);
    /* The session has its own copies of them. */
    tunnel->config.ike.psk = NULL;
    tunnel->config.ike.local_id = tunnel->config.ike.remote_id = NULL;
    tunnel->config.ike.vendor_id = NULL;
    tunnel->ike_name = subject(port.name, "ike");
    tunnel->esp_name = subject(port.name, "esp");
    tunnel->rng = hs_env_rng_new(service->env, purpose);
    tunnel->ip_id = (uint16_t)hs_rng_below(tunnel->rng, 65536);
    tunnel->alarm = hs_alarm_new(service->env, alarm_fired, tunnel);
    tunnel->tunnel = hs_ipsec_add_tunnel(service->ipsec, &port);
    tunnel->ike = ike_session_new(&ike, tunnel->rng, hs_env_now(service->env));
    g_ptr_array_add(service->tunnels, tunnel);
    settle(tunnel);
    return tunnel;
}

void
hs_ike_tunnel_set_session(HsIkeTunnel *tunnel, HsControlPeer *session)
{
    tunnel->inner = session;
}

HsControlPeer *
hs_ike_tunnel_session_peer(const HsIkeTunnel *tunnel)
{
    return tunnel->inner;
}

void
hs_ike_tunnel_set_listener(HsIkeTunnel *tunnel,
                           void (*changed)(void *user_data, bool up),
                           void *user_data)
{
    tunnel->changed = changed;
    tunnel->changed_data = user_data;
}

void
hs_ike_service_crash(HsIkeService *service)
{
    hs_alarm_set(service->start, HS_TIME_NEVER);
    for (guint i = 0; i < service->tunnels->len; i++)
        hs_ike_tunnel_order(service->tunnels->pdata[i], ike_session_reset);
}

void
hs_ike_service_set_frozen(HsIkeService *service, bool frozen)
{
    service->frozen = frozen;
    for (guint i = 0; i < service->tunnels->len; i++) {
        HsIkeTunnel *tunnel = service->tunnels->pdata[i];

        set_alarm(tunnel, ike_session_next_expiry(tunnel->ike));
    }
}

void
hs_ike_service_start(HsIkeService *service)
{
    hs_alarm_set(service->start,
                 hs_time_add(hs_env_now(service->env), START_DELAY));
}

unsigned
hs_ike_service_n_tunnels(const HsIkeService *service)
{
    return service->tunnels->len;
}

HsIkeTunnel *
hs_ike_service_tunnel(HsIkeService *service, unsigned index)
{
    g_assert(index < service->tunnels->len);
    return service->tunnels->pdata[index];
}

const char *
hs_ike_tunnel_name(const HsIkeTunnel *tunnel)
{
    return tunnel->config.tunnel.name;
}

HsTunnel *
hs_ike_tunnel_ipsec(HsIkeTunnel *tunnel)
{
    return tunnel->tunnel;
}

const IkeSession *
hs_ike_tunnel_session(const HsIkeTunnel *tunnel)
{
    return tunnel->ike;
}

void
hs_ike_tunnel_order(HsIkeTunnel *tunnel,
                    void (*order)(IkeSession *s, HsTime now))
{
    order(tunnel->ike, hs_env_now(tunnel->service->env));
    settle(tunnel);
}

bool
hs_ike_tunnel_rekey(HsIkeTunnel *tunnel, unsigned number)
{
    bool begun = ike_session_rekey_child(
        tunnel->ike, hs_env_now(tunnel->service->env), number);

    settle(tunnel);
    return begun;
}

void
hs_ike_tunnel_set_psk(HsIkeTunnel *tunnel, const char *psk)
{
    ike_session_set_psk(tunnel->ike, psk);
}

uint64_t
hs_ike_service_dropped(const HsIkeService *service)
{
    return service->dropped;
}
