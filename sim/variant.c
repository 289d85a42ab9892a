/* Groups and entries in the order of the file; comments are not kept, since
 * they speak of what the file was. */

#include "config.h"

#include "sim/variant.h"

#include "sim/scenario/ini.h"

#include <string.h>

typedef struct {
    char *key, *value; /* owned */
} Entry;

typedef struct {
    char *name;         /* owned: "fault cut" */
    GPtrArray *entries; /* owned Entry * */
} Group;

struct HsVariant {
    GPtrArray *groups; /* owned Group * */
};

static void
entry_free(void *data)
{
    Entry *entry = data;

    g_free(entry->key);
    g_free(entry->value);
    g_free(entry);
}

static void
group_free(void *data)
{
    Group *group = data;

    g_free(group->name);
    g_ptr_array_unref(group->entries);
    g_free(group);
}

static Group *
group_of(HsVariant *variant, const char *name, bool make)
{
    Group *group;

    for (guint i = 0; i < variant->groups->len; i++) {
        group = variant->groups->pdata[i];
        if (g_str_equal(group->name, name))
            return group;
    }
    if (!make)
        return NULL;
    group = g_new0(Group, 1);
    group->name = g_strdup(name);
    group->entries = g_ptr_array_new_with_free_func(entry_free);
    g_ptr_array_add(variant->groups, group);
    return group;
}

static gboolean
any_kind(const char *kind, const char *name)
{
    (void)kind;
    (void)name;
    return TRUE;
}

static void
take_groups(HsVariant *variant, const GPtrArray *groups)
{
    for (guint i = 0; i < groups->len; i++) {
        const HsIniGroup *group = groups->pdata[i];

        group_of(variant, group->text, true);
        for (guint e = 0; e < group->entries->len; e++) {
            const HsIniEntry *entry = group->entries->pdata[e];

            hs_variant_set(variant, group->text, entry->key, entry->value);
        }
    }
}

HsVariant *
hs_variant_new(const char *file, char *const *sets, GError **error)
{
    g_auto(HsComplaints) complaints = {0};
    g_autoptr(GPtrArray) groups = NULL;
    g_autofree char *data = NULL;
    HsVariant *variant;
    gsize length;

    if (!g_file_get_contents(file, &data, &length, error))
        return NULL;
    hs_complaints_init(&complaints, file);
    groups = hs_ini_read(data, length, &complaints);
    for (; sets != NULL && *sets != NULL; sets++)
        hs_ini_override(groups, *sets, any_kind, &complaints);
    variant = g_new0(HsVariant, 1);
    variant->groups = g_ptr_array_new_with_free_func(group_free);
    take_groups(variant, groups);
    return variant;
}

HsVariant *
hs_variant_copy(const HsVariant *variant)
{
    HsVariant *copy = g_new0(HsVariant, 1);

    copy->groups = g_ptr_array_new_with_free_func(group_free);
    for (guint i = 0; i < variant->groups->len; i++) {
        const Group *group = variant->groups->pdata[i];

        group_of(copy, group->name, true);
        for (guint e = 0; e < group->entries->len; e++) {
            const Entry *entry = group->entries->pdata[e];

            hs_variant_set(copy, group->name, entry->key, entry->value);
        }
    }
    return copy;
}

void
hs_variant_free(HsVariant *variant)
{
    if (variant == NULL)
        return;
    g_ptr_array_unref(variant->groups);
    g_free(variant);
}

void
hs_variant_drop(HsVariant *variant, const char *kind)
{
    size_t length = strlen(kind);

    for (guint i = variant->groups->len; i-- > 0;) {
        const Group *group = variant->groups->pdata[i];

        if (g_str_has_prefix(group->name, kind) &&
            (group->name[length] == '\0' || group->name[length] == ' '))
            g_ptr_array_remove_index(variant->groups, i);
    }
}

void
hs_variant_set(HsVariant *variant, const char *group, const char *key,
               const char *value)
{
    Group *holder = group_of(variant, group, true);
    Entry *entry;

    for (guint i = 0; i < holder->entries->len; i++) {
        entry = holder->entries->pdata[i];
        if (g_str_equal(entry->key, key)) {
            g_free(entry->value);
            entry->value = g_strdup(value);
            return;
        }
    }
    entry = g_new0(Entry, 1);
    entry->key = g_strdup(key);
    entry->value = g_strdup(value);
    g_ptr_array_add(holder->entries, entry);
}

void
hs_variant_unset(HsVariant *variant, const char *group, const char *key)
{
    Group *holder = group_of(variant, group, false);

    for (guint i = 0; holder != NULL && i < holder->entries->len; i++) {
        const Entry *entry = holder->entries->pdata[i];

        if (g_str_equal(entry->key, key)) {
            g_ptr_array_remove_index(holder->entries, i);
            return;
        }
    }
}

static bool
is_replay(const Entry *entry)
{
    return g_str_equal(entry->key, "replay") ||
           g_str_has_prefix(entry->key, "replay.");
}

void
hs_variant_drop_load(HsVariant *variant)
{
    hs_variant_drop(variant, "stream");
    for (guint i = 0; i < variant->groups->len; i++) {
        const Group *group = variant->groups->pdata[i];

        if (!g_str_has_prefix(group->name, "database "))
            continue;
        for (guint e = group->entries->len; e-- > 0;)
            if (is_replay(group->entries->pdata[e]))
                g_ptr_array_remove_index(group->entries, e);
    }
}

/* GKeyFile's escapes; a blank needs one at the start only. */
static void
append_value(GString *text, const char *value)
{
    for (const char *c = value; *c != '\0'; c++) {
        switch (*c) {
        case ' ':
            g_string_append(text, c == value ? "\\s" : " ");
            break;
        case '\n':
            g_string_append(text, "\\n");
            break;
        case '\r':
            g_string_append(text, "\\r");
            break;
        case '\t':
            g_string_append(text, "\\t");
            break;
        case '\\':
            g_string_append(text, "\\\\");
            break;
        default:
            g_string_append_c(text, *c);
        }
    }
}

bool
hs_variant_write(const HsVariant *variant, const char *path,
                 const char *comment, GError **error)
{
    g_autoptr(GString) text = g_string_new(NULL);
    g_auto(GStrv) lines = g_strsplit(comment, "\n", -1);

    for (char **line = lines; *line != NULL; line++)
        g_string_append_printf(text, "# %s\n", *line);
    for (guint i = 0; i < variant->groups->len; i++) {
        const Group *group = variant->groups->pdata[i];

        g_string_append_printf(text, "\n[%s]\n", group->name);
        for (guint e = 0; e < group->entries->len; e++) {
            const Entry *entry = group->entries->pdata[e];

            g_string_append_printf(text, "%s = ", entry->key);
            append_value(text, entry->value);
            g_string_append_c(text, '\n');
        }
    }
    return g_file_set_contents(path, text->str, (gssize)text->len, error);
}
