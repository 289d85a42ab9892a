/* The payloads that are little more than a field or two: KE, ID, CERT, AUTH,
 * Nonce, CP and EAP. N and D are in notify.c, TS in ts.c, SA in proposal.c. */

#include "config.h"

#include "models/ikev2/payload.h"

#include "models/ikev2/proposal.h"
#include "models/ikev2/protect.h"

#include <string.h>

/* All that is left in R. */
static IkeBytes
rest(HsReader *r)
{
    IkeBytes bytes = {.length = hs_reader_left(r)};

    bytes.data = hs_reader_bytes(r, bytes.length);
    return bytes;
}

/* Key Exchange: group, two reserved octets, value */

IkeFault
ike_ke_decode(const IkePayload *payload, IkeKe *ret_ke)
{
    HsReader r = ike_payload_reader(payload);
    uint16_t group = hs_reader_u16(&r);

    hs_reader_skip(&r, 2);
    /* Whether the value is as long as its group says (3.4) is for the
     * Diffie-Hellman to check: it knows the groups. */
    if (!hs_reader_ok(&r) || hs_reader_left(&r) == 0)
        return IKE_FAULT_KE_SHORT;
    *ret_ke = (IkeKe){.group = group, .value = rest(&r)};
    return IKE_FAULT_NONE;
}

void
ike_ke_encode(IkeBuilder *b, uint16_t group, const uint8_t *value,
              size_t length)
{
    ike_builder_open(b, IKE_PAYLOAD_KE);
    hs_writer_u16(&b->writer, group);
    hs_writer_zeros(&b->writer, 2);
    hs_writer_bytes(&b->writer, value, length);
    ike_builder_close(b);
}

/* Identification: type, three reserved octets, data */

static bool
id_fits(uint8_t type, size_t length)
{
    switch (type) {
    case IKE_ID_IPV4_ADDR:
        return length == 4;
    case IKE_ID_IPV6_ADDR:
        return length == 16;
    default:
        return length > 0;
    }
}

IkeFault
ike_id_decode(const IkePayload *payload, IkeId *ret_id)
{
    HsReader r = ike_payload_reader(payload);
    uint8_t type = hs_reader_u8(&r);

    hs_reader_skip(&r, 3);
    if (!hs_reader_ok(&r) || !id_fits(type, hs_reader_left(&r)))
        return IKE_FAULT_ID_SHORT;
    *ret_id = (IkeId){.type = type,
                      .data = rest(&r),
                      .whole = {payload->body, payload->length}};
    return IKE_FAULT_NONE;
}

static void
write_id(HsWriter *w, uint8_t type, const void *data, size_t length)
{
    hs_writer_u8(w, type);
    hs_writer_zeros(w, 3);
    hs_writer_bytes(w, data, length);
}

void
ike_id_encode(IkeBuilder *b, IkePayloadType payload, uint8_t type,
              const void *data, size_t length)
{
    ike_builder_open(b, payload);
    write_id(&b->writer, type, data, length);
    ike_builder_close(b);
}

GBytes *
ike_id_body(uint8_t type, const void *data, size_t length)
{
    g_auto(HsWriter) w = {0};

    hs_writer_init(&w);
    write_id(&w, type, data, length);
    return hs_writer_steal(&w);
}

static bool
printable(const uint8_t *data, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if (!g_ascii_isgraph((char)data[i]))
            return false;
    return length > 0;
}

