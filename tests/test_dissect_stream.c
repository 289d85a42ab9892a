/* TCP put together: order, repetition, holes, and where a connection begins. */

#include "config.h"

#include "sim/dissect/stream.h"
#include "tests/harness/run.h"

#include <check.h>
#include <string.h>

/* What comes out, as text: bytes as they are, a hole as "<n>". */
static void
expect(DissectStream *stream, const char *expected)
{
    g_autoptr(GString) text = g_string_new(NULL);
    const uint8_t *data;
    size_t length;

    for (;;) {
        DissectPiece piece = dissect_stream_next(stream, &data, &length);

        if (piece == DISSECT_STREAM_NOTHING)
            break;
        if (piece == DISSECT_STREAM_HOLE)
            g_string_append_printf(text, "<%zu>", length);
        else
            g_string_append_len(text, (const char *)data, (gssize)length);
    }
    ck_assert_str_eq(text->str, expected);
}

static void
add(DissectStream *stream, uint32_t sequence, const char *text)
{
    dissect_stream_add(stream, sequence, (const uint8_t *)text, strlen(text),
                       strlen(text));
}

START_TEST(bytes_come_in_order)
{
    g_autoptr(DissectStream) s = dissect_stream_new();

    ck_assert(!dissect_stream_open(s, 99));
    expect(s, "");
    add(s, 100, "abc");
    expect(s, "abc");
    add(s, 103, "de");
    add(s, 105, "f");
    expect(s, "def");
}
END_TEST

START_TEST(out_of_order_waits)
{
    g_autoptr(DissectStream) s = dissect_stream_new();

    dissect_stream_open(s, 99);
    add(s, 106, "ghi");
    add(s, 103, "def");
    expect(s, "");
    add(s, 100, "abc");
    expect(s, "abcdefghi");
}
END_TEST

/* Wherever they overlap, the bytes that came first stay. */
START_TEST(overlaps_keep_the_first)
{
    g_autoptr(DissectStream) s = dissect_stream_new();

    dissect_stream_open(s, 99);
    add(s, 102, "CD");
    add(s, 106, "GH");
    add(s, 101, "bcdefghi"); /* around both */
    expect(s, "");
    add(s, 100, "abc");
    expect(s, "abCDefGHi");
    add(s, 100, "xxx"); /* again, and behind what was taken */
    add(s, 108, "ij");
    expect(s, "j");
}
END_TEST

START_TEST(numbers_wrap)
{
    g_autoptr(DissectStream) s = dissect_stream_new();

    dissect_stream_open(s, UINT32_MAX - 3);
    add(s, 1, "ef");
    add(s, UINT32_MAX - 2, "abcd");
    expect(s, "abcdef");
}
END_TEST

/* A keepalive carries a byte in front of what comes next. */
START_TEST(keepalives_are_nothing)
{
    g_autoptr(DissectStream) s = dissect_stream_new();

    dissect_stream_open(s, 99);
    add(s, 100, "abc");
    add(s, 102, "x");
    expect(s, "abc");
}
END_TEST

START_TEST(a_hole_is_waited_for_until_it_was_acknowledged)
{
    g_autoptr(DissectStream) s = dissect_stream_new();

    dissect_stream_open(s, 99);
    add(s, 100, "abc");
    add(s, 105, "fg");
    expect(s, "abc");
    dissect_stream_acknowledged(s, 103);
    expect(s, "");
    dissect_stream_acknowledged(s, 107);
    expect(s, "<2>fg");
    add(s, 103, "de"); /* too late */
    expect(s, "");
}
END_TEST

START_TEST(a_hole_is_not_waited_for_at_the_end)
{
    g_autoptr(DissectStream) s = dissect_stream_new();

    dissect_stream_open(s, 99);
    add(s, 104, "e");
    expect(s, "");
    dissect_stream_end(s);
    expect(s, "<4>e");
}
END_TEST

/* More than a window is held back by no hole. */
START_TEST(a_hole_is_not_waited_for_too_long)
{
    g_autoptr(DissectStream) s = dissect_stream_new();
    g_autofree uint8_t *block = g_malloc0(1 << 20);
    const uint8_t *data;
    size_t length;

    dissect_stream_open(s, 99);
    for (unsigned i = 0; i < 4; i++)
        dissect_stream_add(s, 101 + (i << 20), block, 1 << 20, 1 << 20);
    ck_assert_int_eq(dissect_stream_next(s, &data, &length),
                     DISSECT_STREAM_NOTHING);
    dissect_stream_add(s, 101 + (4u << 20), block, 1, 1);
    ck_assert_int_eq(dissect_stream_next(s, &data, &length),
                     DISSECT_STREAM_HOLE);
    ck_assert_uint_eq(length, 1);
}
END_TEST

/* What the snap length cut off is a hole. */
START_TEST(a_cut_segment_has_a_hole_behind)
{
    g_autoptr(DissectStream) s = dissect_stream_new();

    dissect_stream_open(s, 99);
    dissect_stream_add(s, 100, (const uint8_t *)"abc", 3, 10);
    expect(s, "abc<7>");
    add(s, 110, "k");
    expect(s, "k");
}
END_TEST

/* Without its SYN, a stream begins with a hole of no length. */
START_TEST(a_stream_can_begin_in_the_middle)
{
    g_autoptr(DissectStream) s = dissect_stream_new();

    dissect_stream_acknowledged(s, 7);
    dissect_stream_end(s);
    add(s, 5000, "abc");
    expect(s, "<0>abc");
    add(s, 5003, "def");
    expect(s, "def");
}
END_TEST

START_TEST(a_new_connection_forgets_the_old_one)
{
    g_autoptr(DissectStream) s = dissect_stream_new();

    ck_assert(!dissect_stream_open(s, 99));
    ck_assert(!dissect_stream_open(s, 99)); /* the same SYN again */
    add(s, 105, "old");
    ck_assert(dissect_stream_open(s, 7000));
    add(s, 7001, "new");
    expect(s, "new");
    /* And without a SYN, by a number that is far away. */
    add(s, 7001 + (200u << 20), "newer");
    expect(s, "<0>newer");
}
END_TEST

int
main(void)
{
    Suite *s = suite_create("dissect stream");
    TCase *t = tcase_create("all");

    tcase_add_test(t, bytes_come_in_order);
    tcase_add_test(t, out_of_order_waits);
    tcase_add_test(t, overlaps_keep_the_first);
    tcase_add_test(t, numbers_wrap);
    tcase_add_test(t, keepalives_are_nothing);
    tcase_add_test(t, a_hole_is_waited_for_until_it_was_acknowledged);
    tcase_add_test(t, a_hole_is_not_waited_for_at_the_end);
    tcase_add_test(t, a_hole_is_not_waited_for_too_long);
    tcase_add_test(t, a_cut_segment_has_a_hole_behind);
    tcase_add_test(t, a_stream_can_begin_in_the_middle);
    tcase_add_test(t, a_new_connection_forgets_the_old_one);
    suite_add_tcase(s, t);
    return run_suite(s);
}
