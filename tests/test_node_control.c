/* What BFD, the carrier and the hold timer mean to BGP, and BGP to the way of
 * the packets: a site and a VPC with Direct Connect and a tunnel between them,
 * made of the node models themselves. */

#include "config.h"

#include "models/bgp/wire.h"
#include "models/net/ipv4.h"
#include "tests/harness/hex.h"
#include "tests/harness/hybrid.h"
#include "tests/harness/run.h"

#include <string.h>

/* Made by scapy. 172.16.0.10:1000 to 10.0.0.10:2000, "hello", and back. */
#define HELLO                                                                  \
    "45000021 12340000 4011b274 ac10000a 0a00000a 03e807d0 000dfa25 "          \
    "68656c6c 6f"
#define WORLD                                                                  \
    "45000021 43210000 40118187 0a00000a ac10000a 07d003e8 000df01b "          \
    "776f726c 64"

#define CUT   HS_SEC(20)
#define READY HS_SEC(5)

static BgpState
state_of(const HsControlPeer *peer)
{
    return bgp_peer_state(hs_control_peer_bgp(peer));
}

static void
expect_ways(const Hybrid *h, const char *way)
{
    ck_assert_str_eq(hybrid_to_aws(h), way);
    ck_assert_str_eq(hybrid_to_site(h), way);
}

/* One packet each way, from now on, arrives. */
static void
expect_passes(Hybrid *h)
{
    GPtrArray *lan = h->lan.end[0].inbox, *vpc = h->vpc.end[0].inbox;
    guint lan_before = lan->len, vpc_before = vpc->len;

    hybrid_from_lan(h, HELLO);
    hybrid_from_vpc(h, WORLD);
    fake_world_run(h->world, fake_world_now(h->world) + HS_MSEC(20));
    ck_assert_uint_eq(lan->len, lan_before + 1);
    ck_assert_uint_eq(vpc->len, vpc_before + 1);
}

/* Coming up */

START_TEST(sessions_come_up_and_fill_the_tables)
{
    HYBRID(h, .bfd = HS_MSEC(300));

    hybrid_start(&h, READY);
    ck_assert_int_eq(state_of(h.cgw_dx), BGP_ESTABLISHED);
    ck_assert_int_eq(state_of(h.cgw_vpn), BGP_ESTABLISHED);
    ck_assert_int_eq(state_of(h.aws_dx), BGP_ESTABLISHED);
    ck_assert_int_eq(state_of(h.aws_vpn), BGP_ESTABLISHED);
    expect_ways(&h, "dx");
    expect_passes(&h);
    ck_assert_uint_eq(h.internet.end[0].sent + h.internet.end[1].sent, 0);
    /* By local preference at the site, by class at the VGW: the tunnel's route
     * came while that of DX was there. */
    expect_fact(h.world, "cgw bgp dx bgp OpenConfirm -> Established");
    expect_fact(h.world, "dx.aws bgp dx bgp OpenConfirm -> Established");
    expect_fact(h.world, "cgw route-received 10.0.0.0/16 dx bgp announce");
    expect_fact(h.world, "vpn.aws route-received 172.16.0.0/24 tunnel bgp");
    expect_fact(h.world, "cgw fib 10.0.0.0/16 default dx (bgp)");
    expect_fact(h.world, "vgw fib 172.16.0.0/24 default dx (bgp)");
    expect_fact(h.world, "cgw bfd dx bfd Down -> Up (received Init)");
    expect_fact(h.world, "dx.aws bfd dx bfd Init -> Up (received Up)");
    hybrid_check(&h);
}
END_TEST

/* The gateway is no transit: what it learned on one side it keeps. */
START_TEST(site_announces_its_own_routes_only)
{
    HYBRID(h, .hold = HS_SEC(90));
    HsPrefix vpc = prefix_of("10.0.0.0/16"), lan = prefix_of("172.16.0.0/24");

    hybrid_start(&h, READY);
    ck_assert_ptr_null(bgp_peer_sent(hs_control_peer_bgp(h.cgw_vpn), &vpc));
    ck_assert_ptr_null(bgp_peer_sent(hs_control_peer_bgp(h.cgw_dx), &vpc));
    ck_assert_ptr_nonnull(bgp_peer_sent(hs_control_peer_bgp(h.cgw_vpn), &lan));
}
END_TEST

/* BFD */

START_TEST(bfd_moves_the_traffic_to_the_tunnel)
{
    HYBRID(h, .bfd = HS_MSEC(300));

    hybrid_start(&h, CUT);
    hybrid_cut_dx(&h, true);
    fake_world_run(h.world, CUT + HS_MSEC(590));
    expect_ways(&h, "dx");
    /* RFC 5880 6.8.4: three intervals of silence, the first of which may lie
     * before the cut. */
    fake_world_run(h.world, CUT + HS_MSEC(910));
    expect_ways(&h, "tunnel");
    expect_fact(h.world, "cgw bfd dx bfd Up -> Down (detection time expired) "
                         "900ms");
    expect_fact(h.world, "cgw bgp dx bgp Established -> Idle (BFD down)");
    expect_fact(h.world, "dx.aws bgp dx bgp Established -> Idle (BFD down)");
    expect_fact(h.world, "cgw route-best 10.0.0.0/16 dx bgp -> tunnel bgp "
                         "(only route)");
    expect_fact(h.world, "cgw fib 10.0.0.0/16 default dx -> tunnel (bgp)");
    expect_fact(h.world, "vgw fib 172.16.0.0/24 default dx -> tunnel (bgp)");
    expect_passes(&h);
    ck_assert_uint_eq(h.internet.end[0].sent, 1);
    ck_assert_uint_eq(h.internet.end[1].sent, 1);
    hybrid_check(&h);
}
END_TEST

