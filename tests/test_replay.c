/* Captures read: two of a real PostgreSQL (what is in them was counted with
 * tshark), and segments by hand for what those do not have. */

#include "config.h"

#include "sim/replay/replay.h"
#include "tests/harness/run.h"

#include <string.h>

static char *
file_of(const char *path)
{
    const char *top = g_getenv("TOP_SRCDIR");

    return g_build_filename(top != NULL ? top : ".", path, NULL);
}

static HsReplayCapture *
read_file(const char *path)
{
    g_autofree char *file = file_of(path);
    g_autoptr(GError) error = NULL;
    HsReplayCapture *c = hs_replay_capture_read(file, NULL, 5432, &error);

    ck_assert_msg(c != NULL, "%s", error != NULL ? error->message : "?");
    return c;
}

/* pgbench, two clients of 20 transactions with seven statements each, behind
 * one connection that asks for the size: 285 times ReadyForQuery. */
START_TEST(pgbench)
{
    g_autoptr(HsReplayCapture) c = read_file("scenarios/replay-pgbench.pcap");
    unsigned whole = 0;

    ck_assert_uint_eq(c->connections, 3);
    ck_assert_uint_eq(c->protocols[POSTGRES_READABLE], 3);
    ck_assert_uint_eq(c->port, 15432);
    ck_assert_uint_eq(c->script->requests, 285);
    ck_assert_uint_eq(c->unfinished, 0);
    ck_assert_uint_eq(c->missing + c->retransmitted + c->clamped, 0);
    ck_assert_int_eq(c->point, REPLAY_POINT_LOOPBACK);
    ck_assert(c->transactions);
    for (guint i = 0; i < 3; i++) {
        const HsReplayConnection *k = c->script->connections->pdata[i];

        ck_assert_int_eq(k->end, HS_REPLAY_CLOSED_BY_CLIENT);
        for (guint r = 0; r < k->requests->len; r++) {
            const HsReplayRequest *q =
                &g_array_index(k->requests, HsReplayRequest, r);

            whole += q->last;
            ck_assert_int_gt(q->latency, 0);
            /* SSLRequest, start-up and two messages of SCRAM. */
            ck_assert_uint_eq(q->round_trips, r == 0 ? 4 : 1);
        }
    }
    /* 40, three start-ups, and two questions of pgbench itself. */
    ck_assert_uint_eq(whole, 45);
}
END_TEST

/* Prepared statements, pipelines, COPY both ways, an error: 22 times
 * ReadyForQuery on seven connections. */
START_TEST(mixed)
{
    g_autoptr(HsReplayCapture) c =
        read_file("tests/captures/postgres-mixed/capture.pcap");

    ck_assert_uint_eq(c->connections, 7);
    ck_assert_uint_eq(c->protocols[POSTGRES_READABLE], 7);
    ck_assert_uint_eq(c->script->requests, 22);
    ck_assert_uint_eq(c->unfinished, 0);
}
END_TEST

/* By hand */

#define CLIENT 0x0a000001u
#define SERVER 0x0a000002u

typedef struct {
    FlowReader *reader;
    HsTime now;
    uint32_t next[2]; /* sequence numbers */
    size_t keep;      /* of a segment's bytes */
} Wire;

static void
put16(uint8_t *at, unsigned value)
{
    at[0] = (uint8_t)(value >> 8);
    at[1] = (uint8_t)value;
}

static void
put32(uint8_t *at, uint32_t value)
{
    put16(at, value >> 16);
    put16(at + 2, value & 0xffff);
}

/* One IPv4 packet of SIDE at NOW; FLAGS as in TCP. */
static void
segment(Wire *w, unsigned side, unsigned flags, uint32_t sequence,
        const void *data, size_t length)
{
    uint8_t packet[2000] = {0x45};
    CapturePacket p = {.at = w->now, .data = packet, .link_type = 101};

    put16(packet + 2, (unsigned)(40 + length));
    packet[8] = 64;
    packet[9] = 6;
    put32(packet + 12, side == 0 ? CLIENT : SERVER);
    put32(packet + 16, side == 0 ? SERVER : CLIENT);
    put16(packet + 20, side == 0 ? 40000 : 3306);
    put16(packet + 22, side == 0 ? 3306 : 40000);
    put32(packet + 24, sequence);
    put32(packet + 28, w->next[!side]);
    packet[32] = 5 << 4;
    packet[33] = (uint8_t)flags;
    memcpy(packet + 40, data, length);
    p.original = 40 + length;
    p.length = 40 + MIN(length, w->keep);
    replay_flow_reader_packet(w->reader, &p);
}

