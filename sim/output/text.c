/* The verdict on a screen: what was simulated, what broke, how long the
 * database was gone and which part of that was which timer, how it failed back,
 * what theory allows, what latency did, who could read the bytes, and whether
 * it was as expected. Details are in result.json. */

#include "config.h"

#include "sim/output/result.h"

#include <string.h>

#define BOLD  "\033[1m"
#define RED   "\033[31m"
#define GREEN "\033[32m"
#define PLAIN "\033[0m"

typedef struct {
    const HsResult *result;
    GString *text;
    bool colour;
} Page;

G_GNUC_PRINTF(2, 3)
static void
say(const Page *page, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    g_string_append_vprintf(page->text, format, arguments);
    va_end(arguments);
}

static const char *
paint(const Page *page, const char *colour)
{
    return page->colour ? colour : "";
}

static void
heading(const Page *page, const char *title)
{
    say(page, "%s%-9s%s", paint(page, BOLD), title, paint(page, PLAIN));
}

static double
in_seconds(HsDuration span)
{
    return (double)span / 1e9;
}

static double
in_ms(HsDuration span)
{
    return (double)span / 1e6;
}

/* "34.4 MB"; decimal, as links are. */
static char *
bytes_text(uint64_t bytes)
{
    static const char *const units[] = {"B", "kB", "MB", "GB", "TB"};
    double value = (double)bytes;
    unsigned unit = 0;

    while (value >= 1000 && unit + 1 < G_N_ELEMENTS(units)) {
        value /= 1000;
        unit++;
    }
    if (unit == 0)
        return g_strdup_printf("%" G_GUINT64_FORMAT " B", bytes);
    return g_strdup_printf("%.1f %s", value, units[unit]);
}

static char *
rate_text(uint64_t rate)
{
    if (rate % 1000000000 == 0)
        return g_strdup_printf("%" G_GUINT64_FORMAT " Gbit/s",
                               rate / 1000000000);
    return g_strdup_printf("%g Mbit/s", (double)rate / 1e6);
}

/* What was simulated */

static void
title(const Page *page)
{
    const HsSettings *settings =
        hs_scenario_settings(page->result->scenario, 0);

    say(page, "%s%s%s: %s (%g s on ns-%s, seed %" G_GUINT64_FORMAT ")\n",
        paint(page, BOLD), hs_scenario_name(page->result->scenario),
        paint(page, PLAIN), settings->title != NULL ? settings->title : "",
        in_seconds(settings->duration), page->result->engine, settings->seed);
}

static void
describe_dx(const Page *page, const HsDx *dx)
{
    g_autofree char *rate = rate_text(dx->link.rate);
    char delay[HS_TIME_TEXT], interval[HS_TIME_TEXT], hold[HS_TIME_TEXT];

    const HsVpc *vpc = dx->gateway != NULL ? dx->gateway->vpc : NULL;

    say(page,
        "         %s (AS %u) == %s: DX %s VIF, %s, %s == %s (AS %u)%s%s\n",
        dx->site->element.name, dx->site->asn, dx->element.name,
        hs_vif_name(dx->vif), rate, hs_duration_format(dx->link.delay, delay),
        dx->dxgw != NULL ? dx->dxgw->element.name : dx->gateway->element.name,
        dx->dxgw != NULL ? dx->dxgw->asn : dx->gateway->asn,
        vpc != NULL ? " -- " : "", vpc != NULL ? vpc->element.name : "");
    if (dx->bfd.interval > 0)
        say(page, "            BGP hold %s, BFD %s x %u\n",
            hs_duration_format(dx->customer.hold, hold),
            hs_duration_format(dx->bfd.interval, interval), dx->bfd.multiplier);
    else
        say(page, "            BGP hold %s, no BFD\n",
            hs_duration_format(dx->customer.hold, hold));
}

