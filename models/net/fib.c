/* A tree bitmap (Eatherton, Varghese, Dittia 2004): a trie that takes six bits
 * of the address at a time. A node stands for a prefix whose length is a
 * multiple of six and holds two bit sets:
 *
 *   inside   which of the 63 prefixes that are 0 to 5 bits longer are in the
 *            table. Bit POS, with POS numbered as in a binary heap:
 *
 *                        1                 0 bits more
 *                    2       3             1
 *                  4   5   6   7           2  ...
 *
 *   below    which of the 64 prefixes that are 6 bits longer have a node
 *
 * Values and children stand in two arrays without gaps, in the order of the
 * bits; the place of one is the number of bits set before its own. So a node is
 * 32 bytes, a look-up reads one node for each six bits, and nothing depends on
 * how many prefixes there are. Nor does a change, which moves the entries of
 * one array.
 *
 * The prefixes of a node that contain an address are the heap's path to the
 * address's six bits: 64 + chunk, shifted right by 1 to 6. ancestors[] has
 * these paths as bit sets, and the longest match is the highest bit of
 * inside & ancestors[chunk]. */

#include "config.h"

#include "models/net/fib.h"

#include <string.h>

#define STRIDE     6
#define LEAD_IPV4  5 /* zero bits in front of an IPv4 address */
#define DEPTH_MAX  (128 / STRIDE + 1)
#define BIT(index) (UINT64_C(1) << (index))

typedef struct Node Node;
struct Node {
    uint64_t inside;
    uint64_t below;
    union {
        void *one;   /* borrowed; if inside has one bit */
        void **many; /* owned, what it holds borrowed; if it has more */
    } values;
    Node *children; /* owned */
};

/* The address with its lead, its first bit as the highest. */
typedef unsigned __int128 Key;

struct HsFib {
    Node ipv4;
    Node ipv6;
    size_t size;
};

#define PATH(c)                                                                \
    (BIT((64 + (c)) >> 1) | BIT((64 + (c)) >> 2) | BIT((64 + (c)) >> 3) |      \
     BIT((64 + (c)) >> 4) | BIT((64 + (c)) >> 5) | BIT(1))
#define PATHS_4(c) PATH(c), PATH((c) + 1), PATH((c) + 2), PATH((c) + 3)
#define PATHS_16(c)                                                            \
    PATHS_4(c), PATHS_4((c) + 4), PATHS_4((c) + 8), PATHS_4((c) + 12)

static const uint64_t ancestors[64] = {PATHS_16(0), PATHS_16(16), PATHS_16(32),
                                       PATHS_16(48)};

/* Bits set. Not __builtin_popcountll(), which without -mpopcnt is a call. */
static inline unsigned
count(uint64_t x)
{
    x -= x >> 1 & UINT64_C(0x5555555555555555);
    x = (x & UINT64_C(0x3333333333333333)) +
        (x >> 2 & UINT64_C(0x3333333333333333));
    x = (x + (x >> 4)) & UINT64_C(0x0f0f0f0f0f0f0f0f);
    return (unsigned)(x * UINT64_C(0x0101010101010101) >> 56);
}

/* The place in its array of what bit INDEX of SET stands for. */
static inline unsigned
place(uint64_t set, unsigned index)
{
    return count(set & (BIT(index) - 1));
}

static unsigned
lead_of(const HsAddr *addr)
{
    return addr->family == HS_FAMILY_IPV4 ? LEAD_IPV4 : 0;
}

static Key
key_of(const HsAddr *addr)
{
    Key key = 0;

    for (unsigned i = 0; i < hs_addr_bits(addr) / 8; i++)
        key |= (Key)addr->bytes[i] << (120 - 8 * i);
    return key >> lead_of(addr);
}

static inline unsigned
chunk_of(Key key)
{
    return (unsigned)(key >> (128 - STRIDE));
}

static Node *
root_of(HsFib *fib, const HsAddr *addr)
{
    g_assert(hs_addr_is_set(addr));
    return addr->family == HS_FAMILY_IPV4 ? &fib->ipv4 : &fib->ipv6;
}

static const Node *
const_root_of(const HsFib *fib, const HsAddr *addr)
{
    g_assert(hs_addr_is_set(addr));
    return addr->family == HS_FAMILY_IPV4 ? &fib->ipv4 : &fib->ipv6;
}

HsFib *
hs_fib_new(void)
{
    return g_new0(HsFib, 1);
}

static void
node_clear(Node *node)
{
    for (unsigned i = 0; i < count(node->below); i++)
        node_clear(&node->children[i]);
    g_free(node->children);
    if (count(node->inside) > 1)
        g_free(node->values.many);
}

