#include "config.h"

#include "pcap/filter.h"

#include "pcap/capture.h"

#include <pcap/pcap.h>

struct CaptureFilter {
    struct bpf_program program;
};

CaptureFilter *
capture_filter_new(const char *expression, int link_type, GError **error)
{
    /* The one LINKTYPE of ours whose number is not libpcap's DLT. */
    pcap_t *pcap = pcap_open_dead(
        link_type == CAPTURE_LINKTYPE_RAW ? DLT_RAW : link_type, 65535);
    CaptureFilter *filter = g_new0(CaptureFilter, 1);

    g_assert(pcap != NULL); /* it only allocates */
    if (pcap_compile(pcap, &filter->program, expression, 1,
                     PCAP_NETMASK_UNKNOWN) != 0) {
        g_set_error(error, CAPTURE_ERROR, CAPTURE_ERROR_FILTER,
                    "capture filter \"%s\": %s", expression, pcap_geterr(pcap));
        g_clear_pointer(&filter, g_free);
    }
    pcap_close(pcap);
    return filter;
}

void
capture_filter_free(CaptureFilter *filter)
{
    if (filter == NULL)
        return;
    pcap_freecode(&filter->program);
    g_free(filter);
}

bool
capture_filter_matches(const CaptureFilter *filter, const void *data,
                       size_t length)
{
    struct pcap_pkthdr header = {.caplen = (bpf_u_int32)length,
                                 .len = (bpf_u_int32)length};

    return pcap_offline_filter(&filter->program, &header, data) != 0;
}
