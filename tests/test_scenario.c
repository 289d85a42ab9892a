/* What scenario files say and do not say. The good file is written out here,
 * and each rule is broken once, on top of it or by a file of its own, with the
 * message a person will read. */

#include "config.h"

#include "sim/observe/verdict.h"
#include "sim/scenario/ini.h"
#include "sim/scenario/private.h"
#include "sim/scenario/quantity.h"
#include "sim/scenario/scenario.h"
#include "sim/scenario/schema.h"
#include "sim/scenario/value.h"
#include "tests/harness/run.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A complete file in as few lines as there can be. Line numbers matter. */
static const char good[] = "[scenario]\n"             /* 1 */
                           "title = A cut\n"          /* 2 */
                           "[onprem dc]\n"            /* 3 */
                           "asn = 65001\n"            /* 4 */
                           "prefix = 172.16.0.0/24\n" /* 5 */
                           "[vpc app]\n"              /* 6 */
                           "cidr = 10.0.0.0/16\n"     /* 7 */
                           "[gateway vgw]\n"          /* 8 */
                           "attach = app\n"           /* 9 */
                           "[dx primary]\n"           /* 10 */
                           "between = dc, vgw\n"      /* 11 */
                           "bfd = 300ms x 3\n"        /* 12 */
                           "[vpn backup]\n"           /* 13 */
                           "between = vgw, dc\n"      /* 14 */
                           "[database orders]\n"      /* 15 */
                           "client = app\n"           /* 16 */
                           "server = dc\n"            /* 17 */
                           "rate = 500/s\n"           /* 18 */
                           "[fault cut]\n"            /* 19 */
                           "target = primary\n"       /* 20 */
                           "action = blackhole\n"     /* 21 */
                           "at = 60s..90s\n"          /* 22 */
                           "for = 120s\n"             /* 23 */
                           "[expect]\n"               /* 24 */
                           "failover.max = 2s\n";     /* 25 */

static HsScenario *
load(const char *data, const char *const *sets)
{
    g_autoptr(GError) error = NULL;
    HsScenario *scenario =
        hs_scenario_load_data("f.ini", data, strlen(data), sets, &error);

    ck_assert_msg(scenario != NULL, "%s",
                  error != NULL ? error->message : "no error either");
    return scenario;
}

/* The good file with SET on top. */
static HsScenario *
load_with(const char *set)
{
    const char *sets[] = {set, NULL};

    return load(good, sets);
}

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

START_TEST(a_good_file_is_complete)
{
    g_autoptr(HsScenario) s = load(good, NULL);
    const HsOnprem *dc = hs_scenario_onprem(s, 0);
    const HsVpc *app = hs_scenario_vpc(s, 0);
    const HsGateway *vgw = hs_scenario_gateway(s, 0);
    const HsDx *dx = hs_scenario_dx(s, 0);
    const HsVpn *vpn = hs_scenario_vpn(s, 0);
    const HsDatabase *db = hs_scenario_database(s, 0);
    const HsFault *fault = hs_scenario_fault(s, 0);
    const HsSettings *settings = hs_scenario_settings(s, 0);
    char text[HS_PREFIX_TEXT];

    ck_assert_str_eq(hs_scenario_name(s), "f");
    ck_assert_str_eq(settings->title, "A cut");
    ck_assert_int_eq(settings->duration, HS_SEC(300));
    ck_assert_int_eq(settings->warmup, HS_SEC(20));
    ck_assert_uint_eq(settings->seed, 1);

    ck_assert_uint_eq(dc->asn, 65001);
    ck_assert_str_eq(hs_prefix_format(&dc->prefix, text), "172.16.0.0/24");
    ck_assert_uint_eq(dc->lan.rate, UINT64_C(10000000000));
    ck_assert_int_eq(dc->lan.delay, HS_USEC(50));
    ck_assert_uint_eq(dc->preset, HS_PRESET_FRR);
    ck_assert_str_eq(hs_addr_format(&dc->router_id, text), "172.16.0.1");
    ck_assert_str_eq(hs_addr_format(&dc->outside, text), "198.51.100.1");
    ck_assert_uint_eq(app->lan.mtu, 9001);
    ck_assert_ptr_eq(vgw->vpc, app);
    ck_assert_uint_eq(vgw->asn, 64512);
    ck_assert_uint_eq(vgw->preset, HS_PRESET_AWS);

    ck_assert_ptr_eq(dx->site, dc);
    ck_assert_ptr_eq(dx->gateway, vgw);
    ck_assert_uint_eq(dx->link.rate, 1000000000);
    ck_assert_uint_eq(dx->link.mtu, 1500);
    ck_assert_uint_eq(dx->link.overhead, 42);
    ck_assert_uint_eq(dx->aws_asn, 64512);
    ck_assert_str_eq(hs_prefix_format(&dx->peer, text), "169.254.96.0/30");
    ck_assert_str_eq(hs_addr_format(&dx->aws_address, text), "169.254.96.1");
    ck_assert_str_eq(hs_addr_format(&dx->customer_address, text),
                     "169.254.96.2");
    ck_assert_int_eq(dx->bfd.interval, HS_MSEC(300));
    ck_assert_uint_eq(dx->bfd.multiplier, 3);
    ck_assert_int_eq(dx->customer.hold, HS_SEC(90));
    ck_assert_uint_eq(dx->policy.local_preference, 200);

    ck_assert_ptr_eq(vpn->site, dc);
    ck_assert_ptr_eq(vpn->gateway, vgw);
    ck_assert_ptr_null(vpn->underlay_dx);
    ck_assert_ptr_eq(vpn->underlay_internet, hs_scenario_internet(s, 0));
    ck_assert_str_eq(vpn->underlay_internet->element.name, "internet");
    ck_assert_uint_eq(vpn->tunnels, 2);
    ck_assert_int_eq(vpn->customer.hold, HS_SEC(30));
    ck_assert_uint_eq(vpn->policy.local_preference, 100);
    ck_assert_uint_eq(vpn->tunnel[0].med, 100);
    ck_assert_uint_eq(vpn->tunnel[1].med, 200);
    ck_assert_uint_eq(vpn->integrity, HS_INTEGRITY_NONE);
    ck_assert_str_eq(hs_prefix_format(&vpn->tunnel[1].inside, text),
                     "169.254.10.4/30");
    ck_assert_str_eq(hs_addr_format(&vpn->tunnel[1].aws_inside, text),
                     "169.254.10.5");
    ck_assert_str_eq(hs_addr_format(&vpn->tunnel[1].customer_inside, text),
                     "169.254.10.6");
    ck_assert_str_eq(hs_addr_format(&vpn->tunnel[1].aws_outside, text),
                     "203.0.113.2");
    ck_assert_str_eq(hs_addr_format(&vpn->outside, text), "198.51.100.1");
    ck_assert_uint_eq(vpn->tunnel[0].to_aws.length, 0);

    ck_assert_int_eq(db->interval, HS_MSEC(2));
    ck_assert_str_eq(hs_addr_format(&db->client_address, text), "10.0.0.10");
    ck_assert_str_eq(hs_addr_format(&db->server_address, text), "172.16.0.10");
    ck_assert_int_eq(db->think.scale, HS_MSEC(2));
    ck_assert_ptr_eq(hs_scenario_probe(s, 0)->database, db);

    ck_assert_ptr_eq(fault->target, &dx->element);
    ck_assert_int_eq(fault->at.low, HS_SEC(60));
    ck_assert_int_eq(fault->at.high, HS_SEC(90));
    ck_assert_int_eq(fault->length, HS_SEC(120));
    ck_assert_uint_eq(fault->action, HS_FAULT_BLACKHOLE);
    ck_assert_ptr_null(hs_scenario_fault(s, 1));
    ck_assert(hs_scenario_capture(s, 0)->file);
    ck_assert_ptr_null(hs_scenario_capture(s, 0)->links);
}
END_TEST

