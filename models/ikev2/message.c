/* The frame of a message: see message.h. What stands in a frame is read with
 * a sub-reader, so a payload cannot look past its end, and a parser of a
 * payload sees nothing of its neighbours. */

#include "config.h"

#include "models/ikev2/message.h"

#include <string.h>

const char *
ike_fault_name(IkeFault fault)
{
    static const char *const names[IKE_FAULT_COUNT] = {
#define X(name, text) text,
        IKE_FAULTS(X)
#undef X
    };

    g_assert(fault < IKE_FAULT_COUNT);
    return names[fault];
}

/* Header */

static bool
exchange_known(uint8_t exchange)
{
    switch (exchange) {
#define X(name, number, text)                                                  \
    case number:                                                               \
        return true;
        IKE_EXCHANGES(X)
#undef X
    default:
        return false;
    }
}

IkeFault
ike_header_parse(const uint8_t *data, size_t length, IkeHeader *ret_header)
{
    HsReader r = hs_reader_of(data, length);
    IkeHeader h = {0};
    uint8_t version, flags;

    h.spi_i = hs_reader_u64(&r);
    h.spi_r = hs_reader_u64(&r);
    h.next = hs_reader_u8(&r);
    version = hs_reader_u8(&r);
    h.exchange = hs_reader_u8(&r);
    flags = hs_reader_u8(&r);
    h.id = hs_reader_u32(&r);
    h.length = hs_reader_u32(&r);
    if (!hs_reader_ok(&r))
        return IKE_FAULT_SHORT;
    h.major = version >> 4;
    h.minor = version & 0x0f;
    /* RFC 7296 3.1: the other bits must be ignored. */
    h.initiator = (flags & IKE_FLAG_INITIATOR) != 0;
    h.higher = (flags & IKE_FLAG_VERSION) != 0;
    h.response = (flags & IKE_FLAG_RESPONSE) != 0;
    *ret_header = h;

    /* The version comes first: another one may have another header. */
    if (h.major > IKE_MAJOR_VERSION)
        return IKE_FAULT_MAJOR_VERSION;
    if (h.major < IKE_MAJOR_VERSION)
        return IKE_FAULT_OLD_VERSION;
    if (h.length != length)
        return IKE_FAULT_LENGTH;
    if (h.spi_i == 0)
        return IKE_FAULT_ZERO_SPI;
    return IKE_FAULT_NONE;
}

void
ike_header_write(HsWriter *w, const IkeHeader *header)
{
    hs_writer_u64(w, header->spi_i);
    hs_writer_u64(w, header->spi_r);
    hs_writer_u8(w, header->next);
    hs_writer_u8(w, (uint64_t)header->major << 4 | header->minor);
    hs_writer_u8(w, header->exchange);
    hs_writer_u8(w, (header->initiator ? IKE_FLAG_INITIATOR : 0u) |
                        (header->higher ? IKE_FLAG_VERSION : 0u) |
                        (header->response ? IKE_FLAG_RESPONSE : 0u));
    hs_writer_u32(w, header->id);
    hs_writer_u32(w, header->length);
}

/* Chain */

static bool
payload_known(uint8_t type)
{
    switch (type) {
#define X(name, number, text)                                                  \
    case number:                                                               \
        return true;
        IKE_PAYLOADS(X)
#undef X
    default:
        return false;
    }
}

/* One payload of type TYPE; *RET_NEXT is the type of the one behind it, NONE
 * for an encrypted one, whose next payload is inside. */
static IkeFault
read_payload(HsReader *r, uint8_t type, bool inside, IkePayload *ret,
             uint8_t *ret_next)
{
    size_t offset = r->offset;
    uint8_t next = hs_reader_u8(r);
    uint8_t flags = hs_reader_u8(r);
    size_t length = hs_reader_u16(r);
    const uint8_t *body;

    if (length < IKE_PAYLOAD_HEADER)
        return IKE_FAULT_PAYLOAD_LENGTH;
    body = hs_reader_bytes(r, length - IKE_PAYLOAD_HEADER);
    if (body == NULL)
        return IKE_FAULT_PAYLOAD_LENGTH;
    *ret = (IkePayload){.type = type,
                        .critical = (flags & IKE_CRITICAL) != 0,
                        .body = body,
                        .length = length - IKE_PAYLOAD_HEADER,
                        .offset = offset};
    *ret_next = next;
    if (type != IKE_PAYLOAD_SK && type != IKE_PAYLOAD_SKF)
        return IKE_FAULT_NONE;
    if (inside)
        return IKE_FAULT_NESTED_SK;
    /* RFC 7296 3.14: it is the last one, and covers the rest. */
    if (hs_reader_left(r) > 0)
        return IKE_FAULT_SK_NOT_LAST;
    ret->inner_next = next;
    *ret_next = IKE_PAYLOAD_NONE;
    return IKE_FAULT_NONE;
}

