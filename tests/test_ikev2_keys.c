/* Keys, AUTH and opening, against what two strongSwans said and derived
 * (tests/vectors/ike-charon.ini): every message of a life is parsed and opened
 * with keys that are derived here, and each derived secret is held against
 * charon's log. Besides, NIST's vectors of the key derivation. */

#include "config.h"

#include "models/crypto/prf.h"
#include "models/ikev2/keys.h"
#include "models/ikev2/protect.h"
#include "tests/harness/hex.h"
#include "tests/harness/run.h"
#include "tests/harness/vectors.h"

#include <string.h>

static const char *const suites[] = {
    "cbc256-sha256-modp2048",        "cbc128-sha1-modp1024",
    "cbc256-sha512-x25519",          "gcm256-sha384-ecp384",
    "gcm128-sha256-modp2048s256",    "cbc128-sha384-ecp256-fragments",
    "gcm256-sha256-ecp521-fragments"};

static const char *const suite_texts[] = {
    "aes256-cbc/sha2-256/prf-sha2-256/modp2048",
    "aes128-cbc/sha1/prf-sha1/modp1024",
    "aes256-cbc/sha2-512/prf-sha2-512/x25519",
    "aes256-gcm16/prf-sha2-384/ecp384",
    "aes128-gcm16/prf-sha2-256/modp2048s256",
    "aes128-cbc/sha2-384/prf-sha2-384/ecp256",
    "aes256-gcm16/prf-sha2-256/ecp521",
};

/* A policy that takes whatever one proposal of charon's offers. */
static const IkePolicy anything = {
    .cipher_count = 4,
    .ciphers = {{IKE_ENCR_AES_CBC, 128},
                {IKE_ENCR_AES_CBC, 256},
                {IKE_ENCR_AES_GCM_16, 128},
                {IKE_ENCR_AES_GCM_16, 256}},
    .prf_count = 4,
    .prfs = {IKE_PRF_HMAC_SHA1, IKE_PRF_HMAC_SHA2_256, IKE_PRF_HMAC_SHA2_384,
             IKE_PRF_HMAC_SHA2_512},
    .integ_count = 4,
    .integs = {IKE_INTEG_HMAC_SHA1_96, IKE_INTEG_HMAC_SHA2_256_128,
               IKE_INTEG_HMAC_SHA2_384_192, IKE_INTEG_HMAC_SHA2_512_256},
    .group_count = 7,
    .groups = {2, 14, 19, 20, 21, 24, 31},
    .no_esn = true,
};

typedef struct {
    GKeyFile *file;
    const char *name;
    unsigned next; /* number of the message to be read next */
    IkeSuite suite;
    IkeSaKeys keys;
    IkeProtector *from_i, *from_r;
    GByteArray *bytes; /* of the message, kept for its views */
    GByteArray *first_i, *first_r;
    GBytes *plain;
    IkeMessage message;
    IkeChain inner;
} Life;

static void
same(const Life *life, const char *key, const uint8_t *got, size_t length)
{
    g_autoptr(GByteArray) expected = vectors_bytes(life->file, life->name, key);

    ck_assert_msg(expected->len == length, "%s: %s: length %zu, not %u",
                  life->name, key, length, expected->len);
    ck_assert_msg(length == 0 || memcmp(got, expected->data, length) == 0,
                  "%s: %s: other bytes than charon's", life->name, key);
}

static void
read_message(Life *life)
{
    g_autofree char *key = g_strdup_printf("m%u", life->next++);

    if (life->bytes != NULL)
        g_byte_array_unref(life->bytes);
    life->bytes = vectors_bytes(life->file, life->name, key);
    ck_assert_msg(ike_message_parse(life->bytes->data, life->bytes->len,
                                    &life->message) == IKE_FAULT_NONE,
                  "%s: %s", life->name, key);
}

