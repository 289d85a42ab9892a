/* BGP messages: bytes written out by hand from RFC 4271 4, 4760, 6793 and
 * 5492; each rule of RFC 4271 6 and RFC 7606 broken once. */

#include "config.h"

#include "models/bgp/message.h"
#include "models/bgp/path.h"
#include "tests/harness/hex.h"
#include "tests/harness/run.h"

#include <string.h>

#define MARKER "ffffffff ffffffff ffffffff ffffffff "

static BgpFrameResult
frame_of(GBytes *bytes, BgpFrame *frame, BgpFault *fault)
{
    gsize length;
    const uint8_t *data = g_bytes_get_data(bytes, &length);

    return bgp_frame_next(data, length, frame, fault);
}

static void
expect_hex(GBytes *got, const char *hex)
{
    g_autoptr(GBytes) want = hex_bytes(hex);
    gsize got_length, want_length;
    const void *g = g_bytes_get_data(got, &got_length);
    const void *w = g_bytes_get_data(want, &want_length);

    ck_assert_uint_eq(got_length, want_length);
    ck_assert_mem_eq(g, w, got_length);
}

/* Header: RFC 4271 6.1 */

static const struct {
    const char *name, *hex;
    BgpFrameResult result;
    uint8_t subcode;
    const char *data;
} frames[] = {
    {"keepalive", MARKER "0013 04", BGP_FRAME_GOOD, 0, ""},
    {"keepalive and more", MARKER "0013 04 ff", BGP_FRAME_GOOD, 0, ""},
    {"nothing yet", "", BGP_FRAME_MORE, 0, ""},
    {"half a marker", "ffffffff", BGP_FRAME_MORE, 0, ""},
    {"header but no body", MARKER "0017 02 0000", BGP_FRAME_MORE, 0, ""},
    {"bad marker", "ffffffff ffffffff ffffffff fffffffe 0013 04", BGP_FRAME_BAD,
     BGP_HEADER_NOT_SYNCHRONIZED, ""},
    {"length 18", MARKER "0012 04", BGP_FRAME_BAD, BGP_HEADER_BAD_LENGTH,
     "0012"},
    {"length 4097", MARKER "1001 02", BGP_FRAME_BAD, BGP_HEADER_BAD_LENGTH,
     "1001"},
    {"type 0", MARKER "0013 00", BGP_FRAME_BAD, BGP_HEADER_BAD_TYPE, "00"},
    {"type 6", MARKER "0013 06", BGP_FRAME_BAD, BGP_HEADER_BAD_TYPE, "06"},
    {"OPEN of 28", MARKER "001c 01", BGP_FRAME_BAD, BGP_HEADER_BAD_LENGTH,
     "001c"},
    {"UPDATE of 22", MARKER "0016 02", BGP_FRAME_BAD, BGP_HEADER_BAD_LENGTH,
     "0016"},
    {"NOTIFICATION of 20", MARKER "0014 03", BGP_FRAME_BAD,
     BGP_HEADER_BAD_LENGTH, "0014"},
    {"KEEPALIVE of 20", MARKER "0014 04", BGP_FRAME_BAD, BGP_HEADER_BAD_LENGTH,
     "0014"},
    {"ROUTE-REFRESH of 22", MARKER "0016 05", BGP_FRAME_BAD,
     BGP_HEADER_BAD_LENGTH, "0016"},
};

START_TEST(header_rules)
{
    g_autoptr(GBytes) bytes = hex_bytes(frames[_i].hex);
    g_auto(BgpFault) fault = {0};
    BgpFrame frame;

    ck_assert_msg(frame_of(bytes, &frame, &fault) == frames[_i].result, "%s",
                  frames[_i].name);
    if (frames[_i].result != BGP_FRAME_BAD)
        return;
    ck_assert_uint_eq(fault.code, BGP_ERR_HEADER);
    ck_assert_msg(fault.subcode == frames[_i].subcode, "%s", frames[_i].name);
    if (frames[_i].data[0] != '\0')
        expect_hex(fault.data, frames[_i].data);
}
END_TEST

/* OPEN */

/* AS 65001, hold 90, 10.0.0.1; multiprotocol IPv4, refresh, AS 65001. */
#define GOOD_OPEN                                                              \
    MARKER "002d 01 04 fde9 005a 0a000001 10"                                  \
           "02 0e 01 04 0001 00 01  02 00  41 04 0000fde9"

START_TEST(open_is_written)
{
    BgpSessionConfig config = bgp_session_config(BGP_PRESET_FRR);
    g_autoptr(GBytes) bytes = NULL;

    config.local_as = 65001;
    config.router_id = 0x0a000001;
    bytes = bgp_open_encode(&config);
    expect_hex(bytes, GOOD_OPEN);
}
END_TEST

START_TEST(wide_as_is_as_trans_in_open)
{
    BgpSessionConfig config = bgp_session_config(BGP_PRESET_FRR);
    g_autoptr(GBytes) bytes = NULL;

    config.local_as = 4200000000;
    config.router_id = 0x0a000001;
    config.ipv6 = true;
    config.no_route_refresh = true;
    bytes = bgp_open_encode(&config);
    expect_hex(bytes, MARKER "0031 01 04 5ba0 005a 0a000001 14"
                             "02 12 01 04 0001 00 01 01 04 0002 00 01"
                             "41 04 fa56ea00");
}
END_TEST

typedef struct {
    const char *name, *body;
    int subcode; /* -1: good */
} OpenCase;

static const OpenCase opens[] = {
    {"good", "04 fde9 005a 0a000001 10 02 0e 010400010001 0200 41040000fde9",
     -1},
    {"no parameters", "04 fde9 005a 0a000001 00", -1},
    {"unknown capability", "04 fde9 005a 0a000001 06 02 04 c8 02 abcd", -1},
    {"capabilities apart",
     "04 fde9 005a 0a000001 0c 02 02 0200 02 06 41040000fde9", -1},
    {"extended parameters (RFC 9072)",
     "04 fde9 005a 0a000001 ff ff 0009 02 0006 41040000fde9", -1},
    {"hold 3", "04 fde9 0003 0a000001 00", -1},
    {"hold 0", "04 fde9 0000 0a000001 00", -1},
    {"version 3", "03 fde9 005a 0a000001 00", BGP_OPEN_UNSUPPORTED_VERSION},
    {"version 5", "05 fde9 005a 0a000001 00", BGP_OPEN_UNSUPPORTED_VERSION},
    {"other AS", "04 fdea 005a 0a000001 00", BGP_OPEN_BAD_PEER_AS},
    {"other wide AS", "04 fde9 005a 0a000001 08 02 06 41040001fde9",
     BGP_OPEN_BAD_PEER_AS},
    {"wide AS 0", "04 fde9 005a 0a000001 08 02 06 410400000000",
     BGP_OPEN_BAD_PEER_AS},
    {"identifier 0", "04 fde9 005a 00000000 00", BGP_OPEN_BAD_BGP_ID},
    {"hold 1", "04 fde9 0001 0a000001 00", BGP_OPEN_BAD_HOLD_TIME},
    {"hold 2", "04 fde9 0002 0a000001 00", BGP_OPEN_BAD_HOLD_TIME},
    {"authentication parameter", "04 fde9 005a 0a000001 03 01 01 00",
     BGP_OPEN_UNSUPPORTED_PARAMETER},
    {"parameters beyond the message", "04 fde9 005a 0a000001 05 02 02 0200", 0},
    {"parameters short of the message", "04 fde9 005a 0a000001 02 0200 0200",
     0},
    {"parameter beyond its field", "04 fde9 005a 0a000001 04 02 06 0200", 0},
    {"capability beyond its parameter", "04 fde9 005a 0a000001 04 02 02 4104",
     0},
    {"wide AS of 2 octets", "04 fde9 005a 0a000001 06 02 04 4102 fde9", 0},
    {"multiprotocol of 3 octets", "04 fde9 005a 0a000001 07 02 05 0103 000100",
     0},
    {"refresh with a value", "04 fde9 005a 0a000001 05 02 03 020100", 0},
    {"only IPv6", "04 fde9 005a 0a000001 08 02 06 010400020001",
     BGP_OPEN_UNSUPPORTED_CAPABILITY},
};

