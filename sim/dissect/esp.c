/* ESP: opened with the keys of esp_sa, and what is inside dissected again.
 *
 * Every line whose addresses and SPI match is tried, and the one whose key
 * makes the ICV right is it; a packet whose ICV no key makes right is never
 * decrypted. Tables have no column for extended sequence numbers, or need not
 * have it: the ICV tells that too. The upper half of such a number is not on
 * the wire. It is what the flow's last packet makes likely (RFC 4303 appendix
 * A), and zero in the first one. */

#include "config.h"

#include "models/base/rng.h"
#include "models/esp/esp.h"
#include "models/esp/wire.h"
#include "sim/dissect/private.h"

#include <string.h>

/* An SA's contexts, without and with extended numbers. */
typedef struct {
    EspSa *sa[2]; /* owned; NULL: not needed yet */
} Contexts;

typedef struct {
    HsAddr source, destination;
    uint32_t spi;
    bool known;    /* a key fitted once */
    guint key;     /* that one's place in the table */
    bool esn;      /* likewise */
    uint64_t last; /* the highest number opened */
    bool hopeless; /* no line is for it */
} Flow;

struct DissectEsp {
    const DissectKeys *keys; /* borrowed; may be NULL */
    HsRng *rng;              /* owned: an SA wants one, though only to send */
    GArray *contexts;        /* owned, Contexts: by the key's place */
    GHashTable *flows;       /* owned, Flow by itself */
};

static guint
flow_hash(gconstpointer data)
{
    const Flow *flow = data;

    return flow->spi ^ hs_addr_hash(&flow->destination) ^
           hs_addr_hash(&flow->source) * 31;
}

static gboolean
flow_equal(gconstpointer a, gconstpointer b)
{
    const Flow *one = a, *other = b;

    return one->spi == other->spi &&
           hs_addr_equal(&one->source, &other->source) &&
           hs_addr_equal(&one->destination, &other->destination);
}

DissectEsp *
dissect_esp_new(const DissectKeys *keys)
{
    DissectEsp *esp = g_new0(DissectEsp, 1);

    esp->keys = keys;
    esp->rng = hs_rng_new(0, "dissect", "esp");
    esp->contexts = g_array_new(FALSE, TRUE, sizeof(Contexts));
    if (keys != NULL)
        g_array_set_size(esp->contexts, keys->esp->len);
    esp->flows = g_hash_table_new_full(flow_hash, flow_equal, g_free, NULL);
    return esp;
}

void
dissect_esp_free(DissectEsp *esp)
{
    if (esp == NULL)
        return;
    for (guint i = 0; i < esp->contexts->len; i++) {
        Contexts *c = &g_array_index(esp->contexts, Contexts, i);

        esp_sa_free(c->sa[0]);
        esp_sa_free(c->sa[1]);
    }
    g_array_unref(esp->contexts);
    g_hash_table_unref(esp->flows);
    hs_rng_free(esp->rng);
    g_free(esp);
}

static EspSa *
context(DissectEsp *esp, guint key, bool esn)
{
    Contexts *c = &g_array_index(esp->contexts, Contexts, key);
    const DissectEspKey *line = esp->keys->esp->pdata[key];
    EspSaConfig config = {
        /* What an SA must have, and esp_inspect() does not look at. */
        .spi = ESP_SPI_MIN,
        .source = hs_addr_ipv4(0),
        .destination = hs_addr_ipv4(0),
        .suite = line->suite,
        .keys = line->keys,
        .esn = esn,
    };

    if (c->sa[esn] == NULL)
        c->sa[esn] = esp_sa_new(&config, esp->rng);
    esp_keys_clear(&config.keys);
    return c->sa[esn];
}

/* The number nearest to the highest so far that ends in LOW. */
static uint64_t
likely_number(const Flow *flow, uint64_t first_high, uint32_t low)
{
    uint64_t high = flow->known ? flow->last >> 32 : first_high;
    uint32_t last = (uint32_t)flow->last;

    if (flow->known && low < last && last - low > UINT32_MAX / 2)
        high++;
    else if (flow->known && low > last && low - last > UINT32_MAX / 2 &&
             high > 0)
        high--;
    return high << 32 | low;
}

