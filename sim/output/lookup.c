/* A path is followed step by step; where a step means several entries, the walk
 * goes into each and remembers by which names it went. */

#include "config.h"

#include "sim/output/lookup.h"

#include "sim/scenario/path.h"

#include <math.h>
#include <string.h>

typedef struct {
    const json_t *value; /* borrowed; NULL: null */
    int64_t number;      /* in the path's unit */
    char *where;         /* owned: "primary, to AWS"; "": there was one only */
} Found;

typedef struct {
    const HsPath *path;
    GArray *found; /* Found */
} Search;

static void
found_clear(void *data)
{
    g_free(((Found *)data)->where);
}

static void
add(const Search *s, const json_t *value, int64_t number, const char *where)
{
    Found found = {.value = json_is_null(value) ? NULL : value,
                   .number = number,
                   .where = g_strdup(where)};

    g_array_append_val(s->found, found);
}

/* The reverse of how json_value.h writes it. */
static int64_t
number_of(const HsField *f, const json_t *value)
{
    double number = json_number_value(value);

    switch (f->unit) {
    case HS_UNIT_DURATION:
        return llround(number * (g_str_has_suffix(f->name, "_ms") ? 1e6 : 1e9));
    case HS_UNIT_NUMBER:
        return llround(number * 1e6);
    case HS_UNIT_BYTES:
    case HS_UNIT_COUNT:
        return json_integer_value(value);
    case HS_UNIT_NONE:
        break;
    }
    return 0;
}

static void
follow(const Search *s, const json_t *object, guint at, const char *where);

/* Its names, as far as STEP left them open. */
static char *
where_of(const HsPathStep *step, const char *const *keys, const char *before)
{
    GString *text = g_string_new(before);
    g_autofree char *word = hs_path_word(keys[0]);

    if (step->name != NULL &&
        (keys[1] == NULL || g_ascii_strcasecmp(word, step->name) != 0))
        return g_string_free(text, FALSE);
    for (unsigned k = step->name != NULL; keys[k] != NULL; k++)
        g_string_append_printf(text, "%s%s", text->len > 0 ? ", " : "",
                               keys[k]);
    return g_string_free(text, FALSE);
}

/* The fields of ENTRY that name it; KEY, if it is one of a map. */
static void
keys_of(const HsFormatKind *kind, const json_t *entry, const char *key,
        const char **ret_keys)
{
    unsigned count = 0;

    if (key != NULL)
        ret_keys[count++] = key;
    for (unsigned k = 0; key == NULL && kind->keys[k] != NULL; k++) {
        const char *text =
            json_string_value(json_object_get(entry, kind->keys[k]));

        ret_keys[count++] = text != NULL ? text : "";
    }
    ret_keys[count] = NULL;
}

/* True: ENTRY is one of those that the step means. */
static bool
enter(const Search *s, const json_t *entry, const char *key, guint at,
      const char *where)
{
    const HsPathStep *step = &g_array_index(s->path->steps, HsPathStep, at);
    const HsFormatKind *kind = hs_path_entries(step->field);
    const char *keys[HS_FORMAT_KEYS + 1];
    g_autofree char *inner = NULL;

    keys_of(kind, entry, key, keys);
    if (step->name != NULL && !hs_path_names_entry(kind, step->name, keys))
        return false;
    if (s->path->counts && at + 1 == s->path->steps->len)
        return true;
    inner = keys[0] != NULL ? where_of(step, keys, where) : g_strdup(where);
    follow(s, entry, at + 1, inner);
    return true;
}

static void
follow_entries(const Search *s, const json_t *entries, guint at,
               const char *where)
{
    const HsPathStep *step = &g_array_index(s->path->steps, HsPathStep, at);
    json_t *unconst = (json_t *)(uintptr_t)entries; /* jansson's iterators */
    bool counts = s->path->counts && at + 1 == s->path->steps->len;
    int64_t count = 0;
    const char *key;
    json_t *entry;
    size_t i;

    json_array_foreach(unconst, i, entry)
    {
        count += enter(s, entry, NULL, at, where);
    }
    json_object_foreach(unconst, key, entry)
    {
        count += enter(s, entry, key, at, where);
    }
    if (counts || (count == 0 && hs_path_entries(step->field)->zero))
        add(s, entries, counts ? count : 0, where);
}

static void
follow_values(const Search *s, const HsField *f, const json_t *values,
              const char *where)
{
    json_t *value;
    size_t i;

    json_array_foreach((json_t *)(uintptr_t)values, i, value)
    {
        g_autofree char *inner = g_strdup_printf(
            "%s%snumber %zu", where, *where != '\0' ? ", " : "", i + 1);

        add(s, value, number_of(f, value), inner);
    }
}

