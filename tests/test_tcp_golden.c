/* The TCP profile "linux" against Linux itself.
 *
 * tests/golden/linux-tcp holds what a Linux kernel did in silent cuts of 0.1 to
 * 100 s: when the stuck request and its reply were sent again, and when the
 * first reply came through. Here the same connections, with the same relay and
 * the same cuts, run in the simulator; and their times are to be Linux's.
 *
 * They cannot be equal one by one: a cut hits another phase of the requests and
 * of the kernel's timer wheel each time. So a set of simulated connections is
 * compared with the set that was measured, instant by instant:
 *
 * - Each simulated time lies in the measured range, widened by what the timer
 *   wheel rounds a wait of that length to (32 ms up to 2 s, 256 ms up to 16 s,
 *   2.05 s beyond, at HZ 250), as six measured phases do not fill that range,
 *   and by 15 ms for the relay in user space.
 * - Where there are enough values, the means differ by no more than 0.6 of that
 *   rounding and 15 ms. The mean of six draws from a uniform distribution has
 *   a standard error of 0.12 of its width, the difference of two sets 0.17; so
 *   this is more than three of them.
 * - Each connection's number of transmissions is one that Linux had, or one
 * less if the other side's made it come back before: it comes back in the same
 *   step of the back-off. */

#include "config.h"

#include "tests/harness/run.h"
#include "tests/harness/tcp_pair.h"

#include <stdio.h>
#include <string.h>

#define DELAY       HS_MSEC(3)
#define TICK        HS_MSEC(10)
#define REQUEST     100
#define REPLY       200
#define PORT        5432
#define WARM        HS_MSEC(1000)
#define PHASES      10
#define TIMES_MAX   32
#define RELAY_ERROR 15.0 /* ms */
#define MEAN_SHARE  0.6
#define ENOUGH      6 /* values to take a mean of */

/* What is known of one connection, measured or simulated; ms from the cut. */
typedef struct {
    double recovery; /* < 0: none */
    double request[TIMES_MAX], reply[TIMES_MAX];
    unsigned requests, replies;
} Case;

typedef struct {
    char mode[16], direction[16];
    double cut; /* ms */
    GArray *cases;
} Group;

static GPtrArray *groups; /* of Group; made before the tests are forked */

static void
group_free(void *data)
{
    Group *group = data;

    g_array_unref(group->cases);
    g_free(group);
}

static unsigned
read_times(const char *text, double times[TIMES_MAX])
{
    g_auto(GStrv) words = g_strsplit(text, " ", -1);
    unsigned n = 0;

    for (; words[n] != NULL && words[n][0] != '\0'; n++) {
        g_assert(n < TIMES_MAX);
        times[n] = g_ascii_strtod(words[n], NULL);
    }
    return n;
}

static Group *
find_group(const char *mode, const char *direction, double cut)
{
    Group *group;
    unsigned i;

    for (i = 0; i < groups->len; i++) {
        group = g_ptr_array_index(groups, i);
        if (strcmp(group->mode, mode) == 0 && group->cut == cut &&
            strcmp(group->direction, direction) == 0)
            return group;
    }
    group = g_new0(Group, 1);
    g_strlcpy(group->mode, mode, sizeof group->mode);
    g_strlcpy(group->direction, direction, sizeof group->direction);
    group->cut = cut;
    group->cases = g_array_new(FALSE, TRUE, sizeof(Case));
    g_ptr_array_add(groups, group);
    return group;
}

static void
read_measured(const char *name)
{
    const char *top = g_getenv("TOP_SRCDIR");
    g_autofree char *path = g_build_filename(top != NULL ? top : ".", "tests",
                                             "golden", "linux-tcp", name, NULL);
    g_autofree char *text = NULL;
    g_auto(GStrv) lines = NULL;
    unsigned i;

    if (!g_file_get_contents(path, &text, NULL, NULL))
        g_error("cannot read %s", path);
    lines = g_strsplit(text, "\n", -1);
    for (i = 0; lines[i] != NULL; i++) {
        g_auto(GStrv) cells = g_strsplit(lines[i], ",", -1);
        Case c = {.recovery = -1};

        if (lines[i][0] == '#' || g_strv_length(cells) != 6 ||
            strcmp(cells[0], "mode") == 0)
            continue;
        if (cells[3][0] != '\0')
            c.recovery = g_ascii_strtod(cells[3], NULL);
        c.requests = read_times(cells[4], c.request);
        c.replies = read_times(cells[5], c.reply);
        g_array_append_val(
            find_group(cells[0], cells[1], g_ascii_strtod(cells[2], NULL))
                ->cases,
            c);
    }
}

