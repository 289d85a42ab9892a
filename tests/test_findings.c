/* Each finding, with a design that has it and one that differs in that alone
 * and has not. */

#include "config.h"

#include "sim/findings/finding.h"

#include "tests/harness/run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A VGW, Direct Connect in clear, a VPN beside it: what most people draw. */
#define DRAWN                                                                  \
    "[onprem dc]\nasn = 65001\nprefix = 192.168.0.0/16\n"                      \
    "[vpc app]\ncidr = 10.0.0.0/16\n"                                          \
    "[gateway vgw]\nattach = app\n"                                            \
    "[dx x]\nbetween = dc, vgw\n"                                              \
    "[vpn v]\nbetween = dc, vgw\n"                                             \
    "[database db]\nclient = app\nserver = dc\n"

#define FAST                                                                   \
    "[onprem dc]\nasn = 65001\nprefix = 192.168.0.0/16\n"                      \
    "[vpc app]\ncidr = 10.0.0.0/16\n"                                          \
    "[gateway vgw]\nattach = app\n"                                            \
    "[dx x]\nbetween = dc, vgw\nrate = 10Gbps\n"                               \
    "[vpn v]\nbetween = dc, vgw\n"                                             \
    "[database db]\nclient = app\nserver = dc\n"

/* The same in tunnels on Direct Connect. */
#define ENCRYPTED                                                              \
    "[onprem dc]\nasn = 65001\nprefix = 192.168.0.0/16\n"                      \
    "[vpc app]\ncidr = 10.0.0.0/16\n"                                          \
    "[gateway vgw]\nattach = app\n"                                            \
    "[dx x]\nbetween = dc, vgw\nvif = public\n"                                \
    "[vpn v]\nbetween = dc, vgw\nunderlay = x\n"                               \
    "[database db]\nclient = app\nserver = dc\n"

/* On a TGW; ALLOWED is what it announces on Direct Connect. */
#define TGW_WITH(allowed)                                                      \
    "[onprem dc]\nasn = 65001\nprefix = 192.168.0.0/16\n"                      \
    "[vpc app]\ncidr = 10.1.0.0/16\n"                                          \
    "[vpc lab]\ncidr = 10.2.0.0/16\n"                                          \
    "[gateway core]\ntype = tgw\nattach = app\nasn = 64600\n"                  \
    "cidr = 10.99.0.0/24\n"                                                    \
    "[dxgw dxg]\n[association a]\nbetween = core, dxg\n"                       \
    "allowed-prefixes = " allowed "\n"                                         \
    "[dx t]\nbetween = dc, dxg\nvif = transit\nrate = 10Gbps\n"                \
    "[vpn v]\nbetween = dc, core\nunderlay = t\n"                              \
    "[database db]\nclient = app\nserver = dc\n"
#define TRANSIT TGW_WITH("10.1.0.0/16, 10.99.0.0/24")

/* The ends of the tunnels and no more. */
#define TUNNELLED TGW_WITH("10.99.0.0/24")

/* The site's network reaches AWS in tunnels alone: over DX and beside it. */
#define INTERNET_BESIDE "[vpn w]\nbetween = dc, core\nunderlay = internet\n"

#define SECOND          "[dx y]\nbetween = dc, vgw\n"

/* The VPN has a longer prefix, and the customer gateway prefers it. */
#define STEERED                                                                \
    "[onprem dc]\nasn = 65001\nprefix = 192.168.0.0/16\n"                      \
    "[vpc app]\ncidr = 10.0.0.0/16\n"                                          \
    "[gateway vgw]\nattach = app\n"                                            \
    "[dx x]\nbetween = dc, vgw\n"                                              \
    "[vpn v]\nbetween = dc, vgw\nlocal-preference = 300\n"                     \
    "[database db]\nclient = app\nserver = dc\n"

typedef struct {
    HsFindingKind kind;
    const char *where;
    const char *with; /* has it */
    const char *set;  /* with this, or NULL */
    const char *without;
    const char *unset; /* with this has not */
} Row;

