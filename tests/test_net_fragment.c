/* Fragmentation and reassembly. The datagram and its three fragments were made
 * by scapy. */

#include "config.h"

#include "models/base/rng.h"
#include "models/net/fragment.h"
#include "tests/harness/hex.h"
#include "tests/harness/run.h"

#include <string.h>

#define WHOLE                                                                  \
    "4500004c 00770000 4011f626 c0000201 c0000202 03e807d0 00384580"           \
    "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"         \
    "202122232425262728292a2b2c2d2e2f"

static const char *const thirds[] = {
    "4500002c 00772000 4011d646 c0000201 c0000202 03e807d0 00384580"
    "000102030405060708090a0b0c0d0e0f",
    "4500002c 00772003 4011d643 c0000201 c0000202"
    "101112131415161718191a1b1c1d1e1f2021222324252627",
    "4500001c 00770006 4011f650 c0000201 c0000202 28292a2b2c2d2e2f",
};

static HsPacket *
packet_of(const char *hex)
{
    g_autoptr(GBytes) bytes = hex_bytes(hex);
    gsize length;
    const void *data = g_bytes_get_data(bytes, &length);

    return hs_packet_new(data, length);
}

static HsIpv4
header_of(const HsPacket *packet)
{
    HsIpv4 ip;

    ck_assert_int_eq(
        hs_ipv4_parse(hs_packet_data(packet), hs_packet_length(packet), &ip),
        HS_DROP_NONE);
    ck_assert_uint_eq(ip.total_length, hs_packet_length(packet));
    return ip;
}

static void
expect_bytes(const HsPacket *packet, const HsPacket *expected)
{
    ck_assert_uint_eq(hs_packet_length(packet), hs_packet_length(expected));
    ck_assert_mem_eq(hs_packet_data(packet), hs_packet_data(expected),
                     hs_packet_length(packet));
}

static void
collect(void *user_data, HsPacket *fragment)
{
    g_ptr_array_add(user_data, fragment);
}

static GPtrArray *
split(HsPacket *packet, size_t mtu)
{
    GPtrArray *out =
        g_ptr_array_new_with_free_func((GDestroyNotify)hs_packet_unref);
    HsIpv4 ip = header_of(packet);

    ck_assert_uint_eq(hs_fragment_split(packet, &ip, mtu, collect, out),
                      out->len);
    return out;
}

static HsReassemblyResult
add(HsReassembly *reassembly, HsTime now, HsPacket *fragment)
{
    HsIpv4 ip = header_of(fragment);

    return hs_reassembly_add(reassembly, now, fragment, &ip);
}

/* A fragment with a right header. */
static HsPacket *
piece(uint16_t id, size_t offset, size_t length, bool more)
{
    HsPacket *packet = hs_packet_new(NULL, length);

    for (size_t i = 0; i < length; i++)
        hs_packet_bytes(packet)[i] = (uint8_t)(offset + i);
    hs_ipv4_push(packet, &(HsIpv4){
                             .id = id,
                             .fragment = (uint16_t)(offset / 8 |
                                                    (more ? HS_IPV4_MF : 0)),
                             .ttl = 64,
                             .protocol = HS_IP_UDP,
                             .source = 0xc0000201,
                             .destination = 0xc0000202,
                         });
    return packet;
}

static HsReassembly *
reassembly_new(HsDuration timeout, size_t bytes_max)
{
    return hs_reassembly_new(
        &(HsReassemblyConfig){.timeout = timeout, .bytes_max = bytes_max});
}

/* Splitting by 44 gives 24 bytes of payload each, as scapy did; the MTU is at
 * least 68, so the whole is split at 68 first and then compared by content. */
START_TEST(fragments_carry_the_datagram)
{
    g_autoptr(GPtrArray) out = split(packet_of(WHOLE), 68);
    g_autoptr(HsPacket) whole = packet_of(WHOLE);
    HsIpv4 first = header_of(out->pdata[0]), last = header_of(out->pdata[1]);

    ck_assert_uint_eq(out->len, 2);
    ck_assert_uint_eq(first.total_length, 68);
    ck_assert_uint_eq(first.fragment, HS_IPV4_MF);
    ck_assert_uint_eq(first.id, 0x77);
    ck_assert_mem_eq(hs_packet_data(out->pdata[0]) + 20,
                     hs_packet_data(whole) + 20, 48);
    ck_assert_uint_eq(last.total_length, 28);
    ck_assert_uint_eq(last.fragment, 6);
    ck_assert_uint_eq(last.id, 0x77);
    ck_assert_mem_eq(hs_packet_data(out->pdata[1]) + 20,
                     hs_packet_data(whole) + 68, 8);
}
END_TEST

