/* Policies: see policy.h. Attributes are shared, so a rule that changes them
 * works on a copy, made when the first change comes. */

#include "config.h"

#include "models/bgp/policy.h"

struct BgpPolicy {
    gint references;
    GArray *rules; /* owned, BgpPolicyRule */
    BgpPolicyAction fallback;
};

BgpPolicy *
bgp_policy_new(void)
{
    BgpPolicy *policy = g_new0(BgpPolicy, 1);

    policy->references = 1;
    policy->rules = g_array_new(FALSE, FALSE, sizeof(BgpPolicyRule));
    return policy;
}

BgpPolicy *
bgp_policy_ref(BgpPolicy *policy)
{
    policy->references++;
    return policy;
}

void
bgp_policy_unref(BgpPolicy *policy)
{
    if (policy == NULL || --policy->references > 0)
        return;
    g_array_unref(policy->rules);
    g_free(policy);
}

void
bgp_policy_add(BgpPolicy *policy, const BgpPolicyRule *rule)
{
    g_array_append_val(policy->rules, *rule);
}

void
bgp_policy_set_default(BgpPolicy *policy, BgpPolicyAction action)
{
    policy->fallback = action;
}

static bool
matches_prefix(const BgpPolicyRule *rule, const HsPrefix *prefix)
{
    unsigned low = rule->ge != 0 ? rule->ge : rule->prefix.length;
    unsigned high = rule->le != 0   ? rule->le
                    : rule->ge != 0 ? hs_addr_bits(&rule->prefix.addr)
                                    : rule->prefix.length;

    return hs_prefix_covers(&rule->prefix, prefix) && prefix->length >= low &&
           prefix->length <= high;
}

bool
bgp_policy_matches(const BgpPolicyRule *rule, const BgpRoute *route,
                   const BgpAttrs *attrs)
{
    return (!rule->match_prefix || matches_prefix(rule, &route->prefix)) &&
           (!rule->match_community ||
            bgp_communities_contain(attrs->communities, rule->community)) &&
           (!rule->match_as ||
            bgp_as_path_contains(attrs->as_path, rule->as)) &&
           (!rule->match_tag || rule->tag == route->tag) &&
           (!rule->match_source || rule->source == route->source);
}

static bool
changes_anything(const BgpPolicyRule *rule)
{
    return rule->set_local_pref || rule->set_med || rule->clear_med ||
           rule->set_next_hop || rule->prepend > 0 || rule->strip_communities ||
           rule->add_community || rule->remove_community;
}

static void
replace_bytes(GBytes **place, GBytes *with)
{
    g_clear_pointer(place, g_bytes_unref);
    *place = with;
}

static void
change(BgpAttrs *attrs, const BgpPolicyRule *rule, uint32_t local_as)
{
    if (rule->set_local_pref) {
        attrs->has_local_pref = true;
        attrs->local_pref = rule->local_pref;
    }
    if (rule->clear_med)
        attrs->has_med = false;
    if (rule->set_med) {
        attrs->has_med = true;
        attrs->med = rule->med;
    }
    if (rule->set_next_hop)
        attrs->next_hop = rule->next_hop;
    if (rule->prepend > 0)
        replace_bytes(&attrs->as_path,
                      bgp_as_path_prepend(
                          attrs->as_path,
                          rule->prepend_as != 0 ? rule->prepend_as : local_as,
                          rule->prepend));
    if (rule->strip_communities)
        replace_bytes(&attrs->communities, NULL);
    if (rule->remove_community)
        replace_bytes(
            &attrs->communities,
            bgp_communities_remove(attrs->communities, rule->removed));
    if (rule->add_community)
        replace_bytes(&attrs->communities,
                      bgp_communities_add(attrs->communities, rule->added));
}

BgpAttrs *
bgp_policy_apply(const BgpPolicy *policy, const BgpRoute *route,
                 BgpAttrs *attrs, uint32_t local_as)
{
    g_autoptr(BgpAttrs) result = bgp_attrs_ref(attrs);
    BgpPolicyAction verdict =
        policy != NULL ? policy->fallback : BGP_POLICY_PERMIT;

    for (guint i = 0; policy != NULL && i < policy->rules->len; i++) {
        const BgpPolicyRule *rule =
            &g_array_index(policy->rules, BgpPolicyRule, i);

        if (!bgp_policy_matches(rule, route, result))
            continue;
        if (rule->action != BGP_POLICY_DENY && changes_anything(rule)) {
            BgpAttrs *copy = bgp_attrs_copy(result);

            bgp_attrs_unref(result);
            result = copy;
            change(result, rule, local_as);
        }
        if (rule->action != BGP_POLICY_NEXT) {
            verdict = rule->action;
            break;
        }
    }
    if (verdict == BGP_POLICY_DENY)
        return NULL;
    return g_steal_pointer(&result);
}
