/* The checks are in the order of the bytes, and each layer's lengths come
 * before anything that relies on them. Rules that go beyond the RFCs are those
 * that ns-3 needs (it knows no IPv4 options and no unknown ICMP types), or that
 * any host applies on arrival: RFC 1122 3.2.1.3 for addresses. */

#include "config.h"

#include "sim/engine/validate.h"

#include "models/base/wire.h"

#include <stdbool.h>

#define IP_HEADER       20
#define IP_RESERVED     0x8000
#define IP_MORE         0x2000
#define IP_OFFSET       0x1fff
#define PROTOCOL_ICMP   1
#define PROTOCOL_TCP    6
#define PROTOCOL_UDP    17
#define TCP_HEADER      20
#define UDP_HEADER      8
#define ICMP_HEADER     8
#define ICMP_QUOTE_LEFT 8 /* of the packet that an error is about: the ports   \
                           */

enum {
    TCP_END = 0,
    TCP_NOP = 1,
    TCP_MSS = 2,
    TCP_WINDOW_SCALE = 3,
    TCP_SACK_PERMITTED = 4,
    TCP_SACK = 5,
    TCP_TIMESTAMP = 8
};

enum {
    ICMP_ECHO_REPLY = 0,
    ICMP_UNREACHABLE = 3,
    ICMP_ECHO = 8,
    ICMP_TIME_EXCEEDED = 11
};

static const char *const names[] = {
#define X(name, text) text,
    HS_REFUSALS(X)
#undef X
};

const char *
hs_refusal_name(HsRefusal refusal)
{
    g_assert((unsigned)refusal < HS_REFUSE_COUNT);
    return names[refusal];
}

/* RFC 1071: the one's complement sum, carries not yet folded. */
static uint64_t
sum(const uint8_t *data, size_t length)
{
    uint64_t total = 0;
    size_t i;

    for (i = 0; i + 1 < length; i += 2)
        total += (uint32_t)(data[i] << 8 | data[i + 1]);
    if (i < length)
        total += (uint32_t)(data[i] << 8);
    return total;
}

static bool
sums_up(uint64_t total)
{
    while (total > 0xffff)
        total = (total & 0xffff) + (total >> 16);
    return total == 0xffff;
}

/* With the pseudo-header of RFC 9293 3.1; IP is the IPv4 header. */
static bool
segment_sums_up(const uint8_t *ip, const uint8_t *segment, size_t length)
{
    return sums_up(sum(ip + 12, 8) + ip[9] + length + sum(segment, length));
}

static HsRefusal
check_tcp_option(uint8_t kind, size_t length)
{
    switch (kind) {
    case TCP_MSS: /* RFC 9293 3.7.1 */
        return length == 4 ? HS_REFUSE_NONE : HS_REFUSE_TCP_OPTION_MSS;
    case TCP_WINDOW_SCALE: /* RFC 7323 2.2 */
        return length == 3 ? HS_REFUSE_NONE : HS_REFUSE_TCP_OPTION_WINDOW_SCALE;
    case TCP_SACK_PERMITTED: /* RFC 2018 2 */
        return length == 2 ? HS_REFUSE_NONE
                           : HS_REFUSE_TCP_OPTION_SACK_PERMITTED;
    case TCP_SACK: /* RFC 2018 3: one to four blocks of eight bytes */
        return length >= 10 && length <= 34 && length % 8 == 2
                   ? HS_REFUSE_NONE
                   : HS_REFUSE_TCP_OPTION_SACK;
    case TCP_TIMESTAMP: /* RFC 7323 3.2 */
        return length == 10 ? HS_REFUSE_NONE : HS_REFUSE_TCP_OPTION_TIMESTAMP;
    default: /* skipped by its length */
        return HS_REFUSE_NONE;
    }
}

static HsRefusal
check_tcp_options(HsReader options)
{
    bool seen[256] = {false};

    while (hs_reader_left(&options) > 0) {
        uint8_t kind = hs_reader_u8(&options), length;
        HsRefusal refusal;

        if (kind == TCP_END)
            return HS_REFUSE_NONE; /* padding follows */
        if (kind == TCP_NOP)
            continue;
        if (hs_reader_left(&options) == 0)
            return HS_REFUSE_TCP_OPTION_TRUNCATED;
        length = hs_reader_u8(&options);
        if (length < 2)
            return HS_REFUSE_TCP_OPTION_LENGTH;
        if (hs_reader_left(&options) < length - 2u)
            return HS_REFUSE_TCP_OPTION_TRUNCATED;
        refusal = check_tcp_option(kind, length);
        if (refusal != HS_REFUSE_NONE)
            return refusal;
        if (seen[kind])
            return HS_REFUSE_TCP_OPTION_TWICE;
        seen[kind] = true;
        hs_reader_skip(&options, length - 2u);
    }
    return HS_REFUSE_NONE;
}

