/* Diffie-Hellman on libgcrypt.
 *
 * A group's numbers are parsed once, when it is used first, and kept until the
 * process ends. (The context of a curve is also libgcrypt's scratch space: one
 * thread at a time, like all cores.)
 *
 * Private values of the MODP groups with a safe prime are drawn with twice as
 * many bits as the group has strength (the first estimate of RFC 3526 8), not
 * with the length of the prime: exponentiation takes a tenth of the time, and
 * an attacker who can find a 256-bit exponent can as well break the group. In
 * the groups with a subgroup, and on the curves, they are drawn below the
 * order.
 *
 * What libgcrypt does not check is checked here: that a point is on its curve,
 * and that X25519 did not give zeros. */

#include "config.h"

#include "models/crypto/dh.h"

#include "models/crypto/dh_primes.h"
#include "models/crypto/gcrypt.h"

#include <string.h>

typedef enum {
    KIND_SAFE,     /* p = 2q + 1, generator 2 */
    KIND_SUBGROUP, /* generator of a small subgroup */
    KIND_CURVE,
    KIND_X25519,
} Kind;

#define X25519_LENGTH 32

/* Above the longest private value: 416 bits (group 18), or the order of P-521
 * with eight octets more. */
#define PRIVATE_MAX 80

typedef struct {
    uint16_t number;
    Kind kind;
    size_t length;       /* of the prime, octets */
    size_t private_bits; /* KIND_SAFE */
    const char *p, *g, *q;
    const char *curve; /* libgcrypt's name */
} Group;

static const Group groups[] = {
    {2, KIND_SAFE, 128, 256, crypto_dh_modp1024, "2", NULL, NULL},
    {5, KIND_SAFE, 192, 256, crypto_dh_modp1536, "2", NULL, NULL},
    {14, KIND_SAFE, 256, 256, crypto_dh_modp2048, "2", NULL, NULL},
    {15, KIND_SAFE, 384, 288, crypto_dh_modp3072, "2", NULL, NULL},
    {16, KIND_SAFE, 512, 320, crypto_dh_modp4096, "2", NULL, NULL},
    {17, KIND_SAFE, 768, 384, crypto_dh_modp6144, "2", NULL, NULL},
    {18, KIND_SAFE, 1024, 416, crypto_dh_modp8192, "2", NULL, NULL},
    {19, KIND_CURVE, 32, 0, NULL, NULL, NULL, "NIST P-256"},
    {20, KIND_CURVE, 48, 0, NULL, NULL, NULL, "NIST P-384"},
    {21, KIND_CURVE, 66, 0, NULL, NULL, NULL, "NIST P-521"},
    {22, KIND_SUBGROUP, 128, 0, crypto_dh_modp1024_s160,
     crypto_dh_modp1024_s160_g, crypto_dh_modp1024_s160_q, NULL},
    {23, KIND_SUBGROUP, 256, 0, crypto_dh_modp2048_s224,
     crypto_dh_modp2048_s224_g, crypto_dh_modp2048_s224_q, NULL},
    {24, KIND_SUBGROUP, 256, 0, crypto_dh_modp2048_s256,
     crypto_dh_modp2048_s256_g, crypto_dh_modp2048_s256_q, NULL},
    {31, KIND_X25519, X25519_LENGTH, 0, NULL, NULL, NULL, NULL},
};

/* The same, as libgcrypt takes it. */
typedef struct {
    gcry_mpi_t p, g, q; /* q: of a curve, its order; NULL for a safe prime */
    gcry_ctx_t curve;
    gcry_mpi_point_t base;
} Numbers;

struct CryptoDh {
    const Group *group; /* static */
    uint8_t private[PRIVATE_MAX];
    size_t private_length;
    uint8_t *public; /* owned */
};

static const Group *
find_group(uint16_t number)
{
    for (size_t i = 0; i < G_N_ELEMENTS(groups); i++)
        if (groups[i].number == number)
            return &groups[i];
    return NULL;
}

const char *
crypto_dh_name(uint16_t group)
{
    switch (group) {
#define X(name, number, text)                                                  \
    case number:                                                               \
        return text;
        CRYPTO_DH_GROUPS(X)
#undef X
    default:
        return "unknown";
    }
}

