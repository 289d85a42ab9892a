/* The life of a session as a sequence of events: connections come and go, time
 * passes, messages good and bad arrive, BFD and the carrier have their say, the
 * speaker itself crashes and boots. Covers what fuzz_bgp, whose session always
 * stands, cannot: OPENs and their capabilities, collisions, graceful restart,
 * the prefix limit.
 *
 * The first octet chooses the configuration, then each octet is an event, with
 * the octets after it for what it needs. A second peer with a session of its
 * own hears what the first one says.
 *
 * Checked after each event: whatever is sent is one good message, a session is
 * established only with a peer that sent an OPEN, timers lie ahead, and the
 * routes that a peer is said to have are there. */

#include "config.h"

#include "models/bgp/message.h"
#include "models/bgp/speaker.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define PEER_AS 65002

typedef struct {
    HsReader input;
    HsRng *rng;
    BgpSpeaker *speaker;
    BgpPeer *peer;
    unsigned connection; /* the last one; 0: none yet */
    bool ibgp, old;
    bool down;
    HsTime now;
} Run;

enum {
    BYTES,
    ACCEPT,
    TCP_UP,
    TCP_DOWN,
    WAIT,
    GOOD_OPEN,
    GOOD_KEEPALIVE,
    ANNOUNCE,
    WITHDRAW,
    END_OF_RIB,
    REFRESH,
    NOTIFY,
    OUTSIDE,
    OPERATOR,
    RESTART,
    OWN_ROUTES,
    EVENTS
};

static void
check_sent(const Run *run, const BgpSpeakerOutput *output)
{
    const BgpNegotiated *n =
        bgp_session_negotiated(bgp_peer_session(output->peer));
    gsize length;
    const uint8_t *data = g_bytes_get_data(output->bytes, &length);
    g_auto(BgpFault) fault = {0};
    BgpUpdateContext context = {.four_octet_as = n->four_octet_as,
                                .ibgp = n->ibgp,
                                .ipv4 = true,
                                .ipv6 = true};
    BgpUpdate *update;
    BgpFrame frame;
    BgpOpen open;

    g_assert(bgp_frame_next(data, length, &frame, &fault) == BGP_FRAME_GOOD);
    g_assert(frame.length == length);
    if (frame.type == BGP_MSG_OPEN)
        g_assert(bgp_open_decode(&frame.body, true, &open, &fault));
    /* What both agreed on is forgotten once the session is. */
    if (frame.type == BGP_MSG_UPDATE &&
        bgp_peer_state(output->peer) == BGP_ESTABLISHED &&
        output->peer == run->peer) {
        g_assert(bgp_update_decode(&frame.body, &context, &update, &fault));
        g_assert(!update->treated_as_withdraw && update->discarded == 0);
        bgp_update_free(update);
    }
}

static void
drain(Run *run)
{
    BgpSpeakerOutput output;

    while (bgp_speaker_poll(run->speaker, &output)) {
        if (output.kind == BGP_SPEAKER_SEND)
            check_sent(run, &output);
        if (output.kind == BGP_SPEAKER_CONNECT && output.peer == run->peer)
            run->connection = output.connection;
        bgp_speaker_output_clear(&output);
    }
}

static void
check(const Run *run)
{
    const BgpSession *session = bgp_peer_session(run->peer);
    unsigned have = bgp_peer_prefixes(run->peer);

    g_assert(bgp_peer_stale(run->peer) <= have);
    g_assert(bgp_peer_state(run->peer) != BGP_ESTABLISHED ||
             bgp_session_counter(session, BGP_COUNT_OPEN_RECEIVED) > 0);
    if (bgp_peer_state(run->peer) != BGP_ESTABLISHED)
        g_assert(bgp_peer_stale(run->peer) == have);
    if (run->down)
        g_assert(bgp_peer_state(run->peer) == BGP_IDLE && have == 0);
}

static void
deliver(Run *run, const void *data, size_t length)
{
    bgp_peer_receive(run->peer, run->now, run->connection, data, length);
}

/* MESSAGE: transfer full. */
static void
deliver_message(Run *run, GBytes *message)
{
    deliver(run, g_bytes_get_data(message, NULL), g_bytes_get_size(message));
    g_bytes_unref(message);
}

static BgpSessionConfig
their_config(const Run *run, uint8_t choice)
{
    BgpSessionConfig config = bgp_session_config(BGP_PRESET_RFC);

    config.local_as = run->ibgp ? 65001 : PEER_AS;
    config.router_id = (choice & 1) != 0 ? 0x0a000009 : 0x09000009;
    config.hold = (choice & 2) != 0 ? 0 : HS_SEC(9);
    config.ipv6 = (choice & 4) != 0;
    config.no_four_octet_as = run->old;
    config.restart = (BgpRestart){.enabled = (choice & 8) != 0,
                                  .helper_only = (choice & 16) != 0,
                                  .notification = (choice & 32) != 0,
                                  .time = HS_SEC(20),
                                  .restarting = (choice & 64) != 0,
                                  .forwarding_lost = (choice & 128) != 0};
    return config;
}

