/* A run told by hand, for the tests of sim/observe: facts in any order, sorted
 * by time when the story is read, and what is derived from them.
 *
 * Times are instants of the run. A test tells what it needs, then asks for a
 * fault; from there on the story is closed. */

#ifndef HS_TESTS_HARNESS_STORY_H
#define HS_TESTS_HARNESS_STORY_H

#include "sim/observe/facts.h"
#include "sim/observe/samples.h"
#include "sim/observe/timeline.h"

#include <glib.h>

typedef struct {
    GArray *written; /* HsFact */
    HsTime start, end;
    HsFacts *facts;
    HsSamples *samples;
    HsTimeline *timeline;
} Story;

#define STORY_END HS_SEC(300)

void story_init(Story *s);
void story_clear(Story *s);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Story, story_clear)

void tell(Story *s, HsFact fact);
#define TELL(story, ...) tell(story, (HsFact){__VA_ARGS__})

/* A request each 10 ms, answered after BEFORE until those due at FROM, which
 * wait for BACK (HS_TIME_NEVER: for ever); from BACK on after AFTER. */
void tell_requests(Story *s, const char *client, HsTime from, HsTime back,
                   HsDuration before, HsDuration after);

/* A probe each 10 ms with a delay of 2 ms, those sent in [FROM, BACK) lost. */
void tell_probes(Story *s, const char *direction, HsTime from, HsTime back);

/* The fault "cut" of "primary". */
void tell_fault(Story *s, HsTime t0, HsTime cleared, uint64_t touched);
void tell_bfd(Story *s, const char *node, HsTime at, const char *from,
              const char *to, const char *cause);
void tell_bgp(Story *s, const char *node, HsTime at, const char *from,
              const char *to, const char *cause);
void tell_fib(Story *s, const char *node, HsTime at, const char *from,
              const char *to);

/* Derives the timeline: nothing more is told. */
void story_close(Story *s);

/* The INDEX-th fault's timeline; closes the story. */
const HsFaultTimeline *story_fault(Story *s, guint index);

#endif
