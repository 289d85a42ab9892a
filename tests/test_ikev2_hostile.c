/* What a peer, or somebody on the path, may send and must not achieve
 * (RFC 7296 2.1 to 2.3, 2.5, 2.21, 2.25, 3.2). */

#include "config.h"

#include "models/crypto/dh.h"
#include "models/ikev2/payload.h"
#include "tests/harness/ike_pair.h"
#include "tests/harness/run.h"

#include <string.h>

static void
up(IkePair *p)
{
    IkeConfig c[2];

    ike_pair_configs(c);
    c[0].max_children = c[1].max_children = 1;
    ike_pair_init(p, c, 1);
    ike_pair_up(p);
}

static bool
is_untouched(const IkePair *p)
{
    return ike_pair_agrees(p) && p->added[0] == 1 && p->added[1] == 1;
}

/* On the path */

/* Every message so far once more, to either side, in both orders. */
START_TEST(replays_do_nothing)
{
    g_auto(IkePair) p;
    unsigned count;

    up(&p);
    count = p.bytes->len;
    for (unsigned i = 0; i < 2 * count; i++) {
        unsigned k = i < count ? i : 2 * count - 1 - i;

        ike_pair_deliver(&p, 0, g_ptr_array_index(p.bytes, k));
        ike_pair_deliver(&p, 1, g_ptr_array_index(p.bytes, k));
    }
    ike_pair_run(&p, p.now + HS_SEC(60));
    ck_assert(is_untouched(&p));
}
END_TEST

/* Each message cut at each length, and with each of its bytes changed, in
 * front of the whole one: the handshake comes about nevertheless. */
static void
damage(IkePair *p, unsigned side, GBytes **datagram)
{
    size_t length;
    const uint8_t *data = g_bytes_get_data(*datagram, &length);
    const int *mode = p->tamper_data;

    for (size_t i = 0; i < length; i++) {
        g_autofree uint8_t *copy = g_memdup2(data, length);
        g_autoptr(GBytes) bad = NULL;

        copy[i] ^= (uint8_t)(1 << *mode % 8);
        bad = *mode == 8 ? g_bytes_new(data, i) : g_bytes_new(copy, length);
        ike_session_receive(p->session[!side], p->now, &p->config[!side].local,
                            IKE_PORT, &p->config[side].local, IKE_PORT, bad);
    }
}

START_TEST(damaged_messages_of_an_sa_do_nothing)
{
    g_auto(IkePair) p;

    up(&p);
    p.tamper = damage;
    p.tamper_data = &_i;
    ike_session_rekey_child(p.session[0], p.now, 1);
    ike_pair_take_outputs(&p);
    ike_pair_run(&p, p.now + HS_SEC(1));
    ike_session_rekey_ike(p.session[1], p.now);
    ike_pair_take_outputs(&p);
    ike_pair_run(&p, p.now + HS_SEC(10));
    p.tamper = NULL;
    ck_assert(ike_pair_agrees(&p));
    ck_assert_uint_eq(p.added[0], 2);
    ck_assert_uint_gt(
        ike_session_counter(p.session[1], IKE_COUNT_DROP_INTEGRITY) +
            ike_session_counter(p.session[1], IKE_COUNT_DROP_MALFORMED),
        0);
}
END_TEST

/* The same before there are keys: nothing breaks, whatever comes of it. */
START_TEST(damaged_first_messages)
{
    IkeConfig c[2];
    g_auto(IkePair) p;

    ike_pair_configs(c);
    ike_pair_init(&p, c, 1);
    p.tamper = damage;
    p.tamper_data = &_i;
    ike_session_start(p.session[0], p.now);
    ike_pair_run(&p, HS_MSEC(100));
    p.tamper = NULL;
    ike_pair_run(&p, HS_SEC(200));
    ike_session_reset(p.session[0], p.now);
    ike_session_reset(p.session[1], p.now);
    ike_pair_take_outputs(&p);
    ike_pair_up(&p);
    ike_pair_run(&p, p.now + HS_SEC(60));
    ck_assert(ike_pair_agrees(&p));
}
END_TEST

/* A bare message before there is an SA, and its answer's notify, or 0. */
static uint16_t
answer_to(IkePair *p, const uint8_t *data, size_t length)
{
    g_autoptr(GBytes) bytes = g_bytes_new(data, length);
    unsigned before = p->bytes->len;
    const uint8_t *sent;
    IkeMessage m;
    IkeNotify n;

    ike_pair_deliver(p, 1, bytes);
    if (p->bytes->len == before)
        return 0;
    sent = g_bytes_get_data(g_ptr_array_index(p->bytes, before), &length);
    ck_assert_int_eq(ike_message_parse(sent, length, &m), IKE_FAULT_NONE);
    ck_assert(m.header.response);
    ck_assert(!m.header.initiator);
    ck_assert_int_eq(
        ike_notify_decode(ike_chain_find(&m.chain, IKE_PAYLOAD_NOTIFY, NULL),
                          &n),
        IKE_FAULT_NONE);
    return n.type;
}

/* Written by hand: the header, then a payload. */
#define HEADER(next, version, exchange, flags, length)                         \
    1, 2, 3, 4, 5, 6, 7, 8, 0, 0, 0, 0, 0, 0, 0, 0, next, version, exchange,   \
        flags, 0, 0, 0, 0, 0, 0, 0, length

