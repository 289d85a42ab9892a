/* A security association: its configuration checked and completed, its cipher
 * contexts made once, its keys forgotten.
 *
 * The contexts are kept because setting a key costs more than ciphering a
 * packet of 1400 bytes. The same SA object serves either direction; a tunnel
 * has two, each with an SPI, keys and numbers of its own.
 *
 * Rekeying without loss needs nothing of the SA itself: old and new stand side
 * by side. What the SA contributes is when: it counts against its limits and
 * raises an event at each, and the inbound one says when it was first used,
 * which is when the responder of a rekeying may send on its own new SA
 * (RFC 7296 2.8).
 *
 *      sequence 0 ------- soft ------- hard --|  (packets or bytes)
 *                    rekey now      expired: nothing more
 *      sequence 0 ------------- 15/16 ------ end of the number space
 *                             numbers low    (RFC 4303 3.3.3: never cycles)
 *
 * Departure: a limit is checked between packets, so the packet that reaches it
 * still passes, and the bytes may exceed theirs by one packet. */

#include "config.h"

#include "models/esp/private.h"
#include "models/esp/wire.h"

#include <string.h>

static const char *const drop_names[ESP_DROP_COUNT] = {
#define X(name, text) text,
    ESP_DROPS(X)
#undef X
};

static const char *const event_names[ESP_EVENT_COUNT] = {
#define X(name, text) text,
    ESP_EVENTS(X)
#undef X
};

const char *
esp_event_name(EspEventKind kind)
{
    g_assert((unsigned)kind < ESP_EVENT_COUNT);
    return event_names[kind];
}

const char *
esp_drop_name(EspDrop drop)
{
    g_assert((unsigned)drop < ESP_DROP_COUNT);
    return drop_names[drop];
}

static CryptoMacAlgorithm
mac_algorithm(const EspSuiteInfo *info)
{
    if (strcmp(info->integrity, "sha1") == 0)
        return CRYPTO_MAC_HMAC_SHA1;
    if (strcmp(info->integrity, "sha2-256") == 0)
        return CRYPTO_MAC_HMAC_SHA2_256;
    if (strcmp(info->integrity, "sha2-384") == 0)
        return CRYPTO_MAC_HMAC_SHA2_384;
    g_assert(strcmp(info->integrity, "sha2-512") == 0);
    return CRYPTO_MAC_HMAC_SHA2_512;
}

static void
fill_defaults(EspSaConfig *config)
{
    if (config->window == 0)
        config->window = ESP_WINDOW_DEFAULT;
    config->window = (config->window + 63) / 64 * 64;
    if (config->ttl == 0)
        config->ttl = ESP_TTL_DEFAULT;
    if (config->source_port == 0)
        config->source_port = ESP_NATT_PORT;
    if (config->destination_port == 0)
        config->destination_port = ESP_NATT_PORT;
}

EspSa *
esp_sa_new(const EspSaConfig *config, HsRng *rng)
{
    EspSa *sa;

    g_assert(config->spi >= ESP_SPI_MIN);
    g_assert(config->source.family == HS_FAMILY_IPV4 &&
             config->destination.family == HS_FAMILY_IPV4);
    g_assert(config->window <= ESP_WINDOW_MAX &&
             (config->window == 0 || config->window >= ESP_WINDOW_MIN));
    g_assert(config->esn || config->sequence <= UINT32_MAX);

    sa = g_new0(EspSa, 1);
    sa->config = *config;
    sa->info = esp_suite_info(config->suite);
    sa->rng = rng;
    fill_defaults(&sa->config);
    esp_keys_clear(&sa->config.keys);
    if (sa->info->integrity == NULL) {
        sa->aead = crypto_aead_new(config->keys.key, sa->info->key);
        memcpy(sa->salt, config->keys.salt, sizeof sa->salt);
    } else {
        sa->cbc = crypto_cbc_new(config->keys.key, sa->info->key);
        sa->mac =
            crypto_mac_new(mac_algorithm(sa->info), config->keys.integrity,
                           sa->info->integrity_key);
    }
    sa->sent = config->sequence;
    esp_window_init(&sa->window, sa->config.window, config->esn,
                    config->sequence);
    /* RFC 6864 4 asks for no more than ids that do not repeat soon; counting
     * from a drawn number does that, and the same seed gives the same ids. */
    sa->next_id = (uint16_t)(hs_rng_u32(rng) & 0xffff);
    return sa;
}

void
esp_sa_free(EspSa *sa)
{
    if (sa == NULL)
        return;
    crypto_aead_free(sa->aead);
    crypto_cbc_free(sa->cbc);
    crypto_mac_free(sa->mac);
    explicit_bzero(sa->salt, sizeof sa->salt);
    g_free(sa);
}

const EspSaConfig *
esp_sa_config(const EspSa *sa)
{
    return &sa->config;
}

const EspCounters *
esp_sa_counters(const EspSa *sa)
{
    return &sa->counters;
}

uint64_t
esp_sa_sequence(const EspSa *sa)
{
    return MAX(sa->sent, sa->window.top);
}

/* Lifetimes and events */

static void
raise_event(EspSa *sa, EspEventKind kind)
{
    sa->pending |= 1u << kind;
    sa->raised |= 1u << kind;
}

static void
raise_once(EspSa *sa, EspEventKind kind)
{
    if (!(sa->raised & 1u << kind))
        raise_event(sa, kind);
}

static bool
is_reached(const EspLimit *limit, const EspLimit *used)
{
    return (limit->packets > 0 && used->packets >= limit->packets) ||
           (limit->bytes > 0 && used->bytes >= limit->bytes);
}

void
esp_sa_count(EspSa *sa, size_t bytes, uint64_t number)
{
    uint64_t last = sa->config.esn ? UINT64_MAX : UINT32_MAX;

    sa->used.packets++;
    sa->used.bytes += bytes;
    raise_once(sa, ESP_EVENT_IN_USE);
    if (is_reached(&sa->config.soft, &sa->used))
        raise_once(sa, ESP_EVENT_SOFT_LIMIT);
    if (is_reached(&sa->config.hard, &sa->used))
        raise_once(sa, ESP_EVENT_HARD_LIMIT);
    if (number >= last - last / 16)
        raise_once(sa, ESP_EVENT_NUMBERS_LOW);
}

bool
esp_sa_is_spent(const EspSa *sa)
{
    return is_reached(&sa->config.hard, &sa->used);
}

void
esp_sa_heard_from(EspSa *sa, const HsAddr *source, uint16_t port)
{
    if (hs_addr_equal(source, &sa->config.source) &&
        port == sa->config.source_port)
        return;
    sa->config.source = *source;
    sa->config.source_port = port;
    raise_event(sa, ESP_EVENT_PEER_MOVED);
}

bool
esp_sa_poll(EspSa *sa, EspEvent *ret_event)
{
    for (unsigned kind = 0; kind < ESP_EVENT_COUNT; kind++)
        if (sa->pending & 1u << kind) {
            sa->pending &= ~(1u << kind);
            *ret_event = (EspEvent){.kind = (EspEventKind)kind};
            if (kind == ESP_EVENT_PEER_MOVED) {
                ret_event->address = sa->config.source;
                ret_event->port = sa->config.source_port;
            }
            return true;
        }
    return false;
}

void
esp_sa_set_destination(EspSa *sa, const HsAddr *address, uint16_t port)
{
    g_assert(address->family == HS_FAMILY_IPV4 && port != 0);
    sa->config.destination = *address;
    sa->config.destination_port = port;
}
