/* The numbers of IKEv2 on the wire: RFC 7296, and where another document gives
 * them, its number behind the name. Enumerators and their printed names come
 * from one list each, so that a log never shows a bare number. The printed
 * names are those of the RFC and of the IANA registry. */

#ifndef HS_IKEV2_WIRE_H
#define HS_IKEV2_WIRE_H

#include <stdint.h>

#define IKE_PORT      500
#define IKE_NATT_PORT 4500 /* RFC 7296 2.23 */

/* On port 4500 four zero octets stand before the header (RFC 7296 3.1). */
#define IKE_NON_ESP_MARKER 4

/* Header, RFC 7296 3.1 */
#define IKE_HEADER_LENGTH  28
#define IKE_SPI_LENGTH     8
#define IKE_VERSION        0x20 /* major 2, minor 0 */
#define IKE_MAJOR_VERSION  2
#define IKE_FLAG_INITIATOR 0x08
#define IKE_FLAG_VERSION   0x10
#define IKE_FLAG_RESPONSE  0x20

/* RFC 7296 2: every implementation must be able to take 1280 octets, and
 * should take 3000. We take what a UDP datagram holds. */
#define IKE_MESSAGE_MAX 65535

/* Generic payload header, RFC 7296 3.2 */
#define IKE_PAYLOAD_HEADER 4
#define IKE_CRITICAL       0x80

#define IKE_NONCE_MIN      16 /* RFC 7296 2.10 and 3.9 */
#define IKE_NONCE_MAX      256
#define IKE_COOKIE_MAX     64 /* RFC 7296 2.6; at least 1 */
#define IKE_NAT_HASH       20 /* RFC 7296 2.23: SHA-1 */

/* RFC 7296 3.1 */
#define IKE_EXCHANGES(X)                                                       \
    X(SA_INIT, 34, "IKE_SA_INIT")                                              \
    X(AUTH, 35, "IKE_AUTH")                                                    \
    X(CREATE_CHILD_SA, 36, "CREATE_CHILD_SA")                                  \
    X(INFORMATIONAL, 37, "INFORMATIONAL")

/* RFC 7296 3.2; SKF: RFC 7383 2.5 */
#define IKE_PAYLOADS(X)                                                        \
    X(NONE, 0, "none")                                                         \
    X(SA, 33, "SA")                                                            \
    X(KE, 34, "KE")                                                            \
    X(IDI, 35, "IDi")                                                          \
    X(IDR, 36, "IDr")                                                          \
    X(CERT, 37, "CERT")                                                        \
    X(CERTREQ, 38, "CERTREQ")                                                  \
    X(AUTH, 39, "AUTH")                                                        \
    X(NONCE, 40, "Nonce")                                                      \
    X(NOTIFY, 41, "N")                                                         \
    X(DELETE, 42, "D")                                                         \
    X(VENDOR, 43, "V")                                                         \
    X(TSI, 44, "TSi")                                                          \
    X(TSR, 45, "TSr")                                                          \
    X(SK, 46, "SK")                                                            \
    X(CP, 47, "CP")                                                            \
    X(EAP, 48, "EAP")                                                          \
    X(SKF, 53, "SKF")

/* RFC 7296 3.3.1: Protocol ID */
#define IKE_PROTOCOLS(X)                                                       \
    X(NONE, 0, "none")                                                         \
    X(IKE, 1, "IKE")                                                           \
    X(AH, 2, "AH")                                                             \
    X(ESP, 3, "ESP")

/* RFC 7296 3.3.2 */
#define IKE_TRANSFORMS(X)                                                      \
    X(ENCR, 1, "ENCR")                                                         \
    X(PRF, 2, "PRF")                                                           \
    X(INTEG, 3, "INTEG")                                                       \
    X(DH, 4, "D-H")                                                            \
    X(ESN, 5, "ESN")                                                           \
    X(ADDKE1, 6, "ADDKE1") /* RFC 9370 */                                      \
    X(ADDKE2, 7, "ADDKE2")                                                     \
    X(ADDKE3, 8, "ADDKE3")                                                     \
    X(ADDKE4, 9, "ADDKE4")                                                     \
    X(ADDKE5, 10, "ADDKE5")                                                    \
    X(ADDKE6, 11, "ADDKE6")                                                    \
    X(ADDKE7, 12, "ADDKE7")

