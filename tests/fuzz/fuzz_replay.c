/* Whole captures, pcap or pcapng, of which the most used server is played:
 * whatever they hold, a script comes out that makes sense, or a reason.
 *
 *   'P'  the rest is what a client and a server of PostgreSQL say, in pieces:
 *        side and length in one octet (0: what follows is missing), bytes
 *   else a capture
 *
 * A script makes sense when its steps go forwards, none waits for what never
 * comes, and each request is asked and answered within what is said. */

#include "config.h"

#include "pcap/pcapng_reader.h"
#include "sim/replay/replay.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
must(bool holds)
{
    if (!holds)
        abort();
}

static uint64_t
end_of(const HsReplayConnection *c, unsigned side)
{
    const GArray *steps = c->step[side];

    return steps->len > 0
               ? g_array_index(steps, HsReplayStep, steps->len - 1).end
               : 0;
}

static void
check_connection(const HsReplayConnection *c)
{
    uint64_t answered = 0, start = 0;

    must(c->open >= 0 && c->end_wait >= 0);
    for (unsigned side = 0; side < 2; side++) {
        HsReplayStep before = {0};

        for (guint i = 0; i < c->step[side]->len; i++) {
            const HsReplayStep *s =
                &g_array_index(c->step[side], HsReplayStep, i);

            must(s->wait >= 0 && s->end > before.end &&
                 s->after >= before.after && s->after <= end_of(c, !side));
            before = *s;
        }
    }
    for (guint i = 0; i < c->requests->len; i++) {
        const HsReplayRequest *r =
            &g_array_index(c->requests, HsReplayRequest, i);

        must(r->round_trips > 0 && r->latency >= -1 && r->begin >= 0);
        must(r->start < end_of(c, 0) && r->start >= start);
        must(r->answered <= end_of(c, 1) && r->answered >= answered);
        start = r->start;
        answered = r->answered;
    }
}

/* LIBPCAP reads files only; a capture in memory goes through our reader, and a
 * pcap is turned into its packets here. */
static void
feed_pcap(FlowReader *reader, const uint8_t *data, size_t size)
{
    HsReader r = hs_reader_of(data, size);
    int link_type;

    hs_reader_skip(&r, 20);
    link_type = hs_reader_u8(&r);
    hs_reader_skip(&r, 3);
    while (hs_reader_ok(&r) && hs_reader_left(&r) >= 16) {
        uint32_t word[4];
        CapturePacket packet = {.link_type = link_type};

        for (unsigned i = 0; i < 4; i++)
            word[i] = GUINT32_SWAP_LE_BE(hs_reader_u32(&r));
        packet.at = HS_SEC(word[0]) + HS_USEC(word[1] % 1000000);
        packet.length = MIN(word[2], hs_reader_left(&r));
        packet.original = MAX(packet.length, word[3]);
        packet.data = r.data + r.offset;
        hs_reader_skip(&r, packet.length);
        replay_flow_reader_packet(reader, &packet);
    }
}

static void
feed_pcapng(FlowReader *reader, const uint8_t *data, size_t size)
{
    PcapngReader *pcapng =
        pcapng_reader_new("fuzz", (const char *)data, size, NULL);
    CapturePacket packet;

    while (pcapng != NULL &&
           pcapng_reader_next(pcapng, &packet, NULL) == CAPTURE_READ_PACKET)
        replay_flow_reader_packet(reader, &packet);
    pcapng_reader_free(pcapng);
}

static void
as_capture(const uint8_t *data, size_t size)
{
    FlowReader *reader = replay_flow_reader_new();
    g_autoptr(Flows) flows = NULL;
    g_autoptr(HsReplayCapture) capture = NULL;
    g_autoptr(GError) error = NULL;

    if (size >= 4 && data[0] == 0x0a)
        feed_pcapng(reader, data, size);
    else
        feed_pcap(reader, data, size);
    flows = replay_flow_reader_finish(reader);
    capture = hs_replay_capture_of(flows, "fuzz", NULL, 5432, &error);
    must((capture == NULL) == (error != NULL));
    if (capture == NULL)
        return;
    for (guint i = 0; i < capture->script->connections->len; i++)
        check_connection(capture->script->connections->pdata[i]);
}

static void
as_postgres(const uint8_t *data, size_t size)
{
    g_autoptr(Postgres) p = postgres_new(size > 0 && (data[0] & 1) != 0);
    uint64_t said[2] = {0, 0}, before = 0;
    const GArray *requests;

    while (size >= 2) {
        unsigned side = data[0] & 1;
        size_t length = MIN((size_t)data[0] >> 1, size - 1);
        bool missing = length == 0;

        if (missing)
            length = data[1];
        postgres_take(p, side, missing ? NULL : data + 1, length);
        said[side] += length;
        data += missing ? 2 : 1 + length;
        size -= missing ? 2 : 1 + length;
    }
    requests = postgres_requests(p);
    for (guint i = 0; i < requests->len; i++) {
        const PostgresRequest *q = &g_array_index(requests, PostgresRequest, i);

        must(q->start >= before && q->start <= said[0] && q->ready <= said[1]);
        before = q->start;
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size > 0 && data[0] == 'P')
        as_postgres(data + 1, size - 1);
    else
        as_capture(data, size);
    return 0;
}
