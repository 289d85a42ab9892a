/* A virtual private gateway and what hangs on it: each of AWS's rules by name
 * (VPN user guide, "Route priority" and "VPN CloudHub"; Direct Connect user
 * guide, "Quotas" and "Direct Connect gateways"). */

#include "config.h"

#include "models/aws/vgw.h"
#include "tests/harness/aws_sites.h"
#include "tests/harness/hybrid.h"
#include "tests/harness/run.h"

#define VPC  "10.0.0.0/16"
#define SITE "172.16.0.0/24"

static AwsSites sites;
static HsVgw *vgw;
static HsAwsGateway *gateway;

static void
set_up(void)
{
    HsPrefix cidr = prefix_of(VPC);
    HsAttachment *vpc;
    unsigned port;

    aws_sites_init(&sites);
    vgw = hs_vgw_new(fake_world_node(sites.world, "vgw", "10.0.0.1"),
                     &(HsVgwConfig){.name = "vgw",
                                    .asn = 64512,
                                    .router_id = addr_of("10.0.0.1")});
    gateway = hs_vgw_gateway(vgw);
    vpc = hs_aws_gateway_attach(
        gateway, &(HsAttachmentConfig){"app", HS_ATTACHMENT_VPC});
    port = hs_attachment_add_port(vpc, &(HsPortConfig){.name = "app"});
    hs_attachment_set_route(vpc, &cidr, NULL, &port, 1);
}

