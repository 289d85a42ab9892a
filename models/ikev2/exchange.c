/* Exchanges: one request out at a time, each way (RFC 7296 2.1 to 2.3, a
 * window of 1).
 *
 * A request of ours goes out again, with waits that grow, until its response
 * comes or the tries are over. A response of ours is kept until the next
 * request, and goes out again when its request does. So each message ID is
 * worked on once, however often it arrives:
 *
 *     ID of a request:   expected_id      new: handled, answered, kept
 *                        expected_id - 1  repeated: the kept answer again
 *                        any other        dropped
 *     ID of a response:  that of our request, else dropped
 *
 * Nothing counts before its integrity is proven. What is authentic but badly
 * formed is answered with INVALID_SYNTAX and ends the SA, an unknown critical
 * payload is refused and ends nothing (2.5, 2.21.3).
 *
 * Both sides willing, a message longer than a datagram should be travels in
 * fragments that are protected one by one (RFC 7383). A repeated request is
 * answered when its first fragment comes (2.6.1 there).
 *
 * Departure: no path MTU discovery for fragments (RFC 7383 2.5.2); the size is
 * a setting. */

#include "config.h"

#include "models/ikev2/ikev2.h"
#include "models/ikev2/private.h"

/* RFC 7383 2.5.1: 1280 is safe with IPv6; below it, IPv4 and UDP. */
#define FRAGMENT_SIZE (1280 - 28)

/* Sending */

GBytes *
ike_marked(GBytes *message, uint16_t local_port)
{
    g_auto(HsWriter) w = {0};
    size_t length;
    const void *data = g_bytes_get_data(message, &length);

    if (local_port != IKE_NATT_PORT)
        return g_bytes_ref(message);
    hs_writer_init(&w);
    hs_writer_zeros(&w, IKE_NON_ESP_MARKER);
    hs_writer_bytes(&w, data, length);
    return hs_writer_steal(&w);
}

static void
send_to(IkeSa *sa, HsTime now, uint16_t local_port, const HsAddr *remote,
        uint16_t remote_port, const GPtrArray *messages)
{
    IkeSession *s = sa->session;

    for (unsigned i = 0; i < messages->len; i++) {
        IkeOutput *output = ike_output_add(s, IKE_OUTPUT_SEND);

        output->local = sa->local;
        output->local_port = local_port;
        output->remote = *remote;
        output->remote_port = remote_port;
        output->bytes = ike_marked(g_ptr_array_index(messages, i), local_port);
        ike_count(s, IKE_COUNT_SENT);
        if (messages->len > 1)
            ike_count(s, IKE_COUNT_FRAGMENTS_SENT);
    }
    s->last_sent = now;
}

IkeHeader
ike_sa_header(const IkeSa *sa, IkeExchange exchange, uint32_t id, bool response)
{
    return (IkeHeader){
        .spi_i = sa->spi_i,
        .spi_r = sa->spi_r,
        .exchange = (uint8_t)exchange,
        .initiator = sa->initiator,
        .response = response,
        .id = id,
    };
}

static GPtrArray *
seal(IkeSa *sa, IkeBuilder *b, const IkeHeader *header)
{
    const IkeConfig *c = &sa->session->config;
    size_t marker = sa->local_port == IKE_NATT_PORT ? IKE_NON_ESP_MARKER : 0;
    size_t max = c->fragment_size != 0 ? c->fragment_size : FRAGMENT_SIZE;

    if (!sa->fragments)
        max = IKE_MESSAGE_MAX;
    return ike_seal_fragments(sa->out, b, header, sa->session->rng,
                              max - marker);
}

IkeRequest *
ike_request_new(const IkeTask *task, IkeExchange exchange)
{
    IkeRequest *r = g_new0(IkeRequest, 1);

    r->task = *task;
    r->exchange = exchange;
    return r;
}

void
ike_request_free(IkeRequest *r)
{
    if (r == NULL)
        return;
    g_clear_pointer(&r->datagrams, g_ptr_array_unref);
    g_clear_pointer(&r->rival_nonce, g_bytes_unref);
    ike_offered_clear(&r->offered);
    g_free(r);
}

static void
send_first(IkeSa *sa, HsTime now, IkeRequest *r)
{
    const IkeConfig *c = &sa->session->config;

    g_assert(sa->request == NULL);
    r->id = sa->next_id++;
    r->rule =
        r->task.kind == IKE_TASK_PROBE ? &c->dpd_retransmit : &c->retransmit;
    r->wait = r->rule->first;
    r->due = hs_time_add(now, r->wait);
    sa->request = r;
    send_to(sa, now, sa->local_port, &sa->remote, sa->remote_port,
            r->datagrams);
}

