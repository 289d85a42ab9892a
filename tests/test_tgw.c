/* A transit gateway and what hangs on it: association, propagation, static and
 * black hole routes, what VPNs are told, who shares the load, limits, and what
 * becomes of packets (Transit gateway guide, "How transit gateways work" and
 * "Quotas"; Site-to-Site VPN guide, "Quotas"). */

#include "config.h"

#include "models/aws/tgw.h"
#include "models/aws/tgw_routes.h"
#include "models/net/ipv4.h"
#include "tests/harness/aws_sites.h"
#include "tests/harness/hybrid.h"
#include "tests/harness/node_link.h"
#include "tests/harness/run.h"

#include <string.h>

#define SITE "172.16.0.0/24"
#define APP  "10.0.0.0/16"
#define WEB  "10.1.0.0/16"

static AwsSites sites;
static HsTgw *tgw;
static HsAwsGateway *gateway;

static void
make(bool vpn_ecmp)
{
    aws_sites_init(&sites);
    tgw = hs_tgw_new(fake_world_node(sites.world, "tgw", "10.255.0.1"),
                     &(HsTgwConfig){.name = "tgw",
                                    .asn = 64512,
                                    .router_id = addr_of("10.255.0.1"),
                                    .vpn_ecmp = vpn_ecmp});
    gateway = hs_tgw_gateway(tgw);
}

static void
set_up(void)
{
    make(true);
}

static void
tear_down(void)
{
    hs_tgw_free(tgw);
    aws_sites_clear(&sites);
}

static unsigned
default_table(void)
{
    return hs_tgw_add_table(tgw, &(HsTgwTableConfig){.name = "default",
                                                     .associate_all = true,
                                                     .propagate_all = true});
}

/* Words apart by spaces; NULL: none. */
static unsigned
table(const char *name, const char *associate, const char *propagate)
{
    g_auto(GStrv) associated = g_strsplit(associate, " ", -1);
    g_auto(GStrv) propagated = g_strsplit(propagate, " ", -1);

    return hs_tgw_add_table(tgw,
                            &(HsTgwTableConfig){
                                .name = name,
                                .associate = (const char *const *)associated,
                                .propagate = (const char *const *)propagated,
                            });
}

static HsAttachment *
attach(const char *name, HsAttachmentKind kind)
{
    return hs_aws_gateway_attach(gateway, &(HsAttachmentConfig){name, kind});
}

static unsigned
port_of(HsAttachment *attachment, const char *name)
{
    return hs_attachment_add_port(
        attachment, &(HsPortConfig){.name = g_intern_string(name)});
}

static void
set_route(HsAttachment *attachment, const char *text, const char *path,
          const unsigned *ports, unsigned n)
{
    g_autoptr(BgpAttrs) attrs = bgp_attrs_new();
    HsPrefix prefix = prefix_of(text);

    ck_assert(bgp_as_path_parse(path, &attrs->as_path));
    hs_attachment_set_route(attachment, &prefix, attrs, ports, n);
}

static void
remove_route(HsAttachment *attachment, const char *text)
{
    HsPrefix prefix = prefix_of(text);

    hs_attachment_remove_route(attachment, &prefix);
}

static void
add_static(unsigned number, const char *text, const char *attachment)
{
    HsPrefix prefix = prefix_of(text);

    hs_tgw_add_static(tgw, number, &prefix, attachment);
}

static HsAttachment *
join_vpc(const char *name, const char *cidr)
{
    HsAttachment *vpc = attach(name, HS_ATTACHMENT_VPC);
    unsigned port = port_of(vpc, name);

    set_route(vpc, cidr, "", &port, 1);
    return vpc;
}

/* A session of a new site by VPN; the port has the session's name. */
static unsigned
join(HsAttachment *vpn, const char *name, uint32_t asn,
     const HsControlPeerConfig *policy)
{
    HsControlPeerConfig session =
        aws_sites_add(&sites, name, asn, 64512, policy);

    session.egress = port_of(vpn, name);
    session.has_med = true;
    session.med = 200; /* a VGW's second tunnel; a TGW has none of it */
    sites.site[sites.n - 1].aws = hs_attachment_add_session(vpn, &session);
    return sites.n - 1;
}

