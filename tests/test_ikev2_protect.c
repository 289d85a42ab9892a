/* SK and SKF: what is sealed opens, what was touched does not, and fragments
 * come together in any order. That opening is right is shown on real messages
 * (test_ikev2_keys); the SK payloads here with fixed bytes were computed with
 * OpenSSL by way of Python. */

#include "config.h"

#include "models/ikev2/protect.h"
#include "tests/harness/hex.h"
#include "tests/harness/run.h"

#include <string.h>

static const IkeSuite suites[] = {
    {.protocol = IKE_PROTOCOL_IKE,
     .encr = IKE_ENCR_AES_CBC,
     .key_bits = 128,
     .prf = IKE_PRF_HMAC_SHA1,
     .integ = IKE_INTEG_HMAC_SHA1_96,
     .group = 14},
    {.protocol = IKE_PROTOCOL_IKE,
     .encr = IKE_ENCR_AES_CBC,
     .key_bits = 256,
     .prf = IKE_PRF_HMAC_SHA2_256,
     .integ = IKE_INTEG_HMAC_SHA2_256_128,
     .group = 14},
    {.protocol = IKE_PROTOCOL_IKE,
     .encr = IKE_ENCR_AES_CBC,
     .key_bits = 192,
     .prf = IKE_PRF_HMAC_SHA2_384,
     .integ = IKE_INTEG_HMAC_SHA2_384_192,
     .group = 14},
    {.protocol = IKE_PROTOCOL_IKE,
     .encr = IKE_ENCR_AES_CBC,
     .key_bits = 256,
     .prf = IKE_PRF_HMAC_SHA2_512,
     .integ = IKE_INTEG_HMAC_SHA2_512_256,
     .group = 14},
    {.protocol = IKE_PROTOCOL_IKE,
     .encr = IKE_ENCR_AES_GCM_16,
     .key_bits = 128,
     .prf = IKE_PRF_HMAC_SHA2_256,
     .group = 19},
    {.protocol = IKE_PROTOCOL_IKE,
     .encr = IKE_ENCR_AES_GCM_16,
     .key_bits = 256,
     .prf = IKE_PRF_HMAC_SHA2_256,
     .group = 19},
};

#define CBC_SUITE 1
#define GCM_SUITE 5

static const IkeHeader header = {.spi_i = 0x0102030405060708,
                                 .spi_r = 0x1112131415161718,
                                 .exchange = IKE_EXCHANGE_INFORMATIONAL,
                                 .initiator = true,
                                 .id = 7};

static void
some_keys(IkeSaKeys *keys)
{
    memset(keys, 0, sizeof *keys);
    for (unsigned i = 0; i < sizeof keys->ei; i++) {
        keys->ei[i] = (uint8_t)i;
        keys->er[i] = (uint8_t)(0x80 + i);
    }
    for (unsigned i = 0; i < sizeof keys->ai; i++) {
        keys->ai[i] = (uint8_t)(0x40 + i);
        keys->ar[i] = (uint8_t)(0xc0 + i);
    }
}

static IkeProtector *
protector(unsigned suite, bool initiator)
{
    IkeSaKeys keys;

    some_keys(&keys);
    return ike_protector_of_keys(&suites[suite], &keys, initiator);
}

static void
fill(IkeBuilder *b, size_t length)
{
    g_autofree uint8_t *data = g_malloc(length + 1);

    for (size_t i = 0; i < length; i++)
        data[i] = (uint8_t)(i * 7);
    ike_builder_init(b);
    ike_builder_add(b, IKE_PAYLOAD_VENDOR, data, length);
}

static GBytes *
seal(IkeProtector *p, size_t length)
{
    g_autoptr(HsRng) rng = hs_rng_new(1, "test", "iv");
    g_auto(IkeBuilder) b = {0};

    fill(&b, length);
    return ike_seal(p, &b, &header, rng);
}

static IkeOpen
open_bytes(IkeProtector *p, const uint8_t *data, size_t length,
           GBytes **ret_plain, uint8_t *ret_first)
{
    IkeMessage message;

    ck_assert_int_eq(ike_message_parse(data, length, &message), IKE_FAULT_NONE);
    return ike_open(p, &message, ret_plain, ret_first);
}

