#include "config.h"

#include "sim/output/json_database.h"

#include "sim/output/json_value.h"

static void
set_count(json_t *object, const char *key, uint64_t count)
{
    hs_json_set(object, key, hs_json_number(count));
}

static json_t *
timeouts(const HsDbClientCounters *n)
{
    json_t *object = json_object();

    set_count(object, "connect", n->connect_timeouts);
    set_count(object, "acquire", n->no_connection);
    set_count(object, "reply", n->timeouts);
    set_count(object, "statement", n->cancelled);
    set_count(object, "tcp_user_timeout", n->user_timeouts);
    set_count(object, "keepalive", n->keepalive);
    return object;
}

json_t *
hs_json_client_counters(const HsResult *result, const char *name)
{
    /* by name, as the world makes them */
    guint index = g_str_equal(name, "persistent") ? 0 : 1;
    const HsDbClientCounters *n;
    json_t *object;

    if (index >= result->clients->len)
        return json_null();
    n = &g_array_index(result->clients, HsDbClientCounters, index);
    object = json_object();
    set_count(object, "transactions", n->requests);
    set_count(object, "answered", n->replies);
    set_count(object, "failed", n->failed);
    set_count(object, "unanswered", n->unanswered);
    set_count(object, "retries", n->retried);
    set_count(object, "connects", n->connects);
    set_count(object, "connected", n->connected);
    set_count(object, "connect_failed", n->connect_failed);
    set_count(object, "refused", n->refused);
    set_count(object, "lost", n->lost);
    set_count(object, "retired", n->retired);
    set_count(object, "validations", n->checks);
    set_count(object, "waited", n->waited);
    hs_json_set(object, "wait_max_ms", hs_json_milliseconds(n->wait_max));
    hs_json_set(object, "timeouts", timeouts(n));
    return object;
}

json_t *
hs_json_database_server(const HsResult *result)
{
    const HsDbServerCounters *n = &result->server;
    json_t *object;

    if (result->clients->len == 0)
        return json_null();
    object = json_object();
    set_count(object, "accepted", n->accepted);
    set_count(object, "refused", n->refused);
    set_count(object, "connections_peak", n->peak);
    set_count(object, "logins", n->logins);
    set_count(object, "statements", n->requests);
    set_count(object, "cancelled", n->cancelled);
    return object;
}
