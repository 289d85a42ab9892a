/* One direction of a TCP connection as a capture has it: segments out of order,
 * twice, overlapping, cut by the snap length, or not there at all; and seen
 * from the middle on. Out come its bytes in order, and where some are missing.
 *
 * A hole is waited for until there is no more hope: until the other side has
 * acknowledged what is behind it (so the receiver has it and the capture never
 * will), the connection ends, or more is held than is sensible. */

#ifndef HS_DISSECT_STREAM_H
#define HS_DISSECT_STREAM_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct DissectStream DissectStream;

DissectStream *dissect_stream_new(void);
void dissect_stream_free(DissectStream *stream); /* NULL is fine */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DissectStream, dissect_stream_free)

/* A SYN with this number: what it opens begins behind it. True if it opens a
 * new connection on used ports, and what was held is forgotten; false if it is
 * the first, or the same SYN again. */
bool dissect_stream_open(DissectStream *stream, uint32_t sequence);

/* A segment of WIRE bytes, of which the capture kept LENGTH. */
void dissect_stream_add(DissectStream *stream, uint32_t sequence,
                        const uint8_t *data, size_t length, size_t wire);

/* The other side acknowledged everything in front of NUMBER. */
void dissect_stream_acknowledged(DissectStream *stream, uint32_t number);

/* Nothing more comes (FIN, RST, the end of the capture): no hole is waited
 * for any longer. */
void dissect_stream_end(DissectStream *stream);

typedef enum {
    DISSECT_STREAM_NOTHING, /* yet */
    DISSECT_STREAM_DATA,
    DISSECT_STREAM_HOLE,
} DissectPiece;

/* The next piece in order. DATA: *RET_DATA (borrowed: until the next call) has
 * *RET_LENGTH bytes. HOLE: so many were not captured; the first piece of a
 * stream whose SYN was not seen is a HOLE of 0 bytes, as its beginning may be
 * anywhere in a message. */
DissectPiece dissect_stream_next(DissectStream *stream,
                                 const uint8_t **ret_data, size_t *ret_length);

#endif
