/* The profile's four files.
 *
 * preferences turns the decryption and the checking of ESP on, both off by
 * default, and takes names from the capture alone: no DNS query leaves for an
 * address of a simulation. esp_sa holds a line for each direction of a pair of
 * SAs, ikev2_decryption_table one for each IKE SA.
 * colorfilters paints what is in clear, but should not be, red.
 *
 * Wireshark's names of ciphers are exact strings. For GCM only the one with
 * the length of the ICV works, and the authentication must be "NULL": with the
 * shorter name the ICV would count as payload. */

#include "config.h"

#include "pcap/wireshark.h"

#include "pcap/capture.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>

static const struct {
    const char *word, *name;
} encryptions[] =
    {
        {"aes-gcm16", "AES-GCM with 16 octet ICV [RFC4106]"},
        {"aes-cbc", "AES-CBC [RFC3602]"},
},
  integrities[] = {
      {"sha1", "HMAC-SHA-1-96 [RFC2404]"},
      {"sha2-256", "HMAC-SHA-256-128 [RFC4868]"},
      {"sha2-384", "HMAC-SHA-384-192 [RFC4868]"},
      {"sha2-512", "HMAC-SHA-512-256 [RFC4868]"},
};

static const char preferences[] =
    "# Wireshark profile of a hybridsim run. To use it:\n"
    "#   WIRESHARK_CONFIG_DIR=THIS_FOLDER wireshark -r CAPTURE\n"
    "# (tshark likewise), or copy this folder to\n"
    "# ~/.config/wireshark/profiles/NAME and run: wireshark -C NAME -r "
    "CAPTURE\n"
    "# (-C takes a profile's name, not a folder).\n"
    "esp.enable_encryption_decode: TRUE\n"
    "esp.enable_authentication_check: TRUE\n"
    "# Names come from the capture; nothing is looked up.\n"
    "nameres.network_name: TRUE\n"
    "nameres.dns_pkt_addr_resolution: FALSE\n"
    "nameres.use_external_name_resolver: FALSE\n"
    "# The same packet is seen on each link that it crosses. The interface\n"
    "# tells the copies apart; an analysis of sequence numbers would take all\n"
    "# but the first for retransmissions, and not dissect what they carry.\n"
    "tcp.analyze_sequence_numbers: FALSE\n"
    "esp.do_esp_sequence_analysis: FALSE\n"
    "gui.column.format: \n"
    "\t\"No.\", \"%m\",\n"
    "\t\"Time\", \"%t\",\n"
    "\t\"Link\", \"%Cus:frame.interface_name:0:R\",\n"
    "\t\"Source\", \"%s\",\n"
    "\t\"Destination\", \"%d\",\n"
    "\t\"Protocol\", \"%p\",\n"
    "\t\"Length\", \"%L\",\n"
    "\t\"Info\", \"%i\"\n";

static void
append_hex(GString *text, const uint8_t *data, size_t length)
{
    for (size_t i = 0; i < length; i++)
        g_string_append_printf(text, "%02x", data[i]);
}

static void
append_comment(GString *text, const char *name)
{
    g_autofree char *line = g_strdup(name);

    if (line == NULL)
        return;
    g_strdelimit(line, "\r\n", ' ');
    g_string_append_printf(text, "# %s\n", line);
}

static bool
append_sa(GString *text, const CaptureEspSa *sa, GError **error)
{
    const char *encryption = NULL, *integrity = NULL;
    char source[HS_ADDR_TEXT], destination[HS_ADDR_TEXT];

    for (unsigned i = 0; i < G_N_ELEMENTS(encryptions); i++)
        if (g_strcmp0(sa->encryption, encryptions[i].word) == 0)
            encryption = encryptions[i].name;
    for (unsigned i = 0; i < G_N_ELEMENTS(integrities); i++)
        if (g_strcmp0(sa->integrity, integrities[i].word) == 0)
            integrity = integrities[i].name;
    if (encryption == NULL || (integrity == NULL && sa->integrity != NULL)) {
        g_set_error(error, CAPTURE_ERROR, CAPTURE_ERROR_SUITE,
                    "%s: no name of Wireshark's for \"%s\" with \"%s\"",
                    sa->name != NULL ? sa->name : "an SA", sa->encryption,
                    sa->integrity != NULL ? sa->integrity : "none");
        return false;
    }
    append_comment(text, sa->name);
    g_string_append_printf(
        text, "\"%s\",\"%s\",\"%s\",\"0x%08x\",\"%s\",\"0x",
        sa->source.family == HS_FAMILY_IPV6 ? "IPv6" : "IPv4",
        hs_addr_format(&sa->source, source),
        hs_addr_format(&sa->destination, destination), sa->spi, encryption);
    append_hex(text, sa->key, sa->key_length);
    append_hex(text, sa->salt, sa->salt_length);
    g_string_append_printf(text, "\",\"%s\",\"0x",
                           integrity != NULL ? integrity : "NULL");
    append_hex(text, sa->integrity_key, sa->integrity_key_length);
    g_string_append(text, "\"\n");
    return true;
}

