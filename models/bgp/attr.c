/* The path attributes of an UPDATE: one row of a table for each that we know,
 * with its flags, what a malformed one leads to, its decoder and its encoder
 * (RFC 4271 4.3, 5 and 6.3; RFC 7606 3 and 7).
 *
 * A fault never stops the walk, unless the frame itself is lost: RFC 7606 3 h
 * wants the strongest of all approaches that the message calls for. The
 * decoder keeps the worst fault met so far; update.c acts on it. */

#include "config.h"

#include "models/bgp/message.h"
#include "models/bgp/path.h"

#include <string.h>

typedef struct {
    uint8_t type;
    const char *name;
    uint8_t flags;         /* its OPTIONAL and TRANSITIVE bits */
    BgpSeverity malformed; /* RFC 7606 7 */
    uint8_t subcode;       /* for a reset; 0: BAD_ATTR_LENGTH */
    const char *reason;
    bool (*decode)(BgpAttrDecoder *d, HsReader *value);
    /* Writes the value; false: the attribute is absent. */
    bool (*encode)(HsWriter *w, const BgpAttrs *attrs, bool four_octet_as);
} Row;

void
bgp_attr_decoder_init(BgpAttrDecoder *d, const BgpUpdateContext *context,
                      GArray *withdrawn)
{
    *d = (BgpAttrDecoder){
        .context = *context,
        .attrs = bgp_attrs_new(),
        .mp_announced = g_array_new(FALSE, FALSE, sizeof(HsPrefix)),
        .withdrawn = withdrawn,
        .unknown = g_byte_array_new(),
        .only_unreach = true,
    };
}

void
bgp_attr_decoder_clear(BgpAttrDecoder *d)
{
    g_clear_pointer(&d->attrs, bgp_attrs_unref);
    g_clear_pointer(&d->mp_announced, g_array_unref);
    g_clear_pointer(&d->unknown, g_byte_array_unref);
    g_clear_pointer(&d->as4_path, g_bytes_unref);
    bgp_fault_clear(&d->fault);
}

bool
bgp_attr_seen(const BgpAttrDecoder *d, BgpAttrType type)
{
    return (d->seen[type / 32] >> (type % 32) & 1) != 0;
}

/* The first of the worst is what the NOTIFICATION will tell. */
static void
complain(BgpAttrDecoder *d, BgpSeverity severity, const char *reason,
         uint8_t subcode, const void *data, size_t length)
{
    if (severity == BGP_SEVERITY_DISCARD)
        d->discarded++;
    if (severity <= d->severity)
        return;
    d->severity = severity;
    d->reason = reason;
    bgp_fault_set(&d->fault, BGP_ERR_UPDATE, subcode, data, length);
}

/* Decoders: false if malformed. */

static bool
decode_origin(BgpAttrDecoder *d, HsReader *value)
{
    uint8_t origin = hs_reader_u8(value);

    d->attrs->origin = (BgpOrigin)origin;
    return hs_reader_done(value) && origin <= BGP_ORIGIN_INCOMPLETE;
}

static bool
decode_as_path(BgpAttrDecoder *d, HsReader *value)
{
    return bgp_as_path_decode(value, d->context.four_octet_as,
                              &d->attrs->as_path);
}

/* RFC 4271 6.3: an address that a host can have. */
static bool
is_host_address(const HsAddr *addr)
{
    if (addr->family == HS_FAMILY_IPV6)
        return addr->bytes[0] != 0xff;
    return addr->bytes[0] != 0 && addr->bytes[0] != 127 && addr->bytes[0] < 224;
}

static bool
decode_next_hop(BgpAttrDecoder *d, HsReader *value)
{
    d->attrs->next_hop = hs_addr_ipv4(hs_reader_u32(value));
    return hs_reader_done(value) && is_host_address(&d->attrs->next_hop);
}

static bool
decode_med(BgpAttrDecoder *d, HsReader *value)
{
    d->attrs->has_med = true;
    d->attrs->med = hs_reader_u32(value);
    return hs_reader_done(value);
}

