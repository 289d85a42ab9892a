/* Path attributes as values, and the table in which equal ones are one.
 *
 * The table holds no reference: an attribute set leaves it when its last owner
 * lets go, so the table is never larger than what the RIBs and queues hold. */

#include "config.h"

#include "models/bgp/attrs.h"

#include "models/bgp/wire.h"

#include <string.h>

struct BgpAttrTable {
    GHashTable *set; /* BgpAttrs *, borrowed */
};

const char *
bgp_origin_name(BgpOrigin origin)
{
    switch (origin) {
    case BGP_ORIGIN_IGP:
        return "IGP";
    case BGP_ORIGIN_EGP:
        return "EGP";
    case BGP_ORIGIN_INCOMPLETE:
        return "INCOMPLETE";
    }
    return "unknown";
}

BgpAttrs *
bgp_attrs_new(void)
{
    BgpAttrs *attrs = g_new0(BgpAttrs, 1);

    attrs->references = 1;
    return attrs;
}

static GBytes *
ref_bytes(GBytes *bytes)
{
    return bytes != NULL ? g_bytes_ref(bytes) : NULL;
}

BgpAttrs *
bgp_attrs_copy(const BgpAttrs *attrs)
{
    BgpAttrs *copy = g_new(BgpAttrs, 1);

    *copy = *attrs;
    copy->as_path = ref_bytes(attrs->as_path);
    copy->communities = ref_bytes(attrs->communities);
    copy->unknown = ref_bytes(attrs->unknown);
    copy->references = 1;
    copy->hash = 0;
    copy->table = NULL;
    return copy;
}

BgpAttrs *
bgp_attrs_ref(BgpAttrs *attrs)
{
    attrs->references++;
    return attrs;
}

void
bgp_attrs_unref(BgpAttrs *attrs)
{
    if (attrs == NULL || --attrs->references > 0)
        return;
    if (attrs->table != NULL)
        g_hash_table_remove(attrs->table->set, attrs);
    g_clear_pointer(&attrs->as_path, g_bytes_unref);
    g_clear_pointer(&attrs->communities, g_bytes_unref);
    g_clear_pointer(&attrs->unknown, g_bytes_unref);
    g_free(attrs);
}

static bool
same_bytes(GBytes *a, GBytes *b)
{
    if (a == NULL || b == NULL)
        return a == b;
    return a == b || g_bytes_equal(a, b);
}

bool
bgp_attrs_equal(const BgpAttrs *a, const BgpAttrs *b)
{
    if (a == b)
        return true;
    return a->origin == b->origin && a->has_med == b->has_med &&
           a->has_local_pref == b->has_local_pref &&
           a->atomic_aggregate == b->atomic_aggregate &&
           a->has_aggregator == b->has_aggregator &&
           (!a->has_med || a->med == b->med) &&
           (!a->has_local_pref || a->local_pref == b->local_pref) &&
           (!a->has_aggregator ||
            (a->aggregator_as == b->aggregator_as &&
             hs_addr_equal(&a->aggregator, &b->aggregator))) &&
           hs_addr_equal(&a->next_hop, &b->next_hop) &&
           same_bytes(a->as_path, b->as_path) &&
           same_bytes(a->communities, b->communities) &&
           same_bytes(a->unknown, b->unknown);
}

static guint
mix(guint hash, guint value)
{
    return (hash ^ value) * 16777619u;
}

static guint
hash_attrs(gconstpointer key)
{
    const BgpAttrs *a = key;

    return a->hash;
}

static guint
compute_hash(const BgpAttrs *a)
{
    guint hash = 2166136261u;

    hash = mix(hash, a->origin);
    hash = mix(hash, a->has_med ? a->med + 1 : 0);
    hash = mix(hash, a->has_local_pref ? a->local_pref + 1 : 0);
    hash = mix(hash, hs_addr_hash(&a->next_hop));
    if (a->as_path != NULL)
        hash = mix(hash, g_bytes_hash(a->as_path));
    if (a->communities != NULL)
        hash = mix(hash, g_bytes_hash(a->communities));
    if (a->unknown != NULL)
        hash = mix(hash, g_bytes_hash(a->unknown));
    return hash;
}

static gboolean
equal_attrs(gconstpointer a, gconstpointer b)
{
    return bgp_attrs_equal(a, b);
}

BgpAttrTable *
bgp_attr_table_new(void)
{
    BgpAttrTable *table = g_new0(BgpAttrTable, 1);

    table->set = g_hash_table_new(hash_attrs, equal_attrs);
    return table;
}

void
bgp_attr_table_free(BgpAttrTable *table)
{
    GHashTableIter iter;
    gpointer key;

    if (table == NULL)
        return;
    /* What somebody still holds outlives the table, on its own. */
    g_hash_table_iter_init(&iter, table->set);
    while (g_hash_table_iter_next(&iter, &key, NULL))
        ((BgpAttrs *)key)->table = NULL;
    g_hash_table_unref(table->set);
    g_free(table);
}

guint
bgp_attr_table_size(const BgpAttrTable *table)
{
    return g_hash_table_size(table->set);
}

BgpAttrs *
bgp_attrs_intern(BgpAttrTable *table, BgpAttrs *attrs)
{
    BgpAttrs *known;

    if (attrs->table == table)
        return attrs;
    g_assert(attrs->table == NULL);
    attrs->hash = compute_hash(attrs);
    known = g_hash_table_lookup(table->set, attrs);
    if (known != NULL) {
        bgp_attrs_ref(known);
        bgp_attrs_unref(attrs);
        return known;
    }
    attrs->table = table;
    g_hash_table_add(table->set, attrs);
    return attrs;
}

