#include "config.h"

#include "tests/harness/ks.h"

#include <math.h>

static gint
by_value(gconstpointer a, gconstpointer b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

double
ks_distance(GArray *a, GArray *b)
{
    double most = 0;
    guint i = 0, j = 0;

    g_array_sort(a, by_value);
    g_array_sort(b, by_value);
    while (i < a->len && j < b->len) {
        double x =
            MIN(g_array_index(a, double, i), g_array_index(b, double, j));

        while (i < a->len && g_array_index(a, double, i) <= x)
            i++;
        while (j < b->len && g_array_index(b, double, j) <= x)
            j++;
        most = MAX(most, fabs((double)i / a->len - (double)j / b->len));
    }
    return most;
}

double
ks_probability(GArray *a, GArray *b)
{
    double n = sqrt((double)a->len * b->len / ((double)a->len + b->len));
    double lambda = (n + 0.12 + 0.11 / n) * ks_distance(a, b);
    double sum = 0;

    if (lambda < 0.2) /* the series converges slowly, and to 1 */
        return 1;
    for (int k = 1; k <= 100; k++)
        sum += (k % 2 == 1 ? 2 : -2) * exp(-2.0 * k * k * lambda * lambda);
    return CLAMP(sum, 0, 1);
}
