/* The client. A request lives in one of three places:
 *
 *     arrival --> waiting --> sent on a connection --> reply
 *                 |   ^        |
 *                 |   +--------+ its connection ended, and it may be retried
 *                 v            v
 *                 failed       failed
 *
 * The persistent client moves all that wait onto its one connection as soon as
 * that is up. The pool gives each to the connection that has been idle longest,
 * as pools do that want all of theirs to stay warm; so the connections spread
 * over equal-cost paths and all of them meet a fault.
 *
 * A pool's query time-out counts from the instant the request was sent; waiting
 * for a connection is limited by the same time from the instant it was due. The
 * latency that is reported always counts from the latter. */

#include "config.h"

#include "models/load/db.h"

#include "models/load/db_wire.h"

#define NO_CONNECTION "no free connection"
#define QUERY_TIMEOUT "query timeout"
#define UNANSWERED    "unanswered at the end"

typedef struct {
    uint64_t id;
    HsTime due;
    HsTime wait_until; /* pool: gives up waiting for a connection */
    unsigned tries;
} Request;

typedef enum {
    CONNECTION_DOWN,
    CONNECTION_TRYING,
    CONNECTION_UP,
} ConnectionState;

typedef struct {
    HsDbClient *client; /* borrowed: owns us */
    const char *name;   /* interned */
    ConnectionState state;
    HsStream *stream; /* owned; NULL while down */
    HsAlarm *alarm;   /* owned: reconnect, connect time-out, query time-out */
    GQueue sent;      /* Request, owned, in the order of the replies */
    DbParser parser;
    HsDuration delay; /* before the next connect */
    uint64_t attempt; /* connects so far */
    bool retransmitting;
} Connection;

struct HsDbClient {
    HsEnv *env; /* borrowed: outlives us */
    HsDbClientConfig config;
    const HsTrace *trace; /* borrowed from the environment */
    HsRng *arrivals;      /* owned */
    HsRng *payload;       /* owned */
    HsAlarm *arrival;     /* owned: the next request is due */
    HsAlarm *patience;    /* owned: a waiting request gives up */
    HsTime next_due;
    GQueue waiting;         /* Request, owned */
    GQueue idle;            /* Connection, borrowed: the longest idle first */
    GPtrArray *connections; /* Connection, owned */
    HsDbClientCounters counters;
    bool finished;
};

static void dispatch(HsDbClient *client);
static void try_to_connect(Connection *c);

/* Facts */

static void
request_fact(HsDbClient *client, HsFactKind kind, const Request *request,
             const Connection *c, const char *cause)
{
    const HsFact fact = {
        .kind = kind,
        .subject = client->config.name,
        .peer = c != NULL ? c->name : NULL,
        .cause = cause,
        .id = request->id,
        .value = hs_env_now(client->env) - request->due,
    };

    hs_env_fact(client->env, &fact);
}

static void
transport_fact(const Connection *c, const char *to, const char *cause,
               uint64_t id, int64_t value)
{
    const HsFact fact = {
        .kind = HS_FACT_TRANSPORT,
        .subject = c->client->config.name,
        .peer = c->name,
        .to = to,
        .cause = cause,
        .id = id,
        .value = value,
    };

    hs_env_fact(c->client->env, &fact);
}

/* Requests */

static void
fail(HsDbClient *client, Request *request, const Connection *c,
     const char *cause)
{
    client->counters.failed++;
    request_fact(client, HS_FACT_REQUEST_FAILED, request, c, cause);
    g_free(request);
}

/* The pool's waiting requests are not always in the order of their patience: a
 * retried one goes to the head with a new one. */
static void
set_patience(HsDbClient *client)
{
    HsTime first = HS_TIME_NEVER;

    for (GList *l = client->waiting.head; l != NULL; l = l->next) {
        const Request *request = l->data;

        first = hs_time_min(first, request->wait_until);
    }
    hs_alarm_set(client->patience, first);
}

static void
patience_ends(void *user_data)
{
    HsDbClient *client = user_data;
    HsTime now = hs_env_now(client->env);

    for (GList *l = client->waiting.head, *next; l != NULL; l = next) {
        Request *request = l->data;

        next = l->next;
        if (request->wait_until > now)
            continue;
        g_queue_delete_link(&client->waiting, l);
        client->counters.no_connection++;
        fail(client, request, NULL, NO_CONNECTION);
    }
    set_patience(client);
}