/* Reads and opens the next message, with the fragments it may have. */
static void
read_protected(Life *life, uint8_t exchange, bool response)
{
    g_auto(IkeReassembly) all = {0};
    uint8_t first = 0;

    ike_reassembly_init(&all);
    g_clear_pointer(&life->plain, g_bytes_unref);
    for (;;) {
        IkeProtector *p;
        IkeOpen why = IKE_OPEN_GOOD;

        read_message(life);
        ck_assert_uint_eq(life->message.header.exchange, exchange);
        ck_assert_uint_eq(life->message.header.response, response);
        p = life->message.header.initiator ? life->from_i : life->from_r;
        if (life->message.header.next == IKE_PAYLOAD_SK) {
            why = ike_open(p, &life->message, &life->plain, &first);
            ck_assert_msg(why == IKE_OPEN_GOOD, "%s: m%u: %s", life->name,
                          life->next - 1, ike_open_name(why));
            break;
        }
        if (ike_reassembly_add(&all, p, &life->message, &life->plain, &first,
                               &why) == IKE_REASSEMBLY_DONE)
            break;
        ck_assert_msg(why == IKE_OPEN_GOOD, "%s: m%u: %s", life->name,
                      life->next - 1, ike_open_name(why));
    }
    ck_assert_int_eq(ike_chain_parse(g_bytes_get_data(life->plain, NULL),
                                     g_bytes_get_size(life->plain), first, true,
                                     &life->inner),
                     IKE_FAULT_NONE);
    ck_assert_int_eq(ike_chain_check(&life->inner), IKE_FAULT_NONE);
}

static const IkePayload *
must_find(const IkeChain *chain, IkePayloadType type)
{
    const IkePayload *payload = ike_chain_find(chain, (uint8_t)type, NULL);

    ck_assert_msg(payload != NULL, "no %s", ike_payload_name((uint8_t)type));
    return payload;
}

static GByteArray *
nonce_of(const IkeChain *chain)
{
    GByteArray *copy = g_byte_array_new();
    IkeBytes nonce;

    ck_assert_int_eq(
        ike_nonce_decode(must_find(chain, IKE_PAYLOAD_NONCE), &nonce),
        IKE_FAULT_NONE);
    return g_byte_array_append(copy, nonce.data, (guint)nonce.length);
}

static uint64_t
chosen(const IkeChain *chain, IkeProtocol protocol, uint8_t spi_length,
       bool without_groups, IkeSuite *ret_suite)
{
    g_auto(IkeOffer) offer = {0};
    const IkeProposal *proposal;

    ck_assert_int_eq(ike_offer_decode(must_find(chain, IKE_PAYLOAD_SA), &offer),
                     IKE_FAULT_NONE);
    ck_assert_uint_eq(offer.count, 1);
    ck_assert(ike_offer_choose(&offer, &anything, protocol, spi_length, 0,
                               without_groups, ret_suite, &proposal));
    return proposal->spi;
}

static void
check_keys(const Life *life, unsigned number)
{
    const struct {
        const char *name;
        const uint8_t *key;
        size_t length;
    } keys[] = {
        {"d", life->keys.d, life->keys.d_length},
        {"ai", life->keys.ai, life->keys.a_length},
        {"ar", life->keys.ar, life->keys.a_length},
        {"ei", life->keys.ei, life->keys.e_length},
        {"er", life->keys.er, life->keys.e_length},
        {"pi", life->keys.pi, life->keys.d_length},
        {"pr", life->keys.pr, life->keys.d_length},
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(keys); i++) {
        g_autofree char *key = g_strdup_printf("%s%u", keys[i].name, number);

        if (keys[i].length > 0)
            same(life, key, keys[i].key, keys[i].length);
    }
}

static void
use_keys(Life *life)
{
    ike_protector_free(life->from_i);
    ike_protector_free(life->from_r);
    life->from_i = ike_protector_of_keys(&life->suite, &life->keys, true);
    life->from_r = ike_protector_of_keys(&life->suite, &life->keys, false);
}

static IkeBytes
view(const GByteArray *array)
{
    return (IkeBytes){array->data, array->len};
}

