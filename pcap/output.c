/* The buffer is as large as what the kernel takes at once without effort; a
 * packet goes into it by one memcpy, and the file sees whole buffers only.
 *
 * write() may take long when a disk is busy, which a run by the wall clock
 * cannot afford. In the background, full buffers go to a thread and empty ones
 * come back; only when a good many are under way does the caller wait. */

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

/* Writes LENGTH bytes. 0, or the errno of what went wrong. */
static int
write_all(int fd, const uint8_t *data, size_t length)
{
    while (length > 0) {
        ssize_t n = write(fd, data, length);

        if (n > 0) {
            data += n;
            length -= (size_t)n;
        } else if (n == 0 || errno != EINTR) {
            return n == 0 ? ENOSPC : errno;
        }
    }
    return 0;
}

/* In the background */

#define BUFFERS 64

typedef struct {
    uint8_t *data; /* owned; NULL: no more come */
    size_t used;
} Chunk;

struct CaptureBackground {
    int fd;             /* borrowed */
    GAsyncQueue *full;  /* Chunk *: to be written */
    GAsyncQueue *empty; /* buffers: written */
    unsigned buffers;   /* that there are */
    GThread *thread;
    int problem; /* the thread's until it ends: the first errno, or 0 */
};

static void *
write_chunks(void *user_data)
{
    struct CaptureBackground *b = user_data;

    for (;;) {
        g_autofree Chunk *chunk = g_async_queue_pop(b->full);

        if (chunk->data == NULL)
            return NULL;
        if (b->problem == 0)
            b->problem = write_all(b->fd, chunk->data, chunk->used);
        g_async_queue_push(b->empty, chunk->data);
    }
}

void
capture_output_background(CaptureOutput *out)
{
    struct CaptureBackground *b = g_new0(struct CaptureBackground, 1);

    g_assert(out->background == NULL);
    b->fd = out->fd;
    b->full = g_async_queue_new();
    b->empty = g_async_queue_new_full(g_free);
    b->buffers = 1;
    b->thread = g_thread_new("capture", write_chunks, b);
    out->background = b;
}

static void
hand_over(struct CaptureBackground *b, uint8_t *data, size_t used)
{
    Chunk *chunk = g_new(Chunk, 1);

    *chunk = (Chunk){data, used};
    g_async_queue_push(b->full, chunk);
}

static uint8_t *
empty_buffer(struct CaptureBackground *b)
{
    uint8_t *buffer = g_async_queue_try_pop(b->empty);

    if (buffer != NULL)
        return buffer;
    if (b->buffers == BUFFERS)
        return g_async_queue_pop(b->empty);
    b->buffers++;
    return g_malloc(CAPTURE_OUTPUT_MOST);
}

void
capture_output_foreground(CaptureOutput *out)
{
    struct CaptureBackground *b = out->background;

    if (b == NULL)
        return;
    out->background = NULL;
    hand_over(b, NULL, 0);
    g_thread_join(b->thread);
    if (b->problem != 0 && out->error == NULL)
        capture_file_error(&out->error, out->path, b->problem);
    g_async_queue_unref(b->full);
    g_async_queue_unref(b->empty);
    g_free(b);
}

void
capture_output_clear(CaptureOutput *out)
{
    capture_output_foreground(out);
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
    int problem;

    if (out->used == 0 || out->error != NULL) {
        out->used = 0;
        return;
    }
    if (out->background != NULL) {
        hand_over(out->background, out->buffer, out->used);
        out->buffer = empty_buffer(out->background);
    } else {
        problem = write_all(out->fd, out->buffer, out->used);
        if (problem != 0)
            capture_file_error(&out->error, out->path, problem);
    }
    out->flushed += out->used;
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
    capture_output_foreground(out);
    /* A network file system may tell of a full disk only now. */
    if (close(out->fd) != 0 && out->error == NULL)
        capture_file_error(&out->error, out->path, errno);
    out->fd = -1;
    if (out->error == NULL)
        return true;
    g_propagate_error(error, g_steal_pointer(&out->error));
    return false;
}
