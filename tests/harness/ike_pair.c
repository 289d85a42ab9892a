#include "config.h"

#include "tests/harness/ike_pair.h"

#include "models/ikev2/wire.h"

#include <check.h>
#include <string.h>

/* What is under way: IKE (bytes) or ESP (a copy of the SA it was sent on). */
typedef struct {
    HsTime at;
    unsigned to;
    GBytes *bytes; /* owned; NULL: ESP */
    HsAddr source, destination;
    uint16_t source_port, destination_port;
    IkeChild esp;
} Flying;

static void
flying_free(void *data)
{
    Flying *f = data;

    g_clear_pointer(&f->bytes, g_bytes_unref);
    g_free(f);
}

static HsAddr
address(const char *text)
{
    HsAddr a;

    ck_assert(hs_addr_parse(text, &a));
    return a;
}

void
ike_pair_configs(IkeConfig ret_configs[2])
{
    char *why = NULL;

    for (unsigned i = 0; i < 2; i++) {
        IkeConfig *c = &ret_configs[i];

        ike_config_init(c, IKE_PRESET_STRONGSWAN);
        c->local = address(i == 0 ? "192.0.2.1" : "198.51.100.1");
        c->remote = address(i == 0 ? "198.51.100.1" : "192.0.2.1");
        c->psk = "a shared secret";
        c->float_always = false;
        ck_assert(ike_policy_parse("aes128-sha256-x25519-ecp256",
                                   IKE_PROTOCOL_IKE, &c->ike_policy, &why));
        ck_assert(ike_policy_parse("aes128gcm16-aes128-sha256-x25519-ecp256-"
                                   "nopfs",
                                   IKE_PROTOCOL_ESP, &c->child_policy, &why));
    }
}

static void
log_line(void *user_data, const char *line)
{
    GString *log = user_data;

    g_string_append(log, line);
    g_string_append_c(log, '\n');
}

static void
make_session(IkePair *p, unsigned side)
{
    p->config[side].trace = &p->trace[side];
    p->session[side] = ike_session_new(&p->config[side], p->rng[side], p->now);
}

void
ike_pair_init(IkePair *p, const IkeConfig configs[2], uint64_t seed)
{
    memset(p, 0, sizeof *p);
    p->log = g_string_new(NULL);
    p->delay = HS_MSEC(10);
    g_queue_init(&p->flight);
    p->sent = g_array_new(FALSE, TRUE, sizeof(IkePairSent));
    p->bytes = g_ptr_array_new_with_free_func((GDestroyNotify)g_bytes_unref);
    for (unsigned i = 0; i < 2; i++) {
        p->trace[i] = (HsTrace){.line = log_line,
                                .user_data = p->log,
                                .node = i == 0 ? "a" : "b",
                                .protocol = "ike",
                                .peer = i == 0 ? "b" : "a"};
        p->rng[i] = hs_rng_new(seed, i == 0 ? "a" : "b", "ike");
        p->config[i] = configs[i];
        p->states[i] = g_array_new(FALSE, TRUE, sizeof(IkeOutput));
        p->removed[i] = g_array_new(FALSE, TRUE, sizeof(IkeOutput));
        p->notifies[i] = g_array_new(FALSE, TRUE, sizeof(uint16_t));
        p->children[i] = g_array_new(FALSE, TRUE, sizeof(IkeChild));
        p->rows[i] = g_array_new(FALSE, TRUE, sizeof(IkeKeys));
        make_session(p, i);
    }
}

void
ike_pair_clear(IkePair *p)
{
    for (unsigned i = 0; i < 2; i++) {
        ike_session_free(p->session[i]);
        hs_rng_free(p->rng[i]);
        g_array_unref(p->states[i]);
        g_array_unref(p->removed[i]);
        g_array_unref(p->notifies[i]);
        g_array_unref(p->children[i]);
        g_array_unref(p->rows[i]);
    }
    g_queue_clear_full(&p->flight, flying_free);
    g_array_unref(p->sent);
    g_ptr_array_unref(p->bytes);
    g_string_free(p->log, TRUE);
}

/* The ESP side */