static const struct {
    const char *name;
    uint8_t bytes[64];
    size_t length;
    uint16_t answer;
} bare[] = {
    {"major version 3",
     {HEADER(0, 0x30, 34, 8, 28)},
     28,
     IKE_NOTIFY_INVALID_MAJOR_VERSION},
    {"a response of version 3", {HEADER(0, 0x30, 34, 0x28, 28)}, 28, 0},
    {"major version 1", {HEADER(0, 0x10, 34, 8, 28)}, 28, 0},
    {"no payload at all",
     {HEADER(0, 0x20, 34, 8, 28)},
     28,
     IKE_NOTIFY_INVALID_SYNTAX},
    {"minor version 5 is nothing to mind",
     {HEADER(0, 0x25, 34, 8, 28)},
     28,
     IKE_NOTIFY_INVALID_SYNTAX},
    {"unknown payload",
     {HEADER(200, 0x20, 34, 8, 32), 0, 0, 0, 4},
     32,
     IKE_NOTIFY_INVALID_SYNTAX},
    {"unknown critical payload",
     {HEADER(200, 0x20, 34, 8, 32), 0, 0x80, 0, 4},
     32,
     IKE_NOTIFY_UNSUPPORTED_CRITICAL_PAYLOAD},
    {"payload beyond the end",
     {HEADER(40, 0x20, 34, 8, 32), 0, 0, 0, 5},
     32,
     IKE_NOTIFY_INVALID_SYNTAX},
    {"IKE_AUTH without an SA", {HEADER(0, 0x20, 35, 8, 28)}, 28, 0},
    {"IKE_SA_INIT by a responder", {HEADER(0, 0x20, 34, 0, 28)}, 28, 0},
    {"an answer to nothing", {HEADER(0, 0x20, 34, 0x20, 28)}, 28, 0},
    {"unknown exchange", {HEADER(0, 0x20, 99, 8, 28)}, 28, 0},
    {"a header cut off", {HEADER(0, 0x20, 34, 8, 28)}, 27, 0},
};

START_TEST(bare_messages)
{
    IkeConfig c[2];
    g_auto(IkePair) p;
    uint16_t answer;

    ike_pair_configs(c);
    ike_pair_init(&p, c, 1);
    answer = answer_to(&p, bare[_i].bytes, bare[_i].length);
    ck_assert_msg(answer == bare[_i].answer, "%s: %s", bare[_i].name,
                  ike_notify_name(answer));
    ck_assert_uint_eq(ike_session_ike_sas(p.session[1]), 0);
}
END_TEST

START_TEST(datagrams_on_the_nat_port)
{
    static const uint8_t byte[] = {0xff, 0, 0, 1};
    IkeConfig c[2];
    g_auto(IkePair) p;

    ike_pair_configs(c);
    ike_pair_init(&p, c, 1);
    for (size_t length = 0; length <= sizeof byte; length++) {
        g_autoptr(GBytes) bytes = g_bytes_new(byte, length);

        ike_session_receive(p.session[1], 0, &c[1].local, IKE_NATT_PORT,
                            &c[1].remote, IKE_NATT_PORT, bytes);
    }
    ike_pair_take_outputs(&p);
    ck_assert_uint_eq(p.sent->len, 0);
    /* one of them is a keep-alive */
    ck_assert_uint_eq(
        ike_session_counter(p.session[1], IKE_COUNT_DROP_MALFORMED), 4);
}
END_TEST

/* Requests behind a good integrity check */

typedef void (*Write)(IkePair *p, IkeBuilder *b);

static IkeHeader
header(const IkePair *p, IkeExchange exchange, uint32_t id)
{
    IkeHeader h = {.exchange = (uint8_t)exchange, .initiator = true, .id = id};
    const char *suite;

    ck_assert(ike_session_ike_sa(p->session[0], &h.spi_i, &h.spi_r, &suite));
    return h;
}

static void
write_nothing(IkePair *p, IkeBuilder *b)
{
    (void)p;
    (void)b;
}

static void
write_unknown(IkePair *p, IkeBuilder *b)
{
    (void)p;
    ike_builder_add(b, (IkePayloadType)200, "x", 1);
}

static void
write_critical(IkePair *p, IkeBuilder *b)
{
    size_t at = hs_writer_length(&b->writer);

    write_unknown(p, b);
    hs_writer_patch_u8(&b->writer, at + 1, 0x80);
}

static void
write_short_nonce(IkePair *p, IkeBuilder *b)
{
    (void)p;
    ike_builder_add(b, IKE_PAYLOAD_NONCE, "short", 5);
}

static void
write_delete_unknown(IkePair *p, IkeBuilder *b)
{
    const uint32_t spis[] = {0x12345678, 0xffffffff};

    (void)p;
    ike_delete_encode_esp(b, spis, 2);
    ike_builder_add(b, IKE_PAYLOAD_DELETE, "\2\4\0\1\1\1\1\1", 8); /* AH */
}

static void
write_auth_failed(IkePair *p, IkeBuilder *b)
{
    (void)p;
    ike_notify_encode(b, IKE_NOTIFY_AUTHENTICATION_FAILED, NULL, 0);
}

