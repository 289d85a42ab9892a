/* The commands: one table, from which the program chooses, --help is printed,
 * words are completed, and against which the manual is held. The options of a
 * command stand where it reads them, and are asked for by hs_cli_describe(). */

#ifndef HS_COMMANDS_H
#define HS_COMMANDS_H

#include <glib.h>

typedef struct {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *summary; /* a line of the overview */
    const char *example; /* the words behind "hybridsim" */
} HsCommand;

unsigned hs_command_count(void);
const HsCommand *hs_command(unsigned index);
const HsCommand *hs_command_find(const char *name); /* or NULL */

/* What `hybridsim --help` prints. */
void hs_commands_help(GString *text);

/* Appends `; did you mean "check"?`, or nothing. */
void hs_commands_suggest(GString *text, const char *word);

#endif
