/* The database and the probe, in the fake world. */

#include "config.h"

#include "models/load/db.h"
#include "models/load/db_wire.h"
#include "models/load/probe.h"

#include "tests/harness/fake_env.h"
#include "tests/harness/hex.h"
#include "tests/harness/run.h"

#include <string.h>

#define DELAY HS_MSEC(3)

/* An application with clients, and a database 3 ms away. */
typedef struct {
    FakeWorld *w;
    HsEnv *app, *db;
    HsDbServer *server;
    GPtrArray *clients;
} Site;

static HsDbServer *
server_new(Site *s, HsDistribution think)
{
    return hs_db_server_new(
        s->db, &(const HsDbServerConfig){.name = "orders", .think = think});
}

static void
site_init(Site *s, uint64_t seed)
{
    *s = (Site){.w = fake_world_new(seed)};
    s->app = fake_world_node(s->w, "app", "10.0.0.1");
    s->db = fake_world_node(s->w, "db", "172.16.0.1");
    fake_world_set_delay(s->w, s->app, s->db, DELAY);
    s->clients =
        g_ptr_array_new_with_free_func((GDestroyNotify)hs_db_client_free);
    s->server =
        server_new(s, (HsDistribution){.shape = HS_DISTRIBUTION_CONSTANT,
                                       .scale = HS_MSEC(1)});
}

static void
site_clear(Site *s)
{
    g_ptr_array_unref(s->clients);
    hs_db_server_free(s->server);
    fake_world_free(s->w);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Site, site_clear)

/* 100/s from 0 to 20 s, unless the test says otherwise. */
static HsDbClientConfig
config_of(Site *s, HsDbClientKind kind)
{
    return (HsDbClientConfig){
        .name = kind == HS_DB_POOL ? "pool" : "persistent",
        .stream = "orders",
        .kind = kind,
        .server = fake_world_address(s->w, s->db),
        .gap = HS_MSEC(10),
        .stop = HS_SEC(20),
    };
}

static HsDbClient *
client_with(Site *s, const HsDbClientConfig *config)
{
    HsDbClient *client = hs_db_client_new(s->app, config);

    g_ptr_array_add(s->clients, client);
    return client;
}

static HsDbClient *
client_new(Site *s, HsDbClientKind kind)
{
    HsDbClientConfig config = config_of(s, kind);

    return client_with(s, &config);
}

static const HsFact *
fact_at(const Site *s, guint index)
{
    return &g_array_index(fake_world_facts(s->w), HsFact, index);
}

static guint
fact_count(const Site *s)
{
    return fake_world_facts(s->w)->len;
}

/* Each request of SUBJECT ends exactly once, after it began, with a value that
 * is its age; how many there were comes back. */
static guint
check_complete(const Site *s, const HsDbClient *client, const char *subject)
{
    const HsDbClientCounters *c = hs_db_client_counters(client);
    g_autoptr(GArray) due = g_array_new(FALSE, TRUE, sizeof(HsTime));
    g_autoptr(GByteArray) ended = g_byte_array_new();
    uint64_t replies = 0, failures = 0;

    for (guint i = 0; i < fact_count(s); i++) {
        const HsFact *f = fact_at(s, i);

        if (f->subject != g_intern_string(subject) ||
            f->kind == HS_FACT_TRANSPORT)
            continue;
        if (f->kind == HS_FACT_REQUEST) {
            g_array_append_val(due, f->at);
            g_byte_array_append(ended, (const guint8 *)"", 1);
            ck_assert_uint_eq(f->id, due->len);
            continue;
        }
        ck_assert_uint_le(f->id, due->len);
        ck_assert_msg(ended->data[f->id - 1]++ == 0, "#%u ended twice",
                      (unsigned)f->id);
        ck_assert_int_eq(f->value,
                         f->at - g_array_index(due, HsTime, f->id - 1));
        if (f->kind == HS_FACT_REPLY)
            replies++;
        else
            failures++;
    }
    for (guint i = 0; i < ended->len; i++)
        ck_assert_msg(ended->data[i] == 1, "%s #%u did not end", subject,
                      i + 1);
    ck_assert_uint_eq(c->requests, due->len);
    ck_assert_uint_eq(c->replies, replies);
    ck_assert_uint_eq(c->failed + c->unanswered, failures);
    ck_assert_uint_eq(hs_db_client_pending(client), 0);
    return due->len;
}

START_TEST(all_is_answered_on_a_good_path)
{
    g_auto(Site) s;
    HsDbClient *client;
    guint requests;

    site_init(&s, 1);
    client = client_new(&s, _i == 0 ? HS_DB_PERSISTENT : HS_DB_POOL);
    fake_world_run(s.w, HS_SEC(21));
    hs_db_client_finish(client);
    requests = check_complete(&s, client, _i == 0 ? "persistent" : "pool");
    ck_assert(requests > 1850 && requests < 2150); /* 2000, Poisson */
    ck_assert_uint_eq(hs_db_client_counters(client)->replies, requests);
    ck_assert_uint_eq(hs_db_server_counters(s.server)->replies, requests);
    ck_assert_uint_eq(hs_db_client_counters(client)->connects,
                      _i == 0 ? 1 : 10);
    ck_assert_uint_eq(
        fake_world_count(s.w, HS_FACT_TRANSPORT, NULL, "retransmit"), 0);
    for (guint i = 0; _i == 1 && i < fact_count(&s); i++)
        if (fact_at(&s, i)->kind == HS_FACT_REPLY &&
            fact_at(&s, i)->at > HS_SEC(1))
            ck_assert_int_eq(fact_at(&s, i)->value, 2 * DELAY + HS_MSEC(1));
}
END_TEST

/* When requests are due: text to compare. */
static char *
arrivals(const Site *s, const char *subject)
{
    GString *text = g_string_new(NULL);

    for (guint i = 0; i < fact_count(s); i++) {
        const HsFact *f = fact_at(s, i);

        if (f->kind == HS_FACT_REQUEST &&
            f->subject == g_intern_string(subject))
            g_string_append_printf(text, "%" G_GINT64_FORMAT "\n", f->at);
    }
    return g_string_free(text, FALSE);
}

START_TEST(arrivals_are_open_loop_and_seeded)
{
    g_autofree char *alone = NULL, *with_pool = NULL, *pool = NULL;
    g_autofree char *in_a_cut = NULL, *other_stream = NULL, *other_seed = NULL;

    for (int run = 0; run < 4; run++) {
        g_auto(Site) s;
        HsDbClientConfig config;

        site_init(&s, run == 3 ? 2 : 1);
        if (run == 1) {
            client_new(&s, HS_DB_POOL);
            config = config_of(&s, HS_DB_POOL);
            config.name = "third";
            config.stream = "reports";
            client_with(&s, &config);
        }
        client_new(&s, HS_DB_PERSISTENT);
        fake_world_run(s.w, HS_SEC(5));
        if (run == 2)
            fake_world_cut(s.w, s.app, s.db, true);
        fake_world_run(s.w, HS_SEC(25));
        if (run == 0) {
            alone = arrivals(&s, "persistent");
        } else if (run == 1) {
            with_pool = arrivals(&s, "persistent");
            pool = arrivals(&s, "pool");
            other_stream = arrivals(&s, "third");
        } else if (run == 2) {
            in_a_cut = arrivals(&s, "persistent");
        } else {
            other_seed = arrivals(&s, "persistent");
        }
    }
    ck_assert_uint_gt(strlen(alone), 1000);
    ck_assert_str_eq(alone, with_pool);
    ck_assert_str_eq(alone, pool); /* the same stream: the same instants */
    ck_assert_str_eq(alone, in_a_cut);
    ck_assert_str_ne(alone, other_stream);
    ck_assert_str_ne(alone, other_seed);
}
END_TEST

