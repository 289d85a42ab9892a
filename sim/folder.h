/* The folder of a run's results, written so that whoever looks into it sees
 * either an earlier run's results or this one's, whole: files are made in a
 * folder of their own inside it, and get their names when all of them are
 * there. Killing the run leaves that folder, without a lock on it; the next run
 * takes it away. */

#ifndef HS_FOLDER_H
#define HS_FOLDER_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct HsFolder HsFolder;

/* Makes PATH where it is not there, and fails if nothing can be written there
 * or fewer than NEEDED bytes are free. */
HsFolder *hs_folder_new(const char *path, uint64_t needed, GError **error);

/* Takes away what was not finished. NULL is fine. */
void hs_folder_free(HsFolder *folder);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HsFolder, hs_folder_free)

/* Where files are to be written, whatever they are. */
const char *hs_folder_work(const HsFolder *folder);

/* The names (char *) of what killed runs had left, and is gone now. */
const GPtrArray *hs_folder_leftovers(const HsFolder *folder);

/* Gives everything its name. What an earlier run left and this one did not make
 * goes: beside this result it would be taken for this run's. result.json goes
 * first and comes last, so that where it is, the rest is. */
bool hs_folder_finish(HsFolder *folder, GError **error);

/* A folder with all that is in it, or a file; no link is followed. */
bool hs_folder_remove(const char *path);

/* Words of ERROR that name a file in hs_folder_work() name the final one. */
void hs_folder_name_final(const HsFolder *folder, GError *error);

#endif
