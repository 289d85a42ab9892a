/* ESP packets: foreign ones opened, ours looked at byte by byte, and each way
 * in which a packet can be wrong. */

#include "config.h"

#include "models/crypto/aead.h"
#include "models/esp/esp.h"
#include "tests/harness/esp_pair.h"
#include "tests/harness/run.h"
#include "tests/harness/vectors.h"

#include <signal.h>
#include <string.h>

/* Names */

START_TEST(suites_have_their_names)
{
    const char *const *names = esp_suite_names();
    EspSuite suite = ESP_SUITE_AES256_CBC_SHA1;
    unsigned count = 0;

    for (; names[count] != NULL; count++) {
        ck_assert(esp_suite_from_name(names[count], &suite));
        ck_assert_uint_eq((unsigned)suite, count);
        ck_assert_str_eq(esp_suite_name(suite), names[count]);
    }
    ck_assert_uint_eq(count, ESP_SUITE_COUNT);
    ck_assert(esp_suite_from_name("aes256-gcm16", &suite));
    ck_assert_int_eq(suite, ESP_SUITE_AES256_GCM16);
    ck_assert(!esp_suite_from_name("aes256-gcm", &suite));
    ck_assert_int_eq(suite, ESP_SUITE_AES256_GCM16);
    ck_assert_uint_eq(esp_suite_info(suite)->key, 32);
    ck_assert_uint_eq(esp_suite_info(suite)->salt, 4);
    ck_assert_ptr_null(esp_suite_info(suite)->integrity);
    ck_assert_str_eq(esp_drop_name(ESP_DROP_REPLAY), "replayed");
}
END_TEST

START_TEST(df_words)
{
    EspDf df = ESP_DF_COPY;

    ck_assert(esp_df_from_name("clear", &df));
    ck_assert_int_eq(df, ESP_DF_CLEAR);
    ck_assert(esp_df_from_name("set", &df));
    ck_assert_int_eq(df, ESP_DF_SET);
    ck_assert(!esp_df_from_name("Copy", &df));
    ck_assert_int_eq(df, ESP_DF_SET);
    ck_assert(esp_df_from_name("copy", &df));
    ck_assert_int_eq(df, ESP_DF_COPY);
}
END_TEST

START_TEST(keys_are_drawn_and_wiped)
{
    static const EspKeys zero;
    EspSaConfig config = esp_pair_config(ESP_SUITE_AES128_CBC_SHA1);
    g_auto(EspPair) pair = esp_pair_new(&config);

    ck_assert_mem_ne(config.keys.key, zero.key, 16);
    ck_assert_mem_eq(config.keys.key + 16, zero.key + 16, 16);
    ck_assert_mem_eq(config.keys.salt, zero.salt, 4);
    ck_assert_mem_ne(config.keys.integrity, zero.integrity, 20);
    ck_assert_mem_eq(config.keys.integrity + 20, zero.integrity + 20, 44);
    ck_assert_mem_eq(&esp_sa_config(pair.a)->keys, &zero, sizeof zero);
    esp_keys_clear(&config.keys);
    ck_assert_mem_eq(&config.keys, &zero, sizeof zero);
}
END_TEST

/* RFC 4303 2.1: 0 is never sent, 1 to 255 are reserved. */
static const uint32_t reserved_spis[] = {0, 1, 255};

START_TEST(reserved_spis_make_no_sa)
{
    EspSaConfig config = esp_pair_config(ESP_SUITE_AES128_GCM16);
    g_autoptr(HsRng) rng = hs_rng_new(1, "test", "esp");

    config.spi = reserved_spis[_i];
    esp_sa_free(esp_sa_new(&config, rng));
}
END_TEST

/* The documented MTUs (AWS Site-to-Site VPN user guide, "Best practices for
 * your customer gateway device"; MSS for IPv4 is 40 less) on real packets. */

static const struct {
    EspSuite suite;
    bool nat_t;
    size_t mtu, mss;
} mtus[] = {
    {ESP_SUITE_AES128_GCM16, false, 1446, 1406},
    {ESP_SUITE_AES128_GCM16, true, 1438, 1398},
    {ESP_SUITE_AES256_GCM16, false, 1446, 1406},
    {ESP_SUITE_AES256_GCM16, true, 1438, 1398},
    {ESP_SUITE_AES128_CBC_SHA1, false, 1438, 1398},
    {ESP_SUITE_AES128_CBC_SHA1, true, 1422, 1382},
    {ESP_SUITE_AES256_CBC_SHA1, false, 1438, 1398},
    {ESP_SUITE_AES256_CBC_SHA1, true, 1422, 1382},
    {ESP_SUITE_AES128_CBC_SHA2_256, false, 1438, 1398},
    {ESP_SUITE_AES128_CBC_SHA2_256, true, 1422, 1382},
    {ESP_SUITE_AES256_CBC_SHA2_256, false, 1438, 1398},
    {ESP_SUITE_AES256_CBC_SHA2_256, true, 1422, 1382},
    {ESP_SUITE_AES128_CBC_SHA2_384, false, 1422, 1382},
    {ESP_SUITE_AES128_CBC_SHA2_384, true, 1422, 1382},
    {ESP_SUITE_AES256_CBC_SHA2_384, false, 1422, 1382},
    {ESP_SUITE_AES256_CBC_SHA2_384, true, 1422, 1382},
    {ESP_SUITE_AES128_CBC_SHA2_512, false, 1422, 1382},
    {ESP_SUITE_AES128_CBC_SHA2_512, true, 1406, 1366},
    {ESP_SUITE_AES256_CBC_SHA2_512, false, 1422, 1382},
    {ESP_SUITE_AES256_CBC_SHA2_512, true, 1406, 1366},
};

START_TEST(inner_mtu_is_the_documented_one)
{
    EspSaConfig config = esp_pair_config(mtus[_i].suite);
    g_autoptr(HsPacket) fits = esp_pair_packet(mtus[_i].mtu);
    g_autoptr(HsPacket) too_long = esp_pair_packet(mtus[_i].mtu + 1);

    config.nat_t = mtus[_i].nat_t;
    g_auto(EspPair) pair = esp_pair_new(&config);
    ck_assert_uint_eq(esp_inner_mtu(&config, 1500), mtus[_i].mtu);
    ck_assert_uint_eq(mtus[_i].mss, mtus[_i].mtu - 40);
    ck_assert(esp_encapsulate(pair.a, &fits, NULL));
    ck_assert_uint_le(hs_packet_length(fits), 1500);
    ck_assert(esp_encapsulate(pair.a, &too_long, NULL));
    ck_assert_uint_gt(hs_packet_length(too_long), 1500);
    ck_assert_uint_eq(hs_packet_length(fits),
                      esp_outer_length(&config, mtus[_i].mtu));
    ck_assert(esp_decapsulate(pair.b, &fits, NULL));
    ck_assert_uint_eq(hs_packet_length(fits), mtus[_i].mtu);
}
END_TEST

