/* The messages (PostgreSQL 15's documentation, chapter 55.2 and 55.7):
 *
 *     start-up   length  code or version ...        the client's first, no type
 *     all else   type  length  body                 length counts itself
 *
 * SSLRequest and GSSENCRequest are answered by one byte, and may be followed by
 * the start-up message in clear, or by TLS.
 *
 * A server says ReadyForQuery once for the start-up, and once for each Query,
 * FunctionCall and Sync. What else a client sends belongs to the next of these,
 * except what it was asked for in between: passwords and COPY data. A Sync that
 * reaches a server in COPY is passed over by it; the next one counts.
 *
 * Where a hole takes the beginning of a message with it, the next piece is
 * taken to begin another, as pieces mostly do; if it does not, it is not
 * readable. A client that asked again had its answers: so when the server's
 * stream has a hole, all but its newest request stay without one, rather than
 * be given another's. */

#include "config.h"

#include "sim/replay/postgres.h"

#include "models/base/wire.h"

#include <string.h>

#define CODE_CANCEL  80877102u
#define CODE_SSL     80877103u
#define CODE_GSS     80877104u
#define VERSION_3    196608u

#define HEADER       5
#define STARTUP      8
#define STARTUP_MOST 10000u /* what a server takes */
#define LENGTH_MOST  (1u << 30)

static const char client_types[] = "BCDEFHPQSXcdfp";
static const char server_types[] = "123ACDEGHIKNRSTVWZcdnstv";

enum { CLIENT, SERVER };

typedef struct {
    uint64_t place; /* of the next byte */
    uint64_t begun; /* where the message in hand began */
    uint8_t header[STARTUP];
    size_t have;   /* of the header */
    uint64_t body; /* bytes of the body still to come */
    bool in_body;
    uint8_t status; /* the last byte of the body; 0: missing */
} Way;

struct Postgres {
    PostgresState state;
    Way way[2];
    bool startup;     /* the client's next message has no type */
    bool asked;       /* the server's next byte answers SSLRequest */
    bool open;        /* the last request has not been asked completely */
    GArray *requests; /* PostgresRequest; owned */
    GArray *syncs;    /* bool for each request: it ended with Sync; owned */
    guint ready;      /* requests that are answered */
};

const char *
postgres_state_name(PostgresState state)
{
    static const char *const names[] = {
#define X(name, text) [POSTGRES_##name] = text,
        POSTGRES_STATES(X)
#undef X
    };

    g_assert((unsigned)state < POSTGRES_STATE_COUNT);
    return names[state];
}

Postgres *
postgres_new(bool joined)
{
    Postgres *p = g_new0(Postgres, 1);

    p->startup = !joined;
    p->requests = g_array_new(FALSE, FALSE, sizeof(PostgresRequest));
    p->syncs = g_array_new(FALSE, FALSE, sizeof(bool));
    return p;
}

void
postgres_free(Postgres *p)
{
    if (p == NULL)
        return;
    g_array_unref(p->requests);
    g_array_unref(p->syncs);
    g_free(p);
}

/* Requests */

static void
begin_request(Postgres *p, uint64_t start)
{
    const PostgresRequest request = {.start = start};
    const bool sync = false;

    if (p->open)
        return;
    p->open = true;
    g_array_append_val(p->requests, request);
    g_array_append_val(p->syncs, sync);
}

static void
asked_completely(Postgres *p, bool sync)
{
    p->open = false;
    g_array_index(p->syncs, bool, p->syncs->len - 1) = sync;
}

static void
client_message(Postgres *p, uint8_t type, uint64_t start)
{
    switch (type) {
    case 'p': /* password, SASL: of the start-up */
    case 'd': /* CopyData, CopyDone, CopyFail */
    case 'c':
    case 'f':
    case 'X': /* Terminate: nobody waits for an answer */
        return;
    case 'Q':
    case 'F':
    case 'S':
        begin_request(p, start);
        asked_completely(p, type == 'S');
        return;
    default:
        begin_request(p, start);
        return;
    }
}

/* CopyInResponse: if that was asked for in the extended protocol, the Sync that
 * is behind it is passed over, and what comes up to the next one belongs to the
 * same request. */
static void
copy_in(Postgres *p)
{
    if (p->ready + 1 == p->requests->len && !p->open &&
        g_array_index(p->syncs, bool, p->ready))
        p->open = true;
}

static void
ready(Postgres *p, uint64_t place, uint8_t status)
{
    PostgresRequest *request;

    /* The answer to something that was asked before the capture. */
    if (p->ready >= p->requests->len)
        return;
    request = &g_array_index(p->requests, PostgresRequest, p->ready++);
    request->ready = place;
    request->idle = status != 'T' && status != 'E';
    if (p->ready == p->requests->len)
        p->open = false;
}

