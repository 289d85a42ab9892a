/* The fake world itself: what tests of models rely on. */

#include "config.h"

#include "tests/harness/fake_env.h"
#include "tests/harness/run.h"

#include <string.h>

/* A node's end of a stream that writes down what happens. */
typedef struct {
    FakeWorld *w;
    HsStream *stream;
    GString *log;
} End;

static void
note(End *end, const char *what, HsDuration value)
{
    char time[HS_TIME_TEXT], text[HS_TIME_TEXT];

    g_string_append_printf(end->log, "%s %s",
                           hs_duration_format(fake_world_now(end->w), time),
                           what);
    if (value != 0)
        g_string_append_printf(end->log, " %s",
                               hs_duration_format(value, text));
    g_string_append_c(end->log, '\n');
}

static void
on_connected(void *user_data)
{
    note(user_data, "connected", 0);
}

static void
on_received(void *user_data, const uint8_t *data, size_t length)
{
    g_autofree char *text = g_strndup((const char *)data, length);

    note(user_data, text, 0);
}

static void
on_retransmitted(void *user_data, unsigned attempt, HsDuration rto)
{
    g_autofree char *text = g_strdup_printf("retry %u rto", attempt);

    note(user_data, text, rto);
}

static void
on_acked(void *user_data, uint64_t total)
{
    g_autofree char *text = g_strdup_printf("acked %" G_GUINT64_FORMAT, total);

    note(user_data, text, 0);
}

static void
on_ended(void *user_data, HsStreamEnd why)
{
    note(user_data, hs_stream_end_name(why), 0);
}

static const HsStreamEvents events = {
    .connected = on_connected,
    .received = on_received,
    .retransmitted = on_retransmitted,
    .acked = on_acked,
    .ended = on_ended,
};

static void
on_accept(void *user_data, HsStream *stream, const HsAddr *peer, uint16_t port)
{
    End *end = user_data;

    ck_assert_uint_eq(hs_addr_to_ipv4(peer), 0x0a000001);
    ck_assert_uint_ge(port, 49152);
    end->stream = stream;
    hs_stream_set_events(stream, &events, end);
}

typedef struct {
    FakeWorld *w;
    HsEnv *a, *b;
    HsListener *listener;
    End client, server;
} Two;

static void
two_init(Two *t, bool listening)
{
    HsAddr to;

    *t = (Two){.w = fake_world_new(1)};
    t->a = fake_world_node(t->w, "a", "10.0.0.1");
    t->b = fake_world_node(t->w, "b", "10.0.0.2");
    fake_world_set_delay(t->w, t->a, t->b, HS_MSEC(5));
    to = fake_world_address(t->w, t->b);
    t->client = (End){.w = t->w, .log = g_string_new(NULL)};
    t->server = (End){.w = t->w, .log = g_string_new(NULL)};
    if (listening)
        t->listener = hs_env_listen(t->b, NULL, 80, on_accept, &t->server);
    t->client.stream =
        hs_stream_connect(t->a, NULL, &to, 80, &events, &t->client);
}

static void
two_clear(Two *t)
{
    hs_stream_free(t->client.stream);
    hs_stream_free(t->server.stream);
    hs_listener_free(t->listener);
    g_string_free(t->client.log, TRUE);
    g_string_free(t->server.log, TRUE);
    fake_world_free(t->w);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Two, two_clear)

START_TEST(stream_carries_and_closes)
{
    g_auto(Two) t;

    two_init(&t, true);
    hs_stream_send(t.client.stream, "early", 5); /* before it is connected */
    fake_world_run(t.w, HS_MSEC(50));
    hs_stream_send(t.server.stream, "hello", 5);
    hs_stream_close(t.server.stream);
    fake_world_run(t.w, HS_SEC(1));
    ck_assert_str_eq(t.client.log->str, "10ms connected\n"
                                        "20ms acked 5\n"
                                        "55ms hello\n"
                                        "55ms closed by peer\n");
    ck_assert_str_eq(t.server.log->str, "15ms early\n"
                                        "60ms acked 5\n"
                                        "60ms closed by peer\n");
}
END_TEST

START_TEST(nobody_listens)
{
    g_auto(Two) t;

    two_init(&t, false);
    fake_world_run(t.w, HS_SEC(1));
    ck_assert_str_eq(t.client.log->str, "10ms connection refused\n");
}
END_TEST