#define BOTH(kind, where, text, set, unset)                                    \
    {                                                                          \
        HS_FINDING_##kind, where, text, set, text, unset                       \
    }

static const Row rows[] = {
    BOTH(DX_IN_CLEAR, "[dx x]", STEERED, NULL, "vpn v.announce=192.168.0.0/17"),
    {HS_FINDING_DX_IN_CLEAR, "[dx x]", DRAWN, "vpn v.announce=192.168.0.0/17",
     STEERED, "vpn v.announce=192.168.0.0/17"},
    {HS_FINDING_DX_IN_CLEAR, "[dx x]", DRAWN, NULL, ENCRYPTED, NULL},
    /* A session that never comes up carries nothing. */
    BOTH(DX_IN_CLEAR, "[dx x]", DRAWN, NULL, "dx x.cgw.remote-asn=7224"),
    BOTH(DX_IN_CLEAR, "[dx x]", FAST, NULL, "dx x.macsec=must_encrypt"),
    /* Only the tunnels' ends are reached in clear: both must say so. */
    BOTH(DX_IN_CLEAR, "[dx t]", TUNNELLED, NULL, "dx t.announce=none"),
    {HS_FINDING_DX_IN_CLEAR, "[dx t]", TRANSIT, "dx t.announce=none", TUNNELLED,
     "dx t.announce=none"},
    {HS_FINDING_DX_IN_CLEAR, "[dx t]", TUNNELLED, NULL,
     TUNNELLED "[table r]\nof = core\nroutes = 192.168.0.0/16 via v\n", NULL},
    BOTH(MACSEC_MAY_OPEN, "[dx x] macsec", FAST, "dx x.macsec=should_encrypt",
         "dx x.macsec=must_encrypt"),
    BOTH(PREPEND_IN_VAIN, "[dx x] prepend", DRAWN, "dx x.prepend=3", NULL),
    BOTH(PREPEND_IN_VAIN, "[vpn v] prepend", DRAWN, "vpn v.prepend=3", NULL),
    {HS_FINDING_PREPEND_IN_VAIN, "[vpn w] prepend",
     TUNNELLED INTERNET_BESIDE "prepend = 1\n", NULL,
     TUNNELLED INTERNET_BESIDE "prepend = 1\n",
     "dx t.announce=10.255.254.1/32"},
    BOTH(NO_BACKUP, "[dx x] announce", DRAWN, "dx x.announce=172.16.0.0/24",
         "vpn v.announce=192.168.0.0/16"),
    /* Two halves do, one does not. */
    BOTH(NO_BACKUP, "[dx x] announce", DRAWN, "vpn v.announce=192.168.0.0/17",
         "vpn v.announce=192.168.0.0/17, 192.168.128.0/17"),
    BOTH(NO_BACKUP, "[vpn v] announce", DRAWN, "vpn v.announce=172.16.0.0/24",
         NULL),
    /* What carries the tunnels is no other path. */
    {HS_FINDING_NO_BACKUP, "[vpn v] announce",
     DRAWN "[dx z]\nbetween = dc, vgw\nannounce = 172.16.0.0/24\n", NULL,
     TUNNELLED, "dx t.announce=none"},
    /* An internet VPN beside it replaces the tunnels, not their address. */
    {HS_FINDING_NO_BACKUP, "[dx t] announce", TUNNELLED INTERNET_BESIDE,
     "dx t.announce=10.255.254.1/32, 172.16.0.0/24", TUNNELLED INTERNET_BESIDE,
     "dx t.announce=10.255.254.1/32"},
    {HS_FINDING_NO_BACKUP, "[vpn w] announce", TUNNELLED INTERNET_BESIDE,
     "dx t.announce=172.16.0.0/24", TUNNELLED INTERNET_BESIDE,
     "dx t.announce=10.255.254.1/32"},
    {HS_FINDING_SINGLE_PATH, "[vpn v]", ENCRYPTED, NULL, DRAWN, NULL},
    {HS_FINDING_SINGLE_PATH, "[vpn v]", TUNNELLED,
     "dx t.announce=10.255.254.1/32", DRAWN, NULL},
    {HS_FINDING_SINGLE_PATH, "[vpn v]", TUNNELLED, "dx t.announce=none", DRAWN,
     NULL},
    BOTH(SINGLE_TUNNEL, "[vpn v] tunnels", DRAWN, "vpn v.tunnels=1", NULL),
    BOTH(BFD_OFF, "[dx x] bfd", DRAWN, NULL, "dx x.bfd=300ms x 3"),
    BOTH(BFD_WITH_GR, "[dx z] graceful-restart",
         DRAWN "[dx z]\nbetween = dc, vgw\ngraceful-restart = 120s\n",
         "dx z.bfd=300ms x 3", NULL),
    BOTH(ONE_DEVICE, "[dx x]", DRAWN SECOND "location = x\ndevice = x\n", NULL,
         "dx y.device=y"),
    BOTH(ONE_LOCATION, "[dx x]", DRAWN SECOND "location = a\n",
         "dx x.location=a", "dx x.location=b"),
    {HS_FINDING_ONE_ROUTER, "[onprem dc]", DRAWN, "onprem dc.routers=2",
     DRAWN "[vpn w]\nbetween = dc, vgw\nrouter = 2\n", "onprem dc.routers=2"},
    BOTH(ASYMMETRIC, "[dx x]", DRAWN, "vpn v.local-preference=300",
         "vpn v.local-preference=50"),
    BOTH(ASYMMETRIC, "[dx x]", DRAWN SECOND, "dx y.local-preference=150", NULL),
    BOTH(ASYMMETRIC, "[dx x]", DRAWN SECOND, "dx y.communities=7224:7300",
         "dx y.communities=7224:7200"),
    BOTH(MTU_SHRINKS, "[vpn v] mss-clamp", DRAWN, "vpn v.mss-clamp=no", NULL),
    BOTH(BACKUP_TOO_SLOW, "[vpn v]", DRAWN, "internet.rate=1Mbps", NULL),
    BOTH(BACKUP_SLOWER, "[vpn v]", DRAWN, "dx x.rate=10Gbps", NULL),
    BOTH(PREFIX_LIMIT_NEAR, "[dx x] announce", DRAWN, "dx x.announce.extra=89",
         "dx x.announce.extra=88"),
    BOTH(PREFIX_LIMIT_NEAR, "[vpn v] announce", DRAWN,
         "vpn v.announce.extra=100", NULL),
    BOTH(CRYPTO_PERMISSIVE, "[vpn w]",
         DRAWN "[vpn w]\nbetween = dc, vgw\n"
               "aws.ike.encryption = aes256\naws.ike.integrity = sha2-384\n"
               "aws.ike.dh-group = 20\naws.esp.encryption = aes256-gcm16\n",
         NULL, "vpn w.aws.esp.dh-group=20"),
    BOTH(UNEQUAL_TUNNELS, "[vpn v] tunnel1.local-preference", DRAWN,
         "vpn v.tunnel1.local-preference=150", "vpn v.local-preference=150"),
    BOTH(EQUAL_TUNNELS, "[vpn v] tunnel2.med", DRAWN, "vpn v.tunnel2.med=100",
         NULL),
    {HS_FINDING_EQUAL_TUNNELS, "[vpn w]", DRAWN "[vpn w]\nbetween = dc, vgw\n",
     NULL, DRAWN "[vpn w]\nbetween = dc, vgw\nprepend = 1\n", NULL},
    BOTH(ASN_CONTRADICTION, "[dx x] cgw.remote-asn", DRAWN,
         "dx x.cgw.remote-asn=7224", NULL),
    BOTH(ASN_CONTRADICTION, "[vpn v] aws.remote-asn", DRAWN,
         "vpn v.aws.remote-asn=65002", NULL),
    BOTH(ASN_CONTRADICTION, "[onprem b] asn",
         DRAWN "[onprem b]\nasn = 65001\nprefix = 172.16.0.0/16\n", NULL,
         "onprem b.asn=65002"),
    {HS_FINDING_PINNED_TUNNELS, "[vpn v] underlay", ENCRYPTED, NULL, DRAWN,
     NULL},
    {HS_FINDING_PEERING_WITHOUT_ROUTE, "[peering p]",
     TRANSIT "[peering p]\nbetween = app, lab\n"
             "[table l]\nof = app\nroutes = 10.2.0.0/16 via p\n",
     NULL,
     TRANSIT "[peering p]\nbetween = app, lab\n"
             "[table l]\nof = app\nroutes = 10.2.0.0/16 via p\n"
             "[table m]\nof = lab\nroutes = 10.1.0.0/16 via p\n",
     NULL},
};

