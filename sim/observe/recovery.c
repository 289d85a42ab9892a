/* How one client came through one fault.
 *
 * Its steady band. Latency is usual up to `high`. Before the faults that is
 *
 *     high = max(p99 + 4 * (p99 - p50), the highest seen) + floor
 *
 * of the requests that were over before the first fault,
 * with a floor of a millisecond or a tenth of the median, so that a path
 * without any jitter does not make every microsecond remarkable. What was as
 * slow before the fault cannot be the fault's doing. The state after it may be
 * slower by nature (the backup path), so it has a band of its own, taken from
 * the requests due in the second half of the time between the first good reply
 * and the clearing (or, if that came first, the end of the window). Some of
 * these may still be disturbed, hence the median and the ninetieth percentile
 * only, and the tail of the server as it was seen before:
 *
 *     high = max(p90 + 8 * (p90 - p50), p50 + (high - p50 of before)) + floor
 *
 * A request is delayed, or disturbed, when it failed, was never answered, or
 * took longer than the higher of the two bands. Fewer than 32 answers make no
 * band.
 *
 * Interruption begins with the first disturbed request that was due at or
 * after t0, or was on its way then. Without one the client was not
 * interrupted, and there is no failover time: no number is made up. With one,
 * `application` is the first good reply to a request due from then on. That is
 * D3's "request sent after t0" wherever the fault bites at once; where it bites
 * later (a frozen router whose neighbours wait for a hold timer), replies from
 * before the interruption do not count as recovery. A fault that comes and goes
 * can interrupt more than once; then the recovery is the one from the last.
 * Paths with a long tail make a request late now and then: one that was
 * answered late by itself, with the next one in time and others before it, is
 * delayed but no interruption.
 *
 * `settled` is the reply to the first of 32 requests in a row, by the instants
 * they were due, that were all answered within the band of the state after. */

#include "config.h"

#include "sim/observe/private.h"
#include "sim/observe/stats.h"

#define BAND_REQUESTS   32
#define SETTLE_REQUESTS 32
#define BAND_FLOOR      HS_MSEC(1)

static HsDuration
latency(const HsRequestSample *request)
{
    return request->done - request->sent;
}