static void
write_status(IkePair *p, IkeBuilder *b)
{
    (void)p;
    ike_notify_encode(b, 40000, "private", 7);
    ike_notify_encode(b, 8000, "error of a kind nobody knows", 10);
    ike_builder_add(b, IKE_PAYLOAD_VENDOR, "vendor", 6);
}

/* A child SA's request by parts. */
static void
write_child(IkePair *p, IkeBuilder *b, const char *policy_text, uint16_t group,
            const char *ts, bool whole)
{
    static const uint8_t nonce[32] = {1, 2, 3}, value[256];
    IkePolicy policy;
    HsPrefix prefix;
    IkeTsList list = {.count = 1};
    char *why = NULL;

    (void)p;
    ck_assert(ike_policy_parse(policy_text, IKE_PROTOCOL_ESP, &policy, &why));
    ck_assert(hs_prefix_parse(ts, &prefix));
    list.selectors[0] = ike_ts_prefix(&prefix);
    ike_offer_encode(b, &policy, IKE_PROTOCOL_ESP, 0x11223344, 4, false);
    if (whole)
        ike_nonce_encode(b, nonce, sizeof nonce);
    if (group != 0)
        ike_ke_encode(b, group, value, crypto_dh_public_length(group));
    ike_ts_encode(b, IKE_PAYLOAD_TSI, &list);
    if (whole)
        ike_ts_encode(b, IKE_PAYLOAD_TSR, &list);
}

static void
write_second_child(IkePair *p, IkeBuilder *b)
{
    ike_notify_encode(b, IKE_NOTIFY_USE_TRANSPORT_MODE, NULL, 0);
    write_child(p, b, "aes128gcm16-nopfs", 0, "0.0.0.0/0", true);
}

static void
write_rekey_unknown(IkePair *p, IkeBuilder *b)
{
    ike_notify_encode_child(b, IKE_NOTIFY_REKEY_SA, 0x12345678, NULL, 0);
    write_child(p, b, "aes128gcm16-nopfs", 0, "0.0.0.0/0", true);
}

static void
put_rekey(IkePair *p, IkeBuilder *b)
{
    IkeChild c;

    ck_assert(ike_session_child(p->session[0], &c));
    ike_notify_encode_child(b, IKE_NOTIFY_REKEY_SA, c.spi_in, NULL, 0);
}

static void
write_rekey_weak(IkePair *p, IkeBuilder *b)
{
    put_rekey(p, b);
    write_child(p, b, "aes256-sha512-nopfs", 0, "0.0.0.0/0", true);
}

static void
write_rekey_group(IkePair *p, IkeBuilder *b)
{
    put_rekey(p, b);
    write_child(p, b, "aes128gcm16-x25519", 2, "0.0.0.0/0", true);
}

static void
write_rekey_zero(IkePair *p, IkeBuilder *b)
{
    put_rekey(p, b); /* a public value of zeros */
    write_child(p, b, "aes128gcm16-x25519", 31, "0.0.0.0/0", true);
}

static void
write_rekey_selectors(IkePair *p, IkeBuilder *b)
{
    put_rekey(p, b);
    write_child(p, b, "aes128gcm16-nopfs", 0, "::/0", true);
}

static void
write_rekey_half(IkePair *p, IkeBuilder *b)
{
    put_rekey(p, b);
    write_child(p, b, "aes128gcm16-nopfs", 0, "0.0.0.0/0", false);
}

static void
write_ike(IkeBuilder *b, const char *text, uint16_t group, uint64_t spi)
{
    static const uint8_t nonce[32] = {1, 2, 3}, value[256];
    IkePolicy policy;
    char *why = NULL;

    ck_assert(ike_policy_parse(text, IKE_PROTOCOL_IKE, &policy, &why));
    ike_offer_encode(b, &policy, IKE_PROTOCOL_IKE, spi, 8, false);
    ike_nonce_encode(b, nonce, sizeof nonce);
    if (group != 0)
        ike_ke_encode(b, group, value, crypto_dh_public_length(group));
}

static void
write_ike_weak(IkePair *p, IkeBuilder *b)
{
    (void)p;
    write_ike(b, "aes256-sha512-modp2048", 14, 99);
}

static void
write_ike_group(IkePair *p, IkeBuilder *b)
{
    (void)p;
    write_ike(b, "aes128-sha256-x25519", 2, 99);
}

static void
write_ike_without_ke(IkePair *p, IkeBuilder *b)
{
    (void)p;
    write_ike(b, "aes128-sha256-x25519", 0, 99);
}

static void
write_ike_zero(IkePair *p, IkeBuilder *b)
{
    (void)p;
    write_ike(b, "aes128-sha256-x25519", 31, 99);
}

static void
write_ike_no_spi(IkePair *p, IkeBuilder *b)
{
    (void)p;
    write_ike(b, "aes128-sha256-x25519", 31, 0);
}

