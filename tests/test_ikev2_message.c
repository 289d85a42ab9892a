/* The frame of a message: header, chain of payloads, and the builder. The good
 * message is the first one of a strongSwan (tests/vectors/ike-charon.ini); the
 * bad ones are written out. */

#include "config.h"

#include "models/ikev2/message.h"
#include "models/ikev2/payload.h"
#include "tests/harness/hex.h"
#include "tests/harness/run.h"
#include "tests/harness/vectors.h"

#include <string.h>

static GByteArray *
first_message(void)
{
    GKeyFile *file = vectors_open("ike-charon.ini");
    GByteArray *m = vectors_bytes(file, "cbc256-sha256-modp2048", "m1");

    g_key_file_free(file);
    return m;
}

START_TEST(header_of_strongswan)
{
    g_autoptr(GByteArray) m = first_message();
    IkeHeader h;

    ck_assert_int_eq(ike_header_parse(m->data, m->len, &h), IKE_FAULT_NONE);
    ck_assert_uint_ne(h.spi_i, 0);
    ck_assert_uint_eq(h.spi_r, 0);
    ck_assert_uint_eq(h.next, IKE_PAYLOAD_SA);
    ck_assert_uint_eq(h.major, 2);
    ck_assert_uint_eq(h.minor, 0);
    ck_assert_uint_eq(h.exchange, IKE_EXCHANGE_SA_INIT);
    ck_assert(h.initiator && !h.response && !h.higher);
    ck_assert_uint_eq(h.id, 0);
    ck_assert_uint_eq(h.length, m->len);
}
END_TEST

START_TEST(payloads_of_strongswan)
{
    static const uint8_t types[] = {IKE_PAYLOAD_SA,     IKE_PAYLOAD_KE,
                                    IKE_PAYLOAD_NONCE,  IKE_PAYLOAD_NOTIFY,
                                    IKE_PAYLOAD_NOTIFY, IKE_PAYLOAD_NOTIFY,
                                    IKE_PAYLOAD_NOTIFY, IKE_PAYLOAD_NOTIFY};
    g_autoptr(GByteArray) m = first_message();
    IkeMessage message;
    size_t end = 0, from = 0;

    ck_assert_int_eq(ike_message_parse(m->data, m->len, &message),
                     IKE_FAULT_NONE);
    ck_assert_uint_eq(message.chain.count, G_N_ELEMENTS(types));
    for (size_t i = 0; i < message.chain.count; i++) {
        const IkePayload *p = &message.chain.payloads[i];

        ck_assert_uint_eq(p->type, types[i]);
        ck_assert(!p->critical);
        ck_assert_uint_eq(p->offset, end);
        ck_assert_ptr_eq(p->body, m->data + IKE_HEADER_LENGTH + end + 4);
        end += IKE_PAYLOAD_HEADER + p->length;
    }
    ck_assert_uint_eq(IKE_HEADER_LENGTH + end, m->len);

    ck_assert_ptr_eq(ike_chain_find(&message.chain, IKE_PAYLOAD_NOTIFY, &from),
                     &message.chain.payloads[3]);
    ck_assert_ptr_eq(ike_chain_find(&message.chain, IKE_PAYLOAD_NOTIFY, &from),
                     &message.chain.payloads[4]);
    ck_assert_ptr_null(ike_chain_find(&message.chain, IKE_PAYLOAD_KE, &from));
    ck_assert_ptr_nonnull(ike_chain_find(&message.chain, IKE_PAYLOAD_KE, NULL));
}
END_TEST

/* As it is, its length field tells; with the field put right, the chain. */
START_TEST(every_truncation_is_refused)
{
    g_autoptr(GByteArray) m = first_message();
    IkeMessage message;
    IkeFault fault;

    for (guint cut = 0; cut < m->len; cut++) {
        g_autofree uint8_t *copy = g_memdup2(m->data, cut);

        fault = ike_message_parse(copy, cut, &message);
        ck_assert_int_eq(fault, cut < IKE_HEADER_LENGTH ? IKE_FAULT_SHORT
                                                        : IKE_FAULT_LENGTH);
        if (cut < IKE_HEADER_LENGTH)
            continue;
        copy[24] = copy[25] = 0;
        copy[26] = (uint8_t)(cut >> 8);
        copy[27] = (uint8_t)(cut & 0xff);
        ck_assert_int_eq(ike_message_parse(copy, cut, &message),
                         IKE_FAULT_PAYLOAD_LENGTH);
    }
}
END_TEST