START_TEST(healed_link_takes_the_traffic_back)
{
    HYBRID(h, .bfd = HS_MSEC(300));

    hybrid_start(&h, CUT);
    hybrid_cut_dx(&h, true);
    fake_world_run(h.world, CUT + HS_SEC(10));
    hybrid_cut_dx(&h, false);
    fake_world_run(h.world, CUT + HS_SEC(80));
    ck_assert_int_eq(state_of(h.cgw_dx), BGP_ESTABLISHED);
    expect_ways(&h, "dx");
    expect_fact(h.world, "cgw route-best 10.0.0.0/16 tunnel bgp -> dx bgp "
                         "(local preference)");
    expect_fact(h.world, "vgw route-best 172.16.0.0/24 tunnel bgp -> dx bgp "
                         "(Direct Connect before static VPN before BGP VPN)");
    expect_passes(&h);
    ck_assert_uint_eq(h.internet.end[0].sent + h.internet.end[1].sent, 0);
    hybrid_check(&h);
}
END_TEST

/* The VGW's convergence lies between its session and its table. */
START_TEST(convergence_delays_the_vgw_alone)
{
    HYBRID(h, .bfd = HS_MSEC(300), .convergence = HS_SEC(2));

    hybrid_start(&h, CUT);
    hybrid_cut_dx(&h, true);
    fake_world_run(h.world, CUT + HS_SEC(2));
    ck_assert_str_eq(hybrid_to_aws(&h), "tunnel");
    ck_assert_str_eq(hybrid_to_site(&h), "dx");
    fake_world_run(h.world, CUT + HS_SEC(3));
    expect_ways(&h, "tunnel");
}
END_TEST

/* By scapy: 169.254.100.1 to .2, from port 49152; version 1, detect mult 3, my
 * discriminator 0x01020304, your discriminator 0, one second each way. */
#define BFD_BODY "01020304 00000000 000f4240 000f4240 00000000"
#define BFD_DOWN_255                                                           \
    "45c00034 00070000 ff119ef1 a9fe6401 a9fe6402 c0000ec8 002068e8 "          \
    "20400318" BFD_BODY
#define BFD_DOWN_254                                                           \
    "45c00034 00070000 fe119ff1 a9fe6401 a9fe6402 c0000ec8 002068e8 "          \
    "20400318" BFD_BODY
#define BFD_DOWN_STRANGER /* from 169.254.100.9 */                             \
    "45c00034 00070000 ff119ee9 a9fe6409 a9fe6402 c0000ec8 002068e0 "          \
    "20400318" BFD_BODY
#define BFD_DOWN_BAD_SUM                                                       \
    "45c00034 00070000 ff119ef1 a9fe6401 a9fe6402 c0000ec8 00201111 "          \
    "20400318" BFD_BODY
#define BFD_ADMIN_DOWN                                                         \
    "45c00034 00080000 ff119ef0 a9fe6401 a9fe6402 c0000ec8 00206228 "          \
    "27000318" BFD_BODY

static void
inject(HsRouter *router, unsigned port, const char *hex)
{
    g_autoptr(GBytes) bytes = hex_bytes(hex);

    hs_router_receive(
        router, port,
        hs_packet_new(g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes)));
}

/* RFC 5882 3.2: AdminDown says nothing about the path. */
START_TEST(admin_down_leaves_bgp_alone)
{
    HYBRID(h, .bfd = HS_MSEC(300));

    hybrid_start(&h, CUT);
    /* The neighbour says AdminDown and then nothing: the link itself is cut
     * for BFD, BGP's connection is not. */
    h.dx.cut = true;
    inject(hs_customer_gateway_router(h.cgw),
           hs_control_peer_config(h.cgw_dx)->port, BFD_ADMIN_DOWN);
    expect_fact(h.world, "cgw bfd dx bfd Up -> Down (received AdminDown)");
    fake_world_run(h.world, CUT + HS_MSEC(100));
    ck_assert_int_eq(state_of(h.cgw_dx), BGP_ESTABLISHED);
    ck_assert_str_eq(hybrid_to_aws(&h), "dx");
    expect_no_fact(h.world, "cgw bgp dx bgp Established");
}
END_TEST

/* A neighbour that says Down has lost us: RFC 5882 4.1. */
START_TEST(neighbours_down_ends_bgp)
{
    HYBRID(h, .bfd = HS_MSEC(300));

    hybrid_start(&h, CUT);
    inject(hs_customer_gateway_router(h.cgw),
           hs_control_peer_config(h.cgw_dx)->port, BFD_DOWN_255);
    expect_fact(h.world, "cgw bfd dx bfd Up -> Down (received Down)");
    expect_fact(h.world, "cgw bgp dx bgp Established -> Idle (BFD down)");
}
END_TEST

/* RFC 5882 3.2: AdminDown, of either side, is no failure of the path; BGP goes
 * on without BFD, and with it once more when it is opened again. */
