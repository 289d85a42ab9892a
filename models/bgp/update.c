/* UPDATE (RFC 4271 4.3 and 6.3) as RFC 7606 wants it handled.
 *
 *     withdrawn routes length | withdrawn routes
 *     total attribute length  | path attributes
 *     NLRI up to the end of the message
 *
 * What ends the session: lengths that contradict each other, so that nobody
 * knows where a field begins; a field of prefixes that cannot be read to its
 * end; multiprotocol attributes of that kind; an unknown well-known attribute;
 * and any lesser fault in a message that shows no reachable prefix
 * (RFC 7606 5.2). All else withdraws the message's announcements, or drops an
 * attribute, and the session lives. */

#include "config.h"

#include "models/bgp/message.h"

#include <string.h>

BgpUpdate *
bgp_update_new(void)
{
    BgpUpdate *update = g_new0(BgpUpdate, 1);

    update->withdrawn = g_array_new(FALSE, FALSE, sizeof(HsPrefix));
    update->announced = g_array_new(FALSE, FALSE, sizeof(HsPrefix));
    update->mp_announced = g_array_new(FALSE, FALSE, sizeof(HsPrefix));
    return update;
}

void
bgp_update_free(BgpUpdate *update)
{
    if (update == NULL)
        return;
    g_array_unref(update->withdrawn);
    g_array_unref(update->announced);
    g_array_unref(update->mp_announced);
    bgp_attrs_unref(update->attrs);
    bgp_attrs_unref(update->mp_attrs);
    g_free(update);
}

/* RFC 4271 6.3: prefixes that are well-formed but senseless are ignored. */
static bool
is_unicast(const HsPrefix *prefix)
{
    if (prefix->addr.family == HS_FAMILY_IPV6)
        return prefix->length < 8 || prefix->addr.bytes[0] != 0xff;
    return prefix->length < 4 || (prefix->addr.bytes[0] & 0xf0) != 0xe0;
}

bool
bgp_nlri_decode(HsReader *field, HsFamily family, GArray *prefixes)
{
    unsigned bits = family == HS_FAMILY_IPV6 ? 128 : 32;

    while (hs_reader_left(field) > 0) {
        HsPrefix prefix = {.addr = {.family = (uint8_t)family}};

        prefix.length = hs_reader_u8(field);
        if (prefix.length > bits)
            return false;
        hs_reader_copy(field, prefix.addr.bytes, (prefix.length + 7u) / 8);
        if (!hs_reader_ok(field))
            return false;
        /* RFC 4271 4.3: the trailing bits mean nothing. */
        prefix = hs_prefix_masked(&prefix);
        if (is_unicast(&prefix))
            g_array_append_val(prefixes, prefix);
    }
    return hs_reader_ok(field);
}

size_t
bgp_nlri_size(const HsPrefix *prefix)
{
    return 1 + (prefix->length + 7u) / 8;
}

void
bgp_nlri_encode(HsWriter *w, const HsPrefix *prefix)
{
    hs_writer_u8(w, prefix->length);
    hs_writer_bytes(w, prefix->addr.bytes, (prefix->length + 7u) / 8);
}

static void
move_all(GArray *from, GArray *to)
{
    if (from->len > 0)
        g_array_append_vals(to, from->data, from->len);
    g_array_set_size(from, 0);
}

/* Gives each group of announcements its attributes. */
static void
take_attributes(BgpUpdate *update, BgpAttrDecoder *d)
{
    bool plain = update->announced->len > 0;

    if (d->mp_announced->len > 0) {
        update->mp_attrs =
            plain ? bgp_attrs_copy(d->attrs) : g_steal_pointer(&d->attrs);
        update->mp_attrs->next_hop = d->mp_next_hop;
        move_all(d->mp_announced, update->mp_announced);
    }
    if (plain)
        update->attrs = g_steal_pointer(&d->attrs);
}

static void
judge(BgpUpdate *update, BgpAttrDecoder *d)
{
    update->discarded = d->discarded;
    update->fault = d->reason;
    if (d->severity == BGP_SEVERITY_WITHDRAW) {
        update->treated_as_withdraw = true;
        move_all(update->announced, update->withdrawn);
        move_all(d->mp_announced, update->withdrawn);
    }
    take_attributes(update, d);
}