typedef struct {
    const uint8_t *data;
    size_t length;
    uint32_t low;
    unsigned tried;
    uint64_t number;           /* the whole of it, once it was opened */
    const DissectEspKey *line; /* of the last one tried */
    EspDrop why;               /* likewise */
} Attempt;

static bool
try_key(DissectEsp *esp, Flow *flow, guint key, bool esn, Attempt *attempt,
        EspInspection *ret_inspection)
{
    const DissectEspKey *line = esp->keys->esp->pdata[key];
    uint64_t number = attempt->low;

    if (line->esn_known && line->esn != esn)
        return false;
    if (esn)
        number = likely_number(flow, line->sequence_high, attempt->low);
    attempt->tried++;
    attempt->line = line;
    attempt->why = esp_inspect(context(esp, key, esn), attempt->data,
                               attempt->length, number, ret_inspection);
    if (attempt->why != ESP_DROP_NONE)
        return false;
    attempt->number = number;
    flow->last =
        flow->known && flow->key == key ? MAX(flow->last, number) : number;
    flow->known = true;
    flow->key = key;
    flow->esn = esn;
    return true;
}

/* With every line that matches, the one that fitted last time first. */
static bool
open_packet(DissectEsp *esp, Flow *flow, Attempt *attempt,
            EspInspection *ret_inspection, const DissectEspKey **ret_refused)
{
    bool matched = false;

    *ret_refused = NULL;
    if (esp->keys == NULL || flow->hopeless)
        return false;
    if (flow->known &&
        try_key(esp, flow, flow->key, flow->esn, attempt, ret_inspection))
        return true;
    for (guint i = 0; i < esp->keys->esp->len; i++) {
        const DissectEspKey *line = esp->keys->esp->pdata[i];

        if (!dissect_esp_key_matches(line, &flow->source, &flow->destination,
                                     flow->spi))
            continue;
        matched = true;
        if (line->unsupported != NULL)
            *ret_refused = line;
        else if (try_key(esp, flow, i, false, attempt, ret_inspection) ||
                 try_key(esp, flow, i, true, attempt, ret_inspection))
            return true;
    }
    flow->hopeless = !matched;
    return false;
}

static Flow *
find_flow(DissectEsp *esp, const DissectPath *path, uint32_t spi)
{
    Flow key = {
        .source = path->source, .destination = path->destination, .spi = spi};
    Flow *flow = g_hash_table_lookup(esp->flows, &key);

    if (flow == NULL) {
        flow = g_memdup2(&key, sizeof key);
        g_hash_table_add(esp->flows, flow);
    }
    return flow;
}

static void
show_inside(DissectDraft *draft, const EspInspection *inside)
{
    DissectField *fields = draft->fields;
    size_t overhead = (size_t)(inside->data - inside->iv);

    dissect_bytes(fields, "esp.iv", inside->iv, overhead);
    dissect_bytes(fields, "esp.contained_data", inside->data, inside->length);
    dissect_number(fields, "esp.pad_len", inside->padding, NULL);
    dissect_number(fields, "esp.protocol", inside->next, NULL);
    dissect_bytes(
        fields, "esp.icv", inside->icv,
        (size_t)(inside->bytes->data + inside->bytes->len - inside->icv));
    dissect_flag(fields, "esp.icv_good", true);
    g_string_append(draft->info, ": ");
    if (inside->next == ESP_NEXT_NONE)
        g_string_append(draft->info, "dummy packet");
    else if (inside->next == 4 || inside->next == 41)
        dissect_describe(inside->data, inside->length, draft->info);
    else
        g_string_append_printf(draft->info,
                               "transport mode, protocol %u, %" G_GSIZE_FORMAT
                               " bytes",
                               inside->next, inside->length);
    if (!inside->good_padding && inside->next != ESP_NEXT_NONE)
        dissect_wrong(draft, "padding is not 1, 2, 3, ...");
}

