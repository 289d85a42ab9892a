/* SA payloads as bytes, and the choice among what they offer. The offers of
 * the choices are written as words ("cbc256 sha256 prf256 g14 | gcm128 …"), so
 * that a row shows both sides at a glance. */

#include "config.h"

#include "models/crypto/dh.h"
#include "models/ikev2/proposal.h"
#include "tests/harness/hex.h"
#include "tests/harness/run.h"
#include "tests/harness/vectors.h"

#include <string.h>

/* Bytes */

#define CBC256   "03 00 000c 01 00 000c 800e 0100 "
#define PRF256   "03 00 0008 02 00 0005 "
#define SHA256   "03 00 0008 03 00 000c "
#define G14_LAST "00 00 0008 04 00 000e"
#define GOOD     CBC256 SHA256 PRF256 G14_LAST /* 36 octets */

typedef struct {
    const char *name;
    const char *hex;
    IkeFault fault;
} Row;

static const Row rows[] = {
    {"strongSwan's", "00 00 002c 01 01 00 04" GOOD, IKE_FAULT_NONE},
    {"reserved octets set", "00 ff 0010 01 01 00 01 00 ff 0008 04 ff 000e",
     IKE_FAULT_NONE},
    {"rekey of an IKE SA", "00 00 0034 01 01 08 04 0102030405060708" GOOD,
     IKE_FAULT_NONE},
    {"ESP", "00 00 0014 01 03 04 01 01020304" G14_LAST, IKE_FAULT_NONE},
    {"AH", "00 00 0014 01 02 04 01 01020304" G14_LAST, IKE_FAULT_NONE},
    {"unknown protocol, SPI of 3", "00 00 0013 01 63 03 01 010203" G14_LAST,
     IKE_FAULT_NONE},
    {"two", "02 00 0010 01 01 00 01" G14_LAST "00 00 0010 02 01 00 01" G14_LAST,
     IKE_FAULT_NONE},
    {"answer with number 2", "00 00 0010 02 01 00 01" G14_LAST, IKE_FAULT_NONE},
    {"unknown short attribute",
     "00 00 0014 01 01 00 01 00 00 000c 01 00 000c 8063 0001", IKE_FAULT_NONE},
    {"unknown long attribute",
     "00 00 0017 01 01 00 01 00 00 000f 01 00 000c 0063 0003 010203",
     IKE_FAULT_NONE},
    {"empty", "", IKE_FAULT_SA_EMPTY},
    {"last proposal, says more", "02 00 0010 01 01 00 01" G14_LAST,
     IKE_FAULT_PROPOSAL_LAST},
    {"first of two, says last",
     "00 00 0010 01 01 00 01" G14_LAST "00 00 0010 02 01 00 01" G14_LAST,
     IKE_FAULT_PROPOSAL_LAST},
    {"last proposal is 3", "03 00 0010 01 01 00 01" G14_LAST,
     IKE_FAULT_PROPOSAL_LAST},
    {"number 0", "00 00 0010 00 01 00 01" G14_LAST, IKE_FAULT_PROPOSAL_NUMBER},
    {"1 and 3",
     "02 00 0010 01 01 00 01" G14_LAST "00 00 0010 03 01 00 01" G14_LAST,
     IKE_FAULT_PROPOSAL_NUMBER},
    {"1 and 1",
     "02 00 0010 01 01 00 01" G14_LAST "00 00 0010 01 01 00 01" G14_LAST,
     IKE_FAULT_PROPOSAL_NUMBER},
    {"length 7", "00 00 0007 01 01 00", IKE_FAULT_PROPOSAL_LENGTH},
    {"past the end", "00 00 0011 01 01 00 01" G14_LAST,
     IKE_FAULT_PROPOSAL_LENGTH},
    {"half a header", "00 00 00", IKE_FAULT_PROPOSAL_LENGTH},
    {"IKE SPI of 4", "00 00 0014 01 01 04 01 01020304" G14_LAST,
     IKE_FAULT_PROPOSAL_SPI},
    {"ESP without SPI", "00 00 0010 01 03 00 01" G14_LAST,
     IKE_FAULT_PROPOSAL_SPI},
    {"ESP SPI of 8", "00 00 0018 01 03 08 01 0102030405060708" G14_LAST,
     IKE_FAULT_PROPOSAL_SPI},
    {"SPI past the end", "00 00 000a 01 03 04 01 0102", IKE_FAULT_PROPOSAL_SPI},
    {"no transform", "00 00 0008 01 01 00 00", IKE_FAULT_TRANSFORM_COUNT},
    {"one transform more than said", "00 00 002c 01 01 00 03" GOOD,
     IKE_FAULT_TRANSFORM_LAST},
    {"a last one behind the last", "00 00 0018 01 01 00 01" G14_LAST G14_LAST,
     IKE_FAULT_TRANSFORM_COUNT},
    {"one transform less than said", "00 00 0010 01 01 00 02" PRF256,
     IKE_FAULT_TRANSFORM_COUNT},
    {"last transform, says more", "00 00 0010 01 01 00 01" PRF256,
     IKE_FAULT_TRANSFORM_LAST},
    {"first of two transforms, says last",
     "00 00 0018 01 01 00 02" G14_LAST G14_LAST, IKE_FAULT_TRANSFORM_LAST},
    {"transform of 7", "00 00 000f 01 01 00 01 00 00 0007 04 00 00",
     IKE_FAULT_TRANSFORM_LENGTH},
    {"transform past the end", "00 00 0010 01 01 00 01 00 00 0009 04 00 000e",
     IKE_FAULT_TRANSFORM_LENGTH},
    {"key length in the long form",
     "00 00 0016 01 01 00 01 00 00 000e 01 00 000c 000e 0002 0100",
     IKE_FAULT_ATTRIBUTE},
    {"key length twice",
     "00 00 0018 01 01 00 01 00 00 0010 01 00 000c 800e 0100 800e 0080",
     IKE_FAULT_ATTRIBUTE},
    {"key length 0", "00 00 0014 01 01 00 01 00 00 000c 01 00 000c 800e 0000",
     IKE_FAULT_ATTRIBUTE},
    {"half an attribute", "00 00 0012 01 01 00 01 00 00 000a 01 00 000c 800e",
     IKE_FAULT_ATTRIBUTE},
    {"attribute past the end",
     "00 00 0014 01 01 00 01 00 00 000c 01 00 000c 0063 0001",
     IKE_FAULT_ATTRIBUTE},
};

