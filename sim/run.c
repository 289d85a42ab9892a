/* The files are made in an order that finds trouble early: the folder and the
 * capture are opened before the simulation starts, and all files get their
 * names when they are complete (sim/folder.h): what is written during a run
 * goes to hs_folder_work(). */

#include "config.h"

#include "sim/run.h"

#include "sim/findings/observed.h"
#include "sim/folder.h"
#include "sim/judge.h"
#include "sim/paths.h"
#include "sim/report/report.h"
#include "sim/world/live.h"
#include "sim/world/theory.h"
#include "sim/world/view.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>

/* What the world's callbacks need. */
typedef struct {
    const HsRunOptions *options;  /* borrowed */
    const CaptureWriter *capture; /* borrowed, or NULL */
} Watch;

struct HsRun {
    Watch watch;             /* outlives world */
    HsWorld *world;          /* owned */
    HsSamples *samples;      /* owned */
    char *folder;            /* owned; NULL: no files */
    HsFolder *files;         /* owned; NULL: no files */
    HsReplayCapture *replay; /* owned; NULL: none */
    HsResult result;
};

/* Files */

/* What a capture of everything has at the very least: each request, answer and
 * probe on this many links, with these headers; and half of them may not be
 * sent because the path is gone. */
#define LEAST_LINKS   3
#define LEAST_HEADERS 80

static bool
wants_capture(const HsScenario *scenario, const HsRunOptions *options)
{
    return !options->no_capture && hs_scenario_capture(scenario, 0)->file;
}

/* So little that it is right to refuse a disk that has not even this. */
static uint64_t
least_room(const HsScenario *scenario, const HsRunOptions *options)
{
    const HsSettings *settings = hs_scenario_settings(scenario, 0);
    const HsDatabase *database = hs_scenario_database(scenario, 0);
    const HsProbing *probe = hs_scenario_probe(scenario, 0);
    const HsCapture *capture = hs_scenario_capture(scenario, 0);
    const uint64_t others = 64 * 1024;
    uint64_t bytes = 0;

    if (!wants_capture(scenario, options) || options->live != NULL ||
        capture->filter[0] != '\0' || capture->snaplen != 0 ||
        capture->links != NULL)
        return others;
    if (database != NULL && database->loop == HS_LOOP_OPEN) {
        uint64_t requests, replies;

        hs_database_bytes(scenario, &requests, &replies);
        bytes += 2 * (uint64_t)(settings->duration / database->interval) *
                 (requests + replies + 2 * LEAST_HEADERS);
    }
    if (probe != NULL)
        bytes += 2 * (uint64_t)(settings->duration / probe->interval) *
                 LEAST_HEADERS;
    bytes *= LEAST_LINKS;
    if (capture->limit != 0)
        bytes = MIN(bytes, capture->limit);
    return others + bytes / 2;
}

static bool
make_folder(HsRun *run, const HsScenario *scenario, const HsRunOptions *options,
            GError **error)
{
    const GPtrArray *leftovers;

    run->folder =
        g_build_filename(options->out, hs_scenario_name(scenario), NULL);
    run->files =
        hs_folder_new(run->folder, least_room(scenario, options), error);
    if (run->files == NULL)
        return false;
    leftovers = hs_folder_leftovers(run->files);
    for (guint i = 0; i < leftovers->len && options->warn != NULL; i++) {
        g_autofree char *text =
            g_strdup_printf("%s/%s: removed; a run was killed and left it",
                            run->folder, (char *)leftovers->pdata[i]);

        options->warn(text);
    }
    return true;
}

static CaptureWriter *
open_capture(const HsScenario *scenario, const char *folder, bool live,
             GError **error)
{
    const HsCapture *settings = hs_scenario_capture(scenario, 0);
    g_autofree char *path = g_build_filename(folder, "capture.pcapng", NULL);
    g_autofree char *engine = g_strdup_printf("ns-%s", hs_sim_engine_version());
    g_autofree char *comment = g_strdup_printf(
        "scenario %s, seed %" G_GUINT64_FORMAT, hs_scenario_name(scenario),
        hs_scenario_settings(scenario, 0)->seed);
    CaptureConfig config = {
        .hardware = "simulated network",
        .os = engine,
        .application = PACKAGE_STRING,
        .comment = comment,
        .filter = settings->filter[0] != '\0' ? settings->filter : NULL,
        .link_folder = settings->per_link ? folder : NULL,
        .snaplen = settings->snaplen,
        .limit = settings->limit,
        .background = live,
    };

    return capture_writer_new(path, &config, error);
}

