/* UDP and TCP: which protocol a packet is for, by its ports. */

#include "config.h"

#include "models/bfd/bfd.h"
#include "models/bgp/wire.h"
#include "sim/dissect/private.h"

#define PROTOCOL_ICMP   1
#define PROTOCOL_TCP    6
#define PROTOCOL_UDP    17
#define PROTOCOL_ESP    50
#define PROTOCOL_AH     51
#define PROTOCOL_ICMPV6 58

#define UDP_HEADER      8
#define TCP_HEADER      20
#define TCP_FIN         0x01
#define TCP_SYN         0x02
#define TCP_RST         0x04
#define TCP_PUSH        0x08
#define TCP_ACK         0x10

#define PORT_IKE        500
#define PORT_NAT_T      4500 /* RFC 3948 2.1 */
#define PORT_BFD_ECHO   3785 /* RFC 5881 4 */
#define PORT_BFD_MULTI  4784 /* RFC 5883 5 */
#define PORT_BFD_LAG    6784 /* RFC 7130 2.2 */
#define NON_ESP_MARKER  4
#define NAT_KEEPALIVE   0xff

/* RFC 3948 2: four zeros in front of IKE, one byte to keep the mapping, and
 * all else is ESP. */
static void
dissect_nat_t(Dissector *d, const DissectPath *path, const uint8_t *data,
              size_t length)
{
    if (length == 0)
        return;
    if (length == 1 && path->cut == 0 && data[0] == NAT_KEEPALIVE)
        dissect_nat_keepalive(d, path);
    else if (length >= NON_ESP_MARKER && data[0] == 0 && data[1] == 0 &&
             data[2] == 0 && data[3] == 0)
        dissect_ike(d, path, data + NON_ESP_MARKER, length - NON_ESP_MARKER);
    else
        dissect_esp(d, path, data, length);
}

static void
dissect_udp(Dissector *d, DissectPath *path, const uint8_t *data, size_t length)
{
    HsReader r = hs_reader_of(data, length);
    uint16_t source = hs_reader_u16(&r), destination = hs_reader_u16(&r);
    size_t said = hs_reader_u16(&r);

    hs_reader_skip(&r, 2);
    if (!hs_reader_ok(&r) || (said != 0 && said < UDP_HEADER)) {
        d->counters.broken++;
        return;
    }
    /* Less than the IP packet has: the rest is not UDP's. */
    if (said != 0 && said < length + path->cut) {
        path->cut = said > length ? said - length : 0;
        length = MIN(length, said);
    } else if (said > length + path->cut) {
        path->cut = said - length;
    }
    data += UDP_HEADER;
    length -= UDP_HEADER;
    path->source_port = source;
    path->destination_port = destination;

#define IS(port) (source == (port) || destination == (port))
    if (destination == BFD_PORT || destination == PORT_BFD_MULTI ||
        destination == PORT_BFD_LAG)
        dissect_bfd(d, path, data, length);
    else if (destination == PORT_BFD_ECHO)
        dissect_bfd_echo(d, path, data, length);
    else if (IS(PORT_NAT_T))
        dissect_nat_t(d, path, data, length);
    else if (IS(PORT_IKE) && length == 1 && data[0] == NAT_KEEPALIVE)
        dissect_nat_keepalive(d, path);
    else if (IS(PORT_IKE))
        dissect_ike(d, path, data, length);
#undef IS
}

static void
dissect_tcp(Dissector *d, DissectPath *path, const uint8_t *data, size_t length)
{
    HsReader r = hs_reader_of(data, length);
    DissectSegment segment = {.frame = path->frame,
                              .at = path->at,
                              .place = path->place,
                              .source = path->source,
                              .destination = path->destination};
    size_t header;
    unsigned flags;
    bool bgp;

    path->source_port = segment.source_port = hs_reader_u16(&r);
    path->destination_port = segment.destination_port = hs_reader_u16(&r);
    segment.sequence = hs_reader_u32(&r);
    segment.acknowledgment = hs_reader_u32(&r);
    header = (size_t)(hs_reader_u8(&r) >> 4) * 4;
    flags = hs_reader_u8(&r);
    bgp = path->source_port == BGP_PORT || path->destination_port == BGP_PORT;
    if (!bgp && d->config.segment == NULL)
        return;
    if (!hs_reader_ok(&r) || header < TCP_HEADER ||
        header > length + path->cut) {
        d->counters.broken++;
        return;
    }
    segment.syn = (flags & TCP_SYN) != 0;
    segment.fin = (flags & TCP_FIN) != 0;
    segment.rst = (flags & TCP_RST) != 0;
    segment.ack = (flags & TCP_ACK) != 0;
    segment.wire = length + path->cut - header;
    segment.length = length > header ? length - header : 0;
    segment.data = data + MIN(header, length);
    if (d->config.segment != NULL)
        d->config.segment(d->config.user_data, &segment);
    if (bgp)
        dissect_bgp(d, path, &segment);
}