START_TEST(an_expectation_has_figure_limit_and_line)
{
    g_autoptr(HsScenario) s = load(good, NULL);
    const HsExpect *expect = hs_scenario_expect(s, 0);
    const HsExpectation *e;

    ck_assert_uint_eq(expect->expectations->len, 1);
    e = expect->expectations->pdata[0];
    ck_assert_str_eq(hs_figure_name(e->figure), "failover");
    ck_assert_uint_eq(e->comparison, HS_COMPARISON_MAX);
    ck_assert_int_eq(e->limit, HS_SEC(2));
    ck_assert_str_eq(e->text, "2s");
    ck_assert_uint_eq(e->line, 25);
}
END_TEST

/* As `sha256sum` prints it of the same bytes. */
START_TEST(the_digest_is_that_of_the_bytes)
{
    g_autoptr(HsScenario) s = load(good, NULL);
    g_autoptr(GChecksum) sum = g_checksum_new(G_CHECKSUM_SHA256);

    for (const char *c = good; *c != '\0'; c++)
        g_checksum_update(sum, (const guchar *)c, 1);
    ck_assert_str_eq(hs_scenario_sha256(s), g_checksum_get_string(sum));
}
END_TEST

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
     "[dx primary] aws.asn: this follows from the rest and cannot be set: the "
     "gateway's; 7224 on a public interface"},
    /* Words */
    {"fault cut.action=link-dwon",
     "[fault cut] action: \"link-dwon\" is not known here; did you mean "
     "\"link-down\"?"},
    {"fault cut.action=brownout",
     "[fault cut] action: \"brownout\" is not known here; expected one of "
     "link-down, blackhole"},
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
     "[dx primary] rate: AWS offers no such port; expected 50, 100, 200, 300, "
     "400 or 500Mbps, 1, 2, 5, 10, 25, 100 or 400Gbps"},
    {"dx primary.mtu=1500",
     "[dx primary] mtu: \"1500\" has no unit; expected 1500B or 64kB"},
    {"dx primary.mtu=4000B",
     "[dx primary] mtu: AWS takes 1500B or 9001B on a private virtual "
     "interface"},
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
     "[dx primary] bfd: \"100ms x 3\" is out of range: AWS takes intervals of "
     "300ms or more, in whole microseconds"},
    {"dx primary.bfd=300ms x 2",
     "[dx primary] bfd: \"300ms x 2\" is out of range: AWS takes multipliers "
     "of 3 or more, RFC 5880 of 255 or less"},
    {"dx primary.aws.bfd=off",
     "[dx primary] aws.bfd: AWS has BFD on for every virtual interface; \"bfd "
     "= off\" keeps it idle"},
    {"dx primary.communities=7224",
     "[dx primary] communities: \"7224\" is not a community; expected "
     "7224:7300"},
    {"dx primary.communities=7224:70000",
     "[dx primary] communities: \"7224:70000\" is out of range: both halves of "
     "a community are 0 to 65535 (RFC 1997)"},
    {"onprem dc.asn=64512",
     "[dx primary] between: [onprem dc] has AWS's AS number, 64512; the two "
     "must differ\n"
     "f.ini:14: [vpn backup] between: [onprem dc] has AWS's AS number, 64512; "
     "the two must differ"},
    {"onprem dc.asn=0", "[onprem dc] asn: \"0\" is out of range: 1 to "
                        "4294967294 (AWS Direct Connect guide, \"Virtual "
                        "interfaces\": 1 to 4294967294, RFC 6793)"},
    {"onprem dc.asn=23456",
     "[onprem dc] asn: 23456 stands for numbers that an old speaker cannot "
     "say (RFC 6793) and is nobody's"},
    {"onprem dc.asn=7224", "[onprem dc] asn: 7224 is AWS's own"},
    {"gateway vgw.asn=65535",
     "[gateway vgw] asn: 65535 is out of range: AWS takes 64512 to 65534 or "
     "4200000000 to 4294967294"},
    /* Addresses */
    {"vpc app.cidr=172.16.0.0/16",
     "[vpc app] cidr: 172.16.0.0/16 overlaps 172.16.0.0/24 of [onprem dc]; AWS "
     "cannot route between overlapping networks"},
    {"vpc app.cidr=10.0.0.0/8",
     "[vpc app] cidr: AWS takes VPCs with a length of 16 to 28"},
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
     "[vpn backup] tunnel1.inside-cidr: AWS keeps this one; reserved are the "
     "first /30 of 169.254.0.0 to 169.254.5.0, and 169.254.169.252/30"},
    {"vpn backup.tunnel2.inside-cidr=169.254.169.252/30",
     "[vpn backup] tunnel2.inside-cidr: AWS keeps this one; reserved are the "
     "first /30 of 169.254.0.0 to 169.254.5.0, and 169.254.169.252/30"},
    {"vpn backup.tunnel1.inside-cidr=10.1.0.0/30",
     "[vpn backup] tunnel1.inside-cidr: AWS takes a /30 of 169.254.0.0/16 "
     "inside a tunnel"},
    {"vpn backup.tunnel1.inside-cidr=169.254.20.0/29",
     "[vpn backup] tunnel1.inside-cidr: AWS takes a /30 of 169.254.0.0/16 "
     "inside a tunnel"},
    {"vpn backup.tunnel1.aws-outside=172.16.0.9",
     "[vpn backup] tunnel1.aws-outside: 172.16.0.9/32 overlaps 172.16.0.0/24, "
     "prefix of [onprem dc]"},
    {"database orders.client-address=172.16.0.9",
     "[database orders] client-address: is not in [vpc app]"},
    {"database orders.server-address=10.0.0.9",
     "[database orders] server-address: is not in [onprem dc]"},
    /* ESP */
    {"vpn backup.integrity=sha2-256",
     "[vpn backup] integrity: aes256-gcm16 authenticates by itself (RFC 4106); "
     "expected none"},
    {"vpn backup.encryption=aes256gcm16",
     "[vpn backup] encryption: \"aes256gcm16\" is not known here; did you mean "
     "\"aes256-gcm16\"?"},
    {"vpn backup.tunnel1.key-to-aws=0011",
     "[vpn backup] tunnel1.key-to-aws: 2 bytes; aes256-gcm16 with none "
     "integrity takes 36"},
    {"vpn backup.tunnel1.key-to-aws=00zz",
     "[vpn backup] tunnel1.key-to-aws: \"00zz\" is not hex digits; expected "
     "00112233"},
    {"vpn backup.tunnel1.key-to-aws=001",
     "[vpn backup] tunnel1.key-to-aws: \"001\" is not a key: an even number "
     "of hex digits, 192 at most; expected 00112233"},
    {"vpn backup.replay-window=32",
     "[vpn backup] replay-window: \"32\" is out of range: 64 to 2048 (64 to "
     "2048)"},
    {"vpn backup.tunnels=3",
     "[vpn backup] tunnels: \"3\" is out of range: 1 to 2 (a connection has "
     "two)"},
    /* References */
    {"dx primary.between=dc, vgv",
     "[dx primary] between: there is no [onprem] or [gateway] named \"vgv\"; "
     "did you mean \"vgw\"?"},
    {"dx primary.between=dc",
     "[dx primary] between: \"dc\" is not two names; expected dc, vgw"},
    {"dx primary.between=dc, dc",
     "[dx primary] between: \"dc, dc\" is two sites: one end is a [gateway]; "
     "expected dc, vgw"},
    {"dx primary.between=dc, app",
     "[dx primary] between: \"app\" is a [vpc], not an [onprem] or [gateway]; "
     "expected one of dc, vgw"},
    {"database orders.client=dc",
     "[database orders] client: \"dc\" is a [onprem], not a [vpc]; expected "
     "app"},
    {"vpn backup.underlay=internt",
     "[vpn backup] underlay: there is no [dx] or [internet] named \"internt\"; "
     "did you mean \"internet\"?"},
    {"vpn backup.underlay=primary",
     "[vpn backup] underlay: [dx primary] has a private virtual interface, "
     "from which AWS's VPN endpoints cannot be reached; it takes \"vif = "
     "public\""},
    {"dx primary.vif=public",
     "[dx primary] vif: a public virtual interface carries only VPNs, and no "
     "[vpn] has \"underlay = primary\""},
    /* Faults */
    {"fault cut.target=primry",
     "[fault cut] target: there is no [dx], [vpn] or [internet] named "
     "\"primry\"; did you mean \"primary\"?"},
    {"fault cut.target=primary.tunnel1",
     "[fault cut] target: \"primary.tunnel1\" names a part that only a [vpn] "
     "has; expected primary or backup.tunnel1"},
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
     "[expect] failover: a figure is bounded by failover.max or failover.min"},
    {"expect.happiness.max=1",
     "[expect] happiness.max: unknown figure; expected one of those in "
     "scenarios/README.md, such as failover.max"},
    {"expect.failover.max=2",
     "[expect] failover.max: \"2\" has no unit; expected 300ms or 90s"},
    {"expect.plaintext.bytes.max=1s",
     "[expect] plaintext.bytes.max: \"1s\" is not a size; did you mean "
     "\"1B\"?"},
    /* The capture */
    {"capture.links=primary, dc.wan",
     "[capture] links: \"dc.wan\" is no link; expected the name of a [dx] or "
     "[internet], or SITE.lan, SITE.uplink, VPC.lan, GATEWAY.edge"},
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
    HsScenario *scenario =
        hs_scenario_load_data("f.ini", good, strlen(good), sets, &error);

    ck_assert_msg(scenario == NULL, "%s was accepted", refused_sets[_i].set);
    ck_assert_str_eq(without_place(error->message, refused_sets[_i].set),
                     refused_sets[_i].message);
}
END_TEST