static void
start(void)
{
    hs_aws_gateway_start(gateway);
    aws_sites_start(&sites);
    aws_sites_run(&sites, 5);
}

static void
expect_ways(unsigned number, const char *text, const char *expected)
{
    HsRouter *router = hs_tgw_router(tgw);
    HsPrefix prefix = prefix_of(text);
    g_autoptr(GString) ways = g_string_new(NULL);
    /* Its last address: the first may be in a longer prefix. */
    HsAddr last = hs_prefix_host(
        &prefix, (uint32_t)((UINT64_C(1) << (32 - prefix.length)) - 1));
    HsRoute route;

    aws_sites_run(&sites, 1);
    if (!hs_router_lookup(router, hs_tgw_table_vrf(tgw, number), &last,
                          &route) ||
        !hs_prefix_equal(&route.prefix, &prefix))
        g_string_append(ways, "none");
    else
        for (unsigned i = 0; i < route.n_hops; i++) {
            unsigned port = route.hops[i].port;

            g_string_append_printf(ways, "%s%s", i > 0 ? ", " : "",
                                   port == HS_PORT_BLACKHOLE
                                       ? "blackhole"
                                       : hs_router_port_name(router, port));
        }
    ck_assert_msg(strcmp(ways->str, expected) == 0, "%s in %s: %s, not %s",
                  text, hs_tgw_table_name(tgw, number), ways->str, expected);
}

static void
expect_step(unsigned number, const char *text, const char *expected)
{
    HsPrefix prefix = prefix_of(text);
    const char *step = NULL;

    bgp_speaker_best(hs_tgw_table_speaker(tgw, number), &prefix, &step);
    ck_assert_str_eq(step, expected);
}

static void
expect_path(unsigned site, const char *prefix, const char *expected)
{
    g_autofree char *path = aws_site_path(&sites, site, prefix);

    ck_assert_str_eq(path, expected);
}

static BgpState
state_of(unsigned site)
{
    return bgp_peer_state(hs_control_peer_bgp(sites.site[site].aws));
}

/* Tables */

START_TEST(the_default_table_joins_all)
{
    unsigned all = default_table(), site;

    join_vpc("app", APP);
    join_vpc("web", WEB);
    site = join(attach("vpn", HS_ATTACHMENT_VPN), "t1", 65001, NULL);
    aws_site_announce(&sites, site, SITE);
    start();
    expect_ways(all, APP, "app");
    expect_ways(all, WEB, "web");
    expect_ways(all, SITE, "t1");
    expect_path(site, APP, "64512");
    expect_path(site, WEB, "64512");
    /* What came from it does not go back. */
    expect_path(site, SITE, "none");
}
END_TEST

/* The guide's "isolated VPCs": each sees the VPN, and none the other. */
START_TEST(isolated_vpcs)
{
    unsigned spokes = table("spokes", "app web", "vpn"), site;
    unsigned hub = table("hub", "vpn", "app web");

    join_vpc("app", APP);
    join_vpc("web", WEB);
    site = join(attach("vpn", HS_ATTACHMENT_VPN), "t1", 65001, NULL);
    aws_site_announce(&sites, site, SITE);
    start();
    expect_ways(spokes, SITE, "t1");
    expect_ways(spokes, APP, "none");
    expect_ways(spokes, WEB, "none");
    expect_ways(hub, APP, "app");
    expect_ways(hub, WEB, "web");
    expect_ways(hub, SITE, "none");
    expect_path(site, APP, "64512");
    ck_assert_uint_eq(hs_router_port_vrf(hs_tgw_router(tgw), 0 /* app's */),
                      hs_tgw_table_vrf(tgw, spokes));
}
END_TEST

