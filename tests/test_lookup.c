/* Paths of [expect], looked up in documents that are written here by hand: what
 * they mean of one entry, of several, of none, of null; in each unit; and what
 * the check says of it. */

#include "config.h"

#include "sim/output/lookup.h"
#include "sim/scenario/path.h"
#include "sim/scenario/schema.h"
#include "tests/harness/run.h"
#include "tests/harness/scenario_text.h"

#include <string.h>

static const char document[] =
    "{\"links\": ["
    "  {\"name\": \"dc.lan\", \"kind\": \"lan\", \"trusted\": true,"
    "   \"to_aws\": {\"sent\": 10, \"queue_full\": 0},"
    "   \"wire\": {\"clear\": {\"packets\": 3, \"bytes\": 1500},"
    "              \"clear_by_phase\": [1000, 500], \"first_clear\": null}},"
    "  {\"name\": \"primary\", \"kind\": \"dx\", \"trusted\": false,"
    "   \"to_aws\": {\"sent\": 7, \"queue_full\": 2},"
    "   \"wire\": {\"clear\": {\"packets\": 0, \"bytes\": 0},"
    "              \"clear_by_phase\": [0, 0],"
    "              \"first_clear\": {\"at_s\": 12.000000001, \"packet\": 5}}}],"
    " \"tunnels\": ["
    "  {\"name\": \"b.tunnel1\", \"node\": \"dc\", \"esp_rekeys\": 2,"
    "   \"esp_suite\": \"aes256\", \"up_at_end\": true, \"down_ms\": 0},"
    "  {\"name\": \"b.tunnel1\", \"node\": \"b.tunnel1.aws\", \"esp_rekeys\": "
    "2,"
    "   \"esp_suite\": null, \"up_at_end\": true, \"down_ms\": 0.000001}],"
    " \"probes\": ["
    "  {\"direction\": \"to on-premises\", \"sent\": 4,"
    "   \"arrived_per_s\": 19.9871234, \"delay\": null}],"
    " \"drops\": [{\"node\": \"dc\", \"reason\": \"larger than MTU, DF set\","
    "              \"packets\": 6}],"
    " \"findings\": ["
    "  {\"id\": \"BFD-OFF\", \"severity\": \"serious\", \"line\": 4},"
    "  {\"id\": \"ONE-ROUTER\", \"severity\": \"advice\", \"line\": null},"
    "  {\"id\": \"BFD-OFF\", \"severity\": \"serious\", \"line\": 9}],"
    " \"faults\": ["
    "  {\"name\": \"cut\", \"applied_s\": 70.5, \"had_effect\": true,"
    "   \"clients\": [{\"client\": \"pool\", \"recovery\": \"no interruption\","
    "                  \"failover_ms\": 871.25}]}],"
    " \"capture\": null}";

