/* The replay window as numbered lists: what arrives, and what becomes of it.
 * Written from RFC 4303 3.4.3 and A2, not from the code. */

#include "config.h"

#include "models/esp/window.h"
#include "tests/harness/run.h"

#include <glib.h>
#include <inttypes.h>

#define HIGH(n) ((uint64_t)(n) << 32)

typedef struct {
    uint32_t low;
    EspWindowVerdict verdict;
    uint64_t number; /* what it was taken for; 0: for nothing */
} Arrival;

#define NEW(low, number)                                                       \
    {                                                                          \
        (low), ESP_WINDOW_NEW, (number)                                        \
    }
#define SEEN(low, number)                                                      \
    {                                                                          \
        (low), ESP_WINDOW_SEEN, (number)                                       \
    }
#define OLD(low, number)                                                       \
    {                                                                          \
        (low), ESP_WINDOW_OLD, (number)                                        \
    }

/* Each row's new ones pass the integrity check. */
static const struct {
    const char *name;
    unsigned size;
    bool esn;
    uint64_t top;
    Arrival arrivals[16];
    unsigned count;
    uint64_t final_top;
} lists[] = {
    {"in order, then again",
     64,
     false,
     0,
     {NEW(1, 1), NEW(2, 2), NEW(3, 3), SEEN(1, 1), SEEN(2, 2), SEEN(3, 3)},
     6,
     3},
    {"zero is never sent", 64, false, 0, {OLD(0, 0), NEW(1, 1)}, 2, 1},
    {"out of order inside the window",
     64,
     false,
     0,
     {NEW(10, 10), NEW(5, 5), NEW(9, 9), SEEN(5, 5), NEW(1, 1), SEEN(10, 10)},
     6,
     10},
    {"the window's left edge",
     64,
     false,
     0,
     {NEW(100, 100), NEW(37, 37), OLD(36, 36), SEEN(37, 37), NEW(38, 38)},
     5,
     100},
    {"moving by one leaves one behind",
     64,
     false,
     0,
     {NEW(64, 64), NEW(1, 1), NEW(65, 65), OLD(1, 1), NEW(2, 2), SEEN(65, 65)},
     6,
     65},
    {"a jump by less than the window",
     64,
     false,
     0,
     {NEW(1, 1), NEW(2, 2), NEW(50, 50), SEEN(1, 1), SEEN(2, 2), NEW(3, 3),
      NEW(49, 49), NEW(66, 66), OLD(2, 2), SEEN(3, 3), NEW(4, 4)},
     11,
     66},
    {"a jump by exactly the window",
     64,
     false,
     0,
     {NEW(1, 1), NEW(65, 65), OLD(1, 1), NEW(2, 2), NEW(64, 64), SEEN(2, 2)},
     6,
     65},
    {"a jump far beyond",
     64,
     false,
     0,
     {NEW(3, 3), NEW(1000, 1000), OLD(3, 3), NEW(999, 999), NEW(937, 937),
      OLD(936, 936)},
     6,
     1000},
    {"the last numbers without ESN",
     64,
     false,
     UINT64_C(0xfffffffd),
     {NEW(0xfffffffe, 0xfffffffe), NEW(0xffffffff, 0xffffffff), OLD(1, 1),
      OLD(0, 0), SEEN(0xffffffff, 0xffffffff)},
     5,
     0xffffffff},
    {"a window of 2048",
     2048,
     false,
     0,
     {NEW(5000, 5000), NEW(2953, 2953), OLD(2952, 2952), SEEN(2953, 2953),
      NEW(5001, 5001), OLD(2953, 2953), NEW(2954, 2954)},
     7,
     5001},
    {"a window of 1024 that skips over old marks",
     1024,
     false,
     0,
     {NEW(1000, 1000), NEW(1500, 1500), NEW(2100, 2100), SEEN(1500, 1500),
      NEW(2024, 2024), OLD(1000, 1000), NEW(1077, 1077), OLD(1076, 1076)},
     8,
     2100},
    {"ESN: an SA's first packets",
     64,
     true,
     0,
     {OLD(0xffffffff, 0), OLD(0, 0), NEW(1, 1), NEW(2, 2), SEEN(1, 1),
      OLD(0xfffffffe, 0)},
     6,
     2},
    {"ESN: over 2^32, in order",
     64,
     true,
     HIGH(1) - 3,
     {NEW(0xfffffffe, HIGH(1) - 2), NEW(0xffffffff, HIGH(1) - 1),
      NEW(0, HIGH(1)), NEW(1, HIGH(1) + 1), SEEN(0, HIGH(1)),
      SEEN(0xffffffff, HIGH(1) - 1)},
     6,
     HIGH(1) + 1},
    {"ESN: late ones from before 2^32",
     64,
     true,
     HIGH(1) - 20,
     {NEW(5, HIGH(1) + 5), NEW(0xffffffff, HIGH(1) - 1),
      NEW(0xfffffff0, HIGH(1) - 16), SEEN(0xffffffff, HIGH(1) - 1),
      /* 5 - 63: the left edge lies before the turn. */
      SEEN(0xffffffc6, HIGH(1) - 58), NEW(4, HIGH(1) + 4),
      /* One left of it is guessed as far to the right; its integrity
       * check would fail, as it was signed with the other number. */
      NEW(0xffffffc5, HIGH(1) + 0xffffffc5)},
     7,
     HIGH(1) + 0xffffffc5},
    {"ESN: case A, left of the window is the next span",
     64,
     true,
     HIGH(7) + 1000,
     {NEW(937 - 1, HIGH(8) + 936)},
     1,
     HIGH(8) + 936},
    {"ESN: case A, inside",
     64,
     true,
     HIGH(7) + 1000,
     {SEEN(937, HIGH(7) + 937), NEW(1001, HIGH(7) + 1001)},
     2,
     HIGH(7) + 1001},
    {"ESN: the last number there is",
     64,
     true,
     UINT64_MAX - 1,
     {NEW(0xffffffff, UINT64_MAX), OLD(0, 0), OLD(1, 0)},
     3,
     UINT64_MAX},
    {"ESN: a window of 2048 over the turn",
     2048,
     true,
     HIGH(3) - 1,
     {NEW(100, HIGH(3) + 100), SEEN(0xfffff865, HIGH(3) - 0x79b),
      NEW(99, HIGH(3) + 99)},
     3,
     HIGH(3) + 100},
};

