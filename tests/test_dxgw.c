/* A Direct Connect gateway between customers and gateways that write down what
 * they are told: each of AWS's rules by name (Direct Connect user guide,
 * "Direct Connect gateways", "Allowed prefixes interactions" and "Routing
 * policies and BGP communities"). */

#include "config.h"

#include "models/aws/dx_routes.h"
#include "models/aws/dxgw.h"
#include "models/aws/vgw.h"
#include "tests/harness/aws_sites.h"
#include "tests/harness/hybrid.h"
#include "tests/harness/run.h"

#define SITE "172.16.0.0/24"
#define DXGW 64513

/* A gateway with one attachment, ports numbered from 0. */
typedef struct {
    HsAwsGateway base; /* first */
    HsAttachment attachment;
    unsigned ports;
    GString *log; /* "PREFIX via 0 1 [PATH] " and "PREFIX gone " */
} Notes;

static AwsSites sites;
static HsDxGateway *dxgw;
static Notes near, far;
static HsDxAssociation *of_near, *of_far;

static HsAttachment *
note_attach(HsAwsGateway *gateway, const HsAttachmentConfig *config)
{
    (void)config;
    return &((Notes *)gateway)->attachment;
}

static unsigned
note_port(HsAttachment *attachment, const HsPortConfig *port)
{
    (void)port;
    return ((Notes *)attachment->gateway)->ports++;
}

static void
note_route(HsAttachment *attachment, const HsPrefix *prefix, BgpAttrs *attrs,
           const unsigned *ports, unsigned n)
{
    Notes *notes = (Notes *)attachment->gateway;
    g_autofree char *path = bgp_as_path_format(attrs->as_path);
    char text[HS_PREFIX_TEXT];

    g_string_append_printf(notes->log, "%s via ",
                           hs_prefix_format(prefix, text));
    for (unsigned i = 0; i < n; i++)
        g_string_append_printf(notes->log, "%u ", ports[i]);
    g_string_append_printf(notes->log, "[%s] ", path);
}

static void
note_gone(HsAttachment *attachment, const HsPrefix *prefix)
{
    char text[HS_PREFIX_TEXT];

    g_string_append_printf(((Notes *)attachment->gateway)->log, "%s gone ",
                           hs_prefix_format(prefix, text));
}

static const HsAwsGatewayClass noting = {
    .attach = note_attach,
    .add_port = note_port,
    .set_route = note_route,
    .remove_route = note_gone,
};

static void
notes_init(Notes *notes)
{
    *notes = (Notes){.log = g_string_new(NULL)};
    hs_aws_gateway_init(&notes->base, &noting, 64512);
    hs_aws_gateway_attach(&notes->base,
                          &(HsAttachmentConfig){"dxgw", HS_ATTACHMENT_DXGW});
}

static void
expect_told(Notes *notes, const char *log)
{
    ck_assert_str_eq(notes->log->str, log);
    g_string_truncate(notes->log, 0);
}

static HsDxAssociation *
associate(Notes *notes, const char *region, bool tgw, const char *allowed)
{
    HsPrefix prefix = prefix_of(allowed != NULL ? allowed : "0.0.0.0/0");

    return hs_dxgw_associate(
        dxgw, &(HsDxAssociationConfig){.attachment = &notes->attachment,
                                       .region = region,
                                       .originates = tgw,
                                       .allowed = &prefix,
                                       .n_allowed = allowed != NULL});
}

static void
make(HsDuration convergence)
{
    dxgw = hs_dxgw_new(fake_world_node(sites.world, "dxgw", "192.0.2.1"),
                       &(HsDxGatewayConfig){.name = "dxgw",
                                            .asn = DXGW,
                                            .router_id = addr_of("192.0.2.1"),
                                            .convergence = convergence});
}

static void
set_up(void)
{
    aws_sites_init(&sites);
    make(0);
    notes_init(&near);
    notes_init(&far);
    of_near = associate(&near, "tokyo", false, NULL);
    of_far = associate(&far, "ireland", false, NULL);
}

static void
tear_down(void)
{
    hs_dxgw_free(dxgw);
    aws_sites_clear(&sites);
    for (unsigned i = 0; i < 2; i++) {
        Notes *notes = i == 0 ? &near : &far;

        hs_aws_gateway_clear(&notes->base);
        g_string_free(notes->log, TRUE);
    }
}

