/* CREATE_CHILD_SA for the IKE SA itself (RFC 7296 1.3.2, 2.18): new SPIs,
 * nonces and keys, the children move over, message IDs begin again at 0.
 *
 *     SK {SA, Ni, KEi}  -->
 *                       <--  SK {SA, Nr, KEr}
 *     SK {D}  on the old SA  -->
 *
 * The responder moves the children when it answers, the initiator when the
 * answer comes; who asked deletes the old SA. When two requests cross (2.8.2),
 * neither moves them before it has the answer to its own: then both know all
 * four nonces, the SA with the lowest is deleted by who asked for it, and the
 * other one inherits. If the peer deletes the old SA, or says
 * TEMPORARY_FAILURE, before that, it has not seen our request in time, and
 * its own new SA is the one that stays. */

#include "config.h"

#include "models/ikev2/ikev2.h"
#include "models/ikev2/private.h"

#include <string.h>

#define REFUSED_WAIT                                                           \
    HS_SEC(30) /* until a rekey that was refused is retried                    \
                */

/* Our request */

static uint16_t
first_group(const IkeSa *sa, const IkeTask *task)
{
    const IkePolicy *policy = &sa->session->config.ike_policy;

    if (task->group != 0)
        return task->group;
    for (size_t i = 0; i < policy->group_count; i++)
        if (policy->groups[i] == sa->suite.group)
            return sa->suite.group;
    return policy->groups[0];
}

void
ike_rekey_start(IkeSa *sa, HsTime now, const IkeTask *task)
{
    IkeSession *s = sa->session;
    IkeRequest *r;
    uint16_t group = first_group(sa, task);
    g_auto(IkeBuilder) b = {0};

    if (sa->stage != IKE_SA_UP)
        return;
    r = ike_request_new(task, IKE_EXCHANGE_CREATE_CHILD_SA);
    ike_offered_draw(s, &r->offered, group);
    r->offered.ike_spi = ike_sa_draw_spi(s);
    ike_builder_init(&b);
    ike_offer_encode(&b, &s->config.ike_policy, IKE_PROTOCOL_IKE,
                     r->offered.ike_spi, IKE_SPI_LENGTH, false);
    ike_nonce_encode(&b, r->offered.nonce, sizeof r->offered.nonce);
    ike_ke_encode(&b, group, crypto_dh_public(r->offered.dh),
                  crypto_dh_public_length(group));
    ike_request_send(sa, now, r, &b);
    ike_session_note(s, now, IKE_CAUSE_REKEY, 0);
}

/* Both sides: the new SA, from what the old one has and was agreed on. */
static IkeSa *
successor(IkeSa *old, HsTime now, bool initiator, const IkeSuite *suite,
          const IkeKeySeed *seed)
{
    IkeSa *sa = ike_sa_new(old->session, now, initiator);

    sa->local = old->local;
    sa->local_port = old->local_port;
    sa->remote = old->remote;
    sa->remote_port = old->remote_port;
    sa->nat_here = old->nat_here;
    sa->nat_there = old->nat_there;
    sa->fragments = old->fragments;
    sa->suite = *suite;
    sa->group = suite->group;
    sa->spi_i = seed->spi_i;
    sa->spi_r = seed->spi_r;
    sa->ni = g_bytes_new(seed->ni.data, seed->ni.length);
    sa->nr = g_bytes_new(seed->nr.data, seed->nr.length);
    ike_sa_keys_rekey(&sa->keys, suite, seed, old->suite.prf, old->keys.d,
                      old->keys.d_length);
    ike_sa_protect(sa);
    ike_sa_establish(sa, now);
    return sa;
}

static IkeSa *
rival_of(const IkeRequest *r)
{
    return r->rival != NULL && r->rival->stage == IKE_SA_UP ? r->rival : NULL;
}

bool
ike_rekey_forget(IkeSa *sa, HsTime now)
{
    IkeSa *rival;

    if (sa->request == NULL || sa->request->task.kind != IKE_TASK_REKEY_IKE)
        return false;
    rival = rival_of(sa->request);
    if (rival == NULL)
        return false;
    ike_sa_inherit(sa, rival, now, IKE_CAUSE_REKEYED);
    return true;
}

void
ike_rekey_adopt(IkeSa *sa, HsTime now)
{
    IkeSession *s = sa->session;

    for (unsigned i = 0; i < s->sas->len; i++) {
        IkeSa *old = g_ptr_array_index(s->sas, i);

        if (old->stage == IKE_SA_UP && old->request != NULL &&
            old->request->rival == sa)
            ike_sa_inherit(old, sa, now, IKE_CAUSE_REKEYED);
    }
}

