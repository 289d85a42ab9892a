/* Rows of Direct Connect: physical connections and virtual interfaces. */

#include "config.h"

#include "sim/scenario/rows.h"

#define PHYSICAL_ROWS(kind_, struct_)                                          \
    ROW(kind_, struct_, physical.type, "type", WORD, NULL, DERIVED,            \
        "hosted at a rate that only those have, else dedicated",               \
        "dedicated: a port; hosted: a share of a partner's, where what is "    \
        "above the rate is dropped",                                           \
        .words = hs_connection_type_words),                                    \
        ROW(kind_, struct_, physical.location, "location", NAME, NULL,         \
            DERIVED, "one of its own: NAME",                                   \
            "the Direct Connect location; any word"),                          \
        ROW(kind_, struct_, physical.device, "device", NAME, NULL, DERIVED,    \
            "one of its own: NAME", "AWS's device there; any word"),           \
        ROW(kind_, struct_, physical.region, "region", NAME, NULL, DERIVED,    \
            "home", "the AWS Region of the location"),                         \
        ROW(kind_, struct_, physical.router, "router", COUNT32, "1", DEFAULT,  \
            NULL, "which customer gateway of the site it ends on",             \
            RANGE(1, 2, NULL)),                                                \
        ROW(kind_, struct_, physical.lag, "lag", COUNT32, "1", DEFAULT, NULL,  \
            "links that are aggregated; rate is that of each",                 \
            RANGE(1, 4, DX_LAG ": four, or two of 100Gbps or more")),          \
        ROW(kind_, struct_, physical.lag_min_links, "lag.min-links", COUNT32,  \
            "0", AWS, DX_LAG,                                                  \
            "with fewer of them the whole LAG goes down; 0: never",            \
            RANGE(0, 4, NULL)),                                                \
        ROW(kind_, struct_, physical.macsec, "macsec", WORD, "off", AWS,       \
            DX_MACSEC,                                                         \
            "encryption of this one hop: with should_encrypt frames pass in "  \
            "clear if it cannot be, with must_encrypt none do",                \
            .words = hs_macsec_words)

static const HsRow rows[] = {
    LINK_ROWS(CONNECTION, HsConnection, link, "", "1Gbps",
              "the smallest dedicated port", "2ms", "about 400 km of fibre",
              "9001B", AWS, DX_JUMBO, "42B", ETHERNET_VLAN),
    PHYSICAL_ROWS(CONNECTION, HsConnection),

    REQUIRED(
        DX, HsDx, site, "between", BETWEEN,
        "the [onprem], and the [gateway] or [dxgw] it connects it with; of a "
        "public interface one of the gateways whose VPNs it carries",
        .targets = KINDS(GATEWAY) | KINDS(DXGW)),
    ROW(DX, HsDx, connection, "connection", REFERENCE, NULL, DERIVED,
        "one of its own, described by the keys of [connection] here",
        "the [connection] it is on", .target = HS_KIND_CONNECTION),
    LINK_ROWS(DX, HsDx, link, "", "1Gbps", "the smallest dedicated port", "2ms",
              "about 400 km of fibre", "1500B", AWS,
              DX_JUMBO ": 1500, or 9001, or 8500 if transit", "42B",
              ETHERNET_VLAN),
    ROW(DX, HsDx, vif, "vif", WORD, "private", DEFAULT, NULL,
        "private: to a VGW or [dxgw]; transit: to a [dxgw] with TGWs; public: "
        "to "
        "AWS's public addresses, for a [vpn]",
        .words = hs_vif_words),
    ROW(DX, HsDx, aws_asn, "aws.asn", COUNT32, NULL, DERIVED,
        "that of the gateway or DXGW; 7224 on a public interface",
        "AWS's autonomous system number here", .fixed = true),
    ROW(DX, HsDx, vlan, "vlan", COUNT16, "101", DEFAULT, NULL,
        "802.1Q tag of the virtual interface",
        RANGE(1, 4094, DX_VIF ": 1 to 4094")),
    ROW(DX, HsDx, peer, "peer.cidr", PREFIX, NULL, DERIVED,
        "the next free /30 from 169.254.96.0; from 192.0.2.0 (RFC 5737) on a "
        "public interface",
        "subnet of the two BGP peers"),
    ROW(DX, HsDx, customer_address, "peer.customer", ADDRESS, NULL, DERIVED,
        "the second host of peer.cidr", "the customer gateway's address"),
    ROW(DX, HsDx, aws_address, "peer.aws", ADDRESS, NULL, DERIVED,
        "the first host of peer.cidr", "AWS's address"),
    ROW(DX, HsDx, customer.graceful_restart, "graceful-restart", DURATION, "0s",
        AWS,
        "AWS Knowledge Center, BFD for Direct Connect: not together with BFD",
        "restart time of RFC 4724 that the customer gateway offers; 0s: no "
        "graceful restart. AWS offers 120s. With bfd, a cut is then taken for "
        "a restart, and traffic is lost for as long",
        RANGE(0, HS_SEC(4095), "RFC 4724 3: twelve bits of seconds"),
        .step = HS_SEC(1)),
    ROW(DX, HsDx, bfd, "bfd", BFD, "off", AWS,
        DX_BFD ": inert until the customer turns it on",
        "BFD of the customer gateway"),
    ROW(DX, HsDx, aws_bfd, "aws.bfd", BFD, "300ms x 3", AWS, DX_QUOTAS,
        "BFD of AWS, which waits for the customer's"),
    BGP_ROWS(DX, HsDx, "30s", "90s", DX_QUOTAS, "200",
             "the customer prefers Direct Connect to VPN (100)"),
    ROW(DX, HsDx, aws.med, "aws.med", COUNT32, "0", AWS,
        "AWS Transit Gateway guide, \"Route evaluation order\"",
        "MED that AWS sends here"),
    ROW(DX, HsDx, port, "port", PORT, NULL, DERIVED,
        "simulated; of a real gateway NAME-DX: the site's NAME, the group's DX",
        "a real gateway's device of this virtual interface"),
    PHYSICAL_ROWS(DX, HsDx),
    ROW(DX, HsDx, announce, "announce", PREFIXES, NULL, DERIVED,
        "the site's prefix; on a public interface its own addresses",
        "what the customer gateway announces here, or none"),
    ROW(DX, HsDx, announce_extra, "announce.extra", COUNT32, "0", DEFAULT, NULL,
        "and so many /24 of 198.18.0.0/15 (RFC 2544) besides",
        RANGE(0, 512, "there are 512")),
    ROW(DX, HsDx, cgw_remote_asn, "cgw.remote-asn", COUNT32, NULL, DERIVED,
        "aws.asn", "AS that the customer gateway expects there"),
    ROW(DX, HsDx, aws_remote_asn, "aws.remote-asn", COUNT32, NULL, DERIVED,
        "the site's", "AS of the customer gateway, as AWS was told"),
    ROW(DX, HsDx, prefix_limit, "aws.prefix-limit", COUNT32, NULL, DERIVED,
        "100; 1000 on a public interface (" DX_QUOTAS ")",
        "prefixes that AWS takes here; one more, and the session goes down",
        RANGE(1, 1000, DX_QUOTAS ": up to 1000")),
};

const HsRows hs_dx_rows = {rows, G_N_ELEMENTS(rows)};