START_TEST(constant_rate_has_a_seeded_phase)
{
    HsTime first[2];

    for (unsigned run = 0; run < 2; run++) {
        g_auto(Site) s;
        HsDbClientConfig config;
        HsTime last = HS_TIME_NEVER;

        site_init(&s, run);
        config = config_of(&s, HS_DB_POOL);
        config.arrivals = HS_ARRIVALS_CONSTANT;
        config.start = HS_SEC(2);
        config.stop = HS_SEC(4);
        client_with(&s, &config);
        fake_world_run(s.w, HS_SEC(5));
        ck_assert_uint_eq(fake_world_count(s.w, HS_FACT_REQUEST, "pool", NULL),
                          200);
        for (guint i = 0; i < fact_count(&s); i++) {
            const HsFact *f = fact_at(&s, i);

            ck_assert_int_ge(f->at, HS_SEC(2));
            if (f->kind != HS_FACT_REQUEST)
                continue;
            if (last == HS_TIME_NEVER)
                first[run] = f->at;
            else
                ck_assert_int_eq(f->at - last, HS_MSEC(10));
            last = f->at;
        }
    }
    ck_assert_int_ne(first[0], first[1]);
}
END_TEST

/* The persistent client through a cut of 3 s: nothing fails; requests wait, and
 * their latency counts from when they were due. */
START_TEST(cut_queues_the_persistent_clients_requests)
{
    g_auto(Site) s;
    HsDbClient *client;
    HsTime back = HS_TIME_NEVER;
    guint waited = 0;

    site_init(&s, 1);
    client = client_new(&s, HS_DB_PERSISTENT);
    fake_world_run(s.w, HS_SEC(10));
    fake_world_cut(s.w, s.app, s.db, true);
    fake_world_run(s.w, HS_SEC(13));
    fake_world_cut(s.w, s.app, s.db, false);
    fake_world_run(s.w, HS_SEC(40));
    hs_db_client_finish(client);
    check_complete(&s, client, "persistent");
    ck_assert_uint_eq(hs_db_client_counters(client)->failed, 0);
    ck_assert_uint_eq(hs_db_client_counters(client)->unanswered, 0);
    ck_assert_uint_eq(hs_db_client_counters(client)->connects, 1);

    for (guint i = 0; i < fact_count(&s); i++) {
        const HsFact *f = fact_at(&s, i);

        if (f->kind == HS_FACT_TRANSPORT && f->to == g_intern_string("ack"))
            back = f->at;
        if (f->kind != HS_FACT_REPLY)
            continue;
        /* nothing came in the cut, and what was due then waited for its end */
        ck_assert(f->at < HS_SEC(10) || f->at > HS_SEC(13));
        if (f->at - f->value > HS_SEC(10) && f->at - f->value < HS_SEC(13)) {
            ck_assert_int_gt(f->at, back);
            waited++;
        }
    }
    ck_assert(waited > 250 && waited < 350);
    /* 206 ms doubled: 0.2, 0.6, 1.4, 3.1 s after the first lost packet */
    ck_assert_uint_eq(
        fake_world_count(s.w, HS_FACT_TRANSPORT, "persistent", "retransmit"),
        4);
    ck_assert_uint_eq(
        fake_world_count(s.w, HS_FACT_TRANSPORT, "persistent", "ack"), 1);
}
END_TEST

START_TEST(retransmissions_tell_attempt_and_rto)
{
    g_auto(Site) s;
    unsigned attempt = 0;

    site_init(&s, 1);
    client_new(&s, HS_DB_PERSISTENT);
    fake_world_run(s.w, HS_SEC(10));
    fake_world_cut(s.w, s.app, s.db, true);
    fake_world_run(s.w, HS_SEC(15));
    for (guint i = 0; i < fact_count(&s); i++) {
        const HsFact *f = fact_at(&s, i);

        if (f->kind != HS_FACT_TRANSPORT ||
            f->to != g_intern_string("retransmit"))
            continue;
        attempt++;
        ck_assert_uint_eq(f->id, attempt);
        ck_assert_int_eq(f->value, HS_MSEC(206) << attempt);
        ck_assert_str_eq(f->peer, "c0");
    }
    ck_assert_uint_eq(attempt, 4);
}
END_TEST

/* The pool through a cut of 5 s: time-outs, resets, reconnects. */
START_TEST(pool_times_out_and_reconnects)
{
    g_auto(Site) s;
    HsDbClient *client;
    const HsDbClientCounters *c;
    HsTime first_reply = HS_TIME_NEVER;

    site_init(&s, 1);
    client = client_new(&s, HS_DB_POOL);
    fake_world_run(s.w, HS_SEC(10));
    fake_world_cut(s.w, s.app, s.db, true);
    fake_world_run(s.w, HS_SEC(15));
    fake_world_cut(s.w, s.app, s.db, false);
    fake_world_run(s.w, HS_SEC(25));
    hs_db_client_finish(client);
    check_complete(&s, client, "pool");
    c = hs_db_client_counters(client);
    ck_assert_uint_eq(c->timeouts, 10); /* one for each connection */
    ck_assert(c->no_connection > 300 && c->no_connection < 520);
    ck_assert_uint_eq(c->failed, c->timeouts + c->no_connection);
    ck_assert_uint_eq(c->unanswered, 0);
    ck_assert_uint_eq(c->connected, 20);
    ck_assert_uint_gt(c->connects, 20);
    ck_assert_uint_eq(
        fake_world_count(s.w, HS_FACT_TRANSPORT, "pool", "query timeout"), 10);
    ck_assert_uint_eq(
        fake_world_count(s.w, HS_FACT_TRANSPORT, "pool", "connected"), 20);
    for (guint i = 0; i < fact_count(&s); i++) {
        const HsFact *f = fact_at(&s, i);

        if (f->kind == HS_FACT_REQUEST_FAILED) {
            bool waited = strcmp(f->cause, "no free connection") == 0;

            ck_assert(waited || strcmp(f->cause, "query timeout") == 0);
            ck_assert_int_eq(f->value, HS_SEC(1));
            ck_assert(waited == (f->peer == NULL));
        }
        if (f->kind == HS_FACT_REPLY && f->at > HS_SEC(15))
            first_reply = hs_time_min(first_reply, f->at);
    }
    /* reconnects are at most 2.6 s apart here: connect time-out and delay */
    ck_assert(first_reply > HS_SEC(15) && first_reply < HS_MSEC(17700));
    /* what the server saw */
    ck_assert_uint_ge(hs_db_server_counters(s.server)->accepted, 20);
}
END_TEST

