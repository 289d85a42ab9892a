/* IKE messages as bytes: the header, and the chain of payloads behind it.
 *
 * A reader takes a message apart into an IkeMessage, an array of views into
 * the bytes; the payloads' own decoders are in payload.h. The same chain
 * stands inside an SK payload, so both are parsed by ike_chain_parse().
 *
 * A builder (IkeBuilder) collects payloads in order, links each to the next
 * by its type, and then either becomes a message of its own or the inside of
 * an SK payload (protect.h). */

#ifndef HS_IKEV2_MESSAGE_H
#define HS_IKEV2_MESSAGE_H

#include "models/base/wire.h"
#include "models/ikev2/wire.h"

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Which rule a message broke. The first five leave no message to speak of
 * (it is dropped); the others are answered with INVALID_SYNTAX where RFC 7296
 * 2.21 allows an answer, but for CRITICAL, MAJOR_VERSION, which have notifies
 * of their own. */
#define IKE_FAULTS(X)                                                          \
    X(NONE, "none")                                                            \
    X(SHORT, "shorter than an IKE header")                                     \
    X(LENGTH, "length field and datagram differ")                              \
    X(ZERO_SPI, "initiator's SPI is zero")                                     \
    X(MAJOR_VERSION, "major version above 2")                                  \
    X(OLD_VERSION, "major version below 2")                                    \
    X(EXCHANGE, "unknown exchange type")                                       \
    X(PAYLOAD_LENGTH, "payload length below 4 or past the end")                \
    X(TRAILING, "octets behind the last payload")                              \
    X(TOO_MANY, "too many payloads")                                           \
    X(CRITICAL, "unknown payload marked critical")                             \
    X(SK_NOT_LAST, "payload behind an SK or SKF payload")                      \
    X(NESTED_SK, "SK or SKF payload inside another")                           \
    X(SA_EMPTY, "SA payload without a proposal")                               \
    X(PROPOSAL_LAST, "last-proposal octet neither 0 nor 2, or early or late")  \
    X(PROPOSAL_NUMBER, "proposals not numbered 1, 2, 3, ...")                  \
    X(PROPOSAL_LENGTH, "proposal length wrong")                                \
    X(PROPOSAL_SPI, "SPI size wrong for the protocol")                         \
    X(TRANSFORM_COUNT, "number of transforms and those present differ")        \
    X(TRANSFORM_LAST, "last-transform octet neither 0 nor 3, or early or "     \
                      "late")                                                  \
    X(TRANSFORM_LENGTH, "transform length wrong")                              \
    X(ATTRIBUTE, "malformed transform attribute")                              \
    X(KE_SHORT, "KE payload too short")                                        \
    X(ID_SHORT, "ID payload too short, or wrong for its type")                 \
    X(CERT_SHORT, "CERT or CERTREQ payload too short")                         \
    X(AUTH_SHORT, "AUTH payload too short")                                    \
    X(NONCE_LENGTH, "nonce not of 16 to 256 octets")                           \
    X(NOTIFY_SHORT, "N payload too short")                                     \
    X(NOTIFY_SPI, "SPI size of N payload wrong for the protocol")              \
    X(NOTIFY_DATA, "data of N payload wrong for its type")                     \
    X(DELETE_SHORT, "D payload too short, or longer than its SPIs")            \
    X(DELETE_SPI, "SPI size of D payload wrong for the protocol")              \
    X(TS_EMPTY, "TS payload without a selector")                               \
    X(TS_COUNT, "number of selectors and those present differ")                \
    X(TS_LENGTH, "selector length wrong for its type")                         \
    X(TS_RANGE, "selector ends before it starts")                              \
    X(CP_LENGTH, "CP payload or an attribute of it has a wrong length")        \
    X(EAP_LENGTH, "EAP payload has a wrong length")                            \
    X(FRAGMENT_NUMBER, "fragment number zero or above the total")              \
    X(FRAGMENT_FIRST, "next payload set in a fragment that is not the first, " \
                      "or the reverse")