char *
ike_id_format(uint8_t type, const uint8_t *data, size_t length)
{
    GString *text;
    HsAddr addr = {0};
    char buffer[HS_ADDR_TEXT];

    if ((type == IKE_ID_IPV4_ADDR && length == 4) ||
        (type == IKE_ID_IPV6_ADDR && length == 16)) {
        addr.family = length == 4 ? HS_FAMILY_IPV4 : HS_FAMILY_IPV6;
        memcpy(addr.bytes, data, length);
        return g_strdup(hs_addr_format(&addr, buffer));
    }
    if ((type == IKE_ID_FQDN || type == IKE_ID_RFC822_ADDR) &&
        printable(data, length))
        return g_strndup((const char *)data, length);
    text = g_string_new(NULL);
    g_string_append_printf(text, "(%s)", ike_id_type_name(type));
    if (type == IKE_ID_KEY_ID && printable(data, length)) {
        g_string_append_printf(text, " %.*s", (int)length, (const char *)data);
    } else {
        g_string_append_c(text, ' ');
        for (size_t i = 0; i < length; i++)
            g_string_append_printf(text, "%02x", data[i]);
    }
    return g_string_free(text, FALSE);
}

/* Certificate and its request: encoding, data */

IkeFault
ike_cert_decode(const IkePayload *payload, IkeCert *ret_cert)
{
    HsReader r = ike_payload_reader(payload);
    uint8_t encoding = hs_reader_u8(&r);

    /* A request may name no authority (3.7), a certificate is not empty. */
    if (!hs_reader_ok(&r) ||
        (payload->type == IKE_PAYLOAD_CERT && hs_reader_left(&r) == 0))
        return IKE_FAULT_CERT_SHORT;
    *ret_cert = (IkeCert){.encoding = encoding, .data = rest(&r)};
    return IKE_FAULT_NONE;
}

void
ike_cert_encode(IkeBuilder *b, IkePayloadType payload, uint8_t encoding,
                const void *data, size_t length)
{
    ike_builder_open(b, payload);
    hs_writer_u8(&b->writer, encoding);
    hs_writer_bytes(&b->writer, data, length);
    ike_builder_close(b);
}

/* Authentication: method, three reserved octets, data */

IkeFault
ike_auth_decode(const IkePayload *payload, IkeAuth *ret_auth)
{
    HsReader r = ike_payload_reader(payload);
    uint8_t method = hs_reader_u8(&r);

    hs_reader_skip(&r, 3);
    if (!hs_reader_ok(&r) || hs_reader_left(&r) == 0)
        return IKE_FAULT_AUTH_SHORT;
    *ret_auth = (IkeAuth){.method = method, .data = rest(&r)};
    return IKE_FAULT_NONE;
}

void
ike_auth_encode(IkeBuilder *b, uint8_t method, const void *data, size_t length)
{
    ike_builder_open(b, IKE_PAYLOAD_AUTH);
    hs_writer_u8(&b->writer, method);
    hs_writer_zeros(&b->writer, 3);
    hs_writer_bytes(&b->writer, data, length);
    ike_builder_close(b);
}

/* Nonce */

IkeFault
ike_nonce_decode(const IkePayload *payload, IkeBytes *ret_nonce)
{
    if (payload->length < IKE_NONCE_MIN || payload->length > IKE_NONCE_MAX)
        return IKE_FAULT_NONCE_LENGTH;
    *ret_nonce = (IkeBytes){payload->body, payload->length};
    return IKE_FAULT_NONE;
}

void
ike_nonce_encode(IkeBuilder *b, const void *nonce, size_t length)
{
    ike_builder_add(b, IKE_PAYLOAD_NONCE, nonce, length);
}

/* Configuration: type, three reserved octets, attributes */

bool
ike_cp_next(HsReader *attributes, uint16_t *ret_type, IkeBytes *ret_value)
{
    uint16_t type, length;
    const uint8_t *value;

    if (hs_reader_left(attributes) == 0)
        return false;
    type = hs_reader_u16(attributes) & 0x7fff; /* 3.15.1: top bit reserved */
    length = hs_reader_u16(attributes);
    value = hs_reader_bytes(attributes, length);
    if (value == NULL)
        return false;
    *ret_type = type;
    *ret_value = (IkeBytes){value, length};
    return true;
}

