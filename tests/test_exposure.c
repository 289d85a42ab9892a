#include "config.h"

#include "sim/observe/exposure.h"
#include "tests/harness/run.h"

#include <string.h>

/* Protected: 10.0.0.0/16 (the VPC) with 172.16.0.0/24 (the site), and
 * 2001:db8:a::/48 with 2001:db8:b::/72. */
#define VPC_HOST  "0a00010a" /* 10.0.1.10 */
#define SITE_HOST "ac10000a" /* 172.16.0.10 */
#define OUTSIDE_A "c6336401" /* 198.51.100.1 */
#define OUTSIDE_B "cb007101" /* 203.0.113.1 */
#define VPC_SIX   "20010db8000a00000000000000000010"
#define SITE_SIX  "20010db8000b00000000000000000010"
#define FAR_SIX   "20010db8000b00000100000000000010" /* beyond the /72 */

/* Version, IHL, TOS, length; id; flags, offset; TTL, protocol, checksum */
#define IPV4(length, id, fragment, proto)                                      \
    "4500" length id fragment "40" proto "0000"
#define WHOLE "4000" /* DF */

#define TCP(source, destination)                                               \
    source destination "0000000100000001501072100000"                          \
                       "0000"
#define UDP(source, destination, length) source destination length "0000"
#define POSTGRES                         "1538"
#define ESP_BODY                         "c0ffee0100000007a1a2a3a4a5a6a7a8b1b2b3b4b5b6b7b8"

