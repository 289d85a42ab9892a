#include "config.h"

#include "tests/harness/hybrid.h"

#include "models/aws/vgw_routes.h"
#include "tests/harness/hex.h"

#include <check.h>
#include <string.h>

#define SITE_AS 65001
#define AWS_AS  64512

HsAddr
addr_of(const char *text)
{
    HsAddr addr;

    ck_assert(hs_addr_parse(text, &addr));
    return addr;
}

HsPrefix
prefix_of(const char *text)
{
    HsPrefix prefix;

    ck_assert(hs_prefix_parse(text, &prefix));
    return prefix;
}

static void
make_nodes(Hybrid *h, const HybridConfig *config)
{
    h->cgw_env = fake_world_node(h->world, "cgw", "203.0.113.1");
    fake_world_add_address(h->world, h->cgw_env, "169.254.100.2");
    fake_world_add_address(h->world, h->cgw_env, "169.254.10.2");
    h->dx_env = fake_world_node(h->world, "dx.aws", "169.254.100.1");
    h->vpn_env = fake_world_node(h->world, "vpn.aws", "169.254.10.1");
    fake_world_add_address(h->world, h->vpn_env, "198.51.100.1");
    h->vgw_env = fake_world_node(h->world, "vgw", "10.0.0.1");
    h->vgw = hs_vgw_new(h->vgw_env, &(HsVgwConfig){
                                        .name = "vgw",
                                        .asn = AWS_AS,
                                        .router_id = addr_of("10.255.0.1"),
                                        .cidr = prefix_of("10.0.0.0/16"),
                                        .convergence = config->convergence,
                                    });
    h->cgw = hs_customer_gateway_new(h->cgw_env,
                                     &(HsCustomerGatewayConfig){
                                         .name = "cgw",
                                         .asn = SITE_AS,
                                         .router_id = addr_of("172.16.0.1"),
                                         .preset = BGP_PRESET_FRR,
                                         .prefix = prefix_of("172.16.0.0/24"),
                                         .carrier_delay = config->carrier_delay,
                                     });
    h->dx_aws = hs_dx_endpoint_new(
        h->dx_env, &(HsEndpointConfig){.name = "dx.aws",
                                       .carrier_delay = config->carrier_delay});
    h->vpn_aws =
        hs_vpn_endpoint_new(h->vpn_env, &(HsEndpointConfig){.name = "vpn.aws"});
}

static HsControlPeerConfig
session(const HybridConfig *config, const char *name, const char *local,
        const char *remote, uint32_t remote_as)
{
    return (HsControlPeerConfig){
        .name = name,
        .local = addr_of(local),
        .remote = addr_of(remote),
        .remote_as = remote_as,
        .hold = config->hold != 0 ? config->hold : HS_SEC(90),
        .graceful_restart = config->graceful_restart,
        .bfd_aborts_restart = config->bfd_aborts_restart,
    };
}

/* The VGW's port behind an endpoint, and the endpoint's port to the VGW. */
static unsigned
join_vgw(Hybrid *h, NodeLink *backbone, const char *name)
{
    HsPortConfig port = node_link_port(backbone, 1, name);
    unsigned number = hs_vgw_add_endpoint(h->vgw, &port);

    node_link_join(backbone, 1, hs_vgw_router(h->vgw), number);
    return number;
}

static void
make_dx(Hybrid *h, const HybridConfig *config)
{
    HsControlPeerConfig site =
        session(config, "dx", "169.254.100.2", "169.254.100.1", AWS_AS);
    HsControlPeerConfig aws =
        session(config, "dx", "169.254.100.1", "169.254.100.2", SITE_AS);
    HsPrefix address = prefix_of("169.254.100.2/30");
    HsPrefix vpc = prefix_of("10.0.0.0/16");
    HsPortConfig port = node_link_port(&h->dx, 0, "dx");
    unsigned number;

    site.bfd_interval = aws.bfd_interval = config->bfd;
    site.bfd_multiplier = aws.bfd_multiplier = config->bfd != 0 ? 3 : 0;
    site.bfd_independent = config->site_independent;
    aws.bfd_independent = config->aws_independent;
    site.local_preference = 200;
    h->cgw_dx = hs_customer_gateway_add_dx(h->cgw, &port, &address, false, NULL,
                                           &site, &number);
    node_link_join(&h->dx, 0, hs_customer_gateway_router(h->cgw), number);

    port = node_link_port(&h->dx, 1, "dx");
    address = prefix_of("169.254.100.1/30");
    number = hs_dx_endpoint_add_vif(h->dx_aws, &port, &address);
    node_link_join(&h->dx, 1, hs_dx_endpoint_router(h->dx_aws), number);
    hs_dx_endpoint_session(h->dx_aws, number, &aws);
    port = node_link_port(&h->dx_backbone, 0, "backbone");
    number = hs_dx_endpoint_add_backbone(h->dx_aws, &port, &vpc);
    node_link_join(&h->dx_backbone, 0, hs_dx_endpoint_router(h->dx_aws),
                   number);
    aws.egress = join_vgw(h, &h->dx_backbone, "dx");
    aws.tag = HS_VGW_DX;
    h->aws_dx = hs_vgw_add_session(h->vgw, &aws);
}

