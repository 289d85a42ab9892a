/* Seeded random numbers: one stream for each node and purpose.
 *
 * A stream's seed is made from the scenario's seed and the two names, so that
 * adding a node, or a draw elsewhere, never shifts another one's jitter. The
 * keys drawn from here are reproducible and therefore never secret. */

#ifndef HS_BASE_RNG_H
#define HS_BASE_RNG_H

#include "models/base/simtime.h"

#include <glib.h>
#include <stddef.h>
#include <stdint.h>

G_BEGIN_DECLS

typedef struct HsRng HsRng;

HsRng *hs_rng_new(uint64_t seed, const char *node, const char *purpose);
void hs_rng_free(HsRng *rng); /* NULL is fine */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HsRng, hs_rng_free)

uint32_t hs_rng_u32(HsRng *rng);
uint64_t hs_rng_u64(HsRng *rng);

/* In [0, 1), 53 bits. */
double hs_rng_unit(HsRng *rng);

/* An integer in [0, bound), unbiased; 0 if bound is 0. */
uint64_t hs_rng_below(HsRng *rng, uint64_t bound);

/* Uniform in [low, high], both included; low if high <= low. */
HsDuration hs_rng_uniform(HsRng *rng, HsDuration low, HsDuration high);

/* Exponential with the given mean: the gaps of a Poisson process. */
HsDuration hs_rng_exponential(HsRng *rng, HsDuration mean);

/* Standard normal. */
double hs_rng_normal(HsRng *rng);

void hs_rng_bytes(HsRng *rng, void *to, size_t length);

G_END_DECLS

#endif
