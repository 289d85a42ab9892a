/* Whole exchanges between two sessions, with a network and a peer that do what
 * the input says. The first byte chooses the configuration, then each byte is
 * an event with the bytes behind it for what it needs:
 *
 *   - datagrams are delivered, in any order, twice, changed, or not at all;
 *   - time passes, by a little or to the next instant that a session waits for;
 *   - orders: start, stop, rekeys, deletes, resets, another PSK, hints of ESP;
 *   - bytes from outside arrive, and messages that only a peer with the keys
 *     can send: any plaintext, or payloads that fit the state.
 *
 * Checked after each event: what is sent is a good message, and opens with the
 * keys that were said; states follow each other; child SAs are added before
 * they are used and removed once; instants lie ahead. And at the end both are
 * reset, the network behaves, and there must be a tunnel soon: nothing that
 * happened may stand in its way.
 *
 * The Diffie-Hellman is fixed_dh.c, which the linker takes in the place of the
 * real one. */

#include "config.h"

#include "models/crypto/dh.h"
#include "models/ikev2/ikev2.h"
#include "models/ikev2/keys.h"
#include "models/ikev2/payload.h"
#include "models/ikev2/protect.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A g_assert() that says nothing of the input, for the fuzzer's benefit. */
static void
must(bool holds)
{
    if (!holds)
        abort();
}

#define FLIGHT_MAX   64
#define CHILDREN_MAX 64
#define ROWS_MAX     64
#define EVENTS_MAX   96

typedef struct {
    GBytes *bytes;
    uint16_t from_port, to_port;
} Datagram;

typedef struct {
    IkeSession *session;
    HsRng *rng;
    HsAddr addr;
    IkeState state;
    Datagram out[FLIGHT_MAX]; /* what it sent, oldest first */
    unsigned out_count;
    unsigned children[CHILDREN_MAX]; /* numbers */
    uint32_t spis_out[CHILDREN_MAX];
    unsigned child_count;
    IkeKeys rows[ROWS_MAX];
    unsigned row_count;
    uint32_t request_id;  /* of its last request */
    uint8_t request_kind; /* its exchange */
    uint32_t expected_id; /* of the next request to it */
} Side;

typedef struct {
    HsReader input;
    HsTime now;
    IkePolicy ike, child;
    bool gcm;
    Side sides[2];
} Run;

enum {
    DELIVER,
    DELIVER_ALL,
    DROP,
    REPEAT,
    CHANGE,
    WAIT,
    EXPIRE,
    ORDER,
    HINT,
    OUTSIDE,
    FORGE,
    FORGE_RAW,
    EVENTS
};

/* Sessions */

static IkeConfig
make_config(uint8_t choice, unsigned side)
{
    IkeConfig c;
    char *why = NULL;
    bool gcm = (choice & 0x01) != 0;

    ike_config_init(&c, (choice & 0x02) != 0 && side == 1
                            ? IKE_PRESET_AWS
                            : IKE_PRESET_STRONGSWAN);
    c.local = hs_addr_ipv4(0xc0000201 + side);
    c.remote = hs_addr_ipv4(0xc0000202 - side);
    c.psk = "secret";
    c.cookie_always = (choice & 0x04) != 0;
    c.force_encap = (choice & 0x08) != 0 && side == 0;
    c.start = (choice & 0x10) != 0 || side == 0;
    c.dpd = IKE_DPD_PERIODIC;
    c.dpd_action = (choice & 0x20) != 0 ? IKE_ACTION_RESTART : IKE_ACTION_CLEAR;
    c.fragment_size = (choice & 0x40) != 0 ? 576 : 0;
    c.answer_stray = (choice & 0x80) != 0;
    c.lazy_restart = side == 1;
    /* other groups first on either side: INVALID_KE_PAYLOAD */
    must(ike_policy_parse(gcm ? side == 0 ? "aes128gcm16-prfsha1-x25519-ecp256"
                                          : "aes128gcm16-prfsha1-ecp256-x25519"
                          : side == 0 ? "aes128-sha1-x25519-ecp256"
                                      : "aes128-sha1-ecp256-x25519",
                          IKE_PROTOCOL_IKE, &c.ike_policy, &why));
    must(ike_policy_parse(side == 0 ? "aes128gcm16-aes128-sha1-x25519-ecp256"
                                    : "aes128-aes128gcm16-sha1-ecp256-x25519",
                          IKE_PROTOCOL_ESP, &c.child_policy, &why));
    if (side == 1)
        c.ike_policy.choice = c.child_policy.choice = IKE_CHOOSE_OWN;
    return c;
}

