/* Link headers: what stands in front of the IP packet, by LINKTYPE.
 *
 * VLAN tags are passed through and become part of the packet's place, so that
 * the same addresses in two VLANs are two conversations. */

#include "config.h"

#include "sim/dissect/private.h"

#define LINKTYPE_NULL        0
#define LINKTYPE_ETHERNET    1
#define LINKTYPE_PPP         9
#define LINKTYPE_RAW_BSD     12 /* DLT_RAW, as some write it */
#define LINKTYPE_RAW_OPENBSD 14
#define LINKTYPE_PPP_HDLC    50
#define LINKTYPE_RAW         101
#define LINKTYPE_C_HDLC      104
#define LINKTYPE_LOOP        108
#define LINKTYPE_LINUX_SLL   113
#define LINKTYPE_IPV4        228
#define LINKTYPE_IPV6        229
#define LINKTYPE_LINUX_SLL2  276

#define ETHERTYPE_IPV4       0x0800
#define ETHERTYPE_VLAN       0x8100
#define ETHERTYPE_IPV6       0x86dd
#define ETHERTYPE_QINQ       0x88a8
#define ETHERTYPE_QINQ_OLD   0x9100
#define ETHERTYPE_PPPOE      0x8864

#define PPP_IPV4             0x0021
#define PPP_IPV6             0x0057

#define VLAN_MOST            8

bool
dissect_link_type_is_known(int link_type)
{
    switch (link_type) {
    case LINKTYPE_NULL:
    case LINKTYPE_ETHERNET:
    case LINKTYPE_PPP:
    case LINKTYPE_RAW_BSD:
    case LINKTYPE_RAW_OPENBSD:
    case LINKTYPE_PPP_HDLC:
    case LINKTYPE_RAW:
    case LINKTYPE_C_HDLC:
    case LINKTYPE_LOOP:
    case LINKTYPE_LINUX_SLL:
    case LINKTYPE_IPV4:
    case LINKTYPE_IPV6:
    case LINKTYPE_LINUX_SLL2:
        return true;
    }
    return false;
}

static void
rest(Dissector *d, DissectPath *path, const HsReader *r)
{
    if (hs_reader_ok(r))
        dissect_ip(d, path, r->data + r->offset, hs_reader_left(r));
}

/* RFC 1661 2: the protocol's high byte may be left out when it is 0. */
static void
from_ppp(Dissector *d, DissectPath *path, HsReader *r)
{
    unsigned protocol = hs_reader_u8(r);

    if ((protocol & 1) == 0)
        protocol = protocol << 8 | hs_reader_u8(r);
    if (protocol == PPP_IPV4 || protocol == PPP_IPV6)
        rest(d, path, r);
}

static void
from_ethertype(Dissector *d, DissectPath *path, HsReader *r, uint16_t type)
{
    for (unsigned tags = 0; tags < VLAN_MOST &&
                            (type == ETHERTYPE_VLAN || type == ETHERTYPE_QINQ ||
                             type == ETHERTYPE_QINQ_OLD);
         tags++) {
        path->place = path->place * 4099 + 1 + (hs_reader_u16(r) & 0x0fffu);
        type = hs_reader_u16(r);
    }
    if (type == ETHERTYPE_PPPOE) {
        hs_reader_skip(r, 6);
        from_ppp(d, path, r);
    } else if (type == ETHERTYPE_IPV4 || type == ETHERTYPE_IPV6) {
        rest(d, path, r);
    }
}

/* A protocol family in the byte order of the machine that captured (NULL) or
 * in network order (LOOP). Its value depends on the system; the version in the
 * packet itself does not. */
static void
from_family(Dissector *d, DissectPath *path, HsReader *r)
{
    hs_reader_skip(r, 4);
    rest(d, path, r);
}

void
dissect_link(Dissector *d, DissectPath *path, int link_type,
             const uint8_t *data, size_t length)
{
    HsReader r = hs_reader_of(data, length);
    uint16_t type;

    path->place = path->link;
    switch (link_type) {
    case LINKTYPE_ETHERNET:
        hs_reader_skip(&r, 12);
        type = hs_reader_u16(&r);
        from_ethertype(d, path, &r, type);
        break;
    case LINKTYPE_LINUX_SLL:
        hs_reader_skip(&r, 14);
        type = hs_reader_u16(&r);
        from_ethertype(d, path, &r, type);
        break;
    case LINKTYPE_LINUX_SLL2:
        type = hs_reader_u16(&r);
        hs_reader_skip(&r, 2);
        /* The interface: the same packet is seen where it enters and where it
         * leaves. */
        path->place = path->place * 65599 + hs_reader_u32(&r);
        hs_reader_skip(&r, 12);
        from_ethertype(d, path, &r, type);
        break;
    case LINKTYPE_NULL:
    case LINKTYPE_LOOP:
        from_family(d, path, &r);
        break;
    case LINKTYPE_C_HDLC:
        hs_reader_skip(&r, 2);
        type = hs_reader_u16(&r);
        from_ethertype(d, path, &r, type);
        break;
    case LINKTYPE_PPP:
    case LINKTYPE_PPP_HDLC:
        /* RFC 1662 3.1: address and control, unless they were left out. */
        if (length >= 2 && data[0] == 0xff && data[1] == 0x03)
            hs_reader_skip(&r, 2);
        from_ppp(d, path, &r);
        break;
    case LINKTYPE_RAW:
    case LINKTYPE_RAW_BSD:
    case LINKTYPE_RAW_OPENBSD:
    case LINKTYPE_IPV4:
    case LINKTYPE_IPV6:
        rest(d, path, &r);
        break;
    }
    if (!hs_reader_ok(&r))
        d->counters.broken++;
}