void
ike_request_send(IkeSa *sa, HsTime now, IkeRequest *r, IkeBuilder *b)
{
    IkeHeader h = ike_sa_header(sa, r->exchange, sa->next_id, false);

    r->datagrams = seal(sa, b, &h);
    g_assert(r->datagrams != NULL);
    send_first(sa, now, r);
}

void
ike_request_send_plain(IkeSa *sa, HsTime now, IkeRequest *r, GBytes *message)
{
    r->datagrams =
        g_ptr_array_new_with_free_func((GDestroyNotify)g_bytes_unref);
    g_ptr_array_add(r->datagrams, message);
    send_first(sa, now, r);
}

static void
answer(IkeSa *sa, HsTime now)
{
    send_to(sa, now, sa->answer_from_port, &sa->answer_to, sa->answer_port,
            sa->response);
}

void
ike_answer_plain(IkeSa *sa, HsTime now, GBytes *message)
{
    g_autoptr(GPtrArray) messages =
        g_ptr_array_new_with_free_func((GDestroyNotify)g_bytes_unref);

    g_ptr_array_add(messages, message);
    send_to(sa, now, sa->answer_from_port, &sa->answer_to, sa->answer_port,
            messages);
}

void
ike_respond(IkeSa *sa, HsTime now, IkeExchange exchange, uint32_t id,
            IkeBuilder *b)
{
    IkeHeader h = ike_sa_header(sa, exchange, id, true);

    g_clear_pointer(&sa->response, g_ptr_array_unref);
    sa->response = seal(sa, b, &h);
    g_assert(sa->response != NULL);
    answer(sa, now);
}

void
ike_respond_notify(IkeSa *sa, HsTime now, IkeExchange exchange, uint32_t id,
                   uint16_t notify, const void *data, size_t length)
{
    g_auto(IkeBuilder) b = {0};

    ike_builder_init(&b);
    ike_notify_encode(&b, notify, data, length);
    ike_respond(sa, now, exchange, id, &b);
}

/* Repeating */

static void
dead(IkeSa *sa, HsTime now)
{
    IkeSession *s = sa->session;
    IkeAction action = s->config.dpd_action;
    IkeRequest *r = sa->request;

    if (action == IKE_ACTION_NONE && r->task.kind == IKE_TASK_PROBE) {
        /* the window is taken until an answer comes: asked again, anew */
        r->tries = 0;
        r->wait = r->rule->first;
        r->due = hs_time_add(now, s->config.dpd_delay);
        return;
    }
    ike_sa_close(sa, now, IKE_CAUSE_DEAD_PEER, 0);
    if (ike_session_up(s) != NULL)
        return;
    if (action == IKE_ACTION_RESTART && s->listening &&
        hs_addr_is_set(&s->config.remote))
        ike_init_start(s, now);
    else
        ike_session_again(s, now, s->config.retry);
}

static void
give_up(IkeSa *sa, HsTime now)
{
    IkeTaskKind kind = sa->request->task.kind;

    if (kind == IKE_TASK_INIT || kind == IKE_TASK_AUTH) {
        ike_sa_close(sa, now, IKE_CAUSE_NO_RESPONSE, 0);
        ike_session_again(sa->session, now, sa->session->config.retry);
    } else if (sa->stage == IKE_SA_CLOSING || sa->stage == IKE_SA_REPLACED)
        ike_sa_close(sa, now, sa->why, 0);
    else if (ike_rekey_forget(sa, now))
        ike_sa_close(sa, now, IKE_CAUSE_REKEYED, 0);
    else
        dead(sa, now);
}

void
ike_request_expire(IkeSa *sa, HsTime now)
{
    IkeRequest *r = sa->request;

    if (r->tries == r->rule->tries) {
        give_up(sa, now);
        return;
    }
    r->tries++;
    r->wait = r->wait / 1000 * r->rule->factor;
    if (r->rule->limit != 0)
        r->wait = MIN(r->wait, r->rule->limit);
    r->due = hs_time_add(now, r->wait);
    ike_count(sa->session, IKE_COUNT_RETRANSMITTED);
    send_to(sa, now, sa->local_port, &sa->remote, sa->remote_port,
            r->datagrams);
}

/* Receiving */

uint16_t
ike_chain_error(const IkeChain *chain, IkeNotify *ret_notify)
{
    const IkePayload *p;
    size_t from = 0;

    while ((p = ike_chain_find(chain, IKE_PAYLOAD_NOTIFY, &from)) != NULL) {
        IkeNotify n;

        if (ike_notify_decode(p, &n) != IKE_FAULT_NONE ||
            n.type >= IKE_NOTIFY_STATUS_MIN)
            continue;
        if (ret_notify != NULL)
            *ret_notify = n;
        return n.type;
    }
    return 0;
}

/* RFC 7296 2.21.4: what says without proof that our SA is unknown is a reason
 * to ask, and no more. */
