/* The client's requests: when they are due, where they wait, how they end. What
 * happens on a connection is db_connection.c's.
 *
 * The persistent client moves all that wait onto its one connection as soon as
 * that is up, one behind the other; unless a request takes several round trips,
 * when a connection has one request at a time as those of the pool do. The pool
 * gives each to the connection that has been idle longest, as pools do that
 * want all of theirs to stay warm; so the connections spread over equal-cost
 * paths and all of them meet a fault.
 *
 * A pool's query time-out counts from the instant a round trip was sent;
 * waiting for a connection is limited by a time of its own from the instant the
 * request was due. The latency that is reported always counts from the latter.
 */

#include "config.h"

#include "models/load/db.h"

#include "models/load/db_private.h"

#define NO_CONNECTION "no free connection"
#define UNANSWERED    "unanswered at the end"

/* Facts */

static void
request_fact(HsDbClient *client, HsFactKind kind, const DbRequest *request,
             const DbConnection *c, const char *cause)
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

/* When requests are due */

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
    const DbUser *user = g_queue_peek_head(&client->users);
    HsTime due = client->config.loop == HS_DB_LOOP_OPEN ? client->next_due
                 : user != NULL                         ? user->due
                                                        : HS_TIME_NEVER;

    hs_alarm_set(client->arrival,
                 due < client->config.stop ? due : HS_TIME_NEVER);
}

static int
compare_users(const void *a, const void *b, void *user_data)
{
    const DbUser *x = a, *y = b;

    (void)user_data;
    return x->due < y->due ? -1 : x->due > y->due;
}

/* Closed loop: a user thinks from FROM on. */
static void
user_thinks(HsDbClient *client, HsTime from)
{
    DbUser *user = g_new0(DbUser, 1);

    user->due =
        hs_time_add(from, hs_distribution_draw(&client->config.user_think,
                                               client->arrivals));
    g_queue_insert_sorted(&client->users, user, compare_users, NULL);
    arm_arrival(client);
}

static void
request_is_over(HsDbClient *client, DbRequest *request)
{
    g_free(request);
    if (client->config.loop == HS_DB_LOOP_CLOSED)
        user_thinks(client, hs_env_now(client->env));
}

/* How they end */

void
db_client_answered(HsDbClient *client, DbRequest *request,
                   const DbConnection *c)
{
    client->counters.replies++;
    request_fact(client, HS_FACT_REPLY, request, c, NULL);
    request_is_over(client, request);
}

static void
fail(HsDbClient *client, DbRequest *request, const DbConnection *c,
     const char *cause)
{
    client->counters.failed++;
    request_fact(client, HS_FACT_REQUEST_FAILED, request, c, cause);
    request_is_over(client, request);
}

/* Where they wait */

/* The waiting requests are not always in the order of their patience: a retried
 * one goes to the head with a new one. */