static bool
read_open(HsReader body, BgpNegotiated *negotiated, BgpFault *fault)
{
    BgpSessionConfig config = bgp_session_config(BGP_PRESET_FRR);
    BgpOpen open;

    config.local_as = 65002;
    config.peer_as = 65001;
    config.router_id = 0x0a000002;
    return bgp_open_decode(&body, true, &open, fault) &&
           bgp_open_accept(&config, &open, negotiated, fault);
}

START_TEST(open_rules)
{
    const OpenCase *c = &opens[_i];
    g_autoptr(GBytes) bytes = hex_bytes(c->body);
    g_auto(BgpFault) fault = {0};
    BgpNegotiated negotiated;
    gsize length;
    const void *data = g_bytes_get_data(bytes, &length);
    bool good = read_open(hs_reader_of(data, length), &negotiated, &fault);

    ck_assert_msg(good == (c->subcode < 0), "%s", c->name);
    if (good)
        return;
    ck_assert_uint_eq(fault.code, BGP_ERR_OPEN);
    ck_assert_msg(fault.subcode == c->subcode, "%s: %u", c->name,
                  fault.subcode);
    if (c->subcode == BGP_OPEN_UNSUPPORTED_VERSION)
        expect_hex(fault.data, "0004");
    if (c->subcode == BGP_OPEN_UNSUPPORTED_CAPABILITY)
        expect_hex(fault.data, "01 04 0001 00 01");
}
END_TEST

START_TEST(open_truncated)
{
    g_autoptr(GBytes) bytes = hex_bytes(opens[0].body);
    gsize length;
    const void *data = g_bytes_get_data(bytes, &length);

    for (gsize cut = 0; cut < length; cut++) {
        g_auto(BgpFault) fault = {0};
        BgpNegotiated negotiated;

        ck_assert_msg(!read_open(hs_reader_of(data, cut), &negotiated, &fault),
                      "cut to %zu", (size_t)cut);
    }
}
END_TEST

START_TEST(open_is_agreed_on)
{
    g_autoptr(GBytes) bytes = hex_bytes(opens[0].body);
    g_auto(BgpFault) fault = {0};
    BgpNegotiated n;
    gsize length;
    const void *data = g_bytes_get_data(bytes, &length);

    ck_assert(read_open(hs_reader_of(data, length), &n, &fault));
    ck_assert_int_eq(n.hold, HS_SEC(90));
    ck_assert_int_eq(n.keepalive, HS_SEC(30));
    ck_assert_uint_eq(n.peer_id, 0x0a000001);
    ck_assert(n.four_octet_as && n.ipv4 && !n.ipv6 && n.route_refresh);
    ck_assert(!n.ibgp);
}
END_TEST

/* The small ones */

START_TEST(small_messages)
{
    static const uint8_t data[] = {0xab, 0xcd};
    g_auto(BgpFault) fault = {0}, read = {0};
    g_autoptr(GBytes) keepalive = bgp_keepalive_encode();
    g_autoptr(GBytes) refresh = bgp_refresh_encode(HS_FAMILY_IPV6);
    g_autoptr(GBytes) notification = NULL;
    BgpFrame frame;

    expect_hex(keepalive, MARKER "0013 04");
    expect_hex(refresh, MARKER "0017 05 0002 00 01");
    bgp_fault_set(&fault, BGP_ERR_CEASE, BGP_CEASE_ADMIN_RESET, data, 2);
    notification = bgp_notification_encode(&fault);
    expect_hex(notification, MARKER "0017 03 06 04 abcd");
    ck_assert_int_eq(frame_of(notification, &frame, &read), BGP_FRAME_GOOD);
    bgp_notification_decode(&frame.body, &read);
    ck_assert_uint_eq(read.code, BGP_ERR_CEASE);
    ck_assert_uint_eq(read.subcode, BGP_CEASE_ADMIN_RESET);
    expect_hex(read.data, "abcd");
    ck_assert_int_eq(frame_of(refresh, &frame, &read), BGP_FRAME_GOOD);
    ck_assert_int_eq(bgp_refresh_decode(&frame.body), HS_FAMILY_IPV6);
}
END_TEST

START_TEST(errors_have_names)
{
    ck_assert_str_eq(bgp_error_name(BGP_ERR_CEASE), "Cease");
    ck_assert_str_eq(bgp_subcode_name(BGP_ERR_CEASE, BGP_CEASE_BFD_DOWN),
                     "BFD Down");
    ck_assert_str_eq(bgp_subcode_name(BGP_ERR_HOLD_TIMER, 0), "unspecific");
    ck_assert_str_eq(bgp_error_name(77), "unknown");
    ck_assert_str_eq(bgp_subcode_name(BGP_ERR_CEASE, 77), "unknown");
}
END_TEST

/* UPDATE */

#define ORIGIN "400101 00 "
#define PATH   "400206 0201 0000fdea " /* 65002 */
#define HOP    "400304 0a000002 "
#define PREF   "400504 000000c8 "
#define NLRI   "10 ac10" /* 172.16.0.0/16 */
#define REACH6                                                                 \
    "800e1e 0002 01 10 20010db8 00000000 00000000 00000002 00"                 \
    "40 20010db8 00010000 "

/* NOTHING: good, and without a prefix. */
typedef enum { GOOD, NOTHING, DISCARD, WITHDRAW, RESET } Outcome;
enum { OLD = 1, IBGP = 2 }; /* of the peer */