/* The place is the override's if its value is wrong, and so it is if a rule
 * that it breaks looks at it. */
START_TEST(an_override_is_named)
{
    const char *wrong[] = {"dx primary.hold=2s", NULL};
    const char *breaks[] = {"dx primary.keepalive=90s", NULL};

    refuse(good, strlen(good), wrong,
           "--set \"dx primary.hold=2s\": [dx primary] hold: \"2s\" is out of "
           "range: 3s to 65535s (AWS Direct Connect guide, \"Quotas\": hold "
           "time 3 s or more; RFC 4271 4.2: whole seconds)");
    refuse(good, strlen(good), breaks,
           "--set \"dx primary.keepalive=90s\": [dx primary] keepalive: 90s "
           "is not below the hold time \"hold\" of 90s; a third of it is usual "
           "(RFC 4271 4.4)");
}
END_TEST

START_TEST(the_last_override_counts_and_is_not_from_the_file)
{
    const char *sets[] = {
        "fault cut.action=blackhole", "fault cut.action=link-down",
        "internet.delay=30ms",        "capture.file=no",
        "expect.outage.pool.max=3s",  NULL};
    g_autoptr(HsScenario) s = load(good, sets);
    const HsExpect *expect = hs_scenario_expect(s, 0);
    const HsExpectation *e;

    ck_assert_uint_eq(hs_scenario_fault(s, 0)->action, HS_FAULT_LINK_DOWN);
    ck_assert_int_eq(hs_scenario_internet(s, 0)->link.delay, HS_MSEC(30));
    ck_assert(!hs_scenario_capture(s, 0)->file);
    ck_assert_uint_eq(expect->expectations->len, 2);
    e = expect->expectations->pdata[1];
    ck_assert_str_eq(hs_figure_name(e->figure), "outage.pool");
    ck_assert_uint_eq(e->line, 0);
}
END_TEST