static void
tear_down(void)
{
    hs_vgw_free(vgw);
    aws_sites_clear(&sites);
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

/* A session of a new site by ATTACHMENT; the port has the session's name. */
static unsigned
join(HsAttachment *attachment, const char *name, uint32_t asn,
     const HsControlPeerConfig *policy)
{
    HsControlPeerConfig session =
        aws_sites_add(&sites, name, asn, 64512, policy);

    session.egress = port_of(attachment, name);
    sites.site[sites.n - 1].aws =
        hs_attachment_add_session(attachment, &session);
    return sites.n - 1;
}

static unsigned
join_dx(const char *name, uint32_t asn, const HsControlPeerConfig *policy)
{
    return join(attach(name, HS_ATTACHMENT_DX), name, asn, policy);
}

static unsigned
join_vpn(const char *name, uint32_t asn, const HsControlPeerConfig *policy)
{
    return join(attach(name, HS_ATTACHMENT_VPN), name, asn, policy);
}

static void
start(void)
{
    hs_aws_gateway_start(gateway);
    aws_sites_start(&sites);
    aws_sites_run(&sites, 5);
}

static void
expect_ways(const char *prefix, const char *expected)
{
    g_autofree char *ways = aws_ways(hs_vgw_router(vgw), prefix);

    ck_assert_str_eq(ways, expected);
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

START_TEST(the_vpc_is_announced_and_reached)
{
    unsigned dx = join_dx("dx", 65001, NULL);

    start();
    expect_path(dx, VPC, "64512");
    expect_ways(VPC, "app");
}
END_TEST

/* Route priority */

START_TEST(dx_before_static_vpn_before_bgp_vpn)
{
    HsPrefix prefix = prefix_of(SITE);
    HsControlPeerConfig prepended = {.prepend = 4};
    unsigned dx = join_dx("dx", 65001, &prepended);
    unsigned vpn = join_vpn("vpn", 65001, NULL);
    HsAttachment *fixed = attach("fixed", HS_ATTACHMENT_VPN);
    unsigned port = port_of(fixed, "fixed.tunnel1");

    hs_attachment_set_route(fixed, &prefix, NULL, &port, 1);
    aws_site_announce(&sites, dx, SITE);
    aws_site_announce(&sites, vpn, SITE);
    start();
    expect_ways(SITE, "dx");
    expect_fact(sites.world, "vgw route-best " SITE);
    aws_site_withdraw(&sites, dx, SITE);
    aws_sites_run(&sites, 1);
    expect_ways(SITE, "fixed.tunnel1");
    expect_fact(sites.world,
                "vgw route-best " SITE " dx bgp -> fixed (Direct Connect "
                "before static VPN before BGP VPN)");
    hs_attachment_remove_route(fixed, &prefix);
    aws_sites_run(&sites, 1);
    expect_ways(SITE, "vpn");
    aws_site_withdraw(&sites, vpn, SITE);
    aws_sites_run(&sites, 1);
    expect_ways(SITE, "none");
}
END_TEST

START_TEST(the_longest_prefix_before_all)
{
    unsigned dx = join_dx("dx", 65001, NULL);
    unsigned vpn = join_vpn("vpn", 65001, NULL);

    aws_site_announce(&sites, dx, "172.16.0.0/16");
    aws_site_announce(&sites, vpn, SITE);
    start();
    expect_ways(SITE, "vpn");
    expect_ways("172.16.9.0/24", "dx");
}
END_TEST

/* "Endpoint health": a static route by a tunnel that is down is none, and the
 * VPN behind it in the order is taken. */
START_TEST(health_of_the_endpoint_before_all)
{
    HsPrefix prefix = prefix_of(SITE);
    HsAttachment *fixed = attach("fixed", HS_ATTACHMENT_VPN);
    unsigned ports[] = {port_of(fixed, "tunnel1"), port_of(fixed, "tunnel2")};
    unsigned vpn = join_vpn("vpn", 65001, NULL);

    hs_attachment_port_up(fixed, ports[0], false);
    hs_attachment_port_up(fixed, ports[1], false);
    hs_attachment_set_route(fixed, &prefix, NULL, ports, 2);
    aws_site_announce(&sites, vpn, SITE);
    start();
    expect_ways(SITE, "vpn");
    hs_attachment_port_up(fixed, ports[1], true);
    aws_sites_run(&sites, 1);
    expect_ways(SITE, "tunnel2");
    hs_attachment_port_up(fixed, ports[0], true);
    aws_sites_run(&sites, 1);
    expect_ways(SITE, "tunnel1");
    hs_attachment_port_up(fixed, ports[0], false);
    aws_sites_run(&sites, 1);
    expect_ways(SITE, "tunnel2");
    hs_attachment_port_up(fixed, ports[1], false);
    aws_sites_run(&sites, 1);
    expect_ways(SITE, "vpn");
}
END_TEST

START_TEST(one_tunnel_of_all_vpns)
{
    unsigned a = join_vpn("a", 65001, NULL);
    unsigned b = join_vpn("b", 65001, NULL);

    aws_site_announce(&sites, a, SITE);
    aws_site_announce(&sites, b, SITE);
    start();
    expect_ways(SITE, "a");
    hs_control_shut(sites.site[a].aws, NULL);
    aws_sites_run(&sites, 1);
    expect_ways(SITE, "b");
}
END_TEST

START_TEST(equal_virtual_interfaces_share)
{
    unsigned a = join_dx("a", 65001, NULL);
    unsigned b = join_dx("b", 65002, NULL);

    aws_site_announce(&sites, a, SITE);
    aws_site_announce(&sites, b, SITE);
    start();
    expect_ways(SITE, "a, b");
    aws_site_withdraw(&sites, a, SITE);
    aws_sites_run(&sites, 1);
    expect_ways(SITE, "b");
}
END_TEST

/* Each by itself would win by the next step. */
static const struct {
    const char *name;
    HsControlPeerConfig better, worse;
    uint32_t tag_better, tag_worse;
} steps[] = {
    {"7224:7300 before none", {.prepend = 5}, {0}, 7300, 0},
    {"none before 7224:7100", {.prepend = 5}, {0}, 0, 7100},
    {"7224:7200 is none, the path decides", {0}, {.prepend = 1}, 0, 7200},
    {"shorter path", {.has_med = true, .med = 9}, {.prepend = 1}, 0, 0},
    {"lower MED", {0}, {.has_med = true, .med = 9}, 0, 0},
};

START_TEST(dx_steps_in_order)
{
    uint32_t tags[] = {UINT32_C(7224) << 16 | steps[_i].tag_better,
                       UINT32_C(7224) << 16 | steps[_i].tag_worse};
    HsControlPeerConfig policy[] = {steps[_i].better, steps[_i].worse};
    g_autofree char *ways = NULL;

    policy[0].communities = &tags[0];
    policy[0].n_communities = steps[_i].tag_better != 0;
    policy[1].communities = &tags[1];
    policy[1].n_communities = steps[_i].tag_worse != 0;
    for (unsigned i = 0; i < 2; i++) {
        /* The worse has the lower address. */
        unsigned site = join_dx(i == 0 ? "worse" : "better", 65001,
                                &policy[i == 0 ? 1 : 0]);

        aws_site_announce(&sites, site, SITE);
    }
    start();
    ways = aws_ways(hs_vgw_router(vgw), SITE);
    ck_assert_msg(g_str_equal(ways, "better"), "%s: %s", steps[_i].name, ways);
}
END_TEST

/* What is told on */

/* VPN CloudHub: unique AS numbers, and a virtual interface may be a member. */
START_TEST(cloudhub_tells_sites_of_each_other)
{
    unsigned a = join_vpn("a", 65001, NULL);
    unsigned b = join_vpn("b", 65002, NULL);
    unsigned dx = join_dx("dx", 65003, NULL);

    aws_site_announce(&sites, a, "172.16.1.0/24");
    aws_site_announce(&sites, b, "172.16.2.0/24");
    aws_site_announce(&sites, dx, "172.16.3.0/24");
    start();
    expect_path(b, "172.16.1.0/24", "64512 65001");
    expect_path(a, "172.16.2.0/24", "64512 65002");
    expect_path(a, "172.16.3.0/24", "64512 65003");
    expect_path(dx, "172.16.1.0/24", "64512 65001");
    expect_ways("172.16.2.0/24", "b");
}
END_TEST

/* With one AS for two sites each finds itself in the path. */
START_TEST(cloudhub_needs_an_as_for_each_site)
{
    unsigned a = join_vpn("a", 65001, NULL);
    unsigned b = join_vpn("b", 65001, NULL);

    aws_site_announce(&sites, a, "172.16.1.0/24");
    start();
    expect_path(b, "172.16.1.0/24", "none");
    expect_path(b, VPC, "64512");
}
END_TEST

START_TEST(cloudhub_without_a_vpc)
{
    HsAttachment *vpc = hs_aws_gateway_attachment(gateway, "app");
    HsPrefix cidr = prefix_of(VPC);
    unsigned a = join_vpn("a", 65001, NULL);
    unsigned b = join_vpn("b", 65002, NULL);

    hs_attachment_remove_route(vpc, &cidr);
    aws_site_announce(&sites, a, "172.16.1.0/24");
    start();
    expect_path(b, "172.16.1.0/24", "64512 65001");
    expect_path(b, VPC, "none");
}
END_TEST

START_TEST(no_way_from_one_virtual_interface_to_another)
{
    unsigned a = join_dx("a", 65001, NULL);
    unsigned b = join_dx("b", 65002, NULL);

    aws_site_announce(&sites, a, "172.16.1.0/24");
    start();
    expect_path(b, "172.16.1.0/24", "none");
    expect_path(b, VPC, "64512");
}
END_TEST

START_TEST(static_routes_are_told_on)
{
    HsPrefix prefix = prefix_of(SITE);
    HsAttachment *fixed = attach("fixed", HS_ATTACHMENT_VPN);
    unsigned port = port_of(fixed, "tunnel1");
    unsigned b = join_vpn("b", 65002, NULL);

    hs_attachment_set_route(fixed, &prefix, NULL, &port, 1);
    start();
    expect_path(b, SITE, "64512");
    hs_attachment_port_up(fixed, port, false);
    aws_sites_run(&sites, 1);
    expect_path(b, SITE, "none");
}
END_TEST

/* A DX gateway's routes count as Direct Connect's, share the load as it says,
 * and are no news for a VPN. */
START_TEST(dx_gateways_routes_are_dx_and_stay_with_the_vpc)
{
    HsPrefix prefix = prefix_of(SITE);
    HsAttachment *dxgw = attach("dxgw", HS_ATTACHMENT_DXGW);
    unsigned ports[] = {port_of(dxgw, "vif1"), port_of(dxgw, "vif2")};
    unsigned vpn = join_vpn("vpn", 65001, NULL);
    unsigned other = join_vpn("other", 65002, NULL);
    g_autoptr(BgpAttrs) attrs = bgp_attrs_new();

    ck_assert(bgp_as_path_parse("65001 65001 65001", &attrs->as_path));
    aws_site_announce(&sites, vpn, SITE);
    start();
    expect_ways(SITE, "vpn");
    expect_path(other, SITE, "64512 65001");
    hs_attachment_set_route(dxgw, &prefix, attrs, ports, 2);
    aws_sites_run(&sites, 1);
    expect_ways(SITE, "vif1, vif2");
    expect_path(other, SITE, "none");
    /* The same choice, one way less. */
    hs_attachment_set_route(dxgw, &prefix, attrs, &ports[1], 1);
    aws_sites_run(&sites, 1);
    expect_ways(SITE, "vif2");
    hs_attachment_remove_route(dxgw, &prefix);
    aws_sites_run(&sites, 1);
    expect_ways(SITE, "vpn");
}
END_TEST

/* Limits */

static void
announce_many(unsigned site, unsigned from, unsigned to)
{
    for (unsigned i = from; i < to; i++) {
        HsPrefix prefix = {.addr = hs_addr_ipv4(0xc6120000 | i << 8),
                           .length = 24};

        hs_control_originate(sites.site[site].control, &prefix);
    }
}

/* "BGP goes idle": until the customer withdraws, then it comes back. */
START_TEST(hundred_prefixes_and_one)
{
    HsPrefix one = {.addr = hs_addr_ipv4(0xc6120000 | 100 << 8), .length = 24};
    unsigned site =
        _i == 0 ? join_dx("dx", 65001, NULL) : join_vpn("vpn", 65001, NULL);

    announce_many(site, 0, 100);
    start();
    ck_assert_int_eq(state_of(site), BGP_ESTABLISHED);
    expect_ways("198.18.99.0/24", _i == 0 ? "dx" : "vpn");
    hs_control_originate(sites.site[site].control, &one);
    aws_sites_run(&sites, 1);
    ck_assert_int_eq(state_of(site), BGP_IDLE);
    expect_ways("198.18.99.0/24", "none");
    aws_sites_run(&sites, 600); /* however often it tries */
    expect_ways("198.18.99.0/24", "none");
    hs_control_withdraw(sites.site[site].control, &one);
    aws_sites_run(&sites, 300);
    ck_assert_int_eq(state_of(site), BGP_ESTABLISHED);
    expect_ways("198.18.99.0/24", _i == 0 ? "dx" : "vpn");
}
END_TEST

START_TEST(a_thousand_prefixes_out)
{
    HsAttachment *fixed = attach("fixed", HS_ATTACHMENT_VPN);
    unsigned port = port_of(fixed, "tunnel1");
    unsigned vpn = join_vpn("vpn", 65001, NULL);

    for (unsigned i = 0; i < 1200; i++) {
        HsPrefix prefix = {.addr = hs_addr_ipv4(0xc6000000 | i << 8),
                           .length = 24};

        hs_attachment_set_route(fixed, &prefix, NULL, &port, 1);
    }
    start();
    ck_assert_uint_eq(
        bgp_peer_prefixes(hs_control_peer_bgp(sites.site[vpn].peer)), 1000);
}
END_TEST

START_TEST(a_hold_time_of_zero_is_refused)
{
    HsControlPeerConfig holds = {.hold = _i == 0 ? -1 : HS_SEC(3)};
    unsigned site = join_dx("dx", 65001, &holds);

    start();
    ck_assert((state_of(site) == BGP_ESTABLISHED) == (_i == 1));
}
END_TEST

/* Propagation */

static void
propagated(void *user_data, const HsPrefix *prefix, bool present)
{
    char text[HS_PREFIX_TEXT];

    g_string_append_printf(user_data, "%c%s ", present ? '+' : '-',
                           hs_prefix_format(prefix, text));
}

/* What is known at once, each change after it, and not the VPC's own. */
START_TEST(routes_are_propagated_while_there)
{
    HsAttachment *vpc = hs_aws_gateway_attachment(gateway, "app");
    unsigned dx = join_dx("dx", 65001, NULL);
    unsigned vpn = join_vpn("vpn", 65001, NULL);
    GString *log = g_string_new(NULL);

    aws_site_announce(&sites, dx, SITE);
    start();
    hs_attachment_set_propagation(vpc, propagated, log);
    ck_assert_str_eq(log->str, "+" SITE " ");
    aws_site_announce(&sites, vpn, SITE);
    aws_site_announce(&sites, vpn, "172.17.0.0/16");
    aws_sites_run(&sites, 1);
    ck_assert_str_eq(log->str, "+" SITE " +172.17.0.0/16 ");
    hs_control_shut(sites.site[vpn].aws, NULL);
    aws_sites_run(&sites, 1);
    ck_assert_str_eq(log->str, "+" SITE " +172.17.0.0/16 -172.17.0.0/16 ");
    aws_site_withdraw(&sites, dx, SITE);
    aws_sites_run(&sites, 1);
    ck_assert(g_str_has_suffix(log->str, " -" SITE " "));
    g_string_free(log, TRUE);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("vgw");
    TCase *tc = tcase_create("rules");

    tcase_add_checked_fixture(tc, set_up, tear_down);
    tcase_add_test(tc, the_vpc_is_announced_and_reached);
    tcase_add_test(tc, dx_before_static_vpn_before_bgp_vpn);
    tcase_add_test(tc, the_longest_prefix_before_all);
    tcase_add_test(tc, health_of_the_endpoint_before_all);
    tcase_add_test(tc, one_tunnel_of_all_vpns);
    tcase_add_test(tc, equal_virtual_interfaces_share);
    tcase_add_loop_test(tc, dx_steps_in_order, 0, G_N_ELEMENTS(steps));
    tcase_add_test(tc, cloudhub_tells_sites_of_each_other);
    tcase_add_test(tc, cloudhub_needs_an_as_for_each_site);
    tcase_add_test(tc, cloudhub_without_a_vpc);
    tcase_add_test(tc, no_way_from_one_virtual_interface_to_another);
    tcase_add_test(tc, static_routes_are_told_on);
    tcase_add_test(tc, dx_gateways_routes_are_dx_and_stay_with_the_vpc);
    tcase_add_loop_test(tc, hundred_prefixes_and_one, 0, 2);
    tcase_add_test(tc, a_thousand_prefixes_out);
    tcase_add_loop_test(tc, a_hold_time_of_zero_is_refused, 0, 2);
    tcase_add_test(tc, routes_are_propagated_while_there);
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}
