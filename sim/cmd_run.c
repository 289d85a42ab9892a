/* hybridsim run: simulate each file, print its verdict, write its results. */

#include "config.h"

#include "sim/advice.h"
#include "sim/cli.h"
#include "sim/interrupt.h"
#include "sim/progress.h"
#include "sim/run.h"

#include <stdio.h>
#include <string.h>

typedef struct {
    char *out;
    int repeat;
    int jobs;
    gboolean json, trace, facts, no_capture, no_report, no_advice, strict;
} Options;

static void
print_trace(void *user_data, const char *line)
{
    (void)user_data;
    fprintf(stderr, "%s\n", line);
}

static bool
is_interrupted(void *user_data)
{
    (void)user_data;
    return hs_interrupt_signal() != 0;
}

/* --facts: the stream itself, one line a fact, tabulators between. */
static void
print_facts(const HsFacts *facts)
{
    HsFact fact;
    char time[HS_TIME_TEXT];

#define OR_DASH(text) ((text) != NULL ? (text) : "-")
    for (size_t i = 0; hs_facts_next(facts, &i, HS_FACT_ALL, &fact);)
        printf("%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%" G_GUINT64_FORMAT
               "\t%" G_GINT64_FORMAT "\t%s#%" G_GUINT64_FORMAT "\n",
               hs_time_format(fact.at, time), hs_fact_kind_name(fact.kind),
               OR_DASH(fact.node), OR_DASH(fact.subject), OR_DASH(fact.peer),
               OR_DASH(fact.from), OR_DASH(fact.to), OR_DASH(fact.cause),
               fact.id, fact.value, OR_DASH(fact.evidence.link),
               fact.evidence.packet);
#undef OR_DASH
}

static void
warn(const char *text)
{
    hs_cli_error("%s", text);
}

typedef struct {
    const HsScenarioOptions *scenarios; /* borrowed */
    unsigned jobs;
} Adviser;

static void
advise(void *user_data, const HsScenario *scenario, HsResult *result)
{
    const Adviser *adviser = user_data;

    result->advice = hs_advice_find(scenario, adviser->scenarios, result,
                                    adviser->jobs, &result->advice_tried);
}

static int
run_file(const char *file, const HsScenarioOptions *scenarios,
         const Options *options)
{
    g_autoptr(HsScenario) scenario = hs_cli_load(file, scenarios);
    g_autoptr(HsRun) run = NULL;
    g_autoptr(GError) error = NULL;
    HsProgress *progress = NULL;
    Adviser adviser = {scenarios, (unsigned)options->jobs};
    HsRunOptions run_options = {
        .out = options->out,
        .no_capture = options->no_capture,
        .report = !options->no_report && !hs_cli_quiet(),
        .trace = options->trace ? print_trace : NULL,
        .progress = hs_progress_time,
        .warn = warn,
        .stop = is_interrupted,
        .advise = options->no_advice || hs_cli_quiet() || options->facts
                      ? NULL
                      : advise,
        .advise_data = &adviser,
    };

    if (scenario == NULL)
        return HS_EXIT_USAGE;
    if (!hs_cli_quiet() && !options->trace)
        progress = hs_progress_new(hs_scenario_name(scenario));
    run_options.user_data = progress;
    hs_interrupt_catch();
    run = hs_run(scenario, &run_options, &error);
    hs_progress_free(progress);
    if (run == NULL) {
        hs_cli_error("%s", error->message);
        if (g_error_matches(error, G_FILE_ERROR, G_FILE_ERROR_INTR))
            return hs_interrupt_status();
        return g_error_matches(error, CAPTURE_ERROR, CAPTURE_ERROR_FILTER) ||
                       error->domain == HS_SCENARIO_ERROR
                   ? HS_EXIT_USAGE
                   : HS_EXIT_INTERNAL;
    }
    hs_cli_say("results in %s/%s", options->out, hs_scenario_name(scenario));
    if (options->facts) {
        print_facts(hs_run_facts(run));
    } else if (options->json) {
        g_autofree char *json = hs_result_json(hs_run_result(run));

        fputs(json, stdout);
    } else if (!hs_cli_quiet()) {
        g_autoptr(GString) text = g_string_new(NULL);

        hs_result_text(hs_run_result(run), hs_cli_colour(), text);
        fputs(text->str, stdout);
    }
    if (options->strict && hs_run_result(run)->findings->len > 0)
        return HS_EXIT_FAILED;
    return hs_verdict_exit_code(hs_run_result(run)->verdict);
}

