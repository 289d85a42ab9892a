#include "config.h"

#include "sim/check/differences.h"

#include "sim/check/timeline.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define PATHS_NAMED   5
#define FIGURES_NAMED 12

void
hs_ci_differences_free(HsCiDifferences *differences)
{
    if (differences == NULL)
        return;
    g_free(differences->summary);
    g_string_free(differences->text, TRUE);
    g_free(differences);
}

static const char *
text_of(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));

    return text != NULL ? text : "";
}

/* Exactly */

/* The same experiment: nothing that a result depends on is another. */
static bool
is_same_experiment(const json_t *a, const json_t *b)
{
    const json_t *about = json_object_get(a, "scenario");
    const json_t *other = json_object_get(b, "scenario");

    return json_equal(json_object_get(a, "program"),
                      json_object_get(b, "program")) &&
           json_equal(json_object_get(a, "values"),
                      json_object_get(b, "values")) &&
           g_str_equal(text_of(about, "sha256"), text_of(other, "sha256")) &&
           g_str_equal(text_of(about, "seed"), text_of(other, "seed"));
}

static char *
short_value(const json_t *value)
{
    char *text = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY |
                                       JSON_REAL_PRECISION(15));
    char *words = g_strdup(text != NULL ? text : "nothing");

    free(text);
    if (strlen(words) > 60)
        strcpy(words + 57, "...");
    return words;
}

/* What a baseline keeps of a part that it does not keep. */
static bool
is_digest(const json_t *value)
{
    return json_object_size(value) == 1 &&
           json_object_get(value, "sha256") != NULL;
}

static void
name_path(GString *text, unsigned *count, const char *path, const json_t *was,
          const json_t *now)
{
    g_autofree char *before = short_value(was), *after = short_value(now);

    if ((*count)++ >= PATHS_NAMED)
        return;
    if (is_digest(was))
        g_string_append_printf(text, "%s is not as it was\n", path);
    else
        g_string_append_printf(text, "%s: %s, was %s\n", path, after, before);
}

static void find_paths(GString *text, unsigned *count, const char *path,
                       const json_t *was, const json_t *now);

static void
find_in_object(GString *text, unsigned *count, const char *path,
               const json_t *was, const json_t *now)
{
    json_t *value;
    const char *key;

    json_object_foreach((json_t *)(uintptr_t)was, key, value)
    {
        g_autofree char *inside =
            g_strdup_printf("%s%s%s", path, path[0] != '\0' ? "." : "", key);

        find_paths(text, count, inside, value, json_object_get(now, key));
    }
    json_object_foreach((json_t *)(uintptr_t)now, key, value)
    {
        g_autofree char *inside =
            g_strdup_printf("%s%s%s", path, path[0] != '\0' ? "." : "", key);

        if (json_object_get(was, key) == NULL)
            name_path(text, count, inside, NULL, value);
    }
}

/* The deepest paths that differ, in the order of the result. */
static void
find_paths(GString *text, unsigned *count, const char *path, const json_t *was,
           const json_t *now)
{
    if (json_equal(was, now))
        return;
    if (json_is_object(was) && json_is_object(now) && !is_digest(was)) {
        find_in_object(text, count, path, was, now);
        return;
    }
    if (!json_is_array(was) || !json_is_array(now)) {
        name_path(text, count, path, was, now);
        return;
    }
    for (size_t i = 0; i < MAX(json_array_size(was), json_array_size(now));
         i++) {
        g_autofree char *inside = g_strdup_printf("%s[%zu]", path, i);

        find_paths(text, count, inside, json_array_get(was, i),
                   json_array_get(now, i));
    }
}

/* How many of NOW have the same experiment in BEFORE; how many of these have
 * another result. */
static void
compare_exactly(const json_t *before, const json_t *now, GString *text,
                unsigned *ret_same, unsigned *ret_other)
{
    const json_t *run, *was;
    size_t i, j;

    json_array_foreach(now, i, run) json_array_foreach(before, j, was)
    {
        unsigned count = 0;

        if (!is_same_experiment(was, run))
            continue;
        (*ret_same)++;
        if (json_equal(was, run))
            continue;
        if ((*ret_other)++ > 0)
            continue;
        find_paths(text, &count, "", was, run);
        if (count > PATHS_NAMED)
            g_string_append_printf(text, "and %u more\n", count - PATHS_NAMED);
    }
}

/* By figures */

typedef enum { LOWER_IS_BETTER, HIGHER_IS_BETTER, NEITHER } Direction;

/* Times are better short. So are counts of what is lost, late or in clear; of
 * other counts nobody can say. */
static Direction
direction_of(const char *figure, bool is_time)
{
    static const char *const lower[] = {"requests.", "probes.lost",
                                        "plaintext.", "tunnels.lost"};

    if (is_time)
        return LOWER_IS_BETTER;
    for (unsigned i = 0; i < G_N_ELEMENTS(lower); i++)
        if (g_str_has_prefix(figure, lower[i]))
            return LOWER_IS_BETTER;
    if (strstr(figure, "throughput") != NULL ||
        strstr(figure, "goodput") != NULL || g_str_has_suffix(figure, "rate"))
        return HIGHER_IS_BETTER;
    return NEITHER;
}

