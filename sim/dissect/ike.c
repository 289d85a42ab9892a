/* IKEv2: headers, protected messages and their fragments.
 *
 * Keys are those of ikev2_decryption_table, found by both SPIs. A message whose
 * integrity no key makes right is not decrypted. Fragments (RFC 7383) are told
 * one by one, and the whole message with the one that completes it; each link
 * is collected by itself, as a packet is seen again on the next one. */

#include "config.h"

#include "models/ikev2/protect.h"
#include "sim/dissect/ike.h"

typedef struct {
    IkeProtector *protector[2]; /* owned; NULL: not needed yet; [1]: what the
                                 * initiator sent */
} Protectors;

/* One way of one IKE SA on one link. */
typedef struct {
    guint key;
    bool initiator;
    uint32_t place;
    IkeReassembly reassembly;
} Collector;

struct DissectIke {
    const DissectKeys *keys; /* borrowed; may be NULL */
    GArray *protectors;      /* owned, Protectors: by the key's place */
    GPtrArray *collectors;   /* owned, Collector */
};

static void
collector_free(gpointer data)
{
    Collector *c = data;

    ike_reassembly_clear(&c->reassembly);
    g_free(c);
}

DissectIke *
dissect_ike_new(const DissectKeys *keys)
{
    DissectIke *ike = g_new0(DissectIke, 1);

    ike->keys = keys;
    ike->protectors = g_array_new(FALSE, TRUE, sizeof(Protectors));
    if (keys != NULL)
        g_array_set_size(ike->protectors, keys->ike->len);
    ike->collectors = g_ptr_array_new_with_free_func(collector_free);
    return ike;
}

void
dissect_ike_free(DissectIke *ike)
{
    if (ike == NULL)
        return;
    for (guint i = 0; i < ike->protectors->len; i++) {
        Protectors *p = &g_array_index(ike->protectors, Protectors, i);

        ike_protector_free(p->protector[0]);
        ike_protector_free(p->protector[1]);
    }
    g_array_unref(ike->protectors);
    g_ptr_array_unref(ike->collectors);
    g_free(ike);
}

static IkeProtector *
protector(DissectIke *ike, guint key, bool initiator)
{
    Protectors *p = &g_array_index(ike->protectors, Protectors, key);
    const DissectIkeKey *line = ike->keys->ike->pdata[key];

    if (p->protector[initiator] == NULL)
        p->protector[initiator] =
            ike_protector_new(&line->suite, initiator ? line->ei : line->er,
                              initiator ? line->ai : line->ar);
    return p->protector[initiator];
}

static IkeReassembly *
collector(DissectIke *ike, guint key, bool initiator, uint32_t place)
{
    Collector *c;

    for (guint i = 0; i < ike->collectors->len; i++) {
        c = ike->collectors->pdata[i];
        if (c->key == key && c->initiator == initiator && c->place == place)
            return &c->reassembly;
    }
    c = g_new0(Collector, 1);
    c->key = key;
    c->initiator = initiator;
    c->place = place;
    ike_reassembly_init(&c->reassembly);
    g_ptr_array_add(ike->collectors, c);
    return &c->reassembly;
}

static void
show_header(DissectDraft *draft, const IkeHeader *header)
{
    DissectField *fields = draft->fields;
    unsigned flags = (header->initiator ? IKE_FLAG_INITIATOR : 0u) |
                     (header->higher ? IKE_FLAG_VERSION : 0u) |
                     (header->response ? IKE_FLAG_RESPONSE : 0u);

    dissect_textf(fields, "isakmp.ispi", "%016" G_GINT64_MODIFIER "x",
                  header->spi_i);
    dissect_textf(fields, "isakmp.rspi", "%016" G_GINT64_MODIFIER "x",
                  header->spi_r);
    dissect_number(fields, "isakmp.nextpayload", header->next,
                   ike_payload_name(header->next));
    dissect_hex(fields, "isakmp.version",
                (uint64_t)header->major << 4 | header->minor, 2);
    dissect_number(fields, "isakmp.exchangetype", header->exchange,
                   ike_exchange_name(header->exchange));
    dissect_hex(fields, "isakmp.flags", flags, 2);
    dissect_flag(fields, "isakmp.flag_i", header->initiator);
    dissect_flag(fields, "isakmp.flag_v", header->higher);
    dissect_flag(fields, "isakmp.flag_r", header->response);
    dissect_hex(fields, "isakmp.messageid", header->id, 8);
    dissect_number(fields, "isakmp.length", header->length, NULL);
    if (header->major != IKE_MAJOR_VERSION)
        g_string_append_printf(draft->info, "IKE version %u exchange %u",
                               header->major, header->exchange);
    else
        g_string_append_printf(
            draft->info, "%s %s %u", ike_exchange_name(header->exchange),
            header->response ? "response" : "request", header->id);
}

/* Decrypted payloads. */
static void
show_plain(DissectDraft *draft, GBytes *plain, uint8_t first)
{
    gsize length;
    const uint8_t *data = g_bytes_get_data(plain, &length);
    IkeChain chain = {0};
    IkeFault fault = ike_chain_parse(data, length, first, true, &chain);

    g_string_append(draft->info, " SK {");
    dissect_bytes(draft->fields, "isakmp.enc.decrypted", data, length);
    dissect_ike_payloads(draft, dissect_list(draft->fields, "decrypted"),
                         &chain);
    g_string_append(draft->info,
                    draft->info->str[draft->info->len - 1] == '{' ? "}" : " }");
    if (fault != IKE_FAULT_NONE)
        dissect_wrong(draft, "inside SK: %s", ike_fault_name(fault));
}