START_TEST(shutting_bfd_down_leaves_bgp_alone)
{
    HYBRID(h, .bfd = HS_MSEC(300));
    HsControlPeer *shut = _i == 0 ? h.cgw_dx : h.aws_dx;

    hybrid_start(&h, CUT);
    hs_control_enable_bfd(shut, false);
    fake_world_run(h.world, CUT + HS_SEC(60));
    expect_fact(h.world, _i == 0
                             ? "cgw bfd dx bfd Up -> AdminDown (disabled)"
                             : "dx.aws bfd dx bfd Up -> AdminDown (disabled)");
    expect_fact(h.world,
                _i == 0 ? "dx.aws bfd dx bfd Up -> Down (received AdminDown)"
                        : "cgw bfd dx bfd Up -> Down (received AdminDown)");
    expect_no_fact(h.world, "Established ->");
    ck_assert_int_eq(state_of(h.cgw_dx), BGP_ESTABLISHED);
    ck_assert_int_eq(state_of(h.aws_dx), BGP_ESTABLISHED);
    expect_ways(&h, "dx");
    expect_passes(&h);

    hs_control_enable_bfd(shut, true);
    fake_world_run(h.world, CUT + HS_SEC(70));
    expect_no_fact(h.world, "Established ->");
    hybrid_cut_dx(&h, true);
    fake_world_run(h.world, CUT + HS_SEC(71));
    expect_fact(h.world, "cgw bgp dx bgp Established -> Idle (BFD down)");
    expect_ways(&h, "tunnel");
    hs_control_enable_bfd(h.cgw_vpn, false); /* has none */
    hybrid_check(&h);
}
END_TEST

/* A router with one BFD session on its port 0, and a port 1 without. */
typedef struct {
    FakeWorld *world;
    HsRouter *router;
    HsBfdService *service;
    HsBfdWatch *watch;
} Watched;

static void
watched_init(Watched *w)
{
    HsPrefix address = prefix_of("169.254.100.2/30");
    HsEnv *env;

    w->world = fake_world_new(1);
    env = fake_world_node(w->world, "cgw", "169.254.100.2");
    w->router = hs_router_new(env, &(HsRouterConfig){.name = "cgw"});
    w->service = hs_bfd_service_new(env, w->router);
    for (unsigned i = 0; i < 2; i++)
        hs_router_add_port(w->router,
                           &(HsPortConfig){.name = i == 0 ? "dx" : "other",
                                           .addresses = &address,
                                           .n_addresses = i == 0 ? 1 : 0});
    w->watch = hs_bfd_service_watch(
        w->service, &(HsBfdWatchConfig){.name = "dx bfd",
                                        .port = 0,
                                        .local = addr_of("169.254.100.2"),
                                        .remote = addr_of("169.254.100.1"),
                                        .interval = HS_MSEC(300),
                                        .multiplier = 3,
                                        .passive = true});
}

static void
watched_clear(Watched *w)
{
    check_router(w->router);
    hs_bfd_service_free(w->service);
    hs_router_free(w->router);
    fake_world_free(w->world);
}

static const struct {
    const char *name, *hex;
    unsigned port;
    HsBfdDrop why; /* HS_BFD_DROP_COUNT: taken */
} bfd_packets[] = {
    {"a good one", BFD_DOWN_255, 0, HS_BFD_DROP_COUNT},
    {"TTL 254 (RFC 5881 5)", BFD_DOWN_254, 0, HS_BFD_DROP_TTL},
    {"from a stranger", BFD_DOWN_STRANGER, 0, HS_BFD_DROP_SOURCE},
    {"bad UDP checksum", BFD_DOWN_BAD_SUM, 0, HS_BFD_DROP_DATAGRAM},
    {"on a port without a session", BFD_DOWN_255, 1, HS_BFD_DROP_NO_SESSION},
};

START_TEST(bfd_looks_at_the_ip_header)
{
    Watched w;

    watched_init(&w);
    inject(w.router, bfd_packets[_i].port, bfd_packets[_i].hex);
    for (unsigned why = 0; why < HS_BFD_DROP_COUNT; why++)
        ck_assert_msg(hs_bfd_service_drops(w.service, (HsBfdDrop)why) ==
                          (why == bfd_packets[_i].why ? 1 : 0),
                      "%s: %s", bfd_packets[_i].name,
                      hs_bfd_drop_name((HsBfdDrop)why));
    ck_assert_uint_eq(hs_bfd_service_dropped(w.service),
                      bfd_packets[_i].why == HS_BFD_DROP_COUNT ? 0 : 1);
    ck_assert_msg(
        bfd_session_state(hs_bfd_watch_session(w.watch)) ==
            (bfd_packets[_i].why == HS_BFD_DROP_COUNT ? BFD_INIT : BFD_DOWN),
        "%s", bfd_packets[_i].name);
    watched_clear(&w);
}
END_TEST

/* The carrier */

START_TEST(carrier_ends_bgp_after_its_delay)
{
    HYBRID(h, .bfd = HS_MSEC(300), .carrier_delay = HS_MSEC(100));

    hybrid_start(&h, CUT);
    hybrid_carrier_dx(&h, false);
    fake_world_run(h.world, CUT + HS_MSEC(99));
    expect_ways(&h, "dx");
    fake_world_run(h.world, CUT + HS_MSEC(100));
    expect_ways(&h, "tunnel");
    expect_fact(h.world, "[  20.100000000] cgw carrier dx up -> down");
    expect_fact(h.world, "[  20.100000000] dx.aws carrier dx up -> down");
    /* The carrier is the cause; BFD is told and follows. */
    expect_fact(h.world, "[  20.100000000] cgw bgp dx bgp Established -> Idle "
                         "(link down)");
    expect_fact(h.world, "[  20.100000000] cgw bfd dx bfd Up -> Down "
                         "(path down)");
    expect_no_fact(h.world, "(BFD down)");
    expect_passes(&h);
    hybrid_check(&h);
}
END_TEST

