/* The server. As in PostgreSQL, one process serves one connection: requests
 * that arrive pipelined are answered in their order, each after a think time of
 * its own, and connections do not wait for each other.
 *
 * A connection too many is accepted and told so when it has said something (or
 * at once, if there is no login), as PostgreSQL and MySQL do; a client that is
 * gone without a word keeps its place until TCP finds out. Logins end one after
 * another, as far apart as the server is slow at them.
 *
 * Departure: a cancelled statement ends its transaction without a ROLLBACK from
 * the client. */

#include "config.h"

#include "models/load/db.h"

#include "models/load/db_wire.h"

typedef struct {
    HsDbServer *server; /* borrowed: owns us */
    HsStream *stream;   /* owned */
    HsAlarm *alarm;     /* owned: end of the think time */
    DbParser parser;
    GQueue waiting; /* DbMessage, owned; the head is being thought about */
    bool refused;   /* one too many */
    bool cancel;    /* the head: when the time is over */
} Connection;

struct HsDbServer {
    HsEnv *env; /* borrowed: outlives us */
    HsDbServerConfig config;
    HsDistribution thinks[HS_DB_QUERIES_MAX];
    const HsTrace *trace; /* borrowed from the environment */
    HsRng *rng;
    HsTime last_login;
    uint64_t open; /* connections that were not refused */
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
    if (!c->refused)
        server->open--;
    g_ptr_array_remove(server->connections, c);
}

/* Thinking */

/* The last round trip of a login costs what logins cost. */
static HsDuration
login_wait(HsDbServer *server, const DbMessage *message)
{
    HsTime now = hs_env_now(server->env);

    if (DB_NUMBER(message->id) + 1 < server->config.login_round_trips ||
        server->config.login_gap == 0)
        return 0;
    server->last_login =
        hs_time_max(now, server->last_login + server->config.login_gap);
    return server->last_login - now;
}

static HsDuration
think_time(Connection *c, const DbMessage *message)
{
    HsDbServer *server = c->server;
    HsDuration limit = server->config.statement_timeout;
    unsigned query = DB_QUERY(message->id);
    HsDuration time;

    if (DB_KIND(message->id) == DB_LOGIN)
        return login_wait(server, message);
    if (DB_KIND(message->id) != DB_STATEMENT)
        return 0;
    time = hs_distribution_draw(
        &server->thinks[query < HS_DB_QUERIES_MAX ? query : 0], server->rng);
    c->cancel = limit > 0 && time > limit;
    return c->cancel ? limit : time;
}

static void
think_next(Connection *c)
{
    if (c->waiting.length > 0)
        hs_alarm_set(c->alarm,
                     hs_time_add(hs_env_now(c->server->env),
                                 think_time(c, c->waiting.head->data)));
}

static void
send_reply(Connection *c, uint64_t id, uint32_t length)
{
    const DbMessage reply = {
        .id = id,
        .seed = hs_rng_u64(c->server->rng),
        .length = length,
    };
    g_autoptr(GBytes) bytes = db_message_encode(DB_REPLY_MAGIC, &reply);
    size_t size;
    const void *data = g_bytes_get_data(bytes, &size);

    hs_stream_send(c->stream, data, size);
}

static void
refuse(Connection *c)
{
    send_reply(c, DB_ID(DB_TOO_MANY, 0, 0), DB_ERROR_LENGTH);
    hs_stream_close(c->stream);
    drop_connection(c, "too many clients");
}

static void
thought(void *user_data)
{
    Connection *c = user_data;
    HsDbServer *server = c->server;
    g_autofree DbMessage *request = NULL;

    if (c->refused) {
        refuse(c);
        return;
    }
    request = g_queue_pop_head(&c->waiting);
    if (c->cancel) {
        server->counters.cancelled++;
        send_reply(c, DB_ID(DB_CANCELLED, 0, DB_NUMBER(request->id)),
                   DB_ERROR_LENGTH);
    } else {
        send_reply(c, request->id, request->reply_length);
    }
    c->cancel = false;
    if (DB_KIND(request->id) == DB_LOGIN)
        server->counters.logins +=
            DB_NUMBER(request->id) + 1 == server->config.login_round_trips;
    else
        server->counters.replies++;
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
            if (DB_KIND(request.id) == DB_STATEMENT)
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

/* Whether there is room for one more. */
static void
judge(Connection *c)
{
    HsDbServer *server = c->server;
    unsigned limit = server->config.max_connections;

    if (limit > 0 && server->open >= limit) {
        c->refused = true;
        server->counters.refused++;
        if (server->config.login_round_trips == 0)
            hs_alarm_set(c->alarm, hs_env_now(server->env));
        return;
    }
    server->open++;
    server->counters.peak = MAX(server->counters.peak, server->open);
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
    hs_stream_set_limits(stream, &server->config.limits);
    judge(c);
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
    g_assert(config->query_count <= HS_DB_QUERIES_MAX);
    server->thinks[0] = config->think;
    for (unsigned i = 0; i < config->query_count; i++)
        server->thinks[i] = config->queries[i].think;
    server->config.queries = NULL; /* was lent */
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
