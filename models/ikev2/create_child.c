/* CREATE_CHILD_SA for child SAs (RFC 7296 1.3.1, 1.3.3): a new one, or the
 * rekey of one, from either side. The rekey of the IKE SA is in rekey_ike.c.
 *
 *     SK {[N(REKEY_SA)], SA, Ni, [KEi], TSi, TSr}  -->
 *                             <--  SK {SA, Nr, [KEr], TSi, TSr}
 *
 * Two rekeys of one child can cross (2.8.1). Each side answers the other's,
 * and there are two new SAs, A's and B's, with four nonces. Both sides see the
 * same four, so both know which SA has the lowest: it is redundant, and who
 * asked for it deletes it. Who asked for the other one deletes the old SA.
 *
 *     A  request 1 -->   <-- request 2  B
 *     A  answer 2  -->   <-- answer 1   B
 *     lowest in 1:  A deletes A's,  B deletes the old one
 *     lowest in 2:  B deletes B's,  A deletes the old one
 *
 * What a request meets under way decides its answer (2.25): a child that we
 * are closing, or an IKE SA that we are rekeying or closing, is a
 * TEMPORARY_FAILURE; one that is not there is CHILD_SA_NOT_FOUND. */

#include "config.h"

#include "models/ikev2/ikev2.h"
#include "models/ikev2/private.h"

#include <string.h>

#define REFUSED_WAIT                                                           \
    HS_SEC(30) /* until a rekey that was refused is retried                    \
                */

/* Our request */

static uint16_t
pfs_group(const IkeSa *sa, const IkeTask *task)
{
    const IkePolicy *policy = &sa->session->config.child_policy;

    if (task->group != 0)
        return task->group;
    return policy->group_count > 0 ? policy->groups[0] : IKE_DH_NONE;
}

void
ike_create_start(IkeSa *sa, HsTime now, const IkeTask *task)
{
    IkeSession *s = sa->session;
    IkeRequest *r;
    g_auto(IkeBuilder) b = {0};

    ike_builder_init(&b);
    if (sa->stage != IKE_SA_UP)
        return;
    if (task->kind == IKE_TASK_REKEY_CHILD) {
        IkeChildSa *c = ike_child_find(s, task->child);

        if (c == NULL || c->replaced || c->deleting || c->lingering)
            return;
        ike_notify_encode_child(&b, IKE_NOTIFY_REKEY_SA, c->face.spi_in, NULL,
                                0);
    } else if (ike_child_count(s) > 0)
        return;
    r = ike_request_new(task, IKE_EXCHANGE_CREATE_CHILD_SA);
    ike_offered_draw(s, &r->offered, pfs_group(sa, task));
    r->offered.esp_spi = ike_child_draw_spi(s);
    ike_child_ask(sa, &b, &r->offered, false);
    ike_request_send(sa, now, r, &b);
}

/* Its answer */

bool
ike_retry_group(IkeSa *sa, const IkePolicy *policy, const IkeRequest *r,
                const IkeNotify *n)
{
    IkeTask task = r->task;

    if (n->type != IKE_NOTIFY_INVALID_KE_PAYLOAD || n->data.length != 2 ||
        task.group != 0)
        return false;
    task.group = (uint16_t)(n->data.data[0] << 8 | n->data.data[1]);
    task.not_before = 0;
    for (size_t i = 0; i < policy->group_count; i++)
        if (policy->groups[i] == task.group && task.group != 0) {
            ike_task_again(sa, &task);
            return true;
        }
    return false;
}

/* 2.25: wait, retry, and after minutes conclude that we are out of step. */
bool
ike_retry_later(IkeSa *sa, HsTime now, const IkeRequest *r, HsTime *since)
{
    IkeTask task = r->task;

    if (*since == HS_TIME_NEVER)
        *since = now;
    if (now - *since >= IKE_TEMPORARY_LAST) {
        ike_sa_delete(sa, now, IKE_CAUSE_REFUSED);
        return false;
    }
    /* drawn, or two that meet would meet for ever */
    task.not_before = hs_time_add(
        now, hs_rng_uniform(sa->session->rng, IKE_TEMPORARY_WAIT / 2,
                            IKE_TEMPORARY_WAIT * 3 / 2));
    ike_task_again(sa, &task);
    return true;
}

