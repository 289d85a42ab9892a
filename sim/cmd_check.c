/* hybridsim check: many scenarios, each run in a process of its own, and what
 * became of them for people and for CI. What is said is made by sim/check from
 * the result.json of each; here are the options, the runs and the files. */

#include "config.h"

#include "sim/check/baseline.h"
#include "sim/check/files.h"
#include "sim/check/outputs.h"
#include "sim/check/write.h"
#include "sim/cli.h"
#include "sim/interrupt.h"
#include "sim/progress.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

typedef struct {
    char *out, *junit, *tap, *sarif, *baseline, *save, *tolerance; /* owned */
    int jobs, repeat;
    gboolean strict, fail_fast, json, no_capture;
} Options;

static void
options_clear(Options *options)
{
    g_free(options->out);
    g_free(options->junit);
    g_free(options->tap);
    g_free(options->sarif);
    g_free(options->baseline);
    g_free(options->save);
    g_free(options->tolerance);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Options, options_clear)

/* A file to be written, opened before the runs. */
typedef struct {
    HsCiFile *file; /* owned */
    void (*render)(const HsCiReport *report, GString *text);
} Output;

static void
output_clear(void *data)
{
    hs_ci_file_free(((Output *)data)->file);
}

typedef struct {
    const HsScenarioOptions *scenarios; /* borrowed, as the next */
    const Options *options;
    HsCiReport *report;  /* owned */
    GPtrArray *children; /* HsChild, owned */
    GPtrArray *runs;     /* HsCiRun of each child, borrowed from the report */
    GArray *outputs;     /* Output, owned */
    HsCiBaseline *baseline;  /* owned, or NULL */
    HsCiTolerance tolerance; /* of it */
    HsProgress *progress;    /* owned, or NULL */
    unsigned failed;
} Check;

static void
check_clear(Check *check)
{
    hs_ci_report_free(check->report);
    g_clear_pointer(&check->children, g_ptr_array_unref);
    g_clear_pointer(&check->runs, g_ptr_array_unref);
    g_clear_pointer(&check->outputs, g_array_unref);
    hs_ci_baseline_free(check->baseline);
    hs_progress_free(check->progress);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Check, check_clear)

/* The runs */

static void
add_word(GPtrArray *words, const char *format, ...) G_GNUC_PRINTF(2, 3);

static void
add_word(GPtrArray *words, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    g_ptr_array_add(words, g_strdup_vprintf(format, arguments));
    va_end(arguments);
}

/* OUT is above the folder that the run makes for its scenario. */
static void
add_child(Check *check, const char *file, const char *out, const guint64 *seed)
{
    GPtrArray *words = g_ptr_array_new();
    HsChild *child = g_new0(HsChild, 1);
    char **set = check->scenarios->sets;

    add_word(words, "run");
    add_word(words, "--quiet");
    add_word(words, "--out=%s", out);
    if (check->options->strict)
        add_word(words, "--strict");
    if (check->options->no_capture || check->options->repeat > 0)
        add_word(words, "--no-capture");
    for (; set != NULL && *set != NULL; set++)
        add_word(words, "--set=%s", *set);
    if (seed != NULL)
        add_word(words, "--seed=%" G_GUINT64_FORMAT, *seed);
    add_word(words, "--");
    add_word(words, "%s", file);
    g_ptr_array_add(words, NULL);
    child->argv = (char **)g_ptr_array_free(words, FALSE);
    g_ptr_array_add(check->children, child);
}

/* A run's folder is DIR/NAME, and the last part of the name is the one that
 * the run itself makes. */
static void
add_run(Check *check, HsCiScenario *scenario, const char *dir,
        const guint64 *seed)
{
    g_autofree char *last = g_path_get_basename(scenario->name);
    g_autofree char *folder = g_build_filename(dir, last, NULL);
    HsCiRun *run = hs_ci_run_add(scenario, folder);

    run->seed = seed != NULL ? *seed : 0;
    g_ptr_array_add(check->runs, run);
    add_child(check, scenario->file, dir, seed);
}

