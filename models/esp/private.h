/* What sa.c, packet.c and sad.c share. */

#ifndef HS_ESP_PRIVATE_H
#define HS_ESP_PRIVATE_H

#include "models/crypto/aead.h"
#include "models/crypto/cbc.h"
#include "models/crypto/mac.h"
#include "models/esp/esp.h"
#include "models/esp/window.h"

struct EspSa {
    EspSaConfig config;       /* keys wiped */
    const EspSuiteInfo *info; /* static */
    HsRng *rng;               /* borrowed: outlives us */
    CryptoAead *aead;         /* owned; NULL for CBC */
    CryptoCbc *cbc;           /* owned; NULL for GCM */
    CryptoMac *mac;           /* owned; NULL for GCM */
    uint8_t salt[ESP_SALT];
    uint64_t sent; /* the last number used */
    EspWindow window;
    uint16_t next_id; /* of the outer IPv4 header */
    EspCounters counters;
    EspLimit used;    /* what the limits are compared with */
    unsigned raised;  /* bit of an EspEventKind: was reported */
    unsigned pending; /* likewise: waits for esp_sa_poll() */
};

/* Where the ESP header of an outer packet stands, and what it says. */
typedef struct {
    size_t esp;    /* offset of the SPI */
    size_t length; /* from there to the end of the datagram */
    uint32_t spi;
    uint8_t tos; /* of the outer header */
    bool in_udp;
    HsAddr source;
    uint16_t source_port; /* if in_udp */
} EspOuter;

/* Counts a packet of BYTES encrypted bytes and numbered NUMBER. */
void esp_sa_count(EspSa *sa, size_t bytes, uint64_t number);

/* The hard limit was reached by an earlier packet. */
bool esp_sa_is_spent(const EspSa *sa);

/* An authentic packet, the newest so far, came from there. */
void esp_sa_heard_from(EspSa *sa, const HsAddr *source, uint16_t port);

/* As esp_classify(). */
EspDrop
esp_outer_parse(const uint8_t *data, size_t length, EspOuter *ret_outer);

/* Checks the integrity of the packet at ESP, numbered NUMBER, and decrypts it
 * in place: ENCRYPTED bytes from behind the IV to the ICV. */
bool
esp_unseal(EspSa *sa, uint8_t *esp, size_t encrypted, uint64_t number);

/* Decapsulates what esp_outer_parse() found. */
bool
esp_open(EspSa *sa, HsPacket **packet, const EspOuter *outer, EspDrop *ret_why);

#endif