#define SPIS "0102030405060708 0000000000000000 "

typedef struct {
    const char *name;
    const char *hex;
    IkeFault fault;
} Row;

static const Row rows[] = {
    {"empty chain", SPIS "00 20 25 08 00000000 0000001c", IKE_FAULT_NONE},
    {"one V", SPIS "2b 20 25 08 00000000 00000022 00 00 0006 abcd",
     IKE_FAULT_NONE},
    {"minor version 9", SPIS "00 29 25 08 00000000 0000001c", IKE_FAULT_NONE},
    {"reserved flags", SPIS "00 20 25 cf 00000000 0000001c", IKE_FAULT_NONE},
    {"reserved bits of a payload",
     SPIS "2b 20 25 08 00000000 00000020 00 7f 0004", IKE_FAULT_NONE},
    {"critical but known", SPIS "2b 20 25 08 00000000 00000020 00 80 0004",
     IKE_FAULT_NONE},
    {"unknown, not critical", SPIS "c8 20 25 08 00000000 00000020 00 00 0004",
     IKE_FAULT_NONE},
    {"version 3", SPIS "00 30 25 08 00000000 0000001c",
     IKE_FAULT_MAJOR_VERSION},
    {"version 15.15, another length", SPIS "00 ff 25 08 00000000 ffffffff",
     IKE_FAULT_MAJOR_VERSION},
    {"IKEv1", SPIS "01 10 02 00 00000000 0000001c", IKE_FAULT_OLD_VERSION},
    {"no SPI of the initiator",
     "0000000000000000 0102030405060708 00 20 25 08 00000000 0000001c",
     IKE_FAULT_ZERO_SPI},
    {"longer than it says", SPIS "00 20 25 08 00000000 0000001c 00",
     IKE_FAULT_LENGTH},
    {"exchange 33", SPIS "00 20 21 08 00000000 0000001c", IKE_FAULT_EXCHANGE},
    {"exchange 38", SPIS "00 20 26 08 00000000 0000001c", IKE_FAULT_EXCHANGE},
    {"payload of length 3", SPIS "2b 20 25 08 00000000 00000020 00 00 0003",
     IKE_FAULT_PAYLOAD_LENGTH},
    {"payload of length 0", SPIS "2b 20 25 08 00000000 00000020 00 00 0000",
     IKE_FAULT_PAYLOAD_LENGTH},
    {"payload past the end", SPIS "2b 20 25 08 00000000 00000020 00 00 0005",
     IKE_FAULT_PAYLOAD_LENGTH},
    {"next payload is not there",
     SPIS "2b 20 25 08 00000000 00000020 2b 00 0004", IKE_FAULT_PAYLOAD_LENGTH},
    {"octets behind the last",
     SPIS "2b 20 25 08 00000000 00000021 00 00 0004 "
          "00",
     IKE_FAULT_TRAILING},
    {"octets and no payload", SPIS "00 20 25 08 00000000 0000001d 00",
     IKE_FAULT_TRAILING},
    {"unknown and critical", SPIS "c8 20 25 08 00000000 00000020 00 80 0004",
     IKE_FAULT_CRITICAL},
    {"unknown and critical, then broken",
     SPIS "c8 20 25 08 00000000 00000024 2b 80 0004 00 00 0003",
     IKE_FAULT_PAYLOAD_LENGTH},
    {"V behind SK", SPIS "2e 20 25 08 00000000 00000024 2b 00 0004 00 00 0004",
     IKE_FAULT_SK_NOT_LAST},
    {"V behind SKF", SPIS "35 20 25 08 00000000 00000024 2b 00 0004 00 00 0004",
     IKE_FAULT_SK_NOT_LAST},
};

START_TEST(rule)
{
    const Row *row = &rows[_i];
    g_autoptr(GBytes) bytes = hex_bytes(row->hex);
    gsize length;
    const uint8_t *data = g_bytes_get_data(bytes, &length);
    IkeMessage message;
    IkeFault fault = ike_message_parse(data, length, &message);

    ck_assert_msg(fault == row->fault, "%s: %s", row->name,
                  ike_fault_name(fault));
}
END_TEST

