#include "config.h"

#include "models/base/addr.h"
#include "models/base/distribution.h"
#include "models/base/packet.h"
#include "models/base/rng.h"
#include "models/base/simtime.h"
#include "models/base/trace.h"
#include "models/base/wire.h"
#include "tests/harness/run.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

START_TEST(never_absorbs_and_additions_saturate)
{
    ck_assert_int_eq(hs_time_add(HS_SEC(1), HS_MSEC(500)), HS_MSEC(1500));
    ck_assert_int_eq(hs_time_add(HS_TIME_NEVER, HS_SEC(-1)), HS_TIME_NEVER);
    ck_assert_int_eq(hs_time_add(HS_SEC(1), HS_TIME_NEVER), HS_TIME_NEVER);
    ck_assert_int_eq(hs_time_add(INT64_MAX - 1, 2), HS_TIME_NEVER);
}
END_TEST

static const struct {
    HsDuration span;
    const char *text;
} durations[] = {
    {0, "0s"},
    {1, "1ns"},
    {HS_USEC(250), "250us"},
    {HS_NSEC(1500), "1.5us"},
    {HS_MSEC(300), "300ms"},
    {HS_MSEC(1500), "1.5s"},
    {HS_SEC(90), "90s"},
    {HS_SEC(90) + 1, "90.000000001s"},
    {-HS_MSEC(300), "-300ms"},
    {HS_TIME_NEVER, "never"},
    {INT64_MIN, "-9223372036.854775808s"},
};

START_TEST(durations_are_written_as_people_write_them)
{
    char text[HS_TIME_TEXT];

    ck_assert_str_eq(hs_duration_format(durations[_i].span, text),
                     durations[_i].text);
}
END_TEST

START_TEST(instants_have_nine_decimals)
{
    char text[HS_TIME_TEXT];

    ck_assert_str_eq(hs_time_format(HS_MSEC(12300), text), "12.300000000");
    ck_assert_str_eq(hs_time_format(-1, text), "-0.000000001");
    ck_assert_str_eq(hs_time_format(HS_TIME_NEVER, text), "never");
}
END_TEST

static const uint8_t some_bytes[] = {1,  2,  3,  4,  5,  6,  7,  8,  9,
                                     10, 11, 12, 13, 14, 15, 16, 17, 18};

START_TEST(reader_reads_network_order)
{
    HsReader r = hs_reader_of(some_bytes, sizeof some_bytes);

    ck_assert_uint_eq(hs_reader_u8(&r), 0x01);
    ck_assert_uint_eq(hs_reader_u16(&r), 0x0203);
    ck_assert_uint_eq(hs_reader_u24(&r), 0x040506);
    ck_assert_uint_eq(hs_reader_u32(&r), 0x0708090a);
    ck_assert_uint_eq(hs_reader_left(&r), 8);
    ck_assert_uint_eq(hs_reader_u64(&r), UINT64_C(0x0b0c0d0e0f101112));
    ck_assert(hs_reader_done(&r));
}
END_TEST

START_TEST(reader_error_sticks)
{
    HsReader r = hs_reader_of(some_bytes, 3);
    uint8_t copy[4] = {0xff, 0xff, 0xff, 0xff};

    ck_assert_uint_eq(hs_reader_u32(&r), 0);
    ck_assert_uint_eq(hs_reader_u8(&r), 0);
    ck_assert_uint_eq(hs_reader_left(&r), 0);
    hs_reader_copy(&r, copy, sizeof copy);
    ck_assert_mem_eq(copy, "\0\0\0\0", 4);
    ck_assert_ptr_null(hs_reader_bytes(&r, 0));
    ck_assert(!hs_reader_ok(&r) && !hs_reader_done(&r));
}
END_TEST

START_TEST(sub_reader_cannot_leave_its_frame)
{
    HsReader r = hs_reader_of(some_bytes, sizeof some_bytes);
    HsReader inner = hs_reader_sub(&r, 4), outside;

    ck_assert_uint_eq(hs_reader_u24(&inner), 0x010203);
    ck_assert_uint_eq(hs_reader_u16(&inner), 0);
    ck_assert(!hs_reader_ok(&inner) && hs_reader_ok(&r));
    ck_assert_uint_eq(hs_reader_u8(&r), 5);
    outside = hs_reader_sub(&r, SIZE_MAX);
    ck_assert(!hs_reader_ok(&outside) && !hs_reader_ok(&r));
}
END_TEST

