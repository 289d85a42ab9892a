/* IKE on routers: two of them with a link of 1 ms between, a tunnel or two, and
 * whatever happens to messages and SAs on the way. */

#include "config.h"

#include "models/net/ike_service.h"
#include "models/net/ipv4.h"
#include "models/net/udp.h"
#include "tests/harness/hybrid.h"
#include "tests/harness/run.h"

#include <string.h>

#define CGW_OUTSIDE "203.0.113.1"
#define AWS_OUTSIDE "198.51.100.1"
#define PSK         "a.shared_key.of.both"

/* 100 ms before the first message; four messages of 1 ms. */
#define UP HS_MSEC(104)

typedef struct {
    HsEnv *env;
    HsRouter *router;
    HsIpsec *ipsec;
    HsIkeService *ike;
    HsIkeTunnel *tunnel[2];
    unsigned delivered; /* clear packets for the node itself */
    unsigned ike_keys, esp_keys;
} End;

typedef struct {
    FakeWorld *world;
    NodeLink link;
    End end[2]; /* 0: the customer gateway, which begins */
} Pair;

typedef struct {
    const char *psk;       /* AWS's; NULL: the right one */
    const char *offer;     /* the customer's algorithms of IKE */
    bool encap;            /* the customer insists on UDP */
    unsigned tunnels;      /* 0: one */
    HsDuration child_life; /* the customer's; 0: as the preset has it */
    uint64_t packets;      /* soft limit of the customer's SAs */
} PairConfig;

static void
take_local(void *user_data, unsigned port, HsPacket *packet)
{
    End *end = user_data;

    (void)port;
    end->delivered++;
    hs_packet_unref(packet);
}

static void
count_ike(void *user_data, const char *tunnel, const IkeKeys *keys)
{
    End *end = user_data;

    ck_assert(g_str_has_prefix(tunnel, "t"));
    ck_assert_uint_gt(keys->sk_e_length, 0);
    end->ike_keys++;
}

static void
count_esp(void *user_data, const char *tunnel, const EspSaConfig *sa)
{
    End *end = user_data;

    ck_assert(g_str_has_prefix(tunnel, "t"));
    ck_assert_uint_ge(sa->spi, ESP_SPI_MIN);
    end->esp_keys++;
}

static const HsIkeWatcher counting = {.ike = count_ike, .esp = count_esp};

static IkePolicy
policy(const char *text, IkeProtocol protocol)
{
    g_autofree char *why = NULL;
    IkePolicy parsed;

    ck_assert_msg(ike_policy_parse(text, protocol, &parsed, &why), "%s", why);
    return parsed;
}

/* The second tunnel's outside addresses end with 2. */
static HsAddr
outside(unsigned side, unsigned tunnel)
{
    HsAddr address = addr_of(side == 0 ? CGW_OUTSIDE : AWS_OUTSIDE);

    if (side == 1)
        address.bytes[3] = (uint8_t)(address.bytes[3] + tunnel);
    return address;
}

static void
add_tunnel(Pair *p, const PairConfig *config, unsigned side, unsigned tunnel)
{
    static const char *const names[] = {"t1", "t2"};
    static const char *const inside[2][2] = {
        {"169.254.10.2/30", "169.254.10.6/30"},
        {"169.254.10.1/30", "169.254.10.5/30"}};
    HsIkeTunnelConfig t = {
        .tunnel = {.name = names[tunnel],
                   .address = prefix_of(inside[side][tunnel]),
                   .outside_mtu = 1500},
        .window = 128,
        .df = ESP_DF_COPY,
    };

    ike_config_init(&t.ike, side == 0 ? IKE_PRESET_STRONGSWAN : IKE_PRESET_AWS);
    t.ike.local = outside(side, tunnel);
    t.ike.remote = outside(1 - side, tunnel);
    t.ike.psk = side == 1 && config->psk != NULL ? config->psk : PSK;
    t.ike.start = side == 0;
    if (side == 0) {
        t.ike.ike_policy = policy(
            config->offer != NULL ? config->offer : "aes256-sha256-modp2048",
            IKE_PROTOCOL_IKE);
        t.ike.child_policy = policy("aes256gcm16-modp2048", IKE_PROTOCOL_ESP);
        t.ike.force_encap = config->encap;
        t.soft.packets = config->packets;
        if (config->child_life != 0) {
            t.ike.child_lifetime = config->child_life;
            t.ike.child_margin = config->child_life / 10;
        }
    }
    p->end[side].tunnel[tunnel] = hs_ike_service_add(p->end[side].ike, &t);
}