START_TEST(a_path_too_narrow_has_no_inner_mtu)
{
    EspSaConfig config = esp_pair_config(ESP_SUITE_AES256_GCM16);

    ck_assert_uint_eq(esp_inner_mtu(&config, 0), 0);
    ck_assert_uint_eq(esp_inner_mtu(&config, 51), 0);
    ck_assert_uint_eq(esp_inner_mtu(&config, 56), 2);
}
END_TEST

/* Every suite, every remainder of the block, both ways of the tunnel. */
START_TEST(what_goes_in_comes_out)
{
    EspSaConfig config = esp_pair_config((EspSuite)(_i / 4));

    config.nat_t = _i & 1;
    config.esn = _i & 2;
    g_auto(EspPair) pair = esp_pair_new(&config);
    for (size_t length = 20; length < 120; length++) {
        g_autoptr(HsPacket) packet = esp_pair_packet(length);
        g_autoptr(HsPacket) original = esp_pair_packet(length);
        g_autoptr(HsPacket) held = hs_packet_ref(packet);

        ck_assert(esp_encapsulate(pair.a, &packet, NULL));
        /* The other holder's bytes stay as they were. */
        ck_assert(packet != held);
        ck_assert_mem_eq(hs_packet_data(held), hs_packet_data(original),
                         length);
        ck_assert_uint_eq(hs_packet_length(packet),
                          esp_outer_length(&config, length));
        ck_assert(esp_decapsulate(pair.b, &packet, NULL));
        ck_assert_uint_eq(hs_packet_length(packet), length);
        ck_assert_mem_eq(hs_packet_data(packet), hs_packet_data(original),
                         length);
    }
    ck_assert_uint_eq(esp_sa_counters(pair.a)->packets, 100);
    ck_assert_uint_eq(esp_sa_counters(pair.b)->packets, 100);
    ck_assert_uint_eq(esp_sa_counters(pair.b)->bytes, 100 * (20 + 119) / 2);
    ck_assert_uint_eq(esp_sa_sequence(pair.a), 100);
    ck_assert_uint_eq(esp_sa_sequence(pair.b), 100);
}
END_TEST

/* Packets that another implementation made */

typedef struct {
    EspSaConfig config;
    uint64_t number;
    GByteArray *outer, *inner; /* owned */
} Foreign;

static void
foreign_clear(Foreign *foreign)
{
    g_byte_array_unref(foreign->outer);
    g_byte_array_unref(foreign->inner);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Foreign, foreign_clear)

static Foreign
foreign_read(GKeyFile *file, const char *group)
{
    g_autoptr(GByteArray) key = vectors_bytes(file, group, "key");
    g_autoptr(GByteArray) integrity = vectors_bytes(file, group, "integrity");
    g_autofree char *suite = g_key_file_get_string(file, group, "suite", NULL);
    Foreign foreign = {.outer = vectors_bytes(file, group, "outer"),
                       .inner = vectors_bytes(file, group, "inner")};
    EspSaConfig *config = &foreign.config;
    const EspSuiteInfo *info;

    ck_assert(esp_suite_from_name(suite, &config->suite));
    info = esp_suite_info(config->suite);
    ck_assert_uint_eq(key->len, info->key + info->salt);
    ck_assert_uint_eq(integrity->len, info->integrity_key);
    memcpy(config->keys.key, key->data, info->key);
    memcpy(config->keys.salt, key->data + info->key, info->salt);
    if (integrity->len > 0)
        memcpy(config->keys.integrity, integrity->data, integrity->len);
    config->spi = (uint32_t)g_key_file_get_uint64(file, group, "spi", NULL);
    config->nat_t = g_key_file_get_boolean(file, group, "nat_t", NULL);
    foreign.number = g_key_file_get_uint64(file, group, "number", NULL);
    config->esn = foreign.number > UINT32_MAX;
    config->sequence = foreign.number - 1;
    config->source = hs_addr_ipv4(ESP_PAIR_REMOTE);
    config->destination = hs_addr_ipv4(ESP_PAIR_LOCAL);
    return foreign;
}

static void
for_each_foreign(void (*test)(const char *name, const Foreign *foreign,
                              HsRng *rng))
{
    g_autoptr(GKeyFile) file = vectors_open("esp.ini");
    g_autoptr(HsRng) rng = hs_rng_new(1, "test", "esp");
    gsize count;
    g_auto(GStrv) groups = g_key_file_get_groups(file, &count);

    ck_assert_uint_eq(count, 16);
    for (gsize i = 0; i < count; i++) {
        g_auto(Foreign) foreign = foreign_read(file, groups[i]);

        test(groups[i], &foreign, rng);
    }
}

static void
open_foreign(const char *name, const Foreign *foreign, HsRng *rng)
{
    g_autoptr(EspSa) sa = esp_sa_new(&foreign->config, rng);
    g_autoptr(HsPacket) packet =
        hs_packet_new(foreign->outer->data, foreign->outer->len);
    g_autoptr(HsPacket) again =
        hs_packet_new(foreign->outer->data, foreign->outer->len);
    EspDrop why = ESP_DROP_NONE;

    ck_assert_msg(esp_decapsulate(sa, &packet, &why), "%s: %s", name,
                  esp_drop_name(why));
    ck_assert_uint_eq(hs_packet_length(packet), foreign->inner->len);
    ck_assert_mem_eq(hs_packet_data(packet), foreign->inner->data,
                     foreign->inner->len);
    ck_assert_uint_eq(esp_sa_sequence(sa), foreign->number);
    esp_pair_expect_drop(sa, &again, ESP_DROP_REPLAY, name);
}

START_TEST(foreign_packets_open)
{
    for_each_foreign(open_foreign);
}
END_TEST

/* Fewer bytes than the outer header says: refused before any cipher. The same
 * with a header that admits it: too short, not aligned, or a bad ICV. */
