#include "config.h"

#include "tests/harness/tcp_pair.h"

#include <check.h>
#include <string.h>

#define IP_HEADER 20
#define PROTO_TCP 6

typedef struct {
    TcpPair *pair;
    unsigned to;
    HsPacket *packet; /* owned until it arrives */
} Flight;

static uint32_t
be32(const uint8_t *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 |
           (uint32_t)at[2] << 8 | at[3];
}

static void
put16(uint8_t *at, unsigned value)
{
    at[0] = (uint8_t)(value >> 8);
    at[1] = (uint8_t)value;
}

/* RFC 1071. */
static unsigned
checksum(const uint8_t *bytes, size_t length)
{
    uint32_t sum = 0;
    size_t i;

    for (i = 0; i < length; i++)
        sum += i % 2 == 0 ? (uint32_t)bytes[i] << 8 : bytes[i];
    while (sum >> 16)
        sum = (sum & 0xffff) + (sum >> 16);
    return ~sum & 0xffff;
}

static void
arrive(void *user_data)
{
    Flight *flight = user_data;

    hs_sim_host_input(flight->pair->host[flight->to],
                      g_steal_pointer(&flight->packet));
}

static void
flight_free(void *user_data)
{
    Flight *flight = user_data;

    hs_packet_unref(flight->packet);
    g_free(flight);
}

static void
deliver(TcpPair *pair, unsigned to, HsPacket *packet)
{
    Flight *flight = g_new0(Flight, 1);

    flight->pair = pair;
    flight->to = to;
    flight->packet = packet;
    hs_sim_schedule(pair->sim, hs_sim_now(pair->sim) + pair->delay, arrive,
                    flight, flight_free);
}

/* Where a SYN of TCP has its MSS, which all implementations put first. */
static void
clamp_mss(HsPacket *packet, uint32_t mss)
{
    uint8_t *tcp = hs_packet_bytes(packet) + IP_HEADER;
    uint32_t sum = (uint32_t)tcp[16] << 8 | tcp[17];

    ck_assert_uint_eq(tcp[20], 2);
    /* RFC 1624, eqn. 3 */
    sum =
        (~sum & 0xffff) + (~((uint32_t)tcp[22] << 8 | tcp[23]) & 0xffff) + mss;
    while (sum >> 16)
        sum = (sum & 0xffff) + (sum >> 16);
    put16(tcp + 22, mss);
    put16(tcp + 16, ~sum & 0xffff);
}

static bool
parse(const uint8_t *ip, size_t length, TcpSegment *segment)
{
    const uint8_t *tcp = ip + IP_HEADER;
    size_t header, i;

    if (length < IP_HEADER + 20 || ip[0] != 0x45 || ip[9] != PROTO_TCP)
        return false;
    header = (size_t)(tcp[12] >> 4) * 4;
    ck_assert_uint_ge(length, IP_HEADER + header);
    ck_assert_uint_eq(checksum(ip, IP_HEADER), 0);
    segment->seq = be32(tcp + 4);
    segment->ack = be32(tcp + 8);
    segment->flags = tcp[13];
    segment->length = (uint32_t)(length - IP_HEADER - header);
    segment->dont_fragment = ip[6] & 0x40;
    for (i = 20; i < header && tcp[i] != 0;
         i += tcp[i] == 1 ? 1 : MAX(tcp[i + 1], 2)) {
        if (tcp[i] == 2)
            segment->mss = (uint32_t)tcp[i + 2] << 8 | tcp[i + 3];
        if (tcp[i] == 4)
            segment->sack_permitted = true;
        if (tcp[i] == 8)
            segment->timestamp = true;
    }
    return true;
}

/* RFC 792 and 1191: type 3, for code 4 the next hop's MTU, and of the packet
 * its header and 8 bytes. From an address of the relay's own. */
static void
answer_unreachable(TcpPair *pair, unsigned to, const uint8_t *ip, uint8_t code)
{
    uint8_t bytes[IP_HEADER + 8 + IP_HEADER + 8] = {
        0x45, 0, 0, sizeof bytes, 0, 0, 0, 0, 64, 1, 0, 0, 10, 9, 9, 9};
    uint8_t *icmp = bytes + IP_HEADER;

    memcpy(bytes + 16, ip + 12, 4);
    put16(bytes + 10, checksum(bytes, IP_HEADER));
    icmp[0] = 3;
    icmp[1] = code;
    if (code == 4)
        put16(icmp + 6, pair->mtu);
    memcpy(icmp + 8, ip, IP_HEADER + 8);
    put16(icmp + 2, checksum(icmp, sizeof bytes - IP_HEADER));
    deliver(pair, to, hs_packet_new(bytes, sizeof bytes));
}

static void
relay(TcpPair *pair, unsigned from, HsPacket *packet)
{
    const uint8_t *ip = hs_packet_data(packet);
    TcpSegment segment = {.from = from, .at = hs_sim_now(pair->sim)};
    bool too_big = hs_packet_length(packet) > pair->mtu;

    pair->packets[from]++;
    segment.dropped =
        pair->cut[from] || too_big ||
        (pair->loss[from] > 0 && hs_rng_unit(pair->rng) < pair->loss[from]);
    if (parse(ip, hs_packet_length(packet), &segment) && pair->seen != NULL)
        pair->seen(pair->user_data, &segment);
    if (too_big && !pair->cut[from]) {
        pair->too_big++;
        if (!pair->mute)
            answer_unreachable(pair, from, ip, 4);
    }
    if (pair->unreachable)
        answer_unreachable(pair, from, ip, 1);
    if (!segment.dropped && pair->clamp != 0 && (segment.flags & TCP_PAIR_SYN))
        clamp_mss(packet, MIN(pair->clamp, segment.mss));
    if (segment.dropped)
        hs_packet_unref(packet);
    else
        deliver(pair, 1 - from, packet);
}

static void
from_host_0(void *user_data, HsPacket *packet)
{
    relay(user_data, 0, packet);
}

static void
from_host_1(void *user_data, HsPacket *packet)
{
    relay(user_data, 1, packet);
}

void
tcp_pair_init(TcpPair *pair, HsSim *sim, const char *name, unsigned n,
              HsDuration delay)
{
    static const HsSimReceiveFunc outputs[2] = {from_host_0, from_host_1};
    unsigned i;

    *pair = (TcpPair){.sim = sim, .delay = delay, .mtu = 1500};
    pair->rng = hs_rng_new(1, name, "relay");
    for (i = 0; i < 2; i++) {
        g_autofree char *full = g_strdup_printf("%s-%u", name, i);
        HsSimHostConfig config = {
            .profile = HS_SIM_TCP_LINUX, .mtu = 1500, .name = full};
        HsPrefix prefix;

        pair->address[i] = hs_addr_ipv4(0x0a000001 | i << 16 | n << 8);
        pair->host[i] = hs_sim_host_new(hs_sim_node_new(sim, full), &config);
        prefix = hs_prefix_of(&pair->address[i]);
        hs_sim_host_add_address(pair->host[i], &prefix);
        hs_sim_host_set_output(pair->host[i], outputs[i], pair);
    }
}

void
tcp_pair_clear(TcpPair *pair)
{
    g_clear_pointer(&pair->rng, hs_rng_free);
}
