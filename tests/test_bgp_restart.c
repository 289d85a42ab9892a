/* Graceful restart (RFC 4724, 8538): the capability's bytes, the routes that a
 * helper keeps and for how long, and what a restarted speaker waits for. Its
 * peers are canned: what they send is made here, and what they are sent is
 * written down. */

#include "config.h"

#include "models/bgp/message.h"
#include "models/bgp/speaker.h"
#include "tests/harness/hex.h"
#include "tests/harness/run.h"

#include <string.h>

#define PEERS 2

typedef struct {
    HsRng *rng;
    BgpSpeaker *speaker;
    BgpPeer *peer[PEERS];
    BgpSessionConfig theirs[PEERS]; /* what each peer's OPEN says */
    unsigned connection[PEERS];
    HsTime now;
    GString *log;
} World;

/* Messages that the speaker sends: R of an OPEN, UPDATEs, End-of-RIB. */
static void
log_sent(World *w, const BgpSpeakerOutput *o)
{
    gsize length;
    const uint8_t *data = g_bytes_get_data(o->bytes, &length);
    const char *who = bgp_peer_name(o->peer);
    HsReader body = hs_reader_of(data + 19, length - 19);
    g_auto(BgpFault) fault = {0};
    BgpOpen open;

    if (data[18] == BGP_MSG_OPEN) {
        ck_assert(bgp_open_decode(&body, true, &open, &fault));
        if (open.restarted)
            g_string_append_printf(w->log, "open R%s to %s\n",
                                   open.forwards_ipv4 ? " F" : "", who);
    }
    if (data[18] == BGP_MSG_NOTIFICATION)
        g_string_append_printf(w->log, "notification %u/%u to %s\n", data[19],
                               data[20], who);
    if (data[18] == BGP_MSG_UPDATE && length == 23)
        g_string_append_printf(w->log, "end of rib to %s\n", who);
}

static void
log_output(World *w, const BgpSpeakerOutput *o)
{
    const char *who = o->peer != NULL ? bgp_peer_name(o->peer) : "none";
    char prefix[HS_PREFIX_TEXT];

    switch (o->kind) {
    case BGP_SPEAKER_SEND:
        log_sent(w, o);
        return;
    case BGP_SPEAKER_ROUTE_SENT:
        g_string_append_printf(w->log, "%s %s to %s\n",
                               o->announce ? "announce" : "withdraw",
                               hs_prefix_format(&o->prefix, prefix), who);
        return;
    case BGP_SPEAKER_BEST_CHANGED:
        g_string_append_printf(w->log, "best %s %s (%s)\n",
                               hs_prefix_format(&o->prefix, prefix), who,
                               o->cause);
        return;
    case BGP_SPEAKER_STALE:
        g_string_append_printf(w->log, "%u %s of %s (%s)\n", o->paths,
                               o->announce ? "stale" : "removed", who,
                               o->cause);
        return;
    case BGP_SPEAKER_DECIDED:
    case BGP_SPEAKER_CONNECT:
    case BGP_SPEAKER_CLOSE:
    case BGP_SPEAKER_STATE:
    case BGP_SPEAKER_ROUTE_RECEIVED:
    case BGP_SPEAKER_END_OF_RIB:
        return;
    }
}

static void
drain(World *w)
{
    BgpSpeakerOutput output;

    while (bgp_speaker_poll(w->speaker, &output)) {
        log_output(w, &output);
        bgp_speaker_output_clear(&output);
    }
}

static void
expect(World *w, const char *log)
{
    drain(w);
    ck_assert_str_eq(w->log->str, log);
    g_string_truncate(w->log, 0);
}

static void
advance(World *w, HsTime to)
{
    w->now = to;
    bgp_speaker_expire(w->speaker, to);
}

static void
receive(World *w, unsigned peer, GBytes *message)
{
    bgp_peer_receive(w->peer[peer], w->now, w->connection[peer],
                     g_bytes_get_data(message, NULL),
                     g_bytes_get_size(message));
    g_bytes_unref(message);
}

/* The peer connects, sends its OPEN and a KEEPALIVE. */
static void
establish(World *w, unsigned peer)
{
    w->connection[peer] = bgp_peer_accept(w->peer[peer], w->now);
    ck_assert_uint_ne(w->connection[peer], 0);
    receive(w, peer, bgp_open_encode(&w->theirs[peer]));
    receive(w, peer, bgp_keepalive_encode());
    ck_assert_int_eq(bgp_peer_state(w->peer[peer]), BGP_ESTABLISHED);
}

static HsPrefix
prefix_of(const char *text)
{
    HsPrefix prefix;

    ck_assert(hs_prefix_parse(text, &prefix));
    return prefix;
}