bool
crypto_dh_from_name(const char *name, uint16_t *ret_group)
{
    for (size_t i = 0; i < G_N_ELEMENTS(groups); i++) {
        if (strcmp(name, crypto_dh_name(groups[i].number)) != 0)
            continue;
        *ret_group = groups[i].number;
        return true;
    }
    return false;
}

bool
crypto_dh_supported(uint16_t group)
{
    return find_group(group) != NULL;
}

static size_t
public_length(const Group *group)
{
    return group->kind == KIND_CURVE ? 2 * group->length : group->length;
}

size_t
crypto_dh_public_length(uint16_t group)
{
    const Group *g = find_group(group);

    return g == NULL ? 0 : public_length(g);
}

size_t
crypto_dh_secret_length(uint16_t group)
{
    const Group *g = find_group(group);

    return g == NULL ? 0 : g->length;
}

const char *
crypto_dh_fault_name(CryptoDhFault fault)
{
    switch (fault) {
#define X(name, text)                                                          \
    case CRYPTO_DH_FAULT_##name:                                               \
        return text;
        CRYPTO_DH_FAULTS(X)
#undef X
    }
    g_assert_not_reached();
}

/* Numbers */

static gcry_mpi_t
mpi_of_hex(const char *hex)
{
    gcry_mpi_t n = NULL;

    if (hex != NULL)
        crypto_gcrypt_must(gcry_mpi_scan(&n, GCRYMPI_FMT_HEX, hex, 0, NULL),
                           "read a number of a group");
    return n;
}

static gcry_mpi_t
mpi_of_bytes(const uint8_t *data, size_t length)
{
    gcry_mpi_t n;

    crypto_gcrypt_must(gcry_mpi_scan(&n, GCRYMPI_FMT_USG, data, length, NULL),
                       "read a number");
    return n;
}

/* Big-endian, with leading zeros: RFC 7296 2.14. */
static void
bytes_of_mpi(gcry_mpi_t n, uint8_t *to, size_t length)
{
    size_t written, bytes = (gcry_mpi_get_nbits(n) + 7) / 8;

    g_assert(bytes <= length);
    memset(to, 0, length);
    crypto_gcrypt_must(gcry_mpi_print(GCRYMPI_FMT_USG, to + length - bytes,
                                      bytes, &written, n),
                       "write a number");
}

static const Numbers *
numbers_of(const Group *group)
{
    static Numbers all[G_N_ELEMENTS(groups)];
    Numbers *n = &all[group - groups];

    if (n->p != NULL)
        return n;
    crypto_gcrypt_start();
    if (group->kind == KIND_CURVE) {
        crypto_gcrypt_must(gcry_mpi_ec_new(&n->curve, NULL, group->curve),
                           "make a curve");
        n->p = gcry_mpi_ec_get_mpi("p", n->curve, 1);
        n->q = gcry_mpi_ec_get_mpi("n", n->curve, 1);
        n->base = gcry_mpi_ec_get_point("g", n->curve, 1);
    } else {
        n->p = mpi_of_hex(group->p);
        n->g = mpi_of_hex(group->g);
        n->q = mpi_of_hex(group->q);
    }
    return n;
}

/* Key pairs */

static void
curve_multiply(const Group *group, const CryptoDh *dh, gcry_mpi_point_t by,
               gcry_mpi_t ret_x, gcry_mpi_t ret_y)
{
    const Numbers *n = numbers_of(group);
    gcry_mpi_t scalar = mpi_of_bytes(dh->private, dh->private_length);
    gcry_mpi_point_t product = gcry_mpi_point_new(0);

    gcry_mpi_ec_mul(product, scalar, by, n->curve);
    /* Not zero: the order is prime, and the scalar is below it. */
    g_assert(gcry_mpi_ec_get_affine(ret_x, ret_y, product, n->curve) == 0);
    gcry_mpi_point_release(product);
    gcry_mpi_release(scalar);
}

/* RFC 7748 5; a NULL point is the base point. */
static void
x25519(const CryptoDh *dh, const uint8_t *point, uint8_t *ret)
{
    crypto_gcrypt_start();
    crypto_gcrypt_must(
        gcry_ecc_mul_point(GCRY_ECC_CURVE25519, ret, dh->private, point),
        "multiply on Curve25519");
}

