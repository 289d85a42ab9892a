/* The buffer is as large as what the kernel takes at once without effort; a
 * packet goes into it by one memcpy, and the file sees whole buffers only. */

#include "config.h"

#include "pcap/output.h"

#include "pcap/capture.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

G_DEFINE_QUARK(capture - error - quark, capture_error)

void
capture_file_error(GError **error, const char *path, int number)
{
    g_set_error(error, CAPTURE_ERROR, CAPTURE_ERROR_FILE, "%s: %s", path,
                g_strerror(number));
}

bool
capture_output_open(CaptureOutput *out, const char *path, GError **error)
{
    int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);

    if (fd < 0) {
        capture_file_error(error, path, errno);
        return false;
    }
    *out = (CaptureOutput){.path = g_strdup(path),
                           .fd = fd,
                           .buffer = g_malloc(CAPTURE_OUTPUT_MOST)};
    return true;
}

void
capture_output_clear(CaptureOutput *out)
{
    if (out->fd >= 0)
        close(out->fd);
    out->fd = -1;
    g_clear_pointer(&out->path, g_free);
    g_clear_pointer(&out->buffer, g_free);
    g_clear_error(&out->error);
}

void
capture_output_flush(CaptureOutput *out)
{
    size_t done = 0;

    while (done < out->used && out->error == NULL) {
        ssize_t n = write(out->fd, out->buffer + done, out->used - done);

        if (n > 0)
            done += (size_t)n;
        else if (n == 0 || errno != EINTR)
            capture_file_error(&out->error, out->path, n == 0 ? ENOSPC : errno);
    }
    out->flushed += done;
    out->used = 0;
}

uint8_t *
capture_output_reserve(CaptureOutput *out, size_t length)
{
    uint8_t *at;

    g_assert(length <= CAPTURE_OUTPUT_MOST);
    if (length > CAPTURE_OUTPUT_MOST - out->used)
        capture_output_flush(out);
    if (out->error != NULL)
        return NULL;
    at = out->buffer + out->used;
    out->used += length;
    return at;
}

void
capture_output_write(CaptureOutput *out, const void *data, size_t length)
{
    const uint8_t *from = data;

    while (length > 0) {
        size_t part = MIN(length, CAPTURE_OUTPUT_MOST);
        uint8_t *to = capture_output_reserve(out, part);

        if (to == NULL)
            return;
        memcpy(to, from, part);
        from += part;
        length -= part;
    }
}

uint64_t
capture_output_offset(const CaptureOutput *out)
{
    return out->flushed + out->used;
}

bool
capture_output_close(CaptureOutput *out, GError **error)
{
    capture_output_flush(out);
    /* A network file system may tell of a full disk only now. */
    if (close(out->fd) != 0 && out->error == NULL)
        capture_file_error(&out->error, out->path, errno);
    out->fd = -1;
    if (out->error == NULL)
        return true;
    g_propagate_error(error, g_steal_pointer(&out->error));
    return false;
}
