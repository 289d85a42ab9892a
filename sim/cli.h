/* What the commands share: exit codes, the options of scenarios, children. */

#ifndef HS_CLI_H
#define HS_CLI_H

#include "sim/commands.h"
#include "sim/scenario/scenario.h"

#include <glib.h>
#include <stdbool.h>
#include <sys/types.h>

typedef enum {
    HS_EXIT_OK = 0,       /* every expectation holds */
    HS_EXIT_FAILED = 1,   /* one does not */
    HS_EXIT_USAGE = 2,    /* bad options, or a bad scenario */
    HS_EXIT_INTERNAL = 3, /* a run died, or a file could not be written */
    HS_EXIT_NOTHING = 4,  /* nothing was checked */
} HsExit;

/* The commands: ARGV[0] is the command's name. */
int hs_cmd_run(int argc, char **argv);
int hs_cmd_check(int argc, char **argv);
int hs_cmd_survive(int argc, char **argv);
int hs_cmd_compare(int argc, char **argv);
int hs_cmd_explain(int argc, char **argv);
int hs_cmd_live(int argc, char **argv);
int hs_cmd_report(int argc, char **argv);
int hs_cmd_wireshark(int argc, char **argv);
int hs_cmd_dissect(int argc, char **argv);
int hs_cmd_completion(int argc, char **argv);
int hs_cmd_init(int argc, char **argv);

/* Parses ARGV with ENTRIES (may be NULL); PARAMETERS and SUMMARY are for
 * --help. The name of a value tells what completes it: "DIR", "FILE",
 * "text|markdown". Returns what is left of the command line (transfer full,
 * g_strfreev()), or NULL: an error was printed. */
char **hs_cli_parse_words(int argc, char **argv, const GOptionEntry *entries,
                          const char *parameters, const char *summary);

/* Options that choose and change scenarios: --set, --seed. */
typedef struct {
    char **sets; /* owned */
    bool has_seed;
    guint64 seed;
    char **files; /* owned: what is left of the command line */
    bool design;  /* the design alone: nothing need be observed */
} HsScenarioOptions;

/* The same beside the options of scenarios. False: an error was printed. */
bool hs_cli_parse(int argc, char **argv, const GOptionEntry *entries,
                  const char *parameters, const char *summary,
                  HsScenarioOptions *ret_options);
void hs_scenario_options_clear(HsScenarioOptions *options);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(HsScenarioOptions, hs_scenario_options_clear)

/* Loads FILE with --set and --seed; prints what is wrong and returns NULL. */
HsScenario *hs_cli_load(const char *file, const HsScenarioOptions *options);

/* "hybridsim: …" on stderr. */
void hs_cli_error(const char *format, ...) G_GNUC_PRINTF(1, 2);

/* The options that every command takes. */
bool hs_cli_quiet(void);   /* nothing on stdout, no progress; errors are told */
bool hs_cli_verbose(void); /* more, on stderr */
bool hs_cli_colour(void);  /* stdout may have escapes for colour */

/* The same with --verbose only. */
void hs_cli_say(const char *format, ...) G_GNUC_PRINTF(1, 2);

/* Everything printed must have got through, or STATUS becomes an error. */
int hs_cli_flush(int status);

/* What a command gives to hs_cli_parse(), without running it: its options with
 * those of every command (GOptionEntry; their variables are gone), and its
 * parameters. False: it has none. */
typedef struct {
    GArray *entries;  /* owned */
    char *parameters; /* owned */
} HsCommandOptions;

bool hs_cli_describe(const HsCommand *command, HsCommandOptions *ret_options);
void hs_command_options_clear(HsCommandOptions *options);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(HsCommandOptions, hs_command_options_clear)

/* Child runs of this program */

typedef struct {
    char **argv;  /* owned: the arguments behind the program's name */
    int status;   /* HsExit of the child; HS_EXIT_INTERNAL if it died */
    char *errors; /* owned: what it said on stderr, or why it died */
    bool ended;   /* false: never started, or ended by an interrupt */
} HsChild;

void hs_child_free(HsChild *child);

/* Runs all of CHILDREN (HsChild *), at most JOBS at once, and waits. DONE, if
 * given, is told how many have ended. On an interrupt (sim/interrupt.h) those
 * that run are ended, no other is started, and the call returns when the last
 * is gone: see HsChild.ended. */
void
hs_children_run(GPtrArray *children, unsigned jobs,
                void (*done)(void *user_data, unsigned ended, unsigned all),
                void *user_data);

/* The same, and DONE is told of each child that came to its own end. If it
 * returns false, the others are ended as on an interrupt. */
typedef bool (*HsChildEnded)(void *user_data, const HsChild *child,
                             unsigned ended, unsigned all);
void hs_children_run_each(GPtrArray *children, unsigned jobs, HsChildEnded done,
                          void *user_data);

/* How many of CHILDREN came to their own end. */
unsigned hs_children_finished(const GPtrArray *children);

/* The worse of two exit codes, for many runs: 3 2 1 4 0. */
HsExit hs_exit_worse(HsExit a, HsExit b);

/* `run --repeat`: N runs with seeds from the scenario's on. */
int hs_repeat(const char *file, const HsScenarioOptions *options,
              const char *out, unsigned count, unsigned jobs);

#endif
