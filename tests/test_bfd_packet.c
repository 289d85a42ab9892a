/* BFD control packets: bytes written out by hand from RFC 5880 4.1. */

#include "config.h"

#include "models/bfd/bfd.h"

#include "tests/harness/hex.h"
#include "tests/harness/run.h"

#include <string.h>

/* Up, Poll, multiplier 3, discriminators 1 and 2, 300 ms both ways. */
#define GOOD "20 e0 03 18 00000001 00000002 000493e0 000493e0 00000000"

static BfdDrop
decode(const char *text, BfdPacket *ret_packet)
{
    g_autoptr(GBytes) bytes = hex_bytes(text);
    size_t length;
    const uint8_t *data = g_bytes_get_data(bytes, &length);

    return bfd_packet_decode(data, length, ret_packet);
}

START_TEST(good_packet_is_read)
{
    BfdPacket p;

    ck_assert_int_eq(decode(GOOD, &p), BFD_DROP_NONE);
    ck_assert_uint_eq(p.diag, BFD_DIAG_NONE);
    ck_assert_int_eq(p.state, BFD_UP);
    ck_assert(p.poll);
    ck_assert(!p.final && !p.independent && !p.auth && !p.demand);
    ck_assert_uint_eq(p.detect_mult, 3);
    ck_assert_uint_eq(p.my_discriminator, 1);
    ck_assert_uint_eq(p.your_discriminator, 2);
    ck_assert_uint_eq(p.desired_min_tx, 300000);
    ck_assert_uint_eq(p.required_min_rx, 300000);
    ck_assert_uint_eq(p.required_min_echo_rx, 0);
}
END_TEST

START_TEST(every_field_has_its_place)
{
    BfdPacket p;

    ck_assert_int_eq(decode("3f 9a ff 18 01020304 05060708 090a0b0c 0d0e0f10 "
                            "11121314",
                            &p),
                     BFD_DROP_NONE);
    ck_assert_uint_eq(p.diag, 31);
    ck_assert_int_eq(p.state, BFD_INIT);
    ck_assert(!p.poll && p.final && p.independent && !p.auth && p.demand);
    ck_assert_uint_eq(p.detect_mult, 255);
    ck_assert_uint_eq(p.my_discriminator, 0x01020304);
    ck_assert_uint_eq(p.your_discriminator, 0x05060708);
    ck_assert_uint_eq(p.desired_min_tx, 0x090a0b0c);
    ck_assert_uint_eq(p.required_min_rx, 0x0d0e0f10);
    ck_assert_uint_eq(p.required_min_echo_rx, 0x11121314);
}
END_TEST

static const struct {
    const char *name;
    const char *bytes;
    BfdDrop drop;
} packets[] = {
    {"each state: AdminDown",
     "27 00 03 18 00000001 00000000 000f4240 "
     "000493e0 00000000",
     BFD_DROP_NONE},
    {"each state: Down",
     "20 40 03 18 00000001 00000000 000f4240 000493e0 "
     "00000000",
     BFD_DROP_NONE},
    {"payload longer than the length field", GOOD "de ad be ef", BFD_DROP_NONE},
    {"length field covers bytes after the header",
     "20 e0 03 1c 00000001 00000002 000493e0 000493e0 00000000 deadbeef",
     BFD_DROP_NONE},
    {"authentication section",
     "20 c4 03 21 00000001 00000002 000493e0 "
     "000493e0 00000000 01 09 01 736563726574",
     BFD_DROP_NONE},
    {"smallest authentication section",
     "20 c4 03 1a 00000001 00000002 000493e0 000493e0 00000000 0102",
     BFD_DROP_NONE},

    {"version 0", "00 c0 03 18 00000001 00000002 000493e0 000493e0 00000000",
     BFD_DROP_VERSION},
    {"version 2", "40 c0 03 18 00000001 00000002 000493e0 000493e0 00000000",
     BFD_DROP_VERSION},
    {"length 0", "20 c0 03 00 00000001 00000002 000493e0 000493e0 00000000",
     BFD_DROP_LENGTH},
    {"length 23", "20 c0 03 17 00000001 00000002 000493e0 000493e0 00000000",
     BFD_DROP_LENGTH},
    {"length 25 with the A bit",
     "20 c4 03 19 00000001 00000002 000493e0 000493e0 00000000 01",
     BFD_DROP_LENGTH},
    {"length 25 in 24 octets",
     "20 c0 03 19 00000001 00000002 000493e0 000493e0 00000000",
     BFD_DROP_TRUNCATED},
    {"length 255 in 24 octets",
     "20 c0 03 ff 00000001 00000002 000493e0 000493e0 00000000",
     BFD_DROP_TRUNCATED},
    {"detect mult 0",
     "20 c0 00 18 00000001 00000002 000493e0 000493e0 "
     "00000000",
     BFD_DROP_DETECT_MULT},
    {"multipoint", "20 c1 03 18 00000001 00000002 000493e0 000493e0 00000000",
     BFD_DROP_MULTIPOINT},
    {"my discriminator 0",
     "20 c0 03 18 00000000 00000002 000493e0 000493e0 "
     "00000000",
     BFD_DROP_MY_DISCRIMINATOR},

    /* two faults: the one that 6.8.6 names first */
    {"version before length",
     "40 c0 03 00 00000001 00000002 000493e0 "
     "000493e0 00000000",
     BFD_DROP_VERSION},
    {"length before detect mult",
     "20 c0 00 17 00000001 00000002 000493e0 "
     "000493e0 00000000",
     BFD_DROP_LENGTH},
    {"truncation before detect mult",
     "20 c0 00 18 00000001 00000002 000493e0 "
     "000493e0 000000",
     BFD_DROP_TRUNCATED},
    {"detect mult before multipoint",
     "20 c1 00 18 00000001 00000002 000493e0 "
     "000493e0 00000000",
     BFD_DROP_DETECT_MULT},
    {"multipoint before my discriminator",
     "20 c1 03 18 00000000 00000002 000493e0 000493e0 00000000",
     BFD_DROP_MULTIPOINT},
};

