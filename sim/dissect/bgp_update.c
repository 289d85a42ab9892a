/* UPDATE: attribute by attribute as it stands in the message, and what our
 * speaker would make of it.
 *
 * The walk over the message keeps order, flags and what our speaker does not
 * know; the speaker's own decoder (bgp_update_decode()) then says whether it
 * would accept the message, withdraw its routes or end the session. That
 * decoder knows IPv4 and IPv6 unicast without ADD-PATH; with ADD-PATH it is
 * given the attributes only.
 *
 * Without the OPENs two things are guessed from the message: an AS_PATH that
 * can be read with one size of AS numbers only has that size; and prefixes
 * that are no prefixes, or several default routes, have path identifiers. */

#include "config.h"

#include "models/bgp/message.h"
#include "sim/dissect/bgp.h"

#include <string.h>

#define ATTR_EXTENDED_COMMUNITIES 16 /* RFC 4360 */
#define ATTR_AIGP                 26 /* RFC 7311 */
#define ATTR_LARGE_COMMUNITIES    32 /* RFC 8092 */
#define ATTR_ONLY_TO_CUSTOMER     35 /* RFC 9234 */

#define SHOWN_MOST                6 /* prefixes in the line; the details have them all */

#define P                         "bgp.update.path_attribute."

typedef struct {
    DissectDraft *draft;
    DissectBgpTerms *terms;
    GString *announced, *withdrawn; /* owned: for the line */
    unsigned announced_count, withdrawn_count;
    GString *attributes; /* owned: for the line */
    bool mp, any_attribute;
    bool end_of_rib;
    uint16_t end_afi;
    uint8_t end_safi;
} Update;

static const char *
attribute_name(uint8_t type)
{
    switch (type) {
    case ATTR_EXTENDED_COMMUNITIES:
        return "EXTENDED_COMMUNITIES";
    case ATTR_AIGP:
        return "AIGP";
    case ATTR_LARGE_COMMUNITIES:
        return "LARGE_COMMUNITY";
    case ATTR_ONLY_TO_CUSTOMER:
        return "ONLY_TO_CUSTOMER";
    default:
        return bgp_attr_name(type);
    }
}

/* Prefixes */

typedef struct {
    HsPrefix prefix;
    uint32_t path;
} Route;

/* All of FIELD; false if it is not made of such. */
static bool
read_routes(HsReader field, HsFamily family, bool add_path, GArray *routes)
{
    unsigned bits = family == HS_FAMILY_IPV6 ? 128 : 32, defaults = 0;

    g_array_set_size(routes, 0);
    while (hs_reader_left(&field) > 0) {
        Route route = {.prefix.addr.family = (uint8_t)family};

        if (add_path)
            route.path = hs_reader_u32(&field);
        route.prefix.length = hs_reader_u8(&field);
        if (route.prefix.length > bits)
            return false;
        hs_reader_copy(&field, route.prefix.addr.bytes,
                       (route.prefix.length + 7u) / 8);
        if (!hs_reader_ok(&field))
            return false;
        route.prefix = hs_prefix_masked(&route.prefix);
        defaults += route.prefix.length == 0;
        g_array_append_val(routes, route);
    }
    return add_path || defaults < 2;
}

static void
append_route(GString *text, unsigned *count, const Route *route, bool add_path)
{
    char prefix[HS_PREFIX_TEXT];

    if (++*count > SHOWN_MOST)
        return;
    g_string_append_printf(text, " %s",
                           hs_prefix_format(&route->prefix, prefix));
    if (add_path)
        g_string_append_printf(text, " (path %u)", route->path);
}

/* A field of prefixes, under NAME and with "_path_id" beside it if they have
 * such. */