START_TEST(the_seed_can_be_given_apart)
{
    g_autoptr(HsScenario) s = load(good, NULL);

    hs_scenario_set_seed(s, 42);
    ck_assert_uint_eq(hs_scenario_settings(s, 0)->seed, 42);
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
    {ENTIRE(""), "f.ini: there is no [database], so nothing would be observed"},
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
    {ENTIRE("[dx  a]\n[dx a]\n"),
     "f.ini:1: [dx a]: the key \"between\" is missing: the [onprem] and the "
     "[gateway] it connects, in either order\n"
     "f.ini:2: [dx a]: this group is there already, in line 1"},
    {ENTIRE("[scenario]\ntitle = a\\qb\n"),
     "f.ini:2: [scenario] title: unknown escape; expected one of \\s \\n \\t "
     "\\r \\\\"},
    {ENTIRE("[gatway vgw]\ntype = vgw\n"),
     "f.ini:1: [gatway vgw]: unknown kind of element \"gatway\"; did you mean "
     "\"gateway\"?"},
    {ENTIRE("[router r]\n"),
     "f.ini:1: [router r]: unknown kind of element \"router\"; expected one "
     "of scenario, onprem, vpc, gateway, dx, internet, vpn, database, probe, "
     "fault, capture, expect"},
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
     "attaches one virtual private gateway to a VPC"},
    {ENTIRE(SITE VPC VGW "[vpn v]\nbetween = dc, vgw\nencryption = aes128\n"
                         "integrity = none\n" DB),
     "f.ini:11: [vpn v] integrity: aes128 needs one of sha1, sha2-256, "
     "sha2-384, sha2-512"},
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
     "f.ini:13: [database db2] port: [database db] is there already"},
    {ENTIRE("[probe]\n" SITE VPC VGW "[dx d]\nbetween = dc, vgw\n"),
     "f.ini: there is no [database], so nothing would be observed\n"
     "f.ini:1: [probe] database: there is no [database]"},
    /* The public interface of another gateway. */
    {ENTIRE(SITE VPC VGW
            "[vpc b]\ncidr = 10.1.0.0/16\n[gateway g]\nattach = b\n"
            "asn = 64513\n[dx d]\nbetween = dc, g\nvif = public\n"
            "[vpn v]\nbetween = dc, vgw\nunderlay = d\n" DB),
     "f.ini:18: [vpn v] underlay: [dx d] lies between other ends: dc, g"},
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
           "f.ini: 1048577 bytes are no scenario; the most is 1048576");
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
    ck_assert_str_eq(error->message, "/: Is a directory");
}
END_TEST

