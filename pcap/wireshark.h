/* The Wireshark profile beside a capture: with it Wireshark and tshark show
 * the inside of ESP and of IKE and check it.
 *
 * It is a folder of plain files that can be moved anywhere. The keys in it
 * are drawn from the scenario's seed: anyone who has the scenario has them,
 * so writing them down gives nothing away. */

#ifndef CAPTURE_WIRESHARK_H
#define CAPTURE_WIRESHARK_H

#include "models/base/addr.h"

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One direction of a tunnel. All pointers are borrowed for the call. */
typedef struct {
    const char *name; /* for a comment: "backup/1 dc->vgw" */
    HsAddr source;
    HsAddr destination;
    uint32_t spi;
    const char *encryption; /* "aes-gcm16", "aes-cbc": EspSuiteInfo's words */
    const uint8_t *key;
    size_t key_length;
    const uint8_t *salt; /* GCM */
    size_t salt_length;
    const char *integrity; /* "sha1", "sha2-256", …, or NULL */
    const uint8_t *integrity_key;
    size_t integrity_key_length;
} CaptureEspSa;

/* An IKE SA. The names are Wireshark's own ("AES-CBC-256 [RFC3602]",
 * "HMAC_SHA2_256_128 [RFC4868]", "NONE [RFC4306]"). */
typedef struct {
    const char *name; /* for a comment */
    uint64_t spi_initiator, spi_responder;
    const char *encryption;
    const uint8_t *sk_ei, *sk_er; /* with the salt of an AEAD behind the key */
    size_t sk_e_length;
    const char *integrity;
    const uint8_t *sk_ai, *sk_ar;
    size_t sk_a_length; /* 0 with an AEAD */
} CaptureIkeSa;

typedef struct {
    const CaptureEspSa *sas; /* borrowed */
    size_t sa_count;
    const CaptureIkeSa *ike_sas; /* borrowed */
    size_t ike_sa_count;
    /* A display filter for the traffic that ought to be encrypted, such as
     * "tcp.port == 5432"; NULL: any TCP but BGP. */
    const char *protected_filter;
} CaptureProfile;

/* Makes FOLDER if need be, and writes preferences, esp_sa,
 * ikev2_decryption_table and colorfilters. */
bool capture_profile_write(const char *folder, const CaptureProfile *profile,
                           GError **error);

/* The command line, quoted for a shell, that opens CAPTURE with the profile;
 * PROGRAM is "wireshark" or "tshark". Free with g_free(). */
char *capture_profile_command(const char *folder, const char *program,
                              const char *capture);

#endif
