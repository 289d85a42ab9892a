#include "config.h"

#include "pcap/link_file.h"

#include "pcap/output.h"

#include <errno.h>
#include <pcap/pcap.h>
#include <stdio.h>
#include <unistd.h>

struct CaptureLinkFile {
    char *path, *part;     /* owned */
    pcap_t *pcap;          /* owned */
    pcap_dumper_t *dumper; /* owned */
};

char *
capture_link_file_path(const char *folder, const char *name)
{
    g_autofree char *safe = g_strdup(name);

    for (char *c = safe; *c != '\0'; c++)
        if (!g_ascii_isalnum(*c) && *c != '.' && *c != '_')
            *c = '-';
    if (*safe == '.')
        *safe = '-';
    return g_strdup_printf("%s/%s.pcap", folder, safe);
}

bool
capture_link_file_is(const CaptureLinkFile *file, const char *path)
{
    return g_str_equal(file->path, path);
}

CaptureLinkFile *
capture_link_file_new(const char *path, uint32_t snaplen, GError **error)
{
    CaptureLinkFile *file = g_new0(CaptureLinkFile, 1);
    FILE *stream;

    file->path = g_strdup(path);
    file->part = g_strdup_printf("%s.part", file->path);
    file->pcap = pcap_open_dead_with_tstamp_precision(
        DLT_RAW, (int)MIN(snaplen, INT32_MAX), PCAP_TSTAMP_PRECISION_NANO);
    g_assert(file->pcap != NULL);
    stream = fopen(file->part, "wb");
    if (stream != NULL)
        file->dumper = pcap_dump_fopen(file->pcap, stream);
    if (file->dumper == NULL) {
        capture_file_error(error, file->part, errno);
        capture_link_file_abort(file);
        return NULL;
    }
    return file;
}

static void
free_file(CaptureLinkFile *file)
{
    if (file->dumper != NULL)
        pcap_dump_close(file->dumper);
    pcap_close(file->pcap);
    g_free(file->path);
    g_free(file->part);
    g_free(file);
}

void
capture_link_file_abort(CaptureLinkFile *file)
{
    if (file == NULL)
        return;
    unlink(file->part);
    free_file(file);
}

void
capture_link_file_packet(CaptureLinkFile *file, HsTime at, const void *data,
                         size_t kept, size_t length)
{
    struct pcap_pkthdr header = {
        .ts = {.tv_sec = at / HS_SEC(1),
               .tv_usec = at % HS_SEC(1)}, /* nanoseconds, by its precision */
        .caplen = (bpf_u_int32)kept,
        .len = (bpf_u_int32)length,
    };

    pcap_dump((u_char *)file->dumper, &header, data);
}

bool
capture_link_file_finish(CaptureLinkFile *file, GError **error)
{
    if (pcap_dump_flush(file->dumper) != 0 ||
        ferror(pcap_dump_file(file->dumper))) {
        capture_file_error(error, file->part, errno != 0 ? errno : EIO);
        capture_link_file_abort(file);
        return false;
    }
    if (rename(file->part, file->path) != 0) {
        capture_file_error(error, file->path, errno);
        capture_link_file_abort(file);
        return false;
    }
    free_file(file);
    return true;
}
