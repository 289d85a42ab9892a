/* What scenario files may not say. Each rule is broken once, on top of the good
 * file or by a file of its own, with the message that a person will read. */

#include "config.h"

#include "sim/scenario/ini.h"
#include "sim/scenario/scenario.h"
#include "tests/harness/run.h"
#include "tests/harness/scenario_text.h"

#include <string.h>

static void
refuse(const char *data, size_t length, const char *const *sets,
       const char *message)
{
    g_autoptr(GError) error = NULL;
    HsScenario *scenario =
        hs_scenario_load_data("f.ini", data, length, sets, &error);

    ck_assert_msg(scenario == NULL, "was accepted; expected: %s", message);
    ck_assert(
        g_error_matches(error, HS_SCENARIO_ERROR, HS_SCENARIO_ERROR_INVALID));
    ck_assert_str_eq(error->message, message);
}

/* One override on top of the good file, and what comes of it. */
static const struct {
    const char *set;
    const char *message;
} refused_sets[] = {
    /* The form of --set */
    {"duration=3s", "expected GROUP.KEY=VALUE, such as fault "
                    "cut.action=link-down"},
    {"scenario.duration", "expected GROUP.KEY=VALUE, such as fault "
                          "cut.action=link-down"},
    {"fault ctu.action=link-down",
     "[fault ctu]: the scenario has no such group; did you mean \"fault "
     "cut\"?"},
    {"fault cut.actoin=link-down",
     "[fault cut] actoin: unknown key; did you mean \"action\"?"},
    {"dx primary.server=dc",
     "[dx primary] server: unknown key here; it is one of [database]"},
    {"dx primary.aws.asn=64513",
     "[dx primary] aws.asn: this follows from the rest and cannot be set: that "
     "of the gateway or DXGW; 7224 on a public interface"},
    /* Words */
    {"fault cut.action=link-dwon",
     "[fault cut] action: \"link-dwon\" is not known here; did you mean "
     "\"link-down\"?"},
    {"dx primary.vif=secret",
     "[dx primary] vif: \"secret\" is not known here; expected one of "
     "private, transit, public"},
    {"capture.file=true",
     "[capture] file: \"true\" is not a switch; expected yes or no"},
    /* Quantities */
    {"scenario.duration=300",
     "[scenario] duration: \"300\" has no unit; expected 300ms or 90s"},
    {"scenario.duration=300S",
     "[scenario] duration: \"300S\" is not a duration; did you mean "
     "\"300s\"?"},
    {"scenario.duration=abc",
     "[scenario] duration: \"abc\" is not a duration; expected 300ms or 90s"},
    {"scenario.duration=-5s",
     "[scenario] duration: \"-5s\" is not a duration; expected 300ms or 90s"},
    {"scenario.duration=300.0000000001s",
     "[scenario] duration: \"300.0000000001s\" has too many decimals; "
     "expected 300ms or 90s"},
    {"scenario.duration=99999999999999999999s",
     "[scenario] duration: \"99999999999999999999s\" is not a duration; "
     "expected 300ms or 90s"},
    {"scenario.duration=9999999999999s",
     "[scenario] duration: \"9999999999999s\" is too large; expected 300ms or "
     "90s"},
    {"scenario.duration=100ms",
     "[scenario] duration: \"100ms\" is out of range: 1s to 86400s"},
    {"scenario.seed=1.5",
     "[scenario] seed: \"1.5\" is not a whole number below 2^64; expected 1"},
    {"dx primary.rate=1gbps",
     "[dx primary] rate: \"1gbps\" is not a bit rate; did you mean \"1Gbps\"?"},
    {"dx primary.rate=3Gbps",
     "[dx primary] rate: AWS offers no such port; expected 1, 10, 100 or "
     "400Gbps (AWS Direct Connect guide, \"Dedicated connections\"), or of "
     "a hosted connection 50, 100, 200, 300, 400 or 500Mbps, 1, 2, 5, 10 or "
     "25Gbps (AWS Direct Connect guide, \"Hosted connections\")"},
    {"dx primary.mtu=1500",
     "[dx primary] mtu: \"1500\" has no unit; expected 1500B or 64kB"},
    {"dx primary.mtu=4000B",
     "[dx primary] mtu: AWS takes 1500B or 9001B on a private virtual "
     "interface (AWS Direct Connect guide, \"Jumbo frames\")"},
    {"dx primary.mtu=100B", "[dx primary] mtu: \"100B\" is out of range: 576B "
                            "to 9216B (RFC 791: 576 at least)"},
    {"dx primary.vlan=0",
     "[dx primary] vlan: \"0\" is out of range: 1 to 4094 (AWS Direct Connect "
     "guide, \"Virtual interfaces\": 1 to 4094)"},
    {"database orders.rate=500",
     "[database orders] rate: \"500\" has no unit; expected 500/s"},
    {"database orders.rate=1000000/s",
     "[database orders] rate: \"1000000/s\" is out of range: 1/min to "
     "100000/s"},
    {"database orders.rate=0/s", "[database orders] rate: \"0/s\" is out of "
                                 "range: 1/min to 100000/s"},
    {"internet.loss=0.1",
     "[internet] loss: \"0.1\" has no unit; expected 0.1%"},
    {"internet.loss=101%",
     "[internet] loss: \"101%\" is out of range: 0% to 100%"},
    {"internet.jitter=normall 2ms",
     "[internet] jitter: \"normall 2ms\" is not a distribution; did you mean "
     "\"normal\"?"},
    {"internet.jitter=normal", "[internet] jitter: \"normal\" is not a word "
                               "and a duration; expected exponential 2ms"},
    {"internet.jitter=none 2ms",
     "[internet] jitter: \"none 2ms\" has too much: \"none\" stands alone; "
     "expected exponential 2ms"},
    {"internet.jitter=pareto 2ms",
     "[internet] jitter: \"pareto 2ms\" is not a word, a duration and a "
     "number; expected exponential 2ms"},
    {"internet.jitter=pareto 2ms 0",
     "[internet] jitter: \"0\" is out of range: 0.01 to 100, three decimals"},
    {"internet.jitter=normal 2h",
     "[internet] jitter: \"normal 2h\" is out of range: at most 1 h"},
    /* BGP and BFD */
    {"dx primary.hold=2s",
     "[dx primary] hold: \"2s\" is out of range: 3s to 65535s (AWS Direct "
     "Connect guide, \"Quotas\": hold time 3 s or more; RFC 4271 4.2: whole "
     "seconds)"},
    {"dx primary.hold=0s",
     "[dx primary] hold: \"0s\" is out of range: 3s to 65535s (AWS Direct "
     "Connect guide, \"Quotas\": hold time 3 s or more; RFC 4271 4.2: whole "
     "seconds)"},
    {"dx primary.hold=3500ms",
     "[dx primary] hold: \"3500ms\" is not a multiple of 1s (AWS Direct "
     "Connect guide, \"Quotas\": hold time 3 s or more; RFC 4271 4.2: whole "
     "seconds)"},
    {"dx primary.keepalive=500ms",
     "[dx primary] keepalive: \"500ms\" is out of range: 1s to 65535s (AWS "
     "Direct Connect guide, \"Quotas\": keepalive 1 s or more)"},
    {"dx primary.keepalive=90s",
     "[dx primary] keepalive: 90s is not below the hold time \"hold\" of 90s; "
     "a third of it is usual (RFC 4271 4.4)"},
    {"vpn backup.aws.keepalive=30s",
     "[vpn backup] aws.keepalive: 30s is not below the hold time \"aws.hold\" "
     "of 30s; a third of it is usual (RFC 4271 4.4)"},
    {"dx primary.bfd=300ms",
     "[dx primary] bfd: \"300ms\" is not an interval and a multiplier; "
     "expected 300ms x 3 or off"},
    {"dx primary.bfd=100ms x 3",
     "[dx primary] bfd: \"100ms x 3\" is out of range: AWS takes intervals "
     "of 300ms or more, in whole microseconds (AWS Direct Connect guide, "
     "\"Enable BFD\")"},
    {"dx primary.bfd=300ms x 2",
     "[dx primary] bfd: \"300ms x 2\" is out of range: AWS takes "
     "multipliers of 3 or more, RFC 5880 of 255 or less (AWS Direct Connect "
     "guide, \"Enable BFD\")"},
    {"dx primary.aws.bfd=off",
     "[dx primary] aws.bfd: AWS has BFD on for every virtual interface; "
     "\"bfd = off\" keeps it idle (AWS Direct Connect guide, \"Enable BFD\")"},
    {"dx primary.communities=7224",
     "[dx primary] communities: \"7224\" is not a community; expected "
     "7224:7300"},
    {"dx primary.communities=7224:70000",
     "[dx primary] communities: \"7224:70000\" is out of range: both halves of "
     "a community are 0 to 65535 (RFC 1997)"},
    {"onprem dc.asn=64512",
     "[dx primary] between: [onprem dc] has AWS's AS number, 64512; the two "
     "must differ, or each takes the other's routes for a loop (AWS Direct "
     "Connect guide, \"Virtual interfaces\")\nf.ini:14: [vpn backup] "
     "between: [onprem dc] has AWS's AS number, 64512; the two must differ, "
     "or each takes the other's routes for a loop (AWS Direct Connect "
     "guide, \"Virtual interfaces\")"},
    {"onprem dc.asn=0", "[onprem dc] asn: \"0\" is out of range: 1 to "
                        "4294967294 (AWS Direct Connect guide, \"Virtual "
                        "interfaces\": 1 to 4294967294, RFC 6793)"},
    {"onprem dc.asn=23456",
     "[onprem dc] asn: 23456 stands for numbers that an old speaker cannot "
     "say (RFC 6793) and is nobody's"},
    {"onprem dc.asn=7224",
     "[onprem dc] asn: 7224 is AWS's own (AWS Direct Connect guide, "
     "\"Virtual interfaces\")"},
    {"gateway vgw.asn=65535",
     "[gateway vgw] asn: 65535 is out of range: AWS takes 64512 to 65534 or "
     "4200000000 to 4294967294 (AWS Site-to-Site VPN guide, \"How it "
     "works\")"},
    /* Addresses */
    {"vpc app.cidr=172.16.0.0/16",
     "[vpc app] cidr: 172.16.0.0/16 overlaps 172.16.0.0/24 of [onprem dc]; "
     "AWS routes a VPC's own network before all that it learns (AWS VPC "
     "guide, \"Route tables\")"},
    {"vpc app.cidr=10.0.0.0/8",
     "[vpc app] cidr: AWS takes VPCs with a length of 16 to 28 (AWS VPC "
     "guide, \"VPC CIDR blocks\")"},
    {"vpc app.cidr=10.0.0.1/16",
     "[vpc app] cidr: \"10.0.0.1/16\" has host bits set; did you mean "
     "\"10.0.0.0/16\"?"},
    {"vpc app.cidr=10.0.0.0",
     "[vpc app] cidr: \"10.0.0.0\" is not a prefix; expected 10.0.0.0/16"},
    {"vpc app.cidr=2001:db8::/56",
     "[vpc app] cidr: \"2001:db8::/56\" is IPv6, which this version does not "
     "run; expected 10.0.0.0/16"},
    {"onprem dc.prefix=172.16.0.0/30",
     "[onprem dc] prefix: a site's network has a length of 8 to 28, for its "
     "hosts"},
    {"onprem dc.router-id=10.0.0.1",
     "[gateway vgw] router-id: a BGP identifier is not 0 and nobody else's "
     "(RFC 6286)"},
    {"dx primary.peer.cidr=169.254.96.0/24",
     "[dx primary] peer.cidr: the subnet of two peers has a length of 29, 30 "
     "or 31"},
    {"dx primary.peer.customer=169.254.97.2",
     "[dx primary] peer.customer: is not in peer.cidr"},
    {"dx primary.peer.customer=169.254.96.1",
     "[dx primary] peer.customer: is AWS's address too"},
    {"dx primary.peer.cidr=172.16.0.64/30",
     "[dx primary] peer.cidr: 172.16.0.64/30 overlaps 172.16.0.0/24, prefix of "
     "[onprem dc]"},
    {"vpn backup.tunnel1.inside-cidr=169.254.5.0/30",
     "[vpn backup] tunnel1.inside-cidr: AWS keeps this one; reserved are "
     "the first /30 of 169.254.0.0 to 169.254.5.0, and 169.254.169.252/30 "
     "(AWS Site-to-Site VPN guide, \"Tunnel options\")"},
    {"vpn backup.tunnel2.inside-cidr=169.254.169.252/30",
     "[vpn backup] tunnel2.inside-cidr: AWS keeps this one; reserved are "
     "the first /30 of 169.254.0.0 to 169.254.5.0, and 169.254.169.252/30 "
     "(AWS Site-to-Site VPN guide, \"Tunnel options\")"},
    {"vpn backup.tunnel1.inside-cidr=10.1.0.0/30",
     "[vpn backup] tunnel1.inside-cidr: AWS takes a /30 of 169.254.0.0/16 "
     "inside a tunnel (AWS "
     "Site-to-Site VPN guide, \"Tunnel options\")"},
    {"vpn backup.tunnel1.inside-cidr=169.254.20.0/29",
     "[vpn backup] tunnel1.inside-cidr: AWS takes a /30 of 169.254.0.0/16 "
     "inside a tunnel (AWS "
     "Site-to-Site VPN guide, \"Tunnel options\")"},
    {"vpn backup.tunnel1.aws-outside=172.16.0.9",
     "[vpn backup] tunnel1.aws-outside: 172.16.0.9/32 overlaps 172.16.0.0/24, "
     "prefix of [onprem dc]"},
    {"database orders.client-address=172.16.0.9",
     "[database orders] client-address: is not in [vpc app]"},
    {"database orders.server-address=10.0.0.9",
     "[database orders] server-address: is not in [onprem dc]"},
    /* IKE and ESP */
    {"vpn backup.esp.integrity=sha2-256",
     "[vpn backup] esp.integrity: aes256-gcm16 authenticates by itself (RFC "
     "4106) and takes none"},
    {"vpn backup.esp.encryption=aes256gcm16",
     "[vpn backup] esp.encryption: \"aes256gcm16\" is not known here; did you "
     "mean \"aes256-gcm16\"?"},
    {"vpn backup.esp.encryption=aes128, aes256, aes128",
     "[vpn backup] esp.encryption: \"aes128\" is there twice"},
    {"vpn backup.esp.encryption=",
     "[vpn backup] esp.encryption: \"\" is not known here; expected one of "
     "aes128, aes256, aes128-gcm16, aes256-gcm16"},
    {"vpn backup.encryption=aes128",
     "[vpn backup] encryption: unknown key; did you mean \"ike.encryption\"?"},
    {"vpn backup.ike.dh-group=1",
     "[vpn backup] ike.dh-group: \"1\" is not known here; expected one of 2, "
     "5, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 31"},
    {"vpn backup.aws.ike.dh-group=14, 5",
     "[vpn backup] aws.ike.dh-group: \"5\" is refused: AWS takes 2 and 14 "
     "to 24 in phase 1 (AWS Site-to-Site VPN guide, \"Tunnel options\")"},
    {"vpn backup.aws.esp.dh-group=31",
     "[vpn backup] aws.esp.dh-group: \"31\" is refused: AWS takes 2, 5 and "
     "14 to 24 in phase 2 (AWS Site-to-Site VPN guide, \"Tunnel options\")"},
    {"vpn backup.aws.ike.lifetime=9h",
     "[vpn backup] aws.ike.lifetime: \"9h\" is out of range: 900s to 28800s "
     "(AWS "
     "Site-to-Site VPN guide, \"Tunnel options\": phase 1 takes 900s to 8h)"},
    {"vpn backup.aws.esp.lifetime=600s",
     "[vpn backup] aws.esp.lifetime: \"600s\" is out of range: 900s to 3600s "
     "(AWS "
     "Site-to-Site VPN guide, \"Tunnel options\": phase 2 takes 900s to 1h)"},
    {"vpn backup.aws.ike.lifetime=1h",
     "[vpn backup] aws.esp.lifetime: AWS takes a phase 2 lifetime below that "
     "of "
     "phase 1; 3600s is not below 3600s of aws.ike.lifetime (AWS "
     "Site-to-Site VPN guide, \"Tunnel options\")"},
    {"vpn backup.esp.lifetime=10h",
     "[vpn backup] esp.lifetime: 36000s is not below 28800s of ike.lifetime"},
    {"vpn backup.aws.rekey-margin=30s",
     "[vpn backup] aws.rekey-margin: \"30s\" is out of range: 60s to 1800s "
     "(AWS "
     "Site-to-Site VPN guide, \"Tunnel options\": 60s to half of the phase 2 "
     "lifetime)"},
    {"vpn backup.aws.dpd-timeout=20s",
     "[vpn backup] aws.dpd-timeout: \"20s\" is out of range: 30s to 86400s "
     "(AWS "
     "Site-to-Site VPN guide, \"Tunnel options\": 30s or more)"},
    {"vpn backup.startup=add",
     "[vpn backup] startup: both sides wait for the other one; expected start "
     "here or in aws.startup"},
    {"vpn backup.cgw=strongswann",
     "[vpn backup] cgw: \"strongswann\" is not known here; did you mean "
     "\"strongswan\"?"},
    {"vpn backup.tunnel1.psk=short",
     "[vpn backup] tunnel1.psk: \"short\" is out of range: AWS takes "
     "pre-shared keys of 8 to 64 characters (AWS Site-to-Site VPN guide, "
     "\"Tunnel options\")"},
    {"vpn backup.tunnel1.psk=012345678",
     "[vpn backup] tunnel1.psk: \"012345678\" begins with 0, which AWS does "
     "not take (AWS Site-to-Site VPN guide, \"Tunnel options\"); expected 8 "
     "to 64 of A-Z a-z 0-9 . _"},
    {"vpn backup.tunnel2.cgw-psk=secret-secret",
     "[vpn backup] tunnel2.cgw-psk: \"secret-secret\" has a character that "
     "AWS does not take in a pre-shared key (AWS Site-to-Site VPN guide, "
     "\"Tunnel options\"); expected 8 to 64 of A-Z a-z 0-9 . _"},
    {"vpn backup.replay-window=32",
     "[vpn backup] replay-window: \"32\" is out of range: 64 to 2048 (64 to "
     "2048)"},
    {"vpn backup.tunnels=3",
     "[vpn backup] tunnels: \"3\" is out of range: 1 to 2 (a connection has "
     "two)"},
    /* References */
    {"dx primary.between=dc, vgv",
     "[dx primary] between: there is no [onprem], [gateway] or [dxgw] named "
     "\"vgv\"; "
     "did you mean \"vgw\"?"},
    {"dx primary.between=dc",
     "[dx primary] between: \"dc\" is not two ends; expected the name of an "
     "[onprem] and that of a [gateway] or [dxgw]"},
    {"dx primary.between=dc, dc",
     "[dx primary] between: \"dc, dc\" is not two ends; expected the name of "
     "an [onprem] and that of a [gateway] or [dxgw]"},
    {"dx primary.between=dc, app",
     "[dx primary] between: \"app\" is a [vpc], not an [onprem], [gateway] or "
     "[dxgw]; expected one of dc, vgw"},
    {"database orders.users=5", "[database orders] users: needs loop = closed"},
    {"database orders.user-think=none",
     "[database orders] user-think: needs loop = closed"},
    {"database orders.min-idle=11",
     "[database orders] min-idle: is above the pool's 10 connections"},
    {"database orders.idle-timeout=5s",
     "[database orders] idle-timeout: needs a min-idle below pool: all "
     "connections are kept"},
    {"database orders.reconnect-max=50ms",
     "[database orders] reconnect-max: is below reconnect"},
    {"database orders.retry-delay=1s",
     "[database orders] retry-delay: needs retries"},
    {"database orders.client=vgw",
     "[database orders] client: \"vgw\" is a [gateway], not an [onprem] or "
     "[vpc]; expected one of dc, app"},
    {"database orders.client=dc",
     "[database orders] server: is where the client is, too; nothing would "
     "leave it"},
    {"vpn backup.underlay=internt",
     "[vpn backup] underlay: there is no [dx] or [internet] named \"internt\"; "
     "did you mean \"internet\"?"},
    {"vpn backup.underlay=primary",
     "[vpn backup] underlay: [dx primary] has a private virtual interface, "
     "from which AWS's VPN endpoints cannot be reached; it takes \"vif = "
     "public\", or \"vif = transit\" for private addresses (AWS Direct Connect "
     "guide, \"Virtual interfaces\")"},
    {"dx primary.vif=public",
     "[dx primary] vif: a public virtual interface carries only VPNs, and no "
     "[vpn] has \"underlay = primary\""},
    /* Faults */
    {"fault cut.target=primry", "[fault cut] target: there is no element named "
                                "\"primry\"; did you mean \"primary\"?"},
    {"fault cut.target=primary.tunnel1",
     "[fault cut] target: \"primary.tunnel1\" names a part that this "
     "element does not have; expected primary, backup.tunnel1 or "
     "location.NAME"},
    {"fault cut.target=backup.tunnel3",
     "[fault cut] target: \"backup.tunnel3\" is no tunnel; expected tunnel1 "
     "or tunnel2"},
    {"fault cut.at=90s..60s",
     "[fault cut] at: \"90s..60s\" ends before it begins; expected 60s or "
     "60s..90s"},
    {"fault cut.at=10s", "[fault cut] at: 10s is in the warm-up, which lasts "
                         "20s: there would be no \"before\""},
    {"fault cut.at=60s..300s",
     "[fault cut] at: 300s is not before the end of the run at 300s"},
    {"fault cut.for=210s",
     "[fault cut] for: the fault would end at 300s, not before the end of the "
     "run at 300s; \"forever\" if it need not heal"},
    {"fault cut.for=0", "[fault cut] for: a fault of no length does nothing"},
    {"scenario.warmup=400s",
     "[fault cut] at: 60s is in the warm-up, which lasts 400s: there would be "
     "no \"before\"\n"
     "--set \"scenario.warmup=400s\": [scenario] warmup: is not below the "
     "duration of the run"},
    /* Expectations */
    {"expect.failovr.max=2s",
     "[expect] failovr.max: unknown figure; did you mean \"failover.max\"?"},
    {"expect.failover=2s",
     "[expect] failover: a figure is bounded by failover.max, failover.min, "
     "failover.equals or failover.within"},
    {"expect.fault.cat.failover.max=2s",
     "[expect] fault.cat.failover.max: there is no fault \"cat\"; did you mean "
     "\"cut\"?"},
    {"expect.fault.cut.failovr.max=2s",
     "[expect] fault.cut.failovr.max: fault.cut has no \"failovr\"; did you "
     "mean \"failover\"?"},
    {"expect.fault.cut.client.pol.failover.max=2s",
     "[expect] fault.cut.client.pol.failover.max: there is no client \"pol\"; "
     "did you mean \"pool\"?"},
    {"expect.faults.touchd.max=2",
     "[expect] faults.touchd.max: faults has no \"touchd\"; did you mean "
     "\"touched\"?"},
    {"expect.fault.max=2",
     "[expect] fault.max: which fault? one is fault.NAME, and faults are all; "
     "expected cut"},
    {"expect.db.durin.p99.max=1s",
     "[expect] db.durin.p99.max: unknown figure; did you mean "
     "\"db.during.p99.max\"?"},
    {"expect.db.during.p99.pol.max=1s",
     "[expect] db.during.p99.pol.max: unknown figure; did you mean "
     "\"db.during.p99.pool.max\"?"},
    {"expect.db.p101.max=1s",
     "[expect] db.p101.max: unknown figure; did you mean \"db.p50.max\"?"},
    {"expect.link.primary.to_aws.queue_ful.max=0",
     "[expect] link.primary.to_aws.queue_ful.max: link.primary.to_aws has no "
     "\"queue_ful\"; did you mean \"queue_full\"?"},
    {"expect.link.primary.to_aws.max=0",
     "[expect] link.primary.to_aws.max: link.primary.to_aws is no value by "
     "itself; expected one of sent, delivered, queue_full, too_big, "
     "no_carrier, black_hole, random_loss"},
    {"expect.link.primary.to_aws.sent.twice.max=0",
     "[expect] link.primary.to_aws.sent.twice.max: sent is a value; "
     "\"twice\" is none of it"},
    {"expect.scenario.duration.max=1s",
     "[expect] scenario.duration.max: these are no figures: scenario"},
    {"expect.fault.cut.had_effect=perhaps",
     "[expect] fault.cut.had_effect: \"perhaps\" is nothing that it can be; "
     "expected one of yes, no"},
    {"expect.fault.cut.client.pool.recovery=recoverd",
     "[expect] fault.cut.client.pool.recovery: \"recoverd\" is nothing that "
     "it can be; did you mean \"recovered\"?"},
    {"expect.fault.cut.had_effect.max=1",
     "[expect] fault.cut.had_effect.max: fault.cut.had_effect is a text, which "
     "has no limit; expected fault.cut.had_effect = WORD, ..."},
    {"expect.probes.sent=1",
     "[expect] probes.sent: a figure is bounded by probes.sent.max, "
     "probes.sent.min, probes.sent.equals or probes.sent.within"},
    {"expect.failover.within=2s",
     "[expect] failover.within: \"2s\" is no range; expected two limits with "
     "\"..\" between"},
    {"expect.failover.within=2s..1s",
     "[expect] failover.within: \"2s..1s\" has nothing in it: the lower limit "
     "comes first"},
    {"expect.failover.within=1..2s",
     "[expect] failover.within: \"1\" has no unit; expected 300ms or 90s"},
    {"expect.fault.cut.client.pool.part.detect.share.max=50%",
     "[expect] fault.cut.client.pool.part.detect.share.max: \"50%\" is no "
     "number with at most six decimals; expected something like 0.5"},
    {"expect.fault.cut.client.pool.part.detect.share.max=0.1234567",
     "[expect] fault.cut.client.pool.part.detect.share.max: \"0.1234567\" is "
     "no number with at most six decimals; expected something like 0.5"},
    {"expect.happiness.max=1",
     "[expect] happiness.max: unknown figure; expected one of those in "
     "scenarios/README.md, such as failover.max, or a path of result.json"},
    {"expect.failover.max=2",
     "[expect] failover.max: \"2\" has no unit; expected 300ms or 90s"},
    {"expect.plaintext.bytes.max=1s",
     "[expect] plaintext.bytes.max: \"1s\" is not a size; did you mean "
     "\"1B\"?"},
    /* The capture */
    {"capture.links=primary, dc.wan",
     "[capture] links: \"dc.wan\" is no link; expected the name of a [dx] or "
     "[internet], or SITE.lan, SITE.uplink, VPC.lan, DX.backbone, "
     "VPN.tunnel1.edge, VPN.tunnel1.backbone"},
    {"capture.links=vgw.edge",
     "[capture] links: \"vgw.edge\" is no link; expected the name of a [dx] or "
     "[internet], or SITE.lan, SITE.uplink, VPC.lan, DX.backbone, "
     "VPN.tunnel1.edge, VPN.tunnel1.backbone"},
    /* What is real in live mode */
    {"onprem dc.port=tap cgw",
     "[onprem dc] port: \"tap cgw\" is not a port; expected simulated or tun "
     "NAME"},
    {"onprem dc.port=tun customer-gateway",
     "[onprem dc] port: \"customer-gateway\" is no name of a network device, "
     "which has 1 to 15 characters without blanks, / : and %; expected "
     "simulated or tun NAME"},
    {"onprem dc.port=tun a/b",
     "[onprem dc] port: \"a/b\" is no name of a network device, which has 1 to "
     "15 characters without blanks, / : and %; expected simulated or tun NAME"},
    {"onprem dc.port=tun branch-1",
     "[dx primary] port: \"branch-1-primary\" would be too long for a network "
     "device, which has 15 characters; give one as \"tun NAME\""},
    {"onprem dc.netns=cgw",
     "[onprem dc] netns: nothing is real here that could be in it"},
    {"database orders.server.netns=db",
     "[database orders] server.netns: nothing is real here that could be in "
     "it"},
    {"onprem dc.lan.port=tun lan0",
     "[onprem dc] lan.port: the gateway of [onprem dc] is simulated, and so "
     "are "
     "its links' ends; \"port = tun NAME\" there makes it real"},
    {"dx primary.port=tun dx0",
     "[dx primary] port: the gateway of [onprem dc] is simulated, and so are "
     "its links' ends; \"port = tun NAME\" there makes it real"},
};

