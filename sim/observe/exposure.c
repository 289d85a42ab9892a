/* What crosses each link in clear.
 *
 * A packet is taken apart as a listener on the wire would:
 *
 *   ESP                    the IP protocol is 50, or UDP from or to 4500 whose
 *                          first four bytes are not zero (RFC 3948 2.2)
 *   clear                  source and destination lie in a protected pair; so
 *                          do those of a packet inside IP-in-IP or GRE, or of
 *                          the packet that an ICMP error quotes
 *   control                BGP, BFD (3784, 3785, 4784), IKE (500, and 4500 with
 *                          the marker, and keep-alives), other ICMP
 *   other                  the rest: readable, but nobody's secret
 *
 * The order is that of the list: a tunnel whose ends lie in protected prefixes
 * is ESP all the same. A fragment behind the first has no ports; it is what its
 * first fragment was, if that came by among the last few of the link, so the
 * rear half of a fragmented NAT-T packet is not taken for something readable.
 *
 * Departure: ESP with null encryption cannot be told from the real thing on
 * the wire, and counts as ESP; the scenarios cannot ask for it. */

#include "config.h"

#include "sim/observe/exposure.h"

#include <string.h>

#define PROTO_ICMP     1
#define PROTO_IPIP     4
#define PROTO_TCP      6
#define PROTO_UDP      17
#define PROTO_IPV6     41
#define PROTO_GRE      47
#define PROTO_ESP      50
#define PROTO_ICMPV6   58

#define PORT_BGP       179
#define PORT_IKE       500
#define PORT_BFD       3784
#define PORT_ECHO      3785 /* BFD echo, RFC 5881 */
#define PORT_NAT_T     4500
#define PORT_BFD_FAR   4784 /* BFD multihop, RFC 5883 */

#define NESTING_MAX    4
#define FRAGMENT_SLOTS 16

/* A prefix as two words and two masks, host order: a comparison of addresses
 * costs two instructions a word. IPv4 uses the low half of the first word. */
typedef struct {
    uint8_t family;
    uint64_t words[2], masks[2];
} Net;

typedef struct {
    Net a, b;
} Pair;

typedef struct {
    uint64_t words[2];
} Address;

/* Of a fragment that is not the last: what belongs to the same datagram. */
typedef struct {
    uint64_t addresses;
    uint32_t id_proto;
    bool used;
    HsExposureClass class_;
} Fragment;

typedef struct {
    HsExposureLink link; /* first, for the callers */
    Fragment fragments[FRAGMENT_SLOTS];
    unsigned next_fragment;
    HsTime bin_start, bin_end; /* of the last bin in use */
    guint bin;
} Link;

struct HsExposure {
    HsDuration bin;
    GPtrArray *links; /* Link *, owned */
    GArray *pairs;    /* Pair */
    GArray *marks;    /* HsExposureMark */
    HsTime last;
};

/* The bytes of one packet while it is taken apart. */
typedef struct {
    const HsExposure *exposure;
    Link *link; /* NULL inside another packet: no fragments there */
    const uint8_t *bytes;
    size_t length;
    unsigned nesting;
} Look;

static HsExposureClass look_at(Look look, size_t *ret_clear);

const char *
hs_exposure_class_name(HsExposureClass class_)
{
    static const char *const names[] = {
#define X(name, text) [HS_EXPOSURE_##name] = text,
        HS_EXPOSURE_CLASSES(X)
#undef X
    };

    g_assert((unsigned)class_ < HS_EXPOSURE_CLASS_COUNT);
    return names[class_];
}

const char *
hs_link_kind_name(HsLinkKind kind)
{
    static const char *const names[] = {
#define X(name, text) [HS_LINK_##name] = text,
        HS_LINK_KINDS(X)
#undef X
    };

    g_assert((unsigned)kind < HS_LINK_KIND_COUNT);
    return names[kind];
}

/* Set-up */

static void
link_free(gpointer data)
{
    Link *link = data;

    g_array_unref(link->link.bins[0]);
    g_array_unref(link->link.bins[1]);
    g_array_unref(link->link.marks);
    g_free(link);
}