static IkeChild *
child_at(const IkePair *p, unsigned side, unsigned i)
{
    return &g_array_index(p->children[side], IkeChild, i);
}

static IkeChild *
find_child(const IkePair *p, unsigned side, unsigned number)
{
    for (unsigned i = 0; i < p->children[side]->len; i++)
        if (child_at(p, side, i)->number == number)
            return child_at(p, side, i);
    return NULL;
}

static const IkeChild *
find_spi(const IkePair *p, unsigned side, uint32_t spi_in)
{
    for (unsigned i = 0; i < p->children[side]->len; i++)
        if (child_at(p, side, i)->spi_in == spi_in)
            return child_at(p, side, i);
    return NULL;
}

static bool
same_keys(const IkeChildKeys *a, const IkeChildKeys *b)
{
    return a->encryption_length == b->encryption_length &&
           a->integrity_length == b->integrity_length &&
           memcmp(a->encryption, b->encryption, a->encryption_length) == 0 &&
           memcmp(a->integrity, b->integrity, a->integrity_length) == 0;
}

static void
send_esp(IkePair *p, unsigned side)
{
    const IkeChild *c = find_child(p, side, p->sending[side]);
    Flying *f;

    if (c == NULL)
        return;
    p->count[side].sent++;
    ike_session_traffic_sent(p->session[side], p->now);
    if (p->cut[side]) {
        p->count[side].lost++;
        return;
    }
    f = g_new0(Flying, 1);
    f->at = p->now + p->delay;
    f->to = !side;
    f->esp = *c;
    g_queue_push_tail(&p->flight, f);
}

static void
receive_esp(IkePair *p, const Flying *f)
{
    const IkeChild *c = find_spi(p, f->to, f->esp.spi_out);

    if (c == NULL || !same_keys(&c->in, &f->esp.out)) {
        p->count[!f->to].lost++;
        return;
    }
    p->count[!f->to].accepted++;
    ike_session_traffic_received(p->session[f->to], p->now, c->number);
}

/* The network */

static bool
shift(uint64_t *mask)
{
    bool bit = (*mask & 1) != 0;

    *mask >>= 1;
    return bit;
}

static uint16_t
mapped(const IkePair *p, uint16_t port)
{
    return (uint16_t)(40000 + port + p->nat_shift);
}

/* The NAT's part; false: no mapping. */
static bool
translate(const IkePair *p, unsigned from, Flying *f)
{
    const HsAddr public = address("203.0.113.1");

    if (!p->nat)
        return true;
    if (from == 0) {
        f->source = public;
        f->source_port = mapped(p, f->source_port);
        return true;
    }
    if (!hs_addr_equal(&f->destination, &public))
        return false;
    f->destination = address("192.0.2.1");
    for (unsigned i = 0; i < 2; i++) {
        uint16_t port = i == 0 ? IKE_PORT : IKE_NATT_PORT;

        if (f->destination_port == mapped(p, port)) {
            f->destination_port = port;
            return true;
        }
    }
    return false;
}

static void
note_sent(IkePair *p, unsigned side, const IkeOutput *o, bool lost)
{
    size_t length;
    const uint8_t *data = g_bytes_get_data(o->bytes, &length);
    IkePairSent sent = {.at = p->now,
                        .side = side,
                        .length = length,
                        .local_port = o->local_port,
                        .remote_port = o->remote_port,
                        .keepalive = length == 1,
                        .lost = lost};

    if (!sent.keepalive) {
        size_t marker = o->local_port == IKE_NATT_PORT ? IKE_NON_ESP_MARKER : 0;
        IkeHeader h;

        ck_assert_uint_ge(length, marker);
        ck_assert_int_eq(ike_header_parse(data + marker, length - marker, &h),
                         IKE_FAULT_NONE);
        sent.exchange = h.exchange;
        sent.response = h.response;
        sent.initiator = h.initiator;
        sent.id = h.id;
        sent.spi_i = h.spi_i;
        sent.spi_r = h.spi_r;
    }
    g_array_append_val(p->sent, sent);
    g_ptr_array_add(p->bytes, g_bytes_ref(o->bytes));
}

