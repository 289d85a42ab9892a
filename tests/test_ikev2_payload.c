/* The bodies of the payloads: for each a good one with its fields, each
 * truncation of it, and each rule broken once. All bytes are written out from
 * the drawings of RFC 7296 3. */

#include "config.h"

#include "models/ikev2/payload.h"
#include "models/ikev2/protect.h"
#include "tests/harness/hex.h"
#include "tests/harness/run.h"

#include <string.h>

typedef struct {
    const char *name;
    uint8_t type;
    const char *hex;
    IkeFault fault;
} Row;

#define NAT20   "000102030405060708090a0b0c0d0e0f10111213"
#define NONCE16 "000102030405060708090a0b0c0d0e0f"
#define NONCE64 NONCE16 NONCE16 NONCE16 NONCE16
#define V4      "07 00 0010 0000 ffff 0a000000 0a0000ff"
#define V6                                                                     \
    "08 06 0028 0050 0050 20010db8000000000000000000000000"                    \
    "20010db800000000000000000000ffff"

static const Row rows[] = {
    {"KE", IKE_PAYLOAD_KE, "0013 0000 abcd", IKE_FAULT_NONE},
    {"KE, reserved set", IKE_PAYLOAD_KE, "0013 ffff ab", IKE_FAULT_NONE},
    {"KE without value", IKE_PAYLOAD_KE, "0013 0000", IKE_FAULT_KE_SHORT},
    {"IDi, IPv4", IKE_PAYLOAD_IDI, "01 000000 c0000201", IKE_FAULT_NONE},
    {"IDr, IPv6", IKE_PAYLOAD_IDR, "05 000000" NONCE16, IKE_FAULT_NONE},
    {"IDr, FQDN", IKE_PAYLOAD_IDR, "02 000000 67772e61", IKE_FAULT_NONE},
    {"ID of an unknown type", IKE_PAYLOAD_IDI, "c8 000000 00", IKE_FAULT_NONE},
    {"ID, IPv4 of 5", IKE_PAYLOAD_IDI, "01 000000 c000020100",
     IKE_FAULT_ID_SHORT},
    {"ID, IPv6 of 4", IKE_PAYLOAD_IDI, "05 000000 c0000201",
     IKE_FAULT_ID_SHORT},
    {"ID, FQDN of 0", IKE_PAYLOAD_IDI, "02 000000", IKE_FAULT_ID_SHORT},
    {"CERT", IKE_PAYLOAD_CERT, "04 3082", IKE_FAULT_NONE},
    {"CERT without one", IKE_PAYLOAD_CERT, "04", IKE_FAULT_CERT_SHORT},
    {"CERTREQ, any authority", IKE_PAYLOAD_CERTREQ, "04", IKE_FAULT_NONE},
    {"CERTREQ, empty", IKE_PAYLOAD_CERTREQ, "", IKE_FAULT_CERT_SHORT},
    {"AUTH", IKE_PAYLOAD_AUTH, "02 000000 ab", IKE_FAULT_NONE},
    {"AUTH without data", IKE_PAYLOAD_AUTH, "02 000000", IKE_FAULT_AUTH_SHORT},
    {"nonce of 16", IKE_PAYLOAD_NONCE, NONCE16, IKE_FAULT_NONE},
    {"nonce of 256", IKE_PAYLOAD_NONCE, NONCE64 NONCE64 NONCE64 NONCE64,
     IKE_FAULT_NONE},
    {"nonce of 15", IKE_PAYLOAD_NONCE, "000102030405060708090a0b0c0d0e",
     IKE_FAULT_NONCE_LENGTH},
    {"nonce of 257", IKE_PAYLOAD_NONCE, NONCE64 NONCE64 NONCE64 NONCE64 "00",
     IKE_FAULT_NONCE_LENGTH},
    {"V", IKE_PAYLOAD_VENDOR, "", IKE_FAULT_NONE},
    {"unknown", 200, "ff", IKE_FAULT_NONE},

    {"N", IKE_PAYLOAD_NOTIFY, "00 00 4000", IKE_FAULT_NONE},
    {"N, unknown error", IKE_PAYLOAD_NOTIFY, "00 00 2000 ab", IKE_FAULT_NONE},
    {"N, protocol without SPI", IKE_PAYLOAD_NOTIFY, "07 00 4000",
     IKE_FAULT_NONE},
    {"N, REKEY_SA", IKE_PAYLOAD_NOTIFY, "03 04 4009 01020304", IKE_FAULT_NONE},
    {"N, AH", IKE_PAYLOAD_NOTIFY, "02 04 4009 01020304", IKE_FAULT_NONE},
    {"N, SPI cut", IKE_PAYLOAD_NOTIFY, "03 04 4009 010203",
     IKE_FAULT_NOTIFY_SHORT},
    {"N, REKEY_SA of nothing", IKE_PAYLOAD_NOTIFY, "00 00 4009",
     IKE_FAULT_NOTIFY_SPI},
    {"N, CHILD_SA_NOT_FOUND of nothing", IKE_PAYLOAD_NOTIFY, "00 00 002c",
     IKE_FAULT_NONE}, /* strongSwan */
    {"N, SPI of 8", IKE_PAYLOAD_NOTIFY, "01 08 0007 0102030405060708",
     IKE_FAULT_NOTIFY_SPI},
    {"N, SPI of no protocol", IKE_PAYLOAD_NOTIFY, "00 04 4009 01020304",
     IKE_FAULT_NOTIFY_SPI},
    {"N, SPI of 8 and unknown", IKE_PAYLOAD_NOTIFY,
     "01 08 a000 0102030405060708 ab", IKE_FAULT_NONE},
    {"N, ESP SPI of 3", IKE_PAYLOAD_NOTIFY, "03 03 4009 010203",
     IKE_FAULT_NOTIFY_SPI},
    {"N, UNSUPPORTED_CRITICAL_PAYLOAD", IKE_PAYLOAD_NOTIFY, "00 00 0001 c8",
     IKE_FAULT_NONE},
    {"N, UNSUPPORTED_CRITICAL_PAYLOAD, which?", IKE_PAYLOAD_NOTIFY,
     "00 00 0001", IKE_FAULT_NOTIFY_DATA},
    {"N, INVALID_KE_PAYLOAD", IKE_PAYLOAD_NOTIFY, "00 00 0011 0013",
     IKE_FAULT_NONE},
    {"N, INVALID_KE_PAYLOAD of 1", IKE_PAYLOAD_NOTIFY, "00 00 0011 13",
     IKE_FAULT_NOTIFY_DATA},
    {"N, INVALID_MESSAGE_ID of 3", IKE_PAYLOAD_NOTIFY, "00 00 0009 010203",
     IKE_FAULT_NOTIFY_DATA},
    {"N, SET_WINDOW_SIZE", IKE_PAYLOAD_NOTIFY, "00 00 4001 00000004",
     IKE_FAULT_NONE},
    {"N, ADDITIONAL_IP6_ADDRESS", IKE_PAYLOAD_NOTIFY, "00 00 400e" NONCE16,
     IKE_FAULT_NONE},
    {"N, NAT_DETECTION_SOURCE_IP", IKE_PAYLOAD_NOTIFY, "00 00 4004" NAT20,
     IKE_FAULT_NONE},
    {"N, NAT_DETECTION_SOURCE_IP of 21", IKE_PAYLOAD_NOTIFY,
     "00 00 4004" NAT20 "00", IKE_FAULT_NOTIFY_DATA},
    {"N, NAT_DETECTION_DESTINATION_IP of 0", IKE_PAYLOAD_NOTIFY, "00 00 4005",
     IKE_FAULT_NOTIFY_DATA},
    {"N, COOKIE of 1", IKE_PAYLOAD_NOTIFY, "00 00 4006 01", IKE_FAULT_NONE},
    {"N, COOKIE of 64", IKE_PAYLOAD_NOTIFY, "00 00 4006" NONCE64,
     IKE_FAULT_NONE},
    {"N, COOKIE of 0", IKE_PAYLOAD_NOTIFY, "00 00 4006", IKE_FAULT_NOTIFY_DATA},
    {"N, COOKIE of 65", IKE_PAYLOAD_NOTIFY, "00 00 4006" NONCE64 "00",
     IKE_FAULT_NOTIFY_DATA},
    {"N, INVALID_MESSAGE_ID", IKE_PAYLOAD_NOTIFY, "00 00 0009 01020304",
     IKE_FAULT_NONE},
    {"N, INVALID_SPI of 5", IKE_PAYLOAD_NOTIFY, "00 00 000b 0102030405",
     IKE_FAULT_NOTIFY_DATA},
    {"N, AUTH_LIFETIME of 3", IKE_PAYLOAD_NOTIFY, "00 00 4013 010203",
     IKE_FAULT_NOTIFY_DATA},
    {"N, ADDITIONAL_IP4_ADDRESS of 3", IKE_PAYLOAD_NOTIFY, "00 00 400d 010203",
     IKE_FAULT_NOTIFY_DATA},
    {"N, IPCOMP_SUPPORTED of 2", IKE_PAYLOAD_NOTIFY, "00 00 4003 0000",
     IKE_FAULT_NOTIFY_DATA},
    {"N, half a hash", IKE_PAYLOAD_NOTIFY, "00 00 402f 0002 00",
     IKE_FAULT_NOTIFY_DATA},

    {"D of the IKE SA", IKE_PAYLOAD_DELETE, "01 00 0000", IKE_FAULT_NONE},
    {"D of two", IKE_PAYLOAD_DELETE, "03 04 0002 01020304 05060708",
     IKE_FAULT_NONE},
    {"D of none", IKE_PAYLOAD_DELETE, "03 04 0000", IKE_FAULT_NONE},
    {"D, AH", IKE_PAYLOAD_DELETE, "02 04 0001 01020304", IKE_FAULT_NONE},
    {"D of the IKE SA by SPI", IKE_PAYLOAD_DELETE,
     "01 08 0001 0102030405060708", IKE_FAULT_DELETE_SPI},
    {"D of three IKE SAs", IKE_PAYLOAD_DELETE, "01 00 0003",
     IKE_FAULT_DELETE_SPI},
    {"D of no protocol", IKE_PAYLOAD_DELETE, "00 00 0000",
     IKE_FAULT_DELETE_SPI},
    {"D, SPIs of 8", IKE_PAYLOAD_DELETE, "03 08 0001 0102030405060708",
     IKE_FAULT_DELETE_SPI},
    {"D, one too many", IKE_PAYLOAD_DELETE, "03 04 0001 01020304 05060708",
     IKE_FAULT_DELETE_SHORT},
    {"D, 65535 SPIs and none there", IKE_PAYLOAD_DELETE, "03 04 ffff",
     IKE_FAULT_DELETE_SHORT},

    {"TSi", IKE_PAYLOAD_TSI, "01 000000" V4, IKE_FAULT_NONE},
    {"TSr, two families", IKE_PAYLOAD_TSR, "02 000000" V4 V6, IKE_FAULT_NONE},
    {"TS, unknown type", IKE_PAYLOAD_TSI, "02 000000 09 00 0006 abcd" V4,
     IKE_FAULT_NONE},
    {"TS, opaque ports", IKE_PAYLOAD_TSI,
     "01 000000 07 06 0010 ffff 0000 0a000000 0a0000ff", IKE_FAULT_NONE},
    {"TS, none", IKE_PAYLOAD_TSI, "00 000000", IKE_FAULT_TS_EMPTY},
    {"TS, one more than said", IKE_PAYLOAD_TSI, "01 000000" V4 V4,
     IKE_FAULT_TS_COUNT},
    {"TS, one less than said", IKE_PAYLOAD_TSI, "02 000000" V4,
     IKE_FAULT_TS_COUNT},
    {"TS, length 15", IKE_PAYLOAD_TSI,
     "01 000000 07 00 000f 0000 ffff 0a000000 0a0000ff", IKE_FAULT_TS_LENGTH},
    {"TS, IPv6 as long as IPv4", IKE_PAYLOAD_TSI,
     "01 000000 08 00 0010 0000 ffff 0a000000 0a0000ff", IKE_FAULT_TS_LENGTH},
    {"TS, unknown type of 3", IKE_PAYLOAD_TSI, "01 000000 09 00 0003",
     IKE_FAULT_TS_LENGTH},
    {"TS, unknown type past the end", IKE_PAYLOAD_TSI, "01 000000 09 00 0009",
     IKE_FAULT_TS_LENGTH},
    {"TS, ends before it starts", IKE_PAYLOAD_TSI,
     "01 000000 07 00 0010 0000 ffff 0a0000ff 0a000000", IKE_FAULT_TS_RANGE},
    {"TS, ports the wrong way", IKE_PAYLOAD_TSI,
     "01 000000 07 06 0010 0051 0050 0a000000 0a0000ff", IKE_FAULT_TS_RANGE},

    {"CP", IKE_PAYLOAD_CP, "01 000000 0001 0000 0003 0004 08080808",
     IKE_FAULT_NONE},
    {"CP without attributes", IKE_PAYLOAD_CP, "02 000000", IKE_FAULT_NONE},
    {"CP, attribute past the end", IKE_PAYLOAD_CP, "02 000000 0003 0004 080808",
     IKE_FAULT_CP_LENGTH},
    {"CP, half a header", IKE_PAYLOAD_CP, "02 000000 0003 00",
     IKE_FAULT_CP_LENGTH},

    {"EAP request", IKE_PAYLOAD_EAP, "01 00 0005 01", IKE_FAULT_NONE},
    {"EAP success", IKE_PAYLOAD_EAP, "03 00 0004", IKE_FAULT_NONE},
    {"EAP, longer than it says", IKE_PAYLOAD_EAP, "03 00 0004 00",
     IKE_FAULT_EAP_LENGTH},
    {"EAP response without type", IKE_PAYLOAD_EAP, "02 00 0004",
     IKE_FAULT_EAP_LENGTH},

    {"SKF, first of two", IKE_PAYLOAD_SKF, "0001 0002 ab", IKE_FAULT_NONE},
    {"SKF, number 0", IKE_PAYLOAD_SKF, "0000 0002 ab",
     IKE_FAULT_FRAGMENT_NUMBER},
    {"SKF, third of two", IKE_PAYLOAD_SKF, "0003 0002 ab",
     IKE_FAULT_FRAGMENT_NUMBER},
};