/* Reading the policies' text again and again would take a tenth of the time. */
static const IkeConfig *
config_of(uint8_t choice, unsigned side)
{
    static IkeConfig all[256][2];
    IkeConfig *c = &all[choice][side];

    if (c->psk == NULL)
        *c = make_config(choice, side);
    return c;
}

static void
start_run(Run *run, uint8_t choice)
{
    for (unsigned i = 0; i < 2; i++) {
        const IkeConfig *config = config_of(choice, i);
        Side *side = &run->sides[i];

        side->rng = hs_rng_new(1, i == 0 ? "a" : "b", "fuzz");
        side->addr = config->local;
        side->session = ike_session_new(config, side->rng, 0);
        side->state = IKE_STATE_IDLE;
        run->ike = config->ike_policy;
        run->child = config->child_policy;
    }
    run->gcm = (choice & 0x01) != 0;
}

static void
end_run(Run *run)
{
    for (unsigned i = 0; i < 2; i++) {
        ike_session_free(run->sides[i].session);
        hs_rng_free(run->sides[i].rng);
        for (unsigned k = 0; k < run->sides[i].out_count; k++)
            g_bytes_unref(run->sides[i].out[k].bytes);
    }
}

/* What comes out */

static const IkeSuite *
suite_of(const Run *run)
{
    static const IkeSuite cbc = {.protocol = IKE_PROTOCOL_IKE,
                                 .encr = IKE_ENCR_AES_CBC,
                                 .key_bits = 128,
                                 .prf = IKE_PRF_HMAC_SHA1,
                                 .integ = IKE_INTEG_HMAC_SHA1_96};
    static const IkeSuite gcm = {.protocol = IKE_PROTOCOL_IKE,
                                 .encr = IKE_ENCR_AES_GCM_16,
                                 .key_bits = 128,
                                 .prf = IKE_PRF_HMAC_SHA1};

    return run->gcm ? &gcm : &cbc;
}

static const IkeKeys *
row_of(const Side *side, const IkeHeader *h)
{
    for (unsigned i = side->row_count; i-- > 0;)
        if (side->rows[i].spi_i == h->spi_i && side->rows[i].spi_r == h->spi_r)
            return &side->rows[i];
    return NULL;
}

/* A sealed message opens, and is well formed inside. */
static void
check_inside(const Run *run, const Side *side, const IkeMessage *m)
{
    const IkeKeys *row = row_of(side, &m->header);
    bool i = m->header.initiator;
    g_autoptr(IkeProtector) p = NULL;
    g_autoptr(GBytes) plain = NULL;
    IkeChain chain;
    uint8_t first;

    if (side->row_count == ROWS_MAX)
        return; /* some were not kept */
    must(row != NULL);
    p = ike_protector_new(suite_of(run), i ? row->sk_ei : row->sk_er,
                          i ? row->sk_ai : row->sk_ar);
    must(ike_open(p, m, &plain, &first) == IKE_OPEN_GOOD);
    must(ike_chain_parse(g_bytes_get_data(plain, NULL), g_bytes_get_size(plain),
                         first, true, &chain) == IKE_FAULT_NONE);
    must(ike_chain_check(&chain) == IKE_FAULT_NONE);
}

