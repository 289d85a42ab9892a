/* The dissector on packets written by hand: every link header, fragments, TCP
 * in pieces, what must be guessed, and what the capture does not have. Real
 * captures are held against tshark by tests/system/check-dissect.py. */

#include "config.h"

#include "models/esp/esp.h"
#include "sim/dissect/dissect.h"
#include "tests/harness/hex.h"
#include "tests/harness/run.h"

#include <check.h>
#include <string.h>

typedef struct {
    Dissector *d;  /* owned */
    GString *said; /* owned: "BFD Up\n", what is wrong in brackets */
    HsTime at;
    bool details;
} Reading;

static void
note(void *user_data, const DissectMessage *m)
{
    Reading *reading = user_data;

    g_string_append_printf(reading->said, "%s%s%s %s",
                           m->inside != NULL ? m->inside : "",
                           m->inside != NULL ? ": " : "",
                           dissect_protocol_name(m->protocol), m->info);
    if (m->wrong != NULL)
        g_string_append_printf(reading->said, " [%s]", m->wrong);
    g_string_append_c(reading->said, '\n');
    ck_assert_int_eq(m->fields != NULL, reading->details);
}

static void
start(Reading *reading, const DissectKeys *keys)
{
    const DissectConfig config = {
        .keys = keys, .sink = note, .user_data = reading};

    *reading =
        (Reading){.d = dissector_new(&config), .said = g_string_new(NULL)};
}

static void
reading_clear(Reading *reading)
{
    dissector_free(reading->d);
    g_string_free(reading->said, TRUE);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Reading, reading_clear)

/* The first KEPT of the packet's bytes. */
static void
give_cut(Reading *reading, int link_type, GBytes *bytes, size_t kept)
{
    gsize length;
    const uint8_t *data = g_bytes_get_data(bytes, &length);
    /* A copy without room behind it, for the sanitizer's eye. */
    g_autofree uint8_t *copy = g_memdup2(data, MIN(kept, length));
    const CapturePacket packet = {.at = reading->at,
                                  .data = copy,
                                  .length = MIN(kept, length),
                                  .original = length,
                                  .link_type = link_type};

    reading->at += HS_MSEC(1);
    dissector_packet(reading->d, &packet, link_type);
}

static void
give(Reading *reading, int link_type, GBytes *bytes)
{
    give_cut(reading, link_type, bytes, SIZE_MAX);
}

static void
give_hex(Reading *reading, int link_type, const char *hex)
{
    g_autoptr(GBytes) bytes = hex_bytes(hex);

    give(reading, link_type, bytes);
}

static void
expect(Reading *reading, const char *said)
{
    ck_assert_str_eq(reading->said->str, said);
    g_string_truncate(reading->said, 0);
}

/* Link headers. Behind each stands the same BFD packet, in IPv4 or IPv6. */

#define BFD  "20c00318 00000001 00000002 0007a120 0007a120 00000000"
#define UDP  "c000 0ec8 0020 0000" BFD
#define IPV4 "4500 0034 0000 0000 ff11 0000 0a000001 0a000002" UDP
#define IPV6                                                                   \
    "60000000 0020 11ff 20010db8000000000000000000000001"                      \
    "20010db8000000000000000000000002" UDP
#define SAID                                                                   \
    "bfd Up, mult 3, tx 500 ms, rx 500 ms, my 0x00000001, your 0x00000002\n"

static const struct {
    const char *name;
    int link_type;
    const char *hex;
} links[] = {
    {"Ethernet", 1, "020000000001 020000000002 0800" IPV4},
    {"Ethernet, padded", 1, "020000000001 020000000002 0800" IPV4 "0000"},
    {"Ethernet, IPv6", 1, "020000000001 020000000002 86dd" IPV6},
    {"802.1Q", 1, "020000000001 020000000002 8100 0064 0800" IPV4},
    {"QinQ", 1, "020000000001 020000000002 88a8 0064 8100 0065 0800" IPV4},
    {"old QinQ", 1, "020000000001 020000000002 9100 0064 8100 0065 86dd" IPV6},
    {"PPPoE", 1, "020000000001 020000000002 8864 1100 0001 0036 0021" IPV4},
    {"null, little-endian", 0, "02000000" IPV4},
    {"null, big-endian", 0, "00000002" IPV4},
    {"null, IPv6 of a BSD", 0, "1e000000" IPV6},
    {"loop", 108, "00000002" IPV4},
    {"PPP", 9, "ff03 0021" IPV4},
    {"PPP, compressed", 9, "21" IPV4},
    {"PPP, IPv6", 50, "ff03 0057" IPV6},
    {"Cisco HDLC", 104, "0f00 0800" IPV4},
    {"raw", 101, IPV4},
    {"raw, IPv6", 101, IPV6},
    {"raw of a BSD", 12, IPV4},
    {"IPv4", 228, IPV4},
    {"IPv6", 229, IPV6},
    {"Linux cooked", 113, "0000 0001 0006 020000000001 0000 0800" IPV4},
    {"Linux cooked 2", 276,
     "0800 0000 00000003 0001 00 06 0200000000010000" IPV4},
};

