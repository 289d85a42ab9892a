/* One child SA: the pair of ESP SAs, as the ESP side is told of it.
 *
 * A rekey, seen by its initiator (left) and its responder (right). No packet
 * is lost if each side receives on an SA before the other one sends on it, and
 * until the other one has ceased to (RFC 7296 2.8):
 *
 *                      CREATE_CHILD_SA  -->   ADD new
 *     ADD new, SEND new                 <--
 *                      ESP on new       -->   SEND new
 *                      D old            -->   SEND new if it was not yet,
 *                                             old lingers
 *     old lingers                       <--
 *     REMOVE old                              REMOVE old
 *
 * It lingers because packets that left earlier may arrive later. */

#include "config.h"

#include "models/ikev2/ikev2.h"
#include "models/ikev2/private.h"

#include <string.h>

IkeChildSa *
ike_child_find(const IkeSession *s, unsigned number)
{
    for (unsigned i = 0; i < s->children->len; i++) {
        IkeChildSa *c = g_ptr_array_index(s->children, i);

        if (c->face.number == number && !c->gone)
            return c;
    }
    return NULL;
}

IkeChildSa *
ike_child_by_spi_out(const IkeSa *sa, uint32_t spi)
{
    const IkeSession *s = sa->session;

    for (unsigned i = 0; i < s->children->len; i++) {
        IkeChildSa *c = g_ptr_array_index(s->children, i);

        if (c->sa == sa && c->face.spi_out == spi && !c->gone && !c->lingering)
            return c;
    }
    return NULL;
}

unsigned
ike_child_count(const IkeSession *s)
{
    unsigned count = 0;

    for (unsigned i = 0; i < s->children->len; i++) {
        const IkeChildSa *c = g_ptr_array_index(s->children, i);

        count += !c->gone && !c->lingering && !c->replaced && !c->redundant &&
                 !c->deleting;
    }
    return count;
}

/* RFC 4303 2.1: 1 to 255 are reserved. */
uint32_t
ike_child_draw_spi(IkeSession *s)
{
    uint32_t spi;
    bool taken;

    do {
        spi = hs_rng_u32(s->rng);
        taken = spi < 256;
        for (unsigned i = 0; i < s->children->len; i++) {
            const IkeChildSa *c = g_ptr_array_index(s->children, i);

            taken |= c->face.spi_in == spi;
        }
    } while (taken);
    return spi;
}

/* As esp_suite_name() has it; interned. */
static const char *
suite_name(const IkeSuite *suite)
{
    const char *hash = "";
    g_autofree char *text = NULL;

    switch (suite->integ) {
    case IKE_INTEG_HMAC_SHA1_96:
        hash = "-sha1";
        break;
    case IKE_INTEG_HMAC_SHA2_256_128:
        hash = "-sha2-256";
        break;
    case IKE_INTEG_HMAC_SHA2_384_192:
        hash = "-sha2-384";
        break;
    case IKE_INTEG_HMAC_SHA2_512_256:
        hash = "-sha2-512";
        break;
    default:
        break;
    }
    text = g_strdup_printf("aes%u-%s%s", suite->key_bits,
                           ike_suite_is_aead(suite) ? "gcm16" : "cbc", hash);
    return g_intern_string(text);
}

static const char *
selectors_text(const IkeTsList *list)
{
    g_autoptr(GString) text = g_string_new(NULL);

    for (size_t i = 0; i < list->count; i++) {
        g_autofree char *one = ike_ts_format(&list->selectors[i]);

        g_string_append_printf(text, "%s%s", i > 0 ? " " : "", one);
    }
    return g_intern_string(text->str);
}

static IkeOutput *
add_output(IkeChildSa *c, IkeOutputKind kind)
{
    IkeOutput *output = ike_output_add(c->sa->session, kind);

    output->child = g_new(IkeChild, 1);
    *output->child = c->face;
    return output;
}

static void
place(IkeChildSa *c)
{
    c->face.local = c->sa->local;
    c->face.remote = c->sa->remote;
    c->face.local_port = c->sa->local_port;
    c->face.remote_port = c->sa->remote_port;
    c->face.nat_t = c->sa->nat_here || c->sa->nat_there;
}

static void
copy_keys(IkeChildKeys *to, const IkeKeymatWay *from, const IkeKeymat *keys)
{
    memcpy(to->encryption, from->encr, keys->encr_length);
    memcpy(to->integrity, from->integ, keys->integ_length);
    to->encryption_length = keys->encr_length;
    to->integrity_length = keys->integ_length;
}

