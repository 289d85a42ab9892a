/* The life of a packet in a router.
 *
 *     receive() ─► port up? ─► admit(): header, options, martians
 *        │
 *        ▼
 *     look up the destination in the port's VRF ─► none: ICMP unreachable
 *        ├─ local ───► deliver(): reassembly, echo, protocol handler, local
 * sink ├─ broadcast, blackhole, reject: dropped ▼ forwarding on? TTL > 1? ─►
 * choose a hop by the flow's hash │ originate() enters below ▼ TTL, output_on()
 * here leave(): port up, size against its MTU, DF ─► TTL down, MSS clamped │ ├─
 * fits ──────► transmit() └─ too big ───► fragments, each to transmit()
 *
 * Every way out is counted: transmit(), deliver(), drop(), or one of the fates
 * of fragments; router.h has the equation. A packet is copied only if somebody
 * else holds it when its TTL changes.
 *
 * Implements RFC 1812 4.2.2, 4.3 and 5.2 as far as a packet between two sites
 * meets them.
 * Departure: link-local addresses (RFC 3927) are forwarded like others, because
 * the addresses inside AWS's tunnels are of that range.
 * Departure: of the options only source routes are acted on (dropped, RFC 7126
 * 4.3); record route, timestamp and router alert pass unchanged. */

#include "config.h"

#include "models/net/icmp.h"
#include "models/net/mss.h"
#include "models/net/router_private.h"

#include <string.h>

#define DEFAULT_TTL         64
#define DEFAULT_MTU         1500

#define OPTION_END          0
#define OPTION_NOP          1
#define OPTION_LOOSE_SOURCE 131
#define OPTION_STRICT       137

/* A packet on its way through. */
typedef struct {
    HsPacket *packet; /* owned by whoever handles it now */
    HsIpv4 ip;
    unsigned in;  /* port, or HS_PORT_NONE: made here */
    unsigned vrf; /* in which it is looked up */
} Work;

static void send_error(HsRouter *router, const Work *work, uint8_t type,
                       uint8_t code, uint32_t rest);

/* Making a router */

static void
port_free(void *data)
{
    Port *port = data;

    g_ptr_array_unref(port->entries);
    g_free(port->addresses);
    g_free(port);
}

static void reassembly_due(void *user_data);

HsRouter *
hs_router_new(HsEnv *env, const HsRouterConfig *config)
{
    HsRouter *router = g_new0(HsRouter, 1);

    router->env = env;
    router->config = *config;
    router->config.name = g_intern_string(config->name);
    if (router->config.ttl == 0)
        router->config.ttl = DEFAULT_TTL;
    router->trace = hs_env_trace_new(env, "fib", router->config.name);
    router->vrfs = g_ptr_array_new_with_free_func(hs_router_vrf_free);
    router->ports = g_ptr_array_new_with_free_func(port_free);
    router->handlers = g_array_new(FALSE, FALSE, sizeof(Handler));
    g_queue_init(&router->changes);
    router->change_alarm = hs_alarm_new(env, hs_router_changes_due, router);
    router->reassembly_alarm = hs_alarm_new(env, reassembly_due, router);
    router->last_due = INT64_MIN / 2;
    router->icmp_full_at = INT64_MIN / 2;
    router->forwarding = router->control = true;
    hs_router_add_vrf(router, "default");
    return router;
}

void
hs_router_free(HsRouter *router)
{
    if (router == NULL)
        return;
    hs_router_changes_clear(router);
    hs_alarm_free(router->change_alarm);
    hs_alarm_free(router->reassembly_alarm);
    g_ptr_array_unref(router->vrfs);
    g_ptr_array_unref(router->ports);
    g_array_unref(router->handlers);
    g_free(router);
}

const char *
hs_router_name(const HsRouter *router)
{
    return router->config.name;
}

unsigned
hs_router_add_vrf(HsRouter *router, const char *name)
{
    g_ptr_array_add(router->vrfs, hs_router_vrf_new(name));
    return router->vrfs->len - 1;
}

