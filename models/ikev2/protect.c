/* Sealing and opening.
 *
 *     header | payloads in clear | SK header [number total] | IV | ... | ICV
 *                                                                ^ payloads,
 *                                                                  padding,
 *                                                                  its length
 *
 * With CBC and HMAC the code covers everything before it, ciphertext and not
 * plaintext (RFC 7296 3.14). With GCM the same range up to the IV is the
 * associated data, and the nonce is the salt and the IV (RFC 5282 4 and 5.1).
 * A fragment (RFC 7383 2.5) differs by the two numbers behind the payload
 * header, which so are authenticated too. */

#include "config.h"

#include "models/ikev2/protect.h"

#include "models/crypto/aead.h"
#include "models/crypto/cbc.h"
#include "models/crypto/mac.h"

#include <string.h>

#define GCM_IV          8 /* RFC 5282 3.1 */
#define FRAGMENT_HEADER 4 /* RFC 7383 2.5: number, total */

struct IkeProtector {
    CryptoAead *aead; /* owned; NULL for CBC */
    CryptoCbc *cbc;   /* owned; NULL for GCM */
    CryptoMac *mac;   /* owned; NULL for GCM */
    uint8_t salt[IKE_SALT_MAX];
    uint64_t next_iv; /* GCM */
    size_t iv, icv, block;
};

const char *
ike_open_name(IkeOpen result)
{
    static const char *const names[IKE_OPEN_COUNT] = {
#define X(name, text) text,
        IKE_OPENS(X)
#undef X
    };

    g_assert(result < IKE_OPEN_COUNT);
    return names[result];
}

static CryptoMacAlgorithm
integ_algorithm(uint16_t integ)
{
    switch (integ) {
    case IKE_INTEG_HMAC_SHA1_96:
        return CRYPTO_MAC_HMAC_SHA1;
    case IKE_INTEG_HMAC_SHA2_256_128:
        return CRYPTO_MAC_HMAC_SHA2_256;
    case IKE_INTEG_HMAC_SHA2_384_192:
        return CRYPTO_MAC_HMAC_SHA2_384;
    case IKE_INTEG_HMAC_SHA2_512_256:
        return CRYPTO_MAC_HMAC_SHA2_512;
    default:
        g_assert_not_reached();
    }
}

IkeProtector *
ike_protector_new(const IkeSuite *suite, const uint8_t *e, const uint8_t *a)
{
    IkeProtector *p = g_new0(IkeProtector, 1);
    size_t key = suite->key_bits / 8u;

    if (ike_suite_is_aead(suite)) {
        p->aead = crypto_aead_new(e, key);
        memcpy(p->salt, e + key, sizeof p->salt);
        p->iv = GCM_IV;
        p->icv = CRYPTO_AEAD_TAG;
        p->block = 1;
    } else {
        p->cbc = crypto_cbc_new(e, key);
        p->mac = crypto_mac_new(integ_algorithm(suite->integ), a,
                                ike_integ_key_length(suite->integ));
        p->iv = CRYPTO_CBC_BLOCK;
        p->icv = ike_integ_icv_length(suite->integ);
        p->block = CRYPTO_CBC_BLOCK;
    }
    return p;
}

IkeProtector *
ike_protector_of_keys(const IkeSuite *suite, const IkeSaKeys *keys,
                      bool initiator)
{
    return ike_protector_new(suite, initiator ? keys->ei : keys->er,
                             initiator ? keys->ai : keys->ar);
}

void
ike_protector_free(IkeProtector *p)
{
    if (p == NULL)
        return;
    crypto_aead_free(p->aead);
    crypto_cbc_free(p->cbc);
    crypto_mac_free(p->mac);
    explicit_bzero(p->salt, sizeof p->salt);
    g_free(p);
}

/* What LENGTH octets become with padding and its length. */
static size_t
padded(const IkeProtector *p, size_t length)
{
    return (length + 1 + p->block - 1) / p->block * p->block;
}

size_t
ike_sealed_length(const IkeProtector *p, size_t length)
{
    return IKE_HEADER_LENGTH + IKE_PAYLOAD_HEADER + p->iv + padded(p, length) +
           p->icv;
}

/* Sealing */

