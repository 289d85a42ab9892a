/* What AWS would refuse when it is set up is refused here, with AWS's reason
 * and the page of its guides. Each row breaks one rule of a good design; the
 * designs themselves are taken. */

#include "config.h"

#include "sim/scenario/scenario.h"

#include "tests/harness/run.h"

#include <glib.h>
#include <string.h>

/* A VGW with Direct Connect and a VPN, the design that most people draw. */
static const char vgw_base[] =
    "[onprem dc]\nasn = 65001\nprefix = 192.168.0.0/16\n"
    "[vpc app]\ncidr = 10.0.0.0/16\n"
    "[gateway vgw]\nattach = app\n"
    "[dx x]\nbetween = dc, vgw\n"
    "[vpn v]\nbetween = dc, vgw\n"
    "[database db]\nclient = app\nserver = dc\n";

/* The same through a Direct Connect gateway. */
static const char dxgw_base[] =
    "[onprem dc]\nasn = 65001\nprefix = 192.168.0.0/16\n"
    "[vpc app]\ncidr = 10.0.0.0/16\n"
    "[gateway vgw]\nattach = app\n"
    "[dxgw dxg]\nasn = 64513\n"
    "[association a]\nbetween = dxg, vgw\nallowed-prefixes = 10.0.0.0/8\n"
    "[dx x]\nbetween = dc, dxg\n"
    "[database db]\nclient = app\nserver = dc\n";

/* A TGW with two VPCs, a transit virtual interface and a VPN beside it. */
static const char tgw_base[] =
    "[onprem dc]\nasn = 65001\nprefix = 192.168.0.0/16\n"
    "[vpc app]\ncidr = 10.1.0.0/16\n"
    "[vpc data]\ncidr = 10.2.0.0/16\n"
    "[gateway core]\ntype = tgw\nattach = app, data\nasn = 64600\n"
    "[dxgw dxg]\n"
    "[association a]\nbetween = core, dxg\n"
    "allowed-prefixes = 10.1.0.0/16, 10.2.0.0/16\n"
    "[dx t]\nbetween = dc, dxg\nvif = transit\nrate = 10Gbps\n"
    "[vpn v]\nbetween = dc, core\n"
    "[database db]\nclient = app\nserver = dc\n";

/* A private IP VPN on that interface. */
static const char private_base[] =
    "[onprem dc]\nasn = 65001\nprefix = 192.168.0.0/16\n"
    "[vpc app]\ncidr = 10.1.0.0/16\n"
    "[gateway core]\ntype = tgw\nattach = app\nasn = 64600\n"
    "cidr = 10.99.0.0/24\n"
    "[dxgw dxg]\n"
    "[association a]\nbetween = core, dxg\n"
    "allowed-prefixes = 10.1.0.0/16, 10.99.0.0/24\n"
    "[dx t]\nbetween = dc, dxg\nvif = transit\nrate = 10Gbps\n"
    "[vpn v]\nbetween = dc, core\nunderlay = t\n"
    "[database db]\nclient = app\nserver = dc\n";

static const char *const bases[] = {vgw_base, dxgw_base, tgw_base,
                                    private_base};

typedef struct {
    const char *name;
    const char *base;
    const char *more; /* behind it */
    const char *sets[4];
    const char *message; /* without places */
} Row;