static void
describe_vpn(const Page *page, const HsVpn *vpn)
{
    bool is_static = vpn->routing == HS_ROUTING_STATIC;
    char hold[HS_TIME_TEXT];

    say(page, "            %s: VPN, %u tunnel%s over %s%s, %s%s\n",
        vpn->element.name, vpn->tunnels, vpn->tunnels == 1 ? "" : "s",
        vpn->underlay_dx != NULL ? vpn->underlay_dx->element.name
                                 : vpn->underlay_internet->element.name,
        vpn->nat_t ? " in UDP" : "", is_static ? "static routes" : "BGP hold ",
        is_static ? "" : hs_duration_format(vpn->customer.hold, hold));
}

static void
design(const Page *page)
{
    const HsScenario *scenario = page->result->scenario;
    const HsDx *dx;
    const HsVpn *vpn;

    for (unsigned i = 0; (dx = hs_scenario_dx(scenario, i)) != NULL; i++)
        describe_dx(page, dx);
    for (unsigned i = 0; (vpn = hs_scenario_vpn(scenario, i)) != NULL; i++)
        describe_vpn(page, vpn);
}

/* A fault */

static void
fault_line(const Page *page, const HsFaultTimeline *fault)
{
    const HsElement *element =
        hs_scenario_find(page->result->scenario, fault->name);
    const HsFault *config = (const HsFault *)element;

    heading(page, "FAULT");
    say(page, "%s: %s of %s", fault->name, fault->action, fault->target);
    /* One that was caused by hand has its direction in its name. */
    if (element != NULL && element->kind == HS_KIND_FAULT)
        say(page, ", %s",
            config->direction == HS_DIRECTION_BOTH
                ? "both ways"
                : hs_direction_name(config->direction));
    say(page, ", at %.3f s", in_seconds(fault->t0));
    if (fault->cleared != HS_TIME_NEVER)
        say(page, " for %g s", in_seconds(fault->cleared - fault->t0));
    say(page, "; it touched %s\n",
        fault->effect != NULL ? fault->effect : "nothing");
    if (!fault->had_effect)
        say(page, "         %sThis run tested nothing by it.%s\n",
            paint(page, RED), paint(page, PLAIN));
}

/* "  detect      0.828    0.828  54%", or why not. */
static void
part_cells(const Page *page, const HsPart *part)
{
    if (part->status != HS_STATUS_HAPPENED)
        say(page, "%9s%9s%6s", "-", "-", "");
    else if (part->kind == HS_PART_SETTLED)
        say(page, "%9.3f%9s%6s", in_seconds(part->since_t0), "", "");
    else
        say(page, "%9.3f%9.3f%5.0f%%", in_seconds(part->since_t0),
            in_seconds(part->duration), part->share * 100);
}

/* Of a part that happened: what it was and, in the network, where. */
static void
part_story(const Page *page, const HsFaultTimeline *fault, const HsPart *part)
{
    const HsDetection *governing = NULL;

    switch (part->kind) {
    case HS_PART_DETECT:
        if (fault->governing >= 0)
            governing = &g_array_index(fault->detections, HsDetection,
                                       fault->governing);
        say(page, "  %s%s%s at %s",
            governing != NULL ? hs_detect_means_name(governing->means) : "",
            governing != NULL ? ": " : "",
            part->cause != NULL ? part->cause : "", part->node);
        break;
    case HS_PART_WITHDRAW:
        say(page, "  last word on %s reaches %s", part->subject, part->node);
        break;
    case HS_PART_FIB:
        say(page, "  route to %s at %s", part->subject, part->node);
        break;
    case HS_PART_TUNNEL:
        say(page, "  %s usable at %s", part->subject, part->node);
        break;
    case HS_PART_DATAPLANE:
    case HS_PART_TRANSPORT:
    case HS_PART_APPLICATION:
    case HS_PART_SETTLED:
        say(page, "  %s", part->cause != NULL ? part->cause : "");
        break;
    case HS_PART_COUNT:
        g_assert_not_reached();
    }
    if (part->evidence.packet != 0)
        say(page, " #%" G_GUINT64_FORMAT, part->evidence.packet);
}