HsExposure *
hs_exposure_new(HsDuration bin)
{
    HsExposure *exposure = g_new0(HsExposure, 1);

    g_assert(bin > 0);
    exposure->bin = bin;
    exposure->links = g_ptr_array_new_with_free_func(link_free);
    exposure->pairs = g_array_new(FALSE, FALSE, sizeof(Pair));
    exposure->marks = g_array_new(FALSE, FALSE, sizeof(HsExposureMark));
    return exposure;
}

void
hs_exposure_free(HsExposure *exposure)
{
    if (exposure == NULL)
        return;
    g_ptr_array_unref(exposure->links);
    g_array_unref(exposure->pairs);
    g_array_unref(exposure->marks);
    g_free(exposure);
}

void
hs_exposure_set_bin(HsExposure *exposure, HsDuration bin)
{
    g_assert(bin > 0 && hs_exposure_packets(exposure) == 0);
    exposure->bin = bin;
}

static uint64_t
get16(const uint8_t *bytes)
{
    return (uint64_t)bytes[0] << 8 | bytes[1];
}

static uint64_t
get32(const uint8_t *bytes)
{
    return get16(bytes) << 16 | get16(bytes + 2);
}

static uint64_t
get64(const uint8_t *bytes)
{
    return get32(bytes) << 32 | get32(bytes + 4);
}

/* The first LENGTH of BITS bits, at the top. */
static uint64_t
mask_of(unsigned length, unsigned bits)
{
    uint64_t all = bits == 64 ? UINT64_MAX : (UINT64_C(1) << bits) - 1;

    if (length >= bits)
        return all;
    return all & ~(all >> length);
}

static Net
net_of(const HsPrefix *prefix)
{
    HsPrefix masked = hs_prefix_masked(prefix);
    Net net = {.family = masked.addr.family};

    g_assert(net.family != HS_FAMILY_NONE);
    if (net.family == HS_FAMILY_IPV4) {
        net.words[0] = hs_addr_to_ipv4(&masked.addr);
        net.masks[0] = mask_of(prefix->length, 32);
        return net;
    }
    net.words[0] = get64(masked.addr.bytes);
    net.words[1] = get64(masked.addr.bytes + 8);
    net.masks[0] = mask_of(prefix->length, 64);
    net.masks[1] = prefix->length > 64 ? mask_of(prefix->length - 64u, 64) : 0;
    return net;
}

void
hs_exposure_add_protected(HsExposure *exposure, const HsPrefix *a,
                          const HsPrefix *b)
{
    Pair pair = {.a = net_of(a), .b = net_of(b)};

    g_assert(a->addr.family == b->addr.family);
    g_array_append_val(exposure->pairs, pair);
}

unsigned
hs_exposure_add_link(HsExposure *exposure, const char *name, HsLinkKind kind,
                     bool trusted)
{
    Link *link = g_new0(Link, 1);

    link->link.name = g_intern_string(name);
    link->link.kind = kind;
    link->link.trusted = trusted;
    for (unsigned i = 0; i < 2; i++)
        link->link.bins[i] = g_array_new(FALSE, TRUE, sizeof(HsExposureCounts));
    link->link.marks = g_array_new(FALSE, TRUE, sizeof(HsExposureCounts));
    g_array_set_size(link->link.marks, exposure->marks->len);
    g_ptr_array_add(exposure->links, link);
    return exposure->links->len - 1;
}

/* Taking a packet apart */

static inline bool
within(const Net *net, const Address *address)
{
    return ((address->words[0] ^ net->words[0]) & net->masks[0]) == 0 &&
           ((address->words[1] ^ net->words[1]) & net->masks[1]) == 0;
}

static bool
protected_flow(const HsExposure *exposure, uint8_t family,
               const Address *source, const Address *destination)
{
    for (guint i = 0; i < exposure->pairs->len; i++) {
        const Pair *pair = &g_array_index(exposure->pairs, Pair, i);

        if (pair->a.family != family)
            continue;
        if ((within(&pair->a, source) && within(&pair->b, destination)) ||
            (within(&pair->b, source) && within(&pair->a, destination)))
            return true;
    }
    return false;
}

static bool
is_bfd(uint64_t port)
{
    return port == PORT_BFD || port == PORT_ECHO || port == PORT_BFD_FAR;
}

