/* A file that somebody waits for: it is there whole, or not at all.
 *
 * It is opened before the runs, so that a folder in which nothing can be
 * written is told at once and not after an hour. */

#ifndef HS_CHECK_WRITE_H
#define HS_CHECK_WRITE_H

#include <glib.h>
#include <stdbool.h>

typedef struct HsCiFile HsCiFile;

/* "-" is standard output. What is there and no regular file (a device, a pipe)
 * is written as it is. */
HsCiFile *hs_ci_file_open(const char *path, GError **error);
/* Writes TEXT and gives it its name. */
bool hs_ci_file_finish(HsCiFile *file, const GString *text, GError **error);
/* Takes away what was not finished. NULL is fine. */
void hs_ci_file_free(HsCiFile *file);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HsCiFile, hs_ci_file_free)

#endif
