/* Diffie-Hellman against published vectors (dh.ini) and against Python and
 * OpenSSL (dh-python.ini, made by dh.py), and what is refused of a peer. */

#include "config.h"

#include "models/crypto/dh.h"
#include "tests/harness/run.h"
#include "tests/harness/vectors.h"

#include <string.h>

static const uint16_t all_groups[] = {2,  5,  14, 15, 16, 17, 18,
                                      19, 20, 21, 22, 23, 24, 31};

static void
agree(const char *name, const CryptoDh *own, const GByteArray *peer,
      const GByteArray *expected)
{
    uint8_t secret[CRYPTO_DH_SECRET_MAX];

    ck_assert_msg(crypto_dh_agree(own, peer->data, peer->len, secret) ==
                      CRYPTO_DH_FAULT_NONE,
                  "%s: refused", name);
    ck_assert_uint_eq(expected->len,
                      crypto_dh_secret_length(crypto_dh_group(own)));
    ck_assert_msg(memcmp(secret, expected->data, expected->len) == 0,
                  "%s: another secret", name);
}

static CryptoDh *
one_side(GKeyFile *file, const char *group, const char *private,
         const char *public)
{
    g_autoptr(GByteArray) number = vectors_bytes(file, group, "group");
    g_autoptr(GByteArray) value = vectors_bytes(file, group, private);
    g_autoptr(GByteArray) expected = vectors_bytes(file, group, public);
    CryptoDh *dh =
        crypto_dh_new_from_private(number->data[0], value->data, value->len);

    ck_assert_uint_eq(expected->len, crypto_dh_public_length(number->data[0]));
    ck_assert_msg(memcmp(crypto_dh_public(dh), expected->data, expected->len) ==
                      0,
                  "%s: %s: another public value", group, private);
    return dh;
}

static void
check_file(const char *name, unsigned expected)
{
    GKeyFile *file = vectors_open(name);
    gsize count;
    char **groups = g_key_file_get_groups(file, &count);

    ck_assert_uint_eq(count, expected);
    for (gsize i = 0; i < count; i++) {
        g_autoptr(CryptoDh) a = one_side(file, groups[i], "a", "public_a");
        g_autoptr(CryptoDh) b = one_side(file, groups[i], "b", "public_b");
        g_autoptr(GByteArray) to_a = vectors_bytes(file, groups[i], "public_b");
        g_autoptr(GByteArray) to_b = vectors_bytes(file, groups[i], "public_a");
        g_autoptr(GByteArray) secret = vectors_bytes(file, groups[i], "secret");

        agree(groups[i], a, to_a, secret);
        agree(groups[i], b, to_b, secret);
    }
    g_strfreev(groups);
    g_key_file_free(file);
}

START_TEST(published_vectors)
{
    check_file("dh.ini", 7);
}
END_TEST

START_TEST(python_and_openssl_agree)
{
    check_file("dh-python.ini", 11);
}
END_TEST

/* RFC 7748 5.2: the top bit of the point is not looked at, and the scalar's
 * bits are put right. */
START_TEST(x25519_function)
{
    static const char *const vectors[][3] = {
        {"a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4",
         "e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c",
         "c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552"},
        {"4b66e9d4d1b4673c5ad22691957d6af5c11b6421e0ea01d42ca4169e7918ba0d",
         "e5210f12786811d3f4b7959d0538ae2c31dbe7106fc03c3efc4cd549c715a493",
         "95cbde9476e8907d7aade45cb4b873f88b595a68799fa152e6f8f7647aac7957"},
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(vectors); i++) {
        g_autoptr(GByteArray) scalar = bytes_from_hex(vectors[i][0]);
        g_autoptr(GByteArray) point = bytes_from_hex(vectors[i][1]);
        g_autoptr(GByteArray) result = bytes_from_hex(vectors[i][2]);
        g_autoptr(CryptoDh) dh = crypto_dh_new_from_private(
            CRYPTO_DH_X25519, scalar->data, scalar->len);

        agree("RFC 7748 5.2", dh, point, result);
    }
}
END_TEST

/* What two strangers draw fits, in every group, and is drawn anew each time
 * but the same from the same seed. */
START_TEST(drawn_keys_agree)
{
    uint16_t group = all_groups[_i];
    g_autoptr(HsRng) rng = hs_rng_new(1, "test", "dh");
    g_autoptr(HsRng) again = hs_rng_new(1, "test", "dh");
    g_autoptr(CryptoDh) a = crypto_dh_new(group, rng);
    g_autoptr(CryptoDh) b = crypto_dh_new(group, rng);
    g_autoptr(CryptoDh) same = crypto_dh_new(group, again);
    uint8_t sa[CRYPTO_DH_SECRET_MAX], sb[CRYPTO_DH_SECRET_MAX];
    size_t length = crypto_dh_public_length(group);

    ck_assert_uint_eq(crypto_dh_group(a), group);
    ck_assert(memcmp(crypto_dh_public(a), crypto_dh_public(b), length) != 0);
    ck_assert(memcmp(crypto_dh_public(a), crypto_dh_public(same), length) == 0);
    ck_assert_int_eq(crypto_dh_agree(a, crypto_dh_public(b), length, sa),
                     CRYPTO_DH_FAULT_NONE);
    ck_assert_int_eq(crypto_dh_agree(b, crypto_dh_public(a), length, sb),
                     CRYPTO_DH_FAULT_NONE);
    ck_assert(memcmp(sa, sb, crypto_dh_secret_length(group)) == 0);
}
END_TEST

