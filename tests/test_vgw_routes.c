/* Which route a virtual private gateway takes: for each step of AWS's order two
 * routes that differ in it, with all later steps speaking for the other one;
 * then whole sets of routes in every order of arrival. The order is that of the
 * VPN user guide ("Route priority") and, for communities, of the Direct Connect
 * user guide ("Local preference BGP communities"). */

#include "config.h"

#include "models/aws/vgw_routes.h"
#include "tests/harness/run.h"

#include <string.h>

/* A route in one line. */
typedef struct {
    HsVgwRouteClass class;
    uint32_t local_pref; /* 0: no community, so the default */
    const char *path;
    int64_t med;      /* -1: none */
    uint32_t address; /* of the peer */
    BgpSource source;
} Line;

#define EBGP   BGP_SOURCE_EBGP
#define STATIC BGP_SOURCE_STATIC
#define LOCAL  BGP_SOURCE_LOCAL
#define DX     HS_VGW_DX
#define VPN    HS_VGW_VPN_BGP
#define VPN_ST HS_VGW_VPN_STATIC

static void
fill(BgpRoute *route, const Line *line)
{
    *route = (BgpRoute){
        .source = line->source,
        .tag = (int)line->class,
        .attrs = bgp_attrs_new(),
        .peer_address = hs_addr_ipv4(line->address),
    };
    route->attrs->has_local_pref = line->local_pref != 0;
    route->attrs->local_pref = line->local_pref;
    route->attrs->has_med = line->med >= 0;
    route->attrs->med = line->med >= 0 ? (uint32_t)line->med : 0;
    ck_assert(bgp_as_path_parse(line->path, &route->attrs->as_path));
}

static const struct {
    const char *name, *step;
    Line better, worse;
} steps[] = {
    {"the VPC's own before what anybody announces",
     HS_VGW_STEP_VPC,
     {VPN, 50, "1 2 3", 9, 9, LOCAL},
     {DX, 150, "1", 0, 1, EBGP}},
    {"DX before BGP VPN, prepended as it may be",
     HS_VGW_STEP_CLASS,
     {DX, 0, "65001 65001 65001 65001 65001", 200, 9, EBGP},
     {VPN, 0, "65001", 0, 1, EBGP}},
    {"DX before BGP VPN, tagged low as it may be",
     HS_VGW_STEP_CLASS,
     {DX, 50, "65001", 200, 9, EBGP},
     {VPN, 0, "65001", 0, 1, EBGP}},
    {"DX before static VPN",
     HS_VGW_STEP_CLASS,
     {DX, 50, "65001 65001", 200, 9, EBGP},
     {VPN_ST, 0, "", 0, 1, STATIC}},
    {"static VPN before BGP VPN",
     HS_VGW_STEP_CLASS,
     {VPN_ST, 0, "", 9, 9, STATIC},
     {VPN, 0, "65001", 0, 1, EBGP}},
    {"7224:7300 before 7224:7200, whatever the path",
     HS_VGW_STEP_COMMUNITY,
     {DX, 150, "65001 65001 65001", 200, 9, EBGP},
     {DX, 100, "65001", 0, 1, EBGP}},
    {"7224:7200 before 7224:7100, whatever the path",
     HS_VGW_STEP_COMMUNITY,
     {DX, 100, "65001 65001 65001", 200, 9, EBGP},
     {DX, 50, "65001", 0, 1, EBGP}},
    {"7224:7300 before none",
     HS_VGW_STEP_COMMUNITY,
     {DX, 150, "65001 65001 65001", 200, 9, EBGP},
     {DX, 0, "65001", 0, 1, EBGP}},
    {"none before 7224:7100",
     HS_VGW_STEP_COMMUNITY,
     {DX, 0, "65001 65001 65001", 200, 9, EBGP},
     {DX, 50, "65001", 0, 1, EBGP}},
    {"none counts as 7224:7200",
     HS_VGW_STEP_PATH,
     {DX, 0, "65001", 200, 9, EBGP},
     {DX, 100, "65001 65001", 0, 1, EBGP}},
    {"shorter AS_PATH between VPNs",
     HS_VGW_STEP_PATH,
     {VPN, 0, "65001", 200, 9, EBGP},
     {VPN, 0, "65001 65001", 100, 1, EBGP}},
    {"an AS_SET counts as one AS",
     HS_VGW_STEP_PATH,
     {VPN, 0, "65001 {1,2,3}", 200, 9, EBGP},
     {VPN, 0, "65001 65001 65001", 100, 1, EBGP}},
    {"lower MED, same length and same first AS",
     HS_VGW_STEP_MED,
     {VPN, 0, "65001 7", 100, 9, EBGP},
     {VPN, 0, "65001 8", 200, 1, EBGP}},
    {"no MED is the lowest",
     HS_VGW_STEP_MED,
     {VPN, 0, "65001", -1, 9, EBGP},
     {VPN, 0, "65001", 1, 1, EBGP}},
    {"another first AS: MED does not speak",
     HS_VGW_STEP_CHOICE,
     {VPN, 0, "65001 7", 200, 1, EBGP},
     {VPN, 0, "65002 7", 100, 9, EBGP}},
    {"all the same, by VPN: one of them",
     HS_VGW_STEP_CHOICE,
     {VPN, 0, "65001", 100, 1, EBGP},
     {VPN, 0, "65001", 100, 9, EBGP}},
    {"all the same, by DX: both",
     HS_VGW_STEP_CHOICE,
     {DX, 0, "65001", 0, 1, EBGP},
     {DX, 0, "65001", 0, 9, EBGP}},
};

