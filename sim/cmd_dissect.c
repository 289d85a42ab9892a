/* hybridsim dissect: what a capture says in BGP, BFD, IKEv2 and ESP, one line a
 * message.
 *
 * Messages go to standard output and nothing else does, so that a line is a
 * message; what was in the capture besides is told on standard error. */

#include "config.h"

#include "pcap/capture.h"
#include "sim/cli.h"
#include "sim/dissect/dissect.h"

#include <stdio.h>
#include <string.h>

typedef struct {
    const CaptureReader *reader; /* borrowed */
    gboolean json;
    GString *line; /* owned */
} Printer;

/* "192.0.2.1", "192.0.2.1:179", "[2001:db8::1]:179" */
static void
append_end(GString *text, const HsAddr *addr, uint16_t port)
{
    char buffer[HS_ADDR_TEXT];
    bool bracket = addr->family == HS_FAMILY_IPV6 && port != 0;

    g_string_append_printf(text, "%s%s%s", bracket ? "[" : "",
                           hs_addr_format(addr, buffer), bracket ? "]" : "");
    if (port != 0)
        g_string_append_printf(text, ":%u", port);
}

static void
append_time(GString *text, HsTime at)
{
    g_string_append_printf(text, "%" G_GINT64_FORMAT ".%09" G_GINT64_FORMAT,
                           at / HS_SEC(1), ABS(at % HS_SEC(1)));
}

static void
print_line(Printer *printer, const DissectMessage *m)
{
    GString *line = printer->line;
    const char *link = capture_reader_link_name(printer->reader, m->link);
    g_autofree char *protocol =
        g_ascii_strup(dissect_protocol_name(m->protocol), -1);

    g_string_printf(line, "%6" G_GUINT64_FORMAT "  ", m->frame);
    append_time(line, m->at);
    g_string_append(line, "  ");
    /* Of one interface the name says nothing. */
    if (capture_reader_link_count(printer->reader) > 1) {
        if (link != NULL)
            g_string_append_printf(line, "%s  ", link);
        else
            g_string_append_printf(line, "#%u  ", m->link);
    }
    append_end(line, &m->source, m->source_port);
    g_string_append(line, " > ");
    append_end(line, &m->destination, m->destination_port);
    g_string_append_printf(line, "  %s  %s", protocol, m->info);
    if (m->inside != NULL)
        g_string_append_printf(line, "  (in %s)", m->inside);
    if (m->wrong != NULL)
        g_string_append_printf(line, "  [%s]", m->wrong);
    g_string_append_c(line, '\n');
    if (hs_cli_verbose())
        dissect_field_text(m->fields, 8, line);
    fputs(line->str, stdout);
}

static void
append_member(GString *line, const char *name, const char *text)
{
    g_string_append_printf(line, ",\"%s\":", name);
    dissect_json_string(text, line);
}

static void
print_json(Printer *printer, const DissectMessage *m)
{
    GString *line = printer->line;
    const char *link = capture_reader_link_name(printer->reader, m->link);
    char buffer[HS_ADDR_TEXT];

    g_string_printf(line, "{\"frame\":%" G_GUINT64_FORMAT ",\"time\":\"",
                    m->frame);
    append_time(line, m->at);
    g_string_append_printf(line, "\",\"interface\":%u", m->link);
    if (link != NULL)
        append_member(line, "link", link);
    append_member(line, "source", hs_addr_format(&m->source, buffer));
    append_member(line, "destination", hs_addr_format(&m->destination, buffer));
    if (m->source_port != 0 || m->destination_port != 0)
        g_string_append_printf(line,
                               ",\"source_port\":%u,\"destination_port\":%u",
                               m->source_port, m->destination_port);
    append_member(line, "protocol", dissect_protocol_name(m->protocol));
    if (m->inside != NULL)
        append_member(line, "inside", m->inside);
    append_member(line, "info", m->info);
    if (m->wrong != NULL)
        append_member(line, "wrong", m->wrong);
    g_string_append(line, ",\"fields\":");
    dissect_field_json(m->fields, line);
    g_string_append(line, "}\n");
    fputs(line->str, stdout);
}

static void
print_message(void *user_data, const DissectMessage *message)
{
    Printer *printer = user_data;

    if (hs_cli_quiet())
        return;
    if (printer->json)
        print_json(printer, message);
    else
        print_line(printer, message);
}

