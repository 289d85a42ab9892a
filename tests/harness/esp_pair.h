/* Two ESP SAs of one direction, A that sends and B that receives, and packets
 * to put through them. */

#ifndef HS_TESTS_HARNESS_ESP_PAIR_H
#define HS_TESTS_HARNESS_ESP_PAIR_H

#include "models/esp/esp.h"

/* The tunnel's ends: 203.0.113.9 receives, 198.51.100.1 sends. */
#define ESP_PAIR_LOCAL  0xcb007109
#define ESP_PAIR_REMOTE 0xc6336401
#define ESP_PAIR_SPI    0xc0001234

typedef struct {
    HsRng *rng;   /* owned */
    EspSa *a, *b; /* owned */
} EspPair;

EspPair esp_pair_new(const EspSaConfig *config);
void esp_pair_clear(EspPair *pair);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(EspPair, esp_pair_clear)

/* From REMOTE to LOCAL with keys drawn from a fixed seed. */
EspSaConfig esp_pair_config(EspSuite suite);

/* An IPv4 packet of LENGTH bytes with a right checksum. */
HsPacket *esp_pair_packet(size_t length);

unsigned esp_pair_u16(const uint8_t *data);

/* The sum over an IPv4 header: 0xffff if its checksum is right. */
unsigned esp_pair_sum(const uint8_t *data, size_t length);

/* Puts the checksum of an IPv4 header right. */
void esp_pair_fix_sum(uint8_t *header);

/* B must refuse *PACKET for WHY, and count it so. NAME is printed else. */
void esp_pair_expect_drop(EspSa *b, HsPacket **packet, EspDrop why,
                          const char *name);

/* The test fails if there is another event first, or none. */
EspEvent esp_pair_expect_event(EspSa *sa, EspEventKind kind);
void esp_pair_expect_no_event(EspSa *sa);

#endif