static void
not_found(IkeSa *sa, HsTime now, IkeChildSa *c)
{
    /* 2.25.1: it is gone over there; a new one takes its place */
    ike_child_drop(c, now, IKE_CAUSE_REFUSED);
    if (ike_child_count(sa->session) == 0)
        ike_task_add(sa, now, IKE_TASK_NEW_CHILD, 0, IKE_CAUSE_REKEY, 0);
}

/* What the peer made of the same child while our rekey of it is out. */
static IkeChildSa *
rival_of(const IkeSession *s, const IkeRequest *r)
{
    IkeChildSa *rival = ike_child_find(s, r->rival_child);

    return rival != NULL && !rival->lingering ? rival : NULL;
}

void
ike_create_decide(const IkeSa *sa, IkeChildSa *c)
{
    const IkeRequest *r = sa->request;
    const IkeChildSa *rival;

    if (r == NULL || r->task.kind != IKE_TASK_REKEY_CHILD)
        return;
    rival = rival_of(sa->session, r);
    if (rival == c)
        c->redundant = true;
    else if (rival != NULL && r->task.child == c->face.number)
        c->replaced = true;
}

static void
refused(IkeSa *sa, HsTime now, const IkeRequest *r, const IkeNotify *n)
{
    IkeSession *s = sa->session;
    IkeChildSa *c = ike_child_find(s, r->task.child);

    ike_output_add(s, IKE_OUTPUT_NOTIFY)->notify = n->type;
    hs_trace(s->config.trace, now, "peer says %s", ike_notify_name(n->type));
    if (n->type == IKE_NOTIFY_INVALID_SYNTAX) { /* fatal, 2.21.3 */
        ike_sa_close(sa, now, IKE_CAUSE_PROTOCOL, n->type);
        ike_session_again(s, now, s->config.retry);
        return;
    }
    if (c != NULL && rival_of(s, r) != NULL) {
        c->replaced = true; /* the peer's own rekey has settled it */
        return;
    }
    if (ike_retry_group(sa, &s->config.child_policy, r, n))
        return;
    if (r->task.kind == IKE_TASK_NEW_CHILD) {
        HsTime *since = &sa->temporary_since;

        if (n->type != IKE_NOTIFY_TEMPORARY_FAILURE ||
            !ike_retry_later(sa, now, r, since))
            ike_session_again(s, now, MAX(s->config.retry, IKE_TEMPORARY_WAIT));
        return;
    }
    if (c == NULL || c->lingering || c->replaced)
        return;
    if (n->type == IKE_NOTIFY_TEMPORARY_FAILURE)
        ike_retry_later(sa, now, r, &c->temporary_since);
    else if (n->type == IKE_NOTIFY_CHILD_SA_NOT_FOUND)
        not_found(sa, now, c);
    else
        c->rekey_at = hs_time_add(now, REFUSED_WAIT);
}

static void
settle(IkeSa *sa, HsTime now, const IkeRequest *r, IkeChildSa *fresh,
       IkeBytes ni, IkeBytes nr)
{
    IkeSession *s = sa->session;
    IkeChildSa *old = ike_child_find(s, r->task.child);
    IkeChildSa *rival = rival_of(s, r);
    g_autoptr(GBytes) lower = ike_lower(ni, nr);

    if (old != NULL)
        old->replaced = true;
    if (rival != NULL && g_bytes_compare(lower, r->rival_nonce) < 0) {
        fresh->redundant = true;
        ike_task_add(sa, now, IKE_TASK_DELETE_CHILD, fresh->face.number,
                     IKE_CAUSE_REDUNDANT, 0);
        if (old == NULL || old->lingering)
            ike_child_send_on(rival, now);
        return;
    }
    if (rival != NULL)
        rival->redundant = true;
    ike_child_send_on(fresh, now);
    if (old != NULL && !old->lingering)
        ike_task_add(sa, now, IKE_TASK_DELETE_CHILD, old->face.number,
                     IKE_CAUSE_REKEYED, 0);
}

