#include "config.h"

#include "tests/harness/bfd_pair.h"

#include <check.h>

typedef struct {
    HsTime arrival;
    GBytes *packet; /* owned */
} Flight;

static void
flight_free(void *data)
{
    Flight *f = data;

    g_bytes_unref(f->packet);
    g_free(f);
}

static void
keep_line(void *user_data, const char *line)
{
    BfdPair *p = user_data;

    g_string_append_printf(p->log, "%s\n", line);
}

static void
put_on_link(BfdPair *p, unsigned side, GBytes *packet)
{
    BfdPairSent sent = {.at = p->now};
    size_t length;
    const uint8_t *data = g_bytes_get_data(packet, &length);
    bool lost = p->cut[side] || (p->lose[side] & 1) != 0;
    Flight *f;

    ck_assert_int_eq(bfd_packet_decode(data, length, &sent.packet),
                     BFD_DROP_NONE);
    ck_assert(!(sent.packet.poll && sent.packet.final)); /* RFC 5880 6.5 */
    g_array_append_val(p->sent[side], sent);
    p->lose[side] >>= 1;
    if (lost)
        return;
    f = g_new(Flight, 1);
    f->arrival = p->now + p->delay[side];
    f->packet = g_bytes_ref(packet);
    g_queue_push_tail(&p->flight[side], f);
}

void
bfd_pair_take_outputs(BfdPair *p)
{
    for (unsigned side = 0; side < 2; side++) {
        BfdOutput output;

        while (bfd_session_poll(p->session[side], &output)) {
            if (output.kind == BFD_OUTPUT_SEND)
                put_on_link(p, side, output.packet);
            else
                g_array_append_val(p->changes[side], output);
            bfd_output_clear(&output);
        }
    }
}

/* What holds after every step. */
static void
check_invariants(const BfdPair *p)
{
    for (unsigned side = 0; side < 2; side++) {
        const BfdSession *s = p->session[side];

        ck_assert(bfd_session_next_expiry(s) > p->now);
        if (bfd_session_state(s) == BFD_UP) {
            ck_assert_uint_ne(bfd_session_remote_discriminator(s), 0);
            ck_assert_int_eq(bfd_session_diag(s), BFD_DIAG_NONE);
            ck_assert(bfd_session_last_received(s) +
                          bfd_session_detection_time(s) >
                      p->now);
        }
    }
}

static HsTime
next_arrival(BfdPair *p, unsigned from)
{
    const Flight *f = g_queue_peek_head(&p->flight[from]);

    return f != NULL ? f->arrival : HS_TIME_NEVER;
}

static HsTime
next_event(BfdPair *p)
{
    HsTime next = HS_TIME_NEVER;

    for (unsigned side = 0; side < 2; side++) {
        next = hs_time_min(next, next_arrival(p, side));
        next = hs_time_min(next, bfd_session_next_expiry(p->session[side]));
    }
    return next;
}

static void
step(BfdPair *p)
{
    for (unsigned from = 0; from < 2; from++)
        while (next_arrival(p, from) <= p->now) {
            Flight *f = g_queue_pop_head(&p->flight[from]);

            bfd_session_receive(p->session[1 - from], p->now, f->packet);
            p->arrived[1 - from] = p->now;
            flight_free(f);
        }
    for (unsigned side = 0; side < 2; side++)
        bfd_session_expire(p->session[side], p->now);
    bfd_pair_take_outputs(p);
}

void
bfd_pair_run(BfdPair *p, HsTime until)
{
    for (HsTime next; (next = next_event(p)) <= until;) {
        ck_assert(next >= p->now);
        p->now = next;
        step(p);
        check_invariants(p);
    }
    p->now = until;
}

static bool
both_up(const BfdPair *p)
{
    return bfd_session_state(p->session[0]) == BFD_UP &&
           bfd_session_state(p->session[1]) == BFD_UP;
}

void
bfd_pair_up(BfdPair *p)
{
    HsTime limit = p->now + HS_SEC(30);

    while (!both_up(p)) {
        HsTime next = next_event(p);

        ck_assert_msg(next <= limit, "not Up after 30 s:\n%s", p->log->str);
        bfd_pair_run(p, next);
    }
}

const BfdOutput *
bfd_pair_last_change(const BfdPair *p, unsigned side)
{
    ck_assert_uint_gt(p->changes[side]->len, 0);
    return &g_array_index(p->changes[side], BfdOutput,
                          p->changes[side]->len - 1);
}

void
bfd_pair_init(BfdPair *p, const BfdConfig *a, const BfdConfig *b,
              HsDuration delay, uint64_t seed)
{
    static const char *const names[] = {"a", "b"};

    *p = (BfdPair){.log = g_string_new(NULL)};
    for (unsigned side = 0; side < 2; side++) {
        BfdConfig config = side == 0 ? *a : *b;

        p->trace[side] = (HsTrace){
            .line = keep_line,
            .user_data = p,
            .node = names[side],
            .protocol = "bfd",
        };
        config.trace = &p->trace[side];
        p->rng[side] = hs_rng_new(seed, names[side], "bfd");
        p->session[side] = bfd_session_new(&config, p->rng[side], 0);
        p->delay[side] = delay;
        p->arrived[side] = HS_TIME_NEVER;
        p->changes[side] = g_array_new(FALSE, FALSE, sizeof(BfdOutput));
        p->sent[side] = g_array_new(FALSE, FALSE, sizeof(BfdPairSent));
        g_queue_init(&p->flight[side]);
    }
}

void
bfd_pair_clear(BfdPair *p)
{
    for (unsigned side = 0; side < 2; side++) {
        bfd_session_free(p->session[side]);
        hs_rng_free(p->rng[side]);
        g_queue_clear_full(&p->flight[side], flight_free);
        g_array_unref(p->changes[side]);
        g_array_unref(p->sent[side]);
    }
    g_string_free(p->log, TRUE);
}