static void
show_routes(Update *u, DissectField *parent, const char *name, HsReader field,
            DissectFamily which, bool withdrawn)
{
    g_autoptr(GArray) routes = g_array_new(FALSE, FALSE, sizeof(Route));
    HsFamily family =
        which == DISSECT_IPV6_UNICAST ? HS_FAMILY_IPV6 : HS_FAMILY_IPV4;
    DissectAnswer *answer = &u->terms->add_path[which];
    bool add_path = *answer == DISSECT_YES, good;
    DissectField *list, *paths = NULL;
    char text[HS_PREFIX_TEXT];

    good = read_routes(field, family, add_path, routes);
    if (!good && *answer == DISSECT_NOT_KNOWN &&
        read_routes(field, family, true, routes)) {
        good = add_path = true;
        *answer = DISSECT_YES;
    }
    if (!good) {
        read_routes(field, family, add_path, routes);
        dissect_wrong(u->draft, "prefixes that cannot be read to their end");
    }
    list = dissect_list(parent, name);
    if (add_path)
        paths = dissect_list(parent, "bgp.nlri_path_id");
    for (guint i = 0; i < routes->len; i++) {
        const Route *route = &g_array_index(routes, Route, i);

        if (list != NULL)
            dissect_text(list, NULL, hs_prefix_format(&route->prefix, text));
        dissect_number(paths, NULL, route->path, NULL);
        if (withdrawn)
            append_route(u->withdrawn, &u->withdrawn_count, route, add_path);
        else
            append_route(u->announced, &u->announced_count, route, add_path);
    }
}

/* AS_PATH */

static bool
path_fits(HsReader value, size_t size)
{
    while (hs_reader_left(&value) > 0) {
        uint8_t type = hs_reader_u8(&value), count = hs_reader_u8(&value);

        if (type < BGP_AS_SET || type > BGP_AS_CONFED_SET || count == 0)
            return false;
        hs_reader_skip(&value, count * size);
        if (!hs_reader_ok(&value))
            return false;
    }
    return true;
}

static size_t
as_size(Update *u, HsReader value)
{
    bool two = path_fits(value, 2), four = path_fits(value, 4);

    if (u->terms->four_octet_as == DISSECT_NOT_KNOWN && two != four)
        u->terms->four_octet_as = four ? DISSECT_YES : DISSECT_NO;
    return u->terms->four_octet_as == DISSECT_NO ? 2 : 4;
}

static void
show_path(Update *u, DissectField *group, HsReader value, size_t size)
{
    static const char *const types[] = {[BGP_AS_SET] = "AS_SET",
                                        [BGP_AS_SEQUENCE] = "AS_SEQUENCE",
                                        [BGP_AS_CONFED_SEQUENCE] =
                                            "AS_CONFED_SEQUENCE",
                                        [BGP_AS_CONFED_SET] = "AS_CONFED_SET"};
    DissectField *segments = dissect_list(group, P "as_path_segment");
    g_auto(HsWriter) w = {0};
    g_autoptr(GBytes) path = NULL;
    g_autofree char *text = NULL;

    if (!path_fits(value, size))
        dissect_wrong(u->draft, "AS_PATH that cannot be read");
    hs_writer_init(&w);
    while (hs_reader_left(&value) > 0) {
        uint8_t type = hs_reader_u8(&value), count = hs_reader_u8(&value);
        HsReader numbers = hs_reader_sub(&value, count * size);
        DissectField *segment, *list;
        bool known = true;

        if (!hs_reader_ok(&value))
            break;
        segment = dissect_group(segments, NULL);
        dissect_number(segment, P "as_path_segment.type", type,
                       type < G_N_ELEMENTS(types) ? types[type] : NULL);
        dissect_number(segment, P "as_path_segment.length", count, NULL);
        list = dissect_list(segment, size == 4 ? P "as_path_segment.as4"
                                               : P "as_path_segment.as2");
        /* The text of a path knows the types that there are. */
        if (type < G_N_ELEMENTS(types) && types[type] != NULL) {
            hs_writer_u8(&w, type);
            hs_writer_u8(&w, count);
        } else {
            known = false;
        }
        while (hs_reader_left(&numbers) > 0) {
            uint32_t as =
                size == 4 ? hs_reader_u32(&numbers) : hs_reader_u16(&numbers);

            dissect_number(list, NULL, as, NULL);
            if (known)
                hs_writer_u32(&w, as);
        }
    }
    if (hs_writer_length(&w) > 0)
        path = hs_writer_steal(&w);
    text = bgp_as_path_format(path);
    dissect_text(group, P "as_path", text);
    g_string_append_printf(u->attributes, ", path %s",
                           text[0] != '\0' ? text : "empty");
}