static void
take_datagram(Run *run, Side *side, const IkeOutput *o)
{
    size_t length;
    const uint8_t *data = g_bytes_get_data(o->bytes, &length);
    IkeFault fault;
    IkeMessage m;

    if (o->local_port == IKE_NATT_PORT && length > 1) {
        must(length > 4 && memcmp(data, "\0\0\0\0", 4) == 0);
        data += 4;
        length -= 4;
    }
    if (length > 1) {
        fault = ike_message_parse(data, length, &m);
        /* an answer to a message of another version copies its header */
        must(fault == IKE_FAULT_NONE || fault == IKE_FAULT_EXCHANGE ||
             fault == IKE_FAULT_ZERO_SPI);
        must(ike_chain_check(&m.chain) == IKE_FAULT_NONE);
        if (m.header.next == IKE_PAYLOAD_SK)
            check_inside(run, side, &m);
        if (m.header.response)
            side->expected_id = m.header.id + 1;
        else {
            side->request_id = m.header.id;
            side->request_kind = m.header.exchange;
        }
    }
    if (side->out_count == FLIGHT_MAX)
        return;
    side->out[side->out_count++] =
        (Datagram){g_bytes_ref(o->bytes), o->local_port, o->remote_port};
}

static unsigned
place_of_child(const Side *side, unsigned number)
{
    unsigned i = 0;

    while (i < side->child_count && side->children[i] != number)
        i++;
    return i;
}

static void
take_child(Side *side, const IkeOutput *o)
{
    unsigned at = place_of_child(side, o->child->number);

    if (o->kind == IKE_OUTPUT_CHILD_ADD) {
        must(at == side->child_count && at < CHILDREN_MAX);
        side->children[at] = o->child->number;
        side->spis_out[at] = o->child->spi_out;
        side->child_count++;
        return;
    }
    must(at < side->child_count);
    if (o->kind != IKE_OUTPUT_CHILD_REMOVE)
        return;
    side->child_count--;
    side->children[at] = side->children[side->child_count];
    side->spis_out[at] = side->spis_out[side->child_count];
}

static void
take_output(Run *run, Side *side, const IkeOutput *o)
{
    switch (o->kind) {
    case IKE_OUTPUT_SEND:
        take_datagram(run, side, o);
        return;
    case IKE_OUTPUT_STATE:
        must(o->from == side->state && o->to != o->from);
        side->state = o->to;
        return;
    case IKE_OUTPUT_KEYS:
        if (side->row_count < ROWS_MAX)
            side->rows[side->row_count++] = *o->keys;
        return;
    case IKE_OUTPUT_CHILD_ADD:
    case IKE_OUTPUT_CHILD_SEND:
    case IKE_OUTPUT_CHILD_REMOVE:
    case IKE_OUTPUT_PEER:
        take_child(side, o);
        return;
    case IKE_OUTPUT_NOTIFY:
        return;
    }
}

static void
settle(Run *run)
{
    for (unsigned i = 0; i < 2; i++) {
        Side *side = &run->sides[i];
        IkeOutput o;

        while (ike_session_poll(side->session, &o)) {
            take_output(run, side, &o);
            ike_output_clear(&o);
        }
        must(ike_session_state(side->session) == side->state);
        must(ike_session_children(side->session) == side->child_count);
    }
}

static void
let_time_pass(Run *run, HsTime until)
{
    run->now = until;
    for (unsigned i = 0; i < 2; i++) {
        ike_session_expire(run->sides[i].session, run->now);
        settle(run);
    }
    /* What was due is done: nothing is due again at once, for ever. */
    for (unsigned n = 0;; n++) {
        bool due = false;

        for (unsigned i = 0; i < 2; i++) {
            Side *side = &run->sides[i];

            if (ike_session_next_expiry(side->session) > run->now)
                continue;
            due = true;
            ike_session_expire(side->session, run->now);
            settle(run);
        }
        if (!due)
            return;
        must(n < 32);
    }
}

/* The network */

static void
hand_over(Run *run, unsigned to, uint16_t to_port, uint16_t from_port,
          GBytes *bytes)
{
    ike_session_receive(run->sides[to].session, run->now, &run->sides[to].addr,
                        to_port, &run->sides[!to].addr, from_port, bytes);
    settle(run);
}

static Datagram
take_flying(Side *side, unsigned index)
{
    Datagram d = side->out[index];

    side->out_count--;
    memmove(&side->out[index], &side->out[index + 1],
            (side->out_count - index) * sizeof side->out[0]);
    return d;
}

static void
deliver(Run *run, unsigned from, unsigned index)
{
    Datagram d = take_flying(&run->sides[from], index);

    hand_over(run, !from, d.to_port, d.from_port, d.bytes);
    g_bytes_unref(d.bytes);
}

