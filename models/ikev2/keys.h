/* The keys of an IKE SA and of its child SAs (RFC 7296 2.13 to 2.18), AUTH by
 * shared key, and the two hashes of IKE_SA_INIT. All that is secret is in
 * fixed-size structs whose _clear wipes it. */

#ifndef HS_IKEV2_KEYS_H
#define HS_IKEV2_KEYS_H

#include "models/base/addr.h"
#include "models/ikev2/payload.h"
#include "models/ikev2/proposal.h"

#define IKE_KEY_MAX   64 /* a PRF or integrity key: SHA2-512 */
#define IKE_SALT_MAX  4  /* behind the key of an AEAD: RFC 5282 7.1 */
#define IKE_CRYPT_MAX 36 /* AES-256 and a salt */
#define IKE_AUTH_MAX  64 /* an AUTH by shared key: the PRF's output */

/* Lengths in octets of what a suite needs. */
size_t ike_prf_length(uint16_t prf); /* of its output and keys */
size_t ike_integ_key_length(uint16_t integ);
size_t ike_integ_icv_length(uint16_t integ);

/* Of SK_e, or of an ESP key: with the salt. */
size_t ike_cipher_key_length(uint16_t encr, uint16_t key_bits);

typedef struct {
    uint8_t d[IKE_KEY_MAX];
    uint8_t ai[IKE_KEY_MAX], ar[IKE_KEY_MAX];     /* empty with an AEAD */
    uint8_t ei[IKE_CRYPT_MAX], er[IKE_CRYPT_MAX]; /* AEAD: key, then salt */
    uint8_t pi[IKE_KEY_MAX], pr[IKE_KEY_MAX];
    size_t d_length, a_length, e_length; /* p is as long as d */
} IkeSaKeys;

void ike_sa_keys_clear(IkeSaKeys *keys);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(IkeSaKeys, ike_sa_keys_clear)

/* What both directions of derivation take. */
typedef struct {
    IkeBytes ni, nr;
    uint64_t spi_i, spi_r;
    IkeBytes shared; /* g^ir, padded to its full length */
} IkeKeySeed;

/* 2.14: the first keys of an IKE SA. */
void ike_sa_keys_derive(IkeSaKeys *ret_keys, const IkeSuite *suite,
                        const IkeKeySeed *seed);

/* 2.18: those of the SA that replaces another. OLD_D is the old SA's SK_d and
 * OLD_PRF its PRF; SEED holds the new SPIs, nonces and secret. */
void ike_sa_keys_rekey(IkeSaKeys *ret_keys, const IkeSuite *suite,
                       const IkeKeySeed *seed, uint16_t old_prf,
                       const uint8_t *old_d, size_t old_d_length);

/* A child SA's keys (2.17), of one direction each. */
typedef struct {
    uint8_t encr[IKE_CRYPT_MAX]; /* AEAD: key, then salt */
    uint8_t integ[IKE_KEY_MAX];
} IkeKeymatWay;

typedef struct {
    IkeKeymatWay i, r; /* initiator to responder of the exchange; back */
    size_t encr_length, integ_length;
} IkeKeymat;

void ike_keymat_clear(IkeKeymat *keys);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(IkeKeymat, ike_keymat_clear)

/* PRF and D are the IKE SA's. SHARED: the exchange's own g^ir, empty without
 * PFS. The nonces are those of the exchange that makes the child: of
 * IKE_SA_INIT for the first one. */
void ike_keymat_derive(IkeKeymat *ret_keys, const IkeSuite *child, uint16_t prf,
                       const uint8_t *d, size_t d_length, IkeBytes shared,
                       IkeBytes ni, IkeBytes nr);

/* 2.15, AUTH of one side: MESSAGE is its first message (the one of IKE_SA_INIT
 * that was answered, cookie and all), NONCE the other side's, ID_BODY its own
 * ID payload's body, SK_P its own key of that name. */
typedef struct {
    IkeBytes message;
    IkeBytes nonce;
    IkeBytes id_body;
    const uint8_t *sk_p; /* borrowed, as long as the PRF's output */
} IkeAuthInput;

/* Writes ike_prf_length(PRF) octets. */
void ike_auth_shared_key(uint8_t ret_auth[IKE_AUTH_MAX], uint16_t prf,
                         const IkeAuthInput *input, IkeBytes psk);

/* The octets that a signature covers (transfer full). */
GBytes *ike_auth_octets(uint16_t prf, const IkeAuthInput *input);

/* Comparison in a time that does not tell where they differ. */
bool ike_bytes_equal(IkeBytes a, IkeBytes b);

/* 2.23: the data of NAT_DETECTION_SOURCE_IP and _DESTINATION_IP. */
void ike_nat_hash(uint8_t ret_hash[IKE_NAT_HASH], uint64_t spi_i,
                  uint64_t spi_r, const HsAddr *addr, uint16_t port);

/* 2.6: a stateless cookie, <version><HMAC-SHA2-256(secret, Ni | IPi | SPIi)>,
 * so that a cookie of the secret before the last change is known as such. */
#define IKE_COOKIE_LENGTH 33
#define IKE_COOKIE_SECRET 32

void ike_cookie(uint8_t ret_cookie[IKE_COOKIE_LENGTH], uint8_t version,
                const uint8_t secret[IKE_COOKIE_SECRET], IkeBytes ni,
                const HsAddr *addr, uint64_t spi_i);

#endif
