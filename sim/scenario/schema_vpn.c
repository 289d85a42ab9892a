/* Rows of a VPN connection: its tunnels, what the two sides negotiate, and
 * BGP inside. */

#include "config.h"

#include "sim/scenario/rows.h"

#define TUNNEL_ROWS(INDEX, NUMBER, MED, MED_ORIGIN, MED_WHY)                   \
    ROW(VPN, HsVpn, tunnel[INDEX].inside, "tunnel" NUMBER ".inside-cidr",      \
        PREFIX, NULL, DERIVED, "the next free /30 from 169.254.10.0",          \
        "the /30 inside tunnel " NUMBER "; AWS takes the first host"),         \
        ROW(VPN, HsVpn, tunnel[INDEX].aws_outside,                             \
            "tunnel" NUMBER ".aws-outside", ADDRESS, NULL, DERIVED,            \
            "the next of 203.0.113.0/24 (RFC 5737)",                           \
            "AWS's outside address of tunnel " NUMBER),                        \
        ROW(VPN, HsVpn, tunnel[INDEX].med, "tunnel" NUMBER ".med", COUNT32,    \
            MED, MED_ORIGIN, MED_WHY,                                          \
            "MED that AWS sends in tunnel " NUMBER "; it prefers the lower"),  \
        ROW(VPN, HsVpn, tunnel[INDEX].local_preference,                        \
            "tunnel" NUMBER ".local-preference", COUNT32, NULL, DERIVED,       \
            "local-preference",                                                \
            "the customer gateway's preference of routes from this tunnel"),   \
        ROW(VPN, HsVpn, tunnel[INDEX].psk, "tunnel" NUMBER ".psk", PSK, NULL,  \
            SEED, NULL, "pre-shared key of tunnel " NUMBER " at AWS"),         \
        ROW(VPN, HsVpn, tunnel[INDEX].cgw_psk, "tunnel" NUMBER ".cgw-psk",     \
            PSK, NULL, DERIVED, "tunnel" NUMBER ".psk",                        \
            "the same at the customer gateway: another one does not get "      \
            "through")

/* What one side takes in one phase; KEY ends with a dot. */
#define PHASE_ROWS(member_, key_, phase_, side_, encryption_, encryption_why_, \
                   integrity_, integrity_why_, groups_, groups_why_, refused_, \
                   groups_rule_, lifetime_, lifetime_why_, origin_, ...)       \
    ROW(VPN, HsVpn, member_.encryption, key_ "encryption", WORDS, encryption_, \
        origin_, encryption_why_,                                              \
        "ciphers of " phase_ " that " side_                                    \
        " takes; aes128 and aes256 are CBC",                                   \
        .words = hs_encryption_words),                                         \
        ROW(VPN, HsVpn, member_.integrity, key_ "integrity", WORDS,            \
            integrity_, origin_, integrity_why_,                               \
            "HMACs of " phase_ " that " side_ " takes",                        \
            .words = hs_integrity_words),                                      \
        ROW(VPN, HsVpn, member_.groups, key_ "dh-group", WORDS, groups_,       \
            origin_, groups_why_,                                              \
            "Diffie-Hellman groups of " phase_ " that " side_ " takes",        \
            .words = hs_dh_group_words, .refused = refused_,                   \
            .rule = groups_rule_),                                             \
        ROW(VPN, HsVpn, member_.lifetime, key_ "lifetime", DURATION,           \
            lifetime_, AWS, lifetime_why_,                                     \
            "when " side_ " has an SA of " phase_ " replaced, at the latest",  \
            __VA_ARGS__)

#define BIT(group) (1u << HS_DH_GROUP_##group)