static const struct {
    const char *name;
    HsExposureClass class_;
    const char *hex;
    size_t clear; /* bytes counted as clear; 0: as long as it is */
} packets[] = {
    {"TCP from the VPC to the site", HS_EXPOSURE_CLEAR,
     IPV4("0028", "1c46", WHOLE, "06") VPC_HOST SITE_HOST TCP("d431", POSTGRES),
     0},
    {"and back", HS_EXPOSURE_CLEAR,
     IPV4("0028", "1c46", WHOLE, "06") SITE_HOST VPC_HOST TCP(POSTGRES, "d431"),
     0},
    {"an IP header with options", HS_EXPOSURE_CLEAR,
     "4600002c1c46400040060000" VPC_HOST SITE_HOST
     "01010100" TCP("d431", POSTGRES),
     0},
    {"port 179 of a protected flow is no control", HS_EXPOSURE_CLEAR,
     IPV4("0028", "1c46", WHOLE, "06") VPC_HOST SITE_HOST TCP("d431", "00b3"),
     0},
    {"a ping between protected hosts", HS_EXPOSURE_CLEAR,
     IPV4("001c", "0001", WHOLE, "01") VPC_HOST SITE_HOST "0800f7fe00000001",
     0},
    {"within the VPC", HS_EXPOSURE_OTHER,
     IPV4("0028", "1c46", WHOLE, "06") VPC_HOST
     "0a000114" TCP("d431", POSTGRES),
     0},
    {"from outside to the site", HS_EXPOSURE_OTHER,
     IPV4("0028", "1c46", WHOLE, "06")
         OUTSIDE_A SITE_HOST TCP("d431", POSTGRES),
     0},
    {"the address behind the prefix", HS_EXPOSURE_OTHER,
     IPV4("0028", "1c46", WHOLE, "06") VPC_HOST
     "ac10010a" TCP("d431", POSTGRES),
     0},
    {"ESP", HS_EXPOSURE_ESP,
     IPV4("002c", "0002", "0000", "32") OUTSIDE_A OUTSIDE_B ESP_BODY, 0},
    {"ESP whose ends are protected hosts", HS_EXPOSURE_ESP,
     IPV4("002c", "0002", "0000", "32") VPC_HOST SITE_HOST ESP_BODY, 0},
    {"ESP in UDP", HS_EXPOSURE_ESP,
     IPV4("0034", "0002", "0000", "11")
         OUTSIDE_A OUTSIDE_B UDP("1194", "1194", "0020") ESP_BODY,
     0},
    {"ESP in UDP behind a NAT's port", HS_EXPOSURE_ESP,
     IPV4("0034", "0002", "0000", "11")
         OUTSIDE_A OUTSIDE_B UDP("f0b1", "1194", "0020") ESP_BODY,
     0},
    {"IKE on 4500 has the marker", HS_EXPOSURE_CONTROL,
     IPV4("0034", "0002", "0000", "11")
         OUTSIDE_A OUTSIDE_B UDP("1194", "1194", "0020") "00000000"
                                                         "0102030405060708"
                                                         "0000000000000000"
                                                         "21202208",
     0},
    {"a NAT keep-alive", HS_EXPOSURE_CONTROL,
     IPV4("001d", "0002", "0000", "11")
         OUTSIDE_A OUTSIDE_B UDP("1194", "1194", "0009") "ff",
     0},
    {"IKE on 500", HS_EXPOSURE_CONTROL,
     IPV4("0020", "0002", "0000", "11")
         OUTSIDE_A OUTSIDE_B UDP("01f4", "01f4", "000c") "01020304",
     0},
    {"BGP to port 179", HS_EXPOSURE_CONTROL,
     IPV4("0028", "0003", WHOLE, "06") "a9fe0a01a9fe0a02" TCP("e001", "00b3"),
     0},
    {"BGP from port 179", HS_EXPOSURE_CONTROL,
     IPV4("0028", "0003", WHOLE, "06") "a9fe0a02a9fe0a01" TCP("00b3", "e001"),
     0},
    {"BFD", HS_EXPOSURE_CONTROL,
     IPV4("0034", "0004", WHOLE, "11") "a9fe0a01a9fe0a02" UDP(
         "c000", "0ec8", "0020") "20c003180000000100000002"
                                 "000493e0000493e000000000",
     0},
    {"port 3784 as a source only", HS_EXPOSURE_OTHER,
     IPV4("0020", "0004", WHOLE,
          "11") "a9fe0a01a9fe0a02" UDP("0ec8", "c000", "000c") "20c00318",
     0},
    {"a ping of routers", HS_EXPOSURE_CONTROL,
     IPV4("001c", "0005", "0000", "01") "a9fe0a01a9fe0a02"
                                        "0800f7fe00000001",
     0},
    {"an ICMP error that quotes a protected packet", HS_EXPOSURE_CLEAR,
     IPV4("0038", "0006", "0000", "01") OUTSIDE_A VPC_HOST
     "0304000000000578" IPV4("05dc", "1c46", WHOLE, "06") VPC_HOST SITE_HOST
     "d431153800000001",
     28},
    {"an ICMP error that quotes ESP", HS_EXPOSURE_CONTROL,
     IPV4("0038", "0006", "0000", "01") OUTSIDE_B OUTSIDE_A
     "0304000000000578" IPV4("05dc", "0002", "0000", "32") OUTSIDE_A OUTSIDE_B
     "c0ffee0100000007",
     0},
    {"an echo whose data looks like a protected packet", HS_EXPOSURE_CONTROL,
     IPV4("0038", "0006", "0000", "01") OUTSIDE_A OUTSIDE_B
     "0800000000010001" IPV4("05dc", "1c46", WHOLE, "06") VPC_HOST SITE_HOST
     "d431153800000001",
     0},
    {"IP in IP", HS_EXPOSURE_CLEAR,
     IPV4("003c", "0007", "0000", "04") OUTSIDE_A OUTSIDE_B IPV4(
         "0028", "1c46", WHOLE, "06") VPC_HOST SITE_HOST TCP("d431", POSTGRES),
     40},
    {"ESP in IP in IP", HS_EXPOSURE_ESP,
     IPV4("0040", "0007", "0000", "04") OUTSIDE_A OUTSIDE_B IPV4(
         "002c", "0002", "0000", "32") OUTSIDE_A OUTSIDE_B ESP_BODY,
     0},
    {"GRE with a key", HS_EXPOSURE_CLEAR,
     IPV4("0044", "0008", "0000", "2f") OUTSIDE_A OUTSIDE_B
     "2000080000000001" IPV4("0028", "1c46", WHOLE, "06")
         VPC_HOST SITE_HOST TCP("d431", POSTGRES),
     40},
    {"GRE with something else", HS_EXPOSURE_OTHER,
     IPV4("001c", "0008", "0000", "2f") OUTSIDE_A OUTSIDE_B "0000880b00000000",
     0},
    {"some UDP", HS_EXPOSURE_OTHER,
     IPV4("0020", "0009", "0000", "11")
         OUTSIDE_A OUTSIDE_B UDP("0035", "d431", "000c") "01020304",
     0},
    {"IPv6 from the VPC to the site", HS_EXPOSURE_CLEAR,
     "6000000000140640" VPC_SIX SITE_SIX TCP("d431", POSTGRES), 0},
    {"IPv6 beyond the site's prefix", HS_EXPOSURE_OTHER,
     "6000000000140640" VPC_SIX FAR_SIX TCP("d431", POSTGRES), 0},
    {"ESP on IPv6", HS_EXPOSURE_ESP,
     "6000000000183240" VPC_SIX SITE_SIX ESP_BODY, 0},
    {"nothing", HS_EXPOSURE_BROKEN, "", 0},
    {"version 5", HS_EXPOSURE_BROKEN,
     "550000281c46400040060000" VPC_HOST SITE_HOST TCP("d431", POSTGRES), 0},
    {"a header of 16 bytes", HS_EXPOSURE_BROKEN,
     "440000281c46400040060000" VPC_HOST SITE_HOST TCP("d431", POSTGRES), 0},
    {"a header longer than the packet", HS_EXPOSURE_BROKEN,
     "4f0000181c46400040060000" VPC_HOST SITE_HOST "01010101", 0},
    {"a header cut short", HS_EXPOSURE_BROKEN,
     "450000281c46400040060000" VPC_HOST "ac1000", 0},
    {"an IPv6 header cut short", HS_EXPOSURE_BROKEN, "6000000000140640" VPC_SIX,
     0},
};

