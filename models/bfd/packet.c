/* Control packets: bytes to fields and back.
 *
 * Decoding makes the checks of RFC 5880 6.8.6 that need no session, in its
 * order, so that a packet with two faults is counted under the one the RFC
 * names first. A payload too short to hold the length field itself is counted
 * as "length field beyond the payload".
 *
 * Departure: authentication (RFC 5880 4.2-4.4, 6.7) is not implemented. A
 * packet with the A bit is decoded, so that it can be shown, and the session
 * discards it as 6.8.6 demands when no authentication is in use. */

#include "config.h"

#include "models/bfd/bfd.h"

#include "models/base/wire.h"
#include "models/bfd/wire.h"

const char *
bfd_state_name(BfdState state)
{
    static const char *const names[] = {
#define X(name, value, text) [value] = text,
        BFD_STATES(X)
#undef X
    };

    g_assert((unsigned)state < G_N_ELEMENTS(names));
    return names[state];
}

const char *
bfd_diag_name(unsigned diag)
{
    static const char *const names[] = {
#define X(name, value, text) [value] = text,
        BFD_DIAGS(X)
#undef X
    };

    return diag < G_N_ELEMENTS(names) ? names[diag] : "Reserved";
}

const char *
bfd_drop_name(BfdDrop drop)
{
    static const char *const names[] = {
#define X(name, text) [BFD_DROP_##name] = text,
        BFD_DROPS(X)
#undef X
    };

    g_assert((unsigned)drop < G_N_ELEMENTS(names));
    return names[drop];
}

static BfdState
state_of(uint8_t second)
{
    switch (second >> BFD_STATE_SHIFT) {
    case 0:
        return BFD_ADMIN_DOWN;
    case 1:
        return BFD_DOWN;
    case 2:
        return BFD_INIT;
    default: /* two bits hold nothing else */
        return BFD_UP;
    }
}

BfdDrop
bfd_packet_decode(const uint8_t *data, size_t length, BfdPacket *ret_packet)
{
    HsReader r = hs_reader_of(data, length);
    uint8_t first = hs_reader_u8(&r);
    uint8_t second = hs_reader_u8(&r);
    BfdPacket packet = {
        .diag = first & BFD_DIAG_MASK,
        .state = state_of(second),
        .poll = (second & BFD_FLAG_POLL) != 0,
        .final = (second & BFD_FLAG_FINAL) != 0,
        .independent = (second & BFD_FLAG_INDEPENDENT) != 0,
        .auth = (second & BFD_FLAG_AUTH) != 0,
        .demand = (second & BFD_FLAG_DEMAND) != 0,
    };
    uint8_t claimed;

    packet.detect_mult = hs_reader_u8(&r);
    claimed = hs_reader_u8(&r);
    packet.my_discriminator = hs_reader_u32(&r);
    packet.your_discriminator = hs_reader_u32(&r);
    packet.desired_min_tx = hs_reader_u32(&r);
    packet.required_min_rx = hs_reader_u32(&r);
    packet.required_min_echo_rx = hs_reader_u32(&r);

    if (length > 0 && first >> BFD_VERSION_SHIFT != BFD_VERSION)
        return BFD_DROP_VERSION;
    if (length > BFD_LENGTH_OFFSET &&
        claimed < (packet.auth ? BFD_AUTH_MIN_LENGTH : BFD_HEADER_LENGTH))
        return BFD_DROP_LENGTH;
    if (!hs_reader_ok(&r) || claimed > length)
        return BFD_DROP_TRUNCATED;
    if (packet.detect_mult == 0)
        return BFD_DROP_DETECT_MULT;
    if ((second & BFD_FLAG_MULTIPOINT) != 0)
        return BFD_DROP_MULTIPOINT;
    if (packet.my_discriminator == 0)
        return BFD_DROP_MY_DISCRIMINATOR;
    *ret_packet = packet;
    return BFD_DROP_NONE;
}

GBytes *
bfd_packet_encode(const BfdPacket *packet)
{
    g_auto(HsWriter) w = {0};
    GBytes *bytes;

    hs_writer_init(&w);
    hs_writer_u8(&w, BFD_VERSION << BFD_VERSION_SHIFT | packet->diag);
    hs_writer_u8(&w, (unsigned)packet->state << BFD_STATE_SHIFT |
                         (packet->poll ? BFD_FLAG_POLL : 0u) |
                         (packet->final ? BFD_FLAG_FINAL : 0u) |
                         (packet->independent ? BFD_FLAG_INDEPENDENT : 0u) |
                         (packet->demand ? BFD_FLAG_DEMAND : 0u));
    hs_writer_u8(&w, packet->detect_mult);
    hs_writer_u8(&w, BFD_HEADER_LENGTH);
    hs_writer_u32(&w, packet->my_discriminator);
    hs_writer_u32(&w, packet->your_discriminator);
    hs_writer_u32(&w, packet->desired_min_tx);
    hs_writer_u32(&w, packet->required_min_rx);
    hs_writer_u32(&w, packet->required_min_echo_rx);
    bytes = hs_writer_steal(&w);
    g_assert(bytes != NULL);
    return bytes;
}

uint32_t
bfd_packet_your_discriminator(const uint8_t *data, size_t length)
{
    HsReader r = hs_reader_of(data, length);

    hs_reader_skip(&r, BFD_YOUR_OFFSET);
    return hs_reader_u32(&r);
}
