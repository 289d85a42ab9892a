/* Why an expectation failed, in one line: what the figure alone does not say.
 *
 * Plaintext has a link and an instant; a client that did not recover has the
 * part of the failover that never came; a latency or an outage that is too high
 * has the fault it comes from. Where there is nothing to add, nothing is said.
 */

#include "config.h"

#include "sim/observe/verdict.h"

#include <string.h>

/* The links that a plaintext figure counts. */
static bool
is_counted(const char *figure, const HsExposureLink *link)
{
    g_autofree char *of_kind =
        g_strdup_printf("plaintext.%s.bytes", hs_link_kind_name(link->kind));

    if (g_str_equal(figure, "plaintext.bytes"))
        return !link->trusted;
    return g_str_equal(figure, of_kind);
}

static char *
why_plaintext(const char *figure, const HsExposure *exposure)
{
    const HsExposureLink *worst = NULL;
    uint64_t most = 0;

    for (unsigned i = 0; i < hs_exposure_links(exposure); i++) {
        const HsExposureLink *link = hs_exposure_link(exposure, i);
        uint64_t clear = link->total.bytes[HS_EXPOSURE_CLEAR];

        if (is_counted(figure, link) && clear > most) {
            worst = link;
            most = clear;
        }
    }
    if (worst == NULL)
        return NULL;
    return g_strdup_printf(
        "protected traffic crosses %s (%s) in clear: %" G_GUINT64_FORMAT
        " B, first at %.3f s",
        worst->name, hs_link_kind_name(worst->kind), most,
        (double)worst->first.at / 1e9);
}

static const HsFaultTimeline *
find_fault(const HsTimeline *timeline, const char *name)
{
    for (guint i = 0; i < timeline->faults->len; i++) {
        const HsFaultTimeline *fault = timeline->faults->pdata[i];

        if (g_strcmp0(fault->name, name) == 0)
            return fault;
    }
    return NULL;
}

/* Of a failover that did not end: how far it came. */
static char *
why_never(const HsFaultTimeline *fault)
{
    const HsPart *missing = NULL;
    const char *last = NULL;

    for (unsigned i = 0; i <= HS_PART_DATAPLANE; i++) {
        const HsPart *part = &fault->network[i];

        if (part->status == HS_STATUS_HAPPENED)
            last = hs_part_name(part->kind);
        else if (missing == NULL && part->kind != HS_PART_WITHDRAW &&
                 part->kind != HS_PART_TUNNEL)
            missing = part;
    }
    if (missing == NULL)
        return g_strdup_printf("after %s of %s the network came back, and the "
                               "database's connections did not",
                               fault->action, fault->target);
    return g_strdup_printf(
        "after %s of %s the last step was %s; %s: %s%s%s", fault->action,
        fault->target, last != NULL ? last : "none",
        hs_part_name(missing->kind), hs_status_name(missing->status),
        missing->note != NULL ? ", " : "",
        missing->note != NULL ? missing->note : "");
}

static char *
why(const HsCheck *check, const HsTimeline *timeline,
    const HsExposure *exposure)
{
    const HsFaultTimeline *fault;

    if (g_str_has_prefix(check->demand.figure, "plaintext.") &&
        exposure != NULL)
        return why_plaintext(check->demand.figure, exposure);
    if (check->reading.fault == NULL)
        return NULL;
    fault = find_fault(timeline, check->reading.fault);
    if (fault == NULL)
        return NULL;
    if (!fault->had_effect)
        return g_strdup_printf("%s of %s touched nothing", fault->action,
                               fault->target);
    if (check->reading.state == HS_READING_NEVER)
        return why_never(fault);
    return g_strdup_printf("by %s of %s", fault->action, fault->target);
}

void
hs_verdict_explain(HsVerdict *verdict, const HsTimeline *timeline,
                   const HsExposure *exposure)
{
    for (guint i = 0; i < verdict->checks->len; i++) {
        HsCheck *check = &g_array_index(verdict->checks, HsCheck, i);

        if (check->outcome == HS_OUTCOME_PASS ||
            check->outcome == HS_OUTCOME_UNKNOWN || check->why != NULL)
            continue;
        check->why = why(check, timeline, exposure);
    }
}