START_TEST(every_link_header)
{
    g_autoptr(GBytes) bytes = hex_bytes(links[_i].hex);
    g_auto(Reading) r = {0};

    start(&r, NULL);
    ck_assert(dissect_link_type_is_known(links[_i].link_type));
    give(&r, links[_i].link_type, bytes);
    expect(&r, SAID);
    /* Each beginning of it is survived, and never is the whole. */
    for (size_t kept = 0; kept + 2 < g_bytes_get_size(bytes); kept++)
        give_cut(&r, links[_i].link_type, bytes, kept);
    ck_assert_ptr_null(strstr(r.said->str, "0x00000002\n"));
    ck_assert_uint_eq(dissector_counters(r.d)->cut,
                      g_bytes_get_size(bytes) - 2);
}
END_TEST

START_TEST(unknown_links_are_of_other_protocols)
{
    g_auto(Reading) r = {0};

    start(&r, NULL);
    ck_assert(!dissect_link_type_is_known(147));
    give_hex(&r, 147, IPV4);
    give_hex(&r, 1, "020000000001 020000000002 0806 0001");
    expect(&r, "");
    ck_assert_uint_eq(dissector_counters(r.d)->other, 2);
}
END_TEST

/* IP headers */

static const struct {
    const char *name, *hex, *said;
} headers[] = {
    {"options", "4600 0038 0000 0000 ff11 0000 0a000001 0a000002 01010100" UDP,
     SAID},
    {"length 0 (offload)",
     "4500 0000 0000 0000 ff11 0000 0a000001 0a000002" UDP, SAID},
    {"IPv6 options",
     "60000000 0028 00ff 20010db8000000000000000000000001"
     "20010db8000000000000000000000002 1100 0104 00000000" UDP,
     SAID},
    {"IP in IP", "4500 0048 0000 0000 4004 0000 0a000003 0a000004" IPV4, SAID},
    {"IPv6 in IPv4", "4500 005c 0000 0000 4029 0000 0a000003 0a000004" IPV6,
     SAID},
    {"GRE", "4500 004c 0000 0000 402f 0000 0a000003 0a000004 0000 0800" IPV4,
     SAID},
    {"GRE with a key",
     "4500 0050 0000 0000 402f 0000 0a000003 0a000004 2000 0800 00000001" IPV4,
     SAID},
    {"AH",
     "4500 0040 0000 0000 ff33 0000 0a000001 0a000002"
     "11 01 0000 00000001 00000001" UDP,
     SAID},
    {"UDP shorter than its packet",
     "4500 0036 0000 0000 ff11 0000 0a000001 0a000002"
     "c000 0ec8 0020 0000" BFD "ffff",
     SAID},
    {"UDP longer than its packet",
     "4500 0034 0000 0000 ff11 0000 0a000001 0a000002"
     "c000 0ec8 0030 0000" BFD,
     SAID},
    {"header length below 20",
     "4400 0034 0000 0000 ff11 0000 0a000001 0a000002", ""},
    {"total below header", "4500 0010 0000 0000 ff11 0000 0a000001 0a000002",
     ""},
    {"version 5", "5500 0034 0000 0000 ff11 0000 0a000001 0a000002", ""},
    {"UDP length below 8",
     "4500 001c 0000 0000 ff11 0000 0a000001 0a000002 c000 0ec8 0007 0000", ""},
    {"TTL is not 255", "4500 0034 0000 0000 fe11 0000 0a000001 0a000002" UDP,
     "bfd Up, mult 3, tx 500 ms, rx 500 ms, my 0x00000001, your 0x00000002 "
     "[TTL is 254 and not 255]\n"},
    {"of several hops, it need not be",
     "4500 0034 0000 0000 fe11 0000 0a000001 0a000002 c000 12b0 0020 0000" BFD,
     SAID},
    {"echo",
     "4500 0020 0000 0000 ff11 0000 0a000001 0a000002"
     "0ec9 0ec9 000c 0000 01020304",
     "bfd Echo, 4 bytes\n"},
    {"no BFD version",
     "4500 0034 0000 0000 ff11 0000 0a000001 0a000002 c000 0ec8 0020 0000"
     "00c00318 00000001 00000002 0007a120 0007a120 00000000",
     "bfd Up [version is not 1]\n"},
    {"flags and authentication",
     "4500 0044 0000 0000 ff11 0000 0a000001 0a000002 c000 0ec8 0030 0000"
     "21746428 00000001 00000002 0007a121 0007a120 0000c350"
     "0510 0300 00000009 0001020304050607",
     "bfd Down Poll Final A, Control Detection Time Expired, mult 100, "
     "tx 500001 us, rx 500 ms, echo 50 ms, my 0x00000001, your 0x00000002, "
     "Meticulous Keyed SHA1 authentication\n"},
    {"NAT keepalive",
     "4500 001d 0000 0000 4011 0000 0a000001 0a000002 1194 1194 0009 0000 ff",
     "ike NAT keepalive\n"},
    {"ESP in UDP",
     "4500 0028 0000 0000 4011 0000 0a000001 0a000002 1194 1194 0014 0000"
     "00001000 00000007 00000000",
     "esp SPI 0x00001000, sequence 7: encrypted\n"},
    {"ESP too short",
     "4500 001a 0000 0000 4032 0000 0a000001 0a000002 000010000000",
     "esp 6 bytes [too short for SPI and sequence number]\n"},
    {"IKE too short",
     "4500 0020 0000 0000 4011 0000 0a000001 0a000002 01f4 01f4 000c 0000"
     "01020304",
     "ike 4 bytes [shorter than an IKE header]\n"},
    {"IKEv1",
     "4500 0038 0000 0000 4011 0000 0a000001 0a000002 01f4 01f4 0024 0000"
     "0102030405060708 0000000000000000 01100200 00000000 0000001c",
     "ike IKE version 1 exchange 2 [major version below 2]\n"},
};

