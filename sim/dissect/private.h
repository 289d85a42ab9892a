/* What the files of the dissector share.
 *
 * A packet goes down: link.c, ip.c, transport.c, and then to a protocol; each
 * adds to the DissectPath what it learned. A protocol makes a message with
 * dissect_begin(), fills in its line and its fields, and sends it off with
 * dissect_end(). */

#ifndef HS_DISSECT_PRIVATE_H
#define HS_DISSECT_PRIVATE_H

#include "models/base/wire.h"
#include "sim/dissect/dissect.h"

/* ESP in ESP in ESP…: more is not believed. */
#define DISSECT_DEPTH_MOST 4

/* Where a packet is and what it came through. Copied on the way inwards. */
typedef struct {
    uint64_t frame;
    HsTime at;
    uint32_t link;
    uint32_t place;  /* tells streams apart that have the same addresses: a
                      * packet is seen again on each link and in each VLAN */
    unsigned depth;  /* of ESP around it */
    char inside[32]; /* "" or "ESP 0x…" */
    HsAddr source, destination;
    uint8_t ttl;
    uint16_t source_port, destination_port;
    size_t cut; /* bytes at the end of the packet that were not captured */
} DissectPath;

typedef struct DissectBgp DissectBgp;
typedef struct DissectEsp DissectEsp;
typedef struct DissectFragments DissectFragments;
typedef struct DissectIke DissectIke;

struct Dissector {
    DissectConfig config;
    DissectCounters counters;
    bool known; /* the frame in hand had a protocol that is ours */
    DissectFragments *fragments; /* owned */
    DissectBgp *bgp;             /* owned */
    DissectIke *ike;             /* owned */
    DissectEsp *esp;             /* owned */
};

/* A message in the making. */
typedef struct {
    const DissectPath *path; /* borrowed */
    DissectProtocol protocol;
    GString *info;        /* owned */
    char *wrong;          /* owned; NULL: nothing is */
    DissectField *fields; /* owned; NULL: nobody wants them */
} DissectDraft;

void dissect_begin(Dissector *d, DissectDraft *draft, const DissectPath *path,
                   DissectProtocol protocol);

/* Sends DRAFT off and clears it. */
void dissect_end(Dissector *d, DissectDraft *draft);

/* The first that is wrong is the one that is told. */
void
dissect_wrong(DissectDraft *draft, const char *format, ...) G_GNUC_PRINTF(2, 3);

/* link.c: from the link header on. */
void dissect_link(Dissector *d, DissectPath *path, int link_type,
                  const uint8_t *data, size_t length);

/* ip.c: an IPv4 or IPv6 packet, told by its first four bits. */
void
dissect_ip(Dissector *d, DissectPath *path, const uint8_t *data, size_t length);
DissectFragments *dissect_fragments_new(void);
void dissect_fragments_free(DissectFragments *fragments);
/* Datagrams that never became whole, until now. */
uint64_t dissect_fragments_lost(const DissectFragments *fragments);

/* transport.c: what PROTOCOL has behind the IP headers. */
void dissect_transport(Dissector *d, DissectPath *path, uint8_t protocol,
                       const uint8_t *data, size_t length);

/* One line about a packet that is none of ours: "TCP 40000 > 5432 [SYN]". */
void dissect_describe(const uint8_t *data, size_t length, GString *text);

/* bgp.c */
DissectBgp *dissect_bgp_new(void);
void dissect_bgp_free(DissectBgp *bgp);
void dissect_bgp(Dissector *d, const DissectPath *path,
                 const DissectSegment *segment);
void dissect_bgp_finish(Dissector *d);

/* bfd.c */
void dissect_bfd(Dissector *d, const DissectPath *path, const uint8_t *data,
                 size_t length);
void dissect_bfd_echo(Dissector *d, const DissectPath *path,
                      const uint8_t *data, size_t length);

/* ike.c */
DissectIke *dissect_ike_new(const DissectKeys *keys);
void dissect_ike_free(DissectIke *ike);
void dissect_ike(Dissector *d, const DissectPath *path, const uint8_t *data,
                 size_t length);
void dissect_nat_keepalive(Dissector *d, const DissectPath *path);

/* esp.c: from the SPI on. */
DissectEsp *dissect_esp_new(const DissectKeys *keys);
void dissect_esp_free(DissectEsp *esp);
void dissect_esp(Dissector *d, const DissectPath *path, const uint8_t *data,
                 size_t length);

#endif