static const struct {
    const char *name;
    unsigned peer;
    const char *withdrawn, *attributes, *nlri;
    Outcome outcome;
    uint8_t subcode; /* RESET */
} updates[] = {
    {"good", 0, "", ORIGIN PATH HOP, NLRI, GOOD, 0},
    {"good, AS_SET and MED and communities", 0, "",
     ORIGIN "400210 0201 0000fdea 0102 0000fdeb 0000fdec" HOP
            "800404 00000064 c00808 1c201c84 ffffff01",
     NLRI, GOOD, 0},
    {"good, long form of length", 0, "", "5001 0001 00" PATH HOP, NLRI, GOOD,
     0},
    {"good, IPv6", 0, "", REACH6 ORIGIN PATH, "", GOOD, 0},
    {"good, old peer", OLD, "", ORIGIN "400204 0201 fdea" HOP, NLRI, GOOD, 0},
    {"good, iBGP", IBGP, "", ORIGIN "400200" HOP PREF, NLRI, GOOD, 0},
    {"good, withdrawal", 0, NLRI, "", "", GOOD, 0},
    {"good, unknown transitive", 0, "", ORIGIN PATH HOP "c0f001 aa", NLRI, GOOD,
     0},
    {"good, unknown not transitive", 0, "", ORIGIN PATH HOP "80f001 aa", NLRI,
     GOOD, 0},
    {"good, AGGREGATOR", 0, "", ORIGIN PATH HOP "c00708 0000fdea 0a000002",
     NLRI, GOOD, 0},
    {"good, AGGREGATOR of an old peer", OLD, "",
     ORIGIN "400204 0201 fdea" HOP "c00706 fdea 0a000002", NLRI, GOOD, 0},
    {"good, ATOMIC_AGGREGATE", 0, "", ORIGIN PATH HOP "400600", NLRI, GOOD, 0},
    {"good, RFC 4456", IBGP, "",
     ORIGIN "400200" HOP PREF "800904 0a000001 800a08 0a000001 0a000002", NLRI,
     GOOD, 0},
    {"good, extended communities", 0, "",
     ORIGIN PATH HOP "c01008 0002fdea00000001"
                     "c01914 0002 20010db8000000000000000000000001 0001",
     NLRI, GOOD, 0},
    {"good, IPv4 as a multiprotocol", 0, "",
     "800e0c 0001 01 04 0a000002 00 10 ac10" ORIGIN PATH, "", GOOD, 0},
    {"good, attributes and nothing to announce", 0, "", ORIGIN PATH HOP, "",
     NOTHING, 0},
    {"good, multicast prefix: ignored", 0, "", ORIGIN PATH HOP, "10 e001",
     NOTHING, 0},
    {"good, IPv6 multicast: ignored", 0, "",
     "800e17 0002 01 10 20010db8 00000000 00000000 00000002 00 08 ff" ORIGIN
         PATH,
     "", NOTHING, 0},
    {"good, family not agreed on", 0, "",
     "800e09 0001 80 00 00 00 000000" ORIGIN PATH HOP, NLRI, GOOD, 0},
    {"ORIGIN 3", 0, "", "400101 03" PATH HOP, NLRI, WITHDRAW, 0},
    {"ORIGIN of 2 octets", 0, "", "400102 0000" PATH HOP, NLRI, WITHDRAW, 0},
    {"ORIGIN empty", 0, "", "400100" PATH HOP, NLRI, WITHDRAW, 0},
    {"ORIGIN missing", 0, "", PATH HOP, NLRI, WITHDRAW, 0},
    {"ORIGIN optional", 0, "", "c00101 00" PATH HOP, NLRI, WITHDRAW, 0},
    {"AS_PATH missing", 0, "", ORIGIN HOP, NLRI, WITHDRAW, 0},
    {"AS_PATH segment type 0", 0, "", ORIGIN "400206 0001 0000fdea" HOP, NLRI,
     WITHDRAW, 0},
    {"AS_PATH segment type 5", 0, "", ORIGIN "400206 0501 0000fdea" HOP, NLRI,
     WITHDRAW, 0},
    {"AS_PATH segment empty", 0, "", ORIGIN "400202 0200" HOP, NLRI, WITHDRAW,
     0},
    {"AS_PATH overrun", 0, "", ORIGIN "400206 0202 0000fdea" HOP, NLRI,
     WITHDRAW, 0},
    {"AS_PATH underrun", 0, "", ORIGIN "400207 0201 0000fdea 02" HOP, NLRI,
     WITHDRAW, 0},
    {"AS_PATH with AS 0 (RFC 7607)", 0, "", ORIGIN "400206 0201 00000000" HOP,
     NLRI, WITHDRAW, 0},
    {"AS_PATH of two octets from a new peer", 0, "",
     ORIGIN "400204 0201 fdea" HOP, NLRI, WITHDRAW, 0},
    {"NEXT_HOP missing", 0, "", ORIGIN PATH, NLRI, WITHDRAW, 0},
    {"NEXT_HOP of 3 octets", 0, "", ORIGIN PATH "400303 0a0000", NLRI, WITHDRAW,
     0},
    {"NEXT_HOP of 5 octets", 0, "", ORIGIN PATH "400305 0a00000200", NLRI,
     WITHDRAW, 0},
    {"NEXT_HOP multicast", 0, "", ORIGIN PATH "400304 e0000001", NLRI, WITHDRAW,
     0},
    {"MED of 3 octets", 0, "", ORIGIN PATH HOP "800403 000064", NLRI, WITHDRAW,
     0},
    {"MED transitive", 0, "", ORIGIN PATH HOP "c00404 00000064", NLRI, WITHDRAW,
     0},
    {"LOCAL_PREF from outside", 0, "", ORIGIN PATH HOP PREF, NLRI, DISCARD, 0},
    {"LOCAL_PREF of 3 octets", IBGP, "", ORIGIN "400200" HOP "400503 0000c8",
     NLRI, WITHDRAW, 0},
    {"LOCAL_PREF missing inside", IBGP, "", ORIGIN "400200" HOP, NLRI, WITHDRAW,
     0},
    {"ATOMIC_AGGREGATE with a value", 0, "", ORIGIN PATH HOP "400601 00", NLRI,
     DISCARD, 0},
    {"AGGREGATOR of 6 octets from a new peer", 0, "",
     ORIGIN PATH HOP "c00706 fdea 0a000002", NLRI, DISCARD, 0},
    {"AGGREGATOR of 8 octets from an old peer", OLD, "",
     ORIGIN "400204 0201 fdea" HOP "c00708 0000fdea 0a000002", NLRI, DISCARD,
     0},
    {"AGGREGATOR with AS 0", 0, "", ORIGIN PATH HOP "c00708 00000000 0a000002",
     NLRI, DISCARD, 0},
    {"COMMUNITIES of 3 octets", 0, "", ORIGIN PATH HOP "c00803 1c201c", NLRI,
     WITHDRAW, 0},
    {"COMMUNITIES empty", 0, "", ORIGIN PATH HOP "c00800", NLRI, WITHDRAW, 0},
    {"ORIGINATOR_ID from outside", 0, "", ORIGIN PATH HOP "800904 0a000001",
     NLRI, DISCARD, 0},
    {"ORIGINATOR_ID of 3 octets", IBGP, "",
     ORIGIN "400200" HOP PREF "800903 0a0000", NLRI, WITHDRAW, 0},
    {"CLUSTER_LIST empty", IBGP, "", ORIGIN "400200" HOP PREF "800a00", NLRI,
     WITHDRAW, 0},
    {"AS4_PATH from a new peer", 0, "", ORIGIN PATH HOP "c01106 0201 0000fdea",
     NLRI, DISCARD, 0},
    {"AS4_PATH malformed", OLD, "",
     ORIGIN "400204 0201 fdea" HOP "c01106 0202 0000fdea", NLRI, DISCARD, 0},
    {"AS4_AGGREGATOR of 6 octets", OLD, "",
     ORIGIN "400204 0201 fdea" HOP "c01206 fdea 0a000002", NLRI, DISCARD, 0},
    {"attribute twice", 0, "", ORIGIN PATH HOP ORIGIN, NLRI, DISCARD, 0},
    {"unknown attribute twice", 0, "", ORIGIN PATH HOP "c0f001 aa c0f001 bb",
     NLRI, DISCARD, 0},
    {"extended communities of 7 octets", 0, "",
     ORIGIN PATH HOP "c01007 00020000000000", NLRI, WITHDRAW, 0},
    {"extended communities empty", 0, "", ORIGIN PATH HOP "c01000", NLRI,
     WITHDRAW, 0},
    {"IPv6 extended communities of 8 octets", 0, "",
     ORIGIN PATH HOP "c01908 0002fdea00000001", NLRI, WITHDRAW, 0},
    {"MED empty", 0, "", ORIGIN PATH HOP "800400", NLRI, WITHDRAW, 0},
    {"discard and withdraw: the stronger", 0, "",
     ORIGIN PATH HOP "400601 00 800403 000064", NLRI, WITHDRAW, 0},
    {"withdraw and discard: the stronger", 0, "",
     ORIGIN PATH HOP "800403 000064 400601 00", NLRI, WITHDRAW, 0},
    {"withdraw and reset: the stronger", 0, "",
     ORIGIN PATH HOP "800403 000064 40f001 aa", NLRI, RESET,
     BGP_UPDATE_UNRECOGNIZED},
    {"IPv6 next hop multicast", 0, "",
     "800e1e 0002 01 10 ff020000 00000000 00000000 00000001 00"
     "40 20010db8 00010000 " ORIGIN PATH,
     "", WITHDRAW, 0},
    {"next hop 127.0.0.1", 0, "", ORIGIN PATH "400304 7f000001", NLRI, WITHDRAW,
     0},
    {"attribute beyond the field", 0, "", ORIGIN PATH HOP "800404 0000", NLRI,
     WITHDRAW, 0},
    {"one octet left in the field", 0, "", ORIGIN PATH HOP "80", NLRI, WITHDRAW,
     0},
    {"unknown well-known", 0, "", ORIGIN PATH HOP "40f001 aa", NLRI, RESET,
     BGP_UPDATE_UNRECOGNIZED},
    {"fault without a reachable prefix", 0, "", "400101 03" PATH HOP, "", RESET,
     BGP_UPDATE_BAD_ORIGIN},
    {"NLRI of 33 bits", 0, "", ORIGIN PATH HOP, "21 ac10000000", RESET,
     BGP_UPDATE_BAD_NETWORK},
    {"NLRI beyond the message", 0, "", ORIGIN PATH HOP, "18 ac10", RESET,
     BGP_UPDATE_BAD_NETWORK},
    {"withdrawn of 33 bits", 0, "21 ac10000000", "", "", RESET,
     BGP_UPDATE_BAD_NETWORK},
    {"withdrawn beyond its field", 0, "18 ac10", "", "", RESET,
     BGP_UPDATE_BAD_NETWORK},
    {"MP_REACH twice", 0, "", REACH6 REACH6 ORIGIN PATH, "", RESET,
     BGP_UPDATE_MALFORMED_LIST},
    {"MP_REACH with a next hop of 15", 0, "",
     "800e0f 0002 01 0f 20010db8 00000000 000000" ORIGIN PATH, "", RESET,
     BGP_UPDATE_BAD_OPTIONAL},
    {"MP_REACH too short", 0, "", "800e03 000201" ORIGIN PATH, "", RESET,
     BGP_UPDATE_BAD_OPTIONAL},
    {"MP_REACH with 129 bits", 0, "",
     "800e16 0002 01 10 20010db8 00000000 00000000 00000002 00 81" ORIGIN PATH,
     "", RESET, BGP_UPDATE_BAD_OPTIONAL},
    {"MP_REACH without ORIGIN", 0, "", REACH6 PATH, "", WITHDRAW, 0},
    {"MP_UNREACH too short", 0, "", "800f02 0002", "", RESET,
     BGP_UPDATE_BAD_OPTIONAL},
    {"MP_UNREACH beyond its field", 0, "", "800f05 0002 01 40 20", "", RESET,
     BGP_UPDATE_BAD_OPTIONAL},
};

