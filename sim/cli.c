#include "config.h"

#include "sim/cli.h"

#include "sim/judge.h"

#include "sim/scenario/complaint.h"
#include "sim/world/world.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
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

/* A verdict that did not get through is none: a full disk behind ">verdict"
 * must not pass as success. */
int
hs_cli_flush(int status)
{
    if (fflush(stdout) == 0 && !ferror(stdout))
        return status;
    hs_cli_error("standard output: %s", g_strerror(errno));
    return HS_EXIT_INTERNAL;
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

/* What every command takes. */

static char *colour;
static gboolean help, quiet, verbose;

static const GOptionEntry of_every_command[] = {
    {"help", 'h', 0, G_OPTION_ARG_NONE, &help, "print this", NULL},
    {"quiet", 'q', 0, G_OPTION_ARG_NONE, &quiet,
     "print nothing: the exit status tells", NULL},
    {"verbose", 'v', 0, G_OPTION_ARG_NONE, &verbose,
     "say more, on standard error", NULL},
    {"color", 0, 0, G_OPTION_ARG_STRING, &colour, "colour the output",
     "auto|always|never"},
    {"colour", 0, G_OPTION_FLAG_HIDDEN, G_OPTION_ARG_STRING, &colour, NULL,
     NULL},
};

bool
hs_cli_quiet(void)
{
    return quiet;
}

bool
hs_cli_verbose(void)
{
    return verbose;
}

void
hs_cli_say(const char *format, ...)
{
    g_autofree char *text = NULL;
    va_list arguments;

    if (!verbose)
        return;
    va_start(arguments, format);
    text = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    fprintf(stderr, "hybridsim: %s\n", text);
}

static bool
is_set(const char *variable)
{
    const char *value = g_getenv(variable);

    return value != NULL && value[0] != '\0';
}

/* --color, then NO_COLOR (no-color.org), then CLICOLOR_FORCE and CLICOLOR
 * (bixense.com/clicolors), then what standard output is. */
bool
hs_cli_colour(void)
{
    if (colour != NULL && !g_str_equal(colour, "auto"))
        return g_str_equal(colour, "always");
    if (is_set("NO_COLOR"))
        return false;
    if (is_set("CLICOLOR_FORCE") &&
        !g_str_equal(g_getenv("CLICOLOR_FORCE"), "0"))
        return true;
    return g_strcmp0(g_getenv("CLICOLOR"), "0") != 0 && isatty(STDOUT_FILENO) &&
           is_set("TERM") && !g_str_equal(g_getenv("TERM"), "dumb");
}

static bool
check_common(void)
{
    if (colour != NULL && !g_str_equal(colour, "auto") &&
        !g_str_equal(colour, "always") && !g_str_equal(colour, "never")) {
        hs_cli_error("--color %s: expected auto, always or never", colour);
        return false;
    }
    if (quiet && verbose) {
        hs_cli_error("--quiet and --verbose do not go together");
        return false;
    }
    return true;
}

/* All options of a command, as one list */

static const GOptionEntry *
find_entry(const GArray *all, const char *name)
{
    for (guint i = 0; i < all->len; i++) {
        const GOptionEntry *entry = &g_array_index(all, GOptionEntry, i);

        if (g_str_equal(entry->long_name, name))
            return entry;
    }
    return NULL;
}

static void
add_entries(GArray *all, const GOptionEntry *entries)
{
    for (; entries != NULL && entries->long_name != NULL; entries++)
        g_array_append_val(all, *entries);
}

/* A command may have its own idea of one: dissect's --verbose. */
static GArray *
gather(const GOptionEntry *entries, const GOptionEntry *more)
{
    GArray *all = g_array_new(TRUE, TRUE, sizeof(GOptionEntry));

    add_entries(all, entries);
    add_entries(all, more);
    for (unsigned i = 0; i < G_N_ELEMENTS(of_every_command); i++)
        if (find_entry(all, of_every_command[i].long_name) == NULL)
            g_array_append_val(all, of_every_command[i]);
    return all;
}

static bool
is_of_every_command(const GOptionEntry *entry)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(of_every_command); i++)
        if (of_every_command[i].arg_data == entry->arg_data)
            return true;
    return false;
}

/* Of the first word that is no option, the one that may have been meant. */
static void
append_meant(GString *text, char **words, const GArray *all)
{
    g_autoptr(GPtrArray) names = g_ptr_array_new();

    for (guint i = 0; i < all->len; i++)
        g_ptr_array_add(
            names,
            (void *)(uintptr_t)g_array_index(all, GOptionEntry, i).long_name);
    for (; *words != NULL && !g_str_equal(*words, "--"); words++) {
        g_autofree char *name = NULL;
        const char *nearest;

        if (!g_str_has_prefix(*words, "--"))
            continue;
        name = g_strndup(*words + 2, strcspn(*words + 2, "="));
        if (find_entry(all, name) != NULL)
            continue;
        nearest = hs_nearest(name, names);
        if (nearest != NULL)
            g_string_append_printf(text, "; did you mean --%s?", nearest);
        return;
    }
}

/* Help */

#define WIDTH     79
#define LEFT_MOST 38