/* What an answer to a broken message needs is there (2.5, 2.21). */
START_TEST(header_survives_a_fault)
{
    g_autoptr(GBytes) v3 = hex_bytes(SPIS "00 31 25 08 00000007 0000001c");
    g_autoptr(GBytes) critical =
        hex_bytes(SPIS "c8 20 25 08 00000009 00000024 c9 80 0004 00 80 0004");
    IkeMessage message;

    ck_assert_int_eq(ike_message_parse(g_bytes_get_data(v3, NULL),
                                       g_bytes_get_size(v3), &message),
                     IKE_FAULT_MAJOR_VERSION);
    ck_assert_uint_eq(message.header.major, 3);
    ck_assert_uint_eq(message.header.minor, 1);
    ck_assert_uint_eq(message.header.id, 7);
    ck_assert_uint_eq(message.header.spi_i, 0x0102030405060708);
    ck_assert_uint_eq(message.chain.count, 0);

    ck_assert_int_eq(ike_message_parse(g_bytes_get_data(critical, NULL),
                                       g_bytes_get_size(critical), &message),
                     IKE_FAULT_CRITICAL);
    ck_assert_uint_eq(message.header.id, 9);
    ck_assert_uint_eq(message.chain.unsupported, 200); /* the first of two */
    ck_assert_uint_eq(message.chain.count, 2);
}
END_TEST

START_TEST(encrypted_ends_the_chain)
{
    g_autoptr(GBytes) bytes = hex_bytes(
        SPIS "2b 20 25 08 00000000 00000026 2e 00 0004 27 00 0006 abcd");
    IkeMessage message;
    const IkePayload *sk;

    ck_assert_int_eq(ike_message_parse(g_bytes_get_data(bytes, NULL),
                                       g_bytes_get_size(bytes), &message),
                     IKE_FAULT_NONE);
    ck_assert_uint_eq(message.chain.count, 2);
    sk = ike_chain_find(&message.chain, IKE_PAYLOAD_SK, NULL);
    ck_assert_uint_eq(sk->inner_next, IKE_PAYLOAD_AUTH);
    ck_assert_uint_eq(sk->length, 2);
}
END_TEST

START_TEST(no_encrypted_inside_another)
{
    static const uint8_t sk[] = {0, 0, 0, 4};
    IkeChain chain;

    ck_assert_int_eq(
        ike_chain_parse(sk, sizeof sk, IKE_PAYLOAD_SK, true, &chain),
        IKE_FAULT_NESTED_SK);
    ck_assert_int_eq(
        ike_chain_parse(sk, sizeof sk, IKE_PAYLOAD_SKF, true, &chain),
        IKE_FAULT_NESTED_SK);
    ck_assert_int_eq(
        ike_chain_parse(sk, sizeof sk, IKE_PAYLOAD_SK, false, &chain),
        IKE_FAULT_NONE);
    ck_assert_int_eq(ike_chain_parse(NULL, 0, IKE_PAYLOAD_NONE, true, &chain),
                     IKE_FAULT_NONE);
    ck_assert_uint_eq(chain.count, 0);
}
END_TEST

START_TEST(too_many_payloads)
{
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    static const uint8_t more[] = {IKE_PAYLOAD_VENDOR, 0, 0, 4};
    static const uint8_t last[] = {IKE_PAYLOAD_NONE, 0, 0, 4};
    IkeChain chain;

    for (unsigned i = 0; i < IKE_PAYLOADS_MAX - 1; i++)
        g_byte_array_append(bytes, more, sizeof more);
    g_byte_array_append(bytes, last, sizeof last);
    ck_assert_int_eq(ike_chain_parse(bytes->data, bytes->len,
                                     IKE_PAYLOAD_VENDOR, false, &chain),
                     IKE_FAULT_NONE);
    ck_assert_uint_eq(chain.count, IKE_PAYLOADS_MAX);
    g_byte_array_prepend(bytes, more, sizeof more);
    ck_assert_int_eq(ike_chain_parse(bytes->data, bytes->len,
                                     IKE_PAYLOAD_VENDOR, false, &chain),
                     IKE_FAULT_TOO_MANY);
}
END_TEST

