/* IKE messages made of anything: the header and the chain, then the body of
 * every payload by its decoder, and whatever is printed of it.
 *
 * Besides not crashing: payloads lie within the message, one behind the other;
 * what a decoder took, its encoder writes so that it reads the same; a
 * narrowed list lies within both of its parents; and a suite that was chosen
 * was offered. */

#include "config.h"

#include "models/ikev2/keys.h"
#include "models/ikev2/payload.h"
#include "models/ikev2/proposal.h"
#include "models/ikev2/protect.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A g_assert() that says nothing of the input, for the fuzzer's benefit. */
static void
must(bool holds)
{
    if (!holds)
        abort();
}

/* The one payload that B has. */
static IkePayload
written(const IkeBuilder *b)
{
    IkeChain chain;

    must(hs_writer_ok(&b->writer));
    must(ike_chain_parse(b->writer.bytes->data, b->writer.bytes->len, b->first,
                         true, &chain) == IKE_FAULT_NONE);
    must(chain.count == 1);
    return chain.payloads[0];
}

static void
same_offer(const IkeOffer *a, const IkeOffer *b)
{
    must(a->count == b->count);
    for (size_t i = 0; i < a->count; i++) {
        g_autofree char *one = ike_proposal_format(&a->proposals[i]);
        g_autofree char *two = ike_proposal_format(&b->proposals[i]);

        must(strcmp(one, two) == 0);
    }
}

/* A suite that came out of OFFER is in it, is written, and is accepted. */
static void
try_choice(const IkeOffer *offer, IkeProtocol protocol, uint8_t spi_length,
           IkeChoice rule)
{
    g_auto(IkeBuilder) b = {0};
    g_auto(IkeOffer) answer = {0};
    const IkeProposal *proposal;
    IkePayload payload;
    IkePolicy policy;
    IkeSuite suite, again;

    ike_policy_aws(&policy, protocol == IKE_PROTOCOL_ESP);
    policy.choice = rule;
    if (!ike_offer_choose(offer, &policy, protocol, spi_length, 19, false,
                          &suite, &proposal))
        return;
    must(proposal >= offer->proposals &&
         proposal < offer->proposals + offer->count);
    g_free(ike_suite_format(&suite));
    ike_builder_init(&b);
    ike_choice_encode(&b, &suite, 1, proposal->spi, spi_length, false);
    payload = written(&b);
    must(ike_offer_decode(&payload, &answer) == IKE_FAULT_NONE);
    ike_policy_of_suite(&policy, &suite);
    must(ike_answer_accept(&answer, &policy, protocol, spi_length, false,
                           &again, NULL));
    must(ike_suite_equal(&suite, &again));
}

static void
look_at_sa(const IkePayload *payload)
{
    g_auto(IkeOffer) offer = {0}, same = {0};

    if (ike_offer_decode(payload, &offer) != IKE_FAULT_NONE)
        return;
    must(ike_offer_decode(payload, &same) == IKE_FAULT_NONE);
    same_offer(&offer, &same);
    for (unsigned rule = 0; rule < 2; rule++) {
        try_choice(&offer, IKE_PROTOCOL_IKE, 0, (IkeChoice)rule);
        try_choice(&offer, IKE_PROTOCOL_IKE, 8, (IkeChoice)rule);
        try_choice(&offer, IKE_PROTOCOL_ESP, 4, (IkeChoice)rule);
    }
}

static void
look_at_ts(const IkePayload *payload)
{
    HsPrefix ten = {.addr = hs_addr_ipv4(0x0a000000), .length = 8};
    IkeTsList list, again, narrow;
    IkeTsList policy = {
        .count = 2,
        .selectors = {ike_ts_prefix(&ten), ike_ts_any(HS_FAMILY_IPV6)}};
    g_auto(IkeBuilder) b = {0};
    IkePayload copy;

    if (ike_ts_decode(payload, &list) != IKE_FAULT_NONE)
        return;
    for (size_t i = 0; i < list.count; i++)
        g_free(ike_ts_format(&list.selectors[i]));
    if (list.count > 0) {
        ike_builder_init(&b);
        ike_ts_encode(&b, IKE_PAYLOAD_TSI, &list);
        copy = written(&b);
        must(ike_ts_decode(&copy, &again) == IKE_FAULT_NONE);
        must(again.count == list.count);
        for (size_t i = 0; i < list.count; i++)
            must(ike_ts_equal(&list.selectors[i], &again.selectors[i]));
    }
    must(ike_ts_within(&list, &list));
    if (ike_ts_narrow(&list, &policy, &narrow))
        must(ike_ts_within(&narrow, &list) && ike_ts_within(&narrow, &policy));
}

static void
look_at_notify(const IkePayload *payload)
{
    g_auto(IkeBuilder) b = {0};
    IkePayload copy;
    IkeNotify n, again;

    if (ike_notify_decode(payload, &n) != IKE_FAULT_NONE)
        return;
    must(ike_notify_name(n.type) != NULL);
    must(n.data.length == 0 ||
         n.data.data + n.data.length == payload->body + payload->length);
    ike_builder_init(&b);
    if (n.spi_raw.length == 0)
        ike_notify_encode(&b, n.type, n.data.data, n.data.length);
    else if (n.spi_raw.length != 4 || n.protocol != IKE_PROTOCOL_ESP)
        return; /* of an unknown type, or AH */
    else
        ike_notify_encode_child(&b, n.type, n.spi, n.data.data, n.data.length);
    copy = written(&b);
    must(ike_notify_decode(&copy, &again) == IKE_FAULT_NONE);
    must(again.type == n.type && again.spi == n.spi &&
         ike_bytes_equal(again.data, n.data));
}

static void
look_at_delete(const IkePayload *payload)
{
    IkeDelete d;

    if (ike_delete_decode(payload, &d) != IKE_FAULT_NONE)
        return;
    for (unsigned i = 0; i < d.count; i++)
        (void)ike_delete_spi(&d, i);
}

static void
look_at(const IkePayload *payload)
{
    IkeId id;

    switch (payload->type) {
    case IKE_PAYLOAD_SA:
        look_at_sa(payload);
        return;
    case IKE_PAYLOAD_IDI:
    case IKE_PAYLOAD_IDR:
        if (ike_id_decode(payload, &id) == IKE_FAULT_NONE)
            g_free(ike_id_format(id.type, id.data.data, id.data.length));
        return;
    case IKE_PAYLOAD_NOTIFY:
        look_at_notify(payload);
        return;
    case IKE_PAYLOAD_DELETE:
        look_at_delete(payload);
        return;
    case IKE_PAYLOAD_TSI:
    case IKE_PAYLOAD_TSR:
        look_at_ts(payload);
        return;
    default:
        return;
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    IkeMessage message;
    IkeFault fault = ike_message_parse(data, size, &message);
    size_t end = 0;

    must(ike_fault_name(fault) != NULL);
    must(message.chain.count <= IKE_PAYLOADS_MAX);
    for (size_t i = 0; i < message.chain.count; i++) {
        const IkePayload *payload = &message.chain.payloads[i];

        must(payload->offset == end);
        end += IKE_PAYLOAD_HEADER + payload->length;
        must(IKE_HEADER_LENGTH + end <= size);
        must(payload->length == 0 ||
             payload->body + payload->length == data + IKE_HEADER_LENGTH + end);
        must(ike_payload_name(payload->type) != NULL);
        look_at(payload);
    }
    if (fault == IKE_FAULT_NONE)
        (void)ike_chain_check(&message.chain);
    return 0;
}