/* The identifiers of one transform type. Only those with an implementation
 * here have a place in IkeSuite; the others are known by name, for a reader
 * of captures. */
#define IKE_ENCRS(X)                                                           \
    X(DES, 2, "ENCR_DES")                                                      \
    X(3DES, 3, "ENCR_3DES")                                                    \
    X(NULL, 11, "ENCR_NULL")                                                   \
    X(AES_CBC, 12, "ENCR_AES_CBC")                                             \
    X(AES_CTR, 13, "ENCR_AES_CTR")                                             \
    X(AES_CCM_8, 14, "ENCR_AES_CCM_8")                                         \
    X(AES_CCM_12, 15, "ENCR_AES_CCM_12")                                       \
    X(AES_CCM_16, 16, "ENCR_AES_CCM_16")                                       \
    X(AES_GCM_8, 18, "ENCR_AES_GCM_8")                                         \
    X(AES_GCM_12, 19, "ENCR_AES_GCM_12")                                       \
    X(AES_GCM_16, 20, "ENCR_AES_GCM_16") /* RFC 4106, 5282 */                  \
    X(CAMELLIA_CBC, 23, "ENCR_CAMELLIA_CBC")                                   \
    X(CHACHA20_POLY1305, 28, "ENCR_CHACHA20_POLY1305")

#define IKE_PRFS(X)                                                            \
    X(HMAC_MD5, 1, "PRF_HMAC_MD5")                                             \
    X(HMAC_SHA1, 2, "PRF_HMAC_SHA1")                                           \
    X(AES128_XCBC, 4, "PRF_AES128_XCBC")                                       \
    X(HMAC_SHA2_256, 5, "PRF_HMAC_SHA2_256") /* RFC 4868 */                    \
    X(HMAC_SHA2_384, 6, "PRF_HMAC_SHA2_384")                                   \
    X(HMAC_SHA2_512, 7, "PRF_HMAC_SHA2_512")                                   \
    X(AES128_CMAC, 8, "PRF_AES128_CMAC")

#define IKE_INTEGS(X)                                                          \
    X(NONE, 0, "NONE")                                                         \
    X(HMAC_MD5_96, 1, "AUTH_HMAC_MD5_96")                                      \
    X(HMAC_SHA1_96, 2, "AUTH_HMAC_SHA1_96")                                    \
    X(AES_XCBC_96, 5, "AUTH_AES_XCBC_96")                                      \
    X(AES_CMAC_96, 8, "AUTH_AES_CMAC_96")                                      \
    X(HMAC_SHA2_256_128, 12, "AUTH_HMAC_SHA2_256_128") /* RFC 4868 */          \
    X(HMAC_SHA2_384_192, 13, "AUTH_HMAC_SHA2_384_192")                         \
    X(HMAC_SHA2_512_256, 14, "AUTH_HMAC_SHA2_512_256")

/* Diffie-Hellman groups have their names in models/crypto/dh.h; NONE is said
 * in a proposal of a child SA (RFC 7296 3.3.2). These are not there. */
#define IKE_DH_NONE 0
#define IKE_OTHER_GROUPS(X)                                                    \
    X(NONE, IKE_DH_NONE, "NONE")                                               \
    X(MODP768, 1, "modp768")                                                   \
    X(ECP192, 25, "ecp192") /* RFC 5114 */                                     \
    X(ECP224, 26, "ecp224")                                                    \
    X(ECP224BP, 27, "ecp224bp") /* RFC 6954 */                                 \
    X(ECP256BP, 28, "ecp256bp")                                                \
    X(ECP384BP, 29, "ecp384bp")                                                \
    X(ECP512BP, 30, "ecp512bp")                                                \
    X(X448, 32, "x448")           /* RFC 8031 */                               \
    X(ML_KEM_512, 35, "mlkem512") /* RFC 9370 and its drafts */                \
    X(ML_KEM_768, 36, "mlkem768")                                              \
    X(ML_KEM_1024, 37, "mlkem1024")

