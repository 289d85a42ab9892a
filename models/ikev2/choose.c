/* The choice of a suite out of an offer (RFC 7296 2.7 and 3.3.6), and the
 * policies that it is made by.
 *
 * Inside one proposal the types are independent of each other, but for one
 * pair: an AEAD goes with no integrity algorithm, any other cipher with one.
 * So the best suite of a proposal is the best cipher for which that holds,
 * and then the best of each other type. Among proposals, the initiator's
 * order takes the first that has a suite at all; the own order compares the
 * suites, cipher first. */

#include "config.h"

#include "models/ikev2/proposal.h"

#include "models/crypto/dh.h"

#include <string.h>

/* The algorithms that exist here */

typedef struct {
    uint16_t id;
    const char *name;
} Named;

static const Named prfs[] = {
    {IKE_PRF_HMAC_SHA1, "prf-sha1"},
    {IKE_PRF_HMAC_SHA2_256, "prf-sha2-256"},
    {IKE_PRF_HMAC_SHA2_384, "prf-sha2-384"},
    {IKE_PRF_HMAC_SHA2_512, "prf-sha2-512"},
};

static const Named integs[] = {
    {IKE_INTEG_HMAC_SHA1_96, "sha1"},
    {IKE_INTEG_HMAC_SHA2_256_128, "sha2-256"},
    {IKE_INTEG_HMAC_SHA2_384_192, "sha2-384"},
    {IKE_INTEG_HMAC_SHA2_512_256, "sha2-512"},
};

static const char *
name_of(const Named *list, size_t count, uint16_t id)
{
    for (size_t i = 0; i < count; i++)
        if (list[i].id == id)
            return list[i].name;
    return NULL;
}

bool
ike_cipher_supported(uint16_t encr, uint16_t key_bits)
{
    return (encr == IKE_ENCR_AES_CBC || encr == IKE_ENCR_AES_GCM_16) &&
           (key_bits == 128 || key_bits == 192 || key_bits == 256);
}

bool
ike_prf_supported(uint16_t prf)
{
    return name_of(prfs, G_N_ELEMENTS(prfs), prf) != NULL;
}

bool
ike_integ_supported(uint16_t integ)
{
    return name_of(integs, G_N_ELEMENTS(integs), integ) != NULL;
}

static bool
is_aead(uint16_t encr)
{
    return encr == IKE_ENCR_AES_GCM_16;
}

bool
ike_suite_is_aead(const IkeSuite *suite)
{
    return is_aead(suite->encr);
}

bool
ike_suite_equal(const IkeSuite *a, const IkeSuite *b)
{
    return a->protocol == b->protocol && a->encr == b->encr &&
           a->key_bits == b->key_bits && a->prf == b->prf &&
           a->integ == b->integ && a->group == b->group && a->esn == b->esn;
}

char *
ike_suite_format(const IkeSuite *suite)
{
    GString *text = g_string_new(NULL);

    g_string_append_printf(text, "aes%u-%s", suite->key_bits,
                           ike_suite_is_aead(suite) ? "gcm16" : "cbc");
    if (suite->integ != IKE_INTEG_NONE)
        g_string_append_printf(
            text, "/%s", name_of(integs, G_N_ELEMENTS(integs), suite->integ));
    if (suite->protocol == IKE_PROTOCOL_IKE)
        g_string_append_printf(text, "/%s",
                               name_of(prfs, G_N_ELEMENTS(prfs), suite->prf));
    g_string_append_printf(
        text, "/%s",
        suite->group == IKE_DH_NONE ? "no-pfs" : crypto_dh_name(suite->group));
    if (suite->esn)
        g_string_append(text, "/esn");
    return g_string_free(text, FALSE);
}

/* Policies */

void
ike_policy_aws(IkePolicy *ret_policy, bool phase2)
{
    static const IkeCipher ciphers[] = {{IKE_ENCR_AES_CBC, 128},
                                        {IKE_ENCR_AES_CBC, 256},
                                        {IKE_ENCR_AES_GCM_16, 128},
                                        {IKE_ENCR_AES_GCM_16, 256}};
    IkePolicy p = {.no_esn = true, .choice = IKE_CHOOSE_OWN};

    p.cipher_count = G_N_ELEMENTS(ciphers);
    memcpy(p.ciphers, ciphers, sizeof ciphers);
    for (size_t i = 0; i < G_N_ELEMENTS(integs); i++)
        p.integs[p.integ_count++] = integs[i].id;
    for (size_t i = 0; !phase2 && i < G_N_ELEMENTS(prfs); i++)
        p.prfs[p.prf_count++] = prfs[i].id;
    p.groups[p.group_count++] = CRYPTO_DH_MODP1024;
    if (phase2)
        p.groups[p.group_count++] = CRYPTO_DH_MODP1536;
    for (uint16_t group = CRYPTO_DH_MODP2048; group <= CRYPTO_DH_MODP2048_S256;
         group++)
        p.groups[p.group_count++] = group;
    *ret_policy = p;
}