static void
hint(IkeSa *sa, HsTime now, const IkeChain *chain)
{
    IkeSession *s = sa->session;
    uint16_t error = ike_chain_error(chain, NULL);

    ike_count(s, IKE_COUNT_DROP_UNEXPECTED);
    if (error != IKE_NOTIFY_INVALID_IKE_SPI && error != IKE_NOTIFY_INVALID_SPI)
        return;
    if (sa->stage != IKE_SA_UP || ike_task_has(sa, IKE_TASK_PROBE, 0))
        return;
    if (s->hinted_at != HS_TIME_NEVER && now - s->hinted_at < HS_SEC(10))
        return;
    s->hinted_at = now;
    ike_task_add(sa, now, IKE_TASK_PROBE, 0, IKE_CAUSE_NONE, 0);
}

typedef enum {
    ID_NEW,
    ID_REPEATED,
    ID_WRONG,
} IdClass;

static IdClass
classify(const IkeSa *sa, const IkeHeader *h)
{
    if (h->response)
        return sa->request != NULL && sa->request->id == h->id &&
                       (uint8_t)sa->request->exchange == h->exchange
                   ? ID_NEW
                   : ID_WRONG;
    if (sa->response != NULL && h->id + 1 == sa->expected_id)
        return ID_REPEATED;
    return h->id == sa->expected_id ? ID_NEW : ID_WRONG;
}

/* Whether a request of this exchange may come in this stage. */
static bool
timely(const IkeSa *sa, uint8_t exchange)
{
    switch (sa->stage) {
    case IKE_SA_HALF_OPEN:
        return exchange == IKE_EXCHANGE_AUTH;
    case IKE_SA_UP:
    case IKE_SA_REPLACED:
    case IKE_SA_CLOSING:
        return true;
    case IKE_SA_INIT_SENT:
    case IKE_SA_AUTH_SENT:
    case IKE_SA_CLOSED:
        return false;
    }
    g_assert_not_reached();
}

/* The plaintext and its first payload's type; NULL if there is none yet. */
static GBytes *
open_fragment(IkeSa *sa, const IkeMessage *m, uint8_t *ret_first)
{
    IkeSession *s = sa->session;
    GBytes *plain = NULL;
    IkeOpen why = IKE_OPEN_GOOD;

    switch (ike_reassembly_add(&sa->reassembly, sa->in, m, &plain, ret_first,
                               &why)) {
    case IKE_REASSEMBLY_MORE:
    case IKE_REASSEMBLY_DONE:
        ike_count(s, IKE_COUNT_FRAGMENTS_RECEIVED);
        return plain;
    case IKE_REASSEMBLY_DROPPED:
        ike_count(s, why == IKE_OPEN_GOOD ? IKE_COUNT_DROP_FRAGMENT
                                          : IKE_COUNT_DROP_INTEGRITY);
        return NULL;
    }
    g_assert_not_reached();
}

static GBytes *
open_message(IkeSa *sa, const IkeMessage *m, uint8_t *ret_first)
{
    GBytes *plain = NULL;

    if (ike_chain_find(&m->chain, IKE_PAYLOAD_SKF, NULL) != NULL)
        return open_fragment(sa, m, ret_first);
    if (ike_open(sa->in, m, &plain, ret_first) != IKE_OPEN_GOOD) {
        ike_count(sa->session, IKE_COUNT_DROP_INTEGRITY);
        return NULL;
    }
    return plain;
}

/* The request of the response that we keep came again. */
static void
repeat(IkeSa *sa, HsTime now, const IkeMessage *m)
{
    const IkePayload *skf = ike_chain_find(&m->chain, IKE_PAYLOAD_SKF, NULL);
    g_autoptr(GBytes) plain = NULL;
    uint8_t first;

    if (skf != NULL) {
        g_auto(IkeReassembly) alone = {0};
        IkeFragment fragment;
        IkeOpen why;

        ike_reassembly_init(&alone);
        if (ike_fragment_decode(skf, &fragment) != IKE_FAULT_NONE ||
            fragment.number != 1 ||
            ike_reassembly_add(&alone, sa->in, m, &plain, &first, &why) ==
                IKE_REASSEMBLY_DROPPED)
            return;
    } else {
        plain = open_message(sa, m, &first);
        if (plain == NULL)
            return;
    }
    ike_count(sa->session, IKE_COUNT_REPEATED);
    answer(sa, now);
}

void
ike_fatal(IkeSa *sa, HsTime now, const IkeHeader *h)
{
    ike_respond_notify(sa, now, (IkeExchange)h->exchange, h->id,
                       IKE_NOTIFY_INVALID_SYNTAX, NULL, 0);
    ike_sa_close(sa, now, IKE_CAUSE_PROTOCOL, IKE_NOTIFY_INVALID_SYNTAX);
    ike_session_again(sa->session, now, sa->session->config.retry);
}