/* The query time-out counts from sending, patience from when it was due. */
START_TEST(pool_of_one_with_a_slow_server)
{
    g_auto(Site) s;
    HsDbClientConfig config;
    HsDbClient *client;

    site_init(&s, 1);
    hs_db_server_free(s.server);
    s.server =
        server_new(&s, (HsDistribution){.shape = HS_DISTRIBUTION_CONSTANT,
                                        .scale = HS_MSEC(700)});
    config = config_of(&s, HS_DB_POOL);
    config.connections = 1;
    config.arrivals = HS_ARRIVALS_CONSTANT;
    config.gap = HS_MSEC(500);
    config.stop = HS_SEC(20);
    client = client_with(&s, &config);
    fake_world_run(s.w, HS_SEC(30));
    hs_db_client_finish(client);
    check_complete(&s, client, "pool");
    ck_assert_uint_eq(hs_db_client_counters(client)->timeouts, 0);
    ck_assert_uint_gt(hs_db_client_counters(client)->no_connection, 5);
    for (guint i = 0; i < fact_count(&s); i++)
        if (fact_at(&s, i)->kind == HS_FACT_REPLY)
            ck_assert_int_le(fact_at(&s, i)->value,
                             HS_SEC(1) + HS_MSEC(700) + 2 * DELAY);
}
END_TEST

START_TEST(retries_save_requests_from_a_short_cut)
{
    g_auto(Site) s;
    HsDbClientConfig config;
    HsDbClient *client;

    site_init(&s, 1);
    config = config_of(&s, HS_DB_POOL);
    config.retries = 3;
    config.gap = HS_MSEC(200);
    client = client_with(&s, &config);
    fake_world_run(s.w, HS_SEC(10));
    fake_world_cut(s.w, s.app, s.db, true);
    fake_world_run(s.w, HS_SEC(11));
    fake_world_cut(s.w, s.app, s.db, false);
    fake_world_run(s.w, HS_SEC(30));
    hs_db_client_finish(client);
    check_complete(&s, client, "pool");
    ck_assert_uint_gt(hs_db_client_counters(client)->retried, 0);
    ck_assert_uint_eq(hs_db_client_counters(client)->failed, 0);
}
END_TEST

/* What is open at the end is said, in order, and once. */
START_TEST(open_requests_are_reported_at_the_end)
{
    g_auto(Site) s;
    HsDbClient *client;
    guint before;
    uint64_t last = 0, pending;

    site_init(&s, 1);
    client = client_new(&s, _i == 0 ? HS_DB_PERSISTENT : HS_DB_POOL);
    fake_world_run(s.w, HS_SEC(19));
    fake_world_cut(s.w, s.app, s.db, true);
    fake_world_run(s.w, HS_MSEC(19500));
    pending = hs_db_client_pending(client);
    ck_assert_uint_gt(pending, 20);
    before = fact_count(&s);
    hs_db_client_finish(client);
    hs_db_client_finish(client);
    ck_assert_uint_eq(fact_count(&s) - before, pending);
    for (guint i = before; i < fact_count(&s); i++) {
        ck_assert_str_eq(fact_at(&s, i)->cause, "unanswered at the end");
        ck_assert_uint_gt(fact_at(&s, i)->id, last);
        last = fact_at(&s, i)->id;
    }
    check_complete(&s, client, _i == 0 ? "persistent" : "pool");
    fake_world_run(s.w, HS_SEC(200)); /* and nothing moves after it */
    ck_assert_uint_eq(fact_count(&s) - before, pending);
}
END_TEST

/* The server's process dies and another one comes 3 s later. */
START_TEST(server_restart)
{
    g_auto(Site) s;
    HsDbClient *persistent, *pool;
    HsDbClientConfig config;
    g_autoptr(GString) tries = g_string_new(NULL);

    site_init(&s, 1);
    hs_db_server_free(s.server);
    s.server =
        server_new(&s, (HsDistribution){.shape = HS_DISTRIBUTION_CONSTANT,
                                        .scale = HS_MSEC(30)});
    config = config_of(&s, HS_DB_PERSISTENT);
    config.gap = HS_MSEC(100);
    persistent = client_with(&s, &config);
    config = config_of(&s, HS_DB_POOL);
    pool = client_with(&s, &config);
    fake_world_run(s.w, HS_SEC(10));
    hs_db_server_free(s.server);
    fake_world_run(s.w, HS_SEC(13));
    s.server =
        server_new(&s, (HsDistribution){.shape = HS_DISTRIBUTION_CONSTANT,
                                        .scale = HS_MSEC(1)});
    fake_world_run(s.w, HS_SEC(30));
    hs_db_client_finish(persistent);
    hs_db_client_finish(pool);
    check_complete(&s, persistent, "persistent");
    check_complete(&s, pool, "pool");
    for (guint i = 0; i < fact_count(&s); i++) {
        const HsFact *f = fact_at(&s, i);
        char at[HS_TIME_TEXT];

        if (f->kind == HS_FACT_TRANSPORT && f->at >= HS_SEC(10) &&
            f->subject == g_intern_string("persistent"))
            g_string_append_printf(
                tries, "%s %s%s%s #%u\n", hs_duration_format(f->at, at), f->to,
                f->cause != NULL ? " " : "", f->cause != NULL ? f->cause : "",
                (unsigned)f->id);
    }
    /* 100 ms, doubled after each refusal, 6 ms for each */
    ck_assert_str_eq(tries->str, "10.003s closed reset by peer #1\n"
                                 "10.103s connecting #2\n"
                                 "10.109s closed connection refused #2\n"
                                 "10.309s connecting #3\n"
                                 "10.315s closed connection refused #3\n"
                                 "10.715s connecting #4\n"
                                 "10.721s closed connection refused #4\n"
                                 "11.521s connecting #5\n"
                                 "11.527s closed connection refused #5\n"
                                 "13.127s connecting #6\n"
                                 "13.133s connected #6\n");
    ck_assert_uint_eq(hs_db_client_counters(persistent)->unanswered, 0);
    ck_assert_uint_eq(hs_db_client_counters(pool)->unanswered, 0);
    ck_assert_uint_gt(
        fake_world_count(s.w, HS_FACT_REQUEST_FAILED, "pool", "reset by peer"),
        0);
}
END_TEST

/* Whatever the path does, each request ends once. */
START_TEST(every_request_ends_once)
{
    g_auto(Site) s;
    g_autoptr(HsRng) rng = hs_rng_new((uint64_t)_i, "test", "path");
    HsDbClient *persistent, *pool;
    HsDbClientConfig config;

    site_init(&s, (uint64_t)_i);
    hs_db_server_free(s.server);
    s.server =
        server_new(&s, (HsDistribution){.shape = HS_DISTRIBUTION_LOGNORMAL,
                                        .scale = HS_MSEC(7),
                                        .form_milli = 1500});
    persistent = client_new(&s, HS_DB_PERSISTENT);
    config = config_of(&s, HS_DB_POOL);
    config.retries = (unsigned)_i % 3;
    config.query_timeout = HS_MSEC(300);
    pool = client_with(&s, &config);
    for (HsTime now = 0; now < HS_SEC(25);) {
        now += hs_rng_exponential(rng, HS_MSEC(700));
        fake_world_run(s.w, now);
        fake_world_path(s.w, s.app, s.db)->cut = hs_rng_below(rng, 3) == 0;
        fake_world_path(s.w, s.db, s.app)->cut = hs_rng_below(rng, 3) == 0;
        if (hs_rng_below(rng, 10) == 0) {
            hs_db_server_free(s.server);
            s.server = server_new(
                &s, (HsDistribution){.shape = HS_DISTRIBUTION_CONSTANT,
                                     .scale = HS_MSEC(5)});
        }
    }
    hs_db_client_finish(persistent);
    hs_db_client_finish(pool);
    check_complete(&s, persistent, "persistent");
    check_complete(&s, pool, "pool");
    ck_assert_uint_gt(hs_db_client_counters(pool)->failed, 0);
}
END_TEST

