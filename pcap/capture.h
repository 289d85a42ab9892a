/* Captures: a pcapng file with every link of a run as an interface of its own,
 * and a reader for pcap and pcapng.
 *
 * Packets are IP packets without a link header (LINKTYPE_RAW), with the
 * simulation's time as the time since 1970. The file holds nothing of this
 * machine, so the same run writes the same bytes. During the run it stands
 * under a temporary name, PATH.part; a packet's comment may be given at any
 * time until the end, because what is worth a remark is known only then.
 *
 * An error while writing (a full disk) sticks: packets are then refused, and
 * capture_writer_finish() reports it. */

#ifndef CAPTURE_CAPTURE_H
#define CAPTURE_CAPTURE_H

#include "models/base/addr.h"
#include "models/base/simtime.h"

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum {
    CAPTURE_ERROR_FILE,   /* cannot be made, written, read or renamed */
    CAPTURE_ERROR_FILTER, /* the BPF expression is wrong */
    CAPTURE_ERROR_FORMAT, /* not a capture, or a broken one */
    CAPTURE_ERROR_SUITE,  /* a cipher that Wireshark cannot be told of */
} CaptureError;

#define CAPTURE_ERROR (capture_error_quark())
GQuark capture_error_quark(void);

typedef struct CaptureWriter CaptureWriter;

/* All texts are copied; each may be NULL. */
typedef struct {
    const char *hardware;    /* section header: what the capture is of */
    const char *os;          /* "ns-3.37" */
    const char *application; /* "hybridsim 0.1.0" */
    const char *comment;     /* scenario and seed */
    const char *filter;      /* BPF expression on IP packets */
    const char *link_folder; /* an existing folder: also a classic pcap for
                              * each link, LINK.pcap */
    uint32_t snaplen;        /* bytes kept of a packet; 0: all of it */
    uint64_t limit;  /* of the file up to its last packet; 0: no limit */
    bool background; /* written by a thread: for runs by the wall clock */
} CaptureConfig;

typedef enum {
    CAPTURE_NO_DIRECTION,
    CAPTURE_IN,
    CAPTURE_OUT,
} CaptureDirection;

typedef struct {
    uint64_t packets;    /* written: the number of the last one */
    uint64_t bytes;      /* of them, as kept */
    uint64_t filtered;   /* left out by the filter */
    uint64_t over_limit; /* left out because the limit was reached */
} CaptureCounters;

CaptureWriter *capture_writer_new(const char *path, const CaptureConfig *config,
                                  GError **error);

/* Removes what was written. Not for use after _finish(). NULL is fine. */
void capture_writer_abort(CaptureWriter *writer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(CaptureWriter, capture_writer_abort)

/* The next interface, numbered from 0. RATE in bits per second, 0: unknown. */
uint32_t capture_writer_add_link(CaptureWriter *writer, const char *name,
                                 const char *description, uint64_t rate);

/* A host's name for an address. Names given before the first packet stand in
 * front of it, later ones at the end. */
void capture_writer_add_name(CaptureWriter *writer, const HsAddr *addr,
                             const char *name);

/* Returns the packet's number, from 1 in the order of the file (Wireshark's
 * frame.number), or 0 if it was left out. AT is not before 0 and not NEVER. */
uint64_t capture_writer_packet(CaptureWriter *writer, uint32_t link, HsTime at,
                               CaptureDirection direction, const void *data,
                               size_t length);

/* TEXT is copied. Several comments of one packet are kept in order. A number
 * that was never given, 0 too, is ignored. */
void capture_writer_comment(CaptureWriter *writer, uint64_t number,
                            const char *text);

/* The limit was reached and packets were left out. */
bool capture_writer_limited(const CaptureWriter *writer);
/* Writing failed, and capture_writer_finish() will say how. Not to be asked of
 * one that is written in the background. */
bool capture_writer_failed(const CaptureWriter *writer);
const CaptureCounters *capture_writer_counters(const CaptureWriter *writer);

/* Writes the rest, gives the file its name and frees WRITER (transfer full).
 * False: nothing is left behind under either name. */
bool capture_writer_finish(CaptureWriter *writer, GError **error);

/* Reading */

typedef struct CaptureReader CaptureReader;

typedef struct {
    HsTime at;           /* since 1970 */
    const uint8_t *data; /* borrowed: until the next call */
    size_t length;       /* bytes kept */
    size_t original;     /* bytes on the wire */
    uint32_t link;       /* the interface, from 0; always 0 in a pcap */
    int link_type;       /* its LINKTYPE */
} CapturePacket;

typedef enum {
    CAPTURE_READ_PACKET,
    CAPTURE_READ_END,
    CAPTURE_READ_ERROR,
} CaptureRead;

/* pcap or pcapng. FILTER is a BPF expression, or NULL. */
CaptureReader *
capture_reader_new(const char *path, const char *filter, GError **error);
void capture_reader_free(CaptureReader *reader); /* NULL is fine */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(CaptureReader, capture_reader_free)

/* The LINKTYPE of its packets; of pcapng, whose interfaces may differ, that
 * of the first one. A filter is for packets of that one: with it, interfaces of
 * another type are an error. */
#define CAPTURE_LINKTYPE_ETHERNET 1
#define CAPTURE_LINKTYPE_RAW      101
int capture_reader_link_type(const CaptureReader *reader);

/* The name of an interface that was seen up to now, borrowed until the next
 * call; NULL: it has none. */
const char *
capture_reader_link_name(const CaptureReader *reader, uint32_t link);

/* Interfaces seen up to now; 1 for a pcap. */
uint32_t capture_reader_link_count(const CaptureReader *reader);
CaptureRead capture_reader_next(CaptureReader *reader,
                                CapturePacket *ret_packet, GError **error);

#endif
