/* What is wrong with a scenario: one line for each thing, with its place and,
 * where a word was mistaken, the nearest one that would have been right. */

#ifndef HS_SCENARIO_COMPLAINT_H
#define HS_SCENARIO_COMPLAINT_H

#include <glib.h>

/* How many an error message prints; the rest are counted. */
#define HS_COMPLAINTS_SHOWN 10

typedef struct {
    char *path;       /* owned */
    GPtrArray *lines; /* owned */
} HsComplaints;

/* A place: a line of the file, or an override as it was given. */
typedef struct {
    unsigned line;   /* 0: not in the file */
    const char *set; /* borrowed, or NULL */
} HsPlace;

void hs_complaints_init(HsComplaints *c, const char *path);
void hs_complaints_clear(HsComplaints *c);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(HsComplaints, hs_complaints_clear)

/* GROUP ("dx primary") and KEY may be NULL. */
void hs_complain(HsComplaints *c, HsPlace place, const char *group,
                 const char *key, const char *format, ...) G_GNUC_PRINTF(5, 6);

/* All of them as one text, in the order of the file. */
char *hs_complaints_text(const HsComplaints *c);

/* The candidate (const char *) nearest to WORD, or NULL if none is near. */
const char *hs_nearest(const char *word, const GPtrArray *candidates);

/* Appends `; did you mean "…"?`, or, if none is near, `; expected one of …`, or
 * the few nearest of very many; nothing if there are no candidates. */
void hs_suggest(GString *text, const char *word, const GPtrArray *candidates);

#endif