IkeChildSa *
ike_child_add(IkeSa *sa, HsTime now, const IkeDeal *deal, uint32_t spi_in,
              bool initiator, unsigned replaces, IkeBytes shared, IkeBytes ni,
              IkeBytes nr)
{
    IkeSession *s = sa->session;
    const IkeConfig *config = &s->config;
    IkeChildSa *c = g_new0(IkeChildSa, 1);
    g_auto(IkeKeymat) keys = {0};
    IkeOutput *output;

    c->sa = sa;
    c->suite = deal->suite;
    c->face.number = ++s->child_numbers;
    c->face.replaces = replaces;
    c->face.initiator = initiator;
    c->face.spi_in = spi_in;
    c->face.spi_out = deal->spi;
    c->face.suite = suite_name(&deal->suite);
    c->face.esn = deal->suite.esn;
    if (deal->suite.group != IKE_DH_NONE)
        c->face.group = g_intern_string(crypto_dh_name(deal->suite.group));
    c->face.local_ts = selectors_text(initiator ? &deal->tsi : &deal->tsr);
    c->face.remote_ts = selectors_text(initiator ? &deal->tsr : &deal->tsi);
    place(c);
    c->remove_at = c->temporary_since = HS_TIME_NEVER;
    c->rekey_at =
        ike_rekey_at(s, now, config->child_lifetime, config->child_margin);
    c->expire_at =
        ike_expire_at(s, now, config->child_lifetime, config->child_margin);
    g_ptr_array_add(s->children, c);
    ike_count(s, IKE_COUNT_CHILDREN);

    ike_keymat_derive(&keys, &deal->suite, sa->suite.prf, sa->keys.d,
                      sa->keys.d_length, shared, ni, nr);
    output = add_output(c, IKE_OUTPUT_CHILD_ADD);
    copy_keys(&output->child->out, initiator ? &keys.i : &keys.r, &keys);
    copy_keys(&output->child->in, initiator ? &keys.r : &keys.i, &keys);
    hs_trace(config->trace, now, "child %u added: %s in %08x out %08x",
             c->face.number, c->face.suite, c->face.spi_in, c->face.spi_out);
    return c;
}

void
ike_child_send_on(IkeChildSa *c, HsTime now)
{
    IkeSession *s = c->sa->session;

    for (unsigned i = 0; i < s->children->len; i++) {
        IkeChildSa *other = g_ptr_array_index(s->children, i);

        other->sending = other == c;
    }
    add_output(c, IKE_OUTPUT_CHILD_SEND);
    hs_trace(s->config.trace, now, "child %u sends", c->face.number);
}

void
ike_child_yield(IkeChildSa *c, HsTime now)
{
    IkeSession *s = c->sa->session;
    IkeChildSa *best = NULL;

    if (!c->sending)
        return;
    c->sending = false;
    for (unsigned i = 0; i < s->children->len; i++) {
        IkeChildSa *other = g_ptr_array_index(s->children, i);

        if (other == c || other->gone || other->lingering || other->replaced ||
            other->deleting)
            continue;
        if (best == NULL || best->redundant || !other->redundant)
            best = other;
    }
    if (best != NULL)
        ike_child_send_on(best, now);
}

void
ike_child_drop(IkeChildSa *c, HsTime now, IkeCause cause)
{
    IkeOutput *output;

    if (c->gone)
        return;
    c->gone = true;
    ike_child_yield(c, now);
    output = add_output(c, IKE_OUTPUT_CHILD_REMOVE);
    output->cause = cause;
    hs_trace(c->sa->session->config.trace, now, "child %u removed (%s)",
             c->face.number, ike_cause_name(cause));
}

void
ike_child_remove(IkeChildSa *c, HsTime now, IkeCause cause)
{
    HsDuration linger = c->sa->session->config.linger;
    bool followed = c->replaced || c->redundant;

    if (c->gone || c->lingering)
        return;
    if (!followed || linger == 0) {
        ike_child_drop(c, now, cause);
        return;
    }
    c->lingering = true;
    c->why = cause;
    c->rekey_at = c->expire_at = HS_TIME_NEVER;
    c->remove_at = hs_time_add(now, linger);
    ike_child_yield(c, now);
}

void
ike_child_moved(IkeSa *sa, HsTime now)
{
    IkeSession *s = sa->session;
    char text[HS_ADDR_TEXT];

    hs_trace(s->config.trace, now, "peer is now at %s:%u",
             hs_addr_format(&sa->remote, text), sa->remote_port);
    for (unsigned i = 0; i < s->children->len; i++) {
        IkeChildSa *c = g_ptr_array_index(s->children, i);

        if (c->sa != sa || c->gone)
            continue;
        place(c);
        add_output(c, IKE_OUTPUT_PEER);
    }
}

void
ike_child_expire(IkeChildSa *c, HsTime now)
{
    if (c->gone)
        return;
    if (c->remove_at <= now) {
        ike_child_drop(c, now, c->why);
        return;
    }
    if (c->rekey_at <= now) {
        c->rekey_at = HS_TIME_NEVER;
        if (!c->replaced && !c->deleting)
            ike_task_add(c->sa, now, IKE_TASK_REKEY_CHILD, c->face.number,
                         IKE_CAUSE_REKEY, 0);
    }
    if (c->expire_at <= now) {
        c->expire_at = HS_TIME_NEVER;
        if (!c->deleting)
            ike_task_add(c->sa, now, IKE_TASK_DELETE_CHILD, c->face.number,
                         IKE_CAUSE_EXPIRED, 0);
    }
}

HsTime
ike_child_next_expiry(const IkeChildSa *c)
{
    if (c->gone)
        return HS_TIME_NEVER;
    return hs_time_min(c->remove_at, hs_time_min(c->rekey_at, c->expire_at));
}
