/* The session: all SAs with one peer, behind the face of ikev2.h.
 *
 * A datagram goes to the IKE SA whose SPI of ours its header names, or, if it
 * begins a new one, to init.c. Time goes to every SA and child whose instant
 * has come. After either, finish() lets each SA begin what it still wants to
 * do, says how the session's state has changed, and only then frees what was
 * closed: no handler ever frees what its caller still holds.
 *
 * The state is a summary: an IKE SA that is up (Established, or Rekeying while
 * a replacement of it is under way), else one in the making (Negotiating),
 * else Idle.
 *
 * A session that is configured to start, or was told to, tries again after a
 * loss: at once where DPD's action says restart, else after its retry time. */

#include "config.h"

#include "models/ikev2/ikev2.h"
#include "models/ikev2/private.h"

#include <string.h>

IkeSession *
ike_session_new(const IkeConfig *config, HsRng *rng, HsTime now)
{
    IkeSession *s = g_new0(IkeSession, 1);

    g_assert(ike_config_fault(config) == NULL);
    s->config = *config;
    s->config.local_id = g_strdup(config->local_id);
    s->config.remote_id = g_strdup(config->remote_id);
    s->config.psk = g_strdup(config->psk);
    s->config.vendor_id = g_strdup(config->vendor_id);
    if (s->config.local_port == 0)
        s->config.local_port = IKE_PORT;
    if (s->config.remote_port == 0)
        s->config.remote_port = IKE_PORT;
    s->rng = rng;
    g_queue_init(&s->outputs);
    s->listening = true;
    s->retry_at = HS_TIME_NEVER;
    s->sas = g_ptr_array_new_with_free_func(ike_sa_free);
    s->children = g_ptr_array_new_with_free_func(g_free);
    s->last_received = s->last_sent = s->traffic_sent = HS_TIME_NEVER;
    s->stray_at = s->hinted_at = HS_TIME_NEVER;
    hs_rng_bytes(rng, s->cookie_secret, sizeof s->cookie_secret);
    s->cookie_since = now;
    return s;
}

void
ike_session_free(IkeSession *s)
{
    if (s == NULL)
        return;
    g_ptr_array_unref(s->sas);
    g_ptr_array_unref(s->children);
    g_queue_clear_full(&s->outputs, ike_output_free);
    g_free((char *)(uintptr_t)s->config.local_id);
    g_free((char *)(uintptr_t)s->config.remote_id);
    g_free((char *)(uintptr_t)s->config.psk);
    g_free((char *)(uintptr_t)s->config.vendor_id);
    explicit_bzero(s, sizeof *s);
    g_free(s);
}

/* State */

static IkeSa *
sa_at(const IkeSession *s, unsigned i)
{
    return g_ptr_array_index(s->sas, i);
}

/* The peer made SA while our own rekey is out: nothing is decided (2.8.2). */
static bool
is_rival(const IkeSession *s, const IkeSa *sa)
{
    for (unsigned i = 0; i < s->sas->len; i++) {
        const IkeSa *old = sa_at(s, i);

        if (old->stage == IKE_SA_UP && old->request != NULL &&
            old->request->rival == sa)
            return true;
    }
    return false;
}

IkeSa *
ike_session_up(const IkeSession *s)
{
    for (unsigned i = s->sas->len; i-- > 0;)
        if (sa_at(s, i)->stage == IKE_SA_UP && !is_rival(s, sa_at(s, i)))
            return sa_at(s, i);
    return NULL;
}

unsigned
ike_session_half_open(const IkeSession *s)
{
    unsigned count = 0;

    for (unsigned i = 0; i < s->sas->len; i++)
        count += sa_at(s, i)->stage == IKE_SA_HALF_OPEN;
    return count;
}

