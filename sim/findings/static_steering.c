/* Steering: what each side prefers, and whether that is one choice. */

#include "config.h"

#include "sim/findings/private.h"

void
hs_find_prepending(const HsFind *f, const GArray *paths)
{
    for (guint i = 0; i < paths->len; i++) {
        const HsFindPath *a = HS_FIND_PATH(paths, i);

        for (guint j = 0; a->policy->prepend > 0 && j < paths->len; j++) {
            const HsFindPath *b = HS_FIND_PATH(paths, j);

            if (!hs_find_same_ends(a, b) ||
                (a->dx != NULL) == (b->dx != NULL) ||
                hs_find_is_transport(f, a->dx) ||
                hs_find_is_transport(f, b->dx))
                continue;
            hs_findings_add(
                f->findings, HS_FINDING_PREPEND_IN_VAIN, a->element, "prepend",
                "[gateway %s] prefers Direct Connect to VPN for the same "
                "prefix before it looks at the AS path; %u more AS in it "
                "change nothing against [%s %s]. A longer prefix does",
                a->gateway->element.name, a->policy->prepend,
                hs_kind_name(b->element->kind), b->element->name);
            break;
        }
    }
}

/* 7300 before none or 7200 before 7100. */
static unsigned
preference_of(const HsBgpPolicy *policy)
{
    for (unsigned i = 0; i < policy->communities.count; i++) {
        if (policy->communities.values[i] == (UINT32_C(7224) << 16 | 7300))
            return 3;
        if (policy->communities.values[i] == (UINT32_C(7224) << 16 | 7100))
            return 1;
    }
    return 2;
}

/* What AWS prefers: >0: A. Direct Connect before VPN, then by community and
 * length of the path among interfaces, by the path alone among VPNs. */
static int
aws_prefers(const HsFindPath *a, const HsFindPath *b)
{
    if ((a->dx != NULL) != (b->dx != NULL))
        return a->dx != NULL ? 1 : -1;
    if (a->dx != NULL && preference_of(a->policy) != preference_of(b->policy))
        return preference_of(a->policy) > preference_of(b->policy) ? 1 : -1;
    if (a->policy->prepend != b->policy->prepend)
        return a->policy->prepend < b->policy->prepend ? 1 : -1;
    return 0;
}

static int
customer_prefers(const HsFindPath *a, const HsFindPath *b)
{
    uint32_t x = a->policy->local_preference, y = b->policy->local_preference;

    return x > y ? 1 : x < y ? -1 : 0;
}

/* A firewall that sees one direction of a flow on A and not the other on B. */
static const HsFirewall *
firewall_between(const HsScenario *scenario, const HsFindPath *a,
                 const HsFindPath *b)
{
    const HsFirewall *firewall;

    for (unsigned i = 0; (firewall = hs_scenario_firewall(scenario, i)); i++)
        if (hs_elements_have(&firewall->on, a->element) !=
            hs_elements_have(&firewall->on, b->element))
            return firewall;
    return NULL;
}

static bool
share_a_prefix(const HsFindPath *a, const HsFindPath *b)
{
    for (unsigned i = 0; i < a->announced->count; i++)
        for (unsigned j = 0; j < b->announced->count; j++)
            if (hs_prefix_equal(&a->announced->values[i],
                                &b->announced->values[j]))
                return true;
    return false;
}

static const char *
choice(int preference, const HsFindPath *a, const HsFindPath *b)
{
    return preference == 0  ? "neither"
           : preference > 0 ? a->element->name
                            : b->element->name;
}

void
hs_find_asymmetry(const HsFind *f, const HsFindPath *a, const HsFindPath *b)
{
    int aws = aws_prefers(a, b), customer = customer_prefers(a, b);
    const HsFirewall *firewall;

    /* Equal at both ends is sharing; a difference at one end is not. */
    if (aws == customer || !share_a_prefix(a, b))
        return;
    firewall = firewall_between(f->scenario, a, b);
    hs_findings_add(
        f->findings, HS_FINDING_ASYMMETRIC, a->element, NULL,
        "of %s and %s the customer gateway prefers %s (local "
        "preference %u and %u), AWS %s%s%s%s",
        a->element->name, b->element->name, choice(customer, a, b),
        a->policy->local_preference, b->policy->local_preference,
        choice(aws, a, b), firewall != NULL ? "; [firewall " : "",
        firewall != NULL ? firewall->element.name : "",
        firewall != NULL ? "] sees one direction and drops the other" : "");
}
