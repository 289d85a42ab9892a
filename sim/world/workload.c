/* The workload: a database's server and clients, and the probes. Each place has
 * one host, which all share that need one there (build_host.c). */

#include "config.h"

#include "sim/world/private.h"

/* Requests end this long before the run, so that those under way can still be
 * answered; a tenth of the run at most. */
#define DRAIN HS_SEC(2)

static HsStreamLimits
limits_of(const HsTcpLimits *tcp)
{
    return (HsStreamLimits){
        .user_timeout = tcp->user_timeout,
        .keepalive_idle = tcp->keepalive_idle,
        .keepalive_interval = tcp->keepalive_interval,
        .keepalive_count = tcp->keepalive_count,
    };
}

/* The mix: so many queries, one at least. */
static unsigned
queries_of(const HsScenario *scenario, const HsDatabase *database,
           HsDbQuery queries[HS_DB_QUERIES_MAX])
{
    const HsQuery *query;
    unsigned n = 0;

    G_STATIC_ASSERT(HS_QUERIES_MAX == HS_DB_QUERIES_MAX);
    for (; (query = hs_scenario_query(scenario, n)) != NULL; n++)
        queries[n] = (HsDbQuery){
            .weight = query->weight,
            .round_trips = query->round_trips,
            .request_size = query->request,
            .reply_size = query->reply,
            .think = query->think,
            .pause = query->pause,
            .prepared = query->prepare,
        };
    if (n > 0)
        return n;
    queries[0] = (HsDbQuery){
        .weight = 1,
        .round_trips = database->round_trips,
        .request_size = database->request,
        .reply_size = database->reply,
        .think = database->think,
        .pause = database->pause,
        .prepared = database->prepare,
    };
    return 1;
}

static HsDbClientConfig
client_config(const HsWorld *world, const HsDatabase *database)
{
    const HsSettings *settings = hs_scenario_settings(world->scenario, 0);

    return (HsDbClientConfig){
        .local = database->client_address,
        .server = database->server_address,
        .port = database->port,
        .arrivals = database->arrivals == HS_ARRIVE_POISSON
                        ? HS_ARRIVALS_POISSON
                        : HS_ARRIVALS_CONSTANT,
        .gap = database->interval,
        .start = settings->warmup / 2,
        .stop = settings->duration - MIN(DRAIN, settings->duration / 10),
        .request_size = database->request,
        .reply_size = database->reply,
        .connections = database->pool,
        .query_timeout = database->timeout,
        .connect_timeout = database->connect_timeout,
        .reconnect_delay = database->reconnect,
        .reconnect_delay_max = database->reconnect_max,
        .reconnect_jitter = database->reconnect_jitter,
        .retries = database->retries,
        .retry_delay = database->retry_delay,
        .loop = database->loop == HS_LOOP_CLOSED ? HS_DB_LOOP_CLOSED
                                                 : HS_DB_LOOP_OPEN,
        .users = database->users,
        .user_think = database->user_think,
        .login_round_trips = database->login_round_trips,
        .socket_timeout = database->socket_timeout,
        .acquire_timeout = database->acquire_timeout,
        .min_idle = database->min_idle,
        .idle_timeout = database->idle_timeout,
        .max_lifetime = database->max_lifetime,
        .check_after = database->check_after,
        .limits = limits_of(&database->tcp),
    };
}

static void
add_clients(HsWorld *world, const HsDatabase *database, WorldNode *client)
{
    static const struct {
        const char *name;
        HsDbClientKind kind;
    } kinds[] = {{"persistent", HS_DB_PERSISTENT}, {"pool", HS_DB_POOL}};
    HsDbQuery queries[HS_DB_QUERIES_MAX];
    HsDbClientConfig config = client_config(world, database);

    config.query_count = queries_of(world->scenario, database, queries);
    config.queries = queries;
    for (unsigned i = 0; i < G_N_ELEMENTS(kinds); i++) {
        config.name = config.stream = kinds[i].name;
        config.kind = kinds[i].kind;
        g_ptr_array_add(world->clients,
                        hs_db_client_new(hs_world_env(client), &config));
    }
}

static WorldNode *
client_host(HsWorld *world, const HsDatabase *database)
{
    return hs_world_host(world, database->client, &database->client_address,
                         &database->element, "client", &database->client_port);
}

static WorldNode *
server_host(HsWorld *world, const HsDatabase *database)
{
    return hs_world_host(world, database->server, &database->server_address,
                         &database->element, "server", &database->server_port);
}

static void
add_database(HsWorld *world, const HsDatabase *database)
{
    WorldNode *client = client_host(world, database);
    WorldNode *server = server_host(world, database);
    HsDbQuery queries[HS_DB_QUERIES_MAX];
    HsDbServerConfig config = {
        .name = database->element.name,
        .local = database->server_address,
        .port = database->port,
        .think = database->think,
        .queries = queries,
        .query_count = queries_of(world->scenario, database, queries),
        .login_round_trips = database->login_round_trips,
        .login_gap =
            database->login_rate > 0 ? HS_SEC(1) / database->login_rate : 0,
        .max_connections = database->max_connections,
        .statement_timeout = database->statement_timeout,
        .limits = limits_of(&database->server_tcp),
    };

    hs_exposure_add_protected(world->exposure,
                              hs_place_prefix(database->client),
                              hs_place_prefix(database->server));
    /* What speaks with a real host is as real as it is. */
    if (client->real || server->real)
        return;
    g_ptr_array_add(world->servers,
                    hs_db_server_new(hs_world_env(server), &config));
    add_clients(world, database, client);
    hs_world_add_replay(world, database, client, server);
}

/* Probes */

/* One way of a probe. */
typedef struct {
    const HsElement *from, *to;
    const HsAddr *source, *destination;
} Way;