static IkeFault
check(uint8_t type, const uint8_t *data, size_t length)
{
    IkeChain chain = {
        .count = 1,
        .payloads = {{.type = type, .body = data, .length = length}}};

    return ike_chain_check(&chain);
}

START_TEST(rule)
{
    const Row *row = &rows[_i];
    g_autoptr(GBytes) bytes = hex_bytes(row->hex);
    IkeFault fault = check(row->type, g_bytes_get_data(bytes, NULL),
                           g_bytes_get_size(bytes));

    ck_assert_msg(fault == row->fault, "%s: %s", row->name,
                  ike_fault_name(fault));
}
END_TEST

/* The length from which on a prefix of the payload is a payload: what ends in
 * data of any length is whole again there. */
static const struct {
    const char *name;
    uint8_t type;
    const char *hex;
    size_t whole;
} cuts[] = {
    {"KE", IKE_PAYLOAD_KE, "0013 0000 abcd", 5},
    {"ID", IKE_PAYLOAD_IDI, "01 000000 c0000201", 8},
    {"ID, FQDN", IKE_PAYLOAD_IDI, "02 000000 67772e61", 5},
    {"CERT", IKE_PAYLOAD_CERT, "04 3082", 2},
    {"AUTH", IKE_PAYLOAD_AUTH, "02 000000 abcdef", 5},
    {"Nonce", IKE_PAYLOAD_NONCE, NONCE64, 16},
    {"N", IKE_PAYLOAD_NOTIFY, "00 00 4000", 4},
    {"N with SPI and data", IKE_PAYLOAD_NOTIFY, "03 04 4009 01020304 0506", 8},
    {"N, NAT hash", IKE_PAYLOAD_NOTIFY, "00 00 4004" NAT20, 24},
    {"D", IKE_PAYLOAD_DELETE, "03 04 0002 01020304 05060708", 12},
    {"TS", IKE_PAYLOAD_TSR, "02 000000" V4 V6, 60},
    {"CP", IKE_PAYLOAD_CP, "01 000000 0003 0004 08080808", 12},
    {"EAP", IKE_PAYLOAD_EAP, "01 00 0005 01", 5},
    {"SKF", IKE_PAYLOAD_SKF, "0001 0002", 4},
};