static void
wire_init(Wire *w)
{
    *w = (Wire){.reader = replay_flow_reader_new(),
                .now = HS_SEC(1000),
                .next = {1000, 2000},
                .keep = 2000};
}

/* In order. */
static void
say(Wire *w, unsigned side, const char *data, size_t length)
{
    segment(w, side, 0x18, w->next[side], data, length);
    w->next[side] += (uint32_t)length;
}

/* As seen RTT[1] from the server and RTT[0] from the client. */
static void
handshake(Wire *w, HsDuration client, HsDuration server)
{
    segment(w, 0, 0x02, w->next[0]++, "", 0);
    w->now += server;
    segment(w, 1, 0x12, w->next[1]++, "", 0);
    w->now += client;
    segment(w, 0, 0x10, w->next[0], "", 0);
}

static HsReplayCapture *
done(Wire *w)
{
    g_autoptr(Flows) flows = replay_flow_reader_finish(w->reader);
    g_autoptr(GError) error = NULL;
    HsReplayCapture *c =
        hs_replay_capture_of(flows, "by hand", NULL, 0, &error);

    ck_assert_msg(c != NULL, "%s", error != NULL ? error->message : "?");
    return c;
}

static const HsReplayStep *
step_of(const HsReplayCapture *c, unsigned side, unsigned index)
{
    const HsReplayConnection *k = c->script->connections->pdata[0];

    ck_assert_uint_lt(index, k->step[side]->len);
    return &g_array_index(k->step[side], HsReplayStep, index);
}

static const HsReplayRequest *
request_of(const HsReplayCapture *c, unsigned index)
{
    const HsReplayConnection *k = c->script->connections->pdata[0];

    ck_assert_uint_lt(index, k->requests->len);
    return &g_array_index(k->requests, HsReplayRequest, index);
}

/* Captured at the client, 10 ms from the server: the reply that came 14 ms
 * after the request took the server 4 ms. */
START_TEST(network_is_taken_out)
{
    g_autoptr(HsReplayCapture) c = NULL;
    Wire w;

    wire_init(&w);
    handshake(&w, HS_USEC(10), HS_MSEC(10));
    w.now += HS_MSEC(5);
    say(&w, 0, "select", 6);
    w.now += HS_MSEC(14);
    say(&w, 1, "1234567890", 10);
    w.now += HS_MSEC(3);
    say(&w, 0, "select", 6);
    w.now += HS_MSEC(12);
    say(&w, 1, "12345", 5);
    c = done(&w);
    ck_assert_int_eq(c->point, REPLAY_POINT_CLIENT);
    ck_assert_int_eq(c->rtt[0], HS_USEC(10));
    ck_assert_int_eq(c->rtt[1], HS_MSEC(10));
    ck_assert_uint_eq(c->script->requests, 2);
    ck_assert_int_eq(step_of(c, 1, 0)->wait, HS_MSEC(4));
    ck_assert_int_eq(step_of(c, 1, 1)->wait, HS_MSEC(2));
    ck_assert_int_eq(step_of(c, 0, 0)->wait, HS_MSEC(5));
    ck_assert_int_eq(step_of(c, 0, 1)->wait, HS_MSEC(3) - HS_USEC(10));
    ck_assert_int_eq(request_of(c, 0)->latency, HS_MSEC(14) + HS_USEC(10));
    ck_assert(!c->transactions);
}
END_TEST

/* The same conversation at the server: what the client felt has the network's
 * part added. */
START_TEST(captured_at_the_server)
{
    g_autoptr(HsReplayCapture) c = NULL;
    Wire w;

    wire_init(&w);
    handshake(&w, HS_MSEC(10), HS_USEC(10));
    w.now += HS_MSEC(5);
    say(&w, 0, "select", 6);
    w.now += HS_MSEC(4) + HS_USEC(10);
    say(&w, 1, "1234567890", 10);
    w.now += HS_MSEC(13);
    say(&w, 0, "select", 6);
    w.now += HS_MSEC(2) + HS_USEC(10);
    say(&w, 1, "12345", 5);
    c = done(&w);
    ck_assert_int_eq(c->point, REPLAY_POINT_SERVER);
    ck_assert_int_eq(step_of(c, 1, 0)->wait, HS_MSEC(4));
    ck_assert_int_eq(step_of(c, 0, 1)->wait, HS_MSEC(3));
    ck_assert_int_eq(request_of(c, 0)->latency, HS_MSEC(14) + HS_USEC(10));
}
END_TEST