/* After an interrupt: the results that are there. The run that it ended has
 * said so itself; those behind it were not begun. */
static void
name_finished(const HsScenarioOptions *scenarios, char **at, const char *out)
{
    for (char **file = scenarios->files; file < at; file++)
        hs_cli_error("%s had finished: its results are in %s", *file, out);
    if (at[1] != NULL)
        hs_cli_error("%s and what follows it was not begun", at[1]);
}

static int
run_files(const HsScenarioOptions *scenarios, const Options *options)
{
    HsExit worst = HS_EXIT_OK;

    if (scenarios->files[0] == NULL) {
        hs_cli_error("run: which scenario? hybridsim run FILE...");
        return HS_EXIT_USAGE;
    }
    if (options->repeat < 0 || options->jobs < 1) {
        hs_cli_error("--repeat and --jobs take numbers from 1 on");
        return HS_EXIT_USAGE;
    }
    if (options->strict && options->repeat > 0) {
        hs_cli_error("--strict looks at one run; it does not go with --repeat");
        return HS_EXIT_USAGE;
    }
    for (char **file = scenarios->files; *file != NULL; file++) {
        int status =
            options->repeat > 0
                ? hs_repeat(*file, scenarios, options->out,
                            (unsigned)options->repeat, (unsigned)options->jobs)
                : run_file(*file, scenarios, options);

        if (hs_interrupt_signal() != 0) {
            name_finished(scenarios, file, options->out);
            return hs_interrupt_status();
        }
        worst = hs_exit_worse(worst, (HsExit)status);
    }
    return (int)worst;
}

int
hs_cmd_run(int argc, char **argv)
{
    Options options = {.jobs = (int)g_get_num_processors()};
    g_auto(HsScenarioOptions) scenarios = {0};
    g_autofree char *out = NULL;
    const GOptionEntry entries[] = {
        {"out", 'o', 0, G_OPTION_ARG_FILENAME, &out,
         "results go to DIR/SCENARIO (default: out)", "DIR"},
        {"repeat", 0, 0, G_OPTION_ARG_INT, &options.repeat,
         "run N seeds and print the distribution of every part", "N"},
        {"jobs", 'j', 0, G_OPTION_ARG_INT, &options.jobs,
         "so many of them at once (default: all processors)", "J"},
        {"json", 0, 0, G_OPTION_ARG_NONE, &options.json,
         "print result.json instead of the verdict", NULL},
        {"strict", 0, 0, G_OPTION_ARG_NONE, &options.strict,
         "a finding is a failure", NULL},
        {"no-capture", 0, 0, G_OPTION_ARG_NONE, &options.no_capture,
         "write no capture", NULL},
        {"no-advice", 0, 0, G_OPTION_ARG_NONE, &options.no_advice,
         "do not run again to find what shortens the failover", NULL},
        {"no-report", 0, 0, G_OPTION_ARG_NONE, &options.no_report,
         "write no report.html; nor does --quiet", NULL},
        {"trace", 0, 0, G_OPTION_ARG_NONE, &options.trace,
         "print what the protocols say about themselves, on stderr", NULL},
        {"facts", 0, 0, G_OPTION_ARG_NONE, &options.facts,
         "print the stream of facts instead of the verdict", NULL},
        G_OPTION_ENTRY_NULL,
    };

    if (!hs_cli_parse(
            argc, argv, entries, "FILE...",
            "Simulates each scenario, prints its verdict and writes "
            "DIR/SCENARIO/result.json, report.html and capture.pcapng.",
            &scenarios))
        return HS_EXIT_USAGE;
    options.out = out != NULL ? out : (out = g_strdup("out"));
    return run_files(&scenarios, &options);
}
