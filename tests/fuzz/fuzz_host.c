/* Hostile bytes for a host: the validator and the ns-3 stack behind it.
 *
 * The host under attack has a listener with an accepted connection on it, a
 * connection of its own, and a UDP socket; a second, honest host is at the
 * other end of a link. The input is a list of steps (see enum Step): raw bytes
 * as they are, or with lengths and checksums mended so that they get past the
 * guard; segments of the standing connection, with any flags, options and
 * sequence numbers near the right ones; ICMP errors about it; time that passes;
 * and what the application may do meanwhile. The first byte chooses the TCP
 * profile.
 *
 * Departure: libns3 itself is not instrumented, so what it does wrong shows
 * only where memory of ours or of the allocator's is concerned, or as a crash
 * or a loop. */

#include "config.h"

#include "models/base/wire.h"
#include "sim/engine/ns3_shim.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { PORT = 5432, UDP_PORT = 3784, STEPS_MAX = 64 };

enum Step {
    RAW,        /* length, bytes */
    MENDED,     /* length, bytes */
    SEGMENT,    /* of the accepted connection: see put_segment() */
    OWN,        /* of the host's own connection, likewise */
    STRAY,      /* port; to the listener, from that one, likewise */
    ICMP_ERROR, /* type, code, number: about the accepted connection */
    WAIT,       /* milliseconds, squared */
    ACT,        /* an Action */
    STEP_COUNT
};

enum Action { SEND, CLOSE, RESET, SEND_OWN, CLOSE_OWN, FREE, LISTEN, ACTIONS };

typedef struct {
    HsSim *sim;
    HsSimLink *link;
    HsSimHost *victim, *honest;
    HsSimTcpListener *listener;
    HsSimTcp *accepted, *own, *honest_tcp;
    uint8_t last[2][40]; /* headers to the victim: by accepted, by own */
} World;

static const HsAddr victim_address = {4, {172, 16, 0, 9}};
static const HsAddr honest_address = {4, {10, 0, 0, 1}};

static void
from_victim(void *user_data, HsPacket *packet)
{
    hs_sim_link_send(((World *)user_data)->link, 1, packet);
}

/* Keeps the newest header of each connection: what to be near of. */
static void
from_honest(void *user_data, HsPacket *packet)
{
    World *w = user_data;
    const uint8_t *ip = hs_packet_data(packet);

    if (hs_packet_length(packet) >= 40 && ip[9] == 6)
        memcpy(w->last[(ip[22] << 8 | ip[23]) != PORT], ip, 40);
    hs_sim_link_send(w->link, 0, packet);
}

static void
to_victim(void *user_data, HsPacket *packet)
{
    hs_sim_host_input(((World *)user_data)->victim, packet);
}

static void
to_honest(void *user_data, HsPacket *packet)
{
    hs_sim_host_input(((World *)user_data)->honest, packet);
}

static void
on_ended(void *user_data, HsSimTcpEnd why)
{
    HsSimTcp **tcp = user_data;

    if (why == HS_SIM_TCP_END_CLOSED)
        hs_sim_tcp_close(*tcp);
    else
        g_clear_pointer(tcp, hs_sim_tcp_free);
}

static const HsSimTcpEvents events = {.ended = on_ended};

static void
on_accept(void *user_data, HsSimTcp *tcp, const HsAddr *peer, uint16_t port)
{
    World *w = user_data;

    (void)peer;
    (void)port;
    hs_sim_tcp_free(w->accepted);
    w->accepted = tcp;
    hs_sim_tcp_set_events(tcp, &events, &w->accepted);
}

static void
on_accept_honest(void *user_data, HsSimTcp *tcp, const HsAddr *peer,
                 uint16_t port)
{
    World *w = user_data;

    (void)peer;
    (void)port;
    w->honest_tcp = tcp;
}

