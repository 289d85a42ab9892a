/* Findings from a run: what was seen is told by hand, on a design that the
 * scenario alone finds nothing of that kind in. */

#include "config.h"

#include "sim/findings/observed.h"
#include "sim/observe/tunnels.h"
#include "tests/harness/run.h"

#include <string.h>

static const char text[] = "[onprem dc]\nasn = 65001\nprefix = 172.16.0.0/24\n"
                           "[vpc app]\ncidr = 10.0.0.0/16\n"
                           "[gateway vgw]\nattach = app\n"
                           "[dx x]\nbetween = dc, vgw\n"
                           "[vpn v]\nbetween = dc, vgw\n"
                           "[database db]\nclient = app\nserver = dc\n";

typedef struct {
    HsScenario *scenario;
    HsFacts *facts;
    HsExposure *exposure;
    HsTimeline timeline;
    GArray *tunnels, *drops;
    GPtrArray *findings;
} Run;

static void
run_init(Run *r)
{
    HsPrefix vpc, site;

    *r = (Run){
        .scenario =
            hs_scenario_load_data("a.ini", text, strlen(text), NULL, NULL),
        .facts = hs_facts_new(),
        .exposure = hs_exposure_new(HS_SEC(1)),
        .timeline = {.faults = g_ptr_array_new()},
        .tunnels = g_array_new(FALSE, FALSE, sizeof(HsTunnelLife)),
        .drops = g_array_new(FALSE, FALSE, sizeof(HsSeenDrop)),
        .findings = hs_findings_new(),
    };
    ck_assert_ptr_nonnull(r->scenario);
    ck_assert(hs_prefix_parse("10.0.0.0/16", &vpc) &&
              hs_prefix_parse("172.16.0.0/24", &site));
    hs_exposure_add_protected(r->exposure, &vpc, &site);
    hs_exposure_add_link(r->exposure, "x", HS_LINK_DX, false);
    hs_exposure_add_link(r->exposure, "v.tunnel1.edge", HS_LINK_INTERNET,
                         false);
}

static void
run_clear(Run *r)
{
    hs_scenario_free(r->scenario);
    hs_facts_free(r->facts);
    hs_exposure_free(r->exposure);
    g_ptr_array_unref(r->timeline.faults);
    g_array_unref(r->tunnels);
    g_array_unref(r->drops);
    g_ptr_array_unref(r->findings);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Run, run_clear)

static void
look(Run *r)
{
    hs_findings_observed(&(HsSeen){.scenario = r->scenario,
                                   .facts = r->facts,
                                   .exposure = r->exposure,
                                   .timeline = &r->timeline,
                                   .tunnels = r->tunnels,
                                   .drops = r->drops},
                         r->findings);
}

/* The one finding there is. */
static const HsFinding *
only(const Run *r, HsFindingKind kind, const char *where)
{
    const HsFinding *finding;

    ck_assert_uint_eq(r->findings->len, 1);
    finding = r->findings->pdata[0];
    ck_assert_str_eq(hs_finding_id(finding->kind), hs_finding_id(kind));
    ck_assert_str_eq(finding->where, where);
    return finding;
}

/* A protected packet of 40 bytes on LINK, sent by END. */
static void
pass(Run *r, unsigned link, unsigned end, HsTime at)
{
    static const uint8_t clear[40] = {0x45, 0, 0,  40, 0, 0,  0x40, 0,  64, 6,
                                      0,    0, 10, 0,  1, 10, 172,  16, 0,  10};

    hs_exposure_packet(r->exposure, link, end, at, 0, clear, sizeof clear);
}

static void
tunnel(Run *r, HsTunnelLife life)
{
    life.name = "v.tunnel1";
    life.node = "dc.gateway";
    life.speaks = true;
    g_array_append_val(r->tunnels, life);
}

START_TEST(nothing_was_seen)
{
    g_auto(Run) r;

    run_init(&r);
    look(&r);
    ck_assert_uint_eq(r.findings->len, 0);
}
END_TEST

START_TEST(in_clear_beside_a_tunnel)
{
    g_auto(Run) r;

    run_init(&r);
    tunnel(&r, (HsTunnelLife){.up = true,
                              .first_up = HS_SEC(1),
                              .last_lost = HS_TIME_NEVER});
    pass(&r, 0, 0, HS_SEC(5));
    pass(&r, 0, 1, HS_SEC(6));
    look(&r);
    ck_assert_str_eq(only(&r, HS_FINDING_DX_IN_CLEAR, "[dx x]")->evidence,
                     "in this run 80 bytes of the database crossed x in clear, "
                     "from 5.000 s to 6.000 s, and v.tunnel1 was up");
}
END_TEST

START_TEST(in_clear_without_a_tunnel)
{
    g_auto(Run) r;

    run_init(&r);
    tunnel(&r, (HsTunnelLife){.first_up = HS_SEC(1), .last_lost = HS_SEC(2)});
    pass(&r, 0, 0, HS_SEC(5));
    pass(&r, 0, 1, HS_SEC(6));
    look(&r);
    ck_assert_uint_eq(r.findings->len, 0);
}
END_TEST

