#include "config.h"

#include "sim/check/baseline.h"

#include "sim/check/differences.h"
#include "sim/check/files.h"
#include "sim/check/write.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define FORMAT         "hybridsim-baseline"
#define FORMAT_VERSION 1
#define SUFFIX         ".json"

/* Of a result, what is kept as it is; the rest is hashed. */
static const char *const kept[] = {"format",  "version", "program", "scenario",
                                   "verdict", "faults",  "figures"};

struct HsCiBaseline {
    GHashTable *documents; /* char * (owned) -> json_t * (owned) */
};

bool
hs_ci_tolerance_parse(const char *text, HsCiTolerance *ret_tolerance)
{
    g_auto(GStrv) words = g_strsplit(text, ",", -1);
    HsCiTolerance tolerance = HS_CI_TOLERANCE;

    if (words[0] == NULL)
        return false;
    for (char **word = words; *word != NULL; word++) {
        char *end;
        double value = g_ascii_strtod(g_strstrip(*word), &end);

        if (end == *word || !(value >= 0 && value < 1e12))
            return false;
        if (g_str_equal(end, "%"))
            tolerance.share = value / 100;
        else if (g_str_equal(end, "ms"))
            tolerance.floor = value;
        else if (g_str_equal(end, "s"))
            tolerance.floor = value * 1e3;
        else
            return false;
    }
    *ret_tolerance = tolerance;
    return true;
}

/* A result made small */

static json_t *
digest_of_value(const json_t *value)
{
    char *text =
        json_dumps(value, JSON_COMPACT | JSON_SORT_KEYS | JSON_ENCODE_ANY);
    g_autofree char *sum =
        g_compute_checksum_for_string(G_CHECKSUM_SHA256, text, -1);

    free(text);
    return json_pack("{s:s}", "sha256", sum);
}

static json_t *
digest_of(const json_t *result)
{
    json_t *digest = json_object(), *value;
    const char *key;

    json_object_foreach((json_t *)(uintptr_t)result, key, value)
    {
        bool keep = false;

        for (unsigned i = 0; i < G_N_ELEMENTS(kept); i++)
            keep |= g_str_equal(key, kept[i]);
        json_object_set_new(digest, key,
                            keep ? json_incref(value) : digest_of_value(value));
    }
    return digest;
}

/* NULL: no run has a result. */
static json_t *
document_of(const HsCiScenario *scenario)
{
    json_t *runs = json_array();

    for (guint i = 0; i < scenario->runs->len; i++) {
        const HsCiRun *run = scenario->runs->pdata[i];

        if (run->result != NULL)
            json_array_append_new(runs, digest_of(run->result));
    }
    if (json_array_size(runs) == 0) {
        json_decref(runs);
        return NULL;
    }
    return json_pack("{s:s, s:i, s:o}", "format", FORMAT, "version",
                     FORMAT_VERSION, "runs", runs);
}

/* Reading */

static GQuark
error_quark(void)
{
    return g_quark_from_static_string("hs-ci-baseline-error");
}

/* Enough of it for the comparison to be able to rely on. */
static bool
is_run(const json_t *run)
{
    static const struct {
        const char *key;
        json_type type;
    } fields[] = {
        {"program", JSON_OBJECT}, {"scenario", JSON_OBJECT},
        {"verdict", JSON_OBJECT}, {"faults", JSON_ARRAY},
        {"figures", JSON_OBJECT},
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(fields); i++) {
        const json_t *value = json_object_get(run, fields[i].key);

        if (value == NULL || json_typeof(value) != fields[i].type)
            return false;
    }
    return true;
}

static const char *
wrong_with(const json_t *document)
{
    const json_t *runs = json_object_get(document, "runs"), *run;
    size_t i;

    if (g_strcmp0(json_string_value(json_object_get(document, "format")),
                  FORMAT) != 0)
        return "is no baseline of hybridsim check";
    if (json_integer_value(json_object_get(document, "version")) !=
        FORMAT_VERSION)
        return "is of another version of the format";
    if (json_array_size(runs) == 0)
        return "has no runs";
    json_array_foreach(runs, i, run)
    {
        if (!is_run(run))
            return "has a run that is not whole";
    }
    return NULL;
}

static bool
load_file(HsCiBaseline *baseline, const char *path, const char *key,
          GError **error)
{
    json_error_t why;
    json_t *document = json_load_file(path, JSON_REJECT_DUPLICATES, &why);
    const char *wrong;

    if (document == NULL) {
        g_set_error(error, error_quark(), 0,
                    "%s:%d: the baseline is corrupt: %s", path, why.line,
                    why.text);
        return false;
    }
    wrong = wrong_with(document);
    if (wrong != NULL) {
        g_set_error(error, error_quark(), 0, "%s: the file %s", path, wrong);
        json_decref(document);
        return false;
    }
    g_hash_table_insert(baseline->documents,
                        g_strndup(key, strlen(key) - strlen(SUFFIX)), document);
    return true;
}

