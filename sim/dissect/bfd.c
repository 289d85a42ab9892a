/* BFD control packets (RFC 5880 4.1), by the session's own decoder, and what
 * it does not keep: version, length, multipoint and authentication. */

#include "config.h"

#include "models/bfd/bfd.h"
#include "models/bfd/wire.h"
#include "sim/dissect/private.h"

#define TTL_ONE_HOP 255

static const char *
auth_name(uint8_t type)
{
    static const char *const names[] = {
        "Reserved",   "Simple Password",
        "Keyed MD5",  "Meticulous Keyed MD5",
        "Keyed SHA1", "Meticulous Keyed SHA1"}; /* RFC 5880 4.1 */

    return type < G_N_ELEMENTS(names) ? names[type] : "unknown";
}

static void
show_auth(DissectDraft *draft, HsReader r)
{
    uint8_t type = hs_reader_u8(&r), length = hs_reader_u8(&r);
    uint8_t key = hs_reader_u8(&r);

    if (!hs_reader_ok(&r))
        return;
    dissect_number(draft->fields, "bfd.auth.type", type, auth_name(type));
    dissect_number(draft->fields, "bfd.auth.len", length, NULL);
    dissect_number(draft->fields, "bfd.auth.key", key, NULL);
    g_string_append_printf(draft->info, ", %s authentication", auth_name(type));
    if (type < 2)
        return;
    hs_reader_skip(&r, 1);
    if (hs_reader_left(&r) >= 4)
        dissect_number(draft->fields, "bfd.auth.seq_num", hs_reader_u32(&r),
                       NULL);
}

static void
append_interval(GString *info, const char *name, uint32_t microseconds)
{
    if (microseconds % 1000 == 0)
        g_string_append_printf(info, ", %s %u ms", name, microseconds / 1000);
    else
        g_string_append_printf(info, ", %s %u us", name, microseconds);
}

static void
show_packet(DissectDraft *draft, const BfdPacket *packet)
{
    DissectField *fields = draft->fields;

    dissect_number(fields, "bfd.my_discriminator", packet->my_discriminator,
                   NULL);
    dissect_number(fields, "bfd.your_discriminator", packet->your_discriminator,
                   NULL);
    dissect_number(fields, "bfd.desired_min_tx_interval",
                   packet->desired_min_tx, NULL);
    dissect_number(fields, "bfd.required_min_rx_interval",
                   packet->required_min_rx, NULL);
    dissect_number(fields, "bfd.required_min_echo_interval",
                   packet->required_min_echo_rx, NULL);
    g_string_append_printf(draft->info, ", mult %u", packet->detect_mult);
    append_interval(draft->info, "tx", packet->desired_min_tx);
    append_interval(draft->info, "rx", packet->required_min_rx);
    if (packet->required_min_echo_rx != 0)
        append_interval(draft->info, "echo", packet->required_min_echo_rx);
    g_string_append_printf(draft->info, ", my 0x%08x, your 0x%08x",
                           packet->my_discriminator,
                           packet->your_discriminator);
}

static void
show_flags(DissectDraft *draft, uint8_t flags)
{
    static const struct {
        uint8_t bit;
        const char *name, *word;
    } all[] = {
        {BFD_FLAG_POLL, "bfd.flags.p", "Poll"},
        {BFD_FLAG_FINAL, "bfd.flags.f", "Final"},
        {BFD_FLAG_INDEPENDENT, "bfd.flags.c", "C"},
        {BFD_FLAG_AUTH, "bfd.flags.a", "A"},
        {BFD_FLAG_DEMAND, "bfd.flags.d", "Demand"},
        {BFD_FLAG_MULTIPOINT, "bfd.flags.m", "Multipoint"},
    };

    dissect_hex(draft->fields, "bfd.flags", flags, 2);
    for (unsigned i = 0; i < G_N_ELEMENTS(all); i++) {
        dissect_flag(draft->fields, all[i].name, (flags & all[i].bit) != 0);
        if ((flags & all[i].bit) != 0)
            g_string_append_printf(draft->info, " %s", all[i].word);
    }
}

void
dissect_bfd(Dissector *d, const DissectPath *path, const uint8_t *data,
            size_t length)
{
    HsReader r = hs_reader_of(data, length);
    uint8_t first = hs_reader_u8(&r), second = hs_reader_u8(&r);
    uint8_t mult = hs_reader_u8(&r), said = hs_reader_u8(&r);
    unsigned diag = first & BFD_DIAG_MASK;
    BfdState state = (BfdState)(second >> BFD_STATE_SHIFT);
    DissectDraft draft;
    BfdPacket packet;
    BfdDrop drop;

    dissect_begin(d, &draft, path, DISSECT_BFD);
    if (!hs_reader_ok(&r)) {
        g_string_append(draft.info, "packet without its first four bytes");
        dissect_wrong(&draft, "%" G_GSIZE_FORMAT " bytes", length);
        dissect_end(d, &draft);
        return;
    }
    dissect_number(draft.fields, "bfd.version", first >> BFD_VERSION_SHIFT,
                   NULL);
    dissect_number(draft.fields, "bfd.diag", diag, bfd_diag_name(diag));
    dissect_number(draft.fields, "bfd.sta", state, bfd_state_name(state));
    g_string_append(draft.info, bfd_state_name(state));
    show_flags(&draft, second);
    if (diag != BFD_DIAG_NONE)
        g_string_append_printf(draft.info, ", %s", bfd_diag_name(diag));
    dissect_number(draft.fields, "bfd.detect_time_multiplier", mult, NULL);
    dissect_number(draft.fields, "bfd.message_length", said, NULL);
    drop = bfd_packet_decode(data, length, &packet);
    if (drop == BFD_DROP_NONE)
        show_packet(&draft, &packet);
    else
        dissect_wrong(&draft, "%s%s", bfd_drop_name(drop),
                      path->cut > 0 ? " (cut by the capture)" : "");
    if ((second & BFD_FLAG_AUTH) != 0 && length > BFD_HEADER_LENGTH)
        show_auth(&draft,
                  hs_reader_of(data + BFD_HEADER_LENGTH,
                               MIN(length, said) -
                                   MIN(BFD_HEADER_LENGTH, MIN(length, said))));
    /* RFC 5881 5. More hops are RFC 5883's, on a port of their own. */
    if (path->destination_port == BFD_PORT && path->ttl != TTL_ONE_HOP)
        dissect_wrong(&draft, "TTL is %u and not 255", path->ttl);
    dissect_end(d, &draft);
}

/* RFC 5880 5: what is in it is the sender's own business. */
void
dissect_bfd_echo(Dissector *d, const DissectPath *path, const uint8_t *data,
                 size_t length)
{
    DissectDraft draft;

    dissect_begin(d, &draft, path, DISSECT_BFD);
    g_string_append_printf(draft.info, "Echo, %" G_GSIZE_FORMAT " bytes",
                           length);
    dissect_bytes(draft.fields, "bfd_echo.packet", data, length);
    dissect_end(d, &draft);
}
