/* IKE_SA_INIT (RFC 7296 1.2): algorithms, nonces, Diffie-Hellman.
 *
 *     HDR, [COOKIE], SAi1, KEi, Ni, NAT_D, NAT_D, FRAG  -->
 *                       <--  HDR, SAr1, KEr, Nr, NAT_D, NAT_D, FRAG
 *
 * The responder keeps nothing until it agrees: COOKIE (2.6),
 * INVALID_KE_PAYLOAD and NO_PROPOSAL_CHOSEN are answered from the request
 * alone. With a second and third request of the initiator's, its SPI, nonce
 * and cookie stay; only the key exchange may change (2.6.1).
 *
 * Nothing is proven yet in this exchange, so an answer that makes no sense is
 * passed over and a good one awaited. An error notify ends the attempt: 2.21.1
 * leaves that to us, and waiting would only make a wrong configuration look
 * like a dead peer. */

#include "config.h"

#include "models/ikev2/ikev2.h"
#include "models/ikev2/private.h"

#include <string.h>

#define COOKIE_LIFE HS_SEC(120)
#define RETRIES_MAX 5 /* cookies and groups that one attempt follows */

IkeBytes
ike_bytes_of(GBytes *bytes)
{
    IkeBytes b = {NULL, 0};

    if (bytes != NULL)
        b.data = g_bytes_get_data(bytes, &b.length);
    return b;
}

static GBytes *
bytes_copy(IkeBytes bytes)
{
    return g_bytes_new(bytes.data, bytes.length);
}

/* What both messages say besides the choice. */
static void
common_payloads(IkeSa *sa, IkeBuilder *b, uint64_t spi_r)
{
    IkeSession *s = sa->session;

    ike_nat_notifies(s, b, sa->spi_i, spi_r, sa);
    if (!s->config.no_fragmentation)
        ike_notify_encode(b, IKE_NOTIFY_FRAGMENTATION_SUPPORTED, NULL, 0);
    if (s->config.vendor_id != NULL)
        ike_builder_add(b, IKE_PAYLOAD_VENDOR, s->config.vendor_id,
                        strlen(s->config.vendor_id));
}

static void
learn_common(IkeSa *sa, const IkeChain *chain, uint64_t spi_r)
{
    IkeNotify n;

    ike_nat_detect(sa, chain, spi_r);
    sa->fragments =
        !sa->session->config.no_fragmentation &&
        ike_notify_find(chain, IKE_NOTIFY_FRAGMENTATION_SUPPORTED, &n);
}

static void
derive(IkeSa *sa, IkeBytes shared)
{
    IkeKeySeed seed = {.ni = ike_bytes_of(sa->ni),
                       .nr = ike_bytes_of(sa->nr),
                       .spi_i = sa->spi_i,
                       .spi_r = sa->spi_r,
                       .shared = shared};

    ike_sa_keys_derive(&sa->keys, &sa->suite, &seed);
    ike_sa_protect(sa);
}

/* The initiator */

static void
send_init(IkeSa *sa, HsTime now, IkeOffered *offered)
{
    IkeSession *s = sa->session;
    const IkeTask task = {.kind = IKE_TASK_INIT};
    IkeRequest *r = ike_request_new(&task, IKE_EXCHANGE_SA_INIT);
    IkeHeader h = ike_sa_header(sa, IKE_EXCHANGE_SA_INIT, 0, false);
    g_auto(IkeBuilder) b = {0};

    ike_builder_init(&b);
    if (sa->cookie != NULL) {
        IkeBytes cookie = ike_bytes_of(sa->cookie);

        ike_notify_encode(&b, IKE_NOTIFY_COOKIE, cookie.data, cookie.length);
    }
    ike_offer_encode(&b, &s->config.ike_policy, IKE_PROTOCOL_IKE, 0, 0, false);
    ike_ke_encode(&b, sa->group, crypto_dh_public(offered->dh),
                  crypto_dh_public_length(sa->group));
    ike_nonce_encode(&b, offered->nonce, sizeof offered->nonce);
    common_payloads(sa, &b, 0);
    r->offered = *offered;
    memset(offered, 0, sizeof *offered);
    g_clear_pointer(&sa->init_request, g_bytes_unref);
    sa->init_request = ike_builder_message(&b, &h);
    sa->next_id = 0;
    ike_request_send_plain(sa, now, r, g_bytes_ref(sa->init_request));
}

void
ike_init_start(IkeSession *s, HsTime now)
{
    IkeSa *sa = ike_sa_new(s, now, true);
    IkeOffered offered;

    sa->stage = IKE_SA_INIT_SENT;
    sa->spi_i = ike_sa_draw_spi(s);
    sa->group = s->config.ike_policy.groups[0];
    ike_offered_draw(s, &offered, sa->group);
    sa->ni = g_bytes_new(offered.nonce, sizeof offered.nonce);
    send_init(sa, now, &offered);
    ike_session_note(s, now, IKE_CAUSE_STARTED, 0);
}

