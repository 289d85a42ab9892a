/* The way out: the router forwards to the tunnel's port, whose output wraps the
 * packet and hands the outer one back to the router, in the outside VRF. The
 * way in: the router delivers ESP to this node, the SAD finds the SA by SPI,
 * and the inner packet enters the router by the port of the SA's tunnel. The
 * port's MTU is what fits the path, so the router itself answers "fragmentation
 * needed" or fragments before encryption, as AWS advises
 * (VPN user guide, "Your customer gateway device"). */

#include "config.h"

#include "models/net/ipsec.h"

#include <netinet/in.h>

struct HsIpsec {
    HsEnv *env;         /* borrowed */
    HsRouter *router;   /* borrowed */
    HsRng *rng;         /* owned: IVs and IP ids of every SA */
    EspSad *sad;        /* owned, with the inbound SAs */
    GPtrArray *tunnels; /* HsTunnel *, owned */
    GHashTable *by_sa;  /* EspSa * to Pair *, borrowed both */
    HsDeliverFunc ike;
    void *ike_data; /* borrowed */
};

typedef struct {
    HsTunnel *tunnel; /* borrowed */
    unsigned id;
    EspSa *in;  /* borrowed from the SAD */
    EspSa *out; /* owned */
    bool worn;  /* and its listener has been told */
} Pair;

struct HsTunnel {
    HsIpsec *ipsec; /* borrowed */
    HsTunnelConfig config;
    unsigned port;
    GPtrArray *pairs;      /* Pair *, owned, the oldest first */
    Pair *current;         /* to send on, borrowed; NULL: down */
    HsTunnelCounters past; /* of pairs that are gone */
};

/* Pairs */

static void
pair_free(void *data)
{
    Pair *pair = data;

    esp_sa_free(pair->out);
    g_free(pair);
}

static void
add_counters(EspCounters *sum, const EspCounters *counters)
{
    sum->packets += counters->packets;
    sum->bytes += counters->bytes;
    for (unsigned i = 0; i < ESP_DROP_COUNT; i++)
        sum->drops[i] += counters->drops[i];
}

static Pair *
find_pair(const HsTunnel *tunnel, unsigned id)
{
    for (guint i = 0; i < tunnel->pairs->len; i++) {
        Pair *pair = tunnel->pairs->pdata[i];

        if (pair->id == id)
            return pair;
    }
    return NULL;
}

/* Its pairs with it: the SAD goes after them. */
static void
tunnel_free(void *data)
{
    HsTunnel *tunnel = data;

    g_ptr_array_unref(tunnel->pairs);
    g_free(tunnel);
}

/* Packets */

/* What SA, of PAIR, has to say since the last packet. */
static void
take_events(Pair *pair, EspSa *sa)
{
    const HsTunnelConfig *config = &pair->tunnel->config;
    const HsTunnelEvents *events = config->events;
    EspEvent event;

    while (esp_sa_poll(sa, &event))
        switch (event.kind) {
        case ESP_EVENT_SOFT_LIMIT:
        case ESP_EVENT_HARD_LIMIT:
        case ESP_EVENT_NUMBERS_LOW:
            if (!pair->worn && events != NULL && events->worn != NULL)
                events->worn(config->user_data, pair->id);
            pair->worn = true;
            break;
        case ESP_EVENT_PEER_MOVED:
            if (events != NULL && events->moved != NULL)
                events->moved(config->user_data, pair->id, &event.address,
                              event.port);
            break;
        case ESP_EVENT_IN_USE:
        case ESP_EVENT_COUNT:
            break;
        }
}

static void
tunnel_output(void *user_data, HsPacket *packet)
{
    HsTunnel *tunnel = user_data;
    Pair *pair = tunnel->current;
    const HsTunnelEvents *events = tunnel->config.events;

    g_assert(pair != NULL); /* or the port was down */
    if (!esp_encapsulate(pair->out, &packet, NULL)) {
        hs_packet_unref(packet); /* counted by the SA */
        return;
    }
    if (events != NULL && events->sent != NULL)
        events->sent(tunnel->config.user_data);
    take_events(pair, pair->out);
    hs_router_originate(tunnel->ipsec->router, tunnel->config.outside_vrf,
                        packet);
}