START_TEST(arrivals_are_judged_by_the_list)
{
    EspWindow window;

    esp_window_init(&window, lists[_i].size, lists[_i].esn, lists[_i].top);
    for (unsigned n = 0; n < lists[_i].count; n++) {
        const Arrival *arrival = &lists[_i].arrivals[n];
        uint64_t number = 12345;
        EspWindowVerdict verdict =
            esp_window_check(&window, arrival->low, &number);

        ck_assert_msg(verdict == arrival->verdict, "%s: arrival %u: verdict %d",
                      lists[_i].name, n, (int)verdict);
        ck_assert_msg(number == arrival->number,
                      "%s: arrival %u: taken for %#" PRIx64, lists[_i].name, n,
                      number);
        if (verdict == ESP_WINDOW_NEW)
            esp_window_mark(&window, number);
    }
    ck_assert_msg(window.top == lists[_i].final_top, "%s: ends at %#" PRIx64,
                  lists[_i].name, window.top);
}
END_TEST

/* RFC 4303 3.4.3: what fails the integrity check must not move the window. */
START_TEST(checking_changes_nothing)
{
    EspWindow window, before;
    uint64_t number;

    esp_window_init(&window, 64, true, 0);
    for (uint32_t n = 1; n < 30; n += 3)
        esp_window_mark(&window, n);
    before = window;
    for (uint32_t n = 0; n < 200; n++)
        (void)esp_window_check(&window, n, &number);
    (void)esp_window_check(&window, 0x7fffffff, &number);
    ck_assert_mem_eq(&window, &before, sizeof window);
}
END_TEST

/* Against the definition kept in a plain table, over a walk with jumps,
 * repeats and stragglers. */
START_TEST(a_long_walk_agrees_with_a_table)
{
    static const unsigned sizes[] = {64, 128, 1024, 2048};
    enum { SPAN = 60000 };
    unsigned size = sizes[_i];
    uint64_t base = HIGH(1) - SPAN / 2; /* the walk crosses 2^32 */
    g_autofree bool *seen = g_new0(bool, SPAN + 4096);
    uint32_t state = 1;
    uint64_t top = 0;
    EspWindow window;

    esp_window_init(&window, size, true, base);
    while (top < SPAN) {
        uint64_t at, number;
        EspWindowVerdict expected;

        state = state * 1664525u + 1013904223u;
        at = top + (state >> 16) % 40;
        if ((state >> 8) % 4 == 0) /* a straggler */
            at = at > size + 100 ? at - (state >> 12) % (size - 50) : at;
        if (state % 997 == 0)
            at += size - 1 + state % 3;
        if (at == 0 || at + size <= top)
            continue;
        expected = seen[at] ? ESP_WINDOW_SEEN : ESP_WINDOW_NEW;
        ck_assert_int_eq(
            esp_window_check(&window, (uint32_t)(base + at), &number),
            expected);
        ck_assert_uint_eq(number, base + at);
        if (expected == ESP_WINDOW_NEW) {
            esp_window_mark(&window, number);
            seen[at] = true;
            top = MAX(top, at);
        }
        ck_assert_uint_eq(window.top, base + top);
    }
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("esp window");
    TCase *tcase = tcase_create("window");

    tcase_add_loop_test(tcase, arrivals_are_judged_by_the_list, 0,
                        G_N_ELEMENTS(lists));
    tcase_add_test(tcase, checking_changes_nothing);
    tcase_add_loop_test(tcase, a_long_walk_agrees_with_a_table, 0, 4);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