static const Row rows[] = {
    {"a_tunnel_of_a_tgw_has_its_own_med",
     tgw_base,
     "",
     {"vpn v.tunnel2.med=200", NULL},
     "[vpn v] tunnel2.med: [gateway core] is a transit gateway, which sends "
     "the same MED in all tunnels of a VPN (AWS Site-to-Site VPN guide, "
     "\"Route priority\")"},
    {"vpcs_that_peer_overlap",
     tgw_base,
     "[vpc lab]\n"
     "cidr = 10.1.128.0/17\n"
     "[peering p]\n"
     "between = app, lab\n",
     {NULL},
     "[vpc lab] cidr: 10.1.128.0/17 overlaps 10.1.0.0/16 of [vpc app]; VPCs "
     "that are connected must not overlap (AWS Direct Connect guide, "
     "\"Virtual private gateway associations\"; AWS VPC Peering guide, "
     "\"VPC peering limitations\")"},
    {"vpcs_of_a_dxgw_overlap",
     dxgw_base,
     "[vpc lab]\n"
     "cidr = 10.0.0.0/20\n"
     "[gateway lab-vgw]\n"
     "attach = lab\n"
     "[association al]\n"
     "between = dxg, lab-vgw\n",
     {NULL},
     "[vpc lab] cidr: 10.0.0.0/20 overlaps 10.0.0.0/16 of [vpc app]; VPCs "
     "that are connected must not overlap (AWS Direct Connect guide, "
     "\"Virtual private gateway associations\"; AWS VPC Peering guide, "
     "\"VPC peering limitations\")"},
    {"sites_of_a_cloudhub_overlap",
     vgw_base,
     "[onprem branch]\n"
     "asn = 65002\n"
     "prefix = 192.168.7.0/24\n"
     "[vpn hub]\n"
     "between = branch, vgw\n",
     {NULL},
     "[onprem branch] prefix: 192.168.7.0/24 overlaps 192.168.0.0/16 of "
     "[onprem dc]; sites behind one gateway must not overlap (AWS "
     "Site-to-Site VPN guide, \"VPN CloudHub\")"},
    {"a_site_in_a_vpc",
     vgw_base,
     "",
     {"onprem dc.prefix=10.0.7.0/24", NULL},
     "[vpc app] cidr: 10.0.0.0/16 overlaps 10.0.7.0/24 of [onprem dc]; AWS "
     "routes a VPC's own network before all that it learns (AWS VPC guide, "
     "\"Route tables\")"},
    {"a_vpc_too_wide",
     vgw_base,
     "",
     {"vpc app.cidr=10.0.0.0/15", NULL},
     "[vpc app] cidr: AWS takes VPCs with a length of 16 to 28 (AWS VPC "
     "guide, \"VPC CIDR blocks\")"},
    {"a_vgw_asn_that_aws_has_not",
     vgw_base,
     "",
     {"gateway vgw.asn=65000000", NULL},
     "[gateway vgw] asn: 65000000 is out of range: AWS takes 64512 to 65534 "
     "or 4200000000 to 4294967294 (AWS Site-to-Site VPN guide, \"How it "
     "works\")"},
    {"a_tgw_with_the_old_asn",
     tgw_base,
     "",
     {"gateway core.asn=7224", NULL},
     "[gateway core] asn: 7224 is out of range: AWS takes 64512 to 65534 or "
     "4200000000 to 4294967294 (AWS Transit Gateway guide, \"Transit "
     "gateways\")"},
    {"a_dxgw_with_the_old_asn",
     tgw_base,
     "",
     {"dxgw dxg.asn=7224", NULL},
     "[dxgw dxg] asn: 7224 is out of range: AWS takes 64512 to 65534 or "
     "4200000000 to 4294967294 (AWS Direct Connect guide, \"Direct Connect "
     "gateways\")"},
    {"customer_with_the_vgw_asn",
     vgw_base,
     "",
     {"onprem dc.asn=64512", NULL},
     "[dx x] between: [onprem dc] has AWS's AS number, 64512; the two must "
     "differ, or each takes the other's routes for a loop (AWS Direct "
     "Connect guide, \"Virtual interfaces\")\n[vpn v] between: [onprem dc] "
     "has AWS's AS number, 64512; the two must differ, or each takes the "
     "other's routes for a loop (AWS Direct Connect guide, \"Virtual "
     "interfaces\")"},
    {"customer_with_the_dxgw_asn",
     dxgw_base,
     "",
     {"onprem dc.asn=64513", NULL},
     "[dx x] between: [onprem dc] has AWS's AS number, 64513; the two must "
     "differ, or each takes the other's routes for a loop (AWS Direct "
     "Connect guide, \"Virtual interfaces\")"},
    {"customer_asn_of_aws",
     vgw_base,
     "",
     {"onprem dc.asn=7224", NULL},
     "[onprem dc] asn: 7224 is AWS's own (AWS Direct Connect guide, "
     "\"Virtual interfaces\")"},
    {"tgw_and_dxgw_of_one_asn",
     tgw_base,
     "",
     {"gateway core.asn=64512", NULL},
     "[association a] between: [dxgw dxg] and [gateway core] have the same "
     "AS number, 64512; the association of a transit gateway fails unless "
     "they differ (AWS Direct Connect guide, \"Transit gateway "
     "associations\")"},
    {"two_vgws_on_a_vpc",
     vgw_base,
     "[gateway two]\n"
     "attach = app\n"
     "router-id = 10.0.0.2\n",
     {NULL},
     "[gateway two] attach: [vpc app] has [gateway vgw] already; AWS "
     "attaches one virtual private gateway to a VPC (AWS Site-to-Site VPN "
     "guide, \"Quotas\")"},
    {"a_vgw_on_two_vpcs",
     vgw_base,
     "[vpc b]\n"
     "cidr = 10.3.0.0/16\n",
     {"gateway vgw.attach=app, b", NULL},
     "[gateway vgw] attach: a virtual private gateway is attached to one "
     "VPC; several take a transit gateway, \"type = tgw\" (AWS Site-to-Site "
     "VPN guide, \"How it works\")"},
    {"a_vgw_in_another_region",
     vgw_base,
     "",
     {"gateway vgw.region=tokyo", NULL},
     "[gateway vgw] attach: [vpc app] is in Region home, the gateway in "
     "tokyo; it takes a gateway of its own there, and a [peering] of two "
     "TGWs or a [dxgw] between (AWS Site-to-Site VPN guide, \"How it "
     "works\")\n[dx x] between: the location belongs to Region home, "
     "[gateway vgw] is in tokyo; a [dxgw] reaches other Regions (AWS Direct "
     "Connect guide, \"Virtual interfaces\")"},
    {"a_vgw_with_a_tgw_option",
     vgw_base,
     "",
     {"gateway vgw.vpn-ecmp=yes", NULL},
     "[gateway vgw] vpn-ecmp: a virtual private gateway has no such option; "
     "it is a transit gateway's (AWS Transit Gateway guide, \"Transit "
     "gateways\")"},
    {"a_vgw_with_a_block",
     vgw_base,
     "",
     {"gateway vgw.cidr=10.99.0.0/24", NULL},
     "[gateway vgw] cidr: a virtual private gateway has no such option; it "
     "is a transit gateway's (AWS Transit Gateway guide, \"Transit "
     "gateways\")"},
    {"a_vgw_with_a_table",
     vgw_base,
     "[table t]\n"
     "of = vgw\n",
     {NULL},
     "[table t] of: [gateway vgw] is a virtual private gateway, which has "
     "no route tables; its VPC has (AWS VPC guide, \"Route tables\")"},
    {"a_tgw_block_too_small",
     tgw_base,
     "",
     {"gateway core.cidr=10.99.0.0/25", NULL},
     "[gateway core] cidr: AWS takes blocks of a length of 24 or less (AWS "
     "Transit Gateway guide, \"Transit gateways\")"},
    {"a_tgw_block_of_link_local",
     tgw_base,
     "",
     {"gateway core.cidr=169.254.0.0/16", NULL},
     "[dx t] peer.cidr: 169.254.96.0/30 overlaps 169.254.0.0/16, cidr of "
     "[gateway core]\n[vpn v] tunnel1.inside-cidr: 169.254.10.0/30 overlaps "
     "169.254.0.0/16, cidr of [gateway core]\n[vpn v] tunnel2.inside-cidr: "
     "169.254.10.4/30 overlaps 169.254.0.0/16, cidr of [gateway core]\n"
     "[gateway core] cidr: AWS takes no block of 169.254.0.0/16 (AWS "
     "Transit Gateway guide, \"Transit gateways\")"},
    {"appliance_mode_of_a_stranger",
     tgw_base,
     "[vpc lab]\n"
     "cidr = 10.3.0.0/16\n",
     {"gateway core.appliance-mode=lab", NULL},
     "[gateway core] appliance-mode: [vpc lab] is not attached; it is an "
     "option of the attachment (AWS Transit Gateway guide, \"Transit "
     "gateway attachments to a VPC\")"},
    {"a_tgw_vpc_of_another_region",
     tgw_base,
     "",
     {"vpc data.region=tokyo", "gateway core.region=home", NULL},
     "[gateway core] attach: [vpc data] is in Region tokyo, the gateway in "
     "home; it takes a gateway of its own there, and a [peering] of two "
     "TGWs or a [dxgw] between (AWS Transit Gateway guide, \"Transit "
     "gateway attachments to a VPC\")"},
    {"a_tgw_mtu_too_large",
     tgw_base,
     "",
     {"gateway core.mtu=9001B", NULL},
     "[gateway core] mtu: \"9001B\" is out of range: 1500B to 8500B (AWS "
     "Transit Gateway guide, \"Quotas\": 8500)"},
    {"a_dxgw_with_vgw_and_tgw",
     tgw_base,
     "[vpc lab]\n"
     "cidr = 10.3.0.0/16\n"
     "[gateway lab-vgw]\n"
     "attach = lab\n"
     "[association al]\n"
     "between = dxg, lab-vgw\n",
     {NULL},
     "[dx t] vif: [dxgw dxg] is associated with a vgw, [gateway lab-vgw], "
     "for which AWS takes private virtual interfaces (AWS Direct Connect "
     "guide, \"Virtual private gateway associations\")\n[association al] "
     "between: [dxgw dxg] is associated with a tgw already; AWS associates "
     "virtual private gateways or transit gateways, never both (AWS Direct "
     "Connect guide, \"Transit gateway associations\")"},
    {"private_and_transit_vif_on_a_dxgw",
     tgw_base,
     "[dx q]\n"
     "between = dc, dxg\n",
     {NULL},
     "[dx q] vif: [dxgw dxg] has the transit virtual interface t already; a "
     "Direct Connect gateway has private or transit ones, never both (AWS "
     "Direct Connect guide, \"Transit gateway associations\")"},
    {"a_private_vif_for_a_tgw",
     tgw_base,
     "",
     {"dx t.vif=private", NULL},
     "[dx t] vif: [dxgw dxg] is associated with a tgw, [gateway core], for "
     "which AWS takes transit virtual interfaces (AWS Direct Connect guide, "
     "\"Transit gateway associations\")"},
    {"a_transit_vif_for_a_vgw",
     dxgw_base,
     "",
     {"dx x.vif=transit", NULL},
     "[dx x] vif: [dxgw dxg] is associated with a vgw, [gateway vgw], for "
     "which AWS takes private virtual interfaces (AWS Direct Connect guide, "
     "\"Virtual private gateway associations\")"},
    {"a_transit_vif_to_a_vgw",
     vgw_base,
     "",
     {"dx x.vif=transit", NULL},
     "[dx x] vif: [gateway vgw] is a vgw; a transit virtual interface ends "
     "on a [dxgw] with transit gateways (AWS Direct Connect guide, "
     "\"Virtual interfaces\")"},
    {"a_transit_vif_to_a_tgw",
     tgw_base,
     "",
     {"dx t.between=dc, core", NULL},
     "[dx t] vif: [gateway core] is a tgw; a transit virtual interface ends "
     "on a [dxgw] with transit gateways (AWS Direct Connect guide, "
     "\"Virtual interfaces\")"},
    {"a_private_vif_to_a_tgw",
     tgw_base,
     "",
     {"dx t.between=dc, core", "dx t.vif=private", NULL},
     "[dx t] vif: [gateway core] is a transit gateway, which takes a "
     "transit virtual interface to a [dxgw]; a private one ends on a "
     "virtual private gateway or a [dxgw] with such (AWS Direct Connect "
     "guide, \"Virtual interfaces\")"},
    {"a_public_vif_to_a_dxgw",
     tgw_base,
     "",
     {"dx t.vif=public", "vpn v.underlay=t", NULL},
     "[dx t] vif: a public virtual interface ends on no Direct Connect "
     "gateway; name the [gateway] of a VPN that it carries (AWS Direct "
     "Connect guide, \"Virtual interfaces\")"},
    {"a_private_vif_into_another_region",
     vgw_base,
     "",
     {"dx x.region=tokyo", NULL},
     "[dx x] between: the location belongs to Region tokyo, [gateway vgw] "
     "is in home; a [dxgw] reaches other Regions (AWS Direct Connect guide, "
     "\"Virtual interfaces\")"},
    {"two_associations_of_the_same",
     dxgw_base,
     "[association again]\n"
     "between = vgw, dxg\n",
     {NULL},
     "[association again] between: [association a] connects the same two "
     "already"},
    {"a_vgw_without_vpc_on_a_dxgw",
     dxgw_base,
     "[gateway hub]\n"
     "asn = 64520\n"
     "[association ah]\n"
     "between = dxg, hub\n",
     {NULL},
     "[association ah] between: [gateway hub] is attached to no VPC; AWS "
     "associates one that is (AWS Direct Connect guide, \"Virtual private "
     "gateway associations\")"},
    {"a_24_in_the_filter_of_a_16",
     dxgw_base,
     "",
     {"association a.allowed-prefixes=10.0.1.0/24", NULL},
     "[association a] allowed-prefixes: nothing gets through: none is "
     "10.0.0.0/16 of [vpc app], or covers it. With a virtual private "
     "gateway this is a filter, and a longer prefix lets no shorter one "
     "pass (AWS Direct Connect guide, \"Allowed prefixes interactions\")"},
    {"no_allowed_prefix_of_a_tgw",
     tgw_base,
     "",
     {"association a.allowed-prefixes=none", NULL},
     "[association a] allowed-prefixes: is empty; with a transit gateway "
     "exactly these are announced, so nothing would be, and AWS reports no "
     "error (AWS Direct Connect guide, \"Allowed prefixes interactions\")"},
    {"lists_of_two_tgws_overlap",
     tgw_base,
     "[vpc lab]\n"
     "cidr = 172.20.0.0/16\n"
     "[gateway edge]\n"
     "type = tgw\n"
     "attach = lab\n"
     "asn = 64601\n"
     "[association ae]\n"
     "between = dxg, edge\n"
     "allowed-prefixes = 172.20.0.0/16, 10.2.0.0/16\n",
     {NULL},
     "[association ae] allowed-prefixes: 10.2.0.0/16 overlaps 10.2.0.0/16 "
     "of [association a]; the lists of several transit gateways may not "
     "(AWS Direct Connect guide, \"Allowed prefixes interactions\")"},
    {"jumbo_on_a_public_vif",
     vgw_base,
     "[dx pub]\n"
     "between = dc, vgw\n"
     "vif = public\n"
     "mtu = 9001B\n"
     "[vpn over]\n"
     "between = dc, vgw\n"
     "underlay = pub\n",
     {NULL},
     "[dx pub] mtu: a public virtual interface has 1500B at AWS (AWS Direct "
     "Connect guide, \"Jumbo frames\")"},
    {"9001_on_a_transit_vif",
     tgw_base,
     "",
     {"dx t.mtu=9001B", NULL},
     "[dx t] mtu: AWS takes 1500B or 8500B on a transit virtual interface "
     "(AWS Direct Connect guide, \"Jumbo frames\")"},
    {"8500_on_a_private_vif",
     vgw_base,
     "",
     {"dx x.mtu=8500B", NULL},
     "[dx x] mtu: AWS takes 1500B or 9001B on a private virtual interface "
     "(AWS Direct Connect guide, \"Jumbo frames\")"},
    {"private_prefix_on_a_public_vif",
     vgw_base,
     "[dx pub]\n"
     "between = dc, vgw\n"
     "vif = public\n"
     "announce = 192.168.0.0/16\n"
     "[vpn over]\n"
     "between = dc, vgw\n"
     "underlay = pub\n",
     {NULL},
     "[dx pub] announce: 192.168.0.0/16 is private (RFC 1918); on a public "
     "virtual interface AWS takes public prefixes that you own (AWS Direct "
     "Connect guide, \"Virtual interfaces\")"},
    {"a_public_vif_for_nothing",
     vgw_base,
     "",
     {"dx x.vif=public", NULL},
     "[dx x] vif: a public virtual interface carries only VPNs, and no "
     "[vpn] has \"underlay = x\""},
    {"an_unknown_community_of_aws",
     vgw_base,
     "",
     {"dx x.communities=7224:7400", NULL},
     "[dx x] communities: 7224:7400 is AWS's own and says nothing here; "
     "expected 7224:7100, 7224:7200 or 7224:7300 (AWS Direct Connect guide, "
     "\"Routing policies and BGP communities\")"},
    {"two_preferences_at_once",
     vgw_base,
     "",
     {"dx x.communities=7224:7100, 7224:7300", NULL},
     "[dx x] communities: AWS's communities exclude each other; expected "
     "one of 7224:7100, 7224:7200 or 7224:7300 (AWS Direct Connect guide, "
     "\"Routing policies and BGP communities\")"},
    {"a_scope_on_a_private_vif",
     vgw_base,
     "",
     {"dx x.communities=7224:9100", NULL},
     "[dx x] communities: 7224:9100 is AWS's own and says nothing here; "
     "expected 7224:7100, 7224:7200 or 7224:7300 (AWS Direct Connect guide, "
     "\"Routing policies and BGP communities\")"},
    {"hold_below_three_seconds",
     vgw_base,
     "",
     {"dx x.hold=2s", NULL},
     "[dx x] hold: \"2s\" is out of range: 3s to 65535s (AWS Direct Connect "
     "guide, \"Quotas\": hold time 3 s or more; RFC 4271 4.2: whole seconds)"},
    {"keepalive_below_a_second",
     vgw_base,
     "",
     {"dx x.keepalive=500ms", NULL},
     "[dx x] keepalive: \"500ms\" is out of range: 1s to 65535s (AWS Direct "
     "Connect guide, \"Quotas\": keepalive 1 s or more)"},
    {"bfd_below_300ms",
     vgw_base,
     "",
     {"dx x.bfd=100ms x 3", NULL},
     "[dx x] bfd: \"100ms x 3\" is out of range: AWS takes intervals of "
     "300ms or more, in whole microseconds (AWS Direct Connect guide, "
     "\"Enable BFD\")"},
    {"bfd_times_two",
     vgw_base,
     "",
     {"dx x.bfd=300ms x 2", NULL},
     "[dx x] bfd: \"300ms x 2\" is out of range: AWS takes multipliers of 3 "
     "or more, RFC 5880 of 255 or less (AWS Direct Connect guide, \"Enable "
     "BFD\")"},
    {"aws_without_bfd",
     vgw_base,
     "",
     {"dx x.aws.bfd=off", NULL},
     "[dx x] aws.bfd: AWS has BFD on for every virtual interface; \"bfd = "
     "off\" keeps it idle (AWS Direct Connect guide, \"Enable BFD\")"},
    {"vlan_0",
     vgw_base,
     "",
     {"dx x.vlan=0", NULL},
     "[dx x] vlan: \"0\" is out of range: 1 to 4094 (AWS Direct Connect "
     "guide, \"Virtual interfaces\": 1 to 4094)"},
    {"a_limit_above_what_aws_gives",
     vgw_base,
     "",
     {"dx x.aws.prefix-limit=1001", NULL},
     "[dx x] aws.prefix-limit: \"1001\" is out of range: 1 to 1000 (AWS "
     "Direct Connect guide, \"Quotas\": up to 1000)"},
    {"a_speed_that_is_not_sold",
     vgw_base,
     "",
     {"dx x.rate=3Gbps", NULL},
     "[dx x] rate: AWS offers no such port; expected 1, 10, 100 or 400Gbps "
     "(AWS Direct Connect guide, \"Dedicated connections\"), or of a hosted "
     "connection 50, 100, 200, 300, 400 or 500Mbps, 1, 2, 5, 10 or 25Gbps "
     "(AWS Direct Connect guide, \"Hosted connections\")"},
    {"a_dedicated_port_of_2g",
     vgw_base,
     "",
     {"dx x.rate=2Gbps", "dx x.type=dedicated", NULL},
     "[dx x] type: AWS has no dedicated port of this rate; expected 1, 10, "
     "100 or 400Gbps (AWS Direct Connect guide, \"Dedicated connections\")"},
    {"a_hosted_connection_of_100g",
     vgw_base,
     "",
     {"dx x.rate=100Gbps", "dx x.type=hosted", NULL},
     "[dx x] type: AWS has no hosted connection of this rate; 25Gbps is the "
     "most (AWS Direct Connect guide, \"Hosted connections\")"},
    {"a_hosted_lag",
     vgw_base,
     "",
     {"dx x.type=hosted", "dx x.lag=2", NULL},
     "[dx x] lag: a hosted connection cannot be a LAG; its links are "
     "dedicated ones (AWS Direct Connect guide, \"Link aggregation groups\")"},
    {"three_links_of_100g",
     vgw_base,
     "",
     {"dx x.rate=100Gbps", "dx x.lag=3", NULL},
     "[dx x] lag: 3 links are too many; AWS takes two of 100Gbps or more, "
     "and four of less (AWS Direct Connect guide, \"Link aggregation "
     "groups\")"},
    {"five_links",
     vgw_base,
     "",
     {"dx x.lag=5", NULL},
     "[dx x] lag: \"5\" is out of range: 1 to 4 (AWS Direct Connect guide, "
     "\"Link aggregation groups\": four, or two of 100Gbps or more)"},
    {"more_minimum_links_than_links",
     vgw_base,
     "",
     {"dx x.lag=2", "dx x.lag.min-links=3", NULL},
     "[dx x] lag.min-links: 3 is more than the LAG has, 2: it would never "
     "be up (AWS Direct Connect guide, \"Link aggregation groups\")"},
    {"macsec_at_1g",
     vgw_base,
     "",
     {"dx x.macsec=must_encrypt", NULL},
     "[dx x] macsec: AWS has MACsec at 10, 100 and 400Gbps (AWS Direct "
     "Connect guide, \"MAC security\")"},
    {"macsec_on_a_hosted_connection",
     vgw_base,
     "",
     {"dx x.rate=10Gbps", "dx x.type=hosted", "dx x.macsec=should_encrypt",
      NULL},
     "[dx x] macsec: AWS has MACsec on dedicated connections only (AWS "
     "Direct Connect guide, \"MAC security\")"},
    {"a_device_in_two_locations",
     vgw_base,
     "[dx y]\n"
     "between = dc, vgw\n"
     "location = two\n"
     "device = d1\n",
     {"dx x.device=d1", NULL},
     "[dx y] device: d1 is in location x already, by [dx x]; a device is in "
     "one location"},
    {"a_second_router_that_is_not_there",
     vgw_base,
     "",
     {"dx x.router=2", NULL},
     "[dx x] router: [onprem dc] has one customer gateway; \"routers = 2\" "
     "there makes it two"},
    {"a_shared_rate",
     vgw_base,
     "[connection c]\n"
     "rate = 10Gbps\n",
     {"dx x.connection=c", "dx x.rate=10Gbps", NULL},
     "[dx x] rate: is that of [connection c], and stands there"},
    {"a_shared_vlan",
     vgw_base,
     "[connection c]\n"
     "rate = 10Gbps\n"
     "[dx y]\n"
     "between = dc, vgw\n"
     "connection = c\n",
     {"dx x.connection=c", NULL},
     "[dx y] vlan: 101 is that of [dx x] on this connection; each virtual "
     "interface has its own (AWS Direct Connect guide, \"Virtual "
     "interfaces\")"},
    {"a_vif_larger_than_its_connection",
     vgw_base,
     "[connection c]\n"
     "rate = 10Gbps\n"
     "mtu = 1500B\n",
     {"dx x.connection=c", "dx x.mtu=9001B", NULL},
     "[dx x] mtu: is above that of [connection c]"},
    {"a_connection_of_nobody",
     vgw_base,
     "[connection c]\n"
     "rate = 10Gbps\n",
     {NULL},
     "[connection c]: no [dx] has \"connection = c\""},
    {"two_vifs_on_a_hosted_connection",
     vgw_base,
     "[connection c]\n"
     "rate = 10Gbps\n"
     "type = hosted\n"
     "[dx y]\n"
     "between = dc, vgw\n"
     "connection = c\n"
     "vlan = 102\n",
     {"dx x.connection=c", NULL},
     "[connection c] type: a hosted connection has one virtual interface, "
     "this has 2 (AWS Direct Connect guide, \"Quotas\")"},
    {"a_connection_of_two_sites",
     vgw_base,
     "[connection c]\n"
     "rate = 10Gbps\n"
     "[onprem b]\n"
     "asn = 65002\n"
     "prefix = 172.16.0.0/24\n"
     "[dx y]\n"
     "between = b, vgw\n"
     "connection = c\n"
     "vlan = 102\n",
     {"dx x.connection=c", NULL},
     "[dx y] connection: [connection c] ends at [onprem dc]"},
    {"a_vpn_over_a_private_vif",
     vgw_base,
     "",
     {"vpn v.underlay=x", NULL},
     "[vpn v] underlay: [dx x] has a private virtual interface, from which "
     "AWS's VPN endpoints cannot be reached; it takes \"vif = public\", or "
     "\"vif = transit\" for private addresses (AWS Direct Connect guide, "
     "\"Virtual interfaces\")"},
    {"one_gateway_in_two_internets",
     vgw_base,
     "[internet one]\n"
     "[internet other]\n"
     "[vpn w]\n"
     "between = dc, vgw\n"
     "underlay = other\n",
     {"vpn v.underlay=one", NULL},
     "[vpn w] underlay: customer gateway 1 of [onprem dc] has its uplink in "
     "[internet one], for [vpn v]; another provider is another gateway's "
     "(routers = 2)"},
    {"a_vpn_over_internet_and_dx",
     vgw_base,
     "[dx pub]\n"
     "between = dc, vgw\n"
     "vif = public\n",
     {"vpn v.underlay=internet, pub", NULL},
     "[vpn v] underlay: several are virtual interfaces; the internet stands "
     "alone"},
    {"a_vpn_over_public_and_transit",
     private_base,
     "[dx pub]\n"
     "between = dc, core\n"
     "vif = public\n",
     {"vpn v.underlay=t, pub", NULL},
     "[vpn v] underlay: [dx pub] is public and [dx t] transit; a VPN has "
     "public or private outside addresses"},
    {"a_private_vpn_to_a_vgw",
     private_base,
     "[vpc lab]\n"
     "cidr = 10.3.0.0/16\n"
     "[gateway lab-vgw]\n"
     "attach = lab\n"
     "[vpn w]\n"
     "between = dc, lab-vgw\n"
     "underlay = t\n",
     {NULL},
     "[vpn w] underlay: [gateway lab-vgw] is a virtual private gateway; a "
     "VPN over a transit virtual interface has private addresses, which "
     "only a transit gateway has (AWS Site-to-Site VPN guide, \"Private IP "
     "VPN with Direct Connect\")"},
    {"a_private_vpn_without_a_block",
     tgw_base,
     "",
     {"gateway core.cidr=10.98.0.0/24",
      "association a.allowed-prefixes=10.1.0.0/16", "vpn v.underlay=t", NULL},
     "[association a] allowed-prefixes: 10.98.0.0/24, the block of [gateway "
     "core], is not among them; the endpoints of [vpn v] could not be "
     "reached (AWS Site-to-Site VPN guide, \"Private IP VPN with Direct "
     "Connect\")"},
    {"a_private_vpn_from_a_public_address",
     private_base,
     "",
     {"vpn v.outside=198.51.100.9", NULL},
     "[vpn v] outside: is public; a private IP VPN has addresses of RFC "
     "1918 outside (AWS Site-to-Site VPN guide, \"Private IP VPN with "
     "Direct Connect\")"},
    {"a_private_endpoint_elsewhere",
     private_base,
     "",
     {"vpn v.tunnel1.aws-outside=10.97.0.1", NULL},
     "[vpn v] tunnel1.aws-outside: is not in the block of [gateway core] "
     "(AWS Site-to-Site VPN guide, \"Private IP VPN with Direct Connect\")"},
    {"a_large_tunnel_to_a_vgw",
     vgw_base,
     "",
     {"vpn v.bandwidth=large", NULL},
     "[vpn v] bandwidth: [gateway vgw] is a virtual private gateway; AWS "
     "has large tunnels on transit gateways (AWS Site-to-Site VPN guide, "
     "\"Tunnel options\")"},
    {"a_large_accelerated_tunnel",
     tgw_base,
     "",
     {"vpn v.bandwidth=large", "vpn v.accelerated=yes", NULL},
     "[vpn v] bandwidth: an accelerated VPN has no large tunnels (AWS "
     "Site-to-Site VPN guide, \"Tunnel options\")"},
    {"an_accelerated_vpn_to_a_vgw",
     vgw_base,
     "",
     {"vpn v.accelerated=yes", NULL},
     "[vpn v] accelerated: [gateway vgw] is a virtual private gateway; AWS "
     "accelerates VPNs of transit gateways (AWS Site-to-Site VPN guide, "
     "\"Accelerated VPN connections\")"},
    {"an_accelerated_vpn_over_dx",
     private_base,
     "",
     {"vpn v.accelerated=yes", NULL},
     "[vpn v] accelerated: an accelerated VPN runs over the internet, not "
     "over a virtual interface (AWS Site-to-Site VPN guide, \"Accelerated "
     "VPN connections\")"},
    {"an_accelerated_vpn_without_nat_t",
     tgw_base,
     "",
     {"vpn v.accelerated=yes", "vpn v.nat-t=no", NULL},
     "[vpn v] nat-t: an accelerated VPN takes NAT traversal (AWS "
     "Site-to-Site VPN guide, \"Accelerated VPN connections\")"},
    {"an_accelerated_vpn_that_aws_begins",
     tgw_base,
     "",
     {"vpn v.accelerated=yes", "vpn v.aws.startup=start", NULL},
     "[vpn v] aws.startup: the customer gateway begins an accelerated VPN "
     "(AWS Site-to-Site VPN guide, \"Accelerated VPN connections\")"},
    {"a_static_vpn_with_announcements",
     vgw_base,
     "",
     {"vpn v.routing=static", "vpn v.announce=192.168.0.0/24", NULL},
     "[vpn v] announce: says nothing with \"routing = static\""},
    {"static_routes_without_a_static_vpn",
     vgw_base,
     "",
     {"vpn v.static-routes=192.168.0.0/24", NULL},
     "[vpn v] static-routes: says nothing without \"routing = static\""},
    {"psk_too_short",
     vgw_base,
     "",
     {"vpn v.tunnel1.psk=short", NULL},
     "[vpn v] tunnel1.psk: \"short\" is out of range: AWS takes pre-shared "
     "keys of 8 to 64 characters (AWS Site-to-Site VPN guide, \"Tunnel "
     "options\")"},
    {"psk_with_a_zero",
     vgw_base,
     "",
     {"vpn v.tunnel1.psk=0secret-secret", NULL},
     "[vpn v] tunnel1.psk: \"0secret-secret\" begins with 0, which AWS does "
     "not take (AWS Site-to-Site VPN guide, \"Tunnel options\"); expected 8 "
     "to 64 of A-Z a-z 0-9 . _"},
    {"psk_with_a_sign",
     vgw_base,
     "",
     {"vpn v.tunnel1.psk=secret-secret", NULL},
     "[vpn v] tunnel1.psk: \"secret-secret\" has a character that AWS does "
     "not take in a pre-shared key (AWS Site-to-Site VPN guide, \"Tunnel "
     "options\"); expected 8 to 64 of A-Z a-z 0-9 . _"},
    {"phase_1_too_long",
     vgw_base,
     "",
     {"vpn v.aws.ike.lifetime=9h", NULL},
     "[vpn v] aws.ike.lifetime: \"9h\" is out of range: 900s to 28800s (AWS "
     "Site-to-Site VPN guide, \"Tunnel options\": phase 1 takes 900s to 8h)"},
    {"phase_2_too_short",
     vgw_base,
     "",
     {"vpn v.aws.esp.lifetime=10min", NULL},
     "[vpn v] aws.esp.lifetime: \"10min\" is out of range: 900s to 3600s "
     "(AWS Site-to-Site VPN guide, \"Tunnel options\": phase 2 takes 900s "
     "to 1h)"},
    {"phase_2_not_below_phase_1",
     vgw_base,
     "",
     {"vpn v.aws.ike.lifetime=1h", NULL},
     "[vpn v] aws.esp.lifetime: AWS takes a phase 2 lifetime below that of "
     "phase 1; 3600s is not below 3600s of aws.ike.lifetime (AWS "
     "Site-to-Site VPN guide, \"Tunnel options\")"},
    {"margin_above_half",
     vgw_base,
     "",
     {"vpn v.aws.esp.lifetime=900s", "vpn v.aws.rekey-margin=500s", NULL},
     "[vpn v] aws.rekey-margin: 500s is out of range: AWS takes 60s to half "
     "of the phase 2 lifetime, 450s (AWS Site-to-Site VPN guide, \"Tunnel "
     "options\")"},
    {"group_5_in_phase_1",
     vgw_base,
     "",
     {"vpn v.aws.ike.dh-group=5", NULL},
     "[vpn v] aws.ike.dh-group: \"5\" is refused: AWS takes 2 and 14 to 24 "
     "in phase 1 (AWS Site-to-Site VPN guide, \"Tunnel options\")"},
    {"dpd_below_30s",
     vgw_base,
     "",
     {"vpn v.aws.dpd-timeout=20s", NULL},
     "[vpn v] aws.dpd-timeout: \"20s\" is out of range: 30s to 86400s (AWS "
     "Site-to-Site VPN guide, \"Tunnel options\": 30s or more)"},
    {"replay_window_of_32",
     vgw_base,
     "",
     {"vpn v.aws.replay-window=32", NULL},
     "[vpn v] aws.replay-window: \"32\" is out of range: 64 to 2048 (AWS "
     "Site-to-Site VPN guide, \"Tunnel options\": 64 to 2048)"},
    {"inside_that_aws_keeps",
     vgw_base,
     "",
     {"vpn v.tunnel1.inside-cidr=169.254.5.0/30", NULL},
     "[vpn v] tunnel1.inside-cidr: AWS keeps this one; reserved are the "
     "first /30 of 169.254.0.0 to 169.254.5.0, and 169.254.169.252/30 (AWS "
     "Site-to-Site VPN guide, \"Tunnel options\")"},
    {"inside_of_29",
     vgw_base,
     "",
     {"vpn v.tunnel1.inside-cidr=169.254.10.0/29", NULL},
     "[vpn v] tunnel1.inside-cidr: AWS takes a /30 of 169.254.0.0/16 inside "
     "a tunnel (AWS Site-to-Site VPN guide, \"Tunnel options\")"},
    {"inside_twice",
     vgw_base,
     "[vpn w]\n"
     "between = dc, vgw\n"
     "tunnel1.inside-cidr = 169.254.20.0/30\n",
     {"vpn v.tunnel1.inside-cidr=169.254.20.0/30", NULL},
     "[vpn w] tunnel1.inside-cidr: 169.254.20.0/30 overlaps "
     "169.254.20.0/30, tunnel1.inside-cidr of [vpn v]"},
    {"a_vpc_route_via_a_stranger",
     tgw_base,
     "[vpc lab]\n"
     "cidr = 10.3.0.0/16\n"
     "[table l]\n"
     "of = lab\n"
     "routes = 10.1.0.0/16 via core\n",
     {NULL},
     "[table l] routes: 10.1.0.0/16: the gateway is not attached to the VPC "
     "(AWS VPC guide, \"Route tables\")"},
    {"a_vpc_route_to_a_vpn",
     tgw_base,
     "[table l]\n"
     "of = app\n"
     "routes = 192.168.0.0/16 via v\n",
     {NULL},
     "[table l] routes: 192.168.0.0/16: a VPC routes via a [gateway], "
     "[nat-gateway] or [peering], or via internet-gateway (AWS VPC guide, "
     "\"Route tables\")"},
    {"a_route_within_the_vpc",
     tgw_base,
     "[table l]\n"
     "of = app\n"
     "routes = 10.1.7.0/24 via core\n",
     {NULL},
     "[table l] routes: 10.1.7.0/24 is in the VPC's own network, whose "
     "local route comes before; AWS takes none within it to such a target "
     "(AWS VPC guide, \"Route tables\")"},
    {"a_blackhole_in_a_vpc",
     tgw_base,
     "[table l]\n"
     "of = app\n"
     "routes = 10.7.0.0/16 blackhole\n",
     {NULL},
     "[table l] routes: 10.7.0.0/16: AWS has no blackhole routes in a VPC's "
     "table, only what becomes one when its target is gone (AWS VPC guide, "
     "\"Route tables\")"},
    {"an_internet_gateway_that_is_not_there",
     tgw_base,
     "[table l]\n"
     "of = app\n"
     "routes = 0.0.0.0/0 via internet-gateway\n",
     {NULL},
     "[table l] routes: 0.0.0.0/0: the VPC has no internet gateway (AWS VPC "
     "guide, \"Route tables\")"},
    {"a_nat_gateway_of_another_vpc",
     tgw_base,
     "[nat-gateway n]\n"
     "vpc = data\n"
     "type = private\n"
     "[table l]\n"
     "of = app\n"
     "routes = 0.0.0.0/0 via n\n",
     {NULL},
     "[table l] routes: 0.0.0.0/0: the NAT gateway is in another VPC, and "
     "there is no edge-to-edge routing (AWS VPC guide, \"Route tables\")"},
    {"a_peering_of_others",
     tgw_base,
     "[vpc lab]\n"
     "cidr = 10.3.0.0/16\n"
     "[peering p]\n"
     "between = data, lab\n"
     "[table l]\n"
     "of = app\n"
     "routes = 10.3.0.0/16 via p\n",
     {NULL},
     "[table l] routes: 10.3.0.0/16: the peering is that of other VPCs, and "
     "peering is not transitive (AWS VPC guide, \"Route tables\")"},
    {"a_static_route_to_a_dxgw",
     tgw_base,
     "[table l]\n"
     "of = core\n"
     "routes = 192.168.0.0/16 via dxg\n",
     {NULL},
     "[table l] routes: 192.168.0.0/16: AWS takes static routes via VPC, "
     "VPN and peering attachments; a Direct Connect gateway's are "
     "propagated (AWS Transit Gateway guide, \"Transit gateway route "
     "tables\")"},
    {"a_tgw_route_to_a_stranger",
     tgw_base,
     "[vpc lab]\n"
     "cidr = 10.3.0.0/16\n"
     "[table l]\n"
     "of = core\n"
     "routes = 10.3.0.0/16 via lab\n",
     {NULL},
     "[table l] routes: 10.3.0.0/16: it is no attachment of the transit "
     "gateway (AWS Transit Gateway guide, \"Transit gateway route tables\")"},
    {"propagation_of_a_stranger",
     tgw_base,
     "[vpc lab]\n"
     "cidr = 10.3.0.0/16\n"
     "[table l]\n"
     "of = core\n"
     "propagate = lab\n",
     {NULL},
     "[table l] propagate: [vpc lab] is no attachment of [gateway core] "
     "(AWS Transit Gateway guide, \"Transit gateway route tables\")"},
    {"propagation_of_a_tgw_into_a_vpc",
     tgw_base,
     "[table l]\n"
     "of = app\n"
     "propagate = core\n",
     {NULL},
     "[table l] propagate: [gateway core] is not the virtual private "
     "gateway of [vpc app], from which alone a VPC's table has propagated "
     "routes (AWS VPC guide, \"Route tables\")"},
    {"an_attachment_of_two_tables",
     tgw_base,
     "[table l]\n"
     "of = core\n"
     "associate = app\n"
     "[table m]\n"
     "of = core\n"
     "associate = data, app\n",
     {NULL},
     "[table m] associate: [vpc app] is associated with [table l] already; "
     "each attachment has one route table (AWS Transit Gateway guide, "
     "\"Transit gateway route tables\")"},
    {"subnets_of_two_tables",
     tgw_base,
     "[table l]\n"
     "of = app\n"
     "[table m]\n"
     "of = app\n"
     "associate = subnets\n",
     {NULL},
     "[table m] associate: [table l] has all already; each subnet is "
     "associated with one route table (AWS VPC guide, \"Route tables\")"},
    {"a_peering_of_vgws",
     vgw_base,
     "[vpc lab]\n"
     "cidr = 10.3.0.0/16\n"
     "[gateway two]\n"
     "attach = lab\n"
     "asn = 64520\n"
     "[peering p]\n"
     "between = vgw, two\n",
     {NULL},
     "[peering p] between: [gateway vgw] is a virtual private gateway; AWS "
     "peers transit gateways (AWS Transit Gateway guide, \"Transit gateway "
     "peering attachments\")\n[peering p] between: [gateway two] is a "
     "virtual private gateway; AWS peers transit gateways (AWS Transit "
     "Gateway guide, \"Transit gateway peering attachments\")"},
    {"a_peering_with_itself",
     tgw_base,
     "[peering p]\n"
     "between = app, app\n",
     {NULL},
     "[peering p] between: is one and the same twice"},
    {"two_peerings_of_the_same",
     tgw_base,
     "[peering p]\n"
     "between = app, data\n"
     "[peering q]\n"
     "between = data, app\n",
     {NULL},
     "[peering q] between: [peering p] connects the same two already; AWS "
     "takes one (AWS VPC Peering guide, \"VPC peering limitations\")"},
    {"a_public_nat_gateway_without_internet",
     tgw_base,
     "[nat-gateway n]\n"
     "vpc = app\n",
     {NULL},
     "[nat-gateway n] type: [vpc app] has no internet gateway, which a "
     "public NAT gateway takes (AWS VPC guide, \"NAT gateways\")"},
    {"a_private_nat_gateway_elsewhere",
     tgw_base,
     "[nat-gateway n]\n"
     "vpc = app\n"
     "type = private\n"
     "address = 10.2.0.9\n",
     {NULL},
     "[nat-gateway n] address: is not in [vpc app]; a private NAT gateway "
     "has an address of its subnet (AWS VPC guide, \"NAT gateways\")"},
    {"a_firewall_of_another_site",
     vgw_base,
     "[onprem b]\n"
     "asn = 65002\n"
     "prefix = 172.16.0.0/24\n"
     "[vpn w]\n"
     "between = b, vgw\n"
     "[firewall f]\n"
     "site = dc\n"
     "on = x, w\n",
     {NULL},
     "[firewall f] on: [vpn w] is that of [onprem b]"},
    {"bursts_that_never_end",
     vgw_base,
     "",
     {"internet.burst.enter=1%", "internet.burst.leave=0%", NULL},
     "[internet] burst.leave: is 0%: the first burst of loss would never end"},
    {"a_probe_to_where_it_comes_from",
     vgw_base,
     "[probe p]\n"
     "from = dc\n"
     "to = dc\n",
     {NULL},
     "[probe p] to: is where it comes from, too"},
    {"a_probe_to_nowhere",
     vgw_base,
     "[vpc lab]\n"
     "cidr = 10.3.0.0/16\n"
     "[probe p]\n"
     "from = app\n"
     "to = lab\n",
     {NULL},
     "[probe p] to: nothing connects [vpc app] and [vpc lab]"},
    {"link_down_of_a_node",
     vgw_base,
     "[fault f]\n"
     "at = 60s\n"
     "for = 60s\n"
     "target = dc.gateway\n"
     "action = link-down\n",
     {NULL},
     "[fault f] action: link-down acts on a link, a location, a device, "
     "which \"dc.gateway\" is not"},
    {"a_crash_of_a_link",
     vgw_base,
     "[fault f]\n"
     "at = 60s\n"
     "for = 60s\n"
     "target = x.backbone\n"
     "action = node-crash\n",
     {NULL},
     "[fault f] action: node-crash acts on a node, a location, a device, an "
     "availability zone, which \"x.backbone\" is not"},
    {"a_rekeyed_dx",
     vgw_base,
     "[fault f]\n"
     "at = 60s\n"
     "for = 60s\n"
     "target = x\n"
     "action = sa-delete\n",
     {NULL},
     "[fault f] action: sa-delete acts on a VPN or one of its tunnels, "
     "which \"x\" is not"},
    {"a_location_that_is_not_there",
     vgw_base,
     "[fault f]\n"
     "at = 60s\n"
     "for = 60s\n"
     "target = location.moon\n"
     "action = blackhole\n",
     {NULL},
     "[fault f] target: no [dx] is at such a location"},
    {"a_device_that_is_not_there",
     vgw_base,
     "[fault f]\n"
     "at = 60s\n"
     "for = 60s\n"
     "target = device.moon\n"
     "action = blackhole\n",
     {NULL},
     "[fault f] target: no [dx] is at such a device"},
    {"a_zone_that_is_not_there",
     vgw_base,
     "[fault f]\n"
     "at = 60s\n"
     "for = 60s\n"
     "target = az.c\n"
     "action = blackhole\n",
     {NULL},
     "[fault f] target: \"az.c\" is no availability zone; expected az.a or "
     "az.b"},
    {"a_gateway_that_is_not_there",
     vgw_base,
     "[fault f]\n"
     "at = 60s\n"
     "for = 60s\n"
     "target = dc.gateway2\n"
     "action = node-crash\n",
     {NULL},
     "[fault f] target: [onprem dc] has no such node or link in this "
     "scenario"},
    {"a_nat_that_is_not_there",
     vgw_base,
     "[fault f]\n"
     "at = 60s\n"
     "for = 60s\n"
     "target = dc.nat\n"
     "action = nat-reset\n",
     {NULL},
     "[fault f] target: [onprem dc] has no such node or link in this "
     "scenario"},
    {"a_brownout_of_nothing",
     vgw_base,
     "[fault f]\n"
     "at = 60s\n"
     "for = 60s\n"
     "target = x\n"
     "action = brownout\n",
     {NULL},
     "[fault f] action: a brownout takes one or more of loss, delay, jitter "
     "and rate"},
    {"a_key_of_another_action",
     vgw_base,
     "[fault f]\n"
     "at = 60s\n"
     "for = 60s\n"
     "target = x\n"
     "action = blackhole\n"
     "loss = 5%\n",
     {NULL},
     "[fault f] loss: says nothing with \"action = blackhole\""},
    {"a_flap_that_is_always_down",
     vgw_base,
     "[fault f]\n"
     "at = 60s\n"
     "for = 60s\n"
     "target = x\n"
     "action = flap\n"
     "duty = 100%\n",
     {NULL},
     "[fault f] duty: is out of range: above 0% and below 100%"},
    {"a_fault_without_probability",
     vgw_base,
     "[fault f]\n"
     "at = 60s\n"
     "for = 60s\n"
     "target = x\n"
     "action = corrupt\n"
     "probability = 0%\n",
     {NULL},
     "[fault f] probability: is 0%: the fault would do nothing"},
    {"monitoring_starts_at_no_instant",
     vgw_base,
     "",
     {"monitoring.start=tomorrow", NULL},
     "[monitoring] start: \"tomorrow\" is not an instant at a whole five "
     "minutes; expected 2026-01-01T00:00:00Z"},
    {"monitoring_starts_within_five_minutes",
     vgw_base,
     "",
     {"monitoring.start=2026-01-01T00:01:00Z", NULL},
     "[monitoring] start: \"2026-01-01T00:01:00Z\" is not an instant at a "
     "whole five minutes; expected 2026-01-01T00:00:00Z"},
    {"datapoints_every_two_minutes",
     vgw_base,
     "",
     {"monitoring.vpn.period=120s", NULL},
     "[monitoring] vpn.period: AWS has a datapoint every minute or every five; "
     "expected 60s or 300s"},
    {"an_alarm_on_what_its_target_has_not",
     vgw_base,
     "[alarm a]\nmetric = TunnelState\ntarget = x\n",
     {NULL},
     "[alarm a] target: [dx x] has no metric TunnelState in CloudWatch"},
    {"an_alarm_on_a_vgw",
     vgw_base,
     "[alarm a]\nmetric = BytesIn\ntarget = vgw\n",
     {NULL},
     "[alarm a] target: [gateway vgw] has no metric BytesIn in CloudWatch"},
    {"an_alarm_on_a_tunnel_of_an_interface",
     vgw_base,
     "[alarm a]\nmetric = ConnectionState\ntarget = x\ntunnel = 1\n",
     {NULL},
     "[alarm a] tunnel: [dx x] has no tunnels"},
    {"an_alarm_on_a_tunnel_that_is_not_there",
     vgw_base,
     "[alarm a]\nmetric = TunnelState\ntarget = v\ntunnel = 2\n",
     {"vpn v.tunnels=1", NULL},
     "[alarm a] tunnel: [vpn v] has one tunnel"},
    {"an_alarm_of_minutes_on_five_minute_datapoints",
     vgw_base,
     "[alarm a]\nmetric = TunnelState\ntarget = v\nperiod = 60s\n",
     {NULL},
     "[alarm a] period: TunnelState has a datapoint every 300s: a period is a "
     "multiple of that, or finds none"},
    {"an_alarm_that_cannot_fire",
     vgw_base,
     "[alarm a]\nmetric = TunnelState\ntarget = v\ndatapoints = 2\n",
     {NULL},
     "[alarm a] datapoints: 2 of 1 cannot breach (Amazon CloudWatch guide, "
     "\"Using Amazon CloudWatch alarms\")"},
    {"an_alarm_of_more_than_a_day",
     vgw_base,
     "[alarm a]\nmetric = TunnelState\ntarget = v\n"
     "evaluation-periods = 289\n",
     {NULL},
     "[alarm a] evaluation-periods: together the periods are longer than a day "
     "(Amazon CloudWatch guide, \"Using Amazon CloudWatch alarms\")"},
    {"a_lesson_that_nobody_expects",
     vgw_base,
     "[expect]\n"
     "db.p99.max = 1s\n",
     {"scenario.expected-verdict=fail: plaintext.bytes.max", NULL},
     "[scenario] expected-verdict: \"plaintext.bytes.max\" is no "
     "expectation of [expect], so it cannot fail"},
    {"an_unknown_suite",
     vgw_base,
     "[expect]\n"
     "crypto.suite = aes512\n",
     {NULL},
     "[expect] crypto.suite: \"aes512\" is not known here; did you mean "
     "\"aes128\"?"},
    {"gcm_with_an_hmac",
     vgw_base,
     "[expect]\n"
     "crypto.suite = aes256-gcm16-sha1\n",
     {NULL},
     "[expect] crypto.suite: \"aes256-gcm16-sha1\" is not known here; did "
     "you mean \"aes256-gcm16\"?"},
};

