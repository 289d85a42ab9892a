/* A flow is a pair of ends, the lower first, so that both directions find it;
 * what the table notes is which of them opened it. TCP has three states here:
 *
 *     SYN ──► OPENING ──SYN+ACK of the other end──► OPEN
 *                │                                   │ FIN of both, or RST
 *                └──────────────RST────────► CLOSING ◄┘
 *
 * A packet that fits none of these arrows belongs to a connection that was
 * opened elsewhere, in part or in whole. UDP, ICMP echo and other protocols
 * have one state: there. Flows expire when they are looked at, or when the
 * table is swept.
 *
 * Departure: sequence numbers are not checked. Fragments after the first pass:
 * they carry no ports, and without the first nothing comes of them. */

#include "config.h"

#include "models/onprem/firewall.h"

#include "models/net/icmp.h"

#include <string.h>

/* Netfilter's, as far as the idle time-out is not shorter: a handshake, a
 * connection that both ends have closed, a stream of UDP, an echo. */
#define OPENING_TIMEOUT HS_SEC(60)
#define CLOSING_TIMEOUT HS_SEC(10)
#define UDP_TIMEOUT     HS_SEC(120)
#define ICMP_TIMEOUT    HS_SEC(30)
#define OTHER_TIMEOUT   HS_SEC(600)

#define SWEEP_EVERY     4096 /* flows opened */

#define TCP_FIN         0x01
#define TCP_SYN         0x02
#define TCP_RST         0x04
#define TCP_ACK         0x10

/* All bytes count, for hash and comparison: there is no padding. */
typedef struct {
    uint32_t address[2];
    uint16_t port[2];
    uint32_t protocol;
} Key;

typedef enum {
    OPENING,
    OPEN,
    CLOSING,
} State;

typedef struct {
    Key key;
    State state;
    unsigned opener;  /* of the key's two ends */
    unsigned has_fin; /* a bit for each end */
    HsTime expires;
} Flow;

/* A packet, as far as the table cares. */
typedef struct {
    Key key;
    unsigned sender; /* of the key's two ends */
    uint8_t flags;   /* of TCP */
    bool opens;      /* a packet with which a flow may begin */
    bool loose;      /* no flow is needed */
    bool related;    /* an ICMP error about the key's flow */
} Sight;

struct HsFlowFirewall {
    HsEnv *env; /* borrowed */
    HsFlowFirewallConfig config;
    GHashTable *flows; /* Key to Flow, owned */
    unsigned opened_since_sweep;
    HsFlowFirewallCounters counters;
};

static guint
key_hash(gconstpointer data)
{
    const Key *key = data;
    uint32_t hash = key->protocol;

    for (unsigned i = 0; i < 2; i++) {
        hash = (hash ^ key->address[i]) * UINT32_C(0x9e3779b1);
        hash = (hash ^ key->port[i]) * UINT32_C(0x85ebca6b);
    }
    return hash ^ hash >> 15;
}

static gboolean
key_equal(gconstpointer a, gconstpointer b)
{
    return memcmp(a, b, sizeof(Key)) == 0;
}

HsFlowFirewall *
hs_flow_firewall_new(HsEnv *env, const HsFlowFirewallConfig *config)
{
    HsFlowFirewall *firewall = g_new0(HsFlowFirewall, 1);

    firewall->env = env;
    firewall->config = *config;
    firewall->flows = g_hash_table_new_full(key_hash, key_equal, NULL, g_free);
    return firewall;
}

void
hs_flow_firewall_free(HsFlowFirewall *firewall)
{
    if (firewall == NULL)
        return;
    g_hash_table_unref(firewall->flows);
    g_free(firewall);
}

/* Reading a packet */

static uint16_t
u16_at(const uint8_t *data)
{
    return (uint16_t)(data[0] << 8 | data[1]);
}

/* Fills KEY, lower end first; returns the number of the end that is FROM. */
static unsigned
set_ends(Key *key, uint32_t from, uint16_t from_port, uint32_t to,
         uint16_t to_port)
{
    unsigned sender = from > to || (from == to && from_port > to_port);

    key->address[sender] = from;
    key->port[sender] = from_port;
    key->address[!sender] = to;
    key->port[!sender] = to_port;
    return sender;
}

