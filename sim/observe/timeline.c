/* The timeline of each fault.
 *
 *   t0      detect  withdraw  fib  tunnel  dataplane  transport  application
 *   |---------|--------|-------|-----|---------|----------|-----------|
 *   fault     who      last    last  an SA     a probe    a segment   a good
 *   applied   declared route   FIB   usable    arrives    is acked    reply
 *             it       seen    set             again      again
 *
 * A fault's window lasts to the next fault or the end of the run. A fault that
 * comes and goes (a flap) is one fault, from its first appearance to its last
 * clearing.
 *
 * What ends a failover is the first sign of life: the first probe that arrives
 * again (in the later direction, if both were hit), a segment acknowledged
 * again, or a good reply, whichever of all clients comes first. Control-plane
 * events behind it did not help and are not looked at:
 *
 * fib        the last change of any element's forwarding table up to there
 * withdraw   the last route or withdrawal received up to that change
 * tunnel     the last tunnel with an SA to send on that came up, up to the
 *            sign of life; one that was only rekeyed had not been away
 * detect     the governing detection: the one that led to the last change. That
 *            is the last detection, at or before the change, by the element
 *            whose table changed; or, if that element made none (it was told
 *            by a route), the last one by anybody. "Change" is the fib part, or
 *            else the withdraw part, or else the sign of life. A detection that
 *            only follows from another one (BFD went down, so the node drops
 *            BGP) does not count here; it is listed all the same.
 *
 * Disjoint parts. Each part's time ends at its instant and begins where the
 * part before it ended. Where instants come in another order:
 *
 * - dataplane, transport and application: a later part proves the one before
 *   it. A probe that arrives again after the first good reply was merely sent
 *   late, so the earlier part ends, at the latest, with the later one.
 * - detect to tunnel: they do not prove one another. A part whose instant lies
 *   before the end of the part in front of it had no time of its own: its span
 *   is zero, from there to there. Only `tunnel` moves: where BGP runs in the
 *   tunnel that had to be made, routes and tables come behind it, so it takes
 *   its place among them by its instant.
 * - a part that did not happen, or was not observed, takes no time; what passed
 *   belongs to the next part that has an instant.
 *
 * So the spans are never negative and telescope: they add up to the instant of
 * the last part that happened, which is `application` if the client recovered.
 * A part whose own instant is not where its span ends says so (overlaps). */

#include "config.h"

#include "sim/observe/timeline.h"

#include "sim/observe/private.h"

#include <string.h>

const char *
hs_status_name(HsStatus status)
{
    static const char *const names[] = {
#define X(name, text) [HS_STATUS_##name] = text,
        HS_STATUSES(X)
#undef X
    };

    g_assert((unsigned)status < G_N_ELEMENTS(names));
    return names[status];
}

const char *
hs_part_name(HsPartKind part)
{
    static const char *const names[] = {
#define X(name, text) [HS_PART_##name] = text,
        HS_PARTS(X)
#undef X
    };

    g_assert((unsigned)part < G_N_ELEMENTS(names));
    return names[part];
}

const char *
hs_detect_means_name(HsDetectMeans means)
{
    static const char *const names[] = {
#define X(name, text) [HS_DETECT_##name] = text,
        HS_DETECT_MEANS(X)
#undef X
    };

    g_assert((unsigned)means < G_N_ELEMENTS(names));
    return names[means];
}

const char *
hs_recovery_name(HsRecovery recovery)
{
    static const char *const names[] = {
#define X(name, text) [HS_RECOVERY_##name] = text,
        HS_RECOVERIES(X)
#undef X
    };

    g_assert((unsigned)recovery < G_N_ELEMENTS(names));
    return names[recovery];
}

/* The faults and their windows */

static void
fault_free(gpointer data)
{
    HsFaultTimeline *fault = data;

    g_array_unref(fault->times);
    g_array_unref(fault->detections);
    g_array_unref(fault->losses);
    g_array_unref(fault->clients);
    hs_failback_clear(&fault->failback);
    g_free(fault);
}