static HsTime
patience_from(const HsDbClient *client, HsTime from)
{
    if (client->config.kind == HS_DB_PERSISTENT)
        return HS_TIME_NEVER;
    return hs_time_add(from, client->config.query_timeout);
}

static HsDuration
draw_gap(HsDbClient *client)
{
    HsDuration gap = client->config.gap;

    if (client->config.arrivals == HS_ARRIVALS_POISSON)
        gap = hs_rng_exponential(client->arrivals, client->config.gap);
    return gap;
}

static void
arm_arrival(HsDbClient *client)
{
    hs_alarm_set(client->arrival, client->next_due < client->config.stop
                                      ? client->next_due
                                      : HS_TIME_NEVER);
}

/* Open loop: the next request is due whatever becomes of this one. */
static void
request_is_due(void *user_data)
{
    HsDbClient *client = user_data;
    Request *request = g_new0(Request, 1);

    request->id = ++client->counters.requests;
    request->due = client->next_due;
    request->wait_until = patience_from(client, request->due);
    request_fact(client, HS_FACT_REQUEST, request, NULL, NULL);
    g_queue_push_tail(&client->waiting, request);
    client->next_due = hs_time_add(client->next_due, draw_gap(client));
    arm_arrival(client);
    dispatch(client);
    if (client->waiting.length == 1 && client->waiting.head->data == request)
        hs_alarm_set(client->patience, request->wait_until);
}

static void
send_request(Connection *c, Request *request)
{
    HsDbClient *client = c->client;
    const DbMessage message = {
        .id = request->id,
        .seed = hs_rng_u64(client->payload),
        .length = client->config.request_size - DB_REQUEST_HEADER,
        .reply_length = client->config.reply_size - DB_REPLY_HEADER,
    };
    g_autoptr(GBytes) bytes = db_message_encode(DB_REQUEST_MAGIC, &message);
    size_t length;
    const void *data = g_bytes_get_data(bytes, &length);

    if (request->tries++ > 0)
        client->counters.retried++;
    g_queue_push_tail(&c->sent, request);
    hs_stream_send(c->stream, data, length);
    if (client->config.kind == HS_DB_POOL)
        hs_alarm_set(c->alarm, hs_time_add(hs_env_now(client->env),
                                           client->config.query_timeout));
}

static void
dispatch(HsDbClient *client)
{
    while (client->waiting.length > 0 && client->idle.length > 0) {
        Connection *c = g_queue_peek_head(&client->idle);

        if (client->config.kind == HS_DB_POOL)
            g_queue_pop_head(&client->idle);
        send_request(c, g_queue_pop_head(&client->waiting));
    }
}

/* Connections */

/* The connection is gone or given up: its requests fail or wait again, in
 * their order, and another attempt follows after the delay. */
static void
lose_connection(Connection *c, const char *cause)
{
    HsDbClient *client = c->client;
    HsTime now = hs_env_now(client->env);
    GQueue again = G_QUEUE_INIT;
    Request *request;

    hs_trace(client->trace, now, "%s closed (%s), %u unanswered", c->name,
             cause, c->sent.length);
    g_clear_pointer(&c->stream, hs_stream_free);
    c->state = CONNECTION_DOWN;
    c->retransmitting = false;
    g_queue_remove(&client->idle, c);
    transport_fact(c, "closed", cause, c->attempt, 0);
    while ((request = g_queue_pop_head(&c->sent)) != NULL) {
        if (request->tries > client->config.retries) {
            fail(client, request, c, cause);
            continue;
        }
        request->wait_until = patience_from(client, now);
        g_queue_push_tail(&again, request);
    }
    while ((request = g_queue_pop_tail(&again)) != NULL)
        g_queue_push_head(&client->waiting, request);
    set_patience(client);
    hs_alarm_set(c->alarm, hs_time_add(now, c->delay));
    c->delay = MIN(2 * c->delay, client->config.reconnect_delay_max);
    dispatch(client);
}

static void
alarm_fires(void *user_data)
{
    Connection *c = user_data;

    switch (c->state) {
    case CONNECTION_DOWN:
        try_to_connect(c);
        return;
    case CONNECTION_TRYING:
        lose_connection(c, hs_stream_end_name(HS_STREAM_CONNECT_TIMEOUT));
        return;
    case CONNECTION_UP:
        c->client->counters.timeouts++;
        lose_connection(c, QUERY_TIMEOUT);
        return;
    }
}