static void
ipsec_input(void *user_data, unsigned port, HsPacket *packet)
{
    HsIpsec *ipsec = user_data;
    const HsTunnelEvents *events;
    EspSa *sa = NULL;
    HsTunnel *tunnel;
    EspDrop why;
    Pair *pair;

    if (!esp_sad_decapsulate(ipsec->sad, &packet, &sa, &why)) {
        if (why == ESP_DROP_IKE && ipsec->ike != NULL)
            ipsec->ike(ipsec->ike_data, port, packet);
        else
            hs_packet_unref(packet); /* counted by the SA or the SAD */
        return;
    }
    pair = g_hash_table_lookup(ipsec->by_sa, sa);
    g_assert(pair != NULL);
    tunnel = pair->tunnel;
    events = tunnel->config.events;
    if (events != NULL && events->received != NULL)
        events->received(tunnel->config.user_data, pair->id);
    take_events(pair, sa);
    hs_router_receive(ipsec->router, tunnel->port, packet);
}

/* The node's */

HsIpsec *
hs_ipsec_new(HsEnv *env, HsRouter *router)
{
    HsIpsec *ipsec = g_new0(HsIpsec, 1);

    ipsec->env = env;
    ipsec->router = router;
    ipsec->rng = hs_env_rng_new(env, "esp");
    ipsec->sad = esp_sad_new();
    ipsec->tunnels = g_ptr_array_new_with_free_func(tunnel_free);
    ipsec->by_sa = g_hash_table_new(NULL, NULL);
    hs_router_set_protocol(router, IPPROTO_ESP, 0, ipsec_input, ipsec);
    hs_router_set_protocol(router, IPPROTO_UDP, ESP_NATT_PORT, ipsec_input,
                           ipsec);
    return ipsec;
}

void
hs_ipsec_free(HsIpsec *ipsec)
{
    if (ipsec == NULL)
        return;
    hs_router_set_protocol(ipsec->router, IPPROTO_ESP, 0, NULL, NULL);
    hs_router_set_protocol(ipsec->router, IPPROTO_UDP, ESP_NATT_PORT, NULL,
                           NULL);
    g_hash_table_unref(ipsec->by_sa);
    g_ptr_array_unref(ipsec->tunnels);
    esp_sad_free(ipsec->sad);
    hs_rng_free(ipsec->rng);
    g_free(ipsec);
}

HsRouter *
hs_ipsec_router(HsIpsec *ipsec)
{
    return ipsec->router;
}

void
hs_ipsec_set_ike(HsIpsec *ipsec, HsDeliverFunc deliver, void *user_data)
{
    ipsec->ike = deliver;
    ipsec->ike_data = user_data;
}

bool
hs_ipsec_has_spi(const HsIpsec *ipsec, uint32_t spi, const HsAddr *destination)
{
    return esp_sad_find(ipsec->sad, spi, destination) != NULL;
}

const EspCounters *
hs_ipsec_counters(const HsIpsec *ipsec)
{
    return esp_sad_counters(ipsec->sad);
}

/* A tunnel's */

HsTunnel *
hs_ipsec_add_tunnel(HsIpsec *ipsec, const HsTunnelConfig *config)
{
    HsTunnel *tunnel = g_new0(HsTunnel, 1);
    HsPortConfig port = {
        .name = config->name,
        .mtu = config->outside_mtu,
        .addresses = &config->address,
        .n_addresses = 1,
        .vrf = config->inside_vrf,
        .no_frag_needed = config->no_frag_needed,
        .down = true,
        .output = tunnel_output,
        .user_data = tunnel,
    };

    tunnel->ipsec = ipsec;
    tunnel->config = *config;
    tunnel->config.name = g_intern_string(config->name);
    tunnel->pairs = g_ptr_array_new_with_free_func(pair_free);
    tunnel->port = hs_router_add_port(ipsec->router, &port);
    g_ptr_array_add(ipsec->tunnels, tunnel);
    return tunnel;
}

bool
hs_tunnel_add_sas(HsTunnel *tunnel, unsigned id, const EspSaConfig *in,
                  const EspSaConfig *out)
{
    HsIpsec *ipsec = tunnel->ipsec;
    Pair *pair;
    EspSa *sa;

    g_assert(find_pair(tunnel, id) == NULL);
    if (hs_ipsec_has_spi(ipsec, in->spi, &in->destination))
        return false;
    sa = esp_sa_new(in, ipsec->rng);
    esp_sad_add(ipsec->sad, sa);
    pair = g_new0(Pair, 1);
    pair->tunnel = tunnel;
    pair->id = id;
    pair->in = sa;
    pair->out = esp_sa_new(out, ipsec->rng);
    g_hash_table_insert(ipsec->by_sa, sa, pair);
    g_ptr_array_add(tunnel->pairs, pair);
    return true;
}

