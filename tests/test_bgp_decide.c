/* The decision process: for each step two routes that differ in it alone (and
 * in all later ones the other way round), both ways; then sets of routes in
 * every order; then policies. */

#include "config.h"

#include "models/bgp/decide.h"
#include "models/bgp/policy.h"
#include "models/bgp/wire.h"
#include "tests/harness/run.h"

#include <string.h>

/* A route in one line. */
typedef struct {
    BgpSource source;
    uint32_t local_pref; /* 0: none */
    const char *path;
    BgpOrigin origin;
    int64_t med; /* -1: none */
    uint32_t cost, id, address;
} Line;

static void
fill(BgpRoute *route, const Line *line)
{
    *route = (BgpRoute){
        .source = line->source,
        .attrs = bgp_attrs_new(),
        .igp_cost = line->cost,
        .peer_id = line->id,
        .peer_address = hs_addr_ipv4(line->address),
    };
    route->attrs->has_local_pref = line->local_pref != 0;
    route->attrs->local_pref = line->local_pref;
    route->attrs->origin = line->origin;
    route->attrs->has_med = line->med >= 0;
    route->attrs->med = line->med >= 0 ? (uint32_t)line->med : 0;
    ck_assert(bgp_as_path_parse(line->path, &route->attrs->as_path));
}

#define EBGP   BGP_SOURCE_EBGP
#define IBGP   BGP_SOURCE_IBGP
#define LOCAL  BGP_SOURCE_LOCAL
#define STATIC BGP_SOURCE_STATIC

static const struct {
    const char *step;
    Line better, worse;
} steps[] = {
    {BGP_STEP_LOCAL,
     {LOCAL, 50, "1 2", 2, 9, 9, 9, 9},
     {STATIC, 100, "1", 0, 0, 0, 1, 1}},
    {BGP_STEP_LOCAL,
     {STATIC, 50, "1 2", 2, 9, 9, 9, 9},
     {EBGP, 100, "1", 0, 0, 0, 1, 1}},
    {BGP_STEP_LOCAL_PREF,
     {IBGP, 200, "1 2", 2, 9, 9, 9, 9},
     {EBGP, 100, "1", 0, 0, 0, 1, 1}},
    /* A missing one counts 100. */
    {BGP_STEP_LOCAL_PREF,
     {EBGP, 0, "1 2", 2, 9, 9, 9, 9},
     {EBGP, 99, "1", 0, 0, 0, 1, 1}},
    {BGP_STEP_AS_PATH,
     {IBGP, 100, "1 2", 2, 9, 9, 9, 9},
     {EBGP, 100, "1 2 3", 0, 0, 0, 1, 1}},
    /* A set counts as one. */
    {BGP_STEP_AS_PATH,
     {IBGP, 100, "1 {2,3,4}", 2, 9, 9, 9, 9},
     {EBGP, 100, "1 2 3", 0, 0, 0, 1, 1}},
    {BGP_STEP_ORIGIN,
     {IBGP, 100, "1 2", 0, 9, 9, 9, 9},
     {EBGP, 100, "1 2", 1, 0, 0, 1, 1}},
    {BGP_STEP_ORIGIN,
     {IBGP, 100, "1 2", 1, 9, 9, 9, 9},
     {EBGP, 100, "1 2", 2, 0, 0, 1, 1}},
    {BGP_STEP_MED,
     {IBGP, 100, "1 2", 0, 8, 9, 9, 9},
     {EBGP, 100, "1 3", 0, 9, 0, 1, 1}},
    /* A missing MED is the lowest. */
    {BGP_STEP_MED,
     {IBGP, 100, "1 2", 0, -1, 9, 9, 9},
     {EBGP, 100, "1 3", 0, 1, 0, 1, 1}},
    /* Another neighbour: MED does not speak. */
    {BGP_STEP_EBGP,
     {EBGP, 100, "1 2", 0, 9, 9, 9, 9},
     {IBGP, 100, "4 2", 0, 0, 0, 1, 1}},
    {BGP_STEP_EBGP,
     {EBGP, 100, "1 2", 0, 9, 9, 9, 9},
     {IBGP, 100, "1 2", 0, 9, 0, 1, 1}},
    {BGP_STEP_IGP,
     {EBGP, 100, "1 2", 0, 9, 8, 9, 9},
     {EBGP, 100, "1 2", 0, 9, 9, 1, 1}},
    {BGP_STEP_ID,
     {EBGP, 100, "1 2", 0, 9, 9, 8, 9},
     {EBGP, 100, "1 2", 0, 9, 9, 9, 1}},
    {BGP_STEP_ADDRESS,
     {EBGP, 100, "1 2", 0, 9, 9, 9, 8},
     {EBGP, 100, "1 2", 0, 9, 9, 9, 9}},
};

