/* Packets in the tunnel: both ways, at the edge of its MTU, and those that the
 * tunnel does not take. Direct Connect is cut from the beginning, so everything
 * between the site and the VPC goes by the tunnel. */

#include "config.h"

#include "models/net/ipv4.h"
#include "models/net/udp.h"
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

/* SYNs of the same hosts with MSS 1460. */
#define SYN_FROM_LAN                                                           \
    "4500002c 00014000 400684a7 ac10000a 0a00000a 9c401538 11223344 "          \
    "00000000 6002faf0 f1320000 020405b4"
#define SYN_FROM_VPC                                                           \
    "4500002c 00014000 400684a7 0a00000a ac10000a 9c401538 11223344 "          \
    "00000000 6002faf0 f1320000 020405b4"

/* AES-CBC with HMAC-SHA1-96 on a path of 1500 bytes: outer header 20, ESP 8,
 * IV 16, ICV 12 leave 1444, of which whole blocks are 1440, less the pad length
 * and next header. NAT-T takes 8 more: 1424 - 2. */
#define MTU        1438
#define MTU_NAT_T  1422

#define READY      HS_SEC(5)
#define IP_AT(p)   (hs_packet_data(p))
#define LENGTH_AT  2
#define TTL_AT     8
#define PROTOCOL   9
#define SYN_MSS_AT 42

static void
start(Hybrid *h)
{
    hybrid_cut_dx(h, true);
    hybrid_start(h, READY);
    ck_assert_str_eq(hybrid_to_aws(h), "tunnel");
    ck_assert_str_eq(hybrid_to_site(h), "tunnel");
}

static void
settle(Hybrid *h)
{
    fake_world_run(h->world, fake_world_now(h->world) + HS_MSEC(20));
    hybrid_check(h);
}

static const HsPacket *
only(const GPtrArray *inbox)
{
    ck_assert_uint_eq(inbox->len, 1);
    return inbox->pdata[0];
}

static unsigned
u16_at(const HsPacket *packet, size_t offset)
{
    const uint8_t *at = hs_packet_data(packet) + offset;

    ck_assert_uint_ge(hs_packet_length(packet), offset + 2);
    return (unsigned)at[0] << 8 | at[1];
}

/* A UDP packet of LENGTH bytes. */
static HsPacket *
sized(bool from_lan, size_t length, bool df)
{
    HsAddr lan = addr_of("172.16.0.10"), vpc = addr_of("10.0.0.10");
    g_autofree uint8_t *payload = g_malloc0(length);
    HsIpv4 ip = {.ttl = 64, .protocol = HS_IP_UDP, .id = 7};
    HsUdpDatagram datagram = {
        .source_port = 1000,
        .destination_port = 2000,
        .payload = payload,
        .length = length - HS_IPV4_HEADER - HS_UDP_HEADER,
    };

    ip.source = hs_addr_to_ipv4(from_lan ? &lan : &vpc);
    ip.destination = hs_addr_to_ipv4(from_lan ? &vpc : &lan);
    ip.fragment = df ? HS_IPV4_DF : 0;
    return hs_udp_packet_new(&ip, &datagram);
}

static const EspCounters *
site_counters(Hybrid *h)
{
    return hs_ipsec_counters(hs_customer_gateway_ipsec(h->cgw));
}

/* On the way */

static const struct {
    bool nat_t;
    uint8_t protocol;
} wires[] = {{false, HS_IP_ESP}, {true, HS_IP_UDP}};

