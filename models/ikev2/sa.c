/* One IKE SA: made, protected, up, replaced, closed.
 *
 *     initiator:  INIT_SENT -> AUTH_SENT -> UP
 *     responder:  HALF_OPEN -> UP                (or CLOSED: refused)
 *     a rekey's:  UP from the beginning
 *
 *     UP -> REPLACED   its rekey stands; whoever made that deletes this
 *     UP, REPLACED -> CLOSING   our delete is out
 *     any -> CLOSED    deleted by the peer, dead, or our delete was answered;
 *                      stays a while, mute but for its last response
 *
 * Lifetimes (RFC 7296 2.8): each side has its own, and rekeys at a point that
 * is drawn, so that two sides with one lifetime do not always collide. At the
 * hard end an SA that nobody replaced is deleted.
 *
 * Assumed: with IKE_REKEY_WINDOW, where the draw may come out at the lifetime
 * itself, the hard end stands a margin behind it. */

#include "config.h"

#include "models/ikev2/ikev2.h"
#include "models/ikev2/private.h"

#include <string.h>

uint64_t
ike_sa_own_spi(const IkeSa *sa)
{
    return sa->initiator ? sa->spi_i : sa->spi_r;
}

/* RFC 7296 2.6: unique and not zero. */
uint64_t
ike_sa_draw_spi(IkeSession *s)
{
    uint64_t spi;
    bool taken;

    do {
        spi = hs_rng_u64(s->rng);
        taken = spi == 0;
        for (unsigned i = 0; i < s->sas->len; i++)
            taken |= ike_sa_own_spi(g_ptr_array_index(s->sas, i)) == spi;
    } while (taken);
    return spi;
}

IkeSa *
ike_sa_new(IkeSession *s, HsTime now, bool initiator)
{
    IkeSa *sa = g_new0(IkeSa, 1);

    sa->session = s;
    sa->initiator = initiator;
    sa->born = now;
    sa->local = s->config.local;
    sa->local_port = s->config.local_port;
    sa->remote = s->config.remote;
    sa->remote_port = s->config.remote_port;
    sa->half_open_until = sa->rekey_at = sa->expire_at = HS_TIME_NEVER;
    sa->close_at = sa->established_at = sa->temporary_since = HS_TIME_NEVER;
    ike_reassembly_init(&sa->reassembly);
    g_queue_init(&sa->tasks);
    g_ptr_array_add(s->sas, sa);
    return sa;
}

void
ike_sa_free(void *data)
{
    IkeSa *sa = data;

    ike_sa_keys_clear(&sa->keys);
    ike_protector_free(sa->out);
    ike_protector_free(sa->in);
    g_clear_pointer(&sa->init_request, g_bytes_unref);
    g_clear_pointer(&sa->init_response, g_bytes_unref);
    g_clear_pointer(&sa->cookie, g_bytes_unref);
    g_clear_pointer(&sa->ni, g_bytes_unref);
    g_clear_pointer(&sa->nr, g_bytes_unref);
    ike_request_free(sa->request);
    g_clear_pointer(&sa->response, g_ptr_array_unref);
    ike_reassembly_clear(&sa->reassembly);
    g_queue_clear_full(&sa->tasks, g_free);
    g_free(sa);
}

/* The words of Wireshark's ikev2_decryption_table. */
static const char *
table_encryption(const IkeSuite *suite)
{
    g_autofree char *text = g_strdup_printf(
        ike_suite_is_aead(suite) ? "AES-GCM-%u with 16 octet ICV [RFC5282]"
                                 : "AES-CBC-%u [RFC3602]",
        suite->key_bits);

    return g_intern_string(text);
}

static const char *
table_integrity(const IkeSuite *suite)
{
    switch (suite->integ) {
    case IKE_INTEG_HMAC_SHA1_96:
        return "HMAC_SHA1_96 [RFC2404]";
    case IKE_INTEG_HMAC_SHA2_256_128:
        return "HMAC_SHA2_256_128 [RFC4868]";
    case IKE_INTEG_HMAC_SHA2_384_192:
        return "HMAC_SHA2_384_192 [RFC4868]";
    case IKE_INTEG_HMAC_SHA2_512_256:
        return "HMAC_SHA2_512_256 [RFC4868]";
    default:
        return "NONE [RFC4306]";
    }
}

