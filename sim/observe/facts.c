/* The stream of facts.
 *
 * Most of a fact's texts repeat: "request, on the database host, of the
 * persistent client, on this connection" is said a hundred thousand times.
 * So what a fact has besides its numbers is kept once, as a shape, and a fact
 * is a shape's number and four numbers of its own: 40 bytes instead of 96, in
 * blocks that never move. A shape is looked up by its pointers first, as
 * they came, in a small table without chains; only if it is not there are its
 * texts interned and looked up by value. */

#include "config.h"

#include "sim/observe/facts.h"

#include <string.h>

#define BLOCK_FACTS 8192
#define CACHE_SLOTS 1024

typedef struct {
    HsTime at;
    uint64_t id;
    int64_t value;
    uint64_t packet;
    uint32_t shape;
} Record;

/* All but the numbers. The texts of those in `shapes` are interned. */
typedef struct {
    const char *node, *subject, *peer, *from, *to, *cause, *link;
    uintptr_t kind; /* as wide as the rest: no padding, so it may be hashed */
} Shape;

typedef struct {
    Shape as_given;
    uint32_t number;
    bool used;
} CacheSlot;

struct HsFacts {
    GPtrArray *blocks; /* of BLOCK_FACTS records each; owned */
    size_t count;
    uint64_t count_of[HS_FACT_KIND_COUNT];
    GPtrArray *shapes;   /* Shape *, owned */
    GHashTable *numbers; /* Shape * (borrowed from shapes) to its number */
    CacheSlot cache[CACHE_SLOTS];
    HsTime last;
};

static guint
shape_hash(gconstpointer key)
{
    const uintptr_t *words = key;
    uint64_t hash = UINT64_C(0xcbf29ce484222325);

    for (size_t i = 0; i < sizeof(Shape) / sizeof(uintptr_t); i++)
        hash = (hash ^ words[i]) * UINT64_C(0x9e3779b97f4a7c15);
    return (guint)(hash >> 32);
}

static gboolean
shape_equal(gconstpointer a, gconstpointer b)
{
    return memcmp(a, b, sizeof(Shape)) == 0;
}

HsFacts *
hs_facts_new(void)
{
    HsFacts *facts = g_new0(HsFacts, 1);

    G_STATIC_ASSERT(sizeof(Record) == 40);
    G_STATIC_ASSERT(sizeof(Shape) == 8 * sizeof(uintptr_t));
    G_STATIC_ASSERT(HS_FACT_KIND_COUNT <= 32);
    facts->blocks = g_ptr_array_new_with_free_func(g_free);
    facts->shapes = g_ptr_array_new_with_free_func(g_free);
    facts->numbers = g_hash_table_new(shape_hash, shape_equal);
    facts->last = INT64_MIN;
    return facts;
}

void
hs_facts_free(HsFacts *facts)
{
    if (facts == NULL)
        return;
    g_ptr_array_unref(facts->blocks);
    g_hash_table_unref(facts->numbers);
    g_ptr_array_unref(facts->shapes);
    g_free(facts);
}

static uint32_t
number_of_interned(HsFacts *facts, const Shape *given)
{
    Shape shape = {
        .node = g_intern_string(given->node),
        .subject = g_intern_string(given->subject),
        .peer = g_intern_string(given->peer),
        .from = g_intern_string(given->from),
        .to = g_intern_string(given->to),
        .cause = g_intern_string(given->cause),
        .link = g_intern_string(given->link),
        .kind = given->kind,
    };
    Shape *copy;
    gpointer number;

    if (g_hash_table_lookup_extended(facts->numbers, &shape, NULL, &number))
        return GPOINTER_TO_UINT(number);
    copy = g_memdup2(&shape, sizeof shape);
    g_hash_table_insert(facts->numbers, copy,
                        GUINT_TO_POINTER(facts->shapes->len));
    g_ptr_array_add(facts->shapes, copy);
    return facts->shapes->len - 1;
}

static uint32_t
shape_number(HsFacts *facts, const HsFact *fact)
{
    Shape given = {
        .node = fact->node,
        .subject = fact->subject,
        .peer = fact->peer,
        .from = fact->from,
        .to = fact->to,
        .cause = fact->cause,
        .link = fact->evidence.link,
        .kind = fact->kind,
    };
    CacheSlot *slot = &facts->cache[shape_hash(&given) % CACHE_SLOTS];

    if (!slot->used || !shape_equal(&slot->as_given, &given)) {
        slot->number = number_of_interned(facts, &given);
        slot->as_given = given;
        slot->used = true;
    }
    return slot->number;
}

void
hs_facts_append(HsFacts *facts, const HsFact *fact)
{
    size_t place = facts->count % BLOCK_FACTS;
    Record *block;

    g_assert(fact->at >= facts->last);
    g_assert((unsigned)fact->kind < HS_FACT_KIND_COUNT);
    if (place == 0)
        g_ptr_array_add(facts->blocks, g_new(Record, BLOCK_FACTS));
    block = g_ptr_array_index(facts->blocks, facts->blocks->len - 1);
    block[place] = (Record){
        .at = fact->at,
        .id = fact->id,
        .value = fact->value,
        .packet = fact->evidence.packet,
        .shape = shape_number(facts, fact),
    };
    facts->last = fact->at;
    facts->count++;
    facts->count_of[fact->kind]++;
}

size_t
hs_facts_count(const HsFacts *facts)
{
    return facts->count;
}

uint64_t
hs_facts_count_of(const HsFacts *facts, HsFactKind kind)
{
    g_assert((unsigned)kind < HS_FACT_KIND_COUNT);
    return facts->count_of[kind];
}

static const Record *
record_at(const HsFacts *facts, size_t index)
{
    const Record *block = g_ptr_array_index(facts->blocks, index / BLOCK_FACTS);

    return &block[index % BLOCK_FACTS];
}

static const Shape *
shape_of(const HsFacts *facts, const Record *record)
{
    return g_ptr_array_index(facts->shapes, record->shape);
}

HsFact
hs_facts_get(const HsFacts *facts, size_t index)
{
    const Record *record;
    const Shape *shape;

    g_assert(index < facts->count);
    record = record_at(facts, index);
    shape = shape_of(facts, record);
    return (HsFact){
        .at = record->at,
        .kind = (HsFactKind)shape->kind,
        .node = shape->node,
        .subject = shape->subject,
        .peer = shape->peer,
        .from = shape->from,
        .to = shape->to,
        .cause = shape->cause,
        .id = record->id,
        .value = record->value,
        .evidence = {.link = shape->link, .packet = record->packet},
    };
}

size_t
hs_facts_from(const HsFacts *facts, HsTime at)
{
    size_t low = 0, high = facts->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (record_at(facts, middle)->at < at)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

bool
hs_facts_next(const HsFacts *facts, size_t *index, uint32_t kinds,
              HsFact *ret_fact)
{
    for (size_t i = *index; i < facts->count; i++) {
        const Shape *shape = shape_of(facts, record_at(facts, i));

        if ((kinds & HS_FACT_BIT(shape->kind)) == 0)
            continue;
        *ret_fact = hs_facts_get(facts, i);
        *index = i + 1;
        return true;
    }
    *index = facts->count;
    return false;
}
