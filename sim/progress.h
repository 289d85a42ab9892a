/* One line on a terminal that says how far something long has come and how much
 * time is left:
 *
 *   dx-cut: 43 %, 129 of 300 s, 12 s left
 *   check: 12 of 71, 2 failed, 1 min 20 s left
 *
 * It is for people who wait, so nothing is shown where standard error is no
 * terminal, nor in the first two seconds. It is wiped before anything else is
 * printed, and when it is freed.
 *
 * HsProgress may be NULL everywhere here: nothing is shown then. */

#ifndef HS_PROGRESS_H
#define HS_PROGRESS_H

#include "models/base/simtime.h"

#include <stdbool.h>
#include <stdio.h>

typedef struct HsProgress HsProgress;

/* Of WHAT, which may be NULL, on standard error; NULL if that is no terminal,
 * or a dumb one. While a GMainLoop runs the time left counts down by itself. */
HsProgress *hs_progress_new(const char *what);
void hs_progress_free(HsProgress *p);

/* DONE of ALL, of which UNIT is the name ("s"; NULL: things that are counted).
 * May be called as often as one likes: it draws a few times a second. */
void hs_progress_set(HsProgress *p, double done, double all, const char *unit);

/* What is to be said besides: "2 failed"; NULL: nothing more. */
void hs_progress_note(HsProgress *p, const char *note);

/* Takes the line away, so that something else can be printed; the next
 * hs_progress_set() draws it again. */
void hs_progress_wipe(HsProgress *p);

/* The same as callbacks, with an HsProgress * as their user data: of a
 * simulation (HsRunOptions.progress) and of children (hs_children_run()). */
void hs_progress_time(void *progress, HsTime now, HsTime end);
void hs_progress_count(void *progress, unsigned ended, unsigned all);

/* For tests: any stream, COLUMNS wide, and a clock in microseconds. */
HsProgress *hs_progress_new_full(const char *what, FILE *stream,
                                 unsigned columns, int64_t (*clock)(void));

#endif
