/* What is for this node itself, and what it says about packets that it could
 * not pass on.
 *
 *     deliver() ─► fragment? reassembly ─► the protocol's handler
 *                                      ├─► echo request: its answer
 *                                      ├─► the default sink: the host stack
 *                                      └─► nobody: ICMP unreachable
 *
 * Fragments are put together here and nowhere else, so for tunnel endpoints
 * too, whose outer packets are addressed to them. Each VRF has its own
 * reassembly: the same addresses may be another's there.
 *
 * ICMP errors are made by hs_router_send_error(), which asks first whether one
 * is allowed (RFC 1812 4.3.2.7), from which address, and at what rate
 * (4.3.2.8). They then go the way of every packet made here. */

#include "config.h"

#include "models/net/icmp.h"
#include "models/net/router_private.h"

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
    *ret_source = in->n_addresses > 0 ? hs_addr_to_ipv4(&in->addresses[0].addr)
                                      : router->config.icmp_source;
    return *ret_source != 0;
}

void
hs_router_send_error(HsRouter *router, const Work *work, uint8_t type,
                     uint8_t code, uint32_t rest)
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
            hs_router_send_error(router, work, HS_ICMP_UNREACHABLE,
                                 work->ip.protocol == HS_IP_UDP
                                     ? HS_ICMP_PORT_UNREACHABLE
                                     : HS_ICMP_PROTOCOL_UNREACHABLE,
                                 0);
        hs_router_drop(router, work, HS_DROP_NO_LISTENER);
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
void
hs_router_reassembly_due(void *user_data)
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
                hs_router_send_error(router, &work, HS_ICMP_TIME_EXCEEDED,
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

void
hs_router_deliver(HsRouter *router, Work *work)
{
    if (!router->control) {
        hs_router_drop(router, work, HS_DROP_CONTROL_OFF);
        return;
    }
    if (hs_ipv4_is_fragment(&work->ip) && !reassemble(router, work))
        return;
    deliver_whole(router, work);
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
