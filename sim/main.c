/* hybridsim: the program. Chooses the command and leaves the rest to it. */

#include "config.h"

#include "sim/cli.h"
#include "sim/commands.h"
#include "sim/engine/ns3_shim.h"

#include <locale.h>
#include <stdio.h>
#include <string.h>

/* Or a command that was mistyped. */
static bool
looks_like_file(const char *word)
{
    return strchr(word, '/') != NULL || strchr(word, '.') != NULL;
}

static void
print_help(void)
{
    g_autoptr(GString) text = g_string_new(NULL);

    hs_commands_help(text);
    fputs(text->str, stdout);
}

static bool
is_help(const char *word)
{
    return g_str_equal(word, "help") || g_str_equal(word, "--help") ||
           g_str_equal(word, "-h");
}

/* "help", and "help COMMAND". */
static int
help(int argc, char **argv)
{
    const HsCommand *command;
    char option[] = "--help";
    char *words[] = {NULL, option, NULL};

    if (argc < 2 || is_help(argv[1])) {
        print_help();
        return HS_EXIT_OK;
    }
    command = hs_command_find(argv[1]);
    if (command == NULL) {
        g_autoptr(GString) hint = g_string_new(NULL);

        hs_commands_suggest(hint, argv[1]);
        hs_cli_error("help: there is no command \"%s\"%s", argv[1], hint->str);
        return HS_EXIT_USAGE;
    }
    words[0] = argv[1];
    return command->run(2, words);
}

/* "hybridsim FILE" is "hybridsim run FILE". */
static int
run_without_word(int argc, char **argv)
{
    g_autofree char **words = g_new0(char *, (gsize)argc + 1);
    char run[] = "run";

    words[0] = run;
    for (int i = 1; i < argc; i++)
        words[i] = argv[i];
    return hs_cmd_run(argc, words);
}

static int
run_command(int argc, char **argv)
{
    const HsCommand *command;

    if (argc < 2) {
        print_help();
        return HS_EXIT_USAGE;
    }
    if (is_help(argv[1]))
        return help(argc - 1, argv + 1);
    if (g_str_equal(argv[1], "--version")) {
        printf("%s (ns-%s)\n", PACKAGE_STRING, hs_sim_engine_version());
        return HS_EXIT_OK;
    }
    command = hs_command_find(argv[1]);
    if (command != NULL)
        return command->run(argc - 1, argv + 1);
    if (argv[1][0] != '-' && !looks_like_file(argv[1]) &&
        !g_file_test(argv[1], G_FILE_TEST_EXISTS)) {
        g_autoptr(GString) hint = g_string_new(NULL);

        hs_commands_suggest(hint, argv[1]);
        hs_cli_error("\"%s\" is neither a command nor a file%s; see hybridsim "
                     "--help",
                     argv[1], hint->str);
        return HS_EXIT_USAGE;
    }
    return run_without_word(argc, argv);
}

int
main(int argc, char **argv)
{
    setlocale(LC_CTYPE, "");
    return hs_cli_flush(run_command(argc, argv));
}
