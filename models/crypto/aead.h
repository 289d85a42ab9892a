/* AES-GCM with a 96-bit nonce and a 128-bit tag (NIST SP 800-38D), in place.
 *
 * One context holds one key; it is made once per SA, because setting a key
 * costs ten times what a short packet does. A nonce must never come twice
 * under one key: that is the caller's part. */

#ifndef HS_CRYPTO_AEAD_H
#define HS_CRYPTO_AEAD_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CRYPTO_AEAD_NONCE 12
#define CRYPTO_AEAD_TAG   16

typedef struct CryptoAead CryptoAead;

/* KEY_LENGTH is 16, 24 or 32. The key is copied into the context. */
CryptoAead *crypto_aead_new(const uint8_t *key, size_t key_length);

/* Wipes the key. NULL is fine. */
void crypto_aead_free(CryptoAead *aead);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(CryptoAead, crypto_aead_free)

/* Encrypts DATA where it stands; DATA and AAD may be empty. */
void crypto_aead_seal(CryptoAead *aead, const uint8_t nonce[CRYPTO_AEAD_NONCE],
                      const uint8_t *aad, size_t aad_length, uint8_t *data,
                      size_t length, uint8_t ret_tag[CRYPTO_AEAD_TAG]);

/* Decrypts DATA where it stands. False if the tag is wrong; DATA is then
 * garbage and must not be looked at. */
bool crypto_aead_open(CryptoAead *aead, const uint8_t nonce[CRYPTO_AEAD_NONCE],
                      const uint8_t *aad, size_t aad_length, uint8_t *data,
                      size_t length, const uint8_t tag[CRYPTO_AEAD_TAG]);

#endif