START_TEST(carrier_back_takes_the_traffic_back)
{
    HYBRID(h, .carrier_delay = HS_MSEC(100));

    hybrid_start(&h, CUT);
    hybrid_carrier_dx(&h, false);
    fake_world_run(h.world, CUT + HS_SEC(10));
    ck_assert_int_eq(state_of(h.cgw_dx), BGP_IDLE);
    hybrid_carrier_dx(&h, true);
    fake_world_run(h.world, CUT + HS_SEC(12));
    expect_fact(h.world, "[  30.100000000] cgw carrier dx down -> up");
    ck_assert_int_eq(state_of(h.cgw_dx), BGP_ESTABLISHED);
    expect_ways(&h, "dx");
    expect_passes(&h);
    hybrid_check(&h);
}
END_TEST

/* A flap shorter than the delay is nobody's business. */
START_TEST(short_flap_goes_unnoticed)
{
    HYBRID(h, .carrier_delay = HS_MSEC(500));

    hybrid_start(&h, CUT);
    hybrid_carrier_dx(&h, false);
    fake_world_run(h.world, CUT + HS_MSEC(400));
    hybrid_carrier_dx(&h, true);
    fake_world_run(h.world, CUT + HS_SEC(10));
    ck_assert_uint_eq(fake_world_count(h.world, HS_FACT_CARRIER, NULL, NULL),
                      0);
    ck_assert_int_eq(state_of(h.cgw_dx), BGP_ESTABLISHED);
    expect_ways(&h, "dx");
    expect_no_fact(h.world, "Established ->");
}
END_TEST

/* The hold timer */

START_TEST(hold_timer_finds_the_cut_without_bfd)
{
    HYBRID(h, .hold = HS_SEC(9));
    HsTime last;

    hybrid_start(&h, CUT);
    hybrid_cut_dx(&h, true);
    /* RFC 4271 4.4: keepalives come every 3 s at most, so the last one is up
     * to 3 s old. */
    fake_world_run(h.world, CUT + HS_MSEC(5990));
    ck_assert_int_eq(state_of(h.cgw_dx), BGP_ESTABLISHED);
    ck_assert_int_eq(state_of(h.aws_dx), BGP_ESTABLISHED);
    last = bgp_session_last_received(
        bgp_peer_session(hs_control_peer_bgp(h.cgw_dx)));
    fake_world_run(h.world, last + HS_SEC(9));
    ck_assert_int_ne(state_of(h.cgw_dx), BGP_ESTABLISHED);
    ck_assert_str_eq(hybrid_to_aws(&h), "tunnel");
    fake_world_run(h.world, CUT + HS_SEC(9) + HS_MSEC(10));
    expect_ways(&h, "tunnel");
    expect_fact(h.world, "cgw bgp dx bgp Established -> Idle (HoldTimer) 9s");
    expect_fact(h.world,
                "dx.aws bgp dx bgp Established -> Idle (HoldTimer) 9s");
    /* The tunnel's own session lives. */
    ck_assert_int_eq(state_of(h.cgw_vpn), BGP_ESTABLISHED);
    expect_passes(&h);
    hybrid_check(&h);
}
END_TEST

/* Graceful restart, and what BFD makes of it (RFC 5882 4.3) */

#define RESTART .graceful_restart = HS_SEC(120)

/* The control plane of the site's gateway is gone for five seconds. Its BFD,
 * without the C bit, goes along; the packets do not. */
static const struct {
    const char *name;
    HybridConfig config;
    bool stays; /* on DX, in both directions */
} restarts[] = {
    {"no BFD", {RESTART}, true},
    {"BFD that shares its fate", {RESTART, .bfd = HS_MSEC(300)}, true},
    {"BFD that does not",
     {RESTART, .bfd = HS_MSEC(300), .site_independent = true,
      .aws_independent = true},
     true},
    {"BFD first, as RFC 5882 4.3.2.2 has it",
     {RESTART, .bfd = HS_MSEC(300), .bfd_aborts_restart = true},
     false},
    {"no graceful restart", {.bfd = HS_MSEC(300)}, false},
};

START_TEST(restart_of_the_control_plane)
{
    Hybrid h __attribute__((cleanup(hybrid_clear))) = {0};
    bool stays = restarts[_i].stays;

    hybrid_init(&h, &restarts[_i].config);
    hybrid_start(&h, CUT);
    hs_customer_gateway_crash(h.cgw, false);
    for (unsigned i = 1; i <= 10; i++) {
        fake_world_run(h.world, CUT + i * HS_MSEC(500));
        if (i == 10)
            hs_customer_gateway_boot(h.cgw);
        if (!stays)
            continue;
        expect_ways(&h, "dx");
        expect_passes(&h);
    }
    fake_world_run(h.world, CUT + HS_SEC(40));
    ck_assert_msg(state_of(h.cgw_dx) == BGP_ESTABLISHED, "%s",
                  restarts[_i].name);
    expect_ways(&h, "dx");
    expect_passes(&h);
    if (stays) {
        expect_no_fact(h.world, "vgw fib 172.16.0.0/24 default dx ->");
        expect_fact(h.world, "dx.aws bgp dx bgp fresh -> stale "
                             "(the peer may be restarting)");
    } else {
        expect_fact(h.world, "vgw fib 172.16.0.0/24 default dx -> tunnel");
    }
    hybrid_check(&h);
}
END_TEST