unsigned
hs_router_add_port(HsRouter *router, const HsPortConfig *config)
{
    unsigned index = router->ports->len;
    Port *port = g_new0(Port, 1);

    g_assert(config->vrf < router->vrfs->len);
    port->name = g_intern_string(config->name);
    port->mtu = config->mtu != 0 ? config->mtu : DEFAULT_MTU;
    port->vrf = config->vrf;
    port->mss_clamp = config->mss_clamp;
    port->ignore_df = config->ignore_df;
    port->no_frag_needed = config->no_frag_needed;
    port->output = config->output;
    port->user_data = config->user_data;
    port->addresses = g_new0(HsPrefix, config->n_addresses);
    port->n_addresses = config->n_addresses;
    port->entries = g_ptr_array_new_with_free_func(g_free);
    for (unsigned i = 0; i < config->n_addresses; i++) {
        port->addresses[i] = config->addresses[i];
        hs_router_imply(port, index, &config->addresses[i]);
    }
    g_assert(port->mtu >= HS_IPV4_MTU_MIN);
    g_ptr_array_add(router->ports, port);
    port->up = true;
    hs_router_settle_port(router, port);
    return index;
}

unsigned
hs_router_n_ports(const HsRouter *router)
{
    return router->ports->len;
}

const char *
hs_router_port_name(const HsRouter *router, unsigned port)
{
    return hs_router_port(router, port)->name;
}

size_t
hs_router_port_mtu(const HsRouter *router, unsigned port)
{
    return hs_router_port(router, port)->mtu;
}

void
hs_router_port_set_mtu(HsRouter *router, unsigned port, size_t mtu)
{
    g_assert(mtu >= HS_IPV4_MTU_MIN);
    hs_router_port(router, port)->mtu = mtu;
}

void
hs_router_port_set_up(HsRouter *router, unsigned index, bool up)
{
    Port *port = hs_router_port(router, index);

    if (port->up == up)
        return;
    port->up = up;
    hs_router_settle_port(router, port);
}

bool
hs_router_port_is_up(const HsRouter *router, unsigned port)
{
    return hs_router_port(router, port)->up;
}

/* Ways out */

static void
drop(HsRouter *router, const Work *work, HsDrop why)
{
    router->counters.drops[why]++;
    router->counters.drop_bytes[why] += hs_packet_length(work->packet);
    hs_packet_unref(work->packet);
}

static void
transmit(HsRouter *router, Port *port, HsPacket *packet)
{
    router->counters.sent++;
    port->counters.tx_packets++;
    port->counters.tx_bytes += hs_packet_length(packet);
    port->output(port->user_data, packet);
}

/* Leaving by a port */

typedef struct {
    HsRouter *router;
    Port *port;
} Cut;

static void
transmit_fragment(void *user_data, HsPacket *fragment)
{
    const Cut *cut = user_data;

    cut->router->counters.fragments_made++;
    transmit(cut->router, cut->port, fragment);
}

/* WORK's packet is ours alone, and too big for PORT. */
static void
leave_in_fragments(HsRouter *router, Port *port, Work *work)
{
    Cut cut = {router, port};
    uint8_t *header = hs_packet_bytes(work->packet);

    /* RFC 6864 4.1: the identification of a packet with DF says nothing, so
     * its fragments need one. */
    if (work->ip.fragment & HS_IPV4_DF) {
        work->ip.fragment &= (uint16_t)~HS_IPV4_DF;
        hs_ipv4_set_u16(header, 6, work->ip.fragment);
        if (work->ip.id == 0)
            hs_ipv4_set_u16(header, 4, ++router->next_id);
    }
    router->counters.fragmented++;
    hs_fragment_split(work->packet, &work->ip, port->mtu, transmit_fragment,
                      &cut);
}

static uint16_t
clamp_of(const HsRouter *router, const Port *out, unsigned in)
{
    uint16_t there = out->mss_clamp;
    uint16_t here =
        in != HS_PORT_NONE ? hs_router_port(router, in)->mss_clamp : 0;

    return here != 0 && (there == 0 || here < there) ? here : there;
}

static void
clamp_mss(HsRouter *router, const Port *out, Work *work)
{
    uint16_t mss = clamp_of(router, out, work->in);

    if (mss == 0 ||
        !hs_mss_exceeds(hs_packet_data(work->packet), &work->ip, mss))
        return;
    work->packet = hs_packet_writable(work->packet);
    hs_mss_clamp(hs_packet_bytes(work->packet), &work->ip, mss);
    router->counters.mss_clamped++;
}

