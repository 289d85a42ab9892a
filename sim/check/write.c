#include "config.h"

#include "sim/check/write.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

struct HsCiFile {
    char *path;      /* owned */
    char *temporary; /* owned; NULL: PATH itself is open */
    int fd;          /* owned; -1: standard output, or closed */
};

static bool
fail(const HsCiFile *file, GError **error)
{
    int number = errno;

    g_set_error(error, G_FILE_ERROR, (int)g_file_error_from_errno(number),
                "%s: %s", file->path, g_strerror(number));
    return false;
}

static bool
is_special(const char *path)
{
    struct stat status;

    return stat(path, &status) == 0 && !S_ISREG(status.st_mode);
}

/* What mkstemp() makes is for its owner alone; a result is as public as any
 * other file. */
static bool
set_mode(int fd)
{
    mode_t mask = umask(0);

    umask(mask);
    return fchmod(fd, 0666 & ~mask) == 0;
}

HsCiFile *
hs_ci_file_open(const char *path, GError **error)
{
    g_autoptr(HsCiFile) file = g_new0(HsCiFile, 1);

    file->path = g_strdup(path);
    file->fd = -1;
    if (g_str_equal(path, "-"))
        return g_steal_pointer(&file);
    if (is_special(path)) {
        file->fd = open(path, O_WRONLY | O_CLOEXEC);
    } else {
        g_autofree char *temporary = g_strdup_printf("%s.XXXXXX", path);

        file->fd = g_mkstemp_full(temporary, O_WRONLY | O_CLOEXEC, 0600);
        if (file->fd >= 0)
            file->temporary = g_steal_pointer(&temporary);
    }
    if (file->fd < 0 || (file->temporary != NULL && !set_mode(file->fd))) {
        fail(file, error);
        return NULL;
    }
    return g_steal_pointer(&file);
}

static bool
write_all(int fd, const char *data, gsize length)
{
    while (length > 0) {
        ssize_t written = write(fd, data, length);

        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return false;
        data += written;
        length -= (gsize)written;
    }
    return true;
}

bool
hs_ci_file_finish(HsCiFile *file, const GString *text, GError **error)
{
    int fd = file->fd;
    bool good;

    if (fd < 0) {
        good = fwrite(text->str, 1, text->len, stdout) == text->len &&
               fflush(stdout) == 0;
        return good || fail(file, error);
    }
    good = write_all(fd, text->str, text->len) &&
           (file->temporary == NULL || fsync(fd) == 0);
    if (!good)
        return fail(file, error);
    file->fd = -1;
    if (close(fd) != 0)
        return fail(file, error);
    if (file->temporary != NULL && g_rename(file->temporary, file->path) != 0)
        return fail(file, error);
    g_clear_pointer(&file->temporary, g_free);
    return true;
}

void
hs_ci_file_free(HsCiFile *file)
{
    if (file == NULL)
        return;
    if (file->fd >= 0)
        close(file->fd);
    if (file->temporary != NULL)
        g_unlink(file->temporary);
    g_free(file->temporary);
    g_free(file->path);
    g_free(file);
}
