/* The rows. Defaults are texts, read by the same functions as a file's values,
 * so that a default cannot be what a file could not say.
 *
 * Sources: "AWS ..." names a page of AWS's user guides. What nobody publishes
 * is ASSUMED, with the reason for the value, and a result names it if it moved
 * the result. */

#include "config.h"

#include "sim/scenario/schema.h"

#include <stddef.h>
#include <string.h>

#define X(name, text) text,
static const char *const preset_words[] = {HS_PRESETS(X) NULL};
static const char *const gateway_type_words[] = {HS_GATEWAY_TYPES(X) NULL};
static const char *const vif_words[] = {HS_VIFS(X) NULL};
static const char *const encryption_words[] = {HS_ENCRYPTIONS(X) NULL};
static const char *const integrity_words[] = {HS_INTEGRITIES(X) NULL};
static const char *const dh_group_words[] = {HS_DH_GROUPS(X) NULL};
static const char *const ike_preset_words[] = {HS_IKE_PRESETS(X) NULL};
static const char *const startup_words[] = {HS_STARTUPS(X) NULL};
static const char *const dpd_mode_words[] = {HS_DPD_MODES(X) NULL};
static const char *const dpd_action_words[] = {HS_DPD_ACTIONS(X) NULL};
static const char *const arrival_words[] = {HS_ARRIVAL_KINDS(X) NULL};
static const char *const fault_words[] = {HS_FAULT_ACTIONS(X) NULL};
static const char *const direction_words[] = {HS_DIRECTIONS(X) NULL};
static const char *const origin_words[] = {HS_ORIGINS(X) NULL};
#undef X

#define X(name, type, field, text) text,
static const char *const kind_words[] = {HS_SCENARIO_KINDS(X) NULL};
#undef X

/* An enumerator that is not in its table is a programming error. */
#define NAME_FUNCTION(function, type, words)                                   \
    const char *function(type value)                                           \
    {                                                                          \
        g_assert((unsigned)value < G_N_ELEMENTS(words) - 1);                   \
        return words[value];                                                   \
    }

NAME_FUNCTION(hs_preset_name, HsPreset, preset_words)
NAME_FUNCTION(hs_gateway_type_name, HsGatewayType, gateway_type_words)
NAME_FUNCTION(hs_vif_name, HsVif, vif_words)
NAME_FUNCTION(hs_encryption_name, HsEncryption, encryption_words)
NAME_FUNCTION(hs_integrity_name, HsIntegrity, integrity_words)
NAME_FUNCTION(hs_dh_group_name, HsDhGroup, dh_group_words)
NAME_FUNCTION(hs_ike_preset_name, HsIkePreset, ike_preset_words)
NAME_FUNCTION(hs_startup_name, HsStartup, startup_words)
NAME_FUNCTION(hs_dpd_mode_name, HsDpdMode, dpd_mode_words)
NAME_FUNCTION(hs_dpd_action_name, HsDpdAction, dpd_action_words)
NAME_FUNCTION(hs_arrival_kind_name, HsArrivalKind, arrival_words)
NAME_FUNCTION(hs_fault_action_name, HsFaultAction, fault_words)
NAME_FUNCTION(hs_direction_name, HsDirection, direction_words)
NAME_FUNCTION(hs_origin_name, HsOrigin, origin_words)
NAME_FUNCTION(hs_kind_name, HsKind, kind_words)

/* Where AWS writes it. */
#define DX_QUOTAS  "AWS Direct Connect guide, \"Quotas\""
#define DX_VIF     "AWS Direct Connect guide, \"Virtual interfaces\""
#define DX_BFD     "AWS Direct Connect guide, \"Enable BFD\""
#define VPN_TUNNEL "AWS Site-to-Site VPN guide, \"Tunnel options\""
#define VPN_SAMPLE "AWS Site-to-Site VPN guide, sample configurations"
#define VPN_START                                                              \
    "AWS Site-to-Site VPN guide, \"Tunnel initiation\": the customer begins"
