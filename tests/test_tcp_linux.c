/* The TCP profile "linux", one property a test: the handshake's options, resets
 * and refusals, path MTU, windows, ACKs, loss, and closing. When a segment is
 * sent again is tests/test_tcp_golden.c. */

#include "config.h"

#include "tests/harness/run.h"
#include "tests/harness/tcp_pair.h"

#include <string.h>

#define PORT 5000

/* One end of a connection. */
typedef struct {
    HsSimTcp *tcp;
    uint8_t *data; /* what is to be sent, borrowed */
    GByteArray *received;
    GString *states;
    HsSimTcpEnd why;
    bool connected, ended, close_on_end;
    HsTime ended_at;
    unsigned retransmitted;
    uint64_t acked;
} Side;

static HsSim *sim;
static TcpPair pair;
static Side client, server;
static HsSimTcpListener *listener;
static GArray *segments; /* of TcpSegment */

static void
seen(void *user_data, const TcpSegment *segment)
{
    (void)user_data;
    g_array_append_val(segments, *segment);
}

static void
on_connected(void *user_data)
{
    ((Side *)user_data)->connected = true;
}

static void
on_received(void *user_data, const uint8_t *data, size_t length)
{
    g_byte_array_append(((Side *)user_data)->received, data, (guint)length);
}

static void
on_retransmitted(void *user_data, unsigned attempt, HsDuration rto)
{
    ck_assert_uint_ge(attempt, 1);
    ck_assert_int_ge(rto, HS_MSEC(200));
    ((Side *)user_data)->retransmitted++;
}

static void
on_acked(void *user_data, uint64_t total)
{
    Side *side = user_data;

    ck_assert_uint_gt(total, side->acked);
    side->acked = total;
}

static void
on_state(void *user_data, const char *from, const char *to)
{
    (void)from;
    g_string_append_printf(((Side *)user_data)->states, "%s ", to);
}

static void
on_ended(void *user_data, HsSimTcpEnd why)
{
    Side *side = user_data;

    ck_assert(!side->ended);
    side->ended = true;
    side->why = why;
    side->ended_at = hs_sim_now(sim);
    if (side->close_on_end && why == HS_SIM_TCP_END_CLOSED)
        hs_sim_tcp_close(side->tcp);
}

static const HsSimTcpEvents events = {
    on_connected, on_received, on_retransmitted, on_acked, on_state, on_ended};

static void
on_accept(void *user_data, HsSimTcp *tcp, const HsAddr *peer, uint16_t port)
{
    (void)user_data;
    (void)peer;
    (void)port;
    server.tcp = tcp;
    server.connected = true;
    hs_sim_tcp_set_events(tcp, &events, &server);
}

static void
set_up_seeded(uint64_t seed)
{
    sim = hs_sim_new(seed);
    tcp_pair_init(&pair, sim, "pair", 0, HS_MSEC(10));
    segments = g_array_new(FALSE, TRUE, sizeof(TcpSegment));
    pair.seen = seen;
    client =
        (Side){.received = g_byte_array_new(), .states = g_string_new(NULL)};
    server =
        (Side){.received = g_byte_array_new(), .states = g_string_new(NULL)};
    listener = hs_sim_tcp_listen(pair.host[1], NULL, PORT, on_accept, NULL);
}

static void
set_up(void)
{
    set_up_seeded(1);
}

static void
tear_down(void)
{
    hs_sim_free(sim);
    tcp_pair_clear(&pair);
    g_array_unref(segments);
    g_byte_array_unref(client.received);
    g_byte_array_unref(server.received);
    g_string_free(client.states, TRUE);
    g_string_free(server.states, TRUE);
}

static void
run_for(HsDuration span)
{
    hs_sim_run(sim, hs_sim_now(sim) + span);
}

static void
connect_to(uint16_t port)
{
    client.tcp = hs_sim_tcp_connect(pair.host[0], &pair.address[0],
                                    &pair.address[1], port, &events, &client);
}

static void
establish(void)
{
    connect_to(PORT);
    run_for(HS_MSEC(200));
    ck_assert(client.connected && server.connected);
}

