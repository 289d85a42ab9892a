/* TCP_USER_TIMEOUT and keepalive of the TCP profile "linux", against Linux:
 * each case of tests/golden/linux-tcp/limits.csv in the simulator, at several
 * phases of the host's jiffies. Every simulated end lies in the range that was
 * measured, widened by what the timer wheel rounds a wait of that length to,
 * and by the 15 ms of a client that waits in Python. */

#include "config.h"

#include "tests/harness/run.h"
#include "tests/harness/tcp_pair.h"

#include <stdio.h>
#include <string.h>

#define PORT      5432
#define DEAD_PORT 9
#define WARM      HS_MSEC(2500)
#define PHASES    8
#define DELAY     HS_USEC(50)

typedef struct {
    char mode[8];
    HsSimTcpLimits limits;
    double low, high; /* ms */
    unsigned measured;
} Measured;

static GArray *table; /* Measured; made before the tests are forked */

static void
read_measured(void)
{
    const char *top = g_getenv("TOP_SRCDIR");
    g_autofree char *path =
        g_build_filename(top != NULL ? top : ".", "tests", "golden",
                         "linux-tcp", "limits.csv", NULL);
    g_autofree char *text = NULL;
    g_auto(GStrv) lines = NULL;

    g_assert(g_file_get_contents(path, &text, NULL, NULL));
    lines = g_strsplit(text, "\n", -1);
    table = g_array_new(FALSE, TRUE, sizeof(Measured));
    for (char **line = lines; *line != NULL; line++) {
        g_auto(GStrv) cells = g_strsplit(*line, ",", -1);
        Measured row = {.measured = 1};
        Measured *last = table->len > 0
                             ? &g_array_index(table, Measured, table->len - 1)
                             : NULL;

        if (g_strv_length(cells) != 7 || g_str_equal(cells[0], "mode"))
            continue;
        g_strlcpy(row.mode, cells[0], sizeof row.mode);
        row.limits.user_timeout = HS_MSEC(atoi(cells[1]));
        row.limits.keepalive_idle = HS_SEC(atoi(cells[2]));
        row.limits.keepalive_interval = HS_SEC(atoi(cells[3]));
        row.limits.keepalive_count = (unsigned)atoi(cells[4]);
        row.low = row.high = g_ascii_strtod(cells[5], NULL);
        if (last != NULL && strcmp(last->mode, row.mode) == 0 &&
            memcmp(&last->limits, &row.limits, sizeof row.limits) == 0) {
            last->low = MIN(last->low, row.low);
            last->high = MAX(last->high, row.high);
            last->measured++;
        } else {
            g_array_append_val(table, row);
        }
    }
}

/* One connection in the simulator. */
typedef struct {
    HsSim *sim;
    TcpPair pair;
    HsSimTcp *client;
    const Measured *row;
    HsTime since, ended_at;
    HsSimTcpEnd why;
    bool ended, cut;
} Case;

static void
send_request(Case *c)
{
    static const uint8_t request[100];

    c->since = hs_sim_now(c->sim);
    hs_sim_tcp_send(c->client, request, sizeof request);
}

static void
on_connected(void *user_data)
{
    send_request(user_data);
}

static void
next_request(void *user_data)
{
    Case *c = user_data;

    c->cut = hs_sim_now(c->sim) >= WARM;
    c->pair.cut[0] = c->pair.cut[1] = c->cut;
    if (!c->cut || strcmp(c->row->mode, "data") == 0)
        send_request(c);
}

static void
on_reply(void *user_data, const uint8_t *data, size_t length)
{
    Case *c = user_data;

    (void)data;
    (void)length;
    c->since = hs_sim_now(c->sim);
    hs_sim_schedule(c->sim, c->since + HS_MSEC(10), next_request, c, NULL);
}

static void
on_ended(void *user_data, HsSimTcpEnd why)
{
    Case *c = user_data;

    c->ended = true;
    c->ended_at = hs_sim_now(c->sim);
    c->why = why;
}

static void
serve(void *user_data, const uint8_t *data, size_t length)
{
    static const uint8_t reply[200];

    (void)data;
    (void)length;
    hs_sim_tcp_send(*(HsSimTcp **)user_data, reply, sizeof reply);
}

static HsSimTcp *accepted_one;

