/* What stands inside an SK payload, and fragments, in four ways that the first
 * byte chooses:
 *
 *   sealed     the second byte is the type of the first payload, the rest the
 *              payloads: they are sealed, opened and looked at
 *   inside     likewise, but the rest has its padding and pad length already,
 *              as only a peer with the keys can send it
 *   fragments  the second byte is the size of the fragments, the third their
 *              order; the rest is cut up, sealed, and gathered again
 *   outside    the rest is a whole message, to be opened as SK or SKF
 *
 * Besides not crashing: what was sealed comes out as it went in, and nothing
 * that was not sealed opens. */

#include "config.h"

#include "models/crypto/aead.h"
#include "models/crypto/cbc.h"
#include "models/crypto/mac.h"
#include "models/ikev2/protect.h"

#include <stdlib.h>
#include <string.h>

enum {
    CONTROL_HOW = 0x03,
    CONTROL_GCM = 0x04,
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A g_assert() that says nothing of the input, for the fuzzer's benefit. */
static void
must(bool holds)
{
    if (!holds)
        abort();
}

static const IkeSuite cbc_suite = {.protocol = IKE_PROTOCOL_IKE,
                                   .encr = IKE_ENCR_AES_CBC,
                                   .key_bits = 128,
                                   .prf = IKE_PRF_HMAC_SHA1,
                                   .integ = IKE_INTEG_HMAC_SHA1_96,
                                   .group = 14};
static const IkeSuite gcm_suite = {.protocol = IKE_PROTOCOL_IKE,
                                   .encr = IKE_ENCR_AES_GCM_16,
                                   .key_bits = 128,
                                   .prf = IKE_PRF_HMAC_SHA1,
                                   .group = 14};
static const IkeHeader header = {.spi_i = 1,
                                 .spi_r = 2,
                                 .exchange = IKE_EXCHANGE_INFORMATIONAL,
                                 .initiator = true,
                                 .id = 3};

#define ICV_CBC 12
#define IV_GCM  8

/* Keys of zeros do. */
typedef struct {
    bool gcm;
    IkeProtector *protector;
    CryptoAead *aead;
    CryptoCbc *cbc;
    CryptoMac *mac;
    HsRng *rng;
} Keys;

static const Keys *
keys_of(bool gcm)
{
    static const uint8_t zeros[64];
    static Keys both[2];
    Keys *k = &both[gcm];

    if (k->protector != NULL)
        return k;
    k->gcm = gcm;
    k->protector =
        ike_protector_new(gcm ? &gcm_suite : &cbc_suite, zeros, zeros);
    k->aead = crypto_aead_new(zeros, 16);
    k->cbc = crypto_cbc_new(zeros, 16);
    k->mac = crypto_mac_new(CRYPTO_MAC_HMAC_SHA1, zeros, 20);
    k->rng = hs_rng_new(1, "fuzz", "iv");
    return k;
}

static void
look_inside(GBytes *plain, uint8_t first)
{
    IkeChain chain;
    gsize length;
    const uint8_t *data = g_bytes_get_data(plain, &length);

    if (ike_chain_parse(data, length, first, true, &chain) == IKE_FAULT_NONE)
        (void)ike_chain_check(&chain);
}

/* The payloads as they are: a builder that somebody else filled in. */
static void
fill(IkeBuilder *b, uint8_t first, const uint8_t *data, size_t size)
{
    ike_builder_init(b);
    b->first = first;
    hs_writer_bytes(&b->writer, data, size);
}

static void
sealed(const Keys *k, uint8_t first, const uint8_t *data, size_t size)
{
    g_autoptr(GBytes) message = NULL, plain = NULL;
    g_auto(IkeBuilder) b = {0};
    IkeMessage parsed;
    uint8_t type = 0;

    fill(&b, first, data, size);
    message = ike_seal(k->protector, &b, &header, k->rng);
    if (message == NULL) {
        must(size > 60000);
        return;
    }
    must(ike_message_parse(g_bytes_get_data(message, NULL),
                           g_bytes_get_size(message),
                           &parsed) == IKE_FAULT_NONE);
    must(ike_open(k->protector, &parsed, &plain, &type) == IKE_OPEN_GOOD);
    must(type == first && g_bytes_get_size(plain) == size &&
         (size == 0 || memcmp(g_bytes_get_data(plain, NULL), data, size) == 0));
    look_inside(plain, type);
}

/* A message with DATA as it will be decrypted. */
static GBytes *
seal_raw(const Keys *k, uint8_t first, const uint8_t *data, size_t size)
{
    static const uint8_t iv[CRYPTO_CBC_BLOCK];
    size_t iv_length = k->gcm ? IV_GCM : CRYPTO_CBC_BLOCK;
    size_t icv_length = k->gcm ? CRYPTO_AEAD_TAG : ICV_CBC;
    size_t payload = IKE_PAYLOAD_HEADER + iv_length + size + icv_length;
    size_t front = IKE_HEADER_LENGTH + IKE_PAYLOAD_HEADER + iv_length;
    g_auto(HsWriter) w = {0};
    IkeHeader h = header;
    uint8_t *at;

    h.next = IKE_PAYLOAD_SK;
    h.major = IKE_MAJOR_VERSION;
    h.length = (uint32_t)(IKE_HEADER_LENGTH + payload);
    hs_writer_init(&w);
    ike_header_write(&w, &h);
    hs_writer_u8(&w, first);
    hs_writer_u8(&w, 0);
    hs_writer_u16(&w, payload);
    hs_writer_zeros(&w, iv_length);
    hs_writer_bytes(&w, data, size);
    hs_writer_zeros(&w, icv_length);
    at = w.bytes->data;
    if (k->gcm) {
        crypto_aead_seal(k->aead, iv, at, front - iv_length, at + front, size,
                         at + front + size);
    } else {
        crypto_cbc_encrypt(k->cbc, iv, at + front, size);
        crypto_mac_start(k->mac);
        crypto_mac_add(k->mac, at, front + size);
        crypto_mac_end(k->mac, at + front + size, ICV_CBC);
    }
    return hs_writer_steal(&w);
}

static void
inside(const Keys *k, uint8_t first, const uint8_t *data, size_t size)
{
    g_autoptr(GBytes) message = NULL, plain = NULL;
    IkeMessage parsed;
    IkeOpen result;
    uint8_t type;

    if (!k->gcm)
        size = size / CRYPTO_CBC_BLOCK * CRYPTO_CBC_BLOCK;
    if (size == 0 || size > 60000)
        return;
    message = seal_raw(k, first, data, size);
    must(ike_message_parse(g_bytes_get_data(message, NULL),
                           g_bytes_get_size(message),
                           &parsed) == IKE_FAULT_NONE);
    result = ike_open(k->protector, &parsed, &plain, &type);
    if (data[size - 1] + 1u > size) {
        must(result == IKE_OPEN_PADDING);
        return;
    }
    must(result == IKE_OPEN_GOOD);
    must(g_bytes_get_size(plain) == size - 1 - data[size - 1]);
    look_inside(plain, type);
}

/* Every fragment once, from a place on and with a stride, so that it is not
 * always the first that comes first; the one before it twice. */
static void
fragments(const Keys *k, size_t max, uint8_t order, const uint8_t *data,
          size_t size)
{
    g_autoptr(GPtrArray) all = NULL;
    g_autoptr(GBytes) plain = NULL;
    g_auto(IkeBuilder) b = {0};
    g_auto(IkeReassembly) r = {0};
    IkeReassemblyResult result = IKE_REASSEMBLY_MORE;
    uint8_t first = 0;
    IkeOpen why;

    fill(&b, IKE_PAYLOAD_VENDOR, data, size);
    all = ike_seal_fragments(k->protector, &b, &header, k->rng, max);
    if (all == NULL || all->len == 1)
        return;
    ike_reassembly_init(&r);
    for (guint i = 0; i < all->len; i++) {
        guint at = order % 2 == 0 ? i : all->len - 1 - i;
        GBytes *bytes = g_ptr_array_index(all, (at + order) % all->len);
        IkeMessage parsed;

        must(g_bytes_get_size(bytes) <= max);
        must(ike_message_parse(g_bytes_get_data(bytes, NULL),
                               g_bytes_get_size(bytes),
                               &parsed) == IKE_FAULT_NONE);
        must(result == IKE_REASSEMBLY_MORE);
        result =
            ike_reassembly_add(&r, k->protector, &parsed, &plain, &first, &why);
        if (result == IKE_REASSEMBLY_MORE)
            must(ike_reassembly_add(&r, k->protector, &parsed, &plain, &first,
                                    &why) == IKE_REASSEMBLY_DROPPED);
    }
    must(result == IKE_REASSEMBLY_DONE && first == IKE_PAYLOAD_VENDOR);
    must(g_bytes_get_size(plain) == size &&
         memcmp(g_bytes_get_data(plain, NULL), data, size) == 0);
}

static void
outside(const Keys *k, const uint8_t *data, size_t size)
{
    g_auto(IkeReassembly) r = {0};
    GBytes *plain = NULL;
    IkeMessage parsed;
    uint8_t first;
    IkeOpen why;

    if (ike_message_parse(data, size, &parsed) != IKE_FAULT_NONE)
        return;
    must(ike_open(k->protector, &parsed, &plain, &first) != IKE_OPEN_GOOD);
    ike_reassembly_init(&r);
    must(ike_reassembly_add(&r, k->protector, &parsed, &plain, &first, &why) ==
         IKE_REASSEMBLY_DROPPED);
    must(why != IKE_OPEN_GOOD && !r.request.active && !r.response.active &&
         plain == NULL);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const Keys *k;

    if (size < 3)
        return 0;
    k = keys_of((data[0] & CONTROL_GCM) != 0);
    switch (data[0] & CONTROL_HOW) {
    case 0:
        sealed(k, data[1], data + 2, size - 2);
        break;
    case 1:
        inside(k, data[1], data + 2, size - 2);
        break;
    case 2:
        fragments(k, 64u + data[1], data[2], data + 3, size - 3);
        break;
    default:
        outside(k, data + 1, size - 1);
        break;
    }
    return 0;
}
