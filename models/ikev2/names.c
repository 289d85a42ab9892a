/* The printed names of the numbers in wire.h, from the same lists. */

#include "config.h"

#include "models/ikev2/wire.h"

#include "models/crypto/dh.h"

#define X(name, number, text)                                                  \
    case number:                                                               \
        return text;

#define RETURN_NAME(value, LIST)                                               \
    switch (value) {                                                           \
        LIST(X)                                                                \
    default:                                                                   \
        return "unknown";                                                      \
    }

const char *
ike_exchange_name(uint8_t exchange)
{
    RETURN_NAME(exchange, IKE_EXCHANGES);
}

const char *
ike_payload_name(uint8_t payload)
{
    RETURN_NAME(payload, IKE_PAYLOADS);
}

const char *
ike_protocol_name(uint8_t protocol)
{
    RETURN_NAME(protocol, IKE_PROTOCOLS);
}

const char *
ike_transform_type_name(uint8_t type)
{
    RETURN_NAME(type, IKE_TRANSFORMS);
}

const char *
ike_id_type_name(uint8_t type)
{
    RETURN_NAME(type, IKE_ID_TYPES);
}

const char *
ike_cert_encoding_name(uint8_t encoding)
{
    RETURN_NAME(encoding, IKE_CERT_ENCODINGS);
}

const char *
ike_auth_method_name(uint8_t method)
{
    RETURN_NAME(method, IKE_AUTH_METHODS);
}

const char *
ike_notify_name(uint16_t type)
{
    RETURN_NAME(type, IKE_NOTIFIES);
}

const char *
ike_ts_type_name(uint8_t type)
{
    RETURN_NAME(type, IKE_TS_TYPES);
}

const char *
ike_cp_type_name(uint8_t type)
{
    RETURN_NAME(type, IKE_CP_TYPES);
}

const char *
ike_hash_name(uint16_t hash)
{
    RETURN_NAME(hash, IKE_HASHES);
}

static const char *
encr_name(uint16_t id)
{
    RETURN_NAME(id, IKE_ENCRS);
}

static const char *
prf_name(uint16_t id)
{
    RETURN_NAME(id, IKE_PRFS);
}

static const char *
integ_name(uint16_t id)
{
    RETURN_NAME(id, IKE_INTEGS);
}

static const char *
esn_name(uint16_t id)
{
    RETURN_NAME(id, IKE_ESNS);
}

static const char *
group_name(uint16_t id)
{
    if (crypto_dh_supported(id))
        return crypto_dh_name(id);
    RETURN_NAME(id, IKE_OTHER_GROUPS);
}

const char *
ike_transform_name(uint8_t type, uint16_t id)
{
    switch (type) {
    case IKE_TRANSFORM_ENCR:
        return encr_name(id);
    case IKE_TRANSFORM_PRF:
        return prf_name(id);
    case IKE_TRANSFORM_INTEG:
        return integ_name(id);
    case IKE_TRANSFORM_DH:
        return group_name(id);
    case IKE_TRANSFORM_ESN:
        return esn_name(id);
    default:
        return "unknown";
    }
}