/* Communities: a sorted array of four-octet numbers, in network order. */

static uint32_t
community_at(GBytes *communities, gsize index)
{
    const uint8_t *at =
        (const uint8_t *)g_bytes_get_data(communities, NULL) + 4 * index;

    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 |
           (uint32_t)at[2] << 8 | at[3];
}

static gsize
community_count(GBytes *communities)
{
    return communities != NULL ? g_bytes_get_size(communities) / 4 : 0;
}

bool
bgp_communities_contain(GBytes *communities, uint32_t community)
{
    for (gsize i = 0; i < community_count(communities); i++)
        if (community_at(communities, i) == community)
            return true;
    return false;
}

static void
append_community(GByteArray *to, uint32_t community)
{
    uint8_t bytes[4] = {(uint8_t)(community >> 24), (uint8_t)(community >> 16),
                        (uint8_t)(community >> 8), (uint8_t)community};

    g_byte_array_append(to, bytes, sizeof bytes);
}

static GBytes *
finish_set(GByteArray *array)
{
    GBytes *bytes = g_byte_array_free_to_bytes(array);

    if (g_bytes_get_size(bytes) == 0)
        g_clear_pointer(&bytes, g_bytes_unref);
    return bytes;
}

static int
compare_numbers(gconstpointer a, gconstpointer b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

    return (x > y) - (x < y);
}

GBytes *
bgp_communities_read(HsReader *value)
{
    g_autoptr(GArray) list = g_array_new(FALSE, FALSE, sizeof(uint32_t));
    GByteArray *to = g_byte_array_new();

    while (hs_reader_left(value) >= 4) {
        uint32_t community = hs_reader_u32(value);

        g_array_append_val(list, community);
    }
    g_array_sort(list, compare_numbers);
    for (guint i = 0; i < list->len; i++) {
        uint32_t here = g_array_index(list, uint32_t, i);

        if (i == 0 || here != g_array_index(list, uint32_t, i - 1))
            append_community(to, here);
    }
    return finish_set(to);
}

GBytes *
bgp_communities_add(GBytes *communities, uint32_t community)
{
    GByteArray *to = g_byte_array_new();
    bool placed = false;

    for (gsize i = 0; i < community_count(communities); i++) {
        uint32_t here = community_at(communities, i);

        if (!placed && community <= here) {
            append_community(to, community);
            placed = true;
        }
        if (here != community)
            append_community(to, here);
    }
    if (!placed)
        append_community(to, community);
    return finish_set(to);
}

GBytes *
bgp_communities_remove(GBytes *communities, uint32_t community)
{
    GByteArray *to = g_byte_array_new();

    for (gsize i = 0; i < community_count(communities); i++)
        if (community_at(communities, i) != community)
            append_community(to, community_at(communities, i));
    return finish_set(to);
}

static const struct {
    const char *name;
    uint32_t community;
} well_known[] = {
    {"no-export", BGP_NO_EXPORT},
    {"no-advertise", BGP_NO_ADVERTISE},
    {"no-export-subconfed", BGP_NO_EXPORT_SUBCONFED},
};

static void
append_community_name(GString *text, uint32_t community)
{
    if (text->len > 0)
        g_string_append_c(text, ' ');
    for (unsigned i = 0; i < G_N_ELEMENTS(well_known); i++) {
        if (well_known[i].community == community) {
            g_string_append(text, well_known[i].name);
            return;
        }
    }
    g_string_append_printf(text, "%u:%u", community >> 16, community & 0xffff);
}

char *
bgp_communities_format(GBytes *communities)
{
    GString *text = g_string_new(NULL);

    for (gsize i = 0; i < community_count(communities); i++)
        append_community_name(text, community_at(communities, i));
    return g_string_free(text, FALSE);
}

bool
bgp_community_parse(const char *text, uint32_t *ret_community)
{
    g_auto(GStrv) halves = NULL;
    guint64 high, low;

    for (unsigned i = 0; i < G_N_ELEMENTS(well_known); i++) {
        if (strcmp(text, well_known[i].name) == 0) {
            *ret_community = well_known[i].community;
            return true;
        }
    }
    halves = g_strsplit(text, ":", 3);
    if (g_strv_length(halves) != 2 ||
        !g_ascii_string_to_unsigned(halves[0], 10, 0, UINT16_MAX, &high,
                                    NULL) ||
        !g_ascii_string_to_unsigned(halves[1], 10, 0, UINT16_MAX, &low, NULL))
        return false;
    *ret_community = (uint32_t)(high << 16 | low);
    return true;
}

char *
bgp_attrs_format(const BgpAttrs *attrs)
{
    GString *text = g_string_new(NULL);
    g_autofree char *path = bgp_as_path_format(attrs->as_path);
    g_autofree char *communities = bgp_communities_format(attrs->communities);
    char address[HS_ADDR_TEXT];

    g_string_printf(text, "origin %s path [%s]", bgp_origin_name(attrs->origin),
                    path);
    if (hs_addr_is_set(&attrs->next_hop))
        g_string_append_printf(text, " next-hop %s",
                               hs_addr_format(&attrs->next_hop, address));
    if (attrs->has_med)
        g_string_append_printf(text, " med %u", attrs->med);
    if (attrs->has_local_pref)
        g_string_append_printf(text, " local-pref %u", attrs->local_pref);
    if (attrs->communities != NULL)
        g_string_append_printf(text, " communities %s", communities);
    return g_string_free(text, FALSE);
}
