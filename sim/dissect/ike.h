/* What the two files about IKE share. */

#ifndef HS_DISSECT_IKE_H
#define HS_DISSECT_IKE_H

#include "models/ikev2/message.h"
#include "sim/dissect/private.h"

/* ike_payload.c: every payload of CHAIN goes to LIST, and its name to the
 * line: "SA KE Nonce N(COOKIE)". */
void dissect_ike_payloads(DissectDraft *draft, DissectField *list,
                          const IkeChain *chain);

#endif
