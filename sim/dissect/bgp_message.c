/* OPEN, NOTIFICATION and ROUTE-REFRESH. Whether they are right is said by the
 * speaker's own decoders; what is shown is all that stands in them, also of
 * capabilities that our speaker does not have. */

#include "config.h"

#include "models/bgp/message.h"
#include "sim/dissect/bgp.h"

#include <string.h>

/* IANA's registry of capabilities, where wire.h has no use for them. */
#define CAP_EXTENDED_NEXT_HOP 5   /* RFC 8950 */
#define CAP_EXTENDED_MESSAGE  6   /* RFC 8654 */
#define CAP_ROLE              9   /* RFC 9234 */
#define CAP_ADD_PATH          69  /* RFC 7911 */
#define CAP_ENHANCED_REFRESH  70  /* RFC 7313 */
#define CAP_LONG_LIVED        71  /* RFC 9494 */
#define CAP_HOST_NAME         73  /* a draft: FRR */
#define CAP_REFRESH_OLD       128 /* before RFC 2918 */

static const struct {
    uint8_t code;
    const char *name;
} capabilities[] = {
    {BGP_CAP_MULTIPROTOCOL, "Multiprotocol"},
    {BGP_CAP_ROUTE_REFRESH, "Route Refresh"},
    {3, "Outbound Route Filtering"},
    {CAP_EXTENDED_NEXT_HOP, "Extended Next Hop"},
    {CAP_EXTENDED_MESSAGE, "Extended Message"},
    {7, "BGPsec"},
    {8, "Multiple Labels"},
    {CAP_ROLE, "BGP Role"},
    {BGP_CAP_RESTART, "Graceful Restart"},
    {BGP_CAP_FOUR_OCTET_AS, "4-octet AS"},
    {67, "Dynamic Capability"},
    {68, "Multisession"},
    {CAP_ADD_PATH, "ADD-PATH"},
    {CAP_ENHANCED_REFRESH, "Enhanced Route Refresh"},
    {CAP_LONG_LIVED, "Long-Lived Graceful Restart"},
    {72, "Routing Policy Distribution"},
    {CAP_HOST_NAME, "FQDN"},
    {75, "Software Version"},
    {76, "Paths Limit"},
    {CAP_REFRESH_OLD, "Route Refresh (Cisco)"},
    {130, "ORF (Cisco)"},
};

static const char *
capability_name(uint8_t code)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(capabilities); i++)
        if (capabilities[i].code == code)
            return capabilities[i].name;
    return "unknown";
}

const char *
dissect_bgp_family(uint16_t afi, uint8_t safi, char buffer[32])
{
    static const char *const safis[] = {
        [1] = "unicast", [2] = "multicast", [4] = "labeled unicast"};
    const char *family = afi == BGP_AFI_IPV4   ? "IPv4"
                         : afi == BGP_AFI_IPV6 ? "IPv6"
                                               : NULL;
    const char *kind = safi < G_N_ELEMENTS(safis) ? safis[safi] : NULL;

    if (safi == 128)
        kind = "VPN";
    if (afi == 25 && safi == 70)
        g_strlcpy(buffer, "L2VPN EVPN", 32);
    else if (family != NULL && kind != NULL)
        g_snprintf(buffer, 32, "%s %s", family, kind);
    else
        g_snprintf(buffer, 32, "AFI %u SAFI %u", afi, safi);
    return buffer;
}

static DissectFamily
family_of(uint16_t afi, uint8_t safi)
{
    if (safi != BGP_SAFI_UNICAST)
        return DISSECT_OTHER_FAMILY;
    return afi == BGP_AFI_IPV4   ? DISSECT_IPV4_UNICAST
           : afi == BGP_AFI_IPV6 ? DISSECT_IPV6_UNICAST
                                 : DISSECT_OTHER_FAMILY;
}

static void
show_multiprotocol(DissectDraft *draft, DissectField *group, HsReader value,
                   DissectBgpSide *side)
{
    uint16_t afi = hs_reader_u16(&value);
    uint8_t safi;
    char name[32];

    hs_reader_skip(&value, 1);
    safi = hs_reader_u8(&value);
    if (!hs_reader_ok(&value))
        return;
    dissect_number(group, "bgp.cap.mp.afi", afi, NULL);
    dissect_number(group, "bgp.cap.mp.safi", safi,
                   dissect_bgp_family(afi, safi, name));
    g_string_append_printf(draft->info, " (%s)",
                           dissect_bgp_family(afi, safi, name));
    side->multiprotocol = true;
    side->ipv4 |= family_of(afi, safi) == DISSECT_IPV4_UNICAST;
    side->ipv6 |= family_of(afi, safi) == DISSECT_IPV6_UNICAST;
}

