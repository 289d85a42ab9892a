/* What a capture says, in BGP, BFD, IKEv2 and ESP.
 *
 * Packets go in as a capture has them, from the link header on; a message
 * comes out for each BGP message, BFD packet, IKE message, ESP packet and NAT
 * keepalive, in the order in which they were complete. What is inside of ESP is
 * dissected again, if there are keys. The messages themselves are read by the
 * decoders that the simulated nodes use (models/bgp, bfd, ikev2, esp).
 *
 * Any bytes can come: what cannot be read is said in the message's `wrong`. */

#ifndef HS_DISSECT_DISSECT_H
#define HS_DISSECT_DISSECT_H

#include "models/base/simtime.h"
#include "pcap/capture.h"
#include "sim/dissect/field.h"
#include "sim/dissect/keys.h"

#define DISSECT_PROTOCOLS(X)                                                   \
    X(BGP, "bgp")                                                              \
    X(BFD, "bfd")                                                              \
    X(IKE, "ike")                                                              \
    X(ESP, "esp")

typedef enum {
#define X(name, text) DISSECT_##name,
    DISSECT_PROTOCOLS(X)
#undef X
        DISSECT_PROTOCOL_COUNT
} DissectProtocol;

const char *dissect_protocol_name(DissectProtocol protocol);

/* False, and RET_PROTOCOL untouched, if NAME is none. */
bool
dissect_protocol_from_name(const char *name, DissectProtocol *ret_protocol);

/* All pointers are borrowed for the call. */
typedef struct {
    uint64_t frame; /* of its last byte: Wireshark's frame.number, from 1 */
    HsTime at;      /* of that frame, since 1970 */
    uint32_t link;  /* the interface, as in CapturePacket */
    DissectProtocol protocol;
    HsAddr source, destination;
    uint16_t source_port, destination_port; /* 0: none (ESP without UDP) */
    const char *inside; /* "ESP 0x00001000": what it came out of; or NULL */
    const char *info;   /* one line */
    const char *wrong;  /* why it cannot be read, or not all of it; or NULL */
    const DissectField *fields; /* NULL unless details were asked for */
} DissectMessage;

typedef void (*DissectSink)(void *user_data, const DissectMessage *message);

/* A TCP segment of any port, for those who want the streams themselves. All
 * pointers are borrowed for the call. */
typedef struct {
    uint64_t frame;
    HsTime at;
    uint32_t place; /* the interface and VLAN, in one number: a packet is seen
                     * again on each */
    HsAddr source, destination;
    uint16_t source_port, destination_port;
    uint32_t sequence, acknowledgment;
    bool syn, fin, rst, ack;
    const uint8_t *data;
    size_t length; /* as captured */
    size_t wire;
} DissectSegment;

typedef void (*DissectSegmentSink)(void *user_data,
                                   const DissectSegment *segment);

typedef struct {
    const DissectKeys *keys; /* borrowed: outlive the dissector; or NULL */
    unsigned only;           /* bits by DissectProtocol; 0: all of them */
    bool details;
    DissectSink sink;
    DissectSegmentSink segment; /* NULL: segments are looked at for BGP alone */
    void *user_data;
} DissectConfig;

typedef struct {
    uint64_t frames;
    uint64_t other;  /* frames of no protocol that is known here */
    uint64_t cut;    /* frames that the capture has only the beginning of */
    uint64_t broken; /* frames whose own headers are wrong */
    uint64_t fragments_lost; /* IP datagrams that never became whole */
    uint64_t messages[DISSECT_PROTOCOL_COUNT]; /* shown or not */
    uint64_t wrong;                            /* of them */
} DissectCounters;

typedef struct Dissector Dissector;

Dissector *dissector_new(const DissectConfig *config);
void dissector_free(Dissector *d); /* NULL is fine */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Dissector, dissector_free)

/* The link types that can be read; false for others, whose packets are
 * counted as of no known protocol. */
bool dissect_link_type_is_known(int link_type);

/* PACKET as the reader gave it; LINK_TYPE is a LINKTYPE_…. */
void dissector_packet(Dissector *d, const CapturePacket *packet, int link_type);

/* The capture is over: what still waits for bytes is told as incomplete. */
void dissector_finish(Dissector *d);

const DissectCounters *dissector_counters(const Dissector *d);

#endif
