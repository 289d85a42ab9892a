/* AES in CBC mode (NIST SP 800-38A), in place, one key per context. */

#ifndef HS_CRYPTO_CBC_H
#define HS_CRYPTO_CBC_H

#include <glib.h>
#include <stddef.h>
#include <stdint.h>

#define CRYPTO_CBC_BLOCK 16

typedef struct CryptoCbc CryptoCbc;

/* KEY_LENGTH is 16, 24 or 32. The key is copied into the context. */
CryptoCbc *crypto_cbc_new(const uint8_t *key, size_t key_length);

/* Wipes the key. NULL is fine. */
void crypto_cbc_free(CryptoCbc *cbc);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(CryptoCbc, crypto_cbc_free)

/* LENGTH must be a multiple of the block; the caller has checked it. */
void crypto_cbc_encrypt(CryptoCbc *cbc, const uint8_t iv[CRYPTO_CBC_BLOCK],
                        uint8_t *data, size_t length);
void crypto_cbc_decrypt(CryptoCbc *cbc, const uint8_t iv[CRYPTO_CBC_BLOCK],
                        uint8_t *data, size_t length);

#endif