static void
connected(void *user_data)
{
    Connection *c = user_data;
    HsDbClient *client = c->client;

    c->state = CONNECTION_UP;
    c->retransmitting = false;
    c->delay = client->config.reconnect_delay;
    client->counters.connected++;
    hs_alarm_set(c->alarm, HS_TIME_NEVER);
    hs_trace(client->trace, hs_env_now(client->env), "%s connected", c->name);
    transport_fact(c, "connected", NULL, c->attempt, 0);
    g_queue_push_tail(&client->idle, c);
    dispatch(client);
}

/* A reply belongs to the oldest request of its connection. */
static bool
take_reply(Connection *c, const DbMessage *reply)
{
    HsDbClient *client = c->client;
    g_autofree Request *request = NULL;

    if (c->sent.length == 0 ||
        ((Request *)g_queue_peek_head(&c->sent))->id != reply->id)
        return false;
    request = g_queue_pop_head(&c->sent);
    client->counters.replies++;
    request_fact(client, HS_FACT_REPLY, request, c, NULL);
    if (client->config.kind == HS_DB_POOL) {
        hs_alarm_set(c->alarm, HS_TIME_NEVER);
        g_queue_push_tail(&client->idle, c);
        dispatch(client);
    }
    return true;
}

static void
received(void *user_data, const uint8_t *data, size_t length)
{
    Connection *c = user_data;

    for (;;) {
        DbMessage reply;
        HsDbBad bad = HS_DB_BAD_NONE;

        switch (db_parser_feed(&c->parser, &data, &length, &reply, &bad)) {
        case DB_PARSER_MORE:
            return;
        case DB_PARSER_MESSAGE:
            if (take_reply(c, &reply))
                continue;
            bad = HS_DB_BAD_ORDER;
            break;
        case DB_PARSER_BAD:
            break;
        }
        c->client->counters.bad[bad]++;
        lose_connection(c, hs_db_bad_name(bad));
        return;
    }
}

static void
retransmitted(void *user_data, unsigned attempt, HsDuration rto)
{
    Connection *c = user_data;

    c->retransmitting = true;
    transport_fact(c, "retransmit", NULL, attempt, rto);
}

static void
acked(void *user_data, uint64_t total)
{
    Connection *c = user_data;

    (void)total;
    if (!c->retransmitting)
        return;
    c->retransmitting = false;
    transport_fact(c, "ack", NULL, 0, 0);
}

static void
ended(void *user_data, HsStreamEnd why)
{
    lose_connection(user_data, hs_stream_end_name(why));
}

static void
try_to_connect(Connection *c)
{
    static const HsStreamEvents events = {
        .connected = connected,
        .received = received,
        .retransmitted = retransmitted,
        .acked = acked,
        .ended = ended,
    };
    HsDbClient *client = c->client;
    const HsDbClientConfig *config = &client->config;

    c->state = CONNECTION_TRYING;
    c->attempt++;
    client->counters.connects++;
    db_parser_init(&c->parser, DB_REPLY_MAGIC,
                   config->reply_size - DB_REPLY_HEADER);
    transport_fact(c, "connecting", NULL, c->attempt, 0);
    hs_alarm_set(c->alarm, config->connect_timeout != 0
                               ? hs_time_add(hs_env_now(client->env),
                                             config->connect_timeout)
                               : HS_TIME_NEVER);
    c->stream = hs_stream_connect(client->env, &config->local, &config->server,
                                  config->port, &events, c);
}

/* Life */

static void
connection_free(void *data)
{
    Connection *c = data;

    hs_stream_free(c->stream);
    hs_alarm_free(c->alarm);
    g_queue_clear_full(&c->sent, g_free);
    g_free(c);
}

static void
add_connection(HsDbClient *client, unsigned index)
{
    Connection *c = g_new0(Connection, 1);
    g_autofree char *name = g_strdup_printf("c%u", index);

    c->client = client;
    c->name = g_intern_string(name);
    c->delay = client->config.reconnect_delay;
    c->alarm = hs_alarm_new(client->env, alarm_fires, c);
    hs_alarm_set(c->alarm, client->config.start);
    g_queue_init(&c->sent);
    g_ptr_array_add(client->connections, c);
}