START_TEST(truncations)
{
    g_autoptr(GBytes) bytes = hex_bytes(cuts[_i].hex);
    gsize length;
    const uint8_t *data = g_bytes_get_data(bytes, &length);

    for (size_t cut = 0; cut <= length; cut++) {
        g_autofree uint8_t *copy = g_memdup2(data, cut);
        bool good = check(cuts[_i].type, copy, cut) == IKE_FAULT_NONE;
        /* Attributes of CP may end anywhere between two of them. */
        bool whole = cut >= cuts[_i].whole ||
                     (cuts[_i].type == IKE_PAYLOAD_CP && cut == 4);

        ck_assert_msg(good == whole, "%s: cut to %zu", cuts[_i].name, cut);
    }
}
END_TEST

/* Fields, and the encoders' bytes held against hand-written ones */

static IkePayload
payload_of(uint8_t type, GBytes *bytes)
{
    IkePayload payload = {.type = type};

    payload.body = g_bytes_get_data(bytes, &payload.length);
    return payload;
}

/* The only payload that B has must be of TYPE with this body. */
static void
built(IkeBuilder *b, uint8_t type, const char *hex)
{
    g_autoptr(GBytes) expected = hex_bytes(hex);
    IkeChain chain;

    ck_assert_uint_eq(b->first, type);
    ck_assert_int_eq(ike_chain_parse(b->writer.bytes->data,
                                     b->writer.bytes->len, b->first, true,
                                     &chain),
                     IKE_FAULT_NONE);
    ck_assert_uint_eq(chain.count, 1);
    ck_assert_uint_eq(chain.payloads[0].length, g_bytes_get_size(expected));
    ck_assert_mem_eq(chain.payloads[0].body, g_bytes_get_data(expected, NULL),
                     g_bytes_get_size(expected));
}

