/* AES-GCM on one libgcrypt handle.
 *
 * The order of calls is GCM's: nonce, associated data, "final", data, tag.
 * Setting the nonce starts the handle anew, so no reset comes in between; an
 * encryption without a nonce would succeed silently, hence both functions set
 * it themselves. Decryption returns the data before the tag is known to be
 * right: what the caller gets is decided by the tag alone. */

#include "config.h"

#include "models/crypto/aead.h"

#include "models/crypto/gcrypt.h"

struct CryptoAead {
    gcry_cipher_hd_t handle; /* owned */
};

CryptoAead *
crypto_aead_new(const uint8_t *key, size_t key_length)
{
    CryptoAead *aead = g_new0(CryptoAead, 1);

    crypto_gcrypt_start();
    crypto_gcrypt_must(gcry_cipher_open(&aead->handle,
                                        crypto_gcrypt_aes(key_length),
                                        GCRY_CIPHER_MODE_GCM, 0),
                       "open AES-GCM");
    crypto_gcrypt_must(gcry_cipher_setkey(aead->handle, key, key_length),
                       "set the key of AES-GCM");
    return aead;
}

void
crypto_aead_free(CryptoAead *aead)
{
    if (aead == NULL)
        return;
    gcry_cipher_close(aead->handle);
    g_free(aead);
}

static void
begin(CryptoAead *aead, const uint8_t *nonce, const uint8_t *aad,
      size_t aad_length)
{
    crypto_gcrypt_must(
        gcry_cipher_setiv(aead->handle, nonce, CRYPTO_AEAD_NONCE),
        "set a nonce");
    if (aad_length > 0)
        crypto_gcrypt_must(
            gcry_cipher_authenticate(aead->handle, aad, aad_length),
            "authenticate");
    crypto_gcrypt_must(gcry_cipher_final(aead->handle), "finalise");
}

void
crypto_aead_seal(CryptoAead *aead, const uint8_t nonce[CRYPTO_AEAD_NONCE],
                 const uint8_t *aad, size_t aad_length, uint8_t *data,
                 size_t length, uint8_t ret_tag[CRYPTO_AEAD_TAG])
{
    begin(aead, nonce, aad, aad_length);
    /* Without an input buffer libgcrypt works in place. */
    crypto_gcrypt_must(gcry_cipher_encrypt(aead->handle, data, length, NULL, 0),
                       "encrypt");
    crypto_gcrypt_must(
        gcry_cipher_gettag(aead->handle, ret_tag, CRYPTO_AEAD_TAG),
        "get a tag");
}

bool
crypto_aead_open(CryptoAead *aead, const uint8_t nonce[CRYPTO_AEAD_NONCE],
                 const uint8_t *aad, size_t aad_length, uint8_t *data,
                 size_t length, const uint8_t tag[CRYPTO_AEAD_TAG])
{
    gcry_error_t error;

    begin(aead, nonce, aad, aad_length);
    crypto_gcrypt_must(gcry_cipher_decrypt(aead->handle, data, length, NULL, 0),
                       "decrypt");
    error = gcry_cipher_checktag(aead->handle, tag, CRYPTO_AEAD_TAG);
    if (gcry_err_code(error) == GPG_ERR_CHECKSUM)
        return false;
    crypto_gcrypt_must(error, "check a tag");
    return true;
}
