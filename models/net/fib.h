/* A table of prefixes with longest-prefix match, for both families. Values are
 * pointers that the table does not own. A look-up touches one cache line per
 * six bits of the matched prefix, whatever the number of prefixes; a change
 * touches one node. */

#ifndef HS_NET_FIB_H
#define HS_NET_FIB_H

#include "models/base/addr.h"

#include <stddef.h>

typedef struct HsFib HsFib;

HsFib *hs_fib_new(void);
void hs_fib_free(HsFib *fib); /* NULL is fine */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HsFib, hs_fib_free)

/* Host bits of PREFIX do not matter. VALUE must not be NULL. Returns the value
 * that was there, or NULL. */
void *hs_fib_set(HsFib *fib, const HsPrefix *prefix, void *value);

/* Returns the value that was there, or NULL. */
void *hs_fib_remove(HsFib *fib, const HsPrefix *prefix);

/* This very prefix, or NULL. */
void *hs_fib_get(const HsFib *fib, const HsPrefix *prefix);

/* The longest prefix that contains the address, or NULL. */
void *hs_fib_lookup(const HsFib *fib, const HsAddr *addr);
void *hs_fib_lookup_ipv4(const HsFib *fib, uint32_t addr);

size_t hs_fib_size(const HsFib *fib);

/* In the order of hs_prefix_compare(). VISIT must not change the table. */
void hs_fib_foreach(const HsFib *fib,
                    void (*visit)(void *user_data, const HsPrefix *prefix,
                                  void *value),
                    void *user_data);

#endif
