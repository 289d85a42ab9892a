/* Derivation of keys: RFC 7296 2.13 to 2.18. Everything is prf() and prf+() of
 * nonces, SPIs and the Diffie-Hellman secret, in a fixed order:
 *
 *     SKEYSEED = prf(Ni | Nr, g^ir)                                    2.14
 *     {SK_d SK_ai SK_ar SK_ei SK_er SK_pi SK_pr}
 *              = prf+(SKEYSEED, Ni | Nr | SPIi | SPIr)
 *     SKEYSEED = prf(old SK_d, g^ir | Ni | Nr)         of a rekey      2.18
 *     KEYMAT   = prf+(SK_d, [g^ir |] Ni | Nr)          of a child      2.17
 *
 * The PRFs here take keys of any length, so the nonces are used whole. Of
 * KEYMAT, the direction from the exchange's initiator comes first, and in each
 * the cipher's key before that of integrity. */

#include "config.h"

#include "models/ikev2/keys.h"

#include "models/crypto/prf.h"

#include <string.h>

#define SALT_GCM 4 /* RFC 5282 7.1, RFC 4106 8.1 */

/* 2.15, without a final zero */
static const char key_pad[] = "Key Pad for IKEv2";

static CryptoMacAlgorithm
prf_algorithm(uint16_t prf)
{
    switch (prf) {
    case IKE_PRF_HMAC_SHA1:
        return CRYPTO_MAC_HMAC_SHA1;
    case IKE_PRF_HMAC_SHA2_256:
        return CRYPTO_MAC_HMAC_SHA2_256;
    case IKE_PRF_HMAC_SHA2_384:
        return CRYPTO_MAC_HMAC_SHA2_384;
    case IKE_PRF_HMAC_SHA2_512:
        return CRYPTO_MAC_HMAC_SHA2_512;
    default:
        g_assert_not_reached();
    }
}

size_t
ike_prf_length(uint16_t prf)
{
    switch (prf) {
    case IKE_PRF_HMAC_SHA1:
        return 20;
    case IKE_PRF_HMAC_SHA2_256:
        return 32;
    case IKE_PRF_HMAC_SHA2_384:
        return 48;
    case IKE_PRF_HMAC_SHA2_512:
        return 64;
    default:
        return 0;
    }
}

/* RFC 2404 and RFC 4868 2.1: as long as the hash. */
size_t
ike_integ_key_length(uint16_t integ)
{
    switch (integ) {
    case IKE_INTEG_HMAC_SHA1_96:
        return 20;
    case IKE_INTEG_HMAC_SHA2_256_128:
        return 32;
    case IKE_INTEG_HMAC_SHA2_384_192:
        return 48;
    case IKE_INTEG_HMAC_SHA2_512_256:
        return 64;
    default:
        return 0;
    }
}

size_t
ike_integ_icv_length(uint16_t integ)
{
    switch (integ) {
    case IKE_INTEG_HMAC_SHA1_96:
        return 12;
    case IKE_INTEG_HMAC_SHA2_256_128:
        return 16;
    case IKE_INTEG_HMAC_SHA2_384_192:
        return 24;
    case IKE_INTEG_HMAC_SHA2_512_256:
        return 32;
    default:
        return 0;
    }
}

size_t
ike_cipher_key_length(uint16_t encr, uint16_t key_bits)
{
    return key_bits / 8u + (encr == IKE_ENCR_AES_GCM_16 ? SALT_GCM : 0);
}

void
ike_sa_keys_clear(IkeSaKeys *keys)
{
    explicit_bzero(keys, sizeof *keys);
}

void
ike_keymat_clear(IkeKeymat *keys)
{
    explicit_bzero(keys, sizeof *keys);
}

static void
put_u64(uint8_t to[8], uint64_t value)
{
    for (unsigned i = 0; i < 8; i++)
        to[i] = (uint8_t)(value >> (56 - 8 * i) & 0xff);
}

static const uint8_t *
take(uint8_t *to, const uint8_t *from, size_t length)
{
    if (length > 0)
        memcpy(to, from, length);
    return from + length;
}

/* IKE SA */

