/* Reading and building bytes in network order.
 *
 * HsReader is a cursor over borrowed bytes. Bounds are checked inside; the
 * first error sticks, and every read after it gives zero, so a decoder reads
 * straight through and asks hs_reader_ok() once at the end. What is enclosed
 * in a frame is taken as a reader of its own (hs_reader_sub), so that an inner
 * parser cannot leave its frame.
 *
 * HsWriter is a growing buffer. A value too large for its field sets the same
 * kind of sticky error; narrowing happens here and nowhere else. */

#ifndef HS_BASE_WIRE_H
#define HS_BASE_WIRE_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct {
    const uint8_t *data; /* borrowed */
    size_t length;
    size_t offset;
    bool failed;
} HsReader;

HsReader hs_reader_of(const void *data, size_t length);

uint8_t hs_reader_u8(HsReader *r);
uint16_t hs_reader_u16(HsReader *r);
uint32_t hs_reader_u24(HsReader *r);
uint32_t hs_reader_u32(HsReader *r);
uint64_t hs_reader_u64(HsReader *r);

/* The next LENGTH bytes, borrowed from the input; NULL past the end. LENGTH 0
 * gives a pointer that is not NULL. */
const uint8_t *hs_reader_bytes(HsReader *r, size_t length);

/* Copies LENGTH bytes; fills TO with zeros past the end. */
void hs_reader_copy(HsReader *r, void *to, size_t length);

void hs_reader_skip(HsReader *r, size_t length);

/* The next LENGTH bytes as a reader of their own; an already failed, empty
 * reader past the end. */
HsReader hs_reader_sub(HsReader *r, size_t length);

size_t hs_reader_left(const HsReader *r);
bool hs_reader_ok(const HsReader *r);

/* No error, and nothing left over. */
bool hs_reader_done(const HsReader *r);

/* For a decoder that finds a value it cannot go on from. */
void hs_reader_fail(HsReader *r);

typedef struct {
    GByteArray *bytes; /* owned */
    bool failed;
} HsWriter;

void hs_writer_init(HsWriter *w);
void hs_writer_clear(HsWriter *w);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(HsWriter, hs_writer_clear)

/* A value that does not fit its field sets the error. */
void hs_writer_u8(HsWriter *w, uint64_t value);
void hs_writer_u16(HsWriter *w, uint64_t value);
void hs_writer_u24(HsWriter *w, uint64_t value);
void hs_writer_u32(HsWriter *w, uint64_t value);
void hs_writer_u64(HsWriter *w, uint64_t value);
void hs_writer_bytes(HsWriter *w, const void *data, size_t length);
void hs_writer_zeros(HsWriter *w, size_t length);

/* Writes over what is there already; an OFFSET past the end sets the error. */
void hs_writer_patch_u8(HsWriter *w, size_t offset, uint64_t value);
void hs_writer_patch_u16(HsWriter *w, size_t offset, uint64_t value);

size_t hs_writer_length(const HsWriter *w);
bool hs_writer_ok(const HsWriter *w);

/* Hands over what was written (transfer full) and leaves the writer cleared;
 * NULL after an error. */
GBytes *hs_writer_steal(HsWriter *w);

#endif