/* Of each line what stands behind the place: "f.ini:12: ", or the override. */
static char *
without_places(const char *message)
{
    g_auto(GStrv) lines = g_strsplit(message, "\n", -1);
    GString *text = g_string_new(NULL);

    for (char **line = lines; *line != NULL; line++) {
        const char *group = strstr(*line, ": [");

        g_string_append_printf(text, "%s%s", line != lines ? "\n" : "",
                               group != NULL ? group + 2 : *line);
    }
    return g_string_free(text, FALSE);
}

static HsScenario *
load(const char *base, const char *more, const char *const *sets,
     GError **error)
{
    g_autofree char *text = g_strconcat(base, more, NULL);

    return hs_scenario_load_data("f.ini", text, strlen(text), sets, error);
}

START_TEST(aws_refuses)
{
    const Row *row = &rows[_i];
    g_autoptr(GError) error = NULL;
    g_autoptr(HsScenario) scenario =
        load(row->base, row->more, row->sets, &error);
    g_autofree char *message = NULL;

    ck_assert_msg(scenario == NULL, "%s was accepted", row->name);
    ck_assert(
        g_error_matches(error, HS_SCENARIO_ERROR, HS_SCENARIO_ERROR_INVALID));
    message = without_places(error->message);
    ck_assert_str_eq(message, row->message);
}
END_TEST