static void
same(IkeBytes got, const char *hex)
{
    g_autoptr(GBytes) expected = hex_bytes(hex);

    ck_assert_uint_eq(got.length, g_bytes_get_size(expected));
    ck_assert_mem_eq(got.data, g_bytes_get_data(expected, NULL), got.length);
}

START_TEST(key_exchange)
{
    g_autoptr(GBytes) bytes = hex_bytes("0013 0000 abcd");
    IkePayload payload = payload_of(IKE_PAYLOAD_KE, bytes);
    g_auto(IkeBuilder) b = {0};
    IkeKe ke;

    ck_assert_int_eq(ike_ke_decode(&payload, &ke), IKE_FAULT_NONE);
    ck_assert_uint_eq(ke.group, 19);
    same(ke.value, "abcd");
    ike_builder_init(&b);
    ike_ke_encode(&b, ke.group, ke.value.data, ke.value.length);
    built(&b, IKE_PAYLOAD_KE, "0013 0000 abcd");
}
END_TEST

START_TEST(identification)
{
    g_autoptr(GBytes) bytes = hex_bytes("01 ff00ff c0000201");
    g_autoptr(GBytes) body = ike_id_body(IKE_ID_FQDN, "gw.a", 4);
    IkePayload payload = payload_of(IKE_PAYLOAD_IDI, bytes);
    g_auto(IkeBuilder) b = {0};
    IkeId id;

    ck_assert_int_eq(ike_id_decode(&payload, &id), IKE_FAULT_NONE);
    ck_assert_uint_eq(id.type, IKE_ID_IPV4_ADDR);
    same(id.data, "c0000201");
    same(id.whole, "01 ff00ff c0000201"); /* AUTH has the reserved ones too */
    ike_builder_init(&b);
    ike_id_encode(&b, IKE_PAYLOAD_IDR, IKE_ID_FQDN, "gw.a", 4);
    built(&b, IKE_PAYLOAD_IDR, "02 000000 67772e61");
    same((IkeBytes){g_bytes_get_data(body, NULL), g_bytes_get_size(body)},
         "02 000000 67772e61");
}
END_TEST

