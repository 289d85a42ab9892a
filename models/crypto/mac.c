/* HMAC on one libgcrypt handle. A reset keeps the key and its two padded
 * blocks, already hashed: setting the key for each packet would double the
 * cost of a short one. */

#include "config.h"

#include "models/crypto/mac.h"

#include "models/crypto/gcrypt.h"

struct CryptoMac {
    gcry_md_hd_t handle; /* owned */
    int algorithm;       /* libgcrypt's */
    size_t length;
};

static int
gcrypt_algorithm(CryptoMacAlgorithm algorithm)
{
    switch (algorithm) {
    case CRYPTO_MAC_HMAC_SHA1:
        return GCRY_MD_SHA1;
    case CRYPTO_MAC_HMAC_SHA2_256:
        return GCRY_MD_SHA256;
    case CRYPTO_MAC_HMAC_SHA2_384:
        return GCRY_MD_SHA384;
    case CRYPTO_MAC_HMAC_SHA2_512:
        return GCRY_MD_SHA512;
    }
    g_assert_not_reached();
}

CryptoMac *
crypto_mac_new(CryptoMacAlgorithm algorithm, const uint8_t *key,
               size_t key_length)
{
    CryptoMac *mac = g_new0(CryptoMac, 1);

    crypto_gcrypt_start();
    mac->algorithm = gcrypt_algorithm(algorithm);
    mac->length = gcry_md_get_algo_dlen(mac->algorithm);
    g_assert(mac->length <= CRYPTO_MAC_MAX);
    crypto_gcrypt_must(
        gcry_md_open(&mac->handle, mac->algorithm, GCRY_MD_FLAG_HMAC),
        "open HMAC");
    crypto_gcrypt_must(gcry_md_setkey(mac->handle, key, key_length),
                       "set the key of HMAC");
    return mac;
}

void
crypto_mac_free(CryptoMac *mac)
{
    if (mac == NULL)
        return;
    gcry_md_close(mac->handle);
    g_free(mac);
}

size_t
crypto_mac_length(const CryptoMac *mac)
{
    return mac->length;
}

void
crypto_mac_start(CryptoMac *mac)
{
    gcry_md_reset(mac->handle);
}

void
crypto_mac_add(CryptoMac *mac, const uint8_t *data, size_t length)
{
    gcry_md_write(mac->handle, data, length);
}

void
crypto_mac_end(CryptoMac *mac, uint8_t *ret_code, size_t length)
{
    g_assert(length <= mac->length);
    memcpy(ret_code, gcry_md_read(mac->handle, mac->algorithm), length);
}

bool
crypto_mac_check(CryptoMac *mac, const uint8_t *code, size_t length)
{
    const uint8_t *own;
    unsigned different = 0;

    g_assert(length > 0 && length <= mac->length);
    own = gcry_md_read(mac->handle, mac->algorithm);
    for (size_t i = 0; i < length; i++)
        different |= (unsigned)(own[i] ^ code[i]);
    return different == 0;
}