static HsRefusal
check_tcp(const uint8_t *ip, HsReader segment)
{
    size_t length = hs_reader_left(&segment), header;
    const uint8_t *bytes = segment.data;

    if (length < TCP_HEADER)
        return HS_REFUSE_TCP_TRUNCATED;
    header = (size_t)(bytes[12] >> 4) * 4;
    if (header < TCP_HEADER || header > length)
        return HS_REFUSE_TCP_HEADER_LENGTH;
    if (!segment_sums_up(ip, bytes, length))
        return HS_REFUSE_TCP_CHECKSUM;
    if ((bytes[0] | bytes[1]) == 0 || (bytes[2] | bytes[3]) == 0)
        return HS_REFUSE_TCP_PORT;
    hs_reader_skip(&segment, TCP_HEADER);
    return check_tcp_options(hs_reader_sub(&segment, header - TCP_HEADER));
}

static HsRefusal
check_udp(const uint8_t *ip, HsReader datagram)
{
    size_t length = hs_reader_left(&datagram);
    const uint8_t *bytes = datagram.data;
    bool summed;

    if (length < UDP_HEADER)
        return HS_REFUSE_UDP_TRUNCATED;
    if ((size_t)(bytes[4] << 8 | bytes[5]) != length)
        return HS_REFUSE_UDP_LENGTH;
    summed = (bytes[6] | bytes[7]) != 0; /* RFC 768: 0 is "none" */
    if (summed && !segment_sums_up(ip, bytes, length))
        return HS_REFUSE_UDP_CHECKSUM;
    return HS_REFUSE_NONE;
}

/* RFC 792: an error quotes the IP header and eight bytes behind it. ns-3 reads
 * exactly that, and knows a quoted header of 20 bytes only. */
static HsRefusal
check_icmp_quote(const uint8_t *quote, size_t length)
{
    if (length < IP_HEADER + ICMP_QUOTE_LEFT || quote[0] != 0x45)
        return HS_REFUSE_ICMP_QUOTE;
    return HS_REFUSE_NONE;
}

static HsRefusal
check_icmp(HsReader message)
{
    size_t length = hs_reader_left(&message);
    const uint8_t *bytes = message.data;

    if (length < ICMP_HEADER)
        return HS_REFUSE_ICMP_TRUNCATED;
    if (!sums_up(sum(bytes, length)))
        return HS_REFUSE_ICMP_CHECKSUM;
    switch (bytes[0]) {
    case ICMP_ECHO:
    case ICMP_ECHO_REPLY:
        return HS_REFUSE_NONE;
    case ICMP_UNREACHABLE:
    case ICMP_TIME_EXCEEDED:
        return check_icmp_quote(bytes + ICMP_HEADER, length - ICMP_HEADER);
    default:
        return HS_REFUSE_ICMP_TYPE;
    }
}

static uint32_t
address_at(const uint8_t *at)
{
    HsReader r = hs_reader_of(at, 4);

    return hs_reader_u32(&r);
}

/* RFC 1122 3.2.1.3: this network, loopback, multicast, class E, broadcast. */
static bool
is_one_host(uint32_t address)
{
    uint32_t first = address >> 24;

    return first != 0 && first != 127 && first < 224;
}

static HsRefusal
check_ip(const uint8_t *data, size_t length, size_t *ret_total)
{
    uint16_t fragment;
    size_t header, total;

    if (length < IP_HEADER)
        return HS_REFUSE_IP_TRUNCATED;
    if (data[0] >> 4 != 4)
        return HS_REFUSE_IP_VERSION;
    header = (data[0] & 0xfu) * 4;
    if (header < IP_HEADER)
        return HS_REFUSE_IP_HEADER_LENGTH;
    if (header > IP_HEADER)
        return HS_REFUSE_IP_OPTIONS;
    total = (size_t)(data[2] << 8 | data[3]);
    if (total < header || total > length)
        return HS_REFUSE_IP_TOTAL_LENGTH;
    if (!sums_up(sum(data, header)))
        return HS_REFUSE_IP_CHECKSUM;
    fragment = (uint16_t)(data[6] << 8 | data[7]);
    if (fragment & IP_RESERVED)
        return HS_REFUSE_IP_RESERVED_FLAG;
    /* Departure: a host does not reassemble. What is put together behind this
     * guard would not have been looked at by it. */
    if (fragment & (IP_MORE | IP_OFFSET))
        return HS_REFUSE_IP_FRAGMENT;
    if (!is_one_host(address_at(data + 12)))
        return HS_REFUSE_IP_SOURCE;
    if (!is_one_host(address_at(data + 16)))
        return HS_REFUSE_IP_DESTINATION;
    *ret_total = total;
    return HS_REFUSE_NONE;
}

HsRefusal
hs_validate(const uint8_t *data, size_t length, size_t *ret_length)
{
    size_t total = 0;
    HsRefusal refusal = check_ip(data, length, &total);
    HsReader payload;

    if (refusal != HS_REFUSE_NONE)
        return refusal;
    payload = hs_reader_of(data + IP_HEADER, total - IP_HEADER);
    switch (data[9]) {
    case PROTOCOL_ICMP:
        refusal = check_icmp(payload);
        break;
    case PROTOCOL_TCP:
        refusal = check_tcp(data, payload);
        break;
    case PROTOCOL_UDP:
        refusal = check_udp(data, payload);
        break;
    default:
        refusal = HS_REFUSE_IP_PROTOCOL;
        break;
    }
    if (refusal == HS_REFUSE_NONE)
        *ret_length = total;
    return refusal;
}
