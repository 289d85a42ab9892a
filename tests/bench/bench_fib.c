/* What a look-up and a forwarded packet cost, and how they grow with the table.
 *
 * Three ways side by side, at 100 and at 100,000 prefixes: the router's table;
 * one hash table for each prefix length, tried from the longest (what GLib
 * gives without further thought); and a list that is searched from end to end
 * (at 100 prefixes only). Then a packet through a whole router: header checked,
 * looked up, TTL and checksum changed, handed to the output.
 *
 * Each pair is measured in turn, round after round in one run, and the best
 * round counts, so that the ratios hold on a busy machine too. */

#include "config.h"

#include "models/base/rng.h"
#include "models/net/fib.h"
#include "models/net/router.h"
#include "models/net/udp.h"
#include "tests/harness/fake_env.h"

#include <stdio.h>
#include <time.h>

enum {
    SMALL = 100,
    LARGE = 100000,
    LOOKUPS = 1 << 16,
    FLOWS = 64,
    ROUNDS = 15
};

typedef struct {
    HsPrefix *prefixes; /* owned */
    unsigned n;
    HsFib *fib;              /* owned */
    GHashTable *lengths[33]; /* owned; of network numbers */
    uint32_t *addresses;     /* owned: what is looked up */
} Table;

static uint32_t
mask_of(unsigned length)
{
    return length == 0 ? 0 : UINT32_MAX << (32 - length);
}

/* As in the internet's table: over half of the prefixes are /24, the rest
 * mostly shorter, and what is looked up is in the table. Only unicast
 * addresses, and none of the router's own, so that every packet is forwarded.
 */
static HsPrefix
draw_prefix(HsRng *rng)
{
    uint32_t first = 1 + (uint32_t)hs_rng_below(rng, 126);
    uint8_t length =
        (uint8_t)(hs_rng_below(rng, 10) < 6 ? 24 : 12 + hs_rng_below(rng, 13));
    HsPrefix prefix = {
        .addr = hs_addr_ipv4(first << 24 | hs_rng_u32(rng) >> 8),
        .length = length,
    };

    return hs_prefix_masked(&prefix);
}

static Table *
table_new(unsigned n)
{
    Table *table = g_new0(Table, 1);
    g_autoptr(HsRng) rng = hs_rng_new(1, "bench", "fib");

    table->n = n;
    table->prefixes = g_new0(HsPrefix, n);
    table->fib = hs_fib_new();
    for (unsigned i = 0; i <= 32; i++)
        table->lengths[i] = g_hash_table_new(NULL, NULL);
    for (unsigned i = 0; i < n; i++) {
        HsPrefix *prefix = &table->prefixes[i];

        do
            *prefix = draw_prefix(rng);
        while (hs_fib_get(table->fib, prefix) != NULL);
        hs_fib_set(table->fib, prefix, prefix);
        g_hash_table_insert(table->lengths[prefix->length],
                            GUINT_TO_POINTER(hs_addr_to_ipv4(&prefix->addr)),
                            prefix);
    }
    table->addresses = g_new(uint32_t, LOOKUPS);
    for (unsigned i = 0; i < LOOKUPS; i++) {
        const HsPrefix *prefix = &table->prefixes[hs_rng_below(rng, n)];

        table->addresses[i] = hs_addr_to_ipv4(&prefix->addr) |
                              (hs_rng_u32(rng) & ~mask_of(prefix->length));
    }
    return table;
}

static void
table_free(Table *table)
{
    hs_fib_free(table->fib);
    for (unsigned i = 0; i <= 32; i++)
        g_hash_table_unref(table->lengths[i]);
    g_free(table->prefixes);
    g_free(table->addresses);
    g_free(table);
}

/* The ways. Each returns a match. */

static const HsPrefix *
by_fib(const Table *table, uint32_t address)
{
    return hs_fib_lookup_ipv4(table->fib, address);
}

static const HsPrefix *
by_hash(const Table *table, uint32_t address)
{
    const HsPrefix *found = NULL;

    for (unsigned length = 33; found == NULL && length-- > 0;) {
        if (g_hash_table_size(table->lengths[length]) > 0)
            found = g_hash_table_lookup(
                table->lengths[length],
                GUINT_TO_POINTER(address & mask_of(length)));
    }
    return found;
}

static const HsPrefix *
by_list(const Table *table, uint32_t address)
{
    HsAddr addr = hs_addr_ipv4(address);
    const HsPrefix *found = NULL;

    for (unsigned i = 0; i < table->n; i++) {
        if (hs_prefix_contains(&table->prefixes[i], &addr) &&
            (found == NULL || table->prefixes[i].length > found->length))
            found = &table->prefixes[i];
    }
    return found;
}