/* KEY: PATH below the baseline's folder; NULL: it is that folder. */
static bool
load_folder(HsCiBaseline *baseline, const char *path, const char *key,
            GError **error)
{
    g_autoptr(GDir) dir = g_dir_open(path, 0, error);
    const char *name;

    if (dir == NULL)
        return false;
    while ((name = g_dir_read_name(dir)) != NULL) {
        g_autofree char *inside = g_build_filename(path, name, NULL);
        g_autofree char *inside_key =
            key != NULL ? g_build_filename(key, name, NULL) : g_strdup(name);

        if (g_file_test(inside, G_FILE_TEST_IS_DIR)) {
            if (!load_folder(baseline, inside, inside_key, error))
                return false;
        } else if (g_str_has_suffix(name, SUFFIX) &&
                   !load_file(baseline, inside, inside_key, error)) {
            return false;
        }
    }
    return true;
}

static void
document_free(void *document)
{
    json_decref(document);
}

HsCiBaseline *
hs_ci_baseline_load(const char *dir, GError **error)
{
    g_autoptr(HsCiBaseline) baseline = g_new0(HsCiBaseline, 1);

    baseline->documents =
        g_hash_table_new_full(g_str_hash, g_str_equal, g_free, document_free);
    if (!load_folder(baseline, dir, NULL, error))
        return NULL;
    if (g_hash_table_size(baseline->documents) == 0) {
        g_set_error(error, error_quark(), 0,
                    "%s: there is no baseline in this folder", dir);
        return NULL;
    }
    return g_steal_pointer(&baseline);
}

void
hs_ci_baseline_free(HsCiBaseline *baseline)
{
    if (baseline == NULL)
        return;
    g_hash_table_unref(baseline->documents);
    g_free(baseline);
}

/* Comparing */

static void
compare_scenario(HsCiScenario *scenario, const json_t *before,
                 HsCiTolerance tolerance)
{
    g_autoptr(HsCiDifferences) differences = NULL;
    json_t *now = document_of(scenario);
    HsCiItem *item;

    if (now == NULL)
        return;
    differences =
        hs_ci_differences_new(json_object_get(before, "runs"),
                              json_object_get(now, "runs"), tolerance);
    json_decref(now);
    item = hs_ci_item_add(scenario, "baseline", "as in the baseline",
                          differences->worse > 0 ? HS_CI_FAILED : HS_CI_OK,
                          differences->summary);
    if (differences->worse > 0) {
        item->details = g_strdup(differences->text->str);
        return;
    }
    item->held = scenario->runs->len;
    if (differences->text->len > 0) {
        g_auto(GStrv) lines = g_strsplit(differences->text->str, "\n", -1);

        for (char **line = lines; *line != NULL; line++)
            if (**line != '\0')
                g_ptr_array_add(scenario->remarks, g_strdup(*line));
    }
}

static int
compare_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

void
hs_ci_baseline_compare(const HsCiBaseline *baseline, HsCiReport *report,
                       HsCiTolerance tolerance)
{
    g_autoptr(GHashTable) seen =
        g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    GHashTableIter iter;
    void *key;

    for (guint i = 0; i < report->scenarios->len; i++) {
        HsCiScenario *scenario = report->scenarios->pdata[i];
        char *name = hs_ci_path_from_here(scenario->file);
        const json_t *before = g_hash_table_lookup(baseline->documents, name);

        g_hash_table_add(seen, name);
        if (before != NULL)
            compare_scenario(scenario, before, tolerance);
        else if (hs_ci_scenario_shown(scenario) != NULL)
            g_ptr_array_add(scenario->remarks,
                            g_strdup("new: not in the baseline"));
    }
    g_hash_table_iter_init(&iter, baseline->documents);
    while (g_hash_table_iter_next(&iter, &key, NULL))
        if (!g_hash_table_contains(seen, key))
            g_ptr_array_add(report->not_checked, g_strdup(key));
    g_ptr_array_sort(report->not_checked, compare_text);
}

/* Saving */

static bool
save_scenario(const char *dir, const HsCiScenario *scenario, json_t *document,
              GError **error)
{
    g_autofree char *key = hs_ci_path_from_here(scenario->file);
    g_autofree char *path = g_strdup_printf("%s/%s" SUFFIX, dir, key);
    g_autofree char *folder = g_path_get_dirname(path);
    g_autoptr(HsCiFile) file = NULL;
    g_autoptr(GString) text = NULL;
    char *words;

    if (g_mkdir_with_parents(folder, 0777) != 0) {
        int number = errno;

        g_set_error(error, G_FILE_ERROR, (int)g_file_error_from_errno(number),
                    "%s: %s", folder, g_strerror(number));
        return false;
    }
    file = hs_ci_file_open(path, error);
    if (file == NULL)
        return false;
    words = json_dumps(document, JSON_INDENT(1));
    text = g_string_new(words);
    free(words);
    g_string_append_c(text, '\n');
    return hs_ci_file_finish(file, text, error);
}

bool
hs_ci_baseline_save(const char *dir, const HsCiReport *report,
                    unsigned *ret_count, GError **error)
{
    unsigned count = 0;

    for (guint i = 0; i < report->scenarios->len; i++) {
        const HsCiScenario *scenario = report->scenarios->pdata[i];
        json_t *document = document_of(scenario);
        bool good;

        if (document == NULL)
            continue;
        good = save_scenario(dir, scenario, document, error);
        json_decref(document);
        if (!good)
            return false;
        count++;
    }
    *ret_count = count;
    return true;
}
