/* prf+ (RFC 7296 2.13):
 *
 *     T1 = prf(K, S | 0x01)    T2 = prf(K, T1 | S | 0x02)    …
 *
 * concatenated and cut. The counter is one octet, hence the limit of 255. */

#include "config.h"

#include "models/crypto/prf.h"

#include <string.h>

/* An empty part may have no data. */
static void
add_parts(CryptoMac *mac, const CryptoPart *parts, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (parts[i].length > 0)
            crypto_mac_add(mac, parts[i].data, parts[i].length);
}

size_t
crypto_prf(CryptoMacAlgorithm algorithm, const uint8_t *key, size_t key_length,
           const CryptoPart *parts, size_t count, uint8_t *ret_out)
{
    g_autoptr(CryptoMac) mac = crypto_mac_new(algorithm, key, key_length);

    crypto_mac_start(mac);
    add_parts(mac, parts, count);
    crypto_mac_end(mac, ret_out, crypto_mac_length(mac));
    return crypto_mac_length(mac);
}

void
crypto_prf_plus(CryptoMacAlgorithm algorithm, const uint8_t *key,
                size_t key_length, const CryptoPart *parts, size_t count,
                uint8_t *ret_out, size_t length)
{
    g_autoptr(CryptoMac) mac = crypto_mac_new(algorithm, key, key_length);
    size_t block = crypto_mac_length(mac);
    uint8_t t[CRYPTO_MAC_MAX];

    g_assert(length <= 255 * block);
    for (uint8_t number = 1; length > 0; number++) {
        size_t part = MIN(length, block);

        crypto_mac_start(mac);
        if (number > 1)
            crypto_mac_add(mac, t, block);
        add_parts(mac, parts, count);
        crypto_mac_add(mac, &number, 1);
        crypto_mac_end(mac, t, block);
        memcpy(ret_out, t, part);
        ret_out += part;
        length -= part;
    }
    explicit_bzero(t, sizeof t);
}