START_TEST(aws_takes)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(HsScenario) scenario = load(bases[_i], "", NULL, &error);

    ck_assert_msg(scenario != NULL, "%s", error != NULL ? error->message : "");
}
END_TEST

/* Limits of numbers: a list of COUNT prefixes from BASE, of LENGTH. */
static char *
many_prefixes(unsigned count, uint32_t base, uint8_t length, const char *behind)
{
    GString *text = g_string_new(NULL);

    for (unsigned i = 0; i < count; i++) {
        HsPrefix prefix = {
            .addr = hs_addr_ipv4(base + (i << (32 - length))),
            .length = length,
        };
        char buffer[HS_PREFIX_TEXT];

        g_string_append_printf(text, "%s%s%s", i > 0 ? ", " : "",
                               hs_prefix_format(&prefix, buffer), behind);
    }
    return g_string_free(text, FALSE);
}

/* PATTERN with the numbers 1 to COUNT for each '%'. */
static char *
many_groups(unsigned count, const char *pattern)
{
    g_auto(GStrv) parts = g_strsplit(pattern, "%", -1);
    GString *text = g_string_new(NULL);

    for (unsigned i = 1; i <= count; i++) {
        g_autofree char *number = g_strdup_printf("%u", i);
        g_autofree char *group = g_strjoinv(number, parts);

        g_string_append(text, group);
    }
    return g_string_free(text, FALSE);
}

