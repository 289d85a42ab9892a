/* Plaintext exposure: what crosses each link in clear, seen on the bytes of
 * the wire and never inferred from a configuration.
 *
 * The world declares its links and the pairs of prefixes whose traffic must
 * not be read, then shows every packet on every link. This stands in the path
 * of each packet of a run: it costs some tens of nanoseconds and allocates
 * nothing but a new bin now and then. */

#ifndef HS_OBSERVE_EXPOSURE_H
#define HS_OBSERVE_EXPOSURE_H

#include "models/base/addr.h"
#include "models/base/simtime.h"

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct HsExposure HsExposure;

/* What a packet on the wire is. */
#define HS_EXPOSURE_CLASSES(X)                                                 \
    X(CLEAR, "clear")       /* a protected flow that anybody can read */       \
    X(ESP, "esp")           /* IP protocol 50, or in UDP 4500 */               \
    X(MACSEC, "macsec")     /* a protected flow that this link encrypts */     \
    X(CONTROL, "control")   /* BGP, BFD, IKE, ICMP of no protected flow */     \
    X(OTHER, "other")       /* readable, and of no protected flow */           \
    X(BROKEN, "unreadable") /* not an IP packet */

typedef enum {
#define X(name, text) HS_EXPOSURE_##name,
    HS_EXPOSURE_CLASSES(X)
#undef X
        HS_EXPOSURE_CLASS_COUNT
} HsExposureClass;

#define HS_LINK_KINDS(X)                                                       \
    X(LAN, "lan")                                                              \
    X(VPC, "vpc")                                                              \
    X(DX, "dx")                                                                \
    X(INTERNET, "internet")                                                    \
    X(OTHER, "other")

typedef enum {
#define X(name, text) HS_LINK_##name,
    HS_LINK_KINDS(X)
#undef X
        HS_LINK_KIND_COUNT
} HsLinkKind;

const char *hs_exposure_class_name(HsExposureClass class_);
const char *hs_link_kind_name(HsLinkKind kind);

typedef struct {
    uint64_t packets[HS_EXPOSURE_CLASS_COUNT];
    uint64_t bytes[HS_EXPOSURE_CLASS_COUNT]; /* of the IP packets */
} HsExposureCounts;

/* Where a packet in clear can be looked up. NUMBER 0: there was none. */
typedef struct {
    HsTime at;
    uint64_t number; /* in the capture */
    unsigned direction;
} HsExposureSight;

typedef struct {
    const char *name; /* interned */
    HsLinkKind kind;
    bool trusted;
    bool encrypted; /* by the medium itself */
    HsExposureCounts total;
    HsExposureCounts direction[2]; /* by the end that sends */
    bool seen_clear;               /* FIRST and LAST are set */
    HsExposureSight first, last;
    /* HsExposureCounts, one a bin from 0, as far as needed; by the end that
     * sends. */
    GArray *bins[2];
    GArray *marks; /* HsExposureCounts: TOTAL as it was at each mark */
} HsExposureLink;

/* BIN: the width of a bin of the counts over time, 1 s for example. */
HsExposure *hs_exposure_new(HsDuration bin);
void hs_exposure_free(HsExposure *exposure); /* NULL is fine */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HsExposure, hs_exposure_free)

/* Set-up, before the first packet. */

/* Another width than the one at the beginning. */
void hs_exposure_set_bin(HsExposure *exposure, HsDuration bin);

/* Flows between A and B, either way round,
 * are protected. A link's number is its index, from 0. */
void hs_exposure_add_protected(HsExposure *exposure, const HsPrefix *a,
                               const HsPrefix *b);
unsigned hs_exposure_add_link(HsExposure *exposure, const char *name,
                              HsLinkKind kind, bool trusted);

/* The medium of LINK encrypts (MACsec): nobody reads what crosses it, on this
 * hop. */
void hs_exposure_set_encrypted(HsExposure *exposure, unsigned link);

/* A packet on LINK, sent by its end DIRECTION (0 or 1) at AT (not before the
 * packet before); NUMBER is the capture's (0 if it is not captured). BYTES
 * from the IP header on, borrowed for the call. */
HsExposureClass
hs_exposure_packet(HsExposure *exposure, unsigned link, unsigned direction,
                   HsTime at, uint64_t number, const uint8_t *bytes,
                   size_t length);

/* From here on a new phase is counted: "cut applied". NAME is interned. */
void hs_exposure_mark(HsExposure *exposure, HsTime at, const char *name);

/* Results */

typedef struct {
    HsTime at;
    const char *name;
} HsExposureMark;

HsDuration hs_exposure_bin(const HsExposure *exposure);
unsigned hs_exposure_links(const HsExposure *exposure);
const HsExposureLink *
hs_exposure_link(const HsExposure *exposure, unsigned link);
unsigned hs_exposure_marks(const HsExposure *exposure);
const HsExposureMark *
hs_exposure_mark_at(const HsExposure *exposure, unsigned mark);

/* What crossed LINK in phase PHASE: from mark PHASE-1 (0: the start) to mark
 * PHASE (the number of marks: the end). */
HsExposureCounts
hs_exposure_phase(const HsExposure *exposure, unsigned link, unsigned phase);

/* Clear bytes on all links that are not trusted: the figure "plaintext.bytes".
 */
uint64_t hs_exposure_untrusted_clear(const HsExposure *exposure);

/* Clear bytes on all links of KIND, trusted or not: "plaintext.dx.bytes". */
uint64_t hs_exposure_kind_clear(const HsExposure *exposure, HsLinkKind kind);

/* Packets of any class on any link; 0: nothing was observed. */
uint64_t hs_exposure_packets(const HsExposure *exposure);

#endif