static void
truncate_foreign(const char *name, const Foreign *foreign, HsRng *rng)
{
    g_autoptr(EspSa) sa = esp_sa_new(&foreign->config, rng);
    size_t front = foreign->config.nat_t ? 28 : 20;

    for (size_t length = 0; length < foreign->outer->len; length++) {
        g_autoptr(HsPacket) raw = hs_packet_new(foreign->outer->data, length);
        g_autoptr(HsPacket) fixed = hs_packet_new(foreign->outer->data, length);
        EspDrop why = ESP_DROP_NONE;

        esp_pair_expect_drop(sa, &raw, ESP_DROP_OUTER, name);
        if (length < front)
            continue;
        hs_packet_bytes(fixed)[2] = (uint8_t)(length >> 8);
        hs_packet_bytes(fixed)[3] = (uint8_t)(length & 0xff);
        esp_pair_fix_sum(hs_packet_bytes(fixed));
        if (foreign->config.nat_t) {
            hs_packet_bytes(fixed)[24] = (uint8_t)((length - 20) >> 8);
            hs_packet_bytes(fixed)[25] = (uint8_t)((length - 20) & 0xff);
        }
        ck_assert(!esp_decapsulate(sa, &fixed, &why));
        ck_assert_msg(why == ESP_DROP_SHORT || why == ESP_DROP_ALIGNMENT ||
                          why == ESP_DROP_INTEGRITY,
                      "%s: %zu bytes: %s", name, length, esp_drop_name(why));
    }
    ck_assert_uint_gt(esp_sa_counters(sa)->drops[ESP_DROP_SHORT], 0);
    ck_assert_uint_gt(esp_sa_counters(sa)->drops[ESP_DROP_ALIGNMENT], 0);
    ck_assert_uint_gt(esp_sa_counters(sa)->drops[ESP_DROP_INTEGRITY], 0);
    /* None of them moved the window. */
    open_foreign(name, foreign, rng);
    ck_assert_uint_eq(esp_sa_sequence(sa), foreign->number - 1);
}

START_TEST(truncated_packets_are_refused)
{
    for_each_foreign(truncate_foreign);
}
END_TEST

/* Any bit from the SPI to the end of the ICV. */
static void
flip_foreign(const char *name, const Foreign *foreign, HsRng *rng)
{
    g_autoptr(EspSa) sa = esp_sa_new(&foreign->config, rng);
    size_t esp = foreign->config.nat_t ? 28 : 20;

    for (size_t at = esp; at < foreign->outer->len; at++) {
        g_autoptr(HsPacket) packet =
            hs_packet_new(foreign->outer->data, foreign->outer->len);
        EspDrop why = ESP_DROP_NONE;

        hs_packet_bytes(packet)[at] ^= (uint8_t)(1u << (at % 8));
        ck_assert(!esp_decapsulate(sa, &packet, &why));
        if (at < esp + 4)
            ck_assert_int_eq(why, ESP_DROP_NO_SA);
        else if (at >= esp + 8)
            ck_assert_msg(why == ESP_DROP_INTEGRITY, "%s: byte %zu: %s", name,
                          at, esp_drop_name(why));
        else /* another number */
            ck_assert(why == ESP_DROP_INTEGRITY || why == ESP_DROP_OLD ||
                      why == ESP_DROP_REPLAY);
    }
    ck_assert_uint_eq(esp_sa_sequence(sa), foreign->number - 1);
}

START_TEST(a_flipped_bit_is_noticed)
{
    for_each_foreign(flip_foreign);
}
END_TEST

/* The packets of draft-mcgrew-gcm-test-01 name ICMP or TCP as their next
 * header, so in tunnel mode they pass the integrity check, count as received
 * and are refused for what is inside. */
static void
open_published(GKeyFile *file, const char *group, HsRng *rng)
{
    g_autoptr(GByteArray) key = vectors_bytes(file, group, "key");
    g_autoptr(GByteArray) nonce = vectors_bytes(file, group, "nonce");
    g_autoptr(GByteArray) aad = vectors_bytes(file, group, "aad");
    g_autoptr(GByteArray) cipher = vectors_bytes(file, group, "cipher");
    g_autoptr(GByteArray) tag = vectors_bytes(file, group, "tag");
    EspSaConfig config = esp_pair_config(
        key->len == 16 ? ESP_SUITE_AES128_GCM16 : ESP_SUITE_AES256_GCM16);
    size_t length = 20 + 8 + 8 + cipher->len + 16;
    g_autoptr(HsPacket) packet = hs_packet_new(NULL, length);
    uint8_t *data = hs_packet_bytes(packet);
    uint64_t number = 0;

    config.spi = 0;
    for (unsigned i = 0; i < 4; i++)
        config.spi = config.spi << 8 | aad->data[i];
    for (unsigned i = 4; i < aad->len; i++)
        number = number << 8 | aad->data[i];
    config.esn = aad->len == 12;
    /* Spare the window's edge: some begin with SPI 1 or number 0. */
    if (config.spi < ESP_SPI_MIN || (number & 0xffffffff) == 0)
        return;
    config.sequence = number - 1;
    memcpy(config.keys.key, key->data, key->len);
    memcpy(config.keys.salt, nonce->data, 4);
    memcpy(data, "\x45\x00\x00\x00\x00\x01\x00\x00\x40\x32\x00\x00", 12);
    data[3] = (uint8_t)length;
    memcpy(data + 12, "\xc6\x33\x64\x01\xcb\x00\x71\x09", 8);
    esp_pair_fix_sum(data);
    memcpy(data + 20, aad->data, 4);
    memcpy(data + 24, aad->data + aad->len - 4, 4);
    memcpy(data + 28, nonce->data + 4, 8);
    memcpy(data + 36, cipher->data, cipher->len);
    memcpy(data + 36 + cipher->len, tag->data, 16);

    g_autoptr(EspSa) sa = esp_sa_new(&config, rng);
    esp_pair_expect_drop(sa, &packet, ESP_DROP_NEXT_HEADER, group);
    ck_assert_uint_eq(esp_sa_sequence(sa), number);
}

