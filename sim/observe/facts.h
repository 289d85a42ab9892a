/* The stream of facts: everything that was observed in a run, in the order it
 * happened.
 *
 * Append-only. Time never runs backwards in it, which is asserted; facts of
 * one instant keep the order in which they came. What a caller gets back has
 * its texts interned, so that they compare by pointer. A fact costs 40 bytes:
 * millions of them are fine. */

#ifndef HS_OBSERVE_FACTS_H
#define HS_OBSERVE_FACTS_H

#include "models/base/fact.h"

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct HsFacts HsFacts;

HsFacts *hs_facts_new(void);
void hs_facts_free(HsFacts *facts); /* NULL is fine */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HsFacts, hs_facts_free)

/* FACT (borrowed) is copied; its texts are interned here. It may not be older
 * than the one before. */
void hs_facts_append(HsFacts *facts, const HsFact *fact);

size_t hs_facts_count(const HsFacts *facts);
uint64_t hs_facts_count_of(const HsFacts *facts, HsFactKind kind);

/* INDEX counts from 0. */
HsFact hs_facts_get(const HsFacts *facts, size_t index);

/* The first fact at or after AT; hs_facts_count() if there is none. */
size_t hs_facts_from(const HsFacts *facts, HsTime at);

/* A set of kinds for hs_facts_next(). */
#define HS_FACT_BIT(kind) (UINT32_C(1) << (kind))
#define HS_FACT_ALL       UINT32_MAX

/* Walks through the facts of the kinds in KINDS: the first at or after *INDEX
 * goes to RET_FACT, and *INDEX then stands behind it. False when none is left.
 *
 *     for (size_t i = 0; hs_facts_next(facts, &i, HS_FACT_ALL, &fact);)
 */
bool hs_facts_next(const HsFacts *facts, size_t *index, uint32_t kinds,
                   HsFact *ret_fact);

#endif