static void
announce(World *w, unsigned peer, const char *prefix)
{
    g_autoptr(BgpAttrs) attrs = bgp_attrs_new();
    g_autoptr(GPtrArray) messages = NULL;
    HsPrefix p = prefix_of(prefix);

    ck_assert(
        bgp_as_path_parse(peer == 0 ? "65100" : "65101", &attrs->as_path));
    attrs->next_hop = hs_addr_ipv4(0x0a000010 + peer);
    if (p.addr.family == HS_FAMILY_IPV6) {
        attrs->next_hop = (HsAddr){.family = HS_FAMILY_IPV6};
        attrs->next_hop.bytes[0] = 0x20;
    }
    messages = bgp_update_encode(attrs, &p, 1, true);
    receive(w, peer, g_bytes_ref(messages->pdata[0]));
}

static void
end_of_rib(World *w, unsigned peer)
{
    receive(w, peer, bgp_end_of_rib_encode(HS_FAMILY_IPV4));
}

static void
lose_connection(World *w, unsigned peer)
{
    bgp_peer_tcp_down(w->peer[peer], w->now, w->connection[peer]);
}

static BgpRestart
restart_of(bool notification)
{
    return (BgpRestart){.enabled = true,
                        .notification = notification,
                        .time = HS_SEC(120),
                        .stale_time = HS_SEC(360)};
}

static World *
world_new(unsigned count, BgpRestart ours, BgpRestart theirs)
{
    static const char *const names[] = {"one", "two"};
    BgpSpeakerConfig config = {.asn = 65001, .router_id = 0x0a000001};
    World *w = g_new0(World, 1);

    w->rng = hs_rng_new(1, "a", "bgp");
    w->speaker = bgp_speaker_new(&config, w->rng);
    w->log = g_string_new(NULL);
    for (unsigned i = 0; i < count; i++) {
        BgpPeerConfig peer = {
            .name = names[i],
            .session = bgp_session_config(BGP_PRESET_FRR),
            .local_address = hs_addr_ipv4(0x0a000001),
            .peer_address = hs_addr_ipv4(0x0a000010 + i),
        };

        peer.session.peer_as = 65100 + i;
        peer.session.passive = true;
        peer.session.restart = ours;
        w->peer[i] = bgp_speaker_add_peer(w->speaker, &peer, 0);
        w->theirs[i] = bgp_peer_config(w->peer[i])->session;
        w->theirs[i].local_as = 65100 + i;
        w->theirs[i].router_id = 0x0a000010 + i;
        w->theirs[i].restart = theirs;
        bgp_peer_start(w->peer[i], 0);
        establish(w, i);
    }
    drain(w);
    g_string_truncate(w->log, 0);
    return w;
}