static void
deliver_all(Run *run)
{
    for (unsigned n = 0; n < 24; n++) {
        unsigned from = run->sides[0].out_count > 0 ? 0 : 1;

        if (run->sides[from].out_count == 0)
            return;
        deliver(run, from, 0);
    }
}

static void
change(Run *run, unsigned from, unsigned index)
{
    Datagram d = take_flying(&run->sides[from], index);
    size_t length;
    uint8_t *data = g_bytes_unref_to_data(d.bytes, &length);
    g_autoptr(GBytes) changed = NULL;
    size_t at = hs_reader_u16(&run->input);
    uint8_t mask = hs_reader_u8(&run->input);

    data[at % length] ^= mask;
    changed = g_bytes_new_take(data, length);
    hand_over(run, !from, d.to_port, d.from_port, changed);
}

/* A peer that has the keys */

static void
forge_payload(Run *run, const Side *victim, IkeBuilder *b, uint8_t what)
{
    static const uint8_t some[64] = {1, 2, 3};
    const uint32_t spi =
        victim->child_count > 0
            ? victim->spis_out[what / 32u % victim->child_count]
            : 0x12345678;
    IkeTsList ts = {.count = 1, .selectors = {ike_ts_any(HS_FAMILY_IPV4)}};

    switch (what % 20) {
    case 0:
        ike_delete_encode_ike(b);
        return;
    case 1:
        ike_delete_encode_esp(b, &spi, 1);
        return;
    case 2:
        ike_notify_encode_child(b, IKE_NOTIFY_REKEY_SA, spi, NULL, 0);
        return;
    case 3:
        ike_notify_encode(b, IKE_NOTIFY_TEMPORARY_FAILURE, NULL, 0);
        return;
    case 4:
        ike_notify_encode_child(b, IKE_NOTIFY_CHILD_SA_NOT_FOUND, spi, NULL, 0);
        return;
    case 5:
        ike_notify_encode_group(b, what & 32 ? CRYPTO_DH_ECP256
                                             : CRYPTO_DH_X25519);
        return;
    case 6:
        ike_notify_encode(b, IKE_NOTIFY_NO_ADDITIONAL_SAS, NULL, 0);
        return;
    case 7:
        ike_notify_encode(b, IKE_NOTIFY_AUTHENTICATION_FAILED, NULL, 0);
        return;
    case 8:
        ike_notify_encode(b, IKE_NOTIFY_INVALID_SYNTAX, NULL, 0);
        return;
    case 9:
        ike_offer_encode(b, &run->child, IKE_PROTOCOL_ESP, 0x1000u + what, 4,
                         (what & 32) != 0);
        return;
    case 10:
        ike_offer_encode(b, &run->ike, IKE_PROTOCOL_IKE, 0x1000u + what, 8,
                         false);
        return;
    case 11:
    case 12:
        ike_ke_encode(b, what % 20 == 11 ? CRYPTO_DH_ECP256 : CRYPTO_DH_X25519,
                      some, what % 20 == 11 ? 64 : 32);
        return;
    case 13:
        ike_nonce_encode(b, some, 32);
        return;
    case 14:
        ike_ts_encode(b, IKE_PAYLOAD_TSI, &ts);
        return;
    case 15:
        ike_ts_encode(b, IKE_PAYLOAD_TSR, &ts);
        return;
    case 16:
        ike_notify_encode(b, IKE_NOTIFY_INITIAL_CONTACT, NULL, 0);
        return;
    case 17: /* unknown and critical */
        ike_builder_open(b, (IkePayloadType)200);
        hs_writer_patch_u8(&b->writer, b->last + 1, IKE_CRITICAL);
        ike_builder_close(b);
        return;
    case 18: { /* the answer to a rekey */
        IkeSuite suite = {.protocol = IKE_PROTOCOL_ESP,
                          .encr = IKE_ENCR_AES_GCM_16,
                          .key_bits = 128,
                          .group = CRYPTO_DH_X25519};

        ike_choice_encode(b, &suite, 1, 0x2000u + what, 4, (what & 32) != 0);
        return;
    }
    default: {
        IkeSuite suite = *suite_of(run);

        suite.group = CRYPTO_DH_X25519;
        ike_choice_encode(b, &suite, 1, 0x2000u + what, 8, false);
        return;
    }
    }
}