static HsFaultTimeline *
find_fault(GPtrArray *faults, const char *name)
{
    for (guint i = 0; i < faults->len; i++) {
        HsFaultTimeline *fault = g_ptr_array_index(faults, i);

        if (fault->name == name)
            return fault;
    }
    return NULL;
}

static void
collect_faults(const HsFacts *facts, GPtrArray *faults)
{
    HsFact fact;

    for (size_t i = 0;
         hs_facts_next(facts, &i, HS_FACT_BIT(HS_FACT_FAULT), &fact);) {
        HsFaultTimeline *fault = find_fault(faults, fact.subject);
        bool applied = g_strcmp0(fact.to, "applied") == 0;

        if (fault == NULL && !applied)
            continue;
        if (fault == NULL) {
            fault = g_new0(HsFaultTimeline, 1);
            fault->name = fact.subject;
            fault->target = fact.peer;
            fault->action = fact.cause;
            fault->t0 = fact.at;
            fault->governing = -1;
            fault->times = g_array_new(FALSE, FALSE, sizeof(HsTime));
            g_ptr_array_add(faults, fault);
        }
        if (applied)
            g_array_append_val(fault->times, fact.at);
        if (applied)
            fault->cleared = HS_TIME_NEVER;
        else if (g_strcmp0(fact.to, "cleared") == 0)
            fault->cleared = fact.at;
        if (fact.id < fault->touched)
            continue;
        fault->touched = fact.id;
        fault->packets = (uint64_t)fact.value;
        fault->effect = fact.from;
    }
}

/* The first fault applied after AT, or the end. */
static HsTime
next_fault(const HsAnalysis *a, const GPtrArray *faults, HsTime at)
{
    for (guint i = 0; i < faults->len; i++) {
        const HsFaultTimeline *fault = g_ptr_array_index(faults, i);

        if (fault->t0 > at)
            return fault->t0;
    }
    return a->end;
}

/* Detections */

static bool
mentions(const char *text, const char *const *words)
{
    g_autofree char *lower = NULL;

    if (text == NULL)
        return false;
    lower = g_ascii_strdown(text, -1);
    for (; *words != NULL; words++)
        if (strstr(lower, *words) != NULL)
            return true;
    return false;
}

/* From the words of whoever dropped the session. What was received from the
 * peer comes first: "received Cease/BFD Down" is a notification. */
static HsDetectMeans
means_of(const HsFact *fact)
{
    static const struct {
        HsDetectMeans means;
        const char *words[5];
    } rows[] = {
        {HS_DETECT_NOTIFICATION,
         {"received", "notif", "deleted by the peer", NULL}},
        {HS_DETECT_BFD, {"bfd", NULL}},
        {HS_DETECT_HOLD_TIMER, {"hold", NULL}},
        {HS_DETECT_DPD, {"dpd", "dead peer", "no response", NULL}},
        {HS_DETECT_CARRIER, {"carrier", "link", "interface", NULL}},
        {HS_DETECT_ADMIN, {"manual", "admin", "stop", NULL}},
        {HS_DETECT_TRANSPORT, {"tcp", "connection", "timeout", "reset", NULL}},
    };

    if (fact->kind == HS_FACT_CARRIER)
        return HS_DETECT_CARRIER;
    if (fact->kind == HS_FACT_BFD) {
        static const char *const admin[] = {"admin", "disabled", NULL};
        static const char *const path[] = {"path down", NULL};

        /* "path down": told by the node, whose carrier went (RFC 5880 6.8.17)
         */
        if (mentions(fact->cause, path))
            return HS_DETECT_CARRIER;
        return mentions(fact->cause, admin) ? HS_DETECT_ADMIN : HS_DETECT_BFD;
    }
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
        if (mentions(fact->cause, rows[i].words))
            return rows[i].means;
    return HS_DETECT_OTHER;
}

static bool
went_down(const HsFact *fact)
{
    bool from_up = fact->from == NULL ||
                   g_ascii_strcasecmp(fact->from, "up") == 0 ||
                   g_ascii_strcasecmp(fact->from, "established") == 0 ||
                   g_ascii_strcasecmp(fact->from, "rekeying") == 0 ||
                   g_ascii_strcasecmp(fact->from, "usable") == 0;

    if (fact->to == NULL || fact->from == fact->to)
        return false;
    if (fact->kind == HS_FACT_BGP)
        return from_up && g_ascii_strcasecmp(fact->to, "established") != 0;
    return from_up && (g_ascii_strcasecmp(fact->to, "down") == 0 ||
                       g_ascii_strcasecmp(fact->to, "admindown") == 0);
}