/* What one datagram is made of. TOTAL 0: SK, else SKF. */
typedef struct {
    const IkeHeader *header;
    uint8_t first;
    uint16_t number, total;
    const uint8_t *plain; /* borrowed */
    size_t length;
} Part;

static void
nonce_of(const IkeProtector *p, const uint8_t *iv,
         uint8_t ret_nonce[CRYPTO_AEAD_NONCE])
{
    memcpy(ret_nonce, p->salt, IKE_SALT_MAX);
    memcpy(ret_nonce + IKE_SALT_MAX, iv, GCM_IV);
}

/* Header up to and including the IV. */
static void
write_front(IkeProtector *p, HsWriter *w, const Part *part, size_t length,
            HsRng *rng)
{
    IkeHeader h = *part->header;
    uint8_t iv[CRYPTO_CBC_BLOCK];

    h.next = part->total == 0 ? IKE_PAYLOAD_SK : IKE_PAYLOAD_SKF;
    h.major = IKE_MAJOR_VERSION;
    h.minor = 0;
    h.length = (uint32_t)length;
    ike_header_write(w, &h);
    hs_writer_u8(w, part->first);
    hs_writer_u8(w, 0);
    hs_writer_u16(w, length - IKE_HEADER_LENGTH);
    if (part->total != 0) {
        hs_writer_u16(w, part->number);
        hs_writer_u16(w, part->total);
    }
    if (p->aead != NULL) {
        /* RFC 5282 3.1: never twice under one key. */
        hs_writer_u64(w, p->next_iv++);
    } else {
        hs_rng_bytes(rng, iv, sizeof iv);
        hs_writer_bytes(w, iv, sizeof iv);
    }
}

static void
encrypt(IkeProtector *p, uint8_t *message, size_t front, size_t inner)
{
    uint8_t *iv = message + front - p->iv;
    uint8_t *icv = message + front + inner;
    uint8_t nonce[CRYPTO_AEAD_NONCE];

    if (p->aead != NULL) {
        nonce_of(p, iv, nonce);
        crypto_aead_seal(p->aead, nonce, message, front - p->iv,
                         message + front, inner, icv);
        return;
    }
    crypto_cbc_encrypt(p->cbc, iv, message + front, inner);
    crypto_mac_start(p->mac);
    crypto_mac_add(p->mac, message, front + inner);
    crypto_mac_end(p->mac, icv, p->icv);
}

static GBytes *
seal_part(IkeProtector *p, const Part *part, HsRng *rng)
{
    g_auto(HsWriter) w = {0};
    size_t inner = padded(p, part->length);
    size_t length = ike_sealed_length(p, part->length) +
                    (part->total == 0 ? 0 : FRAGMENT_HEADER);
    size_t front = length - inner - p->icv;

    if (length > IKE_MESSAGE_MAX)
        return NULL;
    hs_writer_init(&w);
    write_front(p, &w, part, length, rng);
    hs_writer_bytes(&w, part->plain, part->length);
    hs_writer_zeros(&w, inner - part->length - 1);
    hs_writer_u8(&w, inner - part->length - 1);
    hs_writer_zeros(&w, p->icv);
    g_assert(hs_writer_ok(&w) && hs_writer_length(&w) == length);
    encrypt(p, w.bytes->data, front, inner);
    return hs_writer_steal(&w);
}

GBytes *
ike_seal(IkeProtector *p, IkeBuilder *b, const IkeHeader *header, HsRng *rng)
{
    GBytes *message = NULL;
    Part part = {.header = header,
                 .first = b->first,
                 .plain = b->writer.bytes->data,
                 .length = b->writer.bytes->len};

    if (hs_writer_ok(&b->writer))
        message = seal_part(p, &part, rng);
    ike_builder_clear(b);
    return message;
}

/* How many octets of payloads fit a fragment of MAX octets; 0: none. */
static size_t
fragment_room(const IkeProtector *p, size_t max)
{
    size_t around = IKE_HEADER_LENGTH + IKE_PAYLOAD_HEADER + FRAGMENT_HEADER +
                    p->iv + p->icv;
    size_t inner;

    if (max < around)
        return 0;
    inner = (max - around) / p->block * p->block;
    return inner > 0 ? inner - 1 : 0;
}