START_TEST(packets_pass_both_ways)
{
    HYBRID(h, .nat_t = wires[_i].nat_t);
    const HsPacket *packet;

    start(&h);
    hybrid_from_lan(&h, HELLO);
    hybrid_from_vpc(&h, WORLD);
    settle(&h);

    /* Three routers: cgw, vpn.aws, vgw. Nothing else about it has changed. */
    packet = only(h.vpc.end[0].inbox);
    ck_assert_uint_eq(hs_packet_length(packet), 33);
    ck_assert_uint_eq(IP_AT(packet)[TTL_AT], 64 - 3);
    ck_assert_mem_eq(IP_AT(packet) + 28, "hello", 5);
    packet = only(h.lan.end[0].inbox);
    ck_assert_uint_eq(IP_AT(packet)[TTL_AT], 64 - 3);
    ck_assert_mem_eq(IP_AT(packet) + 28, "world", 5);

    for (unsigned end = 0; end < 2; end++) {
        packet = h.internet.end[end].newest;
        ck_assert_uint_eq(h.internet.end[end].sent, 1);
        ck_assert_uint_eq(IP_AT(packet)[PROTOCOL], wires[_i].protocol);
        if (wires[_i].nat_t) {
            ck_assert_uint_eq(u16_at(packet, 20), ESP_NATT_PORT);
            ck_assert_uint_eq(u16_at(packet, 22), ESP_NATT_PORT);
        }
        /* Not one byte in clear. */
        ck_assert_ptr_null(memmem(hs_packet_data(packet),
                                  hs_packet_length(packet),
                                  end == 0 ? "hello" : "world", 5));
    }
    ck_assert_uint_eq(esp_sa_counters(hs_tunnel_in(h.aws_tunnel))->packets, 1);
    ck_assert_uint_eq(esp_sa_counters(hs_tunnel_out(h.aws_tunnel))->packets, 1);
}
END_TEST

/* The MTU */

START_TEST(port_has_the_mtu_that_fits)
{
    HYBRID(h, .nat_t = wires[_i].nat_t);

    ck_assert_uint_eq(hs_tunnel_mtu(h.aws_tunnel),
                      wires[_i].nat_t ? MTU_NAT_T : MTU);
}
END_TEST

START_TEST(largest_packet_fits_exactly)
{
    HYBRID(h, .nat_t = wires[_i].nat_t);
    size_t mtu = wires[_i].nat_t ? MTU_NAT_T : MTU;

    start(&h);
    node_link_send(&h.lan, 0, sized(true, mtu, true));
    node_link_send(&h.vpc, 0, sized(false, mtu, true));
    settle(&h);
    ck_assert_uint_eq(hs_packet_length(only(h.vpc.end[0].inbox)), mtu);
    ck_assert_uint_eq(hs_packet_length(only(h.lan.end[0].inbox)), mtu);
    /* The largest multiple of the block that is no larger than the path. */
    ck_assert_uint_gt(hs_packet_length(h.internet.end[0].newest), 1500 - 16);
    ck_assert_uint_le(hs_packet_length(h.internet.end[0].newest), 1500);
}
END_TEST

/* RFC 1191 4: the customer gateway tells the sender what fits. */
START_TEST(site_answers_what_is_too_large)
{
    HYBRID(h, .hold = HS_SEC(90));
    const HsPacket *answer;

    start(&h);
    node_link_send(&h.lan, 0, sized(true, MTU + 1, true));
    settle(&h);
    ck_assert_uint_eq(h.vpc.end[0].inbox->len, 0);
    ck_assert_uint_eq(h.internet.end[0].sent, 0);
    answer = only(h.lan.end[0].inbox);
    ck_assert_uint_eq(IP_AT(answer)[PROTOCOL], HS_IP_ICMP);
    ck_assert_uint_eq(IP_AT(answer)[20], 3);
    ck_assert_uint_eq(IP_AT(answer)[21], 4);
    ck_assert_uint_eq(u16_at(answer, 26), MTU);
}
END_TEST

/* VPN user guide: AWS has no path MTU discovery; the packet is just gone. */
START_TEST(aws_says_nothing)
{
    HYBRID(h, .hold = HS_SEC(90));
    HsRouterCounters counters;

    start(&h);
    node_link_send(&h.vpc, 0, sized(false, MTU + 1, true));
    settle(&h);
    ck_assert_uint_eq(h.lan.end[0].inbox->len, 0);
    ck_assert_uint_eq(h.vpc.end[0].inbox->len, 0);
    ck_assert_uint_eq(h.internet.end[1].sent, 0);
    counters = hs_router_counters(hs_vpn_endpoint_router(h.vpn_aws));
    ck_assert_uint_eq(counters.drops[HS_DROP_TOO_BIG], 1);
    ck_assert_uint_eq(counters.icmp_sent, 0);
}
END_TEST

