/* ESP in tunnel mode (RFC 4303), IPv4 in IPv4, with or without UDP around it
 * (RFC 3948).
 *
 * An EspSa is one direction of a tunnel: it holds the cipher contexts, the
 * sequence counter or the replay window, and counts what it did and what it
 * refused. A packet is changed where it stands, in its own headroom. There is
 * no clock in here: an SA's lifetime in time is the business of who installed
 * it; the lifetimes in packets and bytes are counted here.
 *
 * Rekeying is having two inbound SAs in the SAD for a while, each with its own
 * SPI, and changing the outbound one in between; what the owner needs to know
 * for it (limits reached, the new SA in use, the peer's address changed) is
 * queued: after each packet, take events with esp_sa_poll() until it returns
 * false.
 *
 * The MTU is the router's: it compares an inner packet with esp_inner_mtu()
 * before it calls, and answers or fragments. It decrements the inner TTL as
 * for any hop (RFC 4301 5.1.2.1, note 3) before encapsulation too. */

#ifndef HS_ESP_ESP_H
#define HS_ESP_ESP_H

#include "models/base/addr.h"
#include "models/base/packet.h"
#include "models/base/rng.h"

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Suites */

#define ESP_SUITES(X)                                                          \
    X(AES128_GCM16, "aes128-gcm16")                                            \
    X(AES256_GCM16, "aes256-gcm16")                                            \
    X(AES128_CBC_SHA1, "aes128-cbc-sha1")                                      \
    X(AES256_CBC_SHA1, "aes256-cbc-sha1")                                      \
    X(AES128_CBC_SHA2_256, "aes128-cbc-sha2-256")                              \
    X(AES256_CBC_SHA2_256, "aes256-cbc-sha2-256")                              \
    X(AES128_CBC_SHA2_384, "aes128-cbc-sha2-384")                              \
    X(AES256_CBC_SHA2_384, "aes256-cbc-sha2-384")                              \
    X(AES128_CBC_SHA2_512, "aes128-cbc-sha2-512")                              \
    X(AES256_CBC_SHA2_512, "aes256-cbc-sha2-512")

typedef enum {
#define X(name, text) ESP_SUITE_##name,
    ESP_SUITES(X)
#undef X
        ESP_SUITE_COUNT
} EspSuite;

/* What a suite is made of. Lengths in bytes. The words are those that the
 * Wireshark profile (pcap/wireshark.h) takes. */
typedef struct {
    const char *encryption; /* "aes-gcm16" or "aes-cbc" */
    const char *integrity; /* "sha1", "sha2-256", … or NULL: none of its own */
    size_t key;            /* of the cipher */
    size_t salt;           /* that stands behind the key: 4 for GCM, or 0 */
    size_t integrity_key;
    size_t iv;
    size_t icv;
    size_t block; /* what the encrypted part is padded to */
} EspSuiteInfo;

const EspSuiteInfo *esp_suite_info(EspSuite suite);
const char *esp_suite_name(EspSuite suite);

/* False, and RET_SUITE untouched, if NAME is not a suite's. */
bool esp_suite_from_name(const char *name, EspSuite *ret_suite);

/* Every suite's name, ended by NULL: for messages and completion. */
const char *const *esp_suite_names(void);

#define ESP_KEY_MAX           32
#define ESP_SALT              4
#define ESP_INTEGRITY_KEY_MAX 64

/* A suite uses the first bytes of each. */
typedef struct {
    uint8_t key[ESP_KEY_MAX];
    uint8_t salt[ESP_SALT];
    uint8_t integrity[ESP_INTEGRITY_KEY_MAX];
} EspKeys;

/* Draws what SUITE needs; the rest is zero. */
void esp_keys_draw(EspKeys *ret_keys, EspSuite suite, HsRng *rng);

/* Wipes them. */
void esp_keys_clear(EspKeys *keys);

/* A security association */

typedef enum {
    ESP_DF_COPY, /* from the inner header */
    ESP_DF_SET,
    ESP_DF_CLEAR,
} EspDf;

/* "copy", "set", "clear"; false, and RET_DF untouched, for another word. */
bool esp_df_from_name(const char *name, EspDf *ret_df);

#define ESP_NATT_PORT      4500
#define ESP_SPI_MIN        256 /* RFC 4303 2.1: 1 to 255 are reserved */
#define ESP_WINDOW_MIN     64
#define ESP_WINDOW_MAX     2048
#define ESP_WINDOW_DEFAULT 64 /* RFC 4303 3.4.3 */
#define ESP_TTL_DEFAULT    64

/* RFC 4301 4.4.2.1: how much one SA may carry, in packets and in bytes given to
 * the cipher (so with the padding); 0: no limit. Only packets that passed the
 * integrity check count inwards. */
