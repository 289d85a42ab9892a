/* ESP packets looked into, as a reader of captures does. The first two are
 * scapy's (tests/captures/esp-scapy), from the SPI on. */

#include "config.h"

#include "models/crypto/cbc.h"
#include "models/crypto/mac.h"
#include "models/esp/esp.h"
#include "tests/harness/hex.h"
#include "tests/harness/run.h"

#include <check.h>
#include <string.h>

static const struct {
    EspSuite suite;
    const char *key, *salt, *integrity, *packet;
    uint32_t spi, sequence;
    size_t iv, icv;
} packets[] = {
    {ESP_SUITE_AES128_CBC_SHA1, "0efa55cf27a98e20b9414f84a5097bfd", "",
     "f8c287d211576c94af955e264eec99a83a59dc87",
     "00001000 00000001 5dd442d0dbbd48da9ca717d098c7f861"
     "764bc49f71179c4ff1ddfc15562c42cf712a9e7e5b03c33e3c462c636f5b2bf6"
     "1636271c42ce8fbf9b97e185",
     0x1000, 1, 16, 12},
    {ESP_SUITE_AES128_GCM16, "2f080b2a691f4f143c1adde71b316123", "0d973fa0", "",
     "00001004 00000005 bfff1a62153b318d"
     "b5d2d2c80c90809c010b52160f0a88b2e83414649df12670176deb829f0079c9"
     "9b3126e8c08f2039fabc0c39a7455803",
     0x1004, 5, 8, 16},
};

static void
copy_hex(uint8_t *to, const char *text)
{
    g_autoptr(GBytes) bytes = hex_bytes(text);
    gsize length;
    const void *data = g_bytes_get_data(bytes, &length);

    if (length > 0)
        memcpy(to, data, length);
}

/* With an SPI of its own: the packet's counts. */
static EspSa *
make_sa(unsigned i, HsRng *rng, bool esn)
{
    EspSaConfig config = {
        .spi = ESP_SPI_MIN,
        .suite = packets[i].suite,
        .esn = esn,
        .source = hs_addr_ipv4(0),
        .destination = hs_addr_ipv4(0),
    };

    copy_hex(config.keys.key, packets[i].key);
    copy_hex(config.keys.salt, packets[i].salt);
    copy_hex(config.keys.integrity, packets[i].integrity);
    return esp_sa_new(&config, rng);
}

START_TEST(a_packet_is_opened)
{
    g_autoptr(HsRng) rng = hs_rng_new(1, "test", "esp");
    g_autoptr(EspSa) sa = make_sa((unsigned)_i, rng, false);
    g_autoptr(GBytes) bytes = hex_bytes(packets[_i].packet);
    gsize length;
    const uint8_t *data = g_bytes_get_data(bytes, &length);

    /* Twice: a capture may have it twice. */
    for (unsigned again = 0; again < 2; again++) {
        g_auto(EspInspection) inside = {0};

        ck_assert_int_eq(
            esp_inspect(sa, data, length, packets[_i].sequence, &inside),
            ESP_DROP_NONE);
        ck_assert_uint_eq(inside.next, 4);
        ck_assert(inside.good_padding);
        ck_assert_uint_eq(inside.length, 28);
        ck_assert_uint_eq(inside.data[0], 0x45);
        ck_assert_mem_eq(inside.data + 12, "\x0a\x01\0\x01\x0a\x02\0\x01", 8);
        ck_assert_mem_eq(inside.iv, data + 8, packets[_i].iv);
        ck_assert_mem_eq(inside.icv, data + length - packets[_i].icv,
                         packets[_i].icv);
        ck_assert_uint_eq(inside.length + inside.padding + 2,
                          length - 8 - packets[_i].iv - packets[_i].icv);
    }
    ck_assert_uint_eq(esp_sa_counters(sa)->packets, 0);
}
END_TEST

/* Any changed bit, another number, and an SA with extended numbers. */
START_TEST(a_wrong_icv_opens_nothing)
{
    g_autoptr(HsRng) rng = hs_rng_new(1, "test", "esp");
    g_autoptr(EspSa) sa = make_sa((unsigned)_i, rng, false);
    g_autoptr(EspSa) esn = make_sa((unsigned)_i, rng, true);
    g_autoptr(GByteArray) bytes =
        g_bytes_unref_to_array(hex_bytes(packets[_i].packet));
    EspInspection inside = {.next = 99};

    for (guint i = 0; i < bytes->len; i++) {
        bytes->data[i] ^= 0x10;
        /* GCM's number is an argument, not the field. */
        if (packets[_i].icv != 16 || i < 4 || i >= 8)
            ck_assert_int_eq(esp_inspect(sa, bytes->data, bytes->len,
                                         packets[_i].sequence, &inside),
                             ESP_DROP_INTEGRITY);
        bytes->data[i] ^= 0x10;
    }
    ck_assert_int_eq(esp_inspect(esn, bytes->data, bytes->len,
                                 packets[_i].sequence, &inside),
                     ESP_DROP_INTEGRITY);
    ck_assert_uint_eq(inside.next, 99);
    ck_assert_ptr_null(inside.bytes);
}
END_TEST

