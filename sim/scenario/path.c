/* Reading paths along the tables of format.h, and walking all that there are.
 *
 * Names of entries have dots of their own ("backup.tunnel1.edge"), so a name
 * ends where the rest is a field of the entry. If it nowhere is, the path is
 * wrong, and the name is taken to end where the rest begins with what is nearly
 * a field: the complaint is about that then. */

#include "config.h"

#include "sim/scenario/path.h"

#include "sim/scenario/complaint.h"
#include "sim/scenario/schema.h"

#include <string.h>

static const char count_word[] = "count";

/* The tables */

/* The maker of the table has seen to it that there is one. */
const HsFormatKind *
hs_path_kind(const char *name)
{
    const HsFormatKind *kind = hs_format_result;

    while (kind->name != NULL && !g_str_equal(kind->name, name))
        kind++;
    g_assert(kind->name != NULL);
    return kind;
}

const HsField *
hs_path_kind_field(const HsFormatKind *kind, const char *name)
{
    for (const HsField *f = kind->fields; f->name != NULL; f++)
        if (g_str_equal(f->name, name))
            return f;
    return NULL;
}

static unsigned
key_count(const HsFormatKind *kind)
{
    unsigned count = 0;

    while (kind->keys[count] != NULL)
        count++;
    return count;
}

const HsFormatKind *
hs_path_entries(const HsField *f)
{
    return f->shape != HS_SHAPE_ONE && f->type == HS_FIELD_OBJECT
               ? hs_path_kind(f->kind)
               : NULL;
}

char *
hs_path_word(const char *name)
{
    GString *word = g_string_new(NULL);

    for (const char *c = name; *c != '\0'; c++) {
        if (g_ascii_isalnum(*c) || *c == '.' || *c == '_')
            g_string_append_c(word, *c);
        else if (word->len > 0 && word->str[word->len - 1] != '-')
            g_string_append_c(word, '-');
    }
    while (word->len > 0 && word->str[word->len - 1] == '-')
        g_string_truncate(word, word->len - 1);
    return g_string_free(word, FALSE);
}

/* Do paths go there? */
static bool
is_open(const HsField *f)
{
    return f->type != HS_FIELD_OTHER &&
           (f->type != HS_FIELD_OBJECT || hs_path_kind(f->kind)->figures);
}

/* The words that a field can be, or NULL: anything. */
static GPtrArray *
words_of(const HsField *f)
{
    g_auto(GStrv) words = NULL;
    GPtrArray *list;

    if (f == NULL || f->words == NULL)
        return NULL;
    list = g_ptr_array_new_with_free_func(g_free);
    words = g_strsplit(f->words, "|", -1);
    for (char **word = words; *word != NULL; word++)
        g_ptr_array_add(list, g_strdup(*word));
    return list;
}

/* Names of entries */

/* TEXT is NAME as a path has it, or begins with it and a dot. */
static bool
begins_with_name(const char *text, const char *name, const char **ret_rest)
{
    g_autofree char *word = hs_path_word(name);
    size_t length = strlen(word);

    if (g_ascii_strncasecmp(text, word, length) != 0 ||
        (text[length] != '\0' && text[length] != '.'))
        return false;
    *ret_rest = text + length;
    return true;
}

bool
hs_path_names_entry(const HsFormatKind *kind, const char *name,
                    const char *const *keys)
{
    const char *rest = name;

    for (unsigned k = 0; keys[k] != NULL; k++) {
        if (!begins_with_name(rest, keys[k], &rest)) {
            if (!kind->either)
                return false;
            rest = name;
            continue;
        }
        if (*rest == '\0')
            return true;
        rest = kind->either ? name : rest + 1;
    }
    return false;
}

/* For each key of KIND the names that there are, or NULL: any. */
typedef struct {
    GPtrArray *of[HS_FORMAT_KEYS]; /* owned */
} Names;

static Names
names_of(const HsFormatKind *kind, HsEntryNames names, const void *user_data)
{
    Names all = {{NULL}};

    g_assert(kind != NULL);
    for (unsigned k = 0; kind->keys[k] != NULL; k++) {
        if (names != NULL)
            all.of[k] = names(user_data, kind->name, kind->keys[k]);
        if (all.of[k] == NULL)
            all.of[k] = words_of(hs_path_kind_field(kind, kind->keys[k]));
    }
    return all;
}