static void
launch(IkePair *p, unsigned side, const IkeOutput *o, HsTime at)
{
    Flying *f = g_new0(Flying, 1);

    f->at = at;
    f->to = !side;
    f->bytes = g_bytes_ref(o->bytes);
    f->source = o->local;
    f->source_port = o->local_port;
    f->destination = o->remote;
    f->destination_port = o->remote_port;
    if (translate(p, side, f))
        g_queue_push_tail(&p->flight, f);
    else
        flying_free(f);
}

static void
send_ike(IkePair *p, unsigned side, IkeOutput *o)
{
    bool lost = shift(&p->lose[side]) || p->cut[side];
    bool twice = shift(&p->repeat[side]);
    bool hold = shift(&p->hold[side]);
    HsTime at = p->now + p->delay + (hold ? p->held : 0);

    if (p->tamper != NULL)
        p->tamper(p, side, &o->bytes);
    note_sent(p, side, o, lost);
    if (lost)
        return;
    launch(p, side, o, at);
    if (twice)
        launch(p, side, o, at + HS_MSEC(1));
}

static void
note_child(IkePair *p, unsigned side, const IkeOutput *o)
{
    IkeChild *c = find_child(p, side, o->child->number);

    switch (o->kind) {
    case IKE_OUTPUT_CHILD_ADD:
        ck_assert_ptr_null(c);
        ck_assert_uint_ge(o->child->spi_in, 256);
        ck_assert_uint_gt(o->child->in.encryption_length, 0);
        g_array_append_val(p->children[side], *o->child);
        p->added[side]++;
        return;
    case IKE_OUTPUT_CHILD_SEND:
        ck_assert_ptr_nonnull(c);
        p->sending[side] = o->child->number;
        return;
    case IKE_OUTPUT_CHILD_REMOVE:
        ck_assert_ptr_nonnull(c);
        for (unsigned i = 0; i < p->children[side]->len; i++)
            if (child_at(p, side, i) == c)
                g_array_remove_index(p->children[side], i);
        if (p->sending[side] == o->child->number)
            p->sending[side] = 0;
        g_array_append_val(p->removed[side], *o);
        return;
    case IKE_OUTPUT_PEER:
        ck_assert_ptr_nonnull(c);
        c->remote = o->child->remote;
        c->remote_port = o->child->remote_port;
        return;
    case IKE_OUTPUT_SEND:
    case IKE_OUTPUT_STATE:
    case IKE_OUTPUT_KEYS:
    case IKE_OUTPUT_NOTIFY:
        ck_abort();
    }
}

static void
take_output(IkePair *p, unsigned side, IkeOutput *o)
{
    switch (o->kind) {
    case IKE_OUTPUT_SEND:
        send_ike(p, side, o);
        return;
    case IKE_OUTPUT_STATE:
        ck_assert_int_ne(o->from, o->to);
        if (p->states[side]->len > 0)
            ck_assert_int_eq(ike_pair_last_state(p, side)->to, o->from);
        else
            ck_assert_int_eq(o->from, IKE_STATE_IDLE);
        g_array_append_val(p->states[side], *o);
        return;
    case IKE_OUTPUT_KEYS:
        g_array_append_val(p->rows[side], *o->keys);
        return;
    case IKE_OUTPUT_NOTIFY:
        g_array_append_val(p->notifies[side], o->notify);
        return;
    case IKE_OUTPUT_CHILD_ADD:
    case IKE_OUTPUT_CHILD_SEND:
    case IKE_OUTPUT_CHILD_REMOVE:
    case IKE_OUTPUT_PEER:
        note_child(p, side, o);
        return;
    }
}

static void
check(const IkePair *p, unsigned side)
{
    const IkeSession *s = p->session[side];
    IkeState state = ike_session_state(s);
    IkeChild c;

    ck_assert_int_ge(ike_session_next_expiry(s), p->now);
    ck_assert_uint_eq(ike_session_children(s), p->children[side]->len);
    if (p->states[side]->len > 0)
        ck_assert_int_eq(ike_pair_last_state(p, side)->to, state);
    if (ike_session_child(s, &c))
        ck_assert_uint_eq(c.number, p->sending[side]);
    else
        ck_assert_uint_eq(p->sending[side], 0);
}