/* A virtual interface at a location of REGION, joined to both gateways. */
static unsigned
join(const char *name, uint32_t asn, const char *region,
     const HsControlPeerConfig *policy)
{
    unsigned vif = hs_dxgw_add_vif(dxgw, region);
    HsControlPeerConfig session =
        aws_sites_add(&sites, name, asn, DXGW, policy);

    hs_dxgw_join(of_near, vif,
                 hs_attachment_add_port(&near.attachment, &(HsPortConfig){0}));
    hs_dxgw_join(of_far, vif,
                 hs_attachment_add_port(&far.attachment, &(HsPortConfig){0}));
    sites.site[sites.n - 1].aws = hs_dxgw_add_session(dxgw, vif, &session);
    return sites.n - 1;
}

static void
start(void)
{
    hs_dxgw_start(dxgw);
    aws_sites_start(&sites);
    aws_sites_run(&sites, 5);
}

static void
expect_path(unsigned site, const char *prefix, const char *expected)
{
    g_autofree char *path = aws_site_path(&sites, site, prefix);

    ck_assert_str_eq(path, expected);
}

/* What it learns, it hands on; and takes back. */

START_TEST(routes_are_handed_to_every_gateway)
{
    unsigned site = join("a", 65001, "tokyo", NULL);

    start();
    aws_site_announce(&sites, site, SITE);
    aws_sites_run(&sites, 1);
    expect_told(&near, SITE " via 0 [65001] ");
    expect_told(&far, SITE " via 0 [65001] ");
    aws_site_withdraw(&sites, site, SITE);
    aws_sites_run(&sites, 1);
    expect_told(&near, SITE " gone ");
    expect_told(&far, SITE " gone ");
}
END_TEST

START_TEST(a_session_that_ends_takes_its_routes)
{
    unsigned a = join("a", 65001, "tokyo", NULL);
    unsigned b =
        join("b", 65001, "tokyo", &(HsControlPeerConfig){.prepend = 1});

    aws_site_announce(&sites, a, SITE);
    aws_site_announce(&sites, b, SITE);
    start();
    g_string_truncate(near.log, 0);
    hs_control_shut(sites.site[a].aws, "failover test");
    aws_sites_run(&sites, 1);
    expect_told(&near, SITE " via 1 [65001 65001] ");
    hs_control_open(sites.site[a].aws);
    aws_sites_run(&sites, 200);
    expect_told(&near, SITE " via 0 [65001] ");
}
END_TEST

START_TEST(equal_virtual_interfaces_share)
{
    unsigned a = join("a", 65001, "tokyo", NULL);
    unsigned b = join("b", 65001, "tokyo", NULL);

    aws_site_announce(&sites, a, SITE);
    start();
    expect_told(&near, SITE " via 0 [65001] ");
    aws_site_announce(&sites, b, SITE);
    aws_sites_run(&sites, 1);
    expect_told(&near, SITE " via 0 1 [65001] ");
    aws_site_withdraw(&sites, a, SITE);
    aws_sites_run(&sites, 1);
    expect_told(&near, SITE " via 1 [65001] ");
}
END_TEST

/* A candidate that is not chosen may change without a word. */
START_TEST(what_does_not_win_is_not_told)
{
    unsigned a = join("a", 65001, "tokyo", NULL);
    unsigned b =
        join("b", 65001, "tokyo", &(HsControlPeerConfig){.prepend = 1});

    aws_site_announce(&sites, a, SITE);
    start();
    expect_told(&near, SITE " via 0 [65001] ");
    aws_site_announce(&sites, b, SITE);
    aws_sites_run(&sites, 1);
    aws_site_withdraw(&sites, b, SITE);
    aws_sites_run(&sites, 1);
    expect_told(&near, "");
}
END_TEST

/* Regions: without a community, what came in at a location of the gateway's
 * own region is better, whatever the path; seen from the other gateway it is
 * the other way round. */
START_TEST(the_own_regions_location_before_the_path)
{
    HsControlPeerConfig prepended = {.prepend = 3};
    unsigned a = join("a", 65001, "tokyo", &prepended);
    unsigned b = join("b", 65001, "ireland", NULL);

    aws_site_announce(&sites, a, SITE);
    aws_site_announce(&sites, b, SITE);
    start();
    ck_assert(g_str_has_suffix(near.log->str,
                               SITE " via 0 [65001 65001 65001 65001] "));
    ck_assert(g_str_has_suffix(far.log->str, SITE " via 1 [65001] "));
    /* and the local one gone, the far one serves */
    hs_control_shut(sites.site[a].aws, NULL);
    aws_sites_run(&sites, 1);
    ck_assert(g_str_has_suffix(near.log->str, SITE " via 1 [65001] "));
}
END_TEST