START_TEST(every_header)
{
    g_auto(Reading) r = {0};

    start(&r, NULL);
    give_hex(&r, 101, headers[_i].hex);
    ck_assert_msg(strcmp(r.said->str, headers[_i].said) == 0, "%s: %s",
                  headers[_i].name, r.said->str);
}
END_TEST

/* Fragments: the BFD datagram in three. */

#define FRAGMENT(length, place, data)                                          \
    "4500 " length " 0007 " place " ff11 0000 0a000001 0a000002" data

static const char *const fragments[] = {
    FRAGMENT("0024", "2000", "c000 0ec8 0020 0000 20c00318 00000001"),
    FRAGMENT("001c", "2002", "00000002 0007a120"),
    FRAGMENT("001c", "0003", "0007a120 00000000"),
};

START_TEST(fragments_come_in_any_order)
{
    static const unsigned orders[6][3] = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2},
                                          {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};
    g_auto(Reading) r = {0};

    start(&r, NULL);
    for (unsigned i = 0; i < 3; i++) {
        expect(&r, "");
        give_hex(&r, 101, fragments[orders[_i][i]]);
        if (i == 0) /* and again */
            give_hex(&r, 101, fragments[orders[_i][i]]);
    }
    expect(&r, SAID);
    dissector_finish(r.d);
    ck_assert_uint_eq(dissector_counters(r.d)->fragments_lost, 0);
}
END_TEST

START_TEST(fragments_of_ipv6)
{
    g_auto(Reading) r = {0};

    start(&r, NULL);
    give_hex(&r, 101,
             "60000000 0018 2cff 20010db8000000000000000000000001"
             "20010db8000000000000000000000002 11000010 00000007"
             "00000002 0007a120 0007a120 00000000");
    give_hex(&r, 101,
             "60000000 0018 2cff 20010db8000000000000000000000001"
             "20010db8000000000000000000000002 11000001 00000007"
             "c000 0ec8 0020 0000 20c00318 00000001");
    expect(&r, SAID);
}
END_TEST

START_TEST(a_lost_fragment_is_counted)
{
    g_auto(Reading) r = {0};

    start(&r, NULL);
    give_hex(&r, 101, fragments[0]);
    give_hex(&r, 101, fragments[2]);
    r.at += HS_SEC(31);
    give_hex(&r, 101, fragments[1]); /* of another datagram by now */
    expect(&r, "");
    dissector_finish(r.d);
    ck_assert_uint_eq(dissector_counters(r.d)->fragments_lost, 2);
}
END_TEST

/* BGP */

#define MARKER    "ffffffffffffffffffffffffffffffff"
#define KEEPALIVE MARKER "001304"
#define OPEN_AS2  MARKER "001d01 04 fde9 005a c0000201 00"
#define OPEN_AS4  MARKER "002501 04 fdea 005a c0000202 08 0206 4104 0000fdea"
#define OPEN_ADD_PATH(as, way)                                                 \
    MARKER "002b01 04 " as " 005a c0000202 0e"                                 \
           "020c 4104 0000" as " 4504 000101" way
#define UPDATE_AS4                                                             \
    MARKER "002f02 0000 0014 40010100 40020602010000fde9 400304c0000201"       \
           "18ac1000"
#define UPDATE_AS2                                                             \
    MARKER "002d02 0000 0012 40010100 4002040201fde9 400304c0000201 18ac1000"
#define UPDATE_PATHS                                                           \
    MARKER "003302 0000 0014 40010100 40020602010000fde9 400304c0000201"       \
           "00000005 18ac1000"
#define ROUTE "172.16.0.0/24, origin IGP, path 65001, next hop 192.0.2.1\n"

enum { SYN = 2, RST = 4, ACK = 16 };