static void
set_up(World *w, HsSimTcpProfile profile)
{
    HsSimLinkConfig link = {
        .name = "wire", .rate = 100000000, .delay = HS_MSEC(1), .mtu = 65535};
    HsSimHostConfig host = {.profile = profile, .mtu = 1500};
    HsPrefix victim = hs_prefix_of(&victim_address);
    HsPrefix honest = hs_prefix_of(&honest_address);
    HsSimNode *nodes[2];

    w->sim = hs_sim_new(1);
    nodes[0] = hs_sim_node_new(w->sim, "honest");
    nodes[1] = hs_sim_node_new(w->sim, "victim");
    w->link = hs_sim_link_new(w->sim, &link, nodes[0], nodes[1]);
    host.name = "honest";
    w->honest = hs_sim_host_new(nodes[0], &host);
    host.name = "victim";
    w->victim = hs_sim_host_new(nodes[1], &host);
    hs_sim_host_add_address(w->honest, &honest);
    hs_sim_host_add_address(w->victim, &victim);
    hs_sim_host_set_output(w->honest, from_honest, w);
    hs_sim_host_set_output(w->victim, from_victim, w);
    hs_sim_link_set_receiver(w->link, 0, to_honest, w);
    hs_sim_link_set_receiver(w->link, 1, to_victim, w);

    w->listener = hs_sim_tcp_listen(w->victim, NULL, PORT, on_accept, w);
    hs_sim_tcp_listen(w->honest, NULL, PORT, on_accept_honest, w);
    hs_sim_udp_open(w->victim, NULL, UDP_PORT, NULL, NULL);
    hs_sim_tcp_connect(w->honest, NULL, &victim_address, PORT, NULL, NULL);
    w->own = hs_sim_tcp_connect(w->victim, NULL, &honest_address, PORT, &events,
                                &w->own);
    hs_sim_run(w->sim, HS_MSEC(20));
}

static uint16_t
sum_of(const uint8_t *data, size_t length, uint32_t sum)
{
    size_t i;

    for (i = 0; i < length; i++)
        sum += i % 2 == 0 ? (uint32_t)data[i] << 8 : data[i];
    sum = (sum & 0xffff) + (sum >> 16);
    sum = (sum & 0xffff) + (sum >> 16);
    return (uint16_t)~sum;
}

static void
put16(uint8_t *at, uint16_t value)
{
    at[0] = (uint8_t)(value >> 8);
    at[1] = (uint8_t)value;
}

static void
put32(uint8_t *at, uint32_t value)
{
    put16(at, (uint16_t)(value >> 16));
    put16(at + 2, (uint16_t)value);
}

static uint32_t
get32(const uint8_t *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 |
           (uint32_t)at[2] << 8 | at[3];
}

/* Total length and checksums as they must be. */
static void
mend(uint8_t *ip, size_t length)
{
    uint32_t pseudo = 0;
    size_t left, at;
    int i;

    if (length < 28)
        return;
    left = length - 20;
    put16(ip + 2, (uint16_t)length);
    put16(ip + 10, 0);
    put16(ip + 10, sum_of(ip, 20, 0));
    if (ip[9] != 1) {
        for (i = 12; i < 20; i += 2)
            pseudo += (uint32_t)(ip[i] << 8 | ip[i + 1]);
        pseudo += ip[9] + (uint32_t)left;
    }
    at = ip[9] == 6 ? 36 : ip[9] == 17 ? 26 : 22;
    if (at + 2 > length)
        return;
    put16(ip + at, 0);
    put16(ip + at, sum_of(ip + 20, left, pseudo));
}

static void
deliver(World *w, const uint8_t *data, size_t length, bool mended)
{
    HsPacket *packet = hs_packet_new(data, length);

    if (mended)
        mend(hs_packet_bytes(packet), length);
    hs_sim_host_input(w->victim, packet);
}

/* Two bytes, signed, to add to a sequence number. */
static uint32_t
distance(HsReader *r)
{
    uint32_t value = hs_reader_u16(r);

    return value < 0x8000 ? value : value - 0x10000;
}

/* Flags, distance of sequence and acknowledgement from the right ones, window,
 * options and their length in words, length of the data. */
static void
put_segment(World *w, HsReader *r, const uint8_t like[40], uint16_t port)
{
    uint8_t flags = hs_reader_u8(r);
    uint32_t sequence = distance(r);
    uint32_t acknowledged = distance(r);
    uint16_t window = hs_reader_u16(r);
    size_t options = hs_reader_u8(r) % 11u * 4;
    size_t length = hs_reader_u8(r);
    uint8_t packet[20 + 60 + 256] = {0};

    memcpy(packet, like, 40);
    packet[0] = 0x45;
    packet[8] = 64;
    packet[9] = 6;
    memcpy(packet + 12, honest_address.bytes, 4);
    memcpy(packet + 16, victim_address.bytes, 4);
    if (port != 0) {
        put16(packet + 20, port);
        put16(packet + 22, PORT);
    }
    put32(packet + 24, get32(packet + 24) + sequence);
    put32(packet + 28, get32(packet + 28) + acknowledged);
    packet[32] = (uint8_t)((20 + options) << 2);
    packet[33] = flags;
    put16(packet + 34, window);
    hs_reader_copy(r, packet + 40, options);
    deliver(w, packet, 40 + options + length, true);
}

