/* Two BFD sessions with a path between them that the input makes bad, and time.
 *
 * The first byte chooses the configuration. Then follow steps of one byte and
 * what belongs to it: time passes, packets to come are lost, one that was sent
 * comes once more or is damaged, an operator gives an order, a system restarts.
 * At the end the path is good again and both sides are opened: then both must
 * be Up before long, unless a damaged packet asked for intervals of an hour. */

#include "config.h"

#include "models/base/wire.h"
#include "models/bfd/bfd.h"

#include <stdlib.h>

enum {
    CONFIG_PASSIVE = 0x01, /* b is */
    CONFIG_SINGLE = 0x02,  /* a's multiplier is 1 */
    CONFIG_JITTER = 0x04,  /* a's; two bits */
    CONFIG_DELAY = 0x10,   /* the path's, in 10 ms; four bits */

    STEP_TIME = 0,
    STEP_LOSE,
    STEP_INTERVALS,
    STEP_ORDER,
    STEP_AGAIN,
    STEP_DAMAGE,
    STEP_RESTART,
    STEP_KINDS,
    STEP_SIDE = 0x80, /* b's, not a's */

    STEPS_MAX = 40,
    PACKETS_MAX = 2000,
};

typedef struct {
    HsTime arrival;
    GBytes *packet; /* owned */
} Flight;

typedef struct {
    BfdSession *session; /* owned */
    HsRng *rng;          /* owned */
    BfdConfig config;
    BfdState state; /* by its outputs */
    GQueue flight;  /* Flight, from this side */
    GBytes *last;   /* sent; owned, or NULL */
    uint8_t lose;   /* bit mask of the next packets */
    uint8_t damage; /* XORed into a byte of the next packet, if not 0 */
    uint8_t damaged_at;
} Side;

typedef struct {
    Side side[2];
    HsTime now;
    HsDuration delay;
    bool was_damaged;
    unsigned packets;
} Pair;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
must(bool holds)
{
    if (!holds)
        abort();
}

static void
flight_free(void *data)
{
    Flight *flight = data;

    g_bytes_unref(flight->packet);
    g_free(flight);
}

static void
fly(Pair *p, Side *from, GBytes *packet)
{
    Flight *flight = g_new(Flight, 1);

    flight->arrival = p->now + p->delay;
    flight->packet = g_bytes_ref(packet);
    g_queue_push_tail(&from->flight, flight);
}

static void
damage(Pair *p, Side *from, GBytes *packet)
{
    size_t length;
    const uint8_t *data = g_bytes_get_data(packet, &length);
    g_autofree uint8_t *copy = g_memdup2(data, length);
    g_autoptr(GBytes) bad = NULL;

    copy[from->damaged_at % length] ^= from->damage;
    bad = g_bytes_new(copy, length);
    fly(p, from, bad);
    from->damage = 0;
    p->was_damaged = true;
}

static void
send_packet(Pair *p, Side *from, GBytes *packet)
{
    size_t length;
    const uint8_t *data = g_bytes_get_data(packet, &length);
    BfdPacket said;

    must(bfd_packet_decode(data, length, &said) == BFD_DROP_NONE);
    must(!(said.poll && said.final));
    must(said.my_discriminator == from->config.discriminator);
    must(said.state == BFD_UP || said.desired_min_tx >= 1000000);
    p->packets++;
    g_clear_pointer(&from->last, g_bytes_unref);
    from->last = g_bytes_ref(packet);
    if ((from->lose & 1) == 0) {
        if (from->damage != 0)
            damage(p, from, packet);
        else
            fly(p, from, packet);
    }
    from->lose >>= 1;
}

static void
take_outputs(Pair *p)
{
    for (unsigned i = 0; i < 2; i++) {
        Side *side = &p->side[i];
        BfdOutput output;

        while (bfd_session_poll(side->session, &output)) {
            if (output.kind == BFD_OUTPUT_SEND) {
                send_packet(p, side, output.packet);
            } else {
                must(output.from == side->state && output.to != side->state);
                side->state = output.to;
            }
            bfd_output_clear(&output);
        }
        must(bfd_session_state(side->session) == side->state);
        must(side->state != BFD_UP ||
             bfd_session_remote_discriminator(side->session) != 0);
    }
}

static HsTime
next_arrival(Side *from)
{
    const Flight *flight = g_queue_peek_head(&from->flight);

    return flight != NULL ? flight->arrival : HS_TIME_NEVER;
}

