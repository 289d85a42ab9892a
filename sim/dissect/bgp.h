/* What the files about BGP share: of a session, what its messages' meaning
 * hangs on. */

#ifndef HS_DISSECT_BGP_H
#define HS_DISSECT_BGP_H

#include "sim/dissect/private.h"

/* Families that can have several paths of one prefix (RFC 7911). */
typedef enum {
    DISSECT_IPV4_UNICAST,
    DISSECT_IPV6_UNICAST,
    DISSECT_OTHER_FAMILY,
} DissectFamily;

#define DISSECT_ADD_PATH_RECEIVE 1
#define DISSECT_ADD_PATH_SEND    2

/* What one side's OPEN said. */
typedef struct {
    bool seen;
    uint32_t as;
    bool four_octet_as;
    bool extended_message; /* RFC 8654 */
    bool multiprotocol, ipv4, ipv6;
    uint8_t add_path[DISSECT_OTHER_FAMILY];
} DissectBgpSide;

typedef enum {
    DISSECT_NOT_KNOWN,
    DISSECT_NO,
    DISSECT_YES,
} DissectAnswer;

/* What holds for a message, by both OPENs or by a guess. */
typedef struct {
    DissectAnswer four_octet_as;
    DissectAnswer ibgp;
    DissectAnswer add_path[DISSECT_OTHER_FAMILY];
    bool ipv4, ipv6;
} DissectBgpTerms;

/* bgp_message.c: BODY is behind the header. An OPEN goes to SIDE. */
void dissect_bgp_open(DissectDraft *draft, HsReader body, DissectBgpSide *side);
void dissect_bgp_notification(DissectDraft *draft, HsReader body);
void dissect_bgp_refresh(DissectDraft *draft, HsReader body);

/* "IPv4 unicast", "AFI 25 SAFI 65" */
const char *dissect_bgp_family(uint16_t afi, uint8_t safi, char buffer[32]);

/* bgp_update.c. A guess that the message shows to be right goes to TERMS. */
void
dissect_bgp_update(DissectDraft *draft, HsReader body, DissectBgpTerms *terms);

#endif