void
ike_sa_protect(IkeSa *sa)
{
    const IkeSaKeys *k = &sa->keys;
    IkeOutput *output = ike_output_add(sa->session, IKE_OUTPUT_KEYS);
    IkeKeys *row = output->keys = g_new0(IkeKeys, 1);

    sa->out = ike_protector_of_keys(&sa->suite, k, sa->initiator);
    sa->in = ike_protector_of_keys(&sa->suite, k, !sa->initiator);
    row->spi_i = sa->spi_i;
    row->spi_r = sa->spi_r;
    row->encryption = table_encryption(&sa->suite);
    row->integrity = table_integrity(&sa->suite);
    row->sk_e_length = k->e_length;
    row->sk_a_length = k->a_length;
    memcpy(row->sk_ei, k->ei, k->e_length);
    memcpy(row->sk_er, k->er, k->e_length);
    memcpy(row->sk_ai, k->ai, k->a_length);
    memcpy(row->sk_ar, k->ar, k->a_length);
}

/* Lifetimes */

HsTime
ike_rekey_at(IkeSession *s, HsTime now, HsDuration life, HsDuration margin)
{
    HsDuration fuzz = margin / 100 * s->config.rekey_fuzz;
    HsDuration drawn = hs_rng_uniform(s->rng, 0, fuzz);

    if (life == 0 || s->config.no_rekey)
        return HS_TIME_NEVER;
    if (s->config.rekey_rule == IKE_REKEY_MARGIN)
        drawn += margin;
    return hs_time_add(now, MAX(life - drawn, HS_SEC(1)));
}

HsTime
ike_expire_at(const IkeSession *s, HsTime now, HsDuration life,
              HsDuration margin)
{
    if (life == 0)
        return HS_TIME_NEVER;
    if (s->config.rekey_rule == IKE_REKEY_WINDOW && !s->config.no_rekey)
        life = hs_time_add(life, margin);
    return hs_time_add(now, life);
}

void
ike_sa_establish(IkeSa *sa, HsTime now)
{
    IkeSession *s = sa->session;
    const IkeConfig *c = &s->config;

    sa->stage = IKE_SA_UP;
    sa->established_at = now;
    sa->half_open_until = HS_TIME_NEVER;
    sa->rekey_at = ike_rekey_at(s, now, c->ike_lifetime, c->ike_margin);
    sa->expire_at = ike_expire_at(s, now, c->ike_lifetime, c->ike_margin);
    s->retry_at = HS_TIME_NEVER;
    ike_count(s, IKE_COUNT_ESTABLISHED);
}

/* The lower of an SA's nonces, for the rule of RFC 7296 2.8.1. */
static bool
is_lower(const IkeSa *a, const IkeSa *b)
{
    GBytes *low_a = g_bytes_compare(a->ni, a->nr) < 0 ? a->ni : a->nr;
    GBytes *low_b = g_bytes_compare(b->ni, b->nr) < 0 ? b->ni : b->nr;

    return g_bytes_compare(low_a, low_b) < 0;
}

/* Two SAs with one peer. RFC 7296 2.4: INITIAL_CONTACT says that the older
 * ones are gone over there, and no delete is sent. The RFC has no rule for two
 * that were begun at the same time by both sides; the one for rekeys is taken,
 * by which both sides come to the same end: the SA with the lowest of the four
 * nonces is deleted by who began it. */
void
ike_sa_succeed(IkeSa *sa, HsTime now, bool initial_contact)
{
    IkeSession *s = sa->session;

    for (unsigned i = 0; i < s->sas->len; i++) {
        IkeSa *old = g_ptr_array_index(s->sas, i);
        bool crossed = old->established_at > sa->born;

        if (old == sa)
            continue;
        if (old->stage == IKE_SA_INIT_SENT && !sa->initiator) {
            ike_sa_close(old, now, IKE_CAUSE_REDUNDANT, 0);
            old->close_at = HS_TIME_NEVER;
        } else if (old->stage == IKE_SA_UP && crossed) {
            IkeSa *loser = is_lower(sa, old) ? sa : old;

            if (loser->initiator)
                ike_sa_delete(loser, now, IKE_CAUSE_REDUNDANT);
        } else if (old->stage == IKE_SA_UP && initial_contact)
            ike_sa_close(old, now, IKE_CAUSE_INITIAL_CONTACT, 0);
        else if (old->stage == IKE_SA_UP && !sa->initiator)
            ike_sa_delete(old, now, IKE_CAUSE_REPLACED);
    }
}

void
ike_sa_inherit(IkeSa *from, IkeSa *to, HsTime now, IkeCause cause)
{
    IkeSession *s = from->session;
    IkeTask *task;

    for (unsigned i = 0; i < s->children->len; i++) {
        IkeChildSa *c = g_ptr_array_index(s->children, i);

        if (c->sa == from)
            c->sa = to;
    }
    while ((task = g_queue_pop_head(&from->tasks)) != NULL) {
        bool about_sa = task->kind == IKE_TASK_REKEY_IKE ||
                        task->kind == IKE_TASK_PROBE ||
                        task->kind == IKE_TASK_CLOSE;

        if (about_sa)
            g_free(task);
        else
            g_queue_push_tail(&to->tasks, task);
    }
    from->stage = IKE_SA_REPLACED;
    from->rekey_at = HS_TIME_NEVER;
    from->why = cause;
    /* whoever should delete it may have died */
    from->expire_at = hs_time_add(now, s->config.half_open);
}