static IkeFault
decode(const uint8_t *data, size_t length, IkeOffer *ret_offer)
{
    IkePayload payload = {
        .type = IKE_PAYLOAD_SA, .body = data, .length = length};

    return ike_offer_decode(&payload, ret_offer);
}

START_TEST(broken_rule)
{
    g_autoptr(GBytes) bytes = hex_bytes(rows[_i].hex);
    g_auto(IkeOffer) offer = {0};
    IkeFault fault =
        decode(g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes), &offer);

    ck_assert_msg(fault == rows[_i].fault, "%s: %s", rows[_i].name,
                  ike_fault_name(fault));
}
END_TEST

#define TWO                                                                    \
    "02 00 002c 01 01 00 04" GOOD "00 00 0034 02 01 08 04 "                    \
                                  "0102030405060708" GOOD

START_TEST(truncations)
{
    g_autoptr(GBytes) bytes = hex_bytes(TWO);
    gsize length;
    const uint8_t *data = g_bytes_get_data(bytes, &length);

    for (size_t cut = 0; cut <= length; cut++) {
        g_autofree uint8_t *copy = g_memdup2(data, cut);
        g_auto(IkeOffer) offer = {0};

        ck_assert_msg((decode(copy, cut, &offer) == IKE_FAULT_NONE) ==
                          (cut == length),
                      "cut to %zu", cut);
    }
}
END_TEST

START_TEST(fields)
{
    g_autoptr(GBytes) bytes = hex_bytes(TWO);
    g_auto(IkeOffer) offer = {0};
    g_autofree char *text = NULL;
    const IkeProposal *p;

    ck_assert_int_eq(
        decode(g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes), &offer),
        IKE_FAULT_NONE);
    ck_assert_uint_eq(offer.count, 2);
    p = &offer.proposals[0];
    ck_assert_uint_eq(p->number, 1);
    ck_assert_uint_eq(p->protocol, IKE_PROTOCOL_IKE);
    ck_assert_uint_eq(p->spi_length, 0);
    ck_assert_uint_eq(p->spi, 0);
    ck_assert_uint_eq(p->count, 4);
    ck_assert_uint_eq(p->transforms[0].type, IKE_TRANSFORM_ENCR);
    ck_assert_uint_eq(p->transforms[0].id, IKE_ENCR_AES_CBC);
    ck_assert_uint_eq(p->transforms[0].key_bits, 256);
    ck_assert_uint_eq(p->transforms[3].type, IKE_TRANSFORM_DH);
    ck_assert_uint_eq(p->transforms[3].id, 14);
    ck_assert_uint_eq(p->transforms[3].key_bits, 0);
    ck_assert_uint_eq(offer.proposals[1].number, 2);
    ck_assert_uint_eq(offer.proposals[1].spi, 0x0102030405060708);
    text = ike_proposal_format(p);
    ck_assert_str_eq(
        text, "AES_CBC_256/HMAC_SHA2_256_128/PRF_HMAC_SHA2_256/modp2048");
}
END_TEST

START_TEST(unknown_algorithms_have_numbers)
{
    g_autoptr(GBytes) bytes =
        hex_bytes("00 00 0018 01 01 00 02 03 00 0008 01 00 0400"
                  "00 00 0008 63 00 0007");
    g_auto(IkeOffer) offer = {0};
    g_autofree char *text = NULL;

    ck_assert_int_eq(
        decode(g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes), &offer),
        IKE_FAULT_NONE);
    text = ike_proposal_format(&offer.proposals[0]);
    ck_assert_str_eq(text, "1:1024/99:7");
}
END_TEST