static void
part_reason(const Page *page, const HsFaultTimeline *fault, const HsPart *part)
{
    if (part->status == HS_STATUS_HAPPENED)
        part_story(page, fault, part);
    else
        say(page, "  %s%s%s", hs_status_name(part->status),
            part->note != NULL ? ": " : "",
            part->note != NULL ? part->note : "");
}

static void
recovery_row(const Page *page, const char *name, const GArray *clients,
             bool outage)
{
    say(page, "         %s%-12s", paint(page, BOLD), name);
    for (guint c = 0; c < clients->len; c++) {
        const HsClientFailover *client =
            &g_array_index(clients, HsClientFailover, c);

        if (outage && client->outage.status == HS_STATUS_HAPPENED)
            say(page, "%9.3f%15s", in_seconds(client->outage.span),
                client->outage.open ? " to the end" : "");
        else if (!outage && client->recovery == HS_RECOVERY_RECOVERED)
            say(page, "%9.3f%15s", in_seconds(client->failover), "");
        else
            say(page, "%24s",
                outage ? "-" : hs_recovery_name(client->recovery));
    }
    say(page, "%s%s\n", paint(page, PLAIN),
        outage ? "  longest time without a reply" : "");
}

/* The client whose story the reasons tell: the first that was interrupted. */
static const HsClientFailover *
told_client(const GArray *clients)
{
    for (guint c = 0; c < clients->len; c++) {
        const HsClientFailover *client =
            &g_array_index(clients, HsClientFailover, c);

        if (client->recovery == HS_RECOVERY_RECOVERED ||
            client->recovery == HS_RECOVERY_NOT_RECOVERED)
            return client;
    }
    return clients->len > 0 ? &g_array_index(clients, HsClientFailover, 0)
                            : NULL;
}

static void
failover(const Page *page, const HsFaultTimeline *fault)
{
    const HsClientFailover *told = told_client(fault->clients);
    HsPartKind order[HS_PART_COUNT];

    if (told == NULL)
        return;
    hs_parts_order(told->parts, order);
    heading(page, "FAILOVER");
    say(page, "%-12s", "seconds");
    for (guint c = 0; c < fault->clients->len; c++)
        say(page, "     %-19s",
            g_array_index(fault->clients, HsClientFailover, c).client);
    say(page, "\n         %-12s", "part");
    for (guint c = 0; c < fault->clients->len; c++)
        say(page, "%9s%9s%6s", "at +", "took", "");
    say(page, "  why (#packet of the capture)\n");
    for (unsigned i = 0; i < HS_PART_COUNT; i++) {
        HsPartKind p = order[i];

        if (p == HS_PART_SETTLED)
            recovery_row(page, "= failover", fault->clients, false);
        say(page, "         %-12s", hs_part_name(p));
        for (guint c = 0; c < fault->clients->len; c++)
            part_cells(
                page,
                &g_array_index(fault->clients, HsClientFailover, c).parts[p]);
        part_reason(page, fault, &told->parts[p]);
        say(page, "\n");
    }
    recovery_row(page, "outage", fault->clients, true);
}

/* "4 min 12 s", and "12.3 s" below a minute. Transfer full. */
static char *
minutes_text(HsDuration span)
{
    if (span < HS_SEC(60))
        return g_strdup_printf("%.1f s", (double)span / 1e9);
    return g_strdup_printf("%d min %d s", (int)(span / HS_SEC(60)),
                           (int)(span % HS_SEC(60) / HS_SEC(1)));
}

/* When somebody would have been told, as AWS's monitoring goes. */
static void
known(const Page *page, guint index)
{
    const HsMonitor *monitor = page->result->monitor;
    const HsKnown *k = &g_array_index(monitor->known, HsKnown, index);
    const HsNotice *told = hs_monitor_told(monitor, index);
    const HsNotice *metric = &k->notices[HS_NOTICE_METRIC];
    g_autofree char *after = NULL, *seen = NULL;
    bool own = hs_scenario_alarm(page->result->scenario, 0) != NULL;

    if (monitor->metrics->len == 0)
        return;
    if (metric->at != HS_TIME_NEVER)
        seen = minutes_text(metric->at - k->t0);
    if (told != NULL) {
        after = minutes_text(told->at - k->t0);
        heading(page, "KNOWN");
        say(page, "someone would have known after %s: alarm %s%s\n", after,
            told->what, own ? "" : ", one of AWS's examples");
    } else if (seen != NULL) {
        heading(page, "KNOWN");
        say(page, "no alarm would have told anybody; %s shows it after %s\n",
            metric->what, seen);
    } else {
        heading(page, "KNOWN");
        say(page, "nobody would have known within the run: %s\n", metric->what);
    }
}

