/* A connection of the client:
 *
 *     down --> trying --> login --> idle --> check --> reply <--> pause
 *      ^          |          |        |        |         |          |
 *      +----------+----------+--------+--------+---------+----------+
 *
 * One alarm does for all states, because a connection waits for one thing at a
 * time. A connection that is lost connects again after a delay, which doubles
 * until one comes up and is let in; those of a pool above the least number only
 * while somebody waits for one. */

#include "config.h"

#include "models/load/db_private.h"

#define QUERY_TIMEOUT  "query timeout"
#define SOCKET_TIMEOUT "socket timeout"
#define TOO_MANY       "too many clients"
#define CANCELLED      "statement timeout"
#define RETIRED        "retired"
#define CHECK_LENGTH   64

static void try_to_connect(DbConnection *c);

/* Facts */

static void
transport_fact(const DbConnection *c, const char *to, const char *cause,
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

/* Messages */

/* What a reply's payload must measure, of what is asked next. */
static void
expect_reply(DbConnection *c)
{
    const HsDbClient *client = c->client;
    uint32_t size = client->config.reply_size;
    const DbRequest *request = g_queue_peek_head(&c->sent);

    if (c->state == DB_CONNECTION_LOGIN || c->waits == DB_WAITS_CHECK)
        size = CHECK_LENGTH + DB_REPLY_HEADER;
    else if (request != NULL)
        size = client->queries[request->query].reply_size;
    c->parser.exact_length = size - DB_REPLY_HEADER;
}

static void
send_message(DbConnection *c, uint64_t id, uint32_t length,
             uint32_t reply_length)
{
    const DbMessage message = {
        .id = id,
        .seed = hs_rng_u64(c->client->payload),
        .length = length,
        .reply_length = reply_length,
    };
    g_autoptr(GBytes) bytes = db_message_encode(DB_REQUEST_MAGIC, &message);
    size_t size;
    const void *data = g_bytes_get_data(bytes, &size);

    hs_stream_send(c->stream, data, size);
}

static void
send_small(DbConnection *c, unsigned kind, unsigned number)
{
    expect_reply(c);
    send_message(c, DB_ID(kind, 0, number), CHECK_LENGTH, CHECK_LENGTH);
}

/* The end of a connection */

static HsDuration
draw_delay(const DbConnection *c)
{
    HsDbClient *client = c->client;
    HsDuration delay = c->delay;

    if (client->config.reconnect_jitter > 0)
        delay -= (HsDuration)((double)delay * client->config.reconnect_jitter *
                              hs_rng_unit(client->choices));
    return delay;
}

static void
go_down(DbConnection *c)
{
    g_clear_pointer(&c->stream, hs_stream_free);
    c->state = DB_CONNECTION_DOWN;
    c->waits = DB_WAITS_NONE;
    c->retransmitting = false;
    g_queue_remove(&c->client->idle, c);
}

static void
come_back(DbConnection *c, HsDuration delay)
{
    const HsDbClient *client = c->client;

    c->dormant = c->index >= client->config.min_idle &&
                 client->waiting.length == 0 && client->delayed.length == 0;
    hs_alarm_set(c->alarm, c->dormant
                               ? HS_TIME_NEVER
                               : hs_time_add(hs_env_now(client->env), delay));
}

static void
count_loss(const DbConnection *c, const char *cause)
{
    HsDbClientCounters *n = &c->client->counters;
    bool by_limit = false;

    if (c->state != DB_CONNECTION_UP) {
        n->connect_failed++;
        n->connect_timeouts +=
            cause == hs_stream_end_name(HS_STREAM_CONNECT_TIMEOUT);
        return;
    }
    by_limit = cause == hs_stream_end_name(HS_STREAM_USER_TIMEOUT);
    n->lost++;
    n->user_timeouts += by_limit;
    n->keepalive += cause == hs_stream_end_name(HS_STREAM_KEEPALIVE);
}

/* The connection is gone or given up: its requests fail or wait again, in
 * their order, and another attempt follows after the delay. */
static void
lose_connection(DbConnection *c, const char *cause)
{
    HsDbClient *client = c->client;
    GQueue lost = c->sent;
    bool begun = c->waits != DB_WAITS_CHECK;

    hs_trace(client->trace, hs_env_now(client->env),
             "%s closed (%s), %u unanswered", c->name, cause, c->sent.length);
    count_loss(c, cause);
    g_queue_init(&c->sent);
    go_down(c);
    transport_fact(c, "closed", cause, c->attempt, 0);
    db_client_lost(client, &lost, c, begun ? cause : NULL);
    come_back(c, draw_delay(c));
    c->delay = MIN(2 * c->delay, client->config.reconnect_delay_max);
    db_client_dispatch(client);
}

/* Idle for too long, or too old: closed in good order. */
static void
retire(DbConnection *c)
{
    HsDbClient *client = c->client;

    hs_trace(client->trace, hs_env_now(client->env), "%s retired", c->name);
    client->counters.retired++;
    hs_stream_close(c->stream);
    go_down(c);
    transport_fact(c, "closed", RETIRED, c->attempt, 0);
    come_back(c, 0);
}

/* Idle */

static void
become_idle(DbConnection *c)
{
    HsDbClient *client = c->client;
    const HsDbClientConfig *config = &client->config;
    HsTime end = HS_TIME_NEVER;

    c->waits = DB_WAITS_NONE;
    c->idle_since = hs_env_now(client->env);
    if (config->max_lifetime > 0)
        end = hs_time_add(c->born, config->max_lifetime);
    if (config->idle_timeout > 0 && c->index >= config->min_idle)
        end =
            hs_time_min(end, hs_time_add(c->idle_since, config->idle_timeout));
    hs_alarm_set(c->alarm, end);
    g_queue_push_tail(&client->idle, c);
    db_client_dispatch(client);
}

bool
db_connection_good(DbConnection *c)
{
    const HsDbClient *client = c->client;

    if (client->config.max_lifetime == 0 ||
        hs_env_now(client->env) < c->born + client->config.max_lifetime)
        return true;
    retire(c);
    return false;
}

void
db_connection_wake(HsDbClient *client)
{
    unsigned coming = 0;

    if (client->config.min_idle >= client->connections->len)
        return;
    for (guint i = 0; i < client->connections->len; i++) {
        const DbConnection *c = g_ptr_array_index(client->connections, i);

        coming += c->state != DB_CONNECTION_UP && !c->dormant;
    }
    for (guint i = 0;
         i < client->connections->len && coming < client->waiting.length; i++) {
        DbConnection *c = g_ptr_array_index(client->connections, i);

        if (!c->dormant)
            continue;
        c->dormant = false;
        hs_alarm_set(c->alarm, hs_env_now(client->env));
        coming++;
    }
}

/* Round trips */

static HsDuration
patience_for_reply(const HsDbClient *client)
{
    return client->config.kind == HS_DB_POOL ? client->config.query_timeout
                                             : client->config.socket_timeout;
}

static void
await_reply(DbConnection *c)
{
    HsDuration patience = patience_for_reply(c->client);

    c->waits = DB_WAITS_REPLY;
    hs_alarm_set(c->alarm,
                 patience > 0 && c->sent.length > 0
                     ? hs_time_add(hs_env_now(c->client->env), patience)
                     : HS_TIME_NEVER);
}

static void
send_round_trip(DbConnection *c, DbRequest *request)
{
    HsDbClient *client = c->client;
    const HsDbQuery *query = &client->queries[request->query];

    request->preparing = query->prepared && !request->parsed &&
                         (c->prepared & UINT32_C(1) << request->query) == 0;
    expect_reply(c);
    send_message(c, DB_ID(DB_STATEMENT, request->query, request->id),
                 query->request_size - DB_REQUEST_HEADER,
                 query->reply_size - DB_REPLY_HEADER);
}

/* The request's first round trip. Of those that are sent one behind the other
 * the time-out counts from the oldest's turn. */
static void
begin(DbConnection *c, DbRequest *request)
{
    HsDbClient *client = c->client;

    request->round_trips = 0;
    request->parsed = false;
    if (request->tries++ > 0)
        client->counters.retried++;
    send_round_trip(c, request);
    if (c->sent.length == 1)
        await_reply(c);
}

static bool
must_check(const DbConnection *c)
{
    const HsDbClientConfig *config = &c->client->config;

    return config->check_after > 0 &&
           hs_env_now(c->client->env) - c->idle_since >= config->check_after;
}

void
db_connection_take(DbConnection *c, DbRequest *request)
{
    HsDbClient *client = c->client;

    g_queue_push_tail(&c->sent, request);
    if (client->exclusive && must_check(c)) {
        client->counters.checks++;
        await_reply(c);
        c->waits = DB_WAITS_CHECK;
        send_small(c, DB_CHECK, 0);
        return;
    }
    begin(c, request);
}

/* The oldest request of the connection is over, with the connection intact. */
static void
next_request(DbConnection *c)
{
    if (c->client->exclusive) {
        become_idle(c);
    } else {
        expect_reply(c);
        await_reply(c);
    }
}

static void
round_trip_done(DbConnection *c)
{
    HsDbClient *client = c->client;
    DbRequest *request = g_queue_peek_head(&c->sent);
    const HsDbQuery *query = &client->queries[request->query];

    request->parsed = request->preparing;
    if (!request->preparing)
        request->round_trips++;
    if (request->round_trips >= query->round_trips) {
        c->prepared |= UINT32_C(1) << request->query;
        g_queue_pop_head(&c->sent);
        db_client_answered(client, request, c);
        next_request(c);
    } else if (!request->preparing &&
               query->pause.shape != HS_DISTRIBUTION_NONE) {
        c->waits = DB_WAITS_PAUSE;
        hs_alarm_set(
            c->alarm,
            hs_time_add(hs_env_now(client->env),
                        hs_distribution_draw(&query->pause, client->choices)));
    } else {
        send_round_trip(c, request);
        await_reply(c);
    }
}

static void
log_in(DbConnection *c)
{
    HsDbClient *client = c->client;

    if (c->logged_in < client->config.login_round_trips) {
        c->state = DB_CONNECTION_LOGIN;
        send_small(c, DB_LOGIN, c->logged_in);
        return;
    }
    c->state = DB_CONNECTION_UP;
    c->born = hs_env_now(client->env);
    c->delay_before = c->delay;
    c->delay = client->config.reconnect_delay;
    client->counters.connected++;
    hs_alarm_set(c->alarm, HS_TIME_NEVER);
    hs_trace(client->trace, hs_env_now(client->env), "%s connected", c->name);
    transport_fact(c, "connected", NULL, c->attempt, 0);
    become_idle(c);
}

/* A reply belongs to the oldest request of its connection. False: it does not.
 */
static bool
take_reply(DbConnection *c, const DbMessage *reply)
{
    const DbRequest *request = g_queue_peek_head(&c->sent);

    if (c->state == DB_CONNECTION_LOGIN) {
        if (reply->id != DB_ID(DB_LOGIN, 0, c->logged_in))
            return false;
        c->logged_in++;
        log_in(c);
        return true;
    }
    if (request == NULL)
        return false;
    if (c->waits == DB_WAITS_CHECK) {
        if (reply->id != DB_ID(DB_CHECK, 0, 0))
            return false;
        c->waits = DB_WAITS_REPLY;
        begin(c, g_queue_peek_head(&c->sent));
        return true;
    }
    if (c->waits != DB_WAITS_REPLY ||
        reply->id != DB_ID(DB_STATEMENT, request->query, request->id))
        return false;
    round_trip_done(c);
    return true;
}

/* The server's complaint. False: none that could be meant. */
static bool
take_error(DbConnection *c, const DbMessage *reply)
{
    HsDbClient *client = c->client;
    DbRequest *request = g_queue_peek_head(&c->sent);

    if (reply->id != DB_ID(DB_CANCELLED, 0, request != NULL ? request->id : 0))
        return false;
    if (request == NULL || c->waits != DB_WAITS_REPLY)
        return false;
    client->counters.cancelled++;
    g_queue_pop_head(&c->sent);
    db_client_failed(client, request, c, CANCELLED);
    next_request(c);
    db_client_dispatch(client);
    return true;
}

/* It was accepted only to be told so. */
static void
be_refused(DbConnection *c)
{
    HsDbClient *client = c->client;

    client->counters.refused++;
    if (c->state == DB_CONNECTION_UP) { /* there is no login */
        client->counters.connected--;
        c->state = DB_CONNECTION_LOGIN;
        c->delay = c->delay_before;
    }
    lose_connection(c, TOO_MANY);
}

static void
received(void *user_data, const uint8_t *data, size_t length)
{
    DbConnection *c = user_data;
    const HsStream *stream = c->stream;

    while (c->stream == stream) {
        DbMessage reply;
        HsDbBad bad = HS_DB_BAD_NONE;

        switch (db_parser_feed(&c->parser, &data, &length, &reply, &bad)) {
        case DB_PARSER_MORE:
            return;
        case DB_PARSER_MESSAGE:
            if (reply.id == DB_ID(DB_TOO_MANY, 0, 0)) {
                be_refused(c);
                return;
            }
            if (DB_KIND(reply.id) >= DB_TOO_MANY ? take_error(c, &reply)
                                                 : take_reply(c, &reply))
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

/* Time and TCP */

static void
alarm_fires(void *user_data)
{
    DbConnection *c = user_data;
    bool pool = c->client->config.kind == HS_DB_POOL;

    switch (c->state) {
    case DB_CONNECTION_DOWN:
        try_to_connect(c);
        return;
    case DB_CONNECTION_TRYING:
    case DB_CONNECTION_LOGIN:
        lose_connection(c, hs_stream_end_name(HS_STREAM_CONNECT_TIMEOUT));
        return;
    case DB_CONNECTION_UP:
        break;
    }
    switch (c->waits) {
    case DB_WAITS_NONE:
        retire(c);
        return;
    case DB_WAITS_PAUSE:
        send_round_trip(c, g_queue_peek_head(&c->sent));
        await_reply(c);
        return;
    case DB_WAITS_REPLY:
    case DB_WAITS_CHECK:
        c->client->counters.timeouts += c->waits == DB_WAITS_REPLY;
        lose_connection(c, pool ? QUERY_TIMEOUT : SOCKET_TIMEOUT);
        return;
    }
}

static void
connected(void *user_data)
{
    DbConnection *c = user_data;

    c->retransmitting = false;
    log_in(c);
}

static void
retransmitted(void *user_data, unsigned attempt, HsDuration rto)
{
    DbConnection *c = user_data;

    c->retransmitting = true;
    transport_fact(c, "retransmit", NULL, attempt, rto);
}

static void
acked(void *user_data, uint64_t total)
{
    DbConnection *c = user_data;

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
try_to_connect(DbConnection *c)
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

    c->state = DB_CONNECTION_TRYING;
    c->attempt++;
    c->logged_in = 0;
    c->prepared = 0;
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
    hs_stream_set_limits(c->stream, &config->limits);
}

/* Life */

DbConnection *
db_connection_new(HsDbClient *client, unsigned index)
{
    DbConnection *c = g_new0(DbConnection, 1);
    g_autofree char *name = g_strdup_printf("c%u", index);

    c->client = client;
    c->index = index;
    c->name = g_intern_string(name);
    c->delay = client->config.reconnect_delay;
    c->dormant = index >= client->config.min_idle;
    c->alarm = hs_alarm_new(client->env, alarm_fires, c);
    hs_alarm_set(c->alarm, c->dormant ? HS_TIME_NEVER : client->config.start);
    g_queue_init(&c->sent);
    return c;
}

void
db_connection_free(void *connection)
{
    DbConnection *c = connection;

    hs_stream_free(c->stream);
    hs_alarm_free(c->alarm);
    g_queue_clear_full(&c->sent, g_free);
    g_free(c);
}

void
db_connection_finish(DbConnection *c, GPtrArray *open)
{
    DbRequest *request;

    while ((request = g_queue_pop_head(&c->sent)) != NULL)
        g_ptr_array_add(open, request);
    hs_alarm_set(c->alarm, HS_TIME_NEVER);
    if (c->state == DB_CONNECTION_UP)
        hs_stream_close(c->stream);
    g_clear_pointer(&c->stream, hs_stream_free);
    c->state = DB_CONNECTION_DOWN;
}
