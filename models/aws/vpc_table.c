/* The candidates of a route table are those of a BGP speaker without sessions;
 * a tag says class and target of each:
 *
 *     bits 16..    HsVpcRouteClass
 *     bits 0..15   index of the target
 *
 * Departure: which hundred of more propagated routes AWS takes is not
 * published; here it is the first hundred, and one that waits comes in when
 * another goes. */

#include "config.h"

#include "models/aws/vpc_table.h"

#include <string.h>

#define CLASS_SHIFT 16
#define TARGET_MASK 0xffff

struct HsVpcTable {
    HsEnv *env; /* borrowed */
    HsVpcTableConfig config;
    HsRng *rng;          /* owned */
    BgpSpeaker *speaker; /* owned */
    GArray *targets;     /* HsVpcTarget, by index; the first is local */
    GArray *statics;     /* HsPrefix */
    GArray *propagated;  /* Propagated: the first hundred are in the table */
};

typedef struct {
    HsPrefix prefix;
    int tag;
} Propagated;

const char *
hs_vpc_target_name(HsVpcTargetKind kind)
{
    static const char *const names[] = {
#define X(name, text) text,
        HS_VPC_TARGETS(X)
#undef X
    };

    g_assert(kind < HS_VPC_TARGET_COUNT);
    return names[kind];
}

const char *
hs_vpc_refusal_text(HsVpcRefusal refusal)
{
    static const char *const texts[] = {
#define X(name, text) text,
        HS_VPC_REFUSALS(X)
#undef X
    };

    g_assert(refusal < HS_VPC_REFUSAL_COUNT);
    return texts[refusal];
}

/* The order */

static int
order(int a, int b)
{
    return (a > b) - (a < b);
}

HsVpcRouteClass
hs_vpc_route_class(const BgpRoute *route)
{
    return (HsVpcRouteClass)(route->tag >> CLASS_SHIFT);
}

int
hs_vpc_compare(const BgpRoute *a, const BgpRoute *b, const void *user_data,
               BgpVerdict *ret_verdict)
{
    int class_a = a->tag >> CLASS_SHIFT, class_b = b->tag >> CLASS_SHIFT;

    (void)user_data;
    ret_verdict->equal_cost = false;
    ret_verdict->step = HS_VPC_STEP_LOCAL;
    if ((class_a == HS_VPC_LOCAL) != (class_b == HS_VPC_LOCAL))
        return order(class_a, class_b);
    ret_verdict->step = HS_VPC_STEP_STATIC;
    if (class_a != class_b)
        return order(class_a, class_b);
    /* A VPC has one virtual private gateway, so that this does not happen but
     * for callers of their own. */
    ret_verdict->step = HS_VPC_STEP_FIRST;
    return order(a->tag, b->tag);
}

/* Making one */

static int
tag_of(HsVpcTable *table, HsVpcRouteClass class, const HsVpcTarget *target)
{
    guint i;

    for (i = 0; i < table->targets->len; i++) {
        const HsVpcTarget *there =
            &g_array_index(table->targets, HsVpcTarget, i);

        if (there->kind == target->kind && there->port == target->port)
            break;
    }
    if (i == table->targets->len)
        g_array_append_val(table->targets, *target);
    g_assert(i <= TARGET_MASK);
    return (int)class << CLASS_SHIFT | (int)i;
}

static const HsVpcTarget *
target_of(const HsVpcTable *table, int tag)
{
    return &g_array_index(table->targets, HsVpcTarget, tag & TARGET_MASK);
}

static bool
is_shadowed(const HsVpcTable *table, const HsPrefix *prefix, int tag)
{
    return tag >> CLASS_SHIFT == HS_VPC_PROPAGATED &&
           hs_prefix_covers(&table->config.cidr, prefix);
}