typedef enum {
#define X(name, text) IKE_FAULT_##name,
    IKE_FAULTS(X)
#undef X
        IKE_FAULT_COUNT
} IkeFault;

const char *ike_fault_name(IkeFault fault);

typedef struct {
    uint64_t spi_i, spi_r;
    uint8_t next; /* type of the first payload */
    uint8_t major, minor;
    uint8_t exchange;
    bool initiator; /* sent by the original initiator of the IKE SA */
    bool higher;    /* the sender speaks a higher version too */
    bool response;
    uint32_t id;
    uint32_t length;
} IkeHeader;

/* The header alone. On a MAJOR_VERSION or OLD_VERSION fault the header is
 * filled in nevertheless, for the answer (RFC 7296 2.5). LENGTH is checked
 * against the datagram: a message shorter or longer is refused. */
IkeFault
ike_header_parse(const uint8_t *data, size_t length, IkeHeader *ret_header);
void ike_header_write(HsWriter *w, const IkeHeader *header);

/* One payload: a view. */
typedef struct {
    uint8_t type;
    bool critical;
    const uint8_t *body; /* borrowed: behind the generic header */
    size_t length;       /* of the body */
    size_t offset;       /* of the generic header, in what was parsed */
    uint8_t inner_next;  /* SK and SKF: type of the first payload inside */
} IkePayload;

/* More than any message has; the rest is refused (IKE_FAULT_TOO_MANY). */
#define IKE_PAYLOADS_MAX 64

typedef struct {
    size_t count;
    IkePayload payloads[IKE_PAYLOADS_MAX];
    uint8_t unsupported; /* with IKE_FAULT_CRITICAL: the type to name */
} IkeChain;

/* The payloads of DATA (which outlives the result), the first being of type
 * FIRST. INSIDE: the plaintext of an SK payload, where no SK may stand.
 * Payloads of unknown type are kept if they are not critical (RFC 7296 2.5:
 * they are to be skipped), for a reader that prints them. A critical payload
 * of a type that RFC 7296 defines is known, and so is SKF. */
IkeFault ike_chain_parse(const uint8_t *data, size_t length, uint8_t first,
                         bool inside, IkeChain *ret_chain);

typedef struct {
    IkeHeader header;
    IkeChain chain;
    const uint8_t *data; /* borrowed: the whole message */
    size_t length;
} IkeMessage;

/* Header and chain of a message without its non-ESP marker. The header is
 * filled in whenever there is one. */
IkeFault
ike_message_parse(const uint8_t *data, size_t length, IkeMessage *ret_message);

/* The first payload of TYPE at or behind *FROM; *FROM (may be NULL) becomes
 * the place behind it. NULL: no more. */
const IkePayload *
ike_chain_find(const IkeChain *chain, uint8_t type, size_t *from);
HsReader ike_payload_reader(const IkePayload *payload);

/* Building */

typedef struct {
    HsWriter writer; /* the payloads */
    uint8_t first;   /* type of the first; 0: none yet */
    size_t last;     /* offset of the last one's next-payload octet */
} IkeBuilder;

void ike_builder_init(IkeBuilder *b);
void ike_builder_clear(IkeBuilder *b);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(IkeBuilder, ike_builder_clear)

/* Opens a payload: what is then written to b->writer is its body, until
 * ike_builder_close() sets its length. The writer's error sticks. */
void ike_builder_open(IkeBuilder *b, IkePayloadType type);
void ike_builder_close(IkeBuilder *b);

/* Both, around BODY. */
void ike_builder_add(IkeBuilder *b, IkePayloadType type, const void *body,
                     size_t length);

/* HEADER (its next, version and length are filled in) and the payloads: an
 * unprotected message (transfer full). Leaves the builder cleared. NULL if
 * something did not fit its field: a fault of ours. */
GBytes *ike_builder_message(IkeBuilder *b, const IkeHeader *header);

#endif