/* The other attributes */

static void
show_communities(Update *u, DissectField *group, HsReader value)
{
    DissectField *list = dissect_list(group, P "communities");

    g_string_append(u->attributes, ", communities");
    while (hs_reader_left(&value) >= 4) {
        g_autoptr(GBytes) one = g_bytes_new(hs_reader_bytes(&value, 4), 4);
        g_autofree char *text = bgp_communities_format(one);

        dissect_text(list, NULL, text);
        g_string_append_printf(u->attributes, " %s", text);
    }
}

static void
show_extended(Update *u, DissectField *group, HsReader value)
{
    DissectField *list = dissect_list(group, "bgp.ext_communities");

    g_string_append(u->attributes, ", extended communities");
    while (hs_reader_left(&value) >= 8) {
        const uint8_t *raw = hs_reader_bytes(&value, 8);
        HsReader r = hs_reader_of(raw, 8);
        uint8_t type = hs_reader_u8(&r), subtype = hs_reader_u8(&r);
        const char *kind = subtype == 2 ? "rt:" : subtype == 3 ? "ro:" : "";
        g_autofree char *text = NULL;

        /* RFC 4360 3.1, RFC 5668: AS and number, address and number. */
        if ((type & 0x3f) == 0) {
            uint16_t as = hs_reader_u16(&r);

            text = g_strdup_printf("%s%u:%u", kind, as, hs_reader_u32(&r));
        } else if ((type & 0x3f) == 1 || (type & 0x3f) == 2) {
            uint32_t high = hs_reader_u32(&r);
            HsAddr addr = hs_addr_ipv4(high);
            char address[HS_ADDR_TEXT];

            text =
                (type & 0x3f) == 1
                    ? g_strdup_printf("%s%s:%u", kind,
                                      hs_addr_format(&addr, address),
                                      hs_reader_u16(&r))
                    : g_strdup_printf("%s%u:%u", kind, high, hs_reader_u16(&r));
        } else {
            text = g_strdup_printf(
                "0x%02x%02x:0x%012" G_GINT64_MODIFIER "x", type, subtype,
                (uint64_t)hs_reader_u16(&r) << 32 | hs_reader_u32(&r));
        }
        dissect_text(list, NULL, text);
        g_string_append_printf(u->attributes, " %s", text);
    }
}

static void
show_large(Update *u, DissectField *group, HsReader value)
{
    DissectField *list = dissect_list(group, "bgp.large_communities");

    g_string_append(u->attributes, ", large communities");
    while (hs_reader_left(&value) >= 12) {
        uint32_t administrator = hs_reader_u32(&value);
        uint32_t first = hs_reader_u32(&value), second = hs_reader_u32(&value);

        dissect_textf(list, NULL, "%u:%u:%u", administrator, first, second);
        g_string_append_printf(u->attributes, " %u:%u:%u", administrator, first,
                               second);
    }
}

static void
show_number(Update *u, DissectField *group, const char *name, const char *word,
            HsReader value)
{
    uint32_t number = hs_reader_u32(&value);

    dissect_number(group, name, number, NULL);
    g_string_append_printf(u->attributes, ", %s %u", word, number);
}

static void
show_aggregator(Update *u, DissectField *group, HsReader value)
{
    uint32_t as =
        value.length == 8 ? hs_reader_u32(&value) : hs_reader_u16(&value);
    HsAddr addr = hs_addr_ipv4(hs_reader_u32(&value));
    char text[HS_ADDR_TEXT];

    dissect_number(group, P "aggregator_as", as, NULL);
    dissect_addr(group, P "aggregator_origin", &addr);
    g_string_append_printf(u->attributes, ", aggregator %u %s", as,
                           hs_addr_format(&addr, text));
}

