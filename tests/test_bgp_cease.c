/* How sessions are ended on purpose: the Cease of RFC 4486 with its data, the
 * shutdown communication of RFC 9003, the hard reset of RFC 8538, the limit of
 * prefixes and what comes after it, and route refresh asked for by us. */

#include "config.h"

#include "models/bgp/message.h"
#include "tests/harness/bgp_pair.h"
#include "tests/harness/hex.h"
#include "tests/harness/run.h"

#include <string.h>

static BgpPair *
established_pair(BgpPairConfig config)
{
    BgpPair *p;

    config.peer[BGP_B].session.passive = true;
    p = bgp_pair_new(&config);
    bgp_pair_start(p);
    bgp_pair_run(p, HS_SEC(1));
    ck_assert(bgp_peer_state(p->side[BGP_A].peer) == BGP_ESTABLISHED);
    ck_assert(bgp_peer_state(p->side[BGP_B].peer) == BGP_ESTABLISHED);
    g_string_truncate(p->log, 0);
    g_byte_array_set_size(p->side[BGP_A].sent, 0);
    return p;
}

static void
expect_sent(BgpPair *p, const char *hex)
{
    g_autoptr(GBytes) bytes = hex_bytes(hex);
    GByteArray *sent = p->side[BGP_A].sent;
    gsize length = g_bytes_get_size(bytes);

    ck_assert_uint_ge(sent->len, length);
    ck_assert_mem_eq(sent->data + sent->len - length,
                     g_bytes_get_data(bytes, NULL), length);
}

#define MARKER "ffffffffffffffffffffffffffffffff"

/* Shutdown communication */

START_TEST(shutdown_message_is_written_and_read)
{
    g_autoptr(BgpPair) p = established_pair(bgp_pair_config());
    const BgpSession *b = bgp_peer_session(p->side[BGP_B].peer);

    ck_assert_ptr_null(bgp_session_peer_message(b));
    bgp_peer_stop(p->side[BGP_A].peer, p->now, BGP_CEASE_ADMIN_SHUTDOWN,
                  "tic-174");
    bgp_pair_poll(p);
    expect_sent(p, MARKER "001d 03 06 02 07 7469632d313734");
    bgp_pair_run(p, HS_SEC(2));
    ck_assert_str_eq(bgp_session_peer_message(b), "tic-174");
    bgp_pair_expect(p, "[   1.000000000] a bgp: Established -> Idle "
                       "(ManualStop, sent Cease/Administrative Shutdown)\n"
                       "[   1.010000000] b bgp: peer says \"tic-174\"\n"
                       "[   1.010000000] b bgp: Established -> Idle (NotifMsg, "
                       "received Cease/Administrative Shutdown)\n");
}
END_TEST

/* RFC 9003 2: with the subcodes 2 and 4 alone. */
START_TEST(other_subcodes_carry_no_message)
{
    g_autoptr(BgpPair) p = established_pair(bgp_pair_config());

    bgp_peer_stop(p->side[BGP_A].peer, p->now, BGP_CEASE_DECONFIGURED, "bye");
    bgp_pair_poll(p);
    expect_sent(p, MARKER "0015 03 06 03");
    bgp_pair_run(p, HS_SEC(2));
    ck_assert_ptr_null(
        bgp_session_peer_message(bgp_peer_session(p->side[BGP_B].peer)));
}
END_TEST

static const struct {
    const char *name, *hex, *text; /* NULL: none */
} messages[] = {
    {"plain", "03 616263", "abc"},
    {"what follows is ignored", "02 616263", "ab"},
    {"UTF-8", "04 c3a4c3b6", "\xc3\xa4\xc3\xb6"},
    {"control characters", "05 61 0a 62 7f 63", "a b c"},
    {"no data", "", NULL},
    {"length 0", "00", NULL},
    {"longer than the data", "04 616263", NULL},
    {"not UTF-8", "02 c328", NULL},
    {"half a character", "03 61 62 c3", NULL},
    {"NUL inside", "03 61 00 62", NULL},
};

START_TEST(shutdown_messages)
{
    g_autoptr(GBytes) data = hex_bytes(messages[_i].hex);
    g_autofree char *text = bgp_shutdown_decode(data);

    ck_assert_msg(g_strcmp0(text, messages[_i].text) == 0, "%s",
                  messages[_i].name);
}
END_TEST