/* The same once more, with the cookie or the group that was asked for. */
static void
send_again(IkeSa *sa, HsTime now, uint16_t group)
{
    IkeOffered offered = sa->request->offered;

    memset(&sa->request->offered, 0, sizeof offered);
    g_clear_pointer(&sa->request, ike_request_free);
    sa->retries++;
    if (group != sa->group) {
        crypto_dh_free(offered.dh);
        offered.dh = crypto_dh_new(group, sa->session->rng);
        sa->group = group;
    }
    send_init(sa, now, &offered);
}

static IkeCause
cause_of(uint16_t error)
{
    switch (error) {
    case IKE_NOTIFY_NO_PROPOSAL_CHOSEN:
    case IKE_NOTIFY_INVALID_KE_PAYLOAD:
        return IKE_CAUSE_NO_PROPOSAL;
    case IKE_NOTIFY_INVALID_SYNTAX:
    case IKE_NOTIFY_UNSUPPORTED_CRITICAL_PAYLOAD:
        return IKE_CAUSE_PROTOCOL;
    default:
        return IKE_CAUSE_REFUSED;
    }
}

static void
refused(IkeSa *sa, HsTime now, IkeCause cause, uint16_t notify)
{
    IkeSession *s = sa->session;

    if (notify != 0)
        ike_output_add(s, IKE_OUTPUT_NOTIFY)->notify = notify;
    ike_sa_close(sa, now, cause, notify);
    ike_session_again(s, now, s->config.retry);
}

/* A notify instead of an answer. */
static void
answered_error(IkeSa *sa, HsTime now, const IkeNotify *n)
{
    const IkePolicy *policy = &sa->session->config.ike_policy;

    if (n->type == IKE_NOTIFY_INVALID_KE_PAYLOAD && n->data.length == 2 &&
        sa->retries < RETRIES_MAX) {
        uint16_t wanted = (uint16_t)(n->data.data[0] << 8 | n->data.data[1]);

        for (size_t i = 0; i < policy->group_count; i++)
            if (policy->groups[i] == wanted && wanted != sa->group) {
                send_again(sa, now, wanted);
                return;
            }
    }
    refused(sa, now, cause_of(n->type), n->type);
}

/* The payloads that either message must have. */
typedef struct {
    IkeOffer offer;
    IkeKe ke;
    IkeBytes nonce;
} InitPayloads;

static bool
find_payloads(const IkeChain *chain, InitPayloads *ret)
{
    const IkePayload *sa = ike_chain_find(chain, IKE_PAYLOAD_SA, NULL);
    const IkePayload *ke = ike_chain_find(chain, IKE_PAYLOAD_KE, NULL);
    const IkePayload *nonce = ike_chain_find(chain, IKE_PAYLOAD_NONCE, NULL);

    return sa != NULL && ke != NULL && nonce != NULL &&
           ike_ke_decode(ke, &ret->ke) == IKE_FAULT_NONE &&
           ike_nonce_decode(nonce, &ret->nonce) == IKE_FAULT_NONE &&
           ike_offer_decode(sa, &ret->offer) == IKE_FAULT_NONE;
}

static void
proceed(IkeSa *sa, HsTime now, const IkeMessage *m, const InitPayloads *p,
        const uint8_t *secret)
{
    g_autoptr(IkeRequest) request = g_steal_pointer(&sa->request);

    (void)request; /* freed at the end; clang takes that for no use */
    sa->spi_r = m->header.spi_r;
    sa->nr = bytes_copy(p->nonce);
    sa->init_response = g_bytes_new(m->data, m->length);
    learn_common(sa, &m->chain, sa->spi_r);
    derive(sa, (IkeBytes){secret, crypto_dh_secret_length(sa->group)});
    ike_nat_float(sa);
    sa->stage = IKE_SA_AUTH_SENT;
    ike_auth_start(sa, now);
}

static void
answered(IkeSa *sa, HsTime now, const IkeMessage *m, InitPayloads *p)
{
    IkeSession *s = sa->session;
    uint8_t secret[CRYPTO_DH_SECRET_MAX];

    if (!ike_answer_accept(&p->offer, &s->config.ike_policy, IKE_PROTOCOL_IKE,
                           0, false, &sa->suite, NULL)) {
        refused(sa, now, IKE_CAUSE_NO_PROPOSAL, 0);
        return;
    }
    if (m->header.spi_r == 0 || sa->suite.group != sa->group ||
        p->ke.group != sa->group ||
        crypto_dh_agree(sa->request->offered.dh, p->ke.value.data,
                        p->ke.value.length, secret) != CRYPTO_DH_FAULT_NONE) {
        refused(sa, now, IKE_CAUSE_PROTOCOL, 0);
        return;
    }
    proceed(sa, now, m, p, secret);
    explicit_bzero(secret, sizeof secret);
}

