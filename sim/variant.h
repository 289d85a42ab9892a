/* A variant of a scenario: its file with other values, less or more groups,
 * written as a file of its own. So what survive and compare run can be run
 * again by hand, with a capture, or be opened and read. */

#ifndef HS_VARIANT_H
#define HS_VARIANT_H

#include <glib.h>
#include <stdbool.h>

typedef struct HsVariant HsVariant;

/* FILE as it is with SETS (ended by NULL, or NULL), which a scenario has
 * already been loaded with. NULL: it cannot be read. */
HsVariant *hs_variant_new(const char *file, char *const *sets, GError **error);
HsVariant *hs_variant_copy(const HsVariant *variant);
void hs_variant_free(HsVariant *variant); /* NULL is fine */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HsVariant, hs_variant_free)

/* Every group of KIND goes. */
void hs_variant_drop(HsVariant *variant, const char *kind);

/* KEY of GROUP ("fault cut"), which is made if it is not there. */
void hs_variant_set(HsVariant *variant, const char *group, const char *key,
                    const char *value);
void hs_variant_unset(HsVariant *variant, const char *group, const char *key);

/* What runs beside the two clients: bulk streams, and a capture that is played.
 * Their times are those of the scenario, and the capture's path is, too. */
void hs_variant_drop_load(HsVariant *variant);

/* COMMENT's lines go to its head. */
bool hs_variant_write(const HsVariant *variant, const char *path,
                      const char *comment, GError **error);

#endif
