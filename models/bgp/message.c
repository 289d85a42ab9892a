/* Framing (RFC 4271 4.1 and 6.1), the messages that are little more than a
 * header, and the names of what NOTIFICATION carries. */

#include "config.h"

#include "models/bgp/message.h"

#include <string.h>

static const struct {
    uint8_t code;
    const char *name;
} error_names[] = {
#define X(name, number, text) {number, text},
    BGP_ERRORS(X)
#undef X
};

static const struct {
    uint8_t code, subcode;
    const char *name;
} subcode_names[] = {
#define X(code, name, number, text) {BGP_ERR_##code, number, text},
    BGP_SUBCODES(X)
#undef X
};

const char *
bgp_error_name(uint8_t code)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(error_names); i++)
        if (error_names[i].code == code)
            return error_names[i].name;
    return "unknown";
}

const char *
bgp_subcode_name(uint8_t code, uint8_t subcode)
{
    if (subcode == 0)
        return "unspecific";
    for (unsigned i = 0; i < G_N_ELEMENTS(subcode_names); i++)
        if (subcode_names[i].code == code &&
            subcode_names[i].subcode == subcode)
            return subcode_names[i].name;
    return "unknown";
}

void
bgp_fault_clear(BgpFault *fault)
{
    g_clear_pointer(&fault->data, g_bytes_unref);
    fault->code = fault->subcode = 0;
}

bool
bgp_fault_set(BgpFault *fault, uint8_t code, uint8_t subcode, const void *data,
              size_t length)
{
    bgp_fault_clear(fault);
    fault->code = code;
    fault->subcode = subcode;
    if (length > 0)
        fault->data = g_bytes_new(data, length);
    return false;
}

/* RFC 4271 6.1: the shortest and longest message of a type, header included.
 * Departure: RFC 8654 (messages beyond 4096 octets) is not offered. */
static bool
length_fits_type(BgpMessageType type, size_t length)
{
    switch (type) {
    case BGP_MSG_OPEN:
        return length >= BGP_OPEN_MIN;
    case BGP_MSG_UPDATE:
        return length >= BGP_UPDATE_MIN;
    case BGP_MSG_NOTIFICATION:
        return length >= BGP_NOTIFY_MIN;
    case BGP_MSG_KEEPALIVE:
        return length == BGP_HEADER_LENGTH;
    case BGP_MSG_ROUTE_REFRESH:
        return length == BGP_REFRESH_LENGTH;
    }
    return false;
}

BgpFrameResult
bgp_frame_next(const uint8_t *data, size_t length, BgpFrame *ret_frame,
               BgpFault *ret_fault)
{
    HsReader r = hs_reader_of(data, length);
    const uint8_t *marker = hs_reader_bytes(&r, BGP_MARKER_LENGTH);
    uint16_t size = hs_reader_u16(&r);
    uint8_t type = hs_reader_u8(&r);

    if (!hs_reader_ok(&r))
        return BGP_FRAME_MORE;
    for (unsigned i = 0; i < BGP_MARKER_LENGTH; i++) {
        if (marker[i] != 0xff) {
            bgp_fault_set(ret_fault, BGP_ERR_HEADER,
                          BGP_HEADER_NOT_SYNCHRONIZED, NULL, 0);
            return BGP_FRAME_BAD;
        }
    }
    if (size < BGP_HEADER_LENGTH || size > BGP_MESSAGE_MAX) {
        bgp_fault_set(ret_fault, BGP_ERR_HEADER, BGP_HEADER_BAD_LENGTH,
                      data + BGP_MARKER_LENGTH, 2);
        return BGP_FRAME_BAD;
    }
    if (type < BGP_MSG_OPEN || type > BGP_MSG_ROUTE_REFRESH) {
        bgp_fault_set(ret_fault, BGP_ERR_HEADER, BGP_HEADER_BAD_TYPE, &type, 1);
        return BGP_FRAME_BAD;
    }
    if (!length_fits_type((BgpMessageType)type, size)) {
        bgp_fault_set(ret_fault, BGP_ERR_HEADER, BGP_HEADER_BAD_LENGTH,
                      data + BGP_MARKER_LENGTH, 2);
        return BGP_FRAME_BAD;
    }
    if (length < size)
        return BGP_FRAME_MORE;
    *ret_frame = (BgpFrame){
        .type = (BgpMessageType)type,
        .body = hs_reader_sub(&r, size - BGP_HEADER_LENGTH),
        .length = size,
    };
    return BGP_FRAME_GOOD;
}

static void
start_message(HsWriter *w, BgpMessageType type)
{
    hs_writer_init(w);
    for (unsigned i = 0; i < BGP_MARKER_LENGTH; i++)
        hs_writer_u8(w, 0xff);
    hs_writer_u16(w, BGP_HEADER_LENGTH);
    hs_writer_u8(w, type);
}

