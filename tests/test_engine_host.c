/* Hosts of the engine: TCP and UDP over a link of 10 ms, each host straight on
 * its end of it. The story is what the callbacks told, with milliseconds.
 *
 * Everything here holds for both TCP profiles; when a segment is sent again is
 * another test's. */

#include "config.h"

#include "sim/engine/ns3_shim.h"
#include "tests/harness/run.h"

#include <string.h>

typedef struct {
    const char *name;
    HsSimHost *host;
    HsAddr address;
    unsigned end;
    HsSimTcp *tcp;
    uint64_t received, checksum;
    uint64_t acked;
    HsSimUdp *udp;
    bool echo, free_on_data, close_on_end;
} Peer;

static HsSim *sim;
static HsSimLink *link_;
static Peer client, server;
static GString *story;
static HsSimTcpListener *listener;

static void
note(const Peer *peer, const char *what)
{
    g_string_append_printf(story, "%s %s@%.0f\n", peer->name, what,
                           (double)hs_sim_now(sim) / 1e6);
}

/* What was told, without the times. */
static void
expect_story(const char *expected)
{
    g_autoptr(GRegex) times = g_regex_new("@\\d+", 0, 0, NULL);
    g_autofree char *plain =
        g_regex_replace_literal(times, story->str, -1, 0, "", 0, NULL);

    ck_assert_str_eq(plain, expected);
}

static void
to_wire(void *user_data, HsPacket *packet)
{
    hs_sim_link_send(link_, ((Peer *)user_data)->end, packet);
}

static void
from_wire(void *user_data, HsPacket *packet)
{
    hs_sim_host_input(((Peer *)user_data)->host, packet);
}

static void
make_host(Peer *peer, HsSimNode *node, const char *address, int profile)
{
    HsSimHostConfig config = {
        .profile = (HsSimTcpProfile)profile,
        .mtu = 1500,
        .name = peer->name,
    };
    HsPrefix prefix;

    ck_assert(hs_addr_parse(address, &peer->address));
    peer->host = hs_sim_host_new(node, &config);
    prefix = hs_prefix_of(&peer->address);
    hs_sim_host_add_address(peer->host, &prefix);
    hs_sim_host_set_output(peer->host, to_wire, peer);
    hs_sim_link_set_receiver(link_, peer->end, from_wire, peer);
}

static void
build(int profile)
{
    HsSimLinkConfig config = {
        .name = "wire", .rate = 1000000000, .delay = HS_MSEC(10), .mtu = 1500};
    HsSimNode *a, *b;

    sim = hs_sim_new(1);
    story = g_string_new(NULL);
    a = hs_sim_node_new(sim, "client");
    b = hs_sim_node_new(sim, "server");
    link_ = hs_sim_link_new(sim, &config, a, b);
    client = (Peer){.name = "client", .end = 0};
    server = (Peer){.name = "server", .end = 1};
    make_host(&client, a, "10.0.0.1", profile);
    make_host(&server, b, "172.16.0.9", profile);
    listener = NULL;
}

static void
tear_down(void)
{
    hs_sim_free(sim);
    g_string_free(story, TRUE);
}

static void
on_connected(void *user_data)
{
    note(user_data, "connected");
}

static void
on_received(void *user_data, const uint8_t *data, size_t length)
{
    Peer *peer = user_data;
    size_t i;

    for (i = 0; i < length; i++)
        peer->checksum = peer->checksum * 31 + data[i];
    peer->received += length;
    if (peer->echo)
        hs_sim_tcp_send(peer->tcp, data, length);
    if (peer->free_on_data)
        g_clear_pointer(&peer->tcp, hs_sim_tcp_free);
}

static void
on_ended(void *user_data, HsSimTcpEnd why)
{
    static const char *const names[] = {
        [HS_SIM_TCP_END_CLOSED] = "closed",
        [HS_SIM_TCP_END_RESET] = "reset",
        [HS_SIM_TCP_END_REFUSED] = "refused",
        [HS_SIM_TCP_END_CONNECT_TIMEOUT] = "connect timeout",
        [HS_SIM_TCP_END_TIMEOUT] = "timeout",
        [HS_SIM_TCP_END_UNREACHABLE] = "unreachable",
        [HS_SIM_TCP_END_USER_TIMEOUT] = "user timeout",
        [HS_SIM_TCP_END_KEEPALIVE] = "keepalive",
    };
    Peer *peer = user_data;

    note(peer, names[why]);
    if (peer->close_on_end)
        hs_sim_tcp_close(peer->tcp);
}