/* IKE_SA_INIT: the suite, the keys of 2.14, and the hashes of 2.23. */
static void
sa_init(Life *life, GByteArray **ret_ni, GByteArray **ret_nr)
{
    g_autoptr(GByteArray) shared = NULL;
    IkeNotify source;
    uint8_t hash[IKE_NAT_HASH];
    HsAddr left = hs_addr_ipv4(0xc0000201);
    IkeKeySeed seed;

    read_message(life);
    ck_assert_int_eq(ike_chain_check(&life->message.chain), IKE_FAULT_NONE);
    *ret_ni = nonce_of(&life->message.chain);
    life->first_i = g_byte_array_ref(life->bytes);
    ck_assert(ike_notify_find(&life->message.chain,
                              IKE_NOTIFY_NAT_DETECTION_SOURCE_IP, &source));
    ike_nat_hash(hash, life->message.header.spi_i, 0, &left, IKE_PORT);
    ck_assert_uint_eq(source.data.length, IKE_NAT_HASH);
    /* charon with libipsec wants UDP, so it makes believe that there is a
     * NAT: its own hash is never right. Its peer's address is. */
    ck_assert(memcmp(source.data.data, hash, IKE_NAT_HASH) != 0);
    left = hs_addr_ipv4(0xc0000202);
    ck_assert(ike_notify_find(&life->message.chain,
                              IKE_NOTIFY_NAT_DETECTION_DESTINATION_IP,
                              &source));
    ike_nat_hash(hash, life->message.header.spi_i, 0, &left, IKE_PORT);
    ck_assert_mem_eq(source.data.data, hash, IKE_NAT_HASH);

    read_message(life);
    ck_assert_int_eq(ike_chain_check(&life->message.chain), IKE_FAULT_NONE);
    *ret_nr = nonce_of(&life->message.chain);
    life->first_r = g_byte_array_ref(life->bytes);
    chosen(&life->message.chain, IKE_PROTOCOL_IKE, 0, false, &life->suite);
    shared = vectors_bytes(life->file, life->name, "shared1");
    seed = (IkeKeySeed){.ni = view(*ret_ni),
                        .nr = view(*ret_nr),
                        .spi_i = life->message.header.spi_i,
                        .spi_r = life->message.header.spi_r,
                        .shared = view(shared)};
    ike_sa_keys_derive(&life->keys, &life->suite, &seed);
    check_keys(life, 1);
    use_keys(life);
}

/* 2.15: AUTH of one side, in its IKE_AUTH message. */
static void
check_auth(const Life *life, bool initiator, const GByteArray *nonce)
{
    const char *key = initiator ? "auth1" : "auth2";
    g_autoptr(GByteArray) psk = vectors_bytes(life->file, life->name, "psk1");
    IkeAuthInput input = {.message =
                              view(initiator ? life->first_i : life->first_r),
                          .nonce = view(nonce),
                          .sk_p = initiator ? life->keys.pi : life->keys.pr};
    uint8_t expected[IKE_AUTH_MAX];
    size_t length = ike_prf_length(life->suite.prf);
    g_autofree char *text = NULL;
    IkeAuth auth;
    IkeId id;

    ck_assert_int_eq(
        ike_id_decode(must_find(&life->inner,
                                initiator ? IKE_PAYLOAD_IDI : IKE_PAYLOAD_IDR),
                      &id),
        IKE_FAULT_NONE);
    text = ike_id_format(id.type, id.data.data, id.data.length);
    ck_assert_str_eq(text, initiator ? "192.0.2.1" : "192.0.2.2");
    input.id_body = id.whole;
    ike_auth_shared_key(expected, life->suite.prf, &input, view(psk));
    same(life, key, expected, length);
    ck_assert_int_eq(
        ike_auth_decode(must_find(&life->inner, IKE_PAYLOAD_AUTH), &auth),
        IKE_FAULT_NONE);
    ck_assert_uint_eq(auth.method, IKE_AUTH_SHARED_KEY);
    ck_assert(ike_bytes_equal(auth.data, (IkeBytes){expected, length}));
}