/* Words */

static const struct {
    const char *word;
    uint8_t type;
    uint16_t id, key_bits;
} words[] = {
    {"cbc128", 1, IKE_ENCR_AES_CBC, 128},
    {"cbc256", 1, IKE_ENCR_AES_CBC, 256},
    {"cbc", 1, IKE_ENCR_AES_CBC, 0},
    {"3des", 1, IKE_ENCR_3DES, 0},
    {"gcm128", 1, IKE_ENCR_AES_GCM_16, 128},
    {"gcm256", 1, IKE_ENCR_AES_GCM_16, 256},
    {"prf1", 2, IKE_PRF_HMAC_SHA1, 0},
    {"prf256", 2, IKE_PRF_HMAC_SHA2_256, 0},
    {"prf512", 2, IKE_PRF_HMAC_SHA2_512, 0},
    {"xcbc", 2, IKE_PRF_AES128_XCBC, 0},
    {"none", 3, IKE_INTEG_NONE, 0},
    {"md5", 3, IKE_INTEG_HMAC_MD5_96, 0},
    {"sha1", 3, IKE_INTEG_HMAC_SHA1_96, 0},
    {"sha256", 3, IKE_INTEG_HMAC_SHA2_256_128, 0},
    {"sha512", 3, IKE_INTEG_HMAC_SHA2_512_256, 0},
    {"g0", 4, 0, 0},
    {"g2", 4, 2, 0},
    {"g14", 4, 14, 0},
    {"g19", 4, 19, 0},
    {"g24", 4, 24, 0},
    {"noesn", 5, 0, 0},
    {"esn", 5, 1, 0},
    {"strange", 6, 1, 0},
};

static IkeTransform
transform_of(const char *word)
{
    IkeTransform t = {0};
    bool found = false;

    /* "cbc256!": with an attribute that nobody knows */
    t.unknown_attr = g_str_has_suffix(word, "!");
    for (unsigned i = 0; i < G_N_ELEMENTS(words); i++) {
        size_t length = strlen(words[i].word);

        if (strncmp(word, words[i].word, length) != 0 ||
            strlen(word) != length + (t.unknown_attr ? 1 : 0))
            continue;
        t.type = words[i].type;
        t.id = words[i].id;
        t.key_bits = words[i].key_bits;
        found = true;
    }
    ck_assert_msg(found, "no word %s", word);
    return t;
}

static void
make_offer(const char *text, IkeProtocol protocol, uint8_t spi_length,
           IkeOffer *ret_offer)
{
    g_auto(GStrv) proposals = g_strsplit(text, " | ", -1);

    ret_offer->count = g_strv_length(proposals);
    ret_offer->proposals = g_new0(IkeProposal, ret_offer->count);
    for (unsigned i = 0; i < ret_offer->count; i++) {
        g_auto(GStrv) list = g_strsplit(proposals[i], " ", -1);
        IkeProposal *p = &ret_offer->proposals[i];

        p->number = (uint8_t)(i + 1);
        p->protocol = (uint8_t)protocol;
        p->spi_length = spi_length;
        p->spi = 0x1000 + i;
        p->count = g_strv_length(list);
        p->transforms = g_new0(IkeTransform, p->count);
        for (unsigned j = 0; j < p->count; j++)
            p->transforms[j] = transform_of(list[j]);
    }
}

static IkePolicy
make_policy(const char *text, IkeChoice choice)
{
    g_auto(GStrv) list = g_strsplit(text, " ", -1);
    IkePolicy p = {.choice = choice};

    for (unsigned i = 0; list[i] != NULL; i++) {
        IkeTransform t = transform_of(list[i]);

        if (t.type == IKE_TRANSFORM_ENCR)
            p.ciphers[p.cipher_count++] = (IkeCipher){t.id, t.key_bits};
        else if (t.type == IKE_TRANSFORM_PRF)
            p.prfs[p.prf_count++] = t.id;
        else if (t.type == IKE_TRANSFORM_INTEG)
            p.integs[p.integ_count++] = t.id;
        else if (t.type == IKE_TRANSFORM_DH)
            p.groups[p.group_count++] = t.id;
        else if (t.id == IKE_ESN_YES)
            p.esn = true;
        else
            p.no_esn = true;
    }
    return p;
}

typedef struct {
    const char *name, *policy, *offer;
    /* The suite, and the number of the proposal, for each rule; NULL: none. */
    const char *by_offer, *by_own;
    unsigned number_by_offer, number_by_own;
    uint16_t preferred;
} Choice;

#define ALL    "cbc128 cbc256 gcm128 sha1 sha256 prf1 prf256 g2 g14 g19"
#define STRONG "aes256-cbc/sha2-256/prf-sha2-256/modp2048"
#define WEAK   "aes128-cbc/sha1/prf-sha1/modp1024"

