/* The figures of a run: their names, and what the run says of each.
 *
 * A figure's name is built from words: what it is, for latencies a phase and a
 * statistic, and last the client, if only one is meant. Without a client the
 * worse one counts, or the sum where requests are counted; with several faults
 * the worst fault, or again the sum.
 *
 * Worse, in this order: it never happened; it was not observed; a larger value;
 * a smaller value; there was none, because nothing was interrupted. A fault
 * that touched nothing makes the figures of the failover "not observed": it
 * tested nothing, and no expectation may rest on it. */

#include "config.h"

#include "sim/observe/verdict.h"

#include <string.h>

/* Where a figure comes from; ARGUMENT is a part, a kind of link, or a phase. */
typedef enum {
    FROM_FAILOVER,
    FROM_OUTAGE,
    FROM_OUTAGE_WORST,
    FROM_NETWORK,
    FROM_CLIENT,
    FROM_FAILBACK,
    FROM_FAILBACK_GAP,
    FROM_PROBES_LOST,
    FROM_FAILED,
    FROM_DELAYED,
    FROM_PENDING,
    FROM_LATENCY,
    FROM_PLAINTEXT,
    FROM_PLAINTEXT_KIND,
    FROM_REKEYS,
    FROM_TUNNELS_LOST,
} Source;

/* The last three have no fixed names: they are read when they are asked for. */
typedef enum {
    P50,
    P90,
    P99,
    P999,
    MEAN,
    MAXIMUM,
    STATISTICS,
    MINIMUM,
    COUNT,
    PERCENTILE,
} Statistic;

typedef struct {
    Source source;
    int argument;
    Statistic statistic;
    const char *client; /* NULL: the worse, or the sum, of all */
    const char *fault;  /* interned; NULL: the worst of all */
    double percent;     /* PERCENTILE */
} Origin;

/* Sources of one run. */
typedef struct {
    const HsTimeline *timeline; /* borrowed, as the rest */
    const HsStats *stats;
    const HsExposure *exposure;
    const GArray *tunnels; /* HsTunnelLife */
} Run;

struct HsReadings {
    Run run;
    GArray *readings; /* HsReading, in the order of the names, and then of
                       * asking */
};

static GArray *all_names;   /* HsFigureName, ended by NULL */
static GArray *all_origins; /* Origin */

const char *
hs_reading_unit_name(HsReadingUnit unit)
{
    static const char *const names[] = {
#define X(name, text) [HS_READING_IN_##name] = text,
        HS_READING_UNITS(X)
#undef X
    };

    g_assert((unsigned)unit < G_N_ELEMENTS(names));
    return names[unit];
}

const char *
hs_reading_state_name(HsReadingState state)
{
    static const char *const names[] = {
#define X(name, text) [HS_READING_##name] = text,
        HS_READING_STATES(X)
#undef X
    };

    g_assert((unsigned)state < G_N_ELEMENTS(names));
    return names[state];
}

/* The names */

static const char *const clients[] = {NULL, "persistent", "pool"};

static void
add(const char *name, HsReadingUnit unit, const char *help, Origin origin)
{
    HsFigureName row = {g_intern_string(name), unit, g_intern_string(help)};

    g_array_append_val(all_names, row);
    g_array_append_val(all_origins, origin);
}

/* NAME and, behind it, .persistent and .pool, then SUFFIX. */
static void
add_for_clients(const char *name, const char *suffix, HsReadingUnit unit,
                const char *help, Origin origin)
{
    for (size_t i = 0; i < G_N_ELEMENTS(clients); i++) {
        g_autofree char *full =
            g_strconcat(name, clients[i] ? "." : "",
                        clients[i] ? clients[i] : "", suffix, NULL);
        g_autofree char *text = g_strdup_printf(
            "%s; %s", help,
            clients[i] == NULL
                ? unit == HS_READING_IN_COUNT ? "all clients" : "worst client"
            : i == 1 ? "persistent connection"
                     : "pool");

        origin.client = clients[i];
        add(full, unit, text, origin);
    }
}