/* The seeds begin with the scenario's own. One that cannot be loaded is told
 * with the others, so its one run is left to say so. */
static void
add_seeds(Check *check, HsCiScenario *scenario, const char *dir)
{
    const char *const *sets = (const char *const *)check->scenarios->sets;
    g_autofree char *last = g_path_get_basename(scenario->name);
    HsScenario *loaded = hs_scenario_load(scenario->file, sets, NULL);
    guint64 first = check->scenarios->seed;

    if (loaded == NULL) {
        add_run(check, scenario, dir, NULL);
        return;
    }
    if (!check->scenarios->has_seed)
        first = hs_scenario_settings(loaded, 0)->seed;
    hs_scenario_free(loaded);
    for (int i = 0; i < check->options->repeat; i++) {
        guint64 seed = first + (guint64)i;
        g_autofree char *folder = g_strdup_printf(
            "%s/%s/repeat/seed-%" G_GUINT64_FORMAT, dir, last, seed);

        add_run(check, scenario, folder, &seed);
    }
}

static void
add_scenario(Check *check, const HsCiFileName *file)
{
    HsCiScenario *scenario =
        hs_ci_scenario_add(check->report, file->path, file->name);
    g_autofree char *above = g_path_get_dirname(file->name);
    g_autofree char *dir =
        g_str_equal(above, ".")
            ? g_strdup(check->options->out)
            : g_build_filename(check->options->out, above, NULL);

    if (check->options->repeat > 0)
        add_seeds(check, scenario, dir);
    else
        add_run(check, scenario, dir,
                check->scenarios->has_seed ? &check->scenarios->seed : NULL);
}

/* What is said of a run that ended, for logs. */
static void
log_run(const Check *check, const HsChild *child, unsigned ended, unsigned all)
{
    HsCiState state = child->status <= HS_EXIT_NOTHING
                          ? (HsCiState)child->status
                          : HS_CI_DIED;
    guint index, words = g_strv_length(child->argv);

    if (!g_ptr_array_find(check->children, child, &index))
        return;
    fprintf(stderr, "%u of %u: %s %s", ended, all, hs_ci_state_word(state),
            child->argv[words - 1]);
    if (check->report->repeated)
        fprintf(stderr, ", seed %" G_GUINT64_FORMAT,
                ((const HsCiRun *)check->runs->pdata[index])->seed);
    fputc('\n', stderr);
}

/* On a terminal the progress line; in a log a line for each run, so that
 * somebody who waits sees that it goes on. */
static bool
run_ended(void *user_data, const HsChild *child, unsigned ended, unsigned all)
{
    Check *check = user_data;
    bool good = child->status == HS_EXIT_OK;

    check->failed += !good;
    if (check->progress != NULL) {
        g_autofree char *note = g_strdup_printf("%u failed", check->failed);

        hs_progress_note(check->progress, check->failed > 0 ? note : NULL);
        hs_progress_count(check->progress, ended, all);
    } else if (!hs_cli_quiet() && !isatty(STDERR_FILENO)) {
        log_run(check, child, ended, all);
    }
    return good || !check->options->fail_fast;
}

static void
run_all(Check *check)
{
    if (!hs_cli_quiet())
        check->progress = hs_progress_new("check");
    hs_children_run_each(check->children, (unsigned)check->options->jobs,
                         run_ended, check);
    g_clear_pointer(&check->progress, hs_progress_free);
    for (guint i = 0; i < check->children->len; i++) {
        const HsChild *child = check->children->pdata[i];

        if (child->ended)
            hs_ci_run_ended(check->runs->pdata[i], child->status,
                            child->errors);
    }
    for (guint i = 0; i < check->report->scenarios->len; i++)
        hs_ci_scenario_judge(check->report->scenarios->pdata[i],
                             check->report->strict);
}

/* Before them */