static void
show_restart(DissectDraft *draft, DissectField *group, HsReader value)
{
    uint16_t head = hs_reader_u16(&value);
    DissectField *families;

    if (!hs_reader_ok(&value))
        return;
    dissect_flag(group, "bgp.cap.gr.timers.restart_flag", (head & 0x8000) != 0);
    dissect_flag(group, "bgp.cap.gr.timers.notification_flag",
                 (head & 0x4000) != 0);
    dissect_number(group, "bgp.cap.gr.timers.restart_time", head & 0x0fffu,
                   NULL);
    g_string_append_printf(draft->info, " (%u s%s)", head & 0x0fffu,
                           (head & 0x8000) != 0 ? ", restarted" : "");
    families = dissect_list(group, "families");
    while (hs_reader_left(&value) >= 4) {
        DissectField *family = dissect_group(families, NULL);

        dissect_number(family, "bgp.cap.gr.afi", hs_reader_u16(&value), NULL);
        dissect_number(family, "bgp.cap.gr.safi", hs_reader_u8(&value), NULL);
        dissect_flag(family, "bgp.cap.gr.flag.pfs",
                     (hs_reader_u8(&value) & 0x80) != 0);
    }
}

static void
show_add_path(DissectDraft *draft, DissectField *group, HsReader value,
              DissectBgpSide *side)
{
    static const char *const ways[] = {"none", "receive", "send", "both"};
    DissectField *families = dissect_list(group, "families");

    while (hs_reader_left(&value) >= 4) {
        DissectField *family = dissect_group(families, NULL);
        uint16_t afi = hs_reader_u16(&value);
        uint8_t safi = hs_reader_u8(&value), way = hs_reader_u8(&value);
        const char *text = way < 4 ? ways[way] : "reserved";
        char name[32];

        dissect_number(family, "bgp.cap.ap.afi", afi, NULL);
        dissect_number(family, "bgp.cap.ap.safi", safi, NULL);
        dissect_number(family, "bgp.cap.ap.sendreceive", way, text);
        g_string_append_printf(draft->info, " (%s %s)",
                               dissect_bgp_family(afi, safi, name), text);
        if (family_of(afi, safi) != DISSECT_OTHER_FAMILY && way < 4)
            side->add_path[family_of(afi, safi)] = way;
    }
}

static void
show_host_name(DissectField *group, HsReader value)
{
    static const char *const names[] = {"bgp.cap.orf.fqdn.hostname",
                                        "bgp.cap.orf.fqdn.domain_name"};

    for (unsigned i = 0; i < G_N_ELEMENTS(names); i++) {
        size_t length = hs_reader_u8(&value);
        const uint8_t *text = hs_reader_bytes(&value, length);

        if (text != NULL)
            dissect_string(group, names[i], text, length);
    }
}

static void
show_next_hops(DissectField *group, HsReader value)
{
    DissectField *families = dissect_list(group, "families");

    while (hs_reader_left(&value) >= 6) {
        DissectField *family = dissect_group(families, NULL);

        dissect_number(family, "bgp.cap.enh.afi", hs_reader_u16(&value), NULL);
        dissect_number(family, "bgp.cap.enh.safi", hs_reader_u16(&value), NULL);
        dissect_number(family, "bgp.cap.enh.nhafi", hs_reader_u16(&value),
                       NULL);
    }
}