static const struct {
    const char *name;
    IkeExchange exchange;
    Write write;
    uint16_t answer; /* 0: without an error */
    bool fatal;      /* the SA is gone */
} inside[] = {
    {"nothing", IKE_EXCHANGE_INFORMATIONAL, write_nothing, 0, false},
    {"unknown payload", IKE_EXCHANGE_INFORMATIONAL, write_unknown, 0, false},
    {"unknown critical payload", IKE_EXCHANGE_INFORMATIONAL, write_critical,
     IKE_NOTIFY_UNSUPPORTED_CRITICAL_PAYLOAD, false},
    {"malformed payload", IKE_EXCHANGE_INFORMATIONAL, write_short_nonce,
     IKE_NOTIFY_INVALID_SYNTAX, true},
    {"delete of what is not", IKE_EXCHANGE_INFORMATIONAL, write_delete_unknown,
     0, false},
    {"unknown notifies", IKE_EXCHANGE_INFORMATIONAL, write_status, 0, false},
    {"authentication failed", IKE_EXCHANGE_INFORMATIONAL, write_auth_failed, 0,
     true},
    {"IKE_AUTH once more", IKE_EXCHANGE_AUTH, write_nothing,
     IKE_NOTIFY_INVALID_SYNTAX, true},
    {"CREATE_CHILD_SA of nothing", IKE_EXCHANGE_CREATE_CHILD_SA, write_nothing,
     IKE_NOTIFY_INVALID_SYNTAX, true},
    {"a second child", IKE_EXCHANGE_CREATE_CHILD_SA, write_second_child,
     IKE_NOTIFY_NO_ADDITIONAL_SAS, false},
    {"rekey of what is not", IKE_EXCHANGE_CREATE_CHILD_SA, write_rekey_unknown,
     IKE_NOTIFY_CHILD_SA_NOT_FOUND, false},
    {"rekey with other algorithms", IKE_EXCHANGE_CREATE_CHILD_SA,
     write_rekey_weak, IKE_NOTIFY_NO_PROPOSAL_CHOSEN, false},
    {"rekey with a KE of another group", IKE_EXCHANGE_CREATE_CHILD_SA,
     write_rekey_group, IKE_NOTIFY_INVALID_KE_PAYLOAD, false},
    {"rekey with a bad KE", IKE_EXCHANGE_CREATE_CHILD_SA, write_rekey_zero,
     IKE_NOTIFY_INVALID_SYNTAX, true},
    {"rekey with other selectors", IKE_EXCHANGE_CREATE_CHILD_SA,
     write_rekey_selectors, IKE_NOTIFY_TS_UNACCEPTABLE, false},
    {"rekey without nonce and TSr", IKE_EXCHANGE_CREATE_CHILD_SA,
     write_rekey_half, IKE_NOTIFY_INVALID_SYNTAX, true},
    {"IKE rekey with other algorithms", IKE_EXCHANGE_CREATE_CHILD_SA,
     write_ike_weak, IKE_NOTIFY_NO_PROPOSAL_CHOSEN, false},
    {"IKE rekey with a KE of another group", IKE_EXCHANGE_CREATE_CHILD_SA,
     write_ike_group, IKE_NOTIFY_INVALID_KE_PAYLOAD, false},
    {"IKE rekey without KE", IKE_EXCHANGE_CREATE_CHILD_SA, write_ike_without_ke,
     IKE_NOTIFY_INVALID_SYNTAX, true},
    {"IKE rekey with a bad KE", IKE_EXCHANGE_CREATE_CHILD_SA, write_ike_zero,
     IKE_NOTIFY_INVALID_SYNTAX, true},
    {"IKE rekey without an SPI", IKE_EXCHANGE_CREATE_CHILD_SA, write_ike_no_spi,
     IKE_NOTIFY_NO_PROPOSAL_CHOSEN, false},
};

/* The error in the last datagram of b, or 0. */
static uint16_t
last_error(const IkePair *p)
{
    g_autoptr(GBytes) plain = NULL;
    uint8_t first;
    size_t length, from = 0;
    const uint8_t *data;
    IkeChain chain;
    const IkePayload *payload;

    plain = ike_pair_open(p, g_ptr_array_index(p->bytes, p->bytes->len - 1),
                          &first);
    ck_assert_ptr_nonnull(plain);
    data = g_bytes_get_data(plain, &length);
    ck_assert_int_eq(ike_chain_parse(data, length, first, true, &chain),
                     IKE_FAULT_NONE);
    while ((payload = ike_chain_find(&chain, IKE_PAYLOAD_NOTIFY, &from))) {
        IkeNotify n;

        ck_assert_int_eq(ike_notify_decode(payload, &n), IKE_FAULT_NONE);
        if (n.type < IKE_NOTIFY_STATUS_MIN)
            return n.type;
    }
    return 0;
}

START_TEST(requests_of_a_strange_peer)
{
    g_auto(IkePair) p;
    g_auto(IkeBuilder) b = {0};
    IkeHeader h;
    unsigned before;

    up(&p);
    ike_builder_init(&b);
    inside[_i].write(&p, &b);
    h = header(&p, inside[_i].exchange, 2);
    before = p.bytes->len;
    ike_pair_forge(&p, 0, &h, &b);
    ck_assert_uint_eq(p.bytes->len, before + 1);
    ck_assert_msg(last_error(&p) == inside[_i].answer, "%s: %s",
                  inside[_i].name, ike_notify_name(last_error(&p)));
    ck_assert_msg((ike_session_state(p.session[1]) == IKE_STATE_IDLE) ==
                      inside[_i].fatal,
                  "%s", inside[_i].name);
    ck_assert_uint_eq(p.children[1]->len, inside[_i].fatal ? 0 : 1);
}
END_TEST