/* A complaint without the place that stands before it. */
static const char *
without_place(const char *message, const char *set)
{
    g_autofree char *quoted = g_strdup_printf("--set \"%s\": ", set);

    if (g_str_has_prefix(message, quoted))
        return message + strlen(quoted);
    if (g_str_has_prefix(message, "f.ini:")) {
        message += strlen("f.ini:");
        return message + strspn(message, "0123456789") + strlen(": ");
    }
    return message;
}

START_TEST(an_override_is_refused)
{
    const char *sets[] = {refused_sets[_i].set, NULL};
    g_autoptr(GError) error = NULL;
    HsScenario *scenario = hs_scenario_load_data(
        "f.ini", good_scenario, strlen(good_scenario), sets, &error);

    ck_assert_msg(scenario == NULL, "%s was accepted", refused_sets[_i].set);
    ck_assert_str_eq(without_place(error->message, refused_sets[_i].set),
                     refused_sets[_i].message);
}
END_TEST

/* The place is the override's if its value is wrong, and so it is if a rule
 * that it breaks looks at it. */
/* What is real in live mode, where it takes two keys to be wrong. */
START_TEST(ports_go_together)
{
    static const struct {
        const char *const sets[5];
        const char *message;
    } rows[] = {
        {{"database orders.client.port=tun x",
          "database orders.server.port=tun x", NULL},
         "--set \"database orders.server.port=tun x\": [database orders] "
         "server.port: namespace x has a device x "
         "already: that of [database orders]"},
        {{"onprem dc.port=tun cgw", "dx primary.port=simulated", NULL},
         "--set \"dx primary.port=simulated\": [dx primary] port: the gateway "
         "of "
         "[onprem dc] is real, and so are its links' ends; expected tun NAME"},
        {{"onprem dc.port=tun cgw", "onprem dc.netns=a/b", NULL},
         "--set \"onprem dc.netns=a/b\": [onprem dc] netns: \"a/b\" is no name "
         "of a network namespace; expected a name as of \"ip netns\", or an "
         "absolute path"},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(GError) error = NULL;
        HsScenario *scenario =
            hs_scenario_load_data("f.ini", good_scenario, strlen(good_scenario),
                                  rows[i].sets, &error);

        ck_assert_ptr_null(scenario);
        ck_assert_str_eq(error->message, rows[i].message);
    }
}
END_TEST