#define IKE_ESNS(X)                                                            \
    X(NO, 0, "no ESN")                                                         \
    X(YES, 1, "ESN")

/* RFC 7296 3.3.5: the only transform attribute, in its short form */
#define IKE_ATTR_KEY_LENGTH   14
#define IKE_ATTR_SHORT_FORMAT 0x8000

/* RFC 7296 3.5 */
#define IKE_ID_TYPES(X)                                                        \
    X(IPV4_ADDR, 1, "ID_IPV4_ADDR")                                            \
    X(FQDN, 2, "ID_FQDN")                                                      \
    X(RFC822_ADDR, 3, "ID_RFC822_ADDR")                                        \
    X(IPV6_ADDR, 5, "ID_IPV6_ADDR")                                            \
    X(DER_ASN1_DN, 9, "ID_DER_ASN1_DN")                                        \
    X(DER_ASN1_GN, 10, "ID_DER_ASN1_GN")                                       \
    X(KEY_ID, 11, "ID_KEY_ID")

/* RFC 7296 3.6 */
#define IKE_CERT_ENCODINGS(X)                                                  \
    X(PKCS7, 1, "PKCS #7 wrapped X.509 certificate")                           \
    X(PGP, 2, "PGP Certificate")                                               \
    X(DNS_KEY, 3, "DNS Signed Key")                                            \
    X(X509_SIGNATURE, 4, "X.509 Certificate - Signature")                      \
    X(KERBEROS, 6, "Kerberos Token")                                           \
    X(CRL, 7, "Certificate Revocation List")                                   \
    X(ARL, 8, "Authority Revocation List")                                     \
    X(SPKI, 9, "SPKI Certificate")                                             \
    X(X509_ATTRIBUTE, 10, "X.509 Certificate - Attribute")                     \
    X(RAW_RSA, 11, "Raw RSA Key")                                              \
    X(HASH_URL_CERT, 12, "Hash and URL of X.509 certificate")                  \
    X(HASH_URL_BUNDLE, 13, "Hash and URL of X.509 bundle")

/* RFC 7296 3.8 */
#define IKE_AUTH_METHODS(X)                                                    \
    X(RSA, 1, "RSA Digital Signature")                                         \
    X(SHARED_KEY, 2, "Shared Key Message Integrity Code")                      \
    X(DSS, 3, "DSS Digital Signature")                                         \
    X(ECDSA_256, 9, "ECDSA with SHA-256 on P-256") /* RFC 4754 */              \
    X(ECDSA_384, 10, "ECDSA with SHA-384 on P-384")                            \
    X(ECDSA_521, 11, "ECDSA with SHA-512 on P-521")                            \
    X(NULL, 13, "NULL Authentication")  /* RFC 7619 */                         \
    X(DIGITAL, 14, "Digital Signature") /* RFC 7427 */

