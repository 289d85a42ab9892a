#include "config.h"

#include "models/load/db_wire.h"

#include "models/base/wire.h"

#include <string.h>

const char *
hs_db_bad_name(HsDbBad bad)
{
    static const char *const names[] = {
#define X(name, text) [HS_DB_BAD_##name] = text,
        HS_DB_BADS(X)
#undef X
    };

    g_assert((unsigned)bad < G_N_ELEMENTS(names));
    return names[bad];
}

/* SplitMix64's output function: eight octets from the seed and a position. */
static uint64_t
mixed(uint64_t seed, uint64_t position)
{
    uint64_t z = seed + (position + 1) * UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

uint8_t
db_payload_octet(uint64_t seed, uint64_t index)
{
    return (uint8_t)(mixed(seed, index / 8) >> (8 * (index % 8)) & 0xff);
}

/* The eight octets of the payload from 8 * POSITION on. */
static void
payload_eight(uint64_t seed, uint64_t position, uint8_t octets[8])
{
    uint64_t eight = GUINT64_TO_LE(mixed(seed, position));

    memcpy(octets, &eight, sizeof eight);
}

static size_t
header_length(uint32_t magic)
{
    return magic == DB_REQUEST_MAGIC ? DB_REQUEST_HEADER : DB_REPLY_HEADER;
}

GBytes *
db_message_encode(uint32_t magic, const DbMessage *message)
{
    g_auto(HsWriter) w = {0};
    uint8_t piece[256];
    GBytes *bytes;

    hs_writer_init(&w);
    hs_writer_u32(&w, magic);
    hs_writer_u64(&w, message->id);
    hs_writer_u64(&w, message->seed);
    hs_writer_u32(&w, message->length);
    if (magic == DB_REQUEST_MAGIC)
        hs_writer_u32(&w, message->reply_length);
    for (uint32_t done = 0; done < message->length; done += sizeof piece) {
        for (uint32_t i = 0; i < sizeof piece; i += 8)
            payload_eight(message->seed, (done + i) / 8, piece + i);
        hs_writer_bytes(&w, piece, MIN(sizeof piece, message->length - done));
    }
    bytes = hs_writer_steal(&w);
    g_assert(bytes != NULL);
    return bytes;
}

void
db_parser_init(DbParser *p, uint32_t magic, uint32_t exact_length)
{
    *p = (DbParser){.magic = magic, .exact_length = exact_length};
}

/* The header is whole: what it says. */
static HsDbBad
read_header(DbParser *p)
{
    HsReader r = hs_reader_of(p->header, header_length(p->magic));

    if (hs_reader_u32(&r) != p->magic)
        return HS_DB_BAD_MAGIC;
    p->message.id = hs_reader_u64(&r);
    p->message.seed = hs_reader_u64(&r);
    p->message.length = hs_reader_u32(&r);
    p->message.reply_length =
        p->magic == DB_REQUEST_MAGIC ? hs_reader_u32(&r) : 0;
    if (p->message.length > DB_MAX_LENGTH ||
        p->message.reply_length > DB_MAX_LENGTH)
        return HS_DB_BAD_LENGTH;
    if (p->magic == DB_REPLY_MAGIC && DB_KIND(p->message.id) >= DB_TOO_MANY)
        return p->message.length == DB_ERROR_LENGTH ? HS_DB_BAD_NONE
                                                    : HS_DB_BAD_LENGTH;
    if (p->exact_length != 0 && p->message.length != p->exact_length)
        return HS_DB_BAD_LENGTH;
    return HS_DB_BAD_NONE;
}

/* Takes octets of the payload and compares them. */
static HsDbBad
take_payload(DbParser *p, const uint8_t **data, size_t *length)
{
    while (*length > 0 && p->got < p->message.length) {
        unsigned skip = p->got % 8;
        size_t n = MIN(8 - skip, MIN(*length, p->message.length - p->got));
        uint8_t octets[8];

        payload_eight(p->message.seed, p->got / 8, octets);
        if (memcmp(*data, octets + skip, n) != 0)
            return HS_DB_BAD_PAYLOAD;
        p->got += (uint32_t)n;
        *data += n;
        *length -= n;
    }
    return HS_DB_BAD_NONE;
}

DbParserResult
db_parser_feed(DbParser *p, const uint8_t **data, size_t *length,
               DbMessage *ret_message, HsDbBad *ret_bad)
{
    size_t whole = header_length(p->magic);
    HsDbBad bad = HS_DB_BAD_NONE;

    while (*length > 0 && p->have < whole) {
        p->header[p->have++] = *(*data)++;
        (*length)--;
        /* the magic is judged at once: other protocols may be shorter */
        if (p->have <= 4 &&
            p->header[p->have - 1] != (p->magic >> (32 - 8 * p->have) & 0xff))
            bad = HS_DB_BAD_MAGIC;
        else if (p->have == whole)
            bad = read_header(p);
        if (bad != HS_DB_BAD_NONE) {
            *ret_bad = bad;
            return DB_PARSER_BAD;
        }
    }
    if (p->have < whole)
        return DB_PARSER_MORE;
    bad = take_payload(p, data, length);
    if (bad != HS_DB_BAD_NONE) {
        *ret_bad = bad;
        return DB_PARSER_BAD;
    }
    if (p->got < p->message.length)
        return DB_PARSER_MORE;
    *ret_message = p->message;
    p->have = 0;
    p->got = 0;
    return DB_PARSER_MESSAGE;
}