static const Choice ike_choices[] = {
    {"one of each", ALL, "cbc256 sha256 prf256 g14", STRONG, STRONG, 1, 1, 0},
    /* AWS: "starting at its own lowest configured value, whatever order the
     * customer used" */
    {"strong first, weak allowed", ALL,
     "cbc256 cbc128 sha256 sha1 prf256 prf1 g14 g2", STRONG, WEAK, 1, 1, 0},
    {"strong proposal first", ALL,
     "cbc256 sha256 prf256 g14 | cbc128 sha1 prf1 g2", STRONG, WEAK, 1, 2, 0},
    {"equal ciphers: integrity decides", ALL,
     "cbc128 sha256 prf1 g2 | cbc128 sha1 prf256 g14",
     "aes128-cbc/sha2-256/prf-sha1/modp1024",
     "aes128-cbc/sha1/prf-sha2-256/modp2048", 1, 2, 0},
    {"equal but the group", ALL, "cbc128 sha1 prf1 g19 | cbc128 sha1 prf1 g14",
     "aes128-cbc/sha1/prf-sha1/ecp256", "aes128-cbc/sha1/prf-sha1/modp2048", 1,
     2, 0},
    {"the same twice", ALL, "cbc128 sha1 prf1 g2 | cbc128 sha1 prf1 g2", WEAK,
     WEAK, 1, 1, 0},
    {"AEAD", ALL, "gcm128 prf256 g19", "aes128-gcm16/prf-sha2-256/ecp256",
     "aes128-gcm16/prf-sha2-256/ecp256", 1, 1, 0},
    {"AEAD with integrity NONE", ALL, "gcm128 none prf256 g19",
     "aes128-gcm16/prf-sha2-256/ecp256", "aes128-gcm16/prf-sha2-256/ecp256", 1,
     1, 0},
    {"AEAD with an integrity algorithm", ALL, "gcm128 sha256 prf256 g19", NULL,
     NULL, 0, 0, 0},
    {"AEAD first in a mixed proposal", ALL, "gcm128 cbc256 sha256 prf256 g14",
     STRONG, STRONG, 1, 1, 0},
    {"cipher without integrity", ALL, "cbc256 prf256 g14", NULL, NULL, 0, 0, 0},
    {"cipher with integrity NONE", ALL, "cbc256 none prf256 g14", NULL, NULL, 0,
     0, 0},
    {"unknown ones beside known ones", ALL,
     "3des cbc256 md5 sha256 xcbc prf256 g24 g14", STRONG, STRONG, 1, 1, 0},
    {"nothing in common: cipher", ALL, "gcm256 prf256 g14", NULL, NULL, 0, 0,
     0},
    {"nothing in common: integrity", ALL, "cbc256 sha512 prf256 g14", NULL,
     NULL, 0, 0, 0},
    {"nothing in common: PRF", ALL, "cbc256 sha256 prf512 g14", NULL, NULL, 0,
     0, 0},
    {"nothing in common: group", ALL, "cbc256 sha256 prf256 g24", NULL, NULL, 0,
     0, 0},
    {"no PRF", ALL, "cbc256 sha256 g14", NULL, NULL, 0, 0, 0},
    {"no group", ALL, "cbc256 sha256 prf256", NULL, NULL, 0, 0, 0},
    {"group NONE", ALL, "cbc256 sha256 prf256 g0", NULL, NULL, 0, 0, 0},
    {"AES without a key length", ALL, "cbc sha256 prf256 g14", NULL, NULL, 0, 0,
     0},
    {"an attribute that nobody knows", ALL, "cbc256! sha256 prf256 g14", NULL,
     NULL, 0, 0, 0},
    {"the same beside a good one", ALL, "cbc128! cbc256 sha256 prf256 g14",
     STRONG, STRONG, 1, 1, 0},
    {"a type that nobody knows", ALL, "cbc256 sha256 prf256 g14 strange", NULL,
     NULL, 0, 0, 0},
    {"the same, and a proposal without", ALL,
     "cbc256 sha256 prf256 g14 strange | cbc256 sha256 prf256 g14", STRONG,
     STRONG, 2, 2, 0},
    {"ESN in a proposal for IKE", ALL, "cbc256 sha256 prf256 g14 noesn", NULL,
     NULL, 0, 0, 0},
    {"the group of the KE payload", ALL, "cbc256 sha256 prf256 g14 g19",
     "aes256-cbc/sha2-256/prf-sha2-256/ecp256", STRONG, 1, 1, 19},
    {"KE of a group that is not offered", ALL, "cbc256 sha256 prf256 g14",
     STRONG, STRONG, 1, 1, 19},
    {"KE of a group that is not allowed", ALL, "cbc256 sha256 prf256 g24 g14",
     STRONG, STRONG, 1, 1, 24},
};

