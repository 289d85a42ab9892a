/* Several simulations in one process, each ended in the middle of everything:
 * packets queued and in flight, connections in every state, events pending,
 * sockets freed and not freed. As a test of its own it shows that they are
 * alike; tests/test_engine_valgrind.sh runs it to show that nothing is left. */

#include "config.h"

#include "sim/engine/ns3_shim.h"
#include "tests/harness/run.h"

typedef struct {
    HsSim *sim;
    HsSimLink *link;
    HsSimHost *hosts[2];
    HsSimTcp *accepted;
    HsSimUdp *udp;
    GString *story;
    unsigned ticks, destroyed;
} World;

static void
to_wire0(void *user_data, HsPacket *packet)
{
    hs_sim_link_send(((World *)user_data)->link, 0, packet);
}

static void
to_wire1(void *user_data, HsPacket *packet)
{
    hs_sim_link_send(((World *)user_data)->link, 1, packet);
}

static void
from_wire0(void *user_data, HsPacket *packet)
{
    hs_sim_host_input(((World *)user_data)->hosts[0], packet);
}

static void
from_wire1(void *user_data, HsPacket *packet)
{
    hs_sim_host_input(((World *)user_data)->hosts[1], packet);
}

static void
on_received(void *user_data, const uint8_t *data, size_t length)
{
    World *w = user_data;

    (void)data;
    g_string_append_printf(w->story, "%zu@%" G_GINT64_FORMAT " ", length,
                           hs_sim_now(w->sim));
}

static const HsSimTcpEvents events = {.received = on_received};

static void
on_accept(void *user_data, HsSimTcp *tcp, const HsAddr *peer, uint16_t port)
{
    World *w = user_data;

    (void)peer;
    g_string_append_printf(w->story, "port %u ", port);
    w->accepted = tcp;
    hs_sim_tcp_set_events(tcp, &events, w);
}

static void
on_datagram(void *user_data, const HsAddr *from, uint16_t port,
            const uint8_t *data, size_t length)
{
    World *w = user_data;

    (void)port;
    hs_sim_udp_send(w->udp, from, 2000, data, length);
}

static void
destroyed(void *user_data)
{
    ((World *)user_data)->destroyed++;
}

static void
tick(void *user_data)
{
    World *w = user_data;

    w->ticks++;
    hs_sim_schedule(w->sim, hs_sim_now(w->sim) + HS_MSEC(7), tick, w,
                    destroyed);
    hs_sim_link_send(w->link, 0, hs_packet_new(NULL, 1000)); /* no packet */
}

static void
populate(World *w, HsSimTcpProfile profile)
{
    static const char *const names[] = {"a", "b"};
    HsSimLinkConfig config = {
        .name = "wire", .rate = 2000000, .delay = HS_MSEC(10), .mtu = 1500};
    HsSimNode *nodes[2];
    int i;

    for (i = 0; i < 2; i++)
        nodes[i] = hs_sim_node_new(w->sim, names[i]);
    w->link = hs_sim_link_new(w->sim, &config, nodes[0], nodes[1]);
    for (i = 0; i < 2; i++) {
        HsSimHostConfig host = {.profile = profile, .mtu = 1500};
        HsAddr address = hs_addr_ipv4(0x0a000001u + (uint32_t)i);
        HsPrefix prefix = hs_prefix_of(&address);

        host.name = names[i];
        w->hosts[i] = hs_sim_host_new(nodes[i], &host);
        hs_sim_host_add_address(w->hosts[i], &prefix);
    }
    hs_sim_host_set_output(w->hosts[0], to_wire0, w);
    hs_sim_host_set_output(w->hosts[1], to_wire1, w);
    hs_sim_link_set_receiver(w->link, 0, from_wire0, w);
    hs_sim_link_set_receiver(w->link, 1, from_wire1, w);
}

/* Ends at UNTIL, whatever is going on then. Returns the story (transfer full).
 */
static char *
simulate(HsSimTcpProfile profile, HsTime until)
{
    static uint8_t data[100000];
    World w = {.sim = hs_sim_new(11), .story = g_string_new(NULL)};
    HsAddr b = hs_addr_ipv4(0x0a000002), nobody = hs_addr_ipv4(0x0a0000ff);
    HsSimTcp *open, *closing, *reset;
    HsSimTcpListener *gone;

    populate(&w, profile);
    hs_sim_tcp_listen(w.hosts[1], NULL, 80, on_accept, &w);
    gone = hs_sim_tcp_listen(w.hosts[1], NULL, 81, on_accept, &w);
    open = hs_sim_tcp_connect(w.hosts[0], NULL, &b, 80, &events, &w);
    closing = hs_sim_tcp_connect(w.hosts[0], NULL, &b, 80, &events, &w);
    reset = hs_sim_tcp_connect(w.hosts[0], NULL, &b, 80, &events, &w);
    hs_sim_tcp_connect(w.hosts[0], NULL, &b, 81, &events, &w);
    hs_sim_tcp_connect(w.hosts[0], NULL, &b, 82, &events, &w); /* refused */
    hs_sim_tcp_connect(w.hosts[0], NULL, &nobody, 80, NULL, NULL);
    hs_sim_tcp_send(open, data, sizeof data);
    hs_sim_tcp_send(closing, data, sizeof data);
    hs_sim_tcp_close(closing);
    hs_sim_tcp_free(closing);
    w.udp = hs_sim_udp_open(w.hosts[1], NULL, 2000, on_datagram, &w);
    hs_sim_udp_send(hs_sim_udp_open(w.hosts[0], NULL, 2000, NULL, NULL), &b,
                    2000, data, 100);
    hs_sim_schedule(w.sim, 0, tick, &w, destroyed);
    hs_sim_cancel(hs_sim_schedule(w.sim, until, tick, &w, destroyed));

    hs_sim_run(w.sim, until / 2);
    hs_sim_tcp_listener_free(gone);
    hs_sim_tcp_reset(reset);
    hs_sim_run(w.sim, until);
    hs_sim_link_set_carrier(w.link, false); /* news of it still to come */
    hs_sim_free(w.sim);
    ck_assert_uint_eq(w.destroyed, w.ticks + 2);
    g_string_append_printf(w.story, "%u ticks", w.ticks);
    return g_string_free(w.story, FALSE);
}

START_TEST(simulations_leave_nothing_behind)
{
    /* before the handshake, in it, in the transfer, long after */
    static const HsTime ends[] = {HS_MSEC(1), HS_MSEC(23), HS_MSEC(31),
                                  HS_MSEC(400), HS_SEC(20)};
    size_t i;
    int profile;

    for (profile = HS_SIM_TCP_LINUX; profile <= HS_SIM_TCP_NS3; profile++) {
        for (i = 0; i < G_N_ELEMENTS(ends); i++) {
            g_autofree char *first =
                simulate((HsSimTcpProfile)profile, ends[i]);
            g_autofree char *again =
                simulate((HsSimTcpProfile)profile, ends[i]);

            ck_assert_str_eq(first, again);
        }
    }
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("engine: several simulations");
    TCase *tc = tcase_create("leaks");

    tcase_add_test(tc, simulations_leave_nothing_behind);
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}