/* A segment of the connection 10.0.0.1:40000 to 10.0.0.2:179, or BACK. */
static GBytes *
segment(bool back, uint32_t sequence, uint32_t acknowledged, unsigned flags,
        const char *hex)
{
    g_autoptr(GBytes) payload = hex_bytes(hex);
    gsize length;
    const uint8_t *data = g_bytes_get_data(payload, &length);
    HsWriter w;

    hs_writer_init(&w);
    hs_writer_u16(&w, 0x4500);
    hs_writer_u16(&w, 40 + length);
    hs_writer_u32(&w, 0);
    hs_writer_u32(&w, 0x40060000);
    hs_writer_u32(&w, back ? 0x0a000002 : 0x0a000001);
    hs_writer_u32(&w, back ? 0x0a000001 : 0x0a000002);
    hs_writer_u16(&w, back ? 179 : 40000);
    hs_writer_u16(&w, back ? 40000 : 179);
    hs_writer_u32(&w, sequence);
    hs_writer_u32(&w, acknowledged);
    hs_writer_u16(&w, 0x5000 | flags);
    hs_writer_zeros(&w, 6);
    if (length > 0)
        hs_writer_bytes(&w, data, length);
    return hs_writer_steal(&w);
}

static void
send(Reading *r, bool back, uint32_t sequence, const char *hex)
{
    g_autoptr(GBytes) bytes = segment(back, sequence, 0, 0, hex);

    give(r, 101, bytes);
}

static void
acknowledge(Reading *r, bool back, uint32_t number)
{
    g_autoptr(GBytes) bytes = segment(back, 0, number, ACK, "");

    give(r, 101, bytes);
}

static void
open_connection(Reading *r)
{
    g_autoptr(GBytes) syn = segment(false, 99, 0, SYN, "");
    g_autoptr(GBytes) answer = segment(true, 499, 100, SYN | ACK, "");

    give(r, 101, syn);
    give(r, 101, answer);
}

START_TEST(messages_and_segments_differ)
{
    g_autoptr(GBytes) all = hex_bytes(KEEPALIVE UPDATE_AS4 KEEPALIVE);
    gsize length;
    const uint8_t *data = g_bytes_get_data(all, &length);

    /* All in one; then cut at each place; then byte by byte, backwards. */
    for (gsize cut = 0; cut <= length; cut++) {
        g_auto(Reading) r = {0};
        gsize step = cut == 0 ? 1 : cut;

        start(&r, NULL);
        open_connection(&r);
        for (gsize at = length; at > 0;) {
            gsize begin = (at - 1) / step * step;
            g_autoptr(GString) hex = g_string_new(NULL);

            for (gsize i = begin; i < at; i++)
                g_string_append_printf(hex, "%02x", data[i]);
            send(&r, false, (uint32_t)(100 + begin), hex->str);
            at = begin;
        }
        expect(&r, "bgp KEEPALIVE\nbgp UPDATE " ROUTE "bgp KEEPALIVE\n");
    }
}
END_TEST

START_TEST(repeated_segments_are_told_once)
{
    g_auto(Reading) r = {0};

    start(&r, NULL);
    open_connection(&r);
    send(&r, false, 100, KEEPALIVE);
    send(&r, false, 100, KEEPALIVE KEEPALIVE);
    send(&r, false, 119, KEEPALIVE);
    expect(&r, "bgp KEEPALIVE\nbgp KEEPALIVE\n");
}
END_TEST

/* The size of AS numbers is that of the OPENs, both of them. */
START_TEST(opens_decide_the_size_of_as_numbers)
{
    g_auto(Reading) r = {0};

    start(&r, NULL);
    open_connection(&r);
    send(&r, false, 100, OPEN_AS2);
    send(&r, true, 500, OPEN_AS4);
    send(&r, true, 537, UPDATE_AS2);
    expect(&r, "bgp OPEN AS 65001, hold 90 s, id 192.0.2.1\n"
               "bgp OPEN AS 65002, hold 90 s, id 192.0.2.2, 4-octet AS\n"
               "bgp UPDATE " ROUTE);
    send(&r, true, 537 + 45, UPDATE_AS4);
    ck_assert_ptr_nonnull(strstr(r.said->str, "AS_PATH that cannot be read"));
}
END_TEST

START_TEST(without_opens_the_path_tells)
{
    g_auto(Reading) r = {0};

    start(&r, NULL);
    open_connection(&r);
    send(&r, false, 100, UPDATE_AS4 UPDATE_AS4);
    send(&r, true, 500, UPDATE_AS2 UPDATE_AS2);
    expect(&r, "bgp UPDATE " ROUTE "bgp UPDATE " ROUTE "bgp UPDATE " ROUTE
               "bgp UPDATE " ROUTE);
}
END_TEST

