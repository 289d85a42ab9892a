/* What the files of this folder share about libgcrypt. Not for others. */

#ifndef HS_CRYPTO_GCRYPT_H
#define HS_CRYPTO_GCRYPT_H

#include <gcrypt.h>

/* Starts libgcrypt; to be called before anything else of it. */
void crypto_gcrypt_start(void);

/* A call that can only fail by a fault of ours. WHAT names it. */
void crypto_gcrypt_must(gcry_error_t error, const char *what);

/* The AES of KEY_LENGTH bytes; asserts that there is one. */
int crypto_gcrypt_aes(size_t key_length);

#endif
