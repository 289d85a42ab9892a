#include "config.h"

#include "models/load/replay.h"

HsReplayConnection *
hs_replay_connection_new(void)
{
    HsReplayConnection *c = g_new0(HsReplayConnection, 1);

    for (unsigned side = 0; side < 2; side++)
        c->step[side] = g_array_new(FALSE, FALSE, sizeof(HsReplayStep));
    c->requests = g_array_new(FALSE, FALSE, sizeof(HsReplayRequest));
    return c;
}

static void
connection_free(void *data)
{
    HsReplayConnection *c = data;

    for (unsigned side = 0; side < 2; side++)
        g_array_unref(c->step[side]);
    g_array_unref(c->requests);
    g_free(c);
}

HsReplayScript *
hs_replay_script_new(void)
{
    HsReplayScript *script = g_new0(HsReplayScript, 1);

    script->connections = g_ptr_array_new_with_free_func(connection_free);
    return script;
}

void
hs_replay_script_add(HsReplayScript *script, HsReplayConnection *connection)
{
    connection->first = script->requests;
    script->requests += connection->requests->len;
    g_ptr_array_add(script->connections, connection);
}

void
hs_replay_script_free(HsReplayScript *script)
{
    if (script == NULL)
        return;
    g_ptr_array_unref(script->connections);
    g_free(script);
}