/* SIZE bytes that are nowhere alike, sent by SIDE; its peer is to get them. */
static void
transfer(Side *from, const Side *to, size_t size, HsDuration within)
{
    g_autoptr(HsRng) rng = hs_rng_new(size, "test", "data");
    g_autofree uint8_t *data = g_malloc(size);

    hs_rng_bytes(rng, data, size);
    hs_sim_tcp_send(from->tcp, data, size);
    run_for(within);
    ck_assert_uint_eq(to->received->len, size);
    ck_assert_mem_eq(to->received->data, data, size);
    ck_assert_uint_eq(from->acked, size);
}

static const TcpSegment *
segment(unsigned i)
{
    ck_assert_uint_lt(i, segments->len);
    return &g_array_index(segments, TcpSegment, i);
}

static uint32_t
longest(unsigned from)
{
    uint32_t most = 0;
    unsigned i;

    for (i = 0; i < segments->len; i++)
        if (segment(i)->from == from)
            most = MAX(most, segment(i)->length);
    return most;
}

/* The handshake */

START_TEST(syn_carries_what_linux_sends)
{
    unsigned i;

    establish();
    ck_assert_uint_eq(segment(0)->flags, TCP_PAIR_SYN);
    ck_assert_uint_eq(segment(1)->flags, TCP_PAIR_SYN | TCP_PAIR_ACK);
    for (i = 0; i < 2; i++) {
        ck_assert_uint_eq(segment(i)->mss, 1460);
        ck_assert(segment(i)->sack_permitted && segment(i)->timestamp);
    }
    ck_assert_uint_eq(segment(1)->ack, segment(0)->seq + 1);
    ck_assert_uint_eq(segment(2)->flags, TCP_PAIR_ACK);
    for (i = 0; i < segments->len; i++)
        ck_assert(segment(i)->dont_fragment && segment(i)->timestamp);
}
END_TEST

/* RFC 6528 wants them unpredictable; a simulation wants them repeatable. */
START_TEST(isn_is_random_but_seeded)
{
    uint32_t isn[3][2];
    static const uint64_t seeds[] = {7, 7, 8};
    unsigned run;

    for (run = 0; run < 3; run++) {
        tear_down();
        set_up_seeded(seeds[run]);
        establish();
        isn[run][0] = segment(0)->seq;
        isn[run][1] = segment(1)->seq;
        ck_assert_uint_ne(isn[run][0], isn[run][1]);
    }
    ck_assert_mem_eq(isn[0], isn[1], sizeof isn[0]);
    ck_assert_uint_ne(isn[0][0], isn[2][0]);
    ck_assert_uint_ne(isn[0][1], isn[2][1]);
}
END_TEST

START_TEST(closed_port_refuses)
{
    connect_to(PORT + 1);
    run_for(HS_SEC(1));
    ck_assert(client.ended && !client.connected);
    ck_assert_int_eq(client.why, HS_SIM_TCP_END_REFUSED);
    ck_assert_int_lt(client.ended_at, HS_MSEC(25));
    ck_assert_uint_eq(segments->len, 2);
}
END_TEST

START_TEST(unreachable_ends_the_attempt)
{
    pair.unreachable = true;
    connect_to(PORT);
    run_for(HS_SEC(1));
    ck_assert(client.ended && client.why == HS_SIM_TCP_END_UNREACHABLE);
}
END_TEST

/* RFC 1122 4.2.3.9: a hint for an open connection, no verdict. */
START_TEST(unreachable_does_not_end_a_connection)
{
    establish();
    pair.unreachable = true;
    hs_sim_tcp_send(client.tcp, "x", 1);
    run_for(HS_SEC(5));
    ck_assert(!client.ended);
    pair.unreachable = false;
    run_for(HS_SEC(10));
    ck_assert_uint_eq(server.received->len, 1);
}
END_TEST

/* The ACK of the SYN-ACK is lost and nothing else is said: the SYN-ACK comes
 * again, and is answered. */