START_TEST(each_step_decides)
{
    BgpRoute better, worse;
    BgpVerdict verdict;

    fill(&better, &steps[_i].better);
    fill(&worse, &steps[_i].worse);
    ck_assert_msg(bgp_compare_rfc(&better, &worse, NULL, &verdict) < 0,
                  "row %d: %s", _i, steps[_i].step);
    ck_assert_str_eq(verdict.step, steps[_i].step);
    ck_assert_msg(bgp_compare_rfc(&worse, &better, NULL, &verdict) > 0,
                  "row %d: %s, the other way", _i, steps[_i].step);
    ck_assert_str_eq(verdict.step, steps[_i].step);
    /* Equal cost begins behind step e. */
    ck_assert(verdict.equal_cost ==
              (strcmp(steps[_i].step, BGP_STEP_ID) == 0 ||
               strcmp(steps[_i].step, BGP_STEP_ADDRESS) == 0));
    bgp_attrs_unref(better.attrs);
    bgp_attrs_unref(worse.attrs);
}
END_TEST

START_TEST(med_options)
{
    static const BgpCompareOptions always = {.always_compare_med = true};
    static const BgpCompareOptions worst = {.med_missing_is_worst = true};
    Line low = {EBGP, 100, "1 2", 0, 5, 0, 9, 9};
    Line high = {EBGP, 100, "3 2", 0, 6, 0, 1, 1};
    Line none = {EBGP, 100, "1 2", 0, -1, 0, 1, 1};
    BgpRoute a, b, c;
    BgpVerdict verdict;

    fill(&a, &low);
    fill(&b, &high);
    fill(&c, &none);
    ck_assert_int_gt(bgp_compare_rfc(&a, &b, NULL, &verdict), 0);
    ck_assert_int_lt(bgp_compare_rfc(&a, &b, &always, &verdict), 0);
    ck_assert_str_eq(verdict.step, BGP_STEP_MED);
    ck_assert_int_gt(bgp_compare_rfc(&a, &c, NULL, &verdict), 0);
    ck_assert_int_lt(bgp_compare_rfc(&a, &c, &worst, &verdict), 0);
    bgp_attrs_unref(a.attrs);
    bgp_attrs_unref(b.attrs);
    bgp_attrs_unref(c.attrs);
}
END_TEST

/* The winner by elimination, as RFC 4271 9.1.2.2 is written, kept apart from
 * the code under test: each step removes from the whole set. */
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
    KEEP_LOWEST(-(int64_t)lines[i].local_pref);
    KEEP_LOWEST((int64_t)strlen(lines[i].path)); /* one digit each */
    KEEP_LOWEST(lines[i].origin);
    for (unsigned i = 0; i < count; i++)
        for (unsigned j = 0; j < count && in[i]; j++)
            if (in[j] && lines[j].path[0] == lines[i].path[0] &&
                lines[j].med < lines[i].med)
                in[i] = false;
    KEEP_LOWEST(lines[i].source);
    KEEP_LOWEST(lines[i].cost);
    KEEP_LOWEST(lines[i].id);
    KEEP_LOWEST(lines[i].address);
#undef KEEP_LOWEST
    while (!in[best])
        best++;
    return best;
}

/* Sets in which MED makes the pairwise order go round in a circle. */
static const Line sets[][5] = {
    {{EBGP, 100, "1 9", 0, 20, 0, 1, 1},
     {EBGP, 100, "1 9", 0, 10, 0, 3, 3},
     {EBGP, 100, "2 9", 0, 0, 0, 2, 2},
     {EBGP, 100, "2 9", 0, 5, 0, 0, 4},
     {IBGP, 100, "1 9", 0, 0, 0, 0, 5}},
    {{EBGP, 100, "1 9", 0, 10, 5, 1, 1},
     {EBGP, 100, "2 9", 0, 10, 4, 2, 2},
     {EBGP, 100, "1 9", 0, 5, 6, 3, 3},
     {EBGP, 100, "2 9", 1, 0, 1, 4, 4},
     {EBGP, 100, "3 9", 0, 50, 6, 0, 5}},
    {{EBGP, 90, "1", 0, 0, 0, 1, 1},
     {EBGP, 100, "1 2 3", 0, 1, 0, 2, 2},
     {EBGP, 100, "4 2 3", 0, 0, 0, 2, 3},
     {EBGP, 100, "1 2 3", 0, 2, 0, 0, 4},
     {IBGP, 100, "1 2 3", 0, 1, 0, 1, 5}},
};