static bool
open_output(Check *check, const char *path,
            void (*render)(const HsCiReport *report, GString *text))
{
    g_autoptr(GError) error = NULL;
    Output output = {NULL, render};

    if (path == NULL)
        return true;
    output.file = hs_ci_file_open(path, &error);
    if (output.file == NULL) {
        hs_cli_error("%s", error->message);
        return false;
    }
    g_array_append_val(check->outputs, output);
    return true;
}

static bool
open_outputs(Check *check)
{
    const Options *options = check->options;

    return open_output(check, options->junit, hs_ci_junit) &&
           open_output(check, options->tap, hs_ci_tap) &&
           open_output(check, options->sarif, hs_ci_sarif);
}

static bool
is_stdout(const char *path)
{
    return g_strcmp0(path, "-") == 0;
}

static bool
check_options(const HsScenarioOptions *scenarios, const Options *options)
{
    int printed = is_stdout(options->junit) + is_stdout(options->tap) +
                  is_stdout(options->sarif) + options->json;

    if (scenarios->files[0] == NULL)
        hs_cli_error("check: which scenarios? hybridsim check FILE...");
    else if (options->jobs < 1)
        hs_cli_error("--jobs takes a number from 1 on");
    else if (options->repeat < 0)
        hs_cli_error("--repeat takes a number from 1 on");
    else if (printed > 1)
        hs_cli_error("only one of --junit, --tap, --sarif and --json can go to "
                     "standard output");
    else if (options->tolerance != NULL && options->baseline == NULL)
        hs_cli_error("--tolerance is of a comparison: --baseline DIR");
    else
        return true;
    return false;
}

/* What can be found wrong before hours of runs is. */
static HsExit
prepare(Check *check)
{
    const Options *options = check->options;
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) files = hs_ci_files(check->scenarios->files, &error);

    if (files == NULL) {
        hs_cli_error("%s", error->message);
        return HS_EXIT_USAGE;
    }
    check->tolerance = HS_CI_TOLERANCE;
    if (options->tolerance != NULL &&
        !hs_ci_tolerance_parse(options->tolerance, &check->tolerance)) {
        hs_cli_error("--tolerance %s: expected a share and a time, such as "
                     "5%%,20ms",
                     options->tolerance);
        return HS_EXIT_USAGE;
    }
    if (options->baseline != NULL) {
        check->baseline = hs_ci_baseline_load(options->baseline, &error);
        if (check->baseline == NULL) {
            hs_cli_error("%s", error->message);
            return HS_EXIT_USAGE;
        }
    }
    if (!open_outputs(check))
        return HS_EXIT_INTERNAL;
    for (guint i = 0; i < files->len; i++)
        add_scenario(check, files->pdata[i]);
    return HS_EXIT_OK;
}

/* Behind them */

static bool
write_outputs(Check *check)
{
    bool good = true;

    for (guint i = 0; i < check->outputs->len; i++) {
        const Output *output = &g_array_index(check->outputs, Output, i);
        g_autoptr(GString) text = g_string_new(NULL);
        g_autoptr(GError) error = NULL;

        output->render(check->report, text);
        if (!hs_ci_file_finish(output->file, text, &error)) {
            hs_cli_error("%s", error->message);
            good = false;
        }
    }
    return good;
}

static void
print(const Check *check)
{
    const Options *options = check->options;
    g_autoptr(GString) text = g_string_new(NULL);

    if (hs_cli_quiet() || is_stdout(options->junit) ||
        is_stdout(options->tap) || is_stdout(options->sarif))
        return;
    if (options->json)
        hs_ci_json(check->report, text);
    else
        hs_ci_text(check->report, hs_cli_colour(), text);
    fputs(text->str, stdout);
}

/* Of a part of the scenarios none is stored: it would be taken for all. */
static bool
save(const Check *check)
{
    g_autoptr(GError) error = NULL;
    unsigned count;

    if (check->options->save == NULL || hs_interrupt_signal() != 0)
        return true;
    if (!hs_ci_baseline_save(check->options->save, check->report, &count,
                             &error)) {
        hs_cli_error("%s", error->message);
        return false;
    }
    hs_cli_say("the results of %u scenarios are in %s", count,
               check->options->save);
    return true;
}