START_TEST(lost_ack_of_handshake_is_repeated)
{
    connect_to(PORT);
    run_for(HS_MSEC(15));
    pair.cut[0] = true;
    run_for(HS_MSEC(500));
    ck_assert(client.connected && !server.connected);
    pair.cut[0] = false;
    run_for(HS_SEC(2));
    ck_assert(server.connected);
    transfer(&server, &client, 1000, HS_SEC(1));
}
END_TEST

/* tcp_synack_retries: 5, after 1 2 4 8 16 s, and the sixth wait is the last. */
START_TEST(half_open_connection_expires)
{
    unsigned i, syn_acks = 0;

    connect_to(PORT);
    run_for(HS_MSEC(5));
    pair.cut[1] = true;
    hs_sim_tcp_reset(client.tcp);
    run_for(HS_SEC(200));
    for (i = 0; i < segments->len; i++)
        if (segment(i)->flags == (TCP_PAIR_SYN | TCP_PAIR_ACK)) {
            syn_acks++;
            ck_assert_int_lt(segment(i)->at, HS_SEC(34));
        }
    ck_assert_uint_eq(syn_acks, 6);
    ck_assert(!server.connected);
}
END_TEST

/* Sizes */

START_TEST(segments_fill_the_mss)
{
    HsSimTcpInfo info;

    establish();
    transfer(&client, &server, 100000, HS_SEC(2));
    ck_assert_uint_eq(longest(0), 1448); /* 1460 less the timestamps */
    hs_sim_tcp_info(client.tcp, &info);
    ck_assert_uint_eq(info.mss, 1448);
    ck_assert_str_eq(info.state, "ESTABLISHED");
    ck_assert_uint_eq(info.acked, 100000);
    ck_assert_uint_eq(info.unacked + info.unsent, 0);
    ck_assert_uint_eq(info.retransmissions, 0);
}
END_TEST

/* A router on the way lowers the option in both SYNs: then no segment of either
 * side is larger. */
START_TEST(clamped_mss_is_honoured)
{
    pair.clamp = 1379;
    establish();
    transfer(&client, &server, 50000, HS_SEC(2));
    transfer(&server, &client, 50000, HS_SEC(2));
    ck_assert_uint_eq(longest(0), 1379 - 12);
    ck_assert_uint_eq(longest(1), 1379 - 12);
}
END_TEST

/* RFC 1191: the first full segments meet a hop of 1400, are answered, and go
 * again in smaller pieces within a round trip; nothing waits for a timer. */
START_TEST(path_mtu_is_found)
{
    pair.mtu = 1400;
    establish();
    transfer(&client, &server, 50000, HS_MSEC(190));
    ck_assert_uint_eq(pair.too_big, 10);
    ck_assert_uint_eq(client.retransmitted, 0);
    ck_assert_uint_eq(segment(segments->len - 1)->dropped, false);
}
END_TEST

/* Another hop narrower still, later on the same connection. */
START_TEST(path_mtu_may_fall_again)
{
    static const uint8_t zeros[20000];
    HsSimTcpInfo info;

    pair.mtu = 1400;
    establish();
    hs_sim_tcp_send(client.tcp, zeros, sizeof zeros);
    run_for(HS_SEC(1));
    ck_assert_uint_eq(server.received->len, sizeof zeros);
    pair.mtu = 600;
    hs_sim_tcp_send(client.tcp, zeros, sizeof zeros);
    run_for(HS_SEC(1));
    ck_assert_uint_eq(server.received->len, 2 * sizeof zeros);
    hs_sim_tcp_info(client.tcp, &info);
    ck_assert_uint_eq(info.mss, 600 - 40 - 12);
}
END_TEST

/* Where the ICMP is filtered, full segments never arrive: the black hole that
 * MSS clamping is for. Small ones do. */
START_TEST(path_mtu_black_hole)
{
    static const uint8_t zeros[5000];

    pair.mtu = 1400;
    pair.mute = true;
    establish();
    hs_sim_tcp_send(client.tcp, zeros, 1000);
    run_for(HS_SEC(1));
    ck_assert_uint_eq(server.received->len, 1000);
    hs_sim_tcp_send(client.tcp, zeros, sizeof zeros);
    run_for(HS_SEC(60));
    ck_assert_uint_lt(server.received->len, 6000);
    ck_assert_uint_ge(client.retransmitted, 5);
}
END_TEST

