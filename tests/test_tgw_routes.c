/* Which route a transit gateway's table takes: for each step of AWS's order two
 * routes that differ in it, with all later steps speaking for the other one;
 * then which equals share the load, and whole sets of routes in every order of
 * arrival. The order is that of the Transit gateway guide, "How transit
 * gateways work", sections "Route evaluation order" and "Equal Cost
 * Multipath". */

#include "config.h"

#include "models/aws/tgw_routes.h"
#include "tests/harness/run.h"

#include <string.h>

typedef struct {
    HsTgwRouteClass class;
    unsigned number; /* of what told it */
    const char *path;
    int64_t med; /* -1: none */
    BgpSource source;
} Line;

#define FIXED BGP_SOURCE_STATIC
#define EBGP  BGP_SOURCE_EBGP
#define IBGP  BGP_SOURCE_IBGP

static void
fill(BgpRoute *route, const Line *line)
{
    *route = (BgpRoute){
        .source = line->source,
        .tag = hs_tgw_tag(line->class, line->number),
        .attrs = bgp_attrs_new(),
    };
    route->attrs->has_med = line->med >= 0;
    route->attrs->med = line->med >= 0 ? (uint32_t)line->med : 0;
    ck_assert(bgp_as_path_parse(line->path, &route->attrs->as_path));
}

static const HsTgwCompareOptions ecmp = {.vpn_ecmp = true};
static const HsTgwCompareOptions no_ecmp = {.vpn_ecmp = false};

static const struct {
    const char *name, *step;
    Line better, worse;
} steps[] = {
    {"static before VPC",
     HS_TGW_STEP_CLASS,
     {HS_TGW_STATIC, 9, "1 2 3", 900, FIXED},
     {HS_TGW_VPC, 1, "", 0, FIXED}},
    {"VPC before DX gateway",
     HS_TGW_STEP_CLASS,
     {HS_TGW_VPC, 9, "1 2 3", 900, FIXED},
     {HS_TGW_DXGW, 1, "", 0, EBGP}},
    {"DX gateway before VPN over DX, prepended as it may be",
     HS_TGW_STEP_CLASS,
     {HS_TGW_DXGW, 9, "65001 65001 65001", 900, IBGP},
     {HS_TGW_VPN_PRIVATE, 1, "65001", 0, EBGP}},
    {"VPN over DX before VPN",
     HS_TGW_STEP_CLASS,
     {HS_TGW_VPN_PRIVATE, 9, "65001 65001", 900, IBGP},
     {HS_TGW_VPN, 1, "65001", 0, EBGP}},
    {"VPN before peering",
     HS_TGW_STEP_CLASS,
     {HS_TGW_VPN, 9, "65001 65001", 900, IBGP},
     {HS_TGW_PEERING, 1, "", 0, FIXED}},
    /* A static VPN's route is static: no Direct Connect beats it. */
    {"static VPN before DX gateway",
     HS_TGW_STEP_CLASS,
     {HS_TGW_STATIC, 9, "", -1, FIXED},
     {HS_TGW_DXGW, 1, "65001", 0, EBGP}},
    {"shorter AS_PATH between VPNs",
     HS_TGW_STEP_PATH,
     {HS_TGW_VPN, 9, "65001", 900, IBGP},
     {HS_TGW_VPN, 1, "65001 65001", 0, EBGP}},
    {"shorter AS_PATH between DX gateways",
     HS_TGW_STEP_PATH,
     {HS_TGW_DXGW, 9, "65001 7", 900, IBGP},
     {HS_TGW_DXGW, 1, "65001 65001 7", 0, EBGP}},
    {"an AS_SET counts as one AS",
     HS_TGW_STEP_PATH,
     {HS_TGW_VPN, 9, "65001 {1,2,3}", 900, IBGP},
     {HS_TGW_VPN, 1, "65001 65001 65001", 0, EBGP}},
    {"lower MED between VPNs",
     HS_TGW_STEP_MED,
     {HS_TGW_VPN, 9, "65001", 99, IBGP},
     {HS_TGW_VPN, 1, "65001", 100, EBGP}},
    {"lower MED, whoever the neighbours are",
     HS_TGW_STEP_MED,
     {HS_TGW_VPN, 9, "65001", 99, IBGP},
     {HS_TGW_VPN, 1, "65002", 100, EBGP}},
    {"a VPN without MED has 100: 99 is lower",
     HS_TGW_STEP_MED,
     {HS_TGW_VPN, 9, "65001", 99, IBGP},
     {HS_TGW_VPN, 1, "65001", -1, EBGP}},
    {"a VPN without MED has 100: 101 is higher",
     HS_TGW_STEP_MED,
     {HS_TGW_VPN, 9, "65001", -1, IBGP},
     {HS_TGW_VPN, 1, "65001", 101, EBGP}},
    {"a private VPN without MED has 100",
     HS_TGW_STEP_MED,
     {HS_TGW_VPN_PRIVATE, 9, "65001", -1, IBGP},
     {HS_TGW_VPN_PRIVATE, 1, "65001", 101, EBGP}},
    {"DX without MED has 0",
     HS_TGW_STEP_MED,
     {HS_TGW_DXGW, 9, "65001", -1, IBGP},
     {HS_TGW_DXGW, 1, "65001", 1, EBGP}},
    {"eBGP before iBGP",
     HS_TGW_STEP_EBGP,
     {HS_TGW_VPN, 9, "65001", 100, EBGP},
     {HS_TGW_VPN, 1, "65001", 100, IBGP}},
    {"all the same: what was attached first",
     HS_TGW_STEP_CHOICE,
     {HS_TGW_VPN, 1, "65001", 100, EBGP},
     {HS_TGW_VPN, 2, "65001", 100, EBGP}},
};

