/* hybridsim compare: designs side by side, by measurement. */

#include "config.h"

#include "sim/cli.h"
#include "sim/designs.h"
#include "sim/interrupt.h"
#include "sim/progress.h"
#include "sim/scenario/quantity.h"

#include <stdio.h>
#include <string.h>

typedef struct {
    char *out, *format;
    char *p50, *p99, *jitter, *throughput, *outage;
    int jobs;
    gboolean base, json, quick;
} Options;

/* The limits */

static bool
read_limit(const char *option, const char *text, const char *fallback,
           HsQuantity quantity, int64_t *ret_limit)
{
    g_autoptr(GString) problem = g_string_new(NULL);

    if (text == NULL)
        text = fallback;
    if (g_str_equal(text, "none")) {
        *ret_limit = 0;
        return true;
    }
    if (hs_quantity_read(quantity, text, ret_limit, problem))
        return true;
    hs_cli_error("--%s: %s; expected such as %s, or none", option, problem->str,
                 fallback);
    return false;
}

static bool
read_limits(const Options *options, HsRequirements *ret_required)
{
    int64_t throughput;

    if (!read_limit("p50", options->p50, "none", HS_QUANTITY_DURATION,
                    &ret_required->p50) ||
        !read_limit("p99", options->p99, "30ms", HS_QUANTITY_DURATION,
                    &ret_required->p99) ||
        !read_limit("jitter", options->jitter, "5ms", HS_QUANTITY_DURATION,
                    &ret_required->jitter) ||
        !read_limit("outage", options->outage, "60s", HS_QUANTITY_DURATION,
                    &ret_required->outage) ||
        !read_limit("throughput", options->throughput, "900Mbps",
                    HS_QUANTITY_RATE, &throughput))
        return false;
    ret_required->throughput = (uint64_t)throughput;
    return true;
}

/* The designs */

static bool
add_design(HsDesigns *designs, const char *label, const char *file,
           const HsScenarioOptions *options, char **sets)
{
    HsScenarioOptions own = *options;
    g_autoptr(HsScenario) scenario = NULL;

    own.sets = sets;
    scenario = hs_cli_load(file, &own);
    if (scenario == NULL)
        return false;
    if (hs_scenario_database(scenario, 0) == NULL) {
        hs_cli_error("%s: compare measures a [database], and there is none",
                     file);
        return false;
    }
    label = label != NULL ? label : hs_scenario_name(scenario);
    hs_designs_add(designs, label, file, sets, g_steal_pointer(&scenario));
    return true;
}

/* One file with several --set: each a design of its own. Several files: every
 * --set holds for all of them. */
static bool
add_designs(HsDesigns *designs, const HsScenarioOptions *options, bool base)
{
    bool variants = options->files[1] == NULL && options->sets != NULL;

    if (!variants) {
        for (char **file = options->files; *file != NULL; file++)
            if (!add_design(designs, NULL, *file, options, options->sets))
                return false;
        return true;
    }
    if (base &&
        !add_design(designs, "as written", options->files[0], options, NULL))
        return false;
    for (char **set = options->sets; *set != NULL; set++) {
        char *one[] = {*set, NULL};

        if (!add_design(designs, *set, options->files[0], options, one))
            return false;
    }
    return true;
}

/* The output */

static bool
takes_marks(void)
{
    const char *charset;

    return g_get_charset(&charset);
}

static bool
print(const HsDesigns *designs, const Options *options, const char *folder)
{
    g_autofree char *json = hs_designs_json(designs);
    g_autofree char *path = g_build_filename(folder, "comparison.json", NULL);
    g_autoptr(GString) text = g_string_new(NULL);
    g_autoptr(GError) error = NULL;

    if (!g_file_set_contents(path, json, -1, &error)) {
        hs_cli_error("%s", error->message);
        return false;
    }
    hs_cli_say("%s: written", path);
    if (hs_cli_quiet())
        return true;
    if (options->json) {
        fputs(json, stdout);
        return true;
    }
    hs_designs_text(designs, g_strcmp0(options->format, "markdown") == 0,
                    takes_marks(), text);
    fputs(text->str, stdout);
    return true;
}

