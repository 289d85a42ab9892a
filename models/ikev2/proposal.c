/* SA payloads as bytes (RFC 7296 3.3): proposals in a row, each with its
 * transforms in a row, each with its attributes. The choice among them is in
 * choose.c. */

#include "config.h"

#include "models/ikev2/proposal.h"

#include <string.h>

#define PROPOSAL_HEADER  8
#define PROPOSAL_MORE    2
#define TRANSFORM_HEADER 8
#define TRANSFORM_MORE   3

void
ike_offer_clear(IkeOffer *offer)
{
    for (size_t i = 0; i < offer->count; i++)
        g_free(offer->proposals[i].transforms);
    g_clear_pointer(&offer->proposals, g_free);
    offer->count = 0;
}

/* Reading */

/* 3.3.5. The Key Length is always in the short form, and comes once. */
static bool
read_attribute(HsReader *r, IkeTransform *t)
{
    uint16_t type = hs_reader_u16(r);
    uint16_t value = hs_reader_u16(r); /* or the length */

    if (type == (IKE_ATTR_SHORT_FORMAT | IKE_ATTR_KEY_LENGTH)) {
        if (t->key_bits != 0 || value == 0)
            return false;
        t->key_bits = value;
    } else if (type == IKE_ATTR_KEY_LENGTH) {
        return false;
    } else {
        if ((type & IKE_ATTR_SHORT_FORMAT) == 0)
            hs_reader_skip(r, value);
        t->unknown_attr = true;
    }
    return hs_reader_ok(r);
}

static IkeFault
read_transform(HsReader *r, bool last, IkeTransform *ret)
{
    IkeTransform t = {0};
    uint8_t more = hs_reader_u8(r);
    size_t length;
    HsReader body;

    hs_reader_skip(r, 1);
    length = hs_reader_u16(r);
    if (!hs_reader_ok(r))
        return IKE_FAULT_TRANSFORM_COUNT;
    if (more != (last ? 0 : TRANSFORM_MORE))
        return IKE_FAULT_TRANSFORM_LAST;
    if (length < TRANSFORM_HEADER)
        return IKE_FAULT_TRANSFORM_LENGTH;
    body = hs_reader_sub(r, length - 4);
    if (!hs_reader_ok(&body))
        return IKE_FAULT_TRANSFORM_LENGTH;
    t.type = hs_reader_u8(&body);
    hs_reader_skip(&body, 1);
    t.id = hs_reader_u16(&body);
    while (hs_reader_left(&body) > 0)
        if (!read_attribute(&body, &t))
            return IKE_FAULT_ATTRIBUTE;
    *ret = t;
    return IKE_FAULT_NONE;
}

/* 3.3.1: the IKE SA's own SPI is in the header, but for a rekey. */
static bool
spi_length_fits(uint8_t protocol, uint8_t length)
{
    switch (protocol) {
    case IKE_PROTOCOL_IKE:
        return length == 0 || length == IKE_SPI_LENGTH;
    case IKE_PROTOCOL_AH:
    case IKE_PROTOCOL_ESP:
        return length == 4;
    default: /* nothing to choose, but no fault */
        return true;
    }
}

/* BODY starts behind the proposal's length. P, with its transforms, is owned
 * by the caller on a fault too. */
static IkeFault
read_proposal(HsReader *body, IkeProposal *p)
{
    p->number = hs_reader_u8(body);
    p->protocol = hs_reader_u8(body);
    p->spi_length = hs_reader_u8(body);
    p->count = hs_reader_u8(body);
    if (!spi_length_fits(p->protocol, p->spi_length))
        return IKE_FAULT_PROPOSAL_SPI;
    if (p->spi_length == 4)
        p->spi = hs_reader_u32(body);
    else if (p->spi_length == IKE_SPI_LENGTH)
        p->spi = hs_reader_u64(body);
    else
        hs_reader_skip(body, p->spi_length);
    if (!hs_reader_ok(body))
        return IKE_FAULT_PROPOSAL_SPI;
    if (p->count == 0)
        return IKE_FAULT_TRANSFORM_COUNT;
    p->transforms = g_new0(IkeTransform, p->count);
    for (size_t i = 0; i < p->count; i++) {
        IkeFault fault =
            read_transform(body, i + 1 == p->count, &p->transforms[i]);

        if (fault != IKE_FAULT_NONE)
            return fault;
    }
    return hs_reader_left(body) > 0 ? IKE_FAULT_TRANSFORM_COUNT
                                    : IKE_FAULT_NONE;
}