START_TEST(an_attachment_of_no_table_has_no_way)
{
    unsigned hub = table("hub", "web", "app web");
    HsAttachment *app;

    app = join_vpc("app", APP);
    join_vpc("web", WEB);
    start();
    expect_ways(hub, APP, "app");
    ck_assert_ptr_eq(hs_aws_gateway_attachment(gateway, "app"), app);
    ck_assert_uint_eq(hs_router_port_vrf(hs_tgw_router(tgw), 0), 0);
    ck_assert_uint_eq(hs_router_n_routes(hs_tgw_router(tgw), 0), 0);
}
END_TEST

START_TEST(static_routes_and_black_holes)
{
    unsigned all = default_table(), site;

    add_static(all, "10.9.0.0/16", NULL);
    add_static(all, "0.0.0.0/0", "web"); /* which comes later */
    add_static(all, APP, "web");
    join_vpc("app", APP);
    expect_ways(all, APP, "app");
    join_vpc("web", WEB);
    site = join(attach("vpn", HS_ATTACHMENT_VPN), "t1", 65001, NULL);
    aws_site_announce(&sites, site, SITE);
    start();
    expect_ways(all, "10.9.0.0/16", "blackhole");
    expect_ways(all, "0.0.0.0/0", "web");
    expect_ways(all, APP, "web");
    expect_step(all, APP, HS_TGW_STEP_CLASS);
    expect_path(site, "0.0.0.0/0", "64512");
    expect_path(site, "10.9.0.0/16", "none");
}
END_TEST

START_TEST(peerings_have_static_routes_only)
{
    unsigned all = default_table();
    HsAttachment *peer = attach("far", HS_ATTACHMENT_PEERING);

    port_of(peer, "far");
    add_static(all, "10.128.0.0/16", "far");
    start();
    expect_ways(all, "10.128.0.0/16", "far");
}
END_TEST

/* Routes by type */

START_TEST(direct_connect_before_vpn_and_back)
{
    unsigned all = default_table(), vif, site;
    HsAttachment *dxgw = attach("dxgw", HS_ATTACHMENT_DXGW);

    vif = port_of(dxgw, "vif");
    site = join(attach("vpn", HS_ATTACHMENT_VPN), "t1", 65001, NULL);
    aws_site_announce(&sites, site, SITE);
    start();
    expect_ways(all, SITE, "t1");
    expect_step(all, SITE, BGP_STEP_ONLY);
    /* Prepending does not help. */
    set_route(dxgw, SITE, "64600 65001 65001 65001", &vif, 1);
    expect_ways(all, SITE, "vif");
    expect_step(all, SITE, HS_TGW_STEP_CLASS);
    remove_route(dxgw, SITE);
    expect_ways(all, SITE, "t1");
    /* A longer prefix does. */
    set_route(dxgw, "172.16.0.0/16", "64600 65001", &vif, 1);
    expect_ways(all, SITE, "t1");
    expect_ways(all, "172.16.0.0/16", "vif");
    expect_path(site, "172.16.0.0/16", "none"); /* its own AS is in it */
}
END_TEST

/* Another customer hears of it. */
START_TEST(vpns_are_told_what_direct_connect_brings)
{
    unsigned vif, site;
    HsAttachment *dxgw;
    HsPrefix prefix = prefix_of(SITE);
    const BgpAttrs *sent;

    default_table();
    dxgw = attach("dxgw", HS_ATTACHMENT_DXGW);
    vif = port_of(dxgw, "vif");
    set_route(dxgw, SITE, "64600 65001", &vif, 1);
    site = join(attach("vpn", HS_ATTACHMENT_VPN), "t1", 65002, NULL);
    start();
    expect_path(site, SITE, "64512 64600 65001");
    sent = bgp_peer_sent(hs_control_peer_bgp(sites.site[site].aws), &prefix);
    ck_assert_int_eq(sent->origin, BGP_ORIGIN_EGP);
    ck_assert(sent->has_med);
    ck_assert_uint_eq(sent->med, HS_TGW_VPN_MED);
    remove_route(dxgw, SITE);
    aws_sites_run(&sites, 1);
    expect_path(site, SITE, "none");
}
END_TEST

