/* What the database's client and server say to each other.
 *
 *     request   magic  id  seed  length  reply-length  payload...
 *     reply     magic  id  seed  length                payload...
 *     octets      4     8    8     4         4         length
 *
 * The first octet of an id tells the kind of message, the second the query of
 * the mix; the rest is the request's number. So the requests of a workload that
 * has neither logins nor a mix bear their numbers alone.
 *
 * The payload is a function of the seed, so each side checks every byte that
 * crossed the network without keeping what it sent. */

#ifndef HS_LOAD_DB_WIRE_H
#define HS_LOAD_DB_WIRE_H

#include "models/load/db.h"

#define DB_REQUEST_MAGIC  0x48535251u /* "HSRQ" */
#define DB_REPLY_MAGIC    0x48535250u /* "HSRP" */
#define DB_REQUEST_HEADER 28
#define DB_REPLY_HEADER   24
#define DB_MAX_LENGTH     (16u * 1024 * 1024)
#define DB_ERROR_LENGTH   64 /* of the payload of an error */

/* Kinds of messages. A reply has its request's, or is an error. */
#define DB_STATEMENT 0x00
#define DB_LOGIN     0x01
#define DB_CHECK     0x02 /* is the connection still good? */
#define DB_TOO_MANY  0xf0 /* an error, asked for or not; then FIN */
#define DB_CANCELLED 0xf1 /* an error: the statement took too long */
#define DB_ID(kind, query, number)                                             \
    ((uint64_t)(kind) << 56 | (uint64_t)(query) << 48 | (number))
#define DB_KIND(id)   ((unsigned)((id) >> 56))
#define DB_QUERY(id)  ((unsigned)((id) >> 48 & 0xff))
#define DB_NUMBER(id) ((id)&UINT64_C(0xffffffffffff))

typedef struct {
    uint64_t id;
    uint64_t seed;
    uint32_t length;       /* of the payload */
    uint32_t reply_length; /* of a request: the payload wanted back */
} DbMessage;

/* Octet INDEX of the payload that SEED stands for. */
uint8_t db_payload_octet(uint64_t seed, uint64_t index);

/* The whole message (transfer full). */
GBytes *db_message_encode(uint32_t magic, const DbMessage *message);

/* Takes messages of one kind out of a stream, in whatever pieces it comes. */
typedef struct {
    uint32_t magic;
    uint32_t exact_length; /* 0: any up to DB_MAX_LENGTH */
    uint8_t header[DB_REQUEST_HEADER];
    size_t have;  /* octets of the header so far */
    uint32_t got; /* octets of the payload so far */
    DbMessage message;
} DbParser;

typedef enum {
    DB_PARSER_MORE,    /* all octets are used up */
    DB_PARSER_MESSAGE, /* one is complete; call again with the rest */
    DB_PARSER_BAD,
} DbParserResult;

void db_parser_init(DbParser *p, uint32_t magic, uint32_t exact_length);

/* Takes from *DATA on, and moves it and *LENGTH. After DB_PARSER_BAD the
 * stream cannot be read any further. */
DbParserResult db_parser_feed(DbParser *p, const uint8_t **data, size_t *length,
                              DbMessage *ret_message, HsDbBad *ret_bad);

#endif
