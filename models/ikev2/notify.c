/* N and D payloads (RFC 7296 3.10 and 3.11).
 *
 * Both name a protocol and carry SPIs of it: none for the IKE SA, whose SPIs
 * are in the header, and four octets for AH and ESP. A notify without an SPI
 * has a protocol that means nothing (3.10). */

#include "config.h"

#include "models/ikev2/payload.h"

#define CHILD_SPI 4

static IkeBytes
rest(HsReader *r)
{
    IkeBytes bytes = {.length = hs_reader_left(r)};

    bytes.data = hs_reader_bytes(r, bytes.length);
    return bytes;
}

static uint32_t
spi_at(const uint8_t *data)
{
    HsReader r = hs_reader_of(data, CHILD_SPI);

    return hs_reader_u32(&r);
}

/* Notify: protocol, SPI size, type, SPI, data */

/* A type that is not known is to be passed over (3.10.1), whatever its form:
 * no RFC of ours has a say in it. */
static bool
type_known(uint16_t type)
{
    switch (type) {
#define X(name, number, text)                                                  \
    case number:                                                               \
        return true;
        IKE_NOTIFIES(X)
#undef X
    default:
        return false;
    }
}

static bool
spi_fits(uint8_t protocol, size_t size, uint16_t type)
{
    if (!type_known(type))
        return true;
    /* Which SA? CHILD_SA_NOT_FOUND should name one as well, but strongSwan
     * sends it without, and the exchange tells. */
    if (size == 0)
        return type != IKE_NOTIFY_REKEY_SA;
    return size == CHILD_SPI &&
           (protocol == IKE_PROTOCOL_AH || protocol == IKE_PROTOCOL_ESP);
}

/* The types whose data has a form that 3.10.1 fixes, or its own document. */
static bool
data_fits(uint16_t type, size_t length)
{
    switch (type) {
    case IKE_NOTIFY_UNSUPPORTED_CRITICAL_PAYLOAD:
        return length == 1;
    case IKE_NOTIFY_INVALID_KE_PAYLOAD:
        return length == 2;
    case IKE_NOTIFY_INVALID_MESSAGE_ID:
    case IKE_NOTIFY_INVALID_SPI:
    case IKE_NOTIFY_SET_WINDOW_SIZE:
    case IKE_NOTIFY_AUTH_LIFETIME:
    case IKE_NOTIFY_ADDITIONAL_IP4_ADDRESS:
        return length == 4;
    case IKE_NOTIFY_ADDITIONAL_IP6_ADDRESS:
        return length == 16;
    case IKE_NOTIFY_NAT_DETECTION_SOURCE_IP:
    case IKE_NOTIFY_NAT_DETECTION_DESTINATION_IP:
        return length == IKE_NAT_HASH;
    case IKE_NOTIFY_COOKIE:
        return length >= 1 && length <= IKE_COOKIE_MAX;
    case IKE_NOTIFY_IPCOMP_SUPPORTED:
        return length >= 3;
    case IKE_NOTIFY_SIGNATURE_HASH_ALGORITHMS:
        return length % 2 == 0;
    default:
        return true;
    }
}

IkeFault
ike_notify_decode(const IkePayload *payload, IkeNotify *ret_notify)
{
    HsReader r = ike_payload_reader(payload);
    IkeNotify n = {0};
    uint8_t size;

    n.protocol = hs_reader_u8(&r);
    size = hs_reader_u8(&r);
    n.type = hs_reader_u16(&r);
    n.spi_raw = (IkeBytes){hs_reader_bytes(&r, size), size};
    if (!hs_reader_ok(&r))
        return IKE_FAULT_NOTIFY_SHORT;
    if (!spi_fits(n.protocol, size, n.type))
        return IKE_FAULT_NOTIFY_SPI;
    if (size == CHILD_SPI)
        n.spi = spi_at(n.spi_raw.data);
    else
        n.protocol = IKE_PROTOCOL_NONE;
    n.data = rest(&r);
    if (!data_fits(n.type, n.data.length))
        return IKE_FAULT_NOTIFY_DATA;
    *ret_notify = n;
    return IKE_FAULT_NONE;
}

