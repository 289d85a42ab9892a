/* Wireshark's tables of keys, read: `esp_sa` and `ikev2_decryption_table`.
 *
 * Both are what Wireshark calls a UAT: lines of fields with commas between,
 * texts in double quotes, "#" begins a comment. Of ESP a field may have a "*"
 * for any text; keys are 0x and hexadecimal digits, or the bytes themselves.
 * Of IKE keys are hexadecimal digits without 0x. A field can be empty.
 *
 * As Wireshark does, a line that cannot be read is left out and the others
 * count; what was left out and why is in the complaints. */

#ifndef HS_DISSECT_KEYS_H
#define HS_DISSECT_KEYS_H

#include "models/base/addr.h"
#include "models/esp/esp.h"
#include "models/ikev2/keys.h"

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One line of esp_sa. */
typedef struct {
    unsigned line;
    HsFamily family;   /* NONE: any */
    char *source;      /* owned; patterns of addresses */
    char *destination; /* owned */
    char *spi;         /* owned; pattern of a number */
    char *unsupported; /* owned: why it cannot be used, or NULL */
    EspSuite suite;
    EspKeys keys;
    bool esn_known, esn;    /* given by newer tables only */
    uint32_t sequence_high; /* likewise */
} DissectEspKey;

/* One line of ikev2_decryption_table. */
typedef struct {
    unsigned line;
    uint64_t spi_i, spi_r;
    char *unsupported; /* owned: why it cannot be used, or NULL */
    IkeSuite suite;    /* cipher and integrity only */
    uint8_t ei[IKE_CRYPT_MAX], er[IKE_CRYPT_MAX]; /* AEAD: key, then salt */
    uint8_t ai[IKE_KEY_MAX], ar[IKE_KEY_MAX];
} DissectIkeKey;

typedef struct {
    GPtrArray *esp;        /* owned, DissectEspKey */
    GPtrArray *ike;        /* owned, DissectIkeKey */
    GPtrArray *complaints; /* owned, char *: "esp_sa:3: …" */
} DissectKeys;

DissectKeys *dissect_keys_new(void);
void dissect_keys_free(DissectKeys *keys); /* wipes them; NULL is fine */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DissectKeys, dissect_keys_free)

/* Reads FOLDER/esp_sa and FOLDER/ikev2_decryption_table. One of them may be
 * missing; that both are is an error (of GLib's domain G_FILE_ERROR). */
DissectKeys *dissect_keys_load(const char *folder, GError **error);

/* The text of one table; NAME is for complaints. */
void
dissect_keys_add_esp(DissectKeys *keys, const char *name, const char *text);
void
dissect_keys_add_ike(DissectKeys *keys, const char *name, const char *text);

/* Whether a packet is one of KEY's. */
bool dissect_esp_key_matches(const DissectEspKey *key, const HsAddr *source,
                             const HsAddr *destination, uint32_t spi);

#endif
