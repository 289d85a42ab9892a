/* From text to elements. The steps:
 *
 *   1. hs_ini_read() makes groups of the text, overrides are laid on top.
 *   2. Each group becomes an element; what a scenario may leave unwritten
 *      ([internet], [probe], [capture]) is added.
 *   3. Each row of the schema takes its value from the group, or its default.
 *   4. What follows from other values is derived (derive.c).
 *   5. The whole is held against the rules (check.c).
 *
 * Complaints are collected over steps 1 to 3, so that one run shows them all;
 * the later steps need complete elements and are skipped after a complaint. */

#include "config.h"

#include "sim/scenario/scenario.h"

#include "sim/scenario/ini.h"
#include "sim/scenario/private.h"
#include "sim/scenario/value.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

G_DEFINE_QUARK(hs - scenario - error, hs_scenario_error)

static bool
kind_from_word(const char *word, HsKind *ret_kind)
{
    for (unsigned kind = 0; kind < HS_KIND_COUNT; kind++) {
        if (g_str_equal(word, hs_kind_name(kind))) {
            *ret_kind = kind;
            return true;
        }
    }
    return false;
}

static void
element_free(void *data)
{
    HsElement *element = data;

    const HsRow *row;

    for (unsigned i = 0; (row = hs_schema_next(element->kind, &i)) != NULL;)
        hs_value_clear(row, element);
    if (element->kind == HS_KIND_EXPECT) {
        g_ptr_array_unref(((HsExpect *)element)->expectations);
        g_ptr_array_unref(((HsExpect *)element)->crypto);
    }
    g_free(element->from);
    g_free(element);
}

static HsElement *
add_element(HsScenario *scenario, HsKind kind, const char *name, HsPlace place)
{
    HsElement *element = g_malloc0(hs_schema_kinds[kind].size);

    element->kind = kind;
    element->name = g_intern_string(name);
    element->line = place.line;
    element->index = scenario->elements[kind]->len;
    element->from = g_new0(HsProvenance, hs_schema_kind_rows(kind));
    if (kind == HS_KIND_EXPECT) {
        ((HsExpect *)element)->expectations =
            g_ptr_array_new_with_free_func(hs_expectation_free);
        ((HsExpect *)element)->crypto =
            g_ptr_array_new_with_free_func(hs_crypto_expectation_free);
    }
    g_ptr_array_add(scenario->elements[kind], element);
    if (hs_schema_kinds[kind].named)
        g_hash_table_insert(scenario->by_name, (void *)(uintptr_t)element->name,
                            element);
    return element;
}

HsElement *
hs_scenario_element(const HsScenario *scenario, HsKind kind, unsigned index)
{
    const GPtrArray *elements = scenario->elements[kind];

    return index < elements->len ? elements->pdata[index] : NULL;
}

HsElement *
hs_scenario_find(const HsScenario *scenario, const char *name)
{
    return g_hash_table_lookup(scenario->by_name, name);
}

char *
hs_element_group(const HsElement *element)
{
    const char *kind = hs_kind_name(element->kind);

    return g_str_equal(element->name, kind) &&
                   (!hs_schema_kinds[element->kind].named ||
                    hs_kind_stands_alone(kind))
               ? g_strdup(kind)
               : g_strdup_printf("%s %s", kind, element->name);
}

static HsProvenance *
provenance(const HsElement *element, const char *key)
{
    const HsRow *row = hs_schema_find(element->kind, key);

    g_assert(row != NULL);
    return &element->from[hs_schema_index(row)];
}

bool
hs_element_given(const HsElement *element, const char *key)
{
    HsOrigin origin = provenance(element, key)->origin;

    return origin == HS_ORIGIN_FILE || origin == HS_ORIGIN_SET;
}

HsPlace
hs_element_place(const HsElement *element, const char *key)
{
    if (hs_element_given(element, key))
        return provenance(element, key)->place;
    return (HsPlace){.line = element->line};
}

/* Step 2 */

/* A name that links, tunnels and --set can be spelled with. */
bool
hs_is_name(const char *name)
{
    if (!g_ascii_isalnum(*name) || strlen(name) > 32)
        return false;
    for (; *name != '\0'; name++) {
        if (!g_ascii_isalnum(*name) && *name != '-' && *name != '_')
            return false;
    }
    return true;
}

static void
complain_of_kind(const HsIniGroup *group, HsComplaints *complaints)
{
    g_autoptr(GPtrArray) kinds = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GString) suggestion = g_string_new(NULL);

    for (unsigned kind = 0; kind < HS_KIND_COUNT; kind++)
        g_ptr_array_add(kinds, g_strdup(hs_kind_name(kind)));
    hs_suggest(suggestion, group->kind, kinds);
    hs_complain(complaints, group->place, group->text, NULL,
                "unknown kind of element \"%s\"%s", group->kind,
                suggestion->str);
}

