/* INFORMATIONAL (RFC 7296 1.4): deletes, probes, errors.
 *
 * A delete of child SAs names what its sender receives on, and the answer
 * names the other direction (1.4.1); of two deletes that cross, each is
 * answered with nothing (2.25.1). A delete of the IKE SA ends its children
 * too. An empty request asks whether we live.
 *
 * A probe is due when the peer has been silent for the configured time; with
 * DPD on demand only if we have sent since. Any other request out serves as
 * well. What comes of silence is decided in exchange.c. */

#include "config.h"

#include "models/ikev2/ikev2.h"
#include "models/ikev2/private.h"

/* Ours */

/* False if there is nothing to ask (any more). */
static bool
compose(IkeSa *sa, HsTime now, const IkeTask *task, IkeBuilder *b)
{
    IkeSession *s = sa->session;
    IkeChildSa *c;

    if (task->kind == IKE_TASK_CLOSE) {
        ike_delete_encode_ike(b);
        sa->stage = IKE_SA_CLOSING;
        if (ike_session_up(s) != NULL)
            ike_sa_yield(sa, now);
        ike_session_note(s, now, sa->why, 0);
    } else if (task->kind == IKE_TASK_FAILED) {
        ike_notify_encode(b, IKE_NOTIFY_AUTHENTICATION_FAILED, NULL, 0);
        sa->stage = IKE_SA_CLOSING;
        ike_session_note(s, now, sa->why, IKE_NOTIFY_AUTHENTICATION_FAILED);
    } else if (task->kind == IKE_TASK_DELETE_CHILD) {
        c = ike_child_find(s, task->child);
        if (c == NULL || c->lingering)
            return false;
        c->deleting = true;
        ike_delete_encode_esp(b, &c->face.spi_in, 1);
    } else
        ike_count(s, IKE_COUNT_PROBES);
    return true;
}

void
ike_inform_start(IkeSa *sa, HsTime now, const IkeTask *task)
{
    g_auto(IkeBuilder) b = {0};

    ike_builder_init(&b);
    if (compose(sa, now, task, &b))
        ike_request_send(sa, now,
                         ike_request_new(task, IKE_EXCHANGE_INFORMATIONAL), &b);
}

void
ike_inform_response(IkeSa *sa, HsTime now, IkeRequest *r, const IkeChain *chain)
{
    IkeSession *s = sa->session;
    uint16_t error = ike_chain_error(chain, NULL);
    IkeChildSa *c;

    if (error != 0)
        ike_output_add(s, IKE_OUTPUT_NOTIFY)->notify = error;
    if (r->task.kind == IKE_TASK_CLOSE || r->task.kind == IKE_TASK_FAILED) {
        ike_sa_close(sa, now, sa->why, 0);
        if (ike_session_up(s) == NULL)
            ike_session_again(s, now, s->config.retry);
        return;
    }
    if (error == IKE_NOTIFY_INVALID_SYNTAX) { /* fatal on both sides, 2.21.3 */
        ike_sa_close(sa, now, IKE_CAUSE_PROTOCOL, error);
        ike_session_again(s, now, s->config.retry);
        return;
    }
    if (r->task.kind != IKE_TASK_DELETE_CHILD)
        return;
    c = ike_child_find(s, r->task.child);
    if (c != NULL)
        ike_child_remove(c, now, r->task.cause);
    if (ike_child_count(s) == 0)
        ike_session_again(s, now, s->config.retry);
}

/* The peer's */

