/* hybridsim live: a scenario in real time, with real hosts and routers at the
 * ends that it names, and a hand on the faults. */

#include "config.h"

#include "sim/cli.h"
#include "sim/control.h"
#include "sim/engine/tun.h"
#include "sim/run.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

typedef struct {
    char *out, *control;
    gboolean json, trace, no_capture, no_report, hold_faults;
} Options;

/* A signal ends the run, and the run ends well: with its results. */

typedef struct {
    HsLive *live; /* borrowed */
    int fd;       /* owned */
} Signals;

static void
unblock_signals(void)
{
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    sigprocmask(SIG_UNBLOCK, &set, NULL);
}

/* Before any other thread is there, which would have them instead. Whoever
 * read our output may go away; the namespaces would stay if we did as well. */
static int
block_signals(void)
{
    sigset_t set;

    signal(SIGPIPE, SIG_IGN);
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGHUP);
    sigprocmask(SIG_BLOCK, &set, NULL);
    return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

static void
signalled(void *user_data)
{
    Signals *signals = user_data;
    struct signalfd_siginfo info;

    if (read(signals->fd, &info, sizeof info) != sizeof info)
        return;
    hs_live_stop(signals->live);
    /* Who asks again does not want to wait for the end. */
    signal(SIGINT, SIG_DFL);
    signal(SIGTERM, SIG_DFL);
    unblock_signals();
}

/* What happens, as it happens */

static void
print_fact(void *user_data, const HsFact *fact)
{
    const uint32_t kinds = HS_FACT_BIT(HS_FACT_FAULT) |
                           HS_FACT_BIT(HS_FACT_BFD) | HS_FACT_BIT(HS_FACT_BGP) |
                           HS_FACT_BIT(HS_FACT_TUNNEL) |
                           HS_FACT_BIT(HS_FACT_REALTIME);

    (void)user_data;
    if ((HS_FACT_BIT(fact->kind) & kinds) == 0)
        return;
    fprintf(stderr, "[%10.3f] %s: ", (double)fact->at / 1e9, fact->node);
    if (fact->kind == HS_FACT_REALTIME)
        fprintf(stderr, "%s by %.1f ms\n", fact->to, (double)fact->value / 1e6);
    else if (fact->kind == HS_FACT_FAULT)
        fprintf(stderr, "%s of %s %s\n", fact->cause, fact->peer, fact->to);
    else
        fprintf(stderr, "%s %s -> %s%s%s%s\n", fact->subject,
                fact->from != NULL ? fact->from : "-",
                fact->to != NULL ? fact->to : "-",
                fact->cause != NULL ? " (" : "",
                fact->cause != NULL ? fact->cause : "",
                fact->cause != NULL ? ")" : "");
}

static void
print_trace(void *user_data, const char *line)
{
    (void)user_data;
    fprintf(stderr, "%s\n", line);
}

static void
print_start(const HsScenario *scenario, const Options *options)
{
    const HsSettings *settings = hs_scenario_settings(scenario, 0);
    g_autoptr(GString) text = g_string_new(NULL);

    hs_live_describe(scenario, text);
    g_string_append_printf(text, "Running for %.0f s in real time",
                           (double)settings->duration / 1e9);
    if (options->control != NULL)
        g_string_append_printf(text,
                               "; hybridsim live --send %s help lists commands",
                               options->control);
    else
        g_string_append(text, "; type help");
    fprintf(stderr, "%s\n", text->str);
}

/* The run */

static int
simulate(const HsScenario *scenario, HsLive *live, const Options *options)
{
    g_autoptr(HsRun) run = NULL;
    g_autoptr(GError) error = NULL;
    HsRunOptions run_options = {
        .out = options->out,
        .no_capture = options->no_capture,
        .report = !options->no_report && !hs_cli_quiet(),
        .trace = options->trace ? print_trace : NULL,
        .fact = !hs_cli_quiet() && !options->trace ? print_fact : NULL,
        .live = live,
    };

    run = hs_run(scenario, &run_options, &error);
    if (run == NULL) {
        hs_cli_error("%s", error->message);
        return g_error_matches(error, CAPTURE_ERROR, CAPTURE_ERROR_FILTER)
                   ? HS_EXIT_USAGE
                   : HS_EXIT_INTERNAL;
    }
    if (options->json) {
        g_autofree char *json = hs_result_json(hs_run_result(run));

        fputs(json, stdout);
    } else if (!hs_cli_quiet()) {
        g_autoptr(GString) text = g_string_new(NULL);

        hs_result_text(hs_run_result(run), hs_cli_colour(), text);
        fputs(text->str, stdout);
    }
    return hs_verdict_exit_code(hs_run_result(run)->verdict);
}