START_TEST(id_texts)
{
    static const struct {
        uint8_t type;
        const char *hex, *text;
    } texts[] = {
        {IKE_ID_IPV4_ADDR, "c0000201", "192.0.2.1"},
        {IKE_ID_IPV6_ADDR, "20010db8000000000000000000000001", "2001:db8::1"},
        {IKE_ID_FQDN, "67772e61", "gw.a"},
        {IKE_ID_RFC822_ADDR, "614062", "a@b"},
        {IKE_ID_KEY_ID, "6b31", "(ID_KEY_ID) k1"},
        {IKE_ID_KEY_ID, "0a0b0c", "(ID_KEY_ID) 0a0b0c"},
        {IKE_ID_FQDN, "670a", "(ID_FQDN) 670a"}, /* nothing for a terminal */
        {IKE_ID_FQDN, "", "(ID_FQDN) "},
        {IKE_ID_IPV4_ADDR, "c00002", "(ID_IPV4_ADDR) c00002"},
        {99, "01", "(unknown) 01"},
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(texts); i++) {
        g_autoptr(GBytes) bytes = hex_bytes(texts[i].hex);
        g_autofree char *text =
            ike_id_format(texts[i].type, g_bytes_get_data(bytes, NULL),
                          g_bytes_get_size(bytes));

        ck_assert_str_eq(text, texts[i].text);
    }
}
END_TEST