static double
seconds(void)
{
    struct timespec t;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

/* Nanoseconds a look-up. The sum of what was found keeps the compiler from
 * leaving it out, and shows that all ways agree. */
static double
time_lookups(const Table *table,
             const HsPrefix *(*way)(const Table *, uint32_t), unsigned n,
             uint64_t *ret_sum)
{
    double start = seconds();
    uint64_t sum = 0;

    for (unsigned i = 0; i < n; i++) {
        const HsPrefix *found = way(table, table->addresses[i]);

        sum += found != NULL ? (uint64_t)(found - table->prefixes) + 1 : 0;
    }
    *ret_sum = sum;
    return (seconds() - start) / n * 1e9;
}

/* A packet through a router */

typedef struct {
    FakeWorld *world;
    HsRouter *router;
    HsPacket *packet; /* the one that is sent round and round */
} Hop;

static void
keep(void *user_data, HsPacket *packet)
{
    Hop *hop = user_data;

    hop->packet = packet;
}

static Hop *
hop_new(const Table *table)
{
    const HsPrefix in = {hs_addr_ipv4(0xc0000202), 30};
    const HsNexthop next = {.port = 1};
    Hop *hop = g_new0(Hop, 1);

    hop->world = fake_world_new(1);
    hop->router = hs_router_new(fake_world_node(hop->world, "r", "192.0.2.2"),
                                &(HsRouterConfig){.name = "r"});
    hs_router_add_port(
        hop->router,
        &(HsPortConfig){.name = "in", .addresses = &in, .n_addresses = 1});
    hs_router_add_port(
        hop->router,
        &(HsPortConfig){.name = "out", .output = keep, .user_data = hop});
    for (unsigned i = 0; i < table->n; i++)
        hs_router_route_set(hop->router, 0, &table->prefixes[i], &next, 1,
                            "bench");
    hop->packet = hs_udp_packet_new(
        &(HsIpv4){.ttl = 255, .source = 0xc0000201, .destination = 0x01000000},
        &(HsUdpDatagram){1000, 2000, (const uint8_t *)"hello", 5});
    return hop;
}

static void
hop_free(Hop *hop)
{
    hs_packet_unref(hop->packet);
    hs_router_free(hop->router);
    fake_world_free(hop->world);
    g_free(hop);
}

/* A fresh TTL and destination, as the sender would have set them. */
static void
readdress(HsPacket *packet, uint32_t destination)
{
    uint8_t *header = hs_packet_bytes(packet);

    header[8] = 255;
    for (unsigned i = 0; i < 4; i++)
        header[16 + i] = (uint8_t)(destination >> (24 - 8 * i));
    hs_ipv4_set_checksum(header);
}

/* Nanoseconds a packet, of FLOWS destinations in turn; without ROUTED, of the
 * loop around it alone. */
static double
time_hops(Hop *hop, const Table *table, unsigned flows, bool routed)
{
    double start = seconds();

    for (unsigned i = 0; i < LOOKUPS; i++) {
        HsPacket *packet = g_steal_pointer(&hop->packet);

        readdress(packet, table->addresses[i % flows]);
        if (routed)
            hs_router_receive(hop->router, 0, packet);
        else
            keep(hop, packet);
    }
    return (seconds() - start) / LOOKUPS * 1e9;
}

typedef struct {
    double fib, hash, list;
    double few_flows, all_flows, loop; /* the loop is in the other two */
} Times;

static void
measure(Table *table, Hop *hop, Times *best)
{
    uint64_t sums[2];
    bool first = best->fib <= 0;

#define BEST(field, value)                                                     \
    do {                                                                       \
        double t_ = (value);                                                   \
        if (first || t_ < best->field)                                         \
            best->field = t_;                                                  \
    } while (0)

    BEST(fib, time_lookups(table, by_fib, LOOKUPS, &sums[0]));
    BEST(hash, time_lookups(table, by_hash, LOOKUPS, &sums[1]));
    g_assert(sums[0] == sums[1]);
    if (table->n <= SMALL) {
        BEST(list, time_lookups(table, by_list, LOOKUPS / 16, &sums[1]));
        time_lookups(table, by_fib, LOOKUPS / 16, &sums[0]);
        g_assert(sums[0] == sums[1]);
    }
    BEST(loop, time_hops(hop, table, LOOKUPS, false));
    BEST(few_flows, time_hops(hop, table, FLOWS, true));
    BEST(all_flows, time_hops(hop, table, LOOKUPS, true));
#undef BEST
}

static void
print_hop(const char *flows, double small, double large)
{
    printf("  packet forwarded, %-12s %7.1f %7.1f   large to small %.2f\n",
           flows, small, large, large / small);
}

int
main(void)
{
    Table *small = table_new(SMALL), *large = table_new(LARGE);
    Hop *small_hop = hop_new(small), *large_hop = hop_new(large);
    Times few = {0}, many = {0};

    for (unsigned round = 0; round < ROUNDS; round++) {
        measure(small, small_hop, &few);
        measure(large, large_hop, &many);
    }
    g_assert(hs_router_counters(small_hop->router).forwarded ==
             (uint64_t)2 * ROUNDS * LOOKUPS);
    printf("fib: look-up among %d and %d prefixes, ns and ratios\n", SMALL,
           LARGE);
    printf(
        "  table                          %7.1f %7.1f   large to small %.2f\n",
        few.fib, many.fib, many.fib / few.fib);
    printf("  hash per length                %7.1f %7.1f   to the table   %.2f "
           "%.2f\n",
           few.hash, many.hash, few.hash / few.fib, many.hash / many.fib);
    printf("  list                           %7.1f       -   to the table   "
           "%.2f\n",
           few.list, few.list / few.fib);
    print_hop("of 64 flows", few.few_flows - few.loop,
              many.few_flows - many.loop);
    print_hop("of 65536", few.all_flows - few.loop, many.all_flows - many.loop);
    hop_free(small_hop);
    hop_free(large_hop);
    table_free(small);
    table_free(large);
    return 0;
}