/* RFC 4724 2: nothing at all, or an MP_UNREACH_NLRI of nothing, alone. */
static HsFamily
end_of_rib(const BgpUpdate *update, const BgpAttrDecoder *d, bool no_attributes)
{
    if (update->withdrawn->len > 0 || update->announced->len > 0)
        return HS_FAMILY_NONE;
    if (no_attributes)
        return HS_FAMILY_IPV4;
    return d->only_unreach && d->unreach_empty ? d->unreach_family
                                               : HS_FAMILY_NONE;
}

bool
bgp_update_decode(HsReader *body, const BgpUpdateContext *context,
                  BgpUpdate **ret_update, BgpFault *ret_fault)
{
    g_autoptr(BgpUpdate) update = bgp_update_new();
    g_auto(BgpAttrDecoder) d = {0};
    HsReader withdrawn = hs_reader_sub(body, hs_reader_u16(body));
    HsReader attributes = hs_reader_sub(body, hs_reader_u16(body));
    bool no_attributes = hs_reader_left(&attributes) == 0;
    HsReader nlri;

    if (!hs_reader_ok(body))
        return bgp_fault_set(ret_fault, BGP_ERR_UPDATE,
                             BGP_UPDATE_MALFORMED_LIST, NULL, 0);
    nlri = hs_reader_sub(body, hs_reader_left(body));
    /* RFC 7606 5.3 */
    if (!bgp_nlri_decode(&withdrawn, HS_FAMILY_IPV4, update->withdrawn) ||
        !bgp_nlri_decode(&nlri, HS_FAMILY_IPV4, update->announced))
        return bgp_fault_set(ret_fault, BGP_ERR_UPDATE, BGP_UPDATE_BAD_NETWORK,
                             NULL, 0);
    bgp_attr_decoder_init(&d, context, update->withdrawn);
    bgp_attrs_decode(&d, &attributes, nlri.length > 0);
    if (d.severity == BGP_SEVERITY_WITHDRAW && !d.only_unreach &&
        nlri.length == 0 && d.mp_announced->len == 0)
        d.severity = BGP_SEVERITY_RESET; /* RFC 7606 5.2 */
    if (d.severity == BGP_SEVERITY_RESET) {
        bgp_fault_clear(ret_fault);
        *ret_fault = d.fault;
        d.fault = (BgpFault){0};
        return false;
    }
    if (!context->ipv4) {
        g_array_set_size(update->announced, 0);
    }
    update->end_of_rib = end_of_rib(update, &d, no_attributes);
    judge(update, &d);
    *ret_update = g_steal_pointer(&update);
    return true;
}

/* Encoding. A message is laid out as: header, withdrawn routes, attributes,
 * NLRI; IPv6 puts its prefixes into an attribute, which RFC 7606 5.1 wants
 * first. */

typedef struct {
    const HsPrefix *prefixes;
    size_t count, next;
} Run;

static void
start_update(HsWriter *w)
{
    hs_writer_init(w);
    for (unsigned i = 0; i < BGP_MARKER_LENGTH; i++)
        hs_writer_u8(w, 0xff);
    hs_writer_u16(w, 0);
    hs_writer_u8(w, BGP_MSG_UPDATE);
}

static void
end_update(HsWriter *w, GPtrArray *messages)
{
    GBytes *message;

    hs_writer_patch_u16(w, BGP_MARKER_LENGTH, hs_writer_length(w));
    message = hs_writer_steal(w);
    g_assert(message != NULL && g_bytes_get_size(message) <= BGP_MESSAGE_MAX);
    g_ptr_array_add(messages, message);
}

/* Writes the prefixes that fit into ROOM octets. */
static void
write_run(HsWriter *w, Run *run, size_t room)
{
    while (run->next < run->count) {
        const HsPrefix *prefix = &run->prefixes[run->next];
        size_t size = bgp_nlri_size(prefix);

        if (size > room)
            return;
        bgp_nlri_encode(w, prefix);
        room -= size;
        run->next++;
    }
}

/* An MP attribute whose value ends in prefixes, with a length of two octets
 * that is filled in when they are known. */