/* The same community everywhere: regions do not count, the load is shared. */
START_TEST(a_community_overrides_regions)
{
    const uint32_t high = UINT32_C(7224) << 16 | 7300;
    HsControlPeerConfig tagged = {.communities = &high, .n_communities = 1};
    unsigned a = join("a", 65001, "tokyo", &tagged);
    unsigned b = join("b", 65001, "ireland", &tagged);

    aws_site_announce(&sites, a, SITE);
    aws_site_announce(&sites, b, SITE);
    start();
    ck_assert(g_str_has_suffix(near.log->str, SITE " via 0 1 [65001] "));
    ck_assert(g_str_has_suffix(far.log->str, SITE " via 0 1 [65001] "));
}
END_TEST

/* AWS's order of communities, and where what has none stands. */
static const struct {
    const char *name;
    uint32_t better, worse; /* 0: none */
    const char *region;     /* of the better; the worse is in tokyo */
} orders[] = {
    {"7300 before 7200", 7300, 7200, "tokyo"},
    {"7200 before 7100", 7200, 7100, "tokyo"},
    {"7300 before none", 7300, 0, "tokyo"},
    {"none before 7100", 0, 7100, "tokyo"},
    {"none, from another region, before 7100", 0, 7100, "ireland"},
    {"7200 before none, both from another region", 7200, 0, "ireland"},
};

START_TEST(communities_before_the_path)
{
    const uint32_t tags[] = {UINT32_C(7224) << 16 | orders[_i].worse,
                             UINT32_C(7224) << 16 | orders[_i].better};
    HsControlPeerConfig policy[] = {
        {.communities = &tags[0], .n_communities = orders[_i].worse != 0},
        {.communities = &tags[1],
         .n_communities = orders[_i].better != 0,
         .prepend = 5}};
    unsigned worse =
        join("worse", 65001, _i == 5 ? "ireland" : "tokyo", &policy[0]);
    unsigned better = join("better", 65001, orders[_i].region, &policy[1]);

    aws_site_announce(&sites, worse, SITE);
    aws_site_announce(&sites, better, SITE);
    start();
    ck_assert_msg(
        g_str_has_suffix(near.log->str,
                         " via 1 [65001 65001 65001 65001 65001 65001] "),
        "%s: %s", orders[_i].name, near.log->str);
}
END_TEST

START_TEST(lower_med_at_last)
{
    HsControlPeerConfig med = {.has_med = true, .med = 10};
    unsigned a = join("a", 65001, "tokyo", &med);
    unsigned b = join("b", 65001, "tokyo", NULL);

    aws_site_announce(&sites, a, SITE);
    aws_site_announce(&sites, b, SITE);
    start();
    ck_assert(g_str_has_suffix(near.log->str, " via 1 [65001] "));
}
END_TEST

START_TEST(a_virtual_interface_that_is_not_joined_is_not_used)
{
    unsigned vif = hs_dxgw_add_vif(dxgw, "tokyo");
    HsControlPeerConfig session = aws_sites_add(&sites, "a", 65001, DXGW, NULL);

    hs_dxgw_join(of_far, vif, 7);
    hs_dxgw_add_session(dxgw, vif, &session);
    aws_site_announce(&sites, 0, SITE);
    start();
    expect_told(&near, "");
    expect_told(&far, SITE " via 7 [65001] ");
}
END_TEST

/* What it tells the customers */

START_TEST(no_way_from_one_virtual_interface_to_another)
{
    unsigned a = join("a", 65001, "tokyo", NULL);
    unsigned b = join("b", 65002, "tokyo", NULL);

    aws_site_announce(&sites, a, SITE);
    start();
    expect_path(b, SITE, "none");
}
END_TEST

/* VGW: allowed prefixes are a filter. */
static const struct {
    const char *allowed; /* NULL: none given */
    const char *path;    /* of 10.0.0.0/16 */
} filters[] = {
    {NULL, "64513"},        {"10.0.0.0/16", "64513"}, {"10.0.0.0/15", "64513"},
    {"0.0.0.0/0", "64513"}, {"10.0.0.0/24", "none"},  {"10.1.0.0/16", "none"},
};