void
ike_pair_take_outputs(IkePair *p)
{
    for (unsigned side = 0; side < 2; side++) {
        IkeOutput o;

        while (ike_session_poll(p->session[side], &o)) {
            take_output(p, side, &o);
            ike_output_clear(&o);
        }
        check(p, side);
    }
}

/* Time */

static Flying *
first_flying(const IkePair *p)
{
    Flying *first = NULL;

    for (GList *l = p->flight.head; l != NULL; l = l->next) {
        Flying *f = l->data;

        if (first == NULL || f->at < first->at)
            first = f;
    }
    return first;
}

static HsTime
next_instant(const IkePair *p)
{
    const Flying *f = first_flying(p);
    HsTime next = f != NULL ? f->at : HS_TIME_NEVER;

    if (p->esp != 0)
        next = hs_time_min(next, p->esp_due);
    for (unsigned i = 0; i < 2; i++)
        next = hs_time_min(next, ike_session_next_expiry(p->session[i]));
    return next;
}

static void
step(IkePair *p)
{
    Flying *f = first_flying(p);

    if (f != NULL && f->at <= p->now) {
        g_queue_remove(&p->flight, f);
        if (f->bytes == NULL)
            receive_esp(p, f);
        else
            ike_session_receive(p->session[f->to], p->now, &f->destination,
                                f->destination_port, &f->source, f->source_port,
                                f->bytes);
        flying_free(f);
    } else if (p->esp != 0 && p->esp_due <= p->now) {
        send_esp(p, 0);
        send_esp(p, 1);
        p->esp_due = p->now + p->esp;
    } else
        for (unsigned i = 0; i < 2; i++) {
            ike_session_expire(p->session[i], p->now);
            ck_assert_int_gt(ike_session_next_expiry(p->session[i]), p->now);
        }
    ike_pair_take_outputs(p);
}

void
ike_pair_run(IkePair *p, HsTime until)
{
    ike_pair_take_outputs(p);
    if (p->esp != 0)
        p->esp_due = hs_time_max(p->esp_due, p->now);
    for (HsTime next = next_instant(p); next <= until; next = next_instant(p)) {
        p->now = hs_time_max(p->now, next);
        step(p);
    }
    p->now = until;
}

void
ike_pair_up(IkePair *p)
{
    HsTime limit = p->now + HS_SEC(60);

    ike_session_start(p->session[0], p->now);
    ike_pair_take_outputs(p);
    while (p->sending[0] == 0 || p->sending[1] == 0) {
        HsTime next = next_instant(p);

        ck_assert_msg(next <= limit, "not up:\n%s", p->log->str);
        ike_pair_run(p, next);
    }
}

void
ike_pair_drop_flight(IkePair *p)
{
    g_queue_clear_full(&p->flight, flying_free);
}

void
ike_pair_restart(IkePair *p, unsigned side)
{
    ike_session_free(p->session[side]);
    g_array_set_size(p->states[side], 0);
    g_array_set_size(p->children[side], 0);
    p->sending[side] = 0;
    make_session(p, side);
    ike_pair_take_outputs(p);
}

/* Questions */

bool
ike_pair_agrees(const IkePair *p)
{
    uint64_t i[2], r[2];
    const char *suite[2];

    for (unsigned side = 0; side < 2; side++) {
        const IkeChild *mine, *other;

        if (p->children[side]->len != 1 ||
            ike_session_ike_sas(p->session[side]) != 1 ||
            !ike_session_ike_sa(p->session[side], &i[side], &r[side],
                                &suite[side]))
            return false;
        mine = find_child(p, side, p->sending[side]);
        if (mine == NULL)
            return false;
        other = find_spi(p, !side, mine->spi_out);
        if (other == NULL || !same_keys(&mine->out, &other->in) ||
            strcmp(mine->suite, other->suite) != 0 || mine->esn != other->esn)
            return false;
    }
    return i[0] == i[1] && r[0] == r[1] && strcmp(suite[0], suite[1]) == 0;
}