static void
on_acked(void *user_data, uint64_t total)
{
    Peer *peer = user_data;

    ck_assert_uint_gt(total, peer->acked);
    peer->acked = total;
}

static const HsSimTcpEvents events = {
    .connected = on_connected,
    .received = on_received,
    .acked = on_acked,
    .ended = on_ended,
};

static void
on_accept(void *user_data, HsSimTcp *tcp, const HsAddr *from, uint16_t port)
{
    Peer *peer = user_data;

    ck_assert(hs_addr_equal(from, &client.address));
    ck_assert_uint_gt(port, 1023);
    note(peer, "accepted");
    peer->tcp = tcp;
    hs_sim_tcp_set_events(tcp, &events, peer);
}

static void
listen_on(uint16_t port)
{
    listener = hs_sim_tcp_listen(server.host, &server.address, port, on_accept,
                                 &server);
}

static void
connect_to(uint16_t port)
{
    client.acked = 0;
    client.tcp = hs_sim_tcp_connect(client.host, &client.address,
                                    &server.address, port, &events, &client);
}

static void
run_for(HsDuration span)
{
    hs_sim_run(sim, hs_sim_now(sim) + span);
}

static const char *
state(Peer *peer)
{
    HsSimTcpInfo info;

    hs_sim_tcp_info(peer->tcp, &info);
    return info.state;
}

static void
connected(int profile)
{
    build(profile);
    listen_on(5432);
    connect_to(5432);
    run_for(HS_MSEC(100));
    expect_story("client connected\nserver accepted\n");
    g_string_truncate(story, 0);
}

START_TEST(a_handshake_takes_a_round_trip)
{
    build(_i);
    listen_on(5432);
    connect_to(5432);
    run_for(HS_MSEC(100));
    ck_assert_str_eq(story->str, "client connected@20\nserver accepted@30\n");
    ck_assert_str_eq(state(&client), "ESTABLISHED");
    ck_assert_str_eq(state(&server), "ESTABLISHED");
    tear_down();
}
END_TEST

START_TEST(bytes_arrive_in_order_both_ways)
{
    enum { SIZE = 300000 };
    g_autofree uint8_t *data = g_malloc(SIZE);
    uint64_t checksum = 0;
    size_t i;

    for (i = 0; i < SIZE; i++) {
        data[i] = (uint8_t)(i * 7 + i / 251);
        checksum = checksum * 31 + data[i];
    }
    connected(_i);
    server.echo = true;
    hs_sim_tcp_send(client.tcp, data, SIZE);
    run_for(HS_SEC(20));
    ck_assert_uint_eq(server.received, SIZE);
    ck_assert_uint_eq(server.checksum, checksum);
    ck_assert_uint_eq(client.received, SIZE);
    ck_assert_uint_eq(client.checksum, checksum);
    ck_assert_uint_eq(client.acked, SIZE);
    expect_story("");
    tear_down();
}
END_TEST

/* Far more than any socket buffer, sent before the connection stands. */
START_TEST(sending_takes_however_much)
{
    enum { SIZE = 12 << 20 };
    g_autofree uint8_t *data = g_malloc0(SIZE);
    HsSimTcpInfo info;

    build(_i);
    listen_on(5432);
    connect_to(5432);
    hs_sim_tcp_send(client.tcp, data, SIZE);
    hs_sim_tcp_close(client.tcp);
    hs_sim_tcp_info(client.tcp, &info);
    ck_assert_uint_eq(info.unsent, SIZE);
    ck_assert_str_eq(info.state, "CLOSED");
    run_for(HS_SEC(100));
    ck_assert_uint_eq(server.received, SIZE);
    expect_story("client connected\nserver accepted\nserver closed\n");
    tear_down();
}
END_TEST

START_TEST(a_close_from_one_side_then_the_other)
{
    connected(_i);
    hs_sim_tcp_send(client.tcp, "bye", 3);
    hs_sim_tcp_close(client.tcp);
    run_for(HS_SEC(1));
    expect_story("server closed\n");
    ck_assert_uint_eq(server.received, 3);
    ck_assert_str_eq(state(&client), "FIN-WAIT-2");
    ck_assert_str_eq(state(&server), "CLOSE-WAIT");
    /* half-closed: the other way still works */
    hs_sim_tcp_send(server.tcp, "more", 4);
    run_for(HS_SEC(1));
    ck_assert_uint_eq(client.received, 4);
    hs_sim_tcp_close(server.tcp);
    run_for(HS_SEC(1));
    expect_story("server closed\nclient closed\n");
    ck_assert_str_eq(state(&client), "TIME-WAIT");
    ck_assert_str_eq(state(&server), "CLOSED");
    tear_down();
}
END_TEST