static void
leave(HsRouter *router, unsigned index, Work *work)
{
    Port *port = hs_router_port(router, index);
    bool big = work->ip.total_length > port->mtu;

    if (!port->up) {
        drop(router, work, HS_DROP_PORT_DOWN);
        return;
    }
    if (port->output == NULL) {
        drop(router, work, HS_DROP_NO_OUTPUT);
        return;
    }
    if (big && (work->ip.fragment & HS_IPV4_DF) && !port->ignore_df) {
        if (!port->no_frag_needed) /* RFC 1191 4: with the MTU of the port */
            send_error(router, work, HS_ICMP_UNREACHABLE,
                       HS_ICMP_FRAGMENTATION_NEEDED,
                       (uint32_t)MIN(port->mtu, UINT16_MAX));
        drop(router, work, HS_DROP_TOO_BIG);
        return;
    }
    clamp_mss(router, port, work);
    if (big || work->in != HS_PORT_NONE)
        work->packet = hs_packet_writable(work->packet);
    if (work->in != HS_PORT_NONE)
        hs_ipv4_decrement_ttl(hs_packet_bytes(work->packet));
    if (big) {
        leave_in_fragments(router, port, work);
        return;
    }
    router->counters.forwarded += work->in != HS_PORT_NONE;
    transmit(router, port, work->packet);
}

/* ICMP errors */

/* A bucket of one second's worth, kept as the instant at which it is full. */
static bool
may_send_error(HsRouter *router)
{
    HsTime now = hs_env_now(router->env), full;
    HsDuration each;

    if (router->config.icmp_rate == 0)
        return true;
    each = HS_SEC(1) / router->config.icmp_rate;
    full = hs_time_max(router->icmp_full_at, now) + each;
    if (full - now > HS_SEC(1)) {
        router->counters.icmp_limited++;
        return false;
    }
    router->icmp_full_at = full;
    return true;
}

/* RFC 1812 4.3.2.4: the source is an address of the port by which the error
 * leaves; if that has none, of the port the packet came by. */
static bool
error_source(HsRouter *router, const Work *work, uint32_t *ret_source)
{
    HsAddr to = hs_addr_ipv4(work->ip.source), from;
    const Port *in;

    if (hs_router_source_for(router, work->vrf, &to, &from)) {
        *ret_source = hs_addr_to_ipv4(&from);
        return true;
    }
    if (work->in == HS_PORT_NONE)
        return false;
    in = hs_router_port(router, work->in);
    if (in->n_addresses == 0)
        return false;
    *ret_source = hs_addr_to_ipv4(&in->addresses[0].addr);
    return true;
}

static void
send_error(HsRouter *router, const Work *work, uint8_t type, uint8_t code,
           uint32_t rest)
{
    uint32_t source;

    if (!router->control || !hs_icmp_may_report(work->packet, &work->ip) ||
        !error_source(router, work, &source) || !may_send_error(router))
        return;
    router->counters.icmp_sent++;
    hs_router_originate(router, work->vrf,
                        hs_icmp_error_new(work->packet, &work->ip, source,
                                          router->config.ttl, type, code,
                                          rest));
}

/* Local delivery */

static uint16_t
udp_port_of(const Work *work)
{
    const uint8_t *udp = hs_packet_data(work->packet) + work->ip.header_length;

    if (work->ip.protocol != HS_IP_UDP ||
        work->ip.total_length < work->ip.header_length + 4)
        return 0;
    return (uint16_t)(udp[2] << 8 | udp[3]);
}

static const Handler *
handler_of(const HsRouter *router, const Work *work)
{
    uint16_t udp_port = udp_port_of(work);

    for (unsigned i = 0; i < router->handlers->len; i++) {
        const Handler *handler = &g_array_index(router->handlers, Handler, i);

        if (handler->protocol == work->ip.protocol &&
            handler->udp_port == udp_port)
            return handler;
    }
    return NULL;
}

/* RFC 1812 4.3.3.6. A bad checksum is left to time out, as on any host. */
static bool
is_echo_request(const HsRouter *router, const Work *work)
{
    HsIcmp icmp;

    return !router->config.no_echo && work->ip.protocol == HS_IP_ICMP &&
           hs_icmp_parse(work->packet, &work->ip, &icmp) &&
           icmp.type == HS_ICMP_ECHO && icmp.code == 0;
}

static void
answer_echo(HsRouter *router, Work *work)
{
    router->counters.delivered++;
    router->counters.icmp_sent++;
    hs_router_originate(router, work->vrf,
                        hs_icmp_echo_reply(work->packet, router->config.ttl));
}

