#include "config.h"

#include "models/net/mss.h"

#define TCP_HEADER        20
#define TCP_SYN           0x02

#define OPTION_END        0
#define OPTION_NOP        1
#define OPTION_MSS        2
#define OPTION_MSS_LENGTH 4

static uint16_t
get_u16(const uint8_t *at)
{
    return (uint16_t)(at[0] << 8 | at[1]);
}

/* Where in DATA the value of the MSS option of a SYN stands; 0: this is no SYN
 * or it has none. RFC 9293 3.1 and 3.7.1. */
static size_t
find_mss(const uint8_t *data, const HsIpv4 *ip)
{
    size_t start = ip->header_length, at, end;

    if (ip->protocol != HS_IP_TCP || hs_ipv4_fragment_offset(ip) != 0 ||
        ip->total_length < start + TCP_HEADER || !(data[start + 13] & TCP_SYN))
        return 0;
    end = start + (size_t)(data[start + 12] >> 4) * 4;
    if (end > ip->total_length)
        return 0;
    for (at = start + TCP_HEADER; at < end && data[at] != OPTION_END;) {
        size_t size = 1;

        if (data[at] != OPTION_NOP) {
            if (end - at < 2)
                return 0;
            size = data[at + 1];
            if (size < 2 || size > end - at)
                return 0;
        }
        if (data[at] == OPTION_MSS)
            return size == OPTION_MSS_LENGTH ? at + 2 : 0;
        at += size;
    }
    return 0;
}

bool
hs_mss_exceeds(const uint8_t *data, const HsIpv4 *ip, uint16_t mss)
{
    size_t at = find_mss(data, ip);

    return at != 0 && get_u16(data + at) > mss;
}

/* One byte of the segment, an even or odd one, and the checksum with it: RFC
 * 1624 works on words, and a byte at an odd offset is a word's low half. */
static void
set_byte(uint8_t *tcp, size_t offset, uint8_t value)
{
    unsigned shift = offset % 2 == 0 ? 8 : 0;
    uint16_t checksum =
        hs_checksum_update(get_u16(tcp + 16), (uint16_t)(tcp[offset] << shift),
                           (uint16_t)(value << shift));

    tcp[offset] = value;
    tcp[16] = (uint8_t)(checksum >> 8);
    tcp[17] = (uint8_t)checksum;
}

void
hs_mss_clamp(uint8_t *data, const HsIpv4 *ip, uint16_t mss)
{
    size_t at = find_mss(data, ip);

    if (at == 0 || get_u16(data + at) <= mss)
        return;
    at -= ip->header_length;
    set_byte(data + ip->header_length, at, (uint8_t)(mss >> 8));
    set_byte(data + ip->header_length, at + 1, (uint8_t)mss);
}
