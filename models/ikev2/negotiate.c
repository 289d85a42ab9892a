/* A child SA's proposal, selectors and secret: what IKE_AUTH and
 * CREATE_CHILD_SA have in common (RFC 7296 2.7, 2.9, 2.17).
 *
 * In IKE_AUTH there is neither a nonce nor a key exchange for the child: its
 * keys come from those of IKE_SA_INIT, and groups are left out of its proposal
 * (1.2). */

#include "config.h"

#include "models/ikev2/ikev2.h"
#include "models/ikev2/private.h"

#include <string.h>

void
ike_offered_draw(IkeSession *s, IkeOffered *ret_offered, uint16_t group)
{
    memset(ret_offered, 0, sizeof *ret_offered);
    hs_rng_bytes(s->rng, ret_offered->nonce, sizeof ret_offered->nonce);
    if (group != IKE_DH_NONE)
        ret_offered->dh = crypto_dh_new(group, s->rng);
}

void
ike_offered_clear(IkeOffered *offered)
{
    g_clear_pointer(&offered->dh, crypto_dh_free);
    memset(offered, 0, sizeof *offered);
}

GBytes *
ike_lower(IkeBytes a, IkeBytes b)
{
    int order = memcmp(a.data, b.data, MIN(a.length, b.length));
    bool first = order < 0 || (order == 0 && a.length < b.length);

    return first ? g_bytes_new(a.data, a.length)
                 : g_bytes_new(b.data, b.length);
}

bool
ike_agree(const CryptoDh *dh, const IkeKe *ke, IkeSecret *ret_secret)
{
    ret_secret->length = 0;
    if (dh == NULL)
        return true;
    if (ke == NULL || ke->group != crypto_dh_group(dh) ||
        crypto_dh_agree(dh, ke->value.data, ke->value.length,
                        ret_secret->data) != CRYPTO_DH_FAULT_NONE)
        return false;
    ret_secret->length = crypto_dh_secret_length(crypto_dh_group(dh));
    return true;
}

bool
ike_agree_suite(const IkeOffered *offered, const IkeSuite *suite,
                const IkeKe *ke, IkeSecret *ret_secret)
{
    ret_secret->length = 0;
    if (suite->group == IKE_DH_NONE)
        return true; /* without PFS, though we offered it */
    return offered->dh != NULL &&
           suite->group == crypto_dh_group(offered->dh) &&
           ike_agree(offered->dh, ke, ret_secret);
}

/* Selectors that the configuration allows. */
static IkeTsList
allowed(const HsPrefix *prefix)
{
    IkeTsList list = {.count = 1};

    list.selectors[0] = hs_addr_is_set(&prefix->addr)
                            ? ike_ts_prefix(prefix)
                            : ike_ts_any(HS_FAMILY_IPV4);
    return list;
}

/* Nonce and, with PFS, key exchange. */
static void
put_offered(IkeBuilder *b, const IkeOffered *offered)
{
    ike_nonce_encode(b, offered->nonce, sizeof offered->nonce);
    if (offered->dh != NULL) {
        uint16_t group = crypto_dh_group(offered->dh);

        ike_ke_encode(b, group, crypto_dh_public(offered->dh),
                      crypto_dh_public_length(group));
    }
}

void
ike_child_ask(IkeSa *sa, IkeBuilder *b, const IkeOffered *offered, bool first)
{
    const IkeConfig *c = &sa->session->config;
    const IkeTsList ours = allowed(&c->local_ts);
    const IkeTsList theirs = allowed(&c->remote_ts);

    ike_offer_encode(b, &c->child_policy, IKE_PROTOCOL_ESP, offered->esp_spi, 4,
                     first);
    if (!first)
        put_offered(b, offered);
    ike_ts_encode(b, IKE_PAYLOAD_TSI, &ours);
    ike_ts_encode(b, IKE_PAYLOAD_TSR, &theirs);
}