static void
deliver_whole(HsRouter *router, Work *work)
{
    const Handler *handler = handler_of(router, work);

    if (handler != NULL) {
        router->counters.delivered++;
        handler->deliver(handler->user_data, work->in, work->packet);
    } else if (is_echo_request(router, work)) {
        answer_echo(router, work);
    } else if (router->local != NULL) {
        router->counters.delivered++;
        router->local(router->local_data, work->in, work->packet);
    } else {
        /* RFC 1122 3.2.2.1 */
        if (work->ip.protocol != HS_IP_ICMP)
            send_error(router, work, HS_ICMP_UNREACHABLE,
                       work->ip.protocol == HS_IP_UDP
                           ? HS_ICMP_PORT_UNREACHABLE
                           : HS_ICMP_PROTOCOL_UNREACHABLE,
                       0);
        drop(router, work, HS_DROP_NO_LISTENER);
    }
}

static void
arm_reassembly(HsRouter *router)
{
    HsTime due = HS_TIME_NEVER;

    for (unsigned i = 0; i < router->vrfs->len; i++)
        due = hs_time_min(due, hs_reassembly_next_expiry(
                                   hs_router_vrf(router, i)->reassembly));
    hs_alarm_set(router->reassembly_alarm, due);
}

/* RFC 792, time exceeded: code 1, unless fragment zero is missing. */
static void
reassembly_due(void *user_data)
{
    HsRouter *router = user_data;
    HsTime now = hs_env_now(router->env);
    HsPacket *first;
    unsigned fragments;
    size_t bytes;

    for (unsigned i = 0; i < router->vrfs->len; i++) {
        while (hs_reassembly_poll_expired(hs_router_vrf(router, i)->reassembly,
                                          now, &first, &fragments, &bytes)) {
            Work work = {.packet = first, .in = HS_PORT_NONE, .vrf = i};

            router->counters.drops[HS_DROP_REASSEMBLY_TIMEOUT] += fragments;
            router->counters.drop_bytes[HS_DROP_REASSEMBLY_TIMEOUT] += bytes;
            if (first == NULL)
                continue;
            if (hs_ipv4_parse(hs_packet_data(first), hs_packet_length(first),
                              &work.ip) == HS_DROP_NONE)
                send_error(router, &work, HS_ICMP_TIME_EXCEEDED,
                           HS_ICMP_REASSEMBLY_EXCEEDED, 0);
            hs_packet_unref(first);
        }
    }
    arm_reassembly(router);
}

/* True: WORK is now a whole packet. */
static bool
reassemble(HsRouter *router, Work *work)
{
    Vrf *vrf = hs_router_vrf(router, work->vrf);
    HsReassemblyResult result = hs_reassembly_add(
        vrf->reassembly, hs_env_now(router->env), work->packet, &work->ip);

    router->counters.drops[result.drop] += result.dropped;
    router->counters.drop_bytes[result.drop] += result.drop_bytes;
    arm_reassembly(router);
    if (result.complete == NULL)
        return false;
    router->counters.fragments_joined += result.joined;
    router->counters.reassembled++;
    work->packet = result.complete;
    work->ip.total_length = (uint16_t)hs_packet_length(result.complete);
    work->ip.fragment = 0;
    work->ip.header_length =
        (uint8_t)((hs_packet_data(result.complete)[0] & 0xf) * 4);
    return true;
}

static void
deliver(HsRouter *router, Work *work)
{
    if (!router->control) {
        drop(router, work, HS_DROP_CONTROL_OFF);
        return;
    }
    if (hs_ipv4_is_fragment(&work->ip) && !reassemble(router, work))
        return;
    deliver_whole(router, work);
}

/* Finding the way */

/* The hop of this packet's flow. While ports of the set are down, its flows are
 * spread over the others and those of the others stay. */
static unsigned
choose_port(const HsRouter *router, const Entry *entry, const Work *work)
{
    unsigned first, up = 0, n = entry->n_hops;
    uint32_t hash;

    if (n == 1)
        return entry->hops[0].port;
    hash = hs_ipv4_flow_hash(
        &work->ip, hs_packet_data(work->packet) + work->ip.header_length,
        (size_t)(work->ip.total_length - work->ip.header_length),
        router->config.ecmp_seed);
    first = entry->hops[(uint64_t)hash * n >> 32].port;
    if (first >= router->ports->len || hs_router_port(router, first)->up)
        return first;
    for (unsigned i = 0; i < n; i++)
        up += entry->hops[i].port < router->ports->len &&
              hs_router_port(router, entry->hops[i].port)->up;
    if (up == 0)
        return first;
    up = hash % up;
    for (unsigned i = 0; i < n; i++) {
        unsigned port = entry->hops[i].port;

        if (port < router->ports->len && hs_router_port(router, port)->up &&
            up-- == 0)
            return port;
    }
    g_assert_not_reached();
}

