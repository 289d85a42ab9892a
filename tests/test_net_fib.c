/* The table against an oracle that compares the address with every prefix. */

#include "config.h"

#include "models/base/rng.h"
#include "models/net/fib.h"
#include "tests/harness/run.h"

#include <stdlib.h>
#include <string.h>

typedef struct {
    HsPrefix prefix;
    bool in;
} Item;

static HsPrefix
prefix_of(const char *text)
{
    HsPrefix prefix;

    ck_assert(hs_prefix_parse(text, &prefix));
    return prefix;
}

static void *
lookup(const HsFib *fib, const char *text)
{
    HsAddr addr;

    ck_assert(hs_addr_parse(text, &addr));
    return hs_fib_lookup(fib, &addr);
}

START_TEST(longest_match_wins)
{
    static const char *const texts[] = {
        "0.0.0.0/0", "10.0.0.0/8", "10.1.0.0/16", "10.1.2.0/24", "10.1.2.3/32"};
    g_autoptr(HsFib) fib = hs_fib_new();
    HsPrefix prefix;

    ck_assert_ptr_null(lookup(fib, "10.1.2.3"));
    for (unsigned i = 0; i < G_N_ELEMENTS(texts); i++) {
        prefix = prefix_of(texts[i]);
        ck_assert_ptr_null(
            hs_fib_set(fib, &prefix, (void *)(uintptr_t)texts[i]));
        ck_assert_ptr_eq(lookup(fib, "10.1.2.3"), texts[i]);
    }
    ck_assert_ptr_eq(lookup(fib, "10.1.2.4"), texts[3]);
    ck_assert_ptr_eq(lookup(fib, "10.1.3.3"), texts[2]);
    ck_assert_ptr_eq(lookup(fib, "10.2.2.3"), texts[1]);
    ck_assert_ptr_eq(lookup(fib, "11.1.2.3"), texts[0]);
    ck_assert_ptr_null(lookup(fib, "2001:db8::1"));
    for (unsigned i = G_N_ELEMENTS(texts); i-- > 0;) {
        prefix = prefix_of(texts[i]);
        ck_assert_ptr_eq(lookup(fib, "10.1.2.3"), texts[i]);
        ck_assert_ptr_eq(hs_fib_remove(fib, &prefix), texts[i]);
        ck_assert_ptr_null(hs_fib_remove(fib, &prefix));
    }
    ck_assert_ptr_null(lookup(fib, "10.1.2.3"));
    ck_assert_uint_eq(hs_fib_size(fib), 0);
}
END_TEST

START_TEST(set_replaces_and_ignores_host_bits)
{
    g_autoptr(HsFib) fib = hs_fib_new();
    HsPrefix a = prefix_of("10.1.2.3/16"), b = prefix_of("10.1.0.0/16");
    int one, two;

    ck_assert_ptr_null(hs_fib_set(fib, &a, &one));
    ck_assert_ptr_eq(hs_fib_get(fib, &b), &one);
    ck_assert_ptr_eq(hs_fib_set(fib, &b, &two), &one);
    ck_assert_uint_eq(hs_fib_size(fib), 1);
    ck_assert_ptr_eq(hs_fib_remove(fib, &a), &two);
}
END_TEST

static HsPrefix
random_prefix(HsRng *rng, HsFamily family)
{
    HsPrefix prefix = {.addr.family = (uint8_t)family};
    unsigned bits = hs_addr_bits(&prefix.addr);

    hs_rng_bytes(rng, prefix.addr.bytes, bits / 8);
    /* Crowded in front, so that prefixes nest. */
    for (unsigned i = 0; i < bits / 16; i++)
        prefix.addr.bytes[i] &= 0x11;
    prefix.length = (uint8_t)hs_rng_below(rng, bits + 1);
    return hs_prefix_masked(&prefix);
}

static const Item *
naive(const Item *items, unsigned n, const HsAddr *addr)
{
    const Item *best = NULL;

    for (unsigned i = 0; i < n; i++) {
        if (items[i].in && hs_prefix_contains(&items[i].prefix, addr) &&
            (best == NULL || items[i].prefix.length > best->prefix.length))
            best = &items[i];
    }
    return best;
}

