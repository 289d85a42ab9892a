/* The payloads of IKE messages, each by its decoder in models/ikev2. */

#include "config.h"

#include "models/ikev2/payload.h"
#include "models/ikev2/proposal.h"
#include "sim/dissect/ike.h"

#include <string.h>

static bool
is_bad(DissectDraft *draft, const IkePayload *payload, IkeFault fault)
{
    if (fault != IKE_FAULT_NONE)
        dissect_wrong(draft, "%s payload: %s", ike_payload_name(payload->type),
                      ike_fault_name(fault));
    return fault != IKE_FAULT_NONE;
}

static void
show_transform(DissectField *list, const IkeTransform *transform)
{
    static const char *const names[] = {
        [IKE_TRANSFORM_ENCR] = "isakmp.tf.id.encr",
        [IKE_TRANSFORM_PRF] = "isakmp.tf.id.prf",
        [IKE_TRANSFORM_INTEG] = "isakmp.tf.id.integ",
        [IKE_TRANSFORM_DH] = "isakmp.tf.id.dh",
        [IKE_TRANSFORM_ESN] = "isakmp.tf.id.esn",
    };
    DissectField *group = dissect_group(list, NULL);
    const char *name =
        transform->type < G_N_ELEMENTS(names) ? names[transform->type] : NULL;

    dissect_number(group, "isakmp.tf.type", transform->type,
                   ike_transform_type_name(transform->type));
    dissect_number(group, name != NULL ? name : "isakmp.tf.id", transform->id,
                   ike_transform_name(transform->type, transform->id));
    if (transform->key_bits != 0)
        dissect_number(group, "isakmp.ike2.attr.key_length",
                       transform->key_bits, NULL);
}

static void
show_sa(DissectDraft *draft, DissectField *group, const IkePayload *payload)
{
    g_auto(IkeOffer) offer = {0};
    DissectField *list;

    if (is_bad(draft, payload, ike_offer_decode(payload, &offer)))
        return;
    list = dissect_list(group, "proposals");
    for (size_t i = 0; i < offer.count; i++) {
        const IkeProposal *p = &offer.proposals[i];
        DissectField *proposal = dissect_group(list, NULL), *transforms;
        g_autofree char *text = ike_proposal_format(p);

        dissect_number(proposal, "isakmp.prop.number", p->number, NULL);
        dissect_number(proposal, "isakmp.prop.protoid", p->protocol,
                       ike_protocol_name(p->protocol));
        dissect_number(proposal, "isakmp.spisize", p->spi_length, NULL);
        if (p->spi_length > 0)
            dissect_textf(proposal, "isakmp.spi", "%0*" G_GINT64_MODIFIER "x",
                          p->spi_length * 2, p->spi);
        dissect_number(proposal, "isakmp.prop.transforms", p->count, NULL);
        dissect_text(proposal, "suite", text);
        transforms = dissect_list(proposal, "transforms");
        for (size_t t = 0; t < p->count; t++)
            show_transform(transforms, &p->transforms[t]);
        if (p->spi_length == 4)
            g_string_append_printf(draft->info, "%s0x%08x", i == 0 ? "(" : " ",
                                   (uint32_t)p->spi);
    }
    if (offer.count > 0 && offer.proposals[0].spi_length == 4)
        g_string_append_c(draft->info, ')');
}

static void
show_ke(DissectDraft *draft, DissectField *group, const IkePayload *payload)
{
    IkeKe ke;

    if (is_bad(draft, payload, ike_ke_decode(payload, &ke)))
        return;
    dissect_number(group, "isakmp.key_exchange.dh_group", ke.group,
                   ike_transform_name(IKE_TRANSFORM_DH, ke.group));
    dissect_bytes(group, "isakmp.key_exchange.data", ke.value.data,
                  ke.value.length);
}

static void
show_id(DissectDraft *draft, DissectField *group, const IkePayload *payload)
{
    g_autofree char *text = NULL;
    IkeId id;

    if (is_bad(draft, payload, ike_id_decode(payload, &id)))
        return;
    text = ike_id_format(id.type, id.data.data, id.data.length);
    dissect_number(group, "isakmp.id.type", id.type, ike_id_type_name(id.type));
    dissect_string(group, "isakmp.id", text, strlen(text));
    dissect_bytes(group, "isakmp.id.data", id.data.data, id.data.length);
    if (g_utf8_validate(text, -1, NULL))
        g_string_append_printf(draft->info, "(%s)", text);
}

static void
show_cert(DissectDraft *draft, DissectField *group, const IkePayload *payload)
{
    bool request = payload->type == IKE_PAYLOAD_CERTREQ;
    IkeCert cert;

    if (is_bad(draft, payload, ike_cert_decode(payload, &cert)))
        return;
    dissect_number(group,
                   request ? "isakmp.certreq.type" : "isakmp.cert.encoding",
                   cert.encoding, ike_cert_encoding_name(cert.encoding));
    dissect_bytes(group,
                  request ? "isakmp.ike.certreq.authority" : "isakmp.cert.data",
                  cert.data.data, cert.data.length);
}