START_TEST(a_reset_is_not_a_close)
{
    connected(_i);
    hs_sim_tcp_reset(client.tcp);
    hs_sim_tcp_send(client.tcp, "void", 4);
    run_for(HS_SEC(1));
    expect_story("server reset\n");
    ck_assert_uint_eq(server.received, 0);
    ck_assert_str_eq(state(&client), "CLOSED");
    ck_assert_str_eq(state(&server), "CLOSED");
    tear_down();
}
END_TEST

START_TEST(a_closed_port_refuses)
{
    build(_i);
    listen_on(5432);
    connect_to(5433);
    run_for(HS_SEC(10));
    ck_assert_str_eq(story->str, "client refused@20\n");
    tear_down();
}
END_TEST

START_TEST(a_listener_that_went_refuses)
{
    build(_i);
    listen_on(5432);
    hs_sim_tcp_listener_free(listener);
    connect_to(5432);
    run_for(HS_SEC(10));
    ck_assert_str_eq(story->str, "client refused@20\n");
    listen_on(5432); /* the port is free again */
    connect_to(5432);
    g_string_truncate(story, 0);
    run_for(HS_SEC(1));
    expect_story("client connected\nserver accepted\n");
    tear_down();
}
END_TEST

START_TEST(nobody_answers)
{
    build(_i);
    hs_sim_link_set_black_hole(link_, 0, true);
    connect_to(5432);
    run_for(HS_SEC(1000));
    expect_story("client connect timeout\n");
    ck_assert_str_eq(state(&client), "CLOSED");
    tear_down();
}
END_TEST

START_TEST(data_without_an_answer_times_out)
{
    connected(_i);
    hs_sim_link_set_black_hole(link_, 0, true);
    hs_sim_tcp_send(client.tcp, "?", 1);
    run_for(HS_SEC(3000));
    expect_story("client timeout\n");
    tear_down();
}
END_TEST

static unsigned attempts;
static HsDuration last_rto;

static void
on_retransmitted(void *user_data, unsigned attempt, HsDuration rto)
{
    (void)user_data;
    ck_assert_uint_ge(attempt, attempts);
    ck_assert_int_ge(rto, last_rto);
    attempts = attempt;
    last_rto = rto;
}

START_TEST(retransmissions_are_told_and_counted)
{
    HsSimTcpEvents more = events;
    HsSimTcpInfo info;

    connected(_i);
    attempts = 0;
    last_rto = 0;
    more.retransmitted = on_retransmitted;
    hs_sim_tcp_set_events(client.tcp, &more, &client);
    hs_sim_link_set_black_hole(link_, 0, true);
    hs_sim_tcp_send(client.tcp, "again", 5);
    run_for(HS_SEC(10));
    ck_assert_uint_ge(attempts, 2);
    hs_sim_tcp_info(client.tcp, &info);
    ck_assert_uint_ge(info.retransmissions, 2);
    ck_assert_uint_ge(info.backoff, 2);
    ck_assert_uint_eq(info.unacked, 5);
    hs_sim_link_set_black_hole(link_, 0, false);
    run_for(HS_SEC(30));
    ck_assert_uint_eq(server.received, 5);
    ck_assert_uint_eq(client.acked, 5);
    hs_sim_tcp_info(client.tcp, &info);
    ck_assert_uint_eq(info.backoff, 0);
    ck_assert_uint_eq(info.unacked, 0);
    ck_assert_int_ge(info.srtt, HS_MSEC(20));
    tear_down();
}
END_TEST

static void
on_state(void *user_data, const char *from, const char *to)
{
    g_string_append_printf(story, "%s %s -> %s\n", ((Peer *)user_data)->name,
                           from, to);
}