/* SKEYSEED to the seven keys. */
static void
expand(IkeSaKeys *keys, const IkeSuite *suite, const IkeKeySeed *seed,
       const uint8_t *skeyseed, size_t skeyseed_length)
{
    uint8_t spi_i[8], spi_r[8];
    uint8_t stream[3 * IKE_KEY_MAX + 2 * IKE_KEY_MAX + 2 * IKE_CRYPT_MAX];
    const CryptoPart parts[] = {{seed->ni.data, seed->ni.length},
                                {seed->nr.data, seed->nr.length},
                                {spi_i, sizeof spi_i},
                                {spi_r, sizeof spi_r}};
    const uint8_t *at = stream;

    memset(keys, 0, sizeof *keys);
    keys->d_length = ike_prf_length(suite->prf);
    keys->a_length = ike_integ_key_length(suite->integ);
    keys->e_length = ike_cipher_key_length(suite->encr, suite->key_bits);
    put_u64(spi_i, seed->spi_i);
    put_u64(spi_r, seed->spi_r);
    crypto_prf_plus(prf_algorithm(suite->prf), skeyseed, skeyseed_length, parts,
                    G_N_ELEMENTS(parts), stream,
                    3 * keys->d_length + 2 * keys->a_length +
                        2 * keys->e_length);
    at = take(keys->d, at, keys->d_length);
    at = take(keys->ai, at, keys->a_length);
    at = take(keys->ar, at, keys->a_length);
    at = take(keys->ei, at, keys->e_length);
    at = take(keys->er, at, keys->e_length);
    at = take(keys->pi, at, keys->d_length);
    take(keys->pr, at, keys->d_length);
    explicit_bzero(stream, sizeof stream);
}

void
ike_sa_keys_derive(IkeSaKeys *ret_keys, const IkeSuite *suite,
                   const IkeKeySeed *seed)
{
    g_autoptr(GByteArray) nonces = g_byte_array_new();
    const CryptoPart secret = {seed->shared.data, seed->shared.length};
    uint8_t skeyseed[CRYPTO_MAC_MAX];
    size_t length;

    g_byte_array_append(nonces, seed->ni.data, (guint)seed->ni.length);
    g_byte_array_append(nonces, seed->nr.data, (guint)seed->nr.length);
    length = crypto_prf(prf_algorithm(suite->prf), nonces->data, nonces->len,
                        &secret, 1, skeyseed);
    expand(ret_keys, suite, seed, skeyseed, length);
    explicit_bzero(skeyseed, sizeof skeyseed);
}

void
ike_sa_keys_rekey(IkeSaKeys *ret_keys, const IkeSuite *suite,
                  const IkeKeySeed *seed, uint16_t old_prf,
                  const uint8_t *old_d, size_t old_d_length)
{
    const CryptoPart parts[] = {{seed->shared.data, seed->shared.length},
                                {seed->ni.data, seed->ni.length},
                                {seed->nr.data, seed->nr.length}};
    uint8_t skeyseed[CRYPTO_MAC_MAX];
    size_t length;

    /* 2.18: SKEYSEED with the old SA's PRF, the rest with the new one's. */
    length = crypto_prf(prf_algorithm(old_prf), old_d, old_d_length, parts,
                        G_N_ELEMENTS(parts), skeyseed);
    expand(ret_keys, suite, seed, skeyseed, length);
    explicit_bzero(skeyseed, sizeof skeyseed);
}

/* Child SA */

void
ike_keymat_derive(IkeKeymat *ret_keys, const IkeSuite *child, uint16_t prf,
                  const uint8_t *d, size_t d_length, IkeBytes shared,
                  IkeBytes ni, IkeBytes nr)
{
    const CryptoPart parts[] = {{shared.data, shared.length},
                                {ni.data, ni.length},
                                {nr.data, nr.length}};
    uint8_t stream[2 * (IKE_CRYPT_MAX + IKE_KEY_MAX)];
    const uint8_t *at = stream;

    memset(ret_keys, 0, sizeof *ret_keys);
    ret_keys->encr_length = ike_cipher_key_length(child->encr, child->key_bits);
    ret_keys->integ_length = ike_integ_key_length(child->integ);
    crypto_prf_plus(prf_algorithm(prf), d, d_length, parts, G_N_ELEMENTS(parts),
                    stream,
                    2 * (ret_keys->encr_length + ret_keys->integ_length));
    at = take(ret_keys->i.encr, at, ret_keys->encr_length);
    at = take(ret_keys->i.integ, at, ret_keys->integ_length);
    at = take(ret_keys->r.encr, at, ret_keys->encr_length);
    take(ret_keys->r.integ, at, ret_keys->integ_length);
    explicit_bzero(stream, sizeof stream);
}