/* RFC 6928: ten segments before the first ACK. */
START_TEST(initial_window_is_ten)
{
    static const uint8_t zeros[100000];
    unsigned before, i, sent = 0;

    establish();
    before = segments->len;
    hs_sim_tcp_send(client.tcp, zeros, sizeof zeros);
    run_for(HS_MSEC(5));
    for (i = before; i < segments->len; i++) {
        sent++;
        ck_assert_uint_eq(segment(i)->length, 1448);
    }
    ck_assert_uint_eq(sent, 10);
}
END_TEST

/* Nor does a thousand of small requests open it any further. */
START_TEST(window_that_is_not_used_does_not_grow)
{
    HsSimTcpInfo info;
    unsigned i;

    establish();
    for (i = 0; i < 1000; i++) {
        hs_sim_tcp_send(client.tcp, "request", 7);
        run_for(HS_MSEC(25));
    }
    ck_assert_uint_eq(server.received->len, 7000);
    hs_sim_tcp_info(client.tcp, &info);
    ck_assert_uint_eq(info.cwnd, 10 * 1448);
}
END_TEST

/* Acknowledgements */

/* An exchange that is once interactive delays its ACKs: 40 ms and up to a tick
 * of 4 ms, unless an answer takes them along. */
START_TEST(ack_is_delayed)
{
    HsTime sent;
    unsigned before;

    establish();
    hs_sim_tcp_send(client.tcp, "q", 1);
    run_for(HS_MSEC(15));
    hs_sim_tcp_send(server.tcp, "r", 1);
    run_for(HS_MSEC(200));
    before = segments->len;
    sent = hs_sim_now(sim);
    hs_sim_tcp_send(client.tcp, "q", 1);
    run_for(HS_MSEC(200));
    ck_assert_uint_eq(segments->len, before + 2);
    ck_assert_uint_eq(segment(before + 1)->from, 1);
    ck_assert_uint_eq(segment(before + 1)->length, 0);
    ck_assert_int_ge(segment(before + 1)->at - sent, HS_MSEC(50));
    ck_assert_int_le(segment(before + 1)->at - sent, HS_MSEC(55));
}
END_TEST

/* One that is new and goes one way does not (Linux's quick ACKs). */
START_TEST(first_acks_are_quick)
{
    HsTime sent;

    establish();
    sent = hs_sim_now(sim);
    hs_sim_tcp_send(client.tcp, "q", 1);
    run_for(HS_MSEC(15));
    ck_assert_uint_eq(segment(segments->len - 1)->from, 1);
    ck_assert_int_lt(segment(segments->len - 1)->at - sent, HS_MSEC(11));
}
END_TEST

/* Data */

START_TEST(bulk_arrives_intact_both_ways)
{
    establish();
    transfer(&client, &server, 3000000, HS_SEC(10));
    transfer(&server, &client, 1000000, HS_SEC(10));
    ck_assert_uint_eq(client.retransmitted + server.retransmitted, 0);
}
END_TEST

/* Loss in both directions, many draws: everything arrives, in order, and FIN
 * behind it, whatever is lost, of the handshake too. */
START_TEST(random_loss_loses_nothing)
{
    unsigned seed = (unsigned)_i;

    tear_down();
    set_up_seeded(100 + seed);
    hs_rng_free(pair.rng);
    pair.rng = hs_rng_new(seed, "test", "loss");
    pair.loss[0] = pair.loss[1] = 0.01 * (1 + seed % 5);
    client.close_on_end = server.close_on_end = true;
    connect_to(PORT);
    run_for(HS_SEC(60));
    ck_assert(client.connected && server.connected);
    transfer(&client, &server, 300000, HS_SEC(200));
    transfer(&server, &client, 50000, HS_SEC(100));
    hs_sim_tcp_close(seed % 2 == 0 ? client.tcp : server.tcp);
    run_for(HS_SEC(200));
    ck_assert(client.ended && client.why == HS_SIM_TCP_END_CLOSED);
    ck_assert(server.ended && server.why == HS_SIM_TCP_END_CLOSED);
    ck_assert(g_str_has_suffix(client.states->str, "CLOSED "));
    ck_assert(g_str_has_suffix(server.states->str, "CLOSED "));
}
END_TEST