static void
check_plain(GBytes *plain, uint8_t first, size_t length)
{
    g_auto(IkeBuilder) b = {0};

    fill(&b, length);
    ck_assert_uint_eq(first, IKE_PAYLOAD_VENDOR);
    ck_assert_uint_eq(g_bytes_get_size(plain), b.writer.bytes->len);
    ck_assert_mem_eq(g_bytes_get_data(plain, NULL), b.writer.bytes->data,
                     b.writer.bytes->len);
}

/* Every length around a block. */
START_TEST(sealed_opens)
{
    g_autoptr(IkeProtector) ours = protector((unsigned)_i, true);
    g_autoptr(IkeProtector) theirs = protector((unsigned)_i, true);

    for (size_t length = 0; length < 40; length++) {
        g_autoptr(GBytes) message = seal(ours, length);
        g_autoptr(GBytes) plain = NULL;
        uint8_t first = 0;

        ck_assert_uint_eq(g_bytes_get_size(message),
                          ike_sealed_length(ours, length + 4));
        ck_assert_int_eq(open_bytes(theirs, g_bytes_get_data(message, NULL),
                                    g_bytes_get_size(message), &plain, &first),
                         IKE_OPEN_GOOD);
        check_plain(plain, first, length);
    }
}
END_TEST

START_TEST(nothing_inside)
{
    g_autoptr(IkeProtector) p = protector((unsigned)_i, true);
    g_autoptr(HsRng) rng = hs_rng_new(1, "test", "iv");
    g_auto(IkeBuilder) b = {0};
    g_autoptr(GBytes) message = NULL, plain = NULL;
    uint8_t first = 99;

    ike_builder_init(&b);
    message = ike_seal(p, &b, &header, rng);
    ck_assert_int_eq(open_bytes(p, g_bytes_get_data(message, NULL),
                                g_bytes_get_size(message), &plain, &first),
                     IKE_OPEN_GOOD);
    ck_assert_uint_eq(first, IKE_PAYLOAD_NONE);
    ck_assert_uint_eq(g_bytes_get_size(plain), 0);
}
END_TEST

/* 3.14: each octet of the message is covered, header and all. */
START_TEST(every_octet_is_covered)
{
    g_autoptr(IkeProtector) p = protector((unsigned)_i, true);
    g_autoptr(GBytes) message = seal(p, 10);
    gsize length;
    const uint8_t *data = g_bytes_get_data(message, &length);

    for (size_t at = 0; at < length; at++) {
        g_autofree uint8_t *copy = g_memdup2(data, length);
        GBytes *plain = NULL;
        uint8_t first = 0;
        IkeMessage parsed;

        copy[at] ^= 0x01;
        if (ike_message_parse(copy, length, &parsed) != IKE_FAULT_NONE)
            continue; /* a length, or the version */
        ck_assert_msg(ike_open(p, &parsed, &plain, &first) != IKE_OPEN_GOOD,
                      "octet %zu", at);
        ck_assert_ptr_null(plain);
    }
}
END_TEST

START_TEST(the_other_direction_has_other_keys)
{
    g_autoptr(IkeProtector) ours = protector((unsigned)_i, true);
    g_autoptr(IkeProtector) theirs = protector((unsigned)_i, false);
    g_autoptr(GBytes) message = seal(ours, 10);
    GBytes *plain = NULL;
    uint8_t first;

    ck_assert_int_eq(open_bytes(theirs, g_bytes_get_data(message, NULL),
                                g_bytes_get_size(message), &plain, &first),
                     IKE_OPEN_INTEGRITY);
}
END_TEST

/* Cut to LENGTH, with both lengths put right. */
static uint8_t *
cut_message(const uint8_t *data, size_t length)
{
    uint8_t *copy = g_memdup2(data, length);

    copy[26] = (uint8_t)(length >> 8);
    copy[27] = (uint8_t)(length & 0xff);
    copy[30] = (uint8_t)((length - 28) >> 8);
    copy[31] = (uint8_t)((length - 28) & 0xff);
    return copy;
}

