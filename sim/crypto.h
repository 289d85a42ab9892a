/* What [expect] asks of the cryptography, held against what the tunnels of a
 * run negotiated: each SA of each tunnel, rekeys included. */

#ifndef HS_CRYPTO_H
#define HS_CRYPTO_H

#include "sim/observe/facts.h"
#include "sim/observe/verdict.h"
#include "sim/scenario/scenario.h"

/* One SA, or pair of them, as one end told of it. */
typedef struct {
    const char *tunnel; /* interned: "backup.tunnel1" */
    const char *node;
    bool ike;
    const char *cipher; /* as scenarios write it: "aes256", "aes256-gcm16" */
    const char *suite;  /* with its HMAC, or in IKE PRF: "aes256-sha2-256" */
    unsigned group;     /* IANA's number; 0: no key exchange of its own */
    bool rekeyed;       /* it took the place of another */
    HsTime from;
    HsTime until; /* replaced or gone; HS_TIME_NEVER: there at the end */
} HsNegotiated;

/* HsNegotiated in the order in which they were made (transfer full). */
GArray *hs_negotiated(const HsFacts *facts);

/* A check for each crypto expectation of SCENARIO. END: of the run. */
void hs_crypto_judge(HsVerdict *verdict, const HsScenario *scenario,
                     const GArray *negotiated, HsTime end);

#endif