/* Thinking */

static const struct {
    HsDistribution think;
    double low, high; /* of the mean latency, ms, beyond two delays */
} thinks[] = {
    {{HS_DISTRIBUTION_CONSTANT, HS_MSEC(10), 0}, 10, 10},
    {{HS_DISTRIBUTION_EXPONENTIAL, HS_MSEC(10), 0}, 9.5, 10.5},
    {{HS_DISTRIBUTION_LOGNORMAL, HS_MSEC(10), 500}, 11.0, 11.7},
};

START_TEST(think_times_have_their_mean)
{
    g_auto(Site) s;
    HsDbClientConfig config;
    double sum = 0, mean;
    guint count = 0;

    site_init(&s, 1);
    hs_db_server_free(s.server);
    s.server = server_new(&s, thinks[_i].think);
    config = config_of(&s, HS_DB_POOL);
    config.connections = 60;
    config.stop = HS_SEC(60);
    client_with(&s, &config);
    fake_world_run(s.w, HS_SEC(62));
    for (guint i = 0; i < fact_count(&s); i++)
        if (fact_at(&s, i)->kind == HS_FACT_REPLY &&
            fact_at(&s, i)->at > HS_SEC(1)) {
            sum += (double)(fact_at(&s, i)->value - 2 * DELAY) / 1e6;
            count++;
        }
    mean = sum / count;
    ck_assert_uint_gt(count, 5000);
    ck_assert_msg(mean >= thinks[_i].low && mean <= thinks[_i].high, "%f ms",
                  mean);
}
END_TEST

/* One connection is served by one process: pipelined requests wait. */
START_TEST(pipelined_requests_are_answered_in_order)
{
    g_auto(Site) s;
    HsDbClientConfig config;
    HsTime last = HS_TIME_NEVER;
    uint64_t id = 0;

    site_init(&s, 1);
    hs_db_server_free(s.server);
    s.server =
        server_new(&s, (HsDistribution){.shape = HS_DISTRIBUTION_CONSTANT,
                                        .scale = HS_MSEC(10)});
    config = config_of(&s, HS_DB_PERSISTENT);
    config.arrivals = HS_ARRIVALS_CONSTANT;
    config.gap = HS_MSEC(1);
    config.start = HS_SEC(1);
    config.stop = HS_MSEC(1100);
    client_with(&s, &config);
    fake_world_run(s.w, HS_SEC(10));
    for (guint i = 0; i < fact_count(&s); i++) {
        const HsFact *f = fact_at(&s, i);

        if (f->kind != HS_FACT_REPLY)
            continue;
        ck_assert_uint_eq(f->id, ++id);
        if (last != HS_TIME_NEVER)
            ck_assert_int_eq(f->at - last, HS_MSEC(10));
        last = f->at;
    }
    ck_assert_uint_eq(id, 100);
}
END_TEST

/* Bytes on the stream */

/* SplitMix64 seeded with 0 gives e220a8397b1dcdaf, 6e789e6aa1b965f4 first (its
 * published reference); octets from the lowest. */
#define PAYLOAD_OF_0 "afcd1d7b39a820e2 f465b9a16a"

#define REQUEST                                                                \
    "48535251 0000000000000007 0000000000000000 0000000d "                     \
    "00000020" PAYLOAD_OF_0
#define REPLY "48535250 0000000000000001 0000000000000000 0000000d" PAYLOAD_OF_0

START_TEST(message_is_read_in_any_pieces)
{
    g_autoptr(GBytes) bytes = hex_bytes(REQUEST);
    size_t length;
    const uint8_t *data = g_bytes_get_data(bytes, &length);
    DbMessage message = {0};
    HsDbBad bad;
    DbParser parser;

    ck_assert_uint_eq(length, 41);
    /* each truncation asks for more, and the rest completes it */
    for (size_t cut = 0; cut < length; cut++) {
        const uint8_t *at = data;
        size_t first = cut, rest = length - cut;

        db_parser_init(&parser, DB_REQUEST_MAGIC, 0);
        ck_assert_int_eq(db_parser_feed(&parser, &at, &first, &message, &bad),
                         DB_PARSER_MORE);
        ck_assert_int_eq(db_parser_feed(&parser, &at, &rest, &message, &bad),
                         DB_PARSER_MESSAGE);
        ck_assert_uint_eq(rest, 0);
    }
    ck_assert_uint_eq(message.id, 7);
    ck_assert_uint_eq(message.length, 13);
    ck_assert_uint_eq(message.reply_length, 32);
}
END_TEST

START_TEST(encoding_gives_the_written_bytes)
{
    const DbMessage message = {.id = 7, .length = 13, .reply_length = 32};
    g_autoptr(GBytes) got = db_message_encode(DB_REQUEST_MAGIC, &message);
    g_autoptr(GBytes) expected = hex_bytes(REQUEST);

    ck_assert(g_bytes_equal(got, expected));
}
END_TEST

/* A party that is not ours, speaking to the server. */
static void
stranger_ended(void *user_data, HsStreamEnd why)
{
    *(HsStreamEnd *)user_data = why;
}

static const struct {
    const char *bytes;
    HsDbBad bad;
} bad_requests[] = {
    {"474554202f20485454502f312e310d0a0d0a", HS_DB_BAD_MAGIC},
    {"16", HS_DB_BAD_MAGIC},
    {REPLY, HS_DB_BAD_MAGIC},
    {REQUEST "00", HS_DB_BAD_MAGIC},
    {"48535251 0000000000000007 0000000000000000 01000001 00000020",
     HS_DB_BAD_LENGTH},
    {"48535251 0000000000000007 0000000000000000 0000000d ffffffff",
     HS_DB_BAD_LENGTH},
    {"48535251 0000000000000007 0000000000000000 0000000d 00000020"
     "afcd1d7b39a820e2 f465b9a16b",
     HS_DB_BAD_PAYLOAD},
};

START_TEST(bad_requests_close_the_connection)
{
    static const HsStreamEvents events = {.ended = stranger_ended};
    g_auto(Site) s;
    g_autoptr(GBytes) bytes = hex_bytes(bad_requests[_i].bytes);
    HsStreamEnd why = HS_STREAM_TIMEOUT;
    size_t length;
    const void *data = g_bytes_get_data(bytes, &length);
    const HsDbServerCounters *c;
    HsAddr to;
    HsStream *stream;

    site_init(&s, 1);
    to = fake_world_address(s.w, s.db);
    stream = hs_stream_connect(s.app, NULL, &to, HS_DB_PORT, &events, &why);
    hs_stream_send(stream, data, length);
    fake_world_run(s.w, HS_SEC(1));
    c = hs_db_server_counters(s.server);
    for (HsDbBad bad = 0; bad < HS_DB_BAD_COUNT; bad++)
        ck_assert_msg(c->bad[bad] == (bad == bad_requests[_i].bad ? 1 : 0),
                      "%s", hs_db_bad_name(bad));
    ck_assert_uint_eq(c->closed, 1);
    ck_assert_int_eq(why, HS_STREAM_RESET);
    ck_assert(strstr(fake_world_trace(s.w),
                     hs_db_bad_name(bad_requests[_i].bad)) != NULL);
    hs_stream_free(stream);
}
END_TEST