static void
check_child(const Life *life, unsigned number, const IkeSuite *child,
            const GByteArray *shared, const GByteArray *ni,
            const GByteArray *nr)
{
    g_auto(IkeKeymat) keys = {0};
    IkeBytes secret = {0};
    g_autofree char *ei = g_strdup_printf("child_ei%u", number);
    g_autofree char *er = g_strdup_printf("child_er%u", number);
    g_autofree char *ai = g_strdup_printf("child_ai%u", number);
    g_autofree char *ar = g_strdup_printf("child_ar%u", number);

    if (shared != NULL)
        secret = view(shared);
    ike_keymat_derive(&keys, child, life->suite.prf, life->keys.d,
                      life->keys.d_length, secret, view(ni), view(nr));
    same(life, ei, keys.i.encr, keys.encr_length);
    same(life, er, keys.r.encr, keys.encr_length);
    if (keys.integ_length == 0) {
        ck_assert(!g_key_file_has_key(life->file, life->name, ai, NULL));
        return;
    }
    same(life, ai, keys.i.integ, keys.integ_length);
    same(life, ar, keys.r.integ, keys.integ_length);
}

static void
ike_auth(Life *life, const GByteArray *ni, const GByteArray *nr)
{
    IkeSuite child;
    IkeTsList ts;

    read_protected(life, IKE_EXCHANGE_AUTH, false);
    check_auth(life, true, nr);
    read_protected(life, IKE_EXCHANGE_AUTH, true);
    check_auth(life, false, ni);
    chosen(&life->inner, IKE_PROTOCOL_ESP, 4, true, &child);
    check_child(life, 1, &child, NULL, ni, nr);
    ck_assert_int_eq(
        ike_ts_decode(must_find(&life->inner, IKE_PAYLOAD_TSI), &ts),
        IKE_FAULT_NONE);
    ck_assert_uint_eq(ts.count, 1);
}

static void
rekey_child(Life *life)
{
    g_autoptr(GByteArray) ni = NULL, nr = NULL;
    g_autoptr(GByteArray) shared =
        vectors_bytes(life->file, life->name, "child_shared1");
    IkeSuite child;
    IkeNotify rekey;
    IkeDelete del;

    read_protected(life, IKE_EXCHANGE_CREATE_CHILD_SA, false);
    ck_assert(ike_notify_find(&life->inner, IKE_NOTIFY_REKEY_SA, &rekey));
    ck_assert_uint_eq(rekey.protocol, IKE_PROTOCOL_ESP);
    ck_assert_uint_ne(rekey.spi, 0);
    ni = nonce_of(&life->inner);
    read_protected(life, IKE_EXCHANGE_CREATE_CHILD_SA, true);
    nr = nonce_of(&life->inner);
    chosen(&life->inner, IKE_PROTOCOL_ESP, 4, false, &child);
    ck_assert_uint_eq(child.group, life->suite.group);
    check_child(life, 2, &child, shared, ni, nr);
    /* The old one goes, named by the SPI that REKEY_SA named. */
    read_protected(life, IKE_EXCHANGE_INFORMATIONAL, false);
    ck_assert_int_eq(
        ike_delete_decode(must_find(&life->inner, IKE_PAYLOAD_DELETE), &del),
        IKE_FAULT_NONE);
    ck_assert_uint_eq(del.count, 1);
    ck_assert_uint_eq(ike_delete_spi(&del, 0), rekey.spi);
    read_protected(life, IKE_EXCHANGE_INFORMATIONAL, true);
}

static void
rekey_ike(Life *life)
{
    g_autoptr(GByteArray) ni = NULL, nr = NULL;
    g_autoptr(GByteArray) shared =
        vectors_bytes(life->file, life->name, "shared2");
    IkeSaKeys old;
    IkeSuite suite = life->suite;
    IkeKeySeed seed = {.shared = view(shared)};

    read_protected(life, IKE_EXCHANGE_CREATE_CHILD_SA, false);
    ni = nonce_of(&life->inner);
    seed.ni = view(ni);
    seed.spi_i = chosen(&life->inner, IKE_PROTOCOL_IKE, 8, false, &suite);
    read_protected(life, IKE_EXCHANGE_CREATE_CHILD_SA, true);
    nr = nonce_of(&life->inner);
    seed.nr = view(nr);
    seed.spi_r = chosen(&life->inner, IKE_PROTOCOL_IKE, 8, false, &suite);
    ck_assert(ike_suite_equal(&suite, &life->suite));
    read_protected(life, IKE_EXCHANGE_INFORMATIONAL, false);
    read_protected(life, IKE_EXCHANGE_INFORMATIONAL, true);
    old = life->keys;
    ike_sa_keys_rekey(&life->keys, &suite, &seed, life->suite.prf, old.d,
                      old.d_length);
    check_keys(life, 2);
    use_keys(life);
}