static bool
decode_local_pref(BgpAttrDecoder *d, HsReader *value)
{
    d->attrs->has_local_pref = true;
    d->attrs->local_pref = hs_reader_u32(value);
    return hs_reader_done(value);
}

static bool
decode_atomic_aggregate(BgpAttrDecoder *d, HsReader *value)
{
    d->attrs->atomic_aggregate = hs_reader_done(value);
    return d->attrs->atomic_aggregate;
}

static bool
decode_aggregator(BgpAttrDecoder *d, HsReader *value)
{
    uint32_t as =
        d->context.four_octet_as ? hs_reader_u32(value) : hs_reader_u16(value);
    HsAddr address = hs_addr_ipv4(hs_reader_u32(value));

    if (!hs_reader_done(value) || as == 0) /* RFC 7607 2 */
        return false;
    d->attrs->has_aggregator = true;
    d->attrs->aggregator_as = as;
    d->attrs->aggregator = address;
    return true;
}

static bool
decode_communities(BgpAttrDecoder *d, HsReader *value)
{
    if (hs_reader_left(value) == 0 || hs_reader_left(value) % 4 != 0)
        return false;
    d->attrs->communities = bgp_communities_read(value);
    return true;
}

/* RFC 4456 is not spoken here: well-formed ones are left out of the route.
 * Departure: no route reflection; the designs modelled here have none. */
static bool
decode_originator_id(BgpAttrDecoder *d, HsReader *value)
{
    (void)d;
    return hs_reader_left(value) == 4;
}

static bool
decode_cluster_list(BgpAttrDecoder *d, HsReader *value)
{
    (void)d;
    return hs_reader_left(value) > 0 && hs_reader_left(value) % 4 == 0;
}

/* RFC 7606 7.14 and 7.15: of whole communities, and of one at least. They are
 * checked and passed on unread. */
static bool
decode_extended_communities(BgpAttrDecoder *d, HsReader *value)
{
    (void)d;
    return hs_reader_left(value) > 0 && hs_reader_left(value) % 8 == 0;
}

static bool
decode_ipv6_communities(BgpAttrDecoder *d, HsReader *value)
{
    (void)d;
    return hs_reader_left(value) > 0 && hs_reader_left(value) % 20 == 0;
}

static bool
read_family(HsReader *value, HsFamily *ret_family)
{
    uint16_t afi = hs_reader_u16(value);
    uint8_t safi = hs_reader_u8(value);

    *ret_family = HS_FAMILY_NONE;
    if (safi == BGP_SAFI_UNICAST && afi == BGP_AFI_IPV4)
        *ret_family = HS_FAMILY_IPV4;
    if (safi == BGP_SAFI_UNICAST && afi == BGP_AFI_IPV6)
        *ret_family = HS_FAMILY_IPV6;
    return hs_reader_ok(value);
}

static bool
family_is_negotiated(const BgpAttrDecoder *d, HsFamily family)
{
    return (family == HS_FAMILY_IPV4 && d->context.ipv4) ||
           (family == HS_FAMILY_IPV6 && d->context.ipv6);
}

/* RFC 4760 3, RFC 2545 3 (IPv6: a link-local address may follow, which a
 * simulated link does not need). RFC 7606 7.11: what is wrong here resets. */
