/* Scripts played in the fake world, where a path has a delay of 10 ms each way
 * and nothing else takes time. */

#include "config.h"

#include "models/load/replay.h"
#include "tests/harness/fake_env.h"
#include "tests/harness/run.h"

#define DELAY HS_MSEC(10)
#define RTT   (2 * DELAY)

typedef struct {
    FakeWorld *w;
    HsEnv *app, *db;
    HsReplayScript *script;
    HsReplayConfig config;
    HsReplay *replay;
} Site;

static void
site_init(Site *s)
{
    *s = (Site){.w = fake_world_new(1), .script = hs_replay_script_new()};
    s->app = fake_world_node(s->w, "app", "10.0.0.1");
    s->db = fake_world_node(s->w, "db", "172.16.0.1");
    fake_world_set_delay(s->w, s->app, s->db, DELAY);
    s->config = (HsReplayConfig){
        .name = "orders",
        .script = s->script,
        .client = fake_world_address(s->w, s->app),
        .server = fake_world_address(s->w, s->db),
        .stop = HS_SEC(100),
    };
}

static void
site_clear(Site *s)
{
    hs_replay_free(s->replay);
    fake_world_free(s->w);
    hs_replay_script_free(s->script);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Site, site_clear)

static void
step(HsReplayConnection *c, unsigned side, uint64_t after, HsDuration wait,
     uint64_t end)
{
    const HsReplayStep s = {.after = after, .wait = wait, .end = end};

    g_array_append_val(c->step[side], s);
}

static void
request(HsReplayConnection *c, uint64_t start, uint64_t answered)
{
    const HsReplayRequest r = {
        .start = start, .answered = answered, .round_trips = 1, .last = true};

    g_array_append_val(c->requests, r);
}

/* 100 bytes asked after 5 ms, 1000 answered after 3 ms, N times. */
static HsReplayConnection *
plain(unsigned n, HsDuration open)
{
    HsReplayConnection *c = hs_replay_connection_new();

    c->open = open;
    for (unsigned i = 0; i < n; i++) {
        step(c, 0, UINT64_C(1000) * i, HS_MSEC(5), UINT64_C(100) * (i + 1));
        step(c, 1, UINT64_C(100) * (i + 1), HS_MSEC(3),
             UINT64_C(1000) * (i + 1));
        request(c, UINT64_C(100) * i, UINT64_C(1000) * (i + 1));
    }
    return c;
}

static void
play(Site *s, HsTime until)
{
    s->replay = hs_replay_new(s->app, s->db, &s->config);
    fake_world_run(s->w, until);
}

/* The INDEX-th REPLAYED fact. */
static const HsFact *
replayed(const Site *s, guint index)
{
    const GArray *facts = fake_world_facts(s->w);

    for (guint i = 0; i < facts->len; i++) {
        const HsFact *f = &g_array_index(facts, HsFact, i);

        if (f->kind == HS_FACT_REPLAYED && index-- == 0)
            return f;
    }
    ck_abort_msg("there are not so many");
    return NULL;
}

#define COUNTS(site) hs_replay_counters((site).replay)

/* Connect, then each request a round trip and 3 ms, and 5 ms between them. */
START_TEST(closed_loop)
{
    g_auto(Site) s;
    HsReplayConnection *c = plain(3, HS_SEC(1));

    site_init(&s);
    c->end = HS_REPLAY_CLOSED_BY_CLIENT;
    c->end_wait = HS_MSEC(7);
    hs_replay_script_add(s.script, c);
    play(&s, HS_SEC(10));
    ck_assert_uint_eq(COUNTS(s)->answered, 3);
    ck_assert_uint_eq(COUNTS(s)->lost + COUNTS(s)->failed, 0);
    for (guint i = 0; i < 3; i++) {
        const HsFact *f = replayed(&s, i);

        ck_assert_uint_eq(f->id, i + 1);
        ck_assert_str_eq(f->to, "answered");
        ck_assert_int_eq(f->value, RTT + HS_MSEC(3));
        ck_assert_int_eq(f->at,
                         HS_SEC(1) + RTT + (i + 1) * (RTT + HS_MSEC(5 + 3)));
    }
}
END_TEST

/* A request in which the client waits twice for the server takes two round
 * trips. */
START_TEST(two_round_trips)
{
    g_auto(Site) s;
    HsReplayConnection *c = hs_replay_connection_new();

    site_init(&s);
    step(c, 0, 0, 0, 50);
    step(c, 1, 50, HS_MSEC(1), 20);
    step(c, 0, 20, HS_MSEC(2), 90);
    step(c, 1, 90, HS_MSEC(1), 40);
    request(c, 0, 40);
    hs_replay_script_add(s.script, c);
    play(&s, HS_SEC(10));
    ck_assert_int_eq(replayed(&s, 0)->value, 2 * RTT + HS_MSEC(4));
}
END_TEST

