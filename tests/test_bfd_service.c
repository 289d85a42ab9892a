/* BFD on a router: what RFC 5881 asks of the packets around a session, and
 * which session a packet is for. The neighbour is written by hand. */

#include "config.h"

#include "models/net/bfd_service.h"
#include "models/net/ipv4.h"
#include "models/net/udp.h"
#include "tests/harness/fake_env.h"
#include "tests/harness/hybrid.h"
#include "tests/harness/run.h"

#include <string.h>

enum { PORTS = 400 };

/* A router whose port N is 10.0.x.1/30, its neighbour 10.0.x.2. */
typedef struct {
    FakeWorld *world;
    HsEnv *env;
    HsRouter *router;
    HsBfdService *service;
    GPtrArray *out; /* HsPacket: what left, owned */
    HsBfdWatch *watch[PORTS];
    unsigned changes;
} World;

static uint32_t
address_of(unsigned port, unsigned end)
{
    return 0x0a000000 + 4 * port + end;
}

static void
keep(void *user_data, HsPacket *packet)
{
    g_ptr_array_add(user_data, packet);
}

static void
changed(void *user_data, BfdState from, BfdState to, BfdCause cause)
{
    World *w = user_data;

    (void)from;
    (void)to;
    (void)cause;
    w->changes++;
}

static void
world_init(World *w, unsigned ports, BfdJitter jitter)
{
    *w = (World){.world = fake_world_new(1)};
    w->out = g_ptr_array_new_with_free_func((GDestroyNotify)hs_packet_unref);
    w->env = fake_world_node(w->world, "cgw", "10.0.0.1");
    w->router = hs_router_new(w->env, &(HsRouterConfig){.name = "cgw"});
    w->service = hs_bfd_service_new(w->env, w->router);
    for (unsigned i = 0; i < ports; i++) {
        g_autofree char *name = g_strdup_printf("port%u", i);
        HsPrefix address = {.addr = hs_addr_ipv4(address_of(i, 1)),
                            .length = 30};

        hs_router_add_port(w->router, &(HsPortConfig){.name = name,
                                                      .mtu = 1500,
                                                      .addresses = &address,
                                                      .n_addresses = 1,
                                                      .output = keep,
                                                      .user_data = w->out});
        w->watch[i] = hs_bfd_service_watch(
            w->service,
            &(HsBfdWatchConfig){.name = g_intern_string(name),
                                .port = i,
                                .local = hs_addr_ipv4(address_of(i, 1)),
                                .remote = hs_addr_ipv4(address_of(i, 2)),
                                .interval = HS_MSEC(300),
                                .multiplier = 3,
                                .jitter = jitter,
                                .changed = changed,
                                .user_data = w});
    }
}

