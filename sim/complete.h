/* What may stand next on a command line: asked by the completion of the shells,
 * which know nothing of hybridsim themselves. */

#ifndef HS_COMPLETE_H
#define HS_COMPLETE_H

#include <glib.h>

/* Of WORDS behind "hybridsim", the last of which is being typed. Appends a line
 * for each candidate: the word, a tabulator and what it is. A line ":dirs",
 * ":files" or ":files ini pcap" asks the shell for names of folders, of files,
 * or of files that end so. */
void hs_complete(char *const *words, GString *lines);

/* The same for bash, where "=" ends a word: "--format", "=", "te". */
void hs_complete_bash(char *const *words, GString *lines);

#endif