static const struct {
    const char *key, *value;
    HsOutcome outcome;
    const char *text;
} rows[] = {
    /* One entry, in each unit */
    {"link.primary.to_aws.queue_full.max", "2", HS_OUTCOME_PASS,
     "link.primary.to_aws.queue_full 2, at most 2"},
    {"link.primary.to_aws.queue_full.max", "1", HS_OUTCOME_FAIL,
     "link.primary.to_aws.queue_full 2, at most 1"},
    {"LINK.primary.to_aws.sent.max", "1", HS_OUTCOME_UNKNOWN, NULL},
    {"link.PRIMARY.to_aws.sent.max", "7", HS_OUTCOME_PASS,
     "link.PRIMARY.to_aws.sent 7, at most 7"},
    {"link.dc.lan.wire.clear.bytes.equals", "1500B", HS_OUTCOME_PASS,
     "link.dc.lan.wire.clear.bytes 1500 B, exactly 1500 B"},
    {"link.dc.lan.wire.clear.bytes.equals", "1499B", HS_OUTCOME_FAIL,
     "link.dc.lan.wire.clear.bytes 1500 B, exactly 1499 B"},
    {"link.primary.wire.first_clear.at.within", "12.000000001s..13s",
     HS_OUTCOME_PASS,
     "link.primary.wire.first_clear.at 12.000000001s, from 12.000000001s to "
     "13s"},
    {"link.primary.wire.first_clear.at.within", "12.000000002s..13s",
     HS_OUTCOME_FAIL,
     "link.primary.wire.first_clear.at 12.000000001s, from 12.000000002s to "
     "13s"},
    {"fault.cut.client.pool.failover.equals", "871.25ms", HS_OUTCOME_PASS,
     "fault.cut.client.pool.failover 871.25ms, exactly 871.25ms"},
    {"probe.to-on-premises.arrived_per_s.within", "19.98..19.987123",
     HS_OUTCOME_PASS,
     "probe.to-on-premises.arrived_per_s 19.987123, from 19.98 to 19.987123"},
    {"probe.to-on-premises.arrived_per_s.min", "19.987124", HS_OUTCOME_FAIL,
     "probe.to-on-premises.arrived_per_s 19.987123, at least 19.987124"},
    {"drop.dc.larger-than-mtu-df-set.packets.equals", "6", HS_OUTCOME_PASS,
     "drop.dc.larger-than-mtu-df-set.packets 6, exactly 6"},
    /* Several: each has to hold, and the one that is shown is the worst */
    {"links.to_aws.queue_full.max", "1", HS_OUTCOME_FAIL,
     "links.to_aws.queue_full 2 (primary), at most 1"},
    {"links.to_aws.queue_full.min", "1", HS_OUTCOME_FAIL,
     "links.to_aws.queue_full 0 (dc.lan), at least 1"},
    {"links.to_aws.queue_full.within", "0..2", HS_OUTCOME_PASS,
     "links.to_aws.queue_full 0 (dc.lan), from 0 to 2"},
    {"links.to_aws.queue_full.equals", "0", HS_OUTCOME_FAIL,
     "links.to_aws.queue_full 2 (primary), exactly 0"},
    {"link.dc.lan.wire.clear_by_phase.max", "999B", HS_OUTCOME_FAIL,
     "link.dc.lan.wire.clear_by_phase 1000 B (number 1), at most 999 B"},
    {"tunnel.b.tunnel1.esp_rekeys.equals", "2", HS_OUTCOME_PASS,
     "tunnel.b.tunnel1.esp_rekeys 2 (dc), exactly 2"},
    {"tunnel.b.tunnel1.down.max", "0s", HS_OUTCOME_FAIL,
     "tunnel.b.tunnel1.down 1ns (b.tunnel1.aws), at most 0s"},
    {"tunnel.b.tunnel1.dc.down.max", "0s", HS_OUTCOME_PASS,
     "tunnel.b.tunnel1.dc.down 0s, at most 0s"},
    {"tunnel.b.tunnel1.b.tunnel1.aws.down.max", "0s", HS_OUTCOME_FAIL,
     "tunnel.b.tunnel1.b.tunnel1.aws.down 1ns, at most 0s"},
    /* How many */
    {"links.count.equals", "2", HS_OUTCOME_PASS, "links.count 2, exactly 2"},
    {"finding.BFD-OFF.count.equals", "2", HS_OUTCOME_PASS,
     "finding.BFD-OFF.count 2, exactly 2"},
    {"finding.serious.count.max", "0", HS_OUTCOME_FAIL,
     "finding.serious.count 2, at most 0"},
    {"finding.NO-BACKUP.count.max", "0", HS_OUTCOME_PASS,
     "finding.NO-BACKUP.count 0, at most 0"},
    {"lanes.count.max", "0", HS_OUTCOME_UNKNOWN, NULL},
    /* What is not there, or null: nothing passes by silence */
    {"drop.dc.no-route.packets.max", "0", HS_OUTCOME_PASS,
     "drop.dc.no-route.packets 0, at most 0"},
    {"link.dc.uplink.to_aws.sent.max", "9", HS_OUTCOME_NOT_OBSERVED,
     "link.dc.uplink.to_aws.sent not observed, at most 9"},
    {"link.dc.lan.wire.first_clear.at.max", "9s", HS_OUTCOME_NOT_OBSERVED,
     "link.dc.lan.wire.first_clear.at not observed, at most 9s"},
    {"links.wire.first_clear.at.max", "20s", HS_OUTCOME_NOT_OBSERVED,
     "links.wire.first_clear.at not observed (dc.lan), at most 20s"},
    {"probe.to-on-premises.delay.p99.max", "1s", HS_OUTCOME_NOT_OBSERVED,
     "probe.to-on-premises.delay.p99 not observed, at most 1s"},
    {"findings.line.min", "1", HS_OUTCOME_NOT_OBSERVED,
     "findings.line not observed (ONE-ROUTER, advice), at least 1"},
    {"capture.packets.min", "0", HS_OUTCOME_NOT_OBSERVED,
     "capture.packets not observed, at least 0"},
    {"routers.sent.min", "0", HS_OUTCOME_NOT_OBSERVED,
     "routers.sent not observed, at least 0"},
    /* Words */
    {"fault.cut.client.pool.recovery", "recovered, no interruption",
     HS_OUTCOME_PASS,
     "fault.cut.client.pool.recovery no interruption, one of recovered, no "
     "interruption"},
    {"fault.cut.client.pool.recovery", "recovered", HS_OUTCOME_FAIL,
     "fault.cut.client.pool.recovery no interruption, expected recovered"},
    {"fault.cut.client.persistent.recovery", "recovered",
     HS_OUTCOME_NOT_OBSERVED,
     "fault.cut.client.persistent.recovery not observed, expected recovered"},
    {"tunnels.up_at_end", "yes", HS_OUTCOME_PASS,
     "tunnels.up_at_end yes, expected yes"},
    {"links.trusted", "yes", HS_OUTCOME_FAIL,
     "links.trusted no (primary), expected yes"},
    {"links.kind", "dx, lan", HS_OUTCOME_PASS, "links.kind dx, one of dx, lan"},
    {"tunnel.b.tunnel1.esp_suite", "aes256", HS_OUTCOME_NOT_OBSERVED,
     "tunnel.b.tunnel1.esp_suite not observed (b.tunnel1.aws), expected "
     "aes256"},
};