static void
tell(HsVpcTable *table, const BgpSpeakerOutput *output)
{
    bool there = output->paths > 0;
    char prefix[HS_PREFIX_TEXT];

    hs_env_fact(
        table->env,
        &(HsFact){
            .kind = HS_FACT_ROUTE_BEST,
            .subject =
                g_intern_string(hs_prefix_format(&output->prefix, prefix)),
            .from = output->had_best ? target_of(table, output->old_tag)->name
                                     : NULL,
            .to = there ? target_of(table, output->tag)->name : NULL,
            .cause = there && is_shadowed(table, &output->prefix, output->tag)
                         ? HS_VPC_STEP_LOCAL_WINS
                         : output->cause});
    if (hs_prefix_equal(&output->prefix, &table->config.cidr))
        return; /* the local route stays */
    if (there && is_shadowed(table, &output->prefix, output->tag))
        there = false;
    table->config.changed(table->config.user_data, &output->prefix,
                          (HsVpcRouteClass)(output->tag >> CLASS_SHIFT),
                          there ? target_of(table, output->tag) : NULL);
}

static void
settle(HsVpcTable *table)
{
    BgpSpeakerOutput output;

    while (bgp_speaker_poll(table->speaker, &output)) {
        if (output.kind == BGP_SPEAKER_BEST_CHANGED)
            tell(table, &output);
        bgp_speaker_output_clear(&output);
    }
}

static void
originate(HsVpcTable *table, const HsPrefix *prefix, BgpSource source, int tag)
{
    bgp_speaker_originate(table->speaker, hs_env_now(table->env), prefix, NULL,
                          source, tag);
    settle(table);
}

static void
withdraw(HsVpcTable *table, const HsPrefix *prefix, int tag)
{
    bgp_speaker_withdraw(table->speaker, hs_env_now(table->env), prefix,
                         BGP_SOURCE_STATIC, tag);
    settle(table);
}

HsVpcTable *
hs_vpc_table_new(HsEnv *env, const HsVpcTableConfig *config)
{
    HsVpcTable *table = g_new0(HsVpcTable, 1);
    HsVpcTarget local = {HS_VPC_TARGET_LOCAL, "local", 0};
    HsAddr id = hs_prefix_host(&config->cidr, 1);

    table->env = env;
    table->config = *config;
    table->config.cidr = hs_prefix_masked(&config->cidr);
    if (table->config.static_max == 0)
        table->config.static_max = HS_VPC_STATIC_MAX;
    table->rng = hs_env_rng_new(env, config->name);
    /* It speaks to nobody: AS and identifier are never seen. */
    table->speaker =
        bgp_speaker_new(&(BgpSpeakerConfig){.asn = 1,
                                            .router_id = hs_addr_to_ipv4(&id),
                                            .compare = hs_vpc_compare},
                        table->rng);
    table->targets = g_array_new(FALSE, FALSE, sizeof(HsVpcTarget));
    table->statics = g_array_new(FALSE, FALSE, sizeof(HsPrefix));
    table->propagated = g_array_new(FALSE, FALSE, sizeof(Propagated));
    originate(table, &table->config.cidr, BGP_SOURCE_LOCAL,
              tag_of(table, HS_VPC_LOCAL, &local));
    return table;
}

void
hs_vpc_table_free(HsVpcTable *table)
{
    if (table == NULL)
        return;
    bgp_speaker_free(table->speaker);
    hs_rng_free(table->rng);
    g_array_unref(table->targets);
    g_array_unref(table->statics);
    g_array_unref(table->propagated);
    g_free(table);
}

/* Static routes */

static guint
find_static(const HsVpcTable *table, const HsPrefix *prefix)
{
    for (guint i = 0; i < table->statics->len; i++)
        if (hs_prefix_equal(&g_array_index(table->statics, HsPrefix, i),
                            prefix))
            return i;
    return table->statics->len;
}

/* VPC user guide, "Route table concepts": a destination within the VPC's CIDR
 * takes a NAT gateway, a network interface or a Gateway Load Balancer. */
static HsVpcRefusal
refusal_of(const HsVpcTable *table, const HsPrefix *prefix,
           const HsVpcTarget *target)
{
    if (hs_prefix_equal(prefix, &table->config.cidr))
        return HS_VPC_REFUSAL_LOCAL;
    if (hs_prefix_covers(&table->config.cidr, prefix) &&
        target->kind != HS_VPC_TARGET_NAT)
        return HS_VPC_REFUSAL_MORE_SPECIFIC;
    if (find_static(table, prefix) < table->statics->len)
        return HS_VPC_REFUSAL_TWICE;
    if (table->statics->len >= table->config.static_max)
        return HS_VPC_REFUSAL_FULL;
    return HS_VPC_REFUSAL_NONE;
}

