/* clang-format off
 *
 * The life of a packet in a router.
 *
 *     receive() --> port up? --> admit(): header, options, martians; filter
 *        |
 *     look up the destination in the port's VRF --> none: ICMP unreachable
 *        |-- local -----> deliver(): reassembly, protocol handler, echo, sink
 *        |-- broadcast, blackhole, reject: dropped
 *     forwarding on? TTL > 1? --> choose a hop by the flow's hash
 *        |                        originate() and output_on() enter here
 *     leave(): port up, size against its MTU, DF; filter --> TTL down, MSS
 *        |-- fits ------> transmit()
 *        `-- too big ---> fragments, each to transmit()
 *
 * clang-format on
 *
 * Every way out is counted: transmit(), deliver(), hs_router_drop(), or one of
 * the fates of fragments; router.h has the equation. A packet is copied only if
 * somebody else holds it when its TTL changes.
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

#define DEFAULT_TTL         64
#define DEFAULT_MTU         1500

#define OPTION_END          0
#define OPTION_NOP          1
#define OPTION_LOOSE_SOURCE 131
#define OPTION_STRICT       137

/* Making a router */

static void
port_free(void *data)
{
    Port *port = data;

    g_ptr_array_unref(port->entries);
    g_free(port->addresses);
    g_free(port);
}

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
    router->reassembly_alarm =
        hs_alarm_new(env, hs_router_reassembly_due, router);
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
hs_router_n_vrfs(const HsRouter *router)
{
    return router->vrfs->len;
}

const char *
hs_router_vrf_name(const HsRouter *router, unsigned vrf)
{
    return hs_router_vrf(router, vrf)->name;
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
    port->no_frag_needed_in = config->no_frag_needed_in;
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
    port->up = !config->down;
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

const HsPrefix *
hs_router_port_address(const HsRouter *router, unsigned index, unsigned address)
{
    const Port *port = hs_router_port(router, index);

    return address < port->n_addresses ? &port->addresses[address] : NULL;
}

unsigned
hs_router_port_vrf(const HsRouter *router, unsigned port)
{
    return hs_router_port(router, port)->vrf;
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

void
hs_router_port_set_filter(HsRouter *router, unsigned index,
                          HsPortFilterFunc filter, void *user_data)
{
    Port *port = hs_router_port(router, index);

    port->filter = filter;
    port->filter_data = user_data;
}

static HsDrop
ask_filter(const Port *port, bool leaving, const Work *work)
{
    return port->filter != NULL ? port->filter(port->filter_data, leaving,
                                               &work->ip, work->packet)
                                : HS_DROP_NONE;
}

/* Ways out */

void
hs_router_drop(HsRouter *router, const Work *work, HsDrop why)
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

/* The port by which WORK's packet came has nothing told about its size. */
static bool
is_silent(const HsRouter *router, const Work *work)
{
    return work->in != HS_PORT_NONE &&
           hs_router_port(router, work->in)->no_frag_needed_in;
}

static void
leave(HsRouter *router, unsigned index, Work *work)
{
    Port *port = hs_router_port(router, index);
    bool big = work->ip.total_length > port->mtu;
    HsDrop why;

    if (!port->up) {
        hs_router_drop(router, work, HS_DROP_PORT_DOWN);
        return;
    }
    if (port->output == NULL) {
        hs_router_drop(router, work, HS_DROP_NO_OUTPUT);
        return;
    }
    if (big && (work->ip.fragment & HS_IPV4_DF) && !port->ignore_df) {
        if (!port->no_frag_needed &&
            !is_silent(router, work)) /* RFC 1191 4: with the MTU of the port */
            hs_router_send_error(router, work, HS_ICMP_UNREACHABLE,
                                 HS_ICMP_FRAGMENTATION_NEEDED,
                                 (uint32_t)MIN(port->mtu, UINT16_MAX));
        hs_router_drop(router, work, HS_DROP_TOO_BIG);
        return;
    }
    why = ask_filter(port, true, work);
    if (why != HS_DROP_NONE) {
        hs_router_drop(router, work, why);
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
        hs_router_drop(router, work, HS_DROP_BLACKHOLE_ROUTE);
    } else if (port == HS_PORT_REJECT) {
        hs_router_send_error(router, work, HS_ICMP_UNREACHABLE,
                             HS_ICMP_HOST_UNREACHABLE, 0);
        hs_router_drop(router, work, HS_DROP_REJECT_ROUTE);
    } else if (work->in != HS_PORT_NONE && work->ip.ttl <= 1) {
        hs_router_send_error(router, work, HS_ICMP_TIME_EXCEEDED,
                             HS_ICMP_TTL_EXCEEDED, 0);
        hs_router_drop(router, work, HS_DROP_TTL_EXPIRED);
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
        hs_router_deliver(router, work);
    } else if (work->in != HS_PORT_NONE && !router->forwarding) {
        hs_router_drop(router, work, HS_DROP_FORWARDING_OFF);
    } else if (entry == NULL) {
        hs_router_send_error(router, work, HS_ICMP_UNREACHABLE,
                             HS_ICMP_NET_UNREACHABLE, 0);
        hs_router_drop(router, work, HS_DROP_NO_ROUTE);
    } else if (entry->kind == ENTRY_BROADCAST) {
        hs_router_drop(router, work, HS_DROP_BROADCAST);
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
    if (why == HS_DROP_NONE)
        why = ask_filter(port, false, &work);
    if (why != HS_DROP_NONE)
        hs_router_drop(router, &work, why);
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
        hs_router_drop(router, work, why);
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