/* How: bits for the exchange, the direction and the flags; which SA. */
static void
send_forged(Run *run, unsigned to, uint8_t how, IkeBuilder *b)
{
    Side *victim = &run->sides[to];
    const IkeKeys *row;
    g_autoptr(IkeProtector) p = NULL;
    g_autoptr(GBytes) message = NULL;
    IkeHeader h = {.initiator = (how & 0x04) != 0,
                   .response = (how & 0x08) != 0};

    if (victim->row_count == 0)
        return;
    row = &victim->rows[victim->row_count - 1 -
                        ((how & 0x10) != 0 && victim->row_count > 1)];
    h.spi_i = row->spi_i;
    h.spi_r = row->spi_r;
    h.exchange = (uint8_t)(IKE_EXCHANGE_SA_INIT + (how & 0x03));
    h.id = victim->expected_id;
    if (h.response) {
        h.id = victim->request_id;
        h.exchange = victim->request_kind;
    } else if ((how & 0x20) != 0)
        h.id = how >> 6;
    p = ike_protector_new(suite_of(run), h.initiator ? row->sk_ei : row->sk_er,
                          h.initiator ? row->sk_ai : row->sk_ar);
    message = ike_seal(p, b, &h, victim->rng);
    if (message != NULL)
        hand_over(run, to, IKE_PORT, IKE_PORT, message);
}

static void
forge(Run *run, unsigned to)
{
    g_auto(IkeBuilder) b = {0};
    uint8_t how = hs_reader_u8(&run->input);
    unsigned count = hs_reader_u8(&run->input) % 8;

    ike_builder_init(&b);
    for (unsigned i = 0; i < count; i++)
        forge_payload(run, &run->sides[to], &b, hs_reader_u8(&run->input));
    send_forged(run, to, how, &b);
}

static void
forge_raw(Run *run, unsigned to)
{
    g_auto(IkeBuilder) b = {0};
    uint8_t how = hs_reader_u8(&run->input);
    uint8_t first = hs_reader_u8(&run->input);
    HsReader part = hs_reader_sub(&run->input, hs_reader_u8(&run->input));

    ike_builder_init(&b);
    b.first = first;
    if (hs_reader_ok(&part))
        hs_writer_bytes(&b.writer, part.data, part.length);
    send_forged(run, to, how, &b);
}

static void
outside(Run *run, unsigned to)
{
    uint16_t port = hs_reader_u8(&run->input) & 1 ? IKE_NATT_PORT : IKE_PORT;
    size_t length = hs_reader_u16(&run->input);
    HsReader part =
        hs_reader_sub(&run->input, MIN(length, hs_reader_left(&run->input)));
    g_autoptr(GBytes) bytes = NULL;

    if (!hs_reader_ok(&part))
        return;
    bytes = g_bytes_new(part.data, part.length);
    (void)ike_session_claims(run->sides[to].session, part.data, part.length,
                             port == IKE_NATT_PORT);
    hand_over(run, to, port, port, bytes);
}

/* Orders */

static unsigned
some_child(Run *run, const Side *side)
{
    uint8_t which = hs_reader_u8(&run->input);

    return side->child_count == 0 ? which
                                  : side->children[which % side->child_count];
}

static void
order(Run *run, unsigned to)
{
    Side *side = &run->sides[to];
    IkeSession *s = side->session;

    switch (hs_reader_u8(&run->input) % 9) {
    case 0:
        ike_session_start(s, run->now);
        break;
    case 1:
        ike_session_stop(s, run->now);
        break;
    case 2:
        ike_session_listen(s, run->now);
        break;
    case 3:
        ike_session_reset(s, run->now);
        break;
    case 4:
    case 5:
        ike_session_rekey_ike(s, run->now);
        break;
    case 6:
        ike_session_rekey_child(s, run->now, some_child(run, side));
        break;
    case 7:
        ike_session_delete_child(s, run->now, some_child(run, side));
        break;
    case 8:
        ike_session_set_psk(s, hs_reader_u8(&run->input) & 1 ? "secret" : "no");
        break;
    }
    settle(run);
}