START_TEST(virtual_interfaces_of_a_dx_gateway_share)
{
    unsigned all = default_table(), vifs[2];
    HsAttachment *dxgw = attach("dxgw", HS_ATTACHMENT_DXGW);

    vifs[0] = port_of(dxgw, "vif1");
    vifs[1] = port_of(dxgw, "vif2");
    set_route(dxgw, SITE, "64600 65001", vifs, 2);
    expect_ways(all, SITE, "vif1, vif2");
    /* The same route by one of them: the attributes have not changed. */
    set_route(dxgw, SITE, "64600 65001", &vifs[1], 1);
    expect_ways(all, SITE, "vif2");
}
END_TEST

START_TEST(private_vpn_before_vpn)
{
    unsigned all = default_table(), first, second;

    first = join(attach("vpn", HS_ATTACHMENT_VPN), "internet", 65001, NULL);
    second = join(attach("private", HS_ATTACHMENT_VPN_PRIVATE), "private",
                  65001, &(HsControlPeerConfig){.prepend = 2});
    aws_site_announce(&sites, first, SITE);
    aws_site_announce(&sites, second, SITE);
    start();
    expect_ways(all, SITE, "private");
    expect_step(all, SITE, HS_TGW_STEP_CLASS);
}
END_TEST

/* Sharing the load */

START_TEST(equal_tunnels_share)
{
    unsigned all = default_table(), t1, t2, t3;
    HsAttachment *vpn = attach("vpn", HS_ATTACHMENT_VPN);

    t1 = join(vpn, "t1", 65001, NULL);
    t2 = join(vpn, "t2", 65001, NULL);
    t3 = join(attach("other", HS_ATTACHMENT_VPN), "t3", 65001, NULL);
    aws_site_announce(&sites, t1, SITE);
    aws_site_announce(&sites, t2, SITE);
    aws_site_announce(&sites, t3, SITE);
    start();
    expect_ways(all, SITE, "t1, t2, t3");
    aws_site_withdraw(&sites, t1, SITE);
    expect_ways(all, SITE, "t2, t3");
    aws_site_withdraw(&sites, t3, SITE);
    aws_site_withdraw(&sites, t2, SITE);
    expect_ways(all, SITE, "none");
}
END_TEST

START_TEST(prepended_tunnels_wait)
{
    unsigned all = default_table(), t1, t2;
    HsAttachment *vpn = attach("vpn", HS_ATTACHMENT_VPN);

    t1 = join(vpn, "t1", 65001, &(HsControlPeerConfig){.prepend = 1});
    t2 = join(vpn, "t2", 65001, NULL);
    aws_site_announce(&sites, t1, SITE);
    aws_site_announce(&sites, t2, SITE);
    start();
    expect_ways(all, SITE, "t2");
    expect_step(all, SITE, HS_TGW_STEP_PATH);
}
END_TEST

START_TEST(different_neighbours_do_not_share)
{
    unsigned all = default_table(), t1, t2;
    HsPrefix prefix = prefix_of(SITE);

    t1 = join(attach("a", HS_ATTACHMENT_VPN), "t1", 65001, NULL);
    t2 = join(attach("b", HS_ATTACHMENT_VPN), "t2", 65002, NULL);
    aws_site_announce(&sites, t1, SITE);
    aws_site_announce(&sites, t2, SITE);
    start();
    expect_ways(all, SITE, "t1");
    expect_step(all, SITE, HS_TGW_STEP_CHOICE);
    /* The second site hears of the first one's, which won; not the first. */
    ck_assert_ptr_nonnull(
        bgp_peer_sent(hs_control_peer_bgp(sites.site[t2].aws), &prefix));
    ck_assert_ptr_null(
        bgp_peer_sent(hs_control_peer_bgp(sites.site[t1].aws), &prefix));
}
END_TEST

START_TEST(without_ecmp_one_tunnel_carries_all)
{
    unsigned all, t1, t2;
    HsAttachment *vpn;

    tear_down();
    make(false);
    all = default_table();
    vpn = attach("vpn", HS_ATTACHMENT_VPN);
    t1 = join(vpn, "t1", 65001, NULL);
    t2 = join(vpn, "t2", 65001, NULL);
    aws_site_announce(&sites, t1, SITE);
    aws_site_announce(&sites, t2, SITE);
    start();
    expect_ways(all, SITE, "t1");
    aws_site_withdraw(&sites, t1, SITE);
    expect_ways(all, SITE, "t2");
}
END_TEST