void
ike_create_response(IkeSa *sa, HsTime now, IkeRequest *r, const IkeChain *chain)
{
    const IkePayload *ke_payload = ike_chain_find(chain, IKE_PAYLOAD_KE, NULL);
    const IkePayload *nonce_payload =
        ike_chain_find(chain, IKE_PAYLOAD_NONCE, NULL);
    const IkeBytes ni = {r->offered.nonce, sizeof r->offered.nonce};
    IkeNotify n;
    IkeBytes nr;
    IkeKe ke;
    IkeDeal deal;
    IkeSecret secret;
    IkeChildSa *c;

    if (ike_chain_error(chain, &n) != 0) {
        refused(sa, now, r, &n);
        return;
    }
    if (ke_payload != NULL && ike_ke_decode(ke_payload, &ke) != IKE_FAULT_NONE)
        ke_payload = NULL;
    if (nonce_payload == NULL ||
        ike_nonce_decode(nonce_payload, &nr) != IKE_FAULT_NONE ||
        !ike_child_accept(sa, chain, false, &deal) ||
        !ike_agree_suite(&r->offered, &deal.suite,
                         ke_payload != NULL ? &ke : NULL, &secret)) {
        /* it stands over there and is not what we asked for */
        ike_sa_delete(sa, now, IKE_CAUSE_PROTOCOL);
        return;
    }
    sa->temporary_since = HS_TIME_NEVER;
    c = ike_child_add(sa, now, &deal, r->offered.esp_spi, true, r->task.child,
                      (IkeBytes){secret.data, secret.length}, ni, nr);
    explicit_bzero(&secret, sizeof secret);
    if (r->task.kind == IKE_TASK_NEW_CHILD)
        ike_child_send_on(c, now);
    else
        settle(sa, now, r, c, ni, nr);
}

/* The peer's request */

typedef struct {
    IkeBytes nonce;
    IkeKe ke;
    bool has_ke;
    IkeNotify rekey;
    bool has_rekey;
} CreatePayloads;

static bool
find_payloads(const IkeChain *chain, CreatePayloads *ret)
{
    const IkePayload *nonce = ike_chain_find(chain, IKE_PAYLOAD_NONCE, NULL);
    const IkePayload *ke = ike_chain_find(chain, IKE_PAYLOAD_KE, NULL);

    ret->has_ke = ke != NULL;
    ret->has_rekey = ike_notify_find(chain, IKE_NOTIFY_REKEY_SA, &ret->rekey);
    return nonce != NULL &&
           ike_nonce_decode(nonce, &ret->nonce) == IKE_FAULT_NONE &&
           (ke == NULL || ike_ke_decode(ke, &ret->ke) == IKE_FAULT_NONE);
}

/* What stands against it: 0 or a notify; *RET_OLD is the child to rekey. */
static uint16_t
obstacle(IkeSa *sa, const CreatePayloads *p, IkeChildSa **ret_old)
{
    IkeSession *s = sa->session;
    IkeChildSa *old;

    *ret_old = NULL;
    /* 2.25.2: the IKE SA itself is being replaced or closed */
    if (sa->stage != IKE_SA_UP || ike_task_has(sa, IKE_TASK_CLOSE, 0) ||
        (sa->request != NULL && sa->request->task.kind == IKE_TASK_REKEY_IKE))
        return IKE_NOTIFY_TEMPORARY_FAILURE;
    if (!p->has_rekey)
        return ike_child_count(s) >= s->config.max_children
                   ? IKE_NOTIFY_NO_ADDITIONAL_SAS
                   : 0;
    old = ike_child_by_spi_out(sa, p->rekey.spi);
    if (old == NULL)
        return IKE_NOTIFY_CHILD_SA_NOT_FOUND;
    if (old->deleting || old->replaced)
        return IKE_NOTIFY_TEMPORARY_FAILURE; /* 2.25.1 */
    *ret_old = old;
    return 0;
}