/* RFC 7296 3.10.1. Below 16384 are errors, above status. */
#define IKE_NOTIFY_STATUS_MIN 16384
#define IKE_NOTIFIES(X)                                                        \
    X(UNSUPPORTED_CRITICAL_PAYLOAD, 1, "UNSUPPORTED_CRITICAL_PAYLOAD")         \
    X(INVALID_IKE_SPI, 4, "INVALID_IKE_SPI")                                   \
    X(INVALID_MAJOR_VERSION, 5, "INVALID_MAJOR_VERSION")                       \
    X(INVALID_SYNTAX, 7, "INVALID_SYNTAX")                                     \
    X(INVALID_MESSAGE_ID, 9, "INVALID_MESSAGE_ID")                             \
    X(INVALID_SPI, 11, "INVALID_SPI")                                          \
    X(NO_PROPOSAL_CHOSEN, 14, "NO_PROPOSAL_CHOSEN")                            \
    X(INVALID_KE_PAYLOAD, 17, "INVALID_KE_PAYLOAD")                            \
    X(AUTHENTICATION_FAILED, 24, "AUTHENTICATION_FAILED")                      \
    X(SINGLE_PAIR_REQUIRED, 34, "SINGLE_PAIR_REQUIRED")                        \
    X(NO_ADDITIONAL_SAS, 35, "NO_ADDITIONAL_SAS")                              \
    X(INTERNAL_ADDRESS_FAILURE, 36, "INTERNAL_ADDRESS_FAILURE")                \
    X(FAILED_CP_REQUIRED, 37, "FAILED_CP_REQUIRED")                            \
    X(TS_UNACCEPTABLE, 38, "TS_UNACCEPTABLE")                                  \
    X(INVALID_SELECTORS, 39, "INVALID_SELECTORS")                              \
    X(UNACCEPTABLE_ADDRESSES, 40, "UNACCEPTABLE_ADDRESSES")   /* 4555 */       \
    X(UNEXPECTED_NAT_DETECTED, 41, "UNEXPECTED_NAT_DETECTED") /* 4555 */       \
    X(USE_ASSIGNED_HOA, 42, "USE_ASSIGNED_HoA")               /* 5026 */       \
    X(TEMPORARY_FAILURE, 43, "TEMPORARY_FAILURE")                              \
    X(CHILD_SA_NOT_FOUND, 44, "CHILD_SA_NOT_FOUND")                            \
    X(INVALID_GROUP_ID, 45, "INVALID_GROUP_ID")                                \
    X(AUTHORIZATION_FAILED, 46, "AUTHORIZATION_FAILED")                        \
    X(STATE_NOT_FOUND, 47, "STATE_NOT_FOUND") /* 9370 */                       \
    X(TS_MAX_QUEUE, 48, "TS_MAX_QUEUE")       /* 9611 */                       \
    X(INITIAL_CONTACT, 16384, "INITIAL_CONTACT")                               \
    X(SET_WINDOW_SIZE, 16385, "SET_WINDOW_SIZE")                               \
    X(ADDITIONAL_TS_POSSIBLE, 16386, "ADDITIONAL_TS_POSSIBLE")                 \
    X(IPCOMP_SUPPORTED, 16387, "IPCOMP_SUPPORTED")                             \
    X(NAT_DETECTION_SOURCE_IP, 16388, "NAT_DETECTION_SOURCE_IP")               \
    X(NAT_DETECTION_DESTINATION_IP, 16389, "NAT_DETECTION_DESTINATION_IP")     \
    X(COOKIE, 16390, "COOKIE")                                                 \
    X(USE_TRANSPORT_MODE, 16391, "USE_TRANSPORT_MODE")                         \
    X(HTTP_CERT_LOOKUP_SUPPORTED, 16392, "HTTP_CERT_LOOKUP_SUPPORTED")         \
    X(REKEY_SA, 16393, "REKEY_SA")                                             \
    X(ESP_TFC_PADDING_NOT_SUPPORTED, 16394, "ESP_TFC_PADDING_NOT_SUPPORTED")   \
    X(NON_FIRST_FRAGMENTS_ALSO, 16395, "NON_FIRST_FRAGMENTS_ALSO")             \
    X(MOBIKE_SUPPORTED, 16396, "MOBIKE_SUPPORTED") /* RFC 4555 */              \
    X(ADDITIONAL_IP4_ADDRESS, 16397, "ADDITIONAL_IP4_ADDRESS")                 \
    X(ADDITIONAL_IP6_ADDRESS, 16398, "ADDITIONAL_IP6_ADDRESS")                 \
    X(NO_ADDITIONAL_ADDRESSES, 16399, "NO_ADDITIONAL_ADDRESSES")               \
    X(UPDATE_SA_ADDRESSES, 16400, "UPDATE_SA_ADDRESSES")                       \
    X(COOKIE2, 16401, "COOKIE2")                                               \
    X(NO_NATS_ALLOWED, 16402, "NO_NATS_ALLOWED")                               \
    X(AUTH_LIFETIME, 16403, "AUTH_LIFETIME")                     /* 4478 */    \
    X(MULTIPLE_AUTH_SUPPORTED, 16404, "MULTIPLE_AUTH_SUPPORTED") /* 4739 */    \
    X(ANOTHER_AUTH_FOLLOWS, 16405, "ANOTHER_AUTH_FOLLOWS")       /* 4739 */    \
    X(REDIRECT_SUPPORTED, 16406, "REDIRECT_SUPPORTED")           /* 5685 */    \
    X(REDIRECT, 16407, "REDIRECT")                               /* 5685 */    \
    X(REDIRECTED_FROM, 16408, "REDIRECTED_FROM")                 /* 5685 */    \
    X(TICKET_LT_OPAQUE, 16409, "TICKET_LT_OPAQUE")               /* 5723 */    \
    X(TICKET_REQUEST, 16410, "TICKET_REQUEST")                   /* 5723 */    \
    X(TICKET_ACK, 16411, "TICKET_ACK")                           /* 5723 */    \
    X(TICKET_NACK, 16412, "TICKET_NACK")                         /* 5723 */    \
    X(TICKET_OPAQUE, 16413, "TICKET_OPAQUE")                     /* 5723 */    \
    X(LINK_ID, 16414, "LINK_ID")                                 /* 5739 */    \
    X(USE_WESP_MODE, 16415, "USE_WESP_MODE")                     /* 5840 */    \
    X(ROHC_SUPPORTED, 16416, "ROHC_SUPPORTED")                   /* 5857 */    \
    X(EAP_ONLY_AUTHENTICATION, 16417, "EAP_ONLY_AUTHENTICATION") /* 5998 */    \
    X(CHILDLESS_SUPPORTED, 16418, "CHILDLESS_IKEV2_SUPPORTED")   /* 6023 */    \
    X(QUICK_CRASH_DETECTION, 16419, "QUICK_CRASH_DETECTION")     /* 6290 */    \
    X(MESSAGE_ID_SYNC_SUPPORTED, 16420, "IKEV2_MESSAGE_ID_SYNC_SUPPORTED")     \
    X(REPLAY_SYNC_SUPPORTED, 16421, "IPSEC_REPLAY_COUNTER_SYNC_SUPPORTED")     \
    X(MESSAGE_ID_SYNC, 16422, "IKEV2_MESSAGE_ID_SYNC")   /* 6311 */            \
    X(REPLAY_SYNC, 16423, "IPSEC_REPLAY_COUNTER_SYNC")   /* 6311 */            \
    X(SECURE_PASSWORD, 16424, "SECURE_PASSWORD_METHODS") /* 6467 */            \
    X(PSK_PERSIST, 16425, "PSK_PERSIST")                 /* 6631 */            \
    X(PSK_CONFIRM, 16426, "PSK_CONFIRM")                 /* 6631 */            \
    X(ERX_SUPPORTED, 16427, "ERX_SUPPORTED")             /* 6867 */            \
    X(IFOM_CAPABILITY, 16428, "IFOM_CAPABILITY")                               \
    X(SENDER_REQUEST_ID, 16429, "SENDER_REQUEST_ID")                           \
    X(FRAGMENTATION_SUPPORTED, 16430, "IKEV2_FRAGMENTATION_SUPPORTED")         \
    X(SIGNATURE_HASH_ALGORITHMS, 16431, "SIGNATURE_HASH_ALGORITHMS")           \
    X(CLONE_IKE_SA_SUPPORTED, 16432, "CLONE_IKE_SA_SUPPORTED") /* 7791 */      \
    X(CLONE_IKE_SA, 16433, "CLONE_IKE_SA")                     /* 7791 */      \
    X(PUZZLE, 16434, "PUZZLE")                                 /* 8019 */      \
    X(USE_PPK, 16435, "USE_PPK")                               /* 8784 */      \
    X(PPK_IDENTITY, 16436, "PPK_IDENTITY")                     /* 8784 */      \
    X(NO_PPK_AUTH, 16437, "NO_PPK_AUTH")                       /* 8784 */      \
    X(INTERMEDIATE_SUPPORTED, 16438, "INTERMEDIATE_EXCHANGE_SUPPORTED")        \
    X(IP4_ALLOWED, 16439, "IP4_ALLOWED")                         /* 8983 */    \
    X(IP6_ALLOWED, 16440, "IP6_ALLOWED")                         /* 8983 */    \
    X(ADDITIONAL_KEY_EXCHANGE, 16441, "ADDITIONAL_KEY_EXCHANGE") /* 9370 */    \
    X(USE_AGGFRAG, 16442, "USE_AGGFRAG")                         /* 9347 */