START_TEST(each_step_decides)
{
    BgpRoute better, worse;
    BgpVerdict verdict = {.equal_cost = true};

    fill(&better, &steps[_i].better);
    fill(&worse, &steps[_i].worse);
    ck_assert_msg(hs_vgw_compare(&better, &worse, NULL, &verdict) < 0, "%s",
                  steps[_i].name);
    ck_assert_str_eq(verdict.step, steps[_i].step);
    /* A VGW uses one tunnel of all; equal routes of DX share the load. */
    ck_assert(verdict.equal_cost ==
              (steps[_i].better.class == DX &&
               g_str_equal(steps[_i].step, HS_VGW_STEP_CHOICE)));
    ck_assert_msg(hs_vgw_compare(&worse, &better, NULL, &verdict) > 0,
                  "%s, the other way", steps[_i].name);
    ck_assert_str_eq(verdict.step, steps[_i].step);
    bgp_attrs_unref(better.attrs);
    bgp_attrs_unref(worse.attrs);
}
END_TEST

/* The winner by elimination, as AWS's list reads, kept apart from the code
 * under test: each step removes from the whole set. */
static unsigned
oracle(const Line *lines, unsigned count)
{
    bool in[8] = {false};
    unsigned best = 0;

    for (unsigned i = 0; i < count; i++)
        in[i] = true;
#define KEEP_LOWEST(value)                                                     \
    do {                                                                       \
        int64_t lowest = INT64_MAX;                                            \
        for (unsigned i = 0; i < count; i++)                                   \
            if (in[i])                                                         \
                lowest = MIN(lowest, (int64_t)(value));                        \
        for (unsigned i = 0; i < count; i++)                                   \
            in[i] = in[i] && (int64_t)(value) == lowest;                       \
    } while (0)
    KEEP_LOWEST(lines[i].class);
    KEEP_LOWEST(lines[i].local_pref == 0 ? -100
                                         : -(int64_t)lines[i].local_pref);
    KEEP_LOWEST((int64_t)strlen(lines[i].path)); /* one digit each */
    for (unsigned i = 0; i < count; i++)
        for (unsigned j = 0; j < count && in[i]; j++)
            if (in[j] && lines[j].path[0] == lines[i].path[0] &&
                lines[j].med < lines[i].med)
                in[i] = false;
    KEEP_LOWEST(lines[i].address);
#undef KEEP_LOWEST
    while (!in[best])
        best++;
    return best;
}

#define SET 5

static const Line sets[][SET] = {
    /* One of each class, the best class with everything else against it. */
    {{VPN, 0, "1", 0, 1, EBGP},
     {VPN, 0, "1", 5, 2, EBGP},
     {VPN_ST, 0, "", 0, 3, STATIC},
     {DX, 50, "1 1 1", 9, 5, EBGP},
     {DX, 50, "1 1 1", 9, 4, EBGP}},
    /* Communities against paths. */
    {{DX, 150, "1 1 1", 9, 5, EBGP},
     {DX, 0, "1", 0, 1, EBGP},
     {DX, 100, "1", 0, 2, EBGP},
     {DX, 50, "1", 0, 0, EBGP},
     {VPN, 0, "1", 0, 3, EBGP}},
    /* MED makes the pairwise order go round in a circle: 1 beats 0 by MED, 2
     * beats 1 by address, 0 beats 2 by address. */
    {{VPN, 0, "1 9", 20, 1, EBGP},
     {VPN, 0, "1 9", 10, 3, EBGP},
     {VPN, 0, "2 9", 0, 2, EBGP},
     {VPN, 0, "2 9", 5, 0, EBGP},
     {VPN, 0, "1 9", 30, 0, EBGP}},
    {{DX, 0, "1 9", 10, 1, EBGP},
     {DX, 0, "2 9", 10, 2, EBGP},
     {DX, 0, "1 9", 5, 3, EBGP},
     {DX, 0, "2 9", 0, 4, EBGP},
     {DX, 0, "3 9", 50, 5, EBGP}},
};

START_TEST(every_order_gives_one_winner)
{
    BgpRoute routes[SET], *order[SET];
    unsigned tried = 0;
    const BgpRoute *expected = &routes[oracle(sets[_i], SET)];

    for (unsigned i = 0; i < SET; i++)
        fill(&routes[i], &sets[_i][i]);
    for (unsigned n = 0; n < SET * SET * SET * SET * SET; n++) {
        bool used[SET] = {false}, permutation = true;
        BgpDecision decision;

        for (unsigned i = 0, rest = n; i < SET; i++, rest /= SET) {
            permutation = permutation && !used[rest % SET];
            used[rest % SET] = true;
            order[i] = &routes[rest % SET];
        }
        if (!permutation)
            continue;
        decision = bgp_decide(order, SET, hs_vgw_compare, NULL);
        ck_assert_msg(decision.best == expected,
                      "set %d, order %u: route %td instead of %td", _i, n,
                      decision.best - routes, expected - routes);
        tried++;
    }
    ck_assert_uint_eq(tried, 120);
    for (unsigned i = 0; i < SET; i++)
        bgp_attrs_unref(routes[i].attrs);
}
END_TEST

static Suite *
suite(void)
{
    Suite *s = suite_create("vgw_routes");
    TCase *tc = tcase_create("order");

    tcase_add_loop_test(tc, each_step_decides, 0, G_N_ELEMENTS(steps));
    tcase_add_loop_test(tc, every_order_gives_one_winner, 0,
                        G_N_ELEMENTS(sets));
    suite_add_tcase(s, tc);
    return s;
}

int
main(void)
{
    return run_suite(suite());
}
