/* What scenario files say, and what explain says of them. */

#include "config.h"

#include "sim/observe/verdict.h"
#include "sim/scenario/ini.h"
#include "sim/scenario/private.h"
#include "sim/scenario/quantity.h"
#include "sim/scenario/scenario.h"
#include "sim/scenario/schema.h"
#include "sim/scenario/value.h"
#include "tests/harness/run.h"
#include "tests/harness/scenario_text.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

    return load(good_scenario, sets);
}

START_TEST(a_good_file_is_complete)
{
    g_autoptr(HsScenario) s = load(good_scenario, NULL);
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
    ck_assert_uint_eq(vpn->esp.encryption.count, 1);
    ck_assert(hs_words_have(&vpn->esp.encryption, HS_ENCRYPTION_AES256_GCM16));
    ck_assert_uint_eq(vpn->aws_ike.groups.count, 12);
    ck_assert(!hs_words_have(&vpn->aws_ike.groups, HS_DH_GROUP_5));
    ck_assert_uint_eq(vpn->aws_esp.groups.count, 13);
    ck_assert_int_eq(vpn->aws_ike.lifetime, HS_SEC(28800));
    ck_assert_int_eq(vpn->aws_dpd_timeout, HS_SEC(40));
    ck_assert_uint_eq(vpn->startup, HS_STARTUP_START);
    ck_assert_uint_eq(vpn->aws_startup, HS_STARTUP_ADD);
    ck_assert_uint_eq(vpn->dpd, HS_DPD_MODE_PERIODIC);
    ck_assert_str_eq(hs_prefix_format(&vpn->tunnel[1].inside, text),
                     "169.254.10.4/30");
    ck_assert_str_eq(hs_addr_format(&vpn->tunnel[1].aws_inside, text),
                     "169.254.10.5");
    ck_assert_str_eq(hs_addr_format(&vpn->tunnel[1].customer_inside, text),
                     "169.254.10.6");
    ck_assert_str_eq(hs_addr_format(&vpn->tunnel[1].aws_outside, text),
                     "203.0.113.2");
    ck_assert_str_eq(hs_addr_format(&vpn->outside, text), "198.51.100.1");
    ck_assert_ptr_null(vpn->tunnel[0].psk);

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
    g_autoptr(HsScenario) s = load(good_scenario, NULL);
    const HsExpect *expect = hs_scenario_expect(s, 0);
    const HsExpectation *e;

    ck_assert_uint_eq(expect->expectations->len, 1);
    e = expect->expectations->pdata[0];
    ck_assert_str_eq(e->name, "failover");
    ck_assert_uint_eq(e->comparison, HS_COMPARISON_MAX);
    ck_assert_int_eq(e->limit, HS_SEC(2));
    ck_assert_str_eq(e->text, "2s");
    ck_assert_uint_eq(e->line, 25);
}
END_TEST

/* As `sha256sum` prints it of the same bytes. */
START_TEST(the_digest_is_that_of_the_bytes)
{
    g_autoptr(HsScenario) s = load(good_scenario, NULL);
    g_autoptr(GChecksum) sum = g_checksum_new(G_CHECKSUM_SHA256);

    for (const char *c = good_scenario; *c != '\0'; c++)
        g_checksum_update(sum, (const guchar *)c, 1);
    ck_assert_str_eq(hs_scenario_sha256(s), g_checksum_get_string(sum));
}
END_TEST

START_TEST(the_last_override_counts_and_is_not_from_the_file)
{
    const char *sets[] = {
        "fault cut.action=blackhole", "fault cut.action=link-down",
        "internet.delay=30ms",        "capture.file=no",
        "expect.outage.pool.max=3s",  NULL};
    g_autoptr(HsScenario) s = load(good_scenario, sets);
    const HsExpect *expect = hs_scenario_expect(s, 0);
    const HsExpectation *e;

    ck_assert_uint_eq(hs_scenario_fault(s, 0)->action, HS_FAULT_LINK_DOWN);
    ck_assert_int_eq(hs_scenario_internet(s, 0)->link.delay, HS_MSEC(30));
    ck_assert(!hs_scenario_capture(s, 0)->file);
    ck_assert_uint_eq(expect->expectations->len, 2);
    e = expect->expectations->pdata[1];
    ck_assert_str_eq(e->name, "outage.pool");
    ck_assert_uint_eq(e->line, 0);
}
END_TEST

