/* Reading pcapng. Not for others: see capture.h. */

#ifndef CAPTURE_PCAPNG_READER_H
#define CAPTURE_PCAPNG_READER_H

#include "pcap/capture.h"

typedef struct PcapngReader PcapngReader;

/* BYTES (borrowed: outlive the reader) are a whole file; PATH is for
 * messages. Reads up to the first interface, whose link type it is of. */
PcapngReader *pcapng_reader_new(const char *path, const void *bytes,
                                size_t length, GError **error);
void pcapng_reader_free(PcapngReader *reader); /* NULL is fine */
int pcapng_reader_link_type(const PcapngReader *reader);
const char *pcapng_reader_link_name(const PcapngReader *reader, uint32_t link);
uint32_t pcapng_reader_link_count(const PcapngReader *reader);

/* Interfaces of another link type than the first are an error. */
void pcapng_reader_want_one_type(PcapngReader *reader);
CaptureRead pcapng_reader_next(PcapngReader *reader, CapturePacket *ret_packet,
                               GError **error);

#endif
