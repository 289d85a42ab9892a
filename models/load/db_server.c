/* The server. As in PostgreSQL, one process serves one connection: requests
 * that arrive pipelined are answered in their order, each after a think time of
 * its own, and connections do not wait for each other. */

#include "config.h"

#include "models/load/db.h"

#include "models/load/db_wire.h"

typedef struct {
    HsDbServer *server; /* borrowed: owns us */
    HsStream *stream;   /* owned */
    HsAlarm *alarm;     /* owned: end of the think time */
    DbParser parser;
    GQueue waiting; /* DbMessage, owned; the head is being thought about */
} Connection;

struct HsDbServer {
    HsEnv *env; /* borrowed: outlives us */
    HsDbServerConfig config;
    const HsTrace *trace; /* borrowed from the environment */
    HsRng *rng;
    HsListener *listener;
    GPtrArray *connections; /* Connection, owned, the oldest first */
    HsDbServerCounters counters;
};

static void
connection_free(void *data)
{
    Connection *c = data;

    hs_alarm_free(c->alarm);
    hs_stream_free(c->stream);
    g_queue_clear_full(&c->waiting, g_free);
    g_free(c);
}

static void
drop_connection(Connection *c, const char *why)
{
    HsDbServer *server = c->server;

    hs_trace(server->trace, hs_env_now(server->env),
             "connection closed (%s), %u unanswered", why, c->waiting.length);
    server->counters.closed++;
    g_ptr_array_remove(server->connections, c);
}

/* Thinking */

static void
think_next(Connection *c)
{
    HsEnv *env = c->server->env;

    if (c->waiting.length > 0)
        hs_alarm_set(c->alarm,
                     hs_time_add(hs_env_now(env),
                                 hs_distribution_draw(&c->server->config.think,
                                                      c->server->rng)));
}

static void
thought(void *user_data)
{
    Connection *c = user_data;
    g_autofree DbMessage *request = g_queue_pop_head(&c->waiting);
    const DbMessage reply = {
        .id = request->id,
        .seed = hs_rng_u64(c->server->rng),
        .length = request->reply_length,
    };
    g_autoptr(GBytes) bytes = db_message_encode(DB_REPLY_MAGIC, &reply);
    size_t length;
    const void *data = g_bytes_get_data(bytes, &length);

    hs_stream_send(c->stream, data, length);
    c->server->counters.replies++;
    think_next(c);
}

/* Streams */

static void
received(void *user_data, const uint8_t *data, size_t length)
{
    Connection *c = user_data;

    for (;;) {
        DbMessage request;
        HsDbBad bad;

        switch (db_parser_feed(&c->parser, &data, &length, &request, &bad)) {
        case DB_PARSER_MORE:
            return;
        case DB_PARSER_BAD:
            c->server->counters.bad[bad]++;
            drop_connection(c, hs_db_bad_name(bad));
            return;
        case DB_PARSER_MESSAGE:
            c->server->counters.requests++;
            g_queue_push_tail(&c->waiting, g_memdup2(&request, sizeof request));
            if (c->waiting.length == 1)
                think_next(c);
        }
    }
}

static void
ended(void *user_data, HsStreamEnd why)
{
    drop_connection(user_data, hs_stream_end_name(why));
}

static void
accepted(void *user_data, HsStream *stream, const HsAddr *peer,
         uint16_t peer_port)
{
    static const HsStreamEvents events = {
        .received = received,
        .ended = ended,
    };
    HsDbServer *server = user_data;
    Connection *c = g_new0(Connection, 1);
    char text[HS_ADDR_TEXT];

    c->server = server;
    c->stream = stream;
    c->alarm = hs_alarm_new(server->env, thought, c);
    db_parser_init(&c->parser, DB_REQUEST_MAGIC, 0);
    g_queue_init(&c->waiting);
    g_ptr_array_add(server->connections, c);
    server->counters.accepted++;
    hs_stream_set_events(stream, &events, c);
    hs_trace(server->trace, hs_env_now(server->env),
             "connection from %s port %u", hs_addr_format(peer, text),
             peer_port);
}

/* Life */

HsDbServer *
hs_db_server_new(HsEnv *env, const HsDbServerConfig *config)
{
    HsDbServer *server = g_new0(HsDbServer, 1);
    g_autofree char *purpose = g_strdup_printf("db server %s", config->name);

    server->env = env;
    server->config = *config;
    server->config.name = g_intern_string(config->name);
    server->trace = hs_env_trace_new(env, "db", server->config.name);
    server->rng = hs_env_rng_new(env, purpose);
    server->connections = g_ptr_array_new_with_free_func(connection_free);
    server->listener = hs_env_listen(
        env, hs_addr_is_set(&config->local) ? &server->config.local : NULL,
        config->port != 0 ? config->port : HS_DB_PORT, accepted, server);
    return server;
}

void
hs_db_server_free(HsDbServer *server)
{
    if (server == NULL)
        return;
    hs_listener_free(server->listener);
    g_ptr_array_unref(server->connections);
    hs_rng_free(server->rng);
    g_free(server);
}

const HsDbServerCounters *
hs_db_server_counters(const HsDbServer *server)
{
    return &server->counters;
}
