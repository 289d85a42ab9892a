/* The dissector itself: its parts, its counters, and messages on their way
 * out. */

#include "config.h"

#include "sim/dissect/dissect.h"

#include "sim/dissect/private.h"

#include <string.h>

static const char *const names[DISSECT_PROTOCOL_COUNT] = {
#define X(name, text) text,
    DISSECT_PROTOCOLS(X)
#undef X
};

const char *
dissect_protocol_name(DissectProtocol protocol)
{
    g_assert((unsigned)protocol < DISSECT_PROTOCOL_COUNT);
    return names[protocol];
}

bool
dissect_protocol_from_name(const char *name, DissectProtocol *ret_protocol)
{
    for (unsigned i = 0; i < DISSECT_PROTOCOL_COUNT; i++)
        if (g_ascii_strcasecmp(name, names[i]) == 0) {
            *ret_protocol = (DissectProtocol)i;
            return true;
        }
    return false;
}

Dissector *
dissector_new(const DissectConfig *config)
{
    Dissector *d = g_new0(Dissector, 1);

    g_assert(config->sink != NULL);
    d->config = *config;
    d->fragments = dissect_fragments_new();
    d->bgp = dissect_bgp_new();
    d->ike = dissect_ike_new(config->keys);
    d->esp = dissect_esp_new(config->keys);
    return d;
}

void
dissector_free(Dissector *d)
{
    if (d == NULL)
        return;
    dissect_fragments_free(d->fragments);
    dissect_bgp_free(d->bgp);
    dissect_ike_free(d->ike);
    dissect_esp_free(d->esp);
    g_free(d);
}

void
dissector_packet(Dissector *d, const CapturePacket *packet, int link_type)
{
    static const uint8_t nothing;
    DissectPath path = {
        .frame = ++d->counters.frames,
        .at = packet->at,
        .link = packet->link,
        .cut = packet->original > packet->length
                   ? packet->original - packet->length
                   : 0,
    };

    d->counters.cut += path.cut > 0;
    d->known = false;
    dissect_link(d, &path, link_type,
                 packet->length > 0 ? packet->data : &nothing, packet->length);
    d->counters.other += !d->known;
}

void
dissector_finish(Dissector *d)
{
    dissect_bgp_finish(d);
    d->counters.fragments_lost = dissect_fragments_lost(d->fragments);
}

const DissectCounters *
dissector_counters(const Dissector *d)
{
    return &d->counters;
}

/* Messages */

void
dissect_begin(Dissector *d, DissectDraft *draft, const DissectPath *path,
              DissectProtocol protocol)
{
    d->known = true;
    *draft = (DissectDraft){
        .path = path,
        .protocol = protocol,
        .info = g_string_new(NULL),
        .fields = d->config.details ? dissect_field_new() : NULL,
    };
}

void
dissect_wrong(DissectDraft *draft, const char *format, ...)
{
    va_list arguments;

    if (draft->wrong != NULL)
        return;
    va_start(arguments, format);
    draft->wrong = g_strdup_vprintf(format, arguments);
    va_end(arguments);
}

static bool
is_wanted(const Dissector *d, DissectProtocol protocol)
{
    return d->config.only == 0 || (d->config.only & 1u << protocol) != 0;
}

void
dissect_end(Dissector *d, DissectDraft *draft)
{
    const DissectPath *path = draft->path;
    const DissectMessage message = {
        .frame = path->frame,
        .at = path->at,
        .link = path->link,
        .protocol = draft->protocol,
        .source = path->source,
        .destination = path->destination,
        .source_port = path->source_port,
        .destination_port = path->destination_port,
        .inside = path->inside[0] != '\0' ? path->inside : NULL,
        .info = draft->info->str,
        .wrong = draft->wrong,
        .fields = draft->fields,
    };

    d->counters.messages[draft->protocol]++;
    d->counters.wrong += draft->wrong != NULL;
    if (is_wanted(d, draft->protocol))
        d->config.sink(d->config.user_data, &message);
    g_string_free(draft->info, TRUE);
    g_free(draft->wrong);
    dissect_field_free(draft->fields);
    *draft = (DissectDraft){0};
}