void
ike_child_answer(IkeBuilder *b, const IkeDeal *deal, const IkeOffered *offered,
                 bool first)
{
    ike_choice_encode(b, &deal->suite, deal->number, offered->esp_spi, 4,
                      first);
    if (!first)
        put_offered(b, offered);
    ike_ts_encode(b, IKE_PAYLOAD_TSI, &deal->tsi);
    ike_ts_encode(b, IKE_PAYLOAD_TSR, &deal->tsr);
}

static bool
find_selectors(const IkeChain *chain, IkeTsList *ret_tsi, IkeTsList *ret_tsr)
{
    const IkePayload *tsi = ike_chain_find(chain, IKE_PAYLOAD_TSI, NULL);
    const IkePayload *tsr = ike_chain_find(chain, IKE_PAYLOAD_TSR, NULL);

    return tsi != NULL && tsr != NULL &&
           ike_ts_decode(tsi, ret_tsi) == IKE_FAULT_NONE &&
           ike_ts_decode(tsr, ret_tsr) == IKE_FAULT_NONE;
}

static bool
find_offer(const IkeChain *chain, IkeOffer *ret_offer)
{
    const IkePayload *p = ike_chain_find(chain, IKE_PAYLOAD_SA, NULL);

    return p != NULL && ike_offer_decode(p, ret_offer) == IKE_FAULT_NONE;
}

uint16_t
ike_child_judge(IkeSa *sa, const IkeChain *chain, const IkeKe *ke, bool first,
                IkeDeal *ret_deal)
{
    const IkeConfig *c = &sa->session->config;
    const IkeTsList ours = allowed(&c->local_ts);
    const IkeTsList theirs = allowed(&c->remote_ts);
    g_auto(IkeOffer) offer = {0};
    IkeTsList tsi, tsr;
    const IkeProposal *proposal;

    if (!find_offer(chain, &offer) || !find_selectors(chain, &tsi, &tsr))
        return IKE_NOTIFY_INVALID_SYNTAX;
    if (!ike_offer_choose(&offer, &c->child_policy, IKE_PROTOCOL_ESP, 4,
                          ke != NULL ? ke->group : 0, first, &ret_deal->suite,
                          &proposal) ||
        proposal->spi == 0)
        return IKE_NOTIFY_NO_PROPOSAL_CHOSEN;
    if (first)
        ret_deal->suite.group = IKE_DH_NONE;
    ret_deal->number = proposal->number;
    ret_deal->spi = (uint32_t)proposal->spi;
    if (ret_deal->suite.group != IKE_DH_NONE &&
        (ke == NULL || ke->group != ret_deal->suite.group))
        return IKE_NOTIFY_INVALID_KE_PAYLOAD;
    if (!ike_ts_narrow(&tsi, &theirs, &ret_deal->tsi) ||
        !ike_ts_narrow(&tsr, &ours, &ret_deal->tsr))
        return IKE_NOTIFY_TS_UNACCEPTABLE;
    return 0;
}

bool
ike_child_accept(IkeSa *sa, const IkeChain *chain, bool first,
                 IkeDeal *ret_deal)
{
    const IkeConfig *c = &sa->session->config;
    const IkeTsList ours = allowed(&c->local_ts);
    const IkeTsList theirs = allowed(&c->remote_ts);
    g_auto(IkeOffer) offer = {0};
    const IkeProposal *proposal;

    if (!find_offer(chain, &offer) ||
        !find_selectors(chain, &ret_deal->tsi, &ret_deal->tsr) ||
        !ike_answer_accept(&offer, &c->child_policy, IKE_PROTOCOL_ESP, 4, first,
                           &ret_deal->suite, &proposal) ||
        proposal->spi == 0)
        return false;
    if (first)
        ret_deal->suite.group = IKE_DH_NONE;
    ret_deal->number = proposal->number;
    ret_deal->spi = (uint32_t)proposal->spi;
    return ret_deal->tsi.count > 0 && ret_deal->tsr.count > 0 &&
           ike_ts_within(&ret_deal->tsi, &ours) &&
           ike_ts_within(&ret_deal->tsr, &theirs);
}