static void
set_patience(HsDbClient *client)
{
    HsTime first = HS_TIME_NEVER;

    for (GList *l = client->waiting.head; l != NULL; l = l->next) {
        const DbRequest *request = l->data;

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
        DbRequest *request = l->data;

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
    return hs_time_add(from, client->config.acquire_timeout);
}

static unsigned
choose_query(HsDbClient *client)
{
    uint64_t draw;

    if (client->query_count == 1)
        return 0;
    draw = hs_rng_below(client->choices, client->weights);
    for (unsigned i = 0; i < client->query_count; i++) {
        if (draw < client->queries[i].weight)
            return i;
        draw -= client->queries[i].weight;
    }
    g_assert_not_reached();
}

/* Open loop: the next request is due whatever becomes of this one. */
static void
request_is_due(void *user_data)
{
    HsDbClient *client = user_data;
    DbRequest *request = g_new0(DbRequest, 1);

    request->id = ++client->counters.requests;
    if (client->config.loop == HS_DB_LOOP_CLOSED) {
        g_autofree DbUser *user = g_queue_pop_head(&client->users);

        request->due = user->due;
    } else {
        request->due = client->next_due;
    }
    request->query = choose_query(client);
    request->wait_until = patience_from(client, request->due);
    request_fact(client, HS_FACT_REQUEST, request, NULL, NULL);
    g_queue_push_tail(&client->waiting, request);
    if (client->config.loop == HS_DB_LOOP_OPEN)
        client->next_due = hs_time_add(client->next_due, draw_gap(client));
    arm_arrival(client);
    db_client_dispatch(client);
    if (client->waiting.length > 0 && client->waiting.tail->data == request) {
        client->counters.waited++;
        if (client->waiting.length == 1)
            hs_alarm_set(client->patience, request->wait_until);
    }
}

void
db_client_dispatch(HsDbClient *client)
{
    while (client->waiting.length > 0 && client->idle.length > 0) {
        DbConnection *c = g_queue_peek_head(&client->idle);
        DbRequest *request;

        if (!db_connection_good(c))
            continue;
        if (client->exclusive)
            g_queue_pop_head(&client->idle);
        request = g_queue_pop_head(&client->waiting);
        if (request->tries == 0)
            client->counters.wait_max =
                MAX(client->counters.wait_max,
                    hs_env_now(client->env) - request->due);
        db_connection_take(c, request);
    }
    if (client->waiting.length > 0)
        db_connection_wake(client);
}

/* Retries */

/* The TRIES-th wait: doubled each time. */
static HsDuration
retry_delay(const HsDbClient *client, unsigned tries)
{
    HsDuration delay = client->config.retry_delay;

    while (--tries > 0 && delay < client->config.retry_delay_max)
        delay *= 2;
    return MIN(delay, client->config.retry_delay_max);
}

static void
arm_again(HsDbClient *client)
{
    HsTime first = HS_TIME_NEVER;

    for (GList *l = client->delayed.head; l != NULL; l = l->next)
        first = hs_time_min(first, ((const DbRequest *)l->data)->again_at);
    hs_alarm_set(client->again, first);
}

static void
waits_again(void *user_data)
{
    HsDbClient *client = user_data;
    HsTime now = hs_env_now(client->env);

    for (GList *l = client->delayed.head, *next; l != NULL; l = next) {
        DbRequest *request = l->data;

        next = l->next;
        if (request->again_at > now)
            continue;
        g_queue_delete_link(&client->delayed, l);
        request->wait_until = patience_from(client, now);
        g_queue_push_tail(&client->waiting, request);
    }
    arm_again(client);
    set_patience(client);
    db_client_dispatch(client);
}

/* True: it is tried again later. */
static bool
is_delayed(HsDbClient *client, DbRequest *request)
{
    if (client->config.retry_delay == 0)
        return false;
    request->again_at = hs_time_add(hs_env_now(client->env),
                                    retry_delay(client, request->tries));
    g_queue_push_tail(&client->delayed, request);
    arm_again(client);
    return true;
}

void
db_client_failed(HsDbClient *client, DbRequest *request, const DbConnection *c,
                 const char *cause)
{
    if (request->tries > client->config.retries) {
        fail(client, request, c, cause);
        return;
    }
    if (is_delayed(client, request))
        return;
    request->wait_until = patience_from(client, hs_env_now(client->env));
    g_queue_push_head(&client->waiting, request);
    set_patience(client);
}

void
db_client_lost(HsDbClient *client, GQueue *requests, const DbConnection *c,
               const char *cause)
{
    HsTime now = hs_env_now(client->env);
    GQueue again = G_QUEUE_INIT;
    DbRequest *request;

    while ((request = g_queue_pop_head(requests)) != NULL) {
        if (cause != NULL && request->tries > client->config.retries) {
            fail(client, request, c, cause);
            continue;
        }
        if (cause != NULL) {
            if (is_delayed(client, request))
                continue;
            request->wait_until = patience_from(client, now);
        }
        g_queue_push_tail(&again, request);
    }
    while ((request = g_queue_pop_tail(&again)) != NULL)
        g_queue_push_head(&client->waiting, request);
    set_patience(client);
}

/* Life */

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
    if (config->acquire_timeout == 0)
        config->acquire_timeout = config->query_timeout;
    if (config->connect_timeout == 0 && pool)
        config->connect_timeout = HS_SEC(1);
    if (config->reconnect_delay == 0)
        config->reconnect_delay = HS_MSEC(100);
    if (config->reconnect_delay_max == 0)
        config->reconnect_delay_max = HS_SEC(5);
    if (config->retry_delay_max == 0)
        config->retry_delay_max = HS_SEC(5);
    if (config->users == 0)
        config->users = 1;
    if (config->min_idle == 0 || !pool)
        config->min_idle = config->connections;
    if (!pool)
        config->max_lifetime = config->check_after = 0;
}