/* Static VPN */

START_TEST(static_vpn_uses_one_healthy_tunnel_and_beats_direct_connect)
{
    unsigned all = default_table(), ports[2], vif;
    HsAttachment *vpn = attach("vpn", HS_ATTACHMENT_VPN);
    HsAttachment *dxgw = attach("dxgw", HS_ATTACHMENT_DXGW);
    HsPrefix site = prefix_of(SITE);

    ports[0] = port_of(vpn, "t1");
    ports[1] = port_of(vpn, "t2");
    vif = port_of(dxgw, "vif");
    set_route(dxgw, SITE, "64600 65001", &vif, 1);
    hs_attachment_set_route(vpn, &site, NULL, ports, 2);
    add_static(all, "172.17.0.0/24", "vpn");
    start();
    expect_ways(all, SITE, "t1");
    expect_ways(all, "172.17.0.0/24", "t1");
    hs_attachment_port_up(vpn, ports[0], false);
    expect_ways(all, SITE, "t2");
    expect_ways(all, "172.17.0.0/24", "t2");
    hs_attachment_port_up(vpn, ports[1], false);
    expect_ways(all, SITE, "vif");
    expect_ways(all, "172.17.0.0/24", "none");
    hs_attachment_port_up(vpn, ports[1], true);
    expect_ways(all, SITE, "t2");
    expect_ways(all, "172.17.0.0/24", "t2");
}
END_TEST

START_TEST(a_static_route_by_a_vpn_goes_where_a_session_is)
{
    unsigned all = default_table(), t1, t2;
    HsAttachment *vpn = attach("vpn", HS_ATTACHMENT_VPN);

    t1 = join(vpn, "t1", 65001, NULL);
    t2 = join(vpn, "t2", 65001, NULL);
    aws_site_announce(&sites, t1, SITE);
    aws_site_announce(&sites, t2, SITE);
    add_static(all, "0.0.0.0/0", "vpn");
    expect_ways(all, "0.0.0.0/0", "none");
    start();
    expect_ways(all, "0.0.0.0/0", "t1");
    hs_control_shut(sites.site[t1].peer, NULL);
    expect_ways(all, "0.0.0.0/0", "t2");
    expect_ways(all, SITE, "t2");
}
END_TEST

/* Limits */

START_TEST(a_vpn_may_announce_a_thousand)
{
    unsigned site;

    default_table();
    site = join(attach("vpn", HS_ATTACHMENT_VPN), "t1", 65001, NULL);
    start();
    for (unsigned i = 0; i < 1000; i++) {
        g_autofree char *prefix =
            g_strdup_printf("198.%u.%u.0/24", 18 + i / 256, i % 256);

        aws_site_announce(&sites, site, prefix);
    }
    aws_sites_run(&sites, 5);
    ck_assert_int_eq(state_of(site), BGP_ESTABLISHED);
    aws_site_announce(&sites, site, SITE);
    aws_sites_run(&sites, 5);
    ck_assert_int_ne(state_of(site), BGP_ESTABLISHED);
}
END_TEST

/* That no more are announced is the speaker's test; five thousand prefixes as
 * names of facts would stay in memory for good. */
START_TEST(a_vpn_is_told_five_thousand)
{
    unsigned site;

    default_table();
    site = join(attach("vpn", HS_ATTACHMENT_VPN), "t1", 65001, NULL);
    ck_assert_uint_eq(
        bgp_peer_config(hs_control_peer_bgp(sites.site[site].aws))->max_told,
        5000);
}
END_TEST

/* Crash */