/* Of what was not needed: less than any value. */
#define NONE -1.0

/* A figure in all runs: its median, where those that never came are longer
 * than any. */
typedef struct {
    bool known; /* some run has observed it */
    bool is_time;
    double median; /* INFINITY: it did not happen; or NONE */
} Reading;

static int
compare_double(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static Reading
median_of(GArray *values, bool is_time)
{
    Reading reading = {values->len > 0, is_time, 0};

    if (values->len == 0)
        return reading;
    g_array_sort(values, compare_double);
    reading.median = g_array_index(values, double, (values->len - 1) / 2);
    return reading;
}

static Reading
read_figure(const json_t *runs, const char *figure)
{
    g_autoptr(GArray) values = g_array_new(FALSE, FALSE, sizeof(double));
    bool is_time = false;
    const json_t *run;
    size_t i;

    json_array_foreach(runs, i, run)
    {
        const json_t *reading =
            json_object_get(json_object_get(run, "figures"), figure);
        const json_t *ms = json_object_get(reading, "value_ms");
        const char *state = text_of(reading, "state");
        double value = json_number_value(
            ms != NULL ? ms : json_object_get(reading, "value"));

        is_time |= ms != NULL;
        if (g_str_equal(state, "did not happen"))
            value = INFINITY;
        else if (g_str_equal(state, "none"))
            value = NONE;
        else if (!g_str_equal(state, "value"))
            continue;
        g_array_append_val(values, value);
    }
    return median_of(values, is_time);
}

static char *
value_text(const Reading *reading, double value)
{
    if (isinf(value))
        return g_strdup("never");
    if (value < 0)
        return g_strdup("none");
    return reading->is_time ? hs_ci_time(value)
                            : g_strdup_printf("%.0f", value);
}

/* -1, 0 or 1: less, as much within the tolerance, more. */
static int
compare_readings(double was, double now, bool is_time, HsCiTolerance tolerance)
{
    double change = now - was;
    double least = MAX(was * tolerance.share, is_time ? tolerance.floor : 0);

    if (isinf(was) || isinf(now) || was < 0 || now < 0)
        return (now > was) - (now < was);
    if (fabs(change) <= least)
        return 0;
    return change > 0 ? 1 : -1;
}

/* A family comes for both clients together and for each: one of them is named
 * only where it is not the same. */
static bool
is_repetition(const json_t *runs, const char *figure, double median)
{
    static const char *const clients[] = {".persistent", ".pool"};

    for (unsigned i = 0; i < G_N_ELEMENTS(clients); i++) {
        const char *at = strstr(figure, clients[i]);
        g_autofree char *both =
            at != NULL ? g_strdup_printf("%.*s%s", (int)(at - figure), figure,
                                         at + strlen(clients[i]))
                       : NULL;

        if (both != NULL && read_figure(runs, both).median == median)
            return true;
    }
    return false;
}

/* Counts a figure that differs; its line goes to TEXT. Returns whether it is
 * worse. */
static bool
note_figure(HsCiDifferences *d, const char *figure, const Reading *was,
            const Reading *now, int sign, GString *text)
{
    Direction direction = direction_of(figure, now->is_time || was->is_time);
    g_autofree char *before = value_text(was, was->median);
    g_autofree char *after = value_text(now, now->median);
    bool worse =
        direction != NEITHER && (sign > 0) == (direction == LOWER_IS_BETTER);
    bool better = direction != NEITHER && !worse;

    d->worse += worse;
    d->better += better;
    g_string_append_printf(text, "%s: %s %s, was %s",
                           worse    ? "worse"
                           : better ? "better"
                                    : "other",
                           figure, after, before);
    if (was->is_time && was->median >= 0 && now->median >= 0 &&
        !isinf(was->median) && !isinf(now->median)) {
        double change = now->median - was->median;
        g_autofree char *size = hs_ci_time(fabs(change));

        g_string_append_printf(text, " (%c%s)", change < 0 ? '-' : '+', size);
    }
    return worse;
}

/* The first lines of LIST, as long as there is ROOM. */
static void
append_some(GString *text, const GPtrArray *list, unsigned *room)
{
    for (guint i = 0; i<list->len && * room> 0; i++, (*room)--)
        g_string_append_printf(text, "%s\n", (const char *)list->pdata[i]);
}

/* What is worse comes first; not all need be named. */
static void
append_figures(GString *text, const GPtrArray *worse, const GPtrArray *others)
{
    unsigned room = FIGURES_NAMED;

    append_some(text, worse, &room);
    append_some(text, others, &room);
    if (worse->len + others->len > FIGURES_NAMED)
        g_string_append_printf(text, "and %u other figures\n",
                               worse->len + others->len - FIGURES_NAMED);
}

static void
compare_figures(HsCiDifferences *d, const json_t *before, const json_t *now,
                HsCiTolerance tolerance)
{
    g_autoptr(GPtrArray) worse = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GPtrArray) others = g_ptr_array_new_with_free_func(g_free);
    json_t *figures = json_object_get(json_array_get(before, 0), "figures");
    const char *figure;
    json_t *unused;

    json_object_foreach(figures, figure, unused)
    {
        g_autoptr(GString) line = g_string_new(NULL);
        Reading a = read_figure(before, figure);
        Reading b = read_figure(now, figure);
        GPtrArray *list;
        int sign;

        (void)unused;
        if (!a.known || !b.known)
            continue;
        sign = compare_readings(a.median, b.median, a.is_time, tolerance);
        if (sign == 0 || is_repetition(now, figure, b.median))
            continue;
        list = note_figure(d, figure, &a, &b, sign, line) ? worse : others;
        g_ptr_array_add(list, g_strdup(line->str));
    }
    append_figures(d->text, worse, others);
}