START_TEST(truncations)
{
    g_autoptr(IkeProtector) p = protector((unsigned)_i, true);
    g_autoptr(GBytes) message = seal(p, 20);
    const uint8_t *data = g_bytes_get_data(message, NULL);
    bool cbc = !ike_suite_is_aead(&suites[_i]);
    size_t block = cbc ? 16 : 1, iv = cbc ? 16 : 8;
    size_t icv = cbc ? ike_integ_icv_length(suites[_i].integ) : 16;

    for (size_t length = 32; length < g_bytes_get_size(message); length++) {
        g_autofree uint8_t *copy = cut_message(data, length);
        IkeOpen expected = IKE_OPEN_INTEGRITY;
        GBytes *plain = NULL;
        uint8_t first;

        if (length < 32 + iv + block + icv)
            expected = IKE_OPEN_SHORT;
        else if ((length - 32 - iv - icv) % block != 0)
            expected = IKE_OPEN_ALIGNMENT;
        ck_assert_msg(open_bytes(p, copy, length, &plain, &first) == expected,
                      "cut to %zu", length);
    }
}
END_TEST

START_TEST(no_encrypted_payload)
{
    g_autoptr(IkeProtector) p = protector(CBC_SUITE, true);
    g_auto(IkeReassembly) r = {0};
    g_auto(IkeBuilder) b = {0};
    g_autoptr(GBytes) message = NULL;
    GBytes *plain = NULL;
    IkeMessage parsed;
    IkeOpen why;
    uint8_t first;

    fill(&b, 3);
    message = ike_builder_message(&b, &header);
    ck_assert_int_eq(ike_message_parse(g_bytes_get_data(message, NULL),
                                       g_bytes_get_size(message), &parsed),
                     IKE_FAULT_NONE);
    ck_assert_int_eq(ike_open(p, &parsed, &plain, &first), IKE_OPEN_MISSING);
    ike_reassembly_init(&r);
    ck_assert_int_eq(ike_reassembly_add(&r, p, &parsed, &plain, &first, &why),
                     IKE_REASSEMBLY_DROPPED);
    ck_assert_int_eq(why, IKE_OPEN_MISSING);
}
END_TEST

/* Messages that OpenSSL sealed, with keys as in some_keys(): a V payload of
 * "hello", with more padding than it needs (3.14 allows up to 255), then with
 * a pad length that cannot be. */
START_TEST(of_openssl)
{
    static const struct {
        unsigned suite;
        IkeOpen result;
        const char *hex;
    } rows[] = {
        {CBC_SUITE, IKE_OPEN_GOOD,
         "010203040506070811121314151617182e20250800000007000000702b000054"
         "000102030405060708090a0b0c0d0e0f4ffaf6be237c07860bd7e361152d6b55"
         "5564cad79709c3f0ad140ae0731c0dc231b8b8876d50760296b2cc1aee2ff25f"
         "a62a36b960e0dbdde5f633b480e4605d"},
        {CBC_SUITE, IKE_OPEN_PADDING,
         "010203040506070811121314151617182e20250800000007000000502b000034"
         "000102030405060708090a0b0c0d0e0f148b57bc2aeb3012ecd52b54e411332e"
         "8aed05ada4e820c35b27a3d9eaedee6c"},
        {GCM_SUITE, IKE_OPEN_GOOD,
         "010203040506070811121314151617182e20250800000007000000472b00002b"
         "00010203040506077f42ae9eaed57bf58be84bcf7c71a99b8d93cc244f72eb89"
         "27bed3107413ab"},
        {GCM_SUITE, IKE_OPEN_PADDING,
         "010203040506070811121314151617182e20250800000007000000442b000028"
         "00010203040506077f42ae9eaed57bf58be84bde9df88db9434c6e51d3b0361a"
         "bfd29b2c"},
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(IkeProtector) p = protector(rows[i].suite, true);
        g_autoptr(GBytes) message = hex_bytes(rows[i].hex);
        g_autoptr(GBytes) plain = NULL;
        uint8_t first = 0;

        ck_assert_int_eq(open_bytes(p, g_bytes_get_data(message, NULL),
                                    g_bytes_get_size(message), &plain, &first),
                         rows[i].result);
        if (rows[i].result != IKE_OPEN_GOOD)
            continue;
        ck_assert_uint_eq(first, IKE_PAYLOAD_VENDOR);
        ck_assert_uint_eq(g_bytes_get_size(plain), 9);
        ck_assert_mem_eq(g_bytes_get_data(plain, NULL), "\0\0\0\x09hello", 9);
    }
}
END_TEST