static GBytes *
end_message(HsWriter *w)
{
    GBytes *message;

    hs_writer_patch_u16(w, BGP_MARKER_LENGTH, hs_writer_length(w));
    message = hs_writer_steal(w);
    g_assert(message != NULL);
    return message;
}

GBytes *
bgp_keepalive_encode(void)
{
    g_auto(HsWriter) w = {0};

    start_message(&w, BGP_MSG_KEEPALIVE);
    return end_message(&w);
}

GBytes *
bgp_notification_encode(const BgpFault *fault)
{
    g_auto(HsWriter) w = {0};

    start_message(&w, BGP_MSG_NOTIFICATION);
    hs_writer_u8(&w, fault->code);
    hs_writer_u8(&w, fault->subcode);
    if (fault->data != NULL) {
        gsize length;
        const void *data = g_bytes_get_data(fault->data, &length);

        hs_writer_bytes(&w, data,
                        MIN(length, BGP_MESSAGE_MAX - BGP_NOTIFY_MIN));
    }
    return end_message(&w);
}

void
bgp_notification_decode(HsReader *body, BgpFault *ret_fault)
{
    uint8_t code = hs_reader_u8(body), subcode = hs_reader_u8(body);
    size_t length = hs_reader_left(body);

    bgp_fault_set(ret_fault, code, subcode, hs_reader_bytes(body, length),
                  length);
}

/* RFC 9003 2: a length, then so many octets of UTF-8. */
#define SHUTDOWN_MAX 255

GBytes *
bgp_shutdown_encode(const char *message)
{
    uint8_t data[1 + SHUTDOWN_MAX];
    size_t length = strlen(message);

    while (length > SHUTDOWN_MAX)
        length = (size_t)(g_utf8_find_prev_char(message, message + length) -
                          message);
    if (length == 0)
        return NULL;
    data[0] = (uint8_t)length;
    memcpy(data + 1, message, length);
    return g_bytes_new(data, length + 1);
}

char *
bgp_shutdown_decode(GBytes *data)
{
    gsize size = 0;
    const uint8_t *bytes = data != NULL ? g_bytes_get_data(data, &size) : NULL;
    HsReader r = hs_reader_of(bytes, size);
    uint8_t length = hs_reader_u8(&r);
    const char *text = (const char *)hs_reader_bytes(&r, length);
    char *message;

    /* g_utf8_validate() counts NUL as invalid. */
    if (!hs_reader_ok(&r) || length == 0 ||
        !g_utf8_validate(text, length, NULL))
        return NULL;
    message = g_strndup(text, length);
    for (char *at = message; *at != '\0'; at++)
        if ((uint8_t)*at < ' ' || *at == '\x7f')
            *at = ' ';
    return message;
}

void
bgp_hard_reset_wrap(BgpFault *fault)
{
    g_auto(HsWriter) w = {0};
    gsize length = 0;
    const void *data =
        fault->data != NULL ? g_bytes_get_data(fault->data, &length) : NULL;

    hs_writer_init(&w);
    hs_writer_u8(&w, fault->code);
    hs_writer_u8(&w, fault->subcode);
    hs_writer_bytes(&w, data, length);
    bgp_fault_set(fault, BGP_ERR_CEASE, BGP_CEASE_HARD_RESET, w.bytes->data,
                  w.bytes->len);
}

bool
bgp_hard_reset_unwrap(BgpFault *fault)
{
    g_autoptr(GBytes) data = NULL;
    gsize length;
    const uint8_t *bytes;

    if (fault->code != BGP_ERR_CEASE ||
        fault->subcode != BGP_CEASE_HARD_RESET || fault->data == NULL ||
        g_bytes_get_size(fault->data) < 2)
        return false;
    data = g_steal_pointer(&fault->data);
    bytes = g_bytes_get_data(data, &length);
    bgp_fault_set(fault, bytes[0], bytes[1], bytes + 2, length - 2);
    return true;
}

GBytes *
bgp_refresh_encode(HsFamily family)
{
    g_auto(HsWriter) w = {0};

    start_message(&w, BGP_MSG_ROUTE_REFRESH);
    hs_writer_u16(&w, family == HS_FAMILY_IPV6 ? BGP_AFI_IPV6 : BGP_AFI_IPV4);
    hs_writer_u8(&w, 0);
    hs_writer_u8(&w, BGP_SAFI_UNICAST);
    return end_message(&w);
}

HsFamily
bgp_refresh_decode(HsReader *body)
{
    uint16_t afi = hs_reader_u16(body);
    uint8_t safi;

    /* RFC 2918 3: the reserved octet is ignored. RFC 7313 gives it a meaning
     * that is only spoken between peers that both announced it. */
    hs_reader_skip(body, 1);
    safi = hs_reader_u8(body);
    if (!hs_reader_done(body) || safi != BGP_SAFI_UNICAST)
        return HS_FAMILY_NONE;
    return afi == BGP_AFI_IPV4   ? HS_FAMILY_IPV4
           : afi == BGP_AFI_IPV6 ? HS_FAMILY_IPV6
                                 : HS_FAMILY_NONE;
}