START_TEST(syn_into_a_cut)
{
    g_auto(Two) t;

    two_init(&t, true);
    /* the SYN of instant 0 is on its way; its answer is not */
    fake_world_cut(t.w, t.a, t.b, true);
    fake_world_run(t.w, HS_SEC(200));
    ck_assert_str_eq(t.client.log->str, "1s retry 1 rto 2s\n"
                                        "3s retry 2 rto 4s\n"
                                        "7s retry 3 rto 8s\n"
                                        "15s retry 4 rto 16s\n"
                                        "31s retry 5 rto 32s\n"
                                        "63s retry 6 rto 64s\n"
                                        "127s connect timeout\n");
}
END_TEST

START_TEST(data_survives_a_cut)
{
    g_auto(Two) t;

    two_init(&t, true);
    fake_world_run(t.w, HS_SEC(1));
    fake_world_cut(t.w, t.a, t.b, true);
    hs_stream_send(t.client.stream, "one ", 4);
    fake_world_run(t.w, HS_SEC(2));
    hs_stream_send(t.client.stream, "two", 3);
    fake_world_cut(t.w, t.a, t.b, false);
    fake_world_run(t.w, HS_SEC(3));
    ck_assert_str_eq(t.client.log->str, "10ms connected\n"
                                        "1.21s retry 1 rto 420ms\n"
                                        "1.63s retry 2 rto 840ms\n"
                                        "2.47s retry 3 rto 1.68s\n"
                                        "2.48s acked 7\n");
    ck_assert_str_eq(t.server.log->str, "2.475s one two\n");
}
END_TEST

START_TEST(data_gives_up_in_the_end)
{
    g_auto(Two) t;

    two_init(&t, true);
    fake_world_run(t.w, HS_SEC(1));
    fake_world_path(t.w, t.b, t.a)->cut = true; /* only the answers */
    hs_stream_send(t.client.stream, "x", 1);
    fake_world_run(t.w, HS_SEC(2000));
    ck_assert_str_eq(t.server.log->str, "1.005s x\n");
    ck_assert(g_str_has_suffix(t.client.log->str, "retransmission timeout\n"));
    ck_assert(strstr(t.client.log->str, "retry 15 rto 120s") != NULL);
}
END_TEST

START_TEST(freeing_resets)
{
    g_auto(Two) t;

    two_init(&t, true);
    fake_world_run(t.w, HS_SEC(1));
    g_clear_pointer(&t.client.stream, hs_stream_free);
    fake_world_run(t.w, HS_SEC(2));
    ck_assert_str_eq(t.server.log->str, "1.005s reset by peer\n");
    ck_assert_str_eq(t.client.log->str, "10ms connected\n");
}
END_TEST

/* A reset that was lost is sent again when data comes. */
START_TEST(lost_reset_is_repeated)
{
    g_auto(Two) t;

    two_init(&t, true);
    fake_world_run(t.w, HS_SEC(1));
    fake_world_cut(t.w, t.a, t.b, true);
    g_clear_pointer(&t.client.stream, hs_stream_free);
    fake_world_cut(t.w, t.a, t.b, false);
    fake_world_run(t.w, HS_SEC(2));
    ck_assert_str_eq(t.server.log->str, "");
    hs_stream_send(t.server.stream, "x", 1);
    fake_world_run(t.w, HS_SEC(3));
    ck_assert_str_eq(t.server.log->str, "2.01s reset by peer\n");
}
END_TEST

static void
on_datagram(void *user_data, const HsAddr *from, uint16_t from_port,
            const uint8_t *data, size_t length)
{
    GString *log = user_data;
    char text[HS_ADDR_TEXT];

    g_string_append_printf(log, "%s %u %.*s\n", hs_addr_format(from, text),
                           from_port, (int)length, (const char *)data);
}

START_TEST(datagrams_are_lost_doubled_and_damaged)
{
    g_autoptr(FakeWorld) w = fake_world_new(1);
    g_autoptr(GString) log = g_string_new(NULL);
    HsEnv *a = fake_world_node(w, "a", "10.0.0.1");
    HsEnv *b = fake_world_node(w, "b", "10.0.0.2");
    HsAddr to = fake_world_address(w, b), second;
    HsUdp *out, *in;

    fake_world_add_address(w, b, "10.0.0.3");
    ck_assert(hs_addr_parse("10.0.0.3", &second));
    out = hs_udp_open(a, NULL, 7, NULL, NULL);
    in = hs_udp_open(b, &to, 9, on_datagram, log);
    fake_world_path(w, a, b)->lose = 0x1;
    fake_world_path(w, a, b)->duplicate = 0x2;
    fake_world_path(w, a, b)->corrupt = 0x4;
    for (const char *at = "1234"; *at != '\0'; at++)
        hs_udp_send(out, &to, 9, at, 1);
    hs_udp_send(out, &to, 10, "port", 4);
    hs_udp_send(out, &second, 9, "address", 7);
    fake_world_run(w, HS_SEC(1));
    ck_assert_str_eq(log->str, "10.0.0.1 7 2\n10.0.0.1 7 2\n"
                               "10.0.0.1 7 s\n10.0.0.1 7 4\n");
    hs_udp_free(out);
    hs_udp_free(in);
}
END_TEST

