/* Ports, the run by the wall clock, and what passed.
 *
 *   real host ─► kernel ─► TUN ─► port_ready() ─► link ─► router or host stack
 *   real host ◄─ kernel ◄─ TUN ◄─ port_receive() ◄─ link ◄─ ...
 *
 * What comes from a TUN device is anybody's bytes. Here only the IPv4 header is
 * checked, so that a link carries nothing else; what a packet meets behind the
 * link checks the rest: a router each header, a host stack the validator.
 *
 * A real host has a stack of ours beside it, with the same address, for nothing
 * but the data-plane probe: so what a cut does to the path is measured there as
 * anywhere. */

#include "config.h"

#include "sim/world/live_private.h"

#include "models/net/ipv4.h"

#include <time.h>

/* A wake-up that is later has fallen behind. */
#define LAG_LIMIT HS_MSEC(20)

/* Packets read from one device before the others have their turn. */
#define BATCH      64

#define UDP_HEADER 8

typedef struct {
    int fd;
    void (*ready)(void *user_data);
    void *user_data;
} Watch;

/* Ports */

static void
port_free(void *data)
{
    LivePort *port = data;

    hs_tun_free(port->tun);
    g_free(port);
}

static void
netns_free(void *data)
{
    hs_netns_free(data);
}

static HsNetns *
namespace_of(HsLive *live, const char *name, GError **error)
{
    HsNetns *netns;

    for (guint i = 0; i < live->namespaces->len; i++)
        if (g_str_equal(hs_netns_name(live->namespaces->pdata[i]), name))
            return live->namespaces->pdata[i];
    netns = hs_netns_open(name, error);
    if (netns != NULL)
        g_ptr_array_add(live->namespaces, netns);
    return netns;
}

static bool
open_port(HsLive *live, const LiveEnd *end, GError **error)
{
    HsNetns *netns = namespace_of(live, end->netns, error);
    HsTunConfig config = {
        .name = end->device,
        .address = end->address,
        .mtu = end->mtu,
        .routes = (const HsPrefix *)(void *)end->routes->data,
        .n_routes = end->routes->len,
        .forward = end->forward,
    };
    HsTun *tun = netns != NULL ? hs_tun_new(netns, &config, error) : NULL;
    LivePort *port;

    if (tun == NULL)
        return false;
    port = g_new0(LivePort, 1);
    port->live = live;
    port->end = end;
    port->tun = tun;
    g_ptr_array_add(live->ports, port);
    return true;
}

static bool
needs_other_namespaces(const GPtrArray *ends)
{
    for (guint i = 0; i < ends->len; i++) {
        const LiveEnd *end = ends->pdata[i];

        if (!g_str_equal(end->netns, "/proc/self/ns/net"))
            return true;
    }
    return false;
}

HsLive *
hs_live_new(const HsScenario *scenario, GError **error)
{
    g_autoptr(HsLive) live = g_new0(HsLive, 1);

    live->scenario = scenario;
    live->ends = hs_live_ends(scenario);
    live->namespaces = g_ptr_array_new_with_free_func(netns_free);
    live->ports = g_ptr_array_new_with_free_func(port_free);
    live->watches = g_array_new(FALSE, FALSE, sizeof(Watch));
    live->states = g_ptr_array_new_with_free_func(g_free);
    if (live->ends->len > 0 &&
        !hs_tun_possible(needs_other_namespaces(live->ends), error))
        return NULL;
    for (guint i = 0; i < live->ends->len; i++)
        if (!open_port(live, live->ends->pdata[i], error))
            return NULL;
    return g_steal_pointer(&live);
}

void
hs_live_free(HsLive *live)
{
    if (live == NULL)
        return;
    g_ptr_array_unref(live->states);
    g_array_unref(live->watches);
    g_ptr_array_unref(live->ports);
    g_ptr_array_unref(live->namespaces);
    g_ptr_array_unref(live->ends);
    g_free(live);
}

/* Packets */

/* The probes between two hosts that are real are ours all the same: one that
 * arrives is not for the real host. */
static bool
is_probe(const LivePort *port, const HsPacket *packet)
{
    const HsScenario *scenario = port->live->scenario;
    const uint8_t *data = hs_packet_data(packet);
    const HsProbing *probe;
    HsIpv4 ip;
    uint16_t to;

    if (!port->to->node->real ||
        hs_ipv4_parse(data, hs_packet_length(packet), &ip) != HS_DROP_NONE ||
        ip.protocol != HS_IP_UDP || hs_ipv4_is_fragment(&ip) ||
        ip.total_length < ip.header_length + UDP_HEADER)
        return false;
    to = (uint16_t)(data[ip.header_length + 2] << 8 |
                    data[ip.header_length + 3]);
    for (unsigned i = 0; (probe = hs_scenario_probe(scenario, i)); i++)
        if (probe->port == to)
            return true;
    return false;
}

static void
port_receive(void *user_data, HsPacket *packet)
{
    LivePort *port = user_data;

    if (is_probe(port, packet)) {
        hs_world_arrive(port->to, packet);
        return;
    }
    if (hs_tun_write(port->tun, packet))
        port->to_real++;
    else
        port->refused++;
    hs_packet_unref(packet);
}

static void
port_carrier(void *user_data, bool up)
{
    LivePort *port = user_data;

    hs_tun_set_carrier(port->tun, up);
}

