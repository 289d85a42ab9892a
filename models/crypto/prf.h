/* The pseudo-random functions of IKEv2 (RFC 7296 2.13), which are HMACs: of a
 * list of parts, and stretched to any length (prf+). */

#ifndef HS_CRYPTO_PRF_H
#define HS_CRYPTO_PRF_H

#include "models/crypto/mac.h"

typedef struct {
    const void *data; /* borrowed */
    size_t length;
} CryptoPart;

/* prf(key, parts): CRYPTO_MAC_MAX octets suffice; the length of the output is
 * returned. RET_OUT may be the same bytes as KEY. */
size_t
crypto_prf(CryptoMacAlgorithm algorithm, const uint8_t *key, size_t key_length,
           const CryptoPart *parts, size_t count, uint8_t *ret_out);

/* prf+(key, parts): LENGTH octets, at most 255 times the output of the PRF. */
void crypto_prf_plus(CryptoMacAlgorithm algorithm, const uint8_t *key,
                     size_t key_length, const CryptoPart *parts, size_t count,
                     uint8_t *ret_out, size_t length);

#endif