/* What a scenario may write in several ways, and how it is written back. */
static const struct {
    HsQuantity quantity;
    const char *text;
    int64_t value;
    const char *written;
} quantities[] = {
    {HS_QUANTITY_NUMBER, "0", 0, "0"},
    {HS_QUANTITY_NUMBER, "4294967295", 4294967295, "4294967295"},
    {HS_QUANTITY_NUMBER, "9223372036854775807", INT64_MAX,
     "9223372036854775807"},
    {HS_QUANTITY_DURATION, "0", 0, "0s"},
    {HS_QUANTITY_DURATION, "1ns", 1, "1ns"},
    {HS_QUANTITY_DURATION, "50us", 50000, "50us"},
    {HS_QUANTITY_DURATION, "1.5s", 1500000000, "1.5s"},
    {HS_QUANTITY_DURATION, "0.3s", 300000000, "300ms"},
    {HS_QUANTITY_DURATION, "5min", HS_SEC(300), "300s"},
    {HS_QUANTITY_DURATION, "2h", HS_SEC(7200), "7200s"},
    {HS_QUANTITY_RATE, "1Gbps", 1000000000, "1Gbps"},
    {HS_QUANTITY_RATE, "1.25Gbps", 1250000000, "1.25Gbps"},
    {HS_QUANTITY_RATE, "1250Mbps", 1250000000, "1.25Gbps"},
    {HS_QUANTITY_RATE, "64kbps", 64000, "64kbps"},
    {HS_QUANTITY_RATE, "1bps", 1, "1bps"},
    {HS_QUANTITY_SIZE, "1500B", 1500, "1500B"},
    {HS_QUANTITY_SIZE, "9001B", 9001, "9001B"},
    {HS_QUANTITY_SIZE, "64kB", 64000, "64kB"},
    {HS_QUANTITY_SIZE, "64KiB", 65536, "65536B"},
    {HS_QUANTITY_SIZE, "4GB", 4000000000, "4GB"},
    {HS_QUANTITY_FREQUENCY, "500/s", 2000000, "500/s"},
    {HS_QUANTITY_FREQUENCY, "300/s", 3333333, "300/s"},
    {HS_QUANTITY_FREQUENCY, "0.5/s", 2000000000, "30/min"},
    {HS_QUANTITY_FREQUENCY, "90/min", 666666667, "90/min"},
    {HS_QUANTITY_FREQUENCY, "60/h", HS_SEC(60), "1/min"},
    {HS_QUANTITY_FREQUENCY, "7/h", 514285714286, "7/h"},
    {HS_QUANTITY_PERCENTAGE, "0.1%", 1000000, "0.1%"},
    {HS_QUANTITY_PERCENTAGE, "100%", 1000000000, "100%"},
};

START_TEST(quantities_are_exact)
{
    g_autoptr(GString) problem = g_string_new(NULL);
    g_autoptr(GString) written = g_string_new(NULL);
    int64_t value = -1, again = -1;
    HsQuantity quantity = quantities[_i].quantity;

    ck_assert_msg(
        hs_quantity_read(quantity, quantities[_i].text, &value, problem),
        "%s: %s", quantities[_i].text, problem->str);
    ck_assert_int_eq(value, quantities[_i].value);
    hs_quantity_write(quantity, value, written);
    ck_assert_str_eq(written->str, quantities[_i].written);
    ck_assert(hs_quantity_read(quantity, written->str, &again, problem));
    ck_assert_int_eq(again, value);
}
END_TEST

/* An override, and how explain writes the value it gave. */
static const struct {
    const char *set;
    const char *written;
} values[] = {
    {"scenario.title=", ""},
    {"scenario.seed=18446744073709551615", "18446744073709551615"},
    {"onprem dc.asn=4200000000", "4200000000"},
    {"onprem dc.preset=bird", "bird"},
    {"gateway vgw.asn=7224", "7224"},
    {"gateway vgw.convergence=0", "0s"},
    {"dx primary.between=vgw,dc", "dc, vgw"},
    {"dx primary.rate=0.5Gbps", "500Mbps"},
    {"dx primary.mtu=9001B", "9001B"},
    {"dx primary.bfd=off", "off"},
    {"dx primary.bfd=0.5s x 5", "500ms x 5"},
    {"dx primary.communities=7224:7300, 65001:1", "7224:7300, 65001:1"},
    {"dx primary.communities=none", "none"},
    {"dx primary.peer.cidr=169.254.200.0/31", "169.254.200.0/31"},
    {"internet.jitter=none", "none"},
    {"internet.jitter=constant 1ms", "constant 1ms"},
    {"internet.jitter=uniform 500us", "uniform 500us"},
    {"internet.jitter=lognormal 2ms 0.8", "lognormal 2ms 0.8"},
    {"internet.jitter=pareto 1ms 2", "pareto 1ms 2"},
    {"internet.jitter=pareto 1ms 2.125", "pareto 1ms 2.125"},
    {"internet.loss=0.1%", "0.1%"},
    {"internet.loss=0", "0%"},
    {"internet.reorder=yes", "yes"},
    {"vpn backup.underlay=internet", "internet"},
    {"vpn backup.encryption=aes128", "aes128"},
    {"vpn backup.tunnel1.inside-cidr=169.254.44.0/30", "169.254.44.0/30"},
    {"vpn backup.tunnel2.key-to-aws="
     "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20212223",
     "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f2021222"
     "3"},
    {"database orders.rate=30/min", "30/min"},
    {"database orders.think=none", "none"},
    {"probe.interval=20ms", "20ms"},
    {"probe.database=orders", "orders"},
    {"fault cut.target=backup.tunnel2", "backup.tunnel2"},
    {"fault cut.target=internet", "internet"},
    {"fault cut.direction=to-onprem", "to-onprem"},
    {"fault cut.at=75s", "75s"},
    {"fault cut.at=60s .. 70s", "60s..70s"},
    {"fault cut.for=forever", "forever"},
    {"capture.links=all", "all"},
    {"capture.links=primary,dc.uplink , vgw.edge",
     "primary, dc.uplink, vgw.edge"},
    {"capture.filter=tcp port 5432", "tcp port 5432"},
    {"expect.requests.failed.max=0", "0"},
};