START_TEST(an_override_is_named)
{
    const char *wrong[] = {"dx primary.hold=2s", NULL};
    const char *breaks[] = {"dx primary.keepalive=90s", NULL};

    refuse(good_scenario, strlen(good_scenario), wrong,
           "--set \"dx primary.hold=2s\": [dx primary] hold: \"2s\" is out of "
           "range: 3s to 65535s (AWS Direct Connect guide, \"Quotas\": hold "
           "time 3 s or more; RFC 4271 4.2: whole seconds)");
    refuse(good_scenario, strlen(good_scenario), breaks,
           "--set \"dx primary.keepalive=90s\": [dx primary] keepalive: 90s "
           "is not below the hold time \"hold\" of 90s; a third of it is usual "
           "(RFC 4271 4.4)");
}
END_TEST

/* Files that are wrong as a whole. */
#define ENTIRE(text) text, sizeof text - 1
#define SITE         "[onprem dc]\nasn = 65001\nprefix = 172.16.0.0/24\n"
#define VPC          "[vpc app]\ncidr = 10.0.0.0/16\n"
#define VGW          "[gateway vgw]\nattach = app\n"
#define DB           "[database db]\nclient = app\nserver = dc\n"

static const struct {
    const char *data;
    size_t length;
    const char *message;
} refused_files[] = {
    {ENTIRE("[scenario]\ntitle = a\0b\n"),
     "f.ini:2: this is not a text file: it holds a zero byte"},
    {ENTIRE("[scenario]\ntitle = \xff\n"), "f.ini:2: this line is not UTF-8"},
    {ENTIRE("\xef\xbb\xbf[scenario]\n"),
     "f.ini:1: the file starts with a byte order mark; save it as plain "
     "UTF-8"},
    {ENTIRE("[scenario]\ntitle = \x1b[2J\n"),
     "f.ini:2: this line holds a control character (0x1b)"},
    {ENTIRE("title = x\n"), "f.ini:1: title: stands before the first [group]"},
    {ENTIRE("[scenario\n"),
     "f.ini:1: [scenario: a group's name ends with \"]\""},
    {ENTIRE("[scenario] # all\n"),
     "f.ini:1: [scenario]: \"# all\" stands behind the group; a comment takes "
     "a line of its own"},
    {ENTIRE("[scenario]\nhello\n"),
     "f.ini:2: [scenario]: \"hello\" is neither a [group] nor a key = value"},
    {ENTIRE("[scenario]\n; hello\n"),
     "f.ini:2: [scenario]: \"; hello\": a comment starts with \"#\""},
    {ENTIRE("[scenario]\ntitle[de] = x\n"),
     "f.ini:2: [scenario]: \"title[de]\" is not a key"},
    {ENTIRE("[scenario]\nduration = 300s ; five minutes\n"),
     "f.ini:2: [scenario] duration: \"; five minutes\" would be part of the "
     "value; a comment takes a line of its own, starting with \"#\""},
    {ENTIRE("[scenario]\nduration = 300s # five minutes\n"),
     "f.ini:2: [scenario] duration: \"# five minutes\" would be part of the "
     "value; a comment takes a line of its own, starting with \"#\""},
    {ENTIRE("[scenario]\nseed = 1\n\nseed = 2\n"),
     "f.ini:4: [scenario] seed: this key is there already, in line 2"},
    {ENTIRE("[scenario]\nseed = 1\n[ scenario ]\nseed = 2\n"),
     "f.ini:3: [scenario]: this group is there already, in line 1"},
    {ENTIRE("[internet]\n[internet internet]\n"),
     "f.ini:2: [internet]: this group is there already, in line 1"},
    {ENTIRE("[dxgw dxgw]\n[dxgw dxgw]\n"),
     "f.ini:2: [dxgw dxgw]: this group is there already, in line 1"},
    {ENTIRE("[dx  a]\n[dx a]\n"),
     "f.ini:1: [dx a]: the key \"between\" is missing: the [onprem], and "
     "the [gateway] or [dxgw] it connects it with; of a public interface one "
     "of the gateways whose VPNs it carries\n"
     "f.ini:2: [dx a]: this group is there already, in line 1"},
    {ENTIRE("[scenario]\ntitle = a\\qb\n"),
     "f.ini:2: [scenario] title: unknown escape; expected one of \\s \\n \\t "
     "\\r \\\\"},
    {ENTIRE("[gatway vgw]\ntype = vgw\n"),
     "f.ini:1: [gatway vgw]: unknown kind of element \"gatway\"; did you mean "
     "\"gateway\"?"},
    {ENTIRE("[router r]\n"),
     "f.ini:1: [router r]: unknown kind of element \"router\"; expected one "
     "of scenario, onprem, firewall, vpc, nat-gateway, gateway, dxgw, "
     "association, peering, table, connection, dx, internet, vpn, database, "
     "query, probe, stream, fault, monitoring, alarm, capture, expect"},
    {ENTIRE("[vpc]\ncidr = 10.0.0.0/16\n"),
     "f.ini:1: [vpc]: a name is missing; expected [vpc NAME]"},
    {ENTIRE("[vpc a.b]\ncidr = 10.0.0.0/16\n"),
     "f.ini:1: [vpc a.b]: \"a.b\" is not a name; expected letters, digits, "
     "\"-\" and \"_\", 32 at most"},
    {ENTIRE("[capture all]\n"),
     "f.ini:1: [capture all]: there is one [capture], without a name"},
    {ENTIRE(VPC "[onprem app]\nasn = 1\nprefix = 10.1.0.0/16\n"),
     "f.ini:3: [onprem app]: the name \"app\" is that of [vpc app] in line 1 "
     "already"},
    {ENTIRE("[onprem dc]\n"),
     "f.ini:1: [onprem dc]: the key \"asn\" is missing: the site's autonomous "
     "system number\n"
     "f.ini:1: [onprem dc]: the key \"prefix\" is missing: the site's "
     "network, announced to AWS"},
    /* A reference to a group that was refused says so, and no more. */
    {ENTIRE("[vcp app]\ncidr = 10.0.0.0/16\n" VGW),
     "f.ini:1: [vcp app]: unknown kind of element \"vcp\"; did you mean "
     "\"vpc\"?\n"
     "f.ini:4: [gateway vgw] attach: names a group that was refused"},
    {ENTIRE(SITE VPC VGW DB),
     "f.ini:8: [database db]: nothing connects [vpc app] and [onprem dc]; "
     "expected a [dx] or a [vpn] between a gateway of the one and the other"},
    {ENTIRE(SITE VPC VGW "[gateway two]\nattach = app\nrouter-id = 10.0.0.2\n"
                         "[vpn v]\nbetween = dc, two\n" DB),
     "f.ini:9: [gateway two] attach: [vpc app] has [gateway vgw] already; AWS "
     "attaches one virtual private gateway to a VPC (AWS Site-to-Site VPN "
     "guide, "
     "\"Quotas\")"},
    {ENTIRE(SITE VPC VGW "[vpn v]\nbetween = dc, vgw\n"
                         "aws.esp.lifetime = 900s\n"
                         "aws.rekey-margin = 500s\n" DB),
     "f.ini:11: [vpn v] aws.rekey-margin: 500s is out of range: AWS takes 60s "
     "to half of the phase 2 lifetime, 450s (AWS "
     "Site-to-Site VPN guide, \"Tunnel options\")"},
    {ENTIRE(SITE VPC VGW "[vpn v]\nbetween = dc, vgw\ndpd.mode = off\n"
                         "dpd.delay = 5s\n" DB),
     "f.ini:10: [vpn v] dpd.mode: is off, so dpd.delay and dpd.action say "
     "nothing"},
    {ENTIRE(SITE VPC VGW "[vpn v]\nbetween = dc, vgw\ntunnels = 1\n"
                         "tunnel2.med = 5\n" DB
                         "[fault f]\ntarget = v.tunnel2\n"
                         "action = blackhole\nat = 60s\n"),
     "f.ini:11: [vpn v] tunnel2.med: there is one tunnel: tunnels = 1\n"
     "f.ini:16: [fault f] target: [vpn v] has one tunnel"},
    {ENTIRE(SITE VPC VGW "[vpn v]\nbetween = dc, vgw\n" DB
                         "[fault f]\ntarget = v\naction = link-down\n"
                         "at = 60s\n"),
     "f.ini:15: [fault f] action: a tunnel has no carrier to lose; expected "
     "blackhole"},
    {ENTIRE(SITE VPC VGW "[dx d]\nbetween = dc, vgw\n" DB
                         "[fault f]\ntarget = d\naction = link-down\n"
                         "at = 60s\ndirection = to-aws\n"),
     "f.ini:17: [fault f] direction: link-down takes the carrier from both "
     "ends; expected both"},
    {ENTIRE(SITE VPC VGW "[dx d]\nbetween = dc, vgw\n" DB
                         "[expect]\nfailover.max = 2s\n"),
     "f.ini:14: [expect] failover.max: there is no [fault], so this is never "
     "observed"},
    {ENTIRE(SITE VPC VGW "[dx d]\nbetween = dc, vgw\n" DB
                         "[expect]\ndb.p99.min = 2s\ndb.p99.max = 1s\n"),
     "f.ini:14: [expect] db.p99.min: 2s is above db.p99.max, 1s: nothing can "
     "hold both"},
    {ENTIRE(SITE VPC VGW "[dx d]\nbetween = dc, vgw\n" DB
                         "[database db2]\nclient = app\nserver = dc\n"),
     "f.ini:14: [database db2] client: [database db] is there already; "
     "expected one in a scenario"},
    {ENTIRE("[probe]\n" SITE VPC VGW "[dx d]\nbetween = dc, vgw\n"),
     "f.ini:1: [probe] database: there is no [database], and the probe does "
     "not say from and to"},
    /* The public interface of another site. */
    {ENTIRE(SITE VPC VGW "[onprem b]\nasn = 65002\nprefix = 172.16.1.0/24\n"
                         "[dx d]\nbetween = b, vgw\nvif = public\n"
                         "[vpn v]\nbetween = dc, vgw\nunderlay = d\n" DB),
     "f.ini:16: [vpn v] underlay: [dx d] is that of [onprem b]"},
};