/* Removes what D names and puts our direction of it into the answer. */
static void
delete_children(IkeSa *sa, HsTime now, const IkeDelete *d, GArray *answer)
{
    IkeSession *s = sa->session;

    ike_rekey_adopt(sa, now);
    for (unsigned i = 0; i < d->count; i++) {
        IkeChildSa *c = ike_child_by_spi_out(sa, ike_delete_spi(d, i));
        bool ours;

        if (c == NULL)
            continue;
        /* 2.25.1: our own delete of it is out, and its answer says the rest */
        ours = c->deleting && sa->request != NULL &&
               sa->request->task.kind == IKE_TASK_DELETE_CHILD &&
               sa->request->task.child == c->face.number;
        if (!ours)
            g_array_append_val(answer, c->face.spi_in);
        ike_create_decide(sa, c);
        ike_child_remove(c, now,
                         c->replaced    ? IKE_CAUSE_REKEYED
                         : c->redundant ? IKE_CAUSE_REDUNDANT
                                        : IKE_CAUSE_PEER_DELETED);
    }
    if (ike_child_count(s) == 0 && !s->config.lazy_restart)
        ike_session_again(s, now, s->config.retry);
}

static void
deleted(IkeSa *sa, HsTime now)
{
    IkeSession *s = sa->session;
    IkeCause cause = IKE_CAUSE_PEER_DELETED;

    if (sa->stage == IKE_SA_REPLACED || sa->stage == IKE_SA_CLOSING)
        cause = sa->why;
    else if (ike_rekey_forget(sa, now))
        cause = IKE_CAUSE_REKEYED;
    ike_sa_close(sa, now, cause, 0);
    if (ike_session_up(s) == NULL)
        ike_session_again(s, now, s->config.retry);
}

static void
take_error(IkeSa *sa, HsTime now, uint16_t error)
{
    IkeSession *s = sa->session;

    ike_output_add(s, IKE_OUTPUT_NOTIFY)->notify = error;
    hs_trace(s->config.trace, now, "peer says %s", ike_notify_name(error));
    if (error != IKE_NOTIFY_AUTHENTICATION_FAILED)
        return;
    /* 2.21.2: the initiator does not believe us */
    ike_sa_close(sa, now, IKE_CAUSE_AUTHENTICATION, error);
    ike_session_again(s, now, s->config.retry);
}

void
ike_inform_request(IkeSa *sa, HsTime now, const IkeHeader *h,
                   const IkeChain *chain)
{
    g_autoptr(GArray) spis = g_array_new(FALSE, FALSE, sizeof(uint32_t));
    g_auto(IkeBuilder) b = {0};
    const IkePayload *p;
    size_t from = 0;
    bool whole = false;
    uint16_t error = ike_chain_error(chain, NULL);

    while ((p = ike_chain_find(chain, IKE_PAYLOAD_DELETE, &from)) != NULL) {
        IkeDelete d;

        if (ike_delete_decode(p, &d) != IKE_FAULT_NONE)
            continue;
        whole |= d.protocol == IKE_PROTOCOL_IKE;
        if (d.protocol == IKE_PROTOCOL_ESP)
            delete_children(sa, now, &d, spis);
    }
    ike_builder_init(&b);
    if (spis->len > 0 && !whole)
        ike_delete_encode_esp(&b, (const uint32_t *)(const void *)spis->data,
                              spis->len);
    ike_respond(sa, now, IKE_EXCHANGE_INFORMATIONAL, h->id, &b);
    if (whole)
        deleted(sa, now);
    else if (error != 0)
        take_error(sa, now, error);
}

/* Probes */

HsTime
ike_probe_due(const IkeSa *sa)
{
    const IkeSession *s = sa->session;
    const IkeConfig *c = &s->config;
    bool nat = sa->nat_here || sa->nat_there;
    HsTime last = sa->established_at;
    HsTime due;

    if (sa->stage != IKE_SA_UP || sa->request != NULL ||
        c->dpd == IKE_DPD_OFF || ike_session_up(s) != sa ||
        ike_task_has(sa, IKE_TASK_PROBE, 0))
        return HS_TIME_NEVER;
    if (s->last_received != HS_TIME_NEVER)
        last = hs_time_max(last, s->last_received);
    due = hs_time_add(last, c->dpd_delay);
    if (c->dpd == IKE_DPD_PERIODIC || (c->dpd == IKE_DPD_NAT_PERIODIC && nat))
        return due;
    if (s->traffic_sent == HS_TIME_NEVER || s->traffic_sent <= last)
        return HS_TIME_NEVER;
    return hs_time_max(due, s->traffic_sent);
}