static bool
decode_mp_reach(BgpAttrDecoder *d, HsReader *value)
{
    HsFamily family;
    HsReader next_hop;
    uint8_t length;

    if (!read_family(value, &family))
        return false;
    length = hs_reader_u8(value);
    next_hop = hs_reader_sub(value, length);
    hs_reader_skip(value, 1); /* reserved, once the SNPA count */
    if (!hs_reader_ok(value))
        return false;
    if (!family_is_negotiated(d, family))
        return true; /* RFC 4760 7: not for us */
    if (family == HS_FAMILY_IPV4 && length == 4) {
        d->mp_next_hop = hs_addr_ipv4(hs_reader_u32(&next_hop));
    } else if (family == HS_FAMILY_IPV6 && (length == 16 || length == 32)) {
        d->mp_next_hop.family = HS_FAMILY_IPV6;
        hs_reader_copy(&next_hop, d->mp_next_hop.bytes, 16);
    } else {
        return false;
    }
    if (!is_host_address(&d->mp_next_hop))
        complain(d, BGP_SEVERITY_WITHDRAW, "malformed next hop",
                 BGP_UPDATE_BAD_NEXT_HOP, NULL, 0);
    return bgp_nlri_decode(value, family, d->mp_announced);
}

static bool
decode_mp_unreach(BgpAttrDecoder *d, HsReader *value)
{
    HsFamily family;

    if (!read_family(value, &family))
        return false;
    if (!family_is_negotiated(d, family))
        return true;
    d->unreach_family = family;
    d->unreach_empty = hs_reader_left(value) == 0;
    return bgp_nlri_decode(value, family, d->withdrawn);
}

static bool
decode_as4_path(BgpAttrDecoder *d, HsReader *value)
{
    g_autoptr(GBytes) path = NULL;

    if (hs_reader_left(value) == 0 || !bgp_as_path_decode(value, true, &path))
        return false;
    /* RFC 6793 3: no confederation's segments in here. */
    d->as4_path = bgp_as_path_without_confederation(path);
    return true;
}

static bool
decode_as4_aggregator(BgpAttrDecoder *d, HsReader *value)
{
    uint32_t as = hs_reader_u32(value);
    HsAddr address = hs_addr_ipv4(hs_reader_u32(value));

    if (!hs_reader_done(value) || as == 0)
        return false;
    d->has_as4_aggregator = true;
    d->as4_aggregator_as = as;
    d->as4_aggregator = address;
    return true;
}

/* Encoders */

static bool
encode_origin(HsWriter *w, const BgpAttrs *attrs, bool four_octet_as)
{
    (void)four_octet_as;
    hs_writer_u8(w, attrs->origin);
    return true;
}

static bool
encode_as_path(HsWriter *w, const BgpAttrs *attrs, bool four_octet_as)
{
    bgp_as_path_encode(w, attrs->as_path, four_octet_as);
    return true;
}

static bool
encode_next_hop(HsWriter *w, const BgpAttrs *attrs, bool four_octet_as)
{
    (void)four_octet_as;
    if (attrs->next_hop.family != HS_FAMILY_IPV4)
        return false;
    hs_writer_u32(w, hs_addr_to_ipv4(&attrs->next_hop));
    return true;
}

static bool
encode_med(HsWriter *w, const BgpAttrs *attrs, bool four_octet_as)
{
    (void)four_octet_as;
    if (attrs->has_med)
        hs_writer_u32(w, attrs->med);
    return attrs->has_med;
}

static bool
encode_local_pref(HsWriter *w, const BgpAttrs *attrs, bool four_octet_as)
{
    (void)four_octet_as;
    if (attrs->has_local_pref)
        hs_writer_u32(w, attrs->local_pref);
    return attrs->has_local_pref;
}

static bool
encode_atomic_aggregate(HsWriter *w, const BgpAttrs *attrs, bool four_octet_as)
{
    (void)w;
    (void)four_octet_as;
    return attrs->atomic_aggregate;
}

static bool
encode_aggregator(HsWriter *w, const BgpAttrs *attrs, bool four_octet_as)
{
    if (!attrs->has_aggregator)
        return false;
    if (four_octet_as)
        hs_writer_u32(w, attrs->aggregator_as);
    else
        hs_writer_u16(w, attrs->aggregator_as > UINT16_MAX
                             ? BGP_AS_TRANS
                             : attrs->aggregator_as);
    hs_writer_u32(w, hs_addr_to_ipv4(&attrs->aggregator));
    return true;
}