/* Without DF it is cut before it is encrypted: two whole outer packets. */
START_TEST(fragments_are_made_inside)
{
    HYBRID(h, .hold = HS_SEC(90));
    bool from_lan = _i == 0;
    NodeLink *to = from_lan ? &h.vpc : &h.lan;
    unsigned end = from_lan ? 0 : 1;

    start(&h);
    node_link_send(from_lan ? &h.lan : &h.vpc, 0,
                   sized(from_lan, MTU + 1, false));
    settle(&h);
    ck_assert_uint_eq(h.internet.end[end].sent, 2);
    ck_assert_uint_eq(u16_at(h.internet.end[end].newest, 6) & 0x3fff, 0);
    ck_assert_uint_eq(to->end[0].inbox->len, 2);
    ck_assert_uint_eq(u16_at(to->end[0].inbox->pdata[0], 6), HS_IPV4_MF);
    /* Both headers, and the payload once. */
    ck_assert_uint_eq(u16_at(to->end[0].inbox->pdata[0], LENGTH_AT) +
                          u16_at(to->end[0].inbox->pdata[1], LENGTH_AT),
                      MTU + 1 + 20);
}
END_TEST

/* SYNs that pass the LAN are clamped, whichever way they take later. */
static const struct {
    bool clamp, tunnel, from_lan;
    unsigned mss;
} syns[] = {
    {true, true, true, MTU - 40},  {true, true, false, MTU - 40},
    {true, false, true, MTU - 40}, {true, false, false, MTU - 40},
    {false, true, true, 1460},     {false, true, false, 1460},
};

START_TEST(syns_are_clamped_on_the_lan)
{
    HYBRID(h, .clamp_mss = syns[_i].clamp);

    if (syns[_i].tunnel)
        start(&h);
    else
        hybrid_start(&h, READY);
    if (syns[_i].from_lan)
        hybrid_from_lan(&h, SYN_FROM_LAN);
    else
        hybrid_from_vpc(&h, SYN_FROM_VPC);
    settle(&h);
    ck_assert_uint_eq(u16_at(only(syns[_i].from_lan ? h.vpc.end[0].inbox
                                                    : h.lan.end[0].inbox),
                             SYN_MSS_AT),
                      syns[_i].mss);
}
END_TEST

/* What no tunnel takes */

/* From AWS's outside address to the site's: SPI 0xdeadbeef; a NAT keepalive. */
#define UNKNOWN_SPI                                                            \
    "45000044 00090000 40321449 c6336401 cb007101 deadbeef 00000001 "          \
    "00000000 00000000 00000000 00000000 00000000 00000000 00000000 "          \
    "00000000 00000000 00000000"
#define NAT_KEEPALIVE                                                          \
    "4500001d 00090000 40111491 c6336401 cb007101 11941194 0009777c ff"

static const struct {
    const char *hex;
    EspDrop why;
} strangers[] = {
    {UNKNOWN_SPI, ESP_DROP_NO_SA},
    {NAT_KEEPALIVE, ESP_DROP_KEEPALIVE},
};

START_TEST(strange_packets_are_counted)
{
    HYBRID(h, .hold = HS_SEC(90));
    g_autoptr(GBytes) bytes = hex_bytes(strangers[_i].hex);

    start(&h);
    node_link_send(
        &h.internet, 1,
        hs_packet_new(g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes)));
    settle(&h);
    ck_assert_uint_eq(site_counters(&h)->drops[strangers[_i].why], 1);
    ck_assert_uint_eq(h.lan.end[0].inbox->len, 0);
}
END_TEST

START_TEST(replayed_packet_is_refused)
{
    HYBRID(h, .hold = HS_SEC(90));
    const HsPacket *seen;

    start(&h);
    hybrid_from_lan(&h, HELLO);
    settle(&h);
    seen = h.internet.end[0].newest;
    node_link_send(&h.internet, 0,
                   hs_packet_new(hs_packet_data(seen), hs_packet_length(seen)));
    settle(&h);
    only(h.vpc.end[0].inbox);
    ck_assert_uint_eq(
        esp_sa_counters(hs_tunnel_in(h.aws_tunnel))->drops[ESP_DROP_REPLAY], 1);
}
END_TEST

