/* RESULT.md against result.json.
 *
 * RESULT.md says of each kind of object which fields it has and of which type,
 * in tables that are regular enough to be read back:
 *
 *     ### part
 *     | `at_s` | number or null | when |
 *
 * A run is made, and its result is walked along those tables. An object with a
 * field that its table does not have, a field of another type than the table
 * says, and a documented field that is not there each fail by name; so does an
 * object that RESULT.md describes and no result contains. */

#include "config.h"

#include "sim/run.h"
#include "tests/harness/run.h"

#include <glib/gstdio.h>
#include <jansson.h>
#include <string.h>

typedef struct {
    char *name; /* owned */
    char *type; /* owned: "list of part", "number or null or absent" */
    bool seen;  /* in some result, and not null */
} Field;

typedef struct {
    char *name;        /* owned */
    GPtrArray *fields; /* Field *, owned */
} Kind;

typedef struct {
    GPtrArray *kinds;  /* Kind *, owned */
    GString *troubles; /* a line each */
} Manual;

/* Reading the tables */

static void
field_free(void *data)
{
    Field *field = data;

    g_free(field->name);
    g_free(field->type);
    g_free(field);
}

static void
kind_free(void *data)
{
    Kind *kind = data;

    g_free(kind->name);
    g_ptr_array_unref(kind->fields);
    g_free(kind);
}

/* What it says is not of interest here: tests/cli/advice.bats has that. */
static void
advise(void *user_data, const HsScenario *scenario, HsResult *result)
{
    HsAdvice *advice = g_new0(HsAdvice, 1);

    (void)user_data;
    (void)scenario;
    *advice = (HsAdvice){.change = g_strdup("BFD on primary"),
                         .set = g_strdup("--set \"dx primary.bfd=300ms x 3\""),
                         .figure = "failover",
                         .before = HS_SEC(2),
                         .after = HS_SEC(1),
                         .text = g_strdup("with BFD on primary ...")};
    result->advice = g_ptr_array_new_with_free_func(hs_advice_free);
    g_ptr_array_add(result->advice, advice);
}

static void
read_line(Manual *manual, const char *line)
{
    Kind *kind = manual->kinds->len > 0
                     ? manual->kinds->pdata[manual->kinds->len - 1]
                     : NULL;
    g_auto(GStrv) cells = NULL;
    Field *field;

    if (g_str_has_prefix(line, "### ")) {
        kind = g_new0(Kind, 1);
        kind->name = g_strdup(line + 4);
        kind->fields = g_ptr_array_new_with_free_func(field_free);
        g_ptr_array_add(manual->kinds, kind);
    }
    if (!g_str_has_prefix(line, "| `"))
        return;
    cells = g_strsplit(line, "|", 5);
    ck_assert_msg(kind != NULL && g_strv_length(cells) == 5,
                  "not a row of three cells: %s", line);
    field = g_new0(Field, 1);
    field->name = g_strstrip(g_strdelimit(g_strdup(cells[1]), "`", ' '));
    field->type = g_strdup(g_strstrip(cells[2]));
    g_ptr_array_add(kind->fields, field);
}

static Manual *
read_manual(void)
{
    const char *top = g_getenv("TOP_SRCDIR");
    g_autofree char *path =
        g_build_filename(top != NULL ? top : ".", "RESULT.md", NULL);
    g_autofree char *text = NULL;
    g_auto(GStrv) lines = NULL;
    Manual *manual = g_new0(Manual, 1);

    ck_assert_msg(g_file_get_contents(path, &text, NULL, NULL), "no %s", path);
    manual->kinds = g_ptr_array_new_with_free_func(kind_free);
    manual->troubles = g_string_new(NULL);
    lines = g_strsplit(text, "\n", -1);
    for (char **line = lines; *line != NULL; line++)
        read_line(manual, *line);
    return manual;
}

static void
manual_free(Manual *manual)
{
    g_ptr_array_unref(manual->kinds);
    g_string_free(manual->troubles, TRUE);
    g_free(manual);
}

G_GNUC_PRINTF(2, 3)
static void
trouble(Manual *manual, const char *format, ...)
{
    g_autofree char *line = NULL;
    va_list arguments;

    va_start(arguments, format);
    line = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    if (strstr(manual->troubles->str, line) == NULL)
        g_string_append_printf(manual->troubles, "%s\n", line);
}

static Kind *
find_kind(Manual *manual, const char *name)
{
    for (guint i = 0; i < manual->kinds->len; i++) {
        Kind *kind = manual->kinds->pdata[i];

        if (g_str_equal(kind->name, name))
            return kind;
    }
    return NULL;
}

static Field *
find_field(const Kind *kind, const char *name)
{
    for (guint i = 0; i < kind->fields->len; i++) {
        Field *field = kind->fields->pdata[i];

        if (g_str_equal(field->name, name))
            return field;
    }
    return NULL;
}

