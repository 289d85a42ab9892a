/* What a hop costs: a byte forwarder over the engine's links against a node of
 * ns-3 that forwards. Both carry the same packets over the same chain, in turn
 * and in one process, so that the ratio holds on a busy machine too.
 *
 * The cost of a hop is the slope: a long chain less a short one, so that what
 * happens at the two ends cancels out. A forwarder takes the TTL down and
 * corrects the checksum, as a router must. */

#include "config.h"

#include "sim/engine/ns3_shim.h"
#include "tests/bench/ns3_comparator_forward.h"

#include <stdio.h>
#include <time.h>

enum { SHORT = 2, LONG = 10, PACKETS = 50000, ROUNDS = 5 };

typedef struct {
    HsSimLink *next; /* NULL: the last node */
    uint64_t arrived;
} Node;

typedef struct {
    HsSim *sim;
    const ForwardBench *bench;
    HsSimLink *first;
    unsigned left;
} Source;

static void
forward(void *user_data, HsPacket *packet)
{
    Node *node = user_data;
    uint8_t *ip;
    unsigned sum;

    if (node->next == NULL) {
        node->arrived++;
        hs_packet_unref(packet);
        return;
    }
    packet = hs_packet_writable(packet);
    ip = hs_packet_bytes(packet);
    ip[8]--;
    sum = (unsigned)(ip[10] << 8 | ip[11]) + 0x100; /* RFC 1624 */
    sum = (sum & 0xffff) + (sum >> 16);
    ip[10] = (uint8_t)(sum >> 8);
    ip[11] = (uint8_t)sum;
    hs_sim_link_send(node->next, 0, packet);
}

static void
send_next(void *user_data)
{
    Source *source = user_data;
    HsPacket *packet = hs_packet_new(NULL, source->bench->length);

    hs_packet_bytes(packet)[0] = 0x45;
    hs_packet_bytes(packet)[8] = 64;
    hs_sim_link_send(source->first, 0, packet);
    if (--source->left > 0)
        hs_sim_schedule(source->sim,
                        hs_sim_now(source->sim) + source->bench->gap, send_next,
                        source, NULL);
}

static uint64_t
ours(const ForwardBench *bench, double *ret_cpu_seconds)
{
    HsSim *sim = hs_sim_new(1);
    HsSimLinkConfig config = {.name = "link",
                              .rate = bench->rate,
                              .delay = bench->delay,
                              .mtu = 1500,
                              .queue_packets = 100};
    g_autofree Node *nodes = g_new0(Node, bench->links + 1);
    HsSimNode *from = hs_sim_node_new(sim, "n");
    Source source = {sim, bench, NULL, bench->packets};
    struct timespec before, after;
    unsigned i;

    for (i = 0; i < bench->links; i++) {
        HsSimNode *to = hs_sim_node_new(sim, "n");
        HsSimLink *link = hs_sim_link_new(sim, &config, from, to);

        nodes[i].next = link;
        hs_sim_link_set_receiver(link, 1, forward, &nodes[i + 1]);
        from = to;
    }
    source.first = nodes[0].next;
    hs_sim_schedule(sim, 0, send_next, &source, NULL);
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &before);
    hs_sim_run(sim, HS_SEC(100));
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &after);
    *ret_cpu_seconds = (double)(after.tv_sec - before.tv_sec) +
                       (double)(after.tv_nsec - before.tv_nsec) / 1e9;
    hs_sim_free(sim);
    return nodes[bench->links].arrived;
}

/* Least of the rounds, in microseconds a packet and hop. */
static double
slope(uint64_t (*chain)(const ForwardBench *bench, double *ret_cpu_seconds),
      ForwardBench bench, double *least)
{
    double at_short, at_long, slope;

    bench.links = SHORT;
    g_assert(chain(&bench, &at_short) == bench.packets);
    bench.links = LONG;
    g_assert(chain(&bench, &at_long) == bench.packets);
    slope = (at_long - at_short) / (LONG - SHORT) / bench.packets * 1e6;
    if (*least == 0 || slope < *least)
        *least = slope;
    return *least;
}

int
main(void)
{
    static const uint32_t lengths[] = {64, 1400};
    unsigned i, round;

    for (i = 0; i < G_N_ELEMENTS(lengths); i++) {
        ForwardBench bench = {.packets = PACKETS,
                              .length = lengths[i],
                              .gap = 20000,
                              .rate = 1000000000,
                              .delay = 1000000};
        double hop = 0, ns3 = 0;

        for (round = 0; round < ROUNDS; round++) {
            slope(ours, bench, &hop);
            slope(ns3_comparator_forward, bench, &ns3);
        }
        printf("forward, %4u B: byte hop %.2f us, ns-3 IP node %.2f us, "
               "ratio %.2f\n",
               (unsigned)lengths[i], hop, ns3, ns3 / hop);
    }
    return 0;
}