/* One at least: what the client does if there is no mix. */
static void
set_queries(HsDbClient *client)
{
    const HsDbClientConfig *config = &client->config;

    g_assert(config->query_count <= HS_DB_QUERIES_MAX);
    client->query_count = MAX(config->query_count, 1);
    client->exclusive =
        config->kind == HS_DB_POOL || config->loop == HS_DB_LOOP_CLOSED;
    for (unsigned i = 0; i < client->query_count; i++) {
        HsDbQuery *query = &client->queries[i];

        if (config->query_count > 0)
            *query = config->queries[i];
        query->weight = MAX(query->weight, 1);
        query->round_trips = MAX(query->round_trips, 1);
        if (query->request_size == 0)
            query->request_size = config->request_size;
        if (query->reply_size == 0)
            query->reply_size = config->reply_size;
        query->request_size = MAX(query->request_size, DB_REQUEST_HEADER);
        query->reply_size = MAX(query->reply_size, DB_REPLY_HEADER + 1);
        client->weights += query->weight;
        client->exclusive |= query->round_trips > 1 || query->prepared;
    }
    client->config.queries = NULL; /* were lent */
}

/* An open loop's first request, or each user's. */
static void
set_first_arrivals(HsDbClient *client)
{
    const HsDbClientConfig *config = &client->config;

    if (config->loop == HS_DB_LOOP_CLOSED) {
        for (unsigned i = 0; i < config->users; i++)
            user_thinks(client, config->start);
        return;
    }
    g_assert(config->gap > 0);
    /* a constant rate begins at a seeded phase */
    client->next_due = hs_time_add(
        config->start, config->arrivals == HS_ARRIVALS_CONSTANT
                           ? hs_rng_uniform(client->arrivals, 1, config->gap)
                           : draw_gap(client));
    arm_arrival(client);
}

HsDbClient *
hs_db_client_new(HsEnv *env, const HsDbClientConfig *config)
{
    HsDbClient *client = g_new0(HsDbClient, 1);
    g_autofree char *arrivals =
        g_strdup_printf("db arrivals %s", config->stream);
    g_autofree char *payload = g_strdup_printf("db payload %s", config->name);
    g_autofree char *choices = g_strdup_printf("db choices %s", config->name);

    client->env = env;
    client->config = *config;
    client->config.name = g_intern_string(config->name); /* goes into facts */
    set_defaults(&client->config);
    set_queries(client);
    client->trace = hs_env_trace_new(env, "db", client->config.name);
    client->arrivals = hs_env_rng_new(env, arrivals);
    client->payload = hs_env_rng_new(env, payload);
    client->choices = hs_env_rng_new(env, choices);
    client->arrival = hs_alarm_new(env, request_is_due, client);
    client->patience = hs_alarm_new(env, patience_ends, client);
    client->again = hs_alarm_new(env, waits_again, client);
    g_queue_init(&client->users);
    g_queue_init(&client->waiting);
    g_queue_init(&client->delayed);
    g_queue_init(&client->idle);
    client->connections = g_ptr_array_new_with_free_func(db_connection_free);
    for (unsigned i = 0; i < client->config.connections; i++)
        g_ptr_array_add(client->connections, db_connection_new(client, i));
    set_first_arrivals(client);
    return client;
}

static int
compare_ids(const void *a, const void *b)
{
    const DbRequest *x = *(DbRequest *const *)a, *y = *(DbRequest *const *)b;

    return x->id < y->id ? -1 : x->id > y->id;
}

void
hs_db_client_finish(HsDbClient *client)
{
    g_autoptr(GPtrArray) open = g_ptr_array_new_with_free_func(g_free);
    DbRequest *request;

    if (client->finished)
        return;
    client->finished = true;
    hs_alarm_set(client->arrival, HS_TIME_NEVER);
    hs_alarm_set(client->patience, HS_TIME_NEVER);
    hs_alarm_set(client->again, HS_TIME_NEVER);
    g_queue_clear(&client->idle);
    while ((request = g_queue_pop_head(&client->waiting)) != NULL)
        g_ptr_array_add(open, request);
    while ((request = g_queue_pop_head(&client->delayed)) != NULL)
        g_ptr_array_add(open, request);
    for (guint i = 0; i < client->connections->len; i++)
        db_connection_finish(g_ptr_array_index(client->connections, i), open);
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
    hs_alarm_free(client->again);
    g_queue_clear(&client->idle);
    g_queue_clear_full(&client->users, g_free);
    g_queue_clear_full(&client->waiting, g_free);
    g_queue_clear_full(&client->delayed, g_free);
    g_ptr_array_unref(client->connections);
    hs_rng_free(client->arrivals);
    hs_rng_free(client->payload);
    hs_rng_free(client->choices);
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