START_TEST(published_packets_pass_the_integrity_check)
{
    g_autoptr(GKeyFile) file = vectors_open("aes-gcm.ini");
    g_autoptr(HsRng) rng = hs_rng_new(1, "test", "esp");
    static const char *const cases[] = {
        "draft-mcgrew-gcm-test-01 case 2",
        "draft-mcgrew-gcm-test-01 case 3",
        "draft-mcgrew-gcm-test-01 case 5",
        "draft-mcgrew-gcm-test-01 case 6",
        "draft-mcgrew-gcm-test-01 case 9, ESN",
        "draft-mcgrew-gcm-test-01 case 12, the smallest",
        "draft-mcgrew-gcm-test-01 case 14, ESN"};

    open_published(file, cases[_i], rng);
}
END_TEST

/* The outer header */

START_TEST(outer_header_is_as_configured)
{
    EspSaConfig config = esp_pair_config(ESP_SUITE_AES256_GCM16);
    g_autoptr(HsPacket) first = esp_pair_packet(100);
    g_autoptr(HsPacket) second = esp_pair_packet(101);
    const uint8_t *a, *b;

    config.ttl = 33;
    hs_packet_bytes(first)[1] = 0xb8; /* EF */
    g_auto(EspPair) pair = esp_pair_new(&config);
    ck_assert(esp_encapsulate(pair.a, &first, NULL));
    ck_assert(esp_encapsulate(pair.a, &second, NULL));
    a = hs_packet_data(first);
    b = hs_packet_data(second);
    ck_assert_uint_eq(a[0], 0x45);
    ck_assert_uint_eq(a[1], 0xb8);
    ck_assert_uint_eq(esp_pair_u16(a + 2), hs_packet_length(first));
    ck_assert_uint_eq((esp_pair_u16(a + 4) + 1) & 0xffff, esp_pair_u16(b + 4));
    ck_assert_uint_eq(a[8], 33);
    ck_assert_uint_eq(a[9], 50);
    ck_assert_uint_eq(esp_pair_sum(a, 20), 0xffff);
    ck_assert_uint_eq(esp_pair_sum(b, 20), 0xffff);
    ck_assert_mem_eq(a + 12, "\xc6\x33\x64\x01\xcb\x00\x71\x09", 8);
    ck_assert_mem_eq(a + 20, "\xc0\x00\x12\x34\x00\x00\x00\x01", 8);
    ck_assert_mem_eq(b + 20, "\xc0\x00\x12\x34\x00\x00\x00\x02", 8);
    /* GCM's IV is the number: no two packets share one. */
    ck_assert_mem_eq(a + 28, "\0\0\0\0\0\0\0\x01", 8);
    ck_assert_mem_eq(b + 28, "\0\0\0\0\0\0\0\x02", 8);
    /* The inner TTL is the router's to count down. */
    ck_assert(esp_decapsulate(pair.b, &first, NULL));
    ck_assert_uint_eq(hs_packet_data(first)[8], 0x3f);
}
END_TEST

START_TEST(udp_header_of_nat_t)
{
    EspSaConfig config = esp_pair_config(ESP_SUITE_AES256_CBC_SHA2_256);
    g_autoptr(HsPacket) packet = esp_pair_packet(100);
    g_autoptr(HsPacket) keepalive = NULL;
    const uint8_t *data;
    uint32_t spi = 0;

    config.nat_t = true;
    config.source_port = 20001;
    g_auto(EspPair) pair = esp_pair_new(&config);
    ck_assert(esp_encapsulate(pair.a, &packet, NULL));
    data = hs_packet_data(packet);
    ck_assert_uint_eq(data[9], 17);
    ck_assert_uint_eq(esp_pair_u16(data + 20), 20001);
    ck_assert_uint_eq(esp_pair_u16(data + 22), 4500);
    ck_assert_uint_eq(esp_pair_u16(data + 24), hs_packet_length(packet) - 20);
    ck_assert_uint_eq(esp_pair_u16(data + 26), 0);
    ck_assert_int_eq(esp_classify(packet, &spi), ESP_DROP_NONE);
    ck_assert_uint_eq(spi, 0xc0001234);
    ck_assert(esp_decapsulate(pair.b, &packet, NULL));

    keepalive = esp_keepalive_new(pair.a);
    ck_assert_uint_eq(hs_packet_length(keepalive), 29);
    data = hs_packet_data(keepalive);
    ck_assert_uint_eq(esp_pair_sum(data, 20), 0xffff);
    ck_assert_uint_eq(esp_pair_u16(data + 24), 9);
    ck_assert_uint_eq(data[28], 0xff);
    esp_pair_expect_drop(pair.b, &keepalive, ESP_DROP_KEEPALIVE, "keepalive");
}
END_TEST

static const struct {
    EspDf df;
    uint8_t inner; /* the flags byte */
    uint8_t outer;
} dfs[] = {
    {ESP_DF_COPY, 0x40, 0x40},  {ESP_DF_COPY, 0x00, 0x00},
    {ESP_DF_SET, 0x40, 0x40},   {ESP_DF_SET, 0x00, 0x40},
    {ESP_DF_CLEAR, 0x40, 0x00}, {ESP_DF_CLEAR, 0x00, 0x00},
    {ESP_DF_COPY, 0x20, 0x00}, /* an inner fragment is whole outside */
};

START_TEST(df_follows_the_policy)
{
    EspSaConfig config = esp_pair_config(ESP_SUITE_AES128_GCM16);
    g_autoptr(HsPacket) packet = esp_pair_packet(60);

    config.df = dfs[_i].df;
    hs_packet_bytes(packet)[6] = dfs[_i].inner;
    esp_pair_fix_sum(hs_packet_bytes(packet));
    g_auto(EspPair) pair = esp_pair_new(&config);
    ck_assert(esp_encapsulate(pair.a, &packet, NULL));
    ck_assert_uint_eq(esp_pair_u16(hs_packet_data(packet) + 6),
                      (unsigned)dfs[_i].outer << 8);
    ck_assert(esp_decapsulate(pair.b, &packet, NULL));
    ck_assert_uint_eq(hs_packet_data(packet)[6], dfs[_i].inner);
}
END_TEST

/* RFC 6040, figure 4: rows inner, columns outer (Not-ECT, ECT1, ECT0, CE). */
static const int ecn[4][4] = {
    {0, 0, 0, -1},
    {1, 1, 1, 3},
    {2, 1, 2, 3},
    {3, 3, 3, 3},
};