/* A server that is not ours: it answers anything with the same bytes. */
typedef struct {
    HsStream *stream[50];
    unsigned streams;
    GBytes *answer;
} Stranger;

static void
stranger_answers(void *user_data, const uint8_t *data, size_t length)
{
    Stranger *x = user_data;
    size_t size;
    const void *answer = g_bytes_get_data(x->answer, &size);

    (void)data;
    (void)length;
    hs_stream_send(x->stream[x->streams - 1], answer, size);
}

static void
stranger_accepts(void *user_data, HsStream *stream, const HsAddr *peer,
                 uint16_t port)
{
    static const HsStreamEvents events = {.received = stranger_answers};
    Stranger *x = user_data;

    (void)peer;
    (void)port;
    ck_assert_uint_lt(x->streams, G_N_ELEMENTS(x->stream));
    x->stream[x->streams++] = stream;
    hs_stream_set_events(stream, &events, x);
}

static const struct {
    const char *bytes;
    HsDbBad bad;
} bad_replies[] = {
    {REPLY, HS_DB_BAD_NONE},
    {"48545450", HS_DB_BAD_MAGIC},
    {"48535250 0000000000000001 0000000000000000 0000000e", HS_DB_BAD_LENGTH},
    {"48535250 0000000000000001 0000000000000000 ffffffff", HS_DB_BAD_LENGTH},
    {"48535250 0000000000000002 0000000000000000 0000000d" PAYLOAD_OF_0,
     HS_DB_BAD_ORDER},
    {"48535250 0000000000000001 0000000000000000 0000000d "
     "afcd1d7b39a820e2 f465b9a16b",
     HS_DB_BAD_PAYLOAD},
};

START_TEST(bad_replies_close_the_connection)
{
    g_auto(Site) s;
    Stranger x = {.answer = hex_bytes(bad_replies[_i].bytes)};
    HsDbBad bad = bad_replies[_i].bad;
    HsDbClientConfig config;
    HsDbClient *client;
    HsListener *listener;
    const HsDbClientCounters *c;

    site_init(&s, 1);
    listener = hs_env_listen(s.db, NULL, 99, stranger_accepts, &x);
    config = config_of(&s, _i % 2 == 0 ? HS_DB_POOL : HS_DB_PERSISTENT);
    config.port = 99;
    config.connections = 1;
    config.arrivals = HS_ARRIVALS_CONSTANT;
    config.gap = HS_SEC(1);
    config.stop = HS_SEC(1); /* one request */
    config.reply_size = 24 + 13;
    client = client_with(&s, &config);
    fake_world_run(s.w, HS_SEC(3));
    c = hs_db_client_counters(client);
    ck_assert_uint_eq(c->requests, 1);
    ck_assert_uint_eq(c->replies, bad == HS_DB_BAD_NONE ? 1 : 0);
    ck_assert_uint_eq(c->failed, bad == HS_DB_BAD_NONE ? 0 : 1);
    for (HsDbBad b = HS_DB_BAD_MAGIC; b < HS_DB_BAD_COUNT; b++)
        ck_assert_uint_eq(c->bad[b], b == bad ? 1 : 0);
    if (bad != HS_DB_BAD_NONE) {
        ck_assert_uint_eq(fake_world_count(s.w, HS_FACT_TRANSPORT, config.name,
                                           hs_db_bad_name(bad)),
                          1);
        ck_assert_uint_eq(c->connected, 2); /* and it came back */
    }
    for (unsigned i = 0; i < x.streams; i++)
        hs_stream_free(x.stream[i]);
    hs_listener_free(listener);
    g_bytes_unref(x.answer);
}
END_TEST

/* The probe */

static HsProbe *
probe_new(Site *s, uint16_t port, bool reverse)
{
    HsEnv *from = reverse ? s->db : s->app, *to = reverse ? s->app : s->db;
    const HsProbeConfig config = {
        .name = reverse ? "db->app" : "app->db",
        .to = fake_world_address(s->w, to),
        .port = port,
        .start = HS_SEC(1),
        .stop = HS_SEC(11),
    };

    return hs_probe_new(from, to, &config);
}

START_TEST(probe_measures_delay_and_loss)
{
    g_auto(Site) s;
    g_autoptr(HsProbe) there = NULL, back = NULL;

    site_init(&s, 1);
    fake_world_path(s.w, s.app, s.db)->delay = HS_MSEC(7);
    there = probe_new(&s, 0, false);
    back = probe_new(&s, 0, true);
    fake_world_path(s.w, s.app, s.db)->lose = 0x5;
    fake_world_run(s.w, HS_SEC(5));
    fake_world_path(s.w, s.app, s.db)->cut = true; /* one way */
    fake_world_run(s.w, HS_SEC(7));
    fake_world_path(s.w, s.app, s.db)->cut = false;
    fake_world_run(s.w, HS_SEC(20));
    ck_assert_uint_eq(hs_probe_counters(there)->sent, 1000);
    ck_assert_uint_eq(hs_probe_counters(there)->received, 1000 - 200 - 2);
    ck_assert_uint_eq(hs_probe_counters(back)->sent, 1000);
    ck_assert_uint_eq(hs_probe_counters(back)->received, 1000);
    ck_assert_uint_eq(
        fake_world_count(s.w, HS_FACT_PROBE_SENT, "app->db", NULL), 1000);
    ck_assert_uint_eq(
        fake_world_count(s.w, HS_FACT_PROBE_RECEIVED, "app->db", NULL), 798);
    for (guint i = 0; i < fact_count(&s); i++) {
        const HsFact *f = fact_at(&s, i);
        bool is_there = f->subject == g_intern_string("app->db");

        if (f->kind == HS_FACT_PROBE_RECEIVED) {
            ck_assert_int_eq(f->value, is_there ? HS_MSEC(7) : HS_MSEC(3));
            ck_assert_str_eq(f->node, is_there ? "db" : "app");
        } else {
            ck_assert_str_eq(f->node, is_there ? "app" : "db");
        }
    }
}
END_TEST

START_TEST(probe_sees_doubles_damage_and_strangers)
{
    g_auto(Site) s;
    g_autoptr(HsProbe) probe = NULL;
    const HsProbeCounters *c;
    HsAddr to;
    HsUdp *stranger;
    g_autoptr(GBytes) never_sent =
        hex_bytes("48535042 00000000000f4240 0000000000000000 00000000");
    size_t length;
    const void *data = g_bytes_get_data(never_sent, &length);

    site_init(&s, 1);
    to = fake_world_address(s.w, s.db);
    probe = probe_new(&s, 500, false);
    c = hs_probe_counters(probe);
    fake_world_run(s.w, HS_SEC(1) - 1);
    fake_world_path(s.w, s.app, s.db)->duplicate = 0x7;
    fake_world_path(s.w, s.app, s.db)->corrupt = 0x18;
    fake_world_run(s.w, HS_SEC(2));
    ck_assert_uint_eq(c->duplicates, 3);
    ck_assert_uint_eq(c->corrupt, 2);
    stranger = hs_udp_open(s.app, NULL, 1, NULL, NULL);
    for (size_t size = 0; size <= length; size++)
        hs_udp_send(stranger, &to, 500, data, size);
    fake_world_run(s.w, HS_SEC(3));
    ck_assert_uint_eq(c->corrupt, 2 + length + 1);
    ck_assert_uint_eq(c->reordered, 0);
    hs_udp_free(stranger);
}
END_TEST