static void
detections(const Page *page, const HsFaultTimeline *fault)
{
    const HsPart *back = &fault->network[HS_PART_DATAPLANE];
    unsigned told = 0, later = 0;

    heading(page, "DETECTED");
    for (guint i = 0; i < fault->detections->len; i++) {
        const HsDetection *d =
            &g_array_index(fault->detections, HsDetection, i);

        if (d->consequence)
            continue;
        if (back->status == HS_STATUS_HAPPENED && d->at > back->at) {
            later++;
            continue;
        }
        say(page, "%s%s by %s at +%.3f s%s", told++ > 0 ? "; " : "", d->node,
            hs_detect_means_name(d->means), in_seconds(d->at - fault->t0),
            d->governs ? " (governs)" : "");
    }
    say(page, "%s", told == 0 ? "by nobody" : "");
    if (later > 0)
        say(page, "%s%u more after the recovery", told > 0 ? "; " : ", ",
            later);
    say(page, "\n");
}

/* Of probes that are not between a database's hosts there is the whole run. */
static void
losses_apart(const Page *page)
{
    const GArray *probes = page->result->probes;

    for (guint i = 0; i < probes->len; i++) {
        const HsProbeStats *probe = &g_array_index(probes, HsProbeStats, i);

        say(page, "%s%s: %" G_GUINT64_FORMAT " of %" G_GUINT64_FORMAT " lost",
            i > 0 ? "; " : "", probe->direction, probe->sent - probe->received,
            probe->sent);
    }
    say(page, "%s\n", probes->len == 0 ? "no probes" : " in the run");
}

static void
losses(const Page *page, const char *title_, const GArray *array)
{
    heading(page, title_);
    if (array->len == 0) {
        losses_apart(page);
        return;
    }
    for (guint i = 0; i < array->len; i++) {
        const HsLoss *loss = &g_array_index(array, HsLoss, i);

        say(page, "%s%s: ", i > 0 ? "; " : "", loss->direction);
        if (loss->status == HS_STATUS_NOT_OBSERVED)
            say(page, "not observed");
        else
            say(page, "%" G_GUINT64_FORMAT " of %" G_GUINT64_FORMAT " lost",
                loss->lost, loss->sent);
        if (loss->status == HS_STATUS_HAPPENED &&
            loss->again_status == HS_STATUS_HAPPENED)
            say(page, ", %.3f s", in_seconds(loss->span));
    }
    say(page, "\n");
}

/* The last of each protocol to come back. */
static void
sessions_up(const Page *page, const HsFailback *back)
{
    static const HsFactKind kinds[] = {HS_FACT_CARRIER, HS_FACT_BFD,
                                       HS_FACT_TUNNEL, HS_FACT_BGP};

    for (size_t k = 0; k < G_N_ELEMENTS(kinds); k++) {
        const HsSessionUp *last = NULL;

        for (guint i = 0; i < back->sessions_up->len; i++) {
            const HsSessionUp *up =
                &g_array_index(back->sessions_up, HsSessionUp, i);

            if (up->kind == kinds[k])
                last = up;
        }
        if (last != NULL)
            say(page, "%s up +%.3f s, ", hs_fact_kind_name(kinds[k]),
                in_seconds(last->at - back->cleared));
    }
}