/* A comment where the timeline points, so that a reader of the capture finds
 * the failover in it. */
static void
comment_packets(CaptureWriter *capture, const HsTimeline *timeline)
{
    for (guint f = 0; f < timeline->faults->len; f++) {
        const HsFaultTimeline *fault = timeline->faults->pdata[f];

        for (guint i = 0; i < fault->detections->len; i++) {
            const HsDetection *d =
                &g_array_index(fault->detections, HsDetection, i);
            g_autofree char *text = g_strdup_printf(
                "hybridsim: %s detects %s %.6f s after the fault (%s); this "
                "packet is its evidence",
                d->node, fault->name, (double)(d->at - fault->t0) / 1e9,
                hs_detect_means_name(d->means));

            capture_writer_comment(capture, d->evidence.packet, text);
        }
        for (guint c = 0; c < fault->clients->len; c++) {
            const HsClientFailover *client =
                &g_array_index(fault->clients, HsClientFailover, c);

            for (unsigned p = 0; p < HS_PART_COUNT; p++) {
                const HsPart *part = &client->parts[p];
                g_autofree char *text = NULL;

                if (part->status != HS_STATUS_HAPPENED ||
                    part->kind == HS_PART_DETECT)
                    continue;
                text =
                    g_strdup_printf("hybridsim: %s (%s), %.6f s after fault %s",
                                    hs_part_name(part->kind), client->client,
                                    (double)part->since_t0 / 1e9, fault->name);
                capture_writer_comment(capture, part->evidence.packet, text);
            }
        }
    }
}

static void
comment_exposure(CaptureWriter *capture, const HsExposure *exposure)
{
    for (unsigned i = 0; i < hs_exposure_links(exposure); i++) {
        const HsExposureLink *link = hs_exposure_link(exposure, i);
        g_autofree char *text = NULL;

        if (link->trusted || !link->seen_clear)
            continue;
        text = g_strdup_printf("hybridsim: first protected packet in clear "
                               "text on %s",
                               link->name);
        capture_writer_comment(capture, link->first.number, text);
    }
}

static bool
write_profile(const HsWorld *world, const HsScenario *scenario,
              const char *folder, GError **error)
{
    g_autofree char *path = g_build_filename(folder, "wireshark", NULL);
    g_autoptr(GArray) sas = g_array_new(FALSE, FALSE, sizeof(CaptureEspSa));
    const HsDatabase *database = hs_scenario_database(scenario, 0);
    g_autofree char *filter =
        database != NULL ? g_strdup_printf("tcp.port == %u", database->port)
                         : NULL;

    g_autoptr(GArray) ike_sas = g_array_new(FALSE, FALSE, sizeof(CaptureIkeSa));

    for (unsigned i = 0; i < hs_world_ike_sas(world); i++) {
        CaptureIkeSa sa = hs_world_ike_sa(world, i);

        g_array_append_val(ike_sas, sa);
    }
    for (unsigned i = 0; i < hs_world_sas(world); i++) {
        CaptureEspSa sa = hs_world_sa(world, i);

        g_array_append_val(sas, sa);
    }
    return capture_profile_write(
        path,
        &(CaptureProfile){.sas = (const CaptureEspSa *)(void *)sas->data,
                          .sa_count = sas->len,
                          .ike_sas =
                              (const CaptureIkeSa *)(void *)ike_sas->data,
                          .ike_sa_count = ike_sas->len,
                          .protected_filter = filter},
        error);
}

/* The report is rendered from the text of result.json and from nothing else. */
static bool
write_report(const char *text, const char *folder, GError **error)
{
    g_autofree char *path = g_build_filename(folder, "report.html", NULL);
    json_t *result = hs_report_parse(text, strlen(text), path, error);
    g_autoptr(GString) page = NULL;

    if (result == NULL)
        return false;
    page = hs_report_page(result);
    json_decref(result);
    return hs_report_write(path, page, error);
}

static bool
write_result(const HsResult *result, const char *folder, bool report,
             GError **error)
{
    g_autofree char *path = g_build_filename(folder, "result.json", NULL);
    g_autofree char *text = hs_result_json(result);

    if (report && !write_report(text, folder, error))
        return false;
    return g_file_set_contents(path, text, -1, error);
}

