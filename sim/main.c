/* hybridsim: the program. Chooses the command and leaves the rest to it. */

#include "config.h"

#include "sim/cli.h"
#include "sim/engine/ns3_shim.h"
#include "sim/interrupt.h"
#include "sim/scenario/complaint.h"

#include <errno.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>

static const struct {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *summary;
} commands[] = {
    {"run", hs_cmd_run,
     "simulate, print the verdict, write result and capture"},
    {"check", hs_cmd_check, "run many scenarios and hold their expectations"},
    {"compare", hs_cmd_compare,
     "measure designs side by side against requirements"},
    {"survive", hs_cmd_survive,
     "fail every element in turn: what is redundant, what is not"},
    {"explain", hs_cmd_explain,
     "print every value and its origin; --routes: every route and why"},
    {"live", hs_cmd_live,
     "run in real time, with real hosts and routers by TUN devices"},
    {"wireshark", hs_cmd_wireshark, "print the command that opens a capture"},
    {"dissect", hs_cmd_dissect,
     "print the BGP, BFD, IKEv2 and ESP of any capture"},
};

static void
print_help(void)
{
    printf(
        "usage: hybridsim [COMMAND] [OPTION]... FILE...\n\n"
        "Simulates a hybrid cloud network with real BGP, BFD, IKEv2, ESP and "
        "TCP, cuts\nwhat the scenario says, and measures how long the "
        "database was gone and why.\n\n"
        "  hybridsim scenarios/dx-cut.ini\n\n"
        "commands (\"run\" may be left out):\n");
    for (size_t i = 0; i < G_N_ELEMENTS(commands); i++)
        printf("  %-10s %s\n", commands[i].name, commands[i].summary);
    printf(
        "\noptions of every scenario:\n"
        "  --set GROUP.KEY=VALUE   change a value of the scenario: what if?\n"
        "  --seed N                draw again: instants, jitter, keys\n"
        "  --help, --version\n"
        "options of run:\n"
        "  --repeat N -j J         N seeds, J at a time: the distribution\n"
        "  --out DIR               results go to DIR/SCENARIO (out)\n"
        "  --json, --quiet, --trace, --facts, --no-capture\n"
        "options of compare:\n"
        "  --set A --set B         of one file: each is a design; --base: and "
        "the file\n"
        "  --p99 TIME, --jitter TIME, --throughput RATE, --outage TIME\n"
        "  --format markdown, --quick\n"
        "options of survive:\n"
        "  --pairs                 also every two elements at once\n"
        "  --expect-survives       exit 1 if there is a single point of "
        "failure\n"
        "options of live:\n"
        "  --control SOCKET        take commands there; --send SOCKET gives "
        "them\n"
        "  --hold-faults           the scenario's faults come by command "
        "only\n\n"
        "exit status: 0 all expectations hold, 1 one does not, 2 usage or "
        "scenario\nerror, 3 internal error, 4 nothing was checked\n"
        "manual: hybridsim(1), scenarios/README.md\n");
}

/* Or a command that was mistyped. */
static bool
looks_like_file(const char *word)
{
    return strchr(word, '/') != NULL || strchr(word, '.') != NULL;
}

static int
run_command(int argc, char **argv)
{
    if (argc < 2 || g_str_equal(argv[1], "--help") ||
        g_str_equal(argv[1], "-h") || g_str_equal(argv[1], "help")) {
        print_help();
        return argc < 2 ? HS_EXIT_USAGE : HS_EXIT_OK;
    }
    if (g_str_equal(argv[1], "--version")) {
        printf("%s (ns-%s)\n", PACKAGE_STRING, hs_sim_engine_version());
        return HS_EXIT_OK;
    }
    for (size_t i = 0; i < G_N_ELEMENTS(commands); i++)
        if (g_str_equal(argv[1], commands[i].name))
            return commands[i].run(argc - 1, argv + 1);
    if (argv[1][0] != '-' && !looks_like_file(argv[1]) &&
        !g_file_test(argv[1], G_FILE_TEST_EXISTS)) {
        g_autoptr(GPtrArray) names = g_ptr_array_new();
        g_autoptr(GString) hint = g_string_new(NULL);

        for (size_t i = 0; i < G_N_ELEMENTS(commands); i++)
            g_ptr_array_add(names, (void *)(uintptr_t)commands[i].name);
        hs_suggest(hint, argv[1], names);
        hs_cli_error("\"%s\" is neither a command nor a file%s; see hybridsim "
                     "--help",
                     argv[1], hint->str);
        return HS_EXIT_USAGE;
    }
    /* "hybridsim FILE" is "hybridsim run FILE". */
    {
        g_autofree char **words = g_new0(char *, (gsize)argc + 1);
        char run[] = "run";

        words[0] = run;
        for (int i = 1; i < argc; i++)
            words[i] = argv[i];
        return hs_cmd_run(argc, words);
    }
}

/* A verdict that did not get through is none: a full disk behind ">verdict"
 * must not pass as success. */
int
main(int argc, char **argv)
{
    int status;

    setlocale(LC_CTYPE, "");
    hs_interrupt_catch();
    status = run_command(argc, argv);
    if (fflush(stdout) != 0 || ferror(stdout)) {
        hs_cli_error("standard output: %s", g_strerror(errno));
        return HS_EXIT_INTERNAL;
    }
    return status;
}