/* One simulated connection. The names are measure.py's. */

typedef struct {
    TcpPair pair;
    const Group *group;
    HsTime cut_at;
    HsSimTcp *client, *server;
    HsSimTcpListener *listener;
    size_t wanted, pending; /* bytes of replies, of an unfinished request */
    HsTime due;
    bool quiet, ended;
    HsSimTcpEnd why;
    HsTime ended_at;

    bool based[2], stuck[2];
    uint32_t base[2], stuck_at[2], top[2], delivered;
    double top_time;
    Case found;
} Connection;

static double
since_cut(const Connection *c)
{
    return (double)(hs_sim_now(c->pair.sim) - c->cut_at) / 1e6;
}

static void
note_sent(Connection *c, unsigned from, double time)
{
    Case *found = &c->found;

    if (from == 0 && found->requests < TIMES_MAX)
        found->request[found->requests++] = time;
    if (from == 1 && found->replies < TIMES_MAX)
        found->reply[found->replies++] = time;
}

static void
seen(void *user_data, const TcpSegment *s)
{
    Connection *c = user_data;
    double now = since_cut(c);
    uint32_t start, end;

    if (s->flags & TCP_PAIR_SYN) {
        c->base[s->from] = s->seq + 1;
        c->based[s->from] = true;
        if (strcmp(c->group->mode, "syn") == 0)
            note_sent(c, s->from, now);
    }
    if (s->length == 0 || !c->based[s->from])
        return;
    start = s->seq - c->base[s->from];
    end = start + s->length;
    if (s->dropped && !c->stuck[s->from]) {
        c->stuck[s->from] = true;
        c->stuck_at[s->from] = start;
        note_sent(c, s->from, now);
        if (s->from == 1 && !c->stuck[0]) {
            c->stuck[0] = true;
            c->stuck_at[0] = c->top[0] - 1;
            note_sent(c, 0, c->top_time);
        }
    } else if (c->stuck[s->from] && start <= c->stuck_at[s->from] &&
               c->stuck_at[s->from] < end) {
        note_sent(c, s->from, now);
    }
    if (end > c->top[s->from]) {
        c->top[s->from] = end;
        if (s->from == 0)
            c->top_time = now;
    }
    if (s->from == 1 && !s->dropped && end > c->delivered) {
        if ((c->stuck[0] || c->stuck[1]) && c->found.recovery < 0)
            c->found.recovery = now;
        c->delivered = end;
    }
}

static void
request(void *user_data)
{
    static const uint8_t bytes[REQUEST];
    Connection *c = user_data;

    if (c->ended || c->quiet)
        return;
    hs_sim_tcp_send(c->client, bytes, sizeof bytes);
    c->wanted += REPLY;
    if (strcmp(c->group->mode, "open") == 0)
        hs_sim_schedule(c->pair.sim, hs_sim_now(c->pair.sim) + TICK, request, c,
                        NULL);
}

static void
on_connected(void *user_data)
{
    Connection *c = user_data;

    c->due = hs_sim_now(c->pair.sim);
    request(c);
}

static void
on_reply(void *user_data, const uint8_t *data, size_t length)
{
    Connection *c = user_data;

    (void)data;
    c->wanted -= length;
    if (c->wanted > 0 || strcmp(c->group->mode, "open") == 0)
        return;
    while (c->due <= hs_sim_now(c->pair.sim))
        c->due += TICK;
    hs_sim_schedule(c->pair.sim, c->due, request, c, NULL);
}

static void
on_ended(void *user_data, HsSimTcpEnd why)
{
    Connection *c = user_data;

    c->ended = true;
    c->why = why;
    c->ended_at = hs_sim_now(c->pair.sim);
}

static void
on_request(void *user_data, const uint8_t *data, size_t length)
{
    static const uint8_t bytes[REPLY];
    Connection *c = user_data;

    (void)data;
    for (c->pending += length; c->pending >= REQUEST; c->pending -= REQUEST)
        hs_sim_tcp_send(c->server, bytes, sizeof bytes);
}