START_TEST(congestion_marks_are_merged)
{
    uint8_t inner = (uint8_t)(_i / 4), outer = (uint8_t)(_i % 4);
    EspSaConfig config = esp_pair_config(ESP_SUITE_AES128_CBC_SHA1);
    g_auto(EspPair) pair = esp_pair_new(&config);
    g_autoptr(HsPacket) packet = esp_pair_packet(60);
    const uint8_t *data;

    hs_packet_bytes(packet)[1] = (uint8_t)(0x28 | inner);
    esp_pair_fix_sum(hs_packet_bytes(packet));
    ck_assert(esp_encapsulate(pair.a, &packet, NULL));
    ck_assert_uint_eq(hs_packet_data(packet)[1], 0x28u | inner);
    hs_packet_bytes(packet)[1] = outer;
    esp_pair_fix_sum(hs_packet_bytes(packet));
    if (ecn[inner][outer] < 0) {
        esp_pair_expect_drop(pair.b, &packet, ESP_DROP_ECN, "CE on Not-ECT");
        return;
    }
    ck_assert(esp_decapsulate(pair.b, &packet, NULL));
    data = hs_packet_data(packet);
    ck_assert_uint_eq(data[1], 0x28u | (unsigned)ecn[inner][outer]);
    ck_assert_uint_eq(esp_pair_sum(data, 20), 0xffff);
}
END_TEST

/* What is refused outwards */

START_TEST(numbers_run_out)
{
    static const struct {
        bool esn;
        uint64_t last;
    } rows[] = {{false, UINT32_MAX}, {true, UINT64_MAX}};
    EspSaConfig config = esp_pair_config(ESP_SUITE_AES256_GCM16);
    g_autoptr(HsPacket) packet = esp_pair_packet(60);
    g_autoptr(HsPacket) more = esp_pair_packet(60);
    EspDrop why = ESP_DROP_NONE;

    config.esn = rows[_i].esn;
    config.sequence = rows[_i].last - 1;
    g_auto(EspPair) pair = esp_pair_new(&config);
    ck_assert(esp_encapsulate(pair.a, &packet, NULL));
    ck_assert_mem_eq(hs_packet_data(packet) + 24, "\xff\xff\xff\xff", 4);
    for (unsigned i = 0; i < 2; i++) {
        ck_assert(!esp_encapsulate(pair.a, &more, &why));
        ck_assert_int_eq(why, ESP_DROP_SEQUENCE_END);
        ck_assert_uint_eq(hs_packet_length(more), 60);
    }
    ck_assert_uint_eq(esp_sa_counters(pair.a)->drops[ESP_DROP_SEQUENCE_END], 2);
    ck_assert(esp_decapsulate(pair.b, &packet, NULL));
}
END_TEST

/* RFC 4303 2.2.1: over 2^32 the numbers on the wire start again, the packets
 * still open, also late ones; a receiver in another span refuses them. */
START_TEST(extended_numbers_roll_over)
{
    EspSaConfig config = esp_pair_config((EspSuite)_i);
    HsPacket *packets[8];

    config.esn = true;
    config.sequence = UINT64_C(0x1fffffffc);
    g_auto(EspPair) pair = esp_pair_new(&config);
    config.sequence = UINT64_C(0x2fffffffc);
    g_autoptr(EspSa) elsewhere = esp_sa_new(&config, pair.rng);
    for (unsigned i = 0; i < 8; i++) {
        packets[i] = esp_pair_packet(40 + i);
        ck_assert(esp_encapsulate(pair.a, &packets[i], NULL));
    }
    ck_assert_uint_eq(esp_sa_sequence(pair.a), UINT64_C(0x200000004));
    ck_assert_mem_eq(hs_packet_data(packets[3]) + 24, "\0\0\0\0", 4);
    for (unsigned i = 0; i < 8; i++) {
        g_autoptr(HsPacket) copy = hs_packet_new(hs_packet_data(packets[i]),
                                                 hs_packet_length(packets[i]));

        esp_pair_expect_drop(elsewhere, &copy, ESP_DROP_INTEGRITY,
                             "another span");
    }
    for (unsigned i = 8; i-- > 0;) { /* the last first */
        ck_assert(esp_decapsulate(pair.b, &packets[i], NULL));
        ck_assert_uint_eq(hs_packet_length(packets[i]), 40 + i);
        hs_packet_unref(packets[i]);
    }
    ck_assert_uint_eq(esp_sa_sequence(pair.b), UINT64_C(0x200000004));
}
END_TEST

static const struct {
    const char *name;
    size_t at; /* byte to change, or 99: none */
    uint8_t value;
    size_t length;
    EspDrop why;
} bad_inner[] = {
    {"IPv6", 0, 0x65, 60, ESP_DROP_IPV6},
    {"header of 16 bytes", 0, 0x44, 60, ESP_DROP_INNER},
    {"header beyond the total length", 0, 0x4f, 58, ESP_DROP_INNER},
    {"total length beyond the packet", 3, 61, 60, ESP_DROP_INNER},
    {"total length shorter than the header", 3, 19, 60, ESP_DROP_INNER},
    {"19 bytes", 99, 0, 19, ESP_DROP_INNER},
    {"nothing", 99, 0, 0, ESP_DROP_INNER},
};

START_TEST(only_ipv4_is_encapsulated)
{
    EspSaConfig config = esp_pair_config(ESP_SUITE_AES256_GCM16);
    g_auto(EspPair) pair = esp_pair_new(&config);
    g_autoptr(HsPacket) model = esp_pair_packet(60);
    g_autoptr(HsPacket) packet =
        hs_packet_new(hs_packet_data(model), bad_inner[_i].length);
    EspDrop why = ESP_DROP_NONE;

    if (bad_inner[_i].length < 60 && bad_inner[_i].length > 20)
        hs_packet_bytes(packet)[3] = (uint8_t)bad_inner[_i].length;
    if (bad_inner[_i].at < 60)
        hs_packet_bytes(packet)[bad_inner[_i].at] = bad_inner[_i].value;
    ck_assert_msg(!esp_encapsulate(pair.a, &packet, &why), "%s",
                  bad_inner[_i].name);
    ck_assert_int_eq(why, bad_inner[_i].why);
    ck_assert_uint_eq(esp_sa_counters(pair.a)->drops[why], 1);
    ck_assert_uint_eq(hs_packet_length(packet), bad_inner[_i].length);
    ck_assert_uint_eq(esp_sa_sequence(pair.a), 0);
}
END_TEST

