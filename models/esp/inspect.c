/* Looking into ESP packets that others exchanged.
 *
 * esp_decapsulate() is a receiver: it refuses what comes twice, what is too
 * old, what is not IPv4 in tunnel mode. A capture has all of that, and whoever
 * reads it wants to see it. What the two share is the part that matters, the
 * integrity check in front of the decryption (esp_unseal()). */

#include "config.h"

#include "models/esp/private.h"
#include "models/esp/wire.h"

void
esp_inspection_clear(EspInspection *inspection)
{
    g_clear_pointer(&inspection->bytes, g_byte_array_unref);
}

EspDrop
esp_inspect(EspSa *sa, const uint8_t *esp, size_t length, uint64_t number,
            EspInspection *ret_inspection)
{
    size_t front = ESP_HEADER + sa->info->iv, encrypted;
    g_autoptr(GByteArray) bytes = NULL;
    EspInspection found = {0};
    const uint8_t *trailer;

    if (length < front + sa->info->block + sa->info->icv)
        return ESP_DROP_SHORT;
    encrypted = length - front - sa->info->icv;
    if (encrypted % sa->info->block != 0)
        return ESP_DROP_ALIGNMENT;
    bytes = g_byte_array_sized_new((guint)length);
    g_byte_array_append(bytes, esp, (guint)length);
    /* The SPI is authenticated too, and a line of a table of keys may stand for
     * many. */
    sa->config.spi = (uint32_t)esp[0] << 24 | (uint32_t)esp[1] << 16 |
                     (uint32_t)esp[2] << 8 | esp[3];
    if (!esp_unseal(sa, bytes->data, encrypted, number))
        return ESP_DROP_INTEGRITY;

    trailer = bytes->data + front + encrypted - ESP_TRAILER;
    found.padding = trailer[0];
    found.next = trailer[1];
    if (found.padding > encrypted - ESP_TRAILER)
        return ESP_DROP_PADDING;
    found.data = bytes->data + front;
    found.length = encrypted - ESP_TRAILER - found.padding;
    found.iv = bytes->data + ESP_HEADER;
    found.icv = bytes->data + front + encrypted;
    found.good_padding = true;
    for (size_t i = 0; i < found.padding; i++)
        if (found.data[found.length + i] != i + 1)
            found.good_padding = false;
    found.bytes = g_steal_pointer(&bytes);
    *ret_inspection = found;
    return ESP_DROP_NONE;
}
