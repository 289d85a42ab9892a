/* A hybrid network of node models in a fake world: one site, one VPC, a private
 * virtual interface and one tunnel between them.
 *
 *     host ── lan ── cgw ══ dx ══ dx.aws ── dx_backbone ── vgw ── vpc ── host
 *                     └── internet ── vpn.aws ── vpn_backbone ──┘
 *
 *     LAN  172.16.0.0/24    AS 65001      VPC  10.0.0.0/16      AS 64512
 *     DX   169.254.100.2 ── 169.254.100.1    tunnel  169.254.10.2 ── 10.1
 *     outside  203.0.113.1 ── 198.51.100.1
 *
 * Packets go over the links, BGP's connections between the nodes of the fake
 * world; hybrid_cut_dx() cuts both. */

#ifndef HS_TESTS_HARNESS_HYBRID_H
#define HS_TESTS_HARNESS_HYBRID_H

#include "models/aws/endpoint.h"
#include "models/aws/vgw.h"
#include "models/onprem/customer_gateway.h"
#include "tests/harness/node_link.h"

typedef struct {
    HsDuration hold;             /* of both sessions and sides; 0: 90 s */
    HsDuration bfd;              /* interval on DX, three missed; 0: none */
    HsDuration graceful_restart; /* of the site, on both; AWS has 120 s on DX */
    bool site_independent, aws_independent; /* their BFD's C bits */
    bool bfd_aborts_restart;                /* at both ends */
    HsDuration carrier_delay;               /* of cgw and dx.aws */
    HsDuration convergence;                 /* of the VGW */
    bool nat_t;
    bool no_sas;                  /* the tunnel has none to begin with */
    const HsTunnelEvents *events; /* of the site's end of it */
    void *events_data;
    uint64_t packets_max; /* soft limit of each SA */
    bool clamp_mss;
    bool df; /* the site has DF set in the outer header of what it sends */
} HybridConfig;

typedef struct {
    FakeWorld *world;
    HsEnv *cgw_env, *dx_env, *vpn_env, *vgw_env;
    HsCustomerGateway *cgw;
    HsDxEndpoint *dx_aws;
    HsVpnEndpoint *vpn_aws;
    HsVgw *vgw;
    HsTunnel *cgw_tunnel, *aws_tunnel;
    NodeLink lan, dx, internet, dx_backbone, vpn_backbone, vpc;
    HsControlPeer *cgw_dx, *cgw_vpn; /* the site's side of the sessions */
    HsControlPeer *aws_dx, *aws_vpn;
} Hybrid;

/* In place; nothing is started. The tunnel has pair 1 of SAs. */
void hybrid_init(Hybrid *h, const HybridConfig *config);
void hybrid_clear(Hybrid *h);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Hybrid, hybrid_clear)

#define HYBRID(h, ...)                                                         \
    g_auto(Hybrid) h = {0};                                                    \
    hybrid_init(&h, &(HybridConfig){__VA_ARGS__})

#define HYBRID_SPI_TO_AWS  0x1001
#define HYBRID_SPI_TO_SITE 0x2002

/* One direction of a pair for the tunnel; keys differ by SPI. */
EspSaConfig hybrid_sa(const HybridConfig *config, bool to_aws, uint32_t spi);

/* Pair ID at both ends; nothing is sent on it yet. */
void hybrid_add_sas(Hybrid *h, const HybridConfig *config, unsigned id,
                    uint32_t spi_to_aws, uint32_t spi_to_site);

/* Starts the sessions and runs to UNTIL. */
void hybrid_start(Hybrid *h, HsTime until);

/* Both directions, or heals them. */
void hybrid_cut_dx(Hybrid *h, bool cut);

/* The carrier at both ends of the DX, as a link would tell it. */
void hybrid_carrier_dx(Hybrid *h, bool up);

/* The name of the port by which ROUTER sends to ADDRESS in VRF; "none". */
const char *route_of(const HsRouter *router, unsigned vrf, const char *address);

/* Each side's way to the other: "dx", "tunnel" or "none". */
const char *hybrid_to_aws(const Hybrid *h);
const char *hybrid_to_site(const Hybrid *h);

/* A host's packet, in hexadecimal, at the LAN or in the VPC. */
void hybrid_from_lan(Hybrid *h, const char *hex);
void hybrid_from_vpc(Hybrid *h, const char *hex);

/* Fails the test unless a router's counters add up (router.h). */
void check_router(const HsRouter *router);
void hybrid_check(const Hybrid *h);

/* TEXT occurs in the facts; the message shows them all. */
void expect_fact(FakeWorld *world, const char *text);
void expect_no_fact(FakeWorld *world, const char *text);

HsAddr addr_of(const char *text);
HsPrefix prefix_of(const char *text);

#endif