static void
deny(IkeSa *sa, HsTime now, const IkeHeader *h, uint16_t error, uint16_t group,
     uint32_t spi)
{
    g_auto(IkeBuilder) b = {0};

    ike_builder_init(&b);
    if (error == IKE_NOTIFY_INVALID_KE_PAYLOAD)
        ike_notify_encode_group(&b, group);
    else if (error == IKE_NOTIFY_CHILD_SA_NOT_FOUND)
        ike_notify_encode_child(&b, error, spi, NULL, 0);
    else
        ike_notify_encode(&b, error, NULL, 0);
    hs_trace(sa->session->config.trace, now, "no child SA: %s",
             ike_notify_name(error));
    ike_respond(sa, now, IKE_EXCHANGE_CREATE_CHILD_SA, h->id, &b);
}

/* Their rekey and ours may have crossed. */
static void
replace(IkeSa *sa, IkeChildSa *old, const IkeChildSa *fresh, IkeBytes ni,
        IkeBytes nr)
{
    IkeRequest *r = sa->request;

    if (r != NULL && r->task.kind == IKE_TASK_REKEY_CHILD &&
        r->task.child == old->face.number) {
        r->rival_child = fresh->face.number;
        g_clear_pointer(&r->rival_nonce, g_bytes_unref);
        r->rival_nonce = ike_lower(ni, nr);
    } else
        old->replaced = true;
}

static void
accept(IkeSa *sa, HsTime now, const IkeHeader *h, const CreatePayloads *p,
       const IkeDeal *deal, IkeChildSa *old)
{
    IkeSession *s = sa->session;
    IkeOffered offered;
    IkeBytes nr;
    IkeSecret secret;
    IkeChildSa *c;
    g_auto(IkeBuilder) b = {0};

    ike_builder_init(&b);
    ike_offered_draw(s, &offered, deal->suite.group);
    offered.esp_spi = ike_child_draw_spi(s);
    nr = (IkeBytes){offered.nonce, sizeof offered.nonce};
    if (!ike_agree(offered.dh, &p->ke, &secret)) {
        ike_offered_clear(&offered);
        ike_fatal(sa, now, h);
        return;
    }
    c = ike_child_add(sa, now, deal, offered.esp_spi, false,
                      old != NULL ? old->face.number : 0,
                      (IkeBytes){secret.data, secret.length}, p->nonce, nr);
    explicit_bzero(&secret, sizeof secret);
    if (old != NULL)
        replace(sa, old, c, p->nonce, nr);
    else
        ike_child_send_on(c, now);
    ike_child_answer(&b, deal, &offered, false);
    ike_respond(sa, now, IKE_EXCHANGE_CREATE_CHILD_SA, h->id, &b);
    ike_offered_clear(&offered);
}

static void
child_request(IkeSa *sa, HsTime now, const IkeHeader *h, const IkeChain *chain)
{
    CreatePayloads p = {0};
    IkeDeal deal = {0};
    IkeChildSa *old;
    uint16_t error;

    if (!find_payloads(chain, &p)) {
        ike_fatal(sa, now, h);
        return;
    }
    error = obstacle(sa, &p, &old);
    if (error == 0)
        error =
            ike_child_judge(sa, chain, p.has_ke ? &p.ke : NULL, false, &deal);
    if (error == IKE_NOTIFY_INVALID_SYNTAX)
        ike_fatal(sa, now, h);
    else if (error != 0)
        deny(sa, now, h, error, deal.suite.group, p.rekey.spi);
    else
        accept(sa, now, h, &p, &deal, old);
}

void
ike_create_request(IkeSa *sa, HsTime now, const IkeHeader *h,
                   const IkeChain *chain)
{
    const IkePayload *p = ike_chain_find(chain, IKE_PAYLOAD_SA, NULL);
    g_auto(IkeOffer) offer = {0};

    ike_rekey_adopt(sa, now);
    if (p == NULL || ike_offer_decode(p, &offer) != IKE_FAULT_NONE)
        ike_fatal(sa, now, h);
    else if (offer.proposals[0].protocol == IKE_PROTOCOL_IKE)
        ike_rekey_request(sa, now, h, chain, &offer);
    else
        child_request(sa, now, h, chain);
}
