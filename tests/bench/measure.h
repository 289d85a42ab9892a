/* What the benchmarks share: rounds, processor time and medians.
 *
 * Each benchmark compares two ways in one process, in turns, and what it
 * prints first is a ratio: another load on the machine falls on both. */

#ifndef HS_TESTS_BENCH_MEASURE_H
#define HS_TESTS_BENCH_MEASURE_H

#include <glib.h>

G_BEGIN_DECLS

/* GIVEN, or what BENCH_ROUNDS in the environment says instead: at least 1. */
unsigned bench_rounds(unsigned given);

/* Of this process so far. */
double bench_cpu_seconds(void);

typedef struct {
    double median, least, most;
} BenchSpread;

/* Sorts VALUES. */
BenchSpread bench_spread(double *values, unsigned n);

G_END_DECLS

#endif