static void
hint(Run *run, unsigned to)
{
    Side *side = &run->sides[to];
    HsAddr elsewhere = hs_addr_ipv4(0xc6336401);

    switch (hs_reader_u8(&run->input) % 3) {
    case 0:
        ike_session_traffic_received(side->session, run->now,
                                     some_child(run, side));
        break;
    case 1:
        ike_session_traffic_sent(side->session, run->now);
        break;
    case 2:
        ike_session_peer_moved(side->session, run->now, some_child(run, side),
                               &elsewhere, 1024);
        break;
    }
    settle(run);
}

static HsTime
next_instant(const Run *run)
{
    return hs_time_min(ike_session_next_expiry(run->sides[0].session),
                       ike_session_next_expiry(run->sides[1].session));
}

static void
event(Run *run, uint8_t op)
{
    unsigned who = op >> 7;
    Side *side = &run->sides[who];
    unsigned index;

    switch ((op & 0x7f) % EVENTS) {
    case DELIVER_ALL:
        deliver_all(run);
        return;
    case DELIVER:
    case DROP:
    case REPEAT:
    case CHANGE:
        if (side->out_count == 0)
            return;
        index = hs_reader_u8(&run->input) % side->out_count;
        if ((op & 0x7f) % EVENTS == DELIVER)
            deliver(run, who, index);
        else if ((op & 0x7f) % EVENTS == DROP)
            g_bytes_unref(take_flying(side, index).bytes);
        else if ((op & 0x7f) % EVENTS == CHANGE)
            change(run, who, index);
        else {
            g_autoptr(GBytes) bytes = g_bytes_ref(side->out[index].bytes);

            hand_over(run, !who, side->out[index].to_port,
                      side->out[index].from_port, bytes);
        }
        return;
    case WAIT:
        let_time_pass(run, run->now + HS_MSEC(50) * hs_reader_u8(&run->input));
        return;
    case EXPIRE:
        if (next_instant(run) != HS_TIME_NEVER)
            let_time_pass(run, next_instant(run));
        return;
    case ORDER:
        order(run, who);
        return;
    case HINT:
        hint(run, who);
        return;
    case OUTSIDE:
        outside(run, who);
        return;
    case FORGE:
        forge(run, who);
        return;
    case FORGE_RAW:
        forge_raw(run, who);
        return;
    }
}

/* After all that: a tunnel. */
static void
recover(Run *run)
{
    IkeChild a, b;

    for (unsigned i = 0; i < 2; i++) {
        Side *side = &run->sides[i];

        while (side->out_count > 0)
            g_bytes_unref(take_flying(side, 0).bytes);
        ike_session_reset(side->session, run->now);
        ike_session_set_psk(side->session, "secret");
        ike_session_listen(side->session, run->now);
        settle(run);
    }
    must(run->sides[0].state == IKE_STATE_IDLE &&
         run->sides[1].state == IKE_STATE_IDLE);
    must(run->sides[0].child_count == 0 && run->sides[1].child_count == 0);
    ike_session_start(run->sides[0].session, run->now);
    settle(run);
    for (unsigned n = 0; n < 40; n++) {
        deliver_all(run);
        if (run->sides[0].out_count + run->sides[1].out_count > 0)
            continue;
        if (run->sides[0].state == IKE_STATE_ESTABLISHED &&
            run->sides[1].state == IKE_STATE_ESTABLISHED &&
            ike_session_child(run->sides[0].session, &a) &&
            ike_session_child(run->sides[1].session, &b) &&
            a.spi_out == b.spi_in && a.spi_in == b.spi_out)
            return;
        if (next_instant(run) != HS_TIME_NEVER)
            let_time_pass(run, MIN(next_instant(run), run->now + HS_SEC(20)));
    }
    must(false);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static Run run;

    if (size < 2)
        return 0;
    memset(&run, 0, sizeof run);
    run.input = hs_reader_of(data + 1, size - 1);
    start_run(&run, data[0]);
    ike_session_start(run.sides[0].session, 0);
    settle(&run);
    for (unsigned n = 0; n < EVENTS_MAX && hs_reader_left(&run.input) > 0;
         n++) {
        event(&run, hs_reader_u8(&run.input));
        must(next_instant(&run) >= run.now);
    }
    recover(&run);
    end_run(&run);
    return 0;
}