static void
accepted(void *user_data, HsSimTcp *tcp, const HsAddr *peer, uint16_t port)
{
    static const HsSimTcpEvents events = {.received = serve};

    (void)user_data;
    (void)peer;
    (void)port;
    accepted_one = tcp;
    hs_sim_tcp_set_events(tcp, &events, &accepted_one);
}

static void
run_case(Case *c, const Measured *row, unsigned phase, HsDuration length)
{
    static const HsSimTcpEvents events = {
        .connected = on_connected, .received = on_reply, .ended = on_ended};
    bool syn = strcmp(row->mode, "syn") == 0;

    *c = (Case){.row = row};
    c->sim = hs_sim_new(phase + 1);
    tcp_pair_init(&c->pair, c->sim, "limits", phase, DELAY);
    c->pair.cut[0] = syn;
    hs_sim_tcp_listen(c->pair.host[1], NULL, PORT, accepted, NULL);
    c->client = hs_sim_tcp_connect(c->pair.host[0], NULL, &c->pair.address[1],
                                   syn ? DEAD_PORT : PORT, &events, c);
    hs_sim_tcp_set_limits(c->client, &row->limits);
    hs_sim_run(c->sim, length);
}

static void
case_clear(Case *c)
{
    tcp_pair_clear(&c->pair);
    hs_sim_free(c->sim);
}

/* What the timer wheel rounds a wait to (see ns3_tcp_linux_timing.hh). */
static double
rounding(double ms)
{
    return ms < 2000 ? 36 : ms < 16000 ? 260 : 2052;
}

START_TEST(ends_when_linux_does)
{
    const Measured *row = &g_array_index(table, Measured, (guint)_i);
    HsSimTcpEnd why = strcmp(row->mode, "idle") == 0
                          ? HS_SIM_TCP_END_KEEPALIVE
                          : HS_SIM_TCP_END_USER_TIMEOUT;

    ck_assert_uint_ge(row->measured, 6);
    for (unsigned phase = 0; phase < PHASES; phase++) {
        Case c;
        double took, slack = rounding(row->low) + 15;

        run_case(&c, row, phase, HS_SEC(60));
        ck_assert_msg(c.ended, "%s did not end", row->mode);
        took = (double)(c.ended_at - c.since) / 1e6;
        if (g_getenv("VERBOSE") != NULL)
            printf("%s %g: %.1f ms, Linux %.1f to %.1f\n", row->mode,
                   (double)row->limits.user_timeout / 1e6, took, row->low,
                   row->high);
        ck_assert_int_eq(c.why, why);
        ck_assert_msg(took > row->low - slack && took < row->high + slack,
                      "%s: %.1f ms, Linux %.1f to %.1f", row->mode, took,
                      row->low, row->high);
        case_clear(&c);
    }
}
END_TEST

/* An idle connection on a good path lives, and its probes are answered: each
 * is a segment of its own, and so is the answer. */
START_TEST(probes_are_answered)
{
    const Measured row = {
        .mode = "idle",
        .limits = {0, HS_SEC(2), HS_SEC(1), 3},
    };
    Case c;
    uint64_t before;

    run_case(&c, &row, 0, WARM - HS_MSEC(100));
    c.row = &row;
    hs_sim_run(c.sim, WARM + HS_MSEC(50));
    c.pair.cut[0] = c.pair.cut[1] = false;
    before = c.pair.packets[1];
    hs_sim_run(c.sim, WARM + HS_SEC(21));
    ck_assert(!c.ended);
    /* every 2 s and a little, twenty seconds long */
    ck_assert_uint_ge(c.pair.packets[1] - before, 9);
    ck_assert_uint_le(c.pair.packets[1] - before, 11);
    case_clear(&c);
}
END_TEST

/* Without limits nothing of this happens: an idle connection never ends. */
START_TEST(without_limits_idle_lives)
{
    const Measured row = {.mode = "idle"};
    Case c;

    run_case(&c, &row, 0, HS_SEC(10000));
    ck_assert(c.cut && !c.ended);
    case_clear(&c);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("engine: TCP's limits against Linux");
    TCase *tcase = tcase_create("golden");

    read_measured();
    tcase_add_loop_test(tcase, ends_when_linux_does, 0, (int)table->len);
    tcase_add_test(tcase, probes_are_answered);
    tcase_add_test(tcase, without_limits_idle_lives);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
