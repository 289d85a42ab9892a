/* A Diffie-Hellman that always comes to the same secret, in the place of
 * models/crypto/dh.c: a fuzzer of whole exchanges would spend nine tenths of
 * its time on arithmetic otherwise. Lengths are the groups' own; a value that
 * begins with zero is refused, so that refusals happen. */

#include "config.h"

#include "models/crypto/dh.h"

#include <string.h>

struct CryptoDh {
    uint16_t group;
    uint8_t public[CRYPTO_DH_PUBLIC_MAX];
};

/* Those that a preset of IkeConfig names. */
static const struct {
    uint16_t group;
    const char *name;
    size_t public, secret;
} groups[] = {
    {CRYPTO_DH_MODP1024, "modp1024", 128, 128},
    {CRYPTO_DH_MODP2048, "modp2048", 256, 256},
    {CRYPTO_DH_MODP3072, "modp3072", 384, 384},
    {CRYPTO_DH_ECP256, "ecp256", 64, 32},
    {CRYPTO_DH_ECP384, "ecp384", 96, 48},
    {CRYPTO_DH_X25519, "x25519", 32, 32},
};

static int
place(uint16_t group)
{
    for (int i = 0; i < (int)G_N_ELEMENTS(groups); i++)
        if (groups[i].group == group)
            return i;
    return -1;
}

const char *
crypto_dh_name(uint16_t group)
{
    return place(group) < 0 ? "unknown" : groups[place(group)].name;
}

bool
crypto_dh_from_name(const char *name, uint16_t *ret_group)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(groups); i++)
        if (strcmp(groups[i].name, name) == 0) {
            *ret_group = groups[i].group;
            return true;
        }
    return false;
}

bool
crypto_dh_supported(uint16_t group)
{
    return place(group) >= 0;
}

size_t
crypto_dh_public_length(uint16_t group)
{
    return place(group) < 0 ? 0 : groups[place(group)].public;
}

size_t
crypto_dh_secret_length(uint16_t group)
{
    return place(group) < 0 ? 0 : groups[place(group)].secret;
}

CryptoDh *
crypto_dh_new(uint16_t group, HsRng *rng)
{
    CryptoDh *dh = g_new0(CryptoDh, 1);

    (void)rng;
    g_assert(crypto_dh_supported(group));
    dh->group = group;
    memset(dh->public, 0x42, sizeof dh->public);
    return dh;
}

CryptoDh *
crypto_dh_new_from_private(uint16_t group, const uint8_t *value, size_t length)
{
    (void)value;
    (void)length;
    return crypto_dh_new(group, NULL);
}

void
crypto_dh_free(CryptoDh *dh)
{
    g_free(dh);
}

uint16_t
crypto_dh_group(const CryptoDh *dh)
{
    return dh->group;
}

const uint8_t *
crypto_dh_public(const CryptoDh *dh)
{
    return dh->public;
}

const char *
crypto_dh_fault_name(CryptoDhFault fault)
{
    return fault == CRYPTO_DH_FAULT_NONE ? "none" : "refused";
}

CryptoDhFault
crypto_dh_agree(const CryptoDh *dh, const uint8_t *peer, size_t length,
                uint8_t ret_secret[CRYPTO_DH_SECRET_MAX])
{
    if (length != crypto_dh_public_length(dh->group))
        return CRYPTO_DH_FAULT_LENGTH;
    if (peer[0] == 0)
        return CRYPTO_DH_FAULT_RANGE;
    memset(ret_secret, 0x5a, crypto_dh_secret_length(dh->group));
    return CRYPTO_DH_FAULT_NONE;
}