/* RFC 9003 2: 255 octets, cut between characters. */
START_TEST(long_message_is_cut)
{
    g_autoptr(GString) text = g_string_new(NULL);
    g_autoptr(GBytes) data = NULL;
    g_autofree char *back = NULL;

    for (unsigned i = 0; i < 200; i++)
        g_string_append(text, "\xc3\xa4");
    data = bgp_shutdown_encode(text->str);
    ck_assert_uint_eq(g_bytes_get_size(data), 255);
    back = bgp_shutdown_decode(data);
    ck_assert_uint_eq(strlen(back), 254);
    ck_assert_ptr_null(bgp_shutdown_encode(""));
    ck_assert_ptr_null(bgp_shutdown_decode(NULL));
}
END_TEST

/* Hard reset */

static const struct {
    const char *name, *hex; /* a NOTIFICATION's code, subcode and data */
    bool wrapped;
    uint8_t code, subcode;
    unsigned length; /* of the data inside */
} resets[] = {
    {"wrapped shutdown with its message", "06 09 06 02 01 61", true, 6, 2, 2},
    {"wrapped hold timer", "06 09 04 00", true, 4, 0, 0},
    {"nothing inside", "06 09", false, 6, 9, 0},
    {"half a code inside", "06 09 06", false, 6, 9, 1},
    {"another Cease", "06 04 06 02", false, 6, 4, 2},
    {"no Cease", "03 09 06 02", false, 3, 9, 2},
};

START_TEST(hard_resets)
{
    g_autoptr(GBytes) bytes = hex_bytes(resets[_i].hex);
    gsize length;
    const void *data = g_bytes_get_data(bytes, &length);
    HsReader r = hs_reader_of(data, length);
    g_auto(BgpFault) fault = {0};

    bgp_notification_decode(&r, &fault);
    ck_assert_msg(bgp_hard_reset_unwrap(&fault) == resets[_i].wrapped, "%s",
                  resets[_i].name);
    ck_assert_uint_eq(fault.code, resets[_i].code);
    ck_assert_uint_eq(fault.subcode, resets[_i].subcode);
    ck_assert_uint_eq(fault.data != NULL ? g_bytes_get_size(fault.data) : 0,
                      resets[_i].length);
}
END_TEST

/* RFC 8538 3.1: with the N bit on both sides a shutdown is wrapped. */
START_TEST(shutdown_is_wrapped)
{
    BgpPairConfig config = bgp_pair_config();
    g_autoptr(BgpPair) p = NULL;

    for (unsigned i = 0; i < 2; i++)
        config.peer[i].session.restart =
            (BgpRestart){.enabled = true,
                         .notification = i == BGP_A || _i == 1,
                         .time = HS_SEC(120)};
    p = established_pair(config);
    bgp_peer_stop(p->side[BGP_A].peer, p->now, BGP_CEASE_ADMIN_SHUTDOWN, "x");
    bgp_pair_poll(p);
    expect_sent(p, _i == 1 ? MARKER "0019 03 06 09 06 02 01 78"
                           : MARKER "0017 03 06 02 01 78");
    bgp_pair_run(p, HS_SEC(2));
    ck_assert_str_eq(
        bgp_session_peer_message(bgp_peer_session(p->side[BGP_B].peer)), "x");
    ck_assert(strstr(p->log->str,
                     _i == 1
                         ? "received Hard Reset, Cease/Administrative "
                           "Shutdown"
                         : "received Cease/Administrative Shutdown") != NULL);
}
END_TEST

/* The limit of prefixes */

static void
originate(BgpPair *p, unsigned side, unsigned count, HsFamily family)
{
    for (unsigned i = 0; i < count; i++) {
        HsPrefix prefix = {.addr = hs_addr_ipv4(0x0a000000 + (i << 16)),
                           .length = 16};

        if (family == HS_FAMILY_IPV6) {
            prefix.addr = (HsAddr){.family = HS_FAMILY_IPV6};
            prefix.addr.bytes[0] = 0x20;
            prefix.addr.bytes[1] = (uint8_t)i;
        }
        bgp_speaker_originate(p->side[side].speaker, p->now, &prefix, NULL,
                              BGP_SOURCE_LOCAL, 0);
    }
    bgp_pair_poll(p);
}