/* The tunnel was lost at this instant: its SAs and the session inside it go
 * with its IKE. */
static bool
follows_tunnel(const GArray *detections, const HsFact *fact)
{
    for (guint i = 0; i < detections->len; i++) {
        const HsDetection *d = &g_array_index(detections, HsDetection, i);
        const char *space = d->subject != NULL ? strchr(d->subject, ' ') : NULL;

        if (d->node == fact->node && d->at == fact->at && space != NULL &&
            fact->subject != NULL &&
            (g_str_equal(space, " ike") || g_str_equal(space, " esp")) &&
            strncmp(d->subject, fact->subject,
                    (size_t)(space - d->subject) + 1) == 0)
            return true;
    }
    return false;
}

/* A session dropped because of BFD or the carrier, and the node has said so
 * already in its own right. */
static bool
follows(const GArray *detections, const HsFact *fact, HsDetectMeans means)
{
    if ((fact->kind == HS_FACT_TUNNEL || means == HS_DETECT_CARRIER) &&
        follows_tunnel(detections, fact))
        return true;
    if (fact->kind == HS_FACT_CARRIER ||
        (fact->kind == HS_FACT_BFD && means == HS_DETECT_BFD) ||
        (means != HS_DETECT_BFD && means != HS_DETECT_CARRIER))
        return false;
    for (guint i = 0; i < detections->len; i++) {
        const HsDetection *d = &g_array_index(detections, HsDetection, i);

        if (d->node == fact->node && d->means == means)
            return true;
    }
    return false;
}

/* What a node that the fault kills loses by dying, nobody has detected. */
static bool
is_death(const HsFaultTimeline *fault, const HsFact *fact)
{
    static const char *const words[] = {"restart", "reset", NULL};

    if (!g_str_has_prefix(fault->action != NULL ? fault->action : "", "node-"))
        return false;
    return fact->at == fault->t0 && mentions(fact->cause, words);
}

static void
find_detections(const HsAnalysis *a, HsFaultTimeline *fault)
{
    const uint32_t kinds = HS_FACT_BIT(HS_FACT_CARRIER) |
                           HS_FACT_BIT(HS_FACT_BFD) | HS_FACT_BIT(HS_FACT_BGP) |
                           HS_FACT_BIT(HS_FACT_TUNNEL);
    HsFact fact;

    for (size_t i = hs_facts_from(a->facts, fault->t0);
         hs_facts_next(a->facts, &i, kinds, &fact) && fact.at < fault->until;) {
        HsDetection d = {.at = fact.at,
                         .node = fact.node,
                         .subject = fact.subject,
                         .cause = fact.cause,
                         .evidence = fact.evidence};

        if (!went_down(&fact) || is_death(fault, &fact))
            continue;
        d.means = means_of(&fact);
        d.consequence = follows(fault->detections, &fact, d.means);
        g_array_append_val(fault->detections, d);
    }
}

/* The control plane's parts */

typedef struct {
    HsPart dataplane;
    HsPart control[HS_PART_DATAPLANE]; /* detect, withdraw, fib, tunnel */
} Common;

static void
set_missing(HsPart *part, HsPartKind kind, bool observed, const char *note)
{
    *part = (HsPart){
        .kind = kind,
        .status = observed ? HS_STATUS_DID_NOT_HAPPEN : HS_STATUS_NOT_OBSERVED,
        .note = note,
    };
}