static IkeState
state_of(const IkeSession *s)
{
    bool up = false, making = false, rekeying = false;

    for (unsigned i = 0; i < s->sas->len; i++) {
        const IkeSa *sa = sa_at(s, i);

        up |= sa->stage == IKE_SA_UP;
        making |= sa->stage == IKE_SA_INIT_SENT ||
                  sa->stage == IKE_SA_HALF_OPEN ||
                  sa->stage == IKE_SA_AUTH_SENT;
        rekeying |= sa->stage == IKE_SA_UP && sa->request != NULL &&
                    sa->request->task.kind == IKE_TASK_REKEY_IKE;
    }
    if (up)
        return rekeying ? IKE_STATE_REKEYING : IKE_STATE_ESTABLISHED;
    return making ? IKE_STATE_NEGOTIATING : IKE_STATE_IDLE;
}

void
ike_session_note(IkeSession *s, HsTime now, IkeCause cause, uint16_t notify)
{
    IkeState from = s->state, to = state_of(s);
    IkeOutput *output;

    if (from == to)
        return;
    s->state = to;
    output = ike_output_add(s, IKE_OUTPUT_STATE);
    output->from = from;
    output->to = to;
    output->cause = cause;
    output->notify = notify;
    hs_trace(s->config.trace, now, "%s -> %s (%s)", ike_state_name(from),
             ike_state_name(to), ike_cause_name(cause));
}

void
ike_session_again(IkeSession *s, HsTime now, HsDuration wait)
{
    if (s->wanted && s->listening)
        s->retry_at = hs_time_min(s->retry_at, hs_time_add(now, wait));
}

/* The end of every call from outside. */

static void
sweep(IkeSession *s)
{
    for (unsigned i = s->children->len; i-- > 0;) {
        IkeChildSa *c = g_ptr_array_index(s->children, i);

        if (c->gone)
            g_ptr_array_remove_index(s->children, i);
    }
    for (unsigned i = s->sas->len; i-- > 0;) {
        IkeSa *sa = sa_at(s, i);

        if (sa->stage != IKE_SA_CLOSED || sa->close_at != HS_TIME_NEVER)
            continue;
        for (unsigned k = 0; k < s->sas->len; k++)
            if (sa_at(s, k)->request != NULL &&
                sa_at(s, k)->request->rival == sa)
                sa_at(s, k)->request->rival = NULL;
        g_ptr_array_remove_index(s->sas, i);
    }
}

static void
finish(IkeSession *s, HsTime now)
{
    for (unsigned i = 0; i < s->sas->len; i++)
        ike_task_run(sa_at(s, i), now);
    ike_session_note(s, now, IKE_CAUSE_REKEY, 0);
    sweep(s);
}

/* Orders */

static bool
under_way(const IkeSession *s)
{
    for (unsigned i = 0; i < s->sas->len; i++)
        if (sa_at(s, i)->initiator && (sa_at(s, i)->stage == IKE_SA_INIT_SENT ||
                                       sa_at(s, i)->stage == IKE_SA_AUTH_SENT))
            return true;
    return false;
}

static void
begin(IkeSession *s, HsTime now)
{
    IkeSa *up = ike_session_up(s);

    s->retry_at = HS_TIME_NEVER;
    if (up != NULL) {
        if (ike_child_count(s) == 0 && !ike_task_has(up, IKE_TASK_NEW_CHILD, 0))
            ike_task_add(up, now, IKE_TASK_NEW_CHILD, 0, IKE_CAUSE_STARTED, 0);
    } else if (!under_way(s) && hs_addr_is_set(&s->config.remote))
        ike_init_start(s, now);
}

void
ike_session_start(IkeSession *s, HsTime now)
{
    s->wanted = s->config.start;
    s->listening = true;
    begin(s, now);
    finish(s, now);
}

void
ike_session_listen(IkeSession *s, HsTime now)
{
    (void)now;
    s->listening = true;
}

void
ike_session_stop(IkeSession *s, HsTime now)
{
    s->wanted = s->listening = false;
    s->retry_at = HS_TIME_NEVER;
    for (unsigned i = 0; i < s->sas->len; i++) {
        IkeSa *sa = sa_at(s, i);

        if (sa->stage == IKE_SA_UP || sa->stage == IKE_SA_REPLACED)
            ike_sa_delete(sa, now, IKE_CAUSE_STOPPED);
        else if (sa->stage != IKE_SA_CLOSING && sa->stage != IKE_SA_CLOSED)
            ike_sa_close(sa, now, IKE_CAUSE_STOPPED, 0);
    }
    finish(s, now);
}

