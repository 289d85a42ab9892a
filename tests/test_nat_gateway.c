/* AWS's NAT gateway, with packets that scapy made: what is its own beside the
 * translation (test_net_napt.c), the reset after 350 s of silence. */

#include "config.h"

#include "models/aws/nat_gateway.h"
#include "tests/harness/fake_env.h"
#include "tests/harness/hex.h"
#include "tests/harness/run.h"

#define SYN                                                                    \
    "4500002c00034000400606850a00000ac63364079c4001bb000003e800000000"         \
    "6002ffffc1fe0000020405b4"
#define DATA                                                                   \
    "4500002b00050000400646840a00000ac63364079c4001bb000003e900000008"         \
    "501803e83a6b0000474554"
#define DATA_RESET                                                             \
    "45000028000040004006068cc63364070a00000a01bb9c400000000800000000"         \
    "50040000dd980000"
#define FIN_NO_ACK                                                             \
    "4500002b00050000400646840a00000ac63364079c4001bb000003e900000000"         \
    "500103e83a8a0000474554"
#define FIN_RESET                                                              \
    "45000028000040004006068cc63364070a00000a01bb9c4000000000000003ed"         \
    "50140000d9a30000"
#define RST_OUT                                                                \
    "4500002800050000400646870a00000ac63364079c4001bb000003e900000000"         \
    "50040000d9b70000"
#define UDP_IN                                                                 \
    "45000022000200003c111885c6336407cb00710900351388000e37d3776f726c"         \
    "6421"

typedef struct {
    FakeWorld *world;
    HsAwsNat *nat;
} Box;

static void
setup(Box *box)
{
    HsAwsNatConfig config = {.name = "nat"};

    ck_assert(hs_addr_parse("203.0.113.9", &config.address));
    box->world = fake_world_new(1);
    box->nat =
        hs_aws_nat_new(fake_world_node(box->world, "app", "10.0.0.1"), &config);
}

static void
teardown(Box *box)
{
    hs_aws_nat_free(box->nat);
    fake_world_free(box->world);
}

static HsPacket *
packet_of(const char *text)
{
    g_autoptr(GBytes) bytes = hex_bytes(text);
    gsize length;
    const void *data = g_bytes_get_data(bytes, &length);

    return hs_packet_new(data, length);
}

/* PACKET goes out: on, or EXPECTED comes back. */
static void
goes_on(Box *box, const char *packet)
{
    bool back;
    g_autoptr(HsPacket) result =
        hs_aws_nat_out(box->nat, packet_of(packet), &back);

    ck_assert(result != NULL && !back);
}

static void
comes_back(Box *box, const char *packet, const char *expected)
{
    bool back;
    g_autoptr(HsPacket) result =
        hs_aws_nat_out(box->nat, packet_of(packet), &back);
    g_autoptr(HsPacket) wanted = packet_of(expected);

    ck_assert(result != NULL && back);
    ck_assert_uint_eq(hs_packet_length(result), hs_packet_length(wanted));
    ck_assert_mem_eq(hs_packet_data(result), hs_packet_data(wanted),
                     hs_packet_length(wanted));
}

START_TEST(idle_350_seconds_then_a_reset)
{
    Box box;

    setup(&box);
    comes_back(&box, DATA, DATA_RESET); /* of no connection */
    goes_on(&box, SYN);
    fake_world_run(box.world, HS_SEC(350) - 1);
    goes_on(&box, DATA);
    fake_world_run(box.world, HS_SEC(700) - 1);
    comes_back(&box, DATA, DATA_RESET);
    comes_back(&box, FIN_NO_ACK, FIN_RESET);
    teardown(&box);
}
END_TEST

START_TEST(no_reset_for_a_reset)
{
    Box box;
    bool back;

    setup(&box);
    ck_assert_ptr_null(hs_aws_nat_out(box.nat, packet_of(RST_OUT), &back));
    ck_assert(!back);
    teardown(&box);
}
END_TEST

START_TEST(nothing_comes_in_unasked)
{
    Box box;

    setup(&box);
    ck_assert_ptr_null(hs_aws_nat_in(box.nat, packet_of(UDP_IN)));
    ck_assert_uint_eq(
        hs_napt_counters(hs_aws_nat_napt(box.nat)).drops[HS_NAPT_NO_MAPPING],
        1);
    teardown(&box);
}
END_TEST

static Suite *
suite(void)
{
    Suite *s = suite_create("nat_gateway");
    TCase *tc = tcase_create("gateway");

    tcase_add_test(tc, idle_350_seconds_then_a_reset);
    tcase_add_test(tc, no_reset_for_a_reset);
    tcase_add_test(tc, nothing_comes_in_unasked);
    suite_add_tcase(s, tc);
    return s;
}

int
main(void)
{
    return run_suite(suite());
}