GPtrArray *
ike_seal_fragments(IkeProtector *p, IkeBuilder *b, const IkeHeader *header,
                   HsRng *rng, size_t max)
{
    g_autoptr(GPtrArray) messages =
        g_ptr_array_new_with_free_func((GDestroyNotify)g_bytes_unref);
    size_t length = hs_writer_length(&b->writer);
    size_t room = fragment_room(p, max), total;

    if (ike_sealed_length(p, length) <= max) {
        GBytes *message = ike_seal(p, b, header, rng);

        if (message == NULL)
            return NULL;
        g_ptr_array_add(messages, message);
        return g_steal_pointer(&messages);
    }
    total = room == 0 ? 0 : (length + room - 1) / room;
    if (!hs_writer_ok(&b->writer) || total == 0 || total > IKE_FRAGMENTS_MAX) {
        ike_builder_clear(b);
        return NULL;
    }
    for (size_t i = 0; i < total; i++) {
        Part part = {.header = header,
                     .first = i == 0 ? b->first : IKE_PAYLOAD_NONE,
                     .number = (uint16_t)(i + 1),
                     .total = (uint16_t)total,
                     .plain = b->writer.bytes->data + i * room,
                     .length = MIN(room, length - i * room)};

        g_ptr_array_add(messages, seal_part(p, &part, rng));
    }
    ike_builder_clear(b);
    return g_steal_pointer(&messages);
}

/* Opening */

/* Decrypts INNER octets at PLAIN, a copy of what stands at FRONT in MESSAGE,
 * if the code behind them is right. */
static bool
decrypt(IkeProtector *p, const uint8_t *message, size_t front, uint8_t *plain,
        size_t inner)
{
    const uint8_t *iv = message + front - p->iv;
    const uint8_t *icv = message + front + inner;
    uint8_t nonce[CRYPTO_AEAD_NONCE];

    if (p->aead != NULL) {
        nonce_of(p, iv, nonce);
        return crypto_aead_open(p->aead, nonce, message, front - p->iv, plain,
                                inner, icv);
    }
    crypto_mac_start(p->mac);
    crypto_mac_add(p->mac, message, front + inner);
    if (!crypto_mac_check(p->mac, icv, p->icv))
        return false;
    crypto_cbc_decrypt(p->cbc, iv, plain, inner);
    return true;
}

/* SKIP: octets between the payload's header and the IV. */
static IkeOpen
open_payload(IkeProtector *p, const IkeMessage *message,
             const IkePayload *payload, size_t skip, GBytes **ret_plain)
{
    size_t front, inner, pad;
    g_autofree uint8_t *plain = NULL;

    if (payload->length < skip + p->iv + p->block + p->icv)
        return IKE_OPEN_SHORT;
    inner = payload->length - skip - p->iv - p->icv;
    if (inner % p->block != 0)
        return IKE_OPEN_ALIGNMENT;
    front = (size_t)(payload->body - message->data) + skip + p->iv;
    plain = g_malloc(inner);
    memcpy(plain, message->data + front, inner);
    if (!decrypt(p, message->data, front, plain, inner))
        return IKE_OPEN_INTEGRITY;
    pad = plain[inner - 1];
    if (pad + 1 > inner)
        return IKE_OPEN_PADDING;
    *ret_plain = g_bytes_new_take(g_steal_pointer(&plain), inner - pad - 1);
    return IKE_OPEN_GOOD;
}

IkeOpen
ike_open(IkeProtector *p, const IkeMessage *message, GBytes **ret_plain,
         uint8_t *ret_first)
{
    const IkePayload *sk =
        ike_chain_find(&message->chain, IKE_PAYLOAD_SK, NULL);
    IkeOpen result;

    if (sk == NULL)
        return IKE_OPEN_MISSING;
    result = open_payload(p, message, sk, 0, ret_plain);
    if (result == IKE_OPEN_GOOD)
        *ret_first = sk->inner_next;
    return result;
}

/* Fragments */

IkeFault
ike_fragment_decode(const IkePayload *skf, IkeFragment *ret_fragment)
{
    HsReader r = ike_payload_reader(skf);
    IkeFragment f = {.first = skf->inner_next};

    f.number = hs_reader_u16(&r);
    f.total = hs_reader_u16(&r);
    if (!hs_reader_ok(&r))
        return IKE_FAULT_PAYLOAD_LENGTH;
    if (f.number == 0 || f.number > f.total)
        return IKE_FAULT_FRAGMENT_NUMBER;
    if (f.number > 1 && f.first != IKE_PAYLOAD_NONE)
        return IKE_FAULT_FRAGMENT_FIRST;
    *ret_fragment = f;
    return IKE_FAULT_NONE;
}