static void
on_accept(void *user_data, HsSimTcp *tcp, const HsAddr *peer, uint16_t port)
{
    static const HsSimTcpEvents events = {.received = on_request};
    Connection *c = user_data;

    (void)peer;
    (void)port;
    c->server = tcp;
    hs_sim_tcp_set_events(tcp, &events, c);
}

static void
cut(void *user_data)
{
    Connection *c = user_data;

    c->pair.cut[0] = strcmp(c->group->direction, "s2c") != 0;
    c->pair.cut[1] = strcmp(c->group->direction, "c2s") != 0;
}

static void
heal(void *user_data)
{
    Connection *c = user_data;

    c->pair.cut[0] = c->pair.cut[1] = false;
}

static void
be_quiet(void *user_data)
{
    ((Connection *)user_data)->quiet = true;
}

static void
start(void *user_data)
{
    static const HsSimTcpEvents events = {
        .connected = on_connected, .received = on_reply, .ended = on_ended};
    Connection *c = user_data;

    c->client = hs_sim_tcp_connect(c->pair.host[0], NULL, &c->pair.address[1],
                                   PORT, &events, c);
}

static void
plan(Connection *c, const Group *group, HsSim *sim, unsigned n, HsRng *rng)
{
    g_autofree char *name = g_strdup_printf("pair%u", n);
    bool syn = strcmp(group->mode, "syn") == 0;
    HsTime begin = hs_rng_uniform(rng, 0, HS_MSEC(20));

    *c = (Connection){.group = group, .found.recovery = -1};
    tcp_pair_init(&c->pair, sim, name, n, DELAY);
    c->pair.seen = seen;
    c->pair.user_data = c;
    c->listener = hs_sim_tcp_listen(c->pair.host[1], NULL, PORT, on_accept, c);
    c->cut_at =
        begin + (syn ? 0 : WARM + hs_rng_uniform(rng, 0, HS_MSEC(2048)));
    hs_sim_schedule(sim, c->cut_at, cut, c, NULL);
    hs_sim_schedule(sim, begin, start, c, NULL);
    if (group->cut > 0)
        hs_sim_schedule(sim, c->cut_at + (HsDuration)(group->cut * 1e6), heal,
                        c, NULL);
    hs_sim_schedule(sim, c->cut_at + HS_SEC(1), be_quiet, c, NULL);
}

/* Comparison */

/* What the wheel at HZ 250 rounds to when WAIT ms are waited, at most. */
static double
rounding(double wait)
{
    return wait < 252 ? 4 : wait < 2016 ? 32 : wait < 16128 ? 256 : 2048;
}

typedef struct {
    double least, most, sum;
    unsigned n;
} Range;

static void
widen(Range *range, double value)
{
    range->least = range->n == 0 ? value : MIN(range->least, value);
    range->most = range->n == 0 ? value : MAX(range->most, value);
    range->sum += value;
    range->n++;
}

/* FOUND against MEASURED, for a time that came after a wait of WAIT. */
static void
compare(const char *what, unsigned k, const Range *measured, const Range *found,
        double wait)
{
    double slack = rounding(wait) + RELAY_ERROR;

    ck_assert_msg(found->least >= measured->least - slack &&
                      found->most <= measured->most + slack,
                  "%s %u: %.1f..%.1f ms, Linux %.1f..%.1f (+-%.0f)", what, k,
                  found->least, found->most, measured->least, measured->most,
                  slack);
    if (measured->n < ENOUGH || found->n < ENOUGH ||
        measured->most - measured->least > 2 * slack)
        return;
    ck_assert_msg(ABS(found->sum / found->n - measured->sum / measured->n) <=
                      MEAN_SHARE * rounding(wait) + RELAY_ERROR,
                  "%s %u: mean %.1f ms, Linux %.1f", what, k,
                  found->sum / found->n, measured->sum / measured->n);
}

static unsigned
times_of(const Case *c, bool reply, const double **ret_times)
{
    *ret_times = reply ? c->reply : c->request;
    return reply ? c->replies : c->requests;
}

/* One way or the other round: was it the request that got stuck, or did it get
 * through just before the cut and its reply did not? They come back at other
 * times, so like is compared with like. */
static bool
reply_stuck(const Case *c)
{
    return c->requests > 0 && c->request[0] < 0;
}

static GArray *
of_kind(const Case *cases, unsigned n, bool stuck)
{
    GArray *some = g_array_new(FALSE, TRUE, sizeof(Case));
    unsigned i;

    for (i = 0; i < n; i++)
        if (reply_stuck(&cases[i]) == stuck)
            g_array_append_val(some, cases[i]);
    return some;
}