static void
show_auth(DissectDraft *draft, DissectField *group, const IkePayload *payload)
{
    IkeAuth auth;

    if (is_bad(draft, payload, ike_auth_decode(payload, &auth)))
        return;
    dissect_number(group, "isakmp.auth.method", auth.method,
                   ike_auth_method_name(auth.method));
    dissect_bytes(group, "isakmp.auth.data", auth.data.data, auth.data.length);
}

static void
show_nonce(DissectDraft *draft, DissectField *group, const IkePayload *payload)
{
    IkeBytes nonce;

    if (is_bad(draft, payload, ike_nonce_decode(payload, &nonce)))
        return;
    dissect_bytes(group, "isakmp.nonce", nonce.data, nonce.length);
}

static void
show_hashes(DissectField *group, HsReader r)
{
    DissectField *list =
        dissect_list(group, "isakmp.notify.data.signature_hash_algorithms");

    while (hs_reader_left(&r) >= 2) {
        uint16_t hash = hs_reader_u16(&r);

        dissect_number(list, NULL, hash, ike_hash_name(hash));
    }
}

static void
show_notify(DissectDraft *draft, DissectField *group, const IkePayload *payload)
{
    IkeNotify notify;
    HsReader data;
    const char *name;

    if (is_bad(draft, payload, ike_notify_decode(payload, &notify)))
        return;
    name = ike_notify_name(notify.type);
    data = hs_reader_of(notify.data.data, notify.data.length);
    dissect_number(group, "isakmp.notify.protoid", notify.protocol,
                   ike_protocol_name(notify.protocol));
    dissect_number(group, "isakmp.spisize", notify.spi_raw.length, NULL);
    dissect_number(group, "isakmp.notify.msgtype", notify.type, name);
    if (notify.spi_raw.length > 0)
        dissect_bytes(group, "isakmp.spi", notify.spi_raw.data,
                      notify.spi_raw.length);
    if (notify.data.length > 0)
        dissect_bytes(group, "isakmp.notify.data", notify.data.data,
                      notify.data.length);
    if (strcmp(name, "unknown") == 0)
        g_string_append_printf(draft->info, "(%u)", notify.type);
    else
        g_string_append_printf(draft->info, "(%s)", name);
    if (notify.type == IKE_NOTIFY_INVALID_KE_PAYLOAD) {
        uint16_t dh = hs_reader_u16(&data);

        dissect_number(group, "isakmp.notify.data.accepted_dh_group", dh,
                       ike_transform_name(IKE_TRANSFORM_DH, dh));
    } else if (notify.type == IKE_NOTIFY_SIGNATURE_HASH_ALGORITHMS) {
        show_hashes(group, data);
    }
}

static void
show_delete(DissectDraft *draft, DissectField *group, const IkePayload *payload)
{
    DissectField *list;
    IkeDelete del;

    if (is_bad(draft, payload, ike_delete_decode(payload, &del)))
        return;
    dissect_number(group, "isakmp.delete.protoid", del.protocol,
                   ike_protocol_name(del.protocol));
    dissect_number(group, "isakmp.spinum", del.count, NULL);
    g_string_append_printf(draft->info, "(%s", ike_protocol_name(del.protocol));
    list = dissect_list(group, "isakmp.delete.spi");
    for (unsigned i = 0; i < del.count; i++) {
        uint32_t spi = ike_delete_spi(&del, i);

        dissect_textf(list, NULL, "%08x", spi);
        g_string_append_printf(draft->info, " 0x%08x", spi);
    }
    g_string_append_c(draft->info, ')');
}

static void
show_selectors(DissectDraft *draft, DissectField *group,
               const IkePayload *payload)
{
    DissectField *list;
    IkeTsList selectors;

    if (is_bad(draft, payload, ike_ts_decode(payload, &selectors)))
        return;
    dissect_number(group, "isakmp.ts.number", selectors.count, NULL);
    list = dissect_list(group, "selectors");
    g_string_append_c(draft->info, '(');
    for (size_t i = 0; i < selectors.count; i++) {
        const IkeTs *ts = &selectors.selectors[i];
        bool ipv6 = ts->start.family == HS_FAMILY_IPV6;
        DissectField *selector = dissect_group(list, NULL);
        g_autofree char *text = ike_ts_format(ts);

        dissect_number(selector, "isakmp.ts.protoid", ts->protocol, NULL);
        dissect_number(selector, "isakmp.ts.start_port", ts->start_port, NULL);
        dissect_number(selector, "isakmp.ts.end_port", ts->end_port, NULL);
        dissect_addr(selector,
                     ipv6 ? "isakmp.ts.start_ipv6" : "isakmp.ts.start_ipv4",
                     &ts->start);
        dissect_addr(selector,
                     ipv6 ? "isakmp.ts.end_ipv6" : "isakmp.ts.end_ipv4",
                     &ts->end);
        g_string_append_printf(draft->info, "%s%s", i > 0 ? " " : "", text);
    }
    g_string_append_c(draft->info, ')');
}