/* Ends */

void
ike_sa_yield(IkeSa *sa, HsTime now)
{
    IkeSession *s = sa->session;

    for (unsigned i = 0; i < s->children->len; i++) {
        IkeChildSa *c = g_ptr_array_index(s->children, i);

        if (c->sa != sa)
            continue;
        c->redundant = true;
        ike_child_yield(c, now);
    }
}

/* With another SA up, what is under way on this one's children is still
 * taken for a while. */
static void
end_children(IkeSa *sa, HsTime now, IkeCause cause)
{
    IkeSession *s = sa->session;
    IkeSa *heir = ike_session_up(s);

    for (unsigned i = 0; i < s->children->len; i++) {
        IkeChildSa *c = g_ptr_array_index(s->children, i);

        if (c->sa != sa)
            continue;
        if (heir == NULL || cause == IKE_CAUSE_INITIAL_CONTACT) {
            ike_child_drop(c, now, cause);
            continue;
        }
        c->sa = heir;
        c->redundant = true;
        ike_child_remove(c, now, cause);
    }
}

void
ike_sa_close(IkeSa *sa, HsTime now, IkeCause cause, uint16_t notify)
{
    IkeSession *s = sa->session;

    if (sa->stage == IKE_SA_CLOSED)
        return;
    sa->stage = IKE_SA_CLOSED;
    end_children(sa, now, cause);
    sa->close_at = sa->response != NULL ? hs_time_add(now, IKE_CLOSED_STAY)
                                        : HS_TIME_NEVER;
    sa->half_open_until = sa->rekey_at = sa->expire_at = HS_TIME_NEVER;
    g_clear_pointer(&sa->request, ike_request_free);
    g_queue_clear_full(&sa->tasks, g_free);
    ike_session_note(s, now, cause, notify);
}

void
ike_sa_delete(IkeSa *sa, HsTime now, IkeCause cause)
{
    sa->why = cause;
    if (!ike_task_has(sa, IKE_TASK_CLOSE, 0))
        ike_task_add(sa, now, IKE_TASK_CLOSE, 0, cause, 0);
    /* nothing else is wanted of it */
    sa->rekey_at = sa->expire_at = HS_TIME_NEVER;
}

static void
half_open_over(IkeSa *sa, HsTime now)
{
    ike_sa_close(sa, now, IKE_CAUSE_HALF_OPEN, 0);
    sa->close_at = HS_TIME_NEVER;
}

void
ike_sa_expire(IkeSa *sa, HsTime now)
{
    if (sa->stage == IKE_SA_CLOSED) {
        if (sa->close_at <= now)
            sa->close_at = HS_TIME_NEVER;
        return;
    }
    if (sa->request != NULL && sa->request->due <= now)
        ike_request_expire(sa, now);
    if (sa->half_open_until <= now)
        half_open_over(sa, now);
    if (sa->rekey_at <= now) {
        sa->rekey_at = HS_TIME_NEVER;
        ike_task_add(sa, now, IKE_TASK_REKEY_IKE, 0, IKE_CAUSE_REKEY, 0);
    }
    if (sa->expire_at <= now && sa->stage == IKE_SA_REPLACED &&
        sa->expected_id == 0 && !sa->initiator) {
        /* 2.8.2: the peer forgot its request before it had our answer, so it
         * never had this SA */
        ike_sa_close(sa, now, sa->why, 0);
        return;
    }
    if (sa->expire_at <= now) {
        bool replaced = sa->stage == IKE_SA_REPLACED;

        ike_sa_delete(sa, now, replaced ? sa->why : IKE_CAUSE_EXPIRED);
    }
    if (ike_probe_due(sa) <= now && !ike_task_has(sa, IKE_TASK_PROBE, 0))
        ike_task_add(sa, now, IKE_TASK_PROBE, 0, IKE_CAUSE_NONE, 0);
    if (ike_keepalive_due(sa) <= now)
        ike_keepalive_send(sa, now);
}

HsTime
ike_sa_next_expiry(const IkeSa *sa)
{
    HsTime next = sa->close_at;

    if (sa->stage == IKE_SA_CLOSED)
        return next;
    if (sa->request != NULL)
        next = hs_time_min(next, sa->request->due);
    next = hs_time_min(next, sa->half_open_until);
    next = hs_time_min(next, sa->rekey_at);
    next = hs_time_min(next, sa->expire_at);
    next = hs_time_min(next, ike_task_next(sa));
    next = hs_time_min(next, ike_probe_due(sa));
    return hs_time_min(next, ike_keepalive_due(sa));
}