START_TEST(a_life_of_strongswan)
{
    Life life = {.name = suites[_i], .next = 1};
    g_autoptr(GByteArray) ni = NULL, nr = NULL;
    g_autofree char *text = NULL;
    IkeDelete del;

    life.file = vectors_open("ike-charon.ini");
    sa_init(&life, &ni, &nr);
    text = ike_suite_format(&life.suite);
    ck_assert_str_eq(text, suite_texts[_i]);
    ike_auth(&life, ni, nr);
    rekey_child(&life);
    rekey_ike(&life);
    read_protected(&life, IKE_EXCHANGE_INFORMATIONAL, false);
    ck_assert_int_eq(
        ike_delete_decode(must_find(&life.inner, IKE_PAYLOAD_DELETE), &del),
        IKE_FAULT_NONE);
    ck_assert_uint_eq(del.protocol, IKE_PROTOCOL_IKE);
    read_protected(&life, IKE_EXCHANGE_INFORMATIONAL, true);
    ck_assert_uint_eq(life.inner.count, 0);

    ike_sa_keys_clear(&life.keys);
    ike_protector_free(life.from_i);
    ike_protector_free(life.from_r);
    g_byte_array_unref(life.bytes);
    g_byte_array_unref(life.first_i);
    g_byte_array_unref(life.first_r);
    g_bytes_unref(life.plain);
    g_key_file_free(life.file);
}
END_TEST

/* NIST CAVP, Component Testing, IKEv2 with SHA-1: SKEYSEED, DKM and the
 * SKEYSEED of a rekey. DKM is cut by the lengths of the keys of AES-128-CBC
 * with HMAC-SHA1. */
static const char cavp_ni[] = "3651fef5c9c35e93";
static const char cavp_nr[] = "c09a8b90a3f04d59";
static const char cavp_shared[] =
    "d084a30166a50fb7325c3960874a839449ef9741c2f4f947d0201dd8c1269273"
    "d79509f37e3ca3eb4fa2fe2a28254e289cd3f34dad4eb4df1a07685a4b8a94fa"
    "61e2491f7598b3ce65547ff133b3f63d1ac4175eaa695033f3cedb026a6873a3"
    "6455172a8540b8a5d23a0143bed0390ee49b168269d75fffee9fb62be965993c";
static const char cavp_new_shared[] =
    "52f00ab174c25d5b7139ae5ff4e8e9eddee5992d2e36adf8a559ffd90dab1442"
    "e4fbe429d320c0f33552a17d1557fa41ea70e8fb916c4fa27ed52b5f8ebd8461"
    "afa78f1159159a64055ac5f6319e29c28eae58cbc6847770f32c3fed1d047504"
    "84f854790f95e9ec01bc5bc461f24966462e359511329305038e94deb6dd42c2";
static const char cavp_dkm[] =
    "6f1b12cad3cbe097b35430356d869d54cddb0198ec859174d53ceb92dddedbe2"
    "436db69f60977c58fa63bbb667f8d36920b109baae8f6c61a9ac49feda018432"
    "25d080ec5539d5881a25521ffb2a0a91874a9c0a27fcc2d717eb8963a9e3a89c"
    "7ab264757284c28cf8c3ca40576f4220b052b1fb8e9ad60ba3c80557323331a8"
    "cbb89f20";
static const char cavp_child[] =
    "4727dc0ef94eb326ce131cf282fb652faa638ad0ddae3786a11bcc0309876009"
    "f8c485de011ad962c5b1ca8a41ff814544574907";
static const char cavp_child_dh[] =
    "b109c21ad4c0797768c1cec9e63554681e48f224bca7f23c20c4ea7041983451"
    "e9aa1d5408656c8a975ff1b9d9a12c75ffeb64bd";