/* RFC 5282 3.1: an IV never comes twice. */
START_TEST(gcm_counts)
{
    g_autoptr(IkeProtector) p = protector(GCM_SUITE, true);
    g_autoptr(GBytes) one = seal(p, 10), two = seal(p, 10);
    const uint8_t *a = g_bytes_get_data(one, NULL);
    const uint8_t *b = g_bytes_get_data(two, NULL);

    ck_assert(memcmp(a + 32, b + 32, 8) != 0);
}
END_TEST

START_TEST(too_long)
{
    g_autoptr(IkeProtector) p = protector((unsigned)_i, true);
    g_autoptr(HsRng) rng = hs_rng_new(1, "test", "iv");
    g_auto(IkeBuilder) b = {0};

    fill(&b, 65500);
    ck_assert_ptr_null(ike_seal(p, &b, &header, rng));
    fill(&b, 65536);
    ck_assert_ptr_null(ike_seal(p, &b, &header, rng));
    fill(&b, 65536);
    ck_assert_ptr_null(ike_seal_fragments(p, &b, &header, rng, 1280));
    fill(&b, 65500);
    ck_assert_ptr_null(ike_seal_fragments(p, &b, &header, rng, 70000));
    fill(&b, 1000);
    ck_assert_ptr_null(ike_seal_fragments(p, &b, &header, rng, 40));
    fill(&b, 1000);
    ck_assert_ptr_null(ike_seal_fragments(p, &b, &header, rng, 68));
    fill(&b, 60000); /* more than IKE_FRAGMENTS_MAX of them */
    ck_assert_ptr_null(ike_seal_fragments(p, &b, &header, rng, 300));
}
END_TEST

/* Fragments */

static GPtrArray *
fragments_of(unsigned suite, uint32_t id, size_t length, size_t max)
{
    g_autoptr(IkeProtector) p = protector(suite, true);
    g_autoptr(HsRng) rng = hs_rng_new(1, "test", "iv");
    g_auto(IkeBuilder) b = {0};
    IkeHeader h = header;
    GPtrArray *all;

    h.id = id;
    fill(&b, length);
    all = ike_seal_fragments(p, &b, &h, rng, max);
    ck_assert_ptr_nonnull(all);
    for (guint i = 0; i < all->len; i++)
        ck_assert_uint_le(g_bytes_get_size(g_ptr_array_index(all, i)), max);
    return all;
}

static IkeReassemblyResult
add(IkeReassembly *r, IkeProtector *p, GBytes *bytes, GBytes **ret_plain,
    uint8_t *ret_first, IkeOpen *ret_why)
{
    IkeMessage message;

    ck_assert_int_eq(ike_message_parse(g_bytes_get_data(bytes, NULL),
                                       g_bytes_get_size(bytes), &message),
                     IKE_FAULT_NONE);
    return ike_reassembly_add(r, p, &message, ret_plain, ret_first, ret_why);
}

START_TEST(small_enough_stays_whole)
{
    g_autoptr(IkeProtector) p = protector((unsigned)_i, true);
    size_t whole = ike_sealed_length(p, 104);
    g_autoptr(GPtrArray) one = fragments_of((unsigned)_i, 7, 100, whole);
    g_autoptr(GPtrArray) two = fragments_of((unsigned)_i, 7, 100, whole - 1);
    const uint8_t *data = g_bytes_get_data(g_ptr_array_index(one, 0), NULL);

    ck_assert_uint_eq(one->len, 1);
    ck_assert_uint_eq(data[16], IKE_PAYLOAD_SK);
    ck_assert_uint_eq(two->len, 2);
    data = g_bytes_get_data(g_ptr_array_index(two, 0), NULL);
    ck_assert_uint_eq(data[16], IKE_PAYLOAD_SKF);
    ck_assert_uint_eq(data[28], IKE_PAYLOAD_VENDOR);
    data = g_bytes_get_data(g_ptr_array_index(two, 1), NULL);
    ck_assert_uint_eq(data[28], IKE_PAYLOAD_NONE); /* RFC 7383 2.5 */
}
END_TEST