static void
set_defaults(HsDbClientConfig *config)
{
    bool pool = config->kind == HS_DB_POOL;

    if (config->port == 0)
        config->port = HS_DB_PORT;
    if (config->request_size == 0)
        config->request_size = 200;
    if (config->reply_size == 0)
        config->reply_size = 1000;
    config->request_size = MAX(config->request_size, DB_REQUEST_HEADER);
    /* at least one octet, because 0 stands for "any length" in the parser */
    config->reply_size = MAX(config->reply_size, DB_REPLY_HEADER + 1);
    if (!pool)
        config->connections = 1;
    else if (config->connections == 0)
        config->connections = 10;
    if (config->query_timeout == 0)
        config->query_timeout = HS_SEC(1);
    if (config->connect_timeout == 0 && pool)
        config->connect_timeout = HS_SEC(1);
    if (config->reconnect_delay == 0)
        config->reconnect_delay = HS_MSEC(100);
    if (config->reconnect_delay_max == 0)
        config->reconnect_delay_max = HS_SEC(5);
}

HsDbClient *
hs_db_client_new(HsEnv *env, const HsDbClientConfig *config)
{
    HsDbClient *client = g_new0(HsDbClient, 1);
    g_autofree char *arrivals =
        g_strdup_printf("db arrivals %s", config->stream);
    g_autofree char *payload = g_strdup_printf("db payload %s", config->name);

    g_assert(config->gap > 0);
    client->env = env;
    client->config = *config;
    client->config.name = g_intern_string(config->name); /* goes into facts */
    set_defaults(&client->config);
    client->trace = hs_env_trace_new(env, "db", client->config.name);
    client->arrivals = hs_env_rng_new(env, arrivals);
    client->payload = hs_env_rng_new(env, payload);
    client->arrival = hs_alarm_new(env, request_is_due, client);
    client->patience = hs_alarm_new(env, patience_ends, client);
    g_queue_init(&client->waiting);
    g_queue_init(&client->idle);
    client->connections = g_ptr_array_new_with_free_func(connection_free);
    for (unsigned i = 0; i < client->config.connections; i++)
        add_connection(client, i);
    /* a constant rate begins at a seeded phase */
    client->next_due = hs_time_add(
        config->start, config->arrivals == HS_ARRIVALS_CONSTANT
                           ? hs_rng_uniform(client->arrivals, 1, config->gap)
                           : draw_gap(client));
    arm_arrival(client);
    return client;
}

static int
compare_ids(const void *a, const void *b)
{
    const Request *x = *(Request *const *)a, *y = *(Request *const *)b;

    return x->id < y->id ? -1 : x->id > y->id;
}

void
hs_db_client_finish(HsDbClient *client)
{
    g_autoptr(GPtrArray) open = g_ptr_array_new_with_free_func(g_free);
    Request *request;

    if (client->finished)
        return;
    client->finished = true;
    hs_alarm_set(client->arrival, HS_TIME_NEVER);
    hs_alarm_set(client->patience, HS_TIME_NEVER);
    g_queue_clear(&client->idle);
    while ((request = g_queue_pop_head(&client->waiting)) != NULL)
        g_ptr_array_add(open, request);
    for (guint i = 0; i < client->connections->len; i++) {
        Connection *c = g_ptr_array_index(client->connections, i);

        while ((request = g_queue_pop_head(&c->sent)) != NULL)
            g_ptr_array_add(open, request);
        hs_alarm_set(c->alarm, HS_TIME_NEVER);
        if (c->state == CONNECTION_UP)
            hs_stream_close(c->stream);
        g_clear_pointer(&c->stream, hs_stream_free);
        c->state = CONNECTION_DOWN;
    }
    g_ptr_array_sort(open, compare_ids);
    for (guint i = 0; i < open->len; i++)
        request_fact(client, HS_FACT_REQUEST_FAILED, g_ptr_array_index(open, i),
                     NULL, UNANSWERED);
    client->counters.unanswered = open->len;
}

void
hs_db_client_free(HsDbClient *client)
{
    if (client == NULL)
        return;
    hs_alarm_free(client->arrival);
    hs_alarm_free(client->patience);
    g_queue_clear(&client->idle);
    g_queue_clear_full(&client->waiting, g_free);
    g_ptr_array_unref(client->connections);
    hs_rng_free(client->arrivals);
    hs_rng_free(client->payload);
    g_free(client);
}

const HsDbClientCounters *
hs_db_client_counters(const HsDbClient *client)
{
    return &client->counters;
}

uint64_t
hs_db_client_pending(const HsDbClient *client)
{
    const HsDbClientCounters *c = &client->counters;

    return c->requests - c->replies - c->failed - c->unanswered;
}