void
ike_policy_of_suite(IkePolicy *ret_policy, const IkeSuite *suite)
{
    IkePolicy p = {.cipher_count = 1, .choice = IKE_CHOOSE_OFFERED};

    p.ciphers[0] = (IkeCipher){suite->encr, suite->key_bits};
    if (suite->protocol == IKE_PROTOCOL_IKE)
        p.prfs[p.prf_count++] = suite->prf;
    if (suite->integ != IKE_INTEG_NONE)
        p.integs[p.integ_count++] = suite->integ;
    if (suite->group != IKE_DH_NONE)
        p.groups[p.group_count++] = suite->group;
    p.esn = suite->esn;
    p.no_esn = !suite->esn;
    *ret_policy = p;
}

bool
ike_policy_check(const IkePolicy *policy, IkeProtocol protocol,
                 const char **ret_why)
{
    bool ike = protocol == IKE_PROTOCOL_IKE;
    const char *why = policy->cipher_count == 0 ? "no cipher" : NULL;

    for (size_t i = 0; i < policy->cipher_count; i++) {
        const IkeCipher *c = &policy->ciphers[i];

        if (!ike_cipher_supported(c->encr, c->key_bits))
            why = "unknown cipher";
        else if (!is_aead(c->encr) && policy->integ_count == 0)
            why = "no integrity algorithm for the cipher";
    }
    for (size_t i = 0; i < policy->integ_count; i++)
        if (!ike_integ_supported(policy->integs[i]))
            why = "unknown integrity algorithm";
    for (size_t i = 0; i < policy->prf_count; i++)
        if (!ike_prf_supported(policy->prfs[i]))
            why = "unknown PRF";
    for (size_t i = 0; i < policy->group_count; i++)
        if (!crypto_dh_supported(policy->groups[i]) &&
            (ike || policy->groups[i] != IKE_DH_NONE))
            why = "unknown Diffie-Hellman group";
    if (ike && policy->prf_count == 0)
        why = "no PRF";
    if (ike && policy->group_count == 0)
        why = "no Diffie-Hellman group";
    if (why == NULL)
        return true;
    *ret_why = why;
    return false;
}

/* The choice */

typedef struct {
    const IkeProposal *proposal;
    const IkePolicy *policy;
    IkeChoice rule;
    uint16_t preferred_group;
    bool without_groups;
} Chooser;

/* Places in the policy, cipher first: which of two suites we like better. */
#define RANKS 5
typedef struct {
    size_t rank[RANKS];
} Ranks;

static bool
is_offered(const IkeProposal *p, uint8_t type, uint16_t id, uint16_t key_bits)
{
    for (size_t i = 0; i < p->count; i++)
        if (p->transforms[i].type == type && p->transforms[i].id == id &&
            p->transforms[i].key_bits == key_bits &&
            !p->transforms[i].unknown_attr)
            return true;
    return false;
}

static bool
has_type(const IkeProposal *p, uint8_t type)
{
    for (size_t i = 0; i < p->count; i++)
        if (p->transforms[i].type == type)
            return true;
    return false;
}

/* The place of ID among OWN, or COUNT. */
static size_t
place_of(const uint16_t *own, size_t count, uint16_t id)
{
    size_t i = 0;

    while (i < count && own[i] != id)
        i++;
    return i;
}

/* One of OWN that is offered as TYPE, by the rule. */
static bool
pick(const Chooser *c, uint8_t type, const uint16_t *own, size_t count,
     uint16_t *ret_id, size_t *ret_rank)
{
    const IkeProposal *p = c->proposal;
    size_t place = count;

    if (c->rule == IKE_CHOOSE_OWN) {
        for (place = 0; place < count; place++)
            if (is_offered(p, type, own[place], 0))
                break;
    } else {
        for (size_t i = 0; i < p->count && place == count; i++) {
            const IkeTransform *t = &p->transforms[i];

            if (t->type == type && t->key_bits == 0 && !t->unknown_attr)
                place = place_of(own, count, t->id);
        }
    }
    if (place == count)
        return false;
    *ret_id = own[place];
    *ret_rank = place;
    return true;
}