static void
choose(const Choice *row, IkeChoice rule, IkeProtocol protocol,
       uint8_t spi_length, const char *expected, unsigned number)
{
    g_auto(IkeOffer) offer = {0};
    IkePolicy policy = make_policy(row->policy, rule);
    const IkeProposal *proposal = NULL;
    g_autofree char *text = NULL;
    IkeSuite suite;

    make_offer(row->offer, protocol, spi_length, &offer);
    if (!ike_offer_choose(&offer, &policy, protocol, spi_length, row->preferred,
                          false, &suite, &proposal)) {
        ck_assert_msg(expected == NULL, "%s: nothing chosen", row->name);
        return;
    }
    text = ike_suite_format(&suite);
    ck_assert_msg(expected != NULL && strcmp(text, expected) == 0, "%s: %s",
                  row->name, text);
    ck_assert_msg(proposal->number == number, "%s: number %u", row->name,
                  proposal->number);
}

START_TEST(ike_choice)
{
    const Choice *row = &ike_choices[_i];

    choose(row, IKE_CHOOSE_OFFERED, IKE_PROTOCOL_IKE, 0, row->by_offer,
           row->number_by_offer);
    choose(row, IKE_CHOOSE_OWN, IKE_PROTOCOL_IKE, 0, row->by_own,
           row->number_by_own);
}
END_TEST

#define ESP_PFS    "cbc128 cbc256 gcm128 sha1 sha256 g2 g14 noesn"
#define ESP_NO_PFS "cbc128 gcm128 sha1"
#define ESP_EITHER "cbc128 gcm128 sha1 g14 g0 noesn esn"

static const Choice esp_choices[] = {
    {"PFS", ESP_PFS, "cbc256 sha256 g14 noesn", "aes256-cbc/sha2-256/modp2048",
     "aes256-cbc/sha2-256/modp2048", 1, 1, 0},
    {"PFS wanted, none offered", ESP_PFS, "cbc256 sha256 noesn", NULL, NULL, 0,
     0, 0},
    {"PFS wanted, NONE offered", ESP_PFS, "cbc256 sha256 g0 noesn", NULL, NULL,
     0, 0, 0},
    {"no PFS", ESP_NO_PFS, "cbc128 sha1 noesn", "aes128-cbc/sha1/no-pfs",
     "aes128-cbc/sha1/no-pfs", 1, 1, 0},
    {"no PFS, NONE offered", ESP_NO_PFS, "cbc128 sha1 g14 g0 noesn",
     "aes128-cbc/sha1/no-pfs", "aes128-cbc/sha1/no-pfs", 1, 1, 0},
    {"no PFS, only a group offered", ESP_NO_PFS, "cbc128 sha1 g14 noesn", NULL,
     NULL, 0, 0, 0},
    {"either, without", ESP_EITHER, "gcm128 noesn", "aes128-gcm16/no-pfs",
     "aes128-gcm16/no-pfs", 1, 1, 0},
    {"either, with", ESP_EITHER, "gcm128 g0 g14 noesn", "aes128-gcm16/no-pfs",
     "aes128-gcm16/modp2048", 1, 1, 0},
    {"ESN", ESP_EITHER, "gcm128 esn noesn", "aes128-gcm16/no-pfs/esn",
     "aes128-gcm16/no-pfs", 1, 1, 0},
    {"ESN only", ESP_EITHER, "gcm128 esn", "aes128-gcm16/no-pfs/esn",
     "aes128-gcm16/no-pfs/esn", 1, 1, 0},
    {"ESN only, not ours", ESP_NO_PFS, "gcm128 esn", NULL, NULL, 0, 0, 0},
    {"neither ESN", ESP_EITHER, "gcm128", NULL, NULL, 0, 0, 0},
    {"PRF in a proposal for ESP", ESP_EITHER, "gcm128 prf1 noesn", NULL, NULL,
     0, 0, 0},
};

START_TEST(esp_choice)
{
    const Choice *row = &esp_choices[_i];

    choose(row, IKE_CHOOSE_OFFERED, IKE_PROTOCOL_ESP, 4, row->by_offer,
           row->number_by_offer);
    choose(row, IKE_CHOOSE_OWN, IKE_PROTOCOL_ESP, 4, row->by_own,
           row->number_by_own);
}
END_TEST

START_TEST(other_protocols_and_spis_do_not_count)
{
    IkePolicy policy = make_policy(ALL, IKE_CHOOSE_OFFERED);
    g_auto(IkeOffer) offer = {0};
    IkeSuite suite;

    make_offer("cbc256 sha256 prf256 g14", IKE_PROTOCOL_IKE, 8, &offer);
    ck_assert(!ike_offer_choose(&offer, &policy, IKE_PROTOCOL_IKE, 0, 0, false,
                                &suite, NULL));
    ck_assert(!ike_offer_choose(&offer, &policy, IKE_PROTOCOL_ESP, 8, 0, false,
                                &suite, NULL));
    ck_assert(ike_offer_choose(&offer, &policy, IKE_PROTOCOL_IKE, 8, 0, false,
                               &suite, NULL));
}
END_TEST