EspSaConfig
hybrid_sa(const HybridConfig *config, bool to_aws, uint32_t spi)
{
    const char *site = "203.0.113.1", *aws = "198.51.100.1";
    g_autoptr(HsRng) rng =
        hs_rng_new(spi, to_aws ? "to AWS" : "to site", "keys");
    EspSaConfig sa = {
        .spi = spi,
        .suite = ESP_SUITE_AES128_CBC_SHA1,
        .source = addr_of(to_aws ? site : aws),
        .destination = addr_of(to_aws ? aws : site),
        .nat_t = config->nat_t,
        .df = config->df ? ESP_DF_COPY : ESP_DF_CLEAR,
        .soft = {.packets = config->packets_max},
    };

    esp_keys_draw(&sa.keys, sa.suite, rng);
    return sa;
}

void
hybrid_add_sas(Hybrid *h, const HybridConfig *config, unsigned id,
               uint32_t spi_to_aws, uint32_t spi_to_site)
{
    EspSaConfig to_aws = hybrid_sa(config, true, spi_to_aws);
    EspSaConfig to_site = hybrid_sa(config, false, spi_to_site);

    ck_assert(hs_tunnel_add_sas(h->aws_tunnel, id, &to_aws, &to_site));
    ck_assert(hs_tunnel_add_sas(h->cgw_tunnel, id, &to_site, &to_aws));
}

static void
make_tunnel(Hybrid *h, const HybridConfig *config)
{
    HsControlPeerConfig site =
        session(config, "tunnel", "169.254.10.2", "169.254.10.1", AWS_AS);
    HsControlPeerConfig aws =
        session(config, "tunnel", "169.254.10.1", "169.254.10.2", SITE_AS);
    HsTunnelConfig tunnel = {
        .name = "tunnel",
        .address = prefix_of("169.254.10.2/30"),
        .outside_mtu = 1500,
        .events = config->events,
        .user_data = config->events_data,
    };
    EspSaConfig to_aws = hybrid_sa(config, true, HYBRID_SPI_TO_AWS);
    HsPrefix outside = prefix_of("203.0.113.1/32");
    HsPortConfig port = node_link_port(&h->internet, 0, "uplink");
    size_t mtu = esp_inner_mtu(&to_aws, tunnel.outside_mtu);
    unsigned number;

    number = hs_customer_gateway_add_uplink(h->cgw, &port, &outside);
    node_link_join(&h->internet, 0, hs_customer_gateway_router(h->cgw), number);
    h->cgw_vpn = hs_customer_gateway_add_tunnel(
        h->cgw, &tunnel, config->clamp_mss ? mtu : 0, &site, &h->cgw_tunnel);

    port = node_link_port(&h->internet, 1, "outside");
    outside = prefix_of("198.51.100.1/32");
    number = hs_vpn_endpoint_add_outside(h->vpn_aws, &port, &outside);
    node_link_join(&h->internet, 1, hs_vpn_endpoint_router(h->vpn_aws), number);
    tunnel.address = prefix_of("169.254.10.1/30");
    tunnel.no_frag_needed = true;
    tunnel.events = NULL;
    h->aws_tunnel = hs_vpn_endpoint_add_tunnel(h->vpn_aws, &tunnel);
    if (!config->no_sas) {
        hybrid_add_sas(h, config, 1, HYBRID_SPI_TO_AWS, HYBRID_SPI_TO_SITE);
        ck_assert(hs_tunnel_send_on(h->aws_tunnel, 1));
        ck_assert(hs_tunnel_send_on(h->cgw_tunnel, 1));
    }
    port = node_link_port(&h->vpn_backbone, 0, "backbone");
    number = hs_vpn_endpoint_add_backbone(h->vpn_aws, &port);
    node_link_join(&h->vpn_backbone, 0, hs_vpn_endpoint_router(h->vpn_aws),
                   number);
    hs_vpn_endpoint_session(h->vpn_aws, h->aws_tunnel, &aws);
    aws.egress = join_vgw(h, &h->vpn_backbone, "tunnel");
    aws.tag = HS_VGW_VPN_BGP;
    h->aws_vpn = hs_vgw_add_session(h->vgw, &aws);
}