START_TEST(add_path_is_by_the_opens)
{
    static const struct {
        const char *first, *second;
        bool agreed;
    } opens[] = {
        {OPEN_ADD_PATH("fde9", "03"), OPEN_ADD_PATH("fdea", "01"), true},
        {OPEN_ADD_PATH("fde9", "02"), OPEN_ADD_PATH("fdea", "03"), true},
        {OPEN_ADD_PATH("fde9", "01"), OPEN_ADD_PATH("fdea", "03"), false},
        {OPEN_ADD_PATH("fde9", "02"), OPEN_ADD_PATH("fdea", "02"), false},
        {OPEN_ADD_PATH("fde9", "02"), OPEN_AS4, false},
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(opens); i++) {
        g_auto(Reading) r = {0};

        start(&r, NULL);
        open_connection(&r);
        send(&r, false, 100, opens[i].first);
        send(&r, true, 500, opens[i].second);
        g_string_truncate(r.said, 0);
        send(&r, false, 143, opens[i].agreed ? UPDATE_PATHS : UPDATE_AS4);
        expect(&r, opens[i].agreed
                       ? "bgp UPDATE 172.16.0.0/24 (path 5), origin IGP, path "
                         "65001, next hop 192.0.2.1\n"
                       : "bgp UPDATE " ROUTE);
    }
}
END_TEST

/* Prefixes that are none, or several default routes, have path numbers. */
START_TEST(without_opens_the_prefixes_tell)
{
    g_auto(Reading) r = {0};

    start(&r, NULL);
    open_connection(&r);
    send(&r, false, 100, UPDATE_PATHS);
    expect(&r, "bgp UPDATE 172.16.0.0/24 (path 5), origin IGP, path 65001, "
               "next hop 192.0.2.1\n");
}
END_TEST

START_TEST(a_connection_in_the_middle)
{
    g_auto(Reading) r = {0};

    start(&r, NULL);
    send(&r, false, 7000, "0a0b0c ffffff" KEEPALIVE KEEPALIVE);
    expect(&r, "bgp KEEPALIVE [6 bytes in front of it belong to no message "
               "that can be read]\n"
               "bgp KEEPALIVE\n");
}
END_TEST

/* A lost segment is known as lost when it was acknowledged. The message that
 * it tore is told; where the next one begins, its length tells. */
START_TEST(a_lost_segment)
{
    g_auto(Reading) r = {0};

    start(&r, NULL);
    open_connection(&r);
    send(&r, false, 100, MARKER "002f02 0000"); /* 21 of 47 */
    send(&r, false, 131, "030a 0b0c 0d0e");     /* 10 are missing */
    expect(&r, "");
    acknowledge(&r, true, 131);
    expect(&r, "bgp UPDATE [21 of 47 bytes: the rest was not captured]\n");
    send(&r, false, 137, "0102 0304 0506 0708 090a" KEEPALIVE);
    expect(&r, "bgp KEEPALIVE\n");
}
END_TEST

START_TEST(a_lost_segment_within_a_message)
{
    g_auto(Reading) r = {0};

    start(&r, NULL);
    open_connection(&r);
    send(&r, false, 100, MARKER "002f02 0000");
    send(&r, false, 131, "00000000 00000000 00000000 00000000" KEEPALIVE);
    acknowledge(&r, true, 166);
    expect(&r, "bgp UPDATE [21 of 47 bytes: the rest was not captured]\n"
               "bgp KEEPALIVE\n");
}
END_TEST

START_TEST(lost_messages_and_a_new_marker)
{
    g_auto(Reading) r = {0};

    start(&r, NULL);
    open_connection(&r);
    send(&r, false, 100, KEEPALIVE);
    send(&r, false, 200, "00000001" KEEPALIVE);
    acknowledge(&r, true, 223);
    expect(&r, "bgp KEEPALIVE\n"
               "bgp KEEPALIVE [4 bytes in front of it belong to no message "
               "that can be read]\n");
}
END_TEST

START_TEST(a_cut_message)
{
    g_autoptr(GBytes) update = segment(false, 100, 0, 0, UPDATE_AS4);
    g_auto(Reading) r = {0};

    start(&r, NULL);
    open_connection(&r);
    give_cut(&r, 101, update, 40 + 25);
    send(&r, false, 147, KEEPALIVE);
    acknowledge(&r, true, 166);
    expect(&r, "bgp UPDATE [25 of 47 bytes: the rest was not captured]\n"
               "bgp KEEPALIVE\n");
}
END_TEST

START_TEST(the_capture_ends_within_a_message)
{
    g_auto(Reading) r = {0};

    start(&r, NULL);
    open_connection(&r);
    send(&r, false, 100, MARKER "002f02 0000");
    send(&r, true, 500, "ffffff");
    expect(&r, "");
    dissector_finish(r.d);
    expect(&r,
           "bgp UPDATE [21 of 47 bytes: the capture or the connection ends "
           "within it]\n"
           "bgp message without its header [3 bytes of a header: the capture "
           "or the connection ends within it]\n");
}
END_TEST

START_TEST(used_ports_are_a_new_connection)
{
    g_autoptr(GBytes) syn = segment(false, 70000, 0, SYN, "");
    g_auto(Reading) r = {0};

    start(&r, NULL);
    open_connection(&r);
    send(&r, false, 100, OPEN_AS2);
    send(&r, true, 500, OPEN_AS4);
    send(&r, false, 129, "ffff");
    g_string_truncate(r.said, 0);
    give(&r, 101, syn);
    expect(&r, "bgp message without its header [2 bytes of a header: the "
               "connection ended]\n");
    send(&r, false, 70001, UPDATE_AS4); /* not by the old OPENs */
    expect(&r, "bgp UPDATE " ROUTE);
}
END_TEST