/* Whether CIPHER of ours is offered, with what it needs by way of integrity
 * (RFC 5282 8: an AEAD has none, or one that is called NONE). */
static bool
try_cipher(const Chooser *c, size_t place, IkeSuite *suite, Ranks *ranks)
{
    const IkeProposal *p = c->proposal;
    const IkeCipher *cipher = &c->policy->ciphers[place];

    if (!is_offered(p, IKE_TRANSFORM_ENCR, cipher->encr, cipher->key_bits))
        return false;
    suite->encr = cipher->encr;
    suite->key_bits = cipher->key_bits;
    suite->integ = IKE_INTEG_NONE;
    ranks->rank[0] = place;
    ranks->rank[1] = 0;
    if (is_aead(cipher->encr))
        return !has_type(p, IKE_TRANSFORM_INTEG) ||
               is_offered(p, IKE_TRANSFORM_INTEG, IKE_INTEG_NONE, 0);
    return pick(c, IKE_TRANSFORM_INTEG, c->policy->integs,
                c->policy->integ_count, &suite->integ, &ranks->rank[1]);
}

static bool
pick_cipher(const Chooser *c, IkeSuite *suite, Ranks *ranks)
{
    const IkeProposal *p = c->proposal;
    const IkePolicy *policy = c->policy;

    if (c->rule == IKE_CHOOSE_OWN) {
        for (size_t place = 0; place < policy->cipher_count; place++)
            if (try_cipher(c, place, suite, ranks))
                return true;
        return false;
    }
    for (size_t i = 0; i < p->count; i++) {
        const IkeTransform *t = &p->transforms[i];

        for (size_t place = 0; place < policy->cipher_count; place++)
            if (t->type == IKE_TRANSFORM_ENCR &&
                t->id == policy->ciphers[place].encr &&
                t->key_bits == policy->ciphers[place].key_bits &&
                try_cipher(c, place, suite, ranks))
                return true;
    }
    return false;
}

/* A child SA may go without a group: where none is offered (3.3.2: the same as
 * NONE), and we have none, or NONE among ours. */
static bool
pick_group(const Chooser *c, IkeSuite *suite, Ranks *ranks)
{
    static const uint16_t none[] = {IKE_DH_NONE};
    const IkePolicy *policy = c->policy;
    const uint16_t *own = policy->groups;
    size_t count = policy->group_count;

    suite->group = IKE_DH_NONE;
    ranks->rank[3] = 0;
    if (c->without_groups)
        return true;
    if (suite->protocol == IKE_PROTOCOL_ESP) {
        if (count == 0) {
            own = none;
            count = 1;
        }
        if (!has_type(c->proposal, IKE_TRANSFORM_DH)) {
            ranks->rank[3] = place_of(own, count, IKE_DH_NONE);
            return ranks->rank[3] < count;
        }
    }
    if (c->rule == IKE_CHOOSE_OFFERED && c->preferred_group != IKE_DH_NONE &&
        place_of(own, count, c->preferred_group) < count &&
        is_offered(c->proposal, IKE_TRANSFORM_DH, c->preferred_group, 0)) {
        suite->group = c->preferred_group;
        return true;
    }
    return pick(c, IKE_TRANSFORM_DH, own, count, &suite->group,
                &ranks->rank[3]);
}

static bool
pick_esn(const Chooser *c, IkeSuite *suite, Ranks *ranks)
{
    const IkePolicy *policy = c->policy;
    uint16_t own[2], id;
    size_t count = 0;

    if (policy->no_esn || !policy->esn)
        own[count++] = IKE_ESN_NO;
    if (policy->esn)
        own[count++] = IKE_ESN_YES;
    if (!pick(c, IKE_TRANSFORM_ESN, own, count, &id, &ranks->rank[4]))
        return false;
    suite->esn = id == IKE_ESN_YES;
    return true;
}

/* 3.3.3 and 3.3.6: a transform type that is not of this protocol spoils the
 * whole proposal. */