static void
try_order(BgpRoute *const *order, const BgpRoute *expected)
{
    BgpDecision decision = bgp_decide(order, 5, bgp_compare_rfc, NULL);

    ck_assert_ptr_eq(decision.best, expected);
    ck_assert_ptr_nonnull(decision.runner_up);
}

START_TEST(every_order_gives_one_winner)
{
    BgpRoute routes[5], *order[5];
    unsigned tried = 0;
    const BgpRoute *expected = &routes[oracle(sets[_i], 5)];

    for (unsigned i = 0; i < 5; i++)
        fill(&routes[i], &sets[_i][i]);
    for (unsigned n = 0; n < 5 * 5 * 5 * 5 * 5; n++) {
        bool used[5] = {false}, permutation = true;

        for (unsigned i = 0, rest = n; i < 5; i++, rest /= 5) {
            permutation = permutation && !used[rest % 5];
            used[rest % 5] = true;
            order[i] = &routes[rest % 5];
        }
        if (!permutation)
            continue;
        try_order(order, expected);
        tried++;
    }
    ck_assert_uint_eq(tried, 120);
    for (unsigned i = 0; i < 5; i++)
        bgp_attrs_unref(routes[i].attrs);
}
END_TEST

START_TEST(unreachable_and_denied_take_no_part)
{
    Line best = {EBGP, 300, "1", 0, 0, UINT32_MAX, 1, 1};
    Line denied = {EBGP, 200, "1", 0, 0, 0, 1, 1};
    Line left = {EBGP, 100, "1 2", 0, 0, 0, 1, 1};
    BgpRoute a, b, c, *all[] = {&a, &b, &c};
    BgpDecision decision;

    fill(&a, &best);
    fill(&b, &denied);
    fill(&c, &left);
    g_clear_pointer(&b.attrs, bgp_attrs_unref);
    decision = bgp_decide(all, 3, bgp_compare_rfc, NULL);
    ck_assert_ptr_eq(decision.best, &c);
    ck_assert_str_eq(decision.step, BGP_STEP_ONLY);
    decision = bgp_decide(all, 2, bgp_compare_rfc, NULL);
    ck_assert_ptr_null(decision.best);
    bgp_attrs_unref(a.attrs);
    bgp_attrs_unref(c.attrs);
}
END_TEST

START_TEST(multipath_takes_equal_cost_only)
{
    static const Line lines[] = {{EBGP, 100, "1 2", 0, 0, 0, 3, 3},
                                 {EBGP, 100, "1 2", 0, 0, 0, 1, 1},
                                 {EBGP, 100, "1 3", 0, 0, 0, 2, 2},
                                 {EBGP, 100, "1 2", 0, 0, 0, 2, 2},
                                 {EBGP, 100, "1 2 3", 0, 0, 0, 0, 0}};
    static const BgpCompareOptions relax = {.multipath_relax = true};
    BgpRoute routes[5], *all[5];
    const BgpRoute *set[4];

    for (unsigned i = 0; i < 5; i++) {
        fill(&routes[i], &lines[i]);
        all[i] = &routes[i];
    }
    ck_assert_uint_eq(
        bgp_decide_multipath(all, 5, &routes[1], bgp_compare_rfc, NULL, set, 4),
        3);
    ck_assert_ptr_eq(set[0], &routes[1]);
    ck_assert_ptr_eq(set[1], &routes[3]);
    ck_assert_ptr_eq(set[2], &routes[0]);
    ck_assert_uint_eq(bgp_decide_multipath(all, 5, &routes[1], bgp_compare_rfc,
                                           &relax, set, 4),
                      4);
    ck_assert_uint_eq(
        bgp_decide_multipath(all, 5, &routes[1], bgp_compare_rfc, NULL, set, 2),
        2);
    ck_assert_ptr_eq(set[1], &routes[3]);
    for (unsigned i = 0; i < 5; i++)
        bgp_attrs_unref(routes[i].attrs);
}
END_TEST

/* Policies */

static const struct {
    const char *name, *rule, *route;
    uint8_t ge, le;
    bool matches;
} prefixes[] = {
    {"exact", "10.0.0.0/16", "10.0.0.0/16", 0, 0, true},
    {"inside, but exact wanted", "10.0.0.0/16", "10.0.1.0/24", 0, 0, false},
    {"le", "10.0.0.0/16", "10.0.1.0/24", 0, 24, true},
    {"beyond le", "10.0.0.0/16", "10.0.1.0/25", 0, 24, false},
    {"ge", "10.0.0.0/16", "10.0.1.0/24", 24, 0, true},
    {"below ge", "10.0.0.0/16", "10.0.0.0/16", 24, 0, false},
    {"ge and le", "10.0.0.0/16", "10.0.0.0/20", 18, 22, true},
    {"outside", "10.0.0.0/16", "10.1.0.0/24", 0, 32, false},
    {"shorter", "10.0.0.0/16", "10.0.0.0/8", 0, 32, false},
    {"default route", "0.0.0.0/0", "0.0.0.0/0", 0, 0, true},
    {"anything", "0.0.0.0/0", "192.0.2.1/32", 0, 32, true},
    {"IPv6 is not IPv4", "::/0", "10.0.0.0/8", 0, 128, false},
};