static GPtrArray *
findings_of(const char *text, const char *set)
{
    const char *sets[] = {set, NULL};
    g_autoptr(GError) error = NULL;
    g_autoptr(HsScenario) scenario =
        hs_scenario_load_data("f.ini", text, strlen(text), sets, &error);
    GPtrArray *findings = hs_findings_new();

    ck_assert_msg(scenario != NULL, "%s",
                  error != NULL ? error->message : text);
    hs_findings_static(scenario, findings);
    hs_findings_sort(findings);
    return findings;
}

static const HsFinding *
find(const GPtrArray *findings, HsFindingKind kind, const char *where)
{
    for (guint i = 0; i < findings->len; i++) {
        const HsFinding *f = findings->pdata[i];

        if (f->kind == kind && g_str_equal(f->where, where))
            return f;
    }
    return NULL;
}

START_TEST(a_design_has_it_and_another_has_not)
{
    const Row *row = &rows[_i];
    g_autoptr(GPtrArray) with = findings_of(row->with, row->set);
    g_autoptr(GPtrArray) without = findings_of(row->without, row->unset);
    const HsFinding *finding = find(with, row->kind, row->where);

    ck_assert_msg(finding != NULL, "%d: %s is not found", _i,
                  hs_finding_id(row->kind));
    ck_assert_msg(find(without, row->kind, row->where) == NULL,
                  "%d: %s is found, too, without it", _i,
                  hs_finding_id(row->kind));
    ck_assert(finding->evidence[0] != '\0');
}
END_TEST

