/* The capture that a database replays: found, read, and played between its two
 * hosts on a port beside the database's. */

#include "config.h"

#include "sim/world/private.h"

/* Nothing is due so long before the end, as with the clients. */
#define DRAIN HS_SEC(2)

static const HsDatabase *
database_of(const HsScenario *scenario)
{
    const HsDatabase *database;

    for (unsigned i = 0; (database = hs_scenario_database(scenario, i)); i++)
        if (database->replay[0] != '\0')
            return database;
    return NULL;
}

/* Relative to the scenario's folder. */
static char *
path_of(const HsScenario *scenario, const char *path)
{
    g_autofree char *folder = g_path_get_dirname(hs_scenario_path(scenario));

    if (g_path_is_absolute(path) || g_str_equal(folder, "."))
        return g_strdup(path);
    return g_build_filename(folder, path, NULL);
}

HsReplayCapture *
hs_world_read_replay(const HsScenario *scenario, GError **error)
{
    const HsDatabase *database = database_of(scenario);
    g_autofree char *path = NULL, *line = NULL;
    HsReplayCapture *capture;
    unsigned number;

    if (database == NULL)
        return NULL;
    path = path_of(scenario, database->replay);
    capture = hs_replay_capture_read(path, database->replay_server,
                                     database->port, error);
    if (capture != NULL)
        return capture;
    number = hs_scenario_line(&database->element, "replay");
    line = number > 0 ? g_strdup_printf(":%u", number) : g_strdup("");
    g_prefix_error(error, "%s%s: [database %s] replay: ",
                   hs_scenario_path(scenario), line, database->element.name);
    return NULL;
}

void
hs_world_add_replay(HsWorld *world, const HsDatabase *database,
                    WorldNode *client, WorldNode *server)
{
    const HsSettings *settings = hs_scenario_settings(world->scenario, 0);
    const HsReplayCapture *capture = world->options.replay;
    HsReplayConfig config = {
        .name = database->element.name,
        .client = database->client_address,
        .server = database->server_address,
        .port = database->port == 65535 ? (uint16_t)65534
                                        : (uint16_t)(database->port + 1),
        .speed = database->replay_speed,
        .loop = database->replay_loop,
        .start = settings->warmup,
        .stop = settings->duration - MIN(DRAIN, settings->duration / 10),
        .timeout = database->replay_timeout,
        .reconnect_delay = database->reconnect,
    };

    if (capture == NULL || database->replay[0] == '\0')
        return;
    config.script = capture->script;
    world->replay =
        hs_replay_new(hs_world_env(client), hs_world_env(server), &config);
}

const HsReplayCounters *
hs_world_replay(const HsWorld *world)
{
    return world->replay != NULL ? hs_replay_counters(world->replay) : NULL;
}