static const HsValue *
find_set(const GPtrArray *all)
{
    for (unsigned i = 0; i < all->len; i++) {
        const HsValue *value = all->pdata[i];

        if (value->origin == HS_ORIGIN_SET)
            return value;
    }
    return NULL;
}

START_TEST(a_value_is_written_as_it_is_read)
{
    g_autoptr(HsScenario) first = load_with(values[_i].set);
    g_autoptr(GPtrArray) all = hs_scenario_values(first);
    const HsValue *value = find_set(all);
    g_autofree char *again = NULL;

    ck_assert_ptr_nonnull(value);
    ck_assert_str_eq(value->value, values[_i].written);
    ck_assert_uint_eq(value->line, 0);

    again = g_strdup_printf("%s%s%s.%s=%s", hs_kind_name(value->kind),
                            value->element != NULL ? " " : "",
                            value->element != NULL ? value->element : "",
                            value->key, value->value);
    {
        g_autoptr(HsScenario) second = load_with(again);
        g_autoptr(GPtrArray) others = hs_scenario_values(second);

        ck_assert_str_eq(find_set(others)->value, values[_i].written);
    }
}
END_TEST

START_TEST(a_31_has_two_hosts)
{
    g_autoptr(HsScenario) s =
        load_with("dx primary.peer.cidr=169.254.200.0/31");
    const HsDx *dx = hs_scenario_dx(s, 0);
    char text[HS_ADDR_TEXT];

    ck_assert_str_eq(hs_addr_format(&dx->aws_address, text), "169.254.200.0");
    ck_assert_str_eq(hs_addr_format(&dx->customer_address, text),
                     "169.254.200.1");
}
END_TEST

/* What the file gives is not dealt out to another. */
START_TEST(derived_addresses_keep_clear_of_given_ones)
{
    const char *sets[] = {"vpn backup.tunnel2.inside-cidr=169.254.10.0/30",
                          "vpn backup.tunnel2.aws-outside=203.0.113.1", NULL};
    g_autoptr(HsScenario) s = load(good, sets);
    const HsVpn *vpn = hs_scenario_vpn(s, 0);
    char text[HS_PREFIX_TEXT];

    ck_assert_str_eq(hs_prefix_format(&vpn->tunnel[0].inside, text),
                     "169.254.10.4/30");
    ck_assert_str_eq(hs_addr_format(&vpn->tunnel[0].aws_outside, text),
                     "203.0.113.2");
}
END_TEST

START_TEST(cbc_comes_with_an_hmac)
{
    g_autoptr(HsScenario) s = load_with("vpn backup.encryption=aes256");

    ck_assert_uint_eq(hs_scenario_vpn(s, 0)->integrity, HS_INTEGRITY_SHA2_256);
}
END_TEST

/* A title may need what looks like a comment. */
START_TEST(escapes_are_those_of_gkeyfile)
{
    g_autofree char *data =
        g_strconcat("[scenario]\ntitle = a\\s#1\\tb\\\\c\n",
                    strchr(good, '\n') + 1 + strlen("title = A cut\n"), NULL);
    g_autoptr(HsScenario) s = load(data, NULL);

    ck_assert_str_eq(hs_scenario_settings(s, 0)->title, "a #1\tb\\c");
}
END_TEST

START_TEST(line_ends_of_windows_are_taken)
{
    g_auto(GStrv) lines = g_strsplit(good, "\n", -1);
    g_autofree char *data = g_strjoinv("\r\n", lines);
    g_autoptr(HsScenario) s = load(data, NULL);

    ck_assert_str_eq(hs_scenario_settings(s, 0)->title, "A cut");
}
END_TEST

/* explain: a part that has every origin. */
START_TEST(explain_tells_where_values_come_from)
{
    g_autoptr(HsScenario) s = load_with("fault cut.for=100s");
    g_autoptr(GString) text = g_string_new(NULL);

    hs_scenario_explain(s, text);
    ck_assert_msg(
        strstr(text->str,
               "\n[fault cut]\n"
               "  target                 primary                 file:20\n"
               "  action                 blackhole               file:21\n"
               "  direction              both                    default\n"
               "  at                     60s..90s                file:22, "
               "drawn from the seed\n"
               "  for                    100s                    --set\n") !=
            NULL,
        "%s", text->str);
    ck_assert_msg(
        strstr(text->str,
               "  hold                   90s                     AWS default: "
               "AWS Direct Connect guide, \"Quotas\"\n") != NULL,
        "%s", text->str);
    ck_assert_ptr_nonnull(strstr(
        text->str, "  convergence            100ms                   assumed: "
                   "AWS publishes none; 0.1s to 10s are plausible\n"));
    ck_assert_ptr_nonnull(
        strstr(text->str, "  peer.cidr              169.254.96.0/30         "
                          "derived: the next free /30"));
    ck_assert_ptr_nonnull(
        strstr(text->str, "  tunnel1.key-to-aws     -                       "
                          "drawn from the seed\n"));
    ck_assert_ptr_nonnull(strstr(
        text->str, "  uplink.mtu             1500B                   RFC "
                   "default: RFC 894\n"));
    ck_assert_ptr_nonnull(strstr(text->str, "\n[internet internet]\n"));
    ck_assert_ptr_nonnull(strstr(
        text->str, "\n[expect]\n  failover.max           2s                  "
                   "    file:25\n"));
}
END_TEST