/* RFC 7296 2.2, 2.3: only the next ID is worked on. */
START_TEST(wrong_message_ids)
{
    static const uint32_t ids[] = {0, 3, 4, 0xffffffff};
    g_auto(IkePair) p;

    up(&p);
    for (unsigned i = 0; i < G_N_ELEMENTS(ids); i++) {
        g_auto(IkeBuilder) b = {0};
        IkeHeader h = header(&p, IKE_EXCHANGE_INFORMATIONAL, ids[i]);
        unsigned before = p.bytes->len;

        ike_builder_init(&b);
        ike_delete_encode_ike(&b);
        ike_pair_forge(&p, 0, &h, &b);
        ck_assert_uint_eq(p.bytes->len, before);
    }
    ck_assert_uint_eq(
        ike_session_counter(p.session[1], IKE_COUNT_DROP_MESSAGE_ID), 4);
    ck_assert(is_untouched(&p));
}
END_TEST

/* Answers behind a good integrity check */

static void
write_error(IkePair *p, IkeBuilder *b)
{
    const uint16_t *type = p->tamper_data;

    ike_notify_encode(b, *type, "\0\x1f", *type == 17 ? 2 : 0);
}

static void
write_wrong_suite(IkePair *p, IkeBuilder *b)
{
    write_child(p, b, "aes256-sha512-nopfs", 0, "0.0.0.0/0", true);
}

static void
write_zero_ke(IkePair *p, IkeBuilder *b)
{
    write_child(p, b, "aes128gcm16-x25519", 31, "0.0.0.0/0", true);
}

static const struct {
    const char *name;
    bool ike; /* to the rekey of the IKE SA, else of the child */
    Write write;
    uint16_t error;
    IkeState state;    /* at once */
    unsigned children; /* at once */
} answers[] = {
    {"nothing", false, write_nothing, 0, IKE_STATE_IDLE, 1},
    {"another suite", false, write_wrong_suite, 0, IKE_STATE_IDLE, 1},
    {"a bad KE", false, write_zero_ke, 0, IKE_STATE_IDLE, 1},
    {"malformed", false, write_short_nonce, 0, IKE_STATE_IDLE, 0},
    {"an unknown critical payload", false, write_critical, 0, IKE_STATE_IDLE,
     0},
    {"INVALID_SYNTAX", false, write_error, 7, IKE_STATE_IDLE, 0},
    {"NO_PROPOSAL_CHOSEN", false, write_error, 14, IKE_STATE_ESTABLISHED, 1},
    {"NO_ADDITIONAL_SAS", false, write_error, 35, IKE_STATE_ESTABLISHED, 1},
    {"CHILD_SA_NOT_FOUND", false, write_error, 44, IKE_STATE_ESTABLISHED, 0},
    {"the group that was offered", false, write_error, 17,
     IKE_STATE_ESTABLISHED, 1},
    {"nothing", true, write_nothing, 0, IKE_STATE_IDLE, 1},
    {"a child SA", true, write_second_child, 0, IKE_STATE_IDLE, 1},
    {"a bad KE", true, write_ike_zero, 0, IKE_STATE_IDLE, 1},
    {"INVALID_SYNTAX", true, write_error, 7, IKE_STATE_IDLE, 0},
    {"NO_PROPOSAL_CHOSEN", true, write_error, 14, IKE_STATE_ESTABLISHED, 1},
};

START_TEST(answers_of_a_strange_peer)
{
    g_auto(IkePair) p;
    g_auto(IkeBuilder) b = {0};
    IkeHeader h;
    uint16_t error = answers[_i].error;

    up(&p);
    p.tamper_data = &error;
    p.cut[1] = true;
    if (answers[_i].ike)
        ike_session_rekey_ike(p.session[0], p.now);
    else
        ike_session_rekey_child(p.session[0], p.now, 1);
    ike_pair_take_outputs(&p);
    h = header(&p, IKE_EXCHANGE_CREATE_CHILD_SA, 2);
    h.initiator = false;
    h.response = true;
    ike_builder_init(&b);
    answers[_i].write(&p, &b);
    ike_pair_forge(&p, 1, &h, &b);
    ck_assert_msg(ike_session_state(p.session[0]) == answers[_i].state,
                  "%s: %s", answers[_i].name,
                  ike_state_name(ike_session_state(p.session[0])));
    ck_assert_msg(p.children[0]->len == answers[_i].children, "%s",
                  answers[_i].name);
    /* whatever it was, it comes to an end or goes on */
    p.cut[1] = false;
    ike_pair_run(&p, p.now + HS_SEC(400));
}
END_TEST

