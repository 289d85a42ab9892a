#include "config.h"

#include "tests/bench/measure.h"

#include <stdlib.h>
#include <time.h>

unsigned
bench_rounds(unsigned given)
{
    const char *text = getenv("BENCH_ROUNDS");
    unsigned long rounds = text != NULL ? strtoul(text, NULL, 10) : given;

    return rounds > 0 && rounds < 10000 ? (unsigned)rounds : given;
}

double
bench_cpu_seconds(void)
{
    struct timespec t;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static int
compare(const void *a, const void *b)
{
    const double *left = a, *right = b;

    return *left < *right ? -1 : *left > *right;
}

BenchSpread
bench_spread(double *values, unsigned n)
{
    qsort(values, n, sizeof *values, compare);
    return (BenchSpread){values[n / 2], values[0], values[n - 1]};
}