static void
names_clear(Names *names)
{
    for (unsigned k = 0; k < HS_FORMAT_KEYS; k++)
        g_clear_pointer(&names->of[k], g_ptr_array_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Names, names_clear)

/* Is NAME one of the names from key K on? If not, RET_REST and RET_KEY are what
 * is wrong of it, and of which key. */
static bool
is_name(const Names *names, const HsFormatKind *kind, unsigned k,
        const char *name, const char **ret_rest, unsigned *ret_key)
{
    const GPtrArray *of = names->of[k];
    const char *rest;

    if (of == NULL)
        return true;
    *ret_rest = name;
    *ret_key = k;
    for (guint i = 0; i < of->len; i++) {
        if (!begins_with_name(name, of->pdata[i], &rest))
            continue;
        if (*rest == '\0')
            return true;
        if (kind->keys[k + 1] != NULL &&
            is_name(names, kind, k + 1, rest + 1, ret_rest, ret_key))
            return true;
    }
    return false;
}

static bool
is_either_name(const Names *names, const HsFormatKind *kind, const char *name)
{
    for (unsigned k = 0; kind->keys[k] != NULL; k++) {
        const char *rest;

        if (names->of[k] == NULL)
            return true;
        for (guint i = 0; i < names->of[k]->len; i++)
            if (begins_with_name(name, names->of[k]->pdata[i], &rest) &&
                *rest == '\0')
                return true;
    }
    return false;
}

static bool
check_name(const HsPathStep *step, HsEntryNames names, const void *user_data,
           GString *problem)
{
    const HsFormatKind *kind = hs_path_entries(step->field);
    g_auto(Names) known = names_of(kind, names, user_data);
    const char *wrong = step->name;
    unsigned key = 0;

    if (step->name == NULL || kind->keys[0] == NULL ||
        (kind->either ? is_either_name(&known, kind, step->name)
                      : is_name(&known, kind, 0, step->name, &wrong, &key)))
        return true;
    g_string_append_printf(problem, "there is no %s \"%s\"",
                           key == 0 ? step->field->single : kind->keys[key],
                           wrong);
    hs_suggest(problem, wrong, known.of[key]);
    return false;
}

/* Reading */

typedef struct {
    HsPath *path;
    const char *text; /* all of it */
    HsEntryNames names;
    const void *user_data;
    GString *problem;
} Parse;

static void
step_clear(void *data)
{
    g_free(((HsPathStep *)data)->name);
}

/* WORD is all that stands before the next dot of TEXT, or all of it; the word
 * may have dots. */
static bool
begins(const char *text, const char *word, const char **ret_rest)
{
    size_t length = strlen(word);

    if (strncmp(text, word, length) != 0 ||
        (text[length] != '\0' && text[length] != '.'))
        return false;
    *ret_rest = text + length + (text[length] == '.');
    return true;
}

/* The field of KIND that TEXT begins with: the longest, as "p99.9" is. SINGLE:
 * by its singular. */
static const HsField *
field_at(const HsFormatKind *kind, const char *text, bool *ret_single,
         const char **ret_rest)
{
    const HsField *found = NULL;
    const char *rest;
    size_t longest = 0;

    for (const HsField *f = kind->fields; f->name != NULL; f++) {
        if (strlen(f->word) > longest && begins(text, f->word, &rest)) {
            longest = strlen(f->word);
            found = f;
            *ret_single = f->single != NULL && g_str_equal(f->single, f->word);
            *ret_rest = rest;
        } else if (f->single != NULL && strlen(f->single) > longest &&
                   begins(text, f->single, &rest)) {
            longest = strlen(f->single);
            found = f;
            *ret_single = true;
            *ret_rest = rest;
        }
    }
    return found;
}

/* Does TEXT begin with what can follow the name of an entry? */
static bool
is_field_at(const HsFormatKind *kind, const char *text)
{
    const char *rest;
    bool single;

    return begins(text, count_word, &rest) ||
           field_at(kind, text, &single, &rest) != NULL;
}

static GPtrArray *
words_below(const HsFormatKind *kind, bool of_list)
{
    GPtrArray *words = g_ptr_array_new_with_free_func(g_free);

    for (const HsField *f = kind->fields; f->name != NULL; f++) {
        if (!is_open(f))
            continue;
        g_ptr_array_add(words, g_strdup(f->word));
        if (f->single != NULL && !g_str_equal(f->single, f->word))
            g_ptr_array_add(words, g_strdup(f->single));
    }
    if (of_list)
        g_ptr_array_add(words, g_strdup(count_word));
    /* Not of its fields, but the figures of a failover are said of it, too. */
    if (g_str_equal(kind->name, "fault"))
        hs_figure_add_fault_names(words);
    return words;
}

static bool
is_nearly_field_at(const HsFormatKind *kind, const char *text)
{
    g_autoptr(GPtrArray) words = words_below(kind, true);
    g_autofree char *word = g_strndup(text, strcspn(text, "."));

    return hs_nearest(word, words) != NULL;
}

/* Where the name that TEXT begins with ends: at a dot, or at the end. */
static const char *
end_of_name(const HsFormatKind *kind, const char *text)
{
    const char *last = text + strlen(text);

    for (const char *dot = strchr(text, '.'); dot != NULL;
         dot = strchr(dot + 1, '.'))
        if (is_field_at(kind, dot + 1))
            return dot;
    for (const char *dot = strchr(text, '.'); dot != NULL;
         dot = strchr(dot + 1, '.'))
        if (is_nearly_field_at(kind, dot + 1))
            return dot;
    return strrchr(text, '.') != NULL ? strrchr(text, '.') : last;
}

static bool
read_path(const Parse *p, const HsFormatKind *kind, const char *rest);

static void
complain_of_no_name(const Parse *p, const HsField *f, const HsFormatKind *kind)
{
    g_auto(Names) known = names_of(kind, p->names, p->user_data);

    g_string_append_printf(p->problem,
                           "which %s? one is %s.NAME, and %s are all",
                           f->single, f->single, f->word);
    if (known.of[0] != NULL)
        hs_suggest(p->problem, "", known.of[0]);
}

/* The name of an entry, if REST begins with one. */
static bool
read_name(const Parse *p, HsPathStep *step, const HsFormatKind *kind,
          const char **rest)
{
    const HsField *f = step->field;
    bool both =
        g_str_equal(f->single, f->word); /* "network", "network.detect" */
    const char *end;

    if (both && is_field_at(kind, *rest))
        return true;
    if (kind->keys[0] == NULL && f->shape == HS_SHAPE_LIST) {
        g_string_append_printf(p->problem, "no entry of %s has a name",
                               f->word);
        return false;
    }
    if (**rest == '\0') {
        if (both)
            return true;
        complain_of_no_name(p, f, kind);
        return false;
    }
    end = end_of_name(kind, *rest);
    step->name = g_strndup(*rest, (size_t)(end - *rest));
    *rest = *end == '.' ? end + 1 : end;
    return check_name(step, p->names, p->user_data, p->problem);
}

static bool
read_entries(const Parse *p, HsPathStep *step, const HsFormatKind *kind,
             bool single, const char *rest)
{
    bool good = !single || read_name(p, step, kind, &rest);

    g_array_append_vals(p->path->steps, step, 1);
    if (!good)
        return false;
    if (g_str_equal(rest, count_word) &&
        hs_path_kind_field(kind, count_word) == NULL) {
        p->path->counts = true;
        p->path->unit = HS_UNIT_COUNT;
        return true;
    }
    return read_path(p, kind, rest);
}

/* "link.primary has no "to_azure"; …" */
static bool
complain_of_field(const Parse *p, const HsFormatKind *kind, const char *rest)
{
    bool of_list = p->path->steps->len > 0 &&
                   hs_path_entries(hs_path_field(p->path)) != NULL;
    g_autoptr(GPtrArray) words = words_below(kind, of_list);
    g_autofree char *word = g_strndup(rest, strcspn(rest, "."));
    g_autofree char *before =
        g_strndup(p->text, (size_t)(rest - p->text - (rest > p->text)));

    if (*rest == '\0') {
        g_string_append_printf(p->problem, "%s is no value by itself", p->text);
    } else if (before[0] == '\0') {
        g_string_append_printf(p->problem, "there is no \"%s\"", word);
    } else {
        g_string_append_printf(p->problem, "%s has no \"%s\"", before, word);
    }
    hs_suggest(p->problem, word, words);
    return false;
}

static bool
read_path(const Parse *p, const HsFormatKind *kind, const char *rest)
{
    const char *after = NULL;
    bool single = false;
    const HsField *f = *rest != '\0' && kind->figures
                           ? field_at(kind, rest, &single, &after)
                           : NULL;
    HsPathStep step = {.of = kind, .field = f};

    if (f != NULL && !is_open(f)) {
        g_string_append_printf(p->problem, "these are no figures: %s", f->word);
        return false;
    }
    if (f == NULL)
        return complain_of_field(p, kind, rest);
    if (hs_path_entries(f) != NULL)
        return read_entries(p, &step, hs_path_entries(f), single, after);
    g_array_append_val(p->path->steps, step);
    if (f->type == HS_FIELD_OBJECT)
        return read_path(p, hs_path_kind(f->kind), after);
    if (*after != '\0') {
        g_string_append_printf(
            p->problem, "%s is a value; \"%s\" is none of it", f->word, after);
        return false;
    }
    p->path->unit = f->unit;
    return true;
}

HsPath *
hs_path_parse(const char *text, HsEntryNames names, const void *user_data,
              GString *problem)
{
    HsPath *path = g_new0(HsPath, 1);
    const Parse p = {path, text, names, user_data, problem};

    path->steps = g_array_new(FALSE, TRUE, sizeof(HsPathStep));
    g_array_set_clear_func(path->steps, step_clear);
    if (!read_path(&p, hs_format_result, text))
        g_clear_pointer(&path, hs_path_free);
    return path;
}

void
hs_path_free(HsPath *path)
{
    if (path == NULL)
        return;
    g_array_unref(path->steps);
    g_free(path);
}

const HsField *
hs_path_field(const HsPath *path)
{
    return g_array_index(path->steps, HsPathStep, path->steps->len - 1).field;
}

bool
hs_path_check_names(const HsPath *path, HsEntryNames names,
                    const void *user_data, GString *problem)
{
    for (guint i = 0; i < path->steps->len; i++) {
        const HsPathStep *step = &g_array_index(path->steps, HsPathStep, i);

        if (step->name != NULL && !check_name(step, names, user_data, problem))
            return false;
    }
    return true;
}

/* All paths */

typedef struct {
    HsEntryNames names;
    const void *names_data;
    HsPathEach each;
    void *user_data;
} Walk;

static void
walk_kind(const Walk *w, const HsFormatKind *kind, const char *path);

static GPtrArray *
names_for(const Walk *w, const HsFormatKind *kind, const char *key)
{
    GPtrArray *names = NULL;

    if (w->names != NULL)
        names = w->names(w->names_data, kind->name, key);
    if (names == NULL && w->names != NULL)
        names = words_of(hs_path_kind_field(kind, key));
    if (names == NULL) {
        names = g_ptr_array_new_with_free_func(g_free);
        g_ptr_array_add(names, g_ascii_strup(key, -1));
    }
    return names;
}

static void
walk_entry(const Walk *w, const HsFormatKind *kind, const HsField *f,
           const char *path)
{
    if (hs_path_kind_field(kind, count_word) == NULL) {
        g_autofree char *full = g_strconcat(path, ".", count_word, NULL);

        w->each(w->user_data, full, f, HS_UNIT_COUNT);
    }
    walk_kind(w, kind, path);
}

static void
walk_names(const Walk *w, const HsFormatKind *kind, const HsField *f,
           unsigned key, const char *path)
{
    g_autoptr(GPtrArray) names = names_for(w, kind, kind->keys[key]);

    for (guint i = 0; i < names->len; i++) {
        g_autofree char *word = hs_path_word(names->pdata[i]);
        g_autofree char *full = g_strconcat(path, ".", word, NULL);

        if (kind->keys[key + 1] != NULL && !kind->either)
            walk_names(w, kind, f, key + 1, full);
        else
            walk_entry(w, kind, f, full);
    }
}

static void
walk_field(const Walk *w, const HsField *f, const char *path)
{
    const HsFormatKind *kind =
        f->type == HS_FIELD_OBJECT ? hs_path_kind(f->kind) : NULL;
    const char *dot = *path != '\0' ? "." : "";
    g_autofree char *all = g_strconcat(path, dot, f->word, NULL);
    g_autofree char *one =
        f->single != NULL ? g_strconcat(path, dot, f->single, NULL) : NULL;

    if (!is_open(f))
        return;
    if (kind == NULL) {
        w->each(w->user_data, all, f, f->unit);
        return;
    }
    if (f->shape == HS_SHAPE_ONE) {
        walk_kind(w, kind, all);
        return;
    }
    walk_entry(w, kind, f, all);
    for (unsigned k = 0; k < (kind->either ? key_count(kind) : 1); k++)
        if (key_count(kind) > 0)
            walk_names(w, kind, f, k, one);
    if (f->shape == HS_SHAPE_MAP) {
        g_autofree char *full = g_strconcat(one, ".NAME", NULL);

        walk_entry(w, kind, f, full);
    }
}

static void
walk_kind(const Walk *w, const HsFormatKind *kind, const char *path)
{
    for (const HsField *f = kind->fields; f->name != NULL; f++)
        walk_field(w, f, path);
}

void
hs_path_each(HsEntryNames names, const void *names_data, HsPathEach each,
             void *user_data)
{
    const Walk w = {names, names_data, each, user_data};

    walk_kind(&w, hs_format_result, "");
}

/* The manual */

/* What names an entry says nothing of it. */
static bool
is_key(const HsFormatKind *kind, const HsField *f)
{
    for (unsigned k = 0; kind->keys[k] != NULL; k++)
        if (g_str_equal(kind->keys[k], f->name))
            return true;
    return false;
}

/* Appends the row of KIND's values behind PATH, and the rows below. */
static void
manual_kind(GString *text, const HsFormatKind *kind, const char *path);

static void
manual_entries(GString *text, const HsField *f, const char *path)
{
    const HsFormatKind *kind = hs_path_kind(f->kind);
    g_autoptr(GString) row = g_string_new(path);

    if (kind->keys[0] != NULL || f->shape == HS_SHAPE_MAP)
        g_string_append_printf(row, "%s.", f->single);
    else
        g_string_append(row, f->word);
    for (unsigned k = 0; kind->keys[k] != NULL; k++) {
        g_autofree char *key = g_ascii_strup(kind->keys[k], -1);

        g_string_append_printf(row, "%s%s",
                               k == 0         ? ""
                               : kind->either ? "/"
                                              : ".",
                               key);
    }
    if (kind->keys[0] == NULL && f->shape == HS_SHAPE_MAP)
        g_string_append(row, "NAME");
    manual_kind(text, kind, row->str);
}

static void
manual_kind(GString *text, const HsFormatKind *kind, const char *path)
{
    g_autofree char *before = g_strconcat(path, ".", NULL);
    g_autoptr(GString) values = g_string_new(NULL);

    for (const HsField *f = kind->fields; f->name != NULL; f++) {
        if (f->type == HS_FIELD_OTHER || f->type == HS_FIELD_OBJECT ||
            is_key(kind, f))
            continue;
        g_string_append_printf(values, "%s`%s`", values->len > 0 ? ", " : "",
                               f->word);
    }
    if (values->len > 0)
        g_string_append_printf(text, "| `%s` | %s |\n", path, values->str);
    for (const HsField *f = kind->fields; f->name != NULL; f++) {
        g_autofree char *below = g_strconcat(before, f->word, NULL);

        if (f->type != HS_FIELD_OBJECT || !is_open(f))
            continue;
        if (hs_path_entries(f) != NULL)
            manual_entries(text, f, before);
        else
            manual_kind(text, hs_path_kind(f->kind), below);
    }
}

void
hs_path_manual(GString *text)
{
    g_string_append(
        text,
        "\nEvery other field of result.json has a path: the names of the "
        "fields that RESULT.md has, with\ndots between, without the `_ms` or "
        "`_s` at the end, because the limit has a unit. An entry of\na list is "
        "named behind the list's singular (`link.primary.to_aws.sent`); the "
        "list's own name\nmeans all entries, and then each of them has to "
        "hold (`links.to_aws.queue_full.max = 0`).\n`count` behind either is "
        "how many entries there are. In a name capitals do not count, and\n"
        "what is no letter, digit, dot or underscore is a hyphen: "
        "`probe.to-on-premises`. Of two words\nthat name an entry the second "
        "may be left out. A text and a yes or no have no suffix; what\nis "
        "expected are words with a comma between:\n\n"
        "    fault.cut.failover.pool.max = 2s\n"
        "    db.during.p95.within = 20ms..80ms\n"
        "    link.primary.to_aws.queue_full.max = 0\n"
        "    links.wire.clear.bytes.equals = 0\n"
        "    tunnel.backup.tunnel1.esp_rekeys.min = 1\n"
        "    finding.serious.count.max = 0\n"
        "    finding.BFD-OFF.count.equals = 0\n"
        "    fault.cut.client.pool.recovery = recovered, no interruption\n"
        "    tunnels.up_at_end = yes\n\n"
        "What is null in the result, or was not there, was not observed, and "
        "fails. Only of `drop` one\nthat is not there is 0. `hybridsim explain "
        "--figures FILE` prints every figure and every path\nof a scenario; "
        "these are all that there are:\n\n");
    g_string_append(text, "| path | values |\n| --- | --- |\n");
    for (const HsField *f = hs_format_result[0].fields; f->name != NULL; f++) {
        if (f->type != HS_FIELD_OBJECT || !is_open(f))
            continue;
        if (hs_path_entries(f) != NULL)
            manual_entries(text, f, "");
        else
            manual_kind(text, hs_path_kind(f->kind), f->word);
    }
}