static void
pair_init(Pair *p, const PairConfig *config)
{
    p->world = fake_world_new(1);
    node_link_init(&p->link, p->world, HS_MSEC(1));
    for (unsigned side = 0; side < 2; side++) {
        End *end = &p->end[side];
        HsPortConfig port = node_link_port(&p->link, side, "wire");
        HsPrefix own[] = {hs_prefix_of(&(HsAddr){0}),
                          hs_prefix_of(&(HsAddr){0})};
        HsPrefix all = {.addr = hs_addr_ipv4(0)};
        unsigned number;

        for (unsigned i = 0; i < 2; i++) {
            HsAddr address = outside(side, i);

            own[i] = hs_prefix_of(&address);
        }
        port.addresses = own;
        port.n_addresses = side == 0 ? 1 : 2;
        end->env = fake_world_node(p->world, side == 0 ? "cgw" : "aws",
                                   side == 0 ? CGW_OUTSIDE : AWS_OUTSIDE);
        end->router = hs_router_new(
            end->env, &(HsRouterConfig){.name = side == 0 ? "cgw" : "aws"});
        end->ipsec = hs_ipsec_new(end->env, end->router);
        end->ike = hs_ike_service_new(end->env, end->ipsec);
        hs_ike_service_set_watcher(end->ike, &counting, end);
        hs_router_set_local(end->router, take_local, end);
        number = hs_router_add_port(end->router, &port);
        node_link_join(&p->link, side, end->router, number);
        hs_router_route_set(end->router, 0, &all, &(HsNexthop){.port = number},
                            1, "static");
        for (unsigned i = 0; i < MAX(config->tunnels, 1); i++)
            add_tunnel(p, config, side, i);
    }
    hs_ike_service_start(p->end[1].ike);
    hs_ike_service_start(p->end[0].ike);
}

static void
pair_clear(Pair *p)
{
    for (unsigned side = 0; side < 2; side++) {
        hs_ike_service_free(p->end[side].ike);
        hs_ipsec_free(p->end[side].ipsec);
        hs_router_free(p->end[side].router);
    }
    node_link_clear(&p->link);
    fake_world_free(p->world);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Pair, pair_clear)

#define PAIR(p, ...)                                                           \
    g_auto(Pair) p = {0};                                                      \
    pair_init(&p, &(PairConfig){__VA_ARGS__})

static HsTunnel *
tunnel_of(Pair *p, unsigned side)
{
    return hs_ike_tunnel_ipsec(p->end[side].tunnel[0]);
}

/* A packet from SIDE to the other one, inside. */
static void
say(Pair *p, unsigned side)
{
    HsAddr from = addr_of(side == 0 ? "169.254.10.2" : "169.254.10.1");
    HsAddr to = addr_of(side == 0 ? "169.254.10.1" : "169.254.10.2");
    HsIpv4 ip = {.ttl = 64,
                 .protocol = HS_IP_UDP,
                 .source = hs_addr_to_ipv4(&from),
                 .destination = hs_addr_to_ipv4(&to)};
    HsUdpDatagram datagram = {.source_port = 1000,
                              .destination_port = 2000,
                              .payload = (const uint8_t *)"hello",
                              .length = 5};

    hs_router_originate(p->end[side].router, 0,
                        hs_udp_packet_new(&ip, &datagram));
}

static void
run_for(Pair *p, HsDuration duration)
{
    fake_world_run(p->world, fake_world_now(p->world) + duration);
}

/* The handshake */

