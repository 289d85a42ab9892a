/* A speaker with its RIBs: what is learned, chosen and told. Its peers are
 * canned: an OPEN, a KEEPALIVE, then the UPDATEs of the test. */

#include "config.h"

#include "models/bgp/message.h"
#include "models/bgp/speaker.h"
#include "tests/harness/bgp_pair.h"
#include "tests/harness/hex.h"
#include "tests/harness/run.h"

#include <string.h>

#define PEERS 4

typedef struct {
    HsRng *rng;
    BgpSpeaker *speaker;
    BgpPeer *peer[PEERS];
    unsigned connection[PEERS];
    unsigned count;
    HsTime now;
    GString *log;
    unsigned messages[PEERS]; /* UPDATEs sent */
} World;

static HsPrefix
prefix_of(const char *text)
{
    HsPrefix prefix;

    ck_assert(hs_prefix_parse(text, &prefix));
    return prefix;
}

static void
log_output(World *w, const BgpSpeakerOutput *o)
{
    char prefix[HS_PREFIX_TEXT];
    const char *who = o->peer != NULL ? bgp_peer_name(o->peer)
                      : o->kind == BGP_SPEAKER_BEST_CHANGED && o->paths > 0
                          ? bgp_source_name(o->source)
                          : "none";

    if (o->kind == BGP_SPEAKER_SEND &&
        ((const uint8_t *)g_bytes_get_data(o->bytes, NULL))[18] ==
            BGP_MSG_UPDATE)
        for (unsigned i = 0; i < w->count; i++)
            w->messages[i] += w->peer[i] == o->peer;
    if (o->kind != BGP_SPEAKER_ROUTE_SENT &&
        o->kind != BGP_SPEAKER_BEST_CHANGED)
        return;
    hs_prefix_format(&o->prefix, prefix);
    if (o->kind == BGP_SPEAKER_BEST_CHANGED)
        g_string_append_printf(w->log, "best %s %s (%s)\n", prefix, who,
                               o->cause);
    else
        g_string_append_printf(w->log, "%s %s %s\n",
                               o->announce ? "announce" : "withdraw", prefix,
                               who);
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
receive(World *w, unsigned peer, GBytes *message)
{
    bgp_peer_receive(w->peer[peer], w->now, w->connection[peer],
                     g_bytes_get_data(message, NULL),
                     g_bytes_get_size(message));
    g_bytes_unref(message);
}

static BgpPeerConfig
peer_config(const char *name, uint32_t as)
{
    BgpPeerConfig config = {
        .name = name,
        .session = bgp_session_config(BGP_PRESET_FRR),
        .local_address = hs_addr_ipv4(0x0a000001),
    };

    config.session.peer_as = as;
    config.session.passive = true;
    config.session.hold = 0;
    return config;
}

static World *
world_new(const BgpSpeakerConfig *config)
{
    World *w = g_new0(World, 1);

    w->rng = hs_rng_new(1, "a", "bgp");
    w->speaker = bgp_speaker_new(config, w->rng);
    w->log = g_string_new(NULL);
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
plain_world(void)
{
    BgpSpeakerConfig config = {.asn = 65001, .router_id = 0x0a000001};

    return world_new(&config);
}

static void
establish(World *w, unsigned peer)
{
    BgpSessionConfig theirs = bgp_peer_config(w->peer[peer])->session;

    theirs.local_as = theirs.peer_as;
    theirs.router_id = 0x0a000010 + peer;
    bgp_peer_start(w->peer[peer], w->now);
    w->connection[peer] = bgp_peer_accept(w->peer[peer], w->now);
    receive(w, peer, bgp_open_encode(&theirs));
    receive(w, peer, bgp_keepalive_encode());
    ck_assert_int_eq(bgp_peer_state(w->peer[peer]), BGP_ESTABLISHED);
}

static unsigned
add(World *w, const BgpPeerConfig *config)
{
    BgpPeerConfig with_address = *config;
    unsigned peer = w->count++;

    with_address.peer_address = hs_addr_ipv4(0x0a000010 + peer);
    w->peer[peer] = bgp_speaker_add_peer(w->speaker, &with_address, w->now);
    establish(w, peer);
    return peer;
}

/* PEER announces PREFIX with PATH; MED and LOCAL_PREF if not negative. */
static void
announce(World *w, unsigned peer, const char *prefix, const char *path, int med,
         int pref)
{
    g_autoptr(BgpAttrs) attrs = bgp_attrs_new();
    g_autoptr(GPtrArray) messages = NULL;
    HsPrefix p = prefix_of(prefix);

    ck_assert(bgp_as_path_parse(path, &attrs->as_path));
    attrs->next_hop = hs_addr_ipv4(0x0a000010 + peer);
    attrs->has_med = med >= 0;
    attrs->med = (uint32_t)MAX(med, 0);
    attrs->has_local_pref = pref >= 0;
    attrs->local_pref = (uint32_t)MAX(pref, 0);
    messages = bgp_update_encode(attrs, &p, 1, true);
    receive(w, peer, g_bytes_ref(messages->pdata[0]));
}

static void
withdraw(World *w, unsigned peer, const char *prefix)
{
    HsPrefix p = prefix_of(prefix);
    g_autoptr(GPtrArray) messages = bgp_withdraw_encode(&p, 1);

    receive(w, peer, g_bytes_ref(messages->pdata[0]));
}

static void
expect_sent(World *w, unsigned peer, const char *prefix, const char *attrs)
{
    HsPrefix p = prefix_of(prefix);
    const BgpAttrs *sent = bgp_peer_sent(w->peer[peer], &p);
    g_autofree char *text = sent != NULL ? bgp_attrs_format(sent) : NULL;

    if (attrs == NULL) {
        ck_assert_ptr_null(sent);
        return;
    }
    ck_assert_ptr_nonnull(sent);
    ck_assert_str_eq(text, attrs);
}

/* The design's heart: two ways to one prefix, the better one fails. */
START_TEST(backup_takes_over_and_gives_back)
{
    g_autoptr(World) w = plain_world();
    g_autoptr(BgpPolicy) prefer = bgp_policy_new();
    BgpPeerConfig dx = peer_config("dx", 64512);
    BgpPeerConfig vpn = peer_config("vpn", 64512);
    BgpPeerConfig lan = peer_config("lan", 65100);

    bgp_policy_add(prefer,
                   &(BgpPolicyRule){.set_local_pref = true, .local_pref = 200});
    dx.import = prefer;
    add(w, &vpn);
    add(w, &dx);
    add(w, &lan);
    drain(w);
    announce(w, 0, "10.0.0.0/16", "64512", 100, -1);
    expect(w, "best 10.0.0.0/16 vpn (only route)\n"
              "announce 10.0.0.0/16 dx\n"
              "announce 10.0.0.0/16 lan\n");
    announce(w, 1, "10.0.0.0/16", "64512 64512 64512", 100, -1);
    /* dx is told nothing of what it said; vpn now hears of it. */
    expect(w, "best 10.0.0.0/16 dx (local preference)\n"
              "announce 10.0.0.0/16 vpn\n"
              "withdraw 10.0.0.0/16 dx\n"
              "announce 10.0.0.0/16 lan\n");
    expect_sent(w, 2, "10.0.0.0/16",
                "origin IGP path [65001 64512 64512 64512] next-hop 10.0.0.1");
    bgp_peer_bfd_down(w->peer[1], w->now, false);
    expect(w, "best 10.0.0.0/16 vpn (only route)\n"
              "withdraw 10.0.0.0/16 vpn\n"
              "announce 10.0.0.0/16 lan\n");
    w->now = HS_SEC(1);
    bgp_speaker_expire(w->speaker, w->now);
    establish(w, 1);
    announce(w, 1, "10.0.0.0/16", "64512 64512 64512", 100, -1);
    expect(w, "announce 10.0.0.0/16 dx\n"
              "best 10.0.0.0/16 dx (local preference)\n"
              "announce 10.0.0.0/16 vpn\n"
              "withdraw 10.0.0.0/16 dx\n"
              "announce 10.0.0.0/16 lan\n");
    withdraw(w, 1, "10.0.0.0/16");
    withdraw(w, 0, "10.0.0.0/16");
    drain(w);
    ck_assert_uint_eq(bgp_speaker_prefixes(w->speaker), 0);
    expect_sent(w, 2, "10.0.0.0/16", NULL);
}
END_TEST

/* RFC 4271 5.1.2-5.1.5, 9.2.1; RFC 1997. */
START_TEST(who_is_told_what)
{
    g_autoptr(World) w = plain_world();
    BgpPeerConfig ebgp = peer_config("out", 65002);
    BgpPeerConfig ibgp = peer_config("in", 65001);
    BgpPeerConfig ibgp2 = peer_config("in2", 65001);
    g_autoptr(BgpAttrs) secret = bgp_attrs_new();
    HsPrefix local = prefix_of("172.16.0.0/24");

    ibgp2.next_hop_self = true;
    add(w, &ebgp);
    add(w, &ibgp);
    add(w, &ibgp2);
    announce(w, 0, "10.1.0.0/16", "65002", 7, -1);
    expect_sent(w, 0, "10.1.0.0/16", NULL);
    expect_sent(w, 1, "10.1.0.0/16",
                "origin IGP path [65002] next-hop 10.0.0.16 med 7 local-pref "
                "100");
    expect_sent(w, 2, "10.1.0.0/16",
                "origin IGP path [65002] next-hop 10.0.0.1 med 7 local-pref "
                "100");
    announce(w, 1, "10.2.0.0/16", "65009", 7, 150);
    expect_sent(w, 0, "10.2.0.0/16",
                "origin IGP path [65001 65009] next-hop 10.0.0.1");
    expect_sent(w, 2, "10.2.0.0/16", NULL);
    secret->has_med = true;
    secret->med = 5;
    bgp_speaker_originate(w->speaker, w->now, &local, secret, BGP_SOURCE_LOCAL,
                          0);
    expect_sent(w, 0, "172.16.0.0/24",
                "origin IGP path [65001] next-hop 10.0.0.1 med 5");
    secret->communities = bgp_communities_add(NULL, BGP_NO_EXPORT);
    bgp_speaker_originate(w->speaker, w->now, &local, secret, BGP_SOURCE_LOCAL,
                          0);
    expect_sent(w, 0, "172.16.0.0/24", NULL);
    expect_sent(w, 1, "172.16.0.0/24",
                "origin IGP path [] next-hop 10.0.0.1 med 5 local-pref 100 "
                "communities no-export");
    g_clear_pointer(&secret->communities, g_bytes_unref);
    secret->communities = bgp_communities_add(NULL, BGP_NO_ADVERTISE);
    bgp_speaker_originate(w->speaker, w->now, &local, secret, BGP_SOURCE_LOCAL,
                          0);
    expect_sent(w, 1, "172.16.0.0/24", NULL);
    bgp_speaker_withdraw(w->speaker, w->now, &local, BGP_SOURCE_LOCAL, 0);
    ck_assert_uint_eq(bgp_speaker_prefixes(w->speaker), 2);
}
END_TEST

/* Routers in a mesh: this one has a way out of its own, and uses a better one
 * that the second has told it. Who is to hear of the worse does so all the
 * same, and no more when that is gone. */
START_TEST(best_exit_is_told_behind_a_better)
{
    g_autoptr(World) w = plain_world();
    BgpPeerConfig out = peer_config("out", 65002);
    BgpPeerConfig second = peer_config("second", 65001);
    BgpPeerConfig third = peer_config("third", 65001);
    BgpPeerConfig plain = peer_config("plain", 65001);

    second.best_external = third.best_external = true;
    second.next_hop_self = third.next_hop_self = true;
    add(w, &out);
    add(w, &second);
    add(w, &third);
    add(w, &plain);
    announce(w, 1, "10.1.0.0/16", "65002", -1, 200);
    expect_sent(w, 2, "10.1.0.0/16", NULL); /* RFC 4271 9.2.1 */
    announce(w, 0, "10.1.0.0/16", "65002", -1, -1);
    for (unsigned peer = 1; peer <= 2; peer++)
        expect_sent(w, peer, "10.1.0.0/16",
                    "origin IGP path [65002] next-hop 10.0.0.1 local-pref 100");
    expect_sent(w, 3, "10.1.0.0/16", NULL);
    /* The choice has not changed, but what can be told has. */
    withdraw(w, 0, "10.1.0.0/16");
    expect_sent(w, 2, "10.1.0.0/16", NULL);
    announce(w, 0, "10.1.0.0/16", "65002 65009", -1, -1);
    expect_sent(w, 2, "10.1.0.0/16",
                "origin IGP path [65002 65009] next-hop 10.0.0.1 local-pref "
                "100");
    withdraw(w, 1, "10.1.0.0/16");
    expect_sent(w, 3, "10.1.0.0/16",
                "origin IGP path [65002 65009] next-hop 10.0.0.16 local-pref "
                "100");
}
END_TEST

static const struct {
    const char *name, *path;
    bool taken;
} paths[] = {
    {"good", "65002 65003", true},
    {"own AS", "65002 65001", false},
    {"another AS in front", "65003 65002", false},
    {"empty", "", false},
};

START_TEST(unusable_routes_are_kept_out)
{
    g_autoptr(World) w = plain_world();
    BgpPeerConfig config = peer_config("out", 65002);
    HsPrefix p = prefix_of("10.0.0.0/8");

    add(w, &config);
    announce(w, 0, "10.0.0.0/8", paths[_i].path, -1, -1);
    ck_assert_msg((bgp_speaker_best(w->speaker, &p, NULL) != NULL) ==
                      paths[_i].taken,
                  "%s", paths[_i].name);
    /* It stays in the Adj-RIB-In all the same. */
    ck_assert_uint_eq(bgp_peer_prefixes(w->peer[0]), 1);
}
END_TEST

START_TEST(policies_change_what_is_there)
{
    g_autoptr(World) w = plain_world();
    BgpPeerConfig one = peer_config("one", 65002);
    BgpPeerConfig two = peer_config("two", 65003);
    g_autoptr(BgpPolicy) deny = bgp_policy_new(), prepend = bgp_policy_new();

    bgp_policy_set_default(deny, BGP_POLICY_DENY);
    bgp_policy_add(prepend, &(BgpPolicyRule){.prepend = 2,
                                             .set_med = true,
                                             .med = 50,
                                             .add_community = true,
                                             .added = 0x1c201c84});
    add(w, &one);
    add(w, &two);
    announce(w, 0, "10.0.0.0/8", "65002", -1, -1);
    drain(w);
    g_string_truncate(w->log, 0);
    bgp_peer_set_import(w->peer[0], w->now, deny);
    expect(w, "best 10.0.0.0/8 none (no route)\nwithdraw 10.0.0.0/8 two\n");
    bgp_peer_set_import(w->peer[0], w->now, NULL);
    expect(w, "best 10.0.0.0/8 one (only route)\nannounce 10.0.0.0/8 two\n");
    bgp_peer_set_export(w->peer[1], w->now, prepend);
    expect(w, "announce 10.0.0.0/8 two\n");
    expect_sent(w, 1, "10.0.0.0/8",
                "origin IGP path [65001 65001 65001 65002] next-hop 10.0.0.1 "
                "med 50 communities 7200:7300");
    bgp_peer_set_export(w->peer[1], w->now, deny);
    expect(w, "withdraw 10.0.0.0/8 two\n");
    bgp_peer_set_export(w->peer[1], w->now, deny);
    expect(w, "");
}
END_TEST

/* A node's own order: the higher tag wins, a static route like any other. */
static int
by_tag(const BgpRoute *a, const BgpRoute *b, const void *user_data,
       BgpVerdict *ret_verdict)
{
    (void)user_data;
    *ret_verdict = (BgpVerdict){.step = "higher tag"};
    return b->tag - a->tag;
}

START_TEST(comparison_is_the_nodes)
{
    BgpSpeakerConfig config = {.asn = 64512, .router_id = 1, .compare = by_tag};
    g_autoptr(World) w = world_new(&config);
    BgpPeerConfig vpn = peer_config("vpn", 65001);
    BgpPeerConfig dx = peer_config("dx", 65001);
    HsPrefix p = prefix_of("172.16.0.0/24");
    g_autoptr(BgpAttrs) fixed = bgp_attrs_new();

    vpn.tag = 1;
    dx.tag = 3;
    fixed->next_hop = hs_addr_ipv4(0xa9fe0a02);
    add(w, &vpn);
    add(w, &dx);
    announce(w, 0, "172.16.0.0/24", "65001", -1, -1);
    drain(w);
    g_string_truncate(w->log, 0);
    bgp_speaker_originate(w->speaker, w->now, &p, fixed, BGP_SOURCE_STATIC, 2);
    expect(w, "best 172.16.0.0/24 static (higher tag)\n"
              "announce 172.16.0.0/24 vpn\n"
              "announce 172.16.0.0/24 dx\n");
    announce(w, 1, "172.16.0.0/24", "65001 65001", -1, -1);
    expect(w, "best 172.16.0.0/24 dx (higher tag)\n"
              "announce 172.16.0.0/24 vpn\n"
              "withdraw 172.16.0.0/24 dx\n");
}
END_TEST

/* RFC 4271 9.2.1.1: what happens within the interval goes out at its end. */
START_TEST(advertisement_interval_holds_back)
{
    g_autoptr(World) w = plain_world();
    BgpPeerConfig one = peer_config("one", 65002);
    BgpPeerConfig two = peer_config("two", 65003);
    HsTime due;

    two.mrai = HS_SEC(30);
    add(w, &one);
    add(w, &two);
    announce(w, 0, "10.0.0.0/8", "65002", -1, -1);
    drain(w);
    g_string_truncate(w->log, 0);
    withdraw(w, 0, "10.0.0.0/8");
    announce(w, 0, "10.0.0.0/8", "65002 65009", -1, -1);
    withdraw(w, 0, "10.0.0.0/8");
    drain(w);
    g_string_truncate(w->log, 0);
    due = bgp_speaker_next_expiry(w->speaker);
    ck_assert(due >= HS_MSEC(22500) && due <= HS_SEC(30));
    bgp_speaker_expire(w->speaker, due - 1);
    expect(w, "");
    bgp_speaker_expire(w->speaker, due);
    expect(w, "withdraw 10.0.0.0/8 two\n");
    ck_assert_int_eq(bgp_speaker_next_expiry(w->speaker), HS_TIME_NEVER);
}
END_TEST

START_TEST(prefix_limit_ends_the_session)
{
    g_autoptr(World) w = plain_world();
    BgpPeerConfig config = peer_config("one", 65002);

    config.max_prefixes = 2;
    add(w, &config);
    announce(w, 0, "10.0.0.0/8", "65002", -1, -1);
    announce(w, 0, "11.0.0.0/8", "65002", -1, -1);
    ck_assert_int_eq(bgp_peer_state(w->peer[0]), BGP_ESTABLISHED);
    announce(w, 0, "12.0.0.0/8", "65002", -1, -1);
    ck_assert_int_eq(bgp_peer_state(w->peer[0]), BGP_IDLE);
    ck_assert_uint_eq(bgp_speaker_prefixes(w->speaker), 0);
}
END_TEST

START_TEST(refresh_tells_everything_again)
{
    g_autoptr(World) w = plain_world();
    BgpPeerConfig one = peer_config("one", 65002);
    HsPrefix p = prefix_of("172.16.0.0/24");

    bgp_speaker_originate(w->speaker, 0, &p, NULL, BGP_SOURCE_LOCAL, 0);
    add(w, &one);
    drain(w);
    g_string_truncate(w->log, 0);
    receive(w, 0, bgp_refresh_encode(HS_FAMILY_IPV4));
    expect(w, "announce 172.16.0.0/24 one\n");
    receive(w, 0, bgp_refresh_encode(HS_FAMILY_IPV6));
    expect(w, "");
}
END_TEST

static uint32_t
cost(void *user_data, const HsAddr *next_hop)
{
    const uint32_t *costs = user_data;

    return costs[hs_addr_to_ipv4(next_hop) & 1];
}

START_TEST(next_hops_are_asked_for)
{
    uint32_t costs[2] = {10, 20};
    BgpSpeakerConfig config = {.asn = 65001,
                               .router_id = 1,
                               .next_hop_cost = cost,
                               .user_data = costs,
                               .multipath = 2};
    g_autoptr(World) w = world_new(&config);
    BgpPeerConfig even = peer_config("even", 65002);
    BgpPeerConfig odd = peer_config("odd", 65002);

    add(w, &even);
    add(w, &odd);
    announce(w, 0, "10.0.0.0/8", "65002", -1, -1);
    announce(w, 1, "10.0.0.0/8", "65002", -1, -1);
    drain(w);
    g_string_truncate(w->log, 0);
    costs[0] = UINT32_MAX;
    bgp_speaker_next_hops_changed(w->speaker, 0);
    expect(w, "best 10.0.0.0/8 odd (only route)\n"
              "announce 10.0.0.0/8 even\n"
              "withdraw 10.0.0.0/8 odd\n");
    costs[0] = 20;
    bgp_speaker_next_hops_changed(w->speaker, 0);
    expect(w, "best 10.0.0.0/8 even (f) lower BGP identifier)\n"
              "withdraw 10.0.0.0/8 even\n"
              "announce 10.0.0.0/8 odd\n");
}
END_TEST

/* 10,000 prefixes from one UPDATE's attributes go through in full messages. */
START_TEST(large_tables_are_packed)
{
    BgpPairConfig config = bgp_pair_config();
    g_autoptr(BgpPair) p = NULL;
    BgpPairSide *a, *b;

    config.peer[BGP_B].session.passive = true;
    p = bgp_pair_new(&config);
    a = &p->side[BGP_A];
    b = &p->side[BGP_B];
    for (uint32_t i = 0; i < 10000; i++) {
        HsPrefix prefix = {.addr = hs_addr_ipv4(0x0a000000 + (i << 8)),
                           .length = 24};

        bgp_speaker_originate(a->speaker, 0, &prefix, NULL, BGP_SOURCE_LOCAL,
                              0);
    }
    bgp_pair_start(p);
    bgp_pair_run(p, HS_SEC(1));
    ck_assert_uint_eq(bgp_speaker_prefixes(b->speaker), 10000);
    ck_assert_uint_eq(
        bgp_session_counter(bgp_peer_session(a->peer), BGP_COUNT_UPDATE_SENT),
        10);
    bgp_peer_stop(a->peer, p->now, BGP_CEASE_ADMIN_SHUTDOWN, NULL);
    bgp_pair_poll(p);
    bgp_pair_run(p, HS_SEC(2));
    ck_assert_uint_eq(bgp_speaker_prefixes(b->speaker), 0);
}
END_TEST

/* The facts of a failover, in order, on both sides. */
START_TEST(routes_cross_a_session)
{
    BgpPairConfig config = bgp_pair_config();
    g_autoptr(BgpPair) p = NULL;
    HsPrefix prefix = prefix_of("10.0.0.0/16");

    config.log_routes = true;
    config.peer[BGP_B].session.passive = true;
    config.speaker[BGP_A].asn = 4200000000;
    config.peer[BGP_B].session.peer_as = 4200000000;
    config.peer[BGP_B].session.no_four_octet_as = _i == 1;
    p = bgp_pair_new(&config);
    bgp_pair_start(p);
    bgp_pair_run(p, HS_SEC(1));
    g_string_truncate(p->log, 0);
    bgp_speaker_originate(p->side[BGP_A].speaker, p->now, &prefix, NULL,
                          BGP_SOURCE_LOCAL, 0);
    bgp_pair_poll(p);
    bgp_pair_run(p, HS_SEC(2));
    bgp_pair_expect(
        p, "[   1.000000000] a bgp: best 10.0.0.0/16: none -> local (only "
           "route)\n"
           "[   1.000000000] a bgp: sent announce 10.0.0.0/16 (only route)\n"
           "[   1.010000000] b bgp: received announce 10.0.0.0/16\n"
           "[   1.010000000] b bgp: best 10.0.0.0/16: none -> a (only "
           "route)\n");
    /* RFC 6793: an old speaker reads the wide number out of AS4_PATH. */
    ck_assert_uint_eq(bgp_as_path_first(bgp_speaker_best(p->side[BGP_B].speaker,
                                                         &prefix, NULL)
                                            ->received->as_path),
                      4200000000);
    bgp_speaker_withdraw(p->side[BGP_A].speaker, p->now, &prefix,
                         BGP_SOURCE_LOCAL, 0);
    bgp_pair_poll(p);
    bgp_pair_run(p, HS_SEC(3));
    bgp_pair_expect(
        p, "[   2.000000000] a bgp: best 10.0.0.0/16: local -> none (no "
           "route)\n"
           "[   2.000000000] a bgp: sent withdraw 10.0.0.0/16 (withdrawn)\n"
           "[   2.010000000] b bgp: received withdraw 10.0.0.0/16\n"
           "[   2.010000000] b bgp: best 10.0.0.0/16: a -> none (no "
           "route)\n");
}
END_TEST

/* RFC 4271 6.3: NEXT_HOP is not our address, and on a shared medium. */
static const struct {
    const char *name, *subnet;
    uint32_t next_hop;
    bool taken;
} hops[] = {
    {"the peer's", "10.0.0.0/27", 0x0a000010, true},
    {"a third one of the subnet", "10.0.0.0/27", 0x0a00001e, true},
    {"our own", NULL, 0x0a000001, false},
    {"elsewhere", "10.0.0.0/27", 0x0a000020, false},
    {"elsewhere, and nobody looks", NULL, 0x0a000020, true},
};

START_TEST(next_hops_are_checked)
{
    g_autoptr(World) w = plain_world();
    BgpPeerConfig config = peer_config("out", 65002);
    g_autoptr(BgpAttrs) attrs = bgp_attrs_new();
    g_autoptr(GPtrArray) messages = NULL;
    HsPrefix p = prefix_of("10.9.0.0/16");

    if (hops[_i].subnet != NULL)
        config.subnet = prefix_of(hops[_i].subnet);
    add(w, &config);
    attrs->next_hop = hs_addr_ipv4(hops[_i].next_hop);
    attrs->as_path = bgp_as_path_prepend(NULL, 65002, 1);
    messages = bgp_update_encode(attrs, &p, 1, true);
    receive(w, 0, g_bytes_ref(messages->pdata[0]));
    ck_assert_msg((bgp_speaker_best(w->speaker, &p, NULL) != NULL) ==
                      hops[_i].taken,
                  "%s", hops[_i].name);
    /* It is ignored; the session does not suffer. */
    ck_assert_int_eq(bgp_peer_state(w->peer[0]), BGP_ESTABLISHED);
}
END_TEST

/* RFC 4271 9: an announcement replaces the one before; the same again is no
 * news to anybody (9.2). */
START_TEST(announcements_replace_each_other)
{
    g_autoptr(World) w = plain_world();
    BgpPeerConfig one = peer_config("one", 65002);
    BgpPeerConfig two = peer_config("two", 65003);

    add(w, &one);
    add(w, &two);
    announce(w, 0, "10.0.0.0/8", "65002", -1, -1);
    expect(w, "best 10.0.0.0/8 one (only route)\nannounce 10.0.0.0/8 two\n");
    announce(w, 0, "10.0.0.0/8", "65002", -1, -1);
    expect(w, "");
    announce(w, 0, "10.0.0.0/8", "65002 65009", -1, -1);
    expect(w, "best 10.0.0.0/8 one (only route)\nannounce 10.0.0.0/8 two\n");
    ck_assert_uint_eq(bgp_peer_prefixes(w->peer[0]), 1);
    /* MED is not for two: the choice changed, what two is told did not. */
    announce(w, 0, "10.0.0.0/8", "65002 65009", 5, -1);
    expect(w, "best 10.0.0.0/8 one (only route)\n");
    withdraw(w, 0, "10.0.0.0/8");
    withdraw(w, 0, "10.0.0.0/8"); /* nothing is there any more */
    expect(w, "best 10.0.0.0/8 none (no route)\nwithdraw 10.0.0.0/8 two\n");
}
END_TEST

/* RFC 4271 9.1.4: overlapping routes are routes of their own. */
START_TEST(overlapping_routes_are_all_kept)
{
    g_autoptr(World) w = plain_world();
    BgpPeerConfig one = peer_config("one", 65002);
    BgpPeerConfig two = peer_config("two", 65003);

    add(w, &one);
    add(w, &two);
    announce(w, 0, "10.0.0.0/8", "65002", -1, -1);
    announce(w, 0, "10.1.0.0/16", "65002", -1, -1);
    ck_assert_uint_eq(bgp_speaker_prefixes(w->speaker), 2);
    expect_sent(w, 1, "10.0.0.0/8",
                "origin IGP path [65001 65002] next-hop 10.0.0.1");
    expect_sent(w, 1, "10.1.0.0/16",
                "origin IGP path [65001 65002] next-hop 10.0.0.1");
}
END_TEST

/* RFC 7606 2: treat-as-withdraw withdraws what was known, and no more. */
START_TEST(faulty_update_withdraws)
{
    g_autoptr(World) w = plain_world();
    BgpPeerConfig one = peer_config("one", 65002);

    add(w, &one);
    announce(w, 0, "10.0.0.0/8", "65002", -1, -1);
    announce(w, 0, "11.0.0.0/8", "65002", -1, -1);
    drain(w);
    g_string_truncate(w->log, 0);
    /* ORIGIN 3 */
    receive(w, 0,
            hex_bytes("ffffffffffffffffffffffffffffffff 002d 02 0000 0014"
                      "40010103 4002060201 0000fdea 400304 0a000010 080a"));
    expect(w, "best 10.0.0.0/8 none (no route)\n");
    ck_assert_int_eq(bgp_peer_state(w->peer[0]), BGP_ESTABLISHED);
    ck_assert_uint_eq(bgp_peer_prefixes(w->peer[0]), 1);
}
END_TEST

/* RFC 7606 2 and 7.6: attribute discard leaves the route. */
START_TEST(discarded_attribute_leaves_the_route)
{
    g_autoptr(World) w = plain_world();
    BgpPeerConfig one = peer_config("one", 65002);

    add(w, &one);
    drain(w);
    g_string_truncate(w->log, 0);
    receive(w, 0,
            hex_bytes("ffffffffffffffffffffffffffffffff 0031 02 0000 0018"
                      "40010100 4002060201 0000fdea 400304 0a000010 40060100"
                      "080a"));
    expect(w, "best 10.0.0.0/8 one (only route)\n");
}
END_TEST

/* Whatever comes first, the choice is one, and so is the next after it. */
START_TEST(order_of_arrival_does_not_matter)
{
    /* Better by: MED within its AS, AS_PATH, identifier; worst: a longer one.
     * MED alone would go round in a circle. */
    static const struct {
        uint32_t as;
        const char *path;
        int med;
    } routes[PEERS] = {{65002, "65002 1", 20},
                       {65002, "65002 1", 10},
                       {65003, "65003 1", 30},
                       {65004, "65004 1 1", 0}};
    static const unsigned orders[24][PEERS] = {
        {0, 1, 2, 3}, {0, 1, 3, 2}, {0, 2, 1, 3}, {0, 2, 3, 1}, {0, 3, 1, 2},
        {0, 3, 2, 1}, {1, 0, 2, 3}, {1, 0, 3, 2}, {1, 2, 0, 3}, {1, 2, 3, 0},
        {1, 3, 0, 2}, {1, 3, 2, 0}, {2, 0, 1, 3}, {2, 0, 3, 1}, {2, 1, 0, 3},
        {2, 1, 3, 0}, {2, 3, 0, 1}, {2, 3, 1, 0}, {3, 0, 1, 2}, {3, 0, 2, 1},
        {3, 1, 0, 2}, {3, 1, 2, 0}, {3, 2, 0, 1}, {3, 2, 1, 0}};
    /* The winner, and who follows as each one is withdrawn. */
    static const unsigned ranking[] = {1, 0, 2, 3};
    g_autoptr(World) w = plain_world();
    HsPrefix p = prefix_of("10.0.0.0/8");

    for (unsigned i = 0; i < PEERS; i++) {
        BgpPeerConfig config = peer_config("peer", routes[i].as);

        add(w, &config);
    }
    for (unsigned i = 0; i < PEERS; i++) {
        unsigned peer = orders[_i][i];

        announce(w, peer, "10.0.0.0/8", routes[peer].path, routes[peer].med,
                 -1);
    }
    for (unsigned i = 0; i < PEERS; i++) {
        const BgpRoute *best = bgp_speaker_best(w->speaker, &p, NULL);

        ck_assert_ptr_eq(best->peer, w->peer[ranking[i]]);
        withdraw(w, ranking[i], "10.0.0.0/8");
    }
    ck_assert_uint_eq(bgp_speaker_prefixes(w->speaker), 0);
}
END_TEST

/* The set of equal ways: reported as it grows, changes and shrinks. */
START_TEST(equal_ways_are_reported)
{
    static const BgpCompareOptions relax = {.multipath_relax = true};
    BgpSpeakerConfig config = {
        .asn = 65001, .router_id = 1, .multipath = 4, .compare_data = &relax};
    g_autoptr(World) w = world_new(&config);
    BgpSpeakerOutput o;
    unsigned ways[8], n = 0;

    for (unsigned i = 0; i < 3; i++) {
        BgpPeerConfig peer = peer_config("peer", 65002 + i);

        add(w, &peer);
    }
    drain(w);
    announce(w, 0, "10.0.0.0/8", "65002", -1, -1);
    announce(w, 1, "10.0.0.0/8", "65003", -1, -1);
    announce(w, 2, "10.0.0.0/8", "65004 1", -1, -1); /* longer */
    announce(w, 2, "10.0.0.0/8", "65004", -1, -1);
    withdraw(w, 1, "10.0.0.0/8");
    withdraw(w, 0, "10.0.0.0/8");
    withdraw(w, 2, "10.0.0.0/8");
    while (bgp_speaker_poll(w->speaker, &o)) {
        if (o.kind == BGP_SPEAKER_BEST_CHANGED)
            ways[n++] = o.paths;
        bgp_speaker_output_clear(&o);
    }
    ck_assert_uint_eq(n, 6);
    ck_assert_uint_eq(ways[0], 1);
    ck_assert_uint_eq(ways[1], 2);
    ck_assert_uint_eq(ways[2], 3);
    ck_assert_uint_eq(ways[3], 2);
    ck_assert_uint_eq(ways[4], 1);
    ck_assert_uint_eq(ways[5], 0);
}
END_TEST

/* The same number of ways, one of them another. */
START_TEST(exchanged_way_is_reported)
{
    BgpSpeakerConfig config = {.asn = 65001, .router_id = 1, .multipath = 2};
    g_autoptr(World) w = world_new(&config);

    for (unsigned i = 0; i < 3; i++) {
        BgpPeerConfig peer = peer_config(i == 0 ? "a" : "b", 65002);

        add(w, &peer);
        announce(w, i, "10.0.0.0/8", "65002", -1, -1);
    }
    drain(w);
    g_string_truncate(w->log, 0);
    withdraw(w, 1, "10.0.0.0/8"); /* c steps in beside a */
    drain(w);
    ck_assert(strstr(w->log->str, "best 10.0.0.0/8 a") != NULL);
}
END_TEST

/* RFC 4271 9.2: what does not fit is not announced, and what stood withdrawn.
 */
START_TEST(route_that_grew_too_large_is_withdrawn)
{
    g_autoptr(World) w = plain_world();
    BgpPeerConfig one = peer_config("one", 65002);
    BgpPeerConfig two = peer_config("two", 65003);
    g_autoptr(BgpPolicy) huge = bgp_policy_new();

    bgp_policy_add(huge, &(BgpPolicyRule){.prepend = 1100});
    add(w, &one);
    add(w, &two);
    announce(w, 0, "10.0.0.0/8", "65002", -1, -1);
    drain(w);
    g_string_truncate(w->log, 0);
    bgp_peer_set_export(w->peer[1], w->now, huge);
    expect(w, "withdraw 10.0.0.0/8 two\n");
}
END_TEST

static bool
even_only(void *user_data, const BgpRoute *route)
{
    (void)user_data;
    return route->prefix.addr.bytes[1] % 2 == 0;
}

START_TEST(export_has_a_last_word)
{
    g_autoptr(World) w = plain_world();
    BgpPeerConfig one = peer_config("one", 65002);
    BgpPeerConfig two = peer_config("two", 65003);
    g_autoptr(BgpPolicy) rules = bgp_policy_new();

    bgp_policy_add(rules, &(BgpPolicyRule){.strip_communities = true,
                                           .clear_med = true,
                                           .set_next_hop = true,
                                           .next_hop = hs_addr_ipv4(7 << 24)});
    two.export_filter = even_only;
    two.export = rules;
    two.tag = 9;
    two.user_data = w;
    add(w, &one);
    add(w, &two);
    announce(w, 0, "10.2.0.0/16", "65002", 5, -1);
    announce(w, 0, "10.3.0.0/16", "65002", 5, -1);
    expect_sent(w, 1, "10.2.0.0/16",
                "origin IGP path [65001 65002] next-hop 7.0.0.0");
    expect_sent(w, 1, "10.3.0.0/16", NULL);
    ck_assert_int_eq(bgp_peer_tag(w->peer[1]), 9);
    ck_assert_ptr_eq(bgp_peer_user_data(w->peer[1]), w);
}
END_TEST

/* A limit on what a peer is told: the first come stay, and a place that becomes
 * free is taken by one that waited. */
START_TEST(no_more_is_told_than_allowed)
{
    g_autoptr(World) w = plain_world();
    BgpPeerConfig one = peer_config("one", 65002);
    BgpPeerConfig two = peer_config("two", 65003);

    two.max_told = 2;
    add(w, &one);
    add(w, &two);
    announce(w, 0, "10.1.0.0/16", "65002", -1, -1);
    announce(w, 0, "10.2.0.0/16", "65002", -1, -1);
    announce(w, 0, "10.3.0.0/16", "65002", -1, -1);
    announce(w, 0, "10.4.0.0/16", "65002", -1, -1);
    drain(w);
    g_string_truncate(w->log, 0);
    expect_sent(w, 1, "10.2.0.0/16",
                "origin IGP path [65001 65002] "
                "next-hop 10.0.0.1");
    expect_sent(w, 1, "10.3.0.0/16", NULL);
    /* One that it has may change. */
    announce(w, 0, "10.2.0.0/16", "65002 7", -1, -1);
    withdraw(w, 0, "10.4.0.0/16"); /* it never had that */
    expect(w, "best 10.2.0.0/16 one (only route)\n"
              "announce 10.2.0.0/16 two\n"
              "best 10.4.0.0/16 none (no route)\n");
    withdraw(w, 0, "10.1.0.0/16");
    expect(w, "best 10.1.0.0/16 none (no route)\n"
              "withdraw 10.1.0.0/16 two\n"
              "announce 10.3.0.0/16 two\n");
    /* A new session begins to count anew. */
    bgp_peer_tcp_down(w->peer[1], w->now, w->connection[1]);
    bgp_peer_stop(w->peer[1], w->now, 2, NULL);
    establish(w, 1);
    announce(w, 0, "10.5.0.0/16", "65002", -1, -1);
    expect_sent(w, 1, "10.2.0.0/16",
                "origin IGP path [65001 65002 7] "
                "next-hop 10.0.0.1");
    expect_sent(w, 1, "10.3.0.0/16",
                "origin IGP path [65001 65002] "
                "next-hop 10.0.0.1");
    expect_sent(w, 1, "10.5.0.0/16", NULL);
}
END_TEST

/* For who decides again by its own rules: each change of a candidate, also of
 * one that is not chosen before or after. */
START_TEST(every_decision_is_told_to_who_asks)
{
    BgpSpeakerConfig config = {
        .asn = 65001, .router_id = 1, .report_decided = true};
    g_autoptr(World) w = world_new(&config);
    BgpPeerConfig one = peer_config("one", 65002);
    BgpPeerConfig two = peer_config("two", 65003);
    BgpSpeakerOutput o;
    unsigned decided = 0, best = 0;

    add(w, &one);
    add(w, &two);
    drain(w);
    announce(w, 0, "10.0.0.0/8", "65002", -1, -1);
    announce(w, 1, "10.0.0.0/8", "65003 1", -1, -1);
    announce(w, 1, "10.0.0.0/8", "65003 1 2", -1, -1);
    withdraw(w, 1, "10.0.0.0/8");
    while (bgp_speaker_poll(w->speaker, &o)) {
        decided += o.kind == BGP_SPEAKER_DECIDED;
        best += o.kind == BGP_SPEAKER_BEST_CHANGED;
        bgp_speaker_output_clear(&o);
    }
    ck_assert_uint_eq(decided, 4);
    ck_assert_uint_eq(best, 1);
}
END_TEST

/* IPv6 without an address of our own to name as next hop; and a family that
 * the peer does not speak. */
START_TEST(families_are_kept_apart)
{
    g_autoptr(World) w = plain_world();
    BgpPeerConfig six = peer_config("six", 65002);
    BgpPeerConfig four = peer_config("four", 65003);
    HsPrefix p = prefix_of("2001:db8::/32");

    six.session.ipv6 = true;
    add(w, &six);
    add(w, &four);
    bgp_speaker_originate(w->speaker, 0, &p, NULL, BGP_SOURCE_LOCAL, 0);
    expect_sent(w, 0, "2001:db8::/32", NULL);
    expect_sent(w, 1, "2001:db8::/32", NULL);
    ck_assert_uint_eq(bgp_speaker_prefixes(w->speaker), 1);
}
END_TEST

static void
append_prefix(void *user_data, const BgpRoute *best, const char *step)
{
    char prefix[HS_PREFIX_TEXT];

    g_string_append_printf(user_data, "%s %s\n",
                           hs_prefix_format(&best->prefix, prefix), step);
}

START_TEST(tables_can_be_looked_at)
{
    g_autoptr(World) w = plain_world();
    BgpPeerConfig one = peer_config("one", 65002);
    BgpPeerConfig two = peer_config("two", 65003);
    const BgpRoute *const *routes;
    HsPrefix p = prefix_of("10.0.0.0/8"), unknown = prefix_of("9.0.0.0/8");
    const char *step = NULL;
    g_autoptr(GString) text = g_string_new(NULL);

    add(w, &one);
    add(w, &two);
    announce(w, 0, "11.0.0.0/8", "65002", -1, -1);
    announce(w, 0, "10.0.0.0/8", "65002", -1, -1);
    announce(w, 1, "10.0.0.0/8", "65003 65002", -1, -1);
    ck_assert_uint_eq(bgp_speaker_candidates(w->speaker, &p, &routes), 2);
    ck_assert_uint_eq(bgp_speaker_candidates(w->speaker, &unknown, &routes), 0);
    ck_assert_ptr_nonnull(bgp_speaker_best(w->speaker, &p, &step));
    ck_assert_str_eq(step, BGP_STEP_AS_PATH);
    ck_assert_ptr_null(bgp_peer_sent(w->peer[0], &unknown));
    bgp_speaker_foreach(w->speaker, append_prefix, text);
    ck_assert_str_eq(text->str, "10.0.0.0/8 a) shorter AS_PATH\n"
                                "11.0.0.0/8 only route\n");
    bgp_speaker_withdraw(w->speaker, 0, &unknown, BGP_SOURCE_LOCAL, 0);
    bgp_speaker_free(NULL);
}
END_TEST

int
main(void)
{
    Suite *s = suite_create("bgp speaker");
    TCase *t = tcase_create("routes");

    tcase_add_test(t, backup_takes_over_and_gives_back);
    tcase_add_test(t, who_is_told_what);
    tcase_add_test(t, best_exit_is_told_behind_a_better);
    tcase_add_loop_test(t, unusable_routes_are_kept_out, 0,
                        G_N_ELEMENTS(paths));
    tcase_add_loop_test(t, next_hops_are_checked, 0, G_N_ELEMENTS(hops));
    tcase_add_test(t, announcements_replace_each_other);
    tcase_add_test(t, overlapping_routes_are_all_kept);
    tcase_add_test(t, faulty_update_withdraws);
    tcase_add_test(t, discarded_attribute_leaves_the_route);
    tcase_add_loop_test(t, order_of_arrival_does_not_matter, 0, 24);
    tcase_add_test(t, equal_ways_are_reported);
    tcase_add_test(t, exchanged_way_is_reported);
    tcase_add_test(t, route_that_grew_too_large_is_withdrawn);
    tcase_add_test(t, export_has_a_last_word);
    tcase_add_test(t, no_more_is_told_than_allowed);
    tcase_add_test(t, every_decision_is_told_to_who_asks);
    tcase_add_test(t, families_are_kept_apart);
    tcase_add_test(t, tables_can_be_looked_at);
    tcase_add_test(t, policies_change_what_is_there);
    tcase_add_test(t, comparison_is_the_nodes);
    tcase_add_test(t, advertisement_interval_holds_back);
    tcase_add_test(t, prefix_limit_ends_the_session);
    tcase_add_test(t, refresh_tells_everything_again);
    tcase_add_test(t, next_hops_are_asked_for);
    tcase_add_test(t, large_tables_are_packed);
    tcase_add_loop_test(t, routes_cross_a_session, 0, 2);
    suite_add_tcase(s, t);
    return run_suite(s);
}