static bool
types_fit(const IkeProposal *p)
{
    bool ike = p->protocol == IKE_PROTOCOL_IKE;

    for (size_t i = 0; i < p->count; i++) {
        switch (p->transforms[i].type) {
        case IKE_TRANSFORM_ENCR:
        case IKE_TRANSFORM_INTEG:
        case IKE_TRANSFORM_DH:
            break;
        case IKE_TRANSFORM_PRF:
            if (!ike)
                return false;
            break;
        case IKE_TRANSFORM_ESN:
            if (ike)
                return false;
            break;
        default:
            return false;
        }
    }
    return true;
}

/* The best suite of one proposal. */
static bool
choose_in(const Chooser *c, IkeSuite *ret_suite, Ranks *ret_ranks)
{
    IkeSuite suite = {.protocol = c->proposal->protocol};
    Ranks ranks = {0};

    if (!types_fit(c->proposal) || !pick_cipher(c, &suite, &ranks))
        return false;
    if (suite.protocol == IKE_PROTOCOL_IKE &&
        !pick(c, IKE_TRANSFORM_PRF, c->policy->prfs, c->policy->prf_count,
              &suite.prf, &ranks.rank[2]))
        return false;
    if (!pick_group(c, &suite, &ranks))
        return false;
    if (suite.protocol == IKE_PROTOCOL_ESP && !pick_esn(c, &suite, &ranks))
        return false;
    *ret_suite = suite;
    *ret_ranks = ranks;
    return true;
}

static bool
better(const Ranks *a, const Ranks *b)
{
    for (size_t i = 0; i < RANKS; i++)
        if (a->rank[i] != b->rank[i])
            return a->rank[i] < b->rank[i];
    return false;
}

bool
ike_offer_choose(const IkeOffer *offer, const IkePolicy *policy,
                 IkeProtocol protocol, uint8_t spi_length,
                 uint16_t preferred_group, bool without_groups,
                 IkeSuite *ret_suite, const IkeProposal **ret_proposal)
{
    Chooser c = {.policy = policy,
                 .rule = policy->choice,
                 .preferred_group = preferred_group,
                 .without_groups = without_groups};
    const IkeProposal *found = NULL;
    IkeSuite suite, best;
    Ranks ranks, best_ranks;

    for (size_t i = 0; i < offer->count; i++) {
        c.proposal = &offer->proposals[i];
        if (c.proposal->protocol != protocol ||
            c.proposal->spi_length != spi_length ||
            !choose_in(&c, &suite, &ranks))
            continue;
        if (found != NULL && !better(&ranks, &best_ranks))
            continue;
        found = c.proposal;
        best = suite;
        best_ranks = ranks;
        if (c.rule == IKE_CHOOSE_OFFERED)
            break;
    }
    if (found == NULL)
        return false;
    *ret_suite = best;
    if (ret_proposal != NULL)
        *ret_proposal = found;
    return true;
}

/* The answer */

/* The number that ike_offer_encode() gave to the proposal with SUITE in it. */
static uint8_t
number_of(const IkePolicy *policy, const IkeSuite *suite)
{
    return is_aead(policy->ciphers[0].encr) == ike_suite_is_aead(suite) ? 1 : 2;
}

static bool
each_type_once(const IkeProposal *p)
{
    uint32_t seen = 0;

    for (size_t i = 0; i < p->count; i++) {
        uint8_t type = p->transforms[i].type;

        if (type >= 32 || (seen >> type & 1) != 0)
            return false;
        seen |= UINT32_C(1) << type;
    }
    return true;
}

bool
ike_answer_accept(const IkeOffer *answer, const IkePolicy *policy,
                  IkeProtocol protocol, uint8_t spi_length, bool without_groups,
                  IkeSuite *ret_suite, const IkeProposal **ret_proposal)
{
    const IkeProposal *p;
    IkeSuite suite;

    if (answer->count != 1 || !each_type_once(&answer->proposals[0]))
        return false;
    if (!ike_offer_choose(answer, policy, protocol, spi_length, IKE_DH_NONE,
                          without_groups, &suite, &p))
        return false;
    if (without_groups && has_type(p, IKE_TRANSFORM_DH) &&
        !is_offered(p, IKE_TRANSFORM_DH, IKE_DH_NONE, 0))
        return false; /* we offered none */
    if (p->number != number_of(policy, &suite))
        return false; /* 3.3.1 */
    *ret_suite = suite;
    if (ret_proposal != NULL)
        *ret_proposal = p;
    return true;
}