/* The result */

static HsResultPackets
packets_of(const HsSimLinkCounters *c)
{
    return (HsResultPackets){
        .sent = c->sent_packets,
        .delivered = c->packets[HS_SIM_LINK_DELIVERED],
        .queue_full = c->packets[HS_SIM_LINK_QUEUE_FULL],
        .too_big = c->packets[HS_SIM_LINK_TOO_BIG],
        .no_carrier = c->packets[HS_SIM_LINK_NO_CARRIER],
        .black_hole = c->packets[HS_SIM_LINK_BLACK_HOLE],
        .loss = c->packets[HS_SIM_LINK_LOSS],
    };
}

static GArray *
collect_nodes(const HsWorld *world)
{
    GArray *nodes = g_array_new(FALSE, FALSE, sizeof(HsResultNode));

    for (unsigned i = 0; i < hs_world_nodes(world); i++) {
        HsWorldNode node = hs_world_node(world, i);
        HsResultNode entry = {.name = node.name,
                              .kind = hs_world_role_name(node.role),
                              .place = node.place,
                              .element = node.element};

        g_array_append_val(nodes, entry);
    }
    return nodes;
}

static GArray *
collect_links(const HsWorld *world)
{
    GArray *links = g_array_new(FALSE, FALSE, sizeof(HsResultLink));

    for (unsigned i = 0; i < hs_world_links(world); i++) {
        HsWorldLinkReport report = hs_world_link_report(world, i);
        HsResultLink link = {
            .name = report.name,
            .from = report.from,
            .to = report.to,
            .kind = report.kind,
            .trusted = report.trusted,
            .direction = {packets_of(&report.direction[0]),
                          packets_of(&report.direction[1])},
            .exposure = i,
        };

        g_array_append_val(links, link);
    }
    return links;
}

static GArray *
collect_drops(const HsWorld *world)
{
    GArray *drops = g_array_new(FALSE, FALSE, sizeof(HsResultDrop));
    g_autoptr(GArray) seen = hs_world_drops(world);

    for (guint i = 0; i < seen->len; i++) {
        const HsWorldDrop *drop = &g_array_index(seen, HsWorldDrop, i);
        HsResultDrop entry = {drop->node, drop->reason, drop->packets};

        g_array_append_val(drops, entry);
    }
    return drops;
}

static GArray *
collect_routers(const HsWorld *world)
{
    GArray *routers = g_array_new(FALSE, FALSE, sizeof(HsResultRouter));
    g_autoptr(GArray) seen = hs_world_routers(world);

    for (guint i = 0; i < seen->len; i++) {
        const HsWorldRouter *report = &g_array_index(seen, HsWorldRouter, i);
        const HsRouterCounters *c = &report->packets;
        HsResultRouter entry = {
            .node = report->node,
            .received = c->received,
            .originated = c->originated,
            .fragments_made = c->fragments_made,
            .reassembled = c->reassembled,
            .delivered = c->delivered,
            .sent = c->sent,
            .fragmented = c->fragmented,
            .fragments_joined = c->fragments_joined,
            .fragments_held = c->fragments_held,
        };

        for (unsigned reason = 0; reason < HS_DROP_COUNT; reason++)
            entry.dropped += c->drops[reason];
        g_array_append_val(routers, entry);
    }
    return routers;
}

static GArray *
collect_bounds(const HsScenario *scenario)
{
    GArray *bounds = g_array_new(FALSE, TRUE, sizeof(HsResultBounds));
    const HsFault *fault;

    for (unsigned i = 0; (fault = hs_scenario_fault(scenario, i)) != NULL;
         i++) {
        HsResultBounds entry = {.fault = fault->element.name};

        entry.applies = hs_theory_bounds(scenario, fault, &entry.bounds);
        g_array_append_val(bounds, entry);
    }
    return bounds;
}