/* Adds, removes and looks up at random; every answer is the oracle's. */
START_TEST(random_tables_agree_with_the_oracle)
{
    HsFamily family = _i % 2 == 0 ? HS_FAMILY_IPV4 : HS_FAMILY_IPV6;
    g_autoptr(HsRng) rng = hs_rng_new((uint64_t)_i, "fib", "oracle");
    g_autoptr(HsFib) fib = hs_fib_new();
    Item items[400] = {0};
    unsigned n = G_N_ELEMENTS(items), present = 0;

    for (unsigned i = 0; i < n; i++) {
        do
            items[i].prefix = random_prefix(rng, family);
        while (hs_fib_get(fib, &items[i].prefix) != NULL);
        hs_fib_set(fib, &items[i].prefix, &items[i]);
    }
    for (unsigned i = 0; i < n; i++)
        ck_assert_ptr_eq(hs_fib_remove(fib, &items[i].prefix), &items[i]);
    ck_assert_uint_eq(hs_fib_size(fib), 0);

    for (unsigned step = 0; step < 20000; step++) {
        Item *item = &items[hs_rng_below(rng, n)];
        HsAddr addr = random_prefix(rng, family).addr;

        ck_assert_ptr_eq(hs_fib_get(fib, &item->prefix),
                         item->in ? item : NULL);
        if (item->in)
            ck_assert_ptr_eq(hs_fib_remove(fib, &item->prefix), item);
        else
            ck_assert_ptr_null(hs_fib_set(fib, &item->prefix, item));
        item->in = !item->in;
        present += item->in ? 1 : UINT_MAX;
        ck_assert_uint_eq(hs_fib_size(fib), present);
        ck_assert_ptr_eq(hs_fib_lookup(fib, &addr), naive(items, n, &addr));
        addr = items[hs_rng_below(rng, n)].prefix.addr;
        ck_assert_ptr_eq(hs_fib_lookup(fib, &addr), naive(items, n, &addr));
    }
}
END_TEST

static int
by_prefix(const void *a, const void *b)
{
    return hs_prefix_compare(&((const Item *)a)->prefix,
                             &((const Item *)b)->prefix);
}

typedef struct {
    const Item *items;
    unsigned at;
} Expected;

static void
expect_next(void *user_data, const HsPrefix *prefix, void *value)
{
    Expected *expected = user_data;
    const Item *item = &expected->items[expected->at++];

    ck_assert(hs_prefix_equal(prefix, &item->prefix));
    ck_assert_int_eq(memcmp(prefix, &item->prefix, sizeof *prefix), 0);
    ck_assert_ptr_eq(value, item);
}

/* A full table: 100,000 prefixes as the internet has them, mostly /24, and
 * some of every length. The oracle steps through the sorted table backwards,
 * from the last prefix that is not behind the address. */
START_TEST(hundred_thousand_prefixes)
{
    g_autoptr(HsRng) rng = hs_rng_new(1, "fib", "full");
    g_autoptr(HsFib) fib = hs_fib_new();
    unsigned n = 100000;
    g_autofree Item *items = g_new0(Item, n);
    Expected expected = {items, 0};

    for (unsigned i = 0; i < n; i++) {
        do {
            uint8_t length = (uint8_t)(hs_rng_below(rng, 2) == 0
                                           ? 24
                                           : 8 + hs_rng_below(rng, 25));
            HsPrefix prefix = {.addr = hs_addr_ipv4(hs_rng_u32(rng)),
                               .length = length};

            items[i].prefix = hs_prefix_masked(&prefix);
        } while (hs_fib_get(fib, &items[i].prefix) != NULL);
        hs_fib_set(fib, &items[i].prefix, &items[i]);
    }
    qsort(items, n, sizeof *items, by_prefix);
    for (unsigned i = 0; i < n; i++)
        hs_fib_set(fib, &items[i].prefix, &items[i]);
    ck_assert_uint_eq(hs_fib_size(fib), n);
    hs_fib_foreach(fib, expect_next, &expected);
    ck_assert_uint_eq(expected.at, n);

    for (unsigned i = 0; i < n; i += 2)
        ck_assert_ptr_eq(hs_fib_remove(fib, &items[i].prefix), &items[i]);
    ck_assert_uint_eq(hs_fib_size(fib), n / 2);
    for (unsigned step = 0; step < 3000; step++) {
        HsAddr addr = hs_addr_ipv4(hs_rng_u32(rng));
        Item key = {.prefix = hs_prefix_of(&addr)}, *best = NULL;
        unsigned low = 0, high = n;

        while (low < high) {
            unsigned middle = (low + high) / 2;

            if (by_prefix(&items[middle], &key) <= 0)
                low = middle + 1;
            else
                high = middle;
        }
        while (low-- > 0 && best == NULL) {
            if (low % 2 == 1 && hs_prefix_contains(&items[low].prefix, &addr))
                best = &items[low];
        }
        ck_assert_ptr_eq(hs_fib_lookup(fib, &addr), best);
    }
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("net fib");
    TCase *t = tcase_create("fib");

    tcase_add_test(t, longest_match_wins);
    tcase_add_test(t, set_replaces_and_ignores_host_bits);
    tcase_add_loop_test(t, random_tables_agree_with_the_oracle, 0, 4);
    tcase_add_test(t, hundred_thousand_prefixes);
    suite_add_tcase(suite, t);
    return run_suite(suite);
}