/* Pipelined: three requests in one piece, answered one after the other. */
START_TEST(pipelined)
{
    g_auto(Site) s;
    HsReplayConnection *c = hs_replay_connection_new();

    site_init(&s);
    step(c, 0, 0, 0, 300);
    for (unsigned i = 1; i <= 3; i++) {
        step(c, 1, UINT64_C(100) * i, HS_MSEC(2), UINT64_C(10) * i);
        request(c, UINT64_C(100) * (i - 1), UINT64_C(10) * i);
    }
    hs_replay_script_add(s.script, c);
    play(&s, HS_SEC(10));
    for (guint i = 0; i < 3; i++)
        ck_assert_int_eq(replayed(&s, i)->value, RTT + (i + 1) * HS_MSEC(2));
}
END_TEST

/* A server that speaks first, on two connections whose greetings are as long;
 * and a client that says less than the octets by which it is known. */
START_TEST(server_speaks_first)
{
    g_auto(Site) s;

    site_init(&s);
    for (unsigned i = 0; i < 2; i++) {
        HsReplayConnection *c = hs_replay_connection_new();

        step(c, 1, 0, HS_MSEC(1), 78);
        step(c, 0, 78, HS_MSEC(1), 3);
        step(c, 1, 3, HS_MSEC(i == 0 ? 1 : 30), 100);
        step(c, 0, 100, HS_MSEC(1), 60);
        step(c, 1, 60, HS_MSEC(1), 200);
        request(c, 0, 100);
        request(c, 3, 200);
        hs_replay_script_add(s.script, c);
    }
    play(&s, HS_SEC(10));
    ck_assert_uint_eq(COUNTS(s)->answered, 4);
    ck_assert_uint_eq(COUNTS(s)->bad, 0);
    ck_assert_int_eq(replayed(&s, 0)->value, RTT + HS_MSEC(1));
    ck_assert_uint_eq(COUNTS(s)->connects, 2);
}
END_TEST

START_TEST(twice_as_fast)
{
    g_auto(Site) s;

    site_init(&s);
    s.config.speed = 2;
    hs_replay_script_add(s.script, plain(1, HS_SEC(1)));
    play(&s, HS_SEC(10));
    /* The server's wait is its own. */
    ck_assert_int_eq(replayed(&s, 0)->value, RTT + HS_MSEC(3));
    ck_assert_int_eq(replayed(&s, 0)->at,
                     HS_MSEC(500) + RTT + HS_USEC(2500) + RTT + HS_MSEC(3));
}
END_TEST

/* The ids of the second round go on behind the first. */
START_TEST(looped)
{
    g_auto(Site) s;

    site_init(&s);
    s.config.loop = true;
    s.config.stop = HS_MSEC(500);
    hs_replay_script_add(s.script, plain(2, 0));
    hs_replay_script_add(s.script, plain(3, HS_MSEC(20)));
    play(&s, HS_SEC(2));
    ck_assert_uint_ge(COUNTS(s)->rounds, 3);
    ck_assert_uint_eq(COUNTS(s)->lost + COUNTS(s)->bad, 0);
    ck_assert_uint_eq(replayed(&s, 5)->id / 5, 1);
    ck_assert_int_eq(replayed(&s, 7)->value, RTT + HS_MSEC(3));
}
END_TEST

static void
cut(void *user_data)
{
    Site *s = user_data;

    fake_world_cut(s->w, s->app, s->db, true);
}

static void
mend(void *user_data)
{
    Site *s = user_data;

    fake_world_cut(s->w, s->app, s->db, false);
}

/* Nobody gives up: the request waits for TCP. */
START_TEST(cut_without_time_out)
{
    g_auto(Site) s;

    site_init(&s);
    hs_replay_script_add(s.script, plain(40, 0));
    fake_world_at(s.w, HS_MSEC(300), cut, &s);
    fake_world_at(s.w, HS_MSEC(2300), mend, &s);
    play(&s, HS_SEC(20));
    ck_assert_uint_eq(COUNTS(s)->answered, 40);
    ck_assert_uint_eq(COUNTS(s)->connects, 1);
    ck_assert_uint_eq(COUNTS(s)->failed, 0);
}
END_TEST