typedef struct {
    uint64_t packets;
    uint64_t bytes;
} EspLimit;

typedef struct {
    uint32_t spi; /* ESP_SPI_MIN or more */
    EspSuite suite;
    EspKeys keys;
    bool esn;             /* extended sequence numbers */
    unsigned window;      /* of the receiver, ESP_WINDOW_MIN to _MAX, rounded up
                           * to a multiple of 64; 0: ESP_WINDOW_DEFAULT */
    HsAddr source;        /* of the outer header */
    HsAddr destination;   /* likewise */
    bool nat_t;           /* ESP in UDP */
    uint16_t source_port; /* 0: ESP_NATT_PORT */
    uint16_t destination_port; /* likewise */
    EspDf df;
    uint8_t ttl;       /* of the outer header; 0: ESP_TTL_DEFAULT */
    uint64_t sequence; /* the last number used or accepted: 0 for a new SA */
    EspLimit soft;     /* reached: an event, time to rekey */
    EspLimit hard;     /* reached: an event, and no packet after it */
    /* Shorter inner packets are filled up to this length with bytes that the
     * receiver cuts off (RFC 4303 2.7); 0: none are. */
    size_t fill;
} EspSaConfig;

/* Why a packet was refused. Each is counted. */
#define ESP_DROPS(X)                                                           \
    X(NONE, "none")                                                            \
    /* encapsulation */                                                        \
    X(INNER, "bad inner packet")                                               \
    X(TOO_BIG, "outer packet above 65535 bytes")                               \
    X(SEQUENCE_END, "sequence numbers used up")                                \
    X(EXPIRED, "hard lifetime reached") /* inwards too */                      \
    /* before an SA is known */                                                \
    X(OUTER, "bad outer header")                                               \
    X(FRAGMENT, "outer fragment")                                              \
    X(NOT_ESP, "not ESP")                                                      \
    X(KEEPALIVE, "NAT keepalive")                                              \
    X(IKE, "IKE on the ESP port")                                              \
    X(NO_SA, "no SA")                                                          \
    /* decapsulation */                                                        \
    X(ENCAPSULATION, "UDP encapsulation not as agreed")                        \
    X(SHORT, "too short")                                                      \
    X(ALIGNMENT, "encrypted part not aligned")                                 \
    X(REPLAY, "replayed")                                                      \
    X(OLD, "older than the replay window")                                     \
    X(INTEGRITY, "integrity check failed")                                     \
    X(PADDING, "bad padding")                                                  \
    X(DUMMY, "dummy packet")                                                   \
    X(IPV6, "IPv6 inside") /* outwards too */                                  \
    X(NEXT_HEADER, "not IPv4 inside")                                          \
    X(ECN, "congestion mark on a flow without ECN")

typedef enum {
#define X(name, text) ESP_DROP_##name,
    ESP_DROPS(X)
#undef X
        ESP_DROP_COUNT
} EspDrop;

const char *esp_drop_name(EspDrop drop);

typedef struct {
    uint64_t packets; /* encapsulated or decapsulated */
    uint64_t bytes;   /* of their inner packets */
    uint64_t drops[ESP_DROP_COUNT];
} EspCounters;

typedef struct EspSa EspSa;

/* One direction. RNG (borrowed: outlives the SA) draws the first IP id and
 * the IVs of CBC. The keys go into the cipher contexts; the SA keeps no copy.
 */
EspSa *esp_sa_new(const EspSaConfig *config, HsRng *rng);
void esp_sa_free(EspSa *sa); /* wipes the keys; NULL is fine */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(EspSa, esp_sa_free)

/* The configuration with its defaults filled in and its keys wiped. */
const EspSaConfig *esp_sa_config(const EspSa *sa);
const EspCounters *esp_sa_counters(const EspSa *sa);

/* The last number sent, or the highest accepted. */
uint64_t esp_sa_sequence(const EspSa *sa);

/* What the owner of an SA may have to act on. Each is reported once, but for
 * PEER_MOVED, which comes with each change. */
#define ESP_EVENTS(X)                                                          \
    X(IN_USE, "first packet")                                                  \
    X(SOFT_LIMIT, "soft lifetime reached")                                     \
    X(HARD_LIMIT, "hard lifetime reached")                                     \
    X(NUMBERS_LOW, "sequence numbers run low")                                 \
    X(PEER_MOVED, "the peer's address changed")

typedef enum {
#define X(name, text) ESP_EVENT_##name,
    ESP_EVENTS(X)
#undef X
        ESP_EVENT_COUNT
} EspEventKind;

const char *esp_event_name(EspEventKind kind);

