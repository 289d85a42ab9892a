#include "config.h"

#include "models/base/distribution.h"

#include <math.h>

const char *
hs_distribution_name(HsDistributionShape shape)
{
    static const char *const names[] = {
#define X(name, text) text,
        HS_DISTRIBUTIONS(X)
#undef X
    };

    g_assert((unsigned)shape < G_N_ELEMENTS(names));
    return names[shape];
}

/* To whole nanoseconds; a NaN, as from a log of zero, counts as the cap. */
static HsDuration
span(double value)
{
    static const double cap = 24.0 * 3600.0 * 1e9;

    if (!(value < cap))
        value = cap;
    return value > 0.0 ? (HsDuration)llround(value) : 0;
}

HsDuration
hs_distribution_draw(const HsDistribution *distribution, HsRng *rng)
{
    double scale = (double)distribution->scale;
    double form = (double)distribution->form_milli / 1000.0;

    switch (distribution->shape) {
    case HS_DISTRIBUTION_NONE:
        return 0;
    case HS_DISTRIBUTION_CONSTANT:
        return distribution->scale;
    case HS_DISTRIBUTION_UNIFORM:
        return hs_rng_uniform(rng, 0, distribution->scale);
    case HS_DISTRIBUTION_NORMAL:
        return span(fabs(hs_rng_normal(rng)) * scale);
    case HS_DISTRIBUTION_EXPONENTIAL:
        return hs_rng_exponential(rng, distribution->scale);
    case HS_DISTRIBUTION_LOGNORMAL:
        return span(scale * exp(form * hs_rng_normal(rng)));
    case HS_DISTRIBUTION_PARETO:
        /* 1 - u is in (0, 1]: no division by zero. */
        return span(scale * (pow(1.0 - hs_rng_unit(rng), -1.0 / form) - 1.0));
    case HS_DISTRIBUTION_COUNT:
        break;
    }
    g_assert_not_reached();
}