START_TEST(outer_length_has_a_limit)
{
    EspSaConfig config = esp_pair_config(ESP_SUITE_AES256_GCM16);
    g_auto(EspPair) pair = esp_pair_new(&config);
    size_t most = esp_inner_mtu(&config, 65535);
    g_autoptr(HsPacket) fits = esp_pair_packet(most);
    g_autoptr(HsPacket) too_long = esp_pair_packet(most + 1);
    EspDrop why = ESP_DROP_NONE;

    ck_assert(esp_encapsulate(pair.a, &fits, NULL));
    ck_assert(!esp_encapsulate(pair.a, &too_long, &why));
    ck_assert_int_eq(why, ESP_DROP_TOO_BIG);
    ck_assert(esp_decapsulate(pair.b, &fits, NULL));
    ck_assert_uint_eq(hs_packet_length(fits), most);
}
END_TEST

/* Link padding behind the inner packet does not go through the tunnel. */
START_TEST(bytes_behind_the_inner_packet_are_cut)
{
    EspSaConfig config = esp_pair_config(ESP_SUITE_AES256_GCM16);
    g_auto(EspPair) pair = esp_pair_new(&config);
    g_autoptr(HsPacket) packet = esp_pair_packet(40);

    memset(hs_packet_put(packet, 6), 0xee, 6);
    ck_assert(esp_encapsulate(pair.a, &packet, NULL));
    ck_assert_uint_eq(hs_packet_length(packet), esp_outer_length(&config, 40));
    memset(hs_packet_put(packet, 6), 0xee, 6);
    ck_assert(esp_decapsulate(pair.b, &packet, NULL));
    ck_assert_uint_eq(hs_packet_length(packet), 40);
}
END_TEST

/* What is refused inside: packets sealed here, byte by byte, with a right ICV.
 * PLAIN is what is encrypted: inner packet, padding, pad length, next header.
 */
static const struct {
    const char *name;
    const char *plain;
    EspDrop why;
    size_t length; /* of the inner packet, when it is accepted */
} insides[] = {
#define INNER "450000180001000040110000 0a00010a ac100014 61626364"
    {"good", INNER "0102 02 04", ESP_DROP_NONE, 24},
    {"good, more padding than needed", INNER "010203040506 06 04",
     ESP_DROP_NONE, 24},
    {"padding starts at 0", INNER "0001 02 04", ESP_DROP_PADDING, 0},
    {"padding does not count", INNER "0101 02 04", ESP_DROP_PADDING, 0},
    {"zero padding", INNER "0000 02 04", ESP_DROP_PADDING, 0},
    {"pad length beyond the packet", INNER "0102 1b 04", ESP_DROP_PADDING, 0},
    {"pad length of all", "0102 02 04", ESP_DROP_INNER, 0},
    {"dummy packet", "00000000000000000000 00 3b", ESP_DROP_DUMMY, 0},
    {"dummy packet, nothing inside", "0102 02 3b", ESP_DROP_DUMMY, 0},
    {"dummy packet with random padding", "99887766554433221100 05 3b",
     ESP_DROP_DUMMY, 0},
    {"IPv6 inside", INNER "0102 02 29", ESP_DROP_IPV6, 0},
    {"an IPv6 packet inside",
     "650000180001000040110000 0a00010a ac100014 61626364 0102 02 29",
     ESP_DROP_IPV6, 0},
    {"transport mode", INNER "0102 02 06", ESP_DROP_NEXT_HEADER, 0},
    {"not IPv4 after all",
     "650000180001000040110000 0a00010a ac100014 61626364 0102 02 04",
     ESP_DROP_INNER, 0},
    {"inner total length too long",
     "450000190001000040110000 0a00010a ac100014 61626364 0102 02 04",
     ESP_DROP_INNER, 0},
    {"TFC padding is cut off", INNER "deadbeefdeadbeef 0102 02 04",
     ESP_DROP_NONE, 24},
#undef INNER
};

START_TEST(the_inside_is_checked)
{
    EspSaConfig config = esp_pair_config(ESP_SUITE_AES256_GCM16);
    g_auto(EspPair) pair = esp_pair_new(&config);
    g_autoptr(GByteArray) plain = bytes_from_hex(insides[_i].plain);
    g_autoptr(CryptoAead) aead = crypto_aead_new(config.keys.key, 32);
    size_t length = 20 + 8 + 8 + plain->len + 16;
    g_autoptr(HsPacket) packet = hs_packet_new(NULL, length);
    uint8_t *data = hs_packet_bytes(packet);
    uint8_t nonce[12];

    memcpy(data, "\x45\x00\x00\x00\x00\x01\x00\x00\x40\x32\x00\x00", 12);
    data[3] = (uint8_t)length;
    memcpy(data + 12, "\xc6\x33\x64\x01\xcb\x00\x71\x09", 8);
    esp_pair_fix_sum(data);
    memcpy(data + 20, "\xc0\x00\x12\x34\x00\x00\x00\x09", 8);
    memcpy(data + 28, "anyiv678", 8);
    memcpy(nonce, config.keys.salt, 4);
    memcpy(nonce + 4, "anyiv678", 8);
    memcpy(data + 36, plain->data, plain->len);
    crypto_aead_seal(aead, nonce, data + 20, 8, data + 36, plain->len,
                     data + 36 + plain->len);
    if (insides[_i].why == ESP_DROP_NONE) {
        ck_assert_msg(esp_decapsulate(pair.b, &packet, NULL), "%s",
                      insides[_i].name);
        ck_assert_uint_eq(hs_packet_length(packet), insides[_i].length);
        ck_assert_mem_eq(hs_packet_data(packet), plain->data,
                         insides[_i].length);
    } else {
        esp_pair_expect_drop(pair.b, &packet, insides[_i].why,
                             insides[_i].name);
    }
    /* It was authentic: its number is used up. */
    ck_assert_uint_eq(esp_sa_sequence(pair.b), 9);
}
END_TEST