START_TEST(a_crash_forgets_and_comes_back)
{
    unsigned all = default_table(), site;

    join_vpc("app", APP);
    site = join(attach("vpn", HS_ATTACHMENT_VPN), "t1", 65001, NULL);
    aws_site_announce(&sites, site, SITE);
    start();
    hs_tgw_crash(tgw, true);
    expect_ways(all, SITE, "none");
    ck_assert_int_ne(state_of(site), BGP_ESTABLISHED);
    hs_tgw_boot(tgw);
    aws_sites_run(&sites, 120);
    ck_assert_int_eq(state_of(site), BGP_ESTABLISHED);
    expect_ways(all, SITE, "t1");
    expect_path(site, APP, "64512");
}
END_TEST

/* Packets */

/* A packet of SIZE bytes with DF, from SOURCE to DESTINATION. */
static HsPacket *
big_packet(const char *source, const char *destination, uint16_t size)
{
    g_autofree uint8_t *bytes = g_malloc0(size);
    HsAddr from = addr_of(source), to = addr_of(destination);
    uint32_t sum = 0;

    bytes[0] = 0x45;
    bytes[2] = (uint8_t)(size >> 8);
    bytes[3] = (uint8_t)size;
    bytes[6] = 0x40; /* DF */
    bytes[8] = 64;
    bytes[9] = 17;
    memcpy(bytes + 12, from.bytes, 4);
    memcpy(bytes + 16, to.bytes, 4);
    for (unsigned i = 0; i < 20; i += 2)
        sum += (uint32_t)(bytes[i] << 8 | bytes[i + 1]);
    sum = (sum & 0xffff) + (sum >> 16);
    sum = ~((sum & 0xffff) + (sum >> 16));
    bytes[10] = (uint8_t)(sum >> 8);
    bytes[11] = (uint8_t)sum;
    return hs_packet_new(bytes, size);
}

typedef struct {
    NodeLink app, web, dx;
} Wires;

static void
wire(NodeLink *link, HsAttachment *attachment, const char *name)
{
    HsPortConfig port;

    node_link_init(link, sites.world, HS_MSEC(1));
    port = node_link_port(link, 1, name);
    port.mtu = 9001;
    node_link_join(link, 1, hs_tgw_router(tgw),
                   hs_attachment_add_port(attachment, &port));
}

static void
wire_all(Wires *wires)
{
    HsAttachment *app = attach("app", HS_ATTACHMENT_VPC);
    HsAttachment *web = attach("web", HS_ATTACHMENT_VPC);
    HsAttachment *dx = attach("dx", HS_ATTACHMENT_DXGW);
    unsigned ports[] = {0, 1, 2};

    wire(&wires->app, app, "app");
    wire(&wires->web, web, "web");
    wire(&wires->dx, dx, "dx");
    set_route(app, APP, "", &ports[0], 1);
    set_route(web, WEB, "", &ports[1], 1);
    set_route(dx, SITE, "64600 65001", &ports[2], 1);
    aws_sites_run(&sites, 1);
}

static void
unwire(Wires *wires)
{
    node_link_clear(&wires->app);
    node_link_clear(&wires->web);
    node_link_clear(&wires->dx);
}

START_TEST(eight_and_a_half_thousand_bytes_pass)
{
    Wires wires;

    default_table();
    wire_all(&wires);
    node_link_send(&wires.app, 0, big_packet("10.0.0.9", "10.1.0.9", 8500));
    node_link_send(&wires.dx, 0, big_packet("172.16.0.9", "10.1.0.9", 8500));
    aws_sites_run(&sites, 1);
    ck_assert_uint_eq(wires.web.end[0].inbox->len, 2);
    ck_assert_uint_eq(wires.app.end[0].inbox->len, 0);
    unwire(&wires);
}
END_TEST

/* Transit gateway guide, quotas: path MTU discovery works for what comes in by
 * a VPC attachment, and not by Direct Connect. */