/* Walking a result */

static void walk_object(Manual *manual, const char *name, const json_t *object);

/* Is VALUE of TYPE, a single word or "list of", "map of" one? */
static bool
fits(Manual *manual, const char *type, json_t *value)
{
    const char *key;
    json_t *entry;
    size_t i;

    if (g_str_equal(type, "text"))
        return json_is_string(value);
    if (g_str_equal(type, "integer"))
        return json_is_integer(value);
    if (g_str_equal(type, "number"))
        return json_is_number(value);
    if (g_str_equal(type, "boolean"))
        return json_is_boolean(value);
    if (g_str_equal(type, "(number or null)"))
        return json_is_number(value) || json_is_null(value);
    if (g_str_has_prefix(type, "list of ")) {
        if (!json_is_array(value))
            return false;
        json_array_foreach(value, i, entry)
        {
            if (!fits(manual, type + strlen("list of "), entry))
                return false;
        }
        return true;
    }
    if (g_str_has_prefix(type, "map of ")) {
        if (!json_is_object(value))
            return false;
        json_object_foreach(value, key, entry)
        {
            if (!fits(manual, type + strlen("map of "), entry))
                return false;
        }
        return true;
    }
    walk_object(manual, type, value);
    return true;
}

static void
walk_field(Manual *manual, const Kind *kind, Field *field, json_t *value)
{
    /* Not the "or" of a list's entries, which is in parentheses. */
    const char *behind = strrchr(field->type, ')');
    const char *or_ = strstr(behind != NULL ? behind : field->type, " or ");
    g_autofree char *type =
        or_ != NULL ? g_strndup(field->type, (gsize)(or_ - field->type))
                    : g_strdup(field->type);
    g_auto(GStrv) words = g_strsplit(or_ != NULL ? or_ : "", " or ", -1);
    bool absent = g_strv_contains((const gchar *const *)words, "absent");

    if (value == NULL) {
        if (!absent)
            trouble(manual, "%s: no field \"%s\"", kind->name, field->name);
        return;
    }
    if (json_is_null(value)) {
        if (!g_strv_contains((const gchar *const *)words, "null"))
            trouble(manual, "%s: \"%s\" is null, not %s", kind->name,
                    field->name, field->type);
        return;
    }
    field->seen = true;
    if (!fits(manual, type, value))
        trouble(manual, "%s: \"%s\" is not %s", kind->name, field->name,
                field->type);
}

static void
walk_object(Manual *manual, const char *name, const json_t *object)
{
    const Kind *kind = find_kind(manual, name);
    json_t *unconst = (json_t *)(uintptr_t)object; /* jansson's iterators */
    const char *key;
    json_t *value;

    if (kind == NULL) {
        trouble(manual, "RESULT.md describes no \"%s\"", name);
        return;
    }
    if (!json_is_object(object)) {
        trouble(manual, "a %s is not an object", name);
        return;
    }
    json_object_foreach(unconst, key, value)
    {
        if (find_field(kind, key) == NULL)
            trouble(manual, "%s: \"%s\" is not in RESULT.md", name, key);
    }
    for (guint i = 0; i < kind->fields->len; i++) {
        Field *field = kind->fields->pdata[i];

        walk_field(manual, kind, field, json_object_get(object, field->name));
    }
}

/* A field that is null in every result is not known to be what its row says. */
static void
find_unseen(Manual *manual)
{
    for (guint k = 0; k < manual->kinds->len; k++) {
        const Kind *kind = manual->kinds->pdata[k];

        for (guint i = 0; i < kind->fields->len; i++) {
            const Field *field = kind->fields->pdata[i];

            if (!field->seen)
                trouble(manual, "%s: \"%s\" was in no result", kind->name,
                        field->name);
        }
    }
}

/* Results */

static void
remove_tree(const char *path)
{
    g_autoptr(GDir) folder = g_dir_open(path, 0, NULL);
    const char *name;

    while (folder != NULL && (name = g_dir_read_name(folder)) != NULL) {
        g_autofree char *below = g_build_filename(path, name, NULL);

        remove_tree(below);
    }
    g_remove(path);
}

/* What a live run adds, which here would take rights and real time. */
static char *
json_of(const HsResult *simulated, bool live)
{
    HsResultPort port = {.device = "db0",
                         .netns = "db",
                         .node = "orders.server",
                         .link = "dc.lan",
                         .from_real = 1};
    HsResultRealtime realtime = {.started = (char[]){"2026-01-01T00:00:00Z"},
                                 .wakeups = 1,
                                 .limit = HS_MSEC(20),
                                 .ports =
                                     g_array_new(FALSE, FALSE, sizeof port)};
    HsResult result = *simulated;
    char *text;

    g_array_append_val(realtime.ports, port);
    if (live)
        result.realtime = &realtime;
    text = hs_result_json(&result);
    g_array_unref(realtime.ports);
    return text;
}