/* The element of GROUP, or NULL after a complaint. */
static HsElement *
element_of(HsScenario *scenario, const HsIniGroup *group,
           HsComplaints *complaints)
{
    const char *name = group->name;
    const HsElement *other;
    HsKind kind;

    if (!kind_from_word(group->kind, &kind)) {
        complain_of_kind(group, complaints);
        return NULL;
    }
    if (!hs_schema_kinds[kind].named) {
        if (*name == '\0')
            return add_element(scenario, kind, group->kind, group->place);
        hs_complain(complaints, group->place, group->text, NULL,
                    "there is one [%s], without a name", group->kind);
        return NULL;
    }
    if (*name == '\0')
        name = hs_schema_kinds[kind].fallback;
    if (name == NULL) {
        hs_complain(complaints, group->place, group->text, NULL,
                    "a name is missing; expected [%s NAME]", group->kind);
        return NULL;
    }
    if (!hs_is_name(name)) {
        hs_complain(complaints, group->place, group->text, NULL,
                    "\"%s\" is not a name; expected letters, digits, \"-\" "
                    "and \"_\", 32 at most",
                    name);
        return NULL;
    }
    other = hs_scenario_find(scenario, name);
    if (other != NULL) {
        hs_complain(complaints, group->place, group->text, NULL,
                    "the name \"%s\" is that of [%s %s] in line %u already",
                    name, hs_kind_name(other->kind), other->name, other->line);
        return NULL;
    }
    return add_element(scenario, kind, name, group->place);
}

/* What --set may bring in: groups that are there without being written. */
static gboolean
can_be_implied(const char *word, const char *name)
{
    HsKind kind;
    const char *fallback;

    if (!kind_from_word(word, &kind))
        return FALSE;
    fallback = hs_schema_kinds[kind].fallback;
    if (!hs_schema_kinds[kind].named)
        return *name == '\0';
    return fallback != NULL && (*name == '\0' || g_str_equal(name, fallback));
}

static void
add_implied(HsScenario *scenario)
{
    static const HsPlace nowhere = {.line = 0};
    bool internet = false;

    for (unsigned kind = 0; kind < HS_KIND_COUNT; kind++) {
        if (!hs_schema_kinds[kind].named && scenario->elements[kind]->len == 0)
            add_element(scenario, kind, hs_kind_name(kind), nowhere);
    }
    internet = scenario->elements[HS_KIND_VPN]->len > 0;
    if (internet && scenario->elements[HS_KIND_INTERNET]->len == 0 &&
        hs_scenario_find(scenario, "internet") == NULL)
        add_element(scenario, HS_KIND_INTERNET, "internet", nowhere);
    if (scenario->elements[HS_KIND_DATABASE]->len > 0 &&
        scenario->elements[HS_KIND_PROBE]->len == 0 &&
        hs_scenario_find(scenario, "probe") == NULL)
        add_element(scenario, HS_KIND_PROBE, "probe", nowhere);
}

/* Step 3 */

static void
complain_of_key(const HsElement *element, const HsIniGroup *group,
                const HsIniEntry *entry, HsComplaints *complaints)
{
    g_autoptr(GPtrArray) keys = hs_schema_keys(element->kind);
    g_autoptr(GString) text = g_string_new("unknown key");
    const HsRow *row = hs_schema_find(element->kind, entry->key);
    const char *nearest = hs_nearest(entry->key, keys);

    if (row != NULL) { /* a fixed one */
        hs_complain(complaints, entry->place, group->text, entry->key,
                    "this follows from the rest and cannot be set: %s",
                    row->source);
        return;
    }
    for (unsigned i = 0; nearest == NULL && i < hs_schema_row_count(); i++) {
        if (g_str_equal(hs_schema_row(i)->key, entry->key)) {
            hs_complain(complaints, entry->place, group->text, entry->key,
                        "unknown key here; it is one of [%s]",
                        hs_kind_name(hs_schema_row(i)->kind));
            return;
        }
    }
    hs_suggest(text, entry->key, keys);
    hs_complain(complaints, entry->place, group->text, entry->key, "%s",
                text->str);
}

static void
read_expectation(const HsScenario *scenario, HsExpect *expect,
                 const HsIniGroup *group, const HsIniEntry *entry,
                 HsComplaints *complaints)
{
    g_autoptr(GString) problem = g_string_new(NULL);
    HsExpectation *expectation;

    if (hs_crypto_rule_find(entry->key, NULL)) {
        HsCryptoExpectation *crypto =
            hs_crypto_expectation_read(entry->key, entry->value, problem);

        if (crypto == NULL) {
            hs_complain(complaints, entry->place, group->text, entry->key, "%s",
                        problem->str);
            return;
        }
        crypto->line = entry->place.line;
        g_ptr_array_add(expect->crypto, crypto);
        return;
    }
    expectation =
        hs_expectation_read(scenario, entry->key, entry->value, problem);
    if (expectation == NULL) {
        hs_complain(complaints, entry->place, group->text, entry->key, "%s",
                    problem->str);
        return;
    }
    expectation->line = entry->place.line;
    g_ptr_array_add(expect->expectations, expectation);
}