static void
append_ike_sa(GString *text, const CaptureIkeSa *sa)
{
    append_comment(text, sa->name);
    g_string_append_printf(text, "%016" PRIx64 ",%016" PRIx64 ",",
                           sa->spi_initiator, sa->spi_responder);
    append_hex(text, sa->sk_ei, sa->sk_e_length);
    g_string_append_c(text, ',');
    append_hex(text, sa->sk_er, sa->sk_e_length);
    g_string_append_printf(text, ",\"%s\",", sa->encryption);
    append_hex(text, sa->sk_ai, sa->sk_a_length);
    g_string_append_c(text, ',');
    append_hex(text, sa->sk_ar, sa->sk_a_length);
    g_string_append_printf(text, ",\"%s\"\n", sa->integrity);
}

/* One rule: name, filter, background and foreground of 16 bits a colour. The
 * first that matches wins. */
static void
append_colour(GString *text, const char *name, const char *filter,
              const char *background, const char *foreground)
{
    g_string_append_printf(text, "@%s@%s@[%s][%s]\n", name, filter, background,
                           foreground);
}

static char *
colours(const char *protected_filter)
{
    GString *text = g_string_new(NULL);
    g_autofree char *clear = g_strdup_printf("(%s) && !esp", protected_filter);

    append_colour(text, "Timeline", "frame.comment", "65535,60000,20000",
                  "0,0,0");
    append_colour(text, "In clear", clear, "65535,42000,42000", "20000,0,0");
    append_colour(text, "Encrypted", "esp", "51000,62000,51000", "0,16000,0");
    append_colour(text, "BFD", "bfd", "57000,57000,65535", "0,0,24000");
    append_colour(text, "BGP", "bgp || tcp.port == 179", "52000,60000,65535",
                  "0,0,24000");
    return g_string_free(text, FALSE);
}

static bool
write_file(const char *folder, const char *name, const char *text,
           GError **error)
{
    g_autofree char *path = g_build_filename(folder, name, NULL);
    g_autoptr(GError) reason = NULL;

    if (g_file_set_contents(path, text, -1, &reason))
        return true;
    g_set_error(error, CAPTURE_ERROR, CAPTURE_ERROR_FILE, "%s",
                reason->message);
    return false;
}

bool
capture_profile_write(const char *folder, const CaptureProfile *profile,
                      GError **error)
{
    const char *filter = profile->protected_filter != NULL
                             ? profile->protected_filter
                             : "tcp && !(tcp.port == 179)";
    g_autoptr(GString) sas = g_string_new(
        "# The keys of a simulation are never secret: the scenario's seed\n"
        "# makes them. Wireshark has no column for extended sequence numbers;\n"
        "# of an SA that uses them it cannot check the ICV.\n");
    g_autoptr(GString) ike =
        g_string_new("# IKE's keys, for which the same goes.\n");
    g_autofree char *coloured = NULL;

    for (size_t i = 0; i < profile->ike_sa_count; i++)
        append_ike_sa(ike, &profile->ike_sas[i]);
    if (strpbrk(filter, "@\r\n") != NULL) {
        g_set_error(error, CAPTURE_ERROR, CAPTURE_ERROR_FILTER,
                    "display filter \"%s\": no @ and no line break, please",
                    filter);
        return false;
    }
    for (size_t i = 0; i < profile->sa_count; i++)
        if (!append_sa(sas, &profile->sas[i], error))
            return false;
    if (g_mkdir_with_parents(folder, 0777) != 0) {
        g_set_error(error, CAPTURE_ERROR, CAPTURE_ERROR_FILE, "%s: %s", folder,
                    g_strerror(errno));
        return false;
    }
    coloured = colours(filter);
    return write_file(folder, "preferences", preferences, error) &&
           write_file(folder, "esp_sa", sas->str, error) &&
           write_file(folder, "ikev2_decryption_table", ike->str, error) &&
           write_file(folder, "colorfilters", coloured, error);
}

char *
capture_profile_command(const char *folder, const char *program,
                        const char *capture)
{
    g_autofree char *quoted_folder = g_shell_quote(folder);
    g_autofree char *quoted_capture = g_shell_quote(capture);

    return g_strdup_printf("WIRESHARK_CONFIG_DIR=%s %s -r %s", quoted_folder,
                           program, quoted_capture);
}