static void
add_latencies(void)
{
    static const struct {
        const char *name, *help;
    } rows[STATISTICS] = {
        [P50] = {"p50", "median"},
        [P90] = {"p90", "90th percentile"},
        [P99] = {"p99", "99th percentile"},
        [P999] = {"p99.9", "99.9th percentile"},
        [MEAN] = {"mean", "mean"},
        [MAXIMUM] = {"max", "highest"},
    };

    for (int phase = 0; phase <= HS_PHASE_COUNT; phase++)
        for (int s = 0; s < STATISTICS; s++) {
            bool all = phase == HS_PHASE_COUNT;
            const char *word = all ? "" : hs_phase_name((HsPhase)phase);
            g_autofree char *name = g_strdup_printf(
                "db.%s%s%s", word, all ? "" : ".", rows[s].name);
            g_autofree char *help =
                g_strdup_printf("%s of the latency, %s", rows[s].help,
                                all ? "whole run" : word);

            add_for_clients(name, "", HS_READING_IN_TIME, help,
                            (Origin){.source = FROM_LATENCY,
                                     .argument = phase,
                                     .statistic = (Statistic)s});
        }
}

static void
add_plaintext(void)
{
    add("plaintext.bytes", HS_READING_IN_BYTES,
        "bytes of protected flows in clear, on all untrusted links",
        (Origin){.source = FROM_PLAINTEXT});
    for (int kind = 0; kind < HS_LINK_KIND_COUNT; kind++) {
        const char *word = hs_link_kind_name((HsLinkKind)kind);
        g_autofree char *name = g_strdup_printf("plaintext.%s.bytes", word);
        g_autofree char *help = g_strdup_printf(
            "bytes of protected flows in clear, on links of kind %s", word);

        add(name, HS_READING_IN_BYTES, help,
            (Origin){.source = FROM_PLAINTEXT_KIND, .argument = kind});
    }
}