#define CASE(array, i) (&g_array_index(array, Case, i))

/* The longest wait before transmission K. */
static double
wait_before(const GArray *cases, unsigned k, bool reply)
{
    const double *times;
    double wait = 0;
    unsigned i;

    for (i = 0; k > 0 && i < cases->len; i++)
        if (k < times_of(CASE(cases, i), reply, &times))
            wait = MAX(wait, times[k] - times[k - 1]);
    return wait;
}

/* FOUND was sent M times, and Linux's at least LEAST times: that is right if
 * the reply was back before the next would have been due. */
static bool
was_back_before(const Case *found, const GArray *measured, unsigned m,
                bool reply)
{
    double wait = wait_before(measured, m, reply);
    const double *times;
    double last = 0;
    unsigned i;

    for (i = 0; i < measured->len; i++)
        if (m < times_of(CASE(measured, i), reply, &times))
            last = MAX(last, times[m]);
    return found->recovery >= 0 &&
           found->recovery <= last + rounding(wait) + RELAY_ERROR;
}

static void
compare_counts(const GArray *measured, const GArray *found, bool reply)
{
    const double *times;
    Range counts = {0};
    double soonest = 0;
    unsigned i, m;

    for (i = 0; i < measured->len; i++) {
        widen(&counts, times_of(CASE(measured, i), reply, &times));
        soonest = i == 0 ? CASE(measured, i)->recovery
                         : MIN(soonest, CASE(measured, i)->recovery);
    }
    for (i = 0; i < found->len; i++) {
        m = times_of(CASE(found, i), reply, &times);
        /* One more is right if Linux was back before it was due. */
        if (m == (unsigned)counts.most + 1 && m > 1 &&
            soonest <= times[m - 1] + rounding(times[m - 1] - times[m - 2]) +
                           RELAY_ERROR)
            continue;
        ck_assert_msg((m >= counts.least && m <= counts.most) ||
                          (m + 1 == counts.least &&
                           was_back_before(CASE(found, i), measured, m, reply)),
                      "%s sent %u times, by Linux %.0f..%.0f",
                      reply ? "reply" : "request", m, counts.least,
                      counts.most);
    }
}

static void
compare_times(const GArray *measured, const GArray *found, bool reply)
{
    const double *times;
    unsigned k, i;

    for (k = 0; k < TIMES_MAX; k++) {
        Range theirs = {0}, ours = {0};

        for (i = 0; i < measured->len; i++)
            if (k < times_of(CASE(measured, i), reply, &times))
                widen(&theirs, times[k]);
        for (i = 0; i < found->len; i++)
            if (k < times_of(CASE(found, i), reply, &times))
                widen(&ours, times[k]);
        /* What only some of them reach is a selection, not a sample. */
        if (theirs.n < measured->len || ours.n < found->len)
            break;
        compare(reply ? "reply" : "request", k, &theirs, &ours,
                wait_before(measured, k, reply));
    }
    compare_counts(measured, found, reply);
}

static void
compare_recovery(const GArray *measured, const GArray *found)
{
    Range theirs = {0}, ours = {0};
    double wait = 0;
    unsigned i;

    for (i = 0; i < measured->len; i++) {
        const Case *c = CASE(measured, i);

        widen(&theirs, c->recovery);
        if (c->requests > 1)
            wait = MAX(wait, c->request[c->requests - 1] -
                                 c->request[c->requests - 2]);
    }
    for (i = 0; i < found->len; i++) {
        ck_assert_msg(CASE(found, i)->recovery >= 0, "did not come back");
        widen(&ours, CASE(found, i)->recovery);
    }
    compare("recovery", 0, &theirs, &ours, wait);
}

static void
run_group(const Group *group, HsTime until, Connection *connections)
{
    HsSim *sim = hs_sim_new(11);
    g_autoptr(HsRng) rng = hs_rng_new(11, "golden", "phases");
    unsigned i;

    for (i = 0; i < PHASES; i++)
        plan(&connections[i], group, sim, i, rng);
    hs_sim_run(sim, until);
    hs_sim_free(sim);
    for (i = 0; i < PHASES; i++)
        tcp_pair_clear(&connections[i].pair);
}