/* The last fragment of that is scapy's last, byte for byte. */
START_TEST(last_fragment_is_as_scapy_makes_it)
{
    g_autoptr(GPtrArray) out = split(packet_of(WHOLE), 68);
    g_autoptr(HsPacket) expected = packet_of(thirds[2]);

    expect_bytes(out->pdata[1], expected);
}
END_TEST

static const struct {
    size_t payload, mtu;
    unsigned n;
    size_t first, last; /* total lengths */
} boundaries[] = {
    {1480, 1500, 1, 1500, 1500}, /* fits exactly */
    {1481, 1500, 2, 1500, 21},   /* one byte more */
    {1480, 1499, 2, 1492, 28},   /* room is a multiple of 8 */
    {2960, 1500, 2, 1500, 1500},  {2961, 1500, 3, 1500, 21},
    {65515, 1500, 45, 1500, 415}, {100, 68, 3, 68, 24},
    {1479, 1499, 1, 1499, 1499}, /* the last need not be a multiple */
};

START_TEST(boundaries_of_fragments)
{
    HsPacket *packet = piece(1, 0, boundaries[_i].payload, false);
    g_autoptr(HsPacket) original = hs_packet_ref(packet);
    g_autoptr(GPtrArray) out = split(packet, boundaries[_i].mtu);
    HsReassembly *reassembly = reassembly_new(0, 0);
    size_t at = 0;

    ck_assert_uint_eq(out->len, boundaries[_i].n);
    for (unsigned i = 0; i < out->len; i++) {
        HsIpv4 ip = header_of(out->pdata[i]);

        ck_assert_uint_le(ip.total_length, boundaries[_i].mtu);
        ck_assert_uint_eq(hs_ipv4_fragment_offset(&ip), at);
        ck_assert_int_eq((ip.fragment & HS_IPV4_MF) != 0, i + 1 < out->len);
        at += (size_t)(ip.total_length - 20);
    }
    ck_assert_uint_eq(hs_packet_length(out->pdata[0]), boundaries[_i].first);
    ck_assert_uint_eq(hs_packet_length(out->pdata[out->len - 1]),
                      boundaries[_i].last);
    for (unsigned i = 0; out->len > 1 && i < out->len; i++) {
        HsReassemblyResult result =
            add(reassembly, 0, hs_packet_ref(out->pdata[i]));

        ck_assert_int_eq(result.complete != NULL, i + 1 == out->len);
        if (result.complete != NULL)
            expect_bytes(result.complete, original);
        hs_packet_unref(result.complete);
    }
    hs_reassembly_free(reassembly);
}
END_TEST

/* A fragment cut again: offsets go on from its own, MF stays on its last. */
START_TEST(fragment_of_a_fragment)
{
    g_autoptr(GPtrArray) out = split(piece(1, 800, 96, true), 68);
    HsIpv4 first = header_of(out->pdata[0]), last;

    ck_assert_uint_eq(out->len, 2);
    last = header_of(out->pdata[1]);
    ck_assert_uint_eq(first.fragment, HS_IPV4_MF | 100);
    ck_assert_uint_eq(last.fragment, HS_IPV4_MF | 106);
}
END_TEST

/* RFC 791 3.1: of a NOP, a record route (7, not copied) and a security option
 * (130, copied), later fragments carry the security option alone, padded. */
START_TEST(options_are_copied_by_their_bit)
{
    static const uint8_t options[] = {1, 7, 7, 4, 0, 0, 0, 0, 130, 3, 9, 0};
    HsPacket *packet = piece(1, 0, 100, false);
    g_autoptr(GPtrArray) out = NULL;
    uint8_t *header;

    header = hs_packet_push(packet, sizeof options);
    memmove(header, header + sizeof options, 20);
    memcpy(header + 20, options, sizeof options);
    header[0] = 0x48;
    header[3] = 132;
    hs_ipv4_set_checksum(header);

    out = split(packet, 92);
    ck_assert_uint_eq(out->len, 2);
    ck_assert_uint_eq(header_of(out->pdata[0]).header_length, 32);
    ck_assert_uint_eq(header_of(out->pdata[0]).total_length, 32 + 56);
    ck_assert_uint_eq(header_of(out->pdata[1]).header_length, 24);
    ck_assert_uint_eq(header_of(out->pdata[1]).total_length, 24 + 44);
    ck_assert_mem_eq(hs_packet_data(out->pdata[1]) + 20, "\x82\x03\x09\x00", 4);
}
END_TEST

static const unsigned orders[6][3] = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2},
                                      {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};