/* Messages */

static void
start_up(Postgres *p, const uint8_t *header)
{
    HsReader r = hs_reader_of(header, STARTUP);
    uint32_t length = hs_reader_u32(&r), code = hs_reader_u32(&r);
    Way *way = &p->way[CLIENT];

    if (length < STARTUP || length > STARTUP_MOST) {
        p->state = POSTGRES_OTHER;
        return;
    }
    way->in_body = true;
    way->body = length - STARTUP;
    if (code == CODE_SSL || code == CODE_GSS) {
        p->asked = true;
        return;
    }
    if (code == CODE_CANCEL) {
        p->state = POSTGRES_CANCEL;
        return;
    }
    if (code >> 16 != VERSION_3 >> 16) {
        p->state = POSTGRES_OTHER;
        return;
    }
    p->state = POSTGRES_READABLE;
    p->startup = false;
    begin_request(p, 0); /* SSLRequest was the beginning of it */
    asked_completely(p, false);
}

static void
typed(Postgres *p, unsigned side, const uint8_t *header)
{
    const char *types = side == CLIENT ? client_types : server_types;
    HsReader r = hs_reader_of(header + 1, 4);
    uint32_t length = hs_reader_u32(&r);
    Way *way = &p->way[side];

    if (header[0] == '\0' || strchr(types, header[0]) == NULL || length < 4 ||
        length > LENGTH_MOST) {
        p->state = POSTGRES_OTHER;
        return;
    }
    p->state = POSTGRES_READABLE;
    way->in_body = true;
    way->body = length - 4;
}

static void
end_message(Postgres *p, unsigned side)
{
    Way *way = &p->way[side];
    uint8_t type = way->header[0];

    way->in_body = false;
    way->have = 0;
    /* A start-up message's first octet is 0: its length is small. */
    if (side == CLIENT && type != 0)
        client_message(p, type, way->begun);
    else if (side == SERVER && type == 'Z')
        ready(p, way->place, way->status);
    else if (side == SERVER && type == 'G')
        copy_in(p);
}

/* The server's answer to SSLRequest. */
static void
answered(Postgres *p, uint8_t answer)
{
    p->asked = false;
    if (answer == 'N')
        return;
    p->state =
        answer == 'S' || answer == 'G' ? POSTGRES_ENCRYPTED : POSTGRES_OTHER;
}

static void
take_octet(Postgres *p, unsigned side, uint8_t octet)
{
    Way *way = &p->way[side];
    size_t header = side == CLIENT && p->startup ? STARTUP : HEADER;

    if (way->have == 0)
        way->begun = way->place;
    way->header[way->have++] = octet;
    way->place++;
    if (side == SERVER && p->asked) {
        way->have = 0;
        answered(p, octet);
    } else if (side == SERVER && p->startup) {
        /* A server does not speak first. */
        p->state = POSTGRES_OTHER;
    } else if (way->have == header) {
        way->status = 0;
        if (header == STARTUP)
            start_up(p, way->header);
        else
            typed(p, side, way->header);
        if (way->in_body && way->body == 0)
            end_message(p, side);
    }
}

/* LENGTH bytes are missing where a message should begin. */
static void
lose_place(Postgres *p, unsigned side, size_t length)
{
    Way *way = &p->way[side];

    if (p->state != POSTGRES_READABLE || p->startup) {
        p->state = POSTGRES_OTHER;
        return;
    }
    way->place += length;
    way->have = 0;
    if (side == SERVER && p->requests->len > 0)
        p->ready = MAX(p->ready, p->requests->len - 1);
}

static bool
is_over(const Postgres *p)
{
    return p->state != POSTGRES_UNKNOWN && p->state != POSTGRES_READABLE;
}

void
postgres_take(Postgres *p, unsigned side, const uint8_t *data, size_t length)
{
    Way *way = &p->way[side];

    while (length > 0 && !is_over(p)) {
        if (way->in_body) {
            size_t n = (size_t)MIN(way->body, length);

            way->status = data != NULL ? data[n - 1] : 0;
            way->body -= n;
            way->place += n;
            length -= n;
            if (data != NULL)
                data += n;
            if (way->body == 0)
                end_message(p, side);
        } else if (data == NULL) {
            lose_place(p, side, length);
            return;
        } else {
            take_octet(p, side, *data++);
            length--;
        }
    }
}

PostgresState
postgres_state(const Postgres *p)
{
    return p->state;
}

const GArray *
postgres_requests(const Postgres *p)
{
    return p->requests;
}