/* Drops of nodes, and of links whose queue was full, under one roof. */
static GArray *
seen_drops(const HsResult *result)
{
    GArray *seen = g_array_new(FALSE, FALSE, sizeof(HsSeenDrop));

    for (guint i = 0; i < result->drops->len; i++) {
        const HsResultDrop *drop =
            &g_array_index(result->drops, HsResultDrop, i);
        HsSeenDrop entry = {drop->node, drop->reason, drop->packets};

        g_array_append_val(seen, entry);
    }
    for (guint i = 0; i < result->links->len; i++) {
        const HsResultLink *link =
            &g_array_index(result->links, HsResultLink, i);
        HsSeenDrop entry = {link->name, "queue full",
                            link->direction[0].queue_full +
                                link->direction[1].queue_full};

        g_array_append_val(seen, entry);
    }
    return seen;
}

static void
add_observed_findings(const HsResult *result, const HsFacts *facts)
{
    g_autoptr(GArray) drops = seen_drops(result);

    hs_findings_observed(&(HsSeen){.scenario = result->scenario,
                                   .facts = facts,
                                   .exposure = result->exposure,
                                   .timeline = result->timeline,
                                   .tunnels = result->tunnels,
                                   .drops = drops},
                         result->findings);
}

static void
collect_series(const HsSamples *samples, HsResult *result)
{
    const GDestroyNotify unref = (GDestroyNotify)g_array_unref;

    result->samples = samples;
    result->bucket = hs_exposure_bin(result->exposure);
    result->request_series = g_ptr_array_new_with_free_func(unref);
    result->probe_series = g_ptr_array_new_with_free_func(unref);
    for (guint i = 0; i < samples->clients->len; i++)
        g_ptr_array_add(result->request_series,
                        hs_series_requests_new(samples->clients->pdata[i],
                                               result->bucket, result->end));
    for (guint i = 0; i < samples->directions->len; i++)
        g_ptr_array_add(result->probe_series,
                        hs_series_probes_new(samples->directions->pdata[i],
                                             result->bucket, result->end));
}

/* The world's clients are made in the order of their names, as the samples
 * are. */
static void
collect_database(const HsWorld *world, HsResult *result)
{
    const HsDbServerCounters *server = hs_world_database_server(world);
    const HsDbClientCounters *client;

    result->clients = g_array_new(FALSE, FALSE, sizeof *client);
    for (unsigned i = 0; (client = hs_world_database_client(world, i)); i++)
        g_array_append_val(result->clients, *client);
    if (server != NULL)
        result->server = *server;
}

static GArray *
collect_streams(const HsWorld *world, const HsScenario *scenario)
{
    GArray *streams = g_array_new(FALSE, FALSE, sizeof(HsResultStream));
    const HsBulkStream *stream;

    for (unsigned i = 0; (stream = hs_scenario_stream(scenario, i)) != NULL;
         i++) {
        HsResultStream entry = {
            .name = stream->element.name,
            .from = stream->from->name,
            .to = stream->to->name,
            .bulk = hs_world_bulk(world, i),
        };

        if (entry.bulk != NULL)
            g_array_append_val(streams, entry);
    }
    return streams;
}

static void
collect_monitor(HsRun *run, const HsScenario *scenario)
{
    HsResult *result = &run->result;
    g_autoptr(GArray) links = g_array_new(FALSE, FALSE, sizeof(HsMonitorLink));
    HsMonitorInput input = {.scenario = scenario,
                            .facts = hs_world_facts(run->world),
                            .exposure = result->exposure,
                            .lanes = result->lanes,
                            .end = result->end};

    for (guint i = 0; i < result->links->len; i++) {
        const HsResultLink *link =
            &g_array_index(result->links, HsResultLink, i);
        HsMonitorLink entry = {link->name, link->from, link->to};

        g_array_append_val(links, entry);
    }
    input.links = (const HsMonitorLink *)(void *)links->data;
    input.link_count = links->len;
    result->monitor = hs_monitor_new(&input, result->timeline);
}