/* With one key. False: the next one may fit. */
static bool
open_with(Dissector *d, DissectDraft *draft, guint key,
          const IkeMessage *message, bool fragment, IkeOpen *ret_result)
{
    IkeProtector *p = protector(d->ike, key, message->header.initiator);
    g_autoptr(GBytes) plain = NULL;
    uint8_t first = 0;

    if (!fragment) {
        *ret_result = ike_open(p, message, &plain, &first);
        if (*ret_result != IKE_OPEN_GOOD)
            return false;
        show_plain(draft, plain, first);
        return true;
    }
    *ret_result = IKE_OPEN_GOOD;
    switch (ike_reassembly_add(
        collector(d->ike, key, message->header.initiator, draft->path->place),
        p, message, &plain, &first, ret_result)) {
    case IKE_REASSEMBLY_MORE:
        return true;
    case IKE_REASSEMBLY_DONE:
        g_string_append(draft->info, ", complete:");
        show_plain(draft, plain, first);
        return true;
    case IKE_REASSEMBLY_DROPPED:
        break;
    }
    if (*ret_result != IKE_OPEN_GOOD)
        return false;
    g_string_append(draft->info, ", again or of an older attempt");
    return true;
}

static void
open_message(Dissector *d, DissectDraft *draft, const IkeMessage *message,
             bool fragment)
{
    const DissectKeys *keys = d->ike->keys;
    const DissectIkeKey *refused = NULL, *tried = NULL;
    IkeOpen result = IKE_OPEN_GOOD;

    for (guint i = 0; keys != NULL && i < keys->ike->len; i++) {
        const DissectIkeKey *line = keys->ike->pdata[i];

        if (line->spi_i != message->header.spi_i ||
            line->spi_r != message->header.spi_r)
            continue;
        if (line->unsupported != NULL) {
            refused = line;
            continue;
        }
        tried = line;
        if (open_with(d, draft, i, message, fragment, &result))
            return;
    }
    if (tried != NULL) {
        g_string_append(draft->info, fragment ? "" : " SK");
        g_string_append(draft->info, ", not decrypted");
        if (result == IKE_OPEN_INTEGRITY)
            dissect_wrong(draft,
                          "ICV wrong: the key in line %u of "
                          "ikev2_decryption_table does not fit, or the message "
                          "was changed",
                          tried->line);
        else
            dissect_wrong(draft, "%s", ike_open_name(result));
    } else if (refused != NULL) {
        g_string_append(draft->info, fragment ? "" : " SK");
        g_string_append(draft->info, ", not decrypted");
        dissect_wrong(draft, "line %u of ikev2_decryption_table: %s",
                      refused->line, refused->unsupported);
    } else {
        g_string_append(draft->info, fragment ? "" : " SK");
        g_string_append(draft->info, keys != NULL
                                         ? ", encrypted, no key for these SPIs"
                                         : ", encrypted");
    }
}

static void
show_fragment(DissectDraft *draft, const IkePayload *skf)
{
    IkeFragment fragment;
    IkeFault fault = ike_fragment_decode(skf, &fragment);

    if (fault != IKE_FAULT_NONE) {
        g_string_append(draft->info, " SKF");
        dissect_wrong(draft, "SKF: %s", ike_fault_name(fault));
        return;
    }
    g_string_append_printf(draft->info, " SKF %u/%u", fragment.number,
                           fragment.total);
}

static void
show_message(Dissector *d, DissectDraft *draft, const IkeMessage *message)
{
    const IkePayload *skf =
        ike_chain_find(&message->chain, IKE_PAYLOAD_SKF, NULL);
    bool sealed = ike_chain_find(&message->chain, IKE_PAYLOAD_SK, NULL) != NULL;

    dissect_ike_payloads(draft, dissect_list(draft->fields, "payloads"),
                         &message->chain);
    if (skf != NULL)
        show_fragment(draft, skf);
    if ((skf != NULL && draft->wrong == NULL) || sealed)
        open_message(d, draft, message, skf != NULL);
}

void
dissect_ike(Dissector *d, const DissectPath *path, const uint8_t *data,
            size_t length)
{
    IkeMessage message = {0};
    DissectDraft draft;
    IkeFault fault;

    dissect_begin(d, &draft, path, DISSECT_IKE);
    fault = ike_message_parse(data, length, &message);
    if (fault == IKE_FAULT_SHORT) {
        g_string_append_printf(draft.info, "%" G_GSIZE_FORMAT " bytes", length);
        dissect_wrong(&draft, "%s", ike_fault_name(fault));
        dissect_end(d, &draft);
        return;
    }
    show_header(&draft, &message.header);
    if (path->cut > 0)
        dissect_wrong(
            &draft, "cut by the capture: %" G_GSIZE_FORMAT " bytes are missing",
            path->cut);
    else if (fault == IKE_FAULT_CRITICAL)
        dissect_wrong(&draft, "%s: type %u", ike_fault_name(fault),
                      message.chain.unsupported);
    else if (fault != IKE_FAULT_NONE)
        dissect_wrong(&draft, "%s", ike_fault_name(fault));
    if (fault == IKE_FAULT_NONE || message.chain.count > 0)
        show_message(d, &draft, &message);
    dissect_end(d, &draft);
}

void
dissect_nat_keepalive(Dissector *d, const DissectPath *path)
{
    DissectDraft draft;

    dissect_begin(d, &draft, path, DISSECT_IKE);
    g_string_append(draft.info, "NAT keepalive");
    dissect_flag(draft.fields, "udpencap.nat_keepalive", true);
    dissect_end(d, &draft);
}