static const IkeSuite sha1_suite = {.protocol = IKE_PROTOCOL_IKE,
                                    .encr = IKE_ENCR_AES_CBC,
                                    .key_bits = 128,
                                    .prf = IKE_PRF_HMAC_SHA1,
                                    .integ = IKE_INTEG_HMAC_SHA1_96,
                                    .group = 2};

static void
check_cut(const uint8_t **at, const uint8_t *key, size_t length)
{
    ck_assert_mem_eq(key, *at, length);
    *at += length;
}

START_TEST(nist_ike_sa)
{
    g_autoptr(GByteArray) ni = bytes_from_hex(cavp_ni);
    g_autoptr(GByteArray) nr = bytes_from_hex(cavp_nr);
    g_autoptr(GByteArray) shared = bytes_from_hex(cavp_shared);
    g_autoptr(GByteArray) dkm = bytes_from_hex(cavp_dkm);
    IkeKeySeed seed = {.ni = view(ni),
                       .nr = view(nr),
                       .spi_i = 0x8e5c3ae507221684,
                       .spi_r = 0xb1f201bb155c3acd,
                       .shared = view(shared)};
    g_auto(IkeSaKeys) keys = {0};
    const uint8_t *at = dkm->data;

    ike_sa_keys_derive(&keys, &sha1_suite, &seed);
    ck_assert_uint_eq(dkm->len, 132);
    check_cut(&at, keys.d, 20);
    check_cut(&at, keys.ai, 20);
    check_cut(&at, keys.ar, 20);
    check_cut(&at, keys.ei, 16);
    check_cut(&at, keys.er, 16);
    check_cut(&at, keys.pi, 20);
    check_cut(&at, keys.pr, 20);
}
END_TEST

START_TEST(nist_child_sa)
{
    g_autoptr(GByteArray) ni = bytes_from_hex(cavp_ni);
    g_autoptr(GByteArray) nr = bytes_from_hex(cavp_nr);
    g_autoptr(GByteArray) dkm = bytes_from_hex(cavp_dkm);
    g_autoptr(GByteArray) shared = bytes_from_hex(cavp_new_shared);
    g_autoptr(GByteArray) plain = bytes_from_hex(cavp_child);
    g_autoptr(GByteArray) with_dh = bytes_from_hex(cavp_child_dh);
    IkeSuite child = sha1_suite;
    g_auto(IkeKeymat) keys = {0};
    const uint8_t *at = plain->data;

    child.protocol = IKE_PROTOCOL_ESP;
    child.key_bits = 128;
    ike_keymat_derive(&keys, &child, IKE_PRF_HMAC_SHA1, dkm->data, 20,
                      (IkeBytes){0}, view(ni), view(nr));
    check_cut(&at, keys.i.encr, 16);
    check_cut(&at, keys.i.integ, 20);
    check_cut(&at, keys.r.encr, 16);
    at = with_dh->data;
    ike_keymat_derive(&keys, &child, IKE_PRF_HMAC_SHA1, dkm->data, 20,
                      view(shared), view(ni), view(nr));
    check_cut(&at, keys.i.encr, 16);
    check_cut(&at, keys.i.integ, 20);
    check_cut(&at, keys.r.encr, 16);
}
END_TEST

/* The SKEYSEED of a rekey, as prf+ of it shows in the new SK_d. */
START_TEST(nist_rekey)
{
    g_autoptr(GByteArray) ni = bytes_from_hex(cavp_ni);
    g_autoptr(GByteArray) nr = bytes_from_hex(cavp_nr);
    g_autoptr(GByteArray) dkm = bytes_from_hex(cavp_dkm);
    g_autoptr(GByteArray) shared = bytes_from_hex(cavp_new_shared);
    g_autoptr(GByteArray) skeyseed =
        bytes_from_hex("3b03bce748c96d5e8306918d2ff89b68f0648da3");
    uint8_t spis[16] = {0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 2};
    const CryptoPart parts[] = {
        {ni->data, ni->len}, {nr->data, nr->len}, {spis, sizeof spis}};
    IkeKeySeed seed = {.ni = view(ni),
                       .nr = view(nr),
                       .spi_i = 1,
                       .spi_r = 2,
                       .shared = view(shared)};
    g_auto(IkeSaKeys) keys = {0};
    uint8_t expected[20];

    crypto_prf_plus(CRYPTO_MAC_HMAC_SHA1, skeyseed->data, skeyseed->len, parts,
                    G_N_ELEMENTS(parts), expected, sizeof expected);
    ike_sa_keys_rekey(&keys, &sha1_suite, &seed, IKE_PRF_HMAC_SHA1, dkm->data,
                      20);
    ck_assert_mem_eq(keys.d, expected, 20);
}
END_TEST