static void
collect(HsRun *run, const HsScenario *scenario)
{
    const HsSettings *settings = hs_scenario_settings(scenario, 0);
    const HsFacts *facts = hs_world_facts(run->world);
    HsResult *result = &run->result;

    run->samples = hs_samples_new(facts);
    result->scenario = scenario;
    result->engine = hs_sim_engine_version();
    result->folder = run->folder;
    result->end = hs_world_end(run->world);
    result->timeline =
        hs_timeline_new(facts, run->samples, settings->warmup, result->end);
    result->stats = hs_stats_new(run->samples, result->timeline);
    result->probes = hs_probe_stats_new(run->samples, settings->warmup);
    collect_database(run->world, result);
    result->exposure = hs_world_exposure(run->world);
    collect_series(run->samples, result);
    result->lanes = hs_lanes_new(facts, result->end);
    result->tunnels = hs_tunnels_new(facts, result->end);
    result->streams = collect_streams(run->world, scenario);
    if (hs_world_replay(run->world) != NULL)
        result->replay =
            hs_replay_felt_new(run->replay, facts, result->timeline,
                               hs_scenario_database(scenario, 0)->replay_speed,
                               hs_world_replay(run->world));
    result->readings = hs_readings_new(result->timeline, result->stats,
                                       result->exposure, result->tunnels);
    result->bounds = collect_bounds(scenario);
    result->nodes = collect_nodes(run->world);
    result->links = collect_links(run->world);
    result->drops = collect_drops(run->world);
    result->routers = collect_routers(run->world);
    result->findings = hs_findings_new();
    hs_findings_static(scenario, result->findings);
    add_observed_findings(result, facts);
    hs_findings_sort(result->findings);
    collect_monitor(run, scenario);
    result->values = hs_scenario_values(scenario);
    result->assumptions =
        hs_moving_assumptions(result->values, result->timeline);
}

static HsResultRealtime *
collect_realtime(const HsLive *live)
{
    HsResultRealtime *realtime = g_new0(HsResultRealtime, 1);
    HsLiveReport report = hs_live_report(live);

    realtime->started = g_strdup(report.started);
    realtime->wakeups = report.lag.wakeups;
    realtime->behind = report.lag.behind;
    realtime->limit = report.lag.limit;
    realtime->median = report.lag.median;
    realtime->p99 = report.lag.p99;
    realtime->max = report.lag.max;
    realtime->ports = g_array_new(FALSE, FALSE, sizeof(HsResultPort));
    for (unsigned i = 0; i < hs_live_ports(live); i++) {
        HsLivePortReport port = hs_live_port(live, i);
        HsResultPort entry = {
            .device = port.device,
            .netns = port.netns,
            .node = port.node,
            .link = port.link,
            .from_real = port.from_real,
            .to_real = port.to_real,
            .malformed = port.malformed,
            .late = port.late,
            .overruns = port.overruns,
            .refused = port.refused,
        };

        g_array_append_val(realtime->ports, entry);
    }
    return realtime;
}

/* While it runs */

/* A capture that cannot be written will be none: why simulate the rest? */
static bool
must_stop(void *user_data)
{
    const Watch *watch = user_data;
    const HsRunOptions *options = watch->options;

    return (watch->capture != NULL && capture_writer_failed(watch->capture)) ||
           (options->stop != NULL && options->stop(options->user_data));
}

static void
tell_progress(void *user_data, HsTime now, HsTime end)
{
    const Watch *watch = user_data;

    if (watch->options->progress != NULL)
        watch->options->progress(watch->options->user_data, now, end);
}

static void
tell_trace(void *user_data, const char *line)
{
    const Watch *watch = user_data;

    watch->options->trace(watch->options->user_data, line);
}

static void
tell_fact(void *user_data, const HsFact *fact)
{
    const Watch *watch = user_data;

    watch->options->fact(watch->options->user_data, fact);
}

static bool
is_whole(const HsWorld *world, const HsScenario *scenario,
         const HsRunOptions *options, CaptureWriter **capture, GError **error)
{
    HsTime end = hs_scenario_settings(scenario, 0)->duration;

    if (options->live != NULL || hs_world_end(world) >= end)
        return true;
    if (*capture != NULL && capture_writer_failed(*capture) &&
        !capture_writer_finish(g_steal_pointer(capture), error))
        return false;
    g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_INTR,
                "%s: interrupted at %.0f s of %.0f s; nothing of it was "
                "written",
                hs_scenario_path(scenario), (double)hs_world_end(world) / 1e9,
                (double)end / 1e9);
    return false;
}