static bool
is_icmp_error(uint8_t type)
{
    return type == HS_ICMP_UNREACHABLE || type == HS_ICMP_TIME_EXCEEDED ||
           type == 4 || type == 12; /* source quench, parameter problem */
}

static bool
look_at(const HsIpv4 *ip, const uint8_t *data, size_t length, Sight *sight);

/* RFC 792: the header that it is about, and eight bytes behind it. */
static bool
look_at_error(const uint8_t *data, size_t length, Sight *sight)
{
    HsIpv4 about;
    size_t header;

    if (length < HS_IPV4_HEADER || data[0] >> 4 != 4)
        return false;
    header = (size_t)(data[0] & 0xf) * 4;
    if (header < HS_IPV4_HEADER || length < header + 8)
        return false;
    about = (HsIpv4){
        .header_length = (uint8_t)header,
        .fragment = u16_at(data + 6),
        .protocol = data[9],
        .source = (uint32_t)u16_at(data + 12) << 16 | u16_at(data + 14),
        .destination = (uint32_t)u16_at(data + 16) << 16 | u16_at(data + 18),
    };
    if (about.protocol == HS_IP_ICMP && is_icmp_error(data[header]))
        return false; /* RFC 1122 3.2.2: no errors about errors */
    if (!look_at(&about, data + header, 8, sight))
        return false;
    sight->related = true;
    sight->opens = false;
    return true;
}

static bool
look_at_icmp(const HsIpv4 *ip, const uint8_t *data, size_t length, Sight *sight)
{
    if (length < 8)
        return false;
    if (is_icmp_error(data[0]))
        return look_at_error(data + 8, length - 8, sight);
    if (data[0] != HS_ICMP_ECHO && data[0] != HS_ICMP_ECHO_REPLY)
        return false;
    sight->sender = set_ends(&sight->key, ip->source, u16_at(data + 4),
                             ip->destination, u16_at(data + 4));
    sight->opens = data[0] == HS_ICMP_ECHO;
    return true;
}

/* DATA follows the header IP. False: nothing that could be of a flow. */
static bool
look_at(const HsIpv4 *ip, const uint8_t *data, size_t length, Sight *sight)
{
    memset(sight, 0, sizeof *sight);
    sight->key.protocol = ip->protocol;
    sight->loose = hs_ipv4_fragment_offset(ip) > 0;
    if (sight->loose)
        return true;
    switch (ip->protocol) {
    case HS_IP_TCP:
    case HS_IP_UDP:
        if (length < 8)
            return false;
        sight->sender = set_ends(&sight->key, ip->source, u16_at(data),
                                 ip->destination, u16_at(data + 2));
        sight->opens = true;
        if (ip->protocol == HS_IP_UDP)
            return true;
        if (length >= 14)
            sight->flags = data[13];
        sight->opens =
            (sight->flags & (TCP_SYN | TCP_ACK | TCP_RST)) == TCP_SYN;
        return true;
    case HS_IP_ICMP:
        return look_at_icmp(ip, data, length, sight);
    default:
        sight->sender =
            set_ends(&sight->key, ip->source, 0, ip->destination, 0);
        sight->opens = true;
        return true;
    }
}

/* The table */

static HsDuration
timeout_of(const HsFlowFirewall *firewall, const Flow *flow)
{
    HsDuration timeout = firewall->config.idle_timeout;

    if (flow->key.protocol == HS_IP_TCP) {
        if (flow->state == OPENING)
            return MIN(timeout, OPENING_TIMEOUT);
        return flow->state == CLOSING ? MIN(timeout, CLOSING_TIMEOUT) : timeout;
    }
    if (flow->key.protocol == HS_IP_UDP)
        return MIN(timeout, UDP_TIMEOUT);
    return MIN(timeout,
               flow->key.protocol == HS_IP_ICMP ? ICMP_TIMEOUT : OTHER_TIMEOUT);
}

