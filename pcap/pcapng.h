/* The numbers of pcapng (draft-ietf-opsawg-pcapng), and its blocks but for the
 * packets, which the writer makes in its own buffer. All in network order, so
 * that the same run gives the same file on every machine. Not for others. */

#ifndef CAPTURE_PCAPNG_H
#define CAPTURE_PCAPNG_H

#include "models/base/addr.h"
#include "models/base/wire.h"

#define PCAPNG_SECTION     0x0a0d0d0a
#define PCAPNG_INTERFACE   1
#define PCAPNG_NAMES       4
#define PCAPNG_STATISTICS  5
#define PCAPNG_PACKET      6

#define PCAPNG_MAGIC       0x1a2b3c4d

#define PCAPNG_OPT_END     0
#define PCAPNG_OPT_COMMENT 1
/* section header */
#define PCAPNG_SHB_HARDWARE    2
#define PCAPNG_SHB_OS          3
#define PCAPNG_SHB_APPLICATION 4
/* interface description */
#define PCAPNG_IF_NAME        2
#define PCAPNG_IF_DESCRIPTION 3
#define PCAPNG_IF_SPEED       8
#define PCAPNG_IF_TSRESOL     9
#define PCAPNG_IF_FILTER      11
/* enhanced packet; its flags: bits 0-1 are the direction */
#define PCAPNG_EPB_FLAGS 2
/* interface statistics */
#define PCAPNG_ISB_STARTTIME    2
#define PCAPNG_ISB_ENDTIME      3
#define PCAPNG_ISB_IFRECV       4
#define PCAPNG_ISB_IFDROP       5
#define PCAPNG_ISB_FILTERACCEPT 6
#define PCAPNG_ISB_USRDELIV     8

/* name resolution */
#define PCAPNG_NRB_END     0
#define PCAPNG_NRB_IPV4    1
#define PCAPNG_NRB_IPV6    2

#define PCAPNG_NANOSECONDS 9 /* if_tsresol: 10^-9 */

/* Of an enhanced packet block: in front of its data, and the length behind. */
#define PCAPNG_PACKET_HEADER 28
#define PCAPNG_BLOCK_TRAILER 4
#define PCAPNG_OPTION_HEADER 4

/* A block is begun, filled and ended; the end writes both lengths. */
typedef struct {
    HsWriter *w;
    size_t start;
} PcapngBlock;

PcapngBlock pcapng_begin(HsWriter *w, uint32_t type);
void pcapng_end(PcapngBlock *block);

/* VALUE padded to four bytes. A text of more than 65535 bytes is cut. */
void
pcapng_option(HsWriter *w, unsigned code, const void *value, size_t length);
void pcapng_option_text(HsWriter *w, unsigned code, const char *text);
void pcapng_option_u64(HsWriter *w, unsigned code, uint64_t value);
void pcapng_option_end(HsWriter *w);

/* One name of a name resolution block. */
void pcapng_name(HsWriter *w, const HsAddr *addr, const char *name);

#endif
