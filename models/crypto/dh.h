/* Diffie-Hellman as IKE uses it: the MODP groups of RFC 2409, 3526 and 5114,
 * the curves of RFC 5903, and X25519 (RFC 8031), by their IKE numbers.
 *
 * A CryptoDh is one key pair. A public value is always as long as the group
 * says: the prime's length, or x and y (RFC 5903 7), or 32 octets. The shared
 * secret is g^ir padded to the prime's length, or the x coordinate alone.
 *
 * Checks of the peer's value are RFC 6989's: length, 1 < y < p - 1, y in the
 * subgroup (groups 22 to 24), point on the curve; and RFC 8031's: an X25519
 * secret of zeros is refused. */

#ifndef HS_CRYPTO_DH_H
#define HS_CRYPTO_DH_H

#include "models/base/rng.h"

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CRYPTO_DH_GROUPS(X)                                                    \
    X(MODP1024, 2, "modp1024")                                                 \
    X(MODP1536, 5, "modp1536")                                                 \
    X(MODP2048, 14, "modp2048")                                                \
    X(MODP3072, 15, "modp3072")                                                \
    X(MODP4096, 16, "modp4096")                                                \
    X(MODP6144, 17, "modp6144")                                                \
    X(MODP8192, 18, "modp8192")                                                \
    X(ECP256, 19, "ecp256")                                                    \
    X(ECP384, 20, "ecp384")                                                    \
    X(ECP521, 21, "ecp521")                                                    \
    X(MODP1024_S160, 22, "modp1024s160")                                       \
    X(MODP2048_S224, 23, "modp2048s224")                                       \
    X(MODP2048_S256, 24, "modp2048s256")                                       \
    X(X25519, 31, "x25519")

typedef enum {
#define X(name, number, text) CRYPTO_DH_##name = number,
    CRYPTO_DH_GROUPS(X)
#undef X
} CryptoDhGroup;

#define CRYPTO_DH_PUBLIC_MAX 1024 /* group 18 */
#define CRYPTO_DH_SECRET_MAX 1024

/* "modp2048"; "unknown" for a group that we do not have. */
const char *crypto_dh_name(uint16_t group);

/* False, and RET_GROUP untouched, if NAME is not a group's. */
bool crypto_dh_from_name(const char *name, uint16_t *ret_group);
bool crypto_dh_supported(uint16_t group);

/* In octets; 0 for a group that we do not have. */
size_t crypto_dh_public_length(uint16_t group);
size_t crypto_dh_secret_length(uint16_t group);

typedef struct CryptoDh CryptoDh;

/* A key pair drawn from RNG; GROUP must be supported. */
CryptoDh *crypto_dh_new(uint16_t group, HsRng *rng);

/* With the private value given, big-endian (X25519: its 32 octets). For
 * published vectors, and for fuzzing with a fixed secret. */
CryptoDh *
crypto_dh_new_from_private(uint16_t group, const uint8_t *value, size_t length);
void crypto_dh_free(CryptoDh *dh); /* wipes it; NULL is fine */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(CryptoDh, crypto_dh_free)

uint16_t crypto_dh_group(const CryptoDh *dh);

/* crypto_dh_public_length() octets, borrowed. */
const uint8_t *crypto_dh_public(const CryptoDh *dh);

/* What is wrong with a peer's public value. */
#define CRYPTO_DH_FAULTS(X)                                                    \
    X(NONE, "none")                                                            \
    X(LENGTH, "length is not the group's")                                     \
    X(RANGE, "value not between 1 and p - 1")                                  \
    X(SUBGROUP, "value not in the subgroup")                                   \
    X(CURVE, "point not on the curve")                                         \
    X(ZERO, "shared secret is zero")

typedef enum {
#define X(name, text) CRYPTO_DH_FAULT_##name,
    CRYPTO_DH_FAULTS(X)
#undef X
} CryptoDhFault;

const char *crypto_dh_fault_name(CryptoDhFault fault);

/* Checks PEER and computes the secret, crypto_dh_secret_length() octets.
 * RET_SECRET is untouched on a fault. */
CryptoDhFault
crypto_dh_agree(const CryptoDh *dh, const uint8_t *peer, size_t length,
                uint8_t ret_secret[CRYPTO_DH_SECRET_MAX]);

#endif
