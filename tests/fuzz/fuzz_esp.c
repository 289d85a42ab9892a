/* ESP fed with anything, in three ways that the first byte chooses:
 *
 *   outer    the rest is an outer packet; its header checksum may be put right
 *   inside   the rest is what stands encrypted in a packet with a right ICV:
 *            inner packet, padding, trailer
 *   inner    the rest is to be encapsulated
 *
 * Besides not crashing: what comes out is an IPv4 packet as long as it says,
 * what was encapsulated comes back as it was, and the counters add up. */

#include "config.h"

#include "models/crypto/aead.h"
#include "models/esp/esp.h"

#include <stdlib.h>
#include <string.h>

enum {
    CONTROL_INSIDE = 0x01,
    CONTROL_INNER = 0x02,
    CONTROL_CHECKSUM = 0x04,
    CONTROL_NAT_T = 0x08,
    CONTROL_ESN = 0x10,
    CONTROL_CBC = 0x20,
};

#define SPI 0xc0001234

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A g_assert() that says nothing of the input, for the fuzzer's benefit. */
static void
must(bool holds)
{
    if (!holds)
        abort();
}

static void
put_checksum(HsPacket *packet)
{
    uint8_t *data = hs_packet_bytes(packet);
    size_t length = hs_packet_length(packet);
    uint32_t sum = 0;

    if (length < 20 || (size_t)(data[0] & 15) * 4 > length)
        return;
    length = (size_t)(data[0] & 15) * 4;
    if (length < 20)
        return;
    data[10] = data[11] = 0;
    for (size_t i = 0; i < length; i += 2)
        sum += (uint32_t)data[i] << 8 | data[i + 1];
    sum = (sum & 0xffff) + (sum >> 16);
    sum = (sum & 0xffff) + (sum >> 16);
    data[10] = (uint8_t)(~sum >> 8 & 0xff);
    data[11] = (uint8_t)(~sum & 0xff);
}

/* DATA as the encrypted part of a packet for the SA of CONFIG (GCM, raw). */
static HsPacket *
seal(const EspSaConfig *config, const uint8_t *data, size_t length)
{
    HsPacket *packet = hs_packet_new(NULL, 36 + length + 16);
    uint8_t *to = hs_packet_bytes(packet);
    g_autoptr(CryptoAead) aead = crypto_aead_new(config->keys.key, 16);
    uint8_t nonce[12] = {0};
    uint8_t aad[12] = {0xc0, 0x00, 0x12, 0x34};
    size_t aad_length = config->esn ? 12 : 8;

    memcpy(to, "\x45\x00\x00\x00\x00\x01\x00\x00\x40\x32\x00\x00", 12);
    to[2] = (uint8_t)(hs_packet_length(packet) >> 8 & 0xff);
    to[3] = (uint8_t)(hs_packet_length(packet) & 0xff);
    memcpy(to + 12, "\xc6\x33\x64\x01\xcb\x00\x71\x09", 8);
    put_checksum(packet);
    memcpy(to + 20, "\xc0\x00\x12\x34\x00\x00\x00\x05", 8);
    aad[aad_length - 1] = 5;
    memcpy(nonce, config->keys.salt, 4);
    if (length > 0)
        memcpy(to + 36, data, length);
    crypto_aead_seal(aead, nonce, aad, aad_length, to + 36, length,
                     to + 36 + length);
    return packet;
}

static void
check_inner(const HsPacket *packet)
{
    const uint8_t *data = hs_packet_data(packet);
    size_t length = hs_packet_length(packet);

    must(length >= 20 && data[0] >> 4 == 4);
    must(((size_t)data[2] << 8 | data[3]) == length);
}

static void
decapsulate(EspSad *sad, HsPacket **packet)
{
    EspDrop why = ESP_DROP_NONE;
    const EspCounters *counters;
    EspSa *sa = NULL;

    if (esp_sad_decapsulate(sad, packet, &sa, &why)) {
        must(sa != NULL && esp_sa_counters(sa)->packets == 1);
        check_inner(*packet);
        return;
    }
    counters = sa != NULL ? esp_sa_counters(sa) : esp_sad_counters(sad);
    must(why != ESP_DROP_NONE && counters->drops[why] == 1);
}

static void
there_and_back(EspSa *out, EspSad *sad, HsPacket **packet)
{
    g_autoptr(HsPacket) before = hs_packet_ref(*packet);
    EspSa *sa = NULL;

    if (!esp_encapsulate(out, packet, NULL)) {
        must(*packet == before);
        return;
    }
    must(hs_packet_length(*packet) <= 65535);
    must(esp_sad_decapsulate(sad, packet, &sa, NULL));
    check_inner(*packet);
    must(hs_packet_length(*packet) <= hs_packet_length(before));
    must(memcmp(hs_packet_data(*packet), hs_packet_data(before),
                hs_packet_length(*packet)) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t control = size > 0 ? data[0] : 0;
    EspSaConfig config = {
        .spi = SPI,
        .suite = ESP_SUITE_AES128_GCM16,
        .keys = {.key = {1, 2, 3}, .salt = {4}, .integrity = {5}},
        .esn = control & CONTROL_ESN,
        .source = hs_addr_ipv4(0xc6336401),
        .destination = hs_addr_ipv4(0xcb007109),
    };
    g_autoptr(HsRng) rng = hs_rng_new(1, "fuzz", "esp");
    g_autoptr(EspSad) sad = esp_sad_new();
    g_autoptr(EspSa) out = NULL;
    g_autoptr(HsPacket) packet = NULL;

    if (size == 0 || size > 70000)
        return 0;
    data++;
    size--;
    if (!(control & CONTROL_INSIDE)) {
        config.nat_t = control & CONTROL_NAT_T;
        if (control & CONTROL_CBC)
            config.suite = ESP_SUITE_AES128_CBC_SHA1;
    }
    must(esp_sad_add(sad, esp_sa_new(&config, rng)));
    if (control & CONTROL_INSIDE) {
        if (size > 60000)
            return 0;
        packet = seal(&config, data, size);
        decapsulate(sad, &packet);
        return 0;
    }
    packet = hs_packet_new(data, size);
    if (control & CONTROL_INNER) {
        out = esp_sa_new(&config, rng);
        there_and_back(out, sad, &packet);
        return 0;
    }
    if (control & CONTROL_CHECKSUM)
        put_checksum(packet);
    decapsulate(sad, &packet);
    return 0;
}