static GBytes *
build(int row, size_t *ret_total)
{
    g_autoptr(GBytes) withdrawn = hex_bytes(updates[row].withdrawn);
    g_autoptr(GBytes) attributes = hex_bytes(updates[row].attributes);
    g_autoptr(GBytes) nlri = hex_bytes(updates[row].nlri);
    g_auto(HsWriter) w = {0};

    hs_writer_init(&w);
    hs_writer_u16(&w, g_bytes_get_size(withdrawn));
    hs_writer_bytes(&w, g_bytes_get_data(withdrawn, NULL),
                    g_bytes_get_size(withdrawn));
    hs_writer_u16(&w, g_bytes_get_size(attributes));
    hs_writer_bytes(&w, g_bytes_get_data(attributes, NULL),
                    g_bytes_get_size(attributes));
    hs_writer_bytes(&w, g_bytes_get_data(nlri, NULL), g_bytes_get_size(nlri));
    *ret_total = hs_writer_length(&w);
    return hs_writer_steal(&w);
}

static bool
read_update(const void *data, size_t length, unsigned peer,
            BgpUpdate **ret_update, BgpFault *fault)
{
    BgpUpdateContext context = {
        .four_octet_as = (peer & OLD) == 0,
        .ibgp = (peer & IBGP) != 0,
        .ipv4 = true,
        .ipv6 = true,
    };
    HsReader body = hs_reader_of(data, length);

    return bgp_update_decode(&body, &context, ret_update, fault);
}