START_TEST(building)
{
    static const IkeHeader header = {.spi_i = 0x0102030405060708,
                                     .exchange = IKE_EXCHANGE_SA_INIT,
                                     .higher = true,
                                     .response = true,
                                     .id = 0x01020304};
    g_autoptr(GBytes) expected =
        hex_bytes(SPIS "28 20 22 30 01020304 00000036"
                       "2b 00 0014 000102030405060708090a0b0c0d0e0f"
                       "00 00 0006 abcd");
    static const uint8_t nonce[16] = {0, 1, 2,  3,  4,  5,  6,  7,
                                      8, 9, 10, 11, 12, 13, 14, 15};
    static const uint8_t vendor[] = {0xab, 0xcd};
    g_auto(IkeBuilder) b = {0};
    g_autoptr(GBytes) message = NULL;

    ike_builder_init(&b);
    ike_nonce_encode(&b, nonce, sizeof nonce);
    ike_builder_add(&b, IKE_PAYLOAD_VENDOR, vendor, sizeof vendor);
    message = ike_builder_message(&b, &header);
    ck_assert(g_bytes_equal(message, expected));
}
END_TEST

START_TEST(building_nothing)
{
    static const IkeHeader header = {
        .spi_i = 0x0102030405060708, .exchange = 37, .initiator = true};
    g_autoptr(GBytes) expected =
        hex_bytes(SPIS "00 20 25 08 00000000 0000001c");
    g_auto(IkeBuilder) b = {0};
    g_autoptr(GBytes) message = NULL;

    ike_builder_init(&b);
    message = ike_builder_message(&b, &header);
    ck_assert(g_bytes_equal(message, expected));
}
END_TEST

/* A payload, or a message, above 65535 octets cannot be. */
START_TEST(building_too_much)
{
    static const IkeHeader header = {.spi_i = 1};
    g_autofree uint8_t *much = g_malloc0(65536);
    g_auto(IkeBuilder) b = {0};

    ike_builder_init(&b);
    ike_builder_add(&b, IKE_PAYLOAD_VENDOR, much, 65532);
    ck_assert_ptr_null(ike_builder_message(&b, &header));
    ike_builder_init(&b);
    ike_builder_add(&b, IKE_PAYLOAD_VENDOR, much, 65530 - 28);
    ike_builder_add(&b, IKE_PAYLOAD_VENDOR, much, 10);
    ck_assert_ptr_null(ike_builder_message(&b, &header));
}
END_TEST

START_TEST(names)
{
    ck_assert_str_eq(ike_exchange_name(34), "IKE_SA_INIT");
    ck_assert_str_eq(ike_exchange_name(99), "unknown");
    ck_assert_str_eq(ike_payload_name(41), "N");
    ck_assert_str_eq(ike_payload_name(53), "SKF");
    ck_assert_str_eq(ike_payload_name(200), "unknown");
    ck_assert_str_eq(ike_protocol_name(3), "ESP");
    ck_assert_str_eq(ike_transform_type_name(4), "D-H");
    ck_assert_str_eq(ike_id_type_name(2), "ID_FQDN");
    ck_assert_str_eq(ike_cert_encoding_name(4),
                     "X.509 Certificate - Signature");
    ck_assert_str_eq(ike_auth_method_name(14), "Digital Signature");
    ck_assert_str_eq(ike_notify_name(16390), "COOKIE");
    ck_assert_str_eq(ike_notify_name(8192), "unknown");
    ck_assert_str_eq(ike_ts_type_name(7), "TS_IPV4_ADDR_RANGE");
    ck_assert_str_eq(ike_cp_type_name(1), "CFG_REQUEST");
    ck_assert_str_eq(ike_hash_name(2), "SHA2-256");
    ck_assert_str_eq(ike_transform_name(1, 12), "ENCR_AES_CBC");
    ck_assert_str_eq(ike_transform_name(2, 5), "PRF_HMAC_SHA2_256");
    ck_assert_str_eq(ike_transform_name(3, 12), "AUTH_HMAC_SHA2_256_128");
    ck_assert_str_eq(ike_transform_name(4, 14), "modp2048");
    ck_assert_str_eq(ike_transform_name(4, 0), "NONE");
    ck_assert_str_eq(ike_transform_name(4, 1), "modp768");
    ck_assert_str_eq(ike_transform_name(5, 1), "ESN");
    ck_assert_str_eq(ike_transform_name(99, 1), "unknown");
    ck_assert_str_eq(ike_fault_name(IKE_FAULT_CRITICAL),
                     "unknown payload marked critical");
}
END_TEST

/* How many numbers a list gives a name to: the RFC's count. */
#define COUNT(function, type, limit)                                           \
    ({                                                                         \
        unsigned n = 0;                                                        \
        for (unsigned i = 0; i <= (limit); i++)                                \
            n += strcmp(function((type)i), "unknown") != 0;                    \
        n;                                                                     \
    })

