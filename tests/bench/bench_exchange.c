/* What a database exchange costs: ours with ESP against all of it in ns-3
 * without.
 *
 *     client ── r1 ══ r2 ══ r3 ══ r4 ══ r5 ══ r6 ── server
 *
 * Ours: hosts with the TCP profile "linux" and the database of models/load,
 * routers of models/net that forward bytes, and a tunnel with AES-256-GCM from
 * r1 to r6, encrypted and authenticated for real. The comparator: ns-3 nodes
 * and ns-3's TCP over the same links, without ESP. Both see the same requests
 * at the same rate as real bytes, checksums are right in both, nothing is
 * traced.
 *
 * The two take turns; of each round's ratio of processor times the median is
 * printed. */

#include "config.h"

#include "models/load/db.h"
#include "models/net/ipsec.h"
#include "sim/world/env.h"
#include "tests/bench/measure.h"
#include "tests/bench/ns3_comparator_exchange.h"

#include <stdio.h>

enum { ROUTERS = 6, LINKS = ROUTERS + 1, ROUNDS = 21 };

#define WARM_UP 500 /* requests, before the first round */
#define GOAL    2.5

typedef struct {
    const char *name;
    HsSimHost *host; /* borrowed from the engine; NULL: a router */
    HsSimEnv *env;   /* owned, as those below */
    HsRouter *router;
    HsIpsec *ipsec; /* NULL: no tunnel ends here */
    HsTunnel *tunnel;
} Node;

/* Where a packet leaves or arrives. */
typedef struct {
    Node *node;
    HsSimLink *link;
    unsigned number; /* of the link's end */
    unsigned port;   /* of the router */
} End;

typedef struct {
    HsSimEnvShared shared;
    Node nodes[LINKS + 1];
    HsSimLink *links[LINKS];
    End ends[LINKS][2];
    uint64_t replies;
} Chain;

static void
take_fact(void *user_data, const HsFact *fact)
{
    Chain *chain = user_data;

    chain->replies += fact->kind == HS_FACT_REPLY;
}

/* 10.0.LINK.1 is the near end's, towards the client, and .2 the far end's. */
static HsPrefix
address(unsigned link, unsigned end)
{
    return (HsPrefix){hs_addr_ipv4(0x0a000001 + (link << 8) + end), 30};
}

static void
send_on_link(void *user_data, HsPacket *packet)
{
    End *end = user_data;

    hs_sim_link_send(end->link, end->number, packet);
}

static void
receive_from_link(void *user_data, HsPacket *packet)
{
    End *end = user_data;

    if (end->node->router != NULL)
        hs_router_receive(end->node->router, end->port, packet);
    else
        hs_sim_host_input(end->node->host, packet);
}

static void
make_nodes(Chain *chain, HsSim *sim, const ExchangeBench *bench)
{
    static const char *const names[LINKS + 1] = {
        "client", "r1", "r2", "r3", "r4", "r5", "r6", "server"};
    HsSimLinkConfig config = {.name = "link",
                              .rate = bench->rate,
                              .delay = bench->delay,
                              .mtu = bench->mtu,
                              .queue_packets = 100};
    HsSimNode *nodes[LINKS + 1];

    for (unsigned i = 0; i <= LINKS; i++) {
        Node *node = &chain->nodes[i];

        node->name = names[i];
        nodes[i] = hs_sim_node_new(sim, names[i]);
        if (i == 0 || i == LINKS)
            node->host = hs_sim_host_new(
                nodes[i], &(HsSimHostConfig){.profile = HS_SIM_TCP_LINUX,
                                             .mtu = bench->mtu,
                                             .name = names[i]});
        node->env = hs_sim_env_new(&chain->shared, names[i], node->host);
        if (node->host == NULL)
            node->router = hs_router_new(hs_sim_env_face(node->env),
                                         &(HsRouterConfig){.name = names[i]});
    }
    for (unsigned i = 0; i < LINKS; i++)
        chain->links[i] = hs_sim_link_new(sim, &config, nodes[i], nodes[i + 1]);
}

