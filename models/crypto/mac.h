/* HMAC (RFC 2104) with SHA-1 and SHA-2, one key per context.
 *
 * A code is made of parts: start, add as often as needed, then end or check.
 * Truncation (RFC 2404, RFC 4868) is the length that the caller asks for. */

#ifndef HS_CRYPTO_MAC_H
#define HS_CRYPTO_MAC_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum {
    CRYPTO_MAC_HMAC_SHA1,
    CRYPTO_MAC_HMAC_SHA2_256,
    CRYPTO_MAC_HMAC_SHA2_384,
    CRYPTO_MAC_HMAC_SHA2_512,
} CryptoMacAlgorithm;

#define CRYPTO_MAC_MAX 64

typedef struct CryptoMac CryptoMac;

CryptoMac *crypto_mac_new(CryptoMacAlgorithm algorithm, const uint8_t *key,
                          size_t key_length);

/* Wipes the key. NULL is fine. */
void crypto_mac_free(CryptoMac *mac);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(CryptoMac, crypto_mac_free)

/* Bytes of a whole code: 20, 32, 48 or 64. */
size_t crypto_mac_length(const CryptoMac *mac);

void crypto_mac_start(CryptoMac *mac);
void crypto_mac_add(CryptoMac *mac, const uint8_t *data, size_t length);

/* The first LENGTH bytes of the code. */
void crypto_mac_end(CryptoMac *mac, uint8_t *ret_code, size_t length);

/* Whether the first LENGTH bytes are CODE, in a time that does not tell where
 * they differ. */
bool crypto_mac_check(CryptoMac *mac, const uint8_t *code, size_t length);

#endif
