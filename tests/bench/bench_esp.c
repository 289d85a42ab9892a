/* ESP encapsulation against the bare cipher, at three packet lengths.
 *
 * Both work in place on the same kind of packet, and both write the inner
 * header anew each time, because it has been encrypted. The two take turns in
 * short rounds; of each round's ratio the median is printed, so that another
 * load on the machine, which falls on both, does not decide. */

#include "config.h"

#include "models/crypto/aead.h"
#include "models/crypto/cbc.h"
#include "models/crypto/mac.h"
#include "models/esp/esp.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROUNDS 41
#define TURN   2000 /* packets */

typedef struct {
    EspSuite suite;
    size_t length;
    EspSa *sa;
    HsPacket *packet;
    CryptoAead *aead;
    CryptoCbc *cbc;
    CryptoMac *mac;
    uint8_t header[20];
    uint8_t room[2048];
} Bench;

static void
bench_init(Bench *b, EspSuite suite, size_t length, HsRng *rng)
{
    EspSaConfig config = {.spi = 0x1000,
                          .suite = suite,
                          .source = hs_addr_ipv4(0xc6336401),
                          .destination = hs_addr_ipv4(0xcb007109)};
    const EspSuiteInfo *info = esp_suite_info(suite);

    memset(b, 0, sizeof *b);
    b->suite = suite;
    b->length = length;
    esp_keys_draw(&config.keys, suite, rng);
    b->sa = esp_sa_new(&config, rng);
    memcpy(b->header, "\x45\x00\x00\x00\x00\x01\x40\x00\x3f\x06", 10);
    b->header[2] = (uint8_t)(length >> 8);
    b->header[3] = (uint8_t)(length & 0xff);
    b->packet = hs_packet_new(NULL, length);
    if (info->integrity == NULL) {
        b->aead = crypto_aead_new(config.keys.key, info->key);
    } else {
        b->cbc = crypto_cbc_new(config.keys.key, info->key);
        b->mac = crypto_mac_new(CRYPTO_MAC_HMAC_SHA2_256, config.keys.integrity,
                                info->integrity_key);
    }
}

static void
bench_clear(Bench *b)
{
    esp_sa_free(b->sa);
    hs_packet_unref(b->packet);
    crypto_aead_free(b->aead);
    crypto_cbc_free(b->cbc);
    crypto_mac_free(b->mac);
}

static void
encapsulate(Bench *b)
{
    const EspSaConfig *config = esp_sa_config(b->sa);
    size_t front = 28 + esp_suite_info(config->suite)->iv;

    memcpy(hs_packet_bytes(b->packet), b->header, sizeof b->header);
    if (!esp_encapsulate(b->sa, &b->packet, NULL))
        abort();
    hs_packet_pull(b->packet, front);
    hs_packet_trim(b->packet, b->length);
}

static void
cipher_only(Bench *b, uint64_t number)
{
    uint8_t nonce[16] = {0};
    uint8_t aad[8] = {0};
    size_t blocks = (b->length + 2 + 15) / 16 * 16;

    memcpy(b->room, b->header, sizeof b->header);
    memcpy(nonce + 4, &number, sizeof number);
    if (b->aead != NULL) {
        crypto_aead_seal(b->aead, nonce, aad, sizeof aad, b->room, b->length,
                         b->room + b->length);
        return;
    }
    crypto_cbc_encrypt(b->cbc, nonce, b->room, blocks);
    crypto_mac_start(b->mac);
    crypto_mac_add(b->mac, b->room, blocks);
    crypto_mac_end(b->mac, b->room + blocks, 16);
}

static int
compare(const void *a, const void *b)
{
    const double *left = a, *right = b;

    return *left < *right ? -1 : *left > *right;
}

static double
median(double *values)
{
    qsort(values, ROUNDS, sizeof *values, compare);
    return values[ROUNDS / 2];
}

static void
bench_run(EspSuite suite, size_t length, HsRng *rng)
{
    double esp[ROUNDS], bare[ROUNDS], ratio[ROUNDS];
    uint64_t number = 0;
    Bench b;

    bench_init(&b, suite, length, rng);
    for (unsigned round = 0; round < ROUNDS; round++) {
        gint64 start = g_get_monotonic_time(), middle;

        for (unsigned i = 0; i < TURN; i++)
            encapsulate(&b);
        middle = g_get_monotonic_time();
        for (unsigned i = 0; i < TURN; i++)
            cipher_only(&b, ++number);
        esp[round] = (double)(middle - start) * 1000 / TURN;
        bare[round] = (double)(g_get_monotonic_time() - middle) * 1000 / TURN;
        ratio[round] = esp[round] / bare[round];
    }
    printf("%-20s %5zu B  %6.0f ns  %6.0f ns  %5.2f\n", esp_suite_name(suite),
           length, median(esp), median(bare), median(ratio));
    bench_clear(&b);
}

int
main(void)
{
    static const EspSuite suites[] = {ESP_SUITE_AES256_GCM16,
                                      ESP_SUITE_AES256_CBC_SHA2_256};
    static const size_t lengths[] = {64, 512, 1400};
    g_autoptr(HsRng) rng = hs_rng_new(1, "bench", "esp");

    printf("ESP encapsulation        inner      ESP       cipher  ratio\n");
    for (unsigned s = 0; s < G_N_ELEMENTS(suites); s++)
        for (unsigned l = 0; l < G_N_ELEMENTS(lengths); l++)
            bench_run(suites[s], lengths[l], rng);
    printf("goal: at most 1.15 for aes256-gcm16 at 1400 B\n");
    return 0;
}
