/* What real daemons did with their timers: the lines that the recorders of
 * tests/golden/bfd and tests/golden/bgp write. */

#ifndef HS_TESTS_HARNESS_GOLDEN_H
#define HS_TESTS_HARNESS_GOLDEN_H

#include <glib.h>

enum { GOLDEN_OURS, GOLDEN_THEIRS };

/* Arrays of double, in microseconds; an index is an observation. */
typedef struct {
    GArray *gaps; /* between two packets that should come regularly */
    /* By who detected: the time that was agreed, the time from the last packet
     * to the detection, and from the fault to it. */
    GArray *negotiated[2], *detected[2], *phase[2];
} GoldenFigures;

/* Of tests/golden/FOLDER/FILE, found by TOP_SRCDIR; the test fails without. */
GoldenFigures golden_figures_read(const char *folder, const char *file);
void golden_figures_clear(GoldenFigures *figures);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(GoldenFigures, golden_figures_clear)

GArray *golden_array(void); /* of double */
void golden_add(GArray *array, double value);

/* To the nearest multiples of GRAIN, in those. */
void golden_to_grains(GArray *array, double grain);

#endif