static void
explain(DissectDraft *draft, const DissectEsp *esp, const Attempt *attempt,
        const DissectEspKey *refused)
{
    if (draft->path->cut > 0) {
        g_string_append(draft->info, ": encrypted");
        dissect_wrong(
            draft, "cut by the capture: %" G_GSIZE_FORMAT " bytes are missing",
            draft->path->cut);
    } else if (attempt->tried > 0 && attempt->why == ESP_DROP_INTEGRITY) {
        g_string_append(draft->info, ": not decrypted");
        dissect_flag(draft->fields, "esp.icv_good", false);
        dissect_wrong(draft,
                      "ICV wrong: the key in line %u of esp_sa does not fit, "
                      "or the packet was changed",
                      attempt->line->line);
    } else if (attempt->tried > 0) {
        g_string_append(draft->info, ": not decrypted");
        dissect_wrong(draft, "%s for what line %u of esp_sa says",
                      esp_drop_name(attempt->why), attempt->line->line);
    } else if (refused != NULL) {
        g_string_append(draft->info, ": not decrypted");
        dissect_wrong(draft, "line %u of esp_sa: %s", refused->line,
                      refused->unsupported);
    } else {
        g_string_append(draft->info, esp->keys != NULL
                                         ? ": encrypted, no key for this SPI"
                                         : ": encrypted");
    }
}

/* What came out, as a packet of its own. */
static void
dissect_inside(Dissector *d, const DissectPath *path, uint32_t spi,
               const EspInspection *inside)
{
    DissectPath inner = *path;

    if (path->depth >= DISSECT_DEPTH_MOST)
        return;
    inner.depth++;
    inner.place = path->place * 31 + 5;
    g_snprintf(inner.inside, sizeof inner.inside, "ESP 0x%08x", spi);
    if (inside->next == 4 || inside->next == 41)
        dissect_ip(d, &inner, inside->data, inside->length);
    else if (inside->next != ESP_NEXT_NONE)
        dissect_transport(d, &inner, inside->next, inside->data,
                          inside->length);
}

void
dissect_esp(Dissector *d, const DissectPath *path, const uint8_t *data,
            size_t length)
{
    HsReader r = hs_reader_of(data, length);
    uint32_t spi = hs_reader_u32(&r), sequence = hs_reader_u32(&r);
    Attempt attempt = {.data = data, .length = length, .low = sequence};
    g_auto(EspInspection) inside = {0};
    const DissectEspKey *refused = NULL;
    DissectDraft draft;
    bool opened = false;

    dissect_begin(d, &draft, path, DISSECT_ESP);
    if (!hs_reader_ok(&r)) {
        g_string_append_printf(draft.info, "%" G_GSIZE_FORMAT " bytes", length);
        dissect_wrong(&draft, "too short for SPI and sequence number");
        dissect_end(d, &draft);
        return;
    }
    dissect_hex(draft.fields, "esp.spi", spi, 8);
    dissect_number(draft.fields, "esp.sequence", sequence, NULL);
    g_string_append_printf(draft.info, "SPI 0x%08x, sequence %u", spi,
                           sequence);
    if (path->cut == 0) {
        Flow *flow = find_flow(d->esp, path, spi);

        opened = open_packet(d->esp, flow, &attempt, &inside, &refused);
        if (opened && flow->esn) {
            dissect_number(draft.fields, "sequence_high", attempt.number >> 32,
                           NULL);
            g_string_append_printf(draft.info, " (ESN, upper half %u)",
                                   (uint32_t)(attempt.number >> 32));
        }
    }
    if (opened)
        show_inside(&draft, &inside);
    else
        explain(&draft, d->esp, &attempt, refused);
    dissect_end(d, &draft);
    if (opened)
        dissect_inside(d, path, spi, &inside);
}