/* One bit of the encrypted part: the integrity check finds it. */
START_TEST(changed_packet_is_refused)
{
    HYBRID(h, .hold = HS_SEC(90));
    HsPacket *changed;

    start(&h);
    h.internet.cut = true;
    hybrid_from_lan(&h, HELLO);
    settle(&h);
    h.internet.cut = false;
    changed = hs_packet_new(hs_packet_data(h.internet.end[0].newest),
                            hs_packet_length(h.internet.end[0].newest));
    hs_packet_bytes(changed)[60] ^= 1;
    node_link_send(&h.internet, 0, changed);
    settle(&h);
    ck_assert_uint_eq(h.vpc.end[0].inbox->len, 0);
    ck_assert_uint_eq(
        esp_sa_counters(hs_tunnel_in(h.aws_tunnel))->drops[ESP_DROP_INTEGRITY],
        1);
}
END_TEST

/* The outside is a VRF of its own: clear text that comes from the internet for
 * a host of the site does not get in. */
START_TEST(clear_text_from_outside_stays_out)
{
    HYBRID(h, .hold = HS_SEC(90));
    g_autoptr(GBytes) bytes = hex_bytes(WORLD);

    start(&h);
    node_link_send(
        &h.internet, 1,
        hs_packet_new(g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes)));
    settle(&h);
    ck_assert_uint_eq(h.lan.end[0].inbox->len, 0);
}
END_TEST

/* SAs that come and go */

#define NEW_TO_AWS  0x1111
#define NEW_TO_SITE 0x2222

/* A tunnel without SAs is a port that is down: what is routed into it is
 * dropped by name, and BGP in it waits for them. */
START_TEST(nothing_passes_without_sas)
{
    HYBRID(h, .no_sas = true);
    HybridConfig config = {0};
    HsRouterCounters counters;

    hybrid_cut_dx(&h, true);
    hybrid_start(&h, READY);
    ck_assert(!hs_tunnel_is_up(h.cgw_tunnel));
    ck_assert_ptr_null(hs_tunnel_out(h.aws_tunnel));
    ck_assert_str_eq(hybrid_to_aws(&h), "none");
    node_link_send(&h.vpn_backbone, 1, sized(false, 100, true));
    settle(&h);
    counters = hs_router_counters(hs_vpn_endpoint_router(h.vpn_aws));
    ck_assert_uint_eq(counters.drops[HS_DROP_PORT_DOWN], 1);

    hybrid_add_sas(&h, &config, 2, NEW_TO_AWS, NEW_TO_SITE);
    ck_assert(!hs_tunnel_is_up(h.cgw_tunnel));
    ck_assert(hs_tunnel_send_on(h.aws_tunnel, 2));
    ck_assert(hs_tunnel_send_on(h.cgw_tunnel, 2));
    ck_assert(!hs_tunnel_send_on(h.cgw_tunnel, 3));
    hs_control_tunnel(h.aws_vpn, true);
    hs_control_tunnel(h.cgw_vpn, true);
    fake_world_run(h.world, fake_world_now(h.world) + HS_SEC(5));
    ck_assert_str_eq(hybrid_to_aws(&h), "tunnel");
    ck_assert_str_eq(hybrid_to_site(&h), "tunnel");
}
END_TEST

/* The tunnel goes: the session with it at once, not by its hold time. */
START_TEST(routes_go_with_the_tunnel)
{
    HYBRID(h, .hold = HS_SEC(90));

    start(&h);
    ck_assert(hs_tunnel_remove_sas(h.cgw_tunnel, 1));
    ck_assert(hs_tunnel_remove_sas(h.aws_tunnel, 1));
    ck_assert(!hs_tunnel_remove_sas(h.aws_tunnel, 1));
    hs_control_tunnel(h.cgw_vpn, false);
    hs_control_tunnel(h.aws_vpn, false);
    settle(&h);
    ck_assert(!hs_tunnel_is_up(h.cgw_tunnel));
    ck_assert_uint_eq(hs_tunnel_n_sas(h.cgw_tunnel), 0);
    ck_assert_str_eq(hybrid_to_aws(&h), "none");
    ck_assert_str_eq(hybrid_to_site(&h), "none");
    expect_fact(h.world, "bgp tunnel bgp Established -> Idle (link down)");
}
END_TEST