static void
write_mp(HsWriter *w, uint8_t type, const HsAddr *next_hop, Run *run,
         size_t tail)
{
    size_t length_at;

    hs_writer_u8(w, BGP_ATTR_OPTIONAL | BGP_ATTR_EXTENDED);
    hs_writer_u8(w, type);
    length_at = hs_writer_length(w);
    hs_writer_u16(w, 0);
    hs_writer_u16(w, BGP_AFI_IPV6);
    hs_writer_u8(w, BGP_SAFI_UNICAST);
    if (next_hop != NULL) {
        hs_writer_u8(w, 16);
        hs_writer_bytes(w, next_hop->bytes, 16);
        hs_writer_u8(w, 0);
    }
    if (hs_writer_length(w) + tail < BGP_MESSAGE_MAX)
        write_run(w, run, BGP_MESSAGE_MAX - hs_writer_length(w) - tail);
    hs_writer_patch_u16(w, length_at, hs_writer_length(w) - length_at - 2);
}

static GPtrArray *
new_messages(void)
{
    return g_ptr_array_new_with_free_func((GDestroyNotify)g_bytes_unref);
}

GPtrArray *
bgp_update_encode(const BgpAttrs *attrs, const HsPrefix *prefixes, size_t count,
                  bool four_octet_as)
{
    GPtrArray *messages = new_messages();
    bool ipv6 = count > 0 && prefixes[0].addr.family == HS_FAMILY_IPV6;
    Run run = {.prefixes = prefixes, .count = count};
    g_auto(HsWriter) fixed = {0};

    hs_writer_init(&fixed);
    bgp_attrs_encode(&fixed, attrs, four_octet_as);
    while (run.next < run.count) {
        g_auto(HsWriter) w = {0};
        size_t before = run.next, length_at;

        start_update(&w);
        hs_writer_u16(&w, 0);
        length_at = hs_writer_length(&w);
        hs_writer_u16(&w, 0);
        if (ipv6)
            write_mp(&w, BGP_ATTR_MP_REACH, &attrs->next_hop, &run,
                     fixed.bytes->len);
        hs_writer_bytes(&w, fixed.bytes->data, fixed.bytes->len);
        if (hs_writer_length(&w) > BGP_MESSAGE_MAX)
            break;
        hs_writer_patch_u16(&w, length_at,
                            hs_writer_length(&w) - length_at - 2);
        if (!ipv6)
            write_run(&w, &run, BGP_MESSAGE_MAX - hs_writer_length(&w));
        if (run.next == before)
            break;
        end_update(&w, messages);
    }
    return messages;
}

GPtrArray *
bgp_withdraw_encode(const HsPrefix *prefixes, size_t count)
{
    GPtrArray *messages = new_messages();
    bool ipv6 = count > 0 && prefixes[0].addr.family == HS_FAMILY_IPV6;
    Run run = {.prefixes = prefixes, .count = count};

    while (run.next < run.count) {
        g_auto(HsWriter) w = {0};
        size_t length_at;

        start_update(&w);
        length_at = hs_writer_length(&w);
        hs_writer_u16(&w, 0);
        if (ipv6) {
            hs_writer_u16(&w, 0);
            length_at += 2;
            write_mp(&w, BGP_ATTR_MP_UNREACH, NULL, &run, 0);
        } else {
            write_run(&w, &run, BGP_MESSAGE_MAX - hs_writer_length(&w) - 2);
        }
        hs_writer_patch_u16(&w, length_at,
                            hs_writer_length(&w) - length_at - 2);
        if (!ipv6)
            hs_writer_u16(&w, 0);
        end_update(&w, messages);
    }
    return messages;
}

GBytes *
bgp_end_of_rib_encode(HsFamily family)
{
    g_autoptr(GPtrArray) messages = new_messages();
    g_auto(HsWriter) w = {0};
    Run none = {0};

    start_update(&w);
    hs_writer_u16(&w, 0);
    hs_writer_u16(&w, 0);
    if (family == HS_FAMILY_IPV6) {
        size_t at = hs_writer_length(&w);

        write_mp(&w, BGP_ATTR_MP_UNREACH, NULL, &none, 0);
        hs_writer_patch_u16(&w, at - 2, hs_writer_length(&w) - at);
    }
    end_update(&w, messages);
    return g_bytes_ref(g_ptr_array_index(messages, 0));
}