static void
failback(const Page *page, const HsFailback *back)
{
    uint64_t lost = 0;

    heading(page, "FAILBACK");
    if (back->status != HS_STATUS_HAPPENED) {
        say(page, "the fault lasted to the end\n");
        return;
    }
    sessions_up(page, back);
    if (back->routes_status == HS_STATUS_HAPPENED)
        say(page, "routes back +%.3f s",
            in_seconds(back->routes_last - back->cleared));
    else
        say(page, "routes did not change");
    for (guint i = 0; i < back->losses->len; i++)
        lost += g_array_index(back->losses, HsLoss, i).lost;
    say(page, "; probes lost %" G_GUINT64_FORMAT, lost);
    for (guint i = 0; i < back->clients->len; i++) {
        const HsClientFailback *client =
            &g_array_index(back->clients, HsClientFailback, i);

        say(page,
            "%s%s %" G_GUINT64_FORMAT " delayed, %" G_GUINT64_FORMAT " failed",
            i == 0 ? "\n         requests since: " : "; ", client->client,
            client->requests.delayed, client->requests.failed);
    }
    say(page, "\n");
}

static void
theory(const Page *page, const char *fault)
{
    static const HsBoundTerm terms[] = {HS_BOUND_DETECT, HS_BOUND_NETWORK,
                                        HS_BOUND_PERSISTENT, HS_BOUND_POOL};
    static const char *const names[] = {"detect", "network back",
                                        "failover persistent", "pool"};
    unsigned told = 0;

    heading(page, "THEORY");
    for (guint i = 0; i < page->result->bounds->len; i++) {
        const HsResultBounds *entry =
            &g_array_index(page->result->bounds, HsResultBounds, i);

        if (!entry->applies || !g_str_equal(entry->fault, fault))
            continue;
        for (size_t t = 0; t < G_N_ELEMENTS(terms); t++) {
            const HsBoundResult *term = &entry->bounds.terms[terms[t]];

            if (term->applies)
                say(page, "%s%s %.3f..%.3f s", told++ > 0 ? "; " : "", names[t],
                    in_seconds(term->bound.min), in_seconds(term->bound.max));
        }
    }
    say(page, "%s\n",
        told == 0 ? "no interruption expected, or no bound known" : "");
}

/* The database */

static void
latency_row(const Page *page, const HsClientStats *client)
{
    say(page, "         %-12s", client->client);
    for (unsigned p = 0; p < HS_PHASE_COUNT; p++) {
        const HsLatency *l = &client->phases[p].latency;

        if (l->count == 0)
            say(page, "%22s", "-");
        else
            say(page, "%8.1f%7.0f%7.0f", in_ms(l->p50), in_ms(l->p99),
                in_ms(l->p999));
    }
    say(page, "\n");
}

/* Of requests: what the application felt, beside what it was used to. */
static void
replayed(const Page *page)
{
    const HsReplayFelt *felt = page->result->replay;
    const HsReplayKind *asked;
    g_autofree char *file = NULL;
    uint64_t lost;

    if (felt == NULL)
        return;
    asked = &felt->kinds[HS_REPLAY_REQUESTS];
    file = g_path_get_basename(felt->capture->path);
    lost = felt->played.failed + felt->played.unanswered;
    say(page,
        "         replay of %s: %" G_GUINT64_FORMAT " requests on %u "
        "connections, %s%" G_GUINT64_FORMAT " failed%s\n",
        file, felt->played.requests, felt->capture->script->connections->len,
        lost > 0 ? paint(page, RED) : "", lost, paint(page, PLAIN));
    say(page, "            p50, p99 as captured %.1f, %.1f",
        in_ms(felt->captured[HS_REPLAY_REQUESTS].p50),
        in_ms(felt->captured[HS_REPLAY_REQUESTS].p99));
    for (unsigned p = 0; p < HS_PHASE_COUNT; p++)
        if (asked->phases[p].here.count > 0)
            say(page, "; %s %.1f, %.1f", hs_phase_name((HsPhase)p),
                in_ms(asked->phases[p].here.p50),
                in_ms(asked->phases[p].here.p99));
    say(page, "\n");
}

