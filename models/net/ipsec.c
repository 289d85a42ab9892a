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
    GHashTable *by_sa;  /* EspSa * to HsTunnel *, borrowed both */
};

struct HsTunnel {
    HsIpsec *ipsec; /* borrowed */
    const char *name;
    unsigned port;
    unsigned outside_vrf;
    EspSa *out; /* owned */
    EspSa *in;  /* borrowed from the SAD */
};

static void
tunnel_free(void *data)
{
    HsTunnel *tunnel = data;

    esp_sa_free(tunnel->out);
    g_free(tunnel);
}

static void
tunnel_output(void *user_data, HsPacket *packet)
{
    HsTunnel *tunnel = user_data;

    if (esp_encapsulate(tunnel->out, &packet, NULL))
        hs_router_originate(tunnel->ipsec->router, tunnel->outside_vrf, packet);
    else
        hs_packet_unref(packet); /* counted by the SA */
}

static void
ipsec_input(void *user_data, unsigned port, HsPacket *packet)
{
    HsIpsec *ipsec = user_data;
    HsTunnel *tunnel;
    EspSa *sa = NULL;

    (void)port;
    if (!esp_sad_decapsulate(ipsec->sad, &packet, &sa, NULL)) {
        hs_packet_unref(packet); /* counted by the SA or the SAD */
        return;
    }
    tunnel = g_hash_table_lookup(ipsec->by_sa, sa);
    g_assert(tunnel != NULL);
    hs_router_receive(ipsec->router, tunnel->port, packet);
}

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

HsTunnel *
hs_ipsec_add_tunnel(HsIpsec *ipsec, const HsTunnelConfig *config)
{
    HsTunnel *tunnel = g_new0(HsTunnel, 1);
    size_t mtu = esp_inner_mtu(&config->out, config->outside_mtu);
    HsPortConfig port = {
        .name = config->name,
        .mtu = mtu,
        .addresses = &config->address,
        .n_addresses = 1,
        .vrf = config->inside_vrf,
        .no_frag_needed = config->no_frag_needed,
        .output = tunnel_output,
        .user_data = tunnel,
    };
    bool added;

    g_assert(mtu > 0);
    tunnel->ipsec = ipsec;
    tunnel->name = g_intern_string(config->name);
    tunnel->outside_vrf = config->outside_vrf;
    tunnel->out = esp_sa_new(&config->out, ipsec->rng);
    tunnel->in = esp_sa_new(&config->in, ipsec->rng);
    added = esp_sad_add(ipsec->sad, tunnel->in);
    g_assert(added); /* two tunnels with one SPI */
    tunnel->port = hs_router_add_port(ipsec->router, &port);
    g_hash_table_insert(ipsec->by_sa, tunnel->in, tunnel);
    g_ptr_array_add(ipsec->tunnels, tunnel);
    hs_env_fact(ipsec->env, &(HsFact){.kind = HS_FACT_TUNNEL,
                                      .subject = tunnel->name,
                                      .from = "down",
                                      .to = "up",
                                      .cause = "manual keys"});
    return tunnel;
}

const char *
hs_tunnel_name(const HsTunnel *tunnel)
{
    return tunnel->name;
}

unsigned
hs_tunnel_port(const HsTunnel *tunnel)
{
    return tunnel->port;
}

size_t
hs_tunnel_mtu(const HsTunnel *tunnel)
{
    return hs_router_port_mtu(tunnel->ipsec->router, tunnel->port);
}

const EspSa *
hs_tunnel_out(const HsTunnel *tunnel)
{
    return tunnel->out;
}

const EspSa *
hs_tunnel_in(const HsTunnel *tunnel)
{
    return tunnel->in;
}

const EspCounters *
hs_ipsec_counters(const HsIpsec *ipsec)
{
    return esp_sad_counters(ipsec->sad);
}