static void
follow(const Search *s, const json_t *object, guint at, const char *where)
{
    const HsField *f = g_array_index(s->path->steps, HsPathStep, at).field;
    const json_t *value = json_object_get(object, f->name);

    if (value == NULL || json_is_null(value))
        add(s, json_null(), 0, where);
    else if (hs_path_entries(f) != NULL)
        follow_entries(s, value, at, where);
    else if (f->shape != HS_SHAPE_ONE)
        follow_values(s, f, value, where);
    else if (f->type == HS_FIELD_OBJECT)
        follow(s, value, at + 1, where);
    else
        add(s, value, number_of(f, value), where);
}

/* Judging */

static HsReading
reading_of(const HsExpectation *e, const Found *found)
{
    static const HsReadingUnit units[] = {
        [HS_UNIT_NONE] = HS_READING_IN_COUNT,
        [HS_UNIT_DURATION] = HS_READING_IN_TIME,
        [HS_UNIT_BYTES] = HS_READING_IN_BYTES,
        [HS_UNIT_COUNT] = HS_READING_IN_COUNT,
        [HS_UNIT_NUMBER] = HS_READING_IN_NUMBER,
    };

    return (HsReading){.name = e->name,
                       .unit = units[e->unit],
                       .state = found->value != NULL ? HS_READING_VALUE
                                                     : HS_READING_NOT_OBSERVED,
                       .value = found->number};
}

/* Is A nearer to failing DEMAND than B? What is not observed fails. */
static bool
is_worse(const HsDemand *demand, const HsReading *a, const HsReading *b)
{
    if (a->state != b->state)
        return a->state == HS_READING_NOT_OBSERVED;
    switch (demand->sense) {
    case HS_DEMAND_MAX:
        return a->value > b->value;
    case HS_DEMAND_MIN:
        return a->value < b->value;
    case HS_DEMAND_EQUALS:
    case HS_DEMAND_WITHIN:
        return !hs_demand_is_met(demand, a) && hs_demand_is_met(demand, b);
    case HS_DEMAND_WORDS:
        break;
    }
    g_assert_not_reached();
}

static void
judge_numbers(HsVerdict *verdict, const HsExpectation *e,
              const HsDemand *demand, const GArray *found)
{
    HsReading worst = {.name = e->name, .state = HS_READING_NOT_OBSERVED};
    const char *where = "";

    for (guint i = 0; i < found->len; i++) {
        const Found *one = &g_array_index(found, Found, i);
        HsReading reading = reading_of(e, one);

        if (i > 0 && !is_worse(demand, &reading, &worst))
            continue;
        worst = reading;
        where = one->where;
    }
    if (found->len == 0)
        worst.unit = reading_of(e, &(Found){NULL, 0, NULL}).unit;
    hs_verdict_check(verdict, demand, &worst, *where != '\0' ? where : NULL);
}

static const char *
text_of(const Found *found)
{
    if (found->value == NULL)
        return NULL;
    if (json_is_boolean(found->value))
        return json_is_true(found->value) ? "yes" : "no";
    return json_string_value(found->value);
}

static void
judge_words(HsVerdict *verdict, const HsExpectation *e, const HsDemand *demand,
            const GArray *found)
{
    HsOutcome outcome =
        found->len > 0 ? HS_OUTCOME_PASS : HS_OUTCOME_NOT_OBSERVED;
    const char *shown = NULL, *where = "";

    for (guint i = 0; i < found->len && outcome == HS_OUTCOME_PASS; i++) {
        const Found *one = &g_array_index(found, Found, i);
        const char *text = text_of(one);

        shown = text;
        where = i > 0 && text != NULL &&
                        g_strv_contains((const char *const *)e->words, text)
                    ? ""
                    : one->where;
        if (text == NULL)
            outcome = HS_OUTCOME_NOT_OBSERVED;
        else if (!g_strv_contains((const char *const *)e->words, text))
            outcome = HS_OUTCOME_FAIL;
    }
    hs_verdict_add(
        verdict, demand, outcome,
        g_strdup_printf("%s %s%s%s%s, %s%s", e->name,
                        shown != NULL ? shown : "not observed",
                        *where != '\0' ? " (" : "", where,
                        *where != '\0' ? ")" : "",
                        e->words[1] != NULL ? "one of " : "expected ", e->text),
        NULL);
}

void
hs_lookup_judge(HsVerdict *verdict, const json_t *document,
                const HsExpectation *e, const HsDemand *demand)
{
    g_autoptr(GArray) found = g_array_new(FALSE, FALSE, sizeof(Found));
    const Search search = {e->path, found};

    g_array_set_clear_func(found, found_clear);
    follow(&search, document, 0, "");
    if (e->unit == HS_UNIT_NONE)
        judge_words(verdict, e, demand, found);
    else
        judge_numbers(verdict, e, demand, found);
}
