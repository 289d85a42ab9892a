/* The bodies of the payloads (RFC 7296 3.4 to 3.16), a decoder and an encoder
 * for each; SA payloads have proposal.h, SK and SKF protect.h.
 *
 * A decoder takes the payload's body and fills in views into it, which live
 * as long as the message; it returns IKE_FAULT_NONE or the rule that was
 * broken, and leaves the result untouched then. An encoder appends a whole
 * payload to a builder. */

#ifndef HS_IKEV2_PAYLOAD_H
#define HS_IKEV2_PAYLOAD_H

#include "models/base/addr.h"
#include "models/ikev2/message.h"

/* Bytes that somebody else owns. */
typedef struct {
    const uint8_t *data; /* borrowed */
    size_t length;
} IkeBytes;

/* Key Exchange, 3.4 */
typedef struct {
    uint16_t group;
    IkeBytes value;
} IkeKe;

IkeFault ike_ke_decode(const IkePayload *payload, IkeKe *ret_ke);
void ike_ke_encode(IkeBuilder *b, uint16_t group, const uint8_t *value,
                   size_t length);

/* Identification, 3.5. `whole` is the body with its type and the three
 * reserved octets, as AUTH covers it (2.15). */
typedef struct {
    uint8_t type;
    IkeBytes data;
    IkeBytes whole;
} IkeId;

IkeFault ike_id_decode(const IkePayload *payload, IkeId *ret_id);

/* TYPE is IKE_PAYLOAD_IDI or _IDR. */
void ike_id_encode(IkeBuilder *b, IkePayloadType payload, uint8_t type,
                   const void *data, size_t length);

/* The body that ike_id_encode() writes: for AUTH (transfer full). */
GBytes *ike_id_body(uint8_t type, const void *data, size_t length);

/* "192.0.2.1", "gw.example.net", "(ID_KEY_ID) 0a0b0c" (transfer full). */
char *ike_id_format(uint8_t type, const uint8_t *data, size_t length);

/* Certificate and its request, 3.6 and 3.7 */
typedef struct {
    uint8_t encoding;
    IkeBytes data;
} IkeCert;

IkeFault ike_cert_decode(const IkePayload *payload, IkeCert *ret_cert);
void ike_cert_encode(IkeBuilder *b, IkePayloadType payload, uint8_t encoding,
                     const void *data, size_t length);

/* Authentication, 3.8 */
typedef struct {
    uint8_t method;
    IkeBytes data;
} IkeAuth;

IkeFault ike_auth_decode(const IkePayload *payload, IkeAuth *ret_auth);
void
ike_auth_encode(IkeBuilder *b, uint8_t method, const void *data, size_t length);

/* Nonce, 3.9 */
IkeFault ike_nonce_decode(const IkePayload *payload, IkeBytes *ret_nonce);
void ike_nonce_encode(IkeBuilder *b, const void *nonce, size_t length);

/* Notify, 3.10 */
typedef struct {
    uint8_t protocol; /* IkeProtocol; NONE when there is no SPI */
    uint16_t type;
    uint32_t spi;     /* of a child SA; 0 if there is none */
    IkeBytes spi_raw; /* whatever its size */
    IkeBytes data;
} IkeNotify;

/* Checks the length of the data too, for the types whose data has a fixed or
 * bounded length: COOKIE, INVALID_KE_PAYLOAD, NAT_DETECTION_*, … */
IkeFault ike_notify_decode(const IkePayload *payload, IkeNotify *ret_notify);

/* Without an SPI. DATA may be empty. */
void ike_notify_encode(IkeBuilder *b, uint16_t type, const void *data,
                       size_t length);

/* About a child SA: REKEY_SA, CHILD_SA_NOT_FOUND, INVALID_SELECTORS. */
void ike_notify_encode_child(IkeBuilder *b, uint16_t type, uint32_t spi,
                             const void *data, size_t length);

/* INVALID_KE_PAYLOAD with the group that we want (1.2). */
void ike_notify_encode_group(IkeBuilder *b, uint16_t group);

/* The first N payload of TYPE in CHAIN that decodes. */
bool
ike_notify_find(const IkeChain *chain, uint16_t type, IkeNotify *ret_notify);

/* Delete, 3.11 */
typedef struct {
    uint8_t protocol;
    unsigned count; /* of SPIs; 0 for the IKE SA itself */
    IkeBytes spis;  /* 4 octets each */
} IkeDelete;

IkeFault ike_delete_decode(const IkePayload *payload, IkeDelete *ret_delete);
uint32_t ike_delete_spi(const IkeDelete *del, unsigned index);
void ike_delete_encode_ike(IkeBuilder *b);
void ike_delete_encode_esp(IkeBuilder *b, const uint32_t *spis, size_t count);

/* Traffic selectors, 3.13 */
typedef struct {
    uint8_t protocol; /* IP protocol; 0: any */
    uint16_t start_port, end_port;
    HsAddr start, end; /* of one family */
} IkeTs;

#define IKE_TS_MAX 32

typedef struct {
    size_t count;
    IkeTs selectors[IKE_TS_MAX];
} IkeTsList;

/* Selectors of an unknown type are passed over (2.9: they never match); what
 * is beyond IKE_TS_MAX too, which is narrowing. COUNT may come out 0 then. */
IkeFault ike_ts_decode(const IkePayload *payload, IkeTsList *ret_list);
void
ike_ts_encode(IkeBuilder *b, IkePayloadType payload, const IkeTsList *list);

/* All of FAMILY; a prefix. */
IkeTs ike_ts_any(HsFamily family);
IkeTs ike_ts_prefix(const HsPrefix *prefix);

bool ike_ts_equal(const IkeTs *a, const IkeTs *b);

/* "10.0.0.0-10.255.255.255 proto 6 port 80-80"; "10.0.0.0/8" if it is a
 * prefix without protocol and ports (transfer full). */
char *ike_ts_format(const IkeTs *ts);

/* What both hold (2.9): false if nothing. */
bool ike_ts_intersect(const IkeTs *a, const IkeTs *b, IkeTs *ret_ts);

/* Every intersection of an offered selector with one that POLICY allows,
 * without those that another one in the result holds, in the order of the
 * offer: what the initiator put first is in the result whenever POLICY allows
 * it (2.9). False, and RET_LIST untouched: nothing in common. */
bool ike_ts_narrow(const IkeTsList *offered, const IkeTsList *policy,
                   IkeTsList *ret_list);

/* Whether each selector of INNER lies in one of OUTER: what an initiator
 * checks of the responder's answer. */
bool ike_ts_within(const IkeTsList *inner, const IkeTsList *outer);

/* Configuration, 3.15: read only, for a reader of captures. */
typedef struct {
    uint8_t type;
    IkeBytes attributes; /* each: type, length, value; lengths are checked */
} IkeCp;

IkeFault ike_cp_decode(const IkePayload *payload, IkeCp *ret_cp);

/* The next attribute of CP's; false at the end. */
bool ike_cp_next(HsReader *attributes, uint16_t *ret_type, IkeBytes *ret_value);

/* EAP, 3.16: its length is checked, no method of it is spoken.
 * Departure: no EAP authentication; AWS VPNs have none. */
typedef struct {
    uint8_t code, identifier;
    uint8_t type; /* requests and responses only, else 0 */
} IkeEap;

IkeFault ike_eap_decode(const IkePayload *payload, IkeEap *ret_eap);

/* Checks the body of every payload of CHAIN by its decoder: the first fault,
 * or NONE. */
IkeFault ike_chain_check(const IkeChain *chain);

#endif