START_TEST(four_messages_make_a_tunnel)
{
    PAIR(p, .offer = NULL);

    fake_world_run(p.world, UP - 1);
    ck_assert(!hs_tunnel_is_up(tunnel_of(&p, 0)));
    ck_assert(hs_tunnel_is_up(tunnel_of(&p, 1))); /* 1 ms before */
    fake_world_run(p.world, UP);
    ck_assert(hs_tunnel_is_up(tunnel_of(&p, 0)));
    ck_assert_uint_eq(p.link.end[0].sent, 2);
    ck_assert_uint_eq(p.link.end[1].sent, 2);
    expect_fact(p.world, "cgw tunnel t1 ike down -> negotiating (started)");
    expect_fact(p.world,
                "aws tunnel t1 ike down -> negotiating (the peer started)");
    expect_fact(p.world, "cgw tunnel t1 esp aes256-gcm16 down -> established "
                         "(authenticated) 4ms");
    ck_assert_uint_eq(
        fake_world_count(p.world, HS_FACT_TUNNEL, "t1 ike", "established"), 2);
    /* 1500 less 20, 8, 8 and 16, in fours, less 2. */
    ck_assert_uint_eq(hs_tunnel_mtu(tunnel_of(&p, 0)), 1446);
    say(&p, 0);
    say(&p, 1);
    run_for(&p, HS_MSEC(2));
    ck_assert_uint_eq(p.end[0].delivered, 1);
    ck_assert_uint_eq(p.end[1].delivered, 1);
    /* One IKE SA, and both directions of a pair, at each end. */
    for (unsigned side = 0; side < 2; side++) {
        ck_assert_uint_eq(p.end[side].ike_keys, 1);
        ck_assert_uint_eq(p.end[side].esp_keys, 2);
        check_router(p.end[side].router);
    }
}
END_TEST

/* Each message in turn is lost once: charon sends again after 4 s. */
START_TEST(a_lost_message_is_sent_again)
{
    PAIR(p, .offer = NULL);

    fake_world_run(p.world, HS_MSEC(100 + (unsigned)_i) - 1);
    p.link.cut = true;
    fake_world_run(p.world, HS_MSEC(100 + (unsigned)_i));
    p.link.cut = false;
    fake_world_run(p.world, HS_SEC(4));
    ck_assert(!hs_tunnel_is_up(tunnel_of(&p, 0)));
    fake_world_run(p.world, UP + HS_SEC(4));
    ck_assert(hs_tunnel_is_up(tunnel_of(&p, 0)));
    ck_assert_uint_eq(
        fake_world_count(p.world, HS_FACT_TUNNEL, "t1 esp", "established"), 2);
}
END_TEST

static const struct {
    const char *psk, *offer, *cause;
} misfits[] = {
    {"another.one", NULL, "AUTHENTICATION_FAILED"},
    {NULL, "aes256-sha256-curve25519", "NO_PROPOSAL_CHOSEN"},
};

START_TEST(misfits_say_why)
{
    PAIR(p, .psk = misfits[_i].psk, .offer = misfits[_i].offer);
    g_autofree char *facts = NULL;

    fake_world_run(p.world, HS_MSEC(500));
    facts = fake_world_facts_text(p.world);
    ck_assert_msg(strstr(facts, "cgw tunnel t1 ike negotiating -> down") !=
                          NULL &&
                      strstr(facts, misfits[_i].cause) != NULL,
                  "%s", facts);
    expect_no_fact(p.world, "t1 esp down -> established");
    ck_assert(!hs_tunnel_is_up(tunnel_of(&p, 0)));
}
END_TEST

/* As behind a NAT: IKE moves to port 4500, and ESP goes in UDP there. */
START_TEST(encapsulation_is_negotiated)
{
    PAIR(p, .encap = true);

    fake_world_run(p.world, UP);
    ck_assert(hs_tunnel_is_up(tunnel_of(&p, 0)));
    ck_assert_uint_eq(hs_tunnel_mtu(tunnel_of(&p, 0)), 1438);
    say(&p, 0);
    run_for(&p, HS_MSEC(2));
    ck_assert_uint_eq(p.end[1].delivered, 1);
    ck_assert_uint_eq(hs_packet_data(p.link.end[0].newest)[9], HS_IP_UDP);
    ck_assert_uint_eq(hs_packet_data(p.link.end[0].newest)[22], 4500 >> 8);
}
END_TEST