/* At the limit it is taken, one above it refused with MESSAGE. */
static void
check_limit(const char *base, const char *at, const char *above,
            const char *message)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(HsScenario) good = load(base, at, NULL, &error);
    g_autoptr(HsScenario) bad = NULL;

    ck_assert_msg(good != NULL, "%s", error != NULL ? error->message : "");
    bad = load(base, above, NULL, &error);
    ck_assert_msg(bad == NULL, "accepted; expected %s", message);
    ck_assert_msg(strstr(error->message, message) != NULL, "%s",
                  error->message);
}

static void
check_prefix_limit(const char *base, unsigned limit, uint32_t first,
                   uint8_t length, const char *behind, const char *format,
                   const char *message)
{
    g_autofree char *list = many_prefixes(limit, first, length, behind);
    g_autofree char *longer = many_prefixes(limit + 1, first, length, behind);
    g_auto(GStrv) parts = g_strsplit(format, "%", 2);
    g_autofree char *at = g_strjoinv(list, parts);
    g_autofree char *above = g_strjoinv(longer, parts);

    check_limit(base, at, above, message);
}

static void
check_group_limit(const char *base, const char *before, unsigned limit,
                  const char *pattern, const char *message)
{
    g_autofree char *groups = many_groups(limit, pattern);
    g_autofree char *more = many_groups(limit + 1, pattern);
    g_autofree char *at = g_strconcat(before, groups, NULL);
    g_autofree char *above = g_strconcat(before, more, NULL);

    check_limit(base, at, above, message);
}

