/* Paths: what [expect] calls a field of result.json.
 *
 *     link.primary.to_aws.queue_full         links[name =
 * "primary"].to_aws.queue_full fault.cut.detections.since_fault faults[name =
 * "cut"].detections[].since_fault_ms finding.BFD-OFF.count                  how
 * many of findings[] have that id
 *
 * A path is the names of the fields with dots between. A name leaves out the
 * unit at its end (_ms, _s): the limit has one. A list whose name ends with an
 * s is entered by its singular and the name of an entry, or, by the list's own
 * name, as a whole. What names an entry stands in RESULT.md, and in paths as a
 * word: capitals do not count, and what is no letter, digit, dot or underscore
 * is a hyphen ("to on-premises" is to-on-premises). Where two fields name an
 * entry the second may be left out. "count" is how many entries there are.
 *
 * A path can mean several values, and then each of them is meant. */

#ifndef HS_SCENARIO_PATH_H
#define HS_SCENARIO_PATH_H

#include "sim/scenario/format.h"

#include <glib.h>
#include <stdbool.h>

typedef struct {
    const HsFormatKind *of; /* the kind that the field is one of */
    const HsField *field;
    char *name; /* owned: of the entry meant; NULL: there is one, or all are */
} HsPathStep;

typedef struct HsPath {
    GArray *steps; /* HsPathStep, the last one is the field meant; owned */
    bool counts;   /* the entries of that one */
    HsUnit unit;   /* NONE: words, one of `words` if there are */
} HsPath;

/* NULL, and why in PROBLEM, if TEXT is no path of a result. Names are held
 * against NAMES, which may be NULL, and what RESULT.md says that there is. */
HsPath *hs_path_parse(const char *text, HsEntryNames names,
                      const void *user_data, GString *problem);
void hs_path_free(HsPath *path); /* NULL is fine */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HsPath, hs_path_free)

const HsField *hs_path_field(const HsPath *path);

/* The entries that FIELD is a list or a map of, or NULL: it is none. */
const HsFormatKind *hs_path_entries(const HsField *field);
const HsFormatKind *hs_path_kind(const char *name); /* one that there is */
const HsField *
hs_path_kind_field(const HsFormatKind *kind, const char *name); /* or NULL */

/* NAME as paths write it (transfer full). */
char *hs_path_word(const char *name);

/* Does NAME, as a path has it, mean the entry of KIND whose keys are KEYS, or
 * the entry KEYS[0] of a map? */
bool hs_path_names_entry(const HsFormatKind *kind, const char *name,
                         const char *const *keys);

/* False, and why in PROBLEM: a name is none of those. */
bool hs_path_check_names(const HsPath *path, HsEntryNames names,
                         const void *user_data, GString *problem);

/* Calls EACH for every path there is: with names where NAMES has them, which
 * may be NULL, and else with what stands for one ("link.NAME"). */
typedef void (*HsPathEach)(void *user_data, const char *path, const HsField *f,
                           HsUnit unit);
void hs_path_each(HsEntryNames names, const void *names_data, HsPathEach each,
                  void *user_data);

/* The table of paths for scenarios/README.md. */
void hs_path_manual(GString *text);

#endif