START_TEST(reader_of_nothing_is_done)
{
    HsReader r = hs_reader_of(NULL, 0);

    ck_assert(hs_reader_done(&r));
    ck_assert_ptr_nonnull(hs_reader_bytes(&r, 0));
    ck_assert_uint_eq(hs_reader_u8(&r), 0);
    ck_assert(!hs_reader_ok(&r));
}
END_TEST

START_TEST(writer_mirrors_the_reader)
{
    g_auto(HsWriter) w;
    g_autoptr(GBytes) bytes = NULL;

    hs_writer_init(&w);
    hs_writer_u8(&w, 0x01);
    hs_writer_u16(&w, 0xffff);
    hs_writer_u24(&w, 0x040506);
    hs_writer_u32(&w, 0x0708090a);
    hs_writer_u64(&w, UINT64_C(0x0b0c0d0e0f101112));
    hs_writer_patch_u16(&w, 1, 0x0203);
    bytes = hs_writer_steal(&w);
    ck_assert_uint_eq(g_bytes_get_size(bytes), sizeof some_bytes);
    ck_assert_mem_eq(g_bytes_get_data(bytes, NULL), some_bytes,
                     sizeof some_bytes);
}
END_TEST

START_TEST(writer_refuses_what_does_not_fit)
{
    g_auto(HsWriter) w;

    hs_writer_init(&w);
    hs_writer_u8(&w, 256);
    ck_assert(!hs_writer_ok(&w));
    ck_assert_ptr_null(hs_writer_steal(&w));
    hs_writer_init(&w);
    hs_writer_u16(&w, 1);
    hs_writer_patch_u16(&w, 1, 1);
    ck_assert(!hs_writer_ok(&w));
}
END_TEST

static const struct {
    const char *text;
    bool good;
} prefixes[] = {
    {"10.0.0.0/16", true},     {"0.0.0.0/0", true},    {"192.0.2.1/32", true},
    {"2001:db8::/32", true},   {"10.0.0.0", false},    {"10.0.0.0/33", false},
    {"10.0.0.0/", false},      {"10.0.0/8", false},    {"10.0.0.0/-1", false},
    {"10.0.0.0/8 ", false},    {"10.0.0.0/+8", false}, {"/8", false},
    {"2001:db8::/129", false},
};

START_TEST(prefixes_are_read_and_written)
{
    HsPrefix prefix;
    char text[HS_PREFIX_TEXT];

    ck_assert(hs_prefix_parse(prefixes[_i].text, &prefix) == prefixes[_i].good);
    if (prefixes[_i].good)
        ck_assert_str_eq(hs_prefix_format(&prefix, text), prefixes[_i].text);
}
END_TEST

static HsPrefix
prefix(const char *text)
{
    HsPrefix result;

    ck_assert(hs_prefix_parse(text, &result));
    return result;
}

START_TEST(prefixes_contain_and_cover)
{
    HsPrefix vpc = prefix("10.0.0.0/15"), inner = prefix("10.1.2.0/24");
    HsPrefix other = prefix("10.2.0.0/24"), all = prefix("0.0.0.0/0");
    HsPrefix unmasked = prefix("10.1.2.3/24"), six = prefix("2001:db8::/32");
    HsAddr last;

    ck_assert(hs_addr_parse("10.1.255.255", &last));
    ck_assert(hs_prefix_contains(&vpc, &last));
    ck_assert(hs_prefix_covers(&vpc, &inner));
    ck_assert(!hs_prefix_covers(&inner, &vpc));
    ck_assert(!hs_prefix_covers(&vpc, &other));
    ck_assert(hs_prefix_covers(&all, &other));
    ck_assert(!hs_prefix_covers(&all, &six));
    ck_assert(hs_prefix_equal(&inner, &unmasked));
    ck_assert_uint_eq(hs_prefix_hash(&inner), hs_prefix_hash(&unmasked));
    ck_assert_int_eq(hs_prefix_compare(&inner, &unmasked), 0);
    ck_assert_int_lt(hs_prefix_compare(&vpc, &inner), 0);
}
END_TEST

