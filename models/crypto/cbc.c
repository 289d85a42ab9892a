#include "config.h"

#include "models/crypto/cbc.h"

#include "models/crypto/gcrypt.h"

struct CryptoCbc {
    gcry_cipher_hd_t handle; /* owned */
};

CryptoCbc *
crypto_cbc_new(const uint8_t *key, size_t key_length)
{
    CryptoCbc *cbc = g_new0(CryptoCbc, 1);

    crypto_gcrypt_start();
    crypto_gcrypt_must(gcry_cipher_open(&cbc->handle,
                                        crypto_gcrypt_aes(key_length),
                                        GCRY_CIPHER_MODE_CBC, 0),
                       "open AES-CBC");
    crypto_gcrypt_must(gcry_cipher_setkey(cbc->handle, key, key_length),
                       "set the key of AES-CBC");
    return cbc;
}

void
crypto_cbc_free(CryptoCbc *cbc)
{
    if (cbc == NULL)
        return;
    gcry_cipher_close(cbc->handle);
    g_free(cbc);
}

void
crypto_cbc_encrypt(CryptoCbc *cbc, const uint8_t iv[CRYPTO_CBC_BLOCK],
                   uint8_t *data, size_t length)
{
    g_assert(length % CRYPTO_CBC_BLOCK == 0);
    crypto_gcrypt_must(gcry_cipher_setiv(cbc->handle, iv, CRYPTO_CBC_BLOCK),
                       "set an IV");
    crypto_gcrypt_must(gcry_cipher_encrypt(cbc->handle, data, length, NULL, 0),
                       "encrypt");
}

void
crypto_cbc_decrypt(CryptoCbc *cbc, const uint8_t iv[CRYPTO_CBC_BLOCK],
                   uint8_t *data, size_t length)
{
    g_assert(length % CRYPTO_CBC_BLOCK == 0);
    crypto_gcrypt_must(gcry_cipher_setiv(cbc->handle, iv, CRYPTO_CBC_BLOCK),
                       "set an IV");
    crypto_gcrypt_must(gcry_cipher_decrypt(cbc->handle, data, length, NULL, 0),
                       "decrypt");
}