START_TEST(cert_and_auth)
{
    g_autoptr(GBytes) cert_bytes = hex_bytes("04 3082");
    g_autoptr(GBytes) auth_bytes = hex_bytes("02 000000 abcdef");
    IkePayload cert_payload = payload_of(IKE_PAYLOAD_CERT, cert_bytes);
    IkePayload auth_payload = payload_of(IKE_PAYLOAD_AUTH, auth_bytes);
    g_auto(IkeBuilder) b = {0}, c = {0};
    IkeCert cert;
    IkeAuth auth;

    ck_assert_int_eq(ike_cert_decode(&cert_payload, &cert), IKE_FAULT_NONE);
    ck_assert_uint_eq(cert.encoding, IKE_CERT_X509_SIGNATURE);
    same(cert.data, "3082");
    ike_builder_init(&b);
    ike_cert_encode(&b, IKE_PAYLOAD_CERTREQ, cert.encoding, cert.data.data,
                    cert.data.length);
    built(&b, IKE_PAYLOAD_CERTREQ, "04 3082");
    ck_assert_int_eq(ike_auth_decode(&auth_payload, &auth), IKE_FAULT_NONE);
    ck_assert_uint_eq(auth.method, IKE_AUTH_SHARED_KEY);
    same(auth.data, "abcdef");
    ike_builder_init(&c);
    ike_auth_encode(&c, auth.method, auth.data.data, auth.data.length);
    built(&c, IKE_PAYLOAD_AUTH, "02 000000 abcdef");
}
END_TEST