static void
free_part(gpointer part)
{
    if (part != NULL)
        g_bytes_unref(part);
}

void
ike_reassembly_init(IkeReassembly *r)
{
    *r = (IkeReassembly){0};
}

static void
forget(IkeCollection *c)
{
    g_clear_pointer(&c->parts, g_ptr_array_unref);
    *c = (IkeCollection){0};
}

void
ike_reassembly_clear(IkeReassembly *r)
{
    forget(&r->request);
    forget(&r->response);
}

static bool
same_message(const IkeCollection *c, uint32_t id)
{
    return c->active && c->id == id;
}

/* RFC 7383 2.6, what can be said before decrypting. */
static IkeOpen
check_fragment(const IkeCollection *c, uint32_t id, const IkeFragment *f)
{
    if (f->total > IKE_FRAGMENTS_MAX)
        return IKE_OPEN_TOO_MANY;
    if (!same_message(c, id) || f->total > c->total)
        return IKE_OPEN_GOOD;
    if (f->total < c->total)
        return IKE_OPEN_FEWER;
    if (g_ptr_array_index(c->parts, f->number - 1) != NULL)
        return IKE_OPEN_REPEATED;
    return IKE_OPEN_GOOD;
}

static GBytes *
join(const IkeCollection *c)
{
    GByteArray *all = g_byte_array_sized_new((guint)c->bytes);

    for (guint i = 0; i < c->parts->len; i++) {
        GBytes *part = g_ptr_array_index(c->parts, i);

        g_byte_array_append(all, g_bytes_get_data(part, NULL),
                            (guint)g_bytes_get_size(part));
    }
    return g_byte_array_free_to_bytes(all);
}

/* PART (transfer full) is authentic. */
static void
keep_fragment(IkeCollection *c, uint32_t id, const IkeFragment *f, GBytes *part)
{
    if (!same_message(c, id) || f->total > c->total) {
        forget(c);
        c->active = true;
        c->id = id;
        c->total = f->total;
        c->parts = g_ptr_array_new_with_free_func(free_part);
        g_ptr_array_set_size(c->parts, f->total);
    }
    if (f->number == 1)
        c->first = f->first;
    g_ptr_array_index(c->parts, f->number - 1) = part;
    c->have++;
    c->bytes += g_bytes_get_size(part);
}

IkeReassemblyResult
ike_reassembly_add(IkeReassembly *r, IkeProtector *p, const IkeMessage *message,
                   GBytes **ret_plain, uint8_t *ret_first, IkeOpen *ret_why)
{
    const IkePayload *skf =
        ike_chain_find(&message->chain, IKE_PAYLOAD_SKF, NULL);
    const IkeHeader *h = &message->header;
    IkeCollection *c = h->response ? &r->response : &r->request;
    GBytes *part = NULL;
    IkeFragment f;

    *ret_why = IKE_OPEN_MISSING;
    if (skf == NULL)
        return IKE_REASSEMBLY_DROPPED;
    *ret_why = IKE_OPEN_NUMBER;
    if (ike_fragment_decode(skf, &f) != IKE_FAULT_NONE)
        return IKE_REASSEMBLY_DROPPED;
    *ret_why = check_fragment(c, h->id, &f);
    if (*ret_why != IKE_OPEN_GOOD)
        return IKE_REASSEMBLY_DROPPED;
    *ret_why = open_payload(p, message, skf, FRAGMENT_HEADER, &part);
    if (*ret_why != IKE_OPEN_GOOD)
        return IKE_REASSEMBLY_DROPPED;
    keep_fragment(c, h->id, &f, part);
    if (c->bytes > IKE_MESSAGE_MAX) {
        forget(c);
        *ret_why = IKE_OPEN_TOO_MANY;
        return IKE_REASSEMBLY_DROPPED;
    }
    if (c->have < c->total)
        return IKE_REASSEMBLY_MORE;
    *ret_plain = join(c);
    *ret_first = c->first;
    forget(c);
    return IKE_REASSEMBLY_DONE;
}
