/* A random span of time: the shape that a scenario names for jitter and think
 * time, and the draw from it. Draws are never negative. */

#ifndef HS_BASE_DISTRIBUTION_H
#define HS_BASE_DISTRIBUTION_H

#include "models/base/rng.h"
#include "models/base/simtime.h"

/* Name in a scenario, and what SCALE and FORM mean. */
#define HS_DISTRIBUTIONS(X)                                                    \
    X(NONE, "none")               /* always 0 */                               \
    X(CONSTANT, "constant")       /* always SCALE */                           \
    X(UNIFORM, "uniform")         /* between 0 and SCALE */                    \
    X(NORMAL, "normal")           /* |N(0, SCALE)|: SCALE is a deviation */    \
    X(EXPONENTIAL, "exponential") /* mean SCALE */                             \
    X(LOGNORMAL, "lognormal")     /* median SCALE, log deviation FORM */       \
    X(PARETO, "pareto")           /* Lomax: from 0, SCALE, tail exponent FORM */

typedef enum {
#define X(name, text) HS_DISTRIBUTION_##name,
    HS_DISTRIBUTIONS(X)
#undef X
        HS_DISTRIBUTION_COUNT
} HsDistributionShape;

typedef struct {
    HsDistributionShape shape;
    HsDuration scale;
    uint32_t form_milli; /* FORM in thousandths; 0 where the shape has none */
} HsDistribution;

const char *hs_distribution_name(HsDistributionShape shape);

/* A draw; saturates at one day, so that a heavy tail cannot leave the run. */
HsDuration hs_distribution_draw(const HsDistribution *distribution, HsRng *rng);

#endif
