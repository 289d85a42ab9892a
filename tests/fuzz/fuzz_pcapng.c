/* The pcapng reader fed with anything. What it gives lies within the input,
 * and it comes to an end. */

#include "config.h"

#include "pcap/pcapng_reader.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
must(bool holds)
{
    if (!holds)
        abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autoptr(GError) error = NULL;
    PcapngReader *reader = pcapng_reader_new("fuzz", data, size, &error);
    CaptureRead got = CAPTURE_READ_END;
    CapturePacket packet;
    size_t packets = 0;

    must((reader == NULL) == (error != NULL));
    if (reader == NULL)
        return 0;
    must(pcapng_reader_link_type(reader) >= 0);
    while ((got = pcapng_reader_next(reader, &packet, &error)) ==
           CAPTURE_READ_PACKET) {
        must(packet.length == 0 ||
             (packet.data >= data && packet.length <= size &&
              packet.data + packet.length <= data + size));
        must(++packets <= size / 16);
    }
    must((got == CAPTURE_READ_ERROR) == (error != NULL));
    pcapng_reader_free(reader);
    return 0;
}