static uint32_t
spi_of(const HsPacket *packet)
{
    return (uint32_t)u16_at(packet, 20) << 16 | u16_at(packet, 22);
}

/* Both are accepted; what is sent takes the one that was told last. */
START_TEST(old_and_new_pair_overlap)
{
    HybridConfig config = {.hold = HS_SEC(90)};
    HYBRID(h, .hold = HS_SEC(90));

    start(&h);
    hybrid_add_sas(&h, &config, 2, NEW_TO_AWS, NEW_TO_SITE);
    ck_assert(hs_tunnel_send_on(h.cgw_tunnel, 2));
    hybrid_from_vpc(&h, WORLD);
    hybrid_from_lan(&h, HELLO);
    settle(&h);
    ck_assert_uint_eq(spi_of(h.internet.end[1].newest), HYBRID_SPI_TO_SITE);
    ck_assert_uint_eq(spi_of(h.internet.end[0].newest), NEW_TO_AWS);
    ck_assert(hs_tunnel_send_on(h.aws_tunnel, 2));
    hybrid_from_vpc(&h, WORLD);
    settle(&h);
    ck_assert_uint_eq(spi_of(h.internet.end[1].newest), NEW_TO_SITE);
    ck_assert_uint_eq(h.lan.end[0].inbox->len, 2);
    ck_assert_uint_eq(h.vpc.end[0].inbox->len, 1);
}
END_TEST

/* What left by the old pair before that was removed, and is late. The counters
 * of a pair that is gone still count. */
START_TEST(a_removed_pair_takes_nothing)
{
    HybridConfig config = {.hold = HS_SEC(90)};
    HYBRID(h, .hold = HS_SEC(90));
    const EspCounters *strangers_there =
        hs_ipsec_counters(hs_vpn_endpoint_ipsec(h.vpn_aws));

    start(&h);
    hybrid_from_lan(&h, HELLO);
    settle(&h);
    hybrid_add_sas(&h, &config, 2, NEW_TO_AWS, NEW_TO_SITE);
    ck_assert(hs_tunnel_send_on(h.aws_tunnel, 2));
    ck_assert(hs_tunnel_remove_sas(h.aws_tunnel, 1));
    ck_assert(hs_tunnel_is_up(h.aws_tunnel));
    ck_assert_uint_eq(hs_tunnel_n_sas(h.aws_tunnel), 1);
    hybrid_from_lan(&h, HELLO);
    settle(&h);
    ck_assert_uint_eq(h.vpc.end[0].inbox->len, 1);
    ck_assert_uint_eq(strangers_there->drops[ESP_DROP_NO_SA], 1);
    ck_assert_uint_eq(hs_tunnel_counters(h.aws_tunnel).in.packets, 1);
}
END_TEST

typedef struct {
    Hybrid *h;
    unsigned step;
} Rekeying;

/* A packet each way every half a millisecond, on links of one; in the middle
 * the SAs are replaced, in the order in which IKE's messages would do it. */