void
ike_notify_encode(IkeBuilder *b, uint16_t type, const void *data, size_t length)
{
    ike_builder_open(b, IKE_PAYLOAD_NOTIFY);
    hs_writer_u8(&b->writer, IKE_PROTOCOL_NONE);
    hs_writer_u8(&b->writer, 0);
    hs_writer_u16(&b->writer, type);
    hs_writer_bytes(&b->writer, data, length);
    ike_builder_close(b);
}

void
ike_notify_encode_child(IkeBuilder *b, uint16_t type, uint32_t spi,
                        const void *data, size_t length)
{
    ike_builder_open(b, IKE_PAYLOAD_NOTIFY);
    hs_writer_u8(&b->writer, IKE_PROTOCOL_ESP);
    hs_writer_u8(&b->writer, CHILD_SPI);
    hs_writer_u16(&b->writer, type);
    hs_writer_u32(&b->writer, spi);
    hs_writer_bytes(&b->writer, data, length);
    ike_builder_close(b);
}

void
ike_notify_encode_group(IkeBuilder *b, uint16_t group)
{
    uint8_t data[2] = {(uint8_t)(group >> 8), (uint8_t)(group & 0xff)};

    ike_notify_encode(b, IKE_NOTIFY_INVALID_KE_PAYLOAD, data, sizeof data);
}

bool
ike_notify_find(const IkeChain *chain, uint16_t type, IkeNotify *ret_notify)
{
    const IkePayload *payload;
    size_t from = 0;
    IkeNotify n;

    while ((payload = ike_chain_find(chain, IKE_PAYLOAD_NOTIFY, &from))) {
        if (ike_notify_decode(payload, &n) != IKE_FAULT_NONE || n.type != type)
            continue;
        *ret_notify = n;
        return true;
    }
    return false;
}

/* Delete: protocol, SPI size, number of SPIs, SPIs */

IkeFault
ike_delete_decode(const IkePayload *payload, IkeDelete *ret_delete)
{
    HsReader r = ike_payload_reader(payload);
    IkeDelete d = {0};
    uint8_t size;
    bool child;

    d.protocol = hs_reader_u8(&r);
    size = hs_reader_u8(&r);
    d.count = hs_reader_u16(&r);
    if (!hs_reader_ok(&r))
        return IKE_FAULT_DELETE_SHORT;
    child = d.protocol == IKE_PROTOCOL_AH || d.protocol == IKE_PROTOCOL_ESP;
    if (child ? size != CHILD_SPI
              : d.protocol != IKE_PROTOCOL_IKE || size != 0 || d.count != 0)
        return IKE_FAULT_DELETE_SPI;
    d.spis = rest(&r);
    if (d.spis.length != (size_t)d.count * size)
        return IKE_FAULT_DELETE_SHORT;
    *ret_delete = d;
    return IKE_FAULT_NONE;
}

uint32_t
ike_delete_spi(const IkeDelete *del, unsigned index)
{
    g_assert(index < del->count);
    return spi_at(del->spis.data + (size_t)index * CHILD_SPI);
}

void
ike_delete_encode_ike(IkeBuilder *b)
{
    ike_builder_open(b, IKE_PAYLOAD_DELETE);
    hs_writer_u8(&b->writer, IKE_PROTOCOL_IKE);
    hs_writer_u8(&b->writer, 0);
    hs_writer_u16(&b->writer, 0);
    ike_builder_close(b);
}

void
ike_delete_encode_esp(IkeBuilder *b, const uint32_t *spis, size_t count)
{
    ike_builder_open(b, IKE_PAYLOAD_DELETE);
    hs_writer_u8(&b->writer, IKE_PROTOCOL_ESP);
    hs_writer_u8(&b->writer, CHILD_SPI);
    hs_writer_u16(&b->writer, count);
    for (size_t i = 0; i < count; i++)
        hs_writer_u32(&b->writer, spis[i]);
    ike_builder_close(b);
}