static void
database(const Page *page)
{
    const GArray *clients = page->result->stats->clients;

    if (hs_scenario_database(page->result->scenario, 0) == NULL)
        return;
    heading(page, "DATABASE");
    if (clients->len == 0) {
        say(page, "real: its clients know their latency\n");
        return;
    }
    say(page, "%-12s", "latency, ms");
    for (unsigned p = 0; p < HS_PHASE_COUNT; p++)
        say(page, "%22s", hs_phase_name((HsPhase)p));
    say(page, "\n%21s", "");
    for (unsigned p = 0; p < HS_PHASE_COUNT; p++)
        say(page, "%8s%7s%7s", "p50", "p99", "p99.9");
    say(page, "\n");
    for (guint i = 0; i < clients->len; i++)
        latency_row(page, &g_array_index(clients, HsClientStats, i));
    say(page, "         requests");
    for (guint i = 0; i < clients->len; i++) {
        const HsClientStats *client = &g_array_index(clients, HsClientStats, i);
        const HsRequestCounts *all = &client->all.requests;

        say(page,
            "%s %s: %" G_GUINT64_FORMAT ", %" G_GUINT64_FORMAT
            " delayed, %s%" G_GUINT64_FORMAT " failed%s",
            i > 0 ? ";" : "", client->client, all->sent, all->delayed,
            all->failed + all->pending > 0 ? paint(page, RED) : "",
            all->failed + all->pending, paint(page, PLAIN));
    }
    say(page, "\n");
    replayed(page);
}

/* Who could read it */

static void
wire_row(const Page *page, const HsExposureLink *link)
{
    g_autofree char *clear = bytes_text(link->total.bytes[HS_EXPOSURE_CLEAR]);
    g_autofree char *esp = bytes_text(link->total.bytes[HS_EXPOSURE_ESP]);
    g_autofree char *control =
        bytes_text(link->total.bytes[HS_EXPOSURE_CONTROL]);
    bool loud = !link->trusted && link->seen_clear;

    say(page, "         %-26s %s%12s%s%12s%12s", link->name,
        loud ? paint(page, RED) : "", clear, loud ? paint(page, PLAIN) : "",
        esp, control);
    if (loud)
        say(page, "  %sCLEAR TEXT on an untrusted link%s, from %.3f s on",
            paint(page, RED), paint(page, PLAIN), in_seconds(link->first.at));
    if (link->total.packets[HS_EXPOSURE_MACSEC] > 0) {
        g_autofree char *macsec =
            bytes_text(link->total.bytes[HS_EXPOSURE_MACSEC]);

        say(page, "  %s encrypted by MACsec", macsec);
    }
    say(page, "\n");
}

/* The trusted links, where clear text is as it should be, in one line. */
static void
wire(const Page *page)
{
    const HsExposure *exposure = page->result->exposure;
    g_autoptr(GString) trusted = g_string_new(NULL);

    heading(page, "WIRE");
    say(page, "%26s%12s%12s%12s\n", "untrusted links", "clear", "ESP",
        "control");
    for (unsigned i = 0; i < hs_exposure_links(exposure); i++) {
        const HsExposureLink *link = hs_exposure_link(exposure, i);
        g_autofree char *clear =
            bytes_text(link->total.bytes[HS_EXPOSURE_CLEAR]);

        if (!link->trusted)
            wire_row(page, link);
        else if (link->kind == HS_LINK_LAN || link->kind == HS_LINK_VPC)
            g_string_append_printf(trusted, "%s%s %s",
                                   trusted->len > 0 ? ", " : "", link->name,
                                   clear);
    }
    say(page, "         trusted, in clear: %s\n", trusted->str);
}

/* What was negotiated, as the end that began it tells it, and what became of
 * it. */