void
ike_session_reset(IkeSession *s, HsTime now)
{
    s->retry_at = HS_TIME_NEVER;
    for (unsigned i = 0; i < s->sas->len; i++) {
        IkeSa *sa = sa_at(s, i);

        ike_sa_close(sa, now, IKE_CAUSE_RESET, 0);
        sa->close_at = HS_TIME_NEVER;
    }
    for (unsigned i = 0; i < s->children->len; i++)
        ike_child_drop(g_ptr_array_index(s->children, i), now, IKE_CAUSE_RESET);
    finish(s, now);
}

void
ike_session_rekey_ike(IkeSession *s, HsTime now)
{
    IkeSa *up = ike_session_up(s);

    if (up != NULL && !ike_task_has(up, IKE_TASK_REKEY_IKE, 0))
        ike_task_add(up, now, IKE_TASK_REKEY_IKE, 0, IKE_CAUSE_REKEY, 0);
    finish(s, now);
}

static bool
order_child(IkeSession *s, HsTime now, unsigned number, IkeTaskKind kind)
{
    IkeChildSa *c = ike_child_find(s, number);

    if (c == NULL || c->replaced || c->deleting || c->lingering ||
        c->sa->stage != IKE_SA_UP || ike_task_has(c->sa, kind, number))
        return false;
    ike_task_add(
        c->sa, now, kind, number,
        kind == IKE_TASK_REKEY_CHILD ? IKE_CAUSE_REKEY : IKE_CAUSE_STOPPED, 0);
    finish(s, now);
    return true;
}

bool
ike_session_rekey_child(IkeSession *s, HsTime now, unsigned number)
{
    return order_child(s, now, number, IKE_TASK_REKEY_CHILD);
}

bool
ike_session_delete_child(IkeSession *s, HsTime now, unsigned number)
{
    return order_child(s, now, number, IKE_TASK_DELETE_CHILD);
}

void
ike_session_set_psk(IkeSession *s, const char *psk)
{
    g_free((char *)(uintptr_t)s->config.psk);
    s->config.psk = g_strdup(psk);
}

/* Datagrams */

static IkeSa *
find_sa(const IkeSession *s, const IkeHeader *h)
{
    for (unsigned i = 0; i < s->sas->len; i++) {
        IkeSa *sa = sa_at(s, i);

        /* flag I is of the original initiator: of the peer, if we are not */
        if (h->initiator == sa->initiator)
            continue;
        if (ike_sa_own_spi(sa) != (sa->initiator ? h->spi_i : h->spi_r))
            continue;
        /* the peer's SPI, once it is known */
        if (sa->initiator ? sa->spi_r != 0 && sa->spi_r != h->spi_r
                          : sa->spi_i != h->spi_i)
            continue;
        return sa;
    }
    return NULL;
}

/* IKE inside a datagram: past the marker, if there is one. */
static bool
unmark(const uint8_t **data, size_t *length, bool marked)
{
    static const uint8_t marker[IKE_NON_ESP_MARKER];

    if (!marked)
        return true;
    if (*length < sizeof marker || memcmp(*data, marker, sizeof marker) != 0)
        return false;
    *data += sizeof marker;
    *length -= sizeof marker;
    return true;
}

bool
ike_session_claims(const IkeSession *s, const uint8_t *payload, size_t length,
                   bool marked)
{
    IkeHeader h;

    return unmark(&payload, &length, marked) &&
           ike_header_parse(payload, length, &h) == IKE_FAULT_NONE &&
           find_sa(s, &h) != NULL;
}