/* Nothing new is asked when the time is over, and what was begun ends. */
START_TEST(stopped_in_a_request)
{
    g_auto(Site) s;
    HsReplayConnection *c = hs_replay_connection_new();

    site_init(&s);
    s.config.stop = HS_MSEC(30);
    step(c, 0, 0, 0, 50);
    step(c, 1, 50, HS_MSEC(1), 20);
    step(c, 0, 20, HS_MSEC(2), 90);
    step(c, 1, 90, HS_MSEC(1), 40);
    request(c, 0, 40);
    step(c, 0, 40, 0, 100);
    step(c, 1, 100, 0, 50);
    request(c, 90, 50);
    hs_replay_script_add(s.script, c);
    play(&s, HS_SEC(10));
    hs_replay_finish(s.replay);
    ck_assert_uint_eq(COUNTS(s)->requests, 1);
    ck_assert_uint_eq(COUNTS(s)->answered, 1);
    ck_assert_uint_eq(COUNTS(s)->unanswered, 0);
}
END_TEST

/* With a time-out the request fails; the application connects again and goes on
 * with the next one, whose latency counts from when it was due. */
START_TEST(cut_with_time_out)
{
    g_auto(Site) s;
    HsTime longest = 0;
    const HsFact *f;

    site_init(&s);
    s.config.timeout = HS_MSEC(500);
    hs_replay_script_add(s.script, plain(40, 0));
    fake_world_at(s.w, HS_MSEC(300), cut, &s);
    fake_world_at(s.w, HS_MSEC(5300), mend, &s);
    play(&s, HS_SEC(30));
    ck_assert_uint_ge(COUNTS(s)->timeouts, 5);
    ck_assert_uint_eq(COUNTS(s)->failed, COUNTS(s)->timeouts);
    ck_assert_uint_eq(COUNTS(s)->answered + COUNTS(s)->failed, 40);
    ck_assert_uint_eq(COUNTS(s)->bad, 0);
    for (guint i = 0; i < 40; i++) {
        f = replayed(&s, i);
        ck_assert_uint_eq(f->id, i + 1);
        longest = MAX(longest, f->value);
    }
    ck_assert_int_eq(longest, HS_MSEC(500));
    ck_assert_int_eq(f->value, RTT + HS_MSEC(3));
}
END_TEST

/* What is still asked when the run ends is told as failed. */
START_TEST(finished_while_asking)
{
    g_auto(Site) s;

    site_init(&s);
    hs_replay_script_add(s.script, plain(40, 0));
    fake_world_at(s.w, HS_MSEC(300), cut, &s);
    play(&s, HS_SEC(2));
    hs_replay_finish(s.replay);
    ck_assert_uint_eq(COUNTS(s)->unanswered, 1);
    ck_assert_uint_eq(
        fake_world_count(s.w, HS_FACT_REPLAYED, "orders", "failed"), 1);
}
END_TEST

/* The server closes, after a while: nothing is lost with it. */
START_TEST(closed_by_server)
{
    g_auto(Site) s;
    HsReplayConnection *c = plain(2, 0);

    site_init(&s);
    c->end = HS_REPLAY_CLOSED_BY_SERVER;
    c->end_wait = HS_MSEC(50);
    hs_replay_script_add(s.script, c);
    play(&s, HS_SEC(5));
    ck_assert_uint_eq(COUNTS(s)->answered, 2);
    ck_assert_uint_eq(COUNTS(s)->lost, 0);
    ck_assert_uint_eq(COUNTS(s)->connects, 1);
}
END_TEST

/* 3 MB each way: pieces of any size are one step. */
START_TEST(large)
{
    g_auto(Site) s;
    HsReplayConnection *c = hs_replay_connection_new();

    site_init(&s);
    step(c, 0, 0, 0, 3000000);
    step(c, 1, 3000000, 0, 3000000);
    request(c, 0, 3000000);
    hs_replay_script_add(s.script, c);
    play(&s, HS_SEC(5));
    ck_assert_uint_eq(COUNTS(s)->answered, 1);
    ck_assert_uint_eq(COUNTS(s)->bad, 0);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("replay, played");
    TCase *tcase = tcase_create("play");

    tcase_add_test(tcase, closed_loop);
    tcase_add_test(tcase, two_round_trips);
    tcase_add_test(tcase, pipelined);
    tcase_add_test(tcase, server_speaks_first);
    tcase_add_test(tcase, twice_as_fast);
    tcase_add_test(tcase, looped);
    tcase_add_test(tcase, cut_without_time_out);
    tcase_add_test(tcase, cut_with_time_out);
    tcase_add_test(tcase, stopped_in_a_request);
    tcase_add_test(tcase, finished_while_asking);
    tcase_add_test(tcase, closed_by_server);
    tcase_add_test(tcase, large);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