/* 3.3.1: an offer counts from 1; an answer is one proposal with the number
 * that it had. */
static bool
numbers_fit(const IkeOffer *offer)
{
    if (offer->count == 1)
        return offer->proposals[0].number > 0;
    for (size_t i = 0; i < offer->count; i++)
        if (offer->proposals[i].number != i + 1)
            return false;
    return true;
}

IkeFault
ike_offer_decode(const IkePayload *payload, IkeOffer *ret_offer)
{
    g_auto(IkeOffer) offer = {0};
    HsReader r = ike_payload_reader(payload);

    if (hs_reader_left(&r) == 0)
        return IKE_FAULT_SA_EMPTY;
    while (hs_reader_left(&r) > 0) {
        uint8_t more = hs_reader_u8(&r);
        size_t length;
        HsReader body;
        IkeProposal *p;
        IkeFault fault;

        hs_reader_skip(&r, 1);
        length = hs_reader_u16(&r);
        if (length < PROPOSAL_HEADER)
            return IKE_FAULT_PROPOSAL_LENGTH;
        body = hs_reader_sub(&r, length - 4);
        if (!hs_reader_ok(&body))
            return IKE_FAULT_PROPOSAL_LENGTH;
        if (more != (hs_reader_left(&r) > 0 ? PROPOSAL_MORE : 0))
            return IKE_FAULT_PROPOSAL_LAST;
        offer.proposals =
            g_renew(IkeProposal, offer.proposals, offer.count + 1);
        p = &offer.proposals[offer.count++];
        *p = (IkeProposal){0};
        fault = read_proposal(&body, p);
        if (fault != IKE_FAULT_NONE)
            return fault;
    }
    if (!numbers_fit(&offer))
        return IKE_FAULT_PROPOSAL_NUMBER;
    *ret_offer = offer;
    offer = (IkeOffer){0};
    return IKE_FAULT_NONE;
}

/* "ENCR_AES_CBC" -> "AES_CBC" and the like; the PRF keeps its prefix, which
 * tells it from the integrity algorithm. */
static const char *
short_name(const char *name)
{
    if (g_str_has_prefix(name, "ENCR_") || g_str_has_prefix(name, "AUTH_"))
        return name + 5;
    return name;
}

char *
ike_proposal_format(const IkeProposal *proposal)
{
    GString *text = g_string_new(NULL);

    for (size_t i = 0; i < proposal->count; i++) {
        const IkeTransform *t = &proposal->transforms[i];
        const char *name = ike_transform_name(t->type, t->id);

        if (i > 0)
            g_string_append_c(text, '/');
        if (strcmp(name, "unknown") == 0)
            g_string_append_printf(text, "%u:%u", t->type, t->id);
        else
            g_string_append(text, short_name(name));
        if (t->key_bits != 0)
            g_string_append_printf(text, "_%u", t->key_bits);
    }
    return g_string_free(text, FALSE);
}

/* Writing */

typedef struct {
    HsWriter *w;
    size_t proposal;  /* offset of the one being written */
    size_t transform; /* of its last transform; 0: none yet */
    unsigned transforms;
} SaWriter;

static void
begin_proposal(SaWriter *s, uint8_t number, IkeProtocol protocol, uint64_t spi,
               uint8_t spi_length)
{
    s->proposal = hs_writer_length(s->w);
    s->transform = 0;
    s->transforms = 0;
    hs_writer_zeros(s->w, 4); /* more, reserved, length: end_proposal() */
    hs_writer_u8(s->w, number);
    hs_writer_u8(s->w, protocol);
    hs_writer_u8(s->w, spi_length);
    hs_writer_u8(s->w, 0);
    if (spi_length == 4)
        hs_writer_u32(s->w, spi);
    else if (spi_length == IKE_SPI_LENGTH)
        hs_writer_u64(s->w, spi);
    else
        g_assert(spi_length == 0);
}

static void
add_transform(SaWriter *s, IkeTransformType type, uint16_t id,
              uint16_t key_bits)
{
    if (s->transforms > 0)
        hs_writer_patch_u8(s->w, s->transform, TRANSFORM_MORE);
    s->transform = hs_writer_length(s->w);
    s->transforms++;
    hs_writer_u16(s->w, 0);
    hs_writer_u16(s->w, TRANSFORM_HEADER + (key_bits != 0 ? 4u : 0u));
    hs_writer_u8(s->w, type);
    hs_writer_u8(s->w, 0);
    hs_writer_u16(s->w, id);
    if (key_bits != 0) {
        hs_writer_u16(s->w, IKE_ATTR_SHORT_FORMAT | IKE_ATTR_KEY_LENGTH);
        hs_writer_u16(s->w, key_bits);
    }
}