/* RFC 7296 2.25: TEMPORARY_FAILURE for minutes on end closes the IKE SA. */
static void
always_busy(IkePair *p, unsigned side, GBytes **datagram)
{
    size_t length;
    const uint8_t *data = g_bytes_get_data(*datagram, &length);
    IkeHeader h;
    IkeProtector *seal;
    const IkeKeys *row = &g_array_index(p->rows[0], IkeKeys, 0);
    const IkeSuite suite = {.protocol = IKE_PROTOCOL_IKE,
                            .encr = IKE_ENCR_AES_CBC,
                            .key_bits = 128,
                            .integ = IKE_INTEG_HMAC_SHA2_256_128};
    g_auto(IkeBuilder) b = {0};

    if (side == 0 || ike_header_parse(data, length, &h) != IKE_FAULT_NONE ||
        h.exchange != IKE_EXCHANGE_CREATE_CHILD_SA)
        return;
    seal = ike_protector_new(&suite, row->sk_er, row->sk_ar);
    ike_builder_init(&b);
    ike_notify_encode(&b, IKE_NOTIFY_TEMPORARY_FAILURE, NULL, 0);
    g_bytes_unref(*datagram);
    *datagram = ike_seal(seal, &b, &h, p->rng[1]);
    ike_protector_free(seal);
}

START_TEST(busy_for_ever)
{
    IkeConfig c[2];
    g_auto(IkePair) p;

    ike_pair_configs(c);
    c[1].half_open = HS_SEC(3000); /* b has its new SA, and waits for a */
    ike_pair_init(&p, c, 1);
    ike_pair_up(&p);
    p.tamper = always_busy;
    if (_i == 0)
        ike_session_rekey_child(p.session[0], p.now, 1);
    else
        ike_session_rekey_ike(p.session[0], p.now);
    ike_pair_take_outputs(&p);
    ike_pair_run(&p, HS_SEC(290));
    ck_assert_msg(ike_session_state(p.session[0]) == IKE_STATE_ESTABLISHED,
                  "%s", p.log->str);
    ck_assert_uint_ge(
        ike_pair_count(&p, 0, IKE_EXCHANGE_CREATE_CHILD_SA, false), 15);
    ike_pair_run(&p, HS_SEC(400));
    ck_assert_int_eq(ike_session_state(p.session[0]), IKE_STATE_IDLE);
    ck_assert_int_eq(ike_pair_last_state(&p, 0)->cause, IKE_CAUSE_REFUSED);
}
END_TEST

/* Answers to IKE_SA_INIT, which nobody vouches for. */
static void
write_cookie(IkePair *p, IkeBuilder *b)
{
    (void)p;
    ike_notify_encode(b, IKE_NOTIFY_COOKIE, "again", 5);
}

static void
write_strange_init(IkePair *p, IkeBuilder *b)
{
    static const uint8_t nonce[32] = {1}, value[32];
    const IkeSuite suite = {.protocol = IKE_PROTOCOL_IKE,
                            .encr = IKE_ENCR_AES_CBC,
                            .key_bits = 128,
                            .prf = IKE_PRF_HMAC_SHA2_256,
                            .integ = IKE_INTEG_HMAC_SHA2_256_128,
                            .group = 31};

    (void)p;
    ike_choice_encode(b, &suite, 1, 0, 0, false);
    ike_ke_encode(b, 31, value, sizeof value);
    ike_nonce_encode(b, nonce, sizeof nonce);
}

static void
write_other_init(IkePair *p, IkeBuilder *b)
{
    static const uint8_t nonce[32] = {1}, value[32];
    const IkeSuite suite = {.protocol = IKE_PROTOCOL_IKE,
                            .encr = IKE_ENCR_AES_CBC,
                            .key_bits = 256,
                            .prf = IKE_PRF_HMAC_SHA1,
                            .integ = IKE_INTEG_HMAC_SHA1_96,
                            .group = 31};

    (void)p;
    ike_choice_encode(b, &suite, 1, 0, 0, false);
    ike_ke_encode(b, 31, value, sizeof value);
    ike_nonce_encode(b, nonce, sizeof nonce);
}

static const struct {
    const char *name;
    Write write;
    uint16_t error;
    uint32_t id;
    IkeCause cause; /* NONE: passed over */
} inits[] = {
    {"nothing", write_nothing, 0, 0, IKE_CAUSE_NONE},
    {"another message ID", write_error, 14, 1, IKE_CAUSE_NONE},
    {"the group that was offered", write_error, 17, 0, IKE_CAUSE_NO_PROPOSAL},
    {"INVALID_SYNTAX", write_error, 7, 0, IKE_CAUSE_PROTOCOL},
    {"INVALID_MAJOR_VERSION", write_error, 5, 0, IKE_CAUSE_REFUSED},
    {"a public value of zeros", write_strange_init, 0, 0, IKE_CAUSE_PROTOCOL},
    {"what was not offered", write_other_init, 0, 0, IKE_CAUSE_NO_PROPOSAL},
    {"cookies without end", write_cookie, 0, 0, IKE_CAUSE_NONE},
};