/* UDP or TCP with its ports, of no protected flow. */
static HsExposureClass
by_port(const uint8_t *payload, size_t length, uint8_t proto)
{
    uint64_t source, destination;

    if (length < 4)
        return HS_EXPOSURE_OTHER;
    source = get16(payload);
    destination = get16(payload + 2);
    if (proto == PROTO_TCP)
        return source == PORT_BGP || destination == PORT_BGP
                   ? HS_EXPOSURE_CONTROL
                   : HS_EXPOSURE_OTHER;
    if (is_bfd(destination) || source == PORT_IKE || destination == PORT_IKE ||
        source == PORT_NAT_T || destination == PORT_NAT_T)
        return HS_EXPOSURE_CONTROL;
    return HS_EXPOSURE_OTHER;
}

/* RFC 3948 2: UDP 4500 holds ESP, or IKE behind four zero bytes, or one byte
 * 0xff to keep a NAT's binding. */
static bool
is_nat_t_esp(const uint8_t *payload, size_t length, uint8_t proto)
{
    return proto == PROTO_UDP && length >= 8 + 8 &&
           (get16(payload) == PORT_NAT_T || get16(payload + 2) == PORT_NAT_T) &&
           get32(payload + 8) != 0;
}

static bool
is_icmp_error(uint8_t proto, uint8_t type)
{
    if (proto == PROTO_ICMP)
        return type == 3 || type == 4 || type == 5 || type == 11 || type == 12;
    return type < 128; /* RFC 4443 2.1 */
}

/* A packet inside the payload: in IP-in-IP, GRE, or quoted by an ICMP error. */
static size_t
inner_offset(const uint8_t *payload, size_t length, uint8_t proto)
{
    if (proto == PROTO_IPIP || proto == PROTO_IPV6)
        return 0;
    if (proto == PROTO_GRE && length >= 4 &&
        (get16(payload + 2) == 0x0800 || get16(payload + 2) == 0x86dd))
        /* RFC 2784, 2890: checksum, key and sequence number are optional */
        return 4 + 4 * (size_t)((payload[0] >> 7 & 1) + (payload[0] >> 5 & 1) +
                                (payload[0] >> 4 & 1));
    if ((proto == PROTO_ICMP || proto == PROTO_ICMPV6) && length >= 8 &&
        is_icmp_error(proto, payload[0]))
        return 8;
    return SIZE_MAX;
}

/* What a datagram that begins with these bytes is; PAYLOAD behind its IP
 * header, which said that the flow is PROTECTED. */
static HsExposureClass
look_into(const Look *look, const uint8_t *payload, size_t length,
          uint8_t proto, bool protected_, size_t *ret_clear)
{
    size_t offset;

    if (proto == PROTO_ESP || is_nat_t_esp(payload, length, proto))
        return HS_EXPOSURE_ESP;
    if (protected_) {
        *ret_clear = look->length;
        return HS_EXPOSURE_CLEAR;
    }
    if (proto == PROTO_TCP || proto == PROTO_UDP)
        return by_port(payload, length, proto);
    offset = inner_offset(payload, length, proto);
    if (offset < length && look->nesting < NESTING_MAX) {
        Look inner = {.exposure = look->exposure,
                      .bytes = payload + offset,
                      .length = length - offset,
                      .nesting = look->nesting + 1};
        HsExposureClass class_ = look_at(inner, ret_clear);

        if (class_ == HS_EXPOSURE_CLEAR ||
            (class_ == HS_EXPOSURE_ESP && proto != PROTO_ICMP &&
             proto != PROTO_ICMPV6))
            return class_;
    }
    return proto == PROTO_ICMP || proto == PROTO_ICMPV6 ? HS_EXPOSURE_CONTROL
                                                        : HS_EXPOSURE_OTHER;
}