void
hs_fib_free(HsFib *fib)
{
    if (fib == NULL)
        return;
    node_clear(&fib->ipv4);
    node_clear(&fib->ipv6);
    g_free(fib);
}

/* The position inside its node of a prefix with REST bits of its own there. */
static unsigned
position(Key key, unsigned rest)
{
    return 1u << rest | chunk_of(key) >> (STRIDE - rest);
}

static Node *
child_made(Node *node, unsigned chunk)
{
    unsigned n = count(node->below), at = place(node->below, chunk);

    if (node->below & BIT(chunk))
        return &node->children[at];
    node->children = g_renew(Node, node->children, n + 1);
    memmove(&node->children[at + 1], &node->children[at],
            (n - at) * sizeof(Node));
    node->children[at] = (Node){0};
    node->below |= BIT(chunk);
    return &node->children[at];
}

static void
child_remove(Node *node, unsigned chunk)
{
    unsigned at = place(node->below, chunk);

    node_clear(&node->children[at]);
    node->below &= ~BIT(chunk);
    memmove(&node->children[at], &node->children[at + 1],
            (count(node->below) - at) * sizeof(Node));
    if (node->below == 0)
        g_clear_pointer(&node->children, g_free);
}

/* Where the value of bit POS stands, which is set. */
static inline void **
value_at(Node *node, unsigned pos)
{
    if ((node->inside & (node->inside - 1)) == 0)
        return &node->values.one;
    return &node->values.many[place(node->inside, pos)];
}

static inline void *
value_of(const Node *node, unsigned pos)
{
    if ((node->inside & (node->inside - 1)) == 0)
        return node->values.one;
    return node->values.many[place(node->inside, pos)];
}

static void
value_insert(Node *node, unsigned pos, void *value)
{
    unsigned n = count(node->inside), at = place(node->inside, pos);
    void *one = node->values.one, **many;

    node->inside |= BIT(pos);
    if (n == 0) {
        node->values.one = value;
        return;
    }
    if (n == 1) {
        many = g_new(void *, 2);
        many[1 - at] = one;
    } else {
        many = g_renew(void *, node->values.many, n + 1);
        memmove(&many[at + 1], &many[at], (n - at) * sizeof(void *));
    }
    many[at] = value;
    node->values.many = many;
}

static void *
value_remove(Node *node, unsigned pos)
{
    unsigned n = count(node->inside), at = place(node->inside, pos);
    void *old = *value_at(node, pos), **many = node->values.many;

    node->inside &= ~BIT(pos);
    if (n == 1) {
        node->values.one = NULL;
    } else if (n == 2) {
        node->values.one = many[1 - at];
        g_free(many);
    } else {
        memmove(&many[at], &many[at + 1], (n - at - 1) * sizeof(void *));
    }
    return old;
}

void *
hs_fib_set(HsFib *fib, const HsPrefix *prefix, void *value)
{
    Node *node = root_of(fib, &prefix->addr);
    Key key = key_of(&prefix->addr);
    unsigned rest = prefix->length + lead_of(&prefix->addr), pos;
    void *old;

    g_assert(value != NULL && prefix->length <= hs_addr_bits(&prefix->addr));
    for (; rest >= STRIDE; rest -= STRIDE, key <<= STRIDE)
        node = child_made(node, chunk_of(key));
    pos = position(key, rest);
    if (node->inside & BIT(pos)) {
        old = *value_at(node, pos);
        *value_at(node, pos) = value;
        return old;
    }
    value_insert(node, pos, value);
    fib->size++;
    return NULL;
}

void *
hs_fib_remove(HsFib *fib, const HsPrefix *prefix)
{
    Node *path[DEPTH_MAX], *node = root_of(fib, &prefix->addr);
    unsigned chunks[DEPTH_MAX], depth = 0;
    Key key = key_of(&prefix->addr);
    unsigned rest = prefix->length + lead_of(&prefix->addr), pos;
    void *old;

    for (; rest >= STRIDE; rest -= STRIDE, key <<= STRIDE) {
        unsigned chunk = chunk_of(key);

        if (!(node->below & BIT(chunk)))
            return NULL;
        path[depth] = node;
        chunks[depth++] = chunk;
        node = &node->children[place(node->below, chunk)];
    }
    pos = position(key, rest);
    if (!(node->inside & BIT(pos)))
        return NULL;
    old = value_remove(node, pos);
    fib->size--;

    while (depth-- > 0 && node->inside == 0 && node->below == 0) {
        child_remove(path[depth], chunks[depth]);
        node = path[depth];
    }
    return old;
}