START_TEST(first_answers_of_a_strange_peer)
{
    IkeConfig c[2];
    g_auto(IkePair) p;
    uint16_t error = inits[_i].error;

    ike_pair_configs(c);
    ike_pair_init(&p, c, 1);
    p.tamper_data = &error;
    p.cut[0] = true;
    ike_session_start(p.session[0], 0);
    ike_pair_take_outputs(&p);
    for (unsigned i = 0; i < (inits[_i].write == write_cookie ? 20 : 1); i++) {
        g_auto(IkeBuilder) b = {0};
        g_autoptr(GBytes) bytes = NULL;
        const IkeHeader h = {.spi_i =
                                 g_array_index(p.sent, IkePairSent, 0).spi_i,
                             .spi_r = 77,
                             .exchange = IKE_EXCHANGE_SA_INIT,
                             .response = true,
                             .id = inits[_i].id};

        ike_builder_init(&b);
        inits[_i].write(&p, &b);
        bytes = ike_builder_message(&b, &h);
        ike_pair_deliver(&p, 0, bytes);
    }
    if (inits[_i].cause == IKE_CAUSE_NONE) {
        ck_assert_msg(ike_session_state(p.session[0]) == IKE_STATE_NEGOTIATING,
                      "%s", inits[_i].name);
        ck_assert_uint_le(p.sent->len, 6);
        p.cut[0] = false;
        ike_pair_run(&p, HS_SEC(10));
        ck_assert_msg(inits[_i].write == write_cookie || ike_pair_agrees(&p),
                      "%s", inits[_i].name);
    } else {
        ck_assert_msg(ike_pair_last_state(&p, 0)->cause == inits[_i].cause,
                      "%s: %s", inits[_i].name,
                      ike_cause_name(ike_pair_last_state(&p, 0)->cause));
        ck_assert_int_eq(ike_session_state(p.session[0]), IKE_STATE_IDLE);
    }
}
END_TEST

/* IKE_AUTH of a strange initiator, and answers of a strange responder. */
static void
put_identity(IkeBuilder *b, IkePayloadType type)
{
    ike_id_encode(b, type, IKE_ID_FQDN, "strange.example", 15);
}

static void
write_idi(IkePair *p, IkeBuilder *b)
{
    (void)p;
    put_identity(b, IKE_PAYLOAD_IDI);
}

static void
write_wrong_auth(IkePair *p, IkeBuilder *b)
{
    (void)p;
    put_identity(b, IKE_PAYLOAD_IDI);
    put_identity(b, IKE_PAYLOAD_IDR);
    ike_auth_encode(b, IKE_AUTH_SHARED_KEY, "0123456789abcdef0123456789abcdef",
                    32);
}

static void
write_signature(IkePair *p, IkeBuilder *b)
{
    (void)p;
    put_identity(b, IKE_PAYLOAD_IDI);
    put_identity(b, IKE_PAYLOAD_IDR);
    ike_auth_encode(b, IKE_AUTH_RSA, "0123456789abcdef0123456789abcdef", 32);
}

static const struct {
    const char *name;
    bool answer; /* of the responder, else of the initiator */
    Write write;
    uint16_t error; /* the request's answer */
    IkeCause cause;
} auths[] = {
    {"no identity", false, write_nothing, IKE_NOTIFY_INVALID_SYNTAX,
     IKE_CAUSE_PROTOCOL},
    {"no AUTH: EAP is wanted", false, write_idi,
     IKE_NOTIFY_AUTHENTICATION_FAILED, IKE_CAUSE_AUTHENTICATION},
    {"a wrong AUTH", false, write_wrong_auth, IKE_NOTIFY_AUTHENTICATION_FAILED,
     IKE_CAUSE_AUTHENTICATION},
    {"a signature", false, write_signature, IKE_NOTIFY_AUTHENTICATION_FAILED,
     IKE_CAUSE_AUTHENTICATION},
    {"an unknown critical payload", false, write_critical,
     IKE_NOTIFY_UNSUPPORTED_CRITICAL_PAYLOAD, IKE_CAUSE_PROTOCOL},
    {"a malformed payload", false, write_short_nonce, IKE_NOTIFY_INVALID_SYNTAX,
     IKE_CAUSE_PROTOCOL},
    {"nothing", true, write_nothing, 0, IKE_CAUSE_AUTHENTICATION},
    {"a wrong AUTH", true, write_wrong_auth, 0, IKE_CAUSE_AUTHENTICATION},
    {"a signature", true, write_signature, 0, IKE_CAUSE_AUTHENTICATION},
    {"an error of some kind", true, write_error, 36, IKE_CAUSE_REFUSED},
    {"a malformed payload", true, write_short_nonce, 0, IKE_CAUSE_PROTOCOL},
};

START_TEST(authentication_of_a_strange_peer)
{
    IkeConfig c[2];
    g_auto(IkePair) p;
    g_auto(IkeBuilder) b = {0};
    uint16_t error = auths[_i].error;
    unsigned who = auths[_i].answer ? 0 : 1; /* that is under test */
    const IkeKeys *row;
    IkeHeader h;

    ike_pair_configs(c);
    ike_pair_init(&p, c, 1);
    p.tamper_data = &error;
    ike_session_start(p.session[0], 0);
    ike_pair_take_outputs(&p);
    p.lose[0] = 1; /* the IKE_AUTH request, as the first is under way */
    ike_pair_run(&p, HS_MSEC(25));
    row = &g_array_index(p.rows[0], IkeKeys, 0);
    h = (IkeHeader){.spi_i = row->spi_i,
                    .spi_r = row->spi_r,
                    .exchange = IKE_EXCHANGE_AUTH,
                    .initiator = !auths[_i].answer,
                    .response = auths[_i].answer,
                    .id = 1};
    ike_builder_init(&b);
    auths[_i].write(&p, &b);
    ike_pair_forge(&p, !who, &h, &b);
    ck_assert_msg(ike_pair_last_state(&p, who)->cause == auths[_i].cause,
                  "%s: %s", auths[_i].name,
                  ike_cause_name(ike_pair_last_state(&p, who)->cause));
    ck_assert_int_eq(ike_session_state(p.session[who]), IKE_STATE_IDLE);
    if (!auths[_i].answer)
        ck_assert_msg(last_error(&p) == error, "%s: %s", auths[_i].name,
                      ike_notify_name(last_error(&p)));
    ck_assert_uint_eq(p.added[who], 0);
}
END_TEST