/* One lost of many: mended by SACK, without a time-out. */
START_TEST(sack_mends_without_timeout)
{
    g_autoptr(HsRng) rng = hs_rng_new(3, "test", "data");
    HsSimTcpInfo info;
    static uint8_t data[200000];

    hs_rng_bytes(rng, data, sizeof data);
    establish();
    hs_sim_tcp_send(client.tcp, data, sizeof data);
    run_for(HS_MSEC(25));
    pair.cut[0] = true;
    run_for(HS_USEC(100));
    pair.cut[0] = false;
    run_for(HS_SEC(2));
    ck_assert_uint_eq(server.received->len, sizeof data);
    ck_assert_mem_eq(server.received->data, data, sizeof data);
    hs_sim_tcp_info(client.tcp, &info);
    ck_assert_uint_eq(info.backoff, 0);
}
END_TEST

/* Ends */

START_TEST(close_from_the_client)
{
    establish();
    server.close_on_end = true;
    hs_sim_tcp_send(client.tcp, "last words", 10);
    hs_sim_tcp_close(client.tcp);
    run_for(HS_SEC(59));
    ck_assert_uint_eq(server.received->len, 10);
    ck_assert_str_eq(client.states->str, "SYN-SENT ESTABLISHED FIN-WAIT-1 "
                                         "FIN-WAIT-2 TIME-WAIT ");
    ck_assert_str_eq(server.states->str, "CLOSE-WAIT LAST-ACK CLOSED ");
    run_for(HS_SEC(2)); /* TIME-WAIT is 60 s */
    ck_assert(g_str_has_suffix(client.states->str, "TIME-WAIT CLOSED "));
    ck_assert_int_eq(client.why, HS_SIM_TCP_END_CLOSED);
    ck_assert_int_eq(server.why, HS_SIM_TCP_END_CLOSED);
}
END_TEST

/* RFC 9293 3.6, case 2: both at once. */
START_TEST(close_from_both)
{
    establish();
    hs_sim_tcp_close(client.tcp);
    hs_sim_tcp_close(server.tcp);
    run_for(HS_SEC(70));
    ck_assert_str_eq(client.states->str, "SYN-SENT ESTABLISHED FIN-WAIT-1 "
                                         "CLOSING TIME-WAIT CLOSED ");
    ck_assert_str_eq(server.states->str,
                     "FIN-WAIT-1 CLOSING TIME-WAIT CLOSED ");
}
END_TEST

/* The one that closed first still takes what the other has to say, and the
 * other's data and FIN come in one segment. */
START_TEST(half_closed_still_receives)
{
    establish();
    hs_sim_tcp_close(client.tcp);
    run_for(HS_SEC(1));
    ck_assert(server.ended && !client.ended);
    hs_sim_tcp_send(server.tcp, "and another thing", 17);
    hs_sim_tcp_close(server.tcp);
    run_for(HS_SEC(1));
    ck_assert_uint_eq(client.received->len, 17);
    ck_assert(client.ended && client.why == HS_SIM_TCP_END_CLOSED);
    ck_assert(g_str_has_suffix(server.states->str, "LAST-ACK CLOSED "));
}
END_TEST

START_TEST(reset_is_told)
{
    establish();
    hs_sim_tcp_reset(client.tcp);
    run_for(HS_MSEC(100));
    ck_assert(!client.ended);
    ck_assert(server.ended && server.why == HS_SIM_TCP_END_RESET);
    ck_assert_uint_eq(segment(segments->len - 1)->flags,
                      TCP_PAIR_RST | TCP_PAIR_ACK);
}
END_TEST

/* The peer has forgotten us, as after a crash: our next segment is answered by
 * RST without a timestamp, and that counts. */
