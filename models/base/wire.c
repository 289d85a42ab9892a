#include "config.h"

#include "models/base/wire.h"

#include <string.h>

/* Reader */

HsReader
hs_reader_of(const void *data, size_t length)
{
    return (HsReader){.data = data, .length = length};
}

const uint8_t *
hs_reader_bytes(HsReader *r, size_t length)
{
    static const uint8_t nothing;
    const uint8_t *at;

    if (r->failed || length > r->length - r->offset) {
        r->failed = true;
        return NULL;
    }
    if (length == 0)
        return &nothing;
    at = r->data + r->offset;
    r->offset += length;
    return at;
}

static uint64_t
read_number(HsReader *r, size_t length)
{
    const uint8_t *at = hs_reader_bytes(r, length);
    uint64_t value = 0;

    if (at == NULL)
        return 0;
    for (size_t i = 0; i < length; i++)
        value = value << 8 | at[i];
    return value;
}

uint8_t
hs_reader_u8(HsReader *r)
{
    return (uint8_t)read_number(r, 1);
}

uint16_t
hs_reader_u16(HsReader *r)
{
    return (uint16_t)read_number(r, 2);
}

uint32_t
hs_reader_u24(HsReader *r)
{
    return (uint32_t)read_number(r, 3);
}

uint32_t
hs_reader_u32(HsReader *r)
{
    return (uint32_t)read_number(r, 4);
}

uint64_t
hs_reader_u64(HsReader *r)
{
    return read_number(r, 8);
}

void
hs_reader_copy(HsReader *r, void *to, size_t length)
{
    const uint8_t *at = hs_reader_bytes(r, length);

    if (at != NULL)
        memcpy(to, at, length);
    else
        memset(to, 0, length);
}

void
hs_reader_skip(HsReader *r, size_t length)
{
    hs_reader_bytes(r, length);
}

HsReader
hs_reader_sub(HsReader *r, size_t length)
{
    const uint8_t *at = hs_reader_bytes(r, length);

    if (at == NULL)
        return (HsReader){.failed = true};
    return hs_reader_of(at, length);
}

size_t
hs_reader_left(const HsReader *r)
{
    return r->failed ? 0 : r->length - r->offset;
}

bool
hs_reader_ok(const HsReader *r)
{
    return !r->failed;
}

bool
hs_reader_done(const HsReader *r)
{
    return !r->failed && r->offset == r->length;
}

void
hs_reader_fail(HsReader *r)
{
    r->failed = true;
}

/* Writer */

void
hs_writer_init(HsWriter *w)
{
    *w = (HsWriter){.bytes = g_byte_array_new()};
}

void
hs_writer_clear(HsWriter *w)
{
    g_clear_pointer(&w->bytes, g_byte_array_unref);
    w->failed = false;
}

static void
put_number(uint8_t *to, uint64_t value, size_t length)
{
    for (size_t i = 0; i < length; i++)
        to[i] = (uint8_t)(value >> (8 * (length - 1 - i)) & 0xff);
}

static void
write_number(HsWriter *w, uint64_t value, size_t length)
{
    uint8_t bytes[8];

    if (length < 8 && value >> (8 * length) != 0)
        w->failed = true;
    put_number(bytes, value, length);
    hs_writer_bytes(w, bytes, length);
}

static void
patch_number(HsWriter *w, size_t offset, uint64_t value, size_t length)
{
    if (value >> (8 * length) != 0 || offset > w->bytes->len ||
        length > w->bytes->len - offset) {
        w->failed = true;
        return;
    }
    put_number(w->bytes->data + offset, value, length);
}

void
hs_writer_u8(HsWriter *w, uint64_t value)
{
    write_number(w, value, 1);
}

void
hs_writer_u16(HsWriter *w, uint64_t value)
{
    write_number(w, value, 2);
}

void
hs_writer_u24(HsWriter *w, uint64_t value)
{
    write_number(w, value, 3);
}

void
hs_writer_u32(HsWriter *w, uint64_t value)
{
    write_number(w, value, 4);
}

void
hs_writer_u64(HsWriter *w, uint64_t value)
{
    write_number(w, value, 8);
}

void
hs_writer_bytes(HsWriter *w, const void *data, size_t length)
{
    if (length > G_MAXUINT - w->bytes->len) {
        w->failed = true;
        return;
    }
    if (length > 0)
        g_byte_array_append(w->bytes, data, (guint)length);
}

void
hs_writer_zeros(HsWriter *w, size_t length)
{
    guint before = w->bytes->len;

    if (length > G_MAXUINT - before) {
        w->failed = true;
        return;
    }
    g_byte_array_set_size(w->bytes, before + (guint)length);
    memset(w->bytes->data + before, 0, length);
}

void
hs_writer_patch_u8(HsWriter *w, size_t offset, uint64_t value)
{
    patch_number(w, offset, value, 1);
}

void
hs_writer_patch_u16(HsWriter *w, size_t offset, uint64_t value)
{
    patch_number(w, offset, value, 2);
}

size_t
hs_writer_length(const HsWriter *w)
{
    return w->bytes->len;
}

bool
hs_writer_ok(const HsWriter *w)
{
    return !w->failed;
}

GBytes *
hs_writer_steal(HsWriter *w)
{
    if (w->failed) {
        hs_writer_clear(w);
        return NULL;
    }
    return g_byte_array_free_to_bytes(g_steal_pointer(&w->bytes));
}
