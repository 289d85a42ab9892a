/* The generator is GLib's (Mersenne Twister), seeded with the SHA-256 of the
 * stream's name. Distributions are computed here from its integers, because
 * the order in which a library consumes them is not part of its interface. */

#include "config.h"

#include "models/base/rng.h"

#include <math.h>
#include <string.h>

struct HsRng {
    GRand *rand; /* owned */
};

HsRng *
hs_rng_new(uint64_t seed, const char *node, const char *purpose)
{
    HsRng *rng = g_new0(HsRng, 1);
    g_autoptr(GChecksum) sum = g_checksum_new(G_CHECKSUM_SHA256);
    g_autofree char *name =
        g_strdup_printf("%" G_GUINT64_FORMAT "/%s/%s", seed, node, purpose);
    guint8 digest[32];
    guint32 words[8];
    gsize length = sizeof digest;

    g_checksum_update(sum, (const guchar *)name, (gssize)strlen(name));
    g_checksum_get_digest(sum, digest, &length);
    for (unsigned i = 0; i < 8; i++)
        words[i] = (guint32)digest[4 * i] << 24 |
                   (guint32)digest[4 * i + 1] << 16 |
                   (guint32)digest[4 * i + 2] << 8 | digest[4 * i + 3];
    rng->rand = g_rand_new_with_seed_array(words, G_N_ELEMENTS(words));
    return rng;
}

void
hs_rng_free(HsRng *rng)
{
    if (rng == NULL)
        return;
    g_rand_free(rng->rand);
    g_free(rng);
}

uint32_t
hs_rng_u32(HsRng *rng)
{
    return g_rand_int(rng->rand);
}

uint64_t
hs_rng_u64(HsRng *rng)
{
    uint64_t high = hs_rng_u32(rng);

    return high << 32 | hs_rng_u32(rng);
}

double
hs_rng_unit(HsRng *rng)
{
    return (double)(hs_rng_u64(rng) >> 11) * 0x1p-53;
}

uint64_t
hs_rng_below(HsRng *rng, uint64_t bound)
{
    uint64_t draw, spare;

    if (bound == 0)
        return 0;
    spare = (UINT64_MAX % bound + 1) % bound;
    do
        draw = hs_rng_u64(rng);
    while (draw > UINT64_MAX - spare);
    return draw % bound;
}

HsDuration
hs_rng_uniform(HsRng *rng, HsDuration low, HsDuration high)
{
    if (high <= low)
        return low;
    return low + (HsDuration)hs_rng_below(rng, (uint64_t)(high - low) + 1);
}

HsDuration
hs_rng_exponential(HsRng *rng, HsDuration mean)
{
    return (HsDuration)llround(-log1p(-hs_rng_unit(rng)) * (double)mean);
}

double
hs_rng_normal(HsRng *rng)
{
    double radius = sqrt(-2 * log1p(-hs_rng_unit(rng)));

    return radius * cos(2 * G_PI * hs_rng_unit(rng));
}

void
hs_rng_bytes(HsRng *rng, void *to, size_t length)
{
    uint8_t *at = to;

    for (size_t i = 0; i < length; i += 4) {
        uint32_t word = hs_rng_u32(rng);

        for (size_t j = i; j < length && j < i + 4; j++, word >>= 8)
            at[j] = (uint8_t)(word & 0xff);
    }
}