HsVpcRefusal
hs_vpc_table_add_static(HsVpcTable *table, const HsPrefix *given,
                        const HsVpcTarget *target)
{
    HsPrefix prefix = hs_prefix_masked(given);
    HsVpcRefusal refusal = refusal_of(table, &prefix, target);

    if (refusal != HS_VPC_REFUSAL_NONE)
        return refusal;
    g_array_append_val(table->statics, prefix);
    originate(table, &prefix, BGP_SOURCE_STATIC,
              tag_of(table, HS_VPC_STATIC, target));
    return refusal;
}

void
hs_vpc_table_remove_static(HsVpcTable *table, const HsPrefix *given)
{
    HsPrefix prefix = hs_prefix_masked(given);
    guint at = find_static(table, &prefix);
    const BgpRoute *const *routes;
    unsigned n;

    if (at == table->statics->len)
        return;
    g_array_remove_index(table->statics, at);
    n = bgp_speaker_candidates(table->speaker, &prefix, &routes);
    for (unsigned i = 0; i < n; i++)
        if (hs_vpc_route_class(routes[i]) == HS_VPC_STATIC) {
            withdraw(table, &prefix, routes[i]->tag);
            return;
        }
    g_assert_not_reached();
}

/* Propagated routes */

static guint
find_propagated(const HsVpcTable *table, const HsPrefix *prefix, int tag)
{
    guint i;

    for (i = 0; i < table->propagated->len; i++) {
        const Propagated *p = &g_array_index(table->propagated, Propagated, i);

        if (p->tag == tag && hs_prefix_equal(&p->prefix, prefix))
            break;
    }
    return i;
}

static void
come_in(HsVpcTable *table, guint index)
{
    Propagated p = g_array_index(table->propagated, Propagated, index);

    originate(table, &p.prefix, BGP_SOURCE_STATIC, p.tag);
}

void
hs_vpc_table_propagate(HsVpcTable *table, const HsPrefix *given,
                       const HsVpcTarget *target, bool present)
{
    Propagated p = {hs_prefix_masked(given),
                    tag_of(table, HS_VPC_PROPAGATED, target)};
    guint at = find_propagated(table, &p.prefix, p.tag);
    bool known = at < table->propagated->len;

    if (present == known)
        return;
    if (present) {
        g_array_append_val(table->propagated, p);
        if (at < HS_VPC_PROPAGATED_MAX)
            come_in(table, at);
        return;
    }
    g_array_remove_index(table->propagated, at);
    if (at >= HS_VPC_PROPAGATED_MAX)
        return; /* it only waited */
    withdraw(table, &p.prefix, p.tag);
    if (table->propagated->len >= HS_VPC_PROPAGATED_MAX)
        come_in(table, HS_VPC_PROPAGATED_MAX - 1);
}

/* Queries */

const char *
hs_vpc_table_name(const HsVpcTable *table)
{
    return table->config.name;
}

unsigned
hs_vpc_table_static(const HsVpcTable *table)
{
    return table->statics->len;
}

unsigned
hs_vpc_table_propagated(const HsVpcTable *table)
{
    return MIN(table->propagated->len, HS_VPC_PROPAGATED_MAX);
}

unsigned
hs_vpc_table_waiting(const HsVpcTable *table)
{
    return table->propagated->len - hs_vpc_table_propagated(table);
}

const HsVpcTarget *
hs_vpc_table_target(const HsVpcTable *table, const BgpRoute *route)
{
    return target_of(table, route->tag);
}

bool
hs_vpc_table_shadowed(const HsVpcTable *table, const BgpRoute *best)
{
    return is_shadowed(table, &best->prefix, best->tag);
}

const BgpSpeaker *
hs_vpc_table_speaker(const HsVpcTable *table)
{
    return table->speaker;
}