typedef struct {
    HsExposure *exposure;
    unsigned dx, internet, lan;
} Wires;

static void
protect(HsExposure *exposure, const char *a, const char *b)
{
    HsPrefix x, y;

    ck_assert(hs_prefix_parse(a, &x) && hs_prefix_parse(b, &y));
    hs_exposure_add_protected(exposure, &x, &y);
}

static void
wires_init(Wires *w)
{
    w->exposure = hs_exposure_new(HS_SEC(1));
    protect(w->exposure, "10.0.0.0/16", "172.16.0.0/24");
    protect(w->exposure, "2001:db8:a::/48", "2001:db8:b::/72");
    w->dx = hs_exposure_add_link(w->exposure, "dx", HS_LINK_DX, false);
    w->internet =
        hs_exposure_add_link(w->exposure, "isp", HS_LINK_INTERNET, false);
    w->lan = hs_exposure_add_link(w->exposure, "lan", HS_LINK_LAN, true);
}

static void
wires_clear(Wires *w)
{
    hs_exposure_free(w->exposure);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Wires, wires_clear)

/* In memory of exactly that size, for the sanitizers. */
static GBytes *
bytes_of(const char *hex)
{
    size_t length = strlen(hex) / 2;
    uint8_t *bytes = g_malloc(length + (length == 0));

    for (size_t i = 0; i < length; i++)
        bytes[i] = (uint8_t)(g_ascii_xdigit_value(hex[2 * i]) << 4 |
                             g_ascii_xdigit_value(hex[2 * i + 1]));
    return g_bytes_new_take(bytes, length);
}

static HsExposureClass
show(Wires *w, unsigned link, HsTime at, uint64_t number, const char *hex)
{
    g_autoptr(GBytes) bytes = bytes_of(hex);
    size_t length;
    const uint8_t *data = g_bytes_get_data(bytes, &length);

    return hs_exposure_packet(w->exposure, link, 0, at, number, data, length);
}

START_TEST(packets_are_what_their_bytes_say)
{
    g_auto(Wires) w;
    const HsExposureLink *dx;
    HsExposureClass class_;
    size_t length = strlen(packets[_i].hex) / 2;

    wires_init(&w);
    class_ = show(&w, w.dx, 0, 1, packets[_i].hex);
    ck_assert_msg(class_ == packets[_i].class_, "%s: %s", packets[_i].name,
                  hs_exposure_class_name(class_));
    dx = hs_exposure_link(w.exposure, w.dx);
    ck_assert_uint_eq(dx->total.packets[class_], 1);
    ck_assert_msg(dx->total.bytes[class_] ==
                      (packets[_i].clear ? packets[_i].clear : length),
                  "%s: %" G_GUINT64_FORMAT " bytes", packets[_i].name,
                  dx->total.bytes[class_]);
    ck_assert_uint_eq(hs_exposure_packets(w.exposure), 1);
}
END_TEST