static bool
write_streams(const HsResult *result, const char *folder, GError **error)
{
    g_autofree char *streams = g_build_filename(folder, "streams", NULL);

    if (result->streams->len > 0 && g_mkdir(streams, 0777) != 0) {
        g_set_error(error, G_FILE_ERROR, (int)g_file_error_from_errno(errno),
                    "%s: %s", streams, g_strerror(errno));
        return false;
    }
    for (guint i = 0; i < result->streams->len; i++) {
        const HsResultStream *s =
            &g_array_index(result->streams, HsResultStream, i);
        g_autofree char *name = g_strdup_printf("%s.json", s->name);
        g_autofree char *path = g_build_filename(streams, name, NULL);
        g_autofree char *text = hs_stream_json(s->bulk, result->engine);

        if (!g_file_set_contents(path, text, -1, error))
            return false;
    }
    return true;
}

/* Everything that stands beside result.json, and then that. */
static bool
write_files(HsRun *run, const HsScenario *scenario, CaptureWriter *capture,
            bool report, GError **error)
{
    const char *work = hs_folder_work(run->files);

    run->result.reported = report;
    if (capture != NULL) {
        comment_packets(capture, run->result.timeline);
        comment_exposure(capture, run->result.exposure);
        if (!capture_writer_finish(capture, error) ||
            !write_profile(run->world, scenario, work, error))
            return false;
    }
    return hs_monitor_write(run->result.monitor, run->result.timeline, work,
                            error) &&
           write_streams(&run->result, work, error) &&
           write_result(&run->result, work, report, error) &&
           hs_folder_finish(run->files, error);
}

/* From the folder to the files. */
static bool
run_all(HsRun *run, const HsScenario *scenario, const HsRunOptions *options,
        GError **error)
{
    g_autoptr(CaptureWriter) capture = NULL;
    g_autoptr(HsPathWatch) paths = hs_path_watch_new(scenario);
    g_autoptr(GError) problem = NULL;
    HsWorldOptions world = {
        .trace = options->trace != NULL ? tell_trace : NULL,
        .progress = tell_progress,
        .stop = must_stop,
        .fact = options->fact != NULL ? tell_fact : NULL,
        .user_data = &run->watch,
        .phase = hs_path_watch_phase,
        .phase_data = paths,
        .live = options->live,
    };

    if (options->out != NULL && !make_folder(run, scenario, options, error))
        return false;
    if (run->files != NULL && wants_capture(scenario, options)) {
        capture = open_capture(scenario, hs_folder_work(run->files),
                               options->live != NULL, error);
        if (capture == NULL)
            return false;
    }
    run->replay = hs_world_read_replay(scenario, &problem);
    if (problem != NULL) {
        g_propagate_error(error, g_steal_pointer(&problem));
        return false;
    }
    run->watch = (Watch){options, capture};
    world.replay = run->replay;
    world.capture = capture;
    run->world = hs_world_new(scenario, &world);
    hs_world_run(run->world);
    if (!is_whole(run->world, scenario, options, &capture, error))
        return false;
    collect(run, scenario);
    run->result.paths = hs_path_watch_finish(paths, run->world);
    if (options->live != NULL)
        run->result.realtime = collect_realtime(options->live);
    if (capture != NULL) {
        run->result.captured = true;
        run->result.capture_limited = capture_writer_limited(capture);
        run->result.capture = *capture_writer_counters(capture);
    }
    /* The last: paths of [expect] go into all the rest. */
    hs_judge(&run->result, hs_world_facts(run->world));
    if (options->advise != NULL)
        options->advise(options->advise_data, scenario, &run->result);
    return run->files == NULL ||
           write_files(run, scenario, g_steal_pointer(&capture),
                       options->report, error);
}

HsRun *
hs_run(const HsScenario *scenario, const HsRunOptions *options, GError **error)
{
    g_autoptr(HsRun) run = g_new0(HsRun, 1);
    g_autoptr(GError) problem = NULL;

    if (run_all(run, scenario, options, &problem))
        return g_steal_pointer(&run);
    if (run->files != NULL)
        hs_folder_name_final(run->files, problem);
    g_propagate_error(error, g_steal_pointer(&problem));
    return NULL;
}

void
hs_run_free(HsRun *run)
{
    if (run == NULL)
        return;
    hs_result_clear(&run->result);
    hs_samples_free(run->samples);
    hs_world_free(run->world);
    hs_replay_capture_free(run->replay);
    hs_folder_free(run->files);
    g_free(run->folder);
    g_free(run);
}

const HsResult *
hs_run_result(const HsRun *run)
{
    return &run->result;
}

const HsFacts *
hs_run_facts(const HsRun *run)
{
    return hs_world_facts(run->world);
}
