/* A file being written: buffered, its first error kept. Not for others. */

#ifndef CAPTURE_OUTPUT_H
#define CAPTURE_OUTPUT_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct {
    char *path;       /* owned */
    int fd;           /* -1: closed */
    uint8_t *buffer;  /* owned */
    size_t used;      /* bytes in the buffer */
    uint64_t flushed; /* bytes in the file, or on their way to it */
    GError *error;    /* owned; the first one */
    struct CaptureBackground *background; /* owned; NULL: none */
} CaptureOutput;

/* Makes or empties the file; readable again too. */
bool capture_output_open(CaptureOutput *out, const char *path, GError **error);

/* From here on a thread writes what is flushed, so that a slow disk does not
 * keep its caller; OUT must not move. */
void capture_output_background(CaptureOutput *out);

/* Waits until everything flushed is in the file, and ends the thread. */
void capture_output_foreground(CaptureOutput *out);

/* Closes the file if it is open; the file stays. */
void capture_output_clear(CaptureOutput *out);

/* LENGTH bytes to be filled in before the next call; NULL after an error.
 * LENGTH is at most CAPTURE_OUTPUT_MOST. */
uint8_t *capture_output_reserve(CaptureOutput *out, size_t length);
#define CAPTURE_OUTPUT_MOST ((size_t)1 << 20)

void capture_output_write(CaptureOutput *out, const void *data, size_t length);
void capture_output_flush(CaptureOutput *out);

/* The offset of the next byte. */
uint64_t capture_output_offset(const CaptureOutput *out);

/* Flushes, closes and reports the first error of all. */
bool capture_output_close(CaptureOutput *out, GError **error);

/* From the errno of a call on PATH. */
void capture_file_error(GError **error, const char *path, int number);

#endif