START_TEST(the_seed_can_be_given_apart)
{
    g_autoptr(HsScenario) s = load(good_scenario, NULL);

    hs_scenario_set_seed(s, 42);
    ck_assert_uint_eq(hs_scenario_settings(s, 0)->seed, 42);
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
    {"vpn backup.esp.encryption=aes128", "aes128"},
    {"vpn backup.esp.encryption=aes256-gcm16 ,aes128", "aes256-gcm16, aes128"},
    {"vpn backup.ike.dh-group=31,14, 19", "31, 14, 19"},
    {"vpn backup.aws.ike.dh-group=24", "24"},
    {"vpn backup.aws.esp.lifetime=900s", "900s"},
    {"vpn backup.aws.rekey-fuzz=50%", "50%"},
    {"vpn backup.cgw=cisco", "cisco"},
    {"vpn backup.tunnel1.psk=a.b_c.D123", "a.b_c.D123"},
    {"vpn backup.tunnel1.inside-cidr=169.254.44.0/30", "169.254.44.0/30"},
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
    {"capture.links=primary,dc.uplink , backup.tunnel1.edge",
     "primary, dc.uplink, backup.tunnel1.edge"},
    {"capture.links=primary.backbone, backup.tunnel2.backbone",
     "primary.backbone, backup.tunnel2.backbone"},
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
    g_autoptr(HsScenario) s = load(good_scenario, sets);
    const HsVpn *vpn = hs_scenario_vpn(s, 0);
    char text[HS_PREFIX_TEXT];

    ck_assert_str_eq(hs_prefix_format(&vpn->tunnel[0].inside, text),
                     "169.254.10.4/30");
    ck_assert_str_eq(hs_addr_format(&vpn->tunnel[0].aws_outside, text),
                     "203.0.113.2");
}
END_TEST

/* A real gateway has a device for each link, named after both unless the file
 * does; namespaces are named after the port. */
START_TEST(a_real_gateway_has_a_device_for_each_link)
{
    static const char *const sets[] = {
        "onprem dc.port=tun cgw", "onprem dc.uplink.port=tun wan0",
        "database orders.server.port=tun db",
        "database orders.server.netns=/proc/1/ns/net", NULL};
    g_autoptr(HsScenario) plain = hs_scenario_load_data(
        "f.ini", good_scenario, strlen(good_scenario), NULL, NULL);
    g_autoptr(HsScenario) live = hs_scenario_load_data(
        "f.ini", good_scenario, strlen(good_scenario), sets, NULL);

    ck_assert_ptr_nonnull(live);
    ck_assert(!hs_port_is_real(&hs_scenario_dx(plain, 0)->port));
    ck_assert(!hs_port_is_real(&hs_scenario_onprem(plain, 0)->lan_port));
    ck_assert_str_eq(hs_scenario_dx(live, 0)->port.device, "cgw-primary");
    ck_assert_str_eq(hs_scenario_onprem(live, 0)->lan_port.device, "cgw-lan");
    ck_assert_str_eq(hs_scenario_onprem(live, 0)->uplink_port.device, "wan0");
    ck_assert_str_eq(hs_scenario_onprem(live, 0)->netns, "cgw");
    ck_assert_str_eq(hs_scenario_database(live, 0)->server_netns,
                     "/proc/1/ns/net");
    ck_assert(!hs_port_is_real(&hs_scenario_database(live, 0)->client_port));
}
END_TEST

/* `crypto ikev2 dpd ... on-demand`, unless it is said otherwise. */
START_TEST(dpd_goes_with_the_make)
{
    const char *sets[] = {"vpn backup.cgw=cisco",
                          "vpn backup.dpd.mode=periodic", NULL};
    g_autoptr(HsScenario) cisco = load_with("vpn backup.cgw=cisco");
    g_autoptr(HsScenario) other = load(good_scenario, sets);

    ck_assert_uint_eq(hs_scenario_vpn(cisco, 0)->dpd, HS_DPD_MODE_ON_DEMAND);
    ck_assert_uint_eq(hs_scenario_vpn(other, 0)->dpd, HS_DPD_MODE_PERIODIC);
}
END_TEST