static const struct {
    const char *name, *hex, *said;
} messages[] = {
    {"bad marker", "ffffffffffffffffffffffffffffff00001304" KEEPALIVE,
     "bgp KEEPALIVE [19 bytes in front of it belong to no message that can be "
     "read]\n"},
    {"length below 19", MARKER "001204" KEEPALIVE,
     "bgp KEEPALIVE [Message Header Error: Bad Message Length]\n"
     "bgp KEEPALIVE\n"},
    {"length above 4096", MARKER "ffff09" KEEPALIVE,
     "bgp message of an unknown type [Message Header Error: Bad Message "
     "Length]\nbgp KEEPALIVE\n"},
    {"unknown type", MARKER "001507 0000" KEEPALIVE,
     "bgp message of an unknown type [Message Header Error: Bad Message "
     "Type]\nbgp KEEPALIVE\n"},
    {"NOTIFICATION", MARKER "001503 0602",
     "bgp NOTIFICATION Cease/Administrative Shutdown\n"},
    {"shutdown communication", MARKER "001a03 0602 0474657374",
     "bgp NOTIFICATION Cease/Administrative Shutdown: \"test\"\n"},
    {"a communication that is no text", MARKER "001803 0602 02 ff0a",
     "bgp NOTIFICATION Cease/Administrative Shutdown: \"\357\277\275?\"\n"},
    {"hold timer", MARKER "001503 0400",
     "bgp NOTIFICATION Hold Timer Expired\n"},
    {"route refresh", MARKER "001705 0001 0001",
     "bgp ROUTE-REFRESH IPv4 unicast request\n"},
    {"end of refresh", MARKER "001705 0002 0201",
     "bgp ROUTE-REFRESH IPv6 unicast end of refresh\n"},
    {"End-of-RIB", MARKER "001702 0000 0000",
     "bgp UPDATE End-of-RIB IPv4 unicast\n"},
    {"End-of-RIB of IPv6", MARKER "001d02 0000 0006 800f03 0002 01",
     "bgp UPDATE End-of-RIB IPv6 unicast\n"},
    {"withdrawal", MARKER "001b02 0004 18ac1000 0000",
     "bgp UPDATE withdraws 172.16.0.0/24\n"},
    {"many prefixes",
     MARKER "002702 0010 080a 080b 080c 080d 080e 080f 0810 0811 0000",
     "bgp UPDATE withdraws 10.0.0.0/8 11.0.0.0/8 12.0.0.0/8 13.0.0.0/8 "
     "14.0.0.0/8 15.0.0.0/8 and 2 more\n"},
    {"IPv6",
     MARKER "004a02 0000 0033 40010100 40020602010000fde9"
            "800e23 0002 01 10 20010db8000000000000000000000001 00"
            "30 20010db80001 30 20010db80002",
     "bgp UPDATE 2001:db8:1::/48 2001:db8:2::/48, origin IGP, path 65001, "
     "next hop 2001:db8::1\n"},
    {"sets and the other attributes",
     MARKER "006002 0000 0045 40010102 400210 0201 0000fde9 0102 0000fdea"
            "0000fdeb 400304c0000201 80040400000007 40050400000064 400600"
            "c007080000fdecc0000209 c00808fde90001ffffff01 18ac1000",
     "bgp UPDATE 172.16.0.0/24, origin INCOMPLETE, path 65001 {65002,65003}, "
     "next hop 192.0.2.1, med 7, local-pref 100, atomic aggregate, aggregator "
     "65004 192.0.2.9, communities 65001:1 no-export\n"},
    {"no ORIGIN",
     MARKER "002b02 0000 0010 40020602010000fde9 400304c0000201"
            "18ac1000",
     NULL},
    {"lengths that contradict each other", MARKER "001702 00ff 0000", NULL},
    {"an attribute that is too long", MARKER "001a02 0000 0003 400109", NULL},
};

START_TEST(every_message)
{
    g_auto(Reading) r = {0};

    start(&r, NULL);
    open_connection(&r);
    send(&r, false, 100, messages[_i].hex);
    if (messages[_i].said != NULL)
        ck_assert_msg(strcmp(r.said->str, messages[_i].said) == 0, "%s: %s",
                      messages[_i].name, r.said->str);
    else
        ck_assert_msg(g_str_has_suffix(r.said->str, "]\n"), "%s: %s",
                      messages[_i].name, r.said->str);
}
END_TEST