static void
tunnel_line(const Page *page, const HsTunnelLife *life)
{
    say(page, "%s: ", life->name);
    if (life->made == 0)
        say(page, "%snever came up%s", paint(page, RED), paint(page, PLAIN));
    else
        say(page, "ESP %s by IKE %s, made in %.3f s", life->esp_suite,
            life->ike_suite != NULL ? life->ike_suite : "-",
            in_seconds(life->handshake));
    if (life->esp_rekeys + life->ike_rekeys > 0)
        say(page, ", rekeyed: ESP %u, IKE %u", life->esp_rekeys,
            life->ike_rekeys);
    if (life->lost > 0)
        say(page, "; lost %u time%s, %.3f s in all: %s", life->lost,
            life->lost == 1 ? "" : "s", in_seconds(life->down),
            life->lost_cause);
    if (life->refused > 0)
        say(page, "; %u negotiation%s failed: %s", life->refused,
            life->refused == 1 ? "" : "s", life->refused_cause);
    say(page, "\n");
}

static void
tunnels(const Page *page)
{
    bool any = false;

    for (guint i = 0; i < page->result->tunnels->len; i++) {
        const HsTunnelLife *life =
            &g_array_index(page->result->tunnels, HsTunnelLife, i);

        if (!life->began)
            continue;
        if (any)
            say(page, "         ");
        else
            heading(page, "TUNNELS");
        any = true;
        tunnel_line(page, life);
    }
}

/* The rest */

static void
assumptions(const Page *page)
{
    unsigned column = 9;

    heading(page, "ASSUMED");
    for (guint i = 0; i < page->result->assumptions->len; i++) {
        const HsValue *value = page->result->assumptions->pdata[i];
        g_autofree char *item = g_strdup_printf(
            "%s.%s = %s%s", value->element != NULL ? value->element : "",
            value->key, value->value,
            i + 1 < page->result->assumptions->len ? ", " : "");

        if (column + strlen(item) > 100) {
            say(page, "\n         ");
            column = 9;
        }
        say(page, "%s", item);
        column += (unsigned)strlen(item);
    }
    say(page, "%s\n",
        page->result->assumptions->len == 0 ? "nothing that moved the failover"
                                            : "");
}

/* Each in a line, with its place; `explain` has the evidence and the rule. */
static void
findings(const Page *page)
{
    const GPtrArray *all = page->result->findings;

    if (all->len == 0)
        return;
    heading(page, "FINDINGS");
    for (guint i = 0; i < all->len; i++) {
        const HsFinding *f = all->pdata[i];

        say(page, "%s%s%s%s (%s): %s\n", i > 0 ? "         " : "",
            hs_finding_severity(f->kind) == HS_SEVERITY_SERIOUS
                ? paint(page, RED)
                : "",
            hs_finding_id(f->kind),
            hs_finding_severity(f->kind) == HS_SEVERITY_SERIOUS
                ? paint(page, PLAIN)
                : "",
            f->where, hs_finding_title(f->kind));
    }
}

/* One that is not as it should be, in red; one that fails as it must, in green.
 */
static void
check_line(const Page *page, const HsCheck *check)
{
    bool met = hs_check_is_met(check);

    say(page, "%s%s%s%s  (%s)\n         ", paint(page, met ? GREEN : RED),
        met                ? "fails as expected: "
        : check->must_fail ? "should fail, and does not: "
                           : "",
        check->text, paint(page, PLAIN),
        check->demand.source != NULL ? check->demand.source : "");
    if (check->why != NULL)
        say(page, "  because %s\n         ", check->why);
}

static void
verdict(const Page *page)
{
    const HsVerdict *v = page->result->verdict;

    heading(page, "EXPECTED");
    if (v->checks->len == 0)
        say(page, "nothing: the scenario has no [expect]\n");
    for (guint i = 0; i < v->checks->len; i++) {
        const HsCheck *check = &g_array_index(v->checks, HsCheck, i);

        if (check->outcome != HS_OUTCOME_PASS || check->must_fail)
            check_line(page, check);
    }
    for (guint i = 0; i < v->missing->len; i++)
        say(page,
            "%s%s should fail, and [expect] does not have it%s\n         ",
            paint(page, RED), (const char *)v->missing->pdata[i],
            paint(page, PLAIN));
    for (guint i = 0; i < v->idle->len; i++)
        say(page, "%s%s%s\n         ", paint(page, RED),
            (const char *)v->idle->pdata[i], paint(page, PLAIN));
    if (v->checks->len > 0)
        say(page, "%s%u of %u expectations hold%s%s\n",
            paint(page, v->unmet == 0 ? GREEN : RED), v->passed, v->checks->len,
            !v->lesson      ? ""
            : v->unmet == 0 ? "; the rest fails as the scenario says"
                            : "; not as the scenario says",
            paint(page, PLAIN));
}

