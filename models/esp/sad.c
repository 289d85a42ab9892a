/* The inbound SAs of a node, by SPI and outer destination. The destination
 * belongs to the key because the SPI is chosen by the receiver's address:
 * two addresses of a node may give out the same one. */

#include "config.h"

#include "models/esp/private.h"
#include "models/esp/wire.h"

typedef struct {
    uint32_t spi;
    HsAddr destination;
} SadKey;

struct EspSad {
    GHashTable *sas; /* SadKey -> EspSa, both owned */
    EspCounters counters;
};

static guint
key_hash(gconstpointer pointer)
{
    const SadKey *key = pointer;

    return key->spi ^ hs_addr_hash(&key->destination);
}

static gboolean
key_equal(gconstpointer a, gconstpointer b)
{
    const SadKey *left = a, *right = b;

    return left->spi == right->spi &&
           hs_addr_equal(&left->destination, &right->destination);
}

static void
free_sa(gpointer sa)
{
    esp_sa_free(sa);
}

EspSad *
esp_sad_new(void)
{
    EspSad *sad = g_new0(EspSad, 1);

    sad->sas = g_hash_table_new_full(key_hash, key_equal, g_free, free_sa);
    return sad;
}

void
esp_sad_free(EspSad *sad)
{
    if (sad == NULL)
        return;
    g_hash_table_unref(sad->sas);
    g_free(sad);
}

bool
esp_sad_add(EspSad *sad, EspSa *sa)
{
    SadKey *key;

    if (esp_sad_find(sad, sa->config.spi, &sa->config.destination) != NULL)
        return false;
    key = g_new(SadKey, 1);
    *key = (SadKey){sa->config.spi, sa->config.destination};
    g_hash_table_insert(sad->sas, key, sa);
    return true;
}

bool
esp_sad_remove(EspSad *sad, uint32_t spi, const HsAddr *destination)
{
    SadKey key = {spi, *destination};

    return g_hash_table_remove(sad->sas, &key);
}

EspSa *
esp_sad_find(const EspSad *sad, uint32_t spi, const HsAddr *destination)
{
    SadKey key = {spi, *destination};

    return g_hash_table_lookup(sad->sas, &key);
}

bool
esp_sad_decapsulate(EspSad *sad, HsPacket **packet, EspSa **ret_sa,
                    EspDrop *ret_why)
{
    const uint8_t *data = hs_packet_data(*packet);
    HsAddr destination = {.family = HS_FAMILY_IPV4};
    EspSa *sa = NULL;
    EspOuter outer;
    EspDrop why = esp_outer_parse(data, hs_packet_length(*packet), &outer);

    if (why == ESP_DROP_NONE) {
        for (unsigned i = 0; i < 4; i++)
            destination.bytes[i] = data[ESP_IPV4_DEST + i];
        sa = esp_sad_find(sad, outer.spi, &destination);
    }
    if (ret_sa != NULL)
        *ret_sa = sa;
    if (sa != NULL)
        return esp_open(sa, packet, &outer, ret_why);
    if (why == ESP_DROP_NONE)
        why = ESP_DROP_NO_SA;
    sad->counters.drops[why]++;
    if (ret_why != NULL)
        *ret_why = why;
    return false;
}

const EspCounters *
esp_sad_counters(const EspSad *sad)
{
    return &sad->counters;
}