START_TEST(hosts_of_a_prefix_carry)
{
    HsPrefix p = prefix("169.254.10.4/30"), wide = prefix("10.0.255.0/16");
    char text[HS_ADDR_TEXT];
    HsAddr first = hs_prefix_host(&p, 1), far = hs_prefix_host(&wide, 300);

    ck_assert_str_eq(hs_addr_format(&first, text), "169.254.10.5");
    ck_assert_str_eq(hs_addr_format(&far, text), "10.0.1.44");
    ck_assert_uint_eq(hs_addr_to_ipv4(&first), 0xa9fe0a05);
}
END_TEST

/* What one stream draws depends on its own names only. */
START_TEST(streams_are_named_and_repeatable)
{
    g_autoptr(HsRng) a = hs_rng_new(1, "cgw", "bfd");
    g_autoptr(HsRng) again = hs_rng_new(1, "cgw", "bfd");
    g_autoptr(HsRng) purpose = hs_rng_new(1, "cgw", "bgp");
    g_autoptr(HsRng) node = hs_rng_new(1, "vgw", "bfd");
    g_autoptr(HsRng) seed = hs_rng_new(2, "cgw", "bfd");
    uint64_t first = hs_rng_u64(a);

    ck_assert_uint_eq(first, hs_rng_u64(again));
    ck_assert_uint_ne(first, hs_rng_u64(purpose));
    ck_assert_uint_ne(first, hs_rng_u64(node));
    ck_assert_uint_ne(first, hs_rng_u64(seed));
}
END_TEST

START_TEST(draws_stay_in_range_and_have_their_mean)
{
    g_autoptr(HsRng) rng = hs_rng_new(7, "node", "draws");
    double uniform = 0, exponential = 0, normal = 0, square = 0;
    enum { N = 100000 };

    for (int i = 0; i < N; i++) {
        HsDuration u = hs_rng_uniform(rng, HS_SEC(10), HS_SEC(20));
        HsDuration e = hs_rng_exponential(rng, HS_MSEC(10));
        double n = hs_rng_normal(rng);

        ck_assert_int_ge(u, HS_SEC(10));
        ck_assert_int_le(u, HS_SEC(20));
        ck_assert_int_ge(e, 0);
        ck_assert_uint_lt(hs_rng_below(rng, 3), 3);
        uniform += (double)u / 1e9;
        exponential += (double)e / 1e6;
        normal += n;
        square += n * n;
    }
    ck_assert_double_eq_tol(uniform / N, 15, 0.05);
    ck_assert_double_eq_tol(exponential / N, 10, 0.2);
    ck_assert_double_eq_tol(normal / N, 0, 0.02);
    ck_assert_double_eq_tol(square / N, 1, 0.03);
    ck_assert_int_eq(hs_rng_uniform(rng, 5, 5), 5);
    ck_assert_uint_eq(hs_rng_below(rng, 0), 0);
}
END_TEST

/* The median of many draws, in microseconds, against the formula's: for the
 * tail, exponent 2, it is (2^(1/2) - 1) times the scale. */
static const struct {
    HsDistribution distribution;
    int64_t median;
} medians[] = {
    {{HS_DISTRIBUTION_NONE, 0, 0}, 0},
    {{HS_DISTRIBUTION_CONSTANT, HS_MSEC(2), 0}, 2000},
    {{HS_DISTRIBUTION_UNIFORM, HS_MSEC(2), 0}, 1000},
    {{HS_DISTRIBUTION_NORMAL, HS_MSEC(2), 0}, 1349},
    {{HS_DISTRIBUTION_EXPONENTIAL, HS_MSEC(2), 0}, 1386},
    {{HS_DISTRIBUTION_LOGNORMAL, HS_MSEC(2), 800}, 2000},
    {{HS_DISTRIBUTION_PARETO, HS_MSEC(2), 2000}, 828},
};

static int
by_span(const void *a, const void *b)
{
    HsDuration x = *(const HsDuration *)a, y = *(const HsDuration *)b;

    return x < y ? -1 : x > y;
}