static void
find_dataplane(const HsFaultTimeline *fault, HsPart *part)
{
    bool observed = false;

    set_missing(part, HS_PART_DATAPLANE, false, "there are no probes");
    for (guint i = 0; i < fault->losses->len; i++) {
        const HsLoss *loss = &g_array_index(fault->losses, HsLoss, i);

        observed |= loss->status != HS_STATUS_NOT_OBSERVED;
        if (loss->status != HS_STATUS_HAPPENED)
            continue;
        if (loss->again_status != HS_STATUS_HAPPENED ||
            loss->again > fault->until) {
            set_missing(part, HS_PART_DATAPLANE, true,
                        "no probe arrived again");
            part->subject = loss->direction;
            return;
        }
        if (part->status == HS_STATUS_HAPPENED && part->at >= loss->again)
            continue;
        part->status = HS_STATUS_HAPPENED;
        part->at = hs_time_max(loss->again, fault->t0);
        part->subject = loss->direction;
        part->cause = "first probe that arrived again";
        part->note = NULL;
        part->evidence = loss->again_evidence;
    }
    if (observed && part->status == HS_STATUS_NOT_OBSERVED)
        set_missing(part, HS_PART_DATAPLANE, true, "no probe was lost");
}

/* Up to when control-plane events can have helped. */
static HsTime
sign_of_life(const HsFaultTimeline *fault, const HsPart *dataplane)
{
    bool disturbed =
        dataplane->status == HS_STATUS_HAPPENED || dataplane->subject != NULL;
    HsTime first = HS_TIME_NEVER;

    if (dataplane->status == HS_STATUS_HAPPENED)
        first = dataplane->at;
    for (guint i = 0; i < fault->clients->len; i++) {
        const HsClientFailover *f =
            &g_array_index(fault->clients, HsClientFailover, i);
        const HsPart *transport = &f->parts[HS_PART_TRANSPORT];
        const HsPart *application = &f->parts[HS_PART_APPLICATION];

        disturbed |= f->interrupted != HS_TIME_NEVER;
        if (transport->status == HS_STATUS_HAPPENED)
            first = hs_time_min(first, transport->at);
        if (application->status == HS_STATUS_HAPPENED)
            first = hs_time_min(first, application->at);
    }
    if (first != HS_TIME_NEVER)
        return first;
    return disturbed ? fault->until : hs_fault_horizon(fault);
}

/* The last fact of KIND in [t0, LIMIT] becomes PART. */
static void
find_last(const HsAnalysis *a, const HsFaultTimeline *fault, HsFactKind kind,
          HsTime limit, HsPart *part)
{
    HsFact fact;

    for (size_t i = hs_facts_from(a->facts, fault->t0);
         hs_facts_next(a->facts, &i, HS_FACT_BIT(kind), &fact) &&
         fact.at <= limit;) {
        if (kind == HS_FACT_FIB && fact.from == fact.to)
            continue;
        if (kind == HS_FACT_TUNNEL &&
            (!hs_fact_came_up(&fact) ||
             (fact.subject != NULL && g_str_has_suffix(fact.subject, " ike"))))
            continue;
        part->status = HS_STATUS_HAPPENED;
        part->at = fact.at;
        part->node = fact.node;
        part->subject = fact.subject;
        part->cause = fact.cause != NULL ? fact.cause : fact.to;
        part->note = NULL;
        part->evidence = fact.evidence;
    }
}

/* See "detect" at the head of this file. NODE NULL: by anybody. */
static int
last_detection(const HsFaultTimeline *fault, const char *node, HsTime limit)
{
    int last = -1;

    for (guint i = 0; i < fault->detections->len; i++) {
        const HsDetection *d =
            &g_array_index(fault->detections, HsDetection, i);

        if (d->at <= limit && !d->consequence &&
            (node == NULL || d->node == node))
            last = (int)i;
    }
    return last;
}