/* The path itself is cut. What detects it in 0.9 s must not be taken for a
 * restart; where it is, packets go into a hole for the restart time. */
static const struct {
    const char *name;
    HybridConfig config;
    HsDuration least, most; /* from the cut to the tunnel, at AWS */
} holes[] = {
    {"no graceful restart at the site",
     {.bfd = HS_MSEC(300)},
     HS_MSEC(590),
     HS_MSEC(910)},
    {"graceful restart and BFD together",
     {RESTART, .bfd = HS_MSEC(300)},
     HS_MSEC(120590),
     HS_MSEC(120910)},
    {"one C bit says nothing",
     {RESTART, .bfd = HS_MSEC(300), .site_independent = true},
     HS_MSEC(120590),
     HS_MSEC(120910)},
    {"nor the other one",
     {RESTART, .bfd = HS_MSEC(300), .aws_independent = true},
     HS_MSEC(120590),
     HS_MSEC(120910)},
    {"C bits in both directions",
     {RESTART, .bfd = HS_MSEC(300), .site_independent = true,
      .aws_independent = true},
     HS_MSEC(590),
     HS_MSEC(910)},
    {"told not to wait",
     {RESTART, .bfd = HS_MSEC(300), .bfd_aborts_restart = true},
     HS_MSEC(590),
     HS_MSEC(910)},
    /* RFC 4724 4: what ends by the hold timer is no restart. */
    {"no BFD, hold 9 s",
     {RESTART, .hold = HS_SEC(9)},
     HS_MSEC(5990),
     HS_SEC(9)},
};

START_TEST(cut_with_graceful_restart)
{
    Hybrid h __attribute__((cleanup(hybrid_clear))) = {0};

    hybrid_init(&h, &holes[_i].config);
    hybrid_start(&h, CUT);
    hybrid_cut_dx(&h, true);
    fake_world_run(h.world, CUT + holes[_i].least);
    ck_assert_msg(strcmp(hybrid_to_site(&h), "dx") == 0, "%s", holes[_i].name);
    ck_assert_str_eq(hybrid_to_aws(&h), "dx");
    fake_world_run(h.world, CUT + holes[_i].most + HS_MSEC(10));
    ck_assert_msg(strcmp(hybrid_to_site(&h), "tunnel") == 0, "%s",
                  holes[_i].name);
    ck_assert_str_eq(hybrid_to_aws(&h), "tunnel");
    expect_passes(&h);
    hybrid_check(&h);
}
END_TEST

/* The peer restarts, and while it does the path fails as well: BFD that lives
 * in the forwarding plane ends the waiting (RFC 5882 4.3.1). */
START_TEST(path_fails_during_a_restart)
{
    HYBRID(h, RESTART, .bfd = HS_MSEC(300), .site_independent = true,
           .aws_independent = true);

    hybrid_start(&h, CUT);
    hs_customer_gateway_crash(h.cgw, false);
    fake_world_run(h.world, CUT + HS_SEC(2));
    ck_assert_str_eq(hybrid_to_site(&h), "dx");
    hybrid_cut_dx(&h, true);
    fake_world_run(h.world, CUT + HS_SEC(3));
    expect_fact(h.world, "dx.aws bgp dx bgp stale -> removed (BFD down)");
    ck_assert_str_eq(hybrid_to_site(&h), "tunnel");
    /* The site's own choice waits for its control plane. */
    ck_assert_str_eq(hybrid_to_aws(&h), "dx");
}
END_TEST

/* The carrier is evidence too: nothing is kept. */
START_TEST(carrier_ends_graceful_restart)
{
    HYBRID(h, RESTART, .carrier_delay = HS_MSEC(100));

    hybrid_start(&h, CUT);
    hybrid_carrier_dx(&h, false);
    fake_world_run(h.world, CUT + HS_MSEC(101));
    expect_ways(&h, "tunnel");
    expect_no_fact(h.world, "stale");
}
END_TEST

/* A gateway whose forwarding dies with its control plane says so. */
START_TEST(lost_forwarding_is_no_graceful_restart)
{
    HYBRID(h, RESTART);

    hybrid_start(&h, CUT);
    hs_customer_gateway_crash(h.cgw, true);
    fake_world_run(h.world, CUT + HS_SEC(1));
    ck_assert_str_eq(hybrid_to_aws(&h), "none");
    ck_assert_str_eq(hybrid_to_site(&h), "dx"); /* nobody has told AWS */
    hs_customer_gateway_boot(h.cgw);
    fake_world_run(h.world, CUT + HS_SEC(60));
    expect_fact(h.world, "dx.aws bgp dx bgp stale -> removed "
                         "(forwarding was not preserved)");
    expect_ways(&h, "dx");
    expect_passes(&h);
}
END_TEST

/* Strangers */

typedef struct {
    bool connected, ended;
    HsStreamEnd why;
} Caller;

static void
caller_connected(void *user_data)
{
    Caller *caller = user_data;

    caller->connected = true;
}