static void
run(Pair *p, HsTime until)
{
    for (;;) {
        HsTime next = HS_TIME_NEVER;

        for (unsigned i = 0; i < 2; i++) {
            next = hs_time_min(next, next_arrival(&p->side[i]));
            next =
                hs_time_min(next, bfd_session_next_expiry(p->side[i].session));
        }
        if (next > until || p->packets > PACKETS_MAX)
            break;
        p->now = hs_time_max(p->now, next); /* past: at once */
        for (unsigned i = 0; i < 2; i++)
            while (next_arrival(&p->side[i]) <= p->now) {
                Flight *flight = g_queue_pop_head(&p->side[i].flight);

                bfd_session_receive(p->side[1 - i].session, p->now,
                                    flight->packet);
                flight_free(flight);
            }
        for (unsigned i = 0; i < 2; i++) {
            bfd_session_expire(p->side[i].session, p->now);
            must(bfd_session_next_expiry(p->side[i].session) > p->now);
        }
        take_outputs(p);
    }
    p->now = until;
}

static void
restart(Pair *p, Side *side)
{
    bfd_session_free(side->session);
    side->config.discriminator += 2;
    side->session = bfd_session_new(&side->config, side->rng, p->now);
    side->state = bfd_session_state(side->session);
}

static void
order(Pair *p, Side *side, uint8_t which)
{
    switch (which % 6) {
    case 0:
        bfd_session_set_enabled(side->session, p->now, false);
        return;
    case 1:
        bfd_session_set_enabled(side->session, p->now, true);
        return;
    case 2:
        bfd_session_path_down(side->session, p->now);
        return;
    case 3:
        bfd_session_forwarding_reset(side->session, p->now);
        return;
    default:
        bfd_session_set_detect_mult(side->session, p->now,
                                    (uint8_t)(which % 5 + 1));
    }
}

static void
step(Pair *p, HsReader *r)
{
    uint8_t what = hs_reader_u8(r);
    uint8_t first = hs_reader_u8(r);
    Side *side = &p->side[(what & STEP_SIDE) != 0];

    switch ((what & 0x7f) % STEP_KINDS) {
    case STEP_TIME:
        run(p, p->now + HS_MSEC(10) * (1 + first));
        break;
    case STEP_LOSE:
        side->lose = first;
        break;
    case STEP_INTERVALS:
        bfd_session_set_intervals(side->session, p->now,
                                  HS_MSEC(10) * (1 + first),
                                  HS_MSEC(10) * (1 + hs_reader_u8(r)));
        break;
    case STEP_ORDER:
        order(p, side, first);
        break;
    case STEP_AGAIN:
        if (side->last != NULL)
            fly(p, side, side->last);
        break;
    case STEP_DAMAGE:
        side->damage = first;
        side->damaged_at = hs_reader_u8(r);
        break;
    default:
        restart(p, side);
    }
    take_outputs(p);
}

static void
begin(Pair *p, uint8_t flags)
{
    p->delay = HS_MSEC(10) * (flags / CONFIG_DELAY);
    for (unsigned i = 0; i < 2; i++) {
        Side *side = &p->side[i];

        g_queue_init(&side->flight);
        side->rng = hs_rng_new(i, "fuzz", "bfd");
        side->config = (BfdConfig){
            .discriminator = i + 1,
            .desired_min_tx = HS_MSEC(300),
            .required_min_rx = HS_MSEC(300),
            .detect_mult = i == 0 && (flags & CONFIG_SINGLE) != 0 ? 1 : 3,
            .passive = i == 1 && (flags & CONFIG_PASSIVE) != 0,
        };
        if (i == 0)
            side->config.jitter = (BfdJitter)(flags / CONFIG_JITTER % 4 % 3);
        side->session = bfd_session_new(&side->config, side->rng, 0);
        side->state = BFD_DOWN;
    }
}

/* A detection time of the longest intervals, some slow packets each way. */
static void
heal(Pair *p)
{
    for (unsigned i = 0; i < 2; i++) {
        Side *side = &p->side[i];

        side->lose = side->damage = 0;
        bfd_session_set_enabled(side->session, p->now, true);
        /* One packet a delay is not enough for a multiplier of 1. */
        bfd_session_set_detect_mult(side->session, p->now, 3);
        bfd_session_set_intervals(side->session, p->now, HS_SEC(1), HS_SEC(1));
    }
    take_outputs(p);
    p->packets = 0;
    run(p, p->now + HS_SEC(30));
    must(p->side[0].state == BFD_UP && p->side[1].state == BFD_UP);
    for (unsigned i = 0; i < 2; i++) {
        must(bfd_session_tx_interval(p->side[i].session) == HS_SEC(1));
        must(bfd_session_detection_time(p->side[i].session) == HS_SEC(3));
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    HsReader r = hs_reader_of(data, size);
    Pair p = {0};

    begin(&p, hs_reader_u8(&r));
    for (unsigned i = 0; i < STEPS_MAX && hs_reader_left(&r) > 0; i++)
        step(&p, &r);
    if (!p.was_damaged && p.packets <= PACKETS_MAX)
        heal(&p);
    for (unsigned i = 0; i < 2; i++) {
        bfd_session_free(p.side[i].session);
        hs_rng_free(p.side[i].rng);
        g_clear_pointer(&p.side[i].last, g_bytes_unref);
        g_queue_clear_full(&p.side[i].flight, flight_free);
    }
    return 0;
}