START_TEST(a_file_is_refused)
{
    refuse(refused_files[_i].data, refused_files[_i].length, NULL,
           refused_files[_i].message);
}
END_TEST

START_TEST(ten_complaints_are_shown_and_the_rest_counted)
{
    g_autoptr(GString) text = g_string_new("[scenario]\n");
    g_autoptr(GError) error = NULL;
    g_auto(GStrv) lines = NULL;

    for (unsigned i = 0; i < 12; i++)
        g_string_append_printf(text, "key%u = x\n", i);
    ck_assert_ptr_null(
        hs_scenario_load_data("f.ini", text->str, text->len, NULL, &error));
    lines = g_strsplit(error->message, "\n", -1);
    ck_assert_uint_eq(g_strv_length(lines), 11);
    ck_assert(g_str_has_prefix(lines[0], "f.ini:2: [scenario] key0: "));
    ck_assert(g_str_has_prefix(lines[9], "f.ini:11: [scenario] key9: "));
    ck_assert_str_eq(lines[10], "f.ini: and 2 more");
}
END_TEST

START_TEST(a_huge_file_is_refused)
{
    size_t length = HS_INI_SIZE_MAX + 1;
    g_autofree char *data = g_malloc(length);

    memset(data, '\n', length);
    refuse(data, length, NULL,
           "f.ini: 4194305 bytes are no scenario; the most is 4194304");
}
END_TEST