static const HsRow rows[] = {
    REQUIRED(VPN, HsVpn, site, "between", BETWEEN,
             "the [onprem] and the [gateway] it connects, in either order",
             .targets = KINDS(GATEWAY)),
    ROW(VPN, HsVpn, underlays, "underlay", ELEMENTS, "internet", AWS, VPN_HOW,
        "what carries it: the [internet]; a [dx] with vif=public, or several, "
        "which all lead to one outside address; or a [dx] with vif=transit, "
        "for private addresses",
        .targets = KINDS(DX) | KINDS(INTERNET)),
    ROW(VPN, HsVpn, tunnels, "tunnels", COUNT32, "2", AWS, VPN_HOW,
        "tunnels that the customer gateway has configured",
        RANGE(1, HS_VPN_TUNNELS, "a connection has two")),
    ROW(VPN, HsVpn, outside, "outside", ADDRESS, NULL, DERIVED,
        "the site's, or its second router's; the interface's on one public "
        "virtual interface; else one of its own, announced there",
        "the customer gateway's outside address of both tunnels"),
    TUNNEL_ROWS(0, "1", "100", AWS, VPN_SAMPLE),
    TUNNEL_ROWS(1, "2", "200", ASSUMED, "AWS only says that they differ"),
    ROW(VPN, HsVpn, cgw, "cgw", WORD, "strongswan", ASSUMED,
        "the make of the gateway is yours to say",
        "whose IKE timing the customer gateway has: its retransmissions, and "
        "when it rekeys",
        .words = hs_ike_preset_words),
    ROW(VPN, HsVpn, startup, "startup", WORD, "start", AWS, VPN_START,
        "start: the customer gateway begins, and again after a loss; add: it "
        "waits for AWS",
        .words = hs_startup_words),
    PHASE_ROWS(ike, "ike.", "IKE", "the customer gateway", "aes256", SUITE_B,
               "sha2-384", SUITE_B, "20", SUITE_B, 0, NULL, "8h", VPN_SAMPLE,
               ASSUMED, RANGE(HS_SEC(60), HS_SEC(30 * 86400), NULL)),
    PHASE_ROWS(esp, "esp.", "ESP", "the customer gateway", "aes256-gcm16",
               SUITE_B, "sha2-256", "with CBC only", "20", SUITE_B, 0, NULL,
               "1h", VPN_SAMPLE, ASSUMED,
               RANGE(HS_SEC(60), HS_SEC(30 * 86400), NULL)),
    ROW(VPN, HsVpn, dpd, "dpd.mode", WORD, NULL, DERIVED,
        "periodic with strongswan, on-demand with cisco",
        "when the customer gateway asks whether AWS lives: after dpd.delay of "
        "silence, and on-demand only if it has sent something since",
        .words = hs_dpd_mode_words),
    ROW(VPN, HsVpn, dpd_delay, "dpd.delay", DURATION, "10s", AWS, VPN_SAMPLE,
        "silence after which it asks", RANGE(HS_SEC(1), HS_SEC(3600), NULL)),
    ROW(VPN, HsVpn, dpd_action, "dpd.action", WORD, "restart", AWS, VPN_SAMPLE,
        "what follows from no answer: the tunnel goes (clear), stays (none), "
        "or goes and is made again (restart)",
        .words = hs_dpd_action_words),
    ROW(VPN, HsVpn, aws_startup, "aws.startup", WORD, "add", AWS, VPN_TUNNEL,
        "add: AWS waits for the customer gateway; start: it begins",
        .words = hs_startup_words),
    PHASE_ROWS(aws_ike, "aws.ike.", "IKE", "AWS",
               "aes128, aes256, aes128-gcm16, aes256-gcm16", VPN_TUNNEL,
               "sha1, sha2-256, sha2-384, sha2-512", VPN_TUNNEL,
               "2, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24", VPN_TUNNEL,
               BIT(5) | BIT(31),
               "is refused: AWS takes 2 and 14 to 24 in phase 1 (" VPN_TUNNEL
               ")",
               "8h", VPN_TUNNEL, AWS,
               RANGE(HS_SEC(900), HS_SEC(28800),
                     VPN_TUNNEL ": phase 1 takes 900s to 8h")),
    PHASE_ROWS(
        aws_esp, "aws.esp.", "ESP", "AWS",
        "aes128, aes256, aes128-gcm16, aes256-gcm16", VPN_TUNNEL,
        "sha1, sha2-256, sha2-384, sha2-512", VPN_TUNNEL,
        "2, 5, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24", VPN_TUNNEL, BIT(31),
        "is refused: AWS takes 2, 5 and 14 to 24 in phase 2 (" VPN_TUNNEL ")",
        "1h", VPN_TUNNEL, AWS,
        RANGE(HS_SEC(900), HS_SEC(3600),
              VPN_TUNNEL ": phase 2 takes 900s to 1h")),
    ROW(VPN, HsVpn, aws_rekey_margin, "aws.rekey-margin", DURATION, "270s", AWS,
        VPN_TUNNEL, "AWS rekeys within so much of the lifetime's end",
        RANGE(HS_SEC(60), HS_SEC(1800),
              VPN_TUNNEL ": 60s to half of the phase 2 lifetime")),
    ROW(VPN, HsVpn, aws_rekey_fuzz, "aws.rekey-fuzz", PERCENT, "100%", AWS,
        VPN_TUNNEL, "share of that margin from which the seed draws"),
    ROW(VPN, HsVpn, aws_dpd_timeout, "aws.dpd-timeout", DURATION, "40s", AWS,
        VPN_TUNNEL,
        "silence after which AWS gives the customer gateway up: it asks after "
        "10s, three times",
        RANGE(HS_SEC(30), HS_SEC(86400), VPN_TUNNEL ": 30s or more")),
    ROW(VPN, HsVpn, aws_dpd_action, "aws.dpd-action", WORD, "clear", AWS,
        VPN_TUNNEL,
        "what follows: the tunnel goes (clear), nothing (none), or AWS begins "
        "anew (restart)",
        .words = hs_dpd_action_words),
    ROW(VPN, HsVpn, nat_t, "nat-t", BOOL, NULL, DERIVED,
        "no, or yes if accelerated (" VPN_OPTIONS ")",
        "the customer gateway insists on ESP in UDP 4500, as behind a NAT"),
    ROW(VPN, HsVpn, esn, "esn", BOOL, "no", ASSUMED,
        "AWS does not say what it negotiates", "extended sequence numbers"),
    ROW(VPN, HsVpn, replay_window, "replay-window", COUNT32, "128", AWS,
        VPN_SAMPLE, "replay window of the customer gateway, in packets",
        RANGE(64, 2048, "64 to 2048")),
    ROW(VPN, HsVpn, aws_replay_window, "aws.replay-window", COUNT32, "1024",
        AWS, VPN_TUNNEL, "replay window of AWS",
        RANGE(64, 2048, VPN_TUNNEL ": 64 to 2048")),
    ROW(VPN, HsVpn, mss_clamp, "mss-clamp", BOOL, "yes", AWS, VPN_CGW,
        "the customer gateway lowers the MSS of TCP to what fits the tunnel"),
    BGP_ROWS(VPN, HsVpn, "10s", "30s", VPN_SAMPLE, "100",
             "below Direct Connect's 200"),
    ROW(VPN, HsVpn, routing, "routing", WORD, "bgp", DEFAULT, NULL,
        "how routes are learned", .words = hs_routing_words),
    ROW(VPN, HsVpn, static_routes, "static-routes", PREFIXES, NULL, DERIVED,
        "the site's prefix, if routing=static",
        "AWS's static routes into the tunnels"),
    ROW(VPN, HsVpn, cgw_static_routes, "cgw.static-routes", PREFIXES, NULL,
        DERIVED, "the networks of the gateway's VPCs, if routing=static",
        "the customer gateway's static routes into the tunnels"),
    ROW(VPN, HsVpn, router, "router", COUNT32, "1", DEFAULT, NULL,
        "which customer gateway of the site it ends on", RANGE(1, 2, NULL)),
    ROW(VPN, HsVpn, announce, "announce", PREFIXES, NULL, DERIVED,
        "the site's prefix",
        "what the customer gateway announces in the tunnels, or none"),
    ROW(VPN, HsVpn, announce_extra, "announce.extra", COUNT32, "0", DEFAULT,
        NULL, "and so many /24 of 198.18.0.0/15 (RFC 2544) besides",
        RANGE(0, 512, "there are 512")),
    ROW(VPN, HsVpn, prefix_limit, "aws.prefix-limit", COUNT32, NULL, DERIVED,
        "100 on a VGW, 1000 on a TGW (" VPN_QUOTAS ")",
        "prefixes that AWS takes here; one more, and the session goes down",
        RANGE(1, 1000, VPN_QUOTAS ": up to 1000")),
    ROW(VPN, HsVpn, cgw_remote_asn, "cgw.remote-asn", COUNT32, NULL, DERIVED,
        "the gateway's", "AS that the customer gateway expects there"),
    ROW(VPN, HsVpn, aws_remote_asn, "aws.remote-asn", COUNT32, NULL, DERIVED,
        "the site's", "AS of the customer gateway, as AWS was told"),
    ROW(VPN, HsVpn, bandwidth, "bandwidth", WORD, "standard", AWS, VPN_TUNNEL,
        "of each tunnel", .words = hs_bandwidth_words),
    ROW(VPN, HsVpn, aws_rate, "aws.rate", RATE, NULL, DERIVED,
        "1.25Gbps, or 5Gbps if large (" VPN_QUOTAS ")",
        "what AWS lets through a tunnel each way", LINK_RATE),
    ROW(VPN, HsVpn, aws_pps, "aws.pps", COUNT32, NULL, DERIVED,
        "140000 (" VPN_QUOTAS "), or 560000 if large, which is assumed",
        "the same in packets a second", RANGE(1, 100000000, NULL)),
    ROW(VPN, HsVpn, accelerated, "accelerated", BOOL, "no", AWS, VPN_HOW,
        "TGW: AWS's edge is near the customer, and NAT-T is used"),
};

const HsRows hs_vpn_rows = {rows, G_N_ELEMENTS(rows)};