/* Nothing is read behind the end, and a protected header stays protected. */
START_TEST(truncated_packets_are_read_to_their_end)
{
    g_auto(Wires) w;

    wires_init(&w);
    for (size_t n = 0; n < strlen(packets[_i].hex) / 2; n++) {
        g_autofree char *hex = g_strndup(packets[_i].hex, 2 * n);
        HsExposureClass class_ = show(&w, w.dx, 0, 0, hex);

        if (n < 20)
            ck_assert_int_eq(class_, HS_EXPOSURE_BROKEN);
    }
}
END_TEST

#define FRAGMENT(offset, proto, id, ends, body)                                \
    IPV4("0024", id, offset, proto) ends body

START_TEST(fragments_are_what_their_first_one_was)
{
    g_auto(Wires) w;

    wires_init(&w);
    /* NAT-T in two: the rear half has no ports. */
    ck_assert_int_eq(
        show(&w, w.internet, 0, 1,
             FRAGMENT("2000", "11", "0a0a", OUTSIDE_A OUTSIDE_B,
                      UDP("1194", "1194", "0030") "c0ffee0100000007")),
        HS_EXPOSURE_ESP);
    ck_assert_int_eq(show(&w, w.internet, 0, 2,
                          FRAGMENT("0002", "11", "0a0a", OUTSIDE_A OUTSIDE_B,
                                   "a1a2a3a4a5a6a7a8")),
                     HS_EXPOSURE_ESP);
    /* Another datagram, another link, another protocol: unknown. */
    ck_assert_int_eq(show(&w, w.internet, 0, 3,
                          FRAGMENT("0002", "11", "0a0b", OUTSIDE_A OUTSIDE_B,
                                   "a1a2a3a4a5a6a7a8")),
                     HS_EXPOSURE_OTHER);
    ck_assert_int_eq(show(&w, w.dx, 0, 4,
                          FRAGMENT("0002", "11", "0a0a", OUTSIDE_A OUTSIDE_B,
                                   "a1a2a3a4a5a6a7a8")),
                     HS_EXPOSURE_OTHER);
    ck_assert_int_eq(show(&w, w.internet, 0, 5,
                          FRAGMENT("0002", "06", "0a0a", OUTSIDE_A OUTSIDE_B,
                                   "a1a2a3a4a5a6a7a8")),
                     HS_EXPOSURE_OTHER);
    /* Raw ESP says so in each fragment; protected hosts too. */
    ck_assert_int_eq(show(&w, w.internet, 0, 6,
                          FRAGMENT("0002", "32", "0a0c", OUTSIDE_A OUTSIDE_B,
                                   "a1a2a3a4a5a6a7a8")),
                     HS_EXPOSURE_ESP);
    ck_assert_int_eq(show(&w, w.internet, 0, 7,
                          FRAGMENT("0002", "06", "0a0d", VPC_HOST SITE_HOST,
                                   "a1a2a3a4a5a6a7a8")),
                     HS_EXPOSURE_CLEAR);
    /* IP in IP, fragmented: the rear half is of the protected packet. */
    ck_assert_int_eq(show(&w, w.internet, 0, 8,
                          FRAGMENT("2000", "04", "0a0e", OUTSIDE_A OUTSIDE_B,
                                   "450005dc1c46400040060000" VPC_HOST SITE_HOST
                                   "d4311538")),
                     HS_EXPOSURE_CLEAR);
    ck_assert_int_eq(show(&w, w.internet, 0, 9,
                          FRAGMENT("0003", "04", "0a0e", OUTSIDE_A OUTSIDE_B,
                                   "a1a2a3a4a5a6a7a8")),
                     HS_EXPOSURE_CLEAR);
}
END_TEST

#define CLEAR_PACKET                                                           \
    IPV4("0028", "1c46", WHOLE, "06") VPC_HOST SITE_HOST TCP("d431", POSTGRES)
#define ESP_PACKET                                                             \
    IPV4("002c", "0002", "0000", "32") OUTSIDE_A OUTSIDE_B ESP_BODY

