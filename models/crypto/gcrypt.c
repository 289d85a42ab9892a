/* The start of libgcrypt, once in a process and in the order that its manual
 * asks for: the version check initialises it, secure memory is turned off
 * (its mlock limit would print a warning, and no key here is secret: they are
 * drawn from the scenario's seed), then initialisation is declared finished.
 * A call of libgcrypt before these succeeds too, but initialises it with
 * secure memory; hence every constructor of this folder comes here first.
 *
 * Keys are wiped all the same: by libgcrypt when a handle is closed, by the
 * owner of an EspKeys when it is cleared. Cores are used in live mode as well,
 * against real peers with real keys. */

#include "config.h"

#include "models/crypto/gcrypt.h"

#include <glib.h>

void
crypto_gcrypt_start(void)
{
    static gsize started;

    if (!g_once_init_enter(&started))
        return;
    if (gcry_check_version(GCRYPT_VERSION) == NULL)
        g_error("libgcrypt is older than the %s of its header", GCRYPT_VERSION);
    gcry_control(GCRYCTL_DISABLE_SECMEM, 0);
    gcry_control(GCRYCTL_INITIALIZATION_FINISHED, 0);
    g_once_init_leave(&started, 1);
}

void
crypto_gcrypt_must(gcry_error_t error, const char *what)
{
    if (G_UNLIKELY(error != 0))
        g_error("libgcrypt: %s: %s", what, gcry_strerror(error));
}

int
crypto_gcrypt_aes(size_t key_length)
{
    switch (key_length) {
    case 16:
        return GCRY_CIPHER_AES128;
    case 24:
        return GCRY_CIPHER_AES192;
    case 32:
        return GCRY_CIPHER_AES256;
    }
    g_assert_not_reached();
}