START_TEST(what_was_known_gets_more_evidence)
{
    g_auto(Run) r;

    run_init(&r);
    hs_findings_add(r.findings, HS_FINDING_CRYPTO_PERMISSIVE,
                    hs_scenario_find(r.scenario, "v"), NULL, "Known.");
    tunnel(&r, (HsTunnelLife){.first_up = HS_TIME_NEVER,
                              .ike_suite = "aes128-cbc/sha1/prf-sha1/modp1024",
                              .esp_suite = "aes128-cbc-sha2-256"});
    look(&r);
    ck_assert_str_eq(
        only(&r, HS_FINDING_CRYPTO_PERMISSIVE, "[vpn v]")->evidence,
        "Known; in this run v.tunnel1 negotiated "
        "aes128-cbc/sha1/prf-sha1/modp1024 (SHA-1)");
}
END_TEST

START_TEST(strong_suites_are_none)
{
    g_auto(Run) r;

    run_init(&r);
    tunnel(&r, (HsTunnelLife){.first_up = HS_TIME_NEVER,
                              .ike_suite = "aes256-gcm16/prf-sha2-384/ecp384",
                              .esp_suite = "aes256-gcm16/modp2048"});
    look(&r);
    ck_assert_uint_eq(r.findings->len, 0);
}
END_TEST

START_TEST(directions_apart)
{
    g_auto(Run) r;

    run_init(&r);
    for (unsigned i = 0; i < 10; i++) {
        pass(&r, 0, 0, HS_SEC(i));
        pass(&r, 1, 1, HS_SEC(i));
    }
    look(&r);
    ck_assert_uint_eq(r.findings->len, 2);
    ck_assert_str_eq(((HsFinding *)r.findings->pdata[0])->evidence,
                     "in this run x carried 100 % of the bytes towards AWS and "
                     "0 % of those back");
    ck_assert_str_eq(((HsFinding *)r.findings->pdata[1])->where, "[vpn v]");
}
END_TEST

/* A failover whose two sides noticed a moment apart is none. */
START_TEST(directions_nearly_together)
{
    g_auto(Run) r;

    run_init(&r);
    for (unsigned i = 0; i < 10; i++) {
        pass(&r, i < 5 ? 0 : 1, 0, HS_SEC(i));
        pass(&r, i < 7 ? 0 : 1, 1, HS_SEC(i));
    }
    look(&r);
    ck_assert_uint_eq(r.findings->len, 0);
}
END_TEST

static const struct {
    HsSeenDrop drop;
    bool fault;
    const char *id; /* NULL: no finding */
    const char *where;
} drops[] = {
    {{"dc.gateway", "larger than MTU, DF set", 3},
     true,
     "MTU-SHRINKS",
     "[onprem dc]"},
    {{"dc.gateway", "larger than MTU, DF set", 3}, false, NULL, NULL},
    {{"v.tunnel1.aws", "policed: above the rate", 1000},
     true,
     "BACKUP-TOO-SLOW",
     "[vpn v]"},
    {{"internet", "queue full", 1000},
     true,
     "BACKUP-TOO-SLOW",
     "[internet internet]"},
    {{"internet", "queue full", 1}, true, NULL, NULL},
    {{"dc.gateway", "no route", 1000}, true, NULL, NULL},
};

START_TEST(drops_are_read)
{
    g_auto(Run) r;
    HsFaultTimeline fault = {0};

    run_init(&r);
    g_array_append_val(r.drops, drops[_i].drop);
    if (drops[_i].fault)
        g_ptr_array_add(r.timeline.faults, &fault);
    look(&r);
    ck_assert_uint_eq(r.findings->len, drops[_i].id != NULL);
    if (drops[_i].id != NULL) {
        const HsFinding *finding = r.findings->pdata[0];

        ck_assert_str_eq(hs_finding_id(finding->kind), drops[_i].id);
        ck_assert_str_eq(finding->where, drops[_i].where);
    }
}
END_TEST

static void
announce(Run *r, unsigned count, const char *to)
{
    for (unsigned i = 0; i < count; i++) {
        g_autofree char *prefix = g_strdup_printf("198.18.%u.0/24", i);

        hs_facts_append(r->facts, &(HsFact){.kind = HS_FACT_ROUTE_RECEIVED,
                                            .node = "x.aws",
                                            .subject = g_intern_string(prefix),
                                            .peer = "x bgp",
                                            .to = to});
    }
}

START_TEST(prefixes_near_the_limit)
{
    g_auto(Run) r;

    run_init(&r);
    announce(&r, 90, "announce");
    look(&r);
    ck_assert_str_eq(only(&r, HS_FINDING_PREFIX_LIMIT_NEAR, "[dx x]")->evidence,
                     "in this run x.aws received 90 prefixes at once, of 100 "
                     "that AWS takes");
}
END_TEST

START_TEST(prefixes_far_from_it)
{
    g_auto(Run) r;

    run_init(&r);
    announce(&r, 89, "announce");
    announce(&r, 50, "withdraw");
    announce(&r, 50, "announce");
    look(&r);
    ck_assert_uint_eq(r.findings->len, 0);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("findings observed");
    TCase *tc = tcase_create("observed");

    tcase_add_test(tc, nothing_was_seen);
    tcase_add_test(tc, in_clear_beside_a_tunnel);
    tcase_add_test(tc, in_clear_without_a_tunnel);
    tcase_add_test(tc, what_was_known_gets_more_evidence);
    tcase_add_test(tc, strong_suites_are_none);
    tcase_add_test(tc, directions_apart);
    tcase_add_test(tc, directions_nearly_together);
    tcase_add_loop_test(tc, drops_are_read, 0, G_N_ELEMENTS(drops));
    tcase_add_test(tc, prefixes_near_the_limit);
    tcase_add_test(tc, prefixes_far_from_it);
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}