/* Forwards, backwards, and each one twice. */
START_TEST(any_order)
{
    g_autoptr(IkeProtector) p = protector((unsigned)_i, true);
    g_autoptr(GPtrArray) all = fragments_of((unsigned)_i, 7, 900, 200);
    guint count = all->len;

    for (unsigned order = 0; order < 3; order++) {
        g_auto(IkeReassembly) r = {0};
        g_autoptr(GBytes) plain = NULL;
        uint8_t first = 0;
        IkeOpen why;

        ike_reassembly_init(&r);
        for (guint i = 0; i < count; i++) {
            guint at = order == 1 ? count - 1 - i : i;
            GBytes *bytes = g_ptr_array_index(all, at);
            IkeReassemblyResult result =
                add(&r, p, bytes, &plain, &first, &why);

            ck_assert_int_eq(result, i + 1 < count ? IKE_REASSEMBLY_MORE
                                                   : IKE_REASSEMBLY_DONE);
            if (order == 2 && i + 1 < count) {
                ck_assert_int_eq(add(&r, p, bytes, &plain, &first, &why),
                                 IKE_REASSEMBLY_DROPPED);
                ck_assert_int_eq(why, IKE_OPEN_REPEATED);
            }
        }
        check_plain(plain, first, 900);
        ck_assert(!r.request.active);
    }
}
END_TEST

START_TEST(a_forged_fragment_changes_nothing)
{
    g_autoptr(IkeProtector) p = protector(GCM_SUITE, true);
    g_autoptr(GPtrArray) all = fragments_of(GCM_SUITE, 7, 300, 200);
    GBytes *second = g_ptr_array_index(all, 1);
    g_autofree uint8_t *copy =
        g_memdup2(g_bytes_get_data(second, NULL), g_bytes_get_size(second));
    g_autoptr(GBytes) forged = NULL, plain = NULL;
    g_auto(IkeReassembly) r = {0};
    uint8_t first = 0;
    IkeOpen why;

    ck_assert_uint_eq(all->len, 3);
    copy[g_bytes_get_size(second) - 1] ^= 1;
    copy[34] = 0; /* of as many as 255: higher than what is known */
    copy[35] = 100;
    forged = g_bytes_new(copy, g_bytes_get_size(second));
    ike_reassembly_init(&r);
    ck_assert_int_eq(
        add(&r, p, g_ptr_array_index(all, 0), &plain, &first, &why),
        IKE_REASSEMBLY_MORE);
    ck_assert_int_eq(add(&r, p, forged, &plain, &first, &why),
                     IKE_REASSEMBLY_DROPPED);
    ck_assert_int_eq(why, IKE_OPEN_INTEGRITY);
    ck_assert_uint_eq(r.request.total, 3);
    ck_assert_uint_eq(r.request.have, 1);
}
END_TEST

/* RFC 7383 2.6: the sender begins anew with smaller ones; what is left of the
 * larger ones is dropped. */