START_TEST(each_step_decides)
{
    BgpRoute better, worse;
    BgpVerdict verdict;

    fill(&better, &steps[_i].better);
    fill(&worse, &steps[_i].worse);
    ck_assert_msg(hs_tgw_compare(&better, &worse, &no_ecmp, &verdict) < 0, "%s",
                  steps[_i].name);
    ck_assert_msg(strcmp(verdict.step, steps[_i].step) == 0, "%s: %s",
                  steps[_i].name, verdict.step);
    ck_assert_msg(hs_tgw_compare(&worse, &better, &no_ecmp, &verdict) > 0,
                  "%s, the other way", steps[_i].name);
    ck_assert_str_eq(verdict.step, steps[_i].step);
    ck_assert(!verdict.equal_cost);
    bgp_attrs_unref(better.attrs);
    bgp_attrs_unref(worse.attrs);
}
END_TEST

static const struct {
    const char *name;
    Line a, b;
    bool with, without; /* VPN ECMP */
} equals[] = {
    {"two tunnels of VPNs share, if it is switched on",
     {HS_TGW_VPN, 1, "65001", 100, EBGP},
     {HS_TGW_VPN, 2, "65001", -1, EBGP},
     true,
     false},
    {"private VPNs likewise",
     {HS_TGW_VPN_PRIVATE, 1, "65001", 100, EBGP},
     {HS_TGW_VPN_PRIVATE, 2, "65001", 100, EBGP},
     true,
     false},
    {"not over different AS numbers",
     {HS_TGW_VPN, 1, "65001", 100, EBGP},
     {HS_TGW_VPN, 2, "65002", 100, EBGP},
     false,
     false},
    {"not with different lengths",
     {HS_TGW_VPN, 1, "65001", 100, EBGP},
     {HS_TGW_VPN, 2, "65001 65001", 100, EBGP},
     false,
     false},
    {"not with different MEDs",
     {HS_TGW_VPN, 1, "65001", 100, EBGP},
     {HS_TGW_VPN, 2, "65001", 200, EBGP},
     false,
     false},
    {"DX gateways share with the same AS_PATH, whatever is said of VPNs",
     {HS_TGW_DXGW, 1, "64600 65001", 0, EBGP},
     {HS_TGW_DXGW, 2, "64600 65001", 0, EBGP},
     true,
     true},
    {"and not with another",
     {HS_TGW_DXGW, 1, "64600 65001", 0, EBGP},
     {HS_TGW_DXGW, 2, "64601 65001", 0, EBGP},
     false,
     false},
    {"never across types",
     {HS_TGW_DXGW, 1, "65001", 100, EBGP},
     {HS_TGW_VPN, 2, "65001", 100, EBGP},
     false,
     false},
    {"not private and public VPN",
     {HS_TGW_VPN_PRIVATE, 1, "65001", 100, EBGP},
     {HS_TGW_VPN, 2, "65001", 100, EBGP},
     false,
     false},
    {"not peerings",
     {HS_TGW_PEERING, 1, "", 0, FIXED},
     {HS_TGW_PEERING, 2, "", 0, FIXED},
     false,
     false},
    {"not static routes",
     {HS_TGW_STATIC, 1, "", 0, FIXED},
     {HS_TGW_STATIC, 2, "", 0, FIXED},
     false,
     false},
    {"not VPCs",
     {HS_TGW_VPC, 1, "", 0, FIXED},
     {HS_TGW_VPC, 2, "", 0, FIXED},
     false,
     false},
};