static void
send_bare(IkeSession *s, const HsAddr *local, uint16_t local_port,
          const HsAddr *remote, uint16_t remote_port, const IkeHeader *request,
          uint16_t notify, const void *data, size_t length)
{
    g_auto(IkeBuilder) b = {0};
    IkeHeader h = *request;
    g_autoptr(GBytes) message = NULL;
    IkeOutput *output;

    ike_builder_init(&b);
    ike_notify_encode(&b, notify, data, length);
    h.initiator = !request->initiator;
    h.higher = false;
    h.response = true;
    message = ike_builder_message(&b, &h);
    output = ike_output_add(s, IKE_OUTPUT_SEND);
    output->local = *local;
    output->local_port = local_port;
    output->remote = *remote;
    output->remote_port = remote_port;
    output->bytes = ike_marked(message, local_port);
    ike_count(s, IKE_COUNT_SENT);
}

/* RFC 7296 2.21.4: a message for an SA that is not. Only requests may be
 * answered, and not often. */
static void
stray(IkeSession *s, HsTime now, const HsAddr *local, uint16_t local_port,
      const HsAddr *remote, uint16_t remote_port, const IkeHeader *h)
{
    ike_count(s, IKE_COUNT_DROP_UNKNOWN_SPI);
    if (!s->config.answer_stray || h->response || !s->listening)
        return;
    if (s->stray_at != HS_TIME_NEVER && now - s->stray_at < HS_SEC(1))
        return;
    s->stray_at = now;
    send_bare(s, local, local_port, remote, remote_port, h,
              IKE_NOTIFY_INVALID_IKE_SPI, NULL, 0);
}

/* A message that breaks a rule of its frame. */
static void
faulty(IkeSession *s, HsTime now, const HsAddr *local, uint16_t local_port,
       const HsAddr *remote, uint16_t remote_port, IkeFault fault,
       const IkeMessage *m)
{
    bool first = m->header.exchange == IKE_EXCHANGE_SA_INIT &&
                 !m->header.response && m->header.spi_r == 0;

    if (fault == IKE_FAULT_MAJOR_VERSION) {
        /* RFC 7296 2.5: told the highest that we speak; a response is not
         * answered, and an SA takes no notice */
        ike_count(s, IKE_COUNT_DROP_VERSION);
        if (!m->header.response && s->listening &&
            (s->stray_at == HS_TIME_NEVER || now - s->stray_at >= HS_SEC(1))) {
            s->stray_at = now;
            send_bare(s, local, local_port, remote, remote_port, &m->header,
                      IKE_NOTIFY_INVALID_MAJOR_VERSION, NULL, 0);
        }
        return;
    }
    ike_count(s, fault == IKE_FAULT_OLD_VERSION ? IKE_COUNT_DROP_VERSION
                                                : IKE_COUNT_DROP_MALFORMED);
    if (!first || fault < IKE_FAULT_EXCHANGE || !s->listening)
        return;
    if (fault == IKE_FAULT_CRITICAL)
        send_bare(s, local, local_port, remote, remote_port, &m->header,
                  IKE_NOTIFY_UNSUPPORTED_CRITICAL_PAYLOAD,
                  &m->chain.unsupported, 1);
    else if (fault >= IKE_FAULT_PAYLOAD_LENGTH)
        send_bare(s, local, local_port, remote, remote_port, &m->header,
                  IKE_NOTIFY_INVALID_SYNTAX, NULL, 0);
}

static void
dispatch(IkeSession *s, HsTime now, const HsAddr *local, uint16_t local_port,
         const HsAddr *remote, uint16_t remote_port, const IkeMessage *m)
{
    const IkeHeader *h = &m->header;
    IkeSa *sa;

    if (h->exchange == IKE_EXCHANGE_SA_INIT && !h->response) {
        if (h->initiator && h->spi_r == 0 && h->id == 0)
            ike_init_request(s, now, local, local_port, remote, remote_port, m);
        else
            ike_count(s, IKE_COUNT_DROP_UNEXPECTED);
        return;
    }
    sa = find_sa(s, h);
    if (sa == NULL)
        stray(s, now, local, local_port, remote, remote_port, h);
    else if (h->exchange == IKE_EXCHANGE_SA_INIT)
        ike_init_response(sa, now, m);
    else
        ike_exchange_receive(sa, now, m, local, local_port, remote,
                             remote_port);
}