/* The outside: a packet by another implementation with one thing changed. */
static const struct {
    const char *name;
    bool nat_t;
    size_t at;
    uint8_t value;
    EspDrop why;
    bool keep_sum; /* leave the checksum as it was */
} outsides[] = {
    {"checksum", false, 10, 0x00, ESP_DROP_OUTER, true},
    {"version 6", false, 0, 0x65, ESP_DROP_OUTER, false},
    {"header of 16 bytes", false, 0, 0x44, ESP_DROP_OUTER, true},
    {"first fragment", false, 6, 0x20, ESP_DROP_FRAGMENT, false},
    {"later fragment", false, 7, 0x10, ESP_DROP_FRAGMENT, false},
    {"TCP", false, 9, 6, ESP_DROP_NOT_ESP, false},
    {"AH", false, 9, 51, ESP_DROP_NOT_ESP, false},
    {"another SPI", false, 23, 0x01, ESP_DROP_NO_SA, false},
    {"UDP source port, a NAT's", true, 20, 0x80, ESP_DROP_NONE, false},
    {"UDP length short", true, 25, 7, ESP_DROP_OUTER, false},
    {"UDP length long", true, 24, 0x7f, ESP_DROP_OUTER, false},
    {"UDP checksum set by the peer", true, 27, 0x55, ESP_DROP_NONE, false},
};

START_TEST(the_outside_is_checked)
{
    g_autoptr(GKeyFile) file = vectors_open("esp.ini");
    g_autoptr(HsRng) rng = hs_rng_new(1, "test", "esp");
    g_auto(Foreign) foreign = foreign_read(
        file, outsides[_i].nat_t ? "aes256-gcm16, NAT-T" : "aes256-gcm16");
    g_autoptr(EspSa) sa = esp_sa_new(&foreign.config, rng);
    g_autoptr(HsPacket) packet =
        hs_packet_new(foreign.outer->data, foreign.outer->len);
    uint8_t *data = hs_packet_bytes(packet);

    ck_assert_uint_ne(data[outsides[_i].at], outsides[_i].value);
    data[outsides[_i].at] = outsides[_i].value;
    /* 27: the lower byte of the checksum makes UDP's length odd with 24. */
    if (!outsides[_i].keep_sum && outsides[_i].at < 20)
        esp_pair_fix_sum(data);
    if (outsides[_i].why == ESP_DROP_NONE)
        ck_assert_msg(esp_decapsulate(sa, &packet, NULL), "%s",
                      outsides[_i].name);
    else
        esp_pair_expect_drop(sa, &packet, outsides[_i].why, outsides[_i].name);
}
END_TEST

START_TEST(encapsulation_must_be_as_agreed)
{
    EspSaConfig config = esp_pair_config(ESP_SUITE_AES256_GCM16);
    EspSaConfig other = config;
    g_autoptr(HsPacket) packet = esp_pair_packet(60);

    config.nat_t = _i == 0;
    other.nat_t = !config.nat_t;
    g_auto(EspPair) pair = esp_pair_new(&config);
    g_autoptr(EspSa) receiver = esp_sa_new(&other, pair.rng);
    ck_assert(esp_encapsulate(pair.a, &packet, NULL));
    esp_pair_expect_drop(receiver, &packet, ESP_DROP_ENCAPSULATION, "NAT-T");
    ck_assert(esp_decapsulate(pair.b, &packet, NULL));
}
END_TEST

START_TEST(an_outer_header_with_options_is_read)
{
    EspSaConfig config = esp_pair_config(ESP_SUITE_AES256_GCM16);
    g_auto(EspPair) pair = esp_pair_new(&config);
    g_autoptr(HsPacket) packet = esp_pair_packet(60);
    uint8_t header[20], *data;

    ck_assert(esp_encapsulate(pair.a, &packet, NULL));
    memcpy(header, hs_packet_data(packet), 20);
    data = hs_packet_push(packet, 4);
    memcpy(data, header, 20);
    memcpy(data + 20, "\x94\x04\x00\x00", 4); /* router alert */
    data[0] = 0x46;
    data[3] = (uint8_t)(data[3] + 4);
    esp_pair_fix_sum(data);
    ck_assert(esp_decapsulate(pair.b, &packet, NULL));
    ck_assert_uint_eq(hs_packet_length(packet), 60);
}
END_TEST

/* The database */

START_TEST(sas_are_found_by_spi_and_destination)
{
    EspSaConfig config = esp_pair_config(ESP_SUITE_AES256_GCM16);
    g_auto(EspPair) pair = esp_pair_new(&config);
    g_autoptr(EspSad) sad = esp_sad_new();
    HsAddr here = hs_addr_ipv4(ESP_PAIR_LOCAL),
           there = hs_addr_ipv4(ESP_PAIR_REMOTE);
    g_autoptr(HsPacket) packet = esp_pair_packet(60);
    g_autoptr(HsPacket) stray = esp_pair_packet(60);
    EspSa *sa = NULL, *same_spi, *duplicate;
    EspDrop why = ESP_DROP_NONE;

    ck_assert(esp_encapsulate(pair.a, &packet, NULL));
    ck_assert(!esp_sad_decapsulate(sad, &packet, &sa, &why));
    ck_assert_int_eq(why, ESP_DROP_NO_SA);
    ck_assert_ptr_null(sa);

    ck_assert(esp_sad_add(sad, g_steal_pointer(&pair.b)));
    duplicate = esp_sa_new(&config, pair.rng);
    ck_assert(!esp_sad_add(sad, duplicate));
    esp_sa_free(duplicate);
    config.destination = there;
    same_spi = esp_sa_new(&config, pair.rng);
    ck_assert(esp_sad_add(sad, same_spi));
    ck_assert_ptr_eq(esp_sad_find(sad, config.spi, &there), same_spi);
    ck_assert_ptr_null(esp_sad_find(sad, config.spi + 1, &there));

    ck_assert(esp_sad_decapsulate(sad, &packet, &sa, NULL));
    ck_assert_ptr_eq(sa, esp_sad_find(sad, config.spi, &here));
    ck_assert_uint_eq(esp_sa_counters(sa)->packets, 1);
    ck_assert(!esp_sad_decapsulate(sad, &stray, &sa, &why));
    ck_assert_int_eq(why, ESP_DROP_NOT_ESP);
    ck_assert_ptr_null(sa);
    ck_assert_uint_eq(hs_packet_length(stray), 60);
    ck_assert_uint_eq(esp_sad_counters(sad)->drops[ESP_DROP_NO_SA], 1);
    ck_assert_uint_eq(esp_sad_counters(sad)->drops[ESP_DROP_NOT_ESP], 1);

    esp_sad_free(NULL);
    ck_assert(esp_sad_remove(sad, config.spi, &here));
    ck_assert(!esp_sad_remove(sad, config.spi, &here));
    ck_assert_ptr_null(esp_sad_find(sad, config.spi, &here));
}
END_TEST