static void
count_up(void *user_data)
{
    ++*(unsigned *)user_data;
}

START_TEST(alarms_move_and_disarm)
{
    g_autoptr(FakeWorld) w = fake_world_new(1);
    HsEnv *a = fake_world_node(w, "a", "10.0.0.1");
    unsigned fired = 0;
    HsAlarm *alarm = hs_alarm_new(a, count_up, &fired);

    hs_alarm_set(alarm, HS_SEC(1));
    hs_alarm_set(alarm, HS_SEC(2));
    fake_world_run(w, HS_SEC(2) - 1);
    ck_assert_uint_eq(fired, 0);
    fake_world_run(w, HS_SEC(2));
    ck_assert_uint_eq(fired, 1);
    hs_alarm_set(alarm, HS_SEC(1)); /* past: at once, but not from here */
    ck_assert_uint_eq(fired, 1);
    fake_world_run(w, HS_SEC(2));
    ck_assert_uint_eq(fired, 2);
    hs_alarm_set(alarm, HS_SEC(3));
    hs_alarm_set(alarm, HS_TIME_NEVER);
    fake_world_run(w, HS_SEC(9));
    ck_assert_uint_eq(fired, 2);
    hs_alarm_set(alarm, HS_SEC(10));
    hs_alarm_free(alarm);
    fake_world_run(w, HS_SEC(20));
    ck_assert_uint_eq(fired, 2);
}
END_TEST

START_TEST(facts_and_trace_are_kept)
{
    g_autoptr(FakeWorld) w = fake_world_new(1);
    HsEnv *a = fake_world_node(w, "a", "10.0.0.1");
    g_autofree char *text = NULL;

    fake_world_run(w, HS_MSEC(1500));
    hs_env_fact(a, &(const HsFact){.kind = HS_FACT_BGP,
                                   .subject = "primary",
                                   .from = "Idle",
                                   .to = "Connect",
                                   .cause = "start",
                                   .id = 3,
                                   .value = HS_SEC(2)});
    hs_trace(hs_env_trace_new(a, "bgp", "10.0.0.2"), fake_world_now(w), "x");
    text = fake_world_facts_text(w);
    ck_assert_str_eq(
        text, "[   1.500000000] a bgp primary Idle -> Connect (start) #3 2s\n");
    ck_assert_str_eq(fake_world_trace(w),
                     "[   1.500000000] a bgp 10.0.0.2: x\n");
    ck_assert_uint_eq(fake_world_count(w, HS_FACT_BGP, "primary", "Connect"),
                      1);
    ck_assert_uint_eq(fake_world_count(w, HS_FACT_BGP, NULL, "start"), 1);
    ck_assert_uint_eq(fake_world_count(w, HS_FACT_BGP, NULL, "stop"), 0);
    ck_assert_uint_eq(fake_world_count(w, HS_FACT_BFD, NULL, NULL), 0);
}
END_TEST

START_TEST(paths_are_separate)
{
    g_autoptr(FakeWorld) w = fake_world_new(1);
    HsEnv *n[4];

    for (unsigned i = 0; i < 4; i++) {
        g_autofree char *address = g_strdup_printf("10.0.0.%u", i + 1);

        n[i] = fake_world_node(w, "n", address);
    }
    for (unsigned i = 0; i < 4; i++)
        for (unsigned j = 0; j < 4; j++)
            fake_world_path(w, n[i], n[j])->delay = i * 10 + j;
    for (unsigned i = 0; i < 4; i++)
        for (unsigned j = 0; j < 4; j++)
            ck_assert_int_eq(fake_world_path(w, n[i], n[j])->delay, i * 10 + j);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("fake env");
    TCase *t = tcase_create("fake env");

    tcase_add_test(t, stream_carries_and_closes);
    tcase_add_test(t, nobody_listens);
    tcase_add_test(t, syn_into_a_cut);
    tcase_add_test(t, data_survives_a_cut);
    tcase_add_test(t, data_gives_up_in_the_end);
    tcase_add_test(t, freeing_resets);
    tcase_add_test(t, lost_reset_is_repeated);
    tcase_add_test(t, datagrams_are_lost_doubled_and_damaged);
    tcase_add_test(t, alarms_move_and_disarm);
    tcase_add_test(t, facts_and_trace_are_kept);
    tcase_add_test(t, paths_are_separate);
    suite_add_tcase(suite, t);
    return run_suite(suite);
}