START_TEST(allowed_prefixes_are_200)
{
    check_prefix_limit(
        tgw_base, 200, 0x0a800000, 24, "",
        "[gateway edge]\ntype = tgw\nasn = 64601\n"
        "[dxgw two]\n[association b]\nbetween = two, edge\n"
        "allowed-prefixes = %\n",
        "[association b] allowed-prefixes: 201 are too many; AWS takes 200 for "
        "a transit gateway (AWS Direct Connect guide, \"Quotas\")");
}
END_TEST

START_TEST(static_routes_of_a_vpn_are_100)
{
    check_prefix_limit(
        tgw_base, 100, 0xc0a80000, 24, "",
        "[vpn s]\nbetween = dc, core\nrouting = static\nstatic-routes = %\n",
        "[vpn s] static-routes: 101 are too many; AWS takes 100 for a VPN "
        "connection (AWS Site-to-Site VPN guide, \"Quotas\")");
}
END_TEST

START_TEST(routes_of_a_vpc_are_1000)
{
    check_prefix_limit(
        tgw_base, 1000, 0xac100000, 24, " via core",
        "[table l]\nof = app\nroutes = %\n",
        "[table l] routes: 1001 are too many; AWS takes 50, or 1000 on request "
        "(AWS VPC guide, \"Quotas\")");
}
END_TEST

