/* What tunnels negotiated, read from facts written by hand, and [expect]
 * crypto.… held against it. */

#include "config.h"

#include "sim/crypto.h"
#include "tests/harness/run.h"

#include <string.h>

#define END HS_SEC(5000)

typedef struct {
    HsTime at;
    const char *node, *subject, *from, *to, *suite;
} Line;

/* Tunnel 1 has CBC and is rekeyed with PFS, tunnel 2 GCM and is lost. */
static const Line told[] = {
    {HS_SEC(1), "dc", "b.tunnel1 ike", "negotiating", "established",
     "aes128-cbc/sha2-256/prf-sha2-256/modp2048"},
    {HS_SEC(1), "dc", "b.tunnel1 esp", "down", "established",
     "aes128-cbc-sha2-256"},
    {HS_SEC(2), "dc", "b.tunnel2 ike", "negotiating", "established",
     "aes256-gcm16/prf-sha2-384/ecp384"},
    {HS_SEC(2), "dc", "b.tunnel2 esp", "down", "established", "aes256-gcm16"},
    {HS_SEC(3001), "dc", "b.tunnel1 esp", "established", "rekeying", NULL},
    {HS_SEC(3001), "dc", "b.tunnel1 esp", "rekeying", "established",
     "aes128-cbc-sha2-256/modp2048"},
    {HS_SEC(4000), "dc", "b.tunnel2 esp", "established", "down", NULL},
};

static GArray *
negotiated_of(const Line *lines, size_t n)
{
    g_autoptr(HsFacts) facts = hs_facts_new();

    for (size_t i = 0; i < n; i++)
        hs_facts_append(facts, &(HsFact){.kind = HS_FACT_TUNNEL,
                                         .at = lines[i].at,
                                         .node = lines[i].node,
                                         .subject = lines[i].subject,
                                         .from = lines[i].from,
                                         .to = lines[i].to,
                                         .peer = lines[i].suite});
    return hs_negotiated(facts);
}

static const struct {
    const char *tunnel, *cipher, *suite;
    bool ike, rekeyed;
    unsigned group;
    HsTime until;
} expected[] = {
    {"b.tunnel1", "aes128", "aes128-sha2-256", true, false, 14, HS_TIME_NEVER},
    {"b.tunnel1", "aes128", "aes128-sha2-256", false, false, 0, HS_SEC(3001)},
    {"b.tunnel2", "aes256-gcm16", "aes256-gcm16-sha2-384", true, false, 20,
     HS_TIME_NEVER},
    {"b.tunnel2", "aes256-gcm16", "aes256-gcm16", false, false, 0,
     HS_SEC(4000)},
    {"b.tunnel1", "aes128", "aes128-sha2-256", false, true, 14, HS_TIME_NEVER},
};

START_TEST(facts_are_read)
{
    g_autoptr(GArray) list = negotiated_of(told, G_N_ELEMENTS(told));

    ck_assert_uint_eq(list->len, G_N_ELEMENTS(expected));
    for (guint i = 0; i < list->len; i++) {
        const HsNegotiated *sa = &g_array_index(list, HsNegotiated, i);

        ck_assert_str_eq(sa->tunnel, expected[i].tunnel);
        ck_assert_str_eq(sa->cipher, expected[i].cipher);
        ck_assert_str_eq(sa->suite, expected[i].suite);
        ck_assert_uint_eq(sa->group, expected[i].group);
        ck_assert_int_eq(sa->until, expected[i].until);
        ck_assert(sa->ike == expected[i].ike &&
                  sa->rekeyed == expected[i].rekeyed);
    }
}
END_TEST

/* With RULE in [expect]. */
static HsScenario *
scenario_with(const char *rule)
{
    static const char text[] =
        "[onprem dc]\nasn = 65001\nprefix = 172.16.0.0/24\n"
        "[vpc app]\ncidr = 10.0.0.0/16\n"
        "[gateway vgw]\ntype = vgw\nasn = 64512\nattach = app\n"
        "[vpn b]\nbetween = dc, vgw\nunderlay = internet\n"
        "[database orders]\nclient = app\nserver = dc\n"
        "[expect]\n";
    g_autofree char *data = g_strconcat(text, rule, "\n", NULL);
    g_autoptr(GError) error = NULL;
    HsScenario *scenario =
        hs_scenario_load_data("b.ini", data, strlen(data), NULL, &error);

    ck_assert_msg(scenario != NULL, "%s", error != NULL ? error->message : "");
    return scenario;
}