static bool
encode_communities(HsWriter *w, const BgpAttrs *attrs, bool four_octet_as)
{
    gsize length;
    const void *data;

    (void)four_octet_as;
    if (attrs->communities == NULL)
        return false;
    data = g_bytes_get_data(attrs->communities, &length);
    hs_writer_bytes(w, data, length);
    return true;
}

/* RFC 6793 4.2.2: beside an AS_PATH in which numbers were lost. */
static bool
encode_as4_path(HsWriter *w, const BgpAttrs *attrs, bool four_octet_as)
{
    g_autoptr(GBytes) plain = NULL;

    if (four_octet_as)
        return false;
    plain = bgp_as_path_without_confederation(attrs->as_path);
    if (!bgp_as_path_is_wide(plain))
        return false;
    bgp_as_path_encode(w, plain, true);
    return true;
}

static bool
encode_as4_aggregator(HsWriter *w, const BgpAttrs *attrs, bool four_octet_as)
{
    if (four_octet_as || !attrs->has_aggregator ||
        attrs->aggregator_as <= UINT16_MAX)
        return false;
    hs_writer_u32(w, attrs->aggregator_as);
    hs_writer_u32(w, hs_addr_to_ipv4(&attrs->aggregator));
    return true;
}

#define WELL_KNOWN          BGP_ATTR_TRANSITIVE
#define OPTIONAL            BGP_ATTR_OPTIONAL
#define OPTIONAL_TRANSITIVE (BGP_ATTR_OPTIONAL | BGP_ATTR_TRANSITIVE)

static const Row rows[] = {
    {BGP_ATTR_ORIGIN, "ORIGIN", WELL_KNOWN, BGP_SEVERITY_WITHDRAW,
     BGP_UPDATE_BAD_ORIGIN, "malformed ORIGIN", decode_origin, encode_origin},
    {BGP_ATTR_AS_PATH, "AS_PATH", WELL_KNOWN, BGP_SEVERITY_WITHDRAW,
     BGP_UPDATE_BAD_AS_PATH, "malformed AS_PATH", decode_as_path,
     encode_as_path},
    {BGP_ATTR_NEXT_HOP, "NEXT_HOP", WELL_KNOWN, BGP_SEVERITY_WITHDRAW,
     BGP_UPDATE_BAD_NEXT_HOP, "malformed NEXT_HOP", decode_next_hop,
     encode_next_hop},
    {BGP_ATTR_MED, "MULTI_EXIT_DISC", OPTIONAL, BGP_SEVERITY_WITHDRAW, 0,
     "malformed MULTI_EXIT_DISC", decode_med, encode_med},
    {BGP_ATTR_LOCAL_PREF, "LOCAL_PREF", WELL_KNOWN, BGP_SEVERITY_WITHDRAW, 0,
     "malformed LOCAL_PREF", decode_local_pref, encode_local_pref},
    {BGP_ATTR_ATOMIC_AGGREGATE, "ATOMIC_AGGREGATE", WELL_KNOWN,
     BGP_SEVERITY_DISCARD, 0, "malformed ATOMIC_AGGREGATE",
     decode_atomic_aggregate, encode_atomic_aggregate},
    {BGP_ATTR_AGGREGATOR, "AGGREGATOR", OPTIONAL_TRANSITIVE,
     BGP_SEVERITY_DISCARD, 0, "malformed AGGREGATOR", decode_aggregator,
     encode_aggregator},
    {BGP_ATTR_COMMUNITIES, "COMMUNITIES", OPTIONAL_TRANSITIVE,
     BGP_SEVERITY_WITHDRAW, BGP_UPDATE_BAD_OPTIONAL, "malformed COMMUNITIES",
     decode_communities, encode_communities},
    {BGP_ATTR_ORIGINATOR_ID, "ORIGINATOR_ID", OPTIONAL, BGP_SEVERITY_WITHDRAW,
     BGP_UPDATE_BAD_OPTIONAL, "malformed ORIGINATOR_ID", decode_originator_id,
     NULL},
    {BGP_ATTR_CLUSTER_LIST, "CLUSTER_LIST", OPTIONAL, BGP_SEVERITY_WITHDRAW,
     BGP_UPDATE_BAD_OPTIONAL, "malformed CLUSTER_LIST", decode_cluster_list,
     NULL},
    {BGP_ATTR_MP_REACH, "MP_REACH_NLRI", OPTIONAL, BGP_SEVERITY_RESET,
     BGP_UPDATE_BAD_OPTIONAL, "malformed MP_REACH_NLRI", decode_mp_reach, NULL},
    {BGP_ATTR_MP_UNREACH, "MP_UNREACH_NLRI", OPTIONAL, BGP_SEVERITY_RESET,
     BGP_UPDATE_BAD_OPTIONAL, "malformed MP_UNREACH_NLRI", decode_mp_unreach,
     NULL},
    {BGP_ATTR_EXTENDED_COMMUNITIES, "EXTENDED_COMMUNITIES", OPTIONAL_TRANSITIVE,
     BGP_SEVERITY_WITHDRAW, BGP_UPDATE_BAD_OPTIONAL,
     "malformed EXTENDED_COMMUNITIES", decode_extended_communities, NULL},
    {BGP_ATTR_IPV6_COMMUNITIES, "IPV6_EXTENDED_COMMUNITIES",
     OPTIONAL_TRANSITIVE, BGP_SEVERITY_WITHDRAW, BGP_UPDATE_BAD_OPTIONAL,
     "malformed IPV6_EXTENDED_COMMUNITIES", decode_ipv6_communities, NULL},
    {BGP_ATTR_AS4_PATH, "AS4_PATH", OPTIONAL_TRANSITIVE, BGP_SEVERITY_DISCARD,
     BGP_UPDATE_BAD_OPTIONAL, "malformed AS4_PATH", decode_as4_path,
     encode_as4_path},
    {BGP_ATTR_AS4_AGGREGATOR, "AS4_AGGREGATOR", OPTIONAL_TRANSITIVE,
     BGP_SEVERITY_DISCARD, BGP_UPDATE_BAD_OPTIONAL, "malformed AS4_AGGREGATOR",
     decode_as4_aggregator, encode_as4_aggregator},
};

