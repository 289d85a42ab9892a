/* The SK payload (RFC 7296 3.14; with an AEAD: RFC 5282) and its fragments,
 * SKF (RFC 7383).
 *
 * One IkeProtector seals one direction or opens the other. Sealing takes a
 * builder with the payloads to protect and gives the datagram, or, above a
 * size, several. Opening takes a parsed message and gives the plaintext, in
 * which ike_chain_parse(…, inside = true) then finds the payloads. A collector
 * (IkeReassembly) gathers fragments until their plaintexts are complete.
 *
 * Nothing of a message is touched before its integrity was checked, and a
 * wrong code is told from a wrong padding only in the counter (both are
 * ignored on the wire, 2.21.3). */

#ifndef HS_IKEV2_PROTECT_H
#define HS_IKEV2_PROTECT_H

#include "models/base/rng.h"
#include "models/ikev2/keys.h"
#include "models/ikev2/message.h"

#define IKE_OPENS(X)                                                           \
    X(GOOD, "good")                                                            \
    X(MISSING, "no SK or SKF payload")                                         \
    X(SHORT, "SK payload too short")                                           \
    X(ALIGNMENT, "encrypted part not of whole blocks")                         \
    X(INTEGRITY, "integrity check failed")                                     \
    X(PADDING, "pad length above the plaintext")                               \
    /* fragments */                                                            \
    X(NUMBER, "fragment number zero or above the total")                       \
    X(REPEATED, "fragment is there already")                                   \
    X(FEWER, "fewer fragments than before")                                    \
    X(TOO_MANY, "more fragments than are believed")

typedef enum {
#define X(name, text) IKE_OPEN_##name,
    IKE_OPENS(X)
#undef X
        IKE_OPEN_COUNT
} IkeOpen;

const char *ike_open_name(IkeOpen result);

typedef struct IkeProtector IkeProtector;

/* One direction: SK_e (with its salt) and SK_a of the side that sends. */
IkeProtector *
ike_protector_new(const IkeSuite *suite, const uint8_t *e, const uint8_t *a);

/* Of one side of KEYS: true for what the initiator sends. */
IkeProtector *ike_protector_of_keys(const IkeSuite *suite,
                                    const IkeSaKeys *keys, bool initiator);
void ike_protector_free(IkeProtector *p); /* wipes the keys; NULL is fine */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(IkeProtector, ike_protector_free)

/* The payloads of B inside an SK payload, behind HEADER (its next, version
 * and length are filled in). RNG draws the IV of CBC; the IV of GCM is a
 * counter. Leaves the builder cleared; NULL if the message got too long
 * (transfer full). */
GBytes *
ike_seal(IkeProtector *p, IkeBuilder *b, const IkeHeader *header, HsRng *rng);

/* The same, as one message if it has at most MAX octets (without IP and UDP
 * header), else as SKF fragments of at most MAX (RFC 7383 2.5). GBytes *,
 * (transfer full); NULL as above, or if MAX leaves no room. */
GPtrArray *ike_seal_fragments(IkeProtector *p, IkeBuilder *b,
                              const IkeHeader *header, HsRng *rng, size_t max);

/* Opens the SK payload of MESSAGE: the plaintext without its padding (transfer
 * full) and the type of the first payload inside. */
IkeOpen ike_open(IkeProtector *p, const IkeMessage *message, GBytes **ret_plain,
                 uint8_t *ret_first);

typedef struct {
    uint16_t number, total; /* 1 to total */
    uint8_t first;          /* type of the first payload; 0 but in number 1 */
} IkeFragment;

/* Number and total of an SKF payload, before anything is decrypted. */
IkeFault ike_fragment_decode(const IkePayload *skf, IkeFragment *ret_fragment);

/* Fragments of one message. Only opened (authentic) ones are kept. */
typedef struct {
    bool active;
    uint32_t id; /* message ID that is being collected */
    uint16_t total;
    uint16_t have;
    uint8_t first;
    GPtrArray *parts; /* owned; GBytes * or NULL, by number - 1 */
    size_t bytes;
} IkeCollection;

/* A request and a response may come in at the same time, piece by piece. */
typedef struct {
    IkeCollection request, response;
} IkeReassembly;

/* More fragments than that are not believed, nor is a plaintext above
 * IKE_MESSAGE_MAX: they would be kept for nothing. */
#define IKE_FRAGMENTS_MAX 128

void ike_reassembly_init(IkeReassembly *r);
void ike_reassembly_clear(IkeReassembly *r); /* also: forget what is there */
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(IkeReassembly, ike_reassembly_clear)

typedef enum {
    IKE_REASSEMBLY_MORE,
    IKE_REASSEMBLY_DONE,
    IKE_REASSEMBLY_DROPPED, /* *RET_WHY says why; what was there stays */
} IkeReassemblyResult;

/* Takes the SKF payload of MESSAGE. A fragment of another message ID, or with
 * a higher total (the sender's path MTU discovery), starts anew; one with a
 * lower total, and one that is there already, is dropped (RFC 7383 2.6). DONE:
 * the whole plaintext (transfer full), and what was collected is gone. */
IkeReassemblyResult
ike_reassembly_add(IkeReassembly *r, IkeProtector *p, const IkeMessage *message,
                   GBytes **ret_plain, uint8_t *ret_first, IkeOpen *ret_why);

/* What SK adds around LENGTH octets of payloads: the message's length. */
size_t ike_sealed_length(const IkeProtector *p, size_t length);

#endif
