/* IKE_AUTH (RFC 7296 1.2, 2.15): who it is, and the first child SA.
 *
 *     SK {IDi, [INITIAL_CONTACT], [IDr], AUTH, SAi2, TSi, TSr}  -->
 *                              <--  SK {IDr, AUTH, SAr2, TSi, TSr}
 *
 * A responder that does not believe the initiator answers
 * AUTHENTICATION_FAILED and forgets the SA. An initiator that does not believe
 * the responder says so in an INFORMATIONAL of its own (2.21.2). A child SA
 * that fails leaves the IKE SA standing: the answer then has an error notify
 * instead of SA and selectors.
 *
 * Departure: one method, the shared key; no EAP, no certificates. */

#include "config.h"

#include "models/ikev2/ikev2.h"
#include "models/ikev2/private.h"

#include <string.h>

/* AUTH of the side that is the SA's initiator, or of the other one. */
static size_t
compute(const IkeSa *sa, bool of_initiator, IkeBytes id_body,
        uint8_t ret_auth[IKE_AUTH_MAX])
{
    const char *psk = sa->session->config.psk;
    const IkeAuthInput input = {
        .message =
            ike_bytes_of(of_initiator ? sa->init_request : sa->init_response),
        .nonce = ike_bytes_of(of_initiator ? sa->nr : sa->ni),
        .id_body = id_body,
        .sk_p = of_initiator ? sa->keys.pi : sa->keys.pr,
    };

    ike_auth_shared_key(ret_auth, sa->suite.prf, &input,
                        (IkeBytes){(const uint8_t *)psk, strlen(psk)});
    return ike_prf_length(sa->suite.prf);
}

/* Our ID and AUTH payloads. */
static void
put_self(IkeSa *sa, IkeBuilder *b, bool with_auth)
{
    g_auto(IkeIdentity) id = {0};
    g_autoptr(GBytes) body = NULL;
    IkeBytes data;
    uint8_t auth[IKE_AUTH_MAX];

    ike_identity_of(&id, sa->session->config.local_id, &sa->local);
    data = ike_bytes_of(id.data);
    if (!with_auth) {
        ike_id_encode(b, sa->initiator ? IKE_PAYLOAD_IDI : IKE_PAYLOAD_IDR,
                      id.type, data.data, data.length);
        return;
    }
    body = ike_id_body(id.type, data.data, data.length);
    ike_auth_encode(b, IKE_AUTH_SHARED_KEY, auth,
                    compute(sa, sa->initiator, ike_bytes_of(body), auth));
}

/* Whether CHAIN has the peer's identity, the expected one, with its proof. */
static bool
believe(IkeSa *sa, HsTime now, const IkeChain *chain)
{
    const IkeConfig *c = &sa->session->config;
    const IkePayload *id_payload = ike_chain_find(
        chain, sa->initiator ? IKE_PAYLOAD_IDR : IKE_PAYLOAD_IDI, NULL);
    const IkePayload *auth_payload =
        ike_chain_find(chain, IKE_PAYLOAD_AUTH, NULL);
    uint8_t expected[IKE_AUTH_MAX];
    IkeId id;
    IkeAuth auth;
    size_t length;

    if (id_payload == NULL || auth_payload == NULL ||
        ike_id_decode(id_payload, &id) != IKE_FAULT_NONE ||
        ike_auth_decode(auth_payload, &auth) != IKE_FAULT_NONE)
        return false;
    if (c->remote_id != NULL) {
        g_auto(IkeIdentity) wanted = {0};

        ike_identity_of(&wanted, c->remote_id, &sa->remote);
        if (!ike_identity_is(&wanted, &id)) {
            g_autofree char *text =
                ike_id_format(id.type, id.data.data, id.data.length);

            hs_trace(c->trace, now, "peer is %s, not %s", text, c->remote_id);
            return false;
        }
    }
    length = compute(sa, !sa->initiator, id.whole, expected);
    return auth.method == IKE_AUTH_SHARED_KEY &&
           ike_bytes_equal(auth.data, (IkeBytes){expected, length});
}

/* The initiator */

void
ike_auth_start(IkeSa *sa, HsTime now)
{
    IkeSession *s = sa->session;
    const IkeTask task = {.kind = IKE_TASK_AUTH};
    IkeRequest *r = ike_request_new(&task, IKE_EXCHANGE_AUTH);
    g_auto(IkeBuilder) b = {0};

    ike_builder_init(&b);
    r->offered.esp_spi = ike_child_draw_spi(s);
    put_self(sa, &b, false);
    if (ike_session_up(s) == NULL)
        ike_notify_encode(&b, IKE_NOTIFY_INITIAL_CONTACT, NULL, 0);
    if (s->config.remote_id != NULL) {
        g_auto(IkeIdentity) id = {0};
        IkeBytes data;

        ike_identity_of(&id, s->config.remote_id, &sa->remote);
        data = ike_bytes_of(id.data);
        ike_id_encode(&b, IKE_PAYLOAD_IDR, id.type, data.data, data.length);
    }
    put_self(sa, &b, true);
    ike_child_ask(sa, &b, &r->offered, true);
    ike_request_send(sa, now, r, &b);
}