void
ike_init_response(IkeSa *sa, HsTime now, const IkeMessage *m)
{
    IkeSession *s = sa->session;
    InitPayloads p = {0};
    IkeNotify n;

    if (sa->stage != IKE_SA_INIT_SENT || m->header.id != 0) {
        ike_count(s, IKE_COUNT_DROP_UNEXPECTED);
        return;
    }
    if (ike_notify_find(&m->chain, IKE_NOTIFY_COOKIE, &n) &&
        sa->retries < RETRIES_MAX) {
        g_clear_pointer(&sa->cookie, g_bytes_unref);
        sa->cookie = bytes_copy(n.data);
        send_again(sa, now, sa->group);
    } else if (find_payloads(&m->chain, &p))
        answered(sa, now, m, &p);
    else if (ike_chain_error(&m->chain, &n) != 0)
        answered_error(sa, now, &n);
    else
        ike_count(s, IKE_COUNT_DROP_MALFORMED);
    ike_offer_clear(&p.offer);
}

/* The responder */

/* An answer before there is an SA: its responder's SPI is zero (2.6). */
static void
answer_notify(IkeSa *way, HsTime now, uint16_t type, const void *data,
              size_t length)
{
    g_auto(IkeBuilder) b = {0};
    IkeHeader h = ike_sa_header(way, IKE_EXCHANGE_SA_INIT, 0, true);

    h.spi_r = 0;
    ike_builder_init(&b);
    ike_notify_encode(&b, type, data, length);
    ike_answer_plain(way, now, ike_builder_message(&b, &h));
}

static void
renew_secret(IkeSession *s, HsTime now)
{
    if (now - s->cookie_since < COOKIE_LIFE)
        return;
    memcpy(s->cookie_old, s->cookie_secret, sizeof s->cookie_old);
    hs_rng_bytes(s->rng, s->cookie_secret, sizeof s->cookie_secret);
    s->cookie_version++;
    s->cookie_renewed = true;
    s->cookie_since = now;
}

/* Whether the request shows the cookie that it must, if it must. One of the
 * secret before the last is good too. */
static bool
cookie_good(IkeSa *way, HsTime now, const IkeMessage *m, IkeBytes nonce)
{
    IkeSession *s = way->session;
    uint8_t cookie[IKE_COOKIE_LENGTH];
    IkeNotify n;

    if (!s->config.cookie_always &&
        (s->config.cookie_threshold == 0 ||
         ike_session_half_open(s) < s->config.cookie_threshold))
        return true;
    renew_secret(s, now);
    if (ike_notify_find(&m->chain, IKE_NOTIFY_COOKIE, &n)) {
        bool old = n.data.data[0] != s->cookie_version;

        ike_cookie(cookie, (uint8_t)(s->cookie_version - old),
                   old ? s->cookie_old : s->cookie_secret, nonce, &way->remote,
                   m->header.spi_i);
        /* before the first renewal the old secret is one that anybody knows */
        if ((!old || s->cookie_renewed) &&
            ike_bytes_equal(n.data, (IkeBytes){cookie, sizeof cookie}))
            return true;
        ike_count(s, IKE_COUNT_DROP_COOKIE);
    }
    ike_cookie(cookie, s->cookie_version, s->cookie_secret, nonce, &way->remote,
               m->header.spi_i);
    ike_count(s, IKE_COUNT_COOKIES);
    answer_notify(way, now, IKE_NOTIFY_COOKIE, cookie, sizeof cookie);
    return false;
}

static void
respond(IkeSa *sa, HsTime now, const IkeMessage *m, const InitPayloads *p,
        uint8_t number, const CryptoDh *dh)
{
    IkeSession *s = sa->session;
    IkeHeader h;
    g_auto(IkeBuilder) b = {0};
    uint8_t nonce[IKE_NONCE];

    hs_rng_bytes(s->rng, nonce, sizeof nonce);
    sa->spi_r = ike_sa_draw_spi(s);
    sa->ni = bytes_copy(p->nonce);
    sa->nr = g_bytes_new(nonce, sizeof nonce);
    sa->group = sa->suite.group;
    sa->init_request = g_bytes_new(m->data, m->length);
    learn_common(sa, &m->chain, 0);
    ike_builder_init(&b);
    ike_choice_encode(&b, &sa->suite, number, 0, 0, false);
    ike_ke_encode(&b, sa->group, crypto_dh_public(dh),
                  crypto_dh_public_length(sa->group));
    ike_nonce_encode(&b, nonce, sizeof nonce);
    common_payloads(sa, &b, sa->spi_r);
    h = ike_sa_header(sa, IKE_EXCHANGE_SA_INIT, 0, true);
    sa->init_response = ike_builder_message(&b, &h);
    sa->expected_id = 1;
    ike_answer_plain(sa, now, g_bytes_ref(sa->init_response));
}