static void
world_clear(World *w)
{
    hs_bfd_service_free(w->service);
    hs_router_free(w->router);
    fake_world_free(w->world);
    g_ptr_array_unref(w->out);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(World, world_clear)

/* The neighbour of PORT, discriminator 99, says what PACKET says. */
static void
say(World *w, unsigned port, const BfdPacket *packet)
{
    g_autoptr(GBytes) bytes = bfd_packet_encode(packet);
    HsUdpDatagram datagram = {
        .source_port = 3784, /* not in the range, and taken all the same */
        .destination_port = BFD_PORT,
        .payload = g_bytes_get_data(bytes, NULL),
        .length = g_bytes_get_size(bytes),
    };
    HsIpv4 ip = {
        .ttl = BFD_TTL,
        .protocol = HS_IP_UDP,
        .source = address_of(port, 2),
        .destination = address_of(port, 1),
    };

    hs_router_receive(w->router, port, hs_udp_packet_new(&ip, &datagram));
}

static BfdPacket
hello(BfdState state, uint32_t yours)
{
    return (BfdPacket){.state = state,
                       .detect_mult = 3,
                       .my_discriminator = 99,
                       .your_discriminator = yours,
                       .desired_min_tx = 300000,
                       .required_min_rx = 300000};
}

static BfdState
state_of(const World *w, unsigned port)
{
    return bfd_session_state(hs_bfd_watch_session(w->watch[port]));
}

static uint32_t
discriminator_of(const World *w, unsigned port)
{
    return bfd_session_discriminator(hs_bfd_watch_session(w->watch[port]));
}

static void
bring_up(World *w, unsigned port)
{
    BfdPacket packet = hello(BFD_DOWN, 0);

    say(w, port, &packet);
    ck_assert_int_eq(state_of(w, port), BFD_INIT);
    packet = hello(BFD_INIT, discriminator_of(w, port));
    say(w, port, &packet);
    ck_assert_int_eq(state_of(w, port), BFD_UP);
}

static void
read_packet(const HsPacket *packet, HsIpv4 *ret_ip, HsUdpDatagram *ret_datagram)
{
    ck_assert_int_eq(
        hs_ipv4_parse(hs_packet_data(packet), hs_packet_length(packet), ret_ip),
        HS_DROP_NONE);
    ck_assert(hs_udp_parse(packet, ret_ip, ret_datagram));
}

/* RFC 5881 4 and 5 */
START_TEST(packets_have_the_header_of_one_hop)
{
    g_auto(World) w;
    uint16_t source_port = 0;

    world_init(&w, 1, BFD_JITTER_RFC);
    fake_world_run(w.world, HS_SEC(2));
    bring_up(&w, 0);
    fake_world_run(w.world, HS_SEC(10));
    ck_assert_uint_ge(w.out->len, 5);
    for (guint i = 0; i < w.out->len; i++) {
        HsUdpDatagram datagram;
        HsIpv4 ip;

        read_packet(w.out->pdata[i], &ip, &datagram);
        ck_assert_uint_eq(ip.ttl, 255);
        ck_assert_uint_eq(ip.source, address_of(0, 1));
        ck_assert_uint_eq(ip.destination, address_of(0, 2));
        ck_assert_uint_eq(datagram.destination_port, 3784);
        ck_assert_uint_ge(datagram.source_port, 49152);
        if (i > 0)
            ck_assert_uint_eq(datagram.source_port, source_port);
        source_port = datagram.source_port;
        ck_assert_uint_eq(datagram.length, 24);
    }
}
END_TEST

/* RFC 5880 6.8.1, RFC 5881 4: many sessions, no two with the same. Drawn
 * without a look at each other, 400 of 16384 ports would collide. */
START_TEST(no_two_sessions_share_a_number)
{
    g_auto(World) w;
    g_autoptr(GHashTable) numbers = g_hash_table_new(NULL, NULL);
    g_autoptr(GHashTable) owners = g_hash_table_new(NULL, NULL);

    world_init(&w, PORTS, BFD_JITTER_RFC);
    for (unsigned i = 0; i < PORTS; i++)
        ck_assert(g_hash_table_add(numbers,
                                   GUINT_TO_POINTER(discriminator_of(&w, i))));
    fake_world_run(w.world, HS_SEC(3));
    for (guint i = 0; i < w.out->len; i++) {
        HsUdpDatagram datagram;
        HsIpv4 ip;
        gpointer port, owner;

        read_packet(w.out->pdata[i], &ip, &datagram);
        port = GUINT_TO_POINTER(datagram.source_port);
        owner = g_hash_table_lookup(owners, port);
        ck_assert(owner == NULL || owner == GUINT_TO_POINTER(ip.source));
        g_hash_table_insert(owners, port, GUINT_TO_POINTER(ip.source));
    }
    ck_assert_uint_eq(g_hash_table_size(owners), PORTS);
}
END_TEST

/* RFC 5880 6.8.6, RFC 5881 3: without a discriminator by interface and source;
 * with one it must be the session's own. */
START_TEST(packets_find_their_session)
{
    g_auto(World) w;
    BfdPacket packet;

    world_init(&w, 2, BFD_JITTER_RFC);
    packet = hello(BFD_DOWN, 0);
    say(&w, 1, &packet);
    ck_assert_int_eq(state_of(&w, 0), BFD_DOWN);
    ck_assert_int_eq(state_of(&w, 1), BFD_INIT);
    packet = hello(BFD_INIT, discriminator_of(&w, 0));
    say(&w, 1, &packet);
    ck_assert_int_eq(state_of(&w, 0), BFD_DOWN);
    ck_assert_int_eq(state_of(&w, 1), BFD_INIT);
    ck_assert_uint_eq(bfd_session_dropped(hs_bfd_watch_session(w.watch[1]),
                                          BFD_DROP_YOUR_DISCRIMINATOR),
                      1);
    packet.your_discriminator = discriminator_of(&w, 1);
    say(&w, 1, &packet);
    ck_assert_int_eq(state_of(&w, 1), BFD_UP);
    ck_assert_uint_eq(hs_bfd_service_dropped(w.service), 0);
}
END_TEST

START_TEST(detection_and_orders_are_reported)
{
    g_auto(World) w;
    HsTime up;

    world_init(&w, 1, BFD_JITTER_FRR);
    bring_up(&w, 0);
    up = fake_world_now(w.world);
    ck_assert_uint_eq(w.changes, 2);
    fake_world_run(w.world, up + HS_MSEC(900) - 1);
    ck_assert_int_eq(state_of(&w, 0), BFD_UP);
    fake_world_run(w.world, up + HS_MSEC(900));
    ck_assert_int_eq(state_of(&w, 0), BFD_DOWN);
    expect_fact(w.world, "cgw bfd port0 Up -> Down (detection time expired)");

    bring_up(&w, 0);
    hs_bfd_watch_path_down(w.watch[0]);
    expect_fact(w.world, "cgw bfd port0 Up -> Down (path down)");
    bring_up(&w, 0);
    hs_bfd_watch_set_enabled(w.watch[0], false);
    expect_fact(w.world, "cgw bfd port0 Up -> AdminDown (disabled)");
    hs_bfd_watch_set_enabled(w.watch[0], true);
    expect_fact(w.world, "cgw bfd port0 AdminDown -> Down (enabled)");
    ck_assert_uint_eq(w.changes, 3 + 3 + 2 + 2);
}
END_TEST

/* A control plane that is gone takes nothing in and obeys nobody; the session
 * that it comes back with is another. */
START_TEST(a_dead_control_plane_is_silent)
{
    g_auto(World) w;
    BfdPacket packet = hello(BFD_DOWN, 0);
    uint32_t before;
    guint sent;

    world_init(&w, 1, BFD_JITTER_RFC);
    bring_up(&w, 0);
    before = discriminator_of(&w, 0);
    hs_bfd_watch_crash(w.watch[0]);
    sent = w.out->len;
    hs_bfd_watch_set_enabled(w.watch[0], false);
    hs_bfd_watch_path_down(w.watch[0]);
    say(&w, 0, &packet);
    fake_world_run(w.world, HS_SEC(5));
    ck_assert_uint_eq(w.out->len, sent);
    ck_assert_uint_eq(hs_bfd_service_drops(w.service, HS_BFD_DROP_NO_SESSION),
                      1);
    hs_bfd_watch_boot(w.watch[0]);
    ck_assert_uint_ne(discriminator_of(&w, 0), before);
    bring_up(&w, 0);
}
END_TEST

START_TEST(a_service_may_go_before_its_router)
{
    g_auto(World) w;
    BfdPacket packet = hello(BFD_DOWN, 0);

    world_init(&w, 1, BFD_JITTER_RFC);
    hs_bfd_service_free(g_steal_pointer(&w.service));
    say(&w, 0, &packet); /* to nobody */
    fake_world_run(w.world, HS_SEC(5));
    ck_assert_uint_eq(w.out->len, 1); /* which the router says */
    ck_assert_uint_eq(hs_packet_data(w.out->pdata[0])[9], HS_IP_ICMP);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("bfd service");
    TCase *t = tcase_create("service");

    tcase_add_test(t, packets_have_the_header_of_one_hop);
    tcase_add_test(t, no_two_sessions_share_a_number);
    tcase_add_test(t, packets_find_their_session);
    tcase_add_test(t, detection_and_orders_are_reported);
    tcase_add_test(t, a_dead_control_plane_is_silent);
    tcase_add_test(t, a_service_may_go_before_its_router);
    suite_add_tcase(suite, t);
    return run_suite(suite);
}