static void
show_clusters(DissectField *group, HsReader value)
{
    DissectField *list = dissect_list(group, "bgp.path_attribute.cluster_list");

    while (hs_reader_left(&value) >= 4) {
        HsAddr id = hs_addr_ipv4(hs_reader_u32(&value));

        dissect_addr(list, NULL, &id);
    }
}

/* Multiprotocol attributes (RFC 4760) */

static DissectFamily
family_of(uint16_t afi, uint8_t safi)
{
    if (safi == BGP_SAFI_UNICAST && afi == BGP_AFI_IPV4)
        return DISSECT_IPV4_UNICAST;
    return safi == BGP_SAFI_UNICAST && afi == BGP_AFI_IPV6
               ? DISSECT_IPV6_UNICAST
               : DISSECT_OTHER_FAMILY;
}

static HsAddr
read_address(HsReader *r, size_t length)
{
    HsAddr addr = {.family = length == 4 ? HS_FAMILY_IPV4 : HS_FAMILY_IPV6};

    hs_reader_copy(r, addr.bytes, length);
    return addr;
}

static void
show_mp_next_hop(Update *u, DissectField *group, HsReader hop)
{
    char text[HS_ADDR_TEXT];
    HsAddr addr;

    if (hop.length != 4 && hop.length != 16 && hop.length != 32) {
        dissect_bytes(group, P "mp_reach_nlri.next_hop", hop.data, hop.length);
        return;
    }
    addr = read_address(&hop, hop.length == 4 ? 4 : 16);
    dissect_addr(group,
                 hop.length == 4 ? P "mp_reach_nlri.next_hop.ipv4"
                                 : P "mp_reach_nlri.next_hop.ipv6",
                 &addr);
    g_string_append_printf(u->attributes, ", next hop %s",
                           hs_addr_format(&addr, text));
    if (hop.length == 32) {
        addr = read_address(&hop, 16);
        dissect_addr(group, P "mp_reach_nlri.next_hop.ipv6.link_local", &addr);
    }
}

static void
show_mp(Update *u, DissectField *group, HsReader value, bool reach)
{
    static const char *const names[2][2] = {
        {"bgp.mp_unreach_nlri_ipv4_prefix", "bgp.mp_unreach_nlri_ipv6_prefix"},
        {"bgp.mp_reach_nlri_ipv4_prefix", "bgp.mp_reach_nlri_ipv6_prefix"}};
    uint16_t afi = hs_reader_u16(&value);
    uint8_t safi = hs_reader_u8(&value);
    DissectFamily family = family_of(afi, safi);
    char name[32];

    dissect_number(group,
                   reach ? P "mp_reach_nlri.afi" : P "mp_unreach_nlri.afi", afi,
                   NULL);
    dissect_number(group,
                   reach ? P "mp_reach_nlri.safi" : P "mp_unreach_nlri.safi",
                   safi, dissect_bgp_family(afi, safi, name));
    if (reach) {
        HsReader hop = hs_reader_sub(&value, hs_reader_u8(&value));

        show_mp_next_hop(u, group, hop);
        hs_reader_skip(&value, 1);
    }
    if (!hs_reader_ok(&value)) {
        dissect_wrong(u->draft, "multiprotocol attribute too short");
        return;
    }
    u->mp = true;
    if (!reach && hs_reader_left(&value) == 0) {
        u->end_of_rib = true;
        u->end_afi = afi;
        u->end_safi = safi;
    }
    value = hs_reader_sub(&value, hs_reader_left(&value));
    if (family != DISSECT_OTHER_FAMILY) {
        show_routes(u, group, names[reach][family == DISSECT_IPV6_UNICAST],
                    value, family, !reach);
        return;
    }
    dissect_bytes(group, "nlri", value.data, value.length);
    g_string_append_printf(u->attributes,
                           ", %s %s of %" G_GSIZE_FORMAT " bytes",
                           dissect_bgp_family(afi, safi, name),
                           reach ? "routes" : "withdrawals", value.length);
}