static void
put_icmp_error(World *w, HsReader *r)
{
    uint8_t packet[56] = {0x45, 0, 0, 56, 0, 1, 0, 0, 64, 1};
    uint8_t *icmp = packet + 20, *quoted = icmp + 8;

    memcpy(packet + 12, honest_address.bytes, 4);
    memcpy(packet + 16, victim_address.bytes, 4);
    icmp[0] = hs_reader_u8(r);
    icmp[1] = hs_reader_u8(r);
    put32(icmp + 4, hs_reader_u16(r));
    memcpy(quoted, w->last[0], 28); /* turned round: what the victim sent */
    memcpy(quoted + 12, victim_address.bytes, 4);
    memcpy(quoted + 16, honest_address.bytes, 4);
    memcpy(quoted + 20, w->last[0] + 22, 2);
    memcpy(quoted + 22, w->last[0] + 20, 2);
    memcpy(quoted + 24, w->last[0] + 28, 4);
    deliver(w, packet, sizeof packet, true);
}

static void
perform(World *w, enum Action action, uint8_t number)
{
    static const uint8_t zeros[255 * 16];

    switch (action) {
    case SEND:
        if (w->honest_tcp != NULL)
            hs_sim_tcp_send(w->honest_tcp, zeros, number);
        break;
    case CLOSE:
        if (w->accepted != NULL)
            hs_sim_tcp_close(w->accepted);
        break;
    case RESET:
        if (w->accepted != NULL)
            hs_sim_tcp_reset(w->accepted);
        break;
    case SEND_OWN:
        if (w->own != NULL && number % 2 == 0) {
            /* a new one each time: the old may be closing */
            hs_sim_tcp_free(w->own);
            w->own = hs_sim_tcp_connect(w->victim, NULL, &honest_address, PORT,
                                        &events, &w->own);
            hs_sim_tcp_send(w->own, zeros, (size_t)number * 16);
        }
        break;
    case CLOSE_OWN:
        if (w->own != NULL)
            hs_sim_tcp_close(w->own);
        break;
    case FREE:
        g_clear_pointer(&w->accepted, hs_sim_tcp_free);
        break;
    case LISTEN:
        hs_sim_tcp_listener_free(w->listener);
        w->listener = hs_sim_tcp_listen(w->victim, NULL, PORT, on_accept, w);
        break;
    case ACTIONS:
        break;
    }
}

static void
step(World *w, HsReader *r)
{
    enum Step what = (enum Step)(hs_reader_u8(r) % STEP_COUNT);
    const uint8_t *bytes;
    size_t length;
    uint16_t port;
    HsDuration ms;

    switch (what) {
    case RAW:
    case MENDED:
        length = MIN(hs_reader_u8(r), hs_reader_left(r));
        bytes = hs_reader_bytes(r, length);
        deliver(w, bytes, length, what == MENDED);
        break;
    case SEGMENT:
        put_segment(w, r, w->last[0], 0);
        break;
    case OWN:
        put_segment(w, r, w->last[1], 0);
        break;
    case STRAY:
        port = (uint16_t)(1024u + hs_reader_u8(r) % 8u);
        put_segment(w, r, w->last[0], port);
        break;
    case ICMP_ERROR:
        put_icmp_error(w, r);
        break;
    case WAIT:
        ms = hs_reader_u8(r);
        hs_sim_run(w->sim, hs_sim_now(w->sim) + HS_MSEC(ms * ms));
        break;
    case ACT: {
        enum Action action = (enum Action)(hs_reader_u8(r) % ACTIONS);

        perform(w, action, hs_reader_u8(r));
        break;
    }
    case STEP_COUNT:
        break;
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    HsReader r = hs_reader_of(data, size);
    World w = {0};
    int steps;

    set_up(&w, hs_reader_u8(&r) % 2 == 0 ? HS_SIM_TCP_LINUX : HS_SIM_TCP_NS3);
    for (steps = 0; hs_reader_left(&r) > 0 && steps < STEPS_MAX; steps++) {
        step(&w, &r);
        hs_sim_run(w.sim, hs_sim_now(w.sim) + HS_USEC(100));
    }
    hs_sim_run(w.sim, hs_sim_now(w.sim) + HS_SEC(5));
    hs_sim_free(w.sim);
    return 0;
}