IkeFault
ike_cp_decode(const IkePayload *payload, IkeCp *ret_cp)
{
    HsReader r = ike_payload_reader(payload), attributes;
    uint8_t type = hs_reader_u8(&r);
    uint16_t attribute;
    IkeBytes value;

    hs_reader_skip(&r, 3);
    attributes = hs_reader_sub(&r, hs_reader_left(&r));
    while (ike_cp_next(&attributes, &attribute, &value))
        ;
    if (!hs_reader_ok(&r) || !hs_reader_done(&attributes))
        return IKE_FAULT_CP_LENGTH;
    *ret_cp = (IkeCp){.type = type,
                      .attributes = {attributes.data, attributes.length}};
    return IKE_FAULT_NONE;
}

/* EAP: code, identifier, length of it all, type (RFC 3748 4) */

#define EAP_HEADER   4
#define EAP_REQUEST  1
#define EAP_RESPONSE 2

IkeFault
ike_eap_decode(const IkePayload *payload, IkeEap *ret_eap)
{
    HsReader r = ike_payload_reader(payload);
    IkeEap eap = {0};
    uint16_t length;

    eap.code = hs_reader_u8(&r);
    eap.identifier = hs_reader_u8(&r);
    length = hs_reader_u16(&r);
    if (!hs_reader_ok(&r) || length != payload->length)
        return IKE_FAULT_EAP_LENGTH;
    if (eap.code == EAP_REQUEST || eap.code == EAP_RESPONSE) {
        eap.type = hs_reader_u8(&r);
        if (!hs_reader_ok(&r))
            return IKE_FAULT_EAP_LENGTH;
    }
    *ret_eap = eap;
    return IKE_FAULT_NONE;
}

/* All of them */

static IkeFault
check_offer(const IkePayload *payload)
{
    g_auto(IkeOffer) offer = {0};

    return ike_offer_decode(payload, &offer);
}

static IkeFault
check_payload(const IkePayload *payload)
{
    union {
        IkeKe ke;
        IkeId id;
        IkeCert cert;
        IkeAuth auth;
        IkeBytes nonce;
        IkeNotify notify;
        IkeDelete del;
        IkeCp cp;
        IkeEap eap;
        IkeFragment fragment;
    } u;
    IkeTsList ts;

    switch (payload->type) {
    case IKE_PAYLOAD_SA:
        return check_offer(payload);
    case IKE_PAYLOAD_KE:
        return ike_ke_decode(payload, &u.ke);
    case IKE_PAYLOAD_IDI:
    case IKE_PAYLOAD_IDR:
        return ike_id_decode(payload, &u.id);
    case IKE_PAYLOAD_CERT:
    case IKE_PAYLOAD_CERTREQ:
        return ike_cert_decode(payload, &u.cert);
    case IKE_PAYLOAD_AUTH:
        return ike_auth_decode(payload, &u.auth);
    case IKE_PAYLOAD_NONCE:
        return ike_nonce_decode(payload, &u.nonce);
    case IKE_PAYLOAD_NOTIFY:
        return ike_notify_decode(payload, &u.notify);
    case IKE_PAYLOAD_DELETE:
        return ike_delete_decode(payload, &u.del);
    case IKE_PAYLOAD_TSI:
    case IKE_PAYLOAD_TSR:
        return ike_ts_decode(payload, &ts);
    case IKE_PAYLOAD_CP:
        return ike_cp_decode(payload, &u.cp);
    case IKE_PAYLOAD_EAP:
        return ike_eap_decode(payload, &u.eap);
    case IKE_PAYLOAD_SKF:
        return ike_fragment_decode(payload, &u.fragment);
    default: /* V has no form, SK is opened, unknown ones are skipped */
        return IKE_FAULT_NONE;
    }
}

IkeFault
ike_chain_check(const IkeChain *chain)
{
    for (size_t i = 0; i < chain->count; i++) {
        IkeFault fault = check_payload(&chain->payloads[i]);

        if (fault != IKE_FAULT_NONE)
            return fault;
    }
    return IKE_FAULT_NONE;
}