/* For eyes: HS_GOLDEN_SHOW=1 prints what was found, as the files have it. */
static void
show(const Group *group, const Case *found, unsigned n)
{
    unsigned i, k;

    if (g_getenv("HS_GOLDEN_SHOW") == NULL)
        return;
    for (i = 0; i < n; i++) {
        printf("%s,%s,%.0f,%.1f,", group->mode, group->direction, group->cut,
               found[i].recovery);
        for (k = 0; k < found[i].requests; k++)
            printf("%s%.1f", k > 0 ? " " : "", found[i].request[k]);
        printf(",");
        for (k = 0; k < found[i].replies; k++)
            printf("%s%.1f", k > 0 ? " " : "", found[i].reply[k]);
        printf("\n");
        fflush(stdout);
    }
}

START_TEST(comes_back_as_linux_does)
{
    const Group *group = g_ptr_array_index(groups, (unsigned)_i);
    Connection connections[PHASES];
    Case found[PHASES];
    unsigned i, stuck, compared = 0;

    if (strcmp(group->mode, "closed") != 0 && strcmp(group->mode, "open") != 0)
        return;
    run_group(group, WARM + HS_SEC(4) + (HsDuration)(group->cut * 2.3 * 1e6),
              connections);
    for (i = 0; i < PHASES; i++)
        found[i] = connections[i].found;
    show(group, found, PHASES);
    for (stuck = 0; stuck < 2; stuck++) {
        g_autoptr(GArray) theirs =
            of_kind(CASE(group->cases, 0), group->cases->len, stuck);
        g_autoptr(GArray) ours = of_kind(found, PHASES, stuck);

        if (theirs->len == 0 || ours->len == 0)
            continue;
        compared += ours->len;
        compare_recovery(theirs, ours);
        compare_times(theirs, ours, false);
        compare_times(theirs, ours, true);
    }
    ck_assert_uint_ge(compared, PHASES / 4);
}
END_TEST

/* A SYN that nobody answers: eleven of them, and after 133 s an end. */
START_TEST(syn_is_retried_as_by_linux)
{
    const Group *group = find_group("syn", "both", 0);
    Connection connections[PHASES];
    g_autoptr(GArray) ours = g_array_new(FALSE, TRUE, sizeof(Case));
    Case found[PHASES];
    unsigned i;

    ck_assert_uint_ge(group->cases->len, ENOUGH);
    run_group(group, HS_SEC(200), connections);
    for (i = 0; i < PHASES; i++) {
        const Connection *c = &connections[i];
        double end = (double)(c->ended_at - c->cut_at) / 1e9;

        found[i] = c->found;
        ck_assert(c->ended && c->why == HS_SIM_TCP_END_CONNECT_TIMEOUT);
        ck_assert_msg(end > 131 && end < 137, "ended after %.3f s", end);
    }
    ours = g_array_append_vals(ours, found, PHASES);
    compare_times(group->cases, ours, false);
}
END_TEST

/* A cut without end: the 15 retries that are not counted, and the verdict. */
START_TEST(gives_up_as_linux_does)
{
    const Group *group = find_group("giveup", "both", 0);
    Connection connections[PHASES];
    g_autoptr(GArray) ours = g_array_new(FALSE, TRUE, sizeof(Case));
    Case found[PHASES];
    unsigned i;

    ck_assert_uint_ge(group->cases->len, 4);
    run_group(group, HS_SEC(1000), connections);
    for (i = 0; i < PHASES; i++) {
        const Connection *c = &connections[i];
        double end = (double)(c->ended_at - c->cut_at) / 1e9;

        found[i] = c->found;
        ck_assert(c->ended && c->why == HS_SIM_TCP_END_TIMEOUT);
        /* Linux: 943.8, 944.2, 944.7 */
        ck_assert_msg(end > 940 && end < 949, "ended after %.3f s", end);
    }
    ours = g_array_append_vals(ours, found, PHASES);
    compare_times(group->cases, ours, false);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("engine: TCP against Linux");
    TCase *tcase = tcase_create("golden");

    groups = g_ptr_array_new_with_free_func(group_free);
    read_measured("cuts.csv");
    read_measured("give-up.csv");
    tcase_add_loop_test(tcase, comes_back_as_linux_does, 0, (int)groups->len);
    tcase_add_test(tcase, syn_is_retried_as_by_linux);
    tcase_add_test(tcase, gives_up_as_linux_does);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
