/* Which scenarios are meant, and where the results of each go.
 *
 * A folder stands for every *.ini below it, by name; what begins with a dot is
 * left out, and links to folders are not followed. A file that is named twice
 * is run once.
 *
 * Results go to OUT/NAME. The name is the file's without ".ini", and of those
 * that have the same, its path: "scenarios/a" and "other/a". */

#ifndef HS_CHECK_FILES_H
#define HS_CHECK_FILES_H

#include <glib.h>

typedef struct {
    char *path; /* owned: as it was given */
    char *name; /* owned: no two alike */
} HsCiFileName;

/* HsCiFileName * of WORDS (ended by NULL), in their order. NULL: a folder
 * cannot be read, or has none. */
GPtrArray *hs_ci_files(char *const *words, GError **error);

/* PATH from the current folder, or from the root if it is not below that
 * (transfer full). */
char *hs_ci_path_from_here(const char *path);

#endif
