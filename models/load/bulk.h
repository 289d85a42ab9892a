/* Bulk streams as iperf3 runs them: a client that connects, one side that sends
 * for a while, the other that counts.
 *
 * TCP: the sender writes blocks as fast as RATE and the window allow: what is
 * written and not acknowledged is at most WINDOW, the socket's send buffer.
 * UDP: datagrams at even distances, numbered and stamped; loss is what the
 * numbers skip, jitter is RFC 1889's (RFC 3550 6.4.1): of each transit time's
 * difference to the one before, a sixteenth.
 *
 * Departure: iperf3's control connection is left out: the end is the instant at
 * which the time is over, and both sides know it. Datagrams are evenly spaced,
 * where iperf3 sends those of a millisecond together. */

#ifndef HS_LOAD_BULK_H
#define HS_LOAD_BULK_H

#include "models/base/env.h"

#include <glib.h>

#define HS_BULK_PORT     5201
#define HS_BULK_INTERVAL HS_SEC(1)
#define HS_BULK_COOKIE   37 /* octets that a client says first, as iperf3's */
#define HS_BULK_MIN_UDP  20 /* header of a datagram */

typedef enum {
    HS_BULK_TCP,
    HS_BULK_UDP,
} HsBulkProtocol;

typedef struct {
    HsBulkProtocol protocol;
    HsAddr client, server;
    uint16_t port;     /* of the server; UDP clients take those behind it */
    uint64_t rate;     /* bits per second of each stream */
    unsigned parallel; /* streams, 1 or more */
    uint32_t length;   /* of a block or datagram */
    uint32_t window;   /* bytes */
    bool reverse;      /* the server sends */
    HsTime start;
    HsDuration duration;
} HsBulkConfig;

/* Up to an instant. */
typedef struct {
    uint64_t sent_bytes, sent_packets; /* packets: of UDP */
    uint64_t retransmits;
    uint64_t bytes, packets; /* received; packets: the highest number of UDP */
    uint64_t lost, out_of_order;
    HsDuration jitter;
} HsBulkCounts;

typedef struct {
    HsBulkCounts total;
    GArray *marks;     /* HsBulkCounts at the end of each interval */
    const char *error; /* interned; NULL: none */
    HsTime connected;  /* HS_TIME_NEVER: not */
    HsTime last;       /* when the last byte arrived; 0: none did */
} HsBulkReport;

typedef struct HsBulk HsBulk;

/* Both environments outlive it. */
HsBulk *hs_bulk_new(HsEnv *client, HsEnv *server, const HsBulkConfig *config);
void hs_bulk_free(HsBulk *bulk); /* NULL is fine */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HsBulk, hs_bulk_free)

const HsBulkConfig *hs_bulk_config(const HsBulk *bulk);

/* Of one of its streams; borrowed. */
const HsBulkReport *hs_bulk_report(const HsBulk *bulk, unsigned stream);

/* Instants of the marks: the end of interval INDEX. */
HsTime hs_bulk_mark_at(const HsBulk *bulk, unsigned index);

#endif