static void
read_row(HsScenario *scenario, HsElement *element, const HsRow *row,
         const HsIniGroup *group, HsComplaints *complaints)
{
    HsProvenance *from = &element->from[hs_schema_index(row)];
    const HsIniEntry *entry =
        group != NULL ? hs_ini_group_find(group, row->key) : NULL;
    g_autoptr(GString) problem = g_string_new(NULL);
    const HsProfileDefault *profile = hs_profile_default(element, row);
    const char *fallback = profile != NULL ? profile->value : row->fallback;

    from->origin = profile != NULL ? profile->origin : row->origin;
    from->source = profile != NULL ? profile->source : NULL;
    if (entry != NULL && !row->fixed) {
        from->place = entry->place;
        from->origin =
            entry->place.set != NULL ? HS_ORIGIN_SET : HS_ORIGIN_FILE;
        if (!hs_value_parse(scenario, row, element, entry->value, problem))
            hs_complain(complaints, entry->place, group->text, row->key, "%s",
                        problem->len > 0 ? problem->str
                                         : "names a group that was refused");
    } else if (fallback != NULL) {
        /* A default can fail only where it names an element, as the implied
         * internet that a broken group keeps out. */
        if (!hs_value_parse(scenario, row, element, fallback, problem)) {
            g_autofree char *where = hs_element_group(element);

            hs_complain(complaints, (HsPlace){.line = element->line}, where,
                        row->key, "%s", problem->str);
        }
    } else if (row->required) {
        g_autofree char *where = hs_element_group(element);

        hs_complain(complaints, (HsPlace){.line = element->line}, where, NULL,
                    "the key \"%s\" is missing: %s", row->key, row->help);
    }
}

static void
read_element(HsScenario *scenario, HsElement *element, const HsIniGroup *group,
             HsComplaints *complaints)
{
    const HsRow *next;

    for (unsigned i = 0; (next = hs_schema_next(element->kind, &i)) != NULL;)
        read_row(scenario, element, next, group, complaints);
    for (unsigned i = 0; group != NULL && i < group->entries->len; i++) {
        const HsIniEntry *entry = group->entries->pdata[i];
        const HsRow *row = hs_schema_find(element->kind, entry->key);

        if (element->kind == HS_KIND_EXPECT)
            read_expectation(scenario, (HsExpect *)element, group, entry,
                             complaints);
        else if (row == NULL || row->fixed)
            complain_of_key(element, group, entry, complaints);
    }
}

static void
read_elements(HsScenario *scenario, const GPtrArray *groups,
              HsComplaints *complaints)
{
    g_autoptr(GHashTable) group_of = g_hash_table_new(NULL, NULL);

    for (unsigned i = 0; i < groups->len; i++) {
        HsIniGroup *group = groups->pdata[i];
        HsElement *element = element_of(scenario, group, complaints);

        if (element != NULL)
            g_hash_table_insert(group_of, element, group);
        else
            g_hash_table_add(scenario->broken, g_strdup(group->name));
    }
    add_implied(scenario);
    for (unsigned kind = 0; kind < HS_KIND_COUNT; kind++) {
        for (unsigned i = 0; i < scenario->elements[kind]->len; i++) {
            HsElement *element = scenario->elements[kind]->pdata[i];

            read_element(scenario, element,
                         g_hash_table_lookup(group_of, element), complaints);
        }
    }
}

/* Loading */

static HsScenario *
scenario_new(const char *path, const char *data, size_t length,
             const char *const *sets)
{
    HsScenario *scenario = g_new0(HsScenario, 1);
    char *dot;

    scenario->path = g_strdup(path);
    scenario->name = g_path_get_basename(path);
    dot = strrchr(scenario->name, '.');
    if (dot != NULL && dot != scenario->name && g_str_equal(dot, ".ini"))
        *dot = '\0';
    scenario->sha256 = g_compute_checksum_for_data(
        G_CHECKSUM_SHA256, (const guchar *)data, length);
    scenario->sets = g_ptr_array_new_with_free_func(g_free);
    for (; sets != NULL && *sets != NULL; sets++)
        g_ptr_array_add(scenario->sets, g_strdup(*sets));
    scenario->by_name = g_hash_table_new(g_str_hash, g_str_equal);
    scenario->broken =
        g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    for (unsigned kind = 0; kind < HS_KIND_COUNT; kind++)
        scenario->elements[kind] = g_ptr_array_new_with_free_func(element_free);
    return scenario;
}