/* As many words a line as fit, behind the first of INDENT columns. */
static void
append_wrapped(GString *text, const char *words, unsigned indent)
{
    g_auto(GStrv) list = g_strsplit_set(words, " \n", -1);
    glong column = (glong)indent;

    for (char **word = list; *word != NULL; word++) {
        glong length = g_utf8_strlen(*word, -1);

        if (column > (glong)indent && column + 1 + length > WIDTH) {
            g_string_append_printf(text, "\n%*s", (int)indent, "");
            column = (glong)indent;
        } else if (column > (glong)indent) {
            g_string_append_c(text, ' ');
            column++;
        }
        g_string_append(text, *word);
        column += length;
    }
    g_string_append_c(text, '\n');
}

static char *
left_of(const GOptionEntry *entry)
{
    g_autofree char *letter = entry->short_name != '\0'
                                  ? g_strdup_printf("-%c, ", entry->short_name)
                                  : g_strdup("    ");

    return g_strdup_printf(
        "  %s--%s%s%s", letter, entry->long_name,
        entry->arg_description != NULL ? "=" : "",
        entry->arg_description != NULL ? entry->arg_description : "");
}

static void
append_options(GString *text, const GArray *all)
{
    size_t width = 0;

    for (guint i = 0; i < all->len; i++) {
        const GOptionEntry *entry = &g_array_index(all, GOptionEntry, i);
        g_autofree char *left = left_of(entry);

        if (!is_of_every_command(entry) && strlen(left) <= LEFT_MOST)
            width = MAX(width, strlen(left));
    }
    for (guint i = 0; i < all->len; i++) {
        const GOptionEntry *entry = &g_array_index(all, GOptionEntry, i);
        g_autofree char *left = left_of(entry);

        if (is_of_every_command(entry) ||
            (entry->flags & G_OPTION_FLAG_HIDDEN) != 0)
            continue;
        g_string_append_printf(text, "%-*s  ", (int)width, left);
        append_wrapped(text, entry->description, (unsigned)width + 2);
    }
}

static void
print_help(const GArray *all, const char *name, const char *parameters,
           const char *summary)
{
    g_autoptr(GString) text = g_string_new(NULL);
    const HsCommand *command = hs_command_find(name);

    g_string_append_printf(text, "usage: hybridsim %s [OPTION]... %s\n", name,
                           parameters);
    append_wrapped(text, summary, 0);
    g_string_append_c(text, '\n');
    append_options(text, all);
    g_string_append(text, "every command: -h --help, -q --quiet, -v --verbose, "
                          "--color=auto|always|never\n");
    if (command != NULL && command->example != NULL)
        g_string_append_printf(text, "\nexample: hybridsim %s\n",
                               command->example);
    fputs(text->str, stdout);
}

/* Where hs_cli_describe() wants what a command gives to parse(); else NULL. */
static HsCommandOptions *described;

bool
hs_cli_describe(const HsCommand *command, HsCommandOptions *ret_options)
{
    g_autofree char *name = g_strdup(command->name);
    char *words[] = {name, NULL};

    *ret_options = (HsCommandOptions){NULL, NULL};
    described = ret_options;
    command->run(1, words);
    described = NULL;
    return ret_options->entries != NULL;
}

void
hs_command_options_clear(HsCommandOptions *options)
{
    g_clear_pointer(&options->entries, g_array_unref);
    g_clear_pointer(&options->parameters, g_free);
}

/* The rest of the words, or NULL: an error was printed, or the command is only
 * to be described. Prints the help and exits, if that is asked for. */
static char **
parse(int argc, char **argv, const GOptionEntry *entries,
      const GOptionEntry *more, const char *parameters, const char *summary)
{
    g_autoptr(GOptionContext) context = g_option_context_new(parameters);
    g_autoptr(GArray) all = gather(entries, more);
    g_autoptr(GError) error = NULL;
    g_auto(GStrv) given = normal_words(argc, argv, &argc);
    g_auto(GStrv) words = g_strdupv(given);

    if (described != NULL) {
        described->entries = g_steal_pointer(&all);
        described->parameters = g_strdup(parameters);
        return NULL;
    }
    g_option_context_set_help_enabled(context, FALSE);
    g_option_context_add_main_entries(
        context, (const GOptionEntry *)(void *)all->data, NULL);
    if (!g_option_context_parse_strv(context, &words, &error)) {
        g_autoptr(GString) meant = g_string_new(NULL);

        if (g_error_matches(error, G_OPTION_ERROR,
                            G_OPTION_ERROR_UNKNOWN_OPTION))
            append_meant(meant, given + 1, all);
        hs_cli_error("%s%s; see hybridsim %s --help", error->message,
                     meant->str, words[0]);
        return NULL;
    }
    if (help) {
        print_help(all, words[0], parameters, summary);
        exit(hs_cli_flush(HS_EXIT_OK));
    }
    return check_common() ? g_strdupv(words + 1) : NULL;
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

/* What it replays is part of it, so a capture that cannot be read is found out
 * now and not in the middle of something. */
static bool
can_replay(const HsScenario *scenario)
{
    g_autoptr(GError) error = NULL;
    HsReplayCapture *capture = hs_world_read_replay(scenario, &error);

    hs_replay_capture_free(capture);
    if (error != NULL)
        fprintf(stderr, "%s\n", error->message);
    return error == NULL;
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
    } else if (!hs_design_check(scenario, &error)) {
        fprintf(stderr, "%s\n", error->message);
        g_clear_pointer(&scenario, hs_scenario_free);
    }
    if (scenario != NULL && !can_replay(scenario))
        g_clear_pointer(&scenario, hs_scenario_free);
    if (scenario != NULL && options->has_seed)
        hs_scenario_set_seed(scenario, options->seed);
    return scenario;
}