START_TEST(forgotten_connection_is_reset)
{
    establish();
    pair.cut[1] = true;
    hs_sim_tcp_reset(server.tcp);
    run_for(HS_MSEC(100));
    pair.cut[1] = false;
    ck_assert(!client.ended);
    hs_sim_tcp_send(client.tcp, "are you there", 13);
    run_for(HS_MSEC(100));
    ck_assert(client.ended && client.why == HS_SIM_TCP_END_RESET);
}
END_TEST

/* A closed socket is given up earlier: tcp_orphan_retries, 8 where Linux says
 * 0, which is 102.2 s after the first retransmission; then nothing is left. */
START_TEST(orphan_is_given_up)
{
    HsTime last = 0;
    unsigned i;

    establish();
    pair.cut[0] = pair.cut[1] = true;
    hs_sim_tcp_send(client.tcp, "into the void", 13);
    hs_sim_tcp_close(client.tcp);
    run_for(HS_SEC(600));
    for (i = 0; i < segments->len; i++)
        if (segment(i)->from == 0)
            last = segment(i)->at;
    ck_assert_int_gt(last, HS_SEC(50));
    ck_assert_int_lt(last, HS_SEC(103));
    ck_assert(g_str_has_suffix(client.states->str, "FIN-WAIT-1 CLOSED "));
}
END_TEST

static void
cut_after_first_ack(void *user_data, const TcpSegment *segment)
{
    seen(user_data, segment);
    if (segment->from == 1)
        pair.cut[1] = true;
}

/* Data and FIN were one segment, of which the data alone is acknowledged: only
 * the FIN is left for the probe. Found by random designs: ns-3 follows a null
 * pointer where it is asked for data that is no more. */
START_TEST(probe_of_a_fin_whose_data_is_acknowledged)
{
    establish();
    pair.seen = cut_after_first_ack;
    hs_sim_tcp_send(client.tcp, "the last word", 13);
    hs_sim_tcp_close(client.tcp);
    run_for(HS_SEC(5));
    ck_assert_uint_eq(client.acked, 13);
    pair.cut[1] = false;
    pair.seen = seen;
    run_for(HS_SEC(60));
    ck_assert(server.ended && server.why == HS_SIM_TCP_END_CLOSED);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("engine: TCP profile linux");
    TCase *tcase = tcase_create("linux");

    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_add_test(tcase, syn_carries_what_linux_sends);
    tcase_add_test(tcase, isn_is_random_but_seeded);
    tcase_add_test(tcase, closed_port_refuses);
    tcase_add_test(tcase, unreachable_ends_the_attempt);
    tcase_add_test(tcase, unreachable_does_not_end_a_connection);
    tcase_add_test(tcase, lost_ack_of_handshake_is_repeated);
    tcase_add_test(tcase, half_open_connection_expires);
    tcase_add_test(tcase, segments_fill_the_mss);
    tcase_add_test(tcase, clamped_mss_is_honoured);
    tcase_add_test(tcase, path_mtu_is_found);
    tcase_add_test(tcase, path_mtu_may_fall_again);
    tcase_add_test(tcase, path_mtu_black_hole);
    tcase_add_test(tcase, initial_window_is_ten);
    tcase_add_test(tcase, window_that_is_not_used_does_not_grow);
    tcase_add_test(tcase, ack_is_delayed);
    tcase_add_test(tcase, first_acks_are_quick);
    tcase_add_test(tcase, bulk_arrives_intact_both_ways);
    tcase_add_loop_test(tcase, random_loss_loses_nothing, 0, 20);
    tcase_add_test(tcase, sack_mends_without_timeout);
    tcase_add_test(tcase, close_from_the_client);
    tcase_add_test(tcase, close_from_both);
    tcase_add_test(tcase, half_closed_still_receives);
    tcase_add_test(tcase, reset_is_told);
    tcase_add_test(tcase, forgotten_connection_is_reset);
    tcase_add_test(tcase, orphan_is_given_up);
    tcase_add_test(tcase, probe_of_a_fin_whose_data_is_acknowledged);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