START_TEST(each_rule_has_its_name)
{
    BfdPacket p;
    BfdDrop got = decode(packets[_i].bytes, &p);

    ck_assert_msg(got == packets[_i].drop, "%s: %s, expected %s",
                  packets[_i].name, bfd_drop_name(got),
                  bfd_drop_name(packets[_i].drop));
}
END_TEST

/* In memory of its exact size, so that a read past the end is seen. */
START_TEST(every_truncation_is_dropped)
{
    g_autoptr(GBytes) whole = hex_bytes(GOOD);
    g_autofree uint8_t *part =
        g_memdup2(g_bytes_get_data(whole, NULL), (size_t)_i);
    BfdPacket p = {.detect_mult = 77};

    ck_assert_uint_eq(g_bytes_get_size(whole), 24);
    ck_assert_int_eq(bfd_packet_decode(part, (size_t)_i, &p),
                     BFD_DROP_TRUNCATED);
    ck_assert_uint_eq(p.detect_mult, 77);
}
END_TEST

START_TEST(encoding_gives_the_written_bytes)
{
    const BfdPacket p = {
        .diag = BFD_DIAG_DETECTION_EXPIRED,
        .state = BFD_DOWN,
        .final = true,
        .detect_mult = 5,
        .my_discriminator = 0xcafe0001,
        .your_discriminator = 0x0badf00d,
        .desired_min_tx = 1000000,
        .required_min_rx = 300000,
    };
    const BfdPacket all = {
        .diag = 31,
        .state = BFD_UP,
        .poll = true,
        .final = true,
        .independent = true,
        .demand = true,
        .detect_mult = 255,
        .required_min_echo_rx = 7,
    };
    g_autoptr(GBytes) got = bfd_packet_encode(&p);
    g_autoptr(GBytes) expected =
        hex_bytes("21 50 05 18 cafe0001 0badf00d 000f4240 000493e0 00000000");

    g_autoptr(GBytes) got_all = bfd_packet_encode(&all);
    g_autoptr(GBytes) expected_all =
        hex_bytes("3f fa ff 18 00000000 00000000 00000000 00000000 00000007");

    ck_assert(g_bytes_equal(got, expected));
    ck_assert(g_bytes_equal(got_all, expected_all));
}
END_TEST

START_TEST(discriminator_is_found_without_decoding)
{
    g_autoptr(GBytes) bytes = hex_bytes(GOOD);
    const uint8_t *data = g_bytes_get_data(bytes, NULL);

    ck_assert_uint_eq(bfd_packet_your_discriminator(data, 24), 2);
    ck_assert_uint_eq(bfd_packet_your_discriminator(data, 12), 2);
    for (size_t length = 0; length < 12; length++)
        ck_assert_uint_eq(bfd_packet_your_discriminator(data, length), 0);
}
END_TEST

START_TEST(names_are_the_rfcs)
{
    ck_assert_str_eq(bfd_state_name(BFD_ADMIN_DOWN), "AdminDown");
    ck_assert_str_eq(bfd_state_name(BFD_UP), "Up");
    ck_assert_str_eq(bfd_diag_name(1), "Control Detection Time Expired");
    ck_assert_str_eq(bfd_diag_name(8), "Reverse Concatenated Path Down");
    ck_assert_str_eq(bfd_diag_name(9), "Reserved");
    ck_assert_str_eq(bfd_diag_name(31), "Reserved");
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("bfd packet");
    TCase *t = tcase_create("packet");

    tcase_add_test(t, good_packet_is_read);
    tcase_add_test(t, every_field_has_its_place);
    tcase_add_loop_test(t, each_rule_has_its_name, 0,
                        (int)G_N_ELEMENTS(packets));
    tcase_add_loop_test(t, every_truncation_is_dropped, 0, 24);
    tcase_add_test(t, encoding_gives_the_written_bytes);
    tcase_add_test(t, discriminator_is_found_without_decoding);
    tcase_add_test(t, names_are_the_rfcs);
    suite_add_tcase(suite, t);
    return run_suite(suite);
}