/* RFC 7296 3.4: the length is the prime's, leading zeros and all. */
START_TEST(length_is_the_groups)
{
    uint16_t group = all_groups[_i];
    g_autoptr(HsRng) rng = hs_rng_new(2, "test", "dh");
    g_autoptr(CryptoDh) a = crypto_dh_new(group, rng);
    size_t length = crypto_dh_public_length(group);
    g_autofree uint8_t *peer = g_malloc0(length + 1);
    uint8_t secret[CRYPTO_DH_SECRET_MAX];

    memcpy(peer + 1, crypto_dh_public(a), length);
    ck_assert_int_eq(crypto_dh_agree(a, peer, length + 1, secret),
                     CRYPTO_DH_FAULT_LENGTH);
    ck_assert_int_eq(crypto_dh_agree(a, peer + 1, length - 1, secret),
                     CRYPTO_DH_FAULT_LENGTH);
    ck_assert_int_eq(crypto_dh_agree(a, peer + 1, 0, secret),
                     CRYPTO_DH_FAULT_LENGTH);
    ck_assert_int_eq(crypto_dh_agree(a, peer + 1, length, secret),
                     CRYPTO_DH_FAULT_NONE);
}
END_TEST

static CryptoDhFault
offer(uint16_t group, const uint8_t *peer)
{
    g_autoptr(HsRng) rng = hs_rng_new(3, "test", "dh");
    g_autoptr(CryptoDh) own = crypto_dh_new(group, rng);
    uint8_t secret[CRYPTO_DH_SECRET_MAX];
    CryptoDhFault fault;

    memset(secret, 0xa5, sizeof secret);
    fault = crypto_dh_agree(own, peer, crypto_dh_public_length(group), secret);
    if (fault != CRYPTO_DH_FAULT_NONE)
        for (size_t i = 0; i < sizeof secret; i++)
            ck_assert_uint_eq(secret[i], 0xa5);
    return fault;
}

/* RFC 6989 2.1: 0, 1, p - 1, p and above. The primes of these groups begin and
 * end with 64 ones. */
START_TEST(modp_range)
{
    static const uint16_t safe[] = {2, 5, 14, 15, 16, 17, 18};
    uint16_t group = safe[_i];
    size_t length = crypto_dh_public_length(group);
    g_autofree uint8_t *peer = g_malloc0(length);
    g_autoptr(GKeyFile) file = vectors_open("dh-python.ini");
    g_autofree char *name = g_strdup_printf("group %u", group);
    g_autoptr(GByteArray) public = vectors_bytes(file, name, "public_a");

    ck_assert_int_eq(offer(group, peer), CRYPTO_DH_FAULT_RANGE);
    peer[length - 1] = 1;
    ck_assert_int_eq(offer(group, peer), CRYPTO_DH_FAULT_RANGE);
    peer[length - 1] = 2;
    ck_assert_int_eq(offer(group, peer), CRYPTO_DH_FAULT_NONE);
    memset(peer, 0xff, length);
    ck_assert_int_eq(offer(group, peer), CRYPTO_DH_FAULT_RANGE);
    ck_assert_int_eq(offer(group, public->data), CRYPTO_DH_FAULT_NONE);
}
END_TEST

static const char modp1024[] =
    "ffffffffffffffffc90fdaa22168c234c4c6628b80dc1cd129024e088a67cc74"
    "020bbea63b139b22514a08798e3404ddef9519b3cd3a431b302b0a6df25f1437"
    "4fe1356d6d51c245e485b576625e7ec6f44c42e9a637ed6b0bff5cb6f406b7ed"
    "ee386bfb5a899fa5ae9f24117c4b1fe649286651ece65381ffffffffffffffff";

START_TEST(modp_edges)
{
    g_autoptr(GByteArray) p = bytes_from_hex(modp1024);

    ck_assert_int_eq(offer(2, p->data), CRYPTO_DH_FAULT_RANGE);
    p->data[127] = 0xfe; /* p - 1, of order 2 */
    ck_assert_int_eq(offer(2, p->data), CRYPTO_DH_FAULT_RANGE);
    p->data[127] = 0xfd; /* p - 2 */
    ck_assert_int_eq(offer(2, p->data), CRYPTO_DH_FAULT_NONE);
}
END_TEST