/* A request that is sent again after 200 ms was lost behind the capture point:
 * that is the old network's time and not the server's. */
START_TEST(retransmission_is_not_think_time)
{
    g_autoptr(HsReplayCapture) c = NULL;
    Wire w;

    wire_init(&w);
    handshake(&w, HS_USEC(10), HS_MSEC(10));
    say(&w, 0, "select", 6);
    w.now += HS_MSEC(200);
    segment(&w, 0, 0x18, w.next[0] - 6, "select", 6);
    w.now += HS_MSEC(13);
    say(&w, 1, "1234567890", 10);
    c = done(&w);
    ck_assert_uint_eq(c->retransmitted, 1);
    ck_assert_int_eq(step_of(c, 1, 0)->wait, HS_MSEC(3));
    ck_assert_int_eq(request_of(c, 0)->latency, HS_MSEC(213) + HS_USEC(10));
    ck_assert_uint_eq(step_of(c, 0, 0)->end, 6);
}
END_TEST

/* A segment that the capture lost: its bytes are played, and the request is not
 * held against the others. */
START_TEST(missing_segment)
{
    g_autoptr(HsReplayCapture) c = NULL;
    Wire w;

    wire_init(&w);
    handshake(&w, HS_USEC(10), HS_USEC(10));
    say(&w, 0, "select", 6);
    w.now += HS_MSEC(1);
    w.next[1] += 500;
    say(&w, 1, "1234567890", 10);
    w.now += HS_MSEC(1);
    say(&w, 0, "again!", 6);
    w.now += HS_MSEC(1);
    say(&w, 1, "12345", 5);
    c = done(&w);
    ck_assert_uint_eq(c->missing, 500);
    ck_assert_uint_eq(c->untimed, 1);
    ck_assert_uint_eq(c->script->requests, 2);
    ck_assert_int_eq(request_of(c, 0)->latency, -1);
    ck_assert_uint_eq(request_of(c, 0)->answered, 510);
    ck_assert_int_gt(request_of(c, 1)->latency, 0);
}
END_TEST

/* PostgreSQL's framing is found again behind a hole: what was asked before it
 * keeps no answer, and what comes after has its own. */
START_TEST(postgres_behind_a_hole)
{
    static const char startup[] = "\0\0\0\x08\0\x03\0\0";
    static const char query[] = "Q\0\0\0\x06x", ready[] = "Z\0\0\0\x05I";
    g_autoptr(HsReplayCapture) c = NULL;
    Wire w;

    wire_init(&w);
    handshake(&w, HS_USEC(10), HS_USEC(10));
    say(&w, 0, startup, 8);
    w.now += HS_MSEC(1);
    say(&w, 1, ready, 6);
    for (unsigned i = 1; i <= 4; i++) {
        w.now += HS_MSEC(10);
        say(&w, 0, query, 7);
        w.now += HS_MSEC(i);
        if (i == 2)
            w.next[1] += 6; /* not captured */
        else
            say(&w, 1, ready, 6);
    }
    c = done(&w);
    ck_assert_uint_eq(c->protocols[POSTGRES_READABLE], 1);
    ck_assert_uint_eq(c->missing, 6);
    ck_assert_uint_eq(c->unfinished, 1);
    ck_assert_uint_eq(c->script->requests, 4);
    ck_assert_int_eq(request_of(c, 1)->latency, HS_MSEC(1) + HS_USEC(10));
    ck_assert_int_eq(request_of(c, 3)->latency, HS_MSEC(4) + HS_USEC(10));
    /* The last reply waits for the last query; the missing one came with the
     * third. */
    ck_assert_uint_eq(step_of(c, 1, 3)->after, 36);
}
END_TEST

/* A snap length cuts every segment, and sizes and times are all there. */
START_TEST(snap_length)
{
    g_autoptr(HsReplayCapture) c = NULL;
    Wire w;

    wire_init(&w);
    handshake(&w, HS_USEC(10), HS_USEC(10));
    w.keep = 4;
    say(&w, 0, "select", 6);
    w.now += HS_MSEC(1);
    say(&w, 1, "1234567890", 10);
    c = done(&w);
    ck_assert_uint_eq(c->missing, 8);
    ck_assert_uint_eq(request_of(c, 0)->answered, 10);
    ck_assert_uint_eq(step_of(c, 1, 0)->end, 10);
}
END_TEST

