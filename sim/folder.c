#include "config.h"

#include "sim/folder.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define PREFIX ".unfinished-"
#define RESULT "result.json"

struct HsFolder {
    char *path;           /* owned */
    char *work;           /* owned; NULL: finished, or none yet */
    int lock;             /* owned: of work */
    bool made;            /* PATH was not there before */
    GPtrArray *leftovers; /* owned names */
};

/* What a run may leave, besides a pcap a link. */
static const char *const made_by_runs[] = {
    "capture.pcapng", "wireshark", "report.html", "monitoring", "streams"};

static void
fail(GError **error, const char *path, const char *what)
{
    int number = errno;

    g_set_error(error, G_FILE_ERROR, (int)g_file_error_from_errno(number),
                "%s: %s%s", path, what, g_strerror(number));
}

bool
hs_folder_remove(const char *path)
{
    g_autoptr(GDir) dir = NULL;
    const char *name;

    if (g_unlink(path) == 0 || errno == ENOENT)
        return true;
    if (errno != EISDIR && errno != EPERM)
        return false;
    dir = g_dir_open(path, 0, NULL);
    while (dir != NULL && (name = g_dir_read_name(dir)) != NULL) {
        g_autofree char *inside = g_build_filename(path, name, NULL);

        if (!hs_folder_remove(inside))
            return false;
    }
    return g_rmdir(path) == 0;
}

/* Before the run */

/* A descriptor that holds the lock; -1: somebody else has it, and WAIT is not
 * set, or there are no locks here. */
static int
lock_folder(const char *path, bool wait)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (fd >= 0 && flock(fd, LOCK_EX | (wait ? 0 : LOCK_NB)) != 0) {
        close(fd);
        fd = -1;
    }
    return fd;
}

static void
remove_leftovers(HsFolder *folder)
{
    g_autoptr(GDir) dir = g_dir_open(folder->path, 0, NULL);
    const char *name;

    while (dir != NULL && (name = g_dir_read_name(dir)) != NULL) {
        g_autofree char *path = g_build_filename(folder->path, name, NULL);
        int lock;

        if (!g_str_has_prefix(name, PREFIX) ||
            (lock = lock_folder(path, false)) < 0)
            continue;
        if (hs_folder_remove(path))
            g_ptr_array_add(folder->leftovers, g_strdup(name));
        close(lock);
    }
}

static bool
has_room(const char *path, uint64_t needed, GError **error)
{
    struct statvfs fs;
    uint64_t available;

    if (statvfs(path, &fs) != 0)
        return true; /* it may still be: writing will tell */
    available = (uint64_t)fs.f_bavail * fs.f_frsize;
    if (available >= needed)
        return true;
    g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_NOSPC,
                "%s: %s: the results of this run need %.1f MB at least, and "
                "%.1f MB are free (--no-capture needs less)",
                path, g_strerror(ENOSPC), (double)needed / 1e6,
                (double)available / 1e6);
    return false;
}

static bool
make_work(HsFolder *folder, GError **error)
{
    g_autofree char *work =
        g_build_filename(folder->path, PREFIX "XXXXXX", NULL);

    if (g_mkdtemp_full(work, 0777) == NULL) {
        fail(error, folder->path, "cannot write results there: ");
        return false;
    }
    folder->work = g_steal_pointer(&work);
    folder->lock = lock_folder(folder->work, false);
    return true;
}

HsFolder *
hs_folder_new(const char *path, uint64_t needed, GError **error)
{
    g_autoptr(HsFolder) folder = g_new0(HsFolder, 1);
    bool good;
    int lock;

    folder->path = g_strdup(path);
    folder->lock = -1;
    folder->leftovers = g_ptr_array_new_with_free_func(g_free);
    folder->made = !g_file_test(path, G_FILE_TEST_EXISTS);
    if (g_mkdir_with_parents(path, 0777) != 0) {
        folder->made = false;
        fail(error, path, "cannot write results there: ");
        return NULL;
    }
    /* Nobody else looks for leftovers while ours has no lock yet. */
    lock = lock_folder(path, true);
    remove_leftovers(folder);
    good = has_room(path, needed, error) && make_work(folder, error);
    if (lock >= 0)
        close(lock);
    return good ? g_steal_pointer(&folder) : NULL;
}

const char *
hs_folder_work(const HsFolder *folder)
{
    return folder->work;
}

const GPtrArray *
hs_folder_leftovers(const HsFolder *folder)
{
    return folder->leftovers;
}

/* After it */

static bool
is_made_by_runs(const char *name)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(made_by_runs); i++)
        if (g_str_equal(name, made_by_runs[i]))
            return true;
    return g_str_has_suffix(name, ".pcap");
}

static bool
remove_earlier(const HsFolder *folder, GError **error)
{
    g_autoptr(GDir) dir = g_dir_open(folder->path, 0, error);
    const char *name;

    while (dir != NULL && (name = g_dir_read_name(dir)) != NULL) {
        g_autofree char *path = g_build_filename(folder->path, name, NULL);

        if (is_made_by_runs(name) && !hs_folder_remove(path)) {
            fail(error, path, "");
            return false;
        }
    }
    return dir != NULL;
}

static bool
move(const HsFolder *folder, const char *name, GError **error)
{
    g_autofree char *from = g_build_filename(folder->work, name, NULL);
    g_autofree char *to = g_build_filename(folder->path, name, NULL);

    if (g_rename(from, to) == 0)
        return true;
    fail(error, to, "");
    return false;
}

/* Names, because a folder is not to be changed while it is read. */
static GPtrArray *
names_in(const char *path)
{
    GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
    const char *name;

    while (dir != NULL && (name = g_dir_read_name(dir)) != NULL)
        g_ptr_array_add(names, g_strdup(name));
    return names;
}

static bool
name_all(HsFolder *folder, GError **error)
{
    g_autofree char *result = g_build_filename(folder->path, RESULT, NULL);
    g_autoptr(GPtrArray) names = names_in(folder->work);
    bool has_result = false;

    if (g_unlink(result) != 0 && errno != ENOENT) {
        fail(error, result, "");
        return false;
    }
    if (!remove_earlier(folder, error))
        return false;
    for (guint i = 0; i < names->len; i++) {
        if (g_str_equal(names->pdata[i], RESULT))
            has_result = true;
        else if (!move(folder, names->pdata[i], error))
            return false;
    }
    if (has_result && !move(folder, RESULT, error))
        return false;
    return true;
}

bool
hs_folder_finish(HsFolder *folder, GError **error)
{
    int lock = lock_folder(folder->path, true);
    bool good = name_all(folder, error);

    if (good)
        folder->made = false;
    if (lock >= 0)
        close(lock);
    return good;
}

void
hs_folder_name_final(const HsFolder *folder, GError *error)
{
    g_auto(GStrv) parts = NULL;
    char *message;

    if (error == NULL || folder->work == NULL)
        return;
    parts = g_strsplit(error->message, folder->work, -1);
    message = g_strjoinv(folder->path, parts);
    g_free(error->message);
    error->message = message;
}

void
hs_folder_free(HsFolder *folder)
{
    if (folder == NULL)
        return;
    if (folder->work != NULL)
        hs_folder_remove(folder->work);
    if (folder->made)
        g_rmdir(folder->path);
    if (folder->lock >= 0)
        close(folder->lock);
    g_ptr_array_unref(folder->leftovers);
    g_free(folder->work);
    g_free(folder->path);
    g_free(folder);
}