static void
child_refused(IkeSa *sa, HsTime now, uint16_t error)
{
    IkeSession *s = sa->session;

    hs_trace(s->config.trace, now, "no child SA: %s",
             error != 0 ? ike_notify_name(error) : "nothing in the answer");
    if (error != 0)
        ike_output_add(s, IKE_OUTPUT_NOTIFY)->notify = error;
    ike_session_again(s, now, MAX(s->config.retry, IKE_TEMPORARY_WAIT));
}

static void
first_child(IkeSa *sa, HsTime now, const IkeRequest *r, const IkeChain *chain)
{
    IkeDeal deal;
    uint16_t error = ike_chain_error(chain, NULL);
    const IkeBytes none = {0};

    if (error != 0 || ike_chain_find(chain, IKE_PAYLOAD_SA, NULL) == NULL)
        child_refused(sa, now, error);
    else if (!ike_child_accept(sa, chain, true, &deal))
        /* it stands over there and is not what we asked for */
        ike_sa_delete(sa, now, IKE_CAUSE_PROTOCOL);
    else
        ike_child_send_on(ike_child_add(sa, now, &deal, r->offered.esp_spi,
                                        true, 0, none, ike_bytes_of(sa->ni),
                                        ike_bytes_of(sa->nr)),
                          now);
}

static IkeCause
cause_of(uint16_t error)
{
    return error == IKE_NOTIFY_AUTHENTICATION_FAILED ? IKE_CAUSE_AUTHENTICATION
                                                     : IKE_CAUSE_REFUSED;
}

void
ike_auth_response(IkeSa *sa, HsTime now, IkeRequest *r, const IkeChain *chain)
{
    IkeSession *s = sa->session;
    uint16_t error = ike_chain_error(chain, NULL);

    if (error != 0 && ike_chain_find(chain, IKE_PAYLOAD_AUTH, NULL) == NULL) {
        ike_output_add(s, IKE_OUTPUT_NOTIFY)->notify = error;
        ike_sa_close(sa, now, cause_of(error), error);
        ike_session_again(s, now, s->config.retry);
        return;
    }
    if (!believe(sa, now, chain)) {
        sa->why = IKE_CAUSE_AUTHENTICATION;
        ike_task_add(sa, now, IKE_TASK_FAILED, 0, sa->why, 0);
        ike_session_again(s, now, s->config.retry);
        return;
    }
    ike_sa_establish(sa, now);
    ike_session_note(s, now, IKE_CAUSE_AUTHENTICATED, 0);
    first_child(sa, now, r, chain);
    if (sa->stage == IKE_SA_UP)
        ike_sa_succeed(sa, now, false);
}

/* The responder */

static void
answer(IkeSa *sa, HsTime now, const IkeHeader *h, const IkeChain *chain)
{
    IkeSession *s = sa->session;
    g_auto(IkeBuilder) b = {0};
    IkeDeal deal;
    const IkeBytes none = {0};
    const IkeOffered offered = {.esp_spi = ike_child_draw_spi(s)};
    uint16_t error = ike_child_judge(sa, chain, NULL, true, &deal);

    ike_builder_init(&b);
    put_self(sa, &b, false);
    put_self(sa, &b, true);
    if (error == 0) {
        IkeChildSa *c =
            ike_child_add(sa, now, &deal, offered.esp_spi, false, 0, none,
                          ike_bytes_of(sa->ni), ike_bytes_of(sa->nr));

        ike_child_answer(&b, &deal, &offered, true);
        ike_child_send_on(c, now);
    } else {
        hs_trace(s->config.trace, now, "no child SA: %s",
                 ike_notify_name(error));
        ike_notify_encode(&b, error, NULL, 0);
    }
    ike_respond(sa, now, IKE_EXCHANGE_AUTH, h->id, &b);
}

void
ike_auth_request(IkeSa *sa, HsTime now, const IkeHeader *h,
                 const IkeChain *chain)
{
    IkeSession *s = sa->session;
    IkeNotify n;

    if (ike_chain_find(chain, IKE_PAYLOAD_IDI, NULL) == NULL) {
        ike_fatal(sa, now, h);
        return;
    }
    if (!believe(sa, now, chain)) {
        ike_respond_notify(sa, now, IKE_EXCHANGE_AUTH, h->id,
                           IKE_NOTIFY_AUTHENTICATION_FAILED, NULL, 0);
        ike_sa_close(sa, now, IKE_CAUSE_AUTHENTICATION,
                     IKE_NOTIFY_AUTHENTICATION_FAILED);
        return;
    }
    ike_sa_establish(sa, now);
    ike_session_note(s, now, IKE_CAUSE_AUTHENTICATED, 0);
    answer(sa, now, h, chain);
    ike_sa_succeed(sa, now,
                   ike_notify_find(chain, IKE_NOTIFY_INITIAL_CONTACT, &n));
}