/* b's IKE_AUTH answer with another suite for the child, or without one. */
static void
rewrite_auth(IkePair *p, GBytes **datagram, bool with_child)
{
    g_autoptr(GBytes) plain = NULL;
    g_auto(IkeBuilder) b = {0};
    g_autoptr(IkeProtector) seal = NULL;
    const IkeKeys *row;
    const IkeSuite suite = {.protocol = IKE_PROTOCOL_IKE,
                            .encr = IKE_ENCR_AES_CBC,
                            .key_bits = 128,
                            .integ = IKE_INTEG_HMAC_SHA2_256_128};
    size_t length;
    const uint8_t *data = g_bytes_get_data(*datagram, &length);
    IkeHeader h;
    IkeChain chain;
    uint8_t first;

    ck_assert_int_eq(ike_header_parse(data, length, &h), IKE_FAULT_NONE);
    plain = ike_pair_open(p, *datagram, &first);
    if (plain == NULL || h.exchange != IKE_EXCHANGE_AUTH)
        return;
    data = g_bytes_get_data(plain, &length);
    ck_assert_int_eq(ike_chain_parse(data, length, first, true, &chain),
                     IKE_FAULT_NONE);
    ike_builder_init(&b);
    for (size_t i = 0; i < chain.count; i++) {
        const IkePayload *q = &chain.payloads[i];

        if (q->type == IKE_PAYLOAD_IDR || q->type == IKE_PAYLOAD_AUTH)
            ike_builder_add(&b, (IkePayloadType)q->type, q->body, q->length);
    }
    if (with_child)
        write_child(p, &b, "aes256-sha512-nopfs", 0, "0.0.0.0/0", true);
    row = &g_array_index(p->rows[0], IkeKeys, 0);
    seal = ike_protector_new(&suite, row->sk_er, row->sk_ar);
    g_bytes_unref(*datagram);
    *datagram = ike_seal(seal, &b, &h, p->rng[1]);
}

static void
other_child(IkePair *p, unsigned side, GBytes **datagram)
{
    if (side == 1)
        rewrite_auth(p, datagram, true);
}

static void
no_child(IkePair *p, unsigned side, GBytes **datagram)
{
    if (side == 1)
        rewrite_auth(p, datagram, false);
}

/* The child SA of IKE_AUTH is answered with something that was not offered:
 * a's idea of b's selectors is narrower than what b says. */
START_TEST(first_child_that_was_not_offered)
{
    IkeConfig c[2];
    g_auto(IkePair) p;

    ike_pair_configs(c);
    ike_pair_init(&p, c, 1);
    p.tamper = _i == 0 ? other_child : no_child;
    ike_session_start(p.session[0], 0);
    ike_pair_take_outputs(&p);
    ike_pair_run(&p, HS_SEC(1));
    ck_assert_uint_eq(p.added[0], 0);
    if (_i == 0) {
        ck_assert_int_eq(ike_pair_last_state(&p, 0)->to, IKE_STATE_IDLE);
        ck_assert_int_eq(ike_pair_last_state(&p, 0)->cause, IKE_CAUSE_PROTOCOL);
        ck_assert_int_eq(ike_session_state(p.session[1]), IKE_STATE_IDLE);
    } else
        ck_assert_int_eq(ike_session_state(p.session[0]),
                         IKE_STATE_ESTABLISHED);
}
END_TEST

int
main(void)
{
    Suite *s = suite_create("ikev2 hostile");
    TCase *path = tcase_create("path");
    TCase *peer = tcase_create("peer");

    tcase_add_test(path, replays_do_nothing);
    tcase_add_loop_test(path, damaged_messages_of_an_sa_do_nothing, 0, 9);
    tcase_add_loop_test(path, damaged_first_messages, 0, 9);
    tcase_add_loop_test(path, bare_messages, 0, G_N_ELEMENTS(bare));
    tcase_add_test(path, datagrams_on_the_nat_port);
    tcase_set_timeout(path, 60);
    suite_add_tcase(s, path);
    tcase_add_loop_test(peer, requests_of_a_strange_peer, 0,
                        G_N_ELEMENTS(inside));
    tcase_add_test(peer, wrong_message_ids);
    tcase_add_loop_test(peer, answers_of_a_strange_peer, 0,
                        G_N_ELEMENTS(answers));
    tcase_add_loop_test(peer, busy_for_ever, 0, 2);
    tcase_add_loop_test(peer, authentication_of_a_strange_peer, 0,
                        G_N_ELEMENTS(auths));
    tcase_add_loop_test(peer, first_child_that_was_not_offered, 0, 2);
    tcase_add_loop_test(peer, first_answers_of_a_strange_peer, 0,
                        G_N_ELEMENTS(inits));
    suite_add_tcase(s, peer);
    return run_suite(s);
}