static BgpPairConfig
limited(HsDuration hold)
{
    BgpPairConfig config = bgp_pair_config();

    config.peer[BGP_A].max_prefixes = 3;
    config.peer[BGP_A].max_prefix_hold = hold;
    return config;
}

/* RFC 4486 4: the family and the limit are in the data. As AWS: Idle until
 * somebody does something about it, whatever BFD or the carrier say. */
START_TEST(limit_ends_the_session_for_good)
{
    g_autoptr(BgpPair) p = established_pair(limited(0));
    BgpPeer *a = p->side[BGP_A].peer;

    originate(p, BGP_B, 3, HS_FAMILY_IPV4);
    bgp_pair_run(p, HS_SEC(2));
    ck_assert_int_eq(bgp_peer_state(a), BGP_ESTABLISHED);
    ck_assert_uint_eq(bgp_peer_prefixes(a), 3);
    originate(p, BGP_B, 5, HS_FAMILY_IPV4);
    bgp_pair_run(p, HS_SEC(3));
    expect_sent(p, MARKER "001c 03 06 01 0001 01 00000003");
    ck_assert(strstr(p->log->str, "a bgp: Established -> Idle (AutomaticStop, "
                                  "maximum prefixes)") != NULL);
    ck_assert(strstr(p->log->str,
                     "received Cease/Maximum Number of Prefixes Reached") !=
              NULL);
    ck_assert_uint_eq(bgp_peer_prefixes(a), 0);
    bgp_peer_link_up(a, p->now);
    bgp_pair_run(p, HS_SEC(4000));
    ck_assert_int_eq(bgp_peer_state(a), BGP_IDLE);
    /* The link goes and comes: still no. */
    bgp_peer_link_down(a, p->now);
    bgp_peer_link_up(a, p->now);
    ck_assert_int_eq(bgp_peer_state(a), BGP_IDLE);
    for (unsigned i = 1; i < 5; i++) {
        HsPrefix prefix = {.addr = hs_addr_ipv4(0x0a000000 + (i << 16)),
                           .length = 16};

        bgp_speaker_withdraw(p->side[BGP_B].speaker, p->now, &prefix,
                             BGP_SOURCE_LOCAL, 0);
    }
    bgp_peer_start(a, p->now);
    bgp_pair_poll(p);
    bgp_pair_run(p, HS_SEC(4001));
    ck_assert_int_eq(bgp_peer_state(a), BGP_ESTABLISHED);
    ck_assert_uint_eq(bgp_peer_prefixes(a), 1);
}
END_TEST

START_TEST(limit_with_a_hold_comes_back)
{
    g_autoptr(BgpPair) p = established_pair(limited(HS_SEC(60)));
    BgpPeer *a = p->side[BGP_A].peer;

    originate(p, BGP_B, 5, HS_FAMILY_IPV4);
    bgp_pair_run(p, HS_SEC(61) + HS_MSEC(5));
    ck_assert_int_eq(bgp_peer_state(a), BGP_IDLE);
    bgp_pair_run(p, HS_SEC(61) + HS_MSEC(11));
    ck_assert_int_eq(bgp_peer_state(a), BGP_CONNECT);
    /* It is too many again. */
    bgp_pair_run(p, HS_SEC(62));
    ck_assert_int_eq(bgp_peer_state(a), BGP_IDLE);
    ck_assert_uint_eq(
        bgp_session_counter(bgp_peer_session(a), BGP_COUNT_NOTIFICATION_SENT),
        2);
}
END_TEST

/* The link fails meanwhile: the session waits for it, and not for ever. */
START_TEST(limit_hold_ends_while_the_link_is_down)
{
    g_autoptr(BgpPair) p = established_pair(limited(HS_SEC(60)));
    BgpPeer *a = p->side[BGP_A].peer;

    originate(p, BGP_B, 5, HS_FAMILY_IPV4);
    bgp_pair_run(p, HS_SEC(2));
    bgp_peer_link_down(a, p->now);
    bgp_pair_run(p, HS_SEC(100));
    ck_assert_int_eq(bgp_peer_state(a), BGP_IDLE);
    bgp_peer_link_up(a, p->now);
    ck_assert_int_eq(bgp_peer_state(a), BGP_CONNECT);
}
END_TEST