START_TEST(distributions_have_their_median)
{
    g_autoptr(HsRng) rng = hs_rng_new(7, "node", "jitter");
    HsDuration draws[20001];
    int64_t median;

    for (unsigned i = 0; i < G_N_ELEMENTS(draws); i++) {
        draws[i] = hs_distribution_draw(&medians[_i].distribution, rng);
        ck_assert_int_ge(draws[i], 0);
        ck_assert_int_le(draws[i], HS_SEC(86400));
    }
    qsort(draws, G_N_ELEMENTS(draws), sizeof draws[0], by_span);
    median = draws[G_N_ELEMENTS(draws) / 2] / 1000;
    ck_assert_int_ge(median, medians[_i].median * 97 / 100);
    ck_assert_int_le(median, medians[_i].median * 103 / 100);
}
END_TEST

START_TEST(packet_grows_at_both_ends)
{
    HsPacket *p = hs_packet_new("payload", 7);
    uint8_t *at;

    for (int round = 0; round < 50; round++) {
        memcpy(hs_packet_push(p, 8), "<header>", 8);
        at = hs_packet_put(p, 6);
        memcpy(at, "<tail>", 6);
    }
    ck_assert_uint_eq(hs_packet_length(p), 7 + 50 * 14);
    for (int round = 0; round < 50; round++) {
        ck_assert_mem_eq(hs_packet_data(p), "<header>", 8);
        hs_packet_pull(p, 8);
        hs_packet_trim(p, hs_packet_length(p) - 6);
    }
    ck_assert_uint_eq(hs_packet_length(p), 7);
    ck_assert_mem_eq(hs_packet_data(p), "payload", 7);
    hs_packet_unref(p);
}
END_TEST

START_TEST(packet_is_copied_only_when_shared)
{
    HsPacket *mine = hs_packet_new("abc", 3), *same, *theirs;

    same = hs_packet_writable(mine);
    ck_assert_ptr_eq(same, mine);
    theirs = hs_packet_ref(mine);
    mine = hs_packet_writable(mine);
    ck_assert_ptr_ne(mine, theirs);
    hs_packet_bytes(mine)[0] = 'x';
    ck_assert_mem_eq(hs_packet_data(theirs), "abc", 3);
    ck_assert_mem_eq(hs_packet_data(mine), "xbc", 3);
    hs_packet_unref(mine);
    hs_packet_unref(theirs);
}
END_TEST

static void
keep_line(void *user_data, const char *line)
{
    g_string_assign(user_data, line);
}

START_TEST(trace_line_says_when_who_and_what)
{
    g_autoptr(GString) line = g_string_new(NULL);
    HsTrace trace = {.line = keep_line,
                     .user_data = line,
                     .node = "cgw",
                     .protocol = "bgp",
                     .peer = "169.254.10.1"};

    hs_trace(&trace, HS_MSEC(12300), "%s -> %s", "OpenSent", "OpenConfirm");
    ck_assert_str_eq(line->str, "[  12.300000000] cgw bgp 169.254.10.1: "
                                "OpenSent -> OpenConfirm");
    hs_trace(NULL, 0, "nobody reads this");
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("base");
    TCase *tc = tcase_create("base");

    tcase_add_test(tc, never_absorbs_and_additions_saturate);
    tcase_add_loop_test(tc, durations_are_written_as_people_write_them, 0,
                        G_N_ELEMENTS(durations));
    tcase_add_test(tc, instants_have_nine_decimals);
    tcase_add_test(tc, reader_reads_network_order);
    tcase_add_test(tc, reader_error_sticks);
    tcase_add_test(tc, sub_reader_cannot_leave_its_frame);
    tcase_add_test(tc, reader_of_nothing_is_done);
    tcase_add_test(tc, writer_mirrors_the_reader);
    tcase_add_test(tc, writer_refuses_what_does_not_fit);
    tcase_add_loop_test(tc, prefixes_are_read_and_written, 0,
                        G_N_ELEMENTS(prefixes));
    tcase_add_test(tc, prefixes_contain_and_cover);
    tcase_add_test(tc, hosts_of_a_prefix_carry);
    tcase_add_test(tc, streams_are_named_and_repeatable);
    tcase_add_test(tc, draws_stay_in_range_and_have_their_mean);
    tcase_add_loop_test(tc, distributions_have_their_median, 0,
                        G_N_ELEMENTS(medians));
    tcase_add_test(tc, packet_grows_at_both_ends);
    tcase_add_test(tc, packet_is_copied_only_when_shared);
    tcase_add_test(tc, trace_line_says_when_who_and_what);
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}