/* Two tunnels of one gateway, to two addresses: each message finds its own. */
START_TEST(messages_find_their_session)
{
    PAIR(p, .tunnels = 2);

    fake_world_run(p.world, UP);
    for (unsigned side = 0; side < 2; side++)
        for (unsigned i = 0; i < 2; i++)
            ck_assert(
                hs_tunnel_is_up(hs_ike_tunnel_ipsec(p.end[side].tunnel[i])));
    ck_assert_uint_eq(hs_ike_service_n_tunnels(p.end[0].ike), 2);
    ck_assert_uint_eq(hs_ike_service_dropped(p.end[0].ike), 0);
    /* And one of nobody's. */
    {
        HsAddr stranger = addr_of("192.0.2.7"), own = addr_of(CGW_OUTSIDE);
        HsIpv4 ip = {.ttl = 64,
                     .protocol = HS_IP_UDP,
                     .source = hs_addr_to_ipv4(&stranger),
                     .destination = hs_addr_to_ipv4(&own)};
        uint8_t nothing[28] = {1};
        HsUdpDatagram datagram = {.source_port = 500,
                                  .destination_port = 500,
                                  .payload = nothing,
                                  .length = sizeof nothing};

        hs_router_receive(p.end[0].router, 0,
                          hs_udp_packet_new(&ip, &datagram));
    }
    ck_assert_uint_eq(hs_ike_service_dropped(p.end[0].ike), 1);
}
END_TEST

/* Rekeying */

typedef struct {
    Pair *p;
    unsigned sent;
} Talk;

static void
talk(void *user_data)
{
    Talk *t = user_data;

    say(t->p, 0);
    say(t->p, 1);
    if (++t->sent < 400)
        fake_world_at(t->p->world, fake_world_now(t->p->world) + HS_USEC(250),
                      talk, t);
}

/* A packet each way every quarter of a millisecond, while either end replaces
 * the pair and then the IKE SA: all arrive. */
START_TEST(rekeying_loses_nothing)
{
    PAIR(p, .offer = NULL);
    Talk t = {.p = &p};
    unsigned side = (unsigned)_i;

    fake_world_run(p.world, HS_SEC(1));
    talk(&t);
    run_for(&p, HS_MSEC(20));
    hs_ike_tunnel_rekey(p.end[side].tunnel[0], 1);
    run_for(&p, HS_MSEC(20));
    hs_ike_tunnel_order(p.end[side].tunnel[0], ike_session_rekey_ike);
    run_for(&p, HS_SEC(20));
    ck_assert_uint_eq(t.sent, 400);
    ck_assert_uint_eq(p.end[0].delivered, 400);
    ck_assert_uint_eq(p.end[1].delivered, 400);
    ck_assert_uint_eq(
        fake_world_count(p.world, HS_FACT_TUNNEL, "t1 esp", "rekeying"), 2);
    ck_assert_uint_eq(
        fake_world_count(p.world, HS_FACT_TUNNEL, "t1 esp", "down"), 0);
    /* PFS, which IKE_AUTH has no exchange for (RFC 7296 1.2). */
    expect_fact(p.world, "t1 esp aes256-gcm16 down -> established");
    expect_fact(p.world,
                "t1 esp aes256-gcm16/modp2048 rekeying -> established");
    for (unsigned i = 0; i < 2; i++) {
        ck_assert_uint_eq(hs_tunnel_n_sas(tunnel_of(&p, i)), 1);
        ck_assert_uint_eq(p.end[i].ike_keys, 2);
        ck_assert_uint_eq(p.end[i].esp_keys, 4);
    }
}
END_TEST

/* RFC 4303 3.3.3 and lifetimes by packets: a worn pair is replaced. */
START_TEST(a_worn_pair_is_replaced)
{
    PAIR(p, .packets = 10);

    fake_world_run(p.world, HS_SEC(1));
    for (unsigned i = 0; i < 12; i++) {
        say(&p, 0);
        run_for(&p, HS_MSEC(10));
    }
    ck_assert_uint_eq(p.end[1].delivered, 12);
    ck_assert_uint_eq(
        fake_world_count(p.world, HS_FACT_TUNNEL, "t1 esp", "rekeying"), 2);
    ck_assert_uint_lt(esp_sa_counters(hs_tunnel_out(tunnel_of(&p, 0)))->packets,
                      10);
}
END_TEST