static void
forward(HsRouter *router, const Entry *entry, Work *work)
{
    unsigned port = choose_port(router, entry, work);

    if (port == HS_PORT_BLACKHOLE) {
        drop(router, work, HS_DROP_BLACKHOLE_ROUTE);
    } else if (port == HS_PORT_REJECT) {
        send_error(router, work, HS_ICMP_UNREACHABLE, HS_ICMP_HOST_UNREACHABLE,
                   0);
        drop(router, work, HS_DROP_REJECT_ROUTE);
    } else if (work->in != HS_PORT_NONE && work->ip.ttl <= 1) {
        send_error(router, work, HS_ICMP_TIME_EXCEEDED, HS_ICMP_TTL_EXCEEDED,
                   0);
        drop(router, work, HS_DROP_TTL_EXPIRED);
    } else {
        leave(router, port, work);
    }
}

static void
route(HsRouter *router, Work *work)
{
    const Entry *entry = hs_fib_lookup_ipv4(
        hs_router_vrf(router, work->vrf)->fib, work->ip.destination);

    if (entry != NULL && entry->kind == ENTRY_LOCAL) {
        deliver(router, work);
    } else if (work->in != HS_PORT_NONE && !router->forwarding) {
        drop(router, work, HS_DROP_FORWARDING_OFF);
    } else if (entry == NULL) {
        send_error(router, work, HS_ICMP_UNREACHABLE, HS_ICMP_NET_UNREACHABLE,
                   0);
        drop(router, work, HS_DROP_NO_ROUTE);
    } else if (entry->kind == ENTRY_BROADCAST) {
        drop(router, work, HS_DROP_BROADCAST);
    } else {
        forward(router, entry, work);
    }
}

/* Coming in */

/* RFC 791 3.1. Each option is whole, and none wants to choose the way. */
static HsDrop
check_options(const uint8_t *data, size_t header_length)
{
    size_t at = HS_IPV4_HEADER;

    while (at < header_length && data[at] != OPTION_END) {
        size_t size = 1;

        if (data[at] != OPTION_NOP) {
            if (header_length - at < 2)
                return HS_DROP_BAD_OPTIONS;
            size = data[at + 1];
            if (size < 2 || size > header_length - at)
                return HS_DROP_BAD_OPTIONS;
        }
        if (data[at] == OPTION_LOOSE_SOURCE || data[at] == OPTION_STRICT)
            return HS_DROP_SOURCE_ROUTE;
        at += size;
    }
    return HS_DROP_NONE;
}

/* RFC 1812 5.3.7: addresses that are never on a wire between networks. */
static HsDrop
check_addresses(const HsIpv4 *ip)
{
    uint32_t from = ip->source, to = ip->destination;

    if (from >> 24 == 0 || from >> 24 == 127 || from >> 28 >= 0xe)
        return HS_DROP_BAD_SOURCE;
    if (hs_ipv4_is_multicast(to))
        return HS_DROP_MULTICAST;
    if (to == UINT32_MAX)
        return HS_DROP_BROADCAST;
    if (to >> 24 == 0 || to >> 24 == 127 || to >> 28 == 0xf)
        return HS_DROP_BAD_DESTINATION;
    return HS_DROP_NONE;
}

/* Reads and checks the packet, and cuts off what a link padded it with. */
static HsDrop
admit(Work *work)
{
    const uint8_t *data = hs_packet_data(work->packet);
    size_t length = hs_packet_length(work->packet);
    HsDrop why = hs_ipv4_parse(data, length, &work->ip);

    if (why == HS_DROP_NONE && work->ip.header_length > HS_IPV4_HEADER)
        why = check_options(data, work->ip.header_length);
    if (why == HS_DROP_NONE)
        why = check_addresses(&work->ip);
    if (why == HS_DROP_NONE && length > work->ip.total_length) {
        work->packet = hs_packet_writable(work->packet);
        hs_packet_trim(work->packet, work->ip.total_length);
    }
    return why;
}