START_TEST(reassembly_in_any_order)
{
    HsReassembly *reassembly = reassembly_new(0, 0);
    g_autoptr(HsPacket) whole = packet_of(WHOLE);

    for (unsigned i = 0; i < 3; i++) {
        HsReassemblyResult result =
            add(reassembly, 0, packet_of(thirds[orders[_i][i]]));

        ck_assert_int_eq(result.drop, HS_DROP_NONE);
        ck_assert_uint_eq(hs_reassembly_held(reassembly), i < 2 ? i + 1 : 0);
        if (i < 2) {
            ck_assert_ptr_null(result.complete);
            continue;
        }
        ck_assert_ptr_nonnull(result.complete);
        ck_assert_uint_eq(result.joined, 3);
        expect_bytes(result.complete, whole);
        hs_packet_unref(result.complete);
    }
    ck_assert_int_eq(hs_reassembly_next_expiry(reassembly), HS_TIME_NEVER);
    hs_reassembly_free(reassembly);
}
END_TEST

/* What comes after 0..24 and 48..56 (the last). */
static const struct {
    const char *name;
    size_t offset, length;
    bool more;
    HsDrop drop;
    unsigned dropped;
} third_pieces[] = {
    {"the gap", 24, 24, true, HS_DROP_NONE, 0},
    {"part of the gap", 24, 8, true, HS_DROP_NONE, 0},
    {"the first again", 0, 24, true, HS_DROP_FRAGMENT_DUPLICATE, 1},
    {"the last again", 48, 8, false, HS_DROP_FRAGMENT_DUPLICATE, 1},
    {"inside the first", 8, 8, true, HS_DROP_FRAGMENT_OVERLAP, 3},
    {"a shorter first", 0, 16, true, HS_DROP_FRAGMENT_OVERLAP, 3},
    {"a longer first", 0, 32, true, HS_DROP_FRAGMENT_OVERLAP, 3},
    {"into the last", 24, 32, true, HS_DROP_FRAGMENT_OVERLAP, 3},
    {"around the last", 40, 24, true, HS_DROP_FRAGMENT_OVERLAP, 3},
    {"behind the last", 56, 8, true, HS_DROP_BAD_FRAGMENT, 3},
    {"another last", 24, 8, false, HS_DROP_BAD_FRAGMENT, 3},
    {"empty", 24, 0, true, HS_DROP_BAD_FRAGMENT, 1},
    {"no multiple of 8 but not the last", 24, 9, true, HS_DROP_BAD_FRAGMENT, 1},
    {"beyond the longest packet", 65528, 16, false, HS_DROP_BAD_FRAGMENT, 1},
};

START_TEST(overlaps_and_contradictions_are_refused)
{
    HsReassembly *reassembly = reassembly_new(0, 0);
    HsReassemblyResult result;

    add(reassembly, 0, piece(1, 0, 24, true));
    add(reassembly, 0, piece(1, 48, 8, false));
    result = add(reassembly, 0,
                 piece(1, third_pieces[_i].offset, third_pieces[_i].length,
                       third_pieces[_i].more));
    ck_assert_msg(result.drop == third_pieces[_i].drop &&
                      result.dropped == third_pieces[_i].dropped,
                  "%s: %s, %u", third_pieces[_i].name,
                  hs_drop_name(result.drop), result.dropped);
    ck_assert_int_eq(result.complete != NULL, _i == 0);
    hs_packet_unref(result.complete);
    if (result.dropped == 3)
        ck_assert_uint_eq(hs_reassembly_held(reassembly), 0);
    hs_reassembly_free(reassembly);
}
END_TEST

/* The same place, other bytes: which of the two is meant? */
START_TEST(copy_with_other_bytes_is_an_overlap)
{
    HsReassembly *reassembly = reassembly_new(0, 0);
    HsPacket *other = piece(1, 0, 24, true);

    add(reassembly, 0, piece(1, 0, 24, true));
    hs_packet_bytes(other)[30] ^= 1;
    ck_assert_int_eq(add(reassembly, 0, other).drop, HS_DROP_FRAGMENT_OVERLAP);
    hs_reassembly_free(reassembly);
}
END_TEST

START_TEST(last_before_what_is_there)
{
    HsReassembly *reassembly = reassembly_new(0, 0);

    add(reassembly, 0, piece(1, 48, 8, true));
    ck_assert_int_eq(add(reassembly, 0, piece(1, 0, 8, false)).drop,
                     HS_DROP_BAD_FRAGMENT);
    hs_reassembly_free(reassembly);
}
END_TEST