START_TEST(allowed_prefixes_filter_for_a_vgw)
{
    HsPrefix cidr = prefix_of("10.0.0.0/16");
    HsDxAssociation *association =
        associate(&near, "tokyo", false, filters[_i].allowed);
    unsigned site = join("a", 65001, "tokyo", NULL);
    bool allowed = hs_dxgw_association_add_cidr(association, &cidr);

    start();
    ck_assert(allowed == !g_str_equal(filters[_i].path, "none"));
    expect_path(site, "10.0.0.0/16", filters[_i].path);
    /* never the allowed prefix itself */
    if (filters[_i].allowed != NULL && _i != 1)
        expect_path(site, filters[_i].allowed, "none");
    ck_assert_int_eq(hs_dxgw_association_announces(association, 0) != NULL,
                     allowed);
}
END_TEST

/* TGW: they are what is announced, whatever the VPCs have. */
START_TEST(allowed_prefixes_originate_for_a_tgw)
{
    HsPrefix cidr = prefix_of("10.0.0.0/16");
    HsDxAssociation *association =
        associate(&near, "tokyo", true, "10.0.0.0/8");
    unsigned site = join("a", 65001, "tokyo", NULL);

    ck_assert(!hs_dxgw_association_add_cidr(association, &cidr));
    start();
    expect_path(site, "10.0.0.0/8", "64513");
    expect_path(site, "10.0.0.0/16", "none");
    ck_assert_ptr_nonnull(hs_dxgw_association_announces(association, 0));
    ck_assert_ptr_null(hs_dxgw_association_announces(association, 1));
}
END_TEST

/* "No error, and no reachability." */
START_TEST(a_tgw_without_allowed_prefixes_announces_nothing)
{
    unsigned site = join("a", 65001, "tokyo", NULL);

    associate(&near, "tokyo", true, NULL);
    start();
    ck_assert_uint_eq(
        bgp_peer_prefixes(hs_control_peer_bgp(sites.site[site].peer)), 0);
}
END_TEST

START_TEST(hundred_prefixes_and_one)
{
    unsigned site = join("a", 65001, "tokyo", NULL);
    HsPrefix one;

    for (unsigned i = 0; i <= 100; i++) {
        one =
            (HsPrefix){.addr = hs_addr_ipv4(0xc6120000 | i << 8), .length = 24};
        if (i < 100)
            hs_control_originate(sites.site[site].control, &one);
    }
    start();
    g_string_truncate(near.log, 0);
    hs_control_originate(sites.site[site].control, &one);
    aws_sites_run(&sites, 1);
    ck_assert_int_eq(bgp_peer_state(hs_control_peer_bgp(sites.site[site].aws)),
                     BGP_IDLE);
    ck_assert(strstr(near.log->str, "198.18.0.0/24 gone ") != NULL);
    hs_control_withdraw(sites.site[site].control, &one);
    aws_sites_run(&sites, 300);
    ck_assert_int_eq(bgp_peer_state(hs_control_peer_bgp(sites.site[site].aws)),
                     BGP_ESTABLISHED);
}
END_TEST

/* Each change a convergence time later, and no sooner. */
START_TEST(gateways_hear_later)
{
    unsigned site;

    tear_down();
    aws_sites_init(&sites);
    make(HS_MSEC(500));
    notes_init(&near);
    notes_init(&far);
    of_near = associate(&near, "tokyo", false, NULL);
    of_far = associate(&far, "ireland", false, NULL);
    site = join("a", 65001, "tokyo", NULL);
    start();
    aws_site_announce(&sites, site, SITE);
    fake_world_run(sites.world, HS_SEC(5) + HS_MSEC(400));
    expect_told(&near, "");
    aws_site_withdraw(&sites, site, SITE);
    fake_world_run(sites.world, HS_SEC(5) + HS_MSEC(600));
    expect_told(&near, SITE " via 0 [65001] ");
    expect_told(&far, SITE " via 0 [65001] ");
    fake_world_run(sites.world, HS_SEC(5) + HS_MSEC(899));
    expect_told(&near, "");
    fake_world_run(sites.world, HS_SEC(6));
    expect_told(&near, SITE " gone ");
}
END_TEST

/* Its control plane crashes: the gateways go on by what they know, and what is
 * not announced again goes after some minutes. */