/* 1.2: in IKE_AUTH a child SA has no group, whatever the policy says. */
START_TEST(without_groups)
{
    IkePolicy policy = make_policy(ESP_PFS, IKE_CHOOSE_OFFERED);
    g_auto(IkeOffer) offer = {0};
    IkeSuite suite;

    make_offer("cbc256 sha256 noesn", IKE_PROTOCOL_ESP, 4, &offer);
    ck_assert(ike_offer_choose(&offer, &policy, IKE_PROTOCOL_ESP, 4, 0, true,
                               &suite, NULL));
    ck_assert_uint_eq(suite.group, IKE_DH_NONE);
}
END_TEST

/* The answer */

static bool
accepts(const char *policy_text, const char *answer, IkeProtocol protocol,
        uint8_t number, bool no_groups)
{
    IkePolicy policy = make_policy(policy_text, IKE_CHOOSE_OWN);
    uint8_t spi_length = protocol == IKE_PROTOCOL_IKE ? 0 : 4;
    g_auto(IkeOffer) offer = {0};
    const IkeProposal *proposal;
    IkeSuite suite;

    make_offer(answer, protocol, spi_length, &offer);
    offer.proposals[0].number = number;
    return ike_answer_accept(&offer, &policy, protocol, spi_length, no_groups,
                             &suite, &proposal);
}

START_TEST(answers)
{
    const IkeProtocol ike = IKE_PROTOCOL_IKE, esp = IKE_PROTOCOL_ESP;

    ck_assert(accepts(ALL, "cbc256 sha256 prf256 g14", ike, 1, false));
    ck_assert(accepts(ALL, "gcm128 prf256 g14", ike, 2, false));
    ck_assert(accepts(ALL, "gcm128 none prf256 g14", ike, 2, false));
    ck_assert(
        accepts("gcm128 cbc256 sha1 prf1 g2", "gcm128 prf1 g2", ike, 1, false));
    /* the number of the other proposal, or of none */
    ck_assert(!accepts(ALL, "cbc256 sha256 prf256 g14", ike, 2, false));
    ck_assert(!accepts(ALL, "gcm128 prf256 g14", ike, 1, false));
    ck_assert(!accepts(ALL, "gcm128 prf256 g14", ike, 3, false));
    /* not offered */
    ck_assert(!accepts(ALL, "gcm256 prf256 g14", ike, 2, false));
    ck_assert(!accepts(ALL, "cbc256 sha256 prf256 g24", ike, 1, false));
    /* not one of each type */
    ck_assert(!accepts(ALL, "cbc256 cbc128 sha256 prf256 g14", ike, 1, false));
    ck_assert(!accepts(ALL, "cbc256 sha256 prf256 g14 g14", ike, 1, false));
    ck_assert(!accepts(ALL, "cbc256 sha256 prf256", ike, 1, false));
    /* not one proposal */
    ck_assert(!accepts(ALL,
                       "cbc256 sha256 prf256 g14 | cbc256 sha256 prf256 g14",
                       ike, 1, false));
    /* in IKE_AUTH a group was not offered; NONE is nothing */
    ck_assert(accepts(ESP_PFS, "cbc256 sha256 noesn", esp, 1, true));
    ck_assert(accepts(ESP_PFS, "cbc256 sha256 g0 noesn", esp, 1, true));
    ck_assert(!accepts(ESP_PFS, "cbc256 sha256 g14 noesn", esp, 1, true));
    ck_assert(!accepts(ESP_PFS, "cbc256 sha256 noesn", esp, 1, false));
}
END_TEST

START_TEST(strange_type_in_an_answer)
{
    IkePolicy policy = make_policy(ALL, IKE_CHOOSE_OFFERED);
    g_auto(IkeOffer) offer = {0};
    IkeSuite suite;

    make_offer("cbc256 sha256 prf256 g14", IKE_PROTOCOL_IKE, 0, &offer);
    offer.proposals[0].transforms[3].type = 240;
    ck_assert(!ike_answer_accept(&offer, &policy, IKE_PROTOCOL_IKE, 0, false,
                                 &suite, NULL));
}
END_TEST

/* Writing */

static void
written(IkeBuilder *b, const char *hex)
{
    g_autoptr(GBytes) expected = hex_bytes(hex);

    ck_assert(hs_writer_ok(&b->writer));
    ck_assert_uint_eq(b->first, IKE_PAYLOAD_SA);
    ck_assert_uint_eq(b->writer.bytes->len, 4 + g_bytes_get_size(expected));
    ck_assert_mem_eq(b->writer.bytes->data + 4,
                     g_bytes_get_data(expected, NULL),
                     g_bytes_get_size(expected));
}