/* Two links, or two VLANs: the same packet is told for each. */
START_TEST(places_are_kept_apart)
{
    g_autoptr(GBytes) syn = segment(false, 99, 0, SYN, "");
    g_autoptr(GBytes) keepalive = segment(false, 100, 0, 0, KEEPALIVE);
    g_auto(Reading) r = {0};

    start(&r, NULL);
    for (uint32_t link = 0; link < 2; link++) {
        CapturePacket packet = {.link = link, .link_type = 101};

        packet.data = g_bytes_get_data(syn, &packet.length);
        packet.original = packet.length;
        dissector_packet(r.d, &packet, 101);
        packet.data = g_bytes_get_data(keepalive, &packet.length);
        packet.original = packet.length;
        dissector_packet(r.d, &packet, 101);
    }
    expect(&r, "bgp KEEPALIVE\nbgp KEEPALIVE\n");
}
END_TEST

START_TEST(only_the_wanted_protocols)
{
    g_auto(Reading) r = {.said = g_string_new(NULL)};
    const DissectConfig config = {.only = 1u << DISSECT_BGP,
                                  .details = true,
                                  .sink = note,
                                  .user_data = &r};

    r.details = true;
    r.d = dissector_new(&config);
    give_hex(&r, 101, IPV4);
    open_connection(&r);
    send(&r, false, 100, KEEPALIVE);
    expect(&r, "bgp KEEPALIVE\n");
    ck_assert_uint_eq(dissector_counters(r.d)->messages[DISSECT_BFD], 1);
}
END_TEST

/* ESP: scapy's packet of tests/test_esp_inspect.c, with right and wrong keys.
 */

#define ESP                                                                    \
    "4500 0054 0001 0000 4032 0000 c0000201 c0000202 00001004 00000005"        \
    "bfff1a62153b318d b5d2d2c80c90809c010b52160f0a88b2e83414649df12670"        \
    "176deb829f0079c9 9b3126e8c08f2039fabc0c39a7455803"
#define GCM   "\"AES-GCM with 16 octet ICV [RFC4106]\""
#define RIGHT "\"0x2f080b2a691f4f143c1adde71b3161230d973fa0\",\"NULL\",\"0x\"\n"
#define WRONG "\"0x3f080b2a691f4f143c1adde71b3161230d973fa0\",\"NULL\",\"0x\"\n"
#define INSIDE                                                                 \
    "esp SPI 0x00001004, sequence 5: 10.1.0.1 > 10.2.0.1 UDP 5000 > 6000, "    \
    "28 bytes\n"

static const struct {
    const char *name, *table, *said;
} tables[] = {
    {"fits", "\"IPv4\",\"192.0.2.1\",\"192.0.2.2\",\"0x1004\"," GCM "," RIGHT,
     INSIDE},
    {"any", "\"IPv4\",\"*\",\"*\",\"*\"," GCM "," RIGHT, INSIDE},
    {"the second one fits",
     "\"IPv4\",\"*\",\"*\",\"*\"," GCM "," WRONG
     "\"IPv4\",\"*\",\"*\",\"*\"," GCM "," RIGHT,
     INSIDE},
    {"wrong", "\"IPv4\",\"*\",\"*\",\"*\"," GCM "," WRONG,
     "esp SPI 0x00001004, sequence 5: not decrypted [ICV wrong: the key in "
     "line 1 of esp_sa does not fit, or the packet was changed]\n"},
    {"with extended numbers only",
     "\"IPv4\",\"*\",\"*\",\"*\"," GCM
     ",\"0x2f080b2a691f4f143c1adde71b3161230d973fa0\",\"NULL\",\"0x\","
     "\"64-bit\",\"0\"\n",
     "esp SPI 0x00001004, sequence 5: not decrypted [ICV wrong: the key in "
     "line 1 of esp_sa does not fit, or the packet was changed]\n"},
    {"another SPI", "\"IPv4\",\"*\",\"*\",\"0x00001005\"," GCM "," RIGHT,
     "esp SPI 0x00001004, sequence 5: encrypted, no key for this SPI\n"},
    {"a length that the suite cannot have",
     "\"IPv4\",\"*\",\"*\",\"*\",\"AES-CBC [RFC3602]\",\"sixteen letters!\","
     "\"HMAC-SHA-1-96 [RFC2404]\",\"twenty letters or so\"\n",
     "esp SPI 0x00001004, sequence 5: not decrypted [encrypted part not "
     "aligned for what line 1 of esp_sa says]\n"},
    {"not supported",
     "\"IPv4\",\"*\",\"*\",\"*\",\"AES-CTR [RFC3686]\",\"0x\",\"NULL\",\"0x\"",
     "esp SPI 0x00001004, sequence 5: not decrypted [line 1 of esp_sa: "
     "encryption \"AES-CTR [RFC3686]\" is not supported]\n"},
};

START_TEST(keys_of_esp)
{
    g_autoptr(DissectKeys) keys = dissect_keys_new();
    g_auto(Reading) r = {0};

    dissect_keys_add_esp(keys, "esp_sa", tables[_i].table);
    start(&r, keys);
    give_hex(&r, 101, ESP);
    ck_assert_msg(strcmp(r.said->str, tables[_i].said) == 0, "%s: %s",
                  tables[_i].name, r.said->str);
}
END_TEST