START_TEST(update_rules)
{
    size_t length;
    g_autoptr(GBytes) bytes = build(_i, &length);
    g_autoptr(BgpUpdate) update = NULL;
    g_auto(BgpFault) fault = {0};
    const char *name = updates[_i].name;
    bool ok = read_update(g_bytes_get_data(bytes, NULL), length,
                          updates[_i].peer, &update, &fault);
    unsigned announced;

    ck_assert_msg(ok == (updates[_i].outcome != RESET), "%s", name);
    if (!ok) {
        ck_assert_uint_eq(fault.code, BGP_ERR_UPDATE);
        ck_assert_msg(fault.subcode == updates[_i].subcode, "%s: subcode %u",
                      name, fault.subcode);
        return;
    }
    announced = update->announced->len + update->mp_announced->len;
    ck_assert_msg(update->treated_as_withdraw ==
                      (updates[_i].outcome == WITHDRAW),
                  "%s", name);
    if (updates[_i].outcome != WITHDRAW)
        ck_assert_msg((update->discarded > 0) ==
                          (updates[_i].outcome == DISCARD),
                      "%s", name);
    if (updates[_i].outcome == WITHDRAW) {
        ck_assert_msg(announced == 0 && update->withdrawn->len == 1, "%s",
                      name);
        ck_assert_ptr_nonnull(update->fault);
    } else {
        ck_assert_msg(announced + update->withdrawn->len ==
                          (updates[_i].outcome == NOTHING ? 0 : 1),
                      "%s", name);
    }
}
END_TEST

/* RFC 4271 6.3: what the data of the NOTIFICATION is; RFC 7606 5.2 makes a
 * reset of any of them when no prefix can be withdrawn. */
static const struct {
    const char *name;
    unsigned peer;
    const char *attributes;
    uint8_t subcode;
    const char *data;
} resets[] = {
    {"flags: the attribute", 0, "c00101 00" PATH HOP, BGP_UPDATE_BAD_FLAGS,
     "c00101 00"},
    {"length: the attribute", 0, ORIGIN PATH HOP "800403 000064",
     BGP_UPDATE_BAD_ATTR_LENGTH, "800403 000064"},
    {"unknown well-known: the attribute", 0, ORIGIN PATH HOP "40f001 aa",
     BGP_UPDATE_UNRECOGNIZED, "40f001 aa"},
    {"ORIGIN: the attribute", 0, "400101 03" PATH HOP, BGP_UPDATE_BAD_ORIGIN,
     "400101 03"},
    {"NEXT_HOP: the attribute", 0, ORIGIN PATH "400304 e0000001",
     BGP_UPDATE_BAD_NEXT_HOP, "400304 e0000001"},
    {"AS_PATH: nothing", 0, ORIGIN "400202 0500" HOP, BGP_UPDATE_BAD_AS_PATH,
     ""},
    {"optional: the attribute", 0, ORIGIN PATH HOP "c00803 1c201c",
     BGP_UPDATE_BAD_OPTIONAL, "c00803 1c201c"},
    {"beyond the field: what is there", 0, ORIGIN PATH HOP "800404 0000",
     BGP_UPDATE_BAD_ATTR_LENGTH, "800404 0000"},
};

START_TEST(reset_tells_what_was_wrong)
{
    g_autoptr(GBytes) attributes = hex_bytes(resets[_i].attributes);
    gsize length = g_bytes_get_size(attributes);
    g_auto(HsWriter) w = {0};
    g_autoptr(GBytes) bytes = NULL;
    g_auto(BgpFault) fault = {0};
    BgpUpdate *update = NULL;

    hs_writer_init(&w);
    hs_writer_u16(&w, 0);
    hs_writer_u16(&w, length);
    hs_writer_bytes(&w, g_bytes_get_data(attributes, NULL), length);
    bytes = hs_writer_steal(&w);
    ck_assert_msg(!read_update(g_bytes_get_data(bytes, NULL), length + 4,
                               resets[_i].peer, &update, &fault),
                  "%s", resets[_i].name);
    ck_assert_uint_eq(fault.code, BGP_ERR_UPDATE);
    ck_assert_msg(fault.subcode == resets[_i].subcode, "%s: %u",
                  resets[_i].name, fault.subcode);
    if (resets[_i].data[0] == '\0')
        ck_assert_msg(fault.data == NULL, "%s", resets[_i].name);
    else
        expect_hex(fault.data, resets[_i].data);
}
END_TEST

/* RFC 7606 5.1: all four fields in one message, the multiprotocol attributes
 * anywhere, are understood; and RFC 4271 4.3: withdrawn before announced. */
START_TEST(every_field_at_once)
{
    g_autoptr(GBytes) bytes =
        hex_bytes("0003 10ac11"
                  "0040" ORIGIN PATH REACH6 HOP "800f08 0002 01 20 20010db9"
                  "10ac10");
    g_autoptr(BgpUpdate) update = NULL;
    g_auto(BgpFault) fault = {0};
    char prefix[HS_PREFIX_TEXT];

    ck_assert(read_update(g_bytes_get_data(bytes, NULL),
                          g_bytes_get_size(bytes), 0, &update, &fault));
    ck_assert_uint_eq(update->withdrawn->len, 2);
    hs_prefix_format(&g_array_index(update->withdrawn, HsPrefix, 0), prefix);
    ck_assert_str_eq(prefix, "172.17.0.0/16");
    hs_prefix_format(&g_array_index(update->withdrawn, HsPrefix, 1), prefix);
    ck_assert_str_eq(prefix, "2001:db9::/32");
    ck_assert_uint_eq(update->announced->len, 1);
    ck_assert_uint_eq(update->mp_announced->len, 1);
    ck_assert_int_eq(update->attrs->next_hop.family, HS_FAMILY_IPV4);
    ck_assert_int_eq(update->mp_attrs->next_hop.family, HS_FAMILY_IPV6);
}
END_TEST

/* RFC 4271 5: what is not read is passed on, and in one order, so that equal
 * sets are equal. Partial is set by him who does not know the attribute. */
START_TEST(unread_attributes_are_kept)
{
    g_autoptr(GBytes) bytes =
        hex_bytes("0000 0034" ORIGIN PATH HOP
                  "c0f101 01 d0f00002 1234 e01008 0002fdea00000001"
                  "c0080400010002 80f201 55"
                  "10ac10");
    g_autoptr(BgpUpdate) update = NULL;
    g_auto(BgpFault) fault = {0};

    ck_assert(read_update(g_bytes_get_data(bytes, NULL),
                          g_bytes_get_size(bytes), 0, &update, &fault));
    expect_hex(update->attrs->unknown, "e01008 0002fdea00000001 e0f002 1234"
                                       "e0f101 01");
}
END_TEST

/* RFC 6793 4.2.3: AS4_AGGREGATOR counts if AGGREGATOR says AS_TRANS; if it does
 * not, somebody aggregated since, and AS4_PATH is stale as well. */
