/* The fail-back: what happens when the fault is cleared.
 *
 * Sessions come back, routes move back, and on the way packets may be lost or
 * overtaken once more. Its window lasts from the clearing to the next fault,
 * or to the end of the run. It is complete with the last session up and the
 * last change of a forwarding table in there. */

#include "config.h"

#include "sim/observe/private.h"

bool
hs_fact_came_up(const HsFact *fact)
{
    static const char *const words[] = {"up", "established", "usable"};

    if (fact->to == NULL || g_strcmp0(fact->from, fact->to) == 0)
        return false;
    /* What was replaced had not been away. */
    if (g_strcmp0(fact->from, "rekeying") == 0)
        return false;
    for (size_t i = 0; i < G_N_ELEMENTS(words); i++)
        if (g_ascii_strcasecmp(fact->to, words[i]) == 0)
            return true;
    return false;
}

static void
take_route(HsFailback *f, const HsFact *fact)
{
    if (f->routes_count++ == 0)
        f->routes_first = fact->at;
    f->routes_status = HS_STATUS_HAPPENED;
    f->routes_last = fact->at;
    f->routes_node = fact->node;
    f->routes_evidence = fact->evidence;
}

static void
find_control_plane(const HsAnalysis *a, HsFailback *f)
{
    const uint32_t kinds = HS_FACT_BIT(HS_FACT_CARRIER) |
                           HS_FACT_BIT(HS_FACT_BFD) | HS_FACT_BIT(HS_FACT_BGP) |
                           HS_FACT_BIT(HS_FACT_TUNNEL) |
                           HS_FACT_BIT(HS_FACT_FIB);
    HsTime last = f->cleared;
    HsFact fact;

    for (size_t i = hs_facts_from(a->facts, f->cleared);
         hs_facts_next(a->facts, &i, kinds, &fact) && fact.at < f->until;) {
        HsSessionUp up = {.at = fact.at,
                          .node = fact.node,
                          .kind = fact.kind,
                          .subject = fact.subject,
                          .evidence = fact.evidence};

        if (fact.kind == HS_FACT_FIB && fact.from == fact.to)
            continue;
        if (fact.kind == HS_FACT_FIB)
            take_route(f, &fact);
        else if (hs_fact_came_up(&fact))
            g_array_append_val(f->sessions_up, up);
        else
            continue;
        last = fact.at;
    }
    if (f->routes_count == 0 && f->sessions_up->len == 0)
        return;
    f->complete_status = HS_STATUS_HAPPENED;
    f->complete = last - f->cleared;
}

static void
find_clients(const HsAnalysis *a, const HsFaultTimeline *fault, HsFailback *f)
{
    for (guint i = 0; i < fault->clients->len; i++) {
        const HsClientFailover *failover =
            &g_array_index(fault->clients, HsClientFailover, i);
        const HsClientSamples *client =
            g_ptr_array_index(a->samples->clients, i);
        HsClientFailback back = {
            .client = client->client,
            .requests = hs_recovery_count(client, f->cleared, f->until,
                                          failover->late_over),
            .gap = hs_recovery_gap(a, client, f->cleared, f->until),
        };

        g_array_append_val(f->clients, back);
    }
}

void
hs_failback_fill(const HsAnalysis *a, HsFaultTimeline *fault, HsTime next)
{
    HsFailback *f = &fault->failback;
    bool routes = hs_facts_count_of(a->facts, HS_FACT_FIB) > 0;

    *f = (HsFailback){
        .status = HS_STATUS_DID_NOT_HAPPEN,
        .cleared = fault->cleared,
        .until = next,
        .sessions_up = g_array_new(FALSE, FALSE, sizeof(HsSessionUp)),
        .routes_status =
            routes ? HS_STATUS_DID_NOT_HAPPEN : HS_STATUS_NOT_OBSERVED,
        .complete_status = HS_STATUS_DID_NOT_HAPPEN,
        .clients = g_array_new(FALSE, FALSE, sizeof(HsClientFailback)),
    };
    if (fault->cleared == HS_TIME_NEVER) {
        f->losses = g_array_new(FALSE, FALSE, sizeof(HsLoss));
        return;
    }
    f->status = HS_STATUS_HAPPENED;
    find_control_plane(a, f);
    f->losses = hs_losses_new(a, f->cleared, f->until, false);
    find_clients(a, fault, f);
}

void
hs_failback_clear(HsFailback *failback)
{
    g_array_unref(failback->sessions_up);
    g_array_unref(failback->losses);
    g_array_unref(failback->clients);
}
