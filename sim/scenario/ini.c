/* One pass over the lines. A line is a comment (# in the first column that is
 * not blank), blank, a [group] or a key = value; anything else is complained
 * about and skipped, so that one slip does not hide the next. Entries below a
 * broken group are dropped with it, in silence: their complaint was made. */

#include "config.h"

#include "sim/scenario/ini.h"

#include "sim/scenario/schema.h"

#include <string.h>

static void
entry_free(void *data)
{
    HsIniEntry *entry = data;

    g_free(entry->key);
    g_free(entry->value);
    g_free(entry);
}

static void
group_free(void *data)
{
    HsIniGroup *group = data;

    g_free(group->text);
    g_free(group->kind);
    g_free(group->name);
    g_ptr_array_unref(group->entries);
    g_free(group);
}

/* TEXT is "kind" or "kind name", blanks as they come. */
static HsIniGroup *
group_new(const char *text, HsPlace place)
{
    HsIniGroup *group = g_new0(HsIniGroup, 1);
    g_autofree char *trimmed = g_strstrip(g_strdup(text));
    size_t kind = strcspn(trimmed, " \t");

    group->kind = g_strndup(trimmed, kind);
    group->name = g_strstrip(g_strdup(trimmed + kind));
    /* [internet] is short for [internet internet]: one group, not two. */
    group->text =
        *group->name == '\0' || (g_str_equal(group->name, group->kind) &&
                                 hs_kind_stands_alone(group->kind))
            ? g_strdup(group->kind)
            : g_strdup_printf("%s %s", group->kind, group->name);
    group->place = place;
    group->entries = g_ptr_array_new_with_free_func(entry_free);
    return group;
}

static HsIniGroup *
find_group(const GPtrArray *groups, const char *text)
{
    for (unsigned i = 0; i < groups->len; i++) {
        HsIniGroup *group = groups->pdata[i];

        if (g_str_equal(group->text, text))
            return group;
    }
    return NULL;
}

HsIniEntry *
hs_ini_group_find(const HsIniGroup *group, const char *key)
{
    for (unsigned i = 0; i < group->entries->len; i++) {
        HsIniEntry *entry = group->entries->pdata[i];

        if (g_str_equal(entry->key, key))
            return entry;
    }
    return NULL;
}

/* What every key and name is made of. */
static gboolean
is_word(const char *text)
{
    if (!g_ascii_isalnum(*text))
        return FALSE;
    for (; *text != '\0'; text++) {
        if (!g_ascii_isalnum(*text) && strchr("._-", *text) == NULL)
            return FALSE;
    }
    return TRUE;
}

typedef struct {
    GPtrArray *groups;
    GHashTable *by_text; /* borrowed text -> group: a file may have thousands */
    GHashTable *entries; /* borrowed key -> entry, of the current group */
    HsComplaints *complaints;
    HsIniGroup *current; /* NULL: none yet, or a broken one */
    gboolean any_group;
    HsPlace place;
} Reader;

static void
read_group(Reader *r, const char *line)
{
    const char *end = strchr(line, ']');
    g_autofree char *text = NULL;
    g_autofree char *rest = NULL;
    HsIniGroup *group, *earlier;

    r->current = NULL;
    r->any_group = TRUE;
    if (end == NULL) {
        hs_complain(r->complaints, r->place, NULL, NULL,
                    "%s: a group's name ends with \"]\"", line);
        return;
    }
    text = g_strndup(line + 1, (size_t)(end - line - 1));
    rest = g_strstrip(g_strdup(end + 1));
    group = group_new(text, r->place);
    if (*rest != '\0') {
        hs_complain(r->complaints, r->place, group->text, NULL,
                    "\"%s\" stands behind the group; a comment takes a line "
                    "of its own",
                    rest);
        group_free(group);
        return;
    }
    earlier = g_hash_table_lookup(r->by_text, group->text);
    if (earlier != NULL) {
        hs_complain(r->complaints, r->place, group->text, NULL,
                    "this group is there already, in line %u",
                    earlier->place.line);
        group_free(group);
        return;
    }
    g_ptr_array_add(r->groups, group);
    g_hash_table_insert(r->by_text, group->text, group);
    g_hash_table_remove_all(r->entries);
    r->current = group;
}