void
hs_scenario_free(HsScenario *scenario)
{
    if (scenario == NULL)
        return;
    for (unsigned kind = 0; kind < HS_KIND_COUNT; kind++)
        g_ptr_array_unref(scenario->elements[kind]);
    g_hash_table_unref(scenario->by_name);
    g_hash_table_unref(scenario->broken);
    g_ptr_array_unref(scenario->sets);
    g_free(scenario->sha256);
    g_free(scenario->name);
    g_free(scenario->path);
    g_free(scenario);
}

HsScenario *
hs_scenario_load_data(const char *name, const char *data, size_t length,
                      const char *const *sets, GError **error)
{
    g_autoptr(HsScenario) scenario = scenario_new(name, data, length, sets);
    g_auto(HsComplaints) complaints = {NULL, NULL};
    g_autoptr(GPtrArray) groups = NULL;

    hs_complaints_init(&complaints, name);
    groups = hs_ini_read(data, length, &complaints);
    for (unsigned i = 0; i < scenario->sets->len; i++)
        hs_ini_override(groups, scenario->sets->pdata[i], can_be_implied,
                        &complaints);
    read_elements(scenario, groups, &complaints);
    if (complaints.lines->len == 0)
        hs_scenario_derive(scenario, &complaints);
    if (complaints.lines->len == 0)
        hs_scenario_check(scenario, &complaints);
    if (complaints.lines->len > 0) {
        g_autofree char *text = hs_complaints_text(&complaints);

        g_set_error_literal(error, HS_SCENARIO_ERROR, HS_SCENARIO_ERROR_INVALID,
                            text);
        return NULL;
    }
    return g_steal_pointer(&scenario);
}

/* What PATH is, if it is no file that can be read again: a run that repeats or
 * compares does so. NULL: a file. */
static const char *
not_a_file(const struct stat *what)
{
    if (S_ISREG(what->st_mode))
        return NULL;
    if (S_ISDIR(what->st_mode))
        return "this is a folder, not a scenario";
    if (S_ISFIFO(what->st_mode))
        return "this is a pipe; a scenario is a file, because it is read more "
               "than once";
    return "this is no file; a scenario is one";
}

/* Nothing is read of what is too large or endless. */
static bool
read_open_file(int fd, const char *path, GByteArray *bytes, GError **error)
{
    const char *problem;
    uint8_t buffer[16384];
    struct stat what;
    ssize_t got;

    if (fd < 0 || fstat(fd, &what) != 0) {
        problem = g_strerror(errno);
    } else if ((problem = not_a_file(&what)) == NULL &&
               what.st_size > HS_INI_SIZE_MAX) {
        g_set_error(error, HS_SCENARIO_ERROR, HS_SCENARIO_ERROR_READ,
                    "%s: %" G_GOFFSET_FORMAT
                    " bytes are no scenario; the most is %d",
                    path, (goffset)what.st_size, HS_INI_SIZE_MAX);
        return false;
    } else if (problem == NULL) {
        /* It may grow meanwhile: hs_ini_read() looks at the size again. */
        while (bytes->len <= HS_INI_SIZE_MAX &&
               (got = read(fd, buffer, sizeof buffer)) != 0) {
            if (got < 0) {
                problem = g_strerror(errno);
                break;
            }
            g_byte_array_append(bytes, buffer, (guint)got);
        }
    }
    if (problem != NULL)
        g_set_error(error, HS_SCENARIO_ERROR, HS_SCENARIO_ERROR_READ, "%s: %s",
                    path, problem);
    return problem == NULL;
}

/* Without waiting for somebody who writes into a pipe. */
static bool
read_file(const char *path, GByteArray *bytes, GError **error)
{
    int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    bool good = read_open_file(fd, path, bytes, error);

    if (fd >= 0)
        close(fd);
    return good;
}

HsScenario *
hs_scenario_load(const char *path, const char *const *sets, GError **error)
{
    g_autoptr(GByteArray) bytes = g_byte_array_new();

    if (!read_file(path, bytes, error))
        return NULL;
    return hs_scenario_load_data(path, (const char *)bytes->data, bytes->len,
                                 sets, error);
}

const char *
hs_scenario_path(const HsScenario *scenario)
{
    return scenario->path;
}

const char *
hs_scenario_name(const HsScenario *scenario)
{
    return scenario->name;
}

const char *
hs_scenario_sha256(const HsScenario *scenario)
{
    return scenario->sha256;
}

void
hs_scenario_set_seed(HsScenario *scenario, uint64_t seed)
{
    HsSettings *settings = scenario->elements[HS_KIND_SETTINGS]->pdata[0];

    settings->seed = seed;
    *provenance(&settings->element, "seed") =
        (HsProvenance){.origin = HS_ORIGIN_SET, .place = {.set = "--seed"}};
}
