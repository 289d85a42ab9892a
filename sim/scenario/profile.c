/* Profiles of [database]: what a driver, a pool and a server do that nobody has
 * configured. Each value has the page of the setting's own documentation for
 * its source, or is assumed; what a profile does not say is the row's default.
 *
 * "none" and "wait for ever" are 0s where a key has that. Where 0s means the
 * generic patience an hour stands for them, longer than TCP's own and than any
 * outage that somebody sits out.
 *
 * PostgreSQL's login round trips were counted in a capture of a real one:
 * tests/golden/postgresql. */

#include "config.h"

#include "sim/scenario/private.h"

#define DOC_LIBPQ     "PostgreSQL 15 documentation, 34.1.2 Parameter Key Words: "
#define DOC_SERVER    "PostgreSQL 15 documentation, "
#define DOC_PGJDBC    "pgJDBC documentation, Connection Parameters: "
#define DOC_HIKARI    "HikariCP README, Configuration: "
#define DOC_BOUNCER   "PgBouncer documentation, pgbouncer.ini: "
#define DOC_CONNECTOR "MySQL Connector/J Developer Guide, 6.3.5 Networking: "
#define DOC_MYSQL     "MySQL 8.0 Reference Manual, "
#define NEVER         "3600s"

typedef struct {
    HsProfile profile;
    const char *key;
    HsProfileDefault is;
} Row;

#define SAYS(profile_, key_, value_, source_)                                  \
    {                                                                          \
        HS_PROFILE_##profile_, key_,                                           \
        {                                                                      \
            value_, source_, HS_ORIGIN_DEFAULT                                 \
        }                                                                      \
    }
#define ASSUMES(profile_, key_, value_, source_)                               \
    {                                                                          \
        HS_PROFILE_##profile_, key_,                                           \
        {                                                                      \
            value_, source_, HS_ORIGIN_ASSUMED                                 \
        }                                                                      \
    }

#define POSTGRESQL_SERVER(profile_)                                            \
    SAYS(profile_, "max-connections", "100",                                   \
         DOC_SERVER "20.3.1 max_connections"),                                 \
        SAYS(profile_, "server.keepalive-idle", "7200s",                       \
             DOC_SERVER "20.3.2 tcp_keepalives_idle: the system's; tcp(7)"),   \
        SAYS(profile_, "login-round-trips", "3",                               \
             DOC_SERVER "55.2 and 55.3: startup and SCRAM, without TLS")

#define HIKARICP(profile_)                                                     \
    SAYS(profile_, "pool", "10", DOC_HIKARI "maximumPoolSize"),                \
        SAYS(profile_, "acquire-timeout", "30s",                               \
             DOC_HIKARI "connectionTimeout"),                                  \
        SAYS(profile_, "max-lifetime", "1800s", DOC_HIKARI "maxLifetime"),     \
        ASSUMES(profile_, "validation", "500ms",                               \
                "HikariCP's source: aliveBypassWindowMs")

static const Row rows[] = {
    /* The pool is the application's own. */
    SAYS(LIBPQ, "connect-timeout", NEVER,
         DOC_LIBPQ "connect_timeout: wait indefinitely"),
    SAYS(LIBPQ, "keepalive-idle", "7200s",
         DOC_LIBPQ "keepalives on, keepalives_idle: the system's; tcp(7)"),
    SAYS(LIBPQ, "tcp-user-timeout", "0s",
         DOC_LIBPQ "tcp_user_timeout: the system's"),
    ASSUMES(LIBPQ, "timeout", NEVER, "libpq has none: it waits for a reply"),
    POSTGRESQL_SERVER(LIBPQ),

    SAYS(PGJDBC, "connect-timeout", "10s", DOC_PGJDBC "connectTimeout"),
    SAYS(PGJDBC, "timeout", NEVER, DOC_PGJDBC "socketTimeout: none"),
    SAYS(PGJDBC, "keepalive-idle", "0s", DOC_PGJDBC "tcpKeepAlive: off"),
    HIKARICP(PGJDBC),
    POSTGRESQL_SERVER(PGJDBC),

    SAYS(PGBOUNCER, "pool", "20", DOC_BOUNCER "default_pool_size"),
    ASSUMES(PGBOUNCER, "min-idle", "1",
            "min_pool_size is 0; here a pool keeps one at least"),
    SAYS(PGBOUNCER, "idle-timeout", "600s", DOC_BOUNCER "server_idle_timeout"),
    SAYS(PGBOUNCER, "max-lifetime", "3600s", DOC_BOUNCER "server_lifetime"),
    SAYS(PGBOUNCER, "validation", "30s", DOC_BOUNCER "server_check_delay"),
    SAYS(PGBOUNCER, "acquire-timeout", "120s",
         DOC_BOUNCER "query_wait_timeout"),
    SAYS(PGBOUNCER, "connect-timeout", "15s",
         DOC_BOUNCER "server_connect_timeout"),
    SAYS(PGBOUNCER, "reconnect", "15s", DOC_BOUNCER "server_login_retry"),
    SAYS(PGBOUNCER, "reconnect-max", "15s", DOC_BOUNCER "server_login_retry"),
    SAYS(PGBOUNCER, "timeout", NEVER, DOC_BOUNCER "query_timeout: none"),
    SAYS(PGBOUNCER, "keepalive-idle", "7200s",
         DOC_BOUNCER "tcp_keepalive on, tcp_keepidle: the system's; tcp(7)"),
    POSTGRESQL_SERVER(PGBOUNCER),

    SAYS(CONNECTOR_J, "connect-timeout", NEVER,
         DOC_CONNECTOR "connectTimeout: none"),
    SAYS(CONNECTOR_J, "timeout", NEVER, DOC_CONNECTOR "socketTimeout: none"),
    SAYS(CONNECTOR_J, "keepalive-idle", "7200s",
         DOC_CONNECTOR "tcpKeepAlive: on; tcp(7)"),
    HIKARICP(CONNECTOR_J),
    SAYS(CONNECTOR_J, "max-connections", "151",
         DOC_MYSQL "5.1.8 max_connections"),
    ASSUMES(CONNECTOR_J, "login-round-trips", "2",
            "the greeting and the cached caching_sha2_password, without TLS; "
            "then the driver asks for the server's variables"),
    SAYS(CONNECTOR_J, "server.keepalive-idle", "7200s",
         "mysqld sets SO_KEEPALIVE; tcp(7)"),
};