static void
end_proposal(SaWriter *s, bool last)
{
    hs_writer_patch_u8(s->w, s->proposal, last ? 0 : PROPOSAL_MORE);
    hs_writer_patch_u16(s->w, s->proposal + 2,
                        hs_writer_length(s->w) - s->proposal);
    hs_writer_patch_u8(s->w, s->proposal + 7, s->transforms);
}

static bool
is_aead(uint16_t encr)
{
    return encr == IKE_ENCR_AES_GCM_16;
}

static bool
has_cipher(const IkePolicy *policy, bool aead)
{
    for (size_t i = 0; i < policy->cipher_count; i++)
        if (is_aead(policy->ciphers[i].encr) == aead)
            return true;
    return false;
}

/* The transforms of POLICY that go with its AEADs, or with its other
 * ciphers. */
static void
add_policy(SaWriter *s, const IkePolicy *policy, IkeProtocol protocol,
           bool aead, bool without_groups)
{
    for (size_t i = 0; i < policy->cipher_count; i++)
        if (is_aead(policy->ciphers[i].encr) == aead)
            add_transform(s, IKE_TRANSFORM_ENCR, policy->ciphers[i].encr,
                          policy->ciphers[i].key_bits);
    if (protocol == IKE_PROTOCOL_IKE)
        for (size_t i = 0; i < policy->prf_count; i++)
            add_transform(s, IKE_TRANSFORM_PRF, policy->prfs[i], 0);
    if (!aead)
        for (size_t i = 0; i < policy->integ_count; i++)
            add_transform(s, IKE_TRANSFORM_INTEG, policy->integs[i], 0);
    if (!without_groups)
        for (size_t i = 0; i < policy->group_count; i++)
            add_transform(s, IKE_TRANSFORM_DH, policy->groups[i], 0);
    if (protocol == IKE_PROTOCOL_IKE)
        return;
    if (policy->esn)
        add_transform(s, IKE_TRANSFORM_ESN, IKE_ESN_YES, 0);
    if (policy->no_esn || !policy->esn)
        add_transform(s, IKE_TRANSFORM_ESN, IKE_ESN_NO, 0);
}

void
ike_offer_encode(IkeBuilder *b, const IkePolicy *policy, IkeProtocol protocol,
                 uint64_t spi, uint8_t spi_length, bool without_groups)
{
    SaWriter s = {.w = &b->writer};
    bool both = has_cipher(policy, true) && has_cipher(policy, false);
    bool aead = policy->cipher_count > 0 && is_aead(policy->ciphers[0].encr);

    /* The kind of the cipher that is liked best goes first. */
    ike_builder_open(b, IKE_PAYLOAD_SA);
    begin_proposal(&s, 1, protocol, spi, spi_length);
    add_policy(&s, policy, protocol, aead, without_groups);
    end_proposal(&s, !both);
    if (both) {
        begin_proposal(&s, 2, protocol, spi, spi_length);
        add_policy(&s, policy, protocol, !aead, without_groups);
        end_proposal(&s, true);
    }
    ike_builder_close(b);
}

void
ike_choice_encode(IkeBuilder *b, const IkeSuite *suite, uint8_t number,
                  uint64_t spi, uint8_t spi_length, bool without_group)
{
    SaWriter s = {.w = &b->writer};

    ike_builder_open(b, IKE_PAYLOAD_SA);
    begin_proposal(&s, number, suite->protocol, spi, spi_length);
    add_transform(&s, IKE_TRANSFORM_ENCR, suite->encr, suite->key_bits);
    if (suite->protocol == IKE_PROTOCOL_IKE)
        add_transform(&s, IKE_TRANSFORM_PRF, suite->prf, 0);
    if (suite->integ != IKE_INTEG_NONE)
        add_transform(&s, IKE_TRANSFORM_INTEG, suite->integ, 0);
    if (suite->group != IKE_DH_NONE && !without_group)
        add_transform(&s, IKE_TRANSFORM_DH, suite->group, 0);
    if (suite->protocol == IKE_PROTOCOL_ESP)
        add_transform(&s, IKE_TRANSFORM_ESN,
                      suite->esn ? IKE_ESN_YES : IKE_ESN_NO, 0);
    end_proposal(&s, true);
    ike_builder_close(b);
}