static void
rekey_step(void *user_data)
{
    static const HybridConfig config = {0};
    Rekeying *r = user_data;
    Hybrid *h = r->h;
    EspSaConfig to_aws = hybrid_sa(&config, true, NEW_TO_AWS);
    EspSaConfig to_site = hybrid_sa(&config, false, NEW_TO_SITE);

    node_link_send(&h->lan, 0, sized(true, 100, true));
    node_link_send(&h->vpc, 0, sized(false, 100, true));
    switch (r->step++) {
    case 20: /* the request arrives at AWS */
        ck_assert(hs_tunnel_add_sas(h->aws_tunnel, 2, &to_aws, &to_site));
        break;
    case 22: /* its answer arrives at the site */
        ck_assert(hs_tunnel_add_sas(h->cgw_tunnel, 2, &to_site, &to_aws));
        ck_assert(hs_tunnel_send_on(h->cgw_tunnel, 2));
        break;
    case 24: /* and so does what the site sends on the new pair */
        ck_assert(hs_tunnel_send_on(h->aws_tunnel, 2));
        break;
    case 40: /* what was under way on the old one has arrived */
        ck_assert(hs_tunnel_remove_sas(h->aws_tunnel, 1));
        ck_assert(hs_tunnel_remove_sas(h->cgw_tunnel, 1));
        break;
    }
    if (r->step < 60)
        fake_world_at(h->world, fake_world_now(h->world) + HS_USEC(500),
                      rekey_step, r);
}

START_TEST(rekeying_loses_nothing)
{
    HYBRID(h, .hold = HS_SEC(90));
    Rekeying r = {.h = &h};

    start(&h);
    rekey_step(&r);
    fake_world_run(h.world, fake_world_now(h.world) + HS_SEC(1));
    hybrid_check(&h);
    ck_assert_uint_eq(r.step, 60);
    ck_assert_uint_eq(h.vpc.end[0].inbox->len, 60);
    ck_assert_uint_eq(h.lan.end[0].inbox->len, 60);
    ck_assert_uint_eq(hs_tunnel_counters(h.aws_tunnel).in.packets, 60);
    ck_assert_uint_eq(hs_tunnel_counters(h.aws_tunnel).out.packets, 60);
    ck_assert_uint_gt(esp_sa_counters(hs_tunnel_in(h.aws_tunnel))->packets, 30);
}
END_TEST

START_TEST(an_spi_is_not_taken_twice)
{
    HYBRID(h, .hold = HS_SEC(90));
    HybridConfig config = {0};
    EspSaConfig in = hybrid_sa(&config, false, HYBRID_SPI_TO_SITE);
    EspSaConfig out = hybrid_sa(&config, true, NEW_TO_AWS);
    const HsIpsec *ipsec = hs_customer_gateway_ipsec(h.cgw);
    HsAddr elsewhere = addr_of("203.0.113.99");

    ck_assert(hs_ipsec_has_spi(ipsec, in.spi, &in.destination));
    ck_assert(!hs_ipsec_has_spi(ipsec, in.spi, &elsewhere));
    ck_assert(!hs_tunnel_add_sas(h.cgw_tunnel, 2, &in, &out));
    ck_assert_uint_eq(hs_tunnel_n_sas(h.cgw_tunnel), 1);
    ck_assert_uint_eq(esp_sa_config(hs_tunnel_out(h.cgw_tunnel))->spi,
                      HYBRID_SPI_TO_AWS);
}
END_TEST

/* GCM-16 on a path of 1500: 20, 8, IV 8, ICV 16 leave 1448, less 2 (VPN user
 * guide: 1446). */
START_TEST(mtu_follows_the_suite)
{
    HYBRID(h, .hold = HS_SEC(90));
    HybridConfig config = {0};
    EspSaConfig in = hybrid_sa(&config, false, NEW_TO_SITE);
    EspSaConfig out = hybrid_sa(&config, true, NEW_TO_AWS);

    in.suite = out.suite = ESP_SUITE_AES256_GCM16;
    ck_assert_uint_eq(hs_tunnel_mtu(h.cgw_tunnel), MTU);
    ck_assert(hs_tunnel_add_sas(h.cgw_tunnel, 2, &in, &out));
    ck_assert_uint_eq(hs_tunnel_mtu(h.cgw_tunnel), MTU);
    ck_assert(hs_tunnel_send_on(h.cgw_tunnel, 2));
    ck_assert_uint_eq(hs_tunnel_mtu(h.cgw_tunnel), 1446);
}
END_TEST

typedef struct {
    unsigned received, sent, worn, moved;
    unsigned id; /* of the last */
    HsAddr peer;
    uint16_t port;
} News;

static void
note_received(void *user_data, unsigned id)
{
    News *news = user_data;

    news->received++;
    news->id = id;
}