/* RFC 6989 2.2: 2 is between 1 and p - 1, but not in the subgroups. */
START_TEST(modp_subgroup)
{
    uint16_t group = (uint16_t)(22 + _i);
    size_t length = crypto_dh_public_length(group);
    g_autofree uint8_t *peer = g_malloc0(length);

    peer[length - 1] = 1;
    ck_assert_int_eq(offer(group, peer), CRYPTO_DH_FAULT_RANGE);
    peer[length - 1] = 2;
    ck_assert_int_eq(offer(group, peer), CRYPTO_DH_FAULT_SUBGROUP);
    memset(peer, 0xff, length);
    ck_assert_int_eq(offer(group, peer), CRYPTO_DH_FAULT_RANGE);
}
END_TEST

/* RFC 6989 2.3: coordinates too large, and points that are not there. */
START_TEST(point_on_the_curve)
{
    uint16_t group = (uint16_t)(19 + _i);
    g_autoptr(HsRng) rng = hs_rng_new(5, "test", "dh");
    g_autoptr(CryptoDh) good = crypto_dh_new(group, rng);
    size_t length = crypto_dh_public_length(group);
    g_autofree uint8_t *peer = g_memdup2(crypto_dh_public(good), length);

    ck_assert_int_eq(offer(group, peer), CRYPTO_DH_FAULT_NONE);
    peer[length - 1] ^= 1;
    ck_assert_int_eq(offer(group, peer), CRYPTO_DH_FAULT_CURVE);
    memset(peer, 0, length);
    ck_assert_int_eq(offer(group, peer), CRYPTO_DH_FAULT_CURVE);
    memset(peer, 0xff, length / 2);
    ck_assert_int_eq(offer(group, peer), CRYPTO_DH_FAULT_RANGE);
    memset(peer, 0, length / 2);
    memset(peer + length / 2, 0xff, length / 2);
    ck_assert_int_eq(offer(group, peer), CRYPTO_DH_FAULT_RANGE);
}
END_TEST

/* RFC 8031 2.3, with points of small order (RFC 7748 6.1): 0, 1, and one of
 * order 8. */
START_TEST(x25519_zero)
{
    static const char *const points[] = {
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0100000000000000000000000000000000000000000000000000000000000000",
        "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800"};

    for (unsigned i = 0; i < G_N_ELEMENTS(points); i++) {
        g_autoptr(GByteArray) point = bytes_from_hex(points[i]);

        ck_assert_int_eq(offer(CRYPTO_DH_X25519, point->data),
                         CRYPTO_DH_FAULT_ZERO);
    }
}
END_TEST

START_TEST(names)
{
    uint16_t group = 0;

    for (unsigned i = 0; i < G_N_ELEMENTS(all_groups); i++) {
        ck_assert(crypto_dh_supported(all_groups[i]));
        ck_assert(crypto_dh_from_name(crypto_dh_name(all_groups[i]), &group));
        ck_assert_uint_eq(group, all_groups[i]);
    }
    ck_assert_str_eq(crypto_dh_name(19), "ecp256");
    ck_assert_str_eq(crypto_dh_name(1), "unknown");
    ck_assert(!crypto_dh_supported(1));
    ck_assert(!crypto_dh_from_name("modp768", &group));
    ck_assert_uint_eq(crypto_dh_public_length(1), 0);
    ck_assert_uint_eq(crypto_dh_secret_length(1), 0);
    ck_assert_uint_eq(crypto_dh_public_length(21), 132);
    ck_assert_uint_eq(crypto_dh_secret_length(21), 66);
    ck_assert_str_eq(crypto_dh_fault_name(CRYPTO_DH_FAULT_CURVE),
                     "point not on the curve");
    for (unsigned i = 0; i <= CRYPTO_DH_FAULT_ZERO; i++)
        ck_assert_ptr_nonnull(crypto_dh_fault_name((CryptoDhFault)i));
    crypto_dh_free(NULL);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("crypto: Diffie-Hellman");
    TCase *tcase = tcase_create("dh");

    tcase_add_test(tcase, published_vectors);
    tcase_add_test(tcase, python_and_openssl_agree);
    tcase_add_test(tcase, x25519_function);
    tcase_add_loop_test(tcase, drawn_keys_agree, 0, G_N_ELEMENTS(all_groups));
    tcase_add_loop_test(tcase, length_is_the_groups, 0,
                        G_N_ELEMENTS(all_groups));
    tcase_add_loop_test(tcase, modp_range, 0, 7);
    tcase_add_test(tcase, modp_edges);
    tcase_add_loop_test(tcase, modp_subgroup, 0, 3);
    tcase_add_loop_test(tcase, point_on_the_curve, 0, 3);
    tcase_add_test(tcase, x25519_zero);
    tcase_add_test(tcase, names);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