static int
run_live(const HsScenario *scenario, const Options *options, Signals *signals)
{
    g_autoptr(HsControlSocket) control = NULL;
    g_autoptr(GError) error = NULL;
    HsLive *live = hs_live_new(scenario, &error);
    int status = HS_EXIT_INTERNAL;

    if (live == NULL) {
        hs_cli_error("%s", error->message);
        return HS_EXIT_INTERNAL;
    }
    signals->live = live;
    hs_live_watch(live, signals->fd, signalled, signals);
    if (options->hold_faults)
        hs_live_hold_faults(live);
    if (options->control != NULL)
        control = hs_control_socket_new(live, options->control, &error);
    else
        hs_control_stdin(live);
    if (error != NULL) {
        hs_cli_error("%s", error->message);
    } else {
        if (!hs_cli_quiet())
            print_start(scenario, options);
        status = simulate(scenario, live, options);
    }
    g_clear_pointer(&control, hs_control_socket_free);
    hs_live_free(live);
    return status;
}

static int
live_file(const HsScenarioOptions *scenarios, const Options *options)
{
    g_autoptr(HsScenario) scenario = NULL;
    Signals signals;
    int status;

    if (scenarios->files[0] == NULL || scenarios->files[1] != NULL) {
        hs_cli_error("live: which scenario? hybridsim live FILE takes one");
        return HS_EXIT_USAGE;
    }
    scenario = hs_cli_load(scenarios->files[0], scenarios);
    if (scenario == NULL)
        return HS_EXIT_USAGE;
    signals.fd = block_signals();
    if (signals.fd < 0) {
        hs_cli_error("signalfd: %s", g_strerror(errno));
        return HS_EXIT_INTERNAL;
    }
    status = run_live(scenario, options, &signals);
    close(signals.fd);
    return status;
}

/* --send: the words are one command. */
static int
send_command(const char *path, char **words)
{
    g_autofree char *line = g_strjoinv(" ", words);
    g_autoptr(GString) reply = g_string_new(NULL);
    g_autoptr(GError) error = NULL;
    bool ok = false;

    if (words[0] == NULL || strchr(line, '\n') != NULL) {
        hs_cli_error("live: send what? hybridsim live --send SOCKET help");
        return HS_EXIT_USAGE;
    }
    if (!hs_control_send(path, line, reply, &ok, &error)) {
        hs_cli_error("%s", error->message);
        return HS_EXIT_INTERNAL;
    }
    fputs(reply->str, stdout);
    return ok ? HS_EXIT_OK : HS_EXIT_USAGE;
}

int
hs_cmd_live(int argc, char **argv)
{
    Options options = {0};
    g_auto(HsScenarioOptions) scenarios = {0};
    g_autofree char *out = NULL, *control = NULL, *send = NULL;
    const GOptionEntry entries[] = {
        {"out", 'o', 0, G_OPTION_ARG_FILENAME, &out,
         "results go to DIR/SCENARIO (default: out)", "DIR"},
        {"control", 0, 0, G_OPTION_ARG_FILENAME, &control,
         "take commands on a Unix socket instead of standard input", "SOCKET"},
        {"send", 0, 0, G_OPTION_ARG_FILENAME, &send,
         "send COMMAND to the run that listens on SOCKET, print its answer",
         "SOCKET"},
        {"hold-faults", 0, 0, G_OPTION_ARG_NONE, &options.hold_faults,
         "the scenario's faults come by command only", NULL},
        {"json", 0, 0, G_OPTION_ARG_NONE, &options.json,
         "print result.json instead of the verdict", NULL},
        {"no-capture", 0, 0, G_OPTION_ARG_NONE, &options.no_capture,
         "write no capture", NULL},
        {"no-report", 0, 0, G_OPTION_ARG_NONE, &options.no_report,
         "write no report.html; nor does --quiet", NULL},
        {"trace", 0, 0, G_OPTION_ARG_NONE, &options.trace,
         "print what the protocols say about themselves, on stderr", NULL},
        G_OPTION_ENTRY_NULL,
    };

    if (!hs_cli_parse(argc, argv, entries, "FILE | --send SOCKET COMMAND...",
                      "Runs a scenario in real time. Elements with \"port = "
                      "tun NAME\" are real ones: their\ntraffic comes and goes "
                      "by a TUN device in a network namespace.",
                      &scenarios))
        return HS_EXIT_USAGE;
    if (send != NULL)
        return send_command(send, scenarios.files);
    options.out = out != NULL ? out : (out = g_strdup("out"));
    options.control = control;
    return live_file(&scenarios, &options);
}