/* AUTH */

/* prf(SK_p, ID'), the last part of what AUTH covers. */
static size_t
maced_id(uint8_t *ret, uint16_t prf, const IkeAuthInput *input)
{
    const CryptoPart id = {input->id_body.data, input->id_body.length};

    return crypto_prf(prf_algorithm(prf), input->sk_p, ike_prf_length(prf), &id,
                      1, ret);
}

void
ike_auth_shared_key(uint8_t ret_auth[IKE_AUTH_MAX], uint16_t prf,
                    const IkeAuthInput *input, IkeBytes psk)
{
    const CryptoPart pad = {key_pad, sizeof key_pad - 1};
    uint8_t key[CRYPTO_MAC_MAX], id[CRYPTO_MAC_MAX];
    size_t length = maced_id(id, prf, input);
    const CryptoPart parts[] = {{input->message.data, input->message.length},
                                {input->nonce.data, input->nonce.length},
                                {id, length}};

    crypto_prf(prf_algorithm(prf), psk.data, psk.length, &pad, 1, key);
    crypto_prf(prf_algorithm(prf), key, length, parts, G_N_ELEMENTS(parts),
               ret_auth);
    explicit_bzero(key, sizeof key);
    explicit_bzero(id, sizeof id);
}

GBytes *
ike_auth_octets(uint16_t prf, const IkeAuthInput *input)
{
    g_auto(HsWriter) w = {0};
    uint8_t id[CRYPTO_MAC_MAX];
    size_t length = maced_id(id, prf, input);

    hs_writer_init(&w);
    hs_writer_bytes(&w, input->message.data, input->message.length);
    hs_writer_bytes(&w, input->nonce.data, input->nonce.length);
    hs_writer_bytes(&w, id, length);
    return hs_writer_steal(&w);
}

bool
ike_bytes_equal(IkeBytes a, IkeBytes b)
{
    unsigned different = 0;

    if (a.length != b.length)
        return false;
    for (size_t i = 0; i < a.length; i++)
        different |= (unsigned)(a.data[i] ^ b.data[i]);
    return different == 0;
}

/* Hashes of IKE_SA_INIT */

static size_t
address_octets(const HsAddr *addr)
{
    return hs_addr_bits(addr) / 8;
}

void
ike_nat_hash(uint8_t ret_hash[IKE_NAT_HASH], uint64_t spi_i, uint64_t spi_r,
             const HsAddr *addr, uint16_t port)
{
    g_autoptr(GChecksum) sum = g_checksum_new(G_CHECKSUM_SHA1);
    uint8_t spis[16];
    const uint8_t ports[2] = {(uint8_t)(port >> 8), (uint8_t)(port & 0xff)};
    gsize length = IKE_NAT_HASH;

    put_u64(spis, spi_i);
    put_u64(spis + 8, spi_r);
    g_checksum_update(sum, spis, sizeof spis);
    g_checksum_update(sum, addr->bytes, (gssize)address_octets(addr));
    g_checksum_update(sum, ports, sizeof ports);
    g_checksum_get_digest(sum, ret_hash, &length);
}

void
ike_cookie(uint8_t ret_cookie[IKE_COOKIE_LENGTH], uint8_t version,
           const uint8_t secret[IKE_COOKIE_SECRET], IkeBytes ni,
           const HsAddr *addr, uint64_t spi_i)
{
    uint8_t spi[8];
    const CryptoPart parts[] = {{ni.data, ni.length},
                                {addr->bytes, address_octets(addr)},
                                {spi, sizeof spi}};

    put_u64(spi, spi_i);
    ret_cookie[0] = version;
    crypto_prf(CRYPTO_MAC_HMAC_SHA2_256, secret, IKE_COOKIE_SECRET, parts,
               G_N_ELEMENTS(parts), ret_cookie + 1);
}