START_TEST(prefix_filters)
{
    BgpPolicyRule rule = {
        .match_prefix = true, .ge = prefixes[_i].ge, .le = prefixes[_i].le};
    g_autoptr(BgpAttrs) attrs = bgp_attrs_new();
    BgpRoute route = {.attrs = attrs};

    ck_assert(hs_prefix_parse(prefixes[_i].rule, &rule.prefix));
    ck_assert(hs_prefix_parse(prefixes[_i].route, &route.prefix));
    ck_assert_msg(bgp_policy_matches(&rule, &route, attrs) ==
                      prefixes[_i].matches,
                  "%s", prefixes[_i].name);
}
END_TEST

START_TEST(rules_change_in_order)
{
    g_autoptr(BgpPolicy) policy = bgp_policy_new();
    g_autoptr(BgpAttrs) attrs = bgp_attrs_new(), after = NULL;
    g_autofree char *text = NULL;
    BgpRoute route = {.attrs = attrs, .tag = 4, .source = EBGP};

    bgp_policy_add(policy, &(BgpPolicyRule){.match_tag = true,
                                            .tag = 4,
                                            .action = BGP_POLICY_NEXT,
                                            .add_community = true,
                                            .added = 0x1c201c84});
    /* Sees what the first one added. */
    bgp_policy_add(policy, &(BgpPolicyRule){.match_community = true,
                                            .community = 0x1c201c84,
                                            .action = BGP_POLICY_NEXT,
                                            .set_local_pref = true,
                                            .local_pref = 200,
                                            .set_med = true,
                                            .med = 7,
                                            .prepend = 2});
    bgp_policy_add(policy, &(BgpPolicyRule){.match_as = true,
                                            .as = 65001,
                                            .remove_community = true,
                                            .removed = 0x1c201c84,
                                            .add_community = true,
                                            .added = BGP_NO_EXPORT});
    bgp_policy_add(policy, &(BgpPolicyRule){.action = BGP_POLICY_DENY});
    after = bgp_policy_apply(policy, &route, attrs, 65001);
    ck_assert_ptr_nonnull(after);
    text = bgp_attrs_format(after);
    ck_assert_str_eq(text, "origin IGP path [65001 65001] med 7 local-pref 200 "
                           "communities no-export");
    /* What was shared is untouched. */
    ck_assert(!attrs->has_med && attrs->as_path == NULL);
    route.tag = 5;
    ck_assert_ptr_null(bgp_policy_apply(policy, &route, attrs, 65001));
}
END_TEST

START_TEST(no_rule_means_default)
{
    g_autoptr(BgpPolicy) policy = bgp_policy_new();
    g_autoptr(BgpAttrs) attrs = bgp_attrs_new(), a = NULL, b = NULL;
    BgpRoute route = {.attrs = attrs};

    a = bgp_policy_apply(policy, &route, attrs, 1);
    b = bgp_policy_apply(NULL, &route, attrs, 1);
    ck_assert_ptr_eq(a, attrs);
    ck_assert_ptr_eq(b, attrs);
    bgp_policy_set_default(policy, BGP_POLICY_DENY);
    ck_assert_ptr_null(bgp_policy_apply(policy, &route, attrs, 1));
}
END_TEST

static Suite *
suite(void)
{
    Suite *s = suite_create("bgp decision");
    TCase *t = tcase_create("decision");

    tcase_add_loop_test(t, each_step_decides, 0, G_N_ELEMENTS(steps));
    tcase_add_test(t, med_options);
    tcase_add_loop_test(t, every_order_gives_one_winner, 0, G_N_ELEMENTS(sets));
    tcase_add_test(t, unreachable_and_denied_take_no_part);
    tcase_add_test(t, multipath_takes_equal_cost_only);
    suite_add_tcase(s, t);
    t = tcase_create("policy");
    tcase_add_loop_test(t, prefix_filters, 0, G_N_ELEMENTS(prefixes));
    tcase_add_test(t, rules_change_in_order);
    tcase_add_test(t, no_rule_means_default);
    suite_add_tcase(s, t);
    return s;
}

int
main(void)
{
    return run_suite(suite());
}
