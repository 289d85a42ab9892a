/* SA payloads (RFC 7296 3.3) and the choice of algorithms.
 *
 * An offer is a list of proposals, each a set of transforms: one of each type
 * is to be chosen. What was chosen is an IkeSuite: at most one of each type.
 * Two rules of choice exist, because two kinds of responder do:
 *
 *   - by the initiator's order (strongSwan with prefer_configured_proposals
 *     off): the first offered proposal that has a transform of ours for each
 *     type; within it the first offered one;
 *   - by the responder's own order: its sets are walked in their order, ciphers
 *     first, and the first one that the initiator offered is taken. So does
 *     strongSwan by default; and AWS, whose order ascends: "starting at its own
 *     lowest configured value, whatever order the customer used".
 *
 * The own side is an IkePolicy: sets in order of preference. A policy is also
 * what an offer is made from: one proposal with the ciphers that need an
 * integrity algorithm, one with the AEADs, which have none (RFC 7296 3.3,
 * RFC 5282 8). */

#ifndef HS_IKEV2_PROPOSAL_H
#define HS_IKEV2_PROPOSAL_H

#include "models/ikev2/message.h"

/* A transform as it stands in a proposal. */
typedef struct {
    uint8_t type; /* IkeTransformType, or unknown */
    uint16_t id;
    uint16_t key_bits; /* Key Length attribute; 0: not there */
    bool unknown_attr; /* has an attribute that we do not know: not ours to
                        * choose (3.3.6) */
} IkeTransform;

typedef struct {
    uint8_t number;
    uint8_t protocol;
    uint8_t spi_length; /* 0, 4 or 8 */
    uint64_t spi;
    size_t count;
    IkeTransform *transforms; /* owned */
} IkeProposal;

typedef struct {
    size_t count;
    IkeProposal *proposals; /* owned */
} IkeOffer;

void ike_offer_clear(IkeOffer *offer);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(IkeOffer, ike_offer_clear)

/* Reads an SA payload. Faults are those of syntax only; algorithms that we do
 * not know are kept. */
IkeFault ike_offer_decode(const IkePayload *payload, IkeOffer *ret_offer);

/* "AES_CBC_256/HMAC_SHA2_256_128/PRF_HMAC_SHA2_256/modp2048" (transfer
 * full), of one proposal. */
char *ike_proposal_format(const IkeProposal *proposal);

/* One transform of each type; 0 where there is none. */
typedef struct {
    uint8_t protocol;  /* IKE or ESP */
    uint16_t encr;     /* IkeEncr: AES_CBC or AES_GCM_16 */
    uint16_t key_bits; /* 128, 192, 256 */
    uint16_t prf;      /* IkePrf; IKE only */
    uint16_t integ;    /* IkeInteg; 0 with an AEAD */
    uint16_t group;    /* Diffie-Hellman; ESP: 0 without PFS */
    bool esn;          /* ESP only */
} IkeSuite;

bool ike_suite_equal(const IkeSuite *a, const IkeSuite *b);
bool ike_suite_is_aead(const IkeSuite *suite);

/* "aes256-cbc/sha2-256/prf-sha2-256/modp2048", "aes128-gcm16/no-pfs"
 * (transfer full). */
char *ike_suite_format(const IkeSuite *suite);

/* A set of algorithms in order of preference. */
#define IKE_POLICY_MAX 16

typedef struct {
    uint16_t encr;
    uint16_t key_bits;
} IkeCipher;

typedef enum {
    IKE_CHOOSE_OFFERED, /* by the initiator's order */
    IKE_CHOOSE_OWN,     /* by our order: AWS, whose lists ascend */
} IkeChoice;

typedef struct {
    size_t cipher_count, prf_count, integ_count, group_count;
    IkeCipher ciphers[IKE_POLICY_MAX];
    uint16_t prfs[IKE_POLICY_MAX];   /* IKE only */
    uint16_t integs[IKE_POLICY_MAX]; /* for the ciphers that need one */
    /* ESP: 0 among them allows to go without PFS; none at all means that
     * there is no PFS. */
    uint16_t groups[IKE_POLICY_MAX];
    bool esn;    /* ESP: offer and accept extended sequence numbers */
    bool no_esn; /* and 32-bit ones; neither set counts as this one */
    IkeChoice choice;
} IkePolicy;

/* AWS's default: everything, in its ascending order (aws: tunnel options).
 * PHASE2 for ESP, which has group 5 as well. */
void ike_policy_aws(IkePolicy *ret_policy, bool phase2);

/* The policy that allows nothing but SUITE. */
void ike_policy_of_suite(IkePolicy *ret_policy, const IkeSuite *suite);

/* Whether every algorithm of POLICY is one that we have, and there is at
 * least one of each needed type for PROTOCOL; *RET_WHY (literal) else. */
bool ike_policy_check(const IkePolicy *policy, IkeProtocol protocol,
                      const char **ret_why);

/* The algorithms that exist here. */
bool ike_cipher_supported(uint16_t encr, uint16_t key_bits);
bool ike_prf_supported(uint16_t prf);
bool ike_integ_supported(uint16_t integ);

/* An SA payload that offers POLICY. SPI of SPI_LENGTH octets: 0 in IKE_SA_INIT,
 * 8 to rekey an IKE SA, 4 for ESP. WITHOUT_GROUPS: in IKE_AUTH, where a child
 * SA has no KE of its own (1.2). */
void
ike_offer_encode(IkeBuilder *b, const IkePolicy *policy, IkeProtocol protocol,
                 uint64_t spi, uint8_t spi_length, bool without_groups);

/* The SA payload of the answer: the one proposal that was chosen, with its
 * number. */
void ike_choice_encode(IkeBuilder *b, const IkeSuite *suite, uint8_t number,
                       uint64_t spi, uint8_t spi_length, bool without_group);

/* The responder's choice. PROTOCOL and SPI_LENGTH are what a proposal must
 * have to count. WITHOUT_GROUPS: groups are not looked at (IKE_AUTH).
 * RET_PROPOSAL (may be NULL) is the chosen proposal, for its number and SPI.
 * False: NO_PROPOSAL_CHOSEN.
 *
 * PREFERRED_GROUP is the group of the KE payload that came along, or 0: of
 * two groups that both sides allow, IKE_CHOOSE_OFFERED takes that one, and so
 * spares the round trip of INVALID_KE_PAYLOAD (2.7 leaves that to us). With
 * IKE_CHOOSE_OWN the own order wins. */
bool ike_offer_choose(const IkeOffer *offer, const IkePolicy *policy,
                      IkeProtocol protocol, uint8_t spi_length,
                      uint16_t preferred_group, bool without_groups,
                      IkeSuite *ret_suite, const IkeProposal **ret_proposal);

/* The initiator's check of the answer: exactly one proposal, one transform of
 * each type, all of them from POLICY (3.3.6: else the exchange failed). */
bool
ike_answer_accept(const IkeOffer *answer, const IkePolicy *policy,
                  IkeProtocol protocol, uint8_t spi_length, bool without_groups,
                  IkeSuite *ret_suite, const IkeProposal **ret_proposal);

#endif
