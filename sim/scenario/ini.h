/* The text of a scenario, read strictly: groups, keys and values with their
 * line numbers.
 *
 * The grammar is GKeyFile's, and every file accepted here means the same to
 * GKeyFile. What GKeyFile lets through silently is refused: a group or key
 * that comes twice (it merges or overwrites), a comment behind a value (it
 * becomes part of the value), text behind a group's bracket, an escape it does
 * not know, and bytes that are no text. */

#ifndef HS_SCENARIO_INI_H
#define HS_SCENARIO_INI_H

#include "sim/scenario/complaint.h"

#include <glib.h>
#include <stddef.h>

/* No scenario comes near it; a wrong file should not fill the memory. */
#define HS_INI_SIZE_MAX (4 * 1024 * 1024)

typedef struct {
    char *key;   /* owned */
    char *value; /* owned, escapes resolved */
    HsPlace place;
} HsIniEntry;

typedef struct {
    char *text; /* owned: "dx primary", single spaces */
    char *kind; /* owned: "dx" */
    char *name; /* owned: "primary", or "" */
    HsPlace place;
    GPtrArray *entries; /* owned HsIniEntry *, in the file's order */
} HsIniGroup;

/* The groups (HsIniGroup *) of DATA; what is wrong goes to COMPLAINTS and is
 * left out. Never NULL. */
GPtrArray *
hs_ini_read(const char *data, size_t length, HsComplaints *complaints);

HsIniEntry *hs_ini_group_find(const HsIniGroup *group, const char *key);

/* Makes "GROUP.KEY=VALUE" the group's only entry for that key. OVERRIDE is
 * borrowed as long as the groups live. A group that the text does not have is
 * added if ADDABLE says so of its kind, else complained about. */
void hs_ini_override(GPtrArray *groups, const char *override,
                     gboolean (*addable)(const char *kind, const char *name),
                     HsComplaints *complaints);

#endif