static int
compare(const HsScenarioOptions *scenarios, const Options *options)
{
    g_autofree char *folder = g_build_filename(options->out, "compare", NULL);
    g_autoptr(HsDesigns) designs = NULL;
    g_autoptr(GError) error = NULL;
    HsRequirements required;
    HsProgress *progress;
    bool done;

    if (!read_limits(options, &required))
        return HS_EXIT_USAGE;
    designs = hs_designs_new(&required, folder, !options->quick);
    if (!add_designs(designs, scenarios, options->base))
        return HS_EXIT_USAGE;
    progress = hs_cli_quiet() ? NULL : hs_progress_new("compare");
    done = hs_designs_run(designs, (unsigned)options->jobs, hs_progress_count,
                          progress, &error);
    hs_progress_free(progress);
    if (!done) {
        hs_cli_error("%s", error->message);
        return hs_interrupt_signal() != 0 ? hs_interrupt_status()
                                          : HS_EXIT_INTERNAL;
    }
    if (!print(designs, options, folder) || hs_designs_died(designs) > 0)
        return HS_EXIT_INTERNAL;
    return HS_EXIT_OK;
}

static bool
is_usable(const HsScenarioOptions *scenarios, const Options *options)
{
    bool good = true;

    if (scenarios->files[0] == NULL) {
        hs_cli_error("compare: which designs? hybridsim compare FILE...");
        good = false;
    } else if (options->jobs < 1) {
        hs_cli_error("--jobs takes a number from 1 on");
        good = false;
    } else if (options->format != NULL &&
               !g_str_equal(options->format, "text") &&
               !g_str_equal(options->format, "markdown")) {
        hs_cli_error("--format %s: expected text or markdown", options->format);
        good = false;
    } else if (options->base &&
               (scenarios->files[1] != NULL || scenarios->sets == NULL)) {
        hs_cli_error("--base is for one file with --set");
        good = false;
    }
    return good;
}

static void
options_clear(Options *options)
{
    g_free(options->out);
    g_free(options->format);
    g_free(options->p50);
    g_free(options->p99);
    g_free(options->jitter);
    g_free(options->throughput);
    g_free(options->outage);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Options, options_clear)

int
hs_cmd_compare(int argc, char **argv)
{
    g_auto(Options) options = {.jobs = (int)g_get_num_processors()};
    g_auto(HsScenarioOptions) scenarios = {0};
    const GOptionEntry entries[] = {
        {"out", 'o', 0, G_OPTION_ARG_FILENAME, &options.out,
         "runs go to DIR/compare (default: out)", "DIR"},
        {"base", 0, 0, G_OPTION_ARG_NONE, &options.base,
         "with --set: also the file as it is", NULL},
        {"quick", 0, 0, G_OPTION_ARG_NONE, &options.quick,
         "do not fail the elements", NULL},
        {"p50", 0, 0, G_OPTION_ARG_STRING, &options.p50,
         "round trip, median, at most (default: none)", "TIME"},
        {"p99", 0, 0, G_OPTION_ARG_STRING, &options.p99,
         "round trip, 99th percentile, at most (default: 30ms)", "TIME"},
        {"jitter", 0, 0, G_OPTION_ARG_STRING, &options.jitter,
         "at most (default: 5ms)", "TIME"},
        {"throughput", 0, 0, G_OPTION_ARG_STRING, &options.throughput,
         "at least (default: 900Mbps)", "RATE"},
        {"outage", 0, 0, G_OPTION_ARG_STRING, &options.outage,
         "after a single failure, at most (default: 60s)", "TIME"},
        {"format", 0, 0, G_OPTION_ARG_STRING, &options.format, "of the table",
         "text|markdown"},
        {"json", 0, 0, G_OPTION_ARG_NONE, &options.json,
         "print comparison.json instead of the table", NULL},
        {"jobs", 'j', 0, G_OPTION_ARG_INT, &options.jobs,
         "so many runs at once (default: all processors)", "J"},
        G_OPTION_ENTRY_NULL,
    };

    if (!hs_cli_parse(argc, argv, entries, "FILE...",
                      "Measures designs and holds them against requirements, "
                      "side by side. Of one FILE,\neach --set is a design.",
                      &scenarios) ||
        !is_usable(&scenarios, &options))
        return HS_EXIT_USAGE;
    if (options.out == NULL)
        options.out = g_strdup("out");
    return compare(&scenarios, &options);
}