/* RFC 7296 3.13.1 */
#define IKE_TS_TYPES(X)                                                        \
    X(IPV4_RANGE, 7, "TS_IPV4_ADDR_RANGE")                                     \
    X(IPV6_RANGE, 8, "TS_IPV6_ADDR_RANGE")

/* RFC 7296 3.15 */
#define IKE_CP_TYPES(X)                                                        \
    X(REQUEST, 1, "CFG_REQUEST")                                               \
    X(REPLY, 2, "CFG_REPLY")                                                   \
    X(SET, 3, "CFG_SET")                                                       \
    X(ACK, 4, "CFG_ACK")

/* RFC 7427 7: hash algorithms of digital signatures */
#define IKE_HASHES(X)                                                          \
    X(SHA1, 1, "SHA1")                                                         \
    X(SHA2_256, 2, "SHA2-256")                                                 \
    X(SHA2_384, 3, "SHA2-384")                                                 \
    X(SHA2_512, 4, "SHA2-512")                                                 \
    X(IDENTITY, 5, "Identity")

#define X(name, number, text) IKE_EXCHANGE_##name = number,
typedef enum { IKE_EXCHANGES(X) } IkeExchange;
#undef X

#define X(name, number, text) IKE_PAYLOAD_##name = number,
typedef enum { IKE_PAYLOADS(X) } IkePayloadType;
#undef X