/* GKeyFile's five escapes. */
static char *
unescape(Reader *r, const char *key, const char *raw)
{
    GString *text = g_string_new(NULL);

    for (const char *c = raw; *c != '\0'; c++) {
        static const char from[] = "sntr\\", to[] = " \n\t\r\\";
        const char *found;

        if (*c != '\\') {
            g_string_append_c(text, *c);
            continue;
        }
        c++;
        found = *c != '\0' ? strchr(from, *c) : NULL;
        if (found == NULL) {
            hs_complain(r->complaints, r->place,
                        r->current != NULL ? r->current->text : NULL, key,
                        "unknown escape; expected one of \\s \\n \\t \\r "
                        "\\\\");
            g_string_free(text, TRUE);
            return NULL;
        }
        g_string_append_c(text, to[found - from]);
    }
    return g_string_free(text, FALSE);
}

/* Where a comment seems to begin behind a value, or NULL. */
static const char *
inline_comment(const char *value)
{
    for (const char *c = value; *c != '\0'; c++) {
        if ((*c == ';' || *c == '#') && (c == value || g_ascii_isspace(c[-1])))
            return c;
    }
    return NULL;
}

static void
read_entry(Reader *r, const char *line)
{
    const char *equals = strchr(line, '=');
    const char *group = r->current != NULL ? r->current->text : NULL;
    g_autofree char *key = NULL;
    g_autofree char *raw = NULL;
    char *value;
    const char *comment;
    HsIniEntry *entry;

    if (r->current == NULL && r->any_group)
        return;
    if (equals == NULL) {
        hs_complain(r->complaints, r->place, group, NULL,
                    *line == ';' ? "\"%s\": a comment starts with \"#\""
                                 : "\"%s\" is neither a [group] nor a "
                                   "key = value",
                    line);
        return;
    }
    key = g_strchomp(g_strndup(line, (size_t)(equals - line)));
    raw = g_strchug(g_strdup(equals + 1));
    if (!is_word(key)) {
        hs_complain(r->complaints, r->place, group, NULL,
                    *line == ';' ? "\"%s\": a comment starts with \"#\""
                                 : "\"%s\" is not a key",
                    key);
        return;
    }
    if (r->current == NULL) {
        hs_complain(r->complaints, r->place, NULL, key,
                    "stands before the first [group]");
        return;
    }
    comment = inline_comment(raw);
    if (comment != NULL) {
        hs_complain(r->complaints, r->place, group, key,
                    "\"%s\" would be part of the value; a comment takes a "
                    "line of its own, starting with \"#\"",
                    comment);
        return;
    }
    entry = g_hash_table_lookup(r->entries, key);
    if (entry != NULL) {
        hs_complain(r->complaints, r->place, group, key,
                    "this key is there already, in line %u", entry->place.line);
        return;
    }
    value = unescape(r, key, raw);
    if (value == NULL)
        return;
    entry = g_new0(HsIniEntry, 1);
    entry->key = g_steal_pointer(&key);
    entry->value = value;
    entry->place = r->place;
    g_ptr_array_add(r->current->entries, entry);
    g_hash_table_insert(r->entries, entry->key, entry);
}

/* A byte that no text has, or that is not UTF-8; FALSE ends the reading. */
static gboolean
is_text(Reader *r, const char *line, size_t length)
{
    if (memchr(line, '\0', length) != NULL) {
        hs_complain(r->complaints, r->place, NULL, NULL,
                    "this is not a text file: it holds a zero byte");
        return FALSE;
    }
    if (!g_utf8_validate(line, (gssize)length, NULL)) {
        hs_complain(r->complaints, r->place, NULL, NULL,
                    "this line is not UTF-8");
        return FALSE;
    }
    if (length >= 3 && memcmp(line, "\xef\xbb\xbf", 3) == 0) {
        hs_complain(r->complaints, r->place, NULL, NULL,
                    "the file starts with a byte order mark; save it as "
                    "plain UTF-8");
        return FALSE;
    }
    for (size_t i = 0; i < length; i++) {
        if (g_ascii_iscntrl(line[i]) && line[i] != '\t' &&
            !(line[i] == '\r' && i + 1 == length)) {
            hs_complain(r->complaints, r->place, NULL, NULL,
                        "this line holds a control character (0x%02x)",
                        (unsigned char)line[i]);
            return FALSE;
        }
    }
    return TRUE;
}