START_TEST(a_cut_esp_packet_is_not_tried)
{
    g_autoptr(GBytes) esp = hex_bytes(ESP);
    g_auto(Reading) r = {0};

    start(&r, NULL);
    give_cut(&r, 101, esp, 60);
    expect(&r, "esp SPI 0x00001004, sequence 5: encrypted [cut by the capture: "
               "24 bytes are missing]\n");
}
END_TEST

/* Extended sequence numbers, of which the table says nothing: the upper half is
 * that of the packets before, and one more where the lower half begins anew. A
 * straggler from before that is found, too. */
START_TEST(extended_numbers_roll_over)
{
    static const uint8_t inner[28] = {0x45, 0, 0,  28, 0, 1, 0,  0, 64, 17,
                                      0,    0, 10, 1,  0, 1, 10, 2, 0,  1,
                                      0,    7, 0,  7,  0, 8, 0,  0};
    static const struct {
        unsigned packet;
        const char *said;
    } order[] = {
        {0, "sequence 4294967294 (ESN, upper half 0)"},
        {2, "sequence 0 (ESN, upper half 1)"},
        {1, "sequence 4294967295 (ESN, upper half 0)"},
        {3, "sequence 1 (ESN, upper half 1)"},
    };
    g_autoptr(HsRng) rng = hs_rng_new(1, "test", "esp");
    g_autoptr(DissectKeys) keys = dissect_keys_new();
    EspSaConfig config = {
        .spi = 0x1004,
        .suite = ESP_SUITE_AES128_GCM16,
        .esn = true,
        .source = hs_addr_ipv4(0x0a000001),
        .destination = hs_addr_ipv4(0x0a000002),
        .sequence = 0xfffffffd,
    };
    HsPacket *packets[4];
    g_autoptr(EspSa) sa = NULL;
    g_auto(Reading) r = {0};

    for (uint8_t i = 0; i < 16; i++)
        config.keys.key[i] = i;
    sa = esp_sa_new(&config, rng);
    for (unsigned i = 0; i < G_N_ELEMENTS(packets); i++) {
        packets[i] = hs_packet_new(inner, sizeof inner);
        ck_assert(esp_encapsulate(sa, &packets[i], NULL));
    }
    dissect_keys_add_esp(keys, "esp_sa",
                         "\"IPv4\",\"*\",\"*\",\"0x00001004\"," GCM
                         ",\"0x000102030405060708090a0b0c0d0e0f00000000\","
                         "\"NULL\",\"0x\"\n");
    start(&r, keys);
    for (unsigned i = 0; i < G_N_ELEMENTS(order); i++) {
        const HsPacket *packet = packets[order[i].packet];
        g_autoptr(GBytes) bytes =
            g_bytes_new(hs_packet_data(packet), hs_packet_length(packet));

        give(&r, 101, bytes);
        ck_assert_msg(strstr(r.said->str, order[i].said) != NULL, "%s",
                      r.said->str);
        ck_assert_ptr_null(strchr(r.said->str, '['));
        g_string_truncate(r.said, 0);
    }
    for (unsigned i = 0; i < G_N_ELEMENTS(packets); i++)
        hs_packet_unref(packets[i]);
}
END_TEST

int
main(void)
{
    Suite *s = suite_create("dissect");
    TCase *t = tcase_create("all");

    tcase_add_loop_test(t, every_link_header, 0, G_N_ELEMENTS(links));
    tcase_add_test(t, unknown_links_are_of_other_protocols);
    tcase_add_loop_test(t, every_header, 0, G_N_ELEMENTS(headers));
    tcase_add_loop_test(t, fragments_come_in_any_order, 0, 6);
    tcase_add_test(t, fragments_of_ipv6);
    tcase_add_test(t, a_lost_fragment_is_counted);
    tcase_add_test(t, messages_and_segments_differ);
    tcase_add_test(t, repeated_segments_are_told_once);
    tcase_add_test(t, opens_decide_the_size_of_as_numbers);
    tcase_add_test(t, without_opens_the_path_tells);
    tcase_add_test(t, add_path_is_by_the_opens);
    tcase_add_test(t, without_opens_the_prefixes_tell);
    tcase_add_test(t, a_connection_in_the_middle);
    tcase_add_test(t, a_lost_segment);
    tcase_add_test(t, a_lost_segment_within_a_message);
    tcase_add_test(t, lost_messages_and_a_new_marker);
    tcase_add_test(t, a_cut_message);
    tcase_add_test(t, the_capture_ends_within_a_message);
    tcase_add_test(t, used_ports_are_a_new_connection);
    tcase_add_loop_test(t, every_message, 0, G_N_ELEMENTS(messages));
    tcase_add_test(t, places_are_kept_apart);
    tcase_add_test(t, only_the_wanted_protocols);
    tcase_add_loop_test(t, keys_of_esp, 0, G_N_ELEMENTS(tables));
    tcase_add_test(t, a_cut_esp_packet_is_not_tried);
    tcase_add_test(t, extended_numbers_roll_over);
    suite_add_tcase(s, t);
    return run_suite(s);
}