void
ike_session_receive(IkeSession *s, HsTime now, const HsAddr *local,
                    uint16_t local_port, const HsAddr *remote,
                    uint16_t remote_port, GBytes *payload)
{
    size_t length;
    const uint8_t *data = g_bytes_get_data(payload, &length);
    IkeMessage message = {0};
    IkeFault fault;

    ike_count(s, IKE_COUNT_RECEIVED);
    if (local_port == IKE_NATT_PORT && length == 1 && data[0] == 0xff)
        return; /* RFC 3948 2.3 */
    if (!unmark(&data, &length, local_port == IKE_NATT_PORT)) {
        ike_count(s, IKE_COUNT_DROP_MALFORMED);
        return;
    }
    fault = ike_message_parse(data, length, &message);
    if (fault != IKE_FAULT_NONE)
        faulty(s, now, local, local_port, remote, remote_port, fault, &message);
    else
        dispatch(s, now, local, local_port, remote, remote_port, &message);
    finish(s, now);
}

/* Hints */

void
ike_session_traffic_received(IkeSession *s, HsTime now, unsigned number)
{
    IkeChildSa *c = ike_child_find(s, number);

    if (c == NULL)
        return;
    s->last_received = now;
    /* RFC 7296 2.8: the initiator of the rekey sends on it, so it has it */
    if (!c->sending && !c->lingering && !c->replaced && !c->redundant) {
        ike_child_send_on(c, now);
        finish(s, now);
    }
}

void
ike_session_traffic_sent(IkeSession *s, HsTime now)
{
    s->traffic_sent = now;
}

void
ike_session_peer_moved(IkeSession *s, HsTime now, unsigned number,
                       const HsAddr *remote, uint16_t remote_port)
{
    IkeChildSa *c = ike_child_find(s, number);

    if (c == NULL || !c->face.nat_t)
        return;
    ike_nat_follow(c->sa, now, &c->sa->local, c->sa->local_port, remote,
                   remote_port);
    finish(s, now);
}

/* Time */

void
ike_session_expire(IkeSession *s, HsTime now)
{
    if (s->retry_at <= now)
        begin(s, now);
    for (unsigned i = 0; i < s->sas->len; i++)
        ike_sa_expire(sa_at(s, i), now);
    for (unsigned i = 0; i < s->children->len; i++)
        ike_child_expire(g_ptr_array_index(s->children, i), now);
    finish(s, now);
}

HsTime
ike_session_next_expiry(const IkeSession *s)
{
    HsTime next = s->retry_at;

    for (unsigned i = 0; i < s->sas->len; i++)
        next = hs_time_min(next, ike_sa_next_expiry(sa_at(s, i)));
    for (unsigned i = 0; i < s->children->len; i++)
        next = hs_time_min(
            next, ike_child_next_expiry(g_ptr_array_index(s->children, i)));
    return next;
}

/* Queries */

IkeState
ike_session_state(const IkeSession *s)
{
    return s->state;
}

bool
ike_session_child(const IkeSession *s, IkeChild *ret_child)
{
    for (unsigned i = s->children->len; i-- > 0;) {
        const IkeChildSa *c = g_ptr_array_index(s->children, i);

        if (c->sending && !c->gone) {
            *ret_child = c->face;
            return true;
        }
    }
    return false;
}

unsigned
ike_session_children(const IkeSession *s)
{
    return s->children->len;
}

unsigned
ike_session_ike_sas(const IkeSession *s)
{
    unsigned count = 0;

    for (unsigned i = 0; i < s->sas->len; i++)
        count += sa_at(s, i)->stage != IKE_SA_CLOSED;
    return count;
}

bool
ike_session_ike_sa(const IkeSession *s, uint64_t *ret_spi_i,
                   uint64_t *ret_spi_r, const char **ret_suite)
{
    const IkeSa *up = ike_session_up(s);
    g_autofree char *text = NULL;

    if (up == NULL)
        return false;
    *ret_spi_i = up->spi_i;
    *ret_spi_r = up->spi_r;
    text = ike_suite_format(&up->suite);
    *ret_suite = g_intern_string(text);
    return true;
}

HsTime
ike_session_last_received(const IkeSession *s)
{
    return s->last_received;
}