/* 2.18: SKEYSEED by the old PRF, the keys by the new one. The expectation was
 * computed with Python's hmac. */
START_TEST(rekey_to_another_prf)
{
    static const uint8_t old_d[20] = "abcdefghijklmnopqrst";
    static const uint8_t ni[16] = "0123456789abcdef";
    static const uint8_t nr[16] = "fedcba9876543210";
    static const uint8_t shared[4] = {1, 2, 3, 4};
    IkeSuite suite = {.protocol = IKE_PROTOCOL_IKE,
                      .encr = IKE_ENCR_AES_GCM_16,
                      .key_bits = 256,
                      .prf = IKE_PRF_HMAC_SHA2_512,
                      .group = 19};
    IkeKeySeed seed = {.ni = {ni, sizeof ni},
                       .nr = {nr, sizeof nr},
                       .spi_i = 0x0102030405060708,
                       .spi_r = 0x1112131415161718,
                       .shared = {shared, sizeof shared}};
    g_autoptr(GByteArray) expected = bytes_from_hex(
        "9e58787a23849cce839a772497c6dc4bb3fcbe43139a51982168b00ce8db1b70"
        "613f754b30803b51f2a4fdef6cc4b65db8ff964a968ccb606c4b07ab732404e3");
    g_auto(IkeSaKeys) keys = {0};

    ike_sa_keys_rekey(&keys, &suite, &seed, IKE_PRF_HMAC_SHA1, old_d,
                      sizeof old_d);
    ck_assert_uint_eq(keys.d_length, 64);
    ck_assert_uint_eq(keys.a_length, 0);
    ck_assert_uint_eq(keys.e_length, 36);
    ck_assert_uint_eq(expected->len, 64);
    ck_assert_mem_eq(keys.pr, expected->data, 64);
}
END_TEST

START_TEST(lengths)
{
    ck_assert_uint_eq(ike_prf_length(IKE_PRF_HMAC_SHA1), 20);
    ck_assert_uint_eq(ike_prf_length(IKE_PRF_HMAC_SHA2_256), 32);
    ck_assert_uint_eq(ike_prf_length(IKE_PRF_HMAC_SHA2_384), 48);
    ck_assert_uint_eq(ike_prf_length(IKE_PRF_HMAC_SHA2_512), 64);
    ck_assert_uint_eq(ike_prf_length(IKE_PRF_HMAC_MD5), 0);
    ck_assert_uint_eq(ike_integ_key_length(IKE_INTEG_NONE), 0);
    ck_assert_uint_eq(ike_integ_icv_length(IKE_INTEG_NONE), 0);
    ck_assert_uint_eq(ike_integ_icv_length(IKE_INTEG_HMAC_SHA1_96), 12);
    ck_assert_uint_eq(ike_integ_icv_length(IKE_INTEG_HMAC_SHA2_512_256), 32);
    ck_assert_uint_eq(ike_cipher_key_length(IKE_ENCR_AES_CBC, 192), 24);
    ck_assert_uint_eq(ike_cipher_key_length(IKE_ENCR_AES_GCM_16, 128), 20);
}
END_TEST

/* What a signature would cover is what AUTH covers: message, nonce, and the
 * PRF of the ID. Python's hmac computed the last 20 octets. */