static void
caller_ended(void *user_data, HsStreamEnd why)
{
    Caller *caller = user_data;

    caller->ended = true;
    caller->why = why;
}

static const HsStreamEvents caller_events = {.connected = caller_connected,
                                             .ended = caller_ended};

START_TEST(strangers_connection_is_reset)
{
    HYBRID(h, .hold = HS_SEC(90));
    HsEnv *env = fake_world_node(h.world, "stranger", "169.254.100.66");
    HsAddr aws = addr_of("169.254.100.1");
    Caller caller = {0};
    HsStream *stream;

    hybrid_start(&h, READY);
    stream = hs_stream_connect(env, NULL, &aws, HS_BGP_PORT, &caller_events,
                               &caller);
    fake_world_run(h.world, READY + HS_SEC(1));
    ck_assert(caller.connected);
    ck_assert(caller.ended);
    ck_assert_int_eq(caller.why, HS_STREAM_RESET);
    ck_assert_int_eq(state_of(h.aws_dx), BGP_ESTABLISHED);
    expect_ways(&h, "dx");
    hs_stream_free(stream);
}
END_TEST

/* Nobody listens at the side that connects. */
START_TEST(site_takes_no_connection)
{
    HYBRID(h, .hold = HS_SEC(90));
    HsAddr site = addr_of("169.254.100.2");
    Caller caller = {0};
    HsStream *stream;

    hybrid_start(&h, READY);
    stream = hs_stream_connect(h.dx_env, NULL, &site, HS_BGP_PORT,
                               &caller_events, &caller);
    fake_world_run(h.world, READY + HS_SEC(1));
    ck_assert(caller.ended);
    ck_assert_int_eq(caller.why, HS_STREAM_REFUSED);
    hs_stream_free(stream);
}
END_TEST

/* RFC 4271 6.8: a second connection of the peer's own, while the first stands,
 * is closed. */
START_TEST(second_connection_loses)
{
    HYBRID(h, .hold = HS_SEC(90));
    HsAddr site = addr_of("169.254.100.2"), aws = addr_of("169.254.100.1");
    Caller caller = {0};
    HsStream *stream;

    hybrid_start(&h, READY);
    stream = hs_stream_connect(h.cgw_env, &site, &aws, HS_BGP_PORT,
                               &caller_events, &caller);
    fake_world_run(h.world, READY + HS_SEC(300));
    ck_assert(caller.ended);
    ck_assert_int_eq(state_of(h.aws_dx), BGP_ESTABLISHED);
    expect_no_fact(h.world, "Established -> Idle");
    hs_stream_free(stream);
}
END_TEST

/* Two control planes with nothing between them but a stream */

typedef struct {
    FakeWorld *world;
    HsEnv *env[2];
    HsRouter *router[2];
    HsControl *control[2];
    HsControlPeer *peer[2];
    guint changes[2];
} Pair;

static void
count_change(void *user_data, const HsPrefix *prefix,
             HsControlPeer *const *peers, unsigned n)
{
    guint *changes = user_data;

    (void)prefix;
    (void)peers;
    (void)n;
    (*changes)++;
}

static void
pair_init(Pair *p, HsControlPeerConfig config[2])
{
    static const char *const addresses[] = {"192.0.2.1", "192.0.2.2"};
    static const char *const names[] = {"a", "b"};

    p->world = fake_world_new(1);
    for (unsigned i = 0; i < 2; i++) {
        HsPrefix address = prefix_of(i == 0 ? "192.0.2.1/30" : "192.0.2.2/30");

        p->env[i] = fake_world_node(p->world, names[i], addresses[i]);
        p->router[i] =
            hs_router_new(p->env[i], &(HsRouterConfig){.name = names[i]});
        p->control[i] = hs_control_new(
            p->env[i], &(HsControlConfig){
                           .speaker = {.asn = 65001 + i, .router_id = 1 + i},
                           .best_changed = count_change,
                           .user_data = &p->changes[i]});
        config[i].name = "link";
        config[i].env = p->env[i];
        config[i].router = p->router[i];
        config[i].port = hs_router_add_port(
            p->router[i], &(HsPortConfig){.name = "link",
                                          .addresses = &address,
                                          .n_addresses = 1});
        config[i].local = addr_of(addresses[i]);
        config[i].remote = addr_of(addresses[1 - i]);
        config[i].remote_as = 65002 - i;
        config[i].preset = BGP_PRESET_FRR;
        config[i].passive = i == 1;
        if (config[i].hold == 0)
            config[i].hold = HS_SEC(90);
        p->peer[i] = hs_control_add_peer(p->control[i], &config[i]);
    }
}

static void
pair_start(Pair *p)
{
    hs_control_start(p->control[1]);
    hs_control_start(p->control[0]);
}

static void
pair_clear(Pair *p)
{
    for (unsigned i = 0; i < 2; i++) {
        hs_control_free(p->control[i]);
        hs_router_free(p->router[i]);
    }
    fake_world_free(p->world);
}