/* Its first packet is a request: nothing is lost with the handshake. */
START_TEST(began_before)
{
    g_autoptr(HsReplayCapture) c = NULL;
    Wire w;

    wire_init(&w);
    say(&w, 0, "select", 6);
    w.now += HS_MSEC(9);
    say(&w, 1, "1234567890", 10);
    c = done(&w);
    ck_assert_uint_eq(c->joined, 1);
    ck_assert_uint_eq(c->script->requests, 1);
    ck_assert_int_eq(request_of(c, 0)->latency, HS_MSEC(9));
}
END_TEST

/* Asked, and the capture ends. */
START_TEST(unanswered)
{
    g_autoptr(HsReplayCapture) c = NULL;
    Wire w;

    wire_init(&w);
    handshake(&w, HS_USEC(10), HS_USEC(10));
    say(&w, 0, "select", 6);
    w.now += HS_MSEC(1);
    say(&w, 1, "12", 2);
    w.now += HS_MSEC(1);
    say(&w, 0, "select", 6);
    c = done(&w);
    ck_assert_uint_eq(c->script->requests, 1);
    ck_assert_uint_eq(c->unfinished, 1);
}
END_TEST

/* A connection that was refused is nothing to play. */
START_TEST(refused)
{
    g_autoptr(Flows) flows = NULL;
    g_autoptr(GError) error = NULL;
    Wire w;

    wire_init(&w);
    segment(&w, 0, 0x02, w.next[0]++, "", 0);
    segment(&w, 1, 0x14, 0, "", 0);
    flows = replay_flow_reader_finish(w.reader);
    ck_assert_ptr_null(hs_replay_capture_of(flows, "by hand", NULL, 0, &error));
    ck_assert_int_eq(error->code, REPLAY_ERROR_EMPTY);
}
END_TEST

/* Errors that a user sees */

START_TEST(wrong_files)
{
    static const struct {
        const char *path, *server;
        int code;
        const char *says;
    } rows[] = {
        {"scenarios/none.pcap", NULL, REPLAY_ERROR_FILE, "no such file"},
        {"scenarios", NULL, REPLAY_ERROR_FILE, "is no file"},
        {"scenarios/replay-pgbench.pcap", "10.0.0.1:1", REPLAY_ERROR_SERVER,
         "it has 127.0.0.1:15432 (3 connections)"},
        {"scenarios/replay-pgbench.pcap", "pg.example", REPLAY_ERROR_SERVER,
         "expected ADDRESS:PORT"},
        {"tests/captures/esp-scapy/capture.pcap", NULL, REPLAY_ERROR_EMPTY,
         "no TCP connection"},
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *file = file_of(rows[i].path);
        g_autoptr(GError) error = NULL;

        ck_assert_ptr_null(
            hs_replay_capture_read(file, rows[i].server, 5432, &error));
        ck_assert_msg(error->code == rows[i].code &&
                          strstr(error->message, rows[i].says) != NULL,
                      "%s: %s", rows[i].path, error->message);
    }
}
END_TEST

START_TEST(server_by_name)
{
    g_autofree char *file = file_of("scenarios/replay-pgbench.pcap");
    static const char *const names[] = {"127.0.0.1", "127.0.0.1:15432"};

    for (unsigned i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autoptr(HsReplayCapture) c =
            hs_replay_capture_read(file, names[i], 5432, NULL);

        ck_assert_ptr_nonnull(c);
    }
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("replay, read");
    TCase *tcase = tcase_create("read");

    tcase_add_test(tcase, pgbench);
    tcase_add_test(tcase, mixed);
    tcase_add_test(tcase, network_is_taken_out);
    tcase_add_test(tcase, captured_at_the_server);
    tcase_add_test(tcase, retransmission_is_not_think_time);
    tcase_add_test(tcase, missing_segment);
    tcase_add_test(tcase, postgres_behind_a_hole);
    tcase_add_test(tcase, snap_length);
    tcase_add_test(tcase, began_before);
    tcase_add_test(tcase, unanswered);
    tcase_add_test(tcase, refused);
    tcase_add_test(tcase, wrong_files);
    tcase_add_test(tcase, server_by_name);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