static void
slow_path(void *user_data)
{
    Site *s = user_data;

    fake_world_path(s->w, s->app, s->db)->delay = HS_MSEC(35);
}

static void
fast_path(void *user_data)
{
    Site *s = user_data;

    fake_world_path(s->w, s->app, s->db)->delay = HS_MSEC(3);
}

START_TEST(probe_sees_reordering)
{
    g_auto(Site) s;
    g_autoptr(HsProbe) probe = NULL;

    site_init(&s, 1);
    probe = probe_new(&s, 0, false);
    fake_world_at(s.w, HS_SEC(4), slow_path, &s);
    fake_world_at(s.w, HS_SEC(5), fast_path, &s);
    fake_world_run(s.w, HS_SEC(20));
    /* those sent in the last 32 ms of the slow path are overtaken */
    ck_assert_uint_ge(hs_probe_counters(probe)->reordered, 3);
    ck_assert_uint_le(hs_probe_counters(probe)->reordered, 4);
    ck_assert_uint_eq(hs_probe_counters(probe)->received, 1000);
}
END_TEST

START_TEST(probe_phase_is_seeded)
{
    HsTime first[3];

    for (unsigned run = 0; run < 3; run++) {
        g_auto(Site) s;
        g_autoptr(HsProbe) probe = NULL;

        site_init(&s, run / 2);
        probe = probe_new(&s, 0, false);
        fake_world_run(s.w, HS_SEC(2));
        first[run] = fact_at(&s, 0)->at;
        ck_assert(first[run] >= HS_SEC(1) && first[run] < HS_MSEC(1010));
    }
    ck_assert_int_eq(first[0], first[1]);
    ck_assert_int_ne(first[0], first[2]);
}
END_TEST

static char *
facts_of_a_cut(uint64_t seed)
{
    g_auto(Site) s;

    site_init(&s, seed);
    client_new(&s, HS_DB_PERSISTENT);
    client_new(&s, HS_DB_POOL);
    fake_world_run(s.w, HS_SEC(8));
    fake_world_cut(s.w, s.app, s.db, true);
    fake_world_run(s.w, HS_SEC(11));
    fake_world_cut(s.w, s.app, s.db, false);
    fake_world_run(s.w, HS_SEC(25));
    return fake_world_facts_text(s.w);
}

START_TEST(same_seed_same_facts)
{
    g_autofree char *once = facts_of_a_cut(7);
    g_autofree char *again = facts_of_a_cut(7);
    g_autofree char *other = facts_of_a_cut(8);

    ck_assert_uint_gt(strlen(once), 10000);
    ck_assert(strcmp(once, again) == 0);
    ck_assert(strcmp(once, other) != 0);
}
END_TEST

/* What a client and a server can be told beside the rates. */

static HsDistribution
always(HsDuration scale)
{
    return (HsDistribution){.shape = HS_DISTRIBUTION_CONSTANT, .scale = scale};
}

/* The latencies of SUBJECT's replies, by value. */
static GArray *
latencies(const Site *s, const char *subject)
{
    GArray *found = g_array_new(FALSE, FALSE, sizeof(HsDuration));

    for (guint i = 0; i < fact_count(s); i++) {
        const HsFact *f = fact_at(s, i);

        if (f->kind == HS_FACT_REPLY && f->subject == g_intern_string(subject))
            g_array_append_val(found, f->value);
    }
    return found;
}

static void
restart_server(Site *s, const HsDbServerConfig *config)
{
    hs_db_server_free(s->server);
    s->server = hs_db_server_new(s->db, config);
}

/* Five times 2 x 3 ms and 1 ms, and four pauses of 2 ms: on each connection. */
START_TEST(transaction_takes_its_round_trips)
{
    const HsDbQuery query = {.round_trips = 5, .pause = always(HS_MSEC(2))};
    g_auto(Site) s;
    HsDbClientConfig config;
    HsDbClient *client;
    g_autoptr(GArray) found = NULL;

    site_init(&s, 1);
    config = config_of(&s, _i == 0 ? HS_DB_PERSISTENT : HS_DB_POOL);
    config.gap = HS_MSEC(100);
    config.arrivals = HS_ARRIVALS_CONSTANT;
    config.queries = &query;
    config.query_count = 1;
    client = client_with(&s, &config);
    fake_world_run(s.w, HS_SEC(22));
    hs_db_client_finish(client);
    found = latencies(&s, config.name);
    ck_assert_uint_ge(found->len, 198);
    for (guint i = 1; i < found->len; i++)
        ck_assert_int_eq(g_array_index(found, HsDuration, i),
                         5 * HS_MSEC(7) + 4 * HS_MSEC(2));
    check_complete(&s, client, config.name);
    ck_assert_uint_eq(hs_db_server_counters(s.server)->requests,
                      5 * hs_db_client_counters(client)->replies);
}
END_TEST

/* As in tests/golden/postgresql: the first transaction of seven statements on a
 * connection takes fourteen round trips, the next ones seven. */
START_TEST(preparing_doubles_the_first_transaction)
{
    const HsDbQuery query = {.round_trips = 7, .prepared = true};
    g_auto(Site) s;
    HsDbClientConfig config;
    g_autoptr(GArray) found = NULL;

    site_init(&s, 1);
    config = config_of(&s, HS_DB_PERSISTENT);
    config.gap = HS_MSEC(200);
    config.arrivals = HS_ARRIVALS_CONSTANT;
    config.queries = &query;
    config.query_count = 1;
    client_with(&s, &config);
    fake_world_run(s.w, HS_SEC(5));
    found = latencies(&s, config.name);
    ck_assert_uint_ge(found->len, 10);
    ck_assert_int_ge(g_array_index(found, HsDuration, 0), 14 * HS_MSEC(7));
    ck_assert_int_lt(g_array_index(found, HsDuration, 0),
                     14 * HS_MSEC(7) + 3 * DELAY);
    for (guint i = 1; i < found->len; i++)
        ck_assert_int_eq(g_array_index(found, HsDuration, i), 7 * HS_MSEC(7));
}
END_TEST

/* TCP's handshake, and the three round trips that PostgreSQL's SCRAM login has
 * in tests/golden/postgresql. */
START_TEST(login_takes_its_round_trips)
{
    g_auto(Site) s;
    HsDbClientConfig config;
    HsTime connected = HS_TIME_NEVER;

    site_init(&s, 1);
    restart_server(
        &s, &(HsDbServerConfig){.name = "orders", .login_round_trips = 3});
    config = config_of(&s, HS_DB_PERSISTENT);
    config.login_round_trips = 3;
    client_with(&s, &config);
    fake_world_run(s.w, HS_SEC(1));
    for (guint i = 0; i < fact_count(&s); i++)
        if (fact_at(&s, i)->kind == HS_FACT_TRANSPORT &&
            g_strcmp0(fact_at(&s, i)->to, "connected") == 0)
            connected = fact_at(&s, i)->at;
    ck_assert_int_eq(connected, 2 * DELAY + 3 * 2 * DELAY);
    ck_assert_uint_eq(hs_db_server_counters(s.server)->logins, 1);
}
END_TEST