START_TEST(counts_by_link_time_and_phase)
{
    g_auto(Wires) w;
    const HsExposureLink *dx, *lan;
    const HsExposureCounts *bin;
    HsExposureCounts phase;

    wires_init(&w);
    show(&w, w.dx, HS_MSEC(200), 0, ESP_PACKET);
    show(&w, w.dx, HS_MSEC(300), 11, CLEAR_PACKET);
    hs_exposure_mark(w.exposure, HS_SEC(1), "cut applied");
    show(&w, w.dx, HS_MSEC(3999), 12, CLEAR_PACKET);
    show(&w, w.dx, HS_SEC(4), 13, CLEAR_PACKET);
    hs_exposure_mark(w.exposure, HS_SEC(5), "cut cleared");
    show(&w, w.lan, HS_SEC(6), 14, CLEAR_PACKET);
    show(&w, w.internet, HS_SEC(6), 15, ESP_PACKET);
    dx = hs_exposure_link(w.exposure, w.dx);
    ck_assert_uint_eq(dx->total.bytes[HS_EXPOSURE_CLEAR], 120);
    ck_assert_uint_eq(dx->total.bytes[HS_EXPOSURE_ESP], 44);
    ck_assert(dx->seen_clear);
    ck_assert_int_eq(dx->first.at, HS_MSEC(300));
    ck_assert_uint_eq(dx->first.number, 11);
    ck_assert_int_eq(dx->last.at, HS_SEC(4));
    ck_assert_uint_eq(dx->last.number, 13);
    ck_assert_uint_eq(dx->bins[0]->len, 5);
    bin = &g_array_index(dx->bins[0], HsExposureCounts, 0);
    ck_assert_uint_eq(bin->packets[HS_EXPOSURE_CLEAR], 1);
    ck_assert_uint_eq(bin->packets[HS_EXPOSURE_ESP], 1);
    bin = &g_array_index(dx->bins[0], HsExposureCounts, 2);
    ck_assert_uint_eq(bin->packets[HS_EXPOSURE_CLEAR], 0);
    bin = &g_array_index(dx->bins[0], HsExposureCounts, 3);
    ck_assert_uint_eq(bin->packets[HS_EXPOSURE_CLEAR], 1);
    ck_assert_uint_eq(hs_exposure_marks(w.exposure), 2);
    ck_assert_str_eq(hs_exposure_mark_at(w.exposure, 1)->name, "cut cleared");
    phase = hs_exposure_phase(w.exposure, w.dx, 0);
    ck_assert_uint_eq(phase.packets[HS_EXPOSURE_CLEAR], 1);
    ck_assert_uint_eq(phase.packets[HS_EXPOSURE_ESP], 1);
    phase = hs_exposure_phase(w.exposure, w.dx, 1);
    ck_assert_uint_eq(phase.packets[HS_EXPOSURE_CLEAR], 2);
    ck_assert_uint_eq(phase.packets[HS_EXPOSURE_ESP], 0);
    phase = hs_exposure_phase(w.exposure, w.lan, 2);
    ck_assert_uint_eq(phase.bytes[HS_EXPOSURE_CLEAR], 40);
    lan = hs_exposure_link(w.exposure, w.lan);
    ck_assert(lan->trusted);
    ck_assert_uint_eq(hs_exposure_untrusted_clear(w.exposure), 120);
    ck_assert_uint_eq(hs_exposure_kind_clear(w.exposure, HS_LINK_DX), 120);
    ck_assert_uint_eq(hs_exposure_kind_clear(w.exposure, HS_LINK_INTERNET), 0);
    ck_assert_uint_eq(hs_exposure_kind_clear(w.exposure, HS_LINK_LAN), 40);
    ck_assert(!hs_exposure_link(w.exposure, w.internet)->seen_clear);
}
END_TEST

START_TEST(directions_are_kept_apart)
{
    g_auto(Wires) w;
    g_autoptr(GBytes) bytes = bytes_of(CLEAR_PACKET);
    const HsExposureLink *dx;

    wires_init(&w);
    hs_exposure_packet(w.exposure, w.dx, 1, 0, 1, g_bytes_get_data(bytes, NULL),
                       g_bytes_get_size(bytes));
    dx = hs_exposure_link(w.exposure, w.dx);
    ck_assert_uint_eq(dx->direction[0].packets[HS_EXPOSURE_CLEAR], 0);
    ck_assert_uint_eq(dx->direction[1].packets[HS_EXPOSURE_CLEAR], 1);
    ck_assert_uint_eq(dx->first.direction, 1);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("exposure");
    TCase *tc = tcase_create("exposure");

    tcase_add_loop_test(tc, packets_are_what_their_bytes_say, 0,
                        G_N_ELEMENTS(packets));
    tcase_add_loop_test(tc, truncated_packets_are_read_to_their_end, 0,
                        G_N_ELEMENTS(packets));
    tcase_add_test(tc, fragments_are_what_their_first_one_was);
    tcase_add_test(tc, counts_by_link_time_and_phase);
    tcase_add_test(tc, directions_are_kept_apart);
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}