static const Row *
find_row(uint8_t type)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++)
        if (rows[i].type == type)
            return &rows[i];
    return NULL;
}

const char *
bgp_attr_name(uint8_t type)
{
    const Row *row = find_row(type);

    return row != NULL ? row->name : "unknown";
}

/* One attribute as it stands in the message. */
typedef struct {
    uint8_t flags, type;
    HsReader value;
    const uint8_t *whole; /* from its flags on: the data of a NOTIFICATION */
    size_t length;
} Attribute;

static void
write_attribute(HsWriter *w, uint8_t flags, uint8_t type, const void *value,
                size_t length)
{
    hs_writer_u8(w, (flags & ~(unsigned)BGP_ATTR_EXTENDED) |
                        (length > UINT8_MAX ? BGP_ATTR_EXTENDED : 0u));
    hs_writer_u8(w, type);
    if (length > UINT8_MAX)
        hs_writer_u16(w, length);
    else
        hs_writer_u8(w, length);
    hs_writer_bytes(w, value, length);
}

/* To be passed on. */
static void
keep(BgpAttrDecoder *d, const Attribute *a, uint8_t flags)
{
    HsWriter w = {.bytes = d->unknown};

    write_attribute(&w, flags, a->type, a->value.data, a->value.length);
}

/* RFC 4271 5: an optional attribute that we do not know is passed on with the
 * partial bit if it is transitive, and else dropped. */
static void
take_unknown(BgpAttrDecoder *d, const Attribute *a)
{
    if ((a->flags & BGP_ATTR_OPTIONAL) == 0) {
        complain(d, BGP_SEVERITY_RESET, "unrecognized well-known attribute",
                 BGP_UPDATE_UNRECOGNIZED, a->whole, a->length);
        return;
    }
    if ((a->flags & BGP_ATTR_TRANSITIVE) != 0)
        keep(d, a, OPTIONAL_TRANSITIVE | BGP_ATTR_PARTIAL);
}