/* Its answer */

static void
refused(IkeSa *sa, HsTime now, const IkeRequest *r, const IkeNotify *n)
{
    IkeSession *s = sa->session;
    IkeSa *rival = rival_of(r);

    ike_output_add(s, IKE_OUTPUT_NOTIFY)->notify = n->type;
    hs_trace(s->config.trace, now, "peer says %s", ike_notify_name(n->type));
    if (n->type == IKE_NOTIFY_INVALID_SYNTAX) { /* fatal, 2.21.3 */
        ike_sa_close(sa, now, IKE_CAUSE_PROTOCOL, n->type);
        ike_session_again(s, now, s->config.retry);
    } else if (rival != NULL)
        ike_sa_inherit(sa, rival, now, IKE_CAUSE_REKEYED);
    else if (sa->stage != IKE_SA_UP)
        return;
    else if (n->type == IKE_NOTIFY_TEMPORARY_FAILURE)
        ike_retry_later(sa, now, r, &sa->temporary_since);
    else if (!ike_retry_group(sa, &s->config.ike_policy, r, n))
        sa->rekey_at = hs_time_add(now, REFUSED_WAIT);
    ike_session_note(s, now, IKE_CAUSE_REFUSED, n->type);
}

static void
settle(IkeSa *old, HsTime now, const IkeRequest *r, IkeSa *fresh)
{
    IkeSession *s = old->session;
    IkeSa *rival = rival_of(r);
    g_autoptr(GBytes) lower =
        ike_lower(ike_bytes_of(fresh->ni), ike_bytes_of(fresh->nr));

    if (old->stage == IKE_SA_REPLACED) /* the peer uses its own already */
        ike_sa_delete(fresh, now, IKE_CAUSE_REDUNDANT);
    else if (rival != NULL && g_bytes_compare(lower, r->rival_nonce) < 0) {
        ike_sa_inherit(old, rival, now, IKE_CAUSE_REKEYED);
        ike_sa_delete(fresh, now, IKE_CAUSE_REDUNDANT);
    } else {
        ike_sa_inherit(old, fresh, now, IKE_CAUSE_REKEYED);
        ike_sa_delete(old, now, IKE_CAUSE_REKEYED);
        if (rival != NULL)
            ike_sa_inherit(rival, fresh, now, IKE_CAUSE_REDUNDANT);
    }
    ike_session_note(s, now, IKE_CAUSE_REKEYED, 0);
}

static bool
find_payloads(const IkeChain *chain, IkeKe *ret_ke, IkeBytes *ret_nonce)
{
    const IkePayload *ke = ike_chain_find(chain, IKE_PAYLOAD_KE, NULL);
    const IkePayload *nonce = ike_chain_find(chain, IKE_PAYLOAD_NONCE, NULL);

    return ke != NULL && nonce != NULL &&
           ike_ke_decode(ke, ret_ke) == IKE_FAULT_NONE &&
           ike_nonce_decode(nonce, ret_nonce) == IKE_FAULT_NONE;
}

void
ike_rekey_response(IkeSa *sa, HsTime now, IkeRequest *r, const IkeChain *chain)
{
    const IkePolicy *policy = &sa->session->config.ike_policy;
    const IkePayload *p = ike_chain_find(chain, IKE_PAYLOAD_SA, NULL);
    g_auto(IkeOffer) offer = {0};
    const IkeProposal *proposal;
    IkeNotify n;
    IkeKe ke;
    IkeSuite suite;
    IkeSecret secret;
    IkeKeySeed seed = {
        .ni = {r->offered.nonce, sizeof r->offered.nonce},
        .spi_i = r->offered.ike_spi,
    };

    if (ike_chain_error(chain, &n) != 0) {
        refused(sa, now, r, &n);
        return;
    }
    if (p == NULL || !find_payloads(chain, &ke, &seed.nr) ||
        ike_offer_decode(p, &offer) != IKE_FAULT_NONE ||
        !ike_answer_accept(&offer, policy, IKE_PROTOCOL_IKE, IKE_SPI_LENGTH,
                           false, &suite, &proposal) ||
        proposal->spi == 0 ||
        !ike_agree_suite(&r->offered, &suite, &ke, &secret)) {
        ike_sa_delete(sa, now, IKE_CAUSE_PROTOCOL);
        return;
    }
    seed.spi_r = proposal->spi;
    seed.shared = (IkeBytes){secret.data, secret.length};
    settle(sa, now, r, successor(sa, now, true, &suite, &seed));
    explicit_bzero(&secret, sizeof secret);
}