static void
note_sent(void *user_data)
{
    ((News *)user_data)->sent++;
}

static void
note_worn(void *user_data, unsigned id)
{
    News *news = user_data;

    news->worn++;
    news->id = id;
}

static void
note_moved(void *user_data, unsigned id, const HsAddr *peer, uint16_t port)
{
    News *news = user_data;

    news->moved++;
    news->id = id;
    news->peer = *peer;
    news->port = port;
}

static const HsTunnelEvents note = {
    .received = note_received,
    .sent = note_sent,
    .worn = note_worn,
    .moved = note_moved,
};

/* Either direction wears the pair out, and that is said once. */
START_TEST(a_worn_pair_is_told_once)
{
    News news = {0};
    HYBRID(h, .hold = HS_SEC(90), .events = &note, .events_data = &news,
           .packets_max = 3);

    start(&h);
    for (unsigned i = 0; i < 5; i++) {
        ck_assert_uint_eq(news.worn, i >= 3);
        if (_i == 0)
            hybrid_from_lan(&h, HELLO);
        else
            hybrid_from_vpc(&h, WORLD);
        settle(&h);
    }
    ck_assert_uint_eq(news.worn, 1);
    ck_assert_uint_eq(news.id, 1);
}
END_TEST

/* RFC 7296 2.23, RFC 3948 4: what AWS sends comes from another port, as behind
 * a NAT that forgot its mapping. An older packet that comes later says nothing
 * new, and neither does one that was not authentic. */
START_TEST(a_moved_peer_is_told)
{
    News news = {0};
    HYBRID(h, .hold = HS_SEC(90), .nat_t = true, .events = &note,
           .events_data = &news);
    HsAddr aws = addr_of("198.51.100.1");
    HsPacket *packets[3];

    start(&h);
    hybrid_from_vpc(&h, WORLD);
    settle(&h);
    ck_assert_uint_eq(news.moved, 0);
    h.internet.cut = true;
    for (unsigned i = 0; i < 3; i++) {
        hybrid_from_vpc(&h, WORLD);
        settle(&h);
        packets[i] = hs_packet_new(hs_packet_data(h.internet.end[1].newest),
                                   hs_packet_length(h.internet.end[1].newest));
    }
    h.internet.cut = false;
    hs_packet_bytes(packets[1])[20] = 0x30; /* source port 0x3094 */
    hs_packet_bytes(packets[2])[20] = 0x40;
    hs_packet_bytes(packets[2])[60] ^= 1;
    node_link_send(&h.internet, 1, packets[2]);
    settle(&h);
    ck_assert_uint_eq(news.moved, 0);
    node_link_send(&h.internet, 1, packets[1]);
    settle(&h);
    ck_assert_uint_eq(news.moved, 1);
    ck_assert(hs_addr_equal(&news.peer, &aws));
    ck_assert_uint_eq(news.port, 0x3094);
    ck_assert(hs_tunnel_set_peer(h.cgw_tunnel, news.id, &news.peer, news.port));
    ck_assert(!hs_tunnel_set_peer(h.cgw_tunnel, 2, &news.peer, news.port));
    node_link_send(&h.internet, 1, packets[0]); /* from the old one */
    settle(&h);
    ck_assert_uint_eq(news.moved, 1);
    ck_assert_uint_eq(h.lan.end[0].inbox->len, 3);

    hybrid_from_lan(&h, HELLO);
    settle(&h);
    ck_assert_uint_eq(u16_at(h.internet.end[0].newest, 22), 0x3094);
}
END_TEST

/* What dead peer detection goes by: authentic packets only. */
START_TEST(traffic_is_told)
{
    News news = {0};
    HYBRID(h, .hold = HS_SEC(90), .events = &note, .events_data = &news);
    HybridConfig config = {0};
    const HsPacket *seen;

    start(&h);
    hybrid_from_lan(&h, HELLO);
    hybrid_from_lan(&h, HELLO);
    settle(&h);
    ck_assert_uint_eq(news.sent, 2);
    ck_assert_uint_eq(news.received, 0);
    hybrid_add_sas(&h, &config, 2, NEW_TO_AWS, NEW_TO_SITE);
    ck_assert(hs_tunnel_send_on(h.aws_tunnel, 2));
    hybrid_from_vpc(&h, WORLD);
    settle(&h);
    ck_assert_uint_eq(news.received, 1);
    ck_assert_uint_eq(news.id, 2);
    seen = h.internet.end[1].newest;
    node_link_send(&h.internet, 1,
                   hs_packet_new(hs_packet_data(seen), hs_packet_length(seen)));
    settle(&h);
    ck_assert_uint_eq(news.received, 1); /* a replay is nobody's life */
}
END_TEST