START_TEST(notify)
{
    g_autoptr(GBytes) rekey = hex_bytes("03 04 4009 01020304 0506");
    g_autoptr(GBytes) contact = hex_bytes("01 00 4000");
    IkePayload payload = payload_of(IKE_PAYLOAD_NOTIFY, rekey);
    g_auto(IkeBuilder) b = {0}, c = {0}, d = {0};
    IkeNotify n;

    ck_assert_int_eq(ike_notify_decode(&payload, &n), IKE_FAULT_NONE);
    ck_assert_uint_eq(n.protocol, IKE_PROTOCOL_ESP);
    ck_assert_uint_eq(n.type, IKE_NOTIFY_REKEY_SA);
    ck_assert_uint_eq(n.spi, 0x01020304);
    same(n.spi_raw, "01020304");
    same(n.data, "0506");
    payload = payload_of(IKE_PAYLOAD_NOTIFY, contact);
    ck_assert_int_eq(ike_notify_decode(&payload, &n), IKE_FAULT_NONE);
    ck_assert_uint_eq(n.protocol, IKE_PROTOCOL_NONE); /* 3.10: ignored */
    ck_assert_uint_eq(n.spi, 0);

    ike_builder_init(&b);
    ike_notify_encode_child(&b, IKE_NOTIFY_REKEY_SA, 0x01020304, "\5\6", 2);
    built(&b, IKE_PAYLOAD_NOTIFY, "03 04 4009 01020304 0506");
    ike_builder_init(&c);
    ike_notify_encode(&c, IKE_NOTIFY_COOKIE, "\1", 1);
    built(&c, IKE_PAYLOAD_NOTIFY, "00 00 4006 01");
    ike_builder_init(&d);
    ike_notify_encode_group(&d, 0x0102);
    built(&d, IKE_PAYLOAD_NOTIFY, "00 00 0011 0102");
}
END_TEST

/* 3.10: no type that we know has an SPI of the IKE SA; one that we do not know
 * is passed over, whatever it has. */
START_TEST(every_notify_type)
{
    for (unsigned type = 0; type <= G_MAXUINT16; type++) {
        uint8_t body[12] = {IKE_PROTOCOL_IKE, 8, (uint8_t)(type >> 8),
                            (uint8_t)(type & 0xff)};
        bool known = strcmp(ike_notify_name((uint16_t)type), "unknown") != 0;

        ck_assert_msg(check(IKE_PAYLOAD_NOTIFY, body, sizeof body) ==
                          (known ? IKE_FAULT_NOTIFY_SPI : IKE_FAULT_NONE),
                      "type %u", type);
    }
}
END_TEST

START_TEST(finding_a_notify)
{
    g_auto(IkeBuilder) b = {0};
    IkeChain chain;
    IkeNotify n;

    ike_builder_init(&b);
    ike_notify_encode(&b, IKE_NOTIFY_COOKIE, NULL, 0); /* broken: no data */
    ike_notify_encode(&b, IKE_NOTIFY_INITIAL_CONTACT, NULL, 0);
    ike_notify_encode(&b, IKE_NOTIFY_COOKIE, "\7", 1);
    ck_assert_int_eq(ike_chain_parse(b.writer.bytes->data, b.writer.bytes->len,
                                     b.first, true, &chain),
                     IKE_FAULT_NONE);
    ck_assert(ike_notify_find(&chain, IKE_NOTIFY_COOKIE, &n));
    same(n.data, "07");
    ck_assert(ike_notify_find(&chain, IKE_NOTIFY_INITIAL_CONTACT, &n));
    ck_assert(!ike_notify_find(&chain, IKE_NOTIFY_REKEY_SA, &n));
    ck_assert_int_eq(ike_chain_check(&chain), IKE_FAULT_NOTIFY_DATA);
}
END_TEST

