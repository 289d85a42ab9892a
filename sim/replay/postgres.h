/* PostgreSQL's protocol 3 as far as its framing: where in the two streams of a
 * connection a request begins, where what asks for an answer ends, and where
 * the server is ready again. Contents are not looked at, but for the status in
 * ReadyForQuery, which tells transactions.
 *
 * Bytes come in pieces, and some may be missing: a hole inside of a message's
 * body does no harm. What cannot be this protocol, or became unreadable, is so
 * for good. */

#ifndef HS_REPLAY_POSTGRES_H
#define HS_REPLAY_POSTGRES_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/* One request, as places in the two streams: its client's bytes are those from
 * START to that of the next one. */
typedef struct {
    uint64_t start;
    uint64_t ready; /* the server's bytes up to its ReadyForQuery; 0: not yet */
    bool idle;      /* and that is outside of a transaction block */
} PostgresRequest;

#define POSTGRES_STATES(X)                                                     \
    X(UNKNOWN, "not known yet")                                                \
    X(READABLE, "PostgreSQL")                                                  \
    X(ENCRYPTED, "PostgreSQL, encrypted")                                      \
    X(CANCEL, "PostgreSQL, cancel request")                                    \
    X(OTHER, "by turns")

typedef enum {
#define X(name, text) POSTGRES_##name,
    POSTGRES_STATES(X)
#undef X
        POSTGRES_STATE_COUNT
} PostgresState;

const char *postgres_state_name(PostgresState state);

typedef struct Postgres Postgres;

/* JOINED: the beginning of the connection was not seen. */
Postgres *postgres_new(bool joined);
void postgres_free(Postgres *p); /* NULL is fine */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Postgres, postgres_free)

/* The next LENGTH bytes from the client (0) or the server (1). DATA NULL: they
 * are missing. */
void
postgres_take(Postgres *p, unsigned side, const uint8_t *data, size_t length);

PostgresState postgres_state(const Postgres *p);

/* PostgresRequest by their place; borrowed. */
const GArray *postgres_requests(const Postgres *p);

#endif