static void
show_value(Update *u, DissectField *group, uint8_t type, HsReader value)
{
    char text[HS_ADDR_TEXT];
    HsReader r = value;
    HsAddr addr;

    switch (type) {
    case BGP_ATTR_ORIGIN: {
        uint8_t origin = hs_reader_u8(&r);
        const char *name = origin <= BGP_ORIGIN_INCOMPLETE
                               ? bgp_origin_name((BgpOrigin)origin)
                               : "unknown";

        dissect_number(group, P "origin", origin, name);
        g_string_append_printf(u->attributes, ", origin %s", name);
        return;
    }
    case BGP_ATTR_AS_PATH:
        show_path(u, group, value, as_size(u, value));
        return;
    case BGP_ATTR_AS4_PATH:
        show_path(u, group, value, 4);
        return;
    case BGP_ATTR_NEXT_HOP:
    case BGP_ATTR_ORIGINATOR_ID:
        addr = hs_addr_ipv4(hs_reader_u32(&r));
        dissect_addr(
            group, type == BGP_ATTR_NEXT_HOP ? P "next_hop" : P "originator_id",
            &addr);
        g_string_append_printf(u->attributes, ", %s %s",
                               type == BGP_ATTR_NEXT_HOP ? "next hop"
                                                         : "originator",
                               hs_addr_format(&addr, text));
        return;
    case BGP_ATTR_MED:
        show_number(u, group, P "multi_exit_disc", "med", value);
        return;
    case BGP_ATTR_LOCAL_PREF:
        show_number(u, group, P "local_pref", "local-pref", value);
        if (u->terms->ibgp == DISSECT_NOT_KNOWN)
            u->terms->ibgp = DISSECT_YES;
        return;
    case BGP_ATTR_ATOMIC_AGGREGATE:
        g_string_append(u->attributes, ", atomic aggregate");
        return;
    case BGP_ATTR_AGGREGATOR:
    case BGP_ATTR_AS4_AGGREGATOR:
        show_aggregator(u, group, value);
        return;
    case BGP_ATTR_COMMUNITIES:
        show_communities(u, group, value);
        return;
    case BGP_ATTR_CLUSTER_LIST:
        show_clusters(group, value);
        return;
    case BGP_ATTR_MP_REACH:
        show_mp(u, group, value, true);
        return;
    case BGP_ATTR_MP_UNREACH:
        show_mp(u, group, value, false);
        return;
    case ATTR_EXTENDED_COMMUNITIES:
        show_extended(u, group, value);
        return;
    case ATTR_LARGE_COMMUNITIES:
        show_large(u, group, value);
        return;
    default:
        dissect_bytes(group, "value", value.data, value.length);
        g_string_append_printf(u->attributes, ", attribute %u", type);
        return;
    }
}

static void
show_attributes(Update *u, HsReader field)
{
    DissectField *list =
        dissect_list(u->draft->fields, "bgp.update.path_attributes");

    while (hs_reader_left(&field) > 0) {
        uint8_t flags = hs_reader_u8(&field), type = hs_reader_u8(&field);
        size_t length = (flags & BGP_ATTR_EXTENDED) != 0 ? hs_reader_u16(&field)
                                                         : hs_reader_u8(&field);
        HsReader value = hs_reader_sub(&field, length);
        DissectField *group;

        if (!hs_reader_ok(&field)) {
            dissect_wrong(u->draft, "path attributes that end too early");
            return;
        }
        group = dissect_group(list, NULL);
        dissect_hex(group, P "flags", flags, 2);
        dissect_number(group, P "type_code", type, attribute_name(type));
        dissect_number(group, P "length", length, NULL);
        u->any_attribute = true;
        show_value(u, group, type, value);
    }
}