/* By part of the timeline */

static const json_t *
find_named(const json_t *list, const char *key, const char *name)
{
    const json_t *each;
    size_t i;

    json_array_foreach(list, i, each)
    {
        if (g_str_equal(text_of(each, key), name))
            return each;
    }
    return NULL;
}

static Reading
read_part(const json_t *runs, const char *fault, const char *client,
          const char *part)
{
    g_autoptr(GArray) values = g_array_new(FALSE, FALSE, sizeof(double));
    const json_t *run;
    size_t i;

    json_array_foreach(runs, i, run)
    {
        const json_t *of_fault =
            find_named(json_object_get(run, "faults"), "name", fault);
        const json_t *of_client =
            find_named(json_object_get(of_fault, "clients"), "client", client);
        const json_t *of_part =
            find_named(json_object_get(of_client, "parts"), "part", part);
        double value = json_number_value(
            json_object_get(of_part, "duration_ms")); /* 0: it took no time */

        if (of_part != NULL)
            g_array_append_val(values, value);
    }
    return median_of(values, true);
}

typedef struct {
    const char *part; /* borrowed from the run */
    double change;
} Change;

static int
compare_change(const void *a, const void *b)
{
    double x = fabs(((const Change *)a)->change);
    double y = fabs(((const Change *)b)->change);

    return (x < y) - (x > y);
}

static void
compare_parts(HsCiDifferences *d, const json_t *before, const json_t *now,
              const char *fault, const json_t *client, HsCiTolerance tolerance)
{
    g_autoptr(GArray) changes = g_array_new(FALSE, FALSE, sizeof(Change));
    const char *name = text_of(client, "client");
    const json_t *part;
    size_t i;

    json_array_foreach(json_object_get(client, "parts"), i, part)
    {
        const char *which = text_of(part, "part");
        Reading a = read_part(before, fault, name, which);
        Reading b = read_part(now, fault, name, which);
        Change change = {which, b.median - a.median};

        if (a.known && b.known &&
            compare_readings(a.median, b.median, true, tolerance) != 0)
            g_array_append_val(changes, change);
    }
    if (changes->len == 0)
        return;
    g_array_sort(changes, compare_change);
    g_string_append_printf(d->text, "by part, fault %s, %s:", fault, name);
    for (guint j = 0; j < changes->len; j++)
        g_string_append_printf(d->text, "%s %s %+.3f s", j > 0 ? "," : "",
                               g_array_index(changes, Change, j).part,
                               g_array_index(changes, Change, j).change / 1e3);
    g_string_append_c(d->text, '\n');
}

static void
compare_timelines(HsCiDifferences *d, const json_t *before, const json_t *now,
                  HsCiTolerance tolerance)
{
    const json_t *faults = json_object_get(json_array_get(now, 0), "faults");
    const json_t *fault, *client;
    size_t i, j;

    json_array_foreach(faults, i, fault)
        json_array_foreach(json_object_get(fault, "clients"), j, client)
            compare_parts(d, before, now, text_of(fault, "name"), client,
                          tolerance);
}

HsCiDifferences *
hs_ci_differences_new(const json_t *before, const json_t *now,
                      HsCiTolerance tolerance)
{
    HsCiDifferences *d = g_new0(HsCiDifferences, 1);
    unsigned same = 0, other = 0;

    d->text = g_string_new(NULL);
    compare_exactly(before, now, d->text, &same, &other);
    if (same == json_array_size(now) && other == 0) {
        d->summary = g_strdup("the result is exactly that of the baseline");
        return d;
    }
    compare_timelines(d, before, now, tolerance);
    compare_figures(d, before, now, tolerance);
    if (other > 0)
        d->summary = g_strdup_printf(
            "the same program, file, values and seed gave another result than "
            "in the baseline (%u figures are worse, %u better)",
            d->worse, d->better);
    else
        d->summary = g_strdup_printf(
            "%u figures are worse than in the baseline, %u better, by more "
            "than %g %% and %g ms",
            d->worse, d->better, tolerance.share * 100, tolerance.floor);
    d->worse += other;
    return d;
}