START_TEST(smaller_fragments_take_over)
{
    g_autoptr(IkeProtector) p = protector(CBC_SUITE, true);
    g_autoptr(GPtrArray) large = fragments_of(CBC_SUITE, 7, 500, 300);
    g_autoptr(GPtrArray) small = fragments_of(CBC_SUITE, 7, 500, 200);
    g_autoptr(GBytes) plain = NULL;
    g_auto(IkeReassembly) r = {0};
    uint8_t first = 0;
    IkeOpen why;

    ck_assert_uint_lt(large->len, small->len);
    ike_reassembly_init(&r);
    ck_assert_int_eq(
        add(&r, p, g_ptr_array_index(large, 0), &plain, &first, &why),
        IKE_REASSEMBLY_MORE);
    ck_assert_int_eq(
        add(&r, p, g_ptr_array_index(small, 1), &plain, &first, &why),
        IKE_REASSEMBLY_MORE);
    ck_assert_uint_eq(r.request.total, small->len);
    ck_assert_uint_eq(r.request.have, 1);
    ck_assert_int_eq(
        add(&r, p, g_ptr_array_index(large, 1), &plain, &first, &why),
        IKE_REASSEMBLY_DROPPED);
    ck_assert_int_eq(why, IKE_OPEN_FEWER);
    for (guint i = 0; i < small->len; i++)
        if (i != 1)
            add(&r, p, g_ptr_array_index(small, i), &plain, &first, &why);
    check_plain(plain, first, 500);
}
END_TEST

START_TEST(another_message_takes_over)
{
    g_autoptr(IkeProtector) p = protector(CBC_SUITE, true);
    g_autoptr(GPtrArray) old = fragments_of(CBC_SUITE, 7, 500, 300);
    g_autoptr(GPtrArray) new = fragments_of(CBC_SUITE, 8, 500, 300);
    g_autoptr(GBytes) plain = NULL;
    g_auto(IkeReassembly) r = {0};
    uint8_t first = 0;
    IkeOpen why;

    ike_reassembly_init(&r);
    add(&r, p, g_ptr_array_index(old, 0), &plain, &first, &why);
    for (guint i = 0; i < new->len; i++)
        add(&r, p, g_ptr_array_index(new, i), &plain, &first, &why);
    check_plain(plain, first, 500);
}
END_TEST

/* Two exchanges, one each way, in pieces at the same time. */
START_TEST(a_request_and_a_response_at_once)
{
    g_autoptr(IkeProtector) p = protector(CBC_SUITE, true);
    g_autoptr(HsRng) rng = hs_rng_new(1, "test", "iv");
    g_autoptr(GPtrArray) request = fragments_of(CBC_SUITE, 7, 500, 300);
    g_autoptr(GPtrArray) response = NULL;
    g_autoptr(GBytes) plain = NULL, other = NULL;
    g_auto(IkeReassembly) r = {0};
    g_auto(IkeBuilder) b = {0};
    IkeHeader h = header;
    uint8_t first = 0;
    IkeOpen why;

    h.response = true;
    fill(&b, 400);
    response = ike_seal_fragments(p, &b, &h, rng, 300);
    ck_assert_uint_eq(request->len, 3);
    ck_assert_uint_eq(response->len, 2);
    ike_reassembly_init(&r);
    add(&r, p, g_ptr_array_index(request, 0), &plain, &first, &why);
    add(&r, p, g_ptr_array_index(response, 1), &other, &first, &why);
    add(&r, p, g_ptr_array_index(request, 1), &plain, &first, &why);
    ck_assert_int_eq(
        add(&r, p, g_ptr_array_index(response, 0), &other, &first, &why),
        IKE_REASSEMBLY_DONE);
    check_plain(other, first, 400);
    ck_assert_int_eq(
        add(&r, p, g_ptr_array_index(request, 2), &plain, &first, &why),
        IKE_REASSEMBLY_DONE);
    check_plain(plain, first, 500);
}
END_TEST