static void
show_capability(DissectDraft *draft, DissectField *list, uint8_t code,
                HsReader value, DissectBgpSide *side)
{
    DissectField *group = dissect_group(list, NULL);
    HsReader copy = value;

    dissect_number(group, "bgp.cap.type", code, capability_name(code));
    dissect_number(group, "bgp.cap.length", value.length, NULL);
    g_string_append_printf(draft->info, ", %s", capability_name(code));
    switch (code) {
    case BGP_CAP_MULTIPROTOCOL:
        show_multiprotocol(draft, group, value, side);
        break;
    case BGP_CAP_ROUTE_REFRESH:
    case CAP_ENHANCED_REFRESH:
    case CAP_REFRESH_OLD:
        break;
    case CAP_EXTENDED_MESSAGE:
        side->extended_message = true;
        break;
    case BGP_CAP_FOUR_OCTET_AS:
        side->four_octet_as = true;
        side->as = hs_reader_u32(&copy);
        dissect_number(group, "bgp.cap.4as", side->as, NULL);
        break;
    case BGP_CAP_RESTART:
        show_restart(draft, group, value);
        break;
    case CAP_ADD_PATH:
        show_add_path(draft, group, value, side);
        break;
    case CAP_HOST_NAME:
        show_host_name(group, value);
        break;
    case CAP_EXTENDED_NEXT_HOP:
        show_next_hops(group, value);
        break;
    default:
        g_string_append_printf(draft->info, " (%u)", code);
        if (value.length > 0)
            dissect_bytes(group, "bgp.cap.unknown", value.data, value.length);
        break;
    }
}

static void
show_parameters(DissectDraft *draft, HsReader *r, bool extended,
                DissectBgpSide *side)
{
    DissectField *list = dissect_list(draft->fields, "bgp.cap");
    DissectField *others = NULL;

    while (hs_reader_left(r) > 0) {
        uint8_t type = hs_reader_u8(r);
        size_t length = extended ? hs_reader_u16(r) : hs_reader_u8(r);
        HsReader value = hs_reader_sub(r, length);

        if (!hs_reader_ok(r))
            return;
        if (type != BGP_PARAM_CAPABILITIES) {
            if (others == NULL)
                others = dissect_list(draft->fields, "bgp.open.opt.param");
            dissect_number(dissect_group(others, NULL),
                           "bgp.open.opt.param.type", type, NULL);
            g_string_append_printf(draft->info, ", optional parameter %u",
                                   type);
            continue;
        }
        while (hs_reader_left(&value) > 0) {
            uint8_t code = hs_reader_u8(&value);
            HsReader inner = hs_reader_sub(&value, hs_reader_u8(&value));

            if (!hs_reader_ok(&value))
                break;
            show_capability(draft, list, code, inner, side);
        }
    }
}

void
dissect_bgp_open(DissectDraft *draft, HsReader body, DissectBgpSide *side)
{
    DissectField *fields = draft->fields;
    g_auto(BgpFault) fault = {0};
    HsReader r = body, parameters;
    DissectBgpSide told = {.seen = true};
    char address[HS_ADDR_TEXT];
    BgpOpen open;
    size_t where, length;
    uint8_t version = hs_reader_u8(&r);
    uint16_t as = hs_reader_u16(&r), hold = hs_reader_u16(&r);
    HsAddr id = hs_addr_ipv4(hs_reader_u32(&r));
    bool extended;

    told.as = as;
    dissect_number(fields, "bgp.open.version", version, NULL);
    dissect_number(fields, "bgp.open.myas", as,
                   as == BGP_AS_TRANS ? "AS_TRANS" : NULL);
    dissect_number(fields, "bgp.open.holdtime", hold, NULL);
    dissect_addr(fields, "bgp.open.identifier", &id);
    where = draft->info->len;
    length = hs_reader_u8(&r);
    dissect_number(fields, "bgp.open.opt.len", length, NULL);
    /* RFC 9072 2: 255 twice announces lengths of two octets. */
    extended = length > 0 && hs_reader_left(&r) >= 3 &&
               r.data[r.offset] == BGP_PARAM_EXTENDED;
    if (extended) {
        hs_reader_skip(&r, 1);
        length = hs_reader_u16(&r);
    }
    parameters = hs_reader_sub(&r, length);
    show_parameters(draft, &parameters, extended, &told);
    if (!told.multiprotocol) /* RFC 4760 8 */
        told.ipv4 = true;
    {
        g_autofree char *head =
            g_strdup_printf(" AS %u, hold %u s, id %s", told.as, hold,
                            hs_addr_format(&id, address));

        g_string_insert(draft->info, (gssize)where, head);
    }
    if (!bgp_open_decode(&body, true, &open, &fault))
        dissect_wrong(draft, "%s: %s", bgp_error_name(fault.code),
                      bgp_subcode_name(fault.code, fault.subcode));
    *side = told;
}