static HsExposureClass
rear_fragment(const Look *look, uint64_t addresses, uint32_t id_proto,
              bool protected_, size_t *ret_clear)
{
    if (look->link != NULL)
        for (unsigned i = 0; i < FRAGMENT_SLOTS; i++) {
            const Fragment *f = &look->link->fragments[i];

            if (!f->used || f->addresses != addresses ||
                f->id_proto != id_proto)
                continue;
            if (f->class_ == HS_EXPOSURE_CLEAR)
                *ret_clear = look->length;
            return f->class_;
        }
    if (!protected_)
        return (id_proto & 0xff) == PROTO_ESP ? HS_EXPOSURE_ESP
                                              : HS_EXPOSURE_OTHER;
    if ((id_proto & 0xff) == PROTO_ESP)
        return HS_EXPOSURE_ESP;
    *ret_clear = look->length;
    return HS_EXPOSURE_CLEAR;
}

static HsExposureClass
look_at_ipv4(Look look, size_t *ret_clear)
{
    const uint8_t *b = look.bytes;
    size_t header = (size_t)(b[0] & 0x0f) * 4;
    Address source, destination;
    uint64_t fragment, addresses;
    uint32_t id_proto;
    bool protected_;
    HsExposureClass class_;

    if (look.length < 20 || header < 20 || look.length < header)
        return HS_EXPOSURE_BROKEN;
    addresses = get64(b + 12);
    source = (Address){{addresses >> 32, 0}};
    destination = (Address){{addresses & UINT32_MAX, 0}};
    protected_ =
        protected_flow(look.exposure, HS_FAMILY_IPV4, &source, &destination);
    fragment = get16(b + 6) & 0x3fff; /* more fragments, and the offset */
    id_proto = (uint32_t)(get16(b + 4) << 8 | b[9]);
    if ((fragment & 0x1fff) != 0)
        return rear_fragment(&look, addresses, id_proto, protected_, ret_clear);
    class_ = look_into(&look, b + header, look.length - header, b[9],
                       protected_, ret_clear);
    if (fragment != 0 && look.link != NULL)
        look.link->fragments[look.link->next_fragment++ % FRAGMENT_SLOTS] =
            (Fragment){.addresses = addresses,
                       .id_proto = id_proto,
                       .used = true,
                       .class_ = class_};
    return class_;
}

/* Departure: IPv6 extension headers are not walked; a packet with one is
 * judged by its addresses alone. Nothing in the models sends one yet. */
static HsExposureClass
look_at_ipv6(Look look, size_t *ret_clear)
{
    const uint8_t *b = look.bytes;
    Address source, destination;

    if (look.length < 40)
        return HS_EXPOSURE_BROKEN;
    source = (Address){{get64(b + 8), get64(b + 16)}};
    destination = (Address){{get64(b + 24), get64(b + 32)}};
    return look_into(
        &look, b + 40, look.length - 40, b[6],
        protected_flow(look.exposure, HS_FAMILY_IPV6, &source, &destination),
        ret_clear);
}

/* RET_CLEAR: how many bytes are a protected flow's, for CLEAR. */
static HsExposureClass
look_at(Look look, size_t *ret_clear)
{
    if (look.length == 0)
        return HS_EXPOSURE_BROKEN;
    switch (look.bytes[0] >> 4) {
    case 4:
        return look_at_ipv4(look, ret_clear);
    case 6:
        return look_at_ipv6(look, ret_clear);
    default:
        return HS_EXPOSURE_BROKEN;
    }
}

/* Counting */

static inline void
count(HsExposureCounts *counts, HsExposureClass class_, size_t bytes)
{
    counts->packets[class_]++;
    counts->bytes[class_] += bytes;
}

static HsExposureCounts *
bin_at(const HsExposure *exposure, Link *link, unsigned direction, HsTime at)
{
    GArray *bins = link->link.bins[direction];

    if (at >= link->bin_end || at < link->bin_start) {
        link->bin = (guint)(at / exposure->bin);
        link->bin_start = (HsTime)link->bin * exposure->bin;
        link->bin_end = link->bin_start + exposure->bin;
    }
    if (link->bin >= bins->len)
        g_array_set_size(bins, link->bin + 1);
    return &g_array_index(bins, HsExposureCounts, link->bin);
}

static Link *
link_at(const HsExposure *exposure, unsigned link)
{
    g_assert(link < exposure->links->len);
    return g_ptr_array_index(exposure->links, link);
}

void
hs_exposure_set_encrypted(HsExposure *exposure, unsigned link)
{
    link_at(exposure, link)->link.encrypted = true;
}