const IkeOutput *
ike_pair_last_state(const IkePair *p, unsigned side)
{
    const GArray *states = p->states[side];

    ck_assert_uint_gt(states->len, 0);
    return &g_array_index(states, IkeOutput, states->len - 1);
}

unsigned
ike_pair_count(const IkePair *p, unsigned side, IkeExchange exchange,
               bool response)
{
    unsigned count = 0;

    for (unsigned i = 0; i < p->sent->len; i++) {
        const IkePairSent *s = &g_array_index(p->sent, IkePairSent, i);

        count += s->side == side && s->exchange == (uint8_t)exchange &&
                 s->response == response && !s->keepalive;
    }
    return count;
}

/* Forgery */

/* The algorithms of a row, from its words for Wireshark. */
static IkeSuite
suite_of(const IkeKeys *row)
{
    IkeSuite suite = {.protocol = IKE_PROTOCOL_IKE,
                      .encr = IKE_ENCR_AES_CBC,
                      .key_bits = strstr(row->encryption, "256") ? 256 : 128};

    if (strstr(row->encryption, "GCM") != NULL)
        suite.encr = IKE_ENCR_AES_GCM_16;
    else if (strstr(row->integrity, "SHA1") != NULL)
        suite.integ = IKE_INTEG_HMAC_SHA1_96;
    else if (strstr(row->integrity, "256_128") != NULL)
        suite.integ = IKE_INTEG_HMAC_SHA2_256_128;
    else if (strstr(row->integrity, "384_192") != NULL)
        suite.integ = IKE_INTEG_HMAC_SHA2_384_192;
    else
        suite.integ = IKE_INTEG_HMAC_SHA2_512_256;
    return suite;
}

static const IkeKeys *
find_row(const IkePair *p, uint64_t spi_i, uint64_t spi_r)
{
    for (unsigned side = 0; side < 2; side++)
        for (unsigned i = 0; i < p->rows[side]->len; i++) {
            const IkeKeys *row = &g_array_index(p->rows[side], IkeKeys, i);

            if (row->spi_i == spi_i && row->spi_r == spi_r)
                return row;
        }
    return NULL;
}

static IkeProtector *
protector(const IkeKeys *row, bool initiator)
{
    const IkeSuite suite = suite_of(row);

    return ike_protector_new(&suite, initiator ? row->sk_ei : row->sk_er,
                             initiator ? row->sk_ai : row->sk_ar);
}

void
ike_pair_deliver(IkePair *p, unsigned side, GBytes *bytes)
{
    ike_session_receive(p->session[side], p->now, &p->config[side].local,
                        IKE_PORT, &p->config[side].remote, IKE_PORT, bytes);
    ike_pair_take_outputs(p);
}

void
ike_pair_forge(IkePair *p, unsigned side, const IkeHeader *header,
               IkeBuilder *b)
{
    const IkeKeys *row = find_row(p, header->spi_i, header->spi_r);
    g_autoptr(IkeProtector) seal = NULL;
    g_autoptr(GBytes) bytes = NULL;

    ck_assert_ptr_nonnull(row);
    seal = protector(row, header->initiator);
    bytes = ike_seal(seal, b, header, p->rng[side]);
    ck_assert_ptr_nonnull(bytes);
    ike_pair_deliver(p, !side, bytes);
}

GBytes *
ike_pair_open(const IkePair *p, GBytes *datagram, uint8_t *ret_first)
{
    size_t length;
    const uint8_t *data = g_bytes_get_data(datagram, &length);
    static const uint8_t marker[IKE_NON_ESP_MARKER];
    IkeMessage m;
    const IkeKeys *row;
    g_autoptr(IkeProtector) open = NULL;
    GBytes *plain = NULL;

    if (length > sizeof marker && memcmp(data, marker, sizeof marker) == 0) {
        data += sizeof marker;
        length -= sizeof marker;
    }
    if (ike_message_parse(data, length, &m) != IKE_FAULT_NONE)
        return NULL;
    row = find_row(p, m.header.spi_i, m.header.spi_r);
    if (row == NULL)
        return NULL;
    open = protector(row, m.header.initiator);
    if (ike_open(open, &m, &plain, ret_first) != IKE_OPEN_GOOD)
        return NULL;
    return plain;
}