/* Two proposals, because an AEAD has no integrity algorithm (3.3). */
START_TEST(offering_ike)
{
    IkePolicy policy =
        make_policy("cbc256 gcm128 sha256 prf256 g14", IKE_CHOOSE_OWN);
    g_auto(IkeBuilder) b = {0};

    ike_builder_init(&b);
    ike_offer_encode(&b, &policy, IKE_PROTOCOL_IKE, 0, 0, false);
    written(&b, "02 00 002c 01 01 00 04" CBC256 PRF256 SHA256 G14_LAST
                "00 00 0024 02 01 00 03 03 00 000c 01 00 0014 800e 0080" PRF256
                    G14_LAST);
}
END_TEST

START_TEST(offering_esp)
{
    IkePolicy policy =
        make_policy("gcm128 cbc256 sha256 g14 esn noesn", IKE_CHOOSE_OWN);
    g_auto(IkeBuilder) b = {0}, c = {0};

    ike_builder_init(&b);
    ike_offer_encode(&b, &policy, IKE_PROTOCOL_ESP, 0x01020304, 4, false);
    written(&b, "02 00 0030 01 03 04 04 01020304"
                "03 00 000c 01 00 0014 800e 0080 03 00 0008 04 00 000e"
                "03 00 0008 05 00 0001 00 00 0008 05 00 0000"
                "00 00 0038 02 03 04 05 01020304" CBC256 SHA256
                "03 00 0008 04 00 000e"
                "03 00 0008 05 00 0001 00 00 0008 05 00 0000");
    policy = make_policy("gcm128 g14", IKE_CHOOSE_OWN);
    ike_builder_init(&c);
    ike_offer_encode(&c, &policy, IKE_PROTOCOL_ESP, 0x01020304, 4, true);
    written(&c, "00 00 0020 01 03 04 02 01020304"
                "03 00 000c 01 00 0014 800e 0080 00 00 0008 05 00 0000");
}
END_TEST

START_TEST(answering)
{
    IkeSuite ike = {.protocol = IKE_PROTOCOL_IKE,
                    .encr = IKE_ENCR_AES_CBC,
                    .key_bits = 256,
                    .prf = IKE_PRF_HMAC_SHA2_256,
                    .integ = IKE_INTEG_HMAC_SHA2_256_128,
                    .group = 14};
    IkeSuite esp = {.protocol = IKE_PROTOCOL_ESP,
                    .encr = IKE_ENCR_AES_GCM_16,
                    .key_bits = 128,
                    .group = 14,
                    .esn = true};
    g_auto(IkeBuilder) b = {0}, c = {0}, d = {0};

    ike_builder_init(&b);
    ike_choice_encode(&b, &ike, 3, 0x0102030405060708, 8, false);
    written(&b, "00 00 0034 03 01 08 04 0102030405060708" CBC256 PRF256 SHA256
                    G14_LAST);
    ike_builder_init(&c);
    ike_choice_encode(&c, &esp, 1, 0x01020304, 4, false);
    written(&c, "00 00 0028 01 03 04 03 01020304"
                "03 00 000c 01 00 0014 800e 0080 03 00 0008 04 00 000e"
                "00 00 0008 05 00 0001");
    ike_builder_init(&d);
    esp.esn = false;
    ike_choice_encode(&d, &esp, 1, 0x01020304, 4, true);
    written(&d, "00 00 0020 01 03 04 02 01020304"
                "03 00 000c 01 00 0014 800e 0080 00 00 0008 05 00 0000");
}
END_TEST

/* Policies */

/* The documented table: phase 1 has groups 2 and 14 to 24, phase 2 has 5
 * too. */
START_TEST(aws)
{
    const char *why = NULL;
    IkePolicy phase1, phase2;

    ike_policy_aws(&phase1, false);
    ike_policy_aws(&phase2, true);
    ck_assert(ike_policy_check(&phase1, IKE_PROTOCOL_IKE, &why));
    ck_assert(ike_policy_check(&phase2, IKE_PROTOCOL_ESP, &why));
    ck_assert_uint_eq(phase1.cipher_count, 4);
    ck_assert_uint_eq(phase1.integ_count, 4);
    ck_assert_uint_eq(phase1.prf_count, 4);
    ck_assert_uint_eq(phase1.group_count, 12);
    ck_assert_uint_eq(phase1.groups[0], 2);
    ck_assert_uint_eq(phase1.groups[1], 14);
    ck_assert_uint_eq(phase1.groups[11], 24);
    ck_assert_uint_eq(phase2.prf_count, 0);
    ck_assert_uint_eq(phase2.group_count, 13);
    ck_assert_uint_eq(phase2.groups[1], 5);
    ck_assert_int_eq(phase1.choice, IKE_CHOOSE_OWN);
}
END_TEST