START_TEST(states_are_told)
{
    HsSimTcpEvents only = {.state_changed = on_state};

    build(_i);
    listen_on(5432);
    client.tcp = hs_sim_tcp_connect(client.host, NULL, &server.address, 5432,
                                    &only, &client);
    run_for(HS_SEC(1));
    hs_sim_tcp_close(client.tcp);
    run_for(HS_SEC(1));
    hs_sim_tcp_close(server.tcp);
    run_for(HS_SEC(1));
    expect_story("client CLOSED -> SYN-SENT\n"
                 "client SYN-SENT -> ESTABLISHED\n"
                 "server accepted\n"
                 "client ESTABLISHED -> FIN-WAIT-1\n"
                 "server closed\n"
                 "client FIN-WAIT-1 -> FIN-WAIT-2\n"
                 "client FIN-WAIT-2 -> TIME-WAIT\n");
    tear_down();
}
END_TEST

START_TEST(a_socket_may_be_freed_from_its_callback)
{
    connected(_i);
    server.free_on_data = true;
    hs_sim_tcp_send(client.tcp, "last words", 10);
    run_for(HS_SEC(1));
    ck_assert_uint_eq(server.received, 10);
    ck_assert_ptr_null(server.tcp);
    expect_story("client reset\n"); /* an open connection is reset */
    hs_sim_tcp_free(client.tcp);
    hs_sim_tcp_free(NULL);
    tear_down();
}
END_TEST

START_TEST(a_closing_socket_finishes_without_its_owner)
{
    enum { SIZE = 8 << 20 };
    g_autofree uint8_t *data = g_malloc0(SIZE);

    connected(_i);
    server.close_on_end = true;
    hs_sim_tcp_send(client.tcp, data, SIZE);
    hs_sim_tcp_close(client.tcp);
    hs_sim_tcp_free(client.tcp);
    run_for(HS_SEC(60));
    ck_assert_uint_eq(server.received, SIZE);
    expect_story("server closed\n");
    ck_assert_str_eq(state(&server), "CLOSED");
    tear_down();
}
END_TEST

START_TEST(closing_before_the_connection_stands)
{
    build(_i);
    listen_on(5432);
    connect_to(5432);
    hs_sim_tcp_close(client.tcp);
    run_for(HS_SEC(1));
    expect_story("");
    ck_assert_str_eq(state(&client), "CLOSED");
    tear_down();
}
END_TEST

/* ns-3's own Connect() would take the route's first address instead. */
START_TEST(a_connection_keeps_the_address_it_is_bound_to)
{
    HsPrefix second;

    build(_i);
    ck_assert(hs_prefix_parse("192.168.5.1/30", &second));
    hs_sim_host_add_address(client.host, &second);
    client.address = second.addr; /* on_accept() compares */
    listen_on(5432);
    connect_to(5432);
    run_for(HS_SEC(1));
    expect_story("client connected\nserver accepted\n");
    tear_down();
}
END_TEST

START_TEST(many_connections_come_and_go)
{
    int i;

    build(_i);
    listen_on(5432);
    for (i = 0; i < 50; i++) {
        connect_to(5432);
        run_for(HS_MSEC(50));
        hs_sim_tcp_send(client.tcp, "x", 1);
        run_for(HS_MSEC(50));
        if (i % 2 == 0)
            hs_sim_tcp_close(client.tcp);
        hs_sim_tcp_free(client.tcp);
        run_for(HS_MSEC(50));
        hs_sim_tcp_free(server.tcp);
    }
    ck_assert_uint_eq(server.received, 50);
    tear_down();
}
END_TEST

/* UDP */

static void
on_datagram(void *user_data, const HsAddr *from, uint16_t port,
            const uint8_t *data, size_t length)
{
    Peer *peer = user_data;
    char text[HS_ADDR_TEXT];

    g_string_append_printf(story, "%s: %.*s from %s:%u@%.0f\n", peer->name,
                           (int)length, (const char *)data,
                           hs_addr_format(from, text), port,
                           (double)hs_sim_now(sim) / 1e6);
    if (peer->echo)
        hs_sim_udp_send(peer->udp, from, port, data, length);
    if (peer->free_on_data)
        g_clear_pointer(&peer->udp, hs_sim_udp_free);
}

START_TEST(datagrams_go_and_come_back)
{
    build(HS_SIM_TCP_NS3);
    server.echo = true;
    client.udp = hs_sim_udp_open(client.host, &client.address, 49152,
                                 on_datagram, &client);
    server.udp = hs_sim_udp_open(server.host, NULL, 3784, on_datagram, &server);
    hs_sim_udp_send(client.udp, &server.address, 3784, "hello", 5);
    hs_sim_udp_send(client.udp, &server.address, 3784, "", 0);
    run_for(HS_SEC(1));
    ck_assert_str_eq(story->str, "server: hello from 10.0.0.1:49152@10\n"
                                 "server:  from 10.0.0.1:49152@10\n"
                                 "client: hello from 172.16.0.9:3784@20\n"
                                 "client:  from 172.16.0.9:3784@20\n");
    hs_sim_udp_free(client.udp);
    tear_down();
}
END_TEST