static HsDemandSense
sense_of(HsComparison comparison)
{
    static const HsDemandSense senses[] = {
        [HS_COMPARISON_MAX] = HS_DEMAND_MAX,
        [HS_COMPARISON_MIN] = HS_DEMAND_MIN,
        [HS_COMPARISON_EQUALS] = HS_DEMAND_EQUALS,
        [HS_COMPARISON_WITHIN] = HS_DEMAND_WITHIN,
        [HS_COMPARISON_WORDS] = HS_DEMAND_WORDS,
    };

    g_assert((unsigned)comparison < G_N_ELEMENTS(senses));
    return senses[comparison];
}

/* The scenario knows neither these tunnels nor these links; what names it could
 * hold them against is another matter. */
static HsExpectation *
read_expectation(const char *key, const char *value, GString *problem)
{
    g_autofree char *text =
        g_strconcat(good_scenario, "\n[vpn b]\nbetween = dc, vgw\n", NULL);
    g_autoptr(GError) error = NULL;
    g_autoptr(HsScenario) scenario =
        hs_scenario_load_data("f.ini", text, strlen(text), NULL, &error);

    ck_assert_msg(scenario != NULL, "%s", error != NULL ? error->message : "");
    return hs_expectation_read(scenario, key, value, problem);
}

START_TEST(a_path_means_what_the_document_has)
{
    g_autoptr(HsVerdict) verdict = hs_verdict_new(NULL, NULL, 0);
    g_autoptr(GString) problem = g_string_new(NULL);
    HsExpectation *e = read_expectation(rows[_i].key, rows[_i].value, problem);
    json_t *root = json_loads(document, JSON_REJECT_DUPLICATES, NULL);
    const HsCheck *check;
    HsDemand demand;

    ck_assert_ptr_nonnull(root);
    if (rows[_i].outcome == HS_OUTCOME_UNKNOWN) {
        ck_assert_msg(e == NULL, "%s", rows[_i].key);
        json_decref(root);
        return;
    }
    ck_assert_msg(e != NULL, "%s: %s", rows[_i].key, problem->str);
    demand = (HsDemand){.figure = e->name,
                        .sense = sense_of(e->comparison),
                        .limit = e->limit,
                        .upper = e->upper};
    hs_lookup_judge(verdict, root, e, &demand);
    ck_assert_uint_eq(verdict->checks->len, 1);
    check = &g_array_index(verdict->checks, HsCheck, 0);
    ck_assert_str_eq(check->text, rows[_i].text);
    ck_assert_str_eq(hs_outcome_name(check->outcome),
                     hs_outcome_name(rows[_i].outcome));
    ck_assert_int_eq(hs_verdict_exit_code(verdict),
                     rows[_i].outcome == HS_OUTCOME_PASS ? 0 : 1);
    hs_expectation_free(e);
    json_decref(root);
}
END_TEST

/* The table that is made of RESULT.md: every list that paths go into says what
 * names an entry, and no two fields or lists of one object share a word. */
START_TEST(every_list_names_its_entries)
{
    unsigned lists = 0;

    for (const HsFormatKind *kind = hs_format_result; kind->name != NULL;
         kind++)
        for (const HsField *f = kind->fields; kind->figures && f->name != NULL;
             f++) {
            const HsFormatKind *entries = hs_path_entries(f);

            for (const HsField *g = f + 1; g->name != NULL; g++)
                ck_assert_msg(
                    !g_str_equal(f->word, g->word) &&
                        (f->single == NULL ||
                         !g_str_equal(f->single, g->word)) &&
                        (g->single == NULL || !g_str_equal(g->single, f->word)),
                    "%s: %s and %s", kind->name, f->name, g->name);
            if (entries == NULL || !entries->figures)
                continue;
            lists++;
            ck_assert_msg(entries->keys[0] != NULL || f->shape == HS_SHAPE_MAP,
                          "RESULT.md says neither what names an entry of %s "
                          "nor that these are no figures",
                          f->name);
        }
    ck_assert_uint_gt(lists, 15);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("lookup");
    TCase *tc = tcase_create("lookup");

    tcase_add_loop_test(tc, a_path_means_what_the_document_has, 0,
                        G_N_ELEMENTS(rows));
    tcase_add_test(tc, every_list_names_its_entries);
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}