const HsProfileDefault *
hs_profile_default(const HsElement *element, const HsRow *row)
{
    const HsDatabase *db = (const HsDatabase *)element;

    if (row->kind != HS_KIND_DATABASE)
        return NULL;
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
        if (rows[i].profile == db->profile &&
            g_str_equal(rows[i].key, row->key))
            return &rows[i].is;
    return NULL;
}

void
hs_profile_manual(GString *text)
{
    g_string_append(text, "\nWhat a profile has instead of these defaults:\n\n"
                          "| profile | key | default | where it comes from |\n"
                          "| --- | --- | --- | --- |\n");
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
        g_string_append_printf(
            text, "| `%s` | `%s` | `%s` | %s%s |\n",
            hs_profile_name(rows[i].profile), rows[i].key, rows[i].is.value,
            rows[i].is.origin == HS_ORIGIN_ASSUMED ? "assumed: " : "",
            rows[i].is.source);
}

/* What a scenario has that says nothing new. */

static bool
is_plain_mix(const HsScenario *scenario, const HsDatabase *db)
{
    return hs_scenario_query(scenario, 0) == NULL && db->round_trips == 1 &&
           !db->prepare;
}

static bool
is_plain_patience(const HsDatabase *db)
{
    return db->connect_timeout == 0 && db->acquire_timeout == 0 &&
           db->socket_timeout == 0 && db->statement_timeout == 0 &&
           db->tcp.user_timeout == 0 && db->tcp.keepalive_idle == 0 &&
           db->server_tcp.user_timeout == 0 &&
           db->server_tcp.keepalive_idle == 0;
}

static bool
is_plain_pool(const HsDatabase *db)
{
    return (db->min_idle == 0 || db->min_idle == db->pool) &&
           db->max_lifetime == 0 && db->check_after == 0 && db->retries == 0 &&
           db->reconnect_max == HS_SEC(5) && db->login_round_trips == 0 &&
           db->max_connections == 0 && db->login_rate == 0;
}

bool
hs_database_is_plain(const HsScenario *scenario)
{
    const HsDatabase *db = hs_scenario_database(scenario, 0);

    return db == NULL ||
           (db->loop == HS_LOOP_OPEN && is_plain_mix(scenario, db) &&
            is_plain_patience(db) && is_plain_pool(db));
}

void
hs_database_bytes(const HsScenario *scenario, uint64_t *ret_requests,
                  uint64_t *ret_replies)
{
    const HsDatabase *db = hs_scenario_database(scenario, 0);
    const HsQuery *query;
    uint64_t weights = 0, requests = 0, replies = 0;

    for (unsigned i = 0; (query = hs_scenario_query(scenario, i)); i++) {
        weights += query->weight;
        requests +=
            (uint64_t)query->weight * query->round_trips * query->request;
        replies += (uint64_t)query->weight * query->round_trips * query->reply;
    }
    if (weights == 0) {
        weights = 1;
        requests = (uint64_t)db->round_trips * db->request;
        replies = (uint64_t)db->round_trips * db->reply;
    }
    *ret_requests = requests / weights;
    *ret_replies = replies / weights;
}