static gboolean
is_expired(gpointer key, gpointer value, gpointer now)
{
    const Flow *flow = value;

    (void)key;
    return flow->expires <= *(const HsTime *)now;
}

static void
sweep(HsFlowFirewall *firewall)
{
    HsTime now = hs_env_now(firewall->env);

    firewall->counters.expired +=
        g_hash_table_foreach_remove(firewall->flows, is_expired, &now);
    firewall->opened_since_sweep = 0;
}

static Flow *
find(HsFlowFirewall *firewall, const Key *key)
{
    Flow *flow = g_hash_table_lookup(firewall->flows, key);

    if (flow == NULL || flow->expires > hs_env_now(firewall->env))
        return flow;
    g_hash_table_remove(firewall->flows, key);
    firewall->counters.expired++;
    return NULL;
}

static void
touch(const HsFlowFirewall *firewall, Flow *flow)
{
    flow->expires =
        hs_time_add(hs_env_now(firewall->env), timeout_of(firewall, flow));
}

static void
open_flow(HsFlowFirewall *firewall, const Sight *sight)
{
    Flow *flow = g_new0(Flow, 1);

    flow->key = sight->key;
    flow->opener = sight->sender;
    flow->state = sight->key.protocol == HS_IP_TCP ? OPENING : OPEN;
    touch(firewall, flow);
    g_hash_table_replace(firewall->flows, &flow->key, flow);
    firewall->counters.opened++;
    if (++firewall->opened_since_sweep >= SWEEP_EVERY)
        sweep(firewall);
}

/* A packet of a connection that is in the table. False: it does not fit. */
static bool
advance_tcp(Flow *flow, const Sight *sight)
{
    bool from_opener = sight->sender == flow->opener;
    uint8_t flags = sight->flags;

    if (flow->state == OPENING) {
        if (flags & TCP_RST) {
            flow->state = CLOSING;
            return true;
        }
        if (from_opener)
            return sight->opens; /* the SYN again */
        if ((flags & (TCP_SYN | TCP_ACK)) != (TCP_SYN | TCP_ACK))
            return false;
        flow->state = OPEN;
        return true;
    }
    if (flags & TCP_FIN)
        flow->has_fin |= 1u << sight->sender;
    if ((flags & TCP_RST) || flow->has_fin == 3)
        flow->state = CLOSING;
    return true;
}

static bool
passes(HsFlowFirewall *firewall, const Sight *sight)
{
    Flow *flow;

    if (sight->loose)
        return true;
    flow = find(firewall, &sight->key);
    /* A new connection between ports that had one. */
    if (flow != NULL && flow->state == CLOSING && sight->opens)
        flow = NULL;
    if (flow == NULL) {
        if (sight->opens)
            open_flow(firewall, sight);
        return sight->opens;
    }
    if (sight->related)
        return true;
    if (flow->key.protocol == HS_IP_TCP && !advance_tcp(flow, sight))
        return false;
    touch(firewall, flow);
    return true;
}

HsDrop
hs_flow_firewall_filter(void *data, bool leaving, const HsIpv4 *ip,
                        const HsPacket *packet)
{
    HsFlowFirewall *firewall = data;
    Sight sight;

    (void)leaving;
    if (look_at(ip, hs_packet_data(packet) + ip->header_length,
                (size_t)(ip->total_length - ip->header_length), &sight) &&
        passes(firewall, &sight)) {
        firewall->counters.passed++;
        return HS_DROP_NONE;
    }
    firewall->counters.dropped++;
    return HS_DROP_NO_STATE;
}

uint64_t
hs_flow_firewall_reset(HsFlowFirewall *firewall)
{
    unsigned flows = hs_flow_firewall_flows(firewall);

    g_hash_table_remove_all(firewall->flows);
    return flows;
}

HsFlowFirewallCounters
hs_flow_firewall_counters(const HsFlowFirewall *firewall)
{
    return firewall->counters;
}

unsigned
hs_flow_firewall_flows(HsFlowFirewall *firewall)
{
    sweep(firewall);
    return g_hash_table_size(firewall->flows);
}