START_TEST(a_file_that_cannot_be_read)
{
    g_autoptr(GError) error = NULL;

    ck_assert_ptr_null(hs_scenario_load("/nonexistent/x.ini", NULL, &error));
    ck_assert(
        g_error_matches(error, HS_SCENARIO_ERROR, HS_SCENARIO_ERROR_READ));
    ck_assert_str_eq(error->message,
                     "/nonexistent/x.ini: No such file or directory");
    g_clear_error(&error);
    ck_assert_ptr_null(hs_scenario_load("/", NULL, &error));
    ck_assert_str_eq(error->message, "/: this is a folder, not a scenario");
}
END_TEST

static char *
source_path(const char *name)
{
    const char *top = g_getenv("TOP_SRCDIR");

    return g_build_filename(top != NULL ? top : ".", name, NULL);
}

/* What the fuzzer is fed with, through the same door: nothing may crash. */
START_TEST(the_corpus_is_survived)
{
    g_autofree char *folder = source_path("tests/fuzz/corpus/scenario");
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    const char *name;
    unsigned read = 0;

    ck_assert_ptr_nonnull(dir);
    while ((name = g_dir_read_name(dir)) != NULL) {
        g_autofree char *path = g_build_filename(folder, name, NULL);
        g_autofree char *data = NULL;
        size_t length;
        g_autoptr(GError) error = NULL;
        g_autoptr(HsScenario) s = NULL;

        ck_assert(g_file_get_contents(path, &data, &length, NULL));
        s = hs_scenario_load_data("f.ini", data, length, NULL, &error);
        ck_assert((s != NULL) == (error == NULL));
        read++;
    }
    ck_assert_uint_gt(read, 4);
}
END_TEST