static void
find_detect(const HsAnalysis *a, HsFaultTimeline *fault, HsTime limit,
            Common *common)
{
    const HsPart *change = &common->control[HS_PART_FIB];
    HsPart *part = &common->control[HS_PART_DETECT];
    bool observed = hs_facts_count_of(a->facts, HS_FACT_CARRIER) > 0 ||
                    hs_facts_count_of(a->facts, HS_FACT_BFD) > 0 ||
                    hs_facts_count_of(a->facts, HS_FACT_BGP) > 0 ||
                    hs_facts_count_of(a->facts, HS_FACT_TUNNEL) > 0;
    HsDetection *d;

    set_missing(part, HS_PART_DETECT, observed,
                observed ? "no element declared a failure in time"
                         : "no session or carrier was observed");
    if (change->status != HS_STATUS_HAPPENED)
        change = &common->control[HS_PART_WITHDRAW];
    if (change->status == HS_STATUS_HAPPENED) {
        limit = change->at;
        fault->governing = last_detection(fault, change->node, limit);
    }
    if (fault->governing < 0)
        fault->governing = last_detection(fault, NULL, limit);
    if (fault->governing < 0)
        return;
    d = &g_array_index(fault->detections, HsDetection, (guint)fault->governing);
    d->governs = true;
    part->status = HS_STATUS_HAPPENED;
    part->at = d->at;
    part->node = d->node;
    part->subject = d->subject;
    part->cause = d->cause != NULL ? d->cause : hs_detect_means_name(d->means);
    part->note = NULL;
    part->evidence = d->evidence;
}

static void
find_control(const HsAnalysis *a, HsFaultTimeline *fault, HsTime limit,
             Common *common)
{
    HsPart *fib = &common->control[HS_PART_FIB];
    HsPart *withdraw = &common->control[HS_PART_WITHDRAW];
    HsPart *tunnel = &common->control[HS_PART_TUNNEL];
    bool fibs = hs_facts_count_of(a->facts, HS_FACT_FIB) > 0;
    bool routes = hs_facts_count_of(a->facts, HS_FACT_ROUTE_RECEIVED) > 0;

    set_missing(fib, HS_PART_FIB, fibs,
                fibs ? "no forwarding table changed"
                     : "no forwarding table was observed");
    find_last(a, fault, HS_FACT_FIB, limit, fib);
    set_missing(withdraw, HS_PART_WITHDRAW, routes,
                routes ? "no route had to be received"
                       : "no routing message was observed");
    find_last(a, fault, HS_FACT_ROUTE_RECEIVED,
              fib->status == HS_STATUS_HAPPENED ? fib->at : limit, withdraw);
    set_missing(tunnel, HS_PART_TUNNEL, true, "no tunnel had to be made");
    find_last(a, fault, HS_FACT_TUNNEL, limit, tunnel);
    find_detect(a, fault, limit, common);
}

/* The parts of one client, disjoint */

void
hs_parts_order(const HsPart *parts, HsPartKind ret_order[HS_PART_COUNT])
{
    for (int i = 0; i < HS_PART_COUNT; i++)
        ret_order[i] = (HsPartKind)i;
    if (parts[HS_PART_TUNNEL].status != HS_STATUS_HAPPENED)
        return;
    for (int i = HS_PART_TUNNEL; i > HS_PART_WITHDRAW; i--) {
        const HsPart *before = &parts[ret_order[i - 1]];

        if (before->status == HS_STATUS_HAPPENED &&
            before->at <= parts[HS_PART_TUNNEL].at)
            return;
        ret_order[i] = ret_order[i - 1];
        ret_order[i - 1] = HS_PART_TUNNEL;
    }
}

/* Bounds the parts up to LAST, which ends the whole if it happened. */
static void
bound_parts(HsTime t0, HsPart *parts, HsPartKind last)
{
    HsPartKind order[HS_PART_COUNT];
    HsTime ends[HS_PART_COUNT], later = HS_TIME_NEVER, at = t0;
    bool whole = parts[last].status == HS_STATUS_HAPPENED;

    for (int i = (int)last; i >= HS_PART_DETECT; i--) {
        ends[i] = hs_time_min(parts[i].at, later);
        if (i >= HS_PART_DATAPLANE && parts[i].status == HS_STATUS_HAPPENED)
            later = ends[i]; /* a later part proves the ones before it */
    }
    hs_parts_order(parts, order);
    for (int i = HS_PART_DETECT; i <= (int)last; i++) {
        HsPart *part = &parts[order[i]];

        if (part->status != HS_STATUS_HAPPENED)
            continue;
        part->since_t0 = part->at - t0;
        part->start = at;
        part->end = hs_time_max(at, ends[order[i]]);
        part->duration = part->end - part->start;
        part->overlaps = part->end != part->at;
        at = part->end;
    }
    for (int i = HS_PART_DETECT; whole && at > t0 && i <= (int)last; i++)
        parts[i].share = (double)parts[i].duration / (double)(at - t0);
}