/* Everything is agreed on: keys, and a half-open SA. */
static void
agree(IkeSa *way, HsTime now, const IkeMessage *m, const InitPayloads *p,
      const IkeSuite *suite, uint8_t number)
{
    IkeSession *s = way->session;
    g_autoptr(CryptoDh) dh = crypto_dh_new(suite->group, s->rng);
    uint8_t secret[CRYPTO_DH_SECRET_MAX];
    IkeSa *sa;

    if (crypto_dh_agree(dh, p->ke.value.data, p->ke.value.length, secret) !=
        CRYPTO_DH_FAULT_NONE) {
        answer_notify(way, now, IKE_NOTIFY_INVALID_SYNTAX, NULL, 0);
        return;
    }
    sa = ike_sa_new(s, now, false);
    sa->stage = IKE_SA_HALF_OPEN;
    sa->half_open_until = hs_time_add(now, s->config.half_open);
    sa->suite = *suite;
    sa->spi_i = way->spi_i;
    sa->local = way->local;
    sa->local_port = way->local_port;
    sa->remote = way->remote;
    sa->remote_port = way->remote_port;
    sa->answer_to = way->answer_to;
    sa->answer_port = way->answer_port;
    sa->answer_from_port = way->answer_from_port;
    respond(sa, now, m, p, number, dh);
    derive(sa, (IkeBytes){secret, crypto_dh_secret_length(sa->group)});
    explicit_bzero(secret, sizeof secret);
    ike_session_note(s, now, IKE_CAUSE_PEER_STARTED, 0);
}

static void
judge(IkeSa *way, HsTime now, const IkeMessage *m, const InitPayloads *p)
{
    IkeSession *s = way->session;
    const IkeProposal *proposal;
    IkeSuite suite;

    if (!ike_offer_choose(&p->offer, &s->config.ike_policy, IKE_PROTOCOL_IKE, 0,
                          p->ke.group, false, &suite, &proposal)) {
        hs_trace(s->config.trace, now, "no proposal chosen");
        answer_notify(way, now, IKE_NOTIFY_NO_PROPOSAL_CHOSEN, NULL, 0);
    } else if (suite.group != p->ke.group) {
        const uint8_t group[2] = {(uint8_t)(suite.group >> 8),
                                  (uint8_t)suite.group};

        answer_notify(way, now, IKE_NOTIFY_INVALID_KE_PAYLOAD, group,
                      sizeof group);
    } else
        agree(way, now, m, p, &suite, proposal->number);
}

/* RFC 7296 2.1: the same IKE_SA_INIT again is known by its bytes. */
static bool
repeated(IkeSession *s, HsTime now, const IkeSa *way, const IkeMessage *m)
{
    for (unsigned i = 0; i < s->sas->len; i++) {
        IkeSa *sa = g_ptr_array_index(s->sas, i);
        IkeBytes first = ike_bytes_of(sa->init_request);

        if (sa->initiator || sa->spi_i != m->header.spi_i ||
            first.length != m->length ||
            memcmp(first.data, m->data, m->length) != 0)
            continue;
        if (sa->stage == IKE_SA_HALF_OPEN &&
            hs_addr_equal(&sa->remote, &way->remote)) {
            ike_count(s, IKE_COUNT_REPEATED);
            ike_answer_plain(sa, now, g_bytes_ref(sa->init_response));
        }
        return true;
    }
    return false;
}

void
ike_init_request(IkeSession *s, HsTime now, const HsAddr *local,
                 uint16_t local_port, const HsAddr *remote,
                 uint16_t remote_port, const IkeMessage *m)
{
    /* what an answer needs to know, before there is an SA */
    IkeSa way = {.session = s,
                 .spi_i = m->header.spi_i,
                 .local = *local,
                 .local_port = local_port,
                 .remote = *remote,
                 .remote_port = remote_port,
                 .answer_to = *remote,
                 .answer_port = remote_port,
                 .answer_from_port = local_port};
    InitPayloads p = {0};

    if (!s->listening) {
        ike_count(s, IKE_COUNT_DROP_UNEXPECTED);
        return;
    }
    if (repeated(s, now, &way, m))
        return;
    if (!find_payloads(&m->chain, &p)) {
        ike_count(s, IKE_COUNT_DROP_MALFORMED);
        answer_notify(&way, now, IKE_NOTIFY_INVALID_SYNTAX, NULL, 0);
    } else if (cookie_good(&way, now, m, p.nonce))
        judge(&way, now, m, &p);
    g_clear_pointer(&way.response, g_ptr_array_unref);
    ike_offer_clear(&p.offer);
}