/* The peer's request */

static uint16_t
obstacle(const IkeSa *sa)
{
    /* 2.25.2: it is being closed; or was replaced, the peer has not seen it */
    if (sa->stage != IKE_SA_UP || ike_task_has(sa, IKE_TASK_CLOSE, 0))
        return IKE_NOTIFY_TEMPORARY_FAILURE;
    if (sa->request == NULL)
        return 0;
    switch (sa->request->task.kind) {
    case IKE_TASK_NEW_CHILD: /* 2.25.1 */
    case IKE_TASK_REKEY_CHILD:
    case IKE_TASK_DELETE_CHILD:
        return IKE_NOTIFY_TEMPORARY_FAILURE;
    case IKE_TASK_INIT:
    case IKE_TASK_AUTH:
    case IKE_TASK_CLOSE:
    case IKE_TASK_FAILED:
    case IKE_TASK_REKEY_IKE:
    case IKE_TASK_PROBE:
        return 0;
    }
    g_assert_not_reached();
}

static void
accept(IkeSa *sa, HsTime now, const IkeHeader *h, const IkeKe *ke,
       IkeBytes nonce, const IkeSuite *suite, const IkeProposal *proposal)
{
    IkeSession *s = sa->session;
    IkeOffered offered;
    IkeSecret secret;
    IkeKeySeed seed = {.ni = nonce, .spi_i = proposal->spi};
    IkeSa *fresh;
    g_auto(IkeBuilder) b = {0};

    ike_builder_init(&b);
    ike_offered_draw(s, &offered, suite->group);
    if (!ike_agree(offered.dh, ke, &secret)) {
        ike_offered_clear(&offered);
        ike_fatal(sa, now, h);
        return;
    }
    seed.nr = (IkeBytes){offered.nonce, sizeof offered.nonce};
    seed.spi_r = ike_sa_draw_spi(s);
    seed.shared = (IkeBytes){secret.data, secret.length};
    fresh = successor(sa, now, false, suite, &seed);
    explicit_bzero(&secret, sizeof secret);
    ike_choice_encode(&b, suite, proposal->number, seed.spi_r, IKE_SPI_LENGTH,
                      false);
    ike_nonce_encode(&b, offered.nonce, sizeof offered.nonce);
    ike_ke_encode(&b, suite->group, crypto_dh_public(offered.dh),
                  crypto_dh_public_length(suite->group));
    ike_respond(sa, now, IKE_EXCHANGE_CREATE_CHILD_SA, h->id, &b);
    ike_offered_clear(&offered);
    if (sa->request != NULL && sa->request->task.kind == IKE_TASK_REKEY_IKE) {
        sa->request->rival = fresh;
        g_clear_pointer(&sa->request->rival_nonce, g_bytes_unref);
        sa->request->rival_nonce = ike_lower(seed.ni, ike_bytes_of(fresh->nr));
    } else
        ike_sa_inherit(sa, fresh, now, IKE_CAUSE_REKEYED);
}

void
ike_rekey_request(IkeSa *sa, HsTime now, const IkeHeader *h,
                  const IkeChain *chain, const IkeOffer *offer)
{
    const IkePolicy *policy = &sa->session->config.ike_policy;
    const IkeExchange exchange = IKE_EXCHANGE_CREATE_CHILD_SA;
    const IkeProposal *proposal;
    IkeKe ke;
    IkeBytes nonce;
    IkeSuite suite;
    uint16_t error = obstacle(sa);

    if (!find_payloads(chain, &ke, &nonce)) {
        ike_fatal(sa, now, h);
        return;
    }
    if (error != 0) {
        ike_respond_notify(sa, now, exchange, h->id, error, NULL, 0);
        return;
    }
    if (!ike_offer_choose(offer, policy, IKE_PROTOCOL_IKE, IKE_SPI_LENGTH,
                          ke.group, false, &suite, &proposal) ||
        proposal->spi == 0) {
        ike_respond_notify(sa, now, exchange, h->id,
                           IKE_NOTIFY_NO_PROPOSAL_CHOSEN, NULL, 0);
        return;
    }
    if (suite.group != ke.group) {
        const uint8_t wanted[2] = {(uint8_t)(suite.group >> 8),
                                   (uint8_t)suite.group};

        ike_respond_notify(sa, now, exchange, h->id,
                           IKE_NOTIFY_INVALID_KE_PAYLOAD, wanted,
                           sizeof wanted);
        return;
    }
    accept(sa, now, h, &ke, nonce, &suite, proposal);
}