START_TEST(numbers_that_are_not_believed)
{
    g_autoptr(IkeProtector) p = protector(GCM_SUITE, true);
    g_autoptr(GPtrArray) all = fragments_of(GCM_SUITE, 7, 300, 200);
    static const struct {
        uint8_t number[2], total[2];
        IkeOpen why;
    } rows[] = {
        {{0, 0}, {0, 3}, IKE_OPEN_NUMBER},
        {{0, 4}, {0, 3}, IKE_OPEN_NUMBER},
        {{0, 1}, {0, 129}, IKE_OPEN_TOO_MANY},
        {{0, 1}, {255, 255}, IKE_OPEN_TOO_MANY},
        {{0, 2}, {0, 3}, IKE_OPEN_NUMBER}, /* says what is inside */
        {{0, 1}, {0, 4}, IKE_OPEN_INTEGRITY},
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        GBytes *bytes = g_ptr_array_index(all, 0);
        g_autofree uint8_t *copy =
            g_memdup2(g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes));
        g_autoptr(GBytes) forged = NULL;
        g_auto(IkeReassembly) r = {0};
        GBytes *plain = NULL;
        uint8_t first;
        IkeOpen why;

        memcpy(copy + 32, rows[i].number, 2);
        memcpy(copy + 34, rows[i].total, 2);
        forged = g_bytes_new(copy, g_bytes_get_size(bytes));
        ike_reassembly_init(&r);
        ck_assert_int_eq(add(&r, p, forged, &plain, &first, &why),
                         IKE_REASSEMBLY_DROPPED);
        ck_assert_msg(why == rows[i].why, "row %u: %s", i, ike_open_name(why));
        ck_assert(!r.request.active);
    }
}
END_TEST

/* An authentic peer that sends fragments of 64 KB each. */
START_TEST(more_than_a_message)
{
    g_autoptr(IkeProtector) p = protector(GCM_SUITE, true);
    g_autoptr(HsRng) rng = hs_rng_new(1, "test", "iv");
    g_auto(IkeReassembly) r = {0};
    GBytes *plain = NULL;
    IkeReassemblyResult result = IKE_REASSEMBLY_MORE;
    uint8_t first;
    IkeOpen why;
    g_autoptr(GPtrArray) one = NULL, two = NULL;
    g_auto(IkeBuilder) b = {0};

    fill(&b, 65000);
    one = ike_seal_fragments(p, &b, &header, rng, 60000);
    fill(&b, 65000);
    ike_builder_open(&b, IKE_PAYLOAD_VENDOR);
    hs_writer_zeros(&b.writer, 50000);
    ike_builder_close(&b);
    two = ike_seal_fragments(p, &b, &header, rng, 60000);
    ck_assert_uint_eq(one->len, 2);
    ck_assert_uint_eq(two->len, 2);
    ike_reassembly_init(&r);
    result = add(&r, p, g_ptr_array_index(one, 0), &plain, &first, &why);
    ck_assert_int_eq(result, IKE_REASSEMBLY_MORE);
    result = add(&r, p, g_ptr_array_index(two, 1), &plain, &first, &why);
    ck_assert_int_eq(result, IKE_REASSEMBLY_DROPPED);
    ck_assert_int_eq(why, IKE_OPEN_TOO_MANY);
    ck_assert(!r.request.active);
}
END_TEST

START_TEST(names)
{
    ck_assert_str_eq(ike_open_name(IKE_OPEN_INTEGRITY),
                     "integrity check failed");
    ike_protector_free(NULL);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("ikev2 protection");
    TCase *tcase = tcase_create("protect");
    int count = G_N_ELEMENTS(suites);

    tcase_add_loop_test(tcase, sealed_opens, 0, count);
    tcase_add_loop_test(tcase, nothing_inside, 0, count);
    tcase_add_loop_test(tcase, every_octet_is_covered, 0, count);
    tcase_add_loop_test(tcase, the_other_direction_has_other_keys, 0, count);
    tcase_add_loop_test(tcase, truncations, 0, count);
    tcase_add_test(tcase, no_encrypted_payload);
    tcase_add_test(tcase, of_openssl);
    tcase_add_test(tcase, gcm_counts);
    tcase_add_loop_test(tcase, too_long, 0, count);
    tcase_add_loop_test(tcase, small_enough_stays_whole, 0, count);
    tcase_add_loop_test(tcase, any_order, 0, count);
    tcase_add_test(tcase, a_forged_fragment_changes_nothing);
    tcase_add_test(tcase, smaller_fragments_take_over);
    tcase_add_test(tcase, another_message_takes_over);
    tcase_add_test(tcase, a_request_and_a_response_at_once);
    tcase_add_test(tcase, numbers_that_are_not_believed);
    tcase_add_test(tcase, more_than_a_message);
    tcase_add_test(tcase, names);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