/* The end */

START_TEST(a_stop_is_told_to_the_peer)
{
    PAIR(p, .offer = NULL);

    fake_world_run(p.world, HS_SEC(1));
    hs_ike_tunnel_order(p.end[0].tunnel[0], ike_session_stop);
    run_for(&p, HS_MSEC(10));
    for (unsigned side = 0; side < 2; side++)
        ck_assert(!hs_tunnel_is_up(tunnel_of(&p, side)));
    expect_fact(p.world,
                "aws tunnel t1 esp established -> down (deleted by the peer)");
}
END_TEST

/* AWS asks only if it has sent something since (on demand, without a NAT): it
 * says a word each second into the hole, is silent for 10 s, asks three times
 * in 30 s, and the tunnel is down 40 s after the last word that came. */
START_TEST(a_dead_peer_is_given_up)
{
    PAIR(p, .offer = NULL);
    HsTime last;

    fake_world_run(p.world, HS_SEC(5));
    say(&p, 0);
    run_for(&p, HS_MSEC(2));
    last = fake_world_now(p.world) - HS_MSEC(1);
    p.link.cut = true;
    while (fake_world_now(p.world) < last + HS_SEC(40) - HS_SEC(1)) {
        run_for(&p, HS_SEC(1));
        say(&p, 1);
        ck_assert(hs_tunnel_is_up(tunnel_of(&p, 1)));
    }
    fake_world_run(p.world, last + HS_SEC(40) - 1);
    ck_assert(hs_tunnel_is_up(tunnel_of(&p, 1)));
    fake_world_run(p.world, last + HS_SEC(40));
    ck_assert(!hs_tunnel_is_up(tunnel_of(&p, 1)));
    expect_fact(p.world, "aws tunnel t1 ike established -> down (dead peer)");
    expect_fact(p.world, "aws tunnel t1 esp established -> down (dead peer)");
}
END_TEST

/* The peer crashed and lost its state; it begins anew, and the old one goes
 * (RFC 7296 2.4: INITIAL_CONTACT). */
START_TEST(a_peer_that_lost_its_state_begins_anew)
{
    PAIR(p, .offer = NULL);

    fake_world_run(p.world, HS_SEC(1));
    hs_ike_tunnel_order(p.end[0].tunnel[0], ike_session_reset);
    ck_assert(!hs_tunnel_is_up(tunnel_of(&p, 0)));
    ck_assert(hs_tunnel_is_up(tunnel_of(&p, 1)));
    hs_ike_tunnel_order(p.end[0].tunnel[0], ike_session_start);
    run_for(&p, HS_SEC(10));
    ck_assert(hs_tunnel_is_up(tunnel_of(&p, 0)));
    ck_assert_uint_eq(hs_tunnel_n_sas(tunnel_of(&p, 1)), 1);
    say(&p, 1);
    say(&p, 0);
    run_for(&p, HS_MSEC(2));
    ck_assert_uint_eq(p.end[0].delivered, 1);
    ck_assert_uint_eq(p.end[1].delivered, 1);
}
END_TEST

static Suite *
suite(void)
{
    Suite *s = suite_create("net_ike");
    TCase *tc = tcase_create("handshake");

    tcase_add_test(tc, four_messages_make_a_tunnel);
    tcase_add_loop_test(tc, a_lost_message_is_sent_again, 0, 4);
    tcase_add_loop_test(tc, misfits_say_why, 0, G_N_ELEMENTS(misfits));
    tcase_add_test(tc, encapsulation_is_negotiated);
    tcase_add_test(tc, messages_find_their_session);
    suite_add_tcase(s, tc);
    tc = tcase_create("rekey");
    tcase_add_loop_test(tc, rekeying_loses_nothing, 0, 2);
    tcase_add_test(tc, a_worn_pair_is_replaced);
    suite_add_tcase(s, tc);
    tc = tcase_create("end");
    tcase_add_test(tc, a_stop_is_told_to_the_peer);
    tcase_add_test(tc, a_dead_peer_is_given_up);
    tcase_add_test(tc, a_peer_that_lost_its_state_begins_anew);
    suite_add_tcase(s, tc);
    return s;
}

int
main(void)
{
    return run_suite(suite());
}
