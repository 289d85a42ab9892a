/* The workload: each database's two hosts with its server and clients, and the
 * probes between them. */

#include "config.h"

#include "sim/world/private.h"

/* Requests end this long before the run, so that those under way can still be
 * answered; a tenth of the run at most. */
#define DRAIN HS_SEC(2)

static HsPrefix
router_address(const HsPrefix *prefix)
{
    HsAddr first = hs_prefix_host(prefix, 1);

    return (HsPrefix){.addr = first, .length = prefix->length};
}

static bool
has_port(HsRouter *router, const char *name)
{
    for (unsigned i = 0; i < hs_router_n_ports(router); i++)
        if (g_str_equal(hs_router_port_name(router, i), name))
            return true;
    return false;
}

static WorldNode *
add_host(HsWorld *world, const char *name, const HsAddr *address,
         const HsLinkSettings *lan, const HsPort *port)
{
    WorldNode *node = hs_world_add_node(world, name, true, lan->mtu);
    HsPrefix own = hs_prefix_of(address);

    /* The stack of a real one is there for the probe alone. */
    node->real = hs_world_is_real(world, port);
    hs_sim_host_add_address(node->host, &own);
    if (world->options.capture != NULL)
        capture_writer_add_name(world->options.capture, address, name);
    return node;
}

static WorldNode *
add_client_host(HsWorld *world, const HsDatabase *database)
{
    g_autofree char *name =
        g_strdup_printf("%s.client", database->element.name);
    g_autofree char *lan = g_strdup_printf("%s.lan", database->client->name);
    WorldNode *vpc = hs_world_find_node(world, database->client->name);
    WorldNode *host =
        add_host(world, name, &database->client_address,
                 hs_place_lan(database->client), &database->client_port);
    WorldLink *link = hs_world_add_link(
        world,
        &(WorldLinkConfig){.name = lan,
                           .settings = *hs_place_lan(database->client),
                           .kind = HS_LINK_VPC,
                           .trusted = true},
        vpc, host);
    HsPortConfig port = hs_world_port(link, 0);

    g_assert(!has_port(vpc->router, link->name));
    link->end[0].port = hs_vpc_add_subnet(vpc->model, &port);
    hs_world_attach_host(link, 1);
    return host;
}

static WorldNode *
add_server_host(HsWorld *world, const HsDatabase *database)
{
    const HsOnprem *site = (const HsOnprem *)database->server;
    g_autofree char *name =
        g_strdup_printf("%s.server", database->element.name);
    g_autofree char *lan = g_strdup_printf("%s.lan", site->element.name);
    WorldNode *router = hs_world_site_router(world, site);
    WorldNode *host = add_host(world, name, &database->server_address,
                               &site->lan, &database->server_port);
    HsPrefix address = router_address(&site->prefix);
    WorldLink *link =
        hs_world_add_link(world,
                          &(WorldLinkConfig){.name = lan,
                                             .settings = site->lan,
                                             .kind = HS_LINK_LAN,
                                             .trusted = true},
                          host, router);

    g_assert(hs_world_is_real(world, &site->port) ||
             !has_port(router->router, link->name));
    hs_world_join_lan(world, site, link, 1, &address);
    hs_world_attach_host(link, 0);
    return host;
}

static void
add_clients(HsWorld *world, const HsDatabase *database, WorldNode *client)
{
    const HsSettings *settings = hs_scenario_settings(world->scenario, 0);
    static const struct {
        const char *name;
        HsDbClientKind kind;
    } kinds[] = {{"persistent", HS_DB_PERSISTENT}, {"pool", HS_DB_POOL}};

    for (unsigned i = 0; i < G_N_ELEMENTS(kinds); i++) {
        HsDbClientConfig config = {
            .name = kinds[i].name,
            .stream = kinds[i].name,
            .kind = kinds[i].kind,
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
            .reconnect_delay = database->reconnect,
        };

        g_ptr_array_add(world->clients,
                        hs_db_client_new(hs_world_env(client), &config));
    }
}

static void
add_probes(HsWorld *world, const HsProbing *probe, WorldNode *client,
           WorldNode *server)
{
    const HsSettings *settings = hs_scenario_settings(world->scenario, 0);
    const HsDatabase *database = probe->database;
    const struct {
        const char *name;
        WorldNode *from, *to;
        const HsAddr *source, *destination;
    } ways[] = {
        {"to on-premises", client, server, &database->client_address,
         &database->server_address},
        {"to AWS", server, client, &database->server_address,
         &database->client_address},
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(ways); i++) {
        HsProbeConfig config = {
            .name = ways[i].name,
            .from = *ways[i].source,
            .to = *ways[i].destination,
            .port = probe->port,
            .interval = probe->interval,
            .size = probe->size,
            .start = probe->start,
            .stop =
                MIN(hs_time_add(probe->start, probe->length),
                    settings->duration - MIN(DRAIN, settings->duration / 10)),
        };

        g_ptr_array_add(world->probes,
                        hs_probe_new(hs_world_env(ways[i].from),
                                     hs_world_env(ways[i].to), &config));
    }
}

static void
add_database(HsWorld *world, const HsDatabase *database)
{
    WorldNode *client = add_client_host(world, database);
    WorldNode *server = add_server_host(world, database);
    const HsProbing *probe;
    HsDbServerConfig config = {
        .name = database->element.name,
        .local = database->server_address,
        .port = database->port,
        .think = database->think,
    };

    hs_exposure_add_protected(world->exposure,
                              hs_place_prefix(database->client),
                              hs_place_prefix(database->server));
    /* What speaks with a real host is as real as it is. */
    if (!client->real && !server->real) {
        g_ptr_array_add(world->servers,
                        hs_db_server_new(hs_world_env(server), &config));
        add_clients(world, database, client);
    }
    for (unsigned i = 0; (probe = hs_scenario_probe(world->scenario, i)); i++)
        if (probe->database == database)
            add_probes(world, probe, client, server);
}

void
hs_world_add_workload(HsWorld *world)
{
    const HsDatabase *database;

    for (unsigned i = 0; (database = hs_scenario_database(world->scenario, i));
         i++)
        add_database(world, database);
}