/* A title may need what looks like a comment. */
START_TEST(escapes_are_those_of_gkeyfile)
{
    g_autofree char *data = g_strconcat(
        "[scenario]\ntitle = a\\s#1\\tb\\\\c\n",
        strchr(good_scenario, '\n') + 1 + strlen("title = A cut\n"), NULL);
    g_autoptr(HsScenario) s = load(data, NULL);

    ck_assert_str_eq(hs_scenario_settings(s, 0)->title, "a #1\tb\\c");
}
END_TEST

START_TEST(line_ends_of_windows_are_taken)
{
    g_auto(GStrv) lines = g_strsplit(good_scenario, "\n", -1);
    g_autofree char *data = g_strjoinv("\r\n", lines);
    g_autoptr(HsScenario) s = load(data, NULL);

    ck_assert_str_eq(hs_scenario_settings(s, 0)->title, "A cut");
}
END_TEST

/* explain: a part that has every origin. */
/* TEXT with one space for several: how wide the columns are is of no matter. */
static char *
squeezed(const char *text)
{
    g_autoptr(GRegex) blanks = g_regex_new(" +", 0, 0, NULL);

    return g_regex_replace_literal(blanks, text, -1, 0, " ", 0, NULL);
}

START_TEST(explain_tells_where_values_come_from)
{
    static const char *const expected[] = {
        "\n[fault cut]\n target primary file:20\n action blackhole file:21\n"
        " direction both default\n"
        " at 60s..90s file:22, drawn from the seed\n for 100s --set\n",
        "\n hold 90s AWS default: AWS Direct Connect guide, \"Quotas\"\n",
        "\n convergence 100ms assumed: AWS publishes none; 0.1s to 10s are "
        "plausible\n",
        "\n peer.cidr 169.254.96.0/30 derived: the next free /30",
        "\n tunnel1.psk - drawn from the seed\n",
        "\n aws.dpd-timeout 40s AWS default: AWS Site-to-Site VPN guide, "
        "\"Tunnel options\"\n",
        "\n uplink.mtu 1500B RFC default: RFC 894\n",
        "\n[internet internet]\n",
        "\n[expect]\n failover.max 2s file:25\n",
    };
    g_autoptr(HsScenario) s = load_with("fault cut.for=100s");
    g_autoptr(GString) text = g_string_new(NULL);
    g_autofree char *plain = NULL;

    hs_scenario_explain(s, text);
    plain = squeezed(text->str);
    for (unsigned i = 0; i < G_N_ELEMENTS(expected); i++)
        ck_assert_msg(strstr(plain, expected[i]) != NULL, "%s", expected[i]);
    /* A column begins where its neighbours' do. */
    ck_assert_ptr_nonnull(strstr(text->str, "  target   "));
}
END_TEST

/* The schema itself */