static void
walk_run(Manual *manual, const char *file, const char *const *sets,
         bool with_files)
{
    const char *top = g_getenv("TOP_SRCDIR");
    g_autofree char *path =
        g_build_filename(top != NULL ? top : ".", "scenarios", file, NULL);
    g_autofree char *out = g_dir_make_tmp("test-result-XXXXXX", NULL);
    g_autoptr(GError) error = NULL;
    g_autoptr(HsScenario) scenario = hs_scenario_load(path, sets, &error);
    g_autoptr(HsRun) run = NULL;
    g_autofree char *text = NULL;
    json_t *result;

    ck_assert_msg(scenario != NULL, "%s", error != NULL ? error->message : "");
    run = hs_run(scenario,
                 &(HsRunOptions){.out = with_files ? out : NULL,
                                 .advise = with_files ? advise : NULL},
                 &error);
    ck_assert_msg(run != NULL, "%s", error != NULL ? error->message : "");
    text = json_of(hs_run_result(run), with_files);
    result = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
    ck_assert_msg(result != NULL, "%s: not JSON", file);
    walk_object(manual, "result", result);
    json_decref(result);
    remove_tree(out);
}

/* Between them they have what a result can have: a fault that ends and one
 * that does not, clear text and none, a capture and none, a tunnel that dies
 * and one that never comes up, an alarm that fires, live and not. */
START_TEST(result_is_as_documented)
{
    static const char *const healed[] = {
        "scenario.duration=70s",
        "fault cut.at=25s",
        "fault cut.for=20s",
        "database orders.rate=50/s",
        "probe.interval=50ms",
        "expect.plaintext.bytes.max=0",
        NULL,
    };
    static const char *const lasting[] = {
        "scenario.duration=75s",
        "fault cut.at=25s",
        "fault cut.for=forever",
        "database orders.rate=50/s",
        "probe.interval=50ms",
        "vpn backup.tunnel1.cgw-psk=out_of_date",
        "vpn backup.tunnel2.cgw-psk=out_of_date",
        NULL,
    };
    /* A capture of a network, with a refused connection, broken at its end. */
    static const char *const replayed[] = {
        "scenario.duration=70s",
        "fault cut.at=25s",
        "fault cut.for=20s",
        "database orders.replay=../tests/captures/postgres-veth/capture.pcap",
        NULL,
    };
    static const char *const watched[] = {
        "database orders.rate=5/s",
        "probe.interval=200ms",
        NULL,
    };
    /* A stream that finds no way, and one that has one again. */
    static const char *const streamed[] = {
        "scenario.duration=75s",
        "fault cut.for=10s",
        "stream copy.start=60100ms",
        "stream copy.for=500ms",
        "stream ceiling.start=63s",
        "stream ceiling.for=2s",
        NULL,
    };
    Manual *manual = read_manual();

    walk_run(manual, "stream-over-backup.ini", streamed, false);
    walk_run(manual, "replay-pgbench.ini", replayed, false);
    walk_run(manual, "alarm-one-minute.ini", watched, false);
    walk_run(manual, "dx-cut.ini", healed, true);
    walk_run(manual, "dx-cut-encrypted.ini", lasting, false);
    find_unseen(manual);
    ck_assert_msg(manual->troubles->len == 0, "\n%s", manual->troubles->str);
    manual_free(manual);
}
END_TEST

/* The walk itself: each thing that can be wrong, by name. */
START_TEST(differences_are_found)
{
    static const struct {
        const char *object, *expected;
    } cases[] = {
        {"{\"packets\": 1}", "count: no field \"bytes\"\n"},
        {"{\"packets\": 1, \"bytes\": 2, \"more\": 3}",
         "count: \"more\" is not in RESULT.md\n"},
        {"{\"packets\": \"1\", \"bytes\": 2}",
         "count: \"packets\" is not integer\n"},
        {"{\"packets\": 1.5, \"bytes\": 2}",
         "count: \"packets\" is not integer\n"},
        {"{\"packets\": null, \"bytes\": 2}",
         "count: \"packets\" is null, not integer\n"},
        {"[]", "a count is not an object\n"},
        {"{\"packets\": 1, \"bytes\": 2}", ""},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        Manual *manual = read_manual();
        json_t *object = json_loads(cases[i].object, 0, NULL);

        walk_object(manual, "count", object);
        ck_assert_str_eq(manual->troubles->str, cases[i].expected);
        json_decref(object);
        manual_free(manual);
    }
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("result fields");
    TCase *tcase = tcase_create("RESULT.md");

    tcase_set_timeout(tcase, 120);
    tcase_add_test(tcase, result_is_as_documented);
    tcase_add_test(tcase, differences_are_found);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
