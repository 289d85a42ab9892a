/* A stream of messages from a peer, after a good OPEN and KEEPALIVE.
 *
 * The first octet of the input chooses the peer: bit 0 iBGP, bit 1 two-octet
 * AS numbers, bit 2 the stream comes in small pieces. What the speaker learns
 * it tells a second peer; whatever it sends must be messages that our own
 * decoder finds nothing wrong with. */

#include "config.h"

#include "models/bgp/message.h"
#include "models/bgp/speaker.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef struct {
    BgpPeer *peer;
    BgpSpeaker *speaker;
    BgpUpdateContext context; /* how its peer reads what we send */
} Side;

static void
check_sent(const Side *side, GBytes *bytes)
{
    gsize length;
    const uint8_t *data = g_bytes_get_data(bytes, &length);
    g_auto(BgpFault) fault = {0};
    BgpUpdate *update = NULL;
    BgpFrame frame;

    g_assert(bgp_frame_next(data, length, &frame, &fault) == BGP_FRAME_GOOD);
    g_assert(frame.length == length);
    if (frame.type != BGP_MSG_UPDATE)
        return;
    g_assert(bgp_update_decode(&frame.body, &side->context, &update, &fault));
    g_assert(!update->treated_as_withdraw && update->discarded == 0);
    bgp_update_free(update);
}

static void
drain(BgpSpeaker *speaker, const Side *told)
{
    BgpSpeakerOutput output;

    while (bgp_speaker_poll(speaker, &output)) {
        if (output.kind == BGP_SPEAKER_SEND && output.peer == told->peer)
            check_sent(told, output.bytes);
        bgp_speaker_output_clear(&output);
    }
}

static unsigned
establish(BgpPeer *peer, const BgpSessionConfig *theirs)
{
    g_autoptr(GBytes) open = bgp_open_encode(theirs);
    g_autoptr(GBytes) keepalive = bgp_keepalive_encode();
    unsigned connection;

    bgp_peer_start(peer, 0);
    connection = bgp_peer_accept(peer, 0);
    bgp_peer_receive(peer, 0, connection, g_bytes_get_data(open, NULL),
                     g_bytes_get_size(open));
    bgp_peer_receive(peer, 0, connection, g_bytes_get_data(keepalive, NULL),
                     g_bytes_get_size(keepalive));
    g_assert(bgp_peer_state(peer) == BGP_ESTABLISHED);
    return connection;
}

static BgpPeer *
add_peer(BgpSpeaker *speaker, uint32_t as, bool old, unsigned *ret_connection)
{
    BgpPeerConfig config = {
        .name = "peer",
        .session = bgp_session_config(BGP_PRESET_RFC),
        .local_address = hs_addr_ipv4(0x0a000001),
    };
    BgpSessionConfig theirs;
    BgpPeer *peer;

    config.session.peer_as = as;
    config.session.passive = true;
    config.session.ipv6 = true;
    config.session.no_four_octet_as = old;
    config.local_address6.family = HS_FAMILY_IPV6;
    config.local_address6.bytes[0] = 0x20;
    peer = bgp_speaker_add_peer(speaker, &config, 0);
    theirs = bgp_peer_config(peer)->session;
    theirs.local_as = as;
    theirs.router_id = 0x0a000002;
    *ret_connection = establish(peer, &theirs);
    return peer;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    HsRng *rng = hs_rng_new(1, "fuzz", "bgp");
    BgpSpeakerConfig config = {.asn = 65001, .router_id = 0x0a000001};
    BgpSpeaker *speaker = bgp_speaker_new(&config, rng);
    uint8_t choice = size > 0 ? data[0] : 0;
    bool ibgp = (choice & 1) != 0, old = (choice & 2) != 0;
    unsigned connection, other;
    BgpPeer *peer = add_peer(speaker, ibgp ? 65001 : 65002, old, &connection);
    Side told = {
        .speaker = speaker,
        .context = {.four_octet_as = !old, .ipv4 = true, .ipv6 = true}};
    size_t piece = (choice & 4) != 0 ? 7 : SIZE_MAX;

    told.peer = add_peer(speaker, 65003, old, &other);
    drain(speaker, &told);
    for (size_t at = 1; at < size;) {
        size_t length = MIN(piece, size - at);

        bgp_peer_receive(peer, HS_SEC(1), connection, data + at, length);
        at += length;
    }
    drain(speaker, &told);
    bgp_speaker_expire(speaker, HS_SEC(500));
    drain(speaker, &told);
    bgp_speaker_free(speaker);
    hs_rng_free(rng);
    return 0;
}