#define SUITE_B    "RFC 6379, Suite-B-GCM-256; AWS takes all"
#define VPN_CGW    "AWS Site-to-Site VPN guide, \"Your customer gateway\""
#define VPN_ROUTES "AWS Site-to-Site VPN guide, \"Route priority\""

#define NETNS_HELP                                                             \
    "the network namespace of a real one, made if there is none of that "      \
    "name; or the path of one, such as /proc/self/ns/net for hybridsim's own"

#define ROW(kind_, struct_, member_, key_, type_, fallback_, origin_, source_, \
            help_, ...)                                                        \
    {                                                                          \
        .kind = HS_KIND_##kind_, .key = key_, .type = HS_TYPE_##type_,         \
        .offset = offsetof(struct_, member_), .fallback = fallback_,           \
        .origin = HS_ORIGIN_##origin_, .source = source_, .help = help_,       \
        ##__VA_ARGS__                                                          \
    }
#define REQUIRED(kind_, struct_, member_, key_, type_, help_, ...)             \
    ROW(kind_, struct_, member_, key_, type_, NULL, FILE, NULL, help_,         \
        .required = true, ##__VA_ARGS__)
#define RANGE(low_, high_, rule_)                                              \
    .low = (low_), .high = (high_), .rule = (rule_)

#define LINK_RATE  RANGE(1000, INT64_C(1600000000000), NULL)
#define LINK_DELAY RANGE(0, HS_SEC(10), NULL)
#define LINK_MTU   RANGE(576, 9216, "RFC 791: 576 at least")

/* What every link has; PREFIX is "" or ends with a dot. */
#define LINK_ROWS(kind_, struct_, member_, prefix_, rate_, rate_why_, delay_,  \
                  delay_why_, mtu_, mtu_origin_, mtu_why_, overhead_,          \
                  overhead_why_)                                               \
    ROW(kind_, struct_, member_.rate, prefix_ "rate", RATE, rate_, ASSUMED,    \
        rate_why_, "bit rate of the link", LINK_RATE),                         \
        ROW(kind_, struct_, member_.delay, prefix_ "delay", DURATION, delay_,  \
            ASSUMED, delay_why_, "one-way delay of the link", LINK_DELAY),     \
        ROW(kind_, struct_, member_.mtu, prefix_ "mtu", SIZE, mtu_,            \
            mtu_origin_, mtu_why_, "largest IP packet", LINK_MTU),             \
        ROW(kind_, struct_, member_.queue, prefix_ "queue", COUNT32, "1000",   \
            ASSUMED, "Linux's transmit queue; routers differ",                 \
            "packets that wait at each end before one is dropped",             \
            RANGE(1, 1000000, NULL)),                                          \
        ROW(kind_, struct_, member_.overhead, prefix_ "overhead", SIZE,        \
            overhead_, IEEE, overhead_why_,                                    \
            "bytes of the medium around each IP packet", RANGE(0, 256, NULL))

#define ETHERNET      "802.3: preamble 8, header 14, FCS 4, gap 12"
#define ETHERNET_VLAN "802.3 and 802.1Q: Ethernet 38 and tag 4"

#define BGP_TIMERS                                                             \
    RANGE(HS_SEC(1), HS_SEC(65535), DX_QUOTAS ": keepalive 1 s or more")
#define BGP_HOLD                                                               \
    RANGE(HS_SEC(3), HS_SEC(65535),                                            \
          DX_QUOTAS ": hold time 3 s or more; RFC 4271 4.2: whole seconds"),   \
        .step = HS_SEC(1)