HsExposureClass
hs_exposure_packet(HsExposure *exposure, unsigned link, unsigned direction,
                   HsTime at, uint64_t number, const uint8_t *bytes,
                   size_t length)
{
    Link *l = link_at(exposure, link);
    Look look = {
        .exposure = exposure, .link = l, .bytes = bytes, .length = length};
    size_t clear = 0;
    HsExposureClass class_ = look_at(look, &clear);
    size_t counted = class_ == HS_EXPOSURE_CLEAR ? clear : length;

    if (l->link.encrypted && class_ == HS_EXPOSURE_CLEAR)
        class_ = HS_EXPOSURE_MACSEC;
    g_assert(direction < 2 && at >= exposure->last);
    exposure->last = at;
    count(&l->link.total, class_, counted);
    count(&l->link.direction[direction], class_, counted);
    count(bin_at(exposure, l, direction, at), class_, counted);
    if (class_ == HS_EXPOSURE_CLEAR) {
        l->link.last = (HsExposureSight){at, number, direction};
        if (!l->link.seen_clear)
            l->link.first = l->link.last;
        l->link.seen_clear = true;
    }
    return class_;
}

void
hs_exposure_mark(HsExposure *exposure, HsTime at, const char *name)
{
    HsExposureMark mark = {.at = at, .name = g_intern_string(name)};

    g_array_append_val(exposure->marks, mark);
    for (guint i = 0; i < exposure->links->len; i++) {
        HsExposureLink *link = &link_at(exposure, i)->link;

        g_array_append_val(link->marks, link->total);
    }
}

/* Results */

HsDuration
hs_exposure_bin(const HsExposure *exposure)
{
    return exposure->bin;
}

unsigned
hs_exposure_links(const HsExposure *exposure)
{
    return exposure->links->len;
}

const HsExposureLink *
hs_exposure_link(const HsExposure *exposure, unsigned link)
{
    return &link_at(exposure, link)->link;
}

unsigned
hs_exposure_marks(const HsExposure *exposure)
{
    return exposure->marks->len;
}

const HsExposureMark *
hs_exposure_mark_at(const HsExposure *exposure, unsigned mark)
{
    g_assert(mark < exposure->marks->len);
    return &g_array_index(exposure->marks, HsExposureMark, mark);
}

HsExposureCounts
hs_exposure_phase(const HsExposure *exposure, unsigned link, unsigned phase)
{
    const HsExposureLink *l = hs_exposure_link(exposure, link);
    HsExposureCounts counts = l->total, before = {0};

    g_assert(phase <= l->marks->len);
    if (phase < l->marks->len)
        counts = g_array_index(l->marks, HsExposureCounts, phase);
    if (phase > 0)
        before = g_array_index(l->marks, HsExposureCounts, phase - 1);
    for (int i = 0; i < HS_EXPOSURE_CLASS_COUNT; i++) {
        counts.packets[i] -= before.packets[i];
        counts.bytes[i] -= before.bytes[i];
    }
    return counts;
}

uint64_t
hs_exposure_untrusted_clear(const HsExposure *exposure)
{
    uint64_t bytes = 0;

    for (unsigned i = 0; i < exposure->links->len; i++) {
        const HsExposureLink *link = hs_exposure_link(exposure, i);

        if (!link->trusted)
            bytes += link->total.bytes[HS_EXPOSURE_CLEAR];
    }
    return bytes;
}

uint64_t
hs_exposure_kind_clear(const HsExposure *exposure, HsLinkKind kind)
{
    uint64_t bytes = 0;

    for (unsigned i = 0; i < exposure->links->len; i++) {
        const HsExposureLink *link = hs_exposure_link(exposure, i);

        if (link->kind == kind)
            bytes += link->total.bytes[HS_EXPOSURE_CLEAR];
    }
    return bytes;
}

uint64_t
hs_exposure_packets(const HsExposure *exposure)
{
    uint64_t packets = 0;

    for (unsigned i = 0; i < exposure->links->len; i++)
        for (int c = 0; c < HS_EXPOSURE_CLASS_COUNT; c++)
            packets += hs_exposure_link(exposure, i)->total.packets[c];
    return packets;
}