START_TEST(every_finding_is_tested)
{
    for (unsigned kind = 0; kind < HS_FINDING_COUNT; kind++) {
        bool tested = false;

        for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++)
            tested |= (unsigned)rows[i].kind == kind;
        ck_assert_msg(tested, "%s", hs_finding_id((HsFindingKind)kind));
    }
}
END_TEST

/* Its place is the line that gave the value; evidence and rule follow. */
START_TEST(a_finding_is_printed_with_its_place)
{
    g_autoptr(GPtrArray) findings =
        findings_of(DRAWN "[dx late]\nbetween = dc, vgw\nprepend = 2\n", NULL);
    const HsFinding *finding =
        find(findings, HS_FINDING_PREPEND_IN_VAIN, "[dx late] prepend");
    g_autoptr(GPtrArray) one = g_ptr_array_new();
    g_autoptr(GString) text = g_string_new(NULL);

    ck_assert_ptr_nonnull(finding);
    ck_assert_uint_eq(finding->line, 17);
    g_ptr_array_add(one, (void *)(uintptr_t)finding);
    hs_findings_text(one, "f.ini", text);
    ck_assert_str_eq(
        text->str,
        "PREPEND-IN-VAIN warning: prepending decides nothing between Direct "
        "Connect and VPN\n"
        "  [dx late] prepend (f.ini:17): [gateway vgw] prefers Direct Connect "
        "to VPN for the same prefix before it looks at the AS path; 2 more AS "
        "in it change nothing against [vpn v]. A longer prefix does\n"
        "  rule: AWS Site-to-Site VPN guide, \"Route priority\"\n");
}
END_TEST