START_TEST(what_a_session_says_about_its_routes)
{
    static const uint32_t tags[] = {UINT32_C(7224) << 16 | 7300};
    HsControlPeerConfig config[2] = {{.prepend = 2,
                                      .has_med = true,
                                      .med = 77,
                                      .communities = tags,
                                      .n_communities = G_N_ELEMENTS(tags)},
                                     {.communities_preference = true}};
    HsPrefix prefix = prefix_of("172.16.0.0/24");
    const BgpRoute *best;
    g_autofree char *path = NULL;
    Pair p = {0};

    pair_init(&p, config);
    hs_control_originate(p.control[0], &prefix);
    pair_start(&p);
    fake_world_run(p.world, HS_SEC(2));
    best = bgp_speaker_best(hs_control_speaker(p.control[1]), &prefix, NULL);
    ck_assert_ptr_nonnull(best);
    path = bgp_as_path_format(best->attrs->as_path);
    ck_assert_str_eq(path, "65001 65001 65001");
    ck_assert(best->attrs->has_med);
    ck_assert_uint_eq(best->attrs->med, 77);
    ck_assert(bgp_communities_contain(best->attrs->communities, tags[0]));
    /* 7224:7300 is "high": above the 100 of those that say nothing. */
    ck_assert(best->attrs->has_local_pref);
    ck_assert_uint_gt(best->attrs->local_pref, 100);
    ck_assert_uint_eq(p.changes[1], 1);
    pair_clear(&p);
}
END_TEST

/* Direct Connect quotas: the hundredth prefix stands, the next ends it all. */
START_TEST(too_many_prefixes_end_the_session)
{
    HsControlPeerConfig config[2] = {{0}, {.max_prefixes = 100}};
    Pair p = {0};
    HsPrefix prefix;

    pair_init(&p, config);
    for (uint32_t i = 0; i < 100; i++) {
        prefix =
            (HsPrefix){.addr = hs_addr_ipv4(0x0a000000 | i << 8), .length = 24};
        hs_control_originate(p.control[0], &prefix);
    }
    pair_start(&p);
    fake_world_run(p.world, HS_SEC(2));
    ck_assert_int_eq(state_of(p.peer[1]), BGP_ESTABLISHED);
    ck_assert_uint_eq(bgp_peer_prefixes(hs_control_peer_bgp(p.peer[1])), 100);
    prefix = prefix_of("10.0.200.0/24");
    hs_control_originate(p.control[0], &prefix);
    fake_world_run(p.world, HS_SEC(3) - 1);
    /* Closed by either side within the callbacks of both streams. */
    expect_fact(p.world, "b bgp link bgp Established -> Idle");
    expect_fact(p.world, "a bgp link bgp Established -> Idle");
    ck_assert_uint_eq(bgp_peer_prefixes(hs_control_peer_bgp(p.peer[1])), 0);
    pair_clear(&p);
}
END_TEST

/* AWS's failover test: the session goes down from one side, both forget what
 * they learned, and it stays down however long the other side tries. */
START_TEST(shut_stays_shut_until_opened)
{
    HsControlPeerConfig config[2] = {{0}};
    HsPrefix prefix = prefix_of("172.16.0.0/24");
    Pair p = {0};

    pair_init(&p, config);
    hs_control_originate(p.control[0], &prefix);
    pair_start(&p);
    fake_world_run(p.world, HS_SEC(2));
    hs_control_shut(p.peer[_i], "failover test");
    fake_world_run(p.world, HS_SEC(400));
    ck_assert_int_ne(state_of(p.peer[0]), BGP_ESTABLISHED);
    ck_assert_int_ne(state_of(p.peer[1]), BGP_ESTABLISHED);
    ck_assert_uint_eq(bgp_peer_prefixes(hs_control_peer_bgp(p.peer[1])), 0);
    hs_control_open(p.peer[_i]);
    fake_world_run(p.world, HS_SEC(800));
    ck_assert_int_eq(state_of(p.peer[0]), BGP_ESTABLISHED);
    ck_assert_int_eq(state_of(p.peer[1]), BGP_ESTABLISHED);
    ck_assert_uint_eq(bgp_peer_prefixes(hs_control_peer_bgp(p.peer[1])), 1);
    pair_clear(&p);
}
END_TEST

START_TEST(bounced_comes_back_by_itself)
{
    HsControlPeerConfig config[2] = {{0}};
    Pair p = {0};

    pair_init(&p, config);
    pair_start(&p);
    fake_world_run(p.world, HS_SEC(2));
    hs_control_bounce(p.peer[_i], "MTU changed");
    fake_world_run(p.world, HS_SEC(2) + HS_MSEC(100));
    ck_assert_int_ne(state_of(p.peer[0]), BGP_ESTABLISHED);
    ck_assert_int_ne(state_of(p.peer[1]), BGP_ESTABLISHED);
    fake_world_run(p.world, HS_SEC(400));
    ck_assert_int_eq(state_of(p.peer[0]), BGP_ESTABLISHED);
    ck_assert_int_eq(state_of(p.peer[1]), BGP_ESTABLISHED);
    pair_clear(&p);
}
END_TEST

/* Announcing nothing is not losing the session; what is originated meanwhile
 * is told with the rest. */