static const struct {
    const char *name, *attributes, *path;
    uint32_t as;
} aggregators[] = {
    {"both", "c00706 5ba0 0a000009 c01208 fa56ea00 0a000008", "4200000000",
     4200000000},
    {"aggregated since", "c00706 fdeb 0a000009 c01208 fa56ea00 0a000008",
     "23456", 65003},
    {"AS4_AGGREGATOR alone", "c01208 fa56ea00 0a000008", "4200000000", 0},
    {"AGGREGATOR alone", "c00706 5ba0 0a000009", "4200000000", 23456},
    {"AS4_AGGREGATOR with AS 0",
     "c00706 5ba0 0a000009 c01208 00000000 0a000008", "4200000000", 23456},
};

START_TEST(aggregators_are_merged)
{
    g_autofree char *hex =
        g_strconcat(ORIGIN "400204 0201 5ba0" HOP "c01106 0201 fa56ea00",
                    aggregators[_i].attributes, NULL);
    g_autoptr(GBytes) attributes = hex_bytes(hex);
    gsize length = g_bytes_get_size(attributes);
    g_autoptr(GBytes) bytes = NULL;
    g_autoptr(BgpUpdate) update = NULL;
    g_autofree char *path = NULL;
    g_auto(BgpFault) fault = {0};
    g_auto(HsWriter) w = {0};

    hs_writer_init(&w);
    hs_writer_u16(&w, 0);
    hs_writer_u16(&w, length);
    hs_writer_bytes(&w, g_bytes_get_data(attributes, NULL), length);
    hs_writer_u8(&w, 8);
    hs_writer_u8(&w, 10);
    bytes = hs_writer_steal(&w);
    ck_assert(read_update(g_bytes_get_data(bytes, NULL),
                          g_bytes_get_size(bytes), OLD, &update, &fault));
    path = bgp_as_path_format(update->attrs->as_path);
    ck_assert_msg(strcmp(path, aggregators[_i].path) == 0, "%s: %s",
                  aggregators[_i].name, path);
    ck_assert_msg(update->attrs->has_aggregator == (aggregators[_i].as != 0),
                  "%s", aggregators[_i].name);
    if (aggregators[_i].as != 0)
        ck_assert_msg(update->attrs->aggregator_as == aggregators[_i].as, "%s",
                      aggregators[_i].name);
}
END_TEST

/* Texts */

START_TEST(communities_are_sets)
{
    static const struct {
        const char *text;
        bool good;
        uint32_t community;
    } rows[] = {
        {"7224:7300", true, 0x1c381c84},
        {"0:0", true, 0},
        {"no-export", true, BGP_NO_EXPORT},
        {"65536:1", false, 0},
        {"1:65536", false, 0},
        {"1", false, 0},
        {"1:2:3", false, 0},
        {"", false, 0},
        {"a:b", false, 0},
        {"1:b", false, 0},
    };
    g_autoptr(GBytes) set = NULL;
    g_autofree char *text = NULL;

    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        uint32_t community = 77;

        ck_assert_msg(bgp_community_parse(rows[i].text, &community) ==
                          rows[i].good,
                      "%s", rows[i].text);
        ck_assert_uint_eq(community, rows[i].good ? rows[i].community : 77);
    }
    for (unsigned i = 0; i < 4; i++) {
        static const uint32_t added[] = {30, 10, 20, 20};
        GBytes *more = bgp_communities_add(set, added[i]);

        g_clear_pointer(&set, g_bytes_unref);
        set = more;
    }
    expect_hex(set, "0000000a 00000014 0000001e");
    text = bgp_communities_format(set);
    ck_assert_str_eq(text, "0:10 0:20 0:30");
    for (unsigned i = 0; i < 4; i++) {
        static const uint32_t removed[] = {20, 99, 10, 30};
        GBytes *less = bgp_communities_remove(set, removed[i]);

        g_clear_pointer(&set, g_bytes_unref);
        set = less;
        if (i == 1)
            expect_hex(set, "0000000a 0000001e");
    }
    ck_assert_ptr_null(set);
}
END_TEST

START_TEST(names_and_paths)
{
    static const char *const bad[] = {"x",          "1 x", "0",
                                      "4294967296", "{1",  "{1,x}"};
    g_autoptr(GBytes) path = NULL, plain = NULL;

    ck_assert_str_eq(bgp_attr_name(BGP_ATTR_AS_PATH), "AS_PATH");
    ck_assert_str_eq(bgp_attr_name(250), "unknown");
    ck_assert_str_eq(bgp_origin_name(BGP_ORIGIN_EGP), "EGP");
    ck_assert_str_eq(bgp_origin_name(BGP_ORIGIN_INCOMPLETE), "INCOMPLETE");
    ck_assert_str_eq(bgp_origin_name((BgpOrigin)3), "unknown");
    for (unsigned i = 0; i < G_N_ELEMENTS(bad); i++)
        ck_assert_msg(!bgp_as_path_parse(bad[i], &path), "%s", bad[i]);
    ck_assert(bgp_as_path_parse("{1,2} 3", &path));
    ck_assert_uint_eq(bgp_as_path_first(path), 0);
    ck_assert_uint_eq(bgp_as_path_last(path), 3);
    g_clear_pointer(&path, g_bytes_unref);
    ck_assert(bgp_as_path_parse("1 {2}", &path));
    ck_assert_uint_eq(bgp_as_path_first(path), 1);
    ck_assert_uint_eq(bgp_as_path_last(path), 0);
    g_clear_pointer(&path, g_bytes_unref);
    /* RFC 5065 5.3: (65100 65101) 1 2 is as long as 1 2. */
    path = hex_bytes("0302 0000fe4c 0000fe4d 0202 00000001 00000002");
    ck_assert_uint_eq(bgp_as_path_length(path), 2);
    ck_assert_uint_eq(bgp_as_path_first(path), 1);
    plain = bgp_as_path_without_confederation(path);
    expect_hex(plain, "0202 00000001 00000002");
    g_clear_pointer(&plain, g_bytes_unref);
    plain = bgp_as_path_prepend(path, 9, 0);
    ck_assert(g_bytes_equal(plain, path));
    ck_assert_ptr_null(bgp_as_path_prepend(NULL, 9, 0));
}
END_TEST

/* Equal sets are one object in the table; what differs in anything is not. */
START_TEST(table_tells_sets_apart)
{
    BgpAttrTable *table = bgp_attr_table_new();
    BgpAttrs *all[12], *again;

    for (unsigned i = 0; i < G_N_ELEMENTS(all); i++) {
        BgpAttrs *a = all[i] = bgp_attrs_new();

        a->origin = i == 1 ? BGP_ORIGIN_EGP : BGP_ORIGIN_IGP;
        a->has_med = i == 2 || i == 3;
        a->med = i == 3 ? 1 : 0;
        a->has_local_pref = i == 4;
        a->atomic_aggregate = i == 5;
        a->has_aggregator = i == 6 || i == 7 || i == 11;
        a->aggregator_as = i == 7 ? 1 : 0;
        if (i == 11)
            a->aggregator = hs_addr_ipv4(1);
        if (i == 8)
            a->next_hop = hs_addr_ipv4(1);
        if (i == 9)
            a->communities = bgp_communities_add(NULL, 1);
        if (i == 10)
            a->unknown = hex_bytes("e0f001 01");
        all[i] = bgp_attrs_intern(table, a);
    }
    ck_assert_uint_eq(bgp_attr_table_size(table), G_N_ELEMENTS(all));
    for (unsigned i = 0; i < G_N_ELEMENTS(all); i++) {
        again = bgp_attrs_intern(table, bgp_attrs_copy(all[i]));
        ck_assert_ptr_eq(again, all[i]);
        bgp_attrs_unref(again);
    }
    for (unsigned i = 1; i < G_N_ELEMENTS(all); i++)
        bgp_attrs_unref(all[i]);
    ck_assert_uint_eq(bgp_attr_table_size(table), 1);
    /* The table goes first. */
    bgp_attr_table_free(table);
    bgp_attrs_unref(all[0]);
    bgp_attr_table_free(NULL);
}
END_TEST