static void
port_inject(LivePort *port, HsPacket *packet)
{
    HsIpv4 ip;

    if (hs_realtime_is_late(port->live->realtime)) {
        port->late++;
        hs_packet_unref(packet);
    } else if (hs_ipv4_parse(hs_packet_data(packet), hs_packet_length(packet),
                             &ip) != HS_DROP_NONE) {
        port->malformed++;
        hs_packet_unref(packet);
    } else {
        hs_realtime_advance(port->live->realtime);
        port->from_real++;
        hs_world_send(port->to, packet);
    }
}

static void
port_ready(void *user_data)
{
    LivePort *port = user_data;
    HsPacket *packet;

    for (unsigned i = 0; i < BATCH; i++) {
        packet = hs_tun_read(port->tun);
        if (packet == NULL)
            break;
        port_inject(port, packet);
    }
    if (hs_tun_is_gone(port->tun))
        hs_realtime_unwatch(port->live->realtime, hs_tun_fd(port->tun));
}

bool
hs_live_attach(HsLive *live, WorldEnd *end)
{
    for (guint i = 0; i < live->ports->len; i++) {
        LivePort *port = live->ports->pdata[i];

        if (!g_str_equal(port->end->link, end->link->name) ||
            port->end->number != end->number)
            continue;
        g_assert(port->to == NULL);
        port->to = end;
        hs_sim_link_set_receiver(end->link->sim, end->number, port_receive,
                                 port);
        hs_sim_link_set_carrier_watch(end->link->sim, end->number, port_carrier,
                                      port);
        return true;
    }
    return false;
}

/* The run */

static void
fell_behind(void *user_data, HsDuration lag)
{
    HsLive *live = user_data;
    HsFact fact = {
        .at = hs_sim_now(live->world->sim),
        .kind = HS_FACT_REALTIME,
        .node = "hybridsim",
        .subject = "real time",
        .to = "fell behind",
        .value = lag,
    };

    hs_world_fact(live->world, &fact);
}

static void
note_start(HsLive *live)
{
    struct timespec now;
    struct tm utc;
    char seconds[24];

    clock_gettime(CLOCK_REALTIME, &now);
    gmtime_r(&now.tv_sec, &utc);
    strftime(seconds, sizeof seconds, "%Y-%m-%dT%H:%M:%S", &utc);
    g_snprintf(live->started, sizeof live->started, "%s.%06ldZ", seconds,
               now.tv_nsec / 1000);
}

void
hs_live_run(HsLive *live, HsWorld *world, HsTime until)
{
    HsRealtimeConfig config = {
        .limit = LAG_LIMIT, .fell_behind = fell_behind, .user_data = live};

    live->world = world;
    live->realtime = hs_realtime_new(world->sim, &config);
    for (guint i = 0; i < live->ports->len; i++) {
        LivePort *port = live->ports->pdata[i];

        /* Every end was found by the world that it is of. */
        g_assert(port->to != NULL);
        hs_realtime_watch(live->realtime, hs_tun_fd(port->tun), port_ready,
                          port);
    }
    for (guint i = 0; i < live->watches->len; i++) {
        const Watch *watch = &g_array_index(live->watches, Watch, i);

        hs_realtime_watch(live->realtime, watch->fd, watch->ready,
                          watch->user_data);
    }
    if (live->hold_faults)
        hs_world_postpone_faults(world);
    note_start(live);
    hs_realtime_run(live->realtime, until);
    live->lag = hs_realtime_lag(live->realtime);
    for (guint i = 0; i < live->ports->len; i++) {
        LivePort *port = live->ports->pdata[i];

        port->overruns = hs_tun_overruns(port->tun);
    }
    g_clear_pointer(&live->realtime, hs_realtime_free);
    live->world = NULL;
}

void
hs_live_watch(HsLive *live, int fd, void (*ready)(void *user_data),
              void *user_data)
{
    Watch watch = {fd, ready, user_data};

    if (live->realtime != NULL)
        hs_realtime_watch(live->realtime, fd, ready, user_data);
    else
        g_array_append_val(live->watches, watch);
}

void
hs_live_unwatch(HsLive *live, int fd)
{
    if (live->realtime != NULL)
        hs_realtime_unwatch(live->realtime, fd);
}

void
hs_live_hold_faults(HsLive *live)
{
    live->hold_faults = true;
}

void
hs_live_stop(HsLive *live)
{
    g_assert(live->realtime != NULL);
    hs_realtime_stop(live->realtime);
}

/* Reports */

HsLiveReport
hs_live_report(const HsLive *live)
{
    HsLiveReport report = {.lag = live->lag};

    g_strlcpy(report.started, live->started, sizeof report.started);
    return report;
}

unsigned
hs_live_ports(const HsLive *live)
{
    return live->ports->len;
}

HsLivePortReport
hs_live_port(const HsLive *live, unsigned index)
{
    const LivePort *port = live->ports->pdata[index];

    return (HsLivePortReport){
        .device = port->end->device,
        .netns = port->end->netns,
        .node = port->end->node,
        .link = port->end->link,
        .from_real = port->from_real,
        .to_real = port->to_real,
        .malformed = port->malformed,
        .late = port->late,
        .overruns = port->overruns,
        .refused = port->refused,
    };
}