/* Ten connections, room for four: four are let in and serve, six are refused,
 * whether there is a login to refuse them at or not. */
START_TEST(server_refuses_too_many)
{
    unsigned login = _i == 0 ? 0 : 3;
    g_auto(Site) s;
    HsDbClientConfig config;
    HsDbClient *client;
    const HsDbClientCounters *n;

    site_init(&s, 1);
    restart_server(&s, &(HsDbServerConfig){.name = "orders",
                                           .login_round_trips = login,
                                           .max_connections = 4});
    config = config_of(&s, HS_DB_POOL);
    config.login_round_trips = login;
    client = client_with(&s, &config);
    fake_world_run(s.w, HS_SEC(22));
    n = hs_db_client_counters(client);
    hs_db_client_finish(client);
    ck_assert_uint_eq(n->connected, 4);
    ck_assert_uint_ge(n->refused, 6 * 4);
    ck_assert_uint_eq(n->refused, n->connect_failed);
    ck_assert_uint_eq(n->lost, 0);
    ck_assert_uint_eq(n->failed, 0);
    ck_assert_uint_eq(hs_db_server_counters(s.server)->peak, 4);
    ck_assert_uint_eq(hs_db_server_counters(s.server)->refused, n->refused);
    check_complete(&s, client, "pool");
}
END_TEST

/* Logins 100 ms apart: the tenth connection is up after a second. */
START_TEST(logins_take_turns)
{
    g_auto(Site) s;
    HsDbClientConfig config;
    HsTime last = 0;

    site_init(&s, 1);
    restart_server(&s, &(HsDbServerConfig){.name = "orders",
                                           .login_round_trips = 1,
                                           .login_gap = HS_MSEC(100)});
    config = config_of(&s, HS_DB_POOL);
    config.login_round_trips = 1;
    config.connect_timeout = HS_SEC(5);
    client_with(&s, &config);
    fake_world_run(s.w, HS_SEC(5));
    for (guint i = 0; i < fact_count(&s); i++)
        if (fact_at(&s, i)->kind == HS_FACT_TRANSPORT &&
            g_strcmp0(fact_at(&s, i)->to, "connected") == 0)
            last = fact_at(&s, i)->at;
    ck_assert_uint_eq(hs_db_server_counters(s.server)->logins, 10);
    ck_assert_int_ge(last, HS_MSEC(1000));
    ck_assert_int_le(last, HS_MSEC(1020));
}
END_TEST

/* Three users who think 50 ms: never more than three requests at a time, and
 * in an outage of 10 s each has one that took so long, no more. */
START_TEST(closed_loop_waits_for_its_users)
{
    g_auto(Site) s;
    HsDbClientConfig config;
    HsDbClient *client;
    g_autoptr(GArray) found = NULL;
    unsigned slow = 0;
    int under_way = 0;

    site_init(&s, 1);
    config = config_of(&s, HS_DB_POOL);
    config.loop = HS_DB_LOOP_CLOSED;
    config.users = 3;
    config.user_think = always(HS_MSEC(50));
    config.query_timeout = HS_SEC(60);
    client = client_with(&s, &config);
    fake_world_run(s.w, HS_SEC(5));
    fake_world_cut(s.w, s.app, s.db, true);
    fake_world_run(s.w, HS_SEC(15));
    fake_world_cut(s.w, s.app, s.db, false);
    fake_world_run(s.w, HS_SEC(60));
    hs_db_client_finish(client);
    for (guint i = 0; i < fact_count(&s); i++) {
        under_way += fact_at(&s, i)->kind == HS_FACT_REQUEST;
        under_way -= fact_at(&s, i)->kind == HS_FACT_REPLY;
        ck_assert_int_le(under_way, 3);
    }
    found = latencies(&s, "pool");
    for (guint i = 0; i < found->len; i++)
        slow += g_array_index(found, HsDuration, i) > HS_SEC(1);
    ck_assert_uint_eq(slow, 3);
    check_complete(&s, client, "pool");
}
END_TEST

/* Statements of 1 s and a limit of 300 ms: cancelled, the connection stays, and
 * each is begun twice again. */
START_TEST(server_cancels_statements)
{
    g_auto(Site) s;
    HsDbClientConfig config;
    HsDbClient *client;
    const HsDbClientCounters *n;

    site_init(&s, 1);
    restart_server(&s, &(HsDbServerConfig){.name = "orders",
                                           .think = always(HS_SEC(1)),
                                           .statement_timeout = HS_MSEC(300)});
    config = config_of(&s, HS_DB_POOL);
    config.gap = HS_SEC(2);
    config.retries = 2;
    config.retry_delay = HS_MSEC(100);
    client = client_with(&s, &config);
    fake_world_run(s.w, HS_SEC(25));
    hs_db_client_finish(client);
    n = hs_db_client_counters(client);
    ck_assert_uint_gt(n->requests, 3);
    ck_assert_uint_eq(n->failed, n->requests);
    ck_assert_uint_eq(n->retried, 2 * n->requests);
    ck_assert_uint_eq(n->cancelled, 3 * n->requests);
    ck_assert_uint_eq(n->lost, 0);
    ck_assert_uint_eq(hs_db_server_counters(s.server)->cancelled, n->cancelled);
    check_complete(&s, client, "pool");
}
END_TEST

/* A quarter of the requests are the slow query. */
START_TEST(mix_has_its_shares)
{
    const HsDbQuery queries[] = {
        {.weight = 3, .request_size = 100, .reply_size = 300},
        {.weight = 1,
         .request_size = 200,
         .reply_size = 5000,
         .think = always(HS_MSEC(20))},
    };
    g_auto(Site) s;
    HsDbClientConfig config;
    HsDbClient *client;
    g_autoptr(GArray) found = NULL;
    double share = 0;

    site_init(&s, 1);
    restart_server(&s, &(HsDbServerConfig){.name = "orders",
                                           .queries = queries,
                                           .query_count = 2});
    config = config_of(&s, HS_DB_POOL);
    config.queries = queries;
    config.query_count = 2;
    client = client_with(&s, &config);
    fake_world_run(s.w, HS_SEC(22));
    hs_db_client_finish(client);
    found = latencies(&s, "pool");
    ck_assert_uint_gt(found->len, 1500);
    for (guint i = 0; i < found->len; i++)
        share += g_array_index(found, HsDuration, i) > HS_MSEC(20);
    share /= found->len;
    ck_assert_msg(share > 0.21 && share < 0.29, "share %g", share);
    check_complete(&s, client, "pool");
}
END_TEST

/* A pool that keeps two open: a burst opens more, which close when idle; all
 * are replaced at their age, and none of it fails a request. */