#define BGP_ROWS(kind_, struct_, keepalive_, hold_, why_, preference_,         \
                 preference_why_)                                              \
    ROW(kind_, struct_, customer.keepalive, "keepalive", DURATION, keepalive_, \
        AWS, why_, "BGP keepalive time of the customer gateway", BGP_TIMERS),  \
        ROW(kind_, struct_, customer.hold, "hold", DURATION, hold_, AWS, why_, \
            "BGP hold time that the customer gateway offers; the lower offer " \
            "counts",                                                          \
            BGP_HOLD),                                                         \
        ROW(kind_, struct_, aws.keepalive, "aws.keepalive", DURATION,          \
            keepalive_, AWS, why_, "BGP keepalive time of AWS", BGP_TIMERS),   \
        ROW(kind_, struct_, aws.hold, "aws.hold", DURATION, hold_, AWS, why_,  \
            "BGP hold time that AWS offers", BGP_HOLD),                        \
        ROW(kind_, struct_, policy.local_preference, "local-preference",       \
            COUNT32, preference_, ASSUMED, preference_why_,                    \
            "the customer gateway's preference of routes learned here; the "   \
            "highest wins"),                                                   \
        ROW(kind_, struct_, policy.prepend, "prepend", COUNT32, "0", DEFAULT,  \
            NULL,                                                              \
            "times the customer gateway adds its AS to routes it sends here",  \
            RANGE(0, 16, "longer paths are refused in practice")),             \
        ROW(kind_, struct_, customer.med, "med", COUNT32, "0", DEFAULT, NULL,  \
            "MED that the customer gateway sends here"),                       \
        ROW(kind_, struct_, policy.communities, "communities", COMMUNITIES,    \
            "none", DEFAULT, NULL,                                             \
            "communities on routes that the customer gateway "                 \
            "sends here, or none")

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
        .words = encryption_words),                                            \
        ROW(VPN, HsVpn, member_.integrity, key_ "integrity", WORDS,            \
            integrity_, origin_, integrity_why_,                               \
            "HMACs of " phase_ " that " side_ " takes",                        \
            .words = integrity_words),                                         \
        ROW(VPN, HsVpn, member_.groups, key_ "dh-group", WORDS, groups_,       \
            origin_, groups_why_,                                              \
            "Diffie-Hellman groups of " phase_ " that " side_ " takes",        \
            .words = dh_group_words, .refused = refused_,                      \
            .rule = groups_rule_),                                             \
        ROW(VPN, HsVpn, member_.lifetime, key_ "lifetime", DURATION,           \
            lifetime_, AWS, lifetime_why_,                                     \
            "when " side_ " has an SA of " phase_ " replaced, at the latest",  \
            __VA_ARGS__)

#define BIT(group) (1u << HS_DH_GROUP_##group)

