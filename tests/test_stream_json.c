/* The form of iperf3: what real runs of it wrote (iperf3 3.12 of Debian 12 on
 * loopback, in tests/golden/iperf3, less the machine's name) has the keys that
 * ours has, of the same types, and no more than those that only a kernel could
 * tell. */

#include "config.h"

#include "sim/output/result.h"
#include "tests/harness/fake_env.h"
#include "tests/harness/run.h"

#include <jansson.h>

static const struct {
    const char *file;
    HsBulkProtocol protocol;
    bool reverse;
    unsigned parallel;
} rows[] = {
    {"tcp", HS_BULK_TCP, false, 1},
    {"tcp-reverse", HS_BULK_TCP, true, 1},
    {"tcp-parallel", HS_BULK_TCP, false, 2},
    {"udp", HS_BULK_UDP, false, 1},
    {"udp-reverse", HS_BULK_UDP, true, 1},
};

/* What ours does not say: TCP_INFO, the kernel's buffers, processors. */
static const char *const untold[] = {
    "snd_cwnd",
    "snd_wnd",
    "rtt",
    "rttvar",
    "pmtu",
    "max_snd_cwnd",
    "max_snd_wnd",
    "max_rtt",
    "min_rtt",
    "mean_rtt",
    "tcp_mss_default",
    "tcp_mss",
    "sndbuf_actual",
    "rcvbuf_actual",
    "cpu_utilization_percent",
    "sender_tcp_congestion",
    "receiver_tcp_congestion",
};

static bool
is_untold(const char *key)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(untold); i++)
        if (g_str_equal(key, untold[i]))
            return true;
    return false;
}

static bool
same_type(const json_t *a, const json_t *b)
{
    return json_typeof(a) == json_typeof(b) ||
           (json_is_number(a) && json_is_number(b)) ||
           (json_is_boolean(a) && json_is_boolean(b));
}

/* *COUNT: leaves that were compared. */
static void
compare(const char *where, json_t *real, json_t *ours, unsigned *count)
{
    const char *key;
    json_t *value;

    ck_assert_msg(same_type(real, ours), "%s is of another type", where);
    ++*count;
    if (json_is_array(real)) {
        ck_assert_msg(json_array_size(ours) > 0, "%s is empty", where);
        for (size_t i = 0; i < json_array_size(ours); i++)
            compare(where, json_array_get(real, 0), json_array_get(ours, i),
                    count);
        return;
    }
    if (!json_is_object(real))
        return;
    json_object_foreach(real, key, value)
    {
        g_autofree char *inner = g_strconcat(where, ".", key, NULL);
        json_t *other = json_object_get(ours, key);

        if (other == NULL)
            ck_assert_msg(is_untold(key), "%s is missing", inner);
        else
            compare(inner, value, other, count);
    }
    json_object_foreach(ours, key, value) ck_assert_msg(
        json_object_get(real, key) != NULL || g_str_equal(key, "system_info"),
        "%s.%s is none of iperf3's", where, key);
}

static json_t *
ours(unsigned row)
{
    g_autoptr(FakeWorld) w = fake_world_new(1);
    HsEnv *app = fake_world_node(w, "app", "10.0.0.1");
    HsEnv *db = fake_world_node(w, "db", "172.16.0.1");
    g_autoptr(HsBulk) bulk =
        hs_bulk_new(app, db,
                    &(HsBulkConfig){.protocol = rows[row].protocol,
                                    .client = fake_world_address(w, app),
                                    .server = fake_world_address(w, db),
                                    .port = HS_BULK_PORT,
                                    .rate = 1000000,
                                    .parallel = rows[row].parallel,
                                    .length = 1000,
                                    .window = 1 << 20,
                                    .reverse = rows[row].reverse,
                                    .start = HS_SEC(1),
                                    .duration = HS_SEC(2)});
    g_autofree char *text = NULL;

    fake_world_run(w, HS_SEC(5));
    text = hs_stream_json(bulk, "3.37");
    return json_loads(text, JSON_REJECT_DUPLICATES, NULL);
}

START_TEST(keys_are_iperf3s)
{
    const char *top = g_getenv("TOP_SRCDIR");
    g_autofree char *name = g_strconcat(rows[_i].file, ".json", NULL);
    g_autofree char *path = g_build_filename(top != NULL ? top : ".",
                                             "tests/golden/iperf3", name, NULL);
    json_t *real = json_load_file(path, 0, NULL), *mine = ours((unsigned)_i);
    unsigned count = 0;

    ck_assert_msg(real != NULL && mine != NULL, "%s", path);
    compare(rows[_i].file, real, mine, &count);
    ck_assert_uint_ge(count, 80);
    ck_assert_uint_eq(json_array_size(json_object_get(mine, "intervals")), 2);
    json_decref(real);
    json_decref(mine);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("iperf3's form");
    TCase *tcase = tcase_create("streams");

    tcase_add_loop_test(tcase, keys_are_iperf3s, 0, G_N_ELEMENTS(rows));
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