/* Every truncation of a good file, and every byte of it made another. */
START_TEST(no_truncation_crashes)
{
    for (size_t length = 0; length < sizeof good_scenario - 1; length++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(HsScenario) s =
            hs_scenario_load_data("f.ini", good_scenario, length, NULL, &error);

        ck_assert((s != NULL) == (error == NULL));
    }
}
END_TEST

START_TEST(no_changed_byte_crashes)
{
    static const char others[] = {'\0', '\n', ' ', '0', '9',  '=',   '[',
                                  '.',  '/',  ',', 'x', '\\', '\xff'};

    for (size_t at = 0; at < sizeof good_scenario - 1; at++) {
        for (unsigned i = 0; i < sizeof others; i++) {
            g_autofree char *data = g_strdup(good_scenario);
            g_autoptr(GError) error = NULL;
            g_autoptr(HsScenario) s = NULL;

            data[at] = others[i];
            s = hs_scenario_load_data("f.ini", data, sizeof good_scenario - 1,
                                      NULL, &error);
            ck_assert((s != NULL) == (error == NULL));
        }
    }
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("scenario errors");
    TCase *tc = tcase_create("refusing");
    tcase_add_loop_test(tc, an_override_is_refused, 0,
                        G_N_ELEMENTS(refused_sets));
    tcase_add_test(tc, ports_go_together);
    tcase_add_test(tc, an_override_is_named);
    tcase_add_loop_test(tc, a_file_is_refused, 0, G_N_ELEMENTS(refused_files));
    tcase_add_test(tc, ten_complaints_are_shown_and_the_rest_counted);
    tcase_add_test(tc, a_huge_file_is_refused);
    tcase_add_test(tc, a_file_that_cannot_be_read);
    tcase_add_test(tc, the_corpus_is_survived);
    tcase_add_test(tc, no_truncation_crashes);
    suite_add_tcase(suite, tc);

    tc = tcase_create("surviving"); /* thousands of loads */
    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, no_changed_byte_crashes);
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}