/* The database's own go by where they go. */
char *
hs_world_probe_direction(const HsProbing *probe, bool back)
{
    const HsElement *from = back ? probe->to : probe->from;
    const HsElement *to = back ? probe->from : probe->to;

    if (probe->database != NULL && from->kind != to->kind)
        return g_strdup(to->kind == HS_KIND_ONPREM ? "to on-premises"
                                                   : "to AWS");
    return g_strdup_printf("%s to %s%s%s%s", from->name, to->name,
                           probe->database == NULL ? " (" : "",
                           probe->database == NULL ? probe->element.name : "",
                           probe->database == NULL ? ")" : "");
}

/* Several may share a host: each then has two ports of its own, above those of
 * the probes before it. */
static uint16_t
port_of(const HsWorld *world, const HsProbing *probe)
{
    const HsProbing *other;
    unsigned before = 0;

    for (unsigned i = 0;
         (other = hs_scenario_probe(world->scenario, i)) && other != probe; i++)
        before += other->port == probe->port;
    return (uint16_t)(probe->port + 2 * before);
}

static void
add_way(HsWorld *world, const HsProbing *probe, const Way *way)
{
    const HsSettings *settings = hs_scenario_settings(world->scenario, 0);
    static const HsPort simulated = {""};
    WorldNode *from = hs_world_host(world, way->from, way->source, way->from,
                                    "host", &simulated);
    WorldNode *to = hs_world_host(world, way->to, way->destination, way->to,
                                  "host", &simulated);
    g_autofree char *name =
        hs_world_probe_direction(probe, way->from != probe->from);
    HsProbeConfig config = {
        .name = name,
        .apart = probe->database == NULL ? probe->element.name : NULL,
        .from = *way->source,
        .to = *way->destination,
        .port = port_of(world, probe),
        .interval = probe->interval,
        .size = probe->size,
        .start = probe->start,
        .stop = MIN(hs_time_add(probe->start, probe->length),
                    settings->duration - MIN(DRAIN, settings->duration / 10)),
    };

    g_ptr_array_add(world->probes, hs_probe_new(hs_world_env(from),
                                                hs_world_env(to), &config));
}

/* Bulk streams: what they carry is the same application's, so it is to be
 * protected like the database's traffic. */
static void
add_stream(HsWorld *world, const HsBulkStream *stream)
{
    static const HsPort simulated = {""};
    WorldNode *from = hs_world_host(world, stream->from, &stream->from_address,
                                    stream->from, "host", &simulated);
    WorldNode *to = hs_world_host(world, stream->to, &stream->to_address,
                                  stream->to, "host", &simulated);
    HsBulkConfig config = {
        .protocol =
            stream->protocol == HS_BULK_KIND_TCP ? HS_BULK_TCP : HS_BULK_UDP,
        .client = stream->from_address,
        .server = stream->to_address,
        .port = stream->port,
        .rate = stream->rate,
        .parallel = stream->parallel,
        .length = stream->length,
        .window = stream->window,
        .reverse = stream->reverse,
        .start = stream->start,
        .duration = stream->duration,
    };

    hs_exposure_add_protected(world->exposure, hs_place_prefix(stream->from),
                              hs_place_prefix(stream->to));
    g_ptr_array_add(world->bulks, from->real || to->real
                                      ? NULL
                                      : hs_bulk_new(hs_world_env(from),
                                                    hs_world_env(to), &config));
}

const HsBulk *
hs_world_bulk(const HsWorld *world, unsigned index)
{
    return index < world->bulks->len ? world->bulks->pdata[index] : NULL;
}

/* A design with no workload is asked for its routes: each place has a host
 * that they lead to. */
static void
add_idle_hosts(HsWorld *world)
{
    static const HsPort simulated = {""};
    const HsKind kinds[] = {HS_KIND_VPC, HS_KIND_ONPREM};
    const HsElement *place;

    for (unsigned k = 0; k < G_N_ELEMENTS(kinds); k++)
        for (unsigned i = 0;
             (place = hs_scenario_element(world->scenario, kinds[k], i)); i++) {
            HsAddr address = hs_prefix_host(hs_place_prefix(place), 10);

            if (!hs_prefix_contains(hs_place_prefix(place), &address))
                address = hs_prefix_host(hs_place_prefix(place), 1);
            hs_world_host(world, place, &address, place, "host", &simulated);
        }
}

void
hs_world_add_workload(HsWorld *world)
{
    const HsDatabase *database;
    const HsProbing *probe;
    const HsBulkStream *stream;

    if (hs_scenario_database(world->scenario, 0) == NULL &&
        hs_scenario_probe(world->scenario, 0) == NULL)
        add_idle_hosts(world);
    for (unsigned i = 0; (database = hs_scenario_database(world->scenario, i));
         i++)
        add_database(world, database);
    for (unsigned i = 0; (probe = hs_scenario_probe(world->scenario, i)); i++) {
        Way forth = {probe->from, probe->to, &probe->from_address,
                     &probe->to_address};
        Way back = {probe->to, probe->from, &probe->to_address,
                    &probe->from_address};

        add_way(world, probe, &forth);
        add_way(world, probe, &back);
    }
    for (unsigned i = 0; (stream = hs_scenario_stream(world->scenario, i)); i++)
        add_stream(world, stream);
}

const HsDbClientCounters *
hs_world_database_client(const HsWorld *world, unsigned index)
{
    return index < world->clients->len
               ? hs_db_client_counters(world->clients->pdata[index])
               : NULL;
}

const HsDbServerCounters *
hs_world_database_server(const HsWorld *world)
{
    return world->servers->len > 0
               ? hs_db_server_counters(world->servers->pdata[0])
               : NULL;
}
