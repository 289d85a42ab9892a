/* Loss of the data plane in one direction, as the probes show it.
 *
 * A probe is lost when it did not arrive although the run went on for longer
 * than any other probe of its direction took; a later one is still on its way
 * and says nothing. The recovery is looked for behind the longest run of
 * probes lost one after the other, so that a stray loss on a lossy path is not
 * taken for it. The probes' distance is the resolution of all this. */

#include "config.h"

#include "sim/observe/private.h"

typedef struct {
    guint first, length; /* indices of the lost ones */
} Run;

static bool
lost(const HsAnalysis *a, const HsDirectionSamples *d,
     const HsProbeSample *probe)
{
    return probe->arrived == HS_TIME_NEVER &&
           hs_time_add(probe->sent, d->delay_max) < a->end;
}

static const HsProbeSample *
probe_at(const HsDirectionSamples *d, guint index)
{
    return &g_array_index(d->probes, HsProbeSample, index);
}

static HsEvidence
evidence_of(const HsAnalysis *a, size_t fact)
{
    return hs_facts_get(a->facts, fact).evidence;
}

/* Fills in LOSS what RUN and the probes behind it say. */
static void
take_run(const HsAnalysis *a, const HsDirectionSamples *d, Run run,
         HsLoss *loss)
{
    const HsProbeSample *first = probe_at(d, run.first);
    const HsProbeSample *last = probe_at(d, run.first + run.length - 1);

    loss->status = HS_STATUS_HAPPENED;
    loss->run = run.length;
    loss->first_lost = first->sent;
    loss->last_lost = last->sent;
    loss->lost_evidence = evidence_of(a, first->sent_fact);
    for (guint i = run.first + run.length; i < d->probes->len; i++) {
        const HsProbeSample *again = probe_at(d, i);

        if (again->arrived == HS_TIME_NEVER)
            continue;
        loss->again_status = HS_STATUS_HAPPENED;
        loss->again = again->arrived;
        loss->again_evidence = evidence_of(a, again->arrived_fact);
        loss->span = again->sent - first->sent;
        return;
    }
}

static HsLoss
loss_of(const HsAnalysis *a, const HsDirectionSamples *d, HsTime from,
        HsTime until, bool in_flight)
{
    HsLoss loss = {.direction = d->direction,
                   .status = HS_STATUS_DID_NOT_HAPPEN,
                   .again_status = HS_STATUS_DID_NOT_HAPPEN};
    Run run = {0}, longest = {0};
    bool earlier_run = !in_flight;

    for (guint i = 0; i < d->probes->len; i++) {
        const HsProbeSample *probe = probe_at(d, i);
        bool is_lost = lost(a, d, probe);
        HsTime arrival = hs_time_add(probe->sent, d->delay_max);

        if ((in_flight ? arrival : probe->sent) < from) {
            earlier_run = is_lost && !in_flight;
            continue;
        }
        if (probe->sent >= until && (run.length == 0 || !is_lost))
            break;
        if (earlier_run && is_lost)
            continue; /* the tail of what was lost before FROM */
        earlier_run = false;
        loss.sent++;
        loss.lost += is_lost;
        if (!is_lost) {
            run.length = 0;
            continue;
        }
        if (run.length++ == 0)
            run.first = i;
        if (run.length > longest.length)
            longest = run;
    }
    if (longest.length > 0)
        take_run(a, d, longest, &loss);
    else if (loss.sent == 0)
        loss.status = HS_STATUS_NOT_OBSERVED;
    return loss;
}

GArray *
hs_losses_new(const HsAnalysis *a, HsTime from, HsTime until, bool in_flight)
{
    GArray *losses = g_array_new(FALSE, FALSE, sizeof(HsLoss));

    for (guint i = 0; i < a->samples->directions->len; i++) {
        const HsDirectionSamples *d =
            g_ptr_array_index(a->samples->directions, i);
        HsLoss loss = loss_of(a, d, from, until, in_flight);

        g_array_append_val(losses, loss);
    }
    return losses;
}