START_TEST(tables_of_a_tgw_are_20)
{
    check_group_limit(tgw_base, "", 20, "[table l%]\nof = core\n",
                      "[table l21] of: [gateway core] has 20 route tables "
                      "already; AWS takes no more (AWS Transit Gateway guide, "
                      "\"Quotas\")");
}
END_TEST

START_TEST(transit_interfaces_of_a_connection_are_4)
{
    check_group_limit(
        tgw_base, "[connection c]\nrate = 10Gbps\n", 4,
        "[dx i%]\nbetween = dc, dxg\nvif = transit\nconnection = c\n"
        "vlan = 20%\n",
        "[connection c]: has 5 transit virtual interfaces; AWS takes 4 on a "
        "connection (AWS Direct Connect guide, \"Quotas\")");
}
END_TEST

START_TEST(private_interfaces_of_a_connection_are_50)
{
    check_group_limit(
        vgw_base, "[connection c]\n", 50,
        "[dx i%]\nbetween = dc, vgw\nconnection = c\nvlan = 2%\n",
        "[connection c]: has 51 virtual interfaces; AWS takes 50 private and "
        "public ones, and 51 in all (AWS Direct Connect guide, \"Quotas\")");
}
END_TEST

START_TEST(interfaces_of_a_dxgw_are_30)
{
    check_group_limit(dxgw_base, "", 29, "[dx i%]\nbetween = dc, dxg\n",
                      "[dxgw dxg]: has 31 virtual interfaces; AWS takes 30 "
                      "(AWS Direct Connect guide, \"Quotas\")");
}
END_TEST