static void
modp_power(const CryptoDh *dh, gcry_mpi_t base, uint8_t *ret)
{
    const Numbers *n = numbers_of(dh->group);
    gcry_mpi_t exponent = mpi_of_bytes(dh->private, dh->private_length);
    gcry_mpi_t power = gcry_mpi_new(0);

    gcry_mpi_powm(power, base, exponent, n->p);
    bytes_of_mpi(power, ret, dh->group->length);
    gcry_mpi_release(power);
    gcry_mpi_release(exponent);
}

static void
compute_public(CryptoDh *dh)
{
    const Group *group = dh->group;

    dh->public = g_malloc0(public_length(group));
    switch (group->kind) {
    case KIND_SAFE:
    case KIND_SUBGROUP:
        modp_power(dh, numbers_of(group)->g, dh->public);
        return;
    case KIND_CURVE: {
        gcry_mpi_t x = gcry_mpi_new(0), y = gcry_mpi_new(0);

        curve_multiply(group, dh, numbers_of(group)->base, x, y);
        bytes_of_mpi(x, dh->public, group->length);
        bytes_of_mpi(y, dh->public + group->length, group->length);
        gcry_mpi_release(x);
        gcry_mpi_release(y);
        return;
    }
    case KIND_X25519:
        x25519(dh, NULL, dh->public);
        return;
    }
    g_assert_not_reached();
}

CryptoDh *
crypto_dh_new_from_private(uint16_t group, const uint8_t *value, size_t length)
{
    CryptoDh *dh = g_new0(CryptoDh, 1);

    dh->group = find_group(group);
    g_assert(dh->group != NULL && length > 0 && length <= PRIVATE_MAX);
    g_assert(dh->group->kind != KIND_X25519 || length == X25519_LENGTH);
    memcpy(dh->private, value, length);
    dh->private_length = length;
    if (dh->group->kind == KIND_X25519) {
        dh->private[0] &= 0xf8;
        dh->private[31] = (dh->private[31] & 0x7f) | 0x40;
    }
    compute_public(dh);
    return dh;
}

/* In [1, q - 1]. Eight octets more than q are drawn, so that the remainder
 * favours nothing to speak of (FIPS 186-5 A.2.1). */
static size_t
draw_below_order(const Group *group, HsRng *rng, uint8_t *to)
{
    const Numbers *n = numbers_of(group);
    size_t length = (gcry_mpi_get_nbits(n->q) + 7) / 8;
    gcry_mpi_t value, top = gcry_mpi_new(0);

    hs_rng_bytes(rng, to, length + 8);
    value = mpi_of_bytes(to, length + 8);
    gcry_mpi_sub_ui(top, n->q, 1);
    gcry_mpi_mod(value, value, top);
    gcry_mpi_add_ui(value, value, 1);
    bytes_of_mpi(value, to, length);
    gcry_mpi_release(top);
    gcry_mpi_release(value);
    return length;
}

CryptoDh *
crypto_dh_new(uint16_t group, HsRng *rng)
{
    const Group *g = find_group(group);
    uint8_t value[PRIVATE_MAX];
    size_t length = 0;
    CryptoDh *dh;

    g_assert(g != NULL);
    switch (g->kind) {
    case KIND_SAFE:
        length = g->private_bits / 8;
        hs_rng_bytes(rng, value, length);
        value[0] |= 0x80; /* neither 0 nor short */
        break;
    case KIND_SUBGROUP:
    case KIND_CURVE:
        length = draw_below_order(g, rng, value);
        break;
    case KIND_X25519:
        length = X25519_LENGTH;
        hs_rng_bytes(rng, value, length);
        break;
    }
    dh = crypto_dh_new_from_private(group, value, length);
    explicit_bzero(value, sizeof value);
    return dh;
}

void
crypto_dh_free(CryptoDh *dh)
{
    if (dh == NULL)
        return;
    explicit_bzero(dh->private, sizeof dh->private);
    g_free(dh->public);
    g_free(dh);
}

uint16_t
crypto_dh_group(const CryptoDh *dh)
{
    return dh->group->number;
}

