/* A BFD session fed with anything, in any order.
 *
 * The first byte chooses the configuration. Then follow steps of one byte and
 * what belongs to it: a packet (its length, its bytes), the next expiry, new
 * intervals (two bytes), an order. A packet can be made to pass the checks that
 * random bytes never pass, so that the state machine is reached. Besides not
 * crashing, every packet that leaves must be a good one, the reported states
 * must follow from one another, and no timer may stand in the past. */

#include "config.h"

#include "models/base/wire.h"
#include "models/bfd/bfd.h"

#include <stdlib.h>
#include <string.h>

enum {
    CONFIG_PASSIVE = 0x01,
    CONFIG_DISABLED = 0x02,
    CONFIG_SINGLE = 0x04, /* detect multiplier 1 */
    CONFIG_JITTER = 0x08, /* two bits */

    STEP_MASK = 0x03,
    STEP_RECEIVE = 0,
    STEP_EXPIRE = 1,
    STEP_INTERVALS = 2,
    STEP_ORDER = 3,
    STEP_PLAUSIBLE = 0x80, /* of a packet: version, length, discriminators */
};

#define OURS 0x0000beef

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
must(bool holds)
{
    if (!holds)
        abort();
}

static void
take_outputs(BfdSession *s, BfdState *state)
{
    BfdOutput output;

    while (bfd_session_poll(s, &output)) {
        if (output.kind == BFD_OUTPUT_SEND) {
            size_t length;
            const uint8_t *data = g_bytes_get_data(output.packet, &length);
            BfdPacket packet;

            must(bfd_packet_decode(data, length, &packet) == BFD_DROP_NONE);
            must(!(packet.poll && packet.final));
            must(packet.my_discriminator == OURS);
            must(packet.state == BFD_UP || packet.desired_min_tx >= 1000000);
        } else {
            must(output.from == *state && output.to != *state);
            *state = output.to;
        }
        bfd_output_clear(&output);
    }
    must(bfd_session_state(s) == *state);
    must(*state != BFD_UP || bfd_session_remote_discriminator(s) != 0);
}

static void
receive(BfdSession *s, HsTime now, HsReader *r, bool plausible)
{
    size_t length = hs_reader_u8(r);
    size_t left = hs_reader_left(r);
    g_autofree uint8_t *bytes = NULL;
    g_autoptr(GBytes) packet = NULL;

    length = MIN(length, left);
    bytes = g_malloc0(length + 1);
    hs_reader_copy(r, bytes, length);
    if (plausible && length >= 24) {
        bytes[0] = (uint8_t)(0x20 | (bytes[0] & 0x1f));
        bytes[1] &= 0xfa; /* neither A nor M */
        bytes[2] |= 1;
        bytes[3] = 24;
        bytes[7] |= 1;
        memcpy(bytes + 8, (const uint8_t[]){0, 0, 0xbe, 0xef}, 4);
    }
    packet = g_bytes_new(bytes, length);
    bfd_session_receive(s, now, packet);
}

static void
order(BfdSession *s, HsTime now, uint8_t step)
{
    switch (step >> 2 & 3) {
    case 0:
        bfd_session_set_enabled(s, now, false);
        return;
    case 1:
        bfd_session_set_enabled(s, now, true);
        return;
    case 2:
        bfd_session_path_down(s, now);
        return;
    default:
        if ((step & 0x10) != 0)
            bfd_session_set_detect_mult(s, now, (uint8_t)(1 + (step >> 5)));
        else
            bfd_session_forwarding_reset(s, now);
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    HsReader r = hs_reader_of(data, size);
    uint8_t flags = hs_reader_u8(&r);
    const BfdConfig config = {
        .discriminator = OURS,
        .desired_min_tx = HS_MSEC(300),
        .required_min_rx = HS_MSEC(300),
        .detect_mult = (flags & CONFIG_SINGLE) != 0 ? 1 : 3,
        .passive = (flags & CONFIG_PASSIVE) != 0,
        .disabled = (flags & CONFIG_DISABLED) != 0,
        .jitter = (BfdJitter)(flags / CONFIG_JITTER % 4 % 3),
    };
    g_autoptr(HsRng) rng = hs_rng_new(1, "fuzz", "bfd");
    g_autoptr(BfdSession) s = bfd_session_new(&config, rng, 0);
    BfdState state = bfd_session_state(s);
    HsTime now = 0;

    while (hs_reader_left(&r) > 0) {
        uint8_t step = hs_reader_u8(&r);

        switch (step & STEP_MASK) {
        case STEP_RECEIVE:
            receive(s, now, &r, (step & STEP_PLAUSIBLE) != 0);
            break;
        case STEP_EXPIRE: {
            HsTime next = bfd_session_next_expiry(s);

            if (next == HS_TIME_NEVER)
                break;
            now = hs_time_max(now, next);
            bfd_session_expire(s, now);
            must(bfd_session_next_expiry(s) > now);
            break;
        }
        case STEP_INTERVALS: {
            HsDuration tx = HS_MSEC(1) * (1 + hs_reader_u8(&r));
            HsDuration rx = HS_MSEC(1) * (1 + hs_reader_u8(&r));

            bfd_session_set_intervals(s, now, tx, rx);
            break;
        }
        default:
            order(s, now, step);
        }
        take_outputs(s, &state);
    }
    return 0;
}