START_TEST(more_is_dropped_and_a_vpc_is_told)
{
    Wires wires;
    const uint8_t *icmp;
    const HsPacket *error;

    default_table();
    wire_all(&wires);
    node_link_send(&wires.app, 0, big_packet("10.0.0.9", "10.1.0.9", 8501));
    node_link_send(&wires.dx, 0, big_packet("172.16.0.9", "10.1.0.9", 8501));
    aws_sites_run(&sites, 1);
    ck_assert_uint_eq(wires.web.end[0].inbox->len, 0);
    ck_assert_uint_eq(wires.app.end[0].inbox->len, 1);
    ck_assert_uint_eq(wires.dx.end[0].inbox->len, 0);
    ck_assert_uint_eq(
        hs_router_counters(hs_tgw_router(tgw)).drops[HS_DROP_TOO_BIG], 2);
    error = wires.app.end[0].inbox->pdata[0];
    icmp = hs_packet_data(error) + 20;
    ck_assert_uint_eq(icmp[0], 3);
    ck_assert_uint_eq(icmp[1], 4);
    ck_assert_uint_eq(icmp[6] << 8 | icmp[7], 8500);
    unwire(&wires);
}
END_TEST

/* Private-IP VPN: the outer packets of an endpoint and of the customer find
 * each other by the DX gateway's attachment, whatever the tables say. */
START_TEST(transport_follows_the_dx_gateway)
{
    HsAddr outside = addr_of("10.99.0.10"), customer = addr_of("172.16.0.1");
    HsAttachment *dxgw;
    unsigned dx, vif, port;
    HsRouter *router = hs_tgw_router(tgw);
    HsRoute route;

    dx = table("dx", "dxgw", "");
    dxgw = attach("dxgw", HS_ATTACHMENT_DXGW);
    vif = port_of(dxgw, "vif");
    set_route(dxgw, SITE, "64600 65001", &vif, 1);
    port = hs_tgw_add_transport(tgw, dxgw, &(HsPortConfig){.name = "outside"},
                                &outside);
    aws_sites_run(&sites, 1);
    expect_ways(dx, SITE, "none");
    ck_assert(
        hs_router_lookup(router, hs_tgw_table_vrf(tgw, dx), &outside, &route));
    ck_assert_uint_eq(route.hops[0].port, port);
    ck_assert(hs_router_lookup(router, hs_router_port_vrf(router, port),
                               &customer, &route));
    ck_assert_uint_eq(route.hops[0].port, vif);
    remove_route(dxgw, SITE);
    aws_sites_run(&sites, 1);
    ck_assert(!hs_router_lookup(router, hs_router_port_vrf(router, port),
                                &customer, &route));
}
END_TEST

static Suite *
suite(void)
{
    Suite *s = suite_create("tgw");
    TCase *tc = tcase_create("tgw");

    tcase_add_checked_fixture(tc, set_up, tear_down);
    tcase_add_test(tc, the_default_table_joins_all);
    tcase_add_test(tc, isolated_vpcs);
    tcase_add_test(tc, an_attachment_of_no_table_has_no_way);
    tcase_add_test(tc, static_routes_and_black_holes);
    tcase_add_test(tc, peerings_have_static_routes_only);
    tcase_add_test(tc, direct_connect_before_vpn_and_back);
    tcase_add_test(tc, vpns_are_told_what_direct_connect_brings);
    tcase_add_test(tc, virtual_interfaces_of_a_dx_gateway_share);
    tcase_add_test(tc, private_vpn_before_vpn);
    tcase_add_test(tc, equal_tunnels_share);
    tcase_add_test(tc, prepended_tunnels_wait);
    tcase_add_test(tc, different_neighbours_do_not_share);
    tcase_add_test(tc, without_ecmp_one_tunnel_carries_all);
    tcase_add_test(tc,
                   static_vpn_uses_one_healthy_tunnel_and_beats_direct_connect);
    tcase_add_test(tc, a_static_route_by_a_vpn_goes_where_a_session_is);
    tcase_add_test(tc, a_vpn_may_announce_a_thousand);
    tcase_add_test(tc, a_vpn_is_told_five_thousand);
    tcase_add_test(tc, a_crash_forgets_and_comes_back);
    tcase_add_test(tc, eight_and_a_half_thousand_bytes_pass);
    tcase_add_test(tc, more_is_dropped_and_a_vpc_is_told);
    tcase_add_test(tc, transport_follows_the_dx_gateway);
    suite_add_tcase(s, tc);
    return s;
}

int
main(void)
{
    return run_suite(suite());
}