/* Lengths that contradict the message: RFC 4271 6.3. */
START_TEST(update_truncated)
{
    size_t length;
    g_autoptr(GBytes) bytes = build(1, &length);
    const void *data = g_bytes_get_data(bytes, NULL);
    size_t nlri = length - 3; /* where the NLRI begins */

    for (size_t cut = 0; cut < length; cut++) {
        g_autoptr(BgpUpdate) update = NULL;
        g_auto(BgpFault) fault = {0};
        bool ok = read_update(data, cut, 0, &update, &fault);

        /* Only the cut before the NLRI leaves a message, of attributes. */
        ck_assert_msg(ok == (cut == nlri), "cut to %zu", cut);
        if (!ok && cut < nlri)
            ck_assert_uint_eq(fault.subcode, BGP_UPDATE_MALFORMED_LIST);
    }
}
END_TEST

START_TEST(update_is_read)
{
    size_t length;
    g_autoptr(GBytes) bytes = build(1, &length);
    g_autoptr(BgpUpdate) update = NULL;
    g_auto(BgpFault) fault = {0};
    g_autofree char *text = NULL;
    char prefix[HS_PREFIX_TEXT];

    ck_assert(
        read_update(g_bytes_get_data(bytes, NULL), length, 0, &update, &fault));
    text = bgp_attrs_format(update->attrs);
    ck_assert_str_eq(text, "origin IGP path [65002 {65003,65004}] next-hop "
                           "10.0.0.2 med 100 communities 7200:7300 no-export");
    hs_prefix_format(&g_array_index(update->announced, HsPrefix, 0), prefix);
    ck_assert_str_eq(prefix, "172.16.0.0/16");
}
END_TEST

START_TEST(end_of_rib_is_told)
{
    static const char *const hex[] = {"0000 0000", "0000 0006 800f03 0002 01",
                                      "0003 10ac10 0000",
                                      "0000 0006 800f03 0002 80"};
    static const HsFamily family[] = {HS_FAMILY_IPV4, HS_FAMILY_IPV6,
                                      HS_FAMILY_NONE, HS_FAMILY_NONE};

    for (unsigned i = 0; i < G_N_ELEMENTS(hex); i++) {
        g_autoptr(GBytes) bytes = hex_bytes(hex[i]);
        g_autoptr(BgpUpdate) update = NULL;
        g_auto(BgpFault) fault = {0};

        ck_assert(read_update(g_bytes_get_data(bytes, NULL),
                              g_bytes_get_size(bytes), 0, &update, &fault));
        ck_assert_int_eq(update->end_of_rib, family[i]);
    }
}
END_TEST

static BgpAttrs *
some_attrs(void)
{
    BgpAttrs *attrs = bgp_attrs_new();

    ck_assert(bgp_as_path_parse("4200000000 65002", &attrs->as_path));
    attrs->next_hop = hs_addr_ipv4(0x0a000002);
    attrs->has_med = true;
    attrs->med = 100;
    attrs->communities = bgp_communities_add(NULL, 0x1c201c84);
    attrs->unknown = hex_bytes("e0f002 1234");
    return attrs;
}

START_TEST(update_is_written)
{
    g_autoptr(BgpAttrs) attrs = some_attrs();
    HsPrefix prefix;
    g_autoptr(GPtrArray) messages = NULL;

    ck_assert(hs_prefix_parse("10.1.128.0/17", &prefix));
    messages = bgp_update_encode(attrs, &prefix, 1, true);
    ck_assert_uint_eq(messages->len, 1);
    expect_hex(messages->pdata[0],
               MARKER "0046 02 0000 002b 40010100"
                      "40020a 0202 fa56ea00 0000fdea 400304 0a000002"
                      "800404 00000064 c00804 1c201c84 e0f002 1234"
                      "11 0a0180");
}
END_TEST

/* RFC 6793 4.2.2 */
START_TEST(old_peer_is_written_to)
{
    g_autoptr(BgpAttrs) attrs = some_attrs();
    HsPrefix prefix;
    g_autoptr(GPtrArray) messages = NULL;

    ck_assert(hs_prefix_parse("10.1.128.0/17", &prefix));
    attrs->has_aggregator = true;
    attrs->aggregator_as = 4200000000;
    attrs->aggregator = hs_addr_ipv4(0x0a000009);
    messages = bgp_update_encode(attrs, &prefix, 1, false);
    expect_hex(messages->pdata[0],
               MARKER "0063 02 0000 0048 40010100"
                      "400206 0202 5ba0 fdea 400304 0a000002"
                      "800404 00000064 c00706 5ba0 0a000009 c00804 1c201c84"
                      "c0110a 0202 fa56ea00 0000fdea"
                      "c01208 fa56ea00 0a000009 e0f002 1234"
                      "11 0a0180");
}
END_TEST

/* RFC 6793 4.2.3: AS_PATH and AS4_PATH together. */
static const struct {
    const char *name, *path, *path4, *merged;
} merges[] = {
    {"all wide", "23456 23456", "4200000000 4200000001",
     "4200000000 4200000001"},
    {"old speakers in front", "65001 65002 23456", "4200000000",
     "65001 65002 4200000000"},
    {"AS4_PATH longer", "65001", "4200000000 65001", "65001"},
    {"no AS4_PATH", "65001 23456", "", "65001 23456"},
    {"a set counts one", "65001 {65002,65003} 23456", "{7,8} 4200000000",
     "65001 {7,8} 4200000000"},
};

START_TEST(paths_are_merged)
{
    g_autoptr(GBytes) path = NULL, path4 = NULL, merged = NULL;
    g_autofree char *text = NULL;

    ck_assert(bgp_as_path_parse(merges[_i].path, &path));
    ck_assert(bgp_as_path_parse(merges[_i].path4, &path4));
    merged = bgp_as_path_merge(path, path4);
    text = bgp_as_path_format(merged);
    ck_assert_msg(strcmp(text, merges[_i].merged) == 0, "%s: %s",
                  merges[_i].name, text);
}
END_TEST