static HsPrefix
prefix_of(uint8_t choice)
{
    HsPrefix prefix = {.addr = hs_addr_ipv4(0x0a000000), .length = 16};

    if ((choice & 0x80) != 0) {
        prefix.addr = (HsAddr){.family = HS_FAMILY_IPV6};
        prefix.addr.bytes[0] = 0x20;
    }
    prefix.addr.bytes[1] = choice & 0x0f;
    return prefix;
}

static void
send_routes(Run *run, bool announce, uint8_t choice)
{
    HsPrefix prefix = prefix_of(choice);
    g_autoptr(BgpAttrs) attrs = bgp_attrs_new();
    g_autoptr(GPtrArray) messages = NULL;

    if (!run->ibgp)
        attrs->as_path = bgp_as_path_prepend(NULL, PEER_AS, 1);
    attrs->has_local_pref = run->ibgp;
    attrs->has_med = (choice & 0x10) != 0;
    attrs->next_hop = prefix.addr;
    attrs->next_hop.bytes[2] = 9;
    messages = announce ? bgp_update_encode(attrs, &prefix, 1, !run->old)
                        : bgp_withdraw_encode(&prefix, 1);
    deliver_message(run, g_bytes_ref(g_ptr_array_index(messages, 0)));
}

static void
from_outside(Run *run, uint8_t choice)
{
    switch (choice % 5) {
    case 0:
        bgp_peer_bfd_down(run->peer, run->now, (choice & 0x80) != 0);
        return;
    case 1:
        bgp_peer_link_down(run->peer, run->now);
        return;
    case 2:
        bgp_peer_link_up(run->peer, run->now);
        return;
    case 3:
        bgp_peer_forwarding_lost(run->peer, run->now, "fuzz");
        return;
    default:
        bgp_speaker_next_hops_changed(run->speaker, run->now);
        return;
    }
}

static void
from_operator(Run *run, uint8_t choice)
{
    g_autoptr(BgpPolicy) policy = NULL;

    switch (choice % 6) {
    case 0:
        bgp_peer_stop(run->peer, run->now, choice / 6 % 11,
                      (choice & 0x80) != 0 ? "maintenance" : NULL);
        return;
    case 1:
        bgp_peer_reset(run->peer, run->now, choice / 6 % 11, "fuzz");
        return;
    case 2:
        bgp_peer_request_refresh(run->peer, run->now,
                                 (choice & 0x80) != 0 ? HS_FAMILY_IPV6
                                                      : HS_FAMILY_IPV4);
        return;
    case 3:
        policy = bgp_policy_new();
        bgp_policy_add(policy, &(BgpPolicyRule){.prepend = choice % 3,
                                                .set_med = true,
                                                .med = choice});
        bgp_peer_set_export(run->peer, run->now, policy);
        return;
    case 4:
        policy = bgp_policy_new();
        bgp_policy_set_default(
            policy, (choice & 0x80) != 0 ? BGP_POLICY_DENY : BGP_POLICY_PERMIT);
        bgp_peer_set_import(run->peer, run->now, policy);
        return;
    default:
        bgp_peer_start(run->peer, run->now);
        return;
    }
}

static void
restart(Run *run, uint8_t choice)
{
    if (run->down)
        bgp_speaker_boot(run->speaker, run->now);
    else
        bgp_speaker_crash(run->speaker, run->now, (choice & 1) != 0);
    run->down = !run->down;
}

static void
own_routes(Run *run, uint8_t choice)
{
    HsPrefix prefix = prefix_of(choice);

    if ((choice & 0x40) != 0)
        bgp_speaker_withdraw(run->speaker, run->now, &prefix, BGP_SOURCE_LOCAL,
                             0);
    else
        bgp_speaker_originate(run->speaker, run->now, &prefix, NULL,
                              BGP_SOURCE_LOCAL, 0);
}