void *
hs_fib_get(const HsFib *fib, const HsPrefix *prefix)
{
    const Node *node = const_root_of(fib, &prefix->addr);
    Key key = key_of(&prefix->addr);
    unsigned rest = prefix->length + lead_of(&prefix->addr), pos;

    for (; rest >= STRIDE; rest -= STRIDE, key <<= STRIDE) {
        unsigned chunk = chunk_of(key);

        if (!(node->below & BIT(chunk)))
            return NULL;
        node = &node->children[place(node->below, chunk)];
    }
    pos = position(key, rest);
    return node->inside & BIT(pos) ? value_of(node, pos) : NULL;
}

/* The value of the longest prefix in MATCHES, a set that is not empty. */
static inline void *
longest(const Node *node, uint64_t matches)
{
    unsigned pos = 63 - (unsigned)__builtin_clzll(matches);

    return value_of(node, pos);
}

void *
hs_fib_lookup_ipv4(const HsFib *fib, uint32_t addr)
{
    const Node *node = &fib->ipv4, *best = NULL;
    uint64_t key = (uint64_t)addr << (32 - LEAD_IPV4), best_matches = 0;

    for (;;) {
        unsigned chunk = (unsigned)(key >> (64 - STRIDE));
        uint64_t matches = node->inside & ancestors[chunk];

        if (matches != 0) {
            best = node;
            best_matches = matches;
        }
        if (!(node->below & BIT(chunk)))
            break;
        node = &node->children[place(node->below, chunk)];
        key <<= STRIDE;
    }
    return best != NULL ? longest(best, best_matches) : NULL;
}

void *
hs_fib_lookup(const HsFib *fib, const HsAddr *addr)
{
    const Node *node = &fib->ipv6, *best = NULL;
    uint64_t best_matches = 0;
    Key key;

    if (addr->family == HS_FAMILY_IPV4)
        return hs_fib_lookup_ipv4(fib, hs_addr_to_ipv4(addr));
    for (key = key_of(addr);; key <<= STRIDE) {
        unsigned chunk = chunk_of(key);
        uint64_t matches = node->inside & ancestors[chunk];

        if (matches != 0) {
            best = node;
            best_matches = matches;
        }
        if (!(node->below & BIT(chunk)))
            break;
        node = &node->children[place(node->below, chunk)];
    }
    return best != NULL ? longest(best, best_matches) : NULL;
}

size_t
hs_fib_size(const HsFib *fib)
{
    return fib->size;
}

typedef struct {
    void (*visit)(void *user_data, const HsPrefix *prefix, void *value);
    void *user_data;
    uint8_t family;
} Walk;

static void
visit_one(const Walk *walk, Key key, unsigned length, void *value)
{
    HsPrefix prefix = {.addr.family = walk->family};
    unsigned lead = lead_of(&prefix.addr);

    prefix.length = (uint8_t)(length - lead);
    key <<= lead;
    for (unsigned i = 0; i < hs_addr_bits(&prefix.addr) / 8; i++)
        prefix.addr.bytes[i] = (uint8_t)(key >> (120 - 8 * i));
    walk->visit(walk->user_data, &prefix, value);
}

/* The part of NODE at heap position POS and what lies under it: first itself,
 * then its halves. Below the last level of the heap come the children. KEY and
 * LENGTH are the node's own prefix. */
static void
walk_from(const Walk *walk, const Node *node, Key key, unsigned length,
          unsigned pos)
{
    unsigned rest = 31 - (unsigned)__builtin_clz(pos);
    unsigned bits = pos & ~(1u << rest);

    if (rest == STRIDE) {
        if (node->below & BIT(bits))
            walk_from(walk, &node->children[place(node->below, bits)],
                      key | (Key)bits << (128 - length - STRIDE),
                      length + STRIDE, 1);
        return;
    }
    if (node->inside & BIT(pos))
        visit_one(walk,
                  rest == 0 ? key : key | (Key)bits << (128 - length - rest),
                  length + rest, value_of(node, pos));
    walk_from(walk, node, key, length, 2 * pos);
    walk_from(walk, node, key, length, 2 * pos + 1);
}

void
hs_fib_foreach(const HsFib *fib,
               void (*visit)(void *user_data, const HsPrefix *prefix,
                             void *value),
               void *user_data)
{
    Walk walk = {visit, user_data, HS_FAMILY_IPV4};

    walk_from(&walk, &fib->ipv4, 0, 0, 1);
    walk.family = HS_FAMILY_IPV6;
    walk_from(&walk, &fib->ipv6, 0, 0, 1);
}
