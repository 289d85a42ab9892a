/* The printed names of the numbers in wire.h, from the same lists. */

#include "config.h"

#include "models/ikev2/wire.h"

#include "models/crypto/dh.h"

#define X(name, number, text)                                                  \
    case number:                                                               \
        return text;

#define NAMES(function, type, LIST)                                            \
    const char *function(type value)                                           \
    {                                                                          \
        switch (value) {                                                       \
            LIST(X)                                                            \
        default:                                                               \
            return "unknown";                                                  \
        }                                                                      \
    }

NAMES(ike_exchange_name, uint8_t, IKE_EXCHANGES)
NAMES(ike_payload_name, uint8_t, IKE_PAYLOADS)
NAMES(ike_protocol_name, uint8_t, IKE_PROTOCOLS)
NAMES(ike_transform_type_name, uint8_t, IKE_TRANSFORMS)
NAMES(ike_id_type_name, uint8_t, IKE_ID_TYPES)
NAMES(ike_cert_encoding_name, uint8_t, IKE_CERT_ENCODINGS)
NAMES(ike_auth_method_name, uint8_t, IKE_AUTH_METHODS)
NAMES(ike_notify_name, uint16_t, IKE_NOTIFIES)
NAMES(ike_ts_type_name, uint8_t, IKE_TS_TYPES)
NAMES(ike_cp_type_name, uint8_t, IKE_CP_TYPES)
NAMES(ike_hash_name, uint16_t, IKE_HASHES)

static NAMES(encr_name, uint16_t, IKE_ENCRS) static NAMES(
    prf_name, uint16_t,
    IKE_PRFS) static NAMES(integ_name, uint16_t,
                           IKE_INTEGS) static NAMES(esn_name, uint16_t,
                                                    IKE_ESNS)

    const char *ike_transform_name(uint8_t type, uint16_t id)
{
    switch (type) {
    case IKE_TRANSFORM_ENCR:
        return encr_name(id);
    case IKE_TRANSFORM_PRF:
        return prf_name(id);
    case IKE_TRANSFORM_INTEG:
        return integ_name(id);
    case IKE_TRANSFORM_DH:
        return id == IKE_DH_NONE ? "NONE" : crypto_dh_name(id);
    case IKE_TRANSFORM_ESN:
        return esn_name(id);
    default:
        return "unknown";
    }
}