/* The best of it: the whole list is in result.json and the report. */
static void
advice(const Page *page)
{
    const GPtrArray *all = page->result->advice;
    const HsAdvice *best;

    if (all == NULL || (all->len == 0 && page->result->advice_tried == 0))
        return;
    heading(page, "ADVICE");
    if (all->len == 0) {
        say(page, "%u change%s tried, none shortens it\n",
            page->result->advice_tried,
            page->result->advice_tried == 1 ? " was" : "s were");
        return;
    }
    best = all->pdata[0];
    say(page, "%s\n", best->text);
    if (best->set != NULL)
        say(page, "         %s\n", best->set);
}

static void
files(const Page *page)
{
    const HsResult *result = page->result;

    if (result->folder == NULL)
        return;
    heading(page, "RESULTS");
    say(page, "%s/%sresult.json", result->folder,
        result->reported ? "report.html, " : "");
    if (result->captured)
        say(page,
            "; capture.pcapng with %" G_GUINT64_FORMAT
            " packets%s: hybridsim wireshark %s",
            result->capture.packets,
            result->capture_limited ? " (its limit was reached)" : "",
            result->folder);
    say(page, "\n");
}

/* A live run */

static void
realtime(const Page *page)
{
    const HsResultRealtime *r = page->result->realtime;

    if (r == NULL)
        return;
    heading(page, "LIVE");
    say(page, "from %s for %.3f s; late by %.2f ms at p99, %.2f ms at most\n",
        r->started, in_seconds(page->result->end), in_ms(r->p99),
        in_ms(r->max));
    if (r->behind > 0)
        say(page,
            "         %sIt fell behind by more than %g ms %" G_GUINT64_FORMAT
            " times: the figures are not the network's alone.%s\n",
            paint(page, RED), in_ms(r->limit), r->behind, paint(page, PLAIN));
    for (guint i = 0; i < r->ports->len; i++) {
        const HsResultPort *port = &g_array_index(r->ports, HsResultPort, i);

        say(page,
            "         %s: %" G_GUINT64_FORMAT " packets in, %" G_GUINT64_FORMAT
            " out, %" G_GUINT64_FORMAT " dropped\n",
            port->device, port->from_real, port->to_real,
            port->malformed + port->late + port->overruns + port->refused);
    }
}

/* Columns that end a line leave spaces behind. */
static void
trim_lines(GString *text)
{
    gsize to = 0;

    for (gsize from = 0; from < text->len; from++) {
        if (text->str[from] == '\n')
            while (to > 0 && text->str[to - 1] == ' ')
                to--;
        text->str[to++] = text->str[from];
    }
    g_string_truncate(text, to);
}

void
hs_result_text(const HsResult *result, bool colour, GString *text)
{
    Page page = {.result = result, .text = text, .colour = colour};

    title(&page);
    design(&page);
    for (guint i = 0; i < result->timeline->faults->len; i++) {
        const HsFaultTimeline *fault = result->timeline->faults->pdata[i];

        fault_line(&page, fault);
        failover(&page, fault);
        known(&page, i);
        detections(&page, fault);
        losses(&page, "PROBES", fault->losses);
        failback(&page, &fault->failback);
        theory(&page, fault->name);
    }
    if (result->timeline->faults->len == 0)
        losses(&page, "PROBES", result->timeline->losses);
    database(&page);
    realtime(&page);
    wire(&page);
    tunnels(&page);
    assumptions(&page);
    findings(&page);
    advice(&page);
    verdict(&page);
    files(&page);
    trim_lines(text);
}