static void
print_counters(const char *file, const DissectCounters *c)
{
    g_autoptr(GString) text = g_string_new(NULL);

    g_string_append_printf(text, "%s: %" G_GUINT64_FORMAT " packets", file,
                           c->frames);
    for (unsigned i = 0; i < DISSECT_PROTOCOL_COUNT; i++)
        g_string_append_printf(text, ", %" G_GUINT64_FORMAT " %s",
                               c->messages[i],
                               dissect_protocol_name((DissectProtocol)i));
    g_string_append_printf(text, ", %" G_GUINT64_FORMAT " of other protocols",
                           c->other);
#define REMARK(number, words)                                                  \
    if ((number) > 0)                                                          \
    g_string_append_printf(text, "; %" G_GUINT64_FORMAT " " words, (number))
    REMARK(c->wrong, "messages with something wrong");
    REMARK(c->cut, "packets cut by the snap length");
    REMARK(c->broken, "packets with broken headers");
    REMARK(c->fragments_lost, "datagrams without all their fragments");
#undef REMARK
    fprintf(stderr, "%s\n", text->str);
}

static int
dissect_file(const char *file, const DissectConfig *settings, Printer *printer)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(CaptureReader) reader = capture_reader_new(file, NULL, &error);
    g_autoptr(Dissector) d = NULL;
    DissectConfig config = *settings;
    CapturePacket packet;
    bool told = false;
    CaptureRead got;

    if (reader == NULL) {
        hs_cli_error("%s", error->message);
        return HS_EXIT_USAGE;
    }
    printer->reader = reader;
    config.sink = print_message;
    config.user_data = printer;
    config.details = printer->json || hs_cli_verbose();
    d = dissector_new(&config);
    while ((got = capture_reader_next(reader, &packet, &error)) ==
           CAPTURE_READ_PACKET) {
        if (!told && !dissect_link_type_is_known(packet.link_type)) {
            told = true;
            hs_cli_error("%s: packets of link type %d, which is not known here",
                         file, packet.link_type);
        }
        dissector_packet(d, &packet, packet.link_type);
    }
    dissector_finish(d);
    fflush(stdout);
    if (!hs_cli_quiet())
        print_counters(file, dissector_counters(d));
    if (got == CAPTURE_READ_ERROR) {
        hs_cli_error("%s", error->message);
        return HS_EXIT_USAGE;
    }
    return HS_EXIT_OK;
}

/* "bgp,bfd" */
static bool
parse_only(const char *text, unsigned *ret_only)
{
    g_auto(GStrv) words = g_strsplit(text, ",", -1);

    for (char **word = words; *word != NULL; word++) {
        DissectProtocol protocol;

        if (!dissect_protocol_from_name(g_strstrip(*word), &protocol)) {
            hs_cli_error("--only %s: \"%s\" is none of bgp, bfd, ike, esp",
                         text, *word);
            return false;
        }
        *ret_only |= 1u << protocol;
    }
    return true;
}

static DissectKeys *
load_keys(const char *folder)
{
    g_autoptr(GError) error = NULL;
    DissectKeys *keys = dissect_keys_load(folder, &error);

    if (keys == NULL) {
        hs_cli_error("--keys: %s", error->message);
        return NULL;
    }
    for (guint i = 0; i < keys->complaints->len; i++)
        hs_cli_error("%s/%s", folder, (char *)keys->complaints->pdata[i]);
    return keys;
}

static int
dissect_files(char **files, const DissectConfig *config, Printer *printer)
{
    HsExit worst = HS_EXIT_OK;

    printer->line = g_string_new(NULL);
    for (char **file = files; *file != NULL; file++)
        worst =
            hs_exit_worse(worst, (HsExit)dissect_file(*file, config, printer));
    g_string_free(printer->line, TRUE);
    return (int)worst;
}

int
hs_cmd_dissect(int argc, char **argv)
{
    Printer printer = {0};
    g_auto(GStrv) files = NULL;
    g_autoptr(DissectKeys) keys = NULL;
    g_autofree char *folder = NULL, *only = NULL;
    DissectConfig config = {0};
    const GOptionEntry entries[] = {
        {"keys", 'k', 0, G_OPTION_ARG_FILENAME, &folder,
         "a folder with Wireshark's esp_sa and ikev2_decryption_table", "DIR"},
        {"json", 0, 0, G_OPTION_ARG_NONE, &printer.json,
         "one JSON object a line, with every field", NULL},
        {"only", 0, 0, G_OPTION_ARG_STRING, &only,
         "these protocols only: bgp, bfd, ike, esp", "LIST"},
        G_OPTION_ENTRY_NULL,
    };

    files = hs_cli_parse_words(
        argc, argv, entries, "CAPTURE...",
        "Prints the BGP, BFD, IKEv2 and ESP messages of pcap and pcapng files, "
        "one a line.");
    if (files == NULL)
        return HS_EXIT_USAGE;
    if (files[0] == NULL) {
        hs_cli_error("dissect: which capture? hybridsim dissect FILE.pcap");
        return HS_EXIT_USAGE;
    }
    if (only != NULL && !parse_only(only, &config.only))
        return HS_EXIT_USAGE;
    if (folder != NULL && (keys = load_keys(folder)) == NULL)
        return HS_EXIT_USAGE;
    config.keys = keys;
    return dissect_files(files, &config, &printer);
}