START_TEST(tgws_of_a_dxgw_are_6)
{
    check_group_limit(
        tgw_base, "", 5,
        "[gateway g%]\ntype = tgw\nasn = 6452%\n"
        "[association b%]\nbetween = dxg, g%\n"
        "allowed-prefixes = 10.2%.0.0/16\n",
        "[dxgw dxg]: is associated with 7 gateways; AWS takes 20 virtual "
        "private gateways or 6 transit gateways (AWS Direct Connect guide, "
        "\"Quotas\")");
}
END_TEST

/* Each rule is broken once. */
START_TEST(names_are_unique)
{
    g_autoptr(GHashTable) names = g_hash_table_new(g_str_hash, g_str_equal);

    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++)
        ck_assert_msg(g_hash_table_add(names, (char *)(uintptr_t)rows[i].name),
                      "%s", rows[i].name);
}
END_TEST

static Suite *
refusals_suite(void)
{
    Suite *suite = suite_create("scenario refusals");
    TCase *tc = tcase_create("AWS");

    tcase_add_loop_test(tc, aws_takes, 0, G_N_ELEMENTS(bases));
    tcase_add_loop_test(tc, aws_refuses, 0, G_N_ELEMENTS(rows));
    tcase_add_test(tc, names_are_unique);
    suite_add_tcase(suite, tc);

    tc = tcase_create("limits");
    tcase_add_test(tc, allowed_prefixes_are_200);
    tcase_add_test(tc, static_routes_of_a_vpn_are_100);
    tcase_add_test(tc, routes_of_a_vpc_are_1000);
    tcase_add_test(tc, tables_of_a_tgw_are_20);
    tcase_add_test(tc, transit_interfaces_of_a_connection_are_4);
    tcase_add_test(tc, private_interfaces_of_a_connection_are_50);
    tcase_add_test(tc, interfaces_of_a_dxgw_are_30);
    tcase_add_test(tc, tgws_of_a_dxgw_are_6);
    suite_add_tcase(suite, tc);
    return suite;
}

int
main(void)
{
    return run_suite(refusals_suite());
}
