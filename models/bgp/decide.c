/* RFC 4271 9.1.1 and 9.1.2.2: degree of preference, then the tie-breakers a to
 * g. Each step is a line of a table of three-way comparisons, in order; the
 * first that is not a tie decides and gives its name. */

#include "config.h"

#include "models/bgp/decide.h"

static const char *const source_names[] = {"local", "static", "eBGP", "iBGP"};

const char *
bgp_source_name(BgpSource source)
{
    return (unsigned)source < G_N_ELEMENTS(source_names) ? source_names[source]
                                                         : "unknown";
}

static int
order(uint32_t a, uint32_t b)
{
    return (a > b) - (a < b);
}

/* The node's own routes stand before what it learned, its originated ones
 * before the injected. The RFC leaves them to local configuration (9.1.1). */
static uint32_t
rank_of_source(const BgpRoute *route)
{
    return MIN((uint32_t)route->source, (uint32_t)BGP_SOURCE_EBGP);
}

static uint32_t
local_pref(const BgpRoute *route)
{
    return route->attrs->has_local_pref ? route->attrs->local_pref : 100;
}

/* RFC 4271 9.1.2.2 c: a missing MED is the lowest value. */
static uint32_t
med(const BgpRoute *route, const BgpCompareOptions *options)
{
    if (route->attrs->has_med)
        return route->attrs->med;
    return options->med_missing_is_worst ? UINT32_MAX : 0;
}

/* The neighbour AS: what MED is meant for. A route without a path is of the
 * speaker's own AS. */
static uint32_t
neighbour_as(const BgpRoute *route)
{
    return bgp_as_path_first(route->attrs->as_path);
}

static int
compare_med(const BgpRoute *a, const BgpRoute *b,
            const BgpCompareOptions *options)
{
    if (!options->always_compare_med && neighbour_as(a) != neighbour_as(b))
        return 0;
    return order(med(a, options), med(b, options));
}

/* Up to here the routes are of one quality; what follows only picks one. */
static int
compare_quality(const BgpRoute *a, const BgpRoute *b,
                const BgpCompareOptions *options, const char **ret_step)
{
    int result;

#define STEP(name, comparison)                                                 \
    if ((result = (comparison)) != 0) {                                        \
        *ret_step = (name);                                                    \
        return result;                                                         \
    }
    STEP(BGP_STEP_LOCAL, order(rank_of_source(a), rank_of_source(b)))
    STEP(BGP_STEP_LOCAL_PREF, order(local_pref(b), local_pref(a)))
    STEP(BGP_STEP_AS_PATH, order(bgp_as_path_length(a->attrs->as_path),
                                 bgp_as_path_length(b->attrs->as_path)))
    STEP(BGP_STEP_ORIGIN, order(a->attrs->origin, b->attrs->origin))
    STEP(BGP_STEP_MED, compare_med(a, b, options))
    STEP(BGP_STEP_EBGP, order(a->source, b->source))
    STEP(BGP_STEP_IGP, order(a->igp_cost, b->igp_cost))
#undef STEP
    return 0;
}

static bool
same_path(const BgpRoute *a, const BgpRoute *b)
{
    GBytes *x = a->attrs->as_path, *y = b->attrs->as_path;

    if (x == NULL || y == NULL)
        return x == y;
    return g_bytes_equal(x, y);
}

int
bgp_compare_rfc(const BgpRoute *a, const BgpRoute *b, const void *user_data,
                BgpVerdict *ret_verdict)
{
    static const BgpCompareOptions defaults;
    const BgpCompareOptions *options =
        user_data != NULL ? user_data : &defaults;
    BgpVerdict verdict = {.step = BGP_STEP_ONLY};
    int result = compare_quality(a, b, options, &verdict.step);

    if (result == 0) {
        verdict.equal_cost = options->multipath_relax || same_path(a, b);
        verdict.step = BGP_STEP_ID;
        result = order(a->peer_id, b->peer_id);
    }
    if (result == 0) {
        verdict.step = BGP_STEP_ADDRESS;
        result = hs_addr_compare(&a->peer_address, &b->peer_address);
    }
    if (result == 0) /* two of the node's own: by their class */
        result = (a->tag > b->tag) - (a->tag < b->tag);
    *ret_verdict = verdict;
    return result;
}

/* RFC 4271 9.1.2: routes whose next hop cannot be resolved are excluded. */
static bool
is_eligible(const BgpRoute *route)
{
    return route->attrs != NULL && route->igp_cost != UINT32_MAX;
}

/* The best of those with neighbour AS of LEADER, or simply of all. */
static BgpRoute *
best_of(BgpRoute *const *routes, unsigned count, BgpCompareFunc compare,
        const void *user_data, const BgpRoute *leader, const BgpRoute *except)
{
    BgpRoute *best = NULL;
    BgpVerdict verdict;

    for (unsigned i = 0; i < count; i++) {
        BgpRoute *route = routes[i];

        if (!is_eligible(route) || route == except ||
            (leader != NULL && neighbour_as(route) != neighbour_as(leader)))
            continue;
        if (best == NULL || compare(route, best, user_data, &verdict) < 0)
            best = route;
    }
    return best;
}

/* The winners of each neighbour AS against each other. There are few routes to
 * one prefix, so groups are found by looking again. */
static BgpRoute *
best_of_groups(BgpRoute *const *routes, unsigned count, BgpCompareFunc compare,
               const void *user_data, const BgpRoute *except)
{
    BgpRoute *best = NULL;
    BgpVerdict verdict;

    for (unsigned i = 0; i < count; i++) {
        BgpRoute *winner;

        if (!is_eligible(routes[i]) || routes[i] == except)
            continue;
        winner = best_of(routes, count, compare, user_data, routes[i], except);
        if (winner != routes[i])
            continue;
        if (best == NULL || compare(winner, best, user_data, &verdict) < 0)
            best = winner;
    }
    return best;
}

BgpDecision
bgp_decide(BgpRoute *const *routes, unsigned count, BgpCompareFunc compare,
           const void *user_data)
{
    BgpDecision decision = {.step = BGP_STEP_ONLY};
    BgpVerdict verdict;

    decision.best = best_of_groups(routes, count, compare, user_data, NULL);
    if (decision.best == NULL)
        return decision;
    decision.runner_up =
        best_of_groups(routes, count, compare, user_data, decision.best);
    if (decision.runner_up != NULL) {
        compare(decision.best, decision.runner_up, user_data, &verdict);
        decision.step = verdict.step;
    }
    return decision;
}

unsigned
bgp_decide_multipath(BgpRoute *const *routes, unsigned count,
                     const BgpRoute *best, BgpCompareFunc compare,
                     const void *user_data, const BgpRoute **ret_set,
                     unsigned max)
{
    BgpVerdict verdict;
    unsigned found = 0;

    if (best == NULL || max == 0)
        return 0;
    ret_set[found++] = best;
    for (unsigned i = 0; i < count; i++) {
        const BgpRoute *route = routes[i];
        unsigned at;

        if (!is_eligible(route) || route == best)
            continue;
        compare(best, route, user_data, &verdict);
        if (!verdict.equal_cost)
            continue;
        /* In order of the comparison; the best stays in front. */
        for (at = found; at > 1; at--) {
            if (compare(route, ret_set[at - 1], user_data, &verdict) > 0)
                break;
            if (at < max)
                ret_set[at] = ret_set[at - 1];
        }
        if (at < max)
            ret_set[at] = route;
        found = MIN(found + 1, max);
    }
    return found;
}