static void
show_cp(DissectDraft *draft, DissectField *group, const IkePayload *payload)
{
    HsReader attributes;
    DissectField *list;
    IkeBytes value;
    uint16_t type;
    IkeCp cp;

    if (is_bad(draft, payload, ike_cp_decode(payload, &cp)))
        return;
    dissect_number(group, "isakmp.cfg.type", cp.type,
                   ike_cp_type_name(cp.type));
    list = dissect_list(group, "isakmp.cfg.attr");
    attributes = hs_reader_of(cp.attributes.data, cp.attributes.length);
    while (ike_cp_next(&attributes, &type, &value)) {
        DissectField *attribute = dissect_group(list, NULL);

        dissect_number(attribute, "isakmp.cfg.attr.type", type, NULL);
        if (value.length > 0)
            dissect_bytes(attribute, "isakmp.cfg.attr.value", value.data,
                          value.length);
    }
}

static void
show_eap(DissectDraft *draft, DissectField *group, const IkePayload *payload)
{
    IkeEap eap;

    if (is_bad(draft, payload, ike_eap_decode(payload, &eap)))
        return;
    dissect_number(group, "eap.code", eap.code, NULL);
    dissect_number(group, "eap.id", eap.identifier, NULL);
    dissect_number(group, "eap.type", eap.type, NULL);
}

static void
show_body(DissectDraft *draft, DissectField *group, const IkePayload *payload)
{
    switch (payload->type) {
    case IKE_PAYLOAD_SA:
        show_sa(draft, group, payload);
        break;
    case IKE_PAYLOAD_KE:
        show_ke(draft, group, payload);
        break;
    case IKE_PAYLOAD_IDI:
    case IKE_PAYLOAD_IDR:
        show_id(draft, group, payload);
        break;
    case IKE_PAYLOAD_CERT:
    case IKE_PAYLOAD_CERTREQ:
        show_cert(draft, group, payload);
        break;
    case IKE_PAYLOAD_AUTH:
        show_auth(draft, group, payload);
        break;
    case IKE_PAYLOAD_NONCE:
        show_nonce(draft, group, payload);
        break;
    case IKE_PAYLOAD_NOTIFY:
        show_notify(draft, group, payload);
        break;
    case IKE_PAYLOAD_DELETE:
        show_delete(draft, group, payload);
        break;
    case IKE_PAYLOAD_TSI:
    case IKE_PAYLOAD_TSR:
        show_selectors(draft, group, payload);
        break;
    case IKE_PAYLOAD_CP:
        show_cp(draft, group, payload);
        break;
    case IKE_PAYLOAD_EAP:
        show_eap(draft, group, payload);
        break;
    case IKE_PAYLOAD_VENDOR:
        dissect_bytes(group, "isakmp.vid_bytes", payload->body,
                      payload->length);
        break;
    default:
        dissect_bytes(group, "isakmp.datapayload", payload->body,
                      payload->length);
        break;
    }
}

void
dissect_ike_payloads(DissectDraft *draft, DissectField *list,
                     const IkeChain *chain)
{
    for (size_t i = 0; i < chain->count; i++) {
        const IkePayload *payload = &chain->payloads[i];
        DissectField *group = dissect_group(list, NULL);
        const char *name = ike_payload_name(payload->type);

        dissect_number(group, "isakmp.typepayload", payload->type, name);
        dissect_flag(group, "isakmp.criticalpayload", payload->critical);
        dissect_number(group, "isakmp.payloadlength",
                       payload->length + IKE_PAYLOAD_HEADER, NULL);
        /* What is protected has a place of its own. */
        if (payload->type == IKE_PAYLOAD_SK ||
            payload->type == IKE_PAYLOAD_SKF) {
            HsReader r = ike_payload_reader(payload);

            if (payload->type == IKE_PAYLOAD_SKF) {
                dissect_number(group, "isakmp.frag.number", hs_reader_u16(&r),
                               NULL);
                dissect_number(group, "isakmp.frag.total", hs_reader_u16(&r),
                               NULL);
            }
            continue;
        }
        if (strcmp(name, "unknown") == 0)
            g_string_append_printf(draft->info, " payload %u", payload->type);
        else
            g_string_append_printf(draft->info, " %s", name);
        show_body(draft, group, payload);
    }
}