/* Ports are added link by link: 0 is towards the client, 1 the server. */
static void
join(Chain *chain, unsigned link, unsigned number, uint32_t mtu)
{
    End *end = &chain->ends[link][number];
    HsPrefix own = address(link, number);

    *end = (End){.node = &chain->nodes[link + number],
                 .link = chain->links[link],
                 .number = number};
    hs_sim_link_set_receiver(end->link, number, receive_from_link, end);
    if (end->node->router == NULL) {
        hs_sim_host_add_address(end->node->host, &own);
        hs_sim_host_set_output(end->node->host, send_on_link, end);
        return;
    }
    end->port = hs_router_add_port(end->node->router,
                                   &(HsPortConfig){.name = "link",
                                                   .mtu = mtu,
                                                   .addresses = &own,
                                                   .n_addresses = 1,
                                                   .output = send_on_link,
                                                   .user_data = end});
}

static void
set_route(Node *node, HsPrefix prefix, unsigned port)
{
    prefix = hs_prefix_masked(&prefix);
    hs_router_route_set(node->router, 0, &prefix, &(HsNexthop){.port = port}, 1,
                        "static");
}

static EspSaConfig
make_sa(bool to_server)
{
    HsAddr near = address(1, 0).addr, far = address(LINKS - 2, 1).addr;
    EspSaConfig sa = {.spi = to_server ? 0x1000 : 0x2000,
                      .suite = ESP_SUITE_AES256_GCM16,
                      .source = to_server ? near : far,
                      .destination = to_server ? far : near};
    g_autoptr(HsRng) rng =
        hs_rng_new(1, "bench", to_server ? "to server" : "to client");

    esp_keys_draw(&sa.keys, sa.suite, rng);
    return sa;
}

static void
add_tunnel(Node *node, bool near, uint32_t mtu)
{
    HsTunnelConfig config = {
        .name = "tunnel",
        .address = {hs_addr_ipv4(near ? 0xa9fe0001 : 0xa9fe0002), 30},
        .outside_mtu = mtu,
    };
    EspSaConfig in = make_sa(!near), out = make_sa(near);

    node->ipsec = hs_ipsec_new(hs_sim_env_face(node->env), node->router);
    node->tunnel = hs_ipsec_add_tunnel(node->ipsec, &config);
    hs_tunnel_add_sas(node->tunnel, 1, &in, &out);
    hs_tunnel_send_on(node->tunnel, 1);
}

static void
set_routes(Chain *chain, uint32_t mtu)
{
    Node *first = &chain->nodes[1], *last = &chain->nodes[LINKS - 1];

    for (unsigned i = 1; i < LINKS; i++) {
        set_route(&chain->nodes[i], address(LINKS - 2, 1), 1);
        set_route(&chain->nodes[i], address(1, 0), 0);
    }
    add_tunnel(first, true, mtu);
    add_tunnel(last, false, mtu);
    set_route(first, address(LINKS - 1, 1), hs_tunnel_port(first->tunnel));
    set_route(last, address(0, 0), hs_tunnel_port(last->tunnel));
}

static void
free_nodes(Chain *chain)
{
    for (unsigned i = 0; i <= LINKS; i++) {
        hs_ipsec_free(chain->nodes[i].ipsec);
        hs_router_free(chain->nodes[i].router);
        hs_sim_env_free(chain->nodes[i].env);
    }
}

/* What was answered went through the tunnel, and nothing besides. */
static void
check(const Chain *chain, const HsDbClient *client)
{
    const HsDbClientCounters *counters = hs_db_client_counters(client);
    const EspCounters *out =
        esp_sa_counters(hs_tunnel_out(chain->nodes[1].tunnel));
    const EspCounters *in =
        esp_sa_counters(hs_tunnel_in(chain->nodes[LINKS - 1].tunnel));

    g_assert(chain->replies == counters->replies && counters->failed == 0);
    g_assert(out->packets == in->packets && out->packets >= counters->requests);
    g_assert(hs_router_counters(chain->nodes[3].router).delivered == 0);
}