START_TEST(octets_of_auth)
{
    static const uint8_t sk_p[20] = "abcdefghijklmnopqrst";
    static const uint8_t message[4] = {1, 2, 3, 4}, nonce[2] = {5, 6};
    g_autoptr(GBytes) id = ike_id_body(IKE_ID_FQDN, "gw.example", 10);
    IkeAuthInput input = {
        .message = {message, sizeof message},
        .nonce = {nonce, sizeof nonce},
        .id_body = {g_bytes_get_data(id, NULL), g_bytes_get_size(id)},
        .sk_p = sk_p};
    g_autoptr(GBytes) octets = ike_auth_octets(IKE_PRF_HMAC_SHA1, &input);
    g_autoptr(GBytes) expected =
        hex_bytes("01020304 0506"
                  "4a3e9961a61862eb46bcf6787af1fb3c4d4b1b14");

    ck_assert(g_bytes_equal(octets, expected));
}
END_TEST

START_TEST(comparison)
{
    static const uint8_t a[] = {1, 2, 3}, b[] = {1, 2, 4};

    ck_assert(ike_bytes_equal((IkeBytes){a, 3}, (IkeBytes){a, 3}));
    ck_assert(ike_bytes_equal((IkeBytes){a, 2}, (IkeBytes){b, 2}));
    ck_assert(!ike_bytes_equal((IkeBytes){a, 3}, (IkeBytes){b, 3}));
    ck_assert(!ike_bytes_equal((IkeBytes){a, 3}, (IkeBytes){a, 2}));
    ck_assert(ike_bytes_equal((IkeBytes){0}, (IkeBytes){0}));
}
END_TEST

/* 2.6: it depends on the nonce, the address and the SPI, and says of which
 * secret it is. Python's hmac computed it. */
START_TEST(cookie)
{
    static const uint8_t secret[IKE_COOKIE_SECRET] =
        "0123456789abcdef0123456789abcde";
    static const uint8_t nonce[16] = "fedcba9876543210";
    g_autoptr(GBytes) expected = hex_bytes(
        "07"
        "0a3b4d057cf45396bfa2b8a0e9dcb484f94c14698c092f5458947b9f174f0ad5");
    HsAddr addr = hs_addr_ipv4(0xc0000201), other = hs_addr_ipv4(0xc0000202);
    IkeBytes ni = {nonce, sizeof nonce}, shorter = {nonce, 15};
    uint8_t one[IKE_COOKIE_LENGTH], two[IKE_COOKIE_LENGTH];

    ike_cookie(one, 7, secret, ni, &addr, 0x0102030405060708);
    ck_assert_mem_eq(one, g_bytes_get_data(expected, NULL), sizeof one);
    ike_cookie(two, 7, secret, ni, &other, 0x0102030405060708);
    ck_assert(memcmp(one, two, sizeof one) != 0);
    ike_cookie(two, 7, secret, shorter, &addr, 0x0102030405060708);
    ck_assert(memcmp(one, two, sizeof one) != 0);
    ike_cookie(two, 7, secret, ni, &addr, 0x0102030405060709);
    ck_assert(memcmp(one, two, sizeof one) != 0);
}
END_TEST

/* 2.23, with IPv6: Python's hashlib computed it. */
START_TEST(nat_hash)
{
    g_autoptr(GBytes) expected =
        hex_bytes("1ee24423bf8f59515e0265c6d0f08be3d038f7e5");
    uint8_t hash[IKE_NAT_HASH];
    HsAddr addr;

    ck_assert(hs_addr_parse("2001:db8::1", &addr));
    ike_nat_hash(hash, 0x0102030405060708, 0x1112131415161718, &addr, 4500);
    ck_assert_mem_eq(hash, g_bytes_get_data(expected, NULL), sizeof hash);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("ikev2 keys");
    TCase *tcase = tcase_create("keys");

    tcase_add_loop_test(tcase, a_life_of_strongswan, 0, G_N_ELEMENTS(suites));
    tcase_add_test(tcase, nist_ike_sa);
    tcase_add_test(tcase, nist_child_sa);
    tcase_add_test(tcase, nist_rekey);
    tcase_add_test(tcase, rekey_to_another_prf);
    tcase_add_test(tcase, lengths);
    tcase_add_test(tcase, octets_of_auth);
    tcase_add_test(tcase, comparison);
    tcase_add_test(tcase, cookie);
    tcase_add_test(tcase, nat_hash);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