START_TEST(a_udp_socket_may_be_freed_from_its_callback)
{
    build(HS_SIM_TCP_NS3);
    server.free_on_data = true;
    client.udp = hs_sim_udp_open(client.host, NULL, 1000, on_datagram, &client);
    server.udp = hs_sim_udp_open(server.host, NULL, 3784, on_datagram, &server);
    hs_sim_udp_send(client.udp, &server.address, 3784, "one", 3);
    hs_sim_udp_send(client.udp, &server.address, 3784, "two", 3);
    run_for(HS_SEC(1));
    expect_story("server: one from 10.0.0.1:1000\n");
    server.udp = hs_sim_udp_open(server.host, NULL, 3784, on_datagram, &server);
    hs_sim_udp_free(server.udp);
    hs_sim_udp_free(NULL);
    tear_down();
}
END_TEST

/* What leaves a host has right checksums and TTL 64: the validator of the other
 * one accepts it, byte by byte of it does not. */
static HsPacket *last;

static void
keep(void *user_data, HsPacket *packet)
{
    (void)user_data;
    hs_packet_unref(last);
    last = packet;
}

static uint64_t
refused_in_all(HsSimHost *host)
{
    uint64_t total = 0;
    const char *name;
    unsigned i;

    for (i = 0;; i++) {
        uint64_t n = hs_sim_host_refused(host, i, &name);

        if (name == NULL)
            return total;
        total += n;
    }
}

START_TEST(damage_never_reaches_the_stack)
{
    uint64_t refused = 0;
    size_t i;

    build(HS_SIM_TCP_NS3);
    server.udp = hs_sim_udp_open(server.host, NULL, 3784, on_datagram, &server);
    client.udp = hs_sim_udp_open(client.host, NULL, 1000, on_datagram, &client);
    hs_sim_host_set_output(client.host, keep, NULL);
    hs_sim_udp_send(client.udp, &server.address, 3784, "hello", 5);
    ck_assert_ptr_nonnull(last);
    ck_assert_uint_eq(hs_packet_length(last), 33);
    ck_assert_uint_eq(hs_packet_data(last)[8], 64);
    for (i = 0; i < 33; i++) {
        HsPacket *bad = hs_packet_new(hs_packet_data(last), 33);
        HsPacket *cut = hs_packet_new(hs_packet_data(last), i);

        hs_packet_bytes(bad)[i] ^= 0x10;
        hs_sim_host_input(server.host, bad);
        hs_sim_host_input(server.host, cut);
        refused += 2;
        ck_assert_uint_eq(refused_in_all(server.host), refused);
    }
    expect_story("");
    hs_sim_host_input(server.host, g_steal_pointer(&last));
    expect_story("server: hello from 10.0.0.1:1000\n");
    tear_down();
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("engine: hosts");
    TCase *tcp = tcase_create("tcp"), *udp = tcase_create("udp");
    const TTest *const loops[] = {
        a_handshake_takes_a_round_trip,
        bytes_arrive_in_order_both_ways,
        sending_takes_however_much,
        a_close_from_one_side_then_the_other,
        a_reset_is_not_a_close,
        a_closed_port_refuses,
        a_listener_that_went_refuses,
        nobody_answers,
        data_without_an_answer_times_out,
        retransmissions_are_told_and_counted,
        states_are_told,
        a_socket_may_be_freed_from_its_callback,
        a_closing_socket_finishes_without_its_owner,
        closing_before_the_connection_stands,
        a_connection_keeps_the_address_it_is_bound_to,
        many_connections_come_and_go,
    };
    size_t i;

    for (i = 0; i < G_N_ELEMENTS(loops); i++)
        tcase_add_loop_test(tcp, loops[i], HS_SIM_TCP_LINUX,
                            HS_SIM_TCP_NS3 + 1);
    suite_add_tcase(suite, tcp);
    tcase_add_test(udp, datagrams_go_and_come_back);
    tcase_add_test(udp, a_udp_socket_may_be_freed_from_its_callback);
    tcase_add_test(udp, damage_never_reaches_the_stack);
    suite_add_tcase(suite, udp);
    return run_suite(suite);
}