static const struct {
    const char *rule;
    size_t lines; /* of what is told; 0: all */
    HsOutcome outcome;
    const char *text, *why;
} rules[] = {
    {"crypto.suite = aes128, aes256-gcm16", 0, HS_OUTCOME_PASS,
     "crypto.suite aes128, aes256-gcm16, in 3 SAs", NULL},
    {"crypto.suite = aes128-sha2-256, aes256-gcm16", 0, HS_OUTCOME_PASS,
     "crypto.suite aes128-sha2-256, aes256-gcm16, in 3 SAs", NULL},
    {"crypto.suite = aes256-gcm16", 0, HS_OUTCOME_FAIL,
     "crypto.suite aes128-sha2-256, one of aes256-gcm16",
     "b.tunnel1 negotiated it"},
    {"crypto.suite = aes128-sha1, aes256-gcm16", 0, HS_OUTCOME_FAIL,
     "crypto.suite aes128-sha2-256, one of aes128-sha1, aes256-gcm16",
     "b.tunnel1 negotiated it"},
    {"crypto.ike.suite = aes128", 0, HS_OUTCOME_FAIL,
     "crypto.ike.suite aes256-gcm16-sha2-384, one of aes128",
     "b.tunnel2 negotiated it"},
    {"crypto.group = 14, 20", 0, HS_OUTCOME_PASS,
     "crypto.group 14, 20, in 3 SAs", NULL},
    {"crypto.group = 19, 20", 0, HS_OUTCOME_FAIL,
     "crypto.group 14, one of 19, 20", "b.tunnel1 negotiated it"},
    {"crypto.pfs = yes", 0, HS_OUTCOME_PASS, "crypto.pfs yes, in 1 SAs", NULL},
    {"crypto.pfs = yes", 4, HS_OUTCOME_NOT_OBSERVED,
     "crypto.pfs not observed, one of yes",
     "no ESP SA was replaced, and the first has its keys from IKE's exchange "
     "(RFC 7296 1.2)"},
    {"crypto.lifetime.max = 4000s", 0, HS_OUTCOME_PASS,
     "crypto.lifetime.max 3998s, at most 4000s", NULL},
    {"crypto.lifetime.max = 3600s", 0, HS_OUTCOME_FAIL,
     "crypto.lifetime.max 3998s, at most 3600s", "b.tunnel2 keeps one so long"},
    {"crypto.mode = tunnel", 0, HS_OUTCOME_PASS, "crypto.mode tunnel, in 3 SAs",
     NULL},
    {"crypto.mode = transport", 0, HS_OUTCOME_FAIL,
     "crypto.mode tunnel, one of transport", "b.tunnel1 negotiated it"},
    /* Tunnel 2 was never made. */
    {"crypto.suite = aes128", 2, HS_OUTCOME_NOT_OBSERVED,
     "crypto.suite not observed, one of aes128", "b.tunnel2 never came up"},
};

START_TEST(rules_are_held)
{
    size_t lines = rules[_i].lines > 0 ? rules[_i].lines : G_N_ELEMENTS(told);
    g_autoptr(GArray) list = negotiated_of(told, lines);
    g_autoptr(HsScenario) scenario = scenario_with(rules[_i].rule);
    g_autoptr(HsVerdict) verdict = hs_verdict_new(NULL, NULL, 0);
    const HsCheck *check;

    hs_crypto_judge(verdict, scenario, list, END);
    ck_assert_uint_eq(verdict->checks->len, 1);
    check = &g_array_index(verdict->checks, HsCheck, 0);
    ck_assert_str_eq(check->text, rules[_i].text);
    ck_assert_pstr_eq(check->why, rules[_i].why);
    ck_assert_str_eq(hs_outcome_name(check->outcome),
                     hs_outcome_name(rules[_i].outcome));
    ck_assert_uint_eq(verdict->passed, rules[_i].outcome == HS_OUTCOME_PASS);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("negotiated");
    TCase *tc = tcase_create("negotiated");

    tcase_add_test(tc, facts_are_read);
    tcase_add_loop_test(tc, rules_are_held, 0, G_N_ELEMENTS(rules));
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}
