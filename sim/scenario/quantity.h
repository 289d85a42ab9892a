/* Numbers with units, read and written exactly.
 *
 * A quantity is digits, perhaps a decimal point, and a unit that is required
 * unless the number is 0: a scenario never leaves open whether 300 is seconds.
 * A value that is no whole number of the smallest unit is refused, not
 * rounded. What is written reads back as the same value. */

#ifndef HS_SCENARIO_QUANTITY_H
#define HS_SCENARIO_QUANTITY_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#define HS_QUANTITIES(X)                                                       \
    X(NUMBER, "number")                                                        \
    X(DURATION, "duration")     /* ns */                                       \
    X(RATE, "bit rate")         /* bits per second */                          \
    X(SIZE, "size")             /* bytes */                                    \
    X(FREQUENCY, "frequency")   /* the gap in ns: 1 / frequency */             \
    X(PERCENTAGE, "percentage") /* billionths */

typedef enum {
#define X(name, text) HS_QUANTITY_##name,
    HS_QUANTITIES(X)
#undef X
} HsQuantity;

/* False, and why in PROBLEM, if TEXT is none or exceeds INT64_MAX. */
bool hs_quantity_read(HsQuantity quantity, const char *text, int64_t *ret_value,
                      GString *problem);

void hs_quantity_write(HsQuantity quantity, int64_t value, GString *text);

#endif