/* RFC 7606 7.5, 7.9, 7.10; RFC 6793 4.1: not for this kind of peer. */
static bool
is_out_of_place(const BgpAttrDecoder *d, uint8_t type)
{
    switch (type) {
    case BGP_ATTR_LOCAL_PREF:
    case BGP_ATTR_ORIGINATOR_ID:
    case BGP_ATTR_CLUSTER_LIST:
        return !d->context.ibgp;
    case BGP_ATTR_AS4_PATH:
    case BGP_ATTR_AS4_AGGREGATOR:
        return d->context.four_octet_as;
    default:
        return false;
    }
}

static void
take_known(BgpAttrDecoder *d, const Row *row, const Attribute *a)
{
    HsReader value = a->value;

    if (is_out_of_place(d, a->type)) {
        complain(d, BGP_SEVERITY_DISCARD, "attribute not for this peer", 0,
                 NULL, 0);
        return;
    }
    /* RFC 7606 3 c */
    if ((a->flags & OPTIONAL_TRANSITIVE) != row->flags)
        complain(d, BGP_SEVERITY_WITHDRAW, "attribute flags in conflict",
                 BGP_UPDATE_BAD_FLAGS, a->whole, a->length);
    if (!row->decode(d, &value))
        /* RFC 4271 6.3: the data is the attribute, but for AS_PATH. */
        complain(d, row->malformed, row->reason,
                 row->subcode != 0 ? row->subcode : BGP_UPDATE_BAD_ATTR_LENGTH,
                 a->whole, a->type != BGP_ATTR_AS_PATH ? a->length : 0);
    else if (a->type == BGP_ATTR_EXTENDED_COMMUNITIES ||
             a->type == BGP_ATTR_IPV6_COMMUNITIES)
        keep(d, a, a->flags);
}

static void
take_attribute(BgpAttrDecoder *d, const Attribute *a)
{
    const Row *row = find_row(a->type);

    if (a->type != BGP_ATTR_MP_UNREACH)
        d->only_unreach = false;
    if (bgp_attr_seen(d, (BgpAttrType)a->type)) {
        /* RFC 7606 3 g: the first counts, but for the multiprotocol ones,
         * where nobody can tell what was meant. */
        if (a->type == BGP_ATTR_MP_REACH || a->type == BGP_ATTR_MP_UNREACH)
            complain(d, BGP_SEVERITY_RESET, "multiprotocol attribute twice",
                     BGP_UPDATE_MALFORMED_LIST, NULL, 0);
        else
            complain(d, BGP_SEVERITY_DISCARD, "attribute twice", 0, NULL, 0);
        return;
    }
    d->seen[a->type / 32] |= 1u << (a->type % 32);
    if (row != NULL)
        take_known(d, row, a);
    else
        take_unknown(d, a);
}

/* RFC 4271 5, RFC 7606 3 d: what a route cannot be without. */
static void
check_mandatory(BgpAttrDecoder *d, bool announces)
{
    static const uint8_t mandatory[] = {BGP_ATTR_ORIGIN, BGP_ATTR_AS_PATH,
                                        BGP_ATTR_NEXT_HOP, BGP_ATTR_LOCAL_PREF};
    bool any = announces || d->mp_announced->len > 0;

    for (unsigned i = 0; i < G_N_ELEMENTS(mandatory) && any; i++) {
        uint8_t type = mandatory[i];

        if (bgp_attr_seen(d, (BgpAttrType)type) ||
            (type == BGP_ATTR_NEXT_HOP && !announces) ||
            (type == BGP_ATTR_LOCAL_PREF && !d->context.ibgp))
            continue;
        complain(d, BGP_SEVERITY_WITHDRAW, "well-known attribute missing",
                 BGP_UPDATE_MISSING, &type, 1);
    }
}

