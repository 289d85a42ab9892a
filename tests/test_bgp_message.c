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

typedef enum { GOOD, DISCARD, WITHDRAW, RESET } Outcome;
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
    ck_assert_msg((update->discarded > 0) == (updates[_i].outcome == DISCARD),
                  "%s", name);
    if (updates[_i].outcome == WITHDRAW) {
        ck_assert_msg(announced == 0 && update->withdrawn->len == 1, "%s",
                      name);
        ck_assert_ptr_nonnull(update->fault);
    } else {
        ck_assert_msg(announced + update->withdrawn->len == 1, "%s", name);
    }
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