START_TEST(every_default_has_a_source)
{
    for (unsigned i = 0; i < hs_schema_row_count(); i++) {
        const HsRow *row = hs_schema_row(i);

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
    static const struct {
        const char *key, *name;
        HsComparison comparison;
    } keys[] = {
        {"db.max.min", "db.max", HS_COMPARISON_MIN},
        {"db.max", "db", HS_COMPARISON_MAX},
        {"db.p95.within", "db.p95", HS_COMPARISON_WITHIN},
        {"probes.lost.equals", "probes.lost", HS_COMPARISON_EQUALS},
        {"fault.cut.had_effect", "fault.cut.had_effect", HS_COMPARISON_WORDS},
        {"max", "max", HS_COMPARISON_WORDS},
        {"failover.most", "failover.most", HS_COMPARISON_WORDS},
        {"failover.words", "failover.words", HS_COMPARISON_WORDS},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(keys); i++) {
        g_autofree char *name = NULL;

        ck_assert_msg(hs_expectation_split_key(keys[i].key, &name) ==
                              keys[i].comparison &&
                          g_str_equal(name, keys[i].name),
                      "%s: %s", keys[i].key, name);
    }
}
END_TEST

/* The scenarios of the tree */

static char *
source_path(const char *name)
{
    const char *top = g_getenv("TOP_SRCDIR");

    return g_build_filename(top != NULL ? top : ".", name, NULL);
}

static GPtrArray *shipped; /* owned: every *.ini of the folder */

static void
find_shipped(const char *relative)
{
    g_autofree char *folder = source_path(relative);
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    const char *name;

    while (dir != NULL && (name = g_dir_read_name(dir)) != NULL) {
        g_autofree char *path = g_build_filename(relative, name, NULL);
        g_autofree char *full = source_path(path);

        if (g_str_has_suffix(name, ".ini"))
            g_ptr_array_add(shipped, g_steal_pointer(&path));
        else if (g_file_test(full, G_FILE_TEST_IS_DIR))
            find_shipped(path);
    }
}

static bool
expects_something(const HsScenario *s)
{
    const HsExpect *expect = hs_scenario_expect(s, 0);
    const HsProbing *probe;

    for (unsigned i = 0; (probe = hs_scenario_probe(s, i)); i++)
        if (probe->expect != HS_REACH_ANY)
            return true;
    return expect->expectations->len > 0 || expect->crypto->len > 0;
}

START_TEST(a_shipped_scenario_loads)
{
    g_autofree char *path = source_path(shipped->pdata[_i]);
    g_autoptr(GError) error = NULL;
    g_autoptr(HsScenario) s = hs_scenario_load(path, NULL, &error);

    ck_assert_msg(s != NULL, "%s", error != NULL ? error->message : path);
    ck_assert_int_gt(hs_scenario_settings(s, 0)->duration,
                     hs_scenario_settings(s, 0)->warmup);
    ck_assert_msg(expects_something(s), "%s", path);
}
END_TEST

/* A second opinion on what the text says: GKeyFile reads the same groups, keys
 * and values from each file. */
START_TEST(gkeyfile_reads_the_same)
{
    g_autofree char *path = source_path(shipped->pdata[_i]);
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
    ck_assert_msg(g_str_equal(begin + strlen(TABLES), tables->str),
                  "scenarios/README.md does not end with what "
                  "tests/test_scenario --tables prints");
}
END_TEST

/* The designs of README.md: those of its examples that are complete. */
START_TEST(the_designs_of_the_readme_load)
{
    g_autofree char *path = source_path("scenarios/README.md");
    g_autofree char *data = NULL;
    g_auto(GStrv) blocks = NULL;
    unsigned loaded = 0;

    ck_assert(g_file_get_contents(path, &data, NULL, NULL));
    blocks = g_strsplit(data, "```ini\n", -1);
    for (char **block = blocks + 1; *block != NULL; block++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(HsScenario) s = NULL;

        *strstr(*block, "```") = '\0';
        if (strstr(*block, "[database") == NULL ||
            strstr(*block, "between") == NULL)
            continue;
        s = hs_scenario_load_data("README", *block, strlen(*block), NULL,
                                  &error);
        ck_assert_msg(s != NULL, "%s\n%s", error != NULL ? error->message : "",
                      *block);
        loaded++;
    }
    ck_assert_uint_ge(loaded, 12);
}
END_TEST

/* What a profile says, unless the file does; with where it is documented. */
START_TEST(profiles_have_their_defaults)
{
    static const char *const sets[] = {
        "database orders.profile=postgresql-pgjdbc-hikaricp",
        "database orders.max-connections=7", NULL};
    g_autoptr(HsScenario) s = hs_scenario_load_data(
        "f.ini", good_scenario, strlen(good_scenario), sets, NULL);
    const HsDatabase *db = hs_scenario_database(s, 0);
    g_autoptr(GPtrArray) all = hs_scenario_values(s);
    bool found = false;

    ck_assert_int_eq(db->acquire_timeout, HS_SEC(30));
    ck_assert_int_eq(db->connect_timeout, HS_SEC(10));
    ck_assert_uint_eq(db->login_round_trips, 3);
    ck_assert_int_eq(db->server_tcp.keepalive_idle, HS_SEC(7200));
    ck_assert_uint_eq(db->max_connections, 7);
    ck_assert(!hs_database_is_plain(s));
    for (guint i = 0; i < all->len; i++) {
        const HsValue *value = all->pdata[i];

        if (value->kind != HS_KIND_DATABASE ||
            !g_str_equal(value->key, "acquire-timeout"))
            continue;
        found = true;
        ck_assert_str_eq(value->source,
                         "HikariCP README, Configuration: connectionTimeout");
    }
    ck_assert(found);
}
END_TEST

/* A query has what [database] says, but what it says itself. */
START_TEST(queries_take_after_the_database)
{
    static const char *const sets[] = {"database orders.round-trips=3",
                                       "database orders.prepare=yes", NULL};
    g_autofree char *text = g_strconcat(
        good_scenario, "\n[query write]\nweight = 2\nreply = 64B\n", NULL);
    g_autoptr(HsScenario) s =
        hs_scenario_load_data("f.ini", text, strlen(text), sets, NULL);
    const HsQuery *query = hs_scenario_query(s, 0);
    uint64_t requests, replies;

    ck_assert_ptr_nonnull(query);
    ck_assert_uint_eq(query->weight, 2);
    ck_assert_uint_eq(query->round_trips, 3);
    ck_assert_uint_eq(query->reply, 64);
    ck_assert_uint_eq(query->request, hs_scenario_database(s, 0)->request);
    ck_assert(query->prepare);
    hs_database_bytes(s, &requests, &replies);
    ck_assert_uint_eq(replies, 3 * 64);
}
END_TEST

static Suite *
scenario_suite(void)
{
    Suite *suite = suite_create("scenario");
    TCase *tc = tcase_create("reading");

    tcase_add_test(tc, a_good_file_is_complete);
    tcase_add_test(tc, profiles_have_their_defaults);
    tcase_add_test(tc, queries_take_after_the_database);
    tcase_add_test(tc, an_expectation_has_figure_limit_and_line);
    tcase_add_test(tc, the_digest_is_that_of_the_bytes);
    tcase_add_test(tc, escapes_are_those_of_gkeyfile);
    tcase_add_test(tc, line_ends_of_windows_are_taken);
    tcase_add_test(tc, the_last_override_counts_and_is_not_from_the_file);
    tcase_add_test(tc, the_seed_can_be_given_apart);
    tcase_add_test(tc, a_31_has_two_hosts);
    tcase_add_test(tc, derived_addresses_keep_clear_of_given_ones);
    tcase_add_test(tc, a_real_gateway_has_a_device_for_each_link);
    tcase_add_test(tc, dpd_goes_with_the_make);
    tcase_add_loop_test(tc, quantities_are_exact, 0, G_N_ELEMENTS(quantities));
    tcase_add_loop_test(tc, a_value_is_written_as_it_is_read, 0,
                        G_N_ELEMENTS(values));
    suite_add_tcase(suite, tc);

    tc = tcase_create("explaining");
    tcase_add_test(tc, explain_tells_where_values_come_from);
    tcase_add_test(tc, every_default_has_a_source);
    tcase_add_test(tc, figures_are_those_of_the_verdict);
    tcase_add_test(tc, the_last_word_bounds_the_figure);
    tcase_add_loop_test(tc, a_shipped_scenario_loads, 0, (int)shipped->len);
    tcase_add_loop_test(tc, gkeyfile_reads_the_same, 0, (int)shipped->len);
    tcase_add_test(tc, the_readme_has_every_key);
    tcase_add_test(tc, the_designs_of_the_readme_load);
    suite_add_tcase(suite, tc);
    return suite;
}

/* --tables prints what scenarios/README.md ends with. */
int
main(int argc, char **argv)
{
    g_autoptr(GString) text = g_string_new(NULL);
    int failed;

    if (argc == 2 && g_str_equal(argv[1], "--tables")) {
        hs_scenario_manual(text);
        fputs(text->str, stdout);
        return EXIT_SUCCESS;
    }
    shipped = g_ptr_array_new_with_free_func(g_free);
    find_shipped("scenarios");
    failed = run_suite(scenario_suite());
    g_ptr_array_unref(shipped);
    return failed;
}