#define X(name, number, text) IKE_PROTOCOL_##name = number,
typedef enum { IKE_PROTOCOLS(X) } IkeProtocol;
#undef X

#define X(name, number, text) IKE_TRANSFORM_##name = number,
typedef enum { IKE_TRANSFORMS(X) } IkeTransformType;
#undef X

#define X(name, number, text) IKE_ENCR_##name = number,
typedef enum { IKE_ENCRS(X) } IkeEncr;
#undef X

#define X(name, number, text) IKE_PRF_##name = number,
typedef enum { IKE_PRFS(X) } IkePrf;
#undef X

#define X(name, number, text) IKE_INTEG_##name = number,
typedef enum { IKE_INTEGS(X) } IkeInteg;
#undef X

#define X(name, number, text) IKE_ESN_##name = number,
typedef enum { IKE_ESNS(X) } IkeEsn;
#undef X

#define X(name, number, text) IKE_ID_##name = number,
typedef enum { IKE_ID_TYPES(X) } IkeIdType;
#undef X

#define X(name, number, text) IKE_CERT_##name = number,
typedef enum { IKE_CERT_ENCODINGS(X) } IkeCertEncoding;
#undef X

#define X(name, number, text) IKE_AUTH_##name = number,
typedef enum { IKE_AUTH_METHODS(X) } IkeAuthMethod;
#undef X

#define X(name, number, text) IKE_NOTIFY_##name = number,
typedef enum { IKE_NOTIFIES(X) } IkeNotifyType;
#undef X

#define X(name, number, text) IKE_TS_##name = number,
typedef enum { IKE_TS_TYPES(X) } IkeTsType;
#undef X

#define X(name, number, text) IKE_CP_##name = number,
typedef enum { IKE_CP_TYPES(X) } IkeCpType;
#undef X

#define X(name, number, text) IKE_HASH_##name = number,
typedef enum { IKE_HASHES(X) } IkeHash;
#undef X

/* The printed name; "unknown" for what the lists above do not have. */
const char *ike_exchange_name(uint8_t exchange);
const char *ike_payload_name(uint8_t payload);
const char *ike_protocol_name(uint8_t protocol);
const char *ike_transform_type_name(uint8_t type);
const char *ike_id_type_name(uint8_t type);
const char *ike_cert_encoding_name(uint8_t encoding);
const char *ike_auth_method_name(uint8_t method);
const char *ike_notify_name(uint16_t type);
const char *ike_ts_type_name(uint8_t type);
const char *ike_cp_type_name(uint8_t type);
const char *ike_hash_name(uint16_t hash);

/* The name of an identifier of a transform of TYPE: "ENCR_AES_CBC"; for
 * Diffie-Hellman that of models/crypto/dh.h, "NONE" for none. */
const char *ike_transform_name(uint8_t type, uint16_t id);

#endif