IkeFault
ike_chain_parse(const uint8_t *data, size_t length, uint8_t first, bool inside,
                IkeChain *ret_chain)
{
    HsReader r = hs_reader_of(data, length);
    uint8_t type = first;

    ret_chain->count = 0;
    ret_chain->unsupported = 0;
    while (type != IKE_PAYLOAD_NONE) {
        IkePayload *payload = &ret_chain->payloads[ret_chain->count];
        uint8_t next;
        IkeFault fault;

        if (ret_chain->count == IKE_PAYLOADS_MAX)
            return IKE_FAULT_TOO_MANY;
        fault = read_payload(&r, type, inside, payload, &next);
        if (fault != IKE_FAULT_NONE)
            return fault;
        ret_chain->count++;
        /* RFC 7296 2.5: the bit means nothing on a payload that is known. */
        if (payload->critical && !payload_known(type) &&
            ret_chain->unsupported == 0)
            ret_chain->unsupported = type;
        type = next;
    }
    if (hs_reader_left(&r) > 0)
        return IKE_FAULT_TRAILING;
    return ret_chain->unsupported != 0 ? IKE_FAULT_CRITICAL : IKE_FAULT_NONE;
}

IkeFault
ike_message_parse(const uint8_t *data, size_t length, IkeMessage *ret_message)
{
    IkeFault fault;

    ret_message->data = data;
    ret_message->length = length;
    ret_message->chain.count = 0;
    ret_message->chain.unsupported = 0;
    memset(&ret_message->header, 0, sizeof ret_message->header);
    fault = ike_header_parse(data, length, &ret_message->header);
    if (fault != IKE_FAULT_NONE)
        return fault;
    fault =
        ike_chain_parse(data + IKE_HEADER_LENGTH, length - IKE_HEADER_LENGTH,
                        ret_message->header.next, false, &ret_message->chain);
    if (fault == IKE_FAULT_NONE &&
        !exchange_known(ret_message->header.exchange))
        return IKE_FAULT_EXCHANGE;
    return fault;
}

const IkePayload *
ike_chain_find(const IkeChain *chain, uint8_t type, size_t *from)
{
    for (size_t i = from == NULL ? 0 : *from; i < chain->count; i++) {
        if (chain->payloads[i].type != type)
            continue;
        if (from != NULL)
            *from = i + 1;
        return &chain->payloads[i];
    }
    if (from != NULL)
        *from = chain->count;
    return NULL;
}

HsReader
ike_payload_reader(const IkePayload *payload)
{
    return hs_reader_of(payload->body, payload->length);
}

/* Building */

void
ike_builder_init(IkeBuilder *b)
{
    hs_writer_init(&b->writer);
    b->first = IKE_PAYLOAD_NONE;
    b->last = 0;
}

void
ike_builder_clear(IkeBuilder *b)
{
    hs_writer_clear(&b->writer);
    b->first = IKE_PAYLOAD_NONE;
    b->last = 0;
}

void
ike_builder_open(IkeBuilder *b, IkePayloadType type)
{
    if (b->first == IKE_PAYLOAD_NONE)
        b->first = (uint8_t)type;
    else
        hs_writer_patch_u8(&b->writer, b->last, type);
    b->last = hs_writer_length(&b->writer);
    hs_writer_zeros(&b->writer, IKE_PAYLOAD_HEADER);
}

void
ike_builder_close(IkeBuilder *b)
{
    hs_writer_patch_u16(&b->writer, b->last + 2,
                        hs_writer_length(&b->writer) - b->last);
}

void
ike_builder_add(IkeBuilder *b, IkePayloadType type, const void *body,
                size_t length)
{
    ike_builder_open(b, type);
    hs_writer_bytes(&b->writer, body, length);
    ike_builder_close(b);
}

GBytes *
ike_builder_message(IkeBuilder *b, const IkeHeader *header)
{
    g_auto(HsWriter) w = {0};
    IkeHeader h = *header;
    size_t length = IKE_HEADER_LENGTH + hs_writer_length(&b->writer);

    hs_writer_init(&w);
    h.next = b->first;
    h.major = IKE_MAJOR_VERSION;
    h.minor = 0;
    h.length = (uint32_t)length;
    ike_header_write(&w, &h);
    hs_writer_bytes(&w, b->writer.bytes->data, b->writer.bytes->len);
    if (!hs_writer_ok(&b->writer) || length > IKE_MESSAGE_MAX)
        w.failed = true;
    ike_builder_clear(b);
    return hs_writer_steal(&w);
}