static ExchangeResult
ours(const ExchangeBench *bench)
{
    Chain chain = {0};
    ExchangeResult result = {0};
    HsSim *sim = hs_sim_new(1);
    HsTime stop = bench->requests * bench->gap;
    HsDbServer *server;
    HsDbClient *client;
    double before;

    chain.shared = (HsSimEnvShared){
        .sim = sim, .seed = 1, .fact = take_fact, .user_data = &chain};
    make_nodes(&chain, sim, bench);
    for (unsigned i = 0; i < LINKS; i++)
        for (unsigned end = 0; end < 2; end++)
            join(&chain, i, end, bench->mtu);
    set_routes(&chain, bench->mtu);
    server = hs_db_server_new(hs_sim_env_face(chain.nodes[LINKS].env),
                              &(HsDbServerConfig){.name = "server"});
    client = hs_db_client_new(
        hs_sim_env_face(chain.nodes[0].env),
        &(HsDbClientConfig){.name = "persistent",
                            .stream = "client",
                            .kind = HS_DB_PERSISTENT,
                            .server = address(LINKS - 1, 1).addr,
                            .arrivals = HS_ARRIVALS_CONSTANT,
                            .gap = bench->gap,
                            .stop = stop,
                            .request_size = bench->request_size,
                            .reply_size = bench->reply_size});
    before = bench_cpu_seconds();
    hs_sim_run(sim, stop + HS_SEC(1));
    result.cpu_seconds = bench_cpu_seconds() - before;
    check(&chain, client);
    result.replies = chain.replies;
    for (unsigned end = 0; end < 2; end++) {
        HsSimLinkCounters counters;

        hs_sim_link_counters(chain.links[0], end, &counters);
        result.packets += counters.sent_packets;
    }
    hs_db_client_free(client);
    hs_db_server_free(server);
    free_nodes(&chain);
    hs_sim_free(sim);
    return result;
}

static void
run(ExchangeBench bench, unsigned rounds)
{
    g_autofree double *rate = g_new(double, rounds);
    g_autofree double *rate_ns3 = g_new(double, rounds);
    g_autofree double *ratio = g_new(double, rounds);
    ExchangeResult a = {0}, b = {0};
    BenchSpread spread;

    for (unsigned i = 0; i < rounds; i++) {
        a = ours(&bench);
        b = ns3_comparator_exchange(&bench);
        g_assert(a.replies == bench.requests && b.replies == bench.requests);
        rate[i] = (double)a.replies / a.cpu_seconds;
        rate_ns3[i] = (double)b.replies / b.cpu_seconds;
        ratio[i] = rate[i] / rate_ns3[i];
    }
    spread = bench_spread(ratio, rounds);
    printf("  %4u B %6u B  %6.0f/s  %6.0f/s   %5.2f  (%.2f-%.2f)  "
           "%.3f  %.3f\n",
           bench.request_size, bench.reply_size,
           bench_spread(rate, rounds).median,
           bench_spread(rate_ns3, rounds).median, spread.median, spread.least,
           spread.most, (double)a.packets / bench.requests,
           (double)b.packets / bench.requests);
}

int
main(void)
{
    ExchangeBench bench = {.links = LINKS,
                           .rate = 1000000000,
                           .delay = HS_MSEC(1),
                           .mtu = 1500,
                           .requests = WARM_UP,
                           .request_size = 200,
                           .reply_size = 1000,
                           .gap = HS_MSEC(10)};
    unsigned rounds = bench_rounds(ROUNDS);

    ours(&bench);
    ns3_comparator_exchange(&bench);
    bench.requests = 2000;
    printf("exchange: database over %d routers, ours with AES-256-GCM, ns-3 "
           "without\n",
           ROUTERS);
    printf("  request  reply    ours      ns-3      ratio               "
           "packets/request\n");
    run(bench, rounds);
    printf("  goal: at least %.1f\n", GOAL);
    return 0;
}