/* A host at end 0 of the LAN and of the VPC's link. */
static void
make_lans(Hybrid *h)
{
    HsPrefix lan = prefix_of("172.16.0.1/24"), vpc = prefix_of("10.0.0.1/16");
    HsPortConfig port = node_link_port(&h->lan, 1, "lan");

    node_link_join(&h->lan, 1, hs_customer_gateway_router(h->cgw),
                   hs_customer_gateway_add_lan(h->cgw, &port, &lan));
    port = node_link_port(&h->vpc, 1, "vpc");
    node_link_join(&h->vpc, 1, hs_vgw_router(h->vgw),
                   hs_vgw_add_vpc(h->vgw, &port, &vpc));
}

void
hybrid_init(Hybrid *h, const HybridConfig *config)
{
    NodeLink *links[] = {&h->lan,         &h->dx,           &h->internet,
                         &h->dx_backbone, &h->vpn_backbone, &h->vpc};

    h->world = fake_world_new(1);
    for (unsigned i = 0; i < G_N_ELEMENTS(links); i++)
        node_link_init(links[i], h->world, HS_MSEC(1));
    make_nodes(h, config);
    make_dx(h, config);
    make_tunnel(h, config);
    make_lans(h);
}

void
hybrid_clear(Hybrid *h)
{
    NodeLink *links[] = {&h->lan,         &h->dx,           &h->internet,
                         &h->dx_backbone, &h->vpn_backbone, &h->vpc};

    /* The VGW's sessions watch by the endpoints' BFD. */
    hs_vgw_free(h->vgw);
    hs_customer_gateway_free(h->cgw);
    hs_dx_endpoint_free(h->dx_aws);
    hs_vpn_endpoint_free(h->vpn_aws);
    for (unsigned i = 0; i < G_N_ELEMENTS(links); i++)
        node_link_clear(links[i]);
    fake_world_free(h->world);
}

void
hybrid_start(Hybrid *h, HsTime until)
{
    hs_vgw_start(h->vgw);
    hs_dx_endpoint_start(h->dx_aws);
    hs_customer_gateway_start(h->cgw);
    fake_world_run(h->world, until);
}

void
hybrid_cut_dx(Hybrid *h, bool cut)
{
    h->dx.cut = cut;
    fake_world_cut(h->world, h->cgw_env, h->dx_env, cut);
}

void
hybrid_carrier_dx(Hybrid *h, bool up)
{
    hybrid_cut_dx(h, !up);
    hs_control_carrier(h->cgw_dx, up);
    hs_control_carrier(h->aws_dx, up);
}

const char *
route_of(const HsRouter *router, unsigned vrf, const char *address)
{
    HsAddr addr = addr_of(address);
    HsRoute route;

    if (!hs_router_lookup(router, vrf, &addr, &route))
        return "none";
    if (route.n_hops == 0)
        return "local";
    return hs_router_port_name(router, route.hops[0].port);
}

const char *
hybrid_to_aws(const Hybrid *h)
{
    return route_of(hs_customer_gateway_router(h->cgw), 0, "10.0.0.10");
}

const char *
hybrid_to_site(const Hybrid *h)
{
    return route_of(hs_vgw_router(h->vgw), 0, "172.16.0.10");
}

static HsPacket *
packet_of(const char *hex)
{
    g_autoptr(GBytes) bytes = hex_bytes(hex);

    return hs_packet_new(g_bytes_get_data(bytes, NULL),
                         g_bytes_get_size(bytes));
}

void
hybrid_from_lan(Hybrid *h, const char *hex)
{
    node_link_send(&h->lan, 0, packet_of(hex));
}

void
hybrid_from_vpc(Hybrid *h, const char *hex)
{
    node_link_send(&h->vpc, 0, packet_of(hex));
}

void
check_router(const HsRouter *router)
{
    HsRouterCounters c = hs_router_counters(router);
    uint64_t drops = 0;

    for (unsigned i = 0; i < HS_DROP_COUNT; i++)
        drops += c.drops[i];
    ck_assert_msg(c.received + c.originated + c.fragments_made +
                          c.reassembled ==
                      c.delivered + c.sent + drops + c.fragmented +
                          c.fragments_joined + c.fragments_held,
                  "the counters of %s do not add up", hs_router_name(router));
}

void
hybrid_check(const Hybrid *h)
{
    check_router(hs_customer_gateway_router(h->cgw));
    check_router(hs_dx_endpoint_router(h->dx_aws));
    check_router(hs_vpn_endpoint_router(h->vpn_aws));
    check_router(hs_vgw_router(h->vgw));
}

void
expect_fact(FakeWorld *world, const char *text)
{
    g_autofree char *facts = fake_world_facts_text(world);

    ck_assert_msg(strstr(facts, text) != NULL, "no \"%s\" in\n%s", text, facts);
}

void
expect_no_fact(FakeWorld *world, const char *text)
{
    g_autofree char *facts = fake_world_facts_text(world);

    ck_assert_msg(strstr(facts, text) == NULL, "there is \"%s\" in\n%s", text,
                  facts);
}