void
hs_router_receive(HsRouter *router, unsigned index, HsPacket *packet)
{
    Port *port = hs_router_port(router, index);
    Work work = {.packet = packet, .in = index, .vrf = port->vrf};
    HsDrop why;

    router->counters.received++;
    port->counters.rx_packets++;
    port->counters.rx_bytes += hs_packet_length(packet);
    why = port->up ? admit(&work) : HS_DROP_PORT_DOWN;
    if (why != HS_DROP_NONE)
        drop(router, &work, why);
    else
        route(router, &work);
}

/* A packet made here, checked like any other: a host stack's mistake must not
 * become another node's. False: it was dropped. */
static bool
take_own(HsRouter *router, Work *work)
{
    HsDrop why = router->control ? admit(work) : HS_DROP_CONTROL_OFF;

    router->counters.originated++;
    if (why != HS_DROP_NONE)
        drop(router, work, why);
    return why == HS_DROP_NONE;
}

void
hs_router_originate(HsRouter *router, unsigned vrf, HsPacket *packet)
{
    Work work = {.packet = packet, .in = HS_PORT_NONE, .vrf = vrf};

    if (take_own(router, &work))
        route(router, &work);
}

void
hs_router_output_on(HsRouter *router, unsigned port, HsPacket *packet)
{
    Work work = {.packet = packet,
                 .in = HS_PORT_NONE,
                 .vrf = hs_router_port(router, port)->vrf};

    if (take_own(router, &work))
        leave(router, port, &work);
}

/* Who gets what is for this node */

void
hs_router_set_local(HsRouter *router, HsDeliverFunc deliver_to, void *user_data)
{
    router->local = deliver_to;
    router->local_data = user_data;
}

void
hs_router_set_protocol(HsRouter *router, uint8_t ip_protocol, uint16_t udp_port,
                       HsDeliverFunc deliver_to, void *user_data)
{
    Handler handler = {ip_protocol, udp_port, deliver_to, user_data};

    g_assert((udp_port != 0) == (ip_protocol == HS_IP_UDP));
    for (unsigned i = 0; i < router->handlers->len; i++) {
        const Handler *old = &g_array_index(router->handlers, Handler, i);

        if (old->protocol == ip_protocol && old->udp_port == udp_port) {
            g_array_remove_index(router->handlers, i);
            break;
        }
    }
    if (deliver_to != NULL)
        g_array_append_val(router->handlers, handler);
}

/* The address of PORT that shares a subnet with DESTINATION, else its first. */
static bool
port_source(const Port *port, const HsAddr *destination, HsAddr *ret_source)
{
    const HsPrefix *best = NULL;

    for (unsigned i = 0; i < port->n_addresses; i++) {
        const HsPrefix *address = &port->addresses[i];

        if (address->addr.family == destination->family &&
            (best == NULL || (!hs_prefix_contains(best, destination) &&
                              hs_prefix_contains(address, destination))))
            best = address;
    }
    if (best == NULL)
        return false;
    *ret_source = best->addr;
    return true;
}

bool
hs_router_source_for(HsRouter *router, unsigned vrf, const HsAddr *destination,
                     HsAddr *ret_source)
{
    const Entry *entry =
        hs_fib_lookup(hs_router_vrf(router, vrf)->fib, destination);

    if (entry == NULL || entry->kind == ENTRY_BROADCAST)
        return false;
    if (entry->kind == ENTRY_LOCAL) {
        *ret_source = *destination;
        return true;
    }
    for (unsigned i = 0; i < entry->n_hops; i++) {
        unsigned port = entry->hops[i].port;

        if (port < router->ports->len &&
            port_source(hs_router_port(router, port), destination, ret_source))
            return true;
    }
    return false;
}

/* Faults and counters */

void
hs_router_set_forwarding(HsRouter *router, bool on)
{
    router->forwarding = on;
}

void
hs_router_set_control(HsRouter *router, bool on)
{
    router->control = on;
}

HsRouterCounters
hs_router_counters(const HsRouter *router)
{
    HsRouterCounters counters = router->counters;

    for (unsigned i = 0; i < router->vrfs->len; i++)
        counters.fragments_held +=
            hs_reassembly_held(hs_router_vrf(router, i)->reassembly);
    return counters;
}

HsPortCounters
hs_router_port_counters(const HsRouter *router, unsigned port)
{
    return hs_router_port(router, port)->counters;
}