bool
hs_tunnel_send_on(HsTunnel *tunnel, unsigned id)
{
    HsRouter *router = tunnel->ipsec->router;
    Pair *pair = find_pair(tunnel, id);
    size_t mtu;

    if (pair == NULL)
        return false;
    mtu = esp_inner_mtu(esp_sa_config(pair->out), tunnel->config.outside_mtu);
    g_assert(mtu > 0);
    tunnel->current = pair;
    hs_router_port_set_mtu(router, tunnel->port, mtu);
    hs_router_port_set_up(router, tunnel->port, true);
    return true;
}

bool
hs_tunnel_sends_on(const HsTunnel *tunnel, unsigned id)
{
    return tunnel->current != NULL && tunnel->current->id == id;
}

bool
hs_tunnel_remove_sas(HsTunnel *tunnel, unsigned id)
{
    HsIpsec *ipsec = tunnel->ipsec;
    Pair *pair = find_pair(tunnel, id);
    EspSaConfig in;

    if (pair == NULL)
        return false;
    if (pair == tunnel->current) {
        tunnel->current = NULL;
        hs_router_port_set_up(ipsec->router, tunnel->port, false);
    }
    add_counters(&tunnel->past.out, esp_sa_counters(pair->out));
    add_counters(&tunnel->past.in, esp_sa_counters(pair->in));
    g_hash_table_remove(ipsec->by_sa, pair->in);
    in = *esp_sa_config(pair->in);
    esp_sad_remove(ipsec->sad, in.spi, &in.destination);
    g_ptr_array_remove(tunnel->pairs, pair);
    return true;
}

bool
hs_tunnel_set_peer(HsTunnel *tunnel, unsigned id, const HsAddr *peer,
                   uint16_t port)
{
    Pair *pair = find_pair(tunnel, id);

    if (pair == NULL)
        return false;
    esp_sa_set_destination(pair->out, peer, port);
    return true;
}

const char *
hs_tunnel_name(const HsTunnel *tunnel)
{
    return tunnel->config.name;
}

const HsTunnel *
hs_ipsec_tunnel_at(const HsIpsec *ipsec, unsigned port)
{
    for (guint i = 0; i < ipsec->tunnels->len; i++) {
        const HsTunnel *tunnel = ipsec->tunnels->pdata[i];

        if (tunnel->port == port)
            return tunnel;
    }
    return NULL;
}

unsigned
hs_tunnel_outside_vrf(const HsTunnel *tunnel)
{
    return tunnel->config.outside_vrf;
}

unsigned
hs_tunnel_port(const HsTunnel *tunnel)
{
    return tunnel->port;
}

bool
hs_tunnel_is_up(const HsTunnel *tunnel)
{
    return tunnel->current != NULL;
}

size_t
hs_tunnel_mtu(const HsTunnel *tunnel)
{
    return hs_router_port_mtu(tunnel->ipsec->router, tunnel->port);
}

const EspSa *
hs_tunnel_out(const HsTunnel *tunnel)
{
    return tunnel->current != NULL ? tunnel->current->out : NULL;
}

const EspSa *
hs_tunnel_in(const HsTunnel *tunnel)
{
    return tunnel->current != NULL ? tunnel->current->in : NULL;
}

unsigned
hs_tunnel_n_sas(const HsTunnel *tunnel)
{
    return tunnel->pairs->len;
}

HsTunnelCounters
hs_tunnel_counters(const HsTunnel *tunnel)
{
    HsTunnelCounters sum = tunnel->past;

    for (guint i = 0; i < tunnel->pairs->len; i++) {
        const Pair *pair = tunnel->pairs->pdata[i];

        add_counters(&sum.in, esp_sa_counters(pair->in));
        add_counters(&sum.out, esp_sa_counters(pair->out));
    }
    return sum;
}

uint64_t
hs_ipsec_dropped(const HsIpsec *ipsec, EspDrop reason)
{
    uint64_t sum = esp_sad_counters(ipsec->sad)->drops[reason];

    for (guint i = 0; i < ipsec->tunnels->len; i++) {
        HsTunnelCounters counters =
            hs_tunnel_counters(ipsec->tunnels->pdata[i]);

        sum += counters.in.drops[reason] + counters.out.drops[reason];
    }
    return sum;
}