START_TEST(a_truncated_packet_is_refused)
{
    g_autoptr(HsRng) rng = hs_rng_new(1, "test", "esp");
    g_autoptr(EspSa) sa = make_sa((unsigned)_i, rng, false);
    g_autoptr(GBytes) bytes = hex_bytes(packets[_i].packet);
    gsize length;
    const uint8_t *data = g_bytes_get_data(bytes, &length);
    size_t block = packets[_i].icv == 16 ? 4 : 16;
    size_t least = 8 + packets[_i].iv + block + packets[_i].icv;

    for (gsize cut = 0; cut < length; cut++) {
        g_auto(EspInspection) inside = {0};
        EspDrop why = esp_inspect(sa, data, cut, packets[_i].sequence, &inside);

        if (cut < least)
            ck_assert_int_eq(why, ESP_DROP_SHORT);
        else if ((cut - least) % block != 0)
            ck_assert_int_eq(why, ESP_DROP_ALIGNMENT);
        else
            ck_assert_int_eq(why, ESP_DROP_INTEGRITY);
    }
}
END_TEST

/* What stands in front of the ICV of a packet with the first SA's keys. */
static const struct {
    const char *name, *clear;
    EspDrop why;
    size_t length;
    uint8_t next;
    bool good_padding;
} clears[] = {
    {"IPv6 inside", "6000000000003b400102030405060629", ESP_DROP_NONE, 8, 41,
     true},
    {"transport mode", "00350035000800000102030405060611", ESP_DROP_NONE, 8, 17,
     true},
    {"dummy packet", "ffffffffffffffffffffffffffff003b", ESP_DROP_NONE, 14, 59,
     true},
    {"no payload", "0102030405060708090a0b0c0d0e0e04", ESP_DROP_NONE, 0, 4,
     true},
    {"padding of zeros", "45000000000000000000000000000604", ESP_DROP_NONE, 8,
     4, false},
    {"longer padding than packet", "45000000000000000000000000000f04",
     ESP_DROP_PADDING, 0, 0, false},
};

START_TEST(insides_of_any_kind)
{
    g_autoptr(HsRng) rng = hs_rng_new(1, "test", "esp");
    g_autoptr(EspSa) sa = make_sa(0, rng, false);
    g_auto(EspInspection) inside = {0};
    uint8_t packet[8 + 16 + 16 + 12] = {0, 0, 0x10, 0, 0, 0, 0, 9};
    uint8_t key[16], integrity[20];
    CryptoCbc *cbc;
    CryptoMac *mac;

    copy_hex(key, packets[0].key);
    copy_hex(integrity, packets[0].integrity);
    copy_hex(packet + 24, clears[_i].clear);
    cbc = crypto_cbc_new(key, sizeof key);
    crypto_cbc_encrypt(cbc, packet + 8, packet + 24, 16);
    crypto_cbc_free(cbc);
    mac = crypto_mac_new(CRYPTO_MAC_HMAC_SHA1, integrity, sizeof integrity);
    crypto_mac_start(mac);
    crypto_mac_add(mac, packet, 40);
    crypto_mac_end(mac, packet + 40, 12);
    crypto_mac_free(mac);

    ck_assert_msg(esp_inspect(sa, packet, sizeof packet, 9, &inside) ==
                      clears[_i].why,
                  "%s", clears[_i].name);
    if (clears[_i].why != ESP_DROP_NONE)
        return;
    ck_assert_uint_eq(inside.length, clears[_i].length);
    ck_assert_uint_eq(inside.next, clears[_i].next);
    ck_assert_int_eq(inside.good_padding, clears[_i].good_padding);
}
END_TEST

int
main(void)
{
    Suite *s = suite_create("esp inspect");
    TCase *t = tcase_create("all");

    tcase_add_loop_test(t, a_packet_is_opened, 0, G_N_ELEMENTS(packets));
    tcase_add_loop_test(t, a_wrong_icv_opens_nothing, 0, G_N_ELEMENTS(packets));
    tcase_add_loop_test(t, a_truncated_packet_is_refused, 0,
                        G_N_ELEMENTS(packets));
    tcase_add_loop_test(t, insides_of_any_kind, 0, G_N_ELEMENTS(clears));
    suite_add_tcase(s, t);
    return run_suite(s);
}