static void
take_ike(void *user_data, unsigned port, HsPacket *packet)
{
    unsigned *count = user_data;

    (void)port;
    ck_assert_uint_eq(hs_packet_length(packet), 20 + 8 + 4 + 28);
    (*count)++;
    hs_packet_unref(packet);
}

/* RFC 3948 2.2: four zeros in front, an IKE header of 28 behind them. */
#define IKE_ON_4500                                                            \
    "4500003c 00090000 40111472 c6336401 cb007101 11941194 00280000 "          \
    "00000000 01020304 05060708 00000000 00000000 21202208 00000000 "          \
    "0000001c"

START_TEST(ike_on_4500_is_handed_on)
{
    HYBRID(h, .hold = HS_SEC(90));
    unsigned count = 0;

    start(&h);
    for (unsigned i = 0; i < 2; i++) {
        g_autoptr(GBytes) bytes = hex_bytes(IKE_ON_4500);

        if (i == 1)
            hs_ipsec_set_ike(hs_customer_gateway_ipsec(h.cgw), take_ike,
                             &count);
        node_link_send(&h.internet, 1,
                       hs_packet_new(g_bytes_get_data(bytes, NULL),
                                     g_bytes_get_size(bytes)));
        settle(&h);
        ck_assert_uint_eq(count, i);
    }
}
END_TEST

static Suite *
suite(void)
{
    Suite *s = suite_create("node_ipsec");
    TCase *tc = tcase_create("way");

    tcase_add_loop_test(tc, packets_pass_both_ways, 0, 2);
    suite_add_tcase(s, tc);
    tc = tcase_create("mtu");
    tcase_add_loop_test(tc, port_has_the_mtu_that_fits, 0, 2);
    tcase_add_loop_test(tc, largest_packet_fits_exactly, 0, 2);
    tcase_add_test(tc, site_answers_what_is_too_large);
    tcase_add_test(tc, aws_says_nothing);
    tcase_add_loop_test(tc, fragments_are_made_inside, 0, 2);
    tcase_add_loop_test(tc, syns_are_clamped_on_the_lan, 0, G_N_ELEMENTS(syns));
    suite_add_tcase(s, tc);
    tc = tcase_create("refused");
    tcase_add_loop_test(tc, strange_packets_are_counted, 0,
                        G_N_ELEMENTS(strangers));
    tcase_add_test(tc, replayed_packet_is_refused);
    tcase_add_test(tc, changed_packet_is_refused);
    tcase_add_test(tc, clear_text_from_outside_stays_out);
    suite_add_tcase(s, tc);
    tc = tcase_create("sas");
    tcase_add_test(tc, nothing_passes_without_sas);
    tcase_add_test(tc, routes_go_with_the_tunnel);
    tcase_add_test(tc, old_and_new_pair_overlap);
    tcase_add_test(tc, a_removed_pair_takes_nothing);
    tcase_add_test(tc, rekeying_loses_nothing);
    tcase_add_test(tc, an_spi_is_not_taken_twice);
    tcase_add_test(tc, mtu_follows_the_suite);
    suite_add_tcase(s, tc);
    tc = tcase_create("news");
    tcase_add_loop_test(tc, a_worn_pair_is_told_once, 0, 2);
    tcase_add_test(tc, a_moved_peer_is_told);
    tcase_add_test(tc, traffic_is_told);
    tcase_add_test(tc, ike_on_4500_is_handed_on);
    suite_add_tcase(s, tc);
    return s;
}

int
main(void)
{
    return run_suite(suite());
}