START_TEST(paths_are_measured_and_prepended)
{
    g_autoptr(GBytes) path = NULL, more = NULL, most = NULL;
    g_autofree char *text = NULL;

    ck_assert(bgp_as_path_parse("65001 {1,2,3} 65002", &path));
    ck_assert_uint_eq(bgp_as_path_length(path), 3);
    ck_assert_uint_eq(bgp_as_path_first(path), 65001);
    ck_assert_uint_eq(bgp_as_path_last(path), 65002);
    ck_assert(bgp_as_path_contains(path, 2));
    ck_assert(!bgp_as_path_contains(path, 4));
    more = bgp_as_path_prepend(path, 9, 2);
    text = bgp_as_path_format(more);
    ck_assert_str_eq(text, "9 9 65001 {1,2,3} 65002");
    /* A segment holds 255; the rest opens another. */
    most = bgp_as_path_prepend(more, 9, 300);
    ck_assert_uint_eq(bgp_as_path_length(most), 305);
    ck_assert_uint_eq(bgp_as_path_count(most, 9), 302);
    ck_assert(!bgp_as_path_parse("65001 x", &path));
    ck_assert(!bgp_as_path_parse("0", &path));
}
END_TEST

/* 10,000 prefixes of one set: full messages, nothing lost. */
START_TEST(prefixes_are_packed)
{
    g_autoptr(BgpAttrs) attrs = some_attrs();
    g_autoptr(GArray) prefixes = g_array_new(FALSE, FALSE, sizeof(HsPrefix));
    g_autoptr(GPtrArray) messages = NULL, withdrawals = NULL;
    unsigned seen = 0;

    for (uint32_t i = 0; i < 10000; i++) {
        HsPrefix p = {.addr = hs_addr_ipv4(0x0a000000 + (i << 8)),
                      .length = 24};

        g_array_append_val(prefixes, p);
    }
    messages = bgp_update_encode(attrs, (HsPrefix *)(void *)prefixes->data,
                                 10000, true);
    for (guint i = 0; i < messages->len; i++) {
        g_autoptr(BgpUpdate) update = NULL;
        g_auto(BgpFault) fault = {0};
        BgpUpdateContext context = {.four_octet_as = true, .ipv4 = true};
        BgpFrame frame;

        ck_assert_int_eq(frame_of(messages->pdata[i], &frame, &fault),
                         BGP_FRAME_GOOD);
        if (i + 1 < messages->len)
            ck_assert_uint_gt(frame.length, BGP_MESSAGE_MAX - 4);
        ck_assert(bgp_update_decode(&frame.body, &context, &update, &fault));
        for (guint j = 0; j < update->announced->len; j++, seen++)
            ck_assert(
                hs_prefix_equal(&g_array_index(update->announced, HsPrefix, j),
                                &g_array_index(prefixes, HsPrefix, seen)));
    }
    ck_assert_uint_eq(seen, 10000);
    ck_assert_uint_eq(messages->len, 10);
    withdrawals =
        bgp_withdraw_encode((HsPrefix *)(void *)prefixes->data, 10000);
    ck_assert_uint_eq(withdrawals->len, 10);
}
END_TEST

START_TEST(ipv6_is_written)
{
    g_autoptr(BgpAttrs) attrs = bgp_attrs_new();
    HsPrefix prefix;
    g_autoptr(GPtrArray) messages = NULL, withdrawals = NULL;
    g_autoptr(GBytes) end = bgp_end_of_rib_encode(HS_FAMILY_IPV6);

    ck_assert(hs_prefix_parse("2001:db8:1::/64", &prefix));
    ck_assert(hs_addr_parse("2001:db8::2", &attrs->next_hop));
    messages = bgp_update_encode(attrs, &prefix, 1, true);
    expect_hex(messages->pdata[0],
               MARKER "0040 02 0000 0029 900e001e 0002 01 10"
                      "20010db8 00000000 00000000 00000002 00"
                      "40 20010db8 00010000 400101 00 400200");
    withdrawals = bgp_withdraw_encode(&prefix, 1);
    expect_hex(withdrawals->pdata[0],
               MARKER "0027 02 0000 0010 900f000c 0002 01"
                      "40 20010db8 00010000");
    expect_hex(end, MARKER "001e 02 0000 0007 900f0003 0002 01");
}
END_TEST

/* RFC 4271 9.2: no room for a prefix beside the attributes. */
START_TEST(too_large_is_not_announced)
{
    g_autoptr(BgpAttrs) attrs = bgp_attrs_new();
    g_autoptr(GPtrArray) messages = NULL;
    HsPrefix prefix = {.addr = hs_addr_ipv4(0x0a000000), .length = 8};

    attrs->next_hop = hs_addr_ipv4(1 << 24);
    attrs->as_path = bgp_as_path_prepend(NULL, 65001, 1100);
    messages = bgp_update_encode(attrs, &prefix, 1, true);
    ck_assert_uint_eq(messages->len, 0);
}
END_TEST

static Suite *
suite(void)
{
    Suite *s = suite_create("bgp messages");
    TCase *t = tcase_create("header and open");

    tcase_add_loop_test(t, header_rules, 0, G_N_ELEMENTS(frames));
    tcase_add_test(t, open_is_written);
    tcase_add_test(t, wide_as_is_as_trans_in_open);
    tcase_add_loop_test(t, open_rules, 0, G_N_ELEMENTS(opens));
    tcase_add_test(t, open_truncated);
    tcase_add_test(t, open_is_agreed_on);
    tcase_add_test(t, small_messages);
    tcase_add_test(t, errors_have_names);
    suite_add_tcase(s, t);
    t = tcase_create("update");
    tcase_add_loop_test(t, update_rules, 0, G_N_ELEMENTS(updates));
    tcase_add_loop_test(t, reset_tells_what_was_wrong, 0, G_N_ELEMENTS(resets));
    tcase_add_test(t, every_field_at_once);
    tcase_add_test(t, unread_attributes_are_kept);
    tcase_add_loop_test(t, aggregators_are_merged, 0,
                        G_N_ELEMENTS(aggregators));
    tcase_add_test(t, communities_are_sets);
    tcase_add_test(t, names_and_paths);
    tcase_add_test(t, table_tells_sets_apart);
    tcase_add_test(t, update_truncated);
    tcase_add_test(t, update_is_read);
    tcase_add_test(t, end_of_rib_is_told);
    tcase_add_test(t, update_is_written);
    tcase_add_test(t, old_peer_is_written_to);
    tcase_add_loop_test(t, paths_are_merged, 0, G_N_ELEMENTS(merges));
    tcase_add_test(t, paths_are_measured_and_prepended);
    tcase_add_test(t, prefixes_are_packed);
    tcase_add_test(t, ipv6_is_written);
    tcase_add_test(t, too_large_is_not_announced);
    suite_add_tcase(s, t);
    return s;
}

int
main(void)
{
    return run_suite(suite());
}