/* RFC 9003: the data of a shutdown or reset is a length and UTF-8. */
static bool
show_communication(DissectDraft *draft, HsReader data)
{
    size_t length = hs_reader_u8(&data);
    const uint8_t *text = hs_reader_bytes(&data, length);
    g_autofree char *valid = NULL;

    if (text == NULL || length == 0)
        return false;
    dissect_number(draft->fields, "bgp.notify.communication_length", length,
                   NULL);
    dissect_string(draft->fields, "bgp.notify.communication", text, length);
    valid = g_utf8_make_valid((const char *)text, (gssize)length);
    g_string_append(draft->info, ": \"");
    for (char *at = valid; *at != '\0'; at = g_utf8_next_char(at))
        g_string_append_unichar(
            draft->info,
            g_unichar_isprint(g_utf8_get_char(at)) ? g_utf8_get_char(at) : '?');
    g_string_append_c(draft->info, '"');
    return true;
}

static void
show_data(DissectDraft *draft, const BgpFault *fault, HsReader data)
{
    HsReader r = data;

    if (fault->code == BGP_ERR_CEASE &&
        (fault->subcode == BGP_CEASE_ADMIN_SHUTDOWN ||
         fault->subcode == BGP_CEASE_ADMIN_RESET) &&
        show_communication(draft, data))
        return;
    if (fault->code == BGP_ERR_OPEN && fault->subcode == BGP_OPEN_BAD_PEER_AS &&
        hs_reader_left(&data) == 2)
        dissect_number(draft->fields, "bgp.notify.error_open.bad_peer_as",
                       hs_reader_u16(&r), NULL);
    else
        dissect_bytes(draft->fields, "bgp.notify.minor_data",
                      data.data + data.offset, hs_reader_left(&data));
}

void
dissect_bgp_notification(DissectDraft *draft, HsReader body)
{
    static const char *const minors[] = {
        [BGP_ERR_HEADER] = "bgp.notify.minor_error",
        [BGP_ERR_OPEN] = "bgp.notify.minor_error_open",
        [BGP_ERR_UPDATE] = "bgp.notify.minor_error_update",
        [BGP_ERR_HOLD_TIMER] = "bgp.notify.minor_error_expired",
        [BGP_ERR_FSM] = "bgp.notify.minor_error_state",
        [BGP_ERR_CEASE] = "bgp.notify.minor_error_cease",
    };
    g_auto(BgpFault) fault = {0};
    HsReader r = body;
    const char *major, *minor;

    bgp_notification_decode(&r, &fault);
    major = bgp_error_name(fault.code);
    minor = bgp_subcode_name(fault.code, fault.subcode);
    dissect_number(draft->fields, "bgp.notify.major_error", fault.code, major);
    dissect_number(draft->fields,
                   fault.code < G_N_ELEMENTS(minors) &&
                           minors[fault.code] != NULL
                       ? minors[fault.code]
                       : "bgp.notify.minor_error_unknown",
                   fault.subcode, minor);
    g_string_append_printf(draft->info, " %s", major);
    if (fault.subcode != 0)
        g_string_append_printf(draft->info, "/%s", minor);
    hs_reader_skip(&body, 2);
    if (!hs_reader_ok(&body))
        dissect_wrong(draft, "no error code");
    else if (hs_reader_left(&body) > 0)
        show_data(draft, &fault, body);
}

void
dissect_bgp_refresh(DissectDraft *draft, HsReader body)
{
    /* RFC 7313 3.2; 0 is RFC 2918's "reserved". */
    static const char *const subtypes[] = {"request", "beginning of refresh",
                                           "end of refresh"};
    uint16_t afi = hs_reader_u16(&body);
    uint8_t subtype = hs_reader_u8(&body), safi = hs_reader_u8(&body);
    const char *what = subtype < 3 ? subtypes[subtype] : "unknown";
    char name[32];

    dissect_number(draft->fields, "bgp.route_refresh.afi", afi, NULL);
    dissect_number(draft->fields, "bgp.route_refresh.subtype", subtype, what);
    dissect_number(draft->fields, "bgp.route_refresh.safi", safi,
                   dissect_bgp_family(afi, safi, name));
    g_string_append_printf(draft->info, " %s %s",
                           dissect_bgp_family(afi, safi, name), what);
    if (!hs_reader_ok(&body))
        dissect_wrong(draft, "too short");
}