static void
read_lines(Reader *r, const char *data, size_t length)
{
    for (size_t offset = 0; offset < length;) {
        const char *start = data + offset;
        const char *newline = memchr(start, '\n', length - offset);
        size_t size =
            newline != NULL ? (size_t)(newline - start) : length - offset;
        g_autofree char *line = NULL;

        offset += size + 1;
        r->place.line++;
        if (!is_text(r, start, size))
            return;
        line = g_strstrip(g_strndup(start, size));
        if (*line == '\0' || *line == '#')
            continue;
        if (*line == '[')
            read_group(r, line);
        else
            read_entry(r, line);
    }
}

GPtrArray *
hs_ini_read(const char *data, size_t length, HsComplaints *complaints)
{
    GPtrArray *groups = g_ptr_array_new_with_free_func(group_free);
    g_autoptr(GHashTable) by_text = g_hash_table_new(g_str_hash, g_str_equal);
    g_autoptr(GHashTable) entries = g_hash_table_new(g_str_hash, g_str_equal);
    Reader r = {.groups = groups,
                .by_text = by_text,
                .entries = entries,
                .complaints = complaints};

    if (length > HS_INI_SIZE_MAX)
        hs_complain(complaints, r.place, NULL, NULL,
                    "%zu bytes are no scenario; the most is %d", length,
                    HS_INI_SIZE_MAX);
    else
        read_lines(&r, data, length);
    return groups;
}

void
hs_ini_override(GPtrArray *groups, const char *override,
                gboolean (*addable)(const char *kind, const char *name),
                HsComplaints *complaints)
{
    HsPlace place = {.set = override};
    const char *dot = strchr(override, '.');
    const char *equals = dot != NULL ? strchr(dot, '=') : NULL;
    g_autofree char *text = NULL, *key = NULL;
    HsIniGroup *wanted, *group;
    HsIniEntry *entry;

    if (!g_utf8_validate(override, -1, NULL)) {
        hs_complain(complaints, (HsPlace){.line = 0}, NULL, NULL,
                    "a --set is not UTF-8");
        return;
    }
    if (dot == NULL || equals == NULL) {
        hs_complain(complaints, place, NULL, NULL,
                    "expected GROUP.KEY=VALUE, such as fault "
                    "cut.action=link-down");
        return;
    }
    text = g_strndup(override, (size_t)(dot - override));
    key = g_strstrip(g_strndup(dot + 1, (size_t)(equals - dot - 1)));
    wanted = group_new(text, place);
    group = find_group(groups, wanted->text);
    if (group != NULL || !addable(wanted->kind, wanted->name)) {
        if (group == NULL) {
            g_autoptr(GPtrArray) names = g_ptr_array_new();
            g_autoptr(GString) suggestion = g_string_new(NULL);

            for (unsigned i = 0; i < groups->len; i++)
                g_ptr_array_add(names, ((HsIniGroup *)groups->pdata[i])->text);
            hs_suggest(suggestion, wanted->text, names);
            hs_complain(complaints, place, wanted->text, NULL,
                        "the scenario has no such group%s", suggestion->str);
        }
        group_free(wanted);
    } else {
        g_ptr_array_add(groups, wanted);
        group = wanted;
    }
    if (group == NULL)
        return;
    entry = hs_ini_group_find(group, key);
    if (entry == NULL) {
        entry = g_new0(HsIniEntry, 1);
        entry->key = g_steal_pointer(&key);
        g_ptr_array_add(group->entries, entry);
    }
    g_free(entry->value);
    entry->value = g_strstrip(g_strdup(equals + 1));
    entry->place = place;
}