static const struct {
    const char *name;
    const char *packet; /* with a zero checksum, set by the test */
    EspDrop why;
} kinds[] = {
#define IP(length, protocol)                                                   \
    "450000" length "0001000040" protocol "0000 c6336401cb007109"
    {"ESP", IP("1c", "32") "c000123400000001", ESP_DROP_NONE},
    {"ESP of seven bytes", IP("1b", "32") "c0001234000000", ESP_DROP_SHORT},
    {"ESP in UDP", IP("24", "11") "1194119400100000 c000123400000001",
     ESP_DROP_NONE},
    {"ESP in UDP from a NAT",
     IP("24", "11") "9c40119400100000 c000123400000001", ESP_DROP_NONE},
    {"IKE behind the marker",
     IP("24", "11") "1194119400100000 0000000011111111", ESP_DROP_IKE},
    {"keepalive", IP("1d", "11") "1194119400090000 ff", ESP_DROP_KEEPALIVE},
    {"one byte, no keepalive", IP("1d", "11") "1194119400090000 fe",
     ESP_DROP_SHORT},
    {"empty datagram", IP("1c", "11") "1194119400080000", ESP_DROP_SHORT},
    {"BFD", IP("24", "11") "c0000ec800100000 c000123400000001",
     ESP_DROP_NOT_ESP},
    {"IKE on 500", IP("24", "11") "01f401f400100000 0000000011111111",
     ESP_DROP_NOT_ESP},
    {"half a UDP header", IP("18", "11") "11941194", ESP_DROP_OUTER},
    {"UDP fragment",
     "4500002400012000401100 00 c6336401cb007109"
     "1194119400100000 c000123400000001",
     ESP_DROP_FRAGMENT},
    {"ICMP", IP("1c", "01") "0800000000000000", ESP_DROP_NOT_ESP},
#undef IP
};

START_TEST(packets_are_told_apart)
{
    g_autoptr(GByteArray) bytes = bytes_from_hex(kinds[_i].packet);
    g_autoptr(HsPacket) packet = NULL;
    uint32_t spi = 7;
    EspDrop why;

    esp_pair_fix_sum(bytes->data);
    packet = hs_packet_new(bytes->data, bytes->len);
    why = esp_classify(packet, &spi);
    ck_assert_msg(why == kinds[_i].why, "%s: %s", kinds[_i].name,
                  esp_drop_name(why));
    ck_assert_uint_eq(spi, why == ESP_DROP_NONE ? 0xc0001234 : 7);
}
END_TEST

START_TEST(same_seed_same_packets)
{
    EspSaConfig config = esp_pair_config((EspSuite)_i);
    g_auto(EspPair) one = esp_pair_new(&config);
    g_auto(EspPair) two = esp_pair_new(&config);

    for (unsigned i = 0; i < 3; i++) {
        g_autoptr(HsPacket) first = esp_pair_packet(70);
        g_autoptr(HsPacket) second = esp_pair_packet(70);

        ck_assert(esp_encapsulate(one.a, &first, NULL));
        ck_assert(esp_encapsulate(two.a, &second, NULL));
        ck_assert_uint_eq(hs_packet_length(first), hs_packet_length(second));
        ck_assert_mem_eq(hs_packet_data(first), hs_packet_data(second),
                         hs_packet_length(first));
    }
}
END_TEST

static void
add_outwards(TCase *tcase)
{
    tcase_add_loop_test(tcase, inner_mtu_is_the_documented_one, 0,
                        G_N_ELEMENTS(mtus));
    tcase_add_test(tcase, a_path_too_narrow_has_no_inner_mtu);
    tcase_add_loop_test(tcase, what_goes_in_comes_out, 0, 4 * ESP_SUITE_COUNT);
    tcase_add_test(tcase, outer_header_is_as_configured);
    tcase_add_test(tcase, udp_header_of_nat_t);
    tcase_add_loop_test(tcase, df_follows_the_policy, 0, G_N_ELEMENTS(dfs));
    tcase_add_loop_test(tcase, congestion_marks_are_merged, 0, 16);
    tcase_add_loop_test(tcase, numbers_run_out, 0, 2);
    tcase_add_loop_test(tcase, extended_numbers_roll_over, 0, ESP_SUITE_COUNT);
    tcase_add_loop_test(tcase, only_ipv4_is_encapsulated, 0,
                        G_N_ELEMENTS(bad_inner));
    tcase_add_test(tcase, outer_length_has_a_limit);
    tcase_add_test(tcase, bytes_behind_the_inner_packet_are_cut);
    tcase_add_loop_test(tcase, same_seed_same_packets, 0, ESP_SUITE_COUNT);
}

static void
add_inwards(TCase *tcase)
{
    tcase_add_test(tcase, foreign_packets_open);
    tcase_add_test(tcase, truncated_packets_are_refused);
    tcase_add_test(tcase, a_flipped_bit_is_noticed);
    tcase_add_loop_test(tcase, published_packets_pass_the_integrity_check, 0,
                        7);
    tcase_add_loop_test(tcase, the_inside_is_checked, 0, G_N_ELEMENTS(insides));
    tcase_add_loop_test(tcase, the_outside_is_checked, 0,
                        G_N_ELEMENTS(outsides));
    tcase_add_loop_test(tcase, encapsulation_must_be_as_agreed, 0, 2);
    tcase_add_test(tcase, an_outer_header_with_options_is_read);
    tcase_add_test(tcase, sas_are_found_by_spi_and_destination);
    tcase_add_loop_test(tcase, packets_are_told_apart, 0, G_N_ELEMENTS(kinds));
}

int
main(void)
{
    Suite *suite = suite_create("esp");
    TCase *names = tcase_create("names");
    TCase *outwards = tcase_create("outwards");
    TCase *inwards = tcase_create("inwards");

    tcase_add_test(names, suites_have_their_names);
    tcase_add_test(names, df_words);
    tcase_add_test(names, keys_are_drawn_and_wiped);
    tcase_add_loop_test_raise_signal(names, reserved_spis_make_no_sa, SIGABRT,
                                     0, G_N_ELEMENTS(reserved_spis));
    add_outwards(outwards);
    add_inwards(inwards);
    suite_add_tcase(suite, names);
    suite_add_tcase(suite, outwards);
    suite_add_tcase(suite, inwards);
    return run_suite(suite);
}
