/* Numbers are counted in 64 bits from the first one seen, so that the wrap of
 * TCP's 32 never has to be thought of behind to_position(): a segment's place
 * is the one nearest to what is expected.
 *
 *        expected              waiting, in order
 *     -------|......hole......[=====]...[====]
 */

#include "config.h"

#include "sim/dissect/stream.h"

#include <string.h>

/* More than a receive window with scaling is likely to be: a hole in front of
 * so much is not going to be filled. */
#define HELD_MOST ((size_t)4 << 20)

/* A number so far from what is expected is another connection's. */
#define FAR ((int64_t)64 << 20)

typedef struct {
    int64_t start;
    size_t length;
    GBytes *bytes; /* owned; NULL: the capture cut them off */
} Segment;

struct DissectStream {
    bool begun;
    bool joined; /* begun without a SYN, and not told yet */
    bool ended;
    uint32_t origin;  /* the number at position 0 */
    int64_t expected; /* position of the next byte to hand out */
    int64_t acknowledged;
    GSequence *waiting; /* owned; Segment, by start, none overlaps another */
    size_t held;        /* bytes in them */
    GBytes *out;        /* owned: what was handed out last */
};

static void
segment_free(gpointer data)
{
    Segment *segment = data;

    g_bytes_unref(segment->bytes);
    g_free(segment);
}

DissectStream *
dissect_stream_new(void)
{
    DissectStream *stream = g_new0(DissectStream, 1);

    stream->waiting = g_sequence_new(segment_free);
    return stream;
}

void
dissect_stream_free(DissectStream *stream)
{
    if (stream == NULL)
        return;
    g_sequence_free(stream->waiting);
    g_clear_pointer(&stream->out, g_bytes_unref);
    g_free(stream);
}

static void
begin(DissectStream *stream, uint32_t first)
{
    g_sequence_remove_range(g_sequence_get_begin_iter(stream->waiting),
                            g_sequence_get_end_iter(stream->waiting));
    stream->held = 0;
    stream->begun = true;
    stream->joined = false;
    stream->ended = false;
    stream->origin = first;
    stream->expected = 0;
    stream->acknowledged = 0;
}

static int64_t
to_position(const DissectStream *stream, uint32_t number)
{
    uint32_t expected = stream->origin + (uint32_t)stream->expected;

    return stream->expected + (int32_t)(number - expected);
}

bool
dissect_stream_open(DissectStream *stream, uint32_t sequence)
{
    bool used = stream->begun;

    if (used && stream->origin == sequence + 1 && !stream->joined)
        return false;
    begin(stream, sequence + 1);
    return used;
}

static int
by_start(gconstpointer a, gconstpointer b, gpointer user_data)
{
    const Segment *one = a, *other = b;

    (void)user_data;
    return (one->start > other->start) - (one->start < other->start);
}

static void
insert(DissectStream *stream, int64_t start, const uint8_t *data, size_t length)
{
    Segment *segment = g_new0(Segment, 1);

    segment->start = start;
    segment->length = length;
    if (data != NULL) {
        segment->bytes = g_bytes_new(data, length);
        stream->held += length;
    }
    g_sequence_insert_sorted(stream->waiting, segment, by_start, NULL);
}

static int64_t
end_of(const Segment *segment)
{
    return segment->start + (int64_t)segment->length;
}

/* Keeps what is new: bytes that came before stay as they came first. DATA NULL:
 * they passed, and the capture has them not. */
static void
keep(DissectStream *stream, int64_t start, const uint8_t *data, size_t length)
{
    int64_t end = start + (int64_t)length, at = MAX(start, stream->expected);
    const Segment probe = {.start = at};
    GSequenceIter *iter = g_sequence_search(
        stream->waiting, (gpointer)(uintptr_t)&probe, by_start, NULL);

    if (!g_sequence_iter_is_begin(iter)) /* the one before may reach into it */
        at = MAX(at, end_of(g_sequence_get(g_sequence_iter_prev(iter))));
    while (at < end) {
        int64_t next = end, after = end;

        if (!g_sequence_iter_is_end(iter)) {
            const Segment *segment = g_sequence_get(iter);

            next = MIN(end, segment->start);
            after = end_of(segment);
            iter = g_sequence_iter_next(iter);
        }
        if (next > at)
            insert(stream, at, data != NULL ? data + (at - start) : NULL,
                   (size_t)(next - at));
        at = MAX(at, after);
    }
}

void
dissect_stream_add(DissectStream *stream, uint32_t sequence,
                   const uint8_t *data, size_t length, size_t wire)
{
    int64_t start;

    if (wire == 0)
        return;
    if (!stream->begun) {
        begin(stream, sequence);
        stream->joined = true;
    }
    start = to_position(stream, sequence);
    if (start > stream->expected + FAR || start < stream->expected - FAR) {
        begin(stream, sequence);
        stream->joined = true;
        start = 0;
    }
    stream->ended = false;
    keep(stream, start, data, length);
    /* What was cut off passed as well, and nobody will ever see it. */
    if (wire > length)
        keep(stream, start + (int64_t)length, NULL, wire - length);
}

void
dissect_stream_acknowledged(DissectStream *stream, uint32_t number)
{
    int64_t position;

    if (!stream->begun)
        return;
    position = to_position(stream, number);
    if (position <= stream->expected + FAR)
        stream->acknowledged = MAX(stream->acknowledged, position);
}

void
dissect_stream_end(DissectStream *stream)
{
    stream->ended = true;
}

DissectPiece
dissect_stream_next(DissectStream *stream, const uint8_t **ret_data,
                    size_t *ret_length)
{
    GSequenceIter *first = g_sequence_get_begin_iter(stream->waiting);
    Segment *segment;

    g_clear_pointer(&stream->out, g_bytes_unref);
    *ret_data = NULL;
    *ret_length = 0;
    if (g_sequence_iter_is_end(first))
        return DISSECT_STREAM_NOTHING;
    if (stream->joined) {
        stream->joined = false;
        return DISSECT_STREAM_HOLE;
    }
    segment = g_sequence_get(first);
    if (segment->start > stream->expected) {
        if (!stream->ended && stream->held <= HELD_MOST &&
            stream->acknowledged < segment->start)
            return DISSECT_STREAM_NOTHING;
        *ret_length = (size_t)(segment->start - stream->expected);
        stream->expected = segment->start;
        return DISSECT_STREAM_HOLE;
    }
    stream->expected = end_of(segment);
    if (segment->bytes == NULL) {
        *ret_length = segment->length;
        g_sequence_remove(first);
        return DISSECT_STREAM_HOLE;
    }
    stream->out = g_bytes_ref(segment->bytes);
    stream->held -= g_bytes_get_size(stream->out);
    g_sequence_remove(first);
    *ret_data = g_bytes_get_data(stream->out, ret_length);
    return DISSECT_STREAM_DATA;
}