/* The index of the first request due at or after AT. */
static guint
requests_from(const HsClientSamples *client, HsTime at)
{
    guint low = 0, high = client->requests->len;

    while (low < high) {
        guint middle = low + (high - low) / 2;

        if (hs_client_request(client, middle)->sent < at)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static HsDuration
band_floor(HsDuration p50)
{
    return hs_time_max(BAND_FLOOR, p50 / 10);
}

/* The answers to requests due and answered in [FROM, UNTIL), by latency: one
 * that was under way at UNTIL was met by what happened then. */
static GArray *
latencies(const HsClientSamples *client, HsTime from, HsTime until,
          HsLatency *ret_latency)
{
    GArray *values = g_array_new(FALSE, FALSE, sizeof(HsDuration));

    for (guint i = requests_from(client, from); i < client->requests->len;
         i++) {
        const HsRequestSample *request = hs_client_request(client, i);
        HsDuration value;

        if (request->sent >= until)
            break;
        if (request->state != HS_REQUEST_ANSWERED || request->done >= until)
            continue;
        value = latency(request);
        g_array_append_val(values, value);
    }
    *ret_latency =
        hs_latency_of((HsDuration *)(void *)values->data, values->len);
    return values;
}

static HsBand
band_before(const HsAnalysis *a, const HsClientSamples *client)
{
    HsBand band = {.from = a->start, .until = a->first_fault};
    HsLatency l;
    g_autoptr(GArray) values = latencies(client, band.from, band.until, &l);

    if (values->len < BAND_REQUESTS)
        return band;
    band.count = l.count;
    band.p50 = l.p50;
    band.p99 = l.p99;
    band.high =
        hs_time_max(l.p99 + 4 * (l.p99 - l.p50), l.max) + band_floor(l.p50);
    return band;
}

static HsBand
band_after(const HsClientSamples *client, HsTime first_reply, HsTime horizon,
           const HsBand *before)
{
    HsBand band = {.from = first_reply + (horizon - first_reply) / 2,
                   .until = horizon};
    HsLatency l;
    g_autoptr(GArray) values = latencies(client, band.from, band.until, &l);

    if (values->len < BAND_REQUESTS)
        return band;
    band.count = l.count;
    band.p50 = l.p50;
    band.p99 = l.p99;
    band.high = l.p90 + 8 * (l.p90 - l.p50) + band_floor(l.p50);
    if (before->count > 0)
        band.high =
            hs_time_max(band.high, l.p50 + (before->high - before->p50));
    return band;
}

/* Of the requests due at or after FROM, the one answered first, at the latest
 * at UNTIL; NULL if there is none. */
static const HsRequestSample *
first_answer(const HsClientSamples *client, HsTime from, HsTime until)
{
    for (guint i = 0; i < client->answers->len; i++) {
        const HsRequestSample *request = hs_client_answer(client, i);

        if (request->done > until)
            break;
        if (request->sent >= from)
            return request;
    }
    return NULL;
}

static void
find_bands(const HsAnalysis *a, const HsFaultTimeline *fault,
           const HsClientSamples *client, HsClientFailover *f)
{
    const HsRequestSample *first =
        first_answer(client, fault->t0, fault->until);
    HsTime horizon = hs_fault_horizon(fault);

    f->before = band_before(a, client);
    if (first != NULL) {
        if (first->done >= horizon)
            horizon = fault->until;
        f->after = band_after(client, first->done, horizon, &f->before);
    }
    f->late_over = hs_time_max(f->before.high, f->after.high);
    if (f->before.count == 0 && f->after.count == 0)
        f->late_over = HS_TIME_NEVER;
}

/* A request without an end counts once it waited for longer than usual. */
static bool
disturbed(const HsAnalysis *a, const HsRequestSample *request,
          HsDuration late_over)
{
    if (request->state == HS_REQUEST_ANSWERED)
        return latency(request) > late_over;
    if (request->state == HS_REQUEST_FAILED)
        return true;
    return late_over == HS_TIME_NEVER || a->end - request->sent > late_over;
}

/* An answer that came late, while the next request was answered as usual. The
 * first request after the fault does not get that benefit of the doubt. */
static bool
stray(const HsAnalysis *a, const HsClientSamples *client, guint index,
      const HsClientFailover *f, bool usual)
{
    return usual &&
           hs_client_request(client, index)->state == HS_REQUEST_ANSWERED &&
           index + 1 < client->requests->len &&
           !disturbed(a, hs_client_request(client, index + 1), f->late_over);
}

/* When the first disturbed request from FROM on was due, or HS_TIME_NEVER.
 * *RET_USUAL: one before it, or without it, was answered as usual. */
static HsTime
interruption_from(const HsAnalysis *a, const HsFaultTimeline *fault,
                  const HsClientSamples *client, const HsClientFailover *f,
                  HsTime from, bool *ret_usual)
{
    HsTime horizon = hs_fault_horizon(fault);

    *ret_usual = false;
    for (guint i = 0; i < client->requests->len; i++) {
        const HsRequestSample *request = hs_client_request(client, i);

        if (request->sent >= horizon)
            break;
        if (request->done < from)
            continue;
        if (disturbed(a, request, f->late_over) &&
            !stray(a, client, i, f, *ret_usual))
            return hs_time_max(request->sent, from);
        if (request->sent >= from)
            *ret_usual = true;
    }
    return HS_TIME_NEVER;
}

/* Sets f->recovery, to RECOVERED if there was an interruption, and
 * f->interrupted; and the last time that it began, which is another one if the
 * fault came and went. */
static void
find_interruption(const HsAnalysis *a, const HsFaultTimeline *fault,
                  const HsClientSamples *client, HsClientFailover *f,
                  HsTime *ret_last)
{
    bool usual, ignored;

    f->interrupted = *ret_last =
        interruption_from(a, fault, client, f, fault->t0, &usual);
    if (f->interrupted == HS_TIME_NEVER) {
        f->recovery =
            usual ? HS_RECOVERY_UNINTERRUPTED : HS_RECOVERY_NOT_OBSERVED;
        return;
    }
    f->recovery = HS_RECOVERY_RECOVERED;
    for (guint i = fault->times->len; i > 1; i--) {
        HsTime again = interruption_from(
            a, fault, client, f, g_array_index(fault->times, HsTime, i - 1),
            &ignored);

        if (again != HS_TIME_NEVER) {
            *ret_last = again;
            return;
        }
    }
}

static void
set_part(HsPart *part, HsTime at, const HsFact *fact, const char *cause)
{
    part->status = HS_STATUS_HAPPENED;
    part->at = at;
    part->node = fact->node;
    part->cause = cause;
    part->evidence = fact->evidence;
}

static void
find_application(const HsAnalysis *a, const HsFaultTimeline *fault,
                 const HsClientSamples *client, HsTime interrupted,
                 HsClientFailover *f)
{
    HsPart *part = &f->parts[HS_PART_APPLICATION];
    const HsRequestSample *answer;
    HsFact fact;

    part->kind = HS_PART_APPLICATION;
    if (f->recovery != HS_RECOVERY_RECOVERED) {
        part->status = f->recovery == HS_RECOVERY_UNINTERRUPTED
                           ? HS_STATUS_DID_NOT_HAPPEN
                           : HS_STATUS_NOT_OBSERVED;
        part->note = f->recovery == HS_RECOVERY_UNINTERRUPTED
                         ? "the client was not interrupted"
                         : "the client sent no request";
        return;
    }
    answer = first_answer(client, interrupted, fault->until);
    if (answer == NULL) {
        f->recovery = HS_RECOVERY_NOT_RECOVERED;
        part->status = HS_STATUS_DID_NOT_HAPPEN;
        part->note = "no good reply to a request sent after the fault";
        return;
    }
    fact = hs_facts_get(a->facts, answer->fact);
    set_part(part, answer->done, &fact,
             "first good reply to a request sent after the fault");
    part->subject = answer->connection;
    f->failover = answer->done - fault->t0;
}

/* "retransmission 3 after an RTO of 1.6s": RETRANSMIT is the last one before
 * the acknowledgement, of kind COUNT 0 if there was none. */
static const char *
transport_cause(const HsFact *ack, const HsFact *retransmit)
{
    g_autofree char *text = NULL;
    char rto[HS_TIME_TEXT];

    if (g_strcmp0(ack->to, "connected") == 0)
        return "new connection";
    if (retransmit->kind != HS_FACT_TRANSPORT)
        return "acknowledged";
    text = g_strdup_printf("retransmission %" G_GUINT64_FORMAT ", next RTO %s",
                           retransmit->id,
                           hs_duration_format(retransmit->value, rto));
    return g_intern_string(text);
}

/* The first acknowledgement in [FROM, UNTIL]. CONNECTION NULL: on any. */
static bool
find_acknowledged(const HsAnalysis *a, const HsClientFailover *f,
                  const char *connection, HsTime from, HsTime until,
                  HsPart *part)
{
    HsFact fact, retransmit = {.kind = HS_FACT_KIND_COUNT};

    for (size_t i = hs_facts_from(a->facts, f->interrupted);
         hs_facts_next(a->facts, &i, HS_FACT_BIT(HS_FACT_TRANSPORT), &fact);) {
        if (fact.at > until)
            return false;
        if (fact.subject != f->client ||
            (connection != NULL && fact.peer != connection))
            continue;
        if (g_strcmp0(fact.to, "retransmit") == 0)
            retransmit = fact;
        if (fact.at < from || (g_strcmp0(fact.to, "ack") != 0 &&
                               g_strcmp0(fact.to, "connected") != 0))
            continue;
        set_part(part, fact.at, &fact, transport_cause(&fact, &retransmit));
        part->subject = fact.peer;
        return true;
    }
    return false;
}

/* When the last probe of the gap was sent, in either direction; 0: there was no
 * gap. What is acknowledged up to then can have arrived before the fault: its
 * acknowledgement came over the one direction that was back already. */
static HsTime
last_probe_lost(const HsFaultTimeline *fault)
{
    HsTime last = 0;

    for (guint i = 0; i < fault->losses->len; i++) {
        const HsLoss *loss = &g_array_index(fault->losses, HsLoss, i);

        if (loss->status == HS_STATUS_HAPPENED)
            last = hs_time_max(last, loss->last_lost);
    }
    return last;
}

/* On the connection on which the application came back, or else on any; when
 * both directions were back, or else at all. */
static bool
find_acknowledged_again(const HsAnalysis *a, const HsFaultTimeline *fault,
                        const HsClientFailover *f, HsTime until, HsPart *part)
{
    const HsPart *application = &f->parts[HS_PART_APPLICATION];
    const char *connection =
        application->status == HS_STATUS_HAPPENED ? application->subject : NULL;
    HsTime back = last_probe_lost(fault);

    return (connection != NULL &&
            (find_acknowledged(a, f, connection, back, until, part) ||
             find_acknowledged(a, f, connection, 0, until, part))) ||
           find_acknowledged(a, f, NULL, back, until, part) ||
           find_acknowledged(a, f, NULL, 0, until, part);
}

static void
find_transport(const HsAnalysis *a, const HsFaultTimeline *fault,
               HsClientFailover *f)
{
    const HsPart *application = &f->parts[HS_PART_APPLICATION];
    bool recovered = application->status == HS_STATUS_HAPPENED;
    HsTime until = recovered ? application->at : fault->until;
    HsPart *part = &f->parts[HS_PART_TRANSPORT];

    part->kind = HS_PART_TRANSPORT;
    if (hs_facts_count_of(a->facts, HS_FACT_TRANSPORT) == 0) {
        part->status = HS_STATUS_NOT_OBSERVED;
        part->note = "the transport was not observed";
        return;
    }
    part->status = HS_STATUS_DID_NOT_HAPPEN;
    part->note = "the client was not interrupted";
    if (f->interrupted == HS_TIME_NEVER)
        return;
    if (find_acknowledged_again(a, fault, f, until, part)) {
        part->note = NULL;
        return;
    }
    part->note = recovered ? "no segment had to be sent again"
                           : "no segment was acknowledged again";
}

static void
find_settled(const HsAnalysis *a, const HsFaultTimeline *fault,
             const HsClientSamples *client, HsClientFailover *f)
{
    HsDuration high = f->after.count > 0 ? f->after.high : f->before.high;
    HsPart *part = &f->parts[HS_PART_SETTLED];
    guint run = 0, from;

    part->kind = HS_PART_SETTLED;
    part->status = HS_STATUS_DID_NOT_HAPPEN;
    part->note = "the client was not interrupted";
    if (f->recovery == HS_RECOVERY_NOT_OBSERVED) {
        part->status = HS_STATUS_NOT_OBSERVED;
        part->note = "the client sent no request";
    }
    if (f->interrupted == HS_TIME_NEVER)
        return;
    part->note = "latency did not come back into its steady band";
    if (f->before.count == 0 && f->after.count == 0) {
        part->status = HS_STATUS_NOT_OBSERVED;
        part->note = "too few replies to tell what latency is usual";
        return;
    }
    from = requests_from(client, f->interrupted);
    for (guint i = from; i < client->requests->len; i++) {
        const HsRequestSample *request = hs_client_request(client, i);

        if (request->sent >= fault->until)
            return;
        run =
            disturbed(a, request, high) || request->state == HS_REQUEST_PENDING
                ? 0
                : run + 1;
        if (run == SETTLE_REQUESTS) {
            HsFact fact;

            request = hs_client_request(client, i + 1 - run);
            fact = hs_facts_get(a->facts, request->fact);
            set_part(part, request->done, &fact,
                     "latency back within its steady band");
            part->subject = request->connection;
            part->note = NULL;
            return;
        }
    }
}

HsRequestCounts
hs_recovery_count(const HsClientSamples *client, HsTime from, HsTime until,
                  HsDuration late_over)
{
    HsRequestCounts counts = {0};

    for (guint i = requests_from(client, from); i < client->requests->len;
         i++) {
        const HsRequestSample *request = hs_client_request(client, i);

        if (request->sent >= until)
            break;
        counts.sent++;
        if (request->state == HS_REQUEST_PENDING)
            counts.pending++;
        else if (request->state == HS_REQUEST_FAILED)
            counts.failed++;
        else {
            counts.answered++;
            counts.delayed += latency(request) > late_over;
        }
    }
    return counts;
}

/* Makes OUTAGE the longer of itself and FROM..UNTIL, if that overlaps
 * WINDOW_FROM..WINDOW_UNTIL; the first of two equals stays. */
static void
take_span(HsOutage *outage, HsTime window_from, HsTime window_until,
          HsOutage span)
{
    if (span.until < window_from || span.from > window_until)
        return;
    span.status = HS_STATUS_HAPPENED;
    span.span = span.until - span.from;
    if (outage->status != HS_STATUS_HAPPENED || span.span > outage->span)
        *outage = span;
}

/* Until when somebody waited without a reply after LAST, the last one there
 * was: a client that stopped sending has no outage. */
static HsTime
waited_until(const HsClientSamples *client, HsTime last)
{
    HsTime until = last;

    for (guint i = 0; i < client->requests->len; i++) {
        const HsRequestSample *request = hs_client_request(client, i);

        if (request->state != HS_REQUEST_ANSWERED)
            until = hs_time_max(until, request->done);
    }
    return until;
}

HsOutage
hs_recovery_gap(const HsAnalysis *a, const HsClientSamples *client, HsTime from,
                HsTime until)
{
    HsOutage outage = {.status = HS_STATUS_NOT_OBSERVED}, tail;
    HsTime last = a->start;

    if (client->requests->len == 0)
        return outage;
    for (guint i = 0; i < client->answers->len; i++) {
        const HsRequestSample *answer = hs_client_answer(client, i);

        if (answer->done > last)
            take_span(&outage, from, until,
                      (HsOutage){.from = last, .until = answer->done});
        last = hs_time_max(last, answer->done);
    }
    tail = (HsOutage){.from = last, .until = waited_until(client, last)};
    tail.open = tail.until == HS_TIME_NEVER;
    tail.until = hs_time_min(tail.until, a->end);
    if (tail.until > last)
        take_span(&outage, from, until, tail);
    return outage;
}

/* Between replies in the steady state before the faults. */
static HsDuration
longest_gap_before(const HsAnalysis *a, const HsClientSamples *client)
{
    HsDuration longest = 0;
    HsTime last = HS_TIME_NEVER;

    for (guint i = 0; i < client->answers->len; i++) {
        HsTime done = hs_client_answer(client, i)->done;

        if (done >= a->first_fault)
            break;
        if (last != HS_TIME_NEVER)
            longest = hs_time_max(longest, done - last);
        if (done >= a->start)
            last = done;
    }
    return longest;
}

static gint
by_done(gconstpointer a, gconstpointer b)
{
    const HsRequestSample *x = *(const HsRequestSample *const *)a;
    const HsRequestSample *y = *(const HsRequestSample *const *)b;

    if (x->done != y->done)
        return x->done < y->done ? -1 : 1;
    return x->fact < y->fact ? -1 : x->fact > y->fact;
}

/* The worst connection: from its last good reply, or the request if it had
 * none, to the end of a disturbed request. A span in which no request waited
 * for longer than usual is idleness, and does not count. While the client as a
 * whole had no reply, no connection had one, so ALL is the least it can be. */
static HsOutage
worst_outage(const HsAnalysis *a, const HsClientSamples *client,
             HsDuration late_over, HsTime from, HsTime until,
             const HsOutage *all)
{
    HsOutage worst = {.status = HS_STATUS_NOT_OBSERVED};
    g_autoptr(GHashTable) good = g_hash_table_new(NULL, NULL);
    g_autoptr(GPtrArray) order = g_ptr_array_new();

    for (guint i = 0; i < client->requests->len; i++)
        g_ptr_array_add(order,
                        &g_array_index(client->requests, HsRequestSample, i));
    g_ptr_array_sort(order, by_done);
    for (guint i = 0; i < order->len; i++) {
        const HsRequestSample *request = g_ptr_array_index(order, i);
        gpointer key = (gpointer)(uintptr_t)request->connection;
        const HsRequestSample *last = g_hash_table_lookup(good, key);
        bool open = request->state == HS_REQUEST_PENDING;

        if (disturbed(a, request, late_over))
            take_span(&worst, from, until,
                      (HsOutage){.from = last ? last->done : request->sent,
                                 .until = open ? a->end : request->done,
                                 .open = open,
                                 .connection = request->connection});
        if (request->state == HS_REQUEST_ANSWERED)
            g_hash_table_insert(good, key, g_ptr_array_index(order, i));
    }
    if (all->status == HS_STATUS_HAPPENED &&
        (worst.status != HS_STATUS_HAPPENED || worst.span < all->span))
        return *all;
    return worst;
}

static uint32_t
count_retransmissions(const HsAnalysis *a, const char *client, HsTime from,
                      HsTime until)
{
    uint32_t count = 0;
    HsFact fact;

    for (size_t i = hs_facts_from(a->facts, from);
         hs_facts_next(a->facts, &i, HS_FACT_BIT(HS_FACT_TRANSPORT), &fact) &&
         fact.at < until;)
        count +=
            fact.subject == client && g_strcmp0(fact.to, "retransmit") == 0;
    return count;
}

void
hs_recovery_fill(const HsAnalysis *a, const HsFaultTimeline *fault,
                 const HsClientSamples *client, HsClientFailover *f)
{
    const HsPart *settled = &f->parts[HS_PART_SETTLED];
    HsTime until = fault->until, last;

    f->client = client->client;
    find_bands(a, fault, client, f);
    find_interruption(a, fault, client, f, &last);
    find_application(a, fault, client, last, f);
    find_transport(a, fault, f);
    find_settled(a, fault, client, f);
    if (settled->status == HS_STATUS_HAPPENED)
        until = settled->at;
    else if (f->recovery == HS_RECOVERY_UNINTERRUPTED)
        until = hs_fault_horizon(fault);
    f->requests = hs_recovery_count(client, fault->t0, until, f->late_over);
    f->retransmissions =
        count_retransmissions(a, client->client, fault->t0, until);
    f->gap_before = longest_gap_before(a, client);
    if (f->interrupted == HS_TIME_NEVER) {
        f->outage.status = f->recovery == HS_RECOVERY_UNINTERRUPTED
                               ? HS_STATUS_DID_NOT_HAPPEN
                               : HS_STATUS_NOT_OBSERVED;
        f->outage_worst.status = f->outage.status;
        return;
    }
    f->outage = hs_recovery_gap(a, client, fault->t0, until);
    f->outage_worst =
        worst_outage(a, client, f->late_over, fault->t0, until, &f->outage);
}
