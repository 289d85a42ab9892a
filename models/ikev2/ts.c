/* Traffic selectors (RFC 7296 2.9 and 3.13): a selector is a box, a range of
 * addresses by a range of ports by a protocol, so what two of them share is
 * again one selector, and narrowing is taking intersections.
 *
 * Ports 65535 to 0 stand for "opaque" (3.13.1): packets whose ports cannot be
 * seen. A selector for any port has them too (RFC 4301 4.4.1.1). For ICMP the
 * ports are type and code, and the same arithmetic holds. */

#include "config.h"

#include "models/ikev2/payload.h"

#include <string.h>

#define TS_HEADER    8 /* type, protocol, length, ports */
#define PORT_MAX     65535
#define OPAQUE_START 65535
#define OPAQUE_END   0
#define TS_RESERVED  3

static bool
is_opaque(const IkeTs *ts)
{
    return ts->start_port == OPAQUE_START && ts->end_port == OPAQUE_END;
}

static bool
is_any_port(const IkeTs *ts)
{
    return ts->start_port == 0 && ts->end_port == PORT_MAX;
}

/* Octets of an address of a TS type; 0 for a type that we do not know. */
static size_t
address_length(uint8_t type)
{
    switch (type) {
    case IKE_TS_IPV4_RANGE:
        return 4;
    case IKE_TS_IPV6_RANGE:
        return 16;
    default:
        return 0;
    }
}

static HsAddr
read_address(HsReader *r, size_t length)
{
    HsAddr addr = {.family = length == 4 ? HS_FAMILY_IPV4 : HS_FAMILY_IPV6};

    hs_reader_copy(r, addr.bytes, length);
    return addr;
}

/* One selector; *RET_KNOWN is false if its type is not known. */
static IkeFault
read_selector(HsReader *r, IkeTs *ret_ts, bool *ret_known)
{
    uint8_t type = hs_reader_u8(r);
    IkeTs ts = {.protocol = hs_reader_u8(r)};
    size_t length = hs_reader_u16(r), size = address_length(type);
    HsReader body;

    if (!hs_reader_ok(r))
        return IKE_FAULT_TS_COUNT;
    if (length < 4 || (size > 0 && length != TS_HEADER + 2 * size))
        return IKE_FAULT_TS_LENGTH;
    body = hs_reader_sub(r, length - 4);
    if (!hs_reader_ok(&body))
        return IKE_FAULT_TS_LENGTH;
    *ret_known = size > 0;
    if (size == 0)
        return IKE_FAULT_NONE;
    ts.start_port = hs_reader_u16(&body);
    ts.end_port = hs_reader_u16(&body);
    ts.start = read_address(&body, size);
    ts.end = read_address(&body, size);
    if (hs_addr_compare(&ts.start, &ts.end) > 0 ||
        (ts.start_port > ts.end_port && !is_opaque(&ts)))
        return IKE_FAULT_TS_RANGE;
    *ret_ts = ts;
    return IKE_FAULT_NONE;
}

IkeFault
ike_ts_decode(const IkePayload *payload, IkeTsList *ret_list)
{
    HsReader r = ike_payload_reader(payload);
    unsigned count = hs_reader_u8(&r);
    IkeTsList list = {0};

    hs_reader_skip(&r, TS_RESERVED);
    if (!hs_reader_ok(&r) || count == 0)
        return IKE_FAULT_TS_EMPTY;
    for (unsigned i = 0; i < count; i++) {
        IkeTs ts;
        bool known;
        IkeFault fault = read_selector(&r, &ts, &known);

        if (fault != IKE_FAULT_NONE)
            return fault;
        if (known && list.count < IKE_TS_MAX)
            list.selectors[list.count++] = ts;
    }
    if (hs_reader_left(&r) > 0)
        return IKE_FAULT_TS_COUNT;
    *ret_list = list;
    return IKE_FAULT_NONE;
}

void
ike_ts_encode(IkeBuilder *b, IkePayloadType payload, const IkeTsList *list)
{
    ike_builder_open(b, payload);
    hs_writer_u8(&b->writer, list->count);
    hs_writer_zeros(&b->writer, TS_RESERVED);
    for (size_t i = 0; i < list->count; i++) {
        const IkeTs *ts = &list->selectors[i];
        bool ipv4 = ts->start.family == HS_FAMILY_IPV4;
        size_t size = ipv4 ? 4 : 16;

        hs_writer_u8(&b->writer, ipv4 ? IKE_TS_IPV4_RANGE : IKE_TS_IPV6_RANGE);
        hs_writer_u8(&b->writer, ts->protocol);
        hs_writer_u16(&b->writer, TS_HEADER + 2 * size);
        hs_writer_u16(&b->writer, ts->start_port);
        hs_writer_u16(&b->writer, ts->end_port);
        hs_writer_bytes(&b->writer, ts->start.bytes, size);
        hs_writer_bytes(&b->writer, ts->end.bytes, size);
    }
    ike_builder_close(b);
}

/* Making them */

IkeTs
ike_ts_any(HsFamily family)
{
    HsPrefix all = {.addr = {.family = (uint8_t)family}};

    return ike_ts_prefix(&all);
}

