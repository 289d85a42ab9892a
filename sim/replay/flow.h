/* The TCP connections of a capture, as far as timing is concerned: when each
 * side's bytes passed, how many they were, and what is known of the network on
 * either side of the capture point. */

#ifndef HS_REPLAY_FLOW_H
#define HS_REPLAY_FLOW_H

#include "models/base/addr.h"
#include "pcap/capture.h"
#include "sim/dissect/dissect.h"
#include "sim/replay/postgres.h"

#include <glib.h>

enum { REPLAY_CLIENT, REPLAY_SERVER };

/* Bytes that passed together, in the order of the stream. */
typedef struct {
    HsTime at;    /* when they were complete up to here */
    HsTime again; /* when they were last sent again, before they were
                   * acknowledged; AT: never */
    uint64_t end; /* of this side's bytes, these included */
    uint8_t side;
    bool missing; /* they were not captured */
} FlowPiece;

typedef struct {
    HsAddr addr[2]; /* client's, server's */
    uint16_t port[2];
    uint32_t place;     /* as in DissectSegment: where it was seen first */
    bool joined;        /* its beginning was not seen */
    bool refused;       /* its SYN was answered by a reset */
    bool jumped;        /* numbers that lead nowhere */
    HsTime first, last; /* packets */
    HsTime opened;      /* the SYN, or FIRST */
    HsTime established; /* the SYN/ACK, or FIRST */
    HsTime closed;      /* the first FIN or RST; HS_TIME_NEVER: none */
    unsigned closer;    /* whose it was */
    HsDuration rtt[2]; /* least, from here to that side and back; -1: unknown */
    GArray *pieces;    /* FlowPiece; owned */
    uint64_t bytes[2];
    uint64_t missing; /* bytes */
    uint64_t segments;
    uint64_t retransmitted; /* of them */
    Postgres *postgres;     /* owned */
} Flow;

typedef struct {
    GPtrArray *flows;  /* Flow, in the order of their first packets; owned */
    uint64_t packets;  /* of the file */
    uint64_t segments; /* of TCP, and not seen a second time */
    uint64_t repeated; /* segments seen on another interface before */
    uint64_t cut;      /* packets that the capture has only the beginning of */
    uint64_t broken;   /* packets with wrong headers */
} Flows;

/* Reads everything that READER has. NULL: the file is broken in a way that
 * leaves nothing; what is broken at the end is left out and said in
 * *RET_WARNING (transfer full), else NULL. */
Flows *
replay_flows_read(CaptureReader *reader, char **ret_warning, GError **error);
void replay_flows_free(Flows *flows); /* NULL is fine */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Flows, replay_flows_free)

/* For those who have no file: packets by hand. */
typedef struct FlowReader FlowReader;
FlowReader *replay_flow_reader_new(void);
void replay_flow_reader_packet(FlowReader *reader, const CapturePacket *packet);

/* Frees READER (transfer full). */
Flows *replay_flow_reader_finish(FlowReader *reader);

#endif
