/* BGP messages as bytes: framing, and a decoder and an encoder for each type.
 *
 * A decoder that finds what ends the session fills in a BgpFault: the code,
 * subcode and data of the NOTIFICATION that answers it (RFC 4271 6). */

#ifndef HS_BGP_MESSAGE_H
#define HS_BGP_MESSAGE_H

#include "models/base/wire.h"
#include "models/bgp/bgp.h"

typedef struct {
    uint8_t code, subcode;
    GBytes *data; /* owned; may be NULL */
} BgpFault;

void bgp_fault_clear(BgpFault *fault);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(BgpFault, bgp_fault_clear)

/* Replaces what FAULT holds; DATA is copied. Returns false, for a tail call
 * of the decoder. */
bool bgp_fault_set(BgpFault *fault, uint8_t code, uint8_t subcode,
                   const void *data, size_t length);

typedef struct {
    BgpMessageType type;
    HsReader body; /* borrowed */
    size_t length; /* with the header */
} BgpFrame;

typedef enum {
    BGP_FRAME_MORE, /* not complete yet */
    BGP_FRAME_GOOD,
    BGP_FRAME_BAD, /* see the fault */
} BgpFrameResult;

/* The first message in DATA (RFC 4271 6.1). */
BgpFrameResult bgp_frame_next(const uint8_t *data, size_t length,
                              BgpFrame *ret_frame, BgpFault *ret_fault);

typedef struct {
    uint32_t as; /* the four-octet one, if the peer sent it */
    uint16_t hold;
    uint32_t id;
    bool four_octet_as;
    bool multiprotocol; /* named at least one family */
    bool ipv4, ipv6;
    bool route_refresh;
    bool graceful_restart;
    bool restarted, restart_notification;
    uint16_t restart_time; /* seconds */
    bool restart_ipv4, restart_ipv6;
    bool forwards_ipv4, forwards_ipv6;
} BgpOpen;

GBytes *bgp_open_encode(const BgpSessionConfig *config);
bool bgp_open_decode(HsReader *body, bool four_octet_as, BgpOpen *ret_open,
                     BgpFault *ret_fault);

/* RFC 4271 6.2: whether this peer is the configured one, with terms that can
 * be accepted. What both agree on goes to RET_NEGOTIATED. */
bool bgp_open_accept(const BgpSessionConfig *config, const BgpOpen *open,
                     BgpNegotiated *ret_negotiated, BgpFault *ret_fault);

GBytes *bgp_keepalive_encode(void);
GBytes *bgp_notification_encode(const BgpFault *fault);

/* Never fails: what is shorter is a header error. */
void bgp_notification_decode(HsReader *body, BgpFault *ret_fault);

/* RFC 9003 2: MESSAGE as the data of a Cease (transfer full); NULL for an empty
 * one. What does not fit is cut off between characters. */
GBytes *bgp_shutdown_encode(const char *message);

/* The message in such data, control characters replaced (transfer full); NULL
 * if there is none, or if it is not what RFC 9003 allows. */
char *bgp_shutdown_decode(GBytes *data);

/* RFC 8538 3: FAULT wrapped into Cease/Hard Reset, and out of it. Unwrapping
 * another message, or one without content, leaves it as it is: false. */
void bgp_hard_reset_wrap(BgpFault *fault);
bool bgp_hard_reset_unwrap(BgpFault *fault);
GBytes *bgp_refresh_encode(HsFamily family);

/* HS_FAMILY_NONE for a family that we do not know. */
HsFamily bgp_refresh_decode(HsReader *body);

/* What a decoder of UPDATEs must know of the session. */
typedef struct {
    bool four_octet_as;
    bool ibgp;
    bool ipv4, ipv6;
} BgpUpdateContext;

/* False: the session is to be reset (RFC 7606 "session reset"). Lesser faults
 * are dealt with in the result. */
bool bgp_update_decode(HsReader *body, const BgpUpdateContext *context,
                       BgpUpdate **ret_update, BgpFault *ret_fault);

/* As many messages as it takes for COUNT prefixes of one family, each filled
 * up to 4096 octets; GBytes *, (transfer full). An announcement whose
 * attributes leave no room for a prefix is not made: the array is empty then
 * (RFC 4271 9.2). */
GPtrArray *bgp_update_encode(const BgpAttrs *attrs, const HsPrefix *prefixes,
                             size_t count, bool four_octet_as);
GPtrArray *bgp_withdraw_encode(const HsPrefix *prefixes, size_t count);
GBytes *bgp_end_of_rib_encode(HsFamily family);

/* attr.c: the path attributes of one message. */

/* RFC 7606 2, weakest first. */
typedef enum {
    BGP_SEVERITY_NONE,
    BGP_SEVERITY_DISCARD,
    BGP_SEVERITY_WITHDRAW,
    BGP_SEVERITY_RESET,
} BgpSeverity;

typedef struct {
    BgpUpdateContext context;
    BgpAttrs *attrs; /* owned; what is being collected */
    HsAddr mp_next_hop;
    GArray *mp_announced; /* owned, HsPrefix */
    GArray *withdrawn;    /* borrowed, HsPrefix */
    GByteArray *unknown;  /* owned */
    GBytes *as4_path;     /* owned or NULL */
    bool has_as4_aggregator;
    uint32_t as4_aggregator_as;
    HsAddr as4_aggregator;
    uint32_t seen[8];  /* by type */
    bool only_unreach; /* no attribute but MP_UNREACH_NLRI */
    HsFamily unreach_family;
    bool unreach_empty;
    BgpSeverity severity; /* the worst so far */
    const char *reason;   /* literal: of the worst */
    unsigned discarded;
    BgpFault fault; /* of the worst */
} BgpAttrDecoder;

void bgp_attr_decoder_init(BgpAttrDecoder *d, const BgpUpdateContext *context,
                           GArray *withdrawn);
void bgp_attr_decoder_clear(BgpAttrDecoder *d);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(BgpAttrDecoder, bgp_attr_decoder_clear)

/* Reads the whole field of path attributes. ANNOUNCES: the NLRI field is not
 * empty. */
void bgp_attrs_decode(BgpAttrDecoder *d, HsReader *field, bool announces);
bool bgp_attr_seen(const BgpAttrDecoder *d, BgpAttrType type);

/* All but MP_REACH_NLRI; NEXT_HOP if it is an IPv4 address. */
void bgp_attrs_encode(HsWriter *w, const BgpAttrs *attrs, bool four_octet_as);

/* "ORIGIN"; "unknown" */
const char *bgp_attr_name(uint8_t type);

/* RFC 4271 4.3: prefixes up to the end of FIELD; false if it is not made of
 * them. Prefixes that no unicast table can hold are passed over. */
bool bgp_nlri_decode(HsReader *field, HsFamily family, GArray *prefixes);
void bgp_nlri_encode(HsWriter *w, const HsPrefix *prefix);
size_t bgp_nlri_size(const HsPrefix *prefix);

#endif