START_TEST(serious_ones_stand_first)
{
    g_autoptr(GPtrArray) findings = findings_of(DRAWN, "dx x.rate=10Gbps");
    HsSeverity last = HS_SEVERITY_SERIOUS;

    ck_assert_uint_gt(findings->len, 2);
    for (guint i = 0; i < findings->len; i++) {
        const HsFinding *f = findings->pdata[i];

        ck_assert_int_le(hs_finding_severity(f->kind), last);
        last = hs_finding_severity(f->kind);
    }
    ck_assert_int_eq(last, HS_SEVERITY_ADVICE);
}
END_TEST

/* Nothing is wrong with this one: two locations, two routers, tunnels on both
 * that share an address, and only what is strong. */
START_TEST(a_good_design_has_none)
{
    static const char strong[] = "encryption = aes256-gcm16\n";
    g_autoptr(GString) text = g_string_new(
        "[onprem dc]\nasn = 65001\nprefix = 192.168.0.0/16\nrouters = 2\n"
        "[vpc app]\ncidr = 10.0.0.0/16\n"
        "[gateway core]\ntype = tgw\nattach = app\n"
        "[dx x]\nbetween = dc, core\nvif = public\nbfd = 300ms x 3\n"
        "[dx y]\nbetween = dc, core\nvif = public\nbfd = 300ms x 3\n"
        "router = 2\n");
    g_autoptr(GPtrArray) findings = NULL;

    for (unsigned i = 1; i <= 2; i++)
        g_string_append_printf(
            text,
            "[vpn v%u]\nbetween = dc, core\nunderlay = x, y\nrouter = %u\n"
            "aws.ike.%saws.ike.integrity = sha2-384\naws.ike.dh-group = 20\n"
            "ike.%saws.esp.%saws.esp.dh-group = 20\n",
            i, i, strong, strong, strong);
    g_string_append(text, "[database db]\nclient = app\nserver = dc\n");
    findings = findings_of(text->str, NULL);
    for (guint i = 0; i < findings->len; i++)
        ck_abort_msg("%s %s",
                     hs_finding_id(((HsFinding *)findings->pdata[i])->kind),
                     ((HsFinding *)findings->pdata[i])->evidence);
}
END_TEST

START_TEST(the_readme_has_every_finding)
{
    const char *top = g_getenv("TOP_SRCDIR");
    g_autofree char *path = g_build_filename(top != NULL ? top : ".",
                                             "scenarios", "README.md", NULL);
    g_autofree char *data = NULL;
    g_autoptr(GString) table = g_string_new(NULL);

    ck_assert(g_file_get_contents(path, &data, NULL, NULL));
    hs_findings_manual(table);
    ck_assert_msg(strstr(data, table->str) != NULL,
                  "scenarios/README.md does not have what tests/test_findings "
                  "--table prints");
}
END_TEST

static Suite *
findings_suite(void)
{
    Suite *suite = suite_create("findings");
    TCase *tc = tcase_create("static");

    tcase_add_loop_test(tc, a_design_has_it_and_another_has_not, 0,
                        G_N_ELEMENTS(rows));
    tcase_add_test(tc, every_finding_is_tested);
    tcase_add_test(tc, a_finding_is_printed_with_its_place);
    tcase_add_test(tc, serious_ones_stand_first);
    tcase_add_test(tc, a_good_design_has_none);
    tcase_add_test(tc, the_readme_has_every_finding);
    suite_add_tcase(suite, tc);
    return suite;
}

/* --table prints the table of scenarios/README.md. */
int
main(int argc, char **argv)
{
    g_autoptr(GString) table = g_string_new(NULL);

    if (argc == 2 && g_str_equal(argv[1], "--table")) {
        hs_findings_manual(table);
        fputs(table->str, stdout);
        return EXIT_SUCCESS;
    }
    return run_suite(findings_suite());
}