static void
bound_settled(const HsFaultTimeline *fault, HsClientFailover *f)
{
    const HsPart *application = &f->parts[HS_PART_APPLICATION];
    HsPart *settled = &f->parts[HS_PART_SETTLED];

    if (settled->status != HS_STATUS_HAPPENED)
        return;
    settled->since_t0 = settled->at - fault->t0;
    settled->start =
        application->status == HS_STATUS_HAPPENED ? application->at : fault->t0;
    settled->end = hs_time_max(settled->at, settled->start);
    settled->duration = settled->end - settled->start;
    settled->overlaps = settled->end != settled->at;
}

static void
finish_parts(HsFaultTimeline *fault, const Common *common)
{
    memcpy(fault->network, common->control, sizeof common->control);
    fault->network[HS_PART_DATAPLANE] = common->dataplane;
    bound_parts(fault->t0, fault->network, HS_PART_DATAPLANE);
    for (guint i = 0; i < fault->clients->len; i++) {
        HsClientFailover *f =
            &g_array_index(fault->clients, HsClientFailover, i);

        memcpy(f->parts, common->control, sizeof common->control);
        f->parts[HS_PART_DATAPLANE] = common->dataplane;
        bound_parts(fault->t0, f->parts, HS_PART_APPLICATION);
        bound_settled(fault, f);
    }
}

static void
fill_fault(const HsAnalysis *a, const GPtrArray *faults, HsFaultTimeline *fault)
{
    Common common = {0};

    fault->until = next_fault(a, faults, fault->t0);
    fault->detections = g_array_new(FALSE, FALSE, sizeof(HsDetection));
    fault->clients = g_array_new(FALSE, TRUE, sizeof(HsClientFailover));
    find_detections(a, fault);
    fault->losses = hs_losses_new(a, fault->t0, hs_fault_horizon(fault), true);
    for (guint i = 0; i < a->samples->clients->len; i++) {
        HsClientFailover f = {0};

        hs_recovery_fill(a, fault, g_ptr_array_index(a->samples->clients, i),
                         &f);
        g_array_append_val(fault->clients, f);
    }
    find_dataplane(fault, &common.dataplane);
    find_control(a, fault, sign_of_life(fault, &common.dataplane), &common);
    finish_parts(fault, &common);
    fault->had_effect = fault->touched > 0;
    hs_failback_fill(a, fault, next_fault(a, faults, fault->cleared));
}

HsTimeline *
hs_timeline_new(const HsFacts *facts, const HsSamples *samples, HsTime start,
                HsTime end)
{
    HsTimeline *timeline = g_new0(HsTimeline, 1);
    HsAnalysis a = {.facts = facts,
                    .samples = samples,
                    .start = start,
                    .end = end,
                    .first_fault = end};

    timeline->start = start;
    timeline->end = end;
    timeline->faults = g_ptr_array_new_with_free_func(fault_free);
    collect_faults(facts, timeline->faults);
    if (timeline->faults->len > 0) {
        const HsFaultTimeline *first = g_ptr_array_index(timeline->faults, 0);

        a.first_fault = first->t0;
    }
    for (guint i = 0; i < timeline->faults->len; i++)
        fill_fault(&a, timeline->faults,
                   g_ptr_array_index(timeline->faults, i));
    timeline->losses = timeline->faults->len == 0
                           ? hs_losses_new(&a, start, end, false)
                           : g_array_new(FALSE, FALSE, sizeof(HsLoss));
    return timeline;
}

void
hs_timeline_free(HsTimeline *timeline)
{
    if (timeline == NULL)
        return;
    g_ptr_array_unref(timeline->faults);
    g_array_unref(timeline->losses);
    g_free(timeline);
}

const HsClientFailover *
hs_fault_client(const HsFaultTimeline *fault, const char *client)
{
    for (guint i = 0; i < fault->clients->len; i++) {
        const HsClientFailover *f =
            &g_array_index(fault->clients, HsClientFailover, i);

        if (g_strcmp0(f->client, client) == 0)
            return f;
    }
    return NULL;
}