/* RFC 6793 4.2.3: what an old speaker passed on unread is put in place. */
static void
merge_four_octet(BgpAttrDecoder *d)
{
    BgpAttrs *attrs = d->attrs;
    GBytes *merged;

    if (d->has_as4_aggregator && attrs->has_aggregator) {
        if (attrs->aggregator_as != BGP_AS_TRANS)
            return; /* somebody aggregated since: both are stale */
        attrs->aggregator_as = d->as4_aggregator_as;
        attrs->aggregator = d->as4_aggregator;
    }
    if (d->as4_path == NULL)
        return;
    merged = bgp_as_path_merge(attrs->as_path, d->as4_path);
    g_clear_pointer(&attrs->as_path, g_bytes_unref);
    attrs->as_path = merged;
}

static int
compare_attributes(gconstpointer a, gconstpointer b)
{
    const Attribute *x = a, *y = b;

    return (int)x->type - (int)y->type;
}

/* In the order of their types, so that equal sets are equal bytes. */
static GBytes *
sort_unknown(const GByteArray *unknown)
{
    g_autoptr(GArray) list = g_array_new(FALSE, FALSE, sizeof(Attribute));
    HsReader r = hs_reader_of(unknown->data, unknown->len);
    HsWriter w;

    if (unknown->len == 0)
        return NULL;
    while (hs_reader_left(&r) > 0) {
        Attribute a = {.whole = r.data + r.offset};
        size_t before = r.offset, length;

        a.flags = hs_reader_u8(&r);
        a.type = hs_reader_u8(&r);
        length = (a.flags & BGP_ATTR_EXTENDED) != 0 ? hs_reader_u16(&r)
                                                    : hs_reader_u8(&r);
        hs_reader_skip(&r, length);
        a.length = r.offset - before;
        g_array_append_val(list, a);
    }
    g_array_sort(list, compare_attributes);
    hs_writer_init(&w);
    for (guint i = 0; i < list->len; i++) {
        const Attribute *a = &g_array_index(list, Attribute, i);

        hs_writer_bytes(&w, a->whole, a->length);
    }
    return hs_writer_steal(&w);
}

void
bgp_attrs_decode(BgpAttrDecoder *d, HsReader *field, bool announces)
{
    while (hs_reader_left(field) > 0) {
        Attribute a = {.whole = field->data + field->offset};
        size_t before = field->offset, length;

        a.flags = hs_reader_u8(field);
        a.type = hs_reader_u8(field);
        length = (a.flags & BGP_ATTR_EXTENDED) != 0 ? hs_reader_u16(field)
                                                    : hs_reader_u8(field);
        a.value = hs_reader_sub(field, length);
        if (!hs_reader_ok(field)) {
            /* RFC 7606 4: the total length still tells where the NLRI is. */
            complain(d, BGP_SEVERITY_WITHDRAW, "attribute exceeds its field",
                     BGP_UPDATE_BAD_ATTR_LENGTH, a.whole,
                     field->length - before);
            d->only_unreach = false;
            break;
        }
        a.length = field->offset - before;
        take_attribute(d, &a);
    }
    check_mandatory(d, announces);
    if (!d->context.four_octet_as)
        merge_four_octet(d);
    d->attrs->unknown = sort_unknown(d->unknown);
}

void
bgp_attrs_encode(HsWriter *w, const BgpAttrs *attrs, bool four_octet_as)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        const Row *row = &rows[i];
        g_auto(HsWriter) value = {0};

        if (row->encode == NULL)
            continue;
        hs_writer_init(&value);
        if (row->encode(&value, attrs, four_octet_as))
            write_attribute(w, row->flags, row->type, value.bytes->data,
                            value.bytes->len);
    }
    if (attrs->unknown != NULL) {
        gsize length;
        const void *data = g_bytes_get_data(attrs->unknown, &length);

        hs_writer_bytes(w, data, length);
    }
}