/* AWS: 100 of IPv4 and 100 of IPv6. */
START_TEST(limit_is_for_each_family)
{
    BgpPairConfig config = limited(0);
    g_autoptr(BgpPair) p = NULL;

    for (unsigned i = 0; i < 2; i++) {
        config.peer[i].session.ipv6 = true;
        config.peer[i].local_address6.family = HS_FAMILY_IPV6;
        config.peer[i].local_address6.bytes[0] = 0x20;
        config.peer[i].local_address6.bytes[15] = (uint8_t)(i + 1);
    }
    p = established_pair(config);
    originate(p, BGP_B, 3, HS_FAMILY_IPV4);
    originate(p, BGP_B, 3, HS_FAMILY_IPV6);
    bgp_pair_run(p, HS_SEC(2));
    ck_assert_uint_eq(bgp_peer_prefixes(p->side[BGP_A].peer), 6);
    originate(p, BGP_B, 4, HS_FAMILY_IPV6);
    bgp_pair_run(p, HS_SEC(3));
    expect_sent(p, MARKER "001c 03 06 01 0002 01 00000003");
}
END_TEST

/* Nothing stands that it could end. */
START_TEST(limit_of_a_dead_session_is_no_news)
{
    BgpSessionConfig config = bgp_session_config(BGP_PRESET_RFC);
    g_autoptr(HsRng) rng = hs_rng_new(1, "a", "bgp");
    g_autoptr(BgpSession) s = NULL;
    BgpOutput output;

    config.local_as = 65001;
    config.router_id = 1;
    s = bgp_session_new(&config, rng, 0);
    bgp_session_too_many_prefixes(s, 0, HS_FAMILY_IPV4, 1, 0);
    ck_assert(!bgp_session_poll(s, &output));
}
END_TEST

/* Route refresh (RFC 2918) */

START_TEST(refresh_is_asked_for)
{
    BgpPairConfig config = bgp_pair_config();
    g_autoptr(BgpPair) p = NULL;
    const BgpSession *a, *b;

    config.peer[BGP_B].session.no_route_refresh = _i == 1;
    p = established_pair(config);
    a = bgp_peer_session(p->side[BGP_A].peer);
    b = bgp_peer_session(p->side[BGP_B].peer);
    originate(p, BGP_B, 3, HS_FAMILY_IPV4);
    bgp_pair_run(p, HS_SEC(2));
    ck_assert_uint_eq(bgp_session_counter(b, BGP_COUNT_UPDATE_SENT), 3);
    bgp_peer_request_refresh(p->side[BGP_A].peer, p->now, HS_FAMILY_IPV4);
    bgp_pair_poll(p);
    bgp_pair_run(p, HS_SEC(3));
    /* RFC 2918 4: not of a peer that did not announce it. */
    ck_assert_uint_eq(bgp_session_counter(a, BGP_COUNT_REFRESH_SENT),
                      _i == 1 ? 0 : 1);
    /* All three in one message this time. */
    ck_assert_uint_eq(bgp_session_counter(b, BGP_COUNT_UPDATE_SENT),
                      _i == 1 ? 3 : 4);
    if (_i == 0)
        expect_sent(p, MARKER "0017 05 0001 00 01");
    ck_assert_uint_eq(bgp_peer_prefixes(p->side[BGP_A].peer), 3);
}
END_TEST

int
main(void)
{
    Suite *s = suite_create("bgp cease");
    TCase *t = tcase_create("words");

    tcase_add_test(t, shutdown_message_is_written_and_read);
    tcase_add_test(t, other_subcodes_carry_no_message);
    tcase_add_loop_test(t, shutdown_messages, 0, G_N_ELEMENTS(messages));
    tcase_add_test(t, long_message_is_cut);
    tcase_add_loop_test(t, hard_resets, 0, G_N_ELEMENTS(resets));
    tcase_add_loop_test(t, shutdown_is_wrapped, 0, 2);
    suite_add_tcase(s, t);
    t = tcase_create("limit");
    tcase_add_test(t, limit_ends_the_session_for_good);
    tcase_add_test(t, limit_with_a_hold_comes_back);
    tcase_add_test(t, limit_hold_ends_while_the_link_is_down);
    tcase_add_test(t, limit_is_for_each_family);
    tcase_add_test(t, limit_of_a_dead_session_is_no_news);
    suite_add_tcase(s, t);
    t = tcase_create("refresh");
    tcase_add_loop_test(t, refresh_is_asked_for, 0, 2);
    suite_add_tcase(s, t);
    return run_suite(s);
}