/* A customer who pins nothing ends up with the weakest of everything. */
START_TEST(aws_takes_the_weakest)
{
    g_auto(IkeOffer) offer = {0};
    g_autofree char *text = NULL;
    IkePolicy policy;
    IkeSuite suite;

    ike_policy_aws(&policy, false);
    make_offer("gcm256 prf512 g19 | "
               "cbc256 cbc128 sha512 sha256 sha1 prf512 prf256 prf1 g24 g19 "
               "g14 g2",
               IKE_PROTOCOL_IKE, 0, &offer);
    ck_assert(ike_offer_choose(&offer, &policy, IKE_PROTOCOL_IKE, 0, 19, false,
                               &suite, NULL));
    text = ike_suite_format(&suite);
    ck_assert_str_eq(text, WEAK);
}
END_TEST

START_TEST(policy_of_a_suite)
{
    IkeSuite suite = {.protocol = IKE_PROTOCOL_IKE,
                      .encr = IKE_ENCR_AES_CBC,
                      .key_bits = 256,
                      .prf = IKE_PRF_HMAC_SHA2_256,
                      .integ = IKE_INTEG_HMAC_SHA2_256_128,
                      .group = 14};
    IkeSuite esp = {.protocol = IKE_PROTOCOL_ESP,
                    .encr = IKE_ENCR_AES_GCM_16,
                    .key_bits = 256,
                    .esn = true};
    g_auto(IkeOffer) offer = {0}, esp_offer = {0};
    IkePolicy policy;
    IkeSuite got;

    ike_policy_of_suite(&policy, &suite);
    make_offer("cbc128 cbc256 sha1 sha256 prf1 prf256 g2 g14", IKE_PROTOCOL_IKE,
               0, &offer);
    ck_assert(ike_offer_choose(&offer, &policy, IKE_PROTOCOL_IKE, 0, 0, false,
                               &got, NULL));
    ck_assert(ike_suite_equal(&got, &suite));
    got.group = 2;
    ck_assert(!ike_suite_equal(&got, &suite));

    ike_policy_of_suite(&policy, &esp);
    make_offer("gcm256 noesn | gcm256 noesn esn", IKE_PROTOCOL_ESP, 4,
               &esp_offer);
    ck_assert(ike_offer_choose(&esp_offer, &policy, IKE_PROTOCOL_ESP, 4, 0,
                               false, &got, NULL));
    ck_assert(ike_suite_equal(&got, &esp));
}
END_TEST

START_TEST(policies_with_faults)
{
    static const struct {
        const char *policy;
        IkeProtocol protocol;
        const char *why;
    } faults[] = {
        {"prf1 g2", IKE_PROTOCOL_IKE, "no cipher"},
        {"3des sha1 prf1 g2", IKE_PROTOCOL_IKE, "unknown cipher"},
        {"cbc128 prf1 g2", IKE_PROTOCOL_IKE,
         "no integrity algorithm for the cipher"},
        {"cbc128 md5 prf1 g2", IKE_PROTOCOL_IKE, "unknown integrity algorithm"},
        {"gcm128 xcbc g2", IKE_PROTOCOL_IKE, "unknown PRF"},
        {"gcm128 prf1 g0", IKE_PROTOCOL_IKE, "unknown Diffie-Hellman group"},
        {"gcm128 g2", IKE_PROTOCOL_IKE, "no PRF"},
        {"gcm128 prf1", IKE_PROTOCOL_IKE, "no Diffie-Hellman group"},
        {"gcm128 g0", IKE_PROTOCOL_ESP, NULL},
        {"gcm128", IKE_PROTOCOL_ESP, NULL},
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(faults); i++) {
        IkePolicy policy = make_policy(faults[i].policy, IKE_CHOOSE_OWN);
        const char *why = NULL;

        ck_assert(ike_policy_check(&policy, faults[i].protocol, &why) ==
                  (faults[i].why == NULL));
        if (faults[i].why != NULL)
            ck_assert_str_eq(why, faults[i].why);
    }
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("ikev2 proposal");
    TCase *tcase = tcase_create("proposal");

    tcase_add_loop_test(tcase, broken_rule, 0, G_N_ELEMENTS(rows));
    tcase_add_test(tcase, truncations);
    tcase_add_test(tcase, fields);
    tcase_add_test(tcase, unknown_algorithms_have_numbers);
    tcase_add_loop_test(tcase, ike_choice, 0, G_N_ELEMENTS(ike_choices));
    tcase_add_loop_test(tcase, esp_choice, 0, G_N_ELEMENTS(esp_choices));
    tcase_add_test(tcase, other_protocols_and_spis_do_not_count);
    tcase_add_test(tcase, without_groups);
    tcase_add_test(tcase, answers);
    tcase_add_test(tcase, strange_type_in_an_answer);
    tcase_add_test(tcase, offering_ike);
    tcase_add_test(tcase, offering_esp);
    tcase_add_test(tcase, answering);
    tcase_add_test(tcase, aws);
    tcase_add_test(tcase, aws_takes_the_weakest);
    tcase_add_test(tcase, policy_of_a_suite);
    tcase_add_test(tcase, policies_with_faults);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