static void
step(Run *run)
{
    uint8_t event = hs_reader_u8(&run->input) % EVENTS;
    uint8_t choice = hs_reader_u8(&run->input);
    g_auto(BgpFault) fault = {.code = choice >> 4 & 7, .subcode = choice & 15};
    BgpSessionConfig theirs = their_config(run, choice);
    size_t length;

    switch (event) {
    case BYTES:
        length = MIN(choice, hs_reader_left(&run->input));
        deliver(run, hs_reader_bytes(&run->input, length), length);
        return;
    case ACCEPT:
        length = bgp_peer_accept(run->peer, run->now);
        if (length != 0)
            run->connection = (unsigned)length;
        return;
    case TCP_UP:
        bgp_peer_tcp_up(run->peer, run->now, run->connection);
        return;
    case TCP_DOWN:
        bgp_peer_tcp_down(run->peer, run->now, run->connection);
        return;
    case WAIT:
        run->now +=
            (choice & 0x80) != 0 ? HS_SEC(choice & 0x7f) : HS_MSEC(choice);
        bgp_speaker_expire(run->speaker, run->now);
        g_assert(bgp_speaker_next_expiry(run->speaker) > run->now);
        return;
    case GOOD_OPEN:
        deliver_message(run, bgp_open_encode(&theirs));
        return;
    case GOOD_KEEPALIVE:
        deliver_message(run, bgp_keepalive_encode());
        return;
    case ANNOUNCE:
    case WITHDRAW:
        send_routes(run, event == ANNOUNCE, choice);
        return;
    case END_OF_RIB:
        deliver_message(run, bgp_end_of_rib_encode((choice & 1) != 0
                                                       ? HS_FAMILY_IPV6
                                                       : HS_FAMILY_IPV4));
        return;
    case REFRESH:
        deliver_message(run,
                        bgp_refresh_encode((choice & 1) != 0 ? HS_FAMILY_IPV6
                                                             : HS_FAMILY_IPV4));
        return;
    case NOTIFY:
        deliver_message(run, bgp_notification_encode(&fault));
        return;
    case OUTSIDE:
        from_outside(run, choice);
        return;
    case OPERATOR:
        from_operator(run, choice);
        return;
    case RESTART:
        restart(run, choice);
        return;
    default:
        own_routes(run, choice);
        return;
    }
}

static BgpPeerConfig
our_config(const Run *run, const char *name, uint8_t choice)
{
    BgpPeerConfig config = {
        .name = name,
        .session = bgp_session_config(BGP_PRESET_FRR),
        .local_address = hs_addr_ipv4(0x0a000001),
        .peer_address = hs_addr_ipv4(0x0a000002),
        .max_prefixes = (choice & 32) != 0 ? 3 : 0,
        .max_prefix_hold = (choice & 64) != 0 ? HS_SEC(10) : 0,
        .mrai = (choice & 128) != 0 ? HS_SEC(5) : 0,
    };

    config.local_address6.family = HS_FAMILY_IPV6;
    config.local_address6.bytes[0] = 0x20;
    config.session.peer_as = run->ibgp ? 65001 : PEER_AS;
    config.session.ipv6 = true;
    config.session.no_four_octet_as = run->old;
    config.session.passive = (choice & 4) != 0;
    config.session.delay_open = (choice & 16) != 0 ? HS_SEC(2) : 0;
    config.session.restart = (BgpRestart){.enabled = (choice & 8) != 0,
                                          .notification = (choice & 16) != 0,
                                          .time = HS_SEC(30),
                                          .stale_time = HS_SEC(60)};
    return config;
}

/* The one who listens. */
static void
add_listener(Run *run)
{
    BgpPeerConfig config = our_config(run, "listener", 4);
    BgpSessionConfig theirs;
    BgpPeer *peer;
    unsigned connection;

    config.session.peer_as = 65003;
    config.session.hold = 0;
    config.peer_address = hs_addr_ipv4(0x0a000003);
    peer = bgp_speaker_add_peer(run->speaker, &config, 0);
    theirs = bgp_peer_config(peer)->session;
    theirs.local_as = 65003;
    theirs.router_id = 0x0a000003;
    bgp_peer_start(peer, 0);
    connection = bgp_peer_accept(peer, 0);
    for (unsigned i = 0; i < 2; i++) {
        g_autoptr(GBytes) message =
            i == 0 ? bgp_open_encode(&theirs) : bgp_keepalive_encode();

        bgp_peer_receive(peer, 0, connection, g_bytes_get_data(message, NULL),
                         g_bytes_get_size(message));
    }
    g_assert(bgp_peer_state(peer) == BGP_ESTABLISHED);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    Run run = {.input = hs_reader_of(data, size)};
    BgpSpeakerConfig speaker = {.asn = 65001,
                                .router_id = 0x0a000001,
                                .selection_deferral = HS_SEC(40)};
    uint8_t choice = hs_reader_u8(&run.input);
    BgpPeerConfig config;

    run.ibgp = (choice & 1) != 0;
    run.old = (choice & 2) != 0;
    run.rng = hs_rng_new(1, "fuzz", "bgp");
    run.speaker = bgp_speaker_new(&speaker, run.rng);
    config = our_config(&run, "peer", choice);
    run.peer = bgp_speaker_add_peer(run.speaker, &config, 0);
    add_listener(&run);
    bgp_peer_start(run.peer, 0);
    drain(&run);
    while (hs_reader_left(&run.input) > 0) {
        step(&run);
        drain(&run);
        check(&run);
    }
    bgp_speaker_free(run.speaker);
    hs_rng_free(run.rng);
    return 0;
}
