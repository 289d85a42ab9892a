/* hybridsim survive: every element of a design down in turn. */

#include "config.h"

#include "sim/cli.h"
#include "sim/interrupt.h"
#include "sim/progress.h"
#include "sim/survey.h"

#include <stdio.h>

typedef struct {
    char *out;
    int jobs;
    gboolean pairs, expect_survives, json;
} Options;

static bool
write_json(const char *folder, const char *json)
{
    g_autofree char *path = g_build_filename(folder, "survey.json", NULL);
    g_autoptr(GError) error = NULL;

    if (g_file_set_contents(path, json, -1, &error)) {
        hs_cli_say("%s: written", path);
        return true;
    }
    hs_cli_error("%s", error->message);
    return false;
}

static void
print(const HsSurvey *survey, const HsScenario *scenario, const char *folder,
      const char *json, bool as_json)
{
    g_autoptr(GString) text = g_string_new(NULL);

    if (hs_cli_quiet())
        return;
    if (as_json) {
        fputs(json, stdout);
        return;
    }
    hs_survey_text(survey, scenario, hs_cli_colour(), text);
    fputs(text->str, stdout);
    printf("each case is a scenario of its own: %s\n", folder);
}

static int
status_of(const HsSurvey *survey, bool expect_survives)
{
    const GPtrArray *cases = hs_survey_cases(survey);
    unsigned tried = 0;

    for (guint i = 0; i < cases->len; i++)
        tried +=
            ((const HsSurveyCase *)cases->pdata[i])->state != HS_SURVEY_NOT_RUN;
    if (hs_survey_died(survey) > 0)
        return HS_EXIT_INTERNAL;
    if (tried == 0)
        return HS_EXIT_NOTHING;
    return expect_survives && hs_survey_singles(survey) > 0 ? HS_EXIT_FAILED
                                                            : HS_EXIT_OK;
}

static int
survive_file(const char *file, const HsScenarioOptions *scenarios,
             const Options *options)
{
    g_autoptr(HsScenario) scenario = hs_cli_load(file, scenarios);
    g_autoptr(GPtrArray) children =
        g_ptr_array_new_with_free_func((GDestroyNotify)hs_child_free);
    g_autoptr(HsSurvey) survey = NULL;
    g_autoptr(GError) error = NULL;
    g_autofree char *folder = NULL, *json = NULL;
    HsProgress *progress;
    HsSurveyOptions survey_options = {
        .pairs = options->pairs,
        .sets = scenarios->sets,
        .has_seed = scenarios->has_seed,
        .seed = scenarios->seed,
    };

    if (scenario == NULL)
        return HS_EXIT_USAGE;
    if (hs_scenario_database(scenario, 0) == NULL) {
        hs_cli_error("%s: survive measures the outage of a [database], and "
                     "there is none",
                     file);
        return HS_EXIT_USAGE;
    }
    folder = g_build_filename(options->out, hs_scenario_name(scenario),
                              "survive", NULL);
    survey = hs_survey_new(scenario, file, &survey_options, folder, &error);
    if (survey == NULL) {
        hs_cli_error("%s", error->message);
        return HS_EXIT_INTERNAL;
    }
    hs_survey_add_children(survey, children);
    progress = hs_cli_quiet() ? NULL : hs_progress_new("survive");
    hs_children_run(children, (unsigned)options->jobs, hs_progress_count,
                    progress);
    hs_progress_free(progress);
    if (hs_interrupt_signal() != 0) {
        hs_cli_error("interrupted: %u of %u cases had finished, in %s; there "
                     "is no survey.json of them",
                     hs_children_finished(children), children->len, folder);
        return hs_interrupt_status();
    }
    hs_survey_collect(survey);
    json = hs_survey_json(survey, scenario);
    if (!write_json(folder, json))
        return HS_EXIT_INTERNAL;
    print(survey, scenario, folder, json, options->json);
    return status_of(survey, options->expect_survives);
}

int
hs_cmd_survive(int argc, char **argv)
{
    Options options = {.jobs = (int)g_get_num_processors()};
    g_auto(HsScenarioOptions) scenarios = {0};
    g_autofree char *out = NULL;
    const GOptionEntry entries[] = {
        {"out", 'o', 0, G_OPTION_ARG_FILENAME, &out,
         "cases go to DIR/SCENARIO/survive (default: out)", "DIR"},
        {"pairs", 0, 0, G_OPTION_ARG_NONE, &options.pairs,
         "also every two elements at once", NULL},
        {"expect-survives", 0, 0, G_OPTION_ARG_NONE, &options.expect_survives,
         "exit 1 if there is a single point of failure", NULL},
        {"json", 0, 0, G_OPTION_ARG_NONE, &options.json,
         "print survey.json instead of the table", NULL},
        {"jobs", 'j', 0, G_OPTION_ARG_INT, &options.jobs,
         "so many runs at once (default: all processors)", "J"},
        G_OPTION_ENTRY_NULL,
    };

    if (!hs_cli_parse(argc, argv, entries, "FILE",
                      "Takes every element of the design down in turn, cut and "
                      "silent, and prints what\nthe database, the data plane "
                      "and the wire saw of it.",
                      &scenarios))
        return HS_EXIT_USAGE;
    if (scenarios.files[0] == NULL || scenarios.files[1] != NULL ||
        options.jobs < 1) {
        hs_cli_error(options.jobs < 1 ? "--jobs takes a number from 1 on"
                                      : "survive: which scenario? hybridsim "
                                        "survive FILE");
        return HS_EXIT_USAGE;
    }
    options.out = out != NULL ? out : (out = g_strdup("out"));
    return survive_file(scenarios.files[0], &scenarios, &options);
}