/* The schema itself */

START_TEST(every_default_has_a_source)
{
    for (unsigned i = 0; i < hs_schema_row_count; i++) {
        const HsRow *row = &hs_schema_rows[i];

        ck_assert_msg(row->help != NULL, "%s %s", hs_kind_name(row->kind),
                      row->key);
        if (row->origin == HS_ORIGIN_AWS || row->origin == HS_ORIGIN_RFC ||
            row->origin == HS_ORIGIN_IEEE || row->origin == HS_ORIGIN_ASSUMED ||
            row->origin == HS_ORIGIN_DERIVED)
            ck_assert_msg(row->source != NULL, "%s %s", hs_kind_name(row->kind),
                          row->key);
        if (row->fallback == NULL)
            ck_assert_msg(row->required || row->origin == HS_ORIGIN_DERIVED ||
                              row->origin == HS_ORIGIN_SEED,
                          "%s %s", hs_kind_name(row->kind), row->key);
        ck_assert_ptr_eq(hs_schema_find(row->kind, row->key), row);
    }
}
END_TEST

/* What can be expected is what sim/observe has readings for: the same names in
 * the same units, none more and none less. */
START_TEST(figures_are_those_of_the_verdict)
{
    unsigned count = 0;

    for (const HsFigureName *row = hs_figure_names(); row->name != NULL;
         row++) {
        static const HsUnit units[] = {
            [HS_READING_IN_TIME] = HS_UNIT_DURATION,
            [HS_READING_IN_BYTES] = HS_UNIT_BYTES,
            [HS_READING_IN_COUNT] = HS_UNIT_COUNT,
        };
        HsFigure figure = 0;

        ck_assert_msg(hs_figure_find(row->name, &figure), "%s", row->name);
        ck_assert_str_eq(hs_figure_name(figure), row->name);
        ck_assert_msg(hs_figure_unit(figure) == units[row->unit], "%s",
                      row->name);
        count++;
    }
    ck_assert_uint_eq(hs_figure_count(), count);
}
END_TEST

/* "db.max" is a figure, and "max" besides what bounds it. */
START_TEST(the_last_word_bounds_the_figure)
{
    HsFigure figure = 0;
    HsComparison comparison = HS_COMPARISON_MAX;

    ck_assert(hs_expectation_parse_key("db.max.min", &figure, &comparison));
    ck_assert_str_eq(hs_figure_name(figure), "db.max");
    ck_assert_uint_eq(comparison, HS_COMPARISON_MIN);
    ck_assert(!hs_expectation_parse_key("db.max", &figure, &comparison));
    ck_assert(!hs_expectation_parse_key("max", &figure, &comparison));
    ck_assert(!hs_expectation_parse_key("failover.most", &figure, &comparison));
}
END_TEST

/* The scenarios of the tree */

static char *
source_path(const char *name)
{
    const char *top = g_getenv("TOP_SRCDIR");

    return g_build_filename(top != NULL ? top : ".", name, NULL);
}

static const char *const shipped[] = {
    "scenarios/dx-cut.ini",         "scenarios/dx-cut-encrypted.ini",
    "scenarios/dx-cut-hold90.ini",  "scenarios/dx-cut-hold9.ini",
    "scenarios/dx-cut-carrier.ini",
};

START_TEST(a_shipped_scenario_loads)
{
    g_autofree char *path = source_path(shipped[_i]);
    g_autoptr(GError) error = NULL;
    g_autoptr(HsScenario) s = hs_scenario_load(path, NULL, &error);

    ck_assert_msg(s != NULL, "%s", error != NULL ? error->message : path);
    ck_assert_int_ge(hs_scenario_settings(s, 0)->duration, HS_SEC(300));
    ck_assert_uint_gt(hs_scenario_expect(s, 0)->expectations->len, 0);
}
END_TEST

static bool
is_shipped(const char *path)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(shipped); i++) {
        if (g_str_equal(shipped[i], path))
            return true;
    }
    return false;
}

/* No *.ini of the folder is left out above. */
START_TEST(every_shipped_scenario_is_listed)
{
    g_autofree char *folder = source_path("scenarios");
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    const char *name;
    unsigned found = 0;

    ck_assert_ptr_nonnull(dir);
    while ((name = g_dir_read_name(dir)) != NULL) {
        g_autofree char *path = g_build_filename("scenarios", name, NULL);

        if (g_str_has_suffix(name, ".ini")) {
            ck_assert_msg(is_shipped(path), "%s", path);
            found++;
        }
    }
    ck_assert_uint_eq(found, G_N_ELEMENTS(shipped));
}
END_TEST

/* A second opinion on what the text says: GKeyFile reads the same groups, keys
 * and values from each file. */