/* What our speaker says to it */
static void
judge(Update *u, HsReader body, HsReader attributes)
{
    const DissectBgpTerms *terms = u->terms;
    BgpUpdateContext context = {
        .four_octet_as = terms->four_octet_as != DISSECT_NO,
        .ibgp = terms->ibgp == DISSECT_YES,
        .ipv4 = terms->ipv4,
        .ipv6 =
            terms->ipv6 && terms->add_path[DISSECT_IPV6_UNICAST] != DISSECT_YES,
    };
    g_autoptr(BgpUpdate) update = NULL;
    g_auto(BgpFault) fault = {0};
    g_auto(HsWriter) w = {0};
    g_autoptr(GBytes) bare = NULL;

    if (terms->add_path[DISSECT_IPV4_UNICAST] == DISSECT_YES) {
        hs_writer_init(&w);
        hs_writer_u16(&w, 0);
        hs_writer_u16(&w, attributes.length);
        hs_writer_bytes(&w, attributes.data, attributes.length);
        bare = hs_writer_steal(&w);
        body =
            hs_reader_of(g_bytes_get_data(bare, NULL), g_bytes_get_size(bare));
    }
    if (!bgp_update_decode(&body, &context, &update, &fault))
        dissect_wrong(u->draft, "ends the session: %s/%s",
                      bgp_error_name(fault.code),
                      bgp_subcode_name(fault.code, fault.subcode));
    else if (update->treated_as_withdraw)
        dissect_wrong(u->draft, "treated as withdraw: %s", update->fault);
    else if (update->discarded > 0 && update->fault != NULL)
        dissect_wrong(u->draft, "attribute discarded: %s", update->fault);
}

static void
append_list(GString *info, const char *word, const GString *list,
            unsigned count)
{
    if (count == 0)
        return;
    g_string_append_printf(info, "%s%s", word, list->str);
    if (count > SHOWN_MOST)
        g_string_append_printf(info, " and %u more", count - SHOWN_MOST);
}

static void
compose(Update *u)
{
    GString *info = u->draft->info;
    char name[32];

    append_list(info, "", u->announced, u->announced_count);
    g_string_append(info, u->announced_count > 0
                              ? u->attributes->str
                              : u->attributes->str +
                                    (u->attributes->len > 0 ? 1 : 0));
    append_list(info, u->announced_count > 0 ? "; withdraws" : " withdraws",
                u->withdrawn, u->withdrawn_count);
    if (u->announced_count > 0 || u->withdrawn_count > 0)
        return;
    if (u->end_of_rib)
        g_string_append_printf(
            info, " End-of-RIB %s",
            dissect_bgp_family(u->end_afi, u->end_safi, name));
    else if (!u->any_attribute)
        g_string_append(info, " End-of-RIB IPv4 unicast");
}

void
dissect_bgp_update(DissectDraft *draft, HsReader body, DissectBgpTerms *terms)
{
    Update u = {.draft = draft,
                .terms = terms,
                .announced = g_string_new(NULL),
                .withdrawn = g_string_new(NULL),
                .attributes = g_string_new(NULL)};
    HsReader r = body;
    HsReader withdrawn = hs_reader_sub(&r, hs_reader_u16(&r));
    HsReader attributes = hs_reader_sub(&r, hs_reader_u16(&r));
    HsReader nlri;

    if (hs_reader_ok(&r)) {
        nlri = hs_reader_sub(&r, hs_reader_left(&r));
        dissect_number(draft->fields, "bgp.update.withdrawn_routes.length",
                       withdrawn.length, NULL);
        if (withdrawn.length > 0)
            show_routes(&u, draft->fields, "bgp.update.withdrawn_routes",
                        withdrawn, DISSECT_IPV4_UNICAST, true);
        dissect_number(draft->fields, "bgp.update.path_attributes.length",
                       attributes.length, NULL);
        show_attributes(&u, attributes);
        if (nlri.length > 0)
            show_routes(&u, draft->fields, "bgp.update.nlri", nlri,
                        DISSECT_IPV4_UNICAST, false);
    }
    judge(&u, body, attributes);
    compose(&u);
    g_string_free(u.announced, TRUE);
    g_string_free(u.withdrawn, TRUE);
    g_string_free(u.attributes, TRUE);
}