static void
add_parts(void)
{
    static const struct {
        HsPartKind part;
        const char *help;
    } rows[] = {
        {HS_PART_DETECT, "fault to the detection that governed the recovery"},
        {HS_PART_WITHDRAW, "fault to the last route received that helped"},
        {HS_PART_FIB, "fault to the last forwarding table that helped"},
        {HS_PART_TUNNEL, "fault to a tunnel usable on the new path"},
        {HS_PART_DATAPLANE, "fault to the first probe that arrived again"},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
        add(hs_part_name(rows[i].part), HS_READING_IN_TIME, rows[i].help,
            (Origin){.source = FROM_NETWORK, .argument = (int)rows[i].part});
    add_for_clients(
        "transport", "", HS_READING_IN_TIME,
        "fault to the first segment acknowledged again",
        (Origin){.source = FROM_CLIENT, .argument = HS_PART_TRANSPORT});
    add_for_clients(
        "settled", "", HS_READING_IN_TIME,
        "fault to the latency's return into its steady band",
        (Origin){.source = FROM_CLIENT, .argument = HS_PART_SETTLED});
}

static void
make_names(void)
{
    if (all_names != NULL)
        return;
    all_names = g_array_new(TRUE, FALSE, sizeof(HsFigureName));
    all_origins = g_array_new(FALSE, FALSE, sizeof(Origin));
    add_for_clients("failover", "", HS_READING_IN_TIME,
                    "fault to the first good reply to a request sent after it",
                    (Origin){.source = FROM_FAILOVER});
    add_for_clients("outage", "", HS_READING_IN_TIME,
                    "longest span without a good reply",
                    (Origin){.source = FROM_OUTAGE});
    add_for_clients("outage", ".worst", HS_READING_IN_TIME,
                    "longest span without a good reply on one connection",
                    (Origin){.source = FROM_OUTAGE_WORST});
    add_parts();
    add("failback", HS_READING_IN_TIME,
        "clearing of the fault to the last session and route",
        (Origin){.source = FROM_FAILBACK});
    add_for_clients("failback.gap", "", HS_READING_IN_TIME,
                    "longest span without a good reply after the clearing",
                    (Origin){.source = FROM_FAILBACK_GAP});
    add("probes.lost", HS_READING_IN_COUNT, "probes lost, all directions",
        (Origin){.source = FROM_PROBES_LOST});
    add_for_clients("requests.failed", "", HS_READING_IN_COUNT,
                    "requests that failed", (Origin){.source = FROM_FAILED});
    add_for_clients("requests.delayed", "", HS_READING_IN_COUNT,
                    "requests answered later than usual",
                    (Origin){.source = FROM_DELAYED});
    add_for_clients("requests.pending", "", HS_READING_IN_COUNT,
                    "requests without an end",
                    (Origin){.source = FROM_PENDING});
    add_latencies();
    add_plaintext();
    add("tunnels.rekeys", HS_READING_IN_COUNT,
        "times that a tunnel's SAs were replaced, ESP's and IKE's",
        (Origin){.source = FROM_REKEYS});
    add("tunnels.lost", HS_READING_IN_COUNT, "times that a tunnel went down",
        (Origin){.source = FROM_TUNNELS_LOST});
}

const HsFigureName *
hs_figure_names(void)
{
    make_names();
    return (const HsFigureName *)(const void *)all_names->data;
}

const HsFigureName *
hs_figure_name_find(const char *name)
{
    for (const HsFigureName *row = hs_figure_names(); row->name != NULL; row++)
        if (strcmp(row->name, name) == 0)
            return row;
    return NULL;
}

/* The readings */

static HsReading
reading(HsReadingState state, int64_t value)
{
    return (HsReading){.state = state, .value = value};
}

static int
badness(HsReadingState state)
{
    switch (state) {
    case HS_READING_NEVER:
        return 4;
    case HS_READING_NOT_OBSERVED:
        return 3;
    case HS_READING_VALUE:
        return 2;
    case HS_READING_NONE:
        return 1;
    }
    g_assert_not_reached();
}

/* NONE_YET: nothing was read so far; any reading takes its place. */
static void
take_worse(HsReading *worst, bool *none_yet, HsReading other)
{
    if (*none_yet || badness(other.state) > badness(worst->state) ||
        (other.state == HS_READING_VALUE && worst->state == HS_READING_VALUE &&
         other.value > worst->value))
        *worst = other;
    *none_yet = false;
}

static HsReading
of_recovery(const HsClientFailover *f, HsStatus status, int64_t value)
{
    if (status == HS_STATUS_HAPPENED)
        return reading(HS_READING_VALUE, value);
    if (status == HS_STATUS_NOT_OBSERVED)
        return reading(HS_READING_NOT_OBSERVED, 0);
    return reading(f->recovery == HS_RECOVERY_UNINTERRUPTED ? HS_READING_NONE
                                                            : HS_READING_NEVER,
                   0);
}

static HsReading
of_outage(const HsClientFailover *f, const HsOutage *outage)
{
    if (f->recovery == HS_RECOVERY_NOT_RECOVERED)
        return reading(HS_READING_NEVER, 0);
    return of_recovery(f, outage->status, outage->span);
}

/* A request that was under way when the run ended opens a gap as well; it only
 * means something once it is longer than replies and their distance were. */
static HsReading
of_gap(const HsFaultTimeline *fault, const HsClientFailover *f)
{
    const GArray *backs = fault->failback.clients;

    for (guint i = 0; i < backs->len; i++) {
        const HsClientFailback *back =
            &g_array_index(backs, HsClientFailback, i);

        if (back->client != f->client || back->gap.status != HS_STATUS_HAPPENED)
            continue;
        if (back->gap.open &&
            back->gap.span > hs_time_add(f->late_over, f->gap_before))
            return reading(HS_READING_NEVER, 0);
        return reading(HS_READING_VALUE, back->gap.span);
    }
    return reading(HS_READING_NOT_OBSERVED, 0);
}

static HsReading
of_client(const Origin *origin, const HsFaultTimeline *fault,
          const HsClientFailover *f)
{
    const HsPart *part = &f->parts[origin->argument];

    switch ((int)origin->source) {
    case FROM_FAILOVER:
        return of_recovery(f, f->parts[HS_PART_APPLICATION].status,
                           f->failover);
    case FROM_OUTAGE:
        return of_outage(f, &f->outage);
    case FROM_OUTAGE_WORST:
        return of_outage(f, &f->outage_worst);
    case FROM_FAILBACK_GAP:
        return of_gap(fault, f);
    case FROM_CLIENT:
        /* A client that came back without a retransmission needed none. */
        if (part->kind == HS_PART_TRANSPORT &&
            part->status == HS_STATUS_DID_NOT_HAPPEN &&
            f->recovery == HS_RECOVERY_RECOVERED)
            return reading(HS_READING_NONE, 0);
        return of_recovery(f, part->status, part->since_t0);
    default:
        g_assert_not_reached();
    }
}

static bool
was_interrupted(const HsFaultTimeline *fault)
{
    for (guint i = 0; i < fault->losses->len; i++)
        if (g_array_index(fault->losses, HsLoss, i).status ==
            HS_STATUS_HAPPENED)
            return true;
    for (guint i = 0; i < fault->clients->len; i++)
        if (g_array_index(fault->clients, HsClientFailover, i).interrupted !=
            HS_TIME_NEVER)
            return true;
    return false;
}

/* Without an interruption nothing had to happen; nor had a route or a tunnel
 * to come, if recovery did without. */
static HsReading
of_network(const HsFaultTimeline *fault, HsPartKind kind)
{
    const HsPart *part = &fault->network[kind];
    bool optional = kind == HS_PART_WITHDRAW || kind == HS_PART_TUNNEL;

    if (part->status == HS_STATUS_HAPPENED)
        return reading(HS_READING_VALUE, part->since_t0);
    if (part->status == HS_STATUS_NOT_OBSERVED)
        return reading(HS_READING_NOT_OBSERVED, 0);
    return reading(optional || !was_interrupted(fault) ? HS_READING_NONE
                                                       : HS_READING_NEVER,
                   0);
}

static HsReading
of_failback(const HsFaultTimeline *fault)
{
    const HsFailback *back = &fault->failback;

    if (back->status != HS_STATUS_HAPPENED)
        return reading(HS_READING_NOT_OBSERVED, 0);
    if (back->complete_status == HS_STATUS_HAPPENED)
        return reading(HS_READING_VALUE, back->complete);
    return reading(
        fault->detections->len > 0 ? HS_READING_NEVER : HS_READING_NONE, 0);
}

static HsReading
of_fault(const Origin *origin, const HsFaultTimeline *fault)
{
    HsReading worst = {.state = HS_READING_NOT_OBSERVED};
    bool none_yet = true;

    if (!fault->had_effect)
        return worst;
    if (origin->source == FROM_NETWORK)
        return of_network(fault, (HsPartKind)origin->argument);
    if (origin->source == FROM_FAILBACK)
        return of_failback(fault);
    for (guint i = 0; i < fault->clients->len; i++) {
        const HsClientFailover *f =
            &g_array_index(fault->clients, HsClientFailover, i);

        if (origin->client == NULL || strcmp(origin->client, f->client) == 0)
            take_worse(&worst, &none_yet, of_client(origin, fault, f));
    }
    return worst;
}

static HsReading
of_timeline(const Run *run, const Origin *origin)
{
    HsReading worst = {.state = HS_READING_NOT_OBSERVED};
    bool none_yet = true;

    for (guint i = 0; i < run->timeline->faults->len; i++) {
        const HsFaultTimeline *fault =
            g_ptr_array_index(run->timeline->faults, i);
        HsReading one;

        if (origin->fault != NULL && strcmp(origin->fault, fault->name) != 0)
            continue;
        one = of_fault(origin, fault);
        one.fault = fault->name;
        take_worse(&worst, &none_yet, one);
    }
    return worst;
}

static void
add_losses(HsReading *sum, const GArray *losses)
{
    for (guint i = 0; i < losses->len; i++) {
        const HsLoss *loss = &g_array_index(losses, HsLoss, i);

        if (loss->status == HS_STATUS_NOT_OBSERVED)
            continue;
        sum->state = HS_READING_VALUE;
        sum->value += (int64_t)loss->lost;
    }
}

static HsReading
of_probes(const Run *run)
{
    HsReading sum = {.state = HS_READING_NOT_OBSERVED};

    add_losses(&sum, run->timeline->losses);
    for (guint i = 0; i < run->timeline->faults->len; i++) {
        const HsFaultTimeline *fault =
            g_ptr_array_index(run->timeline->faults, i);

        add_losses(&sum, fault->losses);
        add_losses(&sum, fault->failback.losses);
    }
    return sum;
}

/* One end speaks for both. */
static HsReading
of_tunnels(const Run *run, const Origin *origin)
{
    HsReading sum = {.state = HS_READING_NOT_OBSERVED};

    for (guint i = 0; run->tunnels != NULL && i < run->tunnels->len; i++) {
        const HsTunnelLife *life =
            &g_array_index(run->tunnels, HsTunnelLife, i);

        if (!life->speaks)
            continue;
        sum.state = HS_READING_VALUE;
        sum.value += origin->source == FROM_REKEYS
                         ? (int64_t)life->esp_rekeys + life->ike_rekeys
                         : (int64_t)life->lost;
    }
    return sum;
}

static HsReading
of_requests(const Run *run, const Origin *origin)
{
    HsReading sum = {.state = HS_READING_NOT_OBSERVED};

    for (guint i = 0; i < run->stats->clients->len; i++) {
        const HsClientStats *client =
            &g_array_index(run->stats->clients, HsClientStats, i);
        const HsRequestCounts *counts = &client->all.requests;

        if ((origin->client != NULL &&
             strcmp(origin->client, client->client) != 0) ||
            counts->sent == 0)
            continue;
        sum.state = HS_READING_VALUE;
        sum.value +=
            (int64_t)(origin->source == FROM_FAILED    ? counts->failed
                      : origin->source == FROM_DELAYED ? counts->delayed
                                                       : counts->pending);
    }
    return sum;
}

static const HsPhaseStats *
phase_of(const HsClientStats *client, const Origin *origin)
{
    return origin->argument == HS_PHASE_COUNT
               ? &client->all
               : &client->phases[origin->argument];
}

static HsDuration
statistic(const HsClientStats *client, const Origin *origin)
{
    const HsLatency *latency = &phase_of(client, origin)->latency;
    const GArray *sorted = client->sorted[origin->argument];

    switch (origin->statistic) {
    case P50:
        return latency->p50;
    case P90:
        return latency->p90;
    case P99:
        return latency->p99;
    case P999:
        return latency->p999;
    case MEAN:
        return latency->mean;
    case MAXIMUM:
        return latency->max;
    case MINIMUM:
        return latency->min;
    case PERCENTILE:
        return hs_percentile((const HsDuration *)(void *)sorted->data,
                             sorted->len, origin->percent);
    case COUNT:
    case STATISTICS:
        break;
    }
    g_assert_not_reached();
}

/* How many values there were. */
static HsReading
of_values(const Run *run, const Origin *origin)
{
    HsReading sum = {.state = HS_READING_NOT_OBSERVED};

    for (guint i = 0; i < run->stats->clients->len; i++) {
        const HsClientStats *client =
            &g_array_index(run->stats->clients, HsClientStats, i);
        const HsPhaseStats *phase = phase_of(client, origin);

        if ((origin->client != NULL &&
             strcmp(origin->client, client->client) != 0) ||
            phase->requests.sent == 0)
            continue;
        sum.state = HS_READING_VALUE;
        sum.value += (int64_t)phase->latency.count;
    }
    return sum;
}

static HsReading
of_latency(const Run *run, const Origin *origin)
{
    HsReading worst = {.state = HS_READING_NOT_OBSERVED};
    bool none_yet = true;

    for (guint i = 0; i < run->stats->clients->len; i++) {
        const HsClientStats *client =
            &g_array_index(run->stats->clients, HsClientStats, i);
        const HsPhaseStats *phase = phase_of(client, origin);
        HsReading one = {.state = HS_READING_NOT_OBSERVED};

        if (origin->client != NULL &&
            strcmp(origin->client, client->client) != 0)
            continue;
        if (phase->latency.count > 0)
            one = reading(HS_READING_VALUE, statistic(client, origin));
        else if (phase->requests.sent > 0)
            one.state = HS_READING_NEVER; /* none of them was answered */
        else if (origin->argument == HS_PHASE_DURING &&
                 client->all.requests.sent > 0 &&
                 run->timeline->faults->len > 0)
            one.state = HS_READING_NONE; /* it was not interrupted */
        take_worse(&worst, &none_yet, one);
    }
    return worst;
}

static HsReading
of_exposure(const Run *run, const Origin *origin)
{
    if (run->exposure == NULL || hs_exposure_packets(run->exposure) == 0)
        return reading(HS_READING_NOT_OBSERVED, 0);
    return reading(
        HS_READING_VALUE,
        (int64_t)(origin->source == FROM_PLAINTEXT
                      ? hs_exposure_untrusted_clear(run->exposure)
                      : hs_exposure_kind_clear(run->exposure,
                                               (HsLinkKind)origin->argument)));
}

static HsReading
read_figure(const Run *run, const Origin *origin)
{
    switch (origin->source) {
    case FROM_FAILOVER:
    case FROM_OUTAGE:
    case FROM_OUTAGE_WORST:
    case FROM_NETWORK:
    case FROM_CLIENT:
    case FROM_FAILBACK:
    case FROM_FAILBACK_GAP:
        return of_timeline(run, origin);
    case FROM_PROBES_LOST:
        return of_probes(run);
    case FROM_FAILED:
    case FROM_DELAYED:
    case FROM_PENDING:
        return of_requests(run, origin);
    case FROM_LATENCY:
        return origin->statistic == COUNT ? of_values(run, origin)
                                          : of_latency(run, origin);
    case FROM_PLAINTEXT:
    case FROM_PLAINTEXT_KIND:
        return of_exposure(run, origin);
    case FROM_REKEYS:
    case FROM_TUNNELS_LOST:
        return of_tunnels(run, origin);
    }
    g_assert_not_reached();
}

HsReadings *
hs_readings_new(const HsTimeline *timeline, const HsStats *stats,
                const HsExposure *exposure, const GArray *tunnels)
{
    HsReadings *readings = g_new0(HsReadings, 1);

    readings->run = (Run){timeline, stats, exposure, tunnels};

    make_names();
    readings->readings = g_array_new(FALSE, FALSE, sizeof(HsReading));
    for (guint i = 0; i < all_names->len; i++) {
        const HsFigureName *name = &g_array_index(all_names, HsFigureName, i);
        HsReading one =
            read_figure(&readings->run, &g_array_index(all_origins, Origin, i));

        one.name = name->name;
        one.unit = name->unit;
        g_array_append_val(readings->readings, one);
    }
    return readings;
}

void
hs_readings_free(HsReadings *readings)
{
    if (readings == NULL)
        return;
    g_array_unref(readings->readings);
    g_free(readings);
}

unsigned
hs_readings_count(const HsReadings *readings)
{
    return readings->readings->len;
}

const HsReading *
hs_readings_at(const HsReadings *readings, unsigned index)
{
    g_assert(index < readings->readings->len);
    return &g_array_index(readings->readings, HsReading, index);
}

const HsReading *
hs_readings_find(const HsReadings *readings, const char *name)
{
    for (guint i = 0; i < readings->readings->len; i++)
        if (strcmp(hs_readings_at(readings, i)->name, name) == 0)
            return hs_readings_at(readings, i);
    return NULL;
}

/* Figures without fixed names */

/* "cut.outage.pool": the longest figure of a failover that NAME ends with, and
 * the fault before it. */
static bool
find_of_fault(const char *name, Origin *ret_origin, HsReadingUnit *ret_unit)
{
    size_t longest = 0;

    for (guint i = 0; i < all_names->len; i++) {
        const HsFigureName *row = &g_array_index(all_names, HsFigureName, i);
        const Origin *origin = &g_array_index(all_origins, Origin, i);
        g_autofree char *end = g_strconcat(".", row->name, NULL);

        if (origin->source > FROM_FAILBACK_GAP ||
            strlen(row->name) <= longest || !g_str_has_suffix(name, end))
            continue;
        longest = strlen(row->name);
        *ret_origin = *origin;
        *ret_unit = row->unit;
    }
    if (longest > 0) {
        g_autofree char *fault = g_strndup(name, strlen(name) - longest - 1);

        ret_origin->fault = g_intern_string(fault);
    }
    return longest > 0;
}

/* "during.p95.pool", "count" */
static bool
find_latency(const char *name, Origin *ret_origin, HsReadingUnit *ret_unit)
{
    Origin origin = {.source = FROM_LATENCY, .argument = HS_PHASE_COUNT};
    g_autofree char *word = NULL;
    char *end;

    for (int p = 0; p < HS_PHASE_COUNT; p++) {
        g_autofree char *begin =
            g_strconcat(hs_phase_name((HsPhase)p), ".", NULL);

        if (!g_str_has_prefix(name, begin))
            continue;
        origin.argument = p;
        name += strlen(begin);
        break;
    }
    word = g_strdup(name);
    for (size_t i = 1; i < G_N_ELEMENTS(clients); i++) {
        g_autofree char *suffix = g_strconcat(".", clients[i], NULL);

        if (!g_str_has_suffix(word, suffix))
            continue;
        origin.client = clients[i];
        word[strlen(word) - strlen(suffix)] = '\0';
        break;
    }
    origin.statistic = strcmp(word, "count") == 0 ? COUNT
                       : strcmp(word, "min") == 0 ? MINIMUM
                                                  : PERCENTILE;
    if (origin.statistic == PERCENTILE) {
        origin.percent = g_ascii_strtod(word + (*word == 'p'), &end);
        if (*word != 'p' || !g_ascii_isdigit(word[1]) || *end != '\0' ||
            origin.percent > 100)
            return false;
    }
    *ret_unit =
        origin.statistic == COUNT ? HS_READING_IN_COUNT : HS_READING_IN_TIME;
    *ret_origin = origin;
    return true;
}

const HsReading *
hs_readings_ask(HsReadings *readings, const char *name)
{
    const HsReading *found = hs_readings_find(readings, name);
    HsReadingUnit unit = HS_READING_IN_TIME;
    Origin origin = {.source = FROM_LATENCY};
    HsReading one;

    if (found != NULL)
        return found;
    if (!(g_str_has_prefix(name, "fault.") &&
          find_of_fault(name + strlen("fault."), &origin, &unit)) &&
        !(g_str_has_prefix(name, "db.") &&
          find_latency(name + strlen("db."), &origin, &unit)))
        return NULL;
    one = read_figure(&readings->run, &origin);
    one.name = g_intern_string(name);
    one.unit = unit;
    g_array_append_val(readings->readings, one);
    return hs_readings_at(readings, readings->readings->len - 1);
}