START_TEST(gkeyfile_reads_the_same)
{
    g_autofree char *path = source_path(shipped[_i]);
    g_autoptr(GKeyFile) file = g_key_file_new();
    g_autofree char *data = NULL;
    size_t length = 0;
    g_auto(HsComplaints) complaints = {NULL, NULL};
    g_autoptr(GPtrArray) groups = NULL;
    g_auto(GStrv) names = NULL;

    ck_assert(g_file_get_contents(path, &data, &length, NULL));
    ck_assert(
        g_key_file_load_from_data(file, data, length, G_KEY_FILE_NONE, NULL));
    hs_complaints_init(&complaints, path);
    groups = hs_ini_read(data, length, &complaints);
    ck_assert_uint_eq(complaints.lines->len, 0);
    names = g_key_file_get_groups(file, NULL);
    ck_assert_uint_eq(g_strv_length(names), groups->len);
    for (unsigned i = 0; i < groups->len; i++) {
        const HsIniGroup *group = groups->pdata[i];
        g_auto(GStrv) keys = g_key_file_get_keys(file, names[i], NULL, NULL);

        ck_assert_str_eq(group->text, names[i]);
        ck_assert_uint_eq(g_strv_length(keys), group->entries->len);
        for (unsigned j = 0; j < group->entries->len; j++) {
            const HsIniEntry *entry = group->entries->pdata[j];
            g_autofree char *value =
                g_key_file_get_string(file, names[i], keys[j], NULL);

            ck_assert_str_eq(entry->key, keys[j]);
            ck_assert_str_eq(entry->value, value);
        }
    }
}
END_TEST

#define TABLES "<!-- from the schema: tests/test_scenario --tables -->\n"

START_TEST(the_readme_has_every_key)
{
    g_autofree char *path = source_path("scenarios/README.md");
    g_autofree char *data = NULL;
    g_autoptr(GString) tables = g_string_new(NULL);
    const char *begin;

    ck_assert(g_file_get_contents(path, &data, NULL, NULL));
    begin = strstr(data, TABLES);
    ck_assert_ptr_nonnull(begin);
    hs_scenario_manual(tables);
    ck_assert_str_eq(begin + strlen(TABLES), tables->str);
}
END_TEST

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
    for (size_t length = 0; length < sizeof good - 1; length++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(HsScenario) s =
            hs_scenario_load_data("f.ini", good, length, NULL, &error);

        ck_assert((s != NULL) == (error == NULL));
    }
}
END_TEST

START_TEST(no_changed_byte_crashes)
{
    static const char others[] = {'\0', '\n', ' ', '0', '9',  '=',   '[',
                                  '.',  '/',  ',', 'x', '\\', '\xff'};

    for (size_t at = 0; at < sizeof good - 1; at++) {
        for (unsigned i = 0; i < sizeof others; i++) {
            g_autofree char *data = g_strdup(good);
            g_autoptr(GError) error = NULL;
            g_autoptr(HsScenario) s = NULL;

            data[at] = others[i];
            s = hs_scenario_load_data("f.ini", data, sizeof good - 1, NULL,
                                      &error);
            ck_assert((s != NULL) == (error == NULL));
        }
    }
}
END_TEST

static Suite *
scenario_suite(void)
{
    Suite *suite = suite_create("scenario");
    TCase *tc = tcase_create("reading");

    tcase_add_test(tc, a_good_file_is_complete);
    tcase_add_test(tc, an_expectation_has_figure_limit_and_line);
    tcase_add_test(tc, the_digest_is_that_of_the_bytes);
    tcase_add_test(tc, escapes_are_those_of_gkeyfile);
    tcase_add_test(tc, line_ends_of_windows_are_taken);
    tcase_add_test(tc, the_last_override_counts_and_is_not_from_the_file);
    tcase_add_test(tc, the_seed_can_be_given_apart);
    tcase_add_test(tc, a_31_has_two_hosts);
    tcase_add_test(tc, derived_addresses_keep_clear_of_given_ones);
    tcase_add_test(tc, cbc_comes_with_an_hmac);
    tcase_add_loop_test(tc, quantities_are_exact, 0, G_N_ELEMENTS(quantities));
    tcase_add_loop_test(tc, a_value_is_written_as_it_is_read, 0,
                        G_N_ELEMENTS(values));
    suite_add_tcase(suite, tc);

    tc = tcase_create("refusing");
    tcase_add_loop_test(tc, an_override_is_refused, 0,
                        G_N_ELEMENTS(refused_sets));
    tcase_add_test(tc, an_override_is_named);
    tcase_add_loop_test(tc, a_file_is_refused, 0, G_N_ELEMENTS(refused_files));
    tcase_add_test(tc, ten_complaints_are_shown_and_the_rest_counted);
    tcase_add_test(tc, a_huge_file_is_refused);
    tcase_add_test(tc, a_file_that_cannot_be_read);
    tcase_add_test(tc, the_corpus_is_survived);
    tcase_add_test(tc, no_truncation_crashes);
    tcase_add_test(tc, no_changed_byte_crashes);
    suite_add_tcase(suite, tc);

    tc = tcase_create("explaining");
    tcase_add_test(tc, explain_tells_where_values_come_from);
    tcase_add_test(tc, every_default_has_a_source);
    tcase_add_test(tc, figures_are_those_of_the_verdict);
    tcase_add_test(tc, the_last_word_bounds_the_figure);
    tcase_add_loop_test(tc, a_shipped_scenario_loads, 0, G_N_ELEMENTS(shipped));
    tcase_add_test(tc, every_shipped_scenario_is_listed);
    tcase_add_loop_test(tc, gkeyfile_reads_the_same, 0, G_N_ELEMENTS(shipped));
    tcase_add_test(tc, the_readme_has_every_key);
    suite_add_tcase(suite, tc);
    return suite;
}

/* --tables prints what scenarios/README.md ends with. */
int
main(int argc, char **argv)
{
    g_autoptr(GString) text = g_string_new(NULL);

    if (argc == 2 && g_str_equal(argv[1], "--tables")) {
        hs_scenario_manual(text);
        fputs(text->str, stdout);
        return EXIT_SUCCESS;
    }
    return run_suite(scenario_suite());
}