void
dissect_transport(Dissector *d, DissectPath *path, uint8_t protocol,
                  const uint8_t *data, size_t length)
{
    path->source_port = path->destination_port = 0;
    if (protocol == PROTOCOL_UDP)
        dissect_udp(d, path, data, length);
    else if (protocol == PROTOCOL_TCP)
        dissect_tcp(d, path, data, length);
    else if (protocol == PROTOCOL_ESP)
        dissect_esp(d, path, data, length);
    /* RFC 4302: in front of what it authenticates. */
    else if (protocol == PROTOCOL_AH && length >= 12 &&
             ((size_t)data[1] + 2) * 4 <= length)
        dissect_transport(d, path, data[0], data + (data[1] + 2u) * 4,
                          length - (data[1] + 2u) * 4);
}

/* For people: a packet that has no dissector of its own */

static void
describe_tcp(HsReader r, GString *text)
{
    static const char letters[] = "FSRPAU";
    uint16_t source = hs_reader_u16(&r), destination = hs_reader_u16(&r);
    unsigned flags;

    hs_reader_skip(&r, 9);
    flags = hs_reader_u8(&r);
    g_string_append_printf(text, "TCP %u > %u [", source, destination);
    for (unsigned i = 0; letters[i] != '\0'; i++)
        if (hs_reader_ok(&r) && (flags & 1u << i) != 0)
            g_string_append_c(text, letters[i]);
    g_string_append_c(text, ']');
}

void
dissect_describe(const uint8_t *data, size_t length, GString *text)
{
    HsReader r = hs_reader_of(data, length);
    unsigned version = length > 0 ? data[0] >> 4 : 0;
    size_t header = version == 4 ? (size_t)(data[0] & 15u) * 4 : 40;
    HsAddr source = {0}, destination = {0};
    char from[HS_ADDR_TEXT], to[HS_ADDR_TEXT];
    uint16_t place = 0;
    uint8_t protocol;

    if (version == 4) {
        hs_reader_skip(&r, 6);
        place = hs_reader_u16(&r) & 0x1fff;
        hs_reader_skip(&r, 1);
        protocol = hs_reader_u8(&r);
        hs_reader_skip(&r, 2);
        source = hs_addr_ipv4(hs_reader_u32(&r));
        destination = hs_addr_ipv4(hs_reader_u32(&r));
    } else {
        hs_reader_skip(&r, 6);
        protocol = hs_reader_u8(&r);
        hs_reader_skip(&r, 1);
        source.family = destination.family = HS_FAMILY_IPV6;
        hs_reader_copy(&r, source.bytes, 16);
        hs_reader_copy(&r, destination.bytes, 16);
    }
    if (!hs_reader_ok(&r) || (version != 4 && version != 6) ||
        header > length) {
        g_string_append_printf(text, "%" G_GSIZE_FORMAT " bytes", length);
        return;
    }
    g_string_append_printf(text, "%s > %s ", hs_addr_format(&source, from),
                           hs_addr_format(&destination, to));
    r = hs_reader_of(data + header, length - header);
    if (place != 0)
        g_string_append_printf(text, "fragment of protocol %u", protocol);
    else if (protocol == PROTOCOL_TCP)
        describe_tcp(r, text);
    else if (protocol == PROTOCOL_UDP) {
        uint16_t from_port = hs_reader_u16(&r), to_port = hs_reader_u16(&r);

        g_string_append_printf(text, "UDP %u > %u", from_port, to_port);
    } else if (protocol == PROTOCOL_ICMP || protocol == PROTOCOL_ICMPV6) {
        uint8_t type = hs_reader_u8(&r), code = hs_reader_u8(&r);

        g_string_append_printf(text, "ICMP type %u code %u", type, code);
    } else {
        g_string_append_printf(text, "protocol %u", protocol);
    }
    g_string_append_printf(text, ", %" G_GSIZE_FORMAT " bytes", length);
}