START_TEST(a_crash_is_not_heard_of)
{
    unsigned site = join("a", 65001, "tokyo", NULL);

    aws_site_announce(&sites, site, SITE);
    aws_site_announce(&sites, site, "172.17.0.0/16");
    start();
    g_string_truncate(near.log, 0);
    hs_dxgw_crash(dxgw, _i == 1);
    aws_sites_run(&sites, 10);
    expect_told(&near, _i == 0 ? "" : SITE " gone 172.17.0.0/16 gone ");
    aws_site_withdraw(&sites, site, "172.17.0.0/16");
    hs_dxgw_boot(dxgw);
    aws_sites_run(&sites, 350);
    if (_i == 0)
        expect_told(&near, "");
    aws_sites_run(&sites, 20);
    expect_told(&near,
                _i == 0 ? "172.17.0.0/16 gone " : SITE " via 0 [65001] ");
}
END_TEST

/* With a real gateway behind it: DX before VPN there, by the way that the DX
 * gateway found. */
START_TEST(a_vgw_takes_it_as_direct_connect)
{
    HsVgw *vgw = hs_vgw_new(fake_world_node(sites.world, "vgw", "10.0.0.1"),
                            &(HsVgwConfig){.name = "vgw",
                                           .asn = 64512,
                                           .router_id = addr_of("10.0.0.1")});
    HsAwsGateway *gateway = hs_vgw_gateway(vgw);
    HsAttachment *attachment = hs_aws_gateway_attach(
        gateway, &(HsAttachmentConfig){"dxgw", HS_ATTACHMENT_DXGW});
    HsAttachment *vpn = hs_aws_gateway_attach(
        gateway, &(HsAttachmentConfig){"vpn", HS_ATTACHMENT_VPN});
    HsDxAssociation *association = hs_dxgw_associate(
        dxgw,
        &(HsDxAssociationConfig){.attachment = attachment, .region = "tokyo"});
    unsigned site = join("a", 65001, "tokyo", NULL);
    HsControlPeerConfig session =
        aws_sites_add(&sites, "tunnel", 65001, 64512, NULL);
    g_autofree char *before = NULL, *after = NULL;

    session.egress =
        hs_attachment_add_port(vpn, &(HsPortConfig){.name = "tunnel"});
    hs_attachment_add_session(vpn, &session);
    hs_dxgw_join(
        association, 0,
        hs_attachment_add_port(attachment, &(HsPortConfig){.name = "vif"}));
    aws_site_announce(&sites, site, SITE);
    aws_site_announce(&sites, 1, SITE);
    hs_aws_gateway_start(gateway);
    start();
    before = aws_ways(hs_vgw_router(vgw), SITE);
    ck_assert_str_eq(before, "vif");
    aws_site_withdraw(&sites, site, SITE);
    aws_sites_run(&sites, 1);
    after = aws_ways(hs_vgw_router(vgw), SITE);
    ck_assert_str_eq(after, "tunnel");
    expect_fact(sites.world, "vgw route-best " SITE " dxgw -> tunnel bgp");
    hs_dxgw_free(g_steal_pointer(&dxgw));
    hs_vgw_free(vgw);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("dxgw");
    TCase *tc = tcase_create("rules");

    tcase_add_checked_fixture(tc, set_up, tear_down);
    tcase_add_test(tc, routes_are_handed_to_every_gateway);
    tcase_add_test(tc, a_session_that_ends_takes_its_routes);
    tcase_add_test(tc, equal_virtual_interfaces_share);
    tcase_add_test(tc, what_does_not_win_is_not_told);
    tcase_add_test(tc, the_own_regions_location_before_the_path);
    tcase_add_test(tc, a_community_overrides_regions);
    tcase_add_loop_test(tc, communities_before_the_path, 0,
                        G_N_ELEMENTS(orders));
    tcase_add_test(tc, lower_med_at_last);
    tcase_add_test(tc, a_virtual_interface_that_is_not_joined_is_not_used);
    tcase_add_test(tc, no_way_from_one_virtual_interface_to_another);
    tcase_add_loop_test(tc, allowed_prefixes_filter_for_a_vgw, 0,
                        G_N_ELEMENTS(filters));
    tcase_add_test(tc, allowed_prefixes_originate_for_a_tgw);
    tcase_add_test(tc, a_tgw_without_allowed_prefixes_announces_nothing);
    tcase_add_test(tc, hundred_prefixes_and_one);
    tcase_add_test(tc, gateways_hear_later);
    tcase_add_loop_test(tc, a_crash_is_not_heard_of, 0, 2);
    tcase_add_test(tc, a_vgw_takes_it_as_direct_connect);
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}
