/* The Kolmogorov-Smirnov test of two samples: do they come from one
 * distribution? */

#ifndef HS_TESTS_HARNESS_KS_H
#define HS_TESTS_HARNESS_KS_H

#include <glib.h>

/* Both are arrays of double, and sorted by the call. The largest distance of
 * the two empirical distribution functions. */
double ks_distance(GArray *a, GArray *b);

/* How likely a distance as large is by chance (the limit distribution with
 * Stephens's correction for small samples; ties make it err on the side of
 * "alike"). */
double ks_probability(GArray *a, GArray *b);

#endif