typedef struct {
    EspEventKind kind;
    /* PEER_MOVED: where authenticated packets in UDP come from now (RFC 7296
     * 2.23). A peer that is not behind a NAT itself sends there from now on,
     * ESP and IKE alike: esp_sa_set_destination(). */
    HsAddr address;
    uint16_t port;
} EspEvent;

/* False if there is none left. */
bool esp_sa_poll(EspSa *sa, EspEvent *ret_event);

/* What an outbound SA sends from now on goes there. */
void esp_sa_set_destination(EspSa *sa, const HsAddr *address, uint16_t port);

/* Inner IPv4 packet in, outer packet out. *PACKET is replaced if it has other
 * holders. False: *RET_WHY (may be NULL) says why, and *PACKET is as it was. */
bool esp_encapsulate(EspSa *sa, HsPacket **packet, EspDrop *ret_why);

/* Outer IPv4 packet in, inner packet out. False: *RET_WHY (may be NULL) says
 * why; *PACKET is still the caller's, but its bytes may have changed. */
bool esp_decapsulate(EspSa *sa, HsPacket **packet, EspDrop *ret_why);

/* RFC 4303 2.6: a packet that says nothing, to hide when something is said; its
 * encrypted part is as long as that around LENGTH bytes. NULL if it is refused:
 * see esp_encapsulate(). */
HsPacket *esp_dummy_new(EspSa *sa, size_t length, EspDrop *ret_why);

/* RFC 3948 2.3: one byte 0xff in UDP, sent when an SA has been silent for a
 * while (20 s by default) so that the NAT keeps its mapping. Asserts nat_t. */
HsPacket *esp_keepalive_new(EspSa *sa);

/* The largest inner packet whose outer one fits OUTER_MTU; 0 if none does. */
size_t esp_inner_mtu(const EspSaConfig *config, size_t outer_mtu);

/* The length of the outer packet around an inner one. */
size_t esp_outer_length(const EspSaConfig *config, size_t inner_length);

/* What stands in a packet that others exchanged. All pointers go into *bytes. */
typedef struct {
    GByteArray *bytes;   /* owned: the packet, decrypted where it stood */
    const uint8_t *data; /* what is carried, TFC padding behind it included */
    size_t length;
    const uint8_t *iv, *icv;
    size_t padding;
    uint8_t next;      /* the next header: 4, 41, of transport mode any other */
    bool good_padding; /* as RFC 4303 2.4 wants it */
} EspInspection;

void esp_inspection_clear(EspInspection *inspection);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(EspInspection, esp_inspection_clear)

/* For a reader of captures: opens the LENGTH bytes at ESP, from the SPI to the
 * ICV, numbered NUMBER (all 64 bits of it), by SA's algorithms and keys. SA
 * takes on their SPI; it is for nothing else than to look. No window, no
 * counter, no lifetime, any inside. SHORT, ALIGNMENT, INTEGRITY or PADDING say
 * why not; RET_INSPECTION is untouched then. */
EspDrop esp_inspect(EspSa *sa, const uint8_t *esp, size_t length,
                    uint64_t number, EspInspection *ret_inspection);

/* The database of inbound SAs */

/* What an IPv4 packet is for ESP: ESP_DROP_NONE if it is ESP, raw or in UDP on
 * port 4500, and then *RET_SPI is set; else OUTER, FRAGMENT, NOT_ESP,
 * KEEPALIVE, IKE or SHORT. */
EspDrop esp_classify(const HsPacket *packet, uint32_t *ret_spi);

typedef struct EspSad EspSad;

EspSad *esp_sad_new(void);
void esp_sad_free(EspSad *sad); /* frees its SAs; NULL is fine */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(EspSad, esp_sad_free)

/* SA (transfer full). False, and SA is still the caller's, if there is one
 * already for its SPI and destination. */
bool esp_sad_add(EspSad *sad, EspSa *sa);

/* Frees the SA; false if there is none. */
bool esp_sad_remove(EspSad *sad, uint32_t spi, const HsAddr *destination);

/* By SPI and destination (RFC 4301 4.1, unicast); borrowed, or NULL. */
EspSa *esp_sad_find(const EspSad *sad, uint32_t spi, const HsAddr *destination);

/* Finds the SA of *PACKET and decapsulates: see esp_decapsulate(). *RET_SA
 * (may be NULL) is the SA, or NULL if the packet has none. With NOT_ESP and
 * IKE the packet is for somebody else and unchanged. What is refused before
 * an SA is known is counted here, the rest by the SA. */
bool esp_sad_decapsulate(EspSad *sad, HsPacket **packet, EspSa **ret_sa,
                         EspDrop *ret_why);
const EspCounters *esp_sad_counters(const EspSad *sad);

#endif