/* Payload of 65512 behind a header with options would make 65536 bytes. */
START_TEST(longer_than_a_packet_can_be)
{
    HsReassembly *reassembly = reassembly_new(0, 0);
    HsPacket *first = piece(1, 0, 8, true);
    HsReassemblyResult result;
    uint8_t *header;

    header = hs_packet_push(first, 4);
    memmove(header, header + 4, 20);
    memcpy(header + 20, "\1\1\1\0", 4);
    header[0] = 0x46;
    header[3] = 32;
    hs_ipv4_set_checksum(header);
    add(reassembly, 0, first);
    add(reassembly, 0, piece(1, 8, 65504 - 8, true));
    result = add(reassembly, 0, piece(1, 65504, 8, false));
    ck_assert_int_eq(result.drop, HS_DROP_BAD_FRAGMENT);
    ck_assert_uint_eq(result.dropped, 3);
    ck_assert_uint_eq(hs_reassembly_held(reassembly), 0);
    hs_reassembly_free(reassembly);
}
END_TEST

START_TEST(datagrams_do_not_mix)
{
    HsReassembly *reassembly = reassembly_new(0, 0);
    HsReassemblyResult result;

    add(reassembly, 0, piece(1, 0, 8, true));
    result = add(reassembly, 0, piece(2, 8, 8, false));
    ck_assert_ptr_null(result.complete);
    result = add(reassembly, 0, piece(1, 8, 16, false));
    ck_assert_ptr_nonnull(result.complete);
    ck_assert_uint_eq(hs_packet_length(result.complete), 44);
    hs_packet_unref(result.complete);
    ck_assert_uint_eq(hs_reassembly_held(reassembly), 1);
    hs_reassembly_free(reassembly);
}
END_TEST

/* The clock of a datagram starts with its first fragment to arrive, whichever
 * that is, and later ones do not set it again. */
START_TEST(incomplete_datagrams_time_out)
{
    HsReassembly *reassembly = reassembly_new(HS_SEC(30), 0);
    HsPacket *first = (HsPacket *)1;
    unsigned fragments;
    size_t bytes;

    add(reassembly, HS_SEC(1), piece(1, 8, 8, true));
    add(reassembly, HS_SEC(2), piece(2, 0, 8, true));
    add(reassembly, HS_SEC(20), piece(1, 16, 8, true));
    ck_assert_int_eq(hs_reassembly_next_expiry(reassembly), HS_SEC(31));
    ck_assert(!hs_reassembly_poll_expired(reassembly, HS_SEC(31) - 1, &first,
                                          &fragments, &bytes));
    ck_assert(hs_reassembly_poll_expired(reassembly, HS_SEC(40), &first,
                                         &fragments, &bytes));
    ck_assert_ptr_null(first); /* fragment zero never came */
    ck_assert_uint_eq(fragments, 2);
    ck_assert_uint_eq(bytes, 56);
    ck_assert(hs_reassembly_poll_expired(reassembly, HS_SEC(40), &first,
                                         &fragments, &bytes));
    ck_assert_ptr_nonnull(first);
    ck_assert_uint_eq(header_of(first).id, 2);
    hs_packet_unref(first);
    ck_assert(!hs_reassembly_poll_expired(reassembly, HS_SEC(40), &first,
                                          &fragments, &bytes));
    ck_assert_uint_eq(hs_reassembly_held(reassembly), 0);
    hs_reassembly_free(reassembly);
}
END_TEST

START_TEST(memory_is_bounded)
{
    HsReassembly *reassembly = reassembly_new(0, 100);

    ck_assert_int_eq(add(reassembly, 0, piece(1, 0, 80, true)).drop,
                     HS_DROP_NONE);
    ck_assert_int_eq(add(reassembly, 0, piece(2, 0, 8, true)).drop,
                     HS_DROP_REASSEMBLY_FULL);
    ck_assert_uint_eq(hs_reassembly_held(reassembly), 1);
    hs_reassembly_free(reassembly);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("net fragment");
    TCase *t = tcase_create("split");

    tcase_add_test(t, fragments_carry_the_datagram);
    tcase_add_test(t, last_fragment_is_as_scapy_makes_it);
    tcase_add_loop_test(t, boundaries_of_fragments, 0,
                        G_N_ELEMENTS(boundaries));
    tcase_add_test(t, fragment_of_a_fragment);
    tcase_add_test(t, options_are_copied_by_their_bit);
    suite_add_tcase(suite, t);

    t = tcase_create("reassembly");
    tcase_add_loop_test(t, reassembly_in_any_order, 0, G_N_ELEMENTS(orders));
    tcase_add_loop_test(t, overlaps_and_contradictions_are_refused, 0,
                        G_N_ELEMENTS(third_pieces));
    tcase_add_test(t, copy_with_other_bytes_is_an_overlap);
    tcase_add_test(t, last_before_what_is_there);
    tcase_add_test(t, longer_than_a_packet_can_be);
    tcase_add_test(t, datagrams_do_not_mix);
    tcase_add_test(t, incomplete_datagrams_time_out);
    tcase_add_test(t, memory_is_bounded);
    suite_add_tcase(suite, t);
    return run_suite(suite);
}