START_TEST(pool_grows_and_shrinks)
{
    g_auto(Site) s;
    HsDbClientConfig config;
    HsDbClient *client;
    const HsDbClientCounters *n;

    site_init(&s, 1);
    config = config_of(&s, HS_DB_POOL);
    config.min_idle = 2;
    config.idle_timeout = HS_MSEC(500);
    config.max_lifetime = HS_SEC(5);
    config.check_after = HS_MSEC(100);
    client = client_with(&s, &config);
    fake_world_run(s.w, HS_MSEC(10));
    ck_assert_uint_eq(hs_db_client_counters(client)->connects, 2);
    fake_world_run(s.w, HS_SEC(22));
    hs_db_client_finish(client);
    n = hs_db_client_counters(client);
    ck_assert_uint_gt(n->retired, 4);
    ck_assert_uint_gt(n->connects, 6);
    ck_assert_uint_gt(n->checks, 10);
    ck_assert_uint_eq(n->failed + n->lost, 0);
    check_complete(&s, client, "pool");
}
END_TEST

/* A cut of 30 s. TCP_USER_TIMEOUT ends the persistent connection 2 s after its
 * first retransmission, and what it carried is answered after all. */
START_TEST(user_timeout_ends_a_connection)
{
    g_auto(Site) s;
    HsDbClientConfig config;
    HsDbClient *client;
    const HsDbClientCounters *n;

    site_init(&s, 1);
    config = config_of(&s, HS_DB_PERSISTENT);
    config.limits.user_timeout = HS_SEC(2);
    config.retries = 100;
    config.retry_delay = HS_MSEC(200);
    client = client_with(&s, &config);
    fake_world_run(s.w, HS_SEC(5));
    fake_world_cut(s.w, s.app, s.db, true);
    fake_world_run(s.w, HS_MSEC(7600));
    n = hs_db_client_counters(client);
    ck_assert_uint_eq(n->user_timeouts, 1);
    ck_assert_uint_eq(n->lost, 1);
    fake_world_run(s.w, HS_SEC(35));
    fake_world_cut(s.w, s.app, s.db, false);
    fake_world_run(s.w, HS_SEC(60));
    hs_db_client_finish(client);
    ck_assert_uint_eq(n->failed + n->unanswered, 0);
    ck_assert_uint_gt(n->retried, 100);
    check_complete(&s, client, "persistent");
}
END_TEST

/* An idle pool on a dead path: keepalive finds all ten. */
START_TEST(keepalive_finds_idle_connections)
{
    g_auto(Site) s;
    HsDbClientConfig config;
    HsDbClient *client;

    site_init(&s, 1);
    config = config_of(&s, HS_DB_POOL);
    config.gap = HS_SEC(1000);
    config.arrivals = HS_ARRIVALS_CONSTANT;
    config.limits = (HsStreamLimits){.keepalive_idle = HS_SEC(5),
                                     .keepalive_interval = HS_SEC(1),
                                     .keepalive_count = 3};
    client = client_with(&s, &config);
    fake_world_run(s.w, HS_SEC(20));
    ck_assert_uint_eq(hs_db_client_counters(client)->lost, 0);
    fake_world_cut(s.w, s.app, s.db, true);
    fake_world_run(s.w, HS_SEC(30));
    ck_assert_uint_eq(hs_db_client_counters(client)->keepalive, 10);
    ck_assert_uint_eq(hs_db_client_counters(client)->lost, 10);
}
END_TEST

/* An error that nobody can have meant ends the connection. */
START_TEST(errors_are_judged)
{
    const struct {
        uint64_t id;
        uint32_t length;
        HsDbBad bad;
    } rows[] = {
        {DB_ID(DB_TOO_MANY, 0, 0), DB_ERROR_LENGTH, HS_DB_BAD_NONE},
        {DB_ID(DB_TOO_MANY, 0, 0), DB_ERROR_LENGTH + 1, HS_DB_BAD_LENGTH},
        {DB_ID(DB_CANCELLED, 0, 7), 0, HS_DB_BAD_LENGTH},
        {DB_ID(DB_STATEMENT, 3, 7), 100, HS_DB_BAD_LENGTH},
    };
    const DbMessage message = {.id = rows[_i].id, .length = rows[_i].length};
    g_autoptr(GBytes) bytes = db_message_encode(DB_REPLY_MAGIC, &message);
    size_t length;
    const uint8_t *data = g_bytes_get_data(bytes, &length);
    HsDbBad bad = HS_DB_BAD_NONE;
    DbMessage read;
    DbParser parser;

    db_parser_init(&parser, DB_REPLY_MAGIC, 976);
    ck_assert_int_eq(db_parser_feed(&parser, &data, &length, &read, &bad),
                     rows[_i].bad == HS_DB_BAD_NONE ? DB_PARSER_MESSAGE
                                                    : DB_PARSER_BAD);
    ck_assert_int_eq(bad, rows[_i].bad);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("load");
    TCase *db = tcase_create("database");
    TCase *wire = tcase_create("database, bytes");
    TCase *probe = tcase_create("probe");

    tcase_add_loop_test(db, all_is_answered_on_a_good_path, 0, 2);
    tcase_add_test(db, arrivals_are_open_loop_and_seeded);
    tcase_add_test(db, constant_rate_has_a_seeded_phase);
    tcase_add_test(db, cut_queues_the_persistent_clients_requests);
    tcase_add_test(db, retransmissions_tell_attempt_and_rto);
    tcase_add_test(db, pool_times_out_and_reconnects);
    tcase_add_test(db, pool_of_one_with_a_slow_server);
    tcase_add_test(db, retries_save_requests_from_a_short_cut);
    tcase_add_loop_test(db, open_requests_are_reported_at_the_end, 0, 2);
    tcase_add_test(db, server_restart);
    tcase_add_loop_test(db, every_request_ends_once, 0, 20);
    tcase_add_loop_test(db, think_times_have_their_mean, 0,
                        (int)G_N_ELEMENTS(thinks));
    tcase_add_test(db, pipelined_requests_are_answered_in_order);
    tcase_add_test(db, same_seed_same_facts);
    tcase_add_loop_test(db, transaction_takes_its_round_trips, 0, 2);
    tcase_add_test(db, preparing_doubles_the_first_transaction);
    tcase_add_test(db, login_takes_its_round_trips);
    tcase_add_loop_test(db, server_refuses_too_many, 0, 2);
    tcase_add_test(db, logins_take_turns);
    tcase_add_test(db, closed_loop_waits_for_its_users);
    tcase_add_test(db, server_cancels_statements);
    tcase_add_test(db, mix_has_its_shares);
    tcase_add_test(db, pool_grows_and_shrinks);
    tcase_add_test(db, user_timeout_ends_a_connection);
    tcase_add_test(db, keepalive_finds_idle_connections);
    tcase_add_loop_test(db, errors_are_judged, 0, 4);
    suite_add_tcase(suite, db);

    tcase_add_test(wire, message_is_read_in_any_pieces);
    tcase_add_test(wire, encoding_gives_the_written_bytes);
    tcase_add_loop_test(wire, bad_requests_close_the_connection, 0,
                        (int)G_N_ELEMENTS(bad_requests));
    tcase_add_loop_test(wire, bad_replies_close_the_connection, 0,
                        (int)G_N_ELEMENTS(bad_replies));
    suite_add_tcase(suite, wire);

    tcase_add_test(probe, probe_measures_delay_and_loss);
    tcase_add_test(probe, probe_sees_doubles_damage_and_strangers);
    tcase_add_test(probe, probe_sees_reordering);
    tcase_add_test(probe, probe_phase_is_seeded);
    suite_add_tcase(suite, probe);
    return run_suite(suite);
}
