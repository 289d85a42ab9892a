/* Files that begin like pcapng go to our own reader (pcapng_reader.c says
 * why), all others to libpcap. A capture is mapped, not read, so its size does
 * not matter. */

#include "config.h"

#include "pcap/capture.h"
#include "pcap/filter.h"
#include "pcap/pcapng_reader.h"

#include <pcap/pcap.h>
#include <string.h>

struct CaptureReader {
    char *path;            /* owned */
    pcap_t *pcap;          /* owned; NULL: pcapng */
    GMappedFile *file;     /* owned; NULL: pcap */
    PcapngReader *pcapng;  /* owned; NULL: pcap */
    CaptureFilter *filter; /* owned; NULL: everything */
};

static bool
open_pcapng(CaptureReader *reader, GError **error)
{
    reader->pcapng = pcapng_reader_new(
        reader->path, g_mapped_file_get_contents(reader->file),
        g_mapped_file_get_length(reader->file), error);
    return reader->pcapng != NULL;
}

static bool
open_pcap(CaptureReader *reader, GError **error)
{
    char message[PCAP_ERRBUF_SIZE] = "";

    g_clear_pointer(&reader->file, g_mapped_file_unref);
    reader->pcap = pcap_open_offline_with_tstamp_precision(
        reader->path, PCAP_TSTAMP_PRECISION_NANO, message);
    if (reader->pcap != NULL)
        return true;
    if (g_str_equal(message, "unknown file format")) {
        g_set_error(error, CAPTURE_ERROR, CAPTURE_ERROR_FORMAT,
                    "%s: this is no capture: its first bytes are those of "
                    "neither pcap nor pcapng",
                    reader->path);
        return false;
    }
    /* Some of libpcap's messages name the file and some do not. */
    if (g_str_has_prefix(message, reader->path))
        g_set_error(error, CAPTURE_ERROR, CAPTURE_ERROR_FORMAT, "%s", message);
    else
        g_set_error(error, CAPTURE_ERROR, CAPTURE_ERROR_FORMAT, "%s: %s",
                    reader->path, message);
    return false;
}

static bool
open_file(CaptureReader *reader, GError **error)
{
    static const char section[] = "\n\r\r\n";
    g_autoptr(GError) reason = NULL;

    reader->file = g_mapped_file_new(reader->path, FALSE, &reason);
    if (reader->file == NULL) {
        g_set_error(error, CAPTURE_ERROR, CAPTURE_ERROR_FILE, "%s",
                    reason->message);
        return false;
    }
    if (g_mapped_file_get_length(reader->file) >= 4 &&
        memcmp(g_mapped_file_get_contents(reader->file), section, 4) == 0)
        return open_pcapng(reader, error);
    return open_pcap(reader, error);
}

CaptureReader *
capture_reader_new(const char *path, const char *filter, GError **error)
{
    CaptureReader *reader = g_new0(CaptureReader, 1);

    reader->path = g_strdup(path);
    if (open_file(reader, error)) {
        if (filter == NULL)
            return reader;
        if (reader->pcapng != NULL)
            pcapng_reader_want_one_type(reader->pcapng);
        reader->filter =
            capture_filter_new(filter, capture_reader_link_type(reader), error);
        if (reader->filter != NULL)
            return reader;
    }
    capture_reader_free(reader);
    return NULL;
}

void
capture_reader_free(CaptureReader *reader)
{
    if (reader == NULL)
        return;
    g_clear_pointer(&reader->pcap, pcap_close);
    pcapng_reader_free(reader->pcapng);
    g_clear_pointer(&reader->file, g_mapped_file_unref);
    capture_filter_free(reader->filter);
    g_free(reader->path);
    g_free(reader);
}

int
capture_reader_link_type(const CaptureReader *reader)
{
    int dlt;

    if (reader->pcapng != NULL)
        return pcapng_reader_link_type(reader->pcapng);
    dlt = pcap_datalink(reader->pcap);
    return dlt == DLT_RAW ? CAPTURE_LINKTYPE_RAW : dlt;
}

const char *
capture_reader_link_name(const CaptureReader *reader, uint32_t link)
{
    return reader->pcapng != NULL
               ? pcapng_reader_link_name(reader->pcapng, link)
               : NULL;
}

uint32_t
capture_reader_link_count(const CaptureReader *reader)
{
    return reader->pcapng != NULL ? pcapng_reader_link_count(reader->pcapng)
                                  : 1;
}

static CaptureRead
next_of_pcap(CaptureReader *reader, CapturePacket *ret_packet, GError **error)
{
    struct pcap_pkthdr *header;
    const u_char *data;
    int got = pcap_next_ex(reader->pcap, &header, &data);

    if (got == PCAP_ERROR_BREAK)
        return CAPTURE_READ_END;
    if (got != 1) {
        g_set_error(error, CAPTURE_ERROR, CAPTURE_ERROR_FORMAT, "%s: %s",
                    reader->path, pcap_geterr(reader->pcap));
        return CAPTURE_READ_ERROR;
    }
    *ret_packet = (CapturePacket){
        /* The format has 32 bits of each. */
        .at =
            HS_SEC((uint32_t)header->ts.tv_sec) + (uint32_t)header->ts.tv_usec,
        .data = data,
        .length = header->caplen,
        .original = header->len,
        .link_type = capture_reader_link_type(reader),
    };
    return CAPTURE_READ_PACKET;
}

CaptureRead
capture_reader_next(CaptureReader *reader, CapturePacket *ret_packet,
                    GError **error)
{
    CapturePacket packet;
    CaptureRead got;

    do {
        got = reader->pcapng != NULL
                  ? pcapng_reader_next(reader->pcapng, &packet, error)
                  : next_of_pcap(reader, &packet, error);
        if (got != CAPTURE_READ_PACKET)
            return got;
    } while (
        reader->filter != NULL &&
        !capture_filter_matches(reader->filter, packet.data, packet.length));
    *ret_packet = packet;
    return got;
}