static const char *
encr_name(uint16_t id)
{
    return ike_transform_name(IKE_TRANSFORM_ENCR, id);
}

static const char *
prf_name(uint16_t id)
{
    return ike_transform_name(IKE_TRANSFORM_PRF, id);
}

static const char *
integ_name(uint16_t id)
{
    return ike_transform_name(IKE_TRANSFORM_INTEG, id);
}

static const char *
esn_name(uint16_t id)
{
    return ike_transform_name(IKE_TRANSFORM_ESN, id);
}

static const char *
group_name(uint16_t id)
{
    return ike_transform_name(IKE_TRANSFORM_DH, id);
}

START_TEST(how_many_names)
{
    ck_assert_uint_eq(COUNT(ike_exchange_name, uint8_t, 255), 4);
    ck_assert_uint_eq(COUNT(ike_payload_name, uint8_t, 255), 18);
    ck_assert_uint_eq(COUNT(ike_protocol_name, uint8_t, 255), 4);
    ck_assert_uint_eq(COUNT(ike_transform_type_name, uint8_t, 255), 12);
    ck_assert_uint_eq(COUNT(ike_id_type_name, uint8_t, 255), 7);
    ck_assert_uint_eq(COUNT(ike_cert_encoding_name, uint8_t, 255), 12);
    ck_assert_uint_eq(COUNT(ike_auth_method_name, uint8_t, 255), 8);
    ck_assert_uint_eq(COUNT(ike_notify_name, uint16_t, 65535), 83);
    ck_assert_uint_eq(COUNT(ike_ts_type_name, uint8_t, 255), 2);
    ck_assert_uint_eq(COUNT(ike_cp_type_name, uint8_t, 255), 4);
    ck_assert_uint_eq(COUNT(ike_hash_name, uint16_t, 65535), 5);
    ck_assert_uint_eq(COUNT(encr_name, uint16_t, 65535), 13);
    ck_assert_uint_eq(COUNT(prf_name, uint16_t, 65535), 7);
    ck_assert_uint_eq(COUNT(integ_name, uint16_t, 65535), 8);
    ck_assert_uint_eq(COUNT(esn_name, uint16_t, 65535), 2);
    ck_assert_uint_eq(COUNT(group_name, uint16_t, 65535), 26);
    for (unsigned i = 0; i < IKE_FAULT_COUNT; i++)
        ck_assert_ptr_nonnull(ike_fault_name((IkeFault)i));
}
END_TEST

/* 2.5: a payload that RFC 7296 or RFC 7383 defines is never unsupported, any
 * other one is. The same for exchanges. */
START_TEST(what_is_known)
{
    for (unsigned type = 1; type < 256; type++) {
        uint8_t m[32] = {0};
        IkeMessage message;
        IkeFault fault;

        m[7] = 1;
        m[16] = (uint8_t)type;
        m[17] = IKE_VERSION;
        m[18] = IKE_EXCHANGE_INFORMATIONAL;
        m[27] = 32;
        m[29] = IKE_CRITICAL;
        m[31] = 4;
        fault = ike_message_parse(m, sizeof m, &message);
        ck_assert_int_eq(fault, (type >= 33 && type <= 48) || type == 53
                                    ? IKE_FAULT_NONE
                                    : IKE_FAULT_CRITICAL);
        m[16] = IKE_PAYLOAD_VENDOR;
        m[18] = (uint8_t)type;
        fault = ike_message_parse(m, sizeof m, &message);
        ck_assert_int_eq(fault, type >= 34 && type <= 37 ? IKE_FAULT_NONE
                                                         : IKE_FAULT_EXCHANGE);
    }
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("ikev2 message");
    TCase *tcase = tcase_create("message");

    tcase_add_test(tcase, header_of_strongswan);
    tcase_add_test(tcase, payloads_of_strongswan);
    tcase_add_test(tcase, every_truncation_is_refused);
    tcase_add_loop_test(tcase, rule, 0, G_N_ELEMENTS(rows));
    tcase_add_test(tcase, header_survives_a_fault);
    tcase_add_test(tcase, encrypted_ends_the_chain);
    tcase_add_test(tcase, no_encrypted_inside_another);
    tcase_add_test(tcase, too_many_payloads);
    tcase_add_test(tcase, building);
    tcase_add_test(tcase, building_nothing);
    tcase_add_test(tcase, building_too_much);
    tcase_add_test(tcase, names);
    tcase_add_test(tcase, how_many_names);
    tcase_add_test(tcase, what_is_known);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