START_TEST(announcing_can_be_stopped)
{
    HsControlPeerConfig config[2] = {{.prepend = 1}};
    HsPrefix one = prefix_of("172.16.0.0/24"), two = prefix_of("172.17.0.0/24");
    Pair p = {0};

    pair_init(&p, config);
    hs_control_originate(p.control[0], &one);
    pair_start(&p);
    fake_world_run(p.world, HS_SEC(2));
    hs_control_announce(p.peer[0], false);
    hs_control_originate(p.control[0], &two);
    fake_world_run(p.world, HS_SEC(3));
    ck_assert_int_eq(state_of(p.peer[1]), BGP_ESTABLISHED);
    ck_assert_uint_eq(bgp_peer_prefixes(hs_control_peer_bgp(p.peer[1])), 0);
    hs_control_announce(p.peer[0], true);
    fake_world_run(p.world, HS_SEC(4));
    ck_assert_uint_eq(bgp_peer_prefixes(hs_control_peer_bgp(p.peer[1])), 2);
    hs_control_withdraw(p.control[0], &one);
    fake_world_run(p.world, HS_SEC(5));
    ck_assert_uint_eq(bgp_peer_prefixes(hs_control_peer_bgp(p.peer[1])), 1);
    ck_assert_uint_eq(
        bgp_as_path_length(
            bgp_speaker_best(hs_control_speaker(p.control[1]), &two, NULL)
                ->attrs->as_path),
        2);
    pair_clear(&p);
}
END_TEST

/* The wrong AS: refused at the OPEN, again and again, and nothing learned. */
START_TEST(wrong_as_never_comes_up)
{
    HsControlPeerConfig config[2] = {{0}, {0}};
    Pair p = {0};

    pair_init(&p, config);
    hs_control_free(p.control[0]);
    p.control[0] = hs_control_new(
        p.env[0], &(HsControlConfig){.speaker = {.asn = 65099, .router_id = 1},
                                     .best_changed = count_change,
                                     .user_data = &p.changes[0]});
    p.peer[0] = hs_control_add_peer(p.control[0], &config[0]);
    pair_start(&p);
    fake_world_run(p.world, HS_SEC(60));
    expect_no_fact(p.world, "-> Established");
    ck_assert_uint_gt(fake_world_count(p.world, HS_FACT_BGP, NULL, "Connect"),
                      1);
    pair_clear(&p);
}
END_TEST

/* Freed while Established, connecting, or before its start. */
START_TEST(control_is_freed_at_any_time)
{
    static const HsTime times[] = {0, HS_USEC(500), HS_USEC(1500), HS_MSEC(3),
                                   HS_SEC(2)};
    HsControlPeerConfig config[2] = {{0}, {0}};
    Pair p = {0};

    pair_init(&p, config);
    if (_i > 0)
        pair_start(&p);
    fake_world_run(p.world, times[_i]);
    hs_control_free(p.control[0]);
    p.control[0] = NULL;
    fake_world_run(p.world, HS_SEC(10));
    ck_assert_int_ne(state_of(p.peer[1]), BGP_ESTABLISHED);
    pair_clear(&p);
}
END_TEST

static Suite *
suite(void)
{
    Suite *s = suite_create("node_control");
    TCase *tc = tcase_create("up");

    tcase_add_test(tc, sessions_come_up_and_fill_the_tables);
    tcase_add_test(tc, site_announces_its_own_routes_only);
    suite_add_tcase(s, tc);
    tc = tcase_create("bfd");
    tcase_add_test(tc, bfd_moves_the_traffic_to_the_tunnel);
    tcase_add_test(tc, healed_link_takes_the_traffic_back);
    tcase_add_test(tc, convergence_delays_the_vgw_alone);
    tcase_add_test(tc, admin_down_leaves_bgp_alone);
    tcase_add_test(tc, neighbours_down_ends_bgp);
    tcase_add_loop_test(tc, shutting_bfd_down_leaves_bgp_alone, 0, 2);
    tcase_add_loop_test(tc, bfd_looks_at_the_ip_header, 0,
                        G_N_ELEMENTS(bfd_packets));
    suite_add_tcase(s, tc);
    tc = tcase_create("carrier");
    tcase_add_test(tc, carrier_ends_bgp_after_its_delay);
    tcase_add_test(tc, carrier_back_takes_the_traffic_back);
    tcase_add_test(tc, short_flap_goes_unnoticed);
    suite_add_tcase(s, tc);
    tc = tcase_create("hold");
    tcase_add_test(tc, hold_timer_finds_the_cut_without_bfd);
    suite_add_tcase(s, tc);
    tc = tcase_create("graceful restart");
    tcase_add_loop_test(tc, restart_of_the_control_plane, 0,
                        G_N_ELEMENTS(restarts));
    tcase_add_loop_test(tc, cut_with_graceful_restart, 0, G_N_ELEMENTS(holes));
    tcase_add_test(tc, path_fails_during_a_restart);
    tcase_add_test(tc, carrier_ends_graceful_restart);
    tcase_add_test(tc, lost_forwarding_is_no_graceful_restart);
    suite_add_tcase(s, tc);
    tc = tcase_create("strangers");
    tcase_add_test(tc, strangers_connection_is_reset);
    tcase_add_test(tc, site_takes_no_connection);
    tcase_add_test(tc, second_connection_loses);
    suite_add_tcase(s, tc);
    tc = tcase_create("control");
    tcase_add_test(tc, what_a_session_says_about_its_routes);
    tcase_add_test(tc, too_many_prefixes_end_the_session);
    tcase_add_loop_test(tc, shut_stays_shut_until_opened, 0, 2);
    tcase_add_loop_test(tc, bounced_comes_back_by_itself, 0, 2);
    tcase_add_test(tc, announcing_can_be_stopped);
    tcase_add_test(tc, wrong_as_never_comes_up);
    tcase_add_loop_test(tc, control_is_freed_at_any_time, 0, 5);
    suite_add_tcase(s, tc);
    return s;
}

int
main(void)
{
    return run_suite(suite());
}