START_TEST(who_shares_the_load)
{
    BgpRoute a, b;
    BgpVerdict verdict;

    fill(&a, &equals[_i].a);
    fill(&b, &equals[_i].b);
    hs_tgw_compare(&a, &b, &ecmp, &verdict);
    ck_assert_msg(verdict.equal_cost == equals[_i].with, "%s", equals[_i].name);
    hs_tgw_compare(&a, &b, &no_ecmp, &verdict);
    ck_assert_msg(verdict.equal_cost == equals[_i].without, "%s, without",
                  equals[_i].name);
    bgp_attrs_unref(a.attrs);
    bgp_attrs_unref(b.attrs);
}
END_TEST

/* The guide's own examples: the routes to one prefix, the best first. */
static const struct {
    const char *name;
    Line lines[6];
    unsigned count, shares;
} sets[] = {
    {"every type at once",
     {{HS_TGW_STATIC, 6, "", -1, FIXED},
      {HS_TGW_VPC, 5, "", -1, FIXED},
      {HS_TGW_DXGW, 4, "65001 65001 65001", 9, EBGP},
      {HS_TGW_VPN_PRIVATE, 3, "65001 65001", 9, EBGP},
      {HS_TGW_VPN, 2, "65001", 0, EBGP},
      {HS_TGW_PEERING, 1, "", -1, FIXED}},
     6,
     1},
    /* "VPN 1 and 2 with the same AS_PATH, VPN 3 prepended": two share. */
    {"four tunnels, two of them prepended",
     {{HS_TGW_VPN, 3, "65001", 100, EBGP},
      {HS_TGW_VPN, 4, "65001", 100, EBGP},
      {HS_TGW_VPN, 1, "65001 65001", 100, EBGP},
      {HS_TGW_VPN, 2, "65001 65001", 100, EBGP}},
     4,
     2},
    {"Direct Connect wins, its VPN backup waits",
     {{HS_TGW_DXGW, 3, "64600 65001", -1, EBGP},
      {HS_TGW_VPN, 1, "65001", -1, EBGP},
      {HS_TGW_VPN, 2, "65001", -1, EBGP}},
     3,
     1},
};

/* Calls CHECK with each order of 0 … n - 1 (Heap's algorithm). */
static void
permute(unsigned *order, unsigned k,
        void (*check)(const unsigned *order, unsigned set), unsigned set)
{
    if (k == 1) {
        check(order, set);
        return;
    }
    for (unsigned i = 0; i < k; i++) {
        unsigned other = k % 2 == 0 ? i : 0, swap;

        permute(order, k - 1, check, set);
        swap = order[other];
        order[other] = order[k - 1];
        order[k - 1] = swap;
    }
}

static void
check_set(const unsigned *order, unsigned set)
{
    BgpRoute routes[6];
    BgpRoute *given[6];
    const BgpRoute *shared[6];
    BgpDecision decision;
    unsigned n = sets[set].count;

    for (unsigned i = 0; i < n; i++)
        fill(&routes[i], &sets[set].lines[i]);
    for (unsigned i = 0; i < n; i++)
        given[i] = &routes[order[i]];
    decision = bgp_decide(given, n, hs_tgw_compare, &ecmp);
    ck_assert_msg(decision.best == &routes[0], "%s", sets[set].name);
    ck_assert_uint_eq(bgp_decide_multipath(given, n, decision.best,
                                           hs_tgw_compare, &ecmp, shared, 6),
                      sets[set].shares);
    for (unsigned i = 0; i < n; i++)
        bgp_attrs_unref(routes[i].attrs);
}

START_TEST(sets_in_every_order)
{
    unsigned order[6] = {0, 1, 2, 3, 4, 5};

    permute(order, sets[_i].count, check_set, (unsigned)_i);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("tgw_routes");
    TCase *tcase = tcase_create("tgw_routes");

    tcase_add_loop_test(tcase, each_step_decides, 0, G_N_ELEMENTS(steps));
    tcase_add_loop_test(tcase, who_shares_the_load, 0, G_N_ELEMENTS(equals));
    tcase_add_loop_test(tcase, sets_in_every_order, 0, G_N_ELEMENTS(sets));
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