static void
handle_request(IkeSa *sa, HsTime now, const IkeHeader *h, const IkeChain *chain)
{
    sa->expected_id++;
    switch (h->exchange) {
    case IKE_EXCHANGE_AUTH:
        if (sa->stage == IKE_SA_HALF_OPEN) {
            ike_auth_request(sa, now, h, chain);
            return;
        }
        ike_fatal(sa, now, h);
        return;
    case IKE_EXCHANGE_CREATE_CHILD_SA:
        ike_create_request(sa, now, h, chain);
        return;
    default:
        ike_inform_request(sa, now, h, chain);
    }
}

static void
handle_response(IkeSa *sa, HsTime now, const IkeChain *chain)
{
    g_autoptr(IkeRequest) r = g_steal_pointer(&sa->request);

    switch (r->exchange) {
    case IKE_EXCHANGE_SA_INIT: /* has its own way in */
    case IKE_EXCHANGE_AUTH:
        ike_auth_response(sa, now, r, chain);
        return;
    case IKE_EXCHANGE_CREATE_CHILD_SA:
        if (r->task.kind == IKE_TASK_REKEY_IKE)
            ike_rekey_response(sa, now, r, chain);
        else
            ike_create_response(sa, now, r, chain);
        return;
    case IKE_EXCHANGE_INFORMATIONAL:
        ike_inform_response(sa, now, r, chain);
        return;
    }
    g_assert_not_reached();
}

/* Authentic, but a rule of the format is broken. */
static void
malformed(IkeSa *sa, HsTime now, const IkeHeader *h, const IkeChain *chain,
          IkeFault fault)
{
    ike_count(sa->session, IKE_COUNT_DROP_MALFORMED);
    hs_trace(sa->session->config.trace, now, "bad %s: %s",
             ike_exchange_name(h->exchange), ike_fault_name(fault));
    if (h->response) {
        ike_sa_close(sa, now, IKE_CAUSE_PROTOCOL, 0);
        ike_session_again(sa->session, now, sa->session->config.retry);
        return;
    }
    sa->expected_id++;
    if (fault != IKE_FAULT_CRITICAL) {
        ike_fatal(sa, now, h);
        return;
    }
    ike_respond_notify(sa, now, (IkeExchange)h->exchange, h->id,
                       IKE_NOTIFY_UNSUPPORTED_CRITICAL_PAYLOAD,
                       &chain->unsupported, 1);
    if (sa->stage == IKE_SA_HALF_OPEN)
        ike_sa_close(sa, now, IKE_CAUSE_PROTOCOL,
                     IKE_NOTIFY_UNSUPPORTED_CRITICAL_PAYLOAD);
}

static void
authentic(IkeSa *sa, HsTime now, const IkeHeader *h, GBytes *plain,
          uint8_t first)
{
    size_t length;
    const uint8_t *data = g_bytes_get_data(plain, &length);
    IkeChain chain = {0};
    IkeFault fault = ike_chain_parse(data, length, first, true, &chain);

    if (fault == IKE_FAULT_NONE)
        fault = ike_chain_check(&chain);
    if (fault != IKE_FAULT_NONE)
        malformed(sa, now, h, &chain, fault);
    else if (h->response)
        handle_response(sa, now, &chain);
    else
        handle_request(sa, now, h, &chain);
}

void
ike_exchange_receive(IkeSa *sa, HsTime now, const IkeMessage *m,
                     const HsAddr *local, uint16_t local_port,
                     const HsAddr *remote, uint16_t remote_port)
{
    IkeSession *s = sa->session;
    const IkeHeader *h = &m->header;
    IdClass id = classify(sa, h);
    g_autoptr(GBytes) plain = NULL;
    uint8_t first = 0;

    if (ike_chain_find(&m->chain, IKE_PAYLOAD_SK, NULL) == NULL &&
        ike_chain_find(&m->chain, IKE_PAYLOAD_SKF, NULL) == NULL) {
        hint(sa, now, &m->chain);
        return;
    }
    if (id == ID_WRONG || sa->in == NULL) {
        ike_count(s, IKE_COUNT_DROP_MESSAGE_ID);
        return;
    }
    if (id == ID_NEW && !h->response && !timely(sa, h->exchange)) {
        ike_count(s, IKE_COUNT_DROP_UNEXPECTED);
        return;
    }
    if (!h->response) {
        sa->answer_to = *remote;
        sa->answer_port = remote_port;
        sa->answer_from_port = local_port;
    }
    if (id == ID_REPEATED) {
        repeat(sa, now, m);
        return;
    }
    plain = open_message(sa, m, &first);
    if (plain == NULL)
        return;
    s->last_received = now;
    ike_nat_follow(sa, now, local, local_port, remote, remote_port);
    authentic(sa, now, h, plain, first);
}