const uint8_t *
crypto_dh_public(const CryptoDh *dh)
{
    return dh->public;
}

/* Agreement */

/* RFC 6989 2.1; 2.2 for a subgroup: there the order is checked always, and not
 * only where private values are used again. */
static CryptoDhFault
check_modp(const Group *group, gcry_mpi_t y)
{
    const Numbers *n = numbers_of(group);
    gcry_mpi_t t = gcry_mpi_new(0);
    CryptoDhFault fault = CRYPTO_DH_FAULT_NONE;

    gcry_mpi_sub_ui(t, n->p, 1);
    if (gcry_mpi_cmp_ui(y, 1) <= 0 || gcry_mpi_cmp(y, t) >= 0) {
        fault = CRYPTO_DH_FAULT_RANGE;
    } else if (group->kind == KIND_SUBGROUP) {
        gcry_mpi_powm(t, y, n->q, n->p);
        if (gcry_mpi_cmp_ui(t, 1) != 0)
            fault = CRYPTO_DH_FAULT_SUBGROUP;
    }
    gcry_mpi_release(t);
    return fault;
}

static CryptoDhFault
agree_modp(const CryptoDh *dh, const uint8_t *peer, uint8_t *ret_secret)
{
    gcry_mpi_t y = mpi_of_bytes(peer, dh->group->length);
    CryptoDhFault fault = check_modp(dh->group, y);

    if (fault == CRYPTO_DH_FAULT_NONE)
        modp_power(dh, y, ret_secret);
    gcry_mpi_release(y);
    return fault;
}

/* RFC 6989 2.3: coordinates below p, point on the curve. The order of these
 * curves is prime, so that is all; and zero has no coordinates. */
static CryptoDhFault
agree_curve(const CryptoDh *dh, const uint8_t *peer, uint8_t *ret_secret)
{
    const Group *group = dh->group;
    const Numbers *n = numbers_of(group);
    gcry_mpi_t x = mpi_of_bytes(peer, group->length);
    gcry_mpi_t y = mpi_of_bytes(peer + group->length, group->length);
    gcry_mpi_point_t point = gcry_mpi_point_set(NULL, x, y, GCRYMPI_CONST_ONE);
    CryptoDhFault fault = CRYPTO_DH_FAULT_NONE;

    if (gcry_mpi_cmp(x, n->p) >= 0 || gcry_mpi_cmp(y, n->p) >= 0) {
        fault = CRYPTO_DH_FAULT_RANGE;
    } else if (!gcry_mpi_ec_curve_point(point, n->curve)) {
        fault = CRYPTO_DH_FAULT_CURVE;
    } else {
        curve_multiply(group, dh, point, x, y);
        bytes_of_mpi(x, ret_secret, group->length);
    }
    gcry_mpi_point_release(point);
    gcry_mpi_release(x);
    gcry_mpi_release(y);
    return fault;
}

static CryptoDhFault
agree_x25519(const CryptoDh *dh, const uint8_t *peer, uint8_t *ret_secret)
{
    uint8_t secret[X25519_LENGTH];
    uint8_t any = 0;

    x25519(dh, peer, secret);
    for (size_t i = 0; i < sizeof secret; i++)
        any |= secret[i];
    if (any == 0)
        return CRYPTO_DH_FAULT_ZERO; /* RFC 8031 2.3 */
    memcpy(ret_secret, secret, sizeof secret);
    explicit_bzero(secret, sizeof secret);
    return CRYPTO_DH_FAULT_NONE;
}

CryptoDhFault
crypto_dh_agree(const CryptoDh *dh, const uint8_t *peer, size_t length,
                uint8_t ret_secret[CRYPTO_DH_SECRET_MAX])
{
    /* RFC 7296 3.4 and RFC 5903 7: leading zeros are part of the value. */
    if (length != public_length(dh->group))
        return CRYPTO_DH_FAULT_LENGTH;
    switch (dh->group->kind) {
    case KIND_SAFE:
    case KIND_SUBGROUP:
        return agree_modp(dh, peer, ret_secret);
    case KIND_CURVE:
        return agree_curve(dh, peer, ret_secret);
    case KIND_X25519:
        return agree_x25519(dh, peer, ret_secret);
    }
    g_assert_not_reached();
}
