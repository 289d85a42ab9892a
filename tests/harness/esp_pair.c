#include "config.h"

#include "tests/harness/esp_pair.h"

#include <check.h>
#include <string.h>

EspPair
esp_pair_new(const EspSaConfig *config)
{
    EspPair pair = {.rng = hs_rng_new(1, "test", "esp")};

    pair.a = esp_sa_new(config, pair.rng);
    pair.b = esp_sa_new(config, pair.rng);
    return pair;
}

void
esp_pair_clear(EspPair *pair)
{
    esp_sa_free(pair->a);
    esp_sa_free(pair->b);
    hs_rng_free(pair->rng);
}

EspSaConfig
esp_pair_config(EspSuite suite)
{
    g_autoptr(HsRng) rng = hs_rng_new(4303, "test", "keys");
    EspSaConfig config = {
        .spi = ESP_PAIR_SPI,
        .suite = suite,
        .source = hs_addr_ipv4(ESP_PAIR_REMOTE),
        .destination = hs_addr_ipv4(ESP_PAIR_LOCAL),
    };

    esp_keys_draw(&config.keys, suite, rng);
    return config;
}

unsigned
esp_pair_u16(const uint8_t *data)
{
    return (unsigned)data[0] << 8 | data[1];
}

unsigned
esp_pair_sum(const uint8_t *data, size_t length)
{
    uint32_t sum = 0;

    for (size_t i = 0; i < length; i += 2)
        sum += esp_pair_u16(data + i);
    while (sum > 0xffff)
        sum = (sum & 0xffff) + (sum >> 16);
    return sum;
}

void
esp_pair_fix_sum(uint8_t *header)
{
    unsigned sum;

    header[10] = header[11] = 0;
    sum = ~esp_pair_sum(header, (size_t)(header[0] & 15) * 4) & 0xffff;
    header[10] = (uint8_t)(sum >> 8);
    header[11] = (uint8_t)(sum & 0xff);
}

HsPacket *
esp_pair_packet(size_t length)
{
    HsPacket *packet = hs_packet_new(NULL, length);
    uint8_t *data = hs_packet_bytes(packet);

    memcpy(data, "\x45\x00\x00\x00\x12\x34\x40\x00\x3f\x11\x00\x00", 12);
    memcpy(data + 12, "\x0a\x00\x01\x0a\xac\x10\x00\x14", 8);
    data[2] = (uint8_t)(length >> 8);
    data[3] = (uint8_t)(length & 0xff);
    esp_pair_fix_sum(data);
    for (size_t i = 20; i < length; i++)
        data[i] = (uint8_t)(i * 7 & 0xff);
    return packet;
}

void
esp_pair_expect_drop(EspSa *b, HsPacket **packet, EspDrop expected,
                     const char *name)
{
    uint64_t before = esp_sa_counters(b)->drops[expected];
    EspDrop why = ESP_DROP_NONE;

    ck_assert_msg(!esp_decapsulate(b, packet, &why), "%s: accepted", name);
    ck_assert_msg(why == expected, "%s: %s, not %s", name, esp_drop_name(why),
                  esp_drop_name(expected));
    ck_assert_uint_eq(esp_sa_counters(b)->drops[expected], before + 1);
}

EspEvent
esp_pair_expect_event(EspSa *sa, EspEventKind kind)
{
    EspEvent event;

    ck_assert_msg(esp_sa_poll(sa, &event), "no \"%s\"", esp_event_name(kind));
    ck_assert_msg(event.kind == kind, "\"%s\", not \"%s\"",
                  esp_event_name(event.kind), esp_event_name(kind));
    return event;
}

void
esp_pair_expect_no_event(EspSa *sa)
{
    EspEvent event;

    if (esp_sa_poll(sa, &event))
        ck_abort_msg("\"%s\"", esp_event_name(event.kind));
}