static void
world_free(World *w)
{
    bgp_speaker_free(w->speaker);
    hs_rng_free(w->rng);
    g_string_free(w->log, TRUE);
    g_free(w);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(World, world_free)

static World *
helper_world(void)
{
    return world_new(1, restart_of(false), restart_of(false));
}

/* The capability */

/* What RFC 4724 3 and RFC 8538 2 make of a configuration: the capability that
 * stands last in our OPEN. */
static const struct {
    const char *name, *hex;
    BgpRestart restart;
    bool ipv4, ipv6;
} written[] = {
    {"120 s, IPv4", "40060078 00010180", {.enabled = true}, true, false},
    {"both families",
     "400a0078 00010180 00020180",
     {.enabled = true},
     true,
     true},
    {"IPv6 alone", "40060078 00020180", {.enabled = true}, false, true},
    {"helper only",
     "40020078",
     {.enabled = true, .helper_only = true},
     true,
     false},
    {"after a restart",
     "40068078 00010180",
     {.enabled = true, .restarting = true},
     true,
     false},
    {"after one that lost the forwarding",
     "40068078 00010100",
     {.enabled = true, .restarting = true, .forwarding_lost = true},
     true,
     false},
    {"with the N bit",
     "40064078 00010180",
     {.enabled = true, .notification = true},
     true,
     false},
    {"off: the four-octet AS number is last",
     "41040000fde9",
     {.enabled = false},
     true,
     false},
};

START_TEST(capability_is_written)
{
    BgpSessionConfig config = bgp_session_config(BGP_PRESET_RFC);
    g_autoptr(GBytes) open = NULL, tail = hex_bytes(written[_i].hex);
    gsize size, length = g_bytes_get_size(tail);
    const uint8_t *data;

    config.local_as = 65001;
    config.router_id = 1;
    config.ipv4 = written[_i].ipv4;
    config.ipv6 = written[_i].ipv6;
    config.restart = written[_i].restart;
    config.restart.time = HS_SEC(120);
    open = bgp_open_encode(&config);
    data = g_bytes_get_data(open, &size);
    ck_assert_msg(
        memcmp(data + size - length, g_bytes_get_data(tail, NULL), length) == 0,
        "%s", written[_i].name);
}
END_TEST

/* The same, read. The capabilities are all of an OPEN's optional parameters. */
static const struct {
    const char *name, *hex;
    bool good;
    BgpOpen open;
} decoded[] = {
    {"R, N, 5 s, both families, one preserved",
     "400ac005 00010180 00020100",
     true,
     {.graceful_restart = true,
      .restarted = true,
      .restart_notification = true,
      .restart_time = 5,
      .restart_ipv4 = true,
      .restart_ipv6 = true,
      .forwards_ipv4 = true}},
    {"no family",
     "40020fff",
     true,
     {.graceful_restart = true, .restart_time = 4095}},
    {"multicast and VPNs are nothing to us",
     "400a0078 00010280 00018080",
     true,
     {.graceful_restart = true, .restart_time = 120}},
    {"reserved flags are ignored",
     "40063078 0001017f",
     true,
     {.graceful_restart = true, .restart_time = 120, .restart_ipv4 = true}},
    {"twice: the last one counts",
     "40060078 00010180 40060003 00020180",
     true,
     {.graceful_restart = true,
      .restart_time = 3,
      .restart_ipv6 = true,
      .forwards_ipv6 = true}},
    {"empty", "4000", false, {0}},
    {"cut in the time", "400100", false, {0}},
    {"cut in the family", "400400780001", false, {0}},
    {"cut before the flags", "40050078000101", false, {0}},
};

START_TEST(capability_is_read)
{
    g_autoptr(GBytes) capability = hex_bytes(decoded[_i].hex);
    gsize length;
    const void *data = g_bytes_get_data(capability, &length);
    g_autoptr(GByteArray) body = g_byte_array_new();
    uint8_t head[] = {4, 0xfd, 0xe9, 0, 90, 10, 0, 0, 1, 0, 2, 0};
    g_auto(BgpFault) fault = {0};
    BgpOpen open = {0};
    HsReader r;

    head[9] = (uint8_t)(length + 2);
    head[11] = (uint8_t)length;
    g_byte_array_append(body, head, sizeof head);
    g_byte_array_append(body, data, (guint)length);
    r = hs_reader_of(body->data, body->len);
    ck_assert_msg(bgp_open_decode(&r, true, &open, &fault) == decoded[_i].good,
                  "%s", decoded[_i].name);
    if (!decoded[_i].good) {
        ck_assert_uint_eq(fault.code, BGP_ERR_OPEN);
        return;
    }
#define SAME(field)                                                            \
    ck_assert_msg(open.field == decoded[_i].open.field, "%s: " #field,         \
                  decoded[_i].name)
    SAME(graceful_restart);
    SAME(restarted);
    SAME(restart_notification);
    SAME(restart_time);
    SAME(restart_ipv4);
    SAME(restart_ipv6);
    SAME(forwards_ipv4);
    SAME(forwards_ipv6);
#undef SAME
}
END_TEST

/* The helper */

/* RFC 4724 4.2: kept, then told again, then what was not told again goes. */
START_TEST(routes_outlive_the_session)
{
    g_autoptr(World) w = helper_world();

    announce(w, 0, "10.0.0.0/16");
    announce(w, 0, "10.1.0.0/16");
    expect(w, "best 10.0.0.0/16 one (only route)\n"
              "best 10.1.0.0/16 one (only route)\n");
    w->now = HS_SEC(10);
    lose_connection(w, 0);
    expect(w, "2 stale of one (the peer may be restarting)\n");
    ck_assert_uint_eq(bgp_peer_stale(w->peer[0]), 2);
    ck_assert_uint_eq(bgp_speaker_prefixes(w->speaker), 2);
    advance(w, HS_SEC(100));
    establish(w, 0);
    /* Our own End-of-RIB, though we have nothing to tell. */
    expect(w, "end of rib to one\n");
    announce(w, 0, "10.0.0.0/16");
    ck_assert_uint_eq(bgp_peer_stale(w->peer[0]), 1);
    advance(w, HS_SEC(135)); /* the restart time does not run any more */
    receive(w, 0, bgp_keepalive_encode());
    expect(w, "");
    end_of_rib(w, 0);
    expect(w, "1 removed of one (End-of-RIB)\n"
              "best 10.1.0.0/16 none (no route)\n");
    ck_assert_uint_eq(bgp_speaker_prefixes(w->speaker), 1);
}
END_TEST

START_TEST(restart_time_is_the_limit)
{
    g_autoptr(World) w = helper_world();

    announce(w, 0, "10.0.0.0/16");
    drain(w);
    g_string_truncate(w->log, 0);
    w->now = HS_SEC(10);
    lose_connection(w, 0);
    drain(w);
    g_string_truncate(w->log, 0);
    ck_assert_int_eq(bgp_speaker_next_expiry(w->speaker), HS_SEC(11));
    advance(w, HS_SEC(11)); /* out of Idle, to wait for the peer */
    ck_assert_int_eq(bgp_speaker_next_expiry(w->speaker), HS_SEC(130));
    advance(w, HS_SEC(130) - 1);
    expect(w, "");
    advance(w, HS_SEC(130));
    expect(w, "1 removed of one (restart time over)\n"
              "best 10.0.0.0/16 none (no route)\n");
    ck_assert_int_eq(bgp_speaker_next_expiry(w->speaker), HS_TIME_NEVER);
}
END_TEST

/* RFC 4724 4.2: "an upper bound on the amount of time a router retains". */
START_TEST(stale_time_is_the_limit_without_end_of_rib)
{
    g_autoptr(World) w = helper_world();

    w->theirs[0].hold = 0;
    announce(w, 0, "10.0.0.0/16");
    w->now = HS_SEC(10);
    lose_connection(w, 0);
    advance(w, HS_SEC(20));
    establish(w, 0);
    drain(w);
    g_string_truncate(w->log, 0);
    advance(w, HS_SEC(380) - 1);
    expect(w, "");
    advance(w, HS_SEC(380));
    expect(w, "1 removed of one (stale time over)\n"
              "best 10.0.0.0/16 none (no route)\n");
}
END_TEST

/* Nothing is left that the timer could be for. */
START_TEST(timer_without_stale_routes_ends)
{
    g_autoptr(World) w = helper_world();

    w->theirs[0].hold = 0;
    announce(w, 0, "10.0.0.0/16");
    lose_connection(w, 0);
    advance(w, HS_SEC(20));
    establish(w, 0);
    announce(w, 0, "10.0.0.0/16");
    drain(w);
    g_string_truncate(w->log, 0);
    advance(w, HS_SEC(500));
    expect(w, "");
    ck_assert_int_eq(bgp_speaker_next_expiry(w->speaker), HS_TIME_NEVER);
}
END_TEST

/* RFC 4724 4.2: what the OPEN of the new session must say for them to stay. */
static const struct {
    const char *name;
    BgpRestart restart;
    bool stay;
} second[] = {
    {"restarted, forwarding preserved",
     {.enabled = true, .restarting = true},
     true},
    {"not restarted: the connection was lost", {.enabled = true}, true},
    {"the F bit is not set",
     {.enabled = true, .restarting = true, .forwarding_lost = true},
     false},
    {"the family is not listed", {.enabled = true, .helper_only = true}, false},
    {"no capability", {.enabled = false}, false},
};

START_TEST(new_open_decides_what_stays)
{
    g_autoptr(World) w = helper_world();

    announce(w, 0, "10.0.0.0/16");
    lose_connection(w, 0);
    advance(w, HS_SEC(2));
    w->theirs[0].restart = second[_i].restart;
    w->theirs[0].restart.time = HS_SEC(120);
    establish(w, 0);
    ck_assert_msg(bgp_peer_stale(w->peer[0]) == (second[_i].stay ? 1 : 0), "%s",
                  second[_i].name);
    ck_assert_msg(bgp_speaker_prefixes(w->speaker) == (second[_i].stay ? 1 : 0),
                  "%s", second[_i].name);
}
END_TEST

/* RFC 4724 4.2: a route does not outlive two sessions. */
START_TEST(second_loss_removes_what_was_stale)
{
    g_autoptr(World) w = helper_world();

    announce(w, 0, "10.0.0.0/16");
    announce(w, 0, "10.1.0.0/16");
    lose_connection(w, 0);
    advance(w, HS_SEC(2));
    establish(w, 0);
    announce(w, 0, "10.0.0.0/16");
    drain(w);
    g_string_truncate(w->log, 0);
    lose_connection(w, 0);
    expect(w, "1 removed of one (session lost again)\n"
              "1 stale of one (the peer may be restarting)\n"
              "best 10.1.0.0/16 none (no route)\n");
}
END_TEST

/* Each family has its own F bit and place in the capability. */
START_TEST(each_family_for_itself)
{
    g_autoptr(World) w = NULL;
    BgpSpeakerConfig config = {.asn = 65001, .router_id = 0x0a000001};
    BgpPeerConfig peer = {.name = "one",
                          .session = bgp_session_config(BGP_PRESET_FRR),
                          .local_address = hs_addr_ipv4(0x0a000001)};

    w = g_new0(World, 1);
    w->rng = hs_rng_new(1, "a", "bgp");
    w->speaker = bgp_speaker_new(&config, w->rng);
    w->log = g_string_new(NULL);
    peer.session.peer_as = 65100;
    peer.session.passive = true;
    peer.session.ipv6 = true;
    peer.session.restart = restart_of(false);
    w->peer[0] = bgp_speaker_add_peer(w->speaker, &peer, 0);
    w->theirs[0] = bgp_peer_config(w->peer[0])->session;
    w->theirs[0].local_as = 65100;
    w->theirs[0].router_id = 0x0a000010;
    bgp_peer_start(w->peer[0], 0);
    establish(w, 0);
    announce(w, 0, "10.0.0.0/16");
    announce(w, 0, "2001:db8::/32");
    drain(w);
    g_string_truncate(w->log, 0);
    lose_connection(w, 0);
    expect(w, "2 stale of one (the peer may be restarting)\n");
    /* The peer comes back without IPv6 in its capability. */
    advance(w, HS_SEC(2));
    w->theirs[0].ipv6 = false;
    establish(w, 0);
    expect(w, "1 removed of one (forwarding was not preserved)\n"
              "best 2001:db8::/32 none (no route)\n"
              "end of rib to one\n");
}
END_TEST

/* Which ends of a session may be a restart. */

typedef enum {
    LOSE_CONNECTION,
    HOLD_EXPIRES,
    RECEIVE_RESET,
    RECEIVE_HARD_RESET,
    STOP,
    RESET,
    BFD_DOWN,
    BFD_DOWN_MAY_RESTART,
    LINK_DOWN,
    TOO_MANY,
    BAD_UPDATE,
} Way;

static const struct {
    const char *name;
    Way way;
    bool stay, stay_with_n;
    const char *sent, *sent_with_n; /* NOTIFICATION */
} ways[] = {
    {"connection lost", LOSE_CONNECTION, true, true, "", ""},
    {"hold timer", HOLD_EXPIRES, false, true, "4/0", "4/0"},
    {"Administrative Reset received", RECEIVE_RESET, false, true, "", ""},
    {"Hard Reset received", RECEIVE_HARD_RESET, false, false, "", ""},
    {"stopped by hand", STOP, false, false, "6/2", "6/9"},
    {"reset by hand", RESET, false, true, "6/4", "6/4"},
    {"BFD down", BFD_DOWN, false, false, "6/10", "6/9"},
    {"BFD down, may be a restart", BFD_DOWN_MAY_RESTART, true, true, "", ""},
    {"link down", LINK_DOWN, false, false, "", ""},
    {"too many prefixes", TOO_MANY, false, false, "6/1", "6/9"},
    {"malformed UPDATE", BAD_UPDATE, false, true, "3/1", "3/1"},
};

static void
end_session(World *w, Way way)
{
    static const uint8_t hard[] = {BGP_ERR_CEASE, BGP_CEASE_ADMIN_RESET};
    g_auto(BgpFault)
        fault = {.code = BGP_ERR_CEASE, .subcode = BGP_CEASE_ADMIN_RESET};
    BgpPeer *peer = w->peer[0];

    switch (way) {
    case LOSE_CONNECTION:
        lose_connection(w, 0);
        return;
    case HOLD_EXPIRES:
        advance(w, HS_SEC(90));
        return;
    case RECEIVE_RESET:
        receive(w, 0, bgp_notification_encode(&fault));
        return;
    case RECEIVE_HARD_RESET:
        bgp_fault_set(&fault, BGP_ERR_CEASE, BGP_CEASE_HARD_RESET, hard,
                      sizeof hard);
        receive(w, 0, bgp_notification_encode(&fault));
        return;
    case STOP:
        bgp_peer_stop(peer, w->now, BGP_CEASE_ADMIN_SHUTDOWN, NULL);
        return;
    case RESET:
        bgp_peer_reset(peer, w->now, BGP_CEASE_ADMIN_RESET, "by hand");
        return;
    case BFD_DOWN:
    case BFD_DOWN_MAY_RESTART:
        bgp_peer_bfd_down(peer, w->now, way == BFD_DOWN_MAY_RESTART);
        return;
    case LINK_DOWN:
        bgp_peer_link_down(peer, w->now);
        return;
    case TOO_MANY:
        bgp_session_too_many_prefixes(
            (BgpSession *)(uintptr_t)bgp_peer_session(peer), w->now,
            HS_FAMILY_IPV4, 1, 0);
        advance(w, w->now); /* the speaker looks */
        return;
    case BAD_UPDATE:
        /* Withdrawn routes longer than the message. */
        receive(w, 0,
                hex_bytes("ffffffffffffffffffffffffffffffff 0017 02 "
                          "ffff 0000"));
        return;
    }
}

START_TEST(ends_that_may_be_a_restart)
{
    unsigned row = (unsigned)_i / 2;
    bool n = _i % 2 == 1;
    bool stay = n ? ways[row].stay_with_n : ways[row].stay;
    const char *sent = n ? ways[row].sent_with_n : ways[row].sent;
    g_autofree char *line = g_strdup_printf("notification %s to one\n", sent);
    g_autoptr(World) w = world_new(1, restart_of(n), restart_of(n));

    announce(w, 0, "10.0.0.0/16");
    drain(w);
    g_string_truncate(w->log, 0);
    end_session(w, ways[row].way);
    drain(w);
    ck_assert_int_ne(bgp_peer_state(w->peer[0]), BGP_ESTABLISHED);
    ck_assert_msg(bgp_peer_stale(w->peer[0]) == (stay ? 1 : 0), "%s, N %d",
                  ways[row].name, n);
    ck_assert_msg(bgp_speaker_prefixes(w->speaker) == (stay ? 1 : 0), "%s",
                  ways[row].name);
    ck_assert_msg((strstr(w->log->str, "notification") != NULL) ==
                          (*sent != '\0') &&
                      (*sent == '\0' || strstr(w->log->str, line) != NULL),
                  "%s: %s", ways[row].name, w->log->str);
}
END_TEST

/* Both must have said it: one alone is RFC 4271 as it was. */
START_TEST(capability_of_one_side_is_not_enough)
{
    g_autoptr(World) w =
        world_new(1, _i == 0 ? restart_of(true) : (BgpRestart){0},
                  _i == 0 ? (BgpRestart){0} : restart_of(true));

    announce(w, 0, "10.0.0.0/16");
    drain(w);
    g_string_truncate(w->log, 0);
    lose_connection(w, 0);
    expect(w, "best 10.0.0.0/16 none (no route)\n");
    advance(w, HS_SEC(2));
    establish(w, 0);
    expect(w, ""); /* no End-of-RIB either */
}
END_TEST

/* A peer that promises nothing of its own forwarding: nothing is kept. */
START_TEST(helpers_routes_are_not_kept)
{
    BgpRestart helper = {.enabled = true, .helper_only = true};
    g_autoptr(World) w = world_new(1, restart_of(false), helper);

    announce(w, 0, "10.0.0.0/16");
    lose_connection(w, 0);
    ck_assert_uint_eq(bgp_speaker_prefixes(w->speaker), 0);
}
END_TEST

/* RFC 4724 4.2: the peer may know that the other does not forward any more:
 * by BFD, or by the link. */
START_TEST(forwarding_gone_ends_the_waiting)
{
    static const char *const why[] = {"BFD down", "link down",
                                      "session stopped", "path lost"};
    g_autoptr(World) w = helper_world();
    g_autofree char *log = g_strdup_printf("1 removed of one (%s)\n"
                                           "best 10.0.0.0/16 none (no route)\n",
                                           why[_i]);

    announce(w, 0, "10.0.0.0/16");
    lose_connection(w, 0);
    drain(w);
    g_string_truncate(w->log, 0);
    if (_i == 0) {
        bgp_peer_bfd_down(w->peer[0], w->now, true);
        expect(w, ""); /* that was to be expected of a restart */
        bgp_peer_bfd_down(w->peer[0], w->now, false);
    }
    if (_i == 1)
        bgp_peer_link_down(w->peer[0], w->now);
    if (_i == 2)
        bgp_peer_stop(w->peer[0], w->now, BGP_CEASE_ADMIN_SHUTDOWN, NULL);
    if (_i == 3)
        bgp_peer_forwarding_lost(w->peer[0], w->now, "path lost");
    expect(w, log);
}
END_TEST

START_TEST(established_peer_keeps_what_is_stale)
{
    g_autoptr(World) w = helper_world();

    announce(w, 0, "10.0.0.0/16");
    lose_connection(w, 0);
    advance(w, HS_SEC(2));
    establish(w, 0);
    bgp_peer_forwarding_lost(w->peer[0], w->now, "old news");
    ck_assert_uint_eq(bgp_peer_stale(w->peer[0]), 1);
}
END_TEST

/* RFC 4724 4.2: the peer came back before its loss was noticed. */
START_TEST(new_connection_replaces_the_old_one)
{
    g_autoptr(World) w = helper_world();
    unsigned old = w->connection[0];

    announce(w, 0, "10.0.0.0/16");
    drain(w);
    g_string_truncate(w->log, 0);
    w->theirs[0].restart.restarting = true;
    establish(w, 0);
    expect(w, "1 stale of one (the peer may be restarting)\n"
              "end of rib to one\n");
    ck_assert_uint_ne(w->connection[0], old);
    /* The old connection's end is nobody's business. */
    bgp_peer_tcp_down(w->peer[0], w->now, old);
    ck_assert_int_eq(bgp_peer_state(w->peer[0]), BGP_ESTABLISHED);
    announce(w, 0, "10.0.0.0/16");
    end_of_rib(w, 0);
    expect(w, "");
    ck_assert_uint_eq(bgp_speaker_prefixes(w->speaker), 1);
}
END_TEST

/* RFC 4271 6.8: without graceful restart the established one stays. */
START_TEST(without_it_the_established_connection_stays)
{
    g_autoptr(World) w = world_new(1, (BgpRestart){0}, (BgpRestart){0});
    unsigned second_one;

    announce(w, 0, "10.0.0.0/16");
    second_one = bgp_peer_accept(w->peer[0], w->now);
    ck_assert_uint_ne(second_one, 0);
    drain(w);
    g_string_truncate(w->log, 0);
    w->connection[0] = second_one;
    receive(w, 0, bgp_open_encode(&w->theirs[0]));
    expect(w, "notification 6/7 to one\n");
    ck_assert_uint_eq(bgp_speaker_prefixes(w->speaker), 1);
}
END_TEST

/* The one that restarts */

static World *
two_peers(BgpRestart theirs)
{
    World *w = world_new(2, restart_of(false), theirs);
    HsPrefix own = prefix_of("172.16.0.0/24");

    announce(w, 0, "10.0.0.0/16");
    announce(w, 1, "10.1.0.0/16");
    bgp_speaker_originate(w->speaker, 0, &own, NULL, BGP_SOURCE_LOCAL, 0);
    end_of_rib(w, 0);
    end_of_rib(w, 1);
    drain(w);
    g_string_truncate(w->log, 0);
    return w;
}

#define CHOICE_TOLD                                                            \
    "announce 10.1.0.0/16 to one\n"                                            \
    "announce 172.16.0.0/24 to one\n"                                          \
    "end of rib to one\n"                                                      \
    "announce 10.0.0.0/16 to two\n"                                            \
    "announce 172.16.0.0/24 to two\n"                                          \
    "end of rib to two\n"

/* RFC 4724 4.1 a: nothing is chosen before everybody's End-of-RIB. */
START_TEST(choice_waits_for_every_peer)
{
    g_autoptr(World) w = two_peers(restart_of(false));

    bgp_speaker_crash(w->speaker, HS_SEC(10), false);
    expect(w, "");
    ck_assert_int_eq(bgp_speaker_next_expiry(w->speaker), HS_TIME_NEVER);
    ck_assert_uint_eq(bgp_peer_accept(w->peer[0], HS_SEC(20)), 0);
    w->now = HS_SEC(30);
    bgp_speaker_boot(w->speaker, w->now);
    ck_assert_int_eq(bgp_speaker_next_expiry(w->speaker), HS_SEC(390));
    establish(w, 0);
    announce(w, 0, "10.0.0.0/16");
    end_of_rib(w, 0);
    expect(w, "open R F to one\n");
    establish(w, 1);
    announce(w, 1, "10.1.0.0/16");
    expect(w, "open R F to two\n");
    end_of_rib(w, 1);
    drain(w);
    /* The same choice as before: no change of the forwarding. */
    ck_assert_ptr_null(strstr(w->log->str, "best"));
    ck_assert_str_eq(w->log->str, CHOICE_TOLD);
    g_string_truncate(w->log, 0);
    /* The next OPEN is an ordinary one. */
    lose_connection(w, 0);
    advance(w, HS_SEC(32));
    establish(w, 0);
    drain(w);
    ck_assert_ptr_null(strstr(w->log->str, "open R"));
}
END_TEST

/* RFC 4724 4.1: peers that are not waited for. */
START_TEST(some_peers_are_not_waited_for)
{
    g_autoptr(World) w = two_peers(restart_of(false));

    bgp_speaker_crash(w->speaker, HS_SEC(10), false);
    w->now = HS_SEC(30);
    if (_i == 0)
        w->theirs[1].restart.enabled = false;
    if (_i == 1)
        w->theirs[1].restart.restarting = true;
    if (_i == 2)
        bgp_peer_stop(w->peer[1], w->now, BGP_CEASE_ADMIN_SHUTDOWN, NULL);
    bgp_speaker_boot(w->speaker, w->now);
    establish(w, 0);
    announce(w, 0, "10.0.0.0/16");
    end_of_rib(w, 0);
    if (_i < 2)
        establish(w, 1);
    drain(w);
    ck_assert(strstr(w->log->str, "announce 172.16.0.0/24 to one") != NULL);
    /* What two has not told again is gone. */
    ck_assert(strstr(w->log->str, "best 10.1.0.0/16 none (no route)") != NULL);
}
END_TEST

/* RFC 4724 4.1 b */
START_TEST(choice_waits_no_longer_than_the_deferral_timer)
{
    g_autoptr(World) w = two_peers(restart_of(false));

    w->theirs[0].hold = 0;
    bgp_speaker_crash(w->speaker, HS_SEC(10), false);
    w->now = HS_SEC(30);
    bgp_speaker_boot(w->speaker, w->now);
    establish(w, 0);
    announce(w, 0, "10.0.0.0/16");
    drain(w);
    g_string_truncate(w->log, 0);
    advance(w, HS_SEC(390) - 1);
    expect(w, "");
    advance(w, HS_SEC(390));
    expect(w, "best 10.1.0.0/16 none (no route)\n"
              "announce 172.16.0.0/24 to one\n"
              "end of rib to one\n");
}
END_TEST

/* The forwarding table went too: the node is told, and so are the peers. */
START_TEST(lost_forwarding_is_told)
{
    g_autoptr(World) w = two_peers(restart_of(false));

    bgp_speaker_crash(w->speaker, HS_SEC(10), true);
    expect(w, "best 10.0.0.0/16 none (restart)\n"
              "best 10.1.0.0/16 none (restart)\n"
              "best 172.16.0.0/24 none (restart)\n");
    w->now = HS_SEC(30);
    bgp_speaker_boot(w->speaker, w->now);
    establish(w, 0);
    expect(w, "open R to one\n");
    establish(w, 1);
    announce(w, 0, "10.0.0.0/16");
    end_of_rib(w, 0);
    end_of_rib(w, 1);
    drain(w);
    ck_assert(strstr(w->log->str, "best 10.0.0.0/16 one (only route)") != NULL);
}
END_TEST

/* Without graceful restart a crash is a crash. */
START_TEST(plain_restart_chooses_at_once)
{
    g_autoptr(World) w = world_new(2, (BgpRestart){0}, (BgpRestart){0});

    announce(w, 0, "10.0.0.0/16");
    drain(w);
    g_string_truncate(w->log, 0);
    bgp_speaker_crash(w->speaker, HS_SEC(10), false);
    expect(w, "");
    bgp_peer_start(w->peer[0], HS_SEC(20)); /* not before it is back */
    ck_assert_int_eq(bgp_peer_state(w->peer[0]), BGP_IDLE);
    bgp_speaker_boot(w->speaker, HS_SEC(30));
    expect(w, "best 10.0.0.0/16 none (no route)\n");
    ck_assert_int_eq(bgp_peer_state(w->peer[0]), BGP_ACTIVE);
}
END_TEST

/* Routes that it kept for others are gone with its memory. */
START_TEST(crash_forgets_stale_routes)
{
    g_autoptr(World) w = two_peers(restart_of(false));

    lose_connection(w, 0);
    drain(w);
    g_string_truncate(w->log, 0);
    bgp_speaker_crash(w->speaker, HS_SEC(10), false);
    expect(w, "1 removed of one (restart)\n");
}
END_TEST

int
main(void)
{
    Suite *s = suite_create("bgp graceful restart");
    TCase *t = tcase_create("capability");

    tcase_add_loop_test(t, capability_is_written, 0, G_N_ELEMENTS(written));
    tcase_add_loop_test(t, capability_is_read, 0, G_N_ELEMENTS(decoded));
    suite_add_tcase(s, t);
    t = tcase_create("helper");
    tcase_add_test(t, routes_outlive_the_session);
    tcase_add_test(t, restart_time_is_the_limit);
    tcase_add_test(t, stale_time_is_the_limit_without_end_of_rib);
    tcase_add_test(t, timer_without_stale_routes_ends);
    tcase_add_loop_test(t, new_open_decides_what_stays, 0,
                        G_N_ELEMENTS(second));
    tcase_add_test(t, second_loss_removes_what_was_stale);
    tcase_add_test(t, each_family_for_itself);
    tcase_add_loop_test(t, ends_that_may_be_a_restart, 0,
                        2 * G_N_ELEMENTS(ways));
    tcase_add_loop_test(t, capability_of_one_side_is_not_enough, 0, 2);
    tcase_add_test(t, helpers_routes_are_not_kept);
    tcase_add_loop_test(t, forwarding_gone_ends_the_waiting, 0, 4);
    tcase_add_test(t, established_peer_keeps_what_is_stale);
    tcase_add_test(t, new_connection_replaces_the_old_one);
    tcase_add_test(t, without_it_the_established_connection_stays);
    suite_add_tcase(s, t);
    t = tcase_create("restarting");
    tcase_add_test(t, choice_waits_for_every_peer);
    tcase_add_loop_test(t, some_peers_are_not_waited_for, 0, 3);
    tcase_add_test(t, choice_waits_no_longer_than_the_deferral_timer);
    tcase_add_test(t, lost_forwarding_is_told);
    tcase_add_test(t, plain_restart_chooses_at_once);
    tcase_add_test(t, crash_forgets_stale_routes);
    suite_add_tcase(s, t);
    return run_suite(s);
}