/* The last address of PREFIX. */
static HsAddr
prefix_end(const HsPrefix *prefix)
{
    HsAddr end = prefix->addr;

    for (unsigned bit = prefix->length; bit < hs_addr_bits(&end); bit++)
        end.bytes[bit / 8] |= (uint8_t)(0x80u >> bit % 8);
    return end;
}

IkeTs
ike_ts_prefix(const HsPrefix *prefix)
{
    HsPrefix masked = hs_prefix_masked(prefix);

    return (IkeTs){
        .end_port = PORT_MAX, .start = masked.addr, .end = prefix_end(&masked)};
}

bool
ike_ts_equal(const IkeTs *a, const IkeTs *b)
{
    return a->protocol == b->protocol && a->start_port == b->start_port &&
           a->end_port == b->end_port && hs_addr_equal(&a->start, &b->start) &&
           hs_addr_equal(&a->end, &b->end);
}

/* Whether START to END is a prefix, which then goes to RET_PREFIX. */
static bool
as_prefix(const IkeTs *ts, HsPrefix *ret_prefix)
{
    HsPrefix p = {.addr = ts->start};

    for (unsigned length = 0; length <= hs_addr_bits(&ts->start); length++) {
        HsPrefix masked;
        HsAddr end;

        p.length = (uint8_t)length;
        masked = hs_prefix_masked(&p);
        end = prefix_end(&p);
        if (!hs_addr_equal(&masked.addr, &ts->start) ||
            !hs_addr_equal(&end, &ts->end))
            continue;
        *ret_prefix = p;
        return true;
    }
    return false;
}

char *
ike_ts_format(const IkeTs *ts)
{
    GString *text = g_string_new(NULL);
    char a[HS_PREFIX_TEXT], b[HS_ADDR_TEXT];
    HsPrefix prefix;

    if (as_prefix(ts, &prefix))
        g_string_append(text, hs_prefix_format(&prefix, a));
    else
        g_string_append_printf(text, "%s-%s", hs_addr_format(&ts->start, a),
                               hs_addr_format(&ts->end, b));
    if (ts->protocol != 0)
        g_string_append_printf(text, " proto %u", ts->protocol);
    if (is_opaque(ts))
        g_string_append(text, " port opaque");
    else if (!is_any_port(ts))
        g_string_append_printf(text, " port %u-%u", ts->start_port,
                               ts->end_port);
    return g_string_free(text, FALSE);
}

/* Narrowing */

static bool
intersect_ports(const IkeTs *a, const IkeTs *b, IkeTs *ts)
{
    if (is_opaque(a) || is_opaque(b)) {
        ts->start_port = OPAQUE_START;
        ts->end_port = OPAQUE_END;
        return (is_opaque(a) || is_any_port(a)) &&
               (is_opaque(b) || is_any_port(b));
    }
    ts->start_port = MAX(a->start_port, b->start_port);
    ts->end_port = MIN(a->end_port, b->end_port);
    return ts->start_port <= ts->end_port;
}

bool
ike_ts_intersect(const IkeTs *a, const IkeTs *b, IkeTs *ret_ts)
{
    IkeTs ts = {.protocol = a->protocol != 0 ? a->protocol : b->protocol};

    if (a->start.family != b->start.family)
        return false;
    if (a->protocol != 0 && b->protocol != 0 && a->protocol != b->protocol)
        return false;
    if (!intersect_ports(a, b, &ts))
        return false;
    ts.start = hs_addr_compare(&a->start, &b->start) > 0 ? a->start : b->start;
    ts.end = hs_addr_compare(&a->end, &b->end) < 0 ? a->end : b->end;
    if (hs_addr_compare(&ts.start, &ts.end) > 0)
        return false;
    *ret_ts = ts;
    return true;
}

static bool
within_one(const IkeTs *inner, const IkeTs *outer)
{
    IkeTs common;

    return ike_ts_intersect(inner, outer, &common) &&
           ike_ts_equal(&common, inner);
}

static bool
within(const IkeTs *inner, const IkeTsList *outer)
{
    for (size_t i = 0; i < outer->count; i++)
        if (within_one(inner, &outer->selectors[i]))
            return true;
    return false;
}

bool
ike_ts_within(const IkeTsList *inner, const IkeTsList *outer)
{
    for (size_t i = 0; i < inner->count; i++)
        if (!within(&inner->selectors[i], outer))
            return false;
    return true;
}

/* Adds TS to LIST, unless another one there holds it; takes away those that it
 * holds. */
static void
add_selector(IkeTsList *list, const IkeTs *ts)
{
    size_t kept = 0;

    if (within(ts, list))
        return;
    for (size_t i = 0; i < list->count; i++)
        if (!within_one(&list->selectors[i], ts))
            list->selectors[kept++] = list->selectors[i];
    list->count = kept;
    if (list->count < IKE_TS_MAX)
        list->selectors[list->count++] = *ts;
}

bool
ike_ts_narrow(const IkeTsList *offered, const IkeTsList *policy,
              IkeTsList *ret_list)
{
    IkeTsList list = {0};

    for (size_t i = 0; i < offered->count; i++) {
        for (size_t j = 0; j < policy->count; j++) {
            IkeTs ts;

            if (ike_ts_intersect(&offered->selectors[i], &policy->selectors[j],
                                 &ts))
                add_selector(&list, &ts);
        }
    }
    if (list.count == 0)
        return false;
    *ret_list = list;
    return true;
}
