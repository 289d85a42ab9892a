#include "config.h"

#include "sim/cli.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

void
hs_cli_error(const char *format, ...)
{
    g_autofree char *text = NULL;
    va_list arguments;

    va_start(arguments, format);
    text = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    fprintf(stderr, "hybridsim: %s\n", text);
}

bool
hs_cli_colour(void)
{
    const char *no_colour = g_getenv("NO_COLOR");
    const char *terminal = g_getenv("TERM");

    return isatty(STDOUT_FILENO) &&
           (no_colour == NULL || no_colour[0] == '\0') && terminal != NULL &&
           !g_str_equal(terminal, "dumb");
}

HsExit
hs_exit_worse(HsExit a, HsExit b)
{
    static const int rank[] = {[HS_EXIT_OK] = 0,
                               [HS_EXIT_NOTHING] = 1,
                               [HS_EXIT_FAILED] = 2,
                               [HS_EXIT_USAGE] = 3,
                               [HS_EXIT_INTERNAL] = 4};

    return rank[a] >= rank[b] ? a : b;
}

/* What people write and GOption does not take. An override has a space in it
 * ("fault cut.action=link-down"), which is easily left unquoted: two words of
 * which only the second has an equals sign are put together again. And -j4 is
 * -j 4. */
static char **
normal_words(int argc, char **argv, int *ret_argc)
{
    GPtrArray *words = g_ptr_array_new();

    for (int i = 0; i < argc; i++) {
        bool is_set = i > 0 && g_str_equal(argv[i - 1], "--set");

        if (is_set && i + 1 < argc && strchr(argv[i], '=') == NULL &&
            strchr(argv[i + 1], '=') != NULL && argv[i + 1][0] != '-') {
            g_ptr_array_add(words,
                            g_strdup_printf("%s %s", argv[i], argv[i + 1]));
            i++;
        } else if (g_str_has_prefix(argv[i], "-j") &&
                   g_ascii_isdigit(argv[i][2])) {
            g_ptr_array_add(words, g_strdup("-j"));
            g_ptr_array_add(words, g_strdup(argv[i] + 2));
        } else {
            g_ptr_array_add(words, g_strdup(argv[i]));
        }
    }
    *ret_argc = (int)words->len;
    g_ptr_array_add(words, NULL);
    return (char **)g_ptr_array_free(words, FALSE);
}

static bool
parse_seed(const char *text, HsScenarioOptions *ret_options)
{
    g_autoptr(GError) error = NULL;

    if (text == NULL)
        return true;
    ret_options->has_seed = g_ascii_string_to_unsigned(
        text, 10, 0, G_MAXUINT64, &ret_options->seed, &error);
    if (!ret_options->has_seed)
        hs_cli_error("--seed %s: expected a number from 0 to 2^64-1", text);
    return ret_options->has_seed;
}

/* The rest of the words, or NULL: an error was printed. */
static char **
parse(int argc, char **argv, const GOptionEntry *entries,
      const GOptionEntry *more, const char *parameters, const char *summary)
{
    g_autoptr(GOptionContext) context = g_option_context_new(parameters);
    g_autoptr(GError) error = NULL;
    g_auto(GStrv) words = normal_words(argc, argv, &argc);
    g_autofree char *program = g_strdup_printf("hybridsim %s", words[0]);

    g_set_prgname(program);
    g_option_context_set_summary(context, summary);
    if (entries != NULL)
        g_option_context_add_main_entries(context, entries, NULL);
    if (more != NULL)
        g_option_context_add_main_entries(context, more, NULL);
    if (!g_option_context_parse_strv(context, &words, &error)) {
        hs_cli_error("%s; see %s --help", error->message, program);
        return NULL;
    }
    return g_strdupv(words + 1);
}

char **
hs_cli_parse_words(int argc, char **argv, const GOptionEntry *entries,
                   const char *parameters, const char *summary)
{
    return parse(argc, argv, entries, NULL, parameters, summary);
}

bool
hs_cli_parse(int argc, char **argv, const GOptionEntry *entries,
             const char *parameters, const char *summary,
             HsScenarioOptions *ret_options)
{
    g_auto(GStrv) sets = NULL;
    g_autofree char *seed = NULL;
    const GOptionEntry common[] = {
        {"set", 0, 0, G_OPTION_ARG_STRING_ARRAY, &sets,
         "change a value: --set \"fault cut.action=link-down\"",
         "GROUP.KEY=VALUE"},
        {"seed", 0, 0, G_OPTION_ARG_STRING, &seed,
         "draw with this seed instead of the scenario's", "N"},
        G_OPTION_ENTRY_NULL,
    };

    *ret_options = (HsScenarioOptions){0};
    ret_options->files =
        parse(argc, argv, common, entries, parameters, summary);
    if (ret_options->files == NULL || !parse_seed(seed, ret_options))
        return false;
    ret_options->sets = g_steal_pointer(&sets);
    return true;
}

void
hs_scenario_options_clear(HsScenarioOptions *options)
{
    g_clear_pointer(&options->sets, g_strfreev);
    g_clear_pointer(&options->files, g_strfreev);
}

static bool
observes(const HsScenario *scenario)
{
    return hs_scenario_database(scenario, 0) != NULL ||
           hs_scenario_probe(scenario, 0) != NULL;
}

HsScenario *
hs_cli_load(const char *file, const HsScenarioOptions *options)
{
    g_autoptr(GError) error = NULL;
    HsScenario *scenario =
        hs_scenario_load(file, (const char *const *)options->sets, &error);

    if (scenario == NULL) {
        fprintf(stderr, "%s\n", error->message);
    } else if (!options->design && !observes(scenario)) {
        fprintf(stderr,
                "%s: there is no [database] and no [probe], so nothing would "
                "be observed\n",
                file);
        g_clear_pointer(&scenario, hs_scenario_free);
    }
    if (scenario != NULL && options->has_seed)
        hs_scenario_set_seed(scenario, options->seed);
    return scenario;
}