START_TEST(delete)
{
    static const uint32_t spis[] = {0x01020304, 0x05060708};
    g_autoptr(GBytes) bytes = hex_bytes("03 04 0002 01020304 05060708");
    IkePayload payload = payload_of(IKE_PAYLOAD_DELETE, bytes);
    g_auto(IkeBuilder) b = {0}, c = {0};
    IkeDelete del;

    ck_assert_int_eq(ike_delete_decode(&payload, &del), IKE_FAULT_NONE);
    ck_assert_uint_eq(del.protocol, IKE_PROTOCOL_ESP);
    ck_assert_uint_eq(del.count, 2);
    ck_assert_uint_eq(ike_delete_spi(&del, 0), 0x01020304);
    ck_assert_uint_eq(ike_delete_spi(&del, 1), 0x05060708);
    ike_builder_init(&b);
    ike_delete_encode_esp(&b, spis, 2);
    built(&b, IKE_PAYLOAD_DELETE, "03 04 0002 01020304 05060708");
    ike_builder_init(&c);
    ike_delete_encode_ike(&c);
    built(&c, IKE_PAYLOAD_DELETE, "01 00 0000");
}
END_TEST

START_TEST(configuration)
{
    g_autoptr(GBytes) bytes =
        hex_bytes("01 000000 8001 0000 0003 0004 08080808");
    IkePayload payload = payload_of(IKE_PAYLOAD_CP, bytes);
    uint16_t type;
    IkeBytes value;
    HsReader r;
    IkeCp cp;

    ck_assert_int_eq(ike_cp_decode(&payload, &cp), IKE_FAULT_NONE);
    ck_assert_uint_eq(cp.type, IKE_CP_REQUEST);
    r = hs_reader_of(cp.attributes.data, cp.attributes.length);
    ck_assert(ike_cp_next(&r, &type, &value));
    ck_assert_uint_eq(type, 1); /* 3.15.1: without the reserved bit */
    ck_assert_uint_eq(value.length, 0);
    ck_assert(ike_cp_next(&r, &type, &value));
    ck_assert_uint_eq(type, 3);
    same(value, "08080808");
    ck_assert(!ike_cp_next(&r, &type, &value));
}
END_TEST

START_TEST(eap_and_fragment)
{
    g_autoptr(GBytes) eap_bytes = hex_bytes("01 07 0005 04");
    g_autoptr(GBytes) skf_bytes = hex_bytes("0002 0003 ab");
    IkePayload payload = payload_of(IKE_PAYLOAD_EAP, eap_bytes);
    IkeFragment f;
    IkeEap eap;

    ck_assert_int_eq(ike_eap_decode(&payload, &eap), IKE_FAULT_NONE);
    ck_assert_uint_eq(eap.code, 1);
    ck_assert_uint_eq(eap.identifier, 7);
    ck_assert_uint_eq(eap.type, 4);
    payload = payload_of(IKE_PAYLOAD_SKF, skf_bytes);
    ck_assert_int_eq(ike_fragment_decode(&payload, &f), IKE_FAULT_NONE);
    ck_assert_uint_eq(f.number, 2);
    ck_assert_uint_eq(f.total, 3);
    /* RFC 7383 2.5: only the first one says what is inside. */
    payload.inner_next = IKE_PAYLOAD_SA;
    ck_assert_int_eq(ike_fragment_decode(&payload, &f),
                     IKE_FAULT_FRAGMENT_FIRST);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("ikev2 payload");
    TCase *tcase = tcase_create("payload");

    tcase_add_loop_test(tcase, rule, 0, G_N_ELEMENTS(rows));
    tcase_add_loop_test(tcase, truncations, 0, G_N_ELEMENTS(cuts));
    tcase_add_test(tcase, key_exchange);
    tcase_add_test(tcase, identification);
    tcase_add_test(tcase, id_texts);
    tcase_add_test(tcase, cert_and_auth);
    tcase_add_test(tcase, notify);
    tcase_add_test(tcase, every_notify_type);
    tcase_add_test(tcase, finding_a_notify);
    tcase_add_test(tcase, delete);
    tcase_add_test(tcase, configuration);
    tcase_add_test(tcase, eap_and_fragment);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