const HsRow hs_schema_rows[] = {
    ROW(SETTINGS, HsSettings, title, "title", TEXT, "", DEFAULT, NULL,
        "one line that says what the scenario shows"),
    ROW(SETTINGS, HsSettings, description, "description", TEXT, "", DEFAULT,
        NULL, "more of it"),
    ROW(SETTINGS, HsSettings, duration, "duration", DURATION, "300s", DEFAULT,
        NULL, "simulated time of the run",
        RANGE(HS_SEC(1), HS_SEC(86400), NULL)),
    ROW(SETTINGS, HsSettings, warmup, "warmup", DURATION, "20s", DEFAULT, NULL,
        "time for sessions to come up; statistics start after it"),
    ROW(SETTINGS, HsSettings, seed, "seed", COUNT64, "1", DEFAULT, NULL,
        "what all random draws start from"),

    REQUIRED(
        ONPREM, HsOnprem, asn, "asn", COUNT32,
        "the site's autonomous system number",
        RANGE(1, INT64_C(4294967294), DX_VIF ": 1 to 4294967294, RFC 6793")),
    REQUIRED(ONPREM, HsOnprem, prefix, "prefix", PREFIX,
             "the site's network, announced to AWS"),
    ROW(ONPREM, HsOnprem, preset, "preset", WORD, "frr", ASSUMED,
        "the make of the router is yours to say",
        "whose timing of BGP and BFD the customer gateway has",
        .words = preset_words),
    ROW(ONPREM, HsOnprem, router_id, "router-id", ADDRESS, NULL, DERIVED,
        "the first host of prefix", "BGP identifier of the customer gateway"),
    LINK_ROWS(ONPREM, HsOnprem, lan, "lan.", "10Gbps", "a usual server port",
              "50us", "one building", "1500B", RFC, "RFC 894", "38B", ETHERNET),
    LINK_ROWS(ONPREM, HsOnprem, uplink, "uplink.", "1Gbps",
              "a usual internet access", "1ms", "to a provider in town",
              "1500B", RFC, "RFC 894", "38B", ETHERNET),
    ROW(ONPREM, HsOnprem, outside, "outside", ADDRESS, NULL, DERIVED,
        "the next of 198.51.100.0/24 (RFC 5737)",
        "the customer gateway's address on the internet"),
    ROW(ONPREM, HsOnprem, fib_delay, "fib-delay", DURATION, "10ms", ASSUMED,
        "a few routes, no line cards",
        "from a new best route to packets that follow it", LINK_DELAY),
    ROW(ONPREM, HsOnprem, carrier_delay, "carrier-delay", DURATION, "10ms",
        ASSUMED, "loss of light is seen within milliseconds",
        "from the loss of carrier to the router acting on it", LINK_DELAY),
    ROW(ONPREM, HsOnprem, port, "port", PORT, "simulated", DEFAULT, NULL,
        "`tun NAME`: in `hybridsim live` the customer gateway is a real one, "
        "with a TUN device for each of its links, named NAME-..."),
    ROW(ONPREM, HsOnprem, netns, "netns", TEXT, NULL, DERIVED,
        "the port's name", NETNS_HELP),
    ROW(ONPREM, HsOnprem, lan_port, "lan.port", PORT, NULL, DERIVED, "NAME-lan",
        "a real gateway's device towards the LAN"),
    ROW(ONPREM, HsOnprem, uplink_port, "uplink.port", PORT, NULL, DERIVED,
        "NAME-uplink", "a real gateway's device towards the internet"),

    REQUIRED(VPC, HsVpc, cidr, "cidr", PREFIX,
             "the VPC's network, announced to the site"),
    LINK_ROWS(VPC, HsVpc, lan, "lan.", "10Gbps", "a usual instance", "200us",
              "across availability zones", "9001B", AWS,
              "AWS EC2 guide, \"Network MTU\"", "38B", ETHERNET),

    ROW(GATEWAY, HsGateway, type, "type", WORD, "vgw", DEFAULT, NULL,
        "virtual private gateway", .words = gateway_type_words),
    ROW(GATEWAY, HsGateway, asn, "asn", COUNT32, "64512", AWS,
        "AWS Site-to-Site VPN guide, \"How it works\"",
        "AWS's autonomous system number"),
    REQUIRED(GATEWAY, HsGateway, vpc, "attach", REFERENCE,
             "the VPC it is attached to", .target = HS_KIND_VPC),
    ROW(GATEWAY, HsGateway, preset, "preset", WORD, "aws", ASSUMED,
        "AWS publishes no jitter and no retry times",
        "whose timing of BGP AWS has", .words = preset_words),
    ROW(GATEWAY, HsGateway, router_id, "router-id", ADDRESS, NULL, DERIVED,
        "the first host of the VPC", "BGP identifier of the gateway"),
    LINK_ROWS(GATEWAY, HsGateway, edge, "edge.", "10Gbps",
              "never the bottleneck of one VPN", "250us",
              "within an AWS region", "1500B", AWS,
              "AWS Site-to-Site VPN guide, \"Quotas\": no jumbo frames", "38B",
              ETHERNET),
    ROW(GATEWAY, HsGateway, convergence, "convergence", DURATION, "100ms",
        ASSUMED, "AWS publishes none; 0.1s to 10s are plausible",
        "a route change, from AWS's endpoint to the gateway and the VPC",
        RANGE(0, HS_SEC(600), NULL)),
    ROW(GATEWAY, HsGateway, fib_delay, "fib-delay", DURATION, "10ms", ASSUMED,
        "AWS publishes none", "from a new best route to packets that follow it",
        LINK_DELAY),
    ROW(GATEWAY, HsGateway, carrier_delay, "carrier-delay", DURATION, "10ms",
        ASSUMED, "loss of light is seen within milliseconds",
        "from the loss of carrier to AWS's device acting on it", LINK_DELAY),

    REQUIRED(DX, HsDx, site, "between", BETWEEN,
             "the [onprem] and the [gateway] it connects, in either order"),
    LINK_ROWS(DX, HsDx, link, "", "1Gbps", "the smallest dedicated port", "2ms",
              "about 400 km of fibre", "1500B", AWS,
              "AWS Direct Connect guide, \"Jumbo frames\": 1500 or 9001", "42B",
              ETHERNET_VLAN),
    ROW(DX, HsDx, vif, "vif", WORD, "private", DEFAULT, NULL,
        "private: to the VPC; public: to AWS's public addresses, for a [vpn]",
        .words = vif_words),
    ROW(DX, HsDx, aws_asn, "aws.asn", COUNT32, NULL, DERIVED,
        "the gateway's; 7224 on a public interface",
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

    LINK_ROWS(INTERNET, HsInternet, link, "", "1Gbps", "above the accesses",
              "8ms", "some hundred kilometres, several providers", "1500B", RFC,
              "RFC 894", "38B", ETHERNET),
    ROW(INTERNET, HsInternet, jitter, "jitter", DISTRIBUTION, "exponential 1ms",
        ASSUMED, "measure your own path", "added to the delay of each packet"),
    ROW(INTERNET, HsInternet, reorder, "reorder", BOOL, "no", ASSUMED,
        "one flow takes one path", "whether jitter lets packets overtake"),
    ROW(INTERNET, HsInternet, loss, "loss", PERCENT, "0%", ASSUMED,
        "so that the fault is the only loss",
        "packets lost at random, each way"),

    REQUIRED(VPN, HsVpn, site, "between", BETWEEN,
             "the [onprem] and the [gateway] it connects, in either order"),
    ROW(VPN, HsVpn, underlay_dx, "underlay", UNDERLAY, "internet", AWS,
        "AWS Site-to-Site VPN guide, \"How it works\"",
        "the [internet], or the [dx] with vif=public, that carries it"),
    ROW(VPN, HsVpn, tunnels, "tunnels", COUNT32, "2", AWS,
        "AWS Site-to-Site VPN guide, \"How it works\"",
        "tunnels that the customer gateway has configured",
        RANGE(1, HS_VPN_TUNNELS, "a connection has two")),
    ROW(VPN, HsVpn, outside, "outside", ADDRESS, NULL, DERIVED,
        "the site's; the interface's on a public virtual interface",
        "the customer gateway's outside address of both tunnels"),
    TUNNEL_ROWS(0, "1", "100", AWS, VPN_SAMPLE),
    TUNNEL_ROWS(1, "2", "200", ASSUMED, "AWS only says that they differ"),
    ROW(VPN, HsVpn, cgw, "cgw", WORD, "strongswan", ASSUMED,
        "the make of the gateway is yours to say",
        "whose IKE timing the customer gateway has: its retransmissions, and "
        "when it rekeys",
        .words = ike_preset_words),
    ROW(VPN, HsVpn, startup, "startup", WORD, "start", AWS, VPN_START,
        "start: the customer gateway begins, and again after a loss; add: it "
        "waits for AWS",
        .words = startup_words),
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
        .words = dpd_mode_words),
    ROW(VPN, HsVpn, dpd_delay, "dpd.delay", DURATION, "10s", AWS, VPN_SAMPLE,
        "silence after which it asks", RANGE(HS_SEC(1), HS_SEC(3600), NULL)),
    ROW(VPN, HsVpn, dpd_action, "dpd.action", WORD, "restart", AWS, VPN_SAMPLE,
        "what follows from no answer: the tunnel goes (clear), stays (none), "
        "or goes and is made again (restart)",
        .words = dpd_action_words),
    ROW(VPN, HsVpn, aws_startup, "aws.startup", WORD, "add", AWS, VPN_TUNNEL,
        "add: AWS waits for the customer gateway; start: it begins",
        .words = startup_words),
    PHASE_ROWS(aws_ike, "aws.ike.", "IKE", "AWS",
               "aes128, aes256, aes128-gcm16, aes256-gcm16", VPN_TUNNEL,
               "sha1, sha2-256, sha2-384, sha2-512", VPN_TUNNEL,
               "2, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24", VPN_TUNNEL,
               BIT(5) | BIT(31),
               "is refused: AWS takes 2 and 14 to 24 in phase 1", "8h",
               VPN_TUNNEL, AWS,
               RANGE(HS_SEC(900), HS_SEC(28800),
                     VPN_TUNNEL ": phase 1 takes 900s to 8h")),
    PHASE_ROWS(aws_esp, "aws.esp.", "ESP", "AWS",
               "aes128, aes256, aes128-gcm16, aes256-gcm16", VPN_TUNNEL,
               "sha1, sha2-256, sha2-384, sha2-512", VPN_TUNNEL,
               "2, 5, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24", VPN_TUNNEL,
               BIT(31), "is refused: AWS takes 2, 5 and 14 to 24 in phase 2",
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
        .words = dpd_action_words),
    ROW(VPN, HsVpn, nat_t, "nat-t", BOOL, "no", AWS,
        "AWS Site-to-Site VPN guide, \"Customer gateway options\"",
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

    REQUIRED(DATABASE, HsDatabase, client, "client", REFERENCE,
             "the VPC of the application", .target = HS_KIND_VPC),
    REQUIRED(DATABASE, HsDatabase, server, "server", REFERENCE,
             "the site of the database", .target = HS_KIND_ONPREM),
    ROW(DATABASE, HsDatabase, client_address, "client-address", ADDRESS, NULL,
        DERIVED, "the tenth host of the VPC", "address of the application"),
    ROW(DATABASE, HsDatabase, server_address, "server-address", ADDRESS, NULL,
        DERIVED, "the tenth host of the site", "address of the database"),
    ROW(DATABASE, HsDatabase, port, "port", COUNT16, "5432", DEFAULT, NULL,
        "TCP port of the database", RANGE(1, 65535, NULL)),
    ROW(DATABASE, HsDatabase, interval, "rate", FREQUENCY, "100/s", ASSUMED,
        "measure your application",
        "requests of each client: the persistent one and the pool",
        RANGE(HS_USEC(10), HS_SEC(60), NULL)),
    ROW(DATABASE, HsDatabase, arrivals, "arrivals", WORD, "poisson", ASSUMED,
        "many independent users", "how requests are spread in time",
        .words = arrival_words),
    ROW(DATABASE, HsDatabase, request, "request", SIZE, "200B", ASSUMED,
        "measure your application", "bytes of a request",
        RANGE(32, 16 * 1024 * 1024, NULL)),
    ROW(DATABASE, HsDatabase, reply, "reply", SIZE, "1000B", ASSUMED,
        "measure your application", "bytes of a reply",
        RANGE(32, 16 * 1024 * 1024, NULL)),
    ROW(DATABASE, HsDatabase, think, "think", DISTRIBUTION, "exponential 2ms",
        ASSUMED, "measure your database", "what the server takes to answer"),
    ROW(DATABASE, HsDatabase, pool, "pool", COUNT32, "10", ASSUMED,
        "a usual pool", "connections of the pool", RANGE(1, 1000, NULL)),
    ROW(DATABASE, HsDatabase, timeout, "timeout", DURATION, "1s", ASSUMED,
        "a usual setting",
        "the pool gives up on a query, closes its connection and opens another",
        RANGE(HS_MSEC(1), HS_SEC(3600), NULL)),
    ROW(DATABASE, HsDatabase, reconnect, "reconnect", DURATION, "100ms",
        ASSUMED, "a usual setting",
        "the pool waits so long before it connects again; doubles up to 5s",
        RANGE(HS_MSEC(1), HS_SEC(5), NULL)),
    ROW(DATABASE, HsDatabase, client_port, "client.port", PORT, "simulated",
        DEFAULT, NULL,
        "`tun NAME`: in `hybridsim live` the application's host is a real one"),
    ROW(DATABASE, HsDatabase, client_netns, "client.netns", TEXT, NULL, DERIVED,
        "the port's name", NETNS_HELP),
    ROW(DATABASE, HsDatabase, server_port, "server.port", PORT, "simulated",
        DEFAULT, NULL,
        "`tun NAME`: in `hybridsim live` the database's host is a real one"),
    ROW(DATABASE, HsDatabase, server_netns, "server.netns", TEXT, NULL, DERIVED,
        "the port's name", NETNS_HELP),

    ROW(PROBE, HsProbing, database, "database", REFERENCE, NULL, DERIVED,
        "the first [database]", "between whose hosts it runs, both ways",
        .target = HS_KIND_DATABASE),
    ROW(PROBE, HsProbing, interval, "interval", DURATION, "10ms", DEFAULT, NULL,
        "from one probe to the next: the resolution of the outage",
        RANGE(HS_MSEC(1), HS_SEC(10), NULL)),
    ROW(PROBE, HsProbing, size, "size", SIZE, "64B", DEFAULT, NULL,
        "payload of a probe", RANGE(16, 1400, NULL)),
    ROW(PROBE, HsProbing, port, "port", COUNT16, "6363", DEFAULT, NULL,
        "UDP port of the probe", RANGE(1, 65535, NULL)),

    REQUIRED(FAULT, HsFault, target, "target", TARGET,
             "what fails: a [dx], an [internet], a [vpn] or its tunnel1 or "
             "tunnel2"),
    REQUIRED(FAULT, HsFault, action, "action", WORD,
             "link-down: both ends lose carrier; blackhole: packets vanish and "
             "nobody is told",
             .words = fault_words),
    ROW(FAULT, HsFault, direction, "direction", WORD, "both", DEFAULT, NULL,
        "which packets a blackhole takes", .words = direction_words),
    REQUIRED(FAULT, HsFault, at, "at", RANGE,
             "when; from a range the seed draws the instant"),
    ROW(FAULT, HsFault, length, "for", SPAN, "forever", DEFAULT, NULL,
        "how long, or forever"),

    ROW(CAPTURE, HsCapture, file, "file", BOOL, "yes", DEFAULT, NULL,
        "write capture.pcapng"),
    ROW(CAPTURE, HsCapture, filter, "filter", TEXT, "", DEFAULT, NULL,
        "a BPF expression that packets must match, as for tcpdump"),
    ROW(CAPTURE, HsCapture, snaplen, "snaplen", SIZE, "0B", DEFAULT, NULL,
        "bytes kept of each packet; 0 for all"),
    ROW(CAPTURE, HsCapture, limit, "limit", SIZE64, "4GB", DEFAULT, NULL,
        "size at which the file stops growing; 0 for none"),
    ROW(CAPTURE, HsCapture, links, "links", LINKS, "all", DEFAULT, NULL,
        "which links: all, or names such as primary, primary.backbone, dc.lan, "
        "dc.uplink, app.lan, internet, backup.tunnel1.edge, "
        "backup.tunnel1.backbone"),
    ROW(CAPTURE, HsCapture, per_link, "per-link", BOOL, "no", DEFAULT, NULL,
        "write a classic pcap for each link as well"),
};

const unsigned hs_schema_row_count = G_N_ELEMENTS(hs_schema_rows);
G_STATIC_ASSERT(G_N_ELEMENTS(hs_schema_rows) <= 256);

#define KIND(struct_, named_, fallback_, help_)                                \
    {                                                                          \
        .size = sizeof(struct_), .named = named_, .fallback = fallback_,       \
        .help = help_                                                          \
    }

const HsKindInfo hs_schema_kinds[HS_KIND_COUNT] = {
    [HS_KIND_SETTINGS] = KIND(HsSettings, false, NULL, "The run as a whole."),
    [HS_KIND_ONPREM] =
        KIND(HsOnprem, true, NULL,
             "A site: hosts on a LAN behind one customer gateway."),
    [HS_KIND_VPC] = KIND(HsVpc, true, NULL, "A VPC with the application."),
    [HS_KIND_GATEWAY] =
        KIND(HsGateway, true, NULL, "What AWS terminates DX and VPN on."),
    [HS_KIND_DX] =
        KIND(HsDx, true, NULL,
             "A Direct Connect connection with one virtual interface."),
    [HS_KIND_INTERNET] =
        KIND(HsInternet, true, "internet",
             "The internet between the two edges. `[internet]` is short for "
             "`[internet internet]`, which is there without being written if "
             "a VPN names it."),
    [HS_KIND_VPN] = KIND(HsVpn, true, NULL,
                         "A Site-to-Site VPN connection with its tunnels."),
    [HS_KIND_DATABASE] =
        KIND(HsDatabase, true, NULL,
             "The database, its application, and the two clients that are "
             "always observed: one persistent connection and a pool. A "
             "scenario has one."),
    [HS_KIND_PROBE] =
        KIND(HsProbing, true, "probe",
             "The data-plane probe. `[probe]` is short for `[probe probe]`, "
             "which is there without being written if there is a database."),
    [HS_KIND_FAULT] = KIND(HsFault, true, NULL, "What breaks, and when."),
    [HS_KIND_CAPTURE] =
        KIND(HsCapture, false, NULL, "The packets that are kept."),
    [HS_KIND_EXPECT] =
        KIND(HsExpect, false, NULL,
             "What the result is held against: `FIGURE.max` or `FIGURE.min`, "
             "all of which must hold. A figure that was not observed meets no "
             "expectation."),
};

const HsRow *
hs_schema_find(HsKind kind, const char *key)
{
    for (unsigned i = 0; i < hs_schema_row_count; i++) {
        const HsRow *row = &hs_schema_rows[i];

        if (row->kind == kind && g_str_equal(row->key, key))
            return row;
    }
    return NULL;
}

const char *
hs_type_name(HsType type)
{
    static const char *const names[] = {
#define X(name, text, example) text,
        HS_TYPES(X)
#undef X
    };

    g_assert((unsigned)type < G_N_ELEMENTS(names));
    return names[type];
}

const char *
hs_type_example(HsType type)
{
    static const char *const examples[] = {
#define X(name, text, example) example,
        HS_TYPES(X)
#undef X
    };

    g_assert((unsigned)type < G_N_ELEMENTS(examples));
    return examples[type];
}

GPtrArray *
hs_schema_keys(HsKind kind)
{
    GPtrArray *keys = g_ptr_array_new_with_free_func(g_free);

    for (unsigned i = 0; i < hs_schema_row_count; i++) {
        const HsRow *row = &hs_schema_rows[i];

        if (row->kind == kind && !row->fixed)
            g_ptr_array_add(keys, g_strdup(row->key));
    }
    if (kind == HS_KIND_EXPECT)
        hs_expectation_add_keys(keys);
    return keys;
}