static int
finish(Check *check)
{
    HsExit status;
    bool good;

    if (check->baseline != NULL)
        hs_ci_baseline_compare(check->baseline, check->report,
                               check->tolerance);
    print(check);
    good = write_outputs(check);
    good = save(check) && good;
    status = (HsExit)hs_ci_report_state(check->report);
    if (hs_interrupt_signal() != 0) {
        hs_cli_error("interrupted: %u of %u runs had finished, and what is "
                     "said is of them",
                     hs_children_finished(check->children),
                     check->children->len);
        return hs_interrupt_status();
    }
    return (int)hs_exit_worse(status, good ? HS_EXIT_OK : HS_EXIT_INTERNAL);
}

int
hs_cmd_check(int argc, char **argv)
{
    g_auto(HsScenarioOptions) scenarios = {0};
    g_auto(Options) options = {.jobs = (int)g_get_num_processors()};
    g_auto(Check) check = {.scenarios = &scenarios, .options = &options};
    HsExit status;
    const GOptionEntry entries[] = {
        {"out", 'o', 0, G_OPTION_ARG_FILENAME, &options.out,
         "results go to DIR/SCENARIO (default: out)", "DIR"},
        {"jobs", 'j', 0, G_OPTION_ARG_INT, &options.jobs,
         "so many at once (default: all processors)", "J"},
        {"repeat", 0, 0, G_OPTION_ARG_INT, &options.repeat,
         "run N seeds of each: all must hold", "N"},
        {"strict", 0, 0, G_OPTION_ARG_NONE, &options.strict,
         "a finding is a failure", NULL},
        {"fail-fast", 0, 0, G_OPTION_ARG_NONE, &options.fail_fast,
         "end with the first that does not hold", NULL},
        {"no-capture", 0, 0, G_OPTION_ARG_NONE, &options.no_capture,
         "write no captures; nor does --repeat", NULL},
        {"json", 0, 0, G_OPTION_ARG_NONE, &options.json,
         "print JSON lines instead of the table", NULL},
        {"junit", 0, 0, G_OPTION_ARG_FILENAME, &options.junit,
         "write JUnit XML", "FILE"},
        {"tap", 0, 0, G_OPTION_ARG_FILENAME, &options.tap,
         "write TAP; - prints it", "FILE"},
        {"sarif", 0, 0, G_OPTION_ARG_FILENAME, &options.sarif,
         "write findings and failures as SARIF", "FILE"},
        {"baseline", 0, 0, G_OPTION_ARG_FILENAME, &options.baseline,
         "what is worse than the results in DIR fails", "DIR"},
        {"save-baseline", 0, 0, G_OPTION_ARG_FILENAME, &options.save,
         "store the results in DIR", "DIR"},
        {"tolerance", 0, 0, G_OPTION_ARG_STRING, &options.tolerance,
         "worse by that much (default: 5%,1ms)", "PERCENT,TIME"},
        G_OPTION_ENTRY_NULL,
    };

    if (!hs_cli_parse(argc, argv, entries, "FILE|DIR...",
                      "Runs every scenario, of a folder every *.ini below it, "
                      "and holds its expectations. Exits with the worst.",
                      &scenarios) ||
        !check_options(&scenarios, &options))
        return HS_EXIT_USAGE;
    if (options.out == NULL)
        options.out = g_strdup("out");
    check.report =
        hs_ci_report_new(PACKAGE_VERSION, options.strict, options.repeat > 0);
    check.children =
        g_ptr_array_new_with_free_func((GDestroyNotify)hs_child_free);
    check.runs = g_ptr_array_new();
    check.outputs = g_array_new(FALSE, FALSE, sizeof(Output));
    g_array_set_clear_func(check.outputs, output_clear);
    status = prepare(&check);
    if (status != HS_EXIT_OK)
        return (int)status;
    run_all(&check);
    return finish(&check);
}
